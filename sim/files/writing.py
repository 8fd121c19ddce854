"""Files that are there whole or not at all, whatever ends the program that writes them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import get_ident
from typing import Any

__all__ = ["remains", "write_whole"]

ENDING = ".part"


def write_whole(path: Path, content: Any) -> None:
    """Write a file beside its place, bring it to the disk, and move it there.

    Several processes and threads may write the same file: one of them is last, and its file is whole.

    Parameters
    ----------
    path
        The file; its folder must exist.
    content
        All that will be in it: bytes, or what has bytes, such as a buffer of Arrow.

    Raises
    ------
    OSError
        When it cannot be written; what was there before is untouched then, and nothing is left beside it.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{get_ident()}{ENDING}")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync(path.parent)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system knows how."""
    if sys.platform != "win32":
        place = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)


def remains(folder: Path) -> Iterator[Path]:
    """What processes that were killed while they wrote left in a folder; nobody may be writing there now."""
    yield from folder.glob(f".*{ENDING}")
