"""The published tables give every figure of a separate analysis of the e-commerce 2024 export.

The analysis read the raw files with pandas. The tables answer the same questions for each of its
definitions of revenue, section by section. A figure that is wrong, missing or new fails the test.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import PROJECT, Build, Warehouse

from topheavy.mapping.reading import read_mapping

Figures = dict[str, Any]

# The analysis named its age groups wrongly at the edges; ours name the ages that they contain.
AGE_GROUPS = {
    "18 and under": "<18",
    "19-25": "18-25",
    "26-35": "25-35",
    "36-50": "35-50",
    "51-65": "50-65",
    "66 and over": "65+",
}

ENTITIES = (
    "select entity_id, entity_value from entity_concentration "
    "where measure = '{{measure}}' and dimension = '{dimension}'"
)

# The dimensions of the analysis, and the table with each. Its simplified categories contain only
# priced products, and its months are those of the year.
QUESTIONS = {
    "customer_segment": "select customer_segment, {measure} from segment_concentration",
    "age_group": ENTITIES.format(dimension="age_group"),
    "Gender": ENTITIES.format(dimension="gender"),
    "Payment Method": "select payment_method, {measure} from payment_concentration",
    "Frequency of Purchases": ENTITIES.format(dimension="purchase_frequency"),
    "Subscription Status": ENTITIES.format(dimension="subscription_status"),
    "category_simple": """
        select simplified_category, sum({measure})
        from product_concentration inner join products using (product_id)
        where price > 0
        group by simplified_category
    """,
    "price_segment": ENTITIES.format(dimension="price_segment"),
    "month": "select month(month_start), sum({measure}) from monthly_concentration group by all",
    "weekday": "select weekday_name, {measure} from weekday_concentration",
    "hour": "select hour_of_day, {measure} from hourly_concentration",
    "year": ENTITIES.format(dimension="year"),
}


TABLES = (
    *("interactions", "customers", "products", "data_quality", "concentration_indices"),
    *("entity_concentration", "product_concentration", "segment_concentration"),
    *("payment_concentration", "hourly_concentration", "weekday_concentration"),
    "monthly_concentration",
)


class Warehouses(NamedTuple):
    """The export built with each definition of revenue."""

    customer_amount: Warehouse
    list_price: Warehouse
    notebook: Warehouse


@pytest.fixture(scope="module")
def warehouses(build: Build, shared: Path) -> Warehouses:
    names = ("ecommerce_2024", "ecommerce_2024_list_price", "ecommerce_2024_notebook")
    exports = (read_mapping(PROJECT / "mappings" / f"{name}.yml").as_vars() for name in names)
    return Warehouses(*(build(export, tables=TABLES) for export in exports))


@pytest.fixture(scope="module")
def findings(shared: Path) -> Figures:
    text = (shared / "data/kaggle_2024/findings.json").read_text(encoding="utf-8")
    figures: Figures = json.loads(text)
    return figures


def plain(figure: Any) -> Any:
    """Return figures that compare exactly: binary rounding is far below a cent."""
    if isinstance(figure, dict):
        return {key: plain(value) for key, value in figure.items()}
    if isinstance(figure, list):
        return [plain(value) for value in figure]
    return figure if isinstance(figure, str) else round(Decimal(figure), 9)


def record(warehouse: Warehouse, sql: str) -> Figures:
    """Return the single row of a query, by column."""
    cursor = warehouse.execute(sql)
    names = [column[0] for column in cursor.description or []]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def lookup(warehouse: Warehouse, sql: str) -> Figures:
    """Return the second column of a query by its first."""
    return {str(key): value for key, value in warehouse.execute(sql).fetchall()}


def by_everything(warehouse: Warehouse, measure: str) -> Figures:
    """Return a measure by every dimension of the analysis; like pandas, without empty groups."""
    answers = {
        name: lookup(warehouse, sql.format(measure=measure)) for name, sql in QUESTIONS.items()
    }
    return {
        name: {AGE_GROUPS.get(key, key): value for key, value in answer.items() if value}
        for name, answer in answers.items()
    }


def rows(warehouse: Warehouse) -> Figures:
    counts = lookup(
        warehouse,
        "select check_name, row_count from data_quality where source_block = 'interactions'",
    )
    bounds = """
        select
            cast(min(interacted_at) as varchar) as first,
            cast(max(interacted_at) as varchar) as last,
            count(distinct customer_id) as distinct_customers,
            count(distinct product_id) as distinct_products,
            count(*) - count(nullif(price, 0)) as valid_rows_without_priced_product
        from interactions left join products using (product_id)
    """
    types = "select interaction_type, count(*) from interactions group by all"
    return {
        "raw": counts["raw_rows"],
        "blank": counts["blank_rows"],
        "malformed_timestamp": counts.get("rejected: malformed_timestamp", 0),
        "missing_interaction_type": counts["rejected: missing_interaction_type"],
        "valid": counts["valid_rows"],
        **record(warehouse, bounds),
        "interaction_types": lookup(warehouse, types),
    }


def customer_master(warehouse: Warehouse) -> Figures:
    master = """
        select
            count(*) as customers,
            sum(purchase_amount) as total_purchase_amount,
            avg(purchase_amount) as mean,
            quantile_cont(cast(purchase_amount as double), [0, 0.25, 0.5, 0.75, 1])
                as segment_edges_linear_quantiles
        from customers
        where is_described
    """

    def by(column: str, figure: str) -> Figures:
        return lookup(
            warehouse,
            f"select {column}, {figure} from customers where is_described group by all",
        )

    both = "{'customers': count(*), 'amount': sum(purchase_amount)}"
    ages = by("age_group", both)
    return {
        **record(warehouse, master),
        "by_segment": by("customer_segment", both),
        "by_age_group": {AGE_GROUPS[name]: figures for name, figures in ages.items()},
        "by_payment_method": by("payment_method", "sum(purchase_amount)"),
        "by_frequency": by("purchase_frequency", "sum(purchase_amount)"),
        "by_subscription": by("subscription_status", "count(*)"),
    }


def product_master(warehouse: Warehouse) -> Figures:
    master = """
        select
            count(*) as rows,
            count(nullif(price, 0)) as priced_products,
            quantile_cont(cast(nullif(price, 0) as double), [0, 0.25, 0.5, 0.75, 1])
                as price_quartile_edges
        from products
        where is_described
    """
    priced = "select {}, count(*) from products where price > 0 group by all"
    return {
        **record(warehouse, master),
        "by_price_segment": lookup(warehouse, priced.format("price_segment")),
        "by_category_simple": lookup(warehouse, priced.format("simplified_category")),
    }


def totals(warehouses: Warehouses) -> Figures:
    def revenue(warehouse: Warehouse) -> Any:
        return record(warehouse, "select sum(revenue) as total from interactions")["total"]

    purchases = "select count(*) as total from interactions where interaction_type = 'purchase'"
    return {
        "purchases": record(warehouses.customer_amount, purchases)["total"],
        "customer_amount_on_purchase_rows": revenue(warehouses.customer_amount),
        "customer_amount_on_all_rows": revenue(warehouses.notebook),
        "list_price_revenue_on_purchase_rows": revenue(warehouses.list_price),
    }


def segment_by_interaction(warehouse: Warehouse) -> Figures:
    crossed = """
        select customer_segment, interaction_type, count(*)
        from interactions inner join customers using (customer_id)
        group by all
    """
    figures: Figures = {}
    for segment, interaction_type, count in warehouse.execute(crossed).fetchall():
        figures.setdefault(segment, {})[interaction_type] = count
    return figures


SECTIONS: dict[str, Callable[[Warehouses], Figures]] = {
    "rows": lambda built: rows(built.customer_amount),
    "customer_master": lambda built: customer_master(built.customer_amount),
    "product_master": lambda built: product_master(built.customer_amount),
    "interactions_by": lambda built: by_everything(built.customer_amount, "interactions"),
    "purchases_by": lambda built: by_everything(built.customer_amount, "purchases"),
    "customer_amount_on_purchase_rows_by": (
        lambda built: by_everything(built.customer_amount, "revenue")
    ),
    "customer_amount_on_all_rows_by (the notebook charts; counts views and likes as revenue)": (
        lambda built: by_everything(built.notebook, "revenue")
    ),
    "list_price_revenue_on_purchase_rows_by": (
        lambda built: by_everything(built.list_price, "revenue")
    ),
    "totals": totals,
    "segment_by_interaction": lambda built: segment_by_interaction(built.customer_amount),
}


def test_no_section_is_left_out(findings: Figures) -> None:
    assert findings.keys() == SECTIONS.keys()


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition(" ")[0])
def test_the_tables_have_the_figures(
    section: str, findings: Figures, warehouses: Warehouses
) -> None:
    assert plain(SECTIONS[section](warehouses)) == plain(findings[section])


@pytest.mark.parametrize("dimension", ["customer", "product"])
def test_one_row_per_entity_is_called_deduplicated(dimension: str, warehouses: Warehouses) -> None:
    """Each customer and each product occurs once, which is more even than any business."""
    found = record(
        warehouses.customer_amount,
        f"""
        select verdict, verdict_reason from concentration_indices
        where dimension = '{dimension}' and measure = 'interactions' and period_grain = 'all'
        """,
    )
    assert found["verdict"] == "more_even_than_chance"
    assert "the extract looks deduplicated" in found["verdict_reason"]
