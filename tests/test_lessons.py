"""Lessons: a file is read strictly or not at all, and those that come with the program hold what was measured."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from typing import Any

import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from sim.dashboard.answers.lesson import answer
from sim.dashboard.choices import Choices, pair_of
from sim.dashboard.desk import Question, Refused
from sim.dashboard.lesson import (
    LESSONS,
    LIMITS,
    LessonError,
    as_file,
    in_language,
    lessons,
    read_lesson,
    sources,
    validated,
)
from sim.dashboard.picture import Shelf
from sim.dashboard.stories import stories
from sim.files.language import LANGUAGES, use
from sim.files.reading import Upload

STEP = {"heading": "The question", "link": "scenario=llinc&mode=present", "minutes": 3}
LESSON = {"version": 1, "title": "Two talks", "goals": ["See a spiral."], "step": [STEP]}
SHOWN = ("title", "goals", "heading", "note", "task", "answer")

each = pytest.mark.parametrize("name", list(lessons()))


def asked(language: str = "en", **details: Any) -> dict[str, Any]:
    """What the browser is answered."""
    choices = Choices.model_validate({"language": language})
    question = Question(pair_of(choices), choices, 0, Shelf(years=1, pictures=1), details, lambda _: None)
    with use(choices.language):
        (item,) = answer(question)
    return json.loads(json.dumps(item))


def refused(data: object) -> list[str]:
    """What is wrong with a lesson."""
    with pytest.raises(LessonError) as caught:
        validated(data)
    return caught.value.lines


def test_a_lesson_that_is_saved_is_the_same_when_it_is_opened() -> None:
    text = 'It says "no"\\.\n\nThen \'\'\' and """ – één.\ttab'
    lesson = validated({**LESSON, "step": [{**STEP, "note": text, "task": text, "answer": "<b>x</b>"}, STEP]})
    assert read_lesson(Upload("x.toml", as_file(lesson).encode())) == lesson
    assert lesson.steps[0].note == text
    item = asked(check={**LESSON, "step": [{**STEP, "note": text}]})
    again = asked(open={"name": "x.toml", "content": base64.b64encode(item["content"].encode()).decode()})
    assert again["lesson"] == item["lesson"]
    assert again["lesson"]["steps"][0]["note"] == text


def test_links_are_read_like_any_link_and_keep_no_token() -> None:
    link = "?v=1&language=nl&scenario=llinc&strain=0.50&view=map&token=secret&unknown=1"
    (step,) = validated({**LESSON, "step": [{**STEP, "link": link}]}).steps
    assert step.link == "v=1&scenario=llinc&strain=0.5&view=map"
    (step,) = validated({**LESSON, "step": [{**STEP, "link": "view=map"}]}).steps
    assert "scenario=irritated-teacher" in step.link, "also where another scenario is the first one"


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ({"link": "scenario=own"}, "step 1, link: found “scenario=own”"),
        ({"link": "scenario=nowhere&strain=7"}, "step 1, link: found “scenario=nowhere&strain=7”"),
        ({"link": "v=2"}, "step 1, link: found “v=2”"),
        ({"minutes": 2.5}, "step 1, minutes: found “2.5”; allowed: a whole number from 1 to 240"),
        ({"minutes": True}, "step 1, minutes: found “True”"),
        ({"minutes": "3"}, "step 1, minutes: found “3”"),
        ({"minutes": 0}, "step 1, minutes: found “0”"),
        ({"heading": " "}, "step 1, heading: found “ ”; allowed: a text of 1 to 120 letters"),
        ({"note": "x" * 1501}, "step 1, note: found a text of 1501 letters; allowed: a text of at most 1500 letters"),
        ({"note": ["x"]}, "step 1, note: found a list of 1; allowed: a text"),
        ({"remark": "x"}, "step 1, remark: unknown key; allowed: heading, "),
        ({"\x1b[2J": "x"}, "step 1, �[2J: unknown key"),
    ],
)
def test_what_is_wrong_with_a_step_is_named(step: dict[str, Any], line: str) -> None:
    (found,) = refused({**LESSON, "step": [{**STEP, **step}]})
    assert found.startswith(line)


