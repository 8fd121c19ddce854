"""Writing what a run gave into a folder, and running it again from its manifest.

The manifest holds all that the data depend on, so that `rerun` gives the same bytes. Plug-ins are kept beside it; they
are programs, and run again only when the user trusts them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from sim.files.checksums import (
    CHECKSUMS,
    ChecksumError,
    Verified,
    content_of,
    read_checked,
    sha256,
    verify_files,
    write_checksums,
)
from sim.files.fingerprint import Fingerprint, fingerprint
from sim.files.language import _, current, number
from sim.files.provenance import Provenance
from sim.files.spreadsheet import write_table
from sim.files.toml import as_toml
from sim.interventions import REGISTRY
from sim.mechanisms import replaced_by
from sim.output.sociogram import write_edges, write_graphml
from sim.output.whole_folder import MANIFEST, OutputError, check_folder, refused, whole_folder
from sim.parameters import PARAMETERS
from sim.peers import sociogram
from sim.plugins import Plugin, check_trust, install
from sim.record import Record, Twins
from sim.run import twins
from sim.scenario import Scenario, describe, parse
from sim.state import CHILD_DTYPE, TEACHER_DTYPE, Initiator, Setting
from sim.worlds import plausible
from sim.year.dyad_words import Prospect, prospects
from sim.year.events import Event, difference_events, events, in_words
from sim.year.in_worlds import WorldPairs, in_worlds
from sim.year.interpersonal import interpersonal_table
from sim.year.network import network_table
from sim.year.outcomes import outcome_table
from sim.year.protagonist import protagonist

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "DATA",
    "MANIFEST",
    "Figures",
    "ManifestError",
    "OutputError",
    "Rerun",
    "ResultsManifest",
    "RunManifest",
    "arrow",
    "check_folder",
    "check_worlds",
    "data_files",
    "has_key",
    "kept_plugins",
    "log_in_words",
    "made_again",
    "parquet",
    "read_manifest",
    "rerun",
    "scenario_of",
    "trusted_plugins",
    "verify",
    "whole_folder",
    "write_manifest",
    "write_results",
    "write_scenario",
]

TABLES: Mapping[str, Callable[[Twins], pd.DataFrame]] = {
    "outcomes": outcome_table,
    "network": network_table,
    "interpersonal": interpersonal_table,
}
"""Tables of both arms, which are written for spreadsheets and as data."""
BY_ARM = ("contacts.parquet", "days.parquet", "liking.parquet", "play.parquet", "teacher.parquet")
"""Data with the two arms below each other."""
DATA = tuple(sorted((*BY_ARM, *(f"{name}.parquet" for name in TABLES))))
WORLDS = "worlds"
"""Table of what plausible worlds say, where they were asked."""
ARMS = ("without", "with")
KEPT = "plugin-"
NO_WORD = re.compile(r"[^\w.-]|^\.")
"""What the name of a file that is kept with results may not have: it may come from somebody else's results."""


class Figures(StrEnum):
    """Which figures a run draws."""

    FEW = "few"
    ALL = "all"


class ManifestError(Exception):
    """A manifest that cannot be used; the message says why."""


def write_results(
    result: Twins,
    folder: Path,
    *,
    plugins: Sequence[Plugin] = (),
    worlds: WorldPairs | None = None,
    figures: Figures = Figures.FEW,
    progress: Callable[[str], None] = lambda _step: None,
    tell: Callable[[str], None] = lambda _what: None,
) -> None:
    """Write tables, figures, words, data, manifest and checksums of a pair of runs into a folder.

    Parameters
    ----------
    result
        The pair.
    folder
        An empty folder; `whole_folder` gives one that appears when everything is written.
    plugins
        Plug-ins that were used; they are kept with the results.
    worlds
        What plausible worlds say, where they were asked.
    figures
        Which figures.
    progress
        Told, in words, what is being written.
    tell
        Told of names that pictures cannot show.

    Raises
    ------
    OutputError
        When a file cannot be written.
    """
    scenario = result.with_.scenario
    child = protagonist(result.with_)
    with refused(folder):
        go = prospects(result, child)
        progress(_("data"))
        write_data(result, worlds, folder)
        for name, table in TABLES.items():
            write_table(table(result), folder / f"{name}.csv")
        if worlds is not None:
            write_table(worlds.table(), folder / f"{WORLDS}.csv")
        for record, arm in ((result.without, ARMS[0]), (result.with_, ARMS[1])):
            write_sociograms(record, arm, folder)
        progress(_("figures"))
        write_figures(result, child, go, folder, figures, tell)
        progress(_("words"))
        (folder / "events.md").write_text(log_in_words(result, child, go()), encoding="utf-8")
        written = write_scenario(scenario, folder)
        write_manifest(
            RunManifest,
            folder,
            plugins,
            twins.__module__,
            scenario=written,
            parameters=dict(scenario.values()),
            worlds=None if worlds is None else plausible().fingerprint,
        )


