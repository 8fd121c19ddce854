"""What somebody's own ratings tell: particles out of all plausible worlds, held against what was observed.

Many classes are drawn over all plausible worlds (`sim.worlds`), live through the year, and are rated as the real ones
were: by instruments with their published error, halo and leniency, and with as much missing. What they show is then
held against what was observed, by approximate Bayesian computation with regression adjustment (Beaumont, Zhang &
Balding 2002, *Genetics* 162:2025), which needs no likelihood:

- Every simulated child is a particle for every observed one. Those whose own ratings, and whose classmates' mean
  ratings, are most like the child's are kept (`NEAREST`), and a local linear regression moves their true course by
  what is left between their ratings and the child's. States are on a logit scale meanwhile, so that none leaves its
  bounds.
- Classmates' nominations are held against theirs like ratings: the share of those asked who name the child. They have
  no error but that not everybody was asked, in which simulated classes are like the real one.
- Parameters of the worlds, and traits of the teacher, are regressed on how classes are (`statistics`). Residuals are
  those of worlds that the regression has not seen, so that an interval is as wide as it must be, and what a parameter
  is told by is not what it would seem to be told by because there are few worlds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import Final, NamedTuple

import numpy as np

from sim.engine import years
from sim.engine.equations import in_force
from sim.engine.years import Classes
from sim.files.language import _
from sim.run import TOGETHER, cores, cut
from sim.scenario import Scenario
from sim.school_years import first_year
from sim.state import Records
from sim.studies.cohort import Scene, scene, together
from sim.studies.instruments import INSTRUMENTS, Liking, Occasion, Rating
from sim.studies.study import occasion
from sim.worlds import plausible

__all__ = [
    "CHANCE",
    "INTERVAL",
    "MEASURES",
    "NOMINATED",
    "PER_WORLD",
    "SHOWN",
    "TEACHER",
    "Ensemble",
    "Fit",
    "FitError",
    "Informed",
    "Sample",
    "draw_ensemble",
    "fit",
    "mean",
    "scale_of",
    "statistic_names",
    "statistics",
]

MEASURES: Final = ("closeness", "conflict", "dependency", "aggression", "conduct", "hyperactivity", "engagement")
"""Teacher's ratings that can be observed: instruments of `sim.studies.instruments`."""
NOMINATED: Final = ("liked_most", "liked_least")
"""Nominations by classmates that can be observed."""
SEEN: Final = {name: one for name, one in INSTRUMENTS.items() if isinstance(one, Rating | Liking)}
SHOWN: Final = ("closeness", "conflict", "aggression")
"""States that are told of each child, whether they were rated or not; what was rated is told besides."""
TEACHER: Final = ("emotional_support", "reflective_functioning", "self_efficacy", "strain", "autonomy_support")
"""Traits of the teacher of which it is asked what the ratings of the class tell."""
PER_WORLD: Final = 32
"""Classes that are simulated in each world, unless somebody asks for more."""
NEAREST: Final = 1000
"""Particles that are kept of each child."""
DRAWS: Final = 500
"""Courses that are drawn from them."""
REPEATS: Final = 8
"""Samples that are drawn in each world, each as large as the observed one."""
INTERVAL: Final = (0.05, 0.5, 0.95)
"""Quantiles of what is told: the ends of 90 % intervals, and the median."""
CHANCE: Final = 0.95
"""How often the parameter that seems to be told most by chance alone is told less than one that is called told."""
SHUFFLES: Final = 60
USUAL, THINNED = 200, 10
"""Particles of which it is looked how near their neighbours are, among one in so many."""
REMEMBERED: Final = 8
"""Patterns of missing ratings for which particles are remembered; each takes some megabytes."""
FEWEST, MOST = 2, 400
"""Classes of each world that may be asked for."""
RIDGES: Final = (0.003, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, np.inf)
"""Penalties of the regression of parameters, relative to the number of worlds; the last leaves the mean."""
LOCAL_RIDGE: Final = 1e-3
"""Penalty of the local regressions, which keeps them solvable where hardly anything varies."""
EDGE, ANSWER = 1e-3, 1e-2
"""How near to the ends of a scale the logit of a state, and of a rating, is taken."""
BEYOND: Final = 0.025
"""How far beyond its ends the scale of shares of classmates goes for logits: half a classmate in a class of 20."""
MOST_ALIKE: Final = 0.98
FLATTEST: Final = 0.02
"""Bounds of a correlation and a standard deviation (in points), so that their transformed values stay finite."""
SMALLEST: Final = 15
"""Children in a simulated class, at least: of the real one perhaps not all take part."""


