"""D1 · Conflict and aggression over three trimesters of kindergarten (Doumen et al. 2008).

The study that the vicious cycle is known from. Which of its two cross-lagged paths is .30 and which .21 is not
certain, so that each is held against the range of the two.
"""

from __future__ import annotations

from sim.analysis import cross_lagged, random_intercepts
from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten

WAVES = ("T1", "T2", "T3")


def analyse(sample: Sample) -> dict[str, Estimate]:
    """The published model."""
    return cross_lagged(sample.wide, "conflict", "aggression", WAVES)


def beside(seen: Sample, true: Sample) -> dict[str, Estimate]:
    """What is a cycle within children, what stable difference between them, and what measurement error makes of both."""
    within = random_intercepts(seen.wide, "conflict", "aggression", WAVES)
    latent = random_intercepts(true.wide, "conflict", "aggression", WAVES)
    return {f"within, {name}": found for name, found in within.items()} | {
        f"within, latent, {name}": found for name, found in latent.items()
    }


STUDY = Study(
    id="D1",
    pattern="P1",
    title="Conflict and aggression over three trimesters",
    source="Doumen, Verschueren et al. 2008, J Clin Child Adolesc Psychol 37:588",
    design=Design(
        population=kindergarten(),
        classes=35,
        children=148,
        selection=Selection(per_class=5),
        waves={"T1": Wave(9), "T2": Wave(20), "T3": Wave(34)},
        measures=("conflict", "aggression"),
    ),
    analyse=analyse,
    beside=beside,
    claims=(
        Claim("conflict T1 T2", "Stability of conflict", 0.69, role="fit"),
        Claim("conflict T2 T3", "Stability of conflict, later", 0.90, role="fit"),
        Claim("aggression T1 T2", "Stability of aggression", 0.82, role="fit"),
        Claim("aggression T2 T3", "Stability of aggression, later", 0.63, role="fit"),
        Claim("conflict ~ aggression T1", "Correlation at T1", 0.69, role="fit"),
        Claim("conflict ~ aggression T2", "What is left of it at T2", 0.17, role="fit"),
        Claim(
            "aggression -> conflict T1 T2",
            "Aggression, then conflict",
            between=(0.21, 0.30),
            direction=1,
            role="fit",
            trust="B",
        ),
        Claim(
            "conflict -> aggression T2 T3",
            "Conflict, then aggression",
            between=(0.21, 0.30),
            direction=1,
            role="fit",
            trust="B",
        ),
    ),
    notes="The number of classes is that of other studies of the same sample; it was not printed.",
)
