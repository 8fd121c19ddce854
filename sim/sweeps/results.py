"""Results of a sweep: tables that join design and outcomes, and any class of it, run again alone.

Nothing is read before it is asked for, and no more than that: a folder may hold more than fits into memory, and a
sweep that is not finished can be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.files.checksums import ChecksumError, read_checked
from sim.files.language import _
from sim.plugins import check_trust, install
from sim.record import Twins
from sim.run import twins
from sim.scenario import ClassListError, Scenario, ScenarioError
from sim.sweeps.case import Sources, as_it_was
from sim.sweeps.chunk import CHILDREN, DATA, names_of, reason, run_cases
from sim.sweeps.dataset import DESIGN, Dataset, SweepError, SweepManifest, read_manifest
from sim.sweeps.plan import CELL, POINT, Plan
from sim.sweeps.sweep import Sweep, content_of

if TYPE_CHECKING:
    import pandas as pd
    from pyarrow.dataset import Dataset as ArrowDataset
    from pyarrow.dataset import Expression

__all__ = ["Results", "ResultsError", "open_results"]

REPLICATION, NUMBER, ERROR = "replication", "number", "error"


class ResultsError(Exception):
    """Results that cannot be read, or do not hold what is asked for; the message says why."""


@dataclass(frozen=True)
class Results:
    """The results of a sweep.

    Attributes
    ----------
    folder
        Where they are.
    manifest
        What they depend on.
    plan
        The plan of the sweep.
    design
        All cells: columns ``cell``, ``point``, and a column for each key.
    trust_plugins
        Whether plug-ins that are kept with the results may run. What only reads results does not need them.
    """

    folder: Path
    manifest: SweepManifest
    plan: Plan
    design: pd.DataFrame
    trust_plugins: bool = False

    @cached_property
    def sweep(self) -> Sweep:
        """What was, or is being, computed.

        Raises
        ------
        UntrustedError
            When a plug-in would have to run, and is not trusted.
        PluginError
            When an intervention that it used cannot be loaded.
        ResultsError
            When its scenario is not valid.
        """
        manifest = self.manifest
        check_trust(manifest.plugins, self.folder, trusted=self.trust_plugins)
        install(manifest.plugins)
        try:
            scenario = as_it_was(manifest.scenario, manifest.parameters)
            sources = Sources.from_kept(manifest.sources)
        except (ValueError, ClassListError) as error:
            raise ResultsError(_("{path}: cannot be read: {error}").format(path=self.folder, error=error)) from None
        return Sweep(self.plan, scenario, self.design, manifest.plugins, sources)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the columns with one value a class."""
        return tuple(column.name for column in self.plan.recording.columns)

    @cached_property
    def finished(self) -> tuple[int, ...]:
        """Numbers of the parts that are there."""
        return tuple(Dataset(self.folder, self.manifest).finished())

    @property
    def complete(self) -> bool:
        """Whether the sweep is finished."""
        return len(self.finished) == self.manifest.parts

    @cached_property
    def dataset(self) -> ArrowDataset:
        """One row a class, lazily: columns ``cell``, ``replication``, ``number``, ``error`` and the outcomes.

        Raises
        ------
        ResultsError
            When no part is finished yet, or one is damaged.
        """
        return self._dataset(DATA)

    @cached_property
    def _children(self) -> ArrowDataset:
        return self._dataset(CHILDREN)

    def _dataset(self, kind: str) -> ArrowDataset:
        from pyarrow import dataset

        if not self.finished:
            raise ResultsError(_("{path}: no part of the sweep is finished yet").format(path=self.folder))
        parts = Dataset(self.folder, self.manifest)
        files = parts.files(kind)
        for part in self.finished:
            if not parts.is_right(part, kind, files[part]):
                raise ResultsError(
                    _("{path}: is damaged; the command that made it computes it again with --repair").format(
                        path=files[part]
                    )
                )
        return dataset.dataset([files[part] for part in self.finished])

    def table(self, columns: Sequence[str] | None = None, cells: Iterable[int] | None = None) -> pd.DataFrame:
        """One row a class, with the keys of its cell.

        Parameters
        ----------
        columns
            Outcomes; all by default.
        cells
            Numbers of cells; all by default.

        Raises
        ------
        ResultsError
            For an outcome that was not kept, or when nothing is finished yet, or a part is damaged.
        """
        wanted = self.outcomes if columns is None else tuple(columns)
        for name in wanted:
            if name not in self.outcomes:
                message = _("{path}: found {found!r}; allowed is one of {names}")
                raise ResultsError(message.format(path=self.folder, found=name, names=", ".join(self.outcomes)))
        return self._joined(self.dataset, [CELL, REPLICATION, NUMBER, ERROR, *wanted], among(cells))

    def children(self, cells: Iterable[int] | None = None) -> pd.DataFrame:
        """One row a child, with the keys of its cell.

        Parameters
        ----------
        cells
            Numbers of cells; all by default.

        Raises
        ------
        ResultsError
            When the plan did not ask for each child, nothing is finished yet, or a part is damaged.
        """
        if not self.manifest.each:
            raise ResultsError(_('{path}: no child was kept; of = ["each"] does that').format(path=self.folder))
        return self._joined(self._children, None, among(cells))

    def errors(self) -> pd.DataFrame:
        """The classes that failed, with the keys of their cells and what went wrong."""
        from pyarrow.dataset import field

        return self._joined(self.dataset, [CELL, REPLICATION, NUMBER, ERROR], field(ERROR).is_valid())

    def _joined(self, dataset: ArrowDataset, columns: list[str] | None, chosen: Expression | None) -> pd.DataFrame:
        found: pd.DataFrame = dataset.to_table(columns=columns, filter=chosen).to_pandas()
        return self.design.merge(found, on=CELL, how="right", validate="one_to_many")

    def scenario(self, cell: int, replication: int) -> Scenario:
        """The scenario that gives one class of the sweep alone.

        Raises
        ------
        ResultsError
            When the sweep has no such class, or its cell is no valid scenario.
        """
        self._check(CELL, cell, len(self.design))
        self._check(REPLICATION, replication, self.plan.replications)
        try:
            scenario = self.sweep.scenario_of(cell)
        except ScenarioError as error:
            message = _("{path}: cell {cell} is no valid scenario: {error}")
            raise ResultsError(message.format(path=self.folder, cell=cell, error=reason(error))) from None
        number = int(self.design[POINT].iloc[cell]) * self.plan.replications + replication
        return scenario.model_copy(update={NUMBER: number})

    def _check(self, what: str, found: int, count: int) -> None:
        if not 0 <= found < count:
            message = _("{path}: {what}: found {found}; allowed is 0 to {last}")
            raise ResultsError(message.format(path=self.folder, what=what, found=found, last=count - 1))

    def replay(self, cell: int, replication: int) -> Twins:
        """One class of the sweep again, every evening of its first school year, without and with its interventions.

        Raises
        ------
        ResultsError
            When the sweep has no such class, or it failed.
        """
        scenario = self.scenario(cell, replication)
        failed = self._recorded(cell, replication)[ERROR].dropna()
        if len(failed):
            message = _("{path}: cell {cell}, replication {replication} failed: {error}")
            raise ResultsError(
                message.format(path=self.folder, cell=cell, replication=replication, error=failed.iloc[0])
            )
        return twins(scenario)

    def differing(self, cell: int, replication: int) -> tuple[str, ...]:
        """Names of the outcomes of a finished class that come out otherwise when it is run again.

        Raises
        ------
        ResultsError
            When the sweep has no such class.
        """
        scenario = self.scenario(cell, replication)
        layout = self.plan.recording.layout(scenario.calendar(), names_of(scenario))
        (seen,) = run_cases([(self.sweep.case_of(cell), [scenario.number])], layout)
        again = layout.of_classes(seen)
        then = self._recorded(cell, replication)[list(self.outcomes)].to_numpy(dtype=float)
        same = (again == then) | (np.isnan(again) & np.isnan(then))
        return tuple(np.array(self.outcomes)[~same.all(axis=0)].tolist())

    def _recorded(self, cell: int, replication: int) -> pd.DataFrame:
        """The row of a class; none when it is not finished."""
        found = self.table(cells=[cell])
        return found[found[REPLICATION] == replication]


