"""A lesson with real browsers and somebody who means harm: what is lost, and how long everybody else waits.

Students open stories, move sliders, look at views and play years: some in Chromium, the others without a screen. The
server has the same to do for either, but a computer that also draws the pages of four students has no time left for
it. One more visitor floods it meanwhile: with connections that ask nothing, choices without pause, messages that are
too long, and requests for files that are none of its business::

    python benchmarks/dashboard/soak.py                # thirty students, one of them in a browser, ten minutes
    python benchmarks/dashboard/soak.py --students 5 --browsers 2 --minutes 1
    python benchmarks/dashboard/soak.py --write                  # and put the table into docs/reliability.md

A choice is lost when its answer is not there after `LOST` seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import os
import platform
import random
import re
import shutil
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from browser import FLAGS, NAMES
from playwright.async_api import Error, async_playwright
from serving import Served, running
from visitor import Visitor

from sim.files.language import number

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BLOCK = re.compile(r"(?P<begin><!-- generated: soak -->\n).*?(?P<end><!-- end -->)", re.DOTALL)
STORIES = ("irritated-teacher", "one-bad-week", "social-architect", "ordinary-class")
VIEWS = ("story", "map", "trajectories", "grid", "circle", "data")
SLIDERS = ("emotional_support", "reflective_functioning", "strain")
THINKING = (4.0, 12.0)
"""Seconds between two things that a student does, at least and at most."""
ARRIVING = 0.1
"""Share of the lesson in which students come in."""
LOST = 30.0
TOLERATED = 1.0
"""Seconds that nineteen of twenty choices may take."""
SILENT = 200
"""Connections that ask nothing, which the hostile visitor keeps open."""
OUTSIDE = ("/../../etc/passwd", "/_solara/cdn/../../../etc/hostname", "/static/%2e%2e/%2e%2e/etc/passwd", "/x" * 2000)

CHOOSE = """([slider, value, most]) => new Promise(resolve => {
  const input = document.querySelector(`[data-test='${slider}']`), page = document.querySelector(".spiraal")
  const start = performance.now()
  input.value = value
  input.dispatchEvent(new Event("input"))
  input.dispatchEvent(new Event("change"))
  let busy = false
  const look = () => {
    const now = performance.now() - start
    busy = busy || page.getAttribute("aria-busy") === "true"
    if (busy && page.getAttribute("aria-busy") === "false") resolve(now)
    else if (now > most) resolve(busy ? -1 : 0)
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})"""
"""Moves a slider; gives the milliseconds until the page has the answer, −1 where it never came."""


@dataclass
class Told:
    """What happened: seconds of each choice, how many were lost, what went wrong on pages, megabytes by minute.

    `drawn` are waits for what is on a page, `sent` for what came without one.
    """

    drawn: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    lost: int = 0
    trouble: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    attacks: Counter[str] = field(default_factory=Counter)


async def student(browser: Any, address: str, number_: int, end: float, told: Told) -> None:
    """One student with a browser of its own, until the lesson ends."""
    luck = random.Random(number_)
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale=luck.choice(["en-GB", "nl-BE"]))
    page = await context.new_page()
    page.set_default_timeout(1000 * LOST)
    page.on("pageerror", lambda error: told.trouble.update([f"error: {error}"]))
    await asyncio.sleep(luck.uniform(0.0, ARRIVING * (end - time.monotonic())))
    await page.goto(f"{address}/?scenario={luck.choice(STORIES)}", timeout=0)
    await page.locator(".spiraal[aria-busy='false']").wait_for(timeout=0)
    while time.monotonic() < end:
        await asyncio.sleep(luck.uniform(*THINKING))
        kind = luck.random()
        if kind < 0.7:
            await choose(page, luck, told)
        elif kind < 0.9:
            await page.locator(f"[data-test='view-{luck.choice(VIEWS)}']").click()
            await page.locator("[data-test='view-story']").click()
        else:
            await page.keyboard.press("Space")
    await context.close()


async def choose(page: Any, luck: random.Random, told: Told) -> None:
    """Move a slider, and see how long the answer takes."""
    wanted = [luck.choice(SLIDERS), round(luck.random(), 2), 1000 * LOST]
    took = await page.evaluate(CHOOSE, wanted)
    if took < 0:
        told.lost += 1
    elif took > 0:
        told.drawn.append(took / 1000)


def without_screen(address: str, number_: int, end: float, told: Told) -> None:
    """One student of whom only what goes to the server and back is there."""
    luck = random.Random(number_)
    time.sleep(luck.uniform(0.0, ARRIVING * (end - time.monotonic())))
    with Visitor(address, f"?scenario={luck.choice(STORIES)}") as visitor:
        while time.monotonic() < end:
            time.sleep(luck.uniform(*THINKING))
            try:
                waited = visitor.choose(**{luck.choice(SLIDERS): round(luck.random(), 2)})
            except (OSError, RuntimeError) as error:
                told.lost += 1
                told.trouble[f"without a screen: {type(error).__name__}: {error}"] += 1
                return
            if waited > LOST:
                told.lost += 1
            else:
                told.sent.append(waited)


def silent(address: str, end: float, told: Told) -> None:
    """Open connections that ask nothing, and open new ones when they are closed."""
    place, held = urlsplit(address), []
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            one = socket.create_connection((place.hostname, place.port), timeout=5)
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow:")
            held.append(one)
            told.attacks["connections that ask nothing"] += 1
        if len(held) > SILENT:
            held.pop(0).close()
        time.sleep(0.05)


def flood(address: str, end: float, told: Told) -> None:
    """Choose without waiting for answers, and now and then send a message that is too long."""
    luck = random.Random(0)
    while time.monotonic() < end:
        with contextlib.suppress(Exception), Visitor(address) as visitor:
            while time.monotonic() < end:
                visitor.asked += 1
                change = {"strain": round(luck.random(), 3), "request": visitor.asked}
                visitor.event("event_choice", {**visitor.settings["chosen"], **change})
                told.attacks["choices without pause"] += 1
                if luck.random() < 0.002:
                    told.attacks["messages that are too long"] += 1
                    visitor.event("event_choice", {"text": "x" * 3_000_000})
                time.sleep(0.02)
        time.sleep(0.5)


def snoop(address: str, end: float, told: Told) -> None:
    """Ask for files that are none of a visitor's business."""
    place = urlsplit(address).netloc
    while time.monotonic() < end:
        for path in OUTSIDE:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection(place, timeout=10)
                connection.putrequest("GET", path, skip_host=False, skip_accept_encoding=True)
                connection.endheaders()
                if connection.getresponse().status == http.client.OK:
                    told.trouble["a file was given out"] += 1
                connection.close()
                told.attacks["files asked for"] += 1
        time.sleep(0.2)


async def lesson(served: Served, students: int, browsers: int, minutes: float) -> Told:
    """The lesson."""
    told, end = Told(), time.monotonic() + 60.0 * minutes
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise SystemExit(f"no browser: none of {', '.join(NAMES)} is in PATH")
    for attack in (silent, flood, snoop):
        threading.Thread(target=attack, args=(served.address, end, told), daemon=True).start()
    others = [
        threading.Thread(target=without_screen, args=(served.address, one, end, told), daemon=True)
        for one in range(browsers, students)
    ]
    for other in others:
        other.start()
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=list(FLAGS))
        done = [asyncio.create_task(student(browser, served.address, one, end, told)) for one in range(browsers)]
        while time.monotonic() < end:
            told.memory.append(served.memory())
            await asyncio.sleep(5.0)
        for result in await asyncio.gather(*done, return_exceptions=True):
            if isinstance(result, Error):
                told.trouble[f"a page gave up: {str(result).splitlines()[0]}"] += 1
            elif isinstance(result, BaseException):
                raise result
        await browser.close()
    for other in others:
        other.join(LOST)
    return told


