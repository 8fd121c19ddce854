"""Texts around the state-space grid."""

from __future__ import annotations

from typing import Any

from sim.files.language import _, ngettext
from sim.output.plots import tones
from sim.state import Initiator, Setting

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        **figure_words(),
        **cell_words(),
        "tones": list(tones()),
        "about": _(
            "Each contact lies in one cell: how the child sounded, from left to right, and how the teacher sounded, "
            "from bottom to top. A tone of exactly 0 is neutral: it counts neither as negative nor as positive. The "
            "line joins the last twenty contacts; the large dot is the latest."
        ),
        "source": _("This kind of grid: Lewis, Lamey & Douglas (1999); Hollenstein (2013)."),
        "child_tone": _("tone of the child"),
        "teacher_tone": _("tone of the teacher"),
        "period": _("Contacts shown"),
        "period_all": _("all so far"),
        "period_last": _("last {weeks} weeks"),
        "empty": _("No contacts yet. Press Play, or the space bar."),
        "most": _(
            "{label}: most often the child is {child} while the teacher is {teacher}: {percent}% of {count} contacts. "
            "In {negative}% both are negative, in {positive}% both are positive."
        ),
        "table": _("{label}: number of contacts by tone of the teacher (rows) and of the child (columns)"),
    }


def figure_words() -> dict[str, str]:
    """Name the key figures."""
    return {
        "figures": _("Key figures of the grids"),
        "contacts": _("contacts"),
        "negative": _("both negative"),
        "positive": _("both positive"),
        "dispersion": _("dispersion"),
        "dispersion_hint": _("0: all contacts in one cell; 1: spread evenly over all cells"),
    }


def cell_words() -> dict[str, Any]:
    """Word a cell and the contacts in it."""
    return {
        "cell": _("child {child}, teacher {teacher}"),
        "cell_count": {
            "one": ngettext("{cell}: {count} contact", "{cell}: {count} contacts", 1),
            "other": ngettext("{cell}: {count} contact", "{cell}: {count} contacts", 2),
        },
        "pick": _("Click a cell to see its contacts."),
        "contact": _("week {week}, day {day}"),
        "kinds": kind_words(),
        "more": _("Show earlier ones, too ({count} more)"),
        "none": _("No contact of this kind in the time that is shown."),
        "close": _("Close the list"),
    }


def kind_words() -> list[str]:
    """Name the kinds of contacts: two a setting, begun by the child and by the teacher."""
    settings = {
        Setting.TASK: _("about work"),
        Setting.SOCIAL: _("a chat"),
        Setting.DISCIPLINE: _("a reprimand"),
        Setting.SESSION: _("a session"),
    }
    began = {Initiator.CHILD: _("the child began"), Initiator.TEACHER: _("the teacher began")}
    return [f"{setting}, {who}" for setting in settings.values() for who in began.values()]
