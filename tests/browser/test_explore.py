"""The heat map and the sliders of all parameters, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import numpy as np
from browser.conftest import Visitor
from playwright.sync_api import expect

from sim.dashboard.choices import Choices, pair_of
from sim.run import simulate
from sim.scenario import DEFAULT, Scenario, load

Visit = Callable[..., Visitor]

SMALL = "?view=explore&cells=5"
LONG = "?view=explore&cells=15&classes=8"
MARTIJN = 14
AXES_IN_DUTCH = ("Belasting", "Emotionele ondersteuning")
LINES = "[...document.querySelectorAll('path.past')].map(line => line.getAttribute('d')).join()"


def finished(visitor: Visitor, text: str = "25 of 25 cells") -> None:
    """Wait until the map is there."""
    expect(visitor.part("explore-progress")).to_have_text(text, timeout=30_000)


def table(visitor: Visitor) -> list[list[str]]:
    """What the map holds, as a screen reader has it, the lowest row first."""
    rows = visitor.part("explore-table").locator("tbody tr").all()
    return [row.locator("td").all_text_contents() for row in reversed(rows)]


def conflict_at_the_end(scenario: Scenario) -> float:
    """The followed child's score, not rounded: a page with one decimal does not round what a map rounded to two."""
    return float(1.0 + 4.0 * simulate(scenario).children["conflict"][-1, MARTIJN])


def compared_in_dutch(cells: list[list[str]]) -> str:
    """Which factor makes more of a difference in a map, by how far apart the means of its columns and rows lie."""
    conflict = np.array([[float(cell.replace(",", ".")) for cell in row] for row in cells])
    by_size = sorted((float(np.ptp(conflict.mean(axis=axis))), label) for axis, label in enumerate(AXES_IN_DUTCH))
    (small, weak), (large, strong) = by_size
    if large < 1.25 * small:
        return "Beide factoren maken hier ongeveer evenveel verschil."
    return f"‘{strong}’ maakt hier meer verschil dan ‘{weak}’."


def test_the_map_opens_years_that_have_its_numbers(visit: Visit) -> None:
    visitor = visit(SMALL)
    page = visitor.page
    finished(visitor)
    drawn = table(visitor)
    for column, row in ((0, 0), (3, 1), (4, 4)):
        pair = pair_of(Choices(strain=column / 4, emotional_support=row / 4))
        assert drawn[row][column] == f"{conflict_at_the_end(pair.without):.2f}"
    expect(visitor.part("explore-seen")).to_contain_text("Conflict is highest")
    teacher = load(DEFAULT).teacher
    here = ",".join(f"{round(4 * (trait or 0.0)):d}" for trait in (teacher.strain, teacher.emotional_support))
    expect(page.locator(".heat-cell.now")).to_have_attribute("data-cell", here)
    visitor.part("explore-shown").select_option("with")
    expect(page.locator("[data-cell='4,4'] text")).not_to_have_text(drawn[4][4])
    shown = table(visitor)
    without, with_ = (conflict_at_the_end(one) for one in pair_of(Choices(strain=1.0, emotional_support=1.0)) if one)
    assert shown[4][4] == f"{with_:.2f}"
    page.locator("[data-cell='4,4']").click()
    expect(visitor.part("now")).to_have_text("week 36 of 36")
    expect(visitor.part("conflict-with")).to_have_text(f"{with_:.2f}")
    expect(visitor.part("conflict-without")).to_have_text(f"{without:.2f}")
    expect(page).to_have_url(re.compile("emotional_support=1&strain=1&"))
    page.go_back()
    finished(visitor)
    assert table(visitor) == shown


