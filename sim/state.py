"""The state of a class as records: what a child, a teacher and a contact are made of.

Both runners hold these arrays, so that the same equations work on the same numbers. The field tables are
data: the recording, the dashboard and the documentation are made from them. A state lies between 0 and 1; at the end
stands how it reads on the response scales that teachers and studies use, and back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sim.calendar import Calendar
    from sim.parameters import Parameters

__all__ = [
    "CHILD",
    "CHILD_DTYPE",
    "CONTACT_DTYPE",
    "COUNTED",
    "PLAY_DTYPE",
    "SDQ_ITEMS",
    "TEACHER",
    "TEACHER_DTYPE",
    "ClassState",
    "Field",
    "Initiator",
    "Record",
    "Records",
    "Setting",
    "fields",
    "from_item_mean",
    "from_symptoms",
    "symptom_share",
    "to_item_mean",
]

Record = Any
"""One record, or a lane of `sim.engine.lanes`: anything with the fields of a child, a teacher or the parameters."""
Records = npt.NDArray[Any]


class Setting(IntEnum):
    """What a teacher-child contact is about."""

    TASK = 0
    SOCIAL = 1
    DISCIPLINE = 2
    SESSION = 3


class Initiator(IntEnum):
    """Who began a contact."""

    CHILD = 0
    TEACHER = 1


@dataclass(frozen=True)
class Field:
    """One number of a child or a teacher: its name, kind (trait, state, lever, class), bounds and meaning."""

    name: str
    kind: str
    low: float
    high: float
    meaning: str


# The order matters for speed: what a contact or a bout of play reads and changes lies side by side.
CHILD: tuple[Field, ...] = (
    Field("sex", "trait", 0, 1, "0 girl, 1 boy"),
    Field("age", "trait", 3, 13, "age in years at the start of the year"),
    Field("externalizing", "trait", 0, 1, "externalizing liability"),
    Field("ability", "trait", -5, 5, "cognitive and language ability (z)"),
    Field("ses_risk", "trait", 0, 1, "socio-economic risk"),
    Field("effortful_control", "trait", 0, 1, "self-regulation that the child's temperament comes to"),
    Field("visibility", "trait", 0, 6, "how often the child comes into view, relative to a classmate like it"),
    Field("rapport", "trait", 0, 1, "closeness that child and teacher come to where they suit each other so much"),
    Field("mismatch", "trait", 0, 1, "how little child and teacher suit each other, on the scale of conflict"),
    Field("security", "trait", 0, 1, "attachment security to the primary caregiver"),
    Field("mood", "state", -16, 16, "mood of the day (z)"),
    Field("self_social", "state", 0, 1, "social self-concept"),
    Field("liability", "state", 0, 1, "readiness for hostility that the child takes along everywhere"),
    Field("habit", "state", 0, 1, "hostility that the child has learned with this teacher"),
    Field("goodwill", "state", 0, 1, "willingness to go along, from the teacher's approval today and yesterday"),
    Field("aggression", "state", 0, 1, "readiness to act with hostility in this class now (from the three)"),
    Field("self_regulation", "state", 0, 1, "control of impulses and emotions"),
    Field("stress", "state", 0, 1, "arousal"),
    Field("closeness", "state", 0, 1, "closeness of the dyad"),
    Field("conflict", "state", 0, 1, "conflict of the dyad"),
    Field("dependency", "state", 0, 1, "the child's dependency on the teacher"),
    Field("representation", "state", -1, 1, "the teacher's working model of the child"),
    Field("felt_security", "state", -1, 1, "the child's working model of the teacher"),
    Field("perceived_control", "state", 0, 1, "the teacher's perceived control over the child"),
    Field("self_global", "state", 0, 1, "global self-concept"),
    Field("self_academic", "state", 0, 1, "academic self-concept"),
    Field("norms", "state", 0, 1, "internalized school norms"),
    Field("autonomy", "state", 0, 1, "how much room for its own lead the child finds with this teacher"),
    Field("structure", "state", 0, 1, "how calm the child finds the teacher's guidance"),
    Field("engagement", "state", 0, 1, "engagement with school work"),
    Field("achievement", "state", -11, 11, "achievement (z)"),
    Field("attunement", "lever", 0, 1, "the teacher attunes to this child's lead"),
    Field("calm", "lever", 0, 1, "the teacher answers misbehaviour calmly and predictably"),
    Field("praise", "lever", 0, 1, "the teacher looks for occasions to praise"),
    Field("reflection", "lever", 0, 1, "the teacher reflects on the relationship with this child"),
    Field("outreach", "lever", 0, 1, "the teacher seeks this child at calm moments, and asks what it likes and needs"),
    Field("showcase", "lever", 0, 1, "the teacher shows affection where the class can see it"),
    Field("session_lead", "lever", 0, 1, "who leads the session: 0 the child, 1 the teacher"),
    Field("session", "lever", 0, 1, "a one-to-one session is due today (share of a full session)"),
)

TEACHER: tuple[Field, ...] = (
    Field("emotional_support", "trait", 0, 1, "emotional support, sensitivity"),
    Field("reflective_functioning", "trait", 0, 1, "reflective functioning"),
    Field("self_efficacy", "trait", 0, 1, "self-efficacy"),
    Field("strain", "trait", 0, 1, "strain (mental health)"),
    Field("autonomy_support", "trait", 0, 1, "how far the teacher leaves the lead to children where she begins"),
    Field("pace", "trait", 0, 5, "contacts in this way of teaching, relative to the average class"),
    Field("mood", "state", -16, 16, "mood of the day (z)"),
    Field("stress", "state", 0, 1, "stress"),
    Field("attention", "state", 0, 1, "attention left for the next bid"),
    Field("play_climate", "class", -1, 1, "mean tone of play on the day before (derived)"),
    Field("acquaintance", "class", 0, 1, "how well the children of the class know each other"),
    Field("coaching", "lever", 0, 1, "effect of coaching on emotional support"),
)


def fields(table: tuple[Field, ...], *kinds: str) -> tuple[str, ...]:
    """Names of the fields of `table` that are of one of `kinds`."""
    return tuple(field.name for field in table if field.kind in kinds)


CHILD_DTYPE = np.dtype([(field.name, np.float64) for field in CHILD])
TEACHER_DTYPE = np.dtype([(field.name, np.float64) for field in TEACHER])

CONTACT_DTYPE = np.dtype(
    [
        ("day", np.int32),
        ("time", np.float64),
        ("child", np.int32),
        ("initiator", np.int8),
        ("setting", np.int8),
        ("public", np.int8),
        ("lead", np.float64),
        ("tone", np.float64),
        ("perceived", np.float64),
        ("response", np.float64),
        ("felt", np.float64),
        ("turns", np.int8),
        ("second_tone", np.float64),
        ("second_response", np.float64),
    ]
)
"""A contact: who leads it (0 the child, 1 the teacher); tone of the child's act, as the teacher perceived it, tone of
the answer, as the child felt it. Where one of them was hostile (below 0) it goes on (4 turns instead of 2), and each
has a second tone; 0 otherwise."""
COUNTED = (
    "contacts",
    "reprimands",
    "seeking",
    "warmth_seen",
    "tones",
    "hostile_acts",
    "harsh_answers",
    "harsh_to_hostile",
    "praises",
    "sessions",
    "hostile_in_sessions",
    "hostile_play",
)
"""What is counted of each child, from the first day on: contacts; those of discipline; those that the child began; the
warm parts of the teacher's tones that classmates saw, and all the teacher's tones, summed up. In class: hostile acts of
the child, harsh answers of the teacher, those that met a hostile act, answers at work that were praise. Exchanges of
one-to-one sessions, and those in which the child acted with hostility; hostile acts in play with classmates. First
turns count, second ones do not."""

PLAY_DTYPE = np.dtype(
    [
        ("day", np.int32),
        ("time", np.float64),
        ("child", np.int32),
        ("partner", np.int32),
        ("tone", np.float64),
        ("partner_tone", np.float64),
        ("turns", np.int8),
        ("second_tone", np.float64),
        ("second_partner_tone", np.float64),
    ]
)
"""A bout of play, with turns as in a contact."""


@dataclass(frozen=True)
class ClassState:
    """One class at one moment, and what does not change in it; both runners and interventions work on this.

    Attributes
    ----------
    names
        Names of the children; a child's number is its place here.
    children
        Records of `CHILD_DTYPE`, shape (n,).
    teacher
        One record of `TEACHER_DTYPE`, shape (1,).
    liking
        Shape (n, n), -1 to 1: row who likes, column who is liked; the diagonal is 0. In column-major order, so that
        the classmates who see a contact lie side by side; the same holds for `affinity`.
    affinity
        Shape (n, n): the liking that two children slowly return to.
    parameters, calendar, seed, number, mechanism
        What the class runs on; `number` tells the classes of one seed apart, `mechanism` is the name of one of
        `sim.mechanisms`, if there is one in force.
    """

    names: tuple[str, ...]
    children: Records
    teacher: Records
    liking: Records
    affinity: Records
    parameters: Parameters
    calendar: Calendar
    seed: int
    number: int = 0
    mechanism: str | None = None

    def copy(self) -> ClassState:
        """The same class in arrays of its own."""
        liking = self.liking.copy(order="K")
        return replace(self, children=self.children.copy(), teacher=self.teacher.copy(), liking=liking)


# --- How states read on the scales that teachers and studies use -------------------------------------------

Scores = TypeVar("Scores", Records, float)

LOWEST, HIGHEST = 1.0, 5.0
SDQ_ITEMS = 10
"""Highest score of an SDQ subscale (five items of 0 to 2)."""


def to_item_mean(state: Scores) -> Scores:
    """A state in [0, 1] as an item mean of 1 to 5 (STRS/LLRV, teacher-rated aggression)."""
    return LOWEST + (HIGHEST - LOWEST) * state


def from_item_mean(score: float) -> float:
    """An item mean of 1 to 5 as a state in [0, 1]."""
    return (score - LOWEST) / (HIGHEST - LOWEST)


def from_symptoms(score: float) -> float:
    """The state in [0, 1] (of aggression, or of what self-regulation lacks) that an expected SDQ score stands for."""
    return math.sqrt(min(max(score, 0.0), float(SDQ_ITEMS)) / SDQ_ITEMS)


def symptom_share(level: Records) -> Records:
    """Share of the SDQ symptoms to expect at a level of aggression, or of what self-regulation lacks: its square."""
    return np.square(level)
