"""The contract that every intervention keeps, the dose of each, and plug-ins."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from strategies import chosen_for, difference, differences, out_of_bounds, run, simulate, small

import sim.interventions
from sim import dynamics
from sim.engine import arrays
from sim.interventions import REGISTRY, Intervention, PluginError, load_plugin, register
from sim.population import draw_class
from sim.record import Record
from sim.run import twins
from sim.scenario import InterventionChoice, Scenario
from sim.state import CHILD, TEACHER, ClassState, Initiator, Records, Setting, fields
from sim.target import RULES, Target

BUILT_IN = sorted(REGISTRY)
FIRST, SECOND = draw_class(small()).names[:2]
TARGETS = {"name": Target(names=(SECOND,)), "rule": Target(rule="highest conflict", count=2), "all": Target()}
SESSIONS = [name for name in BUILT_IN if REGISTRY[name].sessions_per_week is not None]
LEVERS = {"child": fields(CHILD, "lever"), "teacher": fields(TEACHER, "lever")}
# What an intervention may change besides levers, as its documentation says.
STATES_CHANGED = {
    "llinc": {"representation"},
    "bad-week": {"stress"},
    "sharp-day": {  # what a contact leaves in the child and between the two
        "closeness", "conflict", "felt_security", "stress", "goodwill", "habit", "liability", "aggression",
        "self_regulation", "self_global", "norms", "autonomy", "structure",
    },
}  # fmt: skip


def build(name: str, target: str = "rule", **values: float) -> Intervention:
    """An instance of the intervention `name`."""
    return REGISTRY[name](TARGETS[target], **values)  # type: ignore[arg-type]


def mornings(state: ClassState, *interventions: Intervention) -> Iterator[int]:
    """The mornings of a year on which nothing but the interventions happens."""
    for intervention in interventions:
        intervention.initialize(state)
    for day in range(1, state.calendar.days + 1):
        arrays.clear_levers(state.children, state.teacher)
        for intervention in interventions:
            intervention.apply(state, day)
        yield day


# --- The contract ------------------------------------------------------------------------------------


def test_the_interventions_of_the_model_are_there() -> None:
    assert {"samen-spel", "banking-time", "llinc", "support-coaching", "social-architect"} <= set(BUILT_IN)


@pytest.mark.parametrize("name", BUILT_IN)
class TestContract:
    def test_says_what_it_is(self, name: str) -> None:
        kind = REGISTRY[name]
        assert kind.name == name
        assert kind.title
        assert kind.__doc__
        assert kind.weeks is None or kind.weeks > 0

    @pytest.mark.parametrize("target", TARGETS)
    def test_its_repr_builds_it_again(self, name: str, target: str) -> None:
        intervention = build(name, target, start_week=3, fidelity=1 / 3, dose=2 / 3)
        again = eval(repr(intervention), {"Target": Target, type(intervention).__name__: type(intervention)})  # noqa: S307
        told = (again.target, again.start_week, again.fidelity, again.dose)
        assert told == (TARGETS[target], 3, 1 / 3, 2 / 3)

    @pytest.mark.parametrize("target", [None, SECOND, [FIRST, SECOND], *sorted(RULES)])
    def test_runs_for_any_target(self, name: str, target: object) -> None:
        if target is None and name in SESSIONS:
            pytest.skip("sessions are for chosen children")
        scenario = small(weeks=2, interventions=[{"name": name, "target": target, "count": 2}])
        record = simulate(scenario)
        assert record.interventions == (name,)
        assert set(record.chosen[0]) <= set(range(6))
        assert out_of_bounds(record) == []
        if name != "support-coaching" and isinstance(target, (str, list)):
            assert len(record.chosen[0]) == (1 if target == SECOND else 2)

    def test_does_something(self, name: str) -> None:
        both = twins(small(weeks=6, interventions=[chosen_for(name)]))
        assert differences(both.without, both.with_)

    def test_fidelity_zero_changes_no_bit(self, name: str) -> None:
        both = twins(small(weeks=16, interventions=[chosen_for(name, fidelity=0.0)]))
        assert differences(both.without, both.with_) == {}

    @pytest.mark.parametrize("other", BUILT_IN)
    def test_fidelity_zero_changes_no_bit_beside_another(self, name: str, other: str) -> None:
        if name == other:
            pytest.skip("with itself it is one intervention twice")
        idle = chosen_for(name, fidelity=0.0)
        alone = simulate(small(weeks=13, interventions=[chosen_for(other)]))
        beside = simulate(small(weeks=13, interventions=[chosen_for(other), idle]))
        assert differences(alone, beside) == {}

    @pytest.mark.parametrize("fidelity", [0.0, 0.1, 0.5, 1.0])
    def test_levers_stay_in_bounds_all_year(self, name: str, fidelity: float) -> None:
        state = draw_class(small(weeks=36))
        for _ in mornings(state, build(name, "all", fidelity=fidelity)):
            for records, levers in ((state.children, LEVERS["child"]), (state.teacher, LEVERS["teacher"])):
                for lever in levers:
                    assert ((records[lever] >= 0) & (records[lever] <= 1)).all(), lever

    def test_changes_levers_and_what_it_says_alone(self, name: str) -> None:
        state = draw_class(small(weeks=20))
        start = state.copy()
        allowed = STATES_CHANGED.get(name, set())
        for _ in mornings(state, build(name)):
            pass
        changed = {n for n in (state.children.dtype.names or ()) if difference(state.children[n], start.children[n])}
        assert changed <= set(LEVERS["child"]) | allowed
        changed = {n for n in (state.teacher.dtype.names or ()) if difference(state.teacher[n], start.teacher[n])}
        assert changed <= set(LEVERS["teacher"])
        assert difference(state.liking, start.liking) == ""
        assert difference(state.affinity, start.affinity) == ""

    def test_reaches_only_the_chosen_directly(self, name: str) -> None:
        if name in ("support-coaching", "llinc"):
            pytest.skip("reaches the whole class, as it should")
        state = draw_class(small(weeks=20))
        start = state.copy()
        for _ in mornings(state, build(name, "name")):
            assert difference(np.delete(state.children, 1), np.delete(start.children, 1)) == ""
        assert difference(state.teacher, start.teacher) == ""

    def test_before_its_start_nothing_is_in_force(self, name: str) -> None:
        state = draw_class(small(weeks=6))
        start, acted = state.copy(), set()
        for day in mornings(state, build(name, start_week=4)):
            if difference(state.children, start.children) or difference(state.teacher, start.teacher):
                acted.add(day)
        assert acted
        assert min(acted) >= state.calendar.first_day(4)

    def test_an_instance_can_be_used_again(self, name: str) -> None:
        used = build(name, start_week=2)
        scenario = small(weeks=5)
        other = draw_class(scenario, 1)
        other.children["conflict"] = np.linspace(1, 0, 6)
        assert run(scenario, other, used).chosen != ((),)
        state = draw_class(scenario)
        again, fresh = run(scenario, state, used), run(scenario, state, build(name, start_week=2))
        assert differences(again, fresh) == {}
        assert again.chosen == fresh.chosen

    def test_an_instance_can_be_used_again_by_the_agents(self, name: str) -> None:
        used = build(name, start_week=2)
        scenario = small(weeks=5)
        other = draw_class(scenario, 1)
        other.children["conflict"] = np.linspace(1, 0, 6)
        for _ in mornings(other, used):
            pass
        assert used.chosen
        state, same, fresh = draw_class(scenario), draw_class(scenario), build(name, start_week=2)
        for _ in zip(mornings(state, used), mornings(same, fresh), strict=True):
            assert difference(state.children, same.children) == ""
            assert difference(state.teacher, same.teacher) == ""
        assert used.chosen == fresh.chosen

    def test_a_run_that_ends_before_the_start_has_no_one_chosen(self, name: str) -> None:
        used = build(name)
        run(small(weeks=2), draw_class(small(weeks=2)), used)
        for _ in mornings(draw_class(small(weeks=2)), used):
            pass
        assert used.chosen
        used.start_week = 3
        assert run(small(weeks=2), draw_class(small(weeks=2)), used).chosen == ((),)
        for _ in mornings(draw_class(small(weeks=2)), used):
            assert used.chosen == ()


@pytest.mark.parametrize(("one", "other"), list(permutations(BUILT_IN, 2)))
def test_any_two_together_stay_in_bounds(one: str, other: str) -> None:
    everyone = {"count": 4} if other in SESSIONS else {"target": None}
    choices = [chosen_for(one), chosen_for(other, start_week=2, fidelity=0.7, **everyone)]
    assert out_of_bounds(simulate(small(size=4, weeks=10, interventions=choices))) == []


def test_all_together_stay_in_bounds_for_a_year() -> None:
    choices = [chosen_for(name) for name in BUILT_IN]
    assert out_of_bounds(simulate(small(weeks=36, interventions=choices))) == []


def test_the_rule_looks_at_the_class_on_the_morning_of_the_start() -> None:
    scenario = small(size=12, weeks=8, interventions=[chosen_for("llinc", start_week=6, count=3)])
    record = simulate(scenario)
    evening_before = record.children[record.calendar.first_day(6) - 1]
    assert set(record.chosen[0]) == set(np.argsort(-evening_before["conflict"])[:3])


# --- Dose --------------------------------------------------------------------------------------------


def sessions(record: Record, child: int) -> tuple[Records, Records]:
    """Days on which `child` had a session, and who led each: 0 the child, 1 the teacher."""
    of_session = record.contacts["setting"] == Setting.SESSION
    days = np.unique(record.contacts["day"][of_session & (record.contacts["child"] == child)])
    return days, record.children["session_lead"][days, child]


def with_one(name: str, weeks: int = 30, days_per_week: int = 5, **values: object) -> Record:
    """A class in which child 1 gets one intervention from week 3 on."""
    choice = {"name": name, "target": SECOND, "start_week": 3, **values}
    return simulate(small(weeks=weeks, days_per_week=days_per_week, interventions=[choice]))


def skill(record: Record) -> float:
    """How well the teacher follows a child's lead."""
    return float(0.5 * (1 + record.teacher["emotional_support"][0]))


