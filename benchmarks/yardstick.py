"""How fast a class could be: the compiled runner beside the same kernel in C, timed in one go.

The C file is checked first: its final states must be those of the compiled runner, bit for bit::

    python benchmarks/yardstick.py

Needs a C compiler (``cc``). Prints a table; writes nothing but a temporary folder.
"""

from __future__ import annotations

import argparse
import ctypes
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim import dynamics, luck
from sim.engine import group, years
from sim.engine.years import Classes
from sim.parameters import PARAMETERS_DTYPE
from sim.population import draw_classes
from sim.scenario import Scenario
from sim.state import CHILD_DTYPE, COUNTED, TEACHER_DTYPE, Initiator, Records, Setting

SOURCE = Path(__file__).with_suffix(".c")
COMPILER = ("cc", "-std=c99", "-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-shared", "-fPIC")
STRUCTS = {"child": CHILD_DTYPE, "teacher": TEACHER_DTYPE, "parameters": PARAMETERS_DTYPE}
NUMBERS = (
    *("MOST_BIDS", "DRAWS_PER_BID", "BID_TIME", "BID_CHANCES", "NUMBER_OF_BIDS"),
    *("DRAWS_PER_CONTACT", "CHILD_TONE", "TEACHER_TONE", "TURNS"),
    *("DRAWS_PER_BOUT", "BOUT_TIME", "BOUT_PARTNER", "BOUT_TONE", "BOUT_ANSWER", "BOUT_TURNS", "FAME", "PAIR_DRAWS"),
)


class Lived(NamedTuple):
    """What a year left besides the states: what `sim.state.COUNTED` names, of each child: shape (c, counted, n)."""

    counts: Records


Runner = Callable[[Classes], Lived]
"""Runs classes through their school year, in place."""


# --- The C file --------------------------------------------------------------------------------------


def struct(name: str, dtype: np.dtype[Any]) -> str:
    """The C struct of a record in which every field is a float64."""
    if any(dtype[field] != np.float64 for field in dtype.names or ()):
        raise TypeError(f"{name}: a field is no float64")
    fields = "".join(f"    double {field};\n" for field in dtype.names or ())
    return f"struct {name} {{\n{fields}}};\n"


def header() -> str:
    """What the C file includes: the records and the numbers of the Python sources, so that they cannot differ."""
    kinds: tuple[type[IntEnum], ...] = (Initiator, Setting, luck.Stream)
    numbers = {member.name: int(member) for kind in kinds for member in kind}
    numbers |= {name: int(getattr(dynamics, name)) for name in NUMBERS}
    numbers |= {"DRAWS": luck.DRAWS, "BUCKETS": group.BUCKETS, "COUNTS": len(COUNTED)}
    numbers |= {f"OF_{name.upper()}": row for row, name in enumerate(COUNTED)}
    enum = "".join(f"    {name} = {value},\n" for name, value in numbers.items())
    fractions = {name: getattr(luck, name) for name in ("SUM_MEAN", "SUM_SCALE")}
    fractions |= {name: getattr(dynamics, name) for name in ("YOUNGEST", "PRAISE")}
    defined = "".join(f"#define {name} {value.hex()}\n" for name, value in fractions.items())
    structs = "\n".join(struct(name, dtype) for name, dtype in STRUCTS.items())
    return f"enum {{\n{enum}}};\n{defined}\n{structs}"


