"""What a visitor can ask beside the year itself: a module a topic, each with a function ``answer``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.dashboard.answers import (
    circle,
    columns,
    crowd,
    eyes,
    heat,
    lesson,
    loop,
    parcel,
    portrait,
    ranking,
    roster,
    scene,
    years,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.dashboard.desk import Answer

__all__ = ["ANSWERS"]

ANSWERS: Final[Mapping[str, Answer]] = {
    "circle": circle.answer,
    "columns": columns.answer,
    "crowd": crowd.answer,
    "eyes": eyes.answer,
    "heat": heat.answer,
    "lesson": lesson.answer,
    "loop": loop.answer,
    "parcel": parcel.answer,
    "portrait": portrait.answer,
    "ranking": ranking.answer,
    "roster": roster.answer,
    "scene": scene.answer,
    "years": years.answer,
}
"""How each topic is answered."""