class FitError(Exception):
    """Data that cannot be fitted; the message says why."""


@dataclass(frozen=True)
class Sample:
    """What was observed.

    Attributes
    ----------
    names, groups
        Of each child, and of its class, shape (children,).
    sexes
        1 boy, 0 girl, not a number where that is not known; shape (children,).
    weeks
        School weeks at whose end it was rated, in order.
    measures
        Of `MEASURES` and `NOMINATED`.
    scores
        On the scale of the instruments, shape (children, weeks, measures); not a number where one is missing.
    asked
        How many children of a class were asked whom they name, shape (weeks, measures); not a number where that is all,
        and for ratings. None: for all.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    sexes: Records
    weeks: tuple[int, ...]
    measures: tuple[str, ...]
    scores: Records
    asked: Records | None = None

    @property
    def classes(self) -> dict[str, Records]:
        """Numbers of the children of each class."""
        groups = np.array(self.groups)
        return {name: np.flatnonzero(groups == name) for name in dict.fromkeys(self.groups)}

    @property
    def largest(self) -> int:
        """How many children the largest class has."""
        return max(map(len, self.classes.values()))


@dataclass(frozen=True)
class Ensemble:
    """Simulated classes of all worlds: c classes of n children.

    Attributes
    ----------
    scenario
        What the classes were drawn from.
    weeks, measures
        When they were rated, and on what.
    worlds
        Numbers of the worlds; each has as many classes as any other, one world after the other.
    teachers
        `TEACHER` and, last, the leniency with which she rates (z), shape (c, traits).
    boys
        Whether each child is a boy, shape (c, n).
    told
        Names of `courses`: the measures, and what else of `SHOWN`.
    courses
        True scores at the end of each week, shape (c, n, weeks + 1, told).
    scores, again
        Ratings with their error, and the same once more with another error: shape (c, n, weeks, measures).
    """

    scenario: Scenario
    weeks: tuple[int, ...]
    measures: tuple[str, ...]
    worlds: tuple[int, ...]
    teachers: Records
    boys: Records
    told: tuple[str, ...]
    courses: Records
    scores: Records
    again: Records

    @property
    def per_world(self) -> int:
        """Classes of each world."""
        return len(self.scores) // len(self.worlds)


@dataclass(frozen=True)
class Informed:
    """What a sample tells of parameters, or of traits.

    Attributes
    ----------
    names
        What they are called.
    before, after
        `INTERVAL` of each before and after anything was observed, shape (3, parameters).
    contraction
        Share of the variance that is gone, shape (parameters,); at least 0.
    by_chance
        What the most told of as many parameters would seem to be told by chance, at most in one of twenty cases.
    """

    names: tuple[str, ...]
    before: Records
    after: Records
    contraction: Records
    by_chance: float


@dataclass(frozen=True)
class Fit:
    """A sample, and what it tells.

    Attributes
    ----------
    sample, ensemble
        What was observed, and what it was held against.
    courses
        True scores of each child by the `INTERVAL`, shape (children, 3, weeks + 1, told).
    means
        True mean of the classes by the `INTERVAL`, shape (3, weeks + 1, told).
    replicates
        Ratings that such children would get once more, shape (draws, children, weeks, measures).
    alike
        Effective number of particles behind each child, shape (children,).
    strange
        Share of simulated children who have others as near as the child has, shape (children,): about 0 where the
        model knows no such child.
    parameters
        Of the worlds.
    teachers
        By the name of a class, its teacher.
    observed
        Statistics of the sample, shape (statistics,); see `statistics`.
    expected
        Of samples like it in all worlds, shape (samples, statistics).
    replicated
        Of the replicates, shape (draws, statistics).
    """

    sample: Sample
    ensemble: Ensemble
    courses: Records = field(repr=False)
    means: Records = field(repr=False)
    replicates: Records = field(repr=False)
    alike: Records = field(repr=False)
    strange: Records = field(repr=False)
    parameters: Informed = field(repr=False)
    teachers: Mapping[str, Informed] = field(repr=False)
    observed: Records = field(repr=False)
    expected: Records = field(repr=False)
    replicated: Records = field(repr=False)


# --- The ensemble ------------------------------------------------------------------------------------------


def draw_ensemble(
    scenario: Scenario,
    weeks: Sequence[int],
    measures: Sequence[str],
    per_world: int = PER_WORLD,
    worlds: Sequence[int] | None = None,
    progress: Callable[[int], object] = lambda _done: None,
    asked: Records | None = None,
) -> Ensemble:
    """Let classes of all plausible worlds live through a year, and rate their children.

    Parameters
    ----------
    scenario
        The classes: how many children, how old, its calendar and seed; its interventions are not carried out.
    weeks
        School weeks at whose end the children are rated; 0 is the evening before the first day.
    measures
        Of `MEASURES` and `NOMINATED`.
    per_world
        Classes of each world; no two in the ensemble have the same luck.
    worlds
        Numbers of worlds; all by default.
    progress
        Told how many worlds are done.
    asked
        As of a `Sample`.

    Raises
    ------
    FitError
        For weeks or numbers of classes that cannot be.
    """
    if any(not 0 <= week <= scenario.weeks for week in weeks) or list(weeks) != sorted(set(weeks)):
        message = _("weeks: found {found}; allowed are school weeks of 0 to {last}, each later than the one before")
        raise FitError(message.format(found=", ".join(map(str, weeks)), last=scenario.weeks))
    if not FEWEST <= per_world <= MOST:
        message = _("classes: found {found}; allowed is {low} to {high}")
        raise FitError(message.format(found=per_world, low=FEWEST, high=MOST))
    plain = scenario.changed(interventions=(), follow=None)
    chosen = tuple(range(len(plausible())) if worlds is None else worlds)
    counts = np.full((len(weeks), len(measures)), np.nan) if asked is None else asked

    def lived(world: int) -> list[Records]:
        return rated(plain.changed(world=world), world, per_world, weeks, measures, counts)

    parts = []
    first = lived(chosen[0])  # equations that are not compiled yet are compiled by one thread alone
    with ThreadPoolExecutor(cores()) as threads:
        for part in chain([first], threads.map(lived, chosen[1:])):
            parts.append(part)
            progress(len(parts))
    teachers, boys, courses, scores, again = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    told = told_of(measures)
    return Ensemble(plain, tuple(weeks), tuple(measures), chosen, teachers, boys, told, courses, scores, again)


def told_of(measures: Sequence[str]) -> tuple[str, ...]:
    """What is told of each child: what was rated, and the rest of `SHOWN`."""
    return tuple(dict.fromkeys((*measures, *SHOWN)))


def instrument(measure: str) -> Rating | Liking:
    """The instrument of a measure."""
    return SEEN[measure]


def scale_of(measure: str) -> tuple[float, float]:
    """The lowest and the highest score of a measure."""
    one = instrument(measure)
    return (one.low, one.high) if isinstance(one, Rating) else (0.0, 1.0)


def truth(measure: str, at: Scene) -> Records:
    """True scores, shape (c, n): those that the state stands for, or the share of classmates who name a child."""
    one = instrument(measure)
    if isinstance(one, Rating):
        return one.truth(at)
    return share(one.named(at), np.ones(at.children.shape, dtype=bool))


def share(named: Records, who: Records) -> Records:
    """Share of classmates who name each child, shape (c, n), of those `who` are asked, in the same shape."""
    of_them = who[:, :, None] & ~np.eye(named.shape[1], dtype=bool)
    return np.asarray((named & of_them).sum(axis=1) / np.maximum(of_them.sum(axis=1), 1))


def rated(
    scenario: Scenario, world: int, count: int, weeks: Sequence[int], measures: Sequence[str], asked: Records
) -> list[Records]:
    """Classes of one world: teachers, boys, courses, scores and scores again, as in `Ensemble`."""
    told = told_of(measures)
    classes = first_year(scenario, range(world * count, (world + 1) * count), ())
    teachers = np.column_stack([classes.teachers[name] for name in TEACHER])
    boys = classes.children["sex"] == 1.0
    lived = [year(scenario, cut(classes, first, first + TOGETHER), weeks, told) for first in range(0, count, TOGETHER)]
    courses = np.concatenate([of_block for of_block, _scenes in lived])
    scenes = [together(blocks) for blocks in zip(*(scenes for _courses, scenes in lived), strict=True)]
    luck = np.random.default_rng([scenario.seed, world])
    leniency = luck.standard_normal(count)

    def ratings() -> Records:
        at = [occasion(evening, luck, leniency) for evening in scenes]
        scores = [
            np.stack([shown(name, one, count) for name, count in zip(measures, counts, strict=True)], axis=-1)
            for one, counts in zip(at, asked, strict=True)
        ]
        return np.stack(scores, axis=2).astype(np.float32)

    return [np.column_stack([teachers, leniency]), boys, courses.astype(np.float32), ratings(), ratings()]


def year(
    scenario: Scenario, classes: Classes, weeks: Sequence[int], told: Sequence[str]
) -> tuple[Records, list[Scene]]:
    """True scores at the end of each week, shape (c, n, weeks + 1, told), and how some of these evenings are."""
    calendar = scenario.calendar()
    days = [calendar.last_day(week) for week in range(scenario.weeks + 1)]
    evenings, _log = years.run(classes, days, liking=True, equations=in_force(scenario.mechanism))
    everybody = np.ones(classes.children.shape, dtype=bool)
    scenes = [scene(evenings, week, week, day, 0, everybody) for week, day in enumerate(days)]
    courses = np.stack([np.stack([truth(name, one) for name in told], axis=-1) for one in scenes], axis=2)
    return courses, [scenes[week] for week in weeks]


def shown(measure: str, at: Occasion, asked: float) -> Records:
    """Scores on an occasion, shape (c, n): ratings, or the share of classmates who name a child.

    Where not all, but so many of a class are asked whom they name, it is decided by lot who they are.
    """
    one = instrument(measure)
    if isinstance(one, Rating) or not asked < at.scene.children.shape[1]:
        return one.administer(at)[measure]
    named = one.named(at.scene)
    who = at.luck.random(named.shape[:2]).argsort(axis=1).argsort(axis=1) < asked
    return share(named, who)


# --- How classes are ---------------------------------------------------------------------------------------


def statistic_names(weeks: Sequence[int], measures: Sequence[str]) -> list[tuple[str, str]]:
    """Measure, and what is told of it, of each of `statistics`."""
    kinds = ("mean", "sd", "change", "stability") if len(weeks) > 1 else ("mean", "sd")
    names = [(measure, kind) for kind in kinds for measure in measures]
    return names + [(f"{left} {right}", "correlation") for left, right in combinations(measures, 2)]


def statistics(scores: Records) -> Records:
    """How classes are, of ratings of shape (classes, n, weeks, measures), of which some may be missing.

    Returns
    -------
    numpy.ndarray
        Shape (classes, statistics). Of each measure: the mean, the logarithm of the standard deviation between
        children, the change from the first to the last week in which there is any score, Fisher's z of the correlation
        of these; of each two measures Fisher's z of the correlation between children's means. Not a number where a
        class does not tell.
    """
    by_week, means = mean(scores, 1), mean(scores, 2)
    found = [mean(by_week, 1), np.log(np.maximum(mean(spread(scores), 1), FLATTEST))]
    weeks = scores.shape[2]
    if weeks > 1:
        there = np.isfinite(by_week)
        first, last = there.argmax(axis=1), weeks - 1 - there[:, ::-1].argmax(axis=1)
        begin, end = (np.take_along_axis(scores, at[:, None, None], axis=2)[:, :, 0] for at in (first, last))
        told = (mean(end, 1) - mean(begin, 1), correlation(begin, end))
        found += [np.where(first < last, values, np.nan) for values in told]
    pairs = np.array(list(combinations(range(scores.shape[3]), 2)), dtype=int).reshape(-1, 2)
    found.append(correlation(means[..., pairs[:, 0]], means[..., pairs[:, 1]]))
    return np.concatenate(found, axis=1)


def mean(values: Records, axis: int) -> Records:
    """The mean of what is there; not a number where nothing is."""
    there = np.isfinite(values)
    count = there.sum(axis=axis)
    total = np.where(there, values, 0.0).sum(axis=axis, dtype=float)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def spread(scores: Records) -> Records:
    """Standard deviations between children, shape (classes, weeks, measures)."""
    there = np.isfinite(scores)
    count = there.sum(axis=1)
    apart = np.where(there, scores - mean(scores, 1)[:, None], 0.0)
    return np.where(count > 1, np.sqrt((apart**2).sum(axis=1) / np.maximum(count - 1, 1)), np.nan)


def correlation(left: Records, right: Records) -> Records:
    """Fisher's z of the correlation over children, shape (classes, columns); of at least four of them."""
    both = np.isfinite(left) & np.isfinite(right)
    x, y = (np.where(both, side, np.nan) for side in (left, right))
    x, y = (np.where(both, side - mean(side, 1)[:, None], 0.0) for side in (x, y))
    product, size = (x * y).sum(axis=1), np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    r = np.divide(product, size, out=np.zeros_like(product), where=size > 0.0)
    return np.where(both.sum(axis=1) > 3, np.arctanh(np.clip(r, -MOST_ALIKE, MOST_ALIKE)), np.nan)


