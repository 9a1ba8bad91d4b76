"""A draft finds what the files contain, gives its reasons, and asks what it cannot know."""

from __future__ import annotations

import os
import random
import string
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from topheavy.draft.ambiguities import load_rows
from topheavy.draft.blocks import in_yaml
from topheavy.draft.interaction_rows import Rows as RowsOfInteractions
from topheavy.draft.profiles import profile_files
from topheavy.draft.propose import propose
from topheavy.draft.time_formats import CLOCK_FORMATS, STAMP_FORMATS, TIME_START
from topheavy.mapping.errors import MappingError
from topheavy.mapping.name_hints import ROLE_HINTS, name_score, normalized
from topheavy.mapping.reading import read_export

PROJECT = Path(__file__).resolve().parents[3]
SHARED = PROJECT.parent / "shared" / "data"
Rows = list[Sequence[object]]


def written(path: Path, rows: Iterable[Sequence[object]], delimiter: str = ",") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(delimiter.join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    return path


def parsed(draft: str) -> dict[str, Any]:
    mapping = yaml.safe_load(draft)
    assert isinstance(mapping, dict)
    return mapping


def questions(draft: str) -> list[str]:
    """Return every question on one line, without its mark."""
    joined = draft.replace("\n#   ", " ").replace("\n  #   ", " ").replace("\n    #   ", " ")
    lines = (line.strip() for line in joined.splitlines())
    return [line.removeprefix("# QUESTION: ") for line in lines if line.startswith("# QUESTION: ")]


def trouble(draft: str, folder: Path) -> str:
    """Return the message of the mapping check; empty if the draft can be built."""
    path = folder / "draft.yml"
    path.write_text(draft, encoding="utf-8")
    try:
        read_export(path, folder, {})
    except MappingError as error:
        return str(error).removeprefix(f"{path}: ")
    return ""


def sales(
    folder: Path, header: Sequence[str], rows: int = 60, day: str = "{day:02}/{month:02}/2024"
) -> Path:
    """Write a small export: order, customer, product, date, amount, category under the
    given names.
    """
    table: Rows = [header]
    for row in range(rows):
        date = day.format(day=row % 28 + 1, month=row % 12 + 1)
        names = (f"C{row % 7}", f"P-{row % 9}", date, f"{row}.{row % 90 + 10}", f"kind {row % 3}")
        table.append((f"B{row // 2}", *names))
    return written(folder / "sales.csv", table)


ENGLISH = ("Order ID", "Customer ID", "Product ID", "Order Date", "Amount", "Category")


def test_every_line_has_its_reason_and_the_draft_builds(tmp_path: Path) -> None:
    draft = propose([sales(tmp_path, ENGLISH)], "shop", tmp_path)
    assert draft == (
        "# A draft by topheavy draft: read every line; no questions are open.\n"
        "name: shop\n"
        "folder: '.'\n"
        "revenue: amount\n"
        "\n"
        "interactions:\n"
        "  files: sales.csv  # 60 rows\n"
        "  columns:\n"
        "    customer: Customer ID  # named like 'customer'; 7 distinct in 60 rows\n"
        "    product: Product ID  # named like 'product'; 9 distinct in 60 rows\n"
        "    date: Order Date  # all of its values are times\n"
        "    amount: Amount  # named like 'amount'; all of its values are numbers\n"
        "    category: Category  # named like 'category'; 3 distinct in 60 rows\n"
        "    order: Order ID  # named like 'order'; 30 distinct in 60 rows\n"
        "  time_formats: ['%d/%m/%Y']  # 60 of 60 values fit; 28 fit %m/%d/%Y too\n"
    )
    assert trouble(draft, tmp_path) == ""


@pytest.mark.parametrize(
    "header",
    [
        ("Invoice No", "Client", "SKU", "Date", "Line Total", "Department"),
        ("Belegnummer", "Kundennummer", "Artikelnr.", "Rechnungsdatum", "Umsatz", "Warengruppe"),
        ("N° de commande", "Client", "Référence article", "Date", "Montant TTC", "Famille"),
        ("Factura", "Código del cliente", "Artículo", "Fecha", "Importe total", "Categoría"),
        ("Número do pedido", "Cliente", "Código do produto", "Data da venda", "Valor", "Categoria"),
        ("N. ordine", "Codice cliente", "Articolo", "Data", "Importo", "Reparto"),
        ("Bestelnummer order", "Klantnummer", "Artikel", "Besteldatum", "Bedrag", "Productgroep"),
    ],
    ids=["en", "de", "fr", "es", "pt", "it", "nl"],
)
def test_headers_in_seven_languages(tmp_path: Path, header: Sequence[str]) -> None:
    mapping = parsed(propose([sales(tmp_path, header)], "shop", tmp_path))
    roles = ("order", "customer", "product", "date", "amount", "category")
    assert mapping["interactions"]["columns"] == dict(zip(roles, header, strict=True))


def test_the_order_of_the_files_does_not_matter(tmp_path: Path) -> None:
    buyers: Rows = [("Customer ID", "Age"), *((f"C{number}", 20 + number) for number in range(7))]
    files = [sales(tmp_path, ENGLISH), written(tmp_path / "buyers.csv", buyers)]
    drafts = {propose(order, "shop", tmp_path) for order in (files, files[::-1], files)}
    assert len(drafts) == 1


# ---- what it cannot know ---------------------------------------------------------------------


def test_an_ambiguous_date_is_asked_about_and_blocks_the_build(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "amount")]
    table += [
        (f"c{row % 5}", f"{row % 12 + 1}/{row % 3 + 1}/2024", f"{row}.5") for row in range(36)
    ]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == [
        "does 'day' have the day or the month first? 36 values such as 10/1/2024 fit both, "
        "0 only day-first, 0 only month-first. Remove the # of one line."
    ]
    day = "  # time_formats: ['%d/%m/%Y']  # day-first: from 2024-01-01 to 2024-03-12, 69% of rows"
    month = "  # time_formats: ['%m/%d/%Y']  # month-first: from 2024-01-01 to 2024-12-03, 94%"
    assert day in draft and month in draft
    assert trouble(draft, tmp_path) == (
        "interactions.time_formats: missing; say how 'day' is written, such as ['%d/%m/%Y']"
    )
    for order in ("['%d", "['%m"):
        answered = draft.replace(f"# time_formats: {order}", f"time_formats: {order}")
        assert trouble(answered, tmp_path) == ""


