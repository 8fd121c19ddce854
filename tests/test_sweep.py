"""Sweeps: what is computed, with which luck, in which parts; on threads and elsewhere; and going on."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import small
from sweeps import HOOK, PLAN, PLUGIN, content, spiraal, surroundings, write_plan

from sim.files.checksums import write_checksums
from sim.peers import class_network
from sim.run import CLASS_VARIABLES, simulate
from sim.sweeps.chunk import CHILDREN, DATA, Stopped, compute
from sim.sweeps.dataset import LOCK, SweepError, open_dataset
from sim.sweeps.plan import Plan, cells
from sim.sweeps.results import open_results
from sim.sweeps.sweep import MOST, Computed, Sweep, on_threads, prepare, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small plan, and its results in `results`."""
    folder = tmp_path_factory.mktemp("sweep")
    run(prepare(write_plan(folder)), folder / "results", partial(on_threads, workers=2))
    return folder


def read(results: Path, kind: str = DATA) -> pd.DataFrame:
    return pq.read_table(results / kind).to_pandas()


# --- Parts -------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(points=st.integers(1, 80), levers=st.integers(1, 3), replications=st.integers(1, 5000))
def test_every_class_is_in_one_part_and_parts_follow_from_the_plan(points: int, levers: int, replications: int) -> None:
    uncertain = {"parameters.negativity": {"values": [1.0 + i / 1000 for i in range(points)]}}
    chosen = {"teacher.strain": {"values": [i / 10 for i in range(levers)]}}
    plan = Plan.model_validate({**PLAN, "uncertainties": uncertain, "levers": chosen, "replications": replications})
    sweep = Sweep(plan, small(), cells(plan, Path()))
    batches = [batch for part in range(sweep.parts) for batch in sweep.chunk(part).batches]
    sizes = [sum(len(batch.numbers) for batch in sweep.chunk(part).batches) for part in range(sweep.parts)]
    assert sizes == [sweep.manifest.rows_of(part) for part in range(sweep.parts)]
    assert max(sizes) <= MOST
    assert sum(sizes) == sweep.class_years == points * levers * replications
    place = 0
    for batch in batches:
        cell, replication = divmod(place, replications)
        assert (batch.cell, batch.replication) == (cell, replication)
        assert batch.numbers.start == cell // levers * replications + replication
        assert len(batch.numbers) <= replications - replication
        place += len(batch.numbers)
    if replications <= 50:
        assert all(len(batch.numbers) == replications for batch in batches), "a cell is not cut"


# --- What is computed --------------------------------------------------------------------------------


def test_outcomes_are_those_of_the_classes_alone(folder: Path) -> None:
    sweep = prepare(folder / "plan.toml")
    for row in read(folder / "results").to_dict("records"):
        record = simulate(sweep.scenario_of(row["cell"]), number=row["number"])
        conflict, acceptance = record.children["conflict"], record.acceptance
        chosen = list(record.chosen[0])
        assert row["conflict_mean_start"] == conflict[0].mean()
        assert row["conflict_mean_day_3"] == conflict[3].mean()
        assert row["conflict_max_end"] == conflict[10].max()
        assert row["acceptance_mean_end"] == pytest.approx(acceptance[10].mean(), rel=1e-12)
        assert row["conflict_chosen_end"] == pytest.approx(conflict[10, chosen].mean(), rel=1e-12)
        assert row["teacher_stress_end"] == record.teacher["stress"][10]
        assert pd.isna(row["error"])


def test_each_child_is_a_row(folder: Path) -> None:
    sweep, children = prepare(folder / "plan.toml"), read(folder / "results", CHILDREN)
    assert list(children) == [
        *("cell", "replication", "number", "child", "chosen"),
        *(f"{name}_{day}" for name in ("conflict", "acceptance") for day in ("start", "end", "day_3")),
    ]
    for (cell, number), rows in children.groupby(["cell", "number"]):
        record = simulate(sweep.scenario_of(cell), number=number)
        assert rows["child"].tolist() == list(range(len(record.names)))
        assert rows["conflict_end"].tolist() == record.children["conflict"][10].tolist()
        assert rows.loc[rows["chosen"], "child"].tolist() == sorted(record.chosen[0])


