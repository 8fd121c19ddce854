"""Texts around twins."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {**difference_words(), **fan_words(), **effect_words(), **presenting_words()}


def difference_words() -> dict[str, str]:
    """Word the difference between the twins."""
    return {
        "measure": _("Measure"),
        "difference": _("The difference for {name}"),
        "points": _("Points on the scale of 1 to 5."),
        "lower": _("{who}, {week}: on average, {measure} is lower on the right ({with}) than on the left ({without})."),
        "higher": _(
            "{who}, {week}: on average, {measure} is higher on the right ({with}) than on the left ({without})."
        ),
        "same": _(
            "{who}, {week}: on average, {measure} is the same on the right ({with}) and on the left ({without})."
        ),
        "lower_here": _(
            "{who}, {week}: in this pair, {measure} is lower on the right ({with}) than on the left ({without})."
        ),
        "higher_here": _(
            "{who}, {week}: in this pair, {measure} is higher on the right ({with}) than on the left ({without})."
        ),
        "same_here": _(
            "{who}, {week}: in this pair, {measure} is the same on the right ({with}) and on the left ({without})."
        ),
        "lower_liking": _(
            "{who}, {week}: on average, liked by fewer classmates on the right ({with}) than on the left ({without})."
        ),
        "higher_liking": _(
            "{who}, {week}: on average, liked by more classmates on the right ({with}) than on the left ({without})."
        ),
        "same_liking": _(
            "{who}, {week}: on average, liked by as many classmates on the right ({with}) as on the left ({without})."
        ),
        "lower_liking_here": _(
            "{who}, {week}: in this pair, liked by fewer classmates on the right ({with}) than on the left ({without})."
        ),
        "higher_liking_here": _(
            "{who}, {week}: in this pair, liked by more classmates on the right ({with}) than on the left ({without})."
        ),
        "same_liking_here": _(
            "{who}, {week}: in this pair, liked by as many classmates on the right ({with}) as on the left ({without})."
        ),
        "classmates": _("Counted in classmates."),
        "who_many": _("The children concerned"),
        "own": _("This pair: {difference}."),
        "counts": _("In {lower} of {count} pairs visibly lower, in {higher} visibly higher."),
        "worlds_counts": _("In {lower} of {count} plausible worlds visibly lower, in {higher} visibly higher."),
        "alone": _("There is one class so far. Switch on an intervention in the panel: its twin appears here."),
        "alone_presenting": _("There is one class so far. Switch on an intervention above, or press its number."),
    }


def fan_words() -> dict[str, str]:
    """Word the fan."""
    return {
        "fan": _("Many pairs of classes"),
        "vary": _("What differs between the pairs"),
        "vary_luck": _("Luck"),
        "vary_worlds": _("What is known"),
        "worlds_of": _("This pair in {count} plausible worlds"),
        "worlds_growing": _("This pair in {count} of {of} plausible worlds …"),
        "worlds_label": _(
            "Difference in {measure} by school week, {with} minus {without}, in {count} plausible worlds"
        ),
        "worlds_at_week": _(
            "In {week} the difference is {mean} on average; nine in ten worlds lie between {low} and {high}."
        ),
        "worlds_anecdote": _(
            "Published research leaves much open. In a plausible world, what is open has other values, which fit "
            "published figures about as well; children and luck are the same."
        ),
        "fan_of": _("{count} pairs of classes"),
        "fan_growing": _("{count} of {of} pairs of classes …"),
        "fan_label": _("Difference in {measure} by school week, {with} minus {without}, in {count} pairs of classes"),
        "this_pair": _("this pair"),
        "median": _("middle"),
        "half": _("half of them"),
        "most": _("nine in ten"),
        "single": _("a few others"),
        "threshold": _("can be seen"),
        "at_week": _("In {week} the difference is {mean} on average; nine in ten pairs lie between {low} and {high}."),
        "anecdote": _("One pair is one course of luck. Many pairs show what luck leaves open."),
        "about_child": _("Each pair: {name} in the same class, with other luck."),
        "about_chosen": _("Each pair: another class, and in it the children for whom the intervention is."),
        "about_number": _("Each pair: another class, and the child in the place of {name}."),
        "table_week": _("School week"),
        "table_mean": _("on average"),
        "table_level": _("{level}% lie below"),
    }


def effect_words() -> dict[str, str]:
    """Word how large the difference is."""
    return {
        "effect": _("How large is that?"),
        "effect_how": _("How this is computed"),
        "effect_unit": _("in standard deviations between children"),
        "effect_label": _("Size of the difference in {measure}, in standard deviations between children"),
        "end_of_year": _("These pairs, end of the year"),
        "then": _("These pairs, in {week}"),
        "worlds_end_of_year": _("These worlds, end of the year"),
        "worlds_then": _("These worlds, in {week}"),
        "worlds_how": _(
            "Difference of the pair in each world, divided by the standard deviation between all children without the "
            "intervention. Dot and line: the median, and nine in ten worlds; of the repeated trial: its mean, and 95% "
            "of trials of that size."
        ),
        "repeated": _("A trial, repeated on simulated classes"),
        "published": _("Published, for comparable programmes"),
        "figure": _("{size} ({low} to {high})"),
        "range": _("{low} to {high}"),
        "how": _(
            "Mean difference of the pairs, divided by the standard deviation between all children without the "
            "intervention. Line: 95% interval (Student's t); of the repeated trial: 95% of trials of that size."
        ),
        "how_published": _(
            "Published: relationship programmes (24 studies) and BEST in CLASS (465 children), teacher reports. The "
            "repeated trial has the design of {source}. A trial is about many chosen children with different teachers; "
            "these pairs are about this scenario, without errors of measurement."
        ),
        "direction_higher": _("Published studies say that {measure} rises, but give no size that fits here: {source}."),
        "direction_lower": _("Published studies say that {measure} falls, but give no size that fits here: {source}."),
        "why_several": _(
            "No published figure to compare with: the two classes do not differ in just one intervention."
        ),
        "why_others": _("No published figure to compare with: the intervention is not for {name}."),
        "why_nothing": _("No published figure to compare with: there is none for {measure} and this intervention."),
        "why_scale": _(
            "No published figure to compare with: trials report conduct problems, which have a scale of their own."
        ),
        "why_late": _("No published figure to compare with: the programme starts too late in the year."),
    }


def presenting_words() -> dict[str, Any]:
    """Word what is there for a room full of people."""
    return {
        "switches": _("Interventions for {name}"),
        "keys": _("Keys"),
        "close": _("Close"),
        "full_screen": _("Full screen"),
        "key_list": [
            {"key": "1 – 9", "does": _("Intervention on or off")},
            {"key": _("Space"), "does": _("Play or pause")},
            {"key": "← →", "does": _("One week back or on")},
            {"key": "M", "does": _("Next measure")},
            {"key": "N", "does": _("Another class, with other luck")},
            {"key": "F", "does": _("Full screen on or off")},
            {"key": "?", "does": _("Show or hide this list")},
        ],
    }
