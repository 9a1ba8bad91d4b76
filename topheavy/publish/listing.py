"""List the published releases with their sources and times: `make list`.

Usage:
    python -m topheavy list
"""

from __future__ import annotations

import argparse
import os
from typing import Any

from topheavy.project import WORKSPACE, command
from topheavy.publish.outputs import Outputs
from topheavy.publish.published import all_published
from topheavy.visible import guard_terminal

FILES_SHOWN = 3


def described(outputs: Outputs, facts: dict[str, Any]) -> str:
    """Describe in three lines what is published in a folder."""
    files = list(facts.get("source_files") or [])
    more = f" and {len(files) - FILES_SHOWN} more" if len(files) > FILES_SHOWN else ""
    days = f"{facts.get('first_date') or '-'} to {facts.get('last_date') or '-'}"
    return "\n".join(
        (
            f"{outputs.database}, published {facts.get('published_at', 'at an unknown time')}",
            f"  {facts.get('mapping_name', '-')}: {days}, {facts.get('row_count') or 0:,} rows",
            f"  from {facts.get('mapping_file', 'an unknown mapping')}: "
            f"{', '.join(files[:FILES_SHOWN])}{more}",
        )
    )


def main() -> int:
    guard_terminal()
    argparse.ArgumentParser(description="List the published releases.").parse_args()
    os.chdir(WORKSPACE)
    found = [described(outputs, facts) for outputs, facts in all_published()]
    print("\n".join(found) if found else f"nothing is published; run {command('build')} first")
    return 0
