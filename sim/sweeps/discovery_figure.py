"""The figure of a discovery: the box and its limits, the way to it, the cells around it, and what tells them apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.files.language import _, number
from sim.output.plots import FAINT, HOLIDAY, INK, LINE_STYLES, PIXELS_PER_INCH, SOFT, TEXT, finished, numbered, plain
from sim.sweeps.discovery import FEW_LEVELS, Discovery, is_text, limits_in_words, short
from sim.sweeps.prim import Box, Limits
from sim.sweeps.sensitivity import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["figure"]

Array = np.ndarray[Any, Any]

SIZE = (12.4, 9.6)
MOST_ROWS = 12
"""Factors that are shown."""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
BLUE, ORANGE = LINE_STYLES["closeness"].colour, LINE_STYLES["conflict"].colour
MAP = "cividis"
GOLDEN = (5.0**0.5 - 1.0) / 2.0
"""What spreads cells of one level evenly beside each other."""
MARKS = "osD^vP*X"
"""Of boxes with one restriction, two, and so on."""


def figure(found: Discovery) -> Figure:
    """Four panels: limits of the first box, coverage and density on the way to it, its cells, and the factors."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=SIZE, dpi=PIXELS_PER_INCH, facecolor="white")
    drawing.text(0.02, 0.985, found.title, size=TEXT["title"], weight="bold", va="top")
    drawing.text(0.02, 0.95, found.asked, size=TEXT["heading"], va="top")
    panels = drawing.subplots(
        2, 2, gridspec_kw={"left": 0.19, "right": 0.97, "top": 0.86, "bottom": 0.08, "wspace": 0.42, "hspace": 0.42}
    )
    draw_limits(panels[0, 0], found)
    draw_way(panels[0, 1], found)
    draw_drivers(panels[1, 0], found)
    draw_cells(panels[1, 1], found)
    return finished(drawing)


def titled(axes: Axes, text: str) -> None:
    """The heading of a panel."""
    plain(axes)
    axes.set_title(text, size=TEXT["heading"], loc="left", pad=10)


def draw_limits(axes: Axes, found: Discovery) -> None:
    """What the first box allows of each factor: its part of the range."""
    rows = found.limits[found.limits["box"] == 1].sort_values("quasi_p").head(MOST_ROWS).to_dict("records")
    if not rows:
        titled(axes, _("No box"))
        axes.set_axis_off()
        return
    first = found.boxes.iloc[0]
    titled(
        axes,
        _("The box: density {density}%, coverage {coverage}%").format(
            density=number(100.0 * first["density"], 0), coverage=number(100.0 * first["coverage"], 0)
        ),
    )
    for place, row in enumerate(rows):
        axes.barh(place, 1.0, height=0.34, color=HOLIDAY)
        for start, width in allowed(row, found.cells.columns[row["factor"]], found):
            axes.barh(place, width, left=start, height=0.34, color=ORANGE)
        note = _("quasi-p {p}, again in {share}%").format(
            p="< " + number(0.001, 3) if row["quasi_p"] < 0.001 else number(row["quasi_p"], 3),
            share=number(100.0 * row["reproduced"], 0),
        )
        axes.text(0.0, place - 0.24, limits_in_words(row), size=TEXT["note"], va="bottom")
        axes.text(1.0, place + 0.24, note, size=TEXT["name"], va="top", ha="right", color=SOFT)
    axes.set_yticks(range(len(rows)), labels=[label(row["factor"]) for row in rows])
    axes.set_xticks([0.0, 1.0], labels=[_("lowest"), _("highest")])
    axes.set(xlim=(0.0, 1.0), ylim=(max(len(rows), 2) - 0.4, -0.6))


def allowed(row: Mapping[Any, Any], column: Array, found: Discovery) -> list[tuple[float, float]]:
    """Parts of the range of a factor that a box allows: where each begins, and how wide it is, 0 to 1."""
    if is_text(column):
        texts = np.unique(column.astype(str)).tolist()
        kept = found.found[0].box[row["factor"]].texts or frozenset()
        return [(place / len(texts), 1.0 / len(texts)) for place, text in enumerate(texts) if text in kept]
    wide = row["last"] - row["first"]
    low, high = (
        row[end] if not np.isnan(row[end]) else row[edge] for end, edge in (("low", "first"), ("high", "last"))
    )
    start, end = (low - row["first"]) / wide, (high - row["first"]) / wide
    return [(max(0.0, start - 0.005), max(0.01, end - start))]


def draw_way(axes: Axes, found: Discovery) -> None:
    """Coverage and density of every box on the way, by how many factors it restricts; the first box has a ring."""
    titled(axes, _("The way to it, from all cells to few"))
    for restricted in sorted(set(found.trajectory["restricted"].tolist())):
        part = found.trajectory[found.trajectory["restricted"] == restricted]
        mark = MARKS[min(restricted, len(MARKS) - 1)]
        axes.plot(part["coverage"], part["density"], mark, color=BLUE, markersize=5, label=number(restricted, 0))
    for row in found.boxes.head(1).to_dict("records"):
        axes.plot([row["coverage"]], [row["density"]], "o", markersize=14, markerfacecolor="none", color=ORANGE,
                  markeredgewidth=2.0)  # fmt: skip
        axes.plot([row["coverage_unseen"]], [row["density_unseen"]], "x", color=INK, markersize=8,
                  markeredgewidth=1.6, label=_("in unseen cells"))  # fmt: skip
    small = TEXT["name"]
    axes.legend(title=_("Factors restricted"), frameon=False, loc="lower left", fontsize=small, title_fontsize=small)
    axes.set_xlabel(_("Coverage: share of all such classes"), size=TEXT["label"])
    axes.set_ylabel(_("Density: share as asked"), size=TEXT["label"])
    axes.set(xlim=(-0.03, 1.05), ylim=(-0.03, 1.05))
    for axis in (axes.xaxis, axes.yaxis):
        numbered(axis, SHARES)
    axes.grid(color=HOLIDAY, linewidth=0.8)
    axes.set_axisbelow(True)


