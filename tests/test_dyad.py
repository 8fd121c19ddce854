"""The dynamics of a dyad seen from above agree with what simulated dyads do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import STRONG, child_records, class_state, difference, small, teacher_records

from sim.dynamics import chance as chance_of_push
from sim.engine import arrays, years
from sim.parameters import PARAMETERS, Parameters
from sim.population import draw_class
from sim.state import CONTACT_DTYPE, ClassState, Records
from sim.year import dyad
from sim.year.dyad import LOOP, Expected, basin, field, loop_gain, portrait, state_space_grid

DRAWS = 300
"""Weeks that are simulated with different luck."""

# The class around the dyad stays as it is, moods are even, every bid is answered: what an expected week assumes.
EVEN = {
    "tone_mood": 0.0,
    "response_mood": 0.0,
    "play_mood": 0.0,
    "bid_mood": 0.0,
    "act_mood": 0.0,
    "act_day": 0.0,
    "harsh_mood": 0.0,
    "liking_luck": 0.0,
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
    return draw_class(small(size=12, weeks=1), number)


def even(number: int = 3) -> ClassState:
    """The same class where the assumptions of an expected week hold."""
    state, p = ordinary(number), Parameters(EVEN)
    state.teacher["stress"] = p["teacher_stress_rest"] * state.teacher["strain"]
    return replace(state, parameters=p)


class Weeks(NamedTuple):
    """Change of the states of `LOOP` in some weeks, shape (children, s): expected, simulated, its standard error."""

    expected: Records
    simulated: Records
    error: Records


def weeks_of(classes: Iterable[ClassState], weeks: int, draws: int) -> Weeks:
    """Expected and simulated change of all children."""
    rows = []
    for state in classes:
        year = replace(state, calendar=replace(state.calendar, weeks=weeks))
        classes = years.gather([replace(year, seed=seed) for seed in range(draws)], ())
        kept, _ = years.run(classes, [year.calendar.days])
        ends = np.stack([kept.children[name][:, 0] for name in LOOP], axis=2)
        for child in range(len(state.names)):
            expected = Expected(year, child)
            before = expected.get()
            drawn = ends[:, child] - before
            error = drawn.std(axis=0) / np.sqrt(draws)
            rows.append((expected.after(before, weeks) - before, drawn.mean(axis=0), error))
    return Weeks(*(np.array(part) for part in zip(*rows, strict=True)))


def most(state: ClassState, name: str) -> int:
    """The child that has most of a state."""
    return int(np.argmax(state.children[name]))


CLASSES = {"even": even, "ordinary": ordinary}
LOWEST = np.array([dyad.LOWEST[name] for name in LOOP])


@cache
def one_week(kind: str) -> Weeks:
    """A week of a dozen classes."""
    return weeks_of(map(CLASSES[kind], range(3, 15)), weeks=1, draws=DRAWS)


SMOOTH = ("goodwill", "felt_security", "representation", "self_global")
"""What every contact moves, and no single one decides. Of what else there is, hostile acts decide, which are rare: one
more or less is much in a week."""
CLOSELY = [(name, kind) for name in SMOOTH for kind in CLASSES if (name, kind) != ("goodwill", "ordinary")]
"""Goodwill is where it settles within days. What is left of a change in a week is small, and in ordinary classes it is
made by the teacher's stress, of which an expected week of one child does not know."""
FEW = 36
"""Children of whom every single one has to be expected closely."""
CLOSE = {"even": 0.05, "ordinary": 0.10}
"""How far the change of such a state may be off in a single child, besides three standard errors; as a share of it."""
BIAS = {"even": 0.16, "ordinary": 0.32}
"""Most that the typical bias of an expected week may be, as a share of the typical change.

For most states it is much less; in even classes what perceived control gains is off most, in ordinary ones goodwill.
Both are those of a dozen classes: of three, a dyad or two in which much happens decide, one way or the other.
"""


@pytest.mark.parametrize(("name", "kind"), CLOSELY)
def test_what_moves_smoothly_is_expected_closely(name: str, kind: str) -> None:
    """For every child in whom it changes much."""
    expected, simulated, error = (part[:FEW, LOOP.index(name)] for part in one_week(kind))
    much = np.abs(simulated) >= np.sqrt(np.square(simulated).mean())
    assert much.any()
    assert (np.abs(expected - simulated) <= 3 * error + CLOSE[kind] * np.abs(simulated))[much].all()


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("name", LOOP)
def test_an_expected_week_is_the_mean_of_simulated_ones(name: str, kind: str) -> None:
    """But for a small part of the change, which chance adds to what a mean leads to.

    Root mean squares over children. In an ordinary class the teacher's stress moves within the week, too, of which an
    expected week of one child does not know: goodwill is off most.
    """
    expected, simulated, error = (part[:, LOOP.index(name)] for part in one_week(kind))
    bias = np.clip(np.abs(expected - simulated) - error, 0.0, None)
    share = np.sqrt(np.square(bias).mean() / np.square(simulated).mean())
    assert share <= BIAS[kind], f"{share:.3f}"
    assert np.corrcoef(expected, simulated)[0, 1] > (0.97 if kind == "even" else 0.93)


