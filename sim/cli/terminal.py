"""What the commands of `spiraal` have in common: the terminal, messages for what users do wrong, tables of a class."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from sim.files.language import _, current, number, signed

if TYPE_CHECKING:
    from rich.console import Console

    from sim.record import Twins
    from sim.scenario import Scenario
    from sim.studies.lasting import Lasting
    from sim.year.in_worlds import WorldPairs

__all__ = [
    "DIFFERENT",
    "DISLIKE_TO",
    "LIKE_FROM",
    "MECHANISM",
    "PLUGIN",
    "SIGNALLED",
    "USER_ERROR",
    "Signal",
    "clean",
    "console",
    "fail",
    "need_dashboard",
    "refusals",
    "serve",
    "show",
    "stoppable",
    "tell",
    "tell_first_year",
    "user_errors",
    "worlds_table",
    "years_table",
]

USER_ERROR = 2
DIFFERENT = 1
SIGNALLED = 128
MOST_LINES = 200
"""Lines of a message; there is one for each thing that is wrong with a file."""
GRACE = 1.5
"""Seconds that a command has to put things away once it is asked to end."""
MISTAKES = {
    "sim.files.classlist": ("ClassListError",),
    "sim.sweeps.cluster": ("ClusterError",),
    "sim.compiled": ("ReplacedError",),
    "sim.dashboard.takeaway": ("TakeawayError",),
    "sim.dashboard.web.server": ("ServingError",),
    "sim.sweeps.dataset": ("SweepError",),
    "sim.sweeps.discovery": ("DiscoveryError",),
    "sim.sweeps.effects": ("EffectsError",),
    "sim.sweeps.design": ("DesignError",),
    "sim.files.fingerprint": ("FingerprintError",),
    "sim.files.packaged": ("PackagedError",),
    "sim.engine.hooks": ("HookError",),
    "sim.interventions": ("PluginError",),
    "sim.mechanisms": ("MechanismError",),
    "sim.output.run_folder": ("ManifestError",),
    "sim.output.whole_folder": ("OutputError",),
    "sim.plugins": ("UntrustedError",),
    "sim.sweeps.plan": ("PlanError",),
    "sim.studies.fit": ("FitError",),
    "sim.studies.lasting": ("LastingError",),
    "sim.sweeps.results": ("ResultsError",),
    "sim.scenario": ("ScenarioError",),
    "sim.sweeps.sensitivity": ("SensitivityError",),
    "sim.studies.trial": ("TrialError",),
    "sim.worlds": ("WorldsError",),
    "sim.year.tipping": ("TippingError",),
}
"""What a user can do wrong, by the module that says so."""

PLUGIN = Annotated[list[Path] | None, typer.Option(help="A Python file with interventions or mechanisms of your own.")]
MECHANISM = Annotated[
    str | None, typer.Option(help="A mechanism of a plug-in: equations of your own in the place of the model's.")
]
LIKE_FROM = Annotated[float | None, typer.Option(help="Rating from which on a child is liked.")]
DISLIKE_TO = Annotated[float | None, typer.Option(help="Rating up to which a child is disliked.")]


def fail(message: str) -> NoReturn:
    """End with a message for the user, of which nobody reads more than `MOST_LINES`."""
    lines = message.split("\n")
    if more := len(lines[MOST_LINES:]):
        lines[MOST_LINES:] = [_("and {count} more").format(count=number(more, 0))]
    message = "\n".join(lines)
    console(stderr=True, soft_wrap=True).print(message, style="red", markup=False)
    raise typer.Exit(USER_ERROR)


MOVES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What moves the cursor, speaks to the terminal, turns the direction of writing, or is no character at all."""


def clean(text: str) -> str:
    """Text that a terminal and a file can have, whoever wrote it."""
    return MOVES.sub("\N{REPLACEMENT CHARACTER}", text)


def need_dashboard() -> None:
    """End with a message where the dashboard is not installed."""
    try:
        import solara  # noqa: F401
    except ModuleNotFoundError:
        fail(_('The dashboard is not installed: pip install "spiraal[app]"'))


def serve(
    port: int = 8765,
    host: str | None = None,
    *,
    share: bool = False,
    token: bool = True,
    scenario: Path | None = None,
    browser: bool = True,
) -> None:
    """Serve the dashboard until it is stopped."""
    need_dashboard()
    from sim.dashboard.web.server import launch

    launch(port, host, share=share, token=token, scenario=scenario, browser=browser)


@contextmanager
def user_errors() -> Iterator[None]:
    """Turn what a user can do wrong into a message; anything else is a fault of ours and shows a traceback."""
    try:
        yield
    except Exception as error:
        if isinstance(error, mistakes()):
            fail(str(error))
        if isinstance(error, OSError) and error.strerror:  # names that are too long, a disk that is full
            fail(f"{os.fsdecode(error.filename)}: {error.strerror}" if error.filename else error.strerror)
        raise


