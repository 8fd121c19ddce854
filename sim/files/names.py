"""Names of children as people write them: the same whatever accents are composed of, however spaces and capitals stand.

A name that is not there is refused with the one that is most like it; nothing is guessed.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from typing import Final

from sim.files.cells import clean
from sim.files.language import _
from sim.files.problems import printable

__all__ = ["LONGEST_NAME", "as_spelled", "closest_to", "key"]

LONGEST_NAME: Final = 60
ALIKE: Final = 0.75
"""How like each other two names are, of which one is proposed for the other: from 0 to 1, the same."""


def key(name: str) -> str:
    """What two spellings of a name or word have in common."""
    return unicodedata.normalize("NFC", clean(name).casefold())


def as_spelled(name: str, names: Iterable[str]) -> str | None:
    """The one of some names that is meant, as it is spelled there; None where it is not among them."""
    names = tuple(names)
    if name in names:
        return name
    wanted = key(name)
    return next((one for one in names if key(one) == wanted), None)


def closest_to(name: str, names: Iterable[str]) -> str:
    """What to say of the name that is most like one that is not there; nothing where none is like it."""
    known = {key(one): one for one in names}
    near = difflib.get_close_matches(key(name[:LONGEST_NAME]), known, n=1, cutoff=ALIKE)
    return _("; the closest is “{name}”").format(name=printable(known[near[0]])) if near else ""
