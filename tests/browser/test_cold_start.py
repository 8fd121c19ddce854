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


def test_stories_are_shown_while_equations_are_compiled(visit: Visit, tmp_path: Path) -> None:
    said: list[str] = []
    nothing = str(tmp_path / "compiled")
    with running(COMMAND, tmp_path / "server", said, NUMBA_CACHE_DIR=nothing) as server:
        assert server.process is not None
        compiling = compilers(server.process.pid)
        for one in compiling:
            one.suspend()  # as if it took as long as on a slow computer
        visitor = visit(at=server)
        expect(visitor.part("reveal")).to_be_visible()
        with visitor.leaving():
            visitor.page.goto(f"{server.address}/?scenario=one-bad-week&language=nl")
        expect(visitor.part("reveal")).to_be_visible()
        visitor.drag("emotional_support", 0.9)
        expect(visitor.part("preparing")).to_contain_text("maakt zich klaar")
        assert any("equations are compiled" in line for line in said)
        visitor.page.close()
        server.process.terminate()
        server.process.wait(5)  # although a thread still waits for what was chosen
    for one in compiling:
        one.resume()
    gone_by = time.monotonic() + 5.0
    while any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in compiling):
        assert time.monotonic() < gone_by, "compiling goes on although nobody waits for it"
        time.sleep(0.1)


def compilers(server: int) -> list[psutil.Process]:
    """The two processes that compile for the server."""
    begun_by = time.monotonic() + 300.0
    while len(found := psutil.Process(server).children(recursive=True)) < 2:
        assert time.monotonic() < begun_by, "all is compiled in one process"
        time.sleep(0.1)
    return found
