"""What a visitor expects: no view tells the end before it was played, and an expected course can be drawn."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from conftest import Visitor
from playwright.sync_api import expect

from sim.dashboard.choices import VIEWS

Visit = Callable[..., Visitor]

ENDINGS = [name for name, view in VIEWS.items() if view.ending]
STORY = "?scenario=irritated-teacher"


@pytest.mark.parametrize("language", ["en", "nl"])
def test_no_view_tells_the_end_before_it_was_played(visit: Visit, language: str) -> None:
    visitor = visit(f"{STORY}&language={language}", covered=True)
    for view in ENDINGS:
        visitor.part(f"view-{view}").click()
        expect(visitor.part("covered")).to_be_visible()
        expect(visitor.page.locator(f"#view .{view}-view")).to_have_count(0)
        assert visitor.part(f"view-{view}").inner_text() in visitor.part("covered").inner_text()
    for view in VIEWS.keys() - ENDINGS:
        if VIEWS[view].tab:
            visitor.part(f"view-{view}").click()
            expect(visitor.part("covered")).to_have_count(0)


def test_a_cover_leads_to_the_story_and_is_gone_when_it_was_told(visit: Visit) -> None:
    visitor = visit(f"{STORY}&view=twins", covered=True)
    visitor.part("to-story").click()
    expect(visitor.part("question")).to_be_visible()
    visitor.part("reveal").click()
    for view in ENDINGS:
        visitor.part(f"view-{view}").click()
        expect(visitor.part("covered")).to_have_count(0)


def test_who_wants_to_see_a_view_at_once_sees_it(visit: Visit) -> None:
    visitor = visit(f"{STORY}&view=trajectories", covered=True)
    visitor.part("uncover").click()
    expect(visitor.page.locator("#view .trajectories-view svg").first).to_be_visible()


def test_classes_without_a_question_have_nothing_to_cover(visit: Visit) -> None:
    visitor = visit("?scenario=first-half&view=trajectories", covered=True)
    expect(visitor.page.locator("#view .trajectories-view svg").first).to_be_visible()
    expect(visitor.part("covered")).to_have_count(0)


def points(visitor: Visitor) -> list[float]:
    """Scores of the points that are drawn, the first day left out."""
    found = visitor.page.locator("[data-test^='drawn-point-']").all()
    return [round(float(point.get_attribute("aria-valuenow")), 2) for point in found]


def drag(visitor: Visitor, place: tuple[float, float], to: tuple[float, float]) -> None:
    """Draw with the mouse, from one place of the picture to another, as shares of its width and height."""
    box = visitor.page.locator(".drawn-course .sheet").bounding_box()
    (x, y), (to_x, to_y) = ((box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in (place, to))
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    visitor.page.mouse.move(to_x, to_y, steps=4)
    visitor.page.mouse.up()


def test_a_course_is_drawn_with_the_mouse_and_stands_beside_what_became_of_it(visit: Visit) -> None:
    visitor = visit(STORY)
    visitor.part("draw").click()
    expect(visitor.page.locator("[data-test^='drawn-point-']")).to_have_count(6)
    start = points(visitor)
    assert len(set(start)) == 1
    drag(visitor, (0.5, 0.75), (1.0, 0.25))
    drawn = points(visitor)
    assert drawn[2:] == sorted(drawn[2:])
    assert drawn[2] == pytest.approx(2.0, abs=0.1)
    assert drawn[5] == pytest.approx(4.0, abs=0.1)
    visitor.part("expect-less").click()
    visitor.part("reveal").click()
    said = re.fullmatch(r"You drew (\d\.\d\d) for week 17\. It became (\d\.\d\d)\.", visitor.part("drawn").inner_text())
    assert float(said[1]) == pytest.approx(drawn[1] + (17 / 6 - 2) * (drawn[2] - drawn[1]), abs=0.01)
    assert f"with Samen-Spel {said[2]}" in visitor.part("outcome").inner_text()
    visitor.part("column-year").click()
    expect(visitor.page.locator(".drawn-course .drawn")).to_be_visible()
    expect(visitor.page.locator(".drawn-course .point")).to_have_count(0)


def test_a_course_is_drawn_with_keys(visit: Visit) -> None:
    visitor = visit(f"{STORY}&language=nl")
    visitor.part("draw").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.part("drawn-point-1")).to_be_focused()
    start = points(visitor)[0]
    for key in ("ArrowUp", "ArrowUp", "ArrowRight", "ArrowDown"):
        visitor.page.keyboard.press(key)
    assert points(visitor)[:3] == pytest.approx([start + 0.2, start - 0.1, start], abs=0.06)
    expect(visitor.part("drawn-point-2")).to_be_focused()
    assert visitor.part("drawn-point-2").get_attribute("aria-label").startswith("Verwacht in week 12: ")
    visitor.part("undraw").click()
    expect(visitor.part("drawn-course")).to_have_count(0)


def test_a_course_is_drawn_with_a_finger(visit: Visit) -> None:
    visitor = visit(STORY, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    visitor.part("draw").tap()
    sheet = visitor.page.locator(".drawn-course .sheet")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    visitor.page.touchscreen.tap(box["x"] + box["width"], box["y"] + 0.25 * box["height"])
    assert points(visitor)[5] == pytest.approx(4.0, abs=0.1)


def test_a_drawn_course_is_put_aside_when_it_is_about_something_else(visit: Visit) -> None:
    visitor = visit(STORY)
    visitor.part("draw").click()
    visitor.drag("strain", 0.9)
    expect(visitor.part("drawn-course")).to_have_count(0)
    expect(visitor.part("draw")).to_be_visible()


def test_nothing_is_drawn_of_a_year_that_has_begun(visit: Visit) -> None:
    visitor = visit(STORY)
    visitor.part("draw").click()
    expect(visitor.page.locator(".drawn-course .point").first).to_be_visible()
    visitor.part("scrubber").press("ArrowRight")
    expect(visitor.page.locator(".drawn-course .point")).to_have_count(0)
    expect(visitor.page.locator(".drawn-course .drawn")).to_have_count(1)
    visitor.part("scrubber").press("Home")
    expect(visitor.part("now")).to_have_text("week 0 of 36")
    expect(visitor.part("guide")).to_contain_text("The line that you drew stays in the picture.")
    expect(visitor.part("undraw")).to_have_count(0)
    visitor.page.get_by_role("button", name="Start over").click()
    expect(visitor.part("draw")).to_be_visible()


def test_liking_is_drawn_in_classmates(visit: Visit) -> None:
    visitor = visit("?scenario=social-architect")
    visitor.part("draw").click()
    visitor.part("drawn-point-1").focus()
    visitor.page.keyboard.press("ArrowUp")
    assert all(score == int(score) for score in points(visitor))


ASKED = 17
"""The week that the story asks about."""


def disabled(visitor: Visitor) -> list[bool]:
    """Whether each answer cannot be given."""
    buttons = visitor.page.locator("[data-test^='expect-']")
    expect(buttons).to_have_count(3)
    return [button.get_attribute("aria-disabled") == "true" for button in buttons.all()]


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("view", ["story", "years"])
def test_an_answer_after_the_fact_is_none(visit: Visit, view: str, language: str) -> None:
    visitor = visit(f"{STORY}&view={view}&language={language}&week={ASKED - 1}", covered=True)
    assert disabled(visitor) == [False] * 3
    visitor.part("scrubber").press("ArrowRight")
    expect(visitor.part("too-late")).to_contain_text(str(ASKED))
    assert disabled(visitor) == [True] * 3
    visitor.part("expect-less").click(force=True)
    visitor.part("expect-less").press("Enter")
    visitor.part("scrubber").press("Home")
    expect(visitor.part("now")).to_contain_text("week 0 ")
    assert disabled(visitor) == [True] * 3, "it was shown, and is known"
    expect(visitor.page.locator("[data-test^='expect-'][aria-pressed='true']")).to_have_count(0)
    visitor.part("predict-again").click()
    assert disabled(visitor) == [False] * 3
    visitor.part("expect-less").click()
    expect(visitor.part("expect-less")).to_have_attribute("aria-pressed", "true")
    expect(visitor.part("too-late")).to_have_count(0)


def test_a_prediction_stands_when_its_week_was_shown(visit: Visit) -> None:
    visitor = visit(STORY)
    visitor.part("expect-less").click()
    visitor.drag("scrubber", ASKED + 1)
    expect(visitor.part("too-late")).to_have_text(re.compile(f"Week {ASKED} has been shown: your prediction stands"))
    visitor.part("expect-more").click(force=True)
    expect(visitor.part("expect-less")).to_have_attribute("aria-pressed", "true")
    visitor.page.keyboard.press("End")
    expect(visitor.part("outcome")).to_contain_text("You expected less aggression.")


def test_who_comes_by_a_link_or_begins_anew(visit: Visit) -> None:
    visitor = visit(f"{STORY}&week=20&interventions=samen-spel:14,llinc:14", covered=True)
    expect(visitor.part("too-late")).to_be_visible()
    assert disabled(visitor) == [True] * 3
    visitor.part("predict-again").click()
    expect(visitor.part("now")).to_have_text("week 0 of 36")
    assert disabled(visitor) == [False] * 3
    expect(visitor.page).to_have_url(re.compile("interventions=samen-spel:14,llinc:14"))
    expect(visitor.page).not_to_have_url(re.compile("week="))
    visitor.drag("scrubber", 20)
    expect(visitor.part("too-late")).to_be_visible()
    visitor.page.get_by_role("button", name="Start over").click()
    expect(visitor.part("now")).to_have_text("week 0 of 36")
    assert disabled(visitor) == [False] * 3
    expect(visitor.part("draw")).to_be_visible()
    visitor.drag("scrubber", 20)
    expect(visitor.part("too-late")).to_be_visible()
    visitor.part("scenario").select_option("llinc")
    expect(visitor.page).to_have_url(re.compile("scenario=llinc"))
    assert disabled(visitor) == [False] * 3, "another question"


def test_a_cover_says_that_it_is_too_late_to_say_what_one_expects(visit: Visit) -> None:
    visitor = visit(f"{STORY}&view=side&week=20", covered=True)
    expect(visitor.part("covered")).to_contain_text(f"Week {ASKED} has been shown")
    visitor.part("predict-again").click()
    expect(visitor.part("now")).to_have_text("week 0 of 36")
    assert disabled(visitor) == [False] * 3
    visitor.part("view-side").click()
    expect(visitor.part("covered")).to_contain_text("Say first what you expect")
    expect(visitor.part("predict-again")).to_have_count(0)


def test_a_room_does_not_vote_on_what_it_has_seen(visit: Visit) -> None:
    visitor = visit(f"{STORY}&mode=present&step=vote", covered=True)
    visitor.part("by-hand").or_(visitor.part("hands")).first.wait_for()
    if visitor.part("hands").count() == 0:
        visitor.part("by-hand").click()
    expect(visitor.part("hand-less")).to_be_enabled()
    visitor.part("step-classes").click()
    expect(visitor.part("twins")).to_be_visible()
    visitor.page.go_back()
    expect(visitor.part("hand-less")).to_be_disabled()
    expect(visitor.part("vote-total")).to_contain_text("The vote is closed: the outcome has been shown.")
    visitor.part("vote-again").click()
    expect(visitor.part("hand-less")).to_be_enabled()
