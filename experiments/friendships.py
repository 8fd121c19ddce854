"""N2 · Friendships in one group of a kindergarten (Latora, Nicosia & Russo 2017).

Figures of one real group of sixteen children of 3 to 5 years.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, kindergarten
from sim.studies.analysis import network


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Figures of the network."""
    return network(sample, "T1")


STUDY = Study(
    id="N2",
    title="Friendships in a kindergarten group",
    source="Latora, Nicosia & Russo 2017, Complex Networks, Box 1.2; computed from the data",
    design=Design(
        population=kindergarten(16), classes=1, children=16, waves={"T1": Wave(20)}, measures=("liked_most",)
    ),
    analyse=analyse,
    claims=(
        Claim("density", "Share of classmates who are friends of a child", 0.23),
        Claim("reciprocity", "Friendships that are returned", 0.61),
        Claim("transitivity", "Friends of friends who are friends", 0.43),
    ),
    notes="Friendship is taken to be what playmate nominations measure. The children here are of one age, not three.",
)
