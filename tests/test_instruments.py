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
from sim.state import CONTACT_DTYPE, COUNTED, Initiator, Records, Setting
from sim.studies.cohort import Scene, Wave, cohort
from sim.studies.instruments import (
    ALL,
    COLOUR,
    INSTRUMENTS,
    ContactRating,
    Instrument,
    Liking,
    Observation,
    Occasion,
    PairRating,
    PeerNomination,
    Rating,
    Test,
)
from sim.studies.study import measured, occasion
from sim.year.interpersonal import Eyes, reading

RATINGS = [one for one in ALL if isinstance(one, Rating)]
RELIABLE = [one for one in RATINGS if one.reliability is not None]
TESTS = [one for one in ALL if isinstance(one, Test)]
OBSERVATIONS = [one for one in ALL if isinstance(one, Observation)]
COLOURED = [one for one in RATINGS if one.coloured]
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
        stayed=np.ones((c, n), dtype=bool),
        contacts=tuple(some_contacts(n) for _ in range(c)),
    )


def some_contacts(n: int) -> Records:
    """Two contacts of each child, who began one of them; the teacher is warm to some and harsh to others."""
    log = np.zeros(2 * n, CONTACT_DTYPE)
    log["child"] = np.repeat(np.arange(n), 2)
    log["initiator"] = np.tile([Initiator.CHILD, Initiator.TEACHER], n)
    log["lead"] = log["initiator"]
    log["response"] = log["felt"] = np.linspace(-0.5, 0.5, 2 * n)
    return log


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


@pytest.mark.parametrize("observation", OBSERVATIONS, ids=name_of)
@pytest.mark.parametrize("scale", [0.01, 3.0])
def test_reliability_of_observation_is_the_same_in_every_sample(observation: Observation, scale: float) -> None:
    level = scale * np.random.default_rng(4).exponential(size=(20_000, 1))
    level = np.repeat(level, 2, axis=1)
    seen = score(observation, level)
    assert (seen[:, 0] == seen[:, 1]).all() == observation.of_class
    assert np.corrcoef(seen[:, 0], level[:, 0])[0, 1] ** 2 == pytest.approx(observation.reliability, abs=0.02)
    assert (seen - level).mean() == pytest.approx(0.0, abs=0.02 * scale)
    alike = score(observation, np.full((3, 4), scale))
    np.testing.assert_allclose(alike, scale, err_msg="where all are alike nothing is overlooked")


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


# --- What the teacher's image of the child adds to that ------------------------------------------------


def test_what_describes_behaviour_is_coloured() -> None:
    assert {one.name for one in COLOURED} == {"aggression", "conduct", "hyperactivity"}
    assert all(one.perspective == "teacher" and one.good < 0 for one in COLOURED)


@given(seed=st.integers(0, 1000), worse=st.floats(0.2, 0.9))
@settings(max_examples=10)
def test_a_worse_image_moves_what_the_teacher_reports_and_nothing_that_is_observed(seed: int, worse: float) -> None:
    level, liked = np.random.default_rng(seed).uniform(0.2, 0.8, (2, 400)), np.arange(400) < 200
    same, split = (scene_of(2, 400, representation=image) for image in (0.3, np.where(liked, worse, -worse)))

    def both(instrument: Instrument) -> list[Records]:
        return [of_level(instrument, level).administer(at(scene, seed))[instrument.name] for scene in (same, split)]

    for instrument in ALL:
        if instrument in COLOURED:
            alike, coloured = both(instrument)
            assert coloured[:, ~liked].mean() > alike[:, ~liked].mean()
            assert coloured[:, liked].mean() < alike[:, liked].mean()
            instrument = replace(instrument, perspective="observer")  # noqa: PLW2901 - as somebody else sees it
        if isinstance(instrument, Rating | Observation | Test):
            alike, coloured = both(instrument)
            assert (alike == coloured).all(), instrument.name


def test_how_much_the_image_colours() -> None:
    images = np.array([[0.6, -0.4, 0.1, 0.1]])
    rating = of_level(INSTRUMENTS["aggression"], np.full((1, 4), 0.2))
    assert isinstance(rating, Rating)
    seen = rating.seen(at(scene_of(1, 4, representation=images)))[0]
    odds = 0.25 * np.exp(-COLOUR * (images[0] - 0.1))
    np.testing.assert_allclose(seen, odds / (1.0 + odds))


# --- What observers count ------------------------------------------------------------------------------


def counted(**lately: list[float]) -> Scene:
    """A class in which so much was counted in the last ten school days, and nothing else."""
    n = len(next(iter(lately.values())))
    nothing = {name: np.zeros((1, n)) for name in COUNTED}
    return replace(scene_of(1, n), lately={**nothing, **{name: np.array([values]) for name, values in lately.items()}})


@pytest.mark.parametrize(
    ("name", "lately", "expected"),
    [
        ("observed_disruption", {"hostile_acts": [0, 5, 5], "reprimands": [0, 0, 15]}, [0.0, 0.5, 2.0]),
        (
            "observed_negativity",
            {"harsh_answers": [0, 5, 5], "contacts": [0, 50, 50], "sessions": [0, 0, 25]},
            [0.0, 0.1, 0.2],
        ),
        (
            "class_negativity",
            {"harsh_answers": [0, 5, 5], "contacts": [30, 20, 75], "sessions": [0, 0, 25]},
            [0.1, 0.1, 0.1],
        ),
        ("praise_rate", {"praises": [0, 10, 25]}, [0.0, 1.0, 2.5]),
        (
            "on_task",
            {"hostile_acts": [0, 5, 30], "reprimands": [0, 5, 30], "contacts": [0, 40, 40]},
            [0.5, 0.375, 0.0],
        ),
    ],
)
def test_what_observers_count(name: str, lately: dict[str, list[float]], expected: list[float]) -> None:
    scene = counted(**lately)
    assert (scene.children["engagement"] == 0.5).all()
    seen = measured(INSTRUMENTS[name], occasion(scene, np.random.default_rng(1)), truth=True)[name]
    np.testing.assert_allclose(seen, [expected])


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


