"""Several school years: what is left, with the next teacher, of what the two classes differ in.

Pairs of classes are followed from year to year (`sim.school_years`), each pair with the same luck on both sides, and
the picture grows with them as that of many pairs in one year does (`sim.dashboard.answers.crowd`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydantic import ValidationError

from sim.dashboard.answers.crowd import batches, comparable, rounded, whom
from sim.dashboard.choices import OWN, POKES, SUPPORT, SchoolYears
from sim.dashboard.desk import Refused
from sim.dashboard.factors import OUTCOMES
from sim.dashboard.picture import key_of
from sim.files.language import _
from sim.scenario import Later, most_years, next_teacher
from sim.school_years import live
from sim.year.pairs import COMPARED, LEVELS, Pairs, children_compared, fan, join_pairs, kept_weekly, scored

if TYPE_CHECKING:
    from sim.dashboard.desk import Question
    from sim.dashboard.picture import Key
    from sim.scenario import Scenario
    from sim.state import Records

__all__ = ["PAIRS", "answer", "followed", "later_of"]

PAIRS: Final = 40
"""Pairs of classes in a finished picture: with three school years about as much work as 120 pairs in one."""


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Follow many pairs of classes over school years.

    Each item has the fields of `SchoolYears`, ``count`` and ``of`` (pairs that are there, and that will be), ``about``
    (see `sim.dashboard.answers.crowd.answer`), and ``measures``, each with

    - ``without`` and ``with``: scores in either class, ``mean``, ``low`` and ``high`` (nine in ten pairs lie between),
      a number a week, from the evening before the first day of a year to its last week, one year after the other;
    - ``ends``: for the last week of each year, in how many pairs the second class is visibly ``lower`` and ``higher``.
    """
    left, right = comparable(question.pair)
    try:
        wanted = SchoolYears.model_validate(dict(question.details))
    except ValidationError:
        raise Refused(_("These school years cannot be followed.")) from None
    if wanted.years > most_years(left):
        message = _("These children leave primary school before that: at most {most} school years can be followed.")
        raise Refused(message.format(most=most_years(left)))
    kept = years_of(key_of(left), key_of(right), wanted) if question.choices.scenario != OWN else {}
    found: list[Pairs] = []
    for batch in batches(partial(followed, left, right, wanted), PAIRS, kept):
        found.append(batch)
        yield describe(join_pairs(found), right, question.child, wanted)


def followed(left: Scenario, right: Scenario, wanted: SchoolYears, numbers: Sequence[int]) -> Pairs:
    """Run pairs of classes over school years; weeks of all years are one after the other, week 0 of each among them."""
    keep, later = kept_weekly(left), later_of(left, right, wanted)
    without, with_ = (live(side, numbers, keep, wanted.years, later).kept for side in (left, right))
    return Pairs(tuple(numbers), scored(without), scored(with_), with_.chosen)


def later_of(left: Scenario, right: Scenario, wanted: SchoolYears) -> Later:
    """Tell what is known of the years after the first; single days are not lived through once more."""
    word = SUPPORT if wanted.next_teacher == "supportive" else wanted.next_teacher
    programmes = {choice.name for choice in (*left.interventions, *right.interventions)} - set(POKES)
    return Later(next_teacher(word), again=dict.fromkeys(programmes if wanted.again else (), frozenset({2})))


@lru_cache(maxsize=4)  # each of about 7 MB where three years are followed
def years_of(left: Key, right: Key, wanted: SchoolYears) -> dict[int, Pairs]:  # noqa: ARG001 - they tell whose it is
    """Keep what is computed of the pairs of two scenarios, by the number of the first pair; at first nothing."""
    return {}


def describe(found: Pairs, right: Scenario, child: int, wanted: SchoolYears) -> dict[str, Any]:
    """Write what is found; see `answer`."""
    who = children_compared(found, right, child)
    weights = who / who.sum(axis=1, keepdims=True)
    measures = {}
    for measure in OUTCOMES:
        one, place, last = fan(found, who, measure), COMPARED.index(measure), right.weeks + 1
        lower, higher = (one.visible(sign)[last - 1 :: last].tolist() for sign in (-1, 1))
        measures[measure] = {
            "without": course(np.einsum("pwn,pn->pw", found.left[:, :, place], weights)),
            "with": course(np.einsum("pwn,pn->pw", found.right[:, :, place], weights)),
            "ends": [{"lower": low, "higher": high} for low, high in zip(lower, higher, strict=True)],
        }
    return {
        **wanted.model_dump(),
        "count": len(found.numbers),
        "of": PAIRS,
        "about": whom(right, found.chosen),
        "measures": measures,
    }


def course(scores: Records) -> dict[str, list[float]]:
    """Write scores of pairs, shape (pairs, weeks): their mean, and between what nine in ten of them lie."""
    low, high = np.quantile(scores, (LEVELS[0], LEVELS[-1]), axis=0)
    return {"mean": rounded(scores.mean(axis=0)), "low": rounded(low), "high": rounded(high)}
