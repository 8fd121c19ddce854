"""A class several ways side by side: the columns, how they are ranked, and what is shown while they change."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from browser.conftest import Visitor
from playwright.sync_api import expect

from sim.dashboard.answers import crowd, ranking
from sim.dashboard.choices import PAGE, TEACHERS, Choices, Pair, followed, pair_of, scenarios
from sim.dashboard.columns import columns_of, keys_of_columns, scenario_of
from sim.dashboard.desk import Question, Refused
from sim.dashboard.picture import Shelf
from sim.run import simulate
from sim.scenario import Scenario, load
from sim.state import to_item_mean
from sim.year.pairs import children_compared, fan, pairs

Visit = Callable[..., Visitor]

MARTIJN, BRAM = 14, 1
THREE = "page,page:samen-spel,page:llinc"


@cache
def column(named: str) -> Scenario:
    """A column of the story that is open first."""
    return scenario_of(tuple(named.split(":")), Choices(), MARTIJN)


def until_done(visitor: Visitor) -> None:
    """Wait until all classes are there."""
    expect(visitor.part("side-count")).to_have_text(re.compile(rf"^[^…]*\b{crowd.PAIRS}\b[^…]*$"), timeout=90_000)


def test_columns_with_what_the_page_has_are_its_classes() -> None:
    for name in scenarios():
        choices = Choices(scenario=name)
        child = followed(choices) or 0
        first, second, *_ = columns_of(choices)
        left, right = pair_of(choices)
        assert first == (PAGE,)
        if right is not None and right.model_copy(update={"interventions": ()}) == left and name != "one-bad-week":
            assert scenario_of(first, choices, child) == left, name
            here = (PAGE, *(choice.name for choice in right.interventions))
            assert scenario_of(here, choices, child) == right, name
            if len(here) == 2:
                assert second == here, name
    other = Choices(number=3, pokes=(("kind-day", BRAM, 4),), aggression=((BRAM, 4.5),), start_week=9)
    assert scenario_of((PAGE, "samen-spel"), other, MARTIJN) == pair_of(other).with_


def test_what_differs_between_columns_is_what_they_say() -> None:
    (page,) = column("page:samen-spel").interventions
    (added,) = column("page:llinc").interventions
    assert (added.name, added.target, added.start_week) == ("llinc", page.target, page.start_week)
    assert scenario_of((PAGE, "llinc"), Choices(child=BRAM), BRAM) == column("page:llinc"), "whoever is followed"
    for kind, scenario in TEACHERS.items():
        known = load(scenario).teacher
        assert column(kind).teacher.emotional_support == known.emotional_support
        assert column(kind).teacher.self_efficacy == known.self_efficacy
        assert column(kind).model_copy(update={"teacher": column("page").teacher}) == column("page")
    bad_week = scenario_of((PAGE, "llinc"), Choices(scenario="one-bad-week"), 15)
    assert [choice.name for choice in bad_week.interventions] == ["llinc", "bad-week"], "it happens in all columns"
    nobody = [scenario_of((PAGE, "llinc"), Choices(scenario="ordinary-class"), child) for child in (2, 5)]
    assert nobody[0].interventions != nobody[1].interventions, "where the page has none, it is for whoever is followed"


def test_classes_side_by_side_are_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    few = 12
    monkeypatch.setattr(ranking, "PAIRS", few)
    choices = Choices(scenario="samen-spel", columns=((PAGE,), (PAGE, "samen-spel"), (PAGE, "llinc")))
    columns = [scenario_of(one, choices, 0) for one in choices.columns or ()]
    question = Question(Pair(columns[0], None), choices, 0, Shelf(), {}, lambda _: None)
    *_, item = ranking.answer(question)
    assert (item["count"], item["about"], item["keys"]) == (few, "chosen", keys_of_columns(choices, 0))
    for place, other in ((1, columns[1]), (2, columns[2])):
        found = pairs(columns[0], other, range(few))
        for measure, told in item["measures"].items():
            one = fan(found, children_compared(found, other, 0), measure)
            np.testing.assert_allclose(told["pairs"][f"0-{place}"]["mean"], one.mean, atol=1e-4)
            assert told["pairs"][f"0-{place}"]["lower"] == one.visible(-1).tolist()
    alone = Choices(columns=((PAGE,),))
    with pytest.raises(Refused, match="Add a column"):
        next(iter(ranking.answer(Question(pair_of(alone), alone, MARTIJN, Shelf(), {}, lambda _: None))))


def test_the_ranking_says_what_the_classes_are(visit: Visit) -> None:
    visitor = visit(f"?view=side&week=20&columns={THREE}")
    until_done(visitor)
    found = {
        name: pairs(column("page"), column(f"page:{name}"), range(crowd.PAIRS)) for name in ("samen-spel", "llinc")
    }
    ranked = visitor.part("ranking").inner_text()
    for place, (name, those) in enumerate(found.items(), start=1):
        one = fan(those, children_compared(those, column(f"page:{name}"), MARTIJN), "aggression")
        mean = one.mean[20]
        assert mean < 0
        apart = visitor.part(f"apart-{place}")
        expect(apart).to_contain_text(f"−{-mean:.2f}")
        expect(apart).to_contain_text("Visible difference." if round(-mean, 2) >= 0.25 else "Small difference.")
        expect(apart).to_contain_text(f"Visibly lower in {one.visible(-1)[20]} of {crowd.PAIRS} classes")
        assert f"{-mean:.2f} lower" in ranked
        year = simulate(column(f"page:{name}"))
        score = to_item_mean(year.children["conflict"][year.calendar.last_day(20), MARTIJN])
        expect(visitor.part(f"figures-{place}").locator("tr.conflict td").first).to_have_text(f"{score:.2f}")
    means = [those.right[:, 20, 2, MARTIJN].mean() for those in found.values()]
    assert abs(means[0] - means[1]) < 0.25
    assert "The lowest cannot be told apart: “Samen-Spel” and “LLInC”." in ranked
    visitor.page.keyboard.press("Home")
    expect(visitor.part("ranking")).to_contain_text("press Play")
    visitor.page.keyboard.press("ArrowRight")
    expect(visitor.part("ranking")).to_have_text("Week 1 of 36. On average all columns are the same.")
    visitor.page.keyboard.press("End")
    expect(visitor.part("ranking")).to_contain_text("None of the columns can be told apart")


def test_columns_are_changed_kept_and_undone(visit: Visit) -> None:
    visitor = visit(f"?view=side&week=20&columns={THREE}")
    page, columns = visitor.page, visitor.part("column")
    expect(visitor.part("figures-2")).to_be_visible()
    before = visitor.part("figures-2").inner_text()
    visitor.part("change-2").focus()
    page.keyboard.press("Enter")
    visitor.part("teacher-2").select_option("worn_out")
    expect(columns.nth(2).locator("h2")).to_have_text("3LLInC, a worn-out teacher")
    expect(visitor.part("figures-2")).not_to_have_text(before)
    visitor.part("samen-spel-2").check()
    expect(page).to_have_url(re.compile("columns=page,page:samen-spel,worn_out:samen-spel:llinc$"))
    page.keyboard.press("Escape")
    expect(visitor.part("samen-spel-2")).to_have_count(0)
    visitor.part("add-column").click()
    expect(columns).to_have_count(4)
    expect(visitor.part("add-column")).to_be_disabled()
    four = re.compile(r"columns=([^,&]+,){3}[^,&]+$")
    expect(page).to_have_url(four)  # What is chosen while the server answers is one step with it.
    visitor.part("remove-3").click()
    expect(columns).to_have_count(3)
    expect(page).not_to_have_url(four)
    visitor.reload()
    expect(columns.nth(2).locator("h2")).to_have_text("3Samen-Spel and LLInC, a worn-out teacher")
    page.go_back()
    expect(columns).to_have_count(4)
    visitor.part("columns-again").click()
    expect(page).not_to_have_url(re.compile("columns="))
    expect(columns).to_have_count(4)
    expect(columns.nth(3).locator("h2")).to_have_text("4Samen-Spel and LLInC")


def test_never_the_wrong_child(visit: Visit) -> None:
    visitor = visit("?view=side&interventions=&week=20&child=2&columns=page,page:samen-spel")
    until_done(visitor)
    names = visitor.part("child").locator("option").all_inner_texts()
    visitor.page.evaluate(
        """() => {
          window.seen = []
          const text = name => document.querySelector(`[data-test='${name}']`)?.innerText ?? ""
          const look = () => seen.push([
            document.querySelector("[data-test='child']").value, text("ranking"), text("apart-1"),
            document.querySelector(".side-told")?.innerText ?? "", text("side-table")])
          new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
        }"""
    )
    old = visitor.part("apart-1").inner_text()
    visitor.part("child").select_option("5")
    expect(visitor.part("ranking")).to_contain_text(names[5])
    until_done(visitor)
    seen = visitor.page.evaluate("seen")
    after = [told for child, *told in seen if child == "5"]
    assert len(after) > 2
    assert not [told for told in after if names[2] in told[0] + told[2] or told[1] == old]


def test_three_columns_fit_and_four_stand_below_each_other(visit: Visit) -> None:
    visitor = visit(f"?view=side&week=20&columns={THREE}", locale="nl-BE")
    until_done(visitor)
    page = visitor.page
    heights = page.evaluate(
        """() => [...document.querySelectorAll('html, .side-view, .column')]
          .map(one => one.scrollHeight - one.clientHeight)"""
    )
    assert heights == [0] * 5
    assert "{" not in visitor.part("side").inner_text()
    expect(visitor.part("ranking")).to_contain_text("Vergeleken met ‘geen programma’")
    rows = visitor.part("side-table").locator("tbody tr")
    assert rows.nth(5).inner_text().split() == [
        "20", *(visitor.part(f"figures-{place}").locator("tr.shown td").first.inner_text() for place in range(3))
    ]  # fmt: skip
    with page.expect_download() as saved:
        visitor.part("save-year-2-svg").click()
    assert saved.value.suggested_filename == "spiraal-year-2.svg"
    page.set_viewport_size({"width": 390, "height": 844})
    tops = page.evaluate(
        "() => ['.column-map', '.side-told'].map(one => document.querySelector(one).getBoundingClientRect().top)"
    )
    assert tops[0] < 400
    assert tops[1] > tops[0], "a picture first"
