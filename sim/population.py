"""Who is in a class: drawn from a population, or read from a class list and completed *given what is known*.

Traits and starting states of a child are drawn together: a normal vector with the correlations below, bent to
the marginal distribution of each variable (a Gaussian copula). What a class list tells is a condition on that
vector, so that the rest is drawn from the children who look like this. How closeness, conflict and aggression
go together on the first day is part of the population; how they change is left to the dynamics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from sim import scales
from sim.calendar import Calendar
from sim.dynamics import bounded
from sim.luck import Stream, generator
from sim.parameters import Parameters
from sim.peers import LIKED_LEAST, LIKED_MOST, acceptance_of_all
from sim.state import CHILD_DTYPE, TEACHER_DTYPE, ClassState, Records

if TYPE_CHECKING:
    from sim.classlist import ChildRow, ClassList
    from sim.scenario import ClassSpec, TeacherSpec

__all__ = ["draw_class", "draw_teacher"]


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

    def quantile(self, z: Records) -> Records:
        """Values at the places `z` of a standard normal variable."""
        if self.alpha is None or self.beta is None:
            return z
        share = special.ndtr(-z if self.mirrored else z)
        value: Records = special.betaincinv(self.alpha, self.beta, share)
        return 1.0 - value if self.mirrored else value

    def place(self, value: float) -> float:
        """Inverse of `quantile`; the ends of the scale are taken as just inside it."""
        if self.alpha is None or self.beta is None:
            return value
        inside = min(max(1.0 - value if self.mirrored else value, EDGE), 1.0 - EDGE)
        z = float(special.ndtri(special.betainc(self.alpha, self.beta, inside)))
        z = min(max(z, -FARTHEST), FARTHEST)
        return -z if self.mirrored else z


EDGE = 1e-3
FARTHEST = 3.5

# Aggression and self-regulation: such that binomial SDQ scores (see sim.scales) have the published means,
# standard deviations and percentiles of boys and of girls. Closeness, conflict, dependency: STRS item means
# and standard deviations, the latter without measurement error (reliability .88; dependency .7).
MARGINALS: dict[str, Marginal] = {
    "externalizing": Marginal(1.3, 3.6, boys=0.25),
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

# Correlations of the normal variables on the first day, within one sex.
CORRELATIONS: dict[tuple[str, str], float] = {
    ("externalizing", "aggression"): 0.75,
    ("externalizing", "self_regulation"): -0.50,
    ("externalizing", "conflict"): 0.50,
    ("externalizing", "closeness"): -0.20,
    ("externalizing", "security"): -0.25,
    ("externalizing", "ses_risk"): 0.20,
    ("externalizing", "ability"): -0.15,
    ("externalizing", "dependency"): 0.15,
    ("aggression", "self_regulation"): -0.50,
    ("aggression", "conflict"): 0.65,
    ("aggression", "closeness"): -0.25,
    ("aggression", "security"): -0.25,
    ("aggression", "ses_risk"): 0.15,
    ("aggression", "ability"): -0.15,
    ("aggression", "dependency"): 0.20,
    ("self_regulation", "conflict"): -0.40,
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
}
PACE_SPREAD = 0.45
"""Spread (sd of the logarithm) between classes of what lasts of the differences in contacts (R1)."""

YOUNGEST, OLDEST = 3.0, 13.0
MEAN_AGE, AGE_SLOPE = 7.0, 0.1
"""Self-regulation rises by `AGE_SLOPE` standard deviations a year; `MEAN_AGE` is that of the children of A2."""
VISIBILITY_BOYS = 0.06
"""How far boys lie above, and girls below, the mean visibility (R1: boys have more contacts)."""
VISIBILITY_SHAPE = 4.5
"""Shape of the gamma distribution of visibility (R1: contacts of one class are negative binomial, size 3.7)."""


@dataclass(frozen=True)
class Affinities:
    """How liking between children on the first day comes about; fitted to playmate nominations (N1)."""

    level: float = 0.111
    popularity: float = 0.084
    aggression: float = -0.092
    activity: float = 0.074
    same_sex: float = 0.16
    interests: float = 0.165
    pair: float = 0.112
    one_sided: float = 0.143


AFFINITIES = Affinities()


def correlation_matrix() -> Records:
    """Correlations of `VARIABLES`, shape (v, v)."""
    matrix = np.eye(len(VARIABLES))
    for (a, b), value in CORRELATIONS.items():
        i, j = VARIABLES.index(a), VARIABLES.index(b)
        matrix[i, j] = matrix[j, i] = value
    return matrix


CORRELATION = correlation_matrix()


def draw_teacher(spec: TeacherSpec, seed: int, number: int) -> Records:
    """One teacher record, shape (1,): what the scenario gives, the rest drawn from the population."""
    luck = generator(seed, number, Stream.TEACHER)
    teacher = np.zeros(1, dtype=TEACHER_DTYPE)
    for name, marginal in TEACHER_MARGINALS.items():
        drawn = float(marginal.quantile(np.asarray(luck.standard_normal())))
        given = getattr(spec, name)
        teacher[name] = drawn if given is None else given
    drawn_pace = float(np.exp(PACE_SPREAD * luck.standard_normal() - 0.5 * PACE_SPREAD**2))
    teacher["pace"] = min(drawn_pace, 5.0) if spec.pace is None else spec.pace
    return teacher


def draw_class(
    spec: ClassSpec,
    teacher_spec: TeacherSpec,
    parameters: Parameters,
    calendar: Calendar,
    *,
    seed: int,
    number: int = 0,
) -> ClassState:
    """The class on the evening before the first school day.

    Parameters
    ----------
    spec
        The class: a class list, or size, grade and composition.
    teacher_spec
        The teacher; what it leaves open is drawn.
    parameters, calendar
        What the class will run on.
    seed, number
        Address of the luck that decides who is in the class.
    """
    luck = generator(seed, number, Stream.POPULATION)
    teacher = draw_teacher(teacher_spec, seed, number)
    rows = spec.rows()
    n = len(rows)
    children = np.zeros(n, dtype=CHILD_DTYPE)
    draw_sexes(children, rows, spec, luck)
    support = TEACHER_MARGINALS["emotional_support"].place(float(teacher["emotional_support"][0]))
    for i, row in enumerate(rows):
        draw_child(children, i, row, spec, support, luck)
    affinity = draw_affinities(children, spec.roster, luck)
    start(children, teacher, affinity, parameters, luck)
    return ClassState(
        names=tuple(row.name for row in rows),
        children=children,
        teacher=teacher,
        liking=affinity.copy(order="K"),
        affinity=affinity,
        parameters=parameters,
        calendar=calendar,
        seed=seed,
        number=number,
    )


def draw_sexes(children: Records, rows: Sequence[ChildRow], spec: ClassSpec, luck: np.random.Generator) -> None:
    """Sex of every child: as listed; the others so that the class has its share of boys."""
    order = luck.permutation(len(rows))
    boys = round(spec.boys * len(rows)) - sum(row.sex == "boy" for row in rows)
    for i in order:
        if rows[i].sex is None:
            children["sex"][i] = 1.0 if boys > 0 else 0.0
            boys -= 1
        else:
            children["sex"][i] = 1.0 if rows[i].sex == "boy" else 0.0


def draw_child(
    children: Records, i: int, row: ChildRow, spec: ClassSpec, support: float, luck: np.random.Generator
) -> None:
    """Traits and starting states of one child, given what `row` tells; `support` is the teacher's, as a z-score."""
    girl_or_boy = 2.0 * children["sex"][i] - 1.0
    mean = np.array([marginal.boys * girl_or_boy for marginal in MARGINALS.values()])
    for name, correlation in SUPPORT_CORRELATIONS.items():
        mean[VARIABLES.index(name)] += correlation * support
    for name in ("externalizing", "aggression"):
        mean[VARIABLES.index(name)] += spec.problem_behaviour
    drawn_age = min(max(spec.mean_age + luck.uniform(-0.5, 0.5), YOUNGEST), OLDEST)
    children["age"][i] = drawn_age if row.age is None else row.age
    mean[VARIABLES.index("self_regulation")] += AGE_SLOPE * (float(children["age"][i]) - MEAN_AGE)
    share = np.array(
        [1.0 - marginal.boys**2 - SUPPORT_CORRELATIONS.get(name, 0.0) ** 2 for name, marginal in MARGINALS.items()]
    )
    covariance = CORRELATION * np.sqrt(np.outer(share, share))
    values = known_values(row, luck)
    known = {VARIABLES.index(name): MARGINALS[name].place(value) for name, value in values.items()}
    z = conditional_normal(mean, covariance, known, luck.standard_normal(len(VARIABLES)))
    for name, place in zip(VARIABLES, z, strict=True):
        children[name][i] = values[name] if name in values else MARGINALS[name].quantile(np.asarray(place))
    seen = (1.0 + VISIBILITY_BOYS * girl_or_boy) * luck.gamma(VISIBILITY_SHAPE) / VISIBILITY_SHAPE
    children["visibility"][i] = min(seen, 6.0)


