"""Plausible worlds: how they are searched for, what is shipped, and what a run in all of them says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from strategies import difference, small
from sweeps import spiraal, surroundings

from sim.files.checksums import CHECKSUMS
from sim.parameters import PARAMETERS
from sim.run import twins
from sim.scenario import ScenarioError, parse
from sim.state import to_item_mean
from sim.studies import Claim, load_study
from sim.studies.in_worlds import ClaimInWorlds, estimates
from sim.studies.in_worlds import in_worlds as study_in_worlds
from sim.worlds import WorldsError, packed, plausible, read_worlds
from sim.year.in_worlds import evenly, in_worlds
from sim.year.pairs import MEASURES

EXPERIMENTS = Path(__file__).resolve().parents[1] / "experiments"
CALIBRATED = [name for name, entry in PARAMETERS.items() if entry.interval is not None]


@pytest.fixture(scope="module")
def ensemble() -> Any:
    """The script that searches."""
    sys.path.insert(0, str(EXPERIMENTS))
    import ensemble

    return ensemble


# -- What is shipped -----------------------------------------------------------------------------------------


def test_the_values_in_use_are_the_first_world() -> None:
    worlds = plausible()
    assert set(worlds.names) <= set(CALIBRATED)
    assert dict(zip(worlds.names, worlds.points[0].tolist(), strict=True)) == {
        name: PARAMETERS[name].value for name in worlds.names
    }


def test_there_are_enough_worlds_and_no_two_are_the_same() -> None:
    points = plausible().points
    assert len(points) >= 100
    assert len(np.unique(points, axis=0)) == len(points)
    assert (points.std(axis=0) > 0).all()


def test_the_worlds_say_how_they_were_found(ensemble: Any) -> None:
    told = plausible().provenance
    assert told["method"] == ensemble.METHOD
    assert told["kept"] == len(plausible()) - 1
    assert {"members", "waves", "simulated", "fitted", "classes", "seed", "spiraal"} <= told.keys()


def test_all_that_is_searched_differs_between_worlds(ensemble: Any) -> None:
    assert plausible().names == tuple(ensemble.calibrate.FREE)


# -- Files ---------------------------------------------------------------------------------------------------


def test_worlds_come_back_from_their_file_with_the_same_fingerprint(tmp_path: Path) -> None:
    file, worlds = tmp_path / "worlds.parquet", plausible()
    file.write_bytes(packed(worlds.names, worlds.points, worlds.provenance))
    again = read_worlds(file)
    assert again.fingerprint == worlds.fingerprint
    assert again.provenance == worlds.provenance
    changed = worlds.points.copy()
    changed[3, 2] *= 1.0 + 1e-12
    file.write_bytes(packed(worlds.names, changed, {}))
    assert read_worlds(file).fingerprint != worlds.fingerprint


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no such thing", "worlds.parquet: not a readable Parquet file"),
        (packed(("negativity", "kindness"), np.ones((2, 2)), {}), "worlds.parquet: no such parameter: kindness"),
        (
            packed(("negativity",), np.array([[2.0], [99.0]]), {}),
            "worlds.parquet: negativity: found 99; allowed is 1 to",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "worlds.parquet"
    file.write_bytes(content)
    with pytest.raises(WorldsError, match=said):
        read_worlds(file)


# -- A class in all worlds -----------------------------------------------------------------------------------


FEW = range(5)


def test_a_parameter_that_the_scenario_sets_is_the_same_in_all_worlds() -> None:
    found = [small(parameters={"liking_rate": 0.01}, world=world).values() for world in FEW]
    assert {values["liking_rate"] for values in found} == {0.01}
    assert [values["seek_rate"] for values in found] == plausible().points[
        :5, plausible().names.index("seek_rate")
    ].tolist()
    assert found[0]["seek_rate"] == PARAMETERS["seek_rate"].value


def test_a_world_that_is_not_there_is_refused() -> None:
    last = len(plausible()) - 1
    with pytest.raises(ScenarioError, match=rf"world: found {last + 1}; allowed is 0 \(the values in use\) to {last}"):
        parse({"world": last + 1}, "mine.toml")


def test_each_world_is_the_pair_that_runs_alone() -> None:
    scenario = small(interventions=[{"name": "banking-time", "start_week": 1, "target": "highest conflict"}])
    found = in_worlds(scenario, FEW, 0)
    days = [0, *(scenario.calendar().last_day(week) for week in range(1, 5))]
    for number in FEW:
        pair = twins(scenario.changed(world=number))
        for place, measure in enumerate(MEASURES):
            for arm, record in ((found.found.left, pair.without), (found.found.right, pair.with_)):
                assert difference(arm[number, :, place], to_item_mean(record.children[measure][days])) == ""
    assert difference(to_item_mean(twins(scenario).with_.children["conflict"][-1]), found.found.right[0, -1, 1]) == ""


def test_the_table_counts_the_worlds() -> None:
    found = in_worlds(
        small(interventions=[{"name": "banking-time", "start_week": 1, "target": "highest conflict"}]), FEW, 0
    )
    table = found.table()
    assert len(table) == len(MEASURES) * 5
    for (measure, week), row in table.set_index(["measure", "week"]).iterrows():
        column = found.differences(measure)[:, week]
        assert row["in_use"] == column[0]
        assert row["median"] == np.median(column)
        assert row["low"] <= row["median"] <= row["high"]
        assert row["better"] == (MEASURES[measure] * column > 0).sum() >= row["visibly_better"]
    assert (table["worlds"] == 5).all()
    assert (table[table["week"] == 0][["better", "in_use"]] == 0).all(axis=None)


# -- The command ---------------------------------------------------------------------------------------------


def test_a_run_asks_all_worlds_and_can_be_run_again(tmp_path: Path) -> None:
    said = spiraal(tmp_path, "run", "--weeks", "2", "--from-week", "1", "--ensemble", "--out", "first")
    assert f"{len(plausible())} plausible worlds" in said
    table = pd.read_csv(tmp_path / "first" / "worlds.csv")
    assert (table["worlds"] == len(plausible())).all()
    manifest = json.loads((tmp_path / "first" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["worlds"] == plausible().fingerprint
    assert "byte for byte" in spiraal(tmp_path, "rerun", "first/manifest.json", "--out", "again")
    for name in ("worlds.csv", "worlds.parquet"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "first" / name).read_bytes()
    file = tmp_path / "first" / "manifest.json"
    file.write_text(json.dumps(manifest | {"worlds": "0" * 16}), encoding="utf-8")
    (tmp_path / "first" / CHECKSUMS).unlink()  # what they are of is another one now
    said = spiraal(tmp_path, "rerun", "first/manifest.json", code=2)
    assert "no longer those of the program" in said
    assert "Traceback" not in said


# -- Studies -------------------------------------------------------------------------------------------------


def test_a_study_in_plausible_worlds() -> None:
    study, worlds = load_study("strs"), evenly(3)
    found = study_in_worlds(study, worlds, 12)
    assert worlds == [0, (len(plausible()) - 1) // 2, len(plausible()) - 1]
    assert [one.claim for one in found] == list(study.claims)
    for number, world in enumerate(worlds):
        alone = estimates(study, plausible().values(world), 12)
        assert [one.found[number] for one in found] == [alone[claim.name].value for claim in study.claims]
    for one in found:
        assert one.quantiles[0] <= one.quantiles[1] == np.median(one.found) <= one.quantiles[2]
        assert len(set(one.found)) == 3, "the worlds differ"


def test_signs_are_counted() -> None:
    values = np.array([0.2, np.nan, -0.1, 0.3])
    assert ClaimInWorlds(Claim("x", "", direction=1), values).right == 2
    assert ClaimInWorlds(Claim("x", "", direction=-1), values).right == 1
    assert ClaimInWorlds(Claim("x", "", value=0.3), values).right is None
    assert np.isnan(ClaimInWorlds(Claim("x", ""), np.full(3, np.nan)).quantiles).all()


def test_studies_in_worlds_on_the_command_line(tmp_path: Path) -> None:
    said = spiraal(tmp_path, "study", "worlds", "kiuru_2015", "--worlds", "2", "--classes", "10")
    assert "nine in ten" in said and " of 2" in said
    assert "allowed is 2 to" in spiraal(tmp_path, "study", "worlds", "strs", "--worlds", "9999", code=2)
    assert "allowed is 0 (the values in use) to" in spiraal(tmp_path, "study", "run", "strs", "--world", "9999", code=2)
    told = [
        spiraal(tmp_path, "study", "run", "strs", "--world", world, "--studies", "2", "--classes", "100")
        for world in ("0", "0", "3")
    ]
    table = [text.partition("S1 ·")[2] for text in told]  # the bar before it tells the time
    assert table[0] == table[1] != table[2]


# -- The search ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_search_recovers_worlds_that_are_known(ensemble: Any) -> None:
    """Where statistics follow parameters linearly: intervals of 90 % hold the truth in 80 to 97 of 100 cases."""
    luck, count = np.random.default_rng(5), len(ensemble.calibrate.FREE)
    slopes = luck.standard_normal((80, count)) * (luck.random((80, count)) < 0.15)
    how = ensemble.Settings(members=240, classes=1, seed=3)
    inside, narrowed = [], []
    for _ in range(6):
        truth = np.clip(luck.standard_normal(count), -ensemble.FAR_AWAY, ensemble.FAR_AWAY)
        error = np.full(80, 0.5)
        goal = ensemble.Goals(
            tuple(map(str, range(80))), slopes @ truth + error * luck.standard_normal(80), error, 0.0 * error, 80
        )

        def look(_step: int, worlds: list[dict[str, float]]) -> Any:
            return np.array([slopes @ ensemble.place_of(world) for world in worlds])

        members = ensemble.matched(look, goal, how, spreads=(0.5, 0.7, 1.0))
        found = np.array([ensemble.place_of(world) for world in members.fitting()])
        low, high = np.quantile(found, (0.05, 0.95), axis=0)
        inside.append((low <= truth) & (truth <= high))
        narrowed.append(found.std(axis=0).mean())
    assert 0.80 <= np.mean(inside) <= 0.97
    assert np.mean(narrowed) < 0.9


SEARCH = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import ensemble
if __name__ == "__main__":
    worlds = [ensemble.calibrate.in_use()] * 4
    print(ensemble.simulated(Path("found"), worlds, ("contacts", "hostile acts"), 1).tolist())
"""


@pytest.mark.slow
def test_a_search_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "search.py").write_text(SEARCH, encoding="utf-8")
    line = [sys.executable, "search.py", str(EXPERIMENTS)]
    with subprocess.Popen(line, cwd=tmp_path, env=surroundings(), start_new_session=True) as running:
        until = time.monotonic() + 120
        while not list((tmp_path / "found").glob("*.json")):
            assert running.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGKILL)  # its workers, too, which would wait for work for ever
    first = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "found").glob("*.json")}
    ended = subprocess.run(line, cwd=tmp_path, env=surroundings(), capture_output=True, text=True, check=True)
    assert len(json.loads(ended.stdout)) == 4
    for name, when in first.items():
        assert (tmp_path / "found" / name).stat().st_mtime_ns == when
