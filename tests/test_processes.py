"""Processes that work for another one: real experiments, really ended while they compute."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from sweeps import surroundings

from sim.studies.study import EXPERIMENTS

sys.path.insert(0, str(EXPERIMENTS))
import calibrate

pytest.importorskip("resource", reason="signals are those of POSIX")

PATIENCE = 240.0
BUSY = 3.0
"""Seconds of computing after which a process has begun with its work."""
WORLDS = ("--worlds", "2", "--classes", "20", "--keep", "kept", "--out", "out.json")
SCRIPTS = {
    "across_worlds.py": WORLDS,
    "mechanisms.py": WORLDS,
    "ensemble.py": ("search", "--work", "."),
    "calibrate.py": ("search", "--classes", "4"),
}


@pytest.mark.parametrize(
    ("script", "number"),
    [
        *((script, signal.SIGTERM) for script in SCRIPTS),
        ("mechanisms.py", signal.SIGKILL),
        ("ensemble.py", signal.SIGINT),
    ],
)
def test_an_experiment_that_is_ended_leaves_no_process(script: str, number: signal.Signals, tmp_path: Path) -> None:
    yardstick = json.dumps({f"{name}/{claim.name}": 1.0 for name, claim in calibrate.facts()})
    for file in ("goals.errors.json", "found.errors.json"):  # which takes minutes to find
        (tmp_path / file).write_text(yardstick, encoding="utf-8")
    command = [sys.executable, EXPERIMENTS / script, *SCRIPTS[script]]
    with subprocess.Popen(
        command, cwd=tmp_path, env=surroundings(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        known: dict[int, psutil.Process] = {}
        wait_until(lambda: any(map(computes, begun(process, known))), PATIENCE)
        process.send_signal(number)
        _, said = process.communicate(timeout=PATIENCE)
    ended = {
        signal.SIGKILL: (-signal.SIGKILL, ""),
        signal.SIGINT: (130, "stopped\n"),
        signal.SIGTERM: (143, "stopped\n"),
    }
    assert (process.returncode, said) == ended[number]
    wait_until(lambda: not any(map(runs, known.values())), 10.0)


def begun(process: subprocess.Popen[str], known: dict[int, psutil.Process]) -> Iterator[psutil.Process]:
    """What a process has begun, each of which is kept, too."""
    assert process.poll() is None, process.communicate()[1]
    for child in psutil.Process(process.pid).children(recursive=True):
        known[child.pid] = child
        yield child


def computes(process: psutil.Process) -> bool:
    try:
        return process.cpu_times().user > BUSY
    except psutil.NoSuchProcess:
        return False


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(true: Callable[[], bool], patience: float) -> None:
    last = time.monotonic() + patience
    while not true():
        assert time.monotonic() < last
        time.sleep(0.1)
