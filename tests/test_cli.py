"""The command `spiraal` from end to end, as a process: what it writes, what it says, and how it ends."""

from __future__ import annotations

import importlib
import json
import os
import signal
import string
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from realdata import POLISH_CLASSES, Files, kindergarten, polish_class
from rich.panel import Panel
from rich.text import Text
from sweeps import command, spiraal, surroundings

from sim.cli import terminal
from sim.parameters import PARAMETERS
from sim.state import CHILD_DTYPE, CONTACT_DTYPE, PLAY_DTYPE, TEACHER_DTYPE

ROOT = Path(__file__).resolve().parents[1]
RESULTS = {
    "contacts.parquet",
    "days.parquet",
    "events.md",
    "liking.parquet",
    "manifest.json",
    "network.csv",
    "interpersonal.csv",
    "interpersonal.parquet",
    "network.parquet",
    "outcomes.csv",
    "outcomes.parquet",
    "play.parquet",
    "teacher.parquet",
    "trajectories.png",
    "trajectories.svg",
}
SHORT = ("--weeks", "2", "--from-week", "1")
PLUGIN = """
from sim.interventions import Intervention, register


@register
class MorningGreeting(Intervention):
    name = "morning-greeting"
    title = "Morning greeting"
    weeks = 10

    def act(self, state, child, course_day):
        state.children[child]["attunement"] = self.raised(state.children[child]["attunement"], 0.3)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of one run in `first`."""
    folder = tmp_path_factory.mktemp("cli")
    said = spiraal(folder, "run", *SHORT, "--out", "first")
    assert "Martijn" in said
    assert "first" in said
    return folder


# -- What a run leaves ---------------------------------------------------------------------------------------


def test_a_run_leaves_everything_and_nothing_beside_it(folder: Path) -> None:
    assert {path.name for path in (folder / "first").iterdir()} >= RESULTS
    assert not [path for path in folder.iterdir() if path.name.startswith(".first")]
    manifest = json.loads((folder / "first" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"]["weeks"] == 2
    assert set(manifest["data"]) == {name for name in RESULTS if name.endswith(".parquet")}


def test_figures_are_few_or_all(folder: Path) -> None:
    def drawn(name: str) -> set[str]:
        return {path.stem for path in (folder / name).glob("*.svg")}

    spiraal(folder, "run", *SHORT, "--figures", "all", "--out", "drawn")
    arms = {f"{figure}-{arm}" for figure in ("sociogram", "phase-portrait") for arm in ("without", "with")}
    assert drawn("first") == {"trajectories"}
    assert drawn("drawn") == {"trajectories", "state-space-grid", *arms}


def test_every_column_of_the_logs_and_of_the_evenings_is_in_the_data(folder: Path) -> None:
    for name, table in (
        ("contacts", CONTACT_DTYPE),
        ("play", PLAY_DTYPE),
        ("days", CHILD_DTYPE),
        ("teacher", TEACHER_DTYPE),
    ):
        found = set(pq.read_schema(folder / "first" / f"{name}.parquet").names)
        assert set(table.names or ()) <= found, name
    contacts = pq.read_table(folder / "first" / "contacts.parquet").to_pandas()
    goes_on = (contacts["tone"] < 0) | (contacts["response"] < 0)
    assert goes_on.any()
    assert (contacts["turns"] == np.where(goes_on, 4, 2)).all()


def test_rerun_gives_the_same_bytes(folder: Path) -> None:
    said = spiraal(folder, "rerun", "first/manifest.json", "--out", "again")
    assert "byte for byte" in said
    for name in RESULTS:
        if name.endswith((".parquet", ".csv", ".md")):
            assert (folder / "again" / name).read_bytes() == (folder / "first" / name).read_bytes(), name


def test_rerun_tells_which_file_differs(folder: Path) -> None:
    manifest = json.loads((folder / "first" / "manifest.json").read_text(encoding="utf-8"))
    manifest["data"]["days.parquet"] = "0" * 64
    (folder / "tampered.json").write_text(json.dumps(manifest), encoding="utf-8")
    said = spiraal(folder, "rerun", "tampered.json", code=1)
    assert "days.parquet" in said
    assert "play.parquet" not in said


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: "{", id="half a file"),
        pytest.param(lambda _: "[1]", id="a list"),
        pytest.param(lambda m: m.pop("data") and m, id="no data"),
        pytest.param(lambda m: m | {"scenario": {"colour": "red"}}, id="another scenario"),
        pytest.param(lambda m: m | {"plugins": [1]}, id="a plug-in that is none"),
        pytest.param(lambda m: m | {"plugins": [{"file": 3}]}, id="a plug-in without a name"),
        pytest.param(lambda m: m | {"plugins": [{"file": "x.py", "sha256": ""}]}, id="a plug-in that is missing"),
        pytest.param(lambda m: m | {"parameters": {"mood_carry_over": "x"}}, id="a parameter that is no number"),
        pytest.param(lambda m: m | {"scenario": m["scenario"] | {"weeks": "many"}}, id="weeks that are no number"),
    ],
)
def test_a_manifest_that_is_damaged(folder: Path, tmp_path: Path, damage) -> None:
    damaged = damage(json.loads((folder / "first" / "manifest.json").read_text(encoding="utf-8")))
    text = damaged if isinstance(damaged, str) else json.dumps(damaged)
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    assert "manifest.json" in spiraal(tmp_path, "rerun", "manifest.json", code=2) or "x.py" in text
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_results_are_overwritten_only_when_told(folder: Path) -> None:
    before = (folder / "first" / "manifest.json").read_bytes()
    assert "--replace" in spiraal(folder, "run", *SHORT, "--out", "first", code=2)
    assert (folder / "first" / "manifest.json").read_bytes() == before
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    assert "mine" in spiraal(folder, "run", *SHORT, "--out", "mine", "--replace", code=2)
    assert [path.name for path in (folder / "mine").iterdir()] == ["thesis.txt"]


