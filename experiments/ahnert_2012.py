"""R2 · Stress of first graders and their relationship with the teacher (Ahnert et al. 2012).

Children in conflict with their teacher calmed down less, most of all at the end of the week; those in close and
balanced relationships did best.
"""

from __future__ import annotations

import numpy as np

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, primary
from sim.studies.analysis import cohens_d, multilevel, z


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Stress on a Friday afternoon: between patterns of the relationship, and by both its sides."""
    table = z(sample.wide.rename(columns=lambda name: name.removesuffix("_T1")), "closeness", "conflict", "stress")
    sides = multilevel(table, "stress ~ closeness + conflict", "closeness", "conflict")
    loaded = table["conflict"] > table["conflict"].quantile(2 / 3)
    balanced = (table["conflict"] <= table["conflict"].median()) & (table["closeness"] > table["closeness"].median())
    table["pattern"] = np.select([loaded, balanced], ["conflict-loaded", "balanced"], "other")
    table["others"] = np.where(balanced, "balanced", "other")
    return {
        "conflict-loaded": cohens_d(table, "stress", "pattern", "balanced", "conflict-loaded"),
        "others": cohens_d(table, "stress", "others", "balanced", "other"),
        **sides,
    }


STUDY = Study(
    id="R2",
    title="Stress of first graders and their relationship with the teacher",
    source="Ahnert et al. 2012, Attach Hum Dev 14:249",
    design=Design(
        population=primary(1),
        classes=35,
        children=105,
        selection=Selection(per_class=5),
        waves={"T1": Wave(18)},
        measures=("closeness", "conflict", "stress"),
    ),
    analyse=analyse,
    claims=(
        Claim(
            "conflict-loaded", "More stress on Friday in conflict than in close, balanced relationships", direction=1
        ),
        Claim("others", "Least stress in close relationships without conflict", direction=1, significant=False),
    ),
    notes=(
        "Cortisol was sampled four times on a Monday and on a Friday of one week; a simulated study looks at the end "
        "of a school week only. How steeply stress falls in the course of a day, and whether Friday is worse than "
        "Monday, is not measured. The study's four clusters were not printed; here a balanced relationship is above "
        "the median of closeness and not above that of conflict, a conflict-loaded one in the upper third of conflict. "
        "The number of classes is assumed."
    ),
)
