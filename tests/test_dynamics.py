"""The equations: they keep every state in bounds, and each mechanism has the sign that theory gives it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import (
    child_records,
    class_state,
    difference,
    out_of_bounds,
    parameter_record,
    parameter_values,
    run,
    simulate,
    small,
    teacher_records,
    within,
)

from sim import dynamics as d
from sim import engine
from sim.interventions import REGISTRY
from sim.parameters import HALF_LIFE, PARAMETERS
from sim.scenario import Scenario
from sim.state import CHILD, TEACHER, Field, Records
from sim.target import RULES

LUCKIEST = 2 * np.sqrt(3)
"""The farthest that a normal draw of luck can lie from 0."""
UNIT = within(0.0, 1.0)
TONE = within(-1.0, 1.0)
SETTINGS = (d.TASK, d.SOCIAL, d.DISCIPLINE, d.SESSION)


# --- Bounds ------------------------------------------------------------------------------------------


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A small class with any parameters, any teacher and any interventions."""
    names = draw(st.lists(st.sampled_from(sorted(REGISTRY)), unique=True))
    traits = ("emotional_support", "reflective_functioning", "self_efficacy", "strain")
    return small(
        size=draw(st.integers(2, 5)),
        weeks=3,
        days_per_week=draw(st.integers(1, 5)),
        holidays=[{"after_week": 1, "weeks": draw(st.integers(1, 10))}],
        seed=draw(st.integers(0, 2**53 - 1)),
        parameters=draw(parameter_values()),
        teacher={name: draw(UNIT) for name in traits} | {"pace": draw(st.floats(0.01, 5.0))},
        interventions=[
            {
                "name": name,
                "target": draw(st.none() | st.sampled_from(sorted(RULES))),
                "count": 2,
                "start_week": draw(st.integers(1, 3)),
                "fidelity": draw(UNIT),
            }
            for name in names
        ],
    )


@given(scenarios())
@settings(max_examples=150)
def test_no_run_leaves_the_bounds(scenario: Scenario) -> None:
    assert out_of_bounds(simulate(scenario)) == []


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


STEPS: dict[str, Callable[..., object]] = {
    "contact": lambda c, t, liking, p, setting, luck: engine.contact(
        c, t, liking, 0, d.CHILD, setting, True, luck, -luck, p
    ),
    "play": lambda c, t, liking, p, _, luck: d.play_learns(
        c, liking, t, 0, 1, d.play_tone(c, liking, 0, 1, 0.9, luck, p), d.bounded(-luck), p
    ),
    "attention": lambda c, t, liking, p, setting, luck: d.attend(t, abs(luck) / 4, setting, abs(luck) / 4, p),
    "studies": lambda c, t, liking, p, _, luck: d.child_studies(c, 0, abs(luck) / 4, p),
    "settles": lambda c, t, liking, p, _, luck: d.child_settles(c, t, 0, p),
    "liking settles": lambda c, t, liking, p, _, luck: d.liking_settles(liking, -liking.T.copy(), p),
    "child arrives": lambda c, t, liking, p, _, luck: d.child_arrives(c, 0, 3, luck, p),
    "teacher arrives": lambda c, t, liking, p, _, luck: d.teacher_arrives(t, 73, luck, p),
}
"""Everything that writes a state."""


@pytest.mark.parametrize("step", STEPS)
@given(st.integers(0, 2**32 - 1), parameter_values(), st.sampled_from(SETTINGS), within(-LUCKIEST, LUCKIEST))
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


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_bounded_is_monotone_and_odd(x: float, y: float) -> None:
    assert -1 <= d.bounded(x) <= 1
    assert d.bounded(-x) == -d.bounded(x)
    assert (x <= y) <= (d.bounded(x) <= d.bounded(y))
    assert d.bounded(1e-6) == pytest.approx(1e-6, rel=1e-9)


# --- One contact -------------------------------------------------------------------------------------


