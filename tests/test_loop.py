"""What an intervention does in the loop of teacher and child, in the weeks in which it does, and what is left of it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.dashboard.answers.loop import LEVERS, courses
from sim.dashboard.choices import EVENTS, OWN_LIKE, Choices, pair_of, programmes
from sim.interventions import REGISTRY
from sim.run import simulate
from sim.scenario import InterventionChoice, Scenario, load

START = 6
CHILD = 3
STAYS = {"support-coaching": "coaching"}
"""Programmes of which a lever stays where it is, as their descriptions have it."""


def with_interventions(*names: str) -> Scenario:
    """A class in which these are carried out for one child."""
    plain = load(OWN_LIKE)
    child = plain.classroom.rows()[CHILD].name
    chosen = tuple(InterventionChoice(name=name, target=child, start_week=START) for name in names)
    return plain.changed(interventions=chosen)


@pytest.mark.parametrize("name", programmes())
def test_a_programme_cuts_in_from_its_first_week_on_and_fades_when_it_has_ended(name: str) -> None:
    record = simulate(with_interventions(name))
    (course,) = courses(record, CHILD)
    length = REGISTRY[name].weeks
    last = 36 if length is None else START + length - 1
    assert (course["name"], course["from"], course["to"]) == (name, START, last)
    assert course["levers"]
    for lever, values in course["levers"].items():
        assert lever in LEVERS
        assert len(values) == record.scenario.weeks + 1
        assert not any(values[:START]), "nothing before it begins"
        left = values[last:]
        assert left == sorted(left, reverse=True), "nothing is added when it has ended"
        if lever == "session":
            assert not any(left[1:])
        elif len(left) > 1:
            assert (left[-1] == left[0]) == (lever == STAYS.get(name)), lever
            assert left[-1] > 0.0


def test_each_of_several_programmes_is_told_with_what_it_does_itself() -> None:
    record = simulate(with_interventions("samen-spel", "llinc", "social-architect"))
    told = {course["name"]: course["levers"] for course in courses(record, CHILD)}
    assert set(told["samen-spel"]) == {"session", "attunement", "calm", "praise"}
    assert set(told["llinc"]) == {"reflection", "attunement", "outreach"}
    assert set(told["social-architect"]) == {"showcase"}
    firsts = [record.calendar.first_day(week) for week in range(1, 37)]
    both = 1.0 - np.prod([1.0 - np.array(told[name]["attunement"]) for name in ("samen-spel", "llinc")], axis=0)
    assert both[1:] == pytest.approx(np.maximum.reduceat(record.children["attunement"][:, CHILD], firsts), abs=0.003)
    other = {course["name"]: set(course["levers"]) for course in courses(record, CHILD + 1)}
    assert other == {"llinc": {"reflection", "attunement"}}, "what a teacher learns reaches other children"


def test_what_nobody_carries_out_leaves_nothing_of_a_programme() -> None:
    for name in EVENTS:
        told = list(courses(simulate(with_interventions(name)), CHILD))
        assert [course["name"] for course in told] == (["kind-day"] if name == "kind-day" else [])
        assert all(values[START] and sum(values) == values[START] for one in told for values in one["levers"].values())


def test_before_and_after_the_programme_of_the_story_that_opens_first() -> None:
    _, scenario = pair_of(Choices())
    assert scenario is not None
    (choice,) = scenario.interventions
    record = simulate(scenario)
    (course,) = courses(record, record.chosen[0][0])
    assert (course["from"], course["to"]) == (choice.start_week, 17)
    for lever in ("attunement", "calm", "praise"):
        values = course["levers"][lever]
        assert values[1] == 0.0
        assert 0.1 < values[36] / max(values) < 0.25, "traces at the end of the year"
