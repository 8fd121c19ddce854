"""The equations: they keep every state in bounds, and each mechanism has the sign that theory gives it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

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

from sim.engine import arrays as d
from sim.engine import contacts
from sim.interventions import REGISTRY
from sim.luck import Luck
from sim.model import Classroom
from sim.parameters import HALF_LIFE, PARAMETERS
from sim.population import unbounded
from sim.scenario import Scenario
from sim.state import CHILD, TEACHER, Field, Records
from sim.target import RULES

LUCKIEST = 2 * np.sqrt(3)
"""The farthest that a normal draw of luck can lie from 0."""
UNIT = within(0.0, 1.0)
TONE = within(-1.0, 1.0)
SETTINGS = (d.TASK, d.SOCIAL, d.DISCIPLINE, d.SESSION)
exchange = d.for_arrays(contacts.exchange)


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


def bout(children: Records, teacher: Records, liking: Records, p: Records, luck: float) -> None:
    """Child 0 plays with child 1."""
    met = d.bounded(-luck)
    tone = d.play_tone(children, 0, liking[0, 1], 0.9, luck, p)
    d.play_learns(children, 0, tone, met, p)
    liking[0, 1] = d.liking_learns(liking[0, 1], teacher, met, p)


STEPS: dict[str, Callable[..., object]] = {
    "exchange": lambda c, t, liking, p, setting, luck: exchange(c, 0, t, d.CHILD, setting, luck > 0, luck, -luck, p),
    "reference": lambda c, t, liking, p, _, luck: d.reference(liking, c, 0, d.bounded(luck), p),
    "first impression": lambda c, t, liking, p, _, luck: d.impress(liking, c, 0, d.bounded(luck), 1.0, p),
    "play": lambda c, t, liking, p, _, luck: bout(c, t, liking, p, luck),
    "attention": lambda c, t, liking, p, setting, luck: d.attend(t, abs(luck) / 4, setting, abs(luck) / 4, p),
    "studies": lambda c, t, liking, p, _, luck: d.child_studies(c, 0, abs(luck) / 4, p),
    "settles": lambda c, t, liking, p, _, luck: d.child_settles(c, 0, t, p),
    "liking settles": lambda c, t, liking, p, _, luck: d.liking_settles(liking, -liking.T.copy(), p),
    "night": lambda c, t, liking, p, _, luck: night(c, t, p, luck),
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
    liking, p = np.zeros((3, 3)), middling_record(**(parameters or {}))
    tones = exchange(children, 0, of_teacher, d.TEACHER, setting, public, child_luck, teacher_luck, p)
    if public:
        d.reference(liking, children, 0, tones[2], p)
    return children, of_teacher, liking, dict(zip(("tone", "perceived", "response", "felt"), tones, strict=True))


def response(*, child_luck: float = -3.0, **changes: object) -> float:
    """The teacher's tone to a child, whose tone is hostile unless said."""
    return after_contact(child_luck=child_luck, **changes)[3]["response"]  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_warms_and_what_sharpens_the_childs_tone(setting: int) -> None:
    p = middling_record()
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
    assert response(child_luck=3.0) > ordinary
    blind = {"reflective_functioning": 0.0}
    images = [response(child_luck=0.0, representation=x, teacher=blind) for x in (-0.9, 0.0, 0.9)]
    assert images[0] < images[1] <= images[2]
    assert response(setting=d.DISCIPLINE) < ordinary


PRIVATELY_SHOWN = [("showcase", False, setting) for setting in SETTINGS]
PRAISED_ELSEWHERE = [("praise", public, setting) for public in (False, True) for setting in (d.SOCIAL, d.DISCIPLINE)]


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("lever", ["calm", "attunement", "praise", "showcase"])
def test_levers_warm_the_teachers_tone_to_the_child(lever: str, public: bool, setting: int) -> None:
    """Affection is shown only where somebody sees it, and praise given only at work."""
    plain = response(setting=setting, public=public)
    pulled = response(setting=setting, public=public, **{lever: 0.7})
    if (lever, public, setting) in PRIVATELY_SHOWN + PRAISED_ELSEWHERE:
        assert pulled == plain
    else:
        assert pulled > plain


def test_coaching_warms_the_tone_to_every_child() -> None:
    assert response(teacher={"coaching": 0.5}) > response()