def after_contact(
    setting: int = d.TASK,
    *,
    public: bool = True,
    child_luck: float = 0.0,
    teacher_luck: float = 0.0,
    teacher: dict[str, float] | None = None,
    parameters: dict[str, float] | None = None,
    **child: float,
) -> tuple[Records, Records, Records, dict[str, float]]:
    """Children, teacher and liking after one contact with child 0, and the tones of it."""
    children, of_teacher = child_records(3), teacher_records(**(teacher or {}))
    put(children, child)
    liking = np.zeros((3, 3))
    tones = engine.contact(
        children,
        of_teacher,
        liking,
        0,
        d.TEACHER,
        setting,
        public,
        child_luck,
        teacher_luck,
        parameter_record(**(parameters or {})),
    )
    return children, of_teacher, liking, dict(zip(("tone", "perceived", "response", "felt"), tones, strict=True))


def response(**changes: object) -> float:
    """The teacher's tone to a child whose tone is hostile."""
    return after_contact(child_luck=-3.0, **changes)[3]["response"]  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_warms_and_what_sharpens_the_childs_tone(setting: int) -> None:
    p = parameter_record(tone_closeness=0.4, tone_felt_security=0.4, tone_stress=0.8, tone_conflict=0.5)
    ordinary = d.child_tone(child_records(), 0, setting, 0.0, p)
    for warm in ("closeness", "felt_security", "mood", "self_regulation"):
        assert d.child_tone(child_records(**{warm: 0.9}), 0, setting, 0.0, p) > ordinary
    for sharp in ("aggression", "conflict", "stress"):
        assert d.child_tone(child_records(**{sharp: 0.9}), 0, setting, 0.0, p) < ordinary
    assert d.child_tone(child_records(), 0, setting, 1.0, p) > ordinary


def test_what_warms_and_what_sharpens_the_teachers_tone() -> None:
    ordinary = response()
    assert response(teacher={"emotional_support": 0.9}) > ordinary
    assert response(teacher={"mood": 1.0}) > ordinary
    assert response(teacher={"stress": 0.9}) < ordinary
    assert response(conflict=0.9) < ordinary
    assert response(perceived_control=0.9) > ordinary
    assert response(representation=-0.9, teacher={"reflective_functioning": 0.0}) < ordinary
    assert response(setting=d.DISCIPLINE) < ordinary


@pytest.mark.parametrize("lever", ["calm", "attunement", "praise", "showcase"])
def test_levers_warm_the_teachers_tone_to_the_child(lever: str) -> None:
    assert response(**{lever: 0.7}) > response()


def test_coaching_warms_the_tone_to_every_child() -> None:
    assert response(teacher={"coaching": 0.5}) > response()


