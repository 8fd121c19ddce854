"""Folders of results that are damaged, or somebody else's: what is found, what does not run, what stays behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweeps import PLUGIN, SCHOOL, content, spiraal, surroundings, write_plan

from sim.files.checksums import CHECKSUMS, LINE
from sim.files.toml import as_toml
from sim.output import run_folder
from sim.output.whole_folder import OutputError, whole_folder
from sim.plugins import Plugin, UntrustedError, install, printable
from sim.sweeps import dataset
from sim.sweeps.dataset import SweepError
from sim.sweeps.results import ResultsError, open_results
from sim.sweeps.sensitivity import SensitivityError, analyse
from sim.sweeps.sweep import on_threads, prepare, run

ALONE = partial(on_threads, workers=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small plan of four parts, and its results in `results`."""
    folder = tmp_path_factory.mktemp("trust")
    run(prepare(write_plan(folder, replications=30)), folder / "results", ALONE)
    assert len(list((folder / "results" / "data").iterdir())) == 8
    return folder


@pytest.fixture
def results(folder: Path, tmp_path: Path) -> Path:
    """A copy of the results, to be harmed."""
    return Path(shutil.copytree(folder / "results", tmp_path / "results"))


@pytest.fixture(scope="module")
def of_a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of a run with a plug-in in `results`; `ran` appears when the plug-in runs."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "mine.py").write_text(telling(folder / "ran"), encoding="utf-8")
    scenario = {**SCHOOL, "class": {"size": 4}, "interventions": [{"name": "fragile"}]}
    (folder / "school.toml").write_text(as_toml(scenario), encoding="utf-8")
    spiraal(folder, "run", "school.toml", "--plugin", "mine.py", "--out", "results")
    (folder / "ran").unlink()
    return folder


def telling(ran: Path) -> str:
    """A plug-in that leaves a file when it runs, and would clear the screen of who looks at it."""
    return f"{PLUGIN}\n# \x1b[2J\nfrom pathlib import Path\n\nPath({str(ran)!r}).touch()\n"


def flipped(path: Path, bit: int) -> None:
    """Flip one bit of a file; the number goes round."""
    damaged = bytearray(path.read_bytes())
    bit %= 8 * len(damaged)
    damaged[bit // 8] ^= 1 << bit % 8
    path.write_bytes(damaged)


# --- Programs in results -----------------------------------------------------------------------------


@pytest.fixture
def of_somebody(tmp_path: Path, registry: object) -> Path:
    """Results of a sweep with a plug-in that asks to be written elsewhere."""
    (tmp_path / "mine.py").write_text(telling(tmp_path / "ran"), encoding="utf-8")
    plan = write_plan(tmp_path, school={"interventions": [{"name": "fragile"}]})
    sweep = prepare(plan, [tmp_path / "mine.py"])
    elsewhere = Plugin(str(tmp_path / "elsewhere.py"), sweep.plugins[0].source)
    run(replace(sweep, plugins=(elsewhere,)), tmp_path / "results", ALONE)
    (tmp_path / "ran").unlink()
    return tmp_path / "results"


def test_reading_results_of_somebody_else_runs_nothing(of_somebody: Path) -> None:
    before = content(of_somebody)
    opened = open_results(of_somebody)
    assert len(opened.table()) == 24
    assert len(opened.errors()) == 12
    assert not opened.children().empty
    with pytest.raises(SensitivityError, match="cells are known at one combination of levers; at least 50 are needed"):
        analyse(opened)
    assert dataset.verify(of_somebody).wrong == ()
    assert not (of_somebody.parent / "ran").exists()
    assert content(of_somebody) == before


def test_running_a_class_again_asks_for_trust_and_shows_the_program(of_somebody: Path) -> None:
    place = of_somebody.parent
    with pytest.raises(UntrustedError, match="none has run"):
        open_results(of_somebody).replay(0, 0)
    said = spiraal(place, "replay", "results", "--cell", 0, "--replication", 0, "--out", "alone", code=2)
    assert f"elsewhere.py: {len(telling(place / 'ran').splitlines())} lines, sha256 " in said
    assert "spiraal plugins results shows them; --trust-plugins runs them" in said
    shown = spiraal(place, "plugins", "results")
    assert "class Fragile(Intervention):" in shown
    assert "\x1b" not in shown
    assert not (place / "ran").exists()
    assert not (place / "alone").exists()
    spiraal(place, "replay", "results", "--cell", 0, "--replication", 0, "--trust-plugins")
    assert (place / "ran").exists()
    assert not (place / "elsewhere.py").exists(), "a manifest does not say where its plug-in is written"


def test_a_plug_in_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: object) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    install([Plugin("../../escaped.py", telling(tmp_path / "ran"))])
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["ran", "temporary"]


