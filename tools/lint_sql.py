"""Lint SQL with sqlfluff, and share the map of a file between its layout rules.

Three of sqlfluff's rules (spacing, indentation, lines of keywords) each map the whole file before
they check it, which takes a third of the time of linting. Here the map is made once per file. Rules
and messages are sqlfluff's own.

usage: python -m tools.lint_sql [FILE_OR_FOLDER...]
"""

from __future__ import annotations

import sys
from typing import Any

from sqlfluff.cli.commands import cli
from sqlfluff.utils.reflow.sequence import ReflowSequence


def share_maps() -> None:
    """Return the previous map to every rule that asks for the map of the same file.

    A rule never changes the map that it receives; it returns what it would rewrite.
    """
    mapped = ReflowSequence.from_root
    last: list[Any] = [None, None, None]

    def from_root(root_segment: Any, config: Any) -> ReflowSequence:
        if last[0] is not root_segment or last[1] is not config:
            last[:] = root_segment, config, mapped(root_segment, config)
        sequence: ReflowSequence = last[2]
        return sequence

    ReflowSequence.from_root = staticmethod(from_root)  # type: ignore[method-assign]


if __name__ == "__main__":
    share_maps()
    cli(["lint", *(sys.argv[1:] or ["."])])