def test_replace(folder: Path) -> None:
    spiraal(folder, "run", *SHORT, "--seed", 1, "--out", "replaced")
    (folder / "replaced" / "stale.txt").touch()
    spiraal(folder, "run", *SHORT, "--seed", 2, "--out", "replaced", "--replace")
    assert json.loads((folder / "replaced" / "manifest.json").read_text(encoding="utf-8"))["scenario"]["seed"] == 2
    assert not (folder / "replaced" / "stale.txt").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_run_that_is_killed_leaves_no_half_results(tmp_path: Path) -> None:
    with subprocess.Popen(
        command("run", *SHORT, "--out", "results"), cwd=tmp_path, env=surroundings(), stdout=subprocess.DEVNULL
    ) as running:
        while running.poll() is None and not list(tmp_path.glob(".results-*/*")):
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL, "the run had ended before it could be killed"
    assert not (tmp_path / "results").exists()
    assert list(tmp_path.glob(".results-*"))
    said = spiraal(tmp_path, "run", *SHORT, "--out", "results")
    assert "removed; a run that was killed had left it" in said
    assert {path.name for path in (tmp_path / "results").iterdir()} >= RESULTS
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


# -- What may be asked of a run ------------------------------------------------------------------------------


def test_a_class_list_in_dutch_with_an_intervention_and_dutch_words(tmp_path: Path) -> None:
    rows = (
        "naam;geslacht;nabijheid;conflict",
        "Søren;jongen;2,5;4,1",
        "<b>Fleur</b>;meisje;4,3;1,2",
        "=Piet;jongen;3;2",
    )
    (tmp_path / "klas.csv").write_text("\n".join(rows), encoding="utf-8-sig")
    (tmp_path / "kiest.csv").write_text("wie;gekozen;soort\nSøren;=Piet;niet graag\n", encoding="cp1252")
    said = spiraal(
        tmp_path,
        *("--language", "nl", "run", "--class", "klas.csv", "--nominations", "kiest.csv"),
        *("--with", "banking-time", "--for", "Søren", *SHORT, "--out", "uit"),
    )
    assert "Søren" in said
    assert "Nabijheid" in said
    assert "Closeness" not in said
    table = (tmp_path / "uit" / "outcomes.csv").read_text(encoding="utf-8-sig").splitlines()
    assert ";" in table[0]
    assert any("'=Piet" in line for line in table)
    assert "<b>" not in (tmp_path / "uit" / "events.md").read_text(encoding="utf-8")


