"""What contacts say in the terms of interpersonal theory and of motivation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.run import simulate, twins
from sim.scenario import DEFAULT, load
from sim.state import CONTACT_DTYPE, Records, Setting
from sim.year.interpersonal import PERIOD, Eyes, acts, interpersonal_table, over_time, reading

TONES = st.floats(-0.99, 0.99)


def contact(**fields: Any) -> Records:
    """One contact, calm and begun by the child unless said otherwise."""
    found = np.zeros(1, CONTACT_DTYPE)
    for name, value in fields.items():
        found[name] = value
    return found


def control(**fields: Any) -> tuple[float, float]:
    """Control of child and teacher in one contact."""
    seen = acts(contact(**fields))
    return float(seen.child_control[0]), float(seen.teacher_control[0])


@pytest.mark.parametrize(("lead", "child", "teacher"), [(0.0, 1.0, -1.0), (0.5, 0.0, 0.0), (1.0, -1.0, 1.0)])
def test_one_leads_and_the_other_goes_along(lead: float, child: float, teacher: float) -> None:
    assert control(lead=lead) == (child, teacher)


def test_hostility_takes_the_lead_as_far_as_it_is_sharp() -> None:
    assert control(lead=1.0, tone=-0.5) == (0.0, 1.0)
    assert control(lead=0.0, response=-0.25) == (1.0, -0.5)


@given(TONES, TONES, st.sampled_from([0.0, 1.0]))
def test_an_act_lies_on_the_circle_and_warmth_leaves_control_alone(tone: float, response: float, lead: float) -> None:
    child, teacher = control(lead=lead, tone=tone, response=response)
    assert -1.0 <= child <= 1.0
    assert -1.0 <= teacher <= 1.0
    follows = response if lead == 0.0 else tone
    if follows >= 0.0:
        assert child == -teacher
    else:
        assert child + teacher == pytest.approx(-2.0 * follows), "both want to lead"


def test_everybody_sees_the_same_contact_in_their_own_way() -> None:
    one = contact(lead=1.0, tone=0.2, perceived=-0.4, response=0.1, felt=-0.3)
    seen = {eyes: acts(one, eyes) for eyes in Eyes}
    assert [seen[eyes].child_affiliation[0] for eyes in Eyes] == pytest.approx([0.2, -0.4, 0.2])
    assert [seen[eyes].teacher_affiliation[0] for eyes in Eyes] == pytest.approx([0.1, 0.1, -0.3])
    assert seen[Eyes.TEACHER].child_control[0] > seen[Eyes.OBSERVER].child_control[0]


def test_a_reading_is_the_mean_of_each_childs_contacts() -> None:
    log = np.concatenate(
        [
            contact(child=0, lead=0.0, response=0.4),
            contact(child=0, lead=0.6, response=-0.5),
            contact(child=0, lead=0.2, response=0.1),
            contact(child=2, lead=0.0, response=0.6),
        ]
    )
    found = reading(log, 3)
    np.testing.assert_array_equal(found.contacts, [3, 0, 1])
    np.testing.assert_allclose(found.teacher_affiliation, [0.0, np.nan, 0.6], atol=1e-12)
    np.testing.assert_allclose(found.autonomy_support, [(1.0 + 0.5 * 0.4 + 0.8) / 3.0, np.nan, 1.0])
    np.testing.assert_allclose(found.structure, [0.25, np.nan, np.nan], err_msg="of what she leads, a quarter is calm")


def test_samen_spel_first_follows_the_child_then_leads() -> None:
    choice = {"name": "samen-spel", "target": "highest conflict", "start_week": 2}
    year = simulate(load(DEFAULT).changed(interventions=[choice]))
    (child,) = year.chosen[0]
    weeks = np.array([year.calendar.week(int(day)) for day in year.contacts["day"]])
    session = (year.contacts["child"] == child) & (year.contacts["setting"] == Setting.SESSION)
    room = [
        reading(year.contacts[part], len(year.names)).autonomy_support[child]
        for part in (session & (weeks < 8), session & (weeks >= 8))
    ]
    support = year.teacher["emotional_support"][0]
    assert room[0] == pytest.approx(0.5 * (1.0 + support), abs=0.1), "as far as the teacher is sensitive"
    assert room[1] < 0.01


def test_readings_over_time_are_those_of_the_weeks_before() -> None:
    year = simulate(load(DEFAULT).changed(weeks=9), interventions=False)
    (found,) = over_time(year, Eyes.CHILD, (7,), weeks=3)
    week = np.array([year.calendar.week(int(day)) for day in year.contacts["day"]])
    chosen = year.contacts[(week >= 5) & (week <= 7)]
    for name, values in reading(chosen, len(year.names), Eyes.CHILD)._asdict().items():
        np.testing.assert_array_equal(getattr(found, name), values)
    before, *_ = over_time(year, Eyes.CHILD, (0, 1))
    assert not before.contacts.any()


def test_the_table_has_every_contact_once_for_each_pair_of_eyes() -> None:
    pair = twins(load(DEFAULT).changed(weeks=9))
    table = interpersonal_table(pair)
    assert sorted(table["last_week"].unique()) == [PERIOD, 2 * PERIOD, 9]
    for arm, record in (("without", pair.without), ("with", pair.with_)):
        for eyes in Eyes:
            part = table[(table["arm"] == arm) & (table["eyes"] == eyes.name.lower())]
            assert part["contacts"].sum() == len(record.contacts)
            assert list(part["name"][:2]) == list(record.names[:2])
