"""Spellings and quirks of real exports are read as their authors mean them.

Three exports contain all cases, because every build takes seconds: `till` has a file per day with
values typed by hand, `wholesale` is split over files of every encoding, and `events` is typed
Parquet.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pytest
import yaml
from conftest import PROJECT, ROWS, ROWS_AND_INDICES, Build, Warehouse, load_here, update_here

from topheavy.build.dbt_run import BuildError
from topheavy.build.transcode import as_utf8
from topheavy.mapping.files import InputFile
from topheavy.mapping.reading import mapping_of_vars, read_export

Mapping = dict[str, Any]


class Read(Protocol):
    """Build the export in a folder, and open the named tables."""

    def __call__(
        self, mapping: Mapping, folder: Path, *, tables: Sequence[str] = ...
    ) -> Warehouse: ...


FIRST_DAY = date(2024, 1, 1)
DAYS = 120


@pytest.fixture(scope="module")
def read(build: Build) -> Read:
    """Build an export as `topheavy build` does: checked, and decoded if DuckDB cannot read it."""

    def _read(
        mapping: Mapping, folder: Path, *, tables: Sequence[str] = ROWS_AND_INDICES
    ) -> Warehouse:
        path = folder / "mapping.yml"
        path.write_text(yaml.safe_dump({**mapping, "folder": str(folder)}), encoding="utf-8")
        checked, files = read_export(path, PROJECT, {})
        readable, copies = as_utf8(checked, files, folder / "utf8")
        for block in {block for block, _ in copies}:
            paths = [str(file.path) for file in files if file.block == block]
            read = [copies.get((block, path), path) for path in paths]
            readable = readable.reading(block, files=tuple(read))
        return build(readable.as_vars(), tables=tables)

    return _read


def values(warehouse: Warehouse, query: str) -> list[Any]:
    """Return a query's rows, or plain values if it has one column."""
    rows = warehouse.execute(query).fetchall()
    return [row[0] for row in rows] if rows and len(rows[0]) == 1 else rows


def lookup(warehouse: Warehouse, query: str) -> dict[Any, Any]:
    return dict(warehouse.execute(query).fetchall())


def checks(warehouse: Warehouse, block: str = "interactions") -> dict[str, int]:
    """Return the counts of data_quality that are not zero."""
    return lookup(
        warehouse,
        "select check_name, row_count from data_quality"
        f" where source_block = '{block}' and row_count > 0",
    )


def hour_index(warehouse: Warehouse) -> tuple[Any, ...]:
    found: tuple[Any, ...] = values(
        warehouse,
        "select entity_count, hhi, undefined_reason from concentration_indices"
        " where dimension = 'hour' and measure = 'interactions' and period_grain = 'all'",
    )[0]
    return found


# ---- till: 120 daily files, and what people type ---------------------------------------------

# The text in the amount column, and its meaning; None is rejected as malformed.
AMOUNTS = {
    "12.5": "12.5",
    "$1,275": "1275",
    "-$1,148": "-1148",
    "(45.00)": "-45",
    "($1,045.50)": "-1045.5",
    "$(7.25)": "-7.25",
    "$ -8": "-8",
    "17-": "-17",
    "−3.5": "-3.5",
    "+4": "4",
    "€ 99": "99",
    "99 EUR": "99",
    "Rs. 1,23,456.50": "123456.5",
    "R$ 15": "15",
    "120.00\u00a0kr": "120",
    ".5": "0.5",
    "12.": "12",
    "0": "0",
    "1.99 - 5.00": None,
    "1,27": None,
    "12.345,67": None,
    "free": None,
    "--5": None,
    "$": None,
}

# The text in the product column, and the product that it means.
PRODUCTS = {
    "17850.0": "17850",
    "007": "007",
    "00.70": "00.70",
    "1.05": "1.05",
    "NA": "NA",
    "  padded\u00a0": "padded",
    "Tea": "Tea",
    "TEA": "TEA",
    '5" pipe, black': '5" pipe, black',
    "two\nlines": "two\nlines",
    "Crème brûlée": "Crème brûlée",
    "日本茶": "日本茶",
    "\U0001f375": "\U0001f375",
    "ERROR": None,
    "": None,
}

