"""Discovery: boxes and telling factors of functions that are known, and what PRIM of another program finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sweeps import FACTORS, LEVER, OUTCOME, spiraal, swept

from sim.files.language import use
from sim.sweeps import prim
from sim.sweeps.discovery import (
    Discovery,
    DiscoveryError,
    cells_of,
    condition,
    discover,
    limits_in_words,
    separation,
    short,
    write_discovery,
)
from sim.sweeps.discovery_figure import figure
from sim.sweeps.results import Results

NAMES = list(FACTORS)
ABOVE = f"{OUTCOME} > 0.5"
HYPERCUBE = {"kind": "latin-hypercube", "samples": 300}


def corner(x: np.ndarray, lever: float) -> float:
    """1 where the first factor is high and the second low, and the lever is on; the third means nothing."""
    return float(x[0] > 0.6 and x[1] < 0.5 and lever > 0.0)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A corner of the space, seen through some luck."""
    return swept(tmp_path_factory.mktemp("corner"), HYPERCUBE, corner, noise=0.4, replications=3)


@pytest.fixture(scope="module")
def found(results: Results) -> Discovery:
    return discover(results, [ABOVE])


# --- PRIM ----------------------------------------------------------------------------------------------

# What the peeling of EMAworkbench 2.5.3 (Prim with its defaults) leaves of these cells: how many, and their density.
EMA = [
    (1000, 0.218000), (950, 0.227368), (902, 0.232816), (856, 0.241822), (813, 0.250923), (772, 0.257772),
    (733, 0.270123), (696, 0.283046), (661, 0.295008), (627, 0.306220), (595, 0.315966), (565, 0.329204),
    (536, 0.345149), (509, 0.363458), (483, 0.380952), (458, 0.399563), (435, 0.416092), (413, 0.433414),
    (392, 0.454082), (372, 0.478495), (353, 0.501416), (335, 0.525373), (318, 0.547170), (302, 0.576159),
    (286, 0.604895), (271, 0.638376), (257, 0.673152), (244, 0.696721), (231, 0.735931), (219, 0.771689),
    (208, 0.812500), (197, 0.857868), (187, 0.903743), (177, 0.915254), (168, 0.922619), (159, 0.924528),
    (151, 0.927152), (143, 0.937063), (135, 0.940741),
]  # fmt: skip


def test_peeling_goes_the_way_of_another_program() -> None:
    generator = np.random.default_rng(3)
    x = generator.random((1000, 4))
    y = ((x[:, 0] > 0.6) & (x[:, 1] < 0.45)).astype(float)
    y = np.where(generator.random(1000) < 0.05, 1.0 - y, y)
    steps = prim.path({f"x{place}": x[:, place] for place in range(4)}, y)
    assert [step.cells for step in steps[: len(EMA)]] == [cells for cells, _density in EMA]
    assert [step.density for step in steps[: len(EMA)]] == pytest.approx([density for _cells, density in EMA], abs=1e-6)
    assert [step.coverage for step in steps] == pytest.approx([step.cells * step.density / y.sum() for step in steps])


def test_texts_are_peeled_one_by_one_and_the_rest_is_told() -> None:
    generator = np.random.default_rng(1)
    kinds = generator.choice(["a", "b", "c", "d"], 400).astype(object)
    y = np.isin(kinds, ["b", "d"]).astype(float)
    columns = {"kind": kinds, "nothing": generator.random(400)}
    step = prim.chosen(columns, y, prim.path(columns, y), None)
    assert step.box == {"kind": prim.Limits(texts=frozenset("bd"))}
    assert (step.coverage, step.density) == (1.0, 1.0)


def test_pasting_takes_back_what_does_no_harm() -> None:
    x = np.linspace(0.0, 1.0, 101)
    y = (x >= 0.5).astype(float)
    narrow = {"x": prim.Limits(0.7, np.inf)}
    (wider,) = prim.pastes({"x": x}, narrow, prim.inside({"x": x}, narrow))
    assert 0.64 < wider["x"].low < 0.7
    assert y[prim.inside({"x": x}, wider)].all()
    (whole,) = prim.pastes({"x": x}, {"x": prim.Limits(x[1], np.inf)}, x > 0.0)
    assert whole == {}


def test_a_restriction_that_may_be_chance_is_dropped() -> None:
    generator = np.random.default_rng(2)
    columns = {"x": generator.random(500), "nothing": generator.random(500)}
    y = (columns["x"] > 0.7).astype(float)
    step = prim.step_of(columns, y, {"x": prim.Limits(0.7, np.inf), "nothing": prim.Limits(0.1, np.inf)})
    chances = prim.quasi_p(columns, y, step.box)
    assert chances["x"] < 1e-6
    assert chances["nothing"] > 0.05
    assert set(prim.chosen(columns, y, [step], None).box) == {"x"}


