"""An export that arrives as one file per day, and a comparison of two builds of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb
import yaml

FIRST_DAY = date(2024, 1, 1)
HEADER = "time,customer,product,kind 🛒,amount,category\n"
MAPPING = {
    "name": "daily",
    "interaction_types": {"purchase": ["sale"], "return": ["return"], "view": ["view"]},
    "interactions": {
        "files": "day-*.csv",
        "columns": {
            "time": "time",
            "customer": "customer",
            # A customer has the name of most of its rows, which later rows may change.
            "customer_name": "category",
            "product": "product",
            "interaction_type": "kind 🛒",
            "amount": "amount",
            "category": "category",
        },
        "time_formats": ["%Y-%m-%d %H:%M"],
    },
    "customers": {
        "files": "customers.csv",
        "columns": {"customer": "id", "gender": "gender", "amount": "spent"},
    },
}


class Shop:
    """An export that arrives as one file per day, in a folder of its own."""

    def __init__(self, folder: Path, days: int) -> None:
        self.folder = folder
        self.mapping = folder / "daily.yml"
        text = yaml.safe_dump({**MAPPING, "folder": str(folder)}, sort_keys=False)
        self.mapping.write_text(text, encoding="utf-8")
        people = (f"c{number},{'fm'[number % 2]},{number * 3}\n" for number in range(30))
        (folder / "customers.csv").write_text("id,gender,spent\n" + "".join(people))
        for day in range(days):
            self.write(day)

    def path(self, day: int) -> Path:
        return self.folder / f"day-{day:03d}.csv"

    def write(self, day: int, *, seed: str = "", extra: str = "") -> None:
        """Write a day of sales, some of them unusable or without a date, followed by the lines in
        `extra`.
        """
        chance = random.Random(f"{day} {seed}")
        lines = []
        for _ in range(40):
            hour, minute = chance.randrange(24), chance.randrange(60)
            stamp = f"{FIRST_DAY + timedelta(day)} {hour:02d}:{minute:02d}"
            kind = chance.choices(["sale", "view", "return", "gift"], [60, 30, 5, 5])[0]
            amount = f"{chance.paretovariate(1.2) * 10:.2f}"
            customer, product = f"c{chance.randrange(40)}", f"p{chance.randrange(25)}"
            lines.append(f"{stamp},{customer},{product},{kind},{amount},g{product[-1]}\n")
        lines.insert(7, ",,,,,\n")
        lines.insert(11, "what is this,c1,p1,sale,1.00,g1\n")
        lines.insert(12, f",c{day % 7},p2,sale,2.00,g{day % 3}\n")
        lines.insert(13, "2024-01-01 10:00,c1,p1,sale,1.00,g1,too,many\n")
        self.path(day).write_text(HEADER + "".join(lines) + extra, encoding="utf-8")

    def count(self) -> int:
        """Return the number of days."""
        return len([*self.folder.glob("day-*")])


# Sums of fourth powers are excluded: they are doubles, whose last digit depends on the order.
EXACT = "columns(lambda name: not ends_with(name, '_fourth'))"


def unequal_tables(one: Path, other: Path, tables: Sequence[str]) -> list[str]:
    """Return the tables that differ between two build folders, in columns or rows."""
    with duckdb.connect() as database:
        for side, folder in (("one", one), ("other", other)):
            for name in ("topheavy", "work"):
                file = folder / f"{name}.duckdb"
                database.execute(f"attach '{file}' as {side}_{name} (read_only)")
        rows = database.execute(
            "select table_name, split_part(database_name, '_', 1),"
            " any_value(concat_ws('.', database_name, schema_name, table_name)),"
            " list((column_name, data_type) order by column_index)"
            " from duckdb_columns() where not internal and schema_name != 'raw' group by all"
        ).fetchall()
        places = {(name, side): (relation, columns) for name, side, relation, columns in rows}

        def differ(table: str) -> bool:
            left, right = (places[table, side] for side in ("one", "other"))
            return left[1] != right[1] or any(
                database.execute(
                    f"select count(*) from (select {EXACT} from {more[0]}"
                    f" except all select {EXACT} from {less[0]})"
                ).fetchall()
                != [(0,)]
                for more, less in ((left, right), (right, left))
            )

        return [table for table in tables if differ(table)]