@pytest.mark.parametrize(
    ("days", "format_"),
    [
        (["24-01-15", "24-01-31", "24-02-01"], "%y-%m-%d"),
        (["99-12-30", "99-12-31"], "%y-%m-%d"),
        (["24/03/31 09:15", "24/04/01 10:20"], "%y/%m/%d %H:%M"),
        (["15-01-24", "31-01-24", "01-02-24"], "%d-%m-%y"),
        (["01-15-24", "01-16-24", "02-01-24"], "%m-%d-%y"),
        # One date that does not exist, but would exist in the other reading.
        (["31-06-24", *(f"{day:02}-01-24" for day in range(1, 32))], "%d-%m-%y"),
        (["24-06-31", *(f"24-01-{day:02}" for day in range(1, 32))], "%y-%m-%d"),
    ],
)
def test_two_digit_years_come_first_if_the_values_show_it(
    tmp_path: Path, days: list[str], format_: str
) -> None:
    table: Rows = [("customer", "day", "amount"), *((f"c{day}", day, 5) for day in days)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert parsed(draft)["interactions"]["time_formats"] == [format_]
    assert questions(draft) == []
    assert trouble(draft, tmp_path) == ""


def test_a_year_that_may_be_first_or_last_is_asked_about(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "amount"), *((f"c{row}", "24-01-15", 5) for row in range(9))]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == [
        "is 'day', such as 24-01-15, with the year first or last? Remove the # of one line."
    ]
    assert trouble(draft, tmp_path) == (
        "interactions.time_formats: missing; say how 'day' is written, such as ['%d/%m/%Y']"
    )
    for format_, first in (("%y-%m-%d", "2024-01-15"), ("%d-%m-%y", "2015-01-24")):
        line = f"# time_formats: ['{format_}']"
        assert f"{line}  # from {first} to {first}, 100% of rows in order\n" in draft
        assert trouble(draft.replace(line, line[2:]), tmp_path) == ""


def test_the_first_of_each_month_may_be_a_year(tmp_path: Path) -> None:
    days = [f"01-{month:02}-{year}" for year in range(15, 25) for month in range(1, 13)]
    table: Rows = [("customer", "day", "amount"), *((f"c{day}", day, 5) for day in days)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == [
        "is 'day', such as 01-01-15, with the year first or last? Remove the # of one line."
    ]
    for format_, first in (("%d-%m-%y", "2015-01-01"), ("%y-%m-%d", "2001-01-15")):
        assert f"# time_formats: ['{format_}']  # from {first} to " in draft


def test_one_clear_date_settles_the_order(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "amount"), ("a", "1/2/2024", 1), ("b", "1/13/2024", 2)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == []
    assert "['%m/%d/%Y']  # 2 of 2 values fit; 1 fit %d/%m/%Y too" in draft


def test_a_column_in_which_both_orders_occur_is_asked_about(tmp_path: Path) -> None:
    days = ["13/1/2024"] * 20 + ["1/14/2024"] * 10 + ["2/3/2024"] * 5
    table: Rows = [
        ("customer", "day", "amount"),
        *((f"c{row}", day, row) for row, day in enumerate(days)),
    ]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == [
        "does 'day' have the day or the month first? 5 values such as 2/3/2024 fit both, "
        "20 only day-first, 10 only month-first. Remove the # of one line."
    ]


def test_several_formats_are_listed_most_frequent_first(tmp_path: Path) -> None:
    days = ["2024-01-31"] * 20 + ["31.01.2024"] * 30
    table: Rows = [
        ("customer", "day", "amount"),
        *((f"c{row}", day, row) for row, day in enumerate(days)),
    ]
    mapping = parsed(propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path))
    assert mapping["interactions"]["time_formats"] == ["%d.%m.%Y", "%Y-%m-%d"]


