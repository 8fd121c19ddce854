"""A scene is a contact of the year itself, lived again with the same numbers."""

from __future__ import annotations

import dataclasses
import gc
import itertools
from functools import cache

import numpy as np
import pytest

from sim import dynamics
from sim.record import Record, Twins
from sim.run import twins
from sim.scenario import Scenario
from sim.state import Setting
from sim.year.scene import DayAgain, LivedOtherwiseError, landmarks, same_moment, scene

BY_CHILD = ("closeness", "conflict", "representation", "felt_security", "perceived_control", "liability", "norms")


@cache
def both() -> Twins:
    plan = {"name": "samen-spel", "start_week": 3, "target": "highest conflict"}
    return twins(Scenario(seed=11, weeks=8, interventions=[plan]))


def year() -> Record:
    return both().with_


def some(*settings: Setting) -> list[int]:
    """Numbers of some contacts in these settings."""
    found = np.flatnonzero(np.isin(year().contacts["setting"], settings))
    return [int(number) for number in found[:: max(1, len(found) // 6)]]


@pytest.mark.parametrize("day", [1, 2, 11, 23, 40])
def test_a_day_is_lived_again_as_it_was(day: int) -> None:
    met = year().contacts[year().contacts["day"] == day]
    again = DayAgain(year(), day)
    again.live()
    again.forget()
    lived = np.array(again.contacts_of_day, dtype=met.dtype)
    in_class = met["setting"] != Setting.SESSION
    assert lived[in_class].tobytes() == met[in_class].tobytes()
    for name in met.dtype.names:
        np.testing.assert_allclose(lived[name], met[name], atol=1e-6)  # play before them meets rounded likings


@pytest.mark.parametrize("setting", list(Setting), ids=lambda setting: setting.name.lower())
def test_every_kind_of_contact_can_be_a_scene(setting: Setting) -> None:
    assert some(setting)
    for number in some(setting):
        found = scene(year(), number)
        assert found.before.child.tobytes() != found.after.child.tobytes()


def test_the_teachers_image_moves_to_what_the_teacher_perceived() -> None:
    p = year().final.parameters
    for number in some(Setting.TASK, Setting.DISCIPLINE):
        found = scene(year(), number)
        one = found.contact[0]
        seen = 0.5 * (one["perceived"] + found.second_perceived) if one["turns"] > 2 else one["perceived"]
        rate = p["representation_rate"] * (p["negativity"] if seen < 0 else 1.0)
        image = found.before.child["representation"][0]
        assert found.change("representation") == pytest.approx(rate * (seen - image), abs=1e-12)


def test_from_one_contact_of_a_child_to_its_next_on_that_day_nothing_else_happens_to_the_relationship() -> None:
    met = year().contacts
    child = int(np.argmax(np.bincount(met["child"])))
    mine = np.flatnonzero((met["child"] == child) & (met["day"] == 20) & (met["setting"] != Setting.SESSION))
    assert len(mine) > 2
    scenes = [scene(year(), int(number)) for number in mine]
    for one, after in itertools.pairwise(scenes):
        for field in BY_CHILD:
            assert one.after.child[field] == after.before.child[field], field


def test_the_first_contact_of_a_day_begins_with_the_evening_before() -> None:
    met = year().contacts
    for day in (1, 16, 30):
        number = int(np.searchsorted(met["day"], day))
        child = met["child"][number]
        found = scene(year(), number)
        for field in BY_CHILD:
            assert found.before.child[field][0] == year().children[field][day - 1, child], field


def test_who_is_not_seen_is_liked_as_before() -> None:
    seen, unseen = (
        [scene(year(), int(number)) for number in np.flatnonzero(year().contacts["public"] == public)[:40]]
        for public in (1, 0)
    )
    assert any(found.liking != 0.0 for found in seen)
    assert all(found.liking == 0.0 for found in unseen)


def test_what_drives_a_sharp_answer_is_the_chance_less_what_it_is_without() -> None:
    harsh = int(np.flatnonzero((year().contacts["response"] < 0) & (year().contacts["perceived"] < 0))[0])
    found = scene(year(), harsh)
    one, child, teacher = found.contact[0], found.before.child[0].copy(), found.before.teacher[0]
    p = year().final.parameters.record()[0]
    now = dynamics.chance(dynamics.teacher_push(child, teacher, one["perceived"], one["setting"], p))
    child["perceived_control"] = 1.0
    without = dynamics.chance(dynamics.teacher_push(child, teacher, one["perceived"], one["setting"], p))
    assert found.sharp_answer == pytest.approx(now)
    assert found.answer_drivers["perceived_control"] == pytest.approx(now - without)
    assert found.answer_drivers["perceived"] > 0.0


def test_sharp_acts_come_where_their_chance_is_high() -> None:
    met = year().contacts
    sharp, others = (np.flatnonzero(which)[:25] for which in (met["tone"] < 0, met["tone"] >= 0))
    mean = [np.mean([scene(year(), int(number)).sharp_act for number in numbers]) for numbers in (sharp, others)]
    assert mean[0] > 2 * mean[1]


def test_a_day_that_comes_out_otherwise_is_not_told() -> None:
    changed = year().contacts.copy()
    changed["tone"][5] += 0.01
    with pytest.raises(LivedOtherwiseError, match="day 1"):
        scene(dataclasses.replace(year(), contacts=changed), 5)


@pytest.mark.parametrize("number", [-1, 10**6])
def test_a_contact_that_was_not_cannot_be_told(number: int) -> None:
    with pytest.raises(IndexError, match=f"found {number}; allowed is 0 to"):
        scene(year(), number)


def test_the_same_moment_is_the_same_luck_in_the_other_class() -> None:
    mine, others = (record.contacts[record.contacts["child"] == 0] for record in (both().with_, both().without))
    found = [same_moment(mine, number, others) for number in range(len(mine))]
    before = [number for number in range(len(mine)) if mine["day"][number] <= 10]
    assert [found[number] for number in before] == before, "until the programme begins the classes are one"
    assert all(
        mine["time"][number] == others["time"][other] and mine["day"][number] == others["day"][other]
        for number, other in enumerate(found)
        if other is not None
    )


def test_a_session_has_no_moment_in_a_class_without_sessions() -> None:
    child = int(year().contacts["child"][some(Setting.SESSION)[0]])
    mine, others = (record.contacts[record.contacts["child"] == child] for record in (both().with_, both().without))
    sessions = np.flatnonzero(mine["setting"] == Setting.SESSION)
    assert {same_moment(mine, int(number), others) for number in sessions} == {None}
    assert [same_moment(mine, int(number), mine) for number in sessions] == sessions.tolist()


def test_landmarks_are_what_they_are_called() -> None:
    for child in range(len(year().names)):
        met, found = year().contacts[year().contacts["child"] == child], landmarks(year(), child)
        tones = met["tone"] + met["response"]
        assert tones[found["harshest"]] == tones.min()
        assert tones[found["warmest"]] == tones.max()
        quarrels = (met["tone"] < 0) & (met["response"] < 0)
        assert ("quarrel" in found) == bool(quarrels.any())
        if "quarrel" in found:
            assert quarrels[found["quarrel"]]
            assert not quarrels[: found["quarrel"]].any()


def test_years_that_were_looked_at_are_forgotten() -> None:
    def alive() -> int:
        gc.collect()
        return sum(issubclass(type(one), DayAgain) for one in gc.get_objects())

    before = alive()
    scene(year(), 0)
    assert alive() == before
