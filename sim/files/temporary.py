"""Folders that are there for a while. What a process left there that was killed is removed by the next one."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.files.alone import BusyError, alone

__all__ = ["temporary_folder"]

PREFIX, LOCK = "spiraal-", ".lock"
OURS = re.compile(rf"{PREFIX}[a-z0-9_]{{8}}")
A_DAY = 24 * 3600.0
"""Seconds after which nobody is about to put a lock into a folder that has none."""


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that nobody else can read, and that is gone afterwards."""
    clear(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with alone(folder / LOCK):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear(place: Path) -> None:
    """Remove folders of this user that no process holds any more."""
    for folder in place.iterdir():
        if not OURS.fullmatch(folder.name) or folder.is_symlink() or not folder.is_dir():
            continue
        with suppress(BusyError, OSError):
            about = folder.stat()
            if hasattr(os, "getuid") and about.st_uid != os.getuid():
                continue
            if not (folder / LOCK).exists() and time.time() - about.st_mtime < A_DAY:
                continue
            with alone(folder / LOCK) as locked:
                pass
            if locked:
                shutil.rmtree(folder)
