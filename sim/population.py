"""Who is in a class: drawn from a population, or read from a class list and completed *given what is known*.

Traits and starting states of a child are drawn together: a normal vector with the correlations below, bent to
the marginal distribution of each variable (a Gaussian copula). What a class list tells is a condition on that
vector, so that the rest is drawn from the children who look like this. How closeness, conflict and aggression
go together on the first day is part of the population, as closely as published for autumn and for spring; whether they
stay so is left to the dynamics. What the aggression of the first day comes from is taken apart afterwards
(`decompose`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.arithmetic import exponential
from sim.files.packaged import packaged
from sim.luck import Stream, generator, make_normal, normals
from sim.parameters import Parameters
from sim.peers import LIKED_LEAST, LIKED_MOST
from sim.planes import from_planes
from sim.state import CHILD_DTYPE, TEACHER_DTYPE, ClassState, Records, from_item_mean, from_symptoms

if TYPE_CHECKING:
    from sim.files.classlist import ChildRow, ClassList
    from sim.scenario import ClassSpec, Scenario, TeacherSpec

__all__ = ["Drawn", "draw_class", "draw_classes"]


@dataclass(frozen=True)
class Marginal:
    """Distribution of one variable over all children.

    Attributes
    ----------
    alpha, beta
        Shape of the beta distribution on [0, 1]; both None for a standard normal variable.
    boys
        How far boys lie above girls, halved, in standard deviations of the normal variable.
    mirrored
        Whether the distribution is that of one minus the variable.
    source
        Row of the evidence table that the shape is taken from.
    """

    alpha: float | None
    beta: float | None
    boys: float = 0.0
    mirrored: bool = False
    source: str = ""

    @property
    def row(self) -> str:
        """Name of its row in the table of quantiles."""
        return f"beta {self.alpha} {self.beta}"

    def at(self, z: Records) -> Records:
        """Values at the places `z` of a standard normal variable: its quantiles."""
        if self.alpha is None:
            return z
        return 1.0 - at(self.row, -z) if self.mirrored else at(self.row, z)

    def place(self, value: Records | float) -> Records:
        """Inverse of `at`; the ends of the scale are taken as just inside it."""
        if self.alpha is None:
            return np.asarray(value)
        inside = np.clip(1.0 - np.asarray(value) if self.mirrored else value, EDGE, 1.0 - EDGE)
        z = np.clip(place(self.row, inside), -FARTHEST, FARTHEST)
        return -z if self.mirrored else z


EDGE = 1e-3
FARTHEST = 3.5
WIDEST, STEPS = 6, 500
"""Quantiles are tabulated at the places -`WIDEST` to `WIDEST` of a standard normal variable, `STEPS` a unit."""
ORDER = 3
"""Order of the differences by which they are written."""


@cache
def quantiles() -> dict[str, Records]:
    """Quantiles of each distribution at all places, shape (places,): what `scripts/write_quantiles.py` has written.

    They come as a file since functions that compute them differ from computer to computer. In it stand the bits of each
    row (`sim.planes`), which take a third of the room.
    """
    with np.load(packaged("quantiles.npz")) as file:
        return {row: from_planes(written, ORDER).view("<f8") for row, written in file.items()}


def at(row: str, z: Records) -> Records:
    """Quantiles at the places `z`, on straight lines between those of the table."""
    table = quantiles()[row]
    steps = np.clip((z + WIDEST) * STEPS, 0.0, len(table) - 1.0)
    first = np.minimum(steps.astype(int), len(table) - 2)
    low = table[first]
    found: Records = low + (steps - first) * (table[first + 1] - low)
    return found


def place(row: str, value: Records) -> Records:
    """Inverse of `at` within the table."""
    table = quantiles()[row]
    first = np.clip(np.searchsorted(table, value, "right") - 1, 0, len(table) - 2)
    low = table[first]
    found: Records = (first + (value - low) / (table[first + 1] - low)) / STEPS - WIDEST
    return found


# Aggression and self-regulation: such that binomial SDQ scores (see sim.state) have the published means,
# standard deviations and percentiles of boys and of girls. Closeness, conflict, dependency: STRS item means
# and standard deviations, the latter without measurement error (reliability .88; dependency .7).
MARGINALS: dict[str, Marginal] = {
    "externalizing": Marginal(1.6, 2.9, boys=0.25),
    "security": Marginal(4.0, 2.4),
    "ses_risk": Marginal(1.5, 4.0),
    "ability": Marginal(None, None),
    "aggression": Marginal(0.98, 3.72, boys=0.253, source="A1"),
    "self_regulation": Marginal(1.108, 1.406, boys=-0.351, mirrored=True, source="A2"),
    "closeness": Marginal(3.35, 0.89, boys=-0.17, source="S1"),
    "conflict": Marginal(0.37, 1.90, boys=0.17, source="S1"),
    "dependency": Marginal(1.9, 5.7, source="S2"),
}
VARIABLES = tuple(MARGINALS)

# Correlations of the normal variables on the first day, within one sex. Those of conflict with externalizing and
# aggression: such that conflict and aggression go together as closely as later in the year (D1).
CORRELATIONS: dict[tuple[str, str], float] = {
    ("externalizing", "aggression"): 0.75,
    ("externalizing", "self_regulation"): -0.50,
    ("externalizing", "conflict"): 0.45,
    ("externalizing", "closeness"): -0.15,
    ("externalizing", "security"): -0.25,
    ("externalizing", "ses_risk"): 0.20,
    ("externalizing", "ability"): -0.15,
    ("externalizing", "dependency"): 0.15,
    ("aggression", "self_regulation"): -0.50,
    ("aggression", "conflict"): 0.60,
    ("aggression", "closeness"): -0.20,
    ("aggression", "security"): -0.25,
    ("aggression", "ses_risk"): 0.15,
    ("aggression", "ability"): -0.15,
    ("aggression", "dependency"): 0.20,
    ("self_regulation", "conflict"): -0.25,
    ("self_regulation", "closeness"): 0.20,
    ("self_regulation", "security"): 0.20,
    ("self_regulation", "ses_risk"): -0.15,
    ("self_regulation", "ability"): 0.35,
    ("self_regulation", "dependency"): -0.20,
    ("closeness", "conflict"): -0.40,
    ("closeness", "security"): 0.30,
    ("closeness", "dependency"): 0.10,
    ("closeness", "ability"): 0.10,
    ("conflict", "security"): -0.25,
    ("conflict", "dependency"): 0.25,
    ("conflict", "ses_risk"): 0.10,
    ("conflict", "ability"): -0.10,
    ("security", "dependency"): -0.30,
    ("security", "ses_risk"): -0.25,
    ("security", "ability"): 0.10,
    ("ability", "ses_risk"): -0.35,
    ("ability", "dependency"): -0.15,
}
# Correlation of a variable with the emotional support of the teacher (S2: part of closeness is the class's).
SUPPORT_CORRELATIONS = {"closeness": 0.40, "conflict": -0.25}
TEACHER_MARGINALS: dict[str, Marginal] = {
    "emotional_support": Marginal(5.0, 4.2),
    "reflective_functioning": Marginal(4.0, 4.0),
    "self_efficacy": Marginal(6.0, 3.0),
    "strain": Marginal(2.0, 4.0),
    "autonomy_support": Marginal(10.0, 10.0, source="M1"),
}
TEACHER_DRAWS = len(TEACHER_MARGINALS) + 1
"""Numbers of a teacher's luck: one for each of these traits, and one for her pace."""
NONE = 1e-9
"""What is divided by instead of nothing."""
GOODWILL = 0.34
"""Goodwill on the first day of a child that feels wholly safe; a judgement."""
AUTONOMY, STRUCTURE = 0.62, 0.93
"""Room and structure that a child expects on the first day: what children of average classes find."""
ENCOURAGED = 0.2
"""How far children of average classes think better of their school work than achievement (z) says."""
PACE_SPREAD = 0.45
"""Spread (sd of the logarithm) between classes of what lasts of the differences in contacts (R1)."""

