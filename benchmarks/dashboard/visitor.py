"""A visitor without a screen: downloads the page, opens its connection, chooses and asks, as a browser does.

Pages talk in messages of Jupyter kernels, in JSON, over one websocket each. The first asks the server to run the page;
the dashboard then arrives as a widget whose state holds the picture, and what is chosen goes back as an event of it.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import signal
import sys
import time
import uuid
from contextlib import ExitStack
from typing import Any, Self
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

__all__ = ["Visitor"]

LINKED = re.compile(r"""(?:src|href)=["'](/[^"']+\.(?:js|css)[^"']*)["']""")
EXTENSIONS = ("jupyter-vuetify/nodeps", "jupyter-vue/nodeps", "jupyter-vue/nodeps-vue-sfc")
"""Scripts that the page loads besides those that it links to."""

LARGEST = 16 * 1024**2
PATIENCE = 120.0


class Visitor:
    """One visitor with an empty cache.

    Parameters
    ----------
    address
        Where the dashboard is.
    query
        Query of the link that is opened.

    Attributes
    ----------
    downloaded
        Bytes of page, scripts and styles, as sent.
    state
        What the dashboard's widget holds, as the browser would have it.
    """

    def __init__(self, address: str, query: str = "") -> None:
        self.address = address
        self.query = query
        self.place = urlsplit(address).netloc
        self.session = uuid.uuid4().hex
        self.kernel = str(uuid.uuid4())
        self.cookie = ""
        self.downloaded = 0
        self.state: dict[str, Any] = {}
        self.widget = ""
        self.asked = 0
        self.inquired = 0
        self.socket: ClientConnection | None = None
        self.stack = ExitStack()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, *, scripts: bool = True) -> float:
        """Open the page; gives the seconds until the picture is there, which a browser would yet have to draw."""
        start = time.perf_counter()
        self.download(scripts=scripts)
        self.socket = self.stack.enter_context(self.connected())
        self.send("kernel_info_request", {})
        control = uuid.uuid4().hex
        self.send("comm_open", {"comm_id": control, "target_name": "solara.control", "data": {}})
        arguments = {"path": f"/{self.query}", "dark": False, "themes": {}, "appName": None}
        self.send("comm_msg", {"comm_id": control, "data": {"method": "run", "args": arguments}})
        while not is_finished(self.receive(), control):
            pass
        return time.perf_counter() - start

    def connected(self) -> ClientConnection:
        """Connect the page with the server, for the first time or once more."""
        return connect(
            f"ws://{self.place}/jupyter/api/kernels/{self.kernel}/channels?session_id={self.session}",
            additional_headers={"Cookie": self.cookie, "Origin": self.address},
            max_size=LARGEST,
            open_timeout=PATIENCE,
        )

    def download(self, *, scripts: bool) -> None:
        """Fetch the page and, with an empty cache, all that it needs."""
        connection = http.client.HTTPConnection(self.place, timeout=PATIENCE)
        page, cookie = self.fetch(connection, f"/{self.query}")
        self.cookie = cookie.partition(";")[0]
        if scripts:
            for path in LINKED.findall(page.decode()):
                self.fetch(connection, path)
            for name in EXTENSIONS:
                self.fetch(connection, f"/jupyter/nbextensions/{name}.js")
        connection.close()

    def fetch(self, connection: http.client.HTTPConnection, path: str) -> tuple[bytes, str]:
        """Fetch a file, compressed as browsers want it; gives what is in it and the cookie that came along."""
        headers = {"Accept-Encoding": "gzip", "Accept-Language": "en-GB", "Cookie": self.cookie}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{path}: status {answer.status}")
        self.downloaded += len(content)
        if answer.headers.get("Content-Encoding") == "gzip" and path == f"/{self.query}":
            content = gzip.decompress(content)
        return content, answer.headers.get("Set-Cookie", "")

    def choose(self, **change: object) -> float:
        """Choose; gives the seconds until the answer, with the changed picture if it changes, is there."""
        start = time.perf_counter()
        self.asked += 1
        self.event("event_choice", {**self.settings["chosen"], **change, "request": self.asked})
        while self.settings["request"] != self.asked:
            self.receive()
        return time.perf_counter() - start

    def inquire(self, topic: str, details: dict[str, object]) -> float:
        """Ask what takes longer; gives the seconds until the answer is complete."""
        start = time.perf_counter()
        self.inquired += 1
        self.event("event_question", {"topic": topic, "request": self.inquired, "details": details})
        answer: dict[str, Any] = {}
        while not (answer.get("done") and answer["request"] == self.inquired):
            self.receive()
            answer = json.loads(self.state.get(topic) or "{}")
        if "error" in answer:
            raise RuntimeError(f"{topic}: {answer['error']}")
        return time.perf_counter() - start

    @property
    def settings(self) -> dict[str, Any]:
        """What is chosen, as the server last said."""
        found: dict[str, Any] = json.loads(self.state["settings"])
        return found

    def close(self) -> None:
        """Close the tab, as a browser does: it says goodbye."""
        if self.socket is None:
            return
        self.stack.close()
        connection = http.client.HTTPConnection(self.place, timeout=PATIENCE)
        path = f"/_solara/api/close/{self.kernel}?session_id={self.session}"
        connection.request("POST", path, headers={"Cookie": self.cookie})
        connection.getresponse().read()
        connection.close()
        self.socket = None

    def event(self, name: str, data: dict[str, Any]) -> None:
        """Send an event of the dashboard's widget."""
        content = {"event": name, "data": {"text": json.dumps(data)}}
        self.send("comm_msg", {"comm_id": self.widget, "data": {"method": "custom", "content": content}})

    def send(self, kind: str, content: dict[str, Any]) -> None:
        """Send a message."""
        assert self.socket is not None  # noqa: S101 - only an open page sends
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self.session,
            "username": "",
            "version": "5.2",
            "date": "2026-01-01T00:00:00Z",
        }
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps({**message, "buffers": []}))

    def receive(self) -> dict[str, Any]:
        """Take the next message, and what it tells of the dashboard's widget."""
        assert self.socket is not None  # noqa: S101 - only an open page receives
        message: dict[str, Any] = json.loads(self.socket.recv(timeout=PATIENCE))
        kind, content = message["header"]["msg_type"], message["content"]
        state = content.get("data", {}).get("state", {}) if kind in ("comm_open", "comm_msg") else {}
        if kind == "comm_open" and "picture" in state:
            self.widget = content["comm_id"]
        if content.get("comm_id") == self.widget:
            self.state |= state
        return message


def is_finished(message: dict[str, Any], control: str) -> bool:
    """Whether a message says that the page has been run."""
    content = message["content"]
    return bool(content.get("comm_id") == control and content["data"].get("method") == "finished")


def main() -> None:
    """Open a page and then be gone without a word, as when a laptop is shut: for measuring what becomes of it."""
    visitor = Visitor(sys.argv[1])
    visitor.open(scripts=False)
    print("open", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)


if __name__ == "__main__":
    main()
