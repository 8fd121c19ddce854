"""Finds values of the parameters that fit the published facts about as well as those in use: an ensemble of worlds.

    python experiments/ensemble.py search --work worlds    # about forty minutes of two cores; killed, it goes on
    python experiments/ensemble.py adopt --work worlds     # make it the ensemble that comes with the program
    python experiments/ensemble.py renew --work worlds     # which of the worlds of today still fit a changed model?
    python experiments/ensemble.py recover --work worlds   # can it find values that are known?

The facts leave many parameters open, so one set of values promises more than is known. The search is a history matching
(Vernon, Goldstein & Bower 2010, Bayesian Analysis 5:619): waves of members are simulated, and tell how statistics
follow parameters; that says where worlds lie that fit, and the next wave is drawn from there. What tells it is a linear
emulator, a Bayesian ridge regression for each statistic (for rates and means: for its logarithm) on the members that
have come nearest. It can be trusted near to what it was told of, and statistics do not follow parameters in a straight
line where conflict runs away. So the first waves stay near the values in use, and each next one may go farther; the
last ones have the prior alone, all of what `calibrate.FREE` allows. Members of these are kept where their own classes
fit.

A fact is known as exactly as a study of its size can tell it, and as exactly as the classes of one member can show it.
A figure that is published as a range is observed in its middle, and the range holds 95 % of what is believed; so it is
with the ranges of the calibration. What the values in use miss too is as wide as to hold them: what no world of the
model explains must not decide between them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import calibrate
import numpy as np
from scipy import special
from scipy.stats import qmc
from sklearn.linear_model import BayesianRidge
from sklearn.model_selection import cross_val_predict

from sim.cli.terminal import stoppable
from sim.files.writing import write_whole
from sim.parameters import CALIBRATED
from sim.processes import processes
from sim.state import Records
from sim.worlds import WORLDS_FILE, packed, plausible

World = Mapping[str, float]
"""Values of the parameters that are searched."""
TOLD_FILE = Path(__file__).with_name("worlds.json")
INTERVAL = (0.025, 0.975)
METHOD = "history matching in waves with a linear emulator (Bayesian ridge)"


@dataclass(frozen=True)
class Settings:
    """How a search is done: members of a wave, classes for each, and luck."""

    members: int = 300
    classes: int = 24
    seed: int = 11


SPREADS = (0.5, 0.45, 0.65, 0.85, *[1.0] * 3)
"""How far each wave may go from the values in use, in standard deviations of the prior; 1 is the prior itself.

The first wave is drawn from it, all others from what the emulator says of it."""
NEAREST = 2 / 3
"""Share of all members so far, those that come nearest to the goals, that tells how statistics follow parameters."""
REPEATS = 12
"""Simulations of the values in use from which it is known how exactly so many classes show a statistic."""
NEAR = 1.96
FITS = 0.9
"""Share of the facts, and of all goals, that a world of the ensemble has to be near."""
COVERED = 0.9
TRUTH_CLASSES = 400
"""So many classes show what a world is like nearly without luck."""
EDGE = 2.0
"""A value in use at the end of what is searched counts as so many standard deviations of the prior away."""
AGAIN, CHECKED = 10_000, 20_000
"""Numbers from which on members have other classes: where they are tried once more, and where their fit is told."""
NOTICED, MOST_FACTS = 0.95, 3
"""Share of a parameter's variance that is left, at most, by a row of the evidence that is told; how many are told."""
FAR_AWAY = 3.0
"""Beyond so many standard deviations of the prior a parameter is at the end of what is searched."""


@dataclass(frozen=True)
class Goals:
    """What worlds are compared with.

    Attributes
    ----------
    names
        Statistics: facts first, then ranges.
    observed, error, luck
        What is known of each, how exactly, all in all, and how far a member's few classes tell it by luck (standard
        deviations); shape (goals,).
    facts
        How many of them are facts.
    """

    names: tuple[str, ...]
    observed: Records
    error: Records
    luck: Records
    facts: int

    def near(self, found: Records) -> Records:
        """Which goals a world is near, given its statistics, shape (..., goals)."""
        return np.asarray(np.abs(found - self.observed) <= NEAR * self.error)

    def fit(self, found: Records) -> Records:
        """Which worlds fit, shape (...)."""
        near = self.near(found)
        return np.asarray((near[..., : self.facts].mean(axis=-1) >= FITS) & (near.mean(axis=-1) >= FITS))


