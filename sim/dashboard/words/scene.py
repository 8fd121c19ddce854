"""Texts around contacts: pulses on the class map, and one contact as a scene."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {**map_texts(), **scene_texts()}


def map_texts() -> dict[str, Any]:
    """Word what the class map shows of contacts."""
    return {
        "key": _("contacts of the week:"),
        "kinds": {"sharp": _("sharp"), "neutral": _("neutral"), "warm": _("warm")},
        "marks": {
            "sharp": _("{name}, week {week}: sharp in {count} of {contacts} contacts"),
            "neutral": _("{name}, week {week}: neutral on both sides, or mixed, in {count} of {contacts} contacts"),
            "warm": _("{name}, week {week}: warm on both sides in {count} of {contacts} contacts"),
        },
        "open": _("Look at a contact"),
        "open_this": _("Look at it"),
        "open_hint": _("A contact of {name} and the teacher in this week, as a scene"),
    }


def scene_texts() -> dict[str, Any]:
    """Word the scene."""
    return {
        "title": _("{name} and the teacher: week {week}, day {day}"),
        "number": _("contact {number} of {count}"),
        "previous": _("Previous contact"),
        "next": _("Next contact"),
        "close": _("Close"),
        "wait": _("Working …"),
        "teacher": _("teacher"),
        "picture": _("The tones, from sharp to warm"),
        "row": {
            "meant": _("{who}: {tone} ({value})"),
            "expected": _("{other} expects {tone} ({value}) of {who}"),
            "perceived": _("{other} perceives {tone} ({value})"),
        },
        "meant": _("as it was"),
        "perceived": _("as the other one perceived it"),
        "expected": _("what the other one expected"),
        "eyes": {
            "teacher": _(
                "As the teacher sees it: {name} in the tone that the teacher perceived; what {name} felt and took from "
                "it is hidden."
            ),
            "child": _(
                "As {name} sees it: the teacher in the tone that {name} felt; what the teacher perceived and took from "
                "it is hidden."
            ),
        },
        "begins": _("How it begins"),
        "acts": _("{name} acts: {tone}"),
        "answers": _("The teacher answers: {tone}"),
        "goes_on": _("A second turn"),
        "seen": _("Who sees it"),
        "takes": _("What stays with {name}"),
        "takes_teacher": _("What stays with the teacher"),
        "points": _("Changes in points of a scale of 1 to 5; a contact changes little, a year has very many."),
        "nothing": _("Nothing that can be seen."),
        "twin": _("The same moment in the class “{label}”: {name} {act}, the teacher {answer}."),
        "twin_none": _("In the class “{label}” this moment did not come to a contact."),
        "twin_go": _("Look at it there"),
        "go": _("Go to"),
        "landmarks": {
            "first": _("the first contact"),
            "quarrel": _("the first quarrel"),
            "turn": _("the day conflict rose most"),
            "harshest": _("the sharpest"),
            "warmest": _("the warmest"),
        },
    }
