"""What can be varied beyond the sliders of the page, and what a heat map can show.

A factor is a key of the scenario with its range: the teacher, the class, every parameter of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from sim.language import N_
from sim.parameters import PARAMETERS

__all__ = ["OUTCOMES", "Factor", "factors"]

OUTCOMES: Final = ("conflict", "closeness", "aggression")
"""States that a heat map can show."""


@dataclass(frozen=True)
class Factor:
    """A key of a scenario with its range.

    Attributes
    ----------
    key
        With dots, as plans of sweeps write it.
    low, high
        Range.
    label, group
        What it is called and where it is listed; for the catalogue.
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
    default: float | None = None
    whole: bool = False
    of_drawn_classes: bool = False

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
        Factor("class.problem_behaviour", -1.0, 1.0, N_("Problem behaviour in the class"), drawn, 0.0),
        Factor("class.size", 10, 40, N_("Class size"), drawn, 25, whole=True, of_drawn_classes=True),
        *(
            Factor(f"parameters.{one.name}", one.low, one.high, one.meaning, one.group, one.value)
            for one in PARAMETERS.values()
        ),
    ]
    return {factor.key: factor for factor in listed}
