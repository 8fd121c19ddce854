"""N1 · Who would play with whom: networks of nominations in school classes (Dolata 2014).

Figures of nine real classes, computed from public data; one of them for how many a child names, the others for how the
nominations hang together.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import network


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Figures of the network."""
    return network(sample, "T1")


STUDY = Study(
    id="N1",
    title="Playmate nominations in nine classes",
    source="Dolata 2014; Stewart et al. 2019; computed from the data",
    design=Design(population=primary(2), classes=9, children=207, waves={"T1": Wave(20)}, measures=("liked_most",)),
    analyse=analyse,
    claims=(
        Claim("density", "Share of classmates whom a child names", 0.21, role="fit"),
        Claim("reciprocity", "Nominations that are returned", 0.50, role="fit"),
        Claim("transitivity", "Playmates of playmates who are playmates", 0.43, role="fit"),
        Claim("same sex", "Nominations within a sex", 0.85, role="fit"),
        Claim("never chosen", "Children whom nobody names", 0.073, role="fit"),
    ),
    notes="Grade and time of year are assumed. All classes have 23 children; the real ones had 205 in all.",
)
