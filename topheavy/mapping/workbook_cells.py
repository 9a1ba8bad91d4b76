"""Read the cells of a workbook in a process of its own, which may take only so much of the machine.

A workbook of some kilobytes can stand for more cells than any memory holds: one filled cell in the
last row and column of a sheet, a long text that thousands of cells share, a number of repeats. The
library that reads it reserves the memory for all of them, and ends its process where it cannot.

Usage:
    from topheavy.mapping.workbook_cells import read_cells
    python -P workbook_cells.py FILE MEMBER MEMORY SECONDS     writes what `read_cells` reads
"""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

# Bytes of memory and seconds of a processor that one workbook may take; a sheet that is full to
# the last row of Excel in 20 columns takes half of both. macOS holds no process to its memory.
MEMORY, SECONDS = 4_000_000_000, 300

SCRIPT = Path(__file__).resolve()

Sheets = dict[str, list[list[Any]]]


class UnreadableWorkbookError(Exception):
    """What is wrong with a workbook, as the end of a sentence that begins with its name."""


def read_cells(path: Path, member: str = "") -> Sheets:
    """The cells of each sheet that people see and that has more than one row.

    `member` is the workbook's name in a zip archive. Raises UnreadableWorkbookError.
    """
    command = [sys.executable, "-P", str(SCRIPT), str(path), member, str(MEMORY), str(SECONDS)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as reader:
        assert reader.stdout
        try:
            sheets, refusal = pickle.load(reader.stdout)
        except (EOFError, pickle.UnpicklingError, MemoryError):
            reader.kill()
            raise UnreadableWorkbookError(
                f"is a workbook that takes more than {MEMORY / 1e9:g} GB of memory or {SECONDS} "
                "seconds to read; perhaps one cell is far from all others: save the sheet as CSV"
            ) from None
    if refusal:
        raise UnreadableWorkbookError(refusal)
    return dict(sheets)


def limit(memory: int, seconds: int) -> None:
    """Let this process take no more; where the system has no such limits, what there is."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def cells_of(path: Path, member: str) -> tuple[Sheets, str]:
    """The cells, or why there are none."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    found = {}
    try:
        with opened(CalamineWorkbook, path, member) as workbook:
            for sheet in workbook.sheets_metadata:
                if sheet.visible == SheetVisibleEnum.Visible:
                    rows = rows_of(workbook.get_sheet_by_name(sheet.name))
                    if sum(1 for row in rows if any(cell != "" for cell in row)) > 1:
                        found[sheet.name] = rows
    except PasswordError:
        return {}, "is a workbook with a password: save it without one"
    except (CalamineError, OSError, zipfile.BadZipFile) as error:
        return {}, f"is a workbook that cannot be read: {error}"
    return found, ""


def opened(library: Any, path: Path, member: str) -> Any:
    if not member:
        return library.from_path(path)
    with zipfile.ZipFile(path) as archive:
        return library.from_filelike(io.BytesIO(archive.read(member)))


def rows_of(sheet: Any) -> list[list[Any]]:
    """The cells from A1 on; empty rows behind the last one with a value are none."""
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    while rows and all(cell == "" for cell in rows[-1]):
        rows.pop()
    return rows


def main() -> None:
    file, member, memory, seconds = sys.argv[1:]
    limit(int(memory), int(seconds))
    found = cells_of(Path(file), member)
    with os.fdopen(1, "wb") as out:
        pickler = pickle.Pickler(out, protocol=pickle.HIGHEST_PROTOCOL)
        # No note of what was written: of millions of cells it would take more than the cells.
        pickler.fast = True
        pickler.dump(found)


if __name__ == "__main__":
    main()
