"""Studies are drawn from cohorts as their design says: who takes part, in which arm, for how long, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.state import Records
from sim.studies.cohort import Cohort
from sim.studies.instruments import Instrument, Occasion
from sim.studies.study import (
    Claim,
    Design,
    Draw,
    Estimate,
    Programme,
    Sample,
    Selection,
    Study,
    Wave,
    kindergarten,
    primary,
)

POPULATION = kindergarten(6, weeks=3, holidays=())
WAVES = {"T1": Wave(1), "T2": Wave(2), "T3": Wave(3)}
ARMS = {"usual": (), "programme": (Programme("banking-time", start_week=2),)}
FIXED = ["school", "classroom", "child", "seat", "arm", "boy", "age"]


def design(**changes: Any) -> Design:
    """A small study."""
    known: dict[str, Any] = {
        "population": POPULATION,
        "classes": 12,
        "children": 1000,
        "waves": WAVES,
        "measures": ("closeness", "status"),
        **changes,
    }
    return Design(**known)


def study(**changes: Any) -> Study:
    return Study(
        "X1", "A study", "Nobody (2020)", design(**changes), lambda _: {"r": Estimate(0.0)}, (Claim("r", "r"),)
    )


@cache
def classes(arms: bool = False) -> Cohort:
    """Forty classes; with arms, boys are chosen."""
    return study(arms=ARMS if arms else {}, selection=Selection(sex="boy" if arms else None)).cohort(40)


@cache
def many_classes() -> Cohort:
    waves = {"T1": Wave(0), "T2": Wave(0), "T3": Wave(1)}
    return study(population=kindergarten(6, weeks=1), waves=waves).cohort(600)


def draw(
    seed: int = 1, source: Cohort | None = None, large: bool = False, truth: bool = False, **changes: Any
) -> Sample:
    if source is None:
        source = classes("arms" in changes)
    return study(**changes).draw(source, np.random.default_rng(seed), large=large, truth=truth)


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return one.equals(other)


# --- Who takes part ------------------------------------------------------------------------------------


@given(
    wanted=st.integers(1, 15),
    children=st.integers(1, 120),
    per_class=st.none() | st.integers(1, 8),
    sex=st.sampled_from([None, "boy", "girl"]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=30)
def test_sizes_are_those_of_the_design(
    wanted: int, children: int, per_class: int | None, sex: str | None, seed: int
) -> None:
    changes: dict[str, Any] = {"classes": wanted, "children": children}
    table = draw(seed, selection=Selection(per_class=per_class, sex=sex), **changes).table
    eligible = 6 if sex is None else 3  # half of a class are boys
    asked = min(eligible, per_class or eligible)
    assert table["child"].nunique() == min(children, wanted * asked)
    assert table.groupby("classroom")["child"].nunique().max() <= asked
    assert table["classroom"].between(0, wanted - 1).all()
    assert sex is None or (table["boy"] == (sex == "boy")).all()
    if children >= wanted * asked:
        assert (table.groupby("classroom")["child"].nunique() == asked).all()


def test_a_large_sample_has_all_classes_and_all_who_are_selected() -> None:
    table = draw(large=True, children=5, classes=2, selection=Selection(per_class=4)).table
    assert table["classroom"].nunique() == 40
    assert table["child"].nunique() == 160


def liked(sample: Sample) -> tuple[Records, Records]:
    """How many classmates name each child at the first wave, and who takes part; shapes (classes, n)."""
    scene = sample.scenes["T1"]
    named = (scene.liking >= 0.35) & ~np.eye(6, dtype=bool)
    taken = np.zeros((len(named), 6), dtype=bool)
    first = sample.table[sample.table["wave"] == "T1"]
    for where, rows in first.groupby("classroom"):
        taken[where] = np.isin(scene.children["age"][where], rows["age"])
    return named.sum(axis=1), taken


def test_children_above_a_percentile_are_selected() -> None:
    score, taken = liked(draw(selection=Selection(by="liked_most", above=0.5)))
    assert (taken.sum(axis=1) == 3).all()
    assert (np.where(taken, score, 9).min(axis=1) >= np.where(taken, -1, score).max(axis=1)).all()


def test_the_highest_are_taken_first_and_chance_decides_otherwise() -> None:
    score, taken = liked(draw(selection=Selection(per_class=2, by="liked_most", highest=True)))
    assert (taken.sum(axis=1) == 2).all()
    assert (np.where(taken, score, 9).min(axis=1) >= np.where(taken, -1, score).max(axis=1)).all()
    score, taken = liked(draw(large=True, selection=Selection(per_class=2)))
    assert score[taken].mean() == pytest.approx(score.mean(), abs=0.5)


def test_the_highest_boy_is_a_boy() -> None:
    sample = draw(selection=Selection(per_class=1, sex="boy", by="liked_most", highest=True))
    score, taken = liked(sample)
    boys = sample.scenes["T1"].children["sex"] == 1.0
    assert (taken.sum(axis=1) == 1).all()
    assert boys[taken].all()
    assert (score[taken] == np.where(boys, score, -1).max(axis=1)).all()


# --- Schools and arms ----------------------------------------------------------------------------------


@given(schools=st.integers(2, 12), assigned=st.sampled_from(["school", "class"]), seed=st.integers(0, 1000))
@settings(max_examples=25)
def test_schools_and_arms_are_balanced_and_assigned_by_unit(schools: int, assigned: str, seed: int) -> None:
    table = draw(seed, arms=ARMS, schools=schools, assigned=assigned).table
    places = table.drop_duplicates("classroom")
    per_school = places.groupby("school").size()
    assert len(per_school) == schools
    assert np.ptp(per_school) <= 1
    assert table.groupby("classroom")[["school", "arm"]].nunique().max().max() == 1
    units = places if assigned == "class" else places.drop_duplicates("school")
    assert np.ptp([(units["arm"] == arm).sum() for arm in ARMS]) <= 1
    if assigned == "school":
        assert table.groupby("school")["arm"].nunique().max() == 1


def test_assignment_is_at_random() -> None:
    first = [draw(seed, arms=ARMS).table.groupby("classroom")["arm"].first()[0] for seed in range(40)]
    assert 10 < first.count("usual") < 30


def test_one_class_a_school_unless_said() -> None:
    table = draw().table
    assert (table["school"] == table["classroom"]).all()
    assert (table["arm"] == "").all()


def test_every_class_is_seen_as_its_arm_made_it() -> None:
    source, luck = classes(arms=True), np.random.default_rng(3)
    drawn = Draw(design(arms=ARMS), source, luck, large=False, truth=True)
    sample = drawn.sample()
    assert set(sample.table["arm"]) == set(ARMS)
    assert (sample.table["boy"] == 1.0).all(), "children for whom the programmes were"
    for place, (number, which) in enumerate(zip(drawn.classes, drawn.arm, strict=True)):
        seen, made = sample.scenes["T3"], source.scenes[drawn.arms[which]]["T3"]
        assert (seen.children[place] == made.children[number]).all()
        assert (seen.liking[place] == made.liking[number]).all()
        assert (seen.lately["tones"][place] == made.lately["tones"][number]).all()
        rows = sample.table[(sample.table["classroom"] == place) & (sample.table["wave"] == "T3")]
        expected = 1.0 + 4.0 * made.children["closeness"][number][source.chosen[number]]
        np.testing.assert_array_equal(rows["closeness"], expected)


# --- Attrition -----------------------------------------------------------------------------------------


def test_without_attrition_all_children_are_seen_every_time() -> None:
    assert (draw().table.groupby("child").size() == 3).all()


@given(rate=st.sampled_from([0.05, 0.2, 0.6]), seed=st.integers(0, 100))
@settings(max_examples=6)
def test_children_are_lost_at_the_stated_rate_and_do_not_come_back(rate: float, seed: int) -> None:
    waves = {"T1": Wave(0), "T2": Wave(0), "T3": Wave(1)}
    population = kindergarten(6, weeks=1)
    table = draw(seed, many_classes(), large=True, population=population, waves=waves, attrition=rate).table
    seen = [set(table.loc[table["wave"] == wave, "child"]) for wave in waves]
    assert len(seen[0]) == 3600
    for before, after in pairwise(seen):
        assert after < before
        assert 1 - len(after) / len(before) == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / len(before)))


# --- The tables ----------------------------------------------------------------------------------------


def test_the_tidy_table_has_one_row_a_child_and_wave() -> None:
    table = draw(attrition=0.3, children=40).table
    assert not table.duplicated(["child", "wave"]).any()
    assert list(table.columns) == [
        "school",
        "classroom",
        "child",
        "seat",
        "arm",
        "wave",
        "boy",
        "age",
        *("closeness", "status", "preference"),
    ]
    assert table.groupby("child")[["school", "classroom", "arm", "boy"]].nunique().max().max() == 1
    assert not table.isna().any().any()


def test_a_seat_leads_from_a_row_to_the_child_in_its_class() -> None:
    sample = draw(selection=Selection(per_class=2))
    for wave, scene in sample.scenes.items():
        rows = sample.table[sample.table["wave"] == wave]
        found = scene.children[rows["classroom"], rows["seat"]]
        assert (found["age"] == rows["age"]).all() and (found["sex"] == rows["boy"]).all()


def test_the_wide_table_says_the_same() -> None:
    sample = draw(attrition=0.3)
    wide = sample.wide
    assert wide["child"].is_unique
    assert set(wide["child"]) == set(sample.table["child"])
    parts = []
    for wave in WAVES:
        columns = {f"{name}_{wave}": name for name in ("closeness", "status", "preference")}
        part = wide[[*FIXED, *columns]].rename(columns=columns).assign(wave=wave)
        parts.append(part.dropna(subset=["closeness"]))
    back = pd.concat(parts).sort_values(["wave", "child"])[sample.table.columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(back, sample.table.sort_values(["wave", "child"]).reset_index(drop=True))
    lost = set(wide["child"]) - set(sample.table.loc[sample.table["wave"] == "T3", "child"])
    assert lost and wide.set_index("child").loc[sorted(lost), "closeness_T3"].isna().all()


def test_a_sample_is_reproducible_and_another_one_is_another() -> None:
    one, again, other = draw(5, attrition=0.1), draw(5, attrition=0.1), draw(6, attrition=0.1)
    assert same(one.table, again.table)
    assert same(one.wide, again.wide)
    assert not same(one.table, other.table)


def test_scenes_are_those_of_the_table() -> None:
    sample = draw(truth=True)
    for wave, rows in sample.table.groupby("wave"):
        states = sample.scenes[str(wave)].children["closeness"]
        np.testing.assert_allclose(
            rows["closeness"], 1.0 + 4.0 * states[rows["classroom"]].reshape(-1, 6, 6)[:, 0].ravel()
        )


def test_the_same_children_take_part_whatever_is_measured_of_them() -> None:
    changes: dict[str, Any] = {"children": 40, "attrition": 0.2, "selection": Selection(4, by="conflict", above=0.2)}
    one = draw(9, **changes).table
    for other in (
        draw(9, truth=True, **changes),
        draw(9, measures=("stress", "peer_conflict", "liked_most"), **changes),
    ):
        assert same(other.table[[*FIXED, "wave"]], one[[*FIXED, "wave"]])


def test_studies_drawn_one_after_another_are_not_the_same() -> None:
    luck = np.random.default_rng(1)
    one, other = (study().draw(classes(), luck).table for _ in range(2))
    assert not same(one, other)


def test_truth_is_on_the_scale_of_the_instrument_and_without_error() -> None:
    measures = ("closeness", "conduct", "achievement", "liked_most")
    true, seen = (draw(7, large=True, measures=measures, truth=truth).table for truth in (True, False))
    scene = classes().scenes[""]["T1"]
    order = np.sort(true.loc[true["wave"] == "T1", "closeness"])
    np.testing.assert_allclose(order, np.sort(1.0 + 4.0 * scene.children["closeness"].ravel()))
    assert (true["liked_most"] == seen["liked_most"]).all(), "nominations are what they are"
    for name in ("closeness", "conduct", "achievement"):
        assert not np.isclose(true[name], seen[name]).all()
        assert np.corrcoef(true[name], seen[name])[0, 1] > 0.6


# --- What a teacher's reports share --------------------------------------------------------------------


class Biases(Instrument):
    """Shows the raters' biases."""

    def administer(self, at: Occasion) -> dict[str, Records]:
        leniency = np.broadcast_to(at.leniency[:, None], at.halo.shape)
        return {"leniency": leniency, "halo": at.halo}


