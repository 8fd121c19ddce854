"""Commands that README and documentation show: all are right, and those that end soon are run."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pyarrow.parquet as pq
import pytest
import typer

from sim.cli.commands import app, main
from sim.files.classlist import propose_mapping
from sim.interventions import REGISTRY
from sim.output import plots
from sim.scenario import EXAMPLES, load, shipped
from sim.studies import studies
from sim.sweeps.discovery import condition
from sim.sweeps.plan import load_plan, plans

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NO_PROSE = re.compile(r"^```.*?^```$|^#[^\n]*", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(spiraal [^`]+)`")
TOML = re.compile(r"^```toml\n(.*?)^```$", re.DOTALL | re.MULTILINE | re.IGNORECASE)
PLUGIN = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
QUICK = ("interventions", "plans", "profile", "run", "scenario", "study list")
"""Commands that end soon where no figures are drawn."""


class Line(NamedTuple):
    """A line of a page, as words, without its comment."""

    page: Path
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page.name}: {' '.join(self.words)}"


def lines(page: Path) -> Iterator[Line]:
    """Lines for the shell in a page."""
    for block in SHELL.findall(page.read_text("utf-8")):
        for line in block.splitlines():
            if words := shlex.split(line, comments=True):
                yield Line(page, tuple(words))


ALL = [line for page in PAGES for line in lines(page)]
OURS = [line for line in ALL if line.words[0] == "spiraal"]
MENTIONED = [
    Line(page, tuple(shlex.split(found)))
    for page in PAGES
    for found in dict.fromkeys(INLINE.findall(NO_PROSE.sub("", page.read_text("utf-8"))))
]


# --- Options and names -------------------------------------------------------------------------------


def recorder(calls: list[tuple[str, dict[str, Any]]], name: str) -> Callable[..., None]:
    """What stands in for a command."""

    def record(**values: Any) -> None:
        calls.append((name, values))

    return record


def replaced(command: Any, calls: list[tuple[str, dict[str, Any]]], name: str = "") -> Any:
    """A command, or a group of them, of which nothing is carried out."""
    command.callback = recorder(calls, name)
    for part, below in getattr(command, "commands", {}).items():
        replaced(below, calls, f"{name} {part}".strip())
    return command


def parsed(words: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """The command that a line calls, and the values of its options and arguments."""
    calls: list[tuple[str, dict[str, Any]]] = []
    replaced(typer.main.get_command(app), calls)(list(words[1:]), standalone_mode=False)
    return calls[-1] if calls else ("", {})


def is_command(words: tuple[str, ...]) -> bool:
    """Whether a line is but the name of a command."""
    command: Any = typer.main.get_command(app)
    for word in words[1:]:
        command = getattr(command, "commands", {}).get(word)
    return command is not None


@pytest.mark.parametrize("line", OURS, ids=str)
def test_options_and_names_are_known(line: Line) -> None:
    name, values = parsed(line.words)
    assert name
    own = " ".join(line.words) if "--plugin" in line.words else ""
    known = {
        "scenario": [*shipped(), "my.toml", ""] if name != "app" else [Path("my.toml")],
        "plan": [*plans(), "plan.toml"],
        "with_": [*REGISTRY, *re.findall(r"--with (\S+)", own)],
        "name": list(studies()),
    }
    for option in known.keys() & values.keys():
        given = values[option] if isinstance(values[option], list | tuple) else [values[option]]
        assert all(one is None or one in known[option] or one is False for one in given), (option, given)


@pytest.mark.parametrize("line", MENTIONED, ids=str)
def test_commands_in_the_text_are_known(line: Line) -> None:
    if line.words[1:] != ("--help",) and not is_command(line.words):
        name, values = parsed(line.words)
        assert name
        assert values.get("name", "example") in {*studies(), "example"}


def test_a_wrong_option_is_noticed() -> None:
    with pytest.raises(Exception, match="No such option"):
        parsed(("spiraal", "run", "--wide"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_folders_hold_what_later_lines_want_of_them(page: Path) -> None:
    folders: dict[str, str] = {}
    for line in (line for line in lines(page) if line.words[0] == "spiraal"):
        name, values = parsed(line.words)
        if name == "sweep":
            folders[str(values["out"])] = values["plan"]
        elif page == README and name in {"run", "study run"}:
            assert str(values["out"]) not in folders, f"{values['out']} is the folder of a sweep"
        elif name in {"replay", "sensitivity", "discover"} and (source := folders[str(values["folder"])]) in plans():
            plan = load_plan(source)[0]
            assert name != "sensitivity" or plan.uncertainties, f"{source} has nothing to be sensitive to"
            outcomes = [column.name for column in plan.recording.columns]
            for where in values.get("where", ()):
                assert condition(where, outcomes)
            assert name != "replay" or values["replication"] < plan.replications


@pytest.mark.parametrize("line", [line for line in ALL if line.words[0] != "spiraal"], ids=str)
def test_other_commands_are_there(line: Line) -> None:
    program, *words = line.words
    if program == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    elif program == "pip":
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
        assert words[0] == "install"
        assert set(re.findall(r"\[(\w+)\]", words[1])) <= set(extras)
    else:
        assert program == "python"
        script = ROOT / words[0] if words[0].endswith(".py") else ROOT / words[0] / "__main__.py"
        for option in (word for word in words if word.startswith("--")):
            assert f'"{option}"' in script.read_text("utf-8"), option


# --- Those that end soon -----------------------------------------------------------------------------


def files_of(line: Line, folder: Path) -> None:
    """Put the files into a folder that a line names."""
    page = line.page.read_text("utf-8")
    copies = {"my_class.csv": "groep4.csv", "class.csv": "groep4.csv", "klas.csv": "groep4.csv"}
    copies |= {"nominations.csv": "groep4-nominations.csv", "nominaties.csv": "groep4-nominations.csv"}
    for word in line.words:
        if word in copies:
            (folder / word).write_bytes((EXAMPLES / copies[word]).read_bytes())
        elif word.endswith(".py"):
            (folder / word).write_text(PLUGIN.findall(page)[0], encoding="utf-8")
        elif word.endswith(".xlsx"):
            write_school(folder / word)
    if "--mapping" in line.words:
        said = propose_mapping(EXAMPLES / "groep4.csv")
        (folder / line.words[line.words.index("--mapping") + 1]).write_text(said, encoding="utf-8")
    if line.words[1:3] == ("scenario", "check"):
        (folder / line.words[3]).write_text(TOML.findall(page)[0], encoding="utf-8")


def write_school(path: Path) -> None:
    """A workbook with two classes, 3a and 3b."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["group", "name"])
    for number in range(24):
        sheet.append(["3a" if number % 2 else "3b", f"Child {number}"])
    book.save(path)


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to work in, where figures are empty files. What was registered is gone afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for figure in ("phase_portrait", "sociograms", "state_space_grids", "trajectories"):
        monkeypatch.setattr(plots, figure, lambda *_what, **_how: None)
    monkeypatch.setattr(plots, "rendered", lambda _figure, _kind: b"")
    before = dict(REGISTRY)
    yield tmp_path
    REGISTRY.clear()
    REGISTRY.update(before)


