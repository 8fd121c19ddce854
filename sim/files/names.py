"""Names of children as people write them: the same whatever accents are composed of, however spaces and capitals stand.

Who looks for a child by its name needs nothing else of files, and depends on nothing else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

__all__ = ["LONGEST_NAME", "as_spelled", "clean", "key"]

LONGEST_NAME: Final = 60


def clean(cell: str) -> str:
    """A cell as a person sees it: composed characters, single spaces, no invisible marks.

    Joiners stay: Persian names and some emoji need them.
    """
    visible = (c for c in cell if unicodedata.category(c) != "Cf" or c in "\u200c\u200d")
    return unicodedata.normalize("NFC", " ".join("".join(visible).split()))


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
