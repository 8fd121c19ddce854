"""Designs: which points, how often, and the same ones again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.sweeps.design import (
    Design,
    DesignError,
    GridDesign,
    LatinHypercubeDesign,
    ListDesign,
    MorrisDesign,
    PlanFactor,
    SobolDesign,
    problem,
)

HERE = Path()
FACTORS = {
    "parameters.negativity": PlanFactor(low=1.0, high=2.0),
    "class.size": PlanFactor(low=10, high=14, whole=True),
    "class.grade": PlanFactor(values=(0, 2, 4)),
    "class.boys": PlanFactor(values=(0.25, 0.75)),
}
SAMPLES = [LatinHypercubeDesign(samples=30), SobolDesign(samples=16), MorrisDesign(trajectories=20)]


def factors() -> st.SearchStrategy[PlanFactor]:
    numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
    ranges = st.tuples(numbers, numbers).filter(lambda ends: ends[0] < ends[1])
    whole = st.tuples(st.integers(-50, 50), st.integers(1, 40))
    values = st.lists(st.integers(-(2**53), 2**53) | numbers, min_size=1, max_size=9, unique=True)
    return st.one_of(
        ranges.map(lambda ends: PlanFactor(low=ends[0], high=ends[1])),
        whole.map(lambda part: PlanFactor(low=part[0], high=part[0] + part[1], whole=True)),
        values.map(lambda listed: PlanFactor(values=listed)),
        st.lists(st.text(max_size=3), min_size=1, max_size=5, unique=True).map(
            lambda listed: PlanFactor(values=listed)
        ),
    )


# --- Factors -----------------------------------------------------------------------------------------


@given(factors(), st.lists(st.floats(0.0, 1.0), min_size=1))
def test_coordinates_become_values_of_the_factor(factor: PlanFactor, u: list[float]) -> None:
    values = factor.at(np.array(u))
    if factor.continuous:
        assert ((values >= factor.low) & (values <= factor.high)).all()
    else:
        assert set(values.tolist()) <= set(factor.levels.tolist())


@given(factors(), st.lists(st.floats(0.0, 1.0), min_size=2))
def test_places_are_in_the_order_of_coordinates(factor: PlanFactor, u: list[float]) -> None:
    places = factor.place(factor.at(np.sort(u)))
    assert (np.diff(places) >= 0.0).all()
    assert places[0] >= 0.0 and places[-1] <= 1.0 + 1e-9


@given(factors().filter(lambda factor: not factor.continuous))
def test_each_level_has_an_equal_part_of_the_interval(factor: PlanFactor) -> None:
    count = len(factor.levels)
    hits = factor.at((np.arange(100 * count) + 0.5) / (100 * count)).tolist()
    assert {level: hits.count(level) for level in hits} == dict.fromkeys(factor.levels.tolist(), 100)


@given(factors())
def test_the_ends_of_the_interval_are_the_first_and_the_last_value(factor: PlanFactor) -> None:
    assert factor.at(np.array([0.0, 1.0])).tolist() == [factor.levels[0], factor.levels[-1]]


def test_types_of_values_stay_what_they_are() -> None:
    u = np.linspace(0.0, 1.0, 50)
    assert FACTORS["class.size"].at(u).dtype == int
    assert FACTORS["class.grade"].at(u).dtype == int
    assert PlanFactor(values=[1, 2.5]).at(u).dtype == float
    texts = PlanFactor(values=["highest conflict", "lowest closeness"])
    assert {type(value) for value in texts.at(u).tolist()} == {str}


@given(factors())
def test_a_factor_survives_being_written_down(factor: PlanFactor) -> None:
    assert PlanFactor.model_validate_json(factor.model_dump_json(exclude_unset=True)) == factor


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({}, "low and high are missing; or name values"),
        ({"low": 1.0}, "low and high are missing; or name values"),
        ({"low": 1.0, "high": 1.0}, "found low = 1, high = 1; low has to be below high"),
        ({"low": 2.0, "high": 1.0}, "found low = 2, high = 1; low has to be below high"),
        ({"low": 1.5, "high": 3, "whole": True}, "whole numbers begin and end with whole numbers"),
        ({"low": 1, "high": 3, "values": [1]}, "found values and a range; allowed is one of the two"),
        ({"values": []}, "allowed is a list of numbers or a list of texts, each of them once"),
        ({"values": 3}, "allowed is a list of numbers or a list of texts, each of them once"),
        ({"values": [1, "2"]}, "allowed is a list of numbers or a list of texts, each of them once"),
        ({"values": [1, 1.0]}, "allowed is a list of numbers or a list of texts, each of them once"),
        ({"values": [True, False]}, "allowed is a list of numbers or a list of texts, each of them once"),
        ({"values": [2**54]}, "allowed is a list of numbers or a list of texts, each of them once"),
        ({"values": [float("nan")]}, "allowed is a list of numbers or a list of texts, each of them once"),
        ({"low": 0.0, "high": float("inf")}, "finite"),
        ({"low": 0.0, "hihg": 1.0}, "Extra inputs"),
    ],
)
def test_what_is_no_factor(found: dict[str, Any], message: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=message.replace("(", r"\(")):
        PlanFactor.model_validate(found)


# --- Designs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", SAMPLES, ids=lambda design: design.kind)
def test_the_same_seed_gives_the_same_points_and_another_gives_others(design: Any) -> None:
    points = design.points(FACTORS, 0, HERE)
    pd.testing.assert_frame_equal(points, design.points(FACTORS, 0, HERE))
    assert not points.equals(design.points(FACTORS, 1, HERE))
    assert list(points) == list(FACTORS)
    assert [points[key].dtype.kind for key in points] == ["f", "i", "i", "f"]


@pytest.mark.parametrize("design", SAMPLES, ids=lambda design: design.kind)
def test_points_are_within_the_factors_and_use_all_of_them(design: Any) -> None:
    points = design.points(FACTORS, 3, HERE)
    negativity = points["parameters.negativity"]
    assert 1.0 <= negativity.min() < 1.2 and 1.8 < negativity.max() <= 2.0
    assert set(points["class.grade"]) == {0, 2, 4}
    assert set(points["class.boys"]) == {0.25, 0.75}
    assert set(points["class.size"]) <= {10, 11, 12, 13, 14}


def test_a_grid_has_every_combination_once_and_the_last_factor_goes_first() -> None:
    factors = {"class.grade": PlanFactor(values=(0, 2)), "class.boys": PlanFactor(values=(0.1, 0.5, 0.9))}
    points = GridDesign().points(factors, 1, HERE)
    assert points.to_numpy().tolist() == [[0, 0.1], [0, 0.5], [0, 0.9], [2, 0.1], [2, 0.5], [2, 0.9]]
    assert [points[key].dtype.kind for key in points] == ["i", "f"]


def test_a_grid_of_nothing_is_one_point() -> None:
    assert GridDesign().points({}, 1, HERE).shape == (1, 0)


def test_a_latin_hypercube_has_one_point_in_each_row() -> None:
    points = LatinHypercubeDesign(samples=40).points(FACTORS, 7, HERE)
    rows = np.floor((points["parameters.negativity"] - 1.0) * 40).astype(int)
    assert sorted(rows) == list(range(40))
    assert points["class.size"].value_counts().to_dict() == dict.fromkeys(range(10, 15), 8)


@pytest.mark.parametrize(("second_order", "block"), [(False, 6), (True, 10)])
def test_blocks_of_saltelli_differ_in_one_factor_from_their_first_point(second_order: bool, block: int) -> None:
    design = SobolDesign(samples=8, second_order=second_order)
    points = design.points(FACTORS, 1, HERE)
    assert design.block(FACTORS) == block and len(points) == 8 * block
    first = points.to_numpy().reshape(8, block, 4)
    for factor in range(4):
        others = np.delete(first[:, 1 + factor], factor, axis=1)
        assert (others == np.delete(first[:, 0], factor, axis=1)).all()


def test_steps_of_morris_change_one_factor_by_half_of_its_levels() -> None:
    design = MorrisDesign(trajectories=25, levels=4)
    points = design.points(FACTORS, 1, HERE)
    assert design.block(FACTORS) == 5 and len(points) == 25 * 5
    places = np.column_stack([factor.place(points[key].to_numpy()) for key, factor in FACTORS.items()])
    steps = np.abs(np.diff(places.reshape(25, 5, 4), axis=1))
    assert ((steps > 0).sum(axis=2) == 1).all() and ((steps > 0).sum(axis=1) == 1).all()
    assert np.allclose(steps[:, :, 0][steps[:, :, 0] > 0], 2 / 3)
    assert set(np.round(places[:, 0] * 3, 9)) == {0.0, 1.0, 2.0, 3.0}


@pytest.mark.parametrize("design", SAMPLES, ids=lambda design: design.kind)
def test_what_does_not_vary_cannot_be_sampled(design: Any) -> None:
    assert design.complaints({}) == {"": "there is nothing to sample; name at least one"}
    found = design.complaints({**FACTORS, "class.age": PlanFactor(values=[7.5])})
    assert found == {"class.age": "found one value; allowed are two or more, or a range"}


def test_a_grid_has_values_only() -> None:
    complaint = "found a range; allowed in a grid is values = [...]"
    assert GridDesign().complaints(FACTORS) == {"parameters.negativity": complaint, "class.size": complaint}


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"kind": "sobol", "samples": 12}, "samples: found 12; allowed is a power of 2"),
        ({"kind": "sobol", "samples": 1}, "greater than or equal to 2"),
        ({"kind": "morris", "trajectories": 4, "levels": 5}, "multiple of 2"),
        ({"kind": "latin-hypercube"}, "Field required"),
        ({"kind": "grid", "samples": 4}, "Extra inputs"),
        ({"kind": "square"}, "'grid', 'latin-hypercube', 'sobol', 'morris', 'list'"),
    ],
)
def test_what_is_no_design(found: dict[str, Any], message: str) -> None:
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(Design)
    with pytest.raises(pydantic.ValidationError, match=message):
        adapter.validate_python(found)


def test_a_problem_names_the_factors_in_the_unit_cube() -> None:
    assert problem(FACTORS) == {"num_vars": 4, "names": list(FACTORS), "bounds": [[0.0, 1.0]] * 4}


# --- Lists -------------------------------------------------------------------------------------------

CELLS = pd.DataFrame(
    {
        "class.size": [20, 20, 25],
        "teacher.emotional_support": [0.2, 0.8, 0.2],
        "interventions.0.target": ["highest conflict", "lowest closeness", "highest conflict"],
    }
)


def written(folder: Path, text: str) -> ListDesign:
    (folder / "cells.csv").write_text(text, encoding="utf-8")
    return ListDesign(file="cells.csv")


def test_a_list_is_read_from_csv_parquet_and_dutch_spreadsheets(tmp_path: Path) -> None:
    CELLS.to_csv(tmp_path / "cells.csv", index=False)
    CELLS.to_csv(tmp_path / "dutch.csv", index=False, sep=";", decimal=",", encoding="utf-8-sig")
    CELLS.to_parquet(tmp_path / "cells.parquet")
    for name in ("cells.csv", "dutch.csv", "cells.parquet"):
        pd.testing.assert_frame_equal(ListDesign(file=name).cells(tmp_path), CELLS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_names_in_a_list_are_read_as_the_spreadsheet_wrote_them(tmp_path: Path, encoding: str) -> None:
    text = "interventions.0.target;class.boys\r\nZoë;0,5\r\nRené;0,25\r\n"
    (tmp_path / "cells.csv").write_bytes(text.encode(encoding))
    expected = {"interventions.0.target": ["Zoë", "René"], "class.boys": [0.5, 0.25]}
    assert ListDesign(file="cells.csv").cells(tmp_path).to_dict("list") == expected


def test_letters_in_a_list_that_can_be_read_in_several_ways_are_asked_about(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_bytes("interventions.0.target\nMaría\n".encode("mac_roman"))
    with pytest.raises(DesignError, match=r"cells\.csv: found letters that can be read in several ways: “Mar’a”"):
        ListDesign(file="cells.csv").cells(tmp_path)


def test_points_of_a_list_are_its_different_uncertainties(tmp_path: Path) -> None:
    CELLS.to_csv(tmp_path / "cells.csv", index=False)
    points = ListDesign(file="cells.csv").points({}, 1, tmp_path)
    assert points.to_dict("list") == {"class.size": [20, 25]}
    levers = CELLS.drop(columns="class.size")
    levers.to_csv(tmp_path / "levers.csv", index=False)
    assert ListDesign(file="levers.csv").points({}, 1, tmp_path).shape == (1, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cells.csv: is not a table"),
        ("class.size,class.boys\n", "cells.csv: has no rows; allowed is one row a cell"),
        ("class.size,class.size\n1,2\n", "cells.csv: found a column that is there twice; allowed is each column once"),
        ("class.size,colour\n1,red\n", "cells.csv: column colour: no such key; keys begin with class, parameters"),
        ("class.size,class.boys\n1,0.5\n2,\n", "cells.csv: row 2, column class.boys: is empty; allowed is a value"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        written(tmp_path, text).cells(tmp_path)


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match=r"gone.csv: No such file"):
        ListDesign(file="gone.csv").cells(tmp_path)
    (tmp_path / "bad.parquet").write_bytes(b"no table")
    with pytest.raises(DesignError, match=r"bad.parquet: is not a table"):
        ListDesign(file="bad.parquet").cells(tmp_path)


def test_values_beside_a_list_are_refused() -> None:
    found = ListDesign(file="cells.csv").complaints({"class.size": PlanFactor(values=[1])})
    assert found == {"class.size": "found beside a list; keys and values stand in the file"}