def among(cells: Iterable[int] | None) -> Expression | None:
    """The rows of some cells; of all for None."""
    from pyarrow.dataset import field

    return None if cells is None else field(CELL).isin(list(cells))


def open_results(folder: str | Path, *, trust_plugins: bool = False) -> Results:
    """Open the folder of a sweep, finished or not.

    Parameters
    ----------
    folder
        The folder.
    trust_plugins
        Whether plug-ins that are kept with the results may run, which only running classes again needs.

    Raises
    ------
    ResultsError
        When it is no such folder, or something in it has changed.
    PluginError
        When an intervention that it used cannot be loaded.
    """
    import pandas as pd

    folder = Path(folder)
    try:
        manifest = read_manifest(folder)
        plan = Plan.model_validate(manifest.plan)
        design = pd.read_parquet(BytesIO(read_checked(folder / DESIGN)))
    except (SweepError, ChecksumError) as error:
        raise ResultsError(str(error)) from None
    except (OSError, ValueError) as error:
        raise ResultsError(_("{path}: cannot be read: {error}").format(path=folder, error=error)) from None
    if content_of(design) != manifest.cells:
        raise ResultsError(_("{path}: is not the design of this sweep").format(path=folder / DESIGN))
    results = Results(folder, manifest, plan, design, trust_plugins)
    if trust_plugins or not manifest.plugins:
        results.sweep  # noqa: B018 - a scenario that is not valid is told now
    return results
