"""Figures of a run, shared by the command line, the dashboard and the documentation.

Everything that is shown was computed elsewhere; here it is only drawn. Figures are made with matplotlib's
objects, never with pyplot, so that many users can draw at the same time. They are meant for people who do
not see colours as well as for greyscale print: whatever a colour says, a line style, a shape or a sign says
too. Names of children are shown as they are typed, in any writing: no formulas, no marks that turn a line around.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim import peers
from sim.files.language import N_, _, number, signed
from sim.files.writing import write_whole
from sim.interventions import REGISTRY
from sim.output import fonts
from sim.record import Record, Twins
from sim.state import Records, to_item_mean
from sim.year import dyad
from sim.year.dyad_words import Prospect, prospect
from sim.year.profile import DIMENSIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from sim.calendar import Calendar

__all__ = [
    "FORMATS",
    "LINE_STYLES",
    "SIZES",
    "STATUS_STYLES",
    "TEXT",
    "LineStyle",
    "StatusStyle",
    "phase_portrait",
    "profile_figure",
    "save",
    "shown",
    "sociograms",
    "state_space_grids",
    "trajectories",
]

# --- Looks ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LineStyle:
    """How a quantity is drawn everywhere: its name in English, colour (Okabe-Ito), colour of text, and dashes.

    `ink` is the colour made dark enough to be read on white. `dashes` are lengths of dash and gap in line widths;
    empty for a solid line.
    """

    name: str
    colour: str
    ink: str
    dashes: tuple[float, ...] = ()

    def line(self) -> dict[str, Any]:
        """Colour and dashes as keywords of matplotlib."""
        return {"color": self.colour, "linestyle": (0, self.dashes) if self.dashes else "-"}


LINE_STYLES: Final[Mapping[str, LineStyle]] = {
    "closeness": LineStyle(N_("closeness"), "#0072B2", "#0069A4"),
    "conflict": LineStyle(N_("conflict"), "#D55E00", "#AD4C00", (5.0, 2.0)),
    "aggression": LineStyle(N_("aggression"), "#CC79A7", "#9C4877", (6.0, 1.6, 1.2, 1.6)),
}
"""Colour and dashes of each quantity, by the name of its field."""


@dataclass(frozen=True)
class StatusStyle:
    """How a sociometric status is drawn: fill, the sign on it, the colour of the sign, its name in English."""

    name: str
    fill: str
    sign: str = ""
    ink: str = "#000000"


STATUS_STYLES: Final[Mapping[str, StatusStyle]] = {
    "popular": StatusStyle(N_("popular"), "#56B4E9", "+"),
    "average": StatusStyle(N_("average"), "#D0D0D0"),
    "neglected": StatusStyle(N_("neglected"), "#FFFFFF", "·"),
    "controversial": StatusStyle(N_("controversial"), "#F0E442", "±"),
    "rejected": StatusStyle(N_("rejected"), "#D55E00", "−", "#FFFFFF"),
}
"""Looks of each sociometric status that `sim.peers.status` gives."""

SIZES: Final[Mapping[str, tuple[float, float]]] = {
    "trajectories": (11.0, 6.2),
    "sociograms": (11.0, 7.0),
    "phase portrait": (9.8, 6.0),
    "state-space grids": (11.0, 6.3),
    "state-space grid": (6.2, 6.3),
    "profile": (8.5, 1.5),
    "years": (11.0, 6.4),
}
"""Width and height of each figure in inches; a profile grows by `PROFILE_ROW` for each of its bars."""

TEXT: Final[Mapping[str, float]] = {
    "title": 14.0, "heading": 12.0, "label": 11.0, "tick": 10.0, "note": 9.5, "name": 8.5
}  # fmt: skip
"""Sizes of type in points: legible at a width of 1366 pixels, and on a landscape page."""

FORMATS: Final = ("png", "svg", "pdf")
"""What a figure can be saved as."""

INK, SOFT, FAINT = "#000000", "#555555", "#8C8C8C"
HOLIDAY, PROGRAMME = "#E4E4E4", "#FBF6C3"
LIKE, DISLIKE = LINE_STYLES["closeness"].colour, LINE_STYLES["conflict"].colour
DISLIKE_DASHES = (4.0, 2.5)
PIXELS_PER_INCH = 160
POINTS_PER_INCH = 72
PROFILE_ROW = 0.42
LONGEST_NAME, LONGEST_LABEL = 24, 12
SCALE = (1, 2, 3, 4, 5)
UNIT = (0.0, 0.5, 1.0)
TOP = 5.2  # where bands end; the titles of interventions stand above
ROW = 0.34  # of the scale, for the title of an intervention
DAYS_A_WEEK = 7
BELOW = 6.0  # points from a sign to the name below it
RING = 1.4  # the ring around a child that nobody has chosen, in sizes of the sign
FEW, MANY = 8, 30  # children in a sociogram: fewer sit in a circle, more get smaller signs
ELLIPSIS = "…"
ISOLATED = "\u2068{name}\u2069"
"""A name that is written from right to left, in a sentence that is not."""


def new_figure(kind: str, title: str, *, taller: float = 0.0) -> Figure:
    """An empty figure with its title at the top left."""
    from matplotlib.figure import Figure

    width, height = SIZES[kind]
    figure = Figure(figsize=(width, height + taller), dpi=PIXELS_PER_INCH, facecolor="white")
    figure.text(0.02, 1.0 - 0.14 / (height + taller), title, size=TEXT["title"], weight="bold", va="top", color=INK)
    return figure


def finished(figure: Figure) -> Figure:
    """The figure with all its texts in fonts that have their characters, and no text read as a formula."""
    from matplotlib.text import Text

    for artist in figure.findobj():
        if isinstance(artist, Text):
            artist.set_fontfamily(fonts.families(artist.get_text()))
            artist.set_parse_math(False)
            artist.set_usetex(False)
    return figure


def plain(axes: Axes) -> None:
    """Leave only the left and bottom edge of a panel, and quiet ticks."""
    axes.set_facecolor("white")
    for side, spine in axes.spines.items():
        spine.set(visible=side in ("left", "bottom"), color=FAINT, linewidth=0.8)
    axes.tick_params(labelsize=TEXT["tick"], color=FAINT, labelcolor=INK, width=0.8)


def points(axes: Axes) -> tuple[float, float]:
    """Width and height of a panel in points."""
    box = axes.get_window_extent()
    return box.width * POINTS_PER_INCH / PIXELS_PER_INCH, box.height * POINTS_PER_INCH / PIXELS_PER_INCH


def numbered(axis: Any, ticks: Sequence[float]) -> None:
    """Ticks that are written as in the language of this moment, wherever the figure is drawn later.

    Whole numbers are written as such, others all with as many decimals as say exactly where each of them stands.
    """
    decimals = [len(f"{tick:.6f}".rstrip("0").partition(".")[2]) for tick in ticks]
    labels = [number(tick, max(decimals) if own else 0) for tick, own in zip(ticks, decimals, strict=True)]
    axis.set_ticks(list(ticks), labels=labels)


# --- Names ---------------------------------------------------------------------------------------------


def shown(name: str, longest: int = LONGEST_NAME) -> str:
    """A name as it can be drawn: on one line, at most `longest` characters, without what turns a line around."""
    known: list[str] = []
    for character in unicodedata.normalize("NFC", name):
        kind = unicodedata.category(character)
        if kind == "Cc" or kind.startswith("Z"):
            known.append(" ")
        elif kind != "Cf" or character in fonts.JOINERS:
            known.append(character)
    text = " ".join(word for part in "".join(known).split() if (word := part.strip(fonts.JOINERS)))
    parts = fonts.clusters(text)
    return text if len(parts) <= longest else "".join(parts[: longest - 1]).rstrip() + ELLIPSIS


def called(name: str) -> str:
    """What a child is called in a sentence: by name, or as "child 07" where the name is a number."""
    text = shown(name)
    if text.isdigit():
        return _("Child {name}").format(name=text)
    turned = any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
    return ISOLATED.format(name=text) if turned else text


# --- Trajectories --------------------------------------------------------------------------------------


def trajectories(twins: Twins, child: int) -> Figure:
    """Closeness, conflict and aggression of one child over the year, without and with the interventions.

    Closeness and conflict stand on the scale that teachers know (STRS item mean, 1 to 5), aggression from 0 to 1
    below. On the side with interventions, thin lines repeat the run without, so that the difference can be
    seen. Time runs by the calendar: holidays take their place. Without any intervention there is one column.

    Parameters
    ----------
    twins
        The same class with the same luck, without and with.
    child
        Number of the child.
    """
    without, with_ = twins.without, twins.with_
    compared = bool(with_.interventions)
    title = _("{name} and the teacher") if not compared else _("{name} and the teacher: same class, same luck")
    figure = new_figure("trajectories", title.format(name=called(without.names[child])))
    grid = figure.add_gridspec(
        2,
        1 + compared,
        height_ratios=(2.3, 1),
        left=0.065,
        right=0.895,
        top=0.875,
        bottom=0.15,
        hspace=0.1,
        wspace=0.34,
    )
    first: list[Axes] = []
    for column, record in enumerate((without, with_)[: 1 + compared]):
        upper = figure.add_subplot(grid[0, column], sharey=first[0] if column else None)
        lower = figure.add_subplot(grid[1, column], sharex=upper, sharey=first[1] if column else None)
        first = first or [upper, lower]
        upper.set_ylim(0.85, TOP + ROW * len(with_.interventions))
        lower.set_ylim(-0.04, 1.04)
        for axes, names in ((upper, ("closeness", "conflict")), (lower, ("aggression",))):
            plain(axes)
            mark_holidays(axes, record.calendar)
            if column:
                draw_lines(axes, without, child, names, thin=True)
            draw_lines(axes, record, child, names)
        week_axis(lower, record.calendar)
        upper.tick_params(labelbottom=False)
        if column:
            mark_programmes(upper, lower, record, child)
        if compared:
            heading(upper, arm_title(record) if column else _("Without"))
    numbered(first[0].yaxis, SCALE)
    numbered(first[1].yaxis, UNIT)
    first[0].set_ylabel(_("relationship (STRS, 1–5)"), size=TEXT["label"])
    first[1].set_ylabel(_("aggression (0–1)"), size=TEXT["label"])
    figure.align_ylabels(first)
    if compared:
        figure.text(0.02, 0.025, difference(twins, child), size=TEXT["label"], color=INK)
        figure.text(0.98, 0.025, _("thin lines: without"), size=TEXT["label"], color=SOFT, ha="right")
    return finished(figure)


def heading(axes: Axes, text: str, aside: str = "") -> None:
    """A heading above a panel, with an aside in grey at its right end."""
    axes.set_title(text, loc="left", size=TEXT["heading"], weight="bold", color=INK)
    axes.set_title(aside, loc="right", size=TEXT["note"], color=SOFT)


def arm_title(record: Record) -> str:
    """What the class with interventions is called."""
    return _("With {interventions}").format(interventions=titles(record.interventions))


def titles(interventions: Iterable[str]) -> str:
    """The intervention of that name by title, or that there are several."""
    names = tuple(dict.fromkeys(interventions))
    return _(REGISTRY[names[0]].title) if len(names) == 1 else _("{count} interventions").format(count=len(names))


def on_scale(record: Record, name: str, child: int) -> Records:
    """A field of a child on every evening, on the scale on which it is shown."""
    values: Records = record.children[name][:, child]
    return values if name == "aggression" else to_item_mean(values)


def weeks_passed(calendar: Calendar) -> Records:
    """Weeks of the calendar, holidays counted, from the start to every evening; shape (days + 1,)."""
    return np.cumsum(calendar.nights) / DAYS_A_WEEK


def draw_lines(axes: Axes, record: Record, child: int, names: Sequence[str], *, thin: bool = False) -> None:
    """The lines of some fields, labelled with name and last value where they end."""
    passed = weeks_passed(record.calendar)
    ends = []
    for name in names:
        style, values = LINE_STYLES[name], on_scale(record, name, child)
        look: dict[str, Any] = {"linewidth": 1.0, "alpha": 0.7} if thin else {"linewidth": 2.2}
        axes.plot(passed, values, gid=f"{name}-thin" if thin else name, zorder=3, **style.line(), **look)
        digits = 2 if name == "aggression" else 1
        ends.append((float(values[-1]), f"{_(style.name)}\n{number(float(values[-1]), digits)}", style.ink))
    axes.set_xlim(0.0, float(passed[-1]))
    if not thin:
        label_ends(axes, ends)


def label_ends(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Labels right of the panel, at the height where each line ends, moved apart where they would touch."""
    _width, panel = points(axes)
    low, high = axes.get_ylim()
    apart = 2.7 * TEXT["label"] / panel * (high - low)
    ends = sorted(ends)
    heights = np.array([end[0] for end in ends])
    if len(ends) == 2 and heights[1] - heights[0] < apart:
        heights = heights.mean() + apart * np.array([-0.5, 0.5])
    for height, (_value, text, colour) in zip(heights, ends, strict=True):
        axes.annotate(
            text,
            (1.0, height),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            size=TEXT["label"],
            weight="bold",
            color=colour,
            annotation_clip=False,
        )


