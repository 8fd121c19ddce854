"""Films of the guided stories: their years as the browser gets them, made beforehand.

A story can so be shown before the equations are compiled, which takes up to a minute once on a computer. A film is
shown only as long as the program that made it is the program that is here; ``scripts/write_films.py`` makes them.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import lzma
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sim.files.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.dashboard.picture import Key
    from sim.files.language import Language

__all__ = ["FILMS_FILE", "Film", "film_of", "packed", "program", "title"]

FILMS_FILE: Final = Path(__file__).with_name("films.json.xz")
MADE_BY: Final = ("sim.run", "sim.year.events", "sim.year.protagonist")
"""Modules on which all that is in a film depends; how it is written is tested."""


NUMBERS: Final = re.compile(r'(?<=\\")(?:[A-Za-z0-9+/]{4}){10,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?=\\")')
"""Numbers in base64, in a text within a text."""
PLACE: Final = re.compile(r"<(\+?)(\d+)>")
"""Where they stood, with how many bytes they are; with a plus where they are in the second part."""
END: Final = b"\0"

CHILDREN: Final = 25
PARTS: Final[Mapping[str, list[dict[str, int]]]] = {
    "": [{"id": lzma.FILTER_LZMA2, "preset": 9}],
    "+": [
        {"id": lzma.FILTER_DELTA, "dist": 2 * CHILDREN},
        {"id": lzma.FILTER_LZMA2, "preset": 9, "lc": 0, "lp": 1, "pb": 1},
    ],
}
"""How each part is compressed. The second one has scores that change little from evening to evening: a row an evening,
two bytes for each of `CHILDREN`."""


class Film(NamedTuple):
    """What `sim.dashboard.picture.Shelf` tells of a pair: whom to follow, the picture, and the story by language."""

    child: int
    picture: str
    story: Mapping[Language, str]


def title(keys: Sequence[Key | None]) -> str:
    """Give the name under which the film of a pair is kept."""
    return hashlib.sha256(json.dumps([key and key.written for key in keys]).encode()).hexdigest()


def program() -> str:
    """Tell which program this is: another one as soon as a source, or a function in the place of one, is another."""
    found = fingerprint(*MADE_BY)
    return hashlib.sha256(json.dumps([found.sources, found.replaced], sort_keys=True).encode()).hexdigest()


def film_of(keys: Sequence[Key | None]) -> Film | None:
    """Give the film of a pair, if there is one that this program has made."""
    return films().get(title(keys))


@cache
def films() -> Mapping[str, Film]:
    """Read all films; none where they are of another program, or not to be read."""
    try:
        head, _, rest = lzma.decompress(FILMS_FILE.read_bytes()).partition(END)
        text = head.decode()
        first = sum(int(size) for plus, size in PLACE.findall(text) if not plus)
        parts = {"": io.BytesIO(rest[:first]), "+": io.BytesIO(rest[first:])}
        text = PLACE.sub(lambda found: base64.b64encode(parts[found[1]].read(int(found[2]))).decode(), text)
        told: dict[str, Any] = json.loads(text)
        return {name: Film(*film) for name, film in told["films"].items()} if told["program"] == program() else {}
    except (OSError, lzma.LZMAError, ValueError, KeyError, TypeError):
        return {}


def packed(found: Mapping[str, Film]) -> bytes:
    """Write films as the content of the file: numbers as they are, without base64, each in the part that suits it."""
    parts: dict[str, list[bytes]] = {part: [] for part in PARTS}

    def take(written: re.Match[str]) -> str:
        numbers = base64.b64decode(written[0])
        plus = min(PARTS, key=lambda part: len(compressed(numbers, part)))
        parts[plus].append(numbers)
        return f"<{plus}{len(numbers)}>"

    content = json.dumps({"program": program(), "films": found}, sort_keys=True, ensure_ascii=False)
    head = NUMBERS.sub(take, content).encode()
    return compressed(head + END + b"".join(parts[""]), "") + compressed(b"".join(parts["+"]), "+")


def compressed(content: bytes, part: str) -> bytes:
    """Compress the content of a part."""
    return lzma.compress(content, format=lzma.FORMAT_XZ, filters=PARTS[part])