def goals(work: Path, classes: int) -> Goals:
    """The facts and ranges of the calibration, each with all that makes it inexact."""
    work.mkdir(parents=True, exist_ok=True)
    exact, wide = calibrate.errors_beside(work / "goals"), {}
    for name, claim in calibrate.facts():
        low, high = claim.between or (claim.value, claim.value)
        wide[f"{name}/{claim.name}"] = (low, high, exact[f"{name}/{claim.name}"])
    facts = len(wide)
    wide |= {one.statistic: (one.low, one.high, 0.0) for one in calibrate.RANGES}
    low, high, error = np.array(list(wide.values()), dtype=np.float64).T
    observed = (low + high) / 2.0
    here = simulated(work / "in use", [calibrate.in_use()] * REPEATS, tuple(wide), classes)
    reach, luck = np.maximum(np.abs(here.mean(axis=0) - observed), (high - low) / 2.0), here.std(axis=0, ddof=1)
    return Goals(tuple(wide), observed, np.sqrt(error**2 + luck**2 + (reach / NEAR) ** 2), luck, facts)


def simulated(work: Path, worlds: Sequence[World], names: Sequence[str], classes: int, first: int = 0) -> Records:
    """Statistics of worlds, shape (worlds, statistics), each of classes of its own; what is there is not done again.

    Classes are numbered from that which the world of number `first` would have.
    """
    work.mkdir(parents=True, exist_ok=True)
    found = [kept(work / f"{number}.json", world) for number, world in enumerate(worlds)]
    waiting = [number for number, one in enumerate(found) if one is None]
    with processes() as pool:
        places = [first + number for number in waiting]
        jobs = pool.map(partial(simulate, classes=classes), [worlds[number] for number in waiting], places)
        for number, statistics in zip(waiting, jobs, strict=True):
            found[number] = statistics
            write_whole(work / f"{number}.json", json.dumps({"world": worlds[number], "found": statistics}))
    table: Records = np.array([[world[name] for name in names] for world in found if world is not None], np.float64)
    return np.where(np.isfinite(table), table, np.nanmean(table, axis=0))


def kept(file: Path, world: World) -> dict[str, float] | None:
    """Statistics that were kept of this very world."""
    if not file.exists():
        return None
    told = json.loads(file.read_text(encoding="utf-8"))
    return dict(told["found"]) if told["world"] == world else None


def simulate(values: World, number: int, classes: int) -> dict[str, float]:
    """Statistics of one world; its classes are no other's."""
    return calibrate.statistics(values, classes, first=calibrate.FIRST_UNSEEN + number * classes)


def values_at(x: Records) -> World:
    """Values of the parameters at a place of the prior, in which each is a standard normal number."""
    return calibrate.values_at(special.ndtr(np.clip(x, -FAR_AWAY, FAR_AWAY)))


def place_of(world: World) -> Records:
    """Inverse of `values_at`."""
    return np.asarray(special.ndtri(calibrate.point_of(world)))


@dataclass(frozen=True)
class Members:
    """Simulated worlds.

    Attributes
    ----------
    places
        Where they are in the prior, in which each parameter is a standard normal number; shape (worlds, parameters).
    found
        Their statistics, shape (worlds, goals).
    fits
        Which of the waves with the prior alone fit, shape (worlds,).
    """

    places: Records
    found: Records
    fits: Records

    def fitting(self) -> list[World]:
        """Those that fit."""
        return [values_at(place) for place in self.places[self.fits]]


