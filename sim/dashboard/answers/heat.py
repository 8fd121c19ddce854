"""A heat map of any two factors: in each cell the followed child and the class at the end of the year.

All cells have the same class and the same luck, that of the page, so that what differs between cells comes from the two
factors; with one class a cell holds exactly what the page shows when the cell is opened. Several classes in a cell have
other luck, or the same in several plausible worlds, the first of which has the values in use.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from pydantic import ValidationError

from sim.dashboard.choices import HeatMap, Pair, base_of, has_its_size, pair_of, with_values
from sim.dashboard.desk import Refused
from sim.dashboard.factors import OUTCOMES, factors
from sim.dashboard.picture import Shelf, keys_of
from sim.files.language import _
from sim.run import Keep, Kept, side_by_side
from sim.year.in_worlds import evenly

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sim.dashboard.desk import Question
    from sim.scenario import Scenario

__all__ = ["answer"]

MOMENT: Final = 0.2
"""Seconds that one step takes, about; after each the visitor sees more, and may stop."""

MAPS: Final = 32
"""How many maps are kept on a shelf, finished or not; one takes less than 0.1 MB."""

DIGITS: Final = 5
"""Significant digits of a factor's values, few enough for a link to keep them as they are."""

Cell: TypeAlias = tuple[int, int]
"""Number of the value across, and of the value upwards."""

Figures: TypeAlias = list[float | None]
"""Scores 1 to 5 in one cell.

For the class without, then the one with interventions; in each for the child, then the mean of all; in each
`OUTCOMES`. None where the cell has no such class or child.
"""

KEPT: Final[WeakKeyDictionary[Shelf, Callable[[Hashable], dict[Cell, Figures]]]] = WeakKeyDictionary()
"""Maps by the shelf on which they are kept, finished or not."""


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Fill in the map, from coarse to fine.

    The details are those of a `HeatMap` with both factors. Each item has the ``keys`` of the two factors, and their
    values as ``x`` and ``y``; ``figures``, row by row: `Figures`, or None where nothing is known yet; how many cells
    are ``finished``, and how many a second.
    """
    try:
        wanted = HeatMap.model_validate(dict(question.details))
    except ValidationError:
        raise Refused(_("This map cannot be drawn.")) from None
    if wanted.x is None or wanted.y is None:
        raise Refused(_("This map cannot be drawn."))
    if wanted.x == wanted.y:
        raise Refused(_("Choose two different factors."))
    keys = wanted.x, wanted.y
    x = values(question, wanted.x, wanted.x_from, wanted.x_to, wanted.cells)
    y = values(question, wanted.y, wanted.y_from, wanted.y_to, wanted.cells)

    def pair_in(cell: Cell) -> Pair:
        return pair_with(question, dict(zip(keys, (x[cell[0]], y[cell[1]]), strict=True)))

    # All that a map depends on is in its last cell, the one with the largest class.
    key = keys_of(pair_in((len(x) - 1, len(y) - 1))), wanted, question.child
    found = KEPT.setdefault(question.shelf, lru_cache(MAPS)(lambda _key: {}))(key)
    left = [cell for cell in coarse_to_fine(len(x), len(y)) if cell not in found]
    computed, begun, step = 0, time.monotonic(), 4

    def item() -> dict[str, Any]:
        rows = [found.get((column, row)) for row in range(len(y)) for column in range(len(x))]
        rate = computed / (time.monotonic() - begun) if computed else None
        finished = len(rows) - rows.count(None)
        return {"keys": keys, "x": x, "y": y, "figures": rows, "finished": finished, "rate": rate}

    yield item()
    while left:
        cells, left = left[:step], left[step:]
        started = time.monotonic()
        found.update(zip(cells, figures([*map(pair_in, cells)], question, wanted), strict=True))
        computed += len(cells)
        step = max(1, min(32, round(step * MOMENT / (time.monotonic() - started))))
        yield item()


def values(question: Question, key: str, low: float | None, high: float | None, count: int) -> list[float]:
    """Give the values of a factor in a map.

    Raises
    ------
    Refused
        For a factor that this class does not have, and for a range that the factor does not have.
    """
    factor = factors()[key]
    if factor.of_drawn_classes and has_its_size(base_of(question.choices, question.roster)):
        raise Refused(_("{factor} cannot be varied: this class has a class list.").format(factor=_(factor.label)))
    low, high = factor.low if low is None else low, factor.high if high is None else high
    if not factor.low <= low < high <= factor.high:
        allowed = _("{factor}: choose a range within {low} and {high}.")
        raise Refused(allowed.format(factor=_(factor.label), low=f"{factor.low:g}", high=f"{factor.high:g}"))
    return sorted({factor.typed(float(f"{value:.{DIGITS}g}")) for value in np.linspace(low, high, count)})


def pair_with(question: Question, changes: Mapping[str, float]) -> Pair:
    """Put other values of factors into what was chosen, as the page does."""
    return pair_of(with_values(question.choices, changes), question.roster)


def coarse_to_fine(columns: int, rows: int) -> list[Cell]:
    """Order the cells of a map such that those known at any time lie evenly."""
    across, upwards = fineness(columns), fineness(rows)
    cells = product(range(columns), range(rows))
    return sorted(cells, key=lambda cell: sorted((across[cell[0]], upwards[cell[1]]), reverse=True))


def fineness(count: int) -> list[int]:
    """Say of each of a number of lines how often a map has to be halved to have it; the outermost are there at once."""
    times, spans = [0] * count, [(0, count - 1)]
    for first, last in spans:
        middle = (first + last) // 2
        if first < middle:
            times[middle] = 1 + max(times[first], times[last])
            spans += [(first, middle), (middle, last)]
    return times


def figures(pairs: Sequence[Pair], question: Question, wanted: HeatMap) -> list[Figures]:
    """Run the classes of some cells side by side."""
    cells = [[None if scenario is None else jobs_of(scenario, wanted) for scenario in pair] for pair in pairs]
    jobs = [job for cell in cells for of_arm in cell for job in of_arm or ()]
    kept = iter(side_by_side(jobs, Keep(OUTCOMES, (question.pair.without.calendar().days,))))
    none: list[float | None] = [None] * (2 * len(OUTCOMES))
    return [
        [
            score
            for of_arm in cell
            for score in (none if of_arm is None else scores([next(kept) for _ in of_arm], question.child))
        ]
        for cell in cells
    ]


def jobs_of(scenario: Scenario, wanted: HeatMap) -> list[tuple[Scenario, Sequence[int]]]:
    """The classes of one cell and arm: of one scenario, or one in each of several worlds."""
    if wanted.vary == "luck":
        return [(scenario, range(scenario.number, scenario.number + wanted.classes))]
    return [(scenario.changed(world=world), [scenario.number]) for world in evenly(wanted.classes)]


def scores(kept: Sequence[Kept], child: int) -> list[float | None]:
    """Give the scores of a child and the means of all children, over all classes that were kept."""
    points = 1.0 + 4.0 * np.concatenate([one.children[:, 0] for one in kept])
    of_child = points[:, :, child].mean(axis=0).tolist() if child < points.shape[-1] else [None] * len(OUTCOMES)
    return [*of_child, *points.mean(axis=(0, 2)).tolist()]
