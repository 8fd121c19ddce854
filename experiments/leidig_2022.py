"""F3 · Behaviour from day to day, as teachers rate it (Leidig et al. 2022, the days without programme).

Teachers rated pupils at risk every school day. What a child did on one day told little about the next, beyond what is
usual for the child; half of the variance lay between children; on one day two classmates were somewhat alike.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.state import Records
from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, primary
from sim.studies.analysis import by_group
from sim.studies.cohort import Scene
from sim.studies.instruments import Observation, Rating, counted, disruption

FIRST_WEEK, WEEKS = 10, 4
DAYS = [f"day {number}" for number in range(1, 5 * WEEKS + 1)]
HALF = 3.0
"""Disruptions of a day at which a teacher's rating is half way up the scale."""


def as_rated(scene: Scene) -> Records:
    """What a child did today on a scale that ends: each further disruption adds less."""
    today = disruption(scene)
    return today / (today + HALF)


DAILY = Rating(
    "today",
    "Behaviour of the day, rated by the teacher",
    "teacher",
    as_rated,
    "F3; items and scale assumed",
    items=3,
    steps=5,
    low=0.0,
    high=5.0,
    good=-1,
    coloured=True,
)
REPRIMANDS, HOSTILE = (
    Observation(name, title, "observer", counted(name, lately=True), "F4; counted without error", reliability=1.0)
    for name, title in (("reprimands", "Reprimands of the day"), ("hostile_acts", "Hostile acts of the day"))
)


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Where daily ratings differ, and how far days, and classmates, are alike."""
    wide = sample.wide
    seen = days(wide, "today")
    off = seen - seen.mean(axis=1, keepdims=True)
    return {
        "child's share": Estimate(child_share(seen)),
        "next day": Estimate(apart(off, 1)),
        "day after next": Estimate(apart(off, 2)),
        "classmates": Estimate(classmates(off, wide["classroom"].to_numpy())),
    }


def days(wide: pd.DataFrame, score: str) -> Records:
    """A score of each child on each day, shape (children, days)."""
    return wide[[f"{score}_{day}" for day in DAYS]].to_numpy()


def child_share(seen: Records) -> float:
    """Share of the variance of days that lies between children (intraclass correlation)."""
    n = seen.shape[1]
    between, within = n * seen.mean(axis=1).var(ddof=1), seen.var(axis=1, ddof=1).mean()
    return float((between - within) / (between + (n - 1) * within))


def apart(off: Records, lag: int) -> float:
    """Autocorrelation of what is unusual for the child, over all children."""
    return float((off[:, lag:] * off[:, :-lag]).mean() / (off**2).mean())


def classmates(off: Records, classroom: Records) -> float:
    """Correlation of what is unusual for two children of one class on one day."""
    products = squares = 0.0
    for which in np.unique(classroom):
        of_class = off[classroom == which]
        pairs = len(of_class) * (len(of_class) - 1)
        products += float((of_class.sum(axis=0) ** 2 - (of_class**2).sum(axis=0)).sum())
        squares += pairs * float((of_class**2).mean(axis=0).sum())
    return products / squares


def beside(seen: Sample, _: Sample) -> dict[str, Estimate]:
    """Reprimands and hostile acts of the next day, given today's, within children (F4: they teach nothing)."""
    counts = {name: days(seen.wide, name) for name in ("reprimands", "hostile_acts")}
    off = {name: values - values.mean(axis=1, keepdims=True) for name, values in counts.items()}
    table = pd.DataFrame(
        {
            "tomorrow": off["hostile_acts"][:, 1:].ravel(),
            "today": off["hostile_acts"][:, :-1].ravel(),
            "reprimands": off["reprimands"][:, :-1].ravel(),
            "child": np.repeat(seen.wide["child"].to_numpy(), len(DAYS) - 1),
        }
    )
    return {
        "a reprimand, and hostile acts of the next day": by_group(
            table, "tomorrow ~ today + reprimands", "reprimands", groups="child"
        )
    }


STUDY = Study(
    id="F3",
    title="Behaviour from day to day",
    source="Leidig et al. 2022; computed from their daily ratings",
    design=Design(
        population=primary(2),
        classes=7,
        children=35,
        selection=Selection(per_class=5, by="aggression", highest=True),
        waves={day: Wave(FIRST_WEEK + place // 5, day=place % 5 + 1) for place, day in enumerate(DAYS)},
        measures=(DAILY, REPRIMANDS, HOSTILE),
        lookback=1,
    ),
    analyse=analyse,
    beside=beside,
    claims=(
        Claim("child's share", "Share of the variance of days that lies between children", 0.48, role="fit"),
        Claim("next day", "Correlation with the next day, within children", 0.09, role="fit"),
        Claim("day after next", "Correlation with the day after that, within children", 0.07, role="fit"),
        Claim("classmates", "Correlation of two classmates on one day, within children", 0.22, role="fit"),
    ),
    notes=(
        "The five children of a class who are highest in teacher-rated aggression; the real ones were of grades 1 to "
        "3, here all are of grade 2. Twenty school days of the tenth to thirteenth week are assumed. What is rated is "
        "the day's hostile acts and reprimands, on three items of six steps whose answers are independent of each "
        "other given what happened; that three disruptions are half way up the scale is assumed. Autocorrelations are "
        "not corrected for the shortness of the series, as they were computed from the study's data."
    ),
)
