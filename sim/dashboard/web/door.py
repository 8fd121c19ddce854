"""Who gets in: requests for this server, from its own pages, by whoever has the link.

By default nobody but this computer reaches the dashboard. Whoever shares it gives out a link with a token in it; a
browser that came in with the token keeps it in a cookie. Phones that vote have no token: the code of their vote leads
to that vote alone.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import socket
import sys
from html import escape
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from sim.dashboard.web.network import is_loopback
from sim.files.language import LANGUAGES, N_, _, use

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping
    from typing import TypeAlias

    Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

__all__ = ["HOSTS", "TOKEN_FORM", "Door", "named_sites", "new_token", "notice"]

HOSTS: Final = "SPIRAAL_HOSTS"
"""Environment variable with more names that this server has, with commas between: those of a proxy before it."""

ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters of a token: none that is taken for another one when somebody types it from a board."""

LETTERS: Final = 10
"""Letters of a token: as many as make guessing hopeless over a network."""

FOR_PHONES: Final = re.compile(rf"/vote/[{ALPHABET}]{{1,20}}(/now)?")
"""Paths that need no token: there is a code in them, which leads to a vote and to nothing else."""

TOKEN_FORM: Final = re.compile(r"[A-Za-z0-9_-]{8,128}")
"""What a token that somebody chose looks like."""

MOST_TOLD: Final = 20
"""Refused names of which the terminal is told; each once."""

NO_TOKEN: Final = N_("This link is not complete")
WHOLE_LINK: Final = N_(
    "Open the whole link that you were given, with all that comes after the question mark, or scan its QR code. "
    "A link of an earlier day may no longer do: then ask for that of today."
)

SITE_FORM: Final = re.compile(r"([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,4}|:[1-5]\d{4})?")
"""What a site is named as: a name or an address, with a port or without."""

HEADERS: Final = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
"""What every answer says to browsers, unless it says something else itself: to guess no types, to show it in no other
page, to tell no other site of it, and to load nothing for it."""


def new_token(letters: int = LETTERS) -> str:
    """Draw a token."""
    return "".join(secrets.choice(ALPHABET) for _letter in range(letters))


