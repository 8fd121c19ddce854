"""What happened to each child over the year, as short entries that the browser shows in words.

Nothing is explained or judged here: an entry says that a line crossed the middle of its scale, that classmates
see a child differently at the end of a trimester, in which week it was corrected most, or that an intervention
began or ended. The words stand in `words`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.interventions import REGISTRY
from sim.peers import status
from sim.state import Setting

if TYPE_CHECKING:
    from sim.record import Record
    from sim.state import Records

__all__ = ["Entry", "events"]

Entry = tuple[int, int, str, int | str]
"""School day, number of the child, kind (a key of `words.story_words`), and a number or name that goes with it."""

MIDDLE: Final = 0.5
MARGIN: Final = 0.04
"""A line has crossed the middle of its scale when it is this far beyond it, so that it does not cross daily."""


def events(record: Record) -> list[Entry]:
    """What happened, in order of the days."""
    entries = [*_crossings(record), *_statuses(record), *_corrections(record), *_courses(record)]
    return sorted(entries, key=lambda entry: entry[:2])


def _crossings(record: Record) -> Iterator[Entry]:
    """Days on which closeness, conflict or aggression crossed the middle of the scale."""
    for name in ("closeness", "conflict", "aggression"):
        for child in range(len(record.names)):
            for day, rises in crossings(record.children[name][:, child]):
                yield day, child, f"{name} {'rises' if rises else 'falls'}", 0


def crossings(line: Records) -> Iterator[tuple[int, bool]]:
    """Days on which a line crossed the middle of its scale, and whether it rose."""
    side = np.where(line > MIDDLE + MARGIN, 1, np.where(line < MIDDLE - MARGIN, -1, 0))
    sure = np.flatnonzero(side)
    turns = np.flatnonzero(np.diff(side[sure])) + 1
    for day in sure[turns]:
        yield int(day), bool(side[day] > 0)


def _statuses(record: Record) -> Iterator[Entry]:
    """Sociometric status where it differs from the summing-up before; the first is left out where average."""
    before: tuple[str, ...] = ("average",) * len(record.names)
    for day in record.calendar.waves.values():
        now = status(record.liking[day])
        for child, (old, new) in enumerate(zip(before, now, strict=True)):
            if old != new:
                yield day, child, f"status {new}", 0
        before = now


def _corrections(record: Record) -> Iterator[Entry]:
    """For each child the week with most corrections, on its last day: how many."""
    calendar, contacts = record.calendar, record.contacts
    corrected = contacts[contacts["setting"] == Setting.DISCIPLINE]
    weeks = (corrected["day"] - 1) // calendar.days_per_week
    counts = np.zeros((calendar.weeks, len(record.names)), dtype=int)
    np.add.at(counts, (weeks, corrected["child"]), 1)
    for child, week in enumerate(counts.argmax(axis=0)):
        if counts[week, child] > 0:
            yield calendar.last_day(int(week) + 1), child, "corrections", int(counts[week, child])


def _courses(record: Record) -> Iterator[Entry]:
    """Begin and end of the interventions, for the children that they were for."""
    calendar = record.calendar
    for choice, chosen in zip(record.scenario.interventions, record.chosen, strict=False):
        length = REGISTRY[choice.name].weeks
        last = None if length is None else choice.start_week + length - 1
        for child in chosen:
            yield calendar.first_day(choice.start_week), child, "course begins", choice.name
            if last is not None and last < calendar.weeks:
                yield calendar.last_day(last), child, "course ends", choice.name
