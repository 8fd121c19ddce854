"""Files that somebody names: what they are, how large and how deep, is looked at before any work begins."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sweeps import write_plan

from sim.files.classlist import ClassListError, read_class_list
from sim.files.language import use
from sim.files.reading import LARGEST_TEXT, ReadingError, read_toml
from sim.scenario import Scenario, ScenarioError, load
from sim.sweeps.design import MOST_KEYS, MOST_LEVELS, DesignError
from sim.sweeps.plan import MOST_CLASS_YEARS, PlanError, load_plan
from sim.sweeps.sweep import prepare

READERS: dict[str, tuple[Callable[[Path], object], type[Exception]]] = {
    "scenario": (load, ScenarioError),
    "plan": (load_plan, PlanError),
    "class list": (read_class_list, ClassListError),
    "nominations": (lambda path: read_class_list(path, path), ClassListError),
}
ENDLESS = Path("/dev/zero")

posix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and devices with names are those of POSIX")


def refused(path: Path, reader: str) -> str:
    """What a reader says of a file that it does not read."""
    read, error = READERS[reader]
    with pytest.raises(error) as caught:
        read(path)
    return str(caught.value)


@posix
@pytest.mark.parametrize("reader", READERS)
def test_nobody_waits_for_a_pipe(reader: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "found a folder or a device; allowed" in refused(tmp_path / "pipe", reader)


@posix
@pytest.mark.parametrize("reader", READERS)
def test_nobody_reads_a_device_without_end(reader: str) -> None:
    assert "found a folder or a device; allowed" in refused(ENDLESS, reader)


@pytest.mark.parametrize("reader", READERS)
def test_a_file_is_read_up_to_what_was_to_be_expected(reader: str, tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(100 * LARGEST_TEXT)
    assert "found a file of more than 1 MB; allowed" in refused(tmp_path / "large", reader)
    with use("nl"):
        assert "een bestand van meer dan 1 MB" in refused(tmp_path / "large", reader)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", ["x" * 300, "nul\0byte", "", "\udcff"])
def test_no_name_is_a_fault(reader: str, name: str, tmp_path: Path) -> None:
    assert (
        "no file with this name" in (said := refused(tmp_path / name, reader)) or "found" in said or "no such" in said
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = " + "[" * 5000 + "]" * 5000, "found more than 16 brackets within each other; allowed is at most 16"),
        ("x = " + "{x=" * 5000, "found more than 16 brackets within each other; allowed is at most 16"),
        (" . ".join("a" * 17) + " = 1", "found a key of more than 16 parts; allowed is at most 16"),
        (".".join(['"a b"'] * 17) + " = 1", "found a key of more than 16 parts; allowed is at most 16"),
        (".".join("a" * 400_000) + " = 1", "found more than 200 characters without quotation marks"),
        ("weeks = " + "9" * 5000, "found more than 200 characters without quotation marks"),
        ("weeks = 0x" + "f" * 5000, "found more than 200 characters without quotation marks"),
    ],
    ids=["brackets", "tables", "a dotted key", "a quoted key", "an endless key", "digits", "hexadecimal digits"],
)
def test_what_takes_a_parser_down_is_refused_before(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "deep.toml").write_text(text, encoding="utf-8")
    begin = time.process_time()
    for reader in ("scenario", "plan"):
        assert said in refused(tmp_path / "deep.toml", reader)
    assert time.process_time() - begin < 2.0


def test_brackets_and_words_within_quotation_marks_are_only_text(tmp_path: Path) -> None:
    text = "[" * 50 + "a." * 50 + "9" * 500
    quoted = (f'"{text}\\"["', f"'{text}'", f'"""{text}\n"{text}\\""""', f"'''{text}\n{text}'''")
    lines = [f"x{i} = {value}  # {text}\n" for i, value in enumerate(quoted)]
    (tmp_path / "text.toml").write_text("".join(lines) + "y = [0.1, 0.2]\n", encoding="utf-8")
    assert list(read_toml(tmp_path / "text.toml")) == ["x0", "x1", "x2", "x3", "y"]


def test_toml_of_other_systems_is_read(tmp_path: Path) -> None:
    (tmp_path / "windows.toml").write_bytes(b'\xef\xbb\xbftitle = "x"\r\nweeks = 2\r\n')
    assert read_toml(tmp_path / "windows.toml") == {"title": "x", "weeks": 2}
    (tmp_path / "other.toml").write_bytes(b'title = "\xe9"\n')
    with pytest.raises(ReadingError, match="found something other than text; allowed is text in UTF-8"):
        read_toml(tmp_path / "other.toml")


@pytest.mark.parametrize("found", [10**5000, "x" * 10**6, -(10**5000)], ids=["a number", "a text", "a negative number"])
def test_a_value_in_a_message_is_short(found: object) -> None:
    with pytest.raises(ScenarioError) as caught:
        Scenario().changed(weeks=found)
    assert len(str(caught.value)) < 1000


# --- Plans -------------------------------------------------------------------------------------------


def plan_problem(folder: Path, **changes: Any) -> str:
    begin = time.process_time()
    with pytest.raises((PlanError, DesignError)) as caught:
        prepare(write_plan(folder, **changes))
    assert time.process_time() - begin < 5.0
    return str(caught.value)


WHOLE = {"class.size": {"low": 0, "high": 10**9, "whole": True}}
MANY = {f"parameters.p{i}": {"low": 0.0, "high": 1.0} for i in range(100)}
LEVELS = {"teacher.strain": {"values": [i / 5000 for i in range(5000)]}}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"design": {"kind": "latin-hypercube", "samples": 4}, "uncertainties": WHOLE},
            f"uncertainties.class.size: found 1000000001 whole numbers; allowed are {MOST_LEVELS}",
        ),
        (
            {"uncertainties": {"class.size": {"values": list(range(MOST_LEVELS + 1))}}},
            f"uncertainties.class.size.values: found {MOST_LEVELS + 1} values; allowed are {MOST_LEVELS}",
        ),
        (
            {"design": {"kind": "sobol", "samples": 2**20}, "uncertainties": MANY, "levers": {}},
            "found 106954752 combinations; allowed are 10000000",
        ),
        (
            {"design": {"kind": "latin-hypercube", "samples": 2**20}, "uncertainties": MANY, "levers": {}},
            "found 1048576 combinations of 100 keys; allowed are 50000000 values in all",
        ),
        (
            {"design": {"kind": "morris", "trajectories": 2**20}, "uncertainties": MANY, "levers": LEVELS},
            "found 529530880000 combinations; allowed are 10000000",
        ),
        (
            {"replications": 10**7, "levers": LEVELS, "uncertainties": {}},
            f"found 50000000000 class-years; allowed are {MOST_CLASS_YEARS}",
        ),
        (
            {"outcomes": [{"variables": ["teacher_stress"] * 200, "days": list(range(1, 101))}]},
            "outcomes: found 20000 columns; allowed are 10000",
        ),
        ({"uncertainties": {f"parameters.p{i}": {"values": [1]} for i in range(MOST_KEYS + 1)}}, "at most 1000 items"),
        ({"scenario": "x" * 300}, "scenario: found 'xxx"),
        ({"scenario": "nul\0byte"}, "scenario: found 'nul"),
        ({"design": {"kind": "list", "file": "x" * 300}, "uncertainties": {}, "levers": {}}, "File name too long"),
        ({"design": {"kind": "list", "file": "nul\0byte"}, "uncertainties": {}, "levers": {}}, "No such file"),
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else "",
)
def test_a_plan_that_is_too_large_is_refused_before_anything_is_made(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    assert said in plan_problem(tmp_path, **changes)


LISTED: dict[str, Any] = {"uncertainties": {}, "levers": {}}


@posix
def test_a_list_without_end_is_not_read(tmp_path: Path) -> None:
    for name in (str(ENDLESS), "pipe"):
        if name == "pipe":
            os.mkfifo(tmp_path / name)
        assert "found a folder or a device" in plan_problem(tmp_path, design={"kind": "list", "file": name}, **LISTED)


def test_a_list_of_too_many_classes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("class.size\n" + "4\n" * 20, encoding="utf-8")
    listed = {"design": {"kind": "list", "file": "cells.csv"}, "replications": 10**7, **LISTED}
    assert "found 200000000 class-years; allowed are 100000000" in plan_problem(tmp_path, **listed)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (lambda: pd.DataFrame({"class.size": np.zeros(60_000_000, np.int8)}), "found a table of 60000000 rows"),
        (lambda: pd.DataFrame({f"class.x{i}": [1] for i in range(1001)}), "found 1001 columns; allowed is 1000"),
        (lambda: pd.DataFrame({"class.size": [[1], [2]]}), "column class.size: allowed are numbers, or texts"),
        (lambda: pd.DataFrame({"class.size": [True, False]}), "column class.size: allowed are numbers, or texts"),
    ],
    ids=["rows", "columns", "lists in cells", "truth values"],
)
def test_a_table_that_unpacks_to_more_than_it_is_or_to_something_else(
    table: Callable[[], pd.DataFrame], said: str, tmp_path: Path
) -> None:
    table().to_parquet(tmp_path / "cells.parquet")
    assert (tmp_path / "cells.parquet").stat().st_size < 1_000_000
    listed = {"design": {"kind": "list", "file": "cells.parquet"}, **LISTED}
    assert said in plan_problem(tmp_path, **listed)


def test_a_row_with_more_cells_than_headings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("class.size,class.grade\n4,1,2\n", encoding="utf-8")
    listed = {"design": {"kind": "list", "file": "cells.csv"}, **LISTED}
    assert "found rows with more cells than headings" in plan_problem(tmp_path, **listed)
