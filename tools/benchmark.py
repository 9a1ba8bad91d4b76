"""Compare the cost of a build with its lower bound and with alternatives, in one run.

The lower bound is one `create table as select` of the typed columns in plain DuckDB. Each
measurement is a fresh process on the same file. The output lists the best and the median of the
rounds with the peak memory of the process, sizes and versions. A lane that does not finish, for
example because memory runs out, is reported as unfinished. dbt's own record of each node divides
the time of a build into parts; the remainder is dbt itself. Copying the published tables, one by
one, gives the time below which no build of these tables can be. The same sample split into one file
per day shows the cost of a new day (see benchmark_days.py). The alternatives compute nine of the
warehouse's tables (see benchmark_alternatives.py), and all must find the totals that the sample's
generator recorded.

Usage:
    python -m tools.benchmark --rows 10000000 [--rounds 3] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import version
from math import isclose
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tools.benchmark_days import copy_project, one_round, write_days
from tools.benchmark_process import Finished, Unfinished, run
from tools.generate_sample import MAX_PRODUCTS
from topheavy.project import PROJECT

FOLDER = PROJECT / "warehouse" / "benchmark"

FLOOR = """
import duckdb, sys
duckdb.connect(sys.argv[1]).execute('''
    create table interactions as
    select
        trim("user id") as customer_id,
        trim("product id") as product_id,
        lower(trim("Interaction type")) as interaction_type,
        try_strptime(trim("Time stamp"), '%d/%m/%Y %H:%M') as interacted_at
    from read_csv(?, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')
    where "user id" is not null
''', [sys.argv[2]])
"""

# Every published table is written, from a file that contains all of them.
COPY = """
import duckdb, json, sys, time
seconds = {}
with duckdb.connect(sys.argv[2]) as database:
    database.execute("attach '" + sys.argv[1].replace("'", "''") + "' as built (read_only)")
    tables = "select table_name from duckdb_tables() where database_name = 'built' order by 1"
    for name, in database.execute(tables).fetchall():
        started = time.perf_counter()
        database.execute(f"create table {name} as select * from built.{name}")
        seconds[name] = time.perf_counter() - started
