"""Plug-ins: files with interventions and mechanisms of a user, as what travels to a worker and is kept with results.

A plug-in is a program and can do whatever its user can. It runs when a user names its file; what is kept with
somebody's results runs only when the user says that it is to be trusted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from sim.files.language import _, ngettext
from sim.files.temporary import temporary_folder
from sim.interventions import REGISTRY, Intervention, PluginError, load_plugin
from sim.mechanisms import MECHANISMS, Mechanism

__all__ = ["Plugin", "UntrustedError", "check_trust", "install", "printable", "read_plugin"]


class UntrustedError(Exception):
    """A plug-in of somebody's results would have to run; the message says which, and how to look at it."""


class Plugin(NamedTuple):
    """A file with interventions or mechanisms: its name, which is nothing but a word, and what is in it."""

    name: str
    source: str

    @property
    def sha256(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.source.encode()).hexdigest()


class Brought(NamedTuple):
    """What a plug-in has: interventions and mechanisms, by name."""

    interventions: dict[str, type[Intervention]]
    mechanisms: dict[str, Mechanism]


_installed: dict[Plugin, Brought] = {}
_one_at_a_time = Lock()


def read_plugin(path: Path) -> Plugin:
    """Load a file with interventions or mechanisms that the user has named.

    Raises
    ------
    PluginError
        When it cannot be used.
    """
    names = load_plugin(path)
    try:
        plugin = Plugin(path.name, path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError:
        raise PluginError(_("{path}: is not UTF-8").format(path=path)) from None
    _installed[plugin] = brought(names)
    return plugin


def install(plugins: Iterable[Plugin]) -> None:
    """Make the interventions and mechanisms of plug-ins available in this process.

    Raises
    ------
    PluginError
        When one cannot be used.
    """
    with _one_at_a_time:
        for plugin in plugins:
            if plugin not in _installed:
                _installed[plugin] = load(plugin)
            REGISTRY.update(_installed[plugin].interventions)
            MECHANISMS.update(_installed[plugin].mechanisms)


def load(plugin: Plugin) -> Brought:
    """Run a plug-in; returns what it has.

    It is a file of a name of our own in a folder of our own, and no longer than it is read: what is loaded needs it
    no more, and nothing stays on the disk.
    """
    with temporary_folder() as folder:
        path = folder / f"plugin_{plugin.sha256[:16]}.py"
        path.write_bytes(plugin.source.encode())
        try:
            names = load_plugin(path)
        except PluginError as error:
            message = str(error).replace(str(path), printable(plugin.name)).replace(path.name, printable(plugin.name))
            raise PluginError(message) from error
    MECHANISMS.update(
        {name: replace(MECHANISMS[name], file=printable(plugin.name)) for name in names if name in MECHANISMS}
    )
    return brought(names)


def brought(names: Iterable[str]) -> Brought:
    """What has just been loaded, by its names."""
    found = tuple(names)
    return Brought(
        {name: REGISTRY[name] for name in found if name in REGISTRY},
        {name: MECHANISMS[name] for name in found if name in MECHANISMS},
    )


def check_trust(plugins: Sequence[Plugin], folder: Path, *, trusted: bool) -> None:
    """Check that the plug-ins of results may run.

    Parameters
    ----------
    plugins
        What would run.
    folder
        The results.
    trusted
        Whether the user has said so.

    Raises
    ------
    UntrustedError
        When there are plug-ins, and the user has not.
    """
    if trusted or not plugins:
        return
    heading = _("{folder}: was made with plug-ins, which are programs and can do whatever you can; none has run")
    lines = [heading.format(folder=folder), *map(described, plugins)]
    lines.append(_("spiraal plugins {folder} shows them; --trust-plugins runs them").format(folder=folder))
    raise UntrustedError("\n".join(lines))


def described(plugin: Plugin) -> str:
    """Name, length and checksum of a plug-in on one line."""
    count = len(plugin.source.splitlines())
    message = ngettext("{name}: {count} line, sha256 {sha256}", "{name}: {count} lines, sha256 {sha256}", count)
    return message.format(name=printable(plugin.name), count=count, sha256=plugin.sha256)


def printable(text: str, besides: str = "") -> str:
    """Text of somebody else without what would steer a terminal or turn the direction of reading."""
    return "".join(each if each.isprintable() or each in besides else "\N{REPLACEMENT CHARACTER}" for each in text)
