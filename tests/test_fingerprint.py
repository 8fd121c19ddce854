"""What numbers depend on is told in one place, and whatever changes it takes effect and shows, or is refused.

Most of it is tried with real processes on a copy of the program, whose sources can be changed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.files.fingerprint import FingerprintError, fingerprint, reached
from sim.files.packaged import PACKAGE, PackagedError, packaged
from sim.parameters import CALIBRATED
from sim.run import simulate
from sim.studies.verdict import repeat
from sim.sweeps.chunk import compute

ROOT = PACKAGE.parent

# What a teacher sees who looks through an image of the child: an equation that calls others.
SEES = """
import sys
from sim.engine import arrays
from sim.parameters import Parameters
from sim.state import CHILD_DTYPE, TEACHER_DTYPE
import numpy as np

def sees():
    children, teacher = np.zeros(1, CHILD_DTYPE), np.zeros(1, TEACHER_DTYPE)
    children["representation"] = -0.5
    return float(arrays.teacher_perceives(children, 0, teacher, 0.25, Parameters().record()))
"""
REPLACE = """
from sim import dynamics
from sim.compiled import compiled

def replace():
    def other(tone, model, bias):
        return 7.5
    dynamics.coloured = compiled(other)
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program without its dashboard."""
    for name in ("sim", "experiments"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "dashboard"))
    return tmp_path


def start(copy: Path, script: str, cache: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script with the copy, in a process of its own; numba may be told where its cache is, as on clusters."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("NUMBA_CACHE_DIR", None)
    if cache is not None:
        environment["NUMBA_CACHE_DIR"] = str(cache)
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=copy)


def said(copy: Path, script: str, cache: Path | None = None) -> Any:
    """What a script prints last, read as JSON."""
    done = start(copy, script, cache)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- What it knows -----------------------------------------------------------------------------------


def test_it_follows_imports_through_packages_and_names_libraries_and_files() -> None:
    found = fingerprint(compute.__module__)
    names = {Path(name).name for name in found.sources}
    assert {"dynamics.py", "lanes.py", "population.py", "parameters.py", "compiled.py", "luck.py"} <= names
    assert {"sim/files/shipped/calibrated.toml", "sim/files/shipped/quantiles.npz"} <= found.sources.keys()
    assert not {"cli.py", "plots.py", "server.py"} & names
    assert {"numba", "numpy"} <= found.versions.keys()
    assert found.replaced == {}
    assert {"analysis.py", "doumen_2008.py", "instruments.py"} <= {
        Path(name).name for name in fingerprint(packaged("experiments") / "doumen_2008.py", repeat.__module__).sources
    }


def test_the_cache_of_an_equation_depends_on_all_that_it_may_call() -> None:
    assert {"sim/dynamics.py", "sim/state.py"} <= fingerprint("sim.dynamics").sources.keys()
    names = {Path(name).name for name in fingerprint("sim.engine.years").sources}
    assert {"lanes.py", "hooks.py", "dynamics.py", "state.py", "parameters.py"} <= names


def test_the_engine_depends_on_no_reader_of_files_and_on_no_words() -> None:
    """Or else their every change would have equations compiled anew, and results called those of another program."""
    found = set(reached(["sim.engine.years"]))
    assert {str(one) for one in found if str(one).startswith("sim.files.")} == {
        "sim.files.fingerprint",
        "sim.files.names",
        "sim.files.packaged",
        "sim.files.sources",
    }


def test_what_cannot_be_found_is_an_error(tmp_path: Path) -> None:
    for source, complaint in {
        "from sim.nowhere import x": "sim.nowhere: is imported, but there is no such module",
        "from . import x": "line 1: imports from a place that is not named in full",
        "import sim; packaged(sim.name)": "line 1: does not say in so many words what it reads",
        "def f(:": "line 1: invalid syntax",
    }.items():
        (tmp_path / "study.py").write_text(source, encoding="utf-8")
        with pytest.raises(FingerprintError, match=complaint):
            fingerprint(tmp_path / "study.py")
    with pytest.raises(FingerprintError, match="no such file"):
        fingerprint(tmp_path / "nothing.py")
    with pytest.raises(PackagedError, match="install Spiraal again"):
        packaged("nothing.toml")


def test_what_was_read_of_sources_is_kept_and_what_is_damaged_is_read_anew(copy: Path) -> None:
    script = (
        "import json; from sim.files.fingerprint import fingerprint; print(json.dumps(fingerprint('sim.run').digest))"
    )
    first = said(copy, script)
    kept = {path: path.read_bytes() for path in copy.rglob("__pycache__/*.says")}
    assert {"dynamics", "years", "fingerprint"} <= {path.name.partition(".")[0] for path in kept}
    one, other, third, *_ = sorted(kept)
    one.write_bytes(kept[other])
    other.write_bytes(kept[other].replace(b'"functions"', b'"functionz"'))
    third.unlink()
    third.mkdir()
    assert said(copy, script) == first
    assert {path: path.read_bytes() for path in (one, other)} == {path: kept[path] for path in (one, other)}
    assert not list(copy.rglob("__pycache__/*.says.*"))
    edit(copy / "sim" / "dynamics.py", "@compiled\ndef coloured(", "A_CONSTANT = 1\n\n\n@compiled\ndef coloured(")
    assert said(copy, script) != first


def test_what_stands_there_for_type_checkers_only_does_not_count(tmp_path: Path) -> None:
    study = tmp_path / "study.py"
    study.write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import sim.nowhere\n", encoding="utf-8")
    assert list(fingerprint(study).sources) == ["study.py"]
    study.write_text("from sim import twins", encoding="utf-8")
    assert simulate.__module__.replace(".", "/") + ".py" in fingerprint(study).sources


# What a process opens of the program while it runs a class, a piece of a sweep and a study. Catalogues are folders
# from which somebody takes a scenario, a plan, a study or a translation; what is taken counts where it is used.
OPENED = """
import json, os, sys
from dataclasses import replace
opened = set()
sys.addaudithook(lambda event, details: opened.add(str(details[0])) if event == "open" else None)
from sim.files.fingerprint import fingerprint
from sim.files.packaged import PACKAGE, packaged
from sim.run import simulate
from sim.scenario import Scenario
from sim.studies import load_study
from sim.studies.verdict import repeat
from sim.sweeps.chunk import compute
from sim.sweeps.sweep import prepare
simulate(Scenario(weeks=1))
prepared = prepare(packaged("experiments") / "plans" / "tipping-point.toml")
compute(replace(prepared.chunk(0), batches=prepared.chunk(0).batches[:1]))
repeat(load_study("contacts"), studies=2, classes=10)
study = packaged("experiments") / "contacts.py"
known = fingerprint(study, compute.__module__, repeat.__module__, simulate.__module__, "sim.sweeps.sweep").sources
root = PACKAGE.parent
inside = {os.path.relpath(path, root) for path in opened if path.startswith(str(root)) and os.path.isfile(path)}
catalogues = ("sim/files/shipped/examples/", "sim/files/shipped/locale/", "experiments/")
read = {path for path in inside if path.startswith("sim/") and "__pycache__" not in path}
read = {path for path in read if not path.startswith(catalogues)} | {"experiments/contacts.py"}
print(json.dumps(sorted(read - known.keys())))
"""


def test_nothing_is_read_that_it_does_not_know() -> None:
    """A real process is watched: whatever file of the program it opens is in the fingerprint."""
    assert said(ROOT, OPENED) == []


# --- What follows ------------------------------------------------------------------------------------

KEY = 'import json; from sim.studies.validation import Job; print(json.dumps(Job("contacts", 3, 4).key))'
DIGEST = "import json; from sim.sweeps.sweep import engine_fingerprint; print(json.dumps(engine_fingerprint().digest))"


def test_adopted_parameters_make_kept_findings_and_parts_of_sweeps_stale(copy: Path) -> None:
    before = [said(copy, script) for script in (KEY, DIGEST)]
    assert [said(copy, script) for script in (KEY, DIGEST)] == before
    found = CALIBRATED["seek_rate"]["value"]
    edit(copy / "sim" / "files" / "shipped" / "calibrated.toml", f"value = {found!r}\n", f"value = {found + 0.001!r}\n")
    after = [said(copy, script) for script in (KEY, DIGEST)]
    assert not set(before) & set(after)
    found = next((copy / "sim").rglob("target.py"))
    edit(found, "\nimport ", "\n# changed\nimport ")
    assert not {*before, *after} & {said(copy, script) for script in (KEY, DIGEST)}


@pytest.mark.parametrize("told", [False, True])
def test_an_edited_equation_takes_effect(copy: Path, tmp_path: Path, *, told: bool) -> None:
    """Compiled code holds what it calls; also where numba is told to keep it somewhere else."""
    cache = tmp_path / "cache" if told else None
    script = SEES + "print(sees())"
    before = said(copy, script, cache)
    assert said(copy, script, cache) == before
    first_line = "def coloured(tone: float, model: float, bias: float) -> float:\n"
    edit(copy / "sim" / "dynamics.py", first_line, f"{first_line}    if tone < 9.0:\n        return 3.25\n")
    assert said(copy, script, cache) == 3.25
    kept = [path for folder in (cache, copy) if folder for path in folder.rglob("*.nbc")]
    assert kept, "nothing was kept on disk, so that nothing was tried"


def test_a_replaced_equation_takes_effect_and_leaves_no_trace_in_the_cache(copy: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    plain, replaced = SEES + "print(sees())", SEES + REPLACE + "replace(); print(sees())"
    assert said(copy, replaced, cache) == 7.5  # with nothing compiled yet
    before = said(copy, plain, cache)
    assert before != 7.5
    assert said(copy, replaced, cache) == 7.5  # with the right one compiled
    assert said(copy, plain, cache) == before


def test_a_replaced_equation_shows(copy: Path) -> None:
    """A sweep's manifest names it, so that such a sweep never goes on with the right one."""
    script = (
        SEES
        + REPLACE
        + "replace(); from sim.sweeps.sweep import prepare; print(prepare('tipping-point').manifest.text())"
    )
    done = start(copy, script)
    manifest = json.loads(done.stdout)
    assert list(manifest["fingerprint"]["replaced"]) == ["sim.dynamics.coloured"]
    assert manifest["engine"] != said(copy, DIGEST)


