"""The calculations of the benchmark; its timings are for people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from conftest import PROJECT

from tools.benchmark import (
    COPY,
    Lane,
    by_part,
    check_totals,
    largest,
    measure,
    part_of,
    report,
    without_databases,
)
from tools.benchmark_alternatives import LANES
from tools.benchmark_days import day_file, write_days
from tools.benchmark_process import run

SAMPLE = PROJECT / "data" / "sample"


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("models/core/interactions.sql", "load"),
        ("models/staging/stg_interactions.sql", "load"),
        ("models/core/intermediate/int_row_outcomes.sql", "load"),
        ("models/report/data_quality.sql", "report"),
        ("models/concentration/entity_values/intermediate/int_entity_months.sql", "aggregate"),
        ("models/concentration/indices/intermediate/int_value_spectrum.sql", "indices"),
        ("models/concentration/indices/concentration_indices.sql", "indices"),
        ("models/concentration/marts/customer_concentration.sql", "marts"),
        ("models/concentration/marts/entity_ranks.sql", "marts"),
        ("models/concentration/indices/_indices.yml", "tests"),
        ("tests/singular/decomposition_adds_up.sql", "tests"),
        ("seeds/category_rules.csv", "seeds"),
    ],
)
def test_every_node_belongs_to_a_part(path: str, part: str) -> None:
    assert part_of(path) == part


def test_time_outside_all_nodes_is_dbts_own() -> None:
    results = {
        "results": [
            {"unique_id": "a", "execution_time": 3.0},
            {"unique_id": "b", "execution_time": 0.5},
            {"unique_id": "c", "execution_time": 1.0},
        ]
    }
    nodes = {
        "a": {"original_file_path": "models/core/interactions.sql"},
        "b": {"original_file_path": "models/core/customers.sql"},
        "c": {"original_file_path": "tests/singular/decomposition_adds_up.sql"},
    }
    parts = by_part(results, {"nodes": nodes}, 10.0)
    assert parts == {"load": 3.5, "tests": 1.0, "dbt itself": 5.5}


def test_ratios_are_against_the_floor() -> None:
    lanes = [
        Lane("floor", [4.0, 2.0], peak_bytes=500_000_000),
        Lane("build", [5.0, 6.0, 7.0], {"load": 3.0}, 2_000_000_000),
        Lane("other", [9.0], {}, 3_000_000_000, "killed"),
    ]
    lines = report(1000, lanes).splitlines()
    assert lines[2].split() == ["floor", "2.0s", "3.0s", "1.00", "0.50", "GB"]
    assert lines[3].split() == ["build", "5.0s", "6.0s", "2.50", "2.00", "GB"]
    assert lines[4].split() == ["load", "3.0s", "1.50"]
    assert lines[5].split() == ["other", "9.0s", "9.0s", "4.50", "3.00", "GB"]
    assert lines[6].split(maxsplit=1) == ["other", "did not finish: killed"]


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_process_reports_its_resources(tmp_path: Path) -> None:
    """A process that holds 800 million bytes reports them, and the next process does not.

    A process starts with the memory of its parent. The parent here is a process of its own, because
    the one that runs the tests is large.
    """
    code = f"""
import os, sys
from pathlib import Path
from tools.benchmark_process import run
for code in ("print('done')", "print(len(b'.' * 800_000_000))"):
    done = run([sys.executable, "-c", code], Path({str(tmp_path)!r}), os.environ)
    print(done.peak_bytes, done.output, end="")
"""
    scripts = {**os.environ, "PYTHONPATH": str(PROJECT)}
    said = subprocess.run(python(code), env=scripts, capture_output=True, text=True, check=True)
    small, small_output, large, large_output = said.stdout.split()
    assert (small_output, large_output) == ("done", "800000000")
    assert int(small) < 800_000_000 <= int(large) < 900_000_000


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise MemoryError('16 GB')", "MemoryError: 16 GB"),
        ("import sys; sys.exit(3)", "exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "killed, most likely for want of memory"),
        ("import os; os.kill(os.getpid(), 15)", "ended by SIGTERM"),
    ],
)
def test_a_way_that_does_not_finish_ends_no_run(code: str, reason: str, tmp_path: Path) -> None:
    lane = measure("other", 3, lambda lane: lane.add(run(python(code), tmp_path, os.environ)))
    assert (lane.seconds, lane.unfinished) == ([], reason)


def test_a_copy_has_every_table_and_says_how_long_each_took(tmp_path: Path) -> None:
    built, copy = tmp_path / "it's built.duckdb", tmp_path / "copy.duckdb"
    with duckdb.connect(str(built)) as database:
        database.execute("create table days as select unnest(range(3)) as day")
        database.execute("create table hours as select 1 as hour")
    done = run([*python(COPY), str(built), str(copy)], tmp_path, os.environ)
    assert list(json.loads(done.output)) == ["days", "hours"]
    with duckdb.connect(str(copy), read_only=True) as database:
        assert database.execute("from days").fetchall() == [(0,), (1,), (2,)]
        assert database.execute("from hours").fetchall() == [(1,)]


def test_the_longest_are_shown() -> None:
    seconds = {name: float(place) for place, name in enumerate("abcdefg")}
    assert largest(seconds) == {"g": 6, "f": 5, "e": 4, "d": 3, "c": 2}


def test_a_way_leaves_the_disk_to_the_next(tmp_path: Path) -> None:
    """This includes a lane that was killed while it wrote to disk; dbt's parsed project stays."""
    for name in ("topheavy.duckdb", "topheavy.duckdb.tmp/spilled", "manifest.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with without_databases(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
        (tmp_path / "work.duckdb.wal").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize("lane", LANES)
def test_every_alternative_finds_the_totals_of_the_sample(lane: str, tmp_path: Path) -> None:
    totals = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["totals"]
    found = LANES[lane](SAMPLE, str(tmp_path / "lane.duckdb"))
    assert found == {
        "interactions": totals["interactions"],
        "revenue": float(totals["revenue"]),
    }


def test_a_way_that_does_other_work_ends_the_run(tmp_path: Path) -> None:
    truth = {"totals": {"interactions": 9, "revenue": "1000000.01"}}
    (tmp_path / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    check_totals("sums of doubles", {"interactions": 9, "revenue": 1000000.0100000001}, tmp_path)
    with pytest.raises(SystemExit, match=r"pandas found .*1000000\.02.*: not the same work"):
        check_totals("pandas", {"interactions": 9, "revenue": 1000000.02}, tmp_path)


def test_days_are_the_sample_again(tmp_path: Path) -> None:
    """Every line is in one file unchanged, and a line without a day is with its neighbour."""
    last_day = write_days(SAMPLE, tmp_path / "days")
    header, *lines = (SAMPLE / "sales_data.csv").read_bytes().splitlines(keepends=True)
    files = sorted((tmp_path / "days").glob("day-*.csv"))
    assert (last_day, len(files)) == (files[-1], 731)
    read = [file.read_bytes().splitlines(keepends=True) for file in files]
    assert {found[0] for found in read} == {header}
    assert sorted(line for found in read for line in found[1:]) == sorted(lines)
    days = {
        (file.name, day_file(line))
        for file, found in zip(files, read, strict=True)
        for line in found[1:]
    }
    assert all(day in (name, None) for name, day in days)