def test_the_start_of_a_text_rules_out_no_time_format() -> None:
    for name in (*CLOCK_FORMATS, *STAMP_FORMATS):
        for month in ("May", "Sept.", "septiembre"):
            text = datetime(2024, 9, 5, 14, 7).strftime(name.replace("%b", month))
            assert TIME_START.match(text), text


def test_a_row_that_is_dropped_is_not_counted_again(tmp_path: Path) -> None:
    with duckdb.connect() as database:
        (table,) = profile_files([sales(tmp_path, ENGLISH)], database)
        amount = next(column for column in table.columns if column.name == "Amount")
        rows = RowsOfInteractions(table, {}, (amount,), database)
        load_rows(rows)
        assert (rows.count("true"), rows.count("true")) == (60, 60)
        rows.drop("place = 0")
        assert rows.count("true") == 59


def test_two_amounts_are_asked_about_and_block_the_build(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "Net amount", "Gross amount")]
    table += [(f"c{row % 5}", f"2024-01-{row + 1:02}", row, row * 1.2) for row in range(28)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == ["which column is the revenue of a row? Remove the # of one line."]
    assert "    # amount: Net amount  # named like 'amount'" in draft
    assert trouble(draft, tmp_path) == (
        "revenue: amount needs interactions.columns.amount (or quantity and unit_price); "
        "set revenue: none for an export without money"
    )
    assert trouble(draft.replace("# amount: Gross", "amount: Gross"), tmp_path) == ""


def test_the_amount_that_is_quantity_times_price_needs_no_question(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "Quantity", "Unit price", "Net amount", "Gross amount")]
    for row in range(28):
        net = (row % 3 + 1) * 2.5
        table.append((f"c{row}", f"2024-01-{row + 1:02}", row % 3 + 1, 2.5, net, net * 1.2))
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == []
    assert "amount: Net amount" in draft
    assert "; Quantity x Unit price in 100% of rows\n" in draft


def test_an_amount_that_repeats_another_is_not_a_candidate(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "Total", "Amount")]
    table += [(f"c{row % 5}", f"2024-01-{row + 1:02}", row, row) for row in range(28)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == []


def test_quantity_and_unit_price_make_an_amount(tmp_path: Path) -> None:
    table: Rows = [("CustomerID", "InvoiceDate", "Quantity", "UnitPrice")]
    table += [(f"c{row % 5}", f"2024-01-{row + 1:02}", row % 4 - 1, 2.5) for row in range(28)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    columns = parsed(draft)["interactions"]["columns"]
    assert (columns["quantity"], columns["unit_price"]) == ("Quantity", "UnitPrice")
    assert "revenue: amount  # quantity x unit price\n" in draft
    assert "returns: net  # 7 amounts are below zero\n" in draft
    assert trouble(draft, tmp_path) == ""


def test_credits_are_amounts_below_zero(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "amount")]
    table += [(f"c{row}", f"2024-01-{row + 1:02}", f"{row}.50 CR") for row in range(9)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert "returns: net  # 9 amounts are below zero\n" in draft
    assert trouble(draft, tmp_path) == ""


def test_a_price_beside_a_quantity_is_asked_about_unless_it_says_unit(tmp_path: Path) -> None:
    table: Rows = [("Client", "Date", "Qté", "Prix TTC")]
    table += [(f"c{row % 5}", f"2024-01-{row + 1:02}", row % 4 + 1, 2.5) for row in range(28)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == [
        "is 'Prix TTC' the price of one unit? If it is the price of the whole row, map it as "
        "amount and remove quantity."
    ]
    assert trouble(draft, tmp_path) == ""


@pytest.mark.parametrize(
    ("bought", "sold"),
    [
        ("Purchase price", "List price"),
        ("EK-Preis", "VK-Preis"),
        ("Einkaufspreis", "Listenpreis"),
        ("Cost price", "Sales price"),
        ("Prix d'achat", "Prix"),
    ],
)
def test_the_price_is_what_customers_pay(tmp_path: Path, bought: str, sold: str) -> None:
    lines: Rows = [("customer", "day", "quantity", bought, sold)]
    lines += [(f"c{row % 5}", f"2024-01-{row + 1:02}", 2, 1.5 + row, 2.5 + row) for row in range(9)]
    draft = propose([written(tmp_path / "sales.csv", lines)], "shop", tmp_path)
    columns = parsed(draft)["interactions"]["columns"]
    assert (columns["quantity"], columns["unit_price"]) == ("quantity", sold)
    goods: Rows = [("product id", bought, sold), *((f"p{n}", n, n + 1) for n in range(9))]
    sold_once: Rows = [("product id", "day"), *((f"p{n % 9}", "2024-01-01") for n in range(20))]
    files = [written(tmp_path / "a.csv", goods), written(tmp_path / "b.csv", sold_once)]
    assert parsed(propose(files, "shop", tmp_path))["products"]["columns"]["price"] == sold


def test_a_list_price_is_multiplied_by_the_quantity(tmp_path: Path) -> None:
    goods: Rows = [("product id", "price"), *((f"p{n}", n + 1) for n in range(9))]
    table: Rows = [("product id", "day", "qty")]
    table += [(f"p{row % 9}", "2024-01-31", row % 4 + 1) for row in range(20)]
    files = [written(tmp_path / "a.csv", goods), written(tmp_path / "b.csv", table)]
    draft = propose(files, "shop", tmp_path)
    assert "revenue: list_price  # rows have no amount; 'price' has, times quantity\n" in draft
    assert parsed(draft)["interactions"]["columns"]["quantity"] == "qty"
    assert trouble(draft, tmp_path) == ""


def test_a_price_that_sounds_like_a_cost_is_asked_about(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "quantity", "Purchase price per unit")]
    table += [(f"c{row % 5}", f"2024-01-{row + 1:02}", row % 4 + 1, 2.5) for row in range(28)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == [
        "is 'Purchase price per unit' what customers pay? It sounds like a cost."
    ]
    assert trouble(draft, tmp_path) == ""


def test_a_net_price_beside_a_quantity_is_not_an_amount(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "quantity", "list price", "net price")]
    table += [
        (f"c{row}", f"2024-01-{row + 1:02}", row % 3 + 1, 3 + row, 2 + row) for row in range(9)
    ]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    columns = parsed(draft)["interactions"]["columns"]
    assert (columns["quantity"], columns["unit_price"]) == ("quantity", "list price")
    assert "is the unit price in 'list price', or in 'net price'?" in questions(draft)
    assert trouble(draft, tmp_path) == ""


def test_a_net_price_of_another_name_is_asked_about(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "quantity", "unit price", "net price")]
    table += [
        (f"c{row}", f"2024-01-{row + 1:02}", row % 3 + 1, 3, (row % 3 + 1) * 2) for row in range(9)
    ]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == [
        "is 'net price' the revenue of the row? If so, map it as amount and remove quantity and "
        "unit_price."
    ]
    assert trouble(draft, tmp_path) == ""


def test_a_net_price_that_is_the_product_is_the_amount(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "quantity", "unit price", "net price")]
    table += [
        (f"c{row}", f"2024-01-{row + 1:02}", row % 3 + 1, 3, (row % 3 + 1) * 3) for row in range(9)
    ]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert parsed(draft)["interactions"]["columns"]["amount"] == "net price"
    assert questions(draft) == []