YOUNGEST, OLDEST = 3.0, 13.0
FASTEST, MOST_VISIBLE = 5.0, 6.0
MEAN_AGE, AGE_SLOPE = 7.0, 0.1
"""Self-regulation rises by `AGE_SLOPE` standard deviations a year; `MEAN_AGE` is that of the children of A2."""
VISIBILITY_BOYS = 0.06
"""How far boys lie above, and girls below, the mean visibility (R1: boys have more contacts)."""
VISIBILITY_SHAPE = 6.5
"""Shape of the gamma distribution of visibility (R1: contacts of one class are negative binomial, size 3.7)."""
VISIBILITY = f"gamma {VISIBILITY_SHAPE}"
"""Name of its row in the table of quantiles."""


@dataclass(frozen=True)
class Affinities:
    """How liking between children comes about; fitted to nominations and ratings of classmates (N1, N3)."""

    level: float = 0.12
    popularity: float = 0.09
    aggression: float = -0.055
    activity: float = 0.103
    same_sex: float = 0.155
    interests: float = 0.118
    pair: float = 0.133
    one_sided: float = 0.112
    lasting: float = 0.03
    """Share of what is between two children by luck that lasts; the rest has come and will go (N3)."""


AFFINITIES = Affinities()


def correlation_matrix() -> Records:
    """Correlations of `VARIABLES`, shape (v, v)."""
    matrix = np.eye(len(VARIABLES))
    for (a, b), value in CORRELATIONS.items():
        i, j = VARIABLES.index(a), VARIABLES.index(b)
        matrix[i, j] = matrix[j, i] = value
    return matrix


