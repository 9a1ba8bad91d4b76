"""Find what differs between two releases: files, tables, findings, limits and top entities.

`compare` reads two warehouses through read-only connections and returns the differences;
differences_in_words.py turns them into text.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import TypeVar

import duckdb

TOP = 10
# The parts of the calendar do not compete for ranks, so they have none among the top entities.
CALENDAR = ("hour", "weekday", "date", "month", "quarter", "year", "interaction_type")
# The largest number of files that are named as the cause of one change.
CAUSES_SHOWN = 3

Warehouse = duckdb.DuckDBPyConnection
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Entity = tuple[str, str]


@dataclass(frozen=True)
class FileChange:
    """A file that only one release was built from, or whose content differs."""

    kind: str
    """new, changed or withdrawn."""
    block: str
    name: str
    rows_before: int | None
    rows: int | None
    money_before: Decimal | None
    money: Decimal | None


@dataclass(frozen=True)
class SetupChange:
    """Something besides the files that made the tables: mapping, versions, commit."""

    name: str
    before: str
    now: str


@dataclass(frozen=True)
class TableChange:
    """A table whose rows or columns differ; no row count if a release lacks the table."""

    name: str
    rows_before: int | None
    rows: int | None
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class FindingChange:
    """A finding of the risk register that is new, gone or changed."""

    kind: str
    """new, gone or changed."""
    headline: str
    headline_before: str
    status: str
    dimension: str
    entity_id: str
    money: float | None
    money_before: float | None
    files: tuple[str, ...] = ()
    """The files whose rows of this entity differ, the largest difference first."""


@dataclass(frozen=True)
class LimitState:
    """A limit in the latest complete period of a release."""

    status: str
    indicator_value: float | None
    breach_at: float | None
    period_start: date


@dataclass(frozen=True)
class LimitChange:
    """A limit whose status, value, threshold or period differs; None if a release lacks it."""

    limit_id: str
    dimension: str
    indicator: str
    before: LimitState | None
    now: LimitState | None


@dataclass(frozen=True)
class EntityChange:
    """An entity among the ten largest of either release whose rank or value differs."""

    dimension: str
    entity_id: str
    label: str
    rank_before: int | None
    rank: int | None
    share_before: float | None
    share: float | None
    files: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Return entered, left, moved or another value."""
        was, now = (rank is not None and rank <= TOP for rank in (self.rank_before, self.rank))
        if was != now:
            return "entered" if now else "left"
        return "moved" if self.rank != self.rank_before else "another value"


@dataclass(frozen=True)
class Differences:
    """All differences between two releases, causes first."""

    measure: str
    files: tuple[FileChange, ...]
    setup: tuple[SetupChange, ...]
    findings: tuple[FindingChange, ...]
    limits: tuple[LimitChange, ...]
    entities: tuple[EntityChange, ...]
    tables: tuple[TableChange, ...]

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, it.name) for it in fields(self) if it.name != "measure")


def compare(before: Warehouse, now: Warehouse) -> Differences:
    """Compare two warehouses. Raises duckdb.Error if one lacks a compared table or column."""
    measure = str(
        now.execute(
            "select label from report_facts where section = 'labels' and series = 'measure'"
        ).fetchall()[0][0]
    )
    findings = finding_pairs(before, now)
    entities = entity_pairs(before, now, measure)
    wanted = {(it.dimension, it.entity_id) for it in findings}
    wanted |= {(it.dimension, it.entity_id) for it in entities}
    causes = files_behind(before, now, wanted)
    return Differences(
        measure=measure,
        files=file_changes(before, now),
        setup=setup_changes(before, now),
        findings=tuple(with_files(it, causes) for it in findings),
        limits=limit_changes(before, now),
        entities=tuple(with_files(it, causes) for it in entities),
        tables=table_changes(before, now),
    )


Named = TypeVar("Named", FindingChange, EntityChange)


def with_files(change: Named, causes: Mapping[Entity, tuple[str, ...]]) -> Named:
    found = causes.get((change.dimension, change.entity_id), ())
    return type(change)(**{**vars(change), "files": found})


def paired(
    before: Mapping[Key, Value], now: Mapping[Key, Value]
) -> list[tuple[Key, Value | None, Value | None]]:
    """Yield each key with its values in both releases, if they differ."""
    keys = dict.fromkeys([*now, *before])
    pairs = [(key, before.get(key), now.get(key)) for key in keys]
    return [(key, was, is_now) for key, was, is_now in pairs if was != is_now]


