"""Texts around the loop: what drove what, and the relationship profile."""

from __future__ import annotations

from typing import Any

from sim.files.language import _
from sim.year.causes import LINKS

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        "head": _("What drove what"),
        "simply": _("In five steps"),
        "everything": _("Everything"),
        "steps": step_words(),
        "close": _("Back to the year"),
        "waiting": _("The class is run again without each of the links …"),
        "failed": _("This could not be computed. Close it and try again."),
        "pick": _("Made a difference to"),
        "strongest": _("The three strongest links so far"),
        "none": _("In week 0 no link has had time to make a difference. Press Play."),
        "raised": _("{link}. Without this link {state} would be {size} points lower."),
        "lowered": _("{link}. Without this link {state} would be {size} points higher."),
        "key_more": _("solid, +: raises {state}, the wider the more"),
        "key_less": _("dashed, −: lowers it"),
        "key_given": _("thin: always there, cannot be cut"),
        "how": _(
            "How it is found: the same class lives through the same year, with the same luck, once more for each "
            "link – without that link, from the first day on, for all children. The width of an arrow is the "
            "difference that makes."
        ),
        "parts": _(
            "Aggression follows from three parts: the liability, which the child takes along everywhere, changes over "
            "months; the habit with this teacher, over weeks; goodwill, which holds both back, within days."
        ),
        "limits": _(
            "Do not add these numbers up: each link is cut while all others are at work, and two links of one chain "
            "both hold what went through the chain. They say what drove this simulated child, not a real one."
        ),
        "table": _("Differences that the links make until week {week}, in points of a scale of 1 to 5"),
        "link": _("Link"),
        "table_nodes": _("What the loop is made of, in week {week}"),
        "node": _("Part of the loop"),
        "value": _("Value"),
        "picture": _("Loop of {name} and the teacher, week {week}"),
        "nodes": node_words(),
        "tones": [_("hostile"), _("cool"), _("neutral"), _("friendly"), _("warm")],
        "a_week": _("{count} a week"),
        "no_contact": _("no contact"),
        "links": link_words(),
        "ends": {name: (link.source, link.target) for name, link in LINKS.items()},
        "profile": profile_words(),
    }


def step_words() -> dict[str, Any]:
    """Tell the loop in five steps, one after the other."""
    return {
        "picture": _("The loop of {name} and the teacher in five steps, week {week}"),
        "previous": _("Previous step"),
        "next": _("Next step"),
        "stations": {
            "acts": {"title": _("How the child acts"), "now": _("{name}'s tone towards the teacher is {now}.")},
            "sees": {
                "title": _("How the teacher sees it"),
                "now": _("The teacher expects {name} to be {now}, and sees what {name} does in that light."),
            },
            "answers": {
                "title": _("How the teacher answers"),
                "now": _("The teacher's tone towards {name} is {now}. Corrections this week: {count}."),
            },
            "feels": {"title": _("What the child feels of it"), "now": _("To {name} the teacher's tone feels {now}.")},
            "learns": {
                "title": _("What the child learns"),
                "now": _("{name} expects the teacher to be {now}, and goes into the next contact with that."),
            },
        },
        "before": _("in week 0: {value}"),
        "then": _("In week {week} it was {then}."),
        "same": _("In week {week} it was so, too."),
        "none": _("In week {week} there was no contact of {name} and the teacher to tell of."),
        "cut": _("{programme} cuts in here this week: {what}."),
        "outlast": _(
            "{programme} ended in week {week}. What it left is still at work here, in percent of what it was: {what}."
        ),
        "left": _("{what} ({share}%)"),
        "cuts": {
            "session": _("sessions of two"),
            "outreach": _("teacher seeks the child"),
            "reflection": _("teacher reflects"),
            "attunement": _("follows the child's lead"),
            "calm": _("calm and predictable"),
            "praise": _("looks for what to praise"),
            "showcase": _("shows affection in class"),
            "coaching": _("coached to be warmer"),
        },
        "key_earlier": _("Pale is before the change."),
        "earlier": _("before the change: {value}"),
        "key": _("Dots below the words, from hostile to warm: full is now, hollow is week {week}."),
    }


def node_words() -> dict[str, str]:
    """Name what stands in the loop."""
    return {
        "aggression": _("aggression"),
        "liability": _("liability"),
        "habit": _("habit"),
        "goodwill": _("goodwill"),
        "conflict": _("conflict"),
        "closeness": _("closeness"),
        "child_stress": _("child's stress"),
        "felt_security": _("child expects"),
        "image": _("teacher expects"),
        "control": _("teacher's control"),
        "child_tone": _("child's tone"),
        "teacher_tone": _("teacher's tone"),
        "felt": _("what child feels"),
        "corrections": _("corrections"),
        "teacher_stress": _("teacher's stress"),
        "classmates": _("liked by class"),
    }


def link_words() -> dict[str, str]:
    """Say what each link is, as a short sentence without its full stop."""
    return {
        "misbehaviour": _("Aggression brings corrections"),
        "resistance": _("A corrected child resists"),
        "correction": _("A correction makes the teacher's tone cooler"),
        "aggression": _("Aggression sharpens the child's tone"),
        "grudge": _("Conflict sharpens the child's tone"),
        "tension": _("Stress sharpens the child's tone"),
        "closeness": _("Closeness warms the child's tone"),
        "security": _("Feeling safe with the teacher warms the child's tone"),
        "hostility": _("The teacher answers hostility with hostility"),
        "image": _("The teacher sees what it expects to see"),
        "helplessness": _("A teacher who feels powerless answers hostility more harshly"),
        "strain": _("The teacher's stress sharpens its tone"),
        "friction": _("Conflict sharpens the teacher's tone"),
        "control": _("The child's tone gives or takes the teacher's feeling of control"),
        "stress": _("The child's tone stresses or relieves the teacher"),
        "reading": _("The child feels what it expects to feel"),
        "hurt": _("Felt hostility costs closeness"),
        "upset": _("Felt hostility upsets the child, felt warmth calms it"),
        "approval": _("Approval makes the child willing, harshness undoes it"),
        "habit": _("Hostility that meets hostility becomes a habit with this teacher, warmth undoes it"),
        "coercion": _("Hostility that meets hostility adds to what the child takes along, warmth undoes it"),
        "esteem": _("Low self-esteem adds to the liability to aggression"),
        "example": _("Classmates like a child less or more as the teacher treats it"),
        "peers": _("Rejection and quarrels with classmates add to the liability, friendly play undoes it"),
        "quarrels": _("The liability to aggression makes play with classmates hostile"),
    }


def profile_words() -> dict[str, str]:
    """Name what is around the relationship profile."""
    return {
        "head": _("The relationship profile before and after"),
        "about": _("What the interview of LLInC would show of this simulated teacher and {name}; 1 to 5."),
        "dimension": _("Part of the profile"),
        "before": _("before (week {week})"),
        "after": _("after (week {week})"),
        "without": _("week {week} without LLInC"),
        "words": _("Three words, before: {before}. At the end: {after}."),
        "asks": _("A coach would ask: {questions}"),
    }
