"""A class and its twin as compact texts for the browser: the whole year, every child, every day.

Numbers are packed (two bytes for a state, one bit for a nomination) and written in base64: a year of 25 children
takes less than a tenth of a megabyte, and reading it takes the browser no time. What was made is kept, by scenario.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.dashboard import warming
from sim.dashboard.choices import ARMS, TEACHER, Pair
from sim.dashboard.films import Film, film_of
from sim.dashboard.turns import Turns
from sim.files.language import Language, use
from sim.interventions import REGISTRY
from sim.peers import nominations, statuses
from sim.record import Record, Twins
from sim.run import cores, simulate
from sim.state import Records, Setting
from sim.year import events
from sim.year.causes import evenings
from sim.year.interpersonal import Eyes
from sim.year.protagonist import protagonist

if TYPE_CHECKING:
    from sim.scenario import Scenario

__all__ = ["COUNTS", "STATES", "WARM", "Key", "Shelf", "count_contacts", "key_of", "keys_of", "packed", "simulate_year"]

STATES: Final = ("closeness", "conflict", "aggression")
"""States of a child that are shown; all lie in 0 to 1."""

FULL: Final = 65535
"""What a state of 1 is written as."""

TONES: Final = 250
"""Steps of the tones from −1 to 1: no cell of a state-space grid begins within a step. A tone of exactly 0, which is
neither hostile nor friendly, has a number of its own, after the last step."""

WARM: Final = 0.2
"""Tone from which on it counts as warm: where the positive cells of a state-space grid begin. Below 0 it is sharp."""

COUNTS: Final = (
    "contacts", "sharp", "warm", "sharp_acts", "warm_acts", "sharp_answers", "warm_answers", "public", "public_sharp",
)  # fmt: skip
"""What is counted of the contacts of a child in a week: all; those in which one of the two was sharp, and in which both
were warm; in which the child, and in which the teacher was sharp or warm; those that the class saw, and those of them
in which the teacher was sharp."""

MOMENTS: Final[Mapping[str, Callable[[Records, Records], Records]]] = {
    "harshest moment": lambda _act, answer: -answer,
    "warmest moment": np.minimum,
}
"""Events that are one contact in public, and what is largest in it, from the tones of both."""

PICTURES: Final = 128
"""How many pictures are kept; one takes about 0.1 MB."""

YEARS: Final = 12
"""How many simulated years are kept to tell more about; one takes about 8 MB."""

AT_ONCE: Final = Turns(cores())
"""Years that are simulated at a time, for all visitors together: more of them take turns so often that all are late."""


@dataclass(frozen=True)
class Key:
    """A scenario by which something is kept; two are the same where all that their years depend on is the same."""

    written: str
    scenario: Scenario = field(compare=False, repr=False)


class Shelf:
    """Simulated years and their pictures; nothing on it can change.

    One shelf is shared by all visitors. Each visitor's own class has a shelf that is that visitor's alone.

    Parameters
    ----------
    years, pictures
        How many years, and how many pictures of them, are kept.
    films
        Whether what was made of guided stories beforehand is shown.
    """

    def __init__(self, years: int = YEARS, pictures: int = PICTURES, *, films: bool = True) -> None:
        self.films = films
        self._year = lru_cache(years)(simulate_year)
        self._arm = lru_cache(pictures)(lambda key: pack_year(self._year(key)))
        self._events = lru_cache(16 * pictures)(self._list_events)
        self._first_child = lru_cache(16 * pictures)(lambda key: protagonist(self._year(key)))

    def year(self, scenario: Scenario) -> Record:
        """Give the year of a scenario with its interventions, without its bouts of play."""
        return self._year(key_of(scenario))

    def both(self, pair: Pair) -> Twins:
        """Give the years of a pair; twice the same where there is but one."""
        left = self.year(pair.without)
        return Twins(left, left if pair.with_ is None else self.year(pair.with_))

    def picture(self, pair: Pair) -> str:
        """Draw a pair, as JSON.

        It holds ``weeks``, ``days_per_week``, ``full`` and ``names``; ``teacher``: what the teacher is like at the
        start; ``courses``: name, weeks and children of each intervention in the right-hand class; and ``without`` and
        ``with`` (null if there is but one class): ``closeness``, ``conflict`` and ``aggression`` (days + 1, children),
        ``liked`` and ``disliked`` (weeks + 1, who, whom), ``status`` (weeks + 1, children: places in
        `sim.peers.STATUSES`), ``met`` (weeks, children, `COUNTS`), and its own ``courses``.
        """
        keys = keys_of(pair)
        if film := self._film(keys):
            return film.picture
        left = json.loads(self._arm(keys[0]))
        right = None if keys[1] is None else json.loads(self._arm(keys[1]))
        common = {key: left.pop(key) for key in ("weeks", "days_per_week", "names", "teacher")}
        if right is not None:
            for key in common:
                right.pop(key)
        content = {**common, "full": FULL, "courses": (right or left)["courses"], "without": left, "with": right}
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False)

    def story(self, pair: Pair, child: int, language: Language) -> str:
        """Tell what happened to a child, as JSON.

        It holds ``child``, [day, week, sentence, number of the contact that it was or null] ``without`` and ``with``,
        and all ``contacts`` that the child and the teacher had in the two (`contacts`).
        """
        keys = keys_of(pair)
        film = self._film(keys)
        if film and film.child == child:
            return film.story[language]
        names = tuple(row.name for row in pair.without.classroom.rows())
        both = self.both(pair)
        with use(language):
            told = {
                arm: [
                    [event.day, event.week, events.in_words(event, names), contact_of(record, event)]
                    for event in happened
                ]
                for arm, record, happened in zip(
                    ARMS, (both.without, both.with_), self._events(*keys, child), strict=True
                )
            }
        met = {"without": contacts(both.without, child), "with": contacts(both.with_, child)}
        return json.dumps({"child": child, **told, "contacts": met}, separators=(",", ":"), ensure_ascii=False)

    def protagonist(self, pair: Pair) -> int:
        """Give the number of the child to follow where neither the visitor nor the scenario says whom."""
        keys, followed = keys_of(pair), pair.with_ or pair.without
        film = self._film(keys)
        return film.child if film and followed.follow is None else self._first_child(keys[1] or keys[0])

    def _film(self, keys: tuple[Key, Key | None]) -> Film | None:
        """Give the film of a pair, by its keys."""
        return film_of(keys) if self.films else None

    def _list_events(
        self, left: Key, right: Key | None, child: int
    ) -> tuple[tuple[events.Event, ...], tuple[events.Event, ...]]:
        """List what happened to a child in the two classes."""
        without = self._year(left)
        told = events.events(without, child)
        if right is None:
            return told, told
        both = Twins(without, self._year(right))
        return told, tuple(sorted((*events.events(both.with_, child), *events.difference_events(both, child))))


def key_of(scenario: Scenario) -> Key:
    """Make a scenario a key."""
    return Key(scenario.model_dump_json(by_alias=True), scenario)


def keys_of(pair: Pair) -> tuple[Key, Key | None]:
    """Make both scenarios of a pair keys."""
    return key_of(pair.without), None if pair.with_ is None else key_of(pair.with_)


def simulate_year(key: Key) -> Record:
    """Simulate a year, without the bouts of play, which are not shown."""
    warming.wait()
    with AT_ONCE:
        record = simulate(key.scenario)
    return replace(record, play=record.play[:0])


def pack_year(record: Record) -> str:
    """Write one class as JSON; see `Shelf.picture`."""
    scenario = record.scenario
    content: dict[str, Any] = {
        "weeks": scenario.weeks,
        "days_per_week": scenario.days_per_week,
        "names": record.names,
        "teacher": {name: round(float(record.teacher[name][0]), 3) for name in TEACHER},
        "courses": [course_of(record, number) for number in range(len(scenario.interventions))],
        **_arm(record),
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def course_of(record: Record, number: int) -> dict[str, Any]:
    """Give name, first and last week of an intervention, and the children that it is for."""
    choice, weeks = record.scenario.interventions[number], record.scenario.weeks
    length = REGISTRY[choice.name].weeks
    return {
        "name": choice.name,
        "from": choice.start_week,
        "to": weeks if length is None else min(choice.start_week + length - 1, weeks),
        "children": record.chosen[number],
    }


def contact_of(record: Record, event: events.Event) -> int | None:
    """Give the number of the contact that an event was, of those of its child; None where it was not a contact."""
    if event.kind not in MOMENTS:
        return None
    met = record.contacts[record.contacts["child"] == event.child]
    that_day = np.flatnonzero((met["day"] == event.day) & (met["public"] == 1) & (met["setting"] != Setting.SESSION))
    tone = MOMENTS[event.kind](met["tone"], met["response"])[that_day]
    return int(that_day[np.argmax(tone)]) if len(that_day) else None


def contacts(record: Record, child: int) -> dict[str, str]:
    """Pack the contacts of a child with the teacher.

    A contact has its ``day`` in two bytes, and in a byte each the steps of its ``tone`` and ``response`` and its
    ``kind``: twice the setting, and one more where the teacher began.
    """
    met = record.contacts[record.contacts["child"] == child]
    steps = {name: _steps(met[name]) for name in ("tone", "response")}
    each = {**steps, "kind": 2 * met["setting"] + met["initiator"]}
    return {"day": packed(met["day"], "<u2"), **{name: packed(values, "u1") for name, values in each.items()}}


def count_contacts(record: Record, eyes: Eyes = Eyes.OBSERVER) -> Records:
    """Count the contacts of each child in each week, as they are seen, shape (weeks, children, `COUNTS`)."""
    met, n, weeks = record.contacts, len(record.names), record.calendar.weeks
    (act, answer), seen = (met[field] for field in eyes.value), met["public"] == 1
    sharp, warm = (act < 0.0, answer < 0.0), (act >= WARM, answer >= WARM)
    counted = {
        "contacts": np.ones(len(met), dtype=bool),
        "sharp": sharp[0] | sharp[1],
        "warm": warm[0] & warm[1],
        "sharp_acts": sharp[0],
        "warm_acts": warm[0],
        "sharp_answers": sharp[1],
        "warm_answers": warm[1],
        "public": seen,
        "public_sharp": seen & sharp[1],
    }
    place = (met["day"] - 1) // record.calendar.days_per_week * n + met["child"]
    counts = [np.bincount(place[counted[name]], minlength=weeks * n) for name in COUNTS]
    return np.stack(counts, axis=-1).reshape(weeks, n, len(COUNTS))


def packed(values: Records, kind: str) -> str:
    """Write numbers of a NumPy `kind`, row by row, in base64."""
    return base64.b64encode(values.astype(kind).tobytes()).decode("ascii")


def _steps(tones: Records) -> Records:
    """Give the step of each tone."""
    return np.where(tones == 0.0, TONES, np.floor((tones + 1.0) * TONES / 2).clip(max=TONES - 1))


def _arm(record: Record) -> dict[str, str]:
    """Pack one of the twins."""
    named = [nominations(record.liking[day]) for day in evenings(record)]
    liked, disliked = (np.stack(kind) for kind in zip(*named, strict=True))
    _, places = statuses(liked.sum(axis=1), disliked.sum(axis=1))
    return {
        **{state: _pack_states(record.children[state]) for state in STATES},
        "liked": _pack_bits(liked),
        "disliked": _pack_bits(disliked),
        "status": packed(places, "u1"),
        "met": packed(count_contacts(record), "<u2"),
    }


def _pack_states(states: Records) -> str:
    """Write states in 0 to 1 in two bytes each, lowest byte first, row by row."""
    return packed(np.round(states * FULL), "<u2")


def _pack_bits(named: Records) -> str:
    """Write truth values in a bit each, highest bit first, row by row."""
    return packed(np.packbits(named, axis=None), "u1")
