"""Compiled code on the disk: nobody finds that of another form, or of another layout."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from numba import types

from sim.compiled import CodeFiles
from sim.engine import years
from sim.engine.lanes import Lane
from sim.run import simulate
from sim.scenario import Scenario

FORMS = ("of records", "of lanes")


def code_in(folder: Path, stamp: str = "today") -> Any:
    """Files of the code of a function, as its source was."""
    return CodeFiles(str(folder), "function", stamp)


def test_processes_that_keep_code_at_the_same_time_never_take_that_of_others(tmp_path: Path) -> None:
    for turn in range(100):
        together = threading.Barrier(len(FORMS))

        def keep(form: str, folder: Path = tmp_path / str(turn), together: threading.Barrier = together) -> None:
            folder.mkdir(exist_ok=True)
            files = code_in(folder)
            together.wait()
            files.save(form, f"code {form}")

        threads = [threading.Thread(target=keep, args=(form,)) for form in FORMS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = code_in(tmp_path / str(turn))
        told = [found.load(form) for form in FORMS]
        assert all(code in (None, f"code {form}") for form, code in zip(FORMS, told, strict=True))
        assert any(told)


def test_code_of_yesterday_is_neither_found_nor_kept(tmp_path: Path) -> None:
    before, now = (code_in(tmp_path, stamp) for stamp in ("yesterday", "today"))
    for form in FORMS:
        before.save(form, f"old code {form}")
    assert [now.load(form) for form in FORMS] == [None, None]
    for file in tmp_path.glob("*.nbc"):
        os.utime(file, (0.0, 0.0))
    now.save(FORMS[0], "new code")
    assert [now.load(form) for form in FORMS] == ["new code", None]
    assert len([*tmp_path.glob("*.nbc")]) == 1


def test_lanes_of_another_layout_are_another_type() -> None:
    one, other = Lane("child", ("closeness", "conflict")), Lane("child", ("conflict", "closeness"))
    assert one != other
    assert one == Lane("child", ("closeness", "conflict"))
    assert types.void(one) != types.void(other)


def test_a_year_is_compiled_beforehand_in_the_form_in_which_it_runs() -> None:
    simulate(Scenario(weeks=1).changed(**{"class.size": 4}))
    known = [*years.years.signatures]  # type: ignore[attr-defined]
    (form,) = {str(step._sig): step._sig for steps in years._made.values() for step in steps}.values()
    years.compile_years(form)
    assert years.years.signatures == known  # type: ignore[attr-defined]
