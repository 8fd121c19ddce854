"""D2 · The relationship in the eyes of classmates and of the teacher (Doumen et al. 2009).

Classmates name who gets on well with the teacher, who has trouble with it and who is always near it; the teacher fills
in the STRS. What both report of closeness and of conflict agrees, dependency hardly.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import correlation

PUBLISHED = {
    ("closeness", "closeness"): 0.52,
    ("closeness", "conflict"): -0.08,
    ("closeness", "dependency"): 0.33,
    ("conflict", "closeness"): -0.27,
    ("conflict", "conflict"): 0.46,
    ("conflict", "dependency"): 0.10,
    ("dependency", "closeness"): -0.05,
    ("dependency", "conflict"): 0.04,
    ("dependency", "dependency"): 0.24,
}
"""Correlations of what classmates see with what the teacher reports."""
SIGNIFICANT = {
    ("closeness", "closeness"),
    ("closeness", "dependency"),
    ("conflict", "closeness"),
    ("conflict", "conflict"),
}


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Nine correlations."""
    table = sample.wide
    return {f"peers' {a} ~ teacher's {b}": correlation(table, f"peer_{a}_T1", f"{b}_T1") for a, b in PUBLISHED}


def claim(peers: str, teacher: str) -> Claim:
    """One of the correlations."""
    value, significant = PUBLISHED[peers, teacher], (peers, teacher) in SIGNIFICANT
    verb = ("goes with more" if value > 0.0 else "goes with less") if significant else "does not go with"
    return Claim(
        f"peers' {peers} ~ teacher's {teacher}",
        f"What classmates see of {peers} {verb} {teacher} in the teacher's report",
        value,
        direction=(1 if value > 0.0 else -1) if significant else 0,
        significant=significant,
        role="fit",
    )


STUDY = Study(
    id="D2",
    pattern="P2",
    title="The relationship in the eyes of classmates and of the teacher",
    source="Doumen et al. 2009, Infant Child Dev 18:502",
    design=Design(
        population=kindergarten(),
        classes=18,
        children=71,
        selection=Selection(per_class=4),
        waves={"T1": Wave(20)},
        measures=("closeness", "conflict", "dependency", "peer_closeness", "peer_conflict", "peer_dependency"),
    ),
    analyse=analyse,
    claims=tuple(claim(peers, teacher) for peers, teacher in PUBLISHED),
    notes="The number of classes, their size and the time of the year are assumed: 18 classes of 20, in mid-year. "
    "All children of a class nominate; four of them are in the study. Which correlations were significant is printed "
    "for dependency with dependency only; for the others it follows from their size and the number of children.",
)
