"""Interventions: what each does in the classroom, day by day, and the registry of all.

An intervention never changes an outcome. It changes what the teacher does, through *levers* (fields of kind
``lever`` in `sim.state`): one-to-one sessions, attunement, calm, praise, reflection, affection that the class
sees, coaching. LLInC also loosens the teacher's image of a child. All that follows comes out of the school day.

An intervention of your own is a subclass in a file of yours::

    from sim.interventions import Intervention, register

    @register
    class MorningGreeting(Intervention):
        name = "morning-greeting"
        title = "Morning greeting"
        weeks = 10

        def act(self, state, child, course_day):
            state.children[child]["attunement"] = self.raised(state.children[child]["attunement"], 0.3)

and runs with ``spiraal run --plugin my_file.py --with morning-greeting``.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, TypeVar

from sim import dynamics as d
from sim.language import N_
from sim.state import ClassState, Records
from sim.target import Target

__all__ = ["REGISTRY", "Intervention", "PluginError", "load_plugin", "register"]


class Intervention(ABC):
    """Something that a teacher does for chosen children from a chosen week on.

    Parameters
    ----------
    target
        For which children.
    start_week
        School week in which it begins, from 1.
    fidelity
        How closely it is carried out, 0 to 1.
    dose
        Sessions a week, relative to the programme; only for programmes with sessions.

    Notes
    -----
    There are three moments: `initialize` before the first day, `apply` on every morning, `finalize` after the
    last day. Most subclasses need only `act`, which is called for each chosen child on every day from the
    start on. An instance belongs to one run.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str] = ""
    """What happens in the classroom, in a sentence."""
    weeks: ClassVar[int | None] = None
    """Length of the programme in school weeks; None where it goes on."""
    sessions_per_week: ClassVar[float | None] = None
    """One-to-one sessions a week as the programme has them; None where it has none."""

    def __init__(self, target: Target, start_week: int = 1, fidelity: float = 1.0, dose: float = 1.0) -> None:
        self.target = target
        self.start_week = start_week
        self.fidelity = fidelity
        self.dose = dose
        self.chosen: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(target={self.target!r}, start_week={self.start_week}, "
            f"fidelity={self.fidelity!r}, dose={self.dose!r})"
        )

    def initialize(self, state: ClassState) -> None:
        """Before the first day."""
        self.chosen = ()

    def apply(self, state: ClassState, day: int) -> None:
        """On the morning of school day `day`: choose the children when it begins, then act for each."""
        course_day = day - state.calendar.first_day(self.start_week)
        if course_day < 0:
            return
        if course_day == 0:
            self.chosen = self.target.choose(state)
        for child in self.chosen:
            self.act(state, child, course_day)

    def finalize(self, state: ClassState) -> None:
        """After the last day."""
        return

    @abstractmethod
    def act(self, state: ClassState, child: int, course_day: int) -> None:
        """What is in force for `child` today; `course_day` counts school days from 0 at the start."""

    def week(self, state: ClassState, course_day: int) -> int:
        """Week of the programme, from 0."""
        return course_day // state.calendar.days_per_week

    def has_session(self, state: ClassState, course_day: int) -> bool:
        """Whether a session falls on this day: as many a week as programme and dose say, evenly spread."""
        a_day = (self.sessions_per_week or 0.0) * self.dose / state.calendar.days_per_week
        return math.floor((course_day + 1) * a_day + ROUNDING) > math.floor(course_day * a_day + ROUNDING)

    def lead(self, record: Records, teacher: float) -> None:
        """Say who leads the session of today: 0 the child, 1 the teacher; of several programmes the last one does."""
        if self.fidelity > 0.0:
            record["session_lead"] = teacher

    def raised(self, lever: float, amount: float) -> float:
        """A lever raised by `amount` times fidelity; levers of several interventions add up short of 1."""
        return d.strengthen(lever, amount * self.fidelity)


