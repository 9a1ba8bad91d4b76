"""Let only one process at a time work in a folder, by a lock on a file in it.

Whatever else has the name of that file is named, never written to or waited for: a link leads to
somebody's file, and opening a pipe waits until somebody reads it.
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
def locked(folder: Path, *, waits: bool) -> Iterator[None]:
    """Hold a folder. Raises BlockingIOError where another does and this is not to wait, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    refuse_no_file(folder / NAME)
    lock = FileLock(folder / NAME, timeout=-1 if waits else 0)
    try:
        lock.acquire()
    except Timeout:
        raise BlockingIOError(errno.EWOULDBLOCK, "Is in use", str(folder)) from None
    try:
        yield
    finally:
        lock.release()


def refuse_no_file(path: Path) -> None:
    """Raise OSError where something other than a file has the name of one that is written."""
    if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        kind = (
            "a link" if path.is_symlink() else "a folder" if path.is_dir() else "a pipe or device"
        )
        raise FileExistsError(errno.EEXIST, f"Is {kind} where a file is needed", str(path))
