"""The interpersonal circle shows what the contacts of the last weeks come to, in everybody's eyes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from browser.conftest import Visitor
from playwright.sync_api import expect

from sim.dashboard.choices import ARMS, Choices, pair_of
from sim.dashboard.picture import Shelf
from sim.record import Record
from sim.year.interpersonal import Eyes, over_time

Visit = Callable[..., Visitor]
WEEK = 20
SHELF, PAIR = Shelf(), pair_of(Choices())


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    both = SHELF.both(PAIR)
    return dict(zip(ARMS, (both.without, both.with_), strict=True))


def shows(visitor: Visitor, records: dict[str, Record], eyes: Eyes, week: int, point: str = ".") -> None:
    """Wait until the page shows the readings of that week, as they are seen by these eyes."""
    child = SHELF.protagonist(PAIR)
    for arm, record in records.items():
        (found,) = over_time(record, eyes, (week,))
        for name in ("child_affiliation", "child_control", "teacher_affiliation", "teacher_control"):
            value = np.round(getattr(found, name)[child], 2)
            written = f"{abs(value):.2f}".replace(".", point)
            expect(visitor.part(f"{name}-{arm}")).to_contain_text(written)
        share = np.round(found.structure[child], 2)
        expect(visitor.part(f"structure-{arm}")).to_have_text(f"{100 * share:.0f}%")


def test_the_circle_is_that_of_the_contacts_in_everybodys_eyes(visit: Visit, records: dict[str, Record]) -> None:
    visitor = visit(f"?v=1&view=circle&week={WEEK}")
    for eyes in Eyes:
        visitor.part(f"eyes-{eyes.name.lower()}").click()
        shows(visitor, records, eyes, WEEK)
    expect(visitor.part("stands")).to_contain_text("the teacher is competing")
    expect(visitor.page.locator(".circle-key")).to_contain_text("the other children")
    visitor.page.keyboard.press("End")
    shows(visitor, records, Eyes.CHILD, 36)


def test_nothing_is_drawn_before_the_first_contact(visit: Visit) -> None:
    visitor = visit("?v=1&view=circle")
    expect(visitor.part("stands")).to_contain_text("No contacts yet.")
    expect(visitor.part("circle-child-without")).to_have_count(0)
    expect(visitor.part("structure-without")).to_have_text("–")
    visitor.page.keyboard.press("ArrowRight")
    expect(visitor.part("circle-child-without")).to_have_count(1)


def test_the_circle_in_dutch_and_on_a_phone(visit: Visit, records: dict[str, Record]) -> None:
    visitor = visit(f"?v=1&view=circle&week={WEEK}", locale="nl-BE", viewport={"width": 390, "height": 844})
    shows(visitor, records, Eyes.OBSERVER, WEEK, point=",")
    expect(visitor.part("stands")).to_contain_text("de leerkracht is concurrerend")
    box = visitor.part("circle-without").bounding_box()
    assert box and box["width"] <= 390


def test_warmth_lies_to_the_right_and_lead_upwards(visit: Visit, records: dict[str, Record]) -> None:
    visitor = visit(f"?v=1&view=circle&week={WEEK}")
    child = SHELF.protagonist(PAIR)
    places = {}
    for arm, record in records.items():
        (found,) = over_time(record, Eyes.OBSERVER, (WEEK,))
        picture = visitor.part(f"circle-{arm}").bounding_box()
        dot = visitor.part(f"circle-teacher-{arm}").bounding_box()
        assert picture and dot
        across = dot["x"] + dot["width"] / 2 - picture["x"] - picture["width"] / 2
        assert np.sign(across) == np.sign(found.teacher_affiliation[child])
        assert dot["y"] + dot["height"] / 2 < picture["y"] + picture["height"] / 2, "the teacher leads"
        places[arm] = across
    assert places["with"] > places["without"]


def test_another_child_has_a_circle_of_its_own(visit: Visit) -> None:
    visitor = visit(f"?v=1&view=circle&week={WEEK}")
    before = visitor.part("child_affiliation-without").inner_text()
    visitor.page.get_by_label("Child to follow").select_option(index=3)
    expect(visitor.part("child_affiliation-without")).not_to_have_text(before)
