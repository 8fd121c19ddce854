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


class PackagedError(Exception):
    """A file that belongs to the program is not there; the message says which."""


def packaged(name: str) -> Path:
    """A file or folder that comes with the program.

    Parameters
    ----------
    name
        Its path within the package; ``experiments`` lies beside the package in a checkout, and in it once installed.

    Raises
    ------
    PackagedError
        When it is not there.
    """
    for folder in (PACKAGE, PACKAGE.parent):
        path = folder / name
        if path.exists():
            return path
    raise PackagedError(f"{PACKAGE / name}: is missing; install Spiraal again")
