"""UTF-8 copies of the files whose encoding the warehouse's reader does not know.

DuckDB reads UTF-8, UTF-16 and Latin-1 as they are; Windows-1252, which most spreadsheets in western
Europe write, it reads only with an extension that has to be downloaded. Such files are copied into
the build folder as UTF-8 under their own names, and the mapping is pointed at the copies.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from input_files import InputFile

READER_ENCODINGS = ("utf-8", "utf-16", "latin-1")
CHARACTERS_AT_ONCE = 1 << 20


def as_utf8(mapping: dict[str, Any], files: Iterable[InputFile], folder: Path) -> dict[str, Any]:
    """The mapping with each block that the reader cannot decode pointed at UTF-8 copies.

    Bytes that the encoding does not know come out as U+FFFD, so that they can be seen.
    """
    shutil.rmtree(folder, ignore_errors=True)
    readable = dict(mapping)
    for block in ("interactions", "orders", "customers", "products"):
        encoding = mapping.get(block, {}).get("encoding", "utf-8")
        if encoding in READER_ENCODINGS:
            continue
        copies = [
            str(_copy(file.path, encoding, folder / block / f"{number:04d}"))
            for number, file in enumerate(file for file in files if file.block == block)
        ]
        readable[block] = {**mapping[block], "files": copies, "encoding": "utf-8"}
    return readable


def _copy(path: Path, encoding: str, folder: Path) -> Path:
    folder.mkdir(parents=True)
    copy = folder / path.name.removesuffix(".gz")
    opened = gzip.open if path.suffix == ".gz" else open
    with (
        opened(path, "rt", encoding=encoding, errors="replace", newline="") as source,
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        shutil.copyfileobj(source, target, CHARACTERS_AT_ONCE)
    return copy.resolve()
