"""A class and its twin as one compact text for the browser: the whole year, every child, every day.

Numbers are packed (two bytes for a state, one bit for a nomination) and written in base64: a year of 25 children
takes about a tenth of a megabyte, and reading it takes the browser no time.
"""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from typing import Any, Final

import numpy as np

from sim.dashboard.choices import TEACHER
from sim.dashboard.story import events
from sim.interventions import REGISTRY
from sim.peers import nominations
from sim.record import Record, twins
from sim.scenario import Scenario
from sim.state import Records

__all__ = ["STATES", "picture"]

STATES: Final = ("closeness", "conflict", "aggression")
"""States of a child that are shown; all lie in 0 to 1."""

FULL: Final = 65535
"""What a state of 1 is written as."""

KEPT: Final = 64
"""How many pictures are kept; one takes about 0.15 MB."""


def picture(scenario: Scenario) -> str:
    """The picture of a scenario's class without and with its interventions, as JSON.

    It holds ``weeks``, ``days_per_week``, ``full`` and ``names``; ``teacher``: what the teacher is like at the
    start; ``courses``: name, first and last week of each intervention; and ``without`` and ``with`` (null without
    interventions): ``closeness``, ``conflict`` and ``aggression`` (days + 1, children), ``liked`` and ``disliked``
    (weeks + 1, who, whom), ``events`` as in `sim.dashboard.story`.
    """
    return _picture(scenario.model_dump_json(by_alias=True))


@lru_cache(maxsize=KEPT)
def _picture(scenario_json: str) -> str:
    """See `picture`; scenarios that say the same share one."""
    scenario = Scenario.model_validate_json(scenario_json)
    both = twins(scenario)
    content: dict[str, Any] = {
        "weeks": scenario.weeks,
        "days_per_week": scenario.days_per_week,
        "full": FULL,
        "names": both.without.names,
        "teacher": {name: round(float(both.without.teacher[name][0]), 3) for name in TEACHER},
        "courses": [_course(scenario, choice.name, choice.start_week) for choice in scenario.interventions],
        "without": _arm(both.without),
        "with": _arm(both.with_) if scenario.interventions else None,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def _arm(record: Record) -> dict[str, Any]:
    """One of the twins."""
    calendar = record.calendar
    evenings = [0, *(calendar.last_day(week) for week in range(1, calendar.weeks + 1))]
    named = [nominations(record.liking[day]) for day in evenings]
    return {
        **{state: _packed(record.children[state]) for state in STATES},
        "liked": _bits(np.stack([liked for liked, _ in named])),
        "disliked": _bits(np.stack([disliked for _, disliked in named])),
        "events": events(record),
    }


def _course(scenario: Scenario, name: str, start_week: int) -> dict[str, Any]:
    """Name, first and last week of an intervention."""
    length = REGISTRY[name].weeks
    end = scenario.weeks if length is None else min(start_week + length - 1, scenario.weeks)
    return {"name": name, "from": start_week, "to": end}


def _packed(states: Records) -> str:
    """States in 0 to 1 in two bytes each, lowest byte first, row by row."""
    return base64.b64encode(np.round(states * FULL).astype("<u2").tobytes()).decode("ascii")


def _bits(named: Records) -> str:
    """Truth values in a bit each, highest bit first, row by row."""
    return base64.b64encode(np.packbits(named, axis=None).tobytes()).decode("ascii")
