"""``python -m sim.dashboard``: start the dashboard and open it in a browser."""

import argparse
from pathlib import Path

from sim.dashboard.server import HOST, PORT, launch
from sim.language import _, detect, use


def main() -> None:
    """Read the command line and start."""
    use(detect())
    parser = argparse.ArgumentParser(prog="python -m sim.dashboard", description=_("Start the dashboard."))
    parser.add_argument("--port", type=int, default=PORT, help=_("port to listen on; 0 takes a free one"))
    parser.add_argument("--host", default=HOST, help=_("address to listen on; 0.0.0.0 lets others on the network in"))
    parser.add_argument("--scenario", type=Path, help=_("scenario file (*.toml) to open with"))
    parser.add_argument("--no-browser", action="store_true", help=_("do not open a browser"))
    given = parser.parse_args()
    launch(given.port, given.host, scenario=given.scenario, browser=not given.no_browser)


if __name__ == "__main__":
    main()
