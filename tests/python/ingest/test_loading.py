"""A build on top of the previous one gives the tables of a full build, and reads only new files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ALL_TABLES, KEPT_TABLES, PROJECT, SAMPLE, TABLES, dbt, kept_tables, update_here
from daily_export import HEADER, Shop, unequal_tables
from jinja2 import Environment

from tools.check_models import reached
from topheavy.build.build_info import ReadFile
from topheavy.build.dbt_run import BuildError
from topheavy.build.loading import DECISIONS, LastLoad, Load, plan
from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import mapping_of_vars, read_mapping


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("daily"), days=70)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all builds of this file, each on top of the previous one."""
    return tmp_path_factory.mktemp("results") / "daily"


def loaded(shop: Shop, results: Path, tables: Sequence[str] = (KEPT_TABLES,)) -> str:
    """Build on top of the previous build; return the summary's description of the files."""
    return update_here(shop.mapping, results, tables).loaded


def test_builds_on_top_of_each_other_equal_a_full_build(
    shop: Shop, results: Path, tmp_path: Path, manifest: dict[str, Any]
) -> None:
    """The tables are compared once, after all builds. Each of them computes other months, so none
    would correct an error of another, and the files of the last build change in every way.
    """
    assert loaded(shop, results) == "70 files read; 3 months computed"
    # The calendar grows at both ends, and files without usable rows arrive.
    shop.write(160, extra="2023-11-30 10:00,c1,p1,sale,99.00,g1\n")
    shop.path(161).write_text(HEADER)
    shop.path(162).write_text(HEADER + ",,,,,\n")
    assert loaded(shop, results) == "3 of 73 files new; 2 months recomputed"
    # Over six months of a year the same change must not cancel out.
    with (shop.folder / "customers.csv").open("a", encoding="utf-8") as customers:
        customers.write("c35,f,1000\nc36,m,\n")
    assert loaded(shop, results) == "0 of 73 files new; 0 months recomputed"
    # Add a day, correct one, withdraw one, and add late rows of the previous month.
    shop.write(70)
    shop.write(71, extra="2024-01-15 10:00,c1,p1,sale,99.00,g1\n")
    shop.write(66, seed="corrected")
    shop.path(67).unlink()
    said = loaded(shop, results, [ALL_TABLES])
    assert said == "2 of 74 files new, 1 changed, 1 withdrawn; 2 months recomputed"
    fresh = tmp_path / "daily"
    assert loaded(shop, fresh, [ALL_TABLES]) == "74 files read; 5 months computed"
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    published = {model["name"] for model in models if model["schema"] == "main"}
    compared = sorted(published | {*kept_tables()})
    assert unequal_tables(fresh / "build", results / "build", compared) == []


# The data tests that examine the files rather than their contents.
OF_FILES = (
    *("no_day_is_far_off", "no_file_comes_twice", "no_file_is_rejected_whole"),
    "ids_have_all_their_digits",
)


SALE = "2024-05-29 10:00,c1,p1,sale,1.00,g1\n"


def doubted(shop: Shop, results: Path) -> str:
    """Load new files; return the warnings of the data tests of files."""
    tables = ["loaded_files", *OF_FILES, "no_quote_stays_open"]
    return "\n".join(update_here(shop.mapping, results, tables).warnings)


def test_suspicious_files_are_reported_until_they_are_corrected(shop: Shop, results: Path) -> None:
    """Among many earlier files, a copy, a new spelling and a typing error would go unnoticed."""
    shop.path(150).write_bytes(shop.path(3).read_bytes())
    other_spelling = "31.05.2024 10:00,c1,p1,sale,1.00,g1\n"
    shop.path(151).write_text(HEADER + other_spelling)
    # The first rows of a file are checked before they are read.
    shop.write(149, extra=SALE * 150 + SALE.replace("c1", "4.00012E+14"))
    shop.write(152, extra="2042-05-31 10:00,c1,p1,sale,1.00,g1\n")
    # A file without any readable date is refused; one with some readable dates causes a warning.
    with pytest.raises(MappingError, match=r"first 1 values of 'time' in day-151\.csv fits '%Y-"):
        doubted(shop, results)
    bad_amount = "2024-05-31 10:00,c1,p1,sale,free,g1\n"
    shop.path(151).write_text(HEADER + bad_amount + other_spelling * 2)
    shop.path(153).write_text(HEADER + bad_amount)
    said = doubted(shop, results)
    assert re.search(r"no_day_is_far_off: \S+day-152.csv: 1 row is of 2042-05-31, the others", said)
    assert re.search(r"no_file_comes_twice: \S+day-003.csv, \S+day-150.csv have the same", said)
    assert re.search(r"no_file_is_rejected_whole: \S+day-151.csv: none of its 3 rows", said)
    assert "ids_have_all_their_digits: customer ids in scientific notation, such as 4.000" in said
    assert re.search(
        r"mainly for malformed_timestamp, such as: c1, p1; "
        "correct time_formats in the mapping",
        said,
    )
    assert f"mainly for malformed_amount, such as: {bad_amount.strip()}; correct decimal" in said
    for day in (149, 150, 151, 152, 153):
        shop.path(day).unlink()
    # A file counts as loaded only when its data tests pass, so the build fails again.
    shop.write(140, extra='2024-05-20 10:00,"c1,p1,sale,99.00,g1\n')
    for _ in range(2):
        with pytest.raises(BuildError, match="a quote is opened and never closed"):
            doubted(shop, results)
    shop.path(140).unlink()
    said = doubted(shop, results)
    assert "no_file" not in said and "day-152.csv" not in said