def known_values(row: ChildRow, luck: np.random.Generator) -> dict[str, float]:
    """What a class list tells of a child, in the units of the state; an SDQ score leaves room within it."""
    told = {
        "security": row.attachment_security,
        "ses_risk": row.ses_risk,
        "ability": row.ability,
        "self_regulation": row.self_regulation,
        "closeness": None if row.closeness is None else scales.from_item_mean(row.closeness),
        "conflict": None if row.conflict is None else scales.from_item_mean(row.conflict),
        "dependency": None if row.dependency is None else scales.from_item_mean(row.dependency),
        "aggression": None if row.aggression is None else scales.from_item_mean(row.aggression),
    }
    conduct, hyperactivity = luck.random(2)
    if told["aggression"] is None and row.sdq_conduct is not None:
        told["aggression"] = scales.from_symptoms(row.sdq_conduct - 0.5 + conduct)
    if told["self_regulation"] is None and row.sdq_hyperactivity is not None:
        told["self_regulation"] = 1.0 - scales.from_symptoms(row.sdq_hyperactivity - 0.5 + hyperactivity)
    return {name: value for name, value in told.items() if value is not None}


def conditional_normal(mean: Records, covariance: Records, known: dict[int, float], luck: Records) -> Records:
    """A draw of a normal vector given that some of its entries are known."""
    if not known:
        return mean + np.linalg.cholesky(covariance) @ luck
    given = np.array(sorted(known))
    rest = np.setdiff1d(np.arange(mean.shape[0]), given)
    z = np.empty(mean.shape[0])
    z[given] = [known[entry] for entry in given]
    if rest.size:
        weights = np.linalg.solve(covariance[np.ix_(given, given)], covariance[np.ix_(given, rest)]).T
        left = covariance[np.ix_(rest, rest)] - weights @ covariance[np.ix_(given, rest)]
        z[rest] = mean[rest] + weights @ (z[given] - mean[given]) + np.linalg.cholesky(left) @ luck[rest]
    return z


