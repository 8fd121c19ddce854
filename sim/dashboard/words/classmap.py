"""Texts around the class map: the sociogram, its matrix, places in the class, and two weeks beside each other."""

from __future__ import annotations

from typing import Any, Final

from sim.files.language import _
from sim.output.plots import STATUS_STYLES
from sim.peers import STATUSES
from sim.year.network import WORDS

__all__ = ["texts"]

SIGNS: Final = {name: "" if name == "average" else style.sign for name, style in STATUS_STYLES.items()}


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {**sociogram_texts(), **matrix_texts(), **week_texts()}


def sociogram_texts() -> dict[str, Any]:
    """Word what the map shows of classmates."""
    return {
        "statuses": [{"name": name, "word": _(STATUS_STYLES[name].name), "sign": SIGNS[name]} for name in STATUSES],
        "keys": _(
            "Arrow keys go from child to child: left and right around the teacher, up and down nearer to and "
            "farther from the teacher. Enter follows the child; C shows a contact of it with the teacher."
        ),
        "mark": _("{label}; liked by {liked} classmates, disliked by {disliked}; {status}"),
        "shown": _("Arrows that are shown"),
        "like": _("one likes the other"),
        "mutual": _("they like each other"),
        "dislike": _("dislikes"),
        "square": _("square: liked by nobody"),
        "alone": _("Nobody in the class names {names} as someone they like (week {week})."),
        "not_alone": _("Everyone is named by at least one classmate as someone they like (week {week})."),
        "network": {name: _(text) for name, text in WORDS.items()},
        "warning": _(
            "A place in the class is not a trait of a child: it changes with the week, the class and the question. "
            "Never label a child with it."
        ),
    }


def matrix_texts() -> dict[str, Any]:
    """Word the matrix of choices and the table of places."""
    return {
        "matrix": _("Who names whom"),
        "matrix_caption": _(
            "Who names whom in week {week}: the child in the row chooses, the one in the column is chosen"
        ),
        "corner": _("chooses ↓\nwhom →"),
        "cells": {
            "like": _("likes"),
            "mutual": _("likes, and is liked back"),
            "dislike": _("dislikes"),
            "both": _("dislikes, and is disliked back"),
        },
        "liked": _("liked by"),
        "disliked": _("disliked by"),
        "gives": _("choices"),
        "friends": _("mutual"),
        "order": _("Order"),
        "by_name": _("by name"),
        "by_liked": _("most liked first"),
        "by_disliked": _("most disliked first"),
        "places": _("Places"),
        "places_caption": _("Place of each child among classmates in week {week}"),
        "child": _("child"),
        "place": _("place in the class"),
        "rule": _(
            "Places follow the rule of Coie, Dodge and Coppotelli (1982): they say who is named clearly more, or "
            "clearly less, often than classmates."
        ),
    }


def week_texts() -> dict[str, Any]:
    """Word the comparison of two weeks."""
    return {
        "two_weeks": _("Two weeks"),
        "against": _("Compare week {week} with"),
        "start": _("the start"),
        "week": _("week {week}"),
        "other_map": _("Class map, {when}"),
        "changed": _("Liked by more or fewer classmates in week {week}"),
        "change": _("{name}: by {before}, now by {after} ({change})"),
        "unchanged": _("Everyone is liked by as many classmates as then."),
    }
