"""Update the tables of a build: plan which files to read, read them, build every table.

dbt's start hook reads the files directly; those that DuckDB cannot read are copied first.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from topheavy.build.build_info import ReadFile, refuse_changed
from topheavy.build.dbt_run import BuildError, LimitsBroken, run_dbt
from topheavy.build.loading import Load, computed_months, last_load, plan, table_code, write_list
from topheavy.build.open_questions import look_for_questions
from topheavy.build.transcode import as_utf8
from topheavy.mapping.files import InputFile
from topheavy.mapping.keys import ExportMapping
from topheavy.progress import line
from topheavy.publish.outputs import LIST_NAME

# DuckDB's message about a file in which some lines end in CRLF and others in LF or CR.
DIFFERING_LINE_ENDS = "state machine reached an invalid state"


class Updated(NamedTuple):
    """The result of updating the tables in the build folder."""

    loaded: str
    """A description of the files that were read and the months that were computed."""
    warnings: list[str]
    refusal: LimitsBroken | None
    """The limit that prevents publication of tables that are otherwise correct."""


def update(
    mapping: ExportMapping,
    files: list[InputFile],
    read: list[ReadFile],
    folder: Path,
    *,
    full: bool,
    only: Sequence[str] = (),
) -> Updated:
    """Read new files and build all tables, or those in `only`, on top of the last build.

    `read` are the files with their hashes, and the mapping's. The caller must be the only writer
    of the folder. Raises BuildError.
    """
    last = last_load(folder)
    load = plan(mapping, read, None if full else last, table_code())
    remove_leftovers(folder, databases=load.last is None)
    open_questions = look_for_questions(mapping, files, load, folder)
    line.update("starting dbt")
    refusal: LimitsBroken | None = None
    try:
        warnings = read_and_build(mapping, files, load, folder, open_questions, only)
    except LimitsBroken as error:
        refusal, warnings = error, error.warnings
    finally:
        discard_if_changed(read, folder)
    loaded = load.in_words(computed_months(folder))
    return Updated(loaded, [question["text"] for question in open_questions] + warnings, refusal)


def read_and_build(
    mapping: ExportMapping,
    files: list[InputFile],
    load: Load,
    folder: Path,
    open_questions: list[dict[str, Any]],
    only: Sequence[str],
) -> list[str]:
    """Run dbt on the files directly, or on copies of those that its reader cannot read."""
    new = [file for file in files if (file.block, file.source_file) in load.new_paths]
    questions = {"open_questions": open_questions} if open_questions else {}
    try:
        return run_dbt("duckdb", listed(mapping, new, load, folder) | questions, folder, only=only)
    except BuildError as error:
        if DIFFERING_LINE_ENDS not in str(error):
            raise
    # Differing line ends only show when a whole file is read, so handling the failure is cheaper
    # than checking first. The tables already record these files as loaded although they are not, so
    # the build starts from scratch.
    remove_leftovers(folder, databases=True)
    whole = load.from_scratch()
    variables = listed(mapping, files, whole, folder, every_file=True) | questions
    return run_dbt("duckdb", variables, folder, only=only)


def discard_if_changed(read: list[ReadFile], folder: Path) -> None:
    """Raise BuildError and discard the build if a file changed during it.

    Its rows and sums are recorded under the hash of its former content, which may return.
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
    """Copy the files that need it, write the list of files, and return dbt's variables."""
    readable, copies = as_utf8(mapping, new, folder / "utf8", every_file=every_file)
    write_list(load, copies, folder / LIST_NAME)
    return {"mapping": readable.as_vars()}


def remove_leftovers(folder: Path, *, databases: bool) -> None:
    """Remove temporary files of a killed build and, with `databases`, the databases and
    their logs.
    """
    for stale in folder.glob("*.duckdb*"):
        if stale.is_dir():
            shutil.rmtree(stale)
        elif databases:
            stale.unlink()
