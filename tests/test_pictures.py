"""Pictures of the documentation show what the code does now; those of studies show what was found."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from sim.dashboard.words import words
from sim.interventions import BankingTime, register
from sim.studies import load_study
from sim.studies.report import PROJECT, design_in_words, heading
from sim.studies.report_plots import verdict_in_words
from sim.studies.verdict import Verdict

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
FACTS = json.loads(PROJECT.facts.read_text("utf-8"))["studies"]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script that draws them."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import write_pictures

    return write_pictures


# --- Those that a script draws -----------------------------------------------------------------------


def test_no_picture_is_stale(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["--check"]) == 0, capsys.readouterr().out


def test_a_stale_picture_is_named_and_drawn_anew(
    script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = {"conflict": [4.1, 4.3]}

    def draw(path: Path) -> str:
        path.write_text(str(shown), encoding="utf-8")
        return "what it says"

    monkeypatch.setattr(script, "IMAGES", tmp_path)
    monkeypatch.setattr(script, "RECORD", tmp_path / "made-from.json")
    monkeypatch.setattr(script, "PICTURES", {"one.png": script.Picture(lambda: shown, draw)})
    assert script.main(["--check"]) == 1
    assert "one.png is stale" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())
    assert script.main([]) == script.main(["--check"]) == 0
    assert script.recorded()["one.png"]["says"] == script.hashed("what it says")
    shown["conflict"][1] = 3.2
    assert script.main(["--check"]) == 1
    assert script.main([]) == script.main(["--check"]) == 0
    (tmp_path / "one.png").write_text("another picture", encoding="utf-8")
    assert script.main(["--check"]) == 1


def test_without_a_browser_the_old_picture_stays(
    script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def draw(_path: Path) -> str:
        raise script.NotDrawnError("no browser")

    monkeypatch.setattr(script, "IMAGES", tmp_path)
    monkeypatch.setattr(script, "RECORD", tmp_path / "made-from.json")
    monkeypatch.setattr(script, "PICTURES", {"page.png": script.Picture(dict, draw)})
    assert script.main([]) == 1
    assert "page.png is left as it is: no browser" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_seen_does_not_count_and_what_can_does(script: Any) -> None:
    source = (
        "<!-- a --><template><p>1</p></template>\n<script>\nlet a\n</script>\n<style>p { color: red; } /* b */</style>"
    )
    looks = script.looks(source)
    assert script.looks(source.replace("let a", "let b").replace("<!-- a -->", "").replace("/* b */", "\n")) == looks
    assert script.looks(source.replace("red", "blue")) != looks
    assert script.looks(source.replace("<p>1", "<p>2")) != looks
    assert script.rounded([-0.0, 1.00001, -1e-9]) == ["0.000", "1.000", "0.000"]
    names = dict(script.shown_parts())
    assert {"dashboard", "story-view", "class-map", "trajectories"} <= set(names)
    assert not {"explore-view", "phase-plane", *script.HIDDEN} & set(names)


def test_an_intervention_of_a_plug_in_is_in_the_texts_and_not_in_the_picture(script: Any) -> None:
    shown = script.texts_of(["text.interventions"])

    class Mine(BankingTime):
        name, title = "mine", "Mine"

    register(Mine)
    assert json.loads(words("en"))["interventions"]["mine"]["title"] == "Mine"
    assert script.texts_of(["text.interventions"]) == shown


def test_a_figure_is_told_from_one_with_other_numbers(script: Any) -> None:
    from matplotlib.figure import Figure

    def figure(value: float, title: str = "Martijn") -> Figure:
        drawn = Figure()
        axes = drawn.add_subplot()
        axes.plot([0.0, 1.0], [0.0, value])
        axes.set_title(title)
        axes.set_xlim(0.0, 1.0)
        return drawn

    same = script.hashed(script.drawn(figure(0.5)))
    assert script.hashed(script.drawn(figure(0.5 + 1e-9))) == same
    assert script.hashed(script.drawn(figure(0.51))) != same


# --- All of them -------------------------------------------------------------------------------------


def test_every_picture_is_in_a_page_and_has_its_source(script: Any) -> None:
    files = {path for path in (DOCS / "images").rglob("*") if path.is_file()} - {script.RECORD}
    shown = {(page.parent / link).resolve() for page in PAGES for link in IMAGE.findall(page.read_text("utf-8"))}
    assert files == shown
    assert {path.name for path in (DOCS / "images").glob("*.png")} == set(script.PICTURES) == set(script.recorded())


# --- Those of studies --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FACTS)
def test_the_facts_are_about_the_study_as_it_is(name: str) -> None:
    study, told = load_study(name), FACTS[name]
    assert (told["id"], told["title"], told["source"]) == (study.id, study.title, study.source)
    assert (told["pattern"], told["notes"], told["design"]) == (study.pattern, study.notes, design_in_words(study))
    assert [Verdict.from_json(claim).claim for claim in told["claims"]] == list(study.claims)


SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


def squeezed(text: str) -> str:
    return " ".join(text.split())


def places(axes: ET.Element) -> tuple[float, list[float]]:
    """Where zero, both ends of the interval and the large sample are in a row, in points from the left."""
    zero, ends, dot = None, [], None
    for element in axes.iter():
        style = element.get("style", "")
        if element.tag == f"{SVG}path" and "stroke: #8c8c8c; stroke-width: 0.9" in style:
            zero = float(element.get("d", "").split()[1])
        elif element.tag == f"{SVG}path" and "stroke: #0069a4; stroke-width: 2.6" in style:
            ends = [float(part.split()[0]) for part in re.split("[ML]", element.get("d", "")) if part.strip()]
        elif element.tag == f"{SVG}use" and style == "fill: #0069a4; stroke: #0069a4":
            dot = float(element.get("x", "nan"))
    assert zero is not None
    assert dot is not None
    return zero, [*ends, dot]


@pytest.mark.parametrize("name", FACTS)
def test_the_figure_of_a_study_shows_the_facts(name: str) -> None:
    root = ET.fromstring((PROJECT.images / f"{name}.svg").read_text("utf-8"))
    said = squeezed(" ".join(text for element in root.iter(f"{SVG}text") for text in element.itertext()))
    facts = FACTS[name]
    verdicts = [Verdict.from_json(claim) for claim in facts["claims"]]
    rows = [group for group in root.iter(f"{SVG}g") if group.get("id", "").startswith("axes_")]
    assert heading(load_study(name)) in said
    assert f"{facts['repeated']} simulated studies of {facts['sizes']['children']:,} children" in said
    for verdict, row in zip(verdicts, rows, strict=True):
        words = squeezed(" ".join(row.itertext()))
        says = textwrap.fill(verdict.claim.says, 38, max_lines=2, placeholder=" …", break_on_hyphens=False)
        assert squeezed(says) in words
        for good, what in verdict_in_words(verdict):
            assert f"{'✓' if good else '✗'} {what}" in words
        zero, x = places(row)
        values = np.array([verdict.low, verdict.high, verdict.expected])
        scale = float((np.array(x) - zero) @ values / (values @ values))
        assert scale > 0.0
        assert np.abs(np.array(x) - zero - scale * values).max() < 1.0
