"""What the compiled runner takes and gives: classes side by side, the evenings that are kept, the log of one class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.engine.hooks import COURSE_DTYPE
from sim.population import Drawn
from sim.state import ClassState, Records

if TYPE_CHECKING:
    from sim.calendar import Calendar
    from sim.interventions import Intervention

__all__ = ["Classes", "Evenings", "Log", "gather", "with_interventions"]


class Classes(NamedTuple):
    """Classes of one size and calendar, as they are before the first day; shapes for c classes of n children.

    The records are changed in place.
    """

    children: Records
    """Records of `sim.state.CHILD_DTYPE`, shape (c, n)."""
    teachers: Records
    """Records of `sim.state.TEACHER_DTYPE`, shape (c,)."""
    liked: Records
    """Liking, shape (c, n, n): class, who is liked, who likes."""
    affinity: Records
    """What liking returns to, in the same order."""
    parameters: Records
    """Records of `sim.parameters.PARAMETERS_DTYPE`, shape (c,)."""
    seeds: Records
    """Root seeds, shape (c,), whole numbers."""
    numbers: Records
    """Which class of its seed, shape (c,), whole numbers."""
    courses: Records
    """Interventions: records of `sim.engine.hooks.COURSE_DTYPE`, shape (c, m)."""
    named: Records
    """Children whom an intervention names, shape (c, m, n), -1 where there are fewer."""
    chosen: Records
    """Filled: the children whom each intervention is for, shape (c, m, n), -1 where there are fewer."""
    hooks: Records
    """Addresses of what each intervention does, shape (m,)."""
    nights: Records
    """Nights before each school day, shape (days + 1,)."""


class Evenings(NamedTuple):
    """What is kept of classes on s evenings."""

    slots: Records
    """Shape (days + 1,): where the evening of a day is kept, -1 where it is not."""
    children: Records
    """Shape (c, s, n)."""
    teachers: Records
    """Shape (c, s)."""
    acceptance: Records
    """Shape (c, s, n)."""
    counts: Records
    """What `sim.state.COUNTED` names, so far; shape (c, s, counted, n)."""
    liking: Records
    """Shape (c, s or 0, n, n), single precision: who likes, who is liked."""


class Log(NamedTuple):
    """Every contact and every bout of play of one class."""

    contacts: Records
    play: Records


def gather(states: Sequence[ClassState], interventions: Sequence[Intervention]) -> Classes:
    """Classes side by side, in arrays of their own; all have the names and calendar of the first."""
    drawn = Drawn(
        names=states[0].names,
        children=np.stack([state.children for state in states]),
        teachers=np.concatenate([state.teacher for state in states]),
        liking=np.stack([state.liking.T for state in states]),
        affinity=np.stack([state.affinity.T for state in states]),
    )
    parameters = np.concatenate([state.parameters.record() for state in states])
    seeds, numbers = [state.seed for state in states], [state.number for state in states]
    return with_interventions(drawn, parameters, states[0].calendar, seeds, numbers, interventions)


def with_interventions(
    drawn: Drawn,
    parameters: Records,
    calendar: Calendar,
    seeds: Sequence[int],
    numbers: Sequence[int],
    interventions: Sequence[Intervention],
) -> Classes:
    """Drawn classes, ready to run; `parameters` has shape (c,), seeds and numbers have length c.

    Raises
    ------
    ValueError
        For an intervention that has no compiled form.
    """
    c, n = drawn.children.shape
    for intervention in interventions:
        if not intervention.is_compiled():
            raise ValueError(f"{intervention.name}: has no compiled form")
    courses, named = np.zeros((c, len(interventions)), COURSE_DTYPE), np.full((c, len(interventions), n), -1)
    for j, intervention in enumerate(interventions):
        courses[:, j] = intervention.make_course(calendar.days_per_week)
        named[:, j] = intervention.target.numbers_of_named(drawn.names)
    return Classes(
        children=drawn.children,
        teachers=drawn.teachers,
        liked=drawn.liking,
        affinity=drawn.affinity,
        parameters=parameters,
        seeds=np.array(seeds),
        numbers=np.array(numbers),
        courses=courses,
        named=named,
        chosen=np.full((c, len(interventions), n), -1),
        hooks=np.array([intervention.hook.address for intervention in interventions if intervention.hook], np.int64),
        nights=np.array(calendar.nights),
    )
