"""Several school years side by side: what is said of each June, and what a next teacher changes of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from browser.conftest import Visitor
from playwright.sync_api import expect

from sim.dashboard.answers import years
from sim.dashboard.choices import Choices, SchoolYears, followed, pair_of
from sim.year.pairs import COMPARED, children_compared

Visit = Callable[..., Visitor]

READ = """() => {
  const of = part => document.querySelector(`[data-test='${part}']`)
  return {
    figures: [...of("left-over").querySelectorAll(".big-figure")].map(one => one.innerText),
    said: of("left-over").innerText,
    rows: [...of("years-table").tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent)),
    summers: document.querySelectorAll("[data-test='summer']").length,
  }
}"""


def until_done(visitor: Visitor) -> None:
    """Wait until all pairs are there."""
    expect(visitor.part("left-over")).to_have_attribute("aria-busy", "false", timeout=60_000)


def as_number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", "."))


def test_what_is_left_in_each_june(visit: Visit) -> None:
    visitor = visit("?view=years&scenario=irritated-teacher&outcome=conflict")
    until_done(visitor)
    read = visitor.page.evaluate(READ)
    choices = Choices(scenario="irritated-teacher")
    left, right = pair_of(choices)
    assert right is not None
    found = years.followed(left, right, SchoolYears(), range(years.PAIRS))
    weights = children_compared(found, right, followed(choices) or 0)[0]
    without, with_ = (
        (side[:, :, COMPARED.index("conflict")] @ weights).reshape(years.PAIRS, 3, right.weeks + 1).mean(axis=0)
        for side in (found.left, found.right)
    )
    differences = np.round(with_[:, -1], 2) - np.round(without[:, -1], 2)
    assert [as_number(figure) for figure in read["figures"]] == pytest.approx(list(differences), abs=0.0102)
    assert differences.max() < -0.05
    assert read["said"].count("Year ") == 3 and read["said"].count("another teacher") == 2 == read["summers"]
    assert [row[0] for row in read["rows"][:8]][::7] == ["year 1, week 0", "year 2, week 0"]
    ends = [row for row in read["rows"] if row[0].endswith(f"week {right.weeks}")]
    assert [[float(row[1]), float(row[3])] for row in ends] == [
        pytest.approx(pair, abs=0.0052) for pair in zip(without[:, -1], with_[:, -1], strict=True)
    ]


def test_the_next_teacher_is_chosen_by_keyboard_and_kept_in_the_link(visit: Visit) -> None:
    visitor = visit("?view=years&scenario=irritated-teacher&years=2", locale="nl-BE")
    until_done(visitor)
    before = visitor.page.evaluate(READ)
    visitor.part("next-teacher").select_option("same")
    expect(visitor.part("left-over")).to_contain_text("Jaar 2, dezelfde leerkracht")
    visitor.part("again").focus()
    visitor.page.keyboard.press("Space")
    expect(visitor.part("again")).to_have_attribute("aria-checked", "true")
    expect(visitor.page).to_have_url(re.compile("next_teacher=same.*again=True"))
    until_done(visitor)
    after = visitor.page.evaluate(READ)
    assert before["figures"][0] == after["figures"][0] and before["figures"][1] != after["figures"][1]
    visitor.reload()
    until_done(visitor)
    assert visitor.page.evaluate(READ) == after
    assert "{" not in visitor.part("years-view").inner_text()
    with visitor.page.expect_download() as saved:
        visitor.part("years-view").get_by_role("button", name="SVG").click()
    assert "zomer" in saved.value.path().read_text(encoding="utf-8")


def test_one_class_has_nothing_to_compare_with(visit: Visit) -> None:
    visitor = visit("?view=years&scenario=ordinary-class")
    expect(visitor.part("alone")).to_be_visible()
    visitor.page.locator(".what-if summary", has_text="More").click()
    visitor.part("samen-spel").click()
    until_done(visitor)
