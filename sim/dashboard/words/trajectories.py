"""Texts around the trajectories: the year of the followed child, and that of all children beside each other."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        "measures": _("What is shown"),
        "all_measures": _("all three"),
        "mean": _("class mean (dotted)"),
        "as": _("Show as"),
        "lines": _("lines"),
        "values": _("table"),
        "go": _("Click in the chart to go to that week."),
        "caption": _("{name}, every four weeks"),
        "week": _("week"),
        "all": _("All children"),
        "all_hint": _("The same scale and year for all; a click follows a child."),
        "keys": _("Arrow keys go from child to child. Enter follows the child."),
        "order": _("Order"),
        "by_name": _("by name"),
        "by_conflict": _("most conflict at the end"),
        "by_difference": _("largest difference at the end"),
        "year_of": _("{name}: {changes}"),
        "change": _("{state} from {before} to {after}"),
    }
