"""One set of equations, two runners: agent by agent and compiled give the same numbers, bit for bit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import chosen_for, differences, parameter_values, simulate, small

from sim.agents import Child
from sim.interventions import REGISTRY
from sim.model import Classroom
from sim.record import Record
from sim.scenario import Scenario, load, shipped


def by_agents(scenario: Scenario, **options: object) -> Record:
    """The record of the agent-by-agent model."""
    classroom = Classroom(scenario, **options)  # type: ignore[arg-type]
    classroom.run_model()
    return classroom.result()


def assert_same(scenario: Scenario, **options: object) -> None:
    """Both runners agree in every bit of every part of the record."""
    compiled = simulate(scenario, **options)  # type: ignore[arg-type]
    assert len(compiled.contacts)
    assert differences(compiled, by_agents(scenario, **options)) == {}


@pytest.mark.parametrize("size", [2, 3, 12, 30])
@pytest.mark.parametrize("seed", [0, 1, 2**53 - 1])
def test_sizes_and_seeds(size: int, seed: int) -> None:
    assert_same(small(size=size, weeks=2, seed=seed))


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_interventions(name: str) -> None:
    dose = 1.0 if REGISTRY[name].sessions_per_week is None else 1.5
    choice = chosen_for(name, start_week=2, fidelity=0.8, dose=dose)
    scenario = small(size=8, weeks=10, interventions=[choice])
    assert differences(simulate(scenario), simulate(scenario, interventions=False))
    assert_same(scenario)


def test_all_interventions_together() -> None:
    choices = [chosen_for(name, start_week=1 + number) for number, name in enumerate(sorted(REGISTRY))]
    assert_same(small(size=6, weeks=14, interventions=choices))
    assert_same(small(size=6, weeks=3, interventions=choices[:2]), interventions=False)


def test_a_whole_year_with_its_holidays() -> None:
    scenario = Scenario.model_validate({"class": {"size": 5}, "interventions": [chosen_for("samen-spel")]})
    assert scenario.weeks == 36
    assert_same(scenario)


@pytest.mark.parametrize("days_per_week", [1, 2, 4])
def test_short_weeks(days_per_week: int) -> None:
    assert_same(small(weeks=4, days_per_week=days_per_week, holidays=[{"after_week": 2, "weeks": 2}]))


def test_other_classes_of_the_same_seed() -> None:
    assert_same(small(weeks=2), number=41)


@given(
    parameter_values(),
    st.integers(2, 6),
    st.integers(0, 2**53 - 1),
    st.lists(st.sampled_from(sorted(REGISTRY)), unique=True, max_size=2),
)
@settings(max_examples=40)
def test_any_parameters(parameters: dict[str, float], size: int, seed: int, names: list[str]) -> None:
    scenario = small(
        size=size, weeks=2, seed=seed, parameters=parameters, interventions=[chosen_for(name) for name in names]
    )
    assert differences(simulate(scenario), by_agents(scenario)) == {}


@pytest.mark.parametrize("name", sorted(shipped()))
def test_shipped_scenarios(name: str) -> None:
    scenario = load(name)
    short = scenario.model_copy(
        update={
            "weeks": 3,
            "interventions": tuple(
                choice.model_copy(update={"start_week": min(choice.start_week, 2)}) for choice in scenario.interventions
            ),
        }
    )
    assert_same(short)


def test_days_done_one_by_one_are_the_same_days() -> None:
    scenario = small(weeks=2)
    classroom = Classroom(scenario)
    for _ in range(scenario.calendar().days):
        assert classroom.running
        classroom.step()
    assert not classroom.running
    classroom.run_model()
    assert differences(simulate(scenario), classroom.result()) == {}


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
