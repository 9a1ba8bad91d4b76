"""Write the dashboard of a published file for Apache Superset: the command behind `make superset`.

The bundle is written beside the file, as warehouse/NAME/superset.zip; any Superset that can read
the file can import it. With --open, a temporary Superset on this machine imports it and shows the
dashboard until Ctrl-C.

Usage:
    python -m topheavy superset [--mapping mappings/NAME.yml] [--open] [--port 8088]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import duckdb

from topheavy.build.parsed_project import ProjectError, parsed_project
from topheavy.dashboards.superset_bundle import bundle, tables_of, words_of
from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import read_mapping
from topheavy.project import WORKSPACE
from topheavy.publish.outputs import Outputs, add_mapping
from topheavy.publish.publish import in_words
from topheavy.publish.published import refuse_absent
from topheavy.visible import guard_terminal
from topheavy.writing import write_whole

PYTHON = Path(".venv-superset/bin/python")
SCRIPT = "topheavy/dashboards/open_superset.py"


def write(mapping: Path, outputs: Outputs) -> Path:
    """Write the bundle. Raises MappingError, ProjectError or OSError."""
    refuse_absent(outputs)
    manifest = parsed_project("duckdb", read_mapping(mapping).as_vars())
    packed = bundle(
        tables_of(outputs.database, manifest), words_of(outputs.database), outputs.database
    )
    write_whole(packed, outputs.superset)
    return outputs.superset


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Write a dashboard for Apache Superset.")
    add_mapping(parser)
    parser.add_argument("--open", action="store_true", help="start a Superset that shows it")
    parser.add_argument("--port", type=int, default=8088, help="port on 127.0.0.1")
    arguments = parser.parse_args()
    os.chdir(WORKSPACE)
    try:
        written = write(arguments.mapping, Outputs.of(arguments.mapping))
        if arguments.open and not PYTHON.exists():
            raise MappingError(f"there is no {PYTHON}; make superset installs it")
    except (MappingError, ProjectError, duckdb.Error, OSError) as error:
        print(f"superset failed: {in_words(error)}", file=sys.stderr)
        return 1
    print(f"{written} is written")
    if not arguments.open:
        return 0
    sys.stdout.flush()
    # Python excludes the script's folder from the module search path.
    os.execv(PYTHON, [str(PYTHON), "-P", SCRIPT, str(written), str(arguments.port)])
