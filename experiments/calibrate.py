"""Adjusts the parameters of provenance *calibrated* to the published facts of role *fit*.

    python experiments/calibrate.py search --out found.json   # search on from the values in use; resumes
    python experiments/calibrate.py report [--out found.json] # where the values in use (or those found) stand
    python experiments/calibrate.py adopt --out found.json    # make them the values in use, with intervals

The search is a robust least-squares fit (`scipy.optimize.least_squares`). Each candidate runs the same simulated
classes through the virtual studies whose claims have the role *fit*, with their instruments and analyses, and is judged
by how far what they would find in a large sample is from what was published, in standard errors of a study of the
published size.
Besides facts there are *ranges*: priors of the evidence table, and judgements, which keep the search away from
classes that no one would recognize (a class in which half of all play is hostile). Nothing is gained by a place within
a range, and a range is no evidence for anything.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from scipy import optimize

from sim.cli.terminal import stoppable
from sim.files.writing import write_whole
from sim.parameters import CALIBRATED_FILE, PARAMETERS
from sim.processes import processes
from sim.state import Records
from sim.studies import Claim, Selection, Study, kindergarten, load_study, studies
from sim.studies.cohort import FIRST_DAYS, Cohort, Scene, Wave, cohort
from sim.studies.film_experiment import Film

CLASSES = 96
UNTOLD = ("step_response",)
"""Studies whose figures say nothing about what is searched: how fast behaviour answers is in assumed half-lives."""
SEED = 7
FIRST_UNSEEN = 100_000
"""Number of the first class that the search never sees."""
STANDING = {"start": Wave(0), "autumn": Wave(9), "winter": Wave(20), "summer": Wave(36)}
LEAST = 0.03
"""Standard errors are at least this share of the published figure."""
ROBUST = 2.0
"""Distance from which a goal counts as out of reach more and more."""
PULL = 0.5
"""How much it costs to move a parameter about which the facts say nothing."""
INSIDE = 0.01
STEP = 0.1
"""How far a parameter is moved, in shares of what is searched, to see what the facts tell about it."""
PRIOR_VARIANCE = 1.0 / 12.0
"""Of a parameter that may be anywhere in what is searched."""
STRANGER = ("reference_warmth", "reference_derogation")
REPEATS = 40
"""Studies of the published size from which standard errors are estimated."""

# Parameters that are searched, and how far they may go within their range.
FREE: dict[str, tuple[float, float]] = {
    "seek_rate": (0.5, 3),
    "seek_closeness": (0.5, 6),
    "seek_dependency": (0.5, 6),
    "approach_rate": (5, 15),
    "approach_preference": (0.4, 0.9),
    "bid_mood": (0.3, 0.85),
    "misbehaviour_rate": (1.0, 20),
    "act_baseline": (-6, -2),
    "act_misbehaviour": (2, 8),
    "act_stress": (0.2, 3),
    "act_conflict": (0.1, 2),
    "act_mismatch": (0.2, 3),
    "act_security": (0.1, 2),
    "tone_baseline": (-0.4, 0.8),
    "tone_closeness": (0.2, 1.2),
    "tone_felt_security": (0.05, 0.8),
    "tone_stress": (0.1, 1.5),
    "harsh_baseline": (-6, -1.5),
    "harsh_support": (0.3, 4),
    "harsh_hostility": (1, 10),
    "harsh_helplessness": (4, 8),
    "harsh_conflict": (0.2, 3),
    "harsh_stress": (0.5, 7),
    "response_baseline": (-0.8, 0.4),
    "response_support": (0.5, 2.0),
    "response_warmth": (0.2, 1.2),
    "response_conflict": (0.1, 1),
    "response_stress": (0.1, 1.5),
    "response_discipline": (0.2, 1),
    "closeness_gain": (0.005, 0.06),
    "closeness_hurt": (0.001, 0.08),
    "closeness_rest": (0.5, 1),
    "closeness_half_life": (6, 40),
    "intimacy_task": (0.1, 0.7),
    "conflict_gain": (0.005, 0.3),
    "conflict_rest": (0.05, 0.6),
    "conflict_half_life": (20, 160),
    "dependency_gain": (0.001, 0.05),
    "dependency_growth": (0.0003, 0.02),
    "dependency_rest": (0.2, 1),
    "dependency_half_life": (40, 300),
    "representation_rate": (0.003, 0.03),
    "felt_security_rate": (0.003, 0.05),
    "teacher_bias": (0.2, 0.8),
    "child_bias": (0.2, 0.8),
    "control_loss": (0.004, 0.2),
    "control_gain": (0.0003, 0.01),
    "teacher_stress_gain": (0.006, 0.2),
    "teacher_stress_rest": (0.3, 0.9),
    "child_stress_gain": (0.01, 0.3),
    "child_stress_relief": (0.001, 0.04),
    "habit_weight": (0.2, 0.95),
    "habit_rest": (0.05, 0.95),
    "coercion_habit": (0.02, 0.6),
    "coercion_teacher": (0.0005, 0.02),
    "coercion_relief": (0.0, 0.002),
    "coercion_peers": (0.001, 0.05),
    "contagion": (0.006, 0.02),
    "aggression_liability": (0.3, 1.0),
    "aggression_norms": (0.1, 0.8),
    "aggression_esteem": (0.05, 0.4),
    "regulation_loss": (0.001, 0.2),
    "play_act_baseline": (-4.4, -2.5),
    "play_baseline": (-0.2, 1.0),
    "play_liking": (0.2, 1.5),
    "play_misbehaviour": (1.5, 6),
    "liking_rate": (0.002, 0.04),
    "liking_half_life": (60, 300),
    "liking_luck": (0.04, 0.13),
    "reference_familiar": (0.002, 0.04),
    "play_cross_sex": (0.05, 0.5),
    "engage_age": (0.002, 0.04),
}


@dataclass(frozen=True)
class Range:
    """Limits within which a statistic of simulated classes costs nothing; a quarter of the width outside costs one."""

    statistic: str
    low: float
    high: float
    source: str


JUDGED = "judgement"
RANGES: tuple[Range, ...] = (
    Range("r closeness conflict autumn", -0.50, -0.25, "S2"),
    Range("r closeness conflict summer", -0.50, -0.25, "S2"),
    Range("r conflict dependency summer", 0.10, 0.45, "S2"),
    Range("r closeness dependency summer", -0.15, 0.30, "S2"),
    Range("class share of closeness", 0.12, 0.32, "S2"),
    Range("class share of conflict", 0.03, 0.17, "S2"),
    *(Range(f"dependency mean {wave}", 0.18, 0.32, "S2") for wave in ("autumn", "summer")),
    *(Range(f"dependency sd {wave}", 0.10, 0.20, "S2") for wave in ("autumn", "summer")),
    *(Range(f"closeness sd {wave}", 0.15, 0.20, "S1") for wave in ("autumn", "summer")),
    *(Range(f"conflict sd {wave}", 0.17, 0.23, "S1") for wave in ("autumn", "summer")),
    *(Range(f"r conflict aggression {wave}", 0.45, 0.70, "D1") for wave in ("autumn", "summer")),
    *(Range(f"r conflict self_regulation {wave}", -0.55, -0.20, JUDGED) for wave in ("autumn", "summer")),
    *(Range(f"r acceptance aggression {wave}", -0.60, -0.2, "W5") for wave in ("autumn", "summer")),
    *(Range(f"conflict mean {wave}", 0.13, 0.20, "S1") for wave in ("autumn", "summer")),
    *(Range(f"closeness mean {wave}", 0.74, 0.83, "S1") for wave in ("autumn", "summer")),
    Range("latent path aggression conflict", 0.06, 0.20, JUDGED),
    Range("latent path conflict aggression", 0.06, 0.20, JUDGED),
    Range("stability closeness", 0.70, 0.95, JUDGED),
    Range("stability conflict", 0.80, 0.97, JUDGED),
    Range("stability aggression", 0.80, 0.97, JUDGED),
    Range("high conflict", 0.04, 0.12, JUDGED),
    Range("contacts", 7.5, 9.1, "R1"),
    Range("reprimands", 0.03, 0.12, "R5"),
    Range("hostile acts", 0.015, 0.05, "R7"),
    Range("hostile acts of the most conflicted", 0.07, 0.20, "R5"),
    Range("harsh answers", 0.008, 0.035, "R7"),
    Range("harsh answers to the most conflicted", 0.04, 0.15, "R5"),
    Range("harsh answers to hostility", 0.20, 0.60, JUDGED),
    Range("r strain conflict of classes", 0.10, 0.40, "D7"),
    Range("r efficacy conflict of classes", -0.40, -0.10, "D4"),
    Range("aggression beyond liability", 0.15, 0.40, "F2"),
    Range("hostile play", 0.03, 0.10, JUDGED),
    Range("teacher tone", 0.20, 0.50, "R4"),
    Range("teacher stress", 0.15, 0.40, JUDGED),
    Range("teacher stress raised by the class", 0.04, 0.25, "D7"),
    *(Range(f"stress mean {wave}", 0.05, 0.25, JUDGED) for wave in ("autumn", "summer")),
    Range("liking", 0.03, 0.15, JUDGED),
    Range("play climate", 0.25, 0.60, JUDGED),
    Range("engagement mean summer", 0.50, 0.72, JUDGED),
    Range("norms mean summer", 0.20, 0.55, JUDGED),
    Range("self_global mean summer", 0.50, 0.75, JUDGED),
    Range("self_social mean summer", 0.50, 0.75, JUDGED),
    Range("self_regulation mean summer", 0.42, 0.58, "A2"),
    Range("self_regulation sd summer", 0.22, 0.30, "A2"),
    Range("felt_security mean summer", 0.15, 0.55, JUDGED),
    Range("felt_security sd summer", 0.12, 0.35, JUDGED),
    Range("representation mean summer", 0.15, 0.55, JUDGED),
    Range("representation sd summer", 0.12, 0.35, JUDGED),
    Range("perceived_control mean summer", 0.50, 0.80, JUDGED),
    Range("perceived_control sd summer", 0.12, 0.30, JUDGED),
    Range("goodwill mean summer", 0.12, 0.60, JUDGED),
)
STATES = (
    "closeness",
    "conflict",
    "dependency",
    "aggression",
    "self_regulation",
    "stress",
    "engagement",
    "norms",
    "self_global",
    "self_social",
    "felt_security",
    "representation",
    "perceived_control",
    "goodwill",
)


PAIRS = (
    ("closeness", "conflict"),
    ("conflict", "dependency"),
    ("closeness", "dependency"),
    ("conflict", "aggression"),
    ("conflict", "self_regulation"),
)
MOST_CONFLICTED = 0.95
BOUTS = 2.0 * PARAMETERS["play_bouts"].value
"""Bouts of play of a child and day: those that it begins, and those that classmates begin with it."""


@cache
def fitted() -> dict[str, Study]:
    """Studies with claims of role *fit*; the two parameters that W2 is about touch nothing else alone."""
    found = {name: load_study(name) for name in studies()}
    return {
        name: study
        for name, study in found.items()
        if any(claim.role == "fit" for claim in study.claims) and not isinstance(study, Film) and name not in UNTOLD
    }


def whole_classes(study: Study) -> Study:
    """The study with all children of each class instead of a random few, who would be seen by luck."""
    selection = study.design.selection
    if selection.by is not None or selection.sex is not None or not is_plain(study):
        return study
    return replace(study, design=replace(study.design, selection=Selection()))


def facts() -> Iterator[tuple[str, Claim]]:
    """Names of studies, and their claims of role *fit* that have a figure."""
    for name, study in fitted().items():
        for claim in study.claims:
            if claim.role == "fit" and (claim.value is not None or claim.between is not None):
                yield name, claim


def is_plain(study: Study) -> bool:
    """Whether a study takes its classes from its population as every study does."""
    return type(study) is Study and not study.design.arms


def cohorts(values: Mapping[str, float], classes: int, first: int) -> dict[str, Cohort]:
    """Simulated classes for each study, and (``""``) for the ranges.

    Studies of one population that look back over as many days share their classes.
    """
    together: dict[tuple[str, int], dict[str, Study]] = {}
    for name, study in fitted().items():
        if is_plain(study):
            design = study.design
            together.setdefault((design.population.model_dump_json(), design.lookback), {})[name] = study
    together.setdefault((kindergarten().model_dump_json(), FIRST_DAYS), {})
    found = {}
    for (population, lookback), members in together.items():
        waves = {f"{name}/{wave}": at for name, study in members.items() for wave, at in study.design.waves.items()}
        scenario = kindergarten().model_validate_json(population)
        standing = scenario == kindergarten() and lookback == FIRST_DAYS
        waves |= {f"/{wave}": at for wave, at in STANDING.items()} if standing else {}
        changed, numbers = scenario.changed(parameters=dict(values)), range(first, first + classes)
        whole = cohort(changed, numbers, waves, lookback=lookback)
        for name in [*members, *([""] if standing else [])]:
            scenes = {
                at.removeprefix(f"{name}/"): scene
                for at, scene in whole.scenes[""].items()
                if at.startswith(f"{name}/")
            }
            found[name] = Cohort({"": scenes}, whole.chosen)
    for name, study in fitted().items():
        if not is_plain(study):
            found[name] = study.cohort(max(classes // 2, study.design.classes), values, first)
    return found


def statistics(values: Mapping[str, float], classes: int, first: int = 0) -> dict[str, float]:
    """What studies would find, as ``study/claim``, and the statistics that `RANGES` are about."""
    whole = cohorts(values, classes, first)
    found = standing(whole[""].scenes[""])
    for name, study in fitted().items():
        try:
            everyone = whole_classes(study).draw(whole[name], np.random.default_rng(SEED), large=True)
            estimates = study.analyse(everyone)
        except (ArithmeticError, ValueError, np.linalg.LinAlgError, KeyError):  # no such thing in classes like these
            estimates = {}
        for claim in study.claims:
            if claim.role == "fit" and (claim.value is not None or claim.between is not None):
                found[f"{name}/{claim.name}"] = estimates[claim.name].value if claim.name in estimates else np.nan
    return found


def standing(scenes: Mapping[str, Scene]) -> dict[str, float]:
    """Statistics of what is there."""
    found: dict[str, float] = {}
    for wave, scene in scenes.items():
        children = scene.children
        for name in STATES:
            found[f"{name} mean {wave}"] = float(children[name].mean())
            found[f"{name} sd {wave}"] = float(children[name].std())
        for a, b in PAIRS:
            found[f"r {a} {b} {wave}"] = related(children[a], children[b])
        found[f"r acceptance aggression {wave}"] = related(scene.acceptance, children["aggression"])
    before, after, last = scenes["autumn"].children, scenes["winter"].children, scenes["summer"]
    for name in ("conflict", "aggression", "closeness"):
        found[f"stability {name}"] = related(before[name], after[name])
    for cause, effect in (("aggression", "conflict"), ("conflict", "aggression")):
        found[f"latent path {cause} {effect}"] = path(after[effect], before[effect], before[cause])
    for name in ("closeness", "conflict"):
        found[f"class share of {name}"] = class_share(after[name])
    contacts = last.so_far["contacts"].sum()
    pairs = ~np.eye(last.liking.shape[1], dtype=bool)
    most = last.children["conflict"] >= np.quantile(last.children["conflict"], MOST_CONFLICTED)
    hostile, harsh = last.so_far["hostile_acts"], last.so_far["harsh_answers"]
    of_class = last.children["conflict"].mean(axis=1)
    return found | {
        "r strain conflict of classes": related(last.teachers["strain"], of_class),
        "r efficacy conflict of classes": related(last.teachers["self_efficacy"], of_class),
        "aggression beyond liability": 1.0 - related(last.children["aggression"], last.children["liability"]) ** 2,
        "hostile acts": float(hostile.sum() / contacts),
        "hostile acts of the most conflicted": float(hostile[most].sum() / last.so_far["contacts"][most].sum()),
        "harsh answers": float(harsh.sum() / contacts),
        "harsh answers to the most conflicted": float(harsh[most].sum() / last.so_far["contacts"][most].sum()),
        "harsh answers to hostility": float(last.so_far["harsh_to_hostile"].sum() / max(hostile.sum(), 1.0)),
        "hostile play": float(last.so_far["hostile_play"].mean() / last.days / BOUTS),
        "liking autumn to summer": related(scenes["autumn"].liking[:, pairs], last.liking[:, pairs]),
        "high conflict": float((last.children["conflict"] > 0.5).mean()),
        "contacts": float(last.so_far["contacts"].mean() / last.days),
        "reprimands": float(last.so_far["reprimands"].sum() / contacts),
        "teacher tone": float(last.so_far["tones"].sum() / contacts),
        "teacher stress": float(last.teachers["stress"].mean()),
        "teacher stress raised by the class": float(
            (last.teachers["stress"] - scenes["start"].teachers["stress"]).mean()
        ),
        "liking": float(last.liking[:, pairs].mean()),
        "play climate": float(last.teachers["play_climate"].mean()),
    }


def related(a: Records, b: Records) -> float:
    """Correlation over all children."""
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def path(outcome: Records, earlier: Records, cause: Records) -> float:
    """Standardized path from `cause` to `outcome`, given the earlier outcome."""
    z = [(x.ravel() - x.mean()) / x.std() for x in (earlier, cause, outcome)]
    return float(np.linalg.lstsq(np.column_stack(z[:2]), z[2], rcond=None)[0][1])


def class_share(values: Records) -> float:
    """Intraclass correlation, shape (classes, n)."""
    within = values.var(axis=1, ddof=1).mean()
    between = values.mean(axis=1).var(ddof=1) - within / values.shape[1]
    return float(max(0.0, between / (between + within)))


@cache
def errors() -> dict[str, float]:
    """Standard error of each fact in a study of the published size, from simulated studies at the values in use."""
    found: dict[str, float] = {}
    for name, study in fitted().items():
        whole = study.cohort(8 * study.design.classes)
        luck = np.random.default_rng([SEED, 1])
        drawn = [study.analyse(study.draw(whole, luck)) for _ in range(REPEATS)]
        for claim in study.claims:
            if claim.role == "fit":
                spread = float(np.nanstd([estimates[claim.name].value for estimates in drawn]))
                published = claim.value if claim.between is None else sum(claim.between) / 2.0
                found[f"{name}/{claim.name}"] = max(spread, LEAST * abs(published or 0.0))
    return found


def errors_beside(out: Path) -> dict[str, float]:
    """The same, kept in a file beside `out`, so that a search which goes on has the yardstick with which it began."""
    kept = out.with_suffix(".errors.json")
    if not kept.exists():
        write_whole(kept, json.dumps(errors(), indent=1))
    found: dict[str, float] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def distances(found: Mapping[str, float], error: Mapping[str, float]) -> dict[str, float]:
    """How far each fact is above (or, negative, below) what was published, in standard errors; and each range."""
    far = {}
    for name, claim in facts():
        key = f"{name}/{claim.name}"
        low, high = claim.between or (claim.value, claim.value)
        value = found[key] if np.isfinite(found[key]) else 0.0
        far[key] = outside(value, low, high) / error[key]  # type: ignore[arg-type]
    return far | {
        one.statistic: outside(found[one.statistic], one.low, one.high) / (0.25 * (one.high - one.low))
        for one in RANGES
    }


def outside(value: float, low: float, high: float) -> float:
    """How far a value is above a range, or below (negative)."""
    return max(0.0, value - high) - max(0.0, low - value)


def loss(found: Mapping[str, float], error: Mapping[str, float]) -> float:
    """Sum of squares of the distances, robust, so that one goal out of reach does not spoil the others."""
    far = np.array(list(distances(found, error).values()))
    return float((ROBUST**2 * np.log1p(np.square(far) / ROBUST**2)).sum())


def values_at(point: Records, names: Sequence[str] = tuple(FREE)) -> dict[str, float]:
    """Parameter values at a point of the unit cube; the lower end is searched more finely."""
    low, high = np.array([FREE[name] for name in names]).T
    values = np.minimum(low + (high - low) * np.clip(point, 0, 1) ** 2, high)  # rounding does not leave the range
    return dict(zip(names, values.tolist(), strict=True))


def point_of(values: Mapping[str, float]) -> Records:
    """Inverse of `values_at`."""
    low, high = np.array(list(FREE.values())).T
    share: Records = np.clip((np.array([values[name] for name in FREE]) - low) / (high - low), 0, 1)
    return np.sqrt(share)


def residuals(point: Records, classes: int, error: Mapping[str, float]) -> Records:
    """Distances of a candidate from all goals."""
    return np.array(list(distances(statistics(values_at(point), classes), error).values()))


def in_use() -> dict[str, float]:
    """Values in use of the parameters that are searched."""
    return {name: PARAMETERS[name].value for name in FREE}


def search(out: Path, steps: int, classes: int) -> None:
    """Search on from the values in use, or from where `out` ended."""
    start = in_use() | (json.loads(out.read_text(encoding="utf-8")) if out.exists() else {})
    beginning, error = np.clip(point_of({name: start[name] for name in FREE}), INSIDE, 1.0 - INSIDE), errors_beside(out)
    with processes() as pool:

        def fit(point: Records) -> Records:
            pull = PULL * (point - beginning)
            return np.concatenate([residuals(point, classes, error), pull])

        def jacobian(point: Records) -> Records:
            save(values_at(point), out)
            ahead = np.where(point > 0.5, -STEP, STEP)
            points = [point, *(point + step * unit for step, unit in zip(ahead, np.eye(len(point)), strict=True))]
            here, *there = pool.map(partial(residuals, classes=classes, error=error), points)
            robust = (ROBUST**2 * np.log1p(np.square(here) / ROBUST**2)).sum()
            print(f"loss {robust:.2f}, {np.sum(np.abs(here) > 1.96)} far", flush=True)
            slopes = (np.array(there) - here) / ahead[:, None]
            return np.vstack([slopes.T, PULL * np.eye(len(point))])

        found = optimize.least_squares(
            fit, beginning, jacobian, bounds=(0.0, 1.0), loss="cauchy", f_scale=ROBUST, max_nfev=steps, x_scale=1.0
        )
    save(values_at(found.x), out)


def save(values: Mapping[str, float], out: Path) -> None:
    """Write values; an interrupted search leaves the last ones whole."""
    write_whole(out, json.dumps(values, indent=1))


def sensitivities(values: Mapping[str, float], classes: int, error: Mapping[str, float]) -> Records:
    """How many standard errors each fact moves when a parameter goes from one end of what is searched to the other.

    Shape (facts, parameters), by central differences around `values` on the same classes.
    """
    middle = np.clip(point_of(values), STEP, 1.0 - STEP)
    points = [middle + sign * STEP * unit for unit in np.eye(len(FREE)) for sign in (1.0, -1.0)]
    with processes() as pool:
        found = list(pool.map(partial(statistics, classes=classes, first=FIRST_UNSEEN), map(values_at, points)))
    keys = [f"{name}/{claim.name}" for name, claim in facts()]
    table = np.array([[one[key] / error[key] for key in keys] for one in found])
    slopes: Records = np.nan_to_num((table[0::2] - table[1::2]) / (2.0 * STEP)).T
    return slopes


def intervals(values: Mapping[str, float], classes: int) -> dict[str, dict[str, Any]]:
    """Where each parameter lies, given the facts: a normal approximation of the posterior around `values`.

    The prior is as wide as what is searched. `open` is what is left of the width of the prior; `facts` are the rows of
    the evidence table that tell most about the parameter alone.
    """
    slopes = sensitivities(values, classes, errors())
    covariance = np.linalg.inv(slopes.T @ slopes + np.eye(len(FREE)) / PRIOR_VARIANCE)
    middle, spread = point_of(values), np.sqrt(np.diag(covariance))
    low, high = values_at(np.maximum(middle - 1.96 * spread, 0)), values_at(np.minimum(middle + 1.96 * spread, 1))
    sources = np.array([fitted()[name].id for name, _ in facts()])
    found = {}
    for column, name in enumerate(FREE):
        told = {source: float(np.square(slopes[sources == source, column]).sum()) for source in sorted(set(sources))}
        most = sorted((source for source in told if told[source] >= 1.0), key=lambda source: -told[source])[:3]
        found[name] = {
            "value": values[name],
            "low": min(low[name], values[name]),
            "high": max(high[name], values[name]),
            "open": float(spread[column] / np.sqrt(PRIOR_VARIANCE)),
            "facts": most,
        }
    return found


def adopt(values: Mapping[str, float], classes: int) -> None:
    """Write ``calibrated.toml``: values, intervals, and the facts that tell most."""
    entries = intervals(values, classes) | {name: stranger(name) for name in STRANGER}
    rounded = {
        name: {key: float(f"{entry[key]:.3g}") for key in ("value", "low", "high", "open")} | {"facts": entry["facts"]}
        for name, entry in entries.items()
    }
    write_whole(CALIBRATED_FILE, tomli_w.dumps(rounded))


def write_intervals(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Write other intervals and facts into ``calibrated.toml``; a value in use that lies outside widens its own."""
    entries = tomllib.loads(CALIBRATED_FILE.read_text(encoding="utf-8"))
    for name, entry in found.items():
        value = entries[name]["value"]
        ends = {"low": min(entry["low"], value), "high": max(entry["high"], value), "open": entry["open"]}
        entries[name] |= {key: float(f"{end:.3g}") for key, end in ends.items()} | {"facts": list(entry["facts"])}
    write_whole(CALIBRATED_FILE, tomli_w.dumps(entries))


