"""A build on top of the last one gives the tables of a full build, and reads only what is new."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import PROJECT, SAMPLE, TABLES, Checkout, dbt

from build_info import ReadFile
from loading import DECISIONS, LastLoad, plan
from mapping import load

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
        """A day of sales, of which some cannot be used; `extra` lines follow."""
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
        lines.insert(13, "2024-01-01 10:00,c1,p1,sale,1.00,g1,too,many\n")
        self.path(day).write_text(HEADER + "".join(lines) + extra, encoding="utf-8")

    def build(self, checkout: Checkout, *options: str) -> str:
        """Build; return what the summary says of the files."""
        done = checkout.build("--mapping", self.mapping, *options)
        assert done.returncode == 0, done.stdout + done.stderr
        return next(line for line in done.stdout.splitlines() if line.startswith("  files")).split(
            maxsplit=1
        )[1]


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


@pytest.fixture(scope="module")
def checkout(checkout: Checkout) -> Checkout:
    """The copy of the project, and in it what the shop's mapping publishes."""
    return replace(checkout, name="daily")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("daily"), days=70)


def assert_equals_full_build(shop: Shop, checkout: Checkout, tmp_path: Path) -> None:
    kept = tmp_path / "kept.duckdb"
    kept.write_bytes(checkout.published.read_bytes())
    assert shop.build(checkout, "--full").startswith(f"{len([*shop.folder.glob('day-*')])} files")
    assert unequal_tables(kept, checkout.published) == []


def test_a_build_reads_what_is_new(shop: Shop, checkout: Checkout, tmp_path: Path) -> None:
    assert shop.build(checkout) == "70 files read; 3 months computed"
    assert shop.build(checkout) == "0 of 70 files new; 0 months recomputed"
    # A day on top, a corrected one, one withdrawn, rows of last month that come late.
    shop.write(70)
    shop.write(71, extra="2024-01-15 10:00,c1,p1,sale,99.00,g1\n")
    shop.write(66, seed="corrected")
    shop.path(67).unlink()
    # Flags of dbt that would make all tables anew, of the new files alone, are not listened to.
    said = shop.build(replace(checkout, settings={"DBT_FULL_REFRESH": "1", "DBT_EMPTY": "1"}))
    assert said == "2 of 71 files new, 1 changed, 1 withdrawn; 2 months recomputed"
    assert_equals_full_build(shop, checkout, tmp_path)


def test_a_build_sees_what_reaches_into_other_periods(
    shop: Shop, checkout: Checkout, tmp_path: Path
) -> None:
    """The calendar grows at both ends, customers change, and files come without a usable row."""
    shop.build(checkout)
    shop.write(160, extra="2023-11-30 10:00,c1,p1,sale,99.00,g1\n")
    shop.path(161).write_text(HEADER)
    shop.path(162).write_text(HEADER + ",,,,,\n")
    files = len([*shop.folder.glob("day-*")])
    assert shop.build(checkout) == f"3 of {files} files new; 2 months recomputed"
    # Over six months of a year the same change must not cancel itself.
    with (shop.folder / "customers.csv").open("a", encoding="utf-8") as customers:
        customers.write("c35,f,1000\nc36,m,\n")
    assert shop.build(checkout) == f"0 of {files} files new; 0 months recomputed"
    assert_equals_full_build(shop, checkout, tmp_path)


def test_a_new_limit_does_not_load_the_export_again(shop: Shop, checkout: Checkout) -> None:
    shop.build(checkout)
    limits = checkout.folder / "seeds/concentration_limits.csv"
    shipped = limits.read_text(encoding="utf-8")
    limits.write_text(shipped.replace("customer_dependency", "of_mine"), encoding="utf-8")
    try:
        files = len([*shop.folder.glob("day-*")])
        assert shop.build(checkout) == f"0 of {files} files new; 0 months recomputed"
    finally:
        limits.write_text(shipped, encoding="utf-8")
    with checkout.open() as warehouse:
        judged = warehouse.execute("select distinct limit_id from limit_status").fetchall()
    assert ("of_mine",) in judged and ("customer_dependency",) not in judged


