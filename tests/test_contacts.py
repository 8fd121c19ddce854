"""Rates, inequality and order of contacts are those of the real classes (R1)."""

from functools import cache

import numpy as np
import pytest

from sim.record import Record
from sim.run import simulate
from sim.scenario import Scenario

CLASSES = 40
WEEKS = 3
TWO_DAYS = (11, 12)

# Figure: published, tolerance. The published classes are ten, their means differ by a factor of nine.
PUBLISHED = {
    "contacts a child a day": (8.3, 1.6),
    "over-dispersion of two days (1 / size of the negative binomial)": (1 / 3.7, 0.08),
    "Gini coefficient of two days": (0.32, 0.04),
    "contacts of boys / of girls": (18.2 / 15.2, 0.20),
    "next contact with the same child / by chance": (0.08 / 0.06, 0.45),
}


@cache
def years() -> tuple[Record, ...]:
    plan = Scenario(seed=2009, weeks=WEEKS, teacher={"pace": None}).changed(**{"class": {"size": 23}})
    return tuple(simulate(plan, number=number) for number in range(CLASSES))


def counts(record: Record, days: tuple[int, ...]) -> np.ndarray:
    """Contacts of each child on these days."""
    log = record.contacts[np.isin(record.contacts["day"], days)]
    return np.bincount(log["child"], minlength=len(record.names))


def gini(x: np.ndarray) -> float:
    ordered, n = np.sort(x), len(x)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))


def repeats(record: Record) -> float:
    """How much more often than by chance the next contact is with the same child."""
    same, chance = [], []
    for day in range(1, WEEKS * 5 + 1):
        children = record.contacts["child"][record.contacts["day"] == day]
        share = np.bincount(children, minlength=len(record.names)) / max(len(children), 1)
        same.append((children[1:] == children[:-1]).sum())
        chance.append(np.square(share).sum() * max(len(children) - 1, 0))
    return float(np.sum(same) / np.sum(chance))


def figures() -> dict[str, float]:
    two = [counts(record, TWO_DAYS) for record in years()]
    a_day = np.concatenate(two) / len(TWO_DAYS)
    boys = np.concatenate([record.children["sex"][0] for record in years()]) == 1
    found = (
        a_day.mean(),
        np.median([x.var() / x.mean() ** 2 - 1 / x.mean() for x in two]),
        np.median([gini(x) for x in two]),
        a_day[boys].mean() / a_day[~boys].mean(),
        np.mean([repeats(record) for record in years()]),
    )
    return dict(zip(PUBLISHED, map(float, found), strict=True))


@pytest.mark.parametrize("figure", PUBLISHED)
def test_contacts_are_as_published(figure: str) -> None:
    published, tolerance = PUBLISHED[figure]
    found = figures()[figure]
    assert abs(found - published) <= tolerance, f"{figure}: published {published:.3f}, found {found:.3f}"


def test_larger_classes_leave_less_for_each_child() -> None:
    plan = Scenario(seed=7, weeks=1)
    small, large = (
        np.mean([len(simulate(plan.changed(**{"class": {"size": size}}), number=k).contacts) / size for k in range(8)])
        for size in (12, 32)
    )
    assert large < 0.95 * small
