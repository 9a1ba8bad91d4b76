"""Lint SQL with sqruff, on the parsed project and with the shortcuts of a build.

sqruff lets dbt render every file, which otherwise takes most of its time.

usage: python -m tools.lint_sql PATH...
"""

from __future__ import annotations

import sys

from dbt.adapters.factory import reset_adapters
from sqruff import run_cli
from sqruff.templaters.dbt_templater import DbtTemplater

from topheavy.build.dbt_shortcuts import shortcuts
from topheavy.build.invoke_dbt import KEPT, without_garbage_collection
from topheavy.build.parsed_project import ProjectError, default_mapping, parsed_project


def main() -> int:
    """Report violations; return 1 if there are any."""
    try:
        DbtTemplater.dbt_manifest = parsed_project("duckdb", default_mapping())
    except ProjectError as error:
        print(f"dbt cannot parse the project: {error}", file=sys.stderr)
        return 1
    # Parsing leaves an adapter behind, whose macros have been freed.
    reset_adapters()  # type: ignore[no-untyped-call]
    with shortcuts(KEPT), without_garbage_collection():
        return int(run_cli(["lint", "--quiet", *sys.argv[1:]]))


if __name__ == "__main__":
    sys.exit(main())
