"""Guided stories: a scenario with a question, a prediction, things to try and an explanation with its source.

What the stories say stands in ``stories.toml``, in both languages.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim.files.language import Language, number, use
from sim.scenario import DRAWN, MOST_YEARS

__all__ = ["KINDS", "Figure", "Kind", "Part", "Story", "Trial", "stories", "story_of"]

STORIES = Path(__file__).with_name("stories.toml")

Measured = Literal["closeness", "conflict", "aggression", "liked_by"]

Kind = Literal["more", "less", "same"]
"""What can be expected of the right-hand class."""

KINDS: Final[Mapping[Measured, tuple[Kind, ...]]] = {
    "closeness": ("more", "same", "less"),
    "conflict": ("less", "same", "more"),
    "aggression": ("less", "same", "more"),
    "liked_by": ("more", "same", "less"),
}
"""In which order that is offered for a measure: first what one would wish."""


class Part(BaseModel):
    """Base of all parts: a text has a Dutch twin, whose key ends in ``_nl``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, str_strip_whitespace=True)

    def told(self, language: Language) -> dict[str, Any]:
        """Give all fields, texts in a language."""
        names = [name for name in type(self).model_fields if not name.endswith("_nl")]
        dutch = {name: getattr(self, f"{name.rstrip('_')}_nl", None) for name in names} if language == "nl" else {}
        return {name: dutch.get(name) or getattr(self, name) for name in names}


class Trial(Part):
    """Something to try: what to do, and the part of a link that does it (`sim.dashboard.choices`)."""

    text: str
    text_nl: str
    set: str


class Figure(Part):
    """What else is told of the pairs: a name by which the explanation calls it, and the rest as in a story.

    With `since`, an earlier school week, only pairs count in `share` whose difference has grown since its end. With
    `year` it is about a later school year, from 2, and next teachers as `sim.scenario.next_teacher` has them.
    """

    name: str
    measure: Measured
    year: Annotated[int, Field(ge=1, le=MOST_YEARS)] = 1
    teacher: str = DRAWN
    week: int | None = None
    since: int | None = None
    average: float
    share: Annotated[float, Field(ge=0.0, le=1.0)]


class Story(Part):
    """One story.

    Attributes
    ----------
    scenario
        Name of the scenario, that of the right-hand class.
    against
        Name of the scenario of the left-hand class; without it, the same class without interventions.
    without, with_
        What the two classes are called.
    measure
        State of the followed child that the prediction is about.
    week
        School week at whose end it is looked at; without it, the end of the year.
    question, explanation
        Asked before, told after; a paragraph a line. The explanation has places for `classes`, `average` and `share`,
        and for the `average` and `share` of each figure: `{name_average}`, `{name_share}`.
    why
        The explanation in a sentence or two, for a room.
    source, evidence
        Where the explanation comes from: study and journal, and rows of the evidence table.
    classes, average, share
        How many pairs of classes, with another course of luck each, were compared; the difference between the two
        then on average; and in how many of them it lies on that side and can be seen
        (`sim.year.differences`).
    figures
        The same of other measures and weeks.
    profile
        Whether the relationship profile belongs to the explanation.
    trials
        What to try afterwards.
    """

    scenario: str
    against: str | None = None
    without: str
    without_nl: str
    with_: str = Field(alias="with")
    with_nl: str
    measure: Measured
    week: Annotated[int, Field(ge=1, le=60)] | None = None
    question: str
    question_nl: str
    explanation: str
    explanation_nl: str
    why: str
    why_nl: str
    source: str
    evidence: Annotated[tuple[str, ...], Field(min_length=1)]
    classes: Annotated[int, Field(ge=1)]
    average: float
    share: Annotated[float, Field(ge=0.0, le=1.0)]
    figures: tuple[Figure, ...] = Field(alias="figure", default=())
    profile: bool = False
    trials: tuple[Trial, ...] = Field(alias="try", default=())

    def told(self, language: Language) -> dict[str, Any]:
        """Give all fields, texts in a language and filled in."""
        found = super().told(language)
        del found["figures"]
        found["explanation"] = found["explanation"].format(**self.measured(language))
        trials = [trial.told(language) for trial in self.trials]
        return {**found, "trials": trials}

    def measured(self, language: Language) -> dict[str, str]:
        """Write what was measured in a language, by the names of its places in texts; `week` where there is one."""
        with use(language):
            places = {"classes": str(self.classes), **figure_in_words(self.average, self.share)}
            for figure in self.figures:
                places |= figure_in_words(figure.average, figure.share, f"{figure.name}_")
        return places | ({} if self.week is None else {"week": str(self.week)})


def figure_in_words(average: float, share: float, name: str = "") -> dict[str, str]:
    """Write an average and a share in the current language, by the names of their places."""
    size = number(abs(average), 2)
    return {f"{name}average": f"−{size}" if average < 0.0 else size, f"{name}share": f"{number(100.0 * share, 0)}%"}


@cache
def stories() -> Mapping[str, Story]:
    """Read the stories, by the name of their scenario, in the order in which they are offered."""
    found = [Story.model_validate(one) for one in tomllib.loads(STORIES.read_text(encoding="utf-8"))["story"]]
    return {story.scenario: story for story in found}


def story_of(scenario: str) -> Story | None:
    """Give the story of a scenario, if it has one."""
    return stories().get(scenario)
