"""Power of a planned trial: the analysis is a library's, nothing is found where nothing is there, formulas agree."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import statsmodels.formula.api as smf
import typer
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from rich.console import Console
from scipy import stats
from statsmodels.stats.power import TTestIndPower
from sweeps import HOOK, PLUGIN, spiraal

from scripts.measure_power import EXAMPLE, FACTS, PLANS, WORLDS, rows
from sim.cli.commands import app
from sim.cli.power import tell_power
from sim.files.language import Language, use
from sim.interventions import load_plugin
from sim.state import Records
from sim.studies.power import (
    BATCHES,
    BATCHES_OF_A_WORLD,
    POOL,
    SMALLEST_BATCH,
    STUDIES_OF_A_WORLD,
    TESTED,
    Power,
    Spread,
    Trials,
    ancova_of_classes,
    batch_size,
    batches_for,
    by_formula,
    by_lot,
    crossing,
    drawn,
    in_world,
    interval,
    power,
    simulate,
    spread_of_children,
)
from sim.studies.power_report import design, figure, remarks
from sim.studies.study import REGISTRY
from sim.studies.trial import MEASURES, SCREENS, Trial, TrialError, numbers_of_classes

SMALL: Mapping[str, Any] = {"programme": "banking-time", "classes": (8, 16), "size": 8, "pre": 1, "replications": 40}
"""A trial that is soon done."""
PAGE = (FACTS.parent / "power.md").read_text("utf-8")
AGAIN = "run: python scripts/measure_power.py; python scripts/write_docs.py; python scripts/write_pictures.py"


def small(**changes: Any) -> Trial:
    return Trial(**{**SMALL, **changes})


@cache
def done() -> Power:
    """A small trial, also in two plausible worlds."""
    return power(small(), worlds=2)


# --- The analysis ------------------------------------------------------------------------------------


def trials_of_chance(luck: np.random.Generator, studies: int = 6, classes: int = 12) -> tuple[Records, ...]:
    """Means of classes, arms, and which are there."""
    pre = luck.normal(size=(studies, classes))
    treated = by_lot(studies, classes, luck)
    post = 0.6 * pre - 0.5 * treated + luck.normal(size=(studies, classes))
    return pre, post, treated, luck.random((studies, classes)) < 0.85


def test_the_analysis_is_that_of_a_library() -> None:
    pre, post, treated, there = trials_of_chance(np.random.default_rng(1))
    found = ancova_of_classes(pre, post, treated, there)
    for trial in range(len(pre)):
        known = there[trial]
        table = pd.DataFrame({"pre": pre[trial], "post": post[trial], "treated": treated[trial].astype(float)})[known]
        fit = smf.ols("post ~ pre + treated", table).fit()
        assert found.effect[trial] == pytest.approx(fit.params["treated"])
        assert found.p[trial] == pytest.approx(fit.pvalues["treated"])


@pytest.mark.parametrize("what", ["an arm is lost", "too few are left", "nothing differs"])
def test_what_cannot_be_tested_is_no_number(what: str) -> None:
    pre, post, treated, there = trials_of_chance(np.random.default_rng(2), classes=6)
    there[:] = True
    if what == "an arm is lost":
        there &= treated
    elif what == "too few are left":
        there[:, 3:] = False
    else:
        post[:] = 3.0
    found = ancova_of_classes(pre, post, treated, there)
    assert np.isnan(found.effect).all() and np.isnan(found.p).all()


def test_a_pre_test_without_differences_is_left_aside() -> None:
    _pre, post, treated, there = trials_of_chance(np.random.default_rng(3))
    found = ancova_of_classes(np.full(post.shape, 0.1), post, treated, there)
    for trial in range(len(post)):
        with_, without = (post[trial][there[trial] & arm] for arm in (treated[trial], ~treated[trial]))
        assert found.effect[trial] == pytest.approx(with_.mean() - without.mean())


def test_what_children_differ_in_is_taken_apart_as_by_an_analysis_of_variance() -> None:
    luck = np.random.default_rng(4)
    pre = luck.normal(size=(300, 40, 5))
    post = 0.5 * pre + np.sqrt(0.2) * luck.normal(size=(300, 40, 1)) + np.sqrt(0.6) * luck.normal(size=pre.shape)
    there = luck.random(pre.shape) < 0.9
    found = spread_of_children(pre, post, by_lot(300, 40, luck), there, np.full(300, 1.0))
    between, within, size, correlation = (float(np.mean(values)) for values in found)
    assert within == pytest.approx(0.6, abs=0.02)
    assert (between - within) / size == pytest.approx(0.2, abs=0.02)
    assert correlation == pytest.approx(0.5 / np.sqrt(1.05), abs=0.02)
    alone = spread_of_children(pre[..., :1], post[..., :1], by_lot(300, 40, luck), there[..., :1], np.full(300, 1.0))
    assert float(np.mean(alone.between)) == pytest.approx(0.8, abs=0.03), "one child each: all of it"


# --- Lots --------------------------------------------------------------------------------------------


@given(st.integers(1, 20), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_half_of_however_many_classes_come_first_have_the_programme(studies: int, classes: int, seed: int) -> None:
    treated = by_lot(studies, classes, np.random.default_rng(seed))
    assert treated.shape == (studies, classes)
    for count in range(1, classes + 1):
        twice = 2 * treated[:, :count].sum(axis=1)
        assert (abs(twice - count) <= count % 2).all()


def test_trials_of_all_sizes_are_nested_and_lose_as_many_as_is_said() -> None:
    trial = small(attrition=0.25, classes_lost=0.2, per_class=3, classes=(10, 20))
    source = trial.study.cohort(batch_size(trial))
    luck, errors = np.random.default_rng(1).spawn(2)
    found = drawn(trial, source, 0, 200, luck, errors)
    assert (found.children == [30, 60]).all()
    assert found.analysed.mean(axis=0) == pytest.approx(found.children[0] * 0.75 * 0.8, rel=0.04)
    assert (found.analysed[:, 0] <= found.analysed[:, 1]).all()
    alone = drawn(small(attrition=0.25, classes_lost=0.2, per_class=3, classes=(20,)), source, 0, 200, *twice())
    np.testing.assert_array_equal(alone.effect[:, 0], found.effect[:, 1])


def twice() -> list[np.random.Generator]:
    """The same luck again."""
    return np.random.default_rng(1).spawn(2)


def test_a_trial_is_what_a_virtual_study_of_that_design_finds() -> None:
    """The same design, drawn and analysed by the machinery of published studies."""
    trial = Trial(programme="samen-spel", classes=(24,), per_class=2, size=12)
    source, theirs = trial.study.cohort(batch_size(trial)), []
    ours = drawn(trial, source, 0, 1000, *twice())
    for number in range(150):
        wide = trial.study.draw(source, np.random.default_rng(number)).wide
        spread = wide["conflict_pre"].std()
        means = wide.groupby("classroom").agg({"arm": "first", "conflict_pre": "mean", "conflict_post": "mean"})
        means["treated"] = (means["arm"] == "programme").astype(float)
        theirs.append(smf.ols("conflict_post ~ conflict_pre + treated", means).fit().params["treated"] / spread)
    assert ours.effect.mean() == pytest.approx(np.mean(theirs), abs=3.0 * np.std(theirs) / np.sqrt(150))
    assert ours.effect.std() == pytest.approx(np.std(theirs), rel=0.2)


# --- Error rates, intervals, formulas ----------------------------------------------------------------


@pytest.mark.parametrize("plan", [{"per_class": 1}, {"per_class": 2, "attrition": 0.2, "measure": "conduct"}])
def test_where_nothing_is_done_the_test_finds_something_as_often_as_it_says(plan: dict[str, Any]) -> None:
    """Fidelity 0: rejections lie within what chance does to so many trials, also where there are few classes."""
    studies = 2000
    trial = Trial(programme="samen-spel", classes=(8, 12, 20), size=12, fidelity=0.0, replications=studies, **plan)
    low, high = stats.binom.interval(0.998, studies, trial.alpha)
    for share in power(trial).table["power"]:
        assert low <= share * studies <= high


def test_an_interval_of_trials_that_have_nothing_in_common_is_that_of_wilson() -> None:
    luck = np.random.default_rng(5)
    found = luck.random(2000) < 0.3
    theirs = stats.binomtest(int(found.sum()), 2000).proportion_ci(method="wilson")
    ours = interval(found, np.arange(2000))
    assert ours[0] <= theirs.low and theirs.high <= ours[1]
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.002)
    assert interval(np.ones(100, dtype=bool), np.arange(100) % 20)[0] < 1.0
    assert interval(np.zeros(100, dtype=bool), np.arange(100) % 20) == pytest.approx((0.0, 0.042), abs=0.001)


def test_an_interval_has_the_truth_as_often_as_it_says_although_batches_have_something_in_common() -> None:
    luck, inside = np.random.default_rng(6), 0
    batch = np.arange(400) % 25
    for _ in range(1000):
        shares = luck.beta(7.0, 3.0, size=25)
        low, high = interval(luck.random(400) < shares[batch], batch)
        inside += low <= 0.7 <= high
    assert inside / 1000 == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize(("effect", "children", "classes"), [(0.5, 64, 32), (0.3, 300, 60), (-0.4, 200, 100)])
def test_the_formula_is_that_of_a_library(effect: float, children: int, classes: int) -> None:
    """Student's t of the means of classes, with one degree of freedom less for the pre-test."""
    between = 0.55
    each = effect / np.sqrt(between * classes / children)
    theirs = TTestIndPower().power(each, classes / 2.0, 0.05, df=classes - 3)
    assert by_formula(effect, between, children, classes, 0.05) == pytest.approx(theirs, abs=1e-6)


