"""Write the SQL that makes a mapping's files readable as source('raw', ...).

One view per block of the mapping has the mapped columns as text and the origin of each row; no data
is copied. The text of every statement depends only on the mapping and the list of files: nothing
here opens a file, queries a database or uses dbt.

Usage:
    from topheavy.mapping.sources import ListedFile, statements
    for statement in statements(mapping, files): connection.execute(statement)
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from topheavy.mapping.blocks import Format
from topheavy.mapping.errors import MappingError
from topheavy.mapping.keys import BLOCKS, ExportMapping
from topheavy.writing import write_whole

RAW = "work.raw"
FILES = {
    "block": "varchar",
    "source_file": "varchar",
    "read_file": "varchar",
    "byte_count": "bigint",
    "sha256": "varchar",
    "file_key": "bigint",
    "is_new": "boolean",
    "recipe": "varchar",
}
MALFORMED_LINES = {
    "block": "varchar",
    "source_file": "varchar",
    "file_key": "bigint",
    "source_row": "bigint",
    "raw_text": "varchar",
    "detail": "varchar",
}
PROVENANCE = {
    "_source_file": "varchar",
    "_file_key": "bigint",
    "_source_row": "bigint",
    "_raw_text": "varchar",
    "_is_blank": "boolean",
}
# A character that no file contains: it separates lines of texts read as a whole, and marks NULL.
NOWHERE = "'\x1f'"
# Characters that count as blank; macros/engine/functions.sql trims the same ones.
VISIBLE = r"[^\s\p{Z}\x{FEFF}\x{200B}]"
# Timestamp types that are instants or more precise than a microsecond, and the type to read them
# as.
STAMPS = {
    "TIMESTAMP WITH TIME ZONE": "timezone('UTC', {})",
    "TIMESTAMPTZ_NS": "timezone('UTC', cast({} as timestamptz))",
    "TIMESTAMP_NS": "cast({} as timestamp)",
}


@dataclass(frozen=True)
class ListedFile:
    """A file of the export as a build lists it."""

    block: str
    source_file: str
    """The name of the file in the tables."""
    read_file: str
    """The file that is read: the original, or a copy that the reader can decode."""
    byte_count: int
    sha256: str | None
    file_key: int
    """A number for the file and its content."""
    is_new: bool = True
    """Whether the tables lack its rows, so that it must be read."""
    recipe: str = ""
    """A hash of everything except the file that determines its rows."""
    columns: tuple[tuple[str, str], ...] = ()
    """Its columns, with types if it has them; files with the same columns are read together."""
    relation: str = ""
    """The table or view that is read instead of a file.

    `read_file` is the DuckDB file that contains it, or empty for the database in use.
    """


@dataclass(frozen=True)
class Attached:
    """A DuckDB file that is attached to the database, and the name under which it is attached."""

    name: str
    statement: str


@dataclass(frozen=True)
class Rows:
    """Rows of files that have the same columns, before the columns are named."""

    relation: str
    columns: tuple[tuple[str, str], ...]
    """The names in the header, each with the SQL of its text."""
    row_number: str
    raw_text: str = ""
    """SQL of the row's text; the text of all columns if empty."""
    before: tuple[str, ...] = field(default=())
    """Statements that must run before anything reads the rows."""


def statements(
    mapping: ExportMapping, files: Sequence[ListedFile], alone: Container[str] = ()
) -> list[str]:
    """Return all statements that must run, in order, before anything reads source('raw', ...).

    `alone` has the paths of files that are not read together with others.
    """
    found = [
        f"create schema if not exists {RAW}",
        f"create or replace table {RAW}.files ({_typed(FILES)})",
        f"create or replace table {RAW}.malformed_lines ({_typed(MALFORMED_LINES)})",
        f"create or replace table {RAW}.rows_before (files varchar, counts bigint[])",
    ]
    found += dict.fromkeys(
        attached(file.read_file).statement for file in files if file.relation and file.read_file
    )
    if files:
        rows = ", ".join(_row(file) for file in files)
        found.append(f"insert into {RAW}.files values {rows}")
    for block in BLOCKS:
        new = sorted((f for f in files if f.block == block and f.is_new), key=_by_name)
        reads = []
        for number, alike in enumerate(_alike(new, alone)):
            rows_of_files = read(mapping, block, alike, f"{block} {number}")
            found += rows_of_files.before
            reads.append(selected(mapping, block, alike, rows_of_files))
        query = " union all ".join(reads) or nothing(mapping, block)
        found.append(f"create or replace view {RAW}.{block} as {query}")
    return found


