"""Voting by phone: the rooms of presentations that run, and what is given out to their phones and to whoever presents.

A room is in memory alone, and gone some minutes after its presenter's page has asked for the last time. Its code leads
phones to a small page and lets them in nowhere else; its key is the presenter's. Phones are told the question and what
can be answered, nothing else: no answer of theirs, no result, no outcome of the story. Nothing that one browser wrote
reaches another one, but how many answered what.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sim.dashboard.stories import KINDS, Kind, stories
from sim.dashboard.web.door import new_token, notice
from sim.dashboard.web.network import is_loopback
from sim.dashboard.words import guide
from sim.files.language import N_, Language, _, use

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CODE", "KEPT", "MOST_PHONES", "MOST_ROOMS", "OF_ONE", "Room", "Vote", "Voting", "Wanted"]

MOST_ROOMS: Final = 20
"""Rooms at a time."""

MOST_PHONES: Final = 300
"""Phones that vote in a room."""

OF_ONE: Final = 5
"""Phones at one address of another computer, unless the presenter lets in more: a few tabs of one phone are many votes,
and yet a router may stand between the phones and this computer, and lend all of them its address."""

KEPT: Final = 600.0
"""Seconds that a room is kept without its presenter; a tab in the background asks once a minute."""

CODE: Final = 8
"""Letters of a room's code: few enough to be typed, many enough not to be guessed while a room is open."""

LONGEST: Final = 500
"""Bytes that a page may send."""

PAGE: Final = Path(__file__).with_name("vote.html").read_text(encoding="utf-8")
"""The page of a phone, with places for its language, the nonce of its script, and the ballot paper."""

POLICY: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""What that page may load: nothing but its own answers."""

OVER: Final = N_("This vote is over")
SCAN: Final = N_("If another one has begun, scan the code on the screen once more.")


class Message(BaseModel):
    """What a page sends; what else is in it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Vote(Message):
    """An answer: the random token of a phone, the ballot that it is about, and the answer."""

    voter: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    ballot: Annotated[int, Field(ge=1, le=1_000_000)]
    choice: Kind


class Wanted(Message):
    """What a presenter's page wants of its room.

    Attributes
    ----------
    code, key
        The room; another one is made where there is none by that code, or where the key is not that of it.
    story, language
        What is asked, by the name of the scenario, and in which language.
    round, open
        Whether this is the vote before or the one after the outcome, and whether phones can answer.
    clear
        Throw the answers of this round away, and of what came after.
    everyone
        Count more than `OF_ONE` phones of one address.
    """

    code: Annotated[str, Field(max_length=40)] = ""
    key: Annotated[str, Field(max_length=80)] = ""
    story: str
    language: Language
    round: Literal[1, 2] = 1
    open: bool = False
    clear: bool = False
    everyone: bool = False

    @field_validator("story")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in stories():
            raise ValueError(f"found {name!r}")
        return name


@dataclass
class Room:
    """The votes of one presentation.

    Attributes
    ----------
    code, key
        What leads phones here, and what makes somebody the presenter.
    wanted
        What the presenter's page wants.
    ballot
        Another number for each question that is asked: an answer to an earlier one does not count.
    rounds
        The answers of each round, by the token of the phone.
    addresses
        From where each phone came; this is what `OF_ONE` counts.
    refused
        Phones that were not counted for that reason.
    """

    code: str
    key: str
    wanted: Wanted
    ballot: int = 1
    rounds: tuple[dict[str, Kind], dict[str, Kind]] = field(default_factory=lambda: ({}, {}))
    addresses: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def follow(self, wanted: Wanted) -> None:
        """Do what the presenter's page wants."""
        before, self.wanted = self.wanted, wanted
        other = wanted.story != before.story
        if other or wanted.clear:
            for votes in self.rounds[0 if other else wanted.round - 1 :]:
                votes.clear()
        if other or wanted.clear or wanted.round != before.round:
            self.ballot += 1
        if not any(self.rounds):
            self.addresses.clear()
        if other or wanted.clear or wanted.everyone:
            self.refused.clear()

    def take(self, vote: Vote, address: str) -> int:
        """Take an answer, or another one instead of an earlier one; gives the status of the answer to it."""
        if not self.wanted.open or vote.ballot != self.ballot:
            return 409
        if vote.voter not in self.addresses:
            if not self.has_room(address):
                if len(self.refused) < MOST_PHONES:
                    self.refused.add(vote.voter)
                return 429
            self.addresses[vote.voter] = address
        self.refused.discard(vote.voter)
        self.rounds[self.wanted.round - 1][vote.voter] = vote.choice
        return 204

    def has_room(self, address: str) -> bool:
        """Whether a phone more from this address can vote."""
        alone = self.wanted.everyone or is_loopback(address)
        return len(self.addresses) < MOST_PHONES and (alone or [*self.addresses.values()].count(address) < OF_ONE)

    def counts(self) -> list[dict[str, int]]:
        """Count the answers of each round."""
        return [{"more": 0, "less": 0, "same": 0, **Counter(votes.values())} for votes in self.rounds]

    def paper(self) -> dict[str, Any]:
        """Write what a phone is told."""
        about = question(self.wanted.story, self.wanted.language)
        return {**about, "ballot": self.ballot, "open": self.wanted.open, "again": self.wanted.round == 2}


