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

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.classlist import ClassList
from sim.dashboard.server import SCENARIO
from sim.interventions import REGISTRY
from sim.language import Language  # noqa: TC001 - pydantic reads it
from sim.scenario import DEFAULT, InterventionChoice, Scenario, Unit, load, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["TEACHER", "Choices", "base_of", "followed", "scenario_of", "scenarios", "start_week", "switched_on"]

TEACHER: Final = ("emotional_support", "reflective_functioning", "strain")
"""What of the teacher can be moved."""

VERSION: Final = "1"
"""Version of links; another one is not read."""

OWN: Final = "own"
"""Name of the scenario that the server was started with, where it is no shipped one."""

LARGEST_SEED: Final = 999_999

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
        Number of the child that is followed, and that interventions are for.
    aggression
        Teacher-rated aggression at the start, 1 to 5, of children for whom it was changed.
    interventions
        Names of the interventions that are switched on.
    start_week
        School week in which they begin.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    language: Language = "en"
    scenario: str | None = None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None = None
    emotional_support: Unit | None = None
    reflective_functioning: Unit | None = None
    strain: Unit | None = None
    child: Annotated[int, Field(ge=0, le=59)] | None = None
    aggression: tuple[tuple[Annotated[int, Field(ge=0, le=59)], ItemMean], ...] = Field(default=(), max_length=60)
    interventions: tuple[str, ...] | None = Field(default=None, max_length=60)
    start_week: Annotated[int, Field(ge=1, le=60)] | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> tuple[Choices, tuple[str, ...]]:
        """Choices from plain data, and the keys whose values were not allowed and are left out."""
        try:
            return cls.model_validate(dict(data)), ()
        except ValidationError as error:
            wrong = tuple(sorted({str(problem["loc"][0]) for problem in error.errors()}))
            return cls.model_validate({key: value for key, value in data.items() if key not in wrong}), wrong

    @classmethod
    def from_link(cls, query: str, language: Language) -> tuple[Choices, tuple[str, ...]]:
        """Choices from the query of a link, in `language` where it says none; see `read`."""
        given = {key: values[-1] for key, values in parse_qs(query).items()}
        if given.get("v", VERSION) != VERSION:
            return cls(language=language), ("v",)
        data: dict[str, Any] = {"language": language, **given}
        if "aggression" in data:
            data["aggression"] = [pair.split(":") for pair in data["aggression"].split(",")]
        if "interventions" in data:
            data["interventions"] = [name for name in data["interventions"].split(",") if name]
        return cls.read(data)

    def link(self) -> str:
        """The query of a link that gives these choices; what is as the scenario has it is left out."""

        def written() -> Iterator[tuple[str, str]]:
            yield "v", VERSION
            yield "language", self.language
            for key in ("scenario", "seed", *TEACHER, "child", "start_week"):
                if (value := getattr(self, key)) is not None:
                    yield key, str(value)
            if self.aggression:
                yield "aggression", ",".join(f"{child}:{value:g}" for child, value in self.aggression)
            if self.interventions is not None:
                yield "interventions", ",".join(self.interventions)

        return "?" + urlencode(list(written()), safe=":,")


@lru_cache(maxsize=1)
def scenarios() -> Mapping[str, Scenario]:
    """The scenarios that can be chosen, by name; the first is the one that visitors see first."""
    names = sorted(shipped(), key=lambda name: (name != DEFAULT, name))
    own = os.environ.get(SCENARIO)
    return {**({OWN: load(own)} if own else {}), **{name: load(name) for name in names}}


def followed(choices: Choices) -> int:
    """Number of the child that is followed: as chosen, as the scenario has it, or who is in most conflict."""
    base = base_of(choices)
    names = [row.name for row in base.classroom.rows()]
    if choices.child is not None and choices.child < len(names):
        return choices.child
    if base.follow is not None:
        return names.index(base.follow)
    children = base.changed(**_luck(choices)).build().children
    return int(children["conflict"].argmax())


def start_week(choices: Choices) -> int:
    """School week in which interventions begin: as chosen, or as the scenario has it."""
    base = base_of(choices)
    weeks = [choice.start_week for choice in base.interventions]
    own = min(weeks, default=InterventionChoice.model_fields["start_week"].default)
    return min(choices.start_week or own, base.weeks)


def switched_on(choices: Choices) -> tuple[str, ...]:
    """Names of the interventions that are switched on: as chosen, or as the scenario has it."""
    if choices.interventions is None:
        return tuple(dict.fromkeys(choice.name for choice in base_of(choices).interventions))
    return tuple(name for name in REGISTRY if name in choices.interventions)


def base_of(choices: Choices) -> Scenario:
    """The scenario that is chosen; the first where it does not exist (any more)."""
    known = scenarios()
    return known.get(choices.scenario or "", next(iter(known.values())))


def scenario_of(choices: Choices) -> Scenario:
    """The scenario with what was chosen put in; whom a visitor follows is no part of it."""
    base = base_of(choices)
    target = base.classroom.rows()[followed(choices)].name
    own = {choice.name: choice for choice in base.interventions}
    interventions = [
        {
            **own.get(name, InterventionChoice(name=name)).model_dump(),
            "target": (target,),
            "count": 1,
            "start_week": start_week(choices),
        }
        for name in switched_on(choices)
    ]
    teacher = {key: value for key in TEACHER if (value := getattr(choices, key)) is not None}
    changes: dict[str, Any] = {
        "follow": None,
        "teacher": {**base.teacher.model_dump(), **teacher},
        "interventions": interventions,
        **_luck(choices),
    }
    if choices.aggression:
        changes["class"] = {**base.classroom.model_dump(), "roster": _with_aggression(base, choices)}
    return base.changed(**changes)


def _luck(choices: Choices) -> dict[str, int]:
    """The seed, where it was chosen."""
    return {} if choices.seed is None else {"seed": choices.seed}


def _with_aggression(base: Scenario, choices: Choices) -> dict[str, Any]:
    """The class list of a scenario, with the aggression at the start that was chosen."""
    chosen = dict(choices.aggression)
    rows = [
        replace(row, aggression=chosen.get(number, row.aggression)) for number, row in enumerate(base.classroom.rows())
    ]
    nominations = base.classroom.roster.nominations if base.classroom.roster else ()
    return ClassList(tuple(rows), nominations).to_json()
