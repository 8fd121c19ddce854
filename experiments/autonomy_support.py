"""M1 · What a teacher gives in motivation: autonomy support and structure, and engagement.

Of what pupils see of their teacher's autonomy support a quarter lies between teachers. Autonomy support and structure
reinforce each other: engagement is highest where a teacher gives both.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import by_group, complete, intraclass, z

AUTONOMY, STRUCTURE, ENGAGEMENT = "child_autonomy_support_T1", "child_structure_T1", "child_engagement_T1"


def analyse(sample: Sample) -> dict[str, Estimate]:
    """How much lies between teachers, and what both do together for engagement."""
    table = z(complete(sample.wide, AUTONOMY, STRUCTURE, ENGAGEMENT), AUTONOMY, STRUCTURE, ENGAGEMENT)
    formula = f"{ENGAGEMENT} ~ {AUTONOMY} * {STRUCTURE}"
    return {
        "between teachers": intraclass(sample.wide, AUTONOMY),
        "together": by_group(table, formula, f"{AUTONOMY}:{STRUCTURE}", groups="classroom"),
    }


def beside(seen: Sample, _: Sample) -> dict[str, Estimate]:
    """Structure between teachers, and either by itself."""
    table = z(complete(seen.wide, AUTONOMY, STRUCTURE, ENGAGEMENT), AUTONOMY, STRUCTURE, ENGAGEMENT)
    formula = f"{ENGAGEMENT} ~ {AUTONOMY} + {STRUCTURE}"
    return {
        "share of structure between teachers": intraclass(seen.wide, STRUCTURE),
        "autonomy support and engagement": by_group(table, formula, AUTONOMY, groups="classroom"),
        "structure and engagement": by_group(table, formula, STRUCTURE, groups="classroom"),
    }


STUDY = Study(
    id="M1",
    title="Autonomy support, structure and engagement",
    source="Perceived autonomy support of 259 Dutch pupils of 14 teachers (computed); reviews of motivation",
    design=Design(
        population=primary(5),
        classes=14,
        children=259,
        waves={"T1": Wave(20)},
        measures=("child_autonomy_support", "child_structure", "child_engagement"),
        lookback=20,
    ),
    analyse=analyse,
    beside=beside,
    claims=(
        Claim("between teachers", "Share of perceived autonomy support that lies between teachers", 0.24, direction=1),
        Claim("together", "Autonomy support does more for engagement where there is structure", direction=1),
    ),
    notes=(
        "Autonomy support is the room that the teacher's acts leave: low where she leads, corrects, or is harsh. "
        "Structure is that she is not harsh where she leads. Pupils report what they find in their contacts, with a "
        "reliability that is assumed (.8). How much teachers differ in leaving the lead is fitted to the share between "
        "teachers. Engagement has room times structure among what it comes from, by an assumed weight. Grade, time of "
        "the year and size of the classes are assumed."
    ),
)