print(json.dumps(seconds))
"""
# The number of lines with the longest times that are shown.
COPIES_SHOWN = 5

# The progress line counts finished measurements; without a terminal it shows nothing.
PROGRESS = Progress(
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
    console=Console(stderr=True),
)

# The part of the build that a node belongs to: the first pattern that its path matches.
PARTS = (
    ("tests", r"^tests/|\.yml$"),
    ("load", r"^models/(staging|core)/"),
    ("report", r"^models/report/"),
    ("indices", r"^models/concentration/(indices|patterns)/"),
    ("aggregate", r"^models/concentration/(periods|entity_values)/"),
    ("risk", r"^models/risk/"),
    ("marts", r"^models/"),
    ("seeds", r"^seeds/"),
)

NINE_TABLES = (
    "customer",
    "product",
    "category",
    "segment",
    "payment",
    "daily",
    "monthly",
    "weekday",
    "hourly",
)
TOTALS = "select sum(interactions), sum(revenue) from hourly_concentration"

# The names of the alternatives in the table.
OTHER_WAYS = {
    "pandas": "nine tables: pandas",
    "polars": "nine tables: polars, lazily",
    "views": "nine tables: SQL on views",
}


@dataclass
class Lane:
    """One way of doing the work.

    It has the seconds of each round, the parts of the best round, the largest memory of any round
    in bytes, and the reason if the last round did not finish.
    """

    name: str
    seconds: list[float] = field(default_factory=list)
    parts: dict[str, float] = field(default_factory=dict)
    peak_bytes: int = 0
    unfinished: str = ""

    def add(self, done: Finished, parts: dict[str, float] | None = None) -> None:
        self.seconds.append(done.seconds)
        self.peak_bytes = max(self.peak_bytes, done.peak_bytes)
        if parts and done.seconds == self.best:
            self.parts = parts

    @property
    def best(self) -> float:
        return min(self.seconds)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def sample(rows: int) -> Path:
    """Return the generated export of that size, created once: ten rows per customer, fifty per
    product.
    """
    customers, products = rows // 10, min(rows // 50, MAX_PRODUCTS)
    folder = FOLDER / f"{rows}-{customers}-{products}"
    if not (folder / "truth.json").exists():
        note(f"writing {rows:,} rows")
        sizes = {"rows": rows, "customers": customers, "products": products}
        options = [f"--{name}={size}" for name, size in sizes.items()]
        generator = [sys.executable, "-m", "tools.generate_sample", *options]
        subprocess.run([*generator, "--out", str(folder)], check=True)
    return folder


def measure(name: str, rounds: int, once: Callable[[Lane], None]) -> Lane:
    """Run `once` for every round, or until it does not finish."""
    lane = Lane(name)
    for number in range(1, rounds + 1):
        note(f"{name}: round {number} of {rounds}")
        try:
            once(lane)
        except Unfinished as reason:
            lane.unfinished = str(reason)
            break
        note(name, done=1)
    return lane


def days(data: Path, folder: Path, rounds: int) -> list[Lane]:
    """Measure the sample as one file per day: all files but the last, and then the last added."""
    files = folder / "files"
    note("splitting the sample into days")
    last_day = write_days(data, files)
    command = copy_project(folder / "project", files)
    more = Lane("daily files: a new day")

    def once(full: Lane) -> None:
        for lane, done in zip(
            (full, more), one_round(command, folder / "project", last_day), strict=True
        ):
            lane.add(done)

    full = measure("daily files: make build", rounds, once)
    more.unfinished = full.unfinished
    shutil.rmtree(folder)
    return [full, more]


def floor(data: Path, folder: Path, lane: Lane) -> None:
    file = data / "sales_data.csv"
    command = [sys.executable, "-c", FLOOR, str(folder / "floor.duckdb"), str(file)]
    with without_databases(folder):
        lane.add(run(command, PROJECT, os.environ))


def dbt_build(data: Path, folder: Path, *options: str) -> Finished:
    """Run dbt with only its parsed project, without unit tests. Raises Unfinished."""
    written = dict.fromkeys(("TOPHEAVY_BUILD", "DBT_TARGET_PATH", "DBT_LOG_PATH"), str(folder))
    environment = {
        **os.environ,
        **written,
        "TOPHEAVY_DATA": str(data),
        "DBT_PROFILES_DIR": str(PROJECT),
    }
    dbt = [sys.executable, "-m", "dbt.cli.main", "--quiet", "build"]
    return run([*dbt, "--exclude-resource-type", "unit_test", *options], PROJECT, environment)


def full_builds(data: Path, folder: Path, rounds: int) -> list[Lane]:
    """Measure full builds with all data tests, and the time to copy the tables that
    they publish.
    """
    copied = Lane("published tables, copied")
    paths = (str(folder / name) for name in ("topheavy.duckdb", "copy.duckdb"))
    copy = [sys.executable, "-c", COPY, *paths]

    def once(lane: Lane) -> None:
        with without_databases(folder):
            lane.add(dbt_build(data, folder))
            try:
                done = run(copy, PROJECT, os.environ)
            except Unfinished as reason:
                copied.unfinished = str(reason)
                return
            # Take the last line, because DuckDB prints a progress bar before it.
            copied.add(done, largest(json.loads(done.output.splitlines()[-1])))

    full = measure("full build", rounds, once)
    copied.unfinished = copied.unfinished or full.unfinished
    return [full, copied]


def largest(seconds: Mapping[str, float]) -> dict[str, float]:
    """Return the longest of them by name."""
    return dict(sorted(seconds.items(), key=lambda item: -item[1])[:COPIES_SHOWN])


def node_by_node(data: Path, folder: Path, lane: Lane) -> None:
    """Run the nodes one after another, so that the seconds of the parts add up."""
    with without_databases(folder):
        done = dbt_build(data, folder, "--threads", "1")
    parts = by_part(
        json.loads((folder / "run_results.json").read_text()),
        json.loads((folder / "manifest.json").read_text()),
        done.seconds,
    )
    lane.add(done, parts)


def nine_tables(data: Path, folder: Path, lane: Lane) -> None:
    """Measure a build of the tables that the alternatives compute, without tests, as they have
    none.
    """
    selected = (f"+{name}_concentration" for name in NINE_TABLES)
    with without_databases(folder):
        done = dbt_build(data, folder, "test", "--select", *selected)
        with duckdb.connect(str(folder / "topheavy.duckdb"), read_only=True) as warehouse:
            count, revenue = warehouse.execute(TOTALS).fetchall()[0]
    check_totals("topheavy", {"interactions": int(count), "revenue": float(revenue)}, data)
    lane.add(done)


def other_way(name: str, data: Path, folder: Path, lane: Lane) -> None:
    """Measure an alternative that computes nine of the tables."""
    command = [sys.executable, "-W", "ignore", "-m", "tools.benchmark_alternatives", name]
    with without_databases(folder):
        done = run([*command, str(data), str(folder / "lane.duckdb")], PROJECT, os.environ)
    check_totals(name, json.loads(done.output.splitlines()[-1]), data)
    lane.add(done)


def check_totals(name: str, found: Mapping[str, float], data: Path) -> None:
    """End the run if a lane found other totals than the sample's generator recorded.

    Two of the alternatives add up doubles, whose last digits depend on the order.
    """
    booked = json.loads((data / "truth.json").read_text(encoding="utf-8"))["totals"]
    if not all(isclose(float(booked[key]), found[key], rel_tol=1e-12) for key in found):
        raise SystemExit(f"{name} found {found}, the sample has {booked}: not the same work")


def by_part(results: dict[str, Any], manifest: dict[str, Any], total: float) -> dict[str, float]:
    """Return the seconds of a build by part; the time outside all nodes is dbt's own."""
    parts: dict[str, float] = defaultdict(float)
    for result in results["results"]:
        node = manifest["nodes"].get(result["unique_id"], {})
        path = node.get("original_file_path", "")
        parts[part_of(path)] += result["execution_time"]
    parts["dbt itself"] = total - sum(parts.values())
    return dict(parts)


