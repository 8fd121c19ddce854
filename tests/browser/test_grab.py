"""What a visitor takes hold of: a child, a single day, the bad week, the teacher; by mouse, finger and keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from browser.conftest import Visitor, troubles
from playwright.sync_api import expect

from sim.dashboard.choices import TEACHERS, Choices, pair_of
from sim.run import simulate
from sim.scenario import load

Visit = Callable[..., Visitor]

STORY = "one-bad-week"
MILAN = 15
START = 3.5
"""His closeness on the first day, as the class list has it."""

CENTRES = """() => {
  const middle = found => {
    const { x, y, width, height } = document.querySelector(`.map ${found}`).getBoundingClientRect()
    return [x + width / 2, y + height / 2]
  }
  return [middle(".teacher circle"), middle(".child[data-child='15'] .face")]
}"""
"""Where the teacher and Milan are on the screen."""


def linked(visitor: Visitor) -> Choices:
    """What the address of the page keeps."""
    choices, wrong = Choices.from_link(urlsplit(visitor.page.url).query, "en")
    assert wrong == ()
    return choices


def played(visit: Visit, week: int, more: str = "", **options: Any) -> Visitor:
    """The story of the bad week in a week, with nothing hidden any more."""
    visitor = visit(f"?scenario={STORY}&week={week}{more}", **options)
    visitor.part("reveal").click()
    expect(visitor.part("outcome")).to_be_visible()
    if not week:
        expect(visitor.part("now")).to_have_text(re.compile("36 .* 36"))
        visitor.page.keyboard.press("Home")
        expect(visitor.part("now")).to_have_text(re.compile("0 .* 36"))
    return visitor


def closeness(choices: Choices, week: int) -> str:
    """Closeness of Milan without the bad week at the end of a week, as the page writes it."""
    record = simulate(pair_of(choices).without)
    return f"{1 + 4 * record.children['closeness'][week * 5, MILAN]:.2f}"


def lines(visitor: Visitor) -> list[str]:
    """The lines of closeness in the charts."""
    found = ".charts .past.closeness"
    return visitor.page.eval_on_selector_all(found, "lines => lines.map(line => line.getAttribute('d'))")


def test_a_child_that_is_drawn_nearer_begins_closer(visit: Visit) -> None:
    visitor = played(visit, 10)
    page, before = visitor.page, lines(visitor)
    (tx, ty), (x, y) = page.evaluate(CENTRES)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.2 * (tx - x), y + 0.2 * (ty - y))
    page.mouse.move(x + 0.4 * (tx - x), y + 0.4 * (ty - y))
    expect(visitor.part("now")).to_have_text("week 0 of 36")
    value = page.locator(".map .held-value").text_content()
    assert START < float(value) <= 5
    page.mouse.up()
    expect(visitor.part("what-changed")).to_contain_text(f"Milan begins closer: {value} instead of {START}.")
    expect(visitor.part("now")).to_have_text("week 10 of 36", timeout=30_000)
    expect(page.locator(".map .held-value")).to_have_count(0)
    expect(page.locator(".spiraal")).to_have_attribute("aria-busy", "false")
    choices = linked(visitor)
    assert choices.closeness == ((MILAN, float(value)),)
    expect(visitor.part("closeness-without")).to_have_text(closeness(choices, 10))
    shadows = page.locator(".charts .before.closeness")
    expect(shadows).to_have_count(2)
    assert [line.get_attribute("d") for line in shadows.all()] == before

    assert troubles(page) == []

    visitor.reload()
    expect(visitor.part("begins")).to_have_text(value)
    expect(visitor.part("what-changed")).to_contain_text(f"{value} instead of {START}")
    visitor.part(f"undo-closeness-{MILAN}").click()
    expect(visitor.part("begins")).to_have_text(str(START))
    page.wait_for_function("() => !location.search.includes('closeness')")


def test_the_year_before_is_one_click_away(visit: Visit) -> None:
    visitor = played(visit, 12)
    first = lines(visitor)
    expect(visitor.part("teacher")).to_have_value("unsure")
    visitor.part("teacher").select_option("worn_out")
    expect(visitor.page.locator(".charts .before.closeness")).to_have_count(2)
    changed, teacher = linked(visitor), load(TEACHERS["worn_out"]).teacher
    right = pair_of(changed).with_
    assert right is not None
    assert right.teacher == teacher
    expect(visitor.part("closeness-without")).to_have_text(closeness(changed, 12))
    then = lines(visitor)
    assert then != first
    expect(visitor.page.locator(".map .moved circle")).not_to_have_count(0)
    visitor.part("go-back").click()
    expect(visitor.part("teacher")).to_have_value("unsure")
    expect(visitor.page.locator(".charts .past.closeness").first).to_have_attribute("d", first[0])
    visitor.part("go-back").click()
    expect(visitor.page.locator(".charts .past.closeness").first).to_have_attribute("d", then[0])


def test_the_story_as_it_was_is_no_change_to_undo(visit: Visit) -> None:
    visitor = played(visit, 12)
    teacher = visitor.part("teacher")
    teacher.focus()
    place = teacher.bounding_box()["y"]
    teacher.select_option("worn_out")
    expect(visitor.part("go-back")).to_be_visible()
    assert teacher.bounding_box()["y"] == pytest.approx(place, abs=1), "what is said above moved the control in use"
    visitor.part("back").click()
    expect(teacher).to_have_value("unsure")
    expect(visitor.part("what-changed")).to_have_count(0)
    expect(visitor.page.locator(".charts .before")).to_have_count(0)


def test_keys_go_on_where_a_control_went_away(visit: Visit) -> None:
    visitor = visit("?scenario=irritated-teacher")
    for gone, place in (("reveal", ".said"), ("column-loop", ".story-view"), ("loop-close", ".story-view")):
        visitor.part(gone).press("Enter")
        expect(visitor.part(gone)).to_have_count(0)
        expect(visitor.page.locator(place)).to_be_focused()


def test_every_change_is_told_and_can_be_taken_back_alone(visit: Visit) -> None:
    visitor = played(visit, 12)
    told = visitor.part("what-changed")
    visitor.drag("strain", 0.9)
    expect(told).to_contain_text("Strain: 0.9 instead of ")
    visitor.part("teacher").select_option("worn_out")
    expect(told).to_contain_text("Teacher: worn out.")
    expect(told).not_to_contain_text("Strain")
    visitor.part("more").click()
    visitor.part("llinc").click()
    expect(told).to_contain_text("Programmes: A bad week (Milan) and LLInC (Milan).")
    visitor.part("undo-teacher").click()
    expect(visitor.part("teacher")).to_have_value("unsure")
    expect(visitor.part("llinc")).to_have_attribute("aria-checked", "true")
    visitor.part("undo-interventions").click()
    expect(visitor.part("changed")).to_have_count(0)
    expect(told.locator("li")).to_have_count(0)
    visitor.part("trial-0").click()
    expect(told).to_contain_text("Another course of luck.")
    visitor.part("undo-luck").click()
    expect(visitor.part("trial-0")).to_have_attribute("aria-pressed", "false")


def test_a_day_that_is_taken_back_leaves_the_story_as_it_was(visit: Visit) -> None:
    visitor = played(visit, 12)
    visitor.part("poke-sharp-day").click()
    expect(visitor.part("changed")).to_be_visible()
    visitor.page.locator(".what-changed .undo").click()
    expect(visitor.part("changed")).to_have_count(0)


def test_a_moved_bad_week_is_told_and_can_be_taken_back(visit: Visit) -> None:
    visitor = played(visit, 12)
    handle = visitor.part("week-handle")
    handle.focus()
    handle.press("ArrowRight")
    expect(visitor.part("what-changed")).to_contain_text("The bad week is week 4.")
    visitor.part("undo-bad-week-when").click()
    expect(visitor.part("what-changed").locator("li")).to_have_count(0)
    expect(handle).to_have_attribute("aria-valuetext", re.compile("week 3"))


@pytest.mark.parametrize(("language", "said"), [("en", "begins closer: 3.7"), ("nl", "begint dichter: 3,7")])
def test_by_keys_and_buttons_in_both_languages(visit: Visit, language: str, said: str) -> None:
    visitor = played(visit, 0, f"&language={language}")
    child = visitor.page.locator(f".map .child[data-child='{MILAN}']")
    child.focus()
    child.press("Shift+ArrowUp")
    child.press("Shift+ArrowUp")
    child.press("Shift+ArrowUp")
    visitor.part("farther").click()
    expect(visitor.part("what-changed")).to_contain_text(said)
    expect(visitor.part("closeness-with")).to_have_text("3.70" if language == "en" else "3,70")


def test_a_single_day_is_put_into_both_classes(visit: Visit) -> None:
    visitor = played(visit, 10)
    visitor.part("poke-sharp-day").click()
    expect(visitor.part("what-changed")).to_contain_text("One sharp day for Milan, week 10.")
    expect(visitor.page.locator(".charts .before.closeness")).to_have_count(2)
    choices = linked(visitor)
    assert choices.pokes == (("sharp-day", MILAN, 10),)
    expect(visitor.part("closeness-without")).to_have_text(closeness(choices, 10))
    assert float(closeness(choices, 10)) < float(closeness(Choices(scenario=STORY), 10))
    expect(visitor.page.locator(".charts figcaption").first).to_contain_text("without the bad week")

    visitor.part("column-loop").click()
    expect(visitor.part("step-answers").locator("[data-lever='sharp-day']")).to_be_visible()
    visitor.part("poke-kind-day").click()
    expect(visitor.part("step-answers").locator("[data-lever='praise']")).to_be_visible()
    visitor.part("poke-sharp-day").click()
    expect(visitor.part("what-changed")).not_to_contain_text("One sharp day")
    page = visitor.page
    expect(page).to_have_url(re.compile(f"pokes=kind-day:{MILAN}:10"))


def test_the_bad_week_is_made_worse_and_moved(visit: Visit) -> None:
    visitor = played(visit, 30)
    handle = visitor.part("week-handle")
    expect(handle).to_have_attribute("aria-valuetext", "80%, week 3")
    handle.press("ArrowUp")
    handle.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuetext", "85%, week 4")
    expect(visitor.page.locator(".charts .before.closeness")).to_have_count(2)
    box = handle.bounding_box()
    visitor.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 60, steps=3)
    visitor.page.mouse.up()
    expect(visitor.part("what-changed")).to_contain_text("instead of 80%")
    expect(visitor.page.locator(".spiraal")).to_have_attribute("aria-busy", "false")
    right = pair_of(linked(visitor)).with_
    assert right is not None
    assert right.interventions[0].start_week == 4
    size = right.parameters["bad_week_stress"]
    assert 0.2 < size < 0.7
    expect(visitor.part("bad-week-size")).to_have_value(f"{size:g}")


def test_before_play_the_first_day_is_told_and_no_more(visit: Visit) -> None:
    visitor = visit(f"?scenario={STORY}", covered=True)
    page = visitor.page
    visitor.part("strain").fill("0.95")
    visitor.part("closer").click()
    expect(visitor.part("first-day")).to_contain_text("chance of a sharp answer to that:")
    expect(visitor.part("what-changed")).to_contain_text("Milan begins closer: 3.6 instead of 3.5.")
    expect(page.locator(".charts circle.was.closeness")).to_have_count(2)
    shown = page.evaluate("""() => ({
      future: document.querySelectorAll(".charts .future").length,
      clips: [...document.querySelectorAll(".charts clipPath rect")].map(rect => Number(rect.getAttribute("width"))),
      starts: [...document.querySelectorAll(".charts .now")].map(line => Number(line.getAttribute("x1"))),
      bare: [...document.querySelectorAll(".charts .before")].filter(line => !line.closest("[clip-path]")).length,
    })""")
    assert shown["future"] == shown["bare"] == 0
    assert shown["clips"] == shown["starts"]
    end = simulate(pair_of(linked(visitor)).without).children["conflict"][-1, MILAN]
    assert f"{1 + 4 * end:.2f}" not in page.locator("main").inner_text()
    expect(visitor.part("guide")).to_contain_text("What do you expect")


def test_with_a_finger_only_the_followed_child_is_drawn(visit: Visit) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    visitor = played(visit, 0, **phone)
    page = visitor.page
    finger = page.context.new_cdp_session(page)
    page.locator(".map .teacher").scroll_into_view_if_needed()

    def swipe(child: int) -> None:
        face = page.locator(f".map .child[data-child='{child}'] .face").bounding_box()
        middle = page.locator(".map .teacher circle").bounding_box()
        x, y = face["x"] + face["width"] / 2, face["y"] + face["height"] / 2
        tx, ty = middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2
        for kind, part in (("touchStart", 0.0), ("touchMove", 0.2), ("touchMove", 0.4), ("touchEnd", None)):
            points = [] if part is None else [{"x": x + part * (tx - x), "y": y + part * (ty - y)}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    swipe(MILAN)
    expect(visitor.part("what-changed")).to_contain_text("Milan begins closer")
    expect(page.locator(".spiraal")).to_have_attribute("aria-busy", "false")
    swipe(14)
    expect(page.locator(".spiraal")).to_have_attribute("aria-busy", "false")
    assert [child for child, _ in linked(visitor).closeness] == [MILAN]
    assert "closeness" in parse_qs(urlsplit(page.url).query)


def test_a_bad_week_after_the_week_that_is_asked_about_is_said_to_come_too_late(visit: Visit) -> None:
    visitor = played(visit, 10, "&start_week=12")
    expect(visitor.part("late")).to_contain_text("The question is about week 8")
    expect(visitor.part("late")).to_contain_text("begins only in week 12")
    visitor.part("back").click()
    expect(visitor.part("late")).to_have_count(0)
