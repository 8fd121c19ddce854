"""Another process that works beside one, and ends with it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil

from sim import beside

SLEEPER = """
import time
from sim.beside import begin
print(begin(time.sleep, 600.0).pid, flush=True)
time.sleep(600.0)
"""


def test_it_does_what_it_was_told(tmp_path: Path) -> None:
    assert beside.begin(Path.touch, tmp_path / "done").wait(60.0) == 0
    assert (tmp_path / "done").exists()


def test_what_it_prints_can_be_read() -> None:
    helper = beside.begin(print, "ready")
    assert helper.stdout is not None
    assert helper.stdout.read().strip() == b"ready"
    assert helper.wait(60.0) == 0


def test_it_ends_with_the_process_that_began_it_however_that_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        helper = psutil.Process(int(parent.stdout.readline()))
        assert helper.is_running()
        parent.kill()
    gone_by = time.monotonic() + 30.0
    while helper.is_running() and helper.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < gone_by
        time.sleep(0.05)
