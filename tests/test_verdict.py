"""Verdicts have known answers; what is computed is kept, and computed once; the report tells what was found."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.parameters import Parameters
from sim.studies import (
    EXPERIMENTS,
    Claim,
    Design,
    Estimate,
    Sample,
    Study,
    Wave,
    kindergarten,
    load_study,
    report,
    studies,
    validation,
)
from sim.studies.report import (
    APART,
    Places,
    counts,
    facts_of,
    front_page,
    held_out_studies,
    make_report,
    misses,
    occasions_in_words,
    page,
    stale_lessons,
)
from sim.studies.report_plots import percent, shown_number
from sim.studies.validation import Job, Outcome, validate
from sim.studies.verdict import Findings, StudyError, Verdict, judge, pool, repeat

NAN = math.nan


def findings(values: Any, p: Any = None, large: float = 0.5, large_p: float = 0.0, latent: float = 0.7) -> Findings:
    """Findings of one estimate, ``"x"``."""
    column = np.array(values, dtype=float)[:, None]
    tests = np.full(column.shape, NAN) if p is None else np.array(p, dtype=float)[:, None]
    return Findings(
        names=("x",),
        values=column,
        p=tests,
        large=np.array([large]),
        large_p=np.array([large_p]),
        latent=np.array([latent]),
        beside={"more": Estimate(0.25, NAN)},
        errors={},
        failures=0,
        sizes={"children": 100, "classes": 10, "pool_children": 9000, "pool_classes": 1200},
        seconds=1.0,
    )


HUNDRED = findings(np.arange(101.0), large=50.0)


# --- Judging -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "inside", "percentile"),
    [
        (50.0, True, 50.0),
        (2.5, True, 3 / 1.01),
        (2.4, False, 3 / 1.01),
        (97.6, False, 98 / 1.01),
        (200.0, False, 100.0),
    ],
)
def test_a_figure_is_inside_the_central_95_percent(value: float, inside: bool, percentile: float) -> None:
    verdict = judge(Claim("x", "", value=value), HUNDRED)
    assert (verdict.low, verdict.high) == (2.5, 97.5)
    assert verdict.inside is inside and verdict.missed is not inside
    assert verdict.percentile == pytest.approx(percentile)
    assert (verdict.expected, verdict.latent, verdict.right, verdict.share) == (50.0, 0.7, None, None)


@pytest.mark.parametrize(
    ("between", "inside", "covered"),
    [
        ((90.0, 120.0), True, False),
        ((98.0, 120.0), False, False),
        ((40.0, 60.0), True, True),
        ((60.0, 40.0), True, True),
    ],
)
def test_a_range_is_inside_where_it_overlaps(between: tuple[float, float], inside: bool, covered: bool) -> None:
    verdict = judge(Claim("x", "", between=between), HUNDRED)
    assert (verdict.inside, verdict.covered, verdict.percentile) == (inside, covered, None)


def test_a_pattern_needs_sign_and_significance_in_each_study() -> None:
    found = findings([0.3, 0.3, 0.3, -0.3, NAN], [0.01, 0.049, 0.2, 0.01, NAN])
    verdict = judge(Claim("x", "", direction=1), found)
    assert (verdict.right, verdict.share, verdict.found, verdict.missing) == (True, 0.4, False, 1)
    assert judge(Claim("x", "", direction=1, significant=False), found).share == pytest.approx(0.6)
    assert judge(Claim("x", "", direction=1, significant=False), found).found
    other = judge(Claim("x", "", direction=-1), found)
    assert (other.right, other.share, other.missed) == (False, 0.2, True)


def test_a_contrast_without_a_test_counts_by_direction() -> None:
    verdict = judge(Claim("x", "", direction=-1), findings([-1.0, -2.0, 3.0, NAN], large=-0.1))
    assert (verdict.tested, verdict.right, verdict.share) == (False, True, 0.5)


def test_nothing_significant_is_asked_of_the_studies_only() -> None:
    found = findings([0.1, 0.2, 0.3, 0.4], [0.5, 0.05, 0.01, NAN])
    verdict = judge(Claim("x", "", direction=0), found)
    assert (verdict.right, verdict.share, verdict.found) == (None, 0.5, False)
    assert judge(Claim("x", "", direction=0), findings([0.1, 0.2])).share is None


def test_no_sign_at_all_is_not_the_right_one() -> None:
    assert judge(Claim("x", "", direction=1), findings([0.1, 0.2], large=NAN)).right is False
    assert judge(Claim("x", "", value=0.1), findings([NAN, NAN])).inside is False


def test_a_claim_that_the_analysis_does_not_give_is_named() -> None:
    with pytest.raises(StudyError, match=r"'y'.*only x"):
        judge(Claim("y", "", value=1.0), HUNDRED)


@pytest.mark.parametrize(
    "claim",
    [Claim("x", "a", value=0.2), Claim("x", "b", between=(0.1, 0.2), direction=1), Claim("x", "c", direction=0)],
)
def test_verdicts_and_findings_survive_as_json(claim: Claim) -> None:
    found = findings([0.1, NAN, 0.3], [0.02, NAN, 0.3], large_p=NAN)
    again = Findings.from_json(json.loads(json.dumps(found.to_json())))
    np.testing.assert_equal(vars(again), vars(found))
    verdict = judge(claim, found)
    read = Verdict.from_json(json.loads(json.dumps(verdict.to_json())))
    assert (read.claim, read.inside, read.right) == (verdict.claim, verdict.inside, verdict.right)
    np.testing.assert_allclose(read.mean, verdict.mean, rtol=1e-3)
    assert math.isnan(read.expected_p)


# --- Repeating -----------------------------------------------------------------------------------------


def mean_conflict(sample: Sample) -> Mapping[str, Estimate]:
    """The mean; fails where the first child is a girl and the sample is small."""
    table = sample.table
    if len(table) < 20 and not table["boy"].iloc[0]:
        raise np.linalg.LinAlgError("Singular matrix")
    return {"mean": Estimate(float(table["conflict"].mean()), NAN)}


def differing(seen: Sample, true: Sample) -> Mapping[str, Estimate]:
    """A further analysis, which fails."""
    raise ZeroDivisionError("division by zero")


SMALL = Study(
    id="X1",
    title="Conflict",
    source="Nobody (2020)",
    design=Design(population=kindergarten(6), classes=2, children=8, waves={"T1": Wave(1)}, measures=("conflict",)),
    analyse=mean_conflict,
    claims=(Claim("mean", "Mean", value=1.65),),
    beside=differing,
)


def test_a_number_that_is_no_estimate_says_what_it_has_to_be() -> None:
    plain = replace(SMALL, analyse=lambda _: {"r": 0.4})
    with pytest.raises(StudyError, match=r"TypeError: r: found 0.4; allowed is an Estimate"):
        repeat(plain, studies=1, classes=4)


def test_failures_are_counted_and_find_nothing() -> None:
    told: list[int] = []
    found = repeat(SMALL, studies=30, classes=12, progress=told.append)
    assert told == list(range(1, 31))
    assert 0 < found.failures < 30
    assert found.failures == np.isnan(found.values).sum() == found.errors["LinAlgError: Singular matrix"]
    assert found.errors["beside: ZeroDivisionError: division by zero"] == 1
    assert found.sizes == {"children": 8, "classes": 2, "pool_children": 72, "pool_classes": 12}
    assert found.large[0] != found.latent[0]
    verdict = judge(SMALL.claims[0], found)
    assert verdict.missing == found.failures
    again = repeat(SMALL, studies=30, classes=12)
    np.testing.assert_equal(again.values, found.values)
    assert repeat(SMALL, studies=3, classes=12, parameters={"conflict_gain": 0.5}).large[0] != found.large[0]


def test_a_study_that_never_succeeds_is_an_error() -> None:
    def broken(sample: Sample) -> Mapping[str, Estimate]:
        raise KeyError("colour")

    with pytest.raises(StudyError, match="colour"):
        repeat(replace(SMALL, analyse=broken), studies=2, classes=2)


def test_studies_are_drawn_from_many_classes() -> None:
    def classes(number: int) -> int:
        return pool(replace(SMALL, design=replace(SMALL.design, classes=number)))

    assert [classes(number) for number in (1, 48, 100, 300, 6000)] == [1200, 1200, 2500, 5400, 6000]


# --- Keeping -------------------------------------------------------------------------------------------

STUDY = '''"""X1 · Conflict on the first day (Nobody 2020)."""
from sim.studies import Claim, Design, Estimate, Study, Wave, kindergarten
{before}
STUDY = Study(
    id="X1", title="Conflict on the first day", source="Nobody 2020",
    design=Design(population=kindergarten(6), classes=2, children=8, waves={{"T1": Wave(1)}}, measures=("conflict",)),
    analyse=lambda sample: {{"mean": Estimate(float(sample.table["conflict"].mean()))}},
    claims=(Claim("mean", "Mean of conflict", value=1.65), Claim("mean", "It is negative", direction=-1)),
)
'''
RUN = """
import sys
from pathlib import Path
import sim.studies
sim.studies.study.EXPERIMENTS = Path(sys.argv[1])
from sim.studies.validation import Job, compute
if __name__ == "__main__":
    for name in sys.argv[3:]:
        job = Job(name, 3, 4)
        compute(job, job.file(Path(sys.argv[2])))
        print(name, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of studies, which this process and its children use."""
    for name in ("first", "second"):
        (tmp_path / f"{name}.py").write_text(STUDY.format(before=""), encoding="utf-8")
    (tmp_path / "slow.py").write_text(STUDY.format(before="import time; time.sleep(600)"), encoding="utf-8")
    (tmp_path / "held_out.toml").write_text("studies = []\n", encoding="utf-8")
    monkeypatch.setattr("sim.studies.study.EXPERIMENTS", tmp_path)

    def in_this_process(job: Job, keep: Path) -> Outcome:
        try:
            validation.compute(job, job.file(keep))
        except StudyError as error:
            return Outcome(job, None, str(error))
        return Outcome(job, job.kept(keep))

    monkeypatch.setattr(validation, "in_its_own_process", in_this_process)
    return tmp_path


def test_only_what_is_missing_is_computed(folder: Path, tmp_path: Path) -> None:
    keep, computed = tmp_path / "keep", []

    def tell(done: Outcome | None, running: Any) -> None:
        if done is None:
            computed.append([str(job) for job in running][-1])

    todo = [Job("first", 3, 4), Job("second", 3, 4)]
    first = validate(todo, keep, workers=1, progress=tell)
    assert sorted(computed) == ["first", "second"]
    assert [outcome.job for outcome in first] == todo
    computed.clear()
    again = validate(todo, keep, workers=1, progress=tell)
    assert computed == []
    np.testing.assert_equal(again[0].findings.values, first[0].findings.values)  # type: ignore[union-attr]

    (folder / "second.py").write_text(STUDY.format(before="# changed"), encoding="utf-8")
    validate(todo, keep, workers=1, progress=tell)
    assert computed == ["second"]
    next(keep.glob("first-*.json")).write_text("{", encoding="utf-8")
    validate(todo, keep, workers=1, progress=tell)
    assert computed == ["second", "first"]


def test_findings_depend_on_sizes_parameters_and_the_model(folder: Path) -> None:
    jobs = [Job("first", 3, 4), Job("first", 4, 4), Job("first", 3, 5), Job("first", 3, 4, {"conflict_gain": 0.1})]
    assert len({job.key for job in jobs}) == 4


def test_a_killed_computation_leaves_what_was_finished(folder: Path, tmp_path: Path) -> None:
    keep, script = tmp_path / "keep", tmp_path / "run.txt"
    keep.mkdir()
    script.write_text(RUN, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(EXPERIMENTS.parent)}
    command = [sys.executable, script, folder, keep, "first", "slow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "first"
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    assert Job("first", 3, 4).kept(keep) is not None
    assert [path.name.split("-")[0] for path in keep.iterdir()] == ["first"]


def test_a_study_uses_one_core(folder: Path, tmp_path: Path) -> None:
    threads = 'max(one["num_threads"] for one in threadpool_info())'
    text = STUDY.format(before="from threadpoolctl import threadpool_info")
    text = text.replace('float(sample.table["conflict"].mean())', f"float({threads})")
    (folder / "threads.py").write_text(text, encoding="utf-8")
    (outcome,) = validate([Job("threads", 2, 4)], tmp_path / "keep", workers=1)
    assert outcome.findings is not None and (outcome.findings.values == 1).all()


def test_a_study_that_crashes_does_not_harm_the_others(tmp_path: Path) -> None:
    """In processes of their own, as in earnest."""
    too_few_classes, good = validate([Job("friendships", 2, 0), Job("friendships", 2, 2)], tmp_path)
    assert too_few_classes.findings is None
    assert "IndexError" in too_few_classes.error
    assert good.findings is not None and good.findings.studies == 2


# --- Telling -------------------------------------------------------------------------------------------


def outcomes(folder: Path) -> list[Outcome]:
    """One study with a miss in each way, one that crashed."""
    job = Job("first", 3, 4)
    found = replace(repeat(load_study("first"), studies=3, classes=4), errors={"ValueError: odd": 2}, failures=2)
    return [Outcome(job, found), Outcome(Job("second", 3, 4), None, "MemoryError: all gone")]


def test_the_report(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = replace(Places.within(tmp_path / "out"), front=tmp_path / "README.md")
    (tmp_path / "README.md").write_text("a\n<!-- validation -->\nold\n<!-- /validation -->\nb\n", encoding="utf-8")
    facts = make_report(outcomes(folder), places)
    text = places.page.read_text("utf-8")
    assert "**second could not be run:** MemoryError: all gone" in text
    assert "failed in 2 of 3 studies" in text
    assert "wrong direction" in text
    assert (places.images / "first.svg").is_file()
    front = (tmp_path / "README.md").read_text("utf-8")
    assert front == f"a\n<!-- validation -->\n{front_page(facts)}<!-- /validation -->\nb\n"
    assert "old" not in front
    assert json.loads(places.facts.read_text("utf-8")) == json.loads(json.dumps(facts))
    assert page(json.loads(places.facts.read_text("utf-8")), {}, report.computed_beside(), places) == text


def test_misses_have_lessons_or_say_so(folder: Path) -> None:
    facts = facts_of(outcomes(folder))
    assert "*Not yet explained.*" in misses(facts, {})
    assert "Because." in misses(facts, {"first": {"mean": "Because."}})
    assert "Not yet" not in misses(facts, {"first": {"mean": "Because."}})
    lessons = {"first": {"mean": "1", "gone": "2"}, "second": {"any": "3"}, "third": {"any": "4"}}
    assert stale_lessons(facts, lessons) == [("first", "gone"), ("third", "any")]


def test_what_was_put_in_by_hand_is_counted_apart() -> None:
    figure, pattern = Claim("x", "", value=50.0), Claim("x", "", direction=1)
    claims = (figure, replace(figure, role="fit"), replace(figure, value=500.0), pattern, replace(pattern, role="fit"))
    built_in = (replace(pattern, built_in=True), replace(pattern, built_in=True, direction=-1))
    found = counts((judge(claim, HUNDRED), False) for claim in (*claims, *built_in))
    assert found["fitted"]["inside"] == [1, 1]
    assert found["unfitted"]["inside"] == [1, 2]
    assert found["patterns"]["right"] == found["fitted patterns"]["right"] == [1, 1]
    assert found["built in"]["right"] == [1, 2]


def test_seen_and_blind_are_counted_apart() -> None:
    figure, pattern = Claim("x", "", value=50.0), Claim("x", "", direction=1)
    claims = (figure, replace(figure, value=500.0), replace(figure, direction=1), pattern)
    by_hand = (replace(figure, built_in=True), replace(pattern, built_in=True))
    verdicts = [judge(claim, HUNDRED) for claim in (*claims, *by_hand, replace(figure, role="fit"))]
    seen = counts((verdict, False) for verdict in verdicts)
    found = counts([(verdict, held_out) for verdict in verdicts for held_out in (False, True)])
    for kind in set(seen) - {part for parts in APART.values() for part in parts}:
        assert found[kind] == {question: [2 * good, 2 * total] for question, (good, total) in seen[kind].items()}
    assert seen["blind figures"] == seen["blind patterns"] == {"inside": [0, 0], "right": [0, 0], "found": [0, 0]}
    assert seen["seen figures"] == seen["unfitted"] == {"inside": [2, 3], "right": [0, 0], "found": [0, 0]}
    assert seen["seen patterns"] == seen["patterns"] == {"inside": [0, 0], "right": [2, 2], "found": [2, 2]}
    for whole, (of_seen, of_blind) in APART.items():
        assert found[of_seen] == found[of_blind] == seen[whole]


def test_the_report_marks_what_was_held_out(folder: Path) -> None:
    places = Places.within(folder / "out")

    def told() -> tuple[dict[str, Any], str]:
        facts = facts_of(outcomes(folder))
        return facts, page(facts, {}, {}, places)

    facts, text = told()
    assert facts["studies"]["first"]["held_out"] is False
    assert "blind: held out" not in text and "(held out)" not in text and "nobody looked" not in text
    (folder / "held_out.toml").write_text('studies = ["first", "second"]\n', encoding="utf-8")
    facts, text = told()
    assert facts["studies"]["first"]["held_out"] is True
    assert facts["counts"]["blind figures"] == facts["counts"]["unfitted"]
    assert text.count("| – of these, blind: held out until it was done | ") == 2
    assert "nobody looked at these studies while the model was changed" in text
    assert "**X1 · Conflict on the first day (held out)**" in text
    assert "### X1 · Conflict on the first day (held out)\n" in text
    assert text.count("| A, pattern, held out |") == 2
    del facts["studies"]["first"]["held_out"]
    with pytest.raises(KeyError, match="held_out"):
        page(facts, {}, {}, places)


def test_a_name_in_the_list_that_no_study_has(folder: Path) -> None:
    (folder / "held_out.toml").write_text('studies = ["first", "third"]\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"held_out.toml: no such study: third; known are first, second, slow"):
        held_out_studies()


def test_occasions_are_told_one_by_one_unless_there_are_many() -> None:
    few = {"T1": Wave(0), "T2": Wave(3, day=2), "T3": Wave(3, 2)}
    told = "T1 (before the first day), T2 (day 2 of week 3) and T3 (week 3 of year 2)"
    assert occasions_in_words(few) == told
    many = {f"day {day}": Wave(1 + (day - 1) // 5, day=(day - 1) % 5 + 1) for day in range(1, 21)}
    assert occasions_in_words(many) == "20 occasions from day 1 (day 1 of week 1) to day 20 (day 5 of week 4)"


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0 %"), (0.002, "< 1 %"), (0.999, "> 99 %"), (1.0, "100 %"), (0.824, "82 %")]
)
def test_shares(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(("x", "text"), [(-0.256, "−0.26"), (-0.001, "0.00"), (NAN, "–"), (1e8, "improper")])
def test_numbers(x: float, text: str) -> None:
    assert shown_number(x) == text


# --- Switching mechanisms off --------------------------------------------------------------------------

sys.path.insert(0, str(EXPERIMENTS))
mechanisms, across_worlds = import_module("mechanisms"), import_module("across_worlds")


@pytest.mark.parametrize(
    ("on", "off", "p", "effect"),
    [
        (0.4, 0.38, 0.0, "kept"),
        (0.4, 0.2, 0.0, "weaker"),
        (0.4, 0.8, 0.0, "stronger"),
        (0.4, 0.05, 0.0, "lost"),
        (0.4, 0.3, 0.2, "lost"),
        (0.4, -0.4, 0.0, "lost"),
        (0.4, None, None, "lost"),
        (0.4, 0.38, None, "kept"),
        (-0.4, 0.4, 0.0, "absent"),
        (None, 0.4, 0.0, "absent"),
    ],
)
def test_what_switching_off_did(on: float | None, off: float | None, p: float | None, effect: str) -> None:
    assert mechanisms.effect(Claim("x", "", direction=1), (on, 0.0), (off, p)) == effect
    assert effect in report.EFFECTS


def test_mechanisms_become_a_table(folder: Path) -> None:
    for _title, off in mechanisms.MECHANISMS.values():
        Parameters(off)
    whole = [{"first": {"mean": [-0.4, 0.01]}} for _ in range(3)]
    gone = [{"first": {"mean": [value, 0.01]}} for value in (0.1, -0.05, -0.5)]
    same = dict.fromkeys([key for key in mechanisms.MECHANISMS if key != "bias"], whole)
    rows = mechanisms.compare("first", whole, {**same, "bias": gone})
    assert [row["there"] for row in rows] == [3] * len(rows)
    titles = {key: {"title": title, "parameters": off} for key, (title, off) in mechanisms.MECHANISMS.items()}
    told = {"numbers": [0, 1, 2], "classes": 4, "mechanisms": titles, "patterns": rows}
    text = report.mechanisms_table(told)
    assert "It is negative" in text and "| 3 of 3 |" in text and "**lost** 2/3" in text
    assert "`reference_warmth = 0`" in text
    assert "- bias of working models: 1 lost, 0 weaker" in text and "- goodwill: none; [what it is for]" in text


# --- In plausible worlds -------------------------------------------------------------------------------


def test_claims_are_told_over_worlds(folder: Path) -> None:
    (folder / "slow.py").unlink()
    found = [{"first": {"mean": [value, None]}} for value in (-0.4, -0.2, 0.1)]
    (row,) = [row for row in across_worlds.claims(found) if row["claim"] == "mean" and "right" in row]
    assert row["worlds"] == 3 and row["right"] == 2 and row["in_use"] == -0.4
    assert row["quantiles"][1] == -0.2
    assert report.world_cell(row, 2) == "2 of 3, −0.38 to 0.07"
    assert report.world_cell(None, 2) == ""


def test_what_would_narrow_an_effect_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = np.random.default_rng(4)
    cause, other = luck.standard_normal((2, 60))
    effect = 2.0 * cause + 0.5 * luck.standard_normal(60)
    found = [
        {"trial": {"gain": [e, 0.1]}, "survey": {"cause": [c, None], "other": [o, None], "none": [None, None]}}
        for e, c, o in zip(effect, cause, other, strict=True)
    ]
    monkeypatch.setattr(across_worlds, "EFFECTS", {"trial": ("gain",)})
    (row,) = across_worlds.narrowing(found)
    assert row["narrowed_by"][0][:2] == ["survey", "cause"]
    assert row["narrowed_by"][0][2] > 0.8 > row["by_chance"] > row["narrowed_by"][1][2]


@pytest.mark.slow
def test_worlds_are_asked_and_kept(tmp_path: Path) -> None:
    questions = [across_worlds.Asked(0), across_worlds.Asked(0, {"teacher_bias": 0.0}, "bias")]
    first = across_worlds.ask(questions, 4, tmp_path / "keep")
    files = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.json")}
    assert {file.stem for file in files} == {"0", "0 bias"}
    assert first[0].keys() == {*studies(), *across_worlds.PREDICTIONS} and first[0] != first[1]
    told = across_worlds.predicted(first)
    assert {row["study"] for row in told} == set(across_worlds.PREDICTIONS)
    assert across_worlds.ask(questions, 4, tmp_path / "keep") == first
    assert {file: file.stat().st_mtime_ns for file in files} == files


# --- What was computed belongs together ----------------------------------------------------------------

COMMITTED = report.PROJECT
computed_ = pytest.mark.skipif(not COMMITTED.facts.is_file(), reason="make validate has not been run yet")


def committed() -> dict[str, Any]:
    return dict(json.loads(COMMITTED.facts.read_text("utf-8")))


@computed_
def test_page_and_front_page_are_those_of_the_facts() -> None:
    facts, assigned = committed(), (report.lessons_of(), report.computed_beside())
    assert COMMITTED.page.read_text("utf-8") == page(facts, *assigned, COMMITTED), "run: spiraal study report"
    assert COMMITTED.front is not None
    assert front_page(facts) in COMMITTED.front.read_text("utf-8"), "run: spiraal study report"
    images = {path.stem for path in COMMITTED.images.glob("*.svg")}
    assert images == set(facts["studies"])


@computed_
def test_all_studies_are_in_it_and_nothing_crashed() -> None:
    facts = committed()
    assert set(facts["studies"]) == set(studies())
    assert facts["crashed"] == {}
    assert {name for name, study in facts["studies"].items() if study["held_out"]} == held_out_studies()


def quick() -> list[str]:
    """The three studies that take least time, of those that may be looked at before the end."""
    if not COMMITTED.facts.is_file():
        return []
    found = {name: study for name, study in committed()["studies"].items() if not study["held_out"]}
    return sorted(found, key=lambda name: float(found[name]["seconds"]))[:3]


@computed_
@pytest.mark.parametrize("name", quick())
def test_a_small_run_agrees_with_what_was_computed(name: str) -> None:
    """Means of the estimates agree within five standard errors."""
    study, told = load_study(name), committed()["studies"][name]
    number, classes = 40, max(60, 4 * study.design.classes)
    found = repeat(study, studies=number, classes=classes)
    for claim, verdict in zip(study.claims, (Verdict.from_json(one) for one in told["claims"]), strict=True):
        fresh = judge(claim, found)
        assert verdict.claim == claim
        share = 1.0 / number + study.design.classes / classes  # studies have classes in common
        assert abs(fresh.mean - verdict.mean) <= 5.0 * verdict.sd * math.sqrt(share) + 1e-9, claim.name
