"""Plans of several school years: the first is that of any plan, the others are those of `spiraal years`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sweeps import SCHOOL, content, spiraal, write_plan

from sim.scenario import Later, load, next_teacher
from sim.state import to_item_mean
from sim.studies.lasting import COMPARED, lasting
from sim.sweeps.chunk import CHILDREN, DATA, compute
from sim.sweeps.effects import analyse
from sim.sweeps.plan import PlanError
from sim.sweeps.results import Results, open_results
from sim.sweeps.sweep import on_threads, prepare, run

YEARS = {"count": 3, "again": [3]}
OUTCOMES = [
    {"variables": ["conflict"], "of": ["chosen", "others", "each"]},
    {"variables": ["teacher_emotional_support"], "days": ["start"], "years": [2, 3]},
]
LEVERS = {"years.teacher": {"values": ["same", "drawn", "0.9"]}, "interventions.0.fidelity": {"values": [0.0, 1.0]}}


def plan_of_years(folder: Path, **changes: Any) -> Path:
    """A plan of three school years of two weeks, in classes of six."""
    few = {"school": {"class": {"size": 6}}, "uncertainties": {}, "outcomes": OUTCOMES, "replications": 20}
    return write_plan(folder, **{"years": YEARS, "levers": LEVERS, **few, **changes})


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A plan of three school years, computed by one worker."""
    folder = tmp_path_factory.mktemp("years")
    run(prepare(plan_of_years(folder)), folder / "results", partial(on_threads, workers=1))
    return open_results(folder / "results")


def test_columns_say_of_which_year_they_are(results: Results) -> None:
    assert results.outcomes == (
        *(f"conflict_{of}_end_year_{year}" for of in ("chosen", "others") for year in (1, 2, 3)),
        "teacher_emotional_support_start_year_2",
        "teacher_emotional_support_start_year_3",
    )
    assert list(results.children())[-3:] == [f"conflict_end_year_{year}" for year in (1, 2, 3)]


def test_the_first_year_is_that_of_a_plan_without_years(results: Results, tmp_path: Path) -> None:
    levers = {"interventions.0.fidelity": LEVERS["interventions.0.fidelity"]}
    one = prepare(plan_of_years(tmp_path, years=None, levers=levers, outcomes=OUTCOMES[:1]))
    plain = compute(one.chunk(0))[DATA].to_pandas()
    first = results.table(cells=range(2))
    for of in ("chosen", "others"):
        assert first[f"conflict_{of}_end_year_1"].tolist() == plain[f"conflict_{of}_end"].tolist()[:40]


@pytest.mark.parametrize("teacher", LEVERS["years.teacher"]["values"])
def test_the_years_are_those_that_the_other_command_tells_of(results: Results, teacher: str) -> None:
    table = results.table()
    table = table[table["years.teacher"] == teacher]
    later = Later(next_teacher(str(teacher)), again=frozenset({3}))
    found = lasting(results.scenario(1, 0), 4, 3, later)
    for fidelity, told in ((0.0, found.without), (1.0, found.with_)):
        rows = table[(table["interventions.0.fidelity"] == fidelity) & (table["number"] < 4)]
        for year in (1, 2, 3):
            mine = to_item_mean(rows[f"conflict_chosen_end_year_{year}"].to_numpy())
            np.testing.assert_allclose(mine, told[:, year - 1, -1, COMPARED.index("conflict")], rtol=1e-12)


def test_the_next_teacher_is_the_one_that_the_lever_names(results: Results) -> None:
    table = results.table()
    support = "teacher_emotional_support_start_year_3"
    assert set(table.loc[table["years.teacher"] == "0.9", support]) == {0.9}
    assert table.loc[table["years.teacher"] == "drawn", support].nunique() == 20


def test_effects_of_the_next_teacher_begin_in_the_second_year(results: Results) -> None:
    found = analyse(results, levers=["years.teacher"]).table
    sizes = found.groupby("outcome")[["estimate", "spread"]].agg(lambda column: column.abs().max())
    assert (sizes.loc["conflict_others_end_year_1"] == 0.0).all()
    assert (sizes.loc["conflict_others_end_year_2"] > 0.0).all()
    per_child = analyse(results, levers=["interventions.0.fidelity"], by="chosen", children=True).table
    assert set(per_child["outcome"]) == {f"conflict_end_year_{year}" for year in (1, 2, 3)}


def test_two_workers_and_one_that_goes_on_write_the_same_bytes(results: Results, tmp_path: Path) -> None:
    sweep = prepare(results.folder.parent / "plan.toml")
    assert sweep.parts > 1
    run(sweep, tmp_path / "two", partial(on_threads, workers=2))
    assert content(tmp_path / "two") == content(results.folder)
    next((tmp_path / "two" / DATA).iterdir()).unlink()
    run(sweep, tmp_path / "two", partial(on_threads, workers=1))
    assert content(tmp_path / "two") == content(results.folder)


