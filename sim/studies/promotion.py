"""The next school year: the same children, a year older, with a new teacher.

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

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim import population
from sim.engine.years import Classes
from sim.luck import Stream, normals
from sim.parameters import Parameters
from sim.population import MARGINALS, VARIABLES
from sim.scenario import TeacherSpec
from sim.state import CHILD, TEACHER_DTYPE, Records, fields

__all__ = ["Side", "mixed_anew", "next_year", "parallel_seed", "same_teacher"]

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
