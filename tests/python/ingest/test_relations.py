"""Tables and views replace files: they are read with their types, through the same keys
as files.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import PROJECT, Build, Warehouse, dbt

from topheavy.build.build import refuse_relations_of_target
from topheavy.build.build_info import read_files
from topheavy.build.loading import plan
from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import read_export, read_mapping
from topheavy.mapping.relations import type_class

Mapping = dict[str, Any]
# Decimal commas apply to text; typed columns have no decimal mark.
MAPPING: Mapping = {
    "name": "typed",
    "time_zone": "UTC",
    "business_time_zone": "Europe/Berlin",
    "interactions": {
        "relation": "shop.fct_orders",
        "database": "till.duckdb",
        "decimal": ",",
        "columns": {
            "customer": "buyer",
            "product": "item",
            "time": "sold_at",
            "amount": "paid",
            "order": "slip",
        },
        "aliases": {"buyer": ["client"]},
        "time_formats": ["%Y-%d-%m %H:%M:%S"],
        "leave_out": [{"column": "state", "values": ["void"], "reason": "voided"}],
    },
    "customers": {
        "relation": "people",
        "database": "till.duckdb",
        "columns": {"customer": "id", "age": "age", "amount": "spent"},
    },
    "products": {"relation": "items/", "columns": {"product": "item", "price": "price"}},
}
TABLES = ("interactions", "customers", "products", "rejected_rows", "loaded_files")
ORDERS = """
    create schema if not exists shop;
    create table shop.sales as select * from (values
        (1, 1001, 'tea', timestamp '2024-02-03 22:30:00.5', 1234.50, 'paid', 'x'),
        (2, 1002, 'mug', timestamp '2024-07-01 12:00:00', -0.25, 'paid', 'x'),
        (3, null, 'mug', timestamp '2024-07-02 12:00:00', 7.00, 'void', 'x'),
        (4, 1001, '', timestamp '2024-07-02 12:00:00', null, 'paid', 'x'),
        (5, 1003, 'tea', null, 2.00, 'paid', 'x')
    ) as sales (slip, client, item, sold_at, paid, state, not_mapped);
    create view shop.fct_orders as select * from shop.sales