def draw_drivers(axes: Axes, found: Discovery) -> None:
    """How well each factor tells cells apart, alone and in trees, with intervals; a line is what luck comes to."""
    titled(axes, _("What tells the cells apart"))
    rows = found.drivers.head(MOST_ROWS)
    bars = [("ks", _("distributed otherwise (Kolmogorov–Smirnov)"), BLUE, "", "white")]
    if rows["score"].notna().any():
        bars.append(("score", _("score in extremely randomized trees"), ORANGE, "////", "#F6C9A8"))
    thick = 0.76 / len(bars)
    for n, (name, said, colour, hatch, fill) in enumerate(bars):
        y = np.arange(len(rows)) + (n - (len(bars) - 1) / 2.0) * thick
        face = colour if not hatch else fill
        axes.barh(y, rows[name], height=thick, facecolor=face, edgecolor=colour, hatch=hatch, linewidth=1.0, label=said)
        axes.hlines(y, rows[f"{name}_low"], rows[f"{name}_high"], color=INK, linewidth=1.2)
        luck = rows[f"{name}_luck"]
        axes.vlines(luck, y - thick / 2.0, y + thick / 2.0, color=INK, linewidth=1.2, linestyle=(0, (3.0, 2.0)),
                    label="" if n else _("what luck comes to"))  # fmt: skip
    axes.set_yticks(range(len(rows)), labels=[label(key) for key in rows["factor"]])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0.0, max(0.25, min(1.0, 1.05 * float(rows[[f"{name}_high" for name, *_rest in bars]].max().max()))))
    numbered(axes.xaxis, [tick for tick in axes.get_xticks() if tick <= axes.get_xlim()[1]])
    axes.legend(fontsize=TEXT["name"], frameon=False, loc="lower right")


def draw_cells(axes: Axes, found: Discovery) -> None:
    """Cells on the two factors that tell most (those of the first box go first), and the box."""
    first = found.limits[found.limits["box"] == 1].sort_values("quasi_p")["factor"].tolist()
    keys = list(dict.fromkeys([*first, *found.drivers["factor"]]))[:2]
    titled(axes, _("Cells, and the share as asked"))
    columns = [found.cells.columns[key] for key in keys]
    places = [placed(column) for column in columns]
    if len(keys) == 1:
        keys, places, columns = [*keys, ""], [*places, found.cells.share], [*columns, found.cells.share]
    order = np.argsort(found.cells.share, kind="stable")
    dots = axes.scatter(
        places[0][order], places[1][order], c=found.cells.share[order], cmap=MAP, vmin=0.0, vmax=1.0, s=14, linewidths=0
    )
    bar = axes.figure.colorbar(dots, ax=axes, pad=0.02)
    numbered(bar.ax.yaxis, SHARES)
    bar.ax.tick_params(labelsize=TEXT["tick"], color=FAINT)
    if found.found and keys[1]:
        draw_frame(axes, found.found[0].box, keys, columns)
    for axis, key, column in zip((axes.xaxis, axes.yaxis), keys, columns, strict=True):
        axis.set_label_text(label(key) if key else _("Density: share as asked"), size=TEXT["label"])
        if is_text(column):
            texts = np.unique(column.astype(str)).tolist()
            axis.set_ticks(range(len(texts)), labels=texts)
        else:
            low, high = axis.get_view_interval()
            ticks = [tick for tick in axis.get_ticklocs() if low <= tick <= high]
            axis.set_ticks(ticks, labels=[short(tick) for tick in ticks])


def placed(column: Array) -> Array:
    """Where the cells stand on an axis: those of one level beside each other."""
    level = np.unique(column.astype(str) if is_text(column) else column, return_inverse=True)[1].astype(float)
    if not is_text(column) and level.max() > FEW_LEVELS:
        return column
    ends = np.array([0.0, level.max()]) if is_text(column) else np.array([column.min(), column.max()])
    aside = (np.arange(len(column)) * GOLDEN % 1.0 - 0.5) * 0.5 * (ends[1] - ends[0]) / level.max()
    return np.asarray((level if is_text(column) else column) + aside)


def draw_frame(axes: Axes, box: Box, keys: list[str], columns: list[Array]) -> None:
    """The edges of a box on two factors; of texts, or where it is open, those of the panel."""
    from matplotlib.patches import Rectangle

    edges = []
    for axis, key, column in zip((axes.get_xlim(), axes.get_ylim()), keys, columns, strict=True):
        limits = box.get(key, Limits())
        edges.append(axis if is_text(column) else (max(axis[0], limits.low), min(axis[1], limits.high)))
    (left, right), (bottom, top) = edges
    frame = Rectangle((left, bottom), right - left, top - bottom, fill=False, edgecolor=ORANGE, linewidth=2.2)
    axes.add_patch(frame)
