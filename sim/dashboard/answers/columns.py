"""Years of the classes that stand side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.dashboard.choices import COLUMNS, Pair
from sim.dashboard.columns import digest, scenarios_of
from sim.dashboard.desk import Refused
from sim.files.language import _

if TYPE_CHECKING:
    from sim.dashboard.desk import Question

__all__ = ["answer"]


class Wanted(BaseModel):
    """What the browser asks for: keys of the columns whose years it does not have."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    wanted: tuple[str, ...] = Field(default=(), max_length=COLUMNS)


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Give the years of columns by key, each as `sim.dashboard.picture.Shelf.picture` draws a class without a twin."""
    try:
        wanted = Wanted.model_validate(dict(question.details)).wanted
    except ValidationError:
        raise Refused(_("These classes cannot be shown side by side.")) from None
    years: dict[str, str] = {}
    for scenario in scenarios_of(question.choices, question.child, question.roster):
        key = digest(scenario)
        if key in wanted and key not in years:
            years[key] = question.shelf.picture(Pair(scenario, None))
    yield {"years": years}
