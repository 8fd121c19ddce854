"""Tables of a year: what stands where at the start, at each trimester and at the end, and what made a difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.files.language import N_
from sim.record import Record, Twins
from sim.state import Records, to_item_mean

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MEASURES", "WAVES", "Measure", "outcome_table", "scores"]


@dataclass(frozen=True)
class Measure:
    """Something that the tables show: its name, its title, and whether it reads on a scale of 1 to 5."""

    name: str
    title: str
    five_point: bool


MEASURES: tuple[Measure, ...] = (
    Measure("closeness", N_("Closeness"), five_point=True),
    Measure("conflict", N_("Conflict"), five_point=True),
    Measure("dependency", N_("Dependency"), five_point=True),
    Measure("aggression", N_("Aggression"), five_point=True),
    Measure("acceptance", N_("Acceptance"), five_point=True),
    Measure("engagement", N_("Engagement"), five_point=True),
)
WAVES = {
    "start": N_("Start"),
    "trimester 1": N_("Trimester 1"),
    "trimester 2": N_("Trimester 2"),
    "end": N_("End"),
}


def scores(record: Record, measure: Measure) -> Records:
    """Scores of every child on every evening, shape (days + 1, n), on the measure's scale."""
    states = record.acceptance if measure.name == "acceptance" else record.children[measure.name]
    return to_item_mean(states) if measure.five_point else np.asarray(states)


def outcome_table(twins: Twins) -> pd.DataFrame:
    """Tidy table: one row for each child (and the class), measure and wave.

    Returns
    -------
    pandas.DataFrame
        Columns `child` (name; empty for the mean of the class), `measure`, `wave`, `day`, `without`, `with`,
        `difference` (with minus without). All scores on a scale of 1 to 5.
    """
    import pandas as pd

    rows = []
    for measure in MEASURES:
        without, with_ = scores(twins.without, measure), scores(twins.with_, measure)
        for wave, day in twins.without.calendar.waves.items():
            pairs = [(name, without[day, i], with_[day, i]) for i, name in enumerate(twins.without.names)]
            pairs.append(("", without[day].mean(), with_[day].mean()))
            rows += [(name, measure.name, wave, day, float(a), float(b), float(b - a)) for name, a, b in pairs]
    columns = ["child", "measure", "wave", "day", "without", "with", "difference"]
    return pd.DataFrame(rows, columns=columns)