MEAN_OF_BOYS = np.array([marginal.boys for marginal in MARGINALS.values()])
OF_SUPPORT = np.array([SUPPORT_CORRELATIONS.get(name, 0.0) for name in VARIABLES])
SPREAD = np.sqrt(1.0 - MEAN_OF_BOYS * MEAN_OF_BOYS - OF_SUPPORT * OF_SUPPORT)
WITHIN = correlation_matrix() * np.outer(SPREAD, SPREAD)
"""Covariances of the normal variables within one sex and one class, shape (v, v)."""


class Drawn(NamedTuple):
    """Classes on the evening before the first school day; shapes for c classes of n children.

    Attributes
    ----------
    names
        Names of the children, the same in every class.
    children
        Records of `sim.state.CHILD_DTYPE`, shape (c, n).
    teachers
        Records of `sim.state.TEACHER_DTYPE`, shape (c,).
    liking, affinity
        Liking on the first day, and to which it slowly returns; shape (c, n, n): class, who is liked, who likes.
    """

    names: tuple[str, ...]
    children: Records
    teachers: Records
    liking: Records
    affinity: Records


class Draws(NamedTuple):
    """What is drawn for c classes of n children: uniform and normal numbers, and of those visibility."""

    order: Records
    age: Records
    symptoms: Records
    child: Records
    visibility: Records
    ties: Records
    pairs: Records
    start: Records


def make_draws(seed: int, numbers: Sequence[int], n: int) -> Draws:
    """Draw what the classes need, each from the stream of its own address."""
    uniform, normal = np.empty((len(numbers), 4, n)), np.empty((len(numbers), len(VARIABLES) + 9 + 2 * n, n))
    for entry, number in enumerate(numbers):
        luck = generator(seed, number, Stream.POPULATION)
        luck.random(out=uniform[entry])
        luck.random(out=normal[entry])
    make_normal(normal.reshape(-1))
    v = len(VARIABLES)
    return Draws(
        order=uniform[:, 0],
        age=uniform[:, 1],
        symptoms=uniform[:, 2:],
        child=normal[:, :v].swapaxes(1, 2),
        visibility=at(VISIBILITY, normal[:, -1]) / VISIBILITY_SHAPE,
        ties=normal[:, v : v + 4],
        pairs=normal[:, v + 8 : -1].reshape(len(numbers), 2, n, n),
        start=normal[:, v + 4 : v + 8],
    )


def draw_class(scenario: Scenario, number: int | None = None) -> ClassState:
    """The class of a scenario on the evening before the first school day.

    Parameters
    ----------
    scenario
        What the class and its teacher are like; what it leaves open is drawn.
    number
        Which of the classes of the scenario's seed; the scenario's own by default.
    """
    chosen = scenario.number if number is None else number
    drawn = draw_classes(scenario, [chosen])
    return ClassState(
        names=drawn.names,
        children=drawn.children[0],
        teacher=drawn.teachers,
        liking=drawn.liking[0].T,
        affinity=drawn.affinity[0].T,
        parameters=scenario.values(),
        calendar=scenario.calendar(),
        seed=scenario.seed,
        number=chosen,
        mechanism=scenario.mechanism,
    )


