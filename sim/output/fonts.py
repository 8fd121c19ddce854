"""Fonts for names of every writing: the one that figures have, and others of this computer where that is not enough.

A character that no font here has becomes a box in a picture; where text stays text (SVG), it is there all the same, and
whoever looks at it sees it in a font of theirs.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from sim.files.language import _
from sim.files.problems import printable

__all__ = ["FONT", "JOINERS", "clusters", "face", "families", "notice"]

logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
"""It tells of weights that a font lacks and of its own list, about which no user has to do anything."""

FONT: Final = "DejaVu Sans"
"""The font of all figures; it comes with matplotlib, as does the next."""
BOXES: Final = "Last Resort High-Efficiency"
"""A box for every character."""
PLAIN: Final = ("normal", "regular", "book", 400)
"""Weights of text that is not bold."""
JOINED: Final = re.compile(r"CJK|HIRAGANA|KATAKANA|HANGUL|BOPOMOFO")
"""What the names of characters begin with that one font family has."""
JOINERS: Final = "\u200c\u200d"
"""Marks that join a character with the next one, or keep them apart; Persian names and some emoji need them."""
MOST_TOLD: Final = 10
"""Names that a notice lists."""


class Font(NamedTuple):
    """A font family, and where its plain font is: the file, and the place in it."""

    family: str
    path: str
    place: int = 0


def families(text: str) -> list[str]:
    """The fonts with which a text is drawn, in the order in which they are asked for a character."""
    others, missing = found(needed(text))
    return [FONT, *others, *([BOXES] if missing else [])]


def face(text: str) -> Any:
    """An open font with which a text can be measured; it belongs to this thread."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font([findfont(FontProperties(family=[family])) for family in families(text)])


def notice(names: Iterable[str]) -> str:
    """What to say of names that have boxes in a picture, for no font of this computer has them; blank without any."""
    missing = {name: sorted(found(needed(name))[1]) for name in names}
    lacking = [
        re.sub(rf"[^{JOINERS}]+", lambda part: printable(part[0]), name)
        for name, characters in missing.items()
        if characters
    ]
    if not lacking:
        return ""
    wanted = dict.fromkeys(family_for(one) for characters in missing.values() for one in characters)
    more = ", …" if len(lacking) > MOST_TOLD else ""
    return _(
        "No font of this computer has {names}: pictures (PNG) have boxes there; SVG, tables and texts have the names. "
        "Free fonts that have them: {fonts} (fonts.google.com/noto). Install them, and draw again."
    ).format(names=", ".join(lacking[:MOST_TOLD]) + more, fonts=", ".join(wanted))


def family_for(character: str) -> str:
    """The family of the Noto fonts that has a character."""
    script = unicodedata.name(character, "").split(" ")[0]
    if JOINED.match(script):
        return "Noto Sans CJK"
    if unicodedata.category(character).startswith("S"):
        return "Noto Emoji"
    return f"Noto Sans {script.title()}".strip()


def needed(text: str) -> frozenset[str]:
    """The characters of a text for which a font has to have a picture."""
    return frozenset(c for c in text if unicodedata.category(c)[0] not in "CZ" and not is_variation(c))


def is_variation(character: str) -> bool:
    """Whether a character only says which variant of the one before it is meant."""
    return unicodedata.name(character, "").startswith(("VARIATION SELECTOR", "EMOJI MODIFIER"))


@cache
def found(characters: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Families beside `FONT` that have its missing characters, and characters that none has."""
    missing = set(characters)
    chosen = []
    for font in fonts():
        has = missing & characters_of(font)
        missing -= has
        if has and font.family != FONT:
            chosen.append(font.family)
        if not missing:  # before the next font, for which this computer would be searched
            break
    return tuple(chosen), frozenset(missing)


@cache
def characters_of(font: Font) -> frozenset[str]:
    """The characters that a font has."""
    from matplotlib.ft2font import FT2Font

    return frozenset(map(chr, FT2Font(font.path, face_index=font.place).get_charmap()))


def fonts() -> Iterator[Font]:
    """`FONT`, then what this computer has: those without serifs first, each family once."""
    from matplotlib import get_data_path
    from matplotlib.font_manager import FontProperties, findfont, fontManager

    yield Font(FONT, str(findfont(FontProperties(family=[FONT]))))
    discover()
    own = get_data_path()
    there = {
        entry.name: Font(entry.name, entry.fname, entry.index)
        for entry in sorted(fontManager.ttflist, key=lambda entry: entry.fname, reverse=True)
        if entry.style == "normal" and entry.weight in PLAIN and not entry.fname.startswith(own)
        if "color" not in entry.name.lower()  # pictures in colour, of which nothing is drawn here
    }
    yield from sorted(there.values(), key=lambda font: (liking(font.family), font.family))


def liking(family: str) -> int:
    """How well a family stands beside `FONT`, best first."""
    return ("Sans" not in family) + ("Mono" in family) + 2 * ("Serif" in family) - family.startswith("Noto Sans")


@cache
def discover() -> None:
    """Look for fonts that were installed after matplotlib had made its list."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {entry.fname for entry in fontManager.ttflist}
    for path in sorted(set(findSystemFonts()) - known):
        try:
            fontManager.addfont(path)
        except Exception:  # noqa: BLE001, S112 - a font that is damaged, or only of pixels, is none for us
            continue


def clusters(text: str) -> list[str]:
    """A text cut into what a reader takes for one character each."""
    parts: list[str] = []
    for character in text:
        joined = unicodedata.category(character).startswith("M") or character in JOINERS or is_variation(character)
        if parts and (joined or parts[-1][-1] == JOINERS[1]):
            parts[-1] += character
        else:
            parts.append(character)
    return parts
