"""SQL that only DuckDB reads must not pass as Spark SQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import check_spark


@pytest.mark.parametrize(
    "sql",
    [
        "select * exclude (customer_id) from sales",
        "select revenue // 2 as half from sales",
        "select sum(revenue) as revenue from sales group by all order by all",
        "select [amount for amount in amounts if amount > 0] as amounts from sales",
    ],
)
def test_sql_that_only_duckdb_reads_is_reported(sql: str, tmp_path: Path) -> None:
    path = tmp_path / "model.sql"
    path.write_text(f"-- a model\n{sql}\n", encoding="utf-8")
    found = list(check_spark.unparsable(tmp_path))
    assert found and all(line.startswith(f"{path}:2: ") for line in found)


def test_sql_of_both_engines_passes(tmp_path: Path) -> None:
    (tmp_path / "model.sql").write_text(
        "select\n    cast(customer_id as bigint) as customer_id,\n"
        "    row_number() over (order by revenue desc nulls last, customer_id) as revenue_rank\n"
        "from sales\n",
        encoding="utf-8",
    )
    assert list(check_spark.unparsable(tmp_path)) == []
