"""Compiling the equations while visitors look at films: once on a computer, in a process of its own.

Compiling takes up to a minute and would hold up everybody if it were done in the server. Whoever needs the equations
meanwhile waits for that process, and then finds them on the disk.
"""

from __future__ import annotations

import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from sim import beside
from sim.compiled import is_kept
from sim.engine import years
from sim.interventions import REGISTRY
from sim.population import draw_class
from sim.run import simulate
from sim.scenario import InterventionChoice, Scenario

if TYPE_CHECKING:
    from sim.record import Record

__all__ = ["begin", "is_compiled", "is_over", "look_at_dyad", "simulate_all", "small_class", "wait"]

_over = threading.Event()
_over.set()
_process: list[subprocess.Popen[bytes]] = []
"""The one that compiles."""


def begin() -> bool:
    """Begin to get the equations ready; tells whether they have to be compiled, as once on a computer."""
    compiled = is_compiled()
    if _over.is_set():
        _over.clear()
        threading.Thread(target=get_ready, args=(compiled,), name="getting ready", daemon=True).start()
    return not compiled


def is_compiled() -> bool:
    """Tell whether the disk has the compiled equations of this program."""
    return is_kept(years.years)


def is_over() -> bool:
    """Tell whether nobody has to wait."""
    return _over.is_set()


def wait() -> None:
    """Wait until the equations are compiled, if they are being compiled."""
    _over.wait()


def get_ready(compiled: bool) -> None:
    """Load the equations, compiled first where they are not; what goes wrong is tried again by whoever needs them."""
    try:
        if not compiled:
            compile_elsewhere()
        simulate_all()
    finally:
        _over.set()
    look_at_first_day()


def compile_elsewhere() -> None:
    """Have another process compile; returns when years can be simulated, while it goes on."""
    with suppress(OSError):
        _process.append(beside.begin(compile_all))
        _process[0].stdout.readline()  # type: ignore[union-attr]


def compile_all() -> None:
    """Compile what the dashboard needs; says so when years can be simulated, and goes on with portraits of a dyad."""
    record = simulate_all()
    print(flush=True)  # noqa: T201
    look_at_dyad(record)


def small_class() -> Scenario:
    """Two weeks of a small class with every intervention."""
    choices = tuple(InterventionChoice(name=name, target="highest conflict") for name in REGISTRY)
    return Scenario(interventions=choices, weeks=2).changed(**{"class.size": 4})


def look_at_first_day() -> None:
    """Load what tells of the first day, so that the first change that a visitor makes need not wait for it."""
    from sim.dashboard.beginning import first_day  # which waits for this module

    first_day(draw_class(small_class()), 0)


def simulate_all() -> Record:
    """Run a class with the compiled runner."""
    return simulate(small_class())


def look_at_dyad(record: Record) -> None:
    """Work out what the portrait of a dyad needs."""
    from sim.year.dyad import basin, loop_gain, portrait

    loop_gain(record.final, 0)
    basin(record.final, 0)
    portrait(record.final, 0, points=2, settling=1)
