"""What words mean that somebody meets for the first time: programmes, traits of a teacher, twin classes."""

from __future__ import annotations

from typing import Any

from sim.files.language import _

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {
        "what": _("What does “{word}” mean?"),
        "twins": _(
            "Twin classes differ only in what their names say, and have the same luck. So what becomes different "
            "between them comes from that."
        ),
        "twins_word": _("twin class"),
        **programme_meanings(),
        **teacher_meanings(),
    }


def programme_meanings() -> dict[str, str]:
    """Tell what is done in each intervention that comes with the program (`sim.interventions`)."""
    return {
        "samen-spel": _(
            "Samen-Spel (Playing-2-gether) is for one teacher and one child. For six weeks the child leads the play "
            "and the teacher follows (Relatiespel); then, for six weeks, the teacher leads, with clear rules and "
            "praise (Regelspel)."
        ),
        "relationship-play": _(
            "Relatiespel alone: twice a week the child leads the play; the teacher watches, says what the child does "
            "and names feelings."
        ),
        "banking-time": _(
            "The teacher is alone with the child for a while, and the child leads: three times a week, for seven "
            "weeks. So the two save up for difficult moments."
        ),
        "llinc": _(
            "In two conversations of an hour a coach and the teacher look at the relationship with this child. The "
            "teacher then sees more of what the child does, and less of what was expected, and makes a plan."
        ),
        "support-coaching": _(
            "For twelve weeks a coach helps the teacher to give all children more emotional support. It is for the "
            "whole class, not for one child."
        ),
        "social-architect": _(
            "The teacher shows affection for a child whom few classmates like where the class sees it, and corrects it "
            "where nobody does."
        ),
        "bad-week": _("No programme: something at home upsets the child, and for one week it comes to school tense."),
    }


def teacher_meanings() -> dict[str, str]:
    """Tell what each trait of a teacher is that can be moved."""
    return {
        "emotional_support": _(
            "How warm the teacher is, and how well he or she sees what children need: from 0, hardly, to 1, very much."
        ),
        "reflective_functioning": _(
            "How well the teacher thinks about what a child feels and means, instead of seeing what was expected of "
            "it: from 0, hardly, to 1, very much."
        ),
        "strain": _(
            "How worn out the teacher is, from 0 to 1: with more strain there is less attention and less patience."
        ),
    }
