"""The network of a class over a year: a table of its figures week by week, and in words where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sim.files.language import N_, _, number
from sim.peers import ClassNetwork, class_network, nominations, turnover
from sim.record import Record, Twins
from sim.state import Records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

__all__ = ["WORDS", "network_in_words", "network_table"]

WORDS: Final[Mapping[str, str]] = {
    "named": N_("On average a child likes {named} of {others} classmates; {back} of them like the child back."),
    "gone": N_("Gone since the start: {gone} of {choices} likes."),
    "apart": N_("Children rejected: {rejected}; neglected: {neglected}."),
}
"""What is told of a network, sentence by sentence; the second is not told of the start."""


def network_in_words(record: Record, day: int) -> str:
    """Tell where the network of the class stands on the evening of a day, in the current language."""
    both = networks(record, [0, day])._asdict()
    start, now = ({name: float(np.nan_to_num(figure[at])) for name, figure in both.items()} for at in (0, 1))
    n = len(record.names)
    named, choices = (n - 1) * now["network_density"], n * (n - 1) * start["network_density"]
    told = {
        "named": number(named, 1),
        "others": number(n - 1, 0),
        "back": number(named * now["network_reciprocity"], 1),
        "gone": number(choices * now["network_turnover"], 0),
        "choices": number(choices, 0),
        "rejected": number(n * now["share_rejected"], 0),
        "neglected": number(n * now["share_neglected"], 0),
    }
    return " ".join(_(text).format(**told) for name, text in WORDS.items() if day or name != "gone")


def network_table(twins: Twins) -> pd.DataFrame:
    """Figures of the network of the class at the end of every week; week 0 is the evening before the first day.

    Returns
    -------
    pandas.DataFrame
        Columns `week`, `day`, and two for each figure of `sim.peers.ClassNetwork` and for `network_turnover_week` (the
        share of the nominations of the week before that are gone): that without and that with the interventions, as in
        `network_density_without` and `network_density_with`.
    """
    import pandas as pd

    calendar = twins.without.calendar
    days = [calendar.last_day(week) for week in range(calendar.weeks + 1)]
    columns: dict[str, Records] = {"week": np.arange(len(days)), "day": np.array(days)}
    without, with_ = (week_by_week(record, days) for record in (twins.without, twins.with_))
    for name in without:
        columns |= {f"{name}_without": without[name], f"{name}_with": with_[name]}
    return pd.DataFrame(columns)


def week_by_week(record: Record, days: Sequence[int]) -> dict[str, Records]:
    """Figures of the network on the last days of weeks, by name, and how much each week has changed."""
    liked, _disliked = nominations(record.liking[days])
    changed = np.concatenate([[np.nan], turnover(liked[:-1], liked[1:])])
    return {**networks(record, days)._asdict(), "network_turnover_week": changed}


def networks(record: Record, days: Sequence[int]) -> ClassNetwork:
    """Figures of the network on the evenings of some days, each of shape (days,)."""
    return class_network(record.liking[list(days)], record.children["sex"][0], record.liking[0])
