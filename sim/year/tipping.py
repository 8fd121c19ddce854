"""Where a dyad tips into the vicious cycle and where it comes back: one thing about the class changed slowly, twice.

The lever goes in small steps from where it is best for the dyad to where it is worst, and back. After each step the
dyad is followed through expected weeks (`sim.year.dyad`) until it rests, and the next step begins where this one ended.
Where the way back is another than the way there, what has tipped does not come back when the lever does: hysteresis.
The class around the dyad stays as it is, and there is no luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sim.files.language import _
from sim.parameters import PARAMETERS, Parameters
from sim.scenario import TeacherSpec
from sim.state import TEACHER, ClassState, Records, to_item_mean
from sim.year.dyad import LOOP, VICIOUS, Expected, loop_gain

__all__ = ["LEVERS", "Rest", "Tipping", "TippingError", "bounds", "tipping"]

LEVERS = (*(f"teacher.{name}" for name in TeacherSpec.model_fields), "teacher.stress")
"""What may be changed beside ``parameters.…``."""
CONFLICT = LOOP.index("conflict")


class TippingError(Exception):
    """A lever that cannot be changed so; the message says why."""


@dataclass(frozen=True)
class Rest:
    """Where a dyad rests at a level of the lever.

    Attributes
    ----------
    level
        Of the lever.
    states
        Of the dyad, those of `sim.year.dyad.LOOP`.
    aggression
        Of the child, 0 to 1.
    gain
        Loop gain there, a week.
    weeks
        Weeks until it rested; `sim.year.dyad.LONGEST` where it still moves.
    """

    level: float
    states: Records
    aggression: float
    gain: float
    weeks: int

    @property
    def conflict(self) -> float:
        """Conflict, 1 to 5."""
        return float(to_item_mean(self.states[CONFLICT]))

    @property
    def vicious(self) -> bool:
        """Whether conflict rests above the middle of the scale."""
        return bool(self.states[CONFLICT] > VICIOUS)


@dataclass(frozen=True)
class Tipping:
    """The way there and back of one dyad.

    Attributes
    ----------
    lever
        What was changed.
    there, back
        Where the dyad rests, in the order of the steps: from the best end of the lever to the worst, and back.
    """

    lever: str
    there: tuple[Rest, ...]
    back: tuple[Rest, ...]

    @property
    def step(self) -> float:
        """How far two levels are apart: tips are known to half of it."""
        return abs(self.there[1].level - self.there[0].level)

    @property
    def tips(self) -> float | None:
        """Level between the last rest below the middle of the scale and the first above it; None where none is."""
        return crossing(self.there, into=True)

    @property
    def returns(self) -> float | None:
        """Level at which it comes back; None where it never tipped, or does not come back."""
        return crossing(self.back, into=False)

    @property
    def width(self) -> float | None:
        """How much further back the lever has to go than to where the dyad tipped; None where it does not come back."""
        if self.tips is None or self.returns is None:
            return None
        away = np.sign(self.there[-1].level - self.there[0].level)
        return float((self.tips - self.returns) * away)


def crossing(rests: Sequence[Rest], *, into: bool) -> float | None:
    """The middle of the first two neighbours between which a dyad goes into the vicious cycle, or out of it."""
    for one, other in pairwise(rests):
        if one.vicious is not into and other.vicious is into:
            return (one.level + other.level) / 2.0
    return None


def bounds(lever: str) -> tuple[float, float]:
    """From where to where a lever may go.

    Raises
    ------
    TippingError
        When there is no such lever.
    """
    root, _dot, name = lever.partition(".")
    if root == "parameters" and name in PARAMETERS:
        return float(PARAMETERS[name].low), float(PARAMETERS[name].high)
    if lever in LEVERS:
        field = next(field for field in TEACHER if field.name == name)
        return float(field.low), float(field.high)
    message = _("--lever: found {found!r}; allowed is parameters.NAME (as in a scenario), or one of {levers}")
    raise TippingError(message.format(found=lever, levers=", ".join(LEVERS)))


def tipping(state: ClassState, child: int, lever: str, low: float, high: float, steps: int) -> Tipping:
    """Change a lever slowly, there and back, and see where the dyad of a child rests.

    Parameters
    ----------
    state, child
        The class as it is, and the child.
    lever
        One of `LEVERS`, or ``parameters.`` and a name.
    low, high
        Between which levels.
    steps
        How many levels, both ends included.

    Raises
    ------
    TippingError
        When there is no such lever, or it cannot go so far.
    """
    first, last = bounds(lever)
    for option, level in (("--low", low), ("--high", high)):
        if not first <= level <= last:
            message = _("{option}: found {found:g}; allowed for {lever} is {first:g} to {last:g}")
            raise TippingError(message.format(option=option, found=level, lever=lever, first=first, last=last))
    if low >= high:
        raise TippingError(_("--low: found {low:g}; allowed is less than --high, {high:g}").format(low=low, high=high))
    here = Expected(state, child).get()
    levels = np.linspace(low, high, steps)
    ends = [rest(changed(state, lever, level), child, here, level) for level in levels[[0, -1]]]
    if ends[0].states[CONFLICT] > ends[1].states[CONFLICT]:
        levels, ends = levels[::-1], ends[::-1]
    there = tuple(onwards(state, child, lever, levels[1:], ends[0]))
    back = tuple(onwards(state, child, lever, levels[-2::-1], there[-1]))
    return Tipping(lever, (ends[0], *there), (there[-1], *back))


def changed(state: ClassState, lever: str, level: float) -> ClassState:
    """The class with another level of a lever."""
    root, _dot, name = lever.partition(".")
    if root == "parameters":
        return replace(state, parameters=Parameters({**state.parameters.changes, name: level}))
    other = state.copy()
    other.teacher[name] = level
    return other


def onwards(state: ClassState, child: int, lever: str, levels: Records, before: Rest) -> Iterator[Rest]:
    """Rests at one level after another, each from where the one before ended."""
    for level in levels:
        before = rest(changed(state, lever, float(level)), child, before.states, float(level))
        yield before


def rest(state: ClassState, child: int, start: Records, level: float) -> Rest:
    """Where a dyad rests that begins at `start`."""
    expected = Expected(state, child)
    here, weeks = expected.rest(start)
    expected.put(here)
    aggression = float(expected.state.children["aggression"][child])
    return Rest(float(level), here, aggression, loop_gain(expected.state, child).factor, weeks)