def matched(
    look: Callable[[int, Sequence[World]], Records],
    goal: Goals,
    how: Settings,
    spreads: Sequence[float] = SPREADS,
    known: Members | None = None,
) -> Members:
    """All members of a search, and which of them fit.

    Parameters
    ----------
    look
        From the number of a wave and worlds to their statistics, shape (worlds, goals).
    goal
        What they are compared with.
    how
        How many members, and their luck.
    spreads
        How far each wave may go.
    known
        Members that were simulated before.
    """
    luck, centre = np.random.default_rng(how.seed), np.clip(place_of(calibrate.in_use()), -EDGE, EDGE)
    places, found = ([], []) if known is None else ([known.places], [known.found])
    fits = [] if known is None else [np.zeros(len(known.places), dtype=bool)]
    for wave, spread in enumerate(spreads):
        if places:
            mean, covariance = emulator(np.concatenate(places), np.concatenate(found), goal).posterior(centre, spread)
            x = luck.multivariate_normal(mean, covariance, how.members)
        else:
            even = special.ndtri(qmc.LatinHypercube(len(centre), rng=luck).random(how.members))
            x = centre + spread * even
        x = np.clip(x, -FAR_AWAY, FAR_AWAY)
        places.append(x)
        found.append(look(wave, [values_at(one) for one in x]))
        report(wave, goal, found[-1])
        fits.append(goal.fit(found[-1]) & (spread == 1.0))
    return Members(np.concatenate(places), np.concatenate(found), np.concatenate(fits))


@dataclass(frozen=True)
class Emulator:
    """How statistics follow parameters near the goals, in a straight line; rates and means on a logarithmic scale.

    Attributes
    ----------
    start, slopes
        Shapes (goals,) and (parameters, goals).
    left
        Variance that is left when members are predicted from others, shape (goals,).
    observed, unsure
        The goals, and how far they are uncertain without the luck of a member's few classes (variance).
    """

    start: Records
    slopes: Records
    left: Records
    observed: Records
    unsure: Records

    def posterior(self, centre: Records, spread: float) -> tuple[Records, Records]:
        """Mean and covariance of the places of worlds that fit, given a prior around `centre`.

        A spread of 1 is the prior itself, whose centre is 0.
        """
        weight = self.slopes / (self.unsure + self.left)
        covariance = np.linalg.inv(np.eye(len(centre)) / spread**2 + weight @ self.slopes.T)
        before = centre * (1.0 - spread**2) / spread**2
        return covariance @ (weight @ (self.observed - self.start) + before), covariance


def emulator(x: Records, found: Records, goal: Goals) -> Emulator:
    """What members near the goals tell.

    Parameters
    ----------
    x, found
        Places of simulated worlds, and their statistics.
    goal
        What they are compared with.
    """
    rates = (found > 0.0).all(axis=0) & (goal.observed > 0.0)
    steep = np.where(rates, 1.0 / np.where(rates, goal.observed, 1.0), 1.0)
    seen, observed = (np.where(rates, np.log(np.where(rates, y, 1.0)), y) for y in (found, goal.observed))
    far = np.log1p(np.square((seen - observed) / (goal.error * steep))).sum(axis=1)
    nearest = np.argsort(far, kind="stable")[: round(NEAREST * len(x))]
    x, seen = x[nearest], seen[nearest]
    ridges = [BayesianRidge().fit(x, column) for column in seen.T]
    predicted = np.column_stack([cross_val_predict(BayesianRidge(), x, column) for column in seen.T])
    return Emulator(
        start=np.array([ridge.intercept_ for ridge in ridges]),
        slopes=np.column_stack([ridge.coef_ for ridge in ridges]),
        left=np.square(seen - predicted).mean(axis=0),
        observed=observed,
        unsure=np.maximum(goal.error**2 - goal.luck**2, 0.0) * steep**2,
    )


def shares(goal: Goals, found: Records) -> tuple[float, float, float]:
    """Shares of the facts and of all goals that members are near, and of members that fit."""
    near = goal.near(found)
    return float(near[:, : goal.facts].mean()), float(near.mean()), float(goal.fit(found).mean())


def report(wave: int, goal: Goals, found: Records) -> None:
    """Say how far the members have come."""
    told = "wave {}: near {:.0%} of the facts and {:.0%} of all goals; {:.0%} fit"
    print(told.format(wave, *shares(goal, found)), flush=True)


