"""W3 · Whose liking follows the teacher: a good relationship of one's own (Nicolay et al. 2024).

Pairs of classmates: how much liking of a child changes after the teacher's feedback to it, depending on the witness's
own relationship with that teacher.
"""

from __future__ import annotations

import numpy as np

from sim.state import Records
from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import regression_by_class


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Regression over pairs within classes of change in liking, standardized; standard errors by class."""
    before, after = sample.scenes["T1"], sample.scenes["T2"]
    c, n = before.children.shape
    own = sample.table.loc[sample.table["wave"] == "T1", "child_closeness"].to_numpy().reshape(c, n, 1)
    negative, positive = (
        (after.so_far[name] - before.so_far[name])[:, None, :] for name in ("reprimands", "warmth_seen")
    )
    pairs = ~np.eye(n, dtype=bool)

    def standardized(values: Records) -> Records:
        spread = np.broadcast_to(values, (c, n, n))[:, pairs]
        inside: Records = (spread - spread.mean(axis=1, keepdims=True)) / spread.std()
        return inside

    earlier, own, negative, positive = (standardized(one) for one in (before.liking, own, negative, positive))
    terms = {
        "liking": earlier,
        "negative": negative,
        "positive": positive,
        "own": own,
        "negative x own": negative * own,
        "positive x own": positive * own,
    }
    return regression_by_class(standardized(after.liking - before.liking), terms)


STUDY = Study(
    id="W3",
    title="Teacher feedback, liking, and the witness's own relationship",
    source="Nicolay et al. 2024",
    design=Design(
        population=primary(3, size=22),
        classes=34,
        children=34 * 22,
        waves={"T1": Wave(10), "T2": Wave(30)},
        measures=("child_closeness",),
    ),
    analyse=analyse,
    claims=(
        Claim("negative", "Liking falls where the teacher corrects", direction=-1, built_in=True),
        Claim(
            "negative x own",
            "More so in witnesses with a good relationship of their own",
            direction=-1,
            built_in=True,
        ),
    ),
    notes=(
        "34 classes of 22 have about the published 15,764 pairs; grade and times are assumed. Liking and feedback are "
        "taken as they are, the witness's relationship as it is reported. Negative feedback is counted in "
        "corrections, of which only derogatory ones change liking in the model."
    ),
)