def file(block: str, name: str) -> ReadFile:
    """A file that a plan only compares with others."""
    return ReadFile(block, PROJECT / name, 1, 1, f"hash of {name}")


def loaded_by(load: Load) -> LastLoad:
    """What the next build finds after a load of these files."""
    keys = {(listed.block, listed.source_file): listed.file_key for listed in load.files}
    return LastLoad(load.files[0].recipe or "", keys, frozenset())


def test_orders_are_read_with_lines_only() -> None:
    """The lines that the reader rejects in them are only found when lines look them up."""
    orders = {"files": "orders.csv", "columns": {"order": "id"}}
    mapping = mapping_of_vars({"interactions": {"files": "*.csv", "columns": {}}, "orders": orders})
    files = [file("interactions", "a.csv"), file("orders", "orders.csv")]
    first = plan(mapping, files, None, "code")
    assert {path for _, path in first.new_paths} == {"a.csv", "orders.csv"}
    last = loaded_by(first)
    assert plan(mapping, files, last, "code").new_paths == set()
    more = plan(mapping, [*files, file("interactions", "b.csv")], last, "code")
    assert {path for _, path in more.new_paths} == {"b.csv", "orders.csv"}
    # Every row depends on the other files, so nothing is kept.
    other = plan(mapping, [files[0], file("orders", "others.csv")], last, "code")
    assert other.last is None


@pytest.mark.parametrize(("duplicates", "is_kept"), [("keep", True), ("drop", False)])
def test_rows_that_depend_on_other_files_are_not_kept(duplicates: str, is_kept: bool) -> None:
    """A row of a new file may repeat one of a file that is loaded."""
    block = {"files": "*.csv", "columns": {}}
    mapping = mapping_of_vars({"interactions": block, "duplicates": duplicates})
    files = [file("interactions", name) for name in ("a.csv", "b.csv")]
    last = loaded_by(plan(mapping, files[:1], None, "code"))
    assert plan(mapping, files[:1], last, "code").last is last
    assert (plan(mapping, files, last, "code").last is last) == is_kept


def test_customers_are_read_as_a_whole_when_a_file_is_withdrawn() -> None:
    """One table describes them, and the rows of the other file may count now."""
    people = {"files": "*.csv", "columns": {"customer": "id"}}
    mapping = mapping_of_vars({"interactions": {**people, "columns": {}}, "customers": people})
    names = (("interactions", "a.csv"), ("customers", "old.csv"), ("customers", "new.csv"))
    files = [file(*name) for name in names]
    last = loaded_by(plan(mapping, files, None, "code"))
    assert plan(mapping, files, last, "code").new_paths == set()
    assert plan(mapping, files[:2], last, "code").new_paths == {("customers", "old.csv")}


def test_a_file_is_listed_after_every_table_has_its_rows(manifest: dict[str, Any]) -> None:
    """A listed file is not read again, so no table may still lack its rows."""
    before = reached(["model.topheavy.loaded_files"], manifest["parent_map"].__getitem__)
    with_rows_of_files = {
        name
        for name, node in manifest["nodes"].items()
        if node["config"].get("incremental_strategy") in ("by_file", "by_id")
    }
    assert len(with_rows_of_files) == 6
    assert with_rows_of_files <= before