@cache
def question(story: str, language: Language) -> Mapping[str, Any]:
    """Write a question with its answers, and all that a phone may have to say about them."""
    told = stories()[story].told(language)
    with use(language):
        options = guide.texts()["options"][told["measure"]]
        words = {
            "ask": _("What do you expect?"),
            "again": _("Suppose they live the year once more, with other luck. What do you expect now?"),
            "sending": _("Sending …"),
            "yours": _("Your answer: {answer}. You can still change it."),
            "kept": _("Your answer: {answer}."),
            "nobody": _("Nobody sees who answered what."),
            "closed": _("The vote is closed. Look at the screen."),
            "refused": _("Too many answers come from where you are, so that yours is not counted. Raise your hand."),
            "lost": _("No connection. It is tried again …"),
            "over": f"{_(OVER)}. {_(SCAN)}",
        }
    answers = [{"kind": kind, "label": options[kind]} for kind in KINDS[told["measure"]]]
    return {"language": language, "question": told["question"], "answers": answers, "words": words}


class Voting:
    """All rooms, and what is given out of them."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.ends: dict[str, asyncio.TimerHandle] = {}

    def routes(self) -> list[Route]:
        """List what is given out, by path: to phones all under ``/vote/``, to presenters the rest."""
        return [
            Route("/vote/{code}", self.page),
            Route("/vote/{code}", self.vote, methods=["POST"]),
            Route("/vote/{code}/now", self.now),
            Route("/room", self.present, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """Give a phone its page."""
        room = self.rooms.get(request.path_params["code"])
        if room is None:
            return HTMLResponse(notice(OVER, SCAN), status_code=404, headers={"cache-control": "no-store"})
        nonce = secrets.token_hex(16)
        paper = json.dumps(room.paper(), ensure_ascii=False).replace("<", "\\u003c")
        places = {"%LANGUAGE%": room.wanted.language, "%NONCE%": nonce, "%PAPER%": paper}
        content = PAGE
        for place, text in places.items():
            content = content.replace(place, text)
        headers = {"content-security-policy": POLICY.format(nonce=nonce), "cache-control": "no-store"}
        return HTMLResponse(content, headers=headers)

    async def now(self, request: Request) -> Response:
        """Tell a phone what is asked now."""
        room = self.rooms.get(request.path_params["code"])
        return told(404) if room is None else told(200, room.paper())

    async def vote(self, request: Request) -> Response:
        """Take the answer of a phone."""
        room, content = self.rooms.get(request.path_params["code"]), await said(request)
        if room is None:
            return told(404)
        try:
            vote = Vote.model_validate_json(content)
        except ValidationError:
            return told(400)
        return told(room.take(vote, request.client.host if request.client else ""))

    async def present(self, request: Request) -> Response:
        """Do what a presenter's page wants, and tell it how the votes stand and under which links phones get here."""
        try:
            wanted = Wanted.model_validate_json(await said(request))
        except ValidationError:
            return told(400)
        room = self.rooms.get(wanted.code)
        if room is None or not hmac.compare_digest(room.key.encode(), wanted.key.encode()):
            if len(self.rooms) >= MOST_ROOMS:
                return told(503)
            room = Room(new_token(CODE), secrets.token_hex(16), wanted)
            self.rooms[room.code] = room
        room.follow(wanted)
        self.keep(room.code)
        links: list[str] = getattr(request.app.state, "links", list)()
        found = {"code": room.code, "key": room.key, "ballot": room.ballot, "links": links}
        return told(200, {**found, "rounds": room.counts(), "refused": len(room.refused)})

    def keep(self, code: str) -> None:
        """Keep a room for a while from now."""
        if code in self.ends:
            self.ends[code].cancel()
        self.ends[code] = asyncio.get_running_loop().call_later(KEPT, self.forget, code)

    def forget(self, code: str) -> None:
        """Forget a room and all that is in it."""
        del self.rooms[code], self.ends[code]


def told(status: int, content: Mapping[str, Any] | None = None) -> Response:
    """Answer a page."""
    headers = {"cache-control": "no-store"}
    return Response(status_code=status, headers=headers) if content is None else JSONResponse(content, status, headers)


async def said(request: Request) -> bytes:
    """Read what a page sends; of what is too long only so much that it is none."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > LONGEST:
            return b""
    return content
