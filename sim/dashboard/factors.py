"""What can be varied beyond the sliders of the page, and what a heat map can show.

A factor is a key of the scenario with its range: the teacher, the class, every parameter of the model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from sim.files.language import N_
from sim.parameters import PARAMETERS

if TYPE_CHECKING:
    from sim.scenario import Scenario

__all__ = ["AXES", "OUTCOMES", "Factor", "factors", "standing"]

OUTCOMES: Final = ("conflict", "closeness", "aggression")
"""States that a heat map can show."""

AXES: Final = {"x": "teacher.strain", "y": "teacher.emotional_support"}
"""Factors of a heat map where a visitor has chosen none."""

RENAMED: Final = {"Play": N_("Play among children")}
"""Groups of parameters whose names mean something else on the page."""


@dataclass(frozen=True)
class Factor:
    """A key of a scenario with its range.

    Attributes
    ----------
    key
        With dots, as plans of sweeps write it.
    low, high
        Range.
    label, group, unit
        What it is called, where it is listed, and what it is measured in; for the catalogue.
    default
        Value where a scenario says nothing; None where it is drawn.
    whole
        Whether only whole numbers are meant.
    of_drawn_classes
        Whether it only has an effect on classes without a class list.
    """

    key: str
    low: float
    high: float
    label: str
    group: str
    unit: str = ""
    default: float | None = None
    whole: bool = False
    of_drawn_classes: bool = False

    @property
    def step(self) -> float:
        """Step of a slider: a round number, about a hundredth of the range."""
        return 1 if self.whole else float(f"1e{math.floor(math.log10((self.high - self.low) / 50))}")

    def typed(self, value: float) -> float | int:
        """Give a value as the scenario wants it."""
        return round(value) if self.whole else value


@cache
def factors() -> Mapping[str, Factor]:
    """List all factors by key."""
    teacher, drawn = N_("The teacher"), N_("The class")
    listed = [
        Factor("teacher.emotional_support", 0.0, 1.0, N_("Emotional support"), teacher),
        Factor("teacher.reflective_functioning", 0.0, 1.0, N_("Reflective functioning"), teacher),
        Factor("teacher.strain", 0.0, 1.0, N_("Strain"), teacher),
        Factor("teacher.self_efficacy", 0.0, 1.0, N_("Self-efficacy"), teacher),
        Factor("teacher.autonomy_support", 0.0, 1.0, N_("Room for children's own lead"), teacher),
        Factor("class.problem_behaviour", -1.0, 1.0, N_("Problem behaviour in the class"), drawn, N_("SD"), 0.0),
        Factor("class.size", 10, 40, N_("Class size"), drawn, N_("children"), 25, whole=True, of_drawn_classes=True),
        *(
            Factor(
                f"parameters.{one.name}",
                one.low,
                one.high,
                one.meaning,
                RENAMED.get(one.group, one.group),
                one.unit,
                one.value,
            )
            for one in PARAMETERS.values()
        ),
    ]
    return {factor.key: factor for factor in listed}


def standing(scenario: Scenario) -> dict[str, float]:
    """Give the values that a scenario itself has at the keys of factors; those of drawn classes only of these."""
    listed = scenario.classroom.roster is not None
    parts = {
        "teacher": scenario.teacher.model_dump(),
        "class": vars(scenario.classroom),
        "parameters": scenario.parameters,
    }
    found = {key: parts[key.split(".")[0]].get(key.split(".")[1]) for key in factors()}
    return {
        key: value
        for key, value in found.items()
        if value is not None and not (listed and factors()[key].of_drawn_classes)
    }