def test_calm_removes_harshness_and_swings_and_nothing_else() -> None:
    """Full calm: hostility, conflict and stress are answered as if they were not there, on good and on bad days."""
    harsh = {"conflict": 0.9, "perceived_control": 0.0}
    tense, serene = {"stress": 0.9, "mood": -2.0}, {"stress": 0.0, "mood": 0.0}
    calm = response(calm=1.0, teacher=tense, teacher_luck=-1.0, setting=d.DISCIPLINE, **harsh)
    assert calm == response(calm=1.0, teacher=serene, setting=d.TASK, conflict=0.0)
    steps = [response(calm=share, teacher=tense, **harsh) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert steps == sorted(steps)
    assert steps[0] < steps[-1]
    warmest = response(calm=1.0, child_luck=3.0, attunement=1.0, teacher={"emotional_support": 1.0})
    assert warmest > calm, "warmth, attunement and support are left"
    luck = MIDDLING["response_luck"]
    for share in (0.0, 0.5, 1.0):
        lucky, plain = (unbounded(response(calm=share, teacher_luck=z)) for z in (1.0, 0.0))
        assert lucky - plain == pytest.approx((1.0 - share) * luck)


def test_support_buffers_no_less_with_coaching_than_without() -> None:
    assert response(teacher={"emotional_support": 1.0}) == response(teacher={"emotional_support": 1.0, "coaching": 0.5})


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
    teachers = {}
    for children, tone in ((warm, 0.7), (hostile, -0.7)):
        teachers[tone] = teacher_records()
        d.dyad_learns(children, 0, d.TEACHER, 1.0, tone, tone, tone, p)
        d.teacher_learns(children, 0, teachers[tone], tone, p)
        d.child_learns(children, 0, setting, tone, tone, p)
    higher = ["closeness", "felt_security", "representation", "perceived_control", "self_regulation", "self_global"]
    higher += ["norms"] + ["self_academic"] * (setting == d.TASK)
    for name in higher:
        assert warm[name][0] > before[name][0] > hostile[name][0], name
    for name in ("conflict", "stress", "aggression"):
        assert warm[name][0] < before[name][0] < hostile[name][0], name
    assert teachers[-0.7]["stress"][0] > 0.5 > teachers[0.7]["stress"][0]
    assert (warm["self_academic"][0] == before["self_academic"][0]) == (setting != d.TASK)


def test_a_contact_changes_no_other_child() -> None:
    children, *_ = after_contact(child_luck=-3.0, teacher_luck=-3.0)
    assert difference(children[1:], child_records(3)[1:]) == ""


def test_only_hostility_that_is_acted_and_met_with_hostility_is_reinforced() -> None:
    for act, met, change in ((-0.8, -0.8, 1), (-0.8, 0.0, 0), (0.8, -0.8, 0), (0.0, -0.8, 0), (-0.8, 0.8, -1)):
        children = child_records()
        d.coercion(children, 0, act, met, 0.1, 0.01)
        assert np.sign(children["aggression"][0] - 0.5) == change


def test_reinforcement_ends_at_the_strength_of_what_is_experienced() -> None:
    """Aggression at that of the act, conflict at that of the friction; neither falls to it."""
    p = middling_record(coercion_relief=0.0)
    for before, act, met in ((0.2, -0.6, -0.4), (0.7, -0.6, -0.4)):
        children = child_records(aggression=before, conflict=before)
        for _ in range(2000):
            d.coercion(children, 0, act, met, 0.1, 0.0)
            d.dyad_learns(children, 0, d.TEACHER, 0.0, act, met, met, p)
        assert children["aggression"][0] == pytest.approx(max(before, -act))
        assert children["conflict"][0] == pytest.approx(max(before, np.sqrt(act * met)))


def test_the_harsher_the_answer_the_faster_a_hostile_act_is_reinforced() -> None:
    gains = []
    for met in (-0.2, -0.5, -0.8):
        children = child_records(aggression=0.2)
        d.coercion(children, 0, -0.6, met, 0.1, 0.01)
        gains.append(float(children["aggression"][0]) - 0.2)
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
def test_sessions_leave_most_room_for_closeness_and_witnesses_leave_less(values: dict[str, float]) -> None:
    p = parameter_record(**values)
    assert room_in(d.SESSION, p) == 1 >= max(room_in(setting, p) for setting in SETTINGS)
    for setting in (d.TASK, d.SOCIAL):
        assert room_in(setting, p, public=True) == values["intimacy_public"] * room_in(setting, p)


@given(parameter_values(), UNIT)
def test_a_session_that_the_teacher_leads_leaves_as_much_room_as_work(values: dict[str, float], lead: float) -> None:
    p = parameter_record(**values)
    assert room_in(d.SESSION, p, lead=1.0) == pytest.approx(room_in(d.TASK, p))
    assert room_in(d.TASK, p) - 1e-12 <= room_in(d.SESSION, p, lead=lead) <= 1
    for setting in (d.TASK, d.SOCIAL, d.DISCIPLINE):
        assert room_in(setting, p, lead=lead) == room_in(setting, p), "nobody leads in class"


def test_corrections_leave_least_room_for_closeness() -> None:
    p = parameter_record()
    task, social, discipline = (room_in(setting, p) for setting in (d.TASK, d.SOCIAL, d.DISCIPLINE))
    assert discipline < task < social


def test_a_child_that_leads_finds_a_session_more_pleasant() -> None:
    p = middling_record()
    led_by_child, led_by_teacher = (child_records(session_lead=lead) for lead in (0.0, 1.0))
    assert d.child_tone(led_by_child, 0, d.SESSION, 0.0, p) > d.child_tone(led_by_teacher, 0, d.SESSION, 0.0, p)
    for setting in (d.TASK, d.SOCIAL, d.DISCIPLINE):
        assert d.child_tone(led_by_child, 0, setting, 0.0, p) == d.child_tone(led_by_teacher, 0, setting, 0.0, p)


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
    assert d.bid_rates(child_records(aggression=0.9), 0, teacher, p)[2] > misbehave
    assert d.bid_rates(child_records(self_regulation=0.9), 0, teacher, p)[2] < misbehave


def test_on_good_days_a_child_is_sought_and_seeks_more_and_misbehaves_less() -> None:
    p, teacher = middling_record(bid_mood=0.5), teacher_records()
    bad, even, good = (np.array(d.bid_rates(child_records(mood=mood), 0, teacher, p)) for mood in (-2.0, 0.0, 2.0))
    assert (bad[:2] < even[:2]).all()
    assert (even[:2] < good[:2]).all()
    assert good[2] < even[2] < bad[2]
    assert (bad + good) / 2 == pytest.approx(even)


def test_praise_changes_the_tone_of_contacts_and_not_how_many_there_are() -> None:
    p, teacher = middling_record(), teacher_records()
    plain, praised = (d.bid_rates(child_records(praise=praise), 0, teacher, p) for praise in (0.0, 0.7))
    assert praised == plain
    assert response(setting=d.TASK, praise=0.7) > response(setting=d.TASK)


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


def test_what_a_bid_is_follows_the_rates() -> None:
    seek, begin, misbehave, p = 2.0, 5.0, 1.0, parameter_record(social_share=0.3)
    draws = (np.arange(80_000) + 0.5) / 80_000
    found = Counter(d.occasion(seek, begin, misbehave, draw, p) for draw in draws)
    assert {kind: count / len(draws) for kind, count in found.items()} == pytest.approx(
        {
            (d.CHILD, d.TASK): 0.7 * seek / 8,
            (d.CHILD, d.SOCIAL): 0.3 * seek / 8,
            (d.TEACHER, d.TASK): 0.7 * begin / 8,
            (d.TEACHER, d.SOCIAL): 0.3 * begin / 8,
            (d.TEACHER, d.DISCIPLINE): misbehave / 8,
        },
        abs=1e-4,
    )


@given(st.lists(st.sampled_from([0.0, 0.4, 7.0]), min_size=3, max_size=3).filter(any), UNIT, within(0.0, 1 - 2.0**-53))
def test_no_bid_is_of_a_kind_without_a_rate(rates: list[float], social: float, draw: float) -> None:
    initiator, setting = d.occasion(*rates, draw, parameter_record(social_share=social))
    seek, begin, misbehave = rates
    assert (seek if initiator == d.CHILD else misbehave if setting == d.DISCIPLINE else begin) > 0
    assert initiator == d.TEACHER or setting != d.DISCIPLINE
    assert setting != d.SESSION


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
    plain, showcased = 0.0, 0.8
    draws = np.linspace(0, 1, 101)[:-1]

    def public(showcase: float, setting: int) -> float:
        return float(np.mean([d.is_public(showcase, setting, draw, p) for draw in draws]))

    assert public(plain, d.TASK) == pytest.approx(0.4)
    assert public(showcased, d.TASK) > public(plain, d.TASK)
    assert public(plain, d.DISCIPLINE) == pytest.approx(0.7)
    assert public(showcased, d.DISCIPLINE) < public(plain, d.DISCIPLINE)


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


def after_play(tone: float, met: float, climate: float = 0.0, **child: float) -> tuple[Records, float]:
    """Child 0 and its liking of child 1 after a bout."""
    children, p = child_records(2, **child), middling_record()
    d.play_learns(children, 0, tone, met, p)
    return children, d.liking_learns(0.0, teacher_records(play_climate=climate), met, p)


def test_liking_follows_the_tone_met() -> None:
    assert after_play(0.0, 0.6)[1] > 0 > after_play(0.0, -0.6)[1]
    assert -after_play(0.0, -0.6)[1] > after_play(0.0, 0.6)[1]


def test_hostility_costs_less_liking_where_everybody_is_hostile() -> None:
    assert 0 > after_play(0.0, -0.6, climate=-0.5)[1] > after_play(0.0, -0.6, climate=0.5)[1]


def test_rejection_feeds_the_aggression_of_those_who_act_with_it() -> None:
    """Who only endures hostility takes over little of it, by imitation."""
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
    "aggression": ("aggression_half_life", 0.0),
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


# State -> traits and states that raise, and that lower, what it returns to.
SUPPORTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "closeness": (("rapport",), ()),
    "conflict": (("mismatch",), ()),
    "dependency": ((), ("security",)),
    "felt_security": (("security",), ()),
    "representation": (("emotional_support",), ()),
    "perceived_control": (("self_efficacy",), ()),
    "aggression": (("externalizing",), ("norms", "self_global")),
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
