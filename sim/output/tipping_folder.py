"""What is written of a dyad that was led there and back: a table and the figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.files.language import _, number
from sim.files.spreadsheet import write_table
from sim.output.plots import (
    HOLIDAY,
    INK,
    LINE_STYLES,
    SCALE,
    SOFT,
    TEXT,
    finished,
    new_figure,
    numbered,
    plain,
    save,
    shown,
)
from sim.state import to_item_mean
from sim.year.dyad import LOOP, VICIOUS
from sim.year.tipping import Rest, Tipping

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["figure", "table", "tipping_in_words", "write_tipping"]

WAYS = {"there": ("o", "conflict"), "back": ("s", "closeness")}
"""Mark and colour of the two ways."""
CLOSENESS = LOOP.index("closeness")


def table(found: Tipping) -> pd.DataFrame:
    """A row for each rest: `way` (there, back), `level`, three states (1 to 5), loop `gain`, `weeks` until it rests."""
    import pandas as pd

    rows = [
        (
            way,
            rest.level,
            rest.conflict,
            float(to_item_mean(rest.states[CLOSENESS])),
            float(to_item_mean(rest.aggression)),
            rest.gain,
            rest.weeks,
        )
        for way in WAYS
        for rest in rests(found, way)
    ]
    return pd.DataFrame(rows, columns=["way", "level", "conflict", "closeness", "aggression", "gain", "weeks"])


def rests(found: Tipping, way: str) -> tuple[Rest, ...]:
    """The rests of one of the two ways."""
    return found.there if way == "there" else found.back


def tipping_in_words(found: Tipping, name: str) -> str:
    """Where the dyad of a child tips, where it comes back, and how wide the loop is."""
    first, last = found.there[0], found.there[-1]
    told = {"name": name, "lever": found.lever, "first": number(first.level, 2), "last": number(last.level, 2)}
    if found.tips is None:
        stays = _("Conflict with {name} rests above the middle of the scale at all levels of {lever}.")
        never = _("Conflict with {name} rests below the middle of the scale at all levels of {lever}.")
        return (stays if first.vicious else never).format(**told)
    tips = _("With {lever} going from {first} to {last}, the relationship with {name} tips at {tips}.")
    said = tips.format(**told, tips=number(found.tips, 3))
    if found.width is None:
        return said + " " + _("It does not come back when {lever} goes all the way back.").format(**told)
    if found.width < found.step / 2.0:
        return said + " " + _("On the way back it returns at the same level: there is no loop.")
    back = _("On the way back it returns at {returns}: the loop is {width} wide.")
    return said + " " + back.format(returns=number(found.returns or 0.0, 3), width=number(found.width, 3))


def figure(found: Tipping, name: str) -> Figure:
    """Conflict at rest, and the loop gain there, against the lever, on the way there and on the way back."""
    drawing = new_figure("years", _("There and back: {name}, {lever}").format(name=shown(name), lever=found.lever))
    frame = {"left": 0.07, "right": 0.98, "top": 0.78, "bottom": 0.12, "wspace": 0.2}
    panels = drawing.subplots(1, 2, gridspec_kw=frame)
    draw(panels[0], found, "conflict", _("Conflict where it rests, 1 to 5"))
    panels[0].axhline(to_item_mean(VICIOUS), color=SOFT, linewidth=1.0, linestyle=(0, (3.0, 2.0)))
    panels[0].set_ylim(SCALE[0] - 0.1, SCALE[-1] + 0.1)
    numbered(panels[0].yaxis, SCALE)
    for level, way in ((found.tips, "there"), (found.returns, "back")):
        if level is not None:
            panels[0].axvline(level, color=LINE_STYLES[WAYS[way][1]].colour, linewidth=1.2, linestyle=(0, (1.0, 1.5)))
    draw(panels[1], found, "gain", _("Loop gain a week: above 1 a disturbance grows"))
    low, high = panels[1].get_ylim()
    numbered(panels[1].yaxis, [tick for tick in panels[1].get_yticks() if low <= tick <= high])
    handles, labels = panels[0].get_legend_handles_labels()
    corner = (0.06, 0.93)
    drawing.legend(
        handles, labels, loc="upper left", bbox_to_anchor=corner, ncols=2, frameon=False, fontsize=TEXT["note"]
    )
    return finished(drawing)


def draw(axes: Axes, found: Tipping, quantity: str, title: str) -> None:
    """One quantity of the rests on both ways."""
    plain(axes)
    axes.set_title(title, size=TEXT["heading"], loc="left", pad=8)
    arrows = {"there": _("on the way there"), "back": _("on the way back")}
    for way, (mark, style) in WAYS.items():
        heights = [getattr(rest, quantity) for rest in rests(found, way)]
        levels = [rest.level for rest in rests(found, way)]
        colour = LINE_STYLES[style].colour
        axes.plot(levels, heights, color=colour, marker=mark, markersize=4, linewidth=1.2, label=arrows[way],
                  markerfacecolor=colour if way == "there" else "white")  # fmt: skip
    if found.there[0].level > found.there[-1].level:
        axes.invert_xaxis()
    axes.set_xlabel(found.lever, size=TEXT["label"], color=INK)
    low, high = sorted(axes.get_xlim())
    numbered(axes.xaxis, [tick for tick in axes.get_xticks() if low <= tick <= high])
    axes.grid(color=HOLIDAY, linewidth=0.8)
    axes.set_axisbelow(True)


def write_tipping(found: Tipping, name: str, folder: Path) -> None:
    """Write `tipping.csv` and the figure `tipping` (PNG and SVG) into a folder."""
    write_table(table(found), folder / "tipping.csv")
    save(figure(found, name), folder / "tipping")