"""
PEOPLE = "create table people as select 1001 as id, 40::tinyint as age, 99.5::double as spent"


def write_shop(folder: Path) -> None:
    """Write a database with orders and customers, and a Parquet folder with products."""
    (folder / "items" / "part=1").mkdir(parents=True)
    with duckdb.connect(str(folder / "till.duckdb")) as shop:
        shop.execute(f"{ORDERS}; {PEOPLE}")
        for part, item in (("part=1/a", "tea"), ("b", "mug")):
            query = f"select '{item}' as item, 1.50::decimal(9, 2) as price"
            shop.execute(f"copy ({query}) to '{folder / 'items' / part}.parquet'")


def written(folder: Path, mapping: Mapping) -> Path:
    path = folder / "typed.yml"
    path.write_text(yaml.safe_dump({**mapping, "folder": str(folder)}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write_shop(folder)
    return folder


@pytest.fixture(scope="module")
def warehouse(shop: Path, build: Build) -> Warehouse:
    mapping, _ = read_export(written(shop, MAPPING), PROJECT, {})
    return build(mapping.as_vars(), tables=TABLES)


def test_typed_columns_are_taken_as_they_are(warehouse: Warehouse) -> None:
    rows = warehouse.execute(
        "select order_id, customer_id, product_id, revenue, interacted_at, has_time_of_day"
        " from interactions order by order_id"
    ).fetchall()
    assert rows == [
        ("1", "1001", "tea", Decimal("1234.5"), datetime(2024, 2, 3, 23, 30, 0, 500000), True),
        ("2", "1002", "mug", Decimal("-0.25"), datetime(2024, 7, 1, 14), True),
        ("5", "1003", "tea", Decimal("2"), None, False),
    ]
    described = "select customer_id, age, purchase_amount from customers where is_described"
    assert warehouse.execute(described).fetchall() == [("1001", 40, Decimal("99.5"))]
    assert warehouse.execute("select product_id, price from products order by 1").fetchall() == [
        ("mug", Decimal("1.5")),
        ("tea", Decimal("1.5")),
    ]


def test_rows_of_a_relation_are_accounted_for(warehouse: Warehouse) -> None:
    rejected = warehouse.execute(
        "select reject_reason, source_row, raw_text from rejected_rows order by source_row"
    ).fetchall()
    assert [(reason, row) for reason, row, _ in rejected] == [("voided", 3), ("missing_amount", 4)]
    # Only the mapped columns of a wide table are read.
    assert {*rejected[0][2].split(",")} == {"", "3", "mug", "2024-07-02 12:00:00", "7.00", "void"}
    loaded = warehouse.execute(
        "select source_block, parse_filename(source_file), raw_count from loaded_files order by all"
    ).fetchall()
    assert loaded == [
        ("customers", "till.duckdb:people", 1),
        ("interactions", "till.duckdb:shop.fct_orders", 5),
        ("products", "a.parquet", 1),
        ("products", "b.parquet", 1),
    ]


def test_a_relation_of_the_target_is_read_where_it_is(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "topheavy.duckdb")) as target:
        target.execute(ORDERS)
    columns = {"customer": "client", "time": "sold_at", "amount": "paid"}
    mapping = {"name": "own", "interactions": {"relation": "shop.fct_orders", "columns": columns}}
    dbt(
        ["build", "--select", "+interactions", "--exclude-resource-type", "test", "unit_test"],
        tmp_path,
        mapping,
    )
    with duckdb.connect(str(tmp_path / "topheavy.duckdb")) as target:
        found = target.execute("select count(*), sum(revenue) from interactions").fetchall()
        assert found == [(4, Decimal("1243.25"))]
    # A dbt model that an earlier run built.
    columns = {"customer": "customer_id", "time": "interacted_at", "amount": "revenue"}
    source = {"relation": "ref('interactions')", "columns": columns}
    message = r"interactions\.relation: no such relation 'topheavy\.main\.interactionz'"
    with pytest.raises(AssertionError, match=message):
        own = {**mapping, "interactions": {**source, "relation": "topheavy.main.interactionz"}}
        dbt(["build", "--select", "stg_interactions"], tmp_path, own)
    dbt(
        ["run", "--select", "stg_interactions", "stg_files"],
        tmp_path,
        {**mapping, "interactions": source},
    )
    with duckdb.connect(str(tmp_path / "topheavy.duckdb")) as target:
        target.execute(f"attach '{tmp_path / 'work.duckdb'}' as work")
        found = target.execute("select count(*) from work.staging.stg_interactions").fetchall()
        assert found == [(4,)]


def of_interactions(**keys: Any) -> Mapping:
    found = {**MAPPING["interactions"], **keys}
    return {**MAPPING, "interactions": {k: v for k, v in found.items() if v is not None}}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"relation": "shop.fct_order"}, "relation 'shop.fct_order' in till.duckdb; did you mean"),
        ({"relation": "nothing"}, "it has: people, shop.fct_orders, shop.sales"),
        ({"database": "tills.duckdb"}, "database: no such file .*; did you mean 'till.duckdb'"),
        ({"database": "typed.yml"}, r"interactions.database: typed.yml is not a DuckDB file"),
        (
            {"columns": {**MAPPING["interactions"]["columns"], "amount": "payd"}},
            r"has no column 'payd' \(interactions.columns.amount\); it has: slip, .*mean paid\?",
        ),
        ({"files": "*.csv"}, "interactions: has both files and relation; keep one of them"),
        (
            {"relation": None, "database": None},
            "interactions.files: missing; add file names or patterns",
        ),
        ({"delimiter": ";"}, "interactions.delimiter: applies to text files, not to a relation"),
        (
            {"relation": "a/b"},
            "interactions.database: needs relation, a table or view in that file",
        ),
    ],
)
def test_a_mistake_is_one_line(keys: Mapping, message: str, shop: Path) -> None:
    with pytest.raises(MappingError, match=message) as caught:
        read_export(written(shop, of_interactions(**keys)), PROJECT, {})
    assert "\n" not in str(caught.value)


def test_a_database_with_a_writer_is_reported(shop: Path) -> None:
    path = written(shop, MAPPING)
    script = f"import duckdb; c = duckdb.connect({str(shop / 'till.duckdb')!r}); print(1); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout and writer.stdout.readline()
        with pytest.raises(MappingError, match=r"writes into till\.duckdb; close it there"):
            read_export(path, PROJECT, {})
        writer.communicate(b"\n")


def test_make_build_asks_for_the_file_of_a_relation(shop: Path) -> None:
    path = written(shop, of_interactions(database=None))
    _, files = read_export(path, PROJECT, {})
    with pytest.raises(MappingError, match=r"'shop.fct_orders' is not in a file; add database: "):
        refuse_relations_of_target(path, files)


def test_another_content_of_the_database_is_read_again(shop: Path) -> None:
    """As with files, loaded content is identified by its bytes."""
    path = written(shop, MAPPING)
    mapping, files = read_export(path, PROJECT, {})
    first = plan(mapping, read_files(path, files), None, "")
    with duckdb.connect(str(shop / "till.duckdb")) as database:
        database.execute("create table other as select 1 as one; checkpoint")
    second = plan(mapping, read_files(path, files), None, "")
    changed = {
        one.source_file != two.source_file
        for one, two in zip(first.files, second.files, strict=True)
    }
    assert changed == {False}
    keys = [
        one.file_key != two.file_key for one, two in zip(first.files, second.files, strict=True)
    ]
    assert keys == [file.block != "products" for file in first.files]


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        *(("DECIMAL(9,2)", "number"), ("BIGINT", "number"), ("double", "number")),
        *(("HUGEINT", "number"), ("decimal(38,4)", "number"), ("smallint", "number")),
        *(("DATE", "date"), ("TIMESTAMP", "timestamp"), ("TIMESTAMP WITH TIME ZONE", "timestamp")),
        *(("TIMESTAMP_NS", "timestamp"), ("VARCHAR", ""), ("TIME", ""), ("DECIMAL(9,2)[]", "")),
        *(("BOOLEAN", ""), ("INTERVAL", ""), ("STRUCT(a INTEGER)", "")),
    ],
)
def test_types_that_are_taken_as_they_are(kind: str, found: str) -> None:
    assert type_class(kind) == found


def test_the_sample_has_no_types(shop: Path) -> None:
    mapping, _ = read_export(PROJECT / "mappings" / "sample.yml", PROJECT, {})
    assert mapping == read_mapping(PROJECT / "mappings" / "sample.yml")
