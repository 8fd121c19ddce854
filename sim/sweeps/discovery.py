"""Where in a sweep something happens: boxes among its factors (PRIM), and which factors tell cells apart.

A condition such as ``conflict_mean_end > 0.5`` says which classes are of interest. What stands for a cell is the share
of its classes that fulfil it; so luck within a cell is seen, and cells are what is counted.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.files.language import _, current, number
from sim.sweeps import prim
from sim.sweeps.plan import CELL, POINT

if TYPE_CHECKING:
    import pandas as pd

    from sim.sweeps.results import Results

__all__ = [
    "FEW_LEVELS",
    "Cells",
    "Condition",
    "Discovery",
    "DiscoveryError",
    "cells_of",
    "discover",
    "limits_in_words",
    "look",
    "write_discovery",
]

Array = np.ndarray[Any, Any]

FEWEST_CELLS = 50
"""Cells without which no box is looked for."""
FEWEST_OF_INTEREST = 10
"""Cells' worth of classes that are of interest, and of others, without which there is nothing to tell apart."""
FEW_LEVELS = 30
"""Values of a factor up to which a limit is one of them; of more it lies between two."""
TREES, FORESTS = 100, 10
"""Extremely randomized trees in a forest, and forests that an interval is made of."""
RESAMPLES = 200
CONFIDENCE = 1.96
LUCKY = 0.95
"""Share of draws without any influence that stay below what luck comes to."""
WORLD = "world"
"""A number that is a name: plausible worlds have no order."""
SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le
}  # fmt: skip
CONDITION = re.compile(r"\s*(?P<outcome>[^\s<>=]+)\s*(?P<sign>>=|<=|>|<)\s*(?P<than>[^\s<>=]+)\s*")


class DiscoveryError(Exception):
    """A question that a sweep does not answer, or a folder that cannot be written; the message says why."""