def malformed_lines(blocks: Iterable[str]) -> str:
    """Return the statement that keeps the lines that the reader rejected in some blocks' files.

    Run it on the same connection after the files have been read, if there are such lines: DuckDB
    keeps them in temporary tables. The rejected lines of files that are read again are already
    kept.
    """
    among = ", ".join(literal(block) for block in blocks)
    return f"""
        insert into {RAW}.malformed_lines
        select
            files.block,
            files.source_file,
            files.file_key,
            cast(reject_errors.line as bigint),
            trim(min(reject_errors.csv_line), chr(10) || chr(13)),
            min(reject_errors.error_message)
        from reject_errors
        inner join reject_scans
            on
                reject_errors.scan_id = reject_scans.scan_id
                and reject_errors.file_id = reject_scans.file_id
        inner join {RAW}.files
            on reject_scans.file_path = files.read_file and files.block in ({among})
        where files.file_key not in (select file_key from {RAW}.malformed_lines)
        group by
            files.block, files.source_file, files.file_key,
            reject_errors.line, reject_errors.line_byte_position
    """


def read_list(path: Path) -> list[ListedFile]:
    """Return the list of files that write_list wrote."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        columns = tuple((name, kind) for name, kind in record.pop("columns"))
        found.append(ListedFile(**record, columns=columns))
    return found


def write_list(files: Iterable[ListedFile], path: Path) -> None:
    """Write a list of files to the path at which dbt's start hook finds it."""
    lines = (json.dumps(asdict(file)) for file in files)
    write_whole("\n".join(lines), path)


# ---- one reader for each kind of file --------------------------------------------------------


def read(mapping: ExportMapping, block: str, files: Sequence[ListedFile], name: str) -> Rows:
    """Return the rows of files that have the same columns."""
    if files[0].relation:
        return _relation(mapping, block, files, name)
    if files[0].read_file.endswith(".parquet"):
        return _parquet(mapping, block, files)
    if mapping.blocks[block].delimiter == "whitespace":
        return _numbered(mapping, block, files, name, _split_lines(mapping, block, files), "line")
    rows = _csv(mapping, block, files)
    return _numbered(mapping, block, files, name, rows, _joined(rows))


def _csv(mapping: ExportMapping, block: str, files: Sequence[ListedFile]) -> Rows:
    """Return the rows of CSV files; the reader rejects lines with too many or too few fields."""
    names = [f"c{number}" for number in range(1, len(files[0].columns) + 1)]
    types = ", ".join(f"'{name}': 'varchar'" for name in names)
    # Nothing is guessed from the data, so the same file is always read the same way. An empty field
    # is an empty text, so that the text of a row keeps all of its commas.
    stored = mapping.blocks[block].format
    relation = (
        f"(select *, file_index from read_csv({_paths(files)}, auto_detect = false, "
        f"delim = {literal(stored.delimiter)}, quote = {literal(stored.quote)}, "
        f"escape = {literal(stored.quote)}, {_encoding(stored)}, nullstr = {NOWHERE}, "
        f"header = true, ignore_errors = true, store_rejects = true, columns = {{{types}}}))"
    )
    headers = (header for header, _ in files[0].columns)
    return Rows(relation, tuple(zip(headers, names, strict=True)), "")


def _split_lines(mapping: ExportMapping, block: str, files: Sequence[ListedFile]) -> Rows:
    """Return the rows of files whose columns are separated by blanks: lines are read whole and
    split.

    A line with a different number of fields than the header has only its text, so that no field is
    taken for another.
    """
    split = r"string_split_regex(trim(line), '\s+')"
    headers = [header for header, _ in files[0].columns]
    relation = (
        f"(select file_index, line, case when len({split}) = {len(headers)} then {split} end "
        f"as fields from read_csv({_paths(files)}, auto_detect = false, delim = {NOWHERE}, "
        f"quote = '', escape = '', strict_mode = false, columns = {{'line': 'varchar'}}, "
        f"{_encoding(mapping.blocks[block].format)}, header = true))"
    )
    texts = (f"coalesce(fields[{place}], '')" for place in range(1, len(headers) + 1))
    return Rows(relation, tuple(zip(headers, texts, strict=True)), "", raw_text="line")


