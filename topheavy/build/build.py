"""Build, test and publish the warehouse: what `make build` runs.

The mapping and its files are checked first, then dbt builds and tests everything aside, and only
when every test of severity error has passed do the new file, its report and its summary replace the
published ones. A failure leaves them as they were and says in one line what to do; of a build that
only a limit forbids to publish the report stays to look at. On Spark
the tables stay where they are built. Each mapping has a folder of its own (see publish/outputs.py).

Usage:
    python -m topheavy build --files "sales.csv customers.csv" [--name NAME]
    python -m topheavy build [--mapping mappings/NAME.yml] [--data FOLDER] [--target spark] [--full]
        [--export "parquet csv xlsx"]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from topheavy.build.build_info import ReadFile, Spread, read_files, record, refuse_changed
from topheavy.build.dbt_run import BuildError, LimitsBroken, check_memory, run_dbt
from topheavy.build.interruption import Stop
from topheavy.build.loading import Load, code_hash, computed_months, last_load, plan, write_list
from topheavy.build.open_questions import look_for_questions
from topheavy.build.parsed_project import PACKAGES
from topheavy.build.transcode import as_utf8
from topheavy.mapping.errors import MappingError
from topheavy.mapping.files import InputFile
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.reading import read_export, with_types_of
from topheavy.project import WORKSPACE
from topheavy.publish.diff import differences_of
from topheavy.publish.export import ExportError, refuse_unknown, with_release
from topheavy.publish.notify import notify
from topheavy.publish.outputs import LIST_NAME, Outputs, add_mapping
from topheavy.publish.publish import PublishError, in_words, only_writer, publish
from topheavy.publish.published import facts_beside, facts_of, refuse_other_owner
from topheavy.publish.release_summary import Summary, as_json, as_message, as_page, read_summary
from topheavy.publish.summary import next_steps, read_facts, render
from topheavy.visible import guard_terminal

if TYPE_CHECKING:
    from topheavy.build.spark_build import Tables

# What DuckDB says of a file in which some lines end in CRLF and others in LF or CR.
DIFFERING_LINE_ENDS = "state machine reached an invalid state"


def build(mapping_path: Path, outputs: Outputs, target: str, full: bool, stop: Stop) -> str:
    """Build and publish; return the summary. Raises MappingError, BuildError or PublishError."""
    mapping, files = read_export(mapping_path, WORKSPACE, os.environ)
    refuse_other_owner(mapping_path, outputs)
    if target == "spark":
        return on_spark(mapping_path, mapping, files, stop)
    refuse_relations_of_target(mapping_path, files)
    check_memory(os.environ.get("TOPHEAVY_MEMORY"))
    # Charts take a second to import: who made a mistake in the mapping need not wait for it.
    from topheavy.report.page import report_of

    built = outputs.build / outputs.database.name
    with only_writer(outputs.build):
        shutil.rmtree(outputs.refused, ignore_errors=True)
        updated = update(mapping_path, mapping, files, outputs.build, full=full)
        stop.check()
        record(built, mapping, updated.read)
        told = summary_of(built, mapping, updated.warnings, outputs, updated.refusal)
        texts = {outputs.summary: as_page(told), outputs.summary_data: as_json(told)}
        if updated.refusal:
            refuse(built, texts, outputs, updated.refusal)
        else:
            facts = facts_of(built)
            page = report_of(built, facts["published_at"])
            stop.check()
            publish(built, page, facts, outputs, texts)
    not_told = notify(texts[outputs.summary], as_message(told), os.environ)
    if updated.refusal:
        place = f"its report: {outputs.refused / outputs.report.name}"
        raise BuildError("; ".join([f"{updated.refusal}; {place}", *not_told]))
    steps = next_steps(outputs.report, outputs.database)
    return render(told.facts, updated.loaded, updated.warnings + not_told, steps)


class Updated(NamedTuple):
    """What came of bringing the tables in the build folder up to date."""

    read: list[ReadFile]
    loaded: str
    """Which files were read and which months computed, in words."""
    warnings: list[str]
    refusal: LimitsBroken | None
    """Which limit forbids to publish tables that are otherwise in order."""


def update(
    mapping_path: Path,
    mapping: ExportMapping,
    files: list[InputFile],
    folder: Path,
    *,
    full: bool,
    only: Sequence[str] = (),
) -> Updated:
    """Read what is new and make every table, or with `only` some, on top of the last build.

    Raises BuildError. The caller is the only writer of the folder.
    """
    read = read_files(mapping_path, files)
    last = last_load(folder)
    load = plan(mapping, read, None if full else last, code_hash())
    remove_leftovers(folder, databases=load.last is None)
    doubts = look_for_questions(mapping, files, load, folder)
    refusal: LimitsBroken | None = None
    try:
        warnings = read_and_build(mapping, files, load, folder, doubts, only)
    except LimitsBroken as error:
        refusal, warnings = error, error.warnings
    finally:
        keep_nothing_of_changed(read, folder)
    loaded = load.in_words(computed_months(folder))
    return Updated(read, loaded, [doubt["text"] for doubt in doubts] + warnings, refusal)


def summary_of(
    built: Path,
    mapping: ExportMapping,
    warnings: list[str],
    outputs: Outputs,
    refusal: LimitsBroken | None,
) -> Summary:
    """What the finished build says, and what differs from what is published."""
    since, changes = "", None
    if outputs.database.exists():
        since = str(facts_beside(outputs).get("published_at", "an unknown time"))
        try:
            changes = differences_of(outputs.database, built)
        except PublishError as error:
            warnings.append(in_words(error))
    with duckdb.connect(str(built), read_only=True) as warehouse:
        facts = read_facts(warehouse, mapping.name, mapping.currency_code)
        refused = refusal.limits if refusal else ""
        return read_summary(warehouse, facts, warnings, since, changes, refused)


def refuse(built: Path, texts: Mapping[Path, str], outputs: Outputs, refusal: LimitsBroken) -> None:
    """Leave the report and the summary of a refused build where nobody takes them for published."""
    from topheavy.report.page import report_of, write_page

    write_page(report_of(built, "", refusal.limits), outputs.refused / outputs.report.name)
    for file, text in texts.items():
        write_page(text, outputs.refused / file.name)


def refuse_relations_of_target(mapping_path: Path, files: list[InputFile]) -> None:
    """Raise MappingError for a table of the database that is built: that one is new each time."""
    for file in files:
        if file.path == Path():
            raise MappingError(
                f"{mapping_path}: {file.block}.relation: '{file.relation}' names no file that has "
                "it; add database: FILE.duckdb, or run dbt build on the database that has it"
            )


def on_spark(mapping_path: Path, mapping: ExportMapping, files: list[InputFile], stop: Stop) -> str:
    """Build on Spark, where nothing is published and no report written. Raises as `build` does."""
    from topheavy.build.spark_build import LOG, Tables, java_output_to, on_workers, session
    from topheavy.build.spark_relations import with_spark_relations

    tables = Tables(os.environ)
    with only_writer(tables.folder), java_output_to(LOG):
        tables.remove_last_build()
        spark = session()
        spread = on_workers(spark)
        files = with_spark_relations(spark, mapping, files, tables.folder / "relations")
        mapping = with_types_of(mapping, files)
        read = read_files(mapping_path, files, spread)
        load = plan(mapping, read, None, code_hash())
        doubts = look_for_questions(mapping, files, load, tables.folder)
        variables = ingested(mapping, files, load, tables, spread)
        warnings = tables.build(variables | ({"open_questions": doubts} if doubts else {}))
        refuse_changed(read)
        stop.check()
        tables.record(mapping, read)
        warnings = [doubt["text"] for doubt in doubts] + warnings
        return tables.summary(mapping, load, warnings)


def ingested(
    mapping: ExportMapping, files: list[InputFile], load: Load, tables: Tables, spread: Spread
) -> dict[str, Any]:
    """Let workers read the files, or copies of those that DuckDB cannot take; dbt's variables."""
    places = {(file.block, str(file.path)): os.path.abspath(file.path) for file in files}
    for every_file in (False, True):
        readable, copies = as_utf8(mapping, files, tables.folder / "utf8", every_file=every_file)
        try:
            tables.ingest(readable, load.read_from(places | copies), spread)
        except BuildError as error:
            if every_file or DIFFERING_LINE_ENDS not in str(error):
                raise
            continue
        break
    return {"mapping": readable.as_vars()}


