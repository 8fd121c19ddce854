"""Texts around several school years."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {**choice_words(), **said_words(), **chart_words()}


def choice_words() -> dict[str, Any]:
    """Word what can be chosen."""
    return {
        "head": _("What lasts"),
        "measure": _("Measure"),
        "years": _("School years"),
        "next_teacher": _("Next teachers"),
        "next_teachers": {
            "drawn": _("anybody"),
            "alike": _("others like the first"),
            "same": _("the first one stays"),
            "supportive": _("others who support a lot"),
        },
        "support": _("others with emotional support {support}"),
        "again": _("Once more in year 2"),
        "unsaid": _(
            "This scenario says more of its school years than can be shown here, such as classes that are mixed anew; "
            "spiraal years follows all of it."
        ),
    }


def said_words() -> dict[str, Any]:
    """Word what is left at the end of each year."""
    return {
        "year": _("Year {year}"),
        "taught_by": {
            "drawn": _("Year {year}, another teacher"),
            "alike": _("Year {year}, another teacher like the first"),
            "same": _("Year {year}, the same teacher"),
            "supportive": _("Year {year}, another teacher who supports a lot"),
        },
        "taught_by_support": _("Year {year}, another teacher with emotional support {support}"),
        "lower": _("{with}: in June, {measure} is {size} lower on average."),
        "higher": _("{with}: in June, {measure} is {size} higher on average."),
        "same": _("{with}: in June, {measure} is the same on average."),
        "scores": _("{score_with} ({with}), {score_without} ({without})."),
        "counts": _("In {lower} of {count} pairs visibly lower, in {higher} visibly higher."),
        "growing": _("{count} of {of} pairs of classes …"),
        "begins_anew": _(
            "With another teacher closeness, conflict and dependency begin anew. What is the child's own goes along: "
            "how aggressive it is, self-regulation, self-image, likings, and part of what it expects of teachers."
        ),
        "goes_on": _("With the same teacher nothing begins anew: the summer is a long holiday."),
        "how_known": _(
            "This follows from the model's assumptions: few studies have looked again after a year, and the model was "
            "fitted to none of them."
        ),
    }


def chart_words() -> dict[str, str]:
    """Word the picture and its table."""
    return {
        "label": _("{measure} of {who} over {years} school years, {with} and {without}, in {count} pairs of classes"),
        "concerned": _("the children concerned"),
        "summer": _("summer"),
        "most": _("between them nine in ten classes"),
        "table_week": _("Year and week"),
        "table_place": _("year {year}, week {week}"),
        "table_mean": _("{label}, on average"),
        "table_most": _("nine in ten"),
        "table_range": _("{low} to {high}"),
    }
