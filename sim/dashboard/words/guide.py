"""Texts around the guided story: prediction, outcome, explanation, things to try."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        "expect": _("What do you expect?"),
        "expect_changed": _("What do you expect for {name}, as it is set now?"),
        "put_aside": _("The prediction was about something else: it is put aside. What do you expect now?"),
        "put_aside_after": _("Your prediction was about something else: it is put aside."),
        "too_late": _("Week {week} has been shown: an answer now would be no prediction any more."),
        "stands": _("Week {week} has been shown: your prediction stands."),
        "predict_again": _("Predict again, from the first day"),
        "one_class": _("There is only one class now: switch on an intervention to compare."),
        "counts": _("A difference of {size} classmate or more can be seen."),
        "counts_points": _("A difference of {size} points or more can be seen."),
        "play": _("Play the year"),
        "skip": _("Show the whole year at once"),
        "covered": _("“{view}” shows how the year ends. Say first what you expect, and play the year."),
        "covered_late": _("“{view}” shows how the year ends, which has not been played yet."),
        "to_story": _("To the story"),
        "draw": _("Or draw the course that you expect"),
        "drawing": _("Draw {measure} of {name} in the picture “{label_with}”: with mouse, finger or arrow keys."),
        "undraw": _("Take the line away"),
        "drawn_stays": _("The line that you drew stays in the picture."),
        "drawn": _("You drew {drawn} for week {week}. It became {with}."),
        "drawn_label": _("Expected {measure} in week {week}"),
        "expected": _("You expected {expected}."),
        "as_expected": _("That is how it went."),
        "otherwise": _("It went another way."),
        "outcome": _(
            "{name}, {measure} at the end: {label_with} {with}, {label_without} {without}. Difference: {difference}."
        ),
        "outcome_then": _(
            "{name}, {measure} after week {week}: {label_with} {with}, {label_without} {without}. "
            "Difference: {difference}."
        ),
        "outcome_alone": _("{name}, {measure} at the end: {without}."),
        "outcome_alone_then": _("{name}, {measure} after week {week}: {without}."),
        "look": _("Go to week {week}"),
        "late": _("The question is about week {week}; what makes the two classes differ begins only in week {begin}."),
        "result_then": {
            "more": _("In the class “{label}”, {name} has more {measure} after week {week}."),
            "less": _("In the class “{label}”, {name} has less {measure} after week {week}."),
        },
        "result": {
            "more": _("In the class “{label}”, {name} has more {measure} at the end of the year."),
            "less": _("In the class “{label}”, {name} has less {measure} at the end of the year."),
            "same": _("For {name} it is about the same in both classes."),
        },
        "result_liked_by": {
            "more": _("In the class “{label}”, more classmates like {name}."),
            "less": _("In the class “{label}”, fewer classmates like {name}."),
        },
        "options": {
            "conflict": {"more": _("more conflict"), "less": _("less conflict"), "same": _("about the same")},
            "closeness": {"more": _("more closeness"), "less": _("less closeness"), "same": _("about the same")},
            "aggression": {"more": _("more aggression"), "less": _("less aggression"), "same": _("about the same")},
            "liked_by": {"more": _("more classmates"), "less": _("fewer classmates"), "same": _("just as many")},
        },
        "columns": {"year": _("The year"), "why": _("Why?"), "loop": _("What drove what")},
        "columns_label": _("What is shown"),
        "source": _("Source: {source}."),
        "rows": _("In the evidence table: {rows}."),
        "changed": _("You have changed the story. The explanation is about the story as it was."),
        "own": _(
            "Play the year of your class. Or switch on a programme for {name}: then there are two such classes, with "
            "the same luck."
        ),
        "back": _("Back to the story as it was"),
        "try": _("Try it out"),
        "try_hint": _("The year is computed again at once; you stay in the same week."),
    }
