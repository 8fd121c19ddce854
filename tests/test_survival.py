"""What happens to a sweep when the world does not cooperate: real processes, real signals, real disks."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sweeps import command, content, spiraal, surroundings, write_plan

from sim.parameters import PARAMETERS
from sim.sweeps.sweep import SweepError, on_threads, prepare, run

resource = pytest.importorskip("resource", reason="signals, limits and mounts are those of POSIX")

KILLS = 20
PATIENCE = 120.0
IN_TIME = 4.0
"""Two seconds, and as many for a machine that has other things to do."""
MANY = {
    "replications": 50,
    "uncertainties": {"parameters.negativity": {"values": [1.0 + 0.01 * i for i in range(32)]}},
    "levers": {"teacher.strain": {"values": [0.2, 0.8]}},
    "outcomes": [{"variables": ["conflict"], "days": ["start", "end"], "of": ["mean", "each"]}],
    "school": {"weeks": 1, "class": {"size": 3}, "interventions": []},
}
"""A plan of 64 parts that takes some seconds."""
SWEEP = ("sweep", "plan.toml", "--out", "results")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plan, and in `results` what comes out undisturbed."""
    folder = tmp_path_factory.mktemp("survival")
    write_plan(folder, **MANY)
    spiraal(folder, *SWEEP)
    assert len(parts(folder / "results")) == 64
    return folder


@pytest.fixture
def begun(folder: Path, tmp_path: Path) -> Path:
    """A folder with the same plan, and in `results` some of its parts, left by a process that was killed."""
    write_plan(tmp_path, **MANY)
    with started(tmp_path) as process:
        wait_for_parts(process, tmp_path / "results", 3)
        process.kill()
    assert 3 <= len(parts(tmp_path / "results")) < 64
    return tmp_path


@contextlib.contextmanager
def started(folder: Path, **settings: Any) -> Iterator[subprocess.Popen[str]]:
    """A sweep that is running, and hears Ctrl-C also where tests run in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command(*SWEEP),
        cwd=folder,
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        **settings,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def parts(results: Path) -> list[Path]:
    return sorted((results / "data").glob("part-*.parquet"))


def wait_for_parts(process: subprocess.Popen[str], results: Path, count: int) -> None:
    """Wait until there are so many parts, or the process has ended."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and len(parts(results)) < count:
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.002)


def assert_finishes(folder: Path, undisturbed: Path) -> None:
    """The same command goes on, and what comes out is what comes out undisturbed, byte for byte."""
    kept = content(folder / "results" / "data")
    said = spiraal(folder, *SWEEP)
    assert "3,200 of 3,200 class-years" in said
    assert content(folder / "results") == content(undisturbed / "results")
    finished = {name: bytes_ for name, bytes_ in kept.items() if not name.startswith(".")}
    assert finished.items() <= content(folder / "results" / "data").items()


# --- Ends that nobody announces ----------------------------------------------------------------------