def test_an_expected_year_is_the_mean_of_simulated_ones() -> None:
    """Errors of single weeks do not pile up: the order of children and the level are those of simulated years.

    In classes without a dyad that can go either way: an expected year goes one of them, and simulated years both.
    """
    year = weeks_of(map(even, (5, 6)), weeks=36, draws=12)
    for name in LOOP:
        expected, simulated, _ = (part[:, LOOP.index(name)] for part in year)
        start = np.array([state.children[name][i] for state in map(even, (5, 6)) for i in range(12)])
        ends = simulated + start
        assert np.corrcoef(expected + start, ends)[0, 1] > 0.95, name
        assert abs((expected - simulated).mean()) < 0.4 * ends.std(), name


def test_luck_and_moods_are_averaged_by_rules_with_their_means_and_variances() -> None:
    """Of two people each, who have nothing to do with each other."""
    for nodes in (dyad.NODES, dyad.MOODS):
        for power, moment in ((1, 0.0), (2, 1.0), (3, 0.0)):
            assert (nodes**power).mean(axis=0) == pytest.approx([moment, moment], abs=1e-9)
        assert nodes.prod(axis=1).mean() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("threshold", [-0.5, 0.0, 0.5, 1.0])
def test_what_begins_at_a_threshold_is_averaged_well(threshold: float) -> None:
    """Tones are warm where luck brings them above neutral, the answer to a warm one more so."""
    luck = np.random.default_rng(2).standard_normal((400_000, 2))

    def warmth(two: Records) -> tuple[float, float]:
        first = np.maximum(0.0, two[:, 0] - threshold)
        return float(first.mean()), float(np.maximum(0.0, 0.5 * first + two[:, 1] - threshold).mean())

    assert warmth(dyad.NODES) == pytest.approx(warmth(luck), rel=0.1)


CHANCES = st.tuples(*[st.floats(0.003, 0.997)] * 4)


def each_way() -> list[tuple[float, float, float, float]]:
    """How contacts can go; a way is given by draws that make each turn hostile, or another one."""
    return [(float(a), float(b), float(c), float(d)) for a, b, c, d in dyad.WAYS]


@given(CHANCES, st.floats(0.0, 1.0))
def test_a_contact_goes_one_of_its_ways(hostile: tuple[float, float, float, float], share: float) -> None:
    """The chances of all ways add up to one: on any day, and in play over good and bad days."""
    moody = Parameters({"act_mood": share}).record()[0]
    push = tuple(dyad.push_of(chance) for chance in hostile)
    assert [chance_of_push(one) for one in push] == pytest.approx(hostile)
    assert sum(dyad.chance_of(way, hostile) for way in each_way()) == pytest.approx(1.0)
    assert sum(dyad.chance_in_play(way, hostile, moody) for way in each_way()) == pytest.approx(1.0)


@given(CHANCES)
def test_where_moods_have_no_weight_a_way_has_the_chance_of_its_turns(
    hostile: tuple[float, float, float, float],
) -> None:
    even_days = Parameters(EVEN).record()[0]
    for way in each_way():
        turns = [chance if draw < 1.0 else 1.0 - chance for draw, chance in zip(way, hostile, strict=True)]
        expected = np.prod(turns if way[0] * way[1] < 1.0 else turns[:2])
        for found in (dyad.chance_of(way, hostile), dyad.chance_in_play(way, hostile, even_days)):
            assert found == pytest.approx(expected)


def test_bad_days_make_rare_hostility_likelier_than_even_ones() -> None:
    """A chance rises more on a bad day than it falls on a good one."""
    hostile, acts = (0.03, 0.1, 0.1, 0.1), [way for way in each_way() if way[0] < 1.0]
    moody, even_days = (Parameters({"act_mood": weight}).record()[0] for weight in (0.5, 0.0))
    often, usual = (sum(dyad.chance_in_play(way, hostile, p) for way in acts) for p in (moody, even_days))
    assert often > 1.05 * usual


def test_moods_tell_in_bids_as_they_do_on_average() -> None:
    """How many bids there are follows moods that are bounded: they vary less than moods do."""
    moods = np.random.default_rng(4).standard_normal(400_000)
    bounded = moods / np.sqrt(1 + moods**2)
    of_bids = dyad.MOOD_OF_BIDS / np.sqrt(1 + dyad.MOOD_OF_BIDS**2)
    assert of_bids == pytest.approx((moods * bounded).mean(), rel=0.02)
    assert of_bids == pytest.approx(bounded.std(), rel=0.06)


def test_contacts_that_are_hostile_have_the_usual_tone_of_hostility() -> None:
    p = Parameters({}).record()
    tones = [arrays.hostile_tone(luck, False, p) for luck in np.random.default_rng(5).standard_normal(20_000)]
    assert arrays.hostile_tone(dyad.luck_of_hostility(p[0]), False, p) == pytest.approx(np.mean(tones), abs=0.005)