def test_power_in_a_simple_case_is_that_of_the_formula() -> None:
    """Given the effect and the variances that simulated trials show; within five percentage points."""
    table = power(Trial(programme="samen-spel", classes=(24, 48, 72), per_class=2, size=12)).table
    assert table["power"].is_monotonic_increasing
    assert table["power"].iloc[-1] > 0.5 > table["power"].iloc[0], "where it matters"
    assert table["power"].to_numpy() == pytest.approx(table["formula"].to_numpy(), abs=0.05)


def test_how_many_classes_are_needed() -> None:
    classes, share = np.array([10, 20, 40]), np.array([0.2, 0.5, 0.9])
    assert crossing(classes, share, 0.8) == 35
    assert crossing(classes, share, 0.5) == 20
    assert crossing(classes, share, 0.1) == 10
    assert crossing(classes, share, 0.95) is None


# --- Plans -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("10:80", (10, 20, 30, 40, 50, 60, 70, 80)),
        ("10:80:30", (10, 40, 70, 80)),
        ("6:12", (6, 7, 8, 9, 10, 11, 12)),
        ("20 : 220", (20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220)),
        ("40,10,20,10", (10, 20, 40)),
        ("60", (60,)),
        ("60:60", (60,)),
    ],
)
def test_numbers_of_classes_are_read(text: str, classes: tuple[int, ...]) -> None:
    assert numbers_of_classes(text) == classes


