"""Scenarios, class lists and seeds as factors: read once, kept with the results, and run as they are alone."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sweeps import SCHOOL, content, spiraal, write_plan

from sim.files.toml import as_toml
from sim.run import simulate
from sim.scenario import ClassListError, load
from sim.sweeps.effects import analyse
from sim.sweeps.plan import PlanError
from sim.sweeps.results import Results, ResultsError, open_results
from sim.sweeps.sweep import on_threads, prepare, run

LISTS = {"one.csv": "name,sex\nAafje,girl\nBram,boy\nCas,boy\n", "two.csv": "name,sex\nAafje,girl\nDirk,boy\n"}
OTHER = {**SCHOOL, "title": "A strained teacher", "teacher": {"strain": 0.9}, "interventions": []}
OUTCOMES = [{"variables": ["conflict"], "of": ["mean", "chosen"]}, {"variables": ["teacher_stress"]}]
FACTORS: dict[str, Any] = {
    "uncertainties": {"class.list": {"values": list(LISTS)}, "seed": {"values": [3, 8]}},
    "levers": {"scenario": {"values": ["school.toml", "other.toml"]}},
    "outcomes": OUTCOMES,
}


def plan_of_files(folder: Path, **changes: Any) -> Path:
    """A plan with two class lists, two seeds and two scenarios, and all its files."""
    for name, text in LISTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "other.toml").write_text(as_toml(OTHER), encoding="utf-8")
    return write_plan(folder, **{**FACTORS, **changes})


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("sources")
    run(prepare(plan_of_files(folder)), folder / "results", partial(on_threads, workers=1))
    return open_results(folder / "results")


def test_a_class_is_the_one_that_its_files_and_seed_give_alone(results: Results) -> None:
    folder, table = results.folder.parent, results.table()
    assert len(table) == 8 * 3 and table["error"].isna().all()
    for row in table.to_dict("records"):
        text = {**(SCHOOL if row["scenario"] == "school.toml" else OTHER), "class": {"list": row["class.list"]}}
        (folder / "alone.toml").write_text(as_toml({**text, "seed": row["seed"]}), encoding="utf-8")
        record = simulate(load(folder / "alone.toml"), number=row["number"])
        assert row["conflict_mean_end"] == record.children["conflict"][-1].mean()
        assert row["teacher_stress_end"] == record.teacher["stress"][-1]


def test_scenarios_share_their_luck_and_are_compared(results: Results) -> None:
    table = results.table()
    at = {name: rows["number"].tolist() for name, rows in table.groupby("scenario")}
    assert at["school.toml"] == at["other.toml"]
    effects = analyse(results, outcomes=["teacher_stress_end"], by="class.list").table
    assert set(effects["group"]) == {"", *LISTS}
    assert set(effects["level"]) == {"other.toml"}


def test_files_are_kept_with_their_hash_and_names_of_children_nowhere_else(results: Results) -> None:
    kept = json.loads((results.folder / "manifest.json").read_text(encoding="utf-8"))["sources"]
    assert set(kept) == {*LISTS, "school.toml", "other.toml"}
    for name, source in kept.items():
        assert source["sha256"] == hashlib.sha256((results.folder.parent / name).read_bytes()).hexdigest()
    with_names = [name for name, data in content(results.folder).items() if b"Aafje" in data]
    assert with_names == ["manifest.json"]


def test_results_go_on_and_run_again_without_the_files(results: Results, tmp_path: Path) -> None:
    sweep = prepare(plan_of_files(tmp_path))
    run(sweep, tmp_path / "results", partial(on_threads, workers=2))
    assert content(tmp_path / "results") == content(results.folder)
    for name in (*LISTS, "other.toml", "school.toml"):
        (tmp_path / name).unlink()
    again = open_results(tmp_path / "results")
    assert [again.differing(cell, 1) for cell in range(8)] == [()] * 8
    assert again.sweep.manifest.key == results.manifest.key


def test_another_list_of_the_same_name_is_another_sweep(results: Results, tmp_path: Path) -> None:
    plan = plan_of_files(tmp_path)
    (tmp_path / "two.csv").write_text(LISTS["two.csv"] + "Elif,girl\n", encoding="utf-8")
    assert prepare(plan).manifest.key != results.manifest.key
    said = spiraal(tmp_path, "sweep", "plan.toml", "--out", results.folder, code=2)
    assert "two.csv: is another scenario or class list than it was" in said
    assert "Elif" not in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"levers": {"scenario": {"values": ["school.toml", "no.toml"]}}}, "scenario: found 'no.toml'; allowed is a f"),
        ({"levers": {"scenario": {"values": [1, 2]}}}, "scenario: found 1; allowed are names of files"),
        ({"uncertainties": {"class.list": {"values": ["no.csv"]}}}, "class.list: found 'no.csv'; there is no such fil"),
        ({"levers": {"class.list": {"values": ["one.csv"]}}}, "class.list: no such key here; keys here begin with te"),
        ({"uncertainties": {"scenario": {"values": ["other.toml"]}}}, "scenario: no such key here; keys here begin wi"),
        ({"uncertainties": {"seed": {"values": [-1]}}}, "seed: found -1; "),
        (
            {"uncertainties": {**FACTORS["uncertainties"], "class.size": {"values": [4]}}},
            "class.size: the scenario has a class list, which decides the size",
        ),
        (
            {"levers": {**FACTORS["levers"], "interventions.0.fidelity": {"values": [0.0, 1.0]}}},
            "interventions.0.fidelity: the scenario has no interventions",
        ),
    ],
)
def test_what_files_cannot_be_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PlanError) as caught:
        prepare(plan_of_files(tmp_path, **changes))
    assert f"plan.toml: {said}" in str(caught.value)


def test_a_child_has_to_be_in_every_list_before_anything_runs(tmp_path: Path) -> None:
    target = {"interventions.0.target": {"values": ["Aafje", "Bram"]}}
    with pytest.raises(PlanError, match="found 'Bram'"):
        prepare(plan_of_files(tmp_path, levers=target))
    (tmp_path / "one.csv").write_text("name\nAafje\nAafje\n", encoding="utf-8")
    with pytest.raises(ClassListError, match=r"one\.csv"):
        prepare(tmp_path / "plan.toml")


def test_a_manifest_that_was_changed_is_refused(results: Results, tmp_path: Path) -> None:
    from dataclasses import replace

    source = results.manifest.sources["one.csv"]
    broken = source.model_copy(update={"content": {"children": [{"name": 3}]}})
    manifest = results.manifest.model_copy(update={"sources": {**results.manifest.sources, "one.csv": broken}})
    with pytest.raises(ResultsError, match="cannot be read"):
        replace(results, manifest=manifest).sweep  # noqa: B018