def test_a_file_that_failed_fails_again(shop: Shop, checkout: Checkout) -> None:
    """It counts as loaded only once what was found in it is in order."""
    shop.build(checkout)
    shop.write(140, extra='2024-05-20 10:00,"c1,p1,sale,99.00,g1\n')
    for _ in range(2):
        done = checkout.build("--mapping", shop.mapping)
        assert done.returncode == 1 and "a quote is opened and never closed" in done.stderr
    shop.path(140).unlink()
    shop.build(checkout)


def test_files_that_look_wrong_are_told(shop: Shop, checkout: Checkout) -> None:
    """Among many files before, a copy, another spelling and a slip would go unnoticed."""
    shop.path(150).write_bytes(shop.path(3).read_bytes())
    shop.path(151).write_text(HEADER + "31.05.2024 10:00,c1,p1,sale,1.00,g1\n")
    shop.write(152, extra="2042-05-31 10:00,c1,p1,sale,1.00,g1\n")
    said = checkout.build("--mapping", shop.mapping).stdout
    assert re.search(r"no_day_is_far_off: \S+day-152.csv: 1 row is of 2042-05-31, the others", said)
    assert re.search(r"no_file_comes_twice: \S+day-003.csv, \S+day-150.csv have the same", said)
    assert re.search(r"no_file_is_rejected_whole: \S+day-151.csv: none of its 1 rows", said)
    assert re.search(
        r"mainly for malformed_timestamp, such as: 31\.05\.2024 10:00,c1\S*; "
        "correct time_formats in the mapping",
        said,
    )
    shop.path(150).unlink()
    shop.path(151).unlink()
    shop.path(152).unlink()
    said = checkout.build("--mapping", shop.mapping).stdout
    assert "no_file" not in said and "day-152.csv" not in said


def test_a_file_that_changes_under_the_build_is_read_again(
    shop: Shop, checkout: Checkout, tmp_path: Path
) -> None:
    """Its rows stand under the hash of what it was, and what it was may come back."""
    shop.build(checkout)
    shop.write(30, seed="hashed")
    with checkout.start("build.py", "--mapping", shop.mapping) as process:
        checkout.wait_until_made("stg_files", process)
        shop.write(30, seed="read")
        _, errors = process.communicate()
    assert process.returncode == 1 and "day-030.csv changed during the build" in errors
    shop.write(30, seed="hashed")
    shop.build(checkout)
    assert_equals_full_build(shop, checkout, tmp_path)


def test_a_build_does_not_touch_what_another_program_has_open(
    shop: Shop, checkout: Checkout
) -> None:
    shop.build(checkout)
    built = checkout.results / "build" / "topheavy.duckdb"
    for options in ((), ("--full",)):
        with duckdb.connect(str(built), read_only=True):
            done = checkout.build("--mapping", shop.mapping, *options)
        assert done.returncode == 1
        assert done.stderr == (
            "build failed: another program has a database of warehouse/daily/build open; "
            "close it there\n"
        )


def test_orders_are_read_with_lines_only() -> None:
    """What the reader sets aside of them is found only where lines look them up."""

    def file(block: str, name: str) -> ReadFile:
        return ReadFile(block, PROJECT / name, 1, 1, f"hash of {name}")

    mapping: dict[str, Any] = {"interactions": {"files": "*.csv"}, "orders": {}}
    files = [file("interactions", "a.csv"), file("orders", "orders.csv")]
    first = plan(mapping, files, None, "code")
    assert {path for _, path in first.new_paths} == {"a.csv", "orders.csv"}
    keys = {(listed.block, listed.source_file): listed.file_key for listed in first.files}
    last = LastLoad(first.files[0].recipe, keys, frozenset())
    assert plan(mapping, files, last, "code").new_paths == set()
    more = plan(mapping, [*files, file("interactions", "b.csv")], last, "code")
    assert {path for _, path in more.new_paths} == {"b.csv", "orders.csv"}
    # Others, on which every row depends: nothing is kept.
    other = plan(mapping, [files[0], file("orders", "others.csv")], last, "code")
    assert other.last is None


