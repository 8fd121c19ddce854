"""Twins, many pairs of classes, and the mode for whoever stands before a room."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from browser.conftest import Visitor
from playwright.sync_api import expect

from sim.dashboard.answers import crowd
from sim.dashboard.choices import OWN, Choices, Pair, followed, pair_of
from sim.dashboard.desk import Question, Refused
from sim.dashboard.picture import Shelf
from sim.dashboard.stories import stories
from sim.scenario import DEFAULT, Scenario, load
from sim.worlds import plausible
from sim.year.in_worlds import world_pairs
from sim.year.pairs import LEVELS, Pairs, children_compared, fan, join_pairs, pairs

Visit = Callable[..., Visitor]


def until_done(visitor: Visitor) -> None:
    """Wait until all pairs are there."""
    expect(visitor.part("many")).to_have_attribute("aria-busy", "false", timeout=60_000)


def rows(visitor: Visitor) -> np.ndarray:
    """What stands in the fan's table: a row a week; week, this pair, mean, quantiles."""
    text = visitor.part("fan-table").evaluate(
        "e => [...e.tBodies[0].rows].map(r => [...r.cells].map(c => c.innerText))"
    )
    return np.array([[float(cell.replace("−", "-").replace(",", ".")) for cell in row] for row in text])


def read(visitor: Visitor, part: str) -> list[float]:
    """Read the numbers with a sign in a text."""
    found = re.findall(r"[+−]\d+[.,]\d+|\b0[.,]00\b", visitor.part(part).inner_text())
    return [float(number.replace("−", "-").replace(",", ".")) for number in found]


def test_the_fan_says_what_the_pairs_are(visit: Visit) -> None:
    visitor = visit("?view=twins&scenario=irritated-teacher&week=20")
    visitor.part("measure-conflict").click()
    until_done(visitor)
    expect(visitor.part("fan-count")).to_have_text(f"{crowd.PAIRS} pairs of classes")
    choices = Choices(scenario="irritated-teacher")
    left, right = pair_of(choices)
    assert right is not None
    found = pairs(left, right, range(crowd.PAIRS))
    one = fan(found, children_compared(found, right, followed(choices) or 0), "conflict")
    table = rows(visitor)
    heads = visitor.part("fan-table").locator("thead th").all_text_contents()
    assert [head.split()[0] for head in heads[3:]] == [f"{100 * level:.0f}%" for level in LEVELS]
    np.testing.assert_array_equal(table[:, 0], np.arange(right.weeks + 1))
    np.testing.assert_allclose(table[:, 1], one.differences[right.number], atol=0.0102)
    np.testing.assert_allclose(table[:, 2], one.mean, atol=0.0052)
    np.testing.assert_allclose(table[:, 3:], one.quantiles.T, atol=0.0052)
    assert np.abs(one.mean).max() > 0.1
    low, high = one.quantiles[0, 20], one.quantiles[-1, 20]
    assert read(visitor, "fan-words") == pytest.approx([one.mean[20], low, high], abs=0.0052)
    lower, higher = one.visible(-1)[20], one.visible(1)[20]
    expect(visitor.part("big-counts")).to_have_text(
        f"In {lower} of {crowd.PAIRS} pairs visibly lower, in {higher} visibly higher."
    )
    assert lower > 0
    assert read(visitor, "big-figure") == pytest.approx([one.mean[20]], abs=0.0052)
    assert read(visitor, "big-own") == pytest.approx([one.differences[right.number, 20]], abs=0.0102)
    bars = {
        kind: read_bar(visitor.part(f"bar-{kind}").locator("title").text_content())
        for kind in ("then", "end", "published")
    }
    assert bars["end"] == pytest.approx(one.effect(), abs=0.0052)
    assert bars["then"] == pytest.approx(one.effect(11), abs=0.0052), "Samen-Spel begins in week 6, mid-point is six on"
    assert bars["published"] == [-0.29, -0.26]


