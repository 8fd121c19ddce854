"""What the page is told of both classes in the eyes of the teacher and of each child."""

from __future__ import annotations

import base64
from functools import cache

import numpy as np
import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from sim.dashboard.answers.eyes import STEPS, answer
from sim.dashboard.choices import EYES, Choices, pair_of
from sim.dashboard.desk import Question
from sim.dashboard.picture import COUNTS, WARM, Shelf
from sim.record import Record
from sim.state import Records
from sim.year.interpersonal import Eyes

SHELF = Shelf()
CHILD, WEEK = 4, 9


@cache
def told(scenario: str | None = None) -> dict[str, dict[str, str]]:
    """What is told of both classes."""
    choices = Choices(scenario=scenario)
    return dict(next(answer(Question(pair_of(choices), choices, 0, SHELF, {}, lambda _: None))))


@cache
def record() -> Record:
    """The class without the programme."""
    return SHELF.both(pair_of(Choices())).without


def unpacked(name: str, kind: str) -> Records:
    return np.frombuffer(base64.b64decode(told()["without"][name]), kind)


def counted(name: str) -> dict[str, int]:
    """What was counted of the contacts of a child in a week."""
    found = unpacked(name, "<u2").reshape(record().calendar.weeks, len(record().names), len(COUNTS))
    return dict(zip(COUNTS, found[WEEK - 1, CHILD].tolist(), strict=True))


def contacts() -> Records:
    """These contacts."""
    met, days = record().contacts, record().calendar.days_per_week
    return met[(met["child"] == CHILD) & ((met["day"] - 1) // days == WEEK - 1)]


def test_the_eyes_are_those_of_the_model() -> None:
    assert tuple(eyes.name.lower() for eyes in Eyes) == EYES


def test_what_they_expect_is_that_of_the_evening() -> None:
    weeks, n = record().calendar.weeks, len(record().names)
    for week in (0, WEEK, weeks):
        day = record().calendar.last_day(week) if week else 0
        evening = record().children[day]
        for name, state in (("image", "representation"), ("trust", "felt_security")):
            found = unpacked(name, "i1").reshape(weeks + 1, n)[week] / STEPS
            assert found == pytest.approx(evening[state], abs=0.5 / STEPS + 1e-9)
        liking = unpacked("liking", "i1").reshape(weeks + 1, n, n)[week] / STEPS
        assert liking == pytest.approx(record().liking[day], abs=0.5 / STEPS + 1e-6)


def test_contacts_have_the_tones_that_were_perceived() -> None:
    met = contacts()
    acts, felt = met["perceived"], met["felt"]
    by_teacher, by_child = counted("perceived"), counted("felt")
    assert by_teacher["contacts"] == by_child["contacts"] == len(met) > 0
    assert by_teacher["warm_acts"] == (acts >= WARM).sum()
    assert by_teacher["sharp"] == ((acts < 0.0) | (met["response"] < 0.0)).sum()
    assert by_child["warm_answers"] == (felt >= WARM).sum()
    assert by_child["warm_acts"] == (met["tone"] >= WARM).sum()
    assert by_teacher["warm_acts"] != by_child["warm_acts"]


def test_of_classmates_a_child_knows_what_the_class_saw() -> None:
    public = contacts()[contacts()["public"] == 1]
    saw = counted("saw")
    assert 0 < len(public) < len(contacts())
    assert saw["contacts"] == saw["public"] == len(public)
    assert saw["warm_answers"] == (public["response"] >= WARM).sum()


def test_one_class_has_no_other() -> None:
    assert told()["with"] is not None
    assert told("ordinary-class")["with"] is None
