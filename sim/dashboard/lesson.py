"""Lessons for a room: steps that are a link each, with a note for whoever leads it, a task and its answer.

A lesson is a small TOML file that people keep, change and pass on, so that nothing in it is trusted: it is read
strictly, and its links like any link. Lessons that come with the program are such files, too. There each text has a
Dutch twin, whose key ends in ``_nl``, and places like ``{llinc.share}`` are filled with what was measured for a story
(`sim.dashboard.stories`), so that no number in them is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

import tomli_w
from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from sim.dashboard.choices import OWN, Choices, scenarios
from sim.dashboard.stories import Part, story_of
from sim.files.language import LANGUAGES, Language, _
from sim.files.problems import printable, quoted
from sim.files.reading import ReadingError, Upload, read_toml

__all__ = [
    "LESSONS",
    "LIMITS",
    "Lesson",
    "LessonError",
    "LessonStep",
    "as_file",
    "in_language",
    "lessons",
    "read_lesson",
    "sources",
    "validated",
]

LESSONS: Final = Path(__file__).with_name("lessons")
"""Folder with the lessons that come with the program."""

LIMITS: Final = {"line": 120, "text": 1500, "link": 2000, "steps": 40, "goals": 10, "minutes": 240}
"""Letters of a title or heading, of another text and of a link; steps, goals, and minutes of a step."""

PLACE: Final = re.compile(r"\{([\w-]+)\.(\w+)\}")
"""Where a measured number stands in a lesson of the program: the story, and the name that it has there."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LIMITS["line"])]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LIMITS["text"])]
Goals = Annotated[tuple[Text, ...], Field(max_length=LIMITS["goals"])]


class LinkError(ValueError):
    """A link of which something cannot be used."""


def plain(link: str) -> str:
    """Write a link as lessons have it: as `Choices` read it, without its language and without a token.

    Raises
    ------
    LinkError
        When part of it cannot be used, or it leads to somebody's own class.
    """
    choices, wrong = Choices.from_link(link.strip().removeprefix("?"), LANGUAGES[0])
    if wrong:
        given = {key: values[-1] for key, values in parse_qs(link.strip().removeprefix("?")).items()}
        raise LinkError("&".join(f"{key}={given.get(key, '')}" for key in wrong))
    if choices.scenario == OWN:
        raise LinkError(f"scenario={OWN}")
    if choices.scenario is None:
        choices = choices.model_copy(update={"scenario": next(iter(scenarios()))})
    kept = choices.link().removeprefix("?").split("&")
    return "&".join(part for part in kept if not part.startswith("language="))


class LessonStep(Part):
    """One step.

    Attributes
    ----------
    heading
        What it is called.
    link
        What is on the page: the query of a link (`sim.dashboard.choices`). A guided story that is presented goes on
        through its own steps.
    minutes
        How long it is planned to take.
    note
        For whoever leads the lesson.
    task, answer
        What students write an answer to, and what could be answered.
    """

    heading: Line
    heading_nl: Line | None = None
    link: Annotated[str, StringConstraints(max_length=LIMITS["link"]), AfterValidator(plain)]
    minutes: Annotated[int, Field(strict=True, ge=1, le=LIMITS["minutes"])]
    note: Text = ""
    note_nl: Text | None = None
    task: Text = ""
    task_nl: Text | None = None
    answer: Text = ""
    answer_nl: Text | None = None


class Lesson(Part):
    """A lesson: its title, what students learn in it, and its steps; it takes as long as those do.

    Attributes
    ----------
    version
        Version of such files.
    """

    version: Annotated[int, Field(strict=True, ge=1, le=1)]
    title: Line
    title_nl: Line | None = None
    goals: Goals = ()
    goals_nl: Goals | None = None
    steps: Annotated[tuple[LessonStep, ...], Field(alias="step", min_length=1, max_length=LIMITS["steps"])]

    def told(self, language: Language) -> dict[str, Any]:
        """Give all fields as plain data, texts in a language."""
        return {
            **super().told(language),
            "goals": list(self.goals_nl or self.goals if language == "nl" else self.goals),
            "steps": [step.told(language) for step in self.steps],
        }

    @property
    def minutes(self) -> int:
        """How long it is planned to take."""
        return sum(step.minutes for step in self.steps)


class LessonError(Exception):
    """A lesson that cannot be read.

    Attributes
    ----------
    lines
        What is wrong, a line for each: where, what was found, what is allowed.
    """

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def read_lesson(file: Upload) -> Lesson:
    """Read a lesson from a file.

    Raises
    ------
    LessonError
        When it is no TOML, too large, or no valid lesson.
    """
    name = printable(file.name, end=True)
    try:
        return validated(read_toml(file))
    except ReadingError as error:
        raise LessonError([f"{name}: {error}"]) from None
    except LessonError as error:
        raise LessonError([f"{name}: {line}" for line in error.lines]) from None


