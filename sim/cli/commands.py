"""The command `spiraal`. What it does is done elsewhere; here are its words, options and exit codes.

Modules that simulate are imported inside the commands, so that ``spiraal --help`` answers at once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from sim.cli.fit import fit
from sim.cli.power import power
from sim.cli.results import TRUST, plugins, tell_why, tell_without_checksums, verify
from sim.cli.study import study_app
from sim.cli.sweep import discover, effects, plans, replay, sensitivity, sweep
from sim.cli.terminal import (
    DIFFERENT,
    DISLIKE_TO,
    LIKE_FROM,
    MECHANISM,
    PLUGIN,
    SIGNALLED,
    clean,
    console,
    fail,
    need_dashboard,
    refusals,
    serve,
    show,
    stoppable,
    tell,
    tell_first_year,
    user_errors,
    worlds_table,
    years_table,
)
from sim.files.language import LANGUAGES, _, current, detect, number, use

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn, Task

    from sim.files.classlist import ClassList
    from sim.output.run_folder import Rerun
    from sim.record import Record
    from sim.scenario import Scenario, SchoolYears

__all__ = ["main"]

app = typer.Typer(
    name="spiraal",
    help="A laboratory for relationships in the classroom.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
scenario_app = typer.Typer(help="Scenarios: what to run.", no_args_is_help=True)
class_app = typer.Typer(help="Class lists: what is read of them, and as what.", no_args_is_help=True)
app.add_typer(scenario_app, name="scenario")
app.add_typer(class_app, name="class")
app.add_typer(study_app, name="study")

SOON = 5.0
"""Seconds after which a run explains why it takes long."""


def main(arguments: list[str] | None = None) -> None:
    """Entry point, with the arguments of the command line unless others are given.

    An interrupted run ends without a traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a character gets a stand-in
            stream.reconfigure(errors="replace")
    try:
        use(detect())
        app(arguments)
    except KeyboardInterrupt:  # before a command could listen for it
        sys.exit(SIGNALLED + signal.SIGINT)


def tell_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from sim import __version__

        typer.echo(f"spiraal {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=False)
def options(
    language: Annotated[str, typer.Option(help="Language of tables, figures and words: nl or en.")] = "",
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=tell_version, is_eager=True)
    ] = False,
) -> None:
    """Options for every command."""
    if language and language not in LANGUAGES:
        fail(f"--language: found {language!r}; allowed is nl or en")
    if language:
        use("nl" if language == "nl" else "en")


CLASS = Annotated[Path | None, typer.Option("--class", help="A list with a row for each child: CSV, .xlsx or .ods.")]
MAPPING = Annotated[Path | None, typer.Option(help="How the list is read; `spiraal class map` proposes it.")]
GROUP = Annotated[str | None, typer.Option(help="The class that is meant, where the list has several.")]
SCENARIO = Annotated[
    str,
    typer.Argument(
        help="A shipped scenario or a TOML file; irritated-teacher, or ordinary-class for a class of your own.",
        show_default=False,
    ),
]
OUT = Annotated[Path, typer.Option(help="Folder for the results.")]
NOMINATIONS = Annotated[
    Path | None, typer.Option(help="Who likes whom: ties, choices, a matrix, or a network as a file.")
]
WITH = Annotated[list[str] | None, typer.Option("--with", help="An intervention; may be repeated.")]
FOR = Annotated[
    list[str] | None, typer.Option("--for", help="A child, or a rule such as 'highest conflict'; may be repeated.")
]
FROM_WEEK = Annotated[int | None, typer.Option(help="School week in which it begins.")]
FIDELITY = Annotated[float | None, typer.Option(help="How closely it is carried out, 0 to 1.")]
DOSE = Annotated[float | None, typer.Option(help="Sessions a week, relative to the programme.")]
SEED = Annotated[int | None, typer.Option(help="Luck.")]


