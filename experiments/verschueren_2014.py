"""D6 · Conflict and aggression from kindergarten to grade 1 (Verschueren, Cadima & Doumen 2014).

Children who have conflict with their teacher in grade 1 become more aggressive, the more so the more aggressive they
already were in kindergarten.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import moderated, z

BEFORE, CONFLICT, SUPPORT, AFTER = "aggression_T1", "observed_conflict_T2", "support_T2", "aggression_T3"
MODEL = f"{AFTER} ~ {CONFLICT} * {BEFORE} + {SUPPORT}"


def analyse(sample: Sample) -> dict[str, Estimate]:
    """The multilevel model with the product, and the slopes of conflict one standard deviation below and above."""
    table = z(sample.wide, BEFORE, CONFLICT, SUPPORT, AFTER)
    found = moderated(table, MODEL, CONFLICT, BEFORE)
    return {
        "conflict": found[CONFLICT],
        "conflict x aggression": found["interaction"],
        "conflict, aggression low": found["low"],
        "conflict, aggression high": found["high"],
    }


STUDY = Study(
    id="D6",
    title="Conflict and aggression from kindergarten to grade 1",
    source="Verschueren, Cadima & Doumen 2014, Pedagogische Studiën 91:318",
    design=Design(
        population=kindergarten(),
        classes=34,
        children=199,
        selection=Selection(per_class=6),
        waves={"T1": Wave(34), "T2": Wave(20, 2), "T3": Wave(34, 2)},
        measures=("aggression", "observed_conflict", "support"),
    ),
    analyse=analyse,
    claims=(
        Claim("conflict", "Conflict in grade 1 goes with a rise in aggression", direction=1),
        Claim("conflict x aggression", "It does so more in children who already were aggressive", direction=1),
        Claim(
            "conflict, aggression high",
            "In children one standard deviation above the mean of aggression conflict goes with a rise",
            direction=1,
            trust="B",
        ),
    ),
    notes="Observers rated conflict in grade 1 and the teacher's emotional support, teachers aggression in "
    "kindergarten and at the end of grade 1. The classes move up together, with a new teacher. The months of the "
    "occasions are assumed.",
)
