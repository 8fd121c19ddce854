"""What goes to journals and to other ways of installing says what the project says."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from typer.testing import CliRunner

from sim.cli.commands import app

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAPER = (ROOT / "paper" / "paper.md").read_text("utf-8")
HEAD, BODY = PAPER.removeprefix("---\n").split("---\n", 1)
SECTIONS = ("Summary", "Statement of need", "State of the field", "Software design", "References")
"""What the journal asks for, in its order; others may stand between."""


def test_the_paper_cites_what_is_in_its_list_and_lists_what_it_cites() -> None:
    entries = re.findall(r"^@\w+\{(\w+),", (ROOT / "paper" / "paper.bib").read_text("utf-8"), re.MULTILINE)
    assert len(entries) == len(set(entries))
    assert set(re.findall(r"@(\w+)", BODY)) == set(entries)


def test_the_paper_has_the_parts_that_the_journal_asks_for() -> None:
    headings = re.findall(r"^# (.+)$", BODY, re.MULTILINE)
    assert [one for one in headings if one in SECTIONS] == list(SECTIONS)
    cited = (ROOT / "CITATION.cff").read_text("utf-8")
    for key in ("title", "name"):
        assert re.findall(rf"\b{key}: (.*)", HEAD)[0] == re.findall(rf"\b{key}: (.*)", cited)[0]
    assert all((ROOT / "paper" / picture).is_file() for picture in re.findall(r"\]\((\S+\.png)\)", BODY))


def test_every_number_of_the_paper_is_written_by_a_script() -> None:
    """All numbers stand in generated blocks, which are compared with the findings."""
    by_hand = re.sub(r"<!-- generated: .*?<!-- end -->", "", BODY, flags=re.DOTALL)
    assert re.findall(r"\d+", re.sub(r"@\w+", "", by_hand)) == []
    assert re.search(r"\d+ of \d+", BODY)


def test_the_conda_recipe_asks_for_what_the_project_asks_for() -> None:
    recipe = (ROOT / "conda.recipe" / "meta.yaml").read_text("utf-8")
    assert re.findall(r"version: (.*)", recipe) == [PROJECT["version"]]
    run = re.search(r"  run:\n((?:    - .*\n)+)", recipe)
    assert run
    asked = [re.fullmatch(r"([\w.-]+)(.*)", wanted) for wanted in PROJECT["dependencies"]]
    wanted = {(found[1].lower(), found[2]) for found in asked if found} | {("python", PROJECT["requires-python"])}
    assert {tuple(line.split(maxsplit=1)) for line in re.findall(r"- (.*)", run[1])} == wanted
    assert f"spiraal = {PROJECT['scripts']['spiraal']}" in recipe


def test_the_container_starts_the_dashboard_with_options_that_there_are() -> None:
    starts = re.search(r"^CMD (.*)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert starts
    program, *arguments = json.loads(starts[1])
    assert program in PROJECT["scripts"]
    done = CliRunner().invoke(app, [*arguments, "--help"])
    assert done.exit_code == 0, done.output
    unknown = CliRunner().invoke(app, [*arguments, "--no-such-option"])
    assert unknown.exit_code == 2
    assert "--no-such-option" in unknown.output
