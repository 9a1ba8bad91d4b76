"""Put the previous release of the warehouse back: what `make rollback` runs.

The published file and the previous one change places, so that a second rollback undoes the first.

Usage:
    python scripts/rollback.py
"""

from __future__ import annotations

import argparse
import os
import sys

import duckdb

from build import BUILD_FOLDER, PUBLISHED
from mapping import PROJECT
from publish import PublishError, in_words, only_writer, previous_of, rollback


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
    return 0


if __name__ == "__main__":
    sys.exit(main())
