"""One process at a time in one place, where the file system can do that."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

__all__ = ["BusyError", "alone"]

WITHOUT_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}
"""What a file system says that knows no locks."""


class BusyError(Exception):
    """Somebody else holds the lock."""


@contextmanager
def alone(lock_file: Path) -> Iterator[bool]:
    """Hold a lock, which is a file that is there as long; tells whether the file system knows locks at all.

    A process that is killed holds nothing any more; the next one takes the file that it left.

    Raises
    ------
    BusyError
        When somebody holds it already.
    OSError
        When the file cannot be written.
    """
    lock = FileLock(lock_file, fallback_to_soft=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise BusyError(str(lock_file)) from None
    except OSError as error:
        if error.errno not in WITHOUT_LOCKS:
            raise
    try:
        yield lock.is_locked
    finally:
        if lock.is_locked:
            with suppress(OSError):  # Windows removes no file that is open; there the lock takes it away itself
                lock_file.unlink(missing_ok=True)
            lock.release()
