"""Voting by phone: what counts, what does not, and what is never told."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from starlette.applications import Starlette

from sim.dashboard.stories import KINDS, Story, stories
from sim.dashboard.web import voting
from sim.dashboard.web.door import Door
from sim.dashboard.web.voting import CODE, LONGEST, MOST_PHONES, MOST_ROOMS, OF_ONE, Room, Vote, Voting, Wanted
from sim.files.language import LANGUAGES

TOKEN = "k7m2x9qp4s"  # noqa: S105 - of these tests
COOKIE = f"spiraal-token-8765={TOKEN}"
STORY = "irritated-teacher"
PHONE, OTHER = "192.168.1.30", "192.168.1.31"

Answer = SimpleNamespace
Ask = Callable[..., Awaitable[Answer]]


def phone() -> str:
    """A token as phones draw them."""
    return secrets.token_hex(16)


def wanted(**changes: Any) -> Wanted:
    """What a presenter's page wants."""
    return Wanted.model_validate({"story": STORY, "language": "en", "open": True, **changes})


def vote(room: Room, choice: str = "less", voter: str | None = None, address: str = PHONE) -> int:
    """Answer the question of a room."""
    return room.take(Vote(voter=voter or phone(), ballot=room.ballot, choice=choice), address)  # type: ignore[arg-type]


@pytest.fixture
def room() -> Room:
    """A room whose vote is open."""
    return Room("code", "key", wanted())