def test_the_command_says_whose_school_years_hold(tmp_path: Path) -> None:
    levers = {"interventions.0.fidelity": LEVERS["interventions.0.fidelity"]}
    school = {**SCHOOL, "class": {"size": 6}, "years": {"count": 2, "teacher": "same"}}
    few = {"levers": levers, "replications": 1, "outcomes": OUTCOMES[:1], "school": school}
    of_plan, of_none = ({"count": 3, "teacher": "0.9"}, None)

    def swept(name: str, **changes: Any) -> str:
        (tmp_path / name).mkdir()
        plan_of_years(tmp_path / name, **few, **changes)
        return " ".join(spiraal(tmp_path, "sweep", f"{name}/plan.toml", "--out", f"{name}/out").split())

    first = "Two weeks: this scenario has 2 school years; the first one is run here. `[years]` in the plan runs more."
    assert first in swept("none", years=of_none)
    assert "Two weeks: the school years are those of the plan, not those of this scenario." in swept(
        "plan", years=of_plan
    )
    assert "school years are" not in swept("same", years=school["years"])
    said = {name: " ".join(replayed(tmp_path / name).split()) for name in ("none", "plan")}
    assert "school years" not in said["none"]
    assert "Two weeks: this scenario has 3 school years; the first one is run here." in said["plan"]
    assert load(tmp_path / "none" / "again" / "scenario.toml").years is None
    years = load(tmp_path / "plan" / "again" / "scenario.toml").years
    assert years is not None
    assert (years.count, years.teacher) == (3, "0.9")


def replayed(folder: Path) -> str:
    """What the command says of a class of a sweep that it runs again."""
    said = spiraal(folder, "replay", "out", "--cell", 1, "--replication", 0, "--out", "again")
    assert "to the last bit" in said
    return said


def test_a_class_of_several_years_can_be_run_again(results: Results) -> None:
    assert results.manifest.plan["years"] == YEARS
    assert [results.differing(cell, 7) for cell in (0, 3, 5)] == [(), (), ()]
    first_year = results.replay(5, 7).with_
    row = results.table(cells=[5]).iloc[7]
    children = list(first_year.chosen[0])
    assert row["conflict_chosen_end_year_1"] == pytest.approx(first_year.children["conflict"][-1, children].mean())


def test_who_has_left_is_no_longer_told_of(tmp_path: Path) -> None:
    mixed = {"years": {"count": 3, "remixed": 0.5, "teacher": 0.3}, "levers": {}, "replications": 8}
    chunk = prepare(plan_of_years(tmp_path, **mixed)).chunk(0)
    tables = {kind: table.to_pandas() for kind, table in compute(chunk).items()}
    children, classes = tables[CHILDREN], tables[DATA]
    there = [children[f"conflict_end_year_{year}"].notna() for year in (1, 2, 3)]
    assert there[0].all()
    assert (there[1].groupby(children["number"]).sum() == 3).all()
    assert (there[2] <= there[1]).all() and there[2].sum() < there[1].sum()
    for year in (1, 2, 3):
        chosen = children[children["chosen"]].groupby("number")[f"conflict_end_year_{year}"].mean()
        expected = classes.set_index("number")[f"conflict_chosen_end_year_{year}"]
        pd.testing.assert_series_equal(chosen, expected, check_names=False, check_dtype=False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"years": {}}, "years.count: is missing"),
        ({"years": {"count": 9}}, "years.count: found 9; "),
        (
            {"years": {"count": 3, "teacher": "nobody"}},
            "years.teacher: found 'nobody'; allowed is drawn, alike, same, ",
        ),
        ({"years": {"count": 3, "again": [4]}}, "years.again: found 4; allowed is 2 to 3"),
        (
            {"years": {"count": 3, "teacher": "same", "remixed": 0.5}},
            "years.remixed: found 0.5; allowed is 0 where the",
        ),
        (
            {"years": {"count": 6}, "school": {"class": {"grade": 4}}},
            "years.count: found 6; allowed is 2 to 4, for chi",
        ),
        ({"years": None}, "outcomes.1.years: found 2, 3; the plan has no [years]"),
        ({"years": None, "outcomes": OUTCOMES[:1]}, "years.teacher: the plan has no [years]"),
        ({"years": {"count": 2}}, "outcomes.1.years: found 3; allowed is 1 to 2"),
        (
            {"levers": {"years.count": {"values": [2, 3]}}},
            "years.count: no such key; allowed are years.teacher, years.r",
        ),
        (
            {"levers": {"years.teacher": {"values": ["same", "nobody"]}}},
            "years.teacher: found 'nobody'; allowed is dra",
        ),
        (
            {"levers": {"years.again": {"values": ["never", "often"]}}},
            "years.again: found 'often'; allowed are school ",
        ),
        ({"levers": {"years.again": {"values": ["never", "2 4"]}}}, "years.again: found 4; allowed is 2 to 3"),
        (
            {"uncertainties": {"years.remixed": {"values": [0, 0.5]}}},
            "years.remixed: no such key here; keys here begin",
        ),
    ],
)
def test_what_cannot_be_asked_of_years_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    path = plan_of_years(tmp_path, **changes)
    with pytest.raises(PlanError) as caught:
        prepare(path)
    assert f"{path}: {said}" in str(caught.value)
