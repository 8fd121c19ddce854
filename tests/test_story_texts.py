"""Guided stories: what they say is true of their runs, and of the evidence table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from sim.dashboard.answers.loop import answer
from sim.dashboard.choices import Choices, Pair, followed, guide_of, pair_of
from sim.dashboard.desk import Question, Refused
from sim.dashboard.picture import Shelf
from sim.dashboard.stories import Story, stories
from sim.files.language import LANGUAGES, use
from sim.population import draw_class
from sim.scenario import Scenario, shipped
from sim.state import CHILD_DTYPE
from sim.year.pairs import unlike
from sim.year.profile import DIMENSIONS

ROOT = Path(__file__).parents[1]
EVIDENCE = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
STUDIES = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "experiments").glob("*.py"))
STORIES = list(stories().values())

each = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.scenario)


def pair(story: Story, **more: Any) -> tuple[Scenario, Scenario, int]:
    """The two classes of a story, and the child."""
    choices = Choices(scenario=story.scenario, **more)
    left, right = pair_of(choices)
    child = followed(choices)
    assert right is not None
    assert child is not None
    return left, right, child


def test_there_are_eight_stories() -> None:
    assert len(STORIES) >= 8
    assert {story.scenario for story in STORIES} <= set(shipped())
    assert {story.against for story in STORIES} - {None} <= set(shipped())


@each
def test_both_classes_of_a_story_have_the_same_luck(story: Story) -> None:
    left, right, _ = pair(story)
    assert unlike(left, right) == ()
    assert left.number == right.number


@each
def test_a_story_is_told_in_both_languages(story: Story) -> None:
    told = {language: story.told(language) for language in LANGUAGES}
    for name in ("question", "explanation", "with_", "without"):
        assert told["en"][name] != told["nl"][name] or name in ("with_", "without")
        assert not re.search(r"\{\w*\}", told["nl"][name])
    assert told["nl"]["with_"] == story.with_nl
    for language, one in told.items():
        assert 40 < len(one["why"]) <= 170, "a room reads it from the back"
        assert not re.search(r"\d", one["why"]), "numbers are those of the explanation"
        assert one["why"] != told["en" if language == "nl" else "nl"]["why"]
    assert json.dumps(told)
    assert len(story.question) <= 185, "it stands in a narrow panel"
    assert (
        story.week is None
        or all(f"{story.week}" in told[language]["question"] for language in LANGUAGES)
        or (
            story.scenario == "one-bad-week"  # which names the autumn break
        )
    )


@each
def test_sources_stand_in_the_evidence_table(story: Story) -> None:
    rows = {row: [line for line in EVIDENCE.splitlines() if line.startswith(f"| {row} |")] for row in story.evidence}
    assert all(rows.values())
    cited = "\n".join(line for lines in rows.values() for line in lines)
    for author, year in re.findall(r"(\w+)[^;]*? (\d{4})", story.source):
        assert re.search(rf"{author}.*{year}", cited), author
    for journal in re.findall(r"\d+:\d+", story.source):
        assert journal in EVIDENCE + STUDIES


@each
def test_trials_are_choices_that_change_the_class(story: Story) -> None:
    assert 2 <= len(story.trials) <= 3
    as_it_was = pair(story)
    guide = guide_of(Choices(scenario=story.scenario))
    assert guide is not None
    for trial, offered in zip(story.trials, guide["trials"], strict=True):
        choices, wrong = Choices.from_link(trial.set, "en")
        assert not wrong
        told = offered["choices"]
        assert set(told) == {part.split("=")[0] for part in trial.set.split("&")}
        assert pair(story, **told) != as_it_was
        assert choices.scenario is None


def test_the_child_is_the_same_in_a_calm_and_in_a_busy_class() -> None:
    """In all but its place among classmates, which are others, and what follows from that."""
    left, right, child = pair(stories()["restless-class"])
    rows = [scenario.classroom.rows()[child] for scenario in (left, right)]
    assert rows[0] == rows[1]
    assert [row.name for row in left.classroom.rows()] == [row.name for row in right.classroom.rows()]
    calm, busy = draw_class(left), draw_class(right)
    same = [name for name in CHILD_DTYPE.names or () if name not in ("self_social", "engagement")]
    for name in same:
        assert calm.children[name][child] == busy.children[name][child], name
    assert (calm.teacher == busy.teacher).all()
    assert (left.seed, left.number) == (right.seed, right.number)
    assert busy.children["aggression"].mean() > 2.0 * calm.children["aggression"].mean()


def test_only_closeness_is_another_on_the_list_of_the_insecure_child() -> None:
    left, right, child = pair(stories()["closeness-protects"])
    rows = [vars(scenario.classroom.rows()[child]) for scenario in (left, right)]
    assert {name for name in rows[0] if rows[0][name] != rows[1][name]} == {"closeness"}
    assert left.classroom.rows()[:child] == right.classroom.rows()[:child]


def asked(story: str, **details: Any) -> Iterator[Mapping[str, Any]]:
    """Ask what drove what in a story."""
    choices = Choices(scenario=story)
    classes = pair_of(choices)
    child = followed(choices)
    assert child is not None
    return answer(Question(Pair(*classes), choices, child, Shelf(), details, lambda _: None))


def test_the_answer_has_all_weeks_and_can_be_sent() -> None:
    (item,) = asked("one-bad-week", arm="with")
    assert json.loads(json.dumps(item)) == item
    assert item["profiles"] == []
    assert all(len(values) == 37 for values in item["nodes"].values())
    assert all(len(values) == 37 for states in item["links"].values() for values in states.values())


def test_the_profile_is_drawn_up_before_and_after() -> None:
    with use("nl"):
        (item,) = asked("llinc", arm="without")
    assert [(one["week"], one["arm"]) for one in item["profiles"]] == [
        (5, "with"),
        (13, "with"),
        (36, "with"),
        (36, "without"),
    ]
    before, after, *_ = item["profiles"]
    assert [one["name"] for one in before["scores"]] == [dimension.name for dimension in DIMENSIONS]
    perspective = [
        {one["name"]: one["score"] for one in profile["scores"]}["perspective_taking"] for profile in (before, after)
    ]
    assert perspective[1] > perspective[0], "as the story says"
    assert "machteloos" in before["words"]


@pytest.mark.parametrize("arm", [None, "both", 3, ["with"]])
def test_another_class_is_refused(arm: object) -> None:
    with pytest.raises(Refused):
        next(asked("llinc", arm=arm))
