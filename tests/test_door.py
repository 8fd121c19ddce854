"""Who gets into the dashboard, what is given out, and for whom there is no room."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

import uvicorn

from sim.dashboard.web import connections
from sim.dashboard.web.connections import Connection
from sim.dashboard.web.door import HOSTS, TOKEN_FORM, Door, named_sites, new_token
from sim.dashboard.web.files import Packaged

TOKEN = "k7m2x9qp4s"  # noqa: S105 - of these tests
NASTY = (
    *("../secret.txt", "..\\secret.txt", "a/../../secret.txt", "./secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt"),
    *(
        "/etc/passwd",
        "//etc/passwd",
        "\\\\host\\share\\secret.txt",
        "//host/share/secret.txt",
        "C:\\secret.txt",
        "C:/x",
    ),
    *("a.js\0", "\0", "a.js/", "a.js/b", "", ".", "x" * 5000, "a.js::$DATA", "CON", "é" * 300, "\udcff"),
)


def scope(kind: str = "http", *, query: str = "", method: str = "GET", **headers: str) -> dict[str, Any]:
    """A request as the server passes it on."""
    given = {"host": "127.0.0.1:8765", **headers}
    return {
        "type": kind,
        "method": method,
        "scheme": "http",
        "path": "/",
        "query_string": query.encode(),
        "server": ("127.0.0.1", 8765),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }


def answer_of(door: Door, asked: dict[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and content of the answer to a request."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {}

    with ThreadPoolExecutor(1) as thread:  # a browser that other tests drive has a loop in this one
        thread.submit(asyncio.run, door(asked, receive, send)).result()
    return sent[0]["status"], sent[0]["headers"], sent[1]["body"]


async def welcome(asked: Any, receive: Any, send: Any) -> None:
    """An application that lets everyone in."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"in"})


def refusal(door: Door, asked: dict[str, Any]) -> int | None:
    """The status with which a request is refused."""
    return door.refusal(asked, {key: value.decode("latin-1") for key, value in asked["headers"]})


def test_which_names_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Laptop7")
    alone, shared = (Door(welcome, shared=shared) for shared in (False, True))
    for host in ("127.0.0.1:8765", "localhost:1", "[::1]:8765", "LOCALHOST"):
        assert alone.knows(host.lower())
    for host in ("192.168.1.20:8765", "[fd00::2]:8765", "laptop7:8765", "laptop7.local"):
        assert shared.knows(host)
        assert not alone.knows(host)
    for host in ("", "rebound.example:8765", "127.0.0.1.rebound.example", "[::1", "laptop7.rebound.example"):
        assert not shared.knows(host)
    monkeypatch.setenv(HOSTS, "spiraal.example, other.example:8443")
    named = Door(welcome, shared=False)
    assert named.knows("spiraal.example")
    assert named.knows("other.example")


@pytest.mark.parametrize(
    ("host", "origin", "allowed"),
    [
        ("127.0.0.1:8765", "http://127.0.0.1:8765", True),
        ("127.0.0.1:8765", "http://127.0.0.1:8766", False),
        ("127.0.0.1:8765", "http://rebound.example", False),
        ("127.0.0.1:8765", "null", False),
        ("127.0.0.1:8765", "http://[::1", False),
        ("site.example", "https://site.example", True),
        ("site.example", "https://site.example:8443", True),  # the proxy drops the port
        ("site.example:443", "https://site.example", True),  # it adds one
        ("127.0.0.1:8765", "https://site.example", True),  # it gives its own name for the dashboard's
        ("site.example", "https://rebound.example", False),
        ("site.example", "https://site.example.rebound.example", False),
        ("site.example", "https://strict.example:8443", True),
        ("site.example", "https://strict.example:9000", False),
        ("site.example", "https://site.example:port", False),
    ],
)
@pytest.mark.parametrize("kind", ["websocket", "http"])
def test_only_pages_of_this_server_connect_to_it(
    monkeypatch: pytest.MonkeyPatch, kind: str, host: str, origin: str, allowed: bool
) -> None:
    monkeypatch.setenv(HOSTS, "site.example, strict.example:8443")
    asked = scope(kind, method="POST", host=host, origin=origin)
    assert (refusal(Door(welcome, shared=False), asked) is None) == allowed


