"""How fast many classes are: agent by agent, compiled on one core and on all, in NumPy and in C, timed in turn.

Everything is timed in one go on one machine, so that the ratios can be trusted where the seconds cannot. Work on one
core is timed by the processor's own clock, which does not count what other programs take; work on all cores by the
clock on the wall::

    python benchmarks/bench_engine.py            # some minutes
    python benchmarks/bench_engine.py --quick    # less of everything
    python benchmarks/bench_engine.py --write    # and put the tables into docs/performance.md

Prints the tables, and what was reached of the goals.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import yardstick
from numpy_classes import Day
from yardstick import copied, draw

from sim.engine import contacts, years
from sim.engine.group import Group
from sim.model import Classroom
from sim.run import CHILD_VARIABLES, TEACHER_VARIABLES, TOGETHER, Keep, many
from sim.scenario import Scenario
from sim.school_day import SCHOOL_DAY
from sim.state import COUNTED

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
BLOCK = re.compile(r"(?P<begin><!-- generated: (?P<name>[^>]*?) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)
DAYS = Scenario().calendar().days
KEEP = Keep((*CHILD_VARIABLES, *TEACHER_VARIABLES), (0, DAYS))
NUMPY_WEEKS = 2
"""School weeks that NumPy is given, since it is slow; its time is scaled to a year."""

FIRST_RESULT = """
from sim.run import Keep, many
from sim.scenario import Scenario
many(Scenario(), (0,), Keep(("closeness",), (0, 180)))
"""
MEMORY = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from sim.run import Keep, many
from sim.scenario import Scenario
keep = Keep(("closeness", "conflict", "aggression"), (0, 180))
def part(first):
    return many(Scenario(), range(first, first + 500), keep).children.mean()
with ThreadPoolExecutor(cpu_count()) as pool:
    means = list(pool.map(part, range(0, int(sys.argv[1]), 500)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


class Way(NamedTuple):
    """A way to run classes: what it is, how many class-years it runs, how it is done, whether on one core."""

    what: str
    class_years: float
    do: Callable[[], object]
    one_core: bool = True


class Goal(NamedTuple):
    """What is aimed at, what was reached, and whether less is better."""

    what: str
    reached: float
    goal: float
    at_most: bool = False

    @property
    def verdict(self) -> str:
        """Whether it is met."""
        return "met" if (self.reached <= self.goal if self.at_most else self.reached >= self.goal) else "MISSED"


# --- What is timed -----------------------------------------------------------------------------------


def on_all_cores(numbers: Sequence[int]) -> None:
    """Classes in portions, on as many threads as there are cores."""
    portions = [numbers[first : first + TOGETHER] for first in range(0, len(numbers), TOGETHER)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda portion: many(Scenario(), portion, KEEP), portions))


def in_c(runner: yardstick.Runner, numbers: Sequence[int]) -> None:
    """Draw classes, keep the first evening, run them in C."""
    classes = draw(Scenario(), numbers)
    copied(classes)
    runner(classes)


def in_numpy(numbers: Sequence[int]) -> None:
    """Draw classes, keep the first evening, run some weeks of them in NumPy."""
    classes = draw(Scenario(weeks=NUMPY_WEEKS), numbers)
    copied(classes)
    Day(classes).run()


def ways(classes: int) -> dict[str, Way]:
    """Everything that is timed; in C only where there is a compiler."""
    numbers, cores = range(classes), os.cpu_count() or 1
    every = range(classes * cores * 2)
    drawn = draw(Scenario(), numbers)
    weeks, of_numpy = Scenario().weeks, range(8 * classes)
    found = {
        "agents": Way("agent by agent (Mesa); all days kept", 1, lambda: Classroom(Scenario()).run_model()),
        "one": Way("compiled, one core", classes, lambda: many(Scenario(), numbers, KEEP)),
        "all": Way(f"compiled, {cores} cores", len(every), lambda: on_all_cores(every), one_core=False),
        "numpy": Way("NumPy, one core", len(of_numpy) * NUMPY_WEEKS / weeks, lambda: in_numpy(of_numpy)),
        "kernel": Way("compiled, without the drawing", classes, lambda: years.run(copied(drawn), KEEP.days)),
    }
    if shutil.which(yardstick.COMPILER[0]):
        runner = yardstick.load()
        yardstick.check(draw(Scenario(), range(16)), runner)
        found["c"] = Way("C, one core", classes, lambda: in_c(runner, numbers))
        found["c kernel"] = Way("C, without the drawing", classes, lambda: runner(copied(copied(drawn))))
    return found


def rates(every: Mapping[str, Way], rounds: int) -> dict[str, list[float]]:
    """Class-years per second of each way, round after round."""
    taken: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):  # in turn, so that a busy moment hits all alike
        for name, way in every.items():
            clock = time.thread_time if way.one_core else time.perf_counter
            start = clock()
            way.do()
            taken[name].append(way.class_years / (clock() - start))
    return taken


def speed_ups(numbers: Sequence[int], rounds: int) -> list[float]:
    """How many times as fast all cores are as one, by the clock on the wall, in turn."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        many(Scenario(), numbers, KEEP)
        between = time.perf_counter()
        on_all_cores(range(2 * len(numbers)))
        found.append(2 * (between - start) / (time.perf_counter() - between))
    return found