def as_missing(scores: Records, like: Records) -> Records:
    """Ratings of simulated classes, of which as much is missing as of a class with scores (n, weeks, measures)."""
    return np.where(np.isfinite(like), scores[:, : len(like)], np.nan)


# --- What the sample tells ---------------------------------------------------------------------------------


def fit(sample: Sample, ensemble: Ensemble, progress: Callable[[int], object] = lambda _done: None) -> Fit:
    """Hold a sample against the ensemble.

    Parameters
    ----------
    sample
        Its weeks and measures are those of the ensemble.
    ensemble
        See `draw_ensemble`.
    progress
        Told how many children are done.

    Raises
    ------
    FitError
        When the simulated classes are smaller than a class of the sample.
    """
    size = ensemble.boys.shape[1]
    if sample.largest > size:
        message = _("size: found {found}; allowed is {low} or more, as many as the largest class of the file has")
        raise FitError(message.format(found=size, low=sample.largest))
    classes = sample.classes
    of_class = {name: like_class(ensemble, sample.scores[who]) for name, who in classes.items()}
    seen = {name: statistics(sample.scores[who][None])[0] for name, who in classes.items()}
    observed = mean(np.stack(list(seen.values())), 0)
    of_classes = ensemble.courses.mean(axis=1, dtype=float)
    weeks, told = of_classes.shape[1:]
    flat = of_classes.reshape(len(of_classes), -1)
    expected, expected_means = samples_of_worlds(ensemble, list(of_class.values()), flat)
    values = plausible().points[list(ensemble.worlds)]
    parameters = informed(plausible().names, values, expected, observed, ensemble.scenario.seed)
    teachers = {
        name: informed(
            (*TEACHER, "leniency"),
            ensemble.teachers,
            of_class[name][None],
            seen[name],
            ensemble.scenario.seed,
        )
        for name in classes
    }
    courses, replicates, alike, strange = [], [], [], []
    for drawn, again, effective, unlike in of_children(sample, ensemble, progress):
        courses.append(np.quantile(drawn, INTERVAL, axis=0))
        replicates.append(again)
        alike.append(effective)
        strange.append(unlike)
    once_more = np.stack(replicates, axis=1)
    seen_again = [np.where(np.isfinite(sample.scores[who]), once_more[:, who], np.nan) for who in classes.values()]
    replicated = mean(np.stack([statistics(scores) for scores in seen_again]), 0)
    return Fit(
        sample,
        ensemble,
        np.stack(courses),
        true_means(expected, expected_means, observed).reshape(len(INTERVAL), weeks, told),
        once_more,
        np.array(alike),
        np.array(strange),
        parameters,
        teachers,
        observed,
        expected.reshape(-1, expected.shape[2]),
        replicated,
    )


