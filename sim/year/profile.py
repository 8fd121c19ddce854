"""LLInC's relationship profile: what the teacher relationship interview would yield for a simulated dyad.

The profile is read off the state of the dyad and its recent contacts. Its dimensions, and what is typical of a
stuck relationship, follow the interview of LLInC (Spilt et al. 2012): three words for the relationship, recent
events and what teacher and child felt in them, what is most satisfying in being this child's teacher.
It describes a simulated teacher; it is no instrument for a real one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.dynamics import strengthen
from sim.files.language import N_, _, number
from sim.record import Record
from sim.state import Records, Setting

__all__ = ["DIMENSIONS", "Dimension", "Profile", "profile"]

RECENT = 20
"""School days that the interview looks back on."""
EVENTS = 3
HIGH, LOW = 0.6, 0.4


@dataclass(frozen=True)
class Dimension:
    """One dimension of the profile: name, title, and whether much of it is a strength."""

    name: str
    title: str
    strength: bool


DIMENSIONS = (
    Dimension("warmth", N_("Warmth"), strength=True),
    Dimension("sensitivity", N_("Sensitivity"), strength=True),
    Dimension("perspective_taking", N_("Perspective-taking"), strength=True),
    Dimension("secure_base", N_("Secure base"), strength=True),
    Dimension("anger", N_("Anger"), strength=False),
    Dimension("helplessness", N_("Helplessness"), strength=False),
)

# Words by what stands out; the first three whose condition holds are said.
WORDS: tuple[tuple[str, str, bool], ...] = (
    ("anger", N_("exhausting"), True),
    ("helplessness", N_("powerless"), True),
    ("warmth", N_("warm"), True),
    ("secure_base", N_("trusting"), True),
    ("sensitivity", N_("attentive"), True),
    ("warmth", N_("distant"), False),
    ("secure_base", N_("wary"), False),
    ("perspective_taking", N_("hard to fathom"), False),
    ("anger", N_("calm"), False),
    ("helplessness", N_("under control"), False),
)
SPARE = (N_("changeable"), N_("ordinary"), N_("businesslike"))

QUESTIONS: tuple[tuple[str, bool, str], ...] = (
    ("anger", True, N_("When am I irritated, and what does that do to how I act?")),
    ("helplessness", True, N_("When did I last get through to {name}? What was different then?")),
    ("perspective_taking", False, N_("How does {name} experience my behaviour?")),
    ("secure_base", False, N_("Does {name} feel safe with me? How would I notice?")),
    ("warmth", False, N_("What do I like in {name}, and when did I last say so?")),
    ("sensitivity", False, N_("What does {name} need from me at a difficult moment?")),
)
ALWAYS = (
    N_("How does {name} experience my behaviour?"),
    N_("Does {name} feel safe with me? How would I notice?"),
    N_("When am I irritated, and what does that do to how I act?"),
)
SETTINGS = {
    Setting.TASK: N_("during work"),
    Setting.SOCIAL: N_("in a chat"),
    Setting.DISCIPLINE: N_("during a correction"),
    Setting.SESSION: N_("in a one-to-one session"),
}
FEELINGS = (N_("hostile"), N_("cool"), N_("neutral"), N_("friendly"), N_("warm"))


@dataclass(frozen=True)
class Profile:
    """The profile of one dyad on one evening.

    Attributes
    ----------
    name
        The child, as given; whoever shows it escapes it.
    week
        School week.
    scores
        Score of each of `DIMENSIONS`, 0 to 1.
    told
        Records of the contacts that would be told, the most striking first.
    negative_told
        Share of them in which the teacher perceived or answered with hostility.
    """

    name: str
    week: int
    scores: dict[str, float]
    told: Records
    negative_told: float

    @property
    def stuck(self) -> bool:
        """Whether what is typical of a stuck relationship prevails."""
        burden = 0.5 * (self.scores["anger"] + self.scores["helplessness"])
        return burden > HIGH and self.scores["warmth"] < HIGH

    def words(self) -> list[str]:
        """Three words for the relationship."""
        said = [word for name, word, high in WORDS if (self.scores[name] > HIGH if high else self.scores[name] < LOW)]
        return [_(word) for word in (*said, *SPARE)[:3]]

    def questions(self) -> list[str]:
        """The reflection questions that a coach would ask, the most pressing first."""
        pressing = [
            question
            for name, high, question in QUESTIONS
            if (self.scores[name] > HIGH if high else self.scores[name] < LOW)
        ]
        return [_(question).format(name=self.name) for question in dict.fromkeys((*pressing, *ALWAYS))]

    def labelled(self) -> dict[str, float]:
        """Scores by the title of their dimension in the current language."""
        return {_(dimension.title): self.scores[dimension.name] for dimension in DIMENSIONS}

    def text(self) -> str:
        """The profile as a page of text in the current language."""
        lines = [
            _("Relationship profile: {name}, week {week}").format(name=self.name, week=self.week),
            "",
            _("Three words for the relationship: {words}.").format(words=", ".join(self.words())),
            "",
        ]
        for dimension in DIMENSIONS:
            score = number(1.0 + 4.0 * self.scores[dimension.name], 1)
            lines.append(f"  {_(dimension.title):<24} {score}  {'■' * round(20 * self.scores[dimension.name])}")
        lines += ["", _("Events of the last weeks that the teacher would tell about:")]
        lines += [f"  – {self.tell(contact)}" for contact in self.told] or ["  – " + _("none")]
        lines.append("")
        lines.append(self.summary())
        lines += ["", _("What is most satisfying in being this child's teacher?"), "  " + self.satisfying()]
        lines += ["", _("Questions to reflect on:")]
        lines += [f"  {place}. {question}" for place, question in enumerate(self.questions(), start=1)]
        lines += [
            "",
            _("Scores run from 1 to 5. This is a simulated dyad, not a diagnosis of a real child or teacher."),
        ]
        return "\n".join(lines) + "\n"

    def tell(self, contact: Records) -> str:
        """One event, with what the child showed, what the teacher saw in it and how it answered."""
        return _(
            "day {day}, {setting}: {name} was {tone}; the teacher saw it as {perceived} and answered in a "
            "{response} tone; {name} felt it as {felt}."
        ).format(
            day=int(contact["day"]),
            setting=_(SETTINGS[Setting(int(contact["setting"]))]),
            name=self.name,
            **{part: feeling(float(contact[part])) for part in ("tone", "perceived", "response", "felt")},
        )

    def summary(self) -> str:
        """Whether the relationship looks stuck."""
        if self.stuck:
            return _(
                "The picture of a stuck relationship: mostly negative events come to mind, with anger and "
                "helplessness; relief when the child is absent; good sides are named only when asked for."
            )
        if self.negative_told > 0.5:
            return _("Negative events come to mind first, but they do not fill the picture.")
        return _("The picture is open: good and difficult moments are told side by side.")

    def satisfying(self) -> str:
        """What the teacher would name, given the warmth that there is."""
        if self.scores["warmth"] > HIGH:
            return _("The answer comes at once: the moments of contact with {name}.").format(name=self.name)
        if self.scores["warmth"] > LOW:
            return _("After some thought: a good moment with {name} last week.").format(name=self.name)
        return _("A long silence. “When it is quiet because {name} is not there.”").format(name=self.name)


def feeling(tone: float) -> str:
    """A tone in -1…1 as a word."""
    return _(FEELINGS[int(np.searchsorted([-0.5, -0.1, 0.2, 0.55], tone))])


def profile(record: Record, child: int, day: int | None = None) -> Profile:
    """The relationship profile of `child` on the evening of `day` (the last one by default).

    Warmth: closeness and what the teacher's image of the child holds of it. Sensitivity: how the teacher answers
    when the child is in need, that is when its tone is negative. Perspective-taking: reflective functioning, and how
    near what the teacher perceived is to what the child did. Secure base: how safe the child feels. Anger: conflict,
    and the share of contacts that the teacher answered with hostility. Helplessness: lack of perceived control, more
    so where much is negative.
    """
    day = record.calendar.days if day is None else day
    state = record.children[day][child]
    contacts = record.contacts
    recent = contacts[(contacts["child"] == child) & (contacts["day"] <= day) & (contacts["day"] > day - RECENT)]
    need = recent[recent["tone"] < 0]
    hostile = share(recent["response"] < 0)
    negative = share((recent["perceived"] < 0) | (recent["response"] < 0))
    misread = float(np.abs(recent["perceived"] - recent["tone"]).mean()) if len(recent) else 0.0
    answered = float(need["response"].mean()) if len(need) else float(recent["response"].mean()) if len(recent) else 0.0
    reflective = strengthen(record.teacher[day]["reflective_functioning"], state["reflection"])
    scores = {
        "warmth": 0.5 * state["closeness"] + 0.25 * (1.0 + state["representation"]),
        "sensitivity": 0.5 * (1.0 + answered),
        "perspective_taking": 0.5 * (reflective + 1.0 - min(1.0, 2.0 * misread)),
        "secure_base": 0.5 * (1.0 + state["felt_security"]),
        "anger": 0.5 * (state["conflict"] + hostile),
        "helplessness": (1.0 - state["perceived_control"]) * (0.5 + 0.5 * negative),
    }
    striking = np.argsort(-(np.abs(recent["perceived"]) + np.abs(recent["response"])), kind="stable")
    told = recent[striking[:EVENTS]]
    return Profile(
        name=record.names[child],
        week=record.calendar.week(day),
        scores={name: float(score) for name, score in scores.items()},
        told=told,
        negative_told=share((told["perceived"] < 0) | (told["response"] < 0)),
    )


def share(condition: Records) -> float:
    """Share of entries that are true; 0 of none."""
    return float(condition.mean()) if len(condition) else 0.0