@pytest.mark.parametrize("days_per_week", [2, 3, 4, 5])
def test_samen_spel_has_24_sessions_in_12_weeks_child_led_then_teacher_led(days_per_week: int) -> None:
    record = with_one("samen-spel", days_per_week=days_per_week)
    days, lead = sessions(record, 1)
    assert [record.calendar.week(int(day)) for day in days] == [week for week in range(3, 15) for _ in range(2)]
    assert lead[:12] == pytest.approx(1 - skill(record))
    assert (lead[12:] == 1).all()
    assert not any(len(sessions(record, other)[0]) for other in (0, 2, 3, 4, 5))


def test_samen_spel_first_attunes_then_calms_and_praises_then_fades() -> None:
    child = with_one("samen-spel").children[:, 1]
    first, second, later = child[11 : 11 + 30], child[11 + 30 : 11 + 60], child[11 + 60 :]
    assert (first["attunement"] > 0).all()
    assert not first["calm"].any()
    assert not first["praise"].any()
    assert (second["calm"] > 0).all()
    assert (second["praise"] > 0).all()
    for lever in ("attunement", "calm", "praise"):
        assert (np.diff(later[lever]) < 0).all()


@pytest.mark.parametrize("days_per_week", [3, 4, 5])
def test_banking_time_has_21_sessions_in_7_weeks(days_per_week: int) -> None:
    record = with_one("banking-time", days_per_week=days_per_week)
    days, lead = sessions(record, 1)
    assert [record.calendar.week(int(day)) for day in days] == [week for week in range(3, 10) for _ in range(3)]
    assert lead == pytest.approx(1 - skill(record))


