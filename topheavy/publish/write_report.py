"""Write the report of the published file again, for example after a change to the page.

Usage:
    python -m topheavy report [--mapping mappings/NAME.yml] [--out report.html]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import duckdb

from topheavy.mapping.errors import MappingError
from topheavy.project import WORKSPACE
from topheavy.publish.outputs import Outputs, add_mapping
from topheavy.publish.publish import in_words
from topheavy.publish.published import facts_beside, refuse_absent
from topheavy.visible import guard_terminal
from topheavy.writing import write_whole


def main() -> int:
    """Write the page; return the exit code."""
    guard_terminal()
    parser = argparse.ArgumentParser(description="Write the report of the published file again.")
    add_mapping(parser)
    parser.add_argument("--out", type=Path, default=Path("report.html"), help="where to write it")
    arguments = parser.parse_args()
    os.chdir(WORKSPACE)
    try:
        outputs = Outputs.of(arguments.mapping)
        refuse_absent(outputs)
        # Charts take a second to import, which a user with a mistake need not wait for.
        from topheavy.report.page import report_of

        when = str(facts_beside(outputs).get("published_at", ""))
        write_whole(report_of(outputs.database, when), arguments.out)
    except (MappingError, OSError, duckdb.Error) as error:
        print(f"report failed: {in_words(error)}", file=sys.stderr)
        return 1
    print(f"{arguments.out} is written")
    return 0
