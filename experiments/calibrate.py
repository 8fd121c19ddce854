"""Adjusts the parameters of provenance *calibrated* to the published facts of role *fit*.

    python experiments/calibrate.py --report            # where the parameters in use stand
    python experiments/calibrate.py --out values.json   # search on from there; resumes from the file

The search is CMA-ES (package `cma`, extra `calibrate`) on simulated school years of classes drawn from the
population, the same classes for every candidate. Besides facts there are *ranges*: priors of the evidence table,
and judgements, which keep the search away from classes that no one would recognize (a class in which half of all
contacts are hostile). Nothing is gained by a place within a range, and a range is no evidence for anything.
"""

from __future__ import annotations

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import special
from scipy.stats import qmc

from sim import engine, scales
from sim.parameters import PARAMETERS
from sim.peers import LIKED_MOST
from sim.population import PACE_SPREAD, TEACHER_MARGINALS
from sim.scenario import Scenario, TeacherSpec
from sim.state import Records, Setting

CLASSES = 24
SEED = 7
WAVES = (0, 60, 120, 180)
TWO_DAYS = (20, 21)
BUSY_DAYS = 2
NEAR = 2.0

# Parameters that are searched, and how far they may go within their range.
FREE: dict[str, tuple[float, float]] = {
    "seek_rate": (0.8, 4),
    "approach_rate": (5, 16),
    "bid_mood": (0.3, 0.85),
    "misbehaviour_rate": (3, 20),
    "tone_baseline": (-0.2, 1.5),
    "tone_closeness": (0.1, 1),
    "tone_felt_security": (0.1, 1),
    "tone_misbehaviour": (1.0, 6),
    "tone_stress": (0.2, 1.5),
    "tone_conflict": (0.3, 1.5),
    "response_conflict": (0.3, 1.5),
    "response_baseline": (-0.4, 0.6),
    "response_support": (0.3, 1.3),
    "response_hostility": (0.3, 1.5),
    "response_helplessness": (0.3, 1.5),
    "response_discipline": (0.3, 1),
    "response_stress": (0.3, 1.5),
    "closeness_gain": (0.005, 0.08),
    "seek_dependency": (1, 4),
    "closeness_hurt": (0.001, 0.05),
    "closeness_rest": (0.5, 1),
    "closeness_half_life": (15, 45),
    "intimacy_task": (0.1, 0.7),
    "conflict_gain": (0.02, 0.4),
    "conflict_repair": (0.0, 0.005),
    "conflict_rest": (0, 0.3),
    "conflict_half_life": (50, 140),
    "dependency_gain": (0.001, 0.05),
    "dependency_growth": (0.0005, 0.02),
    "dependency_rest": (0.3, 1),
    "dependency_half_life": (80, 300),
    "teacher_stress_gain": (0.004, 0.03),
    "teacher_stress_rest": (0.15, 0.6),
    "child_stress_gain": (0.03, 0.15),
    "child_stress_relief": (0.003, 0.03),
    "coercion_teacher": (0.05, 0.4),
    "coercion_relief": (0.0002, 0.01),
    "coercion_peers": (0.01, 0.2),
    "contagion": (0.0004, 0.004),
    "aggression_esteem": (0.1, 0.4),
    "aggression_half_life": (30, 150),
    "aggression_liability": (0.3, 1.0),
    "aggression_norms": (0.15, 0.8),
    "regulation_gain": (0.0004, 0.006),
    "regulation_loss": (0.004, 0.05),
    "regulation_liability": (0.8, 3),
    "regulation_ability": (0.3, 1.2),
    "play_misbehaviour": (0.8, 5),
    "control_loss": (0.006, 0.05),
    "control_gain": (0.002, 0.02),
    "norms_gain": (0.0008, 0.01),
    "self_global_rate": (0.004, 0.02),
    "felt_security_rate": (0.006, 0.08),
    "felt_security_half_life": (20, 120),
    "felt_security_rest": (0.1, 0.6),
    "play_baseline": (0.0, 0.8),
    "representation_rate": (0.01, 0.06),
    "teacher_bias": (0.3, 0.8),
    "child_bias": (0.3, 0.8),
    "play_liking": (0.3, 1.2),
    "self_social_half_life": (10, 60),
    "liking_rate": (0.004, 0.06),
    "play_stress_gain": (0.01, 0.1),
}