@pytest.mark.parametrize("fidelity", [0.2, 0.8])
def test_banking_time_is_led_by_the_teacher_where_fidelity_is_low(fidelity: float) -> None:
    record = with_one("banking-time", fidelity=fidelity)
    days, lead = sessions(record, 1)
    assert len(days) == 21
    assert lead == pytest.approx(1 - skill(record) * fidelity)


@pytest.mark.parametrize(("name", "weeks"), [("samen-spel", 6), ("banking-time", 7)])
def test_supportive_teachers_attune_more_and_leave_the_child_more_of_the_lead(name: str, weeks: int) -> None:
    for support in (0.0, 0.5, 1.0):
        state = draw_class(small(weeks=weeks))
        state.teacher["emotional_support"] = support
        leads, attunement = [], 0.0
        for _ in mornings(state, build(name, "name")):
            record = state.children[1]
            attunement = float(record["attunement"])
            if record["session"] > 0:
                leads.append(float(record["session_lead"]))
        assert leads
        assert leads == pytest.approx([0.5 * (1 - support)] * len(leads))
        assert attunement == pytest.approx(state.parameters["session_carry_over"] * 0.5 * (1 + support))


@pytest.mark.parametrize("dose", [0.5, 1.0, 1.5, 5 / 3])
@pytest.mark.parametrize("name", SESSIONS)
def test_the_dose_is_how_many_sessions_there_are_spread_evenly(name: str, dose: float) -> None:
    days, _ = sessions(with_one(name, dose=dose), 1)
    kind = REGISTRY[name]
    a_week = (kind.sessions_per_week or 0) * dose
    assert len(days) == int((kind.weeks or 0) * a_week + 1e-9)
    course_days = days - 11
    for until in range(1, 5 * (kind.weeks or 0) + 1):
        assert abs((course_days < until).sum() - a_week * until / 5) < 1


