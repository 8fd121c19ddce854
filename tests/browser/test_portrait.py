"""The phase portrait is asked for when the year stands still, and drawn with what is true of it."""

from __future__ import annotations

from collections.abc import Callable

from browser.conftest import Visitor
from playwright.sync_api import expect

Visit = Callable[..., Visitor]

PATIENCE = 60_000
"""Milliseconds for a portrait; others may be waiting before it."""


def test_two_basins_have_a_boundary(visit: Visit) -> None:
    """A boy who quarrels: with this teacher it can go either way, with a more strained one it goes ill."""
    visitor = visit("?v=1&view=portrait&child=14&emotional_support=0.7&strain=0.1&interventions=")
    expect(visitor.part("said")).to_contain_text("There are two basins.", timeout=PATIENCE)
    expect(visitor.part("rest")).to_have_count(2)
    expect(visitor.part("boundary")).to_have_count(1)
    expect(visitor.part("nullcline-conflict")).not_to_have_count(0)
    expect(visitor.part("nullcline-aggression")).not_to_have_count(0)
    expect(visitor.part("arm-with")).to_be_disabled()


def test_a_portrait_of_each_week_and_class(visit: Visit) -> None:
    visitor = visit("?v=1&view=portrait&week=12", locale="nl-BE")
    said, conflict = visitor.part("said"), visitor.part("nullcline-conflict")
    expect(said).to_contain_text("Een kleine verstoring", timeout=PATIENCE)
    expect(visitor.part("boundary")).to_have_count(0)
    expect(said).to_contain_text("Er is maar één aantrekkingsgebied")
    before = conflict.first.get_attribute("d")
    assert before is not None
    visitor.page.keyboard.press("Home")
    expect(conflict.first).not_to_have_attribute("d", before, timeout=PATIENCE)
    at_start = conflict.first.get_attribute("d")
    assert at_start is not None
    visitor.page.keyboard.press("End")
    expect(conflict.first).not_to_have_attribute("d", at_start, timeout=PATIENCE)
    with_it = conflict.first.get_attribute("d")
    assert with_it is not None
    visitor.part("arm-without").click()
    expect(conflict.first).not_to_have_attribute("d", with_it, timeout=PATIENCE)
    expect(visitor.part("here")).to_have_count(1)
