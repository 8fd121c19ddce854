"""What is said of the dynamics of a dyad: the same in the log, in the figure and in the dashboard."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from sim.files.language import use
from sim.output import run_folder
from sim.output.plots import phase_portrait
from sim.run import simulate
from sim.scenario import Scenario
from sim.year.dyad import Basin, LoopGain, loop_gain
from sim.year.dyad_words import basin_in_words, gain_in_words, prospect


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use("en"):
        yield


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (0.5, "halves in 1 week."),
        (0.9389, "halves in 11 weeks."),
        (1.0801, "doubles in 9 weeks."),
        (0.49, "halves within a week."),
        (0.1, "halves within a week."),
        (8.0, "doubles within a week."),
        (2.0, "doubles in 1 week."),
        (1.0, "neither fades nor grows."),
    ],
)
def test_the_loop_gain_in_words(factor: float, words: str) -> None:
    assert gain_in_words(LoopGain(factor, {}, np.zeros((0, 0)))).endswith(words)


@pytest.mark.parametrize("vicious", [True, False])
@pytest.mark.parametrize("alone", [True, False])
def test_the_basin_in_words(vicious: bool, alone: bool) -> None:
    words = " ".join(basin_in_words(Basin({"conflict": 0.25, "aggression": 0.4}, vicious, alone)))
    assert ("vicious" in words) is vicious
    assert ("only basin" in words) is alone
    assert "2.0" in words
    assert "0.40" in words


def test_log_and_figure_say_the_same() -> None:
    record = simulate(Scenario(weeks=2))
    said = gain_in_words(loop_gain(record.state(record.calendar.days), 0))
    assert said in run_folder.goes_in_words(prospect(record, 0))
    (text,) = (text.get_text() for text in phase_portrait(record, 0).texts if "disturbance" in text.get_text())
    assert said in " ".join(text.split())