class Signal(BaseException):
    """The user, or the system, wants the program to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.message = _("stopped")


@contextmanager
def stoppable() -> Iterator[None]:
    """End with a message when asked to; asked twice, or held up by something that does not listen, end at once."""

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        raise Signal(number)

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    with ending_in_time():
        try:
            yield
        except Signal as asked:
            sys.stderr.write(f"{asked.message}\n")
            sys.stderr.flush()
            # Threads that still compute hold nothing that has to be closed, and nobody wants to wait for them.
            os._exit(SIGNALLED + asked.number)
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


@contextmanager
def ending_in_time() -> Iterator[None]:
    """End the program `GRACE` seconds after it is asked to, be it in compiled code, where Python does not listen.

    The system rings a bell as soon as the signal comes; a thread waits for it.
    """
    bell, ear = socket.socketpair()
    bell.setblocking(False)
    over = threading.Event()
    message = f"{_('stopped')}\n".encode()

    def listen() -> None:
        while rung := ear.recv(1):
            if rung[0] in {signal.SIGINT, signal.SIGTERM} and not over.wait(GRACE):
                os.write(2, message)
                os._exit(SIGNALLED + rung[0])

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    before = signal.set_wakeup_fd(bell.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        over.set()
        signal.set_wakeup_fd(before)
        bell.close()
        listener.join()
        ear.close()


@contextmanager
def refusals(place: Path) -> Iterator[None]:
    """Turn what the system refuses to do with a file or folder into a message."""
    try:
        yield
    except OSError as error:
        fail(f"{place}: {error.strerror or error}")


def mistakes() -> tuple[type[Exception], ...]:
    """The exceptions that are messages; a module that was not imported cannot have raised one."""
    return tuple(
        getattr(sys.modules[module], name) for module in MISTAKES.keys() & sys.modules for name in MISTAKES[module]
    )


def console(*, stderr: bool = False, soft_wrap: bool = False) -> Console:
    """The terminal; whatever is printed there is clean."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class Terminal(Console):
        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
            for segment in super().render(renderable, options):
                yield segment if segment.control else segment._replace(text=clean(segment.text))

    return Terminal(highlight=False, stderr=stderr, soft_wrap=soft_wrap)


def tell(screen: Console) -> Callable[[str], None]:
    """Prints what a folder of results has to say."""
    return partial(screen.print, style="yellow", markup=False, soft_wrap=True)


def tell_first_year(screen: Console, scenario: Scenario, all_of_them: str) -> None:
    """Say of a scenario of several school years that its first one is run, and what runs `all_of_them`."""
    if scenario.years is None:
        return
    first = _("{title}: this scenario has {count} school years; the first one is run here.")
    said = first.format(title=scenario.titled(current()), count=scenario.years.count)
    screen.print(f"{said} {all_of_them}", markup=False)


def show(screen: Console, result: Twins, child: int) -> None:
    """Print what a teacher would want to know."""
    from rich.padding import Padding
    from rich.text import Text

    from sim.year.events import events, in_words

    scenario = result.with_.scenario
    screen.print()
    screen.print(Text(scenario.titled(current()), style="bold"))
    if scenario.mechanism is not None:
        screen.print(Text(_("Mechanism: {name}").format(name=scenario.mechanism)))
    intervened = bool(result.with_.interventions)
    screen.print(wave_table(result, child, intervened=intervened))
    screen.print(wave_table(result, None, intervened=intervened))
    for line in network_lines(result, intervened=intervened):
        screen.print(Text(line))
    screen.print(class_table(result, intervened=intervened))
    told = events(result.with_, child)[:8]
    if told:
        screen.print(Text(_("What happened (events.md tells all of it)"), style="bold"))
        for event in told:
            line = _("Week {week}: {what}").format(week=event.week, what=in_words(event, result.with_.names))
            screen.print(Padding(Text(line), (0, 0, 0, 2)))
    screen.print()


def wave_table(result: Twins, child: int | None, *, intervened: bool) -> object:
    """Measures of one child, or of the class, at each wave, without and with."""
    from rich.table import Table
    from rich.text import Text

    from sim.year.outcomes import MEASURES, WAVES, scores

    waves = result.without.calendar.waves
    title = Text(_("The class, on average") if child is None else result.without.names[child], style="bold")
    table = Table(title=title, title_justify="left")
    table.add_column(_("Scale 1–5"), no_wrap=True)
    if intervened:
        table.add_column("")
    for wave in waves:
        table.add_column(_(WAVES[wave]), justify="right")
    if intervened:
        table.add_column(_("Difference"), justify="right")
    for measure in MEASURES:
        rows = [scores(record, measure) for record in (result.without, result.with_)]
        values = [row.mean(axis=1) if child is None else row[:, child] for row in rows]
        cells = [[number(float(value[day]), 2) for day in waves.values()] for value in values]
        if not intervened:
            table.add_row(_(measure.title), *cells[0])
            continue
        table.add_row(_(measure.title), _("without"), *cells[0], "")
        difference = float(values[1][-1] - values[0][-1])
        table.add_row("", _("with"), *cells[1], signed(difference), end_section=True)
    return table


