"""PRIM, the patient rule induction method: boxes in which something is found more often than elsewhere.

A box allows each factor a range of its numbers, or some of its texts. It begins as the whole space; thin slices are
peeled off, each time the one whose loss raises the density most for what it takes away, and in the end pasted on again
where that does no harm. Every step is a box of its own, with more density and less coverage than the one before
(Friedman & Fisher 1999); quasi-p-values and reproducibility are those of Bryant & Lempert (2010).

The method is written here because its libraries ask for a newer Python, or come under another licence; tests compare it
with what one of them finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "Box",
    "Columns",
    "Limits",
    "Reproduced",
    "Step",
    "chosen",
    "inside",
    "path",
    "quasi_p",
    "reproduced",
    "step_of",
]

Array = np.ndarray[Any, Any]
Columns = Mapping[str, Array]
"""Factors by key, each of shape (cells,): numbers, or texts as objects."""

SLICE = 0.05
"""Share of a box that is peeled off or pasted on at a time."""
SMALLEST = 0.05
"""Share of all cells that a box has at least."""
FEWEST_INSIDE = 10
"""Cells that a box has at least."""
SIGNIFICANT = 0.05
"""Restrictions with a larger quasi-p-value are dropped."""
HALVES = 20
"""How often a box is looked for in one half of the cells and tried on the other."""


@dataclass(frozen=True)
class Limits:
    """What a box allows of a factor: numbers from `low` to `high`, or some `texts`."""

    low: float = -np.inf
    high: float = np.inf
    texts: frozenset[str] | None = None

    def hold(self, values: Array) -> Array:
        """Which values are allowed, shape (cells,)."""
        if self.texts is not None:
            return np.isin(values.astype(str), list(self.texts))
        return np.asarray((values >= self.low) & (values <= self.high))


Box = Mapping[str, Limits]
"""The factors that a box restricts."""


@dataclass(frozen=True)
class Step:
    """A box on the way from the whole space to a small one.

    Attributes
    ----------
    box
        Its limits.
    cells
        How many cells are inside.
    mass
        Share of all cells that is inside.
    coverage
        Share of all that is of interest that is inside.
    density
        Share of what is inside that is of interest.
    """

    box: Box
    cells: int
    mass: float
    coverage: float
    density: float

    @property
    def balance(self) -> float:
        """Harmonic mean of coverage and density."""
        both = self.coverage + self.density
        return 2.0 * self.coverage * self.density / both if both else 0.0


def inside(columns: Columns, box: Box) -> Array:
    """Which cells are in a box, shape (cells,)."""
    within = np.ones(len(next(iter(columns.values()))), dtype=bool)
    for key, limits in box.items():
        within &= limits.hold(columns[key])
    return within


def step_of(columns: Columns, y: Array, box: Box, of: float | None = None) -> Step:
    """A box with what it holds; coverage is that of `of`, by default of all that is of interest in `y`."""
    within = inside(columns, box)
    found = float(y[within].sum())
    everything = float(y.sum()) if of is None else of
    cells = int(within.sum())
    return Step(box, cells, cells / len(y), found / everything if everything else 0.0, found / cells if cells else 0.0)


def path(columns: Columns, y: Array, of: float | None = None) -> tuple[Step, ...]:
    """All boxes from the whole space to the smallest, with those that pasting makes of it.

    Parameters
    ----------
    columns
        The factors.
    y
        How much of each cell is of interest, 0 to 1, shape (cells,).
    of
        What coverage is a share of; by default the sum of `y`.
    """
    smallest = max(FEWEST_INSIDE, SMALLEST * len(y))
    box: Box = {}
    steps = [step_of(columns, y, box, of)]
    for changes in (peels, pastes):
        while True:
            within = inside(columns, box)
            best, gain = None, 0.0
            for other in changes(columns, box, within):
                now = inside(columns, other)
                cells = int(now.sum())
                if cells < smallest or cells == within.sum():
                    continue
                gained = (y[now].mean() - y[within].mean()) / abs(cells - int(within.sum()))
                simpler = best is not None and gained == gain and len(other) < len(best)
                if gained > gain or simpler:
                    best, gain = other, gained
            if best is None:
                break
            box = best
            steps.append(step_of(columns, y, box, of))
    return tuple(steps)


def peels(columns: Columns, box: Box, within: Array) -> Iterator[Box]:
    """Boxes that a slice less makes of a box: from below, from above, or without one of the texts."""
    for key, column in columns.items():
        limits, values = box.get(key, Limits()), column[within]
        if values.dtype == object:
            texts = frozenset(map(str, values))
            for text in sorted(texts) if len(texts) > 1 else ():
                yield {**box, key: Limits(texts=texts - {text})}
            continue
        ordered = np.sort(values)
        last = len(ordered) - 1
        above = int(np.searchsorted(ordered, ordered[int(np.floor(last * SLICE))], side="right"))
        below = int(np.searchsorted(ordered, ordered[int(np.ceil(last * (1.0 - SLICE)))], side="left")) - 1
        if above <= last:
            yield {**box, key: Limits(middle(ordered[above - 1], ordered[above]), limits.high)}
        if below >= 0:
            yield {**box, key: Limits(limits.low, middle(ordered[below], ordered[below + 1]))}


def middle(one: float, other: float) -> float:
    """Halfway between two neighbours: there a box ends."""
    return float(one + other) / 2.0


def pastes(columns: Columns, box: Box, within: Array) -> Iterator[Box]:
    """Boxes that a slice more makes of a box, on each side that is restricted, or with one text more."""
    more = int(np.ceil(SLICE * within.sum()))
    for key, limits in box.items():
        others = inside(columns, {name: kept for name, kept in box.items() if name != key})
        values = columns[key][others]
        if limits.texts is not None:
            for text in sorted(frozenset(map(str, values)) - limits.texts):
                yield widened(box, key, Limits(texts=limits.texts | {text}), values)
            continue
        below, above = np.sort(values[values < limits.low])[::-1], np.sort(values[values > limits.high])
        if len(below):
            yield widened(box, key, Limits(reached(below, more, -np.inf), limits.high), values)
        if len(above):
            yield widened(box, key, Limits(limits.low, reached(above, more, np.inf)), values)


def reached(values: Array, more: int, end: float) -> float:
    """The limit that lets in `more` of the values, the nearest first, with all that are equal to the last of them."""
    last = values[min(more, len(values)) - 1]
    beyond = values[np.abs(values - values[0]) > abs(last - values[0])]
    return middle(last, beyond[0]) if len(beyond) else end


def widened(box: Box, key: str, limits: Limits, values: Array) -> Box:
    """A box with other limits of a factor; without any where these leave nothing out."""
    if limits.hold(values).all():
        return {name: kept for name, kept in box.items() if name != key}
    return {**box, key: limits}


def quasi_p(columns: Columns, y: Array, box: Box) -> dict[str, float]:
    """How likely a box is at least as dense by chance if one of its factors means nothing, by factor.

    The chance of so many cells of interest when as many cells as the box holds are drawn from the box without that
    restriction (a one-sided binomial test). It is called quasi, for the box was chosen because it is dense.
    """
    from scipy import stats

    within = inside(columns, box)
    cells, found = int(within.sum()), float(y[within].sum())
    chances = {}
    for key in box:
        without = inside(columns, {name: kept for name, kept in box.items() if name != key})
        chances[key] = float(stats.binom.sf(np.floor(found + 1e-9) - 1.0, cells, min(1.0, float(y[without].mean()))))
    return chances


def simplified(columns: Columns, y: Array, step: Step, of: float | None = None) -> Step:
    """A box without the restrictions that may be chance, the least certain of them dropped first."""
    while step.box:
        chances = quasi_p(columns, y, step.box)
        worst = max(chances, key=lambda key: chances[key])
        if chances[worst] <= SIGNIFICANT:
            break
        step = step_of(columns, y, {key: limits for key, limits in step.box.items() if key != worst}, of)
    return step


def chosen(columns: Columns, y: Array, steps: Sequence[Step], density: float | None, of: float | None = None) -> Step:
    """The box of a path that is told, without restrictions that may be chance.

    Parameters
    ----------
    columns, y, of
        What the path was found in.
    steps
        The path.
    density
        The box with most coverage among those that are at least so dense, or the densest where none is; None: the box
        in which coverage and density are balanced best.
    """
    if density is None:
        return simplified(columns, y, max(steps, key=lambda step: step.balance), of)
    dense = [step for step in steps if step.density >= density]
    best = max(dense, key=lambda step: step.coverage) if dense else max(steps, key=lambda step: step.density)
    return simplified(columns, y, best, of)


@dataclass(frozen=True)
class Reproduced:
    """What becomes of a box that is looked for in one half of the cells and tried on the other.

    Attributes
    ----------
    restricted
        In which share of the halves the box restricts a factor, by factor.
    coverage, density
        Of these boxes in the other half, shape (halves,).
    """

    restricted: Mapping[str, float]
    coverage: Array
    density: Array


def reproduced(columns: Columns, y: Array, unit: Array, density: float | None, seed: int) -> Reproduced:
    """Look for a box in one half of the cells and try it on the other, `HALVES` times.

    Parameters
    ----------
    columns, y, density
        As of `path` and `chosen`.
    unit
        What is drawn: number of the unit of each cell, from 0 on, shape (cells,).
    seed
        Of the halves.
    """
    generator = np.random.default_rng(seed)
    units = int(unit.max()) + 1
    restricted = dict.fromkeys(columns, 0.0)
    tried = []
    for _ in range(HALVES):
        half = np.isin(unit, generator.permutation(units)[: units // 2])
        (mine, seen), (other, unseen) = (
            ({key: column[part] for key, column in columns.items()}, y[part]) for part in (half, ~half)
        )
        if not seen.sum() or not unseen.sum():
            continue
        found = chosen(mine, seen, path(mine, seen), density)
        for key in found.box:
            restricted[key] += 1.0 / HALVES
        outside = step_of(other, unseen, found.box)
        tried.append((outside.coverage, outside.density))
    coverage, dense = np.array(tried).reshape(-1, 2).T
    return Reproduced(restricted, coverage, dense)
