"""What the page says of a difference is about what it shows, is said by one rule, and never before it is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browser.conftest import Visitor
from playwright.sync_api import expect

from sim.dashboard.choices import Choices, followed, pair_of
from sim.dashboard.stories import stories
from sim.peers import nominations
from sim.run import simulate
from sim.year.differences import LARGE, VISIBLE
from sim.year.pairs import children_compared, fan, pairs

Visit = Callable[..., Visitor]

LOCALES = {"en": "en-GB", "nl": "nl-BE"}
ASIDE = {"en": "put aside", "nl": "telt niet meer"}
RECORD = """part => {
  const element = () => document.querySelector(`[data-test='${part}']`)
  window.seen = []
  const look = () => {
    const found = element(), text = found && found.innerText
    if (text && !found.closest("[aria-busy='true']") && window.seen.at(-1) !== text) window.seen.push(text)
  }
  look()
  const all = { subtree: true, childList: true, characterData: true, attributes: true }
  new MutationObserver(look).observe(document.body, all)
}"""
"""Writes down whatever a part of the page says, unless it says at the same time that it is being computed."""


def at_the_end(visitor: Visitor) -> None:
    """Jump to the last week."""
    visitor.page.keyboard.press("End")
    expect(visitor.part("now")).to_have_text(re.compile(r"36 \w+ 36"))


def number(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace("−", "-").replace(",", "."))


def followed_in(visitor: Visitor, child: int) -> None:
    """Follow another child."""
    visitor.part("child").select_option(str(child))
    expect(visitor.page.locator(f".child[data-child='{child}']")).to_have_attribute("aria-pressed", "true")


# --- A prediction belongs to its question ----------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("change", ["intervention", "child", "slider"])
def test_a_prediction_is_put_aside_when_something_else_is_asked(visit: Visit, change: str, language: str) -> None:
    visitor = visit("?scenario=irritated-teacher", locale=LOCALES[language])
    visitor.part("expect-less").click()
    if change == "intervention":
        visitor.part("samen-spel").click()
        expect(visitor.part("one-class")).to_be_visible()
        expect(visitor.part("expect-less")).to_have_count(0)
    elif change == "child":
        followed_in(visitor, 5)
    else:
        visitor.drag("strain", 0.9)
        visitor.page.evaluate("document.activeElement.blur()")
    expect(visitor.part("hint")).to_contain_text(ASIDE[language])
    expect(visitor.page.locator(".expect [aria-pressed='true']")).to_have_count(0)
    at_the_end(visitor)
    outcome = visitor.part("outcome")
    expect(outcome).to_contain_text(ASIDE[language])
    expect(outcome.locator("p")).to_have_count(3)
    assert not re.search("–[,.]|: –", outcome.inner_text()), "nothing is compared with nothing"


def test_a_prediction_counts_again_where_its_question_is_back(visit: Visit) -> None:
    visitor = visit("?scenario=irritated-teacher")
    visitor.part("expect-less").click()
    at_the_end(visitor)
    outcome = visitor.part("outcome")
    expect(outcome).to_contain_text("You expected less aggression. That is how it went.")
    visitor.part("trial-2").click()
    expect(outcome).to_contain_text("Bram")
    expect(outcome).to_contain_text("put aside")
    expect(outcome).not_to_contain_text("You expected")
    visitor.part("back").click()
    expect(outcome).to_contain_text("You expected less aggression. That is how it went.")
    visitor.page.get_by_role("button", name="NL", exact=True).click()
    expect(outcome).not_to_contain_text(ASIDE["nl"])
    expect(outcome).to_contain_text("Martijn")


def test_another_prediction_can_be_made_of_what_is_asked_now(visit: Visit) -> None:
    visitor = visit("?scenario=irritated-teacher")
    visitor.part("expect-more").click()
    followed_in(visitor, 5)
    expect(visitor.part("guide").locator("legend")).to_contain_text("Fenna")
    visitor.part("expect-same").click()
    at_the_end(visitor)
    expect(visitor.part("outcome")).to_contain_text("You expected about the same. That is how it went.")
    expect(visitor.part("outcome").locator(".numbers")).to_contain_text("Fenna")


# --- Never about another child, or other classes ---------------------------------------------------------


@pytest.mark.parametrize("part", ["outcome", "summary"])
def test_no_verdict_is_on_a_child_that_nobody_asked_about(visit: Visit, part: str) -> None:
    visitor = visit("?scenario=irritated-teacher&week=36")
    expect(visitor.part("outcome")).to_contain_text("Martijn")
    visitor.page.evaluate(RECORD, part)
    for button, name in (("trial-2", "Bram"), ("back", "Martijn"), ("trial-2", "Bram"), ("trial-1", "Martijn")):
        visitor.part(button).click()
        expect(visitor.page.locator(".spiraal")).to_have_attribute("aria-busy", "false")
        expect(visitor.part(part)).to_contain_text(name)
    said = visitor.page.evaluate("window.seen")
    assert [re.findall("Bram|Martijn|Amira", text)[0] for text in said] == [
        "Martijn",
        "Bram",
        "Martijn",
        "Bram",
        "Martijn",
    ]
    assert all(len(set(re.findall("Bram|Martijn|Amira", text))) == 1 for text in said)


def test_presenting_headline_and_sentence_belong_together(visit: Visit) -> None:
    visitor = visit("?scenario=both-halves&mode=present&step=classes&week=36")
    expect(visitor.part("many")).to_have_attribute("aria-busy", "false", timeout=60_000)
    visitor.page.evaluate(RECORD, "big")
    visitor.page.keyboard.press("1")
    expect(visitor.part("big-samen-spel")).to_have_attribute("aria-checked", "false")
    expect(visitor.part("big-figure")).to_contain_text("+", timeout=60_000)
    for text in visitor.page.evaluate("window.seen"):
        assert text.startswith("−") == ("lower on the right" in text), text
        assert text.startswith("+") == ("higher on the right" in text), text


def test_the_story_of_another_child_is_being_told_not_empty(visit: Visit) -> None:
    visitor = visit("?scenario=irritated-teacher&week=36")
    visitor.part("column-year").click()
    visitor.page.evaluate(
        """() => {
          const story = document.querySelector(".story")
          const look = () => { window.empty += /Nothing that stands out/.test(story.innerText) }
          window.empty = 0
          new MutationObserver(look).observe(story, { subtree: true, childList: true, characterData: true })
        }"""
    )
    for child in (1, 14):
        followed_in(visitor, child)
        expect(visitor.page.locator(".story li").first).to_be_visible()
    assert visitor.page.evaluate("window.empty") == 0


# --- Keys ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["mouse", "Enter"])
def test_space_plays_after_a_prediction(visit: Visit, by: str) -> None:
    visitor = visit()
    if by == "mouse":
        visitor.part("expect-same").click()
    else:
        visitor.part("expect-same").focus()
        visitor.page.keyboard.press("Enter")
    expect(visitor.part("expect-same")).to_have_attribute("aria-pressed", "true")
    visitor.page.keyboard.press("Space")
    expect(visitor.page.locator(".spiraal.playing")).to_have_count(1)
    visitor.page.keyboard.press("Space")
    expect(visitor.page.locator(".spiraal.playing")).to_have_count(0)
    expect(visitor.part("expect-same")).to_have_attribute("aria-pressed", "true")


def test_play_is_next_to_the_prediction(visit: Visit) -> None:
    visitor = visit()
    visitor.part("expect-less").focus()
    for key in ("Enter", "Tab", "Tab", "Tab"):
        visitor.page.keyboard.press(key)
    expect(visitor.part("play-prediction")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".spiraal.playing")).to_have_count(1)


def test_space_plays_after_a_click_and_is_the_button_s_own_where_keys_led_to_it(visit: Visit) -> None:
    visitor = visit()
    switch = visitor.part("samen-spel")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    visitor.page.keyboard.press("Space")
    expect(visitor.page.locator(".spiraal.playing")).to_have_count(1)
    expect(switch).to_have_attribute("aria-checked", "false")
    visitor.page.keyboard.press("Space")
    expect(visitor.page.locator(".spiraal.playing")).to_have_count(0)
    visitor.page.keyboard.press("Shift+Tab")
    visitor.page.keyboard.press("Tab")
    expect(switch).to_be_focused()
    visitor.page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(visitor.page.locator(".spiraal.playing")).to_have_count(0)


# --- One rule for a difference ---------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
def test_the_table_adds_up(visit: Visit, language: str) -> None:
    visitor = visit("?scenario=both-halves&week=30", locale=LOCALES[language])
    for child in (2, 8, 14, 17):
        followed_in(visitor, child)
        shown = visitor.figures()
        for measure in VISIBLE:
            without, with_, difference = (
                number(shown[f"{measure}-{arm}"]) for arm in ("without", "with", "difference")
            )
            assert round(with_ - without, 2) == difference, (child, measure)


def size_of(measure: str, difference: float) -> str:
    """What a difference is called."""
    size = abs(difference)
    return "Large" if size >= LARGE[measure] else "Visible" if size >= VISIBLE[measure] else "Small" if size else "No"


def test_every_story_says_first_how_large_the_difference_is(visit: Visit) -> None:
    visitor = visit("?scenario=ordinary-class")
    found = set()
    for name, story in stories().items():
        visitor.part("scenario").select_option(name)
        expect(visitor.part("question")).to_have_text(story.question)
        visitor.part("expect-same").click()
        at_the_end(visitor)
        if story.week:
            visitor.part("look").click()
            expect(visitor.part("now")).to_have_text(f"week {story.week} of 36")
        difference = number(visitor.figures()[f"{story.measure}-difference"])
        size = size_of(story.measure, difference)
        expect(visitor.part("outcome").locator(".question")).to_have_text(re.compile(f"^{size} difference"))
        right = size in ("Small", "No")
        expect(visitor.part("outcome")).to_contain_text("That is how it went" if right else "It went another way")
        found.add(size)
    assert len(found) >= 3, "the rule was tried on several sizes"


def test_the_headline_is_the_mean_of_many_pairs(visit: Visit) -> None:
    query = "?scenario=ordinary-class&view=twins&interventions=llinc:3&child=3"
    visitor = visit(query + "&week=0")
    visitor.part("measure-conflict").click()
    expect(visitor.part("many")).to_have_attribute("aria-busy", "false", timeout=60_000)
    expect(visitor.part("big-counts")).to_have_count(0)
    at_the_end(visitor)
    left, right = pair_of(Choices(scenario="ordinary-class", interventions=(("llinc", 3),)))
    assert right is not None
    found = pairs(left, right, range(200))
    one = fan(found, children_compared(found, right, 3), "conflict")
    mean, own = one.mean[-1], one.differences[0, -1]
    assert abs(mean - own) > 0.05, "the pair that is shown is another one than most"
    assert number(visitor.part("big-figure").inner_text()) == pytest.approx(mean, abs=0.0052)
    expect(visitor.part("big-words")).to_contain_text(f"{size_of('conflict', round(mean, 2))} difference.")
    counts = f"In {one.visible(-1)[-1]} of 200 pairs visibly lower, in {one.visible(1)[-1]} visibly higher."
    expect(visitor.part("big-counts")).to_have_text(counts)


# Read at once: a fan that is drawn anew between two readings has another height.
FAN_LINES = """frame => {
    const heights = lines => [...frame.querySelectorAll(lines)].map(line => Number(line.getAttribute('y1')))
    return { threshold: heights('line.threshold'), grid: heights('.grid > line:not(.threshold)') }
}"""


def test_fans_have_one_scale(visit: Visit) -> None:
    visitor = visit("?scenario=ordinary-class&view=twins&week=36&interventions=llinc:3&child=3")
    ticks = visitor.page.locator(".fan-frame .score")
    for name in ("llinc", "support-coaching"):
        if name != "llinc":
            visitor.part("more").click()
            visitor.part("llinc").click()
            visitor.part(name).click()
            expect(visitor.part(name)).to_have_attribute("aria-checked", "true")
        expect(visitor.part("many")).to_have_attribute("aria-busy", "false", timeout=60_000)
        expect(ticks).to_have_text(["−2.0", "−1.0", "0.0", "+1.0", "+2.0"])
        heights = visitor.page.locator(".fan-frame").evaluate(FAN_LINES)
        zero, one = heights["grid"][2:4]
        quarter = pytest.approx(abs(one - zero) / 4, abs=0.2)
        assert abs(heights["threshold"][1] - zero) == quarter, "at a quarter of a point"


@pytest.mark.parametrize("shown", ["without", "difference"])
def test_colours_of_a_map_mean_the_same_on_every_map(visit: Visit, shown: str) -> None:
    visitor = visit(f"?view=explore&cells=5&whose=class&outcome=closeness&shown={shown}")
    expect(visitor.part("explore-progress")).to_have_text("25 of 25 cells", timeout=30_000)
    expected = ["1.00", "3.00", "5.00"] if shown == "without" else ["−1.00", "0.00", "+1.00"]
    expect(visitor.page.locator(".heat-legend text")).to_have_text(expected)
    expect(visitor.page.locator(".heat-visible")).to_have_count(1)
    expect(visitor.page.locator(".heat-note")).to_contain_text("0.25")


# --- What is compared ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "without", "labels"),
    [
        ("en", "without Relationship play only", ("with Relationship play only", "with Samen-Spel and Banking Time")),
        ("nl", "zonder Alleen Relatiespel", ("met Alleen Relatiespel", "met Samen-Spel en Banking Time")),
    ],
)
def test_labels_say_in_what_the_classes_differ(
    visit: Visit, language: str, without: str, labels: tuple[str, str]
) -> None:
    visitor = visit("?scenario=both-halves&mode=present&step=classes&week=36", locale=LOCALES[language])
    titles = visitor.page.locator(".twin strong")
    visitor.page.keyboard.press("1")
    expect(titles).to_have_text([labels[0], without])
    visitor.page.keyboard.press("1")
    visitor.page.keyboard.press("3")
    expect(titles).to_have_text(list(labels))


def test_a_story_that_compares_classes_keeps_their_names(visit: Visit) -> None:
    visitor = visit("?scenario=restless-class&week=10")
    story = stories()["restless-class"]
    visitor.part("reveal").click()
    visitor.part("more").click()
    visitor.part("llinc").click()
    expect(visitor.part("arm-with")).to_have_text(f"{story.with_}, with LLInC")
    expect(visitor.part("arm-without")).to_have_text(story.without)


# --- The story's own subject -----------------------------------------------------------------------------


def test_a_story_about_liking_shows_liking(visit: Visit) -> None:
    visitor = visit("?scenario=social-architect&week=36")
    expect(visitor.page.locator("path.past.liked_by")).to_have_count(2)
    expect(visitor.part("arrows-child")).to_have_attribute("aria-pressed", "true")
    visitor.part("column-year").click()
    expect(visitor.page.locator(".story li").filter(has_text="more classmates like Yasmina")).to_have_count(1)
    tops = visitor.page.locator(".charts .chart .score").all_inner_texts()
    assert tops[: len(tops) // 2] == tops[len(tops) // 2 :], "both classes have one scale"
    visitor.part("arrows-class").click()
    _, right = pair_of(Choices(scenario="social-architect"))
    assert right is not None
    liked, disliked = nominations(simulate(right).liking[-1])
    child = followed(Choices(scenario="social-architect")) or 0
    ties: list[Any] = []
    for named in (liked, disliked):
        for who, whom in np.argwhere(named):
            both = named[whom, who]
            if (both and who < whom) or (not both and child in (who, whom)):
                ties += [(who, whom)] if child in (who, whom) or named is liked else []
    expect(visitor.page.locator(".map .arrows path")).to_have_count(len(ties))
    assert sum(child in tie for tie in ties) > 8


def test_presenting_a_story_about_liking(visit: Visit) -> None:
    visitor = visit(
        "?scenario=social-architect&mode=present&step=classes&week=36", viewport={"width": 1280, "height": 720}
    )
    expect(visitor.part("measure-liked_by")).to_have_attribute("aria-pressed", "true")
    expect(visitor.part("many")).to_have_attribute("aria-busy", "false", timeout=60_000)
    left, right = pair_of(Choices(scenario="social-architect"))
    assert right is not None
    found = pairs(left, right, range(200))
    one = fan(found, children_compared(found, right, followed(Choices(scenario="social-architect")) or 0), "liked_by")
    assert number(visitor.part("big-figure").inner_text()) == pytest.approx(one.mean[-1], abs=0.052)
    expect(visitor.part("big-words")).to_contain_text(
        "Large difference. Yasmina, week 36 of 36: on average, liked by more"
    )
    for card in visitor.page.locator(".twins-view .card").all():
        assert card.evaluate("e => e.scrollHeight <= e.clientHeight + 1"), card.inner_text()


# --- Where it stands -------------------------------------------------------------------------------------


def test_long_names_of_classes_stay_in_their_card(visit: Visit) -> None:
    query = "?scenario=irritated-teacher&week=36&interventions=samen-spel:14,support-coaching:14"
    visitor = visit(query)
    card = visitor.page.locator(".map")
    right = card.evaluate("e => e.getBoundingClientRect().right")
    assert visitor.part("arm-with").evaluate("e => e.getBoundingClientRect().right") < right
    assert card.evaluate("e => e.scrollWidth <= e.clientWidth")
