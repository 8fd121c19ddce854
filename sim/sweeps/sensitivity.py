"""Which uncertainties drive an outcome: indices of sensitivity of a sweep, and how much of it is luck.

The design decides which: those of Sobol and Morris have points of their own, RBD-FAST and PAWN take the points of a
Latin hypercube or a grid, PAWN those of a list. Indices are computed on the means of cells. A mean over few classes
still holds luck, and luck looks like an influence of every factor: the noise floor says how large an index can be that
means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.files.language import N_, _, number
from sim.sweeps.design import Design, Factors, ListDesign, MorrisDesign, SobolDesign, problem
from sim.sweeps.plan import CELL, POINT

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.sweeps.results import Results

__all__ = [
    "Floor",
    "Sensitivity",
    "SensitivityError",
    "analyse",
    "figure",
    "given_indices",
    "morris_indices",
    "noise_floor",
    "remarks",
    "sobol_indices",
    "write_sensitivity",
]

Array = np.ndarray[Any, Any]

RESAMPLES = 200
"""Bootstrap samples; intervals are 1.96 standard deviations of what they give."""
CONFIDENCE = 1.96
TOLERATED = 0.05
"""Share of the variance of cell means that may be luck."""
FEWEST = 2
"""Complete blocks of cells without which there is nothing to resample."""
FEWEST_POINTS = 50
"""Cells of a Latin hypercube, grid or list without which their indices mean nothing."""
SLIDES = 10
"""Parts of equal size into which PAWN cuts a factor."""
GIVEN = "given"
"""Kind of the indices of designs that were not made for any."""


class SensitivityError(Exception):
    """A sweep that has no indices, or a folder that cannot be written; the message says why."""


@dataclass(frozen=True)
class Floor:
    """How much of the variance of cell means is luck.

    Attributes
    ----------
    replications
        Classes in a cell.
    luck
        Share of the variance of cell means, 0 to 1; not a number with one replication, or without any variance.
    spread
        Standard deviation of a cell mean that is due to luck, in the unit of the outcome.
    needed
        Replications that would bring the share to `TOLERATED`; infinite where cells do not differ but by luck.
    """

    replications: int
    luck: float
    spread: float
    needed: float


@dataclass(frozen=True)
class Sensitivity:
    """Indices of every outcome, for every combination of levers.

    Attributes
    ----------
    title
        Title of the plan.
    kind
        ``sobol``, ``morris``, or ``given`` for other designs.
    levers
        Names of the columns of levers.
    indices
        Columns `outcome`, the levers, `index` (first order, total, second order; or mu, mu*, sigma; or first order,
        PAWN), `factor`, `with` (the other factor of a second-order index), `estimate`, `low`, `high` (95% bootstrap
        interval).
    floors
        Columns `outcome`, the levers, `replications`, `luck`, `needed` (see `Floor`), `floor` (what the index of a
        factor without influence comes to: of a total index the share of luck, of mu* a mean difference, of PAWN that of
        dice), `cells` and `left_out` (cells that are missing or failed, with those that are compared with them).
    """

    title: str
    kind: str
    levers: tuple[str, ...]
    indices: pd.DataFrame
    floors: pd.DataFrame


# --- Arrays --------------------------------------------------------------------------------------------


def noise_floor(y: Array) -> Floor:
    """How much luck there is in the means of cells.

    Parameters
    ----------
    y
        Outcome, shape (cells, replications); cells with a missing value are left out.
    """
    known = y[~np.isnan(y).any(axis=1)]
    replications = y.shape[1]
    between = float(known.mean(axis=1).var(ddof=1)) if len(known) > 1 else 0.0
    if replications == 1 or between == 0.0:
        return Floor(replications, np.nan, np.nan, np.nan)
    within = float(known.var(axis=1, ddof=1).mean())
    by_luck = within / replications
    signal = between - by_luck
    needed = np.ceil(within / signal * (1.0 - TOLERATED) / TOLERATED) if signal > 0.0 else np.inf
    return Floor(replications, min(1.0, by_luck / between), float(np.sqrt(by_luck)), max(1.0, float(needed)))


def complete(means: Array, block: int) -> Array:
    """Which cells are in blocks without a missing value, shape (cells,)."""
    missing: Array = np.isnan(means).reshape(-1, block)
    whole = np.asarray(~missing.any(axis=1))
    if whole.sum() < FEWEST:
        message = _("{found} of {all} blocks of {block} cells are complete; at least {fewest} are needed")
        raise SensitivityError(message.format(found=whole.sum(), all=len(whole), block=block, fewest=FEWEST))
    return np.repeat(whole, block)


def sobol_indices(design: SobolDesign, factors: Factors, means: Array, seed: int) -> pd.DataFrame:
    """Sobol indices with bootstrap intervals.

    Parameters
    ----------
    design, factors
        What gave the points.
    means
        Outcome at each point, in their order, shape (points,). Blocks with a missing one are left out.
    seed
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        Columns `index`, `factor`, `with`, `estimate`, `low`, `high`; not a number where the outcome never differs.

    Raises
    ------
    SensitivityError
        When hardly any block of cells is complete.
    """
    from SALib.analyze import sobol

    names = list(factors)
    y = means[complete(means, design.block(factors))]
    if np.ptp(y) == 0.0:
        found = {key: np.full((len(names),) * order, np.nan) for key, order in (("S1", 1), ("ST", 1), ("S2", 2))}
        found |= {f"{key}_conf": values for key, values in found.items()}
    else:
        found = sobol.analyze(
            problem(factors),
            y,
            calc_second_order=design.second_order,
            num_resamples=RESAMPLES,
            seed=np.random.default_rng(seed),
        )
    rows = [
        (index, name, "", found[key][i], found[f"{key}_conf"][i])
        for index, key in (("first order", "S1"), ("total", "ST"))
        for i, name in enumerate(names)
    ]
    if design.second_order:
        rows += [
            ("second order", one, other, found["S2"][i, j], found["S2_conf"][i, j])
            for i, one in enumerate(names)
            for j, other in enumerate(names)
            if i < j
        ]
    return index_table(rows)


def morris_indices(
    design: MorrisDesign, factors: Factors, points: pd.DataFrame, means: Array, seed: int
) -> pd.DataFrame:
    """Indices of Morris, in the unit of the outcome over the whole range of a factor, with bootstrap intervals.

    Parameters
    ----------
    design, factors
        What gave the points.
    points
        One row a point, with a column for each factor.
    means
        Outcome at each point, shape (points,). Trajectories with a missing one are left out.
    seed
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        Columns `index` (mu: mean elementary effect; mu*: mean of their sizes; sigma: their standard deviation, large
        where a factor acts together with others or not in a straight line), `factor`, `with`, `estimate`, `low`,
        `high`.

    Raises
    ------
    SensitivityError
        When hardly any trajectory is complete.
    """
    from SALib.analyze import morris

    known = complete(means, design.block(factors))
    y = means[known]
    x = np.column_stack([factor.place(points[key].to_numpy()) for key, factor in factors.items()])[known]
    generator = np.random.default_rng(seed)
    found = morris.analyze(
        problem(factors), x, y, num_levels=design.levels, num_resamples=RESAMPLES, seed=generator
    )  # fmt: skip
    effects = elementary_effects(design, x, y)
    drawn = effects[generator.integers(len(effects), size=(RESAMPLES, len(effects)))]
    half = {
        "mu": CONFIDENCE * drawn.mean(axis=1).std(axis=0, ddof=1),
        "mu_star": found["mu_star_conf"],
        "sigma": CONFIDENCE * drawn.std(axis=1, ddof=1).std(axis=0, ddof=1),
    }
    return index_table(
        [
            (index, name, "", found[key][i], half[key][i])
            for index, key in (("mu", "mu"), ("mu*", "mu_star"), ("sigma", "sigma"))
            for i, name in enumerate(factors)
        ]
    )


def given_indices(columns: Mapping[str, Array], means: Array, seed: int, *, independent: bool = True) -> pd.DataFrame:
    """Indices from points that are there, with bootstrap intervals.

    Both look at the order of the values of a factor alone; values that are equal are put in an order at random.

    Parameters
    ----------
    columns
        The factors: numbers, or numbers of texts, each of shape (points,).
    means
        Outcome at each point, shape (points,). Missing ones are left out.
    seed
        Of ties, of the bootstrap and of dice.
    independent
        Whether factors are independent of each other, which first-order indices take for granted.

    Returns
    -------
    pandas.DataFrame
        Columns `index` (first order: share of the variance that a factor alone explains, by RBD-FAST; PAWN: how far the
        distribution of the outcome moves when the factor is fixed, the median statistic of Kolmogorov and Smirnov),
        `factor` (the empty one: dice, without influence), `with`, `estimate`, `low`, `high`.

    Raises
    ------
    SensitivityError
        When too few points are known.
    """
    from SALib.analyze import pawn, rbd_fast

    known = ~np.isnan(means)
    if known.sum() < FEWEST_POINTS:
        message = _("{found} cells are known at one combination of levers; at least {fewest} are needed")
        raise SensitivityError(message.format(found=known.sum(), fewest=FEWEST_POINTS))
    generator = np.random.default_rng(seed)
    y = means[known]
    names = [*columns, ""]
    x = np.column_stack([ranked(column[known], generator) for column in (*columns.values(), np.zeros(len(means)))])
    told = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    found = {"first order": (np.full(len(names), np.nan),) * 2, "PAWN": (np.full(len(names), np.nan),) * 2}
    if np.ptp(y) > 0.0:
        first = rbd_fast.analyze(told, x, y, num_resamples=RESAMPLES, seed=generator)
        drawn = generator.integers(len(y), size=(RESAMPLES, len(y)))
        again = [pawn.analyze(told, x[rows], y[rows], S=SLIDES)["median"] for rows in drawn]
        medians = pawn.analyze(told, x, y, S=SLIDES)["median"]
        found = {
            "first order": (np.array(first["S1"]), np.array(first["S1_conf"])),
            "PAWN": (medians, CONFIDENCE * np.std(again, axis=0, ddof=1)),
        }
    if not independent:
        del found["first order"]
    return index_table(
        [
            (index, name, "", estimates[i], half[i])
            for index, (estimates, half) in found.items()
            for i, name in enumerate(names)
        ]
    )


def ranked(values: Array, generator: np.random.Generator) -> Array:
    """Places in the unit interval in the order of the values, equal ones in any order; shape (points,)."""
    places = np.empty(len(values))
    places[np.lexsort((generator.random(len(values)), values))] = (np.arange(len(values)) + 0.5) / len(values)
    return places


def elementary_effects(design: MorrisDesign, x: Array, y: Array) -> Array:
    """Change of the outcome by each step of each trajectory, over the step; shape (trajectories, factors)."""
    block = x.shape[1] + 1
    steps = np.diff(x.reshape(-1, block, x.shape[1]), axis=1)
    changes = np.diff(y.reshape(-1, block), axis=1)
    effects: Array = np.einsum("tsf,ts->tf", np.sign(steps), changes) / step_of(design)
    return effects


def step_of(design: MorrisDesign) -> float:
    """Length of a step of Morris, in ranges of a factor."""
    return design.levels / (2.0 * (design.levels - 1))


def index_table(rows: list[tuple[str, str, str, float, float]]) -> pd.DataFrame:
    """A table of indices from (index, factor, with, estimate, half the width of its interval)."""
    import pandas as pd

    table = pd.DataFrame(rows, columns=["index", "factor", "with", "estimate", "half"])
    half = table.pop("half")
    return table.assign(low=table["estimate"] - half, high=table["estimate"] + half)


# --- A sweep -------------------------------------------------------------------------------------------


def analyse(results: Results) -> Sensitivity:
    """Indices and noise floor of every outcome of a sweep, for every combination of its levers.

    Raises
    ------
    SensitivityError
        When the design has no such indices, or hardly anything is complete.
    """
    import pandas as pd

    plan = results.plan
    levers = tuple(plan.levers)
    indices, floors = [], []
    for outcome in results.outcomes:
        y = outcomes_of(results, outcome)
        for combination, cells in combinations(results.design, levers):
            values = y[cells.index]
            where = {"outcome": outcome, **combination}
            table = indices_of(plan.design, plan.uncertainties, cells, values.mean(axis=1), plan.seed)
            floor = floor_of(plan.design, plan.uncertainties, values, table)
            table = table[table["factor"] != ""]
            for place, (column, value) in enumerate(where.items()):
                table.insert(place, column, value)
            indices.append(table)
            floors.append({**where, **floor})
    kind = plan.design.kind if isinstance(plan.design, SobolDesign | MorrisDesign) else GIVEN
    return Sensitivity(plan.title, kind, levers, pd.concat(indices, ignore_index=True), pd.DataFrame(floors))


def outcomes_of(results: Results, outcome: str) -> Array:
    """An outcome, shape (cells, replications); not a number where a class is missing or failed."""
    table = results.table(columns=[outcome])
    y = np.full((len(results.design), results.plan.replications), np.nan)
    y[table["cell"].to_numpy(), table["replication"].to_numpy()] = table[outcome].to_numpy(dtype=float)
    return y


def combinations(design: pd.DataFrame, levers: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Every combination of levers with its cells, in the order of their points; the index is the cell."""
    cells = design.set_index("cell", drop=False).sort_values("point")
    if not levers:
        yield {}, cells
        return
    for combination, group in cells.groupby(list(levers), sort=False):
        yield dict(zip(levers, combination, strict=True)), group


