"""A chunk of a sweep: some classes of some cells, from scenario to table. A worker needs nothing else.

What comes out depends on what goes in and on nothing else, neither on the machine nor on what was computed before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.plugins import Plugin, install
from sim.run import TOGETHER, side_by_side
from sim.scenario import Scenario, ScenarioError
from sim.school_years import Lived, live
from sim.state import Records
from sim.sweeps.aggregates import Layout, Outcomes, Recording, Seen
from sim.sweeps.case import Case
from sim.sweeps.dyads import dyads

if TYPE_CHECKING:
    import pyarrow as pa


__all__ = [
    "CHILDREN",
    "DATA",
    "Batch",
    "Chunk",
    "Stopped",
    "Tables",
    "compute",
    "names_of",
    "reason",
    "run_cases",
]

DATA, CHILDREN = "data", "children"
"""Names of the datasets: one row a class, and one row a child where the plan asks for each."""
Tables = dict[str, "pa.Table"]


class Batch(NamedTuple):
    """Classes of one cell: the keys that differ from the scenario, the first replication, the numbers of classes."""

    cell: int
    changes: Mapping[str, object]
    replication: int
    numbers: range


@dataclass(frozen=True)
class Chunk:
    """Some classes of a sweep, with all that it takes to compute it."""

    case: Case
    outcomes: tuple[Outcomes, ...]
    plugins: tuple[Plugin, ...]
    batches: tuple[Batch, ...]


class Stopped(Exception):  # noqa: N818 - not an error
    """The result is not wanted any more."""


def compute(chunk: Chunk, stopped: Callable[[], bool] = lambda: False) -> Tables:
    """Run the classes of a chunk; a batch that fails has no outcomes but says why.

    Parameters
    ----------
    chunk
        What to run.
    stopped
        Asked again and again whether the result is wanted no more.

    Raises
    ------
    Stopped
        When it is not.
    """
    install(chunk.plugins)
    recording = Recording(chunk.outcomes, chunk.case.count)
    classes, children = [], []

    def pause() -> None:
        if stopped():
            raise Stopped

    for batches in bundles(chunk.batches):
        pause()
        for batch, found in zip(batches, run_together(chunk.case, batches, recording, pause), strict=True):
            if isinstance(found, Exception):
                nothing = np.full((len(batch.numbers), len(recording.columns)), np.nan)
                classes.append(class_columns(batch, nothing, reason(found)))
                continue
            layout, seen = found
            classes.append(class_columns(batch, layout.of_classes(seen), None))
            if recording.each:
                children.append(child_columns(batch, seen.kept.chosen, layout.of_each(seen)))
    tables = {DATA: class_table(recording, classes)}
    if recording.each:
        tables[CHILDREN] = child_table(recording, children)
    return tables


def bundles(batches: Sequence[Batch]) -> Iterator[list[Batch]]:
    """Batches in bundles of some classes, which run side by side."""
    bundle: list[Batch] = []
    for batch in batches:
        bundle.append(batch)
        if sum(len(one.numbers) for one in bundle) >= TOGETHER:
            yield bundle
            bundle = []
    if bundle:
        yield bundle


Pause = Callable[[], None]
"""Called again and again; raises `Stopped` when the result is not wanted any more."""


def run_together(
    base: Case, batches: Sequence[Batch], recording: Recording, pause: Pause
) -> list[tuple[Layout, Seen] | Exception]:
    """What is left of each batch, or why it failed: where one of them fails, each runs alone."""
    try:
        cases = [base.changed(batch.changes) for batch in batches]
        layouts = [recording.layout(case.scenario.calendar(), names_of(case.scenario)) for case in cases]
        found: list[tuple[Layout, Seen] | Exception] = []
        for layout, members in groupby(zip(layouts, cases, batches, strict=True), key=lambda job: job[0]):
            jobs = [(case, batch.numbers) for _, case, batch in members]
            found += [(layout, seen) for seen in run_cases(jobs, layout, pause)]
    except Stopped:
        raise
    except Exception as error:  # noqa: BLE001 - a cell may fail in any way, for interventions may be a user's
        if len(batches) == 1:
            return [error]
        return [seen for batch in batches for seen in run_together(base, [batch], recording, pause)]
    return found


def run_cases(jobs: Sequence[tuple[Case, Sequence[int]]], layout: Layout, pause: Pause = lambda: None) -> list[Seen]:
    """Run classes of several cases, all of them for one school year or all for several."""
    if jobs[0][0].years is None:
        kept = side_by_side([(case.scenario, numbers) for case, numbers in jobs], layout.keep)
        lived = [Lived(one, np.ones((*one.children.shape[:2], one.children.shape[-1]), dtype=bool)) for one in kept]
    else:
        lived = [
            live(case.scenario, numbers, layout.keep, case.years.count, case.years.later)
            for case, numbers in jobs
            if case.years is not None
        ]
    above = [dyads(case.scenario, numbers, layout.dyad_days, layout.dyads, pause) for case, numbers in jobs]
    return [Seen(*one, of_dyads) for one, of_dyads in zip(lived, above, strict=True)]


def names_of(scenario: Scenario) -> tuple[str, ...]:
    """Names of the interventions of a scenario, in their order."""
    return tuple(choice.name for choice in scenario.interventions)


def reason(error: Exception) -> str:
    """What went wrong, on one line if it is a scenario that is not valid."""
    if isinstance(error, ScenarioError):
        return "; ".join(error.problems)
    return f"{type(error).__name__}: {error}"


def class_columns(batch: Batch, values: Records, error: str | None) -> dict[str, Any]:
    """Rows of one batch: cell, replication, number of the class, outcomes (classes, columns), and what went wrong."""
    count = len(batch.numbers)
    return {
        "cell": np.full(count, batch.cell),
        "replication": np.arange(batch.replication, batch.replication + count),
        "number": np.asarray(batch.numbers),
        "error": [error] * count,
        "values": values,
    }


def class_table(recording: Recording, batches: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows of all batches as a table; what is not a number is null."""
    import pyarrow as pa

    values = np.concatenate([batch["values"] for batch in batches])
    columns = {name: np.concatenate([batch[name] for batch in batches]) for name in ("cell", "replication", "number")}
    columns["error"] = pa.array([error for batch in batches for error in batch["error"]], pa.string())
    for place, column in enumerate(recording.columns):
        columns[column.name] = pa.array(np.ascontiguousarray(values[:, place]), from_pandas=True)
    return pa.table(columns)