def _parquet(mapping: ExportMapping, block: str, files: Sequence[ListedFile]) -> Rows:
    """Return the rows of Parquet files as text, which the mapping types again like all other
    columns.
    """
    names = [name for name, _ in files[0].columns]
    if "file_index" in names and len(files) > 1:
        raise MappingError(
            f"{block}: {files[0].source_file} has a column file_index, which the reader calls the "
            "place of a file; rename it"
        )
    relation = f"(select *, file_index from read_parquet({_paths(files)}, file_row_number = true))"
    return Rows(relation, _texts(mapping, block, files[0].columns), "file_row_number + 1")


def _relation(mapping: ExportMapping, block: str, files: Sequence[ListedFile], name: str) -> Rows:
    """Return the rows of a table or view, with only the columns that the mapping names."""
    (file,) = files
    parts = [attached(file.read_file).name] if file.read_file else []
    relation = ".".join(name_of(part) for part in [*parts, *file.relation.split(".")])
    spellings = {name for names in _headers(mapping, block).values() for name in names}
    texts = _texts(mapping, block, file.columns)
    named = tuple((column, text) for column, text in texts if column in spellings)
    rows = Rows(f"(select * from {relation})", named, "")
    return _numbered(mapping, block, files, name, rows, "1")


def attached(path: str) -> Attached:
    """Return how a DuckDB file is attached; the name depends on its path."""
    name = f"given_{sha256(path.encode()).hexdigest()[:12]}"
    statement = f"attach if not exists {literal(path)} as {name} (read_only)"
    return Attached(name, statement)