# Where a build is killed: as soon as dbt's log says that this table is made.
STOPS = ("interactions", "int_unusable_rows", "loaded_files", "int_month_files", "int_date_hours")


def test_a_killed_build_leaves_nothing_wrong(
    shop: Shop, checkout: Checkout, tmp_path: Path
) -> None:
    """Each kill finds other files than the one before: what came back must be read again."""
    shop.build(checkout)
    for number, model in enumerate(STOPS):
        shop.write(10, seed=model)
        if number % 2:
            shop.write(20)
        else:
            shop.path(20).unlink()
        with checkout.start("build.py", "--mapping", shop.mapping) as process:
            checkout.wait_until_made(model, process)
            process.kill()
    shop.write(10)
    shop.write(20)
    shop.build(checkout)
    assert_equals_full_build(shop, checkout, tmp_path)


def test_a_file_is_listed_after_every_table_has_its_rows(manifest: dict[str, Any]) -> None:
    """A file that is listed is not read again, so no table may still be without its rows."""
    before = reached({"model.topheavy.loaded_files"}, manifest["parent_map"])
    with_rows_of_files = {
        name
        for name, node in manifest["nodes"].items()
        if any("forget_" in hook["sql"] and "stale" not in hook["sql"] for hook in hooks(node))
    }
    assert len(with_rows_of_files) == 4
    assert with_rows_of_files <= before


def test_what_is_kept_rests_on_no_limit_or_scenario(manifest: dict[str, Any]) -> None:
    """It would stay as it was when they change."""
    seeds = {f"seed.topheavy.{Path(name).stem}" for name in DECISIONS}
    assert seeds <= manifest["nodes"].keys()
    behind = reached(seeds, manifest["child_map"])
    kept = {
        name
        for name, node in manifest["nodes"].items()
        if node["config"].get("materialized") == "incremental"
    }
    assert len(kept) > 12
    assert behind & kept == set()


def reached(names: set[str], neighbours: dict[str, list[str]]) -> set[str]:
    """Some nodes, and all that lie on one side of them in the lineage."""
    all_names: set[str] = set()
    while names:
        all_names |= names
        names = {other for name in names for other in neighbours[name]} - all_names
    return all_names


def hooks(node: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = node["config"].get("pre-hook", [])
    return found


def test_dbt_by_itself_builds_what_is_selected(tmp_path: Path) -> None:
    """Others keep their rows; without a list of files a kept table is made anew, not added to."""
    mapping = load(SAMPLE)
    dbt([*TABLES, "--select", "+int_date_hours"], tmp_path, mapping)
    before = counts(tmp_path)
    assert before["interactions"] > 0 and before["int_date_hours"] > 0
    for selected in ("int_date_hours", "+int_unusable_rows", "+interactions"):
        dbt([*TABLES, "--select", selected], tmp_path, mapping)
        assert counts(tmp_path) == before
    # The rows that were read last need not be all.
    with pytest.raises(AssertionError, match=r"interactions needs the files read: select \+inter"):
        dbt([*TABLES, "--select", "interactions"], tmp_path, mapping)
    assert counts(tmp_path) == before


def counts(folder: Path) -> dict[str, int]:
    with duckdb.connect(str(folder / "topheavy.duckdb"), read_only=True) as database:
        database.execute(f"attach '{folder / 'work.duckdb'}' as work (read_only)")
        names = database.execute(
            "select table_name, database_name || '.' || schema_name || '.' || table_name"
            " from duckdb_tables() where schema_name != 'raw'"
        ).fetchall()
        return {
            name: database.execute(f"select count(*) from {relation}").fetchall()[0][0]
            for name, relation in names
        }
