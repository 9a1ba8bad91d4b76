"""`topheavy build` as a user runs it: a mistake gives one line and keeps the old warehouse.

Everything runs in a copy of the project in which the sample is published.
"""

from __future__ import annotations

import csv
import fcntl
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from conftest import PROJECT, SAMPLE, Build, Checkout, Warehouse, update_here

from tools.generate_sample import MALFORMED_STAMPS
from topheavy.build.dbt_run import BuildError
from topheavy.mapping.reading import read_mapping
from topheavy.publish.outputs import Outputs
from topheavy.publish.publish import in_words

Finished = subprocess.CompletedProcess[str]

SALES, MAPPING = "sales_data.csv", "mapping.yml"


@pytest.fixture(scope="module")
def built(checkout: Checkout, first_build: Finished) -> Checkout:
    return checkout


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """The sample's files and mapping in a folder of their own, where tests can spoil them."""
    folder = tmp_path / "inputs"
    shutil.copytree(PROJECT / "data/sample", folder)
    shutil.copy(PROJECT / "mappings/sample.yml", folder / MAPPING)
    return folder


@pytest.fixture
def spoilt_mapping(built: Checkout, inputs: Path) -> Iterator[Path]:
    """Return the mapping of the spoilt inputs under the name of the sample's, whose file is at
    risk.
    """
    (built.folder / "mappings/sample.yml").unlink()
    (built.folder / "mappings/sample.yml").symlink_to(inputs / MAPPING)
    yield inputs / MAPPING
    (built.folder / "mappings/sample.yml").unlink()
    shutil.copy(PROJECT / "mappings/sample.yml", built.folder / "mappings/sample.yml")


def assert_refused(built: Checkout, before: bytes, done: Finished, message: str) -> None:
    """Check for one line with the message, exit code 1, and an unchanged published file."""
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("build failed: ")
    assert re.search(message, done.stderr), done.stderr
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n")
    assert built.published.read_bytes() == before


# ---- what is wrong ---------------------------------------------------------------------------


class Spoilt(NamedTuple):
    """A change to one file of the inputs, and the build's message about it."""

    name: str
    spoil: Callable[[bytes], bytes]
    message: str


SPOILT = {
    "empty": Spoilt(SALES, lambda _: b"", r"sales_data\.csv is empty \(0 bytes\)"),
    "header_only": Spoilt(
        SALES,
        lambda content: content.splitlines(keepends=True)[0],
        r"sales_data\.csv has a header but no rows",
    ),
    "binary": Spoilt(
        SALES, lambda _: bytes(range(256)), r"sales_data\.csv is binary, not text: export it as CSV"
    ),
    "column_missing": Spoilt(
        SALES,
        lambda content: content.replace(b"user id", b"client", 1),
        r"no column 'user id' \(interactions\.columns\.customer\); it has: client, product id",
    ),
    "unknown_key": Spoilt(
        MAPPING,
        lambda content: content.replace(b"time:", b"tiem:", 1),
        r"sample\.yml: interactions\.columns\.tiem: unknown key; did you mean time\?",
    ),
    "wrong_time_format": Spoilt(
        MAPPING,
        lambda content: content.replace(b"%d/%m/%Y %H:%M", b"%Y-%m-%d"),
        r"none of the first 10,000 values of 'Time stamp' in sales_data\.csv fits '%Y-%m-%d', "
        r"e\.g\. [^,]+, [^,]+, [^,]+; set interactions\.time_formats",
    ),
}


@pytest.mark.parametrize("case", SPOILT)
@pytest.mark.usefixtures("spoilt_mapping")
def test_a_mistake_costs_one_line(case: str, built: Checkout, inputs: Path) -> None:
    before = built.published.read_bytes()
    name, spoil, message = SPOILT[case]
    path = inputs / name
    path.write_bytes(spoil(path.read_bytes()))
    done = built.build("--data", inputs)
    assert_refused(built, before, done, message)


