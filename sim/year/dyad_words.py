"""The dynamics of a dyad as sentences: how fast a disturbance grows or fades, and where the dyad is heading."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np

from sim.files.language import _, ngettext, number
from sim.record import Record, Twins
from sim.state import to_item_mean
from sim.year.dyad import Basin, LoopGain, basin, loop_gain

__all__ = ["Prospect", "basin_in_words", "gain_in_words", "prospect", "prospects"]

LONG_LASTING: Final = 100.0
"""Weeks from which on a disturbance counts as one that stays."""


class Prospect(NamedTuple):
    """Where a dyad goes from here, if nothing else changes."""

    gain: LoopGain
    basin: Basin

    @property
    def sentences(self) -> tuple[str, ...]:
        """The prospect in words."""
        return gain_in_words(self.gain), *basin_in_words(self.basin)


def prospect(record: Record, child: int, day: int | None = None) -> Prospect:
    """Where the dyad of `child` goes from the evening of a school day, the last one where `day` is None."""
    state = record.state(record.calendar.days if day is None else day)
    return Prospect(loop_gain(state, child), basin(state, child))


def prospects(result: Twins, child: int) -> Callable[[], tuple[Prospect, Prospect]]:
    """Prospects from the end of the year, without and with; worked out while others go on, until they are asked for."""
    arms = (result.without, result.with_) if result.with_.interventions else (result.without,)
    states = [record.state(record.calendar.days) for record in arms]
    gains = [loop_gain(state, child) for state in states]  # which compiles what threads are to run
    beside = ThreadPoolExecutor(1)
    basins = [beside.submit(basin, state, child) for state in states]
    beside.shutdown(wait=False)

    def wait() -> tuple[Prospect, Prospect]:
        found = [Prospect(gain, waiting.result()) for gain, waiting in zip(gains, basins, strict=True)]
        return found[0], found[-1]

    return wait


def gain_in_words(gain: LoopGain) -> str:
    """The loop gain as a sentence: how long a small disturbance takes to double or to halve."""
    grows = gain.factor > 1.0
    if gain.weeks >= LONG_LASTING:
        return _("A small disturbance stays: it neither fades nor grows.")
    if gain.weeks < 1.0:
        doubles, halves = (
            _("A small disturbance doubles within a week."),
            _("A small disturbance halves within a week."),
        )
        return doubles if grows else halves
    weeks = round(gain.weeks)
    text = (
        ngettext("A small disturbance doubles in {weeks} week.", "A small disturbance doubles in {weeks} weeks.", weeks)
        if grows
        else ngettext(
            "A small disturbance halves in {weeks} week.", "A small disturbance halves in {weeks} weeks.", weeks
        )
    )
    return text.format(weeks=number(weeks, 0))


def basin_in_words(basin: Basin) -> tuple[str, str]:
    """Where the dyad is heading, and whether it could have been elsewhere, as two sentences."""
    cycle = _("a vicious cycle") if basin.vicious else _("a virtuous cycle")
    ends = _("If nothing else changes, this is {cycle}: conflict settles at {conflict}, aggression at {aggression}.")
    alone = (
        _("It is the only basin: whatever the start, it ends here.")
        if basin.alone
        else _("There is more than one basin: another start could end elsewhere.")
    )
    conflict, aggression = to_item_mean(np.array(basin.attractor["conflict"])), basin.attractor["aggression"]
    return ends.format(cycle=cycle, conflict=number(float(conflict), 1), aggression=number(aggression, 2)), alone
