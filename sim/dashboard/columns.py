"""Classes side by side: the class of the page, each time with other programmes or another teacher.

All columns have the same children and the same luck; single days, a bad week and whatever else was changed on the page
are in all of them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sim.dashboard.choices import (
    EVENTS,
    PAGE,
    base_of,
    interventions_of,
    moved,
    programmes,
    teacher_of,
    varied,
    with_values,
)
from sim.dashboard.picture import key_of
from sim.interventions import REGISTRY
from sim.scenario import InterventionChoice

if TYPE_CHECKING:
    from sim.dashboard.choices import Choices
    from sim.files.classlist import ClassList
    from sim.scenario import Scenario

__all__ = ["columns_of", "digest", "keys_of_columns", "scenario_of", "scenarios_of"]

STUDIED: Final = ("samen-spel", "llinc")
"""Two programmes for one child that trials support (I1, I3), to begin with."""

Column = tuple[str, ...]


def columns_of(choices: Choices, roster: ClassList | None = None) -> tuple[Column, ...]:
    """Give the columns that were chosen or, where none were, some to begin with.

    These are the class without programmes, with those of the page, with one that is not on the page, and with both.
    """
    if choices.columns is not None:
        return choices.columns
    base = varied(base_of(choices, roster), choices)
    here = {choice.name for choice in interventions_of(base, choices)} - {*EVENTS}
    others = [name for name in STUDIED if name not in here]
    one, other = (here, {others[0]}) if here and others else ({STUDIED[0]}, {STUDIED[1]})
    found: list[set[str]] = [set(), one, other, here | one | other]
    return tuple((PAGE, *(name for name in programmes() if name in named)) for named in found)


def scenario_of(column: Column, choices: Choices, child: int, roster: ClassList | None = None) -> Scenario:
    """Put a column into a scenario.

    A programme that the page has is carried out as there. Another one is for the same children, from the same week on
    or, where the page has none for chosen children, for the followed `child`.
    """
    teacher, *named = column
    if teacher != PAGE:
        choices = with_values(choices, teacher_of(teacher))
    base = varied(base_of(choices, roster), choices)
    here = list(interventions_of(base, choices))
    like = next((one for one in here if one.target is not None and one.name not in EVENTS), None)
    if like is None:
        target = base.classroom.rows()[child].name
        first = min((one.start_week for one in here if one.name not in EVENTS), default=choices.start_week or 1)
        like = InterventionChoice(name=named[0] if named else STUDIED[0], target=target, start_week=first)
    kept = [one for one in here if one.name in EVENTS or one.name in named]
    added = [name for name in named if name not in {one.name for one in kept}]
    new = [
        InterventionChoice(name=name, target=like.target, count=like.count, start_week=like.start_week)
        for name in added
    ]
    order = [*REGISTRY]  # as on the page, where more than its own are switched on
    carried_out = sorted((*kept, *new), key=lambda one: order.index(one.name)) if new else kept
    return moved(base, choices, carried_out)


def scenarios_of(choices: Choices, child: int, roster: ClassList | None = None) -> list[Scenario]:
    """Put all columns into scenarios."""
    return [scenario_of(column, choices, child, roster) for column in columns_of(choices, roster)]


def keys_of_columns(choices: Choices, child: int, roster: ClassList | None = None) -> list[str]:
    """Give each column a key, which is another one where its year is another one."""
    return [digest(scenario) for scenario in scenarios_of(choices, child, roster)]


def digest(scenario: Scenario) -> str:
    """Write a scenario as a short key."""
    return hashlib.sha256(key_of(scenario).written.encode()).hexdigest()[:16]
