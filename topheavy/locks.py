"""Let only one process at a time work in a folder, with a lock on a file in it.

If something other than a regular file has the name of the lock file, it is reported and neither
written to nor waited for: a symbolic link may lead to somebody's file, and opening a pipe blocks
until somebody reads it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

NAME = ".lock"


@contextmanager
def locked(folder: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of a folder.

    Raises BlockingIOError if another process holds it and `wait` is false, and OSError if the file
    cannot be locked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    require_regular_file(folder / NAME)
    lock = FileLock(folder / NAME, timeout=-1 if wait else 0)
    try:
        lock.acquire()
    except Timeout:
        raise BlockingIOError(errno.EWOULDBLOCK, "Is in use", str(folder)) from None
    try:
        yield
    finally:
        lock.release()


def require_regular_file(path: Path) -> None:
    """Raise OSError if something other than a regular file has the name of a file to be written."""
    if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        kind = (
            "a link" if path.is_symlink() else "a folder" if path.is_dir() else "a pipe or device"
        )
        raise FileExistsError(errno.EEXIST, f"Is {kind} where a file is needed", str(path))
