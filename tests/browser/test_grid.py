"""The state-space grids count what the simulation did, and lead to the contacts themselves."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from browser.conftest import Visitor
from playwright.sync_api import expect

from sim.dashboard.choices import Choices, pair_of
from sim.dashboard.picture import Shelf
from sim.year.dyad import StateSpaceGrid, state_space_grid

Visit = Callable[..., Visitor]
ARMS = ("without", "with")
WEEK, WEEKS = 20, 4


@pytest.fixture(scope="module")
def grids() -> Callable[[int, int], dict[str, StateSpaceGrid]]:
    """Grids of the contacts between two days, in both classes."""
    shelf, pair = Shelf(), pair_of(Choices())
    both, child = shelf.both(pair), shelf.protagonist(pair)

    def between(after: int, until: int) -> dict[str, StateSpaceGrid]:
        found = {}
        for arm, record in zip(ARMS, (both.without, both.with_), strict=True):
            met = record.contacts[record.contacts["child"] == child]
            found[arm] = state_space_grid(met[(met["day"] > after) & (met["day"] <= until)])
        return found

    return between


def shows(visitor: Visitor, grids: dict[str, StateSpaceGrid]) -> None:
    """Wait until the page shows these grids; every count and key figure."""
    for arm, grid in grids.items():
        expect(visitor.part(f"contacts-{arm}")).to_have_text(f"{grid.counts.sum():,}")
        cells = visitor.part(f"table-{arm}").locator("tbody td").all_inner_texts()
        assert [int(cell.replace(",", "")) for cell in cells] == grid.counts[::-1].ravel().tolist()
        expect(visitor.part(f"negative-{arm}")).to_have_text(f"{100 * grid.mutual_negative:.1f}%")
        expect(visitor.part(f"positive-{arm}")).to_have_text(f"{100 * grid.mutual_positive:.1f}%")
        expect(visitor.part(f"dispersion-{arm}")).to_have_text(f"{grid.dispersion:.2f}")


def test_the_grids_are_those_of_the_contacts(
    visit: Visit, grids: Callable[[int, int], dict[str, StateSpaceGrid]]
) -> None:
    visitor = visit(f"?v=1&view=grid&week={WEEK}")
    shows(visitor, grids(0, 5 * WEEK))
    visitor.part("period-last").click()
    shows(visitor, grids(5 * (WEEK - WEEKS), 5 * WEEK))
    visitor.part("period-all").click()
    visitor.page.keyboard.press("End")
    shows(visitor, grids(0, 180))
    visitor.page.keyboard.press("Home")
    expect(visitor.part("told")).to_contain_text("No contacts yet.")


def test_a_cell_lists_its_contacts_and_leads_to_them(
    visit: Visit, grids: Callable[[int, int], dict[str, StateSpaceGrid]]
) -> None:
    visitor = visit(f"?v=1&view=grid&week={WEEK}")
    count = int(grids(0, 5 * WEEK)["with"].counts[2, 2])
    expect(visitor.part("cell-with-2-2")).to_have_attribute(
        "aria-label", f"child neutral, teacher neutral: {count} contacts"
    )
    visitor.part("cell-with-2-2").focus()
    keyboard = visitor.page.keyboard
    for key in ("ArrowLeft", "ArrowDown", "ArrowUp", "ArrowRight", "Enter"):
        keyboard.press(key)
    expect(visitor.part("cell-with-2-2")).to_be_focused()
    expect(visitor.part("cell-with-2-2")).to_have_attribute("aria-selected", "true")
    expect(visitor.part("now")).to_have_text(f"week {WEEK} of 36")
    expect(visitor.part("picked")).to_contain_text("child neutral, teacher neutral")
    entries = visitor.part("picked").locator("li button:first-child")
    expect(entries).to_have_count(min(count, 40))
    expect(visitor.part("picked").locator("[data-test='look']")).to_have_count(min(count, 40))
    last = entries.last
    found = re.match(r"week (\d+), day \d\s", last.inner_text())
    assert found is not None
    last.click()
    expect(visitor.part("now")).to_have_text(f"week {found[1]} of 36")


def test_the_grid_in_dutch(visit: Visit) -> None:
    visitor = visit(
        f"?v=1&view=grid&week={WEEK}&scenario=ordinary-class", locale="nl-BE", viewport={"width": 390, "height": 800}
    )
    expect(visitor.part("grid-without")).to_contain_text("toon van de leerkracht")
    expect(visitor.part("grid-with")).to_have_count(0)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == 390


def test_no_list_of_contacts_ends_before_its_end(visit: Visit) -> None:
    visitor = visit("?view=grid&week=36")
    cells = visitor.page.locator("[data-test^='cell-without-']")
    counts = visitor.part("table-without").evaluate(
        "e => [...e.querySelectorAll('td')].slice(1).map(c => Number(c.innerText))"
    )
    fullest = max(range(25), key=lambda place: counts[place])
    cells.nth(fullest).click(position={"x": 3, "y": 3})
    listed = visitor.part("picked").locator("li")
    expect(listed).to_have_count(40)
    for _ in range(40, counts[fullest], 40):
        visitor.part("earlier").click()
    expect(listed).to_have_count(counts[fullest])
    expect(visitor.part("earlier")).to_have_count(0)


def test_an_empty_cell_says_so(visit: Visit) -> None:
    visitor = visit("?view=grid&week=0")
    visitor.part("cell-without-0-0").click()
    expect(visitor.part("picked")).to_contain_text("No contact of this kind")
