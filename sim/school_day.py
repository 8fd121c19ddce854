"""The order of a school day, as data: both runners are put together from it, and the documentation prints it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CONTACT", "SCHOOL_DAY", "Step"]


@dataclass(frozen=True)
class Step:
    """One step: its name, which is also that of the method and of the compiled function that do it; what happens."""

    name: str
    what: str


SCHOOL_DAY: tuple[Step, ...] = (
    Step(
        "arrive",
        "Moods of the day; stress has recovered overnight, longer on days without school, on which likings drift.",
    ),
    Step("intervene", "Interventions that are running say what is in force today, and for whom a session is due."),
    Step("contacts", "Teacher-child contacts in the order of their times; each as in the table of a contact."),
    Step("play", "Children play with whom they like; liking, aggression and stress follow."),
    Step("hold_sessions", "One-to-one sessions that are due take place; each exchange is a private contact."),
    Step("learn", "Engagement and achievement; every memory returns a little to what traits support."),
    Step("record", "The state of the evening is kept."),
)

CONTACT: tuple[Step, ...] = (
    Step(
        "attends",
        "A bid comes up; the teacher answers it if attention is left, and misbehaviour where goodwill does not hold it "
        "back; to be ignored costs goodwill.",
    ),
    Step("acts", "The child acts: with hostility, by a chance that demand provokes, or in a neutral or friendly tone."),
    Step("perceives", "The teacher perceives it through its working model of this child."),
    Step("responds", "The teacher responds: harshly, by a chance, or in a neutral or warm tone."),
    Step("feels", "The child perceives the response through its own working model."),
    Step("goes on", "Where one of the two was hostile, each has a second turn: it escalates or is repaired."),
    Step("learns", "Closeness, conflict, dependency; then what the teacher learns; then what the child learns."),
    Step("is_seen", "Classmates who saw a public contact update their liking of the child."),
)
