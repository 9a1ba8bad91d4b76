"""The warehouse of the shipped sample shows what the sample's generator planted.

The generator computed truth.json from its own rows, in whole cents, before any file was read. The
tests compare it with the published tables.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import yaml
from conftest import PROJECT, SAMPLE, Warehouse

from topheavy.mapping.reading import read_mapping

Truth = dict[str, Any]

TRUTH: Truth = json.loads((PROJECT / "data/sample/truth.json").read_text(encoding="utf-8"))
DIMENSIONS = [name for name in TRUTH["revenue_by"] if name != "month_of_year"]


def lookup(warehouse: Warehouse, sql: str) -> dict[str, Any]:
    """Return the second column of a query by its first."""
    return dict(warehouse.execute(sql).fetchall())


@pytest.fixture(scope="module")
def quality(sample: Warehouse) -> dict[str, int]:
    """Return the warehouse's counts of the rows of interactions."""
    return lookup(
        sample, "select check_name, row_count from data_quality where source_block = 'interactions'"
    )


def test_the_default_of_the_project_is_the_sample_mapping() -> None:
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["vars"]["mapping"] == read_mapping(SAMPLE).as_vars()


def test_every_row_is_accounted_for(quality: dict[str, int]) -> None:
    accounting = TRUTH["accounting"]
    assert {name: quality[f"{name}_rows"] for name in ("raw", "blank", "valid")} == {
        name: accounting[name] for name in ("raw", "blank", "valid")
    }
    rejected = {
        name.removeprefix("rejected: "): count
        for name, count in quality.items()
        if name.startswith("rejected: ")
    }
    assert rejected == accounting["rejected_by_reason"]
    assert quality["rejected_rows"] == sum(rejected.values())


def test_the_flaws_of_valid_rows_are_counted(quality: dict[str, int]) -> None:
    flaws = TRUTH["defects"]["sales"]
    assert quality["rows_without_customer"] == flaws["missing_customer"]
    assert quality["rows_of_unknown_customers"] == flaws["unknown_customer"]
    assert quality["rows_of_unknown_products"] == flaws["unknown_product"]
    assert quality["repeated_rows"] == flaws["duplicate_row"]


def test_totals(sample: Warehouse) -> None:
    types = "select interaction_type, count(*) from interactions group by all"
    assert lookup(sample, types) == TRUTH["interaction_types"]
    measures = "select distinct measure, total_value + unattributed_value + nonpositive_value "
    everything = "from concentration_indices where period_grain = 'all'"
    totals = {name: Decimal(value) for name, value in TRUTH["totals"].items()}
    assert sorted(sample.execute(measures + everything).fetchall()) == sorted(totals.items())


def test_customers_by_the_sign_of_their_revenue(sample: Warehouse) -> None:
    rows = sample.execute(
        "select count(*), count(*) filter (where revenue > 0), count(*) filter (where revenue < 0) "
        "from customer_concentration"
    ).fetchall()
    counts = TRUTH["customer_counts"]
    assert rows == [(counts["with_valid_rows"], counts["positive_net"], counts["negative_net"])]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_leaders(dimension: str, sample: Warehouse) -> None:
    truth = TRUTH["revenue_by"][dimension]
    ((leader, value, share),) = sample.execute(
        "select entity_id, entity_value, value_share from entity_concentration "
        "where dimension = ? and measure = 'revenue' and value_rank = 1",
        [dimension],
    ).fetchall()
    assert (leader, value) == (truth["top"], Decimal(truth["top_revenue"]))
    assert share == pytest.approx(truth["top_share"], rel=1e-12)


def test_the_month_of_the_year_that_leads(sample: Warehouse) -> None:
    values = lookup(
        sample, "select month(month_start), sum(revenue) from monthly_concentration group by all"
    )
    truth = TRUTH["revenue_by"]["month_of_year"]
    leader = max(values, key=lambda month: values[month])
    assert (str(leader), values[leader]) == (truth["top"], Decimal(truth["top_revenue"]))
    assert sum(values.values()) == Decimal(truth["positive_revenue"])


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_indices(dimension: str, sample: Warehouse) -> None:
    truth = TRUTH["revenue_by"][dimension]
    ((count, total, unattributed, *indices),) = sample.execute(
        "select entity_count, total_value, unattributed_value, cr1, cr10, hhi, gini "
        "from concentration_indices "
        "where dimension = ? and measure = 'revenue' and period_grain = 'all'",
        [dimension],
    ).fetchall()
    assert count == truth["entity_count"]
    assert total == Decimal(truth["positive_revenue"])
    assert unattributed == Decimal(truth["unattributed_revenue"])
    planted = [truth[name] for name in ("top_share", "top_10_share", "hhi", "gini")]
    assert indices == pytest.approx(planted, rel=1e-12, abs=0)
