"""What drove what: links are cut one at a time, and nothing else."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.parameters import PARAMETERS
from sim.population import draw_class
from sim.record import Record
from sim.run import Keep, side_by_side, simulate
from sim.scenario import Scenario, load
from sim.state import Setting
from sim.year.causes import LINKS, NODES, STATES, Causes, Link, causes, without

CHILD = 1


def small(**parameters: float) -> Scenario:
    """A year of a few weeks of a class with a child that misbehaves."""
    return load("irritated-teacher").changed(weeks=8, holidays=(), interventions=(), follow=None, parameters=parameters)


@cache
def year() -> tuple[Record, Causes]:
    """Such a year, and what drove what in it."""
    record = simulate(small())
    return record, causes(record, CHILD)


def test_links_are_between_nodes_and_can_be_cut() -> None:
    for link in LINKS.values():
        assert {link.source, link.target} <= set(NODES)
        assert all(PARAMETERS[name].low == 0.0 < PARAMETERS[name].value for name in link.cut)
    assert len({link.cut for link in LINKS.values()}) == len(LINKS)


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_cut_leaves_the_first_day_as_it_is(link: Link) -> None:
    """Contributions are differences of years that begin alike."""
    whole, cut = draw_class(small()), draw_class(without(small(), link))
    np.testing.assert_array_equal(cut.children, whole.children)
    np.testing.assert_array_equal(cut.teacher, whole.teacher)
    np.testing.assert_array_equal(cut.liking, whole.liking)


def test_the_whole_year_is_reproduced_exactly() -> None:
    record, found = year()
    days = (0, *range(5, 41, 5))
    (kept,) = side_by_side([(record.scenario, [record.scenario.number])], Keep(STATES, days))
    for place, state in enumerate(STATES):
        np.testing.assert_array_equal(kept.children[0, :, place], record.children[state][list(days)])
    np.testing.assert_array_equal(found.nodes["conflict"], record.children["conflict"][list(days), CHILD])


def test_a_contribution_is_the_difference_that_a_cut_makes() -> None:
    record, found = year()
    alone = simulate(without(record.scenario, LINKS["closeness"]))
    for place, state in enumerate(STATES):
        difference = record.children[state][5::5, CHILD] - alone.children[state][5::5, CHILD]
        np.testing.assert_allclose(found.contributions["closeness"][1:, place], difference, atol=1e-15)


def test_nothing_is_different_before_the_first_day_and_something_later() -> None:
    _, found = year()
    for name, values in found.contributions.items():
        assert not values[0].any(), name
        assert values[-1].any(), name


def test_signs_are_those_of_the_equations() -> None:
    _, found = year()
    conflict = {name: values[-1, STATES.index("conflict")] for name, values in found.contributions.items()}
    assert conflict["aggression"] > 0.0
    assert conflict["hostility"] > 0.0
    assert conflict["closeness"] < 0.0
    assert found.contributions["hurt"][-1, STATES.index("closeness")] < 0.0
    aggression = {name: values[-1, STATES.index("aggression")] for name, values in found.contributions.items()}
    assert aggression["approval"] < 0.0
    assert aggression["habit"] > 0.0


@pytest.mark.parametrize("name", ["grudge", "approval", "habit", "coercion", "example"])
def test_cutting_what_has_no_weight_changes_nothing(name: str) -> None:
    record = simulate(small(**dict.fromkeys(LINKS[name].cut, 0.0)))
    found = causes(record, CHILD)
    assert not found.contributions[name].any()
    assert found.contributions["aggression"].any()


def test_a_link_that_never_acts_contributes_nothing() -> None:
    """Without corrections nobody resists them."""
    record = simulate(small(misbehaviour_rate=0.0))
    found = causes(record, CHILD)
    assert not found.nodes["corrections"].any()
    assert not found.contributions["resistance"].any()
    assert not found.contributions["correction"].any()


def test_nodes_are_means_and_counts_of_a_week() -> None:
    record, found = year()
    met = record.contacts[
        (record.contacts["child"] == CHILD) & (record.contacts["day"] > 5) & (record.contacts["day"] <= 10)
    ]
    assert found.nodes["child_tone"][2] == pytest.approx(met["tone"].mean())
    assert found.nodes["teacher_tone"][2] == pytest.approx(met["response"].mean())
    assert found.nodes["corrections"][2] == (met["setting"] == Setting.DISCIPLINE).sum()
    assert np.isnan(found.nodes["felt"][0])
    assert all(len(values) == 9 for values in found.nodes.values())


def test_the_strongest_come_first() -> None:
    _, found = year()
    place = STATES.index("aggression")
    sizes = [abs(found.contributions[name][8, place]) for name in found.strongest("aggression", 8, count=len(LINKS))]
    assert sizes == sorted(sizes, reverse=True)
    assert found.strongest("aggression", 0) == []
