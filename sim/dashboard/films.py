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
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from sim.files.fingerprint import fingerprint
from sim.planes import from_planes, in_planes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.dashboard.picture import Key
    from sim.files.language import Language

__all__ = ["FILMS_FILE", "Film", "film_of", "packed", "program", "title"]

FILMS_FILE: Final = Path(__file__).with_name("films.json.xz")
MADE_BY: Final = ("sim.run", "sim.year.events", "sim.year.protagonist")
"""Modules on which all that is in a film depends; how it is written is tested."""


NUMBERS: Final = re.compile(r'(?<=\\")(?:[A-Za-z0-9+/]{4}){10,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?=\\")')
"""Numbers in base64, in a text within a text."""
PLACE: Final = re.compile(r"<(~?)(\d+)>")
"""Where they stood, with how many bytes they are; after ``~``, those of a state (`in_steps`)."""
OF_STATES: Final = tuple(f'\\"{state}\\":\\"' for state in ("closeness", "conflict", "aggression"))
"""What numbers of a state stand behind: a row of children each evening, of two bytes each."""
CHILDREN: Final = 25
"""Children of a class that there is a story about."""
END: Final = b"\0"


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
        numbers = io.BytesIO(rest)

        def put(found: re.Match[str]) -> str:
            content = numbers.read(int(found[2]))
            return base64.b64encode(from_steps(content) if found[1] else content).decode()

        text = PLACE.sub(put, head.decode())
        told: dict[str, Any] = json.loads(text)
        return {name: Film(*film) for name, film in told["films"].items()} if told["program"] == program() else {}
    except (OSError, lzma.LZMAError, ValueError, KeyError, TypeError):
        return {}


def packed(found: Mapping[str, Film]) -> bytes:
    """Write films as the content of the file: numbers without base64, and states in steps, take a quarter less room."""
    numbers = []

    def take(written: re.Match[str]) -> str:
        content = base64.b64decode(written[0])
        of_state = written.string.endswith(OF_STATES, 0, written.start()) and len(content) % (2 * CHILDREN) == 0
        numbers.append(in_steps(content) if of_state else content)
        return f"<{'~' if of_state else ''}{len(content)}>"

    content = json.dumps({"program": program(), "films": found}, sort_keys=True, ensure_ascii=False)
    head = NUMBERS.sub(take, content).encode()
    return lzma.compress(head + END + b"".join(numbers), preset=9)


def in_steps(states: bytes) -> bytes:
    """Write states of children on all evenings as steps from evening to evening, child by child."""
    return in_planes(np.frombuffer(states, "<u2").reshape(-1, CHILDREN).T).tobytes()


def from_steps(written: bytes) -> bytes:
    """Give back what `in_steps` wrote."""
    return from_planes(np.frombuffer(written, "u1").reshape(2, CHILDREN, -1)).T.tobytes()