def like_class(ensemble: Ensemble, scores: Records) -> Records:
    """Statistics of all simulated classes, of which as much is missing as of this one; a mean where one has none."""
    found = statistics(as_missing(ensemble.scores, scores))
    return np.where(np.isfinite(found), found, mean(found, 0))


def samples_of_worlds(ensemble: Ensemble, of_classes: Sequence[Records], means: Records) -> tuple[Records, Records]:
    """Samples of as many classes in each world, each a mean of its classes.

    Parameters
    ----------
    ensemble
        See `draw_ensemble`.
    of_classes
        Statistics of all simulated classes in the place of each class of the sample, shape (c, statistics).
    means
        Something else of all simulated classes, shape (c, columns).

    Returns
    -------
    statistics, means
        Of the samples: shape (repeats, worlds, statistics) and (repeats, worlds, columns).
    """
    luck = np.random.default_rng([ensemble.scenario.seed, len(of_classes)])
    order = luck.random((REPEATS, len(ensemble.worlds), ensemble.per_world)).argsort(axis=2)
    classes = order + np.arange(len(ensemble.worlds))[:, None] * ensemble.per_world
    places = [classes[..., place % ensemble.per_world] for place in range(len(of_classes))]
    found = mean(np.stack([known[place] for known, place in zip(of_classes, places, strict=True)]), 0)
    return found, np.asarray(np.mean([means[place] for place in places], axis=0))


