"""Export the published tables as Parquet, as CSV or as a workbook.

Parquet and CSV contain every table, for engines and tools that read files. In Parquet each table is
a folder; `interactions`, which grows with the business, has a folder per year and month. In CSV
each table is a file with sorted rows. The workbook contains the register, the limits and the top
entities. A new export replaces the old one only when it is complete.

Usage:
    python -m topheavy export [--format parquet|csv|xlsx] [--mapping mappings/NAME.yml] [--out PATH]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import duckdb

from topheavy.mapping.errors import MappingError
from topheavy.project import WORKSPACE, quoted
from topheavy.publish.outputs import Outputs, add_mapping
from topheavy.publish.publish import in_words
from topheavy.publish.published import command_on, facts_beside, refuse_absent
from topheavy.visible import UNSEEN, guard_terminal
from topheavy.writing import write_whole

# A table and its partition expressions, by key.
PARTITIONS = {"interactions": {"year": "year(interacted_at)", "month": "month(interacted_at)"}}
FORMATS = ("parquet", "csv", "xlsx")

Warehouse = duckdb.DuckDBPyConnection
# A function that writes a table below a folder and returns its number of rows.
WriteTable = Callable[[Warehouse, str, Path], int]


class ExportError(Exception):
    """Report that an export cannot be written; the message is one line with the reason and the
    remedy.
    """


def export(warehouse: Path, folder: Path, form: str = "parquet") -> dict[str, int]:
    """Write every table and view below `folder`; return their rows. Raises duckdb.Error, OSError.

    An earlier export in the folder is replaced; a folder with other files is refused.
    """
    write: WriteTable = write_csv if form == "csv" else write_parquet
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != f".{form}":
            raise FileExistsError(
                f"{folder} has {path.name}, which is not part of an export: name another folder"
            )
    beside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            tables = connection.execute(
                "select table_name from information_schema.tables"
                " where table_catalog = current_database() order by table_name"
            ).fetchall()
            rows = {name: write(connection, name, beside) for (name,) in tables}
        replace(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return rows


def write_parquet(connection: Warehouse, table: str, folder: Path) -> int:
    """Write one table into a folder of its own, without changing rows or types."""
    keys = PARTITIONS.get(table, {})
    columns = "".join(f', {expression} as "{key}"' for key, expression in keys.items())
    options = f", partition_by ({', '.join(keys)})" if keys else ""
    (folder / table).mkdir()
    target = folder / table if keys else folder / table / "data.parquet"
    return copied(
        connection,
        f'select *{columns} from "{table}"',
        target,
        f"format parquet, compression zstd{options}",
    )


def write_csv(connection: Warehouse, table: str, folder: Path) -> int:
    """Write one table, sorted by its columns, with every text visible."""
    columns = connection.execute(f'describe "{table}"').fetchall()
    shown = ", ".join(
        f'{visible_text(name)} as "{name}"' if kind == "VARCHAR" else f'"{name}"'
        for name, kind, *_ in columns
    )
    query = f'select {shown} from (select * from "{table}" order by all)'
    return copied(connection, query, folder / f"{table}.csv", "format csv, header true")


def copied(connection: Warehouse, query: str, target: Path, options: str) -> int:
    done = connection.execute(f"copy ({query}) to '{quoted(target)}' ({options})")
    return int(done.fetchall()[0][0])


def visible_text(column: str) -> str:
    """Return SQL for a text with hidden characters shown as codes, as visible() shows them.

    Only texts with hidden characters are rewritten. Variation selectors and joiners, which emoji
    consist of, stay.
    """
    code = (
        r"case c when chr(9) then '\t' when chr(10) then '\n' when chr(13) then '\r' "
        r"else case when unicode(c) < 256 then format('\x{:02x}', unicode(c)) "
        r"when unicode(c) < 65536 then format('\u{:04x}', unicode(c)) "
        r"else format('\U{:08x}', unicode(c)) end end"
    )
    hidden = hidden_characters()
    return (
        f"case when regexp_matches(\"{column}\", '{hidden}') then array_to_string(list_transform("
        f"regexp_extract_all(\"{column}\", '(?s).'), "
        f"lambda c: case when regexp_matches(c, '{hidden}') then {code} else c end), '') "
        f'else "{column}" end'
    )


@cache
def hidden_characters() -> str:
    """Return the invisible characters as a class of DuckDB's regular expressions."""
    all_of_them = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    kept = {0x200D, *range(0xFE00, 0xFE10)}
    codes = [ord(found) for found in UNSEEN.findall(all_of_them) if ord(found) not in kept]
    runs: list[list[int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "[" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in runs) + "]"


def replace(new: Path, folder: Path) -> None:
    """Replace the old folder with the new one."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def export_workbook(outputs: Outputs, file: Path) -> None:
    """Write the workbook. Raises ExportError if the file name does not end in .xlsx."""
    # It takes a moment to import, and other formats do not need it.
    from topheavy.publish.workbook import workbook

    if file.suffix.lower() != ".xlsx":
        raise ExportError(f"{file}: a workbook's name must end in .xlsx")
    with duckdb.connect(str(outputs.database), read_only=True) as warehouse:
        made = workbook(warehouse, facts_beside(outputs))
    write_whole(made, file)


def exported(outputs: Outputs, form: str, out: Path | None) -> str:
    """Write the requested format; return a message that says what was written, and where."""
    refuse_unknown("FORMAT", form)
    refuse_absent(outputs)
    if form == "xlsx":
        file = out or outputs.workbook
        export_workbook(outputs, file)
        return f"register, limits and top entities in {file}"
    folder = out or {"parquet": outputs.parquet, "csv": outputs.csv}[form]
    rows = export(outputs.database, folder, form)
    return f"{len(rows)} tables, {sum(rows.values()):,} rows in {folder}"


def refuse_unknown(setting: str, form: str) -> None:
    """Raise ExportError for an unknown format."""
    if form not in FORMATS:
        raise ExportError(f"{setting}: must be parquet, csv or xlsx, not {form!r}")


def with_release(outputs: Outputs, forms: Sequence[str]) -> Iterator[str]:
    """Write the exports that accompany each release; return a message for each."""
    for form in forms:
        try:
            yield exported(outputs, form, None)
        except (duckdb.Error, OSError) as error:
            remedy = f"run {command_on(outputs, 'export', format=form)}"
            raise ExportError(
                f"the release is published, but not as {form}: {in_words(error)}; then {remedy}"
            ) from error


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Export the published tables.")
    add_mapping(parser)
    parser.add_argument("--format", default="parquet", help="parquet (default), csv or xlsx")
    # Relative paths start at the user's folder, wherever the project is.
    parser.add_argument(
        "--out", type=lambda text: Path(text).absolute(), help="default: the mapping's own folder"
    )
    arguments = parser.parse_args()
    os.chdir(WORKSPACE)
    try:
        message = exported(Outputs.of(arguments.mapping), arguments.format, arguments.out)
    except (ExportError, MappingError, duckdb.Error, OSError) as error:
        print(f"export failed: {in_words(error)}", file=sys.stderr)
        return 1
    print(message)
    return 0