def indices_of(design: Design, factors: Factors, cells: pd.DataFrame, means: Array, seed: int) -> pd.DataFrame:
    """Indices of the means of cells, by the design that gave the cells."""
    if isinstance(design, SobolDesign):
        return sobol_indices(design, factors, means, seed)
    if isinstance(design, MorrisDesign):
        return morris_indices(design, factors, cells, means, seed)
    listed = isinstance(design, ListDesign)
    keys = [str(key) for key in cells if key not in {CELL, POINT}] if listed else list(factors)
    columns = {key: np.unique(cells[key], return_inverse=True)[1] for key in keys}
    columns = {key: levels for key, levels in columns.items() if levels.any()}
    if not columns:
        message = _("{kind}: found no uncertainty with two values; what levers change is told by `spiraal effects`")
        raise SensitivityError(message.format(kind=design.kind))
    return given_indices(columns, means, seed, independent=not listed)


def floor_of(design: Design, factors: Factors, y: Array, indices: pd.DataFrame) -> dict[str, float]:
    """A row of `Sensitivity.floors`, without outcome and levers."""
    floor = noise_floor(y)
    means = y.mean(axis=1)
    left_out = int(np.isnan(means).sum())
    if isinstance(design, SobolDesign):
        height = floor.luck
    elif isinstance(design, MorrisDesign):  # the mean size of the difference of two normal numbers, over the step
        height = 2.0 * floor.spread / float(np.sqrt(np.pi)) / step_of(design)
    else:
        height = float(indices[(indices["factor"] == "") & (indices["index"] == "PAWN")]["estimate"].iloc[0])
    if isinstance(design, SobolDesign | MorrisDesign):
        left_out = int((~complete(means, design.block(factors))).sum())
    return {
        "replications": floor.replications,
        "luck": floor.luck,
        "needed": floor.needed,
        "floor": height,
        "cells": len(y),
        "left_out": left_out,
    }


