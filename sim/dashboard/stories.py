"""Guided stories: a scenario with a question, a prediction, things to try and an explanation with its source.

What the stories say stands in ``stories.toml``, in both languages.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim.files.language import Language, number, use
from sim.year.events import VISIBLE as VISIBLE_POINTS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VISIBLE", "Story", "Trial", "stories", "story_of"]

STORIES = Path(__file__).with_name("stories.toml")

VISIBLE: Final = {
    "closeness": VISIBLE_POINTS,
    "conflict": VISIBLE_POINTS,
    "aggression": VISIBLE_POINTS,
    "liked_by": 1.0,
}
"""From which size on a difference at the end of the year counts, in points of a scale of 1 to 5, or in classmates."""


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
        State of the followed child that the prediction is about, at the end of the year.
    question, explanation
        Asked before, told after; a paragraph a line. The explanation has places for `classes`, `average` and `share`.
    source, evidence
        Where the explanation comes from: study and journal, and rows of the evidence table.
    classes, average, share
        How many pairs of classes, with another course of luck each, were compared; the difference between the two at
        the end on average; and in how many of them it lies on that side and is `VISIBLE`.
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
    measure: Literal["closeness", "conflict", "aggression", "liked_by"]
    question: str
    question_nl: str
    explanation: str
    explanation_nl: str
    source: str
    evidence: Annotated[tuple[str, ...], Field(min_length=1)]
    classes: Annotated[int, Field(ge=1)]
    average: float
    share: Annotated[float, Field(ge=0.0, le=1.0)]
    profile: bool = False
    trials: tuple[Trial, ...] = Field(alias="try", default=())

    def told(self, language: Language) -> dict[str, Any]:
        """Give all fields, texts in a language and filled in, and how large a difference must be to count."""
        found = super().told(language)
        with use(language):
            size = number(abs(self.average), 2)
            found["explanation"] = found["explanation"].format(
                classes=self.classes,
                average=f"−{size}" if self.average < 0.0 else size,
                share=f"{number(100.0 * self.share, 0)} %",
            )
        trials = [trial.told(language) for trial in self.trials]
        return {**found, "trials": trials, "visible": VISIBLE[self.measure]}


@cache
def stories() -> Mapping[str, Story]:
    """Read the stories, by the name of their scenario, in the order in which they are offered."""
    found = [Story.model_validate(one) for one in tomllib.loads(STORIES.read_text(encoding="utf-8"))["story"]]
    return {story.scenario: story for story in found}


def story_of(scenario: str) -> Story | None:
    """Give the story of a scenario, if it has one."""
    return stories().get(scenario)
