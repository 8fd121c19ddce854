"""Luck has an address: known numbers, the right distributions, nothing shared that should not be."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest

from sim import dynamics
from sim.luck import DAILY, DRAWS, Luck, Stream, address, bits, generator, key, normal, quarters, thirds, uniform
from sim.parameters import PARAMETERS
from sim.state import Records

# First outputs of the published SplitMix64 for seed 1234567.
PUBLISHED = (
    6457827717110365317,
    3203168211198807973,
    9817491932198370423,
    4593380528125082431,
    16408922859458223821,
)
MANY = 100_000
LARGEST = 60
"""Children of the largest class."""


def test_splitmix64_known_answers() -> None:
    assert tuple(int(bits(np.uint64(1234567), place)) for place in range(5)) == PUBLISHED


def splitmix64(state: int) -> int:
    """The finalizer in whole numbers of any size: a second, independent writing of it."""
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    state = (state ^ (state >> 27)) * 0x94D049BB133111EB % 2**64
    return state ^ (state >> 31)


@pytest.mark.parametrize("seed", [0, 1, 2**53 - 1])
def test_a_key_is_the_hash_of_its_address(seed: int) -> None:
    expected = seed
    for part in (None, 3, int(Stream.TONES), 17):
        expected = splitmix64(((expected if part is None else expected ^ part) + 0x9E3779B97F4A7C15) % 2**64)
    assert int(key(seed, 3, int(Stream.TONES), 17)) == expected


def test_numbers_are_made_of_the_bits() -> None:
    word = PUBLISHED[0]
    total = sum((word >> shift) & 0xFFFF for shift in (0, 16, 32, 48))
    assert uniform(np.uint64(1234567), 0) == (word >> 11) * 2.0**-53
    assert normal(np.uint64(1234567), 0) == pytest.approx((total - 131070) / math.sqrt((65536**2 - 1) / 3), rel=1e-12)
    for place, word in enumerate(PUBLISHED):
        parts = tuple((word >> shift & 0x1FFFFF) * 2.0**-21 for shift in (0, 21, 42))
        assert thirds(np.uint64(1234567), place) == parts
        parts = tuple((word >> shift & 0xFFFF) * 2.0**-16 for shift in (0, 16, 32, 48))
        assert quarters(np.uint64(1234567), place) == parts


def key_of(seed: int, number: int, stream: int, day: int) -> np.uint64:
    """A key as 64 bits, where Python would take it for a whole number of any size."""
    return np.uint64(key(seed, number, stream, day))


def sample(draw: object, stream_key: np.uint64, count: int = MANY) -> Records:
    """The first `count` numbers of a stream."""
    return np.array([draw(stream_key, place) for place in range(count)])  # type: ignore[operator]


def third(which: int) -> Callable[[np.uint64, int], float]:
    """One of the three numbers out of one draw."""
    return lambda stream_key, place: thirds(stream_key, place)[which]


def quarter(which: int) -> Callable[[np.uint64, int], float]:
    """One of the four numbers out of one draw."""
    return lambda stream_key, place: quarters(stream_key, place)[which]


@pytest.mark.parametrize(
    ("draw", "mean", "variance", "skewness", "kurtosis", "low", "high"),
    [
        (uniform, 0.5, 1 / 12, 0.0, 1.8, 0.0, 1.0),
        # The sum of four uniforms: excess kurtosis -1.2 / 4, farthest value 2 / sqrt(4 / 12).
        (normal, 0.0, 1.0, 0.0, 2.7, -2 * math.sqrt(3), 2 * math.sqrt(3)),
        *((third(which), 0.5, 1 / 12, 0.0, 1.8, 0.0, 1.0 - 2.0**-21) for which in range(3)),
        *((quarter(which), 0.5, 1 / 12, 0.0, 1.8, 0.0, 1.0 - 2.0**-16) for which in range(4)),
    ],
)
def test_moments_and_bounds(
    draw: object, mean: float, variance: float, skewness: float, kurtosis: float, low: float, high: float
) -> None:
    x = sample(draw, key_of(5, 0, int(Stream.TONES), 1))
    z = (x - mean) / math.sqrt(variance)
    assert z.mean() == pytest.approx(0, abs=4 / math.sqrt(MANY))
    assert np.square(z).mean() == pytest.approx(1, abs=4 * math.sqrt((kurtosis - 1) / MANY))
    assert (z**3).mean() == pytest.approx(skewness, abs=0.15)
    assert (z**4).mean() == pytest.approx(kurtosis, rel=0.12)
    assert low <= x.min()
    assert x.max() <= high


@pytest.mark.parametrize(
    "draw",
    [uniform, *map(third, range(3)), *map(quarter, range(4))],
    ids=["uniform", *(f"third {which}" for which in range(3)), *(f"quarter {which}" for which in range(4))],
)
def test_uniform_numbers_fill_their_range_evenly(draw: object) -> None:
    counts, _ = np.histogram(sample(draw, key_of(6, 0, int(Stream.PLAY), 9)), bins=64, range=(0, 1))
    assert chi_square(counts) < 63 + 4 * math.sqrt(2 * 63)


def chi_square(counts: Records) -> float:
    """How far counts are from equal ones; as large as there are cells, less one, on average."""
    expected = counts.sum() / counts.size
    return float((np.square(counts - expected) / expected).sum())


@pytest.mark.parametrize("split", [thirds, quarters])
def test_the_numbers_of_one_draw_are_independent(split: Callable[[np.uint64, int], tuple[float, ...]]) -> None:
    """Of each other, of those of the next draw, and of what the next draw is as a whole: the time of a bid, a tone."""
    stream = key_of(6, 0, int(Stream.CONTACTS), 9)
    parts = np.array([split(stream, place) for place in range(MANY)]).T
    whole = sample(uniform, stream)
    for i, one in enumerate(parts):
        assert abs(correlation(one[:-1], whole[1:])) < 4.5 / math.sqrt(MANY)
        for j, other in enumerate(parts):
            assert abs(correlation(one[:-1], other[1:])) < 4.5 / math.sqrt(MANY)
            if i < j:
                assert abs(correlation(one, other)) < 4.5 / math.sqrt(MANY)
                cells, _, _ = np.histogram2d(one, other, bins=16, range=[[0, 1], [0, 1]])
                assert chi_square(cells) < 255 + 4 * math.sqrt(2 * 255)


def correlation(one: Records, other: Records) -> float:
    """Pearson correlation."""
    return float(np.corrcoef(one, other)[0, 1])


NEAR_ADDRESSES = {
    "stream": [(1, 0, int(stream), 1) for stream in DAILY],
    "day": [(1, 0, int(Stream.TONES), day) for day in (1, 2, 3, 180)],
    "class": [(1, number, int(Stream.TONES), 1) for number in (0, 1, 2, 1000)],
    "seed": [(seed, 0, int(Stream.TONES), 1) for seed in (0, 1, 2, 2**53 - 1)],
}


@pytest.mark.parametrize("what", NEAR_ADDRESSES)
def test_near_addresses_are_independent(what: str) -> None:
    count = 20_000
    samples = [sample(normal, key_of(*where), count) for where in NEAR_ADDRESSES[what]]
    for i, one in enumerate(samples):
        assert abs(correlation(one[:-1], one[1:])) < 4.5 / math.sqrt(count), "one draw and the next"
        for other in samples[:i]:
            assert abs(correlation(one, other)) < 4.5 / math.sqrt(count)
            assert abs(correlation(one[:-1], other[1:])) < 4.5 / math.sqrt(count)


def test_children_and_days_are_independent() -> None:
    """The same draw of all children on all days, as a run asks for it."""
    days, children = 400, 40
    keys = [key_of(1, 0, int(Stream.MOODS), day) for day in range(1, days + 1)]
    moods = np.array([[normal(k, address(child, 0)) for child in range(children)] for k in keys])
    across = np.corrcoef(moods.T)[np.triu_indices(children, 1)]
    assert np.abs(across).max() < 5 / math.sqrt(days)
    assert across.std() == pytest.approx(1 / math.sqrt(days), rel=0.15)
    along = correlation(moods[:-1].ravel(), moods[1:].ravel())
    assert abs(along) < 4 / math.sqrt(days * children)


def test_changing_a_key_by_one_changes_half_of_the_bits() -> None:
    for a, b in pairwise(range(200)):
        flipped = int(key(1, a, 2, 3)) ^ int(key(1, b, 2, 3))
        assert 12 <= flipped.bit_count() <= 52


def test_keys_do_not_collide() -> None:
    keys = {
        int(key(seed, number, int(stream), day))
        for seed in range(3)
        for number in range(20)
        for stream in Stream
        for day in range(60)
    }
    assert len(keys) == 3 * 20 * len(Stream) * 60


def test_addresses_of_children_never_meet() -> None:
    """What a child can ask for in a day stays within its own part of a stream."""
    most = max(
        dynamics.NUMBER_OF_BIDS + 1,
        dynamics.MOST_BIDS * dynamics.DRAWS_PER_BID,
        dynamics.MOST_BIDS * dynamics.DRAWS_PER_CONTACT,
        dynamics.MOST_EXCHANGES * dynamics.DRAWS_PER_CONTACT,
        int(PARAMETERS["play_bouts"].high) * dynamics.DRAWS_PER_BOUT,
        dynamics.PAIR_DRAWS + LARGEST,
    )
    assert most <= DRAWS
    assert int(PARAMETERS["session_exchanges"].high) <= dynamics.MOST_EXCHANGES
    places = [address(child, ordinal) for child in range(LARGEST + 1) for ordinal in range(DRAWS)]
    assert len(set(places)) == len(places)


def test_what_weekends_bring_a_child_with_each_classmate_has_a_place_of_its_own() -> None:
    """One draw that a pair shares, fame, and one of the child's own for each classmate."""
    places = [address(i, j) for i, j in combinations(range(LARGEST), 2)]
    places += [address(i, dynamics.FAME) for i in range(LARGEST)]
    places += [address(i, dynamics.PAIR_DRAWS + j) for i, j in permutations(range(LARGEST), 2)]
    assert len(set(places)) == len(places)