def process(source: str, *arguments: str, folder: Path = ROOT) -> tuple[float, str]:
    """Seconds that a new process takes to run `source`, and what it prints."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    start = time.perf_counter()
    command = [sys.executable, "-c", source, *arguments]
    done = subprocess.run(command, check=True, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    return time.perf_counter() - start, done.stdout


def without_compiled_code() -> float:
    """Seconds to the first result where nothing has been compiled yet."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "sim", Path(folder) / "sim", ignore=shutil.ignore_patterns("__pycache__"))
        return process(FIRST_RESULT, folder=Path(folder))[0]


# --- Where the time goes -----------------------------------------------------------------------------

CONTACTS = COUNTED.index("contacts")
PARTS = {
    "arrive": "moods and rest in the morning",
    "draw_bids": "the morning's decisions: number, kind and order of bids",
    "meet": "which bids are answered; contacts, with those who see them",
    "play": "play",
    "learn": "learning and settling in the evening",
}


def in_parts(classes: years.Classes) -> tuple[dict[str, float], dict[str, float]]:
    """Microseconds of each part of a class-day; and what a class-day has, with what lanes that wait do besides.

    The same year, with the parts called from Python, so that each can be timed.
    """
    spent: dict[str, float] = defaultdict(float)
    numbers: dict[str, float] = defaultdict(float)

    def timed(name: str, step_of_engine: Callable[..., None]) -> Callable[..., None]:
        def step(*arguments: Any) -> None:
            space = arguments[0].space
            before = space.counts[:, CONTACTS].sum(axis=1)
            start = time.thread_time_ns()
            step_of_engine(*arguments)
            spent[name] += (time.thread_time_ns() - start) / 1e3
            if name == "meet":
                met = space.counts[:, CONTACTS].sum(axis=1) - before
                numbers["bids"] += space.totals.sum()
                numbers["contacts"] += met.sum()
                numbers["contacts with waiting lanes"] += met.max() * len(met)

        return step

    def in_python(module: ModuleType, name: str, **others: object) -> FunctionType:
        """A function of the engine, not compiled, with others in the place of what it calls."""
        function = getattr(module, name)
        scope = (
            vars(module) | others | {part: timed(part, vars(module)[part]) for part in PARTS if part in vars(module)}
        )
        source = getattr(function, "py_func", function)
        made = FunctionType(source.__code__, scope)
        made.__kwdefaults__ = source.__kwdefaults__
        return made

    steps = dict(years.STEPS) | {"contacts": in_python(contacts, "contacts")}
    steps |= {name: timed(name, step) for name, step in steps.items() if name in PARTS}

    here = dict(enumerate(steps[step.name] for step in SCHOOL_DAY))

    def do_step(address: int, group: Group, day: int) -> None:
        here[address](group, day)

    lived = in_python(years, "years", do_step=do_step)
    run = in_python(years, "run", years=lived, addresses=lambda *_: list(here))
    days = len(classes.nights) - 1
    run(classes, (0, days), liking=False, log=False)
    class_days = len(classes.children) * days
    return ({name: spent[name] / class_days for name in PARTS}, {k: v / class_days for k, v in numbers.items()})