def draw_affinities(children: Records, roster: ClassList | None, luck: np.random.Generator) -> Records:
    """How much each child likes each other on the first day, shape (n, n); nominations are honoured."""
    n, a = len(children), AFFINITIES
    aggression = (children["aggression"] - children["aggression"].mean()) / max(children["aggression"].std(), 1e-9)
    popularity = a.popularity * luck.standard_normal(n) + a.aggression * aggression
    activity = a.activity * luck.standard_normal(n)
    places = luck.standard_normal((n, 2))
    distance = np.sqrt(np.square(places[:, None, :] - places[None, :, :]).sum(axis=2))
    pair = luck.standard_normal((n, n))
    pair = np.triu(pair, 1) + np.triu(pair, 1).T
    same = children["sex"][:, None] == children["sex"][None, :]
    x = (
        a.level
        + popularity[None, :]
        + activity[:, None]
        + a.same_sex * np.where(same, 1.0, -1.0)
        - a.interests * (distance - MEAN_DISTANCE)
        + a.pair * pair
        + a.one_sided * luck.standard_normal((n, n))
    )
    if roster is not None:
        honour(x, roster)
    affinity: Records = x / np.sqrt(1.0 + x * x)
    np.fill_diagonal(affinity, 0.0)
    return np.asfortranarray(affinity)


