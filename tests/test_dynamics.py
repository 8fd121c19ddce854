"""The equations: they keep every state in bounds, and each mechanism has the sign that theory gives it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise, permutations
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from strategies import (
    MIDDLING,
    child_records,
    class_state,
    difference,
    middling_record,
    out_of_bounds,
    parameter_record,
    parameter_values,
    run,
    simulate,
    small,
    teacher_records,
    within,
)

from sim import dynamics
from sim.compiled import compiled
from sim.engine import arrays as d
from sim.engine import contacts
from sim.interventions import REGISTRY
from sim.luck import Luck
from sim.model import Classroom
from sim.parameters import HALF_LIFE, PARAMETERS
from sim.scenario import Scenario
from sim.state import CHILD, TEACHER, Field, Record, Records
from sim.target import RULES

LUCKIEST = 2 * np.sqrt(3)
"""The farthest that a normal draw of luck can lie from 0."""
UNIT = within(0.0, 1.0)
TONE = within(-1.0, 1.0)
LUCK = within(-LUCKIEST, LUCKIEST)
SETTINGS = (d.TASK, d.SOCIAL, d.DISCIPLINE, d.SESSION)
HOSTILE, FRIENDLY = 0.0, 1.0
"""Draws that make a turn hostile, or another one, whatever its chance."""


@compiled
def whole_contact(
    child: Record,
    teacher: Record,
    initiator: int,
    setting: float,
    public: bool,
    luck: tuple[float, float],
    draws: tuple[float, float, float, float],
    p: Record,
) -> tuple[float, float, float, float]:
    """One contact as teacher and child live it; returns the chances of hostility of its four turns."""
    met, push, first_chances = contacts.first_turns(child, teacher, setting, public, luck, (draws[0], draws[1]), p)
    second, second_chances = contacts.second_turns(
        child, teacher, setting, public, luck, (draws[2], draws[3]), met, push, p
    )
    on = dynamics.goes_on(met[0], met[2])
    whole = (
        dynamics.as_a_whole(met[0], second[0], on),
        dynamics.as_a_whole(met[1], second[1], on),
        dynamics.as_a_whole(met[2], second[2], on),
        dynamics.as_a_whole(met[3], second[3], on),
    )
    contacts.both_learn(
        child, teacher, initiator, setting, public, dynamics.lead(child, teacher, initiator, setting, p), whole, p
    )
    return first_chances[0], first_chances[1], second_chances[0], second_chances[1]


exchange = d.for_arrays(whole_contact)
first_turns, second_turns = d.for_arrays(contacts.first_turns), d.for_arrays(contacts.second_turns)


# --- Bounds ------------------------------------------------------------------------------------------


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A small class with any parameters, any teacher and any interventions."""
    names = draw(st.lists(st.sampled_from(sorted(REGISTRY)), unique=True))
    traits = ("emotional_support", "reflective_functioning", "self_efficacy", "strain", "autonomy_support")
    return small(
        size=draw(st.integers(2, 5)),
        weeks=3,
        days_per_week=draw(st.integers(1, 5)),
        holidays=[{"after_week": 1, "weeks": draw(st.integers(1, 10))}],
        seed=draw(st.integers(0, 2**53 - 1)),
        parameters=draw(parameter_values()),
        teacher={name: draw(UNIT) for name in traits} | {"pace": draw(st.floats(0.01, 5.0))},
        interventions=[draw(choices(name)) for name in names],
    )


@st.composite
def choices(draw: st.DrawFn, name: str) -> dict[str, object]:
    """An intervention for any children that it can be for, in any dose that it can have."""
    rule, sessions = st.sampled_from(sorted(RULES)), REGISTRY[name].sessions_per_week
    return {
        "name": name,
        "target": draw(st.none() | rule if sessions is None else rule),
        "count": 2,
        "start_week": draw(st.integers(1, 3)),
        "fidelity": draw(UNIT),
        "dose": 1.0 if sessions is None else draw(st.floats(0.1, 2.5)),
    }


@given(scenarios())
@settings(max_examples=150)
def test_no_run_leaves_the_bounds(scenario: Scenario) -> None:
    assert out_of_bounds(simulate(scenario)) == []


@given(scenarios())
@settings(max_examples=40)
def test_aggression_is_at_all_times_what_its_sources_make_of_it(scenario: Scenario) -> None:
    """From the second evening on by the equation, on the first within rounding."""
    record = simulate(scenario)
    p, children = record.final.parameters, record.children
    learned = p["habit_weight"] * children["habit"]
    ready = children["liability"] + learned * (1.0 - children["liability"])
    restrained = ready * (1.0 - p["goodwill_restraint"] * children["goodwill"])
    assert children["aggression"] == pytest.approx(restrained, abs=1e-12)


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("name", PARAMETERS)
def test_no_end_of_a_range_breaks_a_run(name: str, end: str) -> None:
    scenario = small(size=4, weeks=4, parameters={name: getattr(PARAMETERS[name], end)}, seed=3)
    assert out_of_bounds(simulate(scenario)) == []


def put(records: Records, values: dict[str, float]) -> None:
    """Set fields of the first record."""
    for name, value in values.items():
        records[name][0] = value


def beyond(records: Records, table: tuple[Field, ...]) -> dict[str, float]:
    """Fields of the first record that are no number or out of their bounds."""
    values = {field: float(records[field.name][0]) for field in table}
    return {field.name: value for field, value in values.items() if not field.low <= value <= field.high}


def anywhere(seed: int) -> tuple[Records, Records, Records]:
    """Children, teacher and liking: any that their bounds allow, likely or not."""
    luck = np.random.default_rng(seed)

    def drawn(low: float, high: float, shape: tuple[int, ...]) -> Records:
        return np.where(luck.random(shape) < 0.5, luck.choice([low, high], shape), luck.uniform(low, high, shape))

    children, teacher = child_records(3), teacher_records()
    for records, table in ((children, CHILD), (teacher, TEACHER)):
        for field in table:
            records[field.name] = drawn(field.low, field.high, records.shape)
    liking = drawn(-1.0, 1.0, (3, 3))
    np.fill_diagonal(liking, 0.0)
    return children, teacher, liking


def night(children: Records, teacher: Records, p: Records, luck: float) -> None:
    """The longest holiday, and the morning after it."""
    for _ in range(73):
        d.child_rests(children, 0, p)
        d.teacher_rests(teacher, p)
    d.child_arrives(children, 0, luck, p)
    d.teacher_arrives(teacher, -luck, p)


def turns(luck: float) -> tuple[float, float, float, float]:
    """Draws of four turns: any of the ways in which a contact can go."""
    act, answer, continuation, repair = (float(int(abs(luck) * 1e6) >> place & 1) for place in range(4))
    return act, answer, continuation, repair


def bout(children: Records, teacher: Records, liking: Records, p: Records, luck: float) -> None:
    """Child 0 plays with child 1."""
    liked, (act, answer, *_) = liking[0, 1], turns(luck)
    met = d.turn(0.0, answer, d.play_tone(children, 1, liking[1, 0], 0.9, -luck, p), -luck, luck > 0, p)
    push = d.pushed_on(d.play_push(children, 0, liked, p), -0.9, met, 0.5, p)
    tone = d.turn(push, act, d.play_tone(children, 0, liked, met, luck, p), luck, luck > 0, p)
    d.play_learns(children, 0, liked, tone, met, p)
    liking[0, 1] = d.liking_learns(liked, teacher, met, p)


def weekend(liking: Records, p: Records, luck: float) -> None:
    """Much happens to all pairs."""
    for i, j in permutations(range(3), 2):
        liking[i, j] = d.liking_drifts(liking[i, j], luck, luck if i < j else -luck, luck if j else -luck, p)


STEPS: dict[str, Callable[..., object]] = {
    "exchange": lambda c, t, liking, p, setting, luck: exchange(
        c, 0, t, d.CHILD, setting, luck > 0, (luck, -luck), turns(luck), p
    ),
    "ignored": lambda c, t, liking, p, setting, luck: d.is_ignored(c, 0, setting, p),
    "reference": lambda c, t, liking, p, _, luck: d.reference(liking, c, t, 0, d.bounded(luck), p),
    "first impression": lambda c, t, liking, p, _, luck: d.impress(liking, c, 0, d.bounded(luck), 1.0, p),
    "play": lambda c, t, liking, p, _, luck: bout(c, t, liking, p, luck),
    "weekend": lambda c, t, liking, p, _, luck: weekend(liking, p, luck),
    "attention": lambda c, t, liking, p, setting, luck: d.attend(c, 0, t, abs(luck) / 4, setting, abs(luck) / 4, p),
    "studies": lambda c, t, liking, p, _, luck: d.child_studies(c, 0, abs(luck) / 4, p),
    "settles": lambda c, t, liking, p, _, luck: d.child_settles(c, 0, t, p),
    "liking settles": lambda c, t, liking, p, _, luck: d.liking_settles(liking, -liking.T.copy(), p),
    "class settles": lambda c, t, liking, p, _, luck: d.class_settles(t, p),
    "night": lambda c, t, liking, p, _, luck: night(c, t, p, luck),
}
"""Everything that writes a state."""


@pytest.mark.parametrize("step", STEPS)
@given(st.integers(0, 2**32 - 1), parameter_values(), st.sampled_from(SETTINGS), LUCK)
@settings(max_examples=200)
def test_no_equation_leaves_the_bounds_from_anywhere(
    step: str, seed: int, values: dict[str, float], setting: int, luck: float
) -> None:
    """From any state that the bounds allow, with any parameters and any luck."""
    children, teacher, liking = anywhere(seed)
    STEPS[step](children, teacher, liking, parameter_record(**values), setting, luck)
    assert beyond(children, CHILD) == {}
    assert beyond(teacher, TEACHER) == {}
    assert np.abs(liking).max() <= 1
    assert not np.diag(liking).any()


@given(UNIT, UNIT, UNIT)
@example(0.1, 1.0, 1.0)
@example(1e-17, 1.0, 0.5)
def test_operators_stay_in_bounds_and_are_monotone(state: float, amount: float, other: float) -> None:
    up, down = d.strengthen(state, amount), d.weaken(state, amount)
    assert state <= up <= 1
    assert 0 <= down <= state
    lower, higher = sorted((amount, other))
    assert d.strengthen(state, lower) <= d.strengthen(state, higher) + 1e-15
    assert d.weaken(state, lower) >= d.weaken(state, higher) - 1e-15
    lower, higher = sorted((state, other))
    assert d.strengthen(lower, amount) <= d.strengthen(higher, amount) + 1e-15
    assert d.weaken(lower, amount) <= d.weaken(higher, amount) + 1e-15


@given(TONE, TONE, UNIT)
def test_approach_goes_to_its_target_and_not_past_it(state: float, target: float, amount: float) -> None:
    there = d.approach(state, target, amount)
    assert min(state, target) - 1e-15 <= there <= max(state, target) + 1e-15
    assert -1 <= there <= 1


