"""Results of a sweep: read, joined, asked with SQL, and any class of it alone again."""

from __future__ import annotations

import re
import shlex
import tomllib
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import difference
from sweeps import PLUGIN, ROOT, content, spiraal, write_plan

from sim.files.toml import as_toml
from sim.run import simulate
from sim.scenario import load, parse, shipped
from sim.sweeps.chunk import CHILDREN, DATA, compute
from sim.sweeps.dataset import Dataset, read_manifest
from sim.sweeps.results import Results, ResultsError, open_results
from sim.sweeps.sweep import Computed, Sweep, on_threads, prepare, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small plan, and its results in `results`."""
    folder = tmp_path_factory.mktemp("results")
    run(prepare(write_plan(folder, replications=20)), folder / "results", partial(on_threads, workers=2))
    return folder


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return open_results(folder / "results")


# --- Reading -----------------------------------------------------------------------------------------


def test_a_table_joins_design_and_outcomes(results: Results) -> None:
    table = results.table()
    assert results.complete
    keys = ["class.size", "parameters.negativity", "interventions.0.fidelity"]
    assert list(table) == ["cell", "point", *keys, "replication", "number", "error", *results.outcomes]
    assert len(table) == 8 * 20
    assert table[["cell", "replication"]].to_records(index=False).tolist() == [
        (c, r) for c in range(8) for r in range(20)
    ]
    joined = table[["cell", "point", *keys]].drop_duplicates(ignore_index=True)
    pd.testing.assert_frame_equal(joined, results.design)
    assert (table["number"] == table["point"] * 20 + table["replication"]).all()
    assert results.errors().empty


def test_only_what_is_asked_for_is_read(results: Results) -> None:
    whole = results.table()
    part = results.table(columns=["teacher_stress_end"], cells=[5, 2])
    assert list(part)[-2:] == ["error", "teacher_stress_end"]
    expected = whole[whole["cell"].isin([2, 5])][list(part)].reset_index(drop=True)
    pd.testing.assert_frame_equal(part, expected)
    with pytest.raises(ResultsError, match=r"found 'joy_mean_end'; allowed is one of conflict_mean_start, "):
        results.table(columns=["joy_mean_end"])


def test_children_are_joined_with_their_cells(results: Results) -> None:
    children = results.children(cells=[0, 4])
    assert children.groupby("cell").size().tolist() == [20 * 4, 20 * 5]
    assert children.groupby("cell")["class.size"].unique().tolist() == [[4], [5]]
    by_class = children.groupby(["cell", "number"])["conflict_end"].mean()
    table = results.table(cells=[0, 4]).set_index(["cell", "number"])["conflict_mean_end"]
    assert by_class.to_numpy() == pytest.approx(table.to_numpy(), rel=1e-12)


def test_a_sweep_without_children_says_so(tmp_path: Path) -> None:
    run(prepare(write_plan(tmp_path, outcomes=[{"variables": ["teacher_mood"]}])), tmp_path / "r", in_part(1))
    with pytest.raises(ResultsError, match="no child was kept"):
        open_results(tmp_path / "r").children()


def in_part(count: int) -> Any:
    """An executor that stops after some parts."""

    def execute(sweep: Sweep, parts: Any) -> Computed:
        for part in list(parts)[:count]:
            yield part, compute(sweep.chunk(part))

    return execute


def test_a_sweep_that_is_not_finished_can_be_read(tmp_path: Path) -> None:
    sweep = prepare(write_plan(tmp_path, replications=30))
    run(sweep, tmp_path / "results", in_part(0))
    empty = open_results(tmp_path / "results")
    assert not empty.complete
    with pytest.raises(ResultsError, match="no part of the sweep is finished yet"):
        empty.table()
    run(sweep, tmp_path / "results", in_part(2))
    begun = open_results(tmp_path / "results")
    assert not begun.complete
    assert len(begun.table()) == 2 * sweep.rows


def test_duckdb_reads_the_files_as_they_are(folder: Path, results: Results) -> None:
    duckdb = pytest.importorskip("duckdb")
    query = f"""
        SELECT "class.size" AS size, avg(conflict_mean_end) AS conflict, count(*) AS classes
        FROM '{folder}/results/data/*.parquet' JOIN '{folder}/results/design.parquet' USING (cell)
        WHERE "interventions.0.fidelity" = 1.0 GROUP BY size ORDER BY size
    """  # noqa: S608
    found = duckdb.sql(query).fetchall()
    table = results.table()
    grouped = table[table["interventions.0.fidelity"] == 1.0].groupby("class.size")["conflict_mean_end"]
    assert [(size, count) for size, _, count in found] == [(4, 40), (5, 40)]
    assert [mean for _, mean, _ in found] == pytest.approx(grouped.mean().tolist(), rel=1e-12)


@pytest.mark.parametrize("what", ["nothing", "a run", "another design", "half a design"])
def test_what_is_no_sweep_is_said(folder: Path, tmp_path: Path, what: str) -> None:
    place = tmp_path / "results"
    place.mkdir()
    for name in ("manifest.json", "design.parquet"):
        (place / name).write_bytes((folder / "results" / name).read_bytes())
    if what == "nothing":
        (place / "manifest.json").unlink()
    elif what == "a run":
        (place / "manifest.json").write_text('{"spiraal": "1", "data": {}}', encoding="utf-8")
    elif what == "another design":
        pd.DataFrame({"cell": [0], "point": [0]}).to_parquet(place / "design.parquet")
    else:
        (place / "design.parquet").write_bytes(b"PAR1")
    with pytest.raises(ResultsError) as caught:
        open_results(place)
    assert str(place) in str(caught.value)
    assert "\n" not in str(caught.value)


# --- One class alone ---------------------------------------------------------------------------------


@given(st.data())
def test_any_class_is_recreated_alone_to_the_last_bit(results: Results, data: st.DataObject) -> None:
    cell, replication = data.draw(st.integers(0, 7)), data.draw(st.integers(0, 19))
    assert results.differing(cell, replication) == ()
    row = results.table(cells=[cell]).iloc[replication]
    scenario = results.scenario(cell, replication)
    assert scenario.number == row["number"]
    record = simulate(scenario)
    assert row["conflict_mean_end"] == record.children["conflict"][-1].mean()
    assert row["conflict_max_day_3"] == record.children["conflict"][3].max()
    assert row["teacher_stress_end"] == record.teacher["stress"][-1]
    children = results.children(cells=[cell])
    mine = children[children["replication"] == replication]
    assert mine["conflict_end"].tolist() == record.children["conflict"][-1].tolist()


def test_a_replay_is_every_evening_without_and_with(results: Results) -> None:
    twins = results.replay(7, 3)
    again = simulate(results.scenario(7, 3))
    assert difference(twins.with_.children, again.children) == ""
    assert twins.without.interventions == ()
    assert twins.with_.interventions == ("banking-time",)


def test_a_class_that_is_not_there(results: Results) -> None:
    with pytest.raises(ResultsError, match="cell: found 8; allowed is 0 to 7"):
        results.scenario(8, 0)
    with pytest.raises(ResultsError, match="replication: found -1; allowed is 0 to 19"):
        results.replay(0, -1)


def test_the_command_replays_a_class_into_a_folder_like_that_of_a_run(folder: Path, tmp_path: Path) -> None:
    said = spiraal(tmp_path, "replay", folder / "results", "--cell", 7, "--replication", 3, "--out", "alone")
    assert "The outcomes are those of the sweep, to the last bit." in said
    scenario = load(tmp_path / "alone" / "scenario.toml")
    assert scenario == open_results(folder / "results").scenario(7, 3)
    assert (tmp_path / "alone" / "trajectories.png").is_file()
    assert "byte for byte" in spiraal(tmp_path, "rerun", "alone/manifest.json")
    again = spiraal(tmp_path, "replay", folder / "results", "--cell", 7, "--replication", 3, "--out", "alone", code=2)
    assert "alone: holds the results of an earlier run" in again
    assert "cell: found 99; allowed is 0 to 7" in spiraal(
        tmp_path, "replay", folder / "results", "--cell", 99, "--replication", 0, code=2
    )
    assert "manifest.json" in spiraal(tmp_path, "replay", tmp_path, "--cell", 0, "--replication", 0, code=2)


def test_a_class_with_an_intervention_of_ones_own_is_replayed_without_its_file(tmp_path: Path) -> None:
    (tmp_path / "fragile.py").write_text(PLUGIN, encoding="utf-8")
    write_plan(tmp_path, school={"interventions": [{"name": "fragile"}]})
    spiraal(tmp_path, "sweep", "plan.toml", "--out", "results", "--plugin", "fragile.py", code=1)
    (tmp_path / "fragile.py").unlink()
    trusted = "--trust-plugins"
    said = spiraal(tmp_path, "replay", "results", "--cell", 3, "--replication", 0, "--out", "alone", trusted)
    assert "to the last bit" in said
    assert "byte for byte" in spiraal(tmp_path, "rerun", "alone/manifest.json", trusted)
    said = spiraal(tmp_path, "replay", "results", "--cell", 5, "--replication", 1, trusted, code=2)
    assert "results: cell 5, replication 1 failed: RuntimeError: five is too many" in said


def test_a_class_that_comes_out_otherwise_is_told(folder: Path, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name, bytes_ in content(folder / "results").items():
        path = tmp_path / "results" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes_)
    part = min((tmp_path / "results" / "data").iterdir())
    table = pq.read_table(part)
    wrong = pa.array([1.0] * table.num_rows)
    other = table.set_column(table.schema.get_field_index("teacher_stress_end"), "teacher_stress_end", wrong)
    dataset = Dataset(tmp_path / "results", read_manifest(tmp_path / "results"))
    dataset.write(0, {DATA: other, CHILDREN: pq.read_table(dataset.files(CHILDREN)[0])})
    assert not part.exists()
    said = spiraal(tmp_path, "replay", "results", "--cell", 0, "--replication", 0, code=1)
    assert "These outcomes are not those of the sweep: teacher_stress_end" in said
    assert "Program, libraries and computer are those of then, as far as is known." in said


# --- The page about sweeps ---------------------------------------------------------------------------


def test_the_examples_of_the_documentation_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
    fences = re.findall(r"^```(\w+)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    (plan,) = [code for language, code in fences if language == "TOML"]
    assert "replications = 20 " in plan
    small = plan.replace("replications = 20 ", "replications = 2 ").replace("[15, 25]", "[5, 6]")
    (tmp_path / "plan.toml").write_text(small, encoding="utf-8")
    commands = [shlex.split(line)[1:] for language, code in fences if language == "sh" for line in code.splitlines()]
    assert [words[0] for words in commands] == ["sweep", "replay", "sensitivity", "discover"]
    assert "54 cells with 2 classes each: 108 class-years" in spiraal(tmp_path, *commands[0])
    assert "to the last bit" in spiraal(tmp_path, *(word.replace("7", "1") for word in commands[1]))
    assert "6 cells are known at one combination of levers" in spiraal(tmp_path, *commands[2], code=2)
    assert "0.0% of the classes are so" in spiraal(tmp_path, *commands[3], code=2)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for language, code in fences:
        if language == "py" and "discover(" not in code:  # which needs more classes than are run here
            exec(compile(code, "sweeps.md", "exec"), names)  # noqa: S102
    assert len(names["pairs"]) == 12
    duckdb = pytest.importorskip("duckdb")
    (query,) = [code for language, code in fences if language == "sql"]
    assert [row[0] for row in duckdb.sql(query).fetchall()] == [-0.5, 0.3, 1.0]


# --- Scenarios as files ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped())
def test_a_scenario_written_as_toml_is_the_same_scenario(name: str) -> None:
    scenario = load(name)
    text = as_toml(scenario.model_dump(mode="json", by_alias=True))
    assert parse(tomllib.loads(text), "file") == scenario


PLAIN = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), PLAIN, max_size=4))
def test_plain_data_written_as_toml_are_the_same_data(data: dict[str, Any]) -> None:
    assert tomllib.loads(as_toml(data)) == data