CATEGORIES = ("Hot  Drinks", "hot drinks ", "HOT DRINKS")

HEADERS = (
    ["Date", "Item", "Total", "Group", "State", "Clerk"],
    ["Clerk", "State", "Group", "Amount due", "Item", "Date"],  # other order and name
    ["Date", "Item", "TOTAL ", "State"],  # columns that were added later are missing
    ["Date", "", "Item", "Amount due", "Group", "State", "Remarks\nof all"],  # or without a name
)


def till_days() -> list[list[dict[str, str]]]:
    """Return the rows of each day: one for each case, and plain rows on the remaining days."""
    plain = {"Item": "Tea", "Total": "1", "Group": CATEGORIES[0], "State": "paid", "Clerk": "Ann"}
    rows = [{**plain, "Item": f"amount {text}", "Total": text} for text in AMOUNTS]
    rows += [{**plain, "Item": text, "Clerk": "Bob"} for text in PRODUCTS]
    rows += [{**plain, "Group": text} for text in CATEGORIES]
    rows += [{**plain, "State": text} for text in ("void", " void", "training", "VOID")]
    rows += [{**plain, "Item": "no amount", "Total": ""}]
    days = [[row] for row in rows]
    days.append([{**plain, "Item": "twin"}] * 2)
    # The same texts in other columns are not duplicates.
    days.append([{**plain, "Group": "", "State": "x"}, {**plain, "Group": "x", "State": ""}])
    return days + [[plain]] * (DAYS - len(days))


def day_of(item: str) -> date:
    return FIRST_DAY + timedelta([rows[0]["Item"] for rows in till_days()].index(item))


def csv_line(cells: Iterable[str]) -> str:
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells)
    return ",".join(quoted)


