"""W4 · Teacher feedback and acceptance, in class activities and at recess (Wullschleger et al. 2020)."""

from __future__ import annotations

import numpy as np

from sim.parameters import Parameters
from sim.state import Records
from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import complete, multilevel, z
from sim.studies.cohort import Scene
from sim.studies.instruments import Test


def sought(scene: Scene) -> Records:
    """How often classmates choose each child at play, relative to chance, by the model's own weights of playmates."""
    sex, wish = scene.children["sex"], 0.5 * (1.0 + scene.liking)
    alike = np.where(sex[:, :, None] == sex[:, None, :], 1.0, Parameters()["play_cross_sex"])
    weights = wish * wish * wish.swapaxes(1, 2) * alike * ~np.eye(sex.shape[1], dtype=bool)
    share = weights / np.maximum(weights.sum(axis=2, keepdims=True), 1e-12)
    chosen: Records = share.sum(axis=1)
    return chosen


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Standardized effect of feedback on later acceptance, given earlier acceptance; one model for each place."""
    found = {}
    for place in ("class", "recess"):
        names = (f"{place}_T2", f"{place}_T1", "sensitivity_lessons")
        formula = f"{place}_T2 ~ {place}_T1 + sensitivity_lessons"
        table = z(complete(sample.wide, *names), *names)
        found[place] = multilevel(table, formula, "sensitivity_lessons")["sensitivity_lessons"]
    return found


RATED = "acceptance by classmates; reliability assumed"
STUDY = Study(
    id="W4",
    title="Teacher feedback and acceptance in class and at recess",
    source="Wullschleger et al. 2020, Contemp Educ Psychol 60:101841",
    design=Design(
        population=primary(2, size=18),
        classes=32,
        children=546,
        waves={"T1": Wave(6), "lessons": Wave(18), "T2": Wave(34)},
        measures=(
            "sensitivity",
            Test("class", "In class activities", "peers", lambda at: at.acceptance, RATED, sd=0.08, reliability=0.9),
            Test("recess", "At recess", "peers", sought, RATED, sd=0.25, reliability=0.9),
        ),
    ),
    analyse=analyse,
    claims=(
        Claim("class", "Feedback predicts acceptance in class activities", direction=1),
        Claim("recess", "It does not predict acceptance at recess", direction=0, significant=False),
    ),
    notes=(
        "The model has one liking between two children. Acceptance in class activities is its mean; acceptance at "
        "recess is how often classmates choose a child at play, which follows from the same liking, from its being "
        "returned, and from sex. Feedback is the teacher's mean tone to the child in two weeks in between, as "
        "observed; the times are assumed."
    ),
)
