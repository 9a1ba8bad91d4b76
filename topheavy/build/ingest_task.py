"""Turn part of an export into the star in one DuckDB: the task of a worker in a cluster.

A task contains everything that it needs as text: the SQL of its sources and of the models up to the
star. It therefore needs neither dbt nor the project, only this module and a folder that all workers
can access.

Usage:
    from topheavy.build.ingest_task import Kept, Model, Task, run
    run(task)
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

# Timestamps are written as instants in UTC, the only kind that Spark supports.
STAMP = "TIMESTAMP"


@dataclass(frozen=True)
class Model:
    """A model up to the star, as dbt compiled it for DuckDB."""

    name: str
    relation: str
    """Its name in SQL, with database and schema."""
    query: str
    is_view: bool = False
    before: str = ""
    """The statement that sets how it is created, if there is one."""
    reads: str = ""
    """The statement that keeps the malformed lines of the files that it reads; empty if none."""


@dataclass(frozen=True)
class Kept:
    """A relation and the folder in which it is kept, with a file for each task that has
    rows of it.
    """

    relation: str
    folder: str
    even_empty: bool = False
    """Whether it is written even without rows, for its columns."""


@dataclass(frozen=True)
class Task:
    """The files of a task, the models built from them, and the folders for the results."""

    name: str
    sources: tuple[str, ...]
    """The statements that make the files readable."""
    models: tuple[Model, ...]
    given: tuple[Kept, ...] = ()
    """The results of earlier tasks, which are read and not created again."""
    kept: tuple[Kept, ...] = ()
    """The results of this task."""
    memory: str = ""
    """The memory limit of its DuckDB, such as 2GB: a machine may run one task per core."""


def run(task: Task) -> str:
    """Read the files of a task and write its part of the star; return the error, if any."""
    try:
        _run(task)
    except (duckdb.Error, OSError) as error:
        return f"{task.name}: {error}"
    return ""


def _run(task: Task) -> None:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        database.execute("set TimeZone = 'UTC'")
        # Tasks run in parallel, one per core.
        database.execute("set threads = 1")
        if task.memory:
            database.execute(f"set memory_limit = '{quoted(task.memory)}'")
        for name in ("topheavy", "work"):
            database.execute(f"attach '{quoted(Path(folder) / name)}.duckdb' as {name}")
        for statement in task.sources:
            database.execute(statement)
        for given in task.given:
            files = quoted(f"{given.folder}/*.parquet")
            _view(database, given.relation, f"from read_parquet('{files}')")
        made = {given.relation for given in task.given}
        for model in (model for model in task.models if model.relation not in made):
            _make(database, model)
        for kept in task.kept:
            _write(database, task.name, kept)


def digest(path: str) -> str:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make(database: duckdb.DuckDBPyConnection, model: Model) -> None:
    if model.is_view:
        _view(database, model.relation, model.query)
        return
    database.execute(model.before or "set disabled_optimizers = ''")
    _schema(database, model.relation)
    database.execute(f"create table {model.relation} as {model.query}")
    if model.reads and _has_rejects(database):
        database.execute(model.reads)


def _view(database: duckdb.DuckDBPyConnection, relation: str, query: str) -> None:
    _schema(database, relation)
    database.execute(f"create or replace view {relation} as {query}")


def _schema(database: duckdb.DuckDBPyConnection, relation: str) -> None:
    database.execute(f"create schema if not exists {relation.rpartition('.')[0]}")


def _has_rejects(database: duckdb.DuckDBPyConnection) -> bool:
    found = database.execute(
        "select 1 from duckdb_tables() where temporary and table_name = 'reject_errors'"
    )
    return bool(found.fetchall())


def _write(database: duckdb.DuckDBPyConnection, name: str, kept: Kept) -> None:
    """Write a relation's rows as a file in its folder, completely or not at all."""
    if not kept.even_empty and not database.execute(f"from {kept.relation} limit 1").fetchall():
        return
    columns = database.execute(f"describe {kept.relation}").fetchall()
    stamps = [f"timezone('UTC', {name}) as {name}" for name, kind, *_ in columns if kind == STAMP]
    replaced = f" replace ({', '.join(stamps)})" if stamps else ""
    folder = Path(kept.folder)
    folder.mkdir(parents=True, exist_ok=True)
    # Readers ignore names that begin with a dot. A task that runs twice writes the same file again.
    beside = folder / f".{name}.parquet"
    database.execute(
        f"copy (select *{replaced} from {kept.relation}) to '{quoted(beside)}' (format parquet)"
    )
    beside.rename(folder / f"{name}.parquet")


def quoted(path: Path | str) -> str:
    return str(path).replace("'", "''")