def network_lines(result: Twins, *, intervened: bool) -> list[str]:
    """Who names whom at the end of the year, in words; a line for each class."""
    from sim.year.network import network_in_words

    last = result.without.calendar.days
    if not intervened:
        return [network_in_words(result.with_, last)]
    arms = {_("without"): result.without, _("with"): result.with_}
    return [f"{arm}: {network_in_words(record, last)}" for arm, record in arms.items()]


def class_table(result: Twins, *, intervened: bool) -> object:
    """Every child at the end of the year, and the difference that the intervention made."""
    from rich.table import Table
    from rich.text import Text

    from sim.year.outcomes import MEASURES, scores

    heading = _("Every child at the end of the year (in brackets: the difference that the intervention made)")
    plain = _("Every child at the end of the year")
    table = Table(title=Text(heading if intervened else plain, style="bold"), title_justify="left")
    table.add_column(_("Child"))
    for measure in MEASURES:
        table.add_column(_(measure.title), justify="right", overflow="fold")
    ends = [(scores(result.without, measure)[-1], scores(result.with_, measure)[-1]) for measure in MEASURES]
    for i, name in enumerate(result.without.names):
        cells = [
            f"{number(float(b[i]), 1)}{changed_by(float(b[i] - a[i]))}" if intervened else number(float(b[i]), 1)
            for a, b in ends
        ]
        table.add_row(Text(name), *cells)
    return table


def worlds_table(found: WorldPairs, name: str) -> object:
    """What interventions change for the child concerned by their last week and that of the year, in all worlds."""
    from rich.table import Table
    from rich.text import Text

    from sim.year.differences import VISIBLE
    from sim.year.outcomes import MEASURES

    heading = _("{name} in {count} plausible worlds")
    whom = name if found.who.sum(axis=1).max() == 1 else _("The chosen children")
    table = Table(
        title=Text(heading.format(name=whom, count=len(found.found.numbers)), style="bold"), title_justify="left"
    )
    table.add_column(_("Difference, scale 1–5"), no_wrap=True)
    table.add_column(_("end of week"), justify="right")
    for title in (_("values in use"), _("median"), _("nine in ten worlds"), _("better in")):
        table.add_column(title, justify="right")
    table.add_column(_("better by {points} or more in").format(points=number(VISIBLE["conflict"], 2)), justify="right")
    titles = {measure.name: _(measure.title) for measure in MEASURES}
    told = found.table()
    for row in told[told["week"].isin(found.weeks)].to_dict("records"):
        span = _("{low} to {high}").format(low=signed(row["low"]), high=signed(row["high"]))
        counts = (str(row["better"]), str(row["visibly_better"]))
        title = titles[row["measure"]] if row["week"] == found.weeks[0] else ""
        cells = (title, str(row["week"]), signed(row["in_use"]), signed(row["median"]), span, *counts)
        table.add_row(*cells, end_section=row["week"] == found.weeks[-1])
    return table


def years_table(found: Lasting) -> Iterator[object]:
    """What is left of an effect at the end of each year: a heading, a table, and what its columns mean."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from sim.studies.lasting import next_teachers
    from sim.year.differences import VISIBLE

    yield Text(found.scenario.titled(current()), style="bold")
    about = _(
        "The children it was for, at the end of each school year; {pairs} pairs of classes with the same luck; {who}."
    )
    yield about.format(pairs=number(len(found.without), 0), who=next_teachers(found.later.teacher))
    names = {
        "closeness": _("closeness"),
        "conflict": _("conflict"),
        "aggression": _("aggression"),
        "liked_by": _("liked by"),
    }
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in (_("Year"), ""):
        table.add_column(heading, no_wrap=True)
    for heading in (_("without"), _("with"), _("Difference"), _("Better"), _("Worse"), _("So far")):
        table.add_column(heading, justify="right", no_wrap=True)
    rows = found.table.to_dict("records")
    for place, row in enumerate(rows):
        first, last = place % len(names) == 0, (place + 1) % len(names) == 0
        span = _("{low} to {high}").format(low=signed(row["low"]), high=signed(row["high"]))
        table.add_row(
            number(row["year"], 0) if first else "",
            names[row["measure"]],
            number(row["without"], 2),
            number(row["with"], 2),
            f"{signed(row['difference'])}\n({span})",
            *(f"{number(100.0 * row[share], 0)}%" for share in ("better", "worse")),
            signed(row["so_far"]),
            end_section=last,
        )
    yield table
    left = rows[-1]["pairs"]
    if left < len(found.without):
        yield _("In the last year a child is still there in {pairs} pairs.").format(pairs=number(left, 0))
    yield _(
        "Scores of 1 to 5, and classmates who like the child. Difference: with its 95% interval. Better, worse: pairs "
        "that differ by {points} points or a classmate. So far: mean difference over all weeks until then."
    ).format(points=number(VISIBLE["conflict"], 2))


def changed_by(difference: float) -> str:
    """A difference in brackets; nothing where it rounds to nothing."""
    text = signed(difference, 1)
    return f" ({text})" if text[0] in "+−" else ""
