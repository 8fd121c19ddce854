"""What a cell of a sweep runs: a scenario, and the school years over which its classes are followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sim.files.language import _
from sim.run import agent_by_agent
from sim.scenario import Scenario, ScenarioError, describe
from sim.school_years import DRAWN, LONGEST, Later, next_teacher, problems

__all__ = ["YEARS", "Case", "SchoolYears"]

YEARS = "years"
"""What the keys of school years begin with."""
NEVER = "never"


def as_word(found: object) -> object:
    """A number as the word that the command line has for it."""
    return f"{found:g}" if isinstance(found, (int, float)) and not isinstance(found, bool) else found


def as_years(found: object) -> object:
    """Years as a list; a factor of a plan, whose values are numbers and texts, writes them as ``2 3`` or ``never``."""
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        return (found,)
    if isinstance(found, str):
        words = [] if found == NEVER else found.replace(",", " ").split()
        if (not words and found != NEVER) or not all(word.isdecimal() for word in words):
            raise ValueError(_("allowed are school years, such as 2 3, or never"))
        return tuple(map(int, words))
    return found


class SchoolYears(BaseModel):
    """Over which school years the classes of a plan are followed.

    Attributes
    ----------
    count
        How many; the first is that of the scenario.
    teacher
        The next teachers, as `sim.school_years.next_teacher` has them.
    remixed, again
        See `sim.school_years.Later`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    count: Annotated[int, Field(ge=2, le=LONGEST)]
    teacher: Annotated[str, BeforeValidator(as_word)] = DRAWN
    remixed: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    again: Annotated[tuple[int, ...], BeforeValidator(as_years)] = ()

    @model_validator(mode="after")
    def _teacher_is_known(self) -> SchoolYears:
        next_teacher(self.teacher, "teacher")
        return self

    @property
    def later(self) -> Later:
        """The school years after the first."""
        return Later(next_teacher(self.teacher), self.remixed, frozenset(self.again))


@dataclass(frozen=True)
class Case:
    """What is run.

    Attributes
    ----------
    scenario
        The class and its first school year.
    years
        All its school years; None where there is only one.
    """

    scenario: Scenario
    years: SchoolYears | None = None

    @property
    def count(self) -> int | None:
        """How many school years; None where nothing says that there are several."""
        return None if self.years is None else self.years.count

    def changed(self, changes: Mapping[str, object]) -> Case:
        """The same with other values at some keys.

        Parameters
        ----------
        changes
            Values by key, with dots: ``years.`` and a field of `SchoolYears`, or a key of the scenario.

        Raises
        ------
        ScenarioError
            When that is not valid.
        """
        of_years = {key.partition(".")[2]: value for key, value in changes.items() if key.partition(".")[0] == YEARS}
        others: dict[str, Any] = {key: value for key, value in changes.items() if key.partition(".")[0] != YEARS}
        case = Case(self.scenario.changed(**others), self.years)
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
