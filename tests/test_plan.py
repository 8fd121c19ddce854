"""Plans: what they may say, what they may not, and which cells they make."""

from __future__ import annotations

from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import small
from sweeps import PLAN, write_plan

from sim.parameters import PARAMETERS
from sim.scenario import parse
from sim.sweeps.aggregates import Column
from sim.sweeps.plan import PlanError, cells, load_plan, plans
from sim.sweeps.results import open_results
from sim.sweeps.sweep import on_threads, prepare, run


def problems(folder: Path, **changes: Any) -> list[str]:
    """What is said about a plan with some keys changed; every line names the file."""
    path = write_plan(folder, **changes)
    with pytest.raises(PlanError) as caught:
        prepare(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines), lines
    return [line.removeprefix(f"{path}: ") for line in lines]


# --- What a plan may say -----------------------------------------------------------------------------


def test_a_plan_is_a_question_with_cells(tmp_path: Path) -> None:
    sweep = prepare(write_plan(tmp_path))
    assert sweep.scenario.seed == 5
    assert sweep.scenario.title == "Two weeks"
    assert sweep.class_years == 8 * 3
    assert list(sweep.design) == [
        "cell",
        "point",
        "class.size",
        "parameters.negativity",
        "interventions.0.fidelity",
    ]
    assert sweep.design["cell"].tolist() == list(range(8))
    assert sweep.design["point"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    found = list(sweep.design.iloc[:, 2:].itertuples(index=False, name=None))
    assert found == list(product([4, 5], [1.0, 1.4], [0.0, 1.0]))


def test_keys_with_and_without_quotes_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'title = "x"\nscenario = "samen-spel"\nreplications = 1\ndesign.kind = "grid"\n'
        "[uncertainties]\nclass.size = { values = [4] }\n[levers]\ninterventions.0.start_week = { values = [1] }\n"
        '[[outcomes]]\nvariables = ["teacher_stress"]\n',
        encoding="utf-8",
    )
    plan, _ = load_plan(tmp_path / "a.toml")
    assert list(plan.uncertainties) == ["class.size"]
    assert list(plan.levers) == ["interventions.0.start_week"]


def test_columns_are_named_after_variable_statistic_and_day(tmp_path: Path) -> None:
    outcomes = [
        {"variables": ["conflict"], "days": ["trimester 1", 60], "of": ["p90", "share > 0.50", "each"]},
        {"variables": ["teacher_stress", "closeness"], "days": ["end"], "of": ["sd"]},
        {"variables": ["network_turnover", "share_rejected"], "days": ["start", 5]},
    ]
    recording = prepare(write_plan(tmp_path, school={"weeks": 12}, outcomes=outcomes)).plan.recording
    assert [column.name for column in recording.columns] == [
        "conflict_p90_trimester_1",
        "conflict_p90_day_60",
        "conflict_share_above_0.5_trimester_1",
        "conflict_share_above_0.5_day_60",
        "closeness_sd_end",
        "teacher_stress_end",
        "network_turnover_start",
        "network_turnover_day_5",
        "share_rejected_start",
        "share_rejected_day_5",
    ]
    assert recording.each == (Column("conflict", "", "trimester 1"), Column("conflict", "", 60))


@pytest.mark.parametrize("name", plans())
def test_shipped_plans_are_right(name: str) -> None:
    sweep = prepare(name)
    assert sweep.plan.title and sweep.plan.about
    assert 2 <= len(sweep.design) <= 20_000
    assert sweep.class_years <= 200_000


# --- What it may not say -----------------------------------------------------------------------------