def test_calm_removes_harshness_and_nothing_else() -> None:
    """Full calm: the teacher answers hostility, conflict and stress as if they were not there."""
    harsh = {"conflict": 0.9, "perceived_control": 0.0}
    calm = response(calm=1.0, teacher={"stress": 0.9}, **harsh)
    assert calm == response(calm=1.0, teacher={"stress": 0.0}, conflict=0.0, perceived_control=1.0)
    steps = [response(calm=share, teacher={"stress": 0.9}, **harsh) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert steps == sorted(steps)
    assert steps[0] < steps[-1]


def test_support_buffers_no_less_with_coaching_than_without() -> None:
    assert response(teacher={"emotional_support": 1.0}) == response(teacher={"emotional_support": 1.0, "coaching": 0.5})


@given(TONE, within(-1.0, 1.0), UNIT, UNIT)
def test_reflection_reduces_the_bias_of_perception(tone: float, image: float, little: float, much: float) -> None:
    little, much = sorted((little, much))
    p, children = parameter_record(teacher_bias=0.8), child_records(representation=image)

    def bias(reflective_functioning: float, reflection: float) -> float:
        children["reflection"] = reflection
        teacher = teacher_records(reflective_functioning=reflective_functioning)
        return abs(d.teacher_perceives(children, teacher, 0, tone, p) - tone)

    assert bias(much, 0.0) <= bias(little, 0.0) + 1e-12
    assert bias(0.3, much) <= bias(0.3, little) + 1e-12
    assert bias(1.0, 0.0) == pytest.approx(0, abs=1e-12)
    assert bias(0.0, 0.0) == pytest.approx(0.8 * abs(image - tone))


def test_an_insecure_child_reads_a_warm_answer_by_what_it_expects() -> None:
    p = parameter_record(child_bias=0.8)
    secure = d.child_perceives(child_records(security=1.0, felt_security=-0.8), 0, 0.5, p)
    insecure = d.child_perceives(child_records(security=0.1, felt_security=-0.8), 0, 0.5, p)
    assert insecure < secure == 0.5


def test_a_warm_contact_and_a_hostile_one_teach_the_opposite() -> None:
    warm = after_contact(child_luck=3.0, teacher_luck=3.0)
    hostile = after_contact(child_luck=-3.0, teacher_luck=-3.0, teacher={"emotional_support": 0.0})
    assert warm[3]["felt"] > 0.3
    assert hostile[3]["felt"] < -0.3
    before = child_records()
    for higher in ("closeness", "felt_security", "representation", "perceived_control", "self_global", "norms"):
        assert warm[0][higher][0] > before[higher][0] > hostile[0][higher][0], higher
    for lower in ("conflict", "stress", "aggression"):
        assert warm[0][lower][0] < before[lower][0] < hostile[0][lower][0], lower
    assert hostile[1]["stress"][0] > 0.5 > warm[1]["stress"][0]
    assert hostile[0]["self_regulation"][0] < 0.5 < warm[0]["self_regulation"][0]


def test_a_contact_changes_no_other_child() -> None:
    children, *_ = after_contact(child_luck=-3.0, teacher_luck=-3.0)
    assert difference(children[1:], child_records(3)[1:]) == ""


def test_only_hostility_that_is_acted_and_met_with_hostility_is_reinforced() -> None:
    for act, met, change in ((-0.8, -0.8, 1), (-0.8, 0.0, 0), (0.8, -0.8, 0), (0.0, -0.8, 0), (-0.8, 0.8, -1)):
        children = child_records()
        d.coercion(children, 0, act, met, 0.1, 0.01)
        assert np.sign(children["aggression"][0] - 0.5) == change


def test_conflict_needs_friction() -> None:
    """A contact that neither sees as hostile leaves no conflict, and closeness needs room to grow."""
    p, children = parameter_record(), child_records()
    d.dyad_learns(children, 0, d.TEACHER, 0.0, 0.6, 0.6, 0.6, p)
    assert children["conflict"][0] < 0.5
    assert children["closeness"][0] == 0.5
    d.dyad_learns(children, 0, d.TEACHER, 1.0, 0.6, 0.6, 0.6, p)
    assert children["closeness"][0] > 0.5


def test_sessions_leave_most_room_for_closeness_and_corrections_least() -> None:
    p = parameter_record()
    room = {(setting, public): d.intimacy(setting, public, p) for setting in SETTINGS for public in (False, True)}
    assert room[d.SESSION, False] == 1
    assert room[d.DISCIPLINE, False] < room[d.TASK, False] < room[d.SOCIAL, False]
    assert room[d.TASK, True] < room[d.TASK, False]


def test_a_child_that_leads_finds_a_session_more_pleasant() -> None:
    p = parameter_record()
    led_by_child, led_by_teacher = (child_records(session_lead=lead) for lead in (0.0, 1.0))
    assert d.child_tone(led_by_child, 0, d.SESSION, 0.0, p) > d.child_tone(led_by_teacher, 0, d.SESSION, 0.0, p)
    assert d.session_initiator(led_by_child, 0) == d.CHILD
    assert d.session_initiator(led_by_teacher, 0) == d.TEACHER


# --- Who is next -------------------------------------------------------------------------------------


def test_who_asks_for_contact_and_whom_the_teacher_approaches() -> None:
    p, teacher = parameter_record(), teacher_records()
    seek, approach, misbehave = d.bid_rates(child_records(), teacher, 0, p)
    assert d.bid_rates(child_records(dependency=0.9), teacher, 0, p)[0] > seek
    assert d.bid_rates(child_records(security=0.1), teacher, 0, p)[0] > seek
    assert d.bid_rates(child_records(representation=0.9), teacher, 0, p)[1] > approach
    assert d.bid_rates(child_records(aggression=0.9), teacher, 0, p)[2] > misbehave
    assert d.bid_rates(child_records(self_regulation=0.9), teacher, 0, p)[2] < misbehave


def test_misbehaviour_forces_contact_where_no_attention_is_left() -> None:
    p = parameter_record()
    for setting, answered in ((d.TASK, False), (d.SOCIAL, False), (d.DISCIPLINE, True)):
        assert d.attend(teacher_records(attention=0.0), 0.0, setting, 0.999, p) == answered


def test_contacts_use_attention_and_time_restores_it() -> None:
    p = parameter_record()
    at_once, later = teacher_records(attention=0.4), teacher_records(attention=0.4)
    d.attend(at_once, 0.0, d.DISCIPLINE, 0.0, p)
    d.attend(later, 0.2, d.DISCIPLINE, 0.0, p)
    assert at_once["attention"][0] == pytest.approx(0.4 * (1 - PARAMETERS["attention_cost"].value))
    assert later["attention"][0] > at_once["attention"][0]


def test_a_larger_class_leaves_each_child_fewer_contacts() -> None:
    each = []
    for size in (5, 15, 45):
        state = class_state(child_records(size), teacher_records(), attention_recovery=20.0, attention_cost=0.1)
        each.append(len(run(small(), state).contacts) / size)
    assert each[0] > each[1] > each[2]


def test_a_social_architect_shows_affection_and_corrects_in_private() -> None:
    p = parameter_record(public_task=0.4, public_discipline=0.7)
    plain, showcased = child_records(showcase=0.0), child_records(showcase=0.8)
    draws = np.linspace(0, 1, 101)[:-1]

    def public(children: Records, setting: int) -> float:
        return float(np.mean([d.is_public(children, 0, setting, draw, p) for draw in draws]))

    assert public(plain, d.TASK) == pytest.approx(0.4)
    assert public(showcased, d.TASK) > public(plain, d.TASK)
    assert public(showcased, d.DISCIPLINE) < public(plain, d.DISCIPLINE)
    assert public(showcased, d.SESSION) == 0


# --- Social referencing ------------------------------------------------------------------------------


def liking_after(tone: float, closeness: float = 0.5, before: float = 0.1, **parameters: float) -> Records:
    """Liking after the class saw the teacher's `tone` to child 0."""
    liking = np.full((4, 4), before)
    np.fill_diagonal(liking, 0.0)
    d.reference(liking, child_records(4, closeness=closeness), 0, tone, parameter_record(**parameters))
    return liking


def test_warmth_raises_liking_and_derogation_lowers_it() -> None:
    assert (liking_after(0.8)[1:, 0] > 0.1).all()
    assert (liking_after(-0.8)[1:, 0] < 0.1).all()
    assert liking_after(0.9)[1, 0] > liking_after(0.3)[1, 0]


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
    for luck in (-3.0, 3.0):
        _, _, liking, _ = after_contact(public=False, child_luck=luck, teacher_luck=luck)
        assert not liking.any()


# --- Play --------------------------------------------------------------------------------------------


def test_children_play_with_whom_they_like_and_with_their_own_sex() -> None:
    children, weights, p = child_records(4), np.empty(4), parameter_record(play_cross_sex=0.2)
    liking = np.zeros((4, 4))
    d.playmate_weights(children, liking, 0, p, weights)
    first, same, other = weights[1] - weights[0], weights[2] - weights[1], weights[3] - weights[2]
    assert weights[0] == 0
    assert [first, other] == pytest.approx([0.2 * same] * 2)
    liking[0, 1] = 0.8
    d.playmate_weights(children, liking, 0, p, weights)
    assert weights[1] > first


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30), st.floats(0, 1, exclude_max=True))
def test_choose_hits_only_what_has_weight(steps: list[float], draw: float) -> None:
    steps = [0.0 if step < 1e-6 else step for step in steps]
    chosen = d.choose(np.cumsum(steps), draw)
    if sum(steps) == 0:
        assert chosen == -1
    else:
        assert 0 <= chosen < len(steps)
        assert steps[chosen] > 0


