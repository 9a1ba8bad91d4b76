"""Put the previous release of the warehouse back: what `make rollback` runs.

The published file and the previous one change places, so that a second rollback undoes the first;
the report is written anew from what is published then.

Usage:
    python scripts/rollback.py
"""

from __future__ import annotations

import argparse
import os
import sys

import duckdb

from project import BUILD_FOLDER, PROJECT, PUBLISHED, REPORT
from publish import PublishError, in_words, only_writer, previous_of, rollback
from report import write_report


def main() -> int:
    parser = argparse.ArgumentParser(description="Put the previous release of the warehouse back.")
    parser.parse_args()
    os.chdir(PROJECT)
    try:
        with only_writer(BUILD_FOLDER):
            rollback(PUBLISHED)
    except (PublishError, OSError, duckdb.Error) as error:
        print(f"rollback failed: {in_words(error)}", file=sys.stderr)
        return 1
    print(f"rolled back: {PUBLISHED} and {previous_of(PUBLISHED)} have changed places")
    try:
        write_report(PUBLISHED, REPORT)
    except (OSError, duckdb.Error) as error:  # a release of another version
        print(f"{REPORT} is still of the other release: {in_words(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