def write_data(result: Twins, worlds: WorldPairs | None, folder: Path) -> None:
    """Write the Parquet files."""
    for name, content in data_files(result, worlds).items():
        (folder / name).write_bytes(content)


def data_files(result: Twins, worlds: WorldPairs | None = None) -> dict[str, bytes]:
    """The Parquet files, by name: those of `DATA`, and one of worlds that were asked. A pair gives the same bytes."""
    tables = data_tables(result)
    if worlds is not None:
        tables[f"{WORLDS}.parquet"] = arrow(worlds.table())
    return {name: parquet(tables[name]) for name in sorted(tables)}


def parquet(table: pa.Table) -> bytes:
    """A table as the content of a file."""
    import pyarrow.parquet as pq

    file = BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def arrow(table: pd.DataFrame) -> pa.Table:
    """A table as Arrow has it, without an index."""
    import pyarrow as pa

    return pa.table({column: pa.array(values.to_numpy(), from_pandas=True) for column, values in table.items()})


def data_tables(result: Twins) -> dict[str, pa.Table]:
    """The data of both arms as Arrow tables, by file name."""
    import pyarrow as pa

    parts: dict[str, list[pa.Table]] = {name: [] for name in BY_ARM}
    for arm, record in zip(ARMS, (result.without, result.with_), strict=True):
        parts["contacts.parquet"].append(pa.table(contact_columns(arm, record)))
        parts["play.parquet"].append(pa.table(play_columns(arm, record)))
        parts["days.parquet"].append(pa.table(day_columns(arm, record)))
        parts["teacher.parquet"].append(pa.table(teacher_columns(arm, record)))
        parts["liking.parquet"].append(pa.table(liking_columns(arm, record)))
    tables = {name: pa.concat_tables(tables) for name, tables in parts.items()}
    return tables | {f"{name}.parquet": arrow(table(result)) for name, table in TABLES.items()}


