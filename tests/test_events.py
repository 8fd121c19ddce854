"""Events that twins show: a difference is told where a reader can see it, and where it lasts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.record import Twins
from sim.run import simulate
from sim.scenario import Scenario
from sim.state import from_item_mean
from sim.year.events import KEPT, VISIBLE, difference_events


def twins_with(difference: float, first: int, last: int) -> Twins:
    """Twins that differ by so many points in the conflict of child 0, from the evening of one day to another."""
    record = simulate(Scenario(weeks=8, holidays=()))
    without, with_ = record.children.copy(), record.children.copy()
    without["conflict"][:, 0] = with_["conflict"][:, 0] = from_item_mean(2.0)
    with_["conflict"][first : last + 1, 0] = from_item_mean(2.0 + difference)
    return Twins(replace(record, children=without), replace(record, children=with_))


@pytest.mark.parametrize(("times", "word"), [(1.1, "higher"), (-1.1, "lower"), (0.9, ""), (-0.9, "")])
def test_a_difference_is_told_from_where_it_is_visible(times: float, word: str) -> None:
    told = difference_events(twins_with(times * VISIBLE, 11, 40), 0)
    assert [event.day for event in told] == ([11] if word else [])
    assert all(word in event.text for event in told)


def test_a_difference_that_has_gone_is_told_too_and_one_that_does_not_last_is_not() -> None:
    assert [event.day for event in difference_events(twins_with(2.0 * VISIBLE, 11, 25), 0)] == [11, 26]
    assert not difference_events(twins_with(2.0 * VISIBLE, 11, 11 + KEPT - 2), 0)


def test_stories_call_the_same_difference_visible() -> None:
    pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")
    from sim.dashboard import stories

    points = {size for measure, size in stories.VISIBLE.items() if measure != "liked_by"}
    assert points == {VISIBLE}
    assert np.isclose(VISIBLE, 0.87 * (0.26 + 0.29) / 2, atol=0.02), "what programmes change on average"
