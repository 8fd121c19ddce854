"""The folder of a sweep: a manifest, the design, and data in parts that are there whole or not at all.

The name of a part follows from what its numbers depend on, so that it is found again by whoever asks for the same
thing, and ends with a checksum of part and content, so that both are there at the same moment or neither is. A part
is written beside its place, brought to the disk and moved there. Whatever ends the program, what was finished stays
finished.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError

from sim.files.alone import BusyError, alone
from sim.files.checksums import (
    CHECKSUMS,
    ChecksumError,
    Verified,
    content_of,
    is_right,
    read_checked,
    verify_files,
    write_checksums,
)
from sim.files.language import _
from sim.files.provenance import Provenance
from sim.files.writing import remove_parts, write_whole
from sim.output.whole_folder import MANIFEST
from sim.plugins import Plugin
from sim.sweeps.case import Source
from sim.sweeps.chunk import CHILDREN, DATA, Tables
from sim.sweeps.plan import MOST_CLASS_YEARS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["DESIGN", "Dataset", "SweepError", "SweepManifest", "is_sweep", "open_dataset", "read_manifest", "verify"]

DESIGN = "design.parquet"
LOCK = ".lock"
"""Held, and there, as long as a process writes; the name is hidden, so that it is nobody's content."""
PART = re.compile(r"part-(?P<part>\d{5,})-(?P<key>[0-9a-f]{12})(-(?P<checksum>[0-9a-f]{16}))?\.parquet")
"""Name of a part; that of version 0.3.0 has no checksum."""
IN_WORDS = {"title", "title_nl", "about", "about_nl"}
"""Keys of plan and scenario that no number depends on."""


class SweepError(Exception):
    """A sweep that cannot be run, go on or be read; the message says why."""


Count = Annotated[int, Field(ge=0, le=MOST_CLASS_YEARS)]


