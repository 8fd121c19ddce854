"""A4 · Aggression of the class and a child's own aggression, kindergarten to grade 2 (Thomas et al. 2011)."""

from __future__ import annotations

from dataclasses import replace

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import complete, multilevel, z
from sim.studies.instruments import INSTRUMENTS

BEFORE, AFTER = "aggression_kindergarten", "aggression_grade_2"


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Multilevel regression on aggression of the class as it began, and support of the teacher; standardized."""
    table = sample.wide
    table["classmates"] = table.groupby("classroom")[BEFORE].transform("mean")
    table["climate"] = table["support_grade_1"]
    names = (AFTER, BEFORE, "classmates", "climate")
    table = z(complete(table, *names), *names)
    return multilevel(table, f"{AFTER} ~ {BEFORE} + classmates + climate", "classmates", "climate")


def beside(_: Sample, true: Sample) -> dict[str, Estimate]:
    """What is left without errors of measurement, which make the class stand in for what a child's own score misses."""
    return {f"latent, {name}": found for name, found in analyse(true).items()}


STUDY = Study(
    id="A4",
    title="Aggression of the class and of the child",
    source="Thomas, Bierman & Powers 2011, Child Dev 82:751",
    design=Design(
        population=primary(1, size=20),
        classes=209,
        children=4179,
        waves={"kindergarten": Wave(0), "grade_1": Wave(34), "grade_2": Wave(34, 2)},
        measures=(replace(INSTRUMENTS["aggression"], perspective="observer"), "support"),
    ),
    analyse=analyse,
    beside=beside,
    claims=(Claim("classmates", "Aggression of the class adds to a child's own, whatever the climate", direction=1),),
    notes=(
        "The number of classes and the times are assumed. Aggression of the class is that of the children who came "
        "together in it at the start of grade 1, the child itself included. Each year another teacher rates, so that "
        "ratings are taken to share no teacher's bias. In the model the class moves up together."
    ),
)