@dataclass(frozen=True)
class Goal:
    """A statistic of simulated classes and where it should be; within `slack` of `value` there is no cost.

    `tolerance` is the distance, beyond the slack, that counts as one. Facts have no slack. Ranges (priors of the
    evidence table, and judgements) have no value, only limits: they are written as middle and half width.
    """

    statistic: str
    value: float
    tolerance: float
    source: str
    slack: float = 0.0
    weight: float = 1.0

    def distance(self, found: float) -> float:
        """Distance of what was found, in tolerances."""
        return max(0.0, abs(found - self.value) - self.slack) / self.tolerance

    def shown(self) -> str:
        """The value, or the range."""
        low, high = self.value - self.slack, self.value + self.slack
        return f"{low:.2f} to {high:.2f}" if self.slack else f"{self.value:.3f}"


def between(statistic: str, low: float, high: float, source: str) -> Goal:
    """A range that costs nothing inside; a quarter of its width outside counts as one."""
    return Goal(statistic, 0.5 * (low + high), 0.25 * (high - low), source, slack=0.5 * (high - low))


JUDGED = "judgement"
CYCLE = 6.0
"""Weight of the paths between conflict and aggression.

What D1 published are paths between unreliable scales; the latent paths behind them can only be smaller."""
GOALS: tuple[Goal, ...] = (
    *(Goal(f"closeness mean {w}", 0.79, 0.03, "S1") for w in (1, 2, 3)),
    *(Goal(f"closeness sd {w}", 0.18, 0.025, "S1") for w in (1, 2, 3)),
    *(Goal(f"conflict mean {w}", 0.16, 0.025, "S1") for w in (1, 2, 3)),
    *(Goal(f"conflict sd {w}", 0.20, 0.03, "S1") for w in (1, 2, 3)),
    *(Goal(f"conduct problems mean {w}", 0.7, 0.12, "A1") for w in (1, 2, 3)),
    *(Goal(f"conduct problems sd {w}", 1.3, 0.15, "A1") for w in (1, 2, 3)),
    *(Goal(f"hyperactivity mean {w}", 2.7, 0.4, "A2") for w in (1, 3)),
    Goal("contacts", 8.3, 0.6, "R1"),
    Goal("contacts over-dispersion", 1 / 3.7, 0.04, "R1"),
    Goal("contacts gini", 0.32, 0.03, "R1"),
    Goal("contacts boys to girls", 1.2, 0.10, "R1"),
    Goal("nominations 3", 0.21, 0.05, "N1"),
    between("contacts day to day r", 0.32, 0.57, "R1"),
    between("r conflict aggression 1", 0.65, 0.80, "D1"),
    between("r conflict aggression 3", 0.65, 0.80, "D1"),
    *(Goal(f"path aggression conflict {w}", 0.08, 0.03, "D1", slack=0.03, weight=CYCLE) for w in (2, 3)),
    *(Goal(f"path conflict aggression {w}", 0.08, 0.03, "D1", slack=0.03, weight=CYCLE) for w in (2, 3)),
    between("r closeness conflict 1", -0.50, -0.25, "S2"),
    between("r closeness conflict 3", -0.50, -0.25, "S2"),
    between("r conflict dependency 3", 0.10, 0.45, "S2"),
    between("r closeness dependency 3", -0.20, 0.30, "S2"),
    between("class share of closeness", 0.12, 0.32, "S2"),
    between("class share of conflict", 0.03, 0.17, "S2"),
    *(between(f"dependency mean {w}", 0.18, 0.32, "S2") for w in (1, 3)),
    *(between(f"dependency sd {w}", 0.10, 0.20, "S2") for w in (1, 3)),
    *(between(f"stress mean {w}", 0.08, 0.25, JUDGED) for w in (1, 3)),
    between("r acceptance aggression 1", -0.55, -0.25, "W5"),
    between("r acceptance aggression 3", -0.60, -0.25, "W5"),
    between("high conflict 3", 0.05, 0.15, JUDGED),
    between("stability conflict 3", 0.85, 0.98, JUDGED),
    between("stability aggression 3", 0.85, 0.985, JUDGED),
    between("stability closeness 2", 0.75, 0.95, JUDGED),
    between("corrections", 0.03, 0.15, "R5"),
    between("derogations", 0.005, 0.03, JUDGED),
    between("child tone", 0.25, 0.60, "R7"),
    between("teacher tone", 0.25, 0.60, "R4"),
    between("hostile child tones", 0.08, 0.20, JUDGED),
    between("hostile play", 0.08, 0.22, JUDGED),
    between("teacher stress", 0.15, 0.35, JUDGED),
    between("teacher stress raised by the class", 0.04, 0.20, "D7"),
    between("liking 3", 0.03, 0.15, JUDGED),
    between("engagement mean 3", 0.50, 0.72, JUDGED),
    between("norms mean 3", 0.20, 0.50, JUDGED),
    between("self_global mean 3", 0.50, 0.75, JUDGED),
    between("self_social mean 3", 0.50, 0.75, JUDGED),
    between("felt_security mean 3", 0.15, 0.50, JUDGED),
    between("representation mean 3", 0.15, 0.50, JUDGED),
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
)