def true_means(seen: Records, means: Records, observed: Records) -> Records:
    """True means by the `INTERVAL`, shape (3, columns), of a sample of which statistics were observed.

    Their regression on the statistics of simulated samples, with the residuals of samples that were left out.
    """
    z, observed = standardized(seen.reshape(-1, seen.shape[-1])[None], observed)
    flat = means.reshape(-1, means.shape[-1])
    middle = flat.mean(axis=0)
    residuals, predicted = left_out([decomposed(z[0])], flat - middle, observed)
    return np.asarray(middle + predicted + np.quantile(residuals, INTERVAL, axis=0))


def standardized(seen: Records, observed: Records) -> tuple[Records, Records]:
    """Statistics that vary and were observed, in standard deviations; shape (repeats, samples, some), and (some,)."""
    there = np.isfinite(observed) & np.isfinite(seen).all(axis=(0, 1)) & (seen.std(axis=(0, 1)) > 0.0)
    centre, scale = seen[..., there].mean(axis=(0, 1)), seen[..., there].std(axis=(0, 1))
    return (seen[..., there] - centre) / scale, (observed[there] - centre) / scale


def informed(names: Sequence[str], values: Records, seen: Records, observed: Records, seed: int) -> Informed:
    """What is told of parameters by statistics of samples.

    Parameters
    ----------
    names, values
        Parameters, and their values in each world, shape (worlds, parameters).
    seen
        Statistics of samples in the worlds, shape (repeats, worlds, statistics).
    observed
        Those of the real sample, shape (statistics,).
    seed
        For the luck of chance.
    """
    z, there_is = standardized(seen, observed)
    middle, spread_ = values.mean(axis=0), values.std(axis=0)
    standard = (values - middle) / np.where(spread_ > 0.0, spread_, 1.0)
    parts = [decomposed(one) for one in z]
    residuals, predicted = left_out(parts, standard, there_is)
    varies = spread_ > 0.0
    contraction = np.where(varies, np.maximum(1.0 - residuals.var(axis=0), 0.0), 0.0)
    luck = np.random.default_rng(seed)
    by_chance = [
        1.0 - left_out(parts[:1], luck.permutation(standard[:, varies]), there_is)[0].var(axis=0).min()
        for _shuffle in range(SHUFFLES if varies.any() else 0)
    ]
    after = middle + spread_ * (predicted + np.quantile(residuals, INTERVAL, axis=0))
    return Informed(
        tuple(names),
        np.quantile(values, INTERVAL, axis=0),
        np.clip(after, values.min(axis=0), values.max(axis=0)),
        contraction,
        max(float(np.quantile(by_chance or [0.0], CHANCE)), 0.0),
    )


