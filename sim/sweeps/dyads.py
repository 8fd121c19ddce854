"""A dyad seen from above, as outcomes of a sweep: its loop gain, where it rests, and whether it could rest elsewhere.

It is the dyad that `spiraal run` tells of: that of the child whom figures and words are about
(`sim.year.protagonist`), in the class as it is on that evening, with its interventions until then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from sim.run import simulate
from sim.scenario import Scenario
from sim.state import ClassState, Records
from sim.year.dyad import basin, loop_gain
from sim.year.protagonist import protagonist

__all__ = ["DYAD_VARIABLES", "cost", "dyads"]

GAIN = "loop_gain"
OF_BASINS = ("conflict_at_rest", "basins")
DYAD_VARIABLES = (GAIN, *OF_BASINS)
COST_OF_GAIN, COST_OF_BASINS = 12, 200
"""How many class-years take about as long as the one, and as the other, on one evening (`docs/sweeps.md`)."""
DIGITS = 6
"""Decimals that are kept: those behind them are of the computer that finds an eigenvalue."""


def dyads(
    scenario: Scenario,
    numbers: Sequence[int],
    days: Sequence[int],
    variables: Sequence[str],
    pause: Callable[[], None] = lambda: None,
) -> Records:
    """What is seen of one dyad of each class, shape (classes, days, variables).

    Parameters
    ----------
    scenario
        What to run, with its interventions.
    numbers
        Which classes of the scenario's seed.
    days
        Evenings of school days; 0 is that before the first.
    variables
        Of `DYAD_VARIABLES`: the growth factor of a small disturbance in a week; conflict (0 to 1) where the dyad rests
        if the class stays as it is; and 1 where good and bad starts end in the same place, 2 where they do not.
    pause
        Called before each class.
    """
    found = np.empty((len(numbers), len(days), len(variables)))
    if not variables:
        return found
    for place, number in enumerate(numbers):
        pause()
        record = simulate(scenario, number=number)
        child = protagonist(record)
        for at, day in enumerate(days):
            found[place, at] = seen(record.state(day), child, variables)
    return found


def seen(state: ClassState, child: int, variables: Sequence[str]) -> list[float]:
    """Values of the variables for one dyad."""
    values = {GAIN: loop_gain(state, child).factor} if GAIN in variables else {}
    if set(OF_BASINS) & set(variables):
        where = basin(state, child)
        values |= {"conflict_at_rest": where.attractor["conflict"], "basins": 1.0 if where.alone else 2.0}
    return [round(values[name], DIGITS) for name in variables]


def cost(variables: Collection[str]) -> int:
    """How many class-years take about as long as these variables of one class on one evening."""
    return COST_OF_GAIN * (GAIN in variables) + COST_OF_BASINS * bool(set(OF_BASINS) & set(variables))
