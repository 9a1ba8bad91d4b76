"""Write UTF-8 copies of files whose encoding DuckDB cannot read.

DuckDB reads UTF-8 and Latin-1 directly, but UTF-16 only in one byte order, and Windows-1252, which
most spreadsheets in western Europe write, only with an extension that has to be downloaded. Files
that it cannot read are copied into the build folder as UTF-8 under the same name, and read there.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from topheavy.mapping.blocks import Format
from topheavy.mapping.containers import is_packed, is_workbook, open_bytes
from topheavy.mapping.encodings import PYTHON_ENCODINGS, read_start
from topheavy.mapping.files import InputFile, read_rows
from topheavy.mapping.keys import ExportMapping
from topheavy.writing import naming

CHARACTERS_AT_ONCE = 1 << 20
Copies = dict[tuple[str, str], str]
"""The path of each copy, by the block and path of the file."""


# The encodings that DuckDB reads.
READABLE = ("utf-8", "latin-1")


def as_utf8(
    mapping: ExportMapping,
    files: Sequence[InputFile],
    folder: Path,
    *,
    every_file: bool = False,
) -> tuple[ExportMapping, Copies]:
    """Return the mapping as it applies to what is read, and the copy of each file that has one.

    Bytes that are invalid in the encoding become U+FFFD, so that they can be seen. All lines of a
    copy end in the same way, which the reader requires: files with uneven line ends are also copied
    and, with `every_file`, all text files.
    """
    shutil.rmtree(folder, ignore_errors=True)
    readable, copies = mapping, {}
    for block, keys in mapping.blocks.items():
        inputs = [file for file in files if file.block == block]
        paths = [file.path for file in inputs]
        if not inputs or inputs[0].types:
            continue
        unreadable = every_file or keys.encoding not in READABLE
        unreadable = unreadable or any(is_packed(path) or is_workbook(path) for path in paths)
        if not unreadable and not any(_starts_unevenly(file, keys.skip_lines) for file in inputs):
            continue
        has_cells = is_workbook(paths[0])
        # Files with the same name may be in several folders.
        namesakes: Counter[str] = Counter()
        for path in paths:
            name = path.name.removesuffix(".gz")
            target = folder / block / f"{namesakes[name]:04d}" / name
            namesakes[name] += 1
            copy = partial(_copy_cells, keys.format) if has_cells else partial(_copy, keys.encoding)
            copies[block, str(path)] = str(copy(path, target))
        readable = readable.reading(block, encoding="utf-8")
        if has_cells:
            # The lines above the header are not copied.
            readable = readable.reading(block, delimiter=",", quote='"', skip_lines=0)
    return readable, copies


def _starts_unevenly(file: InputFile, skip_lines: int) -> bool:
    """Return whether lines up to the first row end differently, for example after inserted titles.

    The reader takes the first line end for that of all lines and would find no rows; it reports a
    difference further down.
    """
    breaks = sum(len(re.findall("\r\n|\r|\n", name)) for name in file.header)
    lines = read_start(file.path).splitlines(keepends=True)[: skip_lines + breaks + 2]
    ends = {line[len(line.rstrip(b"\r\n")) :] for line in lines}
    return len(ends - {b""}) > 1


def _copy(encoding: str, path: Path, copy: Path) -> Path:
    copy.parent.mkdir(parents=True, exist_ok=True)
    decoder = PYTHON_ENCODINGS[encoding]
    with (
        io.TextIOWrapper(open_bytes(path), encoding=decoder, errors="replace") as source,
        naming(copy),
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        shutil.copyfileobj(source, target, CHARACTERS_AT_ONCE)
    return copy.resolve()


def _copy_cells(stored: Format, path: Path, copy: Path) -> Path:
    """Write the cells of a workbook as text that any reader accepts."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    with naming(copy), copy.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows(read_rows(path, stored))
    return copy.resolve()