# --- Ratings of classmates -----------------------------------------------------------------------------

PAIRS = INSTRUMENTS["rated_liking"]
assert isinstance(PAIRS, PairRating)


def rated(liking: Records, rating: PairRating, *, truth: bool = False) -> Records:
    """Ratings, shape (c, n, n); nan for a child itself."""
    told = measured(replace(rating, keep_items=True), at(scene_of(*liking.shape[:2], liking=liking)), truth)
    return np.array(
        [
            [[np.nan if x == "-" else float(x) for x in row.split()] for row in of_class]
            for of_class in told["rated_liking_given"]
        ]
    )


def test_ratings_mean_what_nominations_mean() -> None:
    exact = replace(PAIRS, reliability=1.0)  # only rounding is left
    step = np.array([-1.0, LIKED_LEAST - 1e-3, LIKED_LEAST + 1e-3, LIKED_MOST - 1e-3, LIKED_MOST + 1e-3, 1.0])
    liking = np.zeros((1, 7, 7))
    liking[0, 0, 1:] = step
    given = rated(liking, exact)
    assert given[0, 0, 1:].tolist() == [1, 2, 3, 5, 6, 7]
    np.testing.assert_array_equal(rated(liking, PAIRS, truth=True), given)
    assert np.isnan(np.diagonal(given[0])).all()
    received = measured(exact, at(scene_of(1, 7, liking=liking)))["rated_liking"]
    np.testing.assert_allclose(received, np.nanmean(given, axis=1))


def test_a_single_rating_is_as_reliable_as_was_assumed() -> None:
    luck = np.random.default_rng(3)
    spread = PAIRS.sd * (LIKED_MOST - LIKED_LEAST) / 3.0
    liking = 0.03 + np.sqrt(PAIRS.reliability) * spread * luck.standard_normal((20, 40, 40))
    seen, true = rated(liking, PAIRS), PAIRS.scale(scene_of(20, 40, liking=liking))
    others = ~np.isnan(seen)
    assert np.corrcoef(seen[others], true[others])[0, 1] ** 2 == pytest.approx(PAIRS.reliability, abs=0.03)
    assert seen[others].std() == pytest.approx(PAIRS.sd, rel=0.05)
    assert np.isin(seen[others], np.arange(1, 8)).all()


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


# --- Single contacts ---------------------------------------------------------------------------------------


def test_an_observer_rates_every_contact_as_reliably_as_was_said() -> None:
    log = np.zeros(4000, CONTACT_DTYPE)
    log["child"], log["tone"] = np.arange(4000) % 2, np.random.default_rng(1).uniform(-0.5, 0.5, 4000)
    scene = replace(scene_of(1, 2), contacts=(log,))
    rating = ContactRating("seen", "", "observer", INSTRUMENTS["closeness"].level, "", reliability=0.64)
    rated, there = (measured(rating, at(scene), truth=truth)["seen"] for truth in (False, True))
    assert rated.shape == (1, 2) and rated[0, 0].shape == (2000, 4)
    assert (there[0, 1][:, 0] == log["tone"][1::2]).all()
    assert np.corrcoef(rated[0, 0][:, 0], there[0, 0][:, 0])[0, 1] == pytest.approx(0.8, abs=0.03)


def test_an_observer_rates_only_what_is_watched() -> None:
    log = np.zeros(6, CONTACT_DTYPE)
    log["setting"] = [Setting.TASK, Setting.SOCIAL, Setting.TASK, Setting.DISCIPLINE, Setting.SESSION, Setting.TASK]
    scene = replace(scene_of(1, 2), contacts=(log,))
    rating = ContactRating("seen", "", "observer", INSTRUMENTS["closeness"].level, "", settings=(Setting.TASK,))
    assert [len(one) for one in rating.without_error(at(scene))["seen"][0]] == [3, 0]


def test_what_a_teacher_gives_is_that_of_the_contacts() -> None:
    log = some_contacts(3)
    scene = replace(scene_of(1, 3), contacts=(log[:4],))  # the last child had none
    for eyes in (Eyes.TEACHER, Eyes.OBSERVER):
        seen = reading(log[:4], 3, eyes)
        for name in ("autonomy_support", "structure"):
            values = getattr(seen, name)
            (level,) = INSTRUMENTS[f"{eyes.name.lower()}_{name}"].level(scene)
            np.testing.assert_allclose(level, [*values[:2], values[:2].mean()])
    (level,) = INSTRUMENTS["observer_structure"].level(replace(scene, contacts=(log[:0],)))
    assert np.isnan(level).all()


# --- All of them ---------------------------------------------------------------------------------------


def test_every_instrument_measures_every_child_of_real_classes() -> None:
    scenes = cohort(small(), range(4), {"before": Wave(0), "end": Wave(4)}, contacts=True).scenes[""]
    assert len(INSTRUMENTS) == len(ALL)
    for wave, scene in scenes.items():
        columns: dict[str, Records] = {}
        for instrument in ALL:
            if instrument.reads_contacts and wave == "before":
                continue
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