def test_a_quasi_p_value_is_the_binomial_one() -> None:
    x = np.arange(20.0)
    y = np.where(x >= 10.0, 1.0, 0.0)
    chances = prim.quasi_p({"x": x}, y, {"x": prim.Limits(14.5, np.inf)})
    assert chances["x"] == pytest.approx(0.5**5)


# --- A sweep -------------------------------------------------------------------------------------------


def test_the_corner_is_found_and_found_again(found: Discovery) -> None:
    limits = found.limits.set_index("factor")
    assert set(limits.index) == set(NAMES[:2])
    assert limits.loc[NAMES[0], "low"] == pytest.approx(1.0 + 0.6 * 2.0, abs=0.1)
    assert limits.loc[NAMES[1], "high"] == pytest.approx(0.9 * 0.5, abs=0.05)
    assert limits["low"].isna().tolist() == [False, True] and limits["high"].isna().tolist() == [True, False]
    assert (limits["quasi_p"] < 1e-6).all() and (limits["reproduced"] > 0.9).all()
    (box,) = found.boxes.to_dict("records")
    assert box["density"] > 0.85 and box["coverage"] > 0.5
    assert box["density_unseen"] == pytest.approx(box["density"], abs=0.1)
    assert found.remarks[0].endswith("of 900 classes in 300 cells are as asked.")


def test_what_tells_stands_first_and_what_does_not_stays_with_luck(found: Discovery) -> None:
    table = found.drivers.set_index("factor")
    assert set(table.index[:2]) == set(NAMES[:2])
    telling, silent = table.loc[NAMES[:2]], table.loc[NAMES[2]]
    for name in ("ks", "score"):
        assert (telling[f"{name}_low"] > telling[f"{name}_luck"]).all()
        assert silent[f"{name}_low"] < silent[f"{name}_luck"]
    assert table["score"].sum() + table["score_luck"].iloc[0] == pytest.approx(1.0)


def test_the_statistic_of_kolmogorov_and_smirnov_is_that_of_the_library() -> None:
    from scipy import stats

    generator = np.random.default_rng(5)
    x, so = generator.normal(size=200), generator.random(200) < 0.4
    x[so] += 0.5
    level = np.unique(x, return_inverse=True)[1]
    known = stats.ks_2samp(x[so], x[~so]).statistic
    assert separation(level, so.astype(float), (~so).astype(float), ordered=True) == pytest.approx(known)
    texts = np.array([0, 0, 1, 1, 2, 2])
    assert separation(texts, np.array([1, 1, 0, 0, 1, 0.0]), np.array([0, 0, 1, 1, 0, 1.0]), ordered=False) == (
        pytest.approx(2.0 / 3.0)
    )


def test_levers_and_texts_and_levels_are_factors_too(tmp_path: Path) -> None:
    levers = {
        LEVER: {"values": [0.0, 0.5, 1.0]},
        "interventions.0.target": {"values": ["highest conflict", "lowest closeness"]},
    }
    uncertainties = {"class.grade": {"values": [0, 1, 2, 3, 4, 5, 6]}, NAMES[0]: FACTORS[NAMES[0]]}
    hypercube = {**HYPERCUBE, "samples": 60}
    results = swept(
        tmp_path,
        hypercube,
        lambda x, lever: float(x[0] > 0.4 and lever > 0.4),
        levers=levers,
        uncertainties=uncertainties,
    )
    found = discover(results, [ABOVE])
    words = {row["factor"]: limits_in_words(row) for row in found.limits.to_dict("records")}
    assert words == {"class.grade": "≥ 3", LEVER: "≥ 0.5"}
    assert found.boxes[["coverage", "density"]].to_numpy().tolist() == [[1.0, 1.0]]
    assert found.cells.unit.max() == 59
    figure(found)


def test_a_second_box_is_looked_for_in_what_the_first_has_left(tmp_path: Path) -> None:
    two = swept(tmp_path, {**HYPERCUBE, "samples": 600}, lambda x, _: float(x[0] > 0.75 or x[1] > 0.85))
    found = discover(two, [ABOVE], density=0.95, boxes=3)
    assert found.limits["factor"].tolist()[:2] == [NAMES[0], NAMES[1]]
    assert found.boxes["density"].min() > 0.95
    assert found.boxes["coverage"].sum() > 0.9


