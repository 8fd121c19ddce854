"""Events that twins show: a difference is told where a reader can see it, and where it lasts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.record import Twins
from sim.run import simulate, twins
from sim.scenario import Scenario, load
from sim.state import from_item_mean
from sim.year.differences import LARGE, VISIBLE, difference, is_visible
from sim.year.events import KEPT, difference_events, followed


def twins_with(difference: float, first: int, last: int) -> Twins:
    """Twins that differ by so many points in the conflict of child 0, from the evening of one day to another."""
    record = simulate(Scenario(weeks=8, holidays=()))
    without, with_ = record.children.copy(), record.children.copy()
    without["conflict"][:, 0] = with_["conflict"][:, 0] = from_item_mean(2.0)
    with_["conflict"][first : last + 1, 0] = from_item_mean(2.0 + difference)
    return Twins(replace(record, children=without), replace(record, children=with_))


@pytest.mark.parametrize(("times", "word"), [(1.1, "higher"), (-1.1, "lower"), (0.9, ""), (-0.9, "")])
def test_a_difference_is_told_from_where_it_is_visible(times: float, word: str) -> None:
    told = difference_events(twins_with(times * VISIBLE["conflict"], 11, 40), 0)
    assert [event.day for event in told] == ([11] if word else [])
    assert all(word in event.text for event in told)


def test_a_difference_that_has_gone_is_told_too_and_one_that_does_not_last_is_not() -> None:
    visible = VISIBLE["conflict"]
    assert [event.day for event in difference_events(twins_with(2.0 * visible, 11, 25), 0)] == [11, 26]
    assert not difference_events(twins_with(2.0 * visible, 11, 11 + KEPT - 2), 0)


@pytest.mark.parametrize("now", [0.2, -0.2])
def test_a_difference_that_is_too_small_to_be_seen_is_gone(now: float) -> None:
    """Without a band in which the story still tells of what the figures no longer show."""
    both = twins_with(0.6, 11, 40)
    both.with_.children["conflict"][30:, 0] = from_item_mean(2.0 + now)
    assert [event.day for event in difference_events(both, 0)] == [11, 30]


def test_a_difference_that_turns_round_is_told_once() -> None:
    both = twins_with(0.6, 11, 40)
    both.with_.children["conflict"][30:, 0] = from_item_mean(2.0 - 0.6)
    assert [(event.day, "lower" in event.text) for event in difference_events(both, 0)] == [(11, False), (30, True)]


@pytest.mark.parametrize("name", ["irritated-teacher", "one-bad-week", "social-architect"])
def test_at_the_end_of_the_year_the_story_tells_what_the_figures_show(name: str) -> None:
    both = twins(load(name))
    for child in range(0, 25, 3):
        told = {event.kind: event.text for event in difference_events(both, child)}
        for measure in VISIBLE:
            apart = difference(
                measure, *(followed(record, measure, child)[[0, -1]] for record in (both.without, both.with_))
            )
            start, end = is_visible(measure, apart)
            text = told.get(f"difference in {measure}", "From here on" if start else "gone")
            assert text.startswith("From here on") == end, (child, measure)


def test_differences_add_up_as_they_are_written() -> None:
    left, right = np.array([4.2449, 1.0]), np.array([1.5951, 1.2451])
    np.testing.assert_array_equal(difference("conflict", left, right), [-2.64, 0.25])
    assert is_visible("conflict", np.array([0.246, 0.244])).tolist() == [True, False]
    assert is_visible("liked_by", np.array([0.94, -1.0])).tolist() == [False, True]


def test_the_thresholds_have_their_reasons() -> None:
    deviation = 0.87
    assert np.isclose(VISIBLE["conflict"], deviation * (0.26 + 0.29) / 2, atol=0.02), (
        "what programmes change on average"
    )
    assert np.isclose(LARGE["conflict"], 0.8 * deviation, atol=0.01)