@pytest.mark.parametrize(
    "text", ["", "ten", "10:", "80:10", "10-80", "10:80:0", "10;20", "1.5", "-10", "1000000000000"]
)
def test_other_numbers_of_classes_are_refused(text: str) -> None:
    with pytest.raises(TrialError, match=r"^--classes: found .*; allowed is a range such as 10:80"):
        numbers_of_classes(text)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"programme": "joy"}, "PROGRAMME: found 'joy'; allowed is one of samen-spel, "),
        ({"classes": (4, 40)}, "--classes: found 4; allowed is 6 to 1000"),
        ({"classes": (40, 4000)}, "--classes: found 4000; allowed is 6 to 1000"),
        ({"classes": ()}, "--classes: found 0; allowed is 6 to 1000"),
        ({"per_class": 21}, "--per-class: found 21; allowed is 1 to 20, the children of a class"),
        ({"per_class": 0}, "--per-class: found 0; allowed is 1 to 20, the children of a class"),
        ({"measure": "joy"}, "--measure: found 'joy'; allowed is one of closeness, conflict, "),
        ({"measure": "status"}, "--measure: found 'status'; allowed is one of "),
        ({"screened_by": "closeness"}, "--screened-by: found 'closeness'; allowed is one of conflict, "),
        ({"sex": "child"}, "--sex: found 'child'; allowed is one of boy, girl"),
        ({"grade": 7}, "--grade: found 7; allowed is 0 to 6"),
        ({"size": 1}, "--size: found 1; allowed is 2 to 60"),
        ({"pre": 36}, "--pre: found 36; allowed is 0 to 35"),
        ({"pre": 10, "post": 10}, "--post: found 10; allowed is 11 to 36"),
        ({"post": 37}, "--post: found 37; allowed is 8 to 36"),
        ({"fidelity": 1.5}, "--fidelity: found 1.5; allowed is 0 to 1"),
        ({"attrition": 1.0}, "--attrition: found 1; allowed is 0 or more, and less than 1"),
        ({"classes_lost": -0.1}, "--classes-lost: found -0.1; allowed is 0 or more, and less than 1"),
        ({"alpha": 0.0}, "--alpha: found 0; allowed is more than 0, and less than 1"),
        ({"target": 1.0}, "--target: found 1; allowed is more than 0, and less than 1"),
        ({"replications": 1}, "--replications: found 1; allowed is 20 to 100000"),
        ({"world": 10**6}, "--world: found 1000000; allowed is 0 to "),
    ],
)
def test_trials_that_cannot_be_done_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(TrialError, match=f"^{message}"):
        Trial(**{"programme": "samen-spel", "classes": (20,), **changes})


