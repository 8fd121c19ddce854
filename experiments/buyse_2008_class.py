"""B2 · Problem behaviour of the class and the conflict of one child (Buyse et al. 2008, study 1).

The more problem behaviour there was in the class on average, the more a child's externalizing behaviour went with
conflict.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, kindergarten
from sim.studies.analysis import moderated, z


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Multilevel regression: a child's distance from the average of its class, by that average."""
    table = sample.wide.rename(columns={"aggression_T1": "externalizing", "conflict_T1": "conflict"})
    table["average"] = table.groupby("classroom")["externalizing"].transform("mean")
    table["own"] = table["externalizing"] - table["average"]
    table = z(table, "own", "average", "conflict")
    return moderated(table, "conflict ~ own * average", "own", "average", varying="own")


STUDY = Study(
    id="B2",
    pattern="P4",
    title="Problem behaviour of the class and the conflict of one child",
    source="Buyse et al. 2008, J Sch Psychol 46:367, study 1",
    design=Design(
        population=kindergarten(),
        classes=215,
        children=3798,
        waves={"T1": Wave(20)},
        measures=("aggression", "conflict"),
    ),
    analyse=analyse,
    claims=(Claim("interaction", "Problem behaviour of the class strengthens the link with conflict", direction=1),),
    notes=(
        "Externalizing behaviour is the teacher's rating of aggression. Classes differ by the children who happen "
        "to be in them; real classes, that draw on different neighbourhoods, differ more. The week was not printed. "
        "The study also found it for the average of internalizing behaviour, which the model does not have."
    ),
)