@given(UNIT, UNIT, UNIT)
def test_reinforcement_goes_up_to_its_level_and_never_down(state: float, level: float, amount: float) -> None:
    after = d.reinforce(state, level, amount)
    if state >= level:
        assert after == state
    else:
        assert state <= after <= level + 1e-15
        assert after == pytest.approx(d.approach(state, level, amount), abs=1e-15)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_bounded_is_monotone_and_odd(x: float, y: float) -> None:
    assert -1 <= d.bounded(x) <= 1
    assert d.bounded(-x) == -d.bounded(x)
    assert (x <= y) <= (d.bounded(x) <= d.bounded(y))
    assert d.bounded(1e-6) == pytest.approx(1e-6, rel=1e-9)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_chance_is_one_of_a_distribution_with_heavy_tails(push: float, other: float) -> None:
    """Student's t with two degrees of freedom; what is rare stays possible."""
    assert 0 < d.chance(push) < 1
    assert d.chance(push) == pytest.approx(stats.t.cdf(np.sqrt(2) * push, df=2), rel=1e-6, abs=1e-12)
    assert d.chance(push) + d.chance(-push) == pytest.approx(1)
    if push <= other:
        assert d.chance(push) <= d.chance(other)


def test_a_push_of_nothing_is_a_chance_of_one_half() -> None:
    assert d.chance(0.0) == 0.5
    assert (d.chance(-1.0), d.chance(-3.0)) == pytest.approx((0.15, 0.026), abs=0.005)


# --- Readiness ---------------------------------------------------------------------------------------


@given(UNIT, UNIT, UNIT, UNIT, parameter_values())
def test_readiness_grows_with_liability_and_habit_and_shrinks_with_goodwill(
    liability: float, habit: float, goodwill: float, more: float, values: dict[str, float]
) -> None:
    p = parameter_record(**values)
    ready = d.readiness(liability, habit, goodwill, p)
    assert 0 <= ready <= 1
    for low, high, sign in (
        ((liability, habit, goodwill), (max(liability, more), habit, goodwill), 1),
        ((liability, habit, goodwill), (liability, max(habit, more), goodwill), 1),
        ((liability, habit, goodwill), (liability, habit, max(goodwill, more)), -1),
    ):
        assert sign * (d.readiness(*high, p) - d.readiness(*low, p)) >= -1e-15
    assert d.readiness(liability, 0.0, 0.0, p) == liability
    unlearned = (1.0 - liability) * (1.0 - values["habit_weight"] * habit)
    assert ready == pytest.approx((1.0 - unlearned) * (1.0 - values["goodwill_restraint"] * goodwill))


@given(UNIT, UNIT, UNIT)
def test_what_a_child_shows_is_its_readiness(liability: float, habit: float, goodwill: float) -> None:
    p, children = middling_record(), child_records(liability=liability, habit=habit, goodwill=goodwill)
    before = children.copy()
    d.show(children, 0, p)
    assert children["aggression"][0] == d.readiness(liability, habit, goodwill, p)
    assert changed(before, children) <= {"aggression"}


def changed(before: Records, after: Records) -> set[str]:
    """Fields that differ in any bit."""
    return {name for name in before.dtype.names or () if difference(before[name], after[name])}


# --- One contact -------------------------------------------------------------------------------------


class Met(NamedTuple):
    """One contact with child 0: everybody after it, its turns, and the chances that they were hostile.

    Turns are tone, perceived, response, felt; the second ones count where it went on.
    """

    children: Records
    teacher: Records
    liking: Records
    first: tuple[float, float, float, float]
    second: tuple[float, float, float, float]
    chances: tuple[float, float, float, float]


def after_contact(
    setting: int = d.TASK,
    *,
    public: bool = True,
    luck: tuple[float, float] = (0.0, 0.0),
    draws: tuple[float, float, float, float] = (FRIENDLY,) * 4,
    teacher: dict[str, float] | None = None,
    parameters: dict[str, float] | None = None,
    **child: float,
) -> Met:
    """One contact with child 0 of three, which nobody likes or dislikes."""
    children, of_teacher = child_records(3), teacher_records(**(teacher or {}))
    put(children, child)
    liking, p = np.zeros((3, 3)), middling_record(**(parameters or {}))
    at = children, 0, of_teacher, setting, public, luck
    first, push, _ = first_turns(*at, draws[:2], p)
    second, _ = second_turns(*at, draws[2:], first, push, p)
    chances = exchange(children, 0, of_teacher, d.TEACHER, setting, public, luck, draws, p)
    if public:
        d.reference(
            liking, children, of_teacher, 0, d.as_a_whole(first[2], second[2], d.goes_on(first[0], first[2])), p
        )
    return Met(children, of_teacher, liking, first, second, chances)


# What a child asks and a teacher answers where nobody is hostile.

WARM = {"tone_baseline": 1.5, "response_baseline": 1.5}
"""So warm that nothing here makes a tone neutral, below which it cannot fall."""


def friendly(setting: int = d.TASK, luck: float = 0.0, **child: float) -> float:
    """The tone of a child that is not hostile."""
    return float(d.child_tone(child_records(**child), 0, setting, luck, middling_record(**WARM)))


def answer(
    setting: int = d.TASK,
    *,
    public: bool = True,
    perceived: float = 0.3,
    luck: float = 0.0,
    teacher: dict[str, float] | None = None,
    **child: float,
) -> float:
    """The tone of a teacher who is not harsh."""
    p, of_teacher = middling_record(**WARM), teacher_records(**(teacher or {}))
    return float(d.teacher_tone(child_records(**child), 0, of_teacher, perceived, setting, public, luck, p))


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_warms_and_what_cools_the_childs_tone(setting: int) -> None:
    ordinary = friendly(setting)
    assert 0 < ordinary < 1
    for warm in ("closeness", "felt_security", "mood"):
        assert friendly(setting, **{warm: 0.9}) > ordinary, warm
    assert friendly(setting, stress=0.9) < ordinary
    for other in ("aggression", "liability", "habit", "goodwill", "conflict", "self_regulation", "mismatch"):
        assert friendly(setting, **{other: 0.9}) == ordinary, f"{other} tells in whether an act is hostile"
    assert friendly(setting, 1.0) > ordinary
    assert friendly(d.DISCIPLINE) < friendly(d.TASK) == friendly(d.SOCIAL) < friendly(d.SESSION)


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_warms_and_what_cools_the_teachers_tone(setting: int) -> None:
    ordinary = answer(setting)
    assert 0 < ordinary < 1
    assert answer(setting, teacher={"emotional_support": 0.9}) > ordinary
    assert answer(setting, teacher={"mood": 1.0}) > ordinary
    assert answer(setting, teacher={"stress": 0.9}) < ordinary
    assert answer(setting, conflict=0.9) < ordinary
    assert answer(setting, perceived=0.9) > ordinary
    assert answer(setting, perceived=-0.9) == answer(setting, perceived=0.0), "hostility provokes, or it does not"
    assert answer(setting, luck=1.0) > ordinary
    assert answer(d.DISCIPLINE) < answer(d.TASK) == answer(d.SOCIAL) == answer(d.SESSION)


@given(st.integers(0, 2**32 - 1), parameter_values(), st.sampled_from(SETTINGS), LUCK, TONE, st.booleans())
def test_what_is_not_hostile_is_neutral_or_warm_and_what_is_hostile_is_neither(
    seed: int, values: dict[str, float], setting: int, luck: float, tone: float, public: bool
) -> None:
    children, teacher, liking = anywhere(seed)
    p = parameter_record(**values)
    assert 0 <= d.child_tone(children, 0, setting, luck, p) < 1
    assert 0 <= d.teacher_tone(children, 0, teacher, tone, setting, public, luck, p) < 1
    assert 0 <= d.play_tone(children, 0, liking[0, 1], tone, luck, p) < 1
    first, second = (d.hostile_tone(luck, again, p) for again in (False, True))
    assert -1 < second <= first < 0
    assert d.hostile_tone(LUCKIEST, False, p) <= first <= d.hostile_tone(-LUCKIEST, False, p)


# Levers, and what each does to an answer.

LEVERS = ("calm", "attunement", "praise", "showcase", "reflection", "outreach")
AT_WORK = (d.TASK, d.SESSION)


def warms(lever: str, setting: int, *, public: bool) -> bool:
    """Whether a lever warms the tone of this contact: affection is shown where it is seen, praise given at work."""
    return lever == "attunement" or (lever == "showcase" and public) or (lever == "praise" and setting in AT_WORK)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("lever", LEVERS)
def test_levers_warm_the_teachers_tone_to_the_child(lever: str, public: bool, setting: int) -> None:
    plain, pulled = (answer(setting, public=public, **{lever: share}) for share in (0.0, 0.7))
    if warms(lever, setting, public=public):
        assert pulled > plain
    else:
        assert pulled == plain


def harsh(
    setting: int = d.TASK, perceived: float = -0.6, teacher: dict[str, float] | None = None, **child: float
) -> float:
    """Push of a teacher towards a harsh answer, to what is hostile unless said."""
    at = child_records(**child), 0, teacher_records(**(teacher or {})), perceived, setting
    return float(d.teacher_push(*at, middling_record()))


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_provokes_a_teacher_and_what_holds_one_back(setting: int) -> None:
    ordinary = harsh(setting)
    assert harsh(setting, perceived=-0.9) > ordinary > harsh(setting, perceived=0.0)
    assert harsh(setting, perceived=0.9) == harsh(setting, perceived=0.0), "warmth tells in the tone"
    assert harsh(setting, conflict=0.9) > ordinary > harsh(setting, perceived_control=0.9)
    assert harsh(setting, teacher={"stress": 0.9}) > ordinary > harsh(setting, teacher={"mood": 1.0})
    assert harsh(setting, teacher={"emotional_support": 0.9}) < ordinary
    assert harsh(setting, perceived=0.0, perceived_control=0.9) == harsh(setting, perceived=0.0), "nothing to control"
    assert harsh(d.SOCIAL) < harsh(d.TASK) < harsh(d.DISCIPLINE), "what is demanded counts for both"
    assert harsh(d.SESSION) < harsh(d.TASK) == pytest.approx(harsh(d.SESSION, session_lead=1.0))


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("lever", LEVERS)
def test_levers_that_hold_a_teacher_back(lever: str, setting: int) -> None:
    """Who keeps calm or is attuned is not easily provoked; who reflects takes hostility less personally."""
    plain, pulled = (harsh(setting, **{lever: share}) for share in (0.0, 0.7))
    assert (pulled < plain) == (lever in {"calm", "attunement", "reflection"})
    assert (pulled == plain) == (lever in {"praise", "showcase", "outreach"})
    if lever == "reflection":
        assert harsh(setting, perceived=0.0, reflection=0.7) == harsh(setting, perceived=0.0)


def test_coaching_warms_the_tone_to_every_child_and_holds_back() -> None:
    coached = {"coaching": 0.5}
    assert answer(teacher=coached) > answer()
    assert harsh(teacher=coached) < harsh()


def test_support_buffers_no_less_with_coaching_than_without() -> None:
    best = {"emotional_support": 1.0}
    for tells in (answer, harsh):
        assert tells(teacher=best) == tells(teacher={**best, "coaching": 0.5})


