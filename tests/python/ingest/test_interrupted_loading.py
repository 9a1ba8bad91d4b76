"""A build that is killed, or whose files change during it, leaves nothing that the next build
trusts.

Each test needs a process that can be killed or watched while it reads. The process does what
`topheavy build` does up to the tables that are kept from build to build; all others are derived
from those.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from conftest import Checkout, kept_tables
from daily_export import Shop, unequal_tables

LOAD = """
import os, sys
from pathlib import Path
import duckdb
from topheavy.build.tables import update
from topheavy.build.dbt_run import BuildError
from topheavy.mapping.reading import read_export
from topheavy.publish.outputs import Outputs
from topheavy.project import PROJECT
from topheavy.publish.publish import in_words, only_writer

os.chdir(PROJECT)
path, tables, *options = Path(sys.argv[1]), *sys.argv[2:]
outputs = Outputs.of(path)
outputs.set_environment(os.environ)
mapping, files = read_export(path, PROJECT, os.environ)
try:
    with only_writer(outputs.build):
        tables = tables.split()
        made = update(path, mapping, files, outputs.build, full=bool(options), only=tables)
except (BuildError, OSError, duckdb.Error) as error:
    sys.exit(f"build failed: {in_words(error)}")
print(made.loaded)
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("daily"), days=40)


def arguments(shop: Shop) -> list[str]:
    """Return the arguments of the process: the mapping and the tables to build."""
    return ["load", str(shop.mapping), " ".join([*kept_tables(), "concentration_limits"])]


def build(shop: Shop, checkout: Checkout, *options: str) -> str:
    """Load as a user does; return the summary's description of the files."""
    done = checkout.run(*arguments(shop), *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def built(checkout: Checkout, shop: Shop) -> Checkout:
    """The copy of the project, with the shop's mapping loaded in it."""
    copy = replace(checkout, name="daily")
    (copy.folder / "load.py").write_text(LOAD, encoding="utf-8")
    assert build(shop, copy) == "40 files read; 2 months computed"
    return copy


def opened(built: Checkout) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(built.results / "build/topheavy.duckdb"), read_only=True)


def test_a_new_limit_does_not_load_the_export_again(shop: Shop, built: Checkout) -> None:
    """Environment flags of dbt that would rebuild all tables without any file are also ignored."""
    limits = built.folder / "seeds/concentration_limits.csv"
    shipped = limits.read_text(encoding="utf-8")
    limits.write_text(shipped.replace("customer_dependency", "of_mine"), encoding="utf-8")
    flags = {"DBT_FULL_REFRESH": "1", "DBT_EMPTY": "1"}
    said = build(shop, replace(built, settings=flags))
    assert said == "0 of 40 files new; 0 months recomputed"
    seed = "work.reference.concentration_limits"
    with opened(built) as warehouse:
        warehouse.execute(f"attach '{built.results / 'build/work.duckdb'}' as work (read_only)")
        limit_ids = warehouse.execute(f"select limit_id from {seed}").fetchall()
        kept = warehouse.execute("select count(*) from loaded_files").fetchall()
    assert ("of_mine",) in limit_ids and ("customer_dependency",) not in limit_ids
    assert kept == [(41,)]
    # Restore the shipped version, because the last test compares with a build of it.
    limits.write_text(shipped, encoding="utf-8")


def test_a_build_does_not_touch_files_that_another_program_has_open(
    shop: Shop, built: Checkout
) -> None:
    database = built.results / "build" / "topheavy.duckdb"
    for options in ((), ("--full",)):
        with duckdb.connect(str(database), read_only=True):
            done = built.run(*arguments(shop), *options)
        assert done.returncode == 1
        assert done.stderr == (
            "build failed: another program has a database of warehouse/daily/build open; "
            "close it there\n"
        )


def test_a_file_that_changes_under_the_build_is_read_again(shop: Shop, built: Checkout) -> None:
    """Its rows are recorded under the hash of its former content, which may return."""
    hashed, read = (
        f"2024-01-31 10:00,{name},p1,sale,77.00,g1\n" for name in ("as hashed", "as read")
    )
    shop.write(30, extra=hashed)
    with built.start(*arguments(shop)) as process:
        built.wait_until_made("stg_files", process)
        shop.write(30, extra=read)
        _, errors = process.communicate()
    assert process.returncode == 1 and "day-030.csv changed during the build" in errors
    shop.write(30, extra=hashed)
    build(shop, built)
    with opened(built) as warehouse:
        seen = warehouse.execute(
            "select customer_id from customers where customer_id like 'as %'"
        ).fetchall()
    assert seen == [("as hashed",)]


# The points at which a build is killed: when dbt's log says that this table is built. One contains
# the rows of new files, the other their sums; tools/soak.py kills at random moments between.
STOPS = ("interaction_facts", "int_date_hours")


def test_a_killed_build_leaves_nothing_wrong(shop: Shop, built: Checkout, tmp_path: Path) -> None:
    """Each kill finds other files than the previous one; returned content must be read again."""
    for number, model in enumerate(STOPS):
        shop.write(10, seed=model)
        if number % 2:
            shop.write(20)
        else:
            shop.path(20).unlink()
        with built.start(*arguments(shop)) as process:
            built.wait_until_made(model, process)
            process.kill()
    shop.write(10)
    shop.write(20)
    build(shop, built)
    kept = shutil.copytree(built.results / "build", tmp_path / "kept")
    assert build(shop, built, "--full") == "40 files read; 2 months computed"
    assert unequal_tables(kept, built.results / "build", kept_tables()) == []