def _texts(
    mapping: ExportMapping, block: str, columns: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    """Return typed columns as text, and the fields of structs that the mapping names as
    COLUMN.FIELD.
    """
    places = {name: STAMPS.get(kind, "{}").format(name_of(name)) for name, kind in columns}
    names = list(places)
    for header in _headers(mapping, block):
        parts = header.split(".")
        if header not in places and len(parts) > 1 and parts[0] in names:
            places[header] = ".".join(name_of(part) for part in parts)
    return tuple(
        (name, f"coalesce(cast({place} as varchar), '')") for name, place in places.items()
    )


def _numbered(
    mapping: ExportMapping,
    block: str,
    files: Sequence[ListedFile],
    name: str,
    rows: Rows,
    text: str,
) -> Rows:
    """Return rows of text with their number within their file, if something needs it.

    The number is counted over all rows that are read together, minus the rows of earlier files.
    DuckDB counts in order, on one processor; rows without joins have a position that serves instead
    (see macro row_place). Texts are counted because only then does a wrong byte raise an error.
    """
    if block == "interactions" and not needs_row_numbers(mapping):
        return replace(rows, row_number="cast(null as bigint)")
    numbered = f"(select *, row_number() over () as row_of_all from {rows.relation})"
    if len(files) == 1:
        return replace(rows, relation=numbered, row_number="row_of_all")
    counting = f"""
        insert into {RAW}.rows_before
        select {literal(name)}, list(rows_before order by place)
        from (
            select place, coalesce(sum(row_count) over (
                order by place rows between unbounded preceding and 1 preceding
            ), 0) as rows_before
            from range({len(files)}) as places (place)
            left join (
                select file_index, count({text}) as row_count
                from {rows.relation} group by file_index
            ) as counted on counted.file_index = places.place
        )
    """
    before = f"(select counts from {RAW}.rows_before where files = {literal(name)})"
    number = f"row_of_all - {before}[cast(file_index as bigint) + 1]"
    return replace(rows, relation=numbered, row_number=number, before=(counting,))


def needs_row_numbers(mapping: ExportMapping) -> bool:
    """Return whether interactions need row numbers: they are joined, or depend on other rows."""
    return bool(
        mapping.orders
        or mapping.depends_on_other_files
        or mapping.interactions.filled_headers
        or mapping.resolved.rates
    )


# ---- from rows to the columns of a source ----------------------------------------------------


def selected(mapping: ExportMapping, block: str, files: Sequence[ListedFile], rows: Rows) -> str:
    """Return the mapped columns by role, NULL if the files lack them, and the origin of
    each row.
    """
    texts = [text for _, text in rows.columns]
    provenance = {
        "_source_file": _of_file([literal(file.source_file) for file in files]),
        "_file_key": f"cast({_of_file([str(file.file_key) for file in files])} as bigint)",
        "_source_row": rows.row_number,
        "_raw_text": rows.raw_text or _joined(rows),
        "_is_blank": _is_blank([rows.raw_text] if rows.raw_text else texts),
    }
    columns = _mapped(mapping, block, dict(reversed(rows.columns))) | provenance
    return f"select {_named(columns)} from {rows.relation}"


def nothing(mapping: ExportMapping, block: str) -> str:
    """Return an empty relation for a block that is not mapped or whose files are all loaded."""
    provenance = {name: f"cast(null as {kind})" for name, kind in PROVENANCE.items()}
    return f"select {_named(_mapped(mapping, block, {}) | provenance)} where false"


def _mapped(mapping: ExportMapping, block: str, present: Mapping[str, str]) -> dict[str, str]:
    """Return the SQL of each mapped column, from those that the files have, in any spelling."""
    texts = {header.strip(): text for header, text in present.items()} | dict(present)
    found = {}
    for header, spellings in _headers(mapping, block).items():
        slots = (texts[name] for name in spellings if name in texts)
        found[header] = next(slots, "cast(null as varchar)")
    return found


def _headers(mapping: ExportMapping, block: str) -> dict[str, tuple[str, ...]]:
    """Return every header of a block that the models read, once, with its spellings."""
    if block not in mapping.blocks:
        return {}
    return {column.header: column.spellings for column in mapping.columns_of(block)}


def _is_blank(texts: Sequence[str]) -> str:
    """Return SQL that is true for a row in which every text is empty or blank.

    For most rows the first text decides, so that the others are not evaluated.
    """
    empty = " and ".join(
        f"not coalesce(regexp_matches({text}, '{VISIBLE}'), false)" for text in texts
    )
    return f"case when unicode({texts[0]}) between 33 and 126 then false else {empty} end"


def _joined(rows: Rows) -> str:
    return f"concat_ws(',', {', '.join(text for _, text in rows.columns)})"


def _of_file(values: Sequence[str]) -> str:
    """Return the properties of the file of a row, by the file's position among those read together.

    A join would change the order of the rows.
    """
    if len(values) == 1:
        return values[0]
    return f"[{', '.join(values)}][cast(file_index as bigint) + 1]"


def _alike(files: Iterable[ListedFile], alone: Container[str]) -> list[list[ListedFile]]:
    """Group files that have the same columns."""
    found: dict[object, list[ListedFile]] = {}
    for file in files:
        apart = file.read_file if file.read_file in alone else None
        found.setdefault((file.columns, apart), []).append(file)
    return list(found.values())


def _by_name(file: ListedFile) -> str:
    return file.source_file


# ---- text of SQL -----------------------------------------------------------------------------


def literal(value: object) -> str:
    """Return a value as an SQL literal of text."""
    return "'" + str(value).replace("'", "''") + "'"


def name_of(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _paths(files: Iterable[ListedFile]) -> str:
    """Return file names as SQL literals in which wildcards are escaped."""
    literals = (
        literal(file.read_file.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]"))
        for file in files
    )
    return f"[{', '.join(literals)}]"


def _encoding(stored: Format) -> str:
    return f"encoding = {literal(stored.encoding)}, skip = {stored.skip_lines}"


def _typed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def _named(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{text} as {name_of(name)}" for name, text in columns.items())


def _row(file: ListedFile) -> str:
    values = (getattr(file, name) for name in FILES)
    return f"({', '.join('null' if v is None else literal(v) for v in values)})"
