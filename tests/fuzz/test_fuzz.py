"""Whatever is in a file or a link, its reader gives an answer or one of our errors, in bounded time and memory.

Right documents are damaged at random: for some seconds in every test run, always in the same way, and for as long as
one likes with ``make fuzz SECONDS=600``, each time in another. What fails is kept as a file in ``corpus/``, in a
folder of the name of its reader, and is read in every test run from then on.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase

from sim.cli.terminal import clean
from sim.dashboard.choices import Choices, pair_of
from sim.dashboard.lesson import LESSONS, LessonError, as_file, read_lesson
from sim.files.classlist import ClassListError, Upload, look, read_class_list
from sim.output import run_folder
from sim.scenario import EXAMPLES, Scenario, ScenarioError, load, shipped
from sim.studies import power_report
from sim.studies.trial import TrialError
from sim.sweeps import dataset
from sim.sweeps.case import Case
from sim.sweeps.design import DesignError, ListDesign
from sim.sweeps.plan import PlanError, check, load_plan, plans, read_scenario

resource = pytest.importorskip("resource", reason="memory is measured as POSIX has it")

CORPUS = Path(__file__).with_name("corpus")
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
EXAMPLES_AT_ONCE = 400
LONGEST = 2.0
"""Seconds of one core for one document."""
LARGEST = 500
"""MB that a reader may take for all of them."""


# --- Readers: each takes a folder and the content of a file in it ------------------------------------


def scenario(folder: Path, content: bytes) -> None:
    (folder / "x.toml").write_bytes(content)
    found = load(folder / "x.toml")
    assert Scenario.model_validate_json(found.model_dump_json(by_alias=True)) == found


def plan(folder: Path, content: bytes) -> None:
    (folder / "x.toml").write_bytes(content)
    found, beside = load_plan(folder / "x.toml")
    read_scenario(found.scenario, found, beside, "x.toml")


def design(folder: Path, content: bytes, name: str = "x.csv") -> None:
    (folder / name).write_bytes(content)
    found, _beside = load_plan("class-size")
    listed = found.model_copy(update={"design": ListDesign(file=name), "uncertainties": {}, "levers": {}})
    check(listed, Case(Scenario()), ListDesign(file=name).cells(folder), name)


def packed_design(folder: Path, content: bytes) -> None:
    design(folder, content, "x.parquet")


def class_list(folder: Path, content: bytes) -> None:
    look(Upload("x", content))
    read_class_list(Upload("x", content))


def nominations(folder: Path, content: bytes) -> None:
    read_class_list(EXAMPLES / "groep4.csv", Upload("x", content))


def run_manifest(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    run_folder.read_manifest(folder / "manifest.json", run_folder.RunManifest)


def power_manifest(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    power_report.read_trial(folder / "manifest.json")


def sweep_manifest(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    dataset.read_manifest(folder)


def link(folder: Path, content: bytes) -> None:
    choices, _left_out = Choices.from_link(content.decode("utf-8", "surrogateescape"), "en")
    pair_of(choices)
    query = choices.link().removeprefix("?")
    assert Choices.from_link(query, "en") == (choices, ())


def lesson(folder: Path, content: bytes) -> None:
    found = read_lesson(Upload("x", content))
    assert read_lesson(Upload("x", as_file(found).encode())) == found


def packed(**columns: list[object]) -> bytes:
    """A table as the content of a Parquet file."""
    file = io.BytesIO()
    pd.DataFrame(columns).to_parquet(file)
    return file.getvalue()


YEARS = b"""[[interventions]]
name = "samen-spel"
target = "highest conflict"