def remarks(sensitivity: Sensitivity) -> tuple[str, ...]:
    """What has to be known before the indices are believed: cells left out, and luck, in words."""
    lines = []
    for row in sensitivity.floors.to_dict("records"):
        said = luck_in_words(row["replications"], row["luck"], row["needed"])
        if row["left_out"]:
            said += " " + _(
                "{left_out} of {cells} cells are left out: failed, not done, or compared with such."
            ).format(left_out=number(row["left_out"], 0), cells=number(row["cells"], 0))
        lines.append(f"{place(row, sensitivity.levers)}: {said}")
    return tuple(lines)


def luck_in_words(replications: int, luck: float, needed: float) -> str:
    """The noise floor as a sentence."""
    if replications == 1:
        return _("One class a cell: how much of the differences is luck is not known; take replications = 2 or more.")
    if np.isnan(luck):
        return _("The outcome is the same in every cell.")
    said = _("{luck}% of the variance between cells is luck.").format(luck=number(100.0 * luck, 1))
    if np.isinf(needed):
        return said + " " + _("Nothing else can be seen.")
    if luck > TOLERATED:
        more = _("{needed} replications instead of {replications} would bring it to {tolerated}%.")
        said += " " + more.format(
            needed=number(needed, 0), replications=replications, tolerated=number(100.0 * TOLERATED, 0)
        )
    return said


