"""What a teacher's own ratings tell: what is known of simulated children, classes and worlds is found again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook
from strategies import small
from sweeps import spiraal

from sim.calendar import Calendar
from sim.files.classlist import ClassListError
from sim.files.reading import Upload
from sim.files.waves import Waves, read_named, read_wave_mapping, read_waves
from sim.scenario import Scenario, TeacherSpec
from sim.state import Records
from sim.studies.fit import (
    INTERVAL,
    MEASURES,
    NEAREST,
    NOMINATED,
    Ensemble,
    Fit,
    FitError,
    Sample,
    draw_ensemble,
    fit,
    informed,
    samples_of_worlds,
    statistic_names,
    statistics,
)
from sim.studies.fit_report import children_table, comparison, parameters_table, population_for, sample_of
from sim.worlds import plausible

DOCS = Path(__file__).resolve().parents[1] / "docs"
WEEKS = (1, 5, 9)
RATED = ("closeness", "conflict", "aggression")
SIZE = 10


def population(**changes: object) -> Scenario:
    return small(size=SIZE, weeks=10, **changes).changed(teacher=TeacherSpec(pace=None))


@cache
def ensemble() -> Ensemble:
    return draw_ensemble(population(), WEEKS, RATED, 12)


@cache
def real() -> Ensemble:
    """Classes with other luck, which play the real ones."""
    return draw_ensemble(population(seed=2), WEEKS, RATED, 2)


def observed(classes: Iterable[int], lost: float = 0.0) -> Sample:
    """Some of the real classes, with their ratings, of which a share is lost."""
    numbers = list(classes)
    scores = np.concatenate([real().scores[number] for number in numbers]).astype(float)
    scores[np.random.default_rng(3).random(scores.shape) < lost] = np.nan
    names = tuple(f"{number}-{child}" for number in numbers for child in range(SIZE))
    groups = tuple(str(number) for number in numbers for _child in range(SIZE))
    sexes = np.concatenate([real().boys[number] for number in numbers]).astype(float)
    return Sample(names, groups, sexes, WEEKS, RATED, scores)


@cache
def of_many() -> list[tuple[int, Fit]]:
    """Real classes out of many worlds, each held against the ensemble alone; in every second one ratings are lost."""
    numbers = range(3, len(real().scores), 13)
    return [(number, fit(observed([number], 0.15 * (number % 2)), ensemble())) for number in numbers]


def covered(truth: Records, quantiles: Records) -> Records:
    return np.asarray((quantiles[0] <= truth) & (truth <= quantiles[-1]))


# --- What is there is found again --------------------------------------------------------------------------


def test_intervals_hold_the_true_course_of_nine_in_ten_children() -> None:
    inside = [covered(real().courses[number], one.courses.swapaxes(0, 1)) for number, one in of_many()]
    share = np.concatenate(inside).mean(axis=0)
    assert 0.85 <= share.mean() <= 0.95
    assert share.min() >= 0.80
    assert share.max() <= 0.97


@cache
def with_nominations() -> tuple[Ensemble, list[tuple[Records, Records, Fit]]]:
    """True courses of classes, their nominations by all classmates, and each held against others of some worlds.

    In the first wave eight of ten children were asked whom they name, in the second none, in the third all.
    """
    measures, worlds = (*RATED, *NOMINATED), range(0, len(plausible().points), 4)
    asked = np.full((len(WEEKS), len(measures)), np.nan)
    asked[0, len(RATED) :] = 8
    simulated = draw_ensemble(population(), WEEKS, measures, 12, worlds, asked=asked)
    played = draw_ensemble(population(seed=2), WEEKS, measures, 2, worlds, asked=asked)
    found = []
    for number in range(1, len(played.scores), 5):
        scores = played.scores[number].astype(float)
        scores[:, 1, len(RATED) :] = np.nan
        names, groups = tuple(map(str, range(SIZE))), ("",) * SIZE
        sample = Sample(names, groups, played.boys[number].astype(float), WEEKS, measures, scores, asked)
        found.append((played.courses[number], played.scores[number], fit(sample, simulated)))
    return simulated, found


def test_nominations_are_known_where_all_were_asked_and_intervals_hold_them_elsewhere() -> None:
    simulated, found = with_nominations()
    assert simulated.told == (*RATED, *NOMINATED)
    courses = np.stack([truth for truth, _scores, _one in found]).astype(float)
    told = np.stack([one.courses.swapaxes(0, 1) for _truth, _scores, one in found], axis=1)
    inside = (told[0] - 1e-6 <= courses) & (courses <= told[-1] + 1e-6)
    of_children = inside.mean(axis=(0, 1))
    assert 0.82 <= of_children[:, : len(RATED)].mean() <= 0.95
    assert of_children[:, len(RATED) :].min() >= 0.88
    shares = (slice(None), slice(None), WEEKS[-1], slice(len(RATED), None))
    exact = np.isclose(told[1][shares], courses[shares], atol=1e-6)
    assert exact.mean() > 0.99
    widths = (told[-1] - told[0]).mean(axis=(0, 1))[:, len(RATED) :]
    usual = np.diff(np.quantile(simulated.courses, (INTERVAL[0], INTERVAL[-1]), axis=(0, 1)), axis=0)[0]
    assert (widths[WEEKS[1]] < 0.8 * usual[WEEKS[1], len(RATED) :]).all()
    assert (widths[WEEKS[0]] < widths[WEEKS[1]]).all()
    means = [covered(truth.mean(axis=0), one.means) for truth, _scores, one in found]
    assert 0.80 <= np.mean(means) <= 0.97


def test_nominations_of_some_are_those_of_simulated_classes_of_whom_as_many_are_asked() -> None:
    simulated, found = with_nominations()
    first, last = simulated.scores[:, :, 0, -2:], simulated.scores[:, :, 2, -2:]
    np.testing.assert_allclose(np.round(last * (SIZE - 1)), last * (SIZE - 1), atol=1e-5)
    truth = simulated.courses[:, :, WEEKS[0], -2:]
    assert not np.allclose(first, truth)
    assert abs(float((first - truth).mean())) < 0.005
    _truth, scores, one = found[0]
    again = one.replicates[..., -2:]
    np.testing.assert_allclose(np.median(again[:, :, 2], axis=0), scores[:, 2, -2:], atol=1e-6)
    assert again[:, :, 0].std(axis=0).mean() > again[:, :, 2].std(axis=0).mean()


def test_a_child_is_known_better_than_one_of_whom_nothing_is_known() -> None:
    usual = np.diff(np.quantile(ensemble().courses, (INTERVAL[0], INTERVAL[-1]), axis=(0, 1)), axis=0)[0]
    widths = np.mean([(one.courses[:, -1] - one.courses[:, 0]).mean(axis=0) for _number, one in of_many()], axis=0)
    assert (widths < 0.6 * usual).all()


def test_intervals_hold_the_true_mean_of_nine_in_ten_classes() -> None:
    inside = [covered(real().courses[number].mean(axis=0), one.means) for number, one in of_many()]
    assert 0.80 <= np.mean(inside) <= 0.97


def test_intervals_hold_the_parameters_of_nine_in_ten_worlds() -> None:
    """Each world plays the real one in turn: four classes of it, and it is left out of what it is held against."""
    classes = [statistics(ensemble().scores.astype(float))] * 4
    seen, _means = samples_of_worlds(ensemble(), classes, ensemble().teachers)
    others = np.random.default_rng(1).permutation(len(ensemble().worlds))
    values, inside, ranks = plausible().points, [], []
    for world in others[:24]:
        rest = np.delete(np.arange(len(values)), world)
        told = informed(plausible().names, values[rest], seen[:, rest], seen[0, world], 1)
        inside.append(covered(values[world], told.after))
        ranks.append(values[world] > told.after[1])
    assert 0.84 <= np.mean(inside) <= 0.95
    assert 0.42 <= np.mean(ranks) <= 0.58


def test_what_the_page_tells_is_of_the_worlds_of_today() -> None:
    told = json.loads((DOCS / "fit.json").read_text(encoding="utf-8"))
    assert told["worlds"] == plausible().fingerprint
    assert told["parameters"] == len(plausible().names)


def test_a_parameter_that_the_statistics_tell_is_told_and_the_others_stay_open() -> None:
    luck = np.random.default_rng(4)
    values = luck.standard_normal((140, 40))
    seen = np.stack([values[:, :1] + 0.3 * luck.standard_normal((140, 6)) for _repeat in range(2)])
    told = informed([str(n) for n in range(40)], values, seen, np.full(6, 1.2), 1)
    assert told.contraction[0] > 0.9
    assert covered(np.array(1.2), told.after[:, 0])
    assert (told.contraction[1:] <= told.by_chance).all()
    assert told.by_chance < 0.25


def test_ratings_of_a_class_tell_of_their_teacher_what_they_depend_on() -> None:
    first = of_many()[0][1].teachers
    told = next(iter(first.values()))
    known = dict(zip(told.names, told.contraction, strict=True))
    assert known["emotional_support"] > 0.3 > known["autonomy_support"]


def test_what_such_children_show_once_more_is_what_they_showed() -> None:
    for _number, one in of_many()[:3]:
        low, high = np.nanquantile(one.replicated, (0.005, 0.995), axis=0)
        means = slice(0, len(RATED))
        assert ((low <= one.observed) & (one.observed <= high))[means].all()


def test_a_sex_that_is_known_is_that_of_the_particles() -> None:
    """Of a child without ratings everything but its sex is open."""
    sample = observed([0])
    sample.scores[:2] = np.nan
    sample.sexes[:2] = 1.0, 0.0
    boy, girl = fit(sample, ensemble()).courses[:2, 1].mean(axis=1)
    place = RATED.index("aggression")
    boys = ensemble().boys
    assert ensemble().courses[boys, :, place].mean() > ensemble().courses[~boys, :, place].mean()
    assert boy[place] > girl[place]


def test_a_child_that_the_model_does_not_know_is_called_strange() -> None:
    sample = observed([0])
    sample.scores[0] = [[5.0, 5.0, 1.0], [1.0, 1.0, 5.0], [5.0, 5.0, 1.0]]
    found = fit(sample, ensemble())
    assert found.strange[0] < 0.01
    assert np.median(found.strange[1:]) > 0.1
    assert (found.alike <= NEAREST).all()


def test_the_same_seed_gives_the_same_and_another_class_changes_nothing() -> None:
    once, again = (fit(observed(numbers), ensemble()) for numbers in ([5], [5, 6]))
    np.testing.assert_array_equal(once.courses, again.courses[:SIZE])
    np.testing.assert_array_equal(once.courses, fit(observed([5]), ensemble()).courses)


def test_statistics_are_those_of_numpy_and_say_what_they_are() -> None:
    scores = np.random.default_rng(5).uniform(1.0, 5.0, (2, 8, 3, 2))
    scores[0, 0, 0] = np.nan
    found = dict(zip(statistic_names(WEEKS, ("a", "b")), statistics(scores)[0], strict=True))
    one = scores[0]
    assert found["a", "mean"] == pytest.approx(np.nanmean(one[..., 0], axis=0).mean())
    assert found["b", "sd"] == pytest.approx(np.log(np.nanstd(one[..., 1], axis=0, ddof=1).mean()))
    assert found["a", "change"] == pytest.approx(one[:, 2, 0].mean() - np.nanmean(one[:, 0, 0]))
    assert np.tanh(found["b", "stability"]) == pytest.approx(np.corrcoef(one[1:, 0, 1], one[1:, 2, 1])[0, 1])
    means = np.nanmean(one, axis=1)
    assert np.tanh(found["a b", "correlation"]) == pytest.approx(np.corrcoef(means.T)[0, 1])


def test_change_and_stability_are_those_of_the_weeks_in_which_there_is_something() -> None:
    scores = np.random.default_rng(6).uniform(1.0, 5.0, (2, 8, 3, 2))
    scores[0, :, 0, 0] = scores[1, :, 1:, 1] = np.nan
    names = statistic_names(WEEKS, ("a", "b"))
    found = [dict(zip(names, row, strict=True)) for row in statistics(scores)]
    assert found[0]["a", "change"] == pytest.approx(scores[0, :, 2, 0].mean() - scores[0, :, 1, 0].mean())
    assert np.tanh(found[0]["a", "stability"]) == pytest.approx(np.corrcoef(scores[0, :, 1:, 0].T)[0, 1])
    assert np.isnan([found[1]["b", "change"], found[1]["b", "stability"]]).all()


@pytest.mark.parametrize("measure", [*MEASURES, *NOMINATED])
def test_every_measure_can_be_rated(measure: str) -> None:
    few = draw_ensemble(population(), (1,), (measure,), 2, worlds=(0, 1))
    assert few.told[0] == measure
    assert few.scores.shape == (4, SIZE, 1, 1)
    assert np.corrcoef(few.scores[..., 0, 0].ravel(), few.courses[..., 1, 0].ravel())[0, 1] > 0.5


@pytest.mark.parametrize(("weeks", "per_world"), [((11,), 2), ((5, 1), 2), ((1, 1), 2), ((1,), 1), ((1,), 401)])
def test_weeks_and_classes_that_cannot_be_are_refused(weeks: tuple[int, ...], per_world: int) -> None:
    with pytest.raises(FitError, match="allowed"):
        draw_ensemble(population(), weeks, RATED, per_world)


def test_a_class_that_is_larger_than_the_simulated_ones_is_refused() -> None:
    sample = observed([0, 1])
    with pytest.raises(FitError, match="20 or more"):
        fit(replace(sample, groups=("",) * len(sample.names)), ensemble())


def test_a_statistic_that_some_classes_do_not_tell_is_that_of_the_others() -> None:
    sample = observed([0, 1])
    sample.scores[2:SIZE] = np.nan
    found = fit(sample, ensemble())
    place = statistic_names(WEEKS, RATED).index(("conflict", "stability"))
    assert found.observed[place] == statistics(sample.scores[None, SIZE:])[0, place]
    assert np.isfinite(found.expected[:, place]).all()


# --- What is read ------------------------------------------------------------------------------------------

LONG = "child,class,wave,sex,closeness,conflict\nAn,a,1,girl,4.5,1.2\nBo,a,1,boy,3,2\nAn,a,2,girl,4,\nCy,b,2,,2,2.5\n"
WIDE = (
    "child,class,sex,closeness_1,conflict_1,closeness_2,conflict_2\n"
    "An,a,girl,4.5,1.2,4,\nBo,a,boy,3,2,,\nCy,b,,,,2,2.5\n"
)


def read(text: str, **said: object) -> Waves:
    return read_waves(Upload("x.csv", text.encode()), **said)  # type: ignore[arg-type]


def wrong(text: str, **said: object) -> str:
    with pytest.raises(ClassListError) as error:
        read(text, **said)
    return str(error.value)


def test_a_long_file_and_a_wide_one_say_the_same() -> None:
    long, wide = read(LONG), read(WIDE)
    assert long.children == wide.children
    assert long.scores == wide.scores
    assert (long.by, long.moments) == (wide.by, wide.moments) == ("wave", (1, 2))
    samples = [sample_of(waves, [2, 8], Scenario().calendar()) for waves in (long, wide)]
    np.testing.assert_array_equal(samples[0].scores, samples[1].scores)
    assert np.isnan(samples[0].scores).sum() == 5


def test_a_dutch_workbook_is_read_like_a_text(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["naam", "schoolweek", "nabijheid", "betrokkenheid"], ["An", 3, 4.5, 3], ["An", 9, 4, 999]):
        book.active.append(row)
    book.save(tmp_path / "ratings.xlsx")
    found = read_waves(tmp_path / "ratings.xlsx")
    assert (found.by, found.moments, found.measures) == ("week", (3, 9), ("closeness", "engagement"))
    assert found.scores == {(0, 3, "closeness"): 4.5, (0, 9, "closeness"): 4.0, (0, 3, "engagement"): 3.0}
    assert "999" in found.notes[0]


def test_scales_are_made_of_items_at_each_moment() -> None:
    answers = {week: [str((n + week) % 3) for n in range(25)] for week in (3, 9)}
    rows = [",".join(["An", str(week), *given]) for week, given in answers.items()]
    long = "\n".join([",".join(["child", "week", *(f"sdq_{n}" for n in range(1, 26))]), *rows])
    heads = [f"sdq_{n}_w{week}" for week in answers for n in range(1, 26)]
    wide = ",".join(["child", *heads]) + "\n" + ",".join(["An", *answers[3], *answers[9]])
    assert read(long).scores == read(wide).scores
    assert read(long).measures == ("sdq_conduct", "sdq_hyperactivity")


def test_dates_become_school_weeks_around_holidays() -> None:
    text = "child,date,conflict\nAn,2026-09-02,2\nAn,2026-10-23,2\nAn,2026-11-03,2\nBo,2026-10-28,2\n"
    assert sample_of(read(text), None, Scenario().calendar()).weeks == (1, 8, 9)
    with pytest.raises(FitError, match="2027-07-20"):
        sample_of(read(text + "Bo,2027-07-20,1\nBo,2027-08-20,1\n"), None, Calendar())


def test_a_mapping_says_what_headings_mean() -> None:
    mapping = read_wave_mapping(
        Upload("m.toml", b'[columns]\nname = "code"\nconflict_w4 = "okt"\nconflict_w20 = "feb"\n')
    )
    found = read("code,okt,feb,other\nAn,2,3,9\n", mapping=mapping)
    assert found.scores == {(0, 4, "conflict"): 2.0, (0, 20, "conflict"): 3.0}
    with pytest.raises(ClassListError, match=r"m\.toml"):
        read_wave_mapping(Upload("m.toml", b'[columns]\nanger_1 = "x"\n'))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("child,week,conflict\nAn,3,2\nAn,3,2\n", ("row 3", "week", "row 2")),
        ("child,week,conflict\nAn,77,2\n", ("row 2", "week", "77", "0 to 60")),
        ("child,week,conflict\nAn,3,9\n", ("row 2", "conflict", "9", "1 to 5")),
        ("child,conflict\nAn,3\n", ("row 1", "week")),
        ("child,week,wave,conflict\nAn,3,1,2\n", ("row 1", "wave", "week")),
        ("child,conflict,conflict_2\nAn,3,1\n", ("row 1", "conflict")),
        ("child,week,conflikt\nAn,3,1\n", ("row 1", "conflikt", "conflict")),
        ("child,week,age\nAn,3,7\n", ("row 1", "closeness")),
        ("child,week,sex,conflict\nAn,3,boy,2\nAn,4,girl,2\n", ("row 3", "sex")),
        ("week,conflict\n3,2\n", ("name",)),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: tuple[str, ...]) -> None:
    found = wrong(text)
    assert "x.csv" in found
    assert all(part in found for part in said), found


def test_a_class_that_is_not_there_is_refused_and_one_that_is_is_kept() -> None:
    assert "“q”" in wrong(LONG, group="q")
    assert [child.name for child in read(LONG, group="B").children] == ["Cy"]


@pytest.mark.parametrize("weeks", [None, [2], [8, 2], [2, 2]])
def test_waves_need_their_weeks(weeks: list[int] | None) -> None:
    with pytest.raises(FitError, match="weeks"):
        sample_of(read(LONG), weeks, Scenario().calendar())


CLASSES = "child,class,week,conflict\nAn,a,3,1\nBo,a,3,2\nCy,a,3,2\nDi,b,3,1\nEd,b,3,1\n"
TIES = "who,whom,kind\nAn,Bo,like\nAn,Cy,like\nBo,nobody,like\nAn,Di,like\nDi,Ed,like\nCy,Bo,dislike\n"


def test_nominations_come_to_shares_of_those_who_were_asked() -> None:
    waves = read(CLASSES)
    said = read_named(Upload("ties.csv", TIES.encode()), waves)
    assert any("1 nomination of a child of another class" in note for note in said.notes)
    sample = sample_of(waves, None, Scenario().calendar(), {9: said})
    assert sample.weeks == (3, 9)
    assert sample.measures == ("conflict", *NOMINATED)
    assert np.isnan(sample.scores[:, 0, 1:]).all()
    np.testing.assert_array_equal(sample.scores[:, 1, 1], [0.0, 1.0, 0.5, np.nan, 1.0])  # An and Bo were asked, and Di
    np.testing.assert_array_equal(sample.scores[:, 1, 2], [0.0, 1.0, np.nan, np.nan, np.nan])  # Cy alone
    np.testing.assert_array_equal(sample.asked, [[np.nan] * 3, [np.nan, 1.5, 1.0]])


@pytest.mark.parametrize(
    ("children", "ties", "said"),
    [
        (CLASSES, "who,whom\nAn,Boo\n", ("ties.csv", "row 2", "Boo", "Bo")),
        (CLASSES.replace("Di", "An"), "who,whom\nAn,Bo\n", ("ties.csv", "several classes", "one child")),
    ],
)
def test_nominations_that_cannot_be_told_apart_are_refused(children: str, ties: str, said: tuple[str, ...]) -> None:
    with pytest.raises(ClassListError) as refused:
        read_named(Upload("ties.csv", ties.encode()), read(children))
    assert all(part in str(refused.value) for part in said), str(refused.value)


def test_the_population_is_like_the_children() -> None:
    waves = read("child,week,sex,age,closeness\nAn,1,girl,6,4\nBo,1,boy,7,3\nCy,1,,,3\n")
    found = population_for(waves, sample_of(waves, None, Scenario().calendar()), None, None, 1).classroom
    assert (found.size, found.age) == (15, 6.5)
    assert 0.0 < found.boys < 1.0


# --- What is written ---------------------------------------------------------------------------------------


def test_tables_say_what_was_found() -> None:
    number, one = of_many()[0]
    children = children_table(one)
    rows = children[(children["child"] == f"{number}-2") & (children["measure"] == "conflict")]
    np.testing.assert_allclose(rows["median"], one.courses[2, 1, :, RATED.index("conflict")])
    assert rows["observed"].notna().to_numpy().nonzero()[0].tolist() == [
        week for week, score in zip(WEEKS, one.sample.scores[2, :, 1], strict=True) if np.isfinite(score)
    ]
    compared = comparison(one).set_index(["measure", "statistic"])
    assert compared.loc[("closeness", "mean"), "published"] == 4.16
    assert compared["percentile"].between(0.0, 1.0).all()
    assert set(parameters_table(one)["what"]) == {"parameter", "teacher"}


def test_one_command_reads_tells_and_writes(tmp_path: Path) -> None:
    rows = [
        f"<b>Kind {child}</b>,{wave + 1}," + ",".join(f"{x:.2f}" for x in observed([7]).scores[child, wave])
        for child in range(6)
        for wave in range(len(WEEKS))
    ]
    (tmp_path / "own.csv").write_text("\n".join(["child,wave,closeness,conflict,aggression", *rows]))
    said = spiraal(tmp_path, "fit", "own.csv", "--weeks", "2,18", code=2)
    assert "3 school weeks" in said
    names = [f"<b>Kind {child}</b>" for child in range(6)]
    table = [",".join([name, *(str(int((i + j) % 3 == 0)) for j in range(6))]) for i, name in enumerate(names)]
    (tmp_path / "named.csv").write_text("\n".join([",".join(["", *names]), *table]))
    waves = ("--weeks", "2,18,34", "--classes", "2")
    allowed = {
        "named.csv": "2=autumn.csv",
        "30=nowhere.csv": "nowhere.csv",
        "99=named.csv": "weeks: found 2, 18, 34, 99",
    }
    for wrong_, why in allowed.items():
        assert why in spiraal(tmp_path, "fit", "own.csv", *waves, "--nominations", wrong_, code=2)
    named = ("--nominations", "30=named.csv")
    said = spiraal(tmp_path, "fit", "own.csv", *waves, *named, "--out", "found")
    assert "Nominations in week 30: 10, by 6 children" in said
    assert "Named as liked: a child's 90% interval" in said
    assert "never a diagnosis" in said
    assert "Kind" not in said
    children = pd.read_csv(tmp_path / "found" / "children.csv", encoding="utf-8-sig")
    assert children["child"].nunique() == 6
    assert json.loads((tmp_path / "found" / "manifest.json").read_text())["sample"]["weeks"] == [2, 18, 30, 34]
    assert "Kind" not in (tmp_path / "found" / "told.txt").read_text()
    spiraal(tmp_path, "verify", "found")
    assert "byte for byte" in spiraal(tmp_path, "rerun", "found/manifest.json")
