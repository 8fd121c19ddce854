"""What is wrong with a file that somebody made: where, what was found, and what is allowed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sim.files.language import _
from sim.files.names import LONGEST_NAME, key

__all__ = ["ClassListError", "Problem", "closest_to", "letter", "printable", "quoted"]

LONGEST_QUOTATION: Final = 60
ALIKE: Final = 0.75
"""How like each other two names are, of which one is proposed for the other: from 0 to 1, the same."""


@dataclass(frozen=True)
class Problem:
    """One thing in a file that has to change before it can be read.

    Attributes
    ----------
    file
        The file as the user named it.
    row
        Row number as a spreadsheet shows it; None where the file as a whole is meant.
    column
        Heading of the column as it stands in the file (its letter where it has none); None for a whole row.
    found
        The cell as it stands in the file or, without a column, what was found in words.
    allowed
        What may stand there, in the language that was spoken when the file was read.
    """

    file: str
    row: int | None
    column: str | None
    found: str
    allowed: str

    def __str__(self) -> str:
        """One line for a person to read, whatever the file held."""
        place = [printable(self.file, end=True)]
        if self.row is not None:
            place.append(_("row {row}").format(row=self.row))
        if self.column is not None and self.column != self.found:
            place.append(_("column “{column}”").format(column=printable(self.column)))
        return f"{', '.join(place)}: {self.what}"

    @property
    def what(self) -> str:
        """What was found and what is allowed, for where the place is plain to see."""
        found = self.found
        if self.column is not None:
            found = quoted(self.found) if self.found else _("nothing")
        return _("found {found}; allowed: {allowed}").format(found=found, allowed=self.allowed)


class ClassListError(ValueError):
    """A class list that cannot be used; `problems` has everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        """One line a problem."""
        return "\n".join(map(str, self.problems))


def printable(text: str, *, end: bool = False) -> str:
    """Text for one line of a message: its beginning or its end, and without anything that moves the cursor."""
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    if len(line) <= LONGEST_QUOTATION:
        return line
    return "…" + line[1 - LONGEST_QUOTATION :] if end else line[: LONGEST_QUOTATION - 1] + "…"


def closest_to(name: str, names: Iterable[str]) -> str:
    """What to say of the name that is most like one that is not there; nothing where none is like it."""
    known = {key(one): one for one in names}
    words = words_in(name)
    near = [one for one in known if words and words <= words_in(one)]  # a first name, or the last one before it
    if len(near) != 1:
        near = difflib.get_close_matches(key(name[:LONGEST_NAME]), known, n=1, cutoff=ALIKE)
    return _("; the closest is “{name}”").format(name=printable(known[near[0]])) if near else ""


def words_in(name: str) -> set[str]:
    """The words of a name, however they stand."""
    return set(re.findall(r"[^\W\d_]+", key(name[:LONGEST_NAME])))


def quoted(text: str) -> str:
    """The same between quotation marks, as the current language has them."""
    return _("“{cell}”").format(cell=printable(text))


def letter(place: int) -> str:
    """The letter that a spreadsheet gives a column, of which the first is 0."""
    letters = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters
