"""Refuse files that would fill the disk when unpacked, and files with too many columns.

Repetitive text compresses to a hundredth of its size, and rarely to less. The bounds apply to the
unpacked size: a file up to the first bound is always accepted, and a larger one is refused only if
it is out of proportion to its packed size.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from topheavy.mapping.errors import MappingError

# The number of bytes that any file may unpack to, and the largest ratio for a larger file.
ANY_FILE, TIMES = 100_000_000, 200
BYTES_AT_ONCE = 1 << 20
MOST_COLUMNS = 2_000


def refuse_many_columns(header: Sequence[str]) -> None:
    """Raise MappingError for a table with too many columns, which may be transposed."""
    if len(header) > MOST_COLUMNS:
        raise MappingError(
            f"has {len(header):,} columns; at most {MOST_COLUMNS:,}: leave out what the mapping "
            "does not name, or turn columns into rows"
        )


def refuse_bomb(path: Path) -> None:
    """Raise MappingError for a gzip or zip file that unpacks to too many bytes."""
    with path.open("rb") as file:
        refuse_packed_bomb(file, path.stat().st_size)


def refuse_packed_bomb(file: BinaryIO, size: int) -> None:
    """Do the same for packed bytes that are already open, such as an archive within an archive."""
    start = file.read(4)
    file.seek(0)
    most = max(ANY_FILE, TIMES * size)
    if start.startswith(b"\x1f\x8b"):
        is_bomb = _is_longer(file, most)
    elif start == b"PK\x03\x04":
        is_bomb = _declared_size(file) > most
    else:
        return
    if is_bomb:
        raise MappingError(
            f"unpacks to more than {most // 1_000_000:,} MB, over {TIMES} times its size: if that "
            "is expected, unpack it"
        )


def _is_longer(file: BinaryIO, most: int) -> bool:
    """Return whether more than a number of bytes come out; no more than these are unpacked."""
    unpacked = 0
    try:
        with gzip.open(file) as packed:
            while chunk := packed.read(BYTES_AT_ONCE):
                unpacked += len(chunk)
                if unpacked > most:
                    return True
    except (OSError, EOFError, zlib.error):
        return False  # its reader reports what is wrong with it
    return False


def _declared_size(file: BinaryIO) -> int:
    """Return the unpacked size that a zip archive declares; Python extracts no more than that."""
    try:
        with zipfile.ZipFile(file) as archive:
            return sum(packed.file_size for packed in archive.infolist())
    except zipfile.BadZipFile:
        return 0
