"""A real server as a subprocess, and a real Chromium that watches what the page asks for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
# What is not there at once may still come: how long it takes says more about the machine than about the page.
playwright.expect.set_options(timeout=30_000)

ROOT = Path(__file__).parents[2]
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
ELSEWHERE = "school.example"
"""A name by which others would reach a server; it leads to this computer."""
ADDRESS = re.compile(r"http://[\d.]+:\d+")
PATIENCE = 300
"""Seconds for a server to start; the equations may have to be compiled first."""

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
)
WATCH = """
import os, sys

def watch(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if host not in (None, "", "127.0.0.1", "localhost", "::1", "0.0.0.0"):
        with open(os.environ["SPIRAAL_TEST_OUTWARD"], "a") as file:
            print(event, host, file=file)

sys.addaudithook(watch)
"""
"""Runs first in the server's process and writes down every connection that leaves this computer."""


@dataclass(frozen=True)
class Server:
    """A running dashboard: where it is, where it writes down connections that leave this computer, its process."""

    address: str
    outward: Path
    process: subprocess.Popen[str] | None = None


@contextmanager
def running(command: list[str], folder: Path, said: list[str] | None = None, **environment: str) -> Iterator[Server]:
    """Start a server that prints its address, and stop it afterwards; what it says is added to `said`."""
    said = [] if said is None else said
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    outward = folder / "outward.txt"
    variables = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("SOLARA_", "SPIRAAL_", "LC_"))},
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "PYTHONUNBUFFERED": "1",
        "SPIRAAL_TEST_OUTWARD": str(outward),
        "LANG": "C.UTF-8",
        **environment,
    }
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    too_late = threading.Timer(PATIENCE, process.kill)
    too_late.start()
    listener = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    try:
        for line in process.stdout:
            said.append(line)
            if found := ADDRESS.search(line):
                too_late.cancel()
                listener.start()  # so that its pipe never fills
                yield Server(found[0], outward, process)
                return
        pytest.fail("the server did not start:\n" + "".join(said))
    finally:
        too_late.cancel()
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        if listener.is_alive():
            listener.join(20)


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts a dashboard, with a scenario file if one is given; one server for each."""
    servers: dict[Path | None, Server] = {}
    with ExitStack() as stack:

        def start(scenario: Path | None = None) -> Server:
            if scenario not in servers:
                command = ["-m", "sim.cli", "app", "--port", "0", "--no-browser"]
                command += [] if scenario is None else ["--scenario", str(scenario)]
                servers[scenario] = stack.enter_context(running(command, tmp_path_factory.mktemp("server")))
            return servers[scenario]

        yield start


@pytest.fixture(scope="session")
def server(serve: Callable[..., Server]) -> Server:
    """The dashboard with the shipped scenarios."""
    return serve()


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard as others reach it, by a name of its own."""
    command = ["-m", "sim.cli", "app", "--port", "0", "--no-browser"]
    with running(command, tmp_path_factory.mktemp("elsewhere"), SPIRAAL_HOSTS=ELSEWHERE) as server:
        yield replace(server, address=f"http://{ELSEWHERE}:{urlsplit(server.address).port}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A Chromium of this computer."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(names)} is in PATH")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


def troubles(page: Any, *, seen: int = 10, impacts: Collection[str] = ("serious", "critical")) -> list[str]:
    """What axe finds on a page that shuts somebody out; it has looked at more than `seen` things."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    found = axe.Axe().run(page).response
    assert len(found["passes"]) > seen, "axe has looked at a page"
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:150]}; {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in impacts
        for node in violation["nodes"]
    ]


@dataclass
class Visitor:
    """One visitor with a browser profile of its own, and all that went wrong on the page."""

    page: Any
    trouble: list[str] = field(default_factory=list)
    hosts: frozenset[str] = frozenset(LOOPBACK)
    held_back: int = 0

    def watch(self) -> None:
        """Write down what must not happen."""
        self.page.on("request", self.requested)
        self.page.on("response", lambda r: r.status >= 400 and self.trouble.append(f"status {r.status}: {r.url}"))
        self.page.on("requestfailed", self.failed)
        self.page.on("console", lambda m: m.type == "error" and self.trouble.append(f"console: {m.text}"))
        self.page.on("pageerror", lambda e: self.trouble.append(f"error: {e}"))
        self.page.on("dialog", self.asked)

    def requested(self, request: Any) -> None:
        """Write down a request that leaves this computer."""
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in self.hosts:
            self.trouble.append(f"left this computer: {request.url}")

    def failed(self, request: Any) -> None:
        """Write down a request without an answer, unless the page itself gave it up, as it does when it is left."""
        if request.failure != "net::ERR_ABORTED":
            self.trouble.append(f"failed: {request.url}")

    def asked(self, dialog: Any) -> None:
        """Write down a dialog, which only a script that got in would open; the browser itself asks before it leaves."""
        if dialog.type == "beforeunload":
            self.held_back += 1
            dialog.accept()
            return
        self.trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def arrive(self) -> None:
        """Wait until the dashboard is on the page."""
        self.page.locator(".spiraal[aria-busy='false']").wait_for()

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Leave the page. What it had still to say is no trouble: its connection closes before it goes."""
        before = len(self.trouble)
        yield
        self.trouble[before:] = [trouble for trouble in self.trouble[before:] if trouble != "error: Cannot send"]

    def reload(self) -> None:
        """Load the page once more."""
        self.arrive()
        with self.leaving():
            self.page.reload()
        self.arrive()

    def part(self, name: str) -> Any:
        """The part of the page that tests know as `name`."""
        return self.page.locator(f"[data-test='{name}']")

    def figures(self) -> dict[str, str]:
        """The key figures as they stand on the page."""
        cells = self.page.locator(".figures td")
        return {cell.get_attribute("data-test"): cell.inner_text() for cell in cells.all()}

    def drag(self, slider: str, value: float) -> None:
        """Move a slider."""
        self.part(slider).fill(str(value))

    def uncover(self) -> None:
        """Show the whole year, and stay in the week that is shown."""
        at_the_start = self.part("now").inner_text().startswith("week 0 ")
        self.part("uncover").click()
        if at_the_start:
            self.page.keyboard.press("Home")


@pytest.fixture
def visit(chromium: Any, server: Server) -> Iterator[Callable[..., Visitor]]:
    """Opens the dashboard for a new visitor; after the test, nothing may have gone wrong on any page.

    Views that tell how a story ends are uncovered as soon as they are in the way, unless `covered` is asked for.
    """
    visitors: list[Visitor] = []
    with ExitStack() as stack:

        def open_page(
            query: str = "",
            at: Server = server,
            hosts: frozenset[str] = frozenset(),
            *,
            covered: bool = False,
            **options: Any,
        ) -> Visitor:
            options = {"viewport": {"width": 1366, "height": 768}, "locale": "en-GB", **options}
            context = stack.enter_context(chromium.new_context(**options))
            visitor = Visitor(context.new_page(), hosts=frozenset(LOOPBACK) | hosts)
            visitor.page.set_default_timeout(30_000)
            visitor.watch()
            visitors.append(visitor)
            if not covered:
                cover = visitor.part("uncover")
                visitor.page.add_locator_handler(cover, lambda _found: visitor.uncover())
            visitor.page.goto(f"{at.address}/{query}")
            visitor.arrive()
            return visitor

        yield open_page
    for visitor in visitors:
        assert visitor.trouble == []
