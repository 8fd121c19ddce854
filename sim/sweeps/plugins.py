"""Files with interventions of a user, as something that can travel to a worker and be used there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from sim.interventions import REGISTRY, Intervention, load_plugin

__all__ = ["Plugin", "install", "read_plugin"]


class Plugin(NamedTuple):
    """A file with interventions: its name and what is in it."""

    name: str
    source: str


class Installed(NamedTuple):
    """Where the file of a plug-in is, and what it registers."""

    path: Path
    interventions: dict[str, type[Intervention]]


_installed: dict[Plugin, Installed] = {}
_folders: list[tempfile.TemporaryDirectory[str]] = []
_one_at_a_time = Lock()


def read_plugin(path: Path) -> Plugin:
    """Load a file with interventions, as something that can travel to a worker.

    Raises
    ------
    PluginError
        When it cannot be used.
    """
    names = load_plugin(path)
    plugin = Plugin(path.name, path.read_text(encoding="utf-8"))
    _installed[plugin] = Installed(path, {name: REGISTRY[name] for name in names})
    return plugin


def install(plugins: Iterable[Plugin]) -> tuple[Path, ...]:
    """Make the interventions of files available in this process; returns where the files are.

    Raises
    ------
    PluginError
        When one cannot be used.
    """
    paths = []
    with _one_at_a_time:
        for plugin in plugins:
            if plugin not in _installed:
                folder = tempfile.TemporaryDirectory(prefix="spiraal-")
                _folders.append(folder)  # the file has to be there as long as its code is in use
                path = Path(folder.name) / plugin.name
                path.write_text(plugin.source, encoding="utf-8")
                _installed[plugin] = Installed(path, {name: REGISTRY[name] for name in load_plugin(path)})
            REGISTRY.update(_installed[plugin].interventions)
            paths.append(_installed[plugin].path)
    return tuple(paths)
