"""The contents of the dashboard's bundle, without Superset.

tests/dashboards imports it into Superset and runs its charts.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import SAMPLE, Warehouse, parsed

from topheavy.dashboards.superset_bundle import COMPUTED, Table, bundle, tables_of
from topheavy.dashboards.superset_charts import Words, rows_of_charts
from topheavy.mapping.reading import read_mapping

FILE = Path("/data/topheavy.duckdb")


@pytest.fixture(scope="module")
def tables(sample: Warehouse) -> list[Table]:
    [(path,)] = sample.execute(
        "select path from duckdb_databases() where path is not null"
    ).fetchall()
    return tables_of(Path(path), parsed(read_mapping(SAMPLE).as_vars()))


def unpacked(packed: bytes) -> dict[str, Any]:
    """The files of a bundle by name."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {
            name.removeprefix("topheavy/"): yaml.load(archive.read(name), yaml.CSafeLoader)
            for name in archive.namelist()
        }


@pytest.fixture(scope="module")
def packed(tables: list[Table]) -> bytes:
    return bundle(tables, Words("sample"), FILE)


@pytest.fixture(scope="module")
def files(packed: bytes) -> dict[str, Any]:
    return unpacked(packed)


def test_the_same_file_gives_the_same_bytes(tables: list[Table], packed: bytes) -> None:
    assert bundle(tables, Words("sample"), FILE) == packed


def test_every_published_table_and_column_is_described(
    files: dict[str, Any], sample: Warehouse
) -> None:
    published = sample.execute(
        """select table_name, column_name from duckdb_columns()
        where database_name = current_database() and not internal"""
    ).fetchall()
    for table in {table for table, _ in published}:
        dataset = files[f"datasets/Topheavy/{table}.yaml"]
        assert dataset["description"].startswith("One row per")
        described = {column["column_name"]: column["description"] for column in dataset["columns"]}
        assert {name for of, name in published if of == table} == {*described} - {
            *COMPUTED.get(table, {})
        }
        assert all(described.values()), table


@pytest.mark.parametrize("measure", ["revenue", "purchases", "interactions"])
def test_every_chart_reads_columns_that_are_there(
    measure: str, files: dict[str, Any], sample: Warehouse
) -> None:
    """The export may use any measure; DuckDB itself computes the metrics."""
    for _, row in rows_of_charts(Words("shop", measure, measure)):
        assert sum(chart.width for chart in row) == 12
        for chart in row:
            dataset = files[f"datasets/Topheavy/{chart.table}.yaml"]
            there = {column["column_name"] for column in dataset["columns"]}
            used = {*chart.columns, *chart.follows, *(column for column, _, _ in chart.filters)}
            used |= {column for column, _ in chart.order} - {*chart.metrics}
            assert used <= there, chart.key
            for sql in chart.metrics.values():
                sample.execute(f"select {sql} from {chart.table}").fetchall()


def test_a_chart_is_the_same_on_the_dashboard_and_in_the_api(files: dict[str, Any]) -> None:
    """Superset stores a chart twice: for the dashboard, and as the query of its API, which contains
    the dashboard's filters.
    """
    charts = [content for name, content in files.items() if name.startswith("charts/")]
    for chart in charts:
        drawn = chart["params"]
        [asked] = json.loads(chart["query_context"])["queries"]
        assert [
            (condition["subject"], condition["operator"], condition["comparator"])
            for condition in drawn["adhoc_filters"]
        ] == [
            (each["col"], each["op"], each["val"])
            for each in asked["filters"]
            if each["val"] not in (["customer"], ["revenue"])
        ]
        metrics = drawn.get("metrics") or [drawn["metric"]] if "metrics" in asked else []
        assert asked.get("metrics", []) == metrics
        assert drawn["row_limit"] == asked["row_limit"]


def test_a_mapping_gives_its_words(tables: list[Table]) -> None:
    words = Words("shop", "revenue", "spend", "suppliers", "EUR")
    files = unpacked(bundle(tables[:1], words, FILE))
    assert files["charts/total.yaml"]["slice_name"] == "Spend, EUR"
    assert files["charts/customers.yaml"]["slice_name"] == "Suppliers"
    assert files["dashboards/Topheavy.yaml"]["dashboard_title"] == "Concentration: shop"


def test_it_opens_the_file_to_read_only(files: dict[str, Any]) -> None:
    database = files["databases/Topheavy.yaml"]
    assert database["sqlalchemy_uri"] == "duckdb:////data/topheavy.duckdb"
    assert database["extra"]["engine_params"] == {"connect_args": {"read_only": True}}
    assert not any(database[right] for right in ("allow_dml", "allow_ctas", "allow_cvas"))