class SweepManifest(Provenance):
    """What a sweep depends on, and what it was made with.

    Attributes
    ----------
    plan, scenario
        In full; the scenario with its class list.
    parameters
        Value of every parameter in the scenario.
    engine
        Digest of the fingerprint: of all that the numbers depend on beside what the manifest holds.
    cells
        Hash of the design: all cells.
    plugins
        Files with interventions.
    sources
        The scenarios and class lists that cells name, by name.
    each
        Whether there are data of each child.
    class_years, rows, parts
        Classes in all, in one part of the data (the last one may have fewer), and how many parts that makes.
    """

    kind: Literal["sweep"] = "sweep"
    plan: dict[str, Any]
    scenario: dict[str, Any]
    parameters: dict[str, float]
    engine: str
    cells: str
    plugins: tuple[Plugin, ...]
    sources: dict[str, Source] = Field(default_factory=dict)
    each: bool
    class_years: Count
    rows: Count
    parts: Count

    @cached_property
    def key(self) -> str:
        """Hash of all that the numbers depend on."""
        plan = {name: value for name, value in self.plan.items() if name not in {*IN_WORDS, "scenario"}}
        scenario = {name: value for name, value in self.scenario.items() if name not in IN_WORDS}
        rest = self.model_dump(mode="json", include={"parameters", "engine", "cells", "plugins", "rows"})
        if self.sources:
            rest["sources"] = {name: [source.content, source.parameters] for name, source in self.sources.items()}
        content = json.dumps({"plan": plan, "scenario": scenario, **rest}, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def text(self) -> str:
        """The manifest as JSON, with the key."""
        return json.dumps({"key": self.key, **self.model_dump(mode="json")}, indent=2) + "\n"

    def rows_of(self, part: int) -> int:
        """Classes in a part of the data."""
        return min(self.rows, self.class_years - part * self.rows)


def read_manifest(folder: Path) -> SweepManifest:
    """The manifest of a sweep.

    Raises
    ------
    SweepError
        When the folder has none, one that is damaged, or one of something else.
    """
    path = folder / MANIFEST
    try:
        SweepManifest.model_validate_json(content_of(path))  # what is none at all is said to be none
        return SweepManifest.model_validate_json(read_checked(path))
    except ChecksumError as error:
        raise SweepError(str(error)) from None
    except OSError as error:
        raise SweepError(f"{path}: {error.strerror or error}") from None
    except ValidationError:
        raise SweepError(_("{path}: is not the manifest of a sweep").format(path=path)) from None


def is_sweep(folder: Path) -> bool:
    """Whether the manifest in a folder says that it is of a sweep."""
    try:
        manifest = json.loads(content_of(folder / MANIFEST))
    except (OSError, ValueError):
        return (folder / DESIGN).exists()
    return isinstance(manifest, dict) and manifest.get("kind") == "sweep"


def differences(then: SweepManifest, now: SweepManifest) -> list[str]:
    """What is not the same in two sweeps, in words."""
    lines = []
    for part in ("plan", "scenario", "parameters"):
        was, is_ = flat(getattr(then, part)), flat(getattr(now, part))
        told = {*IN_WORDS, "seed"} if part == "scenario" else IN_WORDS  # its seed is that of the plan
        for key in dict.fromkeys((*was, *is_)):
            if was.get(key) != is_.get(key) and key not in told:
                message = _("{key} of the {part}: was {was}, is {now}")
                lines.append(message.format(key=key, part=part, was=was.get(key, "–"), now=is_.get(key, "–")))
    named = dict.fromkeys((*then.sources, *now.sources))
    others = [name for name in named if then.sources.get(name) != now.sources.get(name)]
    lines += [_("{name}: is another scenario or class list than it was").format(name=name) for name in others]
    if then.plugins != now.plugins:
        lines.append(_("the plug-ins are others"))
    if then.engine != now.engine:
        changed = ", ".join(then.changed_since(now.fingerprint)) or then.spiraal
        lines.append(_("the numbers come from another program; not the same are: {changed}").format(changed=changed))
    return lines or [_("the cells of the design are others")]


def flat(value: object, before: str = "") -> dict[str, object]:
    """Plain data as dotted keys with values."""
    if isinstance(value, Mapping):
        entries = list(value.items())
    elif isinstance(value, list):
        entries = list(enumerate(value))
    else:
        return {before: value}
    found: dict[str, object] = {}
    for key, inner in entries:
        found |= flat(inner, f"{before}.{key}" if before else str(key))
    return found


class Dataset:
    """The parts of a sweep in a folder.

    Parameters
    ----------
    folder
        Where they are, or will be.
    manifest
        What they belong to.
    """

    def __init__(self, folder: Path, manifest: SweepManifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self.kinds = (CHILDREN, DATA) if manifest.each else (DATA,)

    def files(self, kind: str = DATA) -> dict[int, Path]:
        """Where the parts are that are there, by number."""
        return {part: path for part, path in sorted(self.all_files(kind)) if part < self.manifest.parts}

    def all_files(self, kind: str) -> Iterator[tuple[int, Path]]:
        """Number and place of every file that has the name of a part of this sweep."""
        folder = self.folder / kind
        for path in folder.iterdir() if folder.is_dir() else ():
            name = PART.fullmatch(path.name)
            if name and name["key"] == self.key_of(int(name["part"])):
                yield int(name["part"]), path

    def key_of(self, part: int) -> str:
        """What the name of a part has of the hash of all that its numbers depend on."""
        return hashlib.sha256(f"{self.manifest.key} {part}".encode()).hexdigest()[:12]

    def checksum(self, part: int, kind: str, content: bytes) -> str:
        """What the name of a part has of the checksum; the same content as another part has another one."""
        return hashlib.sha256(f"{self.manifest.key} {part} {kind}\n".encode() + content).hexdigest()[:16]

    def finished(self) -> list[int]:
        """Numbers of the parts that are finished."""
        return sorted(set.intersection(*(set(self.files(kind)) for kind in self.kinds)))

    def damaged(self) -> list[Path]:
        """Files of parts that are not as they were written."""
        return sorted(
            path for kind in self.kinds for part, path in self.all_files(kind) if not self.is_right(part, kind, path)
        )

    def is_right(self, part: int, kind: str, path: Path) -> bool:
        """Whether a part is as it was written; one without a checksum, whether it can be read and has all rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if checksum := checksum_in(path):
            return self.checksum(part, kind, content_of(path)) == checksum
        try:
            rows = pq.read_metadata(path).num_rows
        except (pa.ArrowException, OSError):
            return False
        return kind != DATA or rows == self.manifest.rows_of(part)

    def write(self, part: int, tables: Tables) -> None:
        """Write a part; the data, which tell that it is finished, go last.

        Raises
        ------
        SweepError
            When it cannot be written.
        """
        for kind in self.kinds:
            content = as_parquet(tables[kind])
            name = f"part-{part:05d}-{self.key_of(part)}-{self.checksum(part, kind, content)}.parquet"
            keep(self.folder / kind / name, content)
            for there, path in list(self.all_files(kind)):
                if there == part and path.name != name:  # the same numbers as another library has written them
                    path.unlink()


def checksum_in(path: Path) -> str:
    """The checksum in the name of a part; empty where there is none."""
    name = PART.fullmatch(path.name)
    return (name and name["checksum"]) or ""


def verify(folder: Path) -> Verified:
    """Compare all files of a sweep with their checksums.

    Raises
    ------
    SweepError
        When the folder holds no sweep, or its manifest is damaged.
    """
    with on_disk(folder):
        dataset = Dataset(folder, read_manifest(folder))
        found = verify_files(folder, (MANIFEST, DESIGN))
        parts = {path: (part, kind) for kind in (CHILDREN, DATA) for part, path in dataset.all_files(kind)}
        for path in sorted(entry for kind in (CHILDREN, DATA) for entry in (folder / kind).glob("[!.]*")):
            if path not in parts:
                found += Verified(0, (_("{path}: is no part of this sweep").format(path=path),), ())
            elif not dataset.is_right(*parts[path], path):
                found += Verified(0, (_("{path}: is damaged").format(path=path),), ())
            else:
                known = bool(checksum_in(path))
                found += Verified(int(known), (), () if known else (path,))
    return found


@contextmanager
def open_dataset(folder: Path, manifest: SweepManifest, design: pd.DataFrame, *, repair: bool) -> Iterator[Dataset]:
    """The dataset of a sweep, to write to: a new one, or the one that is there already.

    Parameters
    ----------
    folder
        Its folder, which may not be there yet.
    manifest, design
        What the dataset has to belong to.
    repair
        Whether damaged parts are removed.

    Raises
    ------
    SweepError
        When the folder holds something else, damaged parts, or cannot be written; nothing in it has changed then.
    """
    check(folder, manifest, repair=repair)
    dataset = Dataset(folder, manifest)
    with on_disk(folder):
        for kind in dataset.kinds:
            (folder / kind).mkdir(parents=True, exist_ok=True)
    with alone_in(folder):
        with on_disk(folder):
            for place in (folder, *(folder / kind for kind in dataset.kinds)):
                remove_parts(place)
            damaged = [*damaged_beside_parts(folder), *dataset.damaged()]
            if damaged and not repair:
                lines = [_("{path}: is damaged").format(path=path) for path in damaged]
                lines.append(_("--repair removes damaged parts and computes them again; nothing else is touched"))
                raise SweepError("\n".join(lines))
            for path in damaged:
                path.unlink()
            if not all((folder / name).exists() for name in (MANIFEST, DESIGN, CHECKSUMS)):
                begin(folder, manifest, design)
        yield dataset


def damaged_beside_parts(folder: Path) -> list[Path]:
    """Files of a sweep that are damaged and no parts; where the checksums are, nothing can be said of the others."""
    if not is_right(folder / CHECKSUMS):
        return [folder / CHECKSUMS]
    return [path for path in (folder / MANIFEST, folder / DESIGN) if path.exists() and not is_right(path)]


def begin(folder: Path, manifest: SweepManifest, design: pd.DataFrame) -> None:
    """Write what stands beside the parts; the checksums last, so that they are never of anything else."""
    (folder / CHECKSUMS).unlink(missing_ok=True)
    keep(folder / MANIFEST, manifest.text().encode())
    keep(folder / DESIGN, as_parquet(table_of(design)))
    with keeping(folder / CHECKSUMS):
        write_checksums(folder, (MANIFEST, DESIGN))


def check(folder: Path, manifest: SweepManifest, *, repair: bool) -> None:
    """Check that a folder is free for a sweep, or holds this very one.

    Raises
    ------
    SweepError
        When it does not.
    """
    with on_disk(folder):
        if not folder.exists():
            return
        if not folder.is_dir():
            raise SweepError(_("{path}: is a file, not a folder").format(path=folder))
        found = {entry.name for entry in folder.iterdir() if not entry.name.startswith(".")}
        if repair and found <= {MANIFEST, DESIGN, CHECKSUMS, DATA, CHILDREN} and Dataset(folder, manifest).finished():
            return  # the names of parts tell that it is this sweep, whatever has become of the manifest
    if MANIFEST not in found:
        if found - {DATA, CHILDREN} or any(path.is_file() for kind in found for path in (folder / kind).iterdir()):
            raise SweepError(_("{path}: holds something else; choose another folder").format(path=folder))
        return
    there = read_manifest(folder)
    if there.key != manifest.key:
        lines = [f"{folder}: {line}" for line in differences(there, manifest)]
        lines.append(_("{path}: holds another sweep; choose another folder").format(path=folder))
        raise SweepError("\n".join(lines))


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to the same folder.

    Raises
    ------
    SweepError
        When another process writes there, or the folder cannot be written.
    """
    with ExitStack() as stack:
        with on_disk(folder):
            try:
                stack.enter_context(alone(folder / LOCK))
            except BusyError:
                raise SweepError(_("{path}: another process is writing this sweep").format(path=folder)) from None
        yield


@contextmanager
def on_disk(path: Path) -> Iterator[None]:
    """Say what the disk refuses, and where.

    Raises
    ------
    SweepError
        Instead of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise SweepError(f"{error.filename or path}: {error.strerror or error}") from None


def keep(path: Path, content: bytes) -> None:
    """Write a file of a sweep, whole.

    Raises
    ------
    SweepError
        When it cannot be written; nothing is left of it then.
    """
    with keeping(path):
        write_whole(path, content, durable=True)


@contextmanager
def keeping(path: Path) -> Iterator[None]:
    """Say that a file could not be written, and what that means for the sweep.

    Raises
    ------
    SweepError
        Instead of an OSError.
    """
    try:
        yield
    except OSError as error:
        message = _("{path}: {why}; what was finished is kept, and the same command goes on from there")
        raise SweepError(message.format(path=path, why=error.strerror or error)) from None


def as_parquet(table: pa.Table) -> bytes:
    """A table as the content of a Parquet file; the same table gives the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = pa.BufferOutputStream()
    pq.write_table(table, content, compression="zstd", use_dictionary=False)  # hardly any number is there twice
    return bytes(content.getvalue().to_pybytes())


def table_of(design: pd.DataFrame) -> pa.Table:
    """The design without what pandas would add to it."""
    import pyarrow as pa

    return pa.table({str(key): pa.array(design[key].tolist()) for key in design})