def place(row: Mapping[Any, Any], levers: tuple[str, ...]) -> str:
    """Which outcome, at which levers."""
    return ", ".join([str(row["outcome"]), *(f"{lever} = {row[lever]}" for lever in levers)])


# --- Files ---------------------------------------------------------------------------------------------


def write_sensitivity(sensitivity: Sensitivity, folder: Path) -> None:
    """Write `sensitivity.csv`, `luck.csv`, and a figure for each outcome (PNG and SVG) into a folder.

    Raises
    ------
    SensitivityError
        When the folder cannot be written.
    """
    from sim.files.spreadsheet import write_table
    from sim.output import plots
    from sim.output.whole_folder import refused

    with refused(folder, SensitivityError):
        folder.mkdir(parents=True, exist_ok=True)
        write_table(sensitivity.indices, folder / "sensitivity.csv")
        write_table(sensitivity.floors, folder / "luck.csv")
        for outcome in sensitivity.floors["outcome"].unique():
            plots.save(figure(sensitivity, outcome), folder / f"sensitivity-{outcome}")


@dataclass(frozen=True)
class Bars:
    """How one index is drawn: its name in English, whose colour it has (`plots.LINE_STYLES`), fill and hatch."""

    index: str
    name: str
    style: str
    fill: str
    hatch: str | None


