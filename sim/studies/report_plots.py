"""The figure of a study: for each claim what simulated studies of the published size find, and what was published.

Colour says who speaks (blue: the model, orange: the publication), shape says what: a hill for the studies, a filled
dot for the large sample, an open one for what is there without measurement, a diamond for a published figure, a shaded
side for a published sign.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.output.plots import FAINT, INK, PIXELS_PER_INCH, SOFT, TEXT, finished
from sim.state import Records
from sim.studies.verdict import Findings, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["percent", "shown_number", "study_figure", "verdict_in_words", "worlds_figure"]

MODEL, MODEL_INK = "#9CC7E6", "#0069A4"
PUBLISHED, PUBLISHED_INK, PUBLISHED_SIDE = "#E69F00", "#8A5A00", "#FDF1DA"
MISSED = "#AD2B00"
WIDTH, ROW, HEAD, FOOT, LEGEND = 10.6, 0.66, 0.62, 0.74, 0.2
LEFT, RIGHT = 3.35, 2.35
"""Inches for the words on both sides of the panels."""
ALIKE = 8.0
"""Rows share an axis where the widest spans at most this many times the narrowest."""
MARGIN = 0.06
HILL = 0.62
COLUMNS = 3
FULL, OPEN = 6.0, 9.0
"""Sizes of the dots; where both are at one place, the open one is a ring around the other."""
OPEN_DOT: dict[str, Any] = {"marker": "o", "markerfacecolor": "white", "markeredgecolor": MODEL_INK}
LINE = 13.0
"""Points from one line of words to the next."""
BASE = 0.2


# --- Words and numbers ---------------------------------------------------------------------------------


def shown_number(x: float, digits: int = 2) -> str:
    """A number with a true minus sign; a dash where there is none."""
    if not np.isfinite(x):
        return "–"
    if abs(x) >= 1000.0:
        return "improper"  # a standardized estimate out of an improper solution
    text = f"{x:.{digits}f}"
    if float(text) == 0.0:
        return f"{0.0:.{digits}f}"
    return text.replace("-", "−")


def digits_of(verdict: Verdict) -> int:
    """Decimals with which a claim's numbers are shown."""
    size = max(abs(x) for x in (verdict.low, verdict.high, verdict.expected, 0.0) if np.isfinite(x))
    return 2 if size >= 0.1 else 3


def percent(share: float) -> str:
    """A share in whole percent; never 0 or 100 where it is not quite."""
    whole = round(100.0 * share)
    if whole == 0 and share > 0.0:
        return "< 1 %"
    if whole == 100 and share < 1.0:
        return "> 99 %"
    return f"{whole} %"


def verdict_in_words(verdict: Verdict) -> list[tuple[bool, str]]:
    """What came of a claim, in a few words each: whether it is as published, and what it is."""
    words = []
    if verdict.inside is not None:
        words.append((verdict.inside, "inside the interval" if verdict.inside else "outside the interval"))
    if verdict.right is False:
        words.append((False, "wrong direction"))
    if verdict.share is not None:
        kind = "not significant" if verdict.claim.direction == 0 else "found"
        words.append((bool(verdict.found), f"{kind} in {percent(verdict.share)}"))
    elif verdict.claim.direction == 0:
        words.append((True, "not tested"))
    return words


# --- The figure ----------------------------------------------------------------------------------------


