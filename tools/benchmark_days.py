"""Measure the cost of a new day: build the sample as one file per day, then add the last day.

Both builds are complete runs of `topheavy build` (checks, hashes, tests, publishing, the report).
They run in a copy of the project, so that the user's published files stay unchanged.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import yaml

from tools.benchmark_process import Finished, run
from topheavy.mapping.reading import read_mapping
from topheavy.project import PROJECT

PARTS = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests", "topheavy")
MAPPING = PROJECT / "mappings" / "sample.yml"
STAMP = 3  # the column of sales_data.csv, counted from 0
BYTES_KEPT = 1 << 24


def write_days(data: Path, folder: Path) -> Path:
    """Split the sales of the sample by day; return the file of the last day.

    A line without a readable day goes into the file of the line before it.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("customer_details.csv", "product_details.csv"):
        (folder / name).symlink_to((data / name).resolve())
    kept: dict[str, bytearray] = defaultdict(bytearray)
    with (data / "sales_data.csv").open("rb") as sales:
        header = sales.readline()
        name, size = "", 0
        for line in sales:
            name = day_file(line) or name
            kept[name] += line
            size += len(line)
            if size > BYTES_KEPT:
                flush(kept, folder, header)
                size = 0
    flush(kept, folder, header)
    return max(folder.glob("day-*.csv"))


def day_file(line: bytes) -> str | None:
    """Return the file of a line's day; None if its timestamp is not a date with a time of day.

    All malformed timestamps of the sample contain the same day. Together they would be the first
    lines of its file, and a build refuses a file whose first timestamps cannot be read.
    """
    stamp = line.split(b",")[STAMP : STAMP + 1]
    try:
        day, month, year, hour, minute = map(int, re.split(rb"[/ :]", stamp[0] if stamp else b""))
        return f"day-{datetime(year, month, day, hour, minute):%Y-%m-%d}.csv"
    except ValueError:
        return None


def flush(kept: dict[str, bytearray], folder: Path, header: bytes) -> None:
    for name, lines in kept.items():
        path = folder / name
        is_new = not path.exists()
        with path.open("ab") as file:
            file.write(header * is_new + lines)
    kept.clear()


def copy_project(folder: Path, days: Path) -> list[str]:
    """Copy what a build needs; return the command that builds the days there."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in PARTS:
        source = PROJECT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        folder.mkdir(parents=True, exist_ok=True)
        copy(source, folder / name)
    mapping = read_mapping(MAPPING).as_vars()
    mapping["interactions"]["files"] = "day-*.csv"
    path = folder / "days.yml"
    path.write_text(yaml.safe_dump({**mapping, "folder": str(days)}), encoding="utf-8")
    return [sys.executable, "-m", "topheavy", "build", "--mapping", str(path)]


def build(command: list[str], folder: Path) -> Finished:
    """Build without the environment variables of other builds. Raises Unfinished."""
    own = ("DBT_", "TOPHEAVY_BUILD", "TOPHEAVY_FILES", "TOPHEAVY_DATA")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    return run(command, folder, environment)


def one_round(command: list[str], project: Path, last_day: Path) -> tuple[Finished, Finished]:
    """Measure a full build without the last day, and a build that adds it."""
    held_back = last_day.with_suffix(".held")
    last_day.rename(held_back)
    try:
        full = build([*command, "--full"], project)
    finally:
        held_back.rename(last_day)
    return full, build(command, project)
