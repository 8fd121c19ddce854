"""What a cell of a sweep runs: a scenario, and the school years over which its classes are followed.

The keys of a cell change a scenario. Two of them name files instead: ``scenario`` another scenario, ``class.list``
another class list. Those are read once, before anything runs (`Sources`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from sim.files.classlist import ClassList
from sim.files.language import _
from sim.parameters import PARAMETERS
from sim.run import agent_by_agent
from sim.scenario import Scenario, ScenarioError, SchoolYears, describe, problems

__all__ = ["CLASS_LIST", "SCENARIO", "YEARS", "Case", "Source", "Sources", "as_it_was"]

SCENARIO, CLASS_LIST = "scenario", "class.list"
"""Keys whose values name files."""
YEARS = "years"
"""What the keys of school years begin with."""


class Source(BaseModel):
    """A file that factors of a plan name, as a manifest keeps it.

    Attributes
    ----------
    sha256
        Hash of the file.
    content
        The scenario in full, with its class list, or the class list alone.
    parameters
        Value of every parameter in the scenario; none for a class list.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    content: dict[str, Any]
    parameters: dict[str, float] = Field(default_factory=dict)


@dataclass(frozen=True)
class Sources:
    """What the files hold that factors of a plan name, by the names that the plan has for them.

    Attributes
    ----------
    scenarios, lists
        Scenarios with the plan's seed, and class lists.
    hashes
        SHA-256 of each file.
    """

    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    lists: Mapping[str, ClassList] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)

    def kept(self) -> dict[str, Source]:
        """What a manifest keeps, by name."""
        scenarios = {
            name: Source(
                sha256=self.hashes[name],
                content=scenario.model_dump(mode="json", by_alias=True),
                parameters=dict(scenario.values()),
            )
            for name, scenario in self.scenarios.items()
        }
        return scenarios | {
            name: Source(sha256=self.hashes[name], content=roster.to_json()) for name, roster in self.lists.items()
        }

    @classmethod
    def from_kept(cls, kept: Mapping[str, Source]) -> Sources:
        """What a manifest has kept.

        Raises
        ------
        ValueError, ClassListError
            When it is no valid scenario or class list.
        """
        return cls(
            {name: as_it_was(source.content, source.parameters) for name, source in kept.items() if source.parameters},
            {name: ClassList.from_json(source.content) for name, source in kept.items() if not source.parameters},
            {name: source.sha256 for name, source in kept.items()},
        )


def as_it_was(content: Mapping[str, Any], parameters: Mapping[str, float]) -> Scenario:
    """A scenario that was kept, with the parameters as they were, also where the model has other values by now.

    Raises
    ------
    ValueError
        When it is no valid scenario.
    """
    changed = {
        name: value for name, value in parameters.items() if name in PARAMETERS and value != PARAMETERS[name].value
    }
    return Scenario.model_validate({**content, "parameters": changed})


@dataclass(frozen=True)
class Case:
    """What is run.

    Attributes
    ----------
    scenario
        The class and its first school year.
    years
        All its school years; None where there is only one.
    sources
        What keys that name files stand for.
    """

    scenario: Scenario
    years: SchoolYears | None = None
    sources: Sources = field(default_factory=Sources)

    def started(self, changes: Mapping[str, object]) -> Scenario:
        """The scenario whose other keys are changed: the one that is named, with the class list that is named."""
        scenario = self.sources.scenarios[str(changes[SCENARIO])] if SCENARIO in changes else self.scenario
        if CLASS_LIST not in changes:
            return scenario
        name = str(changes[CLASS_LIST])
        drawn = scenario.classroom.model_copy(update={"list": name, "roster": self.sources.lists[name]})
        return scenario.model_copy(update={"classroom": drawn})

    @property
    def count(self) -> int | None:
        """How many school years; None where nothing says that there are several."""
        return None if self.years is None else self.years.count

    def changed(self, changes: Mapping[str, object]) -> Case:
        """The same with other values at some keys.

        Parameters
        ----------
        changes
            Values by key, with dots: ``scenario``, ``class.list``, ``years.`` and a field of
            `sim.scenario.SchoolYears`, or another key of the scenario.

        Raises
        ------
        ScenarioError
            When that is not valid.
        """
        of_years = {key.partition(".")[2]: value for key, value in changes.items() if key.partition(".")[0] == YEARS}
        named = {SCENARIO, CLASS_LIST}
        others: dict[str, Any] = {
            key: value for key, value in changes.items() if key.partition(".")[0] != YEARS and key not in named
        }
        case = replace(self, scenario=self.started(changes).changed(**others))
        if self.years is None:
            return case
        try:
            case = replace(case, years=SchoolYears.model_validate({**dict(self.years), **of_years}))
        except pydantic.ValidationError as error:
            lines = [describe({**problem, "loc": (YEARS, *problem["loc"])}) for problem in error.errors()]
            raise ScenarioError(self.scenario.title, lines) from None
        if lines := list(case.problems()):
            raise ScenarioError(self.scenario.title, lines)
        return case

    def problems(self) -> Iterator[str]:
        """What keeps the classes from being followed over these school years, each with its key."""
        if self.years is None:
            return
        for key, problem in problems(self.scenario, self.years.count, self.years.later):
            yield f"{YEARS}.{key}: {problem}"
        for name in agent_by_agent(self.scenario):
            yield _("interventions: {name} has no compiled form, which several years need").format(name=name)