@pytest.mark.parametrize("name", SESSIONS)
def test_there_is_at_most_one_session_a_day(name: str) -> None:
    record = with_one(name, dose=2.5, days_per_week=1)
    days, _ = sessions(record, 1)
    assert list(days) == list(range(3, 3 + (REGISTRY[name].weeks or 0)))
    most = round(record.final.parameters["session_exchanges"])
    assert (np.bincount(record.contacts["day"][record.contacts["setting"] == Setting.SESSION])[days] == most).all()


@pytest.mark.parametrize(
    ("names", "lead"), [(("banking-time", "samen-spel"), 0.25), (("samen-spel", "banking-time"), 0.7)]
)
def test_of_two_programmes_with_a_session_on_one_day_the_last_one_says_who_leads(
    names: tuple[str, str], lead: float
) -> None:
    """Of a teacher who follows a child's lead three quarters of the time; fidelity counts in Banking Time alone."""
    state, together = draw_class(small(weeks=6)), 0
    state.teacher["emotional_support"] = 0.5
    for _ in mornings(state, *(build(name, "name", fidelity=0.4) for name in names)):
        record = state.children[1]
        if record["session"] > 0.5:
            together += 1
            assert record["session"] == pytest.approx(1 - 0.6**2)
            assert record["session_lead"] == pytest.approx(lead)
    assert together


def test_sessions_are_private_after_class_and_begun_by_the_teacher() -> None:
    """Also those of a child for whom the teacher shows affection where the class can see it."""
    architect = {"name": "social-architect", "target": SECOND}
    programme = {"name": "samen-spel", "target": SECOND}
    record = simulate(small(weeks=12, interventions=[architect, programme]))
    of_session = record.contacts[record.contacts["setting"] == Setting.SESSION]
    assert len(of_session)
    assert not of_session["public"].any()
    assert (of_session["time"] == 1).all()
    assert (of_session["initiator"] == Initiator.TEACHER).all()