def load(source: Path = SOURCE) -> Runner:
    """Compile the C file and load it.

    Parameters
    ----------
    source
        A C file that has the function `years`.

    Returns
    -------
    Callable
        Runs classes through their school year, in place.

    Raises
    ------
    FileNotFoundError
        Without a C compiler.
    subprocess.CalledProcessError
        For a file that does not compile.
    """
    compiler = shutil.which(COMPILER[0])
    if compiler is None:
        raise FileNotFoundError(COMPILER[0])
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "records.h").write_text(header(), encoding="utf-8")
        library = Path(folder) / "yardstick.so"
        command = [compiler, *COMPILER[1:], "-I", folder, "-o", str(library), str(source), "-lm"]
        subprocess.run(command, check=True)
        years = ctypes.CDLL(str(library)).years
    years.argtypes = [*[ctypes.c_void_p] * 9, *[ctypes.c_int] * 3]
    years.restype = ctypes.c_int64

    def run(classes: Classes) -> Lived:
        """Run classes through their school year in C."""
        c, n = classes.children.shape
        counts = np.zeros((c, len(COUNTED), n))
        changed = (classes.children, classes.teachers, classes.liked)
        read = (classes.affinity, classes.parameters, classes.seeds, classes.numbers, classes.nights)
        arrays = (*changed, *map(np.ascontiguousarray, read), counts)
        if years(*(array.ctypes.data for array in arrays), c, n, len(classes.nights) - 1) < 0:
            raise MemoryError
        return Lived(counts)

    return run


# --- The compiled runner beside it -------------------------------------------------------------------


def draw(scenario: Scenario, numbers: Sequence[int]) -> Classes:
    """Classes of a scenario without its interventions, before the first day."""
    parameters = scenario.values()
    drawn = draw_classes(scenario, numbers)
    records, seeds = parameters.record().repeat(len(numbers)), [scenario.seed] * len(numbers)
    return years.with_interventions(drawn, records, scenario.calendar(), seeds, numbers, ())


def copied(classes: Classes) -> Classes:
    """The same classes, in arrays of their own where they change."""
    return classes._replace(
        children=classes.children.copy(), teachers=classes.teachers.copy(), liked=classes.liked.copy()
    )


def compiled_years(classes: Classes) -> Lived:
    """Run classes through their school year with `sim.engine`."""
    kept, _ = years.run(classes, (len(classes.nights) - 1,))
    return Lived(kept.counts[:, 0])


def differences(found: Classes, expected: Classes) -> tuple[str, ...]:
    """Names of the arrays in which two runs of the same classes differ in at least one bit."""
    names = ("children", "teachers", "liked")
    return tuple(name for name in names if getattr(found, name).tobytes() != getattr(expected, name).tobytes())


def check(classes: Classes, runner: Runner) -> None:
    """Compare final states and counts with those of the compiled runner; `classes` stay as they are.

    Raises
    ------
    ValueError
        Where one bit differs.
    """
    expected, found = copied(classes), copied(classes)
    counted = compiled_years(expected).counts, runner(found).counts
    differing = differences(found, expected)
    if differing or not np.array_equal(*counted):
        raise ValueError(f"C and the compiled runner differ in {', '.join(differing) or 'counts'}")


def microseconds(runner: Runner, classes: Classes) -> float:
    """Time of one class-year on average; the classes stay as they are."""
    copy = copied(classes)
    start = time.perf_counter_ns()
    runner(copy)
    return (time.perf_counter_ns() - start) / 1e3 / len(classes.children)


def main() -> None:
    """Check the C file, then time both in turn, several times."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--classes", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    runners: dict[str, Runner] = {"C": load(), "compiled runner": compiled_years}
    classes = draw(Scenario(), range(arguments.classes))
    check(classes, runners["C"])
    contacts = float(runners["C"](copied(classes)).counts[:, 0].sum(axis=1).mean())

    taken: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(arguments.repeats):  # in turn, so that a busy moment hits both alike
        for name, runner in runners.items():
            taken[name].append(microseconds(runner, classes))
    print(f"{arguments.classes} classes, final states the same bit for bit; {arguments.repeats} repeats")
    print(f"a class-year has {contacts:.0f} contacts\n")
    print(f"{'':<16} {'µs a class-year':>16} {'min':>8} {'ns a contact':>13}")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:<16} {median:>16.0f} {min(times):>8.0f} {median * 1e3 / contacts:>13.0f}")
    ratios = [c / python for python, c in zip(taken["compiled runner"], taken["C"], strict=True)]
    print(f"\nthe compiled runner is {statistics.median(ratios):.2f} times as fast as C")


if __name__ == "__main__":
    main()