ROUNDING = 1e-9

REGISTRY: dict[str, type[Intervention]] = {}

I = TypeVar("I", bound=type[Intervention])


def register(intervention: I) -> I:
    """Make an intervention available by its name (class decorator).

    Raises
    ------
    TypeError
        For a class that does not say what happens (`act`), or has no name or title.
    """
    missing = [part for part in ("name", "title") if not hasattr(intervention, part)]
    missing += sorted(intervention.__abstractmethods__)
    if missing:
        raise TypeError(f"{intervention.__name__} lacks {', '.join(missing)}")
    REGISTRY[intervention.name] = intervention
    return intervention


class PluginError(Exception):
    """A file with interventions cannot be used; the message says why."""


def load_plugin(path: Path) -> tuple[str, ...]:
    """Run a Python file that registers interventions; returns the names that are new.

    Raises
    ------
    PluginError
        When the file is missing, fails, or registers nothing.
    """
    if not path.is_file():
        raise PluginError(f"{path}: no such file")
    before = dict(REGISTRY)
    module_name = f"spiraal_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise PluginError(f"{path}: not a Python file (*.py)")
    module = sys.modules[module_name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a user's file may fail in any way
        del sys.modules[module_name]
        REGISTRY.clear()
        REGISTRY.update(before)
        raise PluginError(f"{path}: {type(error).__name__}: {error}") from error
    new = tuple(name for name, kind in REGISTRY.items() if before.get(name) is not kind)
    if not new:
        raise PluginError(f"{path}: registers no intervention; decorate a subclass of Intervention with @register")
    return new


# --- The interventions of the model --------------------------------------------------------------------


def after(days: int, half_life: float) -> float:
    """What is left of a habit `days` school days after a programme."""
    return float(0.5 ** (days / half_life))


@register
class SamenSpel(Intervention):
    """Samen-Spel (Playing-2-gether): six weeks of relationship play, then six of rule play (I1).

    Relationship play: two child-led sessions a week, in which the teacher observes, describes and names
    feelings; something of that attunement is carried into class. Rule play: teacher-led sessions with praise,
    clear rules, calm time-out; the teacher answers misbehaviour calmly and praises more. Afterwards habits fade.
    """

    name = "samen-spel"
    title = N_("Samen-Spel")
    about = N_(
        "Six weeks of play for two in which the child leads, then six weeks of play with rules, praise and calm."
    )
    weeks = 12
    sessions_per_week = 2.0
    PHASE = 6

    def act(self, state: ClassState, child: int, course_day: int) -> None:
        week, record = self.week(state, course_day), state.children[child]
        days, p = state.calendar.days_per_week, state.parameters
        carried, half_life = p["session_carry_over"], p["practice_half_life"]
        first_phase = min(1.0, (week + 1) / self.PHASE)
        attuned = carried * first_phase * after(max(0, course_day - self.PHASE * days), half_life)
        record["attunement"] = self.raised(record["attunement"], attuned)
        if week < self.weeks and self.has_session(state, course_day):
            record["session"] = self.raised(record["session"], 1.0)
            self.lead(record, 0.0 if week < self.PHASE else 1.0)
        if week >= self.PHASE:
            second_phase = min(1.0, (week + 1 - self.PHASE) / self.PHASE)
            firm = second_phase * after(max(0, course_day - self.weeks * days), half_life)
            record["calm"] = self.raised(record["calm"], carried * firm)
            record["praise"] = self.raised(record["praise"], firm)


@register
class BankingTime(Intervention):
    """Banking Time: child-led one-to-one sessions, three a week for seven weeks (I4).

    Where fidelity is low, the teacher takes the lead: the known way in which sessions fail.
    """

    name = "banking-time"
    title = N_("Banking Time")
    about = N_("Three times a week, for seven weeks, the child has the teacher to itself and decides what to do.")
    weeks = 7
    sessions_per_week = 3.0

    def act(self, state: ClassState, child: int, course_day: int) -> None:
        week, record = self.week(state, course_day), state.children[child]
        days, p = state.calendar.days_per_week, state.parameters
        attuned = p["session_carry_over"] * min(1.0, (week + 1) / self.weeks)
        attuned *= after(max(0, course_day - self.weeks * days), p["practice_half_life"])
        record["attunement"] = self.raised(record["attunement"], attuned)
        if week < self.weeks and self.has_session(state, course_day):
            record["session"] = self.raised(record["session"], 1.0)
            self.lead(record, 1.0 - self.fidelity)


@register
class LLInC(Intervention):
    """LLInC: two conversations of an hour about the relationship with one child (I3).

    The interview loosens the teacher's fixed image of the child; reflection on the profile that results makes
    the teacher see what the child does rather than what it expects. Who benefits depends on the teacher: one
    who feels able and is not worn out opens up most. Part of it reaches the other children.
    """

    name = "llinc"
    title = N_("LLInC")
    about = N_(
        "Two conversations with a coach about the relationship with one child: an interview, and reflection on what "
        "it shows."
    )
    weeks = 2

    def act(self, state: ClassState, child: int, course_day: int) -> None:
        p, teacher = state.parameters, state.teacher[0]
        openness = self.fidelity * 0.5 * (1.0 + teacher["self_efficacy"] * (1.0 - teacher["strain"]))
        second = state.calendar.days_per_week
        if course_day in (0, second):
            record = state.children[child]
            if record["representation"] < 0.0:
                record["representation"] = d.weaken(record["representation"], p["insight_repair"] * openness)
        if course_day >= second:
            insight = openness * after(course_day - second, p["insight_half_life"])
            for other in range(len(state.names)):
                reach = insight if other == child else insight * p["insight_transfer"]
                record = state.children[other]
                record["reflection"] = d.strengthen(record["reflection"], reach)


@register
class SupportCoaching(Intervention):
    """Emotional-support coaching: a class-wide programme of twelve weeks; its effect stays (I5)."""

    name = "support-coaching"
    title = N_("Emotional-support coaching")
    about = N_("A programme of twelve weeks that makes the teacher more sensitive to every child.")
    weeks = 12

    def apply(self, state: ClassState, day: int) -> None:
        course_day = day - state.calendar.first_day(self.start_week)
        if course_day >= 0:
            self.chosen = tuple(range(len(state.names)))
            self.act(state, 0, course_day)

    def act(self, state: ClassState, child: int, course_day: int) -> None:
        grown = min(1.0, (self.week(state, course_day) + 1) / self.weeks)
        teacher = state.teacher[0]
        teacher["coaching"] = self.raised(teacher["coaching"], state.parameters["coaching_effect"] * grown)


@register
class SocialArchitect(Intervention):
    """Social architect: affection in public, correction in private, for children low in acceptance (W5)."""

    name = "social-architect"
    title = N_("Social architect")
    about = N_("The teacher shows affection for a child where the class can see it, and corrects it in private.")
    weeks = None

    def act(self, state: ClassState, child: int, course_day: int) -> None:
        record = state.children[child]
        record["showcase"] = self.raised(record["showcase"], state.parameters["showcase_effect"])


@register
class BadWeek(Intervention):
    """A bad week: something at home upsets the child, and it comes to school tense for one week.

    Not a programme but a disturbance; as twins, a class with it shows what one bad week sets going.
    """

    name = "bad-week"
    title = N_("A bad week")
    about = N_(
        "Something at home upsets the child: for one week it comes to school tense. A disturbance, not a programme."
    )
    weeks = 1

    def act(self, state: ClassState, child: int, course_day: int) -> None:
        if self.week(state, course_day) < self.weeks:
            record = state.children[child]
            record["stress"] = self.raised(record["stress"], state.parameters["bad_week_stress"])
