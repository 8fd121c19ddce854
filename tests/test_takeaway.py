"""The file that is taken along: what is in it, what a browser lets it do, and whose names it holds."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree

from sim.cli import main
from sim.dashboard import takeaway
from sim.dashboard.answers.parcel import answer
from sim.dashboard.choices import OF_STORY, OWN, Choices, pair_of, scenarios
from sim.dashboard.components import PARTS
from sim.dashboard.desk import Question, Refused
from sim.dashboard.picture import Shelf
from sim.dashboard.stories import stories
from sim.files.answers import Nomination
from sim.files.classlist import ChildRow, ClassList

pytest.importorskip("ipyvue", reason="the dashboard is not installed: pip install spiraal[app]")

HOSTILE = "</script><script>alert(1)</script>"
NAMES = (HOSTILE, '"><img src=x onerror=alert(2)>', "Zoëtje", "Jan-Piet", "Korneel")
ROSTER = ClassList(
    tuple(ChildRow(name=name, aggression=1.5 + i / 2) for i, name in enumerate(NAMES)),
    (Nomination("Zoëtje", "Korneel"), Nomination("Jan-Piet", HOSTILE, "dislike")),
    ((HOSTILE, "like"),),
)
CHOICES = Choices(scenario=OWN, interventions=(("banking-time", 3),), language="nl", week=12.0, view="twins")


class Written(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and what stands in scripts."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "script" and self.cdata_elem == "script":
            self.scripts[-1] += data

    @property
    def recording(self) -> dict[str, Any]:
        """What is packed in it."""
        found: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(self.scripts[0])))
        return found


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf(years=8, pictures=8)


@pytest.fixture(scope="module")
def named(shelf: Shelf) -> bytes:
    """A class of one's own, with its names."""
    return takeaway.page(CHOICES, shelf, ROSTER, names=True)


@pytest.fixture(scope="module")
def numbered(shelf: Shelf) -> bytes:
    """The same without them."""
    return takeaway.page(CHOICES, shelf, ROSTER)


def test_a_page_holds_its_scripts_and_no_other(named: bytes) -> None:
    page = Written(named)
    assert [attributes for tag, attributes in page.elements if tag == "script"] == [
        {"type": "text/plain", "id": "recording"}, {}, {},
    ]  # fmt: skip
    assert page.recording["pairs"][0]["picture"]["names"] == list(NAMES)
    assert b"alert(1)" not in named
    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    assert allowed["default-src"] == "'none'"
    assert not re.search(r"https?:|\*|'self'", policy)
    hashes = re.findall(r"'sha256-([^']+)'", allowed["script-src"])
    assert hashes == [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in page.scripts[1:]]
    assert "unsafe-inline" not in allowed["script-src"]


def test_a_page_refers_to_nothing_elsewhere(named: bytes) -> None:
    page = Written(named)
    assert not [a for _tag, a in page.elements if {"src", "href", "srcset", "data", "action"} & a.keys()]
    style = re.search(r"<style>(.*?)</style>", named.decode(), re.DOTALL)
    assert style is not None
    assert not re.search(r"url\(|@import", style[1])
    assert len(named) < takeaway.LARGEST == 3_000_000


def test_its_title_is_text() -> None:
    page = Written(takeaway.document({}, HOSTILE, "en"))
    assert [tag for tag, _ in page.elements].count("script") == 3


def test_names_stay_at_home_unless_they_are_wanted(named: bytes, numbered: bytes) -> None:
    there, here = (json.dumps(Written(page).recording["pairs"], ensure_ascii=False) for page in (named, numbered))
    for name in ("Zoëtje", "Jan-Piet", "Korneel", "alert(1)", "onerror"):
        assert name in there
        assert name not in here
    for number, name in enumerate(NAMES, 1):
        there = there.replace(json.dumps(name, ensure_ascii=False)[1:-1], f"Kind {number}")
    digest = re.compile(r'"about": "[0-9a-f]{16}"')  # of the classes, by name
    assert digest.sub("", there) == digest.sub("", here)


def test_it_opens_with_what_is_there(named: bytes) -> None:
    recording = Written(named).recording
    assert recording["start"]["view"] == "story"  # twins need many classes
    assert recording["start"]["week"] == 12.0
    views = [view["name"] for view in recording["offers"]["views"]]
    assert views == list(takeaway.VIEWS)
    assert [one["choices"] for one in recording["pairs"]] == [{"interventions": [["banking-time", 3]]}]
    assert "token" not in json.dumps(recording["start"])


def test_all_that_a_story_says_to_try_is_in_it() -> None:
    for name in stories():
        as_it_was, *trials = takeaway.guided(Choices(scenario=name), trials=True)
        assert takeaway.of_story(as_it_was) == {}
        assert len(trials) == len(stories()[name].trials)
        for trial, told in zip(trials, stories()[name].trials, strict=True):
            wanted, wrong = Choices.from_link(f"scenario={name}&{told.set}", "en")
            assert wrong == ()
            assert all(getattr(trial, key) == getattr(wanted, key) for key in OF_STORY)


