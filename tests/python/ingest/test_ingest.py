"""Several workers, each with its own files, write the same star as a single process."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Build, as_a_process_of_its_own

from topheavy.build.build_info import in_turn
from topheavy.build.dbt_run import BuildError
from topheavy.build.ingest import compiled_models, handed_over, ingest, parted
from topheavy.build.listed_files import listed
from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import mapping_of_vars
from topheavy.mapping.sources import ListedFile

Mapping = dict[str, Any]
# The published tables of the star, and the inputs of the tables of customers and products.
PUBLISHED = ("interaction_facts", "rejected_rows", "loaded_files")
OF_IDS = {"int_row_ids": "intermediate", "stg_customers": "staging", "stg_products": "staging"}
# Rows are looked up in all other files, and cells are filled down.
MAPPING: Mapping = {
    "name": "workers",
    "revenue": "list_price",
    "max_rejected_share": 1,
    "dimensions": [{"name": "channel", "column": "channel", "from": "orders"}],
    "interactions": {
        "files": "lines *.csv*",
        "columns": {"order": "slip", "product": "item", "quantity": "units"},
        "fill_down": [{"column": "item", "within": "file"}],
    },
    "orders": {
        "files": "orders.csv",
        "columns": {"order": "slip", "customer": "who", "time": "at"},
        "time_formats": ["%Y-%m-%d %H:%M"],
    },
    "customers": {"files": "people *.csv", "columns": {"customer": "id", "amount": "spent"}},
    "products": {"files": "items.csv", "columns": {"product": "item", "price": "price"}},
}
HEADERS = ("slip,item,units", "units,slip,item", "slip,units,item,note")


def write_export(folder: Path) -> Mapping:
    """Write files with several headers, defects in each block, and a file without rows."""
    folder.mkdir()
    for number, header in enumerate((*HEADERS, HEADERS[0])):
        lines = [header]
        for row in range(60):
            cells = {
                "slip": f"s{(row * 7 + number) % 50}",
                "item": f"i{row % 9}" if row % 4 == 0 else "",
                "units": "many" if row % 13 == 0 else str(row % 5),
                "note": "",
            }
            lines.append(",".join(cells[name] for name in header.split(",")))
        lines[20] += ",too,many,cells"
        lines[30] = "," * header.count(",")
        text = "\n".join(lines)
        path = folder / f"lines {number}.csv"
        if number == 1:
            path.with_suffix(".csv.gz").write_bytes(gzip.compress(text.encode()))
        else:
            path.write_text(text)
    (folder / "lines 9.csv").write_text(HEADERS[1])
    orders = [f"s{n},c{n % 7},2024-01-{n % 28 + 1:02} 10:{n},{'web' * (n % 2)}" for n in range(45)]
    (folder / "orders.csv").write_text(
        "\n".join(["slip,who,at,channel", *orders, "s1,c1,soon,web", "s2,too,few"])
    )
    for number in range(2):
        people = [f"c{n},{n * 3}" for n in range(number, 8)]
        (folder / f"people {number}.csv").write_text("\n".join(["id,spent", *people, "c,1,2"]))
    items = [f"i{n},{n}.50" for n in range(8)]
    (folder / "items.csv").write_text("\n".join(["item,price", *items, ",1"]))
    return {**MAPPING, "folder": str(folder)}


def test_many_tasks_write_the_star_of_one_process(build: Build, tmp_path: Path) -> None:
    mapping = write_export(tmp_path / "data")
    whole = build(mapping, tables=PUBLISHED)
    folders = {name: tmp_path / name for name in (*handed_over(), "orders")}
    with as_a_process_of_its_own(
        TOPHEAVY_BUILD=tmp_path, DBT_TARGET_PATH=tmp_path, DBT_LOG_PATH=tmp_path
    ):
        models = compiled_models({"mapping": mapping})
        typed = mapping_of_vars(mapping)
        ingest(typed, listed(typed, {}), models, folders, in_turn, task_bytes=1)
    assert len([*folders["interaction_facts"].iterdir()]) == 4
    tables = {name: f"from {name}" for name in PUBLISHED}
    tables |= {name: f"from work.{schema}.{name}" for name, schema in OF_IDS.items()}
    with duckdb.connect() as single:
        ((_, _, path),) = whole.execute("pragma database_list").fetchall()
        single.execute(f"attach '{path}' as single (read_only)")
        single.execute(f"attach '{Path(path).with_name('work.duckdb')}' as work (read_only)")
        single.execute("use single")
        for table, query in tables.items():
            ours = single.execute(f"{query} order by all").fetchall()
            theirs = rows_of(folders[table])
            # An id appears once for each task that found it.
            found = sorted(set(theirs)) if table == "int_row_ids" else theirs
            assert found == ours, table
            assert len(ours) >= 5, table
    reasons = whole.execute("select source_block, reject_reason from rejected_rows").fetchall()
    assert {
        ("interactions", "malformed_line"),
        ("interactions", "order_line_without_order"),
        ("orders", "malformed_line"),
        ("orders", "repeated_order_id"),
        ("customers", "malformed_line"),
        ("products", "missing_product_id"),
    } <= set(reasons)


def rows_of(folder: Path) -> list[tuple[Any, ...]]:
    """Return the rows of a table from all files in its folder, with times in UTC."""
    with duckdb.connect() as database:
        database.execute("set TimeZone = 'UTC'")
        rows = database.execute(f"describe from '{folder}/*.parquet'").fetchall()
        columns = ", ".join(
            f"timezone('UTC', {name})" if kind == "TIMESTAMP WITH TIME ZONE" else name
            for name, kind, *_ in rows
        )
        query = f"select {columns} from '{folder}/*.parquet' order by all"
        return database.execute(query).fetchall()


FILES = [ListedFile("interactions", f"{n}.csv", f"{n}.csv", 100, None, n) for n in range(5)]


@pytest.mark.parametrize(
    ("task_bytes", "groups"),
    [(1, ["0", "1", "2", "3", "4"]), (250, ["01", "23", "4"]), (1000, ["01234"])],
)
def test_files_are_parted_by_their_size(task_bytes: int, groups: list[str]) -> None:
    found = parted(mapping_of_vars(MAPPING), FILES[::-1], task_bytes)
    assert ["".join(file.source_file[0] for file in group) for group in found] == groups


@pytest.mark.parametrize(
    "also",
    [
        {"duplicates": "drop"},
        {"duplicates": {"by": "order"}},
        {
            "interactions": {
                **MAPPING["interactions"],
                "columns": {"amount": {"column": "sum", "once_per": "order"}, "order": "slip"},
            }
        },
    ],
    ids=["equal rows", "rows of one order", "an amount of an order"],
)
def test_rows_that_depend_on_other_files_go_as_one(also: Mapping) -> None:
    assert parted(mapping_of_vars({**MAPPING, **also}), FILES, 1) == [FILES]


def test_a_task_that_fails_gives_one_line(tmp_path: Path) -> None:
    mapping = mapping_of_vars({"interactions": {"files": "*.csv", "columns": {"time": "at"}}})
    gone = [replace(FILES[0], read_file=str(tmp_path / "gone.csv"), columns=(("at", ""),))]
    with pytest.raises(BuildError, match=r"^interactions-00000: .*gone\.csv") as caught:
        ingest(mapping, gone, [], {}, in_turn)
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, MappingError)
