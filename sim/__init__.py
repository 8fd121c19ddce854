"""Spiraal: a laboratory for relationships in the classroom.

The names below are imported when they are first used, so that ``import sim`` costs next to nothing::

    import sim

    year = sim.twins(sim.load("irritated-teacher"))   # the same class, without and with its intervention
    model = sim.Classroom(sim.load())                 # the same school day as a mesa.Model
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.files.classlist import read_class_list
    from sim.interventions import Intervention, register
    from sim.model import Classroom
    from sim.record import Record, Twins
    from sim.run import simulate, twins
    from sim.scenario import Scenario, load, shipped

__all__ = [
    "Classroom",
    "Intervention",
    "Record",
    "Scenario",
    "Twins",
    "load",
    "read_class_list",
    "register",
    "shipped",
    "simulate",
    "twins",
]

HOMES = {
    "Classroom": "sim.model",
    "Intervention": "sim.interventions",
    "Record": "sim.record",
    "Scenario": "sim.scenario",
    "Twins": "sim.record",
    "load": "sim.scenario",
    "read_class_list": "sim.files.classlist",
    "register": "sim.interventions",
    "shipped": "sim.scenario",
    "simulate": "sim.run",
    "twins": "sim.run",
}


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(import_module(HOMES[name]), name)
    if name == "__version__":
        return import_module("importlib.metadata").version("spiraal")
    raise AttributeError(f"module 'sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
