"""W2 · One piece of teacher feedback and the liking of an unknown child (Huber et al. 2018).

Children rated an unknown child on a screen, were told of positive or negative feedback of a teacher, and rated the
child again. It is what one contact does to the liking of a stranger.
"""

from __future__ import annotations

from scipy import stats

from sim.studies import Claim, Design, Estimate, Sample, Wave, primary
from sim.studies.film_experiment import PREFERENCE, Film

FEEDBACK = 0.7
"""Tone of positive feedback; that of negative feedback is as far from neutral."""


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Share of the variance of changes in liking that the kind of feedback explains, and which kind weighs more."""
    table = sample.wide.assign(change=lambda wide: wide["preference_after"] - wide["preference_before"])
    positive, negative = (table.loc[table["arm"] == arm, "change"] for arm in ("positive", "negative"))
    mean, total = table["change"].mean(), ((table["change"] - table["change"].mean()) ** 2).sum()
    between = sum(len(arm) * (arm.mean() - mean) ** 2 for arm in (positive, negative))
    more = stats.ttest_ind(-negative, positive, equal_var=False)
    return {
        "eta squared": Estimate(float(between / total), float(stats.ttest_ind(positive, negative).pvalue)),
        "negative over positive": Estimate(float(-negative.mean() - positive.mean()), float(more.pvalue)),
    }


STUDY = Film(
    id="W2",
    pattern="P9",
    title="One piece of teacher feedback and the liking of an unknown child",
    source="Huber, Gerullis, Gebhardt & Schwab 2018, Eur J Spec Needs Educ 33:269",
    design=Design(
        population=primary(3, size=20), classes=48, children=955, waves={"film": Wave(18)}, measures=(PREFERENCE,)
    ),
    tones={"positive": (FEEDBACK,), "negative": (-FEEDBACK,)},
    analyse=analyse,
    claims=(
        Claim("eta squared", "Feedback explains change in liking", between=(0.127, 0.168), direction=1, role="fit"),
        Claim("negative over positive", "Negative feedback changes liking more than positive", direction=1),
    ),
    notes=(
        "Assumed: the tones, the grade and the number of classes, how much first impressions differ, and the "
        "reliability of the rating, on which the explained variance depends most; the number of children follows from "
        "the printed degrees of freedom. The published range is that of four children on pictures, each with feedback "
        "of its own; here it is one child, seen by each witness once."
    ),
)
