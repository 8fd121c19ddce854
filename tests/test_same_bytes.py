"""The same scenario gives the same bytes, whatever processor, libraries and threads there are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special

from sim import population
from sim.files.packaged import PACKAGE
from sim.population import MARGINALS, STEPS, TEACHER_MARGINALS, VISIBILITY, WIDEST, Marginal
from sim.state import Records

CLASSES = 15
NUMPY: Mapping[str, Any] = np.show_config(mode="dicts")["SIMD Extensions"]  # type: ignore[assignment, call-overload, index]
LIBRARIES = {
    "plain mathematics": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F,-FMA4"},
    "plain NumPy": {"NPY_DISABLE_CPU_FEATURES": " ".join(NUMPY.get("found", ()))},
    "algebra without FMA": {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "1"},
    "algebra with FMA": {"OPENBLAS_CORETYPE": "Haswell"},
}
"""Surroundings in which libraries of mathematics take another way than they would here."""
PLAIN = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", **LIBRARIES["plain mathematics"]}
PLAIN |= LIBRARIES["plain NumPy"] | LIBRARIES["algebra without FMA"]
PLACES = np.arange(-WIDEST * STEPS, WIDEST * STEPS + 1) / STEPS


def digests(classes: int, surroundings: Mapping[str, str], threads: int = 2) -> dict[str, str]:
    """Hash of every year, by what it is; see `tests/digests.py`."""
    command = [sys.executable, str(Path(__file__).with_name("digests.py")), str(classes), str(threads)]
    paths = os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": paths, **surroundings}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@cache
def here() -> dict[str, str]:
    """Years as this computer has them."""
    return digests(CLASSES, {})


def others(found: Mapping[str, str]) -> list[str]:
    """Years that are not as they are here."""
    return [name for name, what in found.items() if what != here()[name]]


@pytest.mark.slow
@pytest.mark.parametrize("surroundings", LIBRARIES)
def test_years_do_not_depend_on_libraries_of_mathematics(surroundings: str) -> None:
    assert others(digests(CLASSES, LIBRARIES[surroundings])) == []


@pytest.mark.slow
def test_years_do_not_depend_on_the_processor() -> None:
    """Compiled for one without FMA and AVX, with the plainest of all libraries, on one thread."""
    assert others(digests(CLASSES, PLAIN, threads=1)) == []


@pytest.mark.slow
def test_years_do_not_depend_on_the_number_of_threads() -> None:
    assert others(digests(CLASSES, {}, threads=1)) == []


# --- Quantiles that come as a file -------------------------------------------------------------------

SHAPES = {m.row: m for m in (*MARGINALS.values(), *TEACHER_MARGINALS.values()) if m.alpha is not None}


def test_the_file_of_quantiles_is_that_of_its_script() -> None:
    spec = util.spec_from_file_location("write_quantiles", PACKAGE.parent / "scripts" / "write_quantiles.py")
    assert spec is not None and spec.loader is not None
    script = util.module_from_spec(spec)
    spec.loader.exec_module(script)
    written = script.rows()
    assert set(written) == set(population.quantiles()) == {VISIBILITY, *SHAPES}
    for name, quantiles in population.quantiles().items():
        assert quantiles == pytest.approx(written[name], rel=1e-11, abs=1e-15), name


@pytest.mark.parametrize("row", [VISIBILITY, *SHAPES])
def test_quantiles_rise(row: str) -> None:
    assert (np.diff(population.quantiles()[row]) > 0.0).all()


def test_straight_lines_between_quantiles_are_near_enough() -> None:
    between = (PLACES[1:] + PLACES[:-1]) / 2.0
    for row, marginal in SHAPES.items():
        true = special.betaincinv(marginal.alpha, marginal.beta, special.ndtr(between))
        assert population.at(row, between) == pytest.approx(true, abs=1e-6), row


@pytest.mark.parametrize("marginal", [*MARGINALS.values(), *TEACHER_MARGINALS.values()])
def test_the_place_of_a_value_leads_back_to_it(marginal: Marginal) -> None:
    values: Records = np.linspace(0.001, 0.999, 999)
    places = marginal.place(values)
    inside = np.abs(places) < population.FARTHEST
    assert marginal.at(places)[inside] == pytest.approx(values[inside], abs=1e-12)
    if marginal.alpha is not None:
        told = 1.0 - values if marginal.mirrored else values
        exact = special.ndtri(special.betainc(marginal.alpha, marginal.beta, told)) * (
            -1.0 if marginal.mirrored else 1.0
        )
        assert places[inside] == pytest.approx(exact[inside], abs=1e-5)


# --- Linear algebra in one order ---------------------------------------------------------------------


def test_products_and_regressions_are_those_of_linear_algebra() -> None:
    rows, matrix = np.random.default_rng(1).standard_normal((2, 3, 9)), population.WITHIN
    assert population.product(rows, matrix) == pytest.approx(rows @ matrix, rel=1e-12, abs=1e-14)
    triangle = population.cholesky(matrix)
    assert triangle == pytest.approx(np.linalg.cholesky(matrix), rel=1e-12, abs=1e-14)
    given, rest = [0, 2, 5], [1, 3, 4, 6, 7, 8]
    weights, left = population.regressed(rest, given)
    among, across = matrix[np.ix_(given, given)], matrix[np.ix_(given, rest)]
    assert weights == pytest.approx(np.linalg.solve(among, across).T, rel=1e-11, abs=1e-13)
    assert left @ left.T == pytest.approx(matrix[np.ix_(rest, rest)] - weights @ across, rel=1e-11, abs=1e-13)
