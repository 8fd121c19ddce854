"""Texts around whose eyes the class and its contacts are seen with."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {**map_texts(), **table_texts()}


def map_texts() -> dict[str, Any]:
    """Word the switch, and the class map as somebody sees it."""
    return {
        "label": _("In whose eyes"),
        "hint": _("As it is, or as the teacher or {name} sees it"),
        "observer": _("observer"),
        "teacher": _("teacher"),
        "working": _("Working it out …"),
        "meaning": {
            "teacher": _(
                "As the teacher sees it: rings are the image of each child, contacts have the tone that was perceived."
            ),
            "child": _(
                "As {name} sees it: contacts in the tone that {name} felt; of classmates only those that the class saw."
            ),
        },
        "near": _("near: liked, or much good expected"),
        "good": {"teacher": _("favourable image"), "child": _("liked, or good expected")},
        "bad": {"teacher": _("unfavourable image"), "child": _("disliked, or little good expected")},
        "labels": {
            "teacher": _("{name}: image {value} on a scale of −1 to 1, closeness {closeness}, conflict {conflict}"),
            "child": _("{name}: liking {value} on a scale of −1 to 1"),
            "trust": _("teacher: what {name} expects of the teacher, {value} on a scale of −1 to 1"),
        },
        "saw": {
            "sharp": _("{name}, week {week}: sharp in {count} of {contacts} contacts that the class saw"),
            "neutral": _(
                "{name}, week {week}: neutral on both sides, or mixed, in {count} of {contacts} contacts that the "
                "class saw"
            ),
            "warm": _("{name}, week {week}: warm on both sides in {count} of {contacts} contacts that the class saw"),
        },
    }


def table_texts() -> dict[str, Any]:
    """Word the table of what somebody sees."""
    return {
        "table": {
            "teacher": _("What the teacher sees in week {week}"),
            "child": _("What {name} sees in week {week}"),
        },
        "who": _("of whom"),
        "value": {"teacher": _("image"), "child": _("liked, or expected")},
        "contacts": {"teacher": _("contacts"), "child": _("contacts known")},
        "sharp_acts": _("child sharp"),
        "sharp_answers": _("teacher sharp"),
        "about": {
            "teacher": _(
                "The image is what the teacher expects of a child, from −1 to 1; a child was sharp where the teacher "
                "perceived it so."
            ),
            "child": _(
                "How much {name} likes a classmate, and what {name} expects of the teacher, from −1 to 1; of "
                "classmates only the contacts that the class saw."
            ),
        },
    }
