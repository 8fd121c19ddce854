"""E4 · Motivation over the school years (Scherrer & Preckel 2019: 107 longitudinal studies).

Motivation falls from year to year, a little.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary

YEARS = ("T1", "T2", "T3")


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Mean slope of a line through the years, in standard deviations of the first year; tested over classes."""
    wide = sample.wide
    scores = wide[[f"child_engagement_{year}" for year in YEARS]].to_numpy()
    place = np.arange(len(YEARS)) - np.arange(len(YEARS)).mean()
    slope = pd.Series(scores @ place / (place @ place) / scores[:, 0].std())
    of_classes = slope.groupby(wide["classroom"].to_numpy()).mean()
    return {"a year": Estimate(float(slope.mean()), float(stats.ttest_1samp(of_classes, 0.0).pvalue))}


STUDY = Study(
    id="E4",
    title="Motivation over the school years",
    source="Scherrer & Preckel 2019, Rev Educ Res 89:211",
    design=Design(
        population=primary(4, size=24),
        classes=40,
        children=800,
        waves={year: Wave(24, year=number) for number, year in enumerate(YEARS, 1)},
        measures=("child_engagement",),
    ),
    analyse=analyse,
    claims=(Claim("a year", "Motivation falls a year, in standard deviations", -0.065, direction=-1, role="fit"),),
    notes=(
        "A meta-analysis has no design of its own; a study of the usual size is assumed, which follows 800 children "
        "from grade 4 to grade 6. Motivation is taken to be what children report of their engagement. Classes stay "
        "together and get a new teacher each year. In European studies the decline was larger."
    ),
)