def kind_of(before: object, now: object, gone: str) -> str:
    return "new" if before is None else gone if now is None else "changed"


# ---- causes ----------------------------------------------------------------------------------

FILES = """
    select files.source_block, files.source_file, files.sha256, files.raw_count, used.revenue
    from loaded_files as files
    left join (
        select file_key, sum(revenue) as revenue from interaction_facts group by file_key
    ) as used
        on files.file_key = used.file_key and files.source_block = 'interactions'
    order by files.source_block, files.source_file
"""
SETUP = {
    "mapping": "mapping_file || ' (' || mapping_sha256[:12] || ')'",
    "currency": "currency",
    "Topheavy": "topheavy_version",
    "commit": "git_commit[:12]",
    "changes that are not committed": "case has_local_changes when true then 'yes' else 'no' end",
    "dbt": "dbt_version",
    "DuckDB": "duckdb_version",
    "main measure": (
        "(select label from report_facts where section = 'labels' and series = 'measure')"
    ),
}


def file_changes(before: Warehouse, now: Warehouse) -> tuple[FileChange, ...]:
    """Return the files that are new, changed or withdrawn, by the hash of their bytes."""
    was, is_now = (
        {(block, name): rest for block, name, *rest in side.execute(FILES).fetchall()}
        for side in (before, now)
    )
    changes = []
    for (block, name), old, new in paired(was, is_now):
        if old and new and old[0] == new[0]:
            continue
        _, rows_before, money_before = old or (None, None, None)
        _, rows, money = new or (None, None, None)
        kind = kind_of(old, new, "withdrawn")
        changes.append(FileChange(kind, block, name, rows_before, rows, money_before, money))
    return tuple(changes)


def setup_changes(before: Warehouse, now: Warehouse) -> tuple[SetupChange, ...]:
    """Return the other inputs of the tables that differ."""
    query = f"select {', '.join(SETUP.values())} from build_info"
    was, is_now = (side.execute(query).fetchall()[0] for side in (before, now))
    return tuple(
        SetupChange(name, str(old or "none"), str(new or "none"))
        for name, old, new in zip(SETUP, was, is_now, strict=True)
        if old != new
    )


def files_behind(
    before: Warehouse, now: Warehouse, entities: Collection[Entity]
) -> dict[Entity, tuple[str, ...]]:
    """For each entity that rows name, return the files in which its value differs."""
    columns = {name for name, *_ in now.execute("describe interactions").fetchall()} & {
        name for name, *_ in before.execute("describe interactions").fetchall()
    }
    found: dict[Entity, tuple[str, ...]] = {}
    for dimension in sorted({dimension for dimension, _ in entities}):
        column = next((it for it in (f"{dimension}_id", dimension) if it in columns), None)
        ids = sorted(entity for name, entity in entities if name == dimension and entity)
        if column and ids:
            was, is_now = (by_file(side, column, ids) for side in (before, now))
            for entity in ids:
                found[dimension, entity] = most_changed(was.get(entity, {}), is_now.get(entity, {}))
    return found


def most_changed(before: Mapping[str, Decimal], now: Mapping[str, Decimal]) -> tuple[str, ...]:
    """Return the files in which a value differs, the largest difference first."""
    by_size = sorted(
        (-abs((new or Decimal(0)) - (old or Decimal(0))), name)
        for name, old, new in paired(before, now)
    )
    return tuple(name for _, name in by_size[:CAUSES_SHOWN])


def by_file(side: Warehouse, column: str, ids: list[str]) -> dict[str, dict[str, Decimal]]:
    """Return the revenue of each entity by file, or its rows if there is no revenue."""
    rows = side.execute(
        f"""
        select
            cast(rows_of."{column}" as varchar),
            files.source_file,
            coalesce(sum(rows_of.revenue), count(*))
        from interactions as rows_of
        inner join loaded_files as files on rows_of.file_key = files.file_key
        where cast(rows_of."{column}" as varchar) in (select unnest(?::varchar[]))
        group by all
        """,
        [ids],
    ).fetchall()
    found: dict[str, dict[str, Decimal]] = {}
    for entity, file, value in rows:
        found.setdefault(entity, {})[file] = Decimal(value)
    return found


# ---- results ---------------------------------------------------------------------------------