def labels(choices: Sequence[str], codes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Names for numbers."""
    named: np.ndarray[Any, Any] = np.array([choice.lower() for choice in choices])[codes]
    return named


def contact_columns(arm: str, record: Record) -> dict[str, Any]:
    """Columns of contacts.parquet."""
    log = record.contacts
    return {
        "arm": np.full(len(log), arm),
        "day": log["day"],
        "time": log["time"],
        "child": log["child"],
        "name": np.array(record.names)[log["child"]],
        "initiator": labels([entry.name for entry in Initiator], log["initiator"]),
        "setting": labels([entry.name for entry in Setting], log["setting"]),
        "public": log["public"].astype(bool),
        **{
            name: log[name]
            for name in ("lead", "tone", "perceived", "response", "felt", "turns", "second_tone", "second_response")
        },
    }


def play_columns(arm: str, record: Record) -> dict[str, Any]:
    """Columns of play.parquet."""
    return {
        "arm": np.full(len(record.play), arm),
        **{name: record.play[name] for name in record.play.dtype.names or ()},
    }


def day_columns(arm: str, record: Record) -> dict[str, Any]:
    """Columns of days.parquet: one row a child and evening."""
    evenings, n = record.children.shape
    day = np.repeat(np.arange(evenings), n)
    return {
        "arm": np.full(evenings * n, arm),
        "day": day,
        "week": np.array([record.calendar.week(d) for d in range(evenings)])[day],
        "child": np.tile(np.arange(n), evenings),
        "name": np.tile(np.array(record.names), evenings),
        **{name: record.children[name].ravel() for name in CHILD_DTYPE.names or ()},
        "acceptance": record.acceptance.ravel(),
    }


def teacher_columns(arm: str, record: Record) -> dict[str, Any]:
    """Columns of teacher.parquet: one row an evening."""
    evenings = len(record.teacher)
    return {
        "arm": np.full(evenings, arm),
        "day": np.arange(evenings),
        **{name: record.teacher[name] for name in TEACHER_DTYPE.names or ()},
    }


def liking_columns(arm: str, record: Record) -> dict[str, Any]:
    """Columns of liking.parquet: who likes whom how much, at each wave."""
    n = len(record.names)
    who, whom = np.nonzero(~np.eye(n, dtype=bool))
    days = list(record.calendar.waves.values())
    return {
        "arm": np.full(len(days) * len(who), arm),
        "day": np.repeat(days, len(who)),
        "who": np.tile(who, len(days)),
        "whom": np.tile(whom, len(days)),
        "liking": np.concatenate([record.liking[day][who, whom] for day in days]),
    }


def write_sociograms(record: Record, arm: str, folder: Path) -> None:
    """Sociogram at the start and the end as GraphML and as an edge list."""
    for moment, day in (("start", 0), ("end", record.calendar.days)):
        graph = sociogram(record.names, record.liking[day].astype(float), record.children["sex"][day])
        write_graphml(graph, folder / f"sociogram-{arm}-{moment}.graphml")
        write_edges(graph, folder / f"sociogram-{arm}-{moment}.csv")


def write_figures(
    result: Twins,
    child: int,
    go: Callable[[], tuple[Prospect, Prospect]],
    folder: Path,
    which: Figures,
    tell: Callable[[str], None],
) -> None:
    """Trajectories, and where all are wanted sociograms, phase portraits and state-space grid, as PNG and SVG."""
    from sim.output import fonts, plots  # which takes a while: meanwhile prospects are worked out

    plots.save(plots.trajectories(result, child), folder / "trajectories")
    if which is Figures.ALL:
        for record, arm, goes in zip((result.without, result.with_), ARMS, go(), strict=True):
            plots.save(plots.sociograms(record, child), folder / f"sociogram-{arm}")
            plots.save(plots.phase_portrait(record, child, goes=goes), folder / f"phase-portrait-{arm}")
        plots.save(plots.state_space_grids(result, child), folder / "state-space-grid")
    names = result.without.names
    if said := fonts.notice(names if which is Figures.ALL else [names[child]]):
        tell(said)


def log_in_words(result: Twins, child: int, go: tuple[Prospect, Prospect]) -> str:
    """The log of the events that mattered, as Markdown in the current language; names are escaped.

    Parameters
    ----------
    result
        The pair.
    child
        Number of the child that is followed.
    go
        Where its relationship goes from the end of the year, in the two classes.
    """
    names = tuple(markdown(name) for name in result.without.names)
    heading = _("What happened")
    scenario = result.with_.scenario
    lines = [f"# {heading}", "", markdown(scenario.titled(current())), ""]
    if scenario.mechanism is not None:
        lines += [_("Mechanism: {name}").format(name=markdown(scenario.mechanism)), ""]
    if result.with_.interventions:
        titles = (REGISTRY[name].title for name in result.with_.interventions)
        programmes = ", ".join(_(title) for title in dict.fromkeys(titles))
        without = tuple(event for event in events(result.without, child) if event.kind != "programme")
        with_ = tuple(sorted((*events(result.with_, child), *difference_events(result, child))))
        heading = _("Without: {name} and the class").format(name=names[child])
        lines += section(heading, without, go[0], names)
        heading = _("With {programmes}: {name} and the class").format(programmes=programmes, name=names[child])
        lines += section(heading, with_, go[1], names)
    else:
        heading = _("{name} and the class").format(name=names[child])
        lines += section(heading, events(result.without, child), go[0], names)
    others = [
        event
        for event in events(result.with_)
        if not event.about_class and event.child != child and "moment" not in event.kind
    ]
    if others:
        heading = _("The other children")
        lines += [f"## {heading}", "", *items(others, names), ""]
    lines.append(_("This is a simulation: an illustration of how relationships can develop, not a diagnosis."))
    return "\n".join(lines) + "\n"


def section(heading: str, told: Sequence[Event], goes: Prospect, names: tuple[str, ...]) -> list[str]:
    """Lines of one part of the log: events, and where the relationship stands at the end."""
    listed = items(told, names) or ["- " + _("Nothing out of the ordinary.")]
    return [f"## {heading}", "", *listed, "", goes_in_words(goes), ""]


def items(told: Sequence[Event], names: tuple[str, ...]) -> list[str]:
    """Events as items of a list."""
    line = _("Week {week}: {what}")
    return ["- " + line.format(week=event.week, what=markdown_names(event, names)) for event in told]


def markdown_names(event: Event, names: tuple[str, ...]) -> str:
    """An event in words with names escaped for Markdown."""
    escaped = tuple(markdown(name) for name in event.names)
    return in_words(dataclasses.replace(event, names=escaped), names)


def markdown(text: str) -> str:
    """Text in which nothing is taken for Markdown or HTML."""
    for character in "\\`*_{}[]()#+!|>~":
        text = text.replace(character, f"\\{character}")
    return text.replace("<", "&lt;")


def goes_in_words(goes: Prospect) -> str:
    """Loop gain and basin of a dyad at the end of the year, as a paragraph."""
    stands = _("At the end of the year the loop gain is {gain} a week.").format(gain=number(goes.gain.factor, 3))
    return " ".join([stands, *goes.sentences])


def write_scenario(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """Write a scenario in full; gives it as a manifest has it."""
    written = scenario.model_dump(mode="json", by_alias=True)
    (folder / "scenario.toml").write_text(as_toml(written), encoding="utf-8")
    return written


def write_manifest(
    kind: type[ResultsManifest], folder: Path, plugins: Sequence[Plugin], program: str, **told: Any
) -> None:
    """Write the manifest, and checksums of all files; plug-ins are kept beside it.

    Parameters
    ----------
    kind
        Which manifest.
    folder
        Where everything else is written already.
    plugins
        Plug-ins that were used.
    program
        Name of the module that made the data.
    **told
        What this kind tells beyond `ResultsManifest`.
    """
    kept = []
    for place, plugin in enumerate(plugins, start=1):
        name = f"{KEPT}{place}-{NO_WORD.sub('_', plugin.name)}"
        (folder / name).write_bytes(plugin.source.encode())
        kept.append(KeptPlugin(file=name, sha256=plugin.sha256))
    data = {path.name: sha256(path) for path in sorted(folder.glob("*.parquet"))}
    manifest = kind(fingerprint=fingerprint_of(program, told), plugins=kept, data=data, **told)
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    write_checksums(folder, (path.name for path in folder.iterdir()))


def fingerprint_of(program: str, told: Mapping[str, Any]) -> Fingerprint:
    """What the data of a manifest depend on: a module, and the mechanism of a scenario or trial that it tells of."""
    found, scenario = fingerprint(program), {**told.get("trial", {}), **told.get("scenario", {})}
    return dataclasses.replace(found, replaced={**found.replaced, **replaced_by(scenario.get("mechanism"))})


class KeptPlugin(BaseModel):
    """A plug-in that is kept with the results."""

    file: str
    sha256: str


class ResultsManifest(Provenance):
    """What the manifest of every folder of results tells: plug-ins that are kept, and checksums of the data."""

    plugins: list[KeptPlugin]
    data: dict[str, str]


class RunManifest(ResultsManifest):
    """The manifest of a run: scenario and seed, and the values of all parameters."""

    scenario: dict[str, Any]
    parameters: dict[str, float]
    worlds: str | None = None
    """Fingerprint of the plausible worlds, where they were asked."""


M = TypeVar("M", bound=ResultsManifest)


def read_manifest(path: Path, kind: type[M]) -> M:
    """A manifest of a kind, which has all it needs.

    Raises
    ------
    ManifestError
        When the file cannot be read, is damaged, or is no manifest.
    """
    try:
        return kind.model_validate_json(read_checked(path))
    except ChecksumError as error:
        raise ManifestError(str(error)) from None
    except OSError as error:
        raise ManifestError(f"{path}: {error.strerror or error}") from None
    except ValidationError as error:
        lines = [_("{path}: is not a manifest").format(path=path)]
        lines += [f"{path}: {describe(problem)}" for problem in error.errors()]
        raise ManifestError("\n".join(lines)) from None


@dataclass(frozen=True)
class Rerun:
    """Results that were made again, beside those of then.

    Attributes
    ----------
    write
        Writes them into an empty folder, and tells, in words, which names the figures of this computer cannot show.
    differing
        Names of the data files that are not those that the manifest describes.
    other_versions
        What of program, Python, computer and libraries is another by now: what it was, and what it is.
    changed
        Parts of the program that are not as they were.
    kept
        What became of the files that stand beside the manifest.
    """

    write: Callable[[Path, Callable[[str], None]], None]
    differing: tuple[str, ...]
    other_versions: Mapping[str, tuple[str, str]]
    changed: tuple[str, ...]
    kept: Verified


def verify(folder: Path) -> Verified:
    """Compare all files of results with their checksums; runs of version 0.3.0 have them of their data only.

    Raises
    ------
    ManifestError
        When the folder holds no results, or its manifest is damaged.
    """
    manifest = read_manifest(folder / MANIFEST, ResultsManifest)
    try:
        there = {path.name for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()}
        found = verify_files(folder, {*there, *manifest.data} - {CHECKSUMS})
        known = manifest.data | {plugin.file: plugin.sha256 for plugin in manifest.plugins}
        right, wrong = 0, []
        for path in found.unknown:
            if path.name not in known:
                continue
            if path.is_file() and sha256(path) == known[path.name]:
                right += 1
            else:
                wrong.append(_("{path}: is missing or damaged").format(path=path))
    except OSError as error:
        raise ManifestError(f"{error.filename or folder}: {error.strerror or error}") from None
    unknown = tuple(path for path in found.unknown if path.name not in known)
    return Verified(found.right + right, (*found.wrong, *wrong), unknown)


def kept_plugins(manifest: ResultsManifest, folder: Path) -> tuple[Plugin, ...]:
    """The plug-ins that are kept in a folder of results, read and not run.

    Raises
    ------
    ManifestError
        When one is missing, or is not the one that was used.
    """
    plugins = []
    for entry in manifest.plugins:
        path = folder / Path(entry.file).name
        try:
            name = re.sub(rf"^{KEPT}\d+-", "", path.name)
            plugin = Plugin(name, content_of(path).decode("utf-8"))
        except (OSError, ValueError):
            plugin = None
        if plugin is None or plugin.sha256 != entry.sha256:
            raise ManifestError(_("{path}: is missing, or is not the plug-in that was used").format(path=path))
        plugins.append(plugin)
    return tuple(plugins)


def rerun(path: Path, *, trust_plugins: bool = False) -> Rerun:
    """Run again what a manifest describes, and compare the data with what it recorded.

    Parameters
    ----------
    path
        The manifest.
    trust_plugins
        Whether plug-ins that are kept with it may run.

    Raises
    ------
    ManifestError
        When the manifest, or a plug-in kept with it, cannot be used.
    UntrustedError
        When there are plug-ins, and they may not run.
    PluginError, ScenarioError
        When what it holds is not valid.
    """
    manifest = read_manifest(path, RunManifest)
    plugins = trusted_plugins(manifest, path, trust_plugins=trust_plugins)
    result, worlds = twins(scenario_of(manifest, path)), None
    if manifest.worlds is not None:
        check_worlds(manifest.worlds, path)
        worlds = in_worlds(parse(manifest.scenario, str(path)), range(len(plausible())), protagonist(result.with_))

    def write(folder: Path, tell: Callable[[str], None]) -> None:
        write_results(result, folder, plugins=plugins, worlds=worlds, tell=tell)

    return made_again(manifest, path, data_files(result, worlds), twins.__module__, write)


def scenario_of(manifest: RunManifest, path: Path) -> Scenario:
    """The scenario of a manifest, with the values that all parameters had then."""
    then = {name: value for name, value in manifest.parameters.items() if name in PARAMETERS}
    others = {name: value for name, value in then.items() if value != PARAMETERS[name].value}
    return parse({**manifest.scenario, "parameters": others}, str(path))


def has_key(path: Path, key: str) -> bool:
    """Whether a manifest has a key by which its kind is known."""
    try:
        return key in json.loads(read_checked(path))
    except Exception:  # noqa: BLE001 - whoever reads it next says what is wrong with it
        return False


def trusted_plugins(manifest: ResultsManifest, path: Path, *, trust_plugins: bool) -> tuple[Plugin, ...]:
    """Make the plug-ins available that are kept beside a manifest; see `rerun`."""
    plugins = kept_plugins(manifest, path.parent)
    check_trust(plugins, path.parent, trusted=trust_plugins)
    install(plugins)
    return plugins


def check_worlds(fingerprint_then: str, path: Path) -> None:
    """Check that the plausible worlds are still those that a manifest asks.

    Raises
    ------
    ManifestError
        When they are not.
    """
    if fingerprint_then != plausible().fingerprint:
        raise ManifestError(
            _("{path}: asks plausible worlds that are no longer those of the program").format(path=path)
        )


def made_again(
    manifest: ResultsManifest,
    path: Path,
    files: Mapping[str, bytes],
    program: str,
    write: Callable[[Path, Callable[[str], None]], None],
) -> Rerun:
    """Hold data that were made again against those of then.

    Parameters
    ----------
    manifest, path
        What was kept, and where.
    files
        The data of now, by the names of their files.
    program
        Name of the module that makes them.
    write
        See `Rerun`.
    """
    now = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    unlike = tuple(name for name, sha256 in now.items() if manifest.data.get(name) != sha256)
    kept = verify(path.parent) if path.name == MANIFEST else Verified(0, (), ())
    changed = manifest.changed_since(fingerprint_of(program, dict(manifest)))
    return Rerun(write, unlike, manifest.other_versions(), tuple(changed), kept)
