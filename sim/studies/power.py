"""Power of a planned trial: in which share of simulated trials its programme is found.

Each trial has its own classes, children, lots, errors of measurement and losses. It is analysed as one of classes is
analysed: an analysis of covariance of the means of classes (post-test on arm and pre-test), tested by Student's t with
as many degrees of freedom as there are classes, less three. Arms differ between classes only, so nothing is lost by it
where classes have as many children; and unlike standard errors by class it is right also where there are few classes.

Classes are simulated in batches, in both arms with the same luck. A trial takes its classes from one batch, each in the
arm that falls to it: so a class serves many trials, but in another place, arm, and with other errors. Who draws classes
out of a batch that was drawn itself has drawn them from the population; but trials of one batch have classes in common,
and intervals take account of that (`interval`). Trials of all sizes are nested: one of 20 classes is the first quarter
of one of 80.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.run import cores
from sim.state import Records
from sim.studies.cohort import Cohort, together
from sim.studies.study import measured, occasion
from sim.studies.trial import FEWEST_CLASSES, MOST_CLASSES, POST, PRE, PROGRAMME, USUAL, Trial
from sim.year.in_worlds import evenly

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Needed",
    "Power",
    "Spread",
    "Trials",
    "all_trials",
    "by_formula",
    "crossing",
    "interval",
    "power",
    "simulate",
]

BATCHES, BATCHES_OF_A_WORLD = 20, 8
"""At least; of a plausible world exactly."""
STUDIES_OF_A_WORLD = 200
SMALLEST_BATCH = 64
"""Classes; fewer at once take nearly as long."""
POOL = 1600
"""Classes that are simulated at least."""
AT_ONCE = 4096
"""Classes that are measured at once."""
CONFIDENCE = 0.95
TESTED = 3
"""Degrees of freedom that the analysis takes: two arms, and the pre-test."""
NOTHING = 1e-18
"""A sum of squares that is nothing but rounding."""


# --- Analysis ------------------------------------------------------------------------------------------


class Ancova(NamedTuple):
    """Analyses of covariance of the means of classes, each of shape (s,) for s trials; nan where nothing is left.

    Attributes
    ----------
    effect
        Of the programme at post-test given the pre-test, in the unit of the post-test.
    p
        Of its two-sided test.
    """

    effect: Records
    p: Records


def ancova_of_classes(pre: Records, post: Records, treated: Records, there: Records) -> Ancova:
    """Analyse trials side by side.

    Parameters
    ----------
    pre, post
        Mean scores of classes, shape (s, k) for s trials of k classes.
    treated, there
        Whether a class has the programme, and whether anything is known of it at post-test; truth values (s, k).
    """
    from scipy import stats

    arms = (there & treated, there & ~treated)
    counts = [arm.sum(axis=1) for arm in arms]
    free = sum(counts) - TESTED
    with np.errstate(divide="ignore", invalid="ignore"):
        (x1, y1), (x0, y0) = (
            [np.where(arm, means, 0.0).sum(axis=1) / count for means in (pre, post)]
            for arm, count in zip(arms, counts, strict=True)
        )
        x = np.where(there, pre - np.where(treated, x1[:, None], x0[:, None]), 0.0)
        y = np.where(there, post - np.where(treated, y1[:, None], y0[:, None]), 0.0)
        xx, xy, yy = (x * x).sum(axis=1), (x * y).sum(axis=1), (y * y).sum(axis=1)
        slope = np.where(xx > NOTHING, xy / xx, 0.0)
        apart = np.where(xx > NOTHING, (x1 - x0) ** 2 / xx, 0.0)
        effect, left = (y1 - y0) - slope * (x1 - x0), yy - slope * xy
        error = np.sqrt(left / free * (1.0 / counts[0] + 1.0 / counts[1] + apart))
        p = 2.0 * stats.t.sf(np.abs(effect) / error, np.maximum(free, 1))
    testable = (np.minimum(*counts) > 0) & (free > 0) & (left > NOTHING)
    return Ancova(np.where(testable, effect, np.nan), np.where(testable, p, np.nan))


class Spread(NamedTuple):
    """What children of one arm differ in at post-test, given the pre-test; means over trials of the largest size.

    Attributes
    ----------
    between, within
        Mean squares between classes, and between children of a class; in variances of the pre-test.
    size
        Children of a class, as the analysis of variance counts them where classes differ in size.
    correlation
        Of pre-test and post-test, over children.
    """

    between: Records
    within: Records
    size: Records
    correlation: Records


def spread_of_children(pre: Records, post: Records, treated: Records, there: Records, sd: Records) -> Spread:
    """Take apart what children differ in, trial by trial; each of shape (s,).

    Parameters
    ----------
    pre, post, there
        Scores of children, and who has both; shape (s, k, n).
    treated
        Shape (s, k).
    sd
        Standard deviation of the pre-test, shape (s,).
    """
    children = there.sum(axis=(1, 2))
    x, y = (centred(scores, treated, there) for scores in (pre, post))
    xx, xy, yy = ((a * b).sum(axis=(1, 2)) for a, b in ((x, x), (x, y), (y, y)))
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(xx > NOTHING, xy / xx, 0.0)
        left = y - slope[:, None, None] * x
        sizes = there.sum(axis=2)
        classes = (sizes > 0).sum(axis=1)
        squares = np.where(sizes > 0, left.sum(axis=2) ** 2 / np.maximum(sizes, 1), 0.0).sum(axis=1)
        between = squares / (classes - TESTED) / sd**2
        within = ((left * left).sum(axis=(1, 2)) - squares) / (children - classes) / sd**2
        size = (children - (sizes**2).sum(axis=1) / children) / (classes - 1)
        return Spread(between, within, size, xy / np.sqrt(xx * yy))


def centred(scores: Records, treated: Records, there: Records) -> Records:
    """Scores of children without the mean of their arm; 0 where nobody is there."""
    found = np.zeros(scores.shape)
    for arm in (treated, ~treated):
        members = there & arm[:, :, None]
        mean = np.where(members, scores, 0.0).sum(axis=(1, 2)) / np.maximum(members.sum(axis=(1, 2)), 1)
        found += np.where(members, scores - mean[:, None, None], 0.0)
    return found


# --- Simulation ----------------------------------------------------------------------------------------


class Trials(NamedTuple):
    """Simulated trials, r of them, each in s sizes.

    Attributes
    ----------
    batch
        Number of the batch of classes from which each was drawn, shape (r,).
    effect, p
        Of the programme, in standard deviations of the pre-test; shape (r, s). Nan where nothing could be tested.
    children, analysed
        How many took part, and how many of them had a post-test; shape (r, s).
    spread
        What children differ in; each of shape (r,).
    """

    batch: Records
    effect: Records
    p: Records
    children: Records
    analysed: Records
    spread: Spread


def batch_size(trial: Trial) -> int:
    """Classes of a batch."""
    return max(SMALLEST_BATCH, *trial.classes)


def batches_for(trial: Trial) -> int:
    """How many batches are simulated."""
    return min(trial.replications, max(BATCHES, -(-POOL // batch_size(trial))))


def simulate(
    trial: Trial, batches: int | None = None, progress: Callable[[int], object] = lambda _done: None
) -> Trials:
    """Simulate a trial again and again, on all cores.

    Parameters
    ----------
    trial
        What is planned.
    batches
        Of classes; `batches_for` by default. Trials are spread over them evenly.
    progress
        Is told how many trials are done.
    """
    batches = batches_for(trial) if batches is None else batches
    shares = [len(range(batch, trial.replications, batches)) for batch in range(batches)]
    threads, done = ThreadPoolExecutor(cores()), 0
    try:
        parts = [threads.submit(trials_of_batch, trial, batch, share) for batch, share in enumerate(shares)]
        for part in as_completed(parts):
            done += len(part.result().batch)
            progress(done)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)  # nobody who stops wants to wait for what is half done
    return joined([part.result() for part in parts])


def joined(parts: Sequence[Trials]) -> Trials:
    """Trials of several parts, one after the other."""
    own = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Trials._fields if name != "spread"}
    spread = {name: np.concatenate([getattr(part.spread, name) for part in parts]) for name in Spread._fields}
    return Trials(**own, spread=Spread(**spread))


def trials_of_batch(trial: Trial, batch: int, studies: int) -> Trials:
    """All trials that draw their classes from one batch."""
    size = batch_size(trial)
    source = trial.study.cohort(size, first=batch * size)
    luck, errors = np.random.default_rng([trial.seed, batch]).spawn(2)
    at_once = max(1, AT_ONCE // max(trial.classes))
    return joined(
        [
            drawn(trial, source, batch, min(at_once, studies - first), luck, errors)
            for first in range(0, studies, at_once)
        ]
    )


def drawn(
    trial: Trial, source: Cohort, batch: int, studies: int, luck: np.random.Generator, errors: np.random.Generator
) -> Trials:
    """Draw some trials, and analyse them.

    `luck` is for who takes part, in which arm, and who is lost, `errors` for what instruments see.
    """
    k, n = max(trial.classes), trial.size
    classes = luck.permuted(np.tile(np.arange(len(source)), (studies, 1)), axis=1)[:, :k]
    treated = by_lot(studies, k, luck)
    part = source.chosen[classes]
    there = part & (luck.random((studies, k, n)) >= trial.attrition)
    there &= luck.random((studies, k, 1)) >= trial.classes_lost
    leniency = errors.standard_normal(studies * k)
    scores: dict[str, Records] = {}
    for wave in (PRE, POST):
        both = together([source.scenes[arm][wave] for arm in (USUAL, PROGRAMME)])
        scene = both.of((classes + len(source) * treated).ravel())
        seen = measured(trial.instrument, occasion(scene, errors, leniency))[trial.measure]
        scores[wave] = seen.reshape(studies, k, n)
    return analysed(trial, batch, scores[PRE], scores[POST], treated, part, there)


def by_lot(studies: int, classes: int, luck: np.random.Generator) -> Records:
    """Which classes have the programme, shape (studies, classes): one of each two neighbours, by lot.

    So half of however many come first have it; and as classes stand in random order, every half of them is as likely.
    """
    first = luck.random((studies, -(-classes // 2))) < 0.5
    return np.stack([first, ~first], axis=2).reshape(studies, -1)[:, :classes]


def analysed(
    trial: Trial, batch: int, pre: Records, post: Records, treated: Records, part: Records, there: Records
) -> Trials:
    """Analyse trials in all their sizes.

    Parameters
    ----------
    trial, batch
        What is planned, and from which batch the classes are.
    pre, post
        Scores, shape (s, k, n) for s trials of k classes of n children.
    treated
        Which classes have the programme, shape (s, k).
    part, there
        Who takes part, and who of them has a post-test; shape (s, k, n).
    """
    sizes = there.sum(axis=2)
    means = [np.where(there, scores, 0.0).sum(axis=2) / np.maximum(sizes, 1) for scores in (pre, post)]
    effects, ps = [], []
    for k in trial.classes:
        sd = deviation(pre[:, :k], part[:, :k])
        found = ancova_of_classes(means[0][:, :k], means[1][:, :k], treated[:, :k], sizes[:, :k] > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            effects.append(found.effect / sd)
        ps.append(found.p)
    last = np.array(trial.classes) - 1
    return Trials(
        np.full(len(pre), batch),
        np.stack(effects, axis=1),
        np.stack(ps, axis=1),
        part.sum(axis=2).cumsum(axis=1)[:, last],
        sizes.cumsum(axis=1)[:, last],
        spread_of_children(pre, post, treated, there, deviation(pre, part)),
    )


def deviation(scores: Records, members: Records) -> Records:
    """Standard deviation over the children of each trial who are members, shape (s,)."""
    count = members.sum(axis=(1, 2))
    mean = np.where(members, scores, 0.0).sum(axis=(1, 2)) / np.maximum(count, 1)
    squares = np.where(members, (scores - mean[:, None, None]) ** 2, 0.0).sum(axis=(1, 2))
    return np.asarray(np.sqrt(squares / np.maximum(count - 1, 1)))


# --- Power ---------------------------------------------------------------------------------------------


def interval(found: Records, batch: Records) -> tuple[float, float]:
    """Interval of a share of trials of which those of one batch have classes in common.

    That of Wilson, for as many trials as would say as much if each had classes of its own: by how much more the shares
    of batches differ than by chance, by so much fewer they are (Kish's design effect).

    Parameters
    ----------
    found
        Truth values, shape (r,).
    batch
        Numbers of batches, shape (r,).
    """
    from scipy import stats

    trials, share = len(found), float(found.mean())
    _names, number = np.unique(batch, return_inverse=True)
    batches = int(number.max()) + 1
    alone = share * (1.0 - share) / trials
    excess = 1.0
    if batches > 1 and alone > 0.0:
        sums = np.bincount(number, found - share)
        excess = max(1.0, float(batches / (batches - 1) * (sums @ sums)) / trials**2 / alone)
    count = trials / excess
    z2 = float(stats.t.ppf(0.5 + CONFIDENCE / 2.0, max(batches - 1, 1))) ** 2
    middle = (share + z2 / (2.0 * count)) / (1.0 + z2 / count)
    half = np.sqrt(z2) / (1.0 + z2 / count) * np.sqrt(share * (1.0 - share) / count + z2 / (4.0 * count**2))
    return min(share, float(middle - half)), max(share, float(middle + half))


def by_formula(effect: float, between: float, children: float, classes: float, alpha: float) -> float:
    """Power by the usual formula for a trial in which classes are randomized, half and half.

    Parameters
    ----------
    effect
        In standard deviations.
    between
        Mean square between classes of what is left of the post-test given the pre-test: the variance that is left,
        times the design effect ``1 + (children of a class - 1) * intraclass correlation``.
    children
        In all.
    classes
        Of which there is a post-test.
    alpha
        Level of the two-sided test.
    """
    from scipy import stats

    free = classes - TESTED
    if not (free > 0.0 and between > 0.0 and children > 0.0 and np.isfinite(effect)):
        return np.nan
    away = abs(effect) / np.sqrt(4.0 * between / children)
    least = stats.t.ppf(1.0 - alpha / 2.0, free)
    return float(stats.nct.sf(least, free, away) + stats.nct.cdf(-least, free, away))


def mean_of(values: Records) -> float:
    """Mean of what is known; nan where nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else np.nan


def deviation_of(values: Records) -> float:
    """Standard deviation of what is known; nan where there are no two."""
    known = values[np.isfinite(values)]
    return float(known.std(ddof=1)) if known.size > 1 else np.nan


class Needed(NamedTuple):
    """How many classes a trial needs for the power that is wanted.

    Attributes
    ----------
    classes
        Interpolated between the sizes that were simulated; the smallest of them where that is enough; None where the
        largest is not.
    low, high
        The same for the upper and lower ends of the intervals.
    """

    classes: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Power:
    """What came of simulating a planned trial.

    Attributes
    ----------
    trial
        What was planned.
    trials
        The simulated ones.
    worlds
        The same in plausible worlds, by number, where they were asked.
    """

    trial: Trial
    trials: Trials
    worlds: dict[int, Trials]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each size of the trial.

        Returns
        -------
        pandas.DataFrame
            Columns `classes`, `children` and `analysed` (means over trials); `power` with the ends `low` and `high` of
            its 95% interval; `effect` and `error` (mean and standard deviation over trials, in standard deviations of
            the pre-test), `formula` (power by the usual formula), `untested` (share of trials in which nothing could be
            tested); and where worlds were asked `worlds` (of how many), `mean_of_worlds` (their mean power) and
            `reached` (in how many of them power is as wanted).
        """
        import pandas as pd

        trials, rows = self.trials, []
        for column, classes in enumerate(self.trial.classes):
            significant = trials.p[:, column] < self.trial.alpha
            effects = trials.effect[:, column]
            low, high = interval(significant, trials.batch)
            analysed = float(trials.analysed[:, column].mean())
            row = {
                "classes": classes,
                "children": float(trials.children[:, column].mean()),
                "analysed": analysed,
                "power": float(significant.mean()),
                "low": low,
                "high": high,
                "effect": mean_of(effects),
                "error": deviation_of(effects),
                "formula": self.formula(classes),
                "untested": float(np.mean(~np.isfinite(effects))),
            }
            if self.worlds:
                powers = self.in_worlds[self.in_worlds["classes"] == classes]["power"]
                row |= {"worlds": len(powers), "mean_of_worlds": float(powers.mean())}
                row["reached"] = int((powers >= self.trial.target).sum())
            rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def in_worlds(self) -> pd.DataFrame:
        """Power in each plausible world that was asked.

        Returns
        -------
        pandas.DataFrame
            Columns `world`, `classes`, `power`, `effect`, `error`.
        """
        import pandas as pd

        rows = [
            (
                world,
                classes,
                float((trials.p[:, column] < self.trial.alpha).mean()),
                mean_of(trials.effect[:, column]),
                deviation_of(trials.effect[:, column]),
            )
            for world, trials in self.worlds.items()
            for column, classes in enumerate(self.trial.classes)
        ]
        return pd.DataFrame(rows, columns=["world", "classes", "power", "effect", "error"])

    @property
    def effect(self) -> float:
        """Mean effect in trials of the largest size, in standard deviations of the pre-test."""
        return mean_of(self.trials.effect[:, -1])

    @property
    def between(self) -> float:
        """`Spread.between`, on average."""
        return mean_of(self.trials.spread.between)

    @property
    def intraclass(self) -> float:
        """Share of what is left of the post-test given the pre-test that lies between classes; nan with one child each.

        That is what the usual formula calls the intraclass correlation.
        """
        if self.trial.per_class == 1:
            return np.nan
        between, within, size = map(mean_of, self.trials.spread[:3])
        return (between - within) / (between + (size - 1.0) * within)

    @property
    def correlation(self) -> float:
        """Correlation of pre-test and post-test, on average."""
        return mean_of(self.trials.spread.correlation)

    def formula(self, classes: int) -> float:
        """Power of a trial of so many classes by the usual formula (`by_formula`), given what simulated trials show."""
        children = float(self.trials.analysed[:, -1].mean()) * classes / max(self.trial.classes)
        kept = classes * (1.0 - self.trial.classes_lost)
        return by_formula(self.effect, self.between, children, kept, self.trial.alpha)

    @property
    def by_formula_needed(self) -> int | None:
        """From how many classes on the usual formula gives the power that is wanted; None where it takes far more."""
        if not self.formula(MOST_CLASSES) >= self.trial.target:
            return None
        sizes = range(FEWEST_CLASSES, MOST_CLASSES + 1)
        return sizes[bisect_left(sizes, self.trial.target, key=self.formula)]

    @property
    def needed(self) -> Needed:
        """How many classes are needed."""
        return Needed(*(self.reaches(column) for column in ("power", "high", "low")))

    def reaches(self, column: str) -> int | None:
        """From how many classes on a column of the table is as high as is wanted, on straight lines between rows."""
        return crossing(self.table["classes"].to_numpy(), self.table[column].to_numpy(), self.trial.target)


def crossing(classes: Records, power: Records, target: float) -> int | None:
    """The first whole number of classes at which a curve is as high as `target`; None where it never is."""
    above = np.flatnonzero(power >= target)
    if not above.size:
        return None
    first = above[0]
    if first == 0:
        return int(classes[0])
    share = (target - power[first - 1]) / (power[first] - power[first - 1])
    exactly = classes[first - 1] + share * (classes[first] - classes[first - 1])
    return int(np.ceil(round(float(exactly), 9)))


def power(trial: Trial, worlds: int = 0, progress: Callable[[int], object] = lambda _done: None) -> Power:
    """Power of a planned trial.

    Parameters
    ----------
    trial
        What is planned.
    worlds
        In how many plausible worlds it is asked, too, evenly spread over all.
    progress
        Is told how many trials are done, of `all_trials`.
    """
    found = simulate(trial, progress=progress)
    done, asked = trial.replications, {}
    for world in evenly(worlds) if worlds else ():
        elsewhere = in_world(trial, world)
        before = done
        asked[world] = simulate(elsewhere, BATCHES_OF_A_WORLD, lambda of_world: progress(before + of_world))  # noqa: B023
        done += elsewhere.replications
    return Power(trial, found, asked)


def in_world(trial: Trial, world: int) -> Trial:
    """The same trial in a plausible world, less often."""
    return trial.model_copy(update={"world": world, "replications": min(trial.replications, STUDIES_OF_A_WORLD)})


def all_trials(trial: Trial, worlds: int = 0) -> int:
    """How many trials are simulated in all."""
    return trial.replications + sum(in_world(trial, world).replications for world in (evenly(worlds) if worlds else ()))