def test_sizes_stand_in_their_order() -> None:
    assert small(classes=(20, 10, 20)).classes == (10, 20)
    with pytest.raises(TrialError, match="--classes: found 60 numbers; allowed are 50"):
        small(classes=range(10, 70))


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(TrialError) as refused:
        small(per_class=9, alpha=2.0, measure="joy")
    assert len(str(refused.value).splitlines()) == 3


def test_weeks_and_children_are_those_of_the_programme_unless_said() -> None:
    told = {name: Trial(programme=name, classes=(20,)) for name in ("samen-spel", "banking-time", "social-architect")}
    assert [trial.week_of_post for trial in told.values()] == [19, 14, 36]
    assert told["samen-spel"].screening == "conflict"
    assert Trial(programme="support-coaching", classes=(20,)).screening == "none"
    assert Trial(programme="samen-spel", classes=(20,), pre=30).week_of_post == 36
    arms = told["banking-time"].study.design.arms
    assert arms["usual"] == () and arms["programme"][0].start_week == 8


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_gives_a_number(measure: str) -> None:
    trial = small(measure=measure, per_class=2, replications=20)
    found = drawn(trial, trial.study.cohort(16), 0, 5, *twice())
    assert found.effect.shape == found.p.shape == (5, 2)
    assert found.effect.dtype == float


@pytest.mark.parametrize("screen", [*SCREENS, "none"])
def test_children_are_screened_by_any_complaint(screen: str) -> None:
    source = small(screened_by=screen, per_class=2).study.cohort(16)
    assert (source.chosen.sum(axis=1) == 2).all()


