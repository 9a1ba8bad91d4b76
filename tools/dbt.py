"""Run a command of dbt with the shortcuts of a build, which halve the time that dbt itself takes.

usage: python -m tools.dbt build --select +concentration_indices
"""

from __future__ import annotations

import sys

from topheavy.build.invoke_dbt import invoke_dbt
from topheavy.process_end import end_process


def main() -> int:
    return 0 if invoke_dbt(["--log-level", "info", *sys.argv[1:]]).success else 1


if __name__ == "__main__":
    end_process(main())