def test_a_package_says_what_a_platform_has_to_open(named: bytes) -> None:
    packed = takeaway.package(named, CHOICES)
    assert packed == takeaway.package(named, CHOICES)
    with zipfile.ZipFile(io.BytesIO(packed)) as folder:
        assert folder.namelist()[0] == "imsmanifest.xml"
        files = {name: folder.read(name) for name in folder.namelist()}
    root = ElementTree.fromstring(files.pop("imsmanifest.xml"))
    spaces = {"ims": "http://www.imsproject.org/xsd/imscp_rootv1p1p2"}
    assert root.findtext("ims:metadata/ims:schemaversion", namespaces=spaces) == "1.2"
    organization = root.find("ims:organizations/ims:organization", spaces)
    assert root.find("ims:organizations", spaces).get("default") == organization.get("identifier")
    item, resource = organization.find("ims:item", spaces), root.find("ims:resources/ims:resource", spaces)
    assert item.get("identifierref") == resource.get("identifier")
    assert item.findtext("ims:title", namespaces=spaces) == "Je eigen klas · Spiraal"
    assert resource.get("{http://www.adlnet.org/xsd/adlcp_rootv1p2}scormtype") == "sco"
    assert {resource.get("href")} == {file.get("href") for file in resource} == set(files)
    assert files["index.html"] == named


@pytest.mark.parametrize("wanted", [{}, {"names": "yes"}, {"names": True}])
def test_a_visitor_gets_names_who_says_so(shelf: Shelf, named: bytes, numbered: bytes, wanted: dict[str, Any]) -> None:
    details = {"what": "page", **wanted}
    question = Question(pair_of(CHOICES, ROSTER), CHOICES, 3, shelf, details, lambda _roster: None)
    *steps, item = answer(question)
    assert len(steps) > len(NAMES)  # so that others get their turn
    assert (item["name"], item["type"]) == ("spiraal-own-class-nl.html", "text/html")
    assert base64.b64decode(item["content"]) == (named if wanted == {"names": True} else numbered)


def test_a_class_that_is_too_large_is_refused(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeaway, "LARGEST", 500_000)
    question = Question(pair_of(CHOICES, ROSTER), CHOICES, 1, shelf, {"what": "page"}, lambda _roster: None)
    with pytest.raises(Refused, match="too large"):
        list(answer(question))


@pytest.mark.parametrize("code", ["'</script>'", "'</SCRIPT '", "'<!-- <script>'"])
def test_no_script_ends_its_element(code: str) -> None:
    safe = takeaway.harmless(code)
    assert not re.search("</script|<!--|<script", safe, re.IGNORECASE)
    assert safe.replace(r"\x3c", "<") == code


def test_every_component_can_be_taken_apart() -> None:
    for component in PARTS.values():
        part = takeaway.taken_apart(component)
        assert part["template"].strip()
        assert part["script"].count("export default") == 1


def test_a_scenario_of_ones_own_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPIRAAL_SCENARIO", "")
    (tmp_path / "klas.csv").write_text("naam\nKorneel\nZoëtje\nAn\nBo\n", encoding="utf-8")
    (tmp_path / "mine.toml").write_text(
        'title = "Mine"\nweeks = 4\n[years]\ncount = 2\nteacher = "same"\n[class]\nlist = "klas.csv"\n'
        '[[interventions]]\nname = "banking-time"\ntarget = ["Zoëtje"]\n',
        encoding="utf-8",
    )
    target = tmp_path / "mine.zip"

    def take(*more: str) -> int:
        with pytest.raises(SystemExit) as end:
            main(["take", str(tmp_path / "mine.toml"), "--scorm", "--out", str(target), *more])
        return int(end.value.code or 0)

    try:
        assert take() == 0
        assert "any browser opens it" in capsys.readouterr().out.replace("\n", " ")
        with zipfile.ZipFile(target) as folder:
            recording = Written(folder.read("index.html")).recording
        assert recording["pairs"][0]["picture"]["names"] == [f"Child {number}" for number in (1, 2, 3, 4)]
        assert recording["pairs"][0]["picture"]["courses"][0]["children"] == [1]
        assert "years" in [view["name"] for view in recording["offers"]["views"]]
        assert recording["beside"]["years"]["years"] == recording["in_force"]["years"] == 2
        before = target.read_bytes()
        assert take() == 2
        assert "--replace" in capsys.readouterr().err
        assert target.read_bytes() == before
        assert take("--replace", "--names") == 0
        assert "whoever gets the file" in capsys.readouterr().out.replace("\n", " ")
        with zipfile.ZipFile(target) as folder:
            assert "Korneel" in json.dumps(Written(folder.read("index.html")).recording)
    finally:
        os.environ["SPIRAAL_SCENARIO"] = ""
        scenarios.cache_clear()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["irritated-teacher", "--link", "?v=1"], "leave out the scenario"),
        (["--link", "http://x/?v=1&seed=-4"], "seed"),
        (["--link", "?v=1&scenario=own"], "a class of your own"),
        (["no-such"], "no-such"),
    ],
)
def test_what_a_user_can_do_wrong(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["take", *arguments, "--out", str(tmp_path / "x.html")])
    assert end.value.code == 2
    assert said in capsys.readouterr().err.replace("\n", " ")
    assert not any(tmp_path.iterdir())
