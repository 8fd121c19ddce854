"""A1, A2 · Conduct problems and hyperactivity of primary school children (van den Heuvel et al. 2017).

Teachers filled in the SDQ. Few children have most of the conduct problems, and boys have more of both than girls.

A percentile of whole scores is a score that many children share. It is taken here as the score above which the share
of children comes nearest to what the percentile leaves above it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, primary

SCORES = np.arange(11)


def percentile(score: pd.Series[float], below: float) -> float:
    """The whole score above which the share of children is nearest to ``1 - below``."""
    above = (score.to_numpy()[:, None] > SCORES).mean(axis=0)
    return float(SCORES[np.abs(above - (1.0 - below)).argmin()])


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Means and standard deviations of all, of boys, of girls; percentiles of conduct problems."""
    table, found = sample.table, {}
    groups = {"": table, ", boys": table[table["boy"] == 1.0], ", girls": table[table["boy"] == 0.0]}
    for name, group in groups.items():
        for scale in ("conduct", "hyperactivity"):
            found[f"{scale} mean{name}"] = float(group[scale].mean())
            found[f"{scale} sd{name}"] = float(group[scale].std())
    for below in (80, 90):
        found[f"conduct percentile {below}"] = percentile(table["conduct"], below / 100.0)
    for score in (0, 1, 2):
        found[f"conduct above {score}"] = float((table["conduct"] > score).mean())
    return {name: Estimate(value) for name, value in found.items()}


def fit(name: str, says: str, value: float) -> Claim:
    """A published figure to which parameters may be adjusted."""
    return Claim(name, says, value, role="fit")


STUDY = Study(
    id="A1",
    title="Conduct problems and hyperactivity as teachers report them",
    source="van den Heuvel et al. 2017, PLoS ONE 12:e0176605, table 2",
    design=Design(
        population=primary(2),
        classes=97,
        children=387,
        selection=Selection(per_class=4),
        waves={"T1": Wave(20)},
        measures=("conduct", "hyperactivity"),
    ),
    analyse=analyse,
    claims=(
        fit("conduct mean", "Mean of conduct problems (0 to 10)", 0.7),
        fit("conduct sd", "Standard deviation of conduct problems", 1.3),
        fit("conduct percentile 80", "80th percentile of conduct problems", 1.0),
        fit("conduct percentile 90", "90th percentile of conduct problems", 2.0),
        fit("conduct mean, boys", "Mean of conduct problems, boys", 1.0),
        fit("conduct sd, boys", "Standard deviation of conduct problems, boys", 1.5),
        fit("conduct mean, girls", "Mean of conduct problems, girls", 0.5),
        fit("conduct sd, girls", "Standard deviation of conduct problems, girls", 1.1),
        fit("hyperactivity mean", "Mean of hyperactivity (0 to 10)", 2.7),
        fit("hyperactivity sd", "Standard deviation of hyperactivity", 2.8),
        fit("hyperactivity mean, boys", "Mean of hyperactivity, boys", 3.5),
        fit("hyperactivity sd, boys", "Standard deviation of hyperactivity, boys", 3.0),
        fit("hyperactivity mean, girls", "Mean of hyperactivity, girls", 1.8),
        fit("hyperactivity sd, girls", "Standard deviation of hyperactivity, girls", 2.3),
    ),
    notes="The figures of hyperactivity are row A2 of the evidence table. The children of the study were 4 to 10 years "
    "old, 7.1 on average; here all are in grade 2. Four children a class, in mid-year, are assumed.",
)
