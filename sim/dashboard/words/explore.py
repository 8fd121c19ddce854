"""Texts around the heat map, and what everything is called that can be varied."""

from __future__ import annotations

from typing import Any

from sim.dashboard.factors import Factor, factors
from sim.files.language import _, ngettext

__all__ = ["texts"]

FORMS = {"one": 1, "other": 2}
"""Numbers that have a form of their own."""


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        "factors": {key: described(factor) for key, factor in factors().items()},
        **choosing(),
        **seen(),
        **sliders(),
    }


def described(factor: Factor) -> dict[str, Any]:
    """Give a factor with all that its slider says."""
    return {
        "label": _(factor.label),
        "group": _(factor.group),
        "unit": _(factor.unit),
        "low": factor.low,
        "high": factor.high,
        "step": factor.step,
        "default": factor.default,
        "drawn": factor.of_drawn_classes,
    }


def choosing() -> dict[str, Any]:
    """Name what can be chosen beside the map."""
    return {
        "head": _("Explore two factors"),
        "about": _(
            "Each cell is a whole school year: the same class and the same luck, with other values of two factors."
        ),
        "search": _("Search the factors"),
        "found": {
            form: ngettext("{count} factor found", "{count} factors found", count) for form, count in FORMS.items()
        },
        "x": _("Across"),
        "y": _("Upwards"),
        "from": _("from"),
        "to": _("to"),
        "from_of": _("{factor}: from"),
        "to_of": _("{factor}: to"),
        "swap": _("Swap the two"),
        "outcome": _("Show"),
        "whose": _("Of whom"),
        "class": _("the class (mean)"),
        "shown": _("In which class"),
        "difference": _("the difference between the two"),
        "cells": _("Size of the map"),
        "cells_of": _("{count} × {count}"),
        "classes": _("Classes in each cell"),
        "vary": _("What differs between the classes of a cell"),
        "vary_luck": _("Luck"),
        "vary_worlds": _("What is known"),
        "start": _("Go on"),
        "stop": _("Stop"),
        "progress": _("{finished} of {cells} cells"),
        "rate": _("{rate} cells a second"),
    }


def seen() -> dict[str, Any]:
    """Word what the map shows."""
    return {
        "map": _("Heat map of {x} and {y}"),
        "caption": _("{outcome} of {who} at the end of the year: {arm}"),
        "outcomes": {"closeness": _("Closeness"), "conflict": _("Conflict"), "aggression": _("Aggression")},
        "whole_class": _("the class"),
        "minus": _("{with} minus {without}"),
        "several": _(
            "Each cell is the mean of {count} classes: the one that a click opens, and others with other luck."
        ),
        "several_worlds": _(
            "Each cell is the mean of the same class, with the same luck, in {count} plausible worlds: sets of values "
            "that fit the published figures about as well. The one that a click opens has the values in use."
        ),
        "several_drawn": _("In those, the child is the one in the same place on the list."),
        "range": _("{outcome} is highest ({high}) at {high_place} and lowest ({low}) at {low_place}."),
        "range_difference": _("The difference in {outcome} runs from {low} at {low_place} to {high} at {high_place}."),
        "nowhere": _("The difference in {outcome} is nowhere large enough to be seen: {low} to {high}."),
        "flat": _("{outcome} is about the same everywhere, too alike to see a difference: {low} to {high}."),
        "bracket": _("The bracket beside the colours is as long as a difference that can just be seen ({size})."),
        "bracket_difference": _("Within the bracket beside the colours differences are too small to be seen ({size})."),
        "place": _("“{x}” {x_value} and “{y}” {y_value}"),
        "stronger": _("“{strong}” makes more of a difference here than “{weak}”."),
        "alike": _("Both factors make about as much of a difference here."),
        "partly": _("The map is not finished yet."),
        "now": _("as it is set now"),
        "cell": _("{x} {x_value}, {y} {y_value}: {value}"),
        "cell_both": _("{without} {label}, {with} {label2}, difference {difference}"),
        "unknown": _("not computed yet"),
        "absent": _("{name} is not in a class of this size"),
        "no_second": _("there is no second class here"),
        "hint": _("Click a cell, or press Enter on it, to open that year."),
        "table": _("The map as a table: {y} downwards, {x} across"),
    }


def sliders() -> dict[str, Any]:
    """Word the sliders of all factors."""
    return {
        "all_factors": _("Everything else in the model"),
        "changed": _("Changed"),
        "counted": _("{group} ({count})"),
        "nothing": _("No factor has that name."),
        "back": _("Back to {value}"),
        "back_label": _("{factor}: back to {value}"),
        "all_back": _("All back"),
        "title": _("{factor}{unit}: {low} to {high}, normally {value}. {key}"),
        "by_chance": _("chance"),
    }
