"""One set of equations, two runners: agent by agent and compiled give the same numbers, bit for bit."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import mesa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import chosen_for, difference, differences, parameter_values, run, simulate, small

import sim.model
import sim.run
from sim.agents import Child
from sim.dynamics import PRAISE
from sim.engine import years
from sim.interventions import REGISTRY, Intervention, load_plugin
from sim.model import Classroom
from sim.parameters import PARAMETERS
from sim.peers import class_network, nominations
from sim.population import draw_class
from sim.record import Record
from sim.run import (
    CHILD_VARIABLES,
    CLASS_VARIABLES,
    TEACHER_VARIABLES,
    TOGETHER,
    Keep,
    Kept,
    agent_by_agent,
    many,
    side_by_side,
    twins,
)
from sim.scenario import Scenario, ScenarioError, load, shipped
from sim.state import COUNTED, ClassState, Initiator, Records, Setting
from sim.target import RULES

SEEDS = (0, 1, 2**53 - 1)
NUMBERS = (0, 41)


def by_agents(scenario: Scenario, **options: object) -> Record:
    """The record of the agent-by-agent model."""
    classroom = Classroom(scenario, **options)  # type: ignore[arg-type]
    classroom.run_model()
    return classroom.result()


def assert_same(scenario: Scenario, **options: object) -> None:
    """Both runners agree in every bit of every part of the record."""
    compiled, agents = simulate(scenario, **options), by_agents(scenario, **options)  # type: ignore[arg-type]
    assert len(compiled.contacts)
    assert differences(compiled, agents) == {}
    assert (compiled.names, compiled.interventions, compiled.chosen) == (
        agents.names,
        agents.interventions,
        agents.chosen,
    )
    for part in ("children", "teacher", "liking", "affinity"):
        of_final = [np.ascontiguousarray(getattr(record.final, part)) for record in (compiled, agents)]
        assert difference(*of_final) == "", part


# --- The two runners ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(2, 31))
def test_sizes_seeds_and_classes(size: int) -> None:
    for seed in SEEDS:
        for number in NUMBERS:
            assert_same(small(size=size, weeks=1, seed=seed), number=number)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_interventions(name: str) -> None:
    dose = 1.0 if REGISTRY[name].sessions_per_week is None else 1.5
    choice = chosen_for(name, start_week=2, fidelity=0.8, dose=dose)
    scenario = small(size=8, weeks=10, interventions=[choice])
    assert differences(simulate(scenario), simulate(scenario, interventions=False))
    assert_same(scenario)


@pytest.mark.parametrize("name", sorted(REGISTRY))
@pytest.mark.parametrize("size", [2, 7, 30])
def test_interventions_for_children_by_any_rule(name: str, size: int) -> None:
    """Also by name; and for all children, where that may be."""
    everyone = [None] if REGISTRY[name].sessions_per_week is None else []
    names = draw_class(small(size=size)).names
    for number, target in enumerate([*RULES, names[1], names[:0:-1], *everyone]):
        choice = {"name": name, "target": target, "count": 3, "start_week": 1 + number % 2}
        assert_same(small(size=size, weeks=2, seed=number, interventions=[choice]), number=number)


def test_all_interventions_together() -> None:
    choices = [chosen_for(name, start_week=1 + number) for number, name in enumerate(sorted(REGISTRY))]
    assert_same(small(size=6, weeks=14, interventions=choices))
    assert_same(small(size=6, weeks=14, interventions=choices[::-1]), number=5)
    assert_same(small(size=6, weeks=3, interventions=choices[:2]), interventions=False)


def test_an_intervention_twice_in_a_class() -> None:
    twice = [chosen_for("samen-spel", count=1, dose=2.5), chosen_for("samen-spel", target="lowest closeness", count=6)]
    assert_same(small(size=6, weeks=3, interventions=twice))


def test_a_whole_year_with_its_holidays() -> None:
    scenario = Scenario.model_validate({"class": {"size": 5}, "interventions": [chosen_for("samen-spel")]})
    assert scenario.weeks == 36
    assert_same(scenario)


@pytest.mark.parametrize("days_per_week", [1, 2, 3, 4])
def test_short_weeks(days_per_week: int) -> None:
    choices = [chosen_for("banking-time", start_week=2), chosen_for("llinc")]
    holidays = [{"after_week": 2, "weeks": 2}]
    assert_same(small(weeks=4, days_per_week=days_per_week, holidays=holidays, interventions=choices))


@given(
    parameter_values(),
    st.integers(2, 30),
    st.integers(0, 2**53 - 1),
    st.integers(0, 2**40),
    st.lists(st.sampled_from(sorted(REGISTRY)), unique=True, max_size=3),
    st.integers(1, 2),
    st.floats(0, 1),
)
@settings(max_examples=60)
def test_any_parameters(
    parameters: dict[str, float],
    size: int,
    seed: int,
    number: int,
    names: list[str],
    start_week: int,
    fidelity: float,
) -> None:
    choices = [chosen_for(name, start_week=start_week, fidelity=fidelity) for name in names]
    scenario = small(size=size, weeks=2, seed=seed, parameters=parameters, interventions=choices)
    compiled, agents = simulate(scenario, number=number), by_agents(scenario, number=number)
    assert differences(compiled, agents) == {}
    assert compiled.chosen == agents.chosen


@pytest.mark.parametrize("pace", [0.01, 5.0])
def test_classes_with_hardly_a_contact_and_with_as_many_as_there_can_be(pace: float) -> None:
    most = {"seek_rate": 8.0, "approach_rate": 15.0, "misbehaviour_rate": 60.0}
    most |= {"attention_cost": 0.01, "attention_recovery": 100.0, "seek_closeness": 6.0, "seek_dependency": 6.0}
    scenario = small(size=3, weeks=2, teacher={"pace": pace}, parameters=most)
    compiled = simulate(scenario)
    assert differences(compiled, by_agents(scenario)) == {}
    a_day = np.bincount(compiled.contacts["day"], minlength=11)[1:] / 3
    assert (a_day.max() < 3) == (pace < 1)
    assert (a_day.max() > 100) == (pace > 1)


@pytest.mark.parametrize("name", sorted(shipped()))
@pytest.mark.parametrize("number", NUMBERS)
def test_shipped_scenarios(name: str, number: int) -> None:
    scenario = load(name)
    short = scenario.model_copy(
        update={
            "weeks": 3,
            "interventions": tuple(
                choice.model_copy(update={"start_week": min(choice.start_week, 2)}) for choice in scenario.interventions
            ),
        }
    )
    assert_same(short, number=number)


def test_days_done_one_by_one_are_the_same_days() -> None:
    scenario = small(weeks=2)
    classroom = Classroom(scenario)
    for _ in range(scenario.calendar().days):
        assert classroom.running
        classroom.step()
    assert not classroom.running
    classroom.run_model()
    assert differences(simulate(scenario), classroom.result()) == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_weekends_move_likings_in_both_runners_alike(seed: int) -> None:
    """Of children who do not play and whom nobody sees; where luck has no part, they only return."""
    quiet = {"play_bouts": 0.0, "public_task": 0.0, "public_social": 0.0, "public_discipline": 0.0}
    for days_per_week in (1, 4, 5):
        drifting, still = (
            small(seed=seed, days_per_week=days_per_week, parameters={**quiet, "liking_luck": luck})
            for luck in (PARAMETERS["liking_luck"].high, 0.0)
        )
        assert_same(drifting)
        assert_same(still)
        moved = np.abs(np.diff(simulate(drifting).liking, axis=0)).max(axis=(1, 2))
        assert (moved[::days_per_week] > 0.02).all(), "on the day after a weekend"
        assert np.delete(moved, range(0, len(moved), days_per_week)).max(initial=0.0) < 0.02
        assert np.abs(np.diff(simulate(still).liking, axis=0)).max() < 0.02


def test_every_way_that_a_contact_and_a_bout_can_go_comes_up() -> None:
    """Hostile or not at each turn, in both runners: a class in which much is hostile, for some weeks."""
    rough = {"act_baseline": -1.0, "harsh_baseline": 0.0, "play_act_baseline": 0.0}
    coolly = dict.fromkeys(("provocation", "persistence", "suppression", "harsh_hostility", "harsh_helplessness"), 0.0)
    scenario = small(size=12, weeks=6, parameters=rough | coolly)
    assert_same(scenario)
    record = simulate(scenario)
    for log, names in (
        (record.contacts, ("tone", "response", "second_tone", "second_response")),
        (record.play, ("tone", "partner_tone", "second_tone", "second_partner_tone")),
    ):
        hostile = np.stack([log[name] < 0 for name in names], axis=1)
        on = hostile[:, 0] | hostile[:, 1]
        assert ((log["turns"] == 4) == on).all()
        assert set(log["turns"]) == {2, 4}
        assert not hostile[~on, 2:].any()
        assert not log[names[2]][~on].any()
        assert not log[names[3]][~on].any()
        assert len(np.unique(hostile[on], axis=0)) == 12


# --- Classes that run together -----------------------------------------------------------------------


def assert_alone_as_together(states: Sequence[ClassState], choices: Sequence[dict[str, object]] = ()) -> None:
    """Classes that run side by side are, bit for bit, what each is alone."""
    scenario = small(size=len(states[0].names), interventions=choices)

    def interventions() -> tuple[Intervention, ...]:
        return tuple(choice.build() for choice in scenario.interventions)

    classes = years.gather(states, interventions())
    days = states[0].calendar.days
    kept, _ = years.run(classes, range(days + 1), liking=True)
    for place, state in enumerate(states):
        alone = run(scenario, state, *interventions())
        parts = {
            "children": (kept.children[place], alone.children),
            "teacher": (kept.teachers[place], alone.teacher),
            "acceptance": (kept.acceptance[place], alone.acceptance),
            "liking": (kept.liking[place], alone.liking),
            "last liking": (classes.liked[place].T, alone.final.liking),
            "last children": (classes.children[place], alone.final.children),
            "last teacher": (classes.teachers[place : place + 1], alone.final.teacher),
        }
        for part, pair in parts.items():
            assert difference(*map(np.ascontiguousarray, pair)) == "", f"{part} of class {place}"
        chosen = tuple(tuple(int(child) for child in row if child >= 0) for row in classes.chosen[place])
        assert chosen == alone.chosen
        for which, log in enumerate((alone.contacts, alone.contacts[alone.contacts["setting"] == Setting.DISCIPLINE])):
            seen = np.zeros((days + 1, len(state.names)), dtype=np.int64)
            np.add.at(seen, (log["day"], log["child"]), 1)
            assert (kept.counts[place, :, which] == seen.cumsum(axis=0)).all()


@pytest.mark.parametrize("count", [1, 3, 7, 8, 9, 20])
@pytest.mark.parametrize("names", [(), ("samen-spel", "llinc"), ("support-coaching", "banking-time", "bad-week")])
def test_classes_together_are_what_each_is_alone(count: int, names: tuple[str, ...]) -> None:
    scenario = small(size=5 + count % 3, weeks=3)
    numbers = np.random.default_rng(count).permutation(1000)[:count]
    choices = [chosen_for(name, start_week=1 + place) for place, name in enumerate(names)]
    assert_alone_as_together([draw_class(scenario, int(number)) for number in numbers], choices)


@given(st.lists(parameter_values(), min_size=2, max_size=10), st.integers(2, 12), st.integers(0, 2**53 - 1))
@settings(max_examples=25)
def test_classes_of_any_parameters_together(parameters: list[dict[str, float]], size: int, seed: int) -> None:
    """Other parameters, seeds, teachers and children in each; one class may have no contacts, the next very many."""
    states = [
        draw_class(small(size=size, weeks=1, seed=seed - place if seed > place else place, parameters=values), place)
        for place, values in enumerate(parameters)
    ]
    states[0].teacher["pace"], states[-1].teacher["pace"] = 0.0, 5.0
    assert_alone_as_together(states, [chosen_for("samen-spel"), chosen_for("social-architect")])


def test_in_any_order_and_company_a_class_is_the_same() -> None:
    scenario, days = small(weeks=2), (0, 4, 10)
    states = [draw_class(scenario, number) for number in range(12)]
    found = {}
    for order in (range(12), range(11, -1, -1), (3, 3, 3, 0, 11), (5,)):
        kept, _ = years.run(years.gather([states[number] for number in order], ()), days)
        for place, number in enumerate(order):
            here = [part[place].tobytes() for part in (kept.children, kept.teachers, kept.acceptance, kept.counts)]
            assert found.setdefault(number, here) == here


def test_a_run_changes_no_state_that_it_was_given() -> None:
    states = [draw_class(small(weeks=1), number) for number in range(9)]
    before = [replace(state.copy(), affinity=state.affinity.copy(order="K")) for state in states]
    years.run(years.gather(states, ()), (5,))
    for state, same in zip(states, before, strict=True):
        for part in ("children", "teacher", "liking", "affinity"):
            assert difference(*(np.ascontiguousarray(getattr(s, part)) for s in (state, same))) == "", part


# --- Many classes of a scenario ----------------------------------------------------------------------

EVERYTHING = (*CHILD_VARIABLES, *TEACHER_VARIABLES, *CLASS_VARIABLES)
WEIGHT: dict[str, Callable[[np.void], float]] = {
    "contacts": lambda contact: 1.0,
    "reprimands": lambda contact: float(contact["setting"] == Setting.DISCIPLINE),
    "seeking": lambda contact: float(contact["initiator"] == Initiator.CHILD),
    "warmth_seen": lambda contact: max(0.0, contact["response"]) if contact["public"] else 0.0,
    "tones": lambda contact: contact["response"],
    "hostile_acts": lambda contact: float(in_class(contact) and contact["tone"] < 0),
    "harsh_answers": lambda contact: float(in_class(contact) and contact["response"] < 0),
    "harsh_to_hostile": lambda contact: float(in_class(contact) and contact["tone"] < 0 and contact["response"] < 0),
    "praises": lambda contact: float(contact["setting"] == Setting.TASK and contact["response"] >= PRAISE),
    "sessions": lambda contact: float(not in_class(contact)),
    "hostile_in_sessions": lambda contact: float(not in_class(contact) and contact["tone"] < 0),
}
"""What each contact adds to what is counted of it."""


def in_class(contact: np.void) -> bool:
    """Whether a contact is none of a session."""
    return bool(contact["setting"] != Setting.SESSION)


def counted(record: Record, name: str, days: Sequence[int]) -> Records:
    """What has been counted of each child until these days, shape (days, n), one entry of a log after the other."""
    until = np.array(days)
    expected = np.zeros((len(days), len(record.names)))
    if name == "hostile_play":
        for bout in record.play:
            expected[until >= bout["day"], bout["child"]] += float(bout["tone"] < 0)
            expected[until >= bout["day"], bout["partner"]] += float(bout["partner_tone"] < 0)
    else:
        for contact in record.contacts:
            expected[until >= contact["day"], contact["child"]] += WEIGHT[name](contact)
    return expected


def assert_many_as_simulated(scenario: Scenario, numbers: Sequence[int], keep: Keep) -> None:
    """What is kept of many classes is what `simulate` gives for each."""
    kept = many(scenario, numbers, keep)
    assert kept.children.shape[:3] == (len(numbers), len(keep.days), len(keep.of_children))
    assert kept.teachers.shape == (len(numbers), len(keep.days), len(keep.of_teachers))
    assert kept.classes.shape == (len(numbers), len(keep.days), len(keep.of_classes))
    for place, number in enumerate(numbers):
        record = simulate(scenario, number=number)
        days = list(keep.days)
        for column, name in enumerate(keep.of_children):
            if name in COUNTED:
                expected = counted(record, name, days)
            elif name == "liked_by":
                liked, _ = nominations(record.liking[days])
                expected = liked.sum(axis=1).astype(float)
            else:
                expected = (record.acceptance if name == "acceptance" else record.children[name])[days]
            found = np.ascontiguousarray(kept.children[place, :, column])
            assert difference(found, np.ascontiguousarray(expected)) == "", f"{name} of class {number}"
        for column, name in enumerate(keep.of_teachers):
            expected = np.ascontiguousarray(record.teacher[name.removeprefix("teacher_")][days])
            assert difference(np.ascontiguousarray(kept.teachers[place, :, column]), expected) == "", name
        network = class_network(record.liking[days], record.children["sex"][0], record.liking[0])._asdict()
        for column, name in enumerate(keep.of_classes):
            assert difference(np.ascontiguousarray(kept.classes[place, :, column]), network[name]) == "", name
        assert set(np.flatnonzero(kept.chosen[place])) == {child for row in record.chosen for child in row}


@pytest.mark.parametrize("numbers", [(0,), (4, 2, 9), range(8, -1, -1), (10**9, *range(70)), (3, 3)], ids=len)
def test_many_classes_are_what_simulate_gives(numbers: Sequence[int]) -> None:
    choices = [chosen_for("banking-time", start_week=2), chosen_for("llinc", count=1)]
    scenario = small(size=5, weeks=2, interventions=choices)
    assert_many_as_simulated(scenario, numbers, Keep(EVERYTHING, (0, 1, 5, 9, 10)))


@pytest.mark.parametrize("size", [2, 3, 8, 13, 25, 30])
def test_many_classes_of_any_size(size: int) -> None:
    scenario = small(size=size, weeks=1, teacher={"pace": None}, seed=11)
    assert_many_as_simulated(scenario, range(11), Keep(EVERYTHING, (5,)))


@pytest.mark.parametrize("numbers", [(0,), (4, 2, 9), (10**9, *range(70))], ids=len)
@pytest.mark.parametrize("size", [2, 5, 25])
def test_networks_of_many_classes_are_those_of_simulated_ones(size: int, numbers: Sequence[int]) -> None:
    """Those on other days than the first, too, although their turnover is counted from the first."""
    scenario = small(size=size, weeks=2, interventions=[chosen_for("llinc", count=1)])
    assert_many_as_simulated(scenario, numbers, Keep(CLASS_VARIABLES, (10, 3)))
    assert_many_as_simulated(scenario, numbers[:2], Keep(("network_turnover", "teacher_stress"), (0, 10)))


@pytest.mark.parametrize("name", sorted(shipped()))
def test_many_classes_of_shipped_scenarios(name: str) -> None:
    shorter = load(name).model_copy(update={"weeks": 7})
    choices = tuple(choice.model_copy(update={"start_week": 2}) for choice in shorter.interventions)
    assert_many_as_simulated(
        shorter.model_copy(update={"interventions": choices}), (6, 0, 1), Keep(EVERYTHING, (0, 35))
    )


def test_what_is_kept_comes_in_the_order_in_which_it_is_asked_for() -> None:
    scenario, numbers = small(weeks=1), (1, 0)
    names = ("teacher_stress", "contacts", "conflict", "teacher_mood", "acceptance")
    assert_many_as_simulated(scenario, numbers, Keep(names, (5, 0, 3)))
    assert_many_as_simulated(scenario, numbers, Keep(names[:1], (2,)))
    assert_many_as_simulated(scenario, numbers, Keep(names[1:2], (2,)))
    assert_many_as_simulated(scenario, numbers, Keep(("liked_by", "conflict"), (5, 0)))


def like(one: Kept, other: Kept) -> bool:
    """Whether two runs of many classes left the same."""
    return all(difference(*map(np.ascontiguousarray, pair)) == "" for pair in zip(one, other, strict=True))


def test_classes_of_several_scenarios_side_by_side_are_what_each_scenario_gives(tmp_path: Path) -> None:
    """Of one size and calendar or of several, with the same interventions or others, drawn alike, agent by agent."""
    two, keep = [chosen_for("samen-spel"), chosen_for("llinc")], Keep(EVERYTHING, (0, 4, 10))
    scenarios = [
        small(size=5, weeks=2, interventions=two),
        small(size=6, weeks=2, interventions=two),
        small(size=5, weeks=2, interventions=two[::-1]),
        small(size=5, weeks=2, days_per_week=5, holidays=[{"after_week": 1, "weeks": 3}]),
        with_plugin(tmp_path, ACT, size=5, weeks=2),
        small(size=5, weeks=2, seed=9, interventions=[chosen_for("samen-spel", fidelity=0.3, start_week=2), two[1]]),
        small(size=5, weeks=2, parameters={"play_bouts": 7.0}, interventions=[*two[:1], chosen_for("llinc", count=5)]),
        small(size=5, weeks=2, teacher={"pace": 4.0}),
        small(size=5, weeks=3, interventions=two),
        small(size=5, weeks=2, interventions=two),
    ]
    counts = (3, 1, 9, 2, 1, 20, TOGETHER + 3, 5, 4, 1)
    jobs = [
        (scenario, range(job, job + count)) for job, (scenario, count) in enumerate(zip(scenarios, counts, strict=True))
    ]
    # The same children on the first day, three times.
    jobs += [
        (small(size=5, weeks=weeks, interventions=ones), range(2)) for weeks, ones in ((2, []), (2, two), (3, two))
    ]
    found = side_by_side(jobs, keep)
    for (scenario, numbers), kept in zip(jobs, found, strict=True):
        assert like(kept, many(scenario, numbers, keep))
        assert_many_as_simulated(scenario, numbers[-2:], keep)
    backwards = side_by_side(jobs[::-1], keep)[::-1]
    assert all(like(*pair) for pair in zip(found, backwards, strict=True))


# --- Interventions of one's own ----------------------------------------------------------------------

HOOK = """
from sim.compiled import kernel
from sim.interventions import Hook, Intervention, raised, register


