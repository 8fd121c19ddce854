"""The commands of `spiraal` for studies: list them, repeat one, repeat all and report."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import DIFFERENT, MECHANISM, PLUGIN, Signal, console, fail, refusals, stoppable, user_errors
from sim.files.language import _, ngettext, number

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

    from sim.studies.in_worlds import ClaimInWorlds
    from sim.studies.report import Facts, Places
    from sim.studies.study import Claim, Study
    from sim.studies.validation import Job, Outcome
    from sim.studies.verdict import Findings, Verdict

__all__ = ["study_app"]

study_app = typer.Typer(help="Published studies, repeated on simulated classes.", no_args_is_help=True)

STUDIES = Annotated[int, typer.Option(min=2, help="How often the study is repeated in its published size.")]


def require_libraries() -> None:
    """Make sure that what analyses need is installed."""
    if find_spec("semopy") is None or find_spec("statsmodels") is None:
        fail(_('The analyses of studies are not installed: pip install "spiraal[studies]"'))


@study_app.command("list")
def study_list() -> None:
    """The studies that can be repeated."""
    with user_errors():
        from rich.table import Table
        from rich.text import Text

        from sim.studies.study import load_study, studies

        table = Table(_("Id"), _("Name"), _("Title"), _("Source"))
        for name in studies():
            study = load_study(name)
            table.add_row(*map(Text, (study.id, name, study.title, study.source)))
        console().print(table, markup=False)


@study_app.command("run")
def study_run(
    name: Annotated[str, typer.Argument(help="Name of the study; see `spiraal study list`.")],
    studies: STUDIES = 500,
    classes: Annotated[
        int | None, typer.Option(min=1, help="How many classes are simulated to draw studies from.")
    ] = None,
    world: Annotated[int, typer.Option(min=0, help="Number of a plausible world; 0 are the values in use.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Write figure and tables into this folder, too.")] = None,
    plugin: PLUGIN = None,
    mechanism: MECHANISM = None,
) -> None:
    """Repeat one study many times, and hold what was published against what comes out."""
    with user_errors(), stoppable():
        require_libraries()
        from sim.plugins import read_plugin
        from sim.studies.report import heading
        from sim.studies.verdict import StudyError, judge, repeat
        from sim.worlds import plausible

        for file in plugin or ():
            read_plugin(file)
        study = find_study(name).with_mechanism(mechanism)
        if classes is not None and classes < study.design.classes:
            message = _("--classes: found {found}; allowed is {least} or more, the classes of the study")
            fail(message.format(found=classes, least=study.design.classes))
        if world >= len(plausible()):
            message = _("--world: found {found}; allowed is 0 (the values in use) to {most}")
            fail(message.format(found=world, most=len(plausible()) - 1))
        if out is not None:
            make_folder(out)
        screen = console()
        try:
            with progress_of(screen) as progress:
                task = progress.add_task(_("Simulating classes"), total=studies)
                told = _("Repeating the study")
                findings = repeat(
                    study,
                    studies=studies,
                    classes=classes,
                    parameters=plausible().values(world) if world else None,
                    progress=lambda done: progress.update(task, completed=done, description=told),
                )
            verdicts = [judge(claim, findings) for claim in study.claims]
        except StudyError as error:
            fail(f"{name}: {error}")
        screen.print(heading(study), style="bold", markup=False)
        screen.print(study.source, markup=False)
        if mechanism is not None:
            screen.print(_("Mechanism: {name}").format(name=mechanism), markup=False)
        screen.print(verdict_table(verdicts))
        tell_failures(screen, findings)
        if out is not None:
            write_study(out, name, verdicts, findings)
            screen.print(_("Tables and figures are in {out}").format(out=out), markup=False)


@study_app.command("worlds")
def study_worlds(
    name: Annotated[str, typer.Argument(help="Name of the study; see `spiraal study list`.")],
    worlds: Annotated[int, typer.Option(min=2, help="In how many plausible worlds, evenly spread over all.")] = 50,
    classes: Annotated[int, typer.Option(min=2, help="From how many classes all children take part.")] = 200,
) -> None:
    """Ask one study in many plausible worlds: what holds in all, and what hangs on values that are not known."""
    with user_errors(), stoppable():
        require_libraries()
        from sim.studies.in_worlds import in_worlds
        from sim.studies.report import heading
        from sim.worlds import plausible
        from sim.year.in_worlds import evenly

        study = find_study(name)
        if worlds > len(plausible()):
            message = _("--worlds: found {found}; allowed is 2 to {most}")
            fail(message.format(found=worlds, most=len(plausible())))
        screen, numbers = console(), evenly(worlds)
        with progress_of(screen) as progress:
            task = progress.add_task(_("Asking plausible worlds"), total=len(numbers))
            found = in_worlds(study, numbers, classes, lambda done: progress.update(task, completed=done))
        screen.print(heading(study), style="bold", markup=False)
        screen.print(study.source, markup=False)
        screen.print(worlds_table(found))


@study_app.command("all")
def study_all(
    studies: STUDIES = 500,
    keep: Annotated[
        Path, typer.Option(help="Folder for what is computed; the same command goes on from there.")
    ] = Path(".validation"),
    out: Annotated[
        Path | None, typer.Option(help="Folder for the report; by default it becomes a page of the documentation.")
    ] = None,
) -> None:
    """Repeat all studies and write the report; takes fifty minutes of one core."""
    with user_errors(), stoppable():
        require_libraries()
        from sim.studies.report import make_report
        from sim.studies.validation import jobs, validate

        places = places_of(out)
        make_folder(keep)
        screen = console()
        todo = jobs(number=studies)
        with progress_of(screen) as progress:
            task = progress.add_task("", total=len(todo))

            def tell(done: Outcome | None, running: Sequence[Job]) -> None:
                names = ", ".join(str(job) for job in running)
                progress.update(task, advance=0 if done is None else 1, description=names)
                if done is not None and done.error:
                    screen.print(f"{done.job.name}: {done.error}", style="red", markup=False)

            try:
                outcomes = validate(todo, keep, progress=tell)
            except Signal as asked:
                asked.message = _("stopped; what is finished is in {keep}, and the same command goes on from there")
                asked.message = asked.message.format(keep=keep)
                raise
        facts = make_report(outcomes, places)
        tell_report(screen, facts, places)
    if facts["crashed"]:
        raise typer.Exit(DIFFERENT)


@study_app.command("report")
def study_report(
    out: Annotated[
        Path | None, typer.Option(help="Folder of the report; by default it is a page of the documentation.")
    ] = None,
) -> None:
    """Write the report anew, with new lessons, from what was found before."""
    with user_errors(), stoppable():
        from sim.studies.report import rewrite

        places = places_of(out)
        if not places.facts.is_file():
            fail(_("{path}: is not there yet; spiraal study all writes it").format(path=places.facts))
        tell_report(console(), rewrite(places), places)


def find_study(name: str) -> Study:
    """The study of that name; a message with the nearest names where there is none."""
    from sim.studies.study import load_study, studies

    known = list(studies())
    if name not in known:
        near = difflib.get_close_matches(name, known, cutoff=0.5) or known
        fail(_("found {found!r}; allowed is one of {names}").format(found=name, names=", ".join(near)))
    return load_study(name)


def places_of(out: Path | None) -> Places:
    """Where the report goes."""
    from sim.studies.report import PROJECT, Places

    if out is not None:
        make_folder(out)
        return Places.within(out)
    if not PROJECT.page.parent.is_dir():
        fail(_("--out: is missing; there is no folder of documentation to write the report into"))
    return PROJECT


def make_folder(folder: Path) -> None:
    """Make a folder; a message where that cannot be."""
    with refusals(folder):
        folder.mkdir(parents=True, exist_ok=True)


def progress_of(screen: Console) -> Progress:
    """How far it is."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    return Progress(*columns, console=screen)


