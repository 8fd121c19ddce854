"""Many visitors at once: opening, moving sliders together, and half an hour of a lesson in a few minutes."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, NamedTuple

from serving import Served
from visitor import Visitor

__all__ = ["Load", "all_at_once", "load", "slope"]

VIEWS = ("story", "map", "trajectories", "grid", "portrait", "twins", "side", "years", "explore", "data")
PAUSE = (0.5, 2.5)
"""Seconds between two things that a student does, at least and at most."""

SAMPLES = 100
"""How often memory is measured."""

WARM = 0.5
"""Share of the time after which memory is expected not to grow any more."""


class Load(NamedTuple):
    """What students did and met in the minutes of a lesson.

    Attributes
    ----------
    waits
        Seconds that each choice took.
    opened
        Tabs that were opened.
    memory
        Minute and megabytes, from the first to the last student.
    """

    waits: list[float]
    opened: int
    memory: list[tuple[float, float]]


def all_at_once(visitors: list[Visitor], do: Callable[[Visitor], float]) -> list[float]:
    """Let all visitors do something at the same moment; gives the seconds of each."""
    ready = threading.Barrier(len(visitors))

    def one(visitor: Visitor) -> float:
        ready.wait()
        return do(visitor)

    with ThreadPoolExecutor(len(visitors)) as threads:
        return list(threads.map(one, visitors))


def load(served: Served, students: int, minutes: float) -> Load:
    """Let students move sliders, follow children, look at views, and close and open tabs."""
    start, end = time.monotonic(), time.monotonic() + 60 * minutes
    waits: list[float] = []
    memory: list[tuple[float, float]] = []
    opened = count()

    def student(number: int) -> None:
        luck = random.Random(number)
        while time.monotonic() < end:
            visitor = Visitor(served.address)
            visitor.open()
            next(opened)
            while time.monotonic() < end:
                time.sleep(luck.uniform(*PAUSE))
                change = something(luck)
                if change is None:
                    break
                waits.append(visitor.choose(**change))
            visitor.close()

    with ThreadPoolExecutor(students) as threads:
        lesson = [threads.submit(student, number) for number in range(students)]
        while time.monotonic() < end:
            memory.append(((time.monotonic() - start) / 60, served.memory()))
            time.sleep(60 * minutes / SAMPLES)
        for one in lesson:
            one.result()
    return Load(waits, next(opened), memory)


def something(luck: random.Random) -> dict[str, Any] | None:
    """What a student does next; None closes the tab."""
    kind = luck.random()
    if kind < 0.6:
        return {luck.choice(("strain", "emotional_support", "reflective_functioning")): round(luck.random(), 2)}
    if kind < 0.8:
        return {"view": luck.choice(VIEWS)}
    if kind < 0.9:
        return {"child": luck.randrange(25)}
    return {"seed": luck.randrange(1000)} if kind < 0.95 else None


def slope(memory: list[tuple[float, float]]) -> float:
    """Megabytes a minute by which memory grows after the warm-up."""
    late = [point for point in memory if point[0] >= WARM * memory[-1][0]]
    minutes, megabytes = zip(*late, strict=True)
    return statistics.linear_regression(minutes, megabytes).slope
