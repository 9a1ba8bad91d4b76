"""Read the cells of a workbook in a separate process with limited memory and time.

A workbook of a few kilobytes can stand for more cells than any memory holds: a filled cell in the
last row and column of a sheet, a long text that thousands of cells share, or a repeat count. The
library that reads it reserves the memory for all of them and aborts its process if it cannot.

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

# The bytes of memory and processor seconds that one workbook may take. A sheet with 20 columns that
# is filled to Excel's last row takes half of both. macOS does not enforce the memory limit.
MEMORY, SECONDS = 4_000_000_000, 300

SCRIPT = Path(__file__).resolve()

Sheets = dict[str, list[list[Any]]]


class UnreadableWorkbookError(Exception):
    """Report what is wrong with a workbook, as the end of a sentence that begins with its name."""


def read_cells(path: Path, member: str = "") -> Sheets:
    """Return the cells of each visible sheet that has more than one row.

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
    """Limit the resources of this process, as far as the system supports it."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def cells_of(path: Path, member: str) -> tuple[Sheets, str]:
    """Return the cells, or the reason why there are none."""
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
    """Return the rows from A1 on, without empty rows after the last value."""
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
        # Do not remember what was written: for millions of cells that would take more memory than
        # the cells.
        pickler.fast = True
        pickler.dump(found)


if __name__ == "__main__":
    main()
