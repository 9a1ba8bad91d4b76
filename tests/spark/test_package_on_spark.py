"""The shop of integration_tests installs this project on Spark.

Downstream of the star the SQL is the same on both engines, which test_same_tables.py compares. This
file tests what only a project that installs this one does: its relations become the star, dbt's own
macro loads its seeds, and its SQL uses the formulas.
"""

from __future__ import annotations

from typing import Any

import pytest
from one_spark import without_compiling, writing_to

from topheavy.build.invoke_dbt import invoke_dbt
from topheavy.build.parsed_project import only_one
from topheavy.project import PROJECT

pytest_plugins = ["spark_session"]

SHOP = PROJECT / "integration_tests"
# Where `dbt deps` is locked, because it writes package-lock.yml beside the shop's files.
DEPS = PROJECT / "target" / "shop"
MADE = (
    *("interactions", "rejected_rows", "loaded_files", "concentration_limits"),
    *("town_concentration", "town_spectrum"),
)


@pytest.fixture(scope="module")
def shop(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The session after `dbt deps` and one `dbt build` of the star from scratch.

    The first step of limit_status is a view, because its other sources take most of a build.
    """
    folder = tmp_path_factory.mktemp("shop")
    where = ("--project-dir", str(SHOP), "--profiles-dir", str(SHOP))
    with writing_to(folder, SHOP_FOLDER=str(folder)), without_compiling(spark):
        with only_one(DEPS):
            assert invoke_dbt(["deps", *where]).success
        done = invoke_dbt(
            [
                *("build", *where, "--target", "spark"),
                *("--select", *(f"+{name}" for name in MADE), "formulas_answer_by_hand"),
                *("--exclude", "package:topheavy,resource_type:test"),
            ]
        )
        compiled = invoke_dbt(["compile", *where, "--target", "spark", "--select", "limit_status"])
    faults = [(item.node.name, item.message) for item in getattr(done.result, "results", [])]
    assert done.success, done.exception or faults
    (limit_status,) = [
        item.node
        for item in getattr(compiled.result, "results", [])
        if item.node.name == "limit_status"
    ]
    limits, _, _ = limit_status.compiled_code.partition(",\n\nindices as")
    spark.sql(f"create temporary view limits as {limits} select * from limits")
    return spark


def rows(session: Any, query: str) -> list[Any]:
    return [tuple(row) for row in session.sql(query).collect()]


def test_relations_become_the_star(shop: Any) -> None:
    assert rows(
        shop,
        """
        select customers.customer_name, count(*), sum(interactions.revenue)
        from analytics_topheavy.interactions
        inner join analytics_topheavy.customers using (customer_key)
        group by customers.customer_name order by 3 desc, 1
        """,
    ) == [("Ada", 16, 512), ("Bob", 16, 256), ("Cleo", 16, 128), ("Dov", 16, 128)]


def test_every_row_is_accounted_for(shop: Any) -> None:
    counts = "source_block, source_file, raw_count, blank_count, rejected_count"
    assert rows(
        shop, f"select {counts} from analytics_topheavy.loaded_files order by file_key"
    ) == [
        ("interactions", "fct_orders", 65, 0, 1),
        ("customers", "customers", 5, 0, 0),
        ("products", "dim_products", 4, 0, 0),
    ]
    rejected = rows(shop, "select reject_reason, raw_text from analytics_topheavy.rejected_rows")
    assert rejected == [("missing_amount", "c1,s1,33,2024-03-05 09:00:00,,card,web")]


def test_empty_cells_of_seeds_are_empty(shop: Any) -> None:
    """A limit for every subject applies to this one."""
    found = rows(
        shop,
        "select limit_id from limits"
        " where limit_id in ('customer_dependency', 'customer_disclosure') order by 1",
    )
    assert found == [("customer_dependency",), ("customer_disclosure",)]
