"""Whom a year is about: the same child in a run, in a profile and in the dashboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.cli import commands
from sim.files.language import use
from sim.output import run_folder
from sim.run import simulate
from sim.scenario import InterventionChoice, Scenario, shipped
from sim.year.protagonist import protagonist


def told_by(scenario: str, command: str, monkeypatch: pytest.MonkeyPatch, *options: str) -> str:
    """The child that a command of `spiraal` tells about."""
    shown: list[str] = []

    def show(_screen: object, result: Any, child: int) -> None:
        shown.append(result.without.names[child])

    monkeypatch.setattr(commands, "show", show)
    monkeypatch.setattr(run_folder, "write_results", lambda *_, **__: None)
    with use("en"):
        done = CliRunner().invoke(commands.app, [command, scenario, *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return shown[0] if shown else done.output.partition("profile: ")[2].partition(", week")[0]


@pytest.mark.parametrize("scenario", shipped())
def test_run_profile_and_dashboard_tell_about_one_child(
    scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")
    from sim.dashboard.choices import Choices, followed, pair_of
    from sim.dashboard.picture import Shelf

    choices = Choices(scenario=scenario)
    pair = pair_of(choices)
    child = followed(choices)
    name = pair.without.classroom.rows()[Shelf().protagonist(pair) if child is None else child].name
    assert told_by(scenario, "run", monkeypatch, "--out", str(tmp_path / "out")) == name
    assert told_by(scenario, "profile", monkeypatch) == name
    assert told_by(scenario, "profile", monkeypatch, "--with") == name


def test_whom_the_scenario_follows_comes_before_whom_an_intervention_is_for() -> None:
    plain = Scenario(weeks=1)
    names = [row.name for row in plain.classroom.rows()]
    most = protagonist(simulate(plain))
    first, second, third = [child for child in range(4) if child != most][:3]
    everyone = InterventionChoice(name="banking-time", target=tuple(names))
    two = InterventionChoice(name="banking-time", target=(names[second], names[first]))
    for interventions, follow, child in (
        ((everyone,), None, most),
        ((everyone, two), None, second),
        ((two,), names[third], third),
    ):
        assert protagonist(simulate(plain.changed(interventions=interventions, follow=follow))) == child
