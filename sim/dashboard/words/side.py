"""Texts around classes side by side."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {**column_words(), **ranking_words()}


def column_words() -> dict[str, Any]:
    """Word a column, and what can be changed of it."""
    return {
        "column": _("Column {number}"),
        "nothing": _("no programme"),
        "page_teacher": _("this teacher"),
        "teachers": {
            "supportive": _("a supportive teacher"),
            "ordinary": _("an ordinary teacher"),
            "irritated": _("an irritated teacher"),
            "unsure": _("an unsure teacher"),
            "worn_out": _("a worn-out teacher"),
            "distant": _("a distant teacher"),
        },
        "with_teacher": _("{programmes}, {teacher}"),
        "change": _("Change"),
        "change_of": _("Change: {label}"),
        "as_page": _("as on the page"),
        "programmes": _("Programmes"),
        "remove": _("Remove this column"),
        "add": _("Add a column"),
        "again": _("As at the start"),
        "for": _("Programmes for {names}."),
        "same": _("The same children and the same luck in all columns."),
        "same_but": _("The same children and the same luck in all columns; with another teacher they begin otherwise."),
        "thin": _("Thin lines: the other columns."),
        "shown": _("What is shown"),
        "all": _("everything"),
        "maps": _("class maps"),
        "lines": _("one chart"),
        "lines_label": _("{name}, {measure}: all columns"),
        "map": _("Class map: {label}"),
        "year": _("{name}, {measure}: {label}"),
        "figures": _("{name} in this class: {label}"),
        "this_class": _("this class"),
        "difference": _("versus column 1"),
        "first": _("The others are compared with this one."),
        "table": _("{measure} of {name} in each column, every four weeks"),
    }


def ranking_words() -> dict[str, str]:
    """Word how columns differ, and which can be told apart."""
    return {
        "counting": _("Many classes are being computed …"),
        "growing": _("{count} of {of} classes …"),
        "count": _("Average of {count} classes with other luck."),
        "beside": _("{week}. Compared with “{first}”, {measure} is on average {list}."),
        "beside_liking": _("{week}. Compared with “{first}”, {who} is on average liked by {list}."),
        "lower": _("{size} lower with “{label}”"),
        "higher": _("{size} higher with “{label}”"),
        "same_as": _("as high with “{label}”"),
        "lower_liking": _("{size} classmates fewer with “{label}”"),
        "higher_liking": _("{size} classmates more with “{label}”"),
        "same_liking": _("as many with “{label}”"),
        "who_many": _("the children concerned"),
        "whose": _("{measure} of {who}"),
        "none": _("None of the columns can be told apart: a difference of {visible} or more can be seen."),
        "lowest": _("“{label}” is the lowest, visibly below each of the others ({visible} or more)."),
        "highest": _("“{label}” is the highest, visibly above each of the others ({visible} or more)."),
        "lowest_shared": _("The lowest cannot be told apart: {labels}. A difference of {visible} or more can be seen."),
        "highest_shared": _(
            "The highest cannot be told apart: {labels}. A difference of {visible} or more can be seen."
        ),
        "quoted": _("“{label}”"),
        "level": _("{week}. On average all columns are the same."),
        "start": _("The year has not begun: press Play."),
        "alone": _("Add a column: then there is something to compare with."),
        "average": _("on average {difference}"),
        "in_classes": _("Visibly lower in {lower} of {count} classes, visibly higher in {higher}."),
    }
