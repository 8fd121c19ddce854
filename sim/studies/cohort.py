"""Cohorts: many classes followed over occasions, arms and school years, with all that instruments look at.

A cohort is simulated once; studies of any size are then drawn from it (see `sim.studies`). In a trial the same
classes are simulated once for each arm, so that a child's record without the programme has the same luck.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sim.calendar import Calendar
from sim.engine import years
from sim.engine.equations import Equations, in_force
from sim.engine.years import Classes
from sim.interventions import Intervention
from sim.run import cut
from sim.scenario import SAME, Later, Scenario
from sim.school_years import first_year, for_whom, name_children, school_years
from sim.state import COUNTED, Records

__all__ = ["FIRST_DAYS", "Cohort", "Scene", "Wave", "cohort"]

FIRST_DAYS = 10
"""School days up to an occasion over which `Scene.lately` looks back, unless a study says otherwise."""
GROUP = 256


class Wave(NamedTuple):
    """An occasion: a school day of a week (0: the evening before the first day) of a school year, from 1.

    Days of a week count from 1; the last one where none is named.
    """

    week: int
    year: int = 1
    day: int | None = None

    def school_day(self, calendar: Calendar) -> int:
        """Number of the school day in its year; 0 is the evening before the first."""
        last = calendar.last_day(self.week)
        return last if self.day is None else last - calendar.days_per_week + self.day


@dataclass(frozen=True)
class Scene:
    """One occasion in c classes of n children, as it is: what instruments look at.

    Attributes
    ----------
    children, teachers
        Records of `sim.state.CHILD_DTYPE` and `TEACHER_DTYPE`, shapes (c, n) and (c,).
    acceptance
        Shape (c, n), 0 to 1.
    liking
        Shape (c, n, n): class, who likes, who is liked.
    so_far, lately
        `sim.state.COUNTED` by name, each shape (c, n): since the year began, and in the school days up to the occasion
        over which the study looks back (before the first day: zeros).
    days, days_lately
        Over how many school days these were counted; at least 1.
    stayed
        Whether the child is the one who sat here on the first day of all, shape (c, n): not where it has come from a
        parallel class since.
    contacts
        For each class its contacts in the days up to the occasion over which the study looks back, records of
        `sim.state.CONTACT_DTYPE` in order; empty where nobody followed them.
    """

    children: Records
    teachers: Records
    acceptance: Records
    liking: Records
    so_far: Mapping[str, Records]
    lately: Mapping[str, Records]
    days: int
    days_lately: int
    stayed: Records
    contacts: tuple[Records, ...] = ()

    def of(self, classes: Records) -> Scene:
        """The same occasion in some of the classes."""
        return replace(
            self,
            children=self.children[classes],
            teachers=self.teachers[classes],
            acceptance=self.acceptance[classes],
            liking=self.liking[classes],
            so_far={name: counts[classes] for name, counts in self.so_far.items()},
            lately={name: counts[classes] for name, counts in self.lately.items()},
            stayed=self.stayed[classes],
            contacts=tuple(self.contacts[k] for k in classes) if self.contacts else (),
        )


@dataclass(frozen=True)
class Cohort:
    """Simulated classes.

    Attributes
    ----------
    scenes
        By arm and wave.
    chosen
        Children for whom the arms' programmes were in the first year, shape (c, n); all False without arms.
    population
        What the classes were drawn from.
    """

    scenes: Mapping[str, Mapping[str, Scene]]
    chosen: Records
    population: Scenario | None = None

    def __len__(self) -> int:
        return len(self.chosen)

    def like(self, population: Scenario) -> bool:
        """Whether the classes are of this population; other parameters do not make it another one."""
        if self.population is None:
            return True
        alike = {"parameters": population.parameters, "world": population.world}
        return self.population.model_copy(update=alike) == population


Choose = Callable[[Scene, np.random.Generator], Records]
"""From the classes before the first day, and luck, to the children that programmes are for: truth values (c, n)."""


def cohort(
    scenario: Scenario,
    numbers: Sequence[int],
    waves: Mapping[str, Wave],
    arms: Mapping[str, Sequence[Intervention]] | None = None,
    choose: Choose | None = None,
    lookback: int = FIRST_DAYS,
    later: Later | None = None,
    *,
    contacts: bool = False,
) -> Cohort:
    """Simulate classes.

    Parameters
    ----------
    scenario
        Population, parameters, mechanism, calendar and seed; its own interventions are not used.
    numbers
        Which classes of its seed.
    waves
        Occasions by name.
    arms
        Programmes by the name of the arm (an empty sequence: care as usual); by default one arm without any.
    choose
        For which children the programmes are; without it their own targets count.
    lookback
        Over how many school days, that of the occasion included, `Scene.lately` counts.
    later
        The school years after the first.
    contacts
        Whether `Scene.contacts` are kept.

    Raises
    ------
    ValueError
        For classes that are to be mixed anew although their teachers stay.
    """
    later = later or Later()
    if later.teacher == SAME and later.remixed:
        raise ValueError(f"remixed: found {later.remixed:g}; allowed is 0 where the teacher stays")
    parts = [
        part(scenario, numbers[first : first + GROUP], waves, arms or {"": ()}, choose, lookback, later, contacts)
        for first in range(0, len(numbers), GROUP)
    ]
    return replace(joined(parts), population=scenario)


def part(
    scenario: Scenario,
    numbers: Sequence[int],
    waves: Mapping[str, Wave],
    arms: Mapping[str, Sequence[Intervention]],
    choose: Choose | None,
    lookback: int,
    later: Later,
    contacts: bool,
) -> Cohort:
    """A cohort of a few classes."""
    scenes = {}
    chosen: Records = np.zeros((len(numbers), len(scenario.classroom.rows())), dtype=bool)
    for arm, programmes in arms.items():
        classes = first_year(scenario, numbers, programmes)
        if choose is not None:
            chosen = chosen_by(choose, before(classes), scenario.seed, numbers)
            name_children(classes, chosen)
        names = [programme.name for programme in programmes]
        scenes[arm], found = followed(scenario, classes, names, waves, lookback, later, contacts)
        if choose is None:
            chosen = chosen | found.any(axis=1)
    return Cohort(scenes, chosen)


def before(classes: Classes) -> Scene:
    """Classes before their first school day, as instruments see them."""
    evenings, _ = years.run(classes._replace(nights=classes.nights[:1]), [0], liking=True)
    return scene(evenings, 0, 0, 0, 0, np.ones(classes.children.shape, dtype=bool))


def chosen_by(choose: Choose, first: Scene, seed: int, numbers: Sequence[int]) -> Records:
    """Whom the programmes are for; class by class, so that nothing depends on which classes stand together."""
    return np.concatenate(
        [
            choose(first.of(np.array([entry])), np.random.default_rng([seed, number]))
            for entry, number in enumerate(numbers)
        ]
    )


def followed(
    scenario: Scenario,
    classes: Classes,
    programmes: Sequence[str],
    waves: Mapping[str, Wave],
    lookback: int,
    later: Later,
    contacts: bool,
) -> tuple[dict[str, Scene], Records]:
    """The occasions of all school years; `classes`, with programmes of these names, are changed in place.

    Returns
    -------
    scenes
        By wave.
    chosen
        For whom each programme was in the first year, shape (c, programmes, n).
    """
    calendar, scenes, last = scenario.calendar(), {}, max(wave.year for wave in waves.values())
    equations = in_force(scenario.mechanism)
    chosen: Records = np.zeros(classes.chosen.shape, dtype=bool)
    for year, side in enumerate(school_years(scenario, classes, last, later, programmes), 1):
        at = {name: wave.school_day(calendar) for name, wave in waves.items() if wave.year == year}
        days = sorted({earlier for day in at.values() for earlier in (day, max(0, day - lookback))} | {0})
        until = max(days) if year == last else calendar.days
        lived = side.classes._replace(nights=side.classes.nights[: until + 1])
        single = [cut(lived, k, k + 1) for k in range(len(lived.seeds))] if contacts else []
        logs = [log_of(one, equations) for one in single]
        evenings, _ = years.run(lived, days, liking=True, equations=equations)
        if year == 1:
            chosen = for_whom(classes)
        for name, day in at.items():
            earlier = max(0, day - lookback)
            kept = (days.index(day), days.index(earlier))
            seen = tuple(log[(log["day"] > earlier) & (log["day"] <= day)] for log in logs)
            scenes[name] = replace(scene(evenings, *kept, day, day - earlier, side.stayed), contacts=seen)
    return scenes, chosen


def log_of(classes: Classes, equations: Equations) -> Records:
    """All contacts of one class, which stays as it is."""
    own = {name: getattr(classes, name).copy() for name in Classes._fields}
    _, log = years.run(classes._replace(**own), [], log=True, equations=equations)
    return log.contacts


def scene(evenings: years.Evenings, now: int, earlier: int, days: int, days_lately: int, stayed: Records) -> Scene:
    """One occasion out of the evenings that were kept."""
    so_far = evenings.counts[:, now]
    lately = so_far - evenings.counts[:, earlier]
    return Scene(
        children=evenings.children[:, now].copy(),
        teachers=evenings.teachers[:, now].copy(),
        acceptance=evenings.acceptance[:, now].copy(),
        liking=evenings.liking[:, now].copy(),
        so_far={name: so_far[:, row] for row, name in enumerate(COUNTED)},
        lately={name: lately[:, row] for row, name in enumerate(COUNTED)},
        days=max(days, 1),
        days_lately=max(days_lately, 1),
        stayed=stayed,
    )


def joined(parts: Sequence[Cohort]) -> Cohort:
    """One cohort out of several with the same arms and waves."""
    first = parts[0]
    scenes = {
        arm: {name: together([part.scenes[arm][name] for part in parts]) for name in of_arm}
        for arm, of_arm in first.scenes.items()
    }
    return Cohort(scenes, np.concatenate([part.chosen for part in parts]))


def together(scenes: Sequence[Scene]) -> Scene:
    """The same occasion in the classes of several scenes."""
    return Scene(
        children=np.concatenate([scene.children for scene in scenes]),
        teachers=np.concatenate([scene.teachers for scene in scenes]),
        acceptance=np.concatenate([scene.acceptance for scene in scenes]),
        liking=np.concatenate([scene.liking for scene in scenes]),
        so_far={name: np.concatenate([scene.so_far[name] for scene in scenes]) for name in COUNTED},
        lately={name: np.concatenate([scene.lately[name] for scene in scenes]) for name in COUNTED},
        days=scenes[0].days,
        days_lately=scenes[0].days_lately,
        stayed=np.concatenate([scene.stayed for scene in scenes]),
        contacts=tuple(log for scene in scenes for log in scene.contacts),
    )
