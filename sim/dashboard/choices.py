"""What one visitor has chosen, as the browser sends it and as a link keeps it, and the scenario that it makes.

Nothing that comes from a browser or a link is trusted: unknown keys are ignored, and a value that is not allowed
falls back to the scenario's own.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import parse_qs, urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sim.classlist import ClassList
from sim.dashboard.server import SCENARIO
from sim.interventions import REGISTRY
from sim.language import Language
from sim.scenario import DEFAULT, InterventionChoice, Scenario, Unit, load, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["TEACHER", "Choices", "base_of", "followed", "scenario_of", "scenarios"]

TEACHER: Final = ("emotional_support", "reflective_functioning", "strain")
"""What of the teacher can be moved."""

VERSION: Final = "1"
"""Version of links; another one is not read."""

OWN: Final = "own"
"""Name of the scenario that the server was started with, where it is no shipped one."""

LARGEST_SEED: Final = 999_999

Child = Annotated[int, Field(ge=0, le=59)]
ItemMean = Annotated[float, Field(ge=1.0, le=5.0)]


class Choices(BaseModel):
    """What a visitor has chosen; None is "as the scenario has it".

    Attributes
    ----------
    language
        Language of all texts.
    scenario
        Name of the scenario.
    seed
        Which class and which luck.
    emotional_support, reflective_functioning, strain
        The teacher, 0 to 1.
    child
        Number of the child that is followed.
    aggression
        Teacher-rated aggression at the start, 1 to 5, of children for whom it was changed.
    interventions
        Pairs of an intervention that is switched on and the number of a child for whom.
    start_week
        School week in which all of them begin.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    language: Language = "en"
    scenario: str | None = None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None = None
    emotional_support: Unit | None = None
    reflective_functioning: Unit | None = None
    strain: Unit | None = None
    child: Child | None = None
    aggression: tuple[tuple[Child, ItemMean], ...] = Field(default=(), max_length=60)
    interventions: tuple[tuple[str, Child], ...] | None = Field(default=None, max_length=600)
    start_week: Annotated[int, Field(ge=1, le=60)] | None = None

    @field_validator("scenario")
    @classmethod
    def _is_known(cls, name: str | None) -> str | None:
        if name is not None and name not in scenarios():
            raise ValueError(f"found {name!r}; allowed: {', '.join(scenarios())}")
        return name

    @field_validator("interventions")
    @classmethod
    def _are_known(cls, pairs: tuple[tuple[str, int], ...] | None) -> tuple[tuple[str, int], ...] | None:
        if pairs is not None and any(name not in REGISTRY for name, _ in pairs):
            raise ValueError(f"allowed: {', '.join(REGISTRY)}")
        return pairs

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> tuple[Choices, tuple[str, ...]]:
        """Read choices from plain data; also names the keys whose values were not allowed and are left out."""
        try:
            return cls.model_validate(dict(data)), ()
        except ValidationError as error:
            wrong = tuple(sorted({str(problem["loc"][0]) for problem in error.errors()}))
            return cls.model_validate({key: value for key, value in data.items() if key not in wrong}), wrong

    @classmethod
    def from_link(cls, query: str, language: Language) -> tuple[Choices, tuple[str, ...]]:
        """Read choices from the query of a link, in `language` where it says none; see `read`."""
        given = {key: values[-1] for key, values in parse_qs(query, keep_blank_values=True).items()}
        if given.get("v", VERSION) != VERSION:
            return cls(language=language), ("v",)
        data: dict[str, Any] = {"language": language, **given}
        for key in ("aggression", "interventions"):
            if key in data:
                data[key] = [pair.split(":") for pair in data[key].split(",") if pair]
        return cls.read(data)

    def link(self) -> str:
        """Write the query of a link that gives these choices; what is as the scenario has it is left out."""

        def written() -> Iterator[tuple[str, str]]:
            yield "v", VERSION
            yield "language", self.language
            for key in ("scenario", "seed", *TEACHER, "child", "start_week"):
                if (value := getattr(self, key)) is not None:
                    yield key, str(value)
            if self.aggression:
                yield "aggression", ",".join(f"{child}:{value:g}" for child, value in self.aggression)
            if self.interventions is not None:
                yield "interventions", ",".join(f"{name}:{child}" for name, child in self.interventions)

        return "?" + urlencode(list(written()), safe=":,")


@lru_cache(maxsize=1)
def scenarios() -> Mapping[str, Scenario]:
    """Load the scenarios that can be chosen, by name; the first is the one that visitors see first."""
    names = sorted(shipped(), key=lambda name: (name != DEFAULT, name))
    own = os.environ.get(SCENARIO)
    return {**({OWN: load(own)} if own else {}), **{name: load(name) for name in names}}


def base_of(choices: Choices) -> Scenario:
    """Find the scenario that is chosen; without a choice the first."""
    return scenarios()[choices.scenario or next(iter(scenarios()))]


def followed(choices: Choices) -> int | None:
    """Give the number of the child that is followed, as chosen or as the scenario has it."""
    base = base_of(choices)
    names = [row.name for row in base.classroom.rows()]
    if choices.child is not None and choices.child < len(names):
        return choices.child
    return None if base.follow is None else names.index(base.follow)


def scenario_of(choices: Choices) -> Scenario:
    """Put what was chosen into the scenario; whom a visitor follows is no part of it.

    Children that are not in the class are passed over.
    """
    base = base_of(choices)
    teacher = {key: value for key in TEACHER if (value := getattr(choices, key)) is not None}
    changes: dict[str, Any] = {
        "follow": None,
        "teacher": {**base.teacher.model_dump(), **teacher},
        "interventions": [choice.model_dump() for choice in _interventions(base, choices)],
    }
    if choices.seed is not None:
        changes["seed"] = choices.seed
    if choices.aggression:
        changes["class"] = {**base.classroom.model_dump(), "roster": _with_aggression(base, choices)}
    return base.changed(**changes)


def _interventions(base: Scenario, choices: Choices) -> Iterator[InterventionChoice]:
    """Yield the interventions that are switched on: the scenario's own, or those chosen, carried out like its own."""
    names = [row.name for row in base.classroom.rows()]
    own = {choice.name: choice for choice in base.interventions}
    when = {} if choices.start_week is None else {"start_week": min(choices.start_week, base.weeks)}
    if choices.interventions is None:
        yield from (choice.model_copy(update=when) for choice in base.interventions)
        return
    first = {"start_week": min(choice.start_week for choice in base.interventions)} if base.interventions else {}
    for name in REGISTRY:
        children = {child for one, child in choices.interventions if one == name and child < len(names)}
        if children:
            target = tuple(names[child] for child in sorted(children))
            like = own.get(name) or InterventionChoice(name=name, target=target, **first)
            yield like.model_copy(update={"target": target, "count": 1, **when})


def _with_aggression(base: Scenario, choices: Choices) -> dict[str, Any]:
    """Write the class list of a scenario with the aggression at the start that was chosen."""
    chosen = dict(choices.aggression)
    rows = [
        replace(row, aggression=chosen.get(number, row.aggression)) for number, row in enumerate(base.classroom.rows())
    ]
    nominations = base.classroom.roster.nominations if base.classroom.roster else ()
    return ClassList(tuple(rows), nominations).to_json()
