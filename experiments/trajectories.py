"""A3 · Three groups of children by the course of their aggression (Wildeboer et al. 2015, Generation R).

Most children are low in aggression year after year, about a fifth are in between, very few are high. The study followed
children from 1.5 to 6 years as their parents saw them; the model begins with the last year of kindergarten. It is
therefore asked for the order of the groups only, which says little: any skewed score gives a small group that is high.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from sim.state import Records
from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, kindergarten

YEARS = ("T1", "T2", "T3")
STARTS = (0.5, 0.9, 0.99)
"""Percentiles of children's mean scores at which the search for the groups begins."""
STEPS = 100


def shares(scores: Records) -> Records:
    """Shares of three groups of courses, from low to high (latent class growth analysis: a mixture of normals).

    A group has a mean for each year, free to rise and fall; the spread of a year is the same in all groups.
    """
    share, spread = np.full(3, 1.0 / 3.0), scores.std(axis=0)
    centre = np.quantile(scores.mean(axis=1), STARTS)[:, None] * np.ones(len(YEARS))
    for _ in range(STEPS):
        fit = (scores / spread**2) @ centre.T - 0.5 * (centre**2 / spread**2).sum(axis=1)
        belongs = special.softmax(np.log(share) + fit, axis=1)
        share = belongs.mean(axis=0)
        centre = belongs.T @ scores / belongs.sum(axis=0)[:, None]
        spread = np.sqrt((scores**2).mean(axis=0) - share @ centre**2)
    ordered: Records = share[centre.mean(axis=1).argsort()]
    return ordered


def analyse(sample: Sample) -> dict[str, Estimate]:
    """How large the groups are, and which is larger."""
    low, between, high = shares(sample.wide[[f"conduct_{year}" for year in YEARS]].to_numpy())
    found = {"low": low, "intermediate": between, "high": high}
    found |= {"low over intermediate": low - between, "intermediate over high": between - high}
    return {name: Estimate(float(value)) for name, value in found.items()}


STUDY = Study(
    id="A3",
    title="Groups of children by the course of their aggression",
    source="Wildeboer et al. 2015, Int J Behav Dev 39:221 (Generation R)",
    design=Design(
        population=kindergarten(),
        classes=240,
        children=4781,
        waves={"T1": Wave(20), "T2": Wave(20, 2), "T3": Wave(20, 3)},
        measures=("conduct",),
    ),
    analyse=analyse,
    claims=(
        Claim("low over intermediate", "Most children are in the group that is low", direction=1, significant=False),
        Claim("intermediate over high", "The group that is high is the smallest", direction=1, significant=False),
    ),
    notes="The study found 3.0 % high, 21.3 % intermediate and 75.7 % low, at 1.5, 3 and 6 years, in parents' reports. "
    "In the model teachers report, in the last year of kindergarten and the two years after it, on whole classes. "
    "The shares are therefore not compared, only their order; a skewed score by itself gives such an order.",
)
