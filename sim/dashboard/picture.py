"""A class and its twin as compact texts for the browser: the whole year, every child, every day.

Numbers are packed (two bytes for a state, one bit for a nomination) and written in base64: a year of 25 children
takes about a tenth of a megabyte, and reading it takes the browser no time. What was made is kept, by scenario,
and shared by all visitors; nothing in it can change.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim import events
from sim.dashboard.choices import TEACHER
from sim.interventions import REGISTRY
from sim.language import Language, use
from sim.peers import nominations
from sim.record import Twins, twins
from sim.scenario import Scenario

if TYPE_CHECKING:
    from sim.record import Record
    from sim.state import Records

__all__ = ["STATES", "picture", "protagonist", "story"]

STATES: Final = ("closeness", "conflict", "aggression")
"""States of a child that are shown; all lie in 0 to 1."""

FULL: Final = 65535
"""What a state of 1 is written as."""

PICTURES: Final = 64
"""How many pictures are kept; one takes about 0.1 MB."""

YEARS: Final = 6
"""How many simulated years are kept to tell the story of another child from; one takes about 15 MB."""


def picture(scenario: Scenario) -> str:
    """Draw a scenario's class without and with its interventions, as JSON.

    It holds ``weeks``, ``days_per_week``, ``full`` and ``names``; ``teacher``: what the teacher is like at the
    start; ``courses``: name, weeks and children of each intervention; and ``without`` and ``with`` (null without
    interventions): ``closeness``, ``conflict`` and ``aggression`` (days + 1, children), ``liked`` and ``disliked``
    (weeks + 1, who, whom).
    """
    return _picture(scenario.model_dump_json(by_alias=True))


def story(scenario: Scenario, child: int, language: Language) -> str:
    """Tell what happened to a child, as JSON: ``child``, and [day, week, sentence] ``without`` and ``with``."""
    key = scenario.model_dump_json(by_alias=True)
    names = tuple(row.name for row in scenario.classroom.rows())
    with use(language):
        told = {
            arm: [[event.day, event.week, events.in_words(event, names)] for event in happened]
            for arm, happened in zip(("without", "with"), _events(key, child), strict=True)
        }
    return json.dumps({"child": child, **told}, separators=(",", ":"), ensure_ascii=False)


def protagonist(scenario: Scenario) -> int:
    """Give the number of the child to follow where nobody says whom.

    It is the first child for whom an intervention is, or else the one with whom conflict is highest.
    """
    return _protagonist(scenario.model_dump_json(by_alias=True))


@lru_cache(maxsize=16 * PICTURES)
def _protagonist(scenario_json: str) -> int:
    """See `protagonist`."""
    record = _year(scenario_json).with_
    chosen = [children for children in record.chosen if 0 < len(children) < len(record.names)]
    return chosen[0][0] if chosen else int(record.children["conflict"][0].argmax())


@lru_cache(maxsize=YEARS)
def _year(scenario_json: str) -> Twins:
    """Simulate the twins, without the bouts of play, which are not shown."""
    both = twins(Scenario.model_validate_json(scenario_json))
    return Twins(replace(both.without, play=both.without.play[:0]), replace(both.with_, play=both.with_.play[:0]))


@lru_cache(maxsize=16 * PICTURES)
def _events(scenario_json: str, child: int) -> tuple[tuple[events.Event, ...], tuple[events.Event, ...]]:
    """List what happened to a child without and with the interventions."""
    both = _year(scenario_json)
    without = events.events(both.without, child)
    if not both.with_.interventions:
        return without, without
    with_ = (*events.events(both.with_, child), *events.difference_events(both, child))
    return without, tuple(sorted(with_))


@lru_cache(maxsize=PICTURES)
def _picture(scenario_json: str) -> str:
    """See `picture`; scenarios that say the same share one."""
    both = _year(scenario_json)
    scenario = both.without.scenario
    content: dict[str, Any] = {
        "weeks": scenario.weeks,
        "days_per_week": scenario.days_per_week,
        "full": FULL,
        "names": both.without.names,
        "teacher": {name: round(float(both.without.teacher[name][0]), 3) for name in TEACHER},
        "courses": [_course(both.with_, number) for number in range(len(scenario.interventions))],
        "without": _arm(both.without),
        "with": _arm(both.with_) if scenario.interventions else None,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def _arm(record: Record) -> dict[str, str]:
    """Pack one of the twins."""
    calendar = record.calendar
    evenings = [0, *(calendar.last_day(week) for week in range(1, calendar.weeks + 1))]
    named = [nominations(record.liking[day]) for day in evenings]
    return {
        **{state: _packed(record.children[state]) for state in STATES},
        "liked": _bits(np.stack([liked for liked, _ in named])),
        "disliked": _bits(np.stack([disliked for _, disliked in named])),
    }


def _course(record: Record, number: int) -> dict[str, Any]:
    """Give name, first and last week of an intervention, and the children that it is for."""
    choice, weeks = record.scenario.interventions[number], record.scenario.weeks
    length = REGISTRY[choice.name].weeks
    return {
        "name": choice.name,
        "from": choice.start_week,
        "to": weeks if length is None else min(choice.start_week + length - 1, weeks),
        "children": record.chosen[number],
    }


def _packed(states: Records) -> str:
    """Write states in 0 to 1 in two bytes each, lowest byte first, row by row."""
    return base64.b64encode(np.round(states * FULL).astype("<u2").tobytes()).decode("ascii")


def _bits(named: Records) -> str:
    """Write truth values in a bit each, highest bit first, row by row."""
    return base64.b64encode(np.packbits(named, axis=None).tobytes()).decode("ascii")
