"""What can only be seen in a browser: how soon a picture is drawn, and how smoothly the year plays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from playwright.sync_api import sync_playwright

__all__ = ["frames", "opened", "slider_to_picture", "version"]

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
        page.locator("[data-test='now']").wait_for()
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
