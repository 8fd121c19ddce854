"""Texts around the table of all children, and what can be taken home."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        "table": _("All children, {week}"),
        "child": _("child"),
        "sort": _("Sort by {column}"),
        "follow_hint": _("Click on a name to follow that child; click on a heading to sort."),
        "take_home": _("Take home"),
        "names_notice": _("The files hold the names of the children. The server keeps nothing of them."),
        "dialect": _("CSV files with"),
        "dialects": {"point": _("decimal point (1.5)"), "comma": _("decimal comma (1,5)")},
        "busy": _("One moment …"),
        "done": _("In your downloads: {name}"),
        "failed": _("That did not work: {reason}"),
        "print": _("Print a handout"),
        "print_about": _("On paper or as PDF: the two class maps, {name}, and what there is to say about it."),
        "files": file_words(),
    }


def file_words() -> list[dict[str, str]]:
    """Name the files and say what each is for."""
    return [
        {
            "what": "weeks",
            "title": _("Table of the year (CSV)"),
            "about": _("For a spreadsheet or SPSS: a row for each child, week and class; scales 1 to 5."),
        },
        {
            "what": "contacts",
            "title": _("Contacts of {name} (CSV)"),
            "about": _("Every contact with the teacher: who began, the child's tone and the answer, −1 to 1."),
        },
        {
            "what": "everything",
            "title": _("Everything (Parquet, zip)"),
            "about": _("For R or Python: every child every evening, every contact, every bout of play."),
        },
        {
            "what": "grids",
            "title": _("State-space grids (TRJ, zip)"),
            "about": _(
                "For GridWare: each child's contacts as a trajectory; its File Converter makes the project file (GWF)."
            ),
        },
        {
            "what": "network",
            "title": _("Sociogram (GraphML)"),
            "about": _("For Gephi or igraph: who likes and who dislikes whom in the week that is shown."),
        },
        {
            "what": "settings",
            "title": _("Settings (TOML)"),
            "about": _("For the command line: spiraal run gives the same numbers again."),
        },
    ]