def test_every_statistic(tmp_path: Path) -> None:
    of = ["mean", "sd", "min", "max", "p10", "p90", "chosen", "others", "boys", "girls", "share > 0.25"]
    outcomes = [{"variables": ["conflict"], "of": of}]
    sweep = prepare(write_plan(tmp_path, outcomes=outcomes))
    (batch, *_) = sweep.chunk(0).batches
    found = compute(replace(sweep.chunk(0), batches=(batch,)))[DATA].to_pylist()[1]
    record = simulate(sweep.scenario_of(0), number=1)
    conflict, sex, chosen = record.children["conflict"][-1], record.children["sex"][-1], list(record.chosen[0])
    expected = {
        "mean": conflict.mean(),
        "sd": conflict.std(),
        "min": conflict.min(),
        "max": conflict.max(),
        "p10": np.quantile(conflict, 0.1),
        "p90": np.quantile(conflict, 0.9),
        "chosen": conflict[chosen].mean(),
        "others": np.delete(conflict, chosen).mean(),
        "boys": conflict[sex == 1].mean(),
        "girls": conflict[sex == 0].mean(),
        "share_above_0.25": (conflict > 0.25).mean(),
    }
    assert {name: found[f"conflict_{name}_end"] for name in expected} == pytest.approx(expected, rel=1e-12)


def test_the_children_of_one_intervention_are_told_apart_also_where_it_is_off(tmp_path: Path) -> None:
    two = [{"name": "banking-time", "target": "highest conflict"}, {"name": "social-architect", "fidelity": 0.0}]
    outcomes = [{"variables": ["conflict"], "of": ["chosen", "chosen.banking-time", "others.banking-time"]}]
    levers = {"interventions.0.fidelity": {"values": [0.0, 1.0]}, "interventions.1.fidelity": {"values": [0.0, 1.0]}}
    sweep = prepare(write_plan(tmp_path, school={"interventions": two}, outcomes=outcomes, levers=levers))
    for row in compute(sweep.chunk(0))[DATA].to_pylist()[:12]:
        record = simulate(sweep.scenario_of(row["cell"]), number=row["number"])
        (child,), everyone = record.chosen
        conflict = record.children["conflict"][-1]
        assert len(everyone) == len(conflict)
        assert row["conflict_chosen_end"] == pytest.approx(conflict.mean(), rel=1e-12)
        assert row["conflict_chosen.banking-time_end"] == conflict[child]
        others = np.delete(conflict, child).mean()
        assert row["conflict_others.banking-time_end"] == pytest.approx(others, rel=1e-12)


def test_the_mean_of_nobody_is_empty(tmp_path: Path) -> None:
    outcomes = [{"variables": ["conflict"], "of": ["boys", "girls", "chosen"]}]
    school = {"class": {"boys": 0.0}, "interventions": []}
    found = compute(prepare(write_plan(tmp_path, school=school, levers={}, outcomes=outcomes)).chunk(0))[DATA]
    assert found["conflict_boys_end"].null_count == found["conflict_chosen_end"].null_count == found.num_rows
    assert found["conflict_girls_end"].null_count == 0


def test_the_network_of_the_class_is_an_outcome_like_those_of_the_teacher(tmp_path: Path) -> None:
    variables = ["share_rejected", "teacher_stress", *CLASS_VARIABLES[:6]]
    outcomes = [{"variables": variables, "days": ["start", "end"]}, *PLAN["outcomes"]]
    sweep = prepare(write_plan(tmp_path, outcomes=outcomes))
    run(sweep, tmp_path / "results", partial(on_threads, workers=1))
    found = read(tmp_path / "results")
    for row in found.to_dict("records"):
        record = simulate(sweep.scenario_of(row["cell"]), number=row["number"])
        network = class_network(record.liking, record.children["sex"][0], record.liking[0])
        for name in (name for name in variables if name in CLASS_VARIABLES):
            for moment, day in (("start", 0), ("end", 10)):
                kept, expected = row[f"{name}_{moment}"], getattr(network, name)[day]
                assert kept == expected or np.isnan([kept, expected]).all(), name
        assert row["teacher_stress_end"] == record.teacher["stress"][10]
        assert row["conflict_mean_end"] == record.children["conflict"][10].mean()
    assert len(set(found["network_density_end"])) > 1
    assert open_results(tmp_path / "results").differing(1, 2) == ()


def test_the_turnover_of_no_nominations_is_empty(tmp_path: Path) -> None:
    outcomes = [{"variables": ["network_turnover", "network_density"], "days": ["start"]}]
    school = {"class": {"size": 2}}
    sweep = prepare(write_plan(tmp_path, school=school, uncertainties={}, replications=30, outcomes=outcomes))
    found = compute(sweep.chunk(0))[DATA].to_pandas()
    nobody = found["network_density_start"] == 0
    assert 0 < nobody.sum() < len(found)
    assert (found["network_turnover_start"].isna() == nobody).all()


