"""Texts for whoever shows a guided story to a room full of people, a step at a time."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {**step_words(), **vote_words(), **key_words()}


def step_words() -> dict[str, Any]:
    """Name the steps, and what is on them."""
    return {
        "steps_label": _("Steps"),
        "steps": {
            "question": _("Question"),
            "vote": _("Vote"),
            "play": _("The year"),
            "result": _("Result"),
            "explanation": _("Why?"),
            "classes": _("Both classes"),
            "side": _("Side by side"),
            "years": _("Years"),
        },
        "next": _("Next"),
        "previous": _("Back"),
        "to_steps": _("Back to the steps"),
        "key_classmate": _("a classmate"),
        "other_luck": _("Another class, with other luck"),
        "often": _("{kind}: to be seen in {share}% of {classes} classes with other luck."),
        "strayed": _("You have changed the story. These steps are about the story as it was."),
        "altered": _("You have changed the story; this is about the story as it was."),
    }


def vote_words() -> dict[str, Any]:
    """Name what belongs to the vote."""
    return {
        "histogram": _("What the room expects"),
        "expected": _("What the room expected"),
        "votes": _("{count} answers"),
        "vote": _("1 answer"),
        "none": _("No answers yet"),
        "first": _("before"),
        "second": _("after"),
        "bar": _("{answer}: {count}"),
        "bar_both": _("{answer}: {first} before, {second} after"),
        "again": _("Vote again"),
        "again_head": _("The same question, another course of luck"),
        "open": _("Open the vote"),
        "close": _("Close the vote"),
        "closed": _("The vote is closed."),
        "ended": _("The vote is closed: the outcome has been shown."),
        "clear": _("Clear"),
        "clear_hint": _("Throw the answers of this vote away"),
        "scan": _("Scan, or type:"),
        "code": _("QR code of the vote: {link}"),
        "other_address": _("Another address"),
        "by_hand": _("Count hands"),
        "one_more": _("One hand more: {answer}"),
        "not_shared": _("To vote by phone, stop Spiraal and start it with {command}. Or count hands:"),
        "count_hands": _("Count hands:"),
        "no_room": _("The vote by phone cannot be reached. It is tried again; meanwhile, hands can be counted."),
        "refused": _("Answers not counted: {count}. Too many came from one device, or through one router."),
        "let_in": _("Count them"),
        "came_out": _("This is how it went: {answer}"),
    }


def key_words() -> dict[str, Any]:
    """Name the keys."""
    return {
        "key_list": [
            {"key": _("Space"), "does": _("Next step; in the year, play or pause")},
            {"key": "→ ←", "does": _("Next step, step before; in the year, one week on or back")},
            {"key": "PgDn PgUp", "does": _("Next step, step before; in the year, play first")},
            {"key": "V", "does": _("Vote again, after the result")},
            {"key": "H", "does": _("Count hands")},
            {"key": "N", "does": _("Another class, with other luck, after the result")},
            {"key": "F", "does": _("Full screen on or off")},
            {"key": "Q", "does": _("Link and QR code of the dashboard")},
            {"key": "?", "does": _("Show or hide this list")},
        ],
    }
