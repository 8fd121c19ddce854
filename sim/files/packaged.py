"""Files that come with the program: one way to find them, wherever it is installed.

A source that reads a *file* names it here in so many words, so that `sim.files.fingerprint` sees that its numbers
depend on it. A *folder* is a catalogue: what somebody takes from it (a scenario, a plan, a study) is written down in
full where it is used.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["PACKAGE", "PackagedError", "packaged"]

PACKAGE = Path(__file__).parents[1]
"""The folder of the package ``sim``."""
PLACES = (Path(__file__).with_name("shipped"), PACKAGE, PACKAGE.parent)
"""Where files of the program are; experiments lie beside the package in a checkout, and in it once installed."""


class PackagedError(Exception):
    """A file that belongs to the program is not there; the message says which."""


def packaged(name: str) -> Path:
    """A file or folder that comes with the program.

    Parameters
    ----------
    name
        Its name.

    Raises
    ------
    PackagedError
        When it is not there.
    """
    for folder in PLACES:
        path = folder / name
        if path.exists():
            return path
    raise PackagedError(f"{name}: is missing from {PACKAGE}; install Spiraal again")
