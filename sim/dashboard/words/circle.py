"""Texts around the interpersonal circle."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        **reading_words(),
        "seen": {
            "observer": _("As somebody sees it who only watches."),
            "teacher": _(
                "As the teacher sees it, to whom the child's acts look like the image of the child: so the child may "
                "stand elsewhere than for an observer."
            ),
            "child": _(
                "As the child sees it, to whom the teacher's acts look like what it has come to expect: so the teacher "
                "may stand elsewhere than for an observer."
            ),
        },
        "working": _("Working it out …"),
        "empty": _("No contacts yet. Press Play, or the space bar."),
        "about": _(
            "Every act lies by how warm it is, from left to right, and by who leads, from bottom to top. "
            "Whoever begins a contact, or corrects, leads it; the other one goes along; hostility takes the "
            "lead. Drawn is the mean of the last {weeks} weeks, the line is the way there. That two who are calm "
            "complement each other, one leading and one going along, is so by definition; what the circle shows is "
            "where hostility breaks it."
        ),
        "source": _("The circle is that of Leary (1957) and Kiesler (1983)."),
        "axes": {"top": _("leads"), "bottom": _("goes along"), "left": _("against"), "right": _("together")},
        "octants": [
            _("helping"),
            _("leading"),
            _("competing"),
            _("attacking"),
            _("rebelling"),
            _("withdrawing"),
            _("following"),
            _("cooperating"),
        ],
        "middle": _("in the middle"),
        "stands": _("{label}: {name} is {child}, the teacher is {teacher}."),
        "picture": _("{label}, {week}: {name} and the teacher on the interpersonal circle"),
        "key_child": _("{name}, the child"),
        "key_teacher": _("the teacher, towards {name}"),
        "key_others": _("the other children"),
    }


def reading_words() -> dict[str, str]:
    """Name what is read from contacts."""
    return {
        "figures": _("Key figures of the circle"),
        "child_affiliation": _("the child: warmth"),
        "child_control": _("the child: lead"),
        "teacher_affiliation": _("the teacher: warmth (involvement)"),
        "teacher_control": _("the teacher: lead"),
        "autonomy_support": _("autonomy support"),
        "structure": _("structure"),
        "autonomy_support_hint": _("room that the teacher leaves, 0 to 100%"),
        "structure_hint": _("how often the teacher stays calm where the lead is the teacher's"),
    }