def test_outcomes_are_compared_with_numbers_and_with_each_other(results: Results) -> None:
    assert str(condition(f"{OUTCOME}>=0.5", [OUTCOME])) == ABOVE.replace(">", ">=")
    with pytest.raises(DiscoveryError, match=r"0\.0% of the classes"):
        discover(results, [f"{OUTCOME} > {OUTCOME}"])
    above, few = (condition(text, [OUTCOME]) for text in (ABOVE, f"{OUTCOME} < 0.6"))
    assert cells_of(results, [above, few]).share.sum() < cells_of(results, [above]).share.sum()


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("conflict", "--where: found 'conflict'; allowed is an outcome, one of > >= < <=, and a number or an outcome"),
        ("conflict > 1", "--where: found 'conflict'; allowed is one of conflict_mean_end"),
        (f"{OUTCOME} > nan", "--where: found 'nan'; allowed is a finite number"),
        (
            f"{OUTCOME} > 5",
            f"{OUTCOME} > 5: 0.0% of the classes are so, as many as 0.0 of 300 cells hold; at least 10 cells' worth",
        ),
    ],
)
def test_what_cannot_be_asked(results: Results, where: str, message: str) -> None:
    with pytest.raises(DiscoveryError) as refused:
        discover(results, [where])
    assert message in str(refused.value)


def test_too_few_cells_and_nothing_that_differs(tmp_path: Path) -> None:
    few = swept(tmp_path, {**HYPERCUBE, "samples": 30}, corner)
    with pytest.raises(DiscoveryError, match="30 cells are known; at least 50 are needed to look for a box"):
        discover(few, [ABOVE])


def test_luck_alone_makes_no_box(tmp_path: Path) -> None:
    nothing = discover(swept(tmp_path, HYPERCUBE, lambda _x, _: 0.5, noise=1.0), [ABOVE])
    assert nothing.boxes.empty and nothing.limits.empty
    assert any("No box" in line for line in nothing.remarks)
    assert (nothing.drivers["ks_low"] < nothing.drivers["ks_luck"]).all()
    figure(nothing)


def test_classes_that_are_missing_are_left_out_and_told(tmp_path: Path) -> None:
    part = discover(swept(tmp_path, HYPERCUBE, corner, failing=(3, 4)), [ABOVE])
    assert part.remarks[-1] == "4 of 600 classes are left out: failed, not done, or without such an outcome."


def test_numbers_have_three_digits_that_count() -> None:
    found = [short(x) for x in (0.0, 0.35, 1234.0, -0.5, 2.5e-5)]
    assert found == ["0", "0.35", "1,230", "-0.5", "0.000025"]


def test_files_are_the_same_again_and_speak_the_language(found: Discovery, results: Results, tmp_path: Path) -> None:
    write_discovery(found, tmp_path / "one")
    write_discovery(discover(results, [ABOVE]), tmp_path / "two")
    names = {"boxes.csv", "limits.csv", "trajectory.csv", "drivers.csv", "discovery.png", "discovery.svg"}
    assert {path.name for path in (tmp_path / "one").iterdir()} == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    read = pd.read_csv(tmp_path / "one" / "boxes.csv", encoding="utf-8-sig")
    assert read.to_numpy() == pytest.approx(found.boxes.to_numpy(dtype=float), abs=1e-4)
    with use("nl"):
        assert "Dekking" in "".join(axes.get_xlabel() for axes in figure(found).axes)
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(DiscoveryError, match="taken"):
        write_discovery(found, tmp_path / "taken")


def test_the_figure_shows_the_box(found: Discovery) -> None:
    limits, way, factors, cells, *_bar = figure(found).axes
    assert [label.get_text() for label in limits.get_yticklabels()] == [
        key.removeprefix("parameters.") for key in found.limits.sort_values("quasi_p")["factor"]
    ]
    marked = way.lines[-2].get_xydata()
    assert np.asarray(marked).tolist() == found.boxes[["coverage", "density"]].to_numpy().tolist()
    assert len(factors.get_yticklabels()) == 3
    (frame,) = (patch for patch in cells.patches)
    low = found.found[0].box[cells.get_xlabel() if cells.get_xlabel() in NAMES else f"parameters.{cells.get_xlabel()}"]
    edges: Any = frame.get_bbox()
    assert max(low.low, cells.get_xlim()[0]) == pytest.approx(edges.x0)


def test_the_command_tells_and_writes_it(results: Results, tmp_path: Path) -> None:
    said = spiraal(results.folder, "discover", ".", "--where", ABOVE, "--out", tmp_path / "out")
    assert "Box 1: " in said and NAMES[1] in said and "quasi-p" in said
    assert (tmp_path / "out" / "discovery.png").is_file()
    refused = spiraal(results.folder, "discover", ".", "--where", "much conflict", code=2)
    assert refused.startswith("--where: found 'much conflict'; allowed is an outcome")
