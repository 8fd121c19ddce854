"""Checksums of the files in a folder, as a file beside them that ``sha256sum --check`` reads, too.

They tell damage: a disk or a copy that went wrong, a file put in the place of another. They are no signature; whoever
changes a file on purpose can change its checksum as well.
"""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.files.language import _
from sim.files.reading import ReadingError, read_bytes
from sim.files.writing import write_whole

__all__ = [
    "CHECKSUMS",
    "ChecksumError",
    "Verified",
    "content_of",
    "is_right",
    "read_checked",
    "sha256",
    "verify_files",
    "write_checksums",
]

CHECKSUMS = "checksums.sha256"
LARGEST = 2**30
"""Bytes of one file of results; what a run or a part of a sweep writes is a hundredth of it."""
LINE = re.compile(r"([0-9a-f]{64})  ([^/\\\n]+)")


class ChecksumError(Exception):
    """A file that is not as it was written; the message names it."""


@dataclass(frozen=True)
class Verified:
    """What came of looking at the files of a folder.

    Attributes
    ----------
    right
        How many files are as they were written.
    wrong
        What is not, a line each.
    unknown
        Files of which nothing can be told, for they carry no checksum.
    """

    right: int
    wrong: tuple[str, ...]
    unknown: tuple[Path, ...]

    def __add__(self, other: Verified) -> Verified:
        """Both together."""
        return Verified(self.right + other.right, self.wrong + other.wrong, self.unknown + other.unknown)


def write_checksums(folder: Path, names: Iterable[str]) -> None:
    """Write down the checksums of files in a folder, as they are now.

    Raises
    ------
    OSError
        When a file cannot be read, or the checksums not be written.
    """
    lines = [f"{sha256(folder / name)}  {name}\n" for name in sorted(names)]
    write_whole(folder / CHECKSUMS, "".join(lines), durable=True)


def read_checksums(folder: Path) -> Mapping[str, str] | None:
    """Checksum of each file by name; None for a folder that has none, as those of version 0.3.0.

    Raises
    ------
    ChecksumError
        When the file with the checksums is damaged.
    OSError
        When it cannot be read.
    """
    path = folder / CHECKSUMS
    try:
        text = content_of(path).decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise damaged(path) from None
    lines = [LINE.fullmatch(line) for line in text.split("\n")[:-1]]
    found = {line[2]: line[1] for line in lines if line}
    if not text.endswith("\n") or len(found) < len(lines):
        raise damaged(path)
    return found


def content_of(path: Path) -> bytes:
    """Content of a file of results.

    Raises
    ------
    OSError
        When it cannot be read, is no file (a pipe, a device), or is larger than results are.
    """
    try:
        return read_bytes(path, LARGEST)
    except ReadingError as error:
        raise OSError(errno.EINVAL, str(error)) from None


def read_checked(path: Path) -> bytes:
    """Content of a file that is as it was written; of a folder without checksums, whatever it is.

    Raises
    ------
    ChecksumError
        When it is not, or the folder has checksums, and not of this file.
    OSError
        When it cannot be read.
    """
    content = content_of(path)
    known = read_checksums(path.parent)
    if known is not None and path.name not in known:
        raise unlisted(path)
    if known is not None and hashlib.sha256(content).hexdigest() != known[path.name]:
        raise damaged(path)
    return content


def is_right(path: Path) -> bool:
    """Whether `read_checked` would read a file; of the checksums, whether they can be read.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    try:
        read_checksums(path.parent) if path.name == CHECKSUMS else read_checked(path)
    except ChecksumError:
        return False
    return True


def verify_files(folder: Path, names: Iterable[str] = ()) -> Verified:
    """Compare the files that stand in a folder with their checksums.

    Parameters
    ----------
    folder
        The folder.
    names
        What ought to be there; all that have a checksum, if the folder has any.

    Raises
    ------
    OSError
        When a file cannot be read.
    """
    try:
        known = read_checksums(folder)
    except ChecksumError as error:
        return Verified(0, (str(error),), tuple(folder / name for name in sorted(names)))
    if known is None:
        return Verified(0, (), tuple(folder / name for name in sorted(names)))
    right, wrong = 0, []
    for name in sorted({*known, *names}):
        path = folder / name
        if not path.is_file():
            wrong.append(_("{path}: is missing").format(path=path))
        elif name not in known:
            wrong.append(str(unlisted(path)))
        elif sha256(path) != known[name]:
            wrong.append(str(damaged(path)))
        else:
            right += 1
    return Verified(right, tuple(wrong), ())


def sha256(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unlisted(path: Path) -> ChecksumError:
    """What is said of a file without a checksum among others that have one."""
    return ChecksumError(_("{path}: is not in {checksums}").format(path=path, checksums=CHECKSUMS))


def damaged(path: Path) -> ChecksumError:
    """What is said of a file that is not as it was written."""
    return ChecksumError(_("{path}: is damaged").format(path=path))
