"""The SQL that reads files, run without dbt: its columns, rows, and the origin of each row."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from topheavy.build.listed_files import leaves_a_quote_open, threads_for
from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import mapping_of_vars
from topheavy.mapping.sources import ListedFile, malformed_lines, read_list, statements, write_list

MAPPING: dict[str, Any] = {
    "interactions": {
        "files": "*.csv",
        "columns": {"customer": "who", "amount": "paid", "time": "day"},
        "aliases": {"paid": ["sum"]},
    }
}
Rows = list[tuple[Any, ...]]


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as work")
        yield connection


def listed(path: Path, columns: Sequence[str | tuple[str, str]], **given: Any) -> ListedFile:
    """Return a file of interactions whose key is the number in its name."""
    named = tuple((column, "") if isinstance(column, str) else column for column in columns)
    file = ListedFile("interactions", path.name, str(path), 0, None, ord(path.stem[-1]))
    return ListedFile(**{**vars(file), "columns": named, **given})


def text_file(folder: Path, name: str, content: str, **given: Any) -> ListedFile:
    """Write a text file; its columns are those of its comma-separated first line."""
    (folder / name).write_text(content, encoding="utf-8", newline="")
    header = content.splitlines()[0].removeprefix("\ufeff").split(",")
    return listed(folder / name, header, **given)


def rows(
    database: duckdb.DuckDBPyConnection,
    mapping: dict[str, Any],
    files: Sequence[ListedFile],
    columns: str = '_source_file, _source_row, "who", "paid"',
    alone: Container[str] = (),
) -> Rows:
    """Return the content of the view of interactions, by file and row."""
    for statement in statements(mapping_of_vars(mapping), files, alone):
        database.execute(statement)
    query = f"select {columns} from work.raw.interactions order by _source_file, _source_row"
    return database.execute(query).fetchall()


def test_columns_are_found_by_any_spelling_in_any_order(
    tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    files = [
        text_file(tmp_path, "1.csv", "\ufeffwho,paid,day\nann,1,x\n"),
        text_file(tmp_path, "2.csv", "day,sum,other,who\nx,2,?,bob\n"),
        text_file(tmp_path, "3.csv", "who,day\ncid,x\n"),
    ]
    numbered = {**MAPPING, "duplicates": "drop"}
    assert rows(database, numbered, files) == [
        ("1.csv", 1, "ann", "1"),
        ("2.csv", 1, "bob", "2"),
        ("3.csv", 1, "cid", None),
    ]


def test_rows_are_numbered_within_files_that_are_read_as_one(
    tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    counts = (3, 0, 5000, 1)
    files = [
        text_file(tmp_path, f"{n}.csv", "who,paid,day\n" + f"c{n},{n},x\n" * count)
        for n, count in enumerate(counts)
    ]
    numbered = {**MAPPING, "duplicates": "drop"}
    found = rows(database, numbered, files, "_source_file, _source_row")
    assert found == [
        (f"{n}.csv", row) for n, count in enumerate(counts) for row in range(1, count + 1)
    ]
    # Without need for row numbers, DuckDB does not have to count on one processor.
    assert {row for (row,) in rows(database, MAPPING, files, "_source_row")} == {None}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("orders", {"files": "o.csv", "columns": {"order": "o"}}),
        ("duplicates", {"by": "order"}),
        ("currency", {"into": "EUR", "rates": [["USD", "2024-01-01", "9999-12-31", "0.9"]]}),
        ("interactions", {**MAPPING["interactions"], "fill_down": ["who"]}),
    ],
)
def test_rows_that_depend_on_others_have_numbers(
    key: str, value: Any, tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    file = text_file(tmp_path, "1.csv", "who,paid,day\na,1,x\nb,2,x\n")
    found = rows(database, {**MAPPING, key: value}, [file], "_source_row")
    assert found == [(1,), (2,)]


def test_only_new_files_are_read_and_names_are_not_patterns(
    tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    files = [
        text_file(tmp_path, "it's [1].csv", "who,paid,day\nann,1,x\n"),
        text_file(tmp_path, "it's 1.csv", "who,paid,day\nbob,2,x\n", is_new=False),
    ]
    assert rows(database, MAPPING, files, '_source_file, "who"') == [("it's [1].csv", "ann")]
    count = database.execute("select count(*), count(*) filter (is_new) from work.raw.files")
    assert count.fetchall() == [(2, 1)]
    assert rows(database, MAPPING, [], '"who"') == []


@pytest.mark.parametrize(
    "content, is_open",
    [
        ('who,paid,day\na,"1,x\nb,2,y\n', True),
        ('who,paid,day\na,1,x\nb,2,"', True),
        ('who,paid,day\na,5" pipe,x\nb,2,y\n', False),
        ('who,paid,day\na,"5"" pipe, black",x\n', False),
        ('who,paid,day\na,"two\nlines",x\n', False),
    ],
)
def test_a_file_that_ends_within_quotes_is_read_by_itself(
    content: str, is_open: bool, tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    """DuckDB 2.0.0 would silently lose its lines, unless it is the last file that is read."""
    whole = "who,paid,day\nz,9,z\n"
    contents = [whole, whole, content, whole, whole]
    files = [text_file(tmp_path, f"{n}.csv", each) for n, each in enumerate(contents)]
    alone = {
        file.read_file for file in files if leaves_a_quote_open(mapping_of_vars(MAPPING), file)
    }
    assert alone == ({files[2].read_file} if is_open else set())
    rows(database, MAPPING, files, alone=alone)
    database.execute(malformed_lines(["interactions"]))
    kept = database.execute("select distinct source_file from work.raw.malformed_lines").fetchall()
    assert kept == ([("2.csv",)] if is_open else [])


def test_malformed_lines_are_kept_once_however_often_they_are_read(
    tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    content = 'who,paid,day\r\na,1,x\r\nb,2\r\n"c"d,3,x\r\n,,\r\ne,4,x,y\r\n'
    files = [text_file(tmp_path, f"{n}.csv", content) for n in (1, 2)]
    numbered = {**MAPPING, "duplicates": "drop"}
    found = rows(database, numbered, files, '"who", _is_blank, _raw_text')
    assert found == [("a", False, "a,1,x"), ("", True, ",,")] * 2
    database.execute(malformed_lines(["interactions"]))
    kept = database.execute(
        "select source_file, source_row, raw_text from work.raw.malformed_lines order by all"
    ).fetchall()
    assert kept == [
        (f"{n}.csv", *line)
        for n in (1, 2)
        for line in [(3, "b,2"), (4, '"c"d,3,x'), (6, "e,4,x,y")]
    ]


def test_blanks_of_all_kinds_make_a_blank_row(
    tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    content = "who,paid,day\n\u00a0,\u200b\ufeff,\u3000\t\n,é,\n ,,x\n"
    file = text_file(tmp_path, "1.csv", content)
    assert [blank for (blank,) in rows(database, MAPPING, [file], "_is_blank")] == [
        True,
        False,
        False,
    ]


def test_runs_of_blanks_part_columns(tmp_path: Path, database: duckdb.DuckDBPyConnection) -> None:
    (tmp_path / "1.txt").write_text(" who  paid day\n a   1\tx\nb 2\n")
    file = listed(tmp_path / "1.txt", ("who", "paid", "day"))
    mapping = {"interactions": {**MAPPING["interactions"], "delimiter": "whitespace"}}
    assert rows(database, mapping, [file], '"who", "paid", _raw_text') == [
        ("a", "1", " a   1\tx"),
        ("", "", "b 2"),
    ]


def test_fields_of_structs_and_instants_of_parquet(
    tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    path = tmp_path / "1.parquet"
    database.execute("set TimeZone = 'Asia/Tokyo'")
    database.execute(
        "copy (select {'name': 'ann'} as who, 1.50 as paid, timestamptz '2024-01-01 00:00:00+00' "
        f"as day union all select null, null, null) to '{path}'"
    )
    kinds = {"who": "STRUCT(name VARCHAR)", "paid": "DECIMAL(3,2)", "day": STAMP}
    file = listed(path, list(kinds.items()))
    columns = {"customer": "who.name", "amount": "paid", "time": "day"}
    mapping = {"interactions": {"files": "1.parquet", "columns": columns}}
    wanted = '_source_row, "who.name", "paid", "day", _is_blank'
    assert rows(database, mapping, [file], wanted) == [
        (1, "ann", "1.50", "2024-01-01 00:00:00", False),
        (2, "", "", "", True),
    ]
    taken = listed(path, [*kinds.items(), ("file_index", "BIGINT")])
    with pytest.raises(MappingError, match=r"1\.parquet has a column file_index"):
        statements(mapping_of_vars(mapping), [taken, taken])


STAMP = "TIMESTAMP WITH TIME ZONE"


def test_a_list_comes_back_as_it_was_written(tmp_path: Path) -> None:
    file = listed(tmp_path / "1.csv", [("a\n'b", ""), ("c", STAMP)], sha256="0", recipe="r")
    write_list([file, file], tmp_path / "files.json")
    assert read_list(tmp_path / "files.json") == [file, file]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([{"byte_count": 2_500_000}] * 2, ["set threads = 1"]),
        ([{"byte_count": 2_500_000}] * 3, []),
        ([{"byte_count": 10}, {"byte_count": 0, "relation": "orders"}], []),
        ([{"byte_count": 10, "read_file": "sales.csv.gz"}], []),
    ],
    ids=["small", "large", "a relation", "compressed"],
)
def test_the_queries_of_a_small_export_have_one_thread(
    given: list[dict[str, Any]], expected: list[str]
) -> None:
    assert threads_for([listed(Path("sales_1.csv"), (), **it) for it in given]) == expected