def test_full_calm_or_attunement_is_provoked_by_nothing_and_changes_nothing_else() -> None:
    tense, serene = {"stress": 0.9, "mood": -2.0}, {"stress": 0.0, "mood": 0.0}
    bad, good = {"conflict": 0.9, "perceived_control": 0.0}, {"conflict": 0.0}
    for lever in ("calm", "attunement"):
        steps = [harsh(d.DISCIPLINE, teacher=tense, **bad, **{lever: share}) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
        assert steps == sorted(steps, reverse=True)
        assert steps[0] > steps[-1] == harsh(perceived=0.0, teacher=serene, **good, **{lever: 1.0})
    supported = harsh(calm=1.0, teacher={"emotional_support": 1.0})
    assert supported == pytest.approx(MIDDLING["harsh_baseline"] - MIDDLING["harsh_support"])
    assert answer(calm=1.0, teacher=tense) == answer(teacher=tense), "the tone has swings as before"


# What a child is up to when a contact begins.


def urge(setting: int = d.TASK, teacher_mood: float = 0.0, **child: float) -> float:
    """Push of a child towards a hostile act."""
    at = child_records(**child), 0, teacher_records(mood=teacher_mood), setting
    return float(d.child_push(*at, middling_record()))


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_provokes_a_child_and_what_holds_it_back(setting: int) -> None:
    ordinary = urge(setting)
    for provokes in ("aggression", "stress", "conflict", "mismatch"):
        assert urge(setting, **{provokes: 0.9}) > ordinary, provokes
    for holds in ("self_regulation", "felt_security", "mood"):
        assert urge(setting, **{holds: 0.9}) < ordinary, holds
    assert urge(setting, teacher_mood=1.0) < ordinary < urge(setting, teacher_mood=-1.0)
    for other in ("liability", "habit", "goodwill"):
        assert urge(setting, **{other: 0.9}) == ordinary, f"{other} tells in aggression"


@given(parameter_values(), UNIT, UNIT, UNIT, UNIT, UNIT, TONE, st.sampled_from(SETTINGS), UNIT)
def test_a_push_is_demand_times_what_it_meets_less_what_holds_back(
    values: dict[str, float],
    aggression: float,
    self_regulation: float,
    stress: float,
    conflict: float,
    mismatch: float,
    safe: float,
    setting: int,
    lead: float,
) -> None:
    p = parameter_record(**values)
    child = child_records(
        aggression=aggression, self_regulation=self_regulation, stress=stress, conflict=conflict, mismatch=mismatch,
        felt_security=safe, session_lead=lead, mood=1.0,
    )  # fmt: skip
    drive = values["act_misbehaviour"] * np.sqrt(aggression * (1 - self_regulation)) + values["act_stress"] * stress
    drive += values["act_conflict"] * conflict + values["act_mismatch"] * mismatch
    held = values["act_security"] * safe + values["act_mood"] - 2 * values["act_day"]
    push = d.child_push(child, 0, teacher_records(mood=-2.0), setting, p)
    assert push == pytest.approx(values["act_baseline"] + d.demand(setting, lead, p) * drive - held, abs=1e-9)


@given(parameter_values(), UNIT, UNIT)
def test_demand_is_that_of_work_where_the_teacher_leads(values: dict[str, float], lead: float, more: float) -> None:
    p = parameter_record(**values)
    assert d.demand(d.TASK, lead, p) == 1
    assert d.demand(d.SOCIAL, lead, p) == values["demand_social"]
    assert d.demand(d.DISCIPLINE, lead, p) == values["demand_discipline"]
    in_session = d.demand(d.SESSION, lead, p)
    assert in_session == pytest.approx(values["demand_lead"] + lead * (1 - values["demand_lead"]))
    assert d.demand(d.SESSION, 0.0, p) == values["demand_lead"] <= in_session + 1e-15
    assert d.demand(d.SESSION, max(lead, more), p) >= in_session - 1e-15
    assert d.demand(d.SESSION, 1.0, p) == pytest.approx(1)


def test_demand_is_least_where_the_child_leads_and_most_in_a_correction() -> None:
    p = parameter_record()
    demands = [d.demand(setting, 0.0, p) for setting in (d.SESSION, d.SOCIAL, d.TASK, d.DISCIPLINE)]
    assert demands == sorted(set(demands))


# Turns.


@given(st.floats(-10, 10), st.floats(0, 1, exclude_max=True), UNIT, LUCK, st.booleans(), parameter_values())
def test_a_turn_is_hostile_where_the_draw_lies_below_its_chance(
    push: float, draw: float, kind: float, luck: float, again: bool, values: dict[str, float]
) -> None:
    p = parameter_record(**values)
    tone = d.turn(push, draw, kind, luck, again, p)
    assert tone == (d.hostile_tone(luck, again, p) if draw < d.chance(push) else kind)
    assert d.turn(push, HOSTILE, kind, luck, again, p) < 0 <= d.turn(push, FRIENDLY, kind, luck, again, p) == kind
    assert d.turn(push + 1.0, draw, kind, luck, again, p) <= tone


@pytest.mark.parametrize("push", [-4.0, -1.0, 0.0, 2.0])
def test_so_many_turns_are_hostile_as_the_chance_says(push: float) -> None:
    p, draws = middling_record(), (np.arange(4000) + 0.5) / 4000
    share = np.mean([d.turn(push, draw, 0.5, 0.0, False, p) < 0 for draw in draws])
    assert share == pytest.approx(d.chance(push), abs=1 / 4000)


@given(LUCK, parameter_values())
def test_the_strength_of_a_hostile_act_is_drawn_and_a_second_is_sharper(luck: float, values: dict[str, float]) -> None:
    p = parameter_record(**values)
    strength = values["hostile_strength"] * (1 + values["hostile_spread"] * luck)
    assert d.hostile_tone(luck, False, p) == pytest.approx(-d.bounded(strength), abs=1e-12)
    sharper = strength * (1 + values["escalation"])
    assert d.hostile_tone(luck, True, p) == pytest.approx(-d.bounded(sharper), abs=1e-12)


@pytest.mark.parametrize(
    ("act", "reply", "on"), [(0.4, 0.0, False), (-0.1, 0.9, True), (0, -0.1, True), (-1, -1, True)]
)
def test_a_contact_goes_on_where_one_of_the_two_was_hostile(act: float, reply: float, on: bool) -> None:
    assert d.goes_on(act, reply) == on


@given(TONE, TONE)
def test_what_is_learned_from_is_the_whole(first: float, second: float) -> None:
    assert d.as_a_whole(first, second, False) == first
    assert d.as_a_whole(first, second, True) == pytest.approx((first + second) / 2)


@given(st.floats(-10, 10), TONE, TONE, TONE, UNIT, UNIT, parameter_values())
def test_coercions_own_terms(
    push: float, act: float, one: float, two: float, hold: float, more: float, values: dict[str, float]
) -> None:
    """Hostility that is met provokes, warmth soothes; calm stops whoever began, as far as one has hold on oneself."""
    p = parameter_record(**values)
    colder, warmer = sorted((one, two))
    on = d.pushed_on(push, act, colder, hold, p)
    assert d.pushed_on(push, act, warmer, hold, p) <= on + 1e-12
    assert d.pushed_on(push, act, colder, max(hold, more), p) <= on + 1e-12
    begun = act < 0
    terms = values["persistence"] * begun + values["provocation"] * max(0.0, -colder)
    terms -= values["soothing"] * max(0.0, colder) + values["suppression"] * hold * (begun and colder >= 0)
    assert on == pytest.approx(push + terms, abs=1e-9)
    assert d.pushed_on(push, abs(act), 0.0, hold, p) == push, "nothing was begun and nothing met"
    assert d.pushed_on(push, -0.5, colder, 0.0, p) == pytest.approx(
        d.pushed_on(push, 0.5, colder, 0.0, p) + values["persistence"]
    )


def test_a_calm_answer_lowers_the_push_of_the_second_turn() -> None:
    """Warm soothes, hostile provokes (F4); who has the child in hand stops more."""
    p = middling_record()
    hostile, calm, warm = (d.pushed_on(-1.0, -0.7, met, 0.8, p) for met in (-0.6, 0.0, 0.6))
    assert warm < calm < hostile
    assert calm < d.pushed_on(-1.0, -0.7, 0.0, 0.2, p)
    assert hostile == d.pushed_on(-1.0, -0.7, -0.6, 0.2, p), "nobody is calm"


def test_second_turns_count_only_where_somebody_was_hostile() -> None:
    plain, drawn = (after_contact(draws=(FRIENDLY, FRIENDLY, *rest)) for rest in ((FRIENDLY,) * 2, (HOSTILE,) * 2))
    assert difference(plain.children, drawn.children) == difference(plain.teacher, drawn.teacher) == ""
    assert difference(plain.liking, drawn.liking) == ""
    for first in ((HOSTILE, FRIENDLY), (FRIENDLY, HOSTILE), (HOSTILE, HOSTILE)):
        repaired, escalated = (after_contact(draws=(*first, *rest)) for rest in ((FRIENDLY,) * 2, (HOSTILE,) * 2))
        assert escalated.second[0] < 0 <= repaired.second[0]
        assert escalated.children["conflict"][0] >= repaired.children["conflict"][0]
        assert escalated.children["closeness"][0] < repaired.children["closeness"][0]


def test_what_a_contact_leaves_is_how_it_went_as_a_whole() -> None:
    p = middling_record()
    for draws in ((FRIENDLY, FRIENDLY), (HOSTILE, FRIENDLY), (FRIENDLY, HOSTILE), (HOSTILE, HOSTILE)):
        for rest in ((FRIENDLY, HOSTILE), (HOSTILE, FRIENDLY)):
            met = after_contact(d.SOCIAL, draws=(*draws, *rest))
            children, teacher = child_records(3), teacher_records()
            on = d.goes_on(met.first[0], met.first[2])
            acted, seen, shown, taken = (d.as_a_whole(*tones, on) for tones in zip(met.first, met.second, strict=True))
            room = d.intimacy(children, 0, d.SOCIAL, True, p)
            d.dyad_learns(children, 0, d.TEACHER, room, seen, shown, taken, p)
            d.teacher_learns(children, 0, teacher, seen, p)
            d.child_learns(children, 0, d.SOCIAL, acted, taken, p)
            d.child_is_guided(children, 0, d.lead(children, 0, teacher, d.TEACHER, d.SOCIAL, p), taken, p)
            assert difference(met.children, children) == difference(met.teacher, teacher) == ""


@given(st.integers(0, 2**32 - 1), parameter_values(), st.sampled_from(SETTINGS), LUCK, st.booleans())
@settings(max_examples=60)
def test_every_turn_of_a_contact_has_the_chance_that_is_told(
    seed: int, values: dict[str, float], setting: int, luck: float, public: bool
) -> None:
    """And the teacher sees, and the child feels, what the equations of perception make of each tone."""
    p, (children, teacher, _) = parameter_record(**values), anywhere(seed)
    before, of_teacher = children.copy(), teacher.copy()
    draws = tuple(float(draw) for draw in np.random.default_rng(seed).random(4))
    at = children, 0, teacher, setting, public, (luck, -luck)
    first, push, chances = first_turns(*at, draws[:2], p)
    second, later = second_turns(*at, draws[2:], first, push, p)
    assert difference(before, children) == difference(of_teacher, teacher) == "", "nothing is learned yet"
    assert push == d.child_push(children, 0, teacher, setting, p)
    pressed = d.teacher_push(children, 0, teacher, first[1], setting, p)
    assert chances == (d.chance(push), d.chance(pressed))
    hold = float(children["perceived_control"][0]), float(teacher["reflective_functioning"][0])
    on = d.pushed_on(push, first[0], first[3], hold[0], p)
    closing = d.teacher_push(children, 0, teacher, second[1], setting, p)
    closing = d.pushed_on(closing, first[2], second[1], hold[1], p)
    assert later == (d.chance(on), d.chance(closing))
    for (tone, seen, reply, felt), told, drawn in ((first, chances, draws[:2]), (second, later, draws[2:])):
        assert [tone < 0, reply < 0] == [draw < chance for draw, chance in zip(drawn, told, strict=True)]
        assert seen == d.teacher_perceives(children, 0, teacher, tone, p)
        assert felt == d.child_perceives(children, 0, reply, p)
    told = exchange(children, 0, teacher, d.CHILD, setting, public, (luck, -luck), draws, p)
    assert told == (*chances, *later)


def test_a_harsh_answer_is_likelier_to_a_hostile_act_and_a_calm_one_stops_it() -> None:
    hostile, other = (after_contact(draws=(act, FRIENDLY, FRIENDLY, FRIENDLY)) for act in (HOSTILE, FRIENDLY))
    assert hostile.chances[1] > other.chances[1]
    provoked = after_contact(draws=(HOSTILE, HOSTILE, FRIENDLY, FRIENDLY))
    assert provoked.chances[2] > hostile.chances[2]
    in_hand = after_contact(draws=(HOSTILE, FRIENDLY, FRIENDLY, FRIENDLY), perceived_control=0.9)
    assert in_hand.chances[2] < hostile.chances[2]
    reflective = {"reflective_functioning": 0.9}
    thoughtless, thoughtful = (
        after_contact(draws=(FRIENDLY, HOSTILE, FRIENDLY, FRIENDLY), teacher=teacher) for teacher in ({}, reflective)
    )
    assert thoughtful.chances[3] < thoughtless.chances[3], "a teacher who reflects stops in time"


# What is perceived.


@given(TONE, TONE, UNIT)
def test_a_tone_is_drawn_to_what_is_expected(tone: float, model: float, bias: float) -> None:
    seen = d.coloured(tone, model, bias)
    assert min(tone, model) - 1e-15 <= seen <= max(tone, model) + 1e-15
    assert d.coloured(tone, model, 0.0) == tone
    if tone >= 0 or model >= 0:
        assert seen == pytest.approx(tone + bias * (model - tone), abs=1e-12)


@given(TONE, within(-1.0, -1e-12), UNIT)
def test_a_bad_expectation_never_flatters(tone: float, model: float, bias: float) -> None:
    assert d.coloured(tone, model, bias) <= tone
    if tone <= model:
        assert d.coloured(tone, model, bias) == tone


@given(TONE, TONE, TONE, UNIT)
def test_what_is_warmer_or_better_expected_never_looks_worse(tone: float, one: float, two: float, bias: float) -> None:
    worse, better = sorted((one, two))
    assert d.coloured(tone, worse, bias) <= d.coloured(tone, better, bias) + 1e-15
    assert d.coloured(worse, tone, bias) <= d.coloured(better, tone, bias) + 1e-15


@given(TONE, TONE, UNIT, UNIT)
def test_reflection_reduces_the_bias_of_perception(tone: float, image: float, little: float, much: float) -> None:
    little, much = sorted((little, much))
    p, children = parameter_record(teacher_bias=0.8), child_records(representation=image)

    def bias(reflective_functioning: float, reflection: float) -> float:
        children["reflection"] = reflection
        teacher = teacher_records(reflective_functioning=reflective_functioning)
        return abs(d.teacher_perceives(children, 0, teacher, tone, p) - tone)

    assert bias(much, 0.0) <= bias(little, 0.0) + 1e-12
    assert bias(0.3, much) <= bias(0.3, little) + 1e-12
    assert bias(1.0, 0.0) == pytest.approx(0, abs=1e-12)
    assert bias(0.0, 0.0) == pytest.approx(abs(d.coloured(tone, image, 0.8) - tone))


@given(TONE, TONE, UNIT)
def test_reflection_corrects_an_image_that_is_worse_than_the_child_and_no_better_one(
    tone: float, image: float, reflection: float
) -> None:
    p, teacher = parameter_record(teacher_bias=0.8), teacher_records()
    plain, reflects, fully = (
        d.teacher_perceives(child_records(representation=image, reflection=share), 0, teacher, tone, p)
        for share in (0.0, reflection, 1.0)
    )
    assert plain <= reflects <= fully
    assert fully == pytest.approx(tone if image < tone else plain)
    assert image < tone or plain == reflects


def test_an_insecure_child_reads_a_warm_answer_by_what_it_expects() -> None:
    p = parameter_record(child_bias=0.8)
    secure = d.child_perceives(child_records(security=1.0, felt_security=-0.8), 0, 0.5, p)
    insecure = d.child_perceives(child_records(security=0.1, felt_security=-0.8), 0, 0.5, p)
    assert insecure < secure == 0.5
    trusting = d.child_perceives(child_records(security=0.1, felt_security=0.8), 0, -0.5, p)
    assert trusting > -0.5 == d.child_perceives(child_records(security=0.1, felt_security=-0.2), 0, -0.5, p)


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_warm_contact_and_a_hostile_one_teach_the_opposite(setting: int) -> None:
    p = middling_record()
    before, warm, hostile = (child_records() for _ in range(3))
    d.show(before, 0, p)
    teachers = {}
    for children, tone in ((warm, 0.7), (hostile, -0.7)):
        teachers[tone] = teacher_records()
        d.dyad_learns(children, 0, d.TEACHER, 1.0, tone, tone, tone, p)
        d.teacher_learns(children, 0, teachers[tone], tone, p)
        d.child_learns(children, 0, setting, tone, tone, p)
    higher = ["closeness", "felt_security", "representation", "perceived_control", "self_regulation", "self_global"]
    higher += ["norms", "goodwill"] + ["self_academic"] * (setting == d.TASK)
    for name in higher:
        assert warm[name][0] > before[name][0] > hostile[name][0], name
    for name in ("conflict", "stress", "aggression", "habit", "liability"):
        assert warm[name][0] < before[name][0] < hostile[name][0], name
    assert teachers[-0.7]["stress"][0] > 0.5 > teachers[0.7]["stress"][0]
    assert (warm["self_academic"][0] == before["self_academic"][0]) == (setting != d.TASK)


def test_a_contact_changes_no_other_child() -> None:
    met = after_contact(draws=(HOSTILE,) * 4)
    assert difference(met.children[1:], child_records(3)[1:]) == ""
    assert difference(met.children[:1], child_records(1)) != ""


def learned(tone: float, felt: float, p: Records, **child: float) -> dict[str, float]:
    """A child after it acted with a tone and felt another, at work."""
    children = child_records(**child)
    d.show(children, 0, p)
    d.child_learns(children, 0, d.TASK, tone, felt, p)
    return {name: float(children[name][0]) for name in children.dtype.names or ()}


@given(UNIT, TONE, TONE, parameter_values())
def test_goodwill_never_rises_above_the_warmth_that_is_felt(
    before: float, tone: float, felt: float, values: dict[str, float]
) -> None:
    """It comes at once with approval, goes with hostility, and stays where nothing is felt."""
    p = parameter_record(**values)
    after = learned(tone, felt, p, goodwill=before)["goodwill"]
    comfort = max(0.0, felt)
    assert 0 <= after <= max(before, comfort) + 1e-15
    if felt < 0:
        assert after == pytest.approx(before * (1 - values["goodwill_loss"] * -felt))
    else:
        assert after == pytest.approx(before + values["goodwill_gain"] * max(0.0, comfort - before))


@given(UNIT, UNIT, UNIT, within(-1.0, 0.0), parameter_values())
def test_a_calm_reprimand_teaches_nothing(
    liability: float, habit: float, goodwill: float, tone: float, values: dict[str, float]
) -> None:
    """Neither to be hostile nor not to be (F4); it stops hostility here and now, which is another matter."""
    p, sources = parameter_record(**values), {"liability": liability, "habit": habit, "goodwill": goodwill}
    after = learned(tone, 0.0, p, **sources)
    for name, before in (*sources.items(), ("stress", 0.5), ("self_regulation", 0.5), ("norms", 0.5)):
        assert after[name] == before, name
    assert after["aggression"] == d.readiness(liability, habit, goodwill, p)


@given(UNIT, TONE, TONE, UNIT, UNIT)
def test_coercion_is_the_law_of_effect_for_hostility(
    state: float, act: float, met: float, rate: float, relief: float
) -> None:
    after = d.coercion(state, act, met, rate, relief)
    assert 0 <= after <= 1
    if met < 0 and -act > state:
        assert after == pytest.approx(state + rate * -met * (-act - state), abs=1e-12)
        assert state <= after <= -act + 1e-15
    else:
        assert after == pytest.approx(state * (1 - relief * max(0.0, met)), abs=1e-12)
        assert after <= state


def test_only_hostility_that_is_acted_and_met_with_hostility_is_reinforced() -> None:
    for act, met, change in ((-0.8, -0.8, 1), (-0.8, 0.0, 0), (0.8, -0.8, 0), (0.0, -0.8, 0), (-0.8, 0.8, -1)):
        assert np.sign(d.coercion(0.5, act, met, 0.1, 0.01) - 0.5) == change


def test_a_habit_is_learned_apart_from_the_liability() -> None:
    """Each at a rate of its own; both show."""
    rates = {"coercion_habit": 0.2, "coercion_teacher": 0.02, "habit_relief": 0.05, "coercion_relief": 0.005}
    p, before = middling_record(**rates), {"habit": 0.2, "liability": 0.2}
    hostile, warm = (learned(-0.8, felt, p, **before) for felt in (-0.8, 0.8))
    assert hostile["habit"] - 0.2 == pytest.approx(0.2 * 0.8 * 0.6)
    assert hostile["liability"] - 0.2 == pytest.approx(0.02 * 0.8 * 0.6)
    assert warm["habit"] == pytest.approx(0.2 * (1 - 0.05 * 0.8))
    assert warm["liability"] == pytest.approx(0.2 * (1 - 0.005 * 0.8))
    for after in (hostile, warm):
        assert after["aggression"] == d.readiness(after["liability"], after["habit"], after["goodwill"], p)


def test_reinforcement_ends_at_the_strength_of_what_is_experienced() -> None:
    """Hostility at that of the act, conflict at that of the friction; neither falls to it."""
    p = middling_record(coercion_relief=0.0, habit_relief=0.0)
    for before, act, met in ((0.2, -0.6, -0.4), (0.7, -0.6, -0.4)):
        children = child_records(liability=before, habit=before, conflict=before)
        for _ in range(2000):
            d.child_learns(children, 0, d.TASK, act, met, p)
            d.dyad_learns(children, 0, d.TEACHER, 0.0, act, met, met, p)
        for name in ("liability", "habit"):
            assert children[name][0] == pytest.approx(max(before, -act)), name
        assert children["conflict"][0] == pytest.approx(max(before, np.sqrt(act * met)))


def test_the_harsher_the_answer_the_faster_a_hostile_act_is_reinforced() -> None:
    gains = [d.coercion(0.2, -0.6, met, 0.1, 0.01) - 0.2 for met in (-0.2, -0.5, -0.8)]
    assert 0 < gains[0] < gains[1] < gains[2]


def dyad_after(perceived: float, response: float, felt: float = 0.0, room: float = 1.0) -> tuple[float, float]:
    """Closeness and conflict of a dyad that had 0.5 of each, after a contact."""
    children = child_records()
    d.dyad_learns(children, 0, d.TEACHER, room, perceived, response, felt, middling_record())
    return float(children["closeness"][0]), float(children["conflict"][0])


def test_it_takes_two_to_quarrel() -> None:
    """Conflict grows only where hostility is perceived and answered with hostility, more so the more of either."""
    for perceived, response in ((-0.9, 0.0), (-0.9, 0.4), (0.0, -0.9), (0.4, -0.9), (0.0, 0.0)):
        assert dyad_after(perceived, response)[1] <= 0.5
    mutual = dyad_after(-0.8, -0.8)[1]
    assert mutual > dyad_after(-0.8, -0.5)[1] == dyad_after(-0.5, -0.8)[1] > 0.5


def test_closeness_and_repair_need_room() -> None:
    """A contact that neither sees as hostile leaves no conflict; where it leaves no room it changes nothing."""
    assert dyad_after(0.6, 0.6, 0.6, room=0.0) == (0.5, 0.5)
    closer, calmer = dyad_after(0.6, 0.6, 0.6, room=0.5)
    closest, calmest = dyad_after(0.6, 0.6, 0.6, room=1.0)
    assert closest > closer > 0.5 > calmer > calmest


def room_in(setting: int, p: Records, *, public: bool = False, lead: float = 0.0) -> float:
    """Room for closeness in a contact."""
    return float(d.intimacy(child_records(session_lead=lead), 0, setting, public, p))


@given(parameter_values())
def test_room_for_closeness_is_that_of_the_setting_and_witnesses_leave_less(values: dict[str, float]) -> None:
    p = parameter_record(**values)
    kinds = {d.TASK: "task", d.SOCIAL: "social", d.DISCIPLINE: "discipline", d.SESSION: "session"}
    for setting, kind in kinds.items():
        assert room_in(setting, p) == values[f"intimacy_{kind}"]
    for setting in (d.TASK, d.SOCIAL):
        assert room_in(setting, p, public=True) == values["intimacy_public"] * room_in(setting, p)


@given(parameter_values(), UNIT)
def test_a_session_that_the_teacher_leads_leaves_as_much_room_as_work(values: dict[str, float], lead: float) -> None:
    p = parameter_record(**values)
    assert room_in(d.SESSION, p, lead=1.0) == pytest.approx(room_in(d.TASK, p))
    ends = sorted((room_in(d.TASK, p), room_in(d.SESSION, p)))
    assert ends[0] - 1e-12 <= room_in(d.SESSION, p, lead=lead) <= ends[1] + 1e-12
    for setting in (d.TASK, d.SOCIAL, d.DISCIPLINE):
        assert room_in(setting, p, lead=lead) == room_in(setting, p), "nobody leads in class"


def test_corrections_leave_least_room_for_closeness_and_talk_leaves_most() -> None:
    p = parameter_record()
    rooms = [room_in(setting, p) for setting in (d.DISCIPLINE, d.TASK, d.SESSION, d.SOCIAL)]
    assert rooms == sorted(set(rooms))


def test_a_child_that_leads_finds_a_session_more_pleasant_and_is_not_provoked_by_it() -> None:
    assert friendly(d.SESSION, session_lead=0.0) > friendly(d.SESSION, session_lead=1.0) == friendly(d.TASK)
    assert urge(d.SESSION, session_lead=0.0) < urge(d.SESSION, session_lead=1.0) == pytest.approx(urge(d.TASK))
    for setting in (d.TASK, d.SOCIAL, d.DISCIPLINE):
        assert friendly(setting, session_lead=0.0) == friendly(setting, session_lead=1.0)
        assert urge(setting, session_lead=0.0) == urge(setting, session_lead=1.0)


def dependency_after(initiator: int, felt: float, stress: float) -> float:
    """Dependency of a child that was at 0.5, after a contact."""
    p = middling_record()
    children = child_records(stress=stress)
    d.dyad_learns(children, 0, initiator, 1.0, felt, felt, felt, p)
    return float(children["dependency"][0])


def test_comfort_in_distress_makes_a_child_cling_and_warmth_without_distress_lets_it_explore() -> None:
    assert dependency_after(d.CHILD, 0.8, stress=1.0) > 0.5 > dependency_after(d.CHILD, 0.8, stress=0.0)
    assert dependency_after(d.CHILD, 0.8, stress=1.0) > dependency_after(d.CHILD, 0.2, stress=1.0)
    for stress in (0.0, 0.5, 1.0):
        assert dependency_after(d.CHILD, -0.8, stress) == 0.5, "there was no comfort"
        assert dependency_after(d.TEACHER, 0.8, stress) == 0.5, "the child did not ask"


# --- Who is next -------------------------------------------------------------------------------------


def test_who_asks_for_contact_and_whom_the_teacher_approaches() -> None:
    p, teacher = middling_record(), teacher_records()
    seek, approach, misbehave = d.bid_rates(child_records(), 0, teacher, p)
    for name in ("closeness", "dependency"):
        asks = d.bid_rates(child_records(**{name: 0.9}), 0, teacher, p)
        assert asks[0] > seek
        assert asks[1:] == (approach, misbehave)
    assert d.bid_rates(child_records(security=0.1), 0, teacher, p)[0] > seek
    assert d.bid_rates(child_records(representation=0.9), 0, teacher, p)[1] > approach
    assert d.bid_rates(child_records(outreach=0.5), 0, teacher, p) == pytest.approx((seek, 1.5 * approach, misbehave))
    assert d.bid_rates(child_records(liability=0.9), 0, teacher, p)[2] > misbehave
    assert d.bid_rates(child_records(habit=0.9), 0, teacher, p)[2] > misbehave
    assert d.bid_rates(child_records(self_regulation=0.9), 0, teacher, p)[2] < misbehave


def test_on_good_days_a_child_is_sought_and_seeks_more_and_misbehaves_less() -> None:
    p, teacher = middling_record(bid_mood=0.5), teacher_records()
    bad, even, good = (np.array(d.bid_rates(child_records(mood=mood), 0, teacher, p)) for mood in (-2.0, 0.0, 2.0))
    assert (bad[:2] < even[:2]).all()
    assert (even[:2] < good[:2]).all()
    assert good[2] < even[2] < bad[2]
    assert (bad + good) / 2 == pytest.approx(even)


def test_on_good_days_of_the_teacher_the_class_misbehaves_less() -> None:
    p = middling_record(act_day=0.5)
    bad, even, good = (d.bid_rates(child_records(), 0, teacher_records(mood=mood), p) for mood in (-2.0, 0.0, 2.0))
    assert bad[:2] == even[:2] == good[:2]
    assert 0 < good[2] < even[2] < bad[2]


@given(st.integers(0, 2**32 - 1), parameter_values())
def test_no_rate_is_negative(seed: int, values: dict[str, float]) -> None:
    children, teacher, _ = anywhere(seed)
    assert all(rate >= 0 for rate in d.bid_rates(children, 0, teacher, parameter_record(**values)))


def test_praise_changes_the_tone_of_contacts_and_not_how_many_there_are() -> None:
    p, teacher = middling_record(), teacher_records()
    plain, praised = (d.bid_rates(child_records(praise=praise), 0, teacher, p) for praise in (0.0, 0.7))
    assert praised == plain
    assert answer(d.TASK, praise=0.7) > answer(d.TASK)


RATES = (0.0, 1e-9, 0.05, 0.7, 3.0, 8.3, 25.0, 60.0, 90.0)


@pytest.mark.parametrize("rate", RATES)
def test_the_number_of_bids_is_a_poisson_number(rate: float) -> None:
    for draw in np.random.default_rng(int(rate)).random(500):
        expected = stats.poisson.ppf(draw, rate) if rate else 0
        assert d.number_of_bids(rate, draw) == min(expected, d.MOST_BIDS)


@given(st.floats(0, 7000), st.floats(0, 7000), st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_there_are_more_bids_the_higher_the_rate_and_the_draw(a: float, b: float, one: float, two: float) -> None:
    (low, high), (less, more) = sorted((a, b)), sorted((one, two))
    assert 0 <= d.number_of_bids(low, less) <= d.number_of_bids(low, more) <= d.MOST_BIDS
    if high > low * (1 + 1e-9):
        assert d.number_of_bids(low, less) <= d.number_of_bids(high, less)


def test_never_more_bids_than_there_are_numbers_for() -> None:
    for rate in (200.0, 800.0, 7000.0):
        assert d.number_of_bids(rate, 0.5) == d.MOST_BIDS
    assert d.number_of_bids(0.0, 1 - 2.0**-53) == 0


def test_bids_of_a_day_are_a_poisson_process() -> None:
    """Numbers have mean and variance of their rates, days and children are independent, times uniform."""
    days, n = 1500, 8
    classroom = Classroom(small(size=n, weeks=1, seed=3))
    children, teacher = classroom.state.children, classroom.state.teacher
    rates = np.array([sum(d.bid_rates(children, i, teacher, classroom.p)) for i in range(n)])
    counts, times = np.empty((days, n)), []
    for day in range(days):
        classroom.luck = Luck(3, 0, day)
        for i, child in enumerate(classroom.children):
            bids = child.bids()
            counts[day, i] = len(bids)
            times += [bid.time for bid in bids]
    z = (counts - rates) / np.sqrt(rates)
    assert np.abs(z.mean(axis=0)).max() < 4 / np.sqrt(days)
    spread = np.sqrt((2 + 1 / rates) / days)  # of the mean of z², from the fourth moment of a Poisson number
    assert (np.abs(np.square(z).mean(axis=0) - 1) < 4 * spread).all()
    r = np.corrcoef(np.hstack([z[:-1], z[1:]]).T)[np.triu_indices(2 * n, 1)]
    assert np.abs(r).max() < 4.5 / np.sqrt(days)
    assert stats.kstest(times, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("outreach", [0.0, 0.5, 1.0])
def test_what_a_bid_is_follows_the_rates(outreach: float) -> None:
    """A teacher who reaches out seeks moments that are not about work; what the child seeks is its own affair."""
    seek, begin, misbehave, p = 2.0, 5.0, 1.0, parameter_record(social_share=0.3)
    draws = (np.arange(80_000) + 0.5) / 80_000
    found = Counter(d.occasion(seek, begin, misbehave, outreach, draw, p) for draw in draws)
    social = 0.3 + 0.7 * outreach
    expected = {
        (d.CHILD, d.TASK): 0.7 * seek / 8,
        (d.CHILD, d.SOCIAL): 0.3 * seek / 8,
        (d.TEACHER, d.TASK): (1 - social) * begin / 8,
        (d.TEACHER, d.SOCIAL): social * begin / 8,
        (d.TEACHER, d.DISCIPLINE): misbehave / 8,
    }
    shares = {kind: found[kind] / len(draws) for kind in expected}
    assert sum(found.values()) == sum(found[kind] for kind in expected)
    assert shares == pytest.approx(expected, abs=1e-4)


KINDS = st.lists(st.sampled_from([0.0, 0.4, 7.0]), min_size=3, max_size=3).filter(any)


@given(KINDS, UNIT, UNIT, within(0.0, 1 - 2.0**-53))
def test_no_bid_is_of_a_kind_without_a_rate(rates: list[float], social: float, outreach: float, draw: float) -> None:
    initiator, setting = d.occasion(*rates, outreach, draw, parameter_record(social_share=social))
    seek, begin, misbehave = rates
    assert (seek if initiator == d.CHILD else misbehave if setting == d.DISCIPLINE else begin) > 0
    assert initiator == d.TEACHER or setting != d.DISCIPLINE
    assert setting != d.SESSION


def test_misbehaviour_forces_contact_where_no_attention_is_left() -> None:
    p = parameter_record()
    for setting, answered in ((d.TASK, False), (d.SOCIAL, False), (d.DISCIPLINE, True)):
        teacher = teacher_records(attention=0.0)
        assert d.attend(child_records(goodwill=0.0), 0, teacher, 0.0, setting, 0.999, p) == answered


@given(UNIT, within(0.0, 0.9), within(0.0, 1 - 2.0**-53), UNIT)
def test_goodwill_holds_misbehaviour_back_when_its_moment_has_come(
    goodwill: float, restraint: float, draw: float, attention: float
) -> None:
    """How often, is what it holds back of the readiness for hostility: what is left is what the child shows."""
    p, children = parameter_record(goodwill_restraint=restraint), child_records(goodwill=goodwill)
    d.show(children, 0, p)
    free = child_records(goodwill=0.0)
    d.show(free, 0, p)
    through = children["aggression"][0] / free["aggression"][0]
    if abs(draw - through) > 1e-9:
        teacher = teacher_records(attention=attention)
        assert d.attend(children, 0, teacher, 0.0, d.DISCIPLINE, draw, p) == (draw < through)


def test_contacts_use_attention_and_time_restores_it() -> None:
    p = parameter_record()
    at_once, later = teacher_records(attention=0.4), teacher_records(attention=0.4)
    d.attend(child_records(), 0, at_once, 0.0, d.DISCIPLINE, 0.0, p)
    d.attend(child_records(), 0, later, 0.2, d.DISCIPLINE, 0.0, p)
    assert at_once["attention"][0] == pytest.approx(0.4 * (1 - PARAMETERS["attention_cost"].value))
    assert later["attention"][0] > at_once["attention"][0]


def test_a_worn_out_teacher_regains_attention_more_slowly() -> None:
    p = parameter_record(attention_strain=0.5)
    fresh, tired, worn_out = (teacher_records(attention=0.2, strain=strain) for strain in (0.0, 0.5, 1.0))
    for teacher in (fresh, tired, worn_out):
        d.attend(child_records(), 0, teacher, 0.2, d.DISCIPLINE, 0.0, p)
    assert fresh["attention"][0] > tired["attention"][0] > worn_out["attention"][0] > 0.2
    left, restored = 1 - float(p["attention_cost"][0]), 0.5 * 0.2 * float(p["attention_recovery"][0])
    assert worn_out["attention"][0] == pytest.approx(left * (0.2 + 0.8 * restored / (1 + restored)))


@given(UNIT, UNIT, UNIT, parameter_values())
def test_a_bid_that_is_ignored_costs_goodwill_and_nothing_else(
    liability: float, habit: float, goodwill: float, values: dict[str, float]
) -> None:
    p, children = parameter_record(**values), child_records(liability=liability, habit=habit, goodwill=goodwill)
    d.show(children, 0, p)
    before = children.copy()
    d.is_ignored(children, 0, d.DISCIPLINE, p)
    assert difference(before, children) == ""
    d.is_ignored(children, 0, d.TASK, p)
    assert children["goodwill"][0] == pytest.approx(goodwill * (1 - values["goodwill_ignored"]))
    assert before["aggression"][0] - 1e-15 <= children["aggression"][0] <= 1
    assert changed(before, children) <= {"goodwill", "aggression"}


def test_a_teacher_without_attention_loses_the_goodwill_of_the_class() -> None:
    ends = []
    for lost in (0.0, 0.2, 0.9):
        rules = {"attention_cost": 0.2, "attention_recovery": 5.0, "goodwill_ignored": lost, "habit_weight": 0.0}
        state = class_state(child_records(8, goodwill=0.9), teacher_records(), weeks=1, **rules)
        ends.append(run(small(weeks=1), state).children["goodwill"][1].mean())
    assert ends == sorted(set(ends), reverse=True)


def test_a_larger_class_leaves_each_child_fewer_contacts() -> None:
    each = []
    for size in (5, 15, 45):
        state = class_state(child_records(size), teacher_records(), attention_recovery=20.0, attention_cost=0.1)
        each.append(len(run(small(), state).contacts) / size)
    assert each[0] > each[1] > each[2]


def test_a_social_architect_shows_affection_and_corrects_in_private() -> None:
    p = parameter_record(public_task=0.4, public_discipline=0.7)
    plain, showcased = 0.0, 0.8
    draws = np.linspace(0, 1, 101)[:-1]

    def public(showcase: float, setting: int) -> float:
        return float(np.mean([d.is_public(showcase, setting, draw, p) for draw in draws]))

    assert public(plain, d.TASK) == pytest.approx(0.4)
    assert public(showcased, d.TASK) > public(plain, d.TASK)
    assert public(plain, d.DISCIPLINE) == pytest.approx(0.7)
    assert public(showcased, d.DISCIPLINE) < public(plain, d.DISCIPLINE)


# --- Social referencing ------------------------------------------------------------------------------


def liking_after(
    tone: float, closeness: float = 0.5, before: float = 0.1, acquaintance: float = 0.8, **parameters: float
) -> Records:
    """Liking after the class saw the teacher's `tone` to child 0."""
    liking = np.full((4, 4), before)
    np.fill_diagonal(liking, 0.0)
    children, teacher = child_records(4, closeness=closeness), teacher_records(acquaintance=acquaintance)
    d.reference(liking, children, teacher, 0, tone, parameter_record(**parameters))
    return liking


def test_warmth_raises_liking_and_derogation_lowers_it() -> None:
    assert (liking_after(0.8)[1:, 0] > 0.1).all()
    assert (liking_after(-0.8)[1:, 0] < 0.1).all()
    assert liking_after(0.9)[1, 0] > liking_after(0.3)[1, 0]


@given(UNIT, UNIT, parameter_values())
def test_a_teachers_tone_tells_less_of_a_child_that_is_known(
    acquaintance: float, more: float, values: dict[str, float]
) -> None:
    """All where children are strangers, as in the experiment (W1, W2); little where they have known each other long."""
    p = parameter_record(**values)
    stranger, some, better, known = (
        d.novelty(teacher_records(acquaintance=share), p) for share in (0.0, acquaintance, max(acquaintance, more), 1.0)
    )
    assert stranger == 1
    assert known == pytest.approx(values["reference_familiar"])
    assert 1 >= some >= better - 1e-15 >= known - 2e-15
    assert some == pytest.approx(1 - acquaintance * (1 - values["reference_familiar"]))


@pytest.mark.parametrize("tone", [-0.9, 0.7])
def test_of_strangers_a_class_learns_what_the_teachers_tone_tells(tone: float) -> None:
    before = np.full((4, 4), 0.1)
    np.fill_diagonal(before, 0.0)
    d.impress(before, child_records(4), 0, tone, 1.0, parameter_record())
    assert difference(liking_after(tone, acquaintance=0.0), before) == ""
    shifts = [abs(liking_after(tone, acquaintance=share)[1, 0] - 0.1) for share in (0.0, 0.5, 1.0)]
    assert shifts == sorted(set(shifts), reverse=True)


@given(UNIT, UNIT)
def test_children_of_a_class_get_to_know_each_other(start: float, rate: float) -> None:
    p, teacher = parameter_record(acquaintance_rate=0.5 * rate), teacher_records(acquaintance=start)
    before = teacher.copy()
    for _ in range(3):
        d.class_settles(teacher, p)
    assert teacher["acquaintance"][0] == pytest.approx(1 - (1 - start) * (1 - 0.5 * rate) ** 3)
    assert changed(before, teacher) <= {"acquaintance"}


def test_a_harsher_answer_never_raises_the_liking_of_witnesses() -> None:
    seen = [liking_after(tone)[1, 0] for tone in np.linspace(1, -1, 81)]
    assert all(harsher <= milder for milder, harsher in pairwise(seen))


@given(within(0.1, 0.9), st.floats(0.0, 1.0))
def test_correction_milder_than_the_threshold_leaves_liking_bit_identical(threshold: float, share: float) -> None:
    seen = liking_after(-threshold * share, derogation_threshold=threshold)
    assert difference(seen, liking_after(0.0)) == ""
    assert (liking_after(-threshold - 1e-9, derogation_threshold=threshold)[1:, 0] < seen[1:, 0]).all()


@given(st.floats(0.51, 1.0))
def test_derogation_weighs_more_than_praise_of_the_same_size(size: float) -> None:
    """For a witness as close to the teacher as children are on average (S1: 4.16 of 5)."""
    praised, derogated = (liking_after(tone, closeness=0.79, before=0.0)[1, 0] for tone in (size, -size))
    assert -derogated > praised > 0


def test_witnesses_who_are_close_to_the_teacher_react_more_strongly_to_derogation() -> None:
    assert liking_after(-0.8, closeness=0.9)[1, 0] < liking_after(-0.8, closeness=0.2)[1, 0] < 0.1
    assert liking_after(0.8, closeness=0.9)[1, 0] == liking_after(0.8, closeness=0.2)[1, 0]


def test_only_the_child_that_is_addressed_is_liked_otherwise() -> None:
    for tone in (-0.9, 0.9):
        seen = liking_after(tone)
        assert difference(seen[:, 1:], liking_after(0.0)[:, 1:]) == ""
        assert seen[0, 0] == 0


def test_what_nobody_sees_changes_no_liking() -> None:
    for draw in (HOSTILE, FRIENDLY):
        assert not after_contact(public=False, draws=(draw,) * 4).liking.any()
        strong = after_contact(draws=(draw,) * 4, luck=(2.0, 2.0), parameters={"hostile_strength": 2.0})
        assert strong.liking.any()


# --- Play --------------------------------------------------------------------------------------------


def test_children_play_with_whom_they_like_and_with_their_own_sex() -> None:
    children, weights, p = child_records(4), np.empty((4, 4)), parameter_record(play_cross_sex=0.2)
    liking = np.zeros((4, 4))

    def shares() -> Records:
        d.playmate_weights(children, liking, p, weights)
        return np.diff(weights, axis=1, prepend=0.0)

    same = 0.5**3
    for i, row in enumerate(shares()):
        assert row == pytest.approx([0.0 if i == j else same if (i - j) % 2 == 0 else 0.2 * same for j in range(4)])
        assert row[i] == 0
    liking[0, 1] = 0.8
    warmer = shares()
    assert warmer[0, 1] > warmer[1, 0] > 0.21 * same, "whom one likes counts more than by whom one is liked"
    liking[0, 1] = -1.0
    assert shares()[0, 1] == shares()[1, 0] == 0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30), st.floats(0, 1, exclude_max=True))
def test_choose_hits_only_what_has_weight(steps: list[float], draw: float) -> None:
    steps = [0.0 if step < 1e-6 else step for step in steps]
    chosen = d.choose(np.array([np.ones(len(steps)), np.cumsum(steps)]), 1, draw)
    if sum(steps) == 0:
        assert chosen == -1
    else:
        assert 0 <= chosen < len(steps)
        assert steps[chosen] > 0


def play_urge(liked: float = 0.0, **child: float) -> float:
    """Push of a child towards hostility in play."""
    return float(d.play_push(child_records(**child), 0, liked, middling_record()))


def test_what_provokes_a_child_in_play_and_what_holds_it_back() -> None:
    """What it takes along everywhere, not what it has learned with its teacher."""
    ordinary = play_urge()
    for provokes in ("liability", "stress"):
        assert play_urge(**{provokes: 0.9}) > ordinary, provokes
    for holds in ("self_regulation", "mood"):
        assert play_urge(**{holds: 0.9}) < ordinary, holds
    assert play_urge(liked=0.8) < ordinary < play_urge(liked=-0.8)
    for other in ("aggression", "habit", "goodwill", "conflict"):
        assert play_urge(**{other: 0.9}) == ordinary, other


@given(parameter_values(), UNIT, UNIT, UNIT, TONE)
def test_a_push_in_play_is_a_sum(
    values: dict[str, float], liability: float, self_regulation: float, stress: float, liked: float
) -> None:
    p = parameter_record(**values)
    children = child_records(liability=liability, self_regulation=self_regulation, stress=stress, mood=-1.0)
    drive = values["play_misbehaviour"] * np.sqrt(liability * (1 - self_regulation)) + values["play_stress"] * stress
    push = values["play_act_baseline"] + drive - values["play_hold"] * liked + values["act_mood"]
    assert d.play_push(children, 0, liked, p) == pytest.approx(push, abs=1e-9)


def test_what_warms_play() -> None:
    p = middling_record(play_baseline=1.0)

    def tone(liked: float = 0.0, met: float = 0.0, luck: float = 0.0, **child: float) -> float:
        return float(d.play_tone(child_records(**child), 0, liked, met, luck, p))

    assert 0 < tone() < 1
    assert tone(liked=-0.3) < tone() < tone(liked=0.3)
    assert tone(met=0.5) > tone() == tone(met=-0.5), "hostility provokes, or it does not"
    assert tone(luck=-0.5) < tone() < tone(luck=0.5)
    assert tone(mood=-0.5) < tone() < tone(mood=0.5)
    for other in ("aggression", "liability", "stress", "self_regulation"):
        assert tone(**{other: 0.9}) == tone(), other


def after_play(
    tone: float, met: float, climate: float = 0.0, liked: float = 0.0, **child: float
) -> tuple[Records, float]:
    """Child 0 and its liking of child 1 after a bout."""
    children, p = child_records(2, **child), middling_record()
    d.play_learns(children, 0, liked, tone, met, p)
    return children, d.liking_learns(liked, teacher_records(play_climate=climate), met, p)


def test_liking_follows_the_tone_met() -> None:
    assert after_play(0.0, 0.6)[1] > 0 > after_play(0.0, -0.6)[1]
    assert -after_play(0.0, -0.6)[1] > after_play(0.0, 0.6)[1]


def test_hostility_costs_less_liking_where_everybody_is_hostile() -> None:
    assert 0 > after_play(0.0, -0.6, climate=-0.5)[1] > after_play(0.0, -0.6, climate=0.5)[1]


@given(TONE, TONE, TONE, TONE, parameter_values())
def test_liking_stays_on_its_scale_whatever_is_met(
    liked: float, met: float, other: float, climate: float, values: dict[str, float]
) -> None:
    p, teacher = parameter_record(**values), teacher_records(play_climate=climate)
    most = {name: PARAMETERS[name].high for name in ("liking_rate", "negativity", "play_adaptation")}
    assert -1 <= d.liking_learns(liked, teacher, met, parameter_record(**{**values, **most})) <= 1
    after = d.liking_learns(liked, teacher, met, p)
    assert -1 <= after <= 1
    unusual = met - values["play_adaptation"] * climate
    assert (after - liked) * unusual >= 0
    if met <= other:
        assert after <= d.liking_learns(liked, teacher, other, p) + 1e-15


@given(TONE, UNIT, parameter_values())
def test_liking_is_lost_more_easily_than_won_and_moves_least_near_its_bounds(
    liked: float, share: float, values: dict[str, float]
) -> None:
    p, step = parameter_record(**values), 2.0 * PARAMETERS["liking_rate"].high * share
    up, down = d.warmed(liked, step, p), d.warmed(liked, -step, p)
    assert -1 <= down <= liked <= up <= 1
    assert up - liked == pytest.approx(step * (1 - liked**2), abs=1e-12)
    assert liked - down == pytest.approx(values["negativity"] * (up - liked), abs=1e-12)


@given(TONE, LUCK, LUCK, LUCK, LUCK, parameter_values())
def test_liking_drifts_by_the_luck_of_a_pair_and_by_fame_and_stays_on_its_scale(
    liked: float, shared: float, own: float, fame: float, other: float, values: dict[str, float]
) -> None:
    p = parameter_record(**values)
    after = d.liking_drifts(liked, shared, own, fame, p)
    assert -1 <= after <= 1
    of_pair, of_fame = values["liking_luck_shared"], values["liking_luck_fame"]
    luck = (1 - of_fame) * (of_pair * shared + (1 - of_pair) * own) + of_fame * fame
    assert after == pytest.approx(liked + values["liking_luck"] * luck * (1 - liked**2), abs=1e-12)
    for place in range(3):
        lucks = [[shared, own, fame], [shared, own, fame]]
        lucks[0][place], lucks[1][place] = sorted((other, lucks[0][place]))
        low, high = (d.liking_drifts(liked, *each, p) for each in lucks)
        assert low <= high + 1e-15


def test_weekends_move_liking_both_ways_alike_and_both_children_partly_alike() -> None:
    p = parameter_record(liking_luck=0.1, liking_luck_shared=0.6, liking_luck_fame=0.3)
    assert d.liking_drifts(0.2, 0.0, 0.0, 0.0, p) == 0.2
    assert d.liking_drifts(0.0, 1.0, -1.0, 0.5, p) == -d.liking_drifts(0.0, -1.0, 1.0, -0.5, p) > 0
    assert d.liking_drifts(0.2, 1.0, 2.0, 3.0, parameter_record(liking_luck=0.0)) == 0.2
    alike = parameter_record(liking_luck=0.1, liking_luck_shared=1.0, liking_luck_fame=0.0)
    assert d.liking_drifts(0.2, 1.0, -3.0, 2.0, alike) == d.liking_drifts(0.2, 1.0, 3.0, -2.0, alike)
    famous = parameter_record(liking_luck=0.1, liking_luck_fame=1.0)
    assert d.liking_drifts(0.2, 1.0, -3.0, 2.0, famous) == d.liking_drifts(0.2, -1.0, 3.0, 2.0, famous)


def test_rejection_feeds_the_liability_of_those_who_act_with_hostility() -> None:
    """Who only endures hostility takes over little of it, by imitation; what is learned shows."""
    for name in ("liability", "aggression"):
        acted, endured, before, kind = (
            float(after_play(*tones)[0][name][0]) for tones in ((-0.6, -0.6), (0.6, -0.6), (0.0, 0.0), (0.6, 0.6))
        )
        assert acted > endured > before > kind, name


def test_what_is_learned_in_play_is_no_habit_with_the_teacher() -> None:
    children, _ = after_play(-0.8, -0.8)
    before = child_records(2)
    assert changed(before, children) == {"liability", "aggression", "stress", "self_social"}
    assert children["stress"][0] > 0.5 > children["self_social"][0]


@given(TONE, TONE, within(-1.0, 0.0), parameter_values())
def test_hostility_of_friends_is_imitated_most(one: float, two: float, met: float, values: dict[str, float]) -> None:
    p, (less, more) = parameter_record(**values), sorted((one, two))
    after = {}
    for liked in (-1.0, less, more):
        children = child_records(liability=0.3)
        d.play_learns(children, 0, liked, 0.5, met, p)
        after[liked] = float(children["liability"][0])
    assert after[-1.0] == pytest.approx(0.3), "nothing is taken over from those whom one cannot stand"
    assert after[-1.0] <= after[less] + 1e-15 <= after[more] + 2e-15
    assert after[more] == pytest.approx(0.3 + values["contagion"] * -met * 0.5 * (1 + more) * 0.7, abs=1e-12)


# --- Memory ------------------------------------------------------------------------------------------

RESTS: dict[str, tuple[str, float]] = {
    "closeness": ("closeness_half_life", 0.0),
    "conflict": ("conflict_half_life", 0.0),
    "dependency": ("dependency_half_life", 0.0),
    "felt_security": ("felt_security_half_life", 0.0),
    "representation": ("representation_half_life", 0.0),
    "self_global": ("self_global_half_life", 0.0),
    "norms": ("norms_half_life", 0.0),
    "liability": ("liability_half_life", 0.0),
    "habit": ("habit_half_life", 0.0),
    "goodwill": ("goodwill_half_life", 0.0),
    "self_regulation": ("regulation_half_life", 0.5),
    "perceived_control": ("control_half_life", 0.5),
}
NOTHING = {
    "closeness_rest": 0.0,
    "conflict_rest": 0.0,
    "dependency_rest": 0.0,
    "felt_security_rest": 0.5,
    "representation_rest": 0.0,
    "self_global_rest": 0.0,
    "norms_rest": 0.0,
    "aggression_liability": 0.0,
    "aggression_esteem": 0.0,
    "habit_rest": 0.0,
    "play_bouts": 0.0,
    "liking_luck": 0.0,
}


@pytest.mark.parametrize("half_life", [10.0, 40.0])
@pytest.mark.parametrize("state", RESTS)
def test_half_lives_can_be_read_back_from_a_class_in_which_nothing_happens(state: str, half_life: float) -> None:
    parameter, rest = RESTS[state]
    half_life = min(max(half_life, PARAMETERS[parameter].low), PARAMETERS[parameter].high)
    children = child_records(3, security=0.5, **{state: 0.9})
    start = class_state(children, teacher_records(pace=0.0), weeks=16, **NOTHING, **{parameter: half_life})
    record = run(small(weeks=16), start)
    assert not len(record.contacts)
    left = (record.children[state] - rest) / (0.9 - rest)
    for halves in (1, 2):
        assert left[int(halves * half_life)] == pytest.approx(0.5**halves, rel=1e-9)


# State -> traits and states that raise, and that lower, what it returns to.
SUPPORTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "closeness": (("rapport",), ()),
    "conflict": (("mismatch",), ()),
    "dependency": ((), ("security",)),
    "felt_security": (("security",), ()),
    "representation": (("emotional_support",), ()),
    "perceived_control": (("self_efficacy",), ()),
    "liability": (("externalizing",), ("norms", "self_global")),
    "habit": (("mismatch",), ()),
    "goodwill": ((), ()),
    "self_regulation": (("effortful_control",), ()),
    "self_global": (("security",), ()),
    "norms": (("security",), ()),
}
TRAITS = {field.name for field in (*CHILD, *TEACHER) if field.kind == "trait"} - {"sex", "age"}
"""Of child and teacher: what may support a memory."""


