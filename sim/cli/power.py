"""The command `spiraal power`: how many classes a planned trial needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.study import progress_of
from sim.cli.terminal import MECHANISM, PLUGIN, console, fail, stoppable, tell, user_errors
from sim.files.language import _, number, signed

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from sim.studies.power import Power

__all__ = ["power"]


def power(
    programme: Annotated[str, typer.Argument(help="An intervention, such as samen-spel.")],
    classes: Annotated[
        str, typer.Option(help="Classes in both arms together: a range (10:80, 10:80:5), or numbers (10,20,40).")
    ] = "10:80",
    per_class: Annotated[int, typer.Option(help="Children of a class who take part.")] = 1,
    measure: Annotated[str, typer.Option(help="What is compared: an instrument, such as conflict.")] = "conflict",
    screened_by: Annotated[
        str,
        typer.Option(
            help="The highest on this instrument before the year take part; none: by lot. By default by conflict, and "
            "by lot where the programme is for the whole class."
        ),
    ] = "",
    sex: Annotated[str, typer.Option(help="boy or girl; both by default.")] = "",
    grade: Annotated[int, typer.Option(help="Grade of the classes; 0 is the last year of kindergarten.")] = 0,
    size: Annotated[int, typer.Option(help="Children in a class.")] = 20,
    pre: Annotated[int, typer.Option(help="School week of the pre-test; the programme begins in the week after.")] = 7,
    post: Annotated[
        int | None, typer.Option(help="School week of the post-test; by default the last of the programme.")
    ] = None,
    fidelity: Annotated[float, typer.Option(help="How closely teachers carry it out, 0 to 1.")] = 1.0,
    attrition: Annotated[float, typer.Option(help="Share of children lost between the tests.")] = 0.0,
    classes_lost: Annotated[float, typer.Option(help="Share of classes lost between the tests.")] = 0.0,
    alpha: Annotated[float, typer.Option(help="Level of the two-sided test.")] = 0.05,
    target: Annotated[float, typer.Option(help="The power that is wanted.")] = 0.8,
    replications: Annotated[int, typer.Option(help="How often the trial is simulated.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=2**53 - 1, help="Luck.")] = 1,
    world: Annotated[int, typer.Option(help="Number of a plausible world; 0 are the values in use.")] = 0,
    worlds: Annotated[
        int, typer.Option(min=0, help="In how many plausible worlds it is asked, too, evenly spread over all.")
    ] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Write table, figure, data and manifest into this folder, too.")
    ] = None,
    plugin: PLUGIN = None,
    mechanism: MECHANISM = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite results that are there.")] = False,
) -> None:
    """Power of a planned trial: how many classes it takes to find what a programme does."""
    screen = console()
    with user_errors(), stoppable(), ExitStack() as stack:
        from sim.output.whole_folder import whole_folder
        from sim.plugins import read_plugin
        from sim.studies.power import all_trials
        from sim.studies.power import power as simulate
        from sim.studies.power_report import write_power
        from sim.studies.trial import Trial, numbers_of_classes
        from sim.worlds import plausible

        loaded = tuple(read_plugin(file) for file in plugin or ())
        trial = Trial(
            programme=programme,
            classes=numbers_of_classes(classes),
            per_class=per_class,
            measure=measure,
            screened_by=screened_by or None,
            sex=sex or None,
            grade=grade,
            size=size,
            pre=pre,
            post=post,
            fidelity=fidelity,
            attrition=attrition,
            classes_lost=classes_lost,
            alpha=alpha,
            target=target,
            replications=replications,
            seed=seed,
            world=world,
            mechanism=mechanism,
        )
        if worlds > len(plausible()):
            fail(_("--worlds: found {found}; allowed is 0 to {most}").format(found=worlds, most=len(plausible())))
        folder = None if out is None else stack.enter_context(whole_folder(out, replace=replace, tell=tell(screen)))
        with progress_of(screen) as progress:
            task = progress.add_task(_("Simulating trials"), total=all_trials(trial, worlds))
            found = simulate(trial, worlds, lambda done: progress.update(task, completed=done))
        tell_power(screen, found)
        if folder is not None:
            write_power(found, folder, loaded)
    if out is not None:
        screen.print(_("Table, figure, data and manifest are in {out}").format(out=out), markup=False)


def tell_power(screen: Console, found: Power) -> None:
    """Print what is planned, its power, and what follows."""
    from sim.studies.power_report import design, remarks, title

    screen.print(title(found.trial), style="bold", markup=False)
    for line in design(found.trial):
        screen.print(line, markup=False)
    screen.print(power_table(found))
    for line in remarks(found):
        screen.print(line, markup=False)


def power_table(found: Power) -> Table:
    """A row for each size of the trial."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    target = number(100.0 * found.trial.target, 0)
    headings = [_("Classes"), _("Children"), _("Power"), _("Interval"), "d", "SE", _("Formula")]
    if found.worlds:
        headings += [_("Worlds"), _("{target}% in").format(target=target)]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for cells in rows(found):
        table.add_row(*cells)
    return table


def rows(found: Power) -> Iterator[tuple[str, ...]]:
    """Cells of the rows."""
    for row in found.table.to_dict("records"):
        span = f"{number(100.0 * row['low'], 0)}–{number(100.0 * row['high'], 0)}%"
        cells: tuple[str, ...] = (
            number(row["classes"], 0),
            number(row["children"], 0),
            f"{number(100.0 * row['power'], 0)}%",
            span,
            signed(row["effect"]),
            number(row["error"]),
            f"{number(100.0 * row['formula'], 0)}%",
        )
        if found.worlds:
            cells += (f"{number(100.0 * row['mean_of_worlds'], 0)}%", f"{row['reached']}/{row['worlds']}")
        yield cells
