"""Several processes of the program that work for this one, and end with it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

__all__ = ["processes", "quietly"]

WARNINGS = "PYTHONWARNINGS"


@contextmanager
def processes(count: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """So many processes (by default one a core) that are given work; they leave Ctrl-C to this one, and end with it."""
    start = get_context("spawn")
    with quietly(), ProcessPoolExecutor(count, mp_context=start, initializer=end_with_parent) as pool:
        yield pool


def end_with_parent() -> None:
    """Leave Ctrl-C to the parent, and end when it has ended, however that was."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@contextmanager
def quietly() -> Iterator[None]:
    """Processes that are started meanwhile do not complain when they are stopped."""
    before = os.environ.get(WARNINGS)
    os.environ[WARNINGS] = "ignore::UserWarning:multiprocessing.resource_tracker"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(WARNINGS, None)
        else:
            os.environ[WARNINGS] = before