@pytest.mark.parametrize("state", SUPPORTS)
def test_every_memory_returns_to_what_traits_support(state: str) -> None:
    def after_a_night(cause: str, value: float) -> float:
        children, teacher = child_records(), teacher_records()
        put(children if cause in (children.dtype.names or ()) else teacher, {cause: value})
        d.child_settles(children, 0, teacher, middling_record())
        return float(children[state][0])

    raises, lowers = SUPPORTS[state]
    for cause in (*raises, *lowers):
        assert (after_a_night(cause, 0.2) < after_a_night(cause, 0.8)) == (cause in raises), cause
        assert after_a_night(cause, 0.2) != after_a_night(cause, 0.8), cause
    for cause in TRAITS - {*raises, *lowers}:
        assert after_a_night(cause, 0.2) == after_a_night(cause, 0.5), cause


def test_an_evening_shows_what_is_left() -> None:
    p, children = middling_record(), child_records(aggression=0.0)
    d.child_settles(children, 0, teacher_records(), p)
    left = (float(children[name][0]) for name in ("liability", "habit", "goodwill"))
    assert children["aggression"][0] == d.readiness(*left, p)


def test_goodwill_goes_within_days_habits_within_weeks_and_the_liability_within_months() -> None:
    lives = [PARAMETERS[f"{name}_half_life"].value for name in ("goodwill", "habit", "liability")]
    assert lives[0] < 5 < lives[1] < 40 < lives[2]
    p, children = parameter_record(habit_rest=0.0, aggression_liability=0.0), child_records(self_global=1.0)
    for _ in range(10):
        d.child_settles(children, 0, teacher_records(), p)
    assert children["goodwill"][0] < children["habit"][0] < children["liability"][0] < 0.5