def spiraal(words: tuple[str, ...]) -> None:
    """Run a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(words[1:]))
    assert not ended.value.code


def ends_soon(line: Line) -> bool:
    """Whether a line can be run here."""
    return " ".join(line.words[1:]).startswith(QUICK)


SOON = list({line.words: line for line in (*MENTIONED, *OURS) if ends_soon(line)}.values())


@pytest.mark.parametrize("line", SOON, ids=str)
def test_commands_run(line: Line, quick: Path) -> None:
    files_of(line, quick)
    spiraal(line.words)


def test_the_folder_of_a_run_holds_what_the_front_page_says(quick: Path) -> None:
    line = next(line for line in OURS if line.page == README and "--class" in line.words)
    files_of(line, quick)
    spiraal(line.words)
    spiraal(("spiraal", "rerun", "results/manifest.json"))
    table = README.read_text("utf-8").split("| file | what |\n| --- | --- |\n")[1].split("\n\n")[0]
    names = [name for row in table.splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])]
    patterns = [name.replace("…", "*") + ("" if "." in name else ".*") for name in names]
    found = [sorted(path.name for path in (quick / "results").glob(pattern)) for pattern in patterns]
    assert all(found), dict(zip(patterns, found, strict=True))
    assert {name for group in found for name in group} == {path.name for path in (quick / "results").iterdir()}


def test_files_hold_the_days_that_the_front_page_says(quick: Path) -> None:
    spiraal(("spiraal", "run"))
    calendar = load().calendar()
    days = {
        name: set(pq.read_table(f"results/{name}.parquet", columns=["day"])["day"].to_pylist())
        for name in ("contacts", "days", "liking", "play", "teacher")
    }
    assert days["days"] == days["teacher"] == set(range(calendar.days + 1))
    assert days["contacts"] == days["play"] == set(range(1, calendar.days + 1))
    assert days["liking"] == set(calendar.waves.values())
    assert list(calendar.waves) == ["start", "trimester 1", "trimester 2", "end"]