@app.command()
def run(
    scenario: SCENARIO = "",
    class_list: CLASS = None,
    mapping: MAPPING = None,
    group: GROUP = None,
    nominations: NOMINATIONS = None,
    like_from: LIKE_FROM = None,
    dislike_to: DISLIKE_TO = None,
    with_: WITH = None,
    for_: FOR = None,
    from_week: FROM_WEEK = None,
    fidelity: FIDELITY = None,
    dose: DOSE = None,
    weeks: Annotated[int | None, typer.Option(help="School weeks.")] = None,
    seed: SEED = None,
    parameters: Annotated[
        str, typer.Option(help="Default values of the parameters of an earlier version, such as 0.1.")
    ] = "",
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="Ask all plausible worlds: values that fit the published facts as well.")
    ] = False,
    figures: Annotated[
        str, typer.Option(help="few: the trajectories; all: sociograms, phase portraits and state-space grid, too.")
    ] = "few",
    out: OUT = Path("results"),
    plugin: PLUGIN = None,
    mechanism: MECHANISM = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite results of an earlier run.")] = False,
) -> None:
    """Run a class for a school year twice, with the same luck: without and with an intervention."""
    with user_errors(), stoppable():
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        from sim.output import run_folder
        from sim.plugins import read_plugin
        from sim.record import Twins
        from sim.run import simulate
        from sim.worlds import plausible
        from sim.year.in_worlds import in_worlds
        from sim.year.protagonist import protagonist

        if figures not in list(run_folder.Figures):
            fail(_("--figures: found {found!r}; allowed is few or all").format(found=figures))
        run_folder.check_folder(out, replace=replace)
        loaded = [read_plugin(file) for file in plugin or ()]
        screen = console()
        own = own_class(class_list, nominations, mapping, group, screen, (like_from, dislike_to))
        chosen = assemble(scenario, own, screen, with_, for_, from_week, fidelity, dose, weeks, seed, mechanism)
        if parameters:
            chosen = with_parameters_of(parameters, chosen, screen)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), patience())
        with (
            run_folder.whole_folder(out, replace=replace, tell=tell(screen)) as folder,
            Progress(*columns, console=screen, transient=True) as progress,
        ):
            task = progress.add_task(_("The year without the intervention"))
            without = simulate(chosen, interventions=False)
            progress.update(task, description=_("The year with the intervention"))
            result = Twins(without, simulate(chosen))
            child, worlds = protagonist(result.with_), None
            if ensemble:
                progress.update(task, description=_("The same in every plausible world"))
                worlds = in_worlds(chosen, range(len(plausible())), child)
            show(screen, result, child)
            if worlds is not None:
                screen.print(worlds_table(worlds, result.without.names[child]))
            run_folder.write_results(
                result,
                folder,
                plugins=loaded,
                worlds=worlds,
                figures=run_folder.Figures(figures),
                progress=lambda what: progress.update(task, description=_("Writing {what}").format(what=what)),
                tell=tell(screen),
            )
        screen.print(
            _("Tables, figures, the log in words, data and manifest are in {out}").format(out=out), markup=False
        )