def worlds_table(found: Sequence[ClaimInWorlds]) -> Table:
    """What was published, and what plausible worlds show."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(_("Finding"), overflow="fold", min_width=20)
    table.add_column(_("Published"), min_width=12)
    for title in (_("values in use"), _("median"), _("nine in ten worlds")):
        table.add_column(title, justify="right")
    table.add_column(_("published sign in"), justify="right", min_width=11)
    for one in found:
        low, median, high = map(number, one.quantiles)
        count = _("{some} of {all}").format(some=one.right, all=len(one.known)) if one.right is not None else ""
        span = _("{low} to {high}").format(low=low, high=high)
        cells = (one.claim.says, published_in_words(one.claim), number(float(one.found[0])), median, span, count)
        table.add_row(*map(Text, cells))
    return table


def verdict_table(verdicts: Sequence[Verdict]) -> Table:
    """What was published, and what comes out."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(_("Finding"), overflow="fold", min_width=20)
    table.add_column(_("Published"), min_width=12)
    for title in (_("95 % of studies"), _("Large sample"), _("Latent"), _("Found")):
        table.add_column(title, justify="right")
    table.add_column(_("Verdict"))
    for verdict in verdicts:
        low, high = number(verdict.low), number(verdict.high)
        cells = (
            verdict.claim.says,
            published_in_words(verdict.claim),
            _("{low} to {high}").format(low=low, high=high),
            number(verdict.expected),
            number(verdict.latent),
            "" if verdict.share is None else f"{number(100.0 * verdict.share, 0)} %",
        )
        table.add_row(*map(Text, cells), Text(outcome_in_words(verdict), style="red" if verdict.missed else "green"))
    return table


