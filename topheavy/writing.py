"""Write files so that readers see them whole, and errors name them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Name the file in system errors that name none, such as that of a full disk.

    Libraries raise OSError with a message only, such as gzip for a damaged file; it stays as it is.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            error.filename = error.filename or str(file)
        raise


def write_whole(content: str | bytes, file: Path) -> None:
    """Replace a file in one step, so that readers of it see either the old or the new version.

    A text is written as UTF-8, with the line ends that it has. Errors name the file, not the one
    beside it.
    """
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(content.encode() if isinstance(content, str) else content)
            os.replace(beside, file)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        error.filename = str(file)
        raise
