"""What happened, in words: the events of a school year that mattered, read off a record.

Nothing is simulated here. An event is a threshold that a state crossed and kept for a while, a contact that
stood out, a status that changed, a programme that began or ended, or, for twins, the week from which on the
intervention made a difference that can be seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sim.files.language import N_, _, number
from sim.interventions import REGISTRY
from sim.peers import STATUSES as PLACES
from sim.peers import liked_by, nominations, statuses
from sim.record import Record, Twins
from sim.state import Records, Setting, to_item_mean
from sim.year.differences import difference, is_visible

__all__ = ["Event", "difference_events", "events", "in_words"]

KEPT = 10
"""School days that a state must stay beyond a threshold before the crossing counts."""
KEPT_LIKING = 20
"""The same for a difference in liking, which is asked for once a week and moves by whole classmates."""
BACK = 0.05
"""How far it must come back before another crossing counts."""


@dataclass(frozen=True)
class Threshold:
    """A state, a level on [0, 1], and what to say when it is crossed."""

    state: str
    level: float
    up: str
    down: str


THRESHOLDS = (
    Threshold(
        "conflict",
        0.5,
        N_(
            "The conflict between the teacher and {name} rises above the middle of the scale "
            "({score} on a scale of 1 to 5)."
        ),
        N_(
            "The conflict between the teacher and {name} falls below the middle of the scale "
            "({score} on a scale of 1 to 5)."
        ),
    ),
    Threshold(
        "closeness",
        0.5,
        N_(
            "The teacher and {name} grow closer: closeness rises above the middle of the scale "
            "({score} on a scale of 1 to 5)."
        ),
        N_(
            "The teacher and {name} grow apart: closeness falls below the middle of the scale "
            "({score} on a scale of 1 to 5)."
        ),
    ),
    Threshold(
        "aggression",
        0.5,
        N_("{name} is often aggressive now."),
        N_("{name} is clearly less aggressive than before."),
    ),
    Threshold(
        "dependency",
        0.5,
        N_("{name} clings to the teacher."),
        N_("{name} clings less to the teacher."),
    ),
    Threshold(
        "engagement",
        0.45,
        N_("{name} joins in well in class."),
        N_("{name} drops out of school work: engagement has become low."),
    ),
    Threshold(
        "perceived_control",
        0.25,
        N_("The teacher feels able to handle {name}."),
        N_("The teacher feels powerless with {name}."),
    ),
)
TEACHER_STRESS = Threshold(
    "stress",
    0.5,
    N_("The teacher is under much stress, and the other children notice it too."),
    N_("The teacher's stress eases."),
)
STATUSES = {
    "rejected": N_("{name} is now rejected in the class: disliked by many, liked by few."),
    "neglected": N_("{name} is overlooked in the class: hardly anyone names {name}, as a friend or otherwise."),
    "popular": N_("{name} has become popular in the class."),
    "controversial": N_("The class is divided about {name}: many like {name}, many do not."),
    "average": N_("{name} now has an ordinary place in the class."),
}
PLACE_CHANGED = N_("{name} is no longer rejected in the class.")
HARSHEST = N_("The harshest moment in front of the class this year: the teacher snaps at {name}.")
WARMEST = N_("A very warm moment between the teacher and {name}, in front of the class.")
SPIRAL = N_("Conflict and aggression of {name} have been driving each other up for four weeks.")
BEGINS = N_("Start: {programme} ({names}).")
BEGINS_CLASS = N_("Start: {programme} (the whole class).")
ENDS = N_("End: {programme}.")
ONE_WEEK = N_("{programme} ({names}).")
ONE_WEEK_CLASS = N_("{programme} (the whole class).")
LOWER_CONFLICT = N_("From here on the conflict with {name} is visibly lower than in the twin class.")
HIGHER_CONFLICT = N_("From here on the conflict with {name} is visibly higher than in the twin class.")
HIGHER_CLOSENESS = N_("From here on {name} and the teacher are visibly closer than in the twin class.")
LOWER_CLOSENESS = N_("From here on {name} and the teacher are visibly less close than in the twin class.")
HIGHER_AGGRESSION = N_("From here on {name} is visibly more aggressive than in the twin class.")
LOWER_AGGRESSION = N_("From here on {name} is visibly less aggressive than in the twin class.")
MORE_LIKING = N_("From here on more classmates like {name} than in the twin class.")
LESS_LIKING = N_("From here on fewer classmates like {name} than in the twin class.")
CLOSENESS_GONE = N_("The difference in closeness between {name} and the teacher can no longer be seen.")
CONFLICT_GONE = N_("The difference in conflict with {name} can no longer be seen.")
AGGRESSION_GONE = N_("The difference in {name}'s aggression can no longer be seen.")
LIKING_GONE = N_("As many classmates like {name} as in the twin class again.")


@dataclass(frozen=True, order=True)
class Event:
    """Something that happened on the evening of `day` (from 1; 0 is the start), to `child` or to the class.

    `text` is an English text with places for names and numbers; `in_words` tells it in the current language.
    """

    day: int
    week: int
    child: int
    kind: str
    text: str = field(compare=False)
    score: float | None = field(default=None, compare=False)
    names: tuple[str, ...] = field(default=(), compare=False)
    programme: str = field(default="", compare=False)

    @property
    def about_class(self) -> bool:
        """Whether the event is about the class rather than about one child."""
        return self.child < 0


CLASS = -1


def in_words(event: Event, names: tuple[str, ...]) -> str:
    """The event as a sentence in the current language; children's names are as given, not escaped."""
    return _(event.text).format(
        name="" if event.about_class else names[event.child],
        names=", ".join(event.names),
        programme=_(event.programme),
        score="" if event.score is None else number(to_item_mean(event.score), 1),
    )