def published_in_words(claim: Claim) -> str:
    """What was published."""
    words = []
    if claim.value is not None:
        words.append(number(claim.value))
    if claim.between is not None:
        low, high = map(number, claim.between)
        words.append(_("{low} to {high}").format(low=low, high=high))
    if claim.direction is not None:
        words.append({1: _("positive"), -1: _("negative"), 0: _("not significant")}[claim.direction])
    return ", ".join(words)


def outcome_in_words(verdict: Verdict) -> str:
    """Whether it comes out, in words."""
    words = []
    if verdict.inside is not None:
        words.append(_("inside") if verdict.inside else _("outside"))
    if verdict.right is False:
        words.append(_("wrong direction"))
    elif verdict.found is not None:
        words.append(_("found") if verdict.found else _("too seldom found"))
    if verdict.claim.built_in:
        words.append(_("built in"))
    return ", ".join(words)


def tell_failures(screen: Console, findings: Findings) -> None:
    """Say how often the analysis failed, and why."""
    if findings.failures:
        message = ngettext(
            "In {count} study the analysis failed; it counts as one that finds nothing:",
            "In {count} studies the analysis failed; they count as studies that find nothing:",
            findings.failures,
        )
        screen.print(message.format(count=number(findings.failures, 0)), style="yellow", markup=False)
    for error, count in findings.errors.items():
        screen.print(f"  {error} ({number(count, 0)})", style="yellow", markup=False)


def tell_report(screen: Console, facts: Facts, places: Places) -> None:
    """Say where the report is, and which lessons nobody needs any longer."""
    from sim.studies.report import lessons_of, stale_lessons

    for name, claim in stale_lessons(facts, lessons_of()):
        message = _("lessons.toml: {study}: {claim!r} is as published, or no claim; its lesson is out of date")
        screen.print(message.format(study=name, claim=claim), style="yellow", markup=False)
    screen.print(_("The report is in {path}").format(path=places.page), markup=False)


def write_study(out: Path, name: str, verdicts: Sequence[Verdict], findings: Findings) -> None:
    """Figure, verdicts and all estimates of one study."""
    import pandas as pd

    from sim.studies.report import draw
    from sim.studies.validation import Job

    rows = [{**(data := verdict.to_json()).pop("claim"), **data} for verdict in verdicts]
    kinds = {"value": findings.values, "p": findings.p}  # noqa: PD011 - no table of pandas
    estimates = pd.DataFrame(
        {f"{found}: {kind}": table[:, k] for k, found in enumerate(findings.names) for kind, table in kinds.items()}
    )
    with refusals(out):
        pd.DataFrame(rows).to_csv(out / f"{name}-verdicts.csv", index=False)
        estimates.to_csv(out / f"{name}-studies.csv", index_label="study")
        draw(Job(name, findings.studies, findings.sizes["pool_classes"]), findings, out, ("png", "svg"))
