"""UTF-8 copies of the files whose encoding the warehouse's reader does not know.

DuckDB reads UTF-8 and Latin-1 as they are, UTF-16 only in one byte order; Windows-1252, which most
spreadsheets in western Europe write, it reads only with an extension that has to be downloaded.
Such files are copied into the build folder as UTF-8 under their own names, and read from there.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from input_files import PYTHON_ENCODINGS, InputFile, read_start

READER_ENCODINGS = ("utf-8", "latin-1")
CHARACTERS_AT_ONCE = 1 << 20
Copies = dict[tuple[str, str], str]
"""Where a copy stands, by the block and path of the file."""


def as_utf8(
    mapping: dict[str, Any], files: Sequence[InputFile], folder: Path, *, every_file: bool = False
) -> tuple[dict[str, Any], Copies]:
    """The mapping as it is true of what is read, and the copy of each file that has one.

    Bytes that the encoding does not know come out as U+FFFD, so that they can be seen. All lines
    of a copy end alike, without which the reader gives up: files that start unevenly are copied
    too, and with `every_file` all texts.
    """
    shutil.rmtree(folder, ignore_errors=True)
    readable, copies = dict(mapping), {}
    for block in ("interactions", "orders", "customers", "products"):
        encoding = mapping.get(block, {}).get("encoding", "utf-8")
        inputs = [file for file in files if file.block == block]
        paths = [file.path for file in inputs]
        if not paths or paths[0].suffix == ".parquet":
            continue
        skipped = mapping[block].get("skip_lines", 0)
        unreadable = every_file or encoding not in READER_ENCODINGS
        if not unreadable and not any(_starts_unevenly(file, skipped) for file in inputs):
            continue
        for number, path in enumerate(paths):
            copies[block, str(path)] = str(_copy(path, encoding, folder / block / f"{number:04d}"))
        readable[block] = {**mapping[block], "encoding": "utf-8"}
    return readable, copies


def _starts_unevenly(file: InputFile, skip_lines: int) -> bool:
    """Whether lines up to the first row end differently, as titles that somebody put above may.

    The reader takes the first end for the end of all lines, and would find no rows; a difference
    further down it reports.
    """
    breaks = sum(len(re.findall("\r\n|\r|\n", name)) for name in file.header)
    lines = read_start(file.path).splitlines(keepends=True)[: skip_lines + breaks + 2]
    ends = {line[len(line.rstrip(b"\r\n")) :] for line in lines}
    return len(ends - {b""}) > 1


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