def events(record: Record, child: int | None = None) -> tuple[Event, ...]:
    """Events of a year in the order of their days.

    Parameters
    ----------
    record
        The year.
    child
        Number of a child to tell about, with the class; all children without it.
    """
    children = range(len(record.names)) if child is None else (child,)
    happened = [*programme_events(record), *teacher_events(record)]
    for number_ in children:
        happened += child_events(record, number_)
    happened += status_events(record, tuple(children))
    return tuple(sorted(happened))


def difference_events(twins: Twins, child: int) -> tuple[Event, ...]:
    """When what sets the twins apart began, and ceased, to make a visible difference for `child`.

    A difference `is_visible` as everywhere; it is told where it is so, or is so no longer, for a while.
    """
    happened: list[Event] = []
    for state, more, less, gone in (
        ("conflict", HIGHER_CONFLICT, LOWER_CONFLICT, CONFLICT_GONE),
        ("closeness", HIGHER_CLOSENESS, LOWER_CLOSENESS, CLOSENESS_GONE),
        ("aggression", HIGHER_AGGRESSION, LOWER_AGGRESSION, AGGRESSION_GONE),
        ("liked_by", MORE_LIKING, LESS_LIKING, LIKING_GONE),
    ):
        without, with_ = (followed(record, state, child) for record in (twins.without, twins.with_))
        apart = difference(state, without, with_)
        seen = np.where(is_visible(state, apart), np.sign(apart), 0.0)
        told, kept = seen[0], KEPT_LIKING if state == "liked_by" else KEPT
        for day in np.flatnonzero(np.any([stays(seen == sign, kept) for sign in (-1.0, 0.0, 1.0)], axis=0)):
            if seen[day] != told:
                told = seen[day]
                text = more if told > 0.0 else less if told < 0.0 else gone
                happened.append(event(twins.with_, int(day), child, f"difference in {state}", text))
    return tuple(sorted(happened))


