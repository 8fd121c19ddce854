"""`Classroom(mesa.Model)`: the school day agent by agent, for looking at one class and for subclassing."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from sim.agents import Child, Teacher
from sim.compiled import check_equations
from sim.engine.equations import in_force
from sim.interventions import Intervention
from sim.luck import Luck, Stream
from sim.peers import acceptance_of_all
from sim.population import draw_class
from sim.record import Record
from sim.scenario import LARGEST_SEED, Scenario
from sim.school_day import SCHOOL_DAY
from sim.state import CONTACT_DTYPE, PLAY_DTYPE, ClassState, Records

__all__ = ["Classroom"]

COLLECTED = ("closeness", "conflict", "dependency", "aggression", "engagement", "acceptance")


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


def seeded(scenario: Scenario, seed: Any, rng: Any) -> Scenario:
    """A scenario with a seed in Mesa's terms, where one is given.

    Raises
    ------
    ValueError
        When both are given.
    ScenarioError
        When it is a number that is no seed of a scenario.
    """
    if seed is not None and rng is not None:
        raise ValueError("seed, rng: found both; allowed is one of them")
    given = rng if seed is None else seed
    if given is None:
        return scenario
    if isinstance(given, int | float | np.integer | np.floating | str):
        return scenario.changed(seed=given.item() if isinstance(given, np.generic) else given)
    return scenario.changed(seed=int(np.random.default_rng(given).integers(LARGEST_SEED + 1)))


class Classroom(mesa.Model):
    """One class over one school year; `step` is one school day.

    Parameters
    ----------
    scenario
        What to run; an ordinary class by default.
    interventions
        Whether the scenario's interventions are switched on.
    number
        Which of the classes of the scenario's seed; the scenario's own by default.
    seed, rng
        Mesa's own: a seed in place of the scenario's, or a generator that one is drawn from; at most one of the two.
        So ``mesa.batch_run(Classroom, {"scenario": [scenario], "rng": [1, 2, 3]})`` runs three classes. Without either
        the scenario's seed holds, in every one of Mesa's iterations.

    Attributes
    ----------
    children
        The children, in the order of the class list.
    teacher
        The teacher.
    state
        The records that all agents are views of.
    equations
        The equations in force.
    class_scenario
        The scenario. Mesa has a `scenario` of its own from version 4 on, which is something else.
    day
        The school day that has been, from 0.
    datacollector
        Mesa's collector, with `COLLECTED` of every child, climate and problem behaviour for every evening.
    """

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        interventions: bool = True,
        number: int | None = None,
        seed: Any = None,
        rng: Any = None,
        **mesa_options: Any,
    ) -> None:
        scenario = seeded(scenario or Scenario(), seed, rng)
        super().__init__(rng=scenario.seed, **mesa_options)
        self.class_scenario = scenario
        self.state = draw_class(scenario, number)
        self.calendar = self.state.calendar
        self.p = self.state.parameters.record()
        self.equations = in_force(scenario.mechanism)
        self.day = 0
        self.luck = Luck(self.state.seed, self.state.number, 0)
        self.teacher = Teacher(self)
        self.children = [Child(self, i, name) for i, name in enumerate(self.state.names)]
        self.playmates = np.empty((len(self.children), len(self.children)))
        self.interventions = tuple(choice.build() for choice in scenario.interventions) if interventions else ()
        for intervention in self.interventions:
            intervention.initialize(self.state)
        self.recorder = Recorder(self.state)
        self.recorder.start(self.state)
        self.contacts_of_day: list[tuple[Any, ...]] = []
        self.play_of_day: list[tuple[Any, ...]] = []
        self.datacollector = mesa.DataCollector(
            model_reporters={"climate": "climate", "problem_behaviour": "problem_behaviour"},
            agenttype_reporters={Child: {"name": "name", **{name: name for name in COLLECTED}}},
        )

    def step(self) -> None:
        """One school day, in the order of `sim.school_day.SCHOOL_DAY`; nothing after the last one.

        Raises
        ------
        ReplacedError
            When an equation was replaced after others had been compiled.
        MechanismError
            When a mechanism has led to what is no state of a class.
        """
        check_equations()
        if self.day >= self.calendar.days:
            return
        self.day += 1
        self.luck = Luck(self.state.seed, self.state.number, self.day)
        for step in SCHOOL_DAY:
            getattr(self, step.name)()
        if self.day == self.calendar.days:
            self.running = False
            self.equations.check(self.state.children, self.state.teacher, self.state.liking)
            for intervention in self.interventions:
                intervention.finalize(self.state)

    def run_model(self) -> None:
        """All school days that are left."""
        while self.running:
            self.step()

    def arrive(self) -> None:
        """Step: moods of the day, recovery of stress."""
        nights = self.calendar.nights[self.day]
        for child in self.children:
            child.arrives(nights)
        self.teacher.arrives(nights)
        if nights > 1:
            self.weekend()

    def weekend(self) -> None:
        """What happens between children on days without school."""
        liking, luck, n = self.state.liking, self.luck, len(self.children)
        for i in range(n):
            for j in range(n):
                if i != j:
                    shared = luck.normal(Stream.WEEKENDS, min(i, j), max(i, j))
                    own = luck.normal(Stream.WEEKENDS, i, self.equations.PAIR_DRAWS + j)
                    fame = luck.normal(Stream.WEEKENDS, j, self.equations.FAME)
                    liking[i, j] = self.equations.liking_drifts(liking[i, j], shared, own, fame, self.p)

    def intervene(self) -> None:
        """Step: interventions say what is in force today."""
        self.equations.clear_levers(self.state.children, self.state.teacher)
        for intervention in self.interventions:
            intervention.apply(self.state, self.day)

    def contacts(self) -> None:
        """Step: bids in the order of their times; those that are answered become contacts."""
        bids = sorted((bid for child in self.children for bid in child.bids()), key=lambda bid: bid.time)
        before = 0.0
        for bid in bids:
            if self.teacher.attends(bid.child, bid.time - before, bid.setting, bid.whether):
                bid.child.contact(Stream.TONES, bid.which, bid.time, bid.initiator, bid.setting, public=bid.public)
            else:
                bid.child.is_ignored(bid.setting)
            before = bid.time

    def play(self) -> None:
        """Step: bouts of play in the order of their times."""
        stream, bouts = Stream.PLAY, int(self.p[0]["play_bouts"])
        times = []
        self.equations.playmate_weights(self.state.children, self.state.liking, self.p, self.playmates)
        for child in self.children:
            for bout in range(bouts):
                first = bout * self.equations.DRAWS_PER_BOUT + self.equations.BOUT_TIME
                times.append((self.luck.uniform(stream, child.number, first), child, bout))
        for time, child, bout in sorted(times, key=lambda entry: entry[0]):
            child.plays(bout, time)
        if self.play_of_day:
            total = 0.0
            for *_, tone, answer, _, _, _ in self.play_of_day:
                total += tone + answer
            self.state.teacher["play_climate"] = total / (2 * len(self.play_of_day))

    def learn(self) -> None:
        """Step: engagement, achievement, and the slow return of every memory."""
        for child in self.children:
            child.studies()
        self.equations.liking_settles(self.state.liking, self.state.affinity, self.p)
        self.equations.class_settles(self.state.teacher, self.p)

    def hold_sessions(self) -> None:
        """Step: one-to-one sessions that are due."""
        for child in self.children:
            child.holds_session()

    def record(self) -> None:
        """Step: the state of the evening is kept."""
        contacts = np.array(self.contacts_of_day, dtype=CONTACT_DTYPE)
        play = np.array(self.play_of_day, dtype=PLAY_DTYPE)
        self.recorder.evening(self.state, self.day, contacts, play)
        self.contacts_of_day.clear()
        self.play_of_day.clear()
        self.datacollector.collect(self)

    @property
    def climate(self) -> float:
        """Class climate: mean tone of the teacher in the contacts of the last day; derived, never set."""
        last = self.recorder.contacts[-1]["response"] if self.recorder.contacts else np.zeros(0)
        return float(last.mean()) if len(last) else 0.0

    @property
    def problem_behaviour(self) -> float:
        """Average aggression of the class; derived, never set."""
        return float(self.state.children["aggression"].mean())

    def enter_contact(self, contact: tuple[Any, ...]) -> None:
        """Note a contact; the fields of `sim.state.CONTACT_DTYPE`."""
        self.contacts_of_day.append(contact)

    def enter_play(self, bout: tuple[Any, ...]) -> None:
        """Note a bout of play; the fields of `sim.state.PLAY_DTYPE`."""
        self.play_of_day.append(bout)

    def forget(self) -> None:
        """Take the class out of the table in which Mesa 3 counts the agents of every model, and keeps it for ever."""
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    def result(self) -> Record:
        """The record of the days that have been run."""
        return self.recorder.record(self.class_scenario, self.state, self.interventions)
