"""Cohorts are the very classes that run alone; arms share luck, and programmes are for those who are chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import difference, small

from sim.peers import liked_by
from sim.run import CHILD_VARIABLES, Keep, many, simulate
from sim.state import CHILD, COUNTED, Records, Setting, fields
from sim.studies import Programme
from sim.studies import cohort as cohorts
from sim.studies.cohort import FIRST_DAYS, Cohort, Scene, Wave, cohort

WAVES = {"before": Wave(0), "soon": Wave(1), "middle": Wave(3), "end": Wave(4)}
DAYS = (0, 5, 15, 20)
OF_CHILDREN = fields(CHILD, "trait", "state")
LEVERS = fields(CHILD, "lever")


def unlike(one: Scene, other: Scene) -> list[str]:
    """What is not the same, bit for bit, in two occasions."""
    pairs = {
        name: (getattr(one, name), getattr(other, name)) for name in ("children", "teachers", "acceptance", "liking")
    }
    pairs |= {f"so far {name}": (one.so_far[name], other.so_far[name]) for name in COUNTED}
    pairs |= {f"lately {name}": (one.lately[name], other.lately[name]) for name in COUNTED}
    found = [f"{name}: {where}" for name, (a, b) in pairs.items() if (where := difference(a, b))]
    logs = zip(one.contacts, other.contacts, strict=True)
    found += [f"contacts: {where}" for a, b in logs if (where := difference(a, b))]
    return found + [name for name in ("days", "days_lately") if getattr(one, name) != getattr(other, name)]


def unlike_cohorts(one: Cohort, other: Cohort) -> list[str]:
    assert list(one.scenes) == list(other.scenes)
    found = [
        f"{arm} {wave}: {what}"
        for arm, scenes in one.scenes.items()
        for wave, scene in scenes.items()
        for what in unlike(scene, other.scenes[arm][wave])
    ]
    return found + ([] if (one.chosen == other.chosen).all() else ["chosen"])


def two_by_conflict(scene: Scene, luck: np.random.Generator) -> Records:
    """Two children of the three with most conflict, by lot."""
    order = scene.children["conflict"] + 0.01 * luck.random(scene.children.shape)
    return order.argsort(axis=1).argsort(axis=1) >= scene.children.shape[1] - 2


def trial(numbers: Any, start_week: int = 3, name: str = "banking-time", **changes: Any) -> Cohort:
    arms = {"usual": (), "programme": (Programme(name, start_week=start_week).build(),)}
    return cohort(small(**changes), numbers, WAVES, arms, two_by_conflict, contacts=True)


# --- The same classes as alone -------------------------------------------------------------------------


def test_a_class_of_a_cohort_is_the_one_that_runs_among_many() -> None:
    scenario, numbers = small(seed=3), (4, 0, 7)
    kept = many(scenario, numbers, Keep((*CHILD_VARIABLES, "teacher_stress"), DAYS))
    found = cohort(scenario, numbers, WAVES).scenes[""]
    for day, scene in enumerate(found.values()):
        for row, name in enumerate(CHILD_VARIABLES):
            of_class = {"acceptance": scene.acceptance, "liked_by": liked_by(scene.liking)}
            values = {**of_class, **scene.so_far}.get(name)
            values = scene.children[name] if values is None else values
            assert (values == kept.children[:, day, row]).all(), (day, name)
        assert (scene.teachers["stress"] == kept.teachers[:, day, 0]).all()


def test_a_class_of_a_cohort_is_the_one_that_runs_agent_by_agent() -> None:
    scenario = small(weeks=2)
    found = cohort(scenario, (5,), {"before": Wave(0), "end": Wave(2)}).scenes[""]
    record = simulate(scenario, number=5)
    for scene, day in zip(found.values(), (0, 10), strict=True):
        for name in (*OF_CHILDREN, *LEVERS):
            assert (scene.children[name][0] == record.children[name][day]).all(), name
        assert difference(scene.liking[0], record.liking[day].astype(scene.liking.dtype)) == ""
        assert (scene.acceptance[0] == record.acceptance[day]).all()
        log = record.contacts[record.contacts["day"] <= day]
        assert (scene.so_far["contacts"][0] == np.bincount(log["child"], minlength=6)).all()


@given(numbers=st.lists(st.integers(0, 30), min_size=1, max_size=5, unique=True), group=st.integers(1, 3))
@settings(max_examples=12)
def test_neither_grouping_nor_order_matters(numbers: list[int], group: int) -> None:
    whole = trial(numbers, weeks=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cohorts, "GROUP", group)
        assert unlike_cohorts(trial(numbers), whole) == []
    backwards = trial(numbers[::-1])
    turned = Cohort(
        {
            arm: {wave: scene.of(np.arange(len(numbers))[::-1]) for wave, scene in scenes.items()}
            for arm, scenes in backwards.scenes.items()
        },
        backwards.chosen[::-1],
    )
    assert unlike_cohorts(turned, whole) == []


def test_which_occasions_are_kept_changes_nothing() -> None:
    whole = cohort(small(), range(3), WAVES).scenes[""]
    alone = cohort(small(), range(3), {"middle": Wave(3)}).scenes[""]
    assert unlike(alone["middle"], whole["middle"]) == []


def test_single_contacts_are_those_that_are_counted() -> None:
    found = trial(range(3))
    assert any(scene.lately["sessions"].any() for scene in found.scenes["programme"].values())
    for scene in (scene for scenes in found.scenes.values() for scene in scenes.values()):
        for k, log in enumerate(scene.contacts):
            tones = np.bincount(log["child"], log["response"], minlength=6)
            np.testing.assert_allclose(tones, scene.lately["tones"][k], atol=1e-9)
            hostile = np.bincount(log["child"], (log["tone"] < 0) & (log["setting"] != Setting.SESSION), minlength=6)
            np.testing.assert_array_equal(hostile, scene.lately["hostile_acts"][k])
    assert cohort(small(), range(1), WAVES).scenes[""]["end"].contacts == (), "nobody follows them unless asked"


# --- Arms ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["banking-time", "samen-spel", "llinc", "support-coaching"])
def test_arms_share_luck_until_the_programme_begins(name: str) -> None:
    found = trial(range(4), start_week=2, name=name)
    usual, programme = found.scenes["usual"], found.scenes["programme"]
    assert unlike(usual["before"], programme["before"]) == []
    assert unlike(usual["soon"], programme["soon"]) == []
    for k in range(4):
        assert unlike(usual["end"].of(np.array([k])), programme["end"].of(np.array([k])))


@given(start=st.integers(1, 4), seed=st.integers(0, 1000))
@settings(max_examples=8)
def test_the_programme_is_for_exactly_those_who_are_chosen(start: int, seed: int) -> None:
    found = trial(range(3), start_week=start, seed=seed)
    assert (found.chosen.sum(axis=1) == 2).all()
    for (name, wave), usual in zip(WAVES.items(), found.scenes["usual"].values(), strict=True):
        children = found.scenes["programme"][name].children
        acts = children["attunement"] > 0.0
        assert (acts == (found.chosen & (wave.week >= start))).all(), name
        assert not any(usual.children[lever].any() for lever in LEVERS)
        assert not any(children[lever][~found.chosen].any() for lever in LEVERS)


def test_those_who_are_chosen_are_chosen_before_the_first_day() -> None:
    found = trial(range(5))
    before = found.scenes["usual"]["before"]
    for number in range(5):
        alone = two_by_conflict(before.of(np.array([number])), np.random.default_rng([small().seed, number]))
        assert (found.chosen[number] == alone[0]).all()


def test_without_a_choice_programmes_have_their_own_targets() -> None:
    arms = {"programme": (Programme("support-coaching").build(),)}
    found = cohort(small(), range(2), WAVES, arms)
    assert found.chosen.all()
    assert (found.scenes["programme"]["end"].teachers["coaching"] > 0.0).all()


# --- What was counted lately ---------------------------------------------------------------------------


def test_lately_is_the_difference_of_so_far() -> None:
    waves = {f"week {week}": Wave(week) for week in range(5)}
    found = cohort(small(), range(3), waves).scenes[""]
    for week in range(5):
        now, weeks_back = found[f"week {week}"], FIRST_DAYS // 5
        then = found[f"week {max(0, week - weeks_back)}"]
        for name in COUNTED:
            assert (now.lately[name] == now.so_far[name] - then.so_far[name]).all()
        assert (now.days, now.days_lately) == (max(5 * week, 1), max(min(5 * week, FIRST_DAYS), 1))
    assert not any(counts.any() for counts in found["week 0"].lately.values())
    assert (found["week 4"].so_far["contacts"] >= found["week 3"].so_far["contacts"]).all()
    assert found["week 4"].lately["contacts"].sum() > 0


@given(week=st.integers(2, 4), days=st.lists(st.integers(1, 5), min_size=2, unique=True), lookback=st.integers(1, 12))
@settings(max_examples=8)
def test_days_of_a_week_are_occasions_of_their_own(week: int, days: list[int], lookback: int) -> None:
    waves = {f"day {day}": Wave(week, day=day) for day in sorted(days)} | {"end": Wave(week)}
    found = cohort(small(), range(2), waves, lookback=lookback).scenes[""]
    kept = many(small(), range(2), Keep(("contacts", "closeness"), tuple(range(21))))
    for name, wave in waves.items():
        scene, day = found[name], wave.school_day(small().calendar())
        earlier = max(0, day - lookback)
        assert day == 5 * (week - 1) + (wave.day or 5)
        assert (scene.children["closeness"] == kept.children[:, day, 1]).all()
        assert (scene.lately["contacts"] == kept.children[:, day, 0] - kept.children[:, earlier, 0]).all()
        assert (scene.days, scene.days_lately) == (day, day - earlier)
    assert 5 not in days or unlike(found["day 5"], found["end"]) == []
