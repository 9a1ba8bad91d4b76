"""The sample export has the same bytes in every run, and contains each planted defect and truth.

The checks read the written files with plain Python and compare them with truth.json, which the
generator computed from its own rows before any file was read.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from tools import generate_sample

SHIPPED = Path(__file__).parents[3] / "data" / "sample"
FILES = ("sales_data.csv", "customer_details.csv", "product_details.csv", "truth.json")
PLAIN_PRICE = re.compile(r"\$([0-9,]+\.[0-9]{2})")


class Sale(NamedTuple):
    customer: str
    product: str
    kind: str
    stamp: str
    fifth: str


class Valid(NamedTuple):
    customer: str
    product: str
    kind: str
    time: datetime
    revenue: Decimal


def read_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def parse_time(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%d/%m/%Y %H:%M")
    except ValueError:
        return None


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((SHIPPED / "truth.json").read_text(encoding="utf-8"))
    return facts


@pytest.fixture(scope="module")
def sales() -> list[Sale]:
    return [Sale(*row) for row in read_rows(SHIPPED / "sales_data.csv")]


@pytest.fixture(scope="module")
def filled(sales: list[Sale]) -> list[Sale]:
    return [sale for sale in sales if any(sale)]


@pytest.fixture(scope="module")
def customers() -> dict[str, dict[str, str]]:
    with (SHIPPED / "customer_details.csv").open(encoding="utf-8", newline="") as file:
        return {row["Customer ID"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def products() -> dict[str, list[str]]:
    return {row[0]: row for row in read_rows(SHIPPED / "product_details.csv")}


@pytest.fixture(scope="module")
def valid(filled: list[Sale], products: dict[str, list[str]]) -> list[Valid]:
    """Read the sales as documented: trimmed, case folded, list price for purchases."""
    signs = {"purchase": 1, "return": -1, "view": 0, "like": 0}
    rows = []
    for sale in filled:
        kind, time = sale.kind.lower(), parse_time(sale.stamp)
        if kind in signs and time:
            product = sale.product.strip()
            price = PLAIN_PRICE.fullmatch(products.get(product, [""] * 4)[3].strip())
            amount = Decimal(price[1].replace(",", "")) if price else Decimal(0)
            customer = sale.customer.strip().removesuffix(".0")
            rows.append(Valid(customer, product, kind, time, amount * signs[kind]))
    return rows


def entities(
    dimension: str,
    rows: list[Valid],
    customers: dict[str, dict[str, str]],
    products: dict[str, list[str]],
) -> dict[str, Decimal]:
    """Return net revenue by entity, without rows that name none."""
    keys: dict[str, Callable[[Valid], str]] = {
        "customer": lambda row: row.customer,
        "product": lambda row: row.product if row.product in products else "",
        "category": lambda row: products.get(row.product, [""] * 3)[2].split("|")[0].strip(),
        "payment_method": lambda row: customers.get(row.customer, {}).get("Payment Method", ""),
        "hour": lambda row: str(row.time.hour),
        "month": lambda row: f"{row.time:%Y-%m}",
        "month_of_year": lambda row: str(row.time.month),
    }
    key = keys[dimension]
    result: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if key(row):
            result[key(row)] += row.revenue
    return result


def pairwise_gini(values: list[Fraction]) -> Fraction:
    """Return Gini by definition, mean difference over twice the mean, unlike the
    generator's ranks.
    """
    ordered = sorted(values)
    steps = [
        (above - below) * rank * (len(ordered) - rank)
        for rank, (below, above) in enumerate(pairwise(ordered), start=1)
    ]
    return sum(steps, Fraction(0)) / (len(ordered) * sum(ordered))


def test_defaults_write_the_shipped_files_byte_for_byte(tmp_path: Path) -> None:
    assert generate_sample.main(["--out", str(tmp_path)]) == 0
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (SHIPPED / name).read_bytes(), name


def test_another_seed_writes_other_rows(tmp_path: Path) -> None:
    assert generate_sample.main(["--seed", "8", "--out", str(tmp_path)]) == 0
    for name in FILES:
        assert (tmp_path / name).read_bytes() != (SHIPPED / name).read_bytes(), name


@pytest.mark.parametrize("rows", [1_000, 50_000])
def test_other_sizes_keep_their_promises(tmp_path: Path, rows: int) -> None:
    assert generate_sample.main(["--rows", str(rows), "--out", str(tmp_path)]) == 0
    facts = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    sales = read_rows(tmp_path / "sales_data.csv")
    assert len(sales) == rows == facts["accounting"]["raw"]
    assert sum(not any(row) for row in sales) == facts["accounting"]["blank"]
    untyped = sum(row[2] == "" and any(row) for row in sales)
    assert untyped == facts["defects"]["sales"]["missing_interaction_type"]
    assert len(read_rows(tmp_path / "customer_details.csv")) == rows // 8
    assert len(read_rows(tmp_path / "product_details.csv")) == rows // 15
    assert min(facts["defects"]["sales"].values()) >= generate_sample.FLAW_FLOOR


def test_requested_numbers_of_customers_and_products_are_written(tmp_path: Path) -> None:
    arguments = ["--rows", "2000", "--customers", "60", "--products", "90", "--out", str(tmp_path)]
    assert generate_sample.main(arguments) == 0
    assert len(read_rows(tmp_path / "customer_details.csv")) == 60
    assert len(read_rows(tmp_path / "product_details.csv")) == 90


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rows", "999"], "--rows 999: ask for 1,000 or more"),
        (["--customers", "5"], "--customers 5: ask for 60 to 10,000,000"),
        (["--products", "2000000"], "--products 2000000: ask for 60 to 1,000,000"),
    ],
)
def test_a_size_out_of_bounds_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert generate_sample.main([*arguments, "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"generate_sample: {message}\n"


def test_an_unwritable_folder_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    assert generate_sample.main(["--out", str(blocked)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_files_have_the_shape_of_the_reference_export(sales: list[Sale]) -> None:
    text = (SHIPPED / "sales_data.csv").read_bytes()
    assert text.startswith(b"user id,product id,Interaction type,Time stamp,\r\n")
    assert text.count(b"\r\n") == text.count(b"\n") == len(sales) + 1
    assert len(text) < 700_000
    assert all(sale.fifth == "" for sale in sales)
    assert any(re.fullmatch(r"\d/\d\d/\d{4} \d:\d\d", sale.stamp) for sale in sales)
    header = (SHIPPED / "customer_details.csv").read_bytes().split(b"\r\n")[0]
    assert header.count(b",") == 17


def test_rows_come_in_the_order_of_time_over_two_full_years(valid: list[Valid]) -> None:
    days = [row.time.date() for row in valid]
    assert days == sorted(days)
    assert len(set(days)) == 731


def test_accounting_adds_up(truth: dict[str, Any], sales: list[Sale], filled: list[Sale]) -> None:
    accounting = truth["accounting"]
    rejected = sum(accounting["rejected_by_reason"].values())
    assert accounting["raw"] == len(sales) == truth["rows"]
    assert accounting["blank"] == len(sales) - len(filled)
    assert accounting["raw"] == accounting["blank"] + rejected + accounting["valid"]
    assert accounting["valid"] == sum(truth["interaction_types"].values())


def test_reasons_are_exact_and_no_row_has_two(truth: dict[str, Any], filled: list[Sale]) -> None:
    reasons: Counter[str] = Counter()
    for sale in filled:
        found = []
        if sale.kind.lower() not in generate_sample.KINDS:
            found.append("unknown_interaction_type" if sale.kind else "missing_interaction_type")
        if parse_time(sale.stamp) is None:
            found.append("malformed_timestamp" if sale.stamp else "missing_timestamp")
        assert len(found) <= 1, sale
        reasons.update(found)
    assert reasons == truth["accounting"]["rejected_by_reason"]


def test_every_sales_defect_is_in_the_file_as_often_as_stated(
    truth: dict[str, Any],
    sales: list[Sale],
    filled: list[Sale],
    customers: dict[str, dict[str, str]],
    products: dict[str, list[str]],
) -> None:
    ids = [sale.customer.strip().removesuffix(".0") for sale in filled]
    # A duplicate repeats the previous row, which has no defect of its own.
    found = {
        "blank_row": len(sales) - len(filled),
        "missing_interaction_type": sum(sale.kind == "" for sale in filled),
        "unknown_interaction_type": sum(
            sale.kind in generate_sample.UNKNOWN_KINDS for sale in filled
        ),
        "malformed_timestamp": sum(
            sale.stamp in generate_sample.MALFORMED_STAMPS for sale in filled
        ),
        "missing_timestamp": sum(sale.stamp == "" for sale in filled),
        "recased_interaction_type": sum(sale.kind != sale.kind.lower() for sale in filled),
        "float_customer_id": sum(sale.customer.endswith(".0") for sale in filled),
        "padded_ids": sum(
            sale.customer != sale.customer.strip() or sale.product != sale.product.strip()
            for sale in filled
        ),
        "missing_customer": ids.count(""),
        "unknown_customer": sum(bool(who) and who not in customers for who in ids),
        "unknown_product": sum(sale.product.strip() not in products for sale in filled),
        "duplicate_row": len(filled) - len(set(filled)),
    }
    assert found == truth["defects"]["sales"]
    stamps = {sale.stamp for sale in filled}
    assert stamps.issuperset(generate_sample.MALFORMED_STAMPS)


def test_every_product_defect_is_in_the_file_as_often_as_stated(
    truth: dict[str, Any], products: dict[str, list[str]]
) -> None:
    names = [row[1] for row in products.values()]
    prices = [row[3] for row in products.values()]
    found = {
        "price_with_thousands": sum(bool(re.fullmatch(r"\$\d,\d{3}\.\d\d ?", p)) for p in prices),
        "price_empty": prices.count(""),
        "price_range": sum(" - " in price for price in prices),
        "price_junk": sum(price in generate_sample.JUNK_PRICES for price in prices),
        "name_with_quotes": sum('"' in name for name in names),
        "name_with_commas": sum("," in name for name in names),
        "name_with_accents": sum(not name.isascii() for name in names),
        "name_with_script": sum("<script>" in name for name in names),
        "missing_category_path": sum(row[2] == "" for row in products.values()),
    }
    assert found == truth["defects"]["products"]
    assert found["missing_category_path"] == 2
    assert any(price.endswith(" ") for price in prices)
    assert all(len(code) <= 12 for code in products)


def test_totals_read_back_from_the_files(truth: dict[str, Any], valid: list[Valid]) -> None:
    kinds = Counter(row.kind for row in valid)
    assert kinds == truth["interaction_types"]
    assert truth["totals"] == {
        "interactions": len(valid),
        "purchases": kinds["purchase"],
        "revenue": str(sum(row.revenue for row in valid)),
    }


@pytest.mark.parametrize(
    "dimension",
    ["customer", "product", "category", "payment_method", "hour", "month", "month_of_year"],
)
def test_concentration_read_back_from_the_files(
    truth: dict[str, Any],
    valid: list[Valid],
    customers: dict[str, dict[str, str]],
    products: dict[str, list[str]],
    dimension: str,
) -> None:
    facts = truth["revenue_by"][dimension]
    by_entity = entities(dimension, valid, customers, products)
    values = [Fraction(value) for value in by_entity.values() if value > 0]
    ranked, total = sorted(values, reverse=True), sum(values)
    universe = values + [Fraction(0)] * (22 - len(values) if dimension == "hour" else 0)
    whole = sum(row.revenue for row in valid)
    assert by_entity[facts["top"]] == Decimal(facts["top_revenue"]) == max(by_entity.values())
    assert facts["top_share"] == float(ranked[0] / total)
    assert facts["top_10_share"] == float(sum(ranked[:10]) / total)
    assert facts["entity_count"] == len(universe)
    assert Decimal(facts["positive_revenue"]) == sum(v for v in by_entity.values() if v > 0)
    assert Decimal(facts["unattributed_revenue"]) == whole - sum(by_entity.values())
    assert facts["hhi"] == float(sum(value * value for value in values) / total**2)
    assert facts["gini"] == float(pairwise_gini(universe))


def test_customer_counts_read_back_from_the_files(
    truth: dict[str, Any], valid: list[Valid]
) -> None:
    net: dict[str, Decimal] = defaultdict(Decimal)
    moved = set()
    for row in valid:
        net[row.customer] += row.revenue
        if row.revenue:
            moved.add(row.customer)
    del net[""]
    assert truth["customer_counts"] == {
        "with_valid_rows": len(net),
        "positive_net": sum(value > 0 for value in net.values()),
        "nonpositive_net": sum(value <= 0 for value in net.values()),
        "negative_net": sum(value < 0 for value in net.values()),
        "zero_net_after_returns": sum(net[who] == 0 for who in moved if who),
        "without_revenue_rows": len(net.keys() - moved),
    }


def test_planted_truths_are_worth_finding(
    truth: dict[str, Any],
    valid: list[Valid],
    customers: dict[str, dict[str, str]],
    products: dict[str, list[str]],
) -> None:
    planted, by = truth["planted"], truth["revenue_by"]
    net = entities("customer", valid, customers, products)
    ranked = sorted(net, key=lambda who: net[who], reverse=True)
    assert set(ranked[:5]) == set(planted["key_customers"])
    assert 0.25 < sum(net[who] for who in ranked[:5]) / sum(net.values()) < 0.35
    assert 0.10 < by["customer"]["top_share"] < 0.15
    assert by["category"]["top"] == planted["dominant_category"]
    assert 0.50 < by["category"]["top_share"] < 0.60
    assert by["payment_method"]["top"] == planted["dominant_payment_method"]
    assert int(by["hour"]["top"]) in planted["peak_hours"]
    assert by["month_of_year"]["top"] == str(planted["peak_month_of_year"])
    assert truth["customer_counts"]["negative_net"] > 0
    assert truth["customer_counts"]["zero_net_after_returns"] > 0
    purchases = Counter(row.customer for row in valid if row.kind == "purchase")
    assert sum(count > 1 for count in purchases.values()) > len(purchases) / 3


def schedule(total: int, counts: dict[str, int]) -> Iterator[tuple[int, str]]:
    return generate_sample.flaw_schedule(Random(1), total, counts)


def test_schedule_is_exact_ascending_and_leaves_the_row_before_sound() -> None:
    counts = {"a": 30, "b": 3, "c": 7}
    places = list(schedule(100, counts))
    positions = [position for position, _ in places]
    assert Counter(name for _, name in places) == counts
    assert positions[0] >= 1
    assert positions[-1] < 100
    assert all(later - earlier >= 2 for earlier, later in pairwise(positions))


def test_gini_and_hhi_of_known_values() -> None:
    assert generate_sample.hhi([4, 2, 1, 1]) == 0.34375
    assert generate_sample.gini([4, 2, 1, 1]) == 0.3125
    assert generate_sample.gini([0, 0, 0, 5]) == 0.75
