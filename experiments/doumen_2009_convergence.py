"""D3 · One relationship as teacher, child and observer report it (Doumen et al. 2009).

The three agree, most of all about conflict. How far is not known well enough to be a claim.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import correlation


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Correlations of others' reports with the teacher's, and how far those of conflict exceed those of closeness."""
    found: dict[str, Estimate] = {}
    for other in ("child", "observed"):
        closeness, conflict = (
            correlation(sample.wide, f"{other}_{scale}_T1", f"{scale}_T1") for scale in ("closeness", "conflict")
        )
        found |= {f"{other} closeness": closeness, f"{other} conflict": conflict}
        found[f"{other} conflict over closeness"] = Estimate(conflict.value - closeness.value)
    return found


STUDY = Study(
    id="D3",
    pattern="P2",
    title="One relationship as teacher, child and observer report it",
    source="Doumen et al. 2009, Infant Child Dev 18:502",
    design=Design(
        population=kindergarten(),
        classes=18,
        children=71,
        selection=Selection(per_class=4),
        waves={"T1": Wave(20)},
        measures=(
            "closeness",
            "conflict",
            "child_closeness",
            "child_conflict",
            "observed_closeness",
            "observed_conflict",
        ),
    ),
    analyse=analyse,
    claims=(
        Claim("child closeness", "Child and teacher agree about closeness", direction=1, significant=False),
        Claim("child conflict", "Child and teacher agree about conflict", direction=1, significant=False),
        Claim(
            "child conflict over closeness",
            "Child and teacher agree more about conflict than about closeness",
            direction=1,
            significant=False,
        ),
        Claim(
            "observed closeness",
            "Observer and teacher agree about closeness",
            direction=1,
            significant=False,
            trust="B",
        ),
        Claim(
            "observed conflict", "Observer and teacher agree about conflict", direction=1, significant=False, trust="B"
        ),
        Claim(
            "observed conflict over closeness",
            "Observer and teacher agree more about conflict than about closeness",
            direction=1,
            significant=False,
            trust="B",
        ),
    ),
    notes="Only directions are known with certainty, not sizes, nor which of them were significant. Observers rated "
    "a second, smaller sample (35 children); here they rate the same 71. The number of classes, their size and the "
    "time of the year are assumed.",
)
