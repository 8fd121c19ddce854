"""W5a · Teacher preference, rejection by peers and aggression (Mercer & DeRosier 2008).

Cross-lagged paths between the three from autumn to spring and on into the next school year with a new teacher.
"""

from __future__ import annotations

from itertools import pairwise

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import paths

WAVES = ("autumn", "spring", "next_autumn", "next_spring")
SCORES = ("teacher_preference", "liked_least", "peer_aggression")
PATHS = {
    "preference -> rejection": ("teacher_preference", "liked_least"),
    "rejection -> preference": ("liked_least", "teacher_preference"),
    "aggression -> preference": ("peer_aggression", "teacher_preference"),
    "aggression -> rejection": ("peer_aggression", "liked_least"),
}
YEARS = {"year 1": ("autumn", "spring"), "year 2": ("next_autumn", "next_spring")}


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Path model of three scores on four waves: each on all three of the wave before."""
    lines = []
    for before, now in pairwise(WAVES):
        causes = " + ".join(f"{score}_{before}" for score in SCORES)
        lines += [f"{score}_{now} ~ {causes}" for score in SCORES]
    for wave in WAVES:
        lines += [f"{SCORES[i]}_{wave} ~~ {SCORES[j]}_{wave}" for i, j in ((0, 1), (0, 2), (1, 2))]
    wanted = {
        f"{name}, {year}": f"{effect}_{now} ~ {cause}_{before}"
        for year, (before, now) in YEARS.items()
        for name, (cause, effect) in PATHS.items()
    }
    found = paths(sample.wide, "\n".join(lines), *wanted.values())
    return {name: found[key] for name, key in wanted.items()}


STUDY = Study(
    id="W5a",
    title="Teacher preference, rejection and aggression over two years",
    source="Mercer & DeRosier 2008, J Sch Psychol 46:661",
    design=Design(
        population=primary(3, size=23),
        classes=52,
        children=1193,
        waves={"autumn": Wave(8), "spring": Wave(32), "next_autumn": Wave(8, 2), "next_spring": Wave(32, 2)},
        measures=SCORES,
    ),
    analyse=analyse,
    claims=(
        Claim("preference -> rejection, year 1", "Whom the teacher likes is rejected less later", direction=-1),
        Claim("rejection -> preference, year 1", "Who is rejected is liked less by the teacher later", direction=-1),
        Claim("aggression -> preference, year 1", "Aggression: less preference by the teacher later", direction=-1),
        Claim("aggression -> rejection, year 1", "Aggression: more rejection later", direction=1),
    ),
    notes=(
        "The number of classes and the times are assumed. Claims are held against the first year; the paths of the "
        "second, with a new teacher and the same classmates, are in the report. Printed was that the influence is "
        "reciprocal, not in which intervals."
    ),
)
