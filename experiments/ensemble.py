"""Finds values of the parameters that fit the published facts about as well as those in use: an ensemble of worlds.

    python experiments/ensemble.py search --work worlds    # about two hours of two cores; killed, it goes on
    python experiments/ensemble.py adopt --work worlds     # make it the ensemble that comes with the program
    python experiments/ensemble.py recover --work again    # can it find values that are known?

The facts leave many parameters open, so one set of values promises more than is known. The search begins with members
drawn from all of what `calibrate.FREE` allows, and moves them towards the facts in a few steps, each member by what all
of them together tell about how statistics follow parameters: an ensemble smoother with multiple data assimilation
(Emerick & Reynolds 2013, Computers & Geosciences 55:3), in which parameters follow only statistics with which they are
clearly correlated. Where they have come near, statistics follow parameters nearly in a straight line. So waves follow,
as in history matching: a linear emulator of the nearest members says where worlds lie that fit, given the prior;
members are drawn from there, simulated, and kept if they fit.

A fact is known as exactly as a study of its size can tell it, and as exactly as the classes of one member can show it.
A figure that is published as a range is observed in its middle, and the range holds 95 % of what is believed; so it is
with the ranges of the calibration. What the values in use miss too is as wide as to hold them: what no world of the
model explains must not decide between them.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import calibrate
import numpy as np
from iterative_ensemble_smoother import AdaptiveESMDA
from scipy import special

from sim.files.writing import write_whole
from sim.state import Records
from sim.worlds import WORLDS_FILE, packed, plausible

World = Mapping[str, float]
"""Values of the parameters that are searched."""
TOLD_FILE = Path(__file__).with_name("worlds.json")
INTERVAL = (0.025, 0.975)
METHOD = "ensemble smoother with multiple data assimilation, then waves with a linear emulator"


@dataclass(frozen=True)
class Settings:
    """How a search is done: how many members, steps of the smoother, waves after it, classes for each, and luck."""

    members: int = 240
    steps: int = 3
    waves: int = 4
    classes: int = 24
    seed: int = 11


NEAREST = 300
"""So many members, those that come nearest to the goals, tell a linear emulator how statistics follow parameters."""
REPEATS = 12
"""Simulations of the values in use from which it is known how exactly so many classes show a statistic."""
NEAR = 1.96
FITS = 0.9
"""Share of the facts, and of all goals, that a world of the ensemble has to be near."""
COVERED = 0.9
TRUTH_CLASSES = 400
"""So many classes show what a world is like nearly without luck."""
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


def simulated(work: Path, worlds: Sequence[World], names: Sequence[str], classes: int) -> Records:
    """Statistics of worlds, shape (worlds, statistics), each of classes of its own; what is there is not done again."""
    work.mkdir(parents=True, exist_ok=True)
    found = [kept(work / f"{number}.json", world) for number, world in enumerate(worlds)]
    waiting = [number for number, one in enumerate(found) if one is None]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        jobs = pool.map(partial(simulate, classes=classes), [worlds[number] for number in waiting], waiting)
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


def worlds_that_fit(look: Callable[[int, Sequence[World]], Records], goal: Goals, how: Settings) -> list[World]:
    """Worlds of the last waves that fit, and how they were found.

    Parameters
    ----------
    look
        From the number of a step and worlds to their statistics, shape (worlds, goals).
    goal
        What they are compared with.
    how
        How many members, steps and waves.
    """
    luck = np.random.default_rng(how.seed)
    smoother = AdaptiveESMDA(goal.error**2, goal.observed, alpha=how.steps, seed=how.seed)
    x = luck.standard_normal((len(calibrate.FREE), how.members)).T
    places, found, fitting = [], [], []
    for step in range(how.steps + how.waves):
        x = np.clip(x, -FAR_AWAY, FAR_AWAY)
        places.append(x)
        found.append(look(step, [values_at(one) for one in x]))
        report(step, goal, found[-1])
        if step < how.steps:
            smoother.prepare_assimilation(Y=found[-1].T.copy())
            x = smoother.assimilate_batch(X=x.T, n_jobs=1).T
        else:
            fitting += [values_at(one) for one in x[goal.fit(found[-1])]]
        if step >= how.steps - 1:
            x = emulated(np.concatenate(places), np.concatenate(found), goal, how.members, luck)
    return fitting


def emulated(x: Records, found: Records, goal: Goals, members: int, luck: np.random.Generator) -> Records:
    """Places of worlds that fit as far as a linear emulator can tell, drawn from its posterior; (members, parameters).

    Parameters
    ----------
    x, found
        Places of simulated worlds, and their statistics.
    goal
        What they are compared with; the prior is standard normal.
    members
        How many are drawn.
    luck
        For the draws.
    """
    nearest = np.argsort(np.log1p(np.square((found - goal.observed) / goal.error)).sum(axis=1), kind="stable")[:NEAREST]
    x, found = x[nearest], found[nearest]
    design = np.column_stack([np.ones(len(x)), x])
    weights, *_ = np.linalg.lstsq(design, found, rcond=None)
    left = (found - design @ weights).var(axis=0) * len(x) / (len(x) - design.shape[1])
    error = np.maximum(goal.error**2 - goal.luck**2, 0.0) + left
    slopes = weights[1:]
    covariance = np.linalg.inv(np.eye(len(slopes)) + (slopes / error) @ slopes.T)
    mean = covariance @ (slopes / error) @ (goal.observed - weights[0])
    return luck.multivariate_normal(mean, covariance, members)


def report(step: int, goal: Goals, found: Records) -> None:
    """Say how far the members have come."""
    near = goal.near(found)
    shares = (near[:, : goal.facts].mean(), near.mean(), goal.fit(found).mean())
    print("step {}: near {:.0%} of the facts and {:.0%} of all goals; {:.0%} fit".format(step, *shares), flush=True)


def looking(work: Path, goal: Goals, how: Settings, step: int, worlds: Sequence[World]) -> Records:
    """Statistics of the worlds of a step."""
    return simulated(work / f"step {step}", worlds, goal.names, how.classes)


def search(work: Path, how: Settings) -> tuple[Goals, list[World]]:
    """What worlds are compared with, and those that fit; what was simulated before is not simulated again."""
    goal = goals(work, how.classes)
    return goal, worlds_that_fit(partial(looking, work, goal, how), goal, how)


def adopt(work: Path, how: Settings) -> None:
    """Make the worlds that fit those that come with the program; the values in use are the first.

    Intervals of parameters follow from them, and so does what is told of how they fit (``worlds.json``).
    """
    goal, fitting = search(work, how)
    chosen = [calibrate.in_use(), *fitting]
    values = np.array([[float(f"{world[name]:.4g}") for name in calibrate.FREE] for world in chosen])
    told = {"method": METHOD, **asdict(how), "kept": len(fitting), "spiraal": version("spiraal")}
    write_whole(WORLDS_FILE, packed(tuple(calibrate.FREE), values, told))
    found = simulated(work / "adopted", chosen, goal.names, how.classes)[1:]
    here = simulated(work / "in use", [calibrate.in_use()] * REPEATS, goal.names, how.classes)
    write_whole(TOLD_FILE, json.dumps({**told, "facts": fit_of_facts(goal, found, here.mean(axis=0))}, indent=1))
    spread = np.array([place_of(world) for world in fitting]).std(axis=0)
    calibrate.write_intervals(
        {
            name: {"low": low, "high": high, "open": min(wide, 1.0)}
            for name, low, high, wide in zip(
                calibrate.FREE, *np.quantile(values, INTERVAL, axis=0), spread, strict=True
            )
        }
    )


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
    """Search for worlds of which it is known what they are: plausible ones, seen as exactly as the facts are."""
    goal, worlds = goals(work, how.classes), plausible()
    luck = np.random.default_rng(how.seed)
    inside = []
    for number in luck.choice(np.arange(1, len(worlds)), truths, replace=False).tolist():
        truth = dict(zip(worlds.names, worlds.points[number].tolist(), strict=True))
        folder = work / f"world {number}"
        seen = simulated(folder / "truth", [truth], goal.names, TRUTH_CLASSES)[0]
        look = partial(looking, folder, goal, how)
        unsure = np.sqrt(goal.error**2 - goal.luck**2)
        told = replace(goal, observed=seen + unsure * luck.standard_normal(len(unsure)))
        found = np.array([[world[name] for name in worlds.names] for world in worlds_that_fit(look, told, how)])
        low, high = np.quantile(found, ((1.0 - COVERED) / 2.0, (1.0 + COVERED) / 2.0), axis=0)
        inside.append((low <= worlds.points[number]) & (worlds.points[number] <= high))
        print(f"world {number}: {np.mean(inside[-1]):.0%} of the parameters lie in their {COVERED:.0%} interval")
    print(f"all: {np.mean(inside):.1%}")


def main(arguments: Any = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("task", choices=("search", "adopt", "recover"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--truths", type=int, default=2)
    for name, value in asdict(Settings()).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    chosen = parser.parse_args(arguments)
    how = Settings(**{name: getattr(chosen, name) for name in asdict(Settings())})
    if chosen.task == "recover":
        recover(chosen.work, how, chosen.truths)
    elif chosen.task == "adopt":
        adopt(chosen.work, how)
    else:
        search(chosen.work, how)


if __name__ == "__main__":
    main()
