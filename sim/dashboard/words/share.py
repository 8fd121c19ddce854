"""Texts around the link that gives the same picture to someone else."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        "share": _("Share"),
        "head": _("A link to exactly this"),
        "about": _("Whoever opens it sees the same classes with the same luck, in the same week."),
        "link": _("The link"),
        "copy": _("Copy"),
        "copied": _("Copied."),
        "not_copied": _("The link is selected: press Ctrl+C (on a Mac ⌘C)."),
        "code": _("QR code of the link"),
        "code_about": _("Or point the camera of a phone or tablet at the code."),
        "close": _("Close"),
        "head_own": _("A link to these settings, without your class"),
        "own": _(
            "Your own class stays with you. Whoever opens the link sees an ordinary class that comes with Spiraal, "
            "with the same teacher. To give your class along, save the list where you entered it."
        ),
        "loopback": _(
            "Only this computer can open this link. For others on the same network, stop Spiraal and start it with:"
        ),
        "key": _("key Q"),
    }
