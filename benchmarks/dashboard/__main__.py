"""The dashboard against its budgets: in a real browser, with thirty visitors at once, and in a long lesson.

A server is started for it, and visitors talk to it over the network as browsers do::

    python benchmarks/dashboard
    python benchmarks/dashboard --load --minutes 10 --out load.json

Prints a table of what was measured and what was aimed at. Other work on the same machine makes everything slower.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import browser
from crowd import all_at_once, load, slope
from serving import Served, running
from visitor import Visitor

from sim.dashboard.choices import Choices, pair_of
from sim.dashboard.picture import Shelf
from sim.files.language import number
from sim.run import simulate

FORGET = 90.0
"""Seconds after which a visitor who is gone must have been forgotten, or never will be."""


class Figure(NamedTuple):
    """Something that was measured, with the budget if there is one: at most, or at least where `least`."""

    what: str
    value: float
    unit: str
    budget: float | None = None
    least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether it is within its budget."""
        return self.budget is None or (self.value >= self.budget if self.least else self.value <= self.budget)


def engine() -> Iterator[Figure]:
    """Measure a run and the picture of it, without a server."""
    pair = pair_of(Choices())
    simulate(pair.without)
    times = []
    for seed in range(20):
        scenario = pair.without.changed(seed=seed)
        start = time.perf_counter()
        simulate(scenario)
        times.append(time.perf_counter() - start)
    yield Figure("one run of the default class", 1000 * statistics.median(times), "ms", 30)
    yield Figure("the picture of both classes", len(Shelf().picture(pair).encode()) / 1000, "KB", 200)


def in_browser(served: Served) -> Iterator[Figure]:
    """Measure what a browser shows."""
    with browser.opened(served.address) as page:
        name = browser.version(page)
        waits = browser.slider_to_picture(page, 20)
        yield Figure("slider to new picture, median of 20", 1000 * statistics.median(waits), "ms", 250)
        yield Figure("slider to new picture, longest of 20", 1000 * max(waits), "ms")
        rate, gap = browser.frames(page, 5)
        yield Figure(f"frames a second while playing ({name})", rate, "", 55, least=True)
        yield Figure("longest time between two frames", 1000 * gap, "ms")
        yield Figure("60 answers of phones at once, until all are seen", browser.answers_to_bars(page, 60), "s", 1.5)


def pairs(served: Served) -> Iterator[Figure]:
    """Measure the fan of class pairs, for a class that nobody has asked about before."""
    with Visitor(served.address) as visitor:
        visitor.choose(strain=0.61)
        yield Figure("200 pairs of classes", visitor.inquire("crowd", {}), "s", 1)
        yield Figure("40 pairs of classes over three school years", visitor.inquire("years", {}), "s", 1.5)


def together(served: Served, count: int) -> Iterator[Figure]:
    """Measure many visitors at once, and what they leave behind."""
    with Visitor(served.address):
        pass
    served.until_sessions(0, FORGET)
    before = served.memory()
    visitors = [Visitor(served.address) for _ in range(count)]
    opening = all_at_once(visitors, Visitor.open)
    yield Figure(f"{count} visitors open the story, the last of them", max(opening), "s", 5)
    yield Figure("of which a visitor downloads", visitors[0].downloaded / 1e6, "MB")
    yield Figure("memory of a session", (served.memory() - before) / count, "MB")
    waits = all_at_once(visitors, lambda one: one.choose(strain=0.2 + visitors.index(one) / 100))
    yield Figure(f"{count} visitors move a slider, the median", statistics.median(waits), "s")
    yield Figure(f"{count} visitors move a slider, the last of them", max(waits), "s", 3)
    for visitor in visitors:
        visitor.close()
    yield Figure("closed tabs are forgotten after", forgotten(served), "s", 60)
    time.sleep(3)
    yield Figure("memory after all have gone, against before", served.memory() - before, "MB")


