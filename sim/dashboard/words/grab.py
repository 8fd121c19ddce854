"""Texts around what a visitor takes hold of: a child, a day, the bad week, the teacher; and what that changed."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        "head": _("Take hold of it"),
        "hint": _("click: follow; drag: begin closer"),
        "begins": _("Begins with closeness"),
        "closer": _("Begin closer"),
        "farther": _("Begin farther"),
        "pokes": _("A single day for {name}"),
        "week": _("Week {week}:"),
        "teacher": _("Teacher"),
        "teachers": {
            "supportive": _("supportive"),
            "ordinary": _("ordinary"),
            "irritated": _("irritated"),
            "unsure": _("unsure"),
            "worn_out": _("worn out"),
            "distant": _("distant"),
        },
        "bad_week": _("How much the bad week upsets {name}"),
        "bad_week_value": _("{percent}%, week {week}"),
        "bad_week_keys": _("Up and down: better or worse; left and right: another week."),
        "changed": _("Changed"),
        "begins_closer": _("{name} begins closer: {now} instead of {before}."),
        "begins_farther": _("{name} begins farther: {now} instead of {before}."),
        "poked": _("{day} for {name}, week {week}."),
        "upset": _("A bad week upsets by {percent}% instead of {before}%."),
        "upset_when": _("The bad week is week {week}."),
        "begins_aggression": _("{name} begins with an aggression of {now}."),
        "teacher_is": _("Teacher: {kind}."),
        "value_is": _("{what}: {now} instead of {before}."),
        "programmes": _("Programmes: {names}."),
        "no_programme": _("No programme."),
        "start_is": _("Begins in week {week}."),
        "other_luck": _("Another course of luck."),
        "take_back": _("Take back: {what}"),
        "go_back": _("Undo the last change"),
        "first_day": _("The first day"),
        "first_day_now": _("{what} {now}, was {before}"),
        "sharp_act": _("chance that {name} is sharp:"),
        "sharp_answer": _("chance of a sharp answer to that:"),
    }