@pytest.mark.parametrize(
    "name", ["https://site.example", "site.example:port", "site.example:99999", "a b", "site.example/x"]
)
def test_a_site_that_cannot_be_one_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(HOSTS, f"good.example, {name}")
    with pytest.raises(ValueError, match=re.escape(f"{HOSTS}: found {name!r}")):
        named_sites()


def test_the_terminal_tells_once_of_a_site_that_was_refused(capfd: pytest.CaptureFixture[str]) -> None:
    door = Door(welcome, shared=False)
    for _again in range(3):
        refusal(door, scope("websocket", origin="https://site.example:8443"))
        refusal(door, scope(host="other.example\x1b[31m"))
    said = capfd.readouterr().err
    assert said.count("https://site.example:8443") == 1
    assert HOSTS in said
    assert "\x1b" not in said
    for number in range(1000):
        refusal(door, scope(host=f"{number}.example"))
    assert len(capfd.readouterr().err.splitlines()) < 50


@pytest.mark.parametrize("given", ["", "token=", "token=wrong", f"token={TOKEN}x", f"tokens={TOKEN}", "token=%FF%00"])
def test_without_the_token_nothing_is_given_out(given: str) -> None:
    door = Door(welcome, shared=False, token=TOKEN)
    status, headers, content = answer_of(door, scope(query=given))
    assert status == 403
    assert content != b"in"
    assert not any(name == b"set-cookie" for name, _ in headers)
    assert TOKEN.encode() not in content


def test_whoever_has_the_link_gets_a_cookie_that_no_script_and_no_other_site_can_use() -> None:
    door = Door(welcome, shared=False, token=TOKEN)
    status, headers, content = answer_of(door, scope(query=f"v=1&token={TOKEN}"))
    assert (status, content) == (200, b"in")
    cookie = dict(headers)[b"set-cookie"].decode()
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Strict")
    again = scope(cookie=f"other=1; {cookie.partition(';')[0]}", query="token=of-last-week")
    status, headers, content = answer_of(door, again)
    assert (status, content) == (200, b"in")


def test_two_dashboards_on_a_computer_have_two_cookies() -> None:
    door = Door(welcome, shared=False, token=TOKEN)
    other = scope(cookie=f"spiraal-token-8766={TOKEN}")
    assert refusal(door, other) == 401


def test_over_https_the_cookie_is_sent_over_https_alone() -> None:
    asked = {**scope(query=f"token={TOKEN}"), "scheme": "https"}
    _status, headers, _content = answer_of(Door(welcome, shared=False, token=TOKEN), asked)
    assert dict(headers)[b"set-cookie"].endswith(b"; Secure")


def test_tokens_can_be_typed_and_not_guessed() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(TOKEN_FORM.fullmatch(token) and not set(token) & set("01ilo") for token in tokens)
    assert 31 ** len(new_token()) > 2**48


@pytest.mark.parametrize("asked", [{}, {"host": "rebound.example"}, {"query": "token=wrong"}])
def test_every_answer_tells_browsers_to_be_careful(asked: dict[str, str]) -> None:
    _status, headers, _content = answer_of(Door(welcome, shared=False, token=TOKEN), scope(**asked))
    said = dict(headers)
    assert said[b"x-content-type-options"] == b"nosniff"
    assert said[b"x-frame-options"] == b"DENY"
    assert said[b"referrer-policy"] == b"same-origin"
    assert b"frame-ancestors 'none'" in said[b"content-security-policy"]