def test_a_run_is_not_done_again_with_a_plug_in_that_is_not_trusted(of_a_run: Path) -> None:
    before = content(of_a_run)
    said = spiraal(of_a_run, "rerun", "results/manifest.json", code=2)
    assert "mine.py: " in said and "none has run" in said
    assert "class Fragile(Intervention):" in spiraal(of_a_run, "plugins", "results")
    assert content(of_a_run) == before
    (of_a_run / "tampered").mkdir()
    manifest = json.loads((of_a_run / "results" / "manifest.json").read_text(encoding="utf-8"))
    manifest["data"]["days.parquet"] = "0" * 64
    manifest["versions"]["processor"] = "z80"
    (of_a_run / "tampered" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    shutil.copy(of_a_run / "results" / manifest["plugins"][0]["file"], of_a_run / "tampered")
    said = spiraal(of_a_run, "rerun", "tampered/manifest.json", "--trust-plugins", code=1)
    assert "These data files are not the same: days.parquet" in said
    assert "That may be because these are not as they were:\nprocessor: was z80, is " in said
    assert "days.parquet: is missing or damaged" in said
    assert (of_a_run / "ran").exists()
    (of_a_run / "ran").unlink()


@given(st.text())
def test_text_of_others_does_not_steer_a_terminal(text: str) -> None:
    shown = printable(text, "\n")
    assert len(shown) == len(text)
    assert all(each.isprintable() or each == "\n" for each in shown)


# --- Damage ------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 10**9))
def test_any_flipped_bit_in_any_file_of_a_sweep_is_found(folder: Path, place: int, bit: int) -> None:
    files = sorted(path for path in (folder / "results").rglob("*") if path.is_file())
    path = files[place % len(files)]
    kept = path.read_bytes()
    try:
        flipped(path, bit)
        if path.parent.name in {"data", "children"}:
            opened = open_results(folder / "results")
            with pytest.raises(ResultsError, match=f"{path.name}: is damaged"):
                opened.table() if path.parent.name == "data" else opened.children()
        else:
            with pytest.raises((ResultsError, SweepError)):
                open_results(folder / "results")
        try:
            found = dataset.verify(folder / "results")
        except SweepError:
            assert path.name in {"manifest.json", CHECKSUMS}
        else:
            assert found.wrong
            assert path.name == CHECKSUMS or any(str(path) in line for line in found.wrong)
    finally:
        path.write_bytes(kept)


@settings(max_examples=100)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 10**9))
def test_any_flipped_bit_in_any_file_of_a_run_is_found(of_a_run: Path, place: int, bit: int) -> None:
    files = sorted((of_a_run / "results").iterdir())
    path = files[place % len(files)]
    kept = path.read_bytes()
    try:
        flipped(path, bit)
        try:
            found = run_folder.verify(of_a_run / "results")
        except run_folder.ManifestError:
            assert path.name in {"manifest.json", CHECKSUMS}
        else:
            assert found.wrong
            assert path.name == CHECKSUMS or any(str(path) in line for line in found.wrong)
    finally:
        path.write_bytes(kept)