def after_play(tone: float, met: float, climate: float = 0.0, **child: float) -> tuple[Records, float]:
    """Child 0 and its liking of child 1 after a bout."""
    children, liking = child_records(2, **child), np.zeros((2, 2))
    d.play_learns(children, liking, teacher_records(play_climate=climate), 0, 1, tone, met, parameter_record())
    return children, float(liking[0, 1])


def test_liking_follows_the_tone_met() -> None:
    assert after_play(0.0, 0.6)[1] > 0 > after_play(0.0, -0.6)[1]
    assert -after_play(0.0, -0.6)[1] > after_play(0.0, 0.6)[1]


def test_hostility_costs_less_liking_where_everybody_is_hostile() -> None:
    assert 0 > after_play(0.0, -0.6, climate=-0.5)[1] > after_play(0.0, -0.6, climate=0.5)[1]


def test_rejection_feeds_the_aggression_of_those_who_act_with_it() -> None:
    acted, endured, friendly = (
        float(after_play(*tones)[0]["aggression"][0]) for tones in ((-0.6, -0.6), (0.6, -0.6), (0.6, 0.6))
    )
    assert acted > endured > 0.5 > friendly


# --- Memory ------------------------------------------------------------------------------------------

RESTS: dict[str, tuple[str, float]] = {
    "closeness": ("closeness_half_life", 0.0),
    "conflict": ("conflict_half_life", 0.0),
    "dependency": ("dependency_half_life", 0.0),
    "felt_security": ("felt_security_half_life", 0.0),
    "representation": ("representation_half_life", 0.0),
    "self_global": ("self_global_half_life", 0.0),
    "norms": ("norms_half_life", 0.0),
    "perceived_control": ("control_half_life", 0.5),
}
NOTHING = {
    "closeness_rest": 0.0,
    "conflict_rest": 0.0,
    "dependency_rest": 0.0,
    "felt_security_rest": 0.5,
    "self_global_rest": 0.0,
    "play_bouts": 0.0,
}