def child_columns(batch: Batch, chosen: Records, values: Records) -> dict[str, Records]:
    """Rows of one batch, one a child; shape of `chosen` is (classes, n), of `values` (columns, classes, n)."""
    classes, n = chosen.shape
    replications = np.arange(batch.replication, batch.replication + classes)
    return {
        "cell": np.full(classes * n, batch.cell),
        "replication": np.repeat(replications, n),
        "number": np.repeat(np.asarray(batch.numbers), n),
        "child": np.tile(np.arange(n), classes),
        "chosen": chosen.ravel(),
        "values": values.reshape(len(values), -1),
    }


def child_table(recording: Recording, batches: Sequence[Mapping[str, Records]]) -> pa.Table:
    """Rows of all batches as a table; what is not a number is null."""
    import pyarrow as pa

    types = dict.fromkeys(("cell", "replication", "number", "child"), pa.int64()) | {"chosen": pa.bool_()}
    columns = {
        name: pa.array(np.concatenate([batch[name] for batch in batches] or [np.zeros(0)]), kind)
        for name, kind in types.items()
    }
    nothing = np.zeros((len(recording.each), 0))
    values = np.concatenate([batch["values"] for batch in batches] or [nothing], axis=1)
    return pa.table(
        columns
        | {column.name: pa.array(row, from_pandas=True) for column, row in zip(recording.each, values, strict=True)}
    )
