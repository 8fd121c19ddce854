"""W1 · Teacher feedback and the liking of an unknown child (White & Kistner 1992).

Children saw a film in which a teacher gave feedback to a child actor. Which tones count as correction and which as
derogation is an assumption of the model, so that the order of the arms is *built in*: the study tests that the
mechanism does in the program what it does in the experiment.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Wave, primary
from sim.studies.analysis import cohens_d, regression
from sim.studies.film_experiment import PREFERENCE, Film

EXCHANGES = 4
"""Moments of feedback in the film."""
PRAISE, CORRECTION, DEROGATION = 0.7, -0.3, -0.8
CONTRASTS = (
    ("positive", "neutral"),
    ("derogatory", "neutral"),
    ("corrective", "neutral"),
    ("positive + corrective", "corrective"),
)


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Planned contrasts of preference between arms (Cohen's d), and the difference between boys and girls."""
    table = sample.wide
    found = {f"{one} - {other}": cohens_d(table, "preference_after", "arm", other, one) for one, other in CONTRASTS}
    return found | {"boys - girls": regression(table, "preference_after ~ boy + C(arm)", "boy")}


STUDY = Film(
    id="W1",
    pattern="P9",
    title="Teacher feedback and the liking of an unknown child",
    source="White & Kistner 1992",
    design=Design(
        population=primary(1, size=20), classes=10, children=149, waves={"film": Wave(18)}, measures=(PREFERENCE,)
    ),
    tones={
        "neutral": (0.0,) * EXCHANGES,
        "positive": (PRAISE,) * EXCHANGES,
        "corrective": (CORRECTION,) * EXCHANGES,
        "positive + corrective": (PRAISE, CORRECTION) * (EXCHANGES // 2),
        "derogatory": (DEROGATION,) * EXCHANGES,
    },
    analyse=analyse,
    claims=(
        Claim("positive - neutral", "Positive feedback raises preference", direction=1, built_in=True),
        Claim("derogatory - neutral", "Derogatory feedback lowers preference", direction=-1, built_in=True),
        Claim("corrective - neutral", "Corrective feedback does not", direction=0, significant=False, built_in=True),
        Claim(
            "positive + corrective - corrective",
            "Positive feedback softens the effect of negative feedback",
            direction=1,
            built_in=True,
        ),
        Claim("boys - girls", "No effect of sex", direction=0, significant=False, built_in=True),
    ),
    notes=(
        "Assumed: four moments of feedback, their tones, the number of classes, how much first impressions differ, and "
        "the reliability of the rating. Descriptions of the child's character are not in the model."
    ),
)
