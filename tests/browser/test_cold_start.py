"""A computer on which nothing was compiled: stories can be seen at once, and the page says what it waits for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
from browser.conftest import Visitor, running
from playwright.sync_api import expect

Visit = Callable[..., Visitor]

COMMAND = ["-m", "sim.cli", "app", "--port", "0", "--no-browser"]
COMPILED = "*.nbc"
"""Files of compiled code."""


def test_stories_are_shown_while_equations_are_compiled(visit: Visit, tmp_path: Path) -> None:
    said: list[str] = []
    kept = tmp_path / "compiled"
    with running(COMMAND, tmp_path / "server", said, NUMBA_CACHE_DIR=str(kept)) as server:
        visitor = visit(at=server)
        expect(visitor.part("reveal")).to_be_visible()
        with visitor.leaving():
            visitor.page.goto(f"{server.address}/?scenario=one-bad-week&language=nl")
        expect(visitor.part("reveal")).to_be_visible()
        assert not [path for path in kept.rglob(COMPILED) if path.name.startswith("years.years")], "too late to tell"
        assert server.process is not None
        (compiling,) = psutil.Process(server.process.pid).children()
        visitor.drag("emotional_support", 0.9)
        expect(visitor.part("preparing")).to_contain_text("maakt zich klaar")
        assert any("equations are compiled" in line for line in said)
        visitor.page.close()
        server.process.terminate()
        server.process.wait(5)  # although a thread still waits for what was chosen
    gone_by = time.monotonic() + 5.0
    while compiling.is_running() and compiling.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < gone_by, "compiling goes on although nobody waits for it"
        time.sleep(0.1)
