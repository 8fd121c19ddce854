"""The site of the documentation: it is whole, its links hold, and nothing in it comes from elsewhere."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "docs" / "site"
FETCHED = {
    **dict.fromkeys(
        ("audio", "embed", "iframe", "img", "input", "script", "source", "track", "video"), ("src", "srcset")
    ),
    "link": ("href",),
    "object": ("data",),
}
"""What a browser fetches by itself, by element."""
IN_STYLES = re.compile(r"""(?:url\(|@import)\s*["']?([^"')\s;]+)""")
IN_SCRIPTS = re.compile(
    r"""\b(?:fetch|import|importScripts|\w+Source|\w+Socket|Worker)\(\s*["'`]((?:\w+:)?//[^"'`]*)"""
)
"""Scripts that fetch something by its whole address."""


class Page(HTMLParser):
    """What one page fetches, where it leads, and the places in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.language = ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.fetched += [given[name] for name in FETCHED.get(tag, ()) if name in given]
        self.fetched += IN_STYLES.findall(given.get("style", ""))
        self.links += [given["href"]] if tag == "a" and "href" in given else []
        self.places |= {given[name] for name in ("id", "name") if name in given}
        self.language = given.get("lang", self.language) if tag == "html" else self.language


def is_elsewhere(address: str) -> bool:
    return bool(urlsplit(address).netloc) or urlsplit(address).scheme not in {"", "data"}


def pages_of_navigation() -> list[str]:
    text = (SITE / "navigation.md").read_text("utf-8")
    listed = [line for line in text.splitlines() if line and not line.startswith(("`", ":"))]
    return [re.sub(r"^.*<(.*)>$", r"\1", line).replace("self", "README") for line in listed]


def test_every_page_is_in_the_navigation_once() -> None:
    patterns = runpy.run_path(str(SITE / "conf.py"))["include_patterns"]
    written = {path.relative_to(ROOT).with_suffix("").as_posix() for glob in patterns for path in ROOT.glob(glob)}
    assert Counter(pages_of_navigation()) == Counter(written)


def test_dutch_pages_are_those_that_are_listed_as_dutch() -> None:
    text = (SITE / "navigation.md").read_text("utf-8")
    dutch = re.findall(r"^docs/.*", text.partition(":caption: Nederlands")[2], re.MULTILINE)
    assert tuple(dutch) == runpy.run_path(str(SITE / "conf.py"))["DUTCH"]


def test_what_comes_from_elsewhere_and_what_leads_nowhere_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        '<html lang="nl"><script src="//cdn.example/a.js"></script><img src="data:image/png;base64,AAAA"><p id="here">'
        '<p style="background: url(https://b.example/c.png)"><a href="#here">1</a><a href="#there">2</a></html>'
    )
    page = Page(path)
    assert [one for one in page.fetched if is_elsewhere(one)] == ["//cdn.example/a.js", "https://b.example/c.png"]
    assert broken({path: page}) == [("page.html", "#there")]
    assert page.language == "nl"
    assert is_elsewhere(IN_SCRIPTS.findall("x = fetch('https://d.example/')")[0])


def test_the_site_is_whole_and_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    """Built without executing the tutorials, which is tested by itself."""
    site = tmp_path / "site"
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-D", "nb_execution_mode=off", "-c", SITE]
    done = subprocess.run(
        [*command, "-d", tmp_path / "read", ROOT, site], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    pages = {path: Page(path) for path in site.rglob("*.html")}
    assert {(site / f"{name}.html") for name in pages_of_navigation()} <= pages.keys()
    assert [(path.name, one) for path, page in pages.items() for one in page.fetched if is_elsewhere(one)] == []
    for kind, fetches in (("css", IN_STYLES), ("js", IN_SCRIPTS)):
        files = list(site.rglob(f"*.{kind}"))
        assert files
        fetched = [(file.name, one) for file in files for one in fetches.findall(file.read_text("utf-8"))]
        assert [(name, one) for name, one in fetched if is_elsewhere(one)] == []
    assert broken(pages) == []
    assert pages[site / "docs" / "start-nl.html"].language == "nl"
    assert pages[site / "README.html"].language == "en"
    reference = (site / "docs" / "reference" / "running.html").read_text("utf-8")
    assert 'id="sim.run.twins"' in reference
    assert 'id="sim.scenario.Scenario"' in reference


def broken(pages: dict[Path, Page]) -> list[tuple[str, str]]:
    """Links within the site that lead to no file, or to no place in it."""
    found = []
    for path, page in pages.items():
        for link in (*page.links, *page.fetched):
            if is_elsewhere(link) or link.startswith("data:"):
                continue
            parts = urlsplit(link)
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = goal in pages and parts.fragment
            if not goal.exists() or (there and unquote(parts.fragment) not in pages[goal].places):
                found.append((path.name, link))
    return found
