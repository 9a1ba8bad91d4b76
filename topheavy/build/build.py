"""Build, test and publish the warehouse: the command behind `make build`.

The mapping and its files are checked first. If everything that the published release was made from
is unchanged, the release stays. Otherwise dbt builds and tests everything in a separate folder.
Only when every test of severity error has passed do the new file, its report and its summary
replace the published ones. A failed build leaves those unchanged and prints one line with the
remedy; if only a limit prevents publication, the report of the refused build is kept for reading.
On Spark the tables stay where they are built (see spark_build.py). Each mapping has its own folder
(see publish/outputs.py).

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
from collections.abc import Mapping
from pathlib import Path

import duckdb

from topheavy.build.build_info import read_files, record
from topheavy.build.dbt_run import BuildError, LimitsBroken, check_memory
from topheavy.build.inputs import inputs_hash, unchanged
from topheavy.build.interruption import Stop
from topheavy.build.parsed_project import PACKAGES
from topheavy.build.tables import update
from topheavy.mapping.errors import MappingError
from topheavy.mapping.files import InputFile
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.reading import read_export
from topheavy.progress import line
from topheavy.project import WORKSPACE
from topheavy.publish.diff import differences_of
from topheavy.publish.export import ExportError, refuse_unknown, with_release
from topheavy.publish.notify import notify
from topheavy.publish.outputs import Outputs, add_mapping
from topheavy.publish.publish import PublishError, in_words, only_writer, publish
from topheavy.publish.published import facts_beside, facts_of, refuse_other_owner
from topheavy.publish.release_summary import Summary, as_json, as_message, as_page, read_summary
from topheavy.publish.summary import next_steps, read_facts, render
from topheavy.visible import guard_terminal
from topheavy.writing import write_whole


def build(mapping_path: Path, outputs: Outputs, target: str, full: bool, stop: Stop) -> str:
    """Build and publish; return the summary. Raises MappingError, BuildError or PublishError."""
    line.update("reading the mapping and its files")
    mapping, files = read_export(mapping_path, WORKSPACE, os.environ)
    refuse_other_owner(mapping_path, outputs)
    if target == "spark":
        from topheavy.build.spark_build import build_on_spark

        return build_on_spark(mapping_path, mapping, files, stop)
    refuse_relations_of_target(mapping_path, files)
    check_memory(os.environ.get("TOPHEAVY_MEMORY"))
    built = outputs.build / outputs.database.name
    with only_writer(outputs.build):
        shutil.rmtree(outputs.refused, ignore_errors=True)
        line.update("looking for files that are new or changed")
        read = read_files(mapping_path, files)
        inputs = inputs_hash(mapping, read, os.environ)
        if not full and (as_before := unchanged(outputs, mapping, inputs)):
            unsent = notify(outputs.summary.read_text(encoding="utf-8"), None, os.environ)
            return "\n".join([as_before, *(f"  warning   {failure}" for failure in unsent)])
        updated = update(mapping, files, read, outputs.build, full=full)
        stop.check()
        record(built, mapping, read)
        line.update("comparing with the previous release")
        summary = summary_of(built, mapping, updated.warnings, outputs, updated.refusal)
        texts = {
            outputs.summary: as_page(summary),
            outputs.summary_data: as_json(summary),
        }
        line.update("writing the report")
        release(built, inputs, texts, outputs, updated.refusal, stop)
    unsent = notify(texts[outputs.summary], as_message(summary), os.environ)
    if updated.refusal:
        place = f"its report: {outputs.refused / outputs.report.name}"
        raise BuildError("; ".join([f"{updated.refusal}; {place}", *unsent]))
    steps = next_steps(outputs.report, outputs.database)
    return render(summary.facts, updated.loaded, updated.warnings + unsent, steps)


def release(
    built: Path,
    inputs: str,
    texts: Mapping[Path, str],
    outputs: Outputs,
    refusal: LimitsBroken | None,
    stop: Stop,
) -> None:
    """Publish a build with its report and texts, or store them separately if a limit forbids it.

    `inputs` is the hash of what it was made from.
    """
    # Charts take a second to import, which a user with a mistake in the mapping need not wait for.
    from topheavy.report.page import report_of

    if refusal:
        refuse(built, texts, outputs, refusal)
        return
    facts = facts_of(built) | {"inputs_sha256": inputs}
    page = report_of(built, facts["published_at"])
    stop.check()
    publish(built, page, facts, outputs, texts)


def summary_of(
    built: Path,
    mapping: ExportMapping,
    warnings: list[str],
    outputs: Outputs,
    refusal: LimitsBroken | None,
) -> Summary:
    """Summarize the finished build, and how it differs from the published release."""
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
    """Write the report and summary of a refused build to a folder for refused builds."""
    from topheavy.report.page import report_of

    write_whole(report_of(built, "", refusal.limits), outputs.refused / outputs.report.name)
    for file, text in texts.items():
        write_whole(text, outputs.refused / file.name)


def refuse_relations_of_target(mapping_path: Path, files: list[InputFile]) -> None:
    """Raise MappingError for a table of the target database, which is new for each build."""
    for file in files:
        if file.path == Path():
            raise MappingError(
                f"{mapping_path}: {file.block}.relation: '{file.relation}' is not in a file; add "
                "database: FILE.duckdb, or run dbt build in the database that contains it"
            )


def forms_of(export: str, target: str) -> list[str]:
    """Return the formats to export with the release. Raises ExportError for an unknown format."""
    forms = export.split()
    for form in forms:
        refuse_unknown("EXPORT", form)
    if forms and target == "spark":
        raise ExportError("EXPORT: a build on Spark publishes nothing; its tables are Parquet")
    return forms


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Build, test and publish the warehouse.")
    add_mapping(parser)
    parser.add_argument(
        "--files", default="", help="an export's files, for which a mapping is drafted first"
    )
    parser.add_argument("--name", help="the name of the mapping that is drafted")
    parser.add_argument("--data", help="folder of the files, instead of the mapping's")
    parser.add_argument("--target", default="duckdb", help="output of profiles.yml to build on")
    parser.add_argument("--full", action="store_true", help="read every file again")
    parser.add_argument("--export", default="", help="formats to export with the release")
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
            # Drafting takes a second to import, and a given mapping does not need it.
            from topheavy.draft.from_files import mapping_of_files

            mapping = mapping_of_files(arguments.files, arguments.name)
        outputs = Outputs.of(mapping)
        outputs.set_environment(os.environ)
        stop.watch(outputs.database)
        summary = build(mapping, outputs, arguments.target, arguments.full, stop)
        line.stop()
        print(summary)
        for message in with_release(outputs, forms):
            print(f"  export    {message}")
    except (MappingError, BuildError, PublishError, ExportError, OSError, duckdb.Error) as error:
        line.stop()
        print(f"build failed: {in_words(error)}", file=sys.stderr)
        return stop.exit_code if stop.number else 1
    except BaseException:
        if not stop.number:
            raise
        return stop.exit_code
    finally:
        line.stop()
    return 0
