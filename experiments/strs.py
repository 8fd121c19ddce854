"""S1 · How close and how conflicted teachers find their relationships in preschool (Embacher & Smidt 2023).

Most relationships are close and have hardly any conflict; a few have much.
"""

from __future__ import annotations

from scipy import stats

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Means and standard deviations of the item means, and how skewed conflict is."""
    closeness, conflict = sample.table["closeness"], sample.table["conflict"]
    return {
        "closeness mean": Estimate(float(closeness.mean())),
        "closeness sd": Estimate(float(closeness.std())),
        "conflict mean": Estimate(float(conflict.mean())),
        "conflict sd": Estimate(float(conflict.std())),
        "conflict skew": Estimate(float(stats.skew(conflict)), float(stats.skewtest(conflict).pvalue)),
    }


STUDY = Study(
    id="S1",
    title="Closeness and conflict as teachers report them",
    source="Embacher & Smidt 2023, Front Psychol 14:1222369, table 1",
    design=Design(
        population=kindergarten(),
        classes=89,
        children=275,
        selection=Selection(per_class=4),
        waves={"T1": Wave(20)},
        measures=("closeness", "conflict"),
    ),
    analyse=analyse,
    claims=(
        Claim("closeness mean", "Mean of closeness (items of 1 to 5)", 4.16, role="fit", trust="B"),
        Claim("closeness sd", "Standard deviation of closeness", 0.76, role="fit", trust="B"),
        Claim("conflict mean", "Mean of conflict (items of 1 to 5)", 1.65, role="fit", trust="B"),
        Claim("conflict sd", "Standard deviation of conflict", 0.87, role="fit", trust="B"),
        Claim(
            "conflict skew", "Conflict is skewed: much of it in few relationships", direction=1, role="fit", trust="B"
        ),
    ),
    notes="Sums of items were printed; the numbers of items (8 and 7) are inferred. The children of the study were "
    "4.6 years old, a year younger than those of the model; the time of the year is assumed.",
)