def test_at_its_set_point_a_memory_stays() -> None:
    p = middling_record()
    traits = {"security": 0.7, "rapport": 0.4, "mismatch": 0.3, "effortful_control": 0.8}
    children, teacher = child_records(**traits), teacher_records(emotional_support=0.6)
    for _ in range(20_000):
        d.child_settles(children, 0, teacher, p)
    settled = children.copy()
    d.child_settles(children, 0, teacher, p)
    for name in SUPPORTS:
        assert children[name][0] == pytest.approx(settled[name][0], abs=1e-12), name
    assert settled["self_regulation"][0] == pytest.approx(0.8)
    supported = {"representation": 0.6, "norms": 0.7, "self_global": 0.7, "closeness": 0.4, "conflict": 0.3}
    supported |= {"habit": 0.3}
    for name, trait in supported.items():
        assert settled[name][0] == pytest.approx(MIDDLING[f"{name}_rest"] * trait), name


def test_every_half_life_becomes_the_share_that_fades_in_a_day() -> None:
    for name, parameter in PARAMETERS.items():
        if name.endswith(HALF_LIFE):
            fade = parameter_record()[parameter.field][0]
            assert (1 - fade) ** parameter.value == pytest.approx(0.5)


def test_conflict_fades_more_slowly_than_closeness() -> None:
    assert PARAMETERS["conflict_half_life"].value > PARAMETERS["closeness_half_life"].value
    children = child_records(2, closeness=0.9, conflict=0.9)
    state = class_state(children, teacher_records(pace=0.0), weeks=8, **NOTHING)
    end = run(small(weeks=8), state).children[-1]
    assert (end["conflict"] > end["closeness"]).all()


