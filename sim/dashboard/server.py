"""Starting the server, with settings that keep it quiet, private and light."""

from __future__ import annotations

import os
import socket
import sys
import warnings
import webbrowser
from pathlib import Path
from typing import Any, Final

from sim.language import _

__all__ = ["HOST", "PORT", "SCENARIO", "configure", "launch"]

HOST: Final = "127.0.0.1"
PORT: Final = 8765
SCENARIO: Final = "SPIRAAL_SCENARIO"
"""Environment variable with the scenario file that visitors see first."""

ASSETS: Final = Path(__file__).with_name("assets")

SETTINGS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("main", "mode", "production"),  # the development mode reports to the makers of the server
    ("telemetry", "mixpanel_enable", False),
    ("kernel", "cull_timeout", "10m"),  # otherwise a tab that was closed keeps its memory for a day
    ("theme", "show_banner", False),
    ("theme", "title", "Spiraal"),
    ("theme", "loader", "plain"),
    ("assets", "fontawesome_enabled", False),
    ("assets", "extra_locations", [str(ASSETS)]),
)
"""Section, key and value of the server's settings; an environment variable goes before each."""


def configure() -> None:
    """Put the server's settings in force, whichever way it is started."""
    from solara.server import settings

    for section, key, value in SETTINGS:
        variable = "_".join(["SOLARA", *([] if section == "main" else [section]), key]).upper()
        if variable not in os.environ:
            setattr(getattr(settings, section), key, value)


def launch(port: int = PORT, host: str = HOST, *, scenario: Path | None = None, browser: bool = True) -> None:
    """Serve the dashboard until it is stopped.

    Parameters
    ----------
    port
        Port to listen on; 0 takes a free one.
    host
        Address to listen on; by default nobody but this computer can reach it.
    scenario
        Scenario file that visitors see first; the shipped example without one.
    browser
        Whether to open a browser, where there is a screen.

    Raises
    ------
    SystemExit
        When the port is in use, or the scenario cannot be used; the message says why.
    """
    import uvicorn

    if scenario is not None:
        _check(scenario)
        os.environ[SCENARIO] = str(scenario.resolve())
    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        raise SystemExit(
            _("cannot listen on {host}, port {port}: {reason}").format(
                host=host, port=port, reason=str(error.strerror).partition(" (")[0]
            )
        ) from None
    os.environ["SOLARA_APP"] = "sim.dashboard.page"
    configure()
    everyone = host == "0.0.0.0"  # noqa: S104 - only where it is asked for
    port = listening.getsockname()[1]
    address = f"http://{socket.gethostname() if everyone else host}:{port}"

    class Server(uvicorn.Server):
        """A server that says where it is as soon as it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(_("The dashboard is at {address} (Ctrl+C stops it).").format(address=address), flush=True)  # noqa: T201
            if browser and has_screen():
                webbrowser.open(f"http://{HOST if everyone else host}:{port}")

    warnings.filterwarnings("ignore", message="Cookies with samesite")  # there is no frame to be shown in
    config = uvicorn.Config("solara.server.starlette:app", log_level="warning", timeout_graceful_shutdown=2)
    Server(config).run(sockets=[listening])


def has_screen() -> bool:
    """Whether a browser has a screen to open on."""
    return sys.platform in ("win32", "darwin") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _check(scenario: Path) -> None:
    """Stop with a message when a scenario cannot be used."""
    from sim.scenario import ClassListError, ScenarioError, load

    try:
        load(scenario)
    except (ScenarioError, ClassListError) as error:
        raise SystemExit(str(error)) from None
