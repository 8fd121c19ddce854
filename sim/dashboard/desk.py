"""Questions of a visitor that take longer than a moment: answered in threads, one a topic, and stopped at will.

An answer is a generator: each item that it yields replaces the one before on the visitor's page, so that a long
answer grows where the visitor can see it. Between two items the visitor may have stopped it, or asked anew.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sim.files.language import Language, _, use
from sim.run import cores

if TYPE_CHECKING:
    from sim.dashboard.choices import Choices, Pair
    from sim.dashboard.picture import Shelf
    from sim.files.classlist import ClassList

__all__ = ["Answer", "Desk", "Question", "Refused"]

AT_ONCE: Final = threading.BoundedSemaphore(cores())
"""Steps of answers that are computed at a time, for all visitors together; between steps they take turns."""

PAUSE: Final = 0.15
"""Seconds between two items of an answer that are sent; more than a page can draw would pile up."""


@dataclass(frozen=True)
class Question:
    """What a visitor wants to know about what is in force.

    Attributes
    ----------
    pair, choices, child
        The two classes, what was chosen, and the number of the followed child.
    shelf
        Where years of these classes are kept.
    details
        What else was asked, as the browser sent it: not to be trusted.
    keep
        Keeps a class list as the visitor's own class.
    """

    pair: Pair
    choices: Choices
    child: int
    shelf: Shelf
    details: Mapping[str, Any]
    keep: Callable[[ClassList], None]

    @property
    def language(self) -> Language:
        """Language of all texts in the answer."""
        return self.choices.language


Answer: TypeAlias = Callable[[Question], Iterator[Mapping[str, Any]]]


class Refused(Exception):  # noqa: N818 - not an error of ours
    """A question that cannot be answered; the message says why, to the visitor."""


class Desk:
    """The questions of one visitor.

    Parameters
    ----------
    answers
        How each topic is answered.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.stops: dict[str, threading.Event] = {}

    def ask(self, topic: str, request: int, question: Question, put: Callable[[str], None]) -> None:
        """Answer in the background; an answer on the same topic that is under way is stopped.

        Parameters
        ----------
        topic
            One of the topics; another one is passed over.
        request
            Number that comes back as ``request`` with every item; the last item has ``done``, and ``error`` where the
            question was refused.
        question
            What is asked.
        put
            Takes an item as JSON.
        """
        self.stop(topic)
        if topic not in self.answers:
            return
        stop = self.stops[topic] = threading.Event()

        def work() -> None:
            item: Mapping[str, Any] = {}
            last, at, done = None, 0.0, False
            steps = self.answers[topic](question)
            with use(question.language):
                while not done and not stop.is_set():
                    with AT_ONCE:
                        item, done = step(steps, item)
                    if stop.is_set():
                        return
                    if done or (item is not last and time.monotonic() - at > PAUSE):
                        last, at = item, time.monotonic()
                        put(json.dumps({**item, "request": request, "done": done}, separators=(",", ":")))

        threading.Thread(target=work, name=f"answer {topic}", daemon=True).start()

    def stop(self, topic: str) -> None:
        """Stop the answer on a topic; what was sent of it stays."""
        if stop := self.stops.pop(topic, None):
            stop.set()

    def close(self) -> None:
        """Stop everything."""
        for topic in list(self.stops):
            self.stop(topic)


def step(steps: Iterator[Mapping[str, Any]], before: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """Take the next item of an answer; after the last one that one again, and that it is done."""
    try:
        return next(steps), False
    except StopIteration:
        return before, True
    except Refused as refused:
        return {"error": str(refused)}, True
    except Exception as error:  # noqa: BLE001 - a page must not wait for ever
        report(error)
        return {"error": _("Something went wrong here. What you chose is kept; try something else.")}, True


def report(error: Exception) -> None:
    """Say on the terminal where something failed; not what was said about it, for that may hold a child's name."""
    places = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    print(f"{places}{type(error).__name__}", file=sys.stderr, flush=True)  # noqa: T201
