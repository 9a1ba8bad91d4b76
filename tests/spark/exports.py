"""Exports for the comparison of both engines.

One has the defects of real exports, which matter up to the tables that account for the rows. The
other has what matters to the tables behind those: rows without a customer or a product, products
without a price, returns, days without rows, and shares so even that rounding in the last digit of
a double easily affects the first digit of a difference.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import duckdb

ITEMS = ('"Tea, green"', '"Mug ""XL"""', "Café", " \u00a0Scarf ", "", "17850.0", "ΣΟΦΙΑΣ")
AMOUNTS = (
    "12.5",
    '"$1,275.50"',
    "-3",
    "(4.005)",
    "abc",
    "",
    "1e2",
    "1_000",
    "7.00005",
    "\u0661\u0662",
)
STAMPS = ("5/2/24 7:05", "31/12/23 23:59", "30/02/24 1:00", "", "27/10/24 02:30", "1/1/2024")
# Blank (not empty, because Spark does not count empty lines), too short, too long, over two lines,
# with a quote inside, and with a backslash before a delimiter.
ODD = (
    ",,,,",
    " , ,,,",
    "c1,x",
    "c1,x,1,1/2/24 5:00,north,7",
    'c1,"two\nlines",5,1/2/24 5:00,north',
    'c2,it"s,7,1/2/24 5:00,west',
    "c3,\\,6,1/2/24 5:00,n\\",
)
ORDERS = "Customer,Item,Total,When,Region"
MAPPING: dict[str, Any] = {
    "name": "defects",
    "max_rejected_share": 1,
    "time_zone": "Europe/Berlin",
    "business_time_zone": "America/New_York",
    "fold_case": ["region"],
    "dimensions": [{"name": "region", "column": "Region"}],
    "interactions": {
        "files": "sales *.csv*",
        "columns": {"customer": "Customer", "product": "Item", "amount": "Total", "time": "When"},
        "aliases": {"Total": ["Amount due"]},
        "time_formats": ["%d/%m/%y %H:%M"],
    },
    "customers": {
        "files": "customers.csv",
        "delimiter": ";",
        "encoding": "latin-1",
        "skip_lines": 2,
        "columns": {"customer": "id", "name": "name", "age": "age", "location": "town"},
    },
    "products": {
        "files": "*.parquet",
        "columns": {"product": "item", "price": "price"},
    },
}
PRODUCTS = """
    select
        unnest(['Café', '17850', 'Tea, green']) as item,
        unnest([12345678.25, 0.0005, 1.5])::double as price
"""


def rows(count: int) -> list[str]:
    """Return rows with all spellings, including unusual ones."""
    found = []
    for number in range(count):
        cells = (
            f"c{number * number % 37}",
            ITEMS[number % len(ITEMS)],
            AMOUNTS[number // 3 % len(AMOUNTS)],
            STAMPS[number // 5 % len(STAMPS)],
            ("North", "SOUTH", "")[number % 3],
        )
        found.append(",".join(cells))
        if number % 40 == 0:
            found.append(ODD[number // 40 % len(ODD)])
    return found


def write_defects(folder: Path) -> dict[str, Any]:
    """Write the export; return its mapping. Headers, line ends, byte order marks and compression
    differ.
    """
    folder.mkdir()
    first = "\r\n".join(["\ufeff" + ORDERS, *rows(400)])
    (folder / "sales 1.csv").write_bytes(first.encode())
    second = ["Region,When,Amount due,Item,Customer"]
    second += [
        f'east,{n % 28 + 1}/{n % 12 + 1}/24 8:0{n % 9},{n},"a, b",c{n % 9}' for n in range(90)
    ]
    (folder / "sales 2.csv").write_text("\n".join(second), encoding="utf-8")
    third = "\n".join([ORDERS, *rows(200), "", ""])
    (folder / "sales 3.csv.gz").write_bytes(gzip.compress(third.encode(), mtime=0))
    people = "".join(f"c{n};Zoë {n};{n}.5;{('Zürich', 'Genève')[n % 2]}\n" for n in range(40))
    text = f"Customers\nof all\nid;name;age;town\n{people}c7;again;5;x\n;none;5;x\nc9;1;2;3;4\n"
    (folder / "customers.csv").write_bytes(text.encode("latin-1"))
    with duckdb.connect() as database:
        database.execute(f"copy ({PRODUCTS}) to '{folder / 'products.parquet'}'")
    return {**MAPPING, "folder": str(folder)}


EVENTS_MAPPING: dict[str, Any] = {
    "name": "events",
    "revenue": "list_price",
    "time_zone": "UTC",
    "business_time_zone": "America/New_York",
    "max_rejected_share": 1,
    "interaction_types": {
        "view": ["view"],
        "like": ["like"],
        "purchase": ["buy"],
        "return": ["refund"],
    },
    "dimensions": [
        {"name": "region", "column": "region"},
        {"name": "promo", "column": "promo"},
        {"name": "city", "column": "city", "from": "customers"},
    ],
    "interactions": {
        "files": "events.parquet",
        "columns": {
            "customer": "who",
            "product": "what",
            "interaction_type": "how",
            "time": "at",
            "quantity": "units",
        },
    },
    "customers": {
        "files": "customers.tsv",
        "delimiter": "\t",
        "columns": {"customer": "id", "age": "age", "location": "city", "amount": "spent"},
    },
    "products": {
        "files": "products.parquet",
        "columns": {
            "product": "what",
            "name": "name",
            "price": "price",
            "category_path": "path",
        },
    },
}
EVENTS = """
    select
        case when i % 97 > 0 then i * 7919 % 251 end as who,
        case when i % 89 > 0 then 'sku-' || (i * i % (1 + i % 90)) end as what,
        (['view', 'VIEW', 'like', 'buy', 'buy', 'refund', null, 'odd'])[1 + i % 71 % 8] as how,
        timezone('UTC', timestamp '2023-01-01' + to_seconds(
            case when i % 83 > 0 then i * 104729 % 34000000 end
        )) as at,
        i % 5 - 1 as units,
        i % 13 = 0 as promo,
        (['AA', 'BB', 'CC', null])[1 + i * 31 % 101 % 4] as region
    from range(2000) as numbers (i)
    where i * 104729 % 34000000 not between 17000000 and 17700000
"""
LISTED = """
    select
        'sku-' || i as what,
        case when i % 7 > 0 then 'Name, "' || i || '"' end as name,
        case when i != 40 then cast(i * 1.37 as decimal(12, 3)) end as price,
        'Group ' || (i % 6) || ' | Part ' || (i % 17) as path
    from range(120) as numbers (i)
"""


def write_events(folder: Path) -> dict[str, Any]:
    """Write events in typed files, with prices and customers beside them; return the mapping."""
    folder.mkdir()
    # Every row ends in a delimiter that the header does not have.
    people = "".join(
        f"{n}\t{n % 90}\tCity {n % 40}\t{n * n % 977}.{n % 10}\t\n" for n in range(300)
    )
    (folder / "customers.tsv").write_text("id\tage\tcity\tspent\n" + people, encoding="utf-8")
    with duckdb.connect() as database:
        database.execute(f"copy ({EVENTS}) to '{folder / 'events.parquet'}'")
        database.execute(f"copy ({LISTED}) to '{folder / 'products.parquet'}'")
    return {**EVENTS_MAPPING, "folder": str(folder)}