def test_what_ignored_bids_cost_is_the_mean_over_their_number() -> None:
    children, teacher = child_records(1, goodwill=0.8), teacher_records()
    p = Parameters({"goodwill_ignored": 0.3}).record()
    seek, begin, _ = arrays.bid_rates(children, 0, teacher, p)
    number = np.random.default_rng(1).poisson(0.4 * (seek + begin), 200_000)
    arrays.for_arrays(dyad.ignore)(children, 0, teacher, 0.4, p)
    assert children["goodwill"][0] == pytest.approx(0.8 * (0.7**number).mean(), rel=0.01)


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
    return draw_class(small(size=4, parameters=drawn), number)


def test_loop_gain_is_above_one_exactly_where_a_small_disturbance_grows() -> None:
    grows = []
    for number in range(40):
        state = any_class(number)
        gain = loop_gain(state, 0)
        expected = Expected(state, 0)
        here, values = expected.get(), np.linalg.eigvals(gain.jacobian)
        if np.iscomplex(values[np.argmax(np.abs(values))]) or gain.factor > 20 or gain.factor < 1e-3:
            continue  # a disturbance that swings has no direction of its own
        if (np.minimum(here - LOWEST, 1 - here) < 1e-5).any():
            continue  # nor has it room in both directions at a bound
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
    dyad.expected_weeks(*there.arrays, there.days, 2 * dyad.LONGEST, there.answered, there.p)
    attractor = there.get()
    assert attractor == pytest.approx([found.attractor[name] for name in LOOP], abs=2e-4)
    assert found.attractor["aggression"] == pytest.approx(there.state.children["aggression"][child], abs=2e-4)
    assert np.abs(there.after(attractor) - attractor).max() < 1e-4
    levels = np.array([attractor[LOOP.index("conflict")], there.state.children["aggression"][child], 0.9])
    conflict, aggression = field(*there.arrays, there.days, there.answered, there.p, levels, levels, 60)
    assert abs(conflict[1, 0]) < 1e-4
    assert abs(aggression[1, 0]) < 1e-4
    assert max(abs(conflict[2, 2]), abs(aggression[2, 2])) > 1e-3, "elsewhere it is not"
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


@pytest.mark.parametrize("number", [3, 4, 5])
@pytest.mark.parametrize("who", ["conflict", "aggression", "closeness"])
def test_a_portrait_stands_still_at_the_attractor(number: int, who: str) -> None:
    """Not only when it starts there: also when the rest of the dyad comes from where it is now."""
    state = ordinary(number)
    child = most(state, who)
    found = basin(state, child).attractor
    now = Expected(state, child)
    levels = np.array([found["conflict"], found["aggression"], 0.5])
    for speed in field(*now.arrays, now.days, now.answered, now.p, levels, levels, 200):
        assert abs(speed[1, 0]) < 0.001 * np.abs(speed).max()


def test_a_vicious_basin_is_found_where_parameters_make_one() -> None:
    vicious = {"conflict_gain": 0.5, "conflict_half_life": 400.0, "harsh_hostility": 10.0, "act_conflict": 3.0}
    vicious |= {"harsh_conflict": 3.0, "act_baseline": -2.0, "harsh_baseline": -1.0, "coercion_teacher": 0.3}
    children = child_records(3, conflict=0.9, habit=0.9, closeness=0.1, representation=-0.8, felt_security=-0.8)
    bad = class_state(children, teacher_records(emotional_support=0.1), **vicious)
    assert basin(bad, 0).vicious
    calm = {"conflict_gain": 0.001, "conflict_rest": 0.0, "conflict_half_life": 20.0, "misbehaviour_rate": 0.0}
    good = replace(bad, parameters=Parameters(calm))
    assert not basin(good, 0).vicious
    assert basin(good, 0).alone


def test_where_there_are_two_basins_the_start_decides() -> None:
    """A dyad that feeds back strongly: the same child and teacher, once trusted, once not."""
    trusted = {"habit": 0.0, "goodwill": 0.5, "closeness": 0.7, "representation": 0.7, "felt_security": 0.7}
    distrusted = {"habit": 0.9, "goodwill": 0.0, "closeness": 0.1, "representation": -0.8, "felt_security": -0.8}
    ends = {}
    for name, conflict, start in (("trusted", 0.0, trusted), ("not trusted", 0.9, distrusted)):
        children = child_records(3, externalizing=0.3, liability=0.2, mismatch=0.1, security=0.6, **start)
        state = class_state(children, teacher_records(reflective_functioning=0.2), **STRONG)
        state.children["conflict"][0] = conflict
        ends[name] = basin(state, 0)
    assert not ends["trusted"].alone
    assert not ends["not trusted"].alone
    assert ends["not trusted"].vicious
    assert not ends["trusted"].vicious


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
