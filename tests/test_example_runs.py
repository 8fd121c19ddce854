"""The model of today gives what was written down of the examples, and of their stories."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from scripts.choose_examples import FACTS, KINDS, POINTS, measured

WRITTEN: dict[str, Any] = json.loads(FACTS.read_text("utf-8"))
AGAIN = "run: python scripts/choose_examples.py --write --stories; python scripts/write_docs.py"


def same(now: Any, then: Any, where: str = "") -> None:
    """Numbers may differ in the last digit that is kept, from one computer to another."""
    if isinstance(then, dict):
        assert now.keys() == then.keys(), where
        for key in then:
            same(now[key], then[key], f"{where}.{key}")
    elif isinstance(then, list):
        assert len(now) == len(then), where
        for place, (one, other) in enumerate(zip(now, then, strict=True)):
            same(one, other, f"{where}.{place}")
    elif isinstance(then, float):
        assert now == pytest.approx(then, abs=0.0002), f"{where}: {AGAIN}"
    else:
        assert now == then, f"{where}: {AGAIN}"


@pytest.mark.parametrize("name", POINTS)
def test_an_example_shows_what_was_written_down(name: str) -> None:
    same(json.loads(json.dumps(measured(name))), WRITTEN["examples"][name], name)


@pytest.mark.parametrize("kind", KINDS)
def test_children_and_teachers_are_chosen_again(kind: str) -> None:
    same(json.loads(json.dumps(KINDS[kind]())), WRITTEN["kinds"][kind], kind)
