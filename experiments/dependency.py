"""DP · Dependency on the teacher (a meta-analysis of 28 studies; Spilt et al. 2018).

Dependent children had more problems, took part less and achieved less. With a sensitive teacher they came to take part
more independently, with an insensitive one less.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, primary
from sim.studies.analysis import correlation, moderated, z

OUTCOMES = ("aggression", "engagement", "achievement")


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Correlations at the first occasion, and growth of participation by dependency and sensitivity."""
    table = sample.wide.rename(columns=lambda name: name.removesuffix("_T1"))
    found = {outcome: correlation(table, "dependency", outcome) for outcome in OUTCOMES}
    table = z(table, "dependency", "sensitivity", "engagement", "engagement_T3")
    model = "engagement_T3 ~ engagement + sensitivity * dependency"
    growth = moderated(table, model, "sensitivity", "dependency")
    return found | {"interaction": growth["interaction"], "dependent": growth["high"]}


STUDY = Study(
    id="DP",
    title="Dependency on the teacher",
    source="Spilt et al. 2018, School Psychol Q 33:419; for the correlations a meta-analysis of 28 studies",
    design=Design(
        population=primary(2),
        classes=70,
        children=85,
        selection=Selection(per_class=2),
        waves={"T1": Wave(11), "T3": Wave(33)},
        measures=("dependency", "sensitivity", "aggression", "engagement", "achievement"),
    ),
    analyse=analyse,
    claims=(
        Claim("aggression", "Dependent children show more externalizing behaviour", direction=1, significant=False),
        Claim("engagement", "Dependent children are less engaged", direction=-1, significant=False),
        Claim("achievement", "Dependent children achieve less", direction=-1, significant=False),
        Claim("interaction", "Sensitivity matters more the more dependent a child is", direction=1),
        Claim("dependent", "With a sensitive teacher, dependent children grow more engaged", direction=1),
    ),
    notes=(
        "The correlations come from 7849 children; in a sample of 85 only their direction is claimed. The design is "
        "that of Spilt et al., whose children had attachment problems and went to special education; the children of "
        "the model are not selected. Independent participation is measured as engagement. Internalizing and prosocial "
        "behaviour, which dependency also goes with, are not in the model."
    ),
)
