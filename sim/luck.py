"""Luck: random numbers that have an address.

A draw is found by where it belongs (root seed, class, stream, day, child, which of its draws), not by when it is
asked for. Two runs of the same class therefore share their luck until their *consequences* differ, any one
class of a sweep can be re-created alone, and nothing depends on the number of threads.

The generator is SplitMix64 (Steele, Lea & Flood 2014, OOPSLA; constants as published) used as a hash of the
address. `normal` is the sum of four uniform numbers, scaled to mean 0 and variance 1: luck is bounded
(|z| < 3.47), symmetric, and made of exact arithmetic only, so that it is the same on every computer. `normals`, for
what is drawn once a class, are unbounded, and as exact (`sim.arithmetic`).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from sim.arithmetic import normal_quantile
from sim.compiled import compiled, kernel
from sim.state import Records

__all__ = [
    "DRAWS",
    "Luck",
    "Stream",
    "address",
    "generator",
    "key",
    "make_normal",
    "normal",
    "normals",
    "quarters",
    "thirds",
    "uniform",
]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
S27, S30, S31 = np.uint64(27), np.uint64(30), np.uint64(31)
S11, S16, S32, S48 = np.uint64(11), np.uint64(16), np.uint64(32), np.uint64(48)
S21, S42 = np.uint64(21), np.uint64(42)
LOW_16, LOW_21 = np.uint64(0xFFFF), np.uint64(0x1FFFFF)
ONE = np.uint64(1)
UNIT_53, UNIT_21, UNIT_16 = 2.0**-53, 2.0**-21, 2.0**-16
MIDDLE = 2.0**-54
"""From a number in [0, 1) to the middle of what it stands for."""
# Four whole numbers 0…65535 sum to mean 2·65535 and variance 4·(65536² − 1)/12.
SUM_MEAN = 131070.0
SUM_SCALE = float(1.0 / np.sqrt(4.0 * (65536.0**2 - 1.0) / 12.0))

DRAWS = 1024
"""Draws that one child can use in one stream on one day; the address space, not an amount of work."""


class Stream(IntEnum):
    """What a random number is for; each has a stream of its own."""

    POPULATION = 1
    MOODS = 2
    CONTACTS = 3
    TONES = 4
    PLAY = 5
    INTERVENTIONS = 6
    TEACHER = 7
    YEARS = 8
    WEEKENDS = 9


DAILY = (Stream.MOODS, Stream.CONTACTS, Stream.TONES, Stream.PLAY, Stream.INTERVENTIONS, Stream.WEEKENDS)


@compiled
def mix(value: np.uint64) -> np.uint64:
    """Finalizer of SplitMix64: a bijection of 64-bit numbers in which every input bit moves every output bit."""
    value = (value ^ (value >> S30)) * MIX_1
    value = (value ^ (value >> S27)) * MIX_2
    return value ^ (value >> S31)


@compiled
def key(seed: int, classroom: int, stream: int, day: int) -> np.uint64:
    """Key of one stream on one day of one class (64-bit)."""
    hashed = mix(np.uint64(seed) + GOLDEN)
    hashed = mix((hashed ^ np.uint64(classroom)) + GOLDEN)
    hashed = mix((hashed ^ np.uint64(stream)) + GOLDEN)
    return mix((hashed ^ np.uint64(day)) + GOLDEN)


@compiled
def address(child: int, ordinal: int) -> int:
    """Place of draw number `ordinal` of `child`, from 0, within a key."""
    return child * DRAWS + ordinal


@compiled
def bits(stream_key: np.uint64, place: int) -> np.uint64:
    """64 random bits at `place` of the stream `stream_key`."""
    return mix(np.uint64(stream_key) + (np.uint64(place) + ONE) * GOLDEN)


@compiled
def uniform(stream_key: np.uint64, place: int) -> float:
    """A number in [0, 1)."""
    return float(bits(stream_key, place) >> S11) * UNIT_53


@compiled
def normal(stream_key: np.uint64, place: int) -> float:
    """A number of mean 0 and variance 1, |z| < 3.47 (sum of four uniforms)."""
    word = bits(stream_key, place)
    total = (word & LOW_16) + ((word >> S16) & LOW_16) + ((word >> S32) & LOW_16) + (word >> S48)
    return (float(total) - SUM_MEAN) * SUM_SCALE


@compiled
def thirds(stream_key: np.uint64, place: int) -> tuple[float, float, float]:
    """Three numbers in [0, 1), of 21 bits each, out of one draw."""
    word = bits(stream_key, place)
    return (
        float(word & LOW_21) * UNIT_21,
        float((word >> S21) & LOW_21) * UNIT_21,
        float((word >> S42) & LOW_21) * UNIT_21,
    )


@compiled
def quarters(stream_key: np.uint64, place: int) -> tuple[float, float, float, float]:
    """Four numbers in [0, 1), of 16 bits each, out of one draw."""
    word = bits(stream_key, place)
    return (
        float(word & LOW_16) * UNIT_16,
        float((word >> S16) & LOW_16) * UNIT_16,
        float((word >> S32) & LOW_16) * UNIT_16,
        float(word >> S48) * UNIT_16,
    )


def generator(seed: int, classroom: int, stream: Stream) -> np.random.Generator:
    """NumPy generator for what is drawn once a class and not day by day: who is in it."""
    return np.random.Generator(np.random.PCG64([seed, classroom, int(stream)]))


def normals(luck: np.random.Generator, *shape: int) -> Records:
    """Standard normal numbers; those of the generator itself depend on a library's logarithm."""
    numbers = luck.random(shape)
    make_normal(numbers.reshape(-1))
    return numbers


@kernel
def make_normal(numbers: Records) -> None:
    """Make of numbers in [0, 1), shape (any,), the places that they are quantiles of."""
    for place in range(numbers.size):
        numbers[place] = normal_quantile(numbers[place] + MIDDLE)


class Luck:
    """The luck of one day of one class, for the runner that goes agent by agent."""

    def __init__(self, seed: int, number: int, day: int) -> None:
        self.keys = {stream: np.uint64(key(seed, number, int(stream), day)) for stream in DAILY}

    def key(self, stream: Stream) -> np.uint64:
        """Key of `stream` today."""
        return self.keys[stream]

    def uniform(self, stream: Stream, child: int, ordinal: int) -> float:
        """A number in [0, 1): draw number `ordinal` of `child`, from 0."""
        return uniform(self.keys[stream], child * DRAWS + ordinal)

    def thirds(self, stream: Stream, child: int, ordinal: int) -> tuple[float, float, float]:
        """Three numbers in [0, 1) out of draw number `ordinal` of `child`."""
        return thirds(self.keys[stream], child * DRAWS + ordinal)

    def normal(self, stream: Stream, child: int, ordinal: int) -> float:
        """A number of mean 0 and variance 1."""
        return normal(self.keys[stream], child * DRAWS + ordinal)

    def quarters(self, stream: Stream, child: int, ordinal: int) -> tuple[float, float, float, float]:
        """Four numbers in [0, 1) out of draw number `ordinal` of `child`."""
        return quarters(self.keys[stream], child * DRAWS + ordinal)
