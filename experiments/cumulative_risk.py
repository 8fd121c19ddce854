"""P14 · Risks at child, teacher and class level together do more than their sum (no single source).

One of the model's known patterns, not a published study: the three risks are taken from B1 (support), B2 (problem
behaviour of the class) and B3 (insecurity). A child has from none to three of them. The number of pairs among them says
whether they do more together than each adds alone; the test is repeated given earlier conflict, because conflict on
the first day is skewed, which alone makes sums look like more.
"""

from __future__ import annotations

import pandas as pd

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import complete, multilevel, z

RISKS = ("child", "teacher", "room")
HIGHEST = 0.75


def at_risk(wide: pd.DataFrame) -> pd.DataFrame:
    """Risks (0 or 1) as columns, the number of pairs among them, and conflict, standardized."""
    support, strain = (wide[f"{name}_early"] for name in ("support", "teacher_strain"))
    high = {
        "child": (top(wide["aggression_early"]) | top(-wide["attachment_early"])),
        "teacher": top(-support) | top(strain),
        "room": top(wide.groupby("classroom")["aggression_early"].transform("mean")),
    }
    risks = {name: risk.astype(float) for name, risk in high.items()}
    number = sum(risks.values())
    table = wide.assign(**risks, pairs=number * (number - 1.0) / 2.0)
    return z(complete(table, "conflict_early", "conflict_late"), "conflict_early", "conflict_late")


def top(score: pd.Series[float]) -> pd.Series[bool]:
    """Whether a child is among the quarter that is highest."""
    return score > score.quantile(HIGHEST)


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Each risk alone; all of them, and what they do beyond their sum, with and without earlier conflict."""
    table, risks = at_risk(sample.wide), " + ".join(RISKS)
    alone = multilevel(table, f"conflict_late ~ {risks}", *RISKS)
    given = "given earlier conflict"
    return alone | {
        "more than the sum": multilevel(table, f"conflict_late ~ {risks} + pairs", "pairs")["pairs"],
        f"more than the sum, {given}": multilevel(table, f"conflict_late ~ conflict_early + {risks} + pairs", "pairs")[
            "pairs"
        ],
    }


STUDY = Study(
    id="P14",
    pattern="P14",
    title="Risks at the level of child, teacher and class",
    source="No single source; the risks are those of B1, B2 and B3",
    design=Design(
        population=kindergarten(),
        classes=100,
        children=1200,
        selection=Selection(per_class=12),
        waves={"early": Wave(9), "late": Wave(34)},
        measures=("conflict", "aggression", "attachment", "support", "teacher_strain"),
    ),
    analyse=analyse,
    claims=(
        Claim("child", "Aggressive or insecure children have more conflict", direction=1),
        Claim("teacher", "So have children of teachers low in support or worn out", direction=1),
        Claim("room", "So have children in classes with much problem behaviour", direction=1),
        Claim("more than the sum", "Together they do more than their sum", direction=1, trust="B"),
        Claim("more than the sum, given earlier conflict", "Also given earlier conflict", direction=1, trust="B"),
    ),
    notes=(
        "A pattern that the model is expected to show, without a study of its own: of each of 100 classes 12 children "
        "are measured. A risk is to be in the highest quarter."
    ),
)
