"""A heat map of two factors: its cells are what the page shows, and whatever is asked cannot harm."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from babel.messages.pofile import read_po

import sim.dashboard.choices
from sim.dashboard.answers.heat import answer, coarse_to_fine
from sim.dashboard.choices import OWN, TEACHER, Choices, pair_of
from sim.dashboard.desk import Question, Refused
from sim.dashboard.factors import OUTCOMES, factors, standing
from sim.dashboard.picture import Shelf
from sim.files.classlist import ChildRow, ClassList
from sim.files.language import catalogue
from sim.parameters import PARAMETERS
from sim.run import simulate
from sim.scenario import InterventionChoice, Scenario, load
from sim.year.in_worlds import evenly

STRAIN, SUPPORT, SEEK, SIZE = "teacher.strain", "teacher.emotional_support", "parameters.seek_rate", "class.size"
SHELF = Shelf()


def asked(
    choices: Choices | None = None,
    roster: ClassList | None = None,
    shelf: Shelf = SHELF,
    child: int = 2,
    **details: Any,
) -> Question:
    """A question about a map of the fewest cells."""
    choices = choices or Choices()
    details = {"x": STRAIN, "y": SUPPORT, "cells": 5, **details}
    return Question(pair_of(choices, roster), choices, child, shelf, details, lambda _roster: None)


def last(question: Question) -> Any:
    """The finished map."""
    return list(answer(question))[-1]


def opened(choices: Choices, values: dict[str, float]) -> Choices:
    """Choices after a click on a cell, as `vary` of the page makes them."""
    own = {
        key.removeprefix("teacher."): value for key, value in values.items() if key.removeprefix("teacher.") in TEACHER
    }
    others = {key: value for key, value in values.items() if key.removeprefix("teacher.") not in TEACHER}
    data = {**choices.model_dump(), **own, "factors": [*choices.factors, *others.items()]}
    return Choices.from_link(Choices.model_validate(data).link()[1:], "en")[0]


OWN_CLASS = ClassList(tuple(ChildRow(name=f"Child {number}", aggression=1.0 + number / 4) for number in range(12)))


@pytest.mark.parametrize(
    ("choices", "roster", "x"),
    [
        (Choices(), None, STRAIN),
        (
            Choices(scenario="low-support", aggression=((2, 4.5),), factors=(("parameters.conflict_gain", 0.2),)),
            None,
            SEEK,
        ),
        (Choices(scenario="banking-time", seed=5, interventions=(("llinc", 2), ("llinc", 19))), None, SIZE),
        (Choices(scenario=OWN, aggression=((3, 5.0),), interventions=(("samen-spel", 2),)), OWN_CLASS, SEEK),
    ],
)
def test_a_cell_is_what_the_page_shows_when_it_is_opened(choices: Choices, roster: ClassList | None, x: str) -> None:
    found = last(asked(choices, roster, Shelf(), x=x))
    assert found["finished"] == len(found["figures"]) == 25
    for column, row in ((0, 0), (4, 3)):
        figures = found["figures"][row * 5 + column]
        values = {x: found["x"][column], SUPPORT: found["y"][row]}
        for number, scenario in enumerate(pair_of(opened(choices, values), roster)):
            of_arm = figures[6 * number : 6 * number + 6]
            if scenario is None:
                assert of_arm == [None] * 6
                continue
            states = simulate(scenario).children[-1]
            assert of_arm[:3] == [1.0 + 4.0 * states[name][2] for name in OUTCOMES]
            assert of_arm[3:] == pytest.approx([1.0 + 4.0 * states[name].mean() for name in OUTCOMES])


def test_several_classes_are_averaged() -> None:
    figures = last(asked(Choices(scenario="low-support"), classes=3, x_from=0.5))["figures"][0]
    scenario = pair_of(Choices(scenario="low-support", strain=0.5, emotional_support=0.0)).without
    numbers = range(scenario.number, scenario.number + 3)
    of_child = [1.0 + 4.0 * simulate(scenario, number=number).children[-1]["conflict"][2] for number in numbers]
    assert figures[0] == pytest.approx(np.mean(of_child))
    assert np.std(of_child) > 0, "each has luck of its own"


def test_a_map_of_what_is_known_is_the_mean_over_plausible_worlds() -> None:
    choices = Choices(scenario="low-support")
    figures = last(asked(choices, classes=4, vary="worlds", x_from=0.5))["figures"][0]
    scenario = pair_of(Choices(scenario="low-support", strain=0.5, emotional_support=0.0)).without
    worlds = evenly(4)
    assert worlds[0] == 0 and len(set(worlds)) == 4
    of_child = [1.0 + 4.0 * simulate(scenario.changed(world=world)).children[-1]["conflict"][2] for world in worlds]
    assert figures[0] == pytest.approx(np.mean(of_child))
    assert np.std(of_child) > 0
    one = last(asked(choices, classes=1, vary="worlds", x_from=0.5))["figures"][0]
    assert one == last(asked(choices, classes=1, x_from=0.5))["figures"][0], "the first has the values in use"


def test_who_is_not_in_a_class_has_no_figures_there() -> None:
    found = last(asked(Choices(scenario="ordinary-class"), child=20, x=SIZE))
    assert found["x"] == [10, 18, 25, 32, 40]
    without = [figures[:6] for figures in found["figures"][:5]]
    assert [figures[0] is None for figures in without] == [True, True, False, False, False]
    assert all(figures[3] is not None for figures in without)


def test_a_class_in_which_a_child_is_named_has_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken_of = InterventionChoice(name="llinc", target=load("ordinary-class").classroom.rows()[20].name)
    one = load("ordinary-class").model_copy(update={"interventions": (spoken_of,)})
    monkeypatch.setattr(sim.dashboard.choices, "scenarios", lambda: {"one": one})
    with pytest.raises(Refused, match="cannot be varied"):
        last(asked(x=SIZE, shelf=Shelf()))
    smallest = Choices(factors=((SIZE, 10.0),))
    assert pair_of(smallest) == pair_of(Choices())


def test_a_map_fills_in_evenly_and_is_kept() -> None:
    question = asked(Choices(scenario="busy-class"), shelf=Shelf(), cells=7)
    items = answer(question)
    finished = [next(items)["finished"] for _ in range(3)]
    del items  # the visitor presses Stop
    assert finished[0] == 0 < finished[1] < finished[2] < 49
    first, *others = answer(question)
    assert first["finished"] == finished[2], "what is known is not computed again"
    assert others[-1]["finished"] == 49
    assert len(others) > 1
    assert next(answer(question))["finished"] == 49
    assert next(answer(asked(Choices(scenario="busy-class", seed=9), shelf=question.shelf, cells=7)))["finished"] == 0
    assert next(answer(asked(Choices(scenario="busy-class"), shelf=Shelf(), cells=7)))["finished"] == 0


@pytest.mark.parametrize("rows", [5, 8, 15])
def test_cells_come_from_coarse_to_fine(rows: int) -> None:
    order = coarse_to_fine(9, rows)
    assert sorted(order) == sorted(product(range(9), range(rows)))
    assert set(order[:4]) == set(product((0, 8), (0, rows - 1)))
    assert set(order[:9]) == set(product((0, 4, 8), (0, (rows - 1) // 2, rows - 1)))


@pytest.mark.parametrize(
    "details",
    [
        {"x": None},
        {"x": "teacher.shoe_size"},
        {"x": "__class__"},
        {"x": SUPPORT},
        {"x": SIZE},
        {"cells": 4},
        {"cells": 16},
        {"cells": "many"},
        {"classes": 9},
        {"vary": "seeds"},
        {"x_from": -0.1},
        {"x_to": 1.1},
        {"x_from": 0.5, "x_to": 0.5},
        {"x_from": 0.8, "x_to": 0.2},
        {"x_from": float("nan")},
        {"x_from": float("inf")},
    ],
)
def test_what_is_not_allowed_is_refused(details: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        next(answer(asked(**details)))


def test_every_parameter_is_a_factor_with_a_slider_and_a_dutch_name() -> None:
    assert factors().keys() >= {f"parameters.{name}" for name in PARAMETERS}
    with catalogue("nl").open("rb") as file:
        known = {message.id for message in read_po(file, locale="nl")}
    for factor in factors().values():
        assert factor.low < factor.high
        assert 20 <= (factor.high - factor.low) / factor.step <= 1000
        assert {factor.label, factor.group, factor.unit} - {""} <= known


def test_what_stands_in_a_scenario_is_known() -> None:
    drawn = standing(Scenario.model_validate({"class": {"size": 20}, "parameters": {"seek_rate": 2.0}}))
    assert drawn == {"class.size": 20, "class.problem_behaviour": 0.0, "parameters.seek_rate": 2.0}
    listed = standing(load("irritated-teacher"))
    assert SIZE not in listed
    assert listed["teacher.self_efficacy"] == load("irritated-teacher").teacher.self_efficacy
