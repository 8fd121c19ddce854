"""Texts around the phase portrait."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        "about": _(
            "Every point is a mix of conflict and aggression. The arrows show where the child would go from there, on "
            "average, in the class as it is this week and without interventions; a long arrow is a fast change."
        ),
        "field": _("Where conflict and aggression of {name} are drawn to, {week}"),
        "working": _("Working it out …"),
        "playing": _("The arrows are those of week {week}; pause to see those of this week."),
        "path": _("the way so far"),
        "other_path": _("thin: the way so far {label}"),
        "start": _("start of the year"),
        "now": _("now"),
        "rest": _("where the arrows lead"),
        "boundary": _("boundary between two basins"),
        "nullclines": {"conflict": _("conflict stays as it is"), "aggression": _("aggression stays as it is")},
        "nowhere": _("{meaning}: nowhere"),
        "sight": _("What there is to see"),
        "table": _("The picture as a table"),
        "place": _("place"),
        "row": {
            "now": _("{name} now"),
            "start": _("start of the year"),
            "rest": _("where the arrows lead"),
            "boundary": _("boundary between two basins"),
        },
    }
