"""What a run leaves: the state of every evening and every contact; and running a class, alone or as twins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim import engine
from sim.peers import acceptance_of_all
from sim.state import CONTACT_DTYPE, PLAY_DTYPE, ClassState, Records

if TYPE_CHECKING:
    from sim.calendar import Calendar
    from sim.interventions import Intervention
    from sim.scenario import Scenario

__all__ = ["Record", "Recorder", "Twins", "simulate", "twins"]


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
        )


class Recorder:
    """Keeps what the agent-by-agent runner tells it."""

    def __init__(self, state: ClassState) -> None:
        days, n = state.calendar.days, len(state.names)
        self.children = np.zeros((days + 1, n), dtype=state.children.dtype)
        self.teacher = np.zeros(days + 1, dtype=state.teacher.dtype)
        self.liking = np.zeros((days + 1, n, n), dtype=np.float32)
        self.acceptance = np.zeros((days + 1, n))
        self.contacts: list[Records] = []
        self.play: list[Records] = []

    def start(self, state: ClassState) -> None:
        """The evening before the first day."""
        self.keep(state, 0)

    def evening(self, state: ClassState, day: int, contacts: Records, play: Records) -> None:
        """The evening of `day`, and what happened on it; the logs may be used again by the runner."""
        self.keep(state, day)
        self.contacts.append(contacts.copy())
        self.play.append(play.copy())

    def keep(self, state: ClassState, day: int) -> None:
        """Copy the state into the row of `day`."""
        self.children[day] = state.children
        self.teacher[day] = state.teacher[0]
        self.liking[day] = state.liking
        self.acceptance[day] = acceptance_of_all(state.liking)

    def record(self, scenario: Scenario, state: ClassState, interventions: tuple[Intervention, ...]) -> Record:
        """The finished record."""
        return Record(
            scenario=scenario,
            interventions=tuple(intervention.name for intervention in interventions),
            chosen=tuple(intervention.chosen for intervention in interventions),
            names=state.names,
            children=self.children,
            teacher=self.teacher,
            liking=self.liking,
            acceptance=self.acceptance,
            contacts=np.concatenate([np.zeros(0, CONTACT_DTYPE), *self.contacts]),
            play=np.concatenate([np.zeros(0, PLAY_DTYPE), *self.play]),
            final=state,
        )


def simulate(scenario: Scenario, *, interventions: bool = True, number: int | None = None) -> Record:
    """Run a scenario's class for its school year: compiled, unless an intervention has no compiled form.

    Parameters
    ----------
    scenario
        What to run.
    interventions
        Whether its interventions are switched on.
    number
        Which of the classes of the scenario's seed; the scenario's own by default.
    """
    state = scenario.build(number)
    active = tuple(choice.build() for choice in scenario.interventions) if interventions else ()
    if all(intervention.is_compiled() for intervention in active):
        return compiled_year(scenario, state, active)
    from sim.model import Classroom  # agent by agent, on Mesa, which takes a second to import

    classroom = Classroom(scenario, interventions=interventions, number=number)
    classroom.run_model()
    return classroom.result()


def compiled_year(scenario: Scenario, state: ClassState, interventions: tuple[Intervention, ...]) -> Record:
    """Run one class with the compiled runner, and keep everything."""
    classes = engine.gather([state], interventions)
    kept, log = engine.run(classes, range(state.calendar.days + 1), liking=True, log=True)
    return Record(
        scenario=scenario,
        interventions=tuple(intervention.name for intervention in interventions),
        chosen=tuple(tuple(int(i) for i in row if i >= 0) for row in classes.chosen[0]),
        names=state.names,
        children=kept.children[0],
        teacher=kept.teachers[0],
        liking=kept.liking[0],
        acceptance=kept.acceptance[0],
        contacts=log.contacts,
        play=log.play,
        final=replace(state, children=classes.children[0], teacher=classes.teachers, liking=classes.liked[0].T),
    )


@dataclass(frozen=True)
class Twins:
    """The same class with the same luck, without and with the interventions of its scenario."""

    without: Record
    with_: Record


def twins(scenario: Scenario, *, number: int | None = None) -> Twins:
    """Run a scenario's class twice: without and with its interventions."""
    return Twins(
        simulate(scenario, interventions=False, number=number), simulate(scenario, interventions=True, number=number)
    )