# --- Luck --------------------------------------------------------------------------------------------


def test_levers_share_their_luck_and_points_do_not(folder: Path) -> None:
    design, found = prepare(folder / "plan.toml").design, read(folder / "results")
    table = found.merge(design, on="cell")
    for _, rows in table.groupby("point"):
        without, with_ = (rows[rows["interventions.0.fidelity"] == fidelity] for fidelity in (0.0, 1.0))
        assert without["number"].tolist() == with_["number"].tolist()
        assert without["conflict_mean_start"].tolist() == with_["conflict_mean_start"].tolist()
        assert (without["conflict_mean_end"].to_numpy() != with_["conflict_mean_end"].to_numpy()).all()
    per_point = table[table["interventions.0.fidelity"] == 0.0]
    assert per_point["number"].tolist() == list(range(12))
    assert per_point["conflict_mean_start"].nunique() == 12


def test_fidelity_zero_is_to_the_last_bit_a_class_without(folder: Path, tmp_path: Path) -> None:
    without = prepare(write_plan(tmp_path, levers={}, school={"interventions": []}))
    with_levers = read(folder / "results")
    idle = with_levers[with_levers["cell"] % 2 == 0].reset_index(drop=True)
    plain = compute(without.chunk(0))[DATA].to_pandas()
    columns = [name for name in plain if name not in {"cell", "error"} and "chosen" not in name]
    pd.testing.assert_frame_equal(idle[columns], plain[columns], check_exact=True)


# --- Who computes ------------------------------------------------------------------------------------


def in_reverse(sweep: Sweep, parts: Any) -> Computed:
    """An executor that goes backwards."""
    for part in reversed(list(parts)):
        yield part, compute(sweep.chunk(part))


