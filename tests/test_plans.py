"""The plans that come with the program: each can be run, and answers what it asks."""

from __future__ import annotations

import tomllib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.files.toml import as_toml
from sim.parameters import PARAMETERS
from sim.scenario import load
from sim.sweeps.design import MorrisDesign, SobolDesign
from sim.sweeps.plan import load_plan, plans
from sim.sweeps.results import Results, open_results
from sim.sweeps.sensitivity import analyse
from sim.sweeps.sweep import on_threads, prepare, run

NAMES = sorted(plans())
EVERY_PLAN = pytest.mark.parametrize("name", NAMES)
SMALL = {"samples": 2, "trajectories": 2}


def miniature(name: str, folder: Path, most: int = 2, **changes: Any) -> Results:
    """Results of a plan with few values of each key, two classes a cell, and classes of a few weeks."""
    data = tomllib.loads(plans()[name].read_text(encoding="utf-8"))
    plan, _folder = load_plan(name)
    for section in ("uncertainties", "levers"):
        factors = {key: factor.model_dump(exclude_unset=True) for key, factor in getattr(plan, section).items()}
        for factor in factors.values():
            if "values" in factor:
                factor["values"] = [factor["values"][0], *factor["values"][-1:]][: min(most, len(factor["values"]))]
        data[section] = factors
    data["design"] |= {key: value for key, value in SMALL.items() if key in data["design"]}
    school = load(plan.scenario).model_dump(mode="json", by_alias=True)
    weeks = max([3, *(choice["start_week"] for choice in school["interventions"])])
    school |= {"holidays": [], "weeks": weeks} if not school["interventions"] else {}
    (folder / "school.toml").write_text(as_toml(school), encoding="utf-8")
    data |= {"scenario": "school.toml", "replications": 2, **changes}
    (folder / "plan.toml").write_text(as_toml(data), encoding="utf-8")
    run(prepare(folder / "plan.toml"), folder / "results", partial(on_threads, workers=1))
    return open_results(folder / "results")


def test_there_are_at_least_four() -> None:
    assert len(NAMES) >= 4


@EVERY_PLAN
def test_a_plan_is_right_and_takes_minutes(name: str) -> None:
    sweep = prepare(name)
    assert 20_000 <= sweep.class_years <= 200_000


@EVERY_PLAN
def test_a_plan_speaks_two_languages(name: str) -> None:
    plan, _folder = load_plan(name)
    for language in ("en", "nl"):
        assert len(plan.titled(language)) < 80
        assert len(plan.told(language)) > 200
    assert plan.titled("nl") != plan.titled("en")
    assert plan.told("nl") != plan.told("en")


@EVERY_PLAN
def test_a_plan_names_the_columns_that_it_has(name: str) -> None:
    plan, _folder = load_plan(name)
    columns = {column.name for column in plan.recording.columns}
    for language in ("en", "nl"):
        quoted = [part for part in plan.told(language).split("`")[1::2] if "_" in part]
        for column in quoted:
            assert any(other.startswith(column.rstrip("…")) for other in columns) or column.startswith("…"), column


@EVERY_PLAN
def test_parameters_vary_around_the_values_of_today(name: str) -> None:
    """After a calibration, ranges that have been left behind are found here."""
    plan, _folder = load_plan(name)
    for key, factor in plan.uncertainties.items():
        if key.startswith("parameters."):
            parameter, (low, high) = PARAMETERS[key.removeprefix("parameters.")], (factor.low, factor.high)
            assert parameter.low <= low < high <= parameter.high, key
            assert (low + high) / 2 == pytest.approx(parameter.value, rel=0.1), key


@EVERY_PLAN
def test_a_miniature_of_a_plan_runs(name: str, tmp_path: Path) -> None:
    results = miniature(name, tmp_path)
    assert results.complete
    assert results.errors().empty
    table = results.table()
    assert len(table) == 2 * len(results.design)
    assert np.isfinite(table[list(results.outcomes)].to_numpy()).all()
    assert (table[list(results.outcomes)].nunique() > 1).any()


@pytest.mark.parametrize(
    "name", [name for name in NAMES if isinstance(load_plan(name)[0].design, SobolDesign | MorrisDesign)]
)
def test_a_miniature_of_a_plan_can_be_analysed(name: str, tmp_path: Path) -> None:
    found = analyse(miniature(name, tmp_path))
    assert set(found.indices["outcome"]) == set(found.floors["outcome"])
    assert set(found.indices["factor"]) == set(load_plan(name)[0].uncertainties)


@pytest.mark.parametrize("name", [name for name in NAMES if "interventions.0.fidelity" in load_plan(name)[0].levers])
def test_fidelity_nought_is_the_class_without_for_the_same_child(name: str, tmp_path: Path) -> None:
    results = miniature(name, tmp_path)
    for cell in results.design[results.design["interventions.0.fidelity"] == 0.0]["cell"]:
        pair = results.replay(int(cell), 0)
        assert pair.without.children.tobytes() == pair.with_.children.tobytes()
        assert pair.with_.chosen[0]
