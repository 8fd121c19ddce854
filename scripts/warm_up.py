"""Compile the equations once, so that processes that start side by side find them compiled.

The compiled code is kept on disk. Processes that compile the same function at the same moment may overwrite each
other's files, so one process does it first: every intervention, in both runners, and what the figures need.
"""

from __future__ import annotations

from sim.interventions import REGISTRY
from sim.model import Classroom
from sim.peers import acceptance_of_all
from sim.run import simulate
from sim.scenario import InterventionChoice, Scenario
from sim.year.dyad import basin, loop_gain, portrait


def main() -> None:
    """Run a few weeks of a small class in both runners."""
    choices = tuple(InterventionChoice(name=name, target="highest conflict") for name in REGISTRY)
    scenario = Scenario(interventions=choices, weeks=2).changed(**{"class": {"size": 4}})
    Classroom(scenario).run_model()
    record = simulate(scenario)
    acceptance_of_all(record.liking[-1].astype(float))
    for state in (record.state(1), record.final):
        loop_gain(state, 0)
        basin(state, 0)
        portrait(state, 0, points=2, settling=1)


if __name__ == "__main__":
    main()