def test_stress_recovers_over_the_nights_and_more_slowly_without_safety() -> None:
    p = parameter_record(child_recovery_safety=0.5)
    one, weekend, unsafe = (child_records(stress=0.9, felt_security=safe) for safe in (0.5, 0.5, -0.9))
    for children, nights in ((one, 1), (weekend, 3), (unsafe, 1)):
        for _ in range(nights):
            d.child_rests(children, 0, p)
    assert weekend["stress"][0] < one["stress"][0] < unsafe["stress"][0] < 0.9


def test_moods_carry_over_and_keep_their_spread() -> None:
    p, rng = parameter_record(mood_carry_over=0.6), np.random.default_rng(1)
    moods = [0.0]
    for luck in rng.standard_normal(20_000):
        moods.append(d.next_mood(moods[-1], luck, p))
    x = np.array(moods[100:])
    assert x.std() == pytest.approx(1, abs=0.04)
    assert np.corrcoef(x[:-1], x[1:])[0, 1] == pytest.approx(0.6, abs=0.03)


def test_achievement_stays_on_its_scale_for_the_ablest_child_of_a_class_list() -> None:
    """Ability 4 is the most that a class list may tell; every path to achievement as strong as it may be."""
    paths = ("achieve_ability", "achieve_engagement", "achieve_regulation", "achieve_relation", "achieve_ses_risk")
    p = parameter_record(achievement_half_life=20.0, **{name: PARAMETERS[name].high for name in paths})
    best = {"engagement": 1.0, "self_regulation": 1.0, "closeness": 1.0, "self_academic": 1.0}
    children = child_records(ability=4.0, ses_risk=0.0, conflict=0.0, **best)
    for _ in range(400):
        for name, value in best.items():
            children[name] = value
        d.child_studies(children, 0, 1.0, p)
    assert beyond(children, CHILD) == {}