def test_other_worlds_are_other_worlds_with_the_same_luck() -> None:
    trial = small(programme="samen-spel", per_class=2, classes=(40,), replications=60)
    here, there = (simulate(in_world(trial, world), 2) for world in (0, 5))
    assert (here.children == there.children).all()
    assert abs(here.effect.mean() - there.effect.mean()) > 0.001
    np.testing.assert_array_equal(simulate(in_world(trial, 0), 2).effect, here.effect)


def test_an_intervention_of_ones_own(tmp_path: Path, registry: dict[str, Any]) -> None:
    for name, source in (("greeting.py", HOOK), ("fragile.py", PLUGIN)):
        (tmp_path / name).write_text(source, encoding="utf-8")
        load_plugin(tmp_path / name)
    assert "morning-greeting" in REGISTRY
    found = power(small(programme="morning-greeting", replications=20, classes=(8,)))
    assert np.isfinite(found.effect)
    with pytest.raises(TrialError, match="fragile: has no compiled form; so many classes would take too long"):
        small(programme="fragile")


# --- Tables, words, figure ---------------------------------------------------------------------------


def made_up(shares: Mapping[int, float], worlds: Mapping[int, Mapping[int, float]] = {}) -> Power:
    """What came of trials in which the programme was found so often, by number of classes."""
    trial = Trial(programme="samen-spel", classes=tuple(shares), per_class=2, replications=1000)
    return Power(trial, found_in(trial, shares), {world: found_in(trial, of) for world, of in worlds.items()})