def band(axes: Axes, start: float, end: float, colour: str, gid: str) -> None:
    """A band behind the lines of a panel."""
    low, high = axes.get_ylim()
    share = min(1.0, (TOP - low) / (high - low))
    axes.axvspan(start, end, ymax=share, color=colour, linewidth=0, zorder=1 if gid == "holiday" else 0.5, gid=gid)
    if gid != "holiday":
        for edge in (start, end):
            axes.axvline(edge, ymax=share, color=SOFT, linewidth=0.7, linestyle=(0, (1, 2)), zorder=2)


def mark_holidays(axes: Axes, calendar: Calendar) -> None:
    """Grey bands where there is no school."""
    passed = weeks_passed(calendar)
    for holiday in calendar.holidays:
        if holiday.after_week < calendar.weeks:
            start = float(passed[calendar.last_day(holiday.after_week)])
            band(axes, start, start + holiday.weeks, HOLIDAY, "holiday")


def mark_programmes(upper: Axes, lower: Axes, record: Record, child: int) -> None:
    """Bands for the time of each intervention, with its title in a row of its own."""
    calendar, passed = record.calendar, weeks_passed(record.calendar)
    year = float(passed[-1])
    panel, _height = points(upper)
    for row, (choice, chosen) in enumerate(zip(record.scenario.interventions, record.chosen, strict=True)):
        kind = REGISTRY[choice.name]
        last = calendar.weeks if kind.weeks is None else min(calendar.weeks, choice.start_week + kind.weeks - 1)
        first_day = calendar.first_day(choice.start_week)
        start, end = float(passed[first_day]) - 1 / DAYS_A_WEEK, float(passed[calendar.last_day(last)])
        for axes in (upper, lower):
            band(axes, start, end, PROGRAMME, "programme")
        title = _(kind.title) if child in chosen else _("{title} (other children)").format(title=_(kind.title))
        fits = start + label_width(title, TEXT["note"]) / panel * year < year
        height = upper.get_ylim()[1] - ROW * (row + 0.5)
        upper.plot([start, end], [height - 0.4 * ROW] * 2, color=SOFT, linewidth=2.5, solid_capstyle="butt", zorder=4)
        upper.text(
            start if fits else end, height, title, ha="left" if fits else "right", va="center", size=TEXT["note"],
            color=INK, zorder=4,
        )  # fmt: skip