def decomposed(z: Records) -> tuple[Records, Records, Records]:
    """Singular values and vectors of centred statistics, shape (worlds, statistics)."""
    u, s, v = np.linalg.svd(z - z.mean(axis=0), full_matrices=False)
    return u, s, v


def left_out(
    parts: Sequence[tuple[Records, Records, Records]], values: Records, observed: Records
) -> tuple[Records, Records]:
    """Regress parameters on statistics, each with the penalty that predicts worlds best that it has not seen.

    Returns
    -------
    residuals
        Of worlds that were left out, shape (repeats * worlds, parameters).
    predicted
        For what was observed, shape (parameters,).
    """
    count = len(values)
    found = []
    for ridge in RIDGES:
        residuals, predicted = [], []
        for u, s, v in parts:
            share = s**2 / (s**2 + ridge * count) if np.isfinite(ridge) else np.zeros_like(s)
            kept = (u * share) @ (u.T @ values)
            leverage = 1.0 / count + ((u**2) * share).sum(axis=1)
            residuals.append((values - kept) / (1.0 - leverage)[:, None])
            slopes = v.T @ (np.divide(share, s, out=np.zeros_like(s), where=s > 0.0)[:, None] * (u.T @ values))
            predicted.append(observed @ slopes)
        found.append((np.concatenate(residuals), np.mean(predicted, axis=0)))
    errors = np.stack([(residuals**2).mean(axis=0) for residuals, _predicted in found])
    best = errors.argmin(axis=0)
    columns = range(values.shape[1])
    return (
        np.column_stack([found[best[column]][0][:, column] for column in columns]),
        np.array([found[best[column]][1][column] for column in columns]),
    )