def in_processes(sweep: Sweep, parts: Any) -> Computed:
    """An executor whose workers know nothing but what they are sent."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        for part in parts:
            yield part, pool.submit(compute, sweep.chunk(part)).result()


@pytest.mark.parametrize("execute", [partial(on_threads, workers=1), partial(on_threads, workers=3), in_reverse])
def test_results_do_not_depend_on_who_computes_them(tmp_path: Path, execute: Any) -> None:
    sweep = prepare(write_plan(tmp_path, replications=30))
    assert sweep.parts > 1
    run(sweep, tmp_path / "one", partial(on_threads, workers=2))
    run(sweep, tmp_path / "other", execute)
    assert content(tmp_path / "one") == content(tmp_path / "other")


def test_interventions_of_a_user_travel_to_workers(tmp_path: Path) -> None:
    (tmp_path / "fragile.py").write_text(PLUGIN, encoding="utf-8")
    plan = write_plan(tmp_path, levers={"interventions.0.name": {"values": ["banking-time", "fragile"]}})
    sweep = prepare(plan, [tmp_path / "fragile.py"])
    (tmp_path / "fragile.py").unlink()
    run(sweep, tmp_path / "here", partial(on_threads, workers=1))
    run(sweep, tmp_path / "there", in_processes)
    assert content(tmp_path / "here") == content(tmp_path / "there")
    assert sweep.agent_by_agent() == ("fragile",)
    failed = read(tmp_path / "here").set_index("cell")["error"].notna()
    assert failed[failed].index.unique().tolist() == [5, 7], "classes of five, with the fragile intervention"


def test_so_do_compiled_ones(tmp_path: Path) -> None:
    (tmp_path / "greeting.py").write_text(HOOK, encoding="utf-8")
    plan = write_plan(tmp_path, levers={"interventions.0.name": {"values": ["banking-time", "morning-greeting"]}})
    sweep = prepare(plan, [tmp_path / "greeting.py"])
    (tmp_path / "greeting.py").unlink()
    assert sweep.agent_by_agent() == ()
    run(sweep, tmp_path / "here", partial(on_threads, workers=1))
    run(sweep, tmp_path / "there", in_processes)
    assert content(tmp_path / "here") == content(tmp_path / "there")
    assert read(tmp_path / "here")["error"].isna().all()


def test_no_more_is_begun_than_is_taken(tmp_path: Path) -> None:
    begun = []

    class Counting(Sweep):
        def chunk(self, part: int) -> Any:
            begun.append(part)
            return super().chunk(part)

    plan = prepare(write_plan(tmp_path, replications=100, school={"weeks": 1}))
    sweep = Counting(plan.plan, plan.scenario, plan.design)
    assert sweep.parts > 8
    for taken, _ in enumerate(on_threads(sweep, range(sweep.parts), workers=2)):
        assert len(begun) <= taken + 4
    assert sorted(begun) == list(range(sweep.parts))


def test_what_nobody_wants_any_more_is_not_computed(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        compute(prepare(write_plan(tmp_path)).chunk(0), stopped=lambda: True)


# --- Going on ----------------------------------------------------------------------------------------


def up_to(count: int) -> Any:
    """An executor that breaks down after some parts."""

    def execute(sweep: Sweep, parts: Any) -> Computed:
        for part in list(parts)[:count]:
            yield part, compute(sweep.chunk(part))
        raise ConnectionError

    return execute


def test_a_sweep_goes_on_where_it_ended(tmp_path: Path) -> None:
    sweep = prepare(write_plan(tmp_path, replications=30))
    run(sweep, tmp_path / "whole", partial(on_threads, workers=2))
    with pytest.raises(ConnectionError):
        run(sweep, tmp_path / "results", up_to(2))
    before = content(tmp_path / "results")
    told: list[int] = []
    computed: list[int] = []

    def counted(sweep: Sweep, parts: Any) -> Computed:
        for part, tables in on_threads(sweep, parts, workers=1):
            computed.append(part)
            yield part, tables

    run(sweep, tmp_path / "results", counted, progress=told.append)
    assert told[0] == 2 * sweep.rows
    assert told[-1] == sweep.class_years
    assert computed == list(range(2, sweep.parts))
    after = content(tmp_path / "results")
    assert after == content(tmp_path / "whole")
    assert before.items() <= after.items()
    run(sweep, tmp_path / "results", nobody)


def nobody(sweep: Sweep, parts: Any) -> Computed:
    """An executor that must not be asked for anything."""
    assert not list(parts)
    yield from ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"replications": 4}, "replications of the plan: was 3, is 4"),
        ({"seed": 6}, "seed of the plan: was 5, is 6"),
        ({"levers": {}}, "levers.interventions.0.fidelity.values.0 of the plan: was 0.0, is –"),
        ({"school": {"weeks": 3}}, "weeks of the scenario: was 2, is 3"),
        ({"school": {"parameters": {"negativity": 1.1}}}, "negativity of the parameters: was "),
    ],
)
def test_another_sweep_does_not_go_into_the_same_folder(folder: Path, tmp_path: Path, changes: Any, said: str) -> None:
    before = content(folder / "results")
    with pytest.raises(SweepError) as caught:
        run(prepare(write_plan(tmp_path, **changes)), folder / "results", nobody)
    assert said in str(caught.value)
    assert "holds another sweep; choose another folder" in str(caught.value)
    assert content(folder / "results") == before


def test_titles_may_change(folder: Path, tmp_path: Path) -> None:
    sweep = prepare(write_plan(tmp_path, title="Another title", about="Better words", school={"title": "Two weeks!"}))
    run(sweep, folder / "results", nobody)


def test_another_engine_does_not_go_on(folder: Path, tmp_path: Path) -> None:
    path = write_plan(tmp_path)
    run(prepare(path), tmp_path / "results", partial(on_threads, workers=1))
    manifest = json.loads((tmp_path / "results" / "manifest.json").read_text(encoding="utf-8"))
    manifest["engine"] = "0" * 64
    manifest["fingerprint"]["sources"]["sim/dynamics.py"] = "0" * 16
    (tmp_path / "results" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_checksums(tmp_path / "results", ("manifest.json", "design.parquet"))
    with pytest.raises(SweepError, match=r"not the same are: sim/dynamics\.py"):
        run(prepare(path), tmp_path / "results", nobody)


def test_another_list_of_cells_does_not_go_on(tmp_path: Path) -> None:
    path = write_plan(tmp_path, design={"kind": "list", "file": "cells.csv"}, uncertainties={}, levers={})
    (tmp_path / "cells.csv").write_text("class.size\n4\n", encoding="utf-8")
    run(prepare(path), tmp_path / "results", partial(on_threads, workers=1))
    (tmp_path / "cells.csv").write_text("class.size\n5\n", encoding="utf-8")
    with pytest.raises(SweepError, match="the cells of the design are others"):
        run(prepare(path), tmp_path / "results", nobody)


def test_a_part_that_lost_its_children_is_computed_again(folder: Path, tmp_path: Path) -> None:
    sweep = prepare(write_plan(tmp_path))
    run(sweep, tmp_path / "results", partial(on_threads, workers=1))
    for path in (tmp_path / "results" / CHILDREN).iterdir():
        path.unlink()
    run(sweep, tmp_path / "results", partial(on_threads, workers=1))
    assert content(tmp_path / "results") == content(folder / "results")


def test_two_processes_do_not_write_the_same_sweep(tmp_path: Path) -> None:
    sweep = prepare(write_plan(tmp_path))
    with open_dataset(tmp_path / "results", sweep.manifest, sweep.design, repair=False):
        said = spiraal(tmp_path, "sweep", "plan.toml", "--out", "results", code=2)
    assert "results: another process is writing this sweep" in said


def test_nobody_else_writes_until_the_first_is_done(tmp_path: Path) -> None:
    sweep = prepare(write_plan(tmp_path))
    results = tmp_path / "results"
    with open_dataset(results, sweep.manifest, sweep.design, repair=False):
        with (
            pytest.raises(SweepError, match="another process is writing this sweep"),
            open_dataset(results, sweep.manifest, sweep.design, repair=False),
        ):
            pass
        assert [path.name for path in results.iterdir() if path.is_file() and path.name.startswith(".")] == [LOCK]
    assert not list(results.rglob(".*"))
    run(sweep, results, partial(on_threads, workers=1))
    assert not list(results.rglob(".*"))


WRITING = """
import sys, time
from pathlib import Path
from sim.sweeps.dataset import open_dataset
from sim.sweeps.sweep import prepare