def draw_classes(scenario: Scenario, numbers: Sequence[int]) -> Drawn:
    """Many classes at once; each is what `draw_class` gives for its number."""
    spec = scenario.classroom
    rows = spec.rows()
    teachers = draw_teachers(scenario.teacher, scenario.seed, numbers)
    draws = make_draws(scenario.seed, numbers, len(rows))
    children = np.zeros((len(numbers), len(rows)), dtype=CHILD_DTYPE)
    children["sex"] = draw_sexes(rows, spec, draws.order)
    drawn_age = np.clip(spec.mean_age - 0.5 + draws.age, YOUNGEST, OLDEST)
    children["age"] = np.where([row.age is None for row in rows], drawn_age, [row.age or 0.0 for row in rows])
    draw_variables(children, teachers, rows, spec, draws)
    girl_or_boy = 2.0 * children["sex"] - 1.0
    children["visibility"] = np.minimum((1.0 + VISIBILITY_BOYS * girl_or_boy) * draws.visibility, MOST_VISIBLE)
    liking, affinity = draw_liking(children, draws.ties, draws.pairs, spec.roster)
    teachers["acquaintance"] = spec.acquaintance
    start(children, teachers, liking, scenario.values(), draws.start)
    return Drawn(tuple(row.name for row in rows), children, teachers, liking, affinity)


def draw_teachers(spec: TeacherSpec, seed: int, numbers: Sequence[int]) -> Records:
    """Teachers, shape (c,): what the scenario gives, the rest drawn from the population."""
    luck = np.array([normals(generator(seed, number, Stream.TEACHER), TEACHER_DRAWS) for number in numbers])
    teachers = np.zeros(len(numbers), dtype=TEACHER_DTYPE)
    fill_teachers(teachers, spec, luck)
    return teachers


def fill_teachers(teachers: Records, spec: TeacherSpec, luck: Records) -> None:
    """Traits of teachers; `luck` has shape (c, `TEACHER_DRAWS`)."""
    for column, (name, marginal) in enumerate(TEACHER_MARGINALS.items()):
        given = getattr(spec, name)
        teachers[name] = marginal.at(luck[:, column]) if given is None else given
    drawn_pace = [exponential(PACE_SPREAD * (z - 0.5 * PACE_SPREAD)) for z in luck[:, -1].tolist()]
    teachers["pace"] = np.minimum(drawn_pace, FASTEST) if spec.pace is None else spec.pace


def draw_sexes(rows: Sequence[ChildRow], spec: ClassSpec, order: Records) -> Records:
    """Sex of every child, 1 for a boy: as listed; the others so that each class has its share of boys."""
    boys = np.array([row.sex == "boy" for row in rows])
    open_ = np.array([row.sex is None for row in rows])
    missing = round(spec.boys * len(rows)) - int(boys.sum())
    rank = np.where(open_, order, 2.0).argsort(axis=1).argsort(axis=1)
    return np.where(open_, rank < missing, boys).astype(float)


def draw_variables(
    children: Records, teachers: Records, rows: Sequence[ChildRow], spec: ClassSpec, draws: Draws
) -> None:
    """`VARIABLES` of every child, given what its row tells and who the teacher is; fills `children`."""
    mean = expected(children, teachers)
    for name in SHIFTED:
        mean[:, :, VARIABLES.index(name)] += spec.problem_behaviour
    weights, _ = residuals()  # such children have such relationships: they suit their teacher no better and no worse
    shifted = [ALONE.index(VARIABLES.index(name)) for name in SHIFTED]
    mean[:, :, PAIR] += spec.problem_behaviour * total(weights[shifted], 0)
    values, z = np.full(mean.shape, np.nan), np.zeros(mean.shape)
    for i, row in enumerate(rows):
        for name, value in known_values(row, draws.symptoms[:, :, i]).items():
            entry = VARIABLES.index(name)
            values[:, i, entry] = value
            z[:, i, entry] = MARGINALS[name].place(value)
    known = ~np.isnan(values[0])
    for mask in np.unique(known, axis=0):
        alike = (known == mask).all(axis=1)
        on_known, on_luck = conditional_on(tuple(mask))
        surprise = np.where(mask, z[:, alike] - mean[:, alike], 0.0)
        drawn = mean[:, alike] + product(surprise, on_known.T) + product(draws.child[:, alike], on_luck.T)
        z[:, alike] = np.where(mask, z[:, alike], drawn)
    for entry, name in enumerate(VARIABLES):
        drawn = MARGINALS[name].at(z[:, :, entry])
        children[name] = np.where(known[:, entry], values[:, :, entry], drawn)


