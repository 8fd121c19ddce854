"""Pairs of classes: what two scenarios make of the same classes, and how far that depends on luck.

A pair is a class of the left scenario and the class of the right one with the same number. Both have the same luck
(`sim.luck`): who is in the class, and what happens by chance on each day. They differ by what the scenarios differ
in, and by its consequences. One pair is one course of luck; many pairs show what luck leaves open.

From one number to the next, all luck is other luck. *Drawn classes* then have other children. With a *class list* the
children have the same names and all that the list tells of them; what is drawn anew is what it does not tell (an open
column of a child; an SDQ score leaves room within it), how visible each child is, how well it and the teacher suit
each other, what it expects on the first day, whom it likes (nominations are kept), and what the scenario leaves open
of the teacher; and the luck of every day. The rest of the scenario is the same in all pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from sim.files.classlist import ChildRow
from sim.run import Keep, Kept, side_by_side
from sim.scenario import Scenario
from sim.state import Records, to_item_mean
from sim.year.differences import is_visible

__all__ = [
    "COMPARED",
    "LEVELS",
    "MEASURES",
    "Effect",
    "Fan",
    "Pairs",
    "children_compared",
    "fan",
    "is_drawn",
    "join_pairs",
    "kept_weekly",
    "mean_interval",
    "pairs",
    "scored",
    "unlike",
]

MEASURES: Final = {"closeness": 1, "conflict": -1, "aggression": -1}
"""Scores of 1 to 5 that are kept, and in which direction each gets better."""

COMPARED: Final = (*MEASURES, "liked_by")
"""All that is kept: the scores, and by how many classmates a child is named as liked."""

LEVELS: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of a fan."""

CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Pairs:
    """The evenings of weeks in pairs of classes.

    Attributes
    ----------
    numbers
        Numbers of the classes.
    left, right
        `COMPARED`, shape (pairs, weeks + 1, measures, n); week 0 is the evening before the first day.
    chosen
        Whether an intervention of the right class was for this child, shape (pairs, n).
    """

    numbers: tuple[int, ...]
    left: Records
    right: Records
    chosen: Records


class Effect(NamedTuple):
    """A difference in standard deviations, and the ends of an interval."""

    size: float
    low: float
    high: float


@dataclass(frozen=True)
class Fan:
    """Differences of one measure, right minus left, in many pairs.

    Attributes
    ----------
    differences
        Of the children concerned (their mean, where a pair has several), shape (pairs, weeks + 1).
    spread
        Standard deviation between all children of all left classes, shape (weeks + 1,).
    measure
        One of `COMPARED`.
    """

    differences: Records
    spread: Records
    measure: str

    @property
    def mean(self) -> Records:
        """Mean difference, by week."""
        return np.asarray(self.differences.mean(axis=0))

    @property
    def quantiles(self) -> Records:
        """The `LEVELS` of the differences, shape (levels, weeks + 1)."""
        return np.asarray(np.quantile(self.differences, LEVELS, axis=0))

    def visible(self, sign: int) -> Records:
        """Count the pairs in which the right class is visibly higher (1) or lower (-1), by week."""
        return np.asarray(
            (is_visible(self.measure, self.differences) & (np.sign(self.differences) == sign)).sum(axis=0)
        )

    def effect(self, week: int = -1) -> Effect:
        """Give the standardized effect at the end of a week, by default of the last one, with its 95 % interval.

        It is the mean difference divided by the standard deviation between the children of the left classes: how far
        the children concerned are moved, measured by how far children lie apart. The interval is that of Student's t
        for the mean of paired differences. It tells how exactly so many pairs measure the effect in this scenario, not
        how it differs between scenarios; the standard deviation, of as many children as all classes have, is taken
        as given.
        """
        differences, spread = self.differences[:, week], self.spread[week]
        if spread == 0.0:
            return Effect(np.nan, np.nan, np.nan)
        return Effect(*(float(x / spread) for x in (differences.mean(), *mean_interval(differences))))

    def effects(self, week: int = -1) -> Effect:
        """Give what standardized effects single pairs have: their median, and between what nine in ten of them lie."""
        if self.spread[week] == 0.0:
            return Effect(np.nan, np.nan, np.nan)
        low, _, median, _, high = self.quantiles[:, week] / self.spread[week]
        return Effect(float(median), float(low), float(high))