sweep = prepare(sys.argv[1])
with open_dataset(Path(sys.argv[2]), sweep.manifest, sweep.design, repair=False):
    print("writing", flush=True)
    time.sleep(600)
"""


def test_a_killed_process_keeps_nobody_from_going_on(tmp_path: Path) -> None:
    plan, results = write_plan(tmp_path), tmp_path / "results"
    command = [sys.executable, "-c", WRITING, plan, results]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=surroundings()) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        said = spiraal(tmp_path, "sweep", "plan.toml", "--out", "results", code=2)
        assert "results: another process is writing this sweep" in said
        process.kill()
    (results / DATA / ".part-00000-0123456789ab.parquet.1-1.part").write_bytes(b"half of i")
    assert (results / LOCK).exists()
    assert "24 of 24 class-years" in spiraal(tmp_path, "sweep", "plan.toml", "--out", "results")
    assert not list(results.rglob(".*"))


# --- Words -------------------------------------------------------------------------------------------


def test_the_command_says_what_it_does_and_what_failed(tmp_path: Path) -> None:
    (tmp_path / "fragile.py").write_text(PLUGIN, encoding="utf-8")
    write_plan(tmp_path, school={"interventions": [{"name": "fragile"}]})
    said = spiraal(tmp_path, "sweep", "plan.toml", "--out", "results", "--plugin", "fragile.py", code=1)
    assert "A small sweep" in said
    assert "8 cells with 3 classes each: 24 class-years" in said
    assert "24 of 24 class-years" in said
    assert "The results are in results" in said
    # Fidelity 0 fails, too: the intervention is asked what to do, and what it does is scaled.
    assert "12 class-years failed; the first is of cell 4: RuntimeError: five is too many" in said
    assert "fragile has no compiled form: these classes run agent by agent" in said
    found = read(tmp_path / "results")
    fives = found["cell"] >= 4
    assert found.loc[fives, "error"].eq("RuntimeError: five is too many").all()
    assert found.loc[fives].drop(columns=["cell", "replication", "number", "error"]).isna().all(axis=None)
    assert found.loc[~fives].drop(columns="error").notna().all(axis=None)


def test_what_a_user_can_do_wrong_is_a_message(tmp_path: Path) -> None:
    write_plan(tmp_path, replications=0)
    assert "plan.toml: replications: found 0; " in spiraal(tmp_path, "sweep", "plan.toml", "--out", "x", code=2)
    assert "nowhere: no such file, nor a shipped plan" in spiraal(tmp_path, "sweep", "nowhere", "--out", "x", code=2)
    write_plan(tmp_path, design={"kind": "list", "file": "cells.csv"}, uncertainties={}, levers={})
    assert "cells.csv" in spiraal(tmp_path, "sweep", "plan.toml", "--out", "x", code=2)
    assert "no.py: no such file" in spiraal(tmp_path, "sweep", "plan.toml", "--out", "x", "--plugin", "no.py", code=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.toml", "school.toml"]


def test_the_shipped_plans_are_listed(tmp_path: Path) -> None:
    from sim.sweeps.plan import plans

    said = spiraal(tmp_path, "plans")
    assert all(name in said for name in plans())