@pytest.mark.parametrize("path", NASTY)
def test_nothing_outside_the_set_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str) -> None:
    inside = tmp_path / "folder" / "a.js"
    inside.parent.mkdir()
    inside.write_text("1", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    files = Packaged({"/cdn/a.js": inside})
    looked_at: list[object] = []
    monkeypatch.setattr("os.stat", lambda where, **_: looked_at.append(where))
    monkeypatch.setattr(Path, "stat", lambda where, **_: looked_at.append(where))
    assert files.lookup_path(f"cdn/{path}") == ("", None)
    assert files.lookup_path(path) == ("", None)
    assert looked_at == []


def test_what_is_in_the_set_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a.js"
    file.write_text("1", encoding="utf-8")
    assert Packaged({"/cdn/a.js": file}).lookup_path("cdn/a.js")[0] == str(file)


def test_the_server_gives_out_what_the_dashboard_needs_and_no_more() -> None:
    from sim.dashboard.settings import configure

    configure()
    from sim.dashboard.web.routes import application, given_out

    assert [route.path for route in application().routes] == [
        "/",
        "/readyz",
        "/_solara/api/close/{kernel_id}",
        "/jupyter/api/kernels/{kernel_id}/channels",
        "/vote/{code}",
        "/vote/{code}",
        "/vote/{code}/now",
        "/room",
        "",
    ]
    assert {path.split("/")[1] for path in given_out()} == {"_solara", "static", "jupyter"}
    assert "/static/assets/custom.js" in given_out()
    assert given_out()["/static/assets/custom.js"].parent.parent.name == "dashboard"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """Where a server is that has little time and little room; one of its answers never ends."""
    monkeypatch.setattr(connections, "HEAD", 0.3)
    monkeypatch.setattr(connections, "WHOLE", 0.8)
    monkeypatch.setattr(connections, "MOST", 6)
    monkeypatch.setattr(connections, "MOST_OF_ONE", 4)

    async def app(asked: Any, receive: Any, send: Any) -> None:
        if asked["path"] == "/endless":
            await asyncio.sleep(60)
        await welcome(asked, receive, send)

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=Connection, lifespan="off", log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield listening.getsockname()
    server.should_exit = server.force_exit = True
    thread.join(10)


def said(connection: socket.socket) -> bytes:
    """All that comes until the other end closes; fails where it never does."""
    connection.settimeout(5)
    found = b""
    try:
        while some := connection.recv(65536):
            found += some
    except ConnectionError:
        pass
    return found


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT"],
    ids=["nothing", "half a line", "half a head", "half a second request"],
)
def test_a_connection_that_asks_nothing_whole_is_closed(hurried: tuple[str, int], sent: bytes) -> None:
    start = time.monotonic()
    with socket.create_connection(hurried) as connection:
        connection.sendall(sent)
        said(connection)
    assert 0.2 < time.monotonic() - start < 3


def test_a_head_that_trickles_in_is_not_waited_for(hurried: tuple[str, int]) -> None:
    head, start = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 100, time.monotonic()
    with socket.create_connection(hurried) as connection:
        try:
            for letter in head:
                connection.sendall(bytes([letter]))
                time.sleep(0.02)
        except ConnectionError:
            pass
    assert time.monotonic() - start < 3


def test_an_answer_that_never_ends_is_given_up(hurried: tuple[str, int]) -> None:
    start = time.monotonic()
    with socket.create_connection(hurried) as connection:
        connection.sendall(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        assert said(connection) == b""
    assert 0.6 < time.monotonic() - start < 3


def test_a_connection_goes_on_as_long_as_it_asks(monkeypatch: pytest.MonkeyPatch, hurried: tuple[str, int]) -> None:
    monkeypatch.setattr(connections, "HEAD", 1.0)
    monkeypatch.setattr(connections, "WHOLE", 30.0)
    with socket.create_connection(hurried) as connection:
        for _again in range(5):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            time.sleep(0.3)
            assert b"200" in connection.recv(65536)


def test_more_connections_than_there_is_room_for_are_closed_at_once(
    monkeypatch: pytest.MonkeyPatch, hurried: tuple[str, int]
) -> None:
    monkeypatch.setattr(connections, "HEAD", 30.0)
    monkeypatch.setattr(connections, "WHOLE", 60.0)
    many = [socket.create_connection(hurried) for _ in range(6)]
    with socket.create_connection(hurried) as one_more:
        assert said(one_more) == b"", "long before it has been silent for too long"
    for one in many:
        one.close()
    deadline = time.monotonic() + 5
    answer = b""
    while not answer:  # until the server has seen that they are gone
        assert time.monotonic() < deadline
        with socket.create_connection(hurried) as later:
            later.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer = said(later)
    assert b"200" in answer


def test_one_other_computer_does_not_take_the_room_of_all(
    monkeypatch: pytest.MonkeyPatch, hurried: tuple[str, int]
) -> None:
    monkeypatch.setattr(connections, "is_loopback", lambda _address: False)
    many = [socket.create_connection(hurried) for _ in range(4)]
    with socket.create_connection(hurried) as one_more:
        assert said(one_more) == b""
    with socket.create_connection(hurried, source_address=("127.0.0.2", 0)) as another:
        another.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"200" in said(another)
    for one in many:
        one.close()