@app.command("years")
def several_years(
    scenario: SCENARIO = "",
    class_list: CLASS = None,
    mapping: MAPPING = None,
    group: GROUP = None,
    nominations: NOMINATIONS = None,
    with_: WITH = None,
    for_: FOR = None,
    from_week: FROM_WEEK = None,
    fidelity: FIDELITY = None,
    dose: DOSE = None,
    years: Annotated[int | None, typer.Option(help="School years.", show_default="as the scenario says, or 3")] = None,
    teacher: Annotated[
        str | None,
        typer.Option(
            help="The next teachers: drawn (anybody), alike (the scenario says the same of them), same (the first one "
            "stays), or their emotional support, 0 to 1.",
            show_default="as the scenario says, or drawn",
        ),
    ] = None,
    remixed: Annotated[
        float | None,
        typer.Option(
            help="Share of children who go to a parallel class each year.", show_default="as the scenario says, or 0"
        ),
    ] = None,
    again: Annotated[
        list[str] | None,
        typer.Option(
            help="A later year in which interventions are done again, such as 2, or one of them, such as samen-spel:2; "
            "may be repeated."
        ),
    ] = None,
    pairs: Annotated[int, typer.Option(help="Pairs of classes, each with luck of its own.")] = 100,
    seed: SEED = None,
    out: Annotated[Path | None, typer.Option(help="Write tables and the figure into this folder, too.")] = None,
    plugin: PLUGIN = None,
    mechanism: MECHANISM = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite results of an earlier run.")] = False,
) -> None:
    """What lasts: classes without and with an intervention over several school years, with other teachers."""
    with user_errors(), stoppable(), ExitStack() as stack:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        from sim.output.whole_folder import whole_folder
        from sim.plugins import read_plugin
        from sim.studies.lasting import lasting, write_lasting

        screen = console()
        place = stack.enter_context(whole_folder(out, replace=replace, tell=tell(screen))) if out is not None else None
        loaded = [read_plugin(file) for file in plugin or ()]
        own = own_class(class_list, nominations, mapping, group, screen)
        chosen = assemble(
            scenario,
            own,
            screen,
            with_,
            for_,
            from_week,
            fidelity,
            dose,
            seed=seed,
            mechanism=mechanism,
            all_years=True,
        )
        chosen, spec = with_years(
            chosen,
            {"count": years, "teacher": teacher, "remixed": remixed, "again": " ".join(again) if again else None},
            screen,
        )
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), patience())
        with Progress(*columns, console=screen, transient=True) as progress:
            task = progress.add_task(_("Pairs of classes"), total=pairs)
            found = lasting(chosen, pairs, spec.count, spec.later, lambda done: progress.update(task, completed=done))
        for part in years_table(found):
            screen.print(part, markup=False)
        if place is not None:
            write_lasting(found, place, loaded)
    if out is not None:
        screen.print(_("Tables, figure and manifest are in {out}").format(out=out), markup=False)


def with_years(scenario: Scenario, given: Mapping[str, object], screen: Console) -> tuple[Scenario, SchoolYears]:
    """A scenario with its school years: those that it names, but for the options that were given; says what holds."""
    from sim.scenario import ScenarioError, SchoolYears, problems
    from sim.studies.lasting import in_words

    said = {} if scenario.years is None else dict(scenario.years)
    told = {key: value for key, value in given.items() if value is not None}
    found = scenario.changed(years={"count": 3, **said, **told})
    years = SchoolYears.model_validate(found.years)
    if wrong := [f"years.{key}: {problem}" for key, problem in problems(found, years.count, years.later)]:
        raise ScenarioError(scenario.title, wrong)
    if said:
        screen.print(_("School years: {years}").format(years=in_words(years)), markup=False)
    return found, years


def with_parameters_of(release: str, scenario: Scenario, screen: Console) -> Scenario:
    """A scenario with the default values of an earlier version; says what of that version is no more."""
    from sim.parameters import releases, replayed

    if release not in releases():
        message = _("--parameters: found {found!r}; allowed is one of {versions}")
        fail(message.format(found=release, versions=", ".join(releases())))
    then = replayed(release)
    lines = {
        _("Parameters of version {version}; different today: {count}"): len(then.values),
        _("No longer in the model: {names}"): then.gone,
        _("No longer allowed, so as they are today: {names}"): then.out_of_range,
        _("Not in that version yet, so as they are today: {names}"): then.new,
    }
    for line, what in lines.items():
        if what:
            names = ", ".join(what) if isinstance(what, tuple) else ""
            screen.print(line.format(version=release, count=len(then.values), names=names), markup=False)
    return scenario.changed(parameters={**then.values, **scenario.parameters})