def run(what: Coroutine[Any, Any, Any]) -> Any:
    """Run in a thread: a browser that tests drive has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, what).result()


def visits(visit: Callable[[Ask, Voting], Awaitable[None]]) -> None:
    """Let phones and a presenter ask a server that is shared."""
    rooms = Voting()
    door = Door(Starlette(routes=[*rooms.routes()]), shared=True, token=TOKEN)

    async def ask(path: str, content: Any = None, address: str = PHONE, **headers: str) -> Answer:
        sent: list[Any] = []
        body = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
        given = {"host": "192.168.1.20:8765", **headers}
        scope = {
            "type": "http",
            "method": "GET" if content is None else "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "server": ("192.168.1.20", 8765),
            "client": (address, 50000),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await door(scope, receive, send)
        said = b"".join(message.get("body", b"") for message in sent[1:])
        head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(status=sent[0]["status"], headers=head, text=said.decode())

    run(visit(ask, rooms))


# --- What counts -----------------------------------------------------------------------------------------


def test_a_phone_has_one_vote_and_may_change_it_while_the_vote_is_open(room: Room) -> None:
    mine = phone()
    assert vote(room, "more", mine) == vote(room, "same") == 204
    assert vote(room, "less", mine) == 204
    assert room.counts()[0] == {"more": 0, "less": 1, "same": 1}
    room.follow(wanted(open=False))
    assert vote(room, "more", mine) == vote(room) == 409
    assert room.counts() == [{"more": 0, "less": 1, "same": 1}, {"more": 0, "less": 0, "same": 0}]


def test_the_second_vote_stands_beside_the_first(room: Room) -> None:
    mine, first = phone(), room.ballot
    vote(room, "more", mine)
    room.follow(wanted(round=2))
    assert room.take(Vote(voter=mine, ballot=first, choice="same"), PHONE) == 409, (
        "an answer to the first comes too late"
    )
    vote(room, "less", mine)
    assert [counts["more"] for counts in room.counts()] == [1, 0]
    assert [counts["less"] for counts in room.counts()] == [0, 1]


@pytest.mark.parametrize("change", [{"clear": True}, {"story": "llinc"}])
def test_what_was_answered_to_something_else_is_thrown_away(room: Room, change: dict[str, Any]) -> None:
    mine, before = phone(), room.ballot
    vote(room, "more", mine)
    room.follow(wanted(**change))
    assert not any(sum(counts.values()) for counts in room.counts())
    assert room.addresses == {}
    assert room.take(Vote(voter=mine, ballot=before, choice="more"), PHONE) == 409
    room.follow(wanted(language="nl", **{**change, "clear": False}))
    vote(room, "more", mine)
    assert room.counts()[0]["more"] == 1, "another language is the same question"


def test_clearing_the_second_vote_keeps_the_first(room: Room) -> None:
    vote(room, "more")
    room.follow(wanted(round=2))
    vote(room, "less")
    room.follow(wanted(round=2, clear=True))
    assert [sum(counts.values()) for counts in room.counts()] == [1, 0]


# --- Hostile phones --------------------------------------------------------------------------------------


def test_one_device_does_not_decide_the_vote_of_a_room(room: Room) -> None:
    assert [vote(room, "more") for _ in range(OF_ONE + 3)] == [204] * OF_ONE + [429] * 3
    assert len(room.refused) == 3
    assert vote(room, "less", address=OTHER) == 204, "others have their vote"
    room.follow(wanted(everyone=True))
    assert room.refused == set()
    assert [vote(room, "same") for _ in range(60)] == [204] * 60, "a router may stand between, and the presenter knows"


def test_a_room_keeps_so_many_answers_and_no_more(room: Room) -> None:
    mine = phone()
    assert vote(room, "less", mine, OTHER) == 204
    for number in range(2000):
        vote(room, "more", address=f"192.168.{number % 200}.{number % 250}")
    assert len(room.addresses) == MOST_PHONES == sum(room.counts()[0].values())
    assert len(room.refused) <= MOST_PHONES
    assert vote(room, "same", mine, OTHER) == 204, "who is in can still change the answer"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff" * 40,
        b"[" * LONGEST,
        {"voter": "0" * 32, "ballot": 1, "choice": "most"},
        {"voter": "<script>", "ballot": 1, "choice": "more"},
        {"voter": "0" * 33, "ballot": 1, "choice": "more"},
        {"voter": "0" * 32, "ballot": -1, "choice": "more"},
        {"voter": "0" * 32, "ballot": 1, "choice": ["more"]},
        {"voter": "0" * 32, "ballot": 1, "choice": "more", "long": "x" * LONGEST},
    ],
)
def test_what_is_no_answer_is_refused(content: Any) -> None:
    async def visit(ask: Ask, rooms: Voting) -> None:
        rooms.rooms["abcdefgh"] = Room("abcdefgh", "key", wanted())
        assert (await ask("/vote/abcdefgh", content)).status == 400
        assert rooms.rooms["abcdefgh"].addresses == {}

    visits(visit)


def test_of_a_message_without_an_end_little_is_read() -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 100, "more_body": True}

    request = voting.Request({"type": "http", "headers": []}, endless)
    assert run(voting.said(request)) == b""
    assert read <= LONGEST / 100 + 1


# --- Who gets in -----------------------------------------------------------------------------------------


def test_the_code_of_a_vote_leads_to_that_vote_alone() -> None:
    async def visit(ask: Ask, rooms: Voting) -> None:
        told = json.loads((await ask("/room", wanted().model_dump(), cookie=COOKIE)).text)
        page, now = await ask(f"/vote/{told['code']}"), await ask(f"/vote/{told['code']}/now")
        assert (page.status, now.status) == (200, 200)
        for answer in (page, now):
            assert "set-cookie" not in answer.headers
            assert TOKEN not in answer.text
            assert told["key"] not in answer.text
            assert answer.headers["cache-control"] == "no-store"
        for path in (
            "/",
            "/room",
            "/readyz",
            "/static/main.js",
            f"/vote/{told['code']}/",
            f"/vote/{told['code']}/then",
        ):
            assert (await ask(path)).status == 403, path
        assert (await ask("/room", wanted(code=told["code"], key=told["key"]).model_dump())).status == 403
        for path in ("/vote/zzzzzzzz", "/vote/zzzzzzzz/now"):
            assert (await ask(path)).status == 404
        assert len(rooms.rooms) == 1

    visits(visit)


def test_a_page_of_another_site_does_not_vote() -> None:
    async def visit(ask: Ask, rooms: Voting) -> None:
        told = json.loads((await ask("/room", wanted().model_dump(), cookie=COOKIE)).text)
        answer = {"voter": phone(), "ballot": told["ballot"], "choice": "more"}
        assert (await ask(f"/vote/{told['code']}", answer, origin="http://other.example")).status == 403
        assert (await ask(f"/vote/{told['code']}", answer, host="rebound.example")).status == 400
        assert (await ask(f"/vote/{told['code']}", answer, origin="http://192.168.1.20:8765")).status == 204
        assert sum(rooms.rooms[told["code"]].counts()[0].values()) == 1

    visits(visit)


def test_who_has_not_the_key_has_another_room() -> None:
    async def visit(ask: Ask, rooms: Voting) -> None:
        told = json.loads((await ask("/room", wanted().model_dump(), cookie=COOKIE)).text)
        for key in ("", "0" * 32):
            other = wanted(code=told["code"], key=key, clear=True, open=False)
            assert json.loads((await ask("/room", other.model_dump(), cookie=COOKIE)).text)["code"] != told["code"]
        assert rooms.rooms[told["code"]].wanted.open
        again = wanted(code=told["code"], key=told["key"], open=False)
        assert json.loads((await ask("/room", again.model_dump(), cookie=COOKIE)).text)["code"] == told["code"]
        assert not rooms.rooms[told["code"]].wanted.open

    visits(visit)


def test_codes_are_not_guessed_while_a_room_is_open() -> None:
    async def visit(ask: Ask, rooms: Voting) -> None:
        for _room in range(MOST_ROOMS):
            await ask("/room", wanted().model_dump(), cookie=COOKIE)
        assert (await ask("/room", wanted().model_dump(), cookie=COOKIE)).status == 503, "there is room for so many"
        assert len(rooms.rooms) == MOST_ROOMS
        assert {len(code) for code in rooms.rooms} == {CODE}
        assert 31**CODE / MOST_ROOMS / 1000 > 365 * 86400, "at a thousand guesses a second"

    visits(visit)


def test_a_room_without_its_presenter_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voting, "KEPT", 0.2)

    async def visit(ask: Ask, rooms: Voting) -> None:
        told = json.loads((await ask("/room", wanted().model_dump(), cookie=COOKIE)).text)
        again = wanted(code=told["code"], key=told["key"]).model_dump()
        for _second in range(4):
            await asyncio.sleep(0.1)
            assert json.loads((await ask("/room", again, cookie=COOKIE)).text)["code"] == told["code"]
        await asyncio.sleep(0.3)
        assert rooms.rooms == rooms.ends == {}, "nothing is left of it"
        page = await ask(f"/vote/{told['code']}")
        assert page.status == 404
        for language, over in (("en", "This vote is over"), ("nl", "Deze stemming is voorbij")):
            assert f"<section lang={language}><h1>{over}" in page.text

    visits(visit)


# --- What a phone is told --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("story", stories().values(), ids=lambda story: story.scenario)
def test_a_phone_is_told_the_question_and_nothing_of_what_comes_of_it(story: Story, language: str) -> None:
    room = Room("code", "key", wanted(story=story.scenario, language=language))
    told, paper = story.told(language), room.paper()  # type: ignore[arg-type]
    assert paper["question"] == told["question"]
    assert [answer["kind"] for answer in paper["answers"]] == list(KINDS[story.measure])
    assert len({answer["label"] for answer in paper["answers"]}) == 3
    assert set(paper) == {"language", "question", "answers", "words", "ballot", "open", "again"}
    vote(room)
    room.follow(wanted(story=story.scenario, language=language, round=2))
    said = json.dumps([paper, room.paper()], ensure_ascii=False)
    for secret in (told["why"], *told["explanation"].split("\n\n"), told["source"]):
        assert secret not in said
    assert not re.search(r"\d", re.sub(r'"(ballot)": \d', "", said.replace(told["question"], ""))), "no number"
    for name, text in paper["words"].items():
        assert text, name


def test_the_page_takes_what_it_is_told_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    nasty = "</script><script>alert(1)</script>"
    monkeypatch.setattr(voting, "question", lambda _story, language: {"question": nasty, "language": language})

    async def visit(ask: Ask, _rooms: Voting) -> None:
        told = json.loads((await ask("/room", wanted().model_dump(), cookie=COOKIE)).text)
        page = await ask(f"/vote/{told['code']}")
        assert "alert" in page.text
        assert nasty not in page.text
        policy = page.headers["content-security-policy"]
        nonce = re.search(r"script-src 'nonce-(\w+)'", policy)
        assert nonce and page.text.count(f'nonce="{nonce[1]}"') == 3
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        other = await ask(f"/vote/{told['code']}")
        assert nonce[1] not in other.text, "another one each time"

    visits(visit)
