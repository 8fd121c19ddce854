"""Contacts on the class map, and one contact as a scene: for the mouse, the keyboard and a screen reader."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from browser.conftest import Visitor, troubles
from playwright.sync_api import expect

from sim.dashboard.choices import Choices, pair_of
from sim.dashboard.picture import COUNTS, Shelf, count_contacts
from sim.record import Record, Twins
from sim.state import Records

Visit = Callable[..., Visitor]
WEEK = 12


@pytest.fixture(scope="module")
def both() -> Twins:
    """The years of the first story."""
    return Shelf().both(pair_of(Choices()))


@pytest.fixture(scope="module")
def child() -> int:
    """Who is followed in it."""
    return Shelf().protagonist(pair_of(Choices()))


def contacts_of(record: Record, child: int) -> Records:
    """Contacts of a child with the teacher."""
    return record.contacts[record.contacts["child"] == child]


def told(visitor: Visitor) -> str:
    """Wait until a contact is told, and give which; the first one in a process takes longest."""
    visitor.page.locator(".scene[aria-busy='false'] [data-test='scene-begins']").wait_for()
    return str(visitor.part("scene-number").inner_text())


def test_a_paused_week_shows_its_contacts(visit: Visit, both: Twins) -> None:
    visitor = visit(f"?week={WEEK}")
    counts = dict(zip(COUNTS, np.moveaxis(count_contacts(both.with_)[WEEK - 1], -1, 0), strict=True))
    marks = visitor.part("contact-marks").locator("[data-mark]")
    for kind in ("sharp", "warm"):
        count = counts[kind]
        one = int(np.argmax(count))
        expect(visitor.page.locator(f"[data-mark$='-{kind}']")).to_have_count(int((count > 0).sum()))
        label = visitor.page.locator(f"[data-mark='{one}-{kind}']").get_attribute("aria-label")
        assert f"{count[one]} of {counts['contacts'][one]} contacts" in label
    assert visitor.page.locator("[data-mark$='-neutral']").count() > 5, "where there is room"
    visitor.page.keyboard.press("Home")
    expect(marks).to_have_count(0)
    expect(visitor.part("look-with")).to_be_disabled()


def test_contacts_run_along_the_lines_while_the_year_plays(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    page.keyboard.press(" ")
    running = visitor.part("pulses").locator("path.warm")
    page.wait_for_function("document.querySelector('[data-test=pulses] path.warm')?.getAttribute('d').length > 50")
    before = running.get_attribute("d")
    expect(running).not_to_have_attribute("d", before)
    for kind in ("neutral", "sharp"):
        page.wait_for_function(
            f"document.querySelector('[data-test=pulses] path.{kind}')?.getAttribute('d').length > 9"
        )
    page.locator("[data-test=pulses] .scolded").wait_for()
    page.wait_for_function("document.querySelector('[data-test=pulses] .heads')?.getAttribute('d').length > 99")
    page.keyboard.press(" ")
    expect(visitor.part("pulses")).to_have_count(0)
    expect(visitor.part("contact-marks")).to_have_count(1)


def test_who_prefers_less_motion_sees_marks_and_no_pulses(visit: Visit) -> None:
    visitor = visit(reduced_motion="reduce")
    page = visitor.page
    page.evaluate(
        """() => {
          window.seen = 0
          new MutationObserver(() => { window.seen += document.querySelectorAll("[data-test=pulses]").length })
            .observe(document.querySelector(".map"), { childList: true, subtree: true })
        }"""
    )
    page.keyboard.press(" ")
    expect(visitor.part("now")).to_have_text(re.compile(r"week [3-9] of 36"))
    expect(visitor.part("contact-marks").locator("[data-mark]").first).to_be_visible()
    assert page.evaluate("window.seen") == 0


def test_a_mark_opens_a_contact_of_that_week_and_tone(visit: Visit, both: Twins, child: int) -> None:
    visitor = visit(f"?week={WEEK}&arm=without")
    visitor.page.locator(f"[data-mark='{child}-sharp']").click()
    number = int(re.match(r"contact (\d+) of", told(visitor))[1]) - 1
    one = contacts_of(both.without, child)[number]
    assert min(one["tone"], one["response"]) < 0
    day = one["day"] - 5 * (WEEK - 1)
    expect(visitor.part("scene-title")).to_have_text(f"Martijn and the teacher: week {WEEK}, day {day}")
    assert f"{one['tone']:+.2f}".replace("-", "−") in visitor.part("scene-tones").get_attribute("aria-label")


def test_the_keyboard_opens_steps_and_closes(visit: Visit, both: Twins, child: int) -> None:
    visitor = visit(f"?week={WEEK}")
    page = visitor.page
    count = f"{len(contacts_of(both.with_, child)):,}"
    look = visitor.part("look-with")
    look.focus()
    page.keyboard.press("Enter")
    number = int(re.match(rf"contact (\d+) of {count}", told(visitor))[1])
    expect(visitor.part("scene-title")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(visitor.part("scene-number")).to_have_text(f"contact {number - 1} of {count}")
    page.keyboard.press("ArrowRight")
    expect(visitor.part("scene-number")).to_have_text(f"contact {number} of {count}")
    expect(visitor.part("now")).to_have_text(f"week {WEEK} of 36")
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(visitor.part("scene")).not_to_be_visible()
    expect(look).to_be_focused()
    page.locator(f".child[data-child='{child}']").focus()
    page.keyboard.press("c")
    told(visitor)


def test_the_same_moment_in_the_twin_class(visit: Visit) -> None:
    visitor = visit("?week=3")
    visitor.part("look-with").click()
    here = told(visitor)
    expect(visitor.part("scene-twin")).to_contain_text("without Samen-Spel")
    visitor.part("scene-twin-go").click()
    expect(visitor.part("scene-twin")).to_contain_text("with Samen-Spel")
    assert told(visitor).split(" of ")[0] == here.split(" of ")[0], "before the programme the classes are one"


def test_a_guided_story_does_not_lead_into_its_future(visit: Visit, both: Twins, child: int) -> None:
    visitor = visit(f"?week={WEEK}")
    visitor.part("look-with").click()
    told(visitor)
    expect(visitor.part("scene-landmark")).to_have_count(0)
    last = int((contacts_of(both.with_, child)["day"] <= 5 * WEEK).sum())
    while not visitor.part("scene-next").is_disabled():
        visitor.part("scene-next").click()
        number = int(re.match(r"contact (\d+) of", told(visitor))[1])
        assert number <= last + 1
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("End")
    expect(visitor.part("column-loop")).to_be_visible()
    visitor.part("look-with").click()
    told(visitor)
    visitor.part("scene-landmark").select_option(label="the first contact")
    expect(visitor.part("scene-number")).to_have_text(re.compile("^contact 1 of"))
    expect(visitor.part("scene-previous")).to_be_disabled()


def test_dots_and_entries_of_the_grid_lead_to_their_contact(visit: Visit, both: Twins, child: int) -> None:
    visitor = visit(f"?view=grid&week={WEEK}")
    page = visitor.page
    dot = visitor.part("grid-without").locator("[data-contact]").last
    number = int(dot.get_attribute("data-contact"))
    assert contacts_of(both.without, child)["day"][number] == 5 * WEEK
    dot.click()
    assert told(visitor).startswith(f"contact {number + 1} of")
    page.keyboard.press("Escape")
    visitor.part("cell-with-2-2").focus()
    page.keyboard.press("Enter")
    page.locator("[data-test='picked'] [data-test='look']").first.click()
    told(visitor)
    expect(page.locator("[data-test='scene-acts']")).to_be_visible()


def test_an_entry_of_the_log_that_was_one_contact_shows_it(visit: Visit, both: Twins, child: int) -> None:
    visitor = visit("?week=36")
    entry = visitor.page.locator(".story li", has_text="harshest moment")
    entry.locator("[data-test='look-entry']").click()
    number = int(re.match(r"contact (\d+) of", told(visitor))[1]) - 1
    met = contacts_of(both.with_, child)
    assert met["response"][number] == met["response"][met["public"] == 1].min()
    assert visitor.page.locator("[data-test='look-entry']").count() < visitor.page.locator(".story li").count()


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["laptop", "telephone"])
def test_nobody_is_shut_out_of_a_scene(visit: Visit, language: str, size: tuple[int, int]) -> None:
    visitor = visit(f"?language={language}&week={WEEK}", viewport={"width": size[0], "height": size[1]})
    visitor.part("look-with").click()
    told(visitor)
    told_at = visitor.part("scene-begins")
    expect(told_at).to_contain_text("misdraagt zich" if language == "nl" else "misbehaves")
    assert troubles(visitor.page, seen=20) == []
    assert visitor.page.evaluate("document.querySelector('.scene-dialog').scrollWidth") <= size[0]
    visitor.page.keyboard.press("Escape")
    other = "en" if language == "nl" else "nl"
    visitor.page.locator(f"header button[lang='{other}']").click()
    visitor.part("look-with").click()
    expect(told_at).to_contain_text("misdraagt zich" if other == "nl" else "misbehaves")


def test_a_picture_of_the_map_takes_its_contacts_along(visit: Visit) -> None:
    visitor = visit(f"?week={WEEK}")
    with visitor.page.expect_download() as waited:
        visitor.part("save-class-with-svg").click()
    drawn = waited.value.path().read_text(encoding="utf-8")
    assert "warm on both sides" in drawn
    assert "teacher" in drawn
