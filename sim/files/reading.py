"""Reading a file that somebody names: what it is, how large and how deep is known before any work begins.

Nobody waits here for a pipe or a device, nothing is read beyond what was to be expected, and what a reader of TOML
would stumble over (thousands of brackets, of parts of a key, of digits) is refused before it is parsed.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from sim.files.language import _, number

__all__ = ["LARGEST_TEXT", "ReadingError", "Source", "Upload", "name_of", "read_bytes", "read_toml", "within"]

LARGEST_TEXT = 1_000_000
"""Bytes of a file that people write; those that come with the program take a hundredth of it."""
DEEPEST = 16
"""Brackets within brackets, and parts of a key."""
LONGEST_WORD = 200
"""Characters of a key, number or date of TOML that stands without quotation marks."""

QUOTED = re.compile(
    r"""
    \"{3} (?: \\[\s\S] | [^\\] )*? (?: \"{3} | \Z )
    | '{3} [\s\S]*? (?: '{3} | \Z )
    | " (?: \\. | [^"\\\n] )* "?
    | ' [^'\n]* '?
    | \# [^\n]*
    """,
    re.VERBOSE,
)
"""Texts and comments of TOML."""


class Upload(NamedTuple):
    """A file that is not on disk."""

    name: str
    content: bytes


Source = str | os.PathLike[str] | Upload


def name_of(source: Source) -> str:
    """The name of a file, as the user gave it."""
    return source.name if isinstance(source, Upload) else os.fspath(source)


class ReadingError(Exception):
    """A file that cannot be read; whoever asked for it names it.

    Attributes
    ----------
    found, allowed
        What was found and what is allowed, in the current language.
    """

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(found, allowed)
        self.found, self.allowed = found, allowed

    def __str__(self) -> str:
        """Both in a sentence."""
        return _("found {found}; allowed is {allowed}").format(found=self.found, allowed=self.allowed)


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a file.

    Parameters
    ----------
    path
        Where it is.
    most
        Bytes that it may have.

    Raises
    ------
    FileNotFoundError
        When there is none.
    ReadingError
        When it is something else than a file, larger, or not to be opened.
    """
    try:
        file = open(path, "rb", opener=at_once)  # noqa: SIM115 - Path.open takes no opener
    except IsADirectoryError:
        raise ReadingError(_("a folder or a device"), _("a file")) from None
    except FileNotFoundError:
        raise
    except ValueError:  # a name with a null character
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from None
    except OSError as error:
        found = _("a file that cannot be opened ({reason})").format(reason=error.strerror or error)
        raise ReadingError(found, _("a file that you may read")) from None
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ReadingError(_("a folder or a device"), _("a file"))
        content = file.read(most + 1)
    return within(content, most)


def at_once(path: str, flags: int) -> int:
    """Open without waiting for somebody at the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def within(content: bytes, most: int) -> bytes:
    """The same content, unless it is too large.

    Raises
    ------
    ReadingError
        When it is.
    """
    if len(content) > most:
        size = number(most / 1e6, 0)
        found, allowed = _("a file of more than {size} MB"), _("a file of at most {size} MB")
        raise ReadingError(found.format(size=size), allowed.format(size=size))
    return content


def read_toml(source: Source) -> dict[str, Any]:
    """What a TOML file says.

    Raises
    ------
    FileNotFoundError
        When there is none.
    ReadingError
        When it cannot be read, or is no TOML.
    """
    if isinstance(source, Upload):
        content = within(source.content, LARGEST_TEXT)
    else:
        content = read_bytes(Path(source), LARGEST_TEXT)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ReadingError(_("something other than text"), _("text in UTF-8")) from None
    check_depth(text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ReadingError(str(error), "TOML") from None


def check_depth(text: str) -> None:
    """Check TOML, before it is parsed, for what takes a parser down.

    Raises
    ------
    ReadingError
        When brackets or keys are nested too deep, or a word is too long.
    """
    bare = QUOTED.sub("s", text)
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", bare):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    if re.search(rf"[\w+.-]{{{LONGEST_WORD + 1}}}", bare):
        found, most = _("more than {most} characters without quotation marks"), LONGEST_WORD
    elif re.search(rf"(?:[\w-]+[ \t]*\.[ \t]*){{{DEEPEST}}}", bare):
        found, most = _("a key of more than {most} parts"), DEEPEST
    elif deepest > DEEPEST:
        found, most = _("more than {most} brackets within each other"), DEEPEST
    else:
        return
    raise ReadingError(found.format(most=most), _("at most {most}").format(most=most))
