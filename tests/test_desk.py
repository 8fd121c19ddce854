"""Questions that take longer than a moment: they grow, they stop, they say what went wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from sim.dashboard import desk
from sim.dashboard.choices import Choices, pair_of
from sim.dashboard.desk import Desk, Question, Refused
from sim.dashboard.picture import Shelf
from sim.files.language import _

NAME = "Zephyrine"
PATIENCE = 30


def question(**details: Any) -> Question:
    """A question about the first story."""
    choices = Choices(language="nl")
    return Question(pair_of(choices), choices, 0, Shelf(1, 1), details, lambda roster: None)


class Inbox:
    """What a page got."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.arrived = threading.Condition()

    def put(self, item: str) -> None:
        with self.arrived:
            self.items.append(json.loads(item))
            self.arrived.notify_all()

    def until(self, **wanted: Any) -> dict[str, Any]:
        """Wait for an item with these values."""
        with self.arrived:
            found = self.arrived.wait_for(
                lambda: [one for one in self.items if wanted.items() <= one.items()], timeout=PATIENCE
            )
        assert found, self.items
        return found[0]


def test_what_has_not_changed_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "PAUSE", -1.0)
    same = {"part": 1}

    def answer(_asked: Question) -> Iterator[dict[str, Any]]:
        yield from (same, same, same, {"part": 2})

    inbox = Inbox()
    Desk({"topic": answer}).ask("topic", 1, question(), inbox.put)
    inbox.until(done=True)
    assert [(one["part"], one["done"]) for one in inbox.items] == [(1, False), (2, False), (2, True)]


def test_the_last_item_says_that_it_is_done() -> None:
    def answer(asked: Question) -> Iterator[dict[str, Any]]:
        yield {"part": 1}
        yield {"part": asked.details["last"]}

    inbox = Inbox()
    Desk({"topic": answer}).ask("topic", 7, question(last=2), inbox.put)
    assert inbox.until(done=True) == {"part": 2, "request": 7, "done": True}
    assert inbox.items[0] == {"part": 1, "request": 7, "done": False}


def test_a_stopped_answer_says_nothing_more() -> None:
    go_on, ended = threading.Event(), threading.Event()

    def answer(asked: Question) -> Iterator[dict[str, Any]]:
        try:
            yield {"part": 1}
            go_on.wait(PATIENCE)
            yield {"part": 2}
            yield {"part": 3}
        finally:
            ended.set()

    inbox, desk = Inbox(), Desk({"topic": answer})
    desk.ask("topic", 1, question(), inbox.put)
    inbox.until(part=1)
    desk.stop("topic")
    go_on.set()
    assert ended.wait(PATIENCE)
    assert [item["part"] for item in inbox.items] == [1]


def test_asking_anew_stops_what_was_asked_before() -> None:
    go_on = threading.Event()

    def answer(asked: Question) -> Iterator[dict[str, Any]]:
        yield {"of": asked.details["number"]}
        if asked.details["number"] == 1:
            go_on.wait(PATIENCE)
        yield {"of": asked.details["number"], "more": True}

    inbox, desk = Inbox(), Desk({"topic": answer})
    desk.ask("topic", 1, question(number=1), inbox.put)
    inbox.until(of=1)
    desk.ask("topic", 2, question(number=2), inbox.put)
    go_on.set()
    inbox.until(of=2, done=True)
    assert not any(item.get("more") and item["of"] == 1 for item in inbox.items)


def test_what_is_refused_is_told_in_the_visitor_s_language() -> None:
    def answer(asked: Question) -> Iterator[dict[str, Any]]:
        raise Refused(_("Play"))
        yield {}

    inbox = Inbox()
    Desk({"topic": answer}).ask("topic", 1, question(), inbox.put)
    assert inbox.until(done=True)["error"] == "Afspelen"


def test_a_fault_ends_the_answer_and_names_no_child(capfd: pytest.CaptureFixture[str]) -> None:
    def answer(asked: Question) -> Iterator[dict[str, Any]]:
        yield {}
        raise ValueError(NAME)

    inbox = Inbox()
    Desk({"topic": answer}).ask("topic", 1, question(), inbox.put)
    assert inbox.until(done=True)["error"]
    said = capfd.readouterr().err
    assert "ValueError" in said
    assert NAME not in said.replace(f"raise ValueError({NAME!r})", "")


def test_another_topic_is_passed_over() -> None:
    inbox = Inbox()
    Desk({}).ask("none such", 1, question(), inbox.put)
    assert inbox.items == []
