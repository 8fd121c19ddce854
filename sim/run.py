"""Running scenarios: a class for a school year, twins, and many classes, with what is kept of them as an argument."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

import numpy as np

from sim.dynamics import PRAISE
from sim.engine import years
from sim.engine.equations import Equations, in_force
from sim.engine.years import Classes
from sim.interventions import REGISTRY, Intervention
from sim.peers import ClassNetwork, class_network, liked_by
from sim.population import draw_class, draw_classes
from sim.record import Record, Twins
from sim.scenario import Scenario
from sim.state import CHILD, COUNTED, TEACHER, ClassState, Initiator, Records, Setting, fields

__all__ = [
    "CHILD_VARIABLES",
    "CLASS_VARIABLES",
    "TEACHER_VARIABLES",
    "Keep",
    "Kept",
    "agent_by_agent",
    "cores",
    "many",
    "side_by_side",
    "simulate",
    "twins",
]

TOGETHER = 64
"""Classes that are held in memory at once."""
CHILD_VARIABLES = (*fields(CHILD, "trait", "state"), "acceptance", "liked_by", *COUNTED)
TEACHER_VARIABLES = tuple(f"teacher_{name}" for name in fields(TEACHER, "trait", "state", "class"))
CLASS_VARIABLES = ClassNetwork._fields


@dataclass(frozen=True)
class Keep:
    """What is kept of each class: which variables, on the evenings of which school days (0: before the first).

    Variables are `CHILD_VARIABLES` (``liked_by``: by how many classmates a child is named as liked; those of
    `sim.state.COUNTED` count from the first day on), `TEACHER_VARIABLES` and `CLASS_VARIABLES`.
    """

    variables: tuple[str, ...]
    days: tuple[int, ...]

    def __post_init__(self) -> None:
        known = (*CHILD_VARIABLES, *TEACHER_VARIABLES, *CLASS_VARIABLES)
        unknown = [name for name in self.variables if name not in known]
        if unknown:
            raise ValueError(f"variables: no such variable: {', '.join(unknown)}")
        for what, found in (("variables", self.variables), ("days", self.days)):
            if len(set(found)) < len(found):
                raise ValueError(f"{what}: found one of them twice")
        if min(self.days, default=0) < 0:
            raise ValueError(f"days: found {min(self.days)}; allowed is 0 or later")

    @property
    def of_children(self) -> tuple[str, ...]:
        """Variables of children, in the order in which they were named."""
        return tuple(name for name in self.variables if name in CHILD_VARIABLES)

    @property
    def of_teachers(self) -> tuple[str, ...]:
        """Variables of teachers, in the order in which they were named."""
        return tuple(name for name in self.variables if name in TEACHER_VARIABLES)

    @property
    def of_classes(self) -> tuple[str, ...]:
        """Variables of classes, in the order in which they were named."""
        return tuple(name for name in self.variables if name in CLASS_VARIABLES)


class Kept(NamedTuple):
    """What is left of many classes.

    Attributes
    ----------
    children
        Shape (classes, days, variables of children, n).
    teachers
        Shape (classes, days, variables of teachers).
    classes
        Shape (classes, days, variables of classes).
    chosen_by
        Whether an intervention was for a child, shape (classes, interventions, n); interventions are in the order of
        the scenario, also those with a fidelity of 0.
    """

    children: Records
    teachers: Records
    classes: Records
    chosen_by: Records

    @property
    def chosen(self) -> Records:
        """Whether any intervention of the scenario was for a child, shape (classes, n)."""
        return np.asarray(self.chosen_by.any(axis=1))


def agent_by_agent(scenario: Scenario) -> tuple[str, ...]:
    """Names of the interventions of a scenario that have no compiled form, so that its classes run agent by agent."""
    return tuple(choice.name for choice in scenario.interventions if not REGISTRY[choice.name].is_compiled())


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
    state = draw_class(scenario, number)
    active = tuple(choice.build() for choice in scenario.interventions) if interventions else ()
    if all(intervention.is_compiled() for intervention in active):
        return compiled_year(scenario, state, active)
    from sim.model import Classroom  # agent by agent, on Mesa, which takes a second to import

    classroom = Classroom(scenario, interventions=interventions, number=number)
    classroom.run_model()
    classroom.forget()
    return classroom.result()


def compiled_year(scenario: Scenario, state: ClassState, interventions: tuple[Intervention, ...]) -> Record:
    """Run one class with the compiled runner, and keep everything."""
    classes = years.gather([state], interventions)
    days = range(state.calendar.days + 1)
    kept, log = years.run(classes, days, liking=True, log=True, equations=in_force(scenario.mechanism))
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


def twins(scenario: Scenario, *, number: int | None = None) -> Twins:
    """Run a scenario's class twice: without and with its interventions."""
    return Twins(
        simulate(scenario, interventions=False, number=number), simulate(scenario, interventions=True, number=number)
    )