BARS = {
    "sobol": (
        Bars("first order", N_("alone (first order)"), "closeness", "#0072B2", None),
        Bars("total", N_("with all it interacts with (total)"), "conflict", "#F6C9A8", "////"),
    ),
    "morris": (Bars("mu*", N_("mean size of the change (mu*)"), "closeness", "#56B4E9", None),),
    GIVEN: (
        Bars("first order", N_("share of the variance, alone (RBD-FAST)"), "closeness", "#0072B2", None),
        Bars("PAWN", N_("shift of the distribution (PAWN)"), "conflict", "#F6C9A8", "////"),
    ),
}
AXES = {
    "sobol": N_("Share of the variance between cells"),
    "morris": N_("Change of the outcome over the whole range of a factor"),
    GIVEN: N_("Share, or shift: 0 none, 1 all"),
}
LUCK = {
    "sobol": N_("what luck alone comes to (total)"),
    "morris": N_("what luck alone comes to (mu*)"),
    GIVEN: N_("what dice come to (PAWN)"),
}
ROW, PANEL, COLUMNS = 0.42, 4.6, 3
LEFT, GAP, TITLE, ABOVE, BELOW, KEY = 2.5, 0.45, 0.75, 0.4, 0.75, 0.4
"""Inches: the factors' names, between panels, the title, over and under each panel, the key."""


