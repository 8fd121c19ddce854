"""E3 · Teacher, peers and engagement from grade 4 to 6 (De Laet et al. 2015; Weyns et al. 2018).

Engagement fell over three years, less where support by the teacher was high or grew and where peers accepted the child;
the two added up.
"""

from __future__ import annotations

import pandas as pd

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import multilevel, z

CALLED = {"child_engagement": "engagement", "child_closeness": "support", "liked_most": "acceptance"}
FIRST = ("support", "acceptance", "rising", "both")
BEFORE = ("support_before", "acceptance_before")


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Growth of engagement (2015), in standard deviations a year, and effects of one year on the next (2018)."""
    scores = {f"{score}_{wave}": f"{name}_{wave}" for score, name in CALLED.items() for wave in ("T1", "T2", "T3")}
    table = sample.wide.rename(columns=scores)
    table["growth"] = (table["engagement_T3"] - table["engagement_T1"]) / (2.0 * table["engagement_T1"].std())
    table["support"], table["acceptance"] = table["support_T1"], table["acceptance_T1"]
    table["rising"] = table["support_T3"] - table["support_T1"]
    table = z(table, *FIRST[:3])
    table["both"] = table["support"] * table["acceptance"]
    found = multilevel(table, f"growth ~ {' + '.join(FIRST)}", "Intercept", *FIRST)
    years = [
        table.rename(columns={f"{name}_{wave}": f"{name}_{place}" for name in CALLED.values() for wave, place in pair})
        for pair in ((("T1", "before"), ("T2", "after")), (("T2", "before"), ("T3", "after")))
    ]
    later = z(pd.concat(years), "engagement_before", "engagement_after", *BEFORE)
    lagged = multilevel(later, f"engagement_after ~ engagement_before + {' + '.join(BEFORE)}", *BEFORE)
    return {"decline": found.pop("Intercept"), **found, **lagged}


STUDY = Study(
    id="E3",
    title="Teacher, peers and engagement from grade 4 to 6",
    source="De Laet et al. 2015, Dev Psychol 51:1292; Weyns et al. 2018, J Youth Adolesc 47:1139",
    design=Design(
        population=primary(4),
        classes=30,
        children=586,
        waves={"T1": Wave(28), "T2": Wave(28, year=2), "T3": Wave(28, year=3)},
        measures=tuple(CALLED),
    ),
    analyse=analyse,
    claims=(
        Claim("decline", "Engagement falls", direction=-1),
        Claim("support", "It falls less where the teacher's support is high", direction=1),
        Claim("rising", "It falls less where the teacher's support grows", direction=1),
        Claim("acceptance", "It falls less where peers accept the child", direction=1),
        Claim("both", "The two add up", direction=0, significant=False),
        Claim("support_before", "Support, and engagement a year later", direction=1),
        Claim("acceptance_before", "Acceptance, and engagement a year later", direction=1),
    ),
    notes=(
        "Support and engagement are the child's report. Growth is the slope of a straight line through three years; "
        "the study estimated it as latent. The model has no reason of its own for engagement to fall with age. Number "
        "of classes and week are assumed; classes stay together and get a new teacher each year."
    ),
)
