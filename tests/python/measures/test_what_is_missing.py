"""The warehouse reports what an export lacks: days without data, rows without a date, excluded
money.

The export is of a shop that closes on Sundays, lost a quarter of 2022 and ends on 15 July 2024.
Some rows have no date, some are left out, and one customer returned more than it bought.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import Build, Warehouse

from topheavy.publish.summary import read_facts, render

Row = dict[str, Any]

FIRST, LAST = date(2022, 1, 3), date(2024, 7, 15)
HOLE = date(2022, 4, 1), date(2022, 6, 30)
CUSTOMERS, PRODUCTS = 12, 5


def open_days() -> list[date]:
    """Return the days on which the shop sold and for which there are data."""
    days = (FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1))
    return [day for day in days if day.isoweekday() != 7 and not HOLE[0] <= day <= HOLE[1]]


def sale(number: int, day: str, **values: Any) -> Row:
    product = number % PRODUCTS
    return {
        "day": day,
        "customer": f"c{number % CUSTOMERS:02}",
        "customer name": "?" if number < 30 else f"Customer {number % CUSTOMERS:02}",
        "product": f"p{product}",
        "product name": "Amazon" if number % 7 == 0 else f"Product {product}",
        "department": "Other",
        "status": "paid",
        "amount": str(10 + number % 3),
        **values,
    }


DATED = [
    sale(number, f"{day:%Y-%m-%d} {9 + number % 8:02}:30")
    for number, day in enumerate(day for day in open_days() for _ in range(2))
]
MISSING = [sale(number, "") for number in range(40)]
UNREADABLE = [sale(number, "soon") for number in range(9)]
TOTALS = [
    sale(0, "", customer="Total", product="", amount="99999"),
    sale(0, "", customer="", product="", amount="88888"),
]
CANCELLED = [
    sale(number, "2024-01-02 10:00", status="cancelled", amount="5") for number in range(3)
]
NO_AMOUNT = [sale(1, "2024-01-02 10:00", amount="many")]
BELOW_ZERO = [
    sale(0, "2024-01-02 10:00", customer="returner", amount="100"),
    sale(0, "2024-01-03 10:00", customer="returner", amount="-350"),
]
VALID = [*DATED, *MISSING, *UNREADABLE, *BELOW_ZERO]


def revenue(rows: list[Row]) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows), Decimal(0))


def export(folder: Path, **keys: Any) -> dict[str, Any]:
    """Write the export; return its mapping."""
    rows = [*DATED, *MISSING, *UNREADABLE, *TOTALS, *CANCELLED, *NO_AMOUNT, *BELOW_ZERO]
    with (folder / "sales.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return {
        "name": "gaps",
        "folder": str(folder),
        "dimensions": [{"name": "department", "column": "department"}],
        "interactions": {
            "files": "sales.csv",
            "columns": {
                "time": "day",
                "customer": "customer",
                "customer_name": "customer name",
                "product": "product",
                "product_name": "product name",
                "amount": "amount",
            },
            "time_formats": ["%Y-%m-%d %H:%M"],
            "leave_out": [{"column": "status", "values": ["cancelled"], "reason": "cancelled"}],
        },
        **keys,
    }


@pytest.fixture(scope="module")
def gaps(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return build(export(tmp_path_factory.mktemp("gaps")), risk=True)


@pytest.fixture(scope="module")
def quality(gaps: Warehouse) -> dict[str, tuple[int, Decimal | None]]:
    rows = gaps.execute("select check_name, row_count, revenue from data_quality").fetchall()
    return {name: (count, money) for name, count, money in rows}


def one(warehouse: Warehouse, query: str) -> Any:
    rows = warehouse.execute(query).fetchall()
    assert len(rows) == 1, rows
    return rows[0][0] if len(rows[0]) == 1 else rows[0]


INDICES = "from concentration_indices where measure = 'revenue' and period_grain = 'all'"


def test_a_hole_of_one_year_excuses_no_other(gaps: Warehouse) -> None:
    """July 2024 ends on its 15th, and the quarter without data cannot be compared."""
    complete = gaps.execute(
        "select distinct strftime(period_start, '%Y-%m') from concentration_changes"
        " where period_grain = 'month' and comparison = 'previous' and is_comparable"
    ).fetchall()
    months = {month for (month,) in complete}
    assert "2024-06" in months and "2022-03" in months
    assert not months & {"2022-04", "2022-05", "2022-06", "2022-07", "2024-07"}
    latest = "select distinct period_start from limit_status where is_latest_complete"
    assert one(gaps, f"{latest} and period_grain = 'year'") == date(2023, 1, 1)


def test_holes_are_named(quality: dict[str, Any], gaps: Warehouse) -> None:
    holes = [name for name in quality if name.startswith("hole: ")]
    assert holes == ["hole: 2022-04-01 to 2022-06-30"]
    summary = render(read_facts(gaps, "gaps"), "1 file", [], [])
    assert "no rows from 2022-04-01 to 2022-06-30" in summary


def test_a_year_in_part_has_no_verdict(gaps: Warehouse) -> None:
    verdicts = gaps.execute(
        f"select dimension, verdict, verdict_reason {INDICES} and dimension in ('year', 'month')"
    ).fetchall()
    assert len(verdicts) == 2
    for _dimension, verdict, reason in verdicts:
        assert verdict == "not_measurable" and "only part of a year" in reason


def test_sundays_are_closed_and_not_empty(gaps: Warehouse) -> None:
    """The indices cover open weekdays and hours; the patterns keep the whole calendar."""
    counts = f"select entity_count, population_count, slot_count {INDICES}"
    assert one(gaps, f"{counts} and dimension = 'weekday'") == (6, 6, 7)
    assert one(gaps, f"{counts} and dimension = 'hour'") == (8, 8, 24)
    assert one(gaps, f"select gini {INDICES} and dimension = 'weekday'") < 0.05
    verdict = f"select verdict {INDICES} and dimension = "
    assert one(gaps, verdict + "'weekday'") != "concentrated"
    patterns = "select count(*) from time_patterns where measure = 'revenue' and dimension = "
    assert one(gaps, patterns + "'weekday'") == 7
    assert one(gaps, patterns + "'hour'") == 24


def test_other_alone_is_not_a_finding(gaps: Warehouse) -> None:
    for table in ("limit_status", "risk_register"):
        assert one(gaps, f"select count(*) from {table} where dimension = 'department'") == 0


def test_rows_without_a_date_are_in_all_that_is_not_of_time(gaps: Warehouse) -> None:
    expected = revenue(VALID)
    undated = revenue([*MISSING, *UNREADABLE])
    parts = "select total_value + nonpositive_value, unattributed_value"
    for dimension in ("customer", "product", "department"):
        assert one(gaps, f"{parts} {INDICES} and dimension = '{dimension}'") == (expected, 0)
    for dimension in ("year", "month", "date", "weekday", "hour"):
        found = one(gaps, f"{parts} {INDICES} and dimension = '{dimension}'")
        assert found == (expected - undated, undated), dimension
    for grain in ("year", "quarter", "month"):
        query = (
            "select sum(total_value + nonpositive_value), sum(unattributed_value)"
            " from concentration_indices where dimension = 'customer' and measure = 'revenue'"
            f" and period_grain = '{grain}'"
        )
        assert one(gaps, query) == (expected - undated, 0), grain
    assert one(gaps, "select sum(revenue), count(*) from interactions") == (expected, len(VALID))


def test_rows_left_out_are_reported_with_their_revenue(
    quality: dict[str, tuple[int, Decimal | None]], gaps: Warehouse
) -> None:
    everything = revenue([*VALID, *TOTALS, *CANCELLED])
    assert quality["raw_rows"][1] == everything
    assert quality["valid_rows"] == (len(VALID), revenue(VALID))
    assert quality["undated_missing_timestamp"] == (len(MISSING), revenue(MISSING))
    assert quality["undated_malformed_timestamp"] == (len(UNREADABLE), revenue(UNREADABLE))
    assert quality["rejected: missing_timestamp"] == (len(TOTALS), revenue(TOTALS))
    assert quality["rejected: cancelled"] == (len(CANCELLED), revenue(CANCELLED))
    assert quality["rejected: malformed_amount"] == (1, None)
    assert quality["customers_below_zero"] == (1, Decimal(-250))
    counts = "rejected_count, rejected_revenue, undated_count, undated_revenue"
    assert one(gaps, f"select {counts} from loaded_files") == (
        len([*TOTALS, *CANCELLED, *NO_AMOUNT]),
        revenue([*TOTALS, *CANCELLED]),
        len([*MISSING, *UNREADABLE]),
        revenue([*MISSING, *UNREADABLE]),
    )
    summary = render(read_facts(gaps, "gaps"), "1 file", [], [])
    undated = revenue([*MISSING, *UNREADABLE])
    assert f"49 without a date: {undated:,.2f} of {everything:,.2f}" in summary
    assert f"3 rejected: cancelled: {revenue(CANCELLED):,.2f} of {everything:,.2f}" in summary
    assert "1 customer below zero: -250.00" in summary


def test_entities_have_the_name_in_most_of_their_rows(gaps: Warehouse) -> None:
    query = (
        "select distinct entity_id, entity_label from entity_concentration"
        " where dimension = '{}' order by entity_id limit 2"
    )
    assert gaps.execute(query.format("product")).fetchall() == [
        ("p0", "Product 0"),
        ("p1", "Product 1"),
    ]
    assert gaps.execute(query.format("customer")).fetchall() == [
        ("c00", "Customer 00"),
        ("c01", "Customer 01"),
    ]


@pytest.fixture(scope="module")
def visits(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Write a log of visits without any money, in which one of twenty visitors makes a third."""
    folder = tmp_path_factory.mktemp("visits")
    with (folder / "visits.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["when", "who", "page", "what"])
        for number in range(2400):
            who = "bot" if number % 3 == 0 else f"v{number % 19:02}"
            stamp = FIRST + timedelta(days=number % 360)
            writer.writerow([f"{stamp:%Y-%m-%d}", who, f"p{number % 11:02}", "view"])
    mapping = {
        "name": "visits",
        "folder": str(folder),
        "revenue": "none",
        "interaction_types": {"view": ["view"]},
        "interactions": {
            "files": "visits.csv",
            "columns": {
                "date": "when",
                "customer": "who",
                "product": "page",
                "interaction_type": "what",
            },
            "time_formats": ["%Y-%m-%d"],
        },
    }
    return build(mapping, risk=True)


def test_an_export_without_money_names_its_counts(visits: Warehouse) -> None:
    for table in ("limit_status", "stress_results", "reverse_stress", "compound_exposure"):
        measures = visits.execute(f"select distinct measure from {table}").fetchall()
        assert measures in ([("interactions",)], []), table
    status = "select status, indicator_value from limit_status where is_latest_complete and "
    assert one(visits, status + "limit_id = 'customer_dependency'") == (
        "breach",
        pytest.approx(1 / 3),
    )
    loss = "select value_lost, share_lost from stress_results where scenario_id = "
    assert one(visits, loss + "'lose_top_1_customer'") == (800, pytest.approx(1 / 3))
    titles = [title for (title,) in visits.execute("select title from risk_register").fetchall()]
    assert any("bot" in title and "interactions" in title for title in titles), titles
    assert not any("revenue" in title for title in titles), titles
    words = (
        "select label, detail from report_facts where section in ('overview', 'limits', 'stress')"
    )
    said = visits.execute(words).fetchall()
    assert said and not any("evenue" in f"{label} {detail}" for label, detail in said), said
    summary = render(read_facts(visits, "visits"), "1 file", [], [])
    assert "revenue   none (by interactions)" in summary and "bot" in summary


@pytest.fixture(scope="module")
def dateless(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Write sales in which no row has a date, with two lines per order and one large customer."""
    folder = tmp_path_factory.mktemp("dateless")
    with (folder / "sales.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["day", "customer", "product", "order", "amount"])
        for number in range(DATELESS_ORDERS):
            who = "large" if number % 2 == 0 else f"c{number % 38:02}"
            for line in range(2):
                writer.writerow(["", who, f"p{(number + line) % 11:02}", number, 8])
    mapping = {
        "name": "dateless",
        "folder": str(folder),
        "undated": "keep",
        "interactions": {
            "files": "sales.csv",
            "columns": {
                "date": "day",
                "customer": "customer",
                "product": "product",
                "order": "order",
                "amount": "amount",
            },
            "time_formats": ["%Y-%m-%d"],
        },
    }
    tables = (
        *("concentration_indices", "limit_status", "stress_results", "risk_register"),
        *("data_quality", "interactions", "report_facts", "rejected_rows", "entity_ranks"),
    )
    return build(mapping, tables=tables)


DATELESS_ORDERS = 600


def test_an_export_without_any_date_has_all_figures_but_those_of_time(dateless: Warehouse) -> None:
    money = DATELESS_ORDERS * 16
    parts = "select total_value, unattributed_value, transaction_count"
    assert one(dateless, f"{parts} {INDICES} and dimension = 'customer'") == (money, 0, 600)
    assert one(dateless, f"select cr1 {INDICES} and dimension = 'customer'") == 0.5
    for dimension in ("year", "month", "date", "weekday", "hour"):
        found = one(dateless, f"{parts} {INDICES} and dimension = '{dimension}'")
        assert found == (0, money, 0), dimension
    grains = "select distinct period_grain from concentration_indices"
    assert dateless.execute(grains).fetchall() == [("all",)]
    status = "select status, indicator_value from limit_status where limit_id = "
    assert one(dateless, f"{status} 'customer_dependency'") == ("breach", 0.5)
    loss = "select value_lost, share_lost from stress_results where scenario_id = "
    assert one(dateless, loss + "'lose_top_1_customer'") == (money / 2, 0.5)
    register = "select title, money_at_risk, money_basis from risk_register where dimension = "
    title, at_risk, basis = one(dateless, register + "'customer'")
    assert title.startswith(
        "Customer large accounts for 50.0% of revenue in the whole period, above"
    )
    assert title.endswith("losing it costs 4,800")
    assert (at_risk, basis) == (money / 2, "in the whole period")
    summary = render(read_facts(dateless, "dateless"), "1 file", [], [])
    assert "dateless: - to -" in summary
    assert f"1,200 without a date: {money:,.2f} of {money:,.2f}" in summary