def study_figure(heading: str, verdicts: Sequence[Verdict], findings: Findings) -> Figure:
    """One row a claim.

    Parameters
    ----------
    heading
        Title of the study.
    verdicts
        Of its claims.
    findings
        What they were judged by.
    """
    from matplotlib.figure import Figure

    signs = legend(findings, verdicts)
    foot = FOOT + LEGEND * -(-len(signs) // COLUMNS)
    height = HEAD + ROW * len(verdicts) + foot
    figure = Figure(figsize=(WIDTH, height), dpi=PIXELS_PER_INCH, facecolor="white")
    figure.text(0.16 / WIDTH, 1.0 - 0.16 / height, heading, size=TEXT["title"], weight="bold", va="top", color=INK)
    spans = [span(verdict, estimates(verdict, findings)) for verdict in verdicts]
    widths = [high - low for low, high in spans]
    alike = max(widths) <= ALIKE * min(widths)
    together = (min(low for low, _ in spans), max(high for _, high in spans))
    for row, verdict in enumerate(verdicts):
        bottom = foot + ROW * (len(verdicts) - 1 - row)
        gap = 0.0 if alike else 0.26
        place = (LEFT / WIDTH, (bottom + gap) / height, (WIDTH - LEFT - RIGHT) / WIDTH, (ROW - gap) / height)
        axes = figure.add_axes(place)
        low, high = together if alike else spans[row]
        last = row == len(verdicts) - 1
        draw_row(axes, verdict, estimates(verdict, findings), (low, high), ticks=last or not alike)
        beside_row(axes, verdict)
        if last:
            axes.set_xlabel("Estimate, in the unit of the study's own analysis", size=TEXT["note"], color=INK)
    figure.legend(
        [sign for sign, _ in signs], [words for _, words in signs],
        loc="lower center", bbox_to_anchor=(0.5, 0.04 / height), ncols=COLUMNS, frameon=False,
        fontsize=TEXT["note"], labelcolor=SOFT, handlelength=1.6, columnspacing=2.2,
    )  # fmt: skip
    return finished(figure)


def estimates(verdict: Verdict, findings: Findings) -> Records:
    """Estimates of one claim in the studies that give one."""
    values = findings.values[:, findings.names.index(verdict.claim.name)]
    return values[np.isfinite(values)]


def span(verdict: Verdict, values: Records) -> tuple[float, float]:
    """From where to where a row is drawn; a latent value that is far out is pointed to instead."""
    claim = verdict.claim
    ends = [0.0, verdict.expected, *(claim.between or ()), *(() if claim.value is None else (claim.value,))]
    if values.size:
        ends += list(np.quantile(values, (0.01, 0.99)))
    known = [x for x in ends if np.isfinite(x) and abs(x) < 1000.0]
    low, high = min(known), max(known)
    size = (high - low) or 1.0
    if low - 0.8 * size <= verdict.latent <= high + 0.8 * size:
        low, high = min(low, verdict.latent), max(high, verdict.latent)
    size = (high - low) or 1.0
    return low - MARGIN * size, high + MARGIN * size


def draw_row(axes: Axes, verdict: Verdict, values: Records, limits: tuple[float, float], *, ticks: bool) -> None:
    """One claim."""
    axes.set(xlim=limits, ylim=(0.0, 1.0), yticks=[])
    axes.patch.set_alpha(0.0)
    for side, spine in axes.spines.items():
        spine.set(visible=side == "bottom", color=FAINT if ticks else "#E3E3E3", linewidth=0.8)
    axes.tick_params(axis="x", labelsize=TEXT["note"], color=FAINT, labelcolor=INK, labelbottom=ticks, bottom=ticks)
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _place: f"{x:.4g}".replace("-", "−")))
    axes.axvline(0.0, color=FAINT, linewidth=0.9, linestyle=(0, (3.0, 2.5)), zorder=1)
    published(axes, verdict, limits)
    if values.size > 1 and np.ptp(values) > 0.0:
        hill(axes, values, limits)
    axes.plot(
        [verdict.low, verdict.high], [BASE, BASE], color=MODEL_INK, linewidth=2.6, solid_capstyle="butt", zorder=4
    )
    point(axes, verdict.latent, limits, markersize=OPEN, **OPEN_DOT)
    point(axes, verdict.expected, limits, marker="o", markersize=FULL, color=MODEL_INK)
    if verdict.claim.value is not None:
        diamond(axes, [verdict.claim.value])


def published(axes: Axes, verdict: Verdict, limits: tuple[float, float]) -> None:
    """The published side, or range."""
    claim = verdict.claim
    if claim.direction:
        edge = limits[1] if claim.direction > 0 else limits[0]
        axes.axvspan(0.0, edge, color=PUBLISHED_SIDE, linewidth=0.0, zorder=0)
        marker = ">" if claim.direction > 0 else "<"
        inset = 0.012 * (limits[1] - limits[0]) * -claim.direction
        axes.plot([edge + inset], [0.82], marker=marker, markersize=6.0, color=PUBLISHED, clip_on=False, zorder=3)
    elif claim.direction == 0:
        axes.plot([0.0, 0.0], [0.0, 1.0], color=PUBLISHED, linewidth=2.6, zorder=2)
    if claim.between is not None:
        axes.plot(claim.between, [BASE, BASE], color=PUBLISHED, linewidth=5.5, solid_capstyle="butt", zorder=5)
        diamond(axes, claim.between)


