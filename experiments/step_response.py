"""F1, F4 · How fast behaviour answers when the teacher's regime changes: on, off and on again.

Three single-case designs were read off session by session: a strong class programme was switched on, in two of them off
and on again, and what pupils did was observed (or rated) every day. Most of the eventual change was there in the first
session; when the regime was withdrawn, most of it was lost within two.

The regime here is the study's own, as strong as a teacher can make it: from one day to the next the teacher looks for
occasions to praise these pupils, shows that it is glad of what goes well, and answers misbehaviour calmly. Published
regimes had rewards besides; what is compared is speed, not size.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from sim.compiled import kernel
from sim.interventions import Hook, Intervention, raised
from sim.state import Record, Records
from sim.studies import Claim, Design, Estimate, Programme, Sample, Selection, Study, Wave, primary

START = 18
PHASE_WEEKS, SESSIONS = 2.0, 10
ON_AGAIN, END = 2.0 * PHASE_WEEKS, 3.0 * PHASE_WEEKS
PHASES = {"A1": START - 2, "B1": START, "A2": START + 2, "B2": START + 4}
"""First week of each phase: without, with, without, with the regime."""
SEEN_IN_BASELINE = 6
"""First session of the first phase that is observed."""
SETTLED = 4
"""Session of a phase from which on its level counts as what the change comes to."""
SHARES = ("first", "second", "third")
Phases = Mapping[str, Records]
"""Disruptions by phase, shape (children, sessions); nan before observation began."""


@kernel
def approve(children: Records, teacher: Record, i: int, course: Record, p: Record) -> None:  # noqa: ARG001
    """Approval and calm while the regime is on: for two weeks, and again after two weeks without."""
    if course.week < PHASE_WEEKS or ON_AGAIN <= course.week < END:
        child = children[i]
        child.praise = raised(child.praise, 1.0, course)
        child.attunement = raised(child.attunement, 1.0, course)
        child.calm = raised(child.calm, 1.0, course)


class Approval(Intervention):
    """Approval and calm correction, switched on, off and on again."""

    name = "approval-and-calm"
    title = "Approval and calm correction"
    weeks = int(END)
    hook = Hook(approve)


def occasions() -> dict[str, Wave]:
    """Every session that is observed: ``"B1 3"`` is the third of the second phase."""
    return {
        f"{phase} {session}": Wave(week + (session - 1) // 5, day=(session - 1) % 5 + 1)
        for phase, week in PHASES.items()
        for session in range(SEEN_IN_BASELINE if phase == "A1" else 1, SESSIONS + 1)
    }


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Shares of the eventual change, and whether it is there at all, at once, and for good."""
    wide = sample.wide
    seen = {phase: sessions(wide, phase) for phase in PHASES}
    found = {f"on {name}": Estimate(reached(seen, k, ("A1", "B1"), ("A2", "B2"))) for k, name in enumerate(SHARES)}
    found |= {f"off {name}": Estimate(reached(seen, k, ("B1", "A2"))) for k, name in enumerate(SHARES)}
    change = np.mean([settled(seen[on]) - settled(seen[off]) for off, on in (("A1", "B1"), ("A2", "B2"))], axis=0)
    lost = seen["A2"][:, 0] - settled(seen["B1"])
    slope = np.mean([slopes(seen[phase]) for phase in ("B1", "B2")], axis=0)
    spread = settled(seen["A1"]).std()
    return found | {
        "regime": tested(wide, change / spread),
        "withdrawn": tested(wide, lost / spread),
        "slope": tested(wide, slope / spread),
    }


def sessions(wide: pd.DataFrame, phase: str) -> Records:
    """Observed disruption of each child in each session of a phase."""
    names = [f"observed_disruption_{phase} {session}" for session in range(1, SESSIONS + 1)]
    return wide.reindex(columns=names).to_numpy()


def settled(seen: Records) -> Records:
    """Level of each child once a phase has settled."""
    return np.asarray(np.nanmean(seen[:, SETTLED - 1 :], axis=1))


def reached(seen: Phases, session: int, *switches: tuple[str, str]) -> float:
    """Share of the eventual change that the mean of all children has made by a session after a switch."""
    made = sum((seen[after][:, session] - settled(seen[before])).mean() for before, after in switches)
    eventual = sum((settled(seen[after]) - settled(seen[before])).mean() for before, after in switches)
    return float(made / eventual)


def slopes(seen: Records) -> Records:
    """Slope of each child over the settled sessions of a phase, for all of these sessions."""
    place = np.arange(SESSIONS - SETTLED + 1.0)
    place -= place.mean()
    return np.asarray(len(place) * (seen[:, SETTLED - 1 :] @ place) / (place @ place))


def tested(wide: pd.DataFrame, change: Records) -> Estimate:
    """Mean change, tested over classes."""
    of_classes = pd.Series(change).groupby(wide["classroom"].to_numpy()).mean()
    return Estimate(float(change.mean()), float(stats.ttest_1samp(of_classes, 0.0).pvalue))


def speed(name: str, says: str, low: float, high: float) -> Claim:
    """A share of the eventual change, between the lowest and the highest of the designs."""
    return Claim(name, says, between=(low, high), role="fit")


STUDY = Study(
    id="F1",
    title="Behaviour when the teacher's regime is switched on and off",
    source="Lambert et al. 2006; Thorne & Kamps 2008; Leidig et al. 2022; computed from their figures",
    design=Design(
        population=primary(3),
        classes=28,
        children=56,
        selection=Selection(per_class=2, by="aggression", highest=True),
        arms={"regime": (Programme(Approval, start_week=START),)},
        waves=occasions(),
        measures=("observed_disruption",),
        lookback=1,
    ),
    analyse=analyse,
    claims=(
        speed("on first", "On: share of the change in the first session", 0.69, 0.87),
        speed("on second", "On: share in the second session", 0.77, 0.88),
        speed("on third", "On: share in the third session", 0.87, 1.04),
        speed("off first", "Off: share of the change in the first session", 0.26, 0.48),
        speed("off second", "Off: share in the second session", 0.78, 0.79),
        speed("off third", "Off: share in the third session", 0.75, 0.95),
        Claim("regime", "There is less disruption with the regime", direction=-1),
        Claim("withdrawn", "Without approval there is more on the first day already (F4)", direction=1),
        Claim("slope", "Once it has settled it falls no further", direction=0, significant=False),
    ),
    notes=(
        "Ranges are the lowest and highest of the three designs (two of them were switched off), which had 9, 12 and "
        "35 pupils; here 56 pupils, the two of each class who are highest in teacher-rated aggression, are observed a "
        "session a day. What observers see is the day's hostile acts and reprimands, with a reliability of .8, which "
        "is assumed. Phases last two school weeks; from the fourth session on a phase counts as settled. The "
        "programmes were strong and had rewards that the model has not, so the speed is compared and not the size; "
        "that the regime is praise and calm at their fullest is assumed. In another study four pupils were slow. That "
        "a reprimand suppresses disruption at once and teaches nothing (F4) is not looked at here."
    ),
)
