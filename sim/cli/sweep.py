"""The commands of `spiraal` for sweeps: run a plan, list plans, replay one class, see what it tells."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.results import TRUST, tell_why
from sim.cli.terminal import (
    DIFFERENT,
    PLUGIN,
    Signal,
    console,
    fail,
    serve,
    show,
    stoppable,
    tell,
    tell_first_year,
    user_errors,
)
from sim.files.language import _, current, ngettext, number

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table
    from rich.text import Text

    from sim.scenario import Scenario
    from sim.sweeps.discovery import Discovery
    from sim.sweeps.effects import Effects
    from sim.sweeps.sensitivity import Sensitivity
    from sim.sweeps.sweep import Executor, Sweep

__all__ = ["discover", "effects", "plans", "replay", "sensitivity", "sweep"]

FOLDER = Annotated[Path, typer.Argument(help="Folder with the results of a sweep.")]


def sweep(
    plan: Annotated[str, typer.Argument(help="A shipped plan or a TOML file.")],
    out: Annotated[Path, typer.Option(help="Folder for the results; if it holds part of them, the sweep goes on.")],
    workers: Annotated[int | None, typer.Option(min=1, help="Cores to use; all by default.")] = None,
    scheduler: Annotated[
        str,
        typer.Option(help="Address of a Dask scheduler, such as tcp://host:8786; its workers see names of children."),
    ] = "",
    plugin: PLUGIN = None,
    repair: Annotated[bool, typer.Option("--repair", help="Remove damaged parts and compute them again.")] = False,
) -> None:
    """Run all classes of a plan; given again, the command goes on where it ended."""
    with user_errors(), stoppable():
        from sim.sweeps.sweep import prepare, run

        prepared = prepare(plan, plugin or ())
        screen = console()
        announce(screen, prepared)
        with telling_how_far(prepared, out), progress_of_classes(screen) as progress:
            task = progress.add_task("", total=prepared.class_years * prepared.years, visible=False)
            told = partial(progress.update, task, visible=True)
            run(
                prepared,
                out,
                executor(scheduler, workers, screen),
                repair=repair,
                progress=lambda done: told(completed=done * prepared.years),
            )
        tell_the_end(screen, out)


@contextmanager
def telling_how_far(prepared: Sweep, out: Path) -> Iterator[None]:
    """Say how much of a sweep is done when it is asked to end."""
    from sim.sweeps.sweep import class_years_in

    try:
        yield
    except Signal as asked:
        message = _("stopped; {done} of {all} class-years are done; the same command goes on from there")
        done, all_ = (count * prepared.years for count in (class_years_in(prepared, out), prepared.class_years))
        asked.message = message.format(done=number(done, 0), all=number(all_, 0))
        raise


def executor(scheduler: str, workers: int | None, screen: Console) -> Executor:
    """Who computes: the cluster of a scheduler, or the cores of this computer."""
    if scheduler:
        if workers is not None:
            fail(
                _(
                    "--workers cannot be combined with --scheduler; "
                    "the workers of a cluster are those that have joined it"
                )
            )
        from sim.sweeps.cluster import on_cluster

        return partial(on_cluster, address=scheduler, tell=partial(screen.print, style="yellow", markup=False))
    from sim.run import cores
    from sim.sweeps.sweep import on_threads

    return partial(on_threads, workers=workers or cores())


def announce(screen: Console, prepared: Sweep) -> None:
    """Say what is going to run."""
    plan = prepared.plan
    screen.print(plan.titled(current()), style="bold", markup=False)
    screen.print(plan.told(current()), markup=False)
    several = _("{cells} cells with {replications} classes each, over {years} school years: {all} class-years")
    message = several if prepared.years > 1 else _("{cells} cells with {replications} classes each: {all} class-years")
    counts = {
        "cells": number(len(prepared.design), 0),
        "replications": number(plan.replications, 0),
        "years": number(prepared.years, 0),
        "all": number(prepared.class_years * prepared.years, 0),
    }
    screen.print(message.format(**counts), markup=False)
    for scenario in prepared.scenarios:
        if plan.years is None:
            tell_first_year(screen, scenario, _("`[years]` in the plan runs more."))
        elif scenario.years not in {None, plan.years}:
            message = _("{title}: the school years are those of the plan, not those of this scenario.")
            screen.print(message.format(title=scenario.titled(current())), markup=False)
    if plan.of_dyads:
        message = _("{names}: seen of one dyad in each class, which takes about as long as {count} class-years more")
        count = number(prepared.class_years * plan.cost_of_dyads, 0)
        screen.print(message.format(names=", ".join(plan.of_dyads), count=count), style="yellow", markup=False)
    if slow := prepared.agent_by_agent():
        message = _("{names} has no compiled form: these classes run agent by agent, more than a hundred times as slow")
        screen.print(message.format(names=", ".join(slow)), style="yellow", markup=False)


def progress_of_classes(screen: Console) -> Progress:
    """How far a sweep is: classes done, how many a second, how long still."""
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
    from rich.text import Text

    class Done(ProgressColumn):
        def render(self, task: Task) -> Text:
            message = _("{done} of {all} class-years")
            return Text(message.format(done=number(task.completed, 0), all=number(task.total or 0.0, 0)))

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            rate = task.finished_speed or task.speed
            return Text("" if rate is None else _("{rate} a second").format(rate=number(rate, 0)))

    return Progress(BarColumn(), Done(), Rate(), TimeRemainingColumn(elapsed_when_finished=True), console=screen)


def tell_the_end(screen: Console, out: Path) -> None:
    """Say where the results are, and which classes failed."""
    from sim.sweeps.results import open_results

    failed = open_results(out).errors()
    screen.print(_("The results are in {out}").format(out=out), markup=False)
    if len(failed):
        first = failed.iloc[0]
        message = ngettext(
            "{count} class-year failed: cell {cell}: {error}",
            "{count} class-years failed; the first is of cell {cell}: {error}",
            len(failed),
        )
        text = message.format(count=number(len(failed), 0), cell=first["cell"], error=first["error"])
        screen.print(text, style="yellow", markup=False)
        raise typer.Exit(DIFFERENT)


def plans() -> None:
    """The plans that come with the program."""
    with user_errors(), stoppable():
        from rich.table import Table
        from rich.text import Text

        from sim.sweeps.plan import plans as shipped
        from sim.sweeps.sweep import prepare

        table = Table(_("Name"), _("Title"))
        for heading in (_("Cells"), _("Class-years")):
            table.add_column(heading, justify="right")
        for name in shipped():
            prepared = prepare(name)
            plan, counts = prepared.plan, (len(prepared.design), prepared.class_years * prepared.years)
            words = (name, plan.titled(current()))
            table.add_row(*map(Text, words), *(number(count, 0) for count in counts))
        console().print(table, markup=False)


def replay(
    folder: FOLDER,
    cell: Annotated[int, typer.Option(help="Number of the cell.")],
    replication: Annotated[int, typer.Option(help="Which of its classes, from 0.")],
    out: Annotated[Path | None, typer.Option(help="Write scenario, tables, figures and data here, too.")] = None,
    dashboard: Annotated[bool, typer.Option("--dashboard", help="Open the class in the dashboard.")] = False,
    trust_plugins: TRUST = False,
) -> None:
    """Run one class of a sweep again, alone, with every evening of it, without and with its interventions."""
    screen = console()
    with user_errors(), stoppable(), ExitStack() as stack:
        from sim.output import run_folder
        from sim.sweeps.results import open_results
        from sim.year.protagonist import protagonist

        place = stack.enter_context(run_folder.whole_folder(out, tell=tell(screen))) if out is not None else None
        results = open_results(folder, trust_plugins=trust_plugins)
        result = results.replay(cell, replication)
        if place is not None:
            run_folder.write_results(result, place, plugins=results.manifest.plugins, tell=tell(screen))
        scenario = result.with_.scenario
        tell_first_year(screen, scenario, _("The outcomes of all of them are checked below."))
        show(screen, result, protagonist(result.with_))
        if out is not None:
            screen.print(_("Scenario, tables, figures, words and data are in {out}").format(out=out), markup=False)
        differing = results.differing(cell, replication)
    if differing:
        names = ", ".join(differing)
        screen.print(_("These outcomes are not those of the sweep: {names}").format(names=names), markup=False)
        manifest = results.manifest
        tell_why(screen, manifest.other_versions(), manifest.changed_since(results.sweep.manifest.fingerprint))
        raise typer.Exit(DIFFERENT)
    screen.print(_("The outcomes are those of the sweep, to the last bit."))
    if dashboard:
        open_in_dashboard(scenario)


def open_in_dashboard(scenario: Scenario) -> None:
    """Serve the dashboard with a scenario that visitors see first."""
    from sim.files.temporary import temporary_folder
    from sim.files.toml import as_toml

    with temporary_folder() as folder:
        path = folder / "scenario.toml"
        path.write_text(as_toml(scenario.model_dump(mode="json", by_alias=True)), encoding="utf-8")
        serve(scenario=path)


def effects(
    folder: FOLDER,
    outcome: Annotated[
        list[str] | None, typer.Option(help="An outcome, such as conflict_mean_end; all by default.")
    ] = None,
    lever: Annotated[list[str] | None, typer.Option(help="A key that has several levels; all by default.")] = None,
    by: Annotated[str, typer.Option(help="For whom: another key, or an outcome at the first level.")] = "",
    children: Annotated[bool, typer.Option("--children", help="Compare children, and not classes.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the table into this CSV file, too.")] = None,
    figure: Annotated[
        Path | None,
        typer.Option(help="Draw standardized effects with their intervals into this file: .png, .svg, .pdf."),
    ] = None,
) -> None:
    """What the levers of a sweep change: effect sizes of classes with the same luck, with intervals."""
    with user_errors(), stoppable():
        from sim.sweeps.effects import analyse, write_effects
        from sim.sweeps.results import open_results

        results = open_results(folder)
        found = analyse(results, outcomes=outcome or (), levers=lever or (), by=by, children=children)
        if out is not None:
            write_effects(found, out)
        if figure is not None:
            from sim.sweeps.effects_figure import draw_effects

            draw_effects(found, figure)
        screen = console()
        for table in effect_tables(found):
            screen.print(table, markup=False)
        for line in found.remarks:
            screen.print(line, markup=False)
        if out is not None:
            screen.print(_("The table is in {out}").format(out=out), markup=False)
        if figure is not None:
            screen.print(_("The figure is in {out}").format(out=figure), markup=False)


def effect_tables(found: Effects) -> Iterator[Table | Text | str]:
    """A heading and a table for each outcome, lever and moderator, a row an effect; a line where nothing differs."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from sim.sweeps.effects import in_words, titled

    for _about, rows in found.table.groupby(["outcome", "lever", "by"], sort=False):
        title = titled(rows.iloc[0].to_dict())
        if not rows[["estimate", "spread"]].fillna(0.0).to_numpy().any():
            yield _("{what}: the same at all levels.").format(what=title)
            continue
        worlds = bool(rows["worlds"].notna().any())
        yield Text(title, style="bold", overflow="fold")
        table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column(_("Effect"), overflow="fold", min_width=10)
        headings = (_("Difference"), "d", _("Better"), _("Worse"), _("Worlds") if worlds else _("Pairs"))
        for name in headings:
            table.add_column(name, justify="right", no_wrap=True)
        for row in rows.to_dict("records"):
            cells = [
                below(estimate(row["estimate"], row["low"], row["high"], 3)),
                below(estimate(row["d"], row["d_low"], row["d_high"])),
                *(percent(row[share]) for share in ("gains", "loses")),
            ]
            known = isinstance(row["worlds"], int)
            in_worlds = f"{row['same_sign']} / {row['worlds']}" if known else ""
            cells.append(in_worlds if worlds else number(row["pairs"], 0))
            table.add_row(Text(in_words(row)), *cells)
        yield table