def test_an_intervention_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "greeting.py").write_text(PLUGIN, encoding="utf-8")
    plugin = ("--plugin", "greeting.py")
    spiraal(tmp_path, "run", "ordinary-class", *plugin, "--with", "morning-greeting", *SHORT, "--out", "out")
    assert "morning-greeting" in spiraal(tmp_path, "interventions", *plugin)
    (tmp_path / "greeting.py").unlink()  # the results keep their own
    assert "byte for byte" in spiraal(tmp_path, "rerun", "out/manifest.json", "--trust-plugins")


@pytest.mark.parametrize("name", [*(f"polish_{number}" for number in POLISH_CLASSES), "kindergarten"])
def test_real_classes(name: str, tmp_path: Path) -> None:
    files: Files = kindergarten(tmp_path) if name == "kindergarten" else polish_class(int(name[-1]), tmp_path)
    lists = ("--class", files.class_list, "--nominations", files.nominations)
    said = spiraal(tmp_path, "run", *lists, "--with", "samen-spel", "--for", "highest conflict", *SHORT, "--out", "out")
    for child, *_ in files.children:
        assert child in said
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["scenario"]["class"]["roster"]["children"]) == len(files.children)


# -- What a user may get wrong -------------------------------------------------------------------------------

MISTAKES = {
    "a class list that is not there": (("--class", "absent.csv"), "absent.csv"),
    "a class list with wrong cells": (("--class", "wrong.csv"), "row 2"),
    "nominations without a class list": (("--nominations", "wrong.csv"), "--class"),
    "an unknown intervention": (("--with", "hugging"), "hugging"),
    "an unknown child": (("--with", "samen-spel", "--for", "Nobody"), "Nobody"),
    "too much fidelity": (("--fidelity", "2"), "fidelity"),
    "no weeks": (("--weeks", "0"), "weeks"),
    "weeks that are no number": (("--weeks", "some"), "--weeks"),
    "a negative seed": (("--seed", "-1"), "seed"),
    "an intervention after the end": (("--weeks", "4", "--from-week", "9"), "start_week"),
    "a plug-in that is not there": (("--plugin", "absent.py"), "absent.py"),
    "a plug-in that fails": (("--plugin", "fails.py"), "ZeroDivisionError"),
    "a plug-in that registers nothing": (("--plugin", "idle.py"), "idle.py"),
    "a scenario that is not there": (("absent.toml",), "absent.toml"),
    "a scenario that is no TOML": (("bad.toml",), "bad.toml"),
    "an unknown key": (("key.toml",), "colour"),
    "an unknown parameter": (("parameter.toml",), "charm"),
    "a parameter out of range": (("range.toml",), "mood_carry_over"),
    "a folder that is a file": (("--out", "bad.toml"), "bad.toml"),
    "an unknown option": (("--turbo",), "--turbo"),
    "figures that are neither few nor all": (("--figures", "none"), "few or all"),
}


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files that nobody can use."""
    folder = tmp_path_factory.mktemp("mistakes")
    texts = {
        "wrong.csv": "name,closeness\nAnn,9\nBob,4\n",
        "fails.py": "1 / 0\n",
        "idle.py": "x = 1\n",
        "bad.toml": "weeks =\n",
        "key.toml": 'colour = "red"\n',
        "parameter.toml": "[parameters]\ncharm = 1.0\n",
        "range.toml": "[parameters]\nmood_carry_over = 7.0\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_have_a_message_and_leave_nothing(mistake: str, mistaken: Path) -> None:
    arguments, told = MISTAKES[mistake]
    out = () if "--out" in arguments else ("--out", "results")
    before = set(mistaken.iterdir())
    assert told in spiraal(mistaken, "run", *arguments, *out, code=2)
    assert {path for path in mistaken.iterdir() if path.name != "__pycache__"} == before - {mistaken / "__pycache__"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--language", "fr", "run"), "nl or en"),
        (("profile", "--child", "Nobody"), "Nobody"),
        (("profile", "--week", "99"), "--week"),
        (("rerun", "absent.json"), "absent.json"),
        (("scenario", "check", "key.toml"), "colour"),
        (("scenario", "new", "x.toml", "--from", "nothing"), "ordinary-class"),
        (("scenario", "new", "key.toml"), "key.toml"),
        (("study", "run", "unheard_of"), "white_kistner"),
    ],
)
def test_other_mistakes(arguments: tuple[str, ...], told: str, mistaken: Path) -> None:
    assert told in spiraal(mistaken, *arguments, code=2)


NASTY = "\x1b[31mred\x9b2J\x07\u202egnirts\udcff"


@pytest.mark.parametrize("printed", [NASTY, Text(NASTY, style="bold"), Panel(NASTY)], ids=["text", "styled", "framed"])
def test_nothing_that_is_printed_speaks_to_the_terminal(printed: object, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.console().print(printed, markup=False)
    said = capsys.readouterr().out
    assert not {*NASTY} - {*string.printable} & {*said}
    assert "�[31mred�2J" in said
    said.encode()


def test_what_is_said_of_a_mistake_is_clean(tmp_path: Path) -> None:
    (tmp_path / "key.toml").write_text('"\\u001b[2Jred\\u009b" = 1\n', encoding="utf-8")
    assert "key.toml: �[2Jred�: unknown key" in spiraal(tmp_path, "scenario", "check", "key.toml", code=2)


def test_a_file_in_which_everything_is_wrong_does_not_flood_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text("".join(f"k{i} = 1\n" for i in range(50_000)), encoding="utf-8")
    lines = spiraal(tmp_path, "scenario", "check", "keys.toml", code=2).splitlines()
    assert lines[0] == "keys.toml: k0: unknown key"
    assert lines[-1] == "and 49,800 more"
    assert len(lines) == 201


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name of a file is text")
def test_a_class_list_whose_name_is_no_text(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"class\xff.csv")).write_text("name\nAnn\nBob\n", encoding="utf-8")
    said = spiraal(tmp_path, "run", "--class", os.fsdecode(b"class\xff.csv"), "--weeks", "1", "--out", "out")
    assert "class�" in said
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"]["title"] == "class�"


LONG_NAME = "x" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", LONG_NAME),
        ("run", "--class", LONG_NAME),
        ("run", "--plugin", LONG_NAME),
        ("run", "--out", LONG_NAME),
        ("rerun", LONG_NAME),
        ("profile", "--out", LONG_NAME),
        ("scenario", "check", LONG_NAME),
        ("scenario", "new", LONG_NAME),
        ("sweep", LONG_NAME, "--out", "results"),
        ("sweep", "class-size", "--out", LONG_NAME),
        ("replay", LONG_NAME, "--cell", "0", "--replication", "0"),
        ("sensitivity", LONG_NAME),
        ("study", "report", "--out", LONG_NAME),
    ],
    ids=lambda arguments: " ".join(arguments).replace(LONG_NAME, "…"),
)
def test_a_name_that_is_too_long_is_a_message(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert LONG_NAME[:50] in spiraal(tmp_path, *arguments, code=2)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("module", terminal.MISTAKES)
def test_mistakes_are_where_they_are_looked_for(module: str) -> None:
    if module.startswith("sim.dashboard"):
        pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")
    found = importlib.import_module(module)
    assert all(issubclass(getattr(found, name), Exception) for name in terminal.MISTAKES[module])


# -- The other commands --------------------------------------------------------------------------------------


def test_profile(tmp_path: Path) -> None:
    said = spiraal(tmp_path, "profile", "--week", "2", "--out", "drawn")
    assert "Martijn" in said
    assert (tmp_path / "drawn" / "profile.txt").read_text(encoding="utf-8").strip() == said.strip()
    assert (tmp_path / "drawn" / "profile.svg").is_file()


def test_scenarios_of_ones_own(tmp_path: Path) -> None:
    spiraal(tmp_path, "scenario", "new", "mine.toml", "--from", "irritated-teacher")
    assert {path.name for path in tmp_path.iterdir()} == {"mine.toml", "groep4.csv", "groep4-nominations.csv"}
    assert "mine.toml" in spiraal(tmp_path, "scenario", "check", "mine.toml", "ordinary-class")
    assert "nothing was written" in spiraal(tmp_path, "scenario", "new", "mine.toml", code=2)
    spiraal(tmp_path, "run", "mine.toml", *SHORT, "--out", "out")


def test_lists() -> None:
    assert "irritated-teacher" in spiraal(ROOT, "scenario", "list")
    assert "klas" in spiraal(ROOT, "--language", "nl", "scenario", "list")
    parameters = spiraal(ROOT, "scenario", "parameters")
    assert "mood_carry_over" in parameters
    low, high = PARAMETERS["seek_rate"].interval or (0.0, 0.0)
    assert f"{low:g}–{high:g}" in parameters
    assert "samen-spel" in spiraal(ROOT, "interventions")
    assert "white_kistner" in spiraal(ROOT, "study", "list")


def test_a_study(tmp_path: Path) -> None:
    few = ("--studies", "5", "--classes", "40")
    said = spiraal(tmp_path, "study", "run", "contacts", *few, "--out", "found")
    assert "R1 · " in said
    files = {path.name for path in (tmp_path / "found").iterdir()}
    assert {"contacts.svg", "contacts-verdicts.csv", "contacts-studies.csv"} <= files
    assert "--classes" in spiraal(tmp_path, "study", "run", "doumen_2008", "--classes", "2", code=2)
    assert "doumen_2008" in spiraal(tmp_path, "study", "run", "doumen_2007", code=2)
    assert "validation.json" in spiraal(tmp_path, "study", "report", "--out", "nothing", code=2)


def test_the_installed_command(tmp_path: Path) -> None:
    installed = Path(sys.executable).with_name("spiraal.exe" if sys.platform == "win32" else "spiraal")
    if not installed.exists():
        pytest.skip("spiraal is not installed in this environment")
    done = subprocess.run([installed, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "rerun" in done.stdout


# --- What a user means ----------------------------------------------------------------------------------


def test_names_are_compared_as_a_person_reads_them(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text("name\nZo\u00eb  Aa\nBo\nCa\n", encoding="utf-8")
    written = "zoe\u0308 aa"
    said = spiraal(
        tmp_path, "run", "--class", "class.csv", "--with", "samen-spel", "--for", written, *SHORT, "--out", "r"
    )
    assert "Zo\u00eb Aa" in said
    told = spiraal(tmp_path, "profile", "ordinary-class", "--class", "class.csv", "--child", written)
    assert "Zo\u00eb Aa" in told


@pytest.mark.parametrize("option", [("--for", "Bo"), ("--fidelity", "0.5"), ("--dose", "2"), ("--from-week", "4")])
def test_an_option_that_does_nothing_is_refused(option: tuple[str, str], tmp_path: Path) -> None:
    said = spiraal(tmp_path, "run", "ordinary-class", *option, "--out", "r", code=2)
    assert f"{option[0]} needs --with" in said
    assert not (tmp_path / "r").exists()


def test_true_is_no_number(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("weeks = true\nseed = true\n[class]\nboys = true\n", encoding="utf-8")
    said = " ".join(spiraal(tmp_path, "scenario", "check", "a.toml", code=2).split())
    for key in ("class.boys", "weeks", "seed"):
        assert f"{key}: found True; allowed is a number or a text, neither true nor false" in said


def test_sessions_for_nobody_are_for_the_child_with_most_conflict(tmp_path: Path) -> None:
    said = spiraal(tmp_path, "run", "ordinary-class", "--with", "samen-spel", *SHORT, "--out", "r")
    assert "Samen-Spel is for the child with most conflict; --for names another one" in " ".join(said.split())
    scenario = tomllib.loads((tmp_path / "r" / "scenario.toml").read_text("utf-8"))
    assert [choice["target"] for choice in scenario["interventions"]] == ["highest conflict"]


def test_a_scenario_names_the_files_that_were_used(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("name\nZoe\nBo\nCa\n", encoding="utf-8")
    (tmp_path / "choices.csv").write_text("who,whom\nZoe,Bo\n", encoding="utf-8")
    for nominations, named in (("choices.csv", "choices.csv"), (None, None)):
        given = () if nominations is None else ("--nominations", nominations)
        spiraal(tmp_path, "run", "irritated-teacher", "--class", "mine.csv", *given, *SHORT[:2], "--out", f"r{named}")
        spec = tomllib.loads((tmp_path / f"r{named}" / "scenario.toml").read_text("utf-8"))["class"]
        assert (spec["list"], spec.get("nominations")) == ("mine.csv", named)