def read_and_build(
    mapping: ExportMapping,
    files: list[InputFile],
    load: Load,
    folder: Path,
    doubts: list[dict[str, Any]],
    only: Sequence[str],
) -> list[str]:
    """Run dbt on the files as they are, or on copies of those that its reader cannot take."""
    new = [file for file in files if (file.block, file.source_file) in load.new_paths]
    questions = {"open_questions": doubts} if doubts else {}
    try:
        return run_dbt("duckdb", listed(mapping, new, load, folder) | questions, folder, only=only)
    except BuildError as error:
        if DIFFERING_LINE_ENDS not in str(error):
            raise
    # Only whole reading shows differing line ends: what fails is cheaper than what looks first.
    # What was made of the rows so far says that it is of these files, and is not: from nothing.
    remove_leftovers(folder, databases=True)
    anew = load.from_nothing()
    variables = listed(mapping, files, anew, folder, every_file=True) | questions
    return run_dbt("duckdb", variables, folder, only=only)


def keep_nothing_of_changed(read: list[ReadFile], folder: Path) -> None:
    """Raise BuildError if a file changed under the build.

    Its rows, and sums of them, stand under the hash of what it was, which may come back: nothing
    of the build is kept.
    """
    try:
        refuse_changed(read)
    except BuildError:
        remove_leftovers(folder, databases=True)
        raise


