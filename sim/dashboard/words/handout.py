"""Texts of the page for paper."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        "maps": _("The class, {week}"),
        "year": _("The year of {name}"),
        "explanation": _("What is going on"),
        "source": _("Source"),
        "key": _(
            "Near the teacher: close. Dashed line: conflict; thicker is more. Ring: aggression; thicker is more. "
            "Scales: 1 (hardly) to 5 (very much)."
        ),
        "compared": _("compared: “{without}” and “{with}”"),
        "one_class": _("one class"),
        "changed": _("Something of it was changed; the link has all of that."),
        "again": _("The same picture on a screen:"),
        "made": _("Spiraal, {date}"),
    }
