"""The experiment of White & Kistner comes out in the published order (W1)."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from sim.studies import load_study
from sim.studies.film_experiment import Film

CLASSES = 60
NOTHING_IS_REFERENCED = {"reference_warmth": 0.0, "reference_derogation": 0.0}


@cache
def study() -> Film:
    found = load_study("white_kistner")
    assert isinstance(found, Film)
    return found


@cache
def witnesses() -> Any:
    return study().cohort(CLASSES)


def preference(cohort: Any, wave: str = "after") -> dict[str, float]:
    """Mean liking of the actor, in the scale of the rating, in each arm: everybody sees every film."""
    scenes = {arm: by_wave[wave] for arm, by_wave in cohort.scenes.items()}
    return {arm: float(scene.liking[:, :-1, -1].mean()) for arm, scene in scenes.items()}


def test_the_arms_are_in_the_published_order() -> None:
    found = preference(witnesses())
    order = ("derogatory", "neutral", "positive + corrective", "positive")
    assert all(found[low] < found[high] - 0.02 for low, high in pairwise(order)), found
    assert found["corrective"] == found["neutral"]
    lost, gained = found["neutral"] - found["derogatory"], found["positive"] - found["neutral"]
    assert lost > gained, "derogation weighs more than praise"


def test_before_the_film_the_arms_do_not_differ() -> None:
    assert np.ptp(list(preference(witnesses(), "before").values())) == 0.0


def test_without_social_referencing_the_arms_do_not_differ() -> None:
    found = preference(study().cohort(20, NOTHING_IS_REFERENCED))
    assert np.ptp(list(found.values())) == 0.0


def test_only_the_liking_of_the_actor_changes() -> None:
    before, after = (witnesses().scenes["derogatory"][wave] for wave in ("before", "after"))
    assert np.array_equal(before.children, after.children)
    assert not after.liking[:, :, :-1].any()
    assert not after.liking[:, -1].any()


def test_children_are_assigned_evenly_and_once() -> None:
    table = study().draw(witnesses(), np.random.default_rng(1)).table
    after = table[table["wave"] == "after"]
    assert len(after) == after["child"].nunique() == 149
    assert set(after["arm"].value_counts()) == {29, 30}
    assert after["preference"].isin([1.0, 2.0, 3.0, 4.0, 5.0]).all()


def test_a_large_experiment_finds_what_was_published() -> None:
    found = study().analyse(study().draw(witnesses(), np.random.default_rng(1), large=True, truth=True))
    for claim in study().claims:
        estimate = found[claim.name]
        if claim.direction:
            assert np.sign(estimate.value) == claim.direction, claim.name
            assert estimate.p < 0.05, claim.name
        else:
            assert abs(estimate.value) < 0.2, claim.name


def test_the_same_luck_gives_the_same_experiment() -> None:
    one, other = (study().draw(witnesses(), np.random.default_rng(3)).table for _ in range(2))
    assert one.equals(other)


def test_an_experiment_needs_its_classes() -> None:
    few = study().cohort(3)
    with pytest.raises(ValueError, match="found 3 in the cohort"):
        study().draw(few, np.random.default_rng(1))