def mean_interval(differences: Records) -> tuple[float, float]:
    """Give the 95 % interval of a mean, of Student's t; not a number where there are not two."""
    if len(differences) < 2:
        return np.nan, np.nan
    from scipy import stats

    reach = stats.t.ppf(0.5 + CONFIDENCE / 2.0, len(differences) - 1) * stats.sem(differences)
    return float(differences.mean() - reach), float(differences.mean() + reach)


def pairs(left: Scenario, right: Scenario, numbers: Sequence[int]) -> Pairs:
    """Run pairs of classes.

    Parameters
    ----------
    left, right
        The two scenarios, each with its own interventions.
    numbers
        Which classes of their seed.

    Raises
    ------
    ValueError
        When classes of the two cannot have the same luck on the same days: another seed, size or calendar.
    """
    if differing := unlike(left, right):
        raise ValueError(f"{', '.join(differing)}: allowed is the same for both")
    without, with_ = side_by_side([(left, numbers), (right, numbers)], kept_weekly(left))
    return Pairs(tuple(numbers), scored(without), scored(with_), with_.chosen)


def kept_weekly(scenario: Scenario) -> Keep:
    """What is kept of a class of a scenario: `COMPARED`, at the start and at the end of each week."""
    calendar = scenario.calendar()
    return Keep(COMPARED, (0, *(calendar.last_day(week) for week in range(1, calendar.weeks + 1))))


def scored(kept: Kept) -> Records:
    """Write states as scores of 1 to 5, shape (classes, weeks + 1, measures, n); classmates are counted already."""
    found = kept.children.copy()
    found[:, :, : len(MEASURES)] = to_item_mean(found[:, :, : len(MEASURES)])
    return found


def unlike(left: Scenario, right: Scenario) -> tuple[str, ...]:
    """Name what keeps classes of two scenarios from having the same luck on the same days."""
    common = {
        "seed": left.seed == right.seed,
        "size": len(left.classroom.rows()) == len(right.classroom.rows()),
        "calendar": left.calendar() == right.calendar(),
    }
    return tuple(name for name, same in common.items() if not same)


def join_pairs(parts: Iterable[Pairs]) -> Pairs:
    """Join pairs of the same two scenarios."""
    found = list(parts)
    return Pairs(
        tuple(number for part in found for number in part.numbers),
        *(np.concatenate([getattr(part, name) for part in found]) for name in ("left", "right", "chosen")),
    )


def is_drawn(scenario: Scenario) -> bool:
    """Tell whether the children are others in every class: nothing is told of most of them but a name."""
    rows = scenario.classroom.rows()
    return 2 * sum(row != ChildRow(name=row.name) for row in rows) < len(rows)


def children_compared(found: Pairs, right: Scenario, child: int) -> Records:
    """Find the children whose scores are compared, shape (pairs, n).

    With a class list it is the child of that number. In drawn classes a number is another child each time: there it
    is the children for whom the right class has an intervention and, only if there are none, the child of that number.
    """
    mask = np.zeros(found.chosen.shape, dtype=bool)
    mask[:, child] = True
    if not is_drawn(right):
        return mask
    return np.where(found.chosen.any(axis=1, keepdims=True), found.chosen, mask)


def fan(found: Pairs, who: Records, measure: str) -> Fan:
    """Compare pairs in one measure.

    Parameters
    ----------
    found
        The pairs.
    who
        Whose scores are compared, shape (pairs, n).
    measure
        One of `COMPARED`.
    """
    place = COMPARED.index(measure)
    left, right = found.left[:, :, place], found.right[:, :, place]
    weights = who / who.sum(axis=1, keepdims=True)
    return Fan(
        differences=np.einsum("pwn,pn->pw", right - left, weights),
        spread=np.asarray(left.std(axis=(0, 2), ddof=1)),
        measure=measure,
    )