def test_the_checksums_of_a_run_are_read_by_others(of_a_run: Path) -> None:
    sha256sum = shutil.which("sha256sum")
    if sha256sum is None:
        pytest.skip("no sha256sum here")
    subprocess.run([sha256sum, "--check", "--strict", CHECKSUMS], cwd=of_a_run / "results", check=True)
    lines = (of_a_run / "results" / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    assert {LINE.fullmatch(line)[2] for line in lines} == {
        path.name for path in (of_a_run / "results").iterdir() if path.name != CHECKSUMS
    }


@pytest.mark.parametrize("kind", ["data", "children"])
def test_a_part_in_the_place_of_another_is_found_and_repaired(folder: Path, results: Path, kind: str) -> None:
    first, second, third = sorted((results / kind).iterdir())[:3]
    shutil.copyfile(first, second)
    moved = third.with_name(third.name[:24] + first.name[24:])  # with the checksum of the other, too
    third.unlink()
    shutil.copyfile(first, moved)
    sweep = prepare(folder / "plan.toml")
    with pytest.raises(SweepError, match=f"{second.name}: is damaged\n.*{moved.name}: is damaged\n--repair"):
        run(sweep, results, ALONE)
    run(sweep, results, ALONE, repair=True)
    assert content(results) == content(folder / "results")


@pytest.mark.parametrize("name", ["manifest.json", "design.parquet", CHECKSUMS])
def test_what_stands_beside_the_parts_is_repaired_and_parts_are_kept(folder: Path, results: Path, name: str) -> None:
    flipped(results / name, 8 * 40)
    sweep = prepare(folder / "plan.toml")
    with pytest.raises(SweepError, match="design.parquet" if name == CHECKSUMS else name):
        run(sweep, results, ALONE)

    def nobody(_sweep: object, parts: list[int]) -> object:
        assert not list(parts)
        yield from ()

    run(sweep, results, nobody, repair=True)
    assert content(results) == content(folder / "results")


def test_a_file_that_is_no_part_is_found(results: Path) -> None:
    stranger = results / "data" / "part-00099-000000000000-0000000000000000.parquet"
    shutil.copyfile(min((results / "data").iterdir()), stranger)
    assert dataset.verify(results).wrong == (f"{stranger}: is no part of this sweep",)


def test_the_command_verifies(results: Path, of_a_run: Path) -> None:
    assert "18 files are as they were written." in spiraal(results.parent, "verify", "results")
    flipped(results / "design.parquet", 77)
    said = spiraal(results.parent, "verify", "results", code=1)
    assert "results/design.parquet: is damaged" in said and "17 files are as they were written." in said
    assert "files are as they were written." in spiraal(of_a_run, "verify", "results")
    assert "manifest.json: No such file" in spiraal(results.parent, "verify", ".", code=2)


def test_results_of_version_0_3_open_and_are_said_to_have_no_checksums(folder: Path, results: Path) -> None:
    (results / CHECKSUMS).unlink()
    for path in [*(results / "data").iterdir(), *(results / "children").iterdir()]:
        path.rename(path.with_name(path.name[:23] + ".parquet"))
    assert open_results(results).table().equals(open_results(folder / "results").table())
    found = dataset.verify(results)
    assert (found.right, found.wrong, len(found.unknown)) == (0, (), 18)
    said = spiraal(results.parent, "verify", "results", code=1)
    assert "results: 18 files carry no checksums, as in version 0.3.0: damage would not show" in said
    part = min((results / "data").iterdir())
    os.truncate(part, 100)
    assert dataset.verify(results).wrong == (f"{part}: is damaged",)


def test_a_run_of_version_0_3_has_checksums_of_its_data(of_a_run: Path, tmp_path: Path) -> None:
    old = Path(shutil.copytree(of_a_run / "results", tmp_path / "results"))
    (old / CHECKSUMS).unlink()
    found = run_folder.verify(old)
    assert found.right == len(run_folder.DATA) + 1, "and of the plug-in"
    assert found.wrong == ()
    assert old / "events.md" in found.unknown
    flipped(old / "days.parquet", 12345)
    assert run_folder.verify(old).wrong == (f"{old / 'days.parquet'}: is missing or damaged",)


# --- Who writes, and who is killed -------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path

from sim.output.whole_folder import whole_folder

out, how = Path(sys.argv[1]), sys.argv[2]
moves = []
move = Path.replace


def counted(path, target):
    moves.append(target)
    if len(moves) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return move(path, target)


if how == "while it moves":
    Path.replace = counted
with whole_folder(out, replace=True) as folder:
    (folder / "manifest.json").write_text("new", encoding="utf-8")
    if how == "while it writes":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "when it is told to go on":
        print("writing", flush=True)
        sys.stdin.readline()
"""
HELD = "when it is told to go on"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("how", ["while it writes", "while it moves"])
def test_what_a_killed_run_leaves_goes_and_earlier_results_come_back(tmp_path: Path, how: str) -> None:
    out = tmp_path / "results"
    with whole_folder(out) as folder:
        (folder / "manifest.json").write_text("old", encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", KILLED, out, how], env=surroundings(), check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.glob(".results-*"))
    said: list[str] = []
    with whole_folder(tmp_path / "other", tell=said.append):
        assert (out / "manifest.json").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "results"]
    assert sum("removed; a run that was killed had left it" in line for line in said) == 1
    again = [line for line in said if line.startswith(f"{out}: is there again")]
    assert len(again) == (how == "while it moves")


def test_two_do_not_write_into_one_folder(tmp_path: Path) -> None:
    out = tmp_path / "results"
    command = [sys.executable, "-c", KILLED, out, HELD]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=surroundings()
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        with pytest.raises(OutputError, match="another process is writing these results"), whole_folder(out):
            pass
        process.communicate("\n")
    assert process.returncode == 0
    assert (out / "manifest.json").read_text(encoding="utf-8") == "new"
    with pytest.raises(OutputError, match="holds the results of an earlier run"), whole_folder(out):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_hidden_folders_of_others_are_left_alone(tmp_path: Path) -> None:
    for name in (".results-abcdefgh", ".results-backup12-old", ".git", ".results-unfinished"):
        (tmp_path / name).mkdir()
    before = sorted(tmp_path.iterdir())
    with whole_folder(tmp_path / "results"):
        pass
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "results"])


@pytest.mark.skipif(sys.platform == "win32", reason="limits are those of POSIX")
def test_a_scenario_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))

    said = spiraal(tmp_path, "scenario", "new", "mine.toml", code=2, preexec_fn=limit)
    assert "mine.toml: File too large; nothing was written" in said
    assert list(tmp_path.iterdir()) == []


# --- What is no manifest --------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes of that kind")
@pytest.mark.parametrize("command", [("rerun", "manifest.json"), ("verify", "."), ("plugins", ".")])
def test_nobody_waits_for_a_manifest_that_is_a_pipe(command: tuple[str, ...], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "manifest.json")
    said = spiraal(tmp_path, *command, code=2)
    assert "manifest.json: found a folder or a device; allowed is a file" in said


def test_a_manifest_with_more_parts_than_there_can_be_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "results", tmp_path / "results")
    path = tmp_path / "results" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "parts": 10**9}), encoding="utf-8")
    with pytest.raises(SweepError, match=r"manifest.json: is not the manifest of a sweep"):
        dataset.read_manifest(tmp_path / "results")


# --- Where results go -----------------------------------------------------------------------------------


def fill(out: Path, *, replace: bool = False) -> None:
    with whole_folder(out, replace=replace) as folder:
        (folder / "data.txt").write_text("data", encoding="utf-8")
        (folder / "manifest.json").write_text("{}", encoding="utf-8")


def test_an_empty_folder_that_is_there_stays_and_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir(mode=0o750)
    before = here.stat()
    monkeypatch.chdir(here)
    fill(Path())
    assert sorted(path.name for path in Path().iterdir()) == ["data.txt", "manifest.json"], "I am still in it"
    assert (here.stat().st_ino, here.stat().st_mode) == (before.st_ino, before.st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_and_results_are_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "big").mkdir()
    (tmp_path / "results").symlink_to("big")
    for again in (False, True):
        fill(tmp_path / "results", replace=again)
        assert (tmp_path / "results").is_symlink()
        assert sorted(path.name for path in (tmp_path / "big").iterdir()) == ["data.txt", "manifest.json"]
