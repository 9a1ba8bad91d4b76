"""DuckDB and Spark build the same tables from the same export.

Every table that DuckDB publishes is compared: columns and types, exact values (texts, dates,
counts, decimals), and doubles to 1e-12 of their value. The export with defects is built up to the
tables that account for its rows, because nothing behind them knows how an export was written. The
tests need Java and the environment of requirements-spark.txt, so `make test` leaves them out.

usage: make test-spark
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from exports import EVENTS_MAPPING, write_defects, write_events
from one_spark import build_on_duckdb, build_on_spark, run_dbt_once

from topheavy.build.ingest import downstream_of_star

pytest_plugins = ["spark_session"]

# The exports to build, each with the tables to compare; none means all.
ROWS = ("interactions", "rejected_rows", "loaded_files", "customers", "products", "data_quality")
EXPORTS = {"defects": (write_defects, ROWS), "events": (write_events, ())}
# The table that `topheavy build` writes once the tests have passed; a plain `dbt build` has none.
RECORDS = {"build_info"}
# Both engines compute sums of doubles in fixed point; only the last digit of a logarithm or a power
# may differ.
RELATIVE, ABSOLUTE = 1e-12, 1e-15


@pytest.fixture(scope="module", params=EXPORTS)
def both(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    spark: Any,
    spark_folder: Path,
) -> duckdb.DuckDBPyConnection:
    """A connection with DuckDB's tables in main and Spark's in spark."""
    folder = tmp_path_factory.mktemp(request.param)
    path = folder / f"{request.param}.yml"
    write, compared = EXPORTS[request.param]
    path.write_text(yaml.safe_dump(write(folder / "data")), encoding="utf-8")
    build_on_spark(path, folder, spark, spark_folder, compared)
    return attached(build_on_duckdb(path, folder / "duckdb", compared), spark_folder)


def attached(warehouse: Path, spark: Path) -> duckdb.DuckDBPyConnection:
    """Return the warehouse, with a view in the schema spark for each table that Spark wrote."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
    connection.execute("create schema spark")
    for table in (spark / "tables" / "topheavy.db").iterdir():
        files = table / "*.parquet"
        connection.execute(f"create view spark.{table.name} as from read_parquet('{files}')")
    connection.execute("use warehouse")
    return connection


def tables(both: duckdb.DuckDBPyConnection) -> list[str]:
    rows = both.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = 'warehouse' order by 1"
    )
    return [name for (name,) in rows.fetchall()]


def columns(both: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Return the names and types of a table. Spark's timestamps are instants, shown here in UTC."""
    rows = both.execute(f"describe {relation}").fetchall()
    return {name: kind.removesuffix(" WITH TIME ZONE") for name, kind, *_ in rows}


def differences(both: duckdb.DuckDBPyConnection, table: str) -> list[tuple[object, ...]]:
    """Return rows that only one engine has, or whose doubles differ by more than the tolerance."""
    kinds = columns(both, table)
    exact = [name for name, kind in kinds.items() if kind != "DOUBLE"]
    doubles = [name for name, kind in kinds.items() if kind == "DOUBLE"]
    # Rows with the same exact values are paired in the order of their doubles.
    order = f"order by {', '.join(doubles)}" if doubles else ""
    row = f"row_number() over (partition by {', '.join(exact)} {order})"
    casts = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in kinds.items())
    same_row = " and ".join(f"ours.{name} is not distinct from theirs.{name}" for name in exact)
    too_far = [
        f"(ours.{name} is null) != (theirs.{name} is null) or abs(ours.{name} - theirs.{name}) > "
        f"greatest({ABSOLUTE}, {RELATIVE} * abs(ours.{name}))"
        for name in doubles
    ]
    return both.execute(f"""
        with ours as (select *, {row} as place from {table}),
        theirs as (select *, {row} as place from (select {casts} from memory.spark.{table}))
        select ours, theirs from ours
        full join theirs on ours.place = theirs.place and {same_row}
        where {" or ".join(["ours.place is null", "theirs.place is null", *too_far])}
        limit 3
    """).fetchall()


def test_every_table_is_on_both(
    both: duckdb.DuckDBPyConnection, request: pytest.FixtureRequest
) -> None:
    names = both.execute(
        "select table_name from information_schema.tables where table_schema = 'spark'"
    )
    assert {name for (name,) in names.fetchall()} == {*tables(both), *RECORDS}
    _, compared = EXPORTS[request.node.callspec.params["both"]]
    assert {*compared} <= {*tables(both)}
    assert compared or len(tables(both)) > 30


def test_columns_are_the_same(both: duckdb.DuckDBPyConnection) -> None:
    for table in tables(both):
        assert columns(both, f"memory.spark.{table}") == columns(both, table), table


def test_rows_are_the_same(both: duckdb.DuckDBPyConnection) -> None:
    found = {table: differences(both, table) for table in tables(both)}
    assert {table: rows for table, rows in found.items() if rows} == {}


@pytest.mark.parametrize("both", ["events"], indirect=True)
def test_data_tests_are_spark_s_sql_too(
    both: duckdb.DuckDBPyConnection, spark: Any, tmp_path: Path
) -> None:
    """They return the same rows if the tables are the same; Spark resolves each without
    running it.
    """
    mapping = EVENTS_MAPPING | {"folder": str(tmp_path)}
    command = ["compile", "--select", *downstream_of_star(mapping, "spark")]
    compiled = run_dbt_once(command, "spark", mapping, tmp_path)
    nodes = [item.node for item in compiled.result.results]
    tests = {node.name: node.compiled_code for node in nodes if node.resource_type == "test"}
    assert len(tests) > 70
    faults = {}
    for name, sql in tests.items():
        try:
            spark.sql(sql)
        except Exception as error:
            faults[name] = str(error)
    assert faults == {}