def looking(work: Path, goal: Goals, how: Settings, wave: int, worlds: Sequence[World]) -> Records:
    """Statistics of the worlds of a wave."""
    return simulated(work / f"wave {wave}", worlds, goal.names, how.classes)


def search(work: Path, how: Settings) -> tuple[Goals, Members]:
    """What worlds are compared with, and all members; what was simulated before is not simulated again."""
    goal = goals(work, how.classes)
    return goal, matched(partial(looking, work, goal, how), goal, how)


def adopt(work: Path, how: Settings) -> None:
    """Make the worlds that fit those that come with the program; the values in use are the first.

    A member may fit by luck, so each is simulated once more: it has to fit with both its sets of classes together. How
    well worlds fit is told of a third one. Intervals of parameters follow from them, and so does what is told of how
    they fit (``worlds.json``). Worlds that an earlier search found stay; `renew` asks whether they fit.
    """
    goal, members = search(work, how)
    worlds = plausible()
    earlier = [worlds.values(number) for number in range(1, len(worlds))]
    counted = {"simulated": len(members.places), "fitted": int(members.fits.sum()), "earlier": len(earlier)}
    told = {"method": METHOD, **asdict(how), "waves": len(SPREADS), **counted}
    keep(work, how, goal, members.fitting(), members.found[members.fits], told, informed_by(goal, members), earlier)


def renew(work: Path, how: Settings) -> None:
    """Ask the worlds of today once more when the model has changed; those that no longer fit are left out."""
    goal, worlds = goals(work, how.classes), plausible()
    fitting = [worlds.values(number) for number in range(1, len(worlds))]
    found = simulated(work / "renewed", fitting, goal.names, how.classes)
    before = json.loads(TOLD_FILE.read_text(encoding="utf-8"))
    told = {**worlds.provenance, "asked_again": before.get("asked_again", len(fitting))}
    keep(work, how, goal, fitting, found, told, {name: CALIBRATED[name]["facts"] for name in calibrate.FREE})
    tell(recovered=before["recovered"])


def keep(
    work: Path,
    how: Settings,
    goal: Goals,
    fitting: Sequence[World],
    found: Records,
    told: Mapping[str, Any],
    sources: Mapping[str, Sequence[str]],
    earlier: Sequence[World] = (),
) -> None:
    """Write those worlds that fit, and how well.

    Parameters
    ----------
    work, how, goal
        Where, how and for what they were searched.
    fitting, found
        The worlds, and their statistics so far.
    told
        What is told of the search.
    sources
        The facts that tell of each parameter.
    earlier
        Worlds of which it is known already that they fit.
    """
    again = simulated(work / "again", fitting, goal.names, how.classes, first=AGAIN)
    kept_on = goal.fit(0.5 * (found + again))
    fitting = [*earlier, *(world for world, fits in zip(fitting, kept_on, strict=True) if fits)]
    chosen = [calibrate.in_use(), *fitting]
    values = np.array([[float(f"{world[name]:.4g}") for name in calibrate.FREE] for world in chosen])
    told = {**told, "kept": len(fitting), "spiraal": version("spiraal")}
    write_whole(WORLDS_FILE, packed(tuple(calibrate.FREE), values, told))
    found = simulated(work / "checked", fitting, goal.names, how.classes, first=CHECKED)
    here = simulated(work / "in use", [calibrate.in_use()] * REPEATS, goal.names, how.classes)
    near: dict[str, Any] = dict(zip(("near_facts", "near_all", "fit_again"), shares(goal, found), strict=True))
    near |= dict(zip(("in_use_near_facts", "in_use_near_all"), shares(goal, here)[:2], strict=True))
    near |= {"facts": fit_of_facts(goal, found, here.mean(axis=0))}
    write_whole(TOLD_FILE, json.dumps({**told, **near}, indent=1) + "\n")
    spread = np.clip([place_of(world) for world in fitting], -FAR_AWAY, FAR_AWAY).std(axis=0)
    calibrate.write_intervals(
        {
            name: {"low": low, "high": high, "open": min(wide, 1.0), "facts": sources[name]}
            for name, low, high, wide in zip(
                calibrate.FREE, *np.quantile(values, INTERVAL, axis=0), spread, strict=True
            )
        }
    )