class Door:
    """Lets requests through to an application that are meant for this server, from its own pages, and have its token.

    A page of another site may have a name that leads to this computer, and may open connections to it: such a name is
    not known here, and such a connection tells whose it is.

    Parameters
    ----------
    app
        The application (ASGI).
    shared
        Whether other computers may reach it: then by any address in numbers, and by the name of this computer.
    token
        What the link has to have as ``token``; empty where none is needed.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], *, shared: bool, token: str = "") -> None:
        self.app = app
        self.shared = shared
        self.token = token
        self.sites = named_sites()
        self.names = {site.hostname for site in self.sites}
        if shared:
            name = socket.gethostname().lower()
            self.names |= {name, f"{name}.local"}
        self.told: set[str] = set()

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]
    ) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {key: value.decode("latin-1") for key, value in scope["headers"]}
        status = self.refusal(scope, headers)
        if scope["type"] == "websocket":
            if status is None:
                await self.app(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            return
        came_in = self.token and in_cookie(scope, headers) != self.token and self.is_invited(scope, headers)
        more = {**HEADERS, b"set-cookie": self.cookie(scope)} if status is None and came_in else HEADERS
        sending = adding(more, send)
        if status is None:
            await self.app(scope, receive, sending)
        elif status == 401:
            await answer(sending, 403, notice(NO_TOKEN, WHOLE_LINK), "text/html")
        else:
            await answer(sending, status, "Spiraal: not allowed\n")

    def refusal(self, scope: MutableMapping[str, Any], headers: MutableMapping[bytes, str]) -> int | None:
        """Give the status with which a request is refused; None if it is not."""
        host, origin = headers.get(b"host", "").lower(), headers.get(b"origin", "").lower()
        if not self.knows(host):
            self.tell(f"Host: {host}")
            return 400
        asks_only = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if origin and not asks_only and not self.is_own(origin, host):
            self.tell(f"Origin: {origin}, Host: {host}")
            return 403
        return None if self.is_invited(scope, headers) or is_for_phones(scope) else 401

    def is_invited(self, scope: MutableMapping[str, Any], headers: MutableMapping[bytes, str]) -> bool:
        """Whether a request has the token, if one is needed."""
        given = in_link(scope), in_cookie(scope, headers)
        return not self.token or any(hmac.compare_digest(one.encode(), self.token.encode()) for one in given)

    def knows(self, host: str) -> bool:
        """Whether this server is meant by a name or an address, with or without a port."""
        name = name_of(host)
        return bool(name) and (is_loopback(name) or name in self.names or (self.shared and is_address(name)))

    def is_own(self, origin: str, host: str) -> bool:
        """Whether a page is one of this server: where it was asked for, or at a site that is named as its own.

        A proxy may drop or add a port and a name on the way here; so a named site counts, at any port unless one is
        named with it.
        """
        try:
            from_, port = urlsplit(origin), urlsplit(origin).port
        except ValueError:
            return False
        return from_.netloc == host or any(
            from_.hostname == site.hostname and site.port in (None, port) for site in self.sites
        )

    def tell(self, whose: str) -> None:
        """Say on the terminal, once for each, that somebody was sent away, and what helps if it was a friend."""
        short = whose[:200].encode("ascii", "backslashreplace").decode()
        if short in self.told or len(self.told) >= MOST_TOLD or not short.isprintable():
            return
        self.told.add(short)
        message = _(
            "A request was refused ({whose}). If this is a site of yours before the dashboard, name it: {hosts}=…"
        )
        print(message.format(whose=short, hosts=HOSTS), file=sys.stderr, flush=True)  # noqa: T201

    def cookie(self, scope: MutableMapping[str, Any]) -> bytes:
        """Write the cookie that keeps the token."""
        secure = "; Secure" if scope["scheme"] == "https" else ""
        return f"{cookie_name(scope)}={self.token}; Path=/; HttpOnly; SameSite=Strict{secure}".encode()


def named_sites() -> list[SplitResult]:
    """Read `HOSTS`.

    Raises
    ------
    ValueError
        When one of them is no name; the message says so, to the user.
    """
    found = []
    for name in filter(None, (one.strip() for one in os.environ.get(HOSTS, "").split(","))):
        site = SITE_FORM.fullmatch(name) and urlsplit(f"//{name.lower()}")
        if not site:
            message = _("{variable}: found {name}; allowed are names of sites, such as {one} or {other}")
            examples = {"one": "spiraal.example", "other": "spiraal.example:8443"}
            raise ValueError(message.format(variable=HOSTS, name=repr(name), **examples))
        found.append(site)
    return found


def is_for_phones(scope: MutableMapping[str, Any]) -> bool:
    """Whether a request is about a vote by phone."""
    return scope["type"] == "http" and FOR_PHONES.fullmatch(scope["path"]) is not None


def in_link(scope: MutableMapping[str, Any]) -> str:
    """Give the token that a request has in its link; empty where it has none."""
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("token", [""])[-1]


def in_cookie(scope: MutableMapping[str, Any], headers: MutableMapping[bytes, str]) -> str:
    """Give the token that a request has in its cookie; empty where it has none."""
    given = (one.strip().partition("=") for one in headers.get(b"cookie", "").split(";"))
    return next((value for name, _equals, value in given if name == cookie_name(scope)), "")


def cookie_name(scope: MutableMapping[str, Any]) -> str:
    """Name the cookie; a browser sends cookies to every port of a computer, so it tells whose it is."""
    return f"spiraal-token-{scope['server'][1]}"


def name_of(netloc: str) -> str:
    """Give the name of a host, without a port; empty where it is none."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """Whether this is an address in numbers, which no site elsewhere can have as its name."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def adding(more: Mapping[bytes, bytes], send: Send) -> Send:
    """Send answers with more headers; those that an answer has itself stay as they are."""

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _value in message["headers"]}
            kept = [item for item in more.items() if item[0] == b"set-cookie" or item[0] not in there]
            message = {**message, "headers": [*message["headers"], *kept]}
        await send(message)

    return sending


async def answer(send: Send, status: int, text: str, kind: str = "text/plain") -> None:
    """Send a short text."""
    head = [(b"content-type", f"{kind}; charset=utf-8".encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": text.encode()})


def notice(head: str, text: str) -> str:
    """Write a page that says something in all languages; both are texts of the catalogue."""
    said = ""
    for language in LANGUAGES:
        with use(language):
            said += f"<section lang={language}><h1>{escape(_(head))}</h1><p>{escape(_(text))}</p></section>"
    look = "<meta name=viewport content='width=device-width'>"
    return f"<!doctype html><html lang=en><meta charset=utf-8>{look}<title>Spiraal</title><body>{said}</body></html>\n"