def test_twenty_kills_leave_what_an_undisturbed_sweep_leaves(folder: Path, tmp_path: Path) -> None:
    luck = random.Random(2024)
    write_plan(tmp_path, **MANY)
    results = tmp_path / "results"
    kills = 0
    while kills < KILLS:
        with started(tmp_path) as process:
            if luck.random() < 0.8:
                wait_for_parts(process, results, len(parts(results)) + 1)
                time.sleep(luck.uniform(0.0, 0.05))
            else:  # perhaps before anything is there, or while the folder is made
                time.sleep(luck.uniform(0.0, 2.0))
            process.kill()
        if process.returncode == -signal.SIGKILL:
            kills += 1
        else:  # it was faster; another round
            assert process.returncode == 0
            assert content(results) == content(folder / "results")
            shutil.rmtree(results)
    assert_finishes(tmp_path, folder)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_sweep_that_is_asked_to_stop_says_how_far_it_is(
    folder: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    write_plan(tmp_path, **MANY)
    with started(tmp_path) as process:
        wait_for_parts(process, tmp_path / "results", 2)
        process.send_signal(number)
        asked = time.monotonic()
        said, _ = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - asked < 5.0
    assert process.returncode == code, said
    assert "Traceback" not in said
    done = f"{50 * len(parts(tmp_path / 'results')):,}"
    assert f"stopped; {done} of 3,200 class-years are done; the same command goes on from there" in said
    assert not list((tmp_path / "results").rglob(".*"))
    assert_finishes(tmp_path, folder)


DEAF = """
import hashlib
from sim.cli.terminal import stoppable

with stoppable():
    print("begun", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 10**9)
"""
"""Minutes in compiled code that holds up nobody but Python, which hears no signal."""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_hears_no_signal_is_ended_in_time(number: signal.Signals, code: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", DEAF], env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        asked = time.monotonic()
        _, said = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - asked < IN_TIME
    assert (process.returncode, said) == (code, "stopped\n")


RANGES = {f"parameters.{name}": {"low": p.low, "high": p.high} for name, p in islice(PARAMETERS.items(), 40)}
LARGE = {
    "grid": {
        "replications": 10,
        "uncertainties": {
            name: {"values": [i / 4000 for i in range(3000)]} for name in ("class.boys", "class.acquaintance")
        },
    },
    "latin-hypercube": {
        "design": {"kind": "latin-hypercube", "samples": 2**20},
        "uncertainties": {
            f"parameters.{name}": {"low": p.low, "high": p.high} for name, p in islice(PARAMETERS.items(), 40)
        },
    },
    "morris": {
        "design": {"kind": "morris", "trajectories": 2**14},
        "uncertainties": {
            f"parameters.{name}": {"low": p.low, "high": p.high} for name, p in islice(PARAMETERS.items(), 40)
        },
    },
}
"""Plans as large as a plan may be."""
LONG: dict[str, tuple[str, ...]] = {
    "run": ("run", "--weeks", "60", "--out", "results"),
    "run in all worlds": ("run", "--weeks", "60", "--ensemble", "--out", "results"),
    "study": ("study", "run", "white_kistner"),
    **dict.fromkeys(LARGE, SWEEP),
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("after", [1.5, 5.0])
def test_every_command_ends_in_time_and_leaves_nothing(name: str, after: float, tmp_path: Path) -> None:
    if name in LARGE:
        write_plan(tmp_path, **{**MANY, "replications": 1, "levers": {}, **LARGE[name]})
    before = content(tmp_path)
    with subprocess.Popen(
        command(*LONG[name]),
        cwd=tmp_path,
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        time.sleep(after)
        process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        said, _ = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - asked < IN_TIME, said
    assert process.returncode in {0, 143, -signal.SIGTERM}, said
    assert "Traceback" not in said
    assert {Path(left).parts[0] for left in content(tmp_path).keys() - before.keys()} <= {"results"}
    assert not list(tmp_path.rglob(".*"))


def test_a_sweep_that_is_stopped_before_it_begins(tmp_path: Path) -> None:
    write_plan(tmp_path, **MANY)
    with started(tmp_path) as process:
        time.sleep(0.6)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in said
    assert process.returncode in {1, 130, -signal.SIGINT}, said


# --- Disks -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def mounted(place: Path, *options: str) -> Iterator[None]:
    """A disk of its own; skips where the test may not mount one."""
    place.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(("mode=777", *options)), "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("may not mount a disk here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_loses_nothing(folder: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with mounted(disk, "size=300k"):
        write_plan(disk, **MANY)
        said = spiraal(disk, *SWEEP, code=2)
        assert "No space left on device; what was finished is kept, and the same command goes on from there" in said
        assert "results/" in said and ".parquet: " in said
        assert 0 < len(parts(disk / "results")) < 64
        assert not list(disk.rglob(".*"))
        assert "No space left on device" in spiraal(disk, *SWEEP, code=2)
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        assert_finishes(disk, folder)


def test_a_file_that_may_not_grow_loses_nothing(folder: Path, begun: Path) -> None:
    """What a full disk is for those who cannot mount one: a limit of the system on the size of a file."""
    before = content(begun / "results")
    smallest = min(path.stat().st_size for path in parts(begun / "results"))
    assert smallest > 1000

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    said = spiraal(begun, *SWEEP, code=2, preexec_fn=limit)
    assert "File too large; what was finished is kept, and the same command goes on from there" in said
    assert content(begun / "results").items() <= before.items()
    assert_finishes(begun, folder)


def test_a_folder_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with mounted(disk, "size=20m"):
        shutil.copytree(folder / "results", disk / "results")
        parts(disk / "results")[7].unlink()
        write_plan(disk, **MANY)
        before = content(disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert "results" in (said := spiraal(disk, *SWEEP, code=2)) and "Read-only file system" in said
        said = spiraal(disk, "sweep", "plan.toml", "--out", "elsewhere", code=2)
        assert "elsewhere" in said and "Read-only file system" in said
        assert content(disk) == before
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert_finishes(disk, folder)


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    write_plan(tmp_path, **MANY)
    (tmp_path / "locked").mkdir(mode=0o555)
    assert "locked/results: Permission denied" in spiraal(
        tmp_path, "sweep", "plan.toml", "--out", "locked/results", code=2
    )


def test_a_place_that_is_taken(tmp_path: Path) -> None:
    write_plan(tmp_path, **MANY)
    (tmp_path / "results").write_text("years of work", encoding="utf-8")
    assert "results: is a file, not a folder" in spiraal(tmp_path, *SWEEP, code=2)
    assert (tmp_path / "results").read_text(encoding="utf-8") == "years of work"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    before = content(tmp_path)
    assert "mine: holds something else" in spiraal(tmp_path, "sweep", "plan.toml", "--out", "mine", code=2)
    said = spiraal(tmp_path, "sweep", "plan.toml", "--out", "results/inside", code=2)
    assert "results/inside" in said and "Not a directory" in said
    assert content(tmp_path) == before


# --- Damage ------------------------------------------------------------------------------------------


def test_a_truncated_part_is_named_and_repaired_when_told(folder: Path, tmp_path: Path) -> None:
    write_plan(tmp_path, **MANY)
    shutil.copytree(folder / "results", tmp_path / "results")
    truncated, missing = parts(tmp_path / "results")[5:7]
    os.truncate(truncated, truncated.stat().st_size // 2)
    missing.unlink()
    before = content(tmp_path / "results")
    said = spiraal(tmp_path, *SWEEP, code=2)
    assert f"results/data/{truncated.name}: is damaged" in said
    assert "--repair removes damaged parts and computes them again" in said
    assert content(tmp_path / "results") == before
    spiraal(tmp_path, *SWEEP, "--repair")
    assert content(tmp_path / "results") == content(folder / "results")


@pytest.mark.parametrize("kind", ["data", "children"])
@pytest.mark.parametrize("damaged", [b"", b"x" * 99, b"PAR1" * 9])
def test_whatever_is_no_part_is_damaged(folder: Path, tmp_path: Path, kind: str, damaged: bytes) -> None:
    shutil.copytree(folder / "results", tmp_path / "results")
    path = sorted((tmp_path / "results" / kind).iterdir())[5]
    path.write_bytes(damaged)
    sweep = prepare(folder / "plan.toml")
    with pytest.raises(SweepError, match=f"{path.name}: is damaged"):
        run(sweep, tmp_path / "results", partial(on_threads, workers=1))
    run(sweep, tmp_path / "results", partial(on_threads, workers=1), repair=True)
    assert content(tmp_path / "results") == content(folder / "results")


def test_a_part_of_another_length_is_damaged(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "results", tmp_path / "results")
    part = parts(tmp_path / "results")[3]
    pq.write_table(pq.read_table(part).slice(1), part)
    with pytest.raises(SweepError, match=f"{part.name}: is damaged"):
        run(prepare(folder / "plan.toml"), tmp_path / "results", partial(on_threads, workers=1))


def test_a_changed_plan_is_refused_and_nothing_is_lost(begun: Path, folder: Path) -> None:
    before = content(begun / "results")
    write_plan(begun, **{**MANY, "replications": 60})
    said = spiraal(begun, *SWEEP, code=2)
    assert "results: replications of the plan: was 50, is 60" in said
    assert "results: holds another sweep; choose another folder" in said
    assert content(begun / "results") == before
    write_plan(begun, **MANY)
    assert_finishes(begun, folder)


@pytest.mark.parametrize("text", ["", "{", '{"kind": "sweep"}', "[]"])
def test_a_damaged_manifest(folder: Path, tmp_path: Path, text: str) -> None:
    shutil.copytree(folder / "results", tmp_path / "results")
    (tmp_path / "results" / "manifest.json").write_text(text, encoding="utf-8")
    before = content(tmp_path / "results")
    with pytest.raises(SweepError, match=r"manifest.json: is not the manifest of a sweep"):
        run(prepare(folder / "plan.toml"), tmp_path / "results", partial(on_threads, workers=1))
    assert content(tmp_path / "results") == before