def validated(data: object) -> Lesson:
    """Check plain data, from a file or from a browser.

    Raises
    ------
    LessonError
        When it is no valid lesson.
    """
    try:
        return Lesson.model_validate(data)
    except ValidationError as error:
        found = {problem["loc"]: problem for problem in error.errors()}
        within = {place[:end] for place in found for end in range(len(place))}  # said better further in
        raise LessonError([complaint(found[place]) for place in found if place not in within]) from None


def complaint(problem: Mapping[str, Any]) -> str:
    """Word one problem: where it is, what was found, and what is allowed."""
    place: list[str] = []
    for part in problem["loc"]:
        if isinstance(part, int):
            place[-1] = f"{place[-1]} {part + 1}"
        else:
            place.append(printable(part))
    where = ", ".join(place) or _("the lesson")
    key = next((part for part in reversed(problem["loc"]) if isinstance(part, str)), "")
    match problem["type"]:
        case "missing":
            return _("{place}: is missing; allowed: {allowed}").format(place=where, allowed=allowed(key))
        case "extra_forbidden":
            known = LessonStep if len(place) > 1 else Lesson
            names = ", ".join(field.alias or name for name, field in known.model_fields.items())
            return _("{place}: unknown key; allowed: {allowed}").format(place=where, allowed=names)
        case "value_error":
            found = quoted(str(problem["ctx"]["error"]))
            told = _("{place}: found {found}, which cannot be used here; allowed: {allowed}")
            return told.format(place=where, found=found, allowed=allowed(key))
    told = _("{place}: found {found}; allowed: {allowed}")
    return told.format(place=where, found=seen(problem["input"]), allowed=allowed(key))


def seen(found: object) -> str:
    """Describe what was found, whatever it is."""
    if isinstance(found, str) and len(found) > LIMITS["line"]:
        return _("a text of {count} letters").format(count=len(found))
    if isinstance(found, (list, tuple)):
        return _("a list of {count}").format(count=len(found))
    if isinstance(found, Mapping):
        return _("a table")
    if isinstance(found, int) and found.bit_length() > LIMITS["line"]:  # more digits than Python would write
        return _("a very long number")
    return quoted(str(found))


def allowed(key: str) -> str:
    """Tell what may stand at a key."""
    line, text = _("a text of 1 to {line} letters"), _("a text of at most {text} letters")
    told = {
        "version": "1",
        "title": line,
        "goals": _("a list of at most {goals} texts of at most {text} letters"),
        "step": _("1 to {steps} steps, each below a line [[step]]"),
        "heading": line,
        "link": _("what stands behind the ? in a link of this dashboard; one’s own class is in no link"),
        "minutes": _("a whole number from 1 to {minutes}"),
        **dict.fromkeys(("note", "task", "answer"), text),
    }
    return told.get(key.removesuffix("_nl"), _("keys with values: version, title, goals and step")).format(**LIMITS)


def as_file(lesson: Lesson) -> str:
    """Write a lesson as TOML, which `read_lesson` reads."""
    data = lesson.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return tomli_w.dumps({"version": lesson.version, **data}, multiline_strings=True)


def sources(lesson: Lesson, language: Language) -> Iterator[dict[str, Any]]:
    """Yield where facts in a lesson come from: ``title``, ``source`` and ``evidence`` of each guided story in it."""
    for name in dict.fromkeys(scenario_of(step) for step in lesson.steps):
        if story := story_of(name):
            title = scenarios()[name].titled(language)
            yield {"title": title, "source": story.source, "evidence": list(story.evidence)}


def scenario_of(step: LessonStep) -> str:
    """Name the scenario that a step is about."""
    choices, _wrong = Choices.from_link(step.link, LANGUAGES[0])
    return choices.scenario or next(iter(scenarios()))


@cache
def lessons() -> Mapping[str, Lesson]:
    """Read the lessons that come with the program, by the names of their files, the shortest first."""
    found = {path.stem: validated(read_toml(path)) for path in sorted(LESSONS.glob("*.toml"))}
    return dict(sorted(found.items(), key=lambda item: item[1].minutes))


def in_language(lesson: Lesson, language: Language) -> Lesson:
    """Give a lesson of the program in one language, measured numbers in their places."""
    told = lesson.told(language)

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [filled(entry) for entry in value]
        return PLACE.sub(lambda place: measured(place, language), value) if isinstance(value, str) else value

    return Lesson.model_validate(filled(told))


def measured(place: re.Match[str], language: Language) -> str:
    """Find the number that belongs in a place."""
    story = story_of(place[1])
    if story is None:
        raise ValueError(f"{place[0]}: there is no such story")
    return story.measured(language)[place[2]]