def expected(children: Records, teachers: Records) -> Records:
    """Means of `VARIABLES` for children of this sex and age with this teacher, shape (c, n, variables)."""
    support = TEACHER_MARGINALS["emotional_support"].place(teachers["emotional_support"])
    mean = MEAN_OF_BOYS * (2.0 * children["sex"][:, :, None] - 1.0)
    for name, correlation in SUPPORT_CORRELATIONS.items():
        mean[:, :, VARIABLES.index(name)] += correlation * support[:, None]
    mean[:, :, VARIABLES.index("self_regulation")] += AGE_SLOPE * (children["age"] - MEAN_AGE)
    return mean


def known_values(row: ChildRow, luck: Records) -> dict[str, Records | float]:
    """What a class list tells of a child, in the units of the state; an SDQ score leaves room within it.

    `luck` has shape (c, 2).
    """
    told: dict[str, Records | float | None] = {
        "security": row.attachment_security,
        "ses_risk": row.ses_risk,
        "ability": row.ability,
        "self_regulation": row.self_regulation,
        "closeness": None if row.closeness is None else from_item_mean(row.closeness),
        "conflict": None if row.conflict is None else from_item_mean(row.conflict),
        "dependency": None if row.dependency is None else from_item_mean(row.dependency),
        "aggression": None if row.aggression is None else from_item_mean(row.aggression),
    }
    if told["aggression"] is None and row.sdq_conduct is not None:
        told["aggression"] = levels_of(row.sdq_conduct, luck[:, 0])
    if told["self_regulation"] is None and row.sdq_hyperactivity is not None:
        told["self_regulation"] = 1.0 - levels_of(row.sdq_hyperactivity, luck[:, 1])
    return {name: value for name, value in told.items() if value is not None}


def levels_of(score: float, luck: Records) -> Records:
    """Levels that round to an SDQ score."""
    return np.array([from_symptoms(score - 0.5 + place) for place in luck])


@cache
def conditional_on(known: tuple[bool, ...]) -> tuple[Records, Records]:
    """How what is known of a normal vector with correlations `WITHIN` moves the rest, and how luck does.

    Two matrices, shape (v, v); rows of what is known are 0.
    """
    given, rest = np.flatnonzero(known), np.flatnonzero(np.logical_not(known))
    on_known, on_luck = np.zeros(WITHIN.shape), np.zeros(WITHIN.shape)
    on_known[np.ix_(rest, given)], on_luck[np.ix_(rest, rest)] = regressed(rest, given)
    return on_known, on_luck


def regressed(on: Records | list[int], given: Records | list[int]) -> tuple[Records, Records]:
    """Regression of some of `VARIABLES`, by number, on others.

    Weights, shape (on, given), and the lower triangle that makes what is left of independent normal numbers, shape
    (on, on).
    """
    k = len(given)
    triangle = cholesky(WITHIN[np.ix_([*given, *on], [*given, *on])])
    weights = triangle[k:, :k].copy()
    for i in reversed(range(k)):
        weights[:, i] /= triangle[i, i]
        weights[:, :i] -= weights[:, i, None] * triangle[i, :i]
    return weights, triangle[k:, k:]


def cholesky(matrix: Records) -> Records:
    """Lower triangle whose product with itself turned over is `matrix`; in one order on every computer."""
    left, triangle = matrix.copy(), np.zeros_like(matrix)
    for i in range(len(matrix)):
        triangle[i:, i] = left[i:, i] / np.sqrt(left[i, i])
        left[i:, i:] -= triangle[i:, i, None] * triangle[i:, i]
    return triangle


def product(rows: Records, matrix: Records) -> Records:
    """``rows @ matrix``, added up in one order on every computer."""
    found = np.zeros((*rows.shape[:-1], matrix.shape[1]))
    for i, weights in enumerate(matrix):
        if weights.any():
            found += rows[..., i, None] * weights
    return found


def total(values: Records, axis: int) -> Records:
    """Sum along one axis, added up in one order on every computer."""
    found: Records = np.add.accumulate(values, axis=axis).take(-1, axis)
    return found