# --- Tables ------------------------------------------------------------------------------------------


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown; all but the first column to the right."""
    lines = [headings, ["---", *["---:"] * (len(headings) - 1)], *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def rate_table(every: Mapping[str, Way], taken: Mapping[str, Sequence[float]], contacts: float) -> str:
    """Rates of all ways."""
    rows = []
    for name, way in every.items():
        middle, low, high = statistics.median(taken[name]), min(taken[name]), max(taken[name])
        digits = 2 if middle < 20 else 0
        bounds = f"{low:.{digits}f} to {high:.{digits}f}"
        rows.append((way.what, f"{middle:.{digits}f}", bounds, f"{middle * contacts:,.0f}"))
    return table(("", "class-years/s", "from – to", "contacts/s"), rows)


def part_table(parts: Mapping[str, float], numbers: Mapping[str, float]) -> str:
    """Where the time goes, and how many bids and contacts there are."""
    total = sum(parts.values())
    rows = [(what, f"{parts[name]:.1f}", f"{parts[name] / total:.0%}") for name, what in PARTS.items()]
    rows.append(("all", f"{total:.1f}", ""))
    waste = 1.0 - numbers["contacts"] / numbers["contacts with waiting lanes"]
    return table(("part of a class-day", "µs", "share"), rows) + (
        f"\nA class-day has {numbers['bids']:.0f} bids, of which {numbers['contacts'] / numbers['bids']:.0%} are"
        f" answered, which makes {numbers['contacts']:.0f} contacts. Lanes wait for others during {waste:.0%} of the"
        " contacts.\n"
    )


def goal_table(goals: Iterable[Goal]) -> str:
    """Goals, and what was reached."""
    rows = [
        (goal.what, f"{goal.reached:,.2f}", f"{'at most' if goal.at_most else 'at least'} {goal.goal:g}", goal.verdict)
        for goal in goals
    ]
    return table(("", "reached", "goal", ""), rows)


def write(blocks: Mapping[str, str]) -> None:
    """Put tables into the page; those that it has no place for are left out."""

    def block(match: re.Match[str]) -> str:
        name = match["name"]
        return f"{match['begin']}{blocks[name]}{match['end']}" if name in blocks else match[0]

    PAGE.write_text(BLOCK.sub(block, PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> None:
    """Time everything and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="fewer classes, two rounds, neither memory nor compilation"
    )
    parser.add_argument("--classes", type=int, default=TOGETHER, help="classes that one core runs in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=int, nargs=2, default=(4_000, 20_000), help="class-years")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    options = parser.parse_args()
    classes, rounds = (16, 2) if options.quick else (options.classes, options.rounds)

    every = ways(classes)
    process(FIRST_RESULT)
    many(Scenario(), range(8), KEEP)
    contacts = many(Scenario(), range(classes), Keep(("contacts",), (DAYS,))).children.sum(axis=3).mean()
    taken = rates(every, rounds)
    middle = {name: statistics.median(values) for name, values in taken.items()}
    cores = os.cpu_count() or 1

    goals = [
        Goal(f"class-years a second on {cores} cores", middle["all"], 1000),
        Goal("… of which at least", middle["all"], 400),
        Goal("times as fast as agent by agent, all cores", middle["all"] / middle["agents"], 1000),
        Goal("times as fast as agent by agent, one core", middle["one"] / middle["agents"], 1000),
    ]
    if "c" in every:
        goals.append(Goal("times as fast as C, one core", middle["one"] / middle["c"], 0.8))
        goals.append(Goal("times as fast as C, without the drawing", middle["kernel"] / middle["c kernel"], 0.8))
    faster = statistics.median(speed_ups(range(4 * classes), rounds))
    goals.append(Goal(f"times as fast on {cores} cores as on one", faster, 1.8))
    first = statistics.median(process(FIRST_RESULT)[0] for _ in range(rounds))
    goals.append(Goal("seconds to the first result of a new process", first, 3.0, at_most=True))

    load = f"load {os.getloadavg()[0]:.1f} on {cores} cores" if hasattr(os, "getloadavg") else f"{cores} cores"
    about = f"{classes} classes of 25 children on one core, {DAYS} school days, {contacts:.0f} contacts a class-year;"
    blocks = {
        "rates": f"{about} {rounds} rounds, medians; {load}.\n\n{rate_table(every, taken, float(contacts))}",
        "goals": goal_table(goals),
        "parts": part_table(*in_parts(draw(Scenario(), range(classes)))),
    }
    if not options.quick:
        peaks = ", ".join(
            f"{size:,} class-years: {process(MEMORY, str(size))[1].strip()} MB" for size in options.memory
        )
        compiling = f"First result where nothing is compiled yet: {without_compiled_code():.0f} s, once."
        blocks["memory"] = f"Peak memory of a process: {peaks}. {compiling}\n"
    print("\n".join(blocks.values()))
    if options.write:
        write(blocks)


if __name__ == "__main__":
    main()