def below(text: str) -> str:
    """An estimate with its interval on a line of its own, so that a table fits into 80 columns."""
    return text.replace(" (", "\n(", 1)


def percent(share: float) -> str:
    """A share in percent; nothing where it is not known."""
    return "" if math.isnan(share) else f"{number(100.0 * share, 0)}%"


def sensitivity(
    folder: FOLDER,
    out: Annotated[Path | None, typer.Option(help="Write tables and figures into this folder, too.")] = None,
) -> None:
    """Which uncertainties drive the outcomes of a sweep, by its design, and how much is luck."""
    with user_errors(), stoppable():
        from sim.sweeps.results import open_results
        from sim.sweeps.sensitivity import analyse, remarks, write_sensitivity

        found = analyse(open_results(folder))
        if out is not None:
            write_sensitivity(found, out)
        screen = console()
        for table in index_tables(found):
            screen.print(table)
        for line in remarks(found):
            screen.print(line, markup=False)
        if out is not None:
            screen.print(_("Tables and figures are in {out}").format(out=out), markup=False)


def index_tables(found: Sensitivity) -> Iterator[Table]:
    """A table for each outcome and combination of levers: a row a factor, a column an index with its interval."""
    from rich.table import Table
    from rich.text import Text

    for keys, rows in found.indices.groupby(["outcome", *found.levers], sort=False):
        outcome, *levers = (keys,) if isinstance(keys, str) else keys
        settings = [f"{name} = {value}" for name, value in zip(found.levers, levers, strict=True)]
        table = Table(title=Text(", ".join((str(outcome), *settings)), style="bold"), title_justify="left")
        table.add_column(_("Factor"), overflow="fold")
        names = list(dict.fromkeys(rows["index"]))
        for name in names:
            table.add_column(name, justify="right")
        for (factor, other), row in rows.fillna({"with": ""}).groupby(["factor", "with"], sort=False):
            estimates = row.set_index("index")
            cells = [interval(estimates.loc[name]) if name in estimates.index else "" for name in names]
            table.add_row(Text(" × ".join(filter(None, (str(factor), str(other))))), *cells)
        yield table


