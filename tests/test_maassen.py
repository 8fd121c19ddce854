"""Figures of ratings of classmates: known answers, and the real classes from which they were published (N3)."""

from __future__ import annotations

import runpy
from itertools import pairwise

import numpy as np
import pytest
from realdata import data

from sim.studies.study import EXPERIMENTS

STUDY = runpy.run_path(str(EXPERIMENTS / "maassen_2005.py"))
YEARS = (1996, 1997, 1998)
CLASSES = ("15", "16", "25", "26", "35", "36", "45", "46")


def real_classes(year: int) -> dict[str, tuple[list[str], np.ndarray]]:
    """Children and ratings by class; nan for a child itself, and for what an absent child (0) would have rated."""
    rows: dict[str, dict[str, str]] = {name: {} for name in CLASSES}
    for line in data(f"dutch_classes_ratings_{year}.txt").read_text().splitlines():
        if line.strip():
            rater, told = line.split()
            rows[rater[:2]][rater] = told
    return {
        name: (
            list(of_class),
            np.array([[float(x) if x in "1234567" else np.nan for x in row] for row in of_class.values()]),
        )
        for name, of_class in rows.items()
    }


def in_both(year: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Ratings of this year and the next by and of the children who were there in both."""
    before, after = [], []
    for (first, one), (second, other) in zip(real_classes(year).values(), real_classes(year + 1).values(), strict=True):
        stayed = [child for child in first if child in second]
        for children, given, kept in ((first, one, before), (second, other, after)):
            places = [children.index(child) for child in stayed]
            kept.append(given[np.ix_(places, places)])
    return before, after


def test_figures_of_the_real_classes_are_the_published_ones() -> None:
    found = [STUDY["of_one_year"]([given for _, given in real_classes(year).values()]) for year in YEARS]
    found += [STUDY["from_year_to_year"](*in_both(year)) for year, _ in pairwise(YEARS)]
    for claim in STUDY["STUDY"].claims:
        figures = [estimates[claim.name] for estimates in found if claim.name in estimates]
        if claim.name == "same sex":  # sex is not in the data
            continue
        if claim.value is not None:
            assert np.mean(figures) == pytest.approx(claim.value, abs=0.015), claim.name
        else:
            assert claim.between == pytest.approx((min(figures), max(figures)), abs=0.021), claim.name


def test_where_all_lies_in_one_of_them() -> None:
    n, luck = 40, np.random.default_rng(1)
    own = np.where(np.eye(n, dtype=bool), np.nan, 0.0)
    rater, target = luck.standard_normal((2, n))
    for component, given in ((0, own + rater[:, None]), (1, own + target[None, :])):
        parts = np.array(STUDY["components"](given))
        assert parts[component] / parts[2] == pytest.approx(1.0, abs=0.05)
        assert parts[1 - component] / parts[2] == pytest.approx(0.0, abs=0.05)
    noise = STUDY["components"](own + luck.standard_normal((n, n)))
    assert np.abs(noise[:2]).max() < 0.05 < noise[2]


def test_what_is_returned_and_what_stays() -> None:
    luck = np.random.default_rng(2)
    given = luck.integers(1, 8, (20, 20)).astype(float)
    np.fill_diagonal(given, np.nan)
    mutual = np.where(np.tri(20, dtype=bool), given, given.T)
    assert STUDY["of_one_year"]([mutual])["reciprocity"] == pytest.approx(1.0)
    same = STUDY["from_year_to_year"]([given], [given])
    assert all(value == pytest.approx(1.0) for value in same.values())
    other = luck.permuted(given[~np.eye(20, dtype=bool)])
    changed = np.full((20, 20), np.nan)
    changed[~np.eye(20, dtype=bool)] = other
    assert abs(STUDY["from_year_to_year"]([given], [changed])["dyad a year later"]) < 0.15