def patience() -> ProgressColumn:
    """A column that says why the first run on a machine takes longer."""
    from rich.progress import ProgressColumn
    from rich.text import Text

    text = _("(on the first run the equations are compiled; this takes up to a minute)")

    class Patience(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(text if (task.elapsed or 0.0) > SOON else "", style="dim")

    return Patience()


class OwnClass(NamedTuple):
    """The class of a list: what was read, and the files that it was read from, as keys of a scenario's class."""

    title: str
    roster: ClassList
    files: Mapping[str, str | None]


def own_class(
    class_list: Path | None,
    nominations: Path | None,
    mapping: Path | None,
    group: str | None,
    screen: Console,
    scale: tuple[float | None, float | None] = (None, None),
) -> OwnClass | None:
    """The class of a list, if there is one; says what had to be understood to read it."""
    from sim.files.answers import Scale
    from sim.files.classlist import ColumnMapping, read_class_list, read_mapping

    if class_list is None:
        for option, value in {"--nominations": nominations, "--mapping": mapping, "--group": group}.items():
            if value is not None:
                fail(_("{option} needs --class").format(option=option))
        return None
    said = ColumnMapping() if mapping is None else read_mapping(mapping)
    roster = read_class_list(class_list, nominations, mapping=said, group=group, scale=Scale(*scale))
    tell_notes(class_list.name, roster, screen)
    files = {"list": class_list, "mapping": mapping, "nominations": nominations}
    names = {key: clean(file.name) if file else None for key, file in files.items()}
    return OwnClass(clean(class_list.stem), roster, {**names, "group": group})


def tell_notes(file: str, roster: ClassList, screen: Console) -> None:
    """Say what had to be understood to read a class list."""
    for note in roster.notes:
        screen.print(f"{clean(file)}: {note}", markup=False, style="dim")


def with_its_child(name: str) -> dict[str, str]:
    """An intervention for which nobody has named a child; says for whom its sessions are."""
    from sim.interventions import REGISTRY

    if name not in REGISTRY or REGISTRY[name].sessions_per_week is None:
        return {"name": name}
    message = _("{programme} is for the child with most conflict; --for names another one")
    console().print(message.format(programme=_(REGISTRY[name].title)), markup=False, style="dim")
    return {"name": name, "target": "highest conflict"}


def assemble(
    source: str,
    own: OwnClass | None,
    screen: Console,
    names: list[str] | None = None,
    targets: list[str] | None = None,
    from_week: int | None = None,
    fidelity: float | None = None,
    dose: float | None = None,
    weeks: int | None = None,
    seed: int | None = None,
    mechanism: str | None = None,
    *,
    all_years: bool = False,
) -> Scenario:
    """The scenario that the options of `spiraal run` describe; says what had to be understood to read its list.

    Where not `all_years` of it are run, it says so.
    """
    from sim.scenario import load, parse

    source = source or ("irritated-teacher" if own is None else "ordinary-class")
    loaded = load(source)
    spec = loaded.classroom
    if own is None and spec.list is not None and spec.roster is not None:
        tell_notes(spec.list, spec.roster, screen)
    data = loaded.model_dump(by_alias=True)
    changes = {"weeks": weeks, "seed": seed, "mechanism": mechanism}
    data.update({key: value for key, value in changes.items() if value is not None})
    if own is not None:
        data["class"] = {**data["class"], **own.files, "roster": own.roster}
        data |= {"title": own.title, "title_nl": None, "about": "", "about_nl": None}
        data["follow"] = None
        if names is None:
            data["interventions"] = ()
    if names is not None:
        data["interventions"] = tuple({"name": name} if targets else with_its_child(name) for name in names)
        data["follow"] = None
    settings: dict[str, object] = {"start_week": from_week, "fidelity": fidelity, "dose": dose}
    given = {"--for": targets, "--from-week": from_week, "--fidelity": fidelity, "--dose": dose}
    for option, value in given.items():
        if value is not None and not data["interventions"]:
            fail(_("{option} needs --with").format(option=option))
    if targets:
        target = targets[0] if len(targets) == 1 else tuple(targets)
        settings["target"] = target
    told = {key: value for key, value in settings.items() if value is not None}
    data["interventions"] = tuple({**choice, **told} for choice in data["interventions"])
    found = parse(data, source if own is None else own.files["list"] or source)
    if not all_years:
        tell_first_year(screen, found, _("`spiraal years` runs all."))
    return found


@app.command()
def rerun(
    manifest: Annotated[Path, typer.Argument(help="The manifest.json of an earlier run.")],
    out: Annotated[Path | None, typer.Option(help="Write the results here, too.")] = None,
    trust_plugins: TRUST = False,
) -> None:
    """Run again what a manifest describes, and tell whether the data are the same to the byte."""
    screen = console()
    with user_errors(), stoppable(), ExitStack() as stack:
        from sim.output.whole_folder import whole_folder

        folder = stack.enter_context(whole_folder(out, tell=tell(screen))) if out is not None else None
        with screen.status(_("Simulating it again")):
            again = maker_of(manifest)(manifest, trust_plugins=trust_plugins)
        if folder is not None:
            again.write(folder, tell(screen))
    tell_again(screen, again, manifest.parent)


def maker_of(manifest: Path) -> Callable[..., Rerun]:
    """What makes results again, by a key that only manifests of their kind have."""
    from sim.output import run_folder

    if run_folder.has_key(manifest, "trial"):
        from sim.studies import power_report

        return power_report.rerun
    if run_folder.has_key(manifest, "sample"):
        from sim.studies import fit_report

        return fit_report.rerun
    if run_folder.has_key(manifest, "later"):
        from sim.studies import lasting

        return lasting.rerun
    return run_folder.rerun


def tell_again(screen: Console, again: Rerun, folder: Path) -> None:
    """Say whether data that were made again are those of then; ends with `DIFFERENT` where they are not."""
    tell_without_checksums(screen, again.kept, folder)
    for line in again.kept.wrong:
        screen.print(line, style="red", markup=False)
    if again.differing:
        files = ", ".join(again.differing)
        screen.print(_("These data files are not the same: {files}").format(files=files), markup=False)
        tell_why(screen, again.other_versions, again.changed)
    else:
        for package, (then, now) in again.other_versions.items():
            screen.print(_("{package}: was {then}, is {now}").format(package=package, then=then, now=now), markup=False)
        screen.print(_("All data files are the same, byte for byte."))
    if again.differing or again.kept.wrong:
        raise typer.Exit(DIFFERENT)


@app.command()
def export(
    results: Annotated[Path, typer.Argument(help="The folder of an earlier run.")],
    to: Annotated[str, typer.Option(help="gephi, gridware, rsiena, spss, stata or csv.")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("export"),
) -> None:
    """Write the results of a run for another program."""
    with user_errors(), stoppable():
        from sim.output.export import PROGRAMS
        from sim.output.export import export as write

        if to not in PROGRAMS:
            fail(_("--to: found {found!r}; allowed is one of {names}").format(found=to, names=", ".join(PROGRAMS)))
        write(results, to, out)
    console().print(_("Files for {program} are in {out}").format(program=to, out=out), markup=False)


@app.command()
def profile(
    scenario: SCENARIO = "",
    child: Annotated[str, typer.Option(help="The child; by default the one that `spiraal run` tells about.")] = "",
    week: Annotated[int | None, typer.Option(help="School week at whose end the interview is held.")] = None,
    with_interventions: Annotated[bool, typer.Option("--with", help="With the scenario's interventions.")] = False,
    class_list: CLASS = None,
    mapping: MAPPING = None,
    group: GROUP = None,
    seed: Annotated[int | None, typer.Option(help="Luck.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write text and figure into this folder, too.")] = None,
) -> None:
    """LLInC's relationship profile of a simulated dyad, with the questions that a coach would ask."""
    with user_errors(), stoppable():
        from sim.files.writing import write_whole
        from sim.output import fonts, plots
        from sim.run import simulate
        from sim.year.profile import profile as draw_profile
        from sim.year.protagonist import protagonist

        screen = console(stderr=True)
        own = own_class(class_list, None, mapping, group, screen)
        chosen = assemble(scenario, own, screen, seed=seed)
        record = simulate(chosen, interventions=with_interventions)
        with_ = record if with_interventions or child else simulate(chosen)
        number_ = child_number(record, child) if child else protagonist(with_)
        if week is not None and not 1 <= week <= record.calendar.weeks:
            fail(_("--week: found {found}; allowed is 1 to {last}").format(found=week, last=record.calendar.weeks))
        drawn = draw_profile(record, number_, None if week is None else record.calendar.last_day(week))
        text = drawn.text()
        console().print(text, markup=False, end="")
        if out is not None:
            with refusals(out):
                out.mkdir(parents=True, exist_ok=True)
                write_whole(out / "profile.txt", text)
                plots.save(plots.profile_figure(drawn.labelled(), drawn.name), out / "profile")
            if said := fonts.notice([drawn.name]):
                tell(screen)(said)


@app.command()
def tipping(
    scenario: SCENARIO = "",
    child: Annotated[str, typer.Option(help="The child; by default the one that `spiraal run` tells about.")] = "",
    lever: Annotated[
        str, typer.Option(help="What is changed: a trait of the teacher or her stress, or parameters.NAME.")
    ] = "teacher.emotional_support",
    low: Annotated[float | None, typer.Option(help="Its lowest level; by default as low as it may be.")] = None,
    high: Annotated[float | None, typer.Option(help="Its highest level; by default as high as it may be.")] = None,
    steps: Annotated[int, typer.Option(min=3, max=1001, help="Levels, both ends included.")] = 41,
    week: Annotated[int, typer.Option(help="School week after which the class is taken; 0: before the first.")] = 0,
    class_list: CLASS = None,
    mapping: MAPPING = None,
    group: GROUP = None,
    seed: SEED = None,
    out: Annotated[Path | None, typer.Option(help="Write the table and the figure into this folder, too.")] = None,
) -> None:
    """Where a dyad tips into the vicious cycle and where it comes back: a lever goes slowly there and back."""
    with user_errors(), stoppable():
        from sim.output.tipping_folder import tipping_in_words, write_tipping
        from sim.run import simulate
        from sim.year.protagonist import protagonist
        from sim.year.tipping import bounds
        from sim.year.tipping import tipping as there_and_back

        screen = console(stderr=True)
        own = own_class(class_list, None, mapping, group, screen)
        record = simulate(assemble(scenario, own, screen, seed=seed))
        if not 0 <= week <= record.calendar.weeks:
            fail(_("--week: found {found}; allowed is 0 to {last}").format(found=week, last=record.calendar.weeks))
        number_ = child_number(record, child) if child else protagonist(record)
        first, last = bounds(lever)
        found = there_and_back(
            record.state(record.calendar.last_day(week)),
            number_,
            lever,
            first if low is None else low,
            last if high is None else high,
            steps,
        )
        console().print(tipping_in_words(found, clean(record.names[number_])), markup=False)
        if out is not None:
            with refusals(out):
                out.mkdir(parents=True, exist_ok=True)
                write_tipping(found, record.names[number_], out)
    if out is not None:
        console().print(_("The table and the figure are in {out}").format(out=out), markup=False)


def child_number(record: Record, name: str) -> int:
    """Number of a child by name."""
    from sim.files.names import as_spelled
    from sim.files.problems import closest_to

    spelled = as_spelled(name, record.names)
    if spelled is None:
        message = _("--child: found {found!r}; allowed is one of {names}").format(
            found=clean(name), names=", ".join(map(clean, record.names))
        )
        fail(message + closest_to(name, record.names))
    return record.names.index(spelled)


LIST = Annotated[Path, typer.Argument(help="A list with a row for each child: CSV, .xlsx or .ods.")]


@class_app.command("check")
def class_check(
    class_list: LIST,
    mapping: MAPPING = None,
    group: GROUP = None,
    nominations: NOMINATIONS = None,
    like_from: LIKE_FROM = None,
    dislike_to: DISLIKE_TO = None,
) -> None:
    """Show what is read of a class list, and as what; nothing is run or written, and no name is shown."""
    with user_errors(), stoppable():
        from rich.table import Table

        from sim.files.classlist import CHILD_COLUMNS, SOURCE_COLUMNS

        screen = console()
        own = own_class(class_list, nominations, mapping, group, screen, (like_from, dislike_to))
    if own is None:
        return
    roster = own.roster
    titles = {column.field: column.heading for column in (*CHILD_COLUMNS, *SOURCE_COLUMNS)}
    read = Table(_("Heading"), _("Read as"))
    for heading, field in roster.read_as:
        read.add_row(clean(heading), titles.get(field, field))
    screen.print(read, markup=False)
    known = Table(_("Of each child"), _("Known of"))
    count = len(roster.children)
    for column in CHILD_COLUMNS:
        told = sum(getattr(child, column.field) is not None for child in roster.children)
        if told:
            known.add_row(column.heading, _("{told} of {count} children").format(told=told, count=count))
    screen.print(known, markup=False)
    if nominations is not None:
        screen.print(_("Nominations: {count}").format(count=len(roster.nominations)), markup=False)


@class_app.command("map")
def class_map(
    class_list: LIST,
    group: GROUP = None,
    out: Annotated[Path | None, typer.Option(help="The file to write, instead of showing it.")] = None,
) -> None:
    """Propose a mapping: a small file that says what stands under which heading, to be used with --mapping."""
    with user_errors(), stoppable():
        from sim.files.classlist import propose_mapping
        from sim.files.writing import write_whole

        proposed = propose_mapping(class_list, group=group)
    if out is None:
        typer.echo(clean(proposed), nl=False)
        return
    if out.exists():
        fail(_("{path}: already exists; nothing was written").format(path=out))
    with refusals(out):
        write_whole(out, proposed)
    console().print(_("{path}: written").format(path=out), markup=False)


@scenario_app.command("list")
def scenario_list() -> None:
    """The scenarios that come with the program."""
    from rich.table import Table

    from sim.scenario import load, shipped

    table = Table(_("Name"), _("Title"), _("About"), show_lines=True)
    for name in shipped():
        loaded = load(name)
        table.add_row(name, loaded.titled(current()), loaded.told(current()))
    console().print(table, markup=False)


@scenario_app.command("check")
def scenario_check(
    files: Annotated[list[str], typer.Argument(help="Scenarios to check.")], plugin: PLUGIN = None
) -> None:
    """Check scenario files and the class lists that they name."""
    with user_errors(), stoppable():
        from sim.interventions import load_plugin
        from sim.scenario import load

        for path in plugin or ():
            load_plugin(path)
        for file in files:
            load(file)
            console().print(_("{file}: valid").format(file=file), markup=False)


@scenario_app.command("new")
def scenario_new(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    like: Annotated[str, typer.Option("--from", help="A shipped scenario to start from.")] = "ordinary-class",
) -> None:
    """Write a scenario file to start from, with its class list if it has one."""
    from sim.files.writing import write_whole
    from sim.scenario import EXAMPLES, load, shipped

    if like not in shipped():
        fail(_("--from: found {found!r}; allowed is one of {names}").format(found=like, names=", ".join(shipped())))
    spec = load(like).classroom
    sources = [(shipped()[like], file)]
    beside = (spec.list, spec.mapping, spec.nominations)
    sources += [(EXAMPLES / name, file.parent / name) for name in beside if name]
    with refusals(file):
        for _source, copy in sources:
            if copy.exists():
                fail(_("{path}: already exists; nothing was written").format(path=copy))
            if not copy.parent.is_dir():
                fail(_("{path}: no such folder").format(path=copy.parent))
    written: list[Path] = []
    for source, copy in reversed(sources):  # what the scenario names is there before it
        try:
            write_whole(copy, source.read_bytes())
        except OSError as error:
            for path in written:
                path.unlink(missing_ok=True)
            fail(_("{path}: {why}; nothing was written").format(path=copy, why=error.strerror or error))
        written.append(copy)
    for _source, copy in sources:
        console().print(_("{path}: written").format(path=copy), markup=False)


@scenario_app.command("parameters")
def scenario_parameters() -> None:
    """Every parameter: value, interval, range, unit, meaning, provenance."""
    from rich.table import Column, Table

    from sim.parameters import PARAMETERS

    table = Table(
        Column("parameter\nmeaning", width=max(map(len, PARAMETERS))),
        Column("value\n95 % interval", no_wrap=True),
        Column("range\nunit", max_width=14),
        Column("provenance\nsource"),
        show_lines=True,
    )
    for entry in PARAMETERS.values():
        interval = "" if entry.interval is None else f"{entry.interval[0]:g}–{entry.interval[1]:g}"
        table.add_row(
            f"{entry.name}\n{entry.meaning}",
            f"{entry.value:g}\n{interval}",
            f"{entry.low:g}–{entry.high:g}\n{entry.unit}",
            f"{entry.provenance}\n{entry.source}",
        )
    console().print(table, markup=False)


@app.command()
def interventions(plugin: PLUGIN = None) -> None:
    """The interventions that can be switched on."""
    with user_errors():
        from rich.table import Table
        from rich.text import Text

        from sim.interventions import REGISTRY, load_plugin

        for file in plugin or ():
            load_plugin(file)
        table = Table(_("Name"), _("What it is"), show_lines=True)
        for name, kind in REGISTRY.items():
            table.add_row(Text(name), Text(f"{_(kind.title)}. {_(kind.about)}"))
        console().print(table, markup=False)


@app.command()
def mechanisms(plugin: PLUGIN = None) -> None:
    """The equations that a mechanism of your own may replace, and the mechanisms of plug-ins."""
    with user_errors():
        from rich.table import Table
        from rich.text import Text

        from sim.interventions import load_plugin
        from sim.mechanisms import MECHANISMS, described, equations

        for file in plugin or ():
            load_plugin(file)
        screen = console()
        if not MECHANISMS:
            table = Table(_("Equation"), _("What it is"), show_lines=True)
            for name in equations():
                signature, what = described(name)
                table.add_row(Text(signature), Text(what))
            screen.print(table, markup=False)
            return
        table = Table(_("Name"), _("Replaces"), _("Function"))
        for found in MECHANISMS.values():
            for equation in found.equations:
                table.add_row(*map(Text, (found.name, equation, found.place(equation))))
        screen.print(table, markup=False)


@app.command()
def take(
    scenario: Annotated[
        str, typer.Argument(help="A shipped scenario or a TOML file; without it the first story.", show_default=False)
    ] = "",
    link: Annotated[str, typer.Option(help="What a link of the dashboard shows, in the place of a scenario.")] = "",
    names: Annotated[
        bool, typer.Option("--names", help="Keep the names of the children of a class list; without it, numbers.")
    ] = False,
    scorm: Annotated[bool, typer.Option("--scorm", help="A package for a learning platform (SCORM 1.2).")] = False,
    out: Annotated[Path | None, typer.Option(help="The file; spiraal.html without it, or spiraal.zip.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite a file.")] = False,
) -> None:
    """Put a story, or two classes, into one page that plays in any browser, without the program."""
    need_dashboard()
    target = out or Path("spiraal.zip" if scorm else "spiraal.html")
    with user_errors(), stoppable(), refusals(target):
        from sim.dashboard.choices import OWN, SERVED, Choices, has_names, scenarios
        from sim.dashboard.picture import Shelf
        from sim.dashboard.settings import SCENARIO as SERVES
        from sim.dashboard.takeaway import package, page
        from sim.files.writing import write_whole
        from sim.scenario import load, shipped

        if target.exists() and not replace:
            fail(_("{path}: already exists; --replace overwrites it").format(path=target))
        if link and scenario:
            fail(_("--link says which classes: leave out the scenario"))
        choices, wrong = Choices.from_link(link.rpartition("?")[2], current())
        if choices.scenario == OWN:
            fail(_("--link: a class of your own is in no link; save the page from the dashboard"))
        if wrong:
            fail(_("--link: found what is not allowed, in {keys}").format(keys=", ".join(wrong)))
        if scenario in shipped():
            choices = Choices(language=current(), scenario=scenario)
        elif scenario:
            load(scenario)
            os.environ[SERVES] = scenario
            scenarios.cache_clear()
            choices = Choices(language=current(), scenario=SERVED)
        screen = console()
        with screen.status(_("The years are put into a file")):
            content = page(choices, Shelf(), names=names)
            content = package(content, choices) if scorm else content
        write_whole(target, content)
    told = _("{path}: written, {size} MB; any browser opens it")
    screen.print(told.format(path=target, size=number(len(content) / 1e6, 1)), markup=False)
    if names and has_names(choices):
        screen.print(_("The names of the children are in it: whoever gets the file can read them."), markup=False)


@app.command("app")
def dashboard(
    scenario: Annotated[Path | None, typer.Option(help="A scenario file to open with.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; by default only this computer.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8765,
    share: Annotated[bool, typer.Option("--share", help="Let other computers on the network open it.")] = False,
    no_token: Annotated[
        bool, typer.Option("--no-token", help="With --share: let in everyone, not only who has the whole link.")
    ] = False,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Open the dashboard."""
    with user_errors():
        serve(port, host, share=share, token=not no_token, scenario=scenario, browser=browser)


for command in (sweep, plans, replay, effects, sensitivity, discover, power, fit, verify, plugins):
    app.command()(command)
