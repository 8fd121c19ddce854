"""Every promise of the threat model is held by a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "security.md"
DEFINED = re.compile(r"^def (test_\w+)\(", re.MULTILINE)
PROMISE = re.compile(r"^\| (?!who, and what|---)(.+?) \| (.+?) \| (.*?) \|$", re.MULTILINE)


def test_every_promise_names_a_test_that_there_is() -> None:
    there = {name for file in TESTS.rglob("test_*.py") for name in DEFINED.findall(file.read_text("utf-8"))}
    promises = PROMISE.findall(PAGE.read_text("utf-8"))
    assert len(promises) >= 15
    for who, _promised, held in promises:
        named = re.findall(r"`(test_\w+)`", held)
        assert named, who
        assert set(named) <= there, set(named) - there
