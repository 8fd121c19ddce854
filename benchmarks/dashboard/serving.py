"""A server to measure."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

__all__ = ["Served", "running"]

ROOT = Path(__file__).parents[2]
COMMAND = """
import os
os.environ["SOLARA_APP"] = "sim.dashboard.page"
from solara.server.kernel_context import contexts
from starlette.responses import JSONResponse
from starlette.routing import Route
from sim.dashboard.web import routes, server

application = routes.application

def counting():
    made = application()
    made.router.routes.insert(0, Route("/sessions", lambda _request: JSONResponse(len(contexts))))
    return made

routes.application = counting
server.launch(0, browser=False)
"""
"""Starts the dashboard as its users do, and has it tell of how many visitors it holds something."""

ADDRESS = re.compile(r"http://[\d.]+:\d+")


class Served(NamedTuple):
    """A running dashboard: where it is, and its process."""

    address: str
    process: psutil.Process

    def memory(self) -> float:
        """Megabytes that the process takes."""
        return float(self.process.memory_info().rss) / 1e6

    def busy(self) -> float:
        """Seconds that it has computed."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def sessions(self) -> int:
        """Visitors that the server holds something of."""
        with urllib.request.urlopen(f"{self.address}/sessions", timeout=60) as answer:  # noqa: S310 - an http address
            return int(json.load(answer))

    def until_sessions(self, count: int, patience: float) -> float | None:
        """Seconds until it holds so few visitors; None if it goes on holding more."""
        start = time.monotonic()
        while self.sessions() > count:
            if time.monotonic() - start > patience:
                return None
            time.sleep(0.5)
        return time.monotonic() - start


@contextmanager
def running() -> Iterator[Served]:
    """Start a dashboard on a free port and stop it afterwards."""
    command = [sys.executable, "-c", COMMAND]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE) as process:
        try:
            for line in process.stdout or ():
                if found := ADDRESS.search(line):
                    yield Served(found[0], psutil.Process(process.pid))
                    return
            raise RuntimeError("the dashboard did not start")
        finally:
            process.terminate()