REGISTER = """
    select
        evidence_model, evidence_key, title, headline, status, dimension,
        coalesce(entity_id, ''), money_at_risk
    from risk_register
    order by register_rank
"""
LIMITS = """
    select
        limit_id, dimension, indicator, status, indicator_value, breach_at, period_start
    from limit_status
    where is_latest_complete
    order by limit_id, dimension
"""
# An entity among the ten largest of one release also has a rank in the other.
LARGEST = """
    select dimension, entity_id
    from entity_concentration
    where measure = ? and value_rank <= ? and not list_contains(?, dimension)
"""
PLACES = """
    select
        entities.dimension, entities.entity_id, entities.entity_label,
        entities.value_rank, entities.value_share, entities.entity_value
    from entity_concentration as entities
    inner join (select unnest(?::varchar[]) as dimension, unnest(?::varchar[]) as entity_id) as top
        on entities.dimension = top.dimension and entities.entity_id = top.entity_id
    where entities.measure = ?
    order by entities.dimension, entities.value_rank nulls last, entities.entity_id
"""


def finding_pairs(before: Warehouse, now: Warehouse) -> list[FindingChange]:
    """Pair findings by their evidence, whichever period they describe, and return those that
    differ.
    """
    was, is_now = (
        {(model, key): tuple(rest) for model, key, *rest in side.execute(REGISTER).fetchall()}
        for side in (before, now)
    )
    changes = []
    for _, old, new in paired(was, is_now):
        _, headline, status, dimension, entity, money = new or old or ("",) * 6
        changes.append(
            FindingChange(
                kind=kind_of(old, new, "gone"),
                headline=headline,
                headline_before=old[1] if old else "",
                status=status,
                dimension=dimension,
                entity_id=entity,
                money=money if new else None,
                money_before=old[5] if old else None,
            )
        )
    return changes


def limit_changes(before: Warehouse, now: Warehouse) -> tuple[LimitChange, ...]:
    """Return the limits whose state differs, by name."""
    was, is_now = (
        {
            (limit, dimension, indicator): LimitState(*rest)
            for limit, dimension, indicator, *rest in side.execute(LIMITS).fetchall()
        }
        for side in (before, now)
    )
    return tuple(LimitChange(*key, old, new) for key, old, new in paired(was, is_now))


def entity_pairs(before: Warehouse, now: Warehouse, measure: str) -> list[EntityChange]:
    """Return the ten largest of each dimension in either release whose rank or value differs."""
    largest = sorted(
        {
            (dimension, entity)
            for side in (before, now)
            for dimension, entity in side.execute(
                LARGEST, [measure, TOP, list(CALENDAR)]
            ).fetchall()
        }
    )
    dimensions, entities = [list(it) for it in zip(*largest, strict=True)] or ([], [])
    was, is_now = (
        {
            (dimension, entity): tuple(rest)
            for dimension, entity, *rest in side.execute(
                PLACES, [dimensions, entities, measure]
            ).fetchall()
        }
        for side in (before, now)
    )
    changes = []
    for (dimension, entity), old, new in paired(was, is_now):
        label = (new or old or ("",))[0]
        _, rank_before, share_before, _ = old or (None,) * 4
        _, rank, share, _ = new or (None,) * 4
        changes.append(
            EntityChange(dimension, entity, label or entity, rank_before, rank, share_before, share)
        )
    return changes


# ---- tables ----------------------------------------------------------------------------------


def table_changes(before: Warehouse, now: Warehouse) -> tuple[TableChange, ...]:
    """Return the tables and views whose columns differ, or whose rows differ in any order."""
    was, is_now = (columns_by_table(side) for side in (before, now))
    changes = []
    for name in sorted(was.keys() | is_now.keys()):
        old, new = was.get(name), is_now.get(name)
        rows_before, hash_before = content(before, name) if old else (None, None)
        rows, hash_now = content(now, name) if new else (None, None)
        if old == new and hash_before == hash_now and rows_before == rows:
            continue
        # A table that is new or gone as a whole needs no list of columns.
        added = tuple(it for it in new if it not in old) if old and new else ()
        removed = tuple(it for it in old if it not in new) if old and new else ()
        changes.append(TableChange(name, rows_before, rows, added, removed))
    return tuple(changes)


def columns_by_table(side: Warehouse) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in side.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and not internal "
        "order by table_name, column_index"
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def content(side: Warehouse, table: str) -> tuple[int, int | None]:
    """Return the number of rows and a hash of their content."""
    rows, digest = side.execute(
        f'select count(*), sum(hash(row_of)::hugeint) from "{table}" as row_of'
    ).fetchall()[0]
    return rows, digest