@kernel
def walk(children, teacher, child, course, p):
    record = children[child]
    if course.session > 0 and course.week < 3:
        record.session = raised(record.session, 0.25 + 0.25 * teacher.emotional_support, course)
    record.attunement = raised(record.attunement, p.session_carry_over / (1 + course.course_day), course)
    for other in range(children.shape[0]):
        if other != child and children[other].conflict > 0.2:
            children[other].calm = raised(children[other].calm, 0.1, course)


@register
class Walk(Intervention):
    name = "walk"
    title = "A walk"
    sessions_per_week = 2.0
    hook = Hook(walk)
"""
ACT = """
from sim.interventions import Intervention, register


@register
class Walk(Intervention):
    name = "walk"
    title = "A walk"
    sessions_per_week = 2.0

    def act(self, state, child, course_day):
        record = state.children[child]
        if self.course["session"][0] > 0 and self.course["week"][0] < 3:
            share = 0.25 + 0.25 * state.teacher["emotional_support"][0]
            record["session"] = self.raised(record["session"], share)
        share = state.parameters["session_carry_over"] / (1 + course_day)
        record["attunement"] = self.raised(record["attunement"], share)
        conflict = dict(zip(state.names, state.children["conflict"], strict=True))
        for other in {name for name in state.names if conflict[name] > 0.2} - {state.names[child]}:
            one = state.children[state.names.index(other)]
            one["calm"] = self.raised(one["calm"], 0.1)
