"""Starting the server, with settings that keep it quiet, private and light."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.dashboard.settings import SCENARIO, TOKEN, configure
from sim.dashboard.web.door import TOKEN_FORM, Door, named_sites, new_token
from sim.dashboard.web.network import EVERYONE, Place, addresses, find, is_loopback
from sim.files.language import N_, _

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["PORT", "ServingError", "launch"]

PORT: Final = 8765
LARGEST_MESSAGE: Final = 2 * 1024**2
"""Bytes of a message from a browser; a class list is the largest that there is."""

LARGEST_HEAD: Final = 32 * 1024
"""Bytes of a request before its content: a link, and what a browser tells of itself."""

PING: Final = 10.0
"""Seconds between two questions whether a browser is still there."""

PONG: Final = 15.0
"""Seconds in which it has to answer."""

GRACE: Final = 1
"""Seconds in which visitors are told that the server ends; a second later it has ended."""

SIGNALLED: Final = 128
"""What the number of a signal is added to for the exit code."""

TIDYING: Final = 10.0
"""Seconds between two times at which free memory is given back."""

MMAP_THRESHOLD: Final = -3
"""What glibc calls the size from which on memory is asked of the system piece by piece."""

LARGE: Final = 256 * 1024
"""That size in bytes: a year takes megabytes, and all of it goes back as soon as it is free."""

LATER: Final = ("babel.numbers", "networkx", "pandas", "pyarrow.parquet", "segno")
"""Libraries that files to take home need."""

PATIENCE: Final = 3.0
"""Seconds after which a start explains why it takes long."""


COMPILING: Final = N_(
    "For up to a minute, once on this computer, equations are compiled; until then stories can be seen as they are."
)


class ServingError(Exception):
    """The dashboard cannot be started like this; the message says why, to the user."""


def launch(
    port: int = PORT,
    host: str | None = None,
    *,
    share: bool = False,
    token: bool = True,
    scenario: Path | None = None,
    browser: bool = True,
) -> None:
    """Serve the dashboard until it is stopped.

    Parameters
    ----------
    port
        Port to listen on; 0 takes a free one.
    host
        Address to listen on; by default nobody but this computer can reach it, and with `share` everyone on the
        network.
    share
        Whether other computers may reach it.
    token
        Whether visitors need the whole link when it is shared; without, everyone who reaches the computer gets in.
    scenario
        Scenario file that visitors see first; the shipped example without one.
    browser
        Whether to open a browser, where there is a screen.

    Raises
    ------
    ServingError
        When it would be open to others without `share`, when it cannot listen there, or when a token or a site
        in the environment cannot be one.
    """
    if scenario is not None:
        _check(scenario)
        os.environ[SCENARIO] = str(scenario.resolve())
    try:
        named_sites()
    except ValueError as error:
        raise ServingError(str(error)) from None
    os.environ[TOKEN] = _token(share=share) if token else ""
    place, listening = _listen(port, host or (EVERYONE[0] if share else "127.0.0.1"), share=share)
    try:
        _prepare()
        threading.Thread(target=_tidy, daemon=True).start()
        import uvicorn

        from sim.dashboard import warming
        from sim.dashboard.web.connections import Connection
        from sim.dashboard.web.files import FileCache
        from sim.dashboard.web.routes import application

        class Server(uvicorn.Server):
            """A server that says where it is as soon as it answers, and that ends in time."""

            def handle_exit(self, sig: int, frame: FrameType | None) -> None:
                super().handle_exit(sig, frame)
                code = 0 if sig == signal.SIGINT else SIGNALLED + sig
                last = threading.Timer(GRACE + 1.0, os._exit, [code])  # a thread that computes is not waited for
                last.daemon = True
                last.start()

            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                where = _where(place, listening.getsockname()[1])
                print(_told(place, listening.getsockname()[1]), flush=True)  # noqa: T201
                if warming.begin():
                    print(_(COMPILING), flush=True)  # noqa: T201
                if browser and has_screen():
                    webbrowser.open(where)

        served = application()
        served.state.links = lambda: [place.url(listening.getsockname()[1], one) for one in addresses(place)]
        config = uvicorn.Config(
            Door(FileCache(served), shared=share, token=os.environ[TOKEN]),
            http=Connection,
            h11_max_incomplete_event_size=LARGEST_HEAD,
            log_level="warning",
            server_header=False,
            ws_max_size=LARGEST_MESSAGE,
            ws_ping_interval=PING,
            ws_ping_timeout=PONG,
            timeout_graceful_shutdown=GRACE,
        )
        Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # this is how it is stopped
    finally:
        listening.close()


def _listen(port: int, host: str, *, share: bool) -> tuple[Place, socket.socket]:
    """Take the port, if it may be taken."""
    try:
        place = find(host)
        if not (share or is_loopback(place.address)):
            message = _(
                "With --host {host}, other computers can open the dashboard. If that is what you want, add --share; "
                "otherwise leave --host out."
            )
            raise ServingError(message.format(host=host))
        both = place.is_for_everyone and place.family == socket.AF_INET6 and socket.has_dualstack_ipv6()
        listening = socket.create_server((place.address, port), family=place.family, dualstack_ipv6=both)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        message = _("cannot listen on {host}, port {port}: {reason}")
        raise ServingError(message.format(host=host, port=port, reason=reason)) from None
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # what was sent to a browser that is gone is not waited for
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(1000 * (PING + PONG)))
    return place, listening


def _token(*, share: bool) -> str:
    """Give the token that was chosen, or a new one for a dashboard that is shared."""
    chosen = os.environ.get(TOKEN, "")
    if chosen and not TOKEN_FORM.fullmatch(chosen):
        message = _("{variable} has to be 8 to 128 letters, digits, - or _; found {length} characters")
        raise ServingError(message.format(variable=TOKEN, length=len(chosen)))
    return chosen or (new_token() if share else "")


def _prepare() -> None:
    """Load the page, and what it may need later; a scenario of which there is no film is simulated.

    A library that is first loaded while visitors are at work makes all of them wait, and those most who need it.
    """
    patience = threading.Timer(
        PATIENCE,
        lambda: print(  # noqa: T201
            _("Starting (on the first run the equations are compiled; this takes up to a minute) …"), flush=True
        ),
    )
    patience.daemon = True
    patience.start()
    try:
        os.environ["SOLARA_APP"] = "sim.dashboard.page"
        configure()
        for module in ("sim.dashboard.page", *LATER):
            importlib.import_module(module)
    finally:
        patience.cancel()


def _tidy() -> None:
    """Give free memory back to the system, for ever; Linux keeps it for each thread, and every visitor has one."""
    library: Any = ctypes.CDLL(None) if sys.platform == "linux" else None
    if hasattr(library, "mallopt"):
        library.mallopt(MMAP_THRESHOLD, LARGE)
    while hasattr(library, "malloc_trim"):
        time.sleep(TIDYING)
        library.malloc_trim(0)


def _where(place: Place, port: int) -> str:
    """Write the link that opens the dashboard on this computer."""
    return _link(place, port, dict(zip(EVERYONE, ("127.0.0.1", "::1"), strict=True)).get(place.address))


def _link(place: Place, port: int, address: str | None) -> str:
    """Write the link to an address, with the token where one is needed."""
    token = os.environ[TOKEN]
    return place.url(port, address) + (f"/?token={token}" if token else "")


def _told(place: Place, port: int) -> str:
    """Tell where the dashboard is, and to whom it is open."""
    here = _("The dashboard is at {address} (Ctrl+C stops it).").format(address=_where(place, port))
    if is_loopback(place.address):
        return here
    others = [
        "  " + _link(place, port, address) + (f"  ({connection})" if connection else "")
        for address, connection in addresses(place).items()
    ]
    if not others:
        return "\n".join((here, _("This computer is on no network: other computers cannot open it.")))
    return "\n".join(
        (
            here,
            _("On other computers in the room:"),
            *others,
            _(
                "They have to be on the same network (the same Wi-Fi) as this computer. If the page does not open "
                "there, allow Python through the firewall of this computer; some networks keep computers apart, "
                "and then a phone's hotspot helps."
            ),
            _("Whoever has the whole link can open it.")
            if os.environ[TOKEN]
            else _("Everyone on this network can open it: there are no passwords."),
            _("Visitors do not see each other's choices, and a class of their own stays in their own tab's session."),
        )
    )


def has_screen() -> bool:
    """Whether a browser has a screen to open on."""
    return sys.platform in ("win32", "darwin") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _check(scenario: Path) -> None:
    """Stop with a message when a scenario cannot be used."""
    from sim.scenario import ClassListError, ScenarioError, load

    try:
        load(scenario)
    except (ScenarioError, ClassListError) as error:
        raise ServingError(str(error)) from None