def interval(row: pd.Series) -> str:
    """An estimate of a table and its interval."""
    return estimate(float(row["estimate"]), float(row["low"]), float(row["high"]))


def estimate(value: float, low: float, high: float, digits: int = 2) -> str:
    """An estimate and its interval."""
    message = _("{estimate} ({low} to {high})")
    return message.format(estimate=number(value, digits), low=number(low, digits), high=number(high, digits))


def discover(
    folder: FOLDER,
    where: Annotated[
        list[str],
        typer.Option(help='What is looked for, such as "conflict_mean_end > 0.5"; given again, all have to hold.'),
    ],
    density: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="Share of a box that is so, at least; else balanced with its coverage."),
    ] = None,
    boxes: Annotated[int, typer.Option(min=1, max=9, help="Boxes to look for, at most.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write tables and the figure into this folder, too.")] = None,
) -> None:
    """Where in a sweep something happens: boxes among its factors (PRIM), and which factors tell."""
    with user_errors(), stoppable():
        from sim.sweeps.discovery import discover as look_for
        from sim.sweeps.discovery import write_discovery
        from sim.sweeps.results import open_results

        found = look_for(open_results(folder), where, density=density, boxes=boxes)
        if out is not None:
            write_discovery(found, out)
        screen = console()
        for part in discovery_tables(found):
            screen.print(part, markup=False)
        for line in found.remarks:
            screen.print(line, markup=False)
        if found.drivers["score"].isna().all():
            screen.print(_('Scores of trees are left out: pip install "spiraal[discovery]"'), markup=False)
        if out is not None:
            screen.print(_("Tables and the figure are in {out}").format(out=out), markup=False)


