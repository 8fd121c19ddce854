"""What is told of the power of a planned trial: words, a figure, and a folder that can be made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field, ValidationError

from sim.files.language import _, ngettext, number
from sim.files.spreadsheet import write_table
from sim.mechanisms import NONE
from sim.output import plots
from sim.output.run_folder import (
    ManifestError,
    Rerun,
    ResultsManifest,
    arrow,
    check_worlds,
    made_again,
    parquet,
    read_manifest,
    trusted_plugins,
    write_manifest,
)
from sim.output.whole_folder import refused
from sim.plugins import Plugin
from sim.scenario import describe
from sim.studies.power import Power, crossing, power
from sim.studies.trial import NOBODY, Trial
from sim.worlds import plausible

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "PowerManifest",
    "data_files",
    "design",
    "figure",
    "read_trial",
    "remarks",
    "rerun",
    "title",
    "write_power",
]


# --- Words ---------------------------------------------------------------------------------------------


def title(trial: Trial) -> str:
    """What is planned, as a heading."""
    message = _("Power of a trial of {programme}: {measure}")
    return message.format(programme=_(trial.kind.title), measure=trial.measure)


def design(trial: Trial) -> tuple[str, ...]:
    """What is planned, in a few lines: who, when, and who is lost."""
    counted = {
        None: ngettext("{count} child a class", "{count} children a class", trial.per_class),
        "boy": ngettext("{count} boy a class", "{count} boys a class", trial.per_class),
        "girl": ngettext("{count} girl a class", "{count} girls a class", trial.per_class),
    }
    who = counted[trial.sex].format(count=trial.per_class)
    how = _("by lot") if trial.screening == NOBODY else _("highest in {screen}").format(screen=trial.screening)
    grade = _("grade {grade}").format(grade=trial.grade) if trial.grade else _("kindergarten")
    classes = _("classes of {size} ({grade}), half of them with the programme, by lot")
    weeks = _("pre-test in week {pre}, programme from week {start} on, post-test in week {post}")
    beside = []
    if trial.fidelity < 1.0:
        beside.append(_("fidelity {fidelity}").format(fidelity=number(trial.fidelity, 2)))
    if trial.attrition:
        beside.append(_("{share}% of the children lost").format(share=percent(trial.attrition)))
    if trial.classes_lost:
        beside.append(_("{share}% of the classes lost").format(share=percent(trial.classes_lost)))
    if trial.world:
        beside.append(_("plausible world {world}").format(world=trial.world))
    if trial.mechanism not in (None, NONE):
        beside.append(_("mechanism {name}").format(name=trial.mechanism))
    lines = (
        classes.format(size=trial.size, grade=grade),
        f"{who}, {how}",
        weeks.format(pre=trial.pre, start=trial.pre + 1, post=trial.week_of_post),
        ", ".join(beside),
    )
    return tuple(line for line in lines if line)


def percent(share: float) -> str:
    """A share in percent, without decimals where it has none."""
    return number(100.0 * share, 0 if abs(100.0 * share - round(100.0 * share)) < 1e-6 else 1)


def remarks(found: Power) -> Iterator[str]:
    """What follows, and what has to be known before it is believed."""
    trial, needed = found.trial, found.needed
    target, least, most = percent(trial.target), min(trial.classes), max(trial.classes)
    if needed.classes is None:
        yield not_reached(found)
    elif needed.classes == least and found.table["power"].iloc[0] >= trial.target:
        message = _("Power of {target}% is there with {least} classes; fewer were not simulated.")
        yield message.format(target=target, least=least)
    else:
        message = _("Power of {target}% from about {classes} classes on (95% interval: {low} to {high}).")
        high = needed.high or _("more than {most}").format(most=most)
        yield message.format(target=target, classes=needed.classes, low=needed.low, high=high)
    if found.worlds:
        yield averaged(found)
    if np.isfinite(found.intraclass):
        message = _(
            "Given the pre-test, {share}% of the variance of the post-test lies between classes; "
            "pre-test and post-test correlate {r}."
        )
        yield message.format(share=percent(round(found.intraclass, 2)), r=number(found.correlation, 2))
    else:
        yield _("Pre-test and post-test correlate {r}.").format(r=number(found.correlation, 2))
    if found.table["untested"].any():
        yield _("Where too few classes are left to test anything, the programme counts as not found.")
    if not found.worlds:
        yield _("The effect is the model's, with the values in use; --worlds 50 asks others that fit the facts.")


def not_reached(found: Power) -> str:
    """How near a trial of the largest size comes, and what the usual formula says it takes."""
    trial, last = found.trial, found.table.iloc[-1]
    message = _("Power of {target}% is not reached: with {most} classes it is {power}% ({low} to {high}%).")
    power, low, high = (number(100.0 * last[name], 1) for name in ("power", "low", "high"))
    said = message.format(target=percent(trial.target), most=max(trial.classes), power=power, low=low, high=high)
    more = found.by_formula_needed
    if more is None or more <= max(trial.classes):
        return said
    return said + " " + _("By the usual formula it takes about {classes}.").format(classes=number(more, 0))


def averaged(found: Power) -> str:
    """What plausible worlds say of how many classes are needed."""
    trial = found.trial
    classes = found.reaches("mean_of_worlds")
    target, worlds = percent(trial.target), len(found.worlds)
    if classes is None:
        message = _("Averaged over {worlds} plausible worlds, power of {target}% is not reached with {most} classes.")
        return message.format(worlds=worlds, target=target, most=max(trial.classes))
    message = _("Averaged over {worlds} plausible worlds, power of {target}% from about {classes} classes on.")
    return message.format(worlds=worlds, target=target, classes=classes)


# --- Figure --------------------------------------------------------------------------------------------

SIZE = (9.0, 5.8)
NINE_IN_TEN = (0.05, 0.95)


def figure(trial: Trial, table: pd.DataFrame, in_worlds: pd.DataFrame | None = None) -> Figure:
    """Power against the number of classes, with its interval, and what plausible worlds and the usual formula say.

    Parameters
    ----------
    trial
        What is planned.
    table, in_worlds
        Those of `sim.studies.power.Power`.
    """
    from matplotlib.figure import Figure

    width, height = SIZE
    drawing = Figure(figsize=SIZE, dpi=plots.PIXELS_PER_INCH, facecolor="white")
    drawing.text(0.02, 1.0 - 0.14 / height, title(trial), size=plots.TEXT["title"], weight="bold", va="top")
    for line, text in enumerate(design(trial)):
        above = 0.48 + 0.21 * line
        drawing.text(0.02, 1.0 - above / height, text, size=plots.TEXT["note"], color=plots.SOFT, va="top")
    axes = drawing.add_axes((0.9 / width, 1.2 / height, (width - 1.2) / width, (height - 2.7) / height))
    plots.plain(axes)
    if in_worlds is not None and len(in_worlds):
        draw_worlds(axes, in_worlds)
    draw_power(axes, table)
    mark_target(axes, table, trial.target)
    classes = table["classes"].to_numpy()
    margin = 0.04 * max(float(np.ptp(classes)), 1.0)
    axes.set(xlim=(classes[0] - margin, classes[-1] + margin), ylim=(0.0, 1.0))
    plots.numbered(axes.xaxis, ticks(classes))
    axes.yaxis.set_ticks([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], labels=[f"{share}%" for share in range(0, 101, 20)])
    axes.set_xlabel(_("classes, in both arms together"), size=plots.TEXT["label"])
    axes.set_ylabel(_("trials that find the programme"), size=plots.TEXT["label"])
    drawing.legend(loc="lower left", ncols=2, frameon=False, fontsize=plots.TEXT["note"], bbox_to_anchor=(0.02, 0.01))
    return plots.finished(drawing)


def draw_worlds(axes: Axes, in_worlds: pd.DataFrame) -> None:
    """Between what power plausible worlds lie, and their mean."""
    wide = in_worlds.pivot_table(index="world", columns="classes", values="power")
    low, high = (wide.quantile(q) for q in NINE_IN_TEN)
    style = plots.LINE_STYLES["conflict"]
    axes.fill_between(
        wide.columns, low, high, facecolor="#F6C9A8", edgecolor=style.colour, hatch="////", linewidth=0.0, alpha=0.45,
        label=_("nine in ten plausible worlds"), gid="worlds",
    )  # fmt: skip
    axes.plot(wide.columns, wide.mean(), linewidth=1.8, label=_("their mean"), gid="mean", zorder=3, **style.line())


def draw_power(axes: Axes, table: pd.DataFrame) -> None:
    """Power with its interval, and that of the usual formula."""
    colour = plots.LINE_STYLES["closeness"].colour
    axes.fill_between(table["classes"], table["low"], table["high"], color=colour, alpha=0.25, linewidth=0.0)
    axes.plot(
        table["classes"], table["power"], color=colour, linewidth=2.2, marker="o", markersize=5.0, gid="power",
        label=_("power, and its 95% interval"), zorder=4,
    )  # fmt: skip
    axes.plot(
        table["classes"], table["formula"], color=plots.INK, linestyle=(0, (1.2, 1.6)), linewidth=1.6, gid="formula",
        label=_("by the usual formula"), zorder=3,
    )  # fmt: skip


def mark_target(axes: Axes, table: pd.DataFrame, target: float) -> None:
    """The power that is wanted, and from how many classes on it is there."""
    needed = crossing(table["classes"].to_numpy(), table["power"].to_numpy(), target)
    axes.axhline(target, color=plots.FAINT, linewidth=1.0, zorder=1)
    if needed is not None and table["power"].iloc[0] < target:
        axes.plot([needed, needed], [0.0, target], color=plots.FAINT, linewidth=1.0, zorder=1)
        axes.annotate(
            ngettext("{count} class", "{count} classes", needed).format(count=number(needed, 0)), (needed, 0.0),
            xytext=(5, 5), textcoords="offset points", size=plots.TEXT["tick"],
        )  # fmt: skip


def ticks(classes: np.ndarray[Any, Any], most: int = 12) -> list[float]:
    """Of the sizes that were simulated those that have room below the axis."""
    return [float(one) for one in classes[:: -(-len(classes) // most)]]


# --- Files ---------------------------------------------------------------------------------------------


class PowerManifest(ResultsManifest):
    """The manifest of a folder with the power of a trial.

    Attributes
    ----------
    trial
        What was planned; see `Trial`.
    parameters
        Values of all parameters.
    asked
        In how many plausible worlds it was asked, too.
    worlds
        Fingerprint of the plausible worlds.
    """

    trial: dict[str, Any]
    parameters: dict[str, float]
    asked: Annotated[int, Field(ge=0, le=1000)]
    worlds: str


def write_power(found: Power, folder: Path, plugins: tuple[Plugin, ...] = ()) -> None:
    """Write tables, figure, data, manifest and checksums into an empty folder.

    Raises
    ------
    OutputError
        When a file cannot be written.
    """
    trial = found.trial
    with refused(folder):
        for name, content in data_files(found).items():
            (folder / name).write_bytes(content)
        write_table(found.table, folder / "power.csv")
        if found.worlds:
            write_table(found.in_worlds, folder / "worlds.csv")
        plots.save(figure(trial, found.table, found.in_worlds), folder / "power")
        write_manifest(
            PowerManifest,
            folder,
            plugins,
            power.__module__,
            trial=trial.model_dump(mode="json"),
            parameters=dict(trial.study.design.population.values()),
            asked=len(found.worlds),
            worlds=plausible().fingerprint,
        )


def data_files(found: Power) -> dict[str, bytes]:
    """The Parquet files, by name: all trials in all sizes, and power in worlds. The same plan gives the same bytes."""
    files = {"trials.parquet": parquet(arrow(trial_table(found)))}
    if found.worlds:
        files["worlds.parquet"] = parquet(arrow(found.in_worlds))
    return files


def trial_table(found: Power) -> pd.DataFrame:
    """One row a trial and size: `trial`, `batch`, `classes`, `children`, `analysed`, `effect`, `p`."""
    import pandas as pd

    trials, sizes = found.trials, np.array(found.trial.classes)
    count = len(trials.batch)
    per_size = {name: getattr(trials, name).ravel() for name in ("children", "analysed", "effect", "p")}
    return pd.DataFrame(
        {
            "trial": np.repeat(np.arange(count), len(sizes)),
            "batch": np.repeat(trials.batch, len(sizes)),
            "classes": np.tile(sizes, count),
            **per_size,
        }
    )


def rerun(path: Path, *, trust_plugins: bool = False) -> Rerun:
    """Compute again what a manifest describes; see `sim.output.run_folder.rerun`.

    Raises
    ------
    TrialError
        When no such trial can be done.
    """
    manifest = read_manifest(path, PowerManifest)
    plugins = trusted_plugins(manifest, path, trust_plugins=trust_plugins)
    if manifest.asked or manifest.trial.get("world"):
        check_worlds(manifest.worlds, path)
    found = power(read_trial(path), manifest.asked)

    def write(folder: Path, _tell: Callable[[str], None]) -> None:
        write_power(found, folder, plugins)

    return made_again(manifest, path, data_files(found), power.__module__, write)


def read_trial(path: Path) -> Trial:
    """The trial that a manifest describes; a plug-in that it names is known already.

    Raises
    ------
    ManifestError
        When the manifest cannot be used.
    TrialError
        When no such trial can be done.
    """
    manifest = read_manifest(path, PowerManifest)
    try:
        return Trial.model_validate(manifest.trial)
    except ValidationError as error:
        lines = [f"{path}: trial.{describe(problem)}" for problem in error.errors()]
        raise ManifestError("\n".join(lines)) from None
