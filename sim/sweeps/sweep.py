"""Sweeps: from a plan to a folder full of results, over design, parts and files.

A sweep is cut into parts of some thousand classes by its plan alone, whatever computer it runs on. An executor
computes parts in any order: `on_threads` on the cores of this computer, `sim.sweeps.cluster.on_cluster` on many. This
process writes them, and skips those that are there already; so a sweep goes on where it ended.

Luck is shared where a comparison wants it. Replication r of point k is class k · replications + r, whatever the
levers are: levers are compared on the same classes, and different points have luck of their own.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sim.files.fingerprint import Fingerprint, fingerprint
from sim.plugins import Plugin, read_plugin
from sim.run import agent_by_agent
from sim.sweeps.case import SCENARIO, Case, Sources
from sim.sweeps.chunk import Batch, Chunk, Tables, compute
from sim.sweeps.dataset import Dataset, SweepError, SweepManifest, open_dataset
from sim.sweeps.plan import CELL, POINT, Plan, cells, check, load_plan, read_scenario, read_sources, rows_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario import Scenario

__all__ = ["Computed", "Executor", "Sweep", "SweepError", "class_years_in", "compute", "on_threads", "prepare", "run"]

MOST, FEWEST, PARTS = 2000, 50, 64
"""Classes in a part: at most, at least where there are as many, and into how many parts a small sweep is cut."""


@dataclass(frozen=True)
class Sweep:
    """A plan with all that it needs: what is to be computed.

    Attributes
    ----------
    plan
        The plan.
    scenario
        The scenario that it changes, with its class list and the plan's seed.
    design
        The cells: columns ``cell``, ``point``, and a column for each key.
    plugins
        Files with interventions.
    sources
        The scenarios and class lists that cells name.
    """

    plan: Plan
    scenario: Scenario
    design: pd.DataFrame
    plugins: tuple[Plugin, ...] = ()
    sources: Sources = field(default_factory=Sources)

    @property
    def class_years(self) -> int:
        """Classes in all."""
        return len(self.design) * self.plan.replications

    @property
    def years(self) -> int:
        """School years of each class."""
        return self.case.count or 1

    @cached_property
    def rows(self) -> int:
        """Classes in a part: whole cells, if a part has room for one."""
        rows = max(FEWEST, min(MOST, self.class_years // PARTS))
        replications = self.plan.replications
        return rows // replications * replications if replications < rows else rows

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return -(-self.class_years // self.rows)

    @cached_property
    def manifest(self) -> SweepManifest:
        """What the numbers depend on."""
        engine = engine_fingerprint()
        return SweepManifest(
            plan=self.plan.model_dump(mode="json", exclude_unset=True),
            scenario=self.scenario.model_dump(mode="json", by_alias=True),
            parameters=dict(self.scenario.values()),
            engine=engine.digest,
            fingerprint=engine,
            cells=content_of(self.design),
            plugins=self.plugins,
            sources=self.sources.kept(),
            each=bool(self.plan.recording.each),
            class_years=self.class_years,
            rows=self.rows,
            parts=self.parts,
        )

    def chunk(self, part: int) -> Chunk:
        """A part, as a worker wants it."""
        first = part * self.rows
        last = min(first + self.rows, self.class_years)
        return Chunk(self.case, self.plan.outcomes, self.plugins, tuple(self.batches(first, last)))

    def batches(self, first: int, last: int) -> Iterator[Batch]:
        """The classes from row `first` up to row `last` of the results, cell by cell."""
        replications = self.plan.replications
        rows = self.design.iloc[first // replications : -(-last // replications)]
        changes = rows_of(rows.drop(columns=[CELL, POINT]))
        for cell, point, values in zip(rows[CELL].tolist(), rows[POINT].tolist(), changes, strict=True):
            start = max(first - cell * replications, 0)
            stop = min(last - cell * replications, replications)
            numbers = range(point * replications + start, point * replications + stop)
            yield Batch(cell, values, start, numbers)

    @property
    def case(self) -> Case:
        """What the cells change."""
        return Case(self.scenario, self.plan.years, self.sources)

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios that the cells change: those that they name, or else the plan's own."""
        return tuple(self.sources.scenarios.values()) or (self.scenario,)

    def case_of(self, cell: int) -> Case:
        """What a cell runs."""
        (values,) = rows_of(self.design.iloc[[cell]].drop(columns=[CELL, POINT]))
        return self.case.changed(values)

    def scenario_of(self, cell: int) -> Scenario:
        """The scenario of a cell, with the school years that the plan has for it in the place of its own."""
        case = self.case_of(cell)
        return case.scenario.model_copy(update={"years": case.years})

    def agent_by_agent(self) -> tuple[str, ...]:
        """Names of interventions without a compiled form: their classes take more than a hundred times as long."""
        names = [key for key in self.design if key == SCENARIO or str(key).endswith(".name")]
        different = self.design.drop_duplicates(names) if names else self.design.head(1)
        found = [name for cell in different[CELL] for name in agent_by_agent(self.scenario_of(int(cell)))]
        return tuple(dict.fromkeys(found))


