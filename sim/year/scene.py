"""One contact as a scene: what led to it, who perceived what, and what each took from it.

The record of a year has the evenings, and the tones of every contact, but not what a single contact changed. So the day
is lived again, agent by agent, from the evening before, with the same luck, and this time it is watched. All numbers
of a scene are what the equations of `sim.dynamics` gave, or give where one thing is put at rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final, NamedTuple

import numpy as np

from sim.agents import Bid, Child
from sim.compiled import check_equations
from sim.engine.equations import Equations
from sim.luck import Luck, Stream
from sim.model import Classroom
from sim.record import Record
from sim.school_day import SCHOOL_DAY
from sim.state import Records

__all__ = ["ACT", "ANSWER", "BEGINNINGS", "LivedOtherwiseError", "Scene", "landmarks", "same_moment", "scene"]

ACT: Final = {"aggression": 0.0, "stress": 0.0, "conflict": 0.0, "mismatch": 0.0, "felt_security": 0.0, "mood": 0.0}
"""States of the child that drive its act, and what they are at rest; likewise the teacher's mood."""

ANSWER: Final = {"conflict": 0.0, "perceived_control": 1.0, "calm": 0.0, "attunement": 0.0, "reflection": 0.0}
"""States of the child, as the teacher has to do with it, that drive the teacher's answer; likewise `TEACHER`, and the
hostility that the teacher perceived, ``perceived``."""

TEACHER: Final = {"stress": 0.0, "mood": 0.0, "coaching": 0.0}
"""States of the teacher that drive the answer, and what they are at rest; named ``teacher_…``."""

BEGINNINGS: Final = ("seek", "begin", "misbehave")
"""What brings a child into view: it seeks contact, the teacher approaches it, it is about to misbehave."""

NEAR: Final = 1e-6
"""How far tones may lie from those of the record: likings in it have single precision."""


class LivedOtherwiseError(Exception):
    """A day did not come out as it is in the record, as where an intervention of one's own remembers something."""


class Moment(NamedTuple):
    """What a contact can change: the child, the teacher (arrays of one record), how much each classmate likes it."""

    child: Records
    teacher: Records
    liked: Records


@dataclass(frozen=True)
class Scene:
    """One contact, lived again.

    Attributes
    ----------
    contact
        The contact, an array of one record of `sim.state.CONTACT_DTYPE`.
    before, after
        Child, teacher and liking just before the contact and just after it.
    bids
        How often a day like this one brings the child into view, by `BEGINNINGS`.
    second_perceived, second_felt
        The second tones as teacher and child perceived them; 0 where the contact did not go on.
    sharp_act, sharp_answer
        Chance of a hostile first act of the child, and of a harsh first answer of the teacher.
    act_drivers, answer_drivers
        What each state adds to that chance: the chance minus what it is with that state at rest. Contributions
        do not add up to the chance.
    """

    contact: Records
    before: Moment
    after: Moment
    bids: tuple[float, float, float]
    second_perceived: float
    second_felt: float
    sharp_act: float
    sharp_answer: float
    act_drivers: dict[str, float]
    answer_drivers: dict[str, float]

    def change(self, field: str) -> float:
        """What the contact changed in a field of the child, or, as ``teacher_…``, of the teacher."""
        part, name = ("teacher", field.removeprefix("teacher_")) if field.startswith("teacher_") else ("child", field)
        return float(getattr(self.after, part)[name][0] - getattr(self.before, part)[name][0])

    @property
    def liking(self) -> float:
        """What it changed in how much classmates like the child, −1 to 1, on average."""
        others = len(self.before.liked) - 1
        return float((self.after.liked - self.before.liked).sum() / max(others, 1))


class WatchedChild(Child):
    """A child of which every contact is watched."""

    classroom: DayAgain
    rates: tuple[float, float, float]

    def bids(self) -> list[Bid]:
        """Bids of the day; how often they are to be expected is kept."""
        model = self.classroom
        self.rates = self.equations.bid_rates(self.records, self.number, model.teacher.records, model.p)
        return super().bids()

    def contact(self, stream: Stream, which: int, time: float, initiator: int, setting: int, *, public: bool) -> None:
        """A contact, with what was before and after it."""
        before = self.classroom.moment(self.number)
        super().contact(stream, which, time, initiator, setting, public=public)
        self.classroom.watched.append((before, self.classroom.moment(self.number)))


class DayAgain(Classroom):
    """One day of a recorded year, lived again until the end of its last contact."""

    def __init__(self, record: Record, day: int) -> None:
        super().__init__(record.scenario, interventions=bool(record.interventions), number=record.final.number)
        check_equations()
        evening = record.state(day - 1)
        self.state.children[:], self.state.teacher[:] = evening.children, evening.teacher
        self.state.liking[:] = evening.liking
        for intervention, chosen in zip(self.interventions, record.chosen, strict=True):
            intervention.chosen = chosen
        self.day = day
        self.luck = Luck(self.state.seed, self.state.number, day)
        self.watched: list[tuple[Moment, Moment]] = []
        for child in self.children:
            child.remove()
        self.children = [WatchedChild(self, i, name) for i, name in enumerate(self.state.names)]

    def live(self) -> None:
        """Everything that happens on the day until the end of its last contact."""
        for step in takewhile(lambda step: step.name != "learn", SCHOOL_DAY):
            getattr(self, step.name)()

    def moment(self, i: int) -> Moment:
        """What a contact of child `i` can change, as it is now."""
        state = self.state
        return Moment(state.children[i : i + 1].copy(), state.teacher.copy(), state.liking[:, i].copy())


