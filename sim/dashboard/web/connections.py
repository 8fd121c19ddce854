"""Connections that take their time, or are many: closed before others have to wait for them.

The server underneath waits for ever for the head of a request, and takes as many connections as the system has room
for. So a computer that only opens connections would keep everyone out.
"""

from __future__ import annotations

import asyncio
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from sim.dashboard.web.network import is_loopback

__all__ = ["Connection"]

HEAD: Final = 10.0
"""Seconds in which the head of a request has to be there, from the start or from the last answer."""

WHOLE: Final = 60.0
"""Seconds in which its answer has to be sent and taken; the largest file takes a slow phone a few."""

MOST: Final = 600
"""Connections at a time, pages and files together; systems commonly let a program have about a thousand."""

MOST_OF_ONE: Final = 100
"""Connections of one other computer. Behind a proxy on this computer all come from here, and only `MOST` counts."""


class Connection(H11Protocol):
    """A connection that is closed where a request or its answer takes too long, or where there are too many."""

    deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or close it."""
        super().connection_made(transport)
        others = [getattr(one, "client", None) for one in self.connections]
        of_one = [other for other in others if other and self.client and other[0] == self.client[0]]
        alone = self.client is not None and is_loopback(self.client[0])
        if len(others) > MOST or (len(of_one) > MOST_OF_ONE and not alone):
            transport.abort()
            return
        self.wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self.stop_waiting()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self.wait_for_head()
        super().on_response_complete()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Leave it to the websocket, which asks by itself whether the other end is there."""
        self.stop_waiting()
        super().handle_websocket_upgrade(event)

    def wait_for_head(self) -> None:
        """Set the time for a request."""
        self.stop_waiting()
        self.deadline = self.loop.call_later(HEAD, self.head_is_due)

    def head_is_due(self) -> None:
        """Close, or give a request that is there the time for its answer."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()
        else:
            self.deadline = self.loop.call_later(WHOLE - HEAD, self.transport.abort)

    def stop_waiting(self) -> None:
        """Set no time any more."""
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None
