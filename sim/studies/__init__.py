"""Virtual studies: published studies repeated on simulated classes; see `sim.studies.study`."""

from sim.studies.cohort import Wave
from sim.studies.study import (
    EXPERIMENTS,
    Claim,
    Design,
    Estimate,
    Programme,
    Sample,
    Selection,
    Study,
    kindergarten,
    load_study,
    primary,
    studies,
    title,
)

__all__ = [
    "EXPERIMENTS",
    "Claim",
    "Design",
    "Estimate",
    "Programme",
    "Sample",
    "Selection",
    "Study",
    "Wave",
    "kindergarten",
    "load_study",
    "primary",
    "studies",
    "title",
]
