"""Check a mapping and the files that it names, as `make mapping` does with a draft.

Usage:
    python -m topheavy check mappings/NAME.yml          check the mapping and the files it names
    python -m topheavy check mappings/NAME.yml --json   and print the mapping as JSON
    python -m topheavy check --keys                     print every key as Markdown tables
    python -m topheavy check --schema                   print the JSON Schema for editors
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import read_export
from topheavy.mapping.reference import json_schema, keys_as_markdown
from topheavy.project import WORKSPACE
from topheavy.visible import guard_terminal


def size_in_words(count: float) -> str:
    """Return a number of bytes in a unit that is easy to read."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def main() -> int:
    """Check the mapping or print the reference; return the exit code."""
    guard_terminal()
    parser = argparse.ArgumentParser(description="Check a mapping and the files it names.")
    parser.add_argument("mapping", type=Path, nargs="?", help="mappings/NAME.yml")
    parser.add_argument("--json", action="store_true", help="print the mapping as JSON")
    parser.add_argument("--keys", action="store_true", help="print every key as Markdown")
    parser.add_argument("--schema", action="store_true", help="print the keys as JSON Schema")
    arguments = parser.parse_args()
    if arguments.keys or arguments.schema:
        print(keys_as_markdown() if arguments.keys else json_schema().rstrip("\n"))
        return 0
    if not arguments.mapping:
        parser.error("name a mapping, such as mappings/sample.yml")
    try:
        mapping, files = read_export(arguments.mapping, WORKSPACE, os.environ)
    except MappingError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(mapping.as_vars(), ensure_ascii=False, indent=2))
    else:
        size = size_in_words(sum(file.size for file in files))
        print(f"{arguments.mapping}: ok, {len(files)} file{'s'[: len(files) != 1]}, {size}")
    return 0
