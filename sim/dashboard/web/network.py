"""Who can reach the dashboard: the addresses of this computer, and a door that keeps strangers out.

By default nobody but this computer is let in. Nothing here asks the network anything.
"""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

import psutil

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

__all__ = ["EVERYONE", "HOSTS", "Door", "Place", "addresses", "find", "is_loopback"]

HOSTS: Final = "SPIRAAL_HOSTS"
"""Environment variable with more names that this server has, with commas between: those of a proxy before it."""

EVERYONE: Final = ("0.0.0.0", "::")  # noqa: S104 - a default only where it is asked for
"""Addresses that stand for all addresses of a computer."""

FILES: Final = "/_solara/cdn/"
"""Where pages take their scripts from; they lie on this computer."""


class Place(NamedTuple):
    """Where a server listens: an address, written in numbers, and its kind."""

    address: str
    family: int

    @property
    def is_for_everyone(self) -> bool:
        """Whether it stands for all addresses of this computer."""
        return self.address in EVERYONE

    def url(self, port: int, address: str | None = None) -> str:
        """Write the link to a port, here or at another address."""
        address = address or self.address
        return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def find(host: str) -> Place:
    """Find where a name or address is; the least private of them if there are several.

    Raises
    ------
    OSError
        When there is no such name.
    """
    found = socket.getaddrinfo(host or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    places = [Place(str(where[0]), family) for family, *_, where in found]
    return min(places, key=lambda place: (is_loopback(place.address), place.family != socket.AF_INET))


def is_loopback(address: str) -> bool:
    """Whether an address, or the name `localhost`, is reached from this computer alone."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address == "localhost"
    mapped = getattr(found, "ipv4_mapped", None)  # ::ffff:127.0.0.1 is 127.0.0.1
    return (mapped or found).is_loopback


def addresses(place: Place) -> dict[str, str]:
    """List the addresses under which others reach a server at a place, and the name of the connection of each.

    Addresses of version 6 are among them where the place is `::`.
    """
    if not place.is_for_everyone:
        return {} if is_loopback(place.address) else {place.address: ""}
    kinds = (socket.AF_INET, socket.AF_INET6) if place.family == socket.AF_INET6 else (socket.AF_INET,)
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = [
        (kinds.index(one.family), one.address, name)
        for name, ones in psutil.net_if_addrs().items()
        for one in ones
        if name in up and one.family in kinds
    ]
    return {
        address: name
        for _, address, name in sorted(found)
        if not (is_loopback(address) or ip_address(address.partition("%")[0]).is_link_local)
    }


class Door:
    """Lets requests through to an application that are meant for this server, and from its own pages.

    A page of another site may have a name that leads to this computer, and may open connections to it: such a name is
    not known here, and such a connection tells whose it is. Besides, files that pages take their scripts from are
    given out if they are there, and otherwise not looked for elsewhere.

    Parameters
    ----------
    app
        The application (ASGI).
    shared
        Whether other computers may reach it: then by any address in numbers, and by the name of this computer.
    files
        Folder with the files of `FILES`.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], files: Path, *, shared: bool) -> None:
        self.app = app
        self.files = files
        self.shared = shared
        self.names = {name.strip().lower() for name in os.environ.get(HOSTS, "").split(",")} - {""}
        if shared:
            name = socket.gethostname().lower()
            self.names |= {name, f"{name}.local"}

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]
    ) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        status = self.refusal(scope)
        if status is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            plain = [(b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": status, "headers": plain})
            await send({"type": "http.response.body", "body": b"Spiraal: not found or not allowed\n"})

    def refusal(self, scope: MutableMapping[str, Any]) -> int | None:
        """Give the status with which a request is refused; None if it is not."""
        headers = {key: value.decode("latin-1").lower() for key, value in scope["headers"]}
        host, origin = headers.get(b"host", ""), headers.get(b"origin")
        if not self.knows(host):
            return 400
        if scope["type"] == "websocket" and origin is not None and urlsplit(origin).netloc != host:
            return 403
        path: str = scope["path"]
        if path.startswith(FILES) and not (self.files / path.removeprefix(FILES)).is_file():
            return 404
        return None

    def knows(self, host: str) -> bool:
        """Whether this server is meant by a name or an address, with or without a port."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return is_loopback(name) or name in self.names or (self.shared and is_address(name))


def is_address(name: str) -> bool:
    """Whether this is an address in numbers, which no site elsewhere can have as its name."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