def part_of(path: str) -> str:
    return next((name for name, pattern in PARTS if re.search(pattern, path)), "dbt itself")


@contextmanager
def without_databases(folder: Path) -> Iterator[None]:
    """Start a round with only dbt's parsed project, and free the disk for the next one."""
    folder.mkdir(parents=True, exist_ok=True)
    clear(folder)
    try:
        yield
    finally:
        clear(folder)


def clear(folder: Path) -> None:
    for stale in folder.glob("*.duckdb*"):
        shutil.rmtree(stale) if stale.is_dir() else stale.unlink()


def report(rows: int, lanes: list[Lane]) -> str:
    """Return lanes and parts as a table; ratios refer to the first lane."""
    packages = ("duckdb", "dbt-core", "pandas", "polars")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    base = lanes[0].best
    machine = f"{os.cpu_count()} processors; Python {platform.python_version()}"
    lines = [
        f"{rows:,} rows; {machine}, {versions}",
        f"{'':<28}{'best':>9}{'median':>9}{'ratio':>8}{'memory':>10}",
    ]
    for lane in lanes:
        if lane.seconds:
            lines.append(
                f"{lane.name:<28}{lane.best:>8.1f}s{lane.median:>8.1f}s{lane.best / base:>8.2f}"
                f"{lane.peak_bytes / 1e9:>7.2f} GB"
            )
        if lane.unfinished:
            lines.append(f"{lane.name:<28}did not finish: {lane.unfinished}")
        for part, seconds in sorted(lane.parts.items(), key=lambda item: -item[1]):
            lines.append(f"  {part:<26}{seconds:>8.1f}s{'':>9}{seconds / base:>8.2f}")
    return "\n".join(lines)


def note(text: str, done: int = 0) -> None:
    """Show what is being measured, and count finished measurements."""
    for task in PROGRESS.task_ids:
        PROGRESS.update(task, description=text, advance=done)


def measure_all(data: Path, rounds: int) -> list[Lane]:
    """Measure every lane on the sample in `data`, one after another."""
    PROGRESS.add_task("", total=rounds * (5 + len(OTHER_WAYS)))
    bare = measure("floor: typed table", rounds, partial(floor, data, FOLDER / "floor"))
    if bare.unfinished:
        raise SystemExit(f"the floor did not finish: {bare.unfinished}")
    return [
        bare,
        *full_builds(data, FOLDER / "build", rounds),
        measure("full build, node by node", rounds, partial(node_by_node, data, FOLDER / "build")),
        *days(data, FOLDER / "days", rounds),
        measure("nine tables: topheavy", rounds, partial(nine_tables, data, FOLDER / "nine")),
        *(
            measure(title, rounds, partial(other_way, name, data, FOLDER / "other"))
            for name, title in OTHER_WAYS.items()
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Time a build against the floor.")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    os.chdir(PROJECT)
    with PROGRESS:
        lanes = measure_all(sample(arguments.rows), arguments.rounds)
    if arguments.json:
        print(json.dumps([asdict(lane) for lane in lanes], indent=2))
    else:
        print(report(arguments.rows, lanes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
