"""How long one class takes, agent by agent and compiled, and how long the program takes to start.

Everything is timed in one go on one machine, so that the ratios can be trusted where the seconds cannot::

    python benchmarks/bench_class.py

Prints a table against the goals; writes nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from sim.files.language import number
from sim.model import Classroom
from sim.run import simulate
from sim.scenario import ClassSpec, Scenario


class Timed(NamedTuple):
    """Something that is timed: what it is, how it is done, and the goal in seconds."""

    what: str
    do: Callable[[], object]
    goal: float | None = None


def process(*arguments: str) -> Callable[[], object]:
    """A whole Python process, from its start to its end."""
    return lambda: subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def seconds(do: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def main() -> None:
    """Time everything in turn, several times, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    repeats = max(1, parser.parse_args().repeats)
    scenario = Scenario.model_validate({"class": ClassSpec(size=25), "weeks": 36})
    days, contacts = scenario.calendar().days, len(simulate(scenario).contacts)

    agents = Timed("a class, agent by agent (Mesa)", lambda: Classroom(scenario).run_model(), 2.0)
    compiled = Timed("the same class, compiled", lambda: simulate(scenario))
    everything = (
        agents,
        compiled,
        Timed("python that does nothing", process("-c", "pass")),
        Timed("import sim", process("-c", "import sim"), 1.0),
        Timed("import sim.model", process("-c", "import sim.model"), 1.0),
        Timed("spiraal --help", process("-m", "sim.cli", "--help"), 0.5),
    )
    for timed in everything:  # once before it counts: code is compiled and read from disk
        timed.do()
    taken: dict[str, list[float]] = {timed.what: [] for timed in everything}
    for _ in range(repeats):  # in turn, so that a busy moment hits all alike
        for timed in everything:
            taken[timed.what].append(seconds(timed.do))

    load = f"; load {number(os.getloadavg()[0], 1)} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else ""
    print(f"25 children, {days} school days, {contacts} contacts; {repeats} repeats, in seconds{load}\n")
    print(f"{'':<32} {'median':>8} {'min':>8} {'max':>8} {'goal':>6}")
    for timed in everything:
        times = taken[timed.what]
        median, goal = statistics.median(times), "" if timed.goal is None else f"{timed.goal:.1f}"
        verdict = "" if timed.goal is None else ("met" if median <= timed.goal else "MISSED")
        print(f"{timed.what:<32} {median:>8.3f} {min(times):>8.3f} {max(times):>8.3f} {goal:>6} {verdict}")
    ratios = [a / b for a, b in zip(taken[agents.what], taken[compiled.what], strict=True)]
    print(
        f"\nagent by agent takes {statistics.median(ratios):.0f} times as long as compiled"
        f" (from {min(ratios):.0f} to {max(ratios):.0f})"
    )


if __name__ == "__main__":
    main()