def test_who_leads_a_contact() -> None:
    """A child where it begins, the teacher in a correction; else as is her way, and more the child that takes part."""
    p = parameter_record(autonomy_trust=0.25)

    def lead(initiator: int, setting: int, **child: float) -> float:
        return float(d.lead(child_records(**child), 0, teacher_records(autonomy_support=0.8), initiator, setting, p))

    assert [lead(d.CHILD, setting) for setting in (d.TASK, d.SOCIAL)] == [0.0, 0.0]
    assert lead(d.TEACHER, d.DISCIPLINE, engagement=1.0) == 1.0
    assert [lead(d.TEACHER, d.SESSION, session_lead=share) for share in (0.0, 0.3)] == [0.0, 0.3]
    assert lead(d.TEACHER, d.TASK, engagement=0.4) == pytest.approx(1.0 - (0.75 * 0.8 + 0.25 * 0.4))
    assert lead(d.TEACHER, d.SOCIAL, engagement=0.9) < lead(d.TEACHER, d.SOCIAL, engagement=0.1)


@given(UNIT, TONE, UNIT, UNIT)
def test_a_child_finds_room_and_structure_as_it_is_met(lead: float, felt: float, room: float, calm: float) -> None:
    children, p = child_records(autonomy=room, structure=calm), parameter_record(guidance_rate=0.1)
    d.child_is_guided(children, 0, lead, felt, p)
    left, shown = (1.0 - lead) * (1.0 - max(0.0, -felt)), 0.0 if felt < 0.0 else 1.0
    assert children["autonomy"][0] == pytest.approx(0.9 * room + 0.1 * left)
    assert children["structure"][0] == pytest.approx(calm + 0.1 * lead * (shown - calm)), "what she leads tells"


