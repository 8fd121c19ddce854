"""Loop gain and basins as outcomes of a sweep: those that a run of the class tells of the same child."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sweeps import content, spiraal, write_plan

from sim.run import simulate
from sim.sweeps import dyads
from sim.sweeps.chunk import Stopped, compute
from sim.sweeps.plan import PlanError
from sim.sweeps.results import Results, open_results
from sim.sweeps.sweep import on_threads, prepare, run
from sim.year.dyad import basin, loop_gain
from sim.year.protagonist import protagonist

OUTCOMES = [
    {"variables": ["loop_gain", "conflict_at_rest", "basins"], "days": ["end"]},
    {"variables": ["conflict", "teacher_stress"], "of": ["mean"], "days": [3]},
]
FEW: dict[str, Any] = {
    "school": {"class": {"size": 4}},
    "uncertainties": {},
    "levers": {"teacher.emotional_support": {"values": [0.1, 0.9]}},
    "replications": 2,
    "outcomes": OUTCOMES,
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("dyads")
    run(prepare(write_plan(folder, **FEW)), folder / "results", partial(on_threads, workers=1))
    return open_results(folder / "results")


def test_the_dyad_is_the_one_that_a_run_tells_of(results: Results) -> None:
    table = results.table()
    for row in table.to_dict("records"):
        record = simulate(results.scenario(row["cell"], row["replication"]))
        state, child = record.state(10), protagonist(record)
        rests = basin(state, child)
        assert row["loop_gain_end"] == round(loop_gain(state, child).factor, 6)
        assert row["conflict_at_rest_end"] == round(rests.attractor["conflict"], 6)
        assert row["basins_end"] == (1.0 if rests.alone else 2.0)
        assert row["teacher_stress_day_3"] == record.teacher["stress"][3]
    assert table["loop_gain_end"].nunique() == 4
    harsh, warm = (table[table["teacher.emotional_support"] == level]["conflict_at_rest_end"] for level in (0.1, 0.9))
    assert (harsh.to_numpy() > warm.to_numpy()).all()


def test_two_workers_write_the_same_bytes_and_a_class_runs_again(results: Results, tmp_path: Path) -> None:
    run(prepare(results.folder.parent / "plan.toml"), tmp_path / "two", partial(on_threads, workers=2))
    assert content(tmp_path / "two") == content(results.folder)
    assert results.differing(1, 1) == ()


def test_what_it_takes_is_told_before(results: Results) -> None:
    plan = results.plan
    assert plan.cost_of_dyads == dyads.COST_OF_GAIN + dyads.COST_OF_BASINS
    said = spiraal(results.folder.parent, "sweep", "plan.toml", "--out", "results")
    told = "loop_gain, conflict_at_rest, basins: seen of one dyad in each class, which takes about as long as 848 class"
    assert told in said


def test_between_two_classes_a_sweep_can_be_stopped(results: Results) -> None:
    asked = iter([False, False, True])
    with pytest.raises(Stopped):
        compute(results.sweep.chunk(0), lambda: next(asked))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"outcomes": [{**OUTCOMES[0], "of": ["mean"]}]},
            "outcomes.0.of: goes with variables of children; there",
        ),
        (
            {"years": {"count": 2}},
            "outcomes.0.variables: found loop_gain, conflict_at_rest, basins; allowed only in",
        ),
    ],
)
def test_what_cannot_be_asked_of_dyads_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PlanError) as caught:
        prepare(write_plan(tmp_path, **{**FEW, **changes}))
    assert f"plan.toml: {said}" in str(caught.value)