def test_the_pair_in_all_plausible_worlds(visit: Visit) -> None:
    visitor = visit("?view=twins&scenario=irritated-teacher&week=20")
    visitor.part("measure-conflict").click()
    until_done(visitor)
    visitor.part("vary-worlds").click()
    expect(visitor.part("fan-count")).to_have_text(f"This pair in {len(plausible())} plausible worlds", timeout=60_000)
    until_done(visitor)
    choices = Choices(scenario="irritated-teacher")
    left, right = pair_of(choices)
    assert right is not None
    found = world_pairs(left, right, range(len(plausible())))
    one = fan(found, children_compared(found, right, followed(choices) or 0), "conflict")
    table = rows(visitor)
    np.testing.assert_allclose(table[:, 1], one.differences[0], atol=0.0102, err_msg="world 0 has the values in use")
    np.testing.assert_allclose(table[:, 3:], one.quantiles.T, atol=0.0052)
    lower, higher = one.visible(-1)[20], one.visible(1)[20]
    expect(visitor.part("big-counts")).to_have_text(
        f"In {lower} of {len(plausible())} plausible worlds visibly lower, in {higher} visibly higher."
    )
    assert read_bar(visitor.part("bar-end").locator("title").text_content()) == pytest.approx(one.effects(), abs=0.0052)
    visitor.part("vary-luck").click()
    expect(visitor.part("fan-count")).to_have_text(f"{crowd.PAIRS} pairs of classes", timeout=60_000)


def read_bar(text: str) -> list[float]:
    """Read the numbers of a bar."""
    return [float(number.replace("−", "-")) for number in re.findall(r"[+−]\d+\.\d+", text)]


def test_twins_in_dutch(visit: Visit) -> None:
    visitor = visit("?view=twins&week=20", locale="nl-BE")
    expect(visitor.page.locator(".twin svg[role=group]")).to_have_count(2)
    expect(visitor.part("big-figure")).to_have_text(re.compile(r"^−\d,\d\d$"))
    expect(visitor.part(f"measure-{stories()[DEFAULT].measure}")).to_have_attribute("aria-pressed", "true")
    visitor.part("measure-closeness").click()
    expect(visitor.part("big-figure")).not_to_have_text(re.compile("NaN|undefined"))
    expect(visitor.part("fan-words")).to_be_visible()
    assert "{" not in visitor.part("twins").inner_text()


def test_presenting_by_keys(visit: Visit) -> None:
    visitor = visit("?mode=present&step=classes&scenario=ordinary-class&week=30")
    keyboard = visitor.page.keyboard
    expect(visitor.part("alone")).to_be_visible()
    keyboard.press("1")
    expect(visitor.part("big-samen-spel")).to_have_attribute("aria-checked", "true")
    until_done(visitor)
    one = rows(visitor)
    keyboard.press("3")
    expect(visitor.part("big-banking-time")).to_have_attribute("aria-checked", "true")
    expect(visitor.page).to_have_url(re.compile("banking-time"))
    expect(visitor.part("many")).to_have_attribute("aria-busy", "true")
    until_done(visitor)
    assert np.abs(rows(visitor)[:, 2] - one[:, 2]).max() > 0.01, "another intervention, another fan"
    keyboard.press("m")
    expect(visitor.part("measure-aggression")).to_have_attribute("aria-pressed", "true")
    keyboard.press("n")
    expect(visitor.page).to_have_url(re.compile(f"seed={load('ordinary-class').seed + 1}"))
    keyboard.press("?")
    expect(visitor.part("key-list")).to_be_visible()
    keyboard.press("Escape")
    expect(visitor.part("key-list")).to_have_count(0)
    keyboard.press("f")
    visitor.page.wait_for_function("document.fullscreenElement !== null")
    keyboard.press("f")
    visitor.page.wait_for_function("document.fullscreenElement === null")
    visitor.part("scenario").focus()
    keyboard.press("m")
    keyboard.press("1")
    expect(visitor.part("measure-aggression")).to_have_attribute("aria-pressed", "true")
    expect(visitor.part("big-samen-spel")).to_have_attribute("aria-checked", "true")


def test_keys_are_for_presenting_only(visit: Visit) -> None:
    visitor = visit("?view=twins")
    before = visitor.page.url
    for key in ("1", "m", "n"):
        visitor.page.keyboard.press(key)
    visitor.page.keyboard.press("ArrowRight")
    expect(visitor.part("now")).to_have_text("week 1 of 36")
    expect(visitor.part(f"measure-{stories()[DEFAULT].measure}")).to_have_attribute("aria-pressed", "true")
    assert "seed" not in visitor.page.url and "interventions" not in visitor.page.url, before


