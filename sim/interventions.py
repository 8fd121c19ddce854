"""Interventions: what each does in the classroom, day by day, and the registry of all.

An intervention never changes an outcome. It changes what the teacher does, through *levers* (fields of kind
``lever`` in `sim.state`): one-to-one sessions, attunement, calm, praise, reflection, outreach, affection that the class
sees, coaching. LLInC also loosens the teacher's image of a child, and a sharp day adds contacts, which leave what any
contact leaves. All that follows comes out of the school day.

An intervention of your own is a compiled function and a subclass in a file of yours::

    from sim.compiled import kernel
    from sim.interventions import Hook, Intervention, raised, register

    @kernel
    def greet(children, teacher, child, course, p):
        record = children[child]
        record.attunement = raised(record.attunement, 0.3, course)

    @register
    class MorningGreeting(Intervention):
        name = "morning-greeting"
        title = "Morning greeting"
        weeks = 10
        hook = Hook(greet)

and runs with ``spiraal run --plugin my_file.py --with morning-greeting``. What numba cannot compile is written as a
method ``act(self, state, child, course_day)`` instead of the hook; classes with it run agent by agent.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path
from typing import ClassVar, TypeVar

import numpy as np

from sim import dynamics as d
from sim.arithmetic import power
from sim.compiled import compiled, kernel
from sim.engine.hooks import COURSE_DTYPE, Hook, set_day
from sim.files.language import N_, _
from sim.mechanisms import MECHANISMS, MechanismError
from sim.state import ClassState, Record, Records
from sim.target import Target

__all__ = ["REGISTRY", "Hook", "Intervention", "PluginError", "load_plugin", "raised", "register"]


@compiled
def raised(lever: float, amount: float, course: Record) -> float:
    """A lever raised by `amount` times fidelity; levers of several interventions add up short of 1."""
    return d.strengthen(lever, amount * course.fidelity)


class Intervention:
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
    last day. Most subclasses need only a `hook`, which is called for each chosen child on every day from the
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
    whole_class: ClassVar[bool] = False
    """Whether it acts once a day, for the class, and not once for each chosen child."""
    hook: ClassVar[Hook | None] = None
    """What is in force on one day for one child, as a compiled function."""

    def __init__(self, target: Target, start_week: int = 1, fidelity: float = 1.0, dose: float = 1.0) -> None:
        self.target = target
        self.start_week = start_week
        self.fidelity = fidelity
        self.dose = dose
        self.chosen: tuple[int, ...] = ()
        self.course: Records = np.zeros(1, COURSE_DTYPE)
        self.p: Records = np.zeros(0)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(target={self.target!r}, start_week={self.start_week}, "
            f"fidelity={self.fidelity!r}, dose={self.dose!r})"
        )

    @classmethod
    def is_compiled(cls) -> bool:
        """Whether the compiled runner can carry it out: it has a hook, and nothing else of its own that acts."""
        moments = ("initialize", "apply", "act", "finalize")
        return cls.hook is not None and all(getattr(cls, name) is getattr(Intervention, name) for name in moments)

    def make_course(self, days_per_week: int) -> Records:
        """The course as it was chosen, before it begins: a record of `sim.engine.hooks.COURSE_DTYPE`, shape (1,)."""
        course = np.zeros(1, COURSE_DTYPE)
        course["first_day"] = (self.start_week - 1) * days_per_week + 1
        course["days_per_week"] = days_per_week
        course["fidelity"], course["dose"] = self.fidelity, self.dose
        course["sessions_per_week"] = self.sessions_per_week or 0.0
        target = Target() if self.whole_class else self.target
        course["rule"], course["count"] = target.code, target.count
        course["whole_class"] = self.whole_class
        return course

    def initialize(self, state: ClassState) -> None:
        """Before the first day."""
        self.chosen = ()
        self.course, self.p = self.make_course(state.calendar.days_per_week), state.parameters.record()

    def apply(self, state: ClassState, day: int) -> None:
        """On the morning of school day `day`: choose the children when it begins, then act for each."""
        first = state.calendar.first_day(self.start_week)
        if day < first:
            return
        if day == first:
            self.chosen = (Target() if self.whole_class else self.target).choose(state)
        set_day(self.course[0], day)
        for child in self.chosen[:1] if self.whole_class else self.chosen:
            self.act(state, child, day - first)

    def act(self, state: ClassState, child: int, course_day: int) -> None:
        """What is in force for `child` today; `course_day` counts school days from 0 at the start."""
        if self.hook is None:
            raise NotImplementedError(f"{type(self).__name__} has neither a hook nor a method act")
        self.hook.act(state.children, state.teacher[0], child, self.course[0], self.p[0])

    def finalize(self, state: ClassState) -> None:
        """After the last day."""
        return

    def raised(self, lever: float, amount: float) -> float:
        """A lever raised by `amount` times fidelity, for a method `act`."""
        return raised(lever, amount, self.course[0])


REGISTRY: dict[str, type[Intervention]] = {}

I = TypeVar("I", bound=type[Intervention])


def register(intervention: I) -> I:
    """Make an intervention available by its name (class decorator).

    Raises
    ------
    TypeError
        For a class that does not say what happens (a hook, or a method `act`), or has no name or title.
    """
    missing = [part for part in ("name", "title") if not hasattr(intervention, part)]
    if intervention.hook is None and intervention.act is Intervention.act:
        missing.append("hook")
    if missing:
        raise TypeError(f"{intervention.__name__} lacks {', '.join(missing)}")
    REGISTRY[intervention.name] = intervention
    return intervention


class PluginError(Exception):
    """A file with interventions cannot be used; the message says why."""


def load_plugin(path: Path) -> tuple[str, ...]:
    """Run a Python file with interventions or mechanisms; returns the names of those, which are new.

    Raises
    ------
    PluginError
        When the file is missing, fails, or has neither.
    """
    if not path.is_file():
        raise PluginError(f"{path}: no such file")
    before, mechanisms = dict(REGISTRY), dict(MECHANISMS)
    MECHANISMS.clear()  # a mechanism of that name is another one
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
        MECHANISMS.clear()
        if isinstance(error, MechanismError):
            raise PluginError(str(error)) from error
        raise PluginError(f"{path}: {type(error).__name__}: {error}") from error
    finally:
        own = dict(MECHANISMS)
        MECHANISMS.clear()
        MECHANISMS.update({**mechanisms, **own})
    new = (*(name for name, kind in REGISTRY.items() if before.get(name) is not kind), *own)
    if not new:
        message = _(
            "{path}: has no intervention (a subclass with @register) and no mechanism (a function with @mechanism)"
        )
        raise PluginError(message.format(path=path))
    return new


# --- The interventions of the model --------------------------------------------------------------------


@compiled
def after(days: float, fade: float) -> float:
    """What is left of a habit `days` school days after a programme, of which the share `fade` is lost a day."""
    return power(1.0 - fade, max(0.0, days))


@compiled
def set_session(child: Record, course: Record, lead: float) -> None:
    """The session of today; who leads it: 0 the child, 1 the teacher; of several programmes the last one says."""
    child.session = raised(child.session, 1.0, course)
    if course.fidelity > 0.0:
        child.session_lead = lead


@compiled
def play_for_two(child: Record, teacher: Record, course: Record, p: Record) -> None:
    """Six weeks of sessions in which the child leads; attunement is carried into class, and fades afterwards."""
    phase, skill = SAMEN_SPEL_PHASE, 0.5 * (1.0 + teacher.emotional_support)
    attuned = skill * min(1.0, (course.week + 1.0) / phase)
    attuned *= after(course.course_day - phase * course.days_per_week, p.practice_fade)
    child.attunement = raised(child.attunement, p.session_carry_over * attuned, course)
    if course.week < phase and course.session > 0.0:
        set_session(child, course, 1.0 - skill)


@kernel
def samen_spel(children: Records, teacher: Record, i: int, course: Record, p: Record) -> None:
    """Relationship play, then rule play; afterwards habits fade."""
    child, phase = children[i], SAMEN_SPEL_PHASE
    play_for_two(child, teacher, course, p)
    if course.week >= phase:
        if course.week < 2.0 * phase and course.session > 0.0:
            set_session(child, course, 1.0)
        second_phase = min(1.0, (course.week + 1.0 - phase) / phase)
        second_phase *= after(course.course_day - 2.0 * phase * course.days_per_week, p.practice_fade)
        firm = p.session_carry_over * second_phase
        child.calm = raised(child.calm, firm, course)
        child.praise = raised(child.praise, firm, course)


@kernel
def relationship_play(children: Records, teacher: Record, i: int, course: Record, p: Record) -> None:
    """The first half of Samen-Spel, and no second."""
    play_for_two(children[i], teacher, course, p)


SAMEN_SPEL_PHASE = 6.0
"""Weeks of relationship play, and of rule play."""


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
    hook = Hook(samen_spel)


@register
class RelationshipPlay(Intervention):
    """Relationship play (Relatiespel): the first half of Samen-Spel without the second, to see what each half does."""

    name = "relationship-play"
    title = N_("Relationship play only")
    about = N_("The first half of Samen-Spel: six weeks of play for two in which the child leads.")
    weeks = 6
    sessions_per_week = 2.0
    hook = Hook(relationship_play)


@kernel
def banking_time(children: Records, teacher: Record, i: int, course: Record, p: Record) -> None:
    """Sessions; something of their attunement is carried into class."""
    child, weeks = children[i], BANKING_TIME_WEEKS
    skill = 0.5 * (1.0 + teacher.emotional_support)
    attuned = skill * min(1.0, (course.week + 1.0) / weeks)
    attuned *= after(course.course_day - weeks * course.days_per_week, p.practice_fade)
    child.attunement = raised(child.attunement, p.session_carry_over * attuned, course)
    if course.week < weeks and course.session > 0.0:
        set_session(child, course, 1.0 - skill * course.fidelity)


BANKING_TIME_WEEKS = 7.0


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
    hook = Hook(banking_time)


@kernel
def llinc(children: Records, teacher: Record, i: int, course: Record, p: Record) -> None:
    """Two conversations, a week apart: image, then reflection and a plan, which the teacher carries out for a while."""
    openness = course.fidelity * teacher.self_efficacy * (1.0 - teacher.strain)
    child, second = children[i], course.days_per_week
    usual = p.representation_rest * teacher.emotional_support
    if course.course_day in (0.0, second) and child.representation < usual:
        child.representation = d.approach(child.representation, usual, p.insight_repair * openness)
    if course.course_day >= second:
        insight = openness * after(course.course_day - second, p.insight_fade)
        child.outreach = d.strengthen(child.outreach, p.insight_outreach * insight)
        for other in range(children.shape[0]):
            reach = insight if other == i else insight * p.insight_transfer
            children[other].reflection = d.strengthen(children[other].reflection, reach)
            children[other].attunement = d.strengthen(children[other].attunement, p.insight_attunement * reach)


@register
class LLInC(Intervention):
    """LLInC: two conversations of an hour about the relationship with one child (I3).

    The interview loosens the teacher's fixed image of the child; reflection on the profile that results makes
    the teacher see what the child does rather than what it expects. From the second conversation on the teacher has a
    plan: to seek the child at calm moments, to know what it likes and is good at, to ask itself what it needs. Who
    benefits depends on the teacher: one who feels able and is not worn out opens up most. Part of it reaches the other
    children.
    """

    name = "llinc"
    title = N_("LLInC")
    about = N_(
        "Two conversations with a coach about the relationship with one child: an interview, and reflection on what "
        "it shows."
    )
    weeks = 2
    hook = Hook(llinc)


@kernel
def support_coaching(children: Records, teacher: Record, i: int, course: Record, p: Record) -> None:
    """Emotional support grows over the programme, and stays."""
    grown = min(1.0, (course.week + 1.0) / SUPPORT_COACHING_WEEKS)
    teacher.coaching = raised(teacher.coaching, p.coaching_effect * grown, course)


SUPPORT_COACHING_WEEKS = 12.0


@register
class SupportCoaching(Intervention):
    """Emotional-support coaching: a class-wide programme of twelve weeks; its effect stays (I5)."""

    name = "support-coaching"
    title = N_("Emotional-support coaching")
    about = N_("A programme of twelve weeks that makes the teacher more sensitive to every child.")
    weeks = 12
    whole_class = True
    hook = Hook(support_coaching)


@kernel
def social_architect(children: Records, teacher: Record, i: int, course: Record, p: Record) -> None:
    """Affection in public, correction in private."""
    children[i].showcase = raised(children[i].showcase, p.showcase_effect, course)


@register
class SocialArchitect(Intervention):
    """Social architect: affection in public, correction in private, for children low in acceptance (W5)."""

    name = "social-architect"
    title = N_("Social architect")
    about = N_("The teacher shows affection for a child where the class can see it, and corrects it in private.")
    weeks = None
    hook = Hook(social_architect)


@kernel
def bad_week(children: Records, teacher: Record, i: int, course: Record, p: Record) -> None:
    """The child comes to school tense, for one week."""
    if course.week < 1.0:
        children[i].stress = raised(children[i].stress, p.bad_week_stress, course)


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
    hook = Hook(bad_week)


@kernel
def sharp_day(children: Records, teacher: Record, i: int, course: Record, p: Record) -> None:
    """On the first day a harsh word, where nothing was wrong, as often as the two meet on a day like this."""
    if course.course_day > 0.0:
        return
    child = children[i]
    seek, begin, misbehave = d.bid_rates(child, teacher, p)
    for _word in range(math.floor(course.fidelity * (seek + begin + misbehave) + 0.5)):
        response = d.hostile_tone(0.0, False, p)
        felt = d.child_perceives(child, response, p)
        room = d.intimacy(child, d.DISCIPLINE, True, p)
        d.dyad_learns(child, d.TEACHER, room, 0.0, response, felt, p)
        d.child_learns(child, d.DISCIPLINE, 0.0, felt, p)
        d.child_is_guided(child, 1.0, felt, p)


@register
class SharpDay(Intervention):
    """A sharp day: for one day the teacher snaps at the child, as often as the two meet on an ordinary day.

    Not a programme but a disturbance. What each harsh word leaves in the child and between the two follows from the
    equations of a contact, of the model as it is; classmates do not see it, and the teacher learns nothing from it.
    """

    name = "sharp-day"
    title = N_("One sharp day")
    about = N_("For one day the teacher snaps at the child, as often as the two meet on an ordinary day.")
    weeks = 1
    hook = Hook(sharp_day)


@kernel
def kind_day(children: Records, teacher: Record, i: int, course: Record, p: Record) -> None:
    """On the first day all that a teacher can do for a child in class, where the class can see it."""
    if course.course_day > 0.0:
        return
    child = children[i]
    child.outreach = raised(child.outreach, 1.0, course)
    child.attunement = raised(child.attunement, 1.0, course)
    child.calm = raised(child.calm, 1.0, course)
    child.praise = raised(child.praise, 1.0, course)
    child.showcase = raised(child.showcase, 1.0, course)


@register
class KindDay(Intervention):
    """A kind day: for one day the teacher seeks the child, follows its lead and praises it, and the class sees it.

    Not a programme but a single good day.
    """

    name = "kind-day"
    title = N_("One kind day")
    about = N_("For one day the teacher seeks the child, follows its lead and praises it, where the class can see it.")
    weeks = 1
    hook = Hook(kind_day)
