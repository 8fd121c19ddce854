"""The command `spiraal fit`: what somebody's own ratings tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.study import progress_of
from sim.cli.terminal import DISLIKE_TO, LIKE_FROM, clean, console, fail, stoppable, tell, user_errors
from sim.files.language import _

if TYPE_CHECKING:
    from rich.console import Console

    from sim.files.answers import Nominations
    from sim.files.waves import Waves
    from sim.studies.fit import Fit

__all__ = ["fit"]


def fit(
    ratings: Annotated[
        Path, typer.Argument(help="Ratings of children at several moments, long or wide: CSV, .xlsx or .ods.")
    ],
    weeks: Annotated[
        str, typer.Option(help="School week of each wave, such as 2,18,34; where the file has waves.")
    ] = "",
    nominations: Annotated[
        list[str] | None,
        typer.Option(help="School week and file of who names whom then, such as 2=autumn.csv; may be repeated."),
    ] = None,
    like_from: LIKE_FROM = None,
    dislike_to: DISLIKE_TO = None,
    mapping: Annotated[Path | None, typer.Option(help="How the file is read, as of a class list.")] = None,
    group: Annotated[str | None, typer.Option(help="The only class that is meant, where the file has several.")] = None,
    size: Annotated[int | None, typer.Option(help="Children in a class, if not all take part.")] = None,
    grade: Annotated[
        int | None, typer.Option(help="Grade; 0 is the last year of kindergarten. By default from the ages, or 2.")
    ] = None,
    classes: Annotated[int, typer.Option(help="Classes that are simulated in each plausible world.")] = 32,
    seed: Annotated[int, typer.Option(min=0, max=2**53 - 1, help="Luck.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write tables, figures and manifest into this folder, too.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite results that are there.")] = False,
) -> None:
    """What a teacher's own ratings tell of children, classes and the model, and what stays open; no diagnosis."""
    screen = console()
    with user_errors(), stoppable(), ExitStack() as stack:
        from sim.files.answers import Scale
        from sim.files.waves import read_named, read_wave_mapping, read_waves
        from sim.output.whole_folder import whole_folder
        from sim.scenario import Scenario
        from sim.studies.fit import draw_ensemble
        from sim.studies.fit import fit as hold_against
        from sim.studies.fit_report import population_for, sample_of, write_fit
        from sim.worlds import plausible

        asked = None if not weeks else numbers_of(weeks)
        files = files_by_week(nominations or ())
        waves = read_waves(ratings, mapping=read_wave_mapping(mapping) if mapping else None, group=group)
        tell_read(ratings.name, waves, screen)
        named = {week: read_named(file, waves, Scale(like_from, dislike_to)) for week, file in files.items()}
        tell_named(named, screen)
        sample = sample_of(waves, asked, Scenario().calendar(), named)
        population = population_for(waves, sample, size, grade, seed)
        folder = None if out is None else stack.enter_context(whole_folder(out, replace=replace, tell=tell(screen)))
        with progress_of(screen) as progress:
            task = progress.add_task(_("Plausible worlds"), total=len(plausible()))
            ensemble = draw_ensemble(
                population,
                sample.weeks,
                sample.measures,
                classes,
                progress=lambda done: progress.update(task, completed=done),
                asked=sample.asked,
            )
            task = progress.add_task(_("Children"), total=len(sample.names))
            found = hold_against(sample, ensemble, lambda done: progress.update(task, completed=done))
        tell_fit(screen, found)
        if folder is not None:
            write_fit(found, folder, tell=tell(screen))
    if out is not None:
        screen.print(_("Tables, figures and manifest are in {out}").format(out=out), markup=False)


def numbers_of(weeks: str) -> list[int]:
    """School weeks from the command line."""
    parts = [part.strip() for part in weeks.split(",")]
    if not all(part.isdecimal() and len(part) <= 2 for part in parts):
        fail(
            _("--weeks: found {found!r}; allowed are school weeks with commas between, such as 2,18,34").format(
                found=weeks
            )
        )
    return [int(part) for part in parts]


def files_by_week(nominations: Sequence[str]) -> dict[int, Path]:
    """Files with nominations from the command line, by school week."""
    found: dict[int, Path] = {}
    for said in nominations:
        week, _is, file = said.partition("=")
        if not (week.isdecimal() and len(week) <= 2 and file):
            allowed = _("--nominations: found {found!r}; allowed is a school week and a file, such as 2=autumn.csv")
            fail(allowed.format(found=clean(said)))
        if int(week) in found:
            fail(_("--nominations: found week {week} twice; allowed is one file for each week").format(week=int(week)))
        found[int(week)] = Path(file)
    return found


def tell_named(named: Mapping[int, Nominations], screen: Console) -> None:
    """Say what was read of nominations; no name is shown."""
    for week, said in named.items():
        for note in said.notes:
            screen.print(clean(note), markup=False, style="dim")
        asked = len({tie.who for tie in said.ties} | {who for who, _kind in said.silent})
        message = _("Nominations in week {week}: {count}, by {asked} children")
        screen.print(message.format(week=week, count=len(said.ties), asked=asked), markup=False)


def tell_read(file: str, waves: Waves, screen: Console) -> None:
    """Say what was read as what; no name is shown."""
    from rich.table import Table

    from sim.files.classlist import CHILD_COLUMNS, SOURCE_COLUMNS
    from sim.files.waves import WAVE_COLUMNS

    for note in waves.notes:
        screen.print(f"{clean(file)}: {note}", markup=False, style="dim")
    titles = {column.field: column.heading for column in (*CHILD_COLUMNS, *SOURCE_COLUMNS, *WAVE_COLUMNS)}
    when = {"wave": _("wave {number}"), "week": _("week {number}")}
    read = Table(_("Heading"), _("Read as"))
    for heading, field in waves.read_as:
        name, _at, moment = field.partition("@")
        by, _at, number = moment.partition("@")
        said = titles.get(name, name) + (", " + when[by].format(number=number) if moment else "")
        read.add_row(clean(heading), said)
    screen.print(read, markup=False)
    classes = len({child.group for child in waves.children})
    said = _("Children: {children}; classes: {classes}; moments: {moments}; ratings: {ratings}")
    told = {"children": len(waves.children), "classes": classes}
    screen.print(said.format(**told, moments=len(waves.moments), ratings=len(waves.scores)), markup=False)


def tell_fit(screen: Console, found: Fit) -> None:
    """Print how the sample is beside simulated ones, what it tells, and what stays open."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from sim.studies.fit_report import rows_in_words, told_in_words

    headings = [_("Observed"), _("Published"), _("Nine in ten samples"), _("Percentile"), _("Once more")]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("", ""):
        table.add_column(heading, overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="right")
    for cells in rows_in_words(found):
        table.add_row(*cells)
    screen.print(table)
    screen.print(
        _(
            "Spread is the standard deviation, change that from the first to the last time, stability the correlation "
            "of these. Nine in ten samples: of simulated children of all plausible worlds, as many and as often rated; "
            "percentile: among these. Once more: what such children would show when they are rated again."
        ),
        markup=False,
        style="dim",
    )
    for line in told_in_words(found):
        screen.print(line, markup=False)