RANGE = {"low": 0.0, "high": 1.0}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"titel": "x"}, "titel: unknown key"),
        ({"title": None}, "title: is missing"),
        ({"replications": 0}, "replications: found 0; "),
        ({"scenario": "nowhere.toml"}, "scenario: found 'nowhere.toml'; allowed is "),
        ({"design": {"kind": "random"}}, "design.kind: found 'random'; allowed is one of grid, latin-hypercube, "),
        ({"design": {"samples": 4}}, "design.kind: is missing; allowed is one of grid, latin-hypercube, "),
        ({"design": {"kind": "sobol", "samples": 6}}, "design.samples: found 6; allowed is a power of 2"),
        ({"design": {"kind": "grid", "samples": 6}}, "design.samples: unknown key"),
        ({"uncertainties": {"class.size": {"low": 4, "high": 6}}}, "uncertainties.class.size: found a range; "),
        ({"uncertainties": {"class.size": {"low": 4, "hihg": 6}}}, "uncertainties.class.size.hihg: unknown key"),
        ({"uncertainties": {"class.sise": {"values": [4]}}}, "class.sise: no such key; allowed are class.size, "),
        ({"uncertainties": {"class.list": {"values": ["a.csv"]}}}, "class.list: found 'a.csv'; there is no such file "),
        ({"uncertainties": {"class.size": {"values": [4, 400]}}}, "class.size: found 400; "),
        ({"uncertainties": {"class.size": {"values": ["four"]}}}, "class.size: found 'four'; "),
        ({"uncertainties": {"parameters.mood": {"values": [1]}}}, "parameters.mood: no such key; "),
        (
            {"uncertainties": {"teacher.strain": {"values": [0.1]}}},
            "teacher.strain: no such key here; keys here begi",
        ),
        (
            {"levers": {"class.size": {"values": [4]}}},
            "class.size: no such key here; keys here begin with teacher, i",
        ),
        ({"levers": {"teacher.strain": RANGE}}, "levers.teacher.strain: found a range; "),
        ({"levers": {"teacher.strain": {"values": [0.5, 2.0]}}}, "teacher.strain: found 2.0; "),
        ({"levers": {"interventions.1.fidelity": {"values": [0]}}}, "interventions.1.fidelity: no such key; "),
        ({"levers": {"interventions.0.start_week": {"values": [9]}}}, "interventions.0.start_week: found 9; "),
        ({"levers": {"interventions.0.name": {"values": ["magic"]}}}, "interventions.0.name: found 'magic'; "),
        ({"outcomes": []}, "outcomes: "),
        ({"outcomes": [{"variables": ["joy"]}]}, "outcomes.0.variables: found 'joy'; allowed is one of sex, age, "),
        ({"outcomes": [{"variables": ["conflict"]}]}, "outcomes.0.of: is missing; conflict is of each child"),
        (
            {"outcomes": [{"variables": ["teacher_mood"], "of": ["mean"]}]},
            "outcomes.0.of: goes with variables of ch",
        ),
        (
            {"outcomes": [{"variables": ["conflict"], "of": ["median"]}]},
            "outcomes.0.of: found 'median'; allowed is one of mean, sd, min, max, p10, p90, chosen, others, ",
        ),
        (
            {"outcomes": [{"variables": ["conflict"], "of": ["chosen.llinc"]}]},
            "outcomes.0.of: found 'chosen.llinc'; behind the dot stands an intervention of the scenario: banking-time",
        ),
        (
            {"outcomes": [{"variables": ["teacher_mood"], "days": ["easter"]}]},
            "outcomes.0.days: found 'easter'; allowed is a school day or one of start, ",
        ),
        (
            {"outcomes": [{"variables": ["teacher_mood"], "days": [11]}]},
            "outcomes.0.days: found 11; allowed is 0 to 10 or one of start, end",
        ),
        (
            {"outcomes": [{"variables": ["teacher_mood"], "days": ["trimester 1"]}]},
            "outcomes.0.days: found trimester 1; allowed is 0 to 10 or one of start, end",
        ),
        (
            {"uncertainties": {"weeks": {"values": [1, 2]}}, "levers": {"interventions.0.start_week": {"values": [2]}}},
            "interventions.0.start_week: found 2; allowed is 1 to 1",
        ),
        (
            {"levers": {f"teacher.{name}": {"values": [n / 5000 for n in range(4000)]} for name in ("strain", "pace")}},
            "found 64000000 combinations; allowed are 10000000",
        ),
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else "",
)
def test_what_is_wrong_is_said_with_key_finding_and_what_is_allowed(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    found = problems(tmp_path, **changes)
    assert any(line.startswith(said) for line in found), found


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    assert len(problems(tmp_path, replications=0, seed=-1, title=None, colour="red")) == 4
    keys = {"class.sise": {"values": [1]}, "parameters.x": {"values": [1]}}
    assert len(problems(tmp_path, uncertainties=keys, levers={"teacher.mod": {"values": [1]}})) == 3
    values = {"class.size": {"values": [1, 4, 61]}, "class.boys": {"values": [0.5, 1.5]}}
    assert len(problems(tmp_path, uncertainties=values)) == 3


@pytest.mark.parametrize("text", ["title = ", "\x00", "[a]\n[a]"])
def test_a_file_that_is_no_toml(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match="not a readable TOML file"):
        load_plan(tmp_path / "plan.toml")
    with pytest.raises(PlanError, match="no such file, nor a shipped plan"):
        load_plan("nowhere")


def test_a_class_list_decides_the_size(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text("name\nAnna\nBram\nCas\n", encoding="utf-8")
    school = {"class": {"list": "class.csv"}}
    levers = {"interventions.0.target": {"values": ["Anna", "Bram"]}}
    sweep = prepare(write_plan(tmp_path, school=school, uncertainties={}, levers=levers))
    assert sweep.scenario.classroom.roster is not None
    assert sweep.scenario_of(1).interventions[0].target == "Bram"
    assert sweep.scenario_of(1).classroom is sweep.scenario.classroom
    assert problems(tmp_path, school=school) == ["class.size: the scenario has a class list, which decides the size"]
    levers["interventions.0.target"]["values"].append("Dirk")
    assert "'Dirk'" in problems(tmp_path, school=school, uncertainties={}, levers=levers)[0]


# --- Cells -------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 4), max_size=3), st.lists(st.integers(1, 3), max_size=2))
def test_every_combination_is_a_cell_and_those_of_a_point_follow_each_other(
    uncertain: list[int], levers: list[int]
) -> None:
    parameters = list(PARAMETERS)
    factors = {f"parameters.{parameters[i]}": {"values": list(range(k))} for i, k in enumerate(uncertain)}
    chosen = {f"teacher.{name}": {"values": [0.1 * j for j in range(k)]} for name, k in zip("ab", levers, strict=False)}
    plan = load_model(uncertainties=factors, levers=chosen)
    design = cells(plan, Path())
    combinations = list(product(*(entry["values"] for entry in (*factors.values(), *chosen.values()))))
    assert list(design.drop(columns=["cell", "point"]).itertuples(index=False, name=None)) == combinations
    assert design["cell"].tolist() == list(range(len(combinations)))
    at_a_point = len(list(product(*(entry["values"] for entry in chosen.values()))))
    assert design["point"].tolist() == [cell // at_a_point for cell in range(len(design))]


def load_model(**changes: Any) -> Any:
    from sim.sweeps.plan import Plan

    return Plan.model_validate({**PLAN, **changes})


def test_rows_of_a_list_are_cells_and_equal_uncertainties_one_point(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("class.size;teacher.strain\n5;0,2\n4;0,2\n5;0,9\n4;0,9\n", encoding="utf-8-sig")
    listed = {"design": {"kind": "list", "file": "cells.csv"}, "uncertainties": {}, "levers": {}}
    sweep = prepare(write_plan(tmp_path, **listed))
    assert sweep.design["point"].tolist() == [0, 1, 0, 1]
    assert sweep.design["class.size"].tolist() == [5, 4, 5, 4]
    assert [batch.numbers for batch in sweep.chunk(0).batches] == [range(3), range(3, 6), range(3), range(3, 6)]

    (tmp_path / "cells.csv").write_text("class.size;teacher.strain\n5;0,2\n4;1,2\n61;0,9\n", encoding="utf-8")
    found = problems(tmp_path, **listed)
    assert len(found) == 2
    assert found[0].startswith("teacher.strain: found 1.2; ") or found[1].startswith("teacher.strain: found 1.2; ")


def test_a_list_may_be_parquet_with_numbers_of_any_kind(tmp_path: Path) -> None:
    rows = pd.DataFrame({"class.size": [4, 5], "class.boys": [0.5, 0.25], "interventions.0.target": ["Sam", "Noa"]})
    rows.astype({"class.size": "int16", "class.boys": "float32"}).to_parquet(tmp_path / "cells.parquet")
    listed = {"design": {"kind": "list", "file": "cells.parquet"}, "uncertainties": {}, "levers": {}}
    sweep = prepare(write_plan(tmp_path, **listed))
    assert sweep.scenario_of(1).classroom.size == 5
    run(sweep, tmp_path / "results", partial(on_threads, workers=1))
    pd.testing.assert_frame_equal(open_results(tmp_path / "results").design, sweep.design)
    beside = problems(tmp_path, **{**listed, "levers": {"teacher.strain": {"values": [0.5]}}})
    assert beside[0].startswith("levers.teacher.strain: found beside a list; ")


def test_a_sampled_design_has_points_within_the_ranges_and_depends_on_the_seed(tmp_path: Path) -> None:
    changes = {
        "design": {"kind": "latin-hypercube", "samples": 20},
        "uncertainties": {"class.size": {"low": 3, "high": 6, "whole": True}, "class.boys": {"low": 0.2, "high": 0.6}},
    }
    first, again, other = (prepare(write_plan(tmp_path, **changes, seed=seed)).design for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
    assert first["class.boys"].between(0.2, 0.6).all()
    assert set(first["class.size"]) == {3, 4, 5, 6}
    assert first.groupby("point").size().eq(2).all()


# --- A scenario with other values --------------------------------------------------------------------

KEYS: dict[str, st.SearchStrategy[Any]] = {
    "class.size": st.integers(2, 60),
    "class.boys": st.floats(0, 1),
    "parameters.negativity": st.floats(PARAMETERS["negativity"].low, PARAMETERS["negativity"].high),
    "teacher.strain": st.floats(0, 1),
    "interventions.0.fidelity": st.floats(0, 1),
    "interventions.1.start_week": st.integers(1, 4),
    "weeks": st.integers(4, 60),
}


@given(st.fixed_dictionaries({}, optional=KEYS))
def test_changing_keys_gives_the_scenario_that_a_file_would(values: dict[str, Any]) -> None:
    base = small(
        interventions=[{"name": "banking-time", "target": "lowest closeness"}, {"name": "support-coaching"}],
        parameters={"closeness_scale": PARAMETERS["closeness_scale"].value} if "closeness_scale" in PARAMETERS else {},
    )
    data = base.model_dump(by_alias=True)
    for key, value in values.items():
        *path, last = [int(part) if part.isdigit() else part for part in key.split(".")]
        place: Any = data
        for part in path:
            place = place[part]
        place[last] = value
    assert base.changed(**values) == parse(data, "file")