def rapport_and_mismatch(children: Records, teachers: Records) -> tuple[Records, Records]:
    """How well child and teacher suit each other, shape (c, n): rapport, mismatch.

    That part of closeness and conflict on the first day which nothing tells that is known of the child alone; it is
    spread as closeness and conflict are. Supportive teachers suit more children.
    """
    z = np.stack([MARGINALS[name].place(children[name]) for name in VARIABLES], axis=2) - expected(children, teachers)
    support = TEACHER_MARGINALS["emotional_support"].place(teachers["emotional_support"])[:, None]
    weights, spread = residuals()
    left = (z[:, :, PAIR] - product(z[:, :, ALONE], weights)) / spread
    suits = []
    for place, name in enumerate(PAIR_NAMES):
        shared = SUPPORT_CORRELATIONS[name]
        suits.append(MARGINALS[name].at(np.sqrt(1.0 - shared * shared) * left[:, :, place] + shared * support))
    return suits[0], suits[1]


SHIFTED = ("externalizing", "aggression")
"""Variables that `ClassSpec.problem_behaviour` raises in all children of a class."""
PAIR_NAMES = ("closeness", "conflict")
PAIR = [VARIABLES.index(name) for name in PAIR_NAMES]
ALONE = [VARIABLES.index(name) for name in VARIABLES if name not in {*PAIR_NAMES, "dependency"}]
"""Variables of a relationship, and of a child alone."""


@cache
def residuals() -> tuple[Records, Records]:
    """Regression of the variables of a relationship on those of the child: weights, and spread of what is left."""
    weights, triangle = regressed(PAIR, ALONE)
    return weights.T, np.sqrt(total(triangle * triangle, 1))


def draw_liking(
    children: Records, ties: Records, pairs: Records, roster: ClassList | None = None
) -> tuple[Records, Records]:
    """How much each child likes each other on the first day, and in the long run; nominations are honoured in both.

    Two arrays of shape (c, n, n): class, who is liked, who likes. What of it lies in a child is in `ties`, shape
    (c, 4, n), luck between two in `pairs`, shape (c, 2, n, n); see `Draws`.
    """
    a, n = AFFINITIES, children.shape[1]
    aggression = children["aggression"] - total(children["aggression"], 1)[:, None] / n
    aggression /= np.maximum(np.sqrt(total(aggression * aggression, 1)[:, None] / n), NONE)
    popularity = a.popularity * ties[:, 0] + a.aggression * aggression
    activity = a.activity * ties[:, 1]
    across, along = (ties[:, axis, :, None] - ties[:, axis, None, :] for axis in (2, 3))
    pair = np.triu(pairs[:, 0], 1)
    same = children["sex"][:, :, None] == children["sex"][:, None, :]
    x = (
        a.level
        + popularity[:, :, None]
        + activity[:, None, :]
        + a.same_sex * np.where(same, 1.0, -1.0)
        - a.interests * (np.sqrt(across * across + along * along) - MEAN_DISTANCE)
    )
    luck = a.pair * (pair + pair.swapaxes(1, 2)) + a.one_sided * pairs[:, 1]
    found = []
    for of_luck in (1.0, a.lasting):
        drawn = x + of_luck * luck
        liking = bounded(drawn if roster is None else honour_nominations(drawn, roster))
        liking[:, np.arange(n), np.arange(n)] = 0.0
        found.append(liking)
    return found[0], found[1]


MEAN_DISTANCE = float(np.sqrt(np.pi))
"""Mean distance of two points drawn from a standard normal distribution in the plane."""


def unbounded(tone: float) -> float:
    """Inverse of `dynamics.bounded`."""
    return tone / float(np.sqrt(1.0 - tone * tone))


def bounded(x: Records) -> Records:
    """`dynamics.bounded` for arrays."""
    return x / np.sqrt(1.0 + x * x)


def honour_nominations(x: Records, roster: ClassList) -> Records:
    """Affinities folded to the side of the thresholds on which the nominations of the class list put them."""
    number = {row.name: i for i, row in enumerate(roster.children)}
    most, least = unbounded(LIKED_MOST), unbounded(LIKED_LEAST)
    named = {kind: np.zeros(x.shape[1:], bool) for kind in ("like", "dislike")}
    for tie in roster.nominations:
        named[tie.kind][number[tie.whom], number[tie.who]] = True
    chooses = {kind: np.array(ties.any(axis=0)) for kind, ties in named.items()}
    for who, kind in roster.silent:
        chooses[kind][number[who]] = True
    low = np.where(chooses["dislike"], least, -np.inf)
    high = np.where(chooses["like"], most, np.inf)
    liked, disliked = most + np.abs(x - most), least - np.abs(x - least)
    return np.where(named["like"], liked, np.where(named["dislike"], disliked, fold(x, low, high)))


