"""Sensitivity: indices of functions whose indices are known, through a sweep that computes these functions."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweeps import FACTORS, LEVER, OUTCOME, spiraal, swept, write_plan

from sim.files.language import use
from sim.sweeps.design import MorrisDesign
from sim.sweeps.results import open_results
from sim.sweeps.sensitivity import (
    Sensitivity,
    SensitivityError,
    analyse,
    elementary_effects,
    figure,
    noise_floor,
    remarks,
    write_sensitivity,
)
from sim.sweeps.sweep import on_threads, prepare, run

NAMES = list(FACTORS)
SOBOL = {"kind": "sobol", "samples": 1024, "second_order": True}
MORRIS = {"kind": "morris", "trajectories": 40}

VARIANCE = 7.0**2 / 8 + 0.1 * np.pi**4 / 5 + 0.1**2 * np.pi**8 / 18 + 0.5
FIRST = np.array([0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 7.0**2 / 8, 0.0]) / VARIANCE
BOTH = 0.1**2 * np.pi**8 * (1 / 18 - 1 / 50) / VARIANCE
"""Share of the first and the third factor together."""
TOTAL = FIRST + np.array([BOTH, 0.0, BOTH])


def linear(x: np.ndarray, _lever: float) -> float:
    return float(3.0 * x[0] - 2.0 * x[1])


def estimates(found: Sensitivity, index: str) -> np.ndarray:
    return found.indices[found.indices["index"] == index]["estimate"].to_numpy()


# --- Known answers -----------------------------------------------------------------------------------


def test_sobol_indices_of_ishigami(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, SOBOL))
    assert estimates(found, "first order") == pytest.approx(FIRST, abs=0.05)
    assert estimates(found, "total") == pytest.approx(TOTAL, abs=0.05)
    assert estimates(found, "second order") == pytest.approx([0.0, BOTH, 0.0], abs=0.08)
    pairs = found.indices[found.indices["index"] == "second order"][["factor", "with"]]
    assert pairs.to_numpy().tolist() == [[NAMES[0], NAMES[1]], [NAMES[0], NAMES[2]], [NAMES[1], NAMES[2]]]
    known = np.concatenate([FIRST, TOTAL, [0.0, BOTH, 0.0]])
    inside = (found.indices["low"] <= known) & (known <= found.indices["high"])
    assert inside.mean() > 0.7
    assert (found.indices["high"] - found.indices["low"] < 0.4).all()


def test_morris_indices_of_a_straight_line(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, MORRIS, linear))
    assert estimates(found, "mu") == pytest.approx([3.0, -2.0, 0.0])
    assert estimates(found, "mu*") == pytest.approx([3.0, 2.0, 0.0])
    assert estimates(found, "sigma") == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)
    assert (found.indices["high"] - found.indices["low"]).to_numpy() == pytest.approx(0.0, abs=1e-12)


def test_morris_tells_that_factors_act_together(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, MORRIS, lambda x, _: float(x[0] * x[1])))
    assert estimates(found, "mu")[:2] == pytest.approx(0.5, abs=0.15)
    assert (estimates(found, "sigma")[:2] > 0.2).all()
    assert estimates(found, "sigma")[2] == 0.0
    assert (found.indices["high"] > found.indices["low"]).sum() == 6


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 4, 8]))
def test_our_elementary_effects_are_those_of_the_library(seed: int, levels: int) -> None:
    from SALib.analyze import morris
    from SALib.sample import morris as sampler

    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
    x = sampler.sample(problem, 6, num_levels=levels, seed=seed)
    y = np.random.default_rng(seed).normal(size=len(x))
    effects = elementary_effects(MorrisDesign(trajectories=6, levels=levels), x, y)
    found = morris.analyze(problem, x, y, num_levels=levels, seed=1)
    assert effects.mean(axis=0) == pytest.approx(found["mu"])
    assert np.abs(effects).mean(axis=0) == pytest.approx(found["mu_star"])
    assert effects.std(axis=0, ddof=1) == pytest.approx(found["sigma"])


def test_levels_and_whole_numbers_have_indices_too(tmp_path: Path) -> None:
    uncertainties = {
        "parameters.negativity": {"values": [1.0, 1.5, 2.5]},
        "class.size": {"low": 10, "high": 30, "whole": True},
        "class.grade": {"values": [0, 3]},
    }
    found = analyse(swept(tmp_path, SOBOL, lambda x, _: float(x[0] + x[1]), uncertainties=uncertainties))
    variances = np.array([np.var([0.0, 0.5, 1.0]), np.var(np.arange(21) / 20), 0.0])
    assert estimates(found, "total") == pytest.approx(variances / variances.sum(), abs=0.03)
    (tmp_path / "morris").mkdir()
    found = analyse(swept(tmp_path / "morris", MORRIS, lambda x, _: float(x[0] - x[2]), uncertainties=uncertainties))
    assert estimates(found, "mu") == pytest.approx([0.75, 0.0, -1.5])


def test_the_bootstrap_has_the_seed_of_the_plan(tmp_path: Path) -> None:
    results = swept(tmp_path, {**SOBOL, "samples": 32}, seed=0)
    pd.testing.assert_frame_equal(analyse(results).indices, analyse(results).indices)


# --- Luck --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("noise", "replications"), [(0.0, 2), (1.0, 2), (3.0, 8), (20.0, 4)])
def test_the_floor_is_the_share_of_luck(noise: float, replications: int) -> None:
    luck = np.random.default_rng(1)
    y = luck.normal(size=(20000, 1)) + noise * luck.normal(size=(20000, replications))
    floor = noise_floor(y)
    share = noise**2 / replications / (1.0 + noise**2 / replications)
    assert floor.luck == pytest.approx(share, abs=0.02)
    assert floor.spread == pytest.approx(noise / np.sqrt(replications), rel=0.02)
    if noise < 20.0:
        assert floor.needed == pytest.approx(max(1, np.ceil(19 * noise**2)), rel=0.1)
    else:
        assert floor.needed > 1000


def test_luck_alone_is_all_of_it() -> None:
    y = np.random.default_rng(3).normal(size=(5000, 3))
    floor = noise_floor(y)
    assert floor.luck > 0.95
    assert floor.needed > 100


def test_a_floor_needs_two_replications_and_something_that_varies() -> None:
    assert np.isnan(noise_floor(np.random.default_rng(1).normal(size=(50, 1))).luck)
    assert np.isnan(noise_floor(np.ones((50, 4))).luck)
    with_gaps = np.random.default_rng(1).normal(size=(50, 2))
    with_gaps[:5, 1] = np.nan
    assert noise_floor(with_gaps) == noise_floor(with_gaps[5:])


def test_a_factor_without_influence_comes_up_to_the_floor(tmp_path: Path) -> None:
    def two_of_three(x: np.ndarray, _lever: float) -> float:
        return float(x[0] + 0.5 * x[1])

    found = analyse(swept(tmp_path, {**SOBOL, "second_order": False}, two_of_three, noise=0.4, replications=4))
    floor = found.floors["floor"].iloc[0]
    assert 0.2 < floor < 0.35
    assert estimates(found, "total")[2] == pytest.approx(floor, abs=0.03)
    assert estimates(found, "first order")[2] == pytest.approx(0.0, abs=0.05)
    (tmp_path / "morris").mkdir()
    many = {**MORRIS, "trajectories": 400}
    found = analyse(swept(tmp_path / "morris", many, two_of_three, noise=0.4, replications=4))
    assert estimates(found, "mu*")[2] == pytest.approx(found.floors["floor"].iloc[0], rel=0.1)


# --- Levers, failures, words -------------------------------------------------------------------------


def test_every_combination_of_levers_has_its_own_indices(tmp_path: Path) -> None:
    def turned(x: np.ndarray, lever: float) -> float:
        return float(lever * x[0] + (1.0 - lever) * x[1]) if lever else 7.0

    levers = {LEVER: {"values": [0.0, 0.5, 1.0]}}
    found = analyse(swept(tmp_path, {**SOBOL, "second_order": False}, turned, levers=levers))
    assert found.levers == (LEVER,)
    total = found.indices[found.indices["index"] == "total"].pivot_table("estimate", LEVER, "factor", dropna=False)
    assert total[NAMES].loc[0.5].to_numpy() == pytest.approx([0.5, 0.5, 0.0], abs=0.02)
    assert total[NAMES].loc[1.0].to_numpy() == pytest.approx([1.0, 0.0, 0.0], abs=0.02)
    assert total.loc[0.0].isna().all()
    assert [line.partition(": ")[::2] for line in remarks(found)] == [
        (f"{OUTCOME}, {LEVER} = 0.0", "The outcome is the same in every cell."),
        (f"{OUTCOME}, {LEVER} = 0.5", "0.0% of the variance between cells is luck."),
        (f"{OUTCOME}, {LEVER} = 1.0", "0.0% of the variance between cells is luck."),
    ]
    drawn = figure(found, OUTCOME)
    assert [axes.get_title(loc="left") for axes in drawn.axes] == [f"{LEVER} = {x}" for x in (0.0, 0.5, 1.0)]


def test_cells_that_failed_are_left_out_with_their_block(tmp_path: Path) -> None:
    results = swept(tmp_path, {**SOBOL, "second_order": False}, failing=(3, 4, 77))
    found = analyse(results)
    assert found.floors["left_out"].tolist() == [10]
    assert remarks(found)[0].endswith("10 of 5,120 cells are left out: failed, not done, or compared with such.")
    assert estimates(found, "total") == pytest.approx(TOTAL, abs=0.06)


def test_a_sweep_that_is_not_finished_can_be_analysed(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, MORRIS, linear, done=0.5))
    assert estimates(found, "mu") == pytest.approx([3.0, -2.0, 0.0])
    assert 0 < found.floors["left_out"].iloc[0] < 160


def test_too_little_to_analyse(tmp_path: Path) -> None:
    results = swept(tmp_path, {"kind": "morris", "trajectories": 3}, linear, failing=(1, 6))
    with pytest.raises(SensitivityError, match="1 of 3 blocks of 4 cells are complete; at least 2 are needed"):
        analyse(results)


# --- Designs that were not made for indices ------------------------------------------------------------


def test_a_latin_hypercube_has_first_order_indices_and_shifts(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, {"kind": "latin-hypercube", "samples": 1000}))
    assert found.kind == "given"
    assert estimates(found, "first order") == pytest.approx(FIRST, abs=0.04)
    shifts = found.indices[found.indices["index"] == "PAWN"].set_index("factor")
    floor = found.floors["floor"].iloc[0]
    # The third factor, which acts with the first alone, has no first-order index, but it moves the distribution.
    assert 0.0 < floor < shifts["low"].min()
    assert shifts["estimate"].idxmax() == NAMES[1]
    assert ((shifts["low"] < shifts["estimate"]) & (shifts["estimate"] < shifts["high"])).all()
    drawn = figure(found, OUTCOME).axes[0]
    assert sum(line.get_linestyle() == "--" for line in drawn.lines) == 1
    assert len(drawn.patches) == 6


def test_a_factor_without_influence_has_the_index_of_dice(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, {"kind": "latin-hypercube", "samples": 1000}, linear, noise=0.3))
    shifts = estimates(found, "PAWN")
    assert shifts[2] == pytest.approx(found.floors["floor"].iloc[0], abs=0.05)
    assert shifts[0] > shifts[1] > 2.0 * shifts[2]
    squares = np.array([9.0, 4.0, 0.0]) / 12.0
    first = squares / (squares.sum() + 0.3**2 / 2)
    assert estimates(found, "first order") == pytest.approx(first, abs=0.05)


def test_levels_of_a_grid_have_indices(tmp_path: Path) -> None:
    uncertainties = {
        "class.problem_behaviour": {"values": [0.0, 0.25, 0.5, 0.75, 1.0]},
        "class.grade": {"values": [0, 1, 2, 3, 4, 5]},
        "parameters.negativity": {"values": [1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75]},
    }
    grid = {"kind": "grid"}
    found = analyse(swept(tmp_path, grid, lambda x, _: float(2.0 * x[0] + x[1]), uncertainties=uncertainties))
    parts = np.array([4.0 * np.var(np.arange(5) / 4.0), np.var(np.arange(6) / 5.0), 0.0])
    assert estimates(found, "first order") == pytest.approx(parts / parts.sum(), abs=0.15)
    assert estimates(found, "PAWN").argmax() == 0


def test_factors_of_a_list_may_go_together_so_that_they_have_shifts_alone(tmp_path: Path) -> None:
    generator = np.random.default_rng(4)
    rows = generator.random((80, 1)) * [1.0, 0.5] + [[0.0, 0.2]]
    pd.DataFrame(rows, columns=["class.problem_behaviour", "class.acquaintance"]).to_csv(
        tmp_path / "cells.csv", index=False
    )
    design = {"kind": "list", "file": "cells.csv"}
    found = analyse(swept(tmp_path, design, lambda x, _: float(x[0]), uncertainties={}))
    assert set(found.indices["index"]) == {"PAWN"}
    one, other = estimates(found, "PAWN")
    assert one == pytest.approx(other)
    assert len(figure(found, OUTCOME).axes[0].patches) == 2


@pytest.mark.parametrize(
    ("uncertainties", "levers", "message"),
    [
        ({"class.grade": {"values": [0, 1, 2]}}, {}, "3 cells are known at one combination of levers; at least 50"),
        ({}, {LEVER: {"values": [0.0, 1.0]}}, "what levers change is told by `spiraal effects`"),
    ],
)
def test_what_a_grid_has_no_indices_for(tmp_path: Path, uncertainties: Any, levers: Any, message: str) -> None:
    results = swept(tmp_path, {"kind": "grid"}, lambda x, _: 1.0, uncertainties=uncertainties, levers=levers)
    with pytest.raises(SensitivityError, match=message):
        analyse(results)
    assert message in spiraal(tmp_path, "sensitivity", "results", code=2)


@pytest.mark.parametrize(
    ("noise", "replications", "message"),
    [
        (0.0, 2, "0.0% of the variance between cells is luck."),
        (1.0, 1, "One class a cell: how much of the differences is luck is not known; take replications = 2 or more."),
        (0.5, 2, "replications instead of 2 would bring it to 5%."),
    ],
)
def test_luck_in_words(tmp_path: Path, noise: float, replications: int, message: str) -> None:
    found = analyse(swept(tmp_path, MORRIS, linear, noise=noise, replications=replications))
    (said,) = remarks(found)
    assert said.startswith(f"{OUTCOME}: ") and said.endswith(message)


# --- Tables and figures ------------------------------------------------------------------------------


def test_figures_show_what_the_table_says(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, {**SOBOL, "samples": 64, "second_order": False}, noise=2.0))
    (axes,) = figure(found, OUTCOME).axes
    order = [label.get_text() for label in axes.get_yticklabels()]
    assert sorted(order) == ["class.problem_behaviour", "negativity", "teacher_bias"]
    total = found.indices[found.indices["index"] == "total"].set_index("factor")["estimate"]
    assert order == [name.removeprefix("parameters.") for name in total.sort_values(ascending=False).index]
    widths = [bar.get_width() for bar in axes.patches]
    assert sorted(widths) == pytest.approx(sorted(found.indices["estimate"]))
    lines = [line.get_xdata()[0] for line in axes.lines]
    assert found.floors["floor"].iloc[0] in lines


def test_a_floor_that_is_not_known_is_not_drawn(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, MORRIS, linear, replications=1))
    (axes,) = figure(found, OUTCOME).axes
    assert sum(line.get_linestyle() == "--" for line in axes.lines) == 0
    assert np.isnan(found.floors["floor"].iloc[0])


def test_files_are_the_same_again_and_speak_the_language(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, {**SOBOL, "samples": 64}, noise=1.0))
    for name in ("one", "two"):
        write_sensitivity(found, tmp_path / name)
    names = {"sensitivity.csv", "luck.csv", f"sensitivity-{OUTCOME}.png", f"sensitivity-{OUTCOME}.svg"}
    assert {path.name for path in (tmp_path / "one").iterdir()} == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    read = pd.read_csv(tmp_path / "one" / "sensitivity.csv", encoding="utf-8-sig", keep_default_na=False)
    assert list(read) == ["outcome", "index", "factor", "with", "estimate", "low", "high"]
    assert read["estimate"].to_numpy() == pytest.approx(found.indices["estimate"].to_numpy(), abs=1e-4)
    with use("nl"):
        write_sensitivity(found, tmp_path / "nl")
    assert ";" in (tmp_path / "nl" / "sensitivity.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert ">0,2<" in (tmp_path / "nl" / f"sensitivity-{OUTCOME}.svg").read_text(encoding="utf-8")


def test_nothing_is_drawn_beyond_the_edge(tmp_path: Path) -> None:
    levers = {LEVER: {"values": [0.2, 0.4, 0.6, 0.8]}}
    found = analyse(swept(tmp_path, {**SOBOL, "samples": 16}, noise=1.0, levers=levers, title="A question" * 3))
    write_sensitivity(found, tmp_path / "out")
    pixels = matplotlib.image.imread(tmp_path / "out" / f"sensitivity-{OUTCOME}.png")
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert (edge[:, :3] == 1.0).all()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    found = analyse(swept(tmp_path, {**MORRIS, "trajectories": 4}, linear))
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(SensitivityError, match="taken"):
        write_sensitivity(found, tmp_path / "taken")


def test_the_command_tells_and_writes_it(tmp_path: Path) -> None:
    swept(tmp_path, MORRIS, linear, noise=0.2)
    said = spiraal(tmp_path, "sensitivity", "results", "--out", "out")
    assert "mu*" in said and NAMES[2] in said
    assert "% of the variance between cells is luck." in said
    assert (tmp_path / "out" / "sensitivity.csv").is_file()


def test_a_real_sweep_has_indices(tmp_path: Path) -> None:
    outcomes = [{"variables": ["conflict"], "of": ["mean"]}]
    uncertainties = {
        "parameters.act_baseline": {"low": -5.5, "high": -1.5},
        "parameters.public_task": {"low": 0.3, "high": 0.5},
    }
    design = {"kind": "morris", "trajectories": 6}
    path = write_plan(
        tmp_path,
        design=design,
        outcomes=outcomes,
        uncertainties=uncertainties,
        levers={},
        replications=30,
        school={"class": {"size": 20}},
    )
    run(prepare(path), tmp_path / "results", partial(on_threads, workers=1))
    push, public = estimates(analyse(open_results(tmp_path / "results")), "mu*")
    assert push > 3.0 * public