def found_in(trial: Trial, shares: Mapping[int, float]) -> Trials:
    """Trials of which such a share is significant, evenly over batches."""
    order = np.arange(1000)
    p = np.stack([np.where((order // 20) * 20 + 10 < share * 1000, 0.01, 0.5) for share in shares.values()], axis=1)
    luck = np.random.default_rng(1)
    effect = -0.4 + luck.normal(size=p.shape) / np.sqrt(trial.classes)
    children = np.tile(np.array(trial.classes) * trial.per_class, (1000, 1))
    spread = Spread(*(np.full(1000, value) for value in (0.6, 0.5, 2.0, 0.7)))
    return Trials(order % 20, effect, p, children, children, spread)


def test_the_table_has_what_was_simulated() -> None:
    found = done()
    trials, table = found.trials, found.table
    assert table["classes"].tolist() == [8, 16]
    assert table["children"].tolist() == [8.0, 16.0]
    assert len(trials.batch) == 40 and len(set(trials.batch)) == batches_for(found.trial) == 25
    for column in range(2):
        row = table.iloc[column]
        assert row["power"] == np.mean(trials.p[:, column] < 0.05)
        assert row["low"] <= row["power"] <= row["high"]
        assert row["effect"] == pytest.approx(trials.effect[:, column].mean())
        assert row["error"] == pytest.approx(trials.effect[:, column].std(ddof=1))
    in_worlds = found.in_worlds
    assert in_worlds["world"].unique().tolist() == [0, 230]
    assert table["mean_of_worlds"].tolist() == in_worlds.groupby("classes")["power"].mean().tolist()
    assert table["worlds"].tolist() == [2, 2]


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ({20: 0.5, 40: 0.7, 60: 0.9}, "Power of 80% from about 50 classes on (95% interval: 4"),
        ({20: 0.9, 40: 1.0}, "Power of 80% is there with 20 classes; fewer were not simulated."),
        ({20: 0.2, 40: 0.4}, "Power of 80% is not reached: with 40 classes it is 40.0% (3"),
        ({20: 0.5, 40: 0.81}, "to more than 40)."),
    ],
)
def test_what_is_said_of_how_many_classes_are_needed(shares: dict[int, float], said: str) -> None:
    assert said in next(remarks(made_up(shares)))


def test_what_is_said_of_worlds() -> None:
    shares = {20: 0.5, 40: 0.7, 60: 0.9}
    lines = list(remarks(made_up(shares, {0: shares, 5: {20: 0.7, 40: 0.9, 60: 1.0}})))
    assert "Averaged over 2 plausible worlds, power of 80% from about 40 classes on." in lines
    lines = list(remarks(made_up(shares, {0: shares, 5: {20: 0.1, 40: 0.2, 60: 0.3}})))
    assert "Averaged over 2 plausible worlds, power of 80% is not reached with 60 classes." in lines
    assert not any("--worlds" in line for line in lines)


def test_on_a_narrow_terminal_nothing_is_cut_off_in_either_language() -> None:
    shares = {20: 0.5, 400: 0.7, 1000: 1.0}
    found = made_up(shares, dict.fromkeys(range(143), shares))
    headings: dict[Language, str] = {"en": "Children", "nl": "Kinderen"}
    for language, heading in headings.items():
        shown = io.StringIO()
        with use(language):
            tell_power(Console(width=80, file=shown), found)
        assert max(map(len, shown.getvalue().splitlines())) <= 80
        assert heading in shown.getvalue()
        assert "…" not in shown.getvalue()


def test_the_figure_shows_the_table() -> None:
    shares = {20: 0.5, 40: 0.7, 60: 0.9}
    found = made_up(shares, {0: shares, 5: shares})
    (axes,) = figure(found.trial, found.table, found.in_worlds).axes
    lines = {line.get_gid(): line for line in axes.lines}
    assert {"power", "formula", "mean"} <= lines.keys()
    assert lines["power"].get_xydata().tolist() == [[20.0, 0.5], [40.0, 0.7], [60.0, 0.9]]  # type: ignore[union-attr]
    assert [text.get_text() for text in axes.texts] == ["50 classes"]
    with use("nl"):
        drawing = figure(found.trial, found.table)
    assert "klassen, in beide groepen samen" in drawing.axes[0].get_xlabel()
    assert "2 kinderen per klas" in " ".join(text.get_text() for text in drawing.texts)
    assert "mean" not in [line.get_gid() for line in drawing.axes[0].lines]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_nothing_is_cut_off_at_the_edge_of_the_figure(language: Language) -> None:
    shares = {20: 0.5, 40: 0.7, 60: 0.9}
    found = made_up(shares, {0: shares, 5: shares})
    losses = {"attrition": 0.125, "classes_lost": 0.05, "fidelity": 0.85, "world": 5}
    with use(language):
        drawing = figure(found.trial.model_copy(update=losses), found.table, found.in_worlds)
    FigureCanvasAgg(drawing).draw()
    width, height = drawing.get_size_inches() * drawing.dpi
    boxes = [
        *(text.get_window_extent() for text in drawing.texts),
        *(one.get_window_extent() for one in drawing.legends),
    ]
    boxes += [axis.label.get_window_extent() for axis in (drawing.axes[0].xaxis, drawing.axes[0].yaxis)]
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height for box in boxes)
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])


def test_the_design_is_told() -> None:
    plan = {"sex": "boy", "per_class": 1, "grade": 3, "attrition": 0.125, "classes_lost": 0.1, "fidelity": 0.8}
    said = "\n".join(design(Trial(programme="samen-spel", classes=(20,), screened_by="none", **plan)))
    for words in (
        "1 boy a class, by lot",
        "grade 3",
        "12.5% of the children lost, 10% of the classes",
        "fidelity 0.80",
    ):
        assert words in said
    assert design(Trial(programme="samen-spel", classes=(20,), mechanism="none")) == design(
        Trial(programme="samen-spel", classes=(20,))
    )


# --- The command -------------------------------------------------------------------------------------

