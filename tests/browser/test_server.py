"""Starting the dashboard: who gets in, what is forgotten, and what a lost connection does to a page."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import Server, Visitor, running
from playwright.sync_api import expect

from benchmarks.dashboard.serving import COMMAND
from benchmarks.dashboard.visitor import Visitor as Caller
from sim.dashboard.choices import VIEWS
from sim.dashboard.web.network import EVERYONE, Place, addresses, find, is_loopback

Visit = Callable[..., Visitor]

FORGETFUL = COMMAND.replace("server.launch(", "server.PING, server.PONG = 0.5, 0.5\nserver.launch(")
"""A server that soon notices that somebody is gone, and soon forgets; it tells of how many it has something."""

CROWDED = """
import os
os.environ["SOLARA_APP"] = "sim.dashboard.page"
from sim.dashboard.web import routes, server
routes.MOST_SESSIONS, routes.MOST_TABS = 3, 2
server.launch(0, browser=False)
"""
"""A server with little room."""

DRAWN = """[...document.querySelectorAll('main svg')].map(picture => {
    const copy = picture.cloneNode(true)
    copy.querySelectorAll('.before, .moved, .was').forEach(part => part.remove())
    return copy.outerHTML.replace(/data-v-\\S+/g, '')
})"""
"""All pictures of a page, but for what a visitor changed them from, which only that visitor has seen."""


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that forgets in a second whom it has lost."""
    folder = tmp_path_factory.mktemp("forgetful")
    with running(["-c", FORGETFUL], folder, SOLARA_KERNEL_CULL_TIMEOUT="1s") as found:
        yield found


class Prefixed:
    """A proxy that shows a server under a path of its own site, and passes on what comes there without the path."""

    def __init__(self, server: Server, path: str) -> None:
        self.server, self.path = server, path
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        """Pass on one connection after another."""
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near: socket.socket) -> None:
        """Pass on one request, and from then on whatever both ends say."""
        head = b""
        while b"\r\n\r\n" not in head and (some := near.recv(65536)):
            head += some
        method, path, rest = head.split(b" ", 2)
        if not path.startswith(self.path.encode() + b"/"):
            near.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            near.close()
            return
        far = socket.create_connection((urlsplit(self.server.address).hostname, urlsplit(self.server.address).port))
        once = b"" if b"upgrade: websocket" in rest.lower() else b"Connection: close\r\n"
        line, _, others = rest.partition(b"\r\n")
        kept = others if not once else re.sub(rb"(?i)connection: [^\r]*\r\n", b"", others)
        far.sendall(b" ".join([method, path.removeprefix(self.path.encode()), line]) + b"\r\n" + once + kept)
        threading.Thread(target=pass_on, args=(near, far), daemon=True).start()
        pass_on(far, near)


def pass_on(one: socket.socket, other: socket.socket) -> None:
    """Pass on what one end says until it has said all."""
    try:
        while said := one.recv(65536):
            other.sendall(said)
    except OSError:
        pass
    for end in (one, other):
        with suppress(OSError):  # the other thread was first
            end.shutdown(socket.SHUT_RDWR)


