"""UTF-8 copies of the files whose encoding the warehouse's reader does not know.

DuckDB reads UTF-8 and Latin-1 as they are, UTF-16 only in one byte order; Windows-1252, which most
spreadsheets in western Europe write, it reads only with an extension that has to be downloaded.
Such files are copied into the build folder as UTF-8 under their own names, and the mapping is
pointed at the copies.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from input_files import PYTHON_ENCODINGS, InputFile

READER_ENCODINGS = ("utf-8", "latin-1")
CHARACTERS_AT_ONCE = 1 << 20


def as_utf8(
    mapping: dict[str, Any], files: Sequence[InputFile], folder: Path, *, every_file: bool = False
) -> dict[str, Any]:
    """The mapping with each block that the reader cannot decode pointed at UTF-8 copies.

    Bytes that the encoding does not know come out as U+FFFD, so that they can be seen. With
    `every_file`, texts that can be decoded are copied too, for the line ends of the copies: the
    reader gives up on a file in which they differ.
    """
    shutil.rmtree(folder, ignore_errors=True)
    readable = dict(mapping)
    for block in ("interactions", "orders", "customers", "products"):
        encoding = mapping.get(block, {}).get("encoding", "utf-8")
        paths = [file.path for file in files if file.block == block]
        copied = every_file or encoding not in READER_ENCODINGS
        if not copied or not paths or paths[0].suffix == ".parquet":
            continue
        copies = [
            str(_copy(path, encoding, folder / block / f"{number:04d}"))
            for number, path in enumerate(paths)
        ]
        readable[block] = {**mapping[block], "files": copies, "encoding": "utf-8"}
    return readable


def _copy(path: Path, encoding: str, folder: Path) -> Path:
    folder.mkdir(parents=True)
    copy = folder / path.name.removesuffix(".gz")
    opened = gzip.open if path.suffix == ".gz" else open
    with (
        opened(path, "rt", encoding=PYTHON_ENCODINGS[encoding], errors="replace") as source,
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        shutil.copyfileobj(source, target, CHARACTERS_AT_ONCE)
    return copy.resolve()
