"""Numbers of today are those that were written down: only ``scripts/baselines.py`` writes others."""

from __future__ import annotations

import json
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from scripts.baselines import BASELINES, numbers
from sim.parameters import PARAMETERS, releases, replayed
from sim.run import twins
from sim.scenario import load, shipped

WRITTEN: dict[str, Any] = json.loads(BASELINES.read_text("utf-8"))
ROOT = Path(__file__).parents[1]


def test_every_shipped_scenario_is_there() -> None:
    assert list(WRITTEN["scenarios"]) == list(shipped())


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_gives_the_numbers_that_were_written_down(name: str) -> None:
    years = twins(load(name))
    for arm, record in (("without", years.without), ("with", years.with_)):
        now, then = numbers(record), WRITTEN["scenarios"][name][arm]
        assert now.keys() == then.keys()
        assert now.pop("bytes") == then.pop("bytes")
        assert now == pytest.approx(then, rel=1e-9, abs=1e-12)


def test_a_release_has_the_values_of_the_day() -> None:
    """Other values are another release: with a version of its own, and an entry in the changelog."""
    release = version("spiraal").rpartition(".")[0]
    kept = tomllib.loads(releases()[release].read_text("utf-8"))
    assert kept == {name: entry.value for name, entry in PARAMETERS.items()}
    assert replayed(release).values == {}
    assert f"## [{version('spiraal')}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_an_older_release_says_what_of_it_is_still_there() -> None:
    old = replayed("0.1")
    assert old.values["seek_rate"] == 0.846
    assert set(old.values) <= set(PARAMETERS)
    assert "seek_closeness" in old.new
    assert old.gone and not set(old.gone) & set(PARAMETERS)
    with pytest.raises(KeyError):
        replayed("0.0")