def discovery_tables(found: Discovery) -> Iterator[Table | Text]:
    """Each box with its limits, then all factors."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from sim.sweeps.discovery import limits_in_words

    def listed(*headings: str) -> Table:
        table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column(headings[0], overflow="fold")
        for heading in headings[1:]:
            table.add_column(heading, justify="right")
        return table

    yield Text(found.asked, style="bold", overflow="fold")
    for row in found.boxes.to_dict("records"):
        told = _(
            "Box {box}: {density}% of its classes are as asked. It holds {coverage}% of all such classes, and {mass}% "
            "of all cells."
        )
        unseen = _("Looked for in one half of the cells, in the other: {density}% and {coverage}%.")
        names = ("density", "coverage", "mass")
        yield Text(told.format(box=row["box"], **{name: number(100.0 * row[name], 0) for name in names}))
        yield Text(unseen.format(**{name: number(100.0 * row[f"{name}_unseen"], 0) for name in names[:2]}))
        table = listed(_("Factor"), _("In the box"), _("quasi-p"), _("Again"))
        for limits in found.limits[found.limits["box"] == row["box"]].to_dict("records"):
            words = Text(str(limits["factor"])), Text(limits_in_words(limits))
            table.add_row(*words, number(limits["quasi_p"], 3), percent(limits["reproduced"]))
        yield table
    table = listed(_("Factor"), _("Kolmogorov–Smirnov"), _("luck"), _("Score of trees"), _("luck"))
    for row in found.drivers.to_dict("records"):
        cells = []
        for name in ("ks", "score"):
            known = not math.isnan(row[name])
            cells.append(below(estimate(row[name], row[f"{name}_low"], row[f"{name}_high"])) if known else "")
            cells.append(number(row[f"{name}_luck"], 2) if known else "")
        table.add_row(Text(str(row["factor"])), *cells)
    yield table
