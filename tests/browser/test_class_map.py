"""The class map as a sociogram: the page shows what classmates say in the simulated year, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from browser.conftest import Visitor
from playwright.sync_api import expect

from sim.dashboard.choices import Choices, pair_of
from sim.files.language import Language, use
from sim.peers import nominations, status
from sim.record import Record
from sim.run import simulate
from sim.year.network import network_in_words

Visit = Callable[..., Visitor]
WEEK = 12
SEED = 3
"""Of an ordinary class in which a child is named by nobody in week 12, nor long before and after."""

READ_MATRIX = """() => [...document.querySelectorAll('.like-matrix tbody tr')].map(row =>
  [...row.querySelectorAll('th, td:not(.sum)')].map(cell => [cell.className, cell.innerText.trim().slice(0, 1)]))"""


@cache
def record() -> Record:
    """The ordinary class that the page shows."""
    pair = pair_of(Choices(scenario="ordinary-class", seed=SEED))
    return simulate(pair.with_ or pair.without)


def on_the_evening(week: int) -> np.ndarray:
    """How much everyone likes everyone at the end of a week."""
    return record().liking[record().calendar.last_day(week) if week else 0]


def open_map(visit: Visit, more: str = "") -> Visitor:
    visitor = visit(f"?scenario=ordinary-class&seed={SEED}&view=map&week={WEEK}&arrows=class{more}")
    visitor.part("alone").wait_for()
    return visitor


def test_the_matrix_and_the_places_are_those_of_the_model(visit: Visit) -> None:
    visitor = open_map(visit)
    page, names = visitor.page, record().names
    liking = on_the_evening(WEEK)
    likes, dislikes = nominations(liking)
    order = sorted(range(len(names)), key=names.__getitem__)
    cells = page.evaluate(READ_MATRIX)
    for row, who in enumerate(order):
        for column, whom in enumerate(order):
            kind, sign = cells[row][column + 1]
            assert sign == ("+" if likes[who, whom] else "−" if dislikes[who, whom] else ""), (names[who], names[whom])
            assert ("mutual" in kind) == (likes[who, whom] and likes[whom, who])
    lonely = [names[child] for child in np.flatnonzero(likes.sum(axis=0) == 0)]
    assert lonely, "a class in which nobody is alone would test nothing"
    for name in lonely:
        expect(visitor.part("alone")).to_contain_text(name)
    expect(page.locator(".map .alone-mark")).to_have_count(len(lonely) + 1)  # one in the key

    arrows, mutual = page.locator(".map .arrows path"), int((likes & likes.T).sum()) // 2
    expect(arrows).to_have_count(int(likes.sum()) - mutual)
    visitor.part("kind-like").uncheck()
    expect(arrows).to_have_count(mutual)

    visitor.part("tab-places").click()
    for child, place in enumerate(status(liking)):
        expect(visitor.part(f"place-{child}")).to_contain_text(place)
    visitor.part("order").select_option("liked")
    expect(page.locator(".place-table tbody td").first).to_have_text(str(likes.sum(axis=0).max()))


NUMBER = re.compile(r"\d+(?:[.,]\d)?")


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_network_is_told_as_in_the_model(visit: Visit, language: Language) -> None:
    """Word for word; the browser rounds halves up, Python to even."""
    visitor = open_map(visit, f"&language={language}")
    for week in (WEEK, 0):
        if not week:
            visitor.page.keyboard.press("Home")
        with use(language):
            expected = network_in_words(record(), record().calendar.last_day(week))
        words = (re.escape(part) for part in NUMBER.split(expected))
        expect(visitor.part("network")).to_have_text(re.compile(f"^{NUMBER.pattern.join(words)}$"))
        said, told = (
            [float(found.replace(",", ".")) for found in NUMBER.findall(text)]
            for text in (visitor.part("network").inner_text(), expected)
        )
        assert said == pytest.approx(told, rel=0, abs=0.1001)


def test_two_weeks_beside_each_other(visit: Visit) -> None:
    visitor = open_map(visit)
    visitor.part("tab-two_weeks").click()
    expect(visitor.page.locator(".map-frame")).to_have_count(2)
    for other in (0, 36):
        visitor.part("against").select_option(str(other))
        before, after = (nominations(on_the_evening(week))[0].sum(axis=0) for week in (other, WEEK))
        change = np.abs(after - before)
        listed = visitor.page.locator("[data-test='changed'] li")
        expect(listed).to_have_count(min(6, int(np.count_nonzero(change))))
        for line in listed.all_inner_texts():
            child = record().names.index(line.split(":")[0])
            assert f"by {before[child]}, now by {after[child]}" in line
            assert change[child] >= np.sort(change)[-6]


def test_the_map_by_keyboard(visit: Visit) -> None:
    visitor = open_map(visit, "&child=7")
    page, children = visitor.page, visitor.page.locator(".map .child")
    expect(page.locator(".map .child[tabindex='0']")).to_have_count(1)
    page.locator(".map .child[data-child='7']").focus()
    seen = {7}
    for _ in range(24):  # around the teacher, past everyone
        page.keyboard.press("ArrowRight")
        seen.add(int(page.evaluate("document.activeElement.dataset.child")))
    assert len(seen) == children.count()
    distance = "document.activeElement.transform.baseVal[0].matrix"
    page.keyboard.press("ArrowUp")
    near = page.evaluate(f"Math.hypot({distance}.e, {distance}.f)")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(f"Math.hypot({distance}.e, {distance}.f)") >= near
    assert page.locator(".child:focus-visible .reach").evaluate("e => getComputedStyle(e).strokeWidth") == "2.5px"
    reached = page.evaluate("document.activeElement.dataset.child")
    page.keyboard.press("Enter")
    expect(page.locator(".map .child[aria-pressed='true']")).to_have_attribute("data-child", reached)
    expect(visitor.part("now")).to_have_text(f"week {WEEK} of 36")
