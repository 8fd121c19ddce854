"""What a visitor takes home: data, settings, and the code of a link for cameras.

Everything is made in memory and sent to the browser, which saves it. Children's names are in it, as the visitor wants
them; so the browser asks for ``nothing`` as soon as it has a parcel, which takes the parcel out of the session.
"""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from sim.dashboard.choices import OWN, Arm, scenarios
from sim.dashboard.desk import Refused
from sim.dashboard.picture import STATES
from sim.dashboard.stories import story_of
from sim.files.language import _
from sim.files.spreadsheet import as_csv
from sim.files.toml import as_toml
from sim.output.gridware import Trajectory, project
from sim.output.run_folder import data_files
from sim.output.sociogram import write_graphml
from sim.peers import nominations, sociogram
from sim.record import Twins
from sim.run import simulate
from sim.scenario import OF_A_LIST
from sim.state import Initiator, Setting, to_item_mean

if TYPE_CHECKING:
    import pandas as pd

    from sim.dashboard.desk import Question
    from sim.record import Record
    from sim.scenario import Scenario

__all__ = ["answer"]

TAKEN_ALONG: Final = ("page", "package")
"""What plays without the program."""

LONGEST_LINK: Final = 2000
"""Characters; more would give a code that no camera reads from the back of a room."""


class Shown(NamedTuple):
    """One of the classes on the page: which, what it is called there, what was run, and its year."""

    arm: Arm
    label: str
    scenario: Scenario
    record: Record