def test_a_link_shows_the_same_map(visit: Visit) -> None:
    visitor = visit(SMALL)
    visitor.part("explore-search").fill("half-life conflict")
    offered = visitor.part("explore-x").locator("option").all_text_contents()
    assert offered == ["Strain", "Half-life of conflict"]
    visitor.part("explore-x").select_option("parameters.conflict_half_life")
    visitor.part("explore-x-to").fill("100")
    visitor.part("explore-x-to").press("Enter")
    visitor.part("explore-outcome").select_option("closeness")
    visitor.part("explore-whose").select_option("class")
    visitor.part("explore-shown").select_option("difference")
    expect(visitor.page).to_have_url(re.compile("shown=difference"))
    finished(visitor)
    expect(visitor.part("explore-table").locator("thead th").last).to_have_text("100")
    other = visit("?" + urlsplit(visitor.page.url).query)
    finished(other)
    assert table(other) == table(visitor)
    assert any(text[0] in "+−" for row in table(other) for text in row)
    caption = other.part("explore-table").locator("caption")
    expect(caption).to_contain_text("Closeness of the class at the end of the year: with Samen-Spel minus without")


def test_stop_stops_and_goes_on(visit: Visit) -> None:
    visitor = visit(LONG)
    progress = visitor.part("explore-progress")
    expect(progress).to_have_text(re.compile(r"^[1-9]\d* of 225 cells"))
    visitor.part("explore-stop").click()
    expect(visitor.part("explore-start")).to_be_enabled()
    held = ""
    for outcome in ("closeness", "aggression", "conflict"):  # all the while the page answers
        before, held = held, progress.inner_text()
        visitor.part("explore-outcome").select_option(outcome)
        expect(visitor.page).to_have_url(re.compile(f"outcome={outcome}"))
    assert before == held == progress.inner_text()
    visitor.part("explore-start").click()
    expect(progress).not_to_have_text(held)
    visitor.part("explore-stop").click()
    expect(visitor.part("explore-start")).to_be_enabled()


def test_the_map_by_keyboard_and_in_dutch(visit: Visit) -> None:
    visitor = visit(SMALL, locale="nl-BE")
    page = visitor.page
    finished(visitor, "25 van 25 vakjes")
    cells = table(visitor)
    assert re.fullmatch(r"\d,\d\d", cells[0][0])
    expect(visitor.part("explore-seen")).to_contain_text(re.compile(re.escape(compared_in_dutch(cells)) + "$"))
    page.locator(".heat-cell[tabindex='0']").focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    focused = page.locator("[data-cell='1,1']")
    expect(focused).to_be_focused()
    expect(visitor.part("now")).to_have_text("week 0 van 36")
    assert (
        visitor.part("explore-detail")
        .inner_text()
        .startswith("Belasting 0,25, Emotionele ondersteuning 0,25: conflict")
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("emotional_support=0.25&strain=0.25&"))
    expect(visitor.part("view-story")).to_have_attribute("aria-current", "page")


def test_a_parameter_has_a_slider(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.part("more").click()
    assert page.locator(".factor").count() == 0, "groups are folded"
    visitor.part("factor-search").fill("contacts SEEKS")
    slider = visitor.part("parameters.seek_rate")
    expect(page.locator(".factor")).to_have_count(1)
    before = page.evaluate(LINES)
    slider.fill("6")
    page.wait_for_function(f"before => {LINES} !== before", arg=before)
    expect(page).to_have_url(re.compile("factors=parameters.seek_rate:6"))
    visitor.part("factor-search").fill("")
    expect(visitor.part("changed-factors")).to_contain_text("Changed (1)")
    assert page.locator(".factor").count() == 1
    visitor.part("back-parameters.seek_rate").click()
    page.wait_for_function(f"before => {LINES} === before", arg=before)
    expect(page).not_to_have_url(re.compile("factors"))
    expect(page.locator(".factor")).to_have_count(0)


def test_a_map_that_cannot_be_is_refused(visit: Visit) -> None:
    visitor = visit("?view=explore&x=class.size")
    expect(visitor.part("explore-error")).to_contain_text("this class has a class list")
    expect(visitor.page.locator(".heat-cell")).to_have_count(0)