def diamond(axes: Axes, places: Sequence[float]) -> None:
    """Published figures."""
    style: dict[str, Any] = {"color": PUBLISHED, "markeredgecolor": PUBLISHED_INK, "markeredgewidth": 1.0}
    axes.plot(places, [BASE] * len(places), linestyle="", marker="D", markersize=7.2, zorder=7, clip_on=False, **style)


def hill(axes: Axes, values: Records, limits: tuple[float, float]) -> None:
    """How often studies find which estimate."""
    from scipy.stats import gaussian_kde

    inner = values[(values >= limits[0]) & (values <= limits[1])]
    if inner.size < 2 or np.ptp(inner) == 0.0:
        return
    x = np.linspace(
        max(limits[0], inner.min() - 0.3 * inner.std()), min(limits[1], inner.max() + 0.3 * inner.std()), 60
    )
    y = gaussian_kde(inner)(x)
    top = BASE + HILL * y / y.max()
    axes.fill_between(x, BASE, top, color=MODEL, linewidth=0.0, zorder=2.5)
    axes.plot(x, top, color=MODEL_INK, linewidth=0.9, zorder=2.6)


def point(axes: Axes, x: float, limits: tuple[float, float], **style: Any) -> None:
    """A value of the large sample; an arrow at the edge where it lies beyond."""
    if not np.isfinite(x):
        return
    low, high = limits
    if not low <= x <= high:
        style["marker"] = ">" if x > high else "<"
        x = high if x > high else low
    axes.plot([x], [BASE], linestyle="", zorder=6, clip_on=False, **style)


def beside_row(axes: Axes, verdict: Verdict) -> None:
    """The claim on the left of a row, the verdict on its right."""
    claim = verdict.claim
    axes.annotate(
        textwrap.fill(claim.says, 38, max_lines=2, placeholder=" …", break_on_hyphens=False),
        (0.0, 0.5), xytext=(-12, 0), xycoords="axes fraction", textcoords="offset points", ha="right",
        va="center", size=TEXT["tick"], color=INK, linespacing=1.15, annotation_clip=False,
    )  # fmt: skip
    words = verdict_in_words(verdict)
    for line, (good, what) in enumerate(words):
        text = f"{'✓' if good else '✗'} {what}{', built in' if claim.built_in else ''}"
        axes.annotate(
            text, (1.0, 0.5), xytext=(14, LINE * (0.5 * (len(words) - 1) - line)),
            xycoords="axes fraction", textcoords="offset points", ha="left", va="center", size=TEXT["note"],
            color=MODEL_INK if good else MISSED, annotation_clip=False,
        )  # fmt: skip