def test_the_kinds_of_draw_of_one_bid_contact_or_bout_differ() -> None:
    of_bid = (dynamics.BID_TIME, dynamics.BID_CHANCES)
    of_contact = (dynamics.CHILD_TONE, dynamics.TEACHER_TONE, dynamics.TURNS)
    of_tones = (dynamics.BOUT_TONE, dynamics.BOUT_ANSWER, dynamics.BOUT_TURNS)
    of_bout = (dynamics.BOUT_TIME, dynamics.BOUT_PARTNER, *of_tones)
    for kinds, draws in (
        (of_bid, dynamics.DRAWS_PER_BID),
        (of_contact, dynamics.DRAWS_PER_CONTACT),
        (of_bout, dynamics.DRAWS_PER_BOUT),
    ):
        assert len(set(kinds)) == len(kinds)
        assert max(kinds) < draws
    of_bids = {bid * dynamics.DRAWS_PER_BID + kind for bid in range(dynamics.MOST_BIDS) for kind in of_bid}
    assert dynamics.NUMBER_OF_BIDS not in of_bids


def test_the_order_of_asking_does_not_matter() -> None:
    asked = [(stream, child, ordinal) for stream in DAILY for child in range(5) for ordinal in range(20)]
    luck = Luck(3, 1, 12)

    def numbers(luck: Luck, where: tuple[Stream, int, int]) -> tuple[float, ...]:
        return (luck.uniform(*where), luck.normal(*where), *luck.thirds(*where), *luck.quarters(*where))

    forward = {where: numbers(luck, where) for where in asked}
    backward = {where: numbers(luck, where) for where in reversed(asked)}
    alone = {where: numbers(Luck(3, 1, 12), where) for where in asked[::7]}
    assert forward == backward
    assert all(forward[where] == found for where, found in alone.items())
    assert len(set(forward.values())) == len(asked)


def test_the_agents_ask_for_the_numbers_of_the_compiled_runner() -> None:
    luck = Luck(2**53 - 1, 7, 180)
    for stream in DAILY:
        stream_key = key_of(2**53 - 1, 7, int(stream), 180)
        assert luck.uniform(stream, 4, 9) == uniform(stream_key, address(4, 9))
        assert luck.normal(stream, 4, 9) == normal(stream_key, address(4, 9))
        assert luck.thirds(stream, 4, 9) == thirds(stream_key, address(4, 9))
        assert luck.quarters(stream, 4, 9) == quarters(stream_key, address(4, 9))


def test_population_luck_has_an_address_too() -> None:
    one = generator(1, 2, Stream.POPULATION).random(4)
    assert (one == generator(1, 2, Stream.POPULATION).random(4)).all()
    for other in ((2, 2, Stream.POPULATION), (1, 3, Stream.POPULATION), (1, 2, Stream.TEACHER)):
        assert not (one == generator(*other).random(4)).any()
