"""Compile the equations once, so that processes that start side by side find them compiled.

The compiled code is kept on disk. Processes that compile the same function at the same moment may overwrite each
other's files, so one process does it first: every intervention, in both runners, and what the figures need.
"""

from __future__ import annotations

from sim.dashboard.warming import look_at_dyad, simulate_all, small_class
from sim.model import Classroom
from sim.peers import acceptance_of_all


def main() -> None:
    """Run a few weeks of a small class in both runners."""
    Classroom(small_class()).run_model()
    record = simulate_all()
    acceptance_of_all(record.liking[-1].astype(float))
    look_at_dyad(record)


if __name__ == "__main__":
    main()
