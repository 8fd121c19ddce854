"""D4 · The teacher's perceived control between aggression and conflict (Doumen, Verschueren & Buyse 2009).

A child who is aggressive in autumn leaves its teacher with the feeling of having little control over it, and that
goes with conflict at the end of the year: for all of the effect of aggression, and for part of that of early conflict.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import indirect, paths

AGGRESSION, CONTROL, BEFORE, AFTER = "peer_aggression_T1", "control_T2", "conflict_T1", "conflict_T3"
MODEL = f"""
{CONTROL} ~ {AGGRESSION} + {BEFORE}
{AFTER} ~ {CONTROL} + {AGGRESSION} + {BEFORE}
{AGGRESSION} ~~ {BEFORE}
"""
PATHS = {
    "aggression -> control": f"{CONTROL} ~ {AGGRESSION}",
    "control -> conflict": f"{AFTER} ~ {CONTROL}",
    "direct": f"{AFTER} ~ {AGGRESSION}",
    "stability, direct": f"{AFTER} ~ {BEFORE}",
}


def analyse(sample: Sample) -> dict[str, Estimate]:
    """The path model, and the indirect effects with a bootstrap."""
    found = paths(sample.wide, MODEL, *PATHS.values())
    return {name: found[path] for name, path in PATHS.items()} | {
        "indirect": indirect(sample.wide, AGGRESSION, CONTROL, AFTER, given=[BEFORE]),
        "stability, indirect": indirect(sample.wide, BEFORE, CONTROL, AFTER, given=[AGGRESSION]),
    }


STUDY = Study(
    id="D4",
    title="The teacher's perceived control between aggression and conflict",
    source="Doumen, Verschueren & Buyse 2009, Br J Educ Psychol 79:663",
    design=Design(
        population=kindergarten(),
        classes=35,
        children=139,
        selection=Selection(per_class=4),
        waves={"T1": Wave(9), "T2": Wave(20), "T3": Wave(34)},
        measures=("peer_aggression", "control", "conflict"),
    ),
    analyse=analyse,
    claims=(
        Claim("aggression -> control", "Aggression lowers the teacher's perceived control", direction=-1),
        Claim("control -> conflict", "Little perceived control is followed by conflict", direction=-1),
        Claim("indirect", "Perceived control carries the effect of aggression on conflict", direction=1),
        Claim("direct", "No effect of aggression on conflict is left beside it", direction=0, significant=False),
        Claim("stability, indirect", "Perceived control carries part of the stability of conflict", direction=1),
        Claim("stability, direct", "Part of it only: conflict is stable beside it", direction=1, trust="B"),
    ),
    notes="Classmates name who is aggressive (first trimester), the teacher reports control (second) and conflict "
    "(first and third). The number of classes is that of a later study by the same group; it was not printed.",
)