def fold(x: Records, low: Records, high: Records) -> Records:
    """`x` mirrored at the bounds, as often as it takes to lie between them; a bound may be infinite."""
    while True:
        under, over = x < low, x > high
        if not (under | over).any():
            return x
        x = np.where(under, 2.0 * low - x, np.where(over, 2.0 * high - x, x))


def decompose(children: Records, p: Parameters) -> None:
    """What the aggression of the first day comes from: goodwill, habit with this teacher, and the child's liability.

    Goodwill is that of a child which feels so safe, as far as it leaves room for that aggression; habit makes half of
    the readiness at most.
    """
    shown, restraint, weight = children["aggression"], p["goodwill_restraint"], p["habit_weight"]
    children["goodwill"] = np.minimum(
        GOODWILL * (1.0 + children["felt_security"]) / 2.0, (1.0 - shown) / max(restraint, NONE)
    )
    ready = np.minimum(shown / np.maximum(1.0 - restraint * children["goodwill"], NONE), 1.0)
    learned = np.minimum(weight * p["habit_rest"] * children["mismatch"], ready / 2.0)
    children["habit"] = np.minimum(learned / max(weight, NONE), 1.0)
    children["liability"] = (ready - learned) / (1.0 - learned)


def show(children: Records, p: Parameters) -> None:
    """Aggression follows from liability, habit and goodwill; `sim.dynamics.show` for arrays."""
    learned = p["habit_weight"] * children["habit"]
    readiness = children["liability"] + learned * (1.0 - children["liability"])
    children["aggression"] = readiness * (1.0 - p["goodwill_restraint"] * children["goodwill"])


def start(children: Records, teachers: Records, liking: Records, p: Parameters, noise: Records) -> None:
    """States that no list tells: what this child and this teacher would have come to expect of each other, and learned.

    `noise` has shape (c, 4, n).
    """
    closeness, conflict = children["closeness"], children["conflict"]
    children["rapport"], children["mismatch"] = rapport_and_mismatch(children, teachers)
    children["effortful_control"] = children["self_regulation"]
    relation = closeness - conflict
    expected = relation + children["security"] - p["felt_security_rest"] - 0.5
    children["felt_security"] = bounded(expected + 0.2 * noise[:, 0])
    children["representation"] = bounded(1.5 * relation - 0.5 + 0.2 * noise[:, 1])
    decompose(children, p)
    children["perceived_control"] = teachers["self_efficacy"][:, None] * (1.0 - conflict)
    esteem = 2.0 * p["self_global_rest"] * children["security"] - 1.0 + 0.3 * noise[:, 2]
    children["self_global"] = 0.5 * (1.0 + bounded(esteem))
    accepted = 0.5 * (1.0 + total(liking, 2) / max(liking.shape[1] - 1, 1))
    children["self_social"] = 0.5 * (1.0 + bounded(p["self_social_comparison"] * (2.0 * accepted - 1.0)))
    children["norms"] = 0.5 * closeness * (1.0 - children["aggression"])
    children["stress"] = p["child_stress_rest"] * (1.0 - children["security"])
    children["achievement"] = (
        p["achieve_ability"] * children["ability"]
        - p["achieve_ses_risk"] * (children["ses_risk"] - 0.5)
        + 0.4 * noise[:, 3]
    )
    children["self_academic"] = 0.5 * (1.0 + bounded(children["achievement"] + ENCOURAGED))
    children["autonomy"], children["structure"] = AUTONOMY, STRUCTURE
    weights = {
        "engage_relation": 0.5 * (1.0 + relation),
        "engage_acceptance": accepted,
        "engage_guidance": AUTONOMY * STRUCTURE,
        "engage_self": children["self_academic"],
        "engage_regulation": children["self_regulation"],
    }
    engaging = sum(p[name] * values for name, values in weights.items())
    engaging = engaging / max(sum(p[name] for name in weights), NONE)
    children["engagement"] = engaging * (1.0 - p["engage_age"] * (children["age"] - YOUNGEST))
    teachers["stress"] = p["teacher_stress_rest"] * teachers["strain"]
