"""The dashboard for everyone: names, contrast and landmarks, the keyboard, zoom and small screens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browser.conftest import Visitor, troubles
from playwright.sync_api import expect

from sim.dashboard.choices import VIEWS

Visit = Callable[..., Visitor]

SMALL = ((1024, 768), (768, 1024), (683, 384), (390, 844))
"""Sizes of tablets, of a laptop at 200 % zoom, and of a telephone."""


def show(visitor: Visitor, view: str) -> None:
    """Go to a view by a click."""
    visitor.part("own-class" if view == "own" else f"view-{view}").click()
    expect(visitor.page.locator(f".view-{view} main")).to_be_visible()


@pytest.mark.parametrize(("language", "views"), [("en", [*VIEWS][:5]), ("nl", [*VIEWS][5:])])
def test_nobody_is_shut_out(visit: Visit, language: str, views: tuple[str, ...]) -> None:
    visitor = visit(f"?language={language}&week=12&arrows=class")
    for view in views:
        show(visitor, view)
        assert troubles(visitor.page, seen=20) == [], view
    visitor.part("mode").click()
    expect(visitor.page.locator(".spiraal.present")).to_be_visible()
    assert troubles(visitor.page, seen=20) == []
    page = visitor.page
    expect(page.locator("html")).to_have_attribute("lang", language)
    for landmark in ("h1", "main", "header:not(main header)"):
        expect(page.locator(landmark)).to_have_count(1)


def test_no_page_scrolls_sideways(visit: Visit) -> None:
    visitor = visit("?week=12&arrows=class")
    page = visitor.page
    for view in VIEWS:
        page.set_viewport_size({"width": 1366, "height": 768})
        show(visitor, view)
        for width, height in SMALL:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (view, width)


def test_the_keyboard_finds_its_way(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    expect(page.locator("#view")).to_be_focused()
    reached = []
    while "card" not in reached:  # the last: the footer
        page.keyboard.press("Tab")
        place, outline, stroke = page.evaluate(
            """() => {
              const element = document.activeElement, { outlineStyle } = getComputedStyle(element)
              const { stroke } = getComputedStyle(element.querySelector('.reach') ?? element)
              return [element.closest('aside, .map, .follow, footer')?.className.split(' ').pop(), outlineStyle, stroke]
            }"""
        )
        reached.append(place)
        assert outline == "solid" or stroke != "none", "focus can be seen"
        assert len(reached) < 60
    order = [place for place, before in zip(reached, [None, *reached], strict=False) if place != before]
    assert order == ["what-if", "map", "follow", "card"], "as it is read"
