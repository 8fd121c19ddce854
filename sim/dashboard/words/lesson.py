"""Texts around a lesson: making, presenting and printing it."""

from __future__ import annotations

from typing import Any

from sim.dashboard.lesson import LIMITS, lessons
from sim.files.language import _, current
from sim.files.reading import LARGEST_TEXT

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    shipped = [
        {"name": name, "title": one.told(current())["title"], "minutes": one.minutes} for name, one in lessons().items()
    ]
    return {
        "limits": LIMITS,
        "largest_file": LARGEST_TEXT,
        "shipped": shipped,
        **making_words(),
        **step_words(),
        **presenting_words(),
        **paper_words(),
    }


def making_words() -> dict[str, str]:
    """Word the making of a lesson."""
    return {
        "lesson": _("Lesson"),
        "counted": _("Lesson ({count})"),
        "add": _("Add to lesson"),
        "added": _("Step {step} of the lesson."),
        "full": _("A lesson has at most {most} steps."),
        "about": _(
            "A lesson is a list of pictures to show one after the other, each with a note for you and perhaps a task "
            "for the room. Go to a story or a view, and add it; or begin with one of these:"
        ),
        "ready": _("{title} ({minutes} minutes)"),
        "own": _(
            "Your own class is in no lesson: lessons are made of links, and it stays with you. "
            "Choose a story or another class to add it."
        ),
        "title": _("Title"),
        "untitled": _("Lesson without a title"),
        "goals": _("What students learn: a goal a line"),
        "total": _("{minutes} minutes in all"),
        "open": _("Open a lesson"),
        "save": _("Save this lesson"),
        "saved": _("Saved as {file}."),
        "new": _("New lesson"),
        "unsaved": _("This lesson has changes that are in no file."),
        "replace": _("Go on without them"),
        "keep": _("Keep this lesson"),
        "wrong": _("This cannot be read as a lesson:"),
        "still_wrong": _("This is to be changed first:"),
        "too_large": _("{file}: found a file of {size} MB; allowed: at most {limit} MB"),
        "cannot_open": _("{file} cannot be opened."),
        "close": _("Close"),
    }


def step_words() -> dict[str, str]:
    """Word a step."""
    return {
        "steps": _("Steps"),
        "heading": _("Heading of step {step}"),
        "minutes": _("Minutes of step {step}"),
        "min": _("min"),
        "up": _("Step {step} up"),
        "down": _("Step {step} down"),
        "remove": _("Remove step {step}"),
        "removed": _("Step {step} is removed."),
        "undo": _("Undo"),
        "keys": _("Alt with ↑ or ↓ moves a step."),
        "details": _("Note and task"),
        "note": _("Note for you"),
        "task": _("Task for the room, to write an answer to"),
        "answer": _("Answer"),
        "from_here": _("Present from here"),
    }


def presenting_words() -> dict[str, Any]:
    """Word the presentation of a lesson."""
    return {
        "present": _("Present this lesson"),
        "where": _("{step} of {steps}"),
        "clock": _("{minutes} min; planned: {from} to {to} of {total}"),
        "task_number": _("task {number}"),
        "note_button": _("Note"),
        "beside": _("Notes aside"),
        "beside_hint": _("Show the notes in a window of their own, for a screen that the room does not see"),
        "after": _("After this"),
        "note_empty": _("There is no note for this step."),
        "next": _("Next"),
        "previous": _("Back"),
        "end": _("End the lesson"),
        "key_list": [{"key": "T", "does": _("Show or hide the note of this step of the lesson")}],
    }


def paper_words() -> dict[str, str]:
    """Word what is printed."""
    return {
        "print_tasks": _("Print the task sheet"),
        "print_plan": _("Print the plan"),
        "goals_head": _("What you learn"),
        "goals_plan": _("Goals"),
        "name_line": _("Name"),
        "task_head": _("Task {number}"),
        "look": _("The story on a screen of your own:"),
        "plan": _("Plan of a lesson of {minutes} minutes"),
        "span": _("{from} to {to} min"),
        "sources": _("Where the facts come from"),
        "presenting": _(
            "Open this lesson under Lesson, and choose Present this lesson. PgDn and PgUp, or a clicker, lead through "
            "all of it. T shows the note of a step on the screen, to the room as well: this page tells it to you alone."
        ),
        "sheet": _("Task sheet"),
        "plan_name": _("For whoever leads it"),
    }
