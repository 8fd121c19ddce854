"""Texts around a file to take along, and on the page that is in it."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        "head": _("One file to take along"),
        "about": _(
            "A page with these two classes in it. It plays in any browser, from a stick too, without this program and "
            "without the internet. Sliders and switches stay behind."
        ),
        "page": _("Save as a page (HTML)"),
        "page_about": _("To open from a stick, to send, or to put on a website"),
        "package": _("For a learning platform (SCORM)"),
        "package_about": _("For Moodle and others; it is completed when the year has been played"),
        "names": _("with the names of the children"),
        "with_names": _("The names will be in the file. Whoever gets it can read them."),
        "without_names": _("In the file the children are called Child 1, Child 2 and so on."),
        "busy": _("One moment: the years are put into a file …"),
        "elsewhere": _("This was recorded of the classes and the child with which the file was made."),
        "to_recorded": _("Back to them"),
        "recorded": _(
            "This is a recording, made with Spiraal {version}: {title}, class and luck no. {seed}. With the program "
            "you can change everything and see other classes:"
        ),
    }
