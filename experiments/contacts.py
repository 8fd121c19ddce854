"""R1 · How often a teacher and a child are in contact, on two school days (Stehlé et al. 2011).

Figures of ten real classes with their teachers, computed from the public data of wearable sensors. Counts of two days
are summed where nothing else is said.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.instruments import Test

BUSY_DAYS = 2
"""Contacts a child in two days from which a class's own figures are counted."""


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Level, inequality within classes, and stability of contacts."""
    table = sample.wide.assign(both=lambda wide: wide["contacts_day 1"] + wide["contacts_day 2"])
    classes = [of_class for _, of_class in table.groupby("classroom") if of_class["both"].mean() > BUSY_DAYS]
    within = [np.corrcoef(one["contacts_day 1"], one["contacts_day 2"])[0, 1] for one in classes]
    excess = [(one["both"].var(ddof=0) - one["both"].mean()) / one["both"].mean() ** 2 for one in classes]
    pooled = stats.pearsonr(table["contacts_day 1"], table["contacts_day 2"])
    boys, girls = (table.loc[table["boy"] == boy, "both"] for boy in (1, 0))
    sexes = stats.ttest_ind(boys, girls, equal_var=False)
    return {
        "contacts": Estimate(float(table["both"].mean() / 2)),
        "size": Estimate(float(1 / np.median(excess))),
        "gini": Estimate(float(np.median([gini(one["both"].to_numpy()) for one in classes]))),
        "day to day": Estimate(float(pooled.statistic), float(pooled.pvalue)),
        "day to day, within classes": Estimate(float(np.mean(within))),
        "boys - girls": Estimate(float(boys.mean() - girls.mean()), float(sexes.pvalue)),
    }


def gini(counts: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Gini coefficient."""
    ordered, n = np.sort(counts), len(counts)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))


CONTACTS = Test(
    "contacts",
    "Contacts with the teacher, counted by sensors",
    "observer",
    lambda scene: scene.lately["contacts"],
    "R1; counted without error",
    reliability=1.0,
)
STUDY = Study(
    id="R1",
    title="Contacts between teacher and child on two school days",
    source="Stehlé et al. 2011, PLoS ONE 6:e23176; computed from the data",
    design=Design(
        population=primary(2, size=23, teacher={"pace": None}),
        classes=10,
        children=230,
        waves={"day 1": Wave(6, day=4), "day 2": Wave(6, day=5)},
        measures=(CONTACTS,),
        lookback=1,
    ),
    analyse=analyse,
    claims=(
        Claim("contacts", "Contacts a child and day", 8.3, role="fit"),
        Claim("size", "Over-dispersion within a class (size of the negative binomial)", 3.7, role="fit"),
        Claim("gini", "Inequality within a class (Gini)", 0.32, role="fit"),
        Claim("day to day", "Correlation of two days, all children", 0.57, direction=1, role="fit"),
        Claim("day to day, within classes", "Correlation of two days, within a class", 0.32, role="fit"),
        Claim("boys - girls", "Boys have more contacts", direction=1, significant=False, role="fit"),
    ),
    notes=(
        "Classes are all of one grade; in the real ones children were 6 to 12 years old. The two days are the last "
        "ones of the sixth school week, which is assumed. The order of contacts within a day is not looked at here."
    ),
)
