"""Questions that take longer than a moment: they grow, they stop, they say what went wrong."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from sim.dashboard import desk
from sim.dashboard.choices import Choices, pair_of
from sim.dashboard.desk import Desk, Question, Refused
from sim.dashboard.picture import Shelf
from sim.dashboard.turns import Turns
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


def test_what_is_asked_again_and_again_is_computed_once_and_in_one_thread() -> None:
    go_on, begun, threads = threading.Event(), [], set()

    def answer(asked: Question) -> Iterator[dict[str, Any]]:
        begun.append(asked.details["number"])
        threads.add(threading.get_ident())
        go_on.wait(PATIENCE)
        yield {"of": asked.details["number"]}

    inbox, before = Inbox(), threading.active_count()
    desk = Desk({"topic": answer, "other": answer})
    for number in range(300):
        desk.ask("topic", number, question(number=number), inbox.put)
        desk.ask("other", number, question(number=number), inbox.put)
    assert threading.active_count() <= before + 2
    go_on.set()
    inbox.until(of=299, done=True)
    assert len(begun) <= 4
    assert len(threads) == 1


def test_a_long_answer_on_one_topic_lets_another_one_through() -> None:
    def endless(_asked: Question) -> Iterator[dict[str, Any]]:
        while True:
            time.sleep(0.01)
            yield {"part": 1}

    def short(_asked: Question) -> Iterator[dict[str, Any]]:
        yield {"short": True}

    inbox, desk = Inbox(), Desk({"endless": endless, "short": short})
    desk.ask("endless", 1, question(), inbox.put)
    desk.ask("short", 2, question(), inbox.put)
    inbox.until(short=True, done=True)
    desk.close()


def test_one_visitor_does_not_keep_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "AT_ONCE", Turns(2))
    parts = count()

    def slow(_asked: Question) -> Iterator[dict[str, Any]]:
        while True:
            time.sleep(0.1)
            yield {"part": next(parts)}

    def quick(_asked: Question) -> Iterator[dict[str, Any]]:
        yield {"quick": True}

    topics = [f"topic {number}" for number in range(20)]
    greedy, inbox = Desk(dict.fromkeys(topics, slow)), Inbox()
    for topic in topics:
        greedy.ask(topic, 1, question(), lambda _item: None)
    before = next(parts)
    Desk({"topic": quick}).ask("topic", 1, question(), inbox.put)
    inbox.until(quick=True, done=True)
    greedy.close()
    assert next(parts) - before < 10, "not all twenty come first"


def test_what_gets_stuck_is_given_up_and_the_next_question_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "DEADLINE", 0.2)
    monkeypatch.setattr(desk, "TICK", 0.05)
    monkeypatch.setattr(desk, "AT_ONCE", Turns(2))
    go_on = threading.Event()

    def answer(asked: Question) -> Iterator[dict[str, Any]]:
        if asked.details["number"] == 1:
            go_on.wait(PATIENCE)
        yield {"of": asked.details["number"]}

    inbox, asking = Inbox(), Desk({"topic": answer, "other": answer})
    asking.ask("topic", 1, question(number=1), inbox.put)
    assert inbox.until(request=1, done=True)["error"].startswith("Dit duurt te lang")
    asking.ask("other", 2, question(number=2), inbox.put)
    inbox.until(of=2, done=True)
    go_on.set()
    time.sleep(0.1)
    assert not any(item.get("of") == 1 for item in inbox.items)


def test_an_answer_that_moves_on_is_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "DEADLINE", 0.2)
    monkeypatch.setattr(desk, "TICK", 0.05)

    def answer(_asked: Question) -> Iterator[dict[str, Any]]:
        for part in range(10):
            time.sleep(0.06)
            yield {"part": part}

    inbox = Inbox()
    Desk({"topic": answer}).ask("topic", 1, question(), inbox.put)
    assert "error" not in inbox.until(done=True)


def test_a_page_that_is_gone_ends_its_own_answers_alone(capfd: pytest.CaptureFixture[str]) -> None:
    def answer(asked: Question) -> Iterator[dict[str, Any]]:
        yield {"part": 1}

    def gone(_item: str) -> None:
        raise RuntimeError(NAME)

    inbox, desk = Inbox(), Desk({"topic": answer, "other": answer})
    desk.ask("topic", 1, question(), gone)
    desk.ask("other", 2, question(), inbox.put)
    inbox.until(done=True, request=2)
    assert "RuntimeError" in capfd.readouterr().err


def test_whoever_has_waited_longest_is_next() -> None:
    turns, order = Turns(1), []

    def wait(number: int) -> None:
        with turns:
            order.append(number)

    with turns:
        threads = [threading.Thread(target=wait, args=(number,)) for number in range(20)]
        for number, thread in enumerate(threads):
            thread.start()
            while len(turns.waiting) <= number:
                time.sleep(0.001)
    with turns:
        order.append(20)
    for thread in threads:
        thread.join(PATIENCE)
    assert order == [*range(21)]


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