def scene(record: Record, number: int) -> Scene:
    """Live one contact of a year again.

    Parameters
    ----------
    record
        The year.
    number
        Which of its contacts.

    Raises
    ------
    IndexError
        Where the year has no such contact.
    LivedOtherwiseError
        Where the day does not come out as it is in the record.
    """
    if not 0 <= number < len(record.contacts):
        raise IndexError(f"number: found {number}; allowed is 0 to {len(record.contacts) - 1}")
    contact = record.contacts[number : number + 1]
    day = int(contact["day"][0])
    place = number - int(np.searchsorted(record.contacts["day"], day))
    again = DayAgain(record, day)
    try:
        again.live()
    finally:
        again.forget()
    if not same(again.contacts_of_day, record.contacts[record.contacts["day"] == day]):
        raise LivedOtherwiseError(f"day {day} does not come out as it is in the record")
    (before, after), i = again.watched[place], int(contact["child"][0])
    child = again.children[i]
    second = contact["second_tone"][0], contact["second_response"][0], int(contact["turns"][0]) > 2
    equations, p = again.equations, again.p
    act, act_drivers = act_chances(before, contact, p, equations)
    answer, answer_drivers = answer_chances(before, contact, p, equations)
    return Scene(
        contact=contact,
        before=before,
        after=after,
        bids=child.rates if isinstance(child, WatchedChild) else (0.0, 0.0, 0.0),
        second_perceived=equations.teacher_perceives(before.child, 0, before.teacher, second[0], p) * second[2],
        second_felt=equations.child_perceives(before.child, 0, second[1], p) * second[2],
        sharp_act=act,
        sharp_answer=answer,
        act_drivers=act_drivers,
        answer_drivers=answer_drivers,
    )


def same(lived: list[tuple[Any, ...]], recorded: Records) -> bool:
    """Whether contacts of a day are those of the record."""
    again = np.array(lived, dtype=recorded.dtype)
    return len(again) == len(recorded) and all(
        np.allclose(again[name], recorded[name], rtol=0.0, atol=NEAR) for name in recorded.dtype.names or ()
    )


def act_chances(before: Moment, contact: Records, p: Records, equations: Equations) -> tuple[float, dict[str, float]]:
    """Chance that the child's first act is hostile, and what each state adds to it."""
    setting = int(contact["setting"][0])

    def chance(child: Records, teacher: Records) -> float:
        return float(equations.chance(equations.child_push(child, 0, teacher, setting, p)))

    now = chance(before.child, before.teacher)
    drivers = {name: now - chance(at_rest(before.child, name, rest), before.teacher) for name, rest in ACT.items()}
    drivers["teacher_mood"] = now - chance(before.child, at_rest(before.teacher, "mood", 0.0))
    return now, drivers


def answer_chances(
    before: Moment, contact: Records, p: Records, equations: Equations
) -> tuple[float, dict[str, float]]:
    """Chance that the teacher's first answer is harsh, and what each state adds to it."""
    setting, perceived = int(contact["setting"][0]), float(contact["perceived"][0])

    def chance(child: Records, teacher: Records, seen: float) -> float:
        return float(equations.chance(equations.teacher_push(child, 0, teacher, seen, setting, p)))

    child, teacher = before.child, before.teacher
    now = chance(child, teacher, perceived)
    drivers = {name: now - chance(at_rest(child, name, rest), teacher, perceived) for name, rest in ANSWER.items()}
    for name, rest in TEACHER.items():
        drivers[f"teacher_{name}"] = now - chance(child, at_rest(teacher, name, rest), perceived)
    drivers["perceived"] = now - chance(child, teacher, max(0.0, perceived))
    return now, drivers


def at_rest(records: Records, name: str, rest: float) -> Records:
    """The same record with one field at rest."""
    other = records.copy()
    other[name] = rest
    return other


def landmarks(record: Record, child: int) -> dict[str, int]:
    """Contacts of a child that mattered, as numbers of its own contacts, by what they were.

    ``first``; ``quarrel``, the first in which both were hostile; ``harshest`` and ``warmest``, by both tones together;
    ``turn``, the sharpest on the day on which conflict rose most. What there was none of is left out.
    """
    met = record.contacts[record.contacts["child"] == child]
    if not len(met):
        return {}
    both = met["tone"] + met["response"]
    found = {"first": 0, "harshest": int(np.argmin(both)), "warmest": int(np.argmax(both))}
    quarrels = np.flatnonzero((met["tone"] < 0.0) & (met["response"] < 0.0))
    if len(quarrels):
        found["quarrel"] = int(quarrels[0])
    rise = np.diff(record.children["conflict"][:, child])
    that_day = np.flatnonzero(met["day"] == int(np.argmax(rise)) + 1)
    if len(that_day) and rise.max() > 0.0:
        found["turn"] = int(that_day[np.argmin(both[that_day])])
    return found


def same_moment(met: Records, number: int, others: Records) -> int | None:
    """Number of the contact that is the same moment in another class with the same luck; None where there was none.

    Parameters
    ----------
    met, others
        Contacts of the same child in the two classes.
    number
        Which of the contacts in `met`.
    """
    one = met[number]
    alike = [np.flatnonzero((all_["day"] == one["day"]) & (all_["time"] == one["time"])) for all_ in (met, others)]
    place = int(np.searchsorted(alike[0], number))  # exchanges of a session have the same time
    return int(alike[1][place]) if place < len(alike[1]) else None
