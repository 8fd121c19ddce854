"""Many pairs of classes: known answers, and what must not matter."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.files.classlist import ChildRow, ClassList
from sim.peers import nominations
from sim.run import twins
from sim.scenario import Scenario, load
from sim.state import to_item_mean
from sim.year.pairs import COMPARED, LEVELS, MEASURES, Fan, Pairs, children_compared, fan, join_pairs, pairs

LISTED = load("irritated-teacher").changed(weeks=12, holidays=[])
DRAWN = load("banking-time").changed(weeks=12, holidays=[])


@cache
def pairs_of(name: str, count: int = 6) -> Pairs:
    right = {"listed": LISTED, "drawn": DRAWN}[name]
    return pairs(right.changed(interventions=()), right, range(count))


@pytest.mark.parametrize("scenario", [LISTED, DRAWN], ids=["listed", "drawn"])
def test_equal_scenarios_give_exactly_zero(scenario: Scenario) -> None:
    found = pairs(scenario, scenario, range(3))
    who = children_compared(found, scenario, 2)
    for measure in COMPARED:
        one = fan(found, who, measure)
        assert not one.differences.any()
        assert not one.quantiles.any()
        assert not one.visible(-1).any() and not one.visible(1).any()
        assert one.effect() == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("name", ["listed", "drawn"])
def test_a_pair_is_what_twins_are(name: str) -> None:
    scenario, found, number = {"listed": LISTED, "drawn": DRAWN}[name], pairs_of(name), 3
    both = twins(scenario, number=number)
    evenings = np.arange(scenario.weeks + 1) * scenario.days_per_week
    for record, kept in ((both.without, found.left), (both.with_, found.right)):
        for place, measure in enumerate(MEASURES):
            np.testing.assert_array_equal(kept[number, :, place], to_item_mean(record.children[measure][evenings]))
        liked, _ = nominations(record.liking[evenings])
        np.testing.assert_array_equal(kept[number, :, COMPARED.index("liked_by")], liked.sum(axis=1))
    assert tuple(np.flatnonzero(found.chosen[number])) == both.with_.chosen[0]


def test_a_fan_of_one_pair_is_its_difference() -> None:
    found = pairs(LISTED.changed(interventions=()), LISTED, [4])
    child = [row.name for row in LISTED.classroom.rows()].index("Martijn")
    one = fan(found, children_compared(found, LISTED, child), "conflict")
    both = twins(LISTED, number=4)
    evenings = np.arange(LISTED.weeks + 1) * LISTED.days_per_week
    expected = 4.0 * (both.with_.children["conflict"] - both.without.children["conflict"])[evenings, child]
    np.testing.assert_allclose(one.differences[0], expected, atol=1e-12)
    assert np.abs(expected).max() > 0.01


@pytest.mark.parametrize("name", ["listed", "drawn"])
def test_the_order_of_numbers_does_not_matter(name: str) -> None:
    scenario, found = {"listed": LISTED, "drawn": DRAWN}[name], pairs_of(name)
    parts = [pairs(scenario.changed(interventions=()), scenario, numbers) for numbers in ([5, 1], [4], [0, 3, 2])]
    joined = join_pairs(parts)
    assert joined.numbers == (5, 1, 4, 0, 3, 2)
    for measure in MEASURES:
        one, other = (fan(each, children_compared(each, scenario, 2), measure) for each in (found, joined))
        np.testing.assert_array_equal(one.differences[list(joined.numbers)], other.differences)
        np.testing.assert_allclose(one.quantiles, other.quantiles, atol=1e-12)
        np.testing.assert_allclose(one.effect(), other.effect(), atol=1e-12)
        np.testing.assert_array_equal(one.visible(1), other.visible(1))


def test_the_children_concerned() -> None:
    """With a class list the child that is named, in drawn classes those for whom an intervention is."""
    found = pairs_of("listed")
    assert (children_compared(found, LISTED, 7) == (np.arange(found.chosen.shape[1]) == 7)).all()
    found = pairs_of("drawn")
    who = children_compared(found, DRAWN, 0)
    assert (who.sum(axis=1) == 1).all()
    assert len(set(np.flatnonzero(who) % who.shape[1])) > 1, "a rule picks another child in another class"
    assert (who == found.chosen).all()
    nobody = DRAWN.changed(interventions=())
    assert (children_compared(pairs(nobody, nobody, range(2)), nobody, 3).nonzero()[1] == 3).all()


def test_a_score_for_one_child_makes_no_class_list() -> None:
    rows = [ChildRow(name=row.name, aggression=3.0 if i == 2 else None) for i, row in enumerate(DRAWN.classroom.rows())]
    moved = DRAWN.changed(**{"class": {"roster": ClassList(tuple(rows)).to_json()}})
    found = pairs_of("drawn")
    assert (children_compared(found, moved, 2) == children_compared(found, DRAWN, 2)).all()


def test_known_numbers() -> None:
    """Two pairs of two children, by hand."""
    left = np.zeros((2, 2, 3, 2))
    left[:, :, 1] = [[[2.0, 4.0], [2.0, 4.0]], [[1.0, 5.0], [1.0, 5.0]]]
    right = left.copy()
    right[:, 1, 1] -= [[1.0, 0.0], [3.0, 2.0]]
    found = Pairs((0, 1), left, right, np.array([[True, False], [True, True]]))
    one = fan(found, found.chosen, "conflict")
    np.testing.assert_allclose(one.differences, [[0.0, -1.0], [0.0, -2.5]])
    np.testing.assert_allclose(one.mean, [0.0, -1.75])
    assert (one.visible(-1).tolist(), one.visible(1).tolist()) == ([0, 2], [0, 0])
    spread = np.std([2.0, 4.0, 1.0, 5.0], ddof=1)
    size, low, high = one.effect()
    assert size == pytest.approx(-1.75 / spread)
    expected = stats.ttest_1samp([-1.0, -2.5], 0.0).confidence_interval(0.95)
    assert (low, high) == pytest.approx((expected.low / spread, expected.high / spread))
    assert not fan(found, found.chosen, "closeness").visible(-1).any()


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 3.0))
def test_turned_round(seed: int, factor: float) -> None:
    """Left and right exchanged, and any unit of measurement."""
    luck = np.random.default_rng(seed)
    differences, spread = luck.normal(size=(20, 4)), luck.uniform(0.5, 2.0, size=4)
    one, other = Fan(differences, spread, "conflict"), Fan(-factor * differences, factor * spread, "conflict")
    size, low, high = one.effect()
    assert low <= size <= high
    np.testing.assert_allclose(other.effect(), (-size, -high, -low))
    np.testing.assert_allclose(other.quantiles, -factor * one.quantiles[::-1], atol=1e-12)
    if factor >= 1.0:
        assert (other.visible(1) >= one.visible(-1)).all() and (other.visible(-1) >= one.visible(1)).all()
    assert (one.visible(1) + one.visible(-1) <= 20).all()
    assert (np.diff(one.quantiles, axis=0) >= 0.0).all() and len(one.quantiles) == len(LEVELS)


def test_classes_without_any_difference_between_children_have_no_effect_size() -> None:
    assert np.isnan(Fan(np.ones((3, 2)), np.zeros(2), "conflict").effect()).all()


@pytest.mark.parametrize("change", [{"seed": 99}, {"weeks": 11}, {"class": {"size": 12}}])
def test_only_classes_that_can_have_the_same_luck_are_paired(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="allowed is the same for both"):
        pairs(DRAWN, DRAWN.changed(**change), [0])