def test_too_many_rejected_rows_refuse_the_build(inputs: Path, tmp_path: Path) -> None:
    """Only the build itself knows the number of rejected rows; it names the most
    frequent reason.
    """
    # Break half of the times over two lines.
    sales = (inputs / SALES).read_bytes()
    sales = re.sub(rb",(\d+/\d+)/2023 ([\d:]+)", rb',"\1\n\2"', sales)
    (inputs / SALES).write_bytes(sales)
    mapping = (inputs / MAPPING).read_text(encoding="utf-8")
    mapping = mapping.replace("folder: data/sample", f"folder: {inputs}")
    (inputs / MAPPING).write_text(mapping, encoding="utf-8")
    message = (
        r"\d+ of 11400 rows \([\d.]+%\) .*max_rejected_share.*0\.2.*"
        r"mainly malformed_timestamp\b.*such as.*1/01 8:00.*"
        r"; correct time_formats in the mapping, or raise max_rejected_share "
        r"\(warehouse unchanged; this build: "
    )
    with pytest.raises(BuildError) as failed:
        update_here(inputs / MAPPING, tmp_path / "results", ["rejected_share_is_acceptable"])
    said = in_words(failed.value)
    assert re.search(message, said) and "\n" not in said, said


def test_a_missing_file_costs_one_line(built: Checkout, inputs: Path) -> None:
    before = built.published.read_bytes()
    (inputs / SALES).rename(inputs / "sales.csv")
    done = built.build("--data", inputs)
    assert_refused(built, before, done, r"sales_data\.csv: no such file in .*did you mean")