MEAN_DISTANCE = float(np.sqrt(np.pi))
"""Mean distance of two points drawn from a standard normal distribution in the plane."""


def unbounded(tone: float) -> float:
    """Inverse of `dynamics.bounded`."""
    return tone / float(np.sqrt(1.0 - tone * tone))


def honour(x: Records, roster: ClassList) -> None:
    """Fold affinities to the side of the thresholds on which the nominations of the class list put them."""
    number = {row.name: i for i, row in enumerate(roster.children)}
    most, least = unbounded(LIKED_MOST), unbounded(LIKED_LEAST)
    named = {(number[tie.who], number[tie.whom]): tie.kind for tie in roster.nominations}
    choosers = {kind: {i for (i, _), k in named.items() if k == kind} for kind in ("like", "dislike")}
    for i in range(x.shape[0]):
        for j in range(x.shape[0]):
            kind = named.get((i, j))
            if kind == "like":
                x[i, j] = most + abs(x[i, j] - most)
            elif kind == "dislike":
                x[i, j] = least - abs(x[i, j] - least)
            else:
                low = least if i in choosers["dislike"] else -np.inf
                high = most if i in choosers["like"] else np.inf
                x[i, j] = folded(x[i, j], low, high)


def folded(x: float, low: float, high: float) -> float:
    """`x` mirrored at the bounds, as often as it takes to lie between them; a bound may be infinite."""
    while not low <= x <= high:
        x = 2.0 * low - x if x < low else 2.0 * high - x
    return x


def start(children: Records, teacher: Records, affinity: Records, p: Parameters, luck: np.random.Generator) -> None:
    """States that no list tells: what this child and this teacher would have come to expect of each other."""
    n = len(children)
    noise = luck.standard_normal((n, 4))
    closeness, conflict = children["closeness"], children["conflict"]
    relation = closeness - conflict
    each = np.vectorize(bounded, otypes=[float])
    children["felt_security"] = each(
        relation + children["security"] - p["felt_security_rest"] - 0.5 + 0.2 * noise[:, 0]
    )
    children["representation"] = each(1.5 * relation - 0.5 + 0.2 * noise[:, 1])
    efficacy = float(teacher["self_efficacy"][0])
    children["perceived_control"] = efficacy * (1.0 - conflict)
    children["self_global"] = 0.5 * (
        1.0 + each(2.0 * p["self_global_rest"] * children["security"] - 1.0 + 0.3 * noise[:, 2])
    )
    accepted = acceptance_of_all(affinity)
    children["self_social"] = accepted
    children["norms"] = 0.5 * closeness * (1.0 - children["aggression"])
    children["stress"] = p["child_stress_rest"] * (1.0 - children["security"])
    children["achievement"] = (
        p["achieve_ability"] * children["ability"]
        - p["achieve_ses_risk"] * (children["ses_risk"] - 0.5)
        + 0.4 * noise[:, 3]
    )
    children["self_academic"] = 0.5 * (1.0 + each(children["achievement"]))
    weights = {
        "engage_relation": 0.5 * (1.0 + relation),
        "engage_acceptance": accepted,
        "engage_self": children["self_academic"],
        "engage_regulation": children["self_regulation"],
    }
    total = sum(p[name] for name in weights)
    children["engagement"] = sum(p[name] * values for name, values in weights.items()) / max(total, 1e-9)
    teacher["stress"] = p["teacher_stress_rest"] * teacher["strain"]
