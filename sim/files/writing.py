"""Writing files so that they are there whole or not at all, whatever ends the program."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

__all__ = ["remove_parts", "write_whole"]

PART = ".part"


def write_whole(path: Path, content: bytes | str, *, durable: bool = False) -> None:
    """Write a file beside its place and move it there; a text as UTF-8.

    Parameters
    ----------
    path
        Where it goes; its folder must exist. What is there is replaced.
    content
        What is written.
    durable
        Whether it is brought to the disk, so that it outlives a power cut; that takes some milliseconds.

    Raises
    ------
    OSError
        When it cannot be written; nothing is left of it then, and what was there is untouched.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{PART}")
    try:
        with part.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
        if durable:
            bring_to_disk(path.parent)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def remove_parts(folder: Path) -> None:
    """Remove what writers left in a folder when they were killed; for whoever knows that nobody writes there now."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)


def bring_to_disk(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system knows how."""
    if sys.platform != "win32":
        place = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)
