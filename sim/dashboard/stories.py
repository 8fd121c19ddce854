"""Guided stories: a scenario with a question, a prediction, things to try and an explanation with its source.

What the stories say stands in ``stories.toml``, in both languages.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.language import Language

__all__ = ["Story", "Trial", "stories", "story_of"]

STORIES = Path(__file__).with_name("stories.toml")


class Part(BaseModel):
    """Base of all parts: a text has a Dutch twin, whose key ends in ``_nl``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def told(self, language: Language) -> dict[str, Any]:
        """Give all fields, texts in a language."""
        names = [name for name in type(self).model_fields if not name.endswith("_nl")]
        return {name: (language == "nl" and getattr(self, f"{name}_nl", None)) or getattr(self, name) for name in names}


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
        Asked before, told after.
    source
        Where the explanation comes from.
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
    trials: tuple[Trial, ...] = Field(alias="try", default=())

    def told(self, language: Language) -> dict[str, Any]:
        """Give all fields, texts in a language."""
        return {**super().told(language), "trials": [trial.told(language) for trial in self.trials]}


@cache
def stories() -> Mapping[str, Story]:
    """Read the stories, by the name of their scenario, in the order in which they are offered."""
    found = [Story.model_validate(one) for one in tomllib.loads(STORIES.read_text(encoding="utf-8"))["story"]]
    return {story.scenario: story for story in found}


def story_of(scenario: str) -> Story | None:
    """Give the story of a scenario, if it has one."""
    return stories().get(scenario)
