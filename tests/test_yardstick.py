"""What the compiled runner is measured against computes the same: in C bit for bit, in NumPy but for rounding."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from sim.scenario import ClassSpec, Scenario

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

import bench_engine
import numpy_classes
import yardstick


def scenario(size: int, weeks: int) -> Scenario:
    return Scenario.model_validate({"seed": 3, "weeks": weeks, "class": ClassSpec(size=size)})


@pytest.mark.skipif(shutil.which(yardstick.COMPILER[0]) is None, reason="there is no C compiler")
def test_c_gives_the_same_bits() -> None:
    runner = yardstick.load()
    for size, weeks, numbers in ((25, 36, range(3)), (2, 2, range(9)), (30, 4, range(40, 49))):
        yardstick.check(yardstick.draw(scenario(size, weeks), numbers), runner)


def test_a_bit_that_differs_is_found() -> None:
    classes = yardstick.draw(scenario(6, 1), range(3))

    def one_bit_off(copy: yardstick.Classes) -> yardstick.Lived:
        lived = yardstick.compiled_years(copy)
        copy.liked.view("i8")[1, 2, 3] ^= 1
        return lived

    with pytest.raises(ValueError, match="differ in liked"):
        yardstick.check(classes, one_bit_off)


def test_numpy_agrees() -> None:
    assert numpy_classes.check(yardstick.draw(scenario(25, 2), range(24))) < 1e-9


def test_the_parts_of_a_class_day_are_timed() -> None:
    parts, numbers = bench_engine.in_parts(yardstick.draw(scenario(25, 1), range(8)))
    assert parts.keys() == bench_engine.PARTS.keys()
    assert all(spent > 0.0 for spent in parts.values())
    assert 0.0 < numbers["contacts"] < numbers["bids"]
    assert numbers["contacts"] < numbers["contacts with waiting lanes"]