def many(scenario: Scenario, numbers: Sequence[int], keep: Keep) -> Kept:
    """Run classes of a scenario for their school year.

    Parameters
    ----------
    scenario
        What to run, with its interventions.
    numbers
        Which classes of the scenario's seed; each number is an address of luck.
    keep
        What is kept.
    """
    (kept,) = side_by_side([(scenario, numbers)], keep)
    return kept


def side_by_side(jobs: Sequence[tuple[Scenario, Sequence[int]]], keep: Keep) -> list[Kept]:
    """Run classes of several scenarios; each gets what `many` would give it.

    Classes run fastest in groups (see `sim.engine.lanes`), and classes of different scenarios share a group where they
    have the same size, calendar, interventions and mechanism.
    """
    if not all(len(numbers) for _, numbers in jobs):
        raise ValueError("numbers: found none; allowed are one or more")
    found: dict[int, Kept] = {}
    alike: dict[object, list[int]] = {}
    for job, (scenario, numbers) in enumerate(jobs):
        if agent_by_agent(scenario):
            found[job] = one_by_one(scenario, numbers, keep)
        else:
            names = tuple(choice.name for choice in scenario.interventions)
            form = (len(scenario.classroom.rows()), scenario.calendar(), names, scenario.mechanism)
            alike.setdefault(form, []).append(job)
    compiled = sorted(job for members in alike.values() for job in members)
    ready = dict(zip(compiled, drawn(jobs[job] for job in compiled), strict=True))
    for members in alike.values():
        classes = joined([ready[job] for job in members])
        c = len(classes.seeds)
        parts = [
            run_classes(cut(classes, first, first + TOGETHER), keep, in_force(jobs[members[0]][0].mechanism))
            for first in range(0, c, TOGETHER)
        ]
        whole = Kept(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
        ends = np.cumsum([len(jobs[job][1]) for job in members])
        for job, first, last in zip(members, [0, *ends], ends, strict=False):
            found[job] = Kept(*(array[first:last] for array in whole))
    return [found[job] for job in range(len(jobs))]


def drawn(jobs: Iterable[tuple[Scenario, Sequence[int]]]) -> Iterator[Classes]:
    """Classes of each job, ready to run; neighbours that are the same until the first day are drawn once."""

    def population(job: tuple[Scenario, Sequence[int]]) -> tuple[object, ...]:
        scenario, numbers = job
        return scenario.seed, [*numbers], scenario.teacher, scenario.parameters, scenario.world, scenario.classroom

    for _, same in groupby(jobs, population):
        first, *others = same
        scenario, numbers = first
        parameters = scenario.values()
        found = draw_classes(scenario, numbers)
        for one, _numbers in (first, *others):
            yield years.with_interventions(
                found,
                parameters.record().repeat(len(numbers)),
                one.calendar(),
                [one.seed] * len(numbers),
                numbers,
                [choice.build() for choice in one.interventions],
            )


def joined(parts: Sequence[Classes]) -> Classes:
    """Classes of one size, calendar and set of interventions in common arrays."""
    common = {"hooks": parts[0].hooks, "nights": parts[0].nights}
    own = [name for name in Classes._fields if name not in common]
    return Classes(**common, **{name: np.concatenate([getattr(part, name) for part in parts]) for name in own})


def cut(classes: Classes, first: int, last: int) -> Classes:
    """Some of the classes, in arrays that are views."""
    own = {name: getattr(classes, name)[first:last] for name in Classes._fields if name not in {"hooks", "nights"}}
    return classes._replace(**own)


def run_classes(classes: Classes, keep: Keep, equations: Equations) -> Kept:
    """Some classes with the compiled runner."""
    # Liking at the start is as precise as that which is kept, so that both runners compare the same numbers.
    start = classes.liked.swapaxes(1, 2).astype(np.float32) if keep.of_classes else None
    liking = start is not None or "liked_by" in keep.variables
    evenings, _ = years.run(classes, keep.days, liking=liking, equations=equations)
    mask = np.zeros(classes.chosen.shape, dtype=bool)
    where, which, _ = place = np.nonzero(classes.chosen >= 0)
    mask[where, which, classes.chosen[place]] = True
    of_children = [
        evenings.acceptance
        if name == "acceptance"
        else liked_by(evenings.liking)
        if name == "liked_by"
        else evenings.counts[:, :, COUNTED.index(name)]
        if name in COUNTED
        else evenings.children[name]
        for name in keep.of_children
    ]
    of_teachers = [evenings.teachers[name.removeprefix("teacher_")] for name in keep.of_teachers]
    c, s, n = evenings.children.shape
    return Kept(
        np.stack(of_children, axis=2).astype(float) if of_children else np.zeros((c, s, 0, n)),
        np.stack(of_teachers, axis=2) if of_teachers else np.zeros((c, s, 0)),
        np.zeros((c, s, 0))
        if start is None
        else network_columns(keep, evenings.liking, classes.children["sex"][:, None], start[:, None]),
        mask,
    )


def network_columns(keep: Keep, liking: Records, sex: Records, start: Records) -> Records:
    """The variables of classes that are kept, shape (..., variables); see `sim.peers.class_network`."""
    figures = class_network(liking, sex, start)._asdict()
    return np.stack([figures[name] for name in keep.of_classes], axis=-1)


def counted_until(log: Records, play: Records, days: Sequence[int], n: int) -> dict[str, Records]:
    """`sim.state.COUNTED` from the logs of contacts and play, each shape (days, n), summed up in their order."""
    in_class, hostile, harsh = log["setting"] != Setting.SESSION, log["tone"] < 0.0, log["response"] < 0.0
    weights = {
        "contacts": np.ones(len(log)),
        "hostile_acts": in_class & hostile,
        "harsh_answers": in_class & harsh,
        "harsh_to_hostile": in_class & hostile & harsh,
        "praises": (log["setting"] == Setting.TASK) & (log["response"] >= PRAISE),
        "sessions": ~in_class,
        "hostile_in_sessions": ~in_class & hostile,
        "reprimands": log["setting"] == Setting.DISCIPLINE,
        "seeking": log["initiator"] == Initiator.CHILD,
        "warmth_seen": np.where(log["public"], np.maximum(log["response"], 0.0), 0.0),
        "tones": log["response"],
    }
    until = [log["day"] <= day for day in days]
    counted = {
        name: np.array([np.bincount(log["child"][past], weight[past], minlength=n) for past in until])
        for name, weight in weights.items()
    }
    counted["hostile_play"] = np.array(
        [
            np.bincount(play["child"][(play["day"] <= day) & (play["tone"] < 0.0)], minlength=n)
            + np.bincount(play["partner"][(play["day"] <= day) & (play["partner_tone"] < 0.0)], minlength=n)
            for day in days
        ]
    )
    return counted


def one_by_one(scenario: Scenario, numbers: Sequence[int], keep: Keep) -> Kept:
    """Some classes agent by agent."""
    of_children, of_teachers, of_classes, chosen = [], [], [], []
    for number in numbers:
        record = simulate(scenario, number=number)
        days = list(keep.days)
        n = len(record.names)
        counted = counted_until(record.contacts, record.play, days, n)
        rows = []
        for name in keep.of_children:
            if name == "acceptance":
                rows.append(record.acceptance[days])
            elif name == "liked_by":
                rows.append(liked_by(record.liking[days]))
            elif name in COUNTED:
                rows.append(counted[name])
            else:
                rows.append(record.children[name][days])
        of_children.append(np.stack(rows, axis=1) if rows else np.zeros((len(days), 0, n)))
        columns = [record.teacher[name.removeprefix("teacher_")][days] for name in keep.of_teachers]
        of_teachers.append(np.stack(columns, axis=1) if columns else np.zeros((len(days), 0)))
        of_classes.append(
            network_columns(keep, record.liking[days], record.children["sex"][0], record.liking[0])
            if keep.of_classes
            else np.zeros((len(days), 0))
        )
        mask = np.zeros((len(record.chosen), n), dtype=bool)
        for which, children in enumerate(record.chosen):
            mask[which, list(children)] = True
        chosen.append(mask)
    return Kept(
        np.array(of_children, dtype=float),
        np.array(of_teachers, dtype=float),
        np.array(of_classes, dtype=float),
        np.array(chosen),
    )


def cores() -> int:
    """Cores that this process may use: so many threads are worth while, for classes run without Python's lock."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
