"""Record which versions and files made a finished build, in the table build_info.

models/_published.yml describes its columns, as the YAML beside a model describes that model's. dbt
cannot fill the table because it knows neither the mapping's file nor the commit. The table contains
no time of the build, so that the same input gives the same table.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import yaml

from topheavy.build.dbt_run import BuildError
from topheavy.build.ingest_task import digest
from topheavy.mapping.files import InputFile
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.sources import literal
from topheavy.project import PROJECT, in_workspace

# Call a function on each item, here or on workers, and return the results in order.
Spread = Callable[[Callable[[Any], Any], Sequence[Any]], list[Any]]
COUNTS = """
    select
        sum(row_count) filter (where check_name = 'raw_rows'),
        sum(row_count) filter (where check_name = 'blank_rows'),
        sum(row_count) filter (where check_name = 'rejected_rows'),
        sum(row_count) filter (where check_name = 'valid_rows')
    from data_quality
    where source_block = 'interactions'
"""


@dataclass(frozen=True)
class ReadFile:
    """One file that a build reads, as it was before reading."""

    block: str
    path: Path
    size: int
    modified: int
    sha256: str
    columns: tuple[tuple[str, str], ...] = ()
    """Its columns, with types if the file has types; none for a mapping."""
    relation: str = ""
    """The table or view in it that is read."""

    @property
    def source_file(self) -> str:
        """Return the name of the file in the tables."""
        return f"{in_workspace(self.path)}{self.relation and ':'}{self.relation}"

    def is_unchanged(self) -> bool:
        """Return whether the file still exists with the same size and modification time."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.size, self.modified)


def in_turn(function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    """Call a function on each item in this process."""
    return [function(item) for item in items]


def read_files(
    mapping_path: Path, files: Iterable[InputFile], spread: Spread = in_turn
) -> list[ReadFile]:
    """Return the mapping and the files that it names, each with its hash."""
    status = mapping_path.stat()
    mapping = InputFile("mapping", mapping_path, status.st_size, status.st_mtime_ns, ())
    read = [mapping, *files]
    digests = spread(digest, [os.path.abspath(file.path) for file in read])
    return [
        ReadFile(
            *(file.block, file.path, file.size, file.modified, sha256, file.columns), file.relation
        )
        for file, sha256 in zip(read, digests, strict=True)
    ]


def refuse_changed(files: Iterable[ReadFile]) -> None:
    """Raise BuildError if a file changed while it was read: its rows may come from
    either version.
    """
    changed = [str(file.path) for file in files if not file.is_unchanged()]
    if changed:
        raise BuildError(f"{', '.join(changed)} changed during the build; build again")


def record(database: Path, mapping: ExportMapping, files: Sequence[ReadFile]) -> None:
    """Add the table to the finished build."""
    with duckdb.connect(str(database)) as warehouse:
        record_in(warehouse, mapping, files)


def record_in(
    warehouse: duckdb.DuckDBPyConnection, mapping: ExportMapping, files: Sequence[ReadFile]
) -> None:
    """Add the table to the database that contains data_quality."""
    file = next(file for file in files if file.block == "mapping")
    write_table(warehouse, "build_info", [build_info(warehouse, mapping, file)])


def build_info(
    warehouse: duckdb.DuckDBPyConnection, mapping: ExportMapping, file: ReadFile
) -> dict[str, Any]:
    """Return the one row of build_info."""
    raw, blank, rejected, valid = warehouse.execute(COUNTS).fetchall()[0]
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    commit, has_local_changes = checked_out(PROJECT)
    return {
        "mapping_name": mapping.name,
        "mapping_file": in_workspace(file.path),
        "mapping_sha256": file.sha256,
        "currency": mapping.currency_code,
        "raw_count": raw,
        "blank_count": blank,
        "rejected_count": rejected,
        "valid_count": valid,
        "topheavy_version": project["version"],
        "dbt_version": version("dbt-core"),
        "duckdb_version": duckdb.__version__,
        "git_commit": commit,
        "has_local_changes": has_local_changes,
    }


def checked_out(folder: Path) -> tuple[str | None, bool | None]:
    """Return the commit, and whether a tracked file differs from it; both None without a
    repository.

    A copy of the project inside another repository does not have that repository's commit.
    """
    asked = git(folder, "rev-parse", "--show-prefix", "HEAD")
    prefix, _, commit = (asked or "/").partition("\n")
    if prefix:
        return None, None
    changes = git(folder, "--no-optional-locks", "status", "--porcelain", "--untracked-files=no")
    return commit.strip(), bool(changes)


def git(folder: Path, *arguments: str) -> str | None:
    """Return the output of git; None if git fails or is not installed."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, encoding="utf-8"
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def write_table(
    warehouse: duckdb.DuckDBPyConnection, name: str, rows: Sequence[dict[str, Any]]
) -> None:
    """Create a table as it is described, with its comments, and fill it."""
    table = described(name)
    columns = [(column["name"], column["data_type"]) for column in table["columns"]]
    types = ", ".join(" ".join(column) for column in columns)
    warehouse.execute(f"create or replace table {name} ({types})")
    warehouse.execute(f"comment on table {name} is {literal(table['description'].strip())}")
    for column in table["columns"]:
        comment = literal(column["description"].strip())
        warehouse.execute(f"comment on column {name}.{column['name']} is {comment}")
    places = ", ".join("?" for _ in columns)
    values = [[row[column] for column, _ in columns] for row in rows]
    warehouse.executemany(f"insert into {name} values ({places})", values)


def described(name: str) -> dict[str, Any]:
    """Return the entry of a table in models/_published.yml."""
    text = (PROJECT / "models/_published.yml").read_text(encoding="utf-8")
    tables = yaml.safe_load(text)["sources"][0]["tables"]
    entry: dict[str, Any] = next(table for table in tables if table["name"] == name)
    return entry
