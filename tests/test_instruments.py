"""Instruments err as published: reliability, scale and items, the raters' biases, nominations and status."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import child_records, small, teacher_records

from sim.peers import LIKED_LEAST, LIKED_MOST, STATUSES, status, statuses
from sim.state import COUNTED, Records
from sim.studies.cohort import Scene, Wave, cohort
from sim.studies.instruments import ALL, INSTRUMENTS, Instrument, Liking, Occasion, PeerNomination, Rating, Test
from sim.studies.study import measured, occasion

RATINGS = [one for one in ALL if isinstance(one, Rating)]
RELIABLE = [one for one in RATINGS if one.reliability is not None]
TESTS = [one for one in ALL if isinstance(one, Test)]
NOMINATIONS = [one for one in ALL if isinstance(one, PeerNomination)]
PRAISE = [one for one in RATINGS if one.perspective == "teacher" and one.good > 0]
COMPLAINTS = [one for one in RATINGS if one.perspective == "teacher" and one.good < 0]
OTHERS = [one for one in ALL if one not in PRAISE and one not in COMPLAINTS]


def name_of(instrument: Instrument) -> str:
    return instrument.name


def scene_of(c: int = 1, n: int = 6, *, liking: Records | None = None, **states: Any) -> Scene:
    """Middling children, some of whose states are given, who have had ten contacts of every kind."""
    children = np.tile(child_records(n), (c, 1))
    for name, values in states.items():
        children[name] = values
    counts = {name: np.full((c, n), 10.0) for name in COUNTED}
    return Scene(
        children=children,
        teachers=np.repeat(teacher_records(), c),
        acceptance=np.full((c, n), 0.5),
        liking=np.zeros((c, n, n), np.float32) if liking is None else liking,
        so_far=counts,
        lately=counts,
        days=20,
        days_lately=10,
    )


def at(scene: Scene, seed: int = 1, halo: float | Records = 0.0, leniency: float | Records = 0.0) -> Occasion:
    shape = scene.children.shape
    return Occasion(
        scene, np.broadcast_to(halo, shape), np.broadcast_to(leniency, shape[:1]), np.random.default_rng(seed)
    )


def of_level(instrument: Instrument, level: Records) -> Any:
    """The same instrument for children whose level is given."""
    return replace(instrument, level=lambda _: level)


def score(instrument: Instrument, level: Records, seed: int = 1, **biases: Any) -> Records:
    found: Records = of_level(instrument, level).administer(at(scene_of(*level.shape), seed, **biases))[instrument.name]
    return found


# --- Reliability ---------------------------------------------------------------------------------------


def as_published(rating: Rating, luck: np.random.Generator) -> Records:
    """Levels whose scores have the published mean, and the published variance as far as it is true."""
    assert rating.reliability is not None
    width = rating.high - rating.low
    mean, variance = (rating.mean - rating.low) / width, rating.reliability * (rating.sd / width) ** 2
    precision = mean * (1.0 - mean) / variance - 1.0
    return luck.beta(mean * precision, (1.0 - mean) * precision, size=(50, 400))


@pytest.mark.parametrize("rating", RELIABLE, ids=name_of)
def test_reliability_mean_and_spread_of_ratings_are_the_published_ones(rating: Rating) -> None:
    level = as_published(rating, np.random.default_rng(2))
    seen = score(rating, level)
    assert np.corrcoef(seen.ravel(), level.ravel())[0, 1] ** 2 == pytest.approx(rating.reliability, abs=0.04)
    assert seen.mean() == pytest.approx(rating.mean, abs=0.03 * (rating.high - rating.low) / 4)
    assert seen.std() == pytest.approx(rating.sd, rel=0.03)


@pytest.mark.parametrize("rating", RELIABLE, ids=name_of)
def test_two_reports_of_one_child_agree_as_far_as_they_are_reliable(rating: Rating) -> None:
    level = as_published(rating, np.random.default_rng(3))
    once, again = (score(rating, level, seed).ravel() for seed in (1, 2))
    assert np.corrcoef(once, again)[0, 1] == pytest.approx(rating.reliability, abs=0.04)


@pytest.mark.parametrize("test", TESTS, ids=name_of)
def test_reliability_of_tests_is_the_published_one(test: Test) -> None:
    level = test.sd * np.sqrt(test.reliability) * np.random.default_rng(4).standard_normal((20_000, 1))
    level = np.repeat(level, 2, axis=1)
    seen = score(test, level)
    assert (seen[:, 0] == seen[:, 1]).all() == test.of_class, "a class is observed once"
    assert np.corrcoef(seen[:, 0], level[:, 0])[0, 1] ** 2 == pytest.approx(test.reliability, abs=0.02)
    assert (seen - level).mean() == pytest.approx(0.0, abs=0.02 * test.sd)
    assert seen[:, 0].std() == pytest.approx(test.sd, rel=0.03)


# --- Scores and items ----------------------------------------------------------------------------------


@given(rating=st.sampled_from(RATINGS), level=st.floats(0.01, 0.99), seed=st.integers(0, 1000))
@settings(max_examples=60)
def test_ratings_are_unbiased_and_lie_on_the_grid_of_their_items(rating: Rating, level: float, seed: int) -> None:
    levels = np.full((1, 4000), level)
    seen = score(rating, levels, seed)
    truth = of_level(rating, levels).truth(scene_of())[0, 0]
    assert seen.mean() == pytest.approx(truth, abs=5.0 * seen.std() / np.sqrt(4000) + 1e-9)
    assert truth == pytest.approx(rating.low + level * (rating.high - rating.low))
    grid = (seen - rating.low) / (rating.high - rating.low) * rating.items * rating.steps
    np.testing.assert_allclose(grid, grid.round(), atol=1e-9)
    assert rating.low <= seen.min() <= seen.max() <= rating.high


@given(rating=st.sampled_from(RATINGS), seed=st.integers(0, 1000), halo=st.floats(-3.0, 3.0))
@settings(max_examples=40)
def test_a_score_is_the_mean_of_its_items(rating: Rating, seed: int, halo: float) -> None:
    level = np.random.default_rng(seed).random((3, 5))
    columns = of_level(replace(rating, keep_items=True), level).administer(at(scene_of(3, 5), seed, halo=halo))
    assert list(columns) == [rating.name, *(f"{rating.name}_{item + 1}" for item in range(rating.items))]
    answers = np.stack([columns[name] for name in list(columns)[1:]])
    assert np.isin(answers, np.arange(rating.steps + 1)).all()
    share = answers.mean(axis=0) / rating.steps
    np.testing.assert_allclose(columns[rating.name], rating.low + (rating.high - rating.low) * share)
    assert (columns[rating.name] == score(rating, level, seed, halo=halo)).all()


@pytest.mark.parametrize("rating", RATINGS, ids=name_of)
def test_the_ends_of_the_scale_are_those_of_the_state(rating: Rating) -> None:
    low, high = score(rating, np.zeros((1, 500))), score(rating, np.ones((1, 500)))
    width = rating.high - rating.low
    assert low.mean() == pytest.approx(rating.low, abs=0.01 * width)
    assert high.mean() == pytest.approx(rating.high, abs=0.01 * width)


# --- What the teacher adds -----------------------------------------------------------------------------


@given(seed=st.integers(0, 1000))
@settings(max_examples=10)
def test_a_halo_moves_praise_up_and_complaints_down(seed: int) -> None:
    level = np.random.default_rng(seed).uniform(0.2, 0.8, (2, 300))
    for bias in ({"halo": 2.0}, {"leniency": 2.0}):
        flattered = {name: -value for name, value in bias.items()}
        for rating, sign in [(one, 1) for one in PRAISE] + [(one, -1) for one in COMPLAINTS]:
            kind, harsh = score(rating, level, seed, **bias).mean(), score(rating, level, seed, **flattered).mean()
            assert sign * (kind - harsh) > 0.05 * (rating.high - rating.low), rating.name


@pytest.mark.parametrize("instrument", OTHERS, ids=name_of)
def test_what_others_report_knows_no_bias_of_the_teacher(instrument: Instrument) -> None:
    luck = np.random.default_rng(1)
    scene = scene_of(3, 8, aggression=luck.random((3, 8)), liking=luck.uniform(-1, 1, (3, 8, 8)).astype(np.float32))
    plain, biased = instrument.administer(at(scene)), instrument.administer(at(scene, halo=3.0, leniency=-3.0))
    assert all((plain[name] == biased[name]).all() for name in plain)


def test_what_a_teacher_says_of_a_child_on_one_day_has_one_halo() -> None:
    scene = scene_of(50, 400)
    luck = np.random.default_rng(5)
    together, later = occasion(scene, luck), occasion(scene, luck)
    level = np.full((50, 400), 0.3)
    conflict, aggression, closeness = (
        of_level(INSTRUMENTS[name], level) for name in ("conflict", "aggression", "closeness")
    )
    first = conflict.administer(together)["conflict"].ravel()
    within = {
        one.name: np.corrcoef(first, one.administer(together)[one.name].ravel())[0, 1]
        for one in (aggression, closeness)
    }
    assert within["aggression"] > 0.1
    assert within["closeness"] < -0.1
    assert abs(np.corrcoef(first, aggression.administer(later)["aggression"].ravel())[0, 1]) < 0.05


def test_leniency_is_shared_by_the_class() -> None:
    level, lenient = np.full((300, 20), 0.4), np.random.default_rng(6).standard_normal(300)
    means = score(INSTRUMENTS["closeness"], level, leniency=lenient).mean(axis=1)
    assert np.corrcoef(means, lenient)[0, 1] > 0.6


# --- Nominations ---------------------------------------------------------------------------------------


@given(n=st.integers(2, 12), names=st.integers(1, 5), noise=st.sampled_from([0.0, 1.0]), seed=st.integers(0, 1000))
@settings(max_examples=40)
def test_every_child_names_so_many_classmates_and_never_itself(n: int, names: int, noise: float, seed: int) -> None:
    level = np.random.default_rng(seed).random((3, n)).round(1)
    nomination = PeerNomination("who", "Who", "peers", lambda _: level, "", names=names, noise=noise, keep_items=True)
    columns = nomination.administer(at(scene_of(3, n), seed))
    for k in range(3):
        voters = [list(map(int, told.split())) for told in columns["who_by"][k]]
        assert all(child not in named_by for child, named_by in enumerate(voters))
        named = [sum(voter in named_by for named_by in voters) for voter in range(n)]
        assert named == [min(names, n - 1)] * n
        np.testing.assert_allclose(columns["who"][k], [len(named_by) / (n - 1) for named_by in voters])


def test_children_who_see_well_name_those_of_whom_it_is_most_true() -> None:
    level = np.array([[0.1, 0.9, 0.2, 0.3, 0.8]])
    clear = PeerNomination("who", "Who", "peers", lambda _: level, "", names=2, noise=0.0)
    seen = clear.administer(at(scene_of(1, 5)))["who"][0]
    np.testing.assert_allclose(seen, [0.0, 1.0, 0.0, 0.5, 1.0])  # the two highest cannot name themselves


def test_where_all_children_are_alike_nominations_are_luck() -> None:
    level = np.full((2000, 5), 0.5)
    alike = PeerNomination("who", "Who", "peers", lambda _: level, "", names=1)
    seen = alike.administer(at(scene_of(2000, 5)))["who"]
    np.testing.assert_allclose(seen.mean(axis=0), 0.25, atol=0.02)


def test_likings_beyond_the_thresholds_are_named() -> None:
    liking = np.zeros((1, 4, 4), np.float32)
    liking[0, 0, 1], liking[0, 0, 2] = LIKED_MOST, LIKED_MOST - 1e-3
    liking[0, 1, 2], liking[0, 1, 3] = LIKED_LEAST, LIKED_LEAST + 1e-3
    liking[0, 3, 3], liking[0, 2, 2] = 1.0, -1.0
    scene = scene_of(1, 4, liking=liking)
    most = replace(INSTRUMENTS["liked_most"], keep_items=True).administer(at(scene))  # type: ignore[call-arg]
    least = INSTRUMENTS["liked_least"].administer(at(scene))
    np.testing.assert_allclose(most["liked_most"], [[0.0, 1 / 3, 0.0, 0.0]])
    np.testing.assert_allclose(least["liked_least"], [[0.0, 0.0, 1 / 3, 0.0]])
    assert most["liked_most_by"].tolist() == [["", "0", "", ""]]


# --- Sociometric status --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("liked", "disliked", "expected"),
    [
        ([8, 3, 3, 3, 3], [0, 3, 3, 3, 3], "popular"),
        ([0, 3, 3, 3, 3], [8, 3, 3, 3, 3], "rejected"),
        ([8, 3, 3, 3, 3], [8, 3, 3, 3, 3], "controversial"),
        ([0, 3, 3, 3, 3], [0, 3, 3, 3, 3], "neglected"),
        ([3, 3, 3, 3, 3], [2, 2, 2, 2, 2], "average"),
        ([8, 3, 3, 3, 3], [3, 3, 3, 3, 3], "average"),  # much liked, but disliked as much as all: not below the mean
    ],
)
def test_status_by_the_rule(liked: list[int], disliked: list[int], expected: str) -> None:
    preference, found = statuses(np.array(liked), np.array(disliked))
    assert [STATUSES[which] for which in found] == [expected] + ["average"] * 4
    assert preference.mean() == pytest.approx(0.0, abs=1e-12)
    if expected in {"controversial", "neglected"}:
        np.testing.assert_allclose(preference, 0.0, atol=1e-12)


def test_children_who_are_equal_have_equal_status() -> None:
    preference, found = statuses(np.array([9, 9, 2, 2, 2, 2, 2, 2]), np.array([0, 0, 3, 3, 3, 3, 3, 3]))
    assert [STATUSES[which] for which in found] == ["popular"] * 2 + ["average"] * 6
    assert preference[0] == preference[1] > 1.0


def test_exactly_one_standard_deviation_is_not_beyond_it() -> None:
    preference, found = statuses(np.array([4, 4, 0, 0]), np.array([0, 0, 4, 4]))
    assert preference.tolist() == [1.0, 1.0, -1.0, -1.0]
    assert not found.any()


def test_a_class_without_nominations_is_average() -> None:
    found = INSTRUMENTS["status"].administer(at(scene_of(2, 5)))
    assert (found["status"] == "average").all()
    assert (found["preference"] == 0.0).all()


@given(seed=st.integers(0, 10_000), n=st.integers(2, 10))
@settings(max_examples=40)
def test_status_of_many_classes_is_that_of_each(seed: int, n: int) -> None:
    liking = np.random.default_rng(seed).uniform(-1, 1, (3, n, n)).astype(np.float32)
    found = INSTRUMENTS["status"].administer(at(scene_of(3, n, liking=liking)))
    for k in range(3):
        assert tuple(found["status"][k]) == status(liking[k])


# --- All of them ---------------------------------------------------------------------------------------


def test_every_instrument_measures_every_child_of_real_classes() -> None:
    scenes = cohort(small(), range(4), {"before": Wave(0), "end": Wave(4)}).scenes[""]
    assert len(INSTRUMENTS) == len(ALL)
    for scene in scenes.values():
        columns: dict[str, Records] = {}
        for instrument in ALL:
            found = instrument.administer(occasion(scene, np.random.default_rng(1)))
            assert not set(found) & set(columns), "two instruments with one column"
            columns |= found
            assert instrument.source and instrument.title
            assert instrument.perspective in {"teacher", "child", "peers", "observer", "test"}
        assert {values.shape for values in columns.values()} == {(4, 6)}
        assert all(np.isfinite(values).all() for name, values in columns.items() if name != "status")


def test_truth_is_what_is_there() -> None:
    scene = scene_of(2, 6, closeness=0.75, aggression=0.1)
    luck = occasion(scene, np.random.default_rng(1))
    assert (measured(INSTRUMENTS["closeness"], luck, truth=True)["closeness"] == 4.0).all()
    assert (measured(INSTRUMENTS["peer_aggression"], luck, truth=True)["peer_aggression"] == 0.1).all()
    assert set(measured(INSTRUMENTS["status"], luck, truth=True)) == {"status", "preference"}
    assert isinstance(INSTRUMENTS["liked_most"], Liking)
    assert list(measured(INSTRUMENTS["liked_most"], luck, truth=True)) == ["liked_most"]
