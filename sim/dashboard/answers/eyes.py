"""Both classes in the eyes of the teacher and of each child: what they expect, and the tones that they perceived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.dashboard.picture import count_contacts, packed
from sim.year.causes import evenings
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
    days = evenings(record)
    seen = replace(record, contacts=record.contacts[record.contacts["public"] == 1])
    return {
        "image": in_steps(record.children["representation"][days]),
        "trust": in_steps(record.children["felt_security"][days]),
        "liking": in_steps(record.liking[days]),
        "perceived": counted(record, Eyes.TEACHER),
        "felt": counted(record, Eyes.CHILD),
        "saw": counted(seen, Eyes.OBSERVER),
    }


def in_steps(values: Records) -> str:
    """Write values of −1 to 1 in a byte each, row by row."""
    return packed(np.round(STEPS * values), "i1")


def counted(record: Record, eyes: Eyes) -> str:
    """Write what is counted of contacts in two bytes each, lowest byte first, row by row."""
    return packed(count_contacts(record, eyes), "<u2")
