"""The child whom figures and words are about where nobody says whom."""

from __future__ import annotations

from sim.record import Record

__all__ = ["protagonist"]


def protagonist(record: Record) -> int:
    """Give the number of the child whom a year is about.

    It is the child that the scenario follows, else the first child of the first intervention that is not for everyone,
    else the child with most conflict before the first day.

    Parameters
    ----------
    record
        The year with its interventions: whom a rule chooses is known only then.
    """
    if record.scenario.follow is not None:
        return record.names.index(record.scenario.follow)
    for children in record.chosen:
        if 0 < len(children) < len(record.names):
            return children[0]
    return int(record.children["conflict"][0].argmax())
