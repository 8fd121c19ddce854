"""W5b · From the teacher's affect by way of acceptance to academic skill (Kiuru et al. 2015)."""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import cross_lagged, indirect

AFFECT, ACCEPTANCE, SKILL = "teacher_preference", "liked_most", "achievement"


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Indirect effect on skill, given earlier skill and acceptance; cross-lagged paths in between."""
    earlier = (f"{SKILL}_kindergarten", f"{ACCEPTANCE}_grade_1")
    found = cross_lagged(sample.wide, AFFECT, ACCEPTANCE, ("grade_1", "grade_2"))
    return {
        "affect -> acceptance": found[f"{AFFECT} -> {ACCEPTANCE} grade_1 grade_2"],
        "acceptance -> affect": found[f"{ACCEPTANCE} -> {AFFECT} grade_1 grade_2"],
        "affect -> acceptance -> skill": indirect(
            sample.wide, f"{AFFECT}_grade_1", f"{ACCEPTANCE}_grade_2", f"{SKILL}_grade_4", earlier
        ),
    }


STUDY = Study(
    id="W5b",
    pattern="P10",
    title="Teacher's affect, acceptance and academic skill from kindergarten to grade 4",
    source="Kiuru et al. 2015, Dev Psychol 51:434",
    design=Design(
        population=primary(0, size=20),
        classes=66,
        children=625,
        waves={
            "kindergarten": Wave(30, 1),
            "grade_1": Wave(26, 2),
            "grade_2": Wave(26, 3),
            "grade_4": Wave(30, 5),
        },
        measures=(AFFECT, ACCEPTANCE, SKILL),
    ),
    analyse=analyse,
    claims=(
        Claim("affect -> acceptance", "Whom the teacher likes is accepted more a year later", direction=1),
        Claim("acceptance -> affect", "Who is accepted is liked more by the teacher a year later", direction=1),
        Claim("affect -> acceptance -> skill", "Acceptance carries the teacher's affect to skill", direction=1),
    ),
    notes=(
        "The number of classes and the times within a year are assumed. In the model each year brings a new teacher "
        "and the class moves up together. The part of the paths of grades 2 to 3 is left out."
    ),
)
