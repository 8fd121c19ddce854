"""D5 · Self-esteem between conflict and aggression (Doumen et al. 2011).

Conflict in autumn goes with lower self-esteem in winter, and that with a rise in aggression until summer.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, primary
from sim.studies.analysis import indirect, paths

CONFLICT, ESTEEM, BEFORE, AFTER = "conflict_T1", "self_global_T2", "aggression_T1", "aggression_T3"
MODEL = f"""
{ESTEEM} ~ {CONFLICT} + {BEFORE}
{AFTER} ~ {ESTEEM} + {CONFLICT} + {BEFORE}
{CONFLICT} ~~ {BEFORE}
"""


def analyse(sample: Sample) -> dict[str, Estimate]:
    """The path model, and the indirect effect with a bootstrap."""
    down, up = f"{ESTEEM} ~ {CONFLICT}", f"{AFTER} ~ {ESTEEM}"
    found = paths(sample.wide, MODEL, down, up)
    return {
        "conflict -> self-esteem": found[down],
        "self-esteem -> aggression": found[up],
        "indirect": indirect(sample.wide, CONFLICT, ESTEEM, AFTER, given=[BEFORE]),
    }


STUDY = Study(
    id="D5",
    pattern="P7",
    title="Self-esteem between conflict and aggression",
    source="Doumen et al. 2011, Infant Child Dev 20:449",
    design=Design(
        population=primary(1),
        classes=35,
        children=139,
        schools=19,
        selection=Selection(per_class=4),
        waves={"T1": Wave(9), "T2": Wave(20), "T3": Wave(34)},
        measures=("conflict", "self_global", "aggression"),
    ),
    analyse=analyse,
    claims=(
        Claim("conflict -> self-esteem", "Conflict goes with lower self-esteem", direction=-1, significant=False),
        Claim(
            "self-esteem -> aggression",
            "Low self-esteem goes with a rise in aggression",
            direction=-1,
            significant=False,
        ),
        Claim("indirect", "Self-esteem carries part of the effect of conflict on the rise in aggression", direction=1),
    ),
    notes="Of the effect only the indirect part is known to be significant; of its two steps the direction counts. "
    "The study asked each child for its self-esteem in three interviews, the virtual study in one. Here the teacher "
    "reports aggression; who did in the study is not certain.",
)
