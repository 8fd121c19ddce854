"""What the server gives out, and nothing else: the page, its files, its connection, goodbye, and voting by phone.

Solara serves more than that: files that it fetches from elsewhere, figures about its visitors, kernels by any name.
Here are only the parts of it that the dashboard needs.
"""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple
from uuid import uuid4

import solara.server.starlette
from solara.server import kernel_context, server, settings
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from sim.dashboard.settings import ASSETS, CDN, root_path
from sim.dashboard.web.door import notice
from sim.dashboard.web.files import Packaged
from sim.dashboard.web.voting import Voting
from sim.files.language import N_

__all__ = ["MOST_SESSIONS", "MOST_TABS", "application"]

MOST_SESSIONS: Final = 200
"""Pages that the server holds at a time, for all visitors; each takes about a megabyte, and a thread."""

MOST_TABS: Final = 20
"""Pages that one browser may have open."""

FULL: Final = N_("The dashboard is full")
LATER: Final = N_("As many pages are open as this computer can serve. Close some, and try again in a minute.")

EXTENSIONS: Final = server.nbextensions_directories
"""Folders of extensions that Solara loads; the first that has one goes before the others."""


class Line(NamedTuple):
    """A connection of a page: its kernel, the page's own name, and whose it is."""

    kernel: str
    page: str
    session: str | None


OPENED: Final[list[Line]] = []
"""Connections of pages; Solara knows a page some time after its connection was opened."""

POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self' 'nonce-{nonce}' blob: 'unsafe-eval'",  # the page's parts are compiled in the browser
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' blob:",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
"""What the page may load, and from where: from here alone. Scripts within it have the nonce of their answer."""


def application() -> Starlette:
    """Put the application together, after `sim.dashboard.settings.configure`.

    Whoever serves it may put a function as ``links`` into its state: under which addresses others get here.
    """
    return Starlette(
        routes=[
            Route("/", page),
            Route("/readyz", solara.server.starlette.readyz),
            Route("/_solara/api/close/{kernel_id}", goodbye, methods=["POST"]),
            WebSocketRoute("/jupyter/api/kernels/{kernel_id}/channels", connection),
            *Voting().routes(),
            Mount("/", Packaged(given_out())),
        ],
        lifespan=solara.server.starlette.lifespan,
        middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
    )


def given_out() -> dict[str, Path]:
    """List the files that pages load, by path: those in folders of installed packages, as they are at the start."""
    extensions = {name.partition("/")[0] for name in server.get_nbextensions()[0]}
    folders = [
        (CDN, settings.assets.proxy_cache_dir),
        ("/static", server.solara_static),
        *(("/static/assets", folder) for folder in (server.solara_static.parent / "assets", ASSETS)),
        *((f"/jupyter/nbextensions/{name}", folder / name) for name in extensions for folder in EXTENSIONS[::-1]),
    ]
    return {
        f"{path}/{file.relative_to(folder).as_posix()}": file
        for path, folder in folders
        for file in folder.rglob("*")
        if file.is_file()
    }


async def page(request: Request) -> Response:
    """Give the page, and a cookie that tells tabs of one browser from those of others."""
    if len(sessions()) >= MOST_SESSIONS:
        return HTMLResponse(notice(FULL, LATER), status_code=503)
    nonce = secrets.token_hex(16)
    content = written().replace("<script", f"<script nonce={nonce}")
    policy = "; ".join(f"{what} {where}" for what, where in POLICY.items()).format(nonce=nonce)
    response = HTMLResponse(content, headers={"content-security-policy": policy, "cache-control": "no-store"})
    if server.COOKIE_KEY_SESSION_ID not in request.cookies:
        response.set_cookie(
            server.COOKIE_KEY_SESSION_ID,
            str(uuid4()),
            httponly=True,
            samesite="lax",  # a link from elsewhere opens one more tab of the same browser
            secure=request.url.scheme == "https",
        )
    return response


@cache
def written() -> str:
    """Write the page; it is the same for all visitors."""
    return server.read_root("/", root_path()) or ""


async def connection(socket: WebSocket) -> None:
    """Open the connection of a page, if there is room for it and it is nobody else's."""
    kernel, session = socket.path_params["kernel_id"], socket.cookies.get(server.COOKIE_KEY_SESSION_ID)
    page = socket.query_params.get("session_id")
    held = sessions()
    room = len(held) < MOST_SESSIONS and (session is None or [*held.values()].count(session) < MOST_TABS)
    if page is None or not (held[kernel] == session if kernel in held else room):
        await socket.close(1013)
        return
    line = Line(kernel, page, session)
    OPENED.append(line)
    try:
        await solara.server.starlette.kernel_connection(socket)
    finally:
        OPENED.remove(line)
        if line in OPENED:
            still_there(line)


def still_there(line: Line) -> None:
    """Keep a page that came back by another connection before the one that it had lost was known to have ended."""
    context = kernel_context.contexts.get(line.kernel)
    if context is not None and context.page_status.get(line.page) == kernel_context.PageStatus.DISCONNECTED:
        context.page_connect(line.page)


def sessions() -> dict[str, str | None]:
    """Give whose pages the server holds or is about to hold, by their kernel."""
    known = {name: one.session_id for name, one in kernel_context.contexts.copy().items()}
    return {line.kernel: line.session for line in OPENED} | known


def goodbye(request: Request) -> Response:
    """Forget a page whose tab was closed, if its browser says so."""
    context = kernel_context.contexts.get(request.path_params["kernel_id"])
    page_id, session = request.query_params.get("session_id"), request.cookies.get(server.COOKIE_KEY_SESSION_ID)
    if context is not None and session == context.session_id and page_id in context.page_status:
        context.page_close(page_id)
    return Response()
