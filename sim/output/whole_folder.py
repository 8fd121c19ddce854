"""A folder that appears when all in it is written: it is whole or it is not there.

It is written beside its place and moved there at the end. Who is killed before leaves a hidden folder, which may hold
names of children. Whoever writes in the same place next removes it, and says so.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sim.files.alone import BusyError, alone
from sim.files.language import _
from sim.files.writing import bring_to_disk

__all__ = ["MANIFEST", "OutputError", "check_folder", "refused", "whole_folder"]

MANIFEST = "manifest.json"
UNFINISHED, REPLACED = "unfinished", "replaced"
"""How the names end of a folder that is being written, and of one that is about to be removed."""
LEFT_OVER = re.compile(rf"\.(?P<out>.+)-[a-z0-9_]{{8}}-(?P<what>{UNFINISHED}|{REPLACED})")


class OutputError(Exception):
    """A folder that cannot be written; the message says why."""


def check_folder(out: Path, *, replace: bool) -> None:
    """Check that results may be written to `out`.

    Raises
    ------
    OutputError
        When `out` exists and may not be replaced, or holds something else than results.
    """
    if out.exists():
        if not out.is_dir():
            raise OutputError(_("{path}: is a file, not a folder").format(path=out))
        if any(out.iterdir()):
            if not (out / MANIFEST).is_file():
                raise OutputError(
                    _("{path}: is not empty and holds no results of an earlier run; choose another folder").format(
                        path=out
                    )
                )
            if not replace:
                raise OutputError(
                    _("{path}: holds the results of an earlier run; --replace overwrites them").format(path=out)
                )


@contextmanager
def whole_folder(
    out: Path, *, replace: bool = False, tell: Callable[[str], None] = lambda _message: None
) -> Iterator[Path]:
    """A folder to write into that takes the place of `out` when all has gone well; nobody else writes there meanwhile.

    Parameters
    ----------
    out
        The place.
    replace
        Whether results of an earlier run may be overwritten.
    tell
        Told, in words, what was left by a process that was killed, and what became of it.

    Raises
    ------
    OutputError
        When another process writes there, when `out` exists and may not be replaced, holds something else than
        results, or cannot be written; what was there before is untouched.
    """
    out = out.resolve() if out.is_symlink() else out.absolute()
    with ExitStack() as stack:
        with refused(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            clear(out.parent, tell)
            try:
                stack.enter_context(alone(lock_of(out)))
            except BusyError:
                raise OutputError(_("{path}: another process is writing these results").format(path=out)) from None
            check_folder(out, replace=replace)
            prefix, suffix = f".{out.name}-", f"-{UNFINISHED}"
            folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=out.parent))
        old = folder.with_name(folder.name.removesuffix(UNFINISHED) + REPLACED)
        try:
            yield folder
            with refused(out):
                put_in_place(folder, out, old)
        finally:
            for leftover in (folder, old):
                shutil.rmtree(leftover, ignore_errors=True)


def put_in_place(folder: Path, out: Path, old: Path) -> None:
    """Move a folder that is complete to its place, so that a power cut finds the old or the new one.

    An empty folder that is there already stays, and is filled, the manifest last: somebody may be in it, it may be a
    disk of its own, or have rights that were given to it.
    """
    for path in folder.iterdir():
        with path.open("r+b") as file:
            os.fsync(file.fileno())
    bring_to_disk(folder)
    if out.is_dir() and not any(out.iterdir()):
        for path in sorted(folder.iterdir(), key=lambda path: path.name == MANIFEST):
            shutil.move(path, out / path.name)
        bring_to_disk(out)
        return
    folder.chmod(0o755)
    try:
        if out.exists():
            out.replace(old)
        folder.replace(out)
    except OSError:
        if old.exists() and not out.exists():
            old.replace(out)
        raise
    bring_to_disk(out.parent)


def clear(parent: Path, tell: Callable[[str], None]) -> None:
    """Remove what processes left that were killed while they wrote; earlier results that they had moved come back."""
    for path in sorted(parent.iterdir()):
        found = LEFT_OVER.fullmatch(path.name)
        if not found or path.is_symlink():
            continue
        out = parent / found["out"]
        with suppress(BusyError, OSError), alone(lock_of(out)) as locked:
            if not locked:
                continue  # nobody can tell whether somebody still writes there
            if found["what"] == REPLACED and not out.exists():
                path.replace(out)
                message = _("{path}: is there again; a run that was to replace it was killed")
                tell(message.format(path=out))
            else:
                shutil.rmtree(path)
                message = _("{path}: removed; a run that was killed had left it")
                tell(message.format(path=path))


def lock_of(out: Path) -> Path:
    """The file that who writes to `out` holds."""
    return out.with_name(f".{out.name}.lock")


@contextmanager
def refused(out: Path, kind: type[Exception] = OutputError) -> Iterator[None]:
    """Say what the system refuses.

    Raises
    ------
    Exception
        Of that kind, instead of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise kind(f"{out}: {error.strerror or error}") from None
