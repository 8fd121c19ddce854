"""Many classes side by side: how far columns differ on average, and in how many classes that can be seen.

All columns have the same classes, with the same luck in each. They are computed a few at a time, like pairs
(`sim.dashboard.answers.crowd`); of shipped classes they are kept, for all visitors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from sim.dashboard.answers.crowd import PAIRS, growing, refuse_slow, rounded, whom
from sim.dashboard.choices import OWN
from sim.dashboard.columns import digest, scenarios_of
from sim.dashboard.desk import Refused
from sim.dashboard.picture import key_of
from sim.files.language import _
from sim.run import side_by_side
from sim.year.pairs import COMPARED, Pairs, children_compared, fan, kept_weekly, scored

if TYPE_CHECKING:
    from sim.dashboard.desk import Question
    from sim.dashboard.picture import Key
    from sim.scenario import Scenario
    from sim.state import Records

__all__ = ["answer"]

KEPT: Final = 3
"""How many finished comparisons are kept; one takes about 24 MB."""


class Beside(NamedTuple):
    """Some classes in all columns.

    Attributes
    ----------
    numbers
        Numbers of the classes.
    scores
        `sim.year.pairs.COMPARED` in each column, shape (classes, weeks + 1, measures, n).
    chosen
        Whether an intervention of any column was for this child, shape (classes, n).
    """

    numbers: tuple[int, ...]
    scores: tuple[Records, ...]
    chosen: Records


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Compare all columns with each other in many classes.

    Each item has the ``keys`` of the columns and the ``child`` that it is about; ``count`` and ``of`` (classes that
    are there, and that will be); ``about`` (as in `sim.dashboard.answers.crowd`); and ``measures``: for each the
    ``pairs`` of columns, such as ``"0-2"``, with the ``mean`` of the later minus the earlier one, and in how many
    classes it is visibly ``lower`` or ``higher``, a number a week.
    """
    columns = scenarios_of(question.choices, question.child, question.roster)
    if len(columns) < 2:
        raise Refused(_("Add a column: then there is something to compare with."))
    refuse_slow(*columns)
    kept = comparison(tuple(map(key_of, columns))) if question.choices.scenario != OWN else {}
    about = {"keys": [digest(column) for column in columns], "child": question.child}

    def told(found: Sequence[Beside]) -> Mapping[str, Any]:
        return {**about, **describe(found, columns, question.child)}

    yield from growing(partial(beside, columns), PAIRS, kept, told)


@lru_cache(maxsize=KEPT)
def comparison(columns: tuple[Key, ...]) -> dict[int, Beside]:  # noqa: ARG001 - they tell whose it is
    """Keep what is computed of columns, by the number of the first class; at first nothing."""
    return {}


def beside(columns: Sequence[Scenario], numbers: Sequence[int]) -> Beside:
    """Run the same classes in all columns."""
    kept = side_by_side([(column, numbers) for column in columns], kept_weekly(columns[0]))
    scores = tuple(scored(one) for one in kept)
    return Beside(tuple(numbers), scores, np.logical_or.reduce([one.chosen for one in kept]))


def describe(found: Sequence[Beside], columns: Sequence[Scenario], child: int) -> dict[str, Any]:
    """Write what is found; see `answer`."""
    numbers = tuple(number for part in found for number in part.numbers)
    scores = [np.concatenate([part.scores[place] for part in found]) for place in range(len(columns))]
    chosen = np.concatenate([part.chosen for part in found])
    measures: dict[str, Any] = {measure: {"pairs": {}} for measure in COMPARED}
    for one, other in combinations(range(len(columns)), 2):
        pairs = Pairs(numbers, scores[one], scores[other], chosen)
        who = children_compared(pairs, columns[other], child)
        for measure in COMPARED:
            differences = fan(pairs, who, measure)
            measures[measure]["pairs"][f"{one}-{other}"] = {
                "mean": rounded(differences.mean),
                "lower": differences.visible(-1).tolist(),
                "higher": differences.visible(1).tolist(),
            }
    return {"count": len(numbers), "of": PAIRS, "about": whom(columns[0], chosen), "measures": measures}
