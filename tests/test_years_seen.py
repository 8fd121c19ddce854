"""What the dashboard tells of several school years is what the study of them finds, with any next teacher."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strategies import small

from sim.dashboard.answers import years
from sim.dashboard.choices import OWN, Choices, Pair, SchoolYears, scenarios
from sim.dashboard.desk import Question, Refused
from sim.dashboard.factors import OUTCOMES
from sim.dashboard.picture import Shelf
from sim.dashboard.settings import SCENARIO
from sim.dashboard.situation import situation
from sim.scenario import Scenario
from sim.studies.lasting import lasting
from sim.year.pairs import COMPARED

WEEKS = 4
HIGHEST = {"name": "banking-time", "target": "highest conflict", "start_week": 2}


@cache
def scenario() -> Scenario:
    return small(weeks=WEEKS, interventions=(HIGHEST,))


def items(right: Scenario | None = None, choices: Choices | None = None, **details: Any) -> list[dict[str, Any]]:
    right = right or scenario()
    pair = Pair(right.changed(interventions=()), right)
    question = Question(pair, choices or Choices(), 0, Shelf(), details, lambda _: None)
    return [dict(item) for item in years.answer(question)]


@pytest.mark.parametrize(
    "wanted", [{}, {"next_teacher": "same", "years": 2}, {"next_teacher": "supportive"}, {"again": True}]
)
def test_it_is_what_the_study_finds(wanted: dict[str, Any]) -> None:
    asked = SchoolYears.model_validate(wanted)
    study = lasting(scenario(), years.PAIRS, asked.years, years.later_of(scenario(), scenario(), asked))
    *growing, told = items(**wanted)
    assert [item["count"] for item in growing] == sorted({item["count"] for item in growing})
    assert (told["count"], told["of"], told["about"]) == (years.PAIRS, years.PAIRS, "chosen")
    for measure in OUTCOMES:
        mine = told["measures"][measure]
        for arm, theirs in (("without", study.without), ("with", study.with_)):
            scores = theirs[..., COMPARED.index(measure)].reshape(years.PAIRS, -1)
            np.testing.assert_allclose(mine[arm]["mean"], scores.mean(axis=0), atol=6e-5)
            np.testing.assert_allclose(mine[arm]["low"], np.quantile(scores, 0.05, axis=0), atol=6e-5)
            np.testing.assert_allclose(mine[arm]["high"], np.quantile(scores, 0.95, axis=0), atol=6e-5)
        rows = study.table[study.table["measure"] == measure]
        visibly = np.array([[end["lower"], end["higher"]] for end in mine["ends"]]) / years.PAIRS
        np.testing.assert_allclose(visibly.sum(axis=1), rows["better"] + rows["worse"], atol=1e-9)


def test_next_teachers_change_the_later_years_alone() -> None:
    drawn, same = (
        np.array(items(next_teacher=word)[-1]["measures"]["conflict"]["with"]["mean"]) for word in ("drawn", "same")
    )
    np.testing.assert_array_equal(drawn[: WEEKS + 1], same[: WEEKS + 1])
    assert np.abs(drawn - same)[WEEKS + 1 :].min() > 0.0


def test_nothing_of_a_visitors_own_class_is_kept() -> None:
    right = scenario().changed(seed=4321)
    before = years.years_of.cache_info()
    items(right, Choices(scenario=OWN), years=2)
    assert years.years_of.cache_info() == before
    items(right, years=2)
    assert years.years_of.cache_info().misses == before.misses + 1, "that of another class is"


def test_what_cannot_be_followed_is_refused() -> None:
    old = scenario().changed(**{"class.age": 11.5})
    assert items(old, years=2)[-1]["years"] == 2
    with pytest.raises(Refused, match="at most 2 school years"):
        items(old, years=3)
    for details in ({"years": 9}, {"next_teacher": "the cook"}, {"again": "perhaps"}):
        with pytest.raises(Refused, match="cannot be followed"):
            items(**details)
    question = Question(Pair(scenario(), None), Choices(), 0, Shelf(), {}, lambda _: None)
    with pytest.raises(Refused, match="Switch on an intervention"):
        next(years.answer(question))


def test_a_link_keeps_the_years() -> None:
    choices = Choices(view="years", years=4, next_teacher="same", again=True, outcome="closeness")
    assert Choices.from_link(choices.link()[1:], "en") == (choices, ())
    assert Choices.from_link("years=9&next_teacher=cook&again=perhaps", "en") == (
        Choices(),
        ("again", "next_teacher", "years"),
    )


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("count = 2", (2, "drawn", False, True)),
        ("count = 6\nteacher = 0.9\nagain = 2", (6, "supportive", True, True)),
        ("count = 3\nteacher = 0.65\nagain = [2, 3]", (3, "0.65", True, False)),
        ("count = 3\nteacher = 'same'\nagain = { banking-time = [3] }", (3, "same", False, False)),
        ("count = 3\nremixed = 0.5", (3, "drawn", False, False)),
    ],
)
def test_the_school_years_of_a_scenario_are_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, wanted: tuple[int, str, bool, bool]
) -> None:
    file = tmp_path / "years.toml"
    file.write_text(
        f'weeks = 2\n[[interventions]]\nname = "banking-time"\ntarget = "highest conflict"\n[years]\n{said}\n'
    )
    monkeypatch.setenv(SCENARIO, str(file))
    scenarios.cache_clear()
    try:
        served = scenarios()["served"]
        found = situation(Choices(scenario="served"), Pair(served, None), 0)
        chosen = Choices(scenario="served", again=False, next_teacher="0.90")
        assert situation(chosen, Pair(served, None), 0)["chosen"] == {
            **found["chosen"], "again": False, "next_teacher": "supportive"
        }  # fmt: skip
    finally:
        scenarios.cache_clear()
    assert "years" not in found["chosen"]
    keys = ("years", "next_teacher", "again", "all_years_said")
    assert tuple(found["in_force"][key] for key in keys) == wanted
