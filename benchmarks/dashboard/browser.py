"""What only a browser shows: how soon a picture is drawn, how smoothly the year plays, how soon votes arrive."""

from __future__ import annotations

import http.client
import json
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

__all__ = ["answers_to_bars", "frames", "opened", "slider_to_picture", "version"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")

SLIDE = """value => new Promise(resolve => {
  const lines = () => [...document.querySelectorAll("main svg path")].map(line => line.getAttribute("d")).join()
  const slider = document.querySelector("[data-test='strain']"), before = lines(), start = performance.now()
  slider.value = value
  slider.dispatchEvent(new Event("input"))
  const look = () => lines() === before ? requestAnimationFrame(look)
    : requestAnimationFrame(() => resolve(performance.now() - start))
  look()
})"""
"""Moves a slider; gives the milliseconds until the lines are others and the browser has had a frame to draw them."""

COUNT = """seconds => new Promise(resolve => {
  const times = []
  const tick = now => {
    times.push(now)
    if (now - times[0] < 1000 * seconds) requestAnimationFrame(tick)
    else resolve(times)
  }
  requestAnimationFrame(tick)
})"""


COUNTED = """count => {
  const all = { subtree: true, childList: true, characterData: true }
  const total = () => document.querySelector("[data-test='vote-total']")?.innerText ?? ""
  window.counted = 0
  const look = () => { if (total().startsWith(`${count} `)) window.counted ||= Date.now() }
  new MutationObserver(look).observe(document.body, all)
}"""
"""Writes down when so many answers stand on the page."""


@contextmanager
def opened(address: str) -> Iterator[Any]:
    """Open the dashboard in Chromium without a screen; gives the page."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise RuntimeError(f"no browser: none of {', '.join(NAMES)} is in PATH")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB").new_page()
        page.set_default_timeout(120_000)
        page.goto(address)
        page.locator(".spiraal[aria-busy='false']").wait_for()
        yield page
        browser.close()


def version(page: Any) -> str:
    """Name and version of the browser."""
    return f"Chromium {page.context.browser.version} without a screen"


def slider_to_picture(page: Any, times: int) -> list[float]:
    """Seconds from a slider that is moved to the new picture, each time in another place."""
    page.keyboard.press("End")
    page.wait_for_function(
        "document.querySelectorAll('path.past').length && document.querySelector('path.past').getTotalLength() > 100"
    )
    page.wait_for_timeout(1000)
    return [page.evaluate(SLIDE, round(0.05 + 0.9 * i / times, 2)) / 1000 for i in range(times)]


def frames(page: Any, seconds: float) -> tuple[float, float]:
    """Frames a second while the year plays, and the longest time between two of them, in seconds."""
    page.keyboard.press("Home")
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="Pause", exact=True).wait_for()
    times = page.evaluate(COUNT, seconds)
    page.get_by_role("button", name="Pause", exact=True).click()
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return len(gaps) / (times[-1] - times[0]) * 1000, max(gaps) / 1000


def answers_to_bars(page: Any, phones: int) -> float:
    """Seconds from the first of many answers that phones send at once until the room sees them all.

    Raises
    ------
    RuntimeError
        If the server refuses an answer.
    """
    here = urlsplit(page.url)
    with page.expect_response(lambda answer: urlsplit(answer.url).path == "/room") as told:
        page.goto(f"{here.scheme}://{here.netloc}/?mode=present&scenario=irritated-teacher&step=vote")
    room = told.value.json()
    page.locator("[data-test='vote-total']").wait_for()
    page.evaluate(COUNTED, phones)
    together = threading.Barrier(phones)

    def answer(choice: str) -> tuple[int, float]:
        vote = {"voter": secrets.token_hex(16), "ballot": room["ballot"], "choice": choice}
        connection = http.client.HTTPConnection(here.hostname, here.port, timeout=60)
        together.wait()
        begun = time.time()
        connection.request("POST", f"/vote/{room['code']}", json.dumps(vote))
        return connection.getresponse().status, begun

    with ThreadPoolExecutor(phones) as pool:
        sent = list(pool.map(answer, [("more", "less", "same")[number % 3] for number in range(phones)]))
    if refused := {status for status, _begun in sent} - {204}:
        raise RuntimeError(f"answers were refused with status {', '.join(map(str, refused))}")
    page.wait_for_function("window.counted > 0")
    seen: float = page.evaluate("window.counted") / 1000
    return seen - min(begun for _status, begun in sent)