def stranger(name: str) -> dict[str, Any]:
    """What is known of a parameter of the liking of strangers, of which W2 gives only the sum of two effects."""
    parameter = PARAMETERS[name]
    low, high = parameter.interval or (parameter.low, parameter.high)
    return {"value": parameter.value, "low": low, "high": high, "open": 1.0, "facts": ["W2"]}


def report(values: Mapping[str, float], classes: int) -> str:
    """Where values stand, on classes that the search never saw."""
    found, error = statistics(values, classes, first=FIRST_UNSEEN), errors()
    far = distances(found, error)
    lines = [f"{'fact':<58} {'published':>12} {'found':>8} {'SE':>6} {'distance':>8}"]
    for name, claim in facts():
        key = f"{name}/{claim.name}"
        shown = f"{claim.value:.3f}" if claim.between is None else f"{claim.between[0]:.2f} to {claim.between[1]:.2f}"
        lines.append(f"{key:<58} {shown:>12} {found[key]:>8.3f} {error[key]:>6.3f} {far[key]:>8.1f}")
    lines.append("")
    for one in RANGES:
        shown = f"{one.low:.2f} to {one.high:.2f}"
        lines.append(
            f"{one.statistic:<58} {shown:>12} {found[one.statistic]:>8.3f} {one.source:>6} {far[one.statistic]:>8.1f}"
        )
    near = sum(abs(far[f"{name}/{claim.name}"]) <= 1.96 for name, claim in facts())
    inside = sum(far[one.statistic] == 0 for one in RANGES)
    lines.append(
        f"{near} of {len(list(facts()))} published figures within 1.96 standard errors; loss {loss(found, error):.1f}"
    )
    lines.append(f"{inside} of {len(RANGES)} ranges kept")
    return "\n".join(lines)


def main(arguments: Any = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("task", choices=("search", "report", "adopt"))
    parser.add_argument("--out", type=Path, default=Path("found.json"))
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--classes", type=int, default=CLASSES)
    chosen = parser.parse_args(arguments)
    with stoppable():
        if chosen.task == "search":
            search(chosen.out, chosen.steps, chosen.classes)
            return
        values = json.loads(chosen.out.read_text(encoding="utf-8")) if chosen.out.exists() else {}
        if chosen.task == "adopt":
            adopt(in_use() | values, chosen.classes)
        else:
            print(report(values, chosen.classes))


if __name__ == "__main__":
    main()
