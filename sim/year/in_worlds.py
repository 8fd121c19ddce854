"""What an intervention does to one class in every plausible world (`sim.worlds`): a pair in each, with the same luck.

Where pairs of classes show what luck leaves open (`sim.year.pairs`), worlds show what the published facts leave open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.run import side_by_side
from sim.scenario import Scenario
from sim.state import Records
from sim.worlds import plausible
from sim.year.differences import VISIBLE
from sim.year.pairs import MEASURES, Pairs, children_compared, fan, kept_weekly, scored

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WorldPairs", "evenly", "in_worlds", "world_pairs"]


@dataclass(frozen=True)
class WorldPairs:
    """A class without and with its interventions, in many worlds.

    Attributes
    ----------
    found
        The pairs, numbered by their worlds; world 0 has the values in use.
    who
        The children concerned, shape (worlds, n).
    weeks
        The last week of each intervention, and that of the year.
    """

    found: Pairs
    who: Records
    weeks: tuple[int, ...]

    def differences(self, measure: str) -> Records:
        """With minus without at the end of each week, for the children concerned; shape (worlds, weeks + 1)."""
        return fan(self.found, self.who, measure).differences

    def table(self) -> pd.DataFrame:
        """One row for each measure and week.

        Returns
        -------
        pandas.DataFrame
            Columns `measure`, `week`, `in_use` (difference with the values in use), `median`, `low`, `high` (of 90 % of
            the worlds), `better` and `visibly_better` (in how many worlds), `worlds` (of how many).
        """
        import pandas as pd

        rows = []
        for measure, sign in MEASURES.items():
            differences = self.differences(measure)
            low, median, high = np.quantile(differences, (0.05, 0.5, 0.95), axis=0)
            for week, column in enumerate(differences.T):
                better = int((sign * column > 0.0).sum()), int((sign * column >= VISIBLE[measure]).sum())
                told = (float(column[0]), float(median[week]), float(low[week]), float(high[week]))
                rows.append((measure, week, *told, *better, len(column)))
        columns = ["measure", "week", "in_use", "median", "low", "high", "better", "visibly_better", "worlds"]
        return pd.DataFrame(rows, columns=columns)


def evenly(count: int) -> list[int]:
    """Numbers of so many worlds, evenly spread over the ensemble; the first has the values in use."""
    numbers = np.linspace(0, len(plausible()) - 1, count).round().astype(int)
    return [int(number) for number in np.unique(numbers)]


def world_pairs(left: Scenario, right: Scenario, worlds: Sequence[int]) -> Pairs:
    """Run the pair of two scenarios, whose classes can have the same luck, in several worlds.

    The pairs are numbered by their worlds; see `sim.year.pairs.pairs` for those that differ by luck.
    """
    runs = [(arm.changed(world=world), [arm.number]) for arm in (left, right) for world in worlds]
    kept = side_by_side(runs, kept_weekly(left))
    without, with_ = kept[: len(worlds)], kept[len(worlds) :]
    return Pairs(
        tuple(worlds),
        np.concatenate([scored(one) for one in without]),
        np.concatenate([scored(one) for one in with_]),
        np.concatenate([one.chosen for one in with_]),
    )


def in_worlds(scenario: Scenario, worlds: Sequence[int], child: int) -> WorldPairs:
    """Run the class of a scenario without and with its interventions in several worlds.

    Parameters
    ----------
    scenario
        What to run.
    worlds
        Numbers of the worlds, 0 the first of them.
    child
        The child concerned, where the children are not drawn anew (see `sim.year.pairs.children_compared`).
    """
    found = world_pairs(scenario.changed(interventions=()), scenario, worlds)
    lasts = [choice.start_week + (choice.build().weeks or scenario.weeks) - 1 for choice in scenario.interventions]
    weeks = tuple(sorted({*(last for last in lasts if last < scenario.weeks), scenario.weeks}))
    return WorldPairs(found, children_compared(found, scenario, child), weeks)
