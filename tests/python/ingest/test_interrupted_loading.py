"""A build that is killed, or whose files change under it, leaves nothing that the next trusts.

Each needs scripts/build.py as a process: to be killed, or to be watched while it reads.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from conftest import Checkout
from daily_export import Shop, said_of_files, unequal_tables


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("daily"), days=40)


def build(shop: Shop, checkout: Checkout, *options: str) -> str:
    """Build as a user does; return what the summary says of the files."""
    done = checkout.build("--mapping", shop.mapping, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return said_of_files(done.stdout)


@pytest.fixture(scope="module")
def built(checkout: Checkout, shop: Shop) -> Checkout:
    """The copy of the project, and in it what the shop's mapping publishes."""
    copy = replace(checkout, name="daily")
    assert build(shop, copy) == "40 files read; 2 months computed"
    return copy


def test_a_new_limit_does_not_load_the_export_again(shop: Shop, built: Checkout) -> None:
    """And flags of dbt that would make all tables anew, of no file, are not listened to."""
    limits = built.folder / "seeds/concentration_limits.csv"
    shipped = limits.read_text(encoding="utf-8")
    limits.write_text(shipped.replace("customer_dependency", "of_mine"), encoding="utf-8")
    flags = {"DBT_FULL_REFRESH": "1", "DBT_EMPTY": "1"}
    said = build(shop, replace(built, settings=flags))
    assert said == "0 of 40 files new; 0 months recomputed"
    with built.open() as warehouse:
        judged = warehouse.execute("select distinct limit_id from limit_status").fetchall()
        kept = warehouse.execute("select count(*) from loaded_files").fetchall()
    assert ("of_mine",) in judged and ("customer_dependency",) not in judged
    assert kept == [(41,)]
    # As shipped again: the last test compares with a build of the project as it is.
    limits.write_text(shipped, encoding="utf-8")


def test_a_build_does_not_touch_what_another_program_has_open(shop: Shop, built: Checkout) -> None:
    database = built.results / "build" / "topheavy.duckdb"
    for options in ((), ("--full",)):
        with duckdb.connect(str(database), read_only=True):
            done = built.build("--mapping", shop.mapping, *options)
        assert done.returncode == 1
        assert done.stderr == (
            "build failed: another program has a database of warehouse/daily/build open; "
            "close it there\n"
        )


def test_a_file_that_changes_under_the_build_is_read_again(shop: Shop, built: Checkout) -> None:
    """Its rows stand under the hash of what it was, and what it was may come back."""
    hashed, read = (
        f"2024-01-31 10:00,{name},p1,sale,77.00,g1\n" for name in ("as hashed", "as read")
    )
    shop.write(30, extra=hashed)
    with built.start("build.py", "--mapping", shop.mapping) as process:
        built.wait_until_made("stg_files", process)
        shop.write(30, extra=read)
        _, errors = process.communicate()
    assert process.returncode == 1 and "day-030.csv changed during the build" in errors
    shop.write(30, extra=hashed)
    build(shop, built)
    with built.open() as warehouse:
        seen = warehouse.execute(
            "select distinct customer_id from interactions where customer_id like 'as %'"
        ).fetchall()
    assert seen == [("as hashed",)]


# Where a build is killed: as soon as dbt's log says that this table is made. The one has the rows
# of new files, the other sums of them; scripts/soak.py kills at random moments between.
STOPS = ("interactions", "int_date_hours")


def test_a_killed_build_leaves_nothing_wrong(shop: Shop, built: Checkout, tmp_path: Path) -> None:
    """Each kill finds other files than the one before: what came back must be read again."""
    for number, model in enumerate(STOPS):
        shop.write(10, seed=model)
        if number % 2:
            shop.write(20)
        else:
            shop.path(20).unlink()
        with built.start("build.py", "--mapping", shop.mapping) as process:
            built.wait_until_made(model, process)
            process.kill()
    shop.write(10)
    shop.write(20)
    build(shop, built)
    kept = tmp_path / "kept.duckdb"
    kept.write_bytes(built.published.read_bytes())
    assert build(shop, built, "--full") == "40 files read; 2 months computed"
    assert unequal_tables(kept, built.published) == []
