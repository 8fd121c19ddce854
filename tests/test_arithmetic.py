"""The program's own exponential, logarithm and normal quantile are as near the true values as a library's."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Context, Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from sim.arithmetic import exponential, logarithm, normal_quantile, power
from sim.parameters import PARAMETERS, Parameter
from sim.state import Records

DRAWN = np.random.default_rng(1)
SHARES = np.concatenate([DRAWN.random(5000), 10.0 ** DRAWN.uniform(-16.0, -1.0, 5000)])
HALF_LIVES = [one for name, one in PARAMETERS.items() if name.endswith("_half_life")]

arguments = st.floats(-760.0, 709.0)
positive = st.floats(1e-300, 1e300)


def units_off(found: float, true: Decimal) -> float:
    """How far a number is from the true value, in units of its last place."""
    return abs(float((Decimal(found) - true) / Decimal(math.ulp(float(true)))))


@pytest.mark.parametrize(
    ("function", "true", "numbers"),
    [
        (exponential, Decimal.exp, DRAWN.uniform(-1.0, 1.0, 5000)),
        (exponential, Decimal.exp, DRAWN.uniform(-60.0, 0.0, 5000)),
        (exponential, Decimal.exp, DRAWN.uniform(-708.0, 709.0, 5000)),
        (logarithm, Decimal.ln, DRAWN.random(5000)),
        (logarithm, Decimal.ln, 10.0 ** DRAWN.uniform(-300.0, 300.0, 5000)),
    ],
)
def test_within_one_unit_in_the_last_place(
    function: Callable[[float], float], true: Callable[[Decimal], Decimal], numbers: Records
) -> None:
    with localcontext(Context(prec=40)):
        assert max(units_off(function(x), true(Decimal(x))) for x in numbers.tolist()) < 1.0


@given(arguments)
def test_an_exponential_rises(x: float) -> None:
    assert exponential(x) <= exponential(math.nextafter(x, math.inf)) <= exponential(x + 1e-9)


def test_at_the_ends() -> None:
    assert exponential(0.0) == exponential(-0.0) == 1.0
    assert logarithm(1.0) == 0.0
    assert exponential(-745.0) == 5e-324
    assert [exponential(x) for x in (-746.0, -1e308, -math.inf)] == [0.0, 0.0, 0.0]
    assert [exponential(x) for x in (710.0, math.inf)] == [math.inf, math.inf]
    assert math.isnan(exponential(math.nan))
    assert math.isfinite(logarithm(0.0))


@given(arguments)
def test_uncompiled_the_same(x: float) -> None:
    """Agents may call them uncompiled."""
    with np.errstate(over="ignore"):
        assert exponential(x) == exponential.py_func(x)  # type: ignore[attr-defined]


@given(positive)
def test_uncompiled_logarithms_are_the_same(x: float) -> None:
    assert logarithm(x) == logarithm.py_func(x)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("base", "exponent"), [(0.97, 120.0), (0.5, 3.0), (1.0, 50.0), (0.0, 0.0), (0.3, 0.0)])
def test_powers(base: float, exponent: float) -> None:
    assert power(base, exponent) == pytest.approx(base**exponent, rel=1e-14)


def test_normal_quantiles_are_those_of_scipy() -> None:
    found = [normal_quantile(share) for share in SHARES.tolist()]
    assert found == pytest.approx(special.ndtri(SHARES), rel=2e-15, abs=2e-15)
    assert all(
        normal_quantile(0.5 + x) == -normal_quantile(0.5 - x) for x in (0.0, 2.0**-20, 0.25, 0.4375, 0.5 - 2**-53)
    )


@pytest.mark.parametrize("parameter", HALF_LIVES, ids=lambda one: one.name)
def test_half_lives_fade_as_they_say(parameter: Parameter) -> None:
    for value in (parameter.low, parameter.value, parameter.high):
        assert parameter.rate(value) == pytest.approx(1.0 - 0.5 ** (1.0 / value), rel=1e-13)
        assert (1.0 - parameter.rate(value)) ** value == pytest.approx(0.5, rel=1e-9)
