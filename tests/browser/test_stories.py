"""Guided stories as visitors live them: a question, a prediction, a year, and what drove what.

What a page says beside the story itself is found by ``data-test``; figures are compared with the engine.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable

import pytest
from browser.conftest import Visitor, troubles
from playwright.sync_api import expect

from sim.dashboard.choices import Choices, followed, pair_of
from sim.dashboard.stories import stories
from sim.files.language import Language
from sim.run import simulate
from sim.year.causes import LINKS, STATES, causes
from sim.year.protagonist import protagonist

Visit = Callable[..., Visitor]

TONES = {
    "en": ("hostile", "cool", "neutral", "friendly", "warm"),
    "nl": ("vijandig", "koel", "neutraal", "vriendelijk", "warm"),
}
STATIONS = {
    "acts": "child_tone", "sees": "image", "answers": "teacher_tone", "feels": "felt", "learns": "felt_security",
}  # fmt: skip
LEVERS = ("session", "outreach", "reflection", "attunement", "calm", "praise", "showcase")


def paragraphs(text: str) -> list[str]:
    """Paragraphs of a text."""
    return [part for part in text.split("\n") if part.strip()]


def to_the_end(visitor: Visitor) -> None:
    """Jump to the last week."""
    visitor.page.keyboard.press("End")
    expect(visitor.part("now")).to_have_text(re.compile(r"36 \w+ 36"))


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_story_asks_first_and_explains_afterwards(visit: Visit, language: Language) -> None:
    visitor = visit("?scenario=ordinary-class", locale={"en": "en-GB", "nl": "nl-BE"}[language])
    expect(visitor.part("guide")).to_have_count(0)
    for name, story in stories().items():
        told = story.told(language)
        visitor.part("scenario").select_option(name)
        expect(visitor.part("question")).to_have_text(told["question"])
        expect(visitor.part("now")).to_have_text(re.compile(r"\b0 \w+ 36"))
        expect(visitor.part("column-why")).to_have_count(0)
        visitor.part("expect-same").click()
        expect(visitor.part("expect-same")).to_have_attribute("aria-pressed", "true")
        to_the_end(visitor)
        expect(visitor.part("outcome")).to_be_visible()
        expect(visitor.part("explanation").locator("p")).to_have_text(paragraphs(told["explanation"]))
        expect(visitor.part("source")).to_contain_text(story.source)
        if story.week:
            visitor.part("look").click()
            expect(visitor.part("now")).to_have_text(re.compile(rf"\b{story.week} \w+ 36"))
        else:
            expect(visitor.part("look")).to_have_count(0)
        for arm in ("without", "with", "difference"):
            shown = visitor.figures()[f"{story.measure}-{arm}"]
            expect(visitor.part("outcome").locator(".numbers")).to_contain_text(shown)
        assert visitor.part("trial-0").inner_text() == told["trials"][0]["text"]


def test_the_future_is_hidden_until_the_year_was_played(visit: Visit) -> None:
    visitor = visit("?scenario=one-bad-week")
    future, ticks = visitor.page.locator("path.future"), visitor.page.locator(".tick")
    expect(visitor.page.locator("path.past")).to_have_count(6)
    expect(future).to_have_count(0)
    expect(ticks).to_have_count(0)
    visitor.page.get_by_role("button", name="One week on").click()
    expect(visitor.part("now")).to_have_text("week 1 of 36")
    expect(future).to_have_count(0)
    to_the_end(visitor)
    expect(ticks).not_to_have_count(0)
    visitor.part("column-year").click()
    visitor.page.keyboard.press("Home")
    expect(visitor.part("now")).to_have_text("week 0 of 36")
    expect(future).to_have_count(6)
    visitor.page.get_by_role("button", name="Start over").click()
    expect(visitor.part("question")).to_be_visible()
    expect(future).to_have_count(0)
    visitor.part("reveal").click()
    visitor.part("column-year").click()
    expect(future).to_have_count(6)


def test_prediction_and_controls_need_no_scrolling(visit: Visit) -> None:
    visitor = visit()
    for name in stories():
        visitor.part("scenario").select_option(name)
        expect(visitor.part("question")).to_have_text(stories()[name].question)
        assert visitor.page.locator(".what-if").evaluate("e => e.scrollHeight <= e.clientHeight"), name


def test_a_trial_changes_the_choices_and_the_link_and_can_be_undone(visit: Visit) -> None:
    visitor = visit("?scenario=irritated-teacher")
    visitor.part("reveal").click()
    visitor.part("trial-1").click()
    expect(visitor.page).to_have_url(re.compile(r"emotional_support=0\.9.*aggression=14:2\.5"))
    expect(visitor.part("trial-1")).to_have_attribute("aria-pressed", "true")
    expect(visitor.part("emotional_support")).to_have_value("0.9")
    visitor.part("trial-2").click()
    expect(visitor.page).to_have_url(re.compile("child=1"))
    expect(visitor.page).not_to_have_url(re.compile("emotional_support"))
    expect(visitor.part("changed")).to_be_visible()
    visitor.part("back").click()
    expect(visitor.page).not_to_have_url(re.compile("child="))
    expect(visitor.part("changed")).to_have_count(0)


def test_the_whole_year_at_once_is_the_year_from_its_last_day(visit: Visit) -> None:
    visitor = visit("?scenario=irritated-teacher")
    visitor.part("reveal").click()
    expect(visitor.part("now")).to_have_text("week 36 of 36")
    expect(visitor.page.locator(".story li")).not_to_have_count(0)


def test_a_trial_can_be_another_pair_of_classes(visit: Visit) -> None:
    visitor = visit("?scenario=one-bad-week")
    visitor.part("reveal").click()
    outcome = visitor.part("outcome").locator(".question").inner_text()
    visitor.part("trial-0").click()
    expect(visitor.page).to_have_url(re.compile(r"number=\d+"))
    expect(visitor.part("outcome").locator(".question")).not_to_have_text(outcome)
    visitor.part("back").click()
    expect(visitor.part("outcome").locator(".question")).to_have_text(outcome)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_loop_is_told_in_five_steps_with_the_numbers_of_this_run(visit: Visit, language: str) -> None:
    visitor = visit(f"?scenario=samen-spel&language={language}")
    visitor.page.keyboard.press("End")
    visitor.part("column-loop").click()
    scenarios = pair_of(Choices(scenario="samen-spel"))
    child = protagonist(simulate(scenarios[0]))
    for arm, scenario in zip(("with", "without"), scenarios[::-1], strict=True):
        assert scenario is not None
        visitor.part("loop").locator(f"[data-test='arm-{arm}']").click()
        record = simulate(scenario)
        nodes = causes(record, child).nodes
        for week in (36, 12):
            visitor.drag("scrubber", week)
            for station, node in STATIONS.items():
                word = TONES[language][bisect.bisect_right((-0.5, -0.1, 0.2, 0.55), round(nodes[node][week], 3))]
                expect(visitor.part(f"step-{station}").locator("strong")).to_have_text(word)
            days = slice(record.calendar.first_day(week), record.calendar.last_day(week) + 1)
            cuts = {lever for lever in LEVERS if record.children[lever][days, child].any()}
            assert bool(cuts) == (arm == "with")
            shown = visitor.page.locator("[data-lever]").evaluate_all("all => all.map(one => one.dataset.lever)")
            assert set(shown) == cuts
            left = set(visitor.page.locator(".outlast").evaluate_all("all => all.map(one => one.dataset.lever)"))
            assert left == (cuts if week == 36 else set()), "the programme ended in week 19"
    visitor.part("step-answers").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.part("step-answers")).to_have_attribute("aria-current", "step")
    told = visitor.part("step-told")
    expect(told.locator("h3")).to_contain_text("3. ")
    corrections = int(nodes["corrections"][12])
    expect(told).to_contain_text(re.compile(rf": {corrections}\."))
    for _step in range(5):
        visitor.part("step-next").click()
    visitor.part("step-previous").click()
    expect(visitor.part("step-sees")).to_have_attribute("aria-current", "step")
    assert troubles(visitor.page) == []


def test_the_loop_says_what_the_engine_found(visit: Visit) -> None:
    visitor = visit("?scenario=restless-class")
    to_the_end(visitor)
    visitor.part("column-loop").click()
    visitor.part("loop-everything").click()
    choices = Choices(scenario="restless-class")
    child = followed(choices)
    assert child is not None
    for arm, scenario in zip(("with", "without"), reversed(pair_of(choices)), strict=True):
        assert scenario is not None
        visitor.part("loop").locator(f"[data-test='arm-{arm}']").click()
        found = causes(simulate(scenario), child)
        for place, state in enumerate(STATES):
            visitor.part(f"loop-{state}").click()
            strongest = found.strongest(state, 36)
            shown = visitor.part("strongest").locator("li")
            size = 4.0 * abs(found.contributions[strongest[0]][36, place])
            near = "|".join(f"{size + rounding:.2f}" for rounding in (-0.0005, 0.0005))  # three decimals are sent
            expect(shown.first).to_contain_text(re.compile(near))
            sizes = [
                [abs(found.contributions[name][36, place]) for name in names]
                for names in ([one.get_attribute("data-link") for one in shown.all()], strongest)
            ]
            assert sizes[0] == pytest.approx(sizes[1], abs=0.0003), (arm, state)
    lit = visitor.page.locator(".link.lit[data-link]").count()
    visitor.page.keyboard.press("Home")
    expect(visitor.page.locator(".link.lit[data-link]")).to_have_count(0)
    assert lit >= 3
    visitor.part("loop-close").click()
    expect(visitor.page.locator(".child")).to_have_count(25)


def test_the_page_draws_the_links_of_the_engine(visit: Visit) -> None:
    visitor = visit("?scenario=closeness-protects")
    visitor.part("reveal").click()
    visitor.part("column-loop").click()
    visitor.part("loop-everything").click()
    drawn = visitor.page.locator(".link[data-link]")
    expect(drawn).to_have_count(len(LINKS))
    assert {one.get_attribute("data-link") for one in drawn.all()} == set(LINKS)


def test_the_relationship_profile_before_and_after(visit: Visit) -> None:
    visitor = visit("?scenario=llinc")
    to_the_end(visitor)
    visitor.part("column-why").click()
    table = visitor.part("profile").locator("table")
    expect(table.locator("tbody tr")).to_have_count(6)
    expect(table.locator("thead th")).to_have_count(5)
    expect(table.locator("thead th").nth(1)).to_contain_text("5")