def legend(findings: Findings, verdicts: Sequence[Verdict]) -> list[tuple[Any, str]]:
    """The signs that are there, and what they mean."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    figure_of_theirs: dict[str, Any] = {"linestyle": "", "marker": "D", "markersize": 7.0, "color": PUBLISHED}
    studies, sizes, claims = findings.studies, findings.sizes, [verdict.claim for verdict in verdicts]
    signs: list[tuple[Any, str]] = [
        (Patch(facecolor=MODEL, edgecolor=MODEL_INK), f"{studies} simulated studies of {sizes['children']:,} children"),
        (Line2D([], [], color=MODEL_INK, linewidth=2.6), "their central 95 %"),
        (
            Line2D([], [], linestyle="", marker="o", markersize=FULL, color=MODEL_INK),
            f"one sample of {sizes['pool_children']:,} children",
        ),
    ]
    if any(np.isfinite(verdict.latent) for verdict in verdicts):
        sign = Line2D([], [], linestyle="", markersize=OPEN, **OPEN_DOT)
        signs.append((sign, "such a sample without measurement error"))
    if any(claim.value is not None or claim.between for claim in claims):
        sign = Line2D([], [], markeredgecolor=PUBLISHED_INK, **figure_of_theirs)
        signs.append((sign, "published figure or range"))
    if any(claim.direction for claim in claims):
        signs.append((Patch(facecolor=PUBLISHED_SIDE, edgecolor=PUBLISHED), "published direction"))
    if any(claim.direction == 0 for claim in claims):
        signs.append((Line2D([], [], color=PUBLISHED, linewidth=2.6), "published as not significant"))
    return signs


# --- Plausible worlds ----------------------------------------------------------------------------------

WORLD_ROW, REACH = 0.17, 4.0
"""Inches for a fact; so many errors to either side are drawn."""


def worlds_figure(facts: Sequence[Mapping[str, Any]]) -> Figure:
    """How near plausible worlds are to each published figure, in units of how exactly it is known.

    Parameters
    ----------
    facts
        Rows of ``worlds.json``.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    height = HEAD + WORLD_ROW * len(facts) + FOOT + LEGEND
    figure = Figure(figsize=(WIDTH, height), dpi=PIXELS_PER_INCH, facecolor="white")
    heading = "Published figures and what plausible worlds show"
    figure.text(0.16 / WIDTH, 1.0 - 0.16 / height, heading, size=TEXT["title"], weight="bold", va="top", color=INK)
    left, bottom = 4.6 / WIDTH, (FOOT + LEGEND) / height
    axes = figure.add_axes((left, bottom, 1.0 - left - 0.3 / WIDTH, WORLD_ROW * len(facts) / height))
    axes.set(xlim=(-REACH, REACH), ylim=(len(facts) - 0.5, -0.5), yticks=[])
    for spine in ("left", "right", "top"):
        axes.spines[spine].set_visible(False)
    axes.axvspan(-1.96, 1.96, color=PUBLISHED_SIDE, linewidth=0.0, zorder=0)
    axes.axvline(0.0, color=PUBLISHED, linewidth=1.6, zorder=1)
    for row, fact in enumerate(facts):
        middle = sum(fact["published"]) / 2.0
        low, median, high = (float(np.clip((x - middle) / fact["error"], -REACH, REACH)) for x in fact["worlds"])
        axes.plot([low, high], [row, row], color=MODEL, linewidth=4.0, solid_capstyle="butt", zorder=2)
        axes.plot([median], [row], linestyle="", marker="|", markersize=8.0, color=MODEL_INK, zorder=3)
        in_use = float(np.clip((fact["in_use"] - middle) / fact["error"], -REACH, REACH))
        axes.plot([in_use], [row], linestyle="", marker="o", markersize=3.4, color=MODEL_INK, zorder=4)
        told = textwrap.shorten(fact["says"], 62, placeholder=" …")
        axes.annotate(
            f"{fact['study']}  {told}", (0.0, row), xytext=(-8, 0), xycoords=("axes fraction", "data"), ha="right",
            textcoords="offset points", va="center", size=TEXT["note"] - 1.0, color=INK, annotation_clip=False,
        )  # fmt: skip
    axes.tick_params(axis="x", labelsize=TEXT["note"], color=FAINT, labelcolor=INK)
    axes.set_xlabel(
        "Distance from what is published, in standard deviations of how exactly it is known", size=TEXT["note"]
    )
    signs = [
        (Line2D([], [], color=MODEL, linewidth=4.0), "nine in ten plausible worlds"),
        (Line2D([], [], color=MODEL_INK, linestyle="", marker="|", markersize=8.0), "their median"),
        (Line2D([], [], color=MODEL_INK, linestyle="", marker="o", markersize=3.4), "values in use"),
        (Line2D([], [], color=PUBLISHED, linewidth=1.6), "published; shaded: as exactly as it is known (95 %)"),
    ]
    figure.legend(
        [sign for sign, _ in signs], [words for _, words in signs], loc="lower center", ncols=4, frameon=False,
        bbox_to_anchor=(0.5, 0.04 / height), fontsize=TEXT["note"], labelcolor=SOFT, columnspacing=1.6,
    )  # fmt: skip
    return finished(figure)
