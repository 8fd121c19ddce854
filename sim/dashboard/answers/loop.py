"""What drove what in the year of the followed child, and the relationship profile where a coach talks about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.dashboard.choices import ARMS, OWN
from sim.dashboard.desk import Refused
from sim.dashboard.picture import course_of, key_of, simulate_year
from sim.files.language import _
from sim.state import CHILD, TEACHER, to_item_mean
from sim.year.causes import STATES, Causes, causes
from sim.year.profile import DIMENSIONS, Profile, profile

if TYPE_CHECKING:
    from sim.dashboard.desk import Question
    from sim.dashboard.picture import Key
    from sim.record import Record, Twins
    from sim.state import Records

__all__ = ["answer"]

LED: Final = "session_lead"
"""Who leads a session tells something only where there is one."""

OF_TEACHER: Final = tuple(field.name for field in TEACHER if field.kind == "lever")
LEVERS: Final = tuple(field.name for field in CHILD if field.kind == "lever" and field.name != LED) + OF_TEACHER
"""What programmes do, by the name of the field."""

POINTS: Final = 4.0
"""Points of a scale of 1 to 5 in a state of 0 to 1."""

LATER: Final = 8
"""School weeks after the last one before LLInC begins, in which the profile is drawn up again."""

QUESTIONS: Final = 2
"""Questions of a coach that are shown."""


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Tell what drove what for the followed child in one of the two classes, ``arm`` in the details.

    The item has ``child`` and ``arm``; ``nodes``: values by week, null where there are none; ``links``: contributions
    to each of `sim.year.causes.STATES` by week, in points of a scale of 1 to 5; ``courses``: of each intervention that
    moved levers for the child its name, its first and its last week (``from``, ``to``) and its ``levers`` (`moved_by`);
    and ``profiles``, empty without LLInC.
    """
    arm = question.details.get("arm")
    if arm not in ARMS:
        raise Refused(_("There is no such class."))
    both = question.shelf.both(question.pair)
    record = both.without if arm == "without" else both.with_
    own = question.choices.scenario == OWN
    found = causes(record, question.child) if own else known(key_of(record.scenario), question.child)
    yield {
        "child": question.child,
        "arm": arm,
        "nodes": {name: rounded(values) for name, values in found.nodes.items()},
        "links": {
            name: {state: rounded(POINTS * values[:, place]) for place, state in enumerate(STATES)}
            for name, values in found.contributions.items()
        },
        "courses": list(courses(record, question.child)),
        "profiles": list(profiles(both, question.child)),
    }


def courses(record: Record, child: int) -> Iterator[dict[str, Any]]:
    """Give each intervention that moved levers for a child; see `answer`. What was practised may outlast it."""
    for number in range(len(record.scenario.interventions)):
        levers = moved_by(record, number, child)
        if levers:
            name, first, last = (course_of(record, number)[key] for key in ("name", "from", "to"))
            yield {"name": name, "from": first, "to": last, "levers": levers}


def moved_by(record: Record, number: int, child: int) -> dict[str, list[float | None]]:
    """Give how far one intervention moved each of `LEVERS` at most in each week, for a child; 0 before the first day.

    Where there are several, it is carried out alone, for the same children, in the same class.
    """
    alone = record
    if len(record.scenario.interventions) > 1:
        target = tuple(record.names[one] for one in record.chosen[number])
        if not target:
            return {}
        choice = record.scenario.interventions[number].model_copy(update={"target": target, "count": 1})
        alone = simulate_year(key_of(record.scenario.changed(interventions=(choice,))))
    firsts = [alone.calendar.first_day(week) for week in range(1, alone.scenario.weeks + 1)]
    moved = {
        name: np.maximum.reduceat(alone.teacher[name] if name in OF_TEACHER else alone.children[name][:, child], firsts)
        for name in LEVERS
    }
    return {name: rounded(np.append(0.0, values)) for name, values in moved.items() if values.any()}


@lru_cache(maxsize=256)
def known(key: Key, child: int) -> Causes:
    """Keep what was found out about classes that are nobody's own."""
    return causes(simulate_year(key), child)


def rounded(values: Records) -> list[float | None]:
    """Round numbers for the browser."""
    return [None if np.isnan(value) else round(float(value), 3) for value in values]


def profiles(both: Twins, child: int) -> Iterator[dict[str, Any]]:
    """Draw up the relationship profile before LLInC, some weeks later, and at the end, there and without it."""
    record = both.with_
    if not any(
        name == "llinc" and child in chosen for name, chosen in zip(record.interventions, record.chosen, strict=True)
    ):
        return
    before = min(choice.start_week for choice in record.scenario.interventions if choice.name == "llinc") - 1
    weeks = record.scenario.weeks
    times = ((record, before), (record, min(before + LATER, weeks)), (record, weeks), (both.without, weeks))
    for year, week in times:
        described = describe_profile(profile(year, child, last_day(year, week)))
        yield {"arm": "with" if year is record else "without", **described}


def last_day(record: Record, week: int) -> int:
    """Give the last school day of a week; the evening before the first day is the end of week 0."""
    return record.calendar.last_day(week) if week else 0


def describe_profile(drawn: Profile) -> dict[str, Any]:
    """Put a profile into words in the current language."""
    return {
        "week": drawn.week,
        "scores": [
            {"name": one.name, "title": _(one.title), "score": round(to_item_mean(drawn.scores[one.name]), 2)}
            for one in DIMENSIONS
        ],
        "words": drawn.words(),
        "summary": drawn.summary(),
        "questions": drawn.questions()[:QUESTIONS],
    }
