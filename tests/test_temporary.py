"""Folders that are there for a while: what killed processes leave is removed, what others hold is not."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sweeps import surroundings

from sim.files.temporary import A_DAY, temporary_folder
from sim.plugins import Plugin, install

SLOW = """
import time
from sim.plugins import Plugin, install
print("begun", flush=True)
install([Plugin("slow.py", "import time\\nprint('loads', flush=True)\\ntime.sleep(600.0)\\n")])
"""
"""Somebody's plug-in that takes its time while it is loaded."""
GOOD = """
from sim.interventions import Intervention, register

@register
class Nothing(Intervention):
    name = "nothing-at-all"
    title = "Nothing"

    def act(self, state, child, course_day):
        pass
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def loading(place: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that loads a plug-in, and its folder."""
    before = {*place.iterdir()}
    environment = {**surroundings(), "TMPDIR": str(place), "TEMP": str(place)}
    with subprocess.Popen([sys.executable, "-c", SLOW], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _line in range(2)] == ["begun\n", "loads\n"]
        (folder,) = (new for new in {*place.iterdir()} - before if new.is_dir())
        try:
            yield process, folder
        finally:
            process.kill()


def test_what_a_killed_process_has_left_is_removed_by_the_next_plugin(place: Path) -> None:
    with loading(place) as (process, left):
        process.kill()
        process.wait()
    assert [file.suffix for file in left.glob("plugin_*")] == [".py"]
    install([Plugin("good.py", GOOD)])
    assert not any(place.iterdir())


def test_what_another_process_holds_stays(place: Path) -> None:
    with loading(place) as (_process, held):
        install([Plugin("good.py", GOOD + "# the same, once more\n")])
        assert [*place.iterdir()] == [held]
        assert [file.suffix for file in held.glob("plugin_*")] == [".py"]


def test_what_is_somebody_elses_stays_and_what_has_no_lock_is_removed_after_a_day(place: Path) -> None:
    (others := place / "elsewhere").mkdir()
    (others / "thesis.txt").write_text("years of work", encoding="utf-8")
    (place / "spiraal-notes").mkdir()
    (place / "spiraal-link0000").symlink_to(others, target_is_directory=True)
    (young := place / "spiraal-young000").mkdir()
    (old := place / "spiraal-old00000").mkdir()
    then = time.time() - A_DAY - 60.0
    os.utime(old, (then, then))
    with temporary_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        assert not old.exists()
    assert not folder.exists()
    assert young.exists()
    assert {path.name for path in place.iterdir()} == {"elsewhere", "spiraal-notes", "spiraal-link0000", young.name}
    assert (others / "thesis.txt").exists()