COMMAND = (
    *("power", "banking-time", "--classes", "8,16", "--per-class", 2, "--size", 8, "--pre", 1),
    *("--replications", 40, "--worlds", 2),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the command was run once."""
    place = tmp_path_factory.mktemp("power")
    said = spiraal(place, *COMMAND, "--out", "first")
    assert "Power of a trial of Banking Time: conflict" in said
    assert "2 children a class, highest in conflict" in said
    assert "Table, figure, data and manifest are in first" in said
    return place


def test_the_command_writes_a_folder_that_can_be_verified_and_made_again(folder: Path) -> None:
    names = {path.name for path in (folder / "first").iterdir()}
    tables = {"power.csv", "worlds.csv", "trials.parquet", "worlds.parquet"}
    assert names == tables | {"power.png", "power.svg", "manifest.json", "checksums.sha256"}
    table = pd.read_csv(folder / "first" / "power.csv", encoding="utf-8-sig")
    trials = pq.read_table(folder / "first" / "trials.parquet").to_pandas()
    assert table["classes"].tolist() == [8, 16]
    for row in table.to_dict("records"):
        of_size = trials[trials["classes"] == row["classes"]]
        assert len(of_size) == 40
        assert row["power"] == pytest.approx((of_size["p"] < 0.05).mean(), abs=1e-4)
        assert row["effect"] == pytest.approx(of_size["effect"].mean(), abs=1e-4)
    manifest = json.loads((folder / "first" / "manifest.json").read_text("utf-8"))
    assert manifest["trial"]["programme"] == "banking-time" and manifest["asked"] == 2
    assert "sim/studies/power.py" in manifest["fingerprint"]["sources"]
    assert "7 files are as they were written." in spiraal(folder, "verify", "first")
    said = spiraal(folder, "rerun", "first/manifest.json", "--out", "again")
    assert "All data files are the same, byte for byte." in said
    assert (folder / "again" / "trials.parquet").read_bytes() == (folder / "first" / "trials.parquet").read_bytes()


def test_results_are_replaced_only_when_asked(folder: Path) -> None:
    before = (folder / "first" / "power.csv").read_bytes()
    said = spiraal(folder, *COMMAND[:-2], "--seed", 2, "--out", "first", code=2)
    assert "first: holds the results of an earlier run; --replace overwrites them" in said
    assert (folder / "first" / "power.csv").read_bytes() == before


def test_damage_shows(folder: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    copied.mkdir()
    for path in (folder / "first").iterdir():
        (copied / path.name).write_bytes(path.read_bytes())
    (copied / "power.csv").write_text("better", encoding="utf-8")
    assert "power.csv: is damaged" in spiraal(tmp_path, "verify", "copied", code=1)
    manifest = json.loads((copied / "manifest.json").read_text("utf-8"))
    for trial, words in (({"joy": 1}, "trial.programme"), ({"programme": "samen-spel", "classes": [2]}, "--classes")):
        (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "trial": trial}), encoding="utf-8")
        assert words in spiraal(tmp_path, "rerun", "manifest.json", code=2)


def test_the_command_speaks_dutch_and_takes_plug_ins(tmp_path: Path) -> None:
    (tmp_path / "greeting.py").write_text(HOOK, encoding="utf-8")
    plan = ("--classes", 8, "--size", 8, "--pre", 1, "--post", 3, "--replications", 20, "--out", "results")
    said = spiraal(tmp_path, "--language", "nl", "power", "morning-greeting", "--plugin", "greeting.py", *plan)
    assert "Power van een onderzoek naar Morning greeting: conflict" in said
    assert "nameting in week 3" in said and "Simulating" not in said
    assert ";" in (tmp_path / "results" / "power.csv").read_text("utf-8-sig").splitlines()[0]
    assert "greeting.py" in spiraal(tmp_path, "plugins", "results")
    assert "none has run" in spiraal(tmp_path, "rerun", "results/manifest.json", code=2)
    assert "byte for byte" in spiraal(tmp_path, "rerun", "results/manifest.json", "--trust-plugins")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("samen-spel", "--per-class", 30), "--per-class: found 30; allowed is 1 to 20, the children of a class"),
        (("samen-spel", "--classes", "many"), "--classes: found 'many'; allowed is a range such as 10:80"),
        (("samen-spel", "--classes", "6:900:1"), "--classes: found 895 numbers; allowed are 50"),
        (("samen-spel", "--measure", "joy"), "--measure: found 'joy'; allowed is one of closeness, conflict,"),
        (("joy",), "PROGRAMME: found 'joy'; allowed is one of samen-spel,"),
        (("samen-spel", "--worlds", 10**6), "--worlds: found 1000000; allowed is 0 to"),
        (("samen-spel", "--plugin", "absent.py"), "absent.py: no such file"),
    ],
)
def test_the_command_refuses_what_cannot_be(tmp_path: Path, arguments: tuple[object, ...], message: str) -> None:
    assert message in spiraal(tmp_path, "power", *arguments, "--out", "results", code=2)
    assert list(tmp_path.iterdir()) == []


# --- The page ----------------------------------------------------------------------------------------


def test_the_example_of_the_page_is_that_of_today() -> None:
    """The model of today gives the table that is shown, and one of its worlds; counts may differ by a trial or two."""
    written = json.loads(FACTS.read_text("utf-8"))["example"]
    found = power(EXAMPLE)
    own = [name for name in found.table if name != "untested"]
    for now, then in zip(rows(found.table), written["table"], strict=True):
        assert {name: now[name] for name in own} == pytest.approx({name: then[name] for name in own}, abs=0.003), AGAIN
    world = written["in_worlds"][len(EXAMPLE.classes)]["world"]
    then = [row for row in written["in_worlds"] if row["world"] == world]
    elsewhere = in_world(EXAMPLE, world)
    again = Power(elsewhere, simulate(elsewhere, BATCHES_OF_A_WORLD), {})
    assert again.table["power"].tolist() == pytest.approx([row["power"] for row in then], abs=0.011), AGAIN
    assert again.table["effect"].tolist() == pytest.approx([row["effect"] for row in then], abs=0.003), AGAIN


def test_options_of_the_page_are_those_of_the_command() -> None:
    command = typer.main.get_command(app).commands["power"]  # type: ignore[attr-defined]
    options = {name for option in command.params for name in option.opts if name.startswith("--")}
    table = set(re.findall(r"(?<=`)--[\w-]+(?=`)", re.sub(r"^(?!\| `-).*$", "", PAGE, flags=re.MULTILINE)))
    assert table == options - {"--out", "--replace", "--plugin", "--help"}


def test_numbers_of_the_page_are_those_of_the_code() -> None:
    told = {
        r"\(at least (\d+)\), in": SMALLEST_BATCH,
        r"in (\d+) batches or more": BATCHES,
        r"at least ([\d,]+) classes, each in both arms": POOL,
        r"\((\d+) trials each\)": STUDIES_OF_A_WORLD,
        r"as many degrees of freedom as classes, less (three)": "three" if TESTED == 3 else "",
    }
    for pattern, number in told.items():
        assert set(re.findall(pattern, " ".join(PAGE.split()))) == {f"{number:,}" if number != "three" else number}


def test_plans_of_the_page_are_what_their_options_say() -> None:
    """The options that stand in a row are those that were changed."""
    for name, changes in PLANS.items():
        said = dict(re.findall(r"--([\w-]+) ([\w.]+)", name))
        assert said == {key.replace("_", "-"): str(value) for key, value in changes.items()}
    assert list(json.loads(FACTS.read_text("utf-8"))["plans"]) == list(PLANS)
    (line,) = re.findall(r"^spiraal power (\S+) --classes (\S+) --per-class (\d+) .*--worlds (\d+)", PAGE, re.MULTILINE)
    assert line == (EXAMPLE.programme, "20:120", str(EXAMPLE.per_class), str(WORLDS))
