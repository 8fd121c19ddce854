"""The interpersonal circle of both classes: where teacher and children stand, week by week, in everybody's eyes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.dashboard.picture import packed
from sim.year.interpersonal import Eyes, over_time

if TYPE_CHECKING:
    from sim.dashboard.desk import Question
    from sim.record import Record

__all__ = ["answer"]

READ: Final = ("child_affiliation", "child_control", "teacher_affiliation", "teacher_control", "structure")
"""What is sent of `sim.year.interpersonal.Reading`; autonomy support follows from the teacher's control."""

STEPS: Final = 100
"""Steps from 0 to 1."""

NOTHING: Final = -128
"""What is sent where there were no contacts."""


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Read the contacts of all children, as the page shows them.

    The item has the names of what was ``read``, the ``steps`` from 0 to 1, what stands for ``nothing``, and for each of
    ``observer``, ``teacher`` and ``child`` the two classes, ``without`` and ``with`` (null if there is but one): weeks
    + 1, children, and what was read, in a byte each.
    """
    pair, both = question.pair, question.shelf.both(question.pair)
    yield {
        "read": READ,
        "steps": STEPS,
        "nothing": NOTHING,
        **{
            eyes.name.lower(): {
                "without": class_in(both.without, eyes),
                "with": None if pair.with_ is None else class_in(both.with_, eyes),
            }
            for eyes in Eyes
        },
    }


def class_in(record: Record, eyes: Eyes) -> str:
    """Pack the readings of one class in base64."""
    read = [
        np.stack([getattr(found, name) for name in READ], axis=-1)
        for found in over_time(record, eyes, range(record.calendar.weeks + 1))
    ]
    steps = np.nan_to_num(np.round(STEPS * np.stack(read)), nan=NOTHING)
    return packed(steps, "i1")