@pytest.mark.parametrize("days_per_week", [1, 5])
def test_llinc_acts_on_two_conversation_days_and_reaches_others_less(days_per_week: int) -> None:
    state = draw_class(small(weeks=12, days_per_week=days_per_week))
    state.children["representation"] = -0.8
    seen = [state.children["representation"].copy()]
    reflection = []
    for _ in mornings(state, build("llinc", "name", start_week=2)):
        seen.append(state.children["representation"].copy())
        reflection.append(state.children["reflection"].copy())
    moved = np.flatnonzero(np.diff([image[1] for image in seen])) + 1
    assert list(moved) == [state.calendar.first_day(2), state.calendar.first_day(3)]
    assert seen[-1][1] > seen[0][1]
    assert (np.delete(seen[-1], 1) == -0.8).all()
    in_force = np.array(reflection)[state.calendar.first_day(3) - 1 :]
    others = np.delete(in_force, 1, axis=1)
    assert (in_force[:, [1]] > others).all()
    assert (others > 0).all()
    assert not np.array(reflection)[: state.calendar.first_day(3) - 1].any()
    assert (np.diff(in_force[:, 1]) < 0).all()


OF_LLINC = ("reflection", "attunement", "outreach")


@pytest.mark.parametrize("days_per_week", [1, 5])
def test_from_the_second_conversation_on_llinc_has_a_plan_that_is_carried_out_less_and_less(days_per_week: int) -> None:
    """Reflection and attunement reach the other children in part; only the one is sought at calm moments."""
    state = draw_class(small(weeks=12, days_per_week=days_per_week))
    state.teacher["self_efficacy"], state.teacher["strain"] = 0.8, 0.25
    p, second = state.parameters, state.calendar.first_day(3)
    each_morning = mornings(state, build("llinc", "name", start_week=2, fidelity=0.5))
    levers = [{name: state.children[name].copy() for name in OF_LLINC} for _ in each_morning]
    assert not any(values.any() for morning in levers[: second - 1] for values in morning.values())
    openness = 0.5 * 0.8 * (1 - 0.25)
    for days, morning in enumerate(levers[second - 1 :]):
        insight = openness * 0.5 ** (days / p["insight_half_life"])
        reach = np.full(6, insight * p["insight_transfer"])
        reach[1] = insight
        assert morning["reflection"] == pytest.approx(reach)
        assert morning["attunement"] == pytest.approx(p["insight_attunement"] * reach)
        assert morning["outreach"] == pytest.approx(p["insight_outreach"] * insight * (np.arange(6) == 1))


def test_outreach_brings_more_contacts_and_calmer_ones() -> None:
    """The teacher begins more contacts with the child, and more of them are not about work."""
    both = twins(small(size=10, weeks=30, interventions=[{"name": "llinc", "target": SECOND}]))

    def begun(record: Record) -> Records:
        own = record.contacts[(record.contacts["child"] == 1) & (record.contacts["day"] > 5)]
        kinds: Records = own["setting"][(own["initiator"] == Initiator.TEACHER) & (own["setting"] <= Setting.SOCIAL)]
        return kinds

    plain, reached = begun(both.without), begun(both.with_)
    assert len(reached) > 1.1 * len(plain)
    assert (reached == Setting.SOCIAL).mean() > (plain == Setting.SOCIAL).mean() + 0.05


def test_llinc_loosens_an_image_that_is_worse_than_that_of_most_children_and_leaves_a_better_one() -> None:
    state = draw_class(small(weeks=3))
    state.teacher["self_efficacy"], state.teacher["strain"], state.teacher["emotional_support"] = 0.8, 0.5, 0.6
    openness = 0.9 * 0.8 * (1 - 0.5)
    left = 1 - state.parameters["insight_repair"] * openness
    usual = state.parameters["representation_rest"] * 0.6
    for image in (-0.8, 0.0, usual - 0.1, usual + 0.1):
        state.children["representation"][1] = image
        each_morning = mornings(state, build("llinc", "name", fidelity=0.9))
        images = [float(state.children["representation"][1]) for _ in each_morning]
        for after, share in ((images[4], left), (images[5], left**2), (images[-1], left**2)):
            assert after == pytest.approx(usual + share * (image - usual) if image < usual else image)


