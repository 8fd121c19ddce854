"""Taking turns: so many at a time, and whoever has waited longest is next."""

from __future__ import annotations

import threading
from collections import deque

__all__ = ["Turns"]


class Turns:
    """Lets so many threads at a time through a ``with`` block, in the order in which they came.

    A semaphore of the standard library lets a thread that leaves come back before those that wait.

    Parameters
    ----------
    count
        How many at a time.
    """

    def __init__(self, count: int) -> None:
        self.free = count
        self.waiting: deque[threading.Event] = deque()
        self.lock = threading.Lock()

    def __enter__(self) -> None:
        with self.lock:
            if self.free:
                self.free -= 1
                return
            turn = threading.Event()
            self.waiting.append(turn)
        turn.wait()

    def __exit__(self, *_: object) -> None:
        with self.lock:
            if self.waiting:
                self.waiting.popleft().set()
            else:
                self.free += 1