def test_a_teacher_is_as_lenient_all_year_and_the_next_one_is_somebody_else() -> None:
    biases = Biases("biases", "Biases", "teacher", lambda scene: scene.acceptance, "")
    years = {"T1": Wave(0), "T2": Wave(1), "T3": Wave(0, 2), "T4": Wave(1, 2)}
    one = study(population=kindergarten(6, weeks=1), waves=years, measures=(biases,), classes=150)
    wide = one.draw(one.cohort(150), np.random.default_rng(2)).wide
    assert (wide["leniency_T1"] == wide["leniency_T2"]).all()
    assert (wide["leniency_T3"] == wide["leniency_T4"]).all()
    assert abs(wide["leniency_T1"].corr(wide["leniency_T3"])) < 0.25
    assert wide.groupby("classroom")["leniency_T1"].nunique().max() == 1
    assert wide[[f"halo_{wave}" for wave in years]].corr().where(~np.eye(4, dtype=bool)).abs().max().max() < 0.1


# --- Bad designs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"measures": ("closenes",)}, "measures: no such instrument: closenes; known are closeness, "),
        ({"assigned": "child"}, "assigned: found 'child'; allowed is school or class"),
        ({"schools": 13}, "schools: found 13; allowed is 1 to 12, the number of classes"),
        ({"schools": 0}, "schools: found 0; allowed is 1 to 12"),
        ({"waves": {}}, "waves: found none; allowed are one or more"),
        ({"waves": {"T1": Wave(4)}}, "waves: T1: found week 4 of year 1; allowed is week 0 to 3 of year 1 or later"),
        ({"waves": {"T1": Wave(1, 0)}}, "waves: T1: found week 1 of year 0; allowed"),
        ({"waves": {"T2": Wave(1, 2), "T1": Wave(2)}}, "waves: found T2, T1; allowed is the order of time"),
        ({"waves": {"T2": Wave(1), "T1": Wave(1, day=4)}}, "waves: found T2, T1; allowed is the order of time"),
        ({"waves": {"T1": Wave(1, day=6)}}, "waves: T1: found day 6 of week 1; allowed is day 1 to 5 of week 1"),
        ({"waves": {"T1": Wave(0, day=1)}}, "waves: T1: found day 1 of week 0; allowed is day 1 to 5 of week 1"),
        ({"lookback": 0}, "lookback: found 0; allowed is 1 or more school days"),
        ({"children": 0}, "children: found 0; allowed is 1 or more"),
        (
            {"arms": {"play": (Programme("banking-time", start_week=4),)}},
            "arms: play: found start week 4; allowed is 1 to 3, the weeks of the year",
        ),
        ({"attrition": 1.0}, "attrition: found 1; allowed is 0 or more, and less than 1"),
    ],
)
def test_a_bad_design_names_what_was_found_and_what_is_allowed(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        design(**changes)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sex": "boys"}, "sex: found 'boys'; allowed is boy or girl"),
        ({"highest": True}, "by: is missing; allowed is the name of an instrument"),
        ({"above": 0.5}, "by: is missing; allowed is the name of an instrument"),
        ({"by": "agression", "highest": True}, "by: no such instrument: agression; known are closeness, "),
        ({"by": "aggression", "above": 1.0}, "above: found 1; allowed is 0 to 1"),
        ({"by": "teacher_structure"}, "by: found teacher_structure; allowed is what can be measured before the first"),
    ],
)
def test_a_bad_selection_names_what_was_found_and_what_is_allowed(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        Selection(**changes)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "banking time"}, "name: no such programme: banking time; known are bad-week, banking-time, "),
        ({"fidelity": 3.0}, "fidelity: found 3; allowed is 0 to 1"),
        ({"start_week": 0}, "start_week: found 0; allowed is 1 or later"),
        ({"dose": 0.0}, "dose: found 0; allowed is more than 0"),
    ],
)
def test_a_bad_programme_names_what_was_found_and_what_is_allowed(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        Programme(**{"name": "banking-time", **changes})
    assert str(error.value).startswith(message)


def test_what_is_said_of_classes_adds_to_their_grade_and_size() -> None:
    classroom = kindergarten(13, classroom={"age": 4.5}).classroom
    assert (classroom.grade, classroom.size, classroom.age) == (0, 13, 4.5)


def test_a_cohort_of_another_study_is_refused() -> None:
    older = replace(study(), design=replace(design(), population=primary(3, 6, weeks=3)))
    with pytest.raises(ValueError, match="source: found a cohort of another population"):
        study().draw(older.cohort(12), np.random.default_rng(1))
    with pytest.raises(ValueError, match="source: found a cohort of another design"):
        study(waves={"T9": Wave(1)}).draw(classes(), np.random.default_rng(1))
    other_values = study().cohort(12, {"negativity": 2.0})
    assert len(study().draw(other_values, np.random.default_rng(1)).table)


def test_a_study_needs_a_cohort_as_large_as_itself() -> None:
    with pytest.raises(ValueError, match="classes: found 40 in the cohort; the study needs 41"):
        draw(classes=41)


def test_a_cohort_takes_other_parameters_and_other_classes() -> None:
    plain = study().cohort(3, first=2)
    whole = classes().scenes[""]["T3"].children
    assert (plain.scenes[""]["T3"].children == whole[2:5]).all()
    changed = study().cohort(3, {"negativity": 2.0}, first=2).scenes[""]["T3"].children
    assert (changed["conflict"] != whole[2:5]["conflict"]).all()
    older = replace(design(), population=primary(3, 6, weeks=3))
    assert replace(study(), design=older).cohort(1).scenes[""]["T1"].children["age"].min() > 7.5
