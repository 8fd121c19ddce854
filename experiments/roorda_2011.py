"""E1 · Relationships, engagement and achievement (Roorda et al. 2011; Roorda et al. 2017).

Two meta-analyses: relationships went more with engagement than with achievement, and engagement carried part of the
way from one to the other. Over time the negative side of the relationship weighed most.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import correlation, indirect, multilevel, regression, z


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Correlations at one occasion, differences between them, mediation, and effects of one occasion on the next."""
    names = ("engagement_T1", "closeness_T1", "conflict_T1", "closeness", "conflict", "engagement", "achievement")
    table = z(sample.wide.rename(columns=lambda name: name.removesuffix("_T2")), *names)
    table["difference"] = table["engagement"] - table["achievement"]
    found: dict[str, Estimate] = {}
    for side in ("closeness", "conflict"):
        found |= {f"{side}, {outcome}": correlation(table, side, outcome) for outcome in ("engagement", "achievement")}
        # Standardized, the slope on the difference of two outcomes is the difference of their correlations.
        found[f"{side}, difference"] = regression(table, f"difference ~ {side}", side)
        found[f"{side}, indirect"] = indirect(table, side, "engagement", "achievement")
    later = multilevel(table, "engagement ~ engagement_T1 + closeness_T1 + conflict_T1", "closeness_T1", "conflict_T1")
    more = Estimate(-later["conflict_T1"].value - later["closeness_T1"].value)
    return found | {"closeness, later": later["closeness_T1"], "conflict, later": later["conflict_T1"], "more": more}


STUDY = Study(
    id="E1",
    pattern="P11",
    title="Relationships, engagement and achievement",
    source="Roorda et al. 2011, Rev Educ Res 81:493; Roorda et al. 2017, School Psychol Rev 46:239",
    design=Design(
        population=primary(2),
        classes=15,
        children=300,
        waves={"T1": Wave(10), "T2": Wave(30)},
        measures=("closeness", "conflict", "engagement", "achievement"),
    ),
    analyse=analyse,
    claims=(
        Claim("closeness, engagement", "Close children are engaged", direction=1),
        Claim("conflict, engagement", "Children in conflict are not", direction=-1),
        Claim("closeness, achievement", "Close children achieve more", direction=1),
        Claim("conflict, achievement", "Children in conflict achieve less", direction=-1),
        Claim("closeness, difference", "Closeness: more engagement than achievement", direction=1, significant=False),
        Claim("conflict, difference", "Conflict: more engagement than achievement", direction=-1, significant=False),
        Claim("closeness, indirect", "Closeness, engagement, achievement", direction=1),
        Claim("conflict, indirect", "Conflict, engagement, achievement", direction=-1),
        Claim("conflict, later", "Conflict, then less engagement", direction=-1),
        Claim("more", "Conflict weighs more over time than closeness", direction=1, significant=False),
    ),
    notes=(
        "The design is that of a typical study among the 99 and 189 of the meta-analyses, not of one of them; the two "
        "differences were not tested within studies. Engagement is the teacher's report, as in many of them. Effects "
        "over time are from reviews of several studies (E5), mediation from the meta-analysis of 2017 (E2)."
    ),
)