def write_till(folder: Path) -> None:
    """Write a file per day; headers, byte order marks, line ends and last lines differ."""
    (folder / "till 2024-12-25.csv").write_text(csv_line(HEADERS[0]))  # closed on this day
    for number, rows in enumerate(till_days()):
        day = FIRST_DAY + timedelta(number)
        header = HEADERS[number % 2 if number < 2 * DAYS // 3 else number % len(HEADERS)]
        lines = [csv_line(header)]
        for row in rows:
            named = {**row, "Date": f"{day:%d/%m/%y}"}
            named |= {"Amount due": row["Total"], "TOTAL ": row["Total"]}
            lines.append(csv_line(named.get(name, "") for name in header))
        end = ("\n", "\r\n")[number % 2]
        text = end.join(lines) + end * (number % 3)
        encoding = ("utf-8", "utf-8-sig")[number % 5 == 0]
        (folder / f"till {day}.csv").write_bytes(text.encode(encoding))


TILL = {
    "name": "till",
    "returns": "net",
    "duplicates": "drop",
    "missing_values": ["ERROR"],
    "fold_case": ["category"],
    "dimensions": [{"name": "clerk", "column": "Clerk", "label": "Clerk"}],
    "interactions": {
        "files": "till *.csv",
        "columns": {"date": "Date", "product": "Item", "amount": "Total", "category": "Group"},
        "aliases": {"Total": ["Amount due", "TOTAL"]},
        "time_formats": ["%d/%m/%y"],
        "leave_out": [{"column": "State", "values": ["void", "VOID"], "reason": "voided"}],
    },
}


@pytest.fixture(scope="module")
def till(read: Read, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("till")
    write_till(folder)
    return read(TILL, folder)


def test_till_reads_every_file(till: Warehouse) -> None:
    counts = checks(till)
    assert values(till, "select count(*) from calendar_dates") == [DAYS]
    # Two days have two rows; a blank line at the end of a file is not a row.
    assert counts["raw_rows"] == DAYS + 2
    malformed = sum(amount is None for amount in AMOUNTS.values())
    assert {name: count for name, count in counts.items() if name.startswith("rejected: ")} == {
        "rejected: malformed_amount": malformed,
        "rejected: missing_amount": 1,
        "rejected: voided": 3,
        "rejected: repeated_row": 1,
    }
    assert values(
        till,
        "select parse_filename(source_file), source_row from rejected_rows"
        " where reject_reason = 'repeated_row'",
    ) == [(f"till {day_of('twin')}.csv", 2)]


def test_till_amounts(till: Warehouse) -> None:
    found = lookup(
        till,
        "select product_id[8:], revenue from interactions where product_id like 'amount %'",
    )
    assert found == {
        text.strip(): Decimal(amount) for text, amount in AMOUNTS.items() if amount is not None
    }
    listed = values(
        till, "select raw_text from rejected_rows where reject_reason = 'malformed_amount'"
    )
    for text in (text for text, amount in AMOUNTS.items() if amount is None):
        assert any(f"amount {text}," in raw for raw in listed), text


def test_till_products(till: Warehouse) -> None:
    found = values(till, "select distinct product_id from interactions where clerk = 'Bob'")
    assert set(found) == set(PRODUCTS.values())


def test_till_folds_only_the_named_columns(till: Warehouse) -> None:
    assert values(till, "select distinct category from interactions where category != 'x'") == [
        "hot drinks"
    ]
    assert {"Tea", "TEA"} <= set(values(till, "select distinct product_id from interactions"))


def test_till_has_no_hours(till: Warehouse) -> None:
    assert values(
        till, "select count(*), count(nullif(interactions, 0)) from hourly_concentration"
    )[0] == (24, 0)
    _, hhi, reason = hour_index(till)
    assert hhi is None and reason
    assert checks(till)["rows_without_time_of_day"] == checks(till)["valid_rows"]


# ---- wholesale: orders, lines, customers and products, each in another encoding ---------------

LINES = """\
Auftrag;Artikel;Menge;Einzelpreis;Bezeichnung;Status
A1;0007;2;1.234,56 €;"Käse ""Brie""; 100 g";offen
A1;0008;10;0,5;Brötchen;offen
A2;0007;-1;1.234,56 €;Käse;Gutschrift
A3;0008;1;12,345.60;Brötchen;offen
A4;0009;1;99,00;– nicht mehr geführt;offen
A5;0009;3;99,00;€-Karte;Storniert
A9;0009;3;99,00;Waise;offen
"""
ORDERS = (
    "Auftrag\tKunde\tTag\tZeit\tKanal\tZahlart\n"
    "A1\tMüller\t31.03.24\t00:30\tWeb\tk.A.\n"  # winter time: 01:30 in Berlin
    "A2\tMüller\t31.3.24\t1:30\tWeb\tKarte\n"  # one hour later it is summer time: 03:30
    "A3\tŠimek\t01.07.24\t22:30\tTelefon\tKarte\n"  # the next day in Berlin
    "A4\tNA\t01.07.24\t12:00\tTelefon\tbar\n"
    "A5\tNA\t01.07.24\t12:00\tTelefon\tbar\n"
    "A5\tNA\t02.07.24\t12:00\tTelefon\tbar\n"
)
CUSTOMERS = "kunde,ort,alter,treue\nMüller,Zürich,40.0,gold\nNA,Åre,17,\nNA,Oslo,18,\n,Rom,1,\n"
PRODUCTS_SQL = """
    select
        unnest(['0007', '0008', '0010']) as artikel,
        unnest([1299.5, 0.5, null])::decimal(10, 2) as listenpreis,
        unnest(['Käse | Weich', 'Backwaren', 'Tee']) as gruppe,
        unnest([date '2020-01-01', null, null]) as seit
"""

WHOLESALE = {
    "name": "wholesale",
    "time_zone": "UTC",
    "business_time_zone": "Europe/Berlin",
    "missing_values": ["k.A."],
    "max_rejected_share": 1,
    "dimensions": [
        {"name": "status", "column": "Status"},
        {"name": "channel", "column": "Kanal", "from": "orders"},
        {"name": "loyalty", "column": "treue", "from": "customers"},
        {"name": "listed_since", "column": "seit", "from": "products"},
    ],
    "interactions": {
        "files": "Positionen [2024].csv",
        "delimiter": ";",
        "decimal": ",",
        "encoding": "windows-1252",
        "columns": {
            "order": "Auftrag",
            "product": "Artikel",
            "product_name": "Bezeichnung",
            "quantity": "Menge",
            "unit_price": "Einzelpreis",
        },
        "leave_out": [{"column": "Status", "values": ["Storniert"], "reason": "cancelled"}],
    },
    "orders": {
        "files": "Auftraege.txt",
        "delimiter": "\t",
        "encoding": "utf-16",
        "columns": {
            "order": "Auftrag",
            "customer": "Kunde",
            "date": "Tag",
            "time_of_day": "Zeit",
            "payment_method": "Zahlart",
        },
        "time_formats": ["%d.%m.%y %H:%M"],
    },
    "customers": {
        "files": "kunden.csv.gz",
        "encoding": "latin-1",
        "columns": {"customer": "kunde", "location": "ort", "age": "alter"},
    },
    "products": {
        "files": "artikel.parquet",
        "columns": {"product": "artikel", "price": "listenpreis", "category_path": "gruppe"},
    },
}


@pytest.fixture(scope="module")
def wholesale(read: Read, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("wholesale")
    (folder / "Positionen [2024].csv").write_bytes(LINES.encode("windows-1252"))
    (folder / "Positionen 2.csv").write_text("another file that the name would match as a pattern")
    (folder / "Auftraege.txt").write_bytes(b"\xfe\xff" + ORDERS.encode("utf-16-be"))
    (folder / "kunden.csv.gz").write_bytes(gzip.compress(CUSTOMERS.encode("latin-1")))
    with duckdb.connect() as database:
        database.execute(f"copy ({PRODUCTS_SQL}) to '{folder / 'artikel.parquet'}'")
    return read(WHOLESALE, folder)


def test_wholesale_multiplies_joins_and_nets(wholesale: Warehouse) -> None:
    """Revenue is quantity times unit price; credit notes are negative quantities of a customer and
    channel.
    """
    assert values(
        wholesale,
        """
        select order_id, product_id, product_name, customer_id, channel, payment_method, revenue
        from interactions order by order_id, product_id
        """,
    ) == [
        ("A1", "0007", 'Käse "Brie"; 100 g', "Müller", "Web", None, Decimal("2469.12")),
        ("A1", "0008", "Brötchen", "Müller", "Web", None, Decimal("5")),
        ("A2", "0007", "Käse", "Müller", "Web", "Karte", Decimal("-1234.56")),
        ("A4", "0009", "– nicht mehr geführt", "NA", "Telefon", "bar", Decimal("99")),
    ]


def test_wholesale_counts_the_rows_left_out(wholesale: Warehouse) -> None:
    counts = checks(wholesale)
    assert (counts["raw_rows"], counts["valid_rows"]) == (7, 4)
    assert lookup(wholesale, "select reject_reason, raw_text from rejected_rows") == {
        "malformed_amount": "A3,0008,1,12,345.60,Brötchen,offen",
        "cancelled": "A5,0009,3,99,00,€-Karte,Storniert",
        "order_line_without_order": "A9,0009,3,99,00,Waise,offen",
        "repeated_order_id": "A5,NA,02.07.24,12:00,Telefon,bar",
        "repeated_customer_id": "NA,Oslo,18,",
        "missing_customer_id": ",Rom,1,",
    }
    assert counts["rows_of_unknown_products"] == 1
    assert "rows_of_unknown_customers" not in counts


def test_wholesale_counts_the_business_hours(wholesale: Warehouse) -> None:
    """Times are in UTC and hours in Berlin, across the change to summer time."""
    assert values(
        wholesale, "select distinct interacted_at from interactions order by interacted_at"
    ) == [
        datetime(2024, 3, 31, 1, 30),
        datetime(2024, 3, 31, 3, 30),
        datetime(2024, 7, 1, 14, 0),
    ]
    assert lookup(
        wholesale,
        "select hour_of_day, interactions from hourly_concentration where interactions > 0",
    ) == {1: 2, 3: 1, 14: 1}


def test_wholesale_types_the_optional_files(wholesale: Warehouse) -> None:
    assert values(
        wholesale,
        "select customer_id, location, age, loyalty from customers where is_described order by 1",
    ) == [
        ("Müller", "Zürich", 40, "gold"),
        ("NA", "Åre", 17, None),
    ]
    assert values(
        wholesale,
        "select product_id, category, price, listed_since from products"
        " where is_described order by 1",
    ) == [
        ("0007", "Käse", Decimal("1299.5"), "2020-01-01"),
        ("0008", "Backwaren", Decimal("0.5"), None),
        ("0010", "Tee", None, None),
    ]


def test_wholesale_measures_every_extra_dimension(wholesale: Warehouse) -> None:
    """Any column of any block becomes a dimension if the mapping names it."""
    found = values(
        wholesale,
        """
        select dimension, entity_id, entity_value from entity_concentration
        where measure = 'interactions' and entity_value > 0
            and dimension in ('status', 'channel', 'loyalty', 'listed_since')
        order by all
        """,
    )
    assert [(name, key, int(count)) for name, key, count in found] == [
        ("channel", "Telefon", 1),
        ("channel", "Web", 3),
        ("listed_since", "2020-01-01", 2),
        ("loyalty", "gold", 3),
        ("status", "Gutschrift", 1),
        ("status", "offen", 3),
    ]


# ---- events: Parquet with types ----------------------------------------------------------------

EVENTS_SQL = """
    select * from (values
        (timestamptz '2024-01-01 23:30:00.250+00', 1, 17850.0::double, 10.50::decimal(9, 2), 'buy'),
        (timestamptz '2024-07-01 22:00:00+00', 2, 17850.0, 20.00, 'Buy'),
        (timestamptz '2024-07-01 22:00:00+00', 3, null, 5.25, 'refund'),
        (timestamptz '2024-07-02 08:00:00+00', 4, 7, -1.00, 'buy'),
        (timestamptz '2024-07-02 08:00:00+00', 5, 7, null, 'look'),
        (null, 6, 7, 1.00, 'buy'),
        (timestamptz '2024-07-02 08:00:00+00', 7, 7, 1.00, 'gift'),
        (null, null, null, null, null)
    ) as events ("at", product, " customer", amount, kind)
"""
EVENTS = {
    "name": "events",
    "time_zone": "UTC",
    "business_time_zone": "America/New_York",
    "returns": "exclude",
    "undated": "reject",
    "max_rejected_share": 1,
    "interaction_types": {"purchase": ["BUY"], "return": ["refund"], "view": ["look"]},
    "interactions": {
        "files": ["2024/*.parquet"],
        "columns": {
            "time": "at",
            "customer": " customer",
            "product": "product",
            "amount": "amount",
            "interaction_type": "kind",
        },
    },
}


@pytest.fixture(scope="module")
def events(read: Read, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("events")
    (folder / "2024").mkdir()
    with duckdb.connect() as database:
        database.execute("set TimeZone = 'Asia/Tokyo'")
        database.execute(f"create table events as {EVENTS_SQL}")
        for number, kind in enumerate(("timestamptz", "timestamptz_ns")):
            path, rows = folder / "2024" / f"events {number}.parquet", f"rowid % 2 = {number}"
            stamps = f'select * replace (cast("at" as {kind}) as "at") from events where {rows}'
            database.execute(f"copy ({stamps}) to '{path}'")
    return read(EVENTS, folder)


def test_events_keep_their_types(events: Warehouse) -> None:
    assert values(
        events,
        "select product_id, customer_id, interaction_type, revenue, interacted_at"
        " from interactions order by product_id",
    ) == [
        ("1", "17850", "purchase", Decimal("10.5"), datetime(2024, 1, 1, 18, 30, 0, 250000)),
        ("2", "17850", "purchase", Decimal("20"), datetime(2024, 7, 1, 18)),
        ("5", "7", "view", None, datetime(2024, 7, 2, 4)),
    ]


def test_events_count_the_rows_left_out(events: Warehouse) -> None:
    counts = checks(events)
    assert (counts["raw_rows"], counts["blank_rows"], counts["valid_rows"]) == (8, 1, 3)
    assert {name: count for name, count in counts.items() if name.startswith("rejected: ")} == {
        "rejected: return_left_out": 2,
        "rejected: missing_timestamp": 1,
        "rejected: unknown_interaction_type": 1,
    }
    assert values(
        events,
        "select parse_filename(source_file), source_row from rejected_rows order by all",
    ) == [
        ("events 0.parquet", 2),
        ("events 0.parquet", 4),
        ("events 1.parquet", 2),
        ("events 1.parquet", 3),
    ]


def test_events_need_no_other_file(events: Warehouse) -> None:
    for table, key in (("customers", "customer_key"), ("products", "product_key")):
        seen = values(events, f"select count(distinct {key}) from interactions")
        assert values(events, f"select count(*) from {table} where not is_described") == seen
        assert values(events, f"select count(*) from {table} where is_described") == [0]
    assert "gender" not in values(events, "select distinct dimension from concentration_indices")


# ---- what the reader cannot take as it is ------------------------------------------------------

SHOP = {
    "name": "shop",
    "interactions": {
        "files": "shop.csv",
        "columns": {"time": "time", "customer": "customer", "amount": "amount"},
        "time_formats": ["%Y-%m-%d %H:%M"],
    },
}


def shop_lines(count: int) -> list[str]:
    return [f'2024-01-{1 + n % 28:02} 10:{n % 60:02},"c{n % 7}",{n}' for n in range(count)]


def load_shop(folder: Path, content: bytes) -> Path:
    """Load the shop's export with the data tests of files; return the build folder."""
    (folder / "shop.csv").write_bytes(content)
    mapping = folder / "shop.yml"
    mapping.write_text(yaml.safe_dump({**SHOP, "folder": str(folder)}), encoding="utf-8")
    update_here(mapping, folder / "results", [*ROWS, "no_quote_stays_open"])
    return folder / "results/build"


def test_a_quote_that_stays_open_fails_the_build(tmp_path: Path) -> None:
    """Everything after the quote would be one field, so continuing the build would lose it."""
    lines = ["time,customer,amount", *shop_lines(100)]
    lines[40] = lines[40].replace('",', ",")
    with pytest.raises(BuildError) as failed:
        load_shop(tmp_path, "\n".join(lines).encode())
    assert "shop.csv line 41: a quote is opened and never closed" in str(failed.value)
    assert 'or set quote: "" for interactions in the mapping' in str(failed.value)


def test_a_quote_inside_a_text_costs_only_its_line(tmp_path: Path) -> None:
    """Line ends may differ within a file, as if two systems wrote it."""
    lines = ["time,customer,amount", *shop_lines(100)]
    lines[40] = lines[40].replace('"c', '"c"x')
    text = "\r\n".join(lines[:50]) + "\r\n" + "\n".join(lines[50:])
    folder = load_shop(tmp_path, text.encode())
    with duckdb.connect(str(folder / "topheavy.duckdb"), read_only=True) as warehouse:
        assert values(warehouse, "select raw_count, rejected_count from loaded_files") == [(100, 1)]
        assert values(warehouse, "select count(*) from interactions") == [99]
        assert values(warehouse, "select reject_reason, raw_text from rejected_rows") == [
            ("malformed_line", lines[40])
        ]


@pytest.mark.parametrize("end", ["", ","], ids=["not in the header", "in the header"])
def test_a_delimiter_may_end_every_row(tmp_path: Path, end: str) -> None:
    """The file list of the build says that the rows are longer than the header."""
    rows = [f"{line}," for line in shop_lines(100)]
    (tmp_path / "shop.csv").write_text("\n".join([f"time,customer,amount{end}", *rows]))
    mapping = tmp_path / "shop.yml"
    mapping.write_text(yaml.safe_dump({**SHOP, "folder": str(tmp_path)}), encoding="utf-8")
    with load_here(mapping, tmp_path / "results") as warehouse:
        assert values(warehouse, "select raw_count, rejected_count from loaded_files") == [(100, 0)]
        assert values(warehouse, "select sum(revenue) from interactions") == [sum(range(100))]


UNEVEN = {
    "title above": (b"Sales\ntime;n\r\n1;2\r\n", 1, True),
    "blank line above": (b"\n\ntime;n\r\n1;2\r\n", 2, True),
    "header over two lines": (b'time;"n\n"\r\n1;2\r\n', 0, True),
    "header ends otherwise": (b"time;n\n1;2\r\n3;4\r\n", 0, True),
    "even": (b"Sales\r\ntime;n\r\n1;2\r\n", 1, False),
    "even over two lines": (b'time;"n\n"\n1;2\n', 0, False),
    "one line": (b"time;n", 0, False),
}


@pytest.mark.parametrize("name", UNEVEN)
def test_files_that_start_unevenly_are_read_as_copies(name: str, tmp_path: Path) -> None:
    """DuckDB would silently find no rows in them."""
    content, skipped, copied = UNEVEN[name]
    path = tmp_path / "sales.csv"
    path.write_bytes(content)
    block = {"files": "sales.csv", "skip_lines": skipped, "columns": {"time": "time"}}
    mapping = mapping_of_vars({"interactions": block})
    header = ("time", "n\n" if b'"' in content else "n")
    file = InputFile("interactions", path, len(content), 0, header)
    _, copies = as_utf8(mapping, [file], tmp_path / "utf8")
    assert bool(copies) == copied
    for copy in copies.values():
        assert Path(copy).read_bytes() == content.replace(b"\r\n", b"\n")


# ---- where a row stood -----------------------------------------------------------------------

NUMBERED: Mapping = {
    "name": "numbered",
    "interactions": {
        "files": "till-*.csv",
        "columns": {"date": "day", "customer": "who", "amount": "paid", "order": "slip"},
        "time_formats": ["%Y-%m-%d"],
    },
}
SLIPS: Mapping = {"orders": {"files": "slips.csv", "columns": {"order": "slip"}}}


@pytest.mark.parametrize(
    "also",
    [{}, {"duplicates": "drop"}, SLIPS],
    ids=["by their place", "as they are read", "before they are joined"],
)
def test_rows_are_numbered_within_their_file(
    also: Mapping, read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers do not depend on the number of files, headers or threads."""
    # Before the build, a broken line is only found near the start of its file.
    monkeypatch.setattr("topheavy.mapping.encodings.DECODED_BYTES", 1000)
    (tmp_path / "slips.csv").write_text("slip\n" + "".join(f"{slip}\n" for slip in range(90)))
    expected = set()
    for number in range(90):
        path = tmp_path / f"till-{number:02}.csv"
        count = 2 + number * number % 5000
        bad = {*range(7, count, 97), count}
        names = "day,who,paid,slip\n" if number % 3 else "slip,day,paid,who\n"
        line = "2024-03-01,c{1},{0},{2}\n" if number % 3 else "{2},2024-03-01,{0},c{1}\n"
        path.write_text(
            names
            + "".join(
                line.format("soon" if row in bad else row, row, number)
                for row in range(1, count + 1)
            )
        )
        expected |= {(path.name, row) for row in bad}
        if number == 70:
            with path.open("ab") as file:
                file.write(b"2024-03-01,c\xff,1,70\n")
            expected.add((path.name, count + 2))  # its line number, counting the header
    warehouse = read({**NUMBERED, **also}, tmp_path, tables=["rejected_rows"])
    found = warehouse.execute("select source_file, source_row from rejected_rows").fetchall()
    assert sorted((Path(file).name, row) for file, row in found) == sorted(expected)
