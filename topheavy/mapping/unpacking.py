"""Refuse files that would fill the disk when they are unpacked, and files with too many columns.

Text with many repetitions packs to a hundredth of its size, hardly ever to less. The bounds are on
what comes out: a file up to the first is never refused, a larger one only where it is out of all
proportion to what is packed.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from topheavy.mapping.errors import MappingError

# Bytes that any file may unpack to, and how many times its size a larger one may have.
ANY_FILE, TIMES = 100_000_000, 200
BYTES_AT_ONCE = 1 << 20
MOST_COLUMNS = 2_000


def refuse_many_columns(header: Sequence[str]) -> None:
    """Raise MappingError for a table that was laid on its side, or is of no use as it is."""
    if len(header) > MOST_COLUMNS:
        raise MappingError(
            f"has {len(header):,} columns; at most {MOST_COLUMNS:,}: leave out what the mapping "
            "does not name, or turn columns into rows"
        )


def refuse_bomb(path: Path) -> None:
    """Raise MappingError for a gzip or zip file that unpacks to too much; others pass."""
    with path.open("rb") as file:
        refuse_packed_bomb(file, path.stat().st_size)


def refuse_packed_bomb(file: BinaryIO, size: int) -> None:
    """The same of so many bytes that are open, such as an archive within an archive."""
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
    """Whether more than so many bytes come out; no more than these are unpacked."""
    unpacked = 0
    try:
        with gzip.open(file) as packed:
            while chunk := packed.read(BYTES_AT_ONCE):
                unpacked += len(chunk)
                if unpacked > most:
                    return True
    except (OSError, EOFError, zlib.error):
        return False  # what reads it says what is wrong with it
    return False


def _declared_size(file: BinaryIO) -> int:
    """What a zip archive says of its files; Python takes no more out of it."""
    try:
        with zipfile.ZipFile(file) as archive:
            return sum(packed.file_size for packed in archive.infolist())
    except zipfile.BadZipFile:
        return 0