def prepare(source: str | Path, plugins: Sequence[Path] = ()) -> Sweep:
    """Read a plan and check all of it before anything runs.

    Parameters
    ----------
    source
        A shipped plan by name, or a TOML file.
    plugins
        Files with interventions.

    Raises
    ------
    PlanError, DesignError, ScenarioError, ClassListError, PluginError
        For a plan, a list of cells, a scenario, a class list or a plug-in that is not right.
    """
    plan, folder = load_plan(source)
    loaded = tuple(read_plugin(path) for path in plugins)
    scenario = read_scenario(plan.scenario, plan, folder, str(source))
    design = cells(plan, folder)
    sources = read_sources(plan, scenario, design, folder, str(source))
    sweep = Sweep(plan, scenario, design, loaded, sources)
    check(plan, sweep.case, design, str(source))
    return sweep


Computed = Generator[tuple[int, Tables], None, None]
Executor = Callable[[Sweep, Iterable[int]], Computed]
"""Computes parts of a sweep by number, and yields number and tables of each as it comes."""


def run(
    sweep: Sweep,
    out: Path,
    execute: Executor,
    *,
    repair: bool = False,
    progress: Callable[[int], None] = lambda _class_years: None,
) -> None:
    """Compute what is missing of a sweep in a folder.

    Parameters
    ----------
    sweep
        What to compute.
    out
        The folder; it may hold part of the sweep already.
    execute
        Who computes.
    repair
        Whether damaged parts are removed and computed again.
    progress
        Told how many classes are finished.

    Raises
    ------
    SweepError
        When the folder cannot be used, or cannot be written any more; what was finished stays.
    """
    with open_dataset(out, sweep.manifest, sweep.design, repair=repair) as dataset:
        finished = set(dataset.finished())
        missing = [part for part in range(sweep.parts) if part not in finished]
        done = class_years_in(sweep, out)
        progress(done)
        with closing(execute(sweep, missing)) as computed:
            for part, tables in computed:
                dataset.write(part, tables)
                done += sweep.manifest.rows_of(part)
                progress(done)


def class_years_in(sweep: Sweep, out: Path) -> int:
    """How many classes of a sweep a folder holds."""
    return sum(map(sweep.manifest.rows_of, Dataset(out, sweep.manifest).finished()))


def on_threads(sweep: Sweep, parts: Iterable[int], workers: int) -> Computed:
    """Compute parts on the cores of this computer; the compiled school day leaves them to each other.

    Parameters
    ----------
    sweep, parts
        Which parts of what.
    workers
        How many at a time. No more than twice as many are begun and not yet taken, so that memory stays flat.
    """
    stopped = threading.Event()
    pool = ThreadPoolExecutor(workers)
    waiting = iter(parts)
    running: dict[Future[Tables], int] = {}

    def begin(count: int) -> None:
        for part in islice(waiting, count):
            running[pool.submit(compute, sweep.chunk(part), stopped.is_set)] = part

    try:
        begin(2 * workers)
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
                begin(1)
    finally:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)


def content_of(design: pd.DataFrame) -> str:
    """Hash of all cells."""
    content = hashlib.sha256()
    for key in design:
        values = design[key]
        numbers = values.dtype.kind in "iuf"
        content.update(f"{key} {values.dtype.kind} ".encode())
        content.update(values.to_numpy().tobytes() if numbers else "\0".join(map(str, values)).encode())
    return content.hexdigest()


def engine_fingerprint() -> Fingerprint:
    """What the numbers of a chunk depend on, beside what it is told."""
    return fingerprint(compute.__module__)