def test_a_price_without_a_quantity_is_asked_about(tmp_path: Path) -> None:
    table: Rows = [
        ("customer", "day", "Price"),
        *((f"c{row}", "2024-01-31", row) for row in range(9)),
    ]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == ["there is no quantity: is this the price of the whole row?"]
    assert trouble(draft, tmp_path) == ""


def test_two_customers_are_asked_about(tmp_path: Path) -> None:
    table: Rows = [("user id", "client id", "day", "amount")]
    table += [(f"u{row}", f"c{row % 5}", "2024-01-31", row) for row in range(28)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == ["is the customer in 'user id', or in 'client id'?"]


def test_two_times_are_asked_about_and_block_the_build(tmp_path: Path) -> None:
    table: Rows = [("customer", "Order date", "Invoice date", "Due date", "amount")]
    table += [
        ("c", f"2024-01-{row:02}", f"2024-02-{row:02}", "2024-03-01", row) for row in range(1, 9)
    ]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == ["which is the time of the sale? Remove the # of one line."]
    assert trouble(draft, tmp_path) == (
        "interactions.columns: needs time or date (or map it in orders)"
    )
    assert "date: Due date" not in draft


@pytest.mark.parametrize(
    ("clocks", "picked", "asked"),
    [
        (["sale time"], "sale time", []),
        (["delivery_time", "Uhrzeit"], "Uhrzeit", []),
        (["Lieferzeit", "slot"], "slot", ["is 'slot' the time of the sale?"]),
        (
            ["entry time", "till time"],
            "entry time",
            ["is the time of the sale in 'entry time', or in 'till time'?"],
        ),
        (
            ["delivery_time"],
            None,
            [
                "is 'delivery_time' the time of the sale? Then map it as time_of_day, and add "
                "'%H:%M' to each of time_formats."
            ],
        ),
    ],
)
def test_a_time_of_day_is_that_of_the_sale(
    tmp_path: Path, clocks: list[str], picked: str | None, asked: list[str]
) -> None:
    table: Rows = [("customer", "day", *clocks, "amount")]
    for row in range(9):
        times = [f"{10 + place}:0{row}" for place, _ in enumerate(clocks)]
        table.append((f"c{row}", "2024-01-31", *times, row))
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    block = parsed(draft)["interactions"]
    assert block["columns"].get("time_of_day") == picked
    assert block["time_formats"] == ["%Y-%m-%d %H:%M" if picked else "%Y-%m-%d"]
    assert questions(draft) == asked
    assert trouble(draft, tmp_path) == ""


def test_cancelled_rows_are_asked_about(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "amount", "Status")]
    table += [
        (f"c{row}", "2024-01-31", row, "Cancelled" if row % 4 == 0 else "Paid") for row in range(8)
    ]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == [
        "'Status' is Cancelled in 2 rows with amounts of 4.00: should they be left out? The total "
        "is 28.00 with them, 24.00 without them and 20.00 if they are subtracted."
    ]
    answered = draft.replace("# leave_out", "leave_out")
    assert trouble(answered, tmp_path) == ""
    assert parsed(answered)["interactions"]["leave_out"] == [
        {"column": "Status", "values": ["Cancelled"], "reason": "cancelled"}
    ]


