"""W6 · Rejection and the growth of aggression (Dodge et al. 2003).

From kindergarten to grade 3. That hostility is reinforced where it is acted already is part of the model, so that the
finding is *built in*.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, kindergarten
from sim.studies.analysis import complete, regression, z

EARLY, LATE = "aggression_kindergarten", "aggression_grade_3"
REJECTION = "liked_least_kindergarten"


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Effect of rejection on later aggression, given earlier: their product, and effects above and below its median."""
    table = z(complete(sample.wide, EARLY, LATE, REJECTION), EARLY, LATE, REJECTION)
    high = table[EARLY] > table[EARLY].median()
    given = f"{LATE} ~ {EARLY} + {REJECTION}"
    return {
        "moderation": regression(table, f"{LATE} ~ {EARLY} * {REJECTION}", f"{EARLY}:{REJECTION}"),
        "already aggressive": regression(table[high], given, REJECTION),
        "not aggressive": regression(table[~high], given, REJECTION),
    }


STUDY = Study(
    id="W6",
    title="Rejection and the growth of aggression",
    source="Dodge et al. 2003, Child Dev 74:374, study 2",
    design=Design(
        population=kindergarten(),
        classes=60,
        children=585,
        waves={"kindergarten": Wave(26), "grade_3": Wave(26, 4)},
        measures=("aggression", "liked_least"),
    ),
    analyse=analyse,
    claims=(
        Claim("moderation", "The more aggressive a child, the more rejection adds", direction=1, built_in=True),
        Claim("already aggressive", "Rejection, then aggression: in aggressive children", direction=1, built_in=True),
        Claim("not aggressive", "Not in others", direction=0, significant=False, built_in=True),
    ),
    notes=(
        "Assumed: the number of classes, the times, and that children above the median of aggression are the "
        "aggressive ones. Classmates stay together in the model."
    ),
)
