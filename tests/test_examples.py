"""What the examples show, and in how many pairs, as it was written down: scenarios, stories and pages agree with it.

Whether the model still gives it is asked by ``test_example_runs.py``.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from scripts.choose_examples import (
    BESIDE,
    FACTS,
    PAIRS,
    POINTS,
    block_written,
    not_as_ruled,
    shows,
    typical,
    with_number,
)
from sim.dashboard.stories import stories
from sim.scenario import load, shipped
from sim.year.pairs import unlike

WRITTEN: dict[str, Any] = json.loads(FACTS.read_text("utf-8"))
EXAMPLES = WRITTEN["examples"]
each = pytest.mark.parametrize("name", POINTS)


def test_every_shipped_scenario_has_a_point_or_stands_beside_one() -> None:
    assert sorted([*POINTS, *BESIDE]) == sorted(shipped())
    assert list(EXAMPLES) == list(POINTS)
    assert {point.against for point in POINTS.values()} - {None} <= set(BESIDE)


@each
def test_what_was_measured_is_the_point_of_today(name: str) -> None:
    told = {key: EXAMPLES[name][key] for key in vars(POINTS[name])}
    assert told == vars(POINTS[name])
    assert EXAMPLES[name]["pairs"] == PAIRS == 200


@each
def test_the_pair_that_is_shown_is_the_typical_one(name: str) -> None:
    told = EXAMPLES[name]
    assert load(name).number == told["shown"]["number"] == told["typical"]["number"] == told["candidates"][0][0]
    assert told["lower"] <= told["shown"]["difference"] <= told["upper"]
    if told["against"]:
        assert load(told["against"]).number == told["shown"]["number"]
        assert unlike(load(told["against"]), load(name)) == ()


@each
def test_a_point_shows_in_most_pairs_or_its_text_says_so(name: str) -> None:
    told = EXAMPLES[name]
    share = told["shows"] / told["pairs"]
    if told["whose"] == "class" and share <= 0.5:  # a little for everyone: the page says so, and so does the scenario
        assert told["direction"] > 0.9 * told["pairs"]
        assert "a little for" in load(name).about
    elif told["wanted"] == "some":
        assert 0 < told["shows"] < told["pairs"]
    else:
        assert share > 0.5


def test_a_bad_week_shows_two_autumns_of_which_one_has_a_spiral() -> None:
    (trial,) = (one for one in stories()["one-bad-week"].trials if one.set.startswith("number="))
    assert trial.set == f"number={EXAMPLES['one-bad-week']['other'][0]}"
    assert trial.set != f"number={load('one-bad-week').number}"


@pytest.mark.parametrize("story", stories().values(), ids=lambda story: story.scenario)
def test_a_story_says_what_was_measured(story: Any) -> None:
    point, told = POINTS[story.scenario], EXAMPLES[story.scenario]["story"]
    assert (story.measure, story.week, story.against) == (point.measure, point.week, point.against)
    assert story.classes == PAIRS
    figures = {"": story, **{figure.name: figure for figure in story.figures}}
    assert list(told) == list(figures)
    for name, figure in figures.items():
        assert [figure.average, figure.share] == pytest.approx(told[name], abs=0.0051)
        for text in (story.explanation, story.explanation_nl):
            assert f"{{{name}{'_' if name else ''}share}}" in text


def test_teachers_and_children_are_those_of_their_rules() -> None:
    assert not_as_ruled(WRITTEN["kinds"]) == []


def test_no_programme_alone_helps_the_child_whom_none_helps() -> None:
    (child, helped), *others = WRITTEN["kinds"]["without help"]["candidates"]
    assert child == load("worn-out-teacher").follow
    assert max(helped.values()) <= 0.25, "as the story says"
    assert all(max(one.values()) > max(helped.values()) for _, one in others)


def test_of_the_pairs_near_to_the_median_the_most_usual_year_comes_first() -> None:
    differences = np.arange(20.0)
    courses = np.zeros((20, 2, 3, 1))
    assert typical(differences, courses) == [9, 10]
    courses[9, 1, 2] = 1.0
    assert typical(differences, courses) == [10, 9]
    assert typical(differences[:0], courses[:0]) == []
    assert len(typical(np.zeros(20), courses)) == 20, "all of them are as near"


def test_what_counts_as_shown() -> None:
    differences = np.array([-0.3, -0.2, 0.0, 0.25])
    expected = {
        "less": [True, False, False, False],
        "more": [False, False, False, True],
        "some": [False, False, False, True],
        "same": [False, True, True, False],
    }
    for wanted, seen in expected.items():
        assert shows(differences, "conflict", wanted).tolist() == seen  # type: ignore[arg-type]
    assert shows(differences, "conflict", "less", differences + 0.1).tolist() == [True, False, False, False]
    assert not shows(differences, "conflict", "less", differences).any(), "it has to have grown"


def test_numbers_are_written_once() -> None:
    text = 'title = "A"\nseed = 3\n\n[class]\nsize = 24\n'
    once = with_number(text, 7)
    assert once.splitlines()[2].startswith("number = 7")
    assert with_number(once, 7) == once
    assert with_number(once, 8).count("number = ") == 1


def test_a_block_of_a_story_is_written_anew() -> None:
    told = {"pairs": 200, "other": [22], "story": {"": [-0.004, 0.9], "june": [0.516, 0.25]}}
    block = '[[story]]\nscenario = "one"\nclasses = 100\naverage = 0.30\nshare = 0.10\n'
    assert block_written(block, told).splitlines()[2:] == ["classes = 200", "average = 0.00", "share = 0.90"]
    block = '[[story.figure]]\nname = "june"\naverage = 0.30\nshare = 0.10\n'
    assert block_written(block, told).splitlines()[2:] == ["average = 0.52", "share = 0.25"]
    assert block_written('[[story.try]]\nset = "number=0"\n', told) == '[[story.try]]\nset = "number=22"\n'