# --- What is known of each child ---------------------------------------------------------------------------


class Particles(NamedTuple):
    """Simulated children, p of them, in the eyes of one who was rated so often and has so many classmates.

    Attributes
    ----------
    features
        Own ratings, as logits, and means of classmates' ratings, of which those that are missing are left out, in
        standard deviations of the particles; shape (p, features).
    scale
        These standard deviations.
    usual
        How near some of the particles have others, in order; see `nearest`.
    """

    features: Records
    scale: Records
    usual: Records


def of_children(
    sample: Sample, ensemble: Ensemble, progress: Callable[[int], object]
) -> Iterator[tuple[Records, Records, float, float]]:
    """Of each child: draws of its course and of its ratings, effective number of particles, share of stranger ones."""
    boys = ensemble.boys.ravel()
    targets = targets_of(ensemble)
    classmates = {int(child): who[who != child] for who in sample.classes.values() for child in who}
    known: dict[bytes, Particles] = {}
    for child, own in enumerate(sample.scores):
        mates = sample.scores[classmates[child]]
        there, counts = np.isfinite(own), np.isfinite(mates).sum(axis=0)
        form = there.tobytes() + counts.tobytes()
        if form not in known:
            if len(known) == REMEMBERED:
                known.pop(next(iter(known)))
            known[form] = particles(ensemble, there, counts)
        among = known[form]
        features = features_of(own[None], mean(mates, 0)[None], there, counts, sample.measures)[0] / among.scale
        distances = np.linalg.norm(among.features - features, axis=1)
        strange = float((among.usual >= nearest(distances[::THINNED], 0)).mean())
        if np.isfinite(sample.sexes[child]):
            distances = np.where(boys == bool(sample.sexes[child]), distances, np.inf)
        last = min(NEAREST, int(np.isfinite(distances).sum()) - 1)
        near = np.argpartition(distances, last)[: last + 1]
        weights = 1.0 - (distances[near] / distances[near].max()) ** 2
        luck = np.random.default_rng([ensemble.scenario.seed, child])
        drawn = moved(np.asarray(among.features[near] - features, dtype=float), targets[near], weights, luck)
        yield *on_scales(drawn, ensemble), float(weights.sum() ** 2 / (weights**2).sum()), strange
        progress(child + 1)


def particles(ensemble: Ensemble, there: Records, counts: Records) -> Particles:
    """All simulated children, for a child with these ratings and so many classmates of whom there are ratings.

    Parameters
    ----------
    there
        Whether there is a rating, shape (weeks, measures).
    counts
        Of how many classmates there is one, in the same shape; each particle is given as many, who sit beside it, so
        that their means are as uncertain.
    """
    scores = ensemble.scores.astype(float)
    c, n, weeks, measures = scores.shape
    mates = np.full(scores.shape, np.nan)
    for week, measure in np.argwhere(counts > 0):
        mates[:, :, week, measure] = beside(scores[:, :, week, measure], counts[week, measure])
    shape = (c * n, weeks, measures)
    features = features_of(scores.reshape(shape), mates.reshape(shape), there, counts, ensemble.measures)
    scale = np.maximum(features.std(axis=0), EDGE)
    features = (features / scale).astype(np.float32)
    thin = features[::THINNED]
    some = np.linspace(0, len(thin) - 1, USUAL).astype(int)
    usual = [nearest(np.linalg.norm(thin - thin[one], axis=1), 1) for one in some]
    return Particles(features, scale, np.sort(usual))


