"""Both classes in the eyes of the teacher and of each child: what they expect, and the tones that they perceived."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.dashboard.picture import count_contacts
from sim.year.interpersonal import Eyes

if TYPE_CHECKING:
    from sim.dashboard.desk import Question
    from sim.record import Record
    from sim.state import Records

__all__ = ["answer"]

STEPS: Final = 100
"""Steps from 0 to 1."""


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Tell what the people of both classes have of each other, week by week.

    The item has the ``steps`` from 0 to 1, and the classes ``without`` and ``with`` (null if there is but one). Of each
    it has, −1 to 1 in a byte each: the teacher's ``image`` of each child and what each child expects of the teacher,
    ``trust`` (weeks + 1, children), and ``liking`` (weeks + 1, who, whom). Contacts are counted as in
    `sim.dashboard.picture.count_contacts`: as the teacher ``perceived`` and as the child ``felt`` them, and those that
    all classmates ``saw``.
    """
    pair, both = question.pair, question.shelf.both(question.pair)
    yield {
        "steps": STEPS,
        "without": in_their_eyes(both.without),
        "with": None if pair.with_ is None else in_their_eyes(both.with_),
    }


def in_their_eyes(record: Record) -> dict[str, str]:
    """Pack one class in base64."""
    calendar = record.calendar
    evenings = [0, *(calendar.last_day(week) for week in range(1, calendar.weeks + 1))]
    seen = replace(record, contacts=record.contacts[record.contacts["public"] == 1])
    return {
        "image": in_steps(record.children["representation"][evenings]),
        "trust": in_steps(record.children["felt_security"][evenings]),
        "liking": in_steps(record.liking[evenings]),
        "perceived": counted(record, Eyes.TEACHER),
        "felt": counted(record, Eyes.CHILD),
        "saw": counted(seen, Eyes.OBSERVER),
    }


def in_steps(values: Records) -> str:
    """Write values of −1 to 1 in a byte each, row by row."""
    return base64.b64encode(np.round(STEPS * values).astype("i1").tobytes()).decode("ascii")


def counted(record: Record, eyes: Eyes) -> str:
    """Write what is counted of contacts in two bytes each, lowest byte first, row by row."""
    return base64.b64encode(count_contacts(record, eyes).astype("<u2").tobytes()).decode("ascii")
