"""The figure of effects: standardized, with their intervals, below each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.files.language import _
from sim.output.plots import (
    FAINT,
    FORMATS,
    HOLIDAY,
    INK,
    LINE_STYLES,
    PIXELS_PER_INCH,
    SOFT,
    TEXT,
    finished,
    numbered,
    plain,
    save,
)
from sim.output.whole_folder import refused
from sim.sweeps.effects import EffectsError, in_words, titled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.sweeps.effects import Effects

__all__ = ["draw_effects", "figure"]

MOST_ROWS = 60
"""Effects that can still be read below each other."""
WIDTH, ROW, AROUND = 10.0, 0.3, 1.5
"""Inches: of the figure, of an effect or a heading, and above and below them."""


def figure(found: Effects) -> Figure:
    """Effects of all outcomes and levers, a line each: d, and its 95% interval; those that have none are left out.

    Raises
    ------
    EffectsError
        When there is nothing to draw, or more than can be read.
    """
    from matplotlib.figure import Figure

    rows = found.table[found.table["d"].notna()]
    if not 0 < len(rows) <= MOST_ROWS:
        message = _(
            "--figure: found {count} effects with a d; allowed are 1 to {most}: choose with --outcome and --lever"
        )
        raise EffectsError(message.format(count=len(rows), most=MOST_ROWS))
    parts = [part.to_dict("records") for _about, part in rows.groupby(["outcome", "lever", "by"], sort=False)]
    lines = len(rows) + len(parts)
    height = ROW * lines + AROUND
    drawing = Figure(figsize=(WIDTH, height), dpi=PIXELS_PER_INCH, facecolor="white")
    drawing.text(0.02, 1.0 - 0.14 / height, found.title, size=TEXT["title"], weight="bold", va="top", color=INK)
    axes = drawing.add_axes((0.4, 0.72 / height, 0.56, ROW * lines / height))
    plain(axes)
    axes.spines["left"].set_visible(False)
    axes.axvline(0.0, color=FAINT, linewidth=1.0)
    place = 0.0
    aside = axes.get_yaxis_transform()
    for effects in parts:
        heading, outcome = titled(effects[0]), str(effects[0]["outcome"])
        axes.text(-0.68, place, heading, transform=aside, size=TEXT["note"], weight="bold", va="center")
        style = LINE_STYLES.get(outcome.partition("_")[0])
        colour = style.colour if style else INK
        for effect in effects:
            place += 1.0
            axes.text(-0.02, place, in_words(effect), transform=aside, size=TEXT["note"], va="center", ha="right")
            if not np.isnan(effect["d_low"]):
                axes.plot([effect["d_low"], effect["d_high"]], [place, place], color=colour, linewidth=1.6)
            axes.plot([effect["d"]], [place], "o", color=colour, markersize=6)
        axes.axhline(place + 0.5, color=HOLIDAY, linewidth=0.8)
        place += 1.0
    axes.set_ylim(lines - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xlabel(_("d, with its 95% interval"), size=TEXT["label"], color=SOFT)
    low, high = axes.get_xlim()
    numbered(axes.xaxis, [tick for tick in axes.get_xticks() if low <= tick <= high])
    return finished(drawing)


def draw_effects(found: Effects, path: Path) -> None:
    """Draw effects into a file; its ending says what kind.

    Raises
    ------
    EffectsError
        For another ending, too many effects, or a file that cannot be written.
    """
    kind = path.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        message = _("--figure: found {found}; allowed endings are {allowed}")
        raise EffectsError(message.format(found=path.name, allowed=", ".join(f".{one}" for one in FORMATS)))
    drawing = figure(found)
    with refused(path, EffectsError):
        save(drawing, path.with_suffix(""), (kind,))
