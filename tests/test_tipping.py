"""There and back: where the dyad of the shipped example tips, where it comes back, and dyads that do neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sweeps import spiraal

from sim.files.language import use
from sim.output.tipping_folder import figure, table, tipping_in_words, write_tipping
from sim.run import simulate
from sim.scenario import load
from sim.state import ClassState
from sim.year.dyad import LOOP, Expected, basin, loop_gain
from sim.year.tipping import Tipping, TippingError, changed, tipping

LEVER = "teacher.emotional_support"
CONFLICT = LOOP.index("conflict")


@pytest.fixture(scope="module")
def start() -> ClassState:
    """The class of the shipped example on the evening before the first day."""
    return simulate(load("irritated-teacher"), interventions=False).state(0)


@pytest.fixture(scope="module")
def child(start: ClassState) -> int:
    return start.names.index("Martijn")


@pytest.fixture(scope="module")
def found(start: ClassState, child: int) -> Tipping:
    return tipping(start, child, LEVER, 0.7, 1.0, 7)


def test_what_has_tipped_comes_back_later_than_it_went(found: Tipping) -> None:
    assert [rest.level for rest in found.there] == pytest.approx(np.linspace(1.0, 0.7, 7))
    assert [rest.level for rest in found.back] == pytest.approx(np.linspace(0.7, 1.0, 7))
    assert found.tips is not None and found.returns is not None and found.width is not None
    assert (found.tips, found.returns) == (pytest.approx(0.775), pytest.approx(0.875))
    assert found.width == pytest.approx(0.1) and found.step == pytest.approx(0.05)
    assert found.there[0].conflict == pytest.approx(found.back[-1].conflict, abs=0.01)


def test_within_the_loop_there_are_two_places_of_rest(found: Tipping, start: ClassState, child: int) -> None:
    """The very same class goes on as it is: below where it comes from below, above where it comes from above."""
    (going,) = (rest for rest in found.there if rest.level == pytest.approx(0.85))
    (coming,) = (rest for rest in found.back if rest.level == pytest.approx(0.85))
    assert not going.vicious and coming.vicious
    expected = Expected(changed(start, LEVER, 0.85), child)
    for rest in (going, coming):
        later = expected.after(rest.states, 52)
        assert later == pytest.approx(rest.states, abs=0.01)
    assert not basin(changed(start, LEVER, 0.85), child).alone


def test_the_loop_gain_rises_before_it_tips(found: Tipping, start: ClassState, child: int) -> None:
    gains = {round(rest.level, 3): rest.gain for rest in found.there}
    assert gains[0.8] > gains[0.85] > gains[1.0]
    rest = found.there[0]
    here = Expected(changed(start, LEVER, 1.0), child)
    here.put(rest.states)
    assert rest.gain == loop_gain(here.state, child).factor
    assert start.teacher["emotional_support"][0] == pytest.approx(0.45)


def test_a_parameter_goes_there_and_back_too(start: ClassState, child: int) -> None:
    gentle = tipping(start, child, "parameters.act_misbehaviour", 0.5, 1.0, 3)
    assert [rest.level for rest in gentle.there] == [0.5, 0.75, 1.0]
    assert gentle.tips is None and gentle.returns is None and gentle.width is None
    assert "rests below the middle of the scale at all levels of parameters.act" in tipping_in_words(gentle, "Martijn")


def test_a_dyad_that_is_stuck_stays_where_it_is(start: ClassState, child: int) -> None:
    stuck = tipping(start, child, LEVER, 0.2, 0.4, 3)
    assert stuck.there[0].vicious and stuck.tips is None
    assert "rests above the middle" in tipping_in_words(stuck, "Martijn")


def test_one_that_does_not_come_back(found: Tipping) -> None:
    lost = Tipping(LEVER, found.there, tuple(rest for rest in found.back if rest.vicious))
    assert lost.tips == found.tips and lost.returns is None and lost.width is None
    assert tipping_in_words(lost, "Martijn").endswith(
        "does not come back when teacher.emotional_support goes all the way back."
    )


@pytest.mark.parametrize(
    ("lever", "low", "high", "message"),
    [
        ("teacher.charm", 0.0, 1.0, "--lever: found 'teacher.charm'; allowed is parameters.NAME"),
        ("parameters.charm", 0.0, 1.0, "--lever: found 'parameters.charm'"),
        (LEVER, -1.0, 1.0, "--low: found -1; allowed for teacher.emotional_support is 0 to 1"),
        (LEVER, 0.5, 0.5, "--low: found 0.5; allowed is less than --high, 0.5"),
    ],
)
def test_what_cannot_be_changed(start: ClassState, lever: str, low: float, high: float, message: str) -> None:
    with pytest.raises(TippingError) as refused:
        tipping(start, 0, lever, low, high, 3)
    assert str(refused.value).startswith(message)


def test_table_and_figure_show_both_ways_in_both_languages(found: Tipping, tmp_path: Path) -> None:
    rows = table(found)
    assert rows["way"].tolist() == ["there"] * 7 + ["back"] * 7
    assert rows["conflict"].tolist() == [rest.conflict for rest in (*found.there, *found.back)]
    conflict, gain = figure(found, "Martijn").axes
    assert conflict.lines[0].get_ydata().tolist() == rows["conflict"][:7].tolist()
    assert gain.lines[1].get_ydata().tolist() == rows["gain"][7:].tolist()
    assert conflict.xaxis_inverted()
    with use("nl"):
        write_tipping(found, "Martijn", tmp_path)
        assert "kantelt" in tipping_in_words(found, "Martijn")
    assert {path.name for path in tmp_path.iterdir()} == {"tipping.csv", "tipping.png", "tipping.svg"}
    read = pd.read_csv(tmp_path / "tipping.csv", sep=";", decimal=",", encoding="utf-8-sig")
    assert read["gain"].to_numpy() == pytest.approx(rows["gain"].to_numpy(), abs=1e-4)


def test_the_command_tells_it(tmp_path: Path) -> None:
    said = spiraal(tmp_path, "tipping", "--low", 0.7, "--high", 1, "--steps", 3, "--out", "out")
    assert "Martijn tips at 0.775. On the way back it returns at 0.925: the loop is 0.150 wide." in said
    assert (tmp_path / "out" / "tipping.png").is_file()
    assert "--week: found 99" in spiraal(tmp_path, "tipping", "--week", 99, code=2)