def lost(served: Served) -> Iterator[Figure]:
    """Measure how soon a visitor is forgotten whose computer is gone without a word."""
    script = Path(__file__).with_name("visitor.py")
    with subprocess.Popen([sys.executable, str(script), served.address], stdout=subprocess.PIPE) as process:
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError("no page was opened")
        yield Figure("a lost tab is forgotten after", forgotten(served), "s", 60)
        process.kill()


def forgotten(served: Served) -> float:
    """Seconds until the server holds nothing of anybody; not a number if it goes on."""
    seconds = served.until_sessions(0, FORGET)
    return float("nan") if seconds is None else seconds


def lesson(served: Served, count: int, minutes: float, kept: dict[str, Any]) -> Iterator[Figure]:
    """Measure a lesson."""
    busy = served.busy()
    done = load(served, count, minutes)
    busy = served.busy() - busy
    kept["memory"] = [(round(minute, 3), round(megabytes, 1)) for minute, megabytes in done.memory]
    waits = sorted(done.waits)
    yield Figure(f"tabs opened by {count} students in {minutes:g} minutes", done.opened, "")
    yield Figure("choices made", len(waits), "")
    yield Figure("wait for a choice, median", statistics.median(waits), "s")
    yield Figure("wait for a choice, 19 of 20", waits[int(0.95 * len(waits))], "s")
    yield Figure("wait for a choice, longest", waits[-1], "s")
    yield Figure("cores in use by the server", busy / (60 * minutes), "")
    yield Figure("memory at its highest", max(megabytes for _, megabytes in done.memory), "MB")
    yield Figure("memory grows after the warm-up by", slope(done.memory), "MB/min", 2)
    yield Figure("closed tabs are forgotten after", forgotten(served), "s", 60)
    yield Figure("memory when all have gone", served.memory(), "MB")


def measured(given: argparse.Namespace, kept: dict[str, Any]) -> Iterator[Figure]:
    """Measure what was asked for."""
    if given.load:
        with running() as served:
            yield from lesson(served, given.visitors, given.minutes, kept)
        return
    yield from engine()
    with running() as served:
        yield from in_browser(served)
        yield from pairs(served)
        yield from together(served, given.visitors)
        yield from lost(served)


def row(figure: Figure) -> str:
    """Write a row of the table."""
    digits = 0 if figure.value >= 100 or figure.value == int(figure.value) else 1 if figure.value >= 10 else 2
    value = f"{number(figure.value, digits)} {figure.unit}".strip() if figure.value == figure.value else "never"
    if figure.budget is None:
        return f"{figure.what:<66}{value:>12}"
    bound = (
        f"{'≥' if figure.least else '≤'} {number(figure.budget, 1 if figure.budget % 1 else 0)} {figure.unit}".strip()
    )
    return f"{figure.what:<66}{value:>12}  {bound:<10} {'met' if figure.is_met else 'MISSED'}"


def main() -> None:
    """Measure, print the table, and keep the figures where asked."""
    parser = argparse.ArgumentParser(prog="python benchmarks/dashboard", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--visitors", type=int, default=30, help="visitors at once")
    parser.add_argument("--load", action="store_true", help="measure a lesson instead")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long the lesson is")
    parser.add_argument("--out", type=Path, help="file for the figures, as JSON")
    parser.add_argument("--strict", action="store_true", help="end with code 1 where a budget is missed")
    given = parser.parse_args()
    load_before = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, of which {number(load_before, 1)} in use; "
        f"Python {platform.python_version()}\n"
    )
    figures, kept = [], {"cores": os.cpu_count(), "cores_in_use_before": load_before}
    for figure in measured(given, kept):
        print(row(figure), flush=True)
        figures.append(figure)
    missed = [figure for figure in figures if not figure.is_met]
    print(f"\n{len(missed)} budgets missed" if missed else "\nall budgets met")
    if given.out is not None:
        content = {**kept, "figures": [{**figure._asdict(), "met": figure.is_met} for figure in figures]}
        given.out.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.exit(1 if given.strict and missed else 0)


if __name__ == "__main__":
    main()