class Year(NamedTuple):
    """What is kept of one class of n children."""

    children: Records
    """States at the waves, shape (waves, n)."""
    liking: Records
    """Shape (waves, n, n)."""
    acceptance: Records
    """Shape (waves, n)."""
    counts: Records
    """Contacts a day and child, shape (days + 1, n)."""
    tones: Records
    """Contacts, corrections, derogations, hostile tones of children; sums of the child's and the teacher's tones."""
    bouts: Records
    """Bouts of play, and those that began with a hostile tone."""
    stress: float
    """The teacher's, at the last wave."""
    rest: float
    """The stress that the teacher returns to."""


def teachers(classes: int, seed: int) -> list[TeacherSpec]:
    """Teachers that stand evenly for the population: a Latin hypercube of their traits.

    A few dozen teachers drawn at random differ from the next few dozen by more than the search can gain.
    """
    design = qmc.LatinHypercube(len(TEACHER_MARGINALS) + 1, rng=seed).random(classes)
    places = special.ndtri(design)
    drawn = []
    for row in places:
        traits = {
            name: float(marginal.quantile(place))
            for (name, marginal), place in zip(TEACHER_MARGINALS.items(), row[:-1], strict=True)
        }
        drawn.append(TeacherSpec(**traits, pace=float(np.exp(PACE_SPREAD * row[-1] - 0.5 * PACE_SPREAD**2))))
    return drawn


def year(number: int, teacher: TeacherSpec, values: dict[str, float]) -> Year:
    """One school year of one class drawn from the population."""
    state = Scenario(parameters=values, seed=SEED, teacher=teacher).build(number)
    kept, (contacts, play) = engine.run(engine.gather([state], ()), WAVES, liking=True, log=True)
    counts = np.zeros((state.calendar.days + 1, len(state.names)))
    np.add.at(counts, (contacts["day"], contacts["child"]), 1)
    tones = (
        len(contacts),
        (contacts["setting"] == int(Setting.DISCIPLINE)).sum(),
        (contacts["response"] < -state.parameters["derogation_threshold"]).sum(),
        (contacts["tone"] < 0).sum(),
        contacts["tone"].sum(),
        contacts["response"].sum(),
    )
    return Year(
        children=kept.children[0],
        liking=kept.liking[0],
        acceptance=kept.acceptance[0],
        counts=counts,
        tones=np.array(tones, dtype=float),
        bouts=np.array((len(play), (play["tone"] < 0).sum()), dtype=float),
        stress=float(kept.teachers["stress"][0, -1]),
        rest=float(state.parameters["teacher_stress_rest"] * state.teacher["strain"][0]),
    )


