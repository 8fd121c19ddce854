"""B1 · Emotional support and the conflict of children with problem behaviour (Buyse et al. 2008, study 2).

With emotionally supportive teachers, children who show externalizing behaviour had no more conflict than others.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import moderated, z


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Multilevel regression with simple slopes one standard deviation below and above the mean of support."""
    table = sample.wide.rename(columns={"aggression_T1": "externalizing", "conflict_T2": "conflict"})
    table["support"] = table["support_T2"]
    table = z(table, "externalizing", "support", "conflict")
    return moderated(table, "conflict ~ externalizing * support", "externalizing", "support", varying="externalizing")


STUDY = Study(
    id="B1",
    pattern="P3",
    title="Emotional support and the conflict of children with problem behaviour",
    source="Buyse et al. 2008, J Sch Psychol 46:367, study 2",
    design=Design(
        population=kindergarten(),
        classes=36,
        children=237,
        selection=Selection(per_class=7),
        waves={"T1": Wave(9), "T2": Wave(20)},
        measures=("aggression", "conflict", "support"),
    ),
    analyse=analyse,
    claims=(
        Claim("interaction", "Support weakens the link of externalizing behaviour with conflict", direction=-1),
        Claim("low", "Externalizing behaviour goes with conflict where support is low", direction=1),
        Claim("high", "It does not where support is high", direction=0, significant=False),
    ),
    notes=(
        "Externalizing behaviour is the teacher's rating of aggression. The study also found that internalizing "
        "behaviour no longer goes with less closeness where support is high; the model has no internalizing behaviour. "
        "The weeks are those of another study of the same project; they were not printed."
    ),
)