class Relay:
    """Stands between a browser and a server, and can be cut, as when a laptop sleeps."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.whole = threading.Event()
        self.whole.set()
        self.ends: list[socket.socket] = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        """Connect everyone who comes with the server."""
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            far = socket.create_connection((urlsplit(self.server.address).hostname, urlsplit(self.server.address).port))
            self.ends += near, far
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one: socket.socket, other: socket.socket) -> None:
        """Carry what one end says to the other, as long as the connection is whole."""
        try:
            while said := one.recv(65536):
                self.whole.wait()
                other.sendall(said)
        except OSError:
            pass
        for end in (one, other):
            end.close()

    def cut(self) -> None:
        """Carry nothing any more; neither end is told."""
        self.whole.clear()

    def mend(self) -> None:
        """Carry again; both ends notice that they had lost each other."""
        for end in self.ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self.ends.clear()
        self.whole.set()


def leave(visitor: Visitor) -> None:
    """Close a page that has complained of the connection that it lost, and might once more."""
    visitor.page.close()
    visitor.trouble.clear()


@pytest.fixture
def relay(forgetful: Server) -> Iterator[Relay]:
    """A connection to the forgetful server that can be cut."""
    made = Relay(forgetful)
    yield made
    made.mend()
    made.listening.close()


def sessions(server: Server) -> int:
    """Visitors that a server holds something of."""
    with urllib.request.urlopen(f"{server.address}/sessions", timeout=60) as answer:  # noqa: S310 - http
        return json.load(answer)


def until_sessions(server: Server, count: int) -> None:
    """Wait until a server holds so many."""
    end = time.monotonic() + 30
    while (held := sessions(server)) != count:
        assert time.monotonic() < end, f"{held} sessions, not {count}"
        time.sleep(0.1)


def status(server: Server, path: str = "/", **headers: str) -> int:
    """Status of a request with these headers."""
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=60)
    connection.request("GET", path, headers={key.replace("_", "-"): value for key, value in headers.items()})
    return connection.getresponse().status


def upgraded(server: Server, **headers: str) -> tuple[int, socket.socket]:
    """Open a websocket of a page, by hand; gives the status and the connection."""
    place = urlsplit(server.address)
    connection = socket.create_connection((place.hostname, place.port), timeout=60)
    lines = {
        "Host": place.netloc,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        **headers,
    }
    head = "".join(f"{key}: {value}\r\n" for key, value in lines.items())
    connection.sendall(
        f"GET /jupyter/api/kernels/{uuid.uuid4()}/channels?session_id=page HTTP/1.1\r\n{head}\r\n".encode()
    )
    return int(connection.recv(64).split()[1]), connection


def start(*options: str) -> subprocess.CompletedProcess[str]:
    """Start the dashboard where it should refuse to."""
    command = [sys.executable, "-m", "sim.cli", "app", "--no-browser", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("host", [*EVERYONE, "192.0.2.7"])
def test_other_computers_are_let_in_on_purpose_only(host: str) -> None:
    done = start("--host", host, "--port", "0")
    assert done.returncode == 2
    assert "--share" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("localhost", True),
        ("::ffff:127.0.0.1", True),
        (EVERYONE[0], False),
        (EVERYONE[1], False),
        ("192.168.1.20", False),
        ("fe80::1", False),
        ("spiraal.example", False),
    ],
)
def test_what_is_this_computer_alone(host: str, own: bool) -> None:
    assert is_loopback(host) == own


def test_the_least_private_address_of_a_name_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, 0, 0, "", (address, 0)) for address in ("127.0.0.1", "192.168.1.20")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert find("both.example").address == "192.168.1.20"


def test_addresses_for_other_computers(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    class Found:
        def __init__(self, family: int, address: str) -> None:
            self.family, self.address = family, address

    up, down = type("Up", (), {"isup": True}), type("Down", (), {"isup": False})
    cards = {
        "lo": [Found(socket.AF_INET, "127.0.0.1"), Found(socket.AF_INET6, "::1")],
        "wlan0": [Found(socket.AF_INET6, "fd00::2"), Found(socket.AF_INET, "192.168.1.20")],
        "eth0": [Found(socket.AF_INET6, "fe80::1%eth0"), Found(socket.AF_INET, "169.254.3.4")],
        "eth1": [Found(socket.AF_INET, "10.0.0.3")],
    }
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: cards)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: down if name == "eth1" else up for name in cards})
    everyone = Place("::", socket.AF_INET6)
    assert addresses(Place(EVERYONE[0], socket.AF_INET)) == {"192.168.1.20": "wlan0"}
    assert addresses(everyone) == {"192.168.1.20": "wlan0", "fd00::2": "wlan0"}
    assert addresses(Place("127.0.0.1", socket.AF_INET)) == {}
    assert everyone.url(8765, "fd00::2") == "http://[fd00::2]:8765"


def test_a_page_of_another_site_does_not_get_in(server: Server) -> None:
    assert status(server) == 200
    assert status(server, Host="rebound.example") == 400
    assert upgraded(server, Origin=server.address)[0] == 101
    assert upgraded(server, Origin="http://rebound.example")[0] == 403
    assert upgraded(server, Origin="http://127.0.0.1:1")[0] == 403
    assert upgraded(server, Host="rebound.example", Origin="http://rebound.example")[0] == 403


def raw(server: Server, path: str, method: str = "GET") -> int:
    """Status of a request for a path as it is written."""
    place = urlsplit(server.address)
    with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n".encode())
        return int(connection.recv(64).split()[1])


FOLDERS = (
    "/",
    "/_solara/cdn/",
    "/static/",
    "/static/assets/",
    "/static/public/",
    "/jupyter/nbextensions/",
    "/jupyter/",
)
NASTY = (
    *("left-pad@1.3.0/index.js", "left-pad", "@widgetti", "requirejs@2.3.6", "requirejs@2.3.6/"),
    *(
        "/etc/passwd",
        "/etc/no-such-file",
        "../../../../../../etc/passwd",
        "requirejs@2.3.6/../../../../../../etc/passwd",
    ),
    *(
        "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2fetc%2fpasswd",
        "..%5c..%5cetc",
        "%00",
        "a%00.js",
    ),
    *("%5c%5chost.example%5cshare%5cfile", "/host.example/share", "C:%5cWindows%5cwin.ini", "C:/Windows/win.ini"),
    *("http://host.example/", "%68ttp:%2f%2fhost.example", "x" * 3000, "%ff%fe", "CON", "a.js::$DATA"),
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_whatever_is_asked_for_nothing_is_fetched_from_elsewhere(server: Server, folder: str) -> None:
    started = time.monotonic()
    for path in NASTY:
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            assert raw(server, folder + path, method) in (400, 404, 405), (method, path)
    assert time.monotonic() - started < 30
    assert status(server, "/_solara/cdn/requirejs@2.3.6/require.js") == 200, "no visitor can delete it"
    assert not server.outward.exists(), server.outward.read_text()


@pytest.mark.parametrize(
    "path",
    [
        *("/resourcez", "/resourcez?verbose", "/_solara/api/evict/a", "/_solara/auth/login", "/jupyter/api/kernels/a"),
        *("/favicon.ico", "/static/", "/static", "/_solara/cdn", "/any/page", "/page"),
    ],
)
def test_what_the_dashboard_does_not_need_is_closed(server: Server, path: str) -> None:
    assert raw(server, path) == 404
    assert raw(server, path, "POST") in (404, 405)


def test_the_page_loads_scripts_of_this_server_alone(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    policy = page.request.get(page.url).headers["content-security-policy"]
    assert "http" not in policy
    assert "'unsafe-inline'" not in re.search("script-src ([^;]*)", policy)[1]
    blocked = page.evaluate("""async () => {
        const found = []
        document.addEventListener("securitypolicyviolation", event => found.push(event.violatedDirective))
        const inline = document.createElement("script")
        inline.textContent = "window.gotIn = true"
        document.head.append(inline)
        new Image().src = "//host.example/picture"
        await fetch("http://host.example/").catch(() => null)
        await new Promise(done => setTimeout(done, 500))
        return [window.gotIn, found.sort()]
    }""")
    assert blocked == [None, ["connect-src", "img-src", "script-src-elem"]]
    leave(visitor)


def test_scripts_are_compressed_once_for_all(server: Server) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=60)
    path, answers = "/_solara/cdn/requirejs@2.3.6/require.js", []
    for headers in ({"Accept-Encoding": "gzip"}, {"Accept-Encoding": "gzip"}, {}):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answers.append((answer.headers["Content-Encoding"], answer.headers["ETag"], answer.read()))
    assert answers[0] == answers[1]
    assert answers[0][0] == "gzip"
    assert answers[2][0] is None
    assert gzip.decompress(answers[0][2]) == answers[2][2]
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", "If-None-Match": answers[0][1]})
    assert connection.getresponse().status == 304


def test_a_visitor_cannot_move_the_page(server: Server) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=60)
    connection.request("GET", "/", headers={"X-Script-Name": "//rebound.example"})
    assert b"rebound" not in connection.getresponse().read()


def test_a_message_that_is_too_large_is_not_read(server: Server) -> None:
    code, connection = upgraded(server)
    assert code == 101
    length = 3 * 1024**2
    try:
        connection.sendall(b"\x81\xff" + length.to_bytes(8, "big") + b"mask" + b" " * length)
        while said := connection.recv(65536):
            if b"\x03\xf1" in said:  # 1009: too large
                return
    except ConnectionError:
        return
    pytest.fail("it was read")


def test_sharing_tells_how_and_works(visit: Visit, tmp_path: Path) -> None:
    said: list[str] = []
    with running(["-m", "sim.cli", "app", "--share", "--port", "0", "--no-browser"], tmp_path, said=said) as shared:
        own = list(addresses(Place(EVERYONE[0], socket.AF_INET)))
        if not own:
            pytest.skip("this computer is on no network")
        port = urlsplit(shared.address).port
        token = re.search(r"token=(\w+)", "".join(said))[1]
        at = Server(f"http://{own[0]}:{port}", shared.outward)
        visitor = visit(f"?token={token}", at=at, hosts=frozenset(own))
        visitor.drag("strain", 0.07)
        expect(visitor.page).to_have_url(re.compile(f"strain=0.07.*token={token}"))
        visitor.reload()
        expect(visitor.part("strain")).to_have_value("0.07")
        visitor.part("share").click()
        expect(visitor.part("share-address")).to_have_value(re.compile(f"token={token}$"))
        assert status(shared, Host="rebound.example") == 400
        assert not shared.outward.exists(), shared.outward.read_text()
        visitor.page.context.close()
    assert f"http://{own[0]}:{port}/?token={token}" in "".join(said)


def test_who_has_not_the_whole_link_is_told_so_in_both_languages(chromium: Any, tmp_path: Path) -> None:
    said: list[str] = []
    with running(["-m", "sim.cli", "app", "--share", "--port", "0", "--no-browser"], tmp_path, said=said) as shared:
        page = chromium.new_context().new_page()
        for link in ("", "?token=", "?token=wrong", "?language=nl&token=%F0%9F%94%91"):
            assert page.goto(f"{shared.address}/{link}").status == 403
            expect(page.locator("body")).to_contain_text("Open the whole link")
            expect(page.locator("body")).to_contain_text("Open de hele link")
        for path in ("/readyz", "/static/main-vuetify.js", "/_solara/cdn/requirejs@2.3.6/require.js", "/nothing"):
            assert status(shared, path) == 403
        assert upgraded(shared, Origin=shared.address)[0] == 403
        cookie = f"spiraal-token-{urlsplit(shared.address).port}"
        token = re.search(r"token=(\w+)", "".join(said))[1]
        assert upgraded(shared, Origin=shared.address, Cookie=f"{cookie}=wrong")[0] == 403
        assert upgraded(shared, Origin=shared.address, Cookie=f"other=1; {cookie}={token}")[0] == 101
        page.context.close()


def test_where_there_is_no_room_visitors_are_told_so(tmp_path: Path) -> None:
    with running(["-c", CROWDED], tmp_path) as crowded:
        one, other = ({"Cookie": f"solara-session-id={name}"} for name in ("one", "other"))
        tabs = [upgraded(crowded, **one), upgraded(crowded, **one)]
        assert [code for code, _connection in tabs] == [101, 101]
        assert upgraded(crowded, **one)[0] == 403, "one browser has no more room"
        assert status(crowded) == 200, "others have"
        tabs.append(upgraded(crowded, **other))
        assert tabs[-1][0] == 101
        assert upgraded(crowded, Cookie="solara-session-id=third")[0] == 403
        assert status(crowded) == 503
        for _code, connection in tabs:
            connection.close()


def test_whoever_wants_it_open_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    command = ["-m", "sim.cli", "app", "--share", "--no-token", "--port", "0", "--no-browser"]
    with running(command, tmp_path, said=said) as shared:
        assert status(shared) == 200
        time.sleep(0.5)
    assert "no passwords" in "".join(said)
    assert "token" not in "".join(said)


def test_a_proxy_may_show_it_under_a_path_of_its_site(visit: Visit, tmp_path: Path) -> None:
    command = ["-m", "sim.cli", "app", "--port", "0", "--no-browser"]
    settings = {"SOLARA_ROOT_PATH": "/class/spiraal", "SPIRAAL_HOSTS": "127.0.0.1", "SPIRAAL_TOKEN": "of-all-days"}
    with running(command, tmp_path, **settings) as served:
        proxy = Prefixed(served, "/class/spiraal")
        visitor = visit("class/spiraal/?token=of-all-days", at=Server(proxy.address, served.outward))
        visitor.drag("strain", 0.07)
        expect(visitor.page).to_have_url(re.compile("/class/spiraal/.*strain=0.07.*token=of-all-days"))
        visitor.reload()
        expect(visitor.part("strain")).to_have_value("0.07")
        visitor.page.context.close()
        proxy.listening.close()


def test_a_token_that_cannot_be_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIRAAL_TOKEN", "short")
    done = start("--share", "--port", "0")
    assert done.returncode == 2
    assert "SPIRAAL_TOKEN" in done.stderr
    assert "short" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others")
def test_ctrl_c_ends_it_without_a_word(tmp_path: Path) -> None:
    import signal

    said: list[str] = []
    with running(["-m", "sim.cli", "app", "--port", "0", "--no-browser"], tmp_path, said=said) as served:
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(30) == 0
    assert "Traceback" not in "".join(said)


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_asks_anything_of_another_computer(visit: Visit, server: Server, view: str) -> None:
    visitor = visit(f"?view={view}")
    expect(visitor.page.locator("main > :last-child")).to_be_visible()
    visitor.page.wait_for_load_state("networkidle")
    assert not server.outward.exists(), server.outward.read_text()


def test_a_closed_tab_is_forgotten_at_once(visit: Visit, forgetful: Server) -> None:
    until_sessions(forgetful, 0)
    one, other = visit(at=forgetful), visit(at=forgetful)
    assert sessions(forgetful) == 2
    one.page.close(run_before_unload=True)
    until_sessions(forgetful, 1)
    other.page.context.close()
    until_sessions(forgetful, 0)


def test_a_lost_tab_is_forgotten(forgetful: Server) -> None:
    until_sessions(forgetful, 0)
    code, connection = upgraded(forgetful)
    assert code == 101
    until_sessions(forgetful, 1)
    until_sessions(forgetful, 0)  # it does not answer any more, but the connection is open
    connection.close()


def test_a_page_that_came_back_before_its_old_connection_ended_stays(forgetful: Server) -> None:
    """As when wireless drops: there is a new connection long before the server knows that the old one is dead."""
    until_sessions(forgetful, 0)
    with Caller(forgetful.address) as caller, ExitStack() as old:
        old.callback(caller.socket.close)
        caller.socket = caller.stack.enter_context(caller.connected())
        old.close()
        time.sleep(3)  # three times as long as the server keeps a page that nobody has open
        assert sessions(forgetful) == 1
        caller.choose(scenario="ordinary-class")
        assert json.loads(caller.state["settings"])["chosen"]["scenario"] == "ordinary-class"
    until_sessions(forgetful, 0)


def test_a_page_that_was_away_for_long_opens_again_from_its_link(visit: Visit, forgetful: Server, relay: Relay) -> None:
    visitor = visit("?scenario=ordinary-class", at=Server(relay.address, forgetful.outward))
    page = visitor.page
    visitor.drag("strain", 0.07)
    expect(page).to_have_url(re.compile("strain=0.07"))
    relay.cut()
    until_sessions(forgetful, 0)
    with page.expect_navigation(wait_until="load", timeout=60_000):
        relay.mend()
    visitor.part("now").wait_for()
    expect(visitor.part("strain")).to_have_value("0.07")
    visitor.drag("strain", 0.4)
    expect(page).to_have_url(re.compile("strain=0.4"))
    leave(visitor)


def test_what_was_chosen_while_the_connection_was_lost_is_asked_again(
    visit: Visit, serve: Callable[..., Server], server: Server
) -> None:
    between = Relay(server)
    visitor = visit(at=Server(between.address, server.outward))
    between.cut()
    visitor.drag("strain", 0.07)
    between.mend()
    expect(visitor.page).to_have_url(re.compile("strain=0.07"), timeout=30_000)
    expect(visitor.part("lost")).to_have_count(0)
    leave(visitor)
    between.listening.close()


@pytest.mark.parametrize("view", ["story", "map", "trajectories"])
def test_a_link_gives_another_visitor_the_same_pictures(visit: Visit, view: str) -> None:
    one = visit(f"?scenario=low-support&view={view}")
    one.page.keyboard.press("End")
    one.drag("emotional_support", 0.31)
    expect(one.page).to_have_url(re.compile("emotional_support=0.31.*week=36"))
    other = visit(f"?{urlsplit(one.page.url).query}")
    expect(other.part("now")).to_have_text(one.part("now").inner_text())
    drawn = one.page.evaluate(DRAWN)
    assert len("".join(drawn)) > 1000
    other.page.wait_for_function(f"before => JSON.stringify({DRAWN}) === JSON.stringify(before)", arg=drawn)
    one.reload()
    one.page.wait_for_function(f"before => JSON.stringify({DRAWN}) === JSON.stringify(before)", arg=drawn)