def nearest(distances: Records, itself: int) -> float:
    """Distance to the last of the nearest particles, among one in `THINNED`; one of these may be the child itself."""
    place = min(NEAREST // THINNED, len(distances) - 1 - itself) + itself
    return float(np.partition(distances, place)[place])


def beside(scores: Records, count: int) -> Records:
    """Means of so many classmates who sit beside each child, the last row going on in the first; shape (c, n)."""
    twice = np.concatenate([scores, scores], axis=1)
    total = np.cumsum(np.concatenate([np.zeros((len(scores), 1)), twice], axis=1), axis=1)
    first = np.arange(scores.shape[1]) + 1
    return np.asarray((total[:, first + count] - total[:, first]) / count)


def features_of(own: Records, mates: Records, there: Records, counts: Records, measures: Sequence[str]) -> Records:
    """What particles are found by; own ratings and means of classmates have the shape (p, weeks, measures)."""
    low, high = ends_of(measures)
    told = logits(own, low, high, ANSWER)
    means = [mean(mates[:, counts[:, place] > 0, place], 1) for place in np.flatnonzero(counts.any(axis=0))]
    return np.column_stack([told[:, there], *means])


def targets_of(ensemble: Ensemble) -> Records:
    """What is to be known of particles, as logits: their courses, and ratings once more; shape (p, targets)."""
    courses = logits(ensemble.courses, *ends_of(ensemble.told), EDGE)
    again = logits(ensemble.again, *ends_of(ensemble.measures), ANSWER)
    count = ensemble.boys.size
    return np.concatenate([courses.reshape(count, -1), again.reshape(count, -1)], axis=1, dtype=np.float32)


def moved(apart: Records, targets: Records, weights: Records, luck: np.random.Generator) -> Records:
    """Draws of the targets of particles, each moved by what its features are apart from the child's; shape (draws, …).

    By a local linear regression (Beaumont, Zhang & Balding 2002).
    """
    design = np.column_stack([np.ones(len(apart)), apart])
    product = design.T @ (design * weights[:, None])
    penalty = LOCAL_RIDGE * np.trace(product) / len(product) * np.diag([0.0, *np.ones(apart.shape[1])])
    slopes = np.linalg.solve(product + penalty, design.T @ (targets * weights[:, None]))[1:]
    places = (luck.random() + np.arange(DRAWS)) / DRAWS * weights.sum()
    drawn = np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1)
    return np.asarray(luck.permutation(targets[drawn] - apart[drawn] @ slopes))


def on_scales(drawn: Records, ensemble: Ensemble) -> tuple[Records, Records]:
    """Courses and ratings once more, on the scales of their instruments; shape (draws, …)."""
    weeks, told = ensemble.courses.shape[2:]
    courses = drawn[:, : weeks * told].reshape(-1, weeks, told)
    again = drawn[:, weeks * told :].reshape(-1, *ensemble.scores.shape[2:])
    classmates = ensemble.boys.shape[1] - 1
    told = whole(scaled(courses, *ends_of(ensemble.told)), ensemble.told, classmates)
    return told, whole(scaled(again, *ends_of(ensemble.measures)), ensemble.measures, classmates)


def whole(scores: Records, measures: Sequence[str], classmates: int) -> Records:
    """Scores, of which shares of classmates are those of whole ones."""
    for place, measure in enumerate(measures):
        if measure in NOMINATED:
            scores[..., place] = np.clip(np.round(scores[..., place] * classmates) / classmates, 0.0, 1.0)
    return scores


def ends_of(measures: Sequence[str]) -> tuple[Records, Records]:
    """The lowest and the highest score of each measure; of shares something beyond, for they reach both."""
    low, high = np.array([scale_of(measure) for measure in measures]).T
    beyond = np.array([BEYOND if measure in NOMINATED else 0.0 for measure in measures])
    return low - beyond, high + beyond


def logits(scores: Records, low: Records, high: Records, edge: float) -> Records:
    """Scores, of which measures are the last axis, on a scale without ends."""
    share = np.clip((scores - low) / (high - low), edge, 1.0 - edge)
    return np.asarray(np.log(share / (1.0 - share)))


def scaled(values: Records, low: Records, high: Records) -> Records:
    """Logits as scores."""
    return np.asarray(low + (high - low) / (1.0 + np.exp(-values)))
