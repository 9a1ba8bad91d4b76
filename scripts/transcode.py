"""UTF-8 copies of the files that the warehouse's reader cannot take as they are.

DuckDB reads UTF-8 and Latin-1 as they are, UTF-16 only in one byte order; Windows-1252, which most
spreadsheets in western Europe write, it reads only with an extension that has to be downloaded.
Spark reads UTF-8 from the header on, and files whose lines end alike. What a reader cannot take is
copied into the build folder as UTF-8 under its own name, and read from there.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from containers import is_packed, is_workbook, open_bytes
from input_files import PYTHON_ENCODINGS, InputFile, read_rows, read_start
from mapping_keys import DEFAULTS

CHARACTERS_AT_ONCE = 1 << 20
BYTES_AT_ONCE = 1 << 20
Copies = dict[tuple[str, str], str]
"""Where a copy stands, by the block and path of the file."""


@dataclass(frozen=True)
class Reader:
    """What an engine's reader takes."""

    encodings: tuple[str, ...]
    skips_lines: bool
    """Whether lines may stand above the header."""
    reports_uneven_ends: bool
    """Whether it says so where some lines end otherwise than the first ones."""


DUCKDB = Reader(encodings=("utf-8", "latin-1"), skips_lines=True, reports_uneven_ends=True)
SPARK = Reader(encodings=("utf-8",), skips_lines=False, reports_uneven_ends=False)


def as_utf8(
    mapping: dict[str, Any],
    files: Sequence[InputFile],
    folder: Path,
    *,
    every_file: bool = False,
    reader: Reader = DUCKDB,
) -> tuple[dict[str, Any], Copies]:
    """The mapping as it is true of what is read, and the copy of each file that has one.

    Bytes that the encoding does not know come out as U+FFFD, so that they can be seen. All lines
    of a copy end alike, without which the reader gives up: files that start unevenly are copied
    too, and with `every_file` all texts. `lines_left_out` keeps the line numbers that people know.
    """
    shutil.rmtree(folder, ignore_errors=True)
    readable, copies = dict(mapping), {}
    for block in ("interactions", "orders", "customers", "products"):
        encoding = mapping.get(block, {}).get("encoding", "utf-8")
        inputs = [file for file in files if file.block == block]
        paths = [file.path for file in inputs]
        options = DEFAULTS | mapping.get(block, {})
        if not paths or paths[0].suffix == ".parquet":
            continue
        skipped = mapping[block].get("skip_lines", 0)
        unreadable = every_file or encoding not in reader.encodings
        unreadable = unreadable or any(is_packed(path) or is_workbook(path) for path in paths)
        if skipped and not reader.skips_lines:
            unreadable = True
        if not unreadable and not any(_is_uneven(file, skipped, reader) for file in inputs):
            continue
        has_cells = is_workbook(paths[0])
        left_out = 0 if reader.skips_lines and not has_cells else skipped
        # Files of one name lie in several folders; all others in one, as Spark reads a folder.
        namesakes: Counter[str] = Counter()
        for path in paths:
            name = path.name.removesuffix(".gz")
            target = folder / block / f"{namesakes[name]:04d}" / name
            namesakes[name] += 1
            copy = partial(_copy_cells, options) if has_cells else partial(_copy, encoding)
            copies[block, str(path)] = str(copy(path, target, left_out))
        readable[block] = {**mapping[block], "encoding": "utf-8"}
        if has_cells:
            readable[block] |= {"delimiter": ",", "quote": '"'}
        if left_out:
            readable[block] |= {"skip_lines": 0, "lines_left_out": left_out}
    return readable, copies


def _is_uneven(file: InputFile, skip_lines: int, reader: Reader) -> bool:
    if reader.reports_uneven_ends:
        return _starts_unevenly(file, skip_lines)
    return _ends_differ(file.path)


def _starts_unevenly(file: InputFile, skip_lines: int) -> bool:
    """Whether lines up to the first row end differently, as titles that somebody put above may.

    The reader takes the first end for the end of all lines, and would find no rows; a difference
    further down it reports.
    """
    breaks = sum(len(re.findall("\r\n|\r|\n", name)) for name in file.header)
    lines = read_start(file.path).splitlines(keepends=True)[: skip_lines + breaks + 2]
    ends = {line[len(line.rstrip(b"\r\n")) :] for line in lines}
    return len(ends - {b""}) > 1


def _ends_differ(path: Path) -> bool:
    """Whether some lines of a file end in CRLF and others in LF or CR."""
    ends = {b"\r\n": 0, b"\n": 0, b"\r": 0}
    with open_bytes(path) as file:
        last = b""
        while block := file.read(BYTES_AT_ONCE):
            for end in ends:
                ends[end] += block.count(end)
            ends[b"\r\n"] += last == b"\r" and block.startswith(b"\n")
            last = block[-1:]
    pairs = ends.pop(b"\r\n")
    return sum(count > 0 for count in (pairs, *(count - pairs for count in ends.values()))) > 1


def _copy(encoding: str, path: Path, copy: Path, left_out: int) -> Path:
    copy.parent.mkdir(parents=True, exist_ok=True)
    decoder = PYTHON_ENCODINGS[encoding]
    with (
        io.TextIOWrapper(open_bytes(path), encoding=decoder, errors="replace") as source,
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        for _ in range(left_out):
            source.readline()
        shutil.copyfileobj(source, target, CHARACTERS_AT_ONCE)
    return copy.resolve()


def _copy_cells(options: Mapping[str, Any], path: Path, copy: Path, left_out: int) -> Path:
    """The cells of a workbook as text that any reader takes."""
    del left_out  # which is what read_rows skips
    copy.parent.mkdir(parents=True, exist_ok=True)
    with copy.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows(read_rows(path, options))
    return copy.resolve()