def statistics(values: dict[str, float], classes: int, first: int = 0) -> dict[str, float]:
    """Statistics of simulated classes, by the names that `GOALS` use."""
    years = [year(first + place, teacher, values) for place, teacher in enumerate(teachers(classes, first))]
    waves = [np.concatenate([record.children[wave] for record in years]) for wave in range(len(WAVES))]
    found: dict[str, float] = {}
    for wave, children in enumerate(waves):
        for name in STATES:
            found[f"{name} mean {wave}"] = children[name].mean()
            found[f"{name} sd {wave}"] = children[name].std()
        for a, b in (
            ("conflict", "aggression"),
            ("closeness", "conflict"),
            ("conflict", "dependency"),
            ("closeness", "dependency"),
        ):
            found[f"r {a} {b} {wave}"] = np.corrcoef(children[a], children[b])[0, 1]
        symptoms = children["aggression"] ** 2
        found[f"conduct problems mean {wave}"] = scales.sdq_conduct(children["aggression"]).mean()
        within = scales.SDQ_ITEMS * symptoms * (1 - symptoms)
        found[f"conduct problems sd {wave}"] = np.sqrt(within.mean() + (scales.SDQ_ITEMS * symptoms).var())
        found[f"hyperactivity mean {wave}"] = scales.sdq_hyperactivity(children["self_regulation"]).mean()
        found[f"high conflict {wave}"] = (children["conflict"] > 0.5).mean()
        accepted = np.concatenate([record.acceptance[wave] for record in years])
        found[f"r acceptance aggression {wave}"] = np.corrcoef(accepted, children["aggression"])[0, 1]
        pairs = [record.liking[wave][~np.eye(record.liking.shape[-1], dtype=bool)] for record in years]
        found[f"liking {wave}"] = np.mean([liking.mean() for liking in pairs])
        found[f"nominations {wave}"] = np.mean([(liking >= LIKED_MOST).mean() for liking in pairs])
    for wave in (2, 3):
        before, after = waves[wave - 1], waves[wave]
        for name in ("conflict", "aggression", "closeness"):
            found[f"stability {name} {wave}"] = np.corrcoef(before[name], after[name])[0, 1]
        for cause, effect in (("aggression", "conflict"), ("conflict", "aggression")):
            found[f"path {cause} {effect} {wave}"] = path(after[effect], before[effect], before[cause])
    for name in ("closeness", "conflict"):
        found[f"class share of {name}"] = class_share([record.children[2][name] for record in years])
    return found | contact_statistics(years, waves[0]["sex"])


def path(outcome: Records, earlier: Records, cause: Records) -> float:
    """Standardized path from `cause` to `outcome`, given the earlier outcome."""
    z = [(x - x.mean()) / x.std() for x in (earlier, cause, outcome)]
    return float(np.linalg.lstsq(np.column_stack(z[:2]), z[2], rcond=None)[0][1])


def class_share(groups: list[Records]) -> float:
    """Intraclass correlation of classes of one size."""
    values = np.array(groups)
    within = values.var(axis=1, ddof=1).mean()
    between = values.mean(axis=1).var(ddof=1) - within / values.shape[1]
    return float(max(0.0, between / (between + within)))


def contact_statistics(years: list[Year], sex: Records) -> dict[str, float]:
    """Statistics of the day's contacts."""
    two = [record.counts[list(TWO_DAYS)] for record in years]
    sums = [days.sum(axis=0) for days in two]
    a_day = np.concatenate([record.counts[1:].mean(axis=0) for record in years])
    tones = np.sum([record.tones for record in years], axis=0)
    share = tones / tones[0]
    play, hostile = np.sum([record.bouts for record in years], axis=0)
    busy = [days for days, total in zip(two, sums, strict=True) if total.mean() > BUSY_DAYS]
    return {
        "contacts": a_day.mean(),
        "contacts over-dispersion": float(np.median([x.var() / x.mean() ** 2 - 1 / x.mean() for x in sums])),
        "contacts gini": float(np.median([gini(x) for x in sums])),
        "contacts day to day r": float(np.mean([np.corrcoef(*days)[0, 1] for days in busy])),
        "contacts boys to girls": a_day[sex == 1].mean() / a_day[sex == 0].mean(),
        "corrections": share[1],
        "derogations": share[2],
        "hostile child tones": share[3],
        "child tone": share[4],
        "teacher tone": share[5],
        "teacher stress": float(np.mean([record.stress for record in years])),
        "teacher stress raised by the class": float(np.mean([record.stress - record.rest for record in years])),
        "hostile play": hostile / play,
    }


