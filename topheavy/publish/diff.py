"""Show the differences between the published release and the previous one: `make diff`.

The output lists the files, tables, findings, limits and top entities that differ, and the files
that caused the differences.

Usage:
    python -m topheavy diff [--mapping mappings/NAME.yml]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import duckdb

from topheavy.mapping.errors import MappingError
from topheavy.project import WORKSPACE
from topheavy.publish.differences import Differences, compare
from topheavy.publish.differences_in_words import as_text
from topheavy.publish.outputs import Outputs, add_mapping
from topheavy.publish.publish import PublishError, in_words, previous_of
from topheavy.publish.published import facts_beside, refuse_absent
from topheavy.visible import guard_terminal


def differences_of(before: Path, now: Path) -> Differences:
    """Compare two files.

    Raises PublishError if a version of Topheavy built one of them without the compared tables.
    """
    try:
        with (
            duckdb.connect(str(before), read_only=True) as old,
            duckdb.connect(str(now), read_only=True) as new,
        ):
            return compare(old, new)
    except duckdb.Error as error:
        raise PublishError(
            f"{before} and {now} cannot be compared, as one of them was built by another version "
            f"of Topheavy; build again to compare with the next release ({in_words(error)})"
        ) from error


def title(outputs: Outputs, before: Path) -> str:
    """Return which two releases are compared."""
    facts = facts_beside(outputs)
    name, when = (facts.get(it, "?") for it in ("mapping_name", "published_at"))
    return f"{name}: published {when} against {published_at(before)}"


def published_at(release: Path) -> str:
    """Return when the release in a folder was published, according to its facts."""
    try:
        facts = json.loads((release / "published.json").read_text(encoding="utf-8"))
        return str(facts["published_at"])
    except (OSError, ValueError, LookupError, TypeError):
        return "the release before"


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(
        description="Show the differences between the published release and the previous one."
    )
    add_mapping(parser)
    arguments = parser.parse_args()
    os.chdir(WORKSPACE)
    try:
        outputs = Outputs.of(arguments.mapping)
        refuse_absent(outputs)
        before = previous_of(outputs)
        if not before:
            raise PublishError(
                f"{outputs.folder}: there is no previous release; the second build creates one"
            )
        found = differences_of(before / outputs.database.name, outputs.database)
    except (MappingError, PublishError, OSError, duckdb.Error) as error:
        print(f"diff failed: {in_words(error)}", file=sys.stderr)
        return 1
    print(as_text(found, title(outputs, before)))
    return 0