[years]
count = 3
teacher = 0.9
remixed = 0.25
again = { samen-spel = [2, 3] }
"""
OF_BOTH = {
    "spiraal": "0.3.0",
    "python": "3",
    "platform": "x",
    "versions": {"numpy": "2"},
    "parameters": {"negativity": 1},
}
OF_A_RUN = {"scenario": {"weeks": 2, "class": {"size": 3}}, "plugins": [], "data": {"days.parquet": "0"}}
OF_A_SWEEP = {"plan": {}, "engine": "x", "cells": "x", "each": True, "class_years": 5, "rows": 2, "parts": 3}
OF_POWER = {"trial": {"programme": "samen-spel", "classes": [20, 40]}, "asked": 2, "worlds": "x"}
MANIFEST = json.dumps(OF_BOTH | OF_A_RUN | OF_A_SWEEP | OF_POWER).encode()
READERS: dict[str, tuple[Callable[[Path, bytes], None], list[bytes]]] = {
    "scenario": (scenario, [*(path.read_bytes() for path in shipped().values()), YEARS]),
    "plan": (plan, [path.read_bytes() for path in plans().values()]),
    "design": (design, [b"class.size,teacher.strain\n5,0.2\n4,0.3\n", b"class.size;teacher.strain\n5;0,2\n4;1,2\n"]),
    "packed design": (packed_design, [packed(**{"class.size": [4, 5], "teacher.strain": [0.1, 0.2]})]),
    "class list": (class_list, [(EXAMPLES / "groep4.csv").read_bytes(), b"naam;leeftijd\nSem;5,5\nLot;6\n"]),
    "nominations": (nominations, [(EXAMPLES / "groep4-nominations.csv").read_bytes()]),
    "run manifest": (run_manifest, [MANIFEST]),
    "power manifest": (power_manifest, [MANIFEST]),
    "sweep manifest": (sweep_manifest, [MANIFEST]),
    "lesson": (lesson, [path.read_bytes() for path in LESSONS.glob("*.toml")]),
    "link": (link, [Choices(scenario=name, seed=7, strain=0.5).link()[1:].encode() for name in shipped()]),
}
ERRORS = (
    *(ScenarioError, PlanError, DesignError, ClassListError, TrialError),
    *(run_folder.ManifestError, dataset.SweepError, LessonError),
)


# --- Documents ---------------------------------------------------------------------------------------

# fmt: off
PIECES = [
    b"0", b"-1", b"1e999", b"9" * 5000, b"0x" + b"f" * 5000, b"nan", b"inf", b"true", b"null", b"2020-13-41",
    b"[" * 2000, b"]", b"{" * 2000, b"}", b'{"a":' * 2000, b"a." * 2000, b'"a".' * 50, b"[[a]]\n", b"[a.b]\n", b"=",
    b'"', b"'", b'"""', b"'''", b"\\", b'"\\u0000"', b'"\\ud800"', b"\\x1b[31m", b"#", b",", b";", b"\t", b"\r",
    b"\n", b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", "é\u202e\uffff".encode(), b"&", b"%00",
    b'"class.list" = "x.csv"\n', b'list = "/dev/zero"\n', b"low = 0\nhigh = 1e9\nwhole = true\n", b"values = []\n",
    b"x" * 5000,
]
# fmt: on


@st.composite
def documents(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A right document with some of it lost, doubled, moved or replaced."""
    content = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(content)))
        stop = start + draw(st.sampled_from([0, 0, 1, 2, 8, 50, 10**6]))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=4) | st.just(content[start:stop] * 2))
        content = content[:start] + piece + content[stop:]
    return content


def read(name: str, folder: Path, content: bytes) -> None:
    """Read a document; what is said of it can be printed."""
    begin = time.process_time()
    try:
        READERS[name][0](folder, content)
    except ERRORS as error:
        assert clean(str(error)).encode()
    assert time.process_time() - begin < LONGEST


def memory() -> float:
    """MB that this process has taken at most."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1e6 if sys.platform == "darwin" else 1e3)


@pytest.mark.parametrize("name", READERS)
def test_any_document_is_answered_or_refused(name: str, tmp_path: Path) -> None:
    last = b""

    @settings(
        max_examples=EXAMPLES_AT_ONCE,
        derandomize=not SECONDS,
        database=DirectoryBasedExampleDatabase(".hypothesis/fuzz") if SECONDS else None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(documents(READERS[name][1]))
    def fuzz(content: bytes) -> None:
        nonlocal last
        last = content
        read(name, tmp_path, content)

    READERS[name][0](tmp_path, READERS[name][1][0])
    before, end = memory(), time.monotonic() + SECONDS / len(READERS)
    try:
        fuzz()
        while time.monotonic() < end:
            fuzz()
    except BaseException:
        if SECONDS:
            (CORPUS / name).mkdir(parents=True, exist_ok=True)
            (CORPUS / name / hashlib.sha256(last).hexdigest()[:8]).write_bytes(last)
        raise
    assert memory() - before < LARGEST


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*/*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_once_failed_does_not_fail_again(path: Path, tmp_path: Path) -> None:
    read(path.parent.name, tmp_path, path.read_bytes())