def test_texts_that_mean_nothing_are_listed_and_na_is_asked_about(tmp_path: Path) -> None:
    table: Rows = [("customer", "product", "day", "amount")]
    products = ["ERROR", "NA", "Unknown", *(f"p{row}" for row in range(6))]
    table += [(f"c{row}", product, "2024-01-31", row) for row, product in enumerate(products)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert parsed(draft)["missing_values"] == ["ERROR", "Unknown"]
    assert questions(draft) == ["does 'NA' (1 values) stand for a missing value?"]


def test_labels_that_differ_in_case_are_asked_about(tmp_path: Path) -> None:
    table: Rows = [("customer", "category", "day", "amount")]
    table += [(f"c{row}", "Toys" if row % 2 else "TOYS", "2024-01-31", row) for row in range(8)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == ["are 'TOYS' and 'Toys' one category?"]
    assert trouble(draft.replace("# fold_case", "fold_case"), tmp_path) == ""


def test_three_digits_after_every_mark_are_asked_about(tmp_path: Path) -> None:
    table: Rows = [("customer", "day", "amount")]
    table += [(f"c{row}", "31.01.2024", f"{row + 1}.{row + 100}") for row in range(8)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == [
        "three digits follow every point in 8 numbers: are they thousands, as this draft has it?"
    ]
    assert parsed(draft)["interactions"]["decimal"] == ","


def test_an_export_without_a_date_or_an_amount_says_so(tmp_path: Path) -> None:
    table: Rows = [("customer", "remark"), ("c1", "x"), ("c2", "y")]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == [
        "no column contains dates: which one has the time, in which format?",
        "no column is named like an amount: which one is the revenue of a row?",
    ]


# ---- types of interaction --------------------------------------------------------------------


def test_types_are_named_and_typing_errors_are_asked_about(tmp_path: Path) -> None:
    table: Rows = [("user", "event type", "day", "amount")]
    types = ["view"] * 300 + ["PURCHASE"] * 60 + ["Purchase"] * 9 + ["refund"] * 9 + ["purchse"]
    table += [(f"u{row}", kind, "2024-01-31", row) for row, kind in enumerate(types)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert parsed(draft)["interaction_types"] == {
        "purchase": ["PURCHASE"],
        "return": ["refund"],
        "view": ["view"],
    }
    assert questions(draft) == ["rows with purchse are rejected: what do these types mean?"]


def test_types_without_a_purchase_block_the_build(tmp_path: Path) -> None:
    table: Rows = [("user", "event", "day", "amount")]
    table += [(f"u{row}", ("open", "close")[row % 2], "2024-01-31", row) for row in range(8)]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert questions(draft) == ["which values of 'event' are purchases?"]
    assert trouble(draft, tmp_path) == (
        "interaction_types: missing; list the spellings, such as `purchase: [purchase]`"
    )


def test_a_type_is_known_by_its_values_and_a_way_of_paying_is_none(tmp_path: Path) -> None:
    table: Rows = [("Kunde", "Datum", "Betrag", "Art", "Zahlungsart")]
    for row in range(12):
        kind, paid = ("Rechnung", "Gutschrift")[row % 2], ("Rechnung", "PayPal")[row % 2]
        table.append((f"k{row}", "31.01.2024", str(row), kind, paid))
    mapping = parsed(propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path))
    assert mapping["interaction_types"] == {"purchase": ["Rechnung"], "return": ["Gutschrift"]}
    assert mapping["interactions"]["columns"]["payment_method"] == "Zahlungsart"


# ---- how files are stored --------------------------------------------------------------------


def test_german_daily_files_with_a_drifting_header(tmp_path: Path) -> None:
    for day in range(1, 9):
        total = "Gesamtbetrag" if day < 6 else "Gesamt-Betrag"
        lines = [f"Kundennummer;Kundenname;Datum;{total}"]
        lines += [f"{row:05};Müller € {row};{day:02}.03.2024;1.234,{row}5 €" for row in range(9)]
        data = "\r\n".join(lines).encode("cp1252")
        (tmp_path / f"umsatz_{day:02}.csv").write_bytes(data)
    draft = propose(sorted(tmp_path.glob("*.csv")), "shop", tmp_path)
    block = parsed(draft)["interactions"]
    assert block == {
        "files": "umsatz_0*.csv",
        "delimiter": ";",
        "encoding": "windows-1252",
        "aliases": {"Gesamtbetrag": ["Gesamt-Betrag"]},
        "columns": {"customer": "Kundennummer", "date": "Datum", "amount": "Gesamtbetrag"},
        "time_formats": ["%d.%m.%Y"],
        "decimal": ",",
    }
    assert questions(draft) == []
    assert trouble(draft, tmp_path) == ""


def test_a_column_that_some_files_lack_is_asked_about(tmp_path: Path) -> None:
    rows = [("c1", "2024-01-31", 5, "cash")]
    one = written(tmp_path / "a.csv", [("customer", "day", "amount", "payment"), *rows])
    two = written(tmp_path / "b.csv", [("customer", "day", "amount", "paid how"), *rows])
    draft = propose([one, two], "shop", tmp_path)
    assert questions(draft) == [
        "b.csv has no 'payment'; is it elsewhere? List other spellings under aliases."
    ]
    assert parsed(draft)["interactions"]["files"] == ["a.csv", "b.csv"]


def test_titles_tabs_times_of_day_and_blanks_in_amounts(tmp_path: Path) -> None:
    lines = ["Export des ventes", "", "Client\tDate\tHeure\tMontant"]
    lines += [f"client {row}\t{row + 13}/01/2024\t9h{row:02}\t1 234,{row}0" for row in range(10)]
    (tmp_path / "ventes.tsv").write_text("\n".join(lines), encoding="utf-16")
    draft = propose([tmp_path / "ventes.tsv"], "shop", tmp_path)
    assert parsed(draft)["interactions"] == {
        "files": "ventes.tsv",
        "delimiter": "\t",
        "encoding": "utf-16",
        "skip_lines": 2,
        "columns": {
            "customer": "Client",
            "date": "Date",
            "time_of_day": "Heure",
            "amount": "Montant",
        },
        "time_formats": ["%d/%m/%Y %Hh%M"],
        "decimal": ",",
    }
    assert trouble(draft, tmp_path) == ""


def test_dates_at_midnight_are_dates(tmp_path: Path) -> None:
    table: Rows = [
        ("customer", "day", "amount"),
        ("a", "2024-01-31 00:00:00", 1),
        ("b", "2024-02-29 00:00:00", 2),
    ]
    path = written(tmp_path / "sales.csv", table)
    assert "date" in parsed(propose([path], "shop", tmp_path))["interactions"]["columns"]
    path.write_text(path.read_text().replace("29 00:00:00", "29 00:00:01"))
    assert "time" in parsed(propose([path], "shop", tmp_path))["interactions"]["columns"]


def test_stamps_in_utc_ask_for_the_zone_of_the_business(tmp_path: Path) -> None:
    table: Rows = [
        ("customer", "time", "amount"),
        *((f"c{row}", f"2024-01-31T0{row}:00:00Z", row) for row in range(9)),
    ]
    draft = propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path)
    assert parsed(draft)["time_zone"] == "UTC"
    assert questions(draft) == ["in which time zone does the business count hours?"]
    assert trouble(draft.replace("# business", "business"), tmp_path) == ""


@pytest.mark.parametrize(
    "day", ["%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y-%m-%d"]
)
def test_a_stamp_may_end_in_its_distance_from_utc(day: str, tmp_path: Path) -> None:
    stamps = [datetime(2024, 1, 13 + row, 9, 30).strftime(f"{day} %H:%M +0200") for row in range(9)]
    table: Rows = [("customer", "time", "amount")]
    table += [(f"c{row}", stamp, row) for row, stamp in enumerate(stamps)]
    mapping = parsed(propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path))
    assert mapping["interactions"]["time_formats"] == [f"{day} %H:%M %z"]


def test_digits_are_a_stamp_only_at_its_full_length(tmp_path: Path) -> None:
    """DuckDB reads a minute of one digit, too."""
    for digits, found in (("202401{}0930", ["%Y%m%d%H%M"]), ("202401{}093", None)):
        table: Rows = [("customer", "time", "amount")]
        table += [(f"c{day}", digits.format(day), day) for day in range(13, 22)]
        mapping = parsed(propose([written(tmp_path / "sales.csv", table)], "shop", tmp_path))
        assert mapping["interactions"].get("time_formats") == found


def test_parquet_with_typed_columns(tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    with duckdb.connect() as database:
        database.execute(
            "copy (select 'c' || range % 5 as customer, timestamp '2024-01-31 09:15:00' as sold_at,"
            f" range * 1.25 as amount from range(50)) to '{path}' (format parquet)"
        )
    draft = propose([path], "shop", tmp_path)
    assert parsed(draft)["interactions"] == {
        "files": "sales.parquet",
        "columns": {"customer": "customer", "time": "sold_at", "amount": "amount"},
    }
    assert trouble(draft, tmp_path) == ""


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_parquet_with_instants_asks_for_the_zone_of_the_business(
    tmp_path: Path, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The zone of the machine does not matter: midnight there is not a date."""
    path = tmp_path / "sales.parquet"
    with duckdb.connect() as database:
        database.execute(
            "copy (select 'c' || range % 5 as customer, range * 1.25 as amount,"
            " timestamptz '2024-01-30 15:00:00+00' + to_days(range::integer) as sold_at"
            f" from range(50)) to '{path}' (format parquet)"
        )

    monkeypatch.setenv("TZ", zone)
    draft = run(path).stdout
    assert parsed(draft)["time_zone"] == "UTC"
    assert parsed(draft)["interactions"]["columns"]["time"] == "sold_at"
    assert questions(draft) == ["in which time zone does the business count hours?"]
    assert trouble(draft.replace("# business", "business"), tmp_path) == ""


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty (0 bytes)"),
        (b"customer,day\n", "has a header but no rows"),
        (b"\n\n", "has no header line; add a line with the columns' names"),
        (b"a\x00b\x01c", "is binary, not text: export it as CSV"),
        (
            b"1,2024-01-01,5.5\n2,2024-01-02,6.5\n",
            "seems to have no header line: line 1 has values, such as 1; "
            "add a line with the columns' names",
        ),
    ],
)
def test_files_that_cannot_be_looked_at(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes(content)
    with pytest.raises(MappingError) as caught:
        propose([path], "shop", tmp_path)
    assert str(caught.value) == f"{path} {expected}"


# ---- several files ---------------------------------------------------------------------------


def test_customers_and_products_are_recognised_by_their_keys(tmp_path: Path) -> None:
    buyers: Rows = [("Customer ID", "Age", "Gender", "City")]
    buyers += [
        (f"C{number}", 20 + number, "fm"[number % 2], f"city {number % 3}") for number in range(9)
    ]
    items: Rows = [("code", "title", "category", "price")]
    items += [(f"P-{number}", f"thing {number}", "A | B", f"${number}.50") for number in range(99)]
    files = [
        sales(tmp_path, ("Order ID", "user id", "product id", "Order Date", "Amount", "kind")),
        written(tmp_path / "buyers.csv", buyers),
        written(tmp_path / "items.csv", items),
    ]
    draft = propose(files, "shop", tmp_path)
    mapping = parsed(draft)
    assert mapping["customers"]["columns"] == {
        "customer": "Customer ID",
        "age": "Age",
        "gender": "Gender",
        "location": "City",
    }
    assert "products" not in mapping
    assert questions(draft) == [
        "what is items.csv? It shares no key with the other files and is left out: 99 rows."
    ]
    files[2].write_text(files[2].read_text().replace("code", "product code"))
    mapping = parsed(propose(files, "shop", tmp_path))
    assert mapping["products"]["columns"] == {
        "product": "product code",
        "name": "title",
        "category_path": "category",
        "price": "price",
    }


# ---- the exports that the project is tried on ------------------------------------------------

INDIA = ("list_of_orders.csv", "order_details.csv")
EXPORTS: list[tuple[str, tuple[str, ...], dict[str, str], dict[str, Any], list[str]]] = [
    (
        "kaggle_2024",
        ("sales_data.csv", "customer_details.csv", "product_details.csv"),
        {"customer": "user id", "product": "product id", "time": "Time stamp"},
        {"revenue": "list_price", "time_formats": ["%d/%m/%Y %H:%M"]},
        ["is revenue 'Price' (list_price) or 'Purchase Amount (USD)' (customer_amount)?"],
    ),
    (
        "superstore_ddmmyy",
        ("raw.csv",),
        {
            "customer": "Customer ID",
            "product": "Product ID",
            "date": "Order Date",
            "amount": "Sales",
            "category": "Category",
        },
        {"revenue": "amount", "time_formats": ["%d/%m/%y"]},
        [],
    ),
    (
        "retail_store_dirty",
        ("raw.csv",),
        {
            "customer": "Customer_ID",
            "product": "Item",
            "date": "Transaction_Date",
            "amount": "Total_Spent",
            "category": "Category",
            "payment_method": "Payment_Method",
        },
        {"revenue": "amount", "time_formats": ["%d-%m-%Y"]},
        [],
    ),
    (
        "cdnow_master",
        ("raw.txt",),
        {"customer": "customer_id", "date": "date", "amount": "dollar_value"},
        {"revenue": "amount", "time_formats": ["%Y%m%d"]},
        [],
    ),
    (
        "india_orders",
        tuple(f"raw_{name}" for name in INDIA),
        {
            "customer": "CustomerName",
            "product": "Sub-Category",
            "date": "Order Date",
            "amount": "Amount",
            "category": "Category",
        },
        {"revenue": "amount", "time_formats": ["%d/%m/%Y"]},
        [
            "no column contains a product id: is 'Sub-Category' the most detailed product name?",
            "three digits follow every comma in 97 numbers: are they thousands, "
            "as this draft has it?",
        ],
    ),
    (
        "india_orders",
        tuple(f"variant_b_{name}" for name in INDIA),
        {
            "customer": "CustomerName",
            "product": "Sub-Category",
            "date": "Order Date",
            "amount": "Amount",
            "category": "Category",
        },
        {"revenue": "amount", "time_formats": ["%d-%m-%Y"]},
        [
            "are 'Saree' and 'SAREE' one product?",
            "are 'Clothing' and 'CLOTHING' and 'clothing' one category?",
            "no column contains a product id: is 'Sub-Category' the most detailed product name?",
        ],
    ),
]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real exports are not beside this project")
@pytest.mark.parametrize(
    ("export", "files", "columns", "settings_", "asked"),
    EXPORTS,
    ids=[f"{name}-{files[0]}" for name, files, *_ in EXPORTS],
)
def test_real_exports(
    tmp_path: Path,
    export: str,
    files: Sequence[str],
    columns: dict[str, str],
    settings_: dict[str, Any],
    asked: list[str],
) -> None:
    draft = propose([SHARED / export / name for name in files], "shop", tmp_path)
    mapping = parsed(draft)
    orders = mapping.get("orders", {"columns": {}})
    found = orders["columns"] | mapping["interactions"]["columns"]
    extra = {"order", "product_name", "interaction_type"}
    assert {role: name for role, name in found.items() if role not in extra} == columns
    formats = (orders | mapping["interactions"])["time_formats"]
    assert {"revenue": mapping["revenue"], "time_formats": formats} == settings_
    assert questions(draft) == asked
    assert trouble(draft, tmp_path) == ""


# ---- the parts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("CustomerID", "customer id"),
        ("Kunden-Nr.", "kunden nr"),
        ("Código  del cliente", "codigo del cliente"),
        ("PREIS_PRO_STÜCK", "preis pro stuck"),
        ("Größe (€)", "grosse"),
    ],
)
def test_headers_become_plain_words(header: str, name: str) -> None:
    assert normalized(header) == name


def test_hints_are_written_as_headers_are_read() -> None:
    wrong = [hint for hints in ROLE_HINTS.values() for hint in hints if normalized(hint) != hint]
    assert not wrong


@pytest.mark.parametrize(
    ("header", "role", "score"),
    [
        ("Customer", "customer", 4),
        ("Customer ID", "customer", 4),
        ("Customer Name", "customer", 2),
        ("Kundennummer", "customer", 3),
        ("Customer Segment", "customer", 0),
        ("Product Category", "product", 0),
        ("Delivery Date", "time", 0),
        ("Discount amount", "amount", 0),
        ("Rechnungsdatum", "time", 2),
        ("customer_gender", "customer", 0),
    ],
)
def test_name_scores(header: str, role: str, score: int) -> None:
    assert name_score(header, role) == score


@given(st.text(min_size=1).filter(str.strip))
def test_any_text_survives_yaml(text: str) -> None:
    clean = "".join(letter for letter in text if letter.isprintable() or letter == "\n")
    if clean:
        assert yaml.safe_load(f"key: {in_yaml(clean)}") == {"key": clean}
        assert yaml.safe_load(f"[{in_yaml(clean)}]") == [clean]


def test_a_text_of_the_first_row_may_go_on_in_the_next_line(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text('customer,day,amount\n"Ann\nLee",2024-01-31,5.00\n', encoding="utf-8")
    draft = parsed(propose([path], "shop", tmp_path))
    assert draft["interactions"]["columns"]["amount"] == "amount"


TEXTS = st.text(alphabet=string.printable + "äé€ñ", max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(TEXTS, min_size=1, max_size=5), min_size=1, max_size=12), st.randoms())
def test_whatever_the_file_there_is_a_draft_or_one_line(
    table: list[list[str]], chance: random.Random
) -> None:
    delimiter = chance.choice([",", ";", "\t", "|", " "])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sales.csv"
        data = "\n".join(delimiter.join(row) for row in table)
        path.write_bytes(data.encode(chance.choice(["utf-8", "cp1252", "utf-16"])))
        try:
            draft = propose([path], "shop", Path(folder))
        except MappingError as error:
            assert "\n" not in str(error)
            return
        assert parsed(draft)["name"] == "shop"


# ---- the command line ------------------------------------------------------------------------


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "topheavy", "draft", *map(str, arguments)]
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_command_writes_a_draft_and_says_whether_it_builds(tmp_path: Path) -> None:
    path = sales(tmp_path / "data", ENGLISH)
    shown = run(path)
    assert (shown.returncode, shown.stderr) == (0, "draft: it builds\n")
    assert "\nname: sales\n" in shown.stdout
    out = tmp_path / "shop.yml"
    kept = run(path.parent, "--out", out)
    assert (kept.returncode, kept.stdout, kept.stderr) == (0, "", f"{out}: it builds\n")
    assert out.read_text() == shown.stdout.replace("name: sales", "name: shop")
    again = run(path, "--out", out)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == f"{out} exists; name another file with --out\n"


def test_the_command_reports_missing_parts(tmp_path: Path) -> None:
    missing = run(tmp_path / "nope.csv")
    assert missing.returncode == 1
    assert missing.stderr == f"{tmp_path / 'nope.csv'}: no such file; check its path\n"
    empty = run(tmp_path)
    kinds = ".csv, .txt, .tsv, .gz, .zip, .parquet, .xlsx, .xlsm, .xlsb, .xls, .ods"
    assert empty.stderr == f"{tmp_path}: no {kinds} file in this folder\n"
    (tmp_path / "shop.csv").touch()
    misspelt = run(tmp_path / "shp.csv")
    assert misspelt.stderr == f"{tmp_path / 'shp.csv'}: no such file; did you mean 'shop.csv'?\n"
