"""The dynamics of a dyad seen from above agree with what simulated dyads do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from strategies import child_records, class_state, difference, run, small, teacher_records

from sim import dyad
from sim.dyad import LOOP, Expected, basin, field, loop_gain, portrait, state_space_grid
from sim.parameters import PARAMETERS, Parameters
from sim.state import CONTACT_DTYPE, ClassState, Records

WEEKS = 200
"""Weeks simulated with different luck."""

# The class around the dyad stays as it is, moods are even, every bid is answered: what an expected week assumes.
EVEN = {
    "tone_mood": 0.0,
    "response_mood": 0.0,
    "play_mood": 0.0,
    "attention_cost": 0.01,
    "attention_recovery": 100.0,
    "teacher_stress_gain": 0.0,
    "teacher_stress_relief": 0.0,
    "liking_rate": 0.0,
    "reference_warmth": 0.0,
    "reference_derogation": 0.0,
    "play_adaptation": 0.0,
}


def ordinary(number: int = 3) -> ClassState:
    """A class drawn from the population."""
    return small(size=12, weeks=1).build(number)


def even(state: ClassState) -> ClassState:
    """The same class where the assumptions of an expected week hold."""
    p = Parameters(EVEN)
    state.teacher["stress"] = p["teacher_stress_rest"] * state.teacher["strain"]
    return replace(state, parameters=p)


def weekly_changes(state: ClassState, child: int) -> tuple[Records, Records, Records]:
    """Expected change of the states of `LOOP` in a week; mean of simulated ones, and its standard error."""
    expected = Expected(state, child)
    before = expected.get()
    changes = []
    for seed in range(WEEKS):
        end = run(small(weeks=1), replace(state, seed=seed)).children[-1]
        changes.append(np.array([end[name][child] for name in LOOP]) - before)
    drawn = np.array(changes)
    return expected.after(before) - before, drawn.mean(axis=0), drawn.std(axis=0) / np.sqrt(WEEKS)


def most(state: ClassState, name: str) -> int:
    """The child that has most of a state."""
    return int(np.argmax(state.children[name]))


@pytest.mark.parametrize("who", ["conflict", "closeness"])
def test_an_even_expected_week_is_the_mean_of_simulated_weeks(who: str) -> None:
    """Within four standard errors, or a twentieth of the change where luck is smaller than that."""
    state = even(ordinary())
    expected, mean, error = weekly_changes(state, most(state, who))
    for name, a, b, e in zip(LOOP, expected, mean, error, strict=True):
        assert abs(a - b) <= max(4 * e, 0.05 * abs(b)), f"{name}: expected {a:.5f}, simulated {b:.5f} ± {e:.5f}"


@pytest.mark.parametrize("who", ["conflict", "closeness"])
def test_an_expected_week_is_near_the_mean_of_ordinary_weeks(who: str) -> None:
    """With moods, limited attention and a class that moves along: within a thousandth of the scale."""
    state = ordinary()
    expected, mean, error = weekly_changes(state, most(state, who))
    for name in ("conflict", "closeness", "aggression"):
        i = LOOP.index(name)
        assert abs(expected[i] - mean[i]) <= 4 * error[i] + 0.001, f"{name}: {expected[i]:.5f}, {mean[i]:.5f}"


def test_an_expected_day_changes_one_child_and_nothing_else() -> None:
    state = ordinary()
    expected = Expected(state, 2)
    before = expected.state.copy()
    expected.after(expected.get(), 3)
    for part in ("children", "teacher", "liking"):
        assert difference(getattr(expected.state, part), getattr(before, part)) == "", part
    dyad.expected_weeks(*expected.arrays, 5, 1, expected.answered, expected.p)
    assert difference(np.delete(expected.state.children, 2), np.delete(before.children, 2)) == ""
    assert difference(expected.state.teacher, before.teacher) == ""
    assert difference(expected.state.liking, before.liking) == ""
    assert difference(expected.state.children[[2]], before.children[[2]]) != ""


def test_looking_at_a_dyad_leaves_the_class_as_it_is() -> None:
    state = ordinary()
    before = state.copy()
    loop_gain(state, 1)
    basin(state, 1)
    portrait(state, 1, points=3, settling=1)
    for part in ("children", "teacher", "liking"):
        assert difference(getattr(state, part), getattr(before, part)) == "", part


@pytest.mark.parametrize("child", [0, 4])
def test_the_jacobian_is_that_of_another_step_size(child: int) -> None:
    state = ordinary()
    expected = Expected(state, child)
    here, step = expected.get(), 2e-6
    columns = []
    for i in range(len(LOOP)):
        shift = np.zeros(len(LOOP))
        shift[i] = step
        columns.append((expected.after(here + shift) - expected.after(here - shift)) / (2 * step))
    assert np.abs(loop_gain(state, child).jacobian - np.column_stack(columns)).max() < 2e-3


def any_class(number: int) -> ClassState:
    """A class with parameters from anywhere in their ranges."""
    luck = np.random.default_rng(number)
    drawn = {name: luck.uniform(p.low, p.high) for name, p in PARAMETERS.items()}
    return small(size=4, parameters=drawn).build(number)


def test_loop_gain_is_above_one_exactly_where_a_small_disturbance_grows() -> None:
    grows = []
    for number in range(30):
        state = any_class(number)
        gain = loop_gain(state, 0)
        expected = Expected(state, 0)
        here, values = expected.get(), np.linalg.eigvals(gain.jacobian)
        if np.iscomplex(values[np.argmax(np.abs(values))]) or gain.factor > 20 or gain.factor < 1e-3:
            continue  # a disturbance that swings has no direction of its own
        disturbance = 1e-6 * np.array([gain.direction[name] for name in LOOP])
        later = (expected.after(here + disturbance) - expected.after(here - disturbance)) / 2
        growth = np.linalg.norm(later) / np.linalg.norm(disturbance)
        assert growth == pytest.approx(gain.factor, rel=0.01)
        assert (growth > 1) == (gain.factor > 1)
        grows.append(gain.factor > 1)
    assert 4 <= sum(grows) <= len(grows) - 4, "the classes should be of both kinds"


def test_weeks_to_halve_or_double() -> None:
    direction, jacobian = dict.fromkeys(LOOP, 0.0), np.eye(len(LOOP))
    assert dyad.LoopGain(0.5, direction, jacobian).weeks == 1
    assert dyad.LoopGain(2.0, direction, jacobian).weeks == 1
    assert dyad.LoopGain(0.5**0.25, direction, jacobian).weeks == pytest.approx(4)
    assert dyad.LoopGain(1.0, direction, jacobian).weeks == float("inf")


def test_a_dyad_in_which_nothing_happens_forgets_at_its_half_lives() -> None:
    """Without contacts, the slowest memory alone sets the loop gain."""
    state = class_state(
        child_records(2, visibility=0.0), teacher_records(pace=0.0), play_bouts=0.0, norms_half_life=400.0
    )
    gain = loop_gain(state, 0)
    assert gain.factor == pytest.approx(0.5 ** (5 / 400), abs=1e-4)
    i = LOOP.index("conflict")
    assert gain.jacobian[i, i] == pytest.approx(0.5 ** (5 / state.parameters["conflict_half_life"]), abs=1e-4)


# --- Basins and portrait -----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["conflict", "closeness"])
def test_the_attractor_stays_where_it_is_and_the_field_is_zero_there(who: str) -> None:
    state = ordinary()
    child = most(state, who)
    found = basin(state, child)
    there = Expected(state, child)
    dyad.expected_weeks(*there.arrays, there.days, dyad.LONGEST, there.answered, there.p)
    attractor = there.get()
    assert attractor == pytest.approx(list(found.attractor.values()), abs=1e-12)
    assert np.abs(there.after(attractor) - attractor).max() < 1e-4
    levels = np.array([found.attractor["conflict"], found.attractor["aggression"]])
    conflict, aggression = field(*there.arrays, there.days, there.answered, there.p, levels, 60)
    assert abs(conflict[1, 0]) < 1e-4
    assert abs(aggression[1, 0]) < 1e-4
    assert max(abs(conflict[0, 1]), abs(aggression[0, 1])) > 1e-3, "elsewhere it is not"
    assert found.vicious == (found.attractor["conflict"] > 0.5)


def test_far_from_the_attractor_the_field_points_back() -> None:
    state = ordinary()
    child = most(state, "closeness")
    found = basin(state, child)
    assert not found.vicious
    picture = portrait(state, child, points=5)
    assert picture.conflict.shape == picture.aggression.shape == (5, 5)
    if found.alone:
        assert picture.conflict[0, -1] < 0
        assert picture.aggression[-1, 0] < 0


def test_a_vicious_basin_is_found_where_parameters_make_one() -> None:
    vicious = {"conflict_gain": 0.2, "response_hostility": 3.0, "response_conflict": 2.0, "tone_conflict": 2.0}
    children = child_records(3, conflict=0.9, aggression=0.9, closeness=0.1, representation=-0.8, felt_security=-0.8)
    bad = class_state(children, teacher_records(emotional_support=0.1), **vicious)
    assert basin(bad, 0).vicious
    calm = {"conflict_gain": 0.001, "conflict_rest": 0.0}
    assert not basin(replace(bad, parameters=Parameters(calm)), 0).vicious
    assert basin(replace(bad, parameters=Parameters(calm)), 0).alone


# --- The grid of tones -------------------------------------------------------------------------------


def log(*tones: tuple[float, float]) -> Records:
    """Contacts of which the tones of child and teacher are given."""
    contacts = np.zeros(len(tones), dtype=CONTACT_DTYPE)
    for entry, (child, teacher) in zip(contacts, tones, strict=True):
        entry["tone"], entry["response"] = child, teacher
    return contacts


def test_state_space_grid_of_a_log_made_by_hand() -> None:
    grid = state_space_grid(log((-0.9, -0.9), (-0.9, -0.8), (0.9, 0.9), (0.9, -0.9)))
    assert grid.counts.sum() == 4
    assert (grid.counts[0, 0], grid.counts[4, 4], grid.counts[0, 4], grid.counts[4, 0]) == (2, 1, 1, 0)
    assert grid.mutual_negative == 0.5
    assert grid.mutual_positive == 0.25
    # 1 - (1/2)² - (1/4)² - (1/4)² = 5/8, as a share of the most that 25 cells allow (24/25).
    assert grid.dispersion == pytest.approx(5 / 8 * 25 / 24)


def test_state_space_grid_at_its_ends() -> None:
    assert state_space_grid(log(*[(0.5, 0.5)] * 7)).dispersion == 0
    even_spread = [(x, y) for x in (-0.8, -0.4, 0.0, 0.4, 0.8) for y in (-0.8, -0.4, 0.0, 0.4, 0.8)]
    assert state_space_grid(log(*even_spread)).dispersion == pytest.approx(1)
    empty = state_space_grid(log())
    assert (empty.counts.sum(), empty.dispersion, empty.mutual_negative, empty.mutual_positive) == (0, 0, 0, 0)
    assert state_space_grid(log((-1.0, 1.0)), cells=3).counts[2, 0] == 1
