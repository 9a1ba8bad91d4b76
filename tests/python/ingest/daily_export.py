"""An export that arrives as one file a day, and the comparison of what two builds made of it."""

from __future__ import annotations

import random
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
            # A customer bears the name of most of its rows, which further rows may change.
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
    """An export that arrives as one file a day, in a folder of its own."""

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
        """A day of sales, of which some cannot be used or have no date; `extra` lines follow."""
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
        """How many days there are."""
        return len([*self.folder.glob("day-*")])


def unequal_tables(one: Path, other: Path) -> list[str]:
    """The tables that differ between two published files, by columns or by rows."""
    with duckdb.connect() as database:
        for name, path in (("one", one), ("other", other)):
            database.execute(f"attach '{path}' as {name} (read_only)")
        columns = database.execute(
            "select table_name, list((column_name, data_type) order by column_index),"
            " count(distinct database_name) from duckdb_columns() where not internal"
            " group by table_name order by table_name"
        ).fetchall()
        assert len(columns) > 25
        return [
            name
            for name, described, found in columns
            if found != 2
            or len(described) != 2 * len(set(described))
            or any(
                database.execute(
                    f"select count(*) from (from {left}.{name} except all from {right}.{name})"
                ).fetchall()
                != [(0,)]
                for left, right in (("one", "other"), ("other", "one"))
            )
        ]


def said_of_files(summary: str) -> str:
    """What the summary of a build says of the files."""
    line = next(line for line in summary.splitlines() if line.startswith("  files"))
    return line.split(maxsplit=1)[1]