@pytest.mark.parametrize("half_life", [10.0, 40.0])
@pytest.mark.parametrize("state", RESTS)
def test_half_lives_can_be_read_back_from_a_class_in_which_nothing_happens(state: str, half_life: float) -> None:
    parameter, rest = RESTS[state]
    half_life = max(half_life, PARAMETERS[parameter].low)
    children = child_records(3, security=0.5, **{state: 0.9})
    start = class_state(children, teacher_records(pace=0.0), weeks=16, **NOTHING, **{parameter: half_life})
    record = run(small(weeks=16), start)
    assert not len(record.contacts)
    left = (record.children[state] - rest) / (0.9 - rest)
    for halves in (1, 2):
        assert left[int(halves * half_life)] == pytest.approx(0.5**halves, rel=1e-9)


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
        d.child_arrives(children, 0, nights, 0.0, p)
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


def test_achievement_follows_engagement_ability_and_regulation() -> None:
    p = parameter_record()

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


def test_acceptance_is_mean_liking_received() -> None:
    liking = np.array([[0.0, 0.2, -0.4], [0.6, 0.0, 0.8], [-0.2, 1.0, 0.0]])
    assert [d.acceptance(liking, i) for i in range(3)] == pytest.approx([0.6, 0.8, 0.6])
    assert d.acceptance(np.zeros((1, 1)), 0) == 0.5