def followed(record: Record, state: str, child: int) -> Records:
    """Scores of a child on every evening, or by how many classmates it was named at the end of the week before."""
    if state != "liked_by":
        return to_item_mean(record.children[state][:, child])
    evenings = np.arange(0, record.calendar.days + 1, record.calendar.days_per_week)
    weekly = liked_by(record.liking[evenings])[:, child].astype(float)
    return np.asarray(weekly[np.arange(record.calendar.days + 1) // record.calendar.days_per_week])


def event(
    record: Record,
    day: int,
    child: int,
    kind: str,
    text: str,
    *,
    score: float | None = None,
    names: tuple[str, ...] = (),
    programme: str = "",
) -> Event:
    """An event on a day of a record."""
    return Event(day, record.calendar.week(day), child, kind, text, score, names, programme)


def crossings(series: Records, level: float) -> Iterator[tuple[int, int]]:
    """Days on which `series` goes beyond `level` and stays for a while: +1 upwards, -1 downwards.

    Another crossing counts only after the series has come back by `BACK`.
    """
    above = bool(series[0] > level)
    stays_above, stays_below = stays(series > level), stays(series < level - BACK)
    for day in np.flatnonzero(stays_above | stays_below):
        if day > 0 and above != stays_above[day]:
            above = not above
            yield int(day), 1 if above else -1


def stays(holds: Records, kept: int = KEPT) -> Records:
    """Whether something that `holds` on a day, shape (days,), does so for so many days, or to the end."""
    to_the_end = np.concatenate([holds, np.ones(kept - 1, dtype=bool)])
    windows: Records = np.lib.stride_tricks.sliding_window_view(to_the_end, kept)
    return np.asarray(windows.all(axis=1))


def child_events(record: Record, child: int) -> Iterator[Event]:
    """Thresholds that a child crossed, moments that stood out, spirals."""
    for threshold in THRESHOLDS:
        series = record.children[threshold.state][:, child]
        for day, sign in crossings(series, threshold.level):
            text = threshold.up if sign > 0 else threshold.down
            yield event(record, day, child, threshold.state, text, score=float(series[day]))
    yield from moments(record, child)
    yield from spirals(record, child)


def moments(record: Record, child: int) -> Iterator[Event]:
    """The harshest and the warmest public contact of the year, where they were harsh and warm indeed."""
    contacts = record.contacts[(record.contacts["child"] == child) & (record.contacts["public"] == 1)]
    contacts = contacts[contacts["setting"] != int(Setting.SESSION)]
    if not len(contacts):
        return
    threshold = record.final.parameters["derogation_threshold"]
    harshest = contacts[np.argmin(contacts["response"])]
    if harshest["response"] < -threshold:
        yield event(record, int(harshest["day"]), child, "harshest moment", HARSHEST)
    warmth = np.minimum(contacts["tone"], contacts["response"])
    warmest = contacts[np.argmax(warmth)]
    if warmth.max() > threshold and record.children["conflict"][0, child] > THRESHOLDS[0].level:
        yield event(record, int(warmest["day"]), child, "warmest moment", WARMEST)


def spirals(record: Record, child: int, weeks: int = 4, rise: float = 0.01) -> Iterator[Event]:
    """Runs of weeks in which conflict and aggression both rise, told once each."""
    days = record.calendar.days_per_week
    conflict = np.diff(record.children["conflict"][::days, child])
    aggression = np.diff(record.children["aggression"][::days, child])
    rising, run = (conflict > rise) & (aggression > 0), 0
    for week, both in enumerate(rising, start=1):
        run = run + 1 if both else 0
        if run == weeks:
            yield event(record, week * days, child, "spiral", SPIRAL)


def teacher_events(record: Record) -> Iterator[Event]:
    """When the teacher's stress became high, and when it eased."""
    for day, sign in crossings(record.teacher["stress"], TEACHER_STRESS.level):
        yield event(record, day, CLASS, "teacher", TEACHER_STRESS.up if sign > 0 else TEACHER_STRESS.down)


def programme_events(record: Record) -> Iterator[Event]:
    """Beginning and end of every intervention; of one that lasts a week at most, that it is there."""
    for choice, chosen in zip(record.scenario.interventions, record.chosen, strict=False):
        kind = REGISTRY[choice.name]
        begin = record.calendar.first_day(choice.start_week)
        everyone = len(chosen) == len(record.names)
        names = () if everyone else tuple(record.names[child] for child in chosen)
        short = kind.weeks == 1
        text = (ONE_WEEK_CLASS if short else BEGINS_CLASS) if everyone else ONE_WEEK if short else BEGINS
        yield event(record, begin, CLASS, "programme", text, names=names, programme=kind.title)
        last = choice.start_week + (kind.weeks or 0) - 1
        if kind.weeks is not None and not short and last <= record.calendar.weeks:
            yield event(record, record.calendar.last_day(last), CLASS, "programme", ENDS, programme=kind.title)


def status_events(record: Record, children: tuple[int, ...], kept_weeks: int = 3) -> Iterator[Event]:
    """Changes of sociometric status that last, looked at every week."""
    days = record.calendar.days_per_week
    evenings = np.arange(0, record.calendar.days + 1, days)
    liked, disliked = nominations(record.liking[evenings])
    _, places = statuses(liked.sum(axis=1), disliked.sum(axis=1))
    weekly = [[PLACES[place] for place in week] for week in places]
    for child in children:
        current = weekly[0][child]
        for week in range(1, len(weekly) - kept_weeks + 1):
            ahead = {weekly[later][child] for later in range(week, week + kept_weeks)}
            new = weekly[week][child]
            if ahead == {new} and new != current:
                left = current == "rejected" and new == "average"
                notable = new != "average" or left
                if notable:
                    text = PLACE_CHANGED if left else STATUSES[new]
                    yield event(record, week * days, child, "status", text)
                current = new