@pytest.mark.parametrize(("locale", "width", "height"), [("nl-BE", 1366, 768), ("en-GB", 1920, 1080)])
def test_presenting_fills_the_screen_and_no_more(visit: Visit, locale: str, width: int, height: int) -> None:
    visitor = visit("?mode=present&step=classes&week=20", viewport={"width": width, "height": height}, locale=locale)
    page = visitor.page
    visitor.part("effect").wait_for()
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        width,
        height,
    ]
    for card in page.locator(".twins-view .card, .spiraal > footer").all():
        box = card.bounding_box()
        assert box is not None
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= height
        assert card.evaluate("e => e.scrollHeight <= e.clientHeight + 1 && e.scrollWidth <= e.clientWidth + 1"), (
            card.inner_text()
        )
    key, text = page.locator(".fan-key").bounding_box(), page.locator(".anecdote").bounding_box()
    assert key["y"] + key["height"] <= text["y"] + 1
    assert page.locator(".fan-frame svg").bounding_box()["height"] >= 110
    assert page.locator(".big-title").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 15


# --- What the server answers -----------------------------------------------------------------------------


def published(measure: str, right: Scenario, **changes: bool) -> dict[str, object]:
    """What stands beside the pairs of a scenario and its twin without interventions."""
    left = right.changed(interventions=())
    found = few(right)
    one = fan(found, children_compared(found, right, 0), measure)
    return crowd.published_size(measure, one, left, right, **{"treated": True, **changes})


def few(right: Scenario) -> Pairs:
    """Two pairs that differ in nothing."""
    found = pairs(right, right, [0, 1])
    return join_pairs([found])


def test_only_what_is_comparable_stands_beside() -> None:
    samen_spel = load("samen-spel")
    start = samen_spel.interventions[0].start_week
    found = published("conflict", samen_spel)
    assert found["range"] == [-0.29, -0.26]
    assert found["week"] == start + 5
    assert published("closeness", samen_spel)["range"] == [0.26, 0.29]
    assert published("aggression", samen_spel) == {"why": "scale"}
    assert published("conflict", samen_spel, treated=False) == {"why": "others"}
    assert published("closeness", load("banking-time"))["direction"] == 1
    assert published("conflict", load("llinc"))["direction"] == -1
    assert published("conflict", load("busy-class")) == {"why": "nothing"}
    assert published("conflict", load("combined")) == {"why": "several"}
    late = samen_spel.changed(interventions=[{**samen_spel.interventions[0].model_dump(), "start_week": 34}])
    assert published("conflict", late) == {"why": "late"}


def test_nothing_of_a_visitors_own_class_is_kept() -> None:
    right = load("samen-spel").changed(seed=4321)
    pair = Pair(right.changed(interventions=()), right)
    before = crowd.fan_of.cache_info()
    for choices in (Choices(scenario=OWN), Choices(scenario="samen-spel")):
        assert crowd.fan_of.cache_info() == before
        answers = crowd.answer(Question(pair, choices, 0, Shelf(), {}, lambda _: None))
        assert next(answers)["count"] == crowd.BATCH
        answers.close()
    assert crowd.fan_of.cache_info().misses == before.misses + 1, "that of another class is"


@pytest.mark.parametrize("details", [{"vary": "weather"}, {"vary": 3}])
def test_pairs_differ_by_luck_or_by_their_worlds(details: dict[str, object]) -> None:
    right = load("samen-spel")
    pair = Pair(right.changed(interventions=()), right)
    with pytest.raises(Refused, match="cannot be compared"):
        next(crowd.answer(Question(pair, Choices(), 0, Shelf(), details, lambda _: None)))


def test_one_class_has_no_fan() -> None:
    pair = Pair(load("ordinary-class"), None)
    with pytest.raises(Refused, match="Switch on an intervention"):
        next(crowd.answer(Question(pair, Choices(), 0, Shelf(), {}, lambda _: None)))
