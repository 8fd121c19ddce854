"""F2 · What of a child's behaviour goes along to the next teacher (Dutch twins of 7, 10 and 12 years).

Heritability of externalizing behaviour was .80 (boys) and .70 (girls) where one teacher rated both twins, about .50
where each had its own. The authors show that this is no bias of raters: children behave differently with different
teachers. Read so, of what is stable with one teacher a share of .50 / .80 to .50 / .70 goes along to the next.
"""

from __future__ import annotations

import pandas as pd

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import correlation

SCALES = ("aggression", "conduct")
FIRST, SAME, NEXT = "winter", "summer", "next winter"


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Agreement of two ratings by one teacher, and by two teachers, and how much of the first the second is."""
    table = externalizing(sample.wide)
    same, other = (correlation(table, FIRST, later) for later in (SAME, NEXT))
    return {"one teacher": same, "two teachers": other, "goes along": Estimate(other.value / same.value)}


def externalizing(wide: pd.DataFrame) -> pd.DataFrame:
    """Both scales together at each occasion, as a deviation from the class, so that leniency plays no part."""
    classroom, waves = wide["classroom"], (FIRST, SAME, NEXT)
    scores = wide[[f"{scale}_{wave}" for scale in SCALES for wave in waves]]
    scores = scores / scores.std()
    both = pd.DataFrame({wave: scores[[f"{scale}_{wave}" for scale in SCALES]].sum(axis=1) for wave in waves})
    return both - both.groupby(classroom).transform("mean")


STUDY = Study(
    id="F2",
    title="The same child with the next teacher",
    source="Dutch twins of 7, 10 and 12 years, teacher reports (Netherlands Twin Register)",
    design=Design(
        population=primary(2),
        classes=60,
        children=1380,
        waves={FIRST: Wave(16), SAME: Wave(34), NEXT: Wave(16, year=2)},
        measures=SCALES,
    ),
    analyse=analyse,
    claims=(
        Claim(
            "goes along",
            "Share of what is stable with one teacher that goes along to the next",
            between=(0.63, 0.71),
            trust="B",
        ),
    ),
    notes=(
        "The range is a reading of twins' heritabilities (.50 / .80 and .50 / .70), not a figure of theirs. Here one "
        "teacher rates half a year apart, two teachers a year apart. Externalizing is teacher-rated aggression and "
        "conduct problems, as deviations from the class, so that a lenient teacher plays no part; the teacher's image "
        "of the child does. Classes stay together. Number of classes, grade and weeks are assumed."
    ),
)
