"""Say in how many pairs of classes the shipped examples show their point, and choose the pair that is shown.

Run by hand after numbers have changed (two minutes)::

    python scripts/choose_examples.py                      # list it; nothing is written
    python scripts/choose_examples.py --measures           # what else could have been asked about
    python scripts/choose_examples.py --write --stories    # then python scripts/write_docs.py

The point of each example stands below, as data: whose score, in which week, what is expected of it, compared with
which class. It is looked for in `PAIRS` pairs of classes that differ in nothing but luck (`sim.year.pairs`).

An example shows one pair, and what a visitor sees first should be typical of its kind, not the largest there is. Of the
tenth of all pairs whose differences are nearest to the median the one is taken whose year, in both classes and week by
week, is nearest to the median year. ``--write`` writes its number into the scenarios,
``--stories`` what was measured into the guided stories; either keeps all of it in ``docs/examples.json``, from which
the tables of ``docs/examples.md`` are written.

Which children and which teachers the examples are about is chosen by rules, too (`KINDS`). These are listed with
their candidates; a scenario that is no longer what its rule gives is named, and changed by hand.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from sim.dashboard.stories import STORIES, Figure, Story, stories
from sim.files.language import use
from sim.population import TEACHER_MARGINALS
from sim.run import Keep, many, side_by_side
from sim.scenario import Later, Scenario, load, next_teacher, shipped
from sim.school_years import live
from sim.state import Records, to_item_mean
from sim.year.differences import VISIBLE
from sim.year.events import THRESHOLDS
from sim.year.pairs import is_drawn

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "docs" / "examples.json"
PAIRS: Final = 200
NEAR: Final = 0.1
"""Share of pairs whose differences are called near to the median."""
CANDIDATES: Final = 5
"""How many candidates are listed."""
COURSE: Final = ("closeness", "conflict", "aggression")
"""What is compared of two years, week by week."""

Wanted = Literal["more", "less", "same", "some"]
Whose = Literal["child", "chosen", "class"]


@dataclass(frozen=True)
class Point:
    """What an example shows.

    Attributes
    ----------
    english, dutch
        In words.
    measure
        A state of a child, as a score of 1 to 5, or ``liked_by``: by how many classmates it is named.
    wanted
        What is expected where the example shows its point: ``more`` or ``less`` than in the other class, by so much
        that it can be seen (`sim.year.differences.VISIBLE`); the ``same``: nothing that can be seen; or ``some``:
        more in some pairs and not in others.
    week, since
        School week at whose end it is looked at; without it, the end of the year. And an earlier one since whose end
        the difference has to have grown.
    against
        The scenario of the other class; without it, the same class without its interventions.
    whose
        Of the ``child`` that is followed, the children ``chosen`` for a programme (their mean), or the whole ``class``.
    """

    english: str
    dutch: str
    measure: Literal["closeness", "conflict", "aggression", "liked_by"]
    wanted: Wanted
    week: int | None = None
    since: int | None = None
    against: str | None = None
    whose: Whose = "child"


POINTS: Final[Mapping[str, Point]] = {
    "irritated-teacher": Point(
        "Martijn is less aggressive when twelve weeks of Samen-Spel have ended",
        "Martijn is minder agressief als twaalf weken Samen-Spel voorbij zijn",
        "aggression",
        "less",
        week=17,
    ),
    "llinc": Point(
        "Martijn and his teacher are closer ten weeks after LLInC began",
        "Martijn en zijn leerkracht hebben meer nabijheid tien weken na het begin van LLInC",
        "closeness",
        "more",
        week=15,
    ),
    "combined": Point(
        "with three programmes at once there is less conflict with Martijn at the end of the year",
        "met drie programma’s samen is er op het einde van het jaar minder conflict met Martijn",
        "conflict",
        "less",
    ),
    "worn-out-teacher": Point(
        "nothing is left of Samen-Spel in the conflict with Martijn at the end of the year",
        "op het einde van het jaar blijft er van Samen-Spel niets over in het conflict met Martijn",
        "conflict",
        "same",
    ),
    "one-bad-week": Point(
        "a bad week starts a spiral, in some autumns: five weeks later there is more conflict with Milan, and the "
        "difference has grown since that week",
        "een slechte week begint een spiraal, in sommige jaren: vijf weken later is er meer conflict met Milan, en het "
        "verschil is sinds die week gegroeid",
        "conflict",
        "some",
        week=8,
        since=3,
    ),
    "closeness-protects": Point(
        "a close Yasmina is as aggressive at the end of the year as one who is not close",
        "een Yasmina met nabijheid is op het einde van het jaar even agressief als een zonder",
        "aggression",
        "same",
        against="closeness-lacking",
    ),
    "restless-class": Point(
        "there is more conflict with Bram at the end of the year in a busy class",
        "in een drukke klas is er op het einde van het jaar meer conflict met Bram",
        "conflict",
        "more",
        against="calm-class",
    ),
    "social-architect": Point(
        "more classmates name Yasmina at the end of the year",
        "op het einde van het jaar noemen meer klasgenoten Yasmina",
        "liked_by",
        "more",
    ),
    "both-halves": Point(
        "there is less conflict with Daan at the end of the year after both halves of Samen-Spel than after one",
        "na beide helften van Samen-Spel is er op het einde van het jaar minder conflict met Daan dan na één",
        "conflict",
        "less",
        against="first-half",
    ),
    "samen-spel": Point(
        "there is less conflict with the three chosen children when Samen-Spel has ended",
        "er is minder conflict met de drie gekozen kinderen als Samen-Spel voorbij is",
        "conflict",
        "less",
        week=19,
        whose="chosen",
    ),
    "banking-time": Point(
        "the teacher and the chosen child are closer when Banking Time has ended",
        "de leerkracht en het gekozen kind hebben meer nabijheid als Banking Time voorbij is",
        "closeness",
        "more",
        week=12,
        whose="chosen",
    ),
    "busy-class": Point(
        "coaching lowers conflict a little, with all children of the class taken together, by the end of the year",
        "coaching doet het conflict tegen het einde van het jaar wat dalen, over alle kinderen van de klas samen",
        "conflict",
        "less",
        whose="class",
    ),
    "support-coaching": Point(
        "coaching lowers conflict a little, with all children of the class taken together, by the end of the year",
        "coaching doet het conflict tegen het einde van het jaar wat dalen, over alle kinderen van de klas samen",
        "conflict",
        "less",
        whose="class",
    ),
    "high-support": Point(
        "there is less conflict at the end of the year, with all children of the class taken together",
        "op het einde van het jaar is er minder conflict, over alle kinderen van de klas samen",
        "conflict",
        "less",
        against="low-support",
        whose="class",
    ),
}
"""What each example shows, in the order of the list. Those in `BESIDE` show nothing of their own."""

BESIDE: Final = ("calm-class", "closeness-lacking", "first-half", "low-support", "ordinary-class")
"""Examples that others are compared with, and one in which nothing special is done."""


# --- Pairs -------------------------------------------------------------------------------------------

Wish = tuple[str, int | None]
"""A measure and a week; None is the last one."""


def classes_of(name: str, against: str | None) -> tuple[Scenario, Scenario]:
    """The two classes of an example: the left one and the right one."""
    right = load(name)
    return (right.model_copy(update={"interventions": ()}) if against is None else load(against)), right


class Compared(NamedTuple):
    """Many pairs of classes.

    Attributes
    ----------
    differences
        Right minus left, of each measure and week that was wished, shape (pairs,).
    courses
        Scores in `COURSE` at the end of each week in both classes, shape (pairs, 2, weeks, measures).
    """

    differences: dict[Wish, Records]
    courses: Records


def compared(left: Scenario, right: Scenario, whose: Whose, wishes: Iterable[Wish], pairs: int) -> Compared:
    """Run pairs of classes, and compare them."""
    calendar = right.calendar()
    weeks = range(1, calendar.weeks + 1)
    keep = Keep(COURSE, tuple(calendar.last_day(week) for week in weeks))
    without, with_ = side_by_side([(left, range(pairs)), (right, range(pairs))], keep)
    weights = shares(right, whose, with_.chosen)
    scores = np.stack([np.einsum("pwmn,pn->pwm", to_item_mean(part.children), weights) for part in (without, with_)], 1)
    found: dict[Wish, Records] = {}
    for measure, week in dict.fromkeys(wishes):
        at = (week or calendar.weeks) - 1
        if measure == "liked_by":
            day = calendar.last_day(at + 1)
            before, after = (liked_by(scenario, followed(right), day, pairs) for scenario in (left, right))
        else:
            before, after = scores[:, 0, at, COURSE.index(measure)], scores[:, 1, at, COURSE.index(measure)]
        found[measure, week] = after - before
    return Compared(found, scores)


def shares(scenario: Scenario, whose: Whose, chosen: Records) -> Records:
    """Whose scores count, and how much, shape (pairs, n)."""
    who = np.zeros(chosen.shape)
    if whose == "class":
        who[:] = 1.0
    elif whose == "chosen":
        who[:] = chosen
    else:
        who[:, followed(scenario)] = 1.0
    return np.asarray(who / who.sum(axis=1, keepdims=True))


def followed(scenario: Scenario) -> int:
    """Number of the child that a scenario follows."""
    return [row.name for row in scenario.classroom.rows()].index(str(scenario.follow))


def liked_by(scenario: Scenario, child: int, day: int, pairs: int) -> Records:
    """By how many classmates a child is named on an evening, in each of many classes."""
    return many(scenario, range(pairs), Keep(("liked_by",), (day,))).children[:, 0, 0, child]


def shows(differences: Records, measure: str, wanted: Wanted, before: Records | None = None) -> Records:
    """In which pairs the point shows, shape (pairs,); `before` are differences since which it has to have grown."""
    least = VISIBLE[measure]
    if wanted == "same":
        return np.abs(differences) < least
    sign = -1.0 if wanted == "less" else 1.0
    seen = differences * sign >= least
    return seen if before is None else seen & (differences * sign > before * sign)


def typical(differences: Records, courses: Records) -> list[int]:
    """Places of the pairs with differences near to the median, the one with the most usual year first.

    How usual a year is tells the mean square of its distance from the median year, in standard deviations of the
    pairs. Of those as usual the first comes first.
    """
    if not len(differences):
        return []
    away = np.abs(differences - np.median(differences)).round(9)
    near = np.flatnonzero(away <= np.sort(away)[math.ceil(NEAR * len(away)) - 1])
    spread = np.maximum(courses.std(axis=0), 1e-9)
    unusual = (((courses - np.median(courses, axis=0)) / spread) ** 2).reshape(len(courses), -1).mean(axis=1)
    return [int(place) for place in near[np.argsort(unusual[near].round(9), kind="stable")]]


def measured(name: str, pairs: int = PAIRS) -> dict[str, Any]:
    """All that is said of an example and of its story."""
    point, story = POINTS[name], stories().get(name)
    left, right = classes_of(name, point.against)
    wishes: list[Wish] = [(point.measure, week) for week in (point.week, point.since, None)]
    figures = [figure for figure in story.figures if figure.year == 1] if story else []
    for figure in figures:
        wishes += [(figure.measure, figure.week), (figure.measure, figure.since)]
    found, courses = compared(left, right, point.whose, wishes, pairs)
    differences = found[point.measure, point.week]
    seen = shows(differences, point.measure, point.wanted, found[point.measure, point.since] if point.since else None)
    order = typical(differences, courses)
    told: dict[str, Any] = {
        "english": point.english,
        "dutch": point.dutch,
        "measure": point.measure,
        "wanted": point.wanted,
        "week": point.week,
        "since": point.since,
        "against": point.against,
        "whose": point.whose,
        "drawn": is_drawn(right),
        "pairs": pairs,
        "shows": int(seen.sum()),
        "direction": int((differences * (-1.0 if point.wanted == "less" else 1.0) > 0.0).sum()),
        **spread(differences),
        "end": {**spread(found[point.measure, None]), "visible": visible(found[point.measure, None], point.measure)},
        "candidates": [[number, rounded(differences[number])] for number in order[:CANDIDATES]],
        "typical": place_of(differences, order[0]),
        "shown": place_of(differences, right.number),
    }
    if point.wanted == "some":
        # Besides the typical pair, one in which it happens: typical of those.
        others = np.flatnonzero(seen)
        told["other"] = [int(others[place]) for place in typical(differences[others], courses[others])[:1]]
    if story is not None:
        later = {one.name: years_later(left, right, point.whose, one, pairs) for one in story.figures if one.year > 1}
        told["story"] = story_figures(story, found, point, later)
    else:
        told["story"] = None
    return told


def place_of(differences: Records, number: int) -> dict[str, Any]:
    """A pair: its number and, where it is one of these, its difference and how many of a hundred have a lower one."""
    if number >= len(differences):
        return {"number": number}
    lower = (differences < differences[number]).mean() + 0.5 * (differences == differences[number]).mean()
    return {"number": number, "difference": rounded(differences[number]), "percentile": round(100.0 * float(lower))}


def spread(differences: Records) -> dict[str, float]:
    """Mean, median and middle half."""
    lower, middle, upper = np.quantile(differences, [0.25, 0.5, 0.75])
    found = {"mean": differences.mean(), "lower": lower, "median": middle, "upper": upper}
    return {name: rounded(value) for name, value in found.items()}


def visible(differences: Records, measure: str) -> float:
    """Share of pairs with a difference that can be seen, on the side of the average."""
    return rounded((differences * np.sign(differences.mean()) >= VISIBLE[measure]).mean())


def years_later(left: Scenario, right: Scenario, whose: Whose, figure: Figure, pairs: int) -> Records:
    """Differences of a score of 1 to 5 in a later school year, right minus left, shape (pairs,)."""
    keep = Keep((figure.measure,), (right.calendar().last_day(figure.week or right.weeks),))
    later = Later(next_teacher(figure.teacher))
    without, with_ = (live(side, range(pairs), keep, figure.year, later).kept for side in (left, right))
    differences = to_item_mean(with_.children[:, -1, 0]) - to_item_mean(without.children[:, -1, 0])
    return np.asarray((differences * shares(right, whose, with_.chosen)).sum(axis=1))


def story_figures(
    story: Story, found: Mapping[Wish, Records], point: Point, later: Mapping[str, Records]
) -> dict[str, list[float]]:
    """Average and share of a story, under no name, and of its figures; those of later school years are in `later`."""
    whole = found[point.measure, point.week]
    told = {"": [rounded(whole.mean()), visible(whole, point.measure)]}
    for figure in story.figures:
        one = later[figure.name] if figure.name in later else found[figure.measure, figure.week]
        before = found[figure.measure, figure.since] if figure.since else None
        seen = shows(one, figure.measure, "less" if one.mean() < 0.0 else "more", before)
        told[figure.name] = [rounded(one.mean()), rounded(seen.mean())]
    return told


def rounded(value: float) -> float:
    """A number as it is kept: without a minus sign before zero."""
    return round(float(value), 4) + 0.0


# --- Kinds -------------------------------------------------------------------------------------------

TRAITS: Final = tuple(TEACHER_MARGINALS)
KNOWN: Final = {threshold.state: threshold.level for threshold in THRESHOLDS}
"""Levels from which on the log of a year says something of a state."""
DRAWN: Final = 600
"""Classes that are drawn for a kind."""
BEFORE: Final = 5
"""School week at whose end a class is looked at: the last one before programmes begin."""


def nearest_step(value: float) -> float:
    """A trait as a scenario has it, in steps of .05."""
    return round(round(20.0 * value) / 20.0, 2)


def stuck(kept: Any) -> Records:
    """Dyads in conflict in which the teacher feels powerless, by the levels of the log, shape (classes, n)."""
    conflict, control = kept.children[:, 0, 0], kept.children[:, 0, 1]
    return np.asarray((conflict > KNOWN["conflict"]) & (control < KNOWN["perceived_control"]))


STUCK = ("conflict", "perceived_control", "sex", *(f"teacher_{name}" for name in TRAITS))


def irritated_teacher() -> dict[str, Any]:
    """The typical teacher of a boy in conflict with whom the teacher feels powerless.

    Classes with all kinds of teachers are drawn. Among the boys whose teachers are stuck with them at the end of week
    5, by the levels at which the log says so, the median of each trait of the teacher is taken.
    """
    scenario = load("ordinary-class").changed(teacher={}, weeks=BEFORE, holidays=[])
    kept = many(scenario, range(DRAWN), Keep(STUCK, (scenario.calendar().days,)))
    boys = kept.children[:, 0, 2] > 0.5
    classes, _ = np.nonzero(stuck(kept) & boys)
    medians = np.median(kept.teachers[classes, 0], axis=0)
    return {
        "boys": int(boys.sum()),
        "stuck": len(classes),
        "median": dict(zip(TRAITS, map(rounded, medians), strict=True)),
        "teacher": dict(zip(TRAITS, map(nearest_step, medians), strict=True)),
    }


def worn_out_teacher() -> dict[str, Any]:
    """A teacher whom nine of ten surpass in each trait: little support, reflection and confidence, much strain."""
    luck = 1.2815515655446004  # nine of ten lie below
    tenth = {name: TEACHER_MARGINALS[name].at(np.array(luck if name == "strain" else -luck)) for name in TRAITS}
    return {
        "tenth": {name: rounded(float(value)) for name, value in tenth.items()},
        "teacher": {name: nearest_step(float(value)) for name, value in tenth.items()},
    }


def of_the_list(scenario: Scenario) -> list[str]:
    """Names of the children."""
    return [row.name for row in scenario.classroom.rows()]


def boy_of_the_list() -> dict[str, Any]:
    """Of the boys of the class list the one with whom this teacher is stuck in most classes."""
    scenario = load("irritated-teacher").changed(interventions=[])
    kept = many(scenario, range(PAIRS), Keep(STUCK, (scenario.calendar().last_day(BEFORE),)))
    share = stuck(kept).mean(axis=0) * kept.children[0, 0, 2]
    names = of_the_list(scenario)
    order = np.argsort(-share, kind="stable")
    return {
        "candidates": [[names[child], rounded(share[child])] for child in order if share[child] > 0.0],
        "child": names[int(order[0])],
    }


def child_of_the_bad_week() -> dict[str, Any]:
    """Of the most restless children of the class list the one with whom there is least conflict on the first day.

    Restless is who has the highest SDQ score of hyperactivity on the list.
    """
    rows = load("one-bad-week").classroom.rows()
    most = max(row.sdq_hyperactivity or 0.0 for row in rows)
    restless = [(row.name, row.conflict or 0.0) for row in rows if row.sdq_hyperactivity == most]
    return {"sdq_hyperactivity": most, "candidates": restless, "child": min(restless, key=lambda row: row[1])[0]}


PROGRAMMES: Final = ("samen-spel", "banking-time", "llinc", "social-architect", "support-coaching")


def child_without_help() -> dict[str, Any]:
    """Of the children with whom a worn-out teacher is stuck the one whom every single programme helps least.

    Each programme begins in week 6. It has helped where conflict is visibly lower at the end of the year.
    """
    scenario = load("worn-out-teacher").changed(interventions=[])
    calendar, names = scenario.calendar(), of_the_list(scenario)
    kept = many(scenario, range(PAIRS), Keep(STUCK, (calendar.last_day(BEFORE),)))
    children = [child for child in range(len(names)) if stuck(kept)[:, child].mean() > 0.5]
    jobs = [(scenario, range(PAIRS))]
    for child in children:
        for programme in PROGRAMMES:
            target = {} if programme == "support-coaching" else {"target": names[child]}
            one = {"name": programme, "start_week": BEFORE + 1, **target}
            jobs.append((scenario.changed(interventions=[one]), range(PAIRS)))
    usual, *others = side_by_side(jobs, Keep(("conflict",), (calendar.days,)))
    rows: list[tuple[str, dict[str, float]]] = []
    for place, child in enumerate(children):
        helped: dict[str, float] = {}
        for programme, after in zip(PROGRAMMES, others[place * len(PROGRAMMES) :], strict=False):
            change = to_item_mean(after.children[:, 0, 0, child]) - to_item_mean(usual.children[:, 0, 0, child])
            helped[programme] = rounded((change <= -VISIBLE["conflict"]).mean())
        rows.append((names[child], helped))
    rows.sort(key=lambda row: max(row[1].values()))
    return {"candidates": rows, "child": rows[0][0]}


KINDS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "irritated teacher": irritated_teacher,
    "boy of the list": boy_of_the_list,
    "bad week": child_of_the_bad_week,
    "worn-out teacher": worn_out_teacher,
    "without help": child_without_help,
}

RULED: Final = {
    "irritated teacher": ("irritated-teacher", "llinc", "combined", "support-coaching"),
    "boy of the list": ("irritated-teacher", "llinc", "combined"),
    "bad week": ("one-bad-week",),
    "worn-out teacher": ("worn-out-teacher",),
    "without help": ("worn-out-teacher",),
}
"""Scenarios that have the teacher or the child of a kind."""


def not_as_ruled(kinds: Mapping[str, Any]) -> list[str]:
    """Scenarios whose teacher or child is not the one that its rule gives."""
    wrong = []
    for kind, names in RULED.items():
        for name in names:
            scenario, given = load(name), kinds[kind]
            if "child" in given and scenario.follow != given["child"]:
                wrong.append(f"{name}: follows {scenario.follow}; the rule “{kind}” gives {given['child']}")
            has = {trait: getattr(scenario.teacher, trait) for trait in TRAITS}
            if "teacher" in given and has != given["teacher"]:
                wrong.append(f"{name}: the teacher is {has}; the rule “{kind}” gives {given['teacher']}")
    return wrong


# --- Writing -----------------------------------------------------------------------------------------


def facts() -> dict[str, Any]:
    """All of it."""
    return {
        "examples": {name: measured(name) for name in POINTS},
        "kinds": {name: kind() for name, kind in KINDS.items()},
    }


def with_number(text: str, number: int) -> str:
    """A scenario as a file, with another number of its class."""
    without = re.sub(r"^number = .*\n", "", text, flags=re.MULTILINE)
    line = f"number = {number}  # typical of {PAIRS}: docs/examples.md"
    return re.sub(r"^(seed = .*)$", rf"\1\n{line}", without, count=1, flags=re.MULTILINE)


def write_numbers(found: dict[str, Any]) -> None:
    """Show the typical pair in every example; what an example is compared with shows the same."""
    for name, told in found.items():
        told["shown"] = told["typical"]
        for scenario in filter(None, (name, told["against"])):
            path = shipped()[scenario]
            path.write_text(with_number(path.read_text(encoding="utf-8"), told["shown"]["number"]), encoding="utf-8")


def write_stories(found: Mapping[str, Any]) -> None:
    """What was measured of the stories, in their file."""
    scenario, written = "", []
    for block in re.split(r"(?m)^(?=\[\[story)", STORIES.read_text(encoding="utf-8")):
        if begins := re.search(r'(?m)^scenario = "(.+)"$', block):
            scenario = begins[1]
        written.append(block_written(block, found[scenario]) if scenario else block)
    STORIES.write_text("".join(written), encoding="utf-8")


def block_written(block: str, told: Mapping[str, Any]) -> str:
    """A block of a story, with what was measured."""
    if block.startswith("[[story.try]]"):
        other = told.get("other")
        return re.sub(r'(?m)^set = "number=\d+"$', f'set = "number={other[0]}"', block) if other else block
    figure = re.search(r'(?m)^name = "(.+)"$', block)
    average, share = told["story"][figure[1] if figure else ""]
    lines = {"classes": told["pairs"], "average": f"{rounded(round(average, 2)):.2f}", "share": f"{share:.2f}"}
    for key, value in lines.items():
        block = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", block)
    return block


WEEKS: Final = (3, 5, 8, 11, 15, 17, 20, 24, 30)


def alternatives(name: str) -> Iterable[str]:
    """In which share of pairs a difference can be seen in each measure at other times, on the side of its average."""
    point = POINTS[name]
    left, right = classes_of(name, point.against)
    weeks = (*sorted({*WEEKS, *([point.week] if point.week else [])}), None)
    found = compared(left, right, point.whose, [(measure, week) for measure in COURSE for week in weeks], PAIRS)
    for measure in COURSE:
        cells = (found.differences[measure, week] for week in weeks)
        told = (
            f"{week or 'end'}: {one.mean():+.2f} ({visible(one, measure):.0%})"
            for week, one in zip(weeks, cells, strict=True)
        )
        yield f"{name}, {measure}: {', '.join(told)}"


def listed(found: Mapping[str, Any]) -> Iterable[str]:
    """The list, a line for each thing that is said."""
    for name, told in found["examples"].items():
        when = f"week {told['week']}" if told["week"] else "the end"
        yield f"{name}: {told['english']}"
        yield (
            f"  {told['measure']} of the {told['whose']}, {when}: {told['wanted']} in {told['shows']} of"
            f" {told['pairs']} (in that direction in {told['direction']}); mean {told['mean']:+.2f}, middle half"
            f" {told['lower']:+.2f} to {told['upper']:+.2f}; at the end of the year {told['end']['mean']:+.2f},"
            f" visible in {told['end']['visible']:.0%}"
        )
        near = ", ".join(f"{number} ({difference:+.3f})" for number, difference in told["candidates"])
        yield f"  median {told['median']:+.3f}; typical: {near}; shown: {told['shown']}"
        if "other" in told:
            yield f"  where it happens, typical: {told['other']}"
        for figure, (average, share) in (told["story"] or {}).items():
            yield f"  told{' of ' + figure if figure else ''}: {average:+.2f}, visible in {share:.0%}"
    for kind, told in found["kinds"].items():
        yield f"{kind}: {json.dumps(told, ensure_ascii=False)}"
    yield from (f"not as ruled – {line}" for line in not_as_ruled(found["kinds"]))


def main(arguments: Sequence[str] | None = None) -> int:
    """List it, and write what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the number of the typical pair into the scenarios")
    parser.add_argument("--stories", action="store_true", help="write averages and shares into the guided stories")
    parser.add_argument("--measures", action="store_true", help="list instead what other measures show, and when")
    given = parser.parse_args(arguments)
    if given.measures:
        for name in POINTS:
            print("\n".join(alternatives(name)), flush=True)
        return 0
    with use("en"):
        found = facts()
    if given.write:
        write_numbers(found["examples"])
    print("\n".join(listed(found)))
    if given.stories:
        write_stories(found["examples"])
    if given.write or given.stories:
        FACTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
