"""Run the commands: `python -m topheavy build` and the others that `make` calls."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

from topheavy.process_end import end_process

# Each command's module is imported only when the command runs: charts and dbt take a second each.
COMMANDS = {
    "build": ("build.build", "build, test and publish the warehouse"),
    "draft": ("draft.propose", "draft a mapping for an export's files"),
    "check": ("mapping.check", "check a mapping and the files it names"),
    "report": ("publish.write_report", "write the report of the published file again"),
    "list": ("publish.listing", "show what is published, from what and when"),
    "diff": ("publish.diff", "show what differs from the previous release"),
    "rollback": ("publish.rollback", "restore the previous release"),
    "export": ("publish.export", "write the published tables as Parquet, CSV or a workbook"),
    "docs": ("build.model_docs", "write a page that describes every model and column"),
    "superset": ("dashboards.write_superset", "write a dashboard for Apache Superset"),
    "explore": ("dashboards.explore", "open a notebook over the published file"),
}
USAGE = "\n".join(
    [
        "usage: python -m topheavy COMMAND [OPTION...]",
        *(f"  {name:<10}{meaning}" for name, (_, meaning) in COMMANDS.items()),
        "COMMAND --help lists the options of a command.",
    ]
)


def main() -> int:
    """Run the command that the first argument names; return its exit code."""
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("-h", "--help"):
        print(USAGE)
        return 0
    if name not in COMMANDS:
        print(f"no command {name!r}; there are {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    if name == "build" and "--help" not in sys.argv:
        # The imports of a build take a second; the progress line shows that something is happening.
        from topheavy.progress import line

        line.start("starting")
    # Each command parses its own options, and its messages begin with its name.
    sys.argv = [f"topheavy {name}", *sys.argv[2:]]
    run: Callable[[], int] = import_module(f"topheavy.{COMMANDS[name][0]}").main
    return run()


if __name__ == "__main__":
    end_process(main())