def test_who_benefits_from_llinc_depends_on_the_teacher() -> None:
    insight = {}
    for name, efficacy, strain in (("able", 0.9, 0.1), ("worn out", 0.9, 0.9), ("helpless", 0.1, 0.1)):
        state = draw_class(small(weeks=3))
        state.teacher["self_efficacy"], state.teacher["strain"] = efficacy, strain
        for _ in mornings(state, build("llinc", "name")):
            pass
        insight[name] = float(state.children["reflection"][1])
    assert insight["able"] == pytest.approx(0.9 * 0.9 * 0.5 ** (9 / state.parameters["insight_half_life"]))
    assert insight["able"] > insight["worn out"] > 0
    assert insight["able"] > insight["helpless"] > 0


@pytest.mark.parametrize(("efficacy", "strain"), [(0.0, 0.3), (0.9, 1.0)])
def test_a_teacher_who_is_helpless_or_at_an_end_does_not_open_up(efficacy: float, strain: float) -> None:
    state = draw_class(small(weeks=3))
    state.teacher["self_efficacy"], state.teacher["strain"] = efficacy, strain
    state.children["representation"] = -0.8
    start = state.copy()
    for _ in mornings(state, build("llinc", "name")):
        assert difference(state.children, start.children) == ""


def test_support_coaching_raises_effective_support_for_all_and_stays() -> None:
    record = simulate(small(weeks=20, interventions=[{"name": "support-coaching", "target": SECOND, "start_week": 3}]))
    coaching = record.teacher["coaching"]
    assert not coaching[:11].any()
    assert (np.diff(coaching[11:]) >= 0).all()
    assert coaching[-1] == coaching[10 + 60] > coaching[11] > 0
    p, plain, coached = record.final.parameters.record(), record.teacher[:1].copy(), record.teacher[-1:].copy()
    for child in range(6):
        warmth, push = [], []
        for coaching_now in (0.0, float(coached["coaching"][0])):
            plain["coaching"] = coaching_now
            at = record.children[0], child, plain, 0.0, dynamics.TASK
            warmth.append(arrays.teacher_tone(*at, False, 1.0, p))
            push.append(arrays.teacher_push(*at, p))
        assert warmth[1] > warmth[0] > 0
        assert push[1] < push[0]


def test_the_social_architect_shows_affection_in_public() -> None:
    both = twins(small(size=10, weeks=20, interventions=[{"name": "social-architect", "target": SECOND}]))

    def public(record: Record, *, correction: bool) -> float:
        own = record.contacts[record.contacts["child"] == 1]
        return float(own["public"][(own["setting"] == Setting.DISCIPLINE) == correction].mean())

    assert public(both.with_, correction=False) > public(both.without, correction=False)


# --- Scenarios ---------------------------------------------------------------------------------------


def test_a_choice_builds_what_it_says() -> None:
    choice = InterventionChoice(name="llinc", target="highest conflict", count=2, start_week=4, fidelity=0.25)
    one, other = choice.build(), choice.build()
    assert one is not other
    assert type(one) is REGISTRY["llinc"]
    assert (one.target, one.start_week, one.fidelity) == (Target(rule="highest conflict", count=2), 4, 0.25)


@pytest.mark.parametrize("name", BUILT_IN)
def test_one_to_one_sessions_are_for_chosen_children_and_only_they_have_a_dose(name: str) -> None:
    if name in SESSIONS:
        with pytest.raises(ValueError, match=r"target: is missing.*highest conflict"):
            InterventionChoice(name=name)
        choice = InterventionChoice(name=name, target=SECOND, dose=0.5)
        assert choice.build().dose == 0.5
        assert choice.aim() == Target(names=(SECOND,))
    else:
        assert InterventionChoice(name=name).aim() == Target()
        with pytest.raises(ValueError, match=r"dose: found 0\.5; allowed is 1"):
            InterventionChoice(name=name, dose=0.5)


