"""Restore the previous release of the warehouse: `make rollback`.

The file, its report and the facts beside them are restored together; a second rollback undoes the
first.

Usage:
    python -m topheavy rollback [--mapping mappings/NAME.yml]
"""

from __future__ import annotations

import argparse
import os
import sys

import duckdb

from topheavy.mapping.errors import MappingError
from topheavy.project import WORKSPACE
from topheavy.publish.outputs import Outputs, add_mapping
from topheavy.publish.publish import PublishError, in_words, only_writer, rollback
from topheavy.publish.published import facts_beside, refuse_absent
from topheavy.visible import guard_terminal


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Restore the previous release of the warehouse.")
    add_mapping(parser)
    arguments = parser.parse_args()
    os.chdir(WORKSPACE)
    try:
        outputs = Outputs.of(arguments.mapping)
        refuse_absent(outputs)
        with only_writer(outputs.build):
            rollback(outputs)
    except (MappingError, PublishError, OSError, duckdb.Error) as error:
        print(f"rollback failed: {in_words(error)}", file=sys.stderr)
        return 1
    when = facts_beside(outputs).get("published_at", "before")
    print(f"rolled back: {outputs.database} and its report are those published {when}")
    return 0
