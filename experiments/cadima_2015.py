"""R0 · Closeness, the quality of the class and self-regulation (Cadima et al. 2015).

Close children gained more self-regulation in a year, and the quality of the class helped those most who had little of
it.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import moderated, z


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Multilevel regression of self-regulation at the end of the year, given that at the beginning."""
    names = {"observed_regulation_T1": "before", "observed_regulation_T3": "after", "closeness_T2": "closeness"}
    table = sample.wide.rename(columns=names)
    table["quality"] = table["support_T2"]
    table = z(table, "before", "after", "closeness", "quality")
    return moderated(table, "after ~ quality * before + closeness", "quality", "before")


STUDY = Study(
    id="R0",
    pattern="P6",
    title="Closeness, the quality of the class and self-regulation",
    source="Cadima et al. 2015, J Abnorm Child Psychol 44:7",
    design=Design(
        population=kindergarten(),
        classes=47,
        children=206,
        selection=Selection(per_class=5),
        waves={"T1": Wave(4), "T2": Wave(18), "T3": Wave(34)},
        measures=("observed_regulation", "closeness", "support"),
    ),
    analyse=analyse,
    claims=(
        Claim("closeness", "Closeness goes with gains in self-regulation", direction=1),
        Claim("interaction", "Quality matters less the more self-regulation a child has", direction=-1),
        Claim("low", "Quality goes with gains of children with little of it", direction=1, significant=False),
    ),
    notes=(
        "Quality was that of instruction; the model has emotional support only. The children of the study were "
        "socially disadvantaged, those of the model are not selected. Beginning, middle and end of the year are weeks "
        "4, 18 and 34."
    ),
)
