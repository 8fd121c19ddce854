"""Scripts and styles that every visitor needs: a fixed set, each compressed once, for the first who asks for it.

Compressing them anew takes the server a third of a second a visitor, and thirty open the page together.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from starlette.responses import Response
    from starlette.types import Scope

__all__ = ["FileCache", "Packaged"]

FOLDERS: Final = ("/_solara/cdn/", "/static/", "/jupyter/nbextensions/")
"""Where files lie that do not change while the server runs."""

MOST: Final = 200
"""Files that are kept; a page needs about ten."""

CONDITIONS: Final = (b"range", b"if-none-match", b"if-modified-since")
"""Headers of requests for less than the whole file."""

VERSION: Final = re.compile(r"@\d+\.\d+\.\d+[^/]*/")
"""Version in a path: the file at it never changes."""


class Packaged(StaticFiles):
    """Gives out files of a fixed set; whatever else is asked for, nothing is looked up.

    Parameters
    ----------
    files
        The files, by path.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        super().__init__()
        self.files = files

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find a file by its path, without a slash before it."""
        file = self.files.get("/" + path.replace(os.sep, "/"))
        return ("", None) if file is None else (str(file), file.stat())

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer; a file whose path has a version in it need not be asked for again."""
        response = await super().get_response(path, scope)
        if VERSION.search(scope["path"]):
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


class FileCache:
    """Answers requests for files of an application as it did the first time.

    Parameters
    ----------
    app
        The application (ASGI), which compresses what it sends.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app
        self.answers: dict[str, list[MutableMapping[str, Any]]] = {}
        self.lock = asyncio.Lock()

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]
    ) -> None:
        """Answer a request."""
        if not is_for_a_file(scope):
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        answer = self.answers.get(path)
        if answer is None:
            async with self.lock:  # who comes second waits for the first
                answer = self.answers.get(path) or await self.first(scope, receive)
        for message in answer:
            await send(message)

    async def first(
        self, scope: MutableMapping[str, Any], receive: Callable[..., Any]
    ) -> list[MutableMapping[str, Any]]:
        """Let the application answer, and keep it if there is such a file."""
        answer: list[MutableMapping[str, Any]] = []

        async def keep(message: MutableMapping[str, Any]) -> None:
            answer.append(dict(message))

        await self.app(scope, receive, keep)
        if answer[0]["status"] == 200 and len(self.answers) < MOST:
            self.answers[scope["path"]] = answer
        return answer


def is_for_a_file(scope: MutableMapping[str, Any]) -> bool:
    """Whether this is a request for a whole file, compressed."""
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(FOLDERS):
        return False
    headers = dict(scope["headers"])
    return b"gzip" in headers.get(b"accept-encoding", b"") and not any(name in headers for name in CONDITIONS)