class Parcel(NamedTuple):
    """A file: its name, its type, and what is in it."""

    name: str
    type: str
    content: bytes


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Make what is asked for as ``what``.

    It is one of `PARCELS` or of `TAKEN_ALONG`, with ``name``, ``type`` and ``content`` (base64) in the answer; ``qr``,
    with ``size`` and ``path`` of the code of ``text`` in the answer; or ``nothing``.

    Raises
    ------
    Refused
        When it is none of these, or cannot be made.
    """
    what = str(question.details.get("what"))
    if what == "nothing":
        yield {}
    elif what == "qr":
        yield code(question.details.get("text"))
    elif what in PARCELS or what in TAKEN_ALONG:
        parcel = (yield from taken_along(question, what)) if what in TAKEN_ALONG else PARCELS[what](question)
        content = base64.b64encode(parcel.content).decode("ascii")
        yield {"what": what}  # the desk sends what follows at once only when all is done: a large parcel goes once
        yield {"what": what, "name": parcel.name, "type": parcel.type, "content": content}
    else:
        raise Refused(_("There is no such file."))


def table(question: Question) -> Parcel:
    """Every child at the end of every week, in both classes, on the scales that the page shows."""
    import pandas as pd

    tables = []
    for _arm, label, _scenario, record in classes_on_page(question):
        calendar, n = record.calendar, len(record.names)
        evenings = np.arange(calendar.weeks + 1) * calendar.days_per_week
        liked = np.array([nominations(record.liking[day])[0].sum(axis=0) for day in evenings])
        columns: dict[str, Any] = {
            _("class"): label,
            _("week"): np.repeat(np.arange(len(evenings)), n),
            _("child"): np.tile(np.array(record.names, dtype=object), len(evenings)),
        }
        columns |= {_(state): to_item_mean(record.children[state][evenings]).ravel() for state in STATES}
        tables.append(pd.DataFrame(columns | {_("liked by classmates"): liked.ravel()}))
    return spreadsheet(question, "weeks", pd.concat(tables))


def contacts(question: Question) -> Parcel:
    """Every contact of the followed child with the teacher, in both classes."""
    import pandas as pd

    begun = {Initiator.CHILD: _("child"), Initiator.TEACHER: _("teacher")}
    about = {
        Setting.TASK: _("a task"),
        Setting.SOCIAL: _("company"),
        Setting.DISCIPLINE: _("a rule"),
        Setting.SESSION: _("a session"),
    }
    tables = []
    for _arm, label, _scenario, record in classes_on_page(question):
        met = record.contacts[record.contacts["child"] == question.child]
        columns: dict[str, Any] = {
            _("class"): label,
            _("week"): np.array([record.calendar.week(int(day)) for day in met["day"]], dtype=int),
            _("school day"): met["day"],
            _("part of the day"): met["time"],
            _("child"): record.names[question.child],
            _("begun by"): [begun[one] for one in met["initiator"]],
            _("about"): [about[one] for one in met["setting"]],
            _("seen by the class"): met["public"],
            _("the child's tone"): met["tone"],
            _("the teacher's answer"): met["response"],
        }
        tables.append(pd.DataFrame(columns))
    return spreadsheet(question, "contacts", pd.concat(tables))


def spreadsheet(question: Question, what: str, data: pd.DataFrame) -> Parcel:
    """Write a table in the dialect that was asked for."""
    content = as_csv(data, decimal_comma=question.details.get("dialect") == "comma")
    return Parcel(file_name(question, f"{what}.csv"), "text/csv", content)


def everything(question: Question) -> Parcel:
    """All data as Parquet files, the same that the command line writes."""
    pair = question.pair
    left = simulate(pair.without)  # anew, for the years on the shelf are without bouts of play
    files = data_files(Twins(left, left if pair.with_ is None else simulate(pair.with_)))
    return Parcel(file_name(question, "data.zip"), "application/zip", zip_files(files))


def grids(question: Question) -> Parcel:
    """Contacts of every child as trajectories on a state-space grid: a project of GridWare."""
    trajectories = (
        Trajectory(arm, label, child, name, record.contacts[record.contacts["child"] == child])
        for arm, label, _scenario, record in classes_on_page(question)
        for child, name in enumerate(record.names)
    )
    return Parcel(file_name(question, "grids.zip"), "application/zip", zip_files(project(trajectories)))


def network(question: Question) -> Parcel:
    """Who likes and who dislikes whom in one class at the end of a week, as GraphML."""
    arm, _label, _scenario, record = one_of(question)
    week = question.details.get("week")
    if not isinstance(week, int) or not 0 <= week <= record.calendar.weeks:
        raise Refused(_("There is no such week."))
    day = record.calendar.last_day(week)
    file = BytesIO()
    write_graphml(sociogram(record.names, record.liking[day].astype(float), record.children["sex"][day]), file)
    return Parcel(file_name(question, f"week-{week}-{arm}.graphml"), "application/xml", file.getvalue())


def settings(question: Question) -> Parcel:
    """Everything that a class depends on, as a scenario that the command line runs."""
    arm, _label, scenario, _record = one_of(question)
    name = file_name(question, f"{arm}.toml")
    heading = "# " + _("The same numbers again: {command}").format(command=f"spiraal run {name}")
    data = with_followed_child(scenario, question).model_dump(mode="json", by_alias=True)
    if scenario.classroom.roster is not None:
        data["class"] |= {key: None for key in OF_A_LIST if key != "roster"}  # the list itself, not where it was read
    return Parcel(name, "application/toml", f"{heading}\n\n{as_toml(data)}".encode())


def with_followed_child(scenario: Scenario, question: Question) -> Scenario:
    """Give a scenario that follows the same child, and has a title."""
    names = [row.name for row in scenario.classroom.rows()]
    changes: dict[str, Any] = {"follow": names[question.child] if question.child < len(names) else None}
    return scenario.changed(**changes, **({} if scenario.title else {"title": _("Your own class")}))


def code(text: object) -> dict[str, Any]:
    """Give the size of the code for cameras of a text, in modules, and a path around the dark ones."""
    import segno

    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_LINK:
        raise Refused(_("The link is too long for a QR code."))
    rows = segno.make(text, error="m", micro=False).matrix
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return {"what": "qr", "text": text, "size": len(rows), "path": path}


def taken_along(question: Question, what: str) -> Generator[Mapping[str, Any], None, Parcel]:
    """Write what the page shows as a page of its own, or as a package for a learning platform.

    The names of children are in it where they were asked for.
    """
    from sim.dashboard.takeaway import TakeawayError, package, steps

    own = question.pair.without.classroom.roster if question.choices.scenario == OWN else None
    writing = steps(question.choices, question.shelf, own, names=question.details.get("names") is True)
    try:
        while True:
            next(writing)
            yield {"what": what}
    except TakeawayError as error:
        raise Refused(str(error)) from None
    except StopIteration as end:
        content = end.value
    if what == "page":
        return Parcel(file_name(question, f"{question.language}.html"), "text/html", content)
    packed = package(content, question.choices)
    return Parcel(file_name(question, f"{question.language}-scorm.zip"), "application/zip", packed)


PARCELS: Final[Mapping[object, Callable[[Question], Parcel]]] = {
    "weeks": table,
    "contacts": contacts,
    "everything": everything,
    "grids": grids,
    "network": network,
    "settings": settings,
}
"""What can be taken home, and what makes it."""


def classes_on_page(question: Question) -> list[Shown]:
    """List the classes that are on the page."""
    pair, both = question.pair, question.shelf.both(question.pair)
    without, with_ = class_labels(question)
    left = Shown("without", without, pair.without, both.without)
    return [left] if pair.with_ is None else [left, Shown("with", with_, pair.with_, both.with_)]


def one_of(question: Question) -> Shown:
    """Find the class that is meant."""
    for one in classes_on_page(question):
        if one.arm == question.details.get("arm"):
            return one
    raise Refused(_("There is no such class."))


def class_labels(question: Question) -> tuple[str, str]:
    """Tell what the page calls the two classes."""
    story = story_of(question.choices.scenario or next(iter(scenarios())))
    if story is None or question.choices.interventions is not None:
        return _("without"), _("with")
    told = story.told(question.language)
    return told["without"], told["with_"]


def file_name(question: Question, end: str) -> str:
    """Name a file after its scenario."""
    scenario = question.choices.scenario or next(iter(scenarios()))
    return f"spiraal-{'own-class' if scenario == OWN else scenario}-{end}"


def zip_files(files: Mapping[str, bytes]) -> bytes:
    """Put files into one; the same files give the same bytes."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as folder:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            folder.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()
