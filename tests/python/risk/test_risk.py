"""What the risk layer reports about exports with planted concentrations, and about even ones."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import SAMPLE, Build, Warehouse

from topheavy.mapping.reading import read_mapping

Row = dict[str, Any]
Change = Callable[[random.Random, Row], None]

ROWS = 12_000
FIRST = datetime(2023, 1, 1)
DAYS = 731
LAST_MONTH = datetime(2024, 12, 1)


def calm_row(chance: random.Random) -> Row:
    """Return a sale in which every customer, product, hour and day has the same chance."""
    product = chance.randrange(80)
    return {
        "customer": f"c{chance.randrange(200):03}",
        "product": f"p{product:02}",
        "category": f"category {product % 8}",
        "payment_method": ("card", "cash", "transfer", "voucher", "invoice")[chance.randrange(5)],
        "location": f"town {chance.randrange(12)}",
        "time": FIRST + timedelta(minutes=chance.randrange(DAYS * 24 * 60)),
        "amount": chance.randrange(50, 151),
    }


def one_customer_has_a_third(chance: random.Random, row: Row) -> None:
    if chance.random() < 0.3:
        row["customer"] = "giant"


def one_customer_jumps_in_the_last_month(chance: random.Random, row: Row) -> None:
    if row["time"] >= LAST_MONTH and chance.random() < 0.2:
        row["customer"], row["location"] = "c007", "town 3"


def one_category_dominates(chance: random.Random, row: Row) -> None:
    if chance.random() < 0.6:
        row["product"] = f"p{8 * chance.randrange(10):02}"
        row["category"] = "category 0"


def one_giant_pays_one_way(chance: random.Random, row: Row) -> None:
    if chance.random() < 0.45:
        row["customer"], row["payment_method"] = "giant", "invoice"


def earlier(chance: random.Random, row: Row) -> None:
    """Move a sale of the last month into one of the two months before."""
    row["time"] -= timedelta(days=chance.randrange(100, 600))


def things_are_lost_in_the_last_month(chance: random.Random, row: Row) -> None:
    row["supplier"] = "Sun" if chance.random() < 0.13 else f"supplier {chance.randrange(9)}"
    row["status"] = "shipped"
    if row["category"] == "category 0":
        row["category"] = "Toys"
    if chance.random() < 0.04:
        row["customer"] = "c007"
    if row["time"] < LAST_MONTH:
        return
    if row["supplier"] == "Sun" or (row["category"] == "Toys" and chance.random() < 0.89):
        earlier(chance, row)
        return
    if row["time"] >= LAST_MONTH + timedelta(days=20):
        row["status"] = "open"
    if row["customer"] == "c007":
        row["amount"] = -row["amount"] // 4


def half_of_the_customers_vanish(chance: random.Random, row: Row) -> None:
    if row["time"] >= LAST_MONTH and int(row["customer"][1:]) % 2:
        earlier(chance, row)


PLANTS: dict[str, tuple[Change, ...]] = {
    "calm": (),
    "explained": (one_giant_pays_one_way,),
    "falls": (things_are_lost_in_the_last_month,),
    "vanish": (half_of_the_customers_vanish,),
    "all": (
        one_category_dominates,
        one_customer_has_a_third,
        one_customer_jumps_in_the_last_month,
    ),
}


def write(folder: Path, rows: list[Row]) -> dict[str, Any]:
    """Write an export; return its mapping."""
    with (folder / "sales.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    extra = [name for name in ("location", "supplier", "status") if name in rows[0]]
    columns = {name: name for name in rows[0] if name not in extra}
    dimensions = [{"name": name, "column": name, "label": name.title()} for name in extra]
    return {
        "name": "planted",
        "folder": str(folder),
        "interactions": {"files": "sales.csv", "columns": columns},
        "dimensions": dimensions,
    }


class Planted(NamedTuple):
    """An export and the results for it."""

    rows: list[Row]
    warehouse: Warehouse

    def revenue(self, **wanted: Any) -> int:
        """Return the revenue of the rows with these values."""
        return sum(
            row["amount"] for row in self.rows if all(row[key] == wanted[key] for key in wanted)
        )

    def monthly(self, **wanted: Any) -> tuple[int, int]:
        """Return their revenue in the last month but one, and in the last."""
        before, after = (
            sum(
                row["amount"]
                for row in self.rows
                if (row["time"].year, row["time"].month) == (2024, month)
                and all(row[key] == wanted[key] for key in wanted)
            )
            for month in (11, 12)
        )
        return before, after

    def register(self) -> list[Row]:
        return records(self.warehouse, "from risk_register order by register_rank")


def records(warehouse: Warehouse, query: str) -> list[Row]:
    """Return the rows of a query by column."""
    cursor = warehouse.execute(query)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


# What the tests read of each export besides its findings; a build makes no other table.
ALSO_READ = {
    "calm": ("report_facts",),
    "explained": ("limit_status",),
    "all": ("limit_status", "reverse_stress", "entity_concentration"),
}


@pytest.fixture(scope="module")
def planted(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Planted]:
    """Build an export with planted concentrations."""

    def _planted(name: str) -> Planted:
        chance = random.Random(20240229)
        rows = [calm_row(chance) for _ in range(ROWS)]
        for change in PLANTS[name]:
            for row in rows:
                change(chance, row)
        folder = tmp_path_factory.getbasetemp() / f"planted_{name}"
        folder.mkdir(exist_ok=True)
        tables = ("risk_register", *ALSO_READ.get(name, ()))
        return Planted(rows, build(write(folder, rows), tables=tables))

    return _planted


def test_calm_data_have_an_empty_register(planted: Callable[[str], Planted]) -> None:
    calm = planted("calm")
    assert calm.register() == []
    headline = records(calm.warehouse, "from report_facts where section = 'headline'")
    assert [(row["label"], row["fact_value"]) for row in headline] == [
        (
            "No limit is broken, and no change is both large and beyond chance in the latest "
            "complete periods",
            0,
        )
    ]


def test_the_register_names_the_planted_findings_and_no_others(
    planted: Callable[[str], Planted],
) -> None:
    stressed = planted("all")
    total = stressed.revenue()
    category = stressed.revenue(category="category 0")
    giant = stressed.revenue(customer="giant")
    before, after = stressed.monthly(customer="c007")
    gained = after - before
    november, december = stressed.monthly()
    register = stressed.register()
    assert [(row["dimension"], row["entity_id"], row["status"]) for row in register] == [
        ("category", "category 0", "breach"),
        ("customer", "giant", "breach"),
        ("customer", "c007", "rose"),
    ]
    a_year = 365.25 / DAYS
    assert [row["money_at_risk"] for row in register] == pytest.approx(
        [category * a_year, giant * a_year, 12 * gained]
    )
    first, second, third = (row["title"] for row in register)
    assert first.startswith(
        f"Category category 0 accounts for {100 * category / total:.1f}% of revenue in the whole "
        "period; normalised HHI 0."
    )
    assert second == (
        f"Customer giant accounts for {100 * giant / total:.1f}% of revenue in the whole period, "
        f"above the limit of 25.0%; losing it costs {giant:,}, or {giant * a_year:,.0f} a year "
        "at that rate"
    )
    assert third == (
        f"Customer c007 grew from {100 * before / november:.1f}% to {100 * after / december:.1f}%"
        f" of revenue in 2024-12 (against 2024-11), a gain of {gained:,}; {12 * gained:,} a year at"
        " the rate of 2024-12"
    )


def test_losses_are_found_and_named(planted: Callable[[str], Planted]) -> None:
    """The last month has a lost supplier, a category that shrinks to a ninth, a customer whose
    returns exceed its sales, and a state that only the newest orders have.
    """
    falls = planted("falls")
    found = {row["dimension"]: row for row in falls.register()}
    november, _ = falls.monthly()
    assert set(found) == {"supplier", "category", "customer", "status"}
    supplier, _ = falls.monthly(supplier="Sun")
    assert found["supplier"]["title"] == (
        f"Supplier Sun is gone: it accounted for {100 * supplier / november:.1f}% of revenue in "
        f"2024-11 and nothing since 2024-12 began, a loss of {supplier:,}; "
        f"{12 * supplier:,} a year at the rate of 2024-12"
    )
    before, after = falls.monthly(category="Toys")
    assert found["category"]["headline"].endswith(
        f"(against 2024-11), a loss of {before - after:,} ({100 * (1 - after / before):.1f}%)"
    )
    before, after = falls.monthly(customer="c007")
    assert after < 0
    assert found["customer"]["headline"] == (
        f"Customer c007 went below zero, from {before:,} in 2024-11 to {after:,} in 2024-12, a "
        f"loss of {before - after:,}"
    )
    assert found["status"]["headline"].startswith(
        "Status open belongs to the newest rows: most of it is from 2024-12 on, and it accounts "
        "for "
    )
    losses = sorted(found.values(), key=lambda row: -(row["money_at_risk"] or 0))
    assert [row["register_rank"] for row in losses] == [1, 2, 3, 4]
    assert [row["status"] for row in losses] == ["fell", "fell", "fell", "rose"]


def test_a_whole_that_collapses_is_one_finding(planted: Callable[[str], Planted]) -> None:
    """Half of the customers are gone: every category, city and payment method halves with them."""
    vanished = planted("vanish")
    before, after = vanished.monthly()
    (row,) = vanished.register()
    assert row["headline"] == (
        f"All revenue fell from {before:,} in 2024-11 to {after:,} in 2024-12, a loss of "
        f"{before - after:,} ({100 * (1 - after / before):.1f}%)"
    )
    buyers = [
        len({it["customer"] for it in vanished.rows if it["time"].strftime("%Y-%m") == month})
        for month in ("2024-11", "2024-12")
    ]
    assert row["details"].startswith(f"{buyers[0]} customers before, {buyers[1]} now, ")
    assert row["money_at_risk"] == 12 * (before - after)


def test_changes_that_one_customer_explains_are_not_findings(
    planted: Callable[[str], Planted],
) -> None:
    """The largest customer uses one payment method, so the share of that method adds no
    information.
    """
    explained = planted("explained")
    broken = records(
        explained.warehouse, "from limit_status where is_latest_complete and status != 'ok'"
    )
    assert {row["dimension"] for row in broken} == {"customer", "payment_method"}
    assert [row["entity_id"] for row in explained.register()] == ["giant"]


def test_room_to_a_limit_reaches_the_limit(planted: Callable[[str], Planted]) -> None:
    """Recompute each index after the largest grew by the amount in reverse_stress."""
    warehouse = planted("all").warehouse
    answers = records(warehouse, "from reverse_stress where question = 'grow_to_limit'")
    indicators = {
        row["limit_id"]: row["indicator"] for row in records(warehouse, "from limit_status")
    }
    assert {indicators[row["limit_id"]] for row in answers} >= {"hhi", "hhi_normalized", "cr1"}
    for answer in answers:
        if indicators[answer["limit_id"]] == "entity_share":
            continue
        values = [
            float(row["entity_value"])
            for row in records(
                warehouse,
                "from entity_concentration where measure = 'revenue' and entity_value > 0 "
                f"and dimension = '{answer['dimension']}' order by value_rank",
            )
        ]
        values[0] += answer["answer_value"]
        total = sum(values)
        hhi = sum((value / total) ** 2 for value in values)
        reached = {
            "cr1": values[0] / total,
            "hhi": hhi,
            "hhi_normalized": (hhi * len(values) - 1) / (len(values) - 1),
        }
        assert reached[indicators[answer["limit_id"]]] == pytest.approx(answer["target"])


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, Any]:
    """Published values of drift and stress, by index, and the vector that is stressed."""
    folder = shared / "reference"
    cases = json.loads((folder / "decompositions.json").read_text())["cases"]
    vectors = json.loads((folder / "indices.json").read_text())["vectors"]
    values = {f"{case['case']} {case['index']}": case["value"] for case in cases}
    inputs = next(case["inputs"] for case in cases if case["case"] == "hhi_drift4")
    return {"values": values, "drift": inputs, "vector": vectors["v02_mixed5"]["values"]}


def test_reference_drift_and_stress(
    reference: dict[str, Any], build: Build, tmp_path: Path
) -> None:
    """Two months drift as published; as products, the vector loses its largest value."""
    drift = [
        {
            "customer": name,
            "product": "",
            "time": f"2024-0{month}-{day:02} 12:00:00",
            "amount": value,
        }
        for month, side in ((1, "base"), (2, "current"))
        for day, (name, value) in enumerate(reference["drift"][side].items(), start=1)
        if value
    ]
    ends = [
        {
            "customer": "",
            "product": f"p{place}",
            "time": f"2024-0{month}-{day} 12:00:00",
            "amount": v,
        }
        for month, day in ((1, "01"), (2, "29"))
        for place, v in enumerate(reference["vector"])
    ]
    warehouse = build(
        write(tmp_path, drift + ends), tables=("change_contributors", "stress_results")
    )
    found = records(
        warehouse,
        "from change_contributors where dimension = 'customer' and measure = 'revenue' "
        "and period_grain = 'month'",
    )
    expected = reference["values"]
    for row in found:
        name = f"hhi_drift4 delta_hhi_{row['entity_id']}"
        assert row["contribution"] == pytest.approx(expected[name]), name
    assert {row["entity_id"]: row["movement"] for row in found} == {
        "a": "grew",
        "b": "left",
        "c": "grew",
        "d": "entered",
    }
    total = sum(row["contribution"] for row in found)
    assert total == pytest.approx(expected["hhi_drift4 delta_hhi_total"])
    lost = records(warehouse, "from stress_results where scenario_id = 'lose_top_1_product'")[0]
    assert lost["share_lost"] == pytest.approx(expected["v02_mixed5 stress_top1_revenue_lost"])
    assert lost["hhi_after"] == pytest.approx(expected["v02_mixed5 stress_top1_hhi_after"])


CONTRIBUTORS = """
with
monthly as (
    select customer_id, date_trunc('month', interacted_at) as month_start,
        greatest(sum(revenue), 0)::double as amount
    from interactions where customer_id is not null group by all
),
shares as (
    select customer_id, month_start, amount / sum(amount) over (partition by month_start) as part
    from monthly
),
months as (select distinct month_start from shares),
both_sides as (
    select months.month_start, customer_id,
        sum(part * part) filter (shares.month_start = months.month_start) as now_squared,
        sum(part * part) filter (shares.month_start < months.month_start) as then_squared
    from months join shares
        on shares.month_start in (months.month_start, months.month_start - interval 1 month)
    group by all
),
moved as (
    select *, coalesce(now_squared, 0) - coalesce(then_squared, 0) as contribution,
        row_number() over (
            partition by month_start order by abs(contribution) desc, customer_id
        ) as place
    from both_sides
),
named as (
    select month_start::date as month_start, least(place, 21) as place,
        case when place <= 20 then customer_id end as customer_id, sum(contribution) as contribution
    from moved group by all
)
select named.*
from named join change_contributors as found
    on found.period_start = named.month_start and contribution_rank = place
    and dimension = 'customer' and measure = 'revenue'
    and period_grain = 'month' and comparison = 'previous'
where named.customer_id is distinct from found.entity_id
    or abs(named.contribution - found.contribution) > 1e-12
"""


def test_contributors_of_the_sample_are_the_largest_of_all(build: Build) -> None:
    """They are compared with every customer of both months, not only the leading ones."""
    sample = build(read_mapping(SAMPLE).as_vars(), risk=True)
    compared = "select count(*) from change_contributors where dimension = 'customer'"
    assert sample.execute(compared).fetchall()[0][0] > 20 * 20
    assert sample.execute(CONTRIBUTORS).fetchall() == []