def listed(
    mapping: ExportMapping,
    new: list[InputFile],
    load: Load,
    folder: Path,
    *,
    every_file: bool = False,
) -> dict[str, Any]:
    """Copy what has to be copied, write the list of files, and return dbt's variables."""
    readable, copies = as_utf8(mapping, new, folder / "utf8", every_file=every_file)
    write_list(load, copies, folder / LIST_NAME)
    return {"mapping": readable.as_vars()}


def forms_of(export: str, target: str) -> list[str]:
    """What to write with the release. Raises ExportError for a form that there is not."""
    forms = export.split()
    for form in forms:
        refuse_unknown("EXPORT", form)
    if forms and target == "spark":
        raise ExportError("EXPORT: a build on Spark publishes nothing; its tables are Parquet")
    return forms


def remove_leftovers(folder: Path, *, databases: bool) -> None:
    """Remove what a killed build spilled; and the databases of the last one with their logs."""
    for stale in folder.glob("*.duckdb*"):
        if stale.is_dir():
            shutil.rmtree(stale)
        elif databases:
            stale.unlink()


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Build, test and publish the warehouse.")
    add_mapping(parser)
    parser.add_argument("--files", default="", help="an export's files, to be drafted first")
    parser.add_argument("--name", help="the name of the mapping that is drafted")
    parser.add_argument("--data", help="folder of the files, instead of the mapping's")
    parser.add_argument("--target", default="duckdb", help="output of profiles.yml to build on")
    parser.add_argument("--full", action="store_true", help="read every file anew")
    parser.add_argument("--export", default="", help="what to write with the release")
    arguments = parser.parse_args()
    os.chdir(WORKSPACE)
    if arguments.data:
        os.environ["TOPHEAVY_DATA"] = arguments.data
    stop = Stop()
    stop.listen()
    try:
        if arguments.target not in PACKAGES:
            known = " or ".join(PACKAGES)
            raise BuildError(f"TARGET: must be {known}, not {arguments.target!r}")
        forms = forms_of(arguments.export, arguments.target)
        mapping = arguments.mapping
        if arguments.files:
            # Drafting takes a second to import: a mapping needs none of it.
            from topheavy.draft.from_files import mapping_of_files

            mapping = mapping_of_files(arguments.files, arguments.name)
        outputs = Outputs.of(mapping)
        outputs.tell(os.environ)
        stop.watch(outputs.database)
        print(build(mapping, outputs, arguments.target, arguments.full, stop))
        for said in with_release(outputs, forms):
            print(f"  export    {said}")
    except (MappingError, BuildError, PublishError, ExportError, OSError, duckdb.Error) as error:
        print(f"build failed: {in_words(error)}", file=sys.stderr)
        return stop.exit_code if stop.number else 1
    except BaseException:
        if not stop.number:
            raise
        return stop.exit_code
    return 0
