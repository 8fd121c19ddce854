"""Where the dashboard can be reached: the addresses of this computer. Nothing here asks the network anything."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Final, NamedTuple

import psutil

__all__ = ["EVERYONE", "Place", "addresses", "find", "is_loopback"]

EVERYONE: Final = ("0.0.0.0", "::")  # noqa: S104 - a default only where it is asked for
"""Addresses that stand for all addresses of a computer."""


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
