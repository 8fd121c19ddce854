"""Questions of a visitor that take longer than a moment: answered in a thread a visitor, and stopped at will.

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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sim.dashboard import warming
from sim.dashboard.choices import OWN
from sim.dashboard.turns import Turns
from sim.files.language import Language, _, use
from sim.run import cores

if TYPE_CHECKING:
    from sim.dashboard.choices import Choices, Pair
    from sim.dashboard.picture import Shelf
    from sim.files.classlist import ClassList

__all__ = ["Answer", "Desk", "Question", "Refused"]

AT_ONCE: Final = Turns(cores())
"""Steps of answers that are computed at a time, for all visitors together; between steps they take turns."""

DEADLINE: Final = 60.0
"""Seconds after which an answer that has come no further is given up, and the visitor told."""

TICK: Final = 1.0
"""Seconds between two looks for answers that are due."""

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

    @property
    def roster(self) -> ClassList | None:
        """The visitor's own class, if the question is about it."""
        return self.pair.without.classroom.roster if self.choices.scenario == OWN else None


Answer: TypeAlias = Callable[[Question], Iterator[Mapping[str, Any]]]


class Refused(Exception):  # noqa: N818 - not an error of ours
    """A question that cannot be answered; the message says why, to the visitor."""


@dataclass(eq=False)
class Asked:
    """A question that is being answered.

    Attributes
    ----------
    steps
        The answer.
    request, language, put
        Its number, the language of its texts, and what takes its items.
    item, sent
        The latest item, and the latest that was sent.
    sent_at, moved_at
        When an item was sent, and when the latest step was done.
    ended
        Whether there is nothing more to come.
    """

    steps: Iterator[Mapping[str, Any]]
    request: int
    language: Language
    put: Callable[[str], None]
    item: Mapping[str, Any] = field(default_factory=dict)
    sent: Mapping[str, Any] | None = None
    sent_at: float = 0.0
    moved_at: float = field(default_factory=time.monotonic)
    ended: bool = False

    def send(self, item: Mapping[str, Any], *, done: bool) -> None:
        """Send an item; nothing more comes after the last one, nor where the page is gone."""
        self.sent, self.sent_at = item, time.monotonic()
        try:
            self.put(json.dumps({**item, "request": self.request, "done": done}, separators=(",", ":")))
        except Exception as error:  # noqa: BLE001 - other questions of the visitor go on
            report(error)
            done = True
        self.ended |= done


class Desk:
    """The questions of one visitor, answered in one thread: a step of each topic in turn.

    So a visitor who asks again and again has no more work done than another one, and what was asked before is dropped.

    Parameters
    ----------
    answers
        How each topic is answered.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.asked: dict[str, Asked] = {}
        self.lock = threading.Lock()
        self.worker: threading.Thread | None = None

    def ask(self, topic: str, request: int, question: Question, put: Callable[[str], None]) -> None:
        """Answer in the background; an answer on the same topic that is under way is stopped.

        Parameters
        ----------
        topic
            One of the topics; another one is passed over.
        request
            Number that comes back as ``request`` with every item; the last item has ``done``, and ``error`` where the
            question was refused or came no further for `DEADLINE`.
        question
            What is asked.
        put
            Takes an item as JSON.
        """
        self.stop(topic)
        if topic not in self.answers:
            return
        asked = Asked(self.answers[topic](question), request, question.language, put)
        with self.lock:
            self.asked[topic] = asked
            self.start()

    def stop(self, topic: str) -> None:
        """Stop the answer on a topic; what was sent of it stays."""
        with self.lock:
            if asked := self.asked.pop(topic, None):
                asked.ended = True

    def close(self) -> None:
        """Stop everything."""
        for topic in list(self.asked):
            self.stop(topic)

    def start(self) -> None:
        """Have a thread answer if there is none, and another one look after it; the lock is held."""
        if self.worker is None and self.asked:
            self.worker = threading.Thread(target=self.work, name="answers", daemon=True)
            self.worker.start()
            threading.Thread(target=self.watch, args=(self.worker,), name="deadlines", daemon=True).start()

    def next(self) -> Asked | None:
        """Give the question whose turn it is; None if nothing is left to do for this thread."""
        with self.lock:
            if self.worker is not threading.current_thread():
                return None
            self.asked = {topic: asked for topic, asked in self.asked.items() if not asked.ended}
            if not self.asked:
                self.worker = None
                return None
            topic = next(iter(self.asked))
            self.asked[topic] = asked = self.asked.pop(topic)  # now the last
            return asked

    def work(self) -> None:
        """Answer, a step at a time, until nothing is asked any more."""
        warming.wait()
        while asked := self.next():
            with use(asked.language), AT_ONCE:
                item, done = ({}, True) if asked.ended else step(asked.steps, asked.item)
            if asked.ended:
                continue
            asked.item, asked.moved_at = item, time.monotonic()
            if done or (item is not asked.sent and asked.moved_at - asked.sent_at > PAUSE):
                asked.send(item, done=done)

    def watch(self, worker: threading.Thread) -> None:
        """Answer what gets no answer, as long as a thread works."""
        while self.worker is worker:
            worker.join(TICK)
            with self.lock:
                now = time.monotonic()
                if not warming.is_over():  # nobody is late yet
                    for asked in self.asked.values():
                        asked.moved_at = now
                late = {topic: asked for topic, asked in self.asked.items() if now - asked.moved_at > DEADLINE}
                for topic, asked in late.items():
                    asked.ended = True
                    del self.asked[topic]
                if late and self.worker is worker:
                    self.worker = None  # it may never come back
                    self.start()
            for asked in late.values():
                with use(asked.language):
                    error = _("This takes too long: many ask at once, or it got stuck. Try again in a moment.")
                asked.send({"error": error}, done=True)


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