def test_what_is_wrong_with_a_lesson_is_named() -> None:
    assert refused({}) == [
        "version: is missing; allowed: 1",
        "title: is missing; allowed: a text of 1 to 120 letters",
        "step: is missing; allowed: 1 to 40 steps, each below a line [[step]]",
    ]
    assert refused({**LESSON, "version": 2}) == ["version: found “2”; allowed: 1"]
    assert refused({**LESSON, "version": True}) == ["version: found “True”; allowed: 1"]
    assert refused({**LESSON, "step": []}) == [
        "step: found a list of 0; allowed: 1 to 40 steps, each below a line [[step]]"
    ]
    assert refused({**LESSON, "step": [STEP] * 41})[0].startswith("step: found a list of 41; ")
    assert refused({**LESSON, "goals": ["a"] * 11})[0].startswith(
        "goals: found a list of 11; allowed: a list of at most"
    )
    assert refused({**LESSON, "step": [STEP, 5]})[0].startswith("step 2: found “5”; ")
    assert refused("x") == ["the lesson: found “x”; allowed: keys with values: version, title, goals and step"]
    assert refused({**LESSON, "version": 10**5000}) == ["version: found a very long number; allowed: 1"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"title = ", "mine.toml: found "),
        (b"\xff\xfe", "mine.toml: found something other than text"),
        (b"a = " + b"[" * 5000, "mine.toml: found more than 16 brackets within each other"),
        (b"#" * 1_000_001, "mine.toml: found a file of more than 1 MB"),
        (b"version = 1\ntitle = 'x'", "mine.toml: step: is missing"),
    ],
)
def test_a_damaged_file_is_refused_by_its_name(content: bytes, line: str) -> None:
    sent = {"name": "mine.toml", "content": base64.b64encode(content).decode()}
    (found,) = asked(open=sent)["problems"]
    assert found.startswith(line)
    (dutch,) = asked("nl", open=sent)["problems"]
    assert dutch.startswith("mine.toml: ")
    assert "found" not in dutch.removeprefix("mine.toml: ").split("(")[0].replace("gevonden", "")


@pytest.mark.parametrize(
    "details", [{}, {"open": "x"}, {"open": {"name": "x", "content": "no base64"}}, {"shipped": ["x"]}]
)
def test_what_did_not_arrive_is_refused(details: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        asked(**details)


# --- Lessons that come with the program ------------------------------------------------------------------


def test_two_lessons_come_with_the_program() -> None:
    assert [one.minutes for one in lessons().values()] == [20, 45]
    links = [[step.link for step in one.steps] for one in lessons().values()]
    assert "&step=vote" in "".join(links[0])
    assert any("scenario=worn-out-teacher" in link for link in links[1])
    assert len({re.search("scenario=([a-z-]+)", link)[1] for link in links[1]}) >= 3  # type: ignore[index]


@each
def test_every_number_in_them_was_measured(name: str) -> None:
    raw = tomllib.loads((LESSONS / f"{name}.toml").read_text(encoding="utf-8"))
    written = [raw["title"], raw["title_nl"], *raw["goals"], *raw["goals_nl"]]
    written += [text for step in raw["step"] for key, text in step.items() if key.removesuffix("_nl") in SHOWN]
    for text in written:
        assert not re.search(r"\d", re.sub(r"\{[\w.-]+\}", "", text)), text
    measured = {(place[1], place[2]) for text in written for place in re.finditer(r"\{([\w-]+)\.(\w+)\}", text)}
    assert len(measured) >= 4
    for language in LANGUAGES:
        told = json.dumps(in_language(lessons()[name], language).told(language), ensure_ascii=False)
        assert not re.search(r"\{[\w-]", told)
        for story, figure in measured:
            assert stories()[story].measured(language)[figure] in told


@each
def test_they_are_told_in_both_languages(name: str) -> None:
    lesson = lessons()[name]
    english, dutch = (in_language(lesson, language).told(language) for language in LANGUAGES)
    assert english["title"] != dutch["title"]
    assert len(english["goals"]) == len(dutch["goals"]) >= 3
    for one, other in zip(english["steps"], dutch["steps"], strict=True):
        assert one["link"] == other["link"]
        for key in ("heading", "note", "task", "answer"):
            assert bool(one[key]) == bool(other[key])
            assert not one[key] or one[key] != other[key]
        assert bool(one["task"]) == bool(one["answer"])
    assert sum(bool(step["task"]) for step in english["steps"]) >= 4
    assert all(step["note"] for step in english["steps"])
    assert asked("nl", shipped=name)["lesson"] == json.loads(json.dumps(dutch))


@each
def test_they_tell_where_their_facts_come_from(name: str) -> None:
    lesson = lessons()[name]
    told = [one["source"] for one in sources(lesson, "nl")]
    assert told == list(
        dict.fromkeys(stories()[re.search("scenario=([a-z-]+)", step.link)[1]].source for step in lesson.steps)
    )  # type: ignore[index]
    assert LIMITS["steps"] >= len(lesson.steps)
