"""Write the published tables as Parquet, for engines and tools that read files.

Each table is a folder of Parquet files below the export folder; `interactions`, the one that
grows with the business, has a folder per year and month. The folder is written beside the old one
and takes its place when it is complete.

Usage:
    python scripts/export.py [--mapping mappings/NAME.yml] [--out warehouse/NAME/parquet]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

import duckdb

from mapping_keys import MappingError
from outputs import Outputs, add_mapping
from project import PROJECT, quoted
from publish import in_words
from published import refuse_absent
from visible import guard_terminal

# Table, and the parts of its files' folders: key = expression.
PARTITIONS = {"interactions": {"year": "year(interacted_at)", "month": "month(interacted_at)"}}


def export(warehouse: Path, folder: Path) -> dict[str, int]:
    """Write every table and view below `folder`; return their rows. Raises duckdb.Error, OSError.

    What is there is replaced, where it is an export: a folder with other files is somebody's.
    """
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".parquet":
            raise FileExistsError(
                f"{folder} has {path.name}, which is no export: name another folder"
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
            rows = {name: write(connection, name, beside / name) for (name,) in tables}
        replace(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return rows


def write(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> int:
    """Write one table; return its rows."""
    keys = PARTITIONS.get(table, {})
    columns = "".join(f', {expression} as "{key}"' for key, expression in keys.items())
    options = f", partition_by ({', '.join(keys)})" if keys else ""
    folder.mkdir()
    target = folder if keys else folder / "data.parquet"
    copied = connection.execute(
        f'copy (select *{columns} from "{table}") '
        f"to '{quoted(target)}' (format parquet, compression zstd{options})"
    )
    return int(copied.fetchall()[0][0])


def replace(new: Path, folder: Path) -> None:
    """Put the new folder where the old one is."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Write the published tables as Parquet.")
    add_mapping(parser)
    # A path as the user means it, wherever the project is.
    parser.add_argument(
        "--out", type=lambda text: Path(text).absolute(), help="default: the mapping's own folder"
    )
    arguments = parser.parse_args()
    os.chdir(PROJECT)
    try:
        outputs = Outputs.of(arguments.mapping)
        refuse_absent(outputs)
        folder = arguments.out or outputs.parquet
        rows = export(outputs.database, folder)
    except (MappingError, duckdb.Error, OSError) as error:
        print(f"export failed: {in_words(error)}", file=sys.stderr)
        return 1
    print(f"{len(rows)} tables, {sum(rows.values()):,} rows in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
