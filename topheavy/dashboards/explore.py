"""Open the notebook of a published file in a browser, on this machine only: `make explore`.

It runs in marimo's environment until Ctrl-C. Its address contains a token that is new at each
start.

Usage:
    .venv-explore/bin/python -m topheavy explore [--mapping mappings/NAME.yml] [--port 2718]
"""

from __future__ import annotations

import argparse
import os
import sys

from topheavy.mapping.errors import MappingError
from topheavy.project import WORKSPACE
from topheavy.publish.outputs import Outputs, add_mapping
from topheavy.publish.publish import in_words
from topheavy.publish.published import refuse_absent
from topheavy.visible import guard_terminal

# Marimo installs nothing and does not look for a newer version of itself.
RUN = (
    "-m",
    "marimo",
    "run",
    "analyses/explore.py",
    "--host",
    "127.0.0.1",
    "--no-sandbox",
    "--token",
)


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Open the notebook of a published file.")
    add_mapping(parser)
    parser.add_argument("--port", type=int, default=2718, help="port on 127.0.0.1")
    arguments = parser.parse_args()
    os.chdir(WORKSPACE)
    try:
        outputs = Outputs.of(arguments.mapping)
        refuse_absent(outputs)
    except (MappingError, OSError) as error:
        print(f"explore failed: {in_words(error)}", file=sys.stderr)
        return 1
    os.environ["TOPHEAVY_PUBLISHED"] = str(outputs.database)
    os.execv(sys.executable, [sys.executable, *RUN, "--port", str(arguments.port)])