def test_a_child_may_be_called_like_a_rule_only_in_a_list() -> None:
    assert InterventionChoice(name="llinc", target=("highest conflict",)).aim() == Target(names=("highest conflict",))


# --- Plug-ins ----------------------------------------------------------------------------------------


def documented_example() -> str:
    """The example in the documentation of `sim.interventions`."""
    text = (sim.interventions.__doc__ or "").split("::\n", 1)[1].split("\nand runs with", 1)[0]
    return textwrap.dedent(text)


def plugin(folder: Path, text: str) -> Path:
    """A file with `text`."""
    path = folder / "mine.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_documented_plugin_runs(tmp_path: Path, registry: dict[str, type[Intervention]]) -> None:
    assert load_plugin(plugin(tmp_path, documented_example())) == ("morning-greeting",)
    scenario = small(weeks=12, interventions=[{"name": "morning-greeting", "target": SECOND, "fidelity": 0.5}])
    both = twins(scenario)
    assert both.with_.children["attunement"][1:, 1] == pytest.approx(0.15)
    assert both.with_.children["closeness"][-1, 1] != both.without.children["closeness"][-1, 1]
    assert out_of_bounds(both.with_) == []


@pytest.mark.parametrize("part", ["name", "title", "hook"])
@pytest.mark.parametrize("deed", ["hook", "act"])
def test_a_class_without_all_it_needs_is_refused(part: str, deed: str, registry: dict[str, type[Intervention]]) -> None:
    """What happens is said by a hook or by a method."""
    deeds = {"hook": REGISTRY["samen-spel"].hook, "act": lambda *_: None}
    parts = {"name": "mine", "title": "Mine", deed: deeds[deed]}
    missing = deed if part == "hook" else part
    incomplete = type("Mine", (Intervention,), {key: value for key, value in parts.items() if key != missing})
    before = dict(registry)
    with pytest.raises(TypeError, match=f"Mine lacks {part}"):
        register(incomplete)
    assert registry == before
    whole = type("Mine", (Intervention,), parts)
    assert register(whole) is registry["mine"]
    assert whole.is_compiled() == (deed == "hook")


def test_without_a_hook_or_a_method_nothing_can_be_done() -> None:
    idle = type("Idle", (Intervention,), {"name": "idle", "title": "Idle"})(Target())
    with pytest.raises(NotImplementedError, match="Idle has neither a hook nor a method act"):
        list(mornings(draw_class(small(weeks=1)), idle))


def test_a_plugin_may_use_dataclasses(tmp_path: Path, registry: dict[str, type[Intervention]]) -> None:
    own = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    own += "\n@dataclass\nclass Dose:\n    share: float\n\n"
    assert load_plugin(plugin(tmp_path, own + documented_example())) == ("morning-greeting",)


BROKEN = {
    "syntax": "def (",
    "failing": "1 / 0",
    "failing after registering": documented_example() + "\nraise RuntimeError('late')\n",
    "missing module": "import no_such_module_anywhere",
    "leaving": "raise SystemExit(3)",
    "nothing registered": "x = 1",
    "nameless": documented_example().replace('    name = "morning-greeting"\n', ""),
    "without a hook": documented_example().split("    hook")[0],
    "not UTF-8": "\udcff",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_named_and_leaves_nothing(
    tmp_path: Path, text: str, registry: dict[str, type[Intervention]]
) -> None:
    path = tmp_path / "mine.py"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    before = dict(registry)
    with pytest.raises(PluginError, match=r"mine\.py"):
        load_plugin(path)
    assert registry == before


def test_a_plugin_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"absent\.py: no such file"):
        load_plugin(tmp_path / "absent.py")
    (tmp_path / "notes.txt").write_text("no Python")
    with pytest.raises(PluginError, match=r"notes\.txt"):
        load_plugin(tmp_path / "notes.txt")


def test_an_unknown_intervention_is_refused() -> None:
    with pytest.raises(ValueError, match="samen-spel"):
        Scenario.model_validate({"interventions": [{"name": "no-such"}]})