class Condition(NamedTuple):
    """What has to hold of a class: an outcome is above or below a number, or another outcome."""

    outcome: str
    sign: str
    than: str | float

    def __str__(self) -> str:
        than = self.than if isinstance(self.than, str) else f"{self.than:g}"
        return f"{self.outcome} {self.sign} {than}"

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that it is about."""
        return (self.outcome, self.than) if isinstance(self.than, str) else (self.outcome,)

    def holds(self, table: pd.DataFrame) -> Array:
        """Of which classes it holds, shape (classes,)."""
        than = table[self.than] if isinstance(self.than, str) else self.than
        return np.asarray(SIGNS[self.sign](table[self.outcome], than), dtype=bool)


def condition(text: str, outcomes: Sequence[str]) -> Condition:
    """Read a condition, such as ``conflict_mean_end > 0.5`` or ``conflict_mean_end > conflict_mean_start``.

    Raises
    ------
    DiscoveryError
        When it is none, or is about something that was not kept.
    """
    found = CONDITION.fullmatch(text)
    if found is None:
        message = _("--where: found {found!r}; allowed is an outcome, one of {signs}, and a number or an outcome")
        raise DiscoveryError(message.format(found=text, signs=" ".join(SIGNS)))
    than: str | float = found["than"]
    with suppress(ValueError):
        than = float(found["than"])
    if isinstance(than, float) and not math.isfinite(than):
        raise DiscoveryError(_("--where: found {found!r}; allowed is a finite number").format(found=found["than"]))
    asked = Condition(found["outcome"], found["sign"], than)
    for name in asked.outcomes:
        if name not in outcomes:
            message = _("--where: found {found!r}; allowed is one of {names}")
            raise DiscoveryError(message.format(found=name, names=", ".join(outcomes)))
    return asked


# --- Cells -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cells:
    """What is known of the cells of a sweep.

    Attributes
    ----------
    columns
        The factors that differ, each of shape (cells,): numbers, or texts as objects.
    share
        Share of the classes of a cell that are of interest, shape (cells,).
    unit
        What is drawn where cells are drawn, shape (cells,), from 0 on: their points, or the cells themselves where the
        sweep has hardly any points.
    classes, left_out
        How many classes are known, and how many are not: failed, not done, or without such an outcome.
    listed
        Whether somebody wrote the cells down, so that factors may go together.
    """

    columns: Mapping[str, Array]
    share: Array
    unit: Array
    classes: int
    left_out: int
    listed: bool = False


def cells_of(results: Results, conditions: Sequence[Condition]) -> Cells:
    """The cells of a sweep, and how many of their classes fulfil all conditions.

    Raises
    ------
    DiscoveryError
        When no factor differs, or too few cells are known or of interest.
    """
    design = results.design
    varied = [key for key in design if key not in {CELL, POINT} and (design[key] != design[key].iloc[0]).any()]
    if not varied:
        raise DiscoveryError(_("{title}: no key has two values").format(title=results.plan.title))
    outcomes = list(dict.fromkeys(name for asked in conditions for name in asked.outcomes))
    table = results.table(columns=outcomes)
    known = table[table[outcomes].notna().all(axis=1)]
    holds = np.logical_and.reduce([asked.holds(known) for asked in conditions])
    share = known.assign(holds=holds.astype(float)).groupby(CELL)["holds"].mean()
    cells = design.set_index(CELL).loc[share.index]
    points = cells[POINT].nunique()
    drawn = cells[POINT] if points >= FEWEST_OF_INTEREST else cells.index
    found = Cells(
        {str(key): column_of(str(key), cells[key]) for key in varied},
        share.to_numpy(),
        np.unique(np.asarray(drawn), return_inverse=True)[1],
        len(known),
        len(design) * results.plan.replications - len(known),
        results.plan.design.kind == "list",
    )
    check(found, results.plan.title, ", ".join(map(str, conditions)))
    return found


def column_of(key: str, values: pd.Series) -> Array:
    """The values of a factor: numbers, or texts as objects."""
    if key == WORLD or values.dtype.kind not in "iuf":
        return values.astype(str).to_numpy(dtype=object)
    return values.to_numpy(dtype=float)


def is_text(column: Array) -> bool:
    """Whether a factor has texts, which have no order."""
    return bool(column.dtype == object)


def check(cells: Cells, title: str, asked: str) -> None:
    """Check that there is something to tell apart."""
    if len(cells.share) < FEWEST_CELLS:
        message = _("{title}: {found} cells are known; at least {fewest} are needed to look for a box")
        raise DiscoveryError(message.format(title=title, found=len(cells.share), fewest=FEWEST_CELLS))
    so = float(cells.share.sum())
    if min(so, len(cells.share) - so) < FEWEST_OF_INTEREST:
        message = _(
            "{asked}: {percent}% of the classes are so, as many as {so} of {all} cells hold; at least {fewest} cells' "
            "worth have to be so, and as many not"
        )
        told = {"percent": number(100.0 * so / len(cells.share), 1), "so": number(so, 1)}
        raise DiscoveryError(
            message.format(asked=asked, all=number(len(cells.share), 0), fewest=FEWEST_OF_INTEREST, **told)
        )


# --- Which factors tell cells apart --------------------------------------------------------------------


def separation(level: Array, so: Array, not_so: Array, *, ordered: bool) -> float:
    """How far a factor is distributed otherwise in what is of interest than in the rest: 0 not at all, 1 wholly.

    Of numbers it is the statistic of Kolmogorov and Smirnov; of texts, which have no order, the largest difference in
    the share of any set of them.

    Parameters
    ----------
    level
        Number of the level of the factor in each cell, from the lowest on, shape (cells,).
    so, not_so
        Weights of the two, shape (cells,).
    ordered
        Whether levels have an order.
    """
    one, other = np.bincount(level, so), np.bincount(level, not_so)
    apart = one / one.sum() - other / other.sum()
    return float(np.abs(np.cumsum(apart)).max() if ordered else np.abs(apart).sum() / 2.0)


def drivers(cells: Cells, seed: int) -> pd.DataFrame:
    """Which factors tell what is of interest from the rest, the most telling first.

    Returns
    -------
    pandas.DataFrame
        Columns `factor`; `ks`, `ks_low`, `ks_high` (regional sensitivity: see `separation`, with its 95% interval) and
        `ks_luck` (what 95% of factors without influence stay below); `score`, `score_low`, `score_high` (share of what
        extremely randomized trees explain) and `score_luck` (that of dice); the latter four are not numbers where
        scikit-learn is not installed.
    """
    import pandas as pd

    generator = np.random.default_rng([seed, 1])
    units = int(cells.unit.max()) + 1
    drawn = [np.bincount(generator.integers(units, size=units), minlength=units)[cells.unit] for _ in range(RESAMPLES)]
    drawn = [weight for weight in drawn if 0.0 < weight @ cells.share < weight.sum()]
    dealt = [generator.permutation(cells.share) for _ in range(RESAMPLES)]
    rows = []
    for key, column in cells.columns.items():
        level = np.unique(column.astype(str) if is_text(column) else column, return_inverse=True)[1]

        def apart(so: Array, weight: Array | float = 1.0, level: Array = level, text: bool = is_text(column)) -> float:
            return separation(level, weight * so, weight * (1.0 - so), ordered=not text)

        found = apart(cells.share)
        reach = CONFIDENCE * float(np.std([apart(cells.share, weight) for weight in drawn], ddof=1))
        luck = float(np.quantile([apart(so) for so in dealt], LUCKY))
        rows.append((key, found, max(0.0, found - reach), min(1.0, found + reach), luck))
    table = pd.DataFrame(rows, columns=["factor", "ks", "ks_low", "ks_high", "ks_luck"])
    found_scores = scores(cells, seed)
    for name in ("score", "score_low", "score_high", "score_luck"):
        table[name] = np.nan if found_scores is None else found_scores[name].to_numpy()
    by = "ks" if found_scores is None else "score"
    return table.sort_values(by, ascending=False, kind="stable", ignore_index=True)


def scores(cells: Cells, seed: int) -> pd.DataFrame | None:
    """Scores of the factors by forests of extremely randomized trees, in their order; None without scikit-learn.

    The share of what the trees explain that each factor explains, beside dice that explain nothing; with 95% intervals
    over forests of which each has seen other cells. Trees are as large as Jaxa-Rozen & Kwakkel (2018) advise.
    """
    try:
        from sklearn.ensemble import ExtraTreesRegressor
    except ModuleNotFoundError:
        return None
    import pandas as pd

    from sim.run import cores

    generator = np.random.default_rng([seed, 2])
    parts = [*map(as_features, cells.columns.values()), generator.random((len(cells.share), 1))]
    x = np.concatenate(parts, axis=1)
    owner = np.repeat(np.arange(len(parts)), [part.shape[1] for part in parts])
    units = int(cells.unit.max()) + 1
    everybody = np.ones(len(cells.share))
    drawn = [np.bincount(generator.integers(units, size=units), minlength=units)[cells.unit] for _ in range(FORESTS)]
    found = []
    for weight in (everybody, *drawn):
        forest = ExtraTreesRegressor(
            TREES,
            max_features=max(1, round(len(parts) / 3)),
            min_samples_leaf=max(1, round(math.sqrt(len(x) / 1000.0))),
            random_state=int(generator.integers(2**31)),
            n_jobs=cores(),
        )
        forest.fit(x, cells.share, sample_weight=weight)
        found.append(np.bincount(owner, forest.feature_importances_, minlength=len(parts)))
    estimate, reach = found[0], CONFIDENCE * np.std(found[1:], axis=0, ddof=1)
    columns = {
        "score": estimate,
        "score_low": np.maximum(0.0, estimate - reach),
        "score_high": np.minimum(1.0, estimate + reach),
        "score_luck": np.full(len(parts), estimate[-1]),
    }
    return pd.DataFrame(columns).iloc[:-1]


def as_features(column: Array) -> Array:
    """A factor as trees take it, shape (cells, features): numbers as they are, a feature for each text."""
    if not is_text(column):
        return column[:, None]
    return np.asarray(column[:, None] == np.unique(column.astype(str))[None, :], dtype=float)


# --- Boxes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Discovery:
    """What was found.

    Attributes
    ----------
    title
        Title of the plan, in the current language.
    asked
        The conditions, in words.
    boxes
        A row a box: `box` (from 1), `cells`, `mass`, `coverage`, `density` (see `sim.sweeps.prim.Step`), and
        `coverage_unseen`, `density_unseen` (means of boxes that are looked for in one half of the cells, in the other).
    limits
        A row for each factor that a box restricts: `box`, `factor`, `low`, `high` (not a number where open), `texts`,
        `first`, `last` (of the sweep), `quasi_p`, and `reproduced` (share of halves in which it is restricted).
    trajectory
        The way to the first box: `cells`, `mass`, `coverage`, `density`, `restricted` (factors).
    drivers
        See `drivers`.
    cells
        What was looked at.
    found
        The boxes themselves.
    remarks
        What has to be known before it is believed, in words.
    """

    title: str
    asked: str
    boxes: pd.DataFrame
    limits: pd.DataFrame
    trajectory: pd.DataFrame
    drivers: pd.DataFrame
    cells: Cells
    found: tuple[prim.Step, ...]
    remarks: tuple[str, ...]


def discover(results: Results, where: Sequence[str], *, density: float | None = None, boxes: int = 1) -> Discovery:
    """Look for the boxes of a sweep in which conditions hold more often than elsewhere.

    Parameters
    ----------
    results
        The sweep.
    where
        Conditions, all of which have to hold; see `condition`.
    density
        How much of a box is to be of interest at least; None: coverage and density are balanced.
    boxes
        How many boxes at most; each is looked for in what the ones before have left.

    Raises
    ------
    DiscoveryError
        When a condition is none, or there are too few cells, or too few of interest.
    """
    conditions = [condition(text, results.outcomes) for text in where]
    cells = cells_of(results, conditions)
    asked = ", ".join(map(str, conditions))
    title = results.plan.titled(current())
    return look(cells, title, asked, density=density, boxes=boxes, seed=results.plan.seed)


def look(
    cells: Cells, title: str, asked: str, *, density: float | None = None, boxes: int = 1, seed: int = 1
) -> Discovery:
    """Look for boxes among cells; see `discover`."""
    import pandas as pd

    left = np.ones(len(cells.share), dtype=bool)
    everything = float(cells.share.sum())
    found, box_rows, limit_rows, trajectory = [], [], [], None
    for place in range(1, boxes + 1):
        columns, y = {key: column[left] for key, column in cells.columns.items()}, cells.share[left]
        if min(y.sum(), len(y) - y.sum()) < FEWEST_OF_INTEREST or len(y) < FEWEST_CELLS:
            break
        steps = prim.path(columns, y, everything)
        trajectory = steps if trajectory is None else trajectory
        step = prim.chosen(columns, y, steps, density, everything)
        if not step.box:
            break
        unit = np.unique(cells.unit[left], return_inverse=True)[1]
        again = prim.reproduced(columns, y, unit, density, seed)
        chances = prim.quasi_p(columns, y, step.box)
        found.append(step)
        box_rows.append(
            {
                "box": place,
                **numbers_of(step),
                "coverage_unseen": float(np.mean(again.coverage)) * float(y.sum()) / everything,
                "density_unseen": float(np.mean(again.density)),
            }
        )
        limit_rows += [
            {"box": place, "factor": key, **limit_row(cells.columns[key], step.box[key]),
             "quasi_p": chances[key], "reproduced": again.restricted[key]}
            for key in cells.columns if key in step.box
        ]  # fmt: skip
        left &= ~prim.inside(cells.columns, step.box)
    way = [
        {
            **{name: getattr(step, name) for name in ("cells", "mass", "coverage", "density")},
            "restricted": len(step.box),
        }
        for step in trajectory or ()
    ]
    return Discovery(
        title,
        asked,
        pd.DataFrame(box_rows, columns=list(BOX)),
        pd.DataFrame(limit_rows, columns=list(LIMIT)),
        pd.DataFrame(way),
        drivers(cells, seed),
        cells,
        tuple(found),
        tuple(remarks(cells, found)),
    )


BOX = ("box", "cells", "mass", "coverage", "density", "coverage_unseen", "density_unseen")
LIMIT = ("box", "factor", "low", "high", "texts", "first", "last", "quasi_p", "reproduced")


def numbers_of(step: prim.Step) -> dict[str, float]:
    """Cells, mass, coverage and density of a box."""
    return {name: getattr(step, name) for name in ("cells", "mass", "coverage", "density")}


def limit_row(column: Array, limits: prim.Limits) -> dict[str, Any]:
    """Limits of a factor as a row: of few values the first and last that are allowed, and only where others are not."""
    if limits.texts is not None:
        return {
            "low": np.nan,
            "high": np.nan,
            "texts": ", ".join(sorted(limits.texts)),
            "first": np.nan,
            "last": np.nan,
        }
    values = np.unique(column)
    allowed = values[limits.hold(values)]
    few = len(values) <= FEW_LEVELS
    low = np.nan if allowed[0] == values[0] else allowed[0] if few else limits.low
    high = np.nan if allowed[-1] == values[-1] else allowed[-1] if few else limits.high
    return {"low": low, "high": high, "texts": "", "first": values[0], "last": values[-1]}


def limits_in_words(row: Mapping[Any, Any]) -> str:
    """What a box allows of a factor."""
    if row["texts"]:
        return str(row["texts"])
    low, high = (None if math.isnan(row[end]) else short(row[end]) for end in ("low", "high"))
    if low is None or high is None:
        return f"≥ {low}" if low is not None else f"≤ {high}"
    return low if low == high else _("{low} to {high}").format(low=low, high=high)


def short(x: float) -> str:
    """A number with three digits that count."""
    rounded = f"{float(f'{x:.3g}'):.10f}".rstrip("0")
    return number(float(rounded), len(rounded.partition(".")[2]))


def remarks(cells: Cells, found: Sequence[prim.Step]) -> Iterator[str]:
    """What has to be known before a box is believed."""
    so = _("{percent}% of {classes} classes in {cells} cells are as asked.")
    yield so.format(
        percent=number(100.0 * float(cells.share.mean()), 1),
        classes=number(cells.classes, 0),
        cells=number(len(cells.share), 0),
    )
    if not found:
        yield _("No box: whatever the factors are restricted to, such classes are not clearly more frequent there.")
    if cells.left_out:
        message = _("{missing} of {all} classes are left out: failed, not done, or without such an outcome.")
        yield message.format(missing=number(cells.left_out, 0), all=number(cells.left_out + cells.classes, 0))
    if cells.listed:
        yield _("The cells are a list: factors may go together in it, and one then stands for the other.")


# --- Files ---------------------------------------------------------------------------------------------


def write_discovery(found: Discovery, folder: Path) -> None:
    """Write `boxes.csv`, `limits.csv`, `trajectory.csv`, `drivers.csv` and the figure `discovery` (PNG and SVG).

    Raises
    ------
    DiscoveryError
        When the folder cannot be written.
    """
    from sim.files.spreadsheet import write_table
    from sim.output import plots
    from sim.output.whole_folder import refused
    from sim.sweeps.discovery_figure import figure

    with refused(folder, DiscoveryError):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("boxes", "limits", "trajectory", "drivers"):
            write_table(getattr(found, name), folder / f"{name}.csv")
        plots.save(figure(found), folder / "discovery")