def week_axis(axes: Axes, calendar: Calendar) -> None:
    """School weeks as ticks, at the end of each."""
    step = next(step for step in (1, 2, 5, 10) if calendar.weeks <= 8 * step)
    weeks = range(0, calendar.weeks + 1, step)
    passed = weeks_passed(calendar)
    axes.set_xticks([float(passed[calendar.last_day(week)]) for week in weeks], labels=[number(w, 0) for w in weeks])
    label = _("school week (grey: holidays)") if calendar.holidays else _("school week")
    axes.set_xlabel(label, size=TEXT["label"])


def difference(twins: Twins, child: int) -> str:
    """What the interventions have changed at the end, in words."""
    changes = []
    for name, style in LINE_STYLES.items():
        change = on_scale(twins.with_, name, child)[-1] - on_scale(twins.without, name, child)[-1]
        changes.append(f"{_(style.name)} {signed(float(change), 2)}")
    return _("Difference at the end of the year: {changes}").format(changes=" · ".join(changes))


# --- Sociograms ----------------------------------------------------------------------------------------


def sociograms(record: Record, follow: int | None = None) -> Figure:
    """Who likes whom at the start and at the end of the year; every child stays in its place.

    An arrow is a nomination, as `sim.peers.nominations` has it; two-headed and heavy where it is mutual.

    Parameters
    ----------
    record
        The run.
    follow
        Number of a child whose choices stand out from the others'; None for no one.
    """
    figure = new_figure("sociograms", _("Who likes whom"))
    width, height = SIZES["sociograms"]
    margin, gap, top, bottom = 0.25, 0.3, 0.77, 1.22
    box = np.array([(width - 2 * margin - gap) / 2, height - top - bottom])
    labels = [shown(name, LONGEST_LABEL) for name in record.names]
    crowded = len(labels) > MANY
    type_size = TEXT["name"] * (0.85 if crowded else 1.0)
    node = 13.0 if crowded else 17.0
    places = seating(record.liking.astype(np.float64).mean(axis=0), labels, box, node, type_size)
    lifted = (type_size + BELOW) / 2 / POINTS_PER_INCH  # with the name below it, the whole is centred
    signs = places + np.array([0.0, lifted])
    reaches = [Reach(node, label_width(label, type_size), type_size) for label in labels]
    end = _("After week {week}").format(week=number(record.calendar.weeks, 0))
    for side, (day, title) in enumerate(((0, _("At the start")), (-1, end))):
        left = margin + side * (box[0] + gap)
        axes = figure.add_axes((left / width, bottom / height, box[0] / width, box[1] / height))
        axes.set(xlim=(0, box[0]), ylim=(0, box[1]), xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set(color="#C8C8C8", linewidth=0.8)
        liking = record.liking[day].astype(np.float64)
        arrows = draw_nominations(axes, liking, signs, reaches, follow)
        draw_children(axes, record, liking, labels, signs, node, type_size, follow)
        heading(axes, title, arrows)
    draw_key(figure, followed=follow is not None)
    note = _("Simulated choices at one moment: a picture of the group, never a label for a child.")
    figure.text(0.5, 0.02, note, size=TEXT["note"], color=SOFT, ha="center")
    return finished(figure)


def seating(liking: Records, labels: Sequence[str], box: Records, node: float, type_size: float) -> Records:
    """A place in a `box` (inches) for every child, near those with whom liking is mutual; shape (n, 2).

    The space that each child needs has its label in it, so that none lies on another.
    """
    import networkx as nx

    n = len(labels)
    near = np.clip((liking + liking.T) / 2.0, 0.0, None)
    graph = nx.from_numpy_array(near)
    few = n < FEW
    found = nx.circular_layout(graph) if few else nx.spring_layout(graph, k=1.6 / np.sqrt(n), iterations=200, seed=1)
    places = np.array([found[i] for i in range(n)])
    spread = (places - places.min(axis=0)) / np.maximum(np.ptp(places, axis=0), 1e-9)
    # Half by rank, so that the middle of the group does not crowd together and the box is filled.
    ranks = places.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") / max(n - 1, 1)
    shares = 0.15 + 0.7 * spread if few else 0.4 * spread + 0.6 * ranks
    needed = np.array(
        [[max(label_width(label, type_size), node) + 7.0, node + type_size + BELOW + 7.0] for label in labels]
    )
    needed /= POINTS_PER_INCH
    return apart(shares * box, needed, box)


def label_width(label: str, type_size: float) -> float:
    """Width of a text in points."""
    face = fonts.face(label)
    face.set_size(type_size, POINTS_PER_INCH)
    face.set_text(label)
    return float(face.get_width_height()[0]) / 64.0


def apart(places: Records, needed: Records, box: Records) -> Records:
    """Move places until the rectangles `needed` around them do not overlap, and none leaves the `box`."""
    order = np.arange(len(places))
    before = np.where(order[:, None] < order[None, :], -1.0, 1.0)
    room = (needed[:, None] + needed[None, :]) / 2.0
    for _step in range(600):
        places = np.clip(places, needed / 2.0, np.maximum(box - needed / 2.0, needed / 2.0))
        away = places[:, None] - places[None, :]
        overlap = room - np.abs(away)
        touching = (overlap > 1e-6).all(axis=2) & ~np.eye(len(places), dtype=bool)
        if not touching.any():
            break
        sign = np.where(np.abs(away) > 1e-9, np.sign(away), before[..., None])
        narrow = overlap == overlap.min(axis=2, keepdims=True)
        places = places + np.where(touching[..., None] & narrow, 0.3 * sign * overlap, 0.0).sum(axis=1)
    return places


@dataclass(frozen=True)
class Reach:
    """How far a child's sign and the name below it reach, in points."""

    node: float
    name: float
    type_size: float

    def towards(self, direction: Records) -> float:
        """Distance from the middle of the sign at which an arrow in `direction` is free of sign and name."""
        x, y = np.abs(direction) / max(float(np.hypot(*direction)), 1e-9)
        free = self.node / 2 * RING + 1.0
        foot = self.node / 2 + BELOW + 1.3 * self.type_size
        aside = self.name / 2 + 2.0
        if direction[1] < 0 and x * (self.node / 2 + BELOW) < aside * y:
            free = max(free, min(foot / max(y, 1e-9), aside / max(x, 1e-9)))
        return float(free)


def draw_nominations(axes: Axes, liking: Records, places: Records, reaches: Sequence[Reach], follow: int | None) -> str:
    """Arrows for all nominations, a two-headed one for a pair that agrees; returns their numbers in words."""
    from matplotlib.patches import FancyArrowPatch

    liked, disliked = peers.nominations(liking)
    mutual = 0
    for kind, named, colour in (("dislike", disliked, DISLIKE), ("like", liked, LIKE)):
        for i, j in np.argwhere(named).tolist():
            both = bool(named[j, i])
            if both and i > j:
                continue
            mutual += both and kind == "like"
            strong = both and kind == "like"
            near = follow is None or follow in (i, j)
            arrow = FancyArrowPatch(
                tuple(places[i]),
                tuple(places[j]),
                arrowstyle="<|-|>" if both else "-|>",
                connectionstyle="arc3" if both else "arc3,rad=0.08",
                mutation_scale=7.0,
                shrinkA=reaches[i].towards(places[j] - places[i]),
                shrinkB=reaches[j].towards(places[i] - places[j]),
                color=colour,
                linewidth=1.6 if strong else 0.8,
                linestyle=(0, DISLIKE_DASHES) if kind == "dislike" else "-",
                alpha=(0.9 if strong else 0.5) if near else (0.3 if strong else 0.2),
                zorder=2.0 + strong + 0.5 * near,
                gid=f"{kind}-{i}-{j}" + ("-mutual" if both else ""),
            )
            axes.add_patch(arrow)
    return _("{likes} choices ({pairs} mutual pairs), {dislikes} negative").format(
        likes=number(liked.sum(), 0), pairs=number(mutual, 0), dislikes=number(disliked.sum(), 0)
    )


def draw_children(
    axes: Axes,
    record: Record,
    liking: Records,
    labels: Sequence[str],
    places: Records,
    node: float,
    type_size: float,
    follow: int | None,
) -> None:
    """A sign for every child, with its name below it."""
    chosen_by = peers.liked_by(liking)
    for child, status in enumerate(peers.status(liking)):
        x, y = places[child]
        style = STATUS_STYLES[status]
        boy = record.children["sex"][0, child] > 0.5
        axes.add_line(child_sign(x, y, boy=boy, size=node, fill=style.fill, followed=child == follow))
        if chosen_by[child] == 0:
            axes.add_line(unchosen_sign(x, y, node))
        draw_sign(axes, x, y, style, node)
        axes.text(
            x, y - (node / 2 + BELOW) / POINTS_PER_INCH, labels[child], size=type_size, ha="center", va="top", zorder=7,
            weight="bold" if child == follow else "normal", color=INK, gid=f"name-{child}",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6},
        )  # fmt: skip


