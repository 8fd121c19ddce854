"""The studies are found, and the experiment of White & Kistner comes out in the published order (W1)."""

import runpy
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from sim.parameters import Parameters
from sim.studies import run_study, studies, title


@cache
def white_kistner() -> dict[str, Any]:
    return runpy.run_path(str(studies()["white_kistner"]))


def means(changes: dict[str, float], n: int = 20_000) -> dict[str, float]:
    module = white_kistner()
    closeness = np.random.default_rng(1).beta(3.35, 0.89, 2000)
    arms = module["experiment"](np.random.default_rng(2), closeness, Parameters(changes).record(), n=n)
    return {arm: float(values.mean()) for arm, values in arms.items()}


def test_the_arms_are_in_the_published_order() -> None:
    found = means({})
    order = ("derogatory", "neutral", "positive + corrective", "positive")
    assert all(found[low] < found[high] - 0.02 for low, high in pairwise(order)), found
    assert found["corrective"] == pytest.approx(found["neutral"], abs=0.02)
    lost, gained = found["neutral"] - found["derogatory"], found["positive"] - found["neutral"]
    assert lost > gained, "derogation weighs more than praise"


def test_without_social_referencing_the_arms_do_not_differ() -> None:
    found = means({"reference_warmth": 0.0, "reference_derogation": 0.0})
    assert np.ptp(list(found.values())) < 0.03


def test_a_study_has_a_title_and_a_report() -> None:
    for path in studies().values():
        assert len(title(path)) > 20
    assert "published contrast" in run_study("white_kistner")