def figure(sensitivity: Sensitivity, outcome: str) -> Figure:
    """Indices of one outcome as bars with intervals, the noise floor as a line; a panel for each combination of levers.

    Factors stand in the order of the total index, or mu*, of the first panel.
    """
    from matplotlib.figure import Figure

    from sim.output.plots import PIXELS_PER_INCH, TEXT, finished

    where = ("outcome", *sensitivity.levers)
    floors = sensitivity.floors[sensitivity.floors["outcome"] == outcome].to_dict("records")
    panels = [
        sensitivity.indices[np.all([sensitivity.indices[key] == row[key] for key in where], axis=0)] for row in floors
    ]
    first = panels[0][panels[0]["index"] == BARS[sensitivity.kind][-1].index]
    order = tuple(first.sort_values("estimate", ascending=False, kind="stable")["factor"])
    columns, rows = min(COLUMNS, len(panels)), -(-len(panels) // COLUMNS)
    tall = ABOVE + ROW * len(order) + BELOW
    width, height = LEFT + (PANEL + GAP) * columns, TITLE + tall * rows + KEY
    drawing = Figure(figsize=(width, height), dpi=PIXELS_PER_INCH, facecolor="white")
    drawing.text(0.16 / width, 1.0 - 0.14 / height, sensitivity.title, size=TEXT["title"], weight="bold", va="top")
    drawing.text(0.16 / width, 1.0 - 0.48 / height, outcome, size=TEXT["heading"], va="top")
    for i, (panel, row) in enumerate(zip(panels, floors, strict=True)):
        left, bottom = LEFT + (PANEL + GAP) * (i % COLUMNS), KEY + tall * (rows - 1 - i // COLUMNS) + BELOW
        box = (left / width, bottom / height, PANEL / width, ROW * len(order) / height)
        axes = drawing.add_axes(box, sharex=drawing.axes[0] if drawing.axes else None)
        draw_panel(axes, sensitivity.kind, panel, order, row["floor"])
        axes.set_title(place(row, sensitivity.levers).partition(", ")[2], size=TEXT["heading"], loc="left")
        axes.set_yticks(range(len(order)), labels=[label(key) if i % COLUMNS == 0 else "" for key in order])
        axes.set_xlabel(_(AXES[sensitivity.kind]), size=TEXT["label"])
    number_ticks(drawing.axes[0])
    draw_key(drawing, sensitivity.kind)
    return finished(drawing)


def draw_panel(axes: Axes, kind: str, panel: pd.DataFrame, order: tuple[str, ...], floor: float) -> None:
    """Bars of every factor, from the first at the top; intervals, and the floor where it is known."""
    from sim.output.plots import HOLIDAY, INK, LINE_STYLES, plain

    plain(axes)
    bars = [bar for bar in BARS[kind] if bar.index in set(panel["index"])]
    thick = 0.76 / len(bars)
    for n, bar in enumerate(bars):
        rows = panel[panel["index"] == bar.index].set_index("factor").loc[list(order)]
        y = np.arange(len(order)) + (n - (len(bars) - 1) / 2.0) * thick
        axes.barh(
            y, rows["estimate"], height=thick, facecolor=bar.fill, edgecolor=LINE_STYLES[bar.style].colour,
            hatch=bar.hatch, linewidth=1.0,
        )  # fmt: skip
        axes.hlines(y, rows["low"], rows["high"], color=INK, linewidth=1.2)
    if kind == "morris":
        rows = panel[panel["index"] == "mu"].set_index("factor").loc[list(order)]
        axes.plot(rows["estimate"], range(len(order)), linestyle="", marker="D", color=INK, markersize=5)
    if not np.isnan(floor):
        axes.axvline(floor, color=INK, linestyle=(0, (3.0, 2.0)), linewidth=1.2)
    axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.grid(axis="x", color=HOLIDAY, linewidth=0.8)
    axes.set_axisbelow(True)


def number_ticks(axes: Axes) -> None:
    """Ticks within the panel, written as in the language of this moment; panels that share the axis follow."""
    from sim.output.plots import numbered

    low, high = axes.get_xlim()
    numbered(axes.xaxis, [tick for tick in axes.get_xticks() if low <= tick <= high])


def draw_key(drawing: Figure, kind: str) -> None:
    """What the bars and lines mean, below all panels."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    from sim.output.plots import INK, LINE_STYLES, TEXT

    handles: list[Any] = [
        Patch(facecolor=bar.fill, edgecolor=LINE_STYLES[bar.style].colour, hatch=bar.hatch, label=_(bar.name))
        for bar in BARS[kind]
    ]
    if kind == "morris":
        handles.append(Line2D([], [], linestyle="", marker="D", color=INK, label=_("mean change (mu)")))
    handles.append(Line2D([], [], color=INK, linestyle=(0, (3.0, 2.0)), label=_(LUCK[kind])))
    drawing.legend(handles=handles, loc="lower left", ncols=len(handles), frameon=False, fontsize=TEXT["note"])


def label(key: str) -> str:
    """A key as it stands beside its bars: parameters by their name alone."""
    return key.removeprefix("parameters.")
