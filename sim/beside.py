"""Another process of the program that works beside this one, and ends with it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

__all__ = ["begin", "work"]

WORK = "from sim.beside import work; work()"


def begin(function: Callable[..., None], *arguments: object) -> subprocess.Popen[bytes]:
    """Have another process call a function of the program; what it prints can be read, what goes wrong is not told.

    Raises
    ------
    OSError
        When there can be no other process.
    """
    command, pipe = [sys.executable, "-c", WORK], subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)  # noqa: S603
    with suppress(OSError):  # it has ended already
        process.stdin.write(pickle.dumps((function, arguments)))  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
    return process


def work() -> None:
    """Do what the process says that began this one."""
    function, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - from this very program, and from nowhere else
    threading.Thread(target=end_with_other, daemon=True).start()
    function(*arguments)


def end_with_other() -> None:
    """End this process when the other one, which never closes its side before, has ended, however it did."""
    os.read(sys.stdin.fileno(), 1)  # without a buffer, whose lock would be in the way when this process ends by itself
    os._exit(0)
