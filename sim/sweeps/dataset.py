"""The folder of a sweep: a manifest, the design, and data in parts that are there whole or not at all.

The name of a part follows from what its numbers depend on, so that it is found again by whoever asks for the same
thing. A part is written beside its place, brought to the disk and moved there. Whatever ends the program, what was
finished stays finished.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock, Timeout
from pydantic import ValidationError

from sim.files.language import _
from sim.files.provenance import Provenance
from sim.files.writing import remove_parts, write_whole
from sim.sweeps.chunk import CHILDREN, DATA, Tables
from sim.sweeps.plugins import Plugin

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["DESIGN", "Dataset", "SweepError", "SweepManifest", "open_dataset", "read_manifest"]

MANIFEST = "manifest.json"
DESIGN = "design.parquet"
LOCK = ".lock"
"""Held, and there, as long as a process writes; the name is hidden, so that it is nobody's content."""
WITHOUT_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}
"""What a file system says that knows no locks."""
IN_WORDS = {"title", "title_nl", "about", "about_nl"}
"""Keys of plan and scenario that no number depends on."""


class SweepError(Exception):
    """A sweep that cannot be run, go on or be read; the message says why."""


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
    each: bool
    class_years: int
    rows: int
    parts: int

    @cached_property
    def key(self) -> str:
        """Hash of all that the numbers depend on."""
        plan = {name: value for name, value in self.plan.items() if name not in {*IN_WORDS, "scenario"}}
        scenario = {name: value for name, value in self.scenario.items() if name not in IN_WORDS}
        rest = self.model_dump(mode="json", include={"parameters", "engine", "cells", "plugins", "rows"})
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
        When the folder has none, or one of something else.
    """
    path = folder / MANIFEST
    try:
        return SweepManifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SweepError(f"{path}: {error.strerror or error}") from None
    except ValidationError:
        raise SweepError(_("{path}: is not the manifest of a sweep").format(path=path)) from None


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

    def file(self, part: int, kind: str = DATA) -> Path:
        """Where a part is."""
        name = hashlib.sha256(f"{self.manifest.key} {part}".encode()).hexdigest()[:12]
        return self.folder / kind / f"part-{part:05d}-{name}.parquet"

    def has(self, part: int) -> bool:
        """Whether a part is finished."""
        return all(self.file(part, kind).exists() for kind in self.kinds)

    def finished(self) -> list[int]:
        """Numbers of the parts that are finished."""
        return [part for part in range(self.manifest.parts) if self.has(part)]

    def damaged(self) -> list[Path]:
        """Files that are there but cannot be right: without a footer, or with a wrong number of rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        found = []
        for part in range(self.manifest.parts):
            for kind in self.kinds:
                path = self.file(part, kind)
                try:
                    rows = pq.read_metadata(path).num_rows
                except FileNotFoundError:
                    continue
                except (pa.ArrowException, OSError):
                    found.append(path)
                    continue
                if kind == DATA and rows != self.manifest.rows_of(part):
                    found.append(path)
        return found

    def write(self, part: int, tables: Tables) -> None:
        """Write a part; the data, which tell that it is finished, go last.

        Raises
        ------
        SweepError
            When it cannot be written.
        """
        for kind in self.kinds:
            keep(self.file(part, kind), as_parquet(tables[kind]))


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
    check(folder, manifest)
    dataset = Dataset(folder, manifest)
    with on_disk(folder):
        for kind in dataset.kinds:
            (folder / kind).mkdir(parents=True, exist_ok=True)
    with alone(folder):
        with on_disk(folder):
            for place in (folder, *(folder / kind for kind in dataset.kinds)):
                remove_parts(place)
        if not (folder / MANIFEST).exists():
            keep(folder / MANIFEST, manifest.text().encode())
        if not (folder / DESIGN).exists():
            keep(folder / DESIGN, as_parquet(table_of(design)))
        damaged = dataset.damaged()
        if damaged and not repair:
            lines = [_("{path}: is damaged").format(path=path) for path in damaged]
            lines.append(_("--repair removes damaged parts and computes them again; nothing else is touched"))
            raise SweepError("\n".join(lines))
        for path in damaged:
            with on_disk(path):
                path.unlink()
        yield dataset


def check(folder: Path, manifest: SweepManifest) -> None:
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
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to the same folder, where its file system can do that.

    A process that is killed holds nothing any more; the next one takes the file that it left.

    Raises
    ------
    SweepError
        When another process writes there, or the folder cannot be written.
    """
    lock = FileLock(folder / LOCK, fallback_to_soft=False)
    with on_disk(folder):
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise SweepError(_("{path}: another process is writing this sweep").format(path=folder)) from None
        except OSError as error:
            if error.errno not in WITHOUT_LOCKS:
                raise
    try:
        yield
    finally:
        if lock.is_locked:
            with suppress(OSError):  # Windows removes no file that is open; there the lock takes it away itself
                (folder / LOCK).unlink(missing_ok=True)
            lock.release()


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
    try:
        write_whole(path, content, durable=True)
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
