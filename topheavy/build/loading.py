"""Plan which files a build reads: those that are new or have changed since the last build.

A file is identified by its path and the SHA-256 of its bytes. The results of the last build are
kept only if the same project, mapping and versions made them and no row depends on other files;
otherwise everything is read again. dbt receives the list as JSON, and its tables keep the rows of
the files that the list marks as loaded (see macros/engine/loading.sql).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import duckdb

from topheavy.build.build_info import ReadFile
from topheavy.build.code_hash import code_hash
from topheavy.build.dbt_run import BuildError
from topheavy.build.transcode import Copies
from topheavy.mapping import sources as raw_sources
from topheavy.mapping.decisions import SHIPPED
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.sources import ListedFile
from topheavy.numbers import counted
from topheavy.project import PROJECT, in_workspace, quoted

# The inputs that make the tables: a change in any of them rebuilds everything.
CODE = (
    "dbt_project.yml",
    "profiles.yml",
    "topheavy/build/transcode.py",
    "topheavy/mapping/containers.py",
    "topheavy/mapping/sources.py",
    "models",
    "macros",
    "seeds",
)
# Except inputs that only affect tables which no build keeps: a new limit does not reload the
# export.
DECISIONS = tuple(path.relative_to(PROJECT).as_posix() for path in SHIPPED.values())
WHOLE_BLOCKS = ("customers", "products")
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb")
Month = tuple[date, str]
# The month of rows without a date, as in macros/concentration/time.sql.
UNDATED_MONTH = "1600-01-01"


@dataclass(frozen=True)
class LastLoad:
    """The result of the last build: how its tables were made, from which files, and
    their months.
    """

    recipe: str
    keys: Mapping[tuple[str, str], int]
    """The key of each file by its block and path."""
    months: frozenset[Month]


@dataclass(frozen=True)
class Load:
    """The files of a build, and how they differ from what is loaded."""

    files: tuple[ListedFile, ...]
    last: LastLoad | None
    """The build that this one continues; None if it reads everything."""

    def from_scratch(self) -> Load:
        """Return the same files, all of them to be read."""
        return Load(tuple(replace(file, is_new=True) for file in self.files), None)

    def read_from(self, copies: Copies) -> list[ListedFile]:
        """Return the files, each read from its copy if it has one."""
        return [
            replace(file, read_file=copies.get((file.block, file.read_file), file.read_file))
            for file in self.files
        ]

    @property
    def new_paths(self) -> frozenset[tuple[str, str]]:
        return frozenset((file.block, file.source_file) for file in self.files if file.is_new)

    def in_words(self, months: Iterable[Month]) -> str:
        """Describe what was read and recomputed, given the months that the tables now have."""
        current = {
            ("interactions", file.source_file): file
            for file in self.files
            if file.block == "interactions"
        }
        total = counted(len(current), "file")
        now = frozenset(months)
        if self.last is None:
            return f"{total} read; {counted(len(now), 'month')} computed"
        before = {name for name in self.last.keys if name[0] == "interactions"}
        new = len(current.keys() - before)
        changed = sum(file.is_new for file in current.values()) - new
        withdrawn = len(before - current.keys())
        parts = [f"{new:,} of {total} new"]
        parts += [f"{changed:,} changed"] if changed else []
        parts += [f"{withdrawn:,} withdrawn"] if withdrawn else []
        removed = {month for month, _ in self.last.months - now}
        touched = {month for month, _ in now - self.last.months} | removed
        return f"{', '.join(parts)}; {counted(len(touched), 'month')} recomputed"


def plan(
    mapping: ExportMapping, files: Sequence[ReadFile], last: LastLoad | None, code: str
) -> Load:
    """Compare the files with what is loaded; `code` is the hash of the code that makes
    the tables.
    """
    inputs = [file for file in files if file.block != "mapping"]
    recipe = recipe_of(mapping, inputs, code)
    kept = last if last and last.recipe == recipe else None
    loaded = kept.keys if kept else {}
    keys = {
        (file.block, name): file_key(file.block, name, file.sha256)
        for file in inputs
        for name in [file.source_file]
    }
    # Customers and products are each described by one table, which is read as a whole.
    whole = {block for block, _ in dict(keys.items() ^ loaded.items()) if block in WHOLE_BLOCKS}
    # Lines look up their orders, so orders are read with the lines, and only if there are lines to
    # read.
    if any(block == "interactions" for block, _ in dict(keys.items() - loaded.items())):
        whole.add("orders")
    listed = [
        ListedFile(
            block=file.block,
            source_file=name,
            read_file=str(file.path),
            byte_count=file.size,
            sha256=file.sha256,
            file_key=key,
            is_new=file.block in whole or loaded.get((file.block, name)) != key,
            recipe=recipe,
            columns=file.columns,
            relation=file.relation,
        )
        for file, ((_, name), key) in zip(inputs, keys.items(), strict=True)
    ]
    return Load(tuple(listed), kept)


def file_key(block: str, name: str, content: str) -> int:
    """Return a number for a file and its content: the first 63 bits of a hash of both."""
    digest = sha256(f"{block}\0{name}\0{content}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def recipe_of(mapping: ExportMapping, files: Iterable[ReadFile], code: str) -> str:
    """Return a hash of everything except the file that determines the rows of an interactions file.

    Lines take dates and customers from orders, and amounts from the price or customer files. If
    duplicates are dropped or amounts count once per order, each row depends on all others.
    """
    deciding = {
        "orders",
        {"list_price": "products", "customer_amount": "customers"}.get(mapping.revenue, ""),
    }
    if mapping.depends_on_other_files:
        deciding.add("interactions")
    variables = mapping.as_vars()
    settings = {
        **{key: value for key, value in variables.items() if key not in SHIPPED},
        "interactions": {**variables["interactions"], "files": None},
    }
    others = [[file.block, str(file.path), file.sha256] for file in files if file.block in deciding]
    return sha256(json.dumps([settings, others, code], sort_keys=True).encode()).hexdigest()


def table_code() -> str:
    """Return a hash of the code that makes the tables."""
    return code_hash(CODE, PACKAGES, but=DECISIONS)


def last_load(folder: Path) -> LastLoad | None:
    """Return what the build folder has loaded; None if a build cannot continue from it.

    Raises BuildError if another program has the database open and may still write to it.
    """
    work, built = folder / "work.duckdb", folder / "topheavy.duckdb"
    if not (work.exists() and built.exists()):
        return None
    try:
        with duckdb.connect(str(built)) as database:
            database.execute(f"attach '{quoted(work)}' as work")
            recipes = database.execute("select distinct recipe from work.raw.files").fetchall()
            loaded = database.execute(
                "select source_block, source_file, file_key from loaded_files"
            ).fetchall()
            months = months_of(database)
    except duckdb.Error as error:
        if "Could not set lock" in str(error):
            raise BuildError(
                f"another program has a database of {in_workspace(folder)} open; close it there"
            ) from error
        return None  # a build that stopped before it had loaded a file
    if len(recipes) != 1 or not recipes[0][0]:
        return None
    return LastLoad(recipes[0][0], {(block, name): key for block, name, key in loaded}, months)


def months_of(database: duckdb.DuckDBPyConnection) -> frozenset[Month]:
    """Return the months in the tables of sums, each with a fingerprint of what was summed.

    They are those of the last build that finished; a later build renames their table.
    """
    tables = database.execute(
        "select table_name from duckdb_tables() where database_name = 'work'"
        " and schema_name = 'raw' and table_name in ('kept_periods', 'last_periods')"
        " order by table_name limit 1"
    ).fetchall()
    if not tables:
        return frozenset()
    # Rows without a date are also summed, under a month that does not exist.
    query = (
        f"select period_start, made_of from work.raw.{tables[0][0]} where strategy = 'by_month'"
        f" and period_start != date '{UNDATED_MONTH}'"
    )
    return frozenset(database.execute(query).fetchall())


def computed_months(folder: Path) -> frozenset[Month]:
    """Return the months of a finished build."""
    with duckdb.connect() as database:
        database.execute(f"attach '{quoted(folder / 'work.duckdb')}' as work (read_only)")
        return months_of(database)


def write_list(load: Load, copies: Copies, path: Path) -> None:
    """Write the list for dbt; `copies` names the files that are read instead of others."""
    raw_sources.write_list(load.read_from(copies), path)
