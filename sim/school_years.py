"""Several school years: the same children, each year a year older, with the same teacher or with a new one.

What is theirs goes with the children: traits, the liability to aggression, self-regulation, self-concepts, engagement,
achievement, norms, and their likes and dislikes, for the class moves up together and its children know each other; what
self-regulation comes to matures by a year. Of what they have come to expect of their teacher a share is carried to the
new one. What belongs to two people starts afresh: closeness, conflict and dependency are drawn as for any new class,
from the children who look like this one and the teacher whom they get; so are how well the two suit each other, the
teacher's image of the child and its control over it, and habit and goodwill of the child. How aggressive it is with
the new teacher follows from its liability and these two.

A class need not stay together. Where classes are mixed anew, some children change places with children of a parallel
class, which has lived through the same years beside it. Two who were in one class go on liking each other as they do;
two who meet for the first time like each other as on any first day, with what each of them brings along: how popular
and how outgoing it is, what it is interested in, and how aggressive it has become. A reputation stays behind.

A teacher may stay with the class. Then nothing starts afresh: the summer is a long holiday.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from sim import population
from sim.engine import years
from sim.engine.equations import in_force
from sim.engine.years import Classes
from sim.interventions import Intervention
from sim.luck import Stream, normals
from sim.parameters import Parameters
from sim.population import MARGINALS, VARIABLES, draw_classes, make_draws
from sim.run import Keep, Kept, cut, run_classes
from sim.scenario import OF_A_LIST, SAME, Later, Scenario, TeacherSpec
from sim.state import CHILD, TEACHER_DTYPE, Records, fields
from sim.target import NAMED

__all__ = [
    "Lived",
    "Side",
    "first_year",
    "for_whom",
    "live",
    "mixed_anew",
    "name_children",
    "next_year",
    "parallel",
    "same_teacher",
    "school_years",
]

TOGETHER = 64
"""Classes of which all evenings of a year are held in memory at once."""
AFRESH = ("closeness", "conflict", "dependency")
SUMMER = 9 * 7
"""Nights of the summer holidays (July and August in Flanders)."""
KNOWN = 0.95
"""How well children know each other who have been one class for a year."""
BESIDE, MIXING = 1, 2
"""What luck of the years is for: the seed of the parallel classes, and who changes places and meets whom."""
OWN = (
    "liability",
    "effortful_control",
    "self_global",
    "self_social",
    "norms",
    "achievement",
    "self_academic",
    "engagement",
)
"""What stays as it was although a first day has a value for it."""


# --- Years that follow each other ----------------------------------------------------------------------


class Side(NamedTuple):
    """One class of each of c pairs of parallel classes of n children, between two school years.

    Attributes
    ----------
    classes
        The classes.
    ties
        What of liking lies in the child who sits here: popularity, activity and interests, shape (c, 4, n); (c, 0, n)
        where classes stay together.
    stayed
        Whether it has sat here since the first day of all, shape (c, n).
    known
        Share of the pairs of children who were one class in the year before, shape (c,).
    """

    classes: Classes
    ties: Records
    stayed: Records
    known: Records


def school_years(
    scenario: Scenario, classes: Classes, count: int, later: Later, programmes: Sequence[str]
) -> Iterator[Side]:
    """Classes before the first day of each of `count` school years.

    Whoever takes them runs each year to its last day before asking for the next one; the records of `classes` change.

    Parameters
    ----------
    scenario
        Parameters, mechanism, calendar and what is known of the first teacher.
    classes
        Before the first day of all, with their programmes.
    count, later
        How many school years, and what is known of those after the first.
    programmes
        Names of the programmes of `classes`, in order.
    """
    side, beside, begin = in_school(classes), None, classes.courses["first_day"].copy()
    if later.remixed and count > 1:
        elsewhere, numbers = parallel(scenario), classes.numbers.tolist()
        side, beside = in_school(classes, scenario), in_school(first_year(elsewhere, numbers, ()), elsewhere)
    yield side
    chosen = for_whom(side.classes)
    for year in range(2, count + 1):
        if beside is not None:
            years.run(beside.classes, [scenario.calendar().days], equations=in_force(scenario.mechanism))
            side, beside = mixed_anew(side, beside, later.remixed, year)
            beside = promoted(scenario, beside, later, year)
        side = promoted(scenario, side, later, year)
        once_more = np.array([year in later.again_in(name) for name in programmes], dtype=bool)
        side.classes.courses["first_day"] = np.where(once_more, begin, np.inf)
        name_children(side.classes, chosen & side.stayed[:, None])
        yield side


class Lived(NamedTuple):
    """What is left of classes after some school years; the days of all years are one after the other.

    Attributes
    ----------
    kept
        What was kept; `Kept.chosen_by` says for whom programmes were in the first year.
    stayed
        Whether the child on this place is the one who was there on the first day of all, shape (classes, days, n).
    """

    kept: Kept
    stayed: Records


def live(scenario: Scenario, numbers: Sequence[int], keep: Keep, count: int, later: Later) -> Lived:
    """Run classes of a scenario, with its interventions, for several school years.

    Parameters
    ----------
    scenario
        What to run; all its interventions have a compiled form.
    numbers
        Which classes of the scenario's seed; each number is an address of luck.
    keep
        What is kept of each school year; what is counted begins anew each year.
    count, later
        How many school years, and what is known of those after the first.
    """
    programmes = programmes_of(scenario)
    equations, classes = in_force(scenario.mechanism), first_year(scenario, numbers, programmes)
    kept, stayed = [], []
    for side in school_years(scenario, classes, count, later, [programme.name for programme in programmes]):
        parts = [
            run_classes(cut(side.classes, first, first + TOGETHER), keep, equations)
            for first in range(0, len(numbers), TOGETHER)
        ]
        kept.append(Kept(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True))))
        stayed.append(np.repeat(side.stayed[:, None], len(keep.days), axis=1))
    children, teachers, of_classes, _chosen = (np.concatenate(arrays, axis=1) for arrays in zip(*kept, strict=True))
    return Lived(Kept(children, teachers, of_classes, kept[0].chosen_by), np.concatenate(stayed, axis=1))


def programmes_of(scenario: Scenario) -> list[Intervention]:
    """The interventions of a scenario, ready to be carried out."""
    return [choice.build() for choice in scenario.interventions]


def first_year(scenario: Scenario, numbers: Sequence[int], programmes: Sequence[Intervention]) -> Classes:
    """Classes before their first school day."""
    parameters = scenario.values()
    drawn = draw_classes(scenario, numbers)
    seeds = [scenario.seed] * len(numbers)
    records = parameters.record().repeat(len(numbers))
    return years.with_interventions(drawn, records, scenario.calendar(), seeds, numbers, programmes)


def for_whom(classes: Classes) -> Records:
    """For whom each programme is, or was, in a year that has been lived, shape (c, programmes, n)."""
    return np.asarray((classes.chosen[..., None] == np.arange(classes.children.shape[1])).any(axis=-2))


def name_children(classes: Classes, chosen: Records) -> None:
    """Programmes are for the children who are `chosen`, shape (c, n) or (c, programmes, n)."""
    for programme in range(classes.courses.shape[1]):
        if classes.courses[:, programme]["whole_class"].any():
            continue
        who = chosen if chosen.ndim == classes.children.ndim else chosen[:, programme]
        order = np.argsort(~who, axis=1, kind="stable")
        classes.courses["rule"][:, programme] = NAMED
        classes.named[:, programme] = np.where(np.take_along_axis(who, order, axis=1), order, -1)


def parallel(scenario: Scenario) -> Scenario:
    """Classes like these beside them, of whose children nothing is known."""
    spec = scenario.classroom
    unknown = spec.model_copy(update={**dict.fromkeys(OF_A_LIST), "size": len(spec.rows())})
    return scenario.model_copy(update={"classroom": unknown, "seed": parallel_seed(scenario.seed)})


def in_school(classes: Classes, scenario: Scenario | None = None) -> Side:
    """Classes in their first school year; of which scenario needs to be known only where they will be mixed."""
    c, n = classes.children.shape
    ties = np.empty((c, 0, n)) if scenario is None else make_draws(scenario.seed, classes.numbers.tolist(), n).ties
    return Side(classes, ties, np.ones((c, n), dtype=bool), np.ones(c))


def promoted(scenario: Scenario, side: Side, later: Later, year: int) -> Side:
    """Classes in their next school year."""
    if later.teacher == SAME:
        return side._replace(classes=same_teacher(side.classes, year))
    spec = scenario.teacher if later.teacher is None else later.teacher
    return side._replace(classes=next_year(side.classes, spec, scenario.values(), year, side.known))


# --- From one year to the next -------------------------------------------------------------------------


def next_year(
    classes: Classes, spec: TeacherSpec, parameters: Parameters, year: int, known: Records | float = 1.0
) -> Classes:
    """Classes before the first day of the `year`-th school year.

    Parameters
    ----------
    classes
        The classes at the end of the year before, as `sim.engine.years.run` left them.
    spec
        What is known of the new teachers; the rest is drawn.
    parameters
        Parameters of the model.
    year
        Number of the school year, from 2.
    known
        Share of the pairs of children who were one class in the year before, shape (c,).
    """
    luck = luck_of(classes, year)
    c, n = classes.children.shape
    teachers = np.zeros(c, TEACHER_DTYPE)
    population.fill_teachers(teachers, spec, np.array([normals(one, population.TEACHER_DRAWS) for one in luck]))
    noise = np.array([normals(one, len(VARIABLES) + 4, n) for one in luck])
    children = a_year_older(classes.children)
    for name in fields(CHILD, "lever"):
        children[name] = 0.0
    draw_dyads(children, teachers, noise[:, : len(VARIABLES)].swapaxes(1, 2))
    expected, own = children["felt_security"].copy(), {name: children[name].copy() for name in OWN}
    population.start(children, teachers, classes.liked, parameters, noise[:, len(VARIABLES) :])
    for name, values in own.items():
        children[name] = values
    teachers["acquaintance"] = KNOWN * known
    carried = parameters["felt_security_carry_over"]
    children["felt_security"] = carried * expected + (1.0 - carried) * children["felt_security"]
    population.show(children, parameters)
    return classes._replace(children=children, teachers=teachers, seeds=seeds_of(classes, year))


def same_teacher(classes: Classes, year: int) -> Classes:
    """Classes before the first day of the `year`-th school year whose teachers stay: the summer is a long holiday."""
    nights = classes.nights.copy()
    nights[1] = max(int(nights[1]), SUMMER)
    return classes._replace(children=a_year_older(classes.children), seeds=seeds_of(classes, year), nights=nights)


def a_year_older(children: Records) -> Records:
    """The same children a year older; what self-regulation comes to has matured."""
    older = children.copy()
    older["age"] = np.minimum(older["age"] + 1.0, population.OLDEST)
    matured = MARGINALS["self_regulation"].place(older["effortful_control"]) + population.AGE_SLOPE
    older["effortful_control"] = MARGINALS["self_regulation"].at(matured)
    return older


def seeds_of(classes: Classes, year: int) -> Records:
    """Luck of another year, shape (c,)."""
    seeds = [np.random.SeedSequence([int(seed), year]).generate_state(1)[0] for seed in classes.seeds]
    return np.array(seeds, dtype=classes.seeds.dtype)


def parallel_seed(seed: int) -> int:
    """Root seed of the parallel classes."""
    return int(np.random.SeedSequence([seed, BESIDE, MIXING]).generate_state(1)[0])


def mixed_anew(side: Side, beside: Side, share: float, year: int) -> tuple[Side, Side]:
    """Classes of the `year`-th school year: a `share` of the children change places with those of the other class.

    The records of neither are changed.
    """
    n = side.classes.children.shape[1]
    luck = luck_of(side.classes, year, MIXING)
    moves = np.array([one.permutation(n) < round(share * n) for one in luck])
    return joined_by(side, beside, moves, luck), joined_by(beside, side, moves, luck)


def joined_by(side: Side, other: Side, moves: Records, luck: Sequence[np.random.Generator]) -> Side:
    """One side once the children who move have been replaced by those of the other one, who sat on the same seats."""
    here, there = side.classes, other.classes
    n = moves.shape[1]
    children = np.where(moves, there.children, here.children)
    ties = np.where(moves[:, None], other.ties, side.ties)
    met = population.draw_liking(children, ties, np.array([normals(one, 2, n, n) for one in luck]))
    come, stay = (who[:, :, None] & who[:, None, :] for who in (moves, ~moves))
    liked, affinity = (
        np.where(come, theirs, np.where(stay, ours, new))
        for theirs, ours, new in zip((there.liked, there.affinity), (here.liked, here.affinity), met, strict=True)
    )
    classes = here._replace(children=children, liked=liked, affinity=affinity)
    return Side(classes, ties, side.stayed & ~moves, (come | stay)[:, ~np.eye(n, dtype=bool)].mean(axis=1))


def luck_of(classes: Classes, *what: int) -> list[np.random.Generator]:
    """Luck of the years of every class, by its root seed and number, and by what it is for."""
    addresses = zip(classes.seeds.tolist(), classes.numbers.tolist(), strict=True)
    return [np.random.Generator(np.random.PCG64([*at, int(Stream.YEARS), *what])) for at in addresses]


def draw_dyads(children: Records, teachers: Records, luck: Records) -> None:
    """Relationships with a new teacher, given what is known of the child; `luck` has shape (c, n, variables)."""
    mean = population.expected(children, teachers)
    known = tuple(name not in AFRESH for name in VARIABLES)
    on_known, on_luck = population.conditional_on(known)
    z = np.stack([MARGINALS[name].place(children[name]) for name in VARIABLES], axis=2)
    surprise = np.where(known, z - mean, 0.0)
    drawn = mean + population.product(surprise, on_known.T) + population.product(luck, on_luck.T)
    for name in AFRESH:
        children[name] = MARGINALS[name].at(drawn[:, :, VARIABLES.index(name)])