"""
WALK = chosen_for("walk", start_week=2, fidelity=0.7, dose=1.5)


def with_plugin(folder: Path, text: str, **changes: object) -> Scenario:
    """A scenario with the intervention of a file, beside one of the model."""
    path = folder / "walk.py"
    path.write_text(text, encoding="utf-8")
    assert load_plugin(path) == ("walk",)
    return small(**{"weeks": 6, "interventions": [chosen_for("llinc", count=1), WALK], **changes})


def test_a_hook_of_ones_own_runs_in_both_runners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = with_plugin(tmp_path, HOOK)
    assert REGISTRY["walk"].is_compiled()
    assert agent_by_agent(scenario) == ()
    assert_same(scenario)
    assert_same(with_plugin(tmp_path, HOOK, size=15, weeks=3, interventions=[WALK]), number=3)
    monkeypatch.setattr(sim.model, "Classroom", None)  # the compiled runner is enough
    both = twins(scenario)
    assert differences(both.without, both.with_)
    assert_many_as_simulated(scenario, range(10), Keep(EVERYTHING, (0, 7, 30)))


def test_what_is_not_compiled_runs_agent_by_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = with_plugin(tmp_path, ACT, weeks=4)
    assert not REGISTRY["walk"].is_compiled()
    assert agent_by_agent(scenario) == ("walk",)
    assert_same(scenario)
    assert_many_as_simulated(scenario, (5, 0), Keep(EVERYTHING, (0, 7, 20)))
    plain = scenario.model_copy(update={"interventions": ()})
    compiled = simulate(plain)
    steps: list[int] = []
    day = Classroom.step
    monkeypatch.setattr(Classroom, "step", lambda classroom: (steps.append(classroom.day), day(classroom)))
    with_it = simulate(scenario)
    assert len(steps) == scenario.calendar().days
    many(scenario, (0, 1), Keep(("conflict",), (20,)))
    assert len(steps) == 3 * scenario.calendar().days
    assert (
        differences(simulate(plain), compiled) == differences(simulate(scenario, interventions=False), compiled) == {}
    )
    assert len(steps) == 3 * scenario.calendar().days, "without it the class is compiled"
    assert differences(with_it, compiled)


def test_a_hook_and_a_method_that_say_the_same_do_the_same(tmp_path: Path) -> None:
    by_hook = simulate(with_plugin(tmp_path, HOOK))
    by_method = simulate(with_plugin(tmp_path, ACT))
    assert differences(by_hook, by_method) == {}
    assert by_hook.chosen == by_method.chosen


def test_networks_are_the_same_in_both_runners(tmp_path: Path) -> None:
    keep = Keep(("share_rejected", "conflict", "network_turnover", "network_density"), (14, 0, 30))
    compiled = many(with_plugin(tmp_path, HOOK), range(3), keep)
    scenario = with_plugin(tmp_path, ACT)
    assert agent_by_agent(scenario) == ("walk",)
    assert like(many(scenario, range(3), keep), compiled)
    assert np.isfinite(compiled.classes).all()
    assert_many_as_simulated(scenario, range(3), keep)


@pytest.mark.parametrize("moment", ["initialize", "apply", "act", "finalize"])
def test_an_intervention_with_a_moment_of_its_own_is_not_compiled(moment: str) -> None:
    """The compiled runner would not call it."""
    kind = REGISTRY["samen-spel"]
    assert kind.is_compiled()
    own = type("Own", (kind,), {moment: lambda *_: None})
    assert not own.is_compiled()


# --- Agents ------------------------------------------------------------------------------------------


def test_agents_are_views_of_the_records() -> None:
    classroom = Classroom(small(weeks=1))
    child = classroom.children[2]
    child.conflict = 0.75
    assert classroom.state.children["conflict"][2] == 0.75
    classroom.state.teacher["stress"] = 0.25
    assert classroom.teacher.stress == 0.25


def test_the_data_collector_has_every_evening() -> None:
    classroom = Classroom(small(size=4, weeks=2))
    classroom.run_model()
    table = classroom.datacollector.get_agenttype_vars_dataframe(Child)
    assert len(table) == 4 * classroom.calendar.days
    assert list(table["conflict"].to_numpy()[-4:]) == list(classroom.result().children["conflict"][-1])


# --- Mesa's idioms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["seed", "rng"])
def test_mesa_s_seed_is_the_seed_of_the_luck(option: str) -> None:
    classroom = Classroom(small(weeks=1), **{option: 7})
    assert classroom.class_scenario.seed == 7
    classroom.run_model()
    assert differences(classroom.result(), simulate(small(weeks=1, seed=7))) == {}


def test_a_batch_over_seeds_has_other_luck_in_every_run() -> None:
    parameters = {"scenario": [small(weeks=1)], "rng": [1, 2, 3], "interventions": [False]}
    runs = mesa.batch_run(Classroom, parameters, max_steps=3, display_progress=False)
    assert len({run["problem_behaviour"] for run in runs if run["Step"] == runs[-1]["Step"]}) == 3


def test_a_generator_gives_a_seed_and_the_same_one_gives_the_same() -> None:
    one, same, other = (Classroom(small(), rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.class_scenario.seed == same.class_scenario.seed != other.class_scenario.seed
    assert Classroom(small(), rng=np.random.SeedSequence(5)).class_scenario.seed > 0


def test_a_bad_seed_is_refused_as_in_a_scenario() -> None:
    with pytest.raises(ScenarioError, match="seed"):
        Classroom(small(), seed=-1)
    with pytest.raises(ValueError, match="seed, rng: found both; allowed is one of them"):
        Classroom(small(), seed=1, rng=1)


def test_nothing_happens_after_the_last_day() -> None:
    classroom = Classroom(small(weeks=1))
    classroom.run_model()
    before = classroom.result()
    classroom.step()
    assert not classroom.running and classroom.day == 5
    assert differences(classroom.result(), before) == {}


def test_a_class_that_was_run_agent_by_agent_is_forgotten() -> None:
    class Silent(Intervention):
        name, title, whole_class = "silent", "Silent", True

        def act(self, state: ClassState, child: int, course_day: int) -> None:
            """Nothing, and not compiled."""

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(REGISTRY, "silent", Silent)
        assert len(sim.run.simulate(small(weeks=1, interventions=[{"name": "silent"}])).contacts)
    gc.collect()
    left = [one for one in gc.get_objects() if issubclass(type(one), Classroom)]
    assert not [one for one in left if [choice.name for choice in one.class_scenario.interventions] == ["silent"]]
