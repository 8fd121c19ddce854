"""The trajectories: a year as a large chart, as a table, and as one of many small charts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browser.conftest import Visitor
from playwright.sync_api import expect

from sim.dashboard.choices import Choices, pair_of
from sim.run import simulate

Visit = Callable[..., Visitor]


def test_the_large_chart_and_its_table(visit: Visit) -> None:
    visitor = visit("?view=trajectories&child=3")
    page = visitor.page
    record = simulate(pair_of(Choices()).without)
    chart = page.locator(".chart svg").first
    expect(page.locator(".chart .past")).to_have_count(6)
    visitor.part("measure-conflict").click()
    expect(page.locator(".chart .past")).to_have_count(2)
    visitor.part("as-values").click()
    rows = visitor.part("year-table").locator("tbody tr")
    expect(rows).to_have_count(10)
    for row, week in ((0, 0), (4, 16), (9, 36)):
        day = record.calendar.last_day(week) if week else 0
        score = 1 + 4 * record.children["conflict"][day, 3]
        expect(rows.nth(row).locator("th, td")).to_contain_text([str(week), f"{score:.2f}"])
    visitor.part("as-lines").click()
    box = chart.bounding_box()
    chart.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(visitor.part("now")).not_to_have_text("week 0 of 36")


def test_all_children_beside_each_other(visit: Visit) -> None:
    visitor = visit("?view=trajectories&arm=without")
    page, record = visitor.page, simulate(pair_of(Choices()).without)
    minis = page.locator(".mini")
    expect(minis).to_have_count(25)
    visitor.part("order").select_option("conflict")
    fiercest = int(record.children["conflict"][-1].argmax())
    expect(minis.first).to_have_attribute("data-child", str(fiercest))
    minis.nth(5).click()
    chosen = minis.nth(5).get_attribute("data-child")
    expect(visitor.part("child")).to_have_value(chosen)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(visitor.part("child")).to_have_value(minis.nth(6).get_attribute("data-child"))
    expect(visitor.part("now")).to_have_text("week 0 of 36")
    frame = page.locator(".lines-of-all").evaluate("e => [e.scrollHeight, e.clientHeight]")
    assert frame[0] <= frame[1], "25 children need no scrolling"


@pytest.mark.parametrize("view", ["story", "trajectories"])
def test_a_changed_year_stands_beside_the_one_before_the_change(visit: Visit, view: str) -> None:
    visitor = visit(f"?scenario=samen-spel&view={view}")
    visitor.page.keyboard.press("End")
    lines = visitor.page.locator(f"#view .{view}-view .charts .past.conflict")
    expect(lines).to_have_count(2)
    shadows = visitor.page.locator(f"#view .{view}-view .charts .before.conflict")
    expect(shadows).to_have_count(0)
    standing = [line.get_attribute("d") for line in lines.all()]
    visitor.page.wait_for_timeout(1600)
    support = visitor.part("emotional_support")
    for level in ("0.7", "0.8", "0.9"):
        support.fill(level)
    expect(shadows).to_have_count(2)
    expect(lines.first).not_to_have_attribute("d", standing[0])
    expect(visitor.page.locator(f".{view}-view .charts figcaption").first).to_contain_text("pale: before")
    assert [line.get_attribute("d") for line in shadows.all()] == standing, "not one that the slider passed on its way"
    visitor.page.get_by_role("button", name="Start over").click()
    expect(shadows).to_have_count(0)
    expect(lines.first).to_have_attribute("d", standing[0])
    expect(shadows).to_have_count(0)
