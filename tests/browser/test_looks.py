"""How a view shows what is in it is part of the link: a reload, and whoever is given the link, shows the same."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from browser.conftest import ROOT, Visitor
from playwright.sync_api import expect

from sim.dashboard.choices import LOOKS, Choices

Visit = Callable[..., Visitor]

PRESSED = {
    "side-measure": ("?view=side&week=20", "measure-closeness", "measure=closeness"),
    "side-lines": ("?view=side&week=20", "shown-lines", "beside=lines"),
    "side-before-a-room": ("?mode=present&step=side&week=20", "shown-maps", "beside=maps"),
    "twins-measure": ("?view=twins&week=20", "measure-liked_by", "measure=liked_by"),
    "twins-worlds": ("?view=twins&week=20", "vary-worlds", "differ=worlds"),
    "trajectories-measure": ("?view=trajectories&week=20", "measure-conflict", "measure=conflict"),
    "trajectories-table": ("?view=trajectories&week=20", "as-values", "table=True"),
    "grid": ("?view=grid&week=20", "period-last", "recent=True"),
    "loop": ("?scenario=samen-spel&week=20", "column-loop", "told=loop"),
    "loop-everything": ("?scenario=samen-spel&week=20&told=loop", "loop-everything", "loop=everything"),
    "loop-measure": ("?scenario=samen-spel&week=20&told=loop", "loop-aggression", "measure=aggression"),
}
"""Where it is chosen, by which button, and what the link then has."""


def is_pressed(visitor: Visitor, button: str) -> None:
    """Wait until a button is the one that is chosen."""
    found = visitor.part(button)
    visitor.page.locator("main, .room").first.wait_for()
    if button == "column-loop":  # the loop has the whole page
        expect(visitor.part("loop")).to_be_visible()
    else:
        expect(found).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(("query", "button", "written"), PRESSED.values(), ids=PRESSED)
def test_a_reload_shows_the_same(visit: Visit, query: str, button: str, written: str) -> None:
    visitor = visit(query)
    visitor.part(button).click()
    is_pressed(visitor, button)
    expect(visitor.page).to_have_url(re.compile(f"[?&]{written}(&|$)"))
    visitor.reload()
    is_pressed(visitor, button)


def test_lists_and_tables_keep_their_order(visit: Visit) -> None:
    visitor = visit("?view=trajectories&week=20")
    visitor.part("mean").uncheck()
    visitor.part("order").select_option("difference")
    expect(visitor.page).to_have_url(re.compile("mean=False&order=difference"))
    visitor.reload()
    expect(visitor.part("order")).to_have_value("difference")
    expect(visitor.part("mean")).not_to_be_checked()
    visitor.part("view-data").click()
    visitor.part("sort-conflict-with").click()
    expect(visitor.page).to_have_url(re.compile("sort=-conflict-with"))
    rows = [row.inner_text() for row in visitor.part("children").locator("tbody th").all()]
    visitor.reload()
    expect(visitor.part("children").locator("[aria-sort='descending']")).to_have_count(1)
    expect(visitor.part("children").locator("tbody th")).to_have_text(rows)


def test_a_step_of_the_loop_is_in_the_link(visit: Visit) -> None:
    visitor = visit("?scenario=samen-spel&week=20&told=loop")
    visitor.part("step-next").click()
    visitor.part("step-next").click()
    expect(visitor.page).to_have_url(re.compile("station=answers"))
    visitor.reload()
    expect(visitor.part("step-answers")).to_have_attribute("aria-current", "step")
    visitor.part("loop-close").click()
    expect(visitor.page).to_have_url(re.compile("told=year"))
    expect(visitor.part("loop")).to_have_count(0)


def test_one_measure_is_looked_at_in_all_views_until_another_story_is_told(visit: Visit) -> None:
    visitor = visit("?view=side&week=20")
    visitor.part("measure-closeness").click()
    expect(visitor.page).to_have_url(re.compile("measure=closeness"))
    for view in ("twins", "trajectories"):
        visitor.part(f"view-{view}").click()
        is_pressed(visitor, "measure-closeness")
    visitor.part("measure-all").click()
    expect(visitor.page).not_to_have_url(re.compile("measure="))
    visitor.part("measure-aggression").click()
    expect(visitor.page).to_have_url(re.compile("measure=aggression"))
    visitor.page.locator("button.reset").click()
    expect(visitor.page).not_to_have_url(re.compile("week="))
    expect(visitor.page).to_have_url(re.compile("measure=aggression"))
    visitor.part("scenario").select_option("llinc")
    expect(visitor.page).to_have_url(re.compile("scenario=llinc"))
    expect(visitor.page).not_to_have_url(re.compile("measure="))


def test_every_key_of_a_link_is_written_down() -> None:
    text = (ROOT / "docs" / "dashboard.md").read_text(encoding="utf-8")
    keys = set(re.findall("`([a-z_]+)`", "".join(re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE))))
    of_the_map = {"x_from", "x_to", "y_from", "y_to", "cells", "classes", "vary", "whose", "shown"}
    assert set(Choices.model_fields) - keys == of_the_map
    assert set(LOOKS) < keys