def test_a_second_build_at_once_is_refused(built: Checkout) -> None:
    before = built.published.read_bytes()
    with (built.results / "build/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = built.build()
    message = "another build is writing to warehouse/sample/build; wait until it ends"
    assert_refused(built, before, done, message)


@pytest.mark.parametrize(
    ("memory", "message"),
    [
        ("lots", r"TOPHEAVY_MEMORY: must be a size or a part .* such as 4GB or 50%, not 'lots'"),
        ("0%", "TOPHEAVY_MEMORY: must be .* not '0%'"),
        ("150%", "TOPHEAVY_MEMORY: must be .* not '150%'"),
    ],
)
def test_a_wrong_amount_of_memory_costs_one_line(
    built: Checkout, memory: str, message: str
) -> None:
    before = built.published.read_bytes()
    done = replace(built, settings={"TOPHEAVY_MEMORY": memory}).build()
    assert_refused(built, before, done, message)


def test_too_little_memory_is_named(tmp_path: Path) -> None:
    """DuckDB's own part is 65% of it. What dbt cannot do costs one line of the command, as
    test_publish.py shows for a full disk.
    """
    with pytest.raises(BuildError) as failed:
        update_here(SAMPLE, tmp_path / "sample", ["stg_customers"], TOPHEAVY_MEMORY="10MB")
    said = in_words(failed.value)
    message = r"Out of Memory Error: .*/6\.1 MiB used\); set TOPHEAVY_MEMORY to more"
    assert re.search(message, said) and "\n" not in said, said


# ---- what is right ---------------------------------------------------------------------------


def contents(warehouse: Warehouse) -> dict[str, list[str]]:
    """Return every table's sorted rows without the files' hashes; repr keeps every bit
    of a double.
    """
    columns = "columns(lambda name: name not in ('file_key', 'sha256'))"
    names = warehouse.execute(
        "select table_name from information_schema.tables where table_catalog = current_database()"
    )
    return {
        name: sorted(map(repr, warehouse.execute(f'select {columns} from "{name}"').fetchall()))
        for (name,) in names.fetchall()
    }


def test_two_builds_give_equal_tables(built: Checkout, build: Build) -> None:
    """One is built by the command with the default mapping, the other by dbt with the mapping as a
    variable.
    """
    with built.open() as published:
        tables = contents(published)
    again = contents(build(read_mapping(SAMPLE).as_vars(), risk=True))
    del tables["build_info"]  # dbt does not write it
    assert sorted(again) == sorted(tables)
    assert [name for name in tables if again[name] != tables[name]] == []


def money_without_a_date(prices: dict[str, Decimal | None]) -> dict[str, Decimal]:
    """Return the revenue of the sample's rows without a date, by the reason for the
    missing date.
    """
    signs = {"purchase": 1, "return": -1}
    money = {"missing_timestamp": Decimal(0), "malformed_timestamp": Decimal(0)}
    with (PROJECT / "data/sample" / SALES).open(encoding="utf-8", newline="") as file:
        for sale in csv.DictReader(file):
            stamp, kind = sale["Time stamp"], sale["Interaction type"].lower()
            if kind in signs and (not stamp or stamp in MALFORMED_STAMPS):
                reason = "malformed_timestamp" if stamp else "missing_timestamp"
                money[reason] += signs[kind] * (prices.get(sale["product id"]) or 0)
    return money


def test_the_summary_shows_the_rows_and_the_largest_entities(
    built: Checkout, first_build: Finished
) -> None:
    truth = json.loads((PROJECT / "data/sample/truth.json").read_text(encoding="utf-8"))
    accounting, revenue = truth["accounting"], truth["revenue_by"]
    rejected = accounting["rejected_by_reason"]
    lines = [" ".join(line.split()) for line in first_build.stdout.splitlines()]
    assert first_build.stderr == ""
    assert lines[1:4] == [
        "sample: 2023-01-01 to 2024-12-31",
        "files 1 file read; 24 months computed",
        f"rows {accounting['raw']:,} in: {accounting['blank']} blank, "
        f"{sum(rejected.values())} rejected, {accounting['valid']:,} valid",
    ]
    with built.open() as warehouse:
        names = dict(warehouse.execute("select product_id, product_name from products").fetchall())
        prices = dict(warehouse.execute("select product_id, price from products").fetchall())
    left_out = money_without_a_date(prices)
    total = Decimal(truth["totals"]["revenue"])
    everything = total + sum(left_out.values())
    assert {line for line in lines if " rejected: " in line} == {
        f"{count} rejected: {reason}"
        + (f": {left_out[reason]:,.2f} of {everything:,.2f}" if reason in left_out else "")
        for reason, count in rejected.items()
    }
    assert f"revenue {total:,.2f}" in lines
    for dimension in ("customer", "product", "category", "hour"):
        top = revenue[dimension]
        name = names.get(top["top"], top["top"])[:32]
        assert (
            f"{dimension} {top['top_share']:.1%} {top['top_10_share']:.1%} "
            f"{top['entity_count']:,} {' '.join(name.split())}"
        ) in lines


def test_the_published_file_has_one_schema(built: Checkout) -> None:
    beside = {"report.html", "published.json", "summary.md", "summary.json"}
    opened = {built.published.name, *beside}
    assert {path.name for path in built.results.iterdir()} == {
        *("build", "current", "releases"),
        *opened,
    }
    assert {path.name for path in built.published.resolve().parent.iterdir()} == opened
    with built.open() as warehouse:
        kinds = warehouse.execute(
            "select distinct table_schema, table_type from information_schema.tables"
        ).fetchall()
        internal = warehouse.execute(
            "select table_name from duckdb_tables() "
            "where regexp_matches(table_name, '^(stg|int|raw)_')"
        ).fetchall()
        other_schemas = warehouse.execute(
            "select schema_name from duckdb_schemas() where not internal"
        ).fetchall()
    assert {*kinds} == {("main", "BASE TABLE"), ("main", "VIEW")}
    assert internal + other_schemas == []


def test_the_report_is_written_again(built: Checkout, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("the old one", encoding="utf-8")
    done = built.run("topheavy report", "--out", page)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{page} is written\n", "")
    assert page.read_bytes() == built.outputs.report.read_bytes()


def test_a_report_that_cannot_be_written_keeps_the_old_one(built: Checkout, tmp_path: Path) -> None:
    page, bare = tmp_path / "page.html", Outputs(built.folder / "warehouse" / "bare")
    page.write_text("the old one", encoding="utf-8")
    bare.folder.mkdir()
    duckdb.connect(str(bare.database)).close()
    done = built.run("topheavy report", "--mapping", "mappings/bare.yml", "--out", page)
    assert done.returncode == 1
    assert re.fullmatch(r"report failed: .*report_facts does not exist.*\n", done.stderr)
    assert page.read_text(encoding="utf-8") == "the old one"
    assert [*tmp_path.iterdir()] == [page]