@pytest.mark.parametrize(
    ("name", "replacement"),
    [
        ("dynamics.coloured", "dynamics.coloured = compiled(lambda tone, model, bias: 7.5)"),
        ("luck.thirds", "luck.thirds = luck.uniform"),
        ("dynamics.MOST_BIDS", "dynamics.MOST_BIDS = 3"),
    ],
)
def test_an_equation_that_is_replaced_too_late_is_refused(copy: Path, name: str, replacement: str) -> None:
    script = SEES + "from sim import dynamics, luck\nfrom sim.compiled import compiled, check_equations\nsees()\n"
    done = start(copy, f"{script}check_equations()\n{replacement}\ncheck_equations()")
    assert done.returncode == 1
    assert "replaced after equations had been compiled" in done.stderr
    assert f"sim.{name}: replaced" in done.stderr


def folder_in_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b"damaged" + path.read_bytes()[7:]), id="another beginning"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), id="half of it"),
        pytest.param(lambda path: path.write_bytes(bytes(path.stat().st_size)), id="zeros"),
        pytest.param(folder_in_place, id="a folder"),
    ],
)
def test_damaged_compiled_code_is_made_anew(copy: Path, tmp_path: Path, damage: Callable[[Path], object]) -> None:
    script, cache = SEES + "print(sees())", tmp_path / "cache"
    before = said(copy, script, cache)
    kept = list(cache.rglob("*.nb?"))
    assert kept
    for path in kept:
        damage(path)
    assert said(copy, script, cache) == before


FULL = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
"""
"""No file may have anything in it, as on a disk that is full."""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is that of POSIX")
@pytest.mark.parametrize("damaged", [False, True], ids=["nothing there", "damaged files there"])
def test_a_full_disk_keeps_nobody_from_computing(copy: Path, tmp_path: Path, damaged: bool) -> None:
    script, cache = SEES + "{}print(sees())", tmp_path / "cache"
    before = said(copy, script.format(""), cache)
    for path in cache.rglob("*.nb?"):
        path.write_bytes(b"damaged") if damaged else path.unlink()
    assert said(copy, script.format(FULL), cache) == before
