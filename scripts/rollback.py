"""Put the previous release of the warehouse back: what `make rollback` runs.

The published file and the previous one change places, so that a second rollback undoes the first;
the report is written anew from what is published then.

Usage:
    python scripts/rollback.py [--mapping mappings/NAME.yml]
"""

from __future__ import annotations

import argparse
import os
import sys

import duckdb

from mapping_keys import MappingError
from outputs import Outputs, add_mapping
from project import PROJECT
from publish import PublishError, in_words, only_writer, previous_of, rollback
from published import refuse_absent
from report import write_report


def main() -> int:
    parser = argparse.ArgumentParser(description="Put the previous release of the warehouse back.")
    add_mapping(parser)
    arguments = parser.parse_args()
    os.chdir(PROJECT)
    try:
        outputs = Outputs.of(arguments.mapping)
        refuse_absent(outputs)
        with only_writer(outputs.build):
            rollback(outputs.database)
    except (MappingError, PublishError, OSError, duckdb.Error) as error:
        print(f"rollback failed: {in_words(error)}", file=sys.stderr)
        return 1
    previous = previous_of(outputs.database)
    print(f"rolled back: {outputs.database} and {previous} have changed places")
    try:
        write_report(outputs.database, outputs.report)
    except (OSError, duckdb.Error) as error:  # a release of another version
        print(f"{outputs.report} is still of the other release: {in_words(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