def child_sign(x: float, y: float, *, boy: bool, size: float, fill: str, followed: bool) -> Line2D:
    """A square for a boy, a circle for a girl; a heavy outline for the child that is followed."""
    from matplotlib.lines import Line2D

    return Line2D(
        [x], [y], linestyle="none", marker="s" if boy else "o", markersize=size * (0.9 if boy else 1.0),
        markerfacecolor=fill, markeredgecolor=INK, markeredgewidth=3.0 if followed else 0.9, zorder=5,
    )  # fmt: skip


def unchosen_sign(x: float, y: float, size: float) -> Line2D:
    """A ring around a child that nobody has chosen."""
    from matplotlib.lines import Line2D

    return Line2D(
        [x], [y], linestyle="none", marker="o", markersize=size * RING, markerfacecolor="none", markeredgecolor=INK,
        markeredgewidth=1.0, zorder=4.5, gid="unchosen",
    )  # fmt: skip


def draw_sign(axes: Axes, x: float, y: float, style: StatusStyle, size: float) -> None:
    """The sign of a status on a child."""
    if style.sign:
        axes.text(
            x, y, style.sign, size=size * 0.75, weight="bold", color=style.ink, ha="center", va="center", zorder=6
        )


def draw_key(figure: Figure, *, followed: bool) -> None:
    """What the signs of a sociogram mean: two rows at its foot."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import FancyArrowPatch

    width, height = SIZES["sociograms"]
    size, wide, between = 13.0, 0.34, 0.24
    axes = figure.add_axes((0.0, 0.4 / height, 1.0, 0.62 / height))
    axes.set(xlim=(0, width), ylim=(0, 0.62))
    axes.set_axis_off()
    arrows: list[tuple[str, dict[str, Any]]] = [
        (_("likes to play with"), {"arrowstyle": "-|>", "color": LIKE, "linewidth": 0.9}),
        (_("mutual"), {"arrowstyle": "<|-|>", "color": LIKE, "linewidth": 1.6}),
        (_("would rather not play with"), {"arrowstyle": "-|>", "color": DISLIKE, "linestyle": (0, DISLIKE_DASHES)}),
    ]
    children: list[tuple[str, Line2D]] = [
        (_("girl"), child_sign(0, 0, boy=False, size=size, fill="white", followed=False)),
        (_("boy"), child_sign(0, 0, boy=True, size=size, fill="white", followed=False)),
        (_("chosen by nobody"), unchosen_sign(0, 0, size)),
    ]
    if followed:
        children.append((_("followed"), child_sign(0, 0, boy=False, size=size, fill="white", followed=True)))
    statuses = [(_(style.name), style) for style in STATUS_STYLES.values()]
    rows: tuple[list[tuple[str, Any]], ...] = ([*children, *arrows], [*statuses])
    for y, row in zip((0.46, 0.14), rows, strict=True):
        needed = [wide + label_width(text, TEXT["note"]) / POINTS_PER_INCH + between for text, _sign in row]
        x = (width - sum(needed) + between) / 2
        for (text, sign), step in zip(row, needed, strict=True):
            middle = x + 0.13
            if isinstance(sign, Line2D):
                sign.set_data([middle], [y])
                axes.add_line(sign)
                if sign.get_gid() == "unchosen":
                    axes.add_line(child_sign(middle, y, boy=False, size=size, fill="white", followed=False))
            elif isinstance(sign, StatusStyle):
                axes.add_line(child_sign(middle, y, boy=False, size=size, fill=sign.fill, followed=False))
                draw_sign(axes, middle, y, sign, size)
            else:
                axes.add_patch(
                    FancyArrowPatch((x - 0.06, y), (x + 0.28, y), mutation_scale=8, shrinkA=0, shrinkB=0, **sign)
                )
            axes.text(x + wide, y, text, size=TEXT["note"], va="center_baseline", color=INK)
            x += step


# --- Phase portrait ------------------------------------------------------------------------------------


def phase_portrait(record: Record, child: int, day: int | None = None, goes: Prospect | None = None) -> Figure:
    """Where conflict and aggression of one child are drawn to, and the way that they have come.

    Parameters
    ----------
    record
        The run.
    child
        Number of the child.
    day
        School day on whose evening the class is looked at; the last one where it is None.
    goes
        Where the dyad goes from there, for who has it already.
    """
    from matplotlib.lines import Line2D

    day = record.calendar.days if day is None else day
    state = record.state(day)
    field = dyad.portrait(state, child)
    figure = new_figure("phase portrait", _("{name}: conflict and aggression").format(name=called(record.names[child])))
    width, height = SIZES["phase portrait"]
    side = height - 1.55
    axes = figure.add_axes((0.75 / width, 0.72 / height, side / width, side / height))
    plain(axes)
    conflict = to_item_mean(field.levels)
    draw_field(axes, field)
    handles = []
    for name, change, meaning in (
        ("conflict", field.conflict, _("conflict stays as it is")),
        ("aggression", field.aggression, _("aggression stays as it is")),
    ):
        look = LINE_STYLES[name].line() | {"linewidth": 2.4}
        crosses = change.min() < 0.0 < change.max()
        if crosses:
            axes.contour(
                conflict, field.levels, change, levels=[0.0], colors=[look["color"]], linestyles=[look["linestyle"]],
                linewidths=look["linewidth"], zorder=3,
            ).set_gid(f"nullcline-{name}")  # fmt: skip
        label = meaning if crosses else _("{meaning}: nowhere").format(meaning=meaning)
        handles.append(Line2D([], [], label=label, **look))
    path = to_item_mean(record.children["conflict"][: day + 1, child]), record.children["aggression"][: day + 1, child]
    mark: dict[str, Any] = {"markeredgecolor": INK, "linestyle": "none", "zorder": 6, "clip_on": False}
    start = mark | {"marker": "o", "markersize": 9, "markerfacecolor": "white", "markeredgewidth": 1.6}
    here = mark | {"marker": "D", "markersize": 9, "markerfacecolor": INK}
    axes.plot(*path, color=INK, linewidth=1.1, zorder=5, gid="path")
    axes.plot(path[0][:1], path[1][:1], **start, gid="start")
    axes.plot(path[0][-1:], path[1][-1:], **here, gid="here")
    week = number(record.calendar.week(day), 0)
    handles += [
        Line2D([], [], color=INK, linewidth=1.1, label=_("the way so far")),
        Line2D([], [], label=_("start of the year"), **start),
        Line2D([], [], label=_("now: week {week}").format(week=week) if day else _("now"), **here),
        Line2D([], [], color=FAINT, linewidth=1.0, marker=">", markersize=5, label=_("where it is drawn to")),
    ]
    axes.set(xlim=(1.0, 5.0), ylim=(0.0, 1.0))
    numbered(axes.xaxis, SCALE)
    numbered(axes.yaxis, UNIT)
    axes.set_xlabel(_("conflict (STRS, 1–5)"), size=TEXT["label"])
    axes.set_ylabel(_("aggression (0–1)"), size=TEXT["label"])
    beside = (side + 1.1) / width
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(beside - 0.01, 1 - 0.78 / height), frameon=False,
        fontsize=TEXT["label"], handlelength=3.2, labelspacing=0.65, borderaxespad=0.0, borderpad=0.1,
    )  # fmt: skip
    words = (goes or prospect(record, child, day)).sentences
    text = "\n\n".join(textwrap.fill(sentence, 50) for sentence in words)
    figure.text(beside, 0.72 / height, text, size=TEXT["label"], va="bottom", linespacing=1.35, color=INK)
    return finished(figure)


def draw_field(axes: Axes, field: dyad.Portrait) -> None:
    """Arrows of equal length along the change a week."""
    x, y = to_item_mean(field.levels), field.levels
    length = np.hypot(field.conflict, field.aggression)
    length = np.where(length > 0.0, length, 1.0)
    axes.quiver(
        x, y, field.conflict / length, field.aggression / length, color="#B4B4B4", pivot="mid", angles="uv",
        scale=26.0, width=0.0028, headwidth=4.5, headlength=5.0, headaxislength=4.5, zorder=2,
    )  # fmt: skip


# --- State-space grids ---------------------------------------------------------------------------------


def state_space_grids(run: Record | Twins, child: int) -> Figure:
    """In how many contacts child and teacher met with which tones; two grids for twins.

    Parameters
    ----------
    run
        One run, or the same class without and with interventions.
    child
        Number of the child.
    """
    compared = isinstance(run, Twins) and bool(run.with_.interventions)
    runs = (run.without, run.with_) if isinstance(run, Twins) else (run,)
    records = runs if compared else runs[:1]
    kind = "state-space grids" if compared else "state-space grid"
    title = _("{name} and the teacher: tones in contacts").format(name=called(records[0].names[child]))
    figure = new_figure(kind, title)
    grids = [dyad.state_space_grid(record.contacts[record.contacts["child"] == child]) for record in records]
    most = max(float((grid.counts / max(grid.counts.sum(), 1)).max()) for grid in grids)
    width, height = SIZES[kind]
    side, left, gap = 4.3, 1.5, 0.6
    for column, (record, grid) in enumerate(zip(records, grids, strict=True)):
        x = left + column * (side + gap)
        axes = figure.add_axes((x / width, 1.18 / height, side / width, side / height))
        draw_grid(axes, grid, most, labelled=column == 0)
        share = _("both negative: {percent}% of {count} contacts").format(
            percent=number(100 * grid.mutual_negative, 1), count=number(grid.counts.sum(), 0)
        )
        name = ""
        if compared:
            name = arm_title(record) if column else _("Without")
        heading(axes, name)
        figure.text(
            x / width, 0.2 / height, f"└ {share}", size=TEXT["label"], weight="bold", color=LINE_STYLES["conflict"].ink
        )
    return finished(figure)


def tones() -> tuple[str, ...]:
    """Names of the five tones, from most negative."""
    return (_("very negative"), _("negative"), _("neutral"), _("positive"), _("very positive"))


def draw_grid(axes: Axes, grid: dyad.StateSpaceGrid, most: float, *, labelled: bool) -> None:
    """One grid: shades for shares (the darkest is `most`), with the number of contacts in each cell."""
    from matplotlib.colors import LinearSegmentedColormap

    cells = len(grid.counts)
    shades = LinearSegmentedColormap.from_list("shades", ["#FFFFFF", "#56B4E9", "#0072B2", "#00324F"])
    # The square root lets rare tones be seen beside common ones.
    depth = np.sqrt(grid.counts / max(grid.counts.sum(), 1) / (most or 1.0))
    axes.pcolormesh(depth, cmap=shades, vmin=0.0, vmax=1.0, edgecolor="#C8C8C8", linewidth=0.6)
    for (row, column), count in np.ndenumerate(grid.counts):
        ink = "white" if depth[row, column] > 0.6 else INK
        axes.text(
            column + 0.5, row + 0.5, number(count, 0) if count else "", size=TEXT["label"], color=ink, ha="center",
            va="center", gid=f"count-{row}-{column}",
        )  # fmt: skip
    half = cells / 2
    corner = [half, 0.0, 0.0], [0.0, 0.0, half]  # where both tones are below 0
    axes.plot(
        *corner, linewidth=4.5, clip_on=False, zorder=4, color=LINE_STYLES["conflict"].colour, gid="both negative"
    )
    axes.set_aspect("equal")
    for spine in axes.spines.values():
        spine.set(color=FAINT, linewidth=0.8)
    middles = np.arange(cells) + 0.5
    axes.set_xticks(middles, labels=[textwrap.fill(tone, 9) for tone in tones()])
    axes.set_yticks(middles, labels=tones() if labelled else [])
    axes.tick_params(length=0, pad=7, labelsize=TEXT["tick"], labelcolor=INK)
    axes.set_xlabel(_("tone of the child"), size=TEXT["label"])
    if labelled:
        axes.set_ylabel(_("tone of the teacher"), size=TEXT["label"])


# --- Relationship profile ------------------------------------------------------------------------------


def profile_figure(scores: Mapping[str, float], name: str, *, negative: Collection[str] | None = None) -> Figure:
    """A relationship profile as bars on the scale 1 to 5.

    Parameters
    ----------
    scores
        A score from 0 to 1 for each dimension, by its label as readers see it.
    name
        Name of the child.
    negative
        Those labels of `scores` that weigh on a relationship; they stand in a group of their own, hatched. None for
        those of `sim.year.profile.DIMENSIONS` that are no strength.
    """
    if negative is None:
        negative = [_(dimension.title) for dimension in DIMENSIONS if not dimension.strength]
    groups = [
        (_("What supports the relationship"), [label for label in scores if label not in negative], False),
        (_("What weighs on the relationship"), [label for label in scores if label in negative], True),
    ]
    groups = [group for group in groups if group[1]]
    above = 1.2 if len(groups) > 1 else 0.2
    rows = sum(len(labels) + above for _heading, labels, _weighs in groups)
    figure = new_figure(
        "profile", _("Relationship profile: {name}").format(name=called(name)), taller=PROFILE_ROW * rows
    )
    width, height = (float(length) for length in figure.get_size_inches())
    left, bottom = 2.75, 0.75
    axes = figure.add_axes((left / width, bottom / height, (width - left - 0.6) / width, PROFILE_ROW * rows / height))
    plain(axes)
    axes.set(xlim=(1.0, 5.0), ylim=(rows - 0.3, -0.3))
    axes.grid(axis="x", color=HOLIDAY, linewidth=0.8)
    axes.set_axisbelow(True)
    row = 0.0
    for title, labels, weighs in groups:
        if len(groups) > 1:
            axes.text(1.0, row + 0.35, title, size=TEXT["heading"], weight="bold", va="center")
        row += above
        style = LINE_STYLES["conflict" if weighs else "closeness"]
        for label in labels:
            score = float(to_item_mean(np.array(scores[label])))
            axes.barh(
                row, score - 1.0, left=1.0, height=0.62, facecolor="#F6C9A8" if weighs else style.colour,
                edgecolor=style.colour, linewidth=1.0, hatch="////" if weighs else None, gid="score",
            )  # fmt: skip
            axes.annotate(
                number(score, 1), (score, row), xytext=(5, 0), textcoords="offset points", va="center",
                size=TEXT["tick"], annotation_clip=False,
            )  # fmt: skip
            axes.annotate(
                textwrap.fill(shown(label, 60), 32), (1.0, row), xytext=(-8, 0), textcoords="offset points",
                va="center", ha="right", size=TEXT["label"], annotation_clip=False,
            )  # fmt: skip
            row += 1.0
    axes.set_yticks([])
    numbered(axes.xaxis, SCALE)
    axes.set_xlabel(_("1 = not at all, 5 = very much"), size=TEXT["label"])
    return finished(figure)


# --- Files ---------------------------------------------------------------------------------------------

SAVING = Lock()  # matplotlib's settings are shared by all threads


def save(figure: Figure, path_without_suffix: str | Path, formats: Sequence[str] = ("png", "svg")) -> tuple[Path, ...]:
    """Write a figure to files: the same figure gives the same bytes, and each file is whole or not there.

    Parameters
    ----------
    figure
        What to write.
    path_without_suffix
        Where, without the ending; the folder must exist.
    formats
        Out of `FORMATS`; each is also the ending of its file.

    Returns
    -------
    tuple of Path
        The files, in the order of `formats`.

    Raises
    ------
    ValueError
        For another format; nothing has been written.
    OSError
        For a file that cannot be written.
    """
    unknown = [kind for kind in formats if kind not in FORMATS]
    if unknown:
        raise ValueError(f"format: found {unknown[0]!r}; allowed are {', '.join(FORMATS)}")
    base = Path(path_without_suffix)
    drawn = {base.with_name(f"{base.name}.{kind}"): rendered(figure, kind) for kind in formats}
    for path, content in drawn.items():
        write_whole(path, content)
    return tuple(drawn)


def rendered(figure: Figure, kind: str) -> bytes:
    """A figure as the content of a file, without date, version or chance."""
    from matplotlib import rc_context

    nameless: dict[str, dict[str, None]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    # Text stays text: it can be searched, and read aloud.
    fixed: Any = {"svg.hashsalt": "spiraal", "svg.fonttype": "none", "pdf.fonttype": 42}
    content = BytesIO()
    with SAVING, rc_context(fixed):
        figure.savefig(content, format=kind, dpi=PIXELS_PER_INCH, metadata=nameless[kind], facecolor="white")
    return content.getvalue()
