"""Nullclines, places of rest and the boundary between basins are those of fields in which they are known."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from strategies import STRONG

from sim.dashboard.answers.portrait import FAR, POINTS, answer, crossing
from sim.dashboard.choices import Choices, Pair, pair_of
from sim.dashboard.desk import Question, Refused
from sim.dashboard.picture import Shelf
from sim.state import Records
from sim.year.basins import basins, change_at, follow_arrows, nullclines
from sim.year.dyad import Portrait, basin, portrait

SHELF = Shelf()
IRRITATED, ORDINARY = Choices(), Choices(scenario="ordinary-class")
FEEDING_BACK = Pair(pair_of(ORDINARY).without.changed(parameters=STRONG), None)
"""A class in which much feeds back, so that children may end in one of two places."""
WEAK = dict.fromkeys(("act_conflict", "harsh_conflict", "harsh_hostility", "harsh_helplessness", "coercion_habit"), 0.0)
HARDLY_FEEDING_BACK = Pair(pair_of(IRRITATED).without.changed(parameters=WEAK), None)
"""A class in which conflict, hostility and habit provoke nobody."""

LEVELS = np.linspace(0.02, 0.98, 25)
LOW, HIGH = 0.2, 0.8
LEAN = 0.3
"""How far the boundary between two wells lies to one side for each step up."""


def field(conflict: Records, aggression: Records) -> Portrait:
    """A portrait of these changes at all pairs of `LEVELS`."""
    return Portrait(LEVELS, conflict, aggression)


def two_wells() -> Portrait:
    """Conflict leaves a leaning line for wells on either side of it; aggression returns to the middle.

    With ``u = conflict - 1/2 + LEAN (aggression - 1/2)`` and ``v = aggression - 1/2``: ``u' = u (0.09 - u²)`` and
    ``v' = -0.1 v``; so the separatrix is the line ``u = 0``, and the wells are at ``u = ±0.3, v = 0``.
    """
    conflict, aggression = np.meshgrid(LEVELS, LEVELS)
    v = aggression - 0.5
    u = conflict - 0.5 + LEAN * v
    return field(u * (0.09 - u**2) + LEAN * 0.1 * v, -0.1 * v)


def one_well() -> Portrait:
    """Everything returns to one place."""
    conflict, aggression = np.meshgrid(LEVELS, LEVELS)
    return field(0.1 * (0.3 - conflict), 0.05 * (0.6 - aggression))


def test_two_wells_have_the_separatrix_between_them() -> None:
    found = basins(two_wells())
    assert found.rests == pytest.approx(np.array([[LOW, 0.5], [HIGH, 0.5]]), abs=0.005)
    assert len(found.boundary) == 1
    conflict, aggression = found.boundary[0].T
    inner = (aggression > LEVELS[0]) & (aggression < LEVELS[-1])
    assert conflict[inner] == pytest.approx(0.5 - LEAN * (aggression[inner] - 0.5), abs=0.004)
    assert aggression.min() < 0.05, "it runs through the whole plane"
    assert aggression.max() > 0.95


def test_each_side_of_the_separatrix_leads_to_its_own_well() -> None:
    portrait, drawn = two_wells(), np.random.default_rng(4)
    starts = drawn.uniform(0.05, 0.95, (300, 2))
    side = starts[:, 0] - 0.5 + LEAN * (starts[:, 1] - 0.5)
    clear = np.abs(side) > 0.01
    assert clear.sum() > 200
    ends = follow_arrows(portrait, starts[clear])
    assert np.array_equal(basins(portrait).of(ends), (side[clear] > 0).astype(int))


def test_one_well_has_no_separatrix() -> None:
    found = basins(one_well())
    assert found.rests == pytest.approx(np.array([[0.3, 0.6]]), abs=0.005)
    assert found.boundary == ()


def test_a_field_that_leads_out_comes_to_rest_on_the_edge() -> None:
    steady = np.full((len(LEVELS), len(LEVELS)), -0.01)
    assert basins(field(steady, steady)).rests == pytest.approx(np.array([[0.0, 0.0]]))
    assert [len(lines) for lines in nullclines(field(steady, steady))] == [0, 0]


def test_nullclines_are_where_nothing_changes() -> None:
    portrait = one_well()
    conflict, aggression = nullclines(portrait)
    assert np.concatenate(conflict)[:, 0] == pytest.approx(0.3)
    assert np.concatenate(aggression)[:, 1] == pytest.approx(0.6)
    places = np.array([[0.31, 0.47], [0.7, 0.2]])
    assert change_at(portrait, places) == pytest.approx(
        np.stack((0.1 * (0.3 - places[:, 0]), 0.05 * (0.6 - places[:, 1])), axis=1)
    )


def asked(details: dict[str, Any], choices: Choices = IRRITATED, child: int = 14, pair: Pair | None = None) -> Question:
    """A question about a portrait."""
    return Question(pair or pair_of(choices), choices, child, SHELF, details, lambda _: None)


def test_the_answer_grows_and_is_kept() -> None:
    details = {"week": 12, "arm": "with"}
    first, last = answer(asked(details))
    assert "said" not in first
    assert {key: value for key, value in last.items() if key != "said"} == first
    assert [(item["week"], item["arm"], item["child"]) for item in (first, last)] == [(12, "with", 14)] * 2
    assert list(answer(asked(details))) == [last], "nothing is computed twice"
    left = list(answer(asked({**details, "arm": "without"})))[-1]
    assert left["conflict"] != last["conflict"], "each class has its own"


def test_one_basin_has_no_boundary_and_says_so() -> None:
    *_, last = answer(asked({"week": 12, "arm": "without"}, pair=HARDLY_FEEDING_BACK))
    assert len(last["rests"]) == 1
    assert last["boundary"] == []
    assert "It is the only basin: whatever the start, it ends here." in last["said"]
    state = SHELF.both(HARDLY_FEEDING_BACK).without.state(60)
    attractor = basin(state, 14).attractor
    ends = [1 + 4 * attractor[name] for name in ("conflict", "aggression")]
    assert last["rests"][0] == pytest.approx(ends, abs=FAR)
    assert f"conflict settles at {ends[0]:.1f}, aggression at {ends[1]:.1f}." in last["said"][0]


def test_two_basins_have_a_boundary_that_starts_on_either_side_obey() -> None:
    *_, last = answer(asked({"week": 0, "arm": "without"}, ORDINARY, 9, FEEDING_BACK))
    assert len(last["rests"]) == 2
    assert len(last["boundary"]) == 1
    told = " ".join(last["said"])
    assert "There are two basins." in told
    of_conflict = "With this much aggression, the boundary lies at conflict {}; now conflict is {}."
    of_aggression = "With this much conflict, the boundary lies at aggression {}; now aggression is {}."
    either = "|".join(re.escape(sentence).replace(r"\{\}", r"[\d.]+") for sentence in (of_conflict, of_aggression))
    assert len(re.findall(either, told)) == 1
    state = SHELF.both(FEEDING_BACK).without.state(0)
    field = portrait(state, 9, points=POINTS)
    found = basins(field)
    line = found.boundary[0]
    middles, along = (line[1:] + line[:-1]) / 2.0, np.diff(line, axis=0)
    across = 0.01 * along[:, ::-1] * (1.0, -1.0) / np.linalg.norm(along, axis=1, keepdims=True)
    one, other = (found.of(follow_arrows(field, middles + side * across)) for side in (1.0, -1.0))
    assert len(set(one.tolist())) == len(set(other.tolist())) == 1, "each side ends in one place"
    assert one[0] != other[0]
    place = crossing(found, np.array([0.5, np.median(line[:, 1])]), 0)
    assert place is not None
    assert line[:, 0].min() <= place <= line[:, 0].max()
    assert crossing(found, np.array([0.5, 2.0]), 0) is None


@pytest.mark.parametrize(
    "details",
    [{}, {"week": -1, "arm": "with"}, {"week": 37, "arm": "with"}, {"week": "x", "arm": "with"}, {"week": 3, "arm": 3}],
)
def test_what_cannot_be_drawn_is_refused(details: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        list(answer(asked(details)))
