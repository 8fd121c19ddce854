"""What there is to choose from and to ask, the same for every visitor: the browser has no lists of its own."""

from __future__ import annotations

import json
from functools import cache

from sim.dashboard.answers import ANSWERS
from sim.dashboard.choices import (
    ARROWS,
    CELLS,
    CLASSES,
    COLUMNS,
    EYES,
    LARGEST_SEED,
    LOOKS,
    NEXT_TEACHERS,
    OF_STORY,
    OWN,
    OWN_LIKE,
    PAGE,
    POKES,
    STAGES,
    STEPS,
    TEACHER,
    TEACHERS,
    VIEWS,
    YEARS,
    programmes,
    teacher_of,
)
from sim.dashboard.factors import AXES, OUTCOMES
from sim.dashboard.picture import COUNTS, STATES, TONES
from sim.dashboard.stories import KINDS
from sim.year.causes import STATES as DRIVEN
from sim.year.differences import DIGITS, LARGE, VISIBLE
from sim.year.pairs import LEVELS

__all__ = ["offers"]


@cache
def offers() -> str:
    """Write it as JSON.

    It holds the ``recording`` (null; otherwise `sim.dashboard.takeaway` wrote it), the ``views`` with their `View`; the
    ``steps`` of a presentation, of which ``stages`` tell a guided story, and, for each measure, the ``kinds`` of
    difference in the order in which they are offered; ``states`` that are shown, and ``driven`` ones that links make a
    difference to; ``outcomes`` and first ``axes`` of a heat map with its numbers of ``cells`` and ``classes``; how many
    school ``years``, and which ``next_teachers``; ``arrows`` of the class map, and in whose ``eyes``; traits of the
    ``teacher`` that have a slider, the ``largest_seed``, choices that are ``of_story``, and those of how views show
    it, the ``looks``, the name of the scenario that
    is the visitor's ``own``, and of the one that it is ``own_like``; ``pokes``; the
    ``programmes`` that there are, how many ``columns`` stand side by side at most, and the name of the teacher of the
    ``page`` there; values of each of the ``teachers`` by the key of a factor; ``topics`` of questions, ``levels`` of
    quantiles in percent, the number of steps of the ``tones``, and what is ``counted`` of contacts in a week; of each
    of the ``measures`` of a child with how many ``digits`` it is written, and from which size on a difference is
    ``visible`` and ``large``.
    """
    return json.dumps(
        {
            "recording": None,
            "views": [{"name": name, **view._asdict()} for name, view in VIEWS.items()],
            "stages": STAGES,
            "steps": STEPS,
            "kinds": KINDS,
            "states": STATES,
            "driven": DRIVEN,
            "outcomes": OUTCOMES,
            "axes": AXES,
            "cells": CELLS,
            "classes": CLASSES,
            "years": YEARS,
            "next_teachers": NEXT_TEACHERS,
            "arrows": ARROWS,
            "eyes": EYES,
            "teacher": TEACHER,
            "largest_seed": LARGEST_SEED,
            "of_story": OF_STORY,
            "looks": LOOKS,
            "own": OWN,
            "own_like": OWN_LIKE,
            "pokes": POKES,
            "programmes": programmes(),
            "columns": COLUMNS,
            "page": PAGE,
            "teachers": {name: teacher_of(name) for name in TEACHERS},
            "topics": [*ANSWERS],
            "levels": [round(100 * level) for level in LEVELS],
            "tones": TONES,
            "counted": COUNTS,
            "measures": {
                name: {"digits": DIGITS[name], "visible": VISIBLE[name], "large": LARGE[name]} for name in DIGITS
            },
        },
        separators=(",", ":"),
    )