def test_room_and_structure_reinforce_each_other() -> None:
    def engaged(autonomy: float, structure: float) -> float:
        children = child_records(autonomy=autonomy, structure=structure)
        d.child_studies(children, 0, 0.5, middling_record())
        return float(children["engagement"][0])

    gain = [engaged(0.9, structure) - engaged(0.1, structure) for structure in (0.0, 0.5, 1.0)]
    assert gain[0] == 0.0 < gain[1] < gain[2]


def test_achievement_follows_engagement_ability_and_regulation() -> None:
    p = middling_record()

    def achieved(**child: float) -> tuple[float, float]:
        children = child_records(**child)
        d.child_studies(children, 0, child.get("self_social", 0.5), p)
        return float(children["engagement"][0]), float(children["achievement"][0])

    engagement, achievement = achieved()
    assert achieved(closeness=0.9)[0] > engagement
    assert achieved(conflict=0.9)[0] < engagement
    assert achieved(self_academic=0.9)[0] > engagement
    assert achieved(ability=1.0)[1] > achievement
    assert achieved(engagement=0.9)[1] > achievement
    assert achieved(ses_risk=0.9)[1] < achievement


@given(within(3.0, 13.0), parameter_values())
def test_engagement_falls_with_age(age: float, values: dict[str, float]) -> None:
    engaged = {}
    for years in (3.0, age):
        children = child_records(age=years)
        d.child_studies(children, 0, 0.5, parameter_record(**{**values, "engagement_half_life": 5.0}))
        engaged[years] = float(children["engagement"][0]) - 0.5 * 0.5**0.2
    assert engaged[age] == pytest.approx(engaged[3.0] * (1 - values["engage_age"] * (age - 3)), abs=1e-12)


@given(UNIT, UNIT, parameter_values())
def test_rejection_raises_the_liability_that_is_there(
    accepted: float, liability: float, values: dict[str, float]
) -> None:
    children, p = child_records(liability=liability), parameter_record(**values)
    d.child_studies(children, 0, accepted, p)
    after = float(children["liability"][0])
    assert liability <= after <= 1
    if accepted >= 0.5 or liability in {0.0, 1.0}:
        assert after == pytest.approx(liability, abs=1e-12)
    rejected = child_records(liability=0.4)
    d.child_studies(rejected, 0, 0.2, middling_record())
    assert rejected["liability"][0] > 0.4


@pytest.mark.parametrize("comparison", [1.0, 3.0, 6.0])
def test_the_social_self_concept_follows_the_place_among_classmates(comparison: float) -> None:
    """Who is neither liked nor disliked stays in the middle; the more comparison counts, the further apart the rest."""

    def after_a_day(accepted: float, sharpness: float) -> float:
        children = child_records()
        d.child_studies(children, 0, accepted, middling_record(self_social_comparison=sharpness))
        return float(children["self_social"][0])

    places = [after_a_day(accepted, comparison) for accepted in (0.0, 0.4, 0.5, 0.6, 1.0)]
    assert places == sorted(set(places))
    assert places[2] == 0.5
    assert places[3] - 0.5 == pytest.approx(0.5 - places[1])
    if comparison > 1.0:
        assert places[3] > after_a_day(0.6, 1.0)


def test_acceptance_is_mean_liking_received() -> None:
    liking = np.array([[0.0, 0.2, -0.4], [0.6, 0.0, 0.8], [-0.2, 1.0, 0.0]])
    assert [d.acceptance(liking, i) for i in range(3)] == pytest.approx([0.6, 0.8, 0.6])
    assert d.acceptance(np.zeros((1, 1)), 0) == 0.5
