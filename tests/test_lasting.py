"""What lasts over several school years: the first year is that of pairs, the others have the teachers asked for."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from strategies import small
from sweeps import spiraal

from sim.files.toml import as_toml
from sim.interventions import BankingTime
from sim.scenario import SAME, Later, Scenario, ScenarioError, SchoolYearsError, TeacherSpec, load, next_teacher
from sim.state import to_item_mean
from sim.studies.cohort import Scene, Wave, cohort
from sim.studies.lasting import AT_ONCE, Lasting, LastingError, lasting, next_teachers
from sim.target import Target
from sim.year.pairs import COMPARED, pairs

WEEKS = 5
EVERY = {f"{year} {week}": Wave(week, year) for year in (1, 2, 3) for week in (0, WEEKS)}


HIGHEST = {"name": "banking-time", "target": "highest conflict", "start_week": 2}


def scenario(**changes: object) -> Scenario:
    return small(**{"weeks": WEEKS, "interventions": (HIGHEST,), **changes})


@cache
def three_years(word: str = "drawn", remixed: float = 0.0, again: tuple[int, ...] = ()) -> Lasting:
    return lasting(scenario(), 24, 3, Later(next_teacher(word), remixed, frozenset(again)))


@cache
def followed(word: str = "drawn", remixed: float = 0.0, again: tuple[int, ...] = ()) -> dict[str, dict[str, Scene]]:
    arms = {"without": (), "with": (BankingTime(Target(rule="highest conflict"), 2),)}
    later = Later(next_teacher(word), remixed, frozenset(again))
    found = cohort(scenario(), range(24), EVERY, arms, later=later)
    assert (found.chosen.sum(axis=1) == 1).all()
    return {arm: dict(scenes) for arm, scenes in found.scenes.items()}


def test_the_first_year_is_that_of_pairs_of_classes() -> None:
    told = scenario()
    known = pairs(told.changed(interventions=()), told, range(24))
    for side, mine in ((known.left, three_years().without), (known.right, three_years().with_)):
        theirs = np.einsum("pwmn,pn->pwm", side, known.chosen.astype(float))
        np.testing.assert_allclose(mine[:, 0], theirs, atol=1e-12)


def test_how_many_pairs_there_are_changes_none_of_them() -> None:
    assert AT_ONCE < 24
    few = lasting(scenario(), 3, 3, Later(TeacherSpec()))
    np.testing.assert_array_equal(few.with_, three_years().with_[:3])
    np.testing.assert_array_equal(few.without, three_years().without[:3])


@pytest.mark.parametrize(("word", "support"), [("drawn", None), ("alike", 0.25), ("0.9", 0.9)])
def test_another_teacher_is_the_one_that_was_asked_for(word: str, support: float | None) -> None:
    told = scenario(teacher={"emotional_support": 0.25})
    waves = {str(year): Wave(0, year) for year in (1, 2, 3)}
    teachers = [
        one.teachers for one in cohort(told, range(8), waves, later=Later(next_teacher(word))).scenes[""].values()
    ]
    np.testing.assert_array_equal(teachers[0]["emotional_support"], 0.25)
    for before, after in pairwise(teachers):
        assert (before["strain"] != after["strain"]).all()
        if support is None:
            assert (before["emotional_support"] != after["emotional_support"]).all()
        else:
            np.testing.assert_array_equal(after["emotional_support"], support)


def test_a_teacher_who_stays_and_her_children_go_on_where_they_were() -> None:
    for before, after in (("1 5", "2 0"), ("2 5", "3 0")):
        end, start = followed(SAME)["with"][before], followed(SAME)["with"][after]
        for name in ("closeness", "conflict", "representation", "felt_security", "habit", "liability"):
            np.testing.assert_array_equal(start.children[name], end.children[name], err_msg=name)
        np.testing.assert_array_equal(start.teachers["stress"], end.teachers["stress"])
        np.testing.assert_array_equal(start.liking, end.liking)
        np.testing.assert_array_equal(start.children["age"], end.children["age"] + 1.0)
    ends = [followed(SAME)["without"][wave].children["conflict"] for wave in ("1 5", "2 5")]
    assert (ends[0] != ends[1]).all()


def test_a_long_summer_heals_more_than_a_weekend() -> None:
    """What a teacher who stays is tired of is behind her when she has had nine weeks."""
    p = scenario().values()
    strained = scenario(teacher={"strain": 1.0})
    first, second = (
        cohort(strained, range(24), {"end": Wave(WEEKS), "after": Wave(1, 2, 1)}, later=Later(SAME)).scenes[""][wave]
        for wave in ("end", "after")
    )
    rest = p["teacher_stress_rest"] * second.teachers["strain"]
    assert np.abs(second.teachers["stress"] - rest).mean() < np.abs(first.teachers["stress"] - rest).mean()


def test_an_intervention_is_carried_out_in_the_years_that_are_named_and_no_other() -> None:
    for again in ((), (3,), (2, 3)):
        scenes = followed("drawn", 0.0, again)["with"]
        sessions = {year: scenes[f"{year} {WEEKS}"].so_far["sessions"].sum() for year in (1, 2, 3)}
        assert sessions[1] > 0
        assert {year for year in (2, 3) if sessions[year]} == set(again)
        assert all(sessions[year] == sessions[1] for year in again)


def test_only_those_who_are_still_there_have_it_again() -> None:
    scenes = followed("drawn", 0.5, (2,))["with"]
    first, second = (scenes[f"{year} {WEEKS}"].so_far["sessions"] > 0 for year in (1, 2))
    stayed = scenes[f"2 {WEEKS}"].stayed
    np.testing.assert_array_equal(second, first & stayed)
    assert 0 < second.sum() < first.sum()


def test_children_who_have_left_are_not_told_of() -> None:
    found = three_years("drawn", 0.5)
    table = found.table.set_index(["year", "measure"])
    left = [int(table.loc[(year, "conflict"), "pairs"]) for year in (1, 2, 3)]
    assert left[0] == 24 > left[1] > left[2] > 0
    np.testing.assert_array_equal(np.isnan(found.without), np.isnan(found.with_))


def test_the_table_is_about_the_differences() -> None:
    found = three_years()
    rows = found.table.set_index(["year", "measure"])
    for place, measure in enumerate(COMPARED):
        ends = found.differences(measure)[:, 1, -1]
        row = rows.loc[(2, measure)]
        assert row["difference"] == pytest.approx(ends.mean())
        assert row["difference"] == pytest.approx(row["with"] - row["without"])
        assert row["low"] <= row["difference"] <= row["high"]
        assert row["so_far"] == pytest.approx(found.differences(measure)[:, :2, 1:].mean())
        assert row["d"] == pytest.approx(ends.mean() / found.spread[1, place])
    everybody = cohort(scenario(), range(24), {"end": Wave(WEEKS, 2)}, later=Later(TeacherSpec())).scenes[""]["end"]
    assert found.spread[1, 1] == pytest.approx(to_item_mean(everybody.children["conflict"]).std(ddof=1))


def test_without_fidelity_nothing_differs_in_any_year() -> None:
    idle = scenario().changed(**{"interventions.0.fidelity": 0.0, "interventions.0.name": "llinc"})
    found = lasting(idle, 4, 2, Later(TeacherSpec()))
    np.testing.assert_array_equal(found.with_, found.without)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"years": 1}, "years: found 1; allowed is 2 to 6"),
        ({"years": 7}, "years: found 7; allowed is 2 to 6"),
        ({"pairs": 1}, "pairs: found 1; allowed is 2 or more"),
        ({"later": Later(remixed=1.5)}, "remixed: found 1.5; allowed is 0 to 1"),
        ({"later": Later(SAME, 0.5)}, "remixed: found 0.5; allowed is 0 where the teacher stays"),
        ({"later": Later(again=frozenset({1}))}, "again: found 1; allowed is 2 to 3"),
        ({"scenario": small()}, "has no intervention"),
    ],
)
def test_what_cannot_be_asked_is_refused(changes: dict[str, object], why: str) -> None:
    asked: dict[str, object] = {"scenario": scenario(), "pairs": 2, "years": 3, "later": Later(), **changes}
    with pytest.raises(LastingError, match=why):
        lasting(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["", "nobody", "1.2", "-0.1", "nan"])
def test_an_unknown_next_teacher_is_refused(word: str) -> None:
    with pytest.raises(SchoolYearsError, match="allowed is drawn, alike, same"):
        next_teacher(word)


def test_next_teachers_in_words() -> None:
    assert {next_teachers(next_teacher(word)) for word in ("drawn", "alike", "same", "0.9")} == {
        "the next teachers are drawn",
        "the next teachers are like the first one",
        "the teacher stays",
        "the next teachers have an emotional support of 0.90",
    }


def test_the_command_tells_what_lasts_and_writes_it(tmp_path: Path) -> None:
    asked = ("--pairs", 3, "--years", 2)
    told = " ".join(spiraal(tmp_path, "years", "--with", "samen-spel", *asked, "--out", "first").split())
    assert "3 pairs of classes with the same luck; the next teachers are drawn" in told
    out = tmp_path / "first"
    table = pd.read_csv(out / "years.csv")
    assert list(table["year"].unique()) == [1, 2]
    assert set(table["measure"]) == set(COMPARED)
    assert {path.name for path in out.iterdir()} >= {"lasting.png", "lasting.svg", "scenario.toml", "weeks.csv"}
    assert json.loads((out / "manifest.json").read_text("utf-8"))["pairs"] == 3
    assert "files are as they were written" in spiraal(tmp_path, "verify", "first")
    spiraal(tmp_path, "years", "first/scenario.toml", *asked, "--out", "again")
    assert (tmp_path / "again" / "years.csv").read_bytes() == (out / "years.csv").read_bytes()
    assert "the same, byte for byte" in spiraal(tmp_path, "rerun", "first/manifest.json", "--out", "once more")
    assert (tmp_path / "once more" / "weeks.csv").read_bytes() == (out / "weeks.csv").read_bytes()


def test_programmes_are_carried_out_again_one_by_one() -> None:
    both = scenario(interventions=[HIGHEST, {"name": "social-architect", "target": "lowest acceptance"}])

    def found(again: frozenset[int] | dict[str, frozenset[int]]) -> Lasting:
        return lasting(both, 4, 2, Later(TeacherSpec(), again=again))

    never, all_, one = (found(again) for again in (frozenset(), frozenset({2}), {"banking-time": frozenset({2})}))
    each = found(dict.fromkeys(("banking-time", "social-architect"), frozenset({2})))
    np.testing.assert_array_equal(each.with_, all_.with_)
    for other in (never, all_):
        np.testing.assert_array_equal(one.with_[:, 0], other.with_[:, 0])
        assert (one.with_[:, 1, -1] != other.with_[:, 1, -1]).any()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2", (2,)),
        ("[3, 2]", (2, 3)),
        ("{ banking-time = [2] }", {"banking-time": (2,)}),
        ('"banking-time:2 3"', None),
        ('["banking-time:2", "banking-time:3"]', {"banking-time": (2, 3)}),
        ('"never"', ()),
        ("[]", ()),
        ("{ banking-time = 3 }", {"banking-time": (3,)}),
        ("{ banking-time = [true] }", None),
        ("[2, 99999999999999999999]", None),
        ('"soon"', None),
        ("[2.5]", None),
        ("true", None),
    ],
)
def test_a_scenario_says_when_programmes_are_carried_out_again(tmp_path: Path, written: str, read: object) -> None:
    told = as_toml({"weeks": 2, "interventions": [HIGHEST]}) + f"[years]\ncount = 3\nagain = {written}\n"
    (tmp_path / "x.toml").write_text(told, encoding="utf-8")
    if read is None:
        with pytest.raises(ScenarioError, match=r"x\.toml: years\.again: found .*; allowed (are|is) "):
            load(tmp_path / "x.toml")
    else:
        years = load(tmp_path / "x.toml").years
        assert years is not None and years.again == read


@pytest.mark.parametrize(
    ("years", "why"),
    [
        ({"count": 4}, "years.count: found 4; allowed is 2 to 3, for children of 11 on average"),
        ({"count": 2, "again": [3]}, "years.again: found 3; allowed is 2 to 2"),
        ({"count": 2, "again": {"llinc": [2]}}, "years.again: found 'llinc'; allowed are .*: banking-time"),
        ({"count": 2, "teacher": "same", "remixed": 0.5}, "years.remixed: found 0.5; allowed is 0 where"),
        ({"count": 2, "teacher": "nobody"}, "years.teacher: found 'nobody'; allowed is drawn, alike, same"),
        ({"teacher": "same"}, "years.count: "),
        ({"count": 2, "twice": True}, "years.twice: unknown key"),
    ],
)
def test_school_years_that_cannot_be_are_refused_with_their_key(
    tmp_path: Path, years: dict[str, object], why: str
) -> None:
    told = {"weeks": 2, "class": {"age": 11.0}, "interventions": [HIGHEST], "years": years}
    (tmp_path / "x.toml").write_text(as_toml(told), encoding="utf-8")
    with pytest.raises(ScenarioError, match=why):
        load(tmp_path / "x.toml")


def test_the_command_follows_the_years_of_a_scenario(tmp_path: Path) -> None:
    years = {"count": 3, "teacher": 0.9, "again": {"banking-time": [2]}}
    told = {"weeks": 2, "class": {"size": 6}, "interventions": [HIGHEST], "years": years}
    (tmp_path / "my.toml").write_text(as_toml(told), encoding="utf-8")
    said = " ".join(spiraal(tmp_path, "years", "my.toml", "--pairs", 2, "--teacher", "same", "--out", "out").split())
    assert "School years: 3 years; the teacher stays; classes stay together; Banking Time once more in year 2" in said
    kept = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert kept["scenario"]["years"] == {"count": 3, "teacher": "same", "remixed": 0.0, "again": {"banking-time": [2]}}
    known = lasting(load(tmp_path / "my.toml"), 2, 3, Later(SAME, again={"banking-time": frozenset({2})})).table
    written = pd.read_parquet(tmp_path / "out" / "years.parquet")
    np.testing.assert_allclose(written["difference"], known["difference"], atol=1e-9)
    assert "the same, byte for byte" in spiraal(tmp_path, "rerun", "out/manifest.json")
    assert "the first one is run here" not in said


@pytest.mark.parametrize("command", ["run", "profile", "tipping"])
def test_a_command_of_one_year_says_that_it_is_the_first(command: str, tmp_path: Path) -> None:
    told = {"title": "Mine", "weeks": 2, "class": {"size": 6}, "interventions": [HIGHEST]}
    (tmp_path / "one.toml").write_text(as_toml(told), encoding="utf-8")
    (tmp_path / "my.toml").write_text(as_toml({**told, "years": {"count": 3}}), encoding="utf-8")
    said = " ".join(spiraal(tmp_path, command, "my.toml").split())
    note = "Mine: this scenario has 3 school years; the first one is run here. `spiraal years` runs all."
    assert note in said
    arguments = ("--out", "other") if command == "run" else ()
    plain = " ".join(spiraal(tmp_path, command, "one.toml", *arguments).split())
    assert said.replace(note, "").split()[:30] == plain.split()[:30], "all else is that of a scenario of one year"


def test_the_command_refuses_without_a_trace(tmp_path: Path) -> None:
    said = spiraal(tmp_path, "years", "--teacher", "nobody", "--out", "nothing", code=2)
    assert "years.teacher: found 'nobody'; allowed is drawn, alike, same" in said
    assert not list(tmp_path.glob("*"))