def test_kept_tables_do_not_depend_on_limits_or_scenarios(manifest: dict[str, Any]) -> None:
    """Kept tables would not follow changes of limits or scenarios."""
    seeds = {f"seed.topheavy.{Path(name).stem}" for name in DECISIONS}
    assert seeds <= manifest["nodes"].keys()
    behind = reached(seeds, manifest["child_map"].__getitem__)
    kept = {
        name
        for name, node in manifest["nodes"].items()
        if node["config"].get("materialized") == "kept"
    }
    assert len(kept) == 14
    assert behind & kept == set()


def test_plain_dbt_builds_the_selected_tables(tmp_path: Path) -> None:
    """Other tables keep their rows; without a list of files a kept table is rebuilt,
    not extended.
    """
    mapping = read_mapping(SAMPLE).as_vars()
    dbt(
        [*TABLES, "--select", "+loaded_files", "+int_date_hours", "+interactions"],
        tmp_path,
        mapping,
    )
    before = counts(tmp_path)
    assert before["interaction_facts"] > 0 and before["int_date_hours"] > 0
    for selected in ("int_date_hours", "+rejected_rows", "+interactions"):
        dbt([*TABLES, "--select", selected], tmp_path, mapping)
        assert counts(tmp_path) == before
    # The rows that were read last may be only some of them.
    with pytest.raises(
        AssertionError, match=r"rejected_rows needs the files read: select \+rejected"
    ):
        dbt([*TABLES, "--select", "rejected_rows"], tmp_path, mapping)
    assert counts(tmp_path) == before
    # Two ids with the same key would be summed as one; a test refuses them and names them.
    with duckdb.connect(str(tmp_path / "topheavy.duckdb")) as database:
        database.execute(
            "insert into customers by name"
            " select customer_key, '1001 again' as customer_id from customers"
            " where customer_id = '1001'"
        )
    name = "customers_have_keys_of_their_own"
    with pytest.raises(AssertionError, match=name):
        dbt(["test", "--select", name], tmp_path, mapping)
    compiled = next((tmp_path / "compiled").rglob(f"{name}.sql")).read_text(encoding="utf-8")
    with duckdb.connect(str(tmp_path / "topheavy.duckdb"), read_only=True) as database:
        found = database.execute(f"select first_id, second_id, message from ({compiled})")
        assert [row[:2] for row in found.fetchall()] == [("1001", "1001 again")]


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


def made_of(strategy: str, periods: str, populations: str = "(values ('hour', 'all', 24))") -> str:
    """Return what a strategy sees of one month, from the SQL of the macro."""
    text = (PROJECT / "macros/engine/loading.sql").read_text(encoding="utf-8")
    macros: Any = Environment(extensions=["jinja2.ext.do"]).from_string(text).module
    with duckdb.connect() as database:
        database.execute("attach ':memory:' as work")
        for schema in ("intermediate", "raw"):
            database.execute(f"create schema work.{schema}")
        database.execute("create table work.raw.files (block varchar, file_key bigint)")
        for table, rows, columns in (
            (
                "int_periods",
                periods,
                "period_grain, period_start, month_start, first_day, day_count",
            ),
            ("int_populations", populations, "dimension, period_grain, population_count"),
        ):
            database.execute(
                f"create table work.intermediate.{table} as "
                f"select *, 1::bigint as month_key from {rows} as made ({columns})"
            )
        ((found,),) = database.execute(
            f"select made_of from ({macros.made_periods(strategy)})"
        ).fetchall()
    return str(found)


MONTH = "(values ('all', date '2024-01-01', date '2024-01-01', date '{}', 16))"


def test_a_period_is_stale_if_other_hours_or_weekdays_are_open() -> None:
    """Equal and exchanged numbers of hours and weekdays must not look the same."""
    open_slots = [(hours, weekdays) for hours in (5, 6, 7, 24) for weekdays in (5, 6, 7)]
    seen = {
        made_of(
            "by_open_slots",
            MONTH.format("2024-01-01"),
            f"(values ('hour', 'all', {hours}), ('weekday', 'all', {weekdays}), "
            f"('hour', 'month', {hours + weekdays}))",
        )
        for hours, weekdays in open_slots
    }
    assert len(seen) == len(open_slots)


@pytest.mark.parametrize("strategy", ["by_description", "by_period", "by_open_slots"])
def test_a_month_is_stale_if_the_data_cover_other_days_of_it(strategy: str) -> None:
    """It may have been the last month of the data, and be the first now."""
    days = ("2024-01-01", "2024-01-16")
    assert len({made_of(strategy, MONTH.format(day)) for day in days}) == 2
