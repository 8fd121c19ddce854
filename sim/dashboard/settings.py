"""Settings of the dashboard's server that keep it quiet, private and light, whichever way it is started."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

__all__ = ["ASSETS", "CDN", "SCENARIO", "TOKEN", "configure", "root_path"]

SCENARIO: Final = "SPIRAAL_SCENARIO"
"""Environment variable with the scenario file that visitors see first."""

TOKEN: Final = "SPIRAAL_TOKEN"  # noqa: S105 - where it is found, not what it is
"""Environment variable with the token that links have to have; empty where none is needed."""

CDN: Final = "/_solara/cdn"
"""Where pages take the scripts of the server underneath from; they lie on this computer."""

ASSETS: Final = Path(__file__).with_name("assets")
"""Folder with the dashboard's own files that go before those of the server underneath."""

SETTINGS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("main", "mode", "production"),  # the development mode reports to the makers of the server
    ("main", "root_path", ""),  # otherwise the first visitor can say where pages take their scripts from
    ("telemetry", "mixpanel_enable", False),
    ("kernel", "cull_timeout", "30s"),  # otherwise a tab that was lost keeps its memory for a day
    ("session", "http_only", True),
    ("theme", "show_banner", False),
    ("theme", "title", "Spiraal"),
    ("theme", "loader", "plain"),
    ("theme", "force_refresh", True),  # a page that was forgotten opens again from its link
    ("assets", "fontawesome_enabled", False),
    ("assets", "extra_locations", [str(ASSETS)]),
)
"""Section, key and value of the server's settings; an environment variable goes before each."""


def configure() -> None:
    """Put the server's settings in force, whichever way it is started."""
    import solara
    from solara.server import settings

    for section, key, value in SETTINGS:
        variable = "_".join(["SOLARA", *([] if section == "main" else [section]), key]).upper()
        if variable not in os.environ:
            setattr(getattr(settings, section), key, value)
    solara.settings.assets.proxy = False  # nothing is fetched from elsewhere, whatever is asked for
    solara.settings.assets.cdn = root_path() + CDN


def root_path() -> str:
    """Give the path under which a proxy shows the dashboard, such as ``/spiraal``; empty where it has a site alone."""
    from solara.server import settings

    return (settings.main.root_path or "").rstrip("/")
