"""A year of a class, and twins: the data that runners make and everything else reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.state import ClassState, Records

if TYPE_CHECKING:
    from sim.calendar import Calendar
    from sim.scenario import Scenario

__all__ = ["Record", "Twins"]


@dataclass(frozen=True)
class Record:
    """One class over one school year.

    Attributes
    ----------
    scenario
        What was run.
    interventions
        Names of the interventions that were in force.
    chosen
        For each of these, the numbers of the children that it was for.
    names
        Names of the children; a child's number is its place here.
    children
        Records of `sim.state.CHILD_DTYPE`, shape (days + 1, n); row 0 is before the first day.
    teacher
        Records of `sim.state.TEACHER_DTYPE`, shape (days + 1,).
    liking
        Shape (days + 1, n, n), single precision: day, who likes, who is liked.
    acceptance
        Acceptance of every child on every evening, shape (days + 1, n), 0 to 1.
    contacts
        Records of `sim.state.CONTACT_DTYPE`, one a teacher-child contact, in order.
    play
        Records of `sim.state.PLAY_DTYPE`, one a bout of play, in order.
    final
        The class on the last evening, in full precision.
    """

    scenario: Scenario
    interventions: tuple[str, ...]
    chosen: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]
    children: Records
    teacher: Records
    liking: Records
    acceptance: Records
    contacts: Records
    play: Records
    final: ClassState

    @property
    def calendar(self) -> Calendar:
        """The school days of the run."""
        return self.final.calendar

    def state(self, day: int) -> ClassState:
        """The class on the evening of `day`."""
        return ClassState(
            names=self.names,
            children=self.children[day].copy(),
            teacher=self.teacher[day : day + 1].copy(),
            liking=np.asfortranarray(self.liking[day], dtype=np.float64),
            affinity=self.final.affinity,
            parameters=self.final.parameters,
            calendar=self.calendar,
            seed=self.final.seed,
            number=self.final.number,
            mechanism=self.final.mechanism,
        )


@dataclass(frozen=True)
class Twins:
    """The same class with the same luck, without and with the interventions of its scenario."""

    without: Record
    with_: Record