def informed_by(goal: Goals, members: Members) -> dict[str, list[str]]:
    """Rows of the evidence table that narrow each parameter most, each row alone; those that narrow it noticeably."""
    told, sources = (
        emulator(members.places, members.found, goal),
        [calibrate.fitted()[n].id for n, _ in calibrate.facts()],
    )
    left = {}
    for source in dict.fromkeys(sources):
        ours = np.array([one == source for one in sources] + [False] * (len(goal.names) - goal.facts))
        slopes = told.slopes[:, ours]
        weight = slopes / (told.unsure + told.left)[ours]
        left[source] = np.diag(np.linalg.inv(np.eye(len(slopes)) + weight @ slopes.T))
    found = {}
    for place, name in enumerate(calibrate.FREE):
        most = sorted((source for source in left if left[source][place] <= NOTICED), key=lambda s: left[s][place])
        found[name] = most[:MOST_FACTS]
    return found


def fit_of_facts(goal: Goals, found: Records, in_use: Records) -> list[dict[str, Any]]:
    """What worlds say of every fact: what is published, and what nine of ten of them show."""
    rows = []
    for place, (name, claim) in enumerate(calibrate.facts()):
        low, high = claim.between or (claim.value, claim.value)
        rows.append(
            {
                "study": calibrate.fitted()[name].id,
                "says": claim.says,
                "published": [low, high],
                "error": float(f"{goal.error[place]:.3g}"),
                "in_use": float(f"{in_use[place]:.4g}"),
                "worlds": [float(f"{x:.4g}") for x in np.quantile(found[:, place], (0.05, 0.5, 0.95))],
            }
        )
    return rows


def recover(work: Path, how: Settings, truths: int) -> None:
    """Search for worlds of which it is known what they are: plausible ones, seen as exactly as the facts are.

    What the search in `work` has simulated tells how statistics follow parameters; each truth gets a wave of its own.
    """
    goal, members = search(work, how)
    worlds, luck, inside = plausible(), np.random.default_rng(how.seed), []
    for number in luck.choice(np.arange(1, len(worlds)), truths, replace=False).tolist():
        folder = work / f"world {number}"
        seen = simulated(folder / "truth", [worlds.values(number)], goal.names, TRUTH_CLASSES)[0]
        unsure = np.sqrt(np.maximum(goal.error**2 - goal.luck**2, 0.0))
        told = replace(goal, observed=seen + unsure * luck.standard_normal(len(unsure)))
        look = partial(looking, folder, goal, how)
        found = matched(look, told, how, spreads=(1.0,), known=members).fitting()
        points = np.array([[world[name] for name in worlds.names] for world in found])
        low, high = np.quantile(points, ((1.0 - COVERED) / 2.0, (1.0 + COVERED) / 2.0), axis=0)
        inside.append((low <= worlds.points[number]) & (worlds.points[number] <= high))
        share = f"{np.mean(inside[-1]):.0%} of the parameters lie in their {COVERED:.0%} interval"
        print(f"world {number}: {share}; {len(found)} members fit", flush=True)
    tell(recovered={"truths": truths, "inside": float(f"{np.mean(inside):.3g}")})
    print(f"all: {np.mean(inside):.1%}")


def tell(**more: Any) -> None:
    """Add to what is told of the worlds (``worlds.json``)."""
    told = json.loads(TOLD_FILE.read_text(encoding="utf-8"))
    write_whole(TOLD_FILE, json.dumps({**told, **more}, indent=1) + "\n")


def main(arguments: Any = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("task", choices=("search", "adopt", "renew", "recover"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--truths", type=int, default=2)
    for name, value in asdict(Settings()).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    chosen = parser.parse_args(arguments)
    how = Settings(**{name: getattr(chosen, name) for name in asdict(Settings())})
    with stoppable():
        if chosen.task == "recover":
            recover(chosen.work, how, chosen.truths)
        elif chosen.task in {"adopt", "renew"}:
            {"adopt": adopt, "renew": renew}[chosen.task](chosen.work, how)
        else:
            search(chosen.work, how)


if __name__ == "__main__":
    main()