def gini(x: Records) -> float:
    """Gini coefficient."""
    ordered, n = np.sort(x), len(x)
    return float((2 * np.arange(1, n + 1) - n - 1).dot(ordered) / (n * ordered.sum()))


def loss(found: dict[str, float]) -> float:
    """Distance from all goals; robust, so that one goal out of reach does not spoil the others."""
    distances = np.array([goal.distance(found[goal.statistic]) for goal in GOALS])
    weights = np.array([goal.weight for goal in GOALS])
    return float(4 * (weights * np.log1p(np.square(distances) / 4)).sum())


def values_at(point: Records) -> dict[str, float]:
    """Parameter values at a point of the unit cube; the lower end is searched more finely."""
    low, high = np.array(list(FREE.values())).T
    return dict(zip(FREE, (low + (high - low) * np.clip(point, 0, 1) ** 2).tolist(), strict=True))


def point_of(values: dict[str, float]) -> Records:
    """Inverse of `values_at`."""
    low, high = np.array(list(FREE.values())).T
    share: Records = np.clip((np.array([values[name] for name in FREE]) - low) / (high - low), 0, 1)
    return np.sqrt(share)


def judge(point: Records, classes: int) -> float:
    """Loss of a candidate; leaving the cube costs."""
    outside = np.maximum(0, np.abs(point - 0.5) - 0.5)
    return loss(statistics(values_at(point), classes)) + 10 * float(np.square(outside).sum())


def search(out: Path, generations: int, classes: int) -> None:
    """Search on from the parameters in use, or from where `out` ended."""
    import cma

    start = {name: PARAMETERS[name].value for name in FREE}
    if out.exists():
        start |= json.loads(out.read_text(encoding="utf-8"))
    strategy = cma.CMAEvolutionStrategy(point_of(start), 0.06, {"seed": SEED, "popsize": 16, "verbose": -9})
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for generation in range(1, generations + 1):
            points = strategy.ask()
            strategy.tell(points, list(pool.map(partial(judge, classes=classes), points)))
            scratch = out.with_suffix(".new")
            scratch.write_text(json.dumps(values_at(strategy.result.xbest), indent=1), encoding="utf-8")
            scratch.replace(out)
            print(f"generation {generation}: loss {strategy.result.fbest:.2f}", flush=True)


def report(classes: int) -> str:
    """Where the parameters in use stand, on classes that the search never saw."""
    found = statistics({}, classes, first=10_000)
    lines = [f"{'statistic':<34} {'goal':>15} {'found':>7}  source"]
    lines += [f"{g.statistic:<34} {g.shown():>15} {found[g.statistic]:>7.3f}  {g.source}" for g in GOALS]
    facts, ranges = [g for g in GOALS if not g.slack], [g for g in GOALS if g.slack]
    near = sum(goal.distance(found[goal.statistic]) <= NEAR for goal in facts)
    inside = sum(goal.distance(found[goal.statistic]) == 0 for goal in ranges)
    lines.append(f"{near} of {len(facts)} published figures within {NEAR:g} tolerances; loss {loss(found):.1f}")
    lines.append(f"{inside} of {len(ranges)} ranges kept")
    return "\n".join(lines)


def main(arguments: Any = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--report", action="store_true", help="only tell where the parameters in use stand")
    parser.add_argument("--out", type=Path, default=Path("calibrated.json"))
    parser.add_argument("--generations", type=int, default=100)
    parser.add_argument("--classes", type=int, default=CLASSES)
    chosen = parser.parse_args(arguments)
    if chosen.report:
        print(report(chosen.classes))
    else:
        search(chosen.out, chosen.generations, chosen.classes)


if __name__ == "__main__":
    main()
