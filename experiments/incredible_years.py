"""I5 · Training for the whole class (Incredible Years; Reinke, Herman & Dong 2018).

What was published for dysregulation in class is held against the teacher's report that is nearest to it, of
hyperactivity, which sees what a child lacks in self-regulation. Conduct problems stand beside it.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Programme, Sample, Selection, Study, Wave, primary
from sim.studies.analysis import ancova

START = 8


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Effects at the end of the year, given its beginning."""
    scores = {"dysregulation": "hyperactivity", "conduct": "conduct", "conflict": "conflict"}
    return {
        name: ancova(sample.wide, f"{score}_post", f"{score}_pre", "training", groups="classroom")
        for name, score in scores.items()
    }


STUDY = Study(
    id="I5",
    title="Training for the whole class",
    source="Reinke, Herman & Dong 2018, Prev Sci 19:1043",
    design=Design(
        population=primary(1),
        classes=105,
        children=1817,
        selection=Selection(per_class=18),
        arms={"usual": (), "training": (Programme("support-coaching", start_week=START),)},
        assigned="class",
        waves={"pre": Wave(START - 1), "post": Wave(34)},
        measures=("hyperactivity", "conduct", "conflict"),
    ),
    analyse=analyse,
    claims=(
        Claim("dysregulation", "Children are somewhat better regulated", between=(-0.14, -0.13), direction=-1),
        Claim("conduct", "Conduct problems are somewhat fewer", direction=-1, significant=False),
    ),
    notes=(
        "The programme is the model's emotional-support coaching, for a teacher of the first grade; the study had "
        "kindergarten to third grade. Incredible Years also trains rules and praise, which the model's coaching lacks. "
        "The other published outcomes, prosocial behaviour and social competence, are not in the model."
    ),
)
