"""What contacts say in the terms of two other theories: interpersonal theory, and the theory of motivation.

Both are readings of the contacts of a year; what a child itself keeps of the room and the structure that it finds are
states of its own (`sim.dynamics.child_is_guided`).

*Interpersonal theory* places each act on a circle of two axes (Leary 1957; Kiesler 1983). *Affiliation* is the tone.
*Control* is who leads: the child where it begins, the teacher in a correction, whoever leads a session for two, and
where the teacher begins, she as far as she does not leave the lead to the child (`sim.dynamics.lead`). The other one
goes along, unless the act is hostile: hostility is a bid for control (Patterson 1982), as far as it is sharp. An act of
control 1 leads, one of -1 goes along. So two who are calm complement each other on control by definition; what is found
out is how far hostility breaks that.

*Motivation* asks what a teacher gives (Skinner & Belmont 1993): *autonomy support* is the room that her acts leave, the
opposite of her control; *structure* is that she stays calm where she leads; *involvement* is how warm she is.

The same contact is not the same to all: the teacher sees the child's act through her image of the child, the child her
answer through what it expects of her, and an observer sees both as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.record import Record, Twins
from sim.state import Records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PERIOD", "Acts", "Eyes", "Reading", "acts", "interpersonal_table", "over_time", "reading"]

PERIOD = 4
"""Weeks whose contacts are read together: in one week many a child has few."""


class Eyes(Enum):
    """Whose eyes: the fields of a contact with the child's tone and the teacher's, as they are seen."""

    OBSERVER = ("tone", "response")
    TEACHER = ("perceived", "response")
    CHILD = ("tone", "felt")


class Acts(NamedTuple):
    """The first acts of contacts on the interpersonal circle, each shape (contacts,), -1 to 1."""

    child_affiliation: Records
    child_control: Records
    teacher_affiliation: Records
    teacher_control: Records


class Reading(NamedTuple):
    """What the contacts of each child come to, each shape (n,); not a number where there is nothing to see.

    Attributes
    ----------
    contacts
        How many there were.
    child_affiliation, child_control, teacher_affiliation, teacher_control
        Means of `Acts`. The teacher's affiliation is her involvement.
    autonomy_support
        Room that the teacher's acts leave on average, 0 to 1.
    structure
        Share of the contacts in which she is not harsh, each as far as she leads it.
    """

    contacts: Records
    child_affiliation: Records
    child_control: Records
    teacher_affiliation: Records
    teacher_control: Records
    autonomy_support: Records
    structure: Records


def acts(contacts: Records, eyes: Eyes = Eyes.OBSERVER) -> Acts:
    """Place the first acts of contacts, records of `sim.state.CONTACT_DTYPE`, on the circle, as they are seen."""
    child, teacher = (contacts[field].astype(float) for field in eyes.value)
    lead = 2.0 * contacts["lead"] - 1.0
    return Acts(child, taken(-lead, child), teacher, taken(lead, teacher))


def taken(control: Records, tone: Records) -> Records:
    """The control of acts of a tone in someone whose part in the contact is `control`: hostility takes more."""
    return control + np.maximum(0.0, -tone) * (1.0 - control)


def reading(contacts: Records, n: int, eyes: Eyes = Eyes.OBSERVER) -> Reading:
    """What the contacts of each of `n` children come to; other parameters as in `acts`."""
    who, seen = contacts["child"], acts(contacts, eyes)
    number = np.bincount(who, minlength=n).astype(float)

    def mean(values: Records, among: Records | float = 1.0) -> Records:
        weights = among * np.ones(len(who))
        total = np.bincount(who, values * weights, minlength=n)
        count = np.bincount(who, weights, minlength=n)
        found: Records = np.divide(total, count, out=np.full(n, np.nan), where=count > 0.0)
        return found

    means = Acts(*(mean(values) for values in seen))
    calm = mean(seen.teacher_affiliation >= 0.0, contacts["lead"])
    return Reading(number, *means, autonomy_support=0.5 * (1.0 - means.teacher_control), structure=calm)


def over_time(record: Record, eyes: Eyes, last_weeks: Iterable[int], weeks: int = PERIOD) -> Iterator[Reading]:
    """Readings of all children of a class, one for each of `last_weeks`: the contacts of `weeks` up to its end."""
    log, n = record.contacts, len(record.names)
    for week in last_weeks:
        first = record.calendar.last_day(max(0, week - weeks))
        seen = slice(*np.searchsorted(log["day"], [first + 1, record.calendar.last_day(week) + 1]))
        yield reading(log[seen], n, eyes)


def interpersonal_table(twins: Twins) -> pd.DataFrame:
    """What the contacts of every child come to, in every `PERIOD` of the year, in everybody's eyes.

    Returns
    -------
    pandas.DataFrame
        One row for each arm, period, child and `Eyes`: columns `arm`, `first_week`, `last_week`, `child`, `name`,
        `eyes`, and those of `Reading`.
    """
    import pandas as pd

    tables = []
    for arm, record in (("without", twins.without), ("with", twins.with_)):
        n, weeks = len(record.names), record.calendar.weeks
        last_weeks = [min(first + PERIOD - 1, weeks) for first in range(1, weeks + 1, PERIOD)]
        for eyes in Eyes:
            for first, last in zip(range(1, weeks + 1, PERIOD), last_weeks, strict=True):
                (found,) = over_time(record, eyes, (last,), last - first + 1)
                fixed = {"arm": arm, "first_week": first, "last_week": last, "child": np.arange(n)}
                named = {"name": np.array(record.names, dtype=object), "eyes": eyes.name.lower()}
                tables.append(pd.DataFrame({**fixed, **named, **found._asdict()}))
    return pd.concat(tables, ignore_index=True)
