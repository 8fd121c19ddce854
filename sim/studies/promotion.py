"""The next school year: the same children, a year older, with a new teacher.

What is theirs goes with the children: traits, the liability to aggression, self-regulation, self-concepts, engagement,
achievement, norms, and their likes and dislikes, for the class moves up together and its children know each other; what
self-regulation comes to matures by a year. Of what they have come to expect of their teacher a share is carried to the
new one. What belongs to two people starts afresh: closeness, conflict and dependency are drawn as for any new class,
from the children who look like this one and the teacher whom they get; so are how well the two suit each other, the
teacher's image of the child and its control over it, and habit and goodwill of the child. How aggressive it is with
the new teacher follows from its liability and these two.
"""

from __future__ import annotations

import numpy as np

from sim import population
from sim.engine.years import Classes
from sim.luck import Stream
from sim.parameters import Parameters
from sim.population import MARGINALS, VARIABLES
from sim.scenario import TeacherSpec
from sim.state import CHILD, TEACHER_DTYPE, Records, fields

__all__ = ["next_year"]

AFRESH = ("closeness", "conflict", "dependency")
KNOWN = 0.95
"""How well children know each other who have been one class for a year."""
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


def next_year(classes: Classes, spec: TeacherSpec, parameters: Parameters, year: int) -> Classes:
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
    """
    luck = [np.random.Generator(np.random.PCG64([*at, int(Stream.YEARS), year])) for at in addresses(classes)]
    c, n = classes.children.shape
    teachers = np.zeros(c, TEACHER_DTYPE)
    population.fill_teachers(teachers, spec, np.array([one.standard_normal(5) for one in luck]))
    noise = np.array([one.standard_normal((len(VARIABLES) + 4, n)) for one in luck])
    children = classes.children.copy()
    for name in fields(CHILD, "lever"):
        children[name] = 0.0
    children["age"] = np.minimum(children["age"] + 1.0, population.OLDEST)
    draw_dyads(children, teachers, noise[:, : len(VARIABLES)].swapaxes(1, 2))
    expected, own = children["felt_security"].copy(), {name: children[name].copy() for name in OWN}
    population.start(children, teachers, classes.liked, parameters, noise[:, len(VARIABLES) :])
    for name, values in own.items():
        children[name] = values
    teachers["acquaintance"] = KNOWN
    matured = MARGINALS["self_regulation"].place(children["effortful_control"]) + population.AGE_SLOPE
    children["effortful_control"] = MARGINALS["self_regulation"].at(matured)
    carried = parameters["felt_security_carry_over"]
    children["felt_security"] = carried * expected + (1.0 - carried) * children["felt_security"]
    population.show(children, parameters)
    seeds = [np.random.SeedSequence([int(seed), year]).generate_state(1)[0] for seed in classes.seeds]
    return classes._replace(children=children, teachers=teachers, seeds=np.array(seeds, dtype=classes.seeds.dtype))


def addresses(classes: Classes) -> list[tuple[int, int]]:
    """Root seed and number of every class."""
    return [(int(seed), int(number)) for seed, number in zip(classes.seeds, classes.numbers, strict=True)]


def draw_dyads(children: Records, teachers: Records, luck: Records) -> None:
    """Relationships with a new teacher, given what is known of the child; `luck` has shape (c, n, variables)."""
    mean = population.expected(children, teachers)
    known = tuple(name not in AFRESH for name in VARIABLES)
    on_known, on_luck = population.conditional_on(known)
    z = np.stack([MARGINALS[name].place(children[name]) for name in VARIABLES], axis=2)
    surprise = np.where(known, z - mean, 0.0)
    drawn = mean + surprise @ on_known.T + luck @ on_luck.T
    for name in AFRESH:
        children[name] = MARGINALS[name].at(drawn[:, :, VARIABLES.index(name)])
