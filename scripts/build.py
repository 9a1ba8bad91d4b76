"""Build, test and publish the warehouse: what `make build` runs.

The mapping and its files are checked first, then dbt builds and tests everything aside, and only
when every test of severity error has passed does the new file replace the published one, and its
report the one before. A failure leaves both as they were and says in one line what to do. On Spark
the tables stay where they are built.

Usage:
    python scripts/build.py [--mapping mappings/NAME.yml] [--data FOLDER] [--target spark] [--full]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import duckdb
import yaml

from build_info import ReadFile, read_files, record, refuse_changed
from dbt_run import BuildError, check_memory, run_dbt
from loading import (
    LIST_NAME,
    Load,
    code_hash,
    computed_months,
    last_load,
    plan,
    write_list,
)
from mapping import InputFile, MappingError, check
from project import BUILD_FOLDER, PROJECT, PUBLISHED, REPORT, in_project
from publish import PublishError, in_words, only_writer, publish
from stopping import Stop
from summary import read_facts, render
from transcode import SPARK, as_utf8

DEFAULT_MAPPING = Path("mappings/sample.yml")
# What DuckDB says of a file in which some lines end in CRLF and others in LF or CR.
DIFFERING_LINE_ENDS = "state machine reached an invalid state"


def build(mapping_path: Path, target: str, full: bool, stop: Stop) -> str:
    """Build and publish; return the summary. Raises MappingError, BuildError or PublishError."""
    mapping, files = check(mapping_path, PROJECT, os.environ)
    if target == "spark":
        return on_spark(mapping_path, mapping, files, stop)
    check_memory(os.environ.get("TOPHEAVY_MEMORY"))
    # Charts take a second to import: who made a mistake in the mapping need not wait for it.
    from report import report_of, write_page

    built = BUILD_FOLDER / PUBLISHED.name
    with only_writer(BUILD_FOLDER):
        read = read_files(mapping_path, files)
        last = last_load(BUILD_FOLDER)
        load = plan(mapping, read, None if full else last, code_hash())
        remove_leftovers(BUILD_FOLDER, databases=load.last is None)
        try:
            warnings = read_and_build(mapping, files, load, target)
        finally:
            keep_nothing_of_changed(read)
        stop.check()
        record(built, mapping["name"], read)
        page = report_of(built)
        publish(built, PUBLISHED)
        write_page(page, REPORT)
    with duckdb.connect(str(PUBLISHED), read_only=True) as warehouse:
        loaded = load.in_words(computed_months(BUILD_FOLDER))
        return render(read_facts(warehouse, mapping["name"]), loaded, warnings)


def on_spark(
    mapping_path: Path, mapping: dict[str, Any], files: list[InputFile], stop: Stop
) -> str:
    """Build on Spark, where nothing is published and no report written. Raises as `build` does."""
    from spark_build import Tables

    tables = Tables(os.environ)
    with only_writer(tables.folder):
        tables.remove_last_build()
        read = read_files(mapping_path, files)
        load = plan(mapping, read, None, code_hash())
        readable, copies = as_utf8(mapping, files, tables.folder / "utf8", reader=SPARK)
        # What is relative would be looked for where the tables are.
        places = {(file.block, str(file.path)): os.path.abspath(file.path) for file in files}
        write_list(load, places | copies, tables.folder / LIST_NAME)
        warnings = tables.build(variables(readable))
        refuse_changed(read)
        stop.check()
        tables.record(mapping["name"], read)
        return tables.summary(mapping["name"], load, warnings)


def read_and_build(
    mapping: dict[str, Any], files: list[InputFile], load: Load, target: str
) -> list[str]:
    """Run dbt on the files as they are, or on copies of those that its reader cannot take."""
    new = [file for file in files if (file.block, in_project(file.path)) in load.new_paths]
    try:
        return run_dbt(target, listed(mapping, new, load), BUILD_FOLDER)
    except BuildError as error:
        if DIFFERING_LINE_ENDS not in str(error):
            raise
    # Only whole reading shows differing line ends: what fails is cheaper than what looks first.
    # What was made of the rows so far says that it is of these files, and is not: from nothing.
    remove_leftovers(BUILD_FOLDER, databases=True)
    anew = load.from_nothing()
    return run_dbt(target, listed(mapping, files, anew, every_file=True), BUILD_FOLDER)


def keep_nothing_of_changed(read: list[ReadFile]) -> None:
    """Raise BuildError if a file changed under the build.

    Its rows, and sums of them, stand under the hash of what it was, which may come back: nothing
    of the build is kept.
    """
    try:
        refuse_changed(read)
    except BuildError:
        remove_leftovers(BUILD_FOLDER, databases=True)
        raise


def listed(
    mapping: dict[str, Any], new: list[InputFile], load: Load, *, every_file: bool = False
) -> dict[str, Any]:
    """Copy what has to be copied, write the list of files, and return dbt's variables."""
    readable, copies = as_utf8(mapping, new, BUILD_FOLDER / "utf8", every_file=every_file)
    write_list(load, copies, BUILD_FOLDER / LIST_NAME)
    return variables(readable)


def variables(mapping: dict[str, Any]) -> dict[str, Any]:
    """What dbt is told; passing its own default would only make it parse everything again."""
    return {} if mapping == default_mapping() else {"mapping": mapping}


def default_mapping() -> Any:
    """The mapping that dbt takes where none is passed."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    return project["vars"]["mapping"]


def remove_leftovers(folder: Path, *, databases: bool) -> None:
    """Remove what a killed build spilled; and the databases of the last one with their logs."""
    for stale in folder.glob("*.duckdb*"):
        if stale.is_dir():
            shutil.rmtree(stale)
        elif databases:
            stale.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description="Build, test and publish the warehouse.")
    parser.add_argument("--mapping", type=Path, default=DEFAULT_MAPPING, help="mappings/NAME.yml")
    parser.add_argument("--data", help="folder of the files, instead of the mapping's")
    parser.add_argument("--target", default="duckdb", help="output of profiles.yml to build on")
    parser.add_argument("--full", action="store_true", help="read every file anew")
    arguments = parser.parse_args()
    os.chdir(PROJECT)
    os.environ.setdefault("DBT_PROFILES_DIR", str(PROJECT))
    os.environ["TOPHEAVY_BUILD"] = str(BUILD_FOLDER)
    os.environ["TOPHEAVY_FILES"] = str(BUILD_FOLDER / LIST_NAME)
    if arguments.data:
        os.environ["TOPHEAVY_DATA"] = arguments.data
    stop = Stop(PUBLISHED)
    stop.listen()
    try:
        print(build(arguments.mapping, arguments.target, arguments.full, stop))
    except (MappingError, BuildError, PublishError, OSError, duckdb.Error) as error:
        print(f"build failed: {in_words(error)}", file=sys.stderr)
        return stop.exit_code if stop.number else 1
    except BaseException:
        if not stop.number:
            raise
        return stop.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
