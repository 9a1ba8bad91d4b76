"""A build that is killed, or whose files change during it, leaves nothing that the next build
trusts.

A build that is killed, and one of an edited project, are processes in a copy of the project. They
do what `topheavy build` does up to the tables that are kept from build to build; all others are
derived from those. The builds before and after them run here, in the same folder: the copy has the
same code, so each continues the last one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import KEPT_TABLES, Checkout, kept_tables, update_here
from daily_export import Shop, unequal_tables

from topheavy.build import dbt_run
from topheavy.build.dbt_run import BuildError

LOAD = """
import os, sys
from pathlib import Path
from topheavy.build.build_info import read_files
from topheavy.build.tables import update
from topheavy.mapping.reading import read_export
from topheavy.publish.outputs import Outputs
from topheavy.project import PROJECT
from topheavy.publish.publish import only_writer

os.chdir(PROJECT)
path, *tables = Path(sys.argv[1]), *sys.argv[2:]
outputs = Outputs.of(path)
outputs.set_environment(os.environ)
mapping, files = read_export(path, PROJECT, os.environ)
with only_writer(outputs.build):
    read = read_files(path, files)
    print(update(mapping, files, read, outputs.build, full=False, only=tables).loaded)
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("daily"), days=40)


def build(shop: Shop, built: Checkout) -> str:
    """Load on top of the last build; return the summary's description of the files."""
    return update_here(shop.mapping, built.results, [KEPT_TABLES]).loaded


@pytest.fixture(scope="module")
def built(checkout: Checkout, shop: Shop) -> Checkout:
    """The copy of the project, with the shop's mapping loaded in it."""
    copy = replace(checkout, name="daily")
    (copy.folder / "load.py").write_text(LOAD, encoding="utf-8")
    assert build(shop, copy) == "40 files read; 2 months computed"
    return copy


def opened(built: Checkout) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(built.results / "build/topheavy.duckdb"), read_only=True)


HOLD = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True):
    print("open", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_open(database: Path) -> Iterator[None]:
    """Let another program have a database open."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == "open\n"
        yield
        holder.communicate()
    assert holder.returncode == 0


def test_a_build_does_not_touch_files_that_another_program_has_open(
    shop: Shop, built: Checkout
) -> None:
    folder = built.results / "build"
    with held_open(folder / "topheavy.duckdb"):
        for full in (False, True):
            with pytest.raises(BuildError) as refusal:
                update_here(shop.mapping, built.results, [KEPT_TABLES], full=full)
            assert str(refusal.value) == (
                f"another program has a database of {folder} open; close it there"
            )


def test_a_file_that_changes_under_the_build_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows are recorded under the hash of its former content, which may return."""
    shop, results = Shop(tmp_path, days=3), tmp_path / "results"
    tables = ["customers", "loaded_files"]
    hashed, read = (
        f"2024-01-03 10:00,{name},p1,sale,77.00,g1\n" for name in ("as hashed", "as read")
    )
    shop.write(2, extra=hashed)

    def change(event: Any) -> None:
        if event.info.name == "LogModelResult" and event.data.node_info.node_name == "stg_files":
            shop.write(2, extra=read)

    with monkeypatch.context() as during_the_build:
        during_the_build.setattr(dbt_run, "show", change)
        with pytest.raises(BuildError, match=r"day-002\.csv changed during the build"):
            update_here(shop.mapping, results, tables)
    shop.write(2, extra=hashed)
    update_here(shop.mapping, results, tables)

    def answer(query: str) -> list[Any]:
        with duckdb.connect(str(results / "build/topheavy.duckdb"), read_only=True) as warehouse:
            return warehouse.execute(query).fetchall()

    seen = "select customer_id from customers where customer_id like 'as %'"
    rows = "select file_key, count(*) from interaction_facts group by all order by all"
    assert answer(seen) == [("as hashed",)]
    before = answer(rows)
    # A full build reads the files again that are loaded, and does not add to them.
    assert update_here(shop.mapping, results, tables, full=True).loaded.startswith("3 files read;")
    assert answer(seen) == [("as hashed",)]
    assert answer(rows) == before


def start(shop: Shop, built: Checkout, *tables: str) -> subprocess.Popen[str]:
    """Start a build as a process of the copy."""
    return built.start("load", shop.mapping, *tables)


# The points at which a build is killed: when dbt's log says that this table is built. One contains
# the rows of new files, the other their sums; tools/soak.py kills at random moments between.
STOPS = ("interaction_facts", "int_date_hours")


def test_a_killed_build_leaves_nothing_wrong(shop: Shop, built: Checkout, tmp_path: Path) -> None:
    """Each kill finds other files than the previous one; returned content must be read again."""
    first = shutil.copytree(built.results / "build", tmp_path / "first")
    for number, model in enumerate(STOPS):
        shop.write(10, seed=model)
        if number % 2:
            shop.write(20)
        else:
            shop.path(20).unlink()
        with start(shop, built, KEPT_TABLES) as process:
            built.wait_until_made(model, process)
            process.kill()
    shop.write(10)
    shop.write(20)
    build(shop, built)
    # The files are those of the first build again.
    assert unequal_tables(first, built.results / "build", kept_tables()) == []


def test_a_new_limit_does_not_load_the_export_again(shop: Shop, built: Checkout) -> None:
    """Environment flags of dbt that would rebuild all tables, or leave them without new rows, are
    also ignored.

    This is the last test, because it edits the copy.
    """
    shop.write(40)
    limits = built.folder / "seeds/concentration_limits.csv"
    shipped = limits.read_text(encoding="utf-8")
    limits.write_text(shipped.replace("customer_dependency", "of_mine"), encoding="utf-8")
    with_flags = replace(built, settings={"DBT_FULL_REFRESH": "1", "DBT_EMPTY": "1"})
    tables = ("concentration_limits", "loaded_files", "int_date_hours")
    with start(shop, with_flags, *tables) as process:
        said, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert said == "1 of 41 files new; 0 months recomputed\n"
    seed = "work.reference.concentration_limits"
    with opened(built) as warehouse:
        warehouse.execute(f"attach '{built.results / 'build/work.duckdb'}' as work (read_only)")
        limit_ids = warehouse.execute(f"select limit_id from {seed}").fetchall()
        listed = warehouse.execute("select count(*) from loaded_files").fetchall()
        added = warehouse.execute(
            "select count(*) from interaction_facts join loaded_files using (file_key)"
            " where source_file like '%/day-040.csv'"
        ).fetchall()
    assert ("of_mine",) in limit_ids and ("customer_dependency",) not in limit_ids
    assert (listed, added) == ([(42,)], [(40,)])
