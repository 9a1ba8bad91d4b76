"""Workers of Spark read tables and views instead of files. The tests need Java.

usage: make test-spark
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from one_spark import writing_to

from topheavy.build.build_info import read_files
from topheavy.build.ingest import compiled_models, handed_over, ingest
from topheavy.build.loading import plan
from topheavy.build.spark_build import on_workers
from topheavy.build.spark_relations import with_spark_relations
from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import read_export, with_types_of
from topheavy.project import PROJECT

pytest_plugins = ["spark_session"]

MAPPING: dict[str, Any] = {
    "name": "typed",
    "revenue": "list_price",
    "interactions": {
        "relation": "shop.sold",
        "columns": {"customer": "buyer", "product": "item", "time": "at"},
    },
    # Decimal commas apply to text; typed columns have no decimal mark.
    "products": {
        "relation": "shop.items",
        "decimal": ",",
        "columns": {"product": "item", "price": "price"},
    },
}
ITEMS = "select 'tea' as item, cast(1.50 as decimal(9, 2)) as price, 'not mapped' as note"
SOLD = """
    select * from values
        (1001, 'tea', timestamp '2024-02-03 22:30:00.5', array(1)),
        (1002, 'mug', timestamp '2024-07-01 12:00:00', array(1))
    as sold (buyer, item, at, parts)
"""


@pytest.fixture(scope="module")
def shop(spark: Any) -> Any:
    spark.sql("create database if not exists shop")
    spark.sql(f"create or replace view shop.sold as {SOLD}")
    spark.sql("drop table if exists shop.items")
    spark.sql(f"create table shop.items using parquet as {ITEMS}")
    spark.sql("drop table if exists shop.dated")
    spark.sql(
        "create table shop.dated using parquet as"
        " select buyer, item, cast(at as timestamp_ntz) as at from shop.sold"
    )
    yield spark
    spark.sql("drop database shop cascade")


def written(folder: Path, mapping: dict[str, Any]) -> Path:
    path = folder / "typed.yml"
    path.write_text(yaml.safe_dump({**mapping, "folder": str(folder)}), encoding="utf-8")
    return path


def test_workers_read_what_spark_has(shop: Any, tmp_path: Path) -> None:
    path = written(tmp_path, MAPPING)
    mapping, files = read_export(path, PROJECT, {})
    files = with_spark_relations(shop, mapping, files, tmp_path / "relations")
    # Parquet is read in place; for the view, Spark writes the mapped columns.
    assert [item.name for item in (tmp_path / "relations").iterdir()] == ["interactions"]
    assert {file.header for file in files if file.block == "interactions"} == {
        ("buyer", "item", "at")
    }
    mapping = with_types_of(mapping, files)
    assert mapping.resolved.types == {
        "interactions": {"buyer": "number", "at": "timestamp"},
        "products": {"price": "number"},
    }
    spread = on_workers(shop)
    folders = {name: tmp_path / name for name in handed_over()}
    with writing_to(tmp_path):
        models = compiled_models({"mapping": mapping.as_vars()})
        load = plan(mapping, read_files(path, files, spread), None, "")
        ingest(mapping, load.files, models, folders, spread, task_bytes=1)
    with duckdb.connect() as database:
        database.execute("set TimeZone = 'UTC'")
        query = (
            "select (customer_key = hash('1001') >> 1), (product_key = hash('tea') >> 1), revenue,"
            " strftime(interacted_at, '%Y-%m-%d %H:%M:%S.%g')"
            f" from '{folders['interaction_facts']}/*.parquet' order by interacted_at"
        )
        assert database.execute(query).fetchall() == [
            (True, True, Decimal("1.5"), "2024-02-03 22:30:00.500"),
            (False, False, None, "2024-07-01 12:00:00.000"),
        ]


@pytest.mark.parametrize("relation", ["shop.sold", "shop.dated"])
def test_times_are_those_that_spark_shows(relation: str, shop: Any, tmp_path: Path) -> None:
    """Its Parquet files may have them in another zone or unit, so Spark writes them."""
    block = {**MAPPING["interactions"], "relation": relation}
    path = written(tmp_path, {**MAPPING, "interactions": block})
    mapping, files = read_export(path, PROJECT, {})
    files = with_spark_relations(shop, mapping, files, tmp_path / "relations")
    (sold,) = {file.path.parent for file in files if file.block == "interactions"}
    assert sold == tmp_path / "relations" / "interactions"
    with duckdb.connect() as database:
        seen = database.execute(
            f"select cast(\"at\" as varchar) from '{sold}/*.parquet' order by all"
        )
        assert seen.fetchall() == [("2024-02-03 22:30:00.5",), ("2024-07-01 12:00:00",)]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"relation": "shop.item"}, r"no such relation 'shop\.item' in Spark; did you mean"),
        ({"relation": "nowhere.items"}, r"no such relation 'nowhere\.items' in Spark"),
        ({"columns": {"product": "item", "price": "prise"}}, r"has no column 'prise' .*mean price"),
    ],
)
def test_a_mistake_is_one_line(keys: Any, message: str, shop: Any, tmp_path: Path) -> None:
    said = {**MAPPING, "products": {**MAPPING["products"], **keys}}
    mapping, files = read_export(written(tmp_path, said), PROJECT, {})
    with pytest.raises(MappingError, match=message) as caught:
        with_spark_relations(shop, mapping, files, tmp_path / "relations")
    assert "\n" not in str(caught.value)