def rows(told: Told, given: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """What was measured, and what was aimed at."""
    yield f"students, for {given.minutes:g} minutes", str(given.students), ""
    yield "of whom in browsers on this computer", str(given.browsers), ""
    for what, count in sorted(told.attacks.items()):
        yield f"hostile: {what}", number(count, 0), ""
    yield "choices of students", number(len(told.sent) + len(told.drawn) + told.lost, 0), ""
    yield "of which lost", str(told.lost), "0"
    for what, waits in (("answered", sorted(told.sent)), ("drawn in a browser", sorted(told.drawn))):
        if waits:
            yield f"until a choice is {what}, median", f"{number(statistics.median(waits), 2)} s", ""
            within = f"{number(waits[int(0.95 * len(waits))], 2)} s"
            yield f"until a choice is {what}, 19 of 20", within, f"≤ {TOLERATED:g} s"
            yield f"until a choice is {what}, longest", f"{number(waits[-1], 2)} s", ""
    yield "pages on which something went wrong", str(sum(told.trouble.values())), "0"
    yield "memory of the server at its highest", f"{number(max(told.memory), 0)} MB", "≤ 500 MB"


def main() -> None:
    """Hold the lesson, print the table, and put it into the page where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--browsers", type=int, default=1, help="how many of them in Chromium")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    given = parser.parse_args()
    before = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    with running() as served:
        told = asyncio.run(lesson(served, given.students, min(given.browsers, given.students), given.minutes))
    lines = ["| what | measured | aimed at |", "| --- | ---: | ---: |"]
    lines += [f"| {what} | {value} | {aim} |" for what, value, aim in rows(told, given)]
    machine = f"{os.cpu_count()} cores of {platform.machine()}, of which {number(before, 1)} in use before"
    table = f"Server, browsers and attacker on one computer: {machine}.\n\n" + "\n".join(lines) + "\n"
    print(table)
    for trouble, count in told.trouble.most_common():
        print(f"{count} × {trouble}")
    if given.write:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(BLOCK.sub(lambda match: match["begin"] + table + match["end"], text), encoding="utf-8")


if __name__ == "__main__":
    main()
