"""Show a progress line on a terminal: the current step, its progress and its duration.

Without a terminal, as in CI, it shows nothing and does not even import rich, which draws it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from topheavy.visible import terminal_of

if TYPE_CHECKING:
    from rich.progress import Progress


class Line:
    """The progress line. It shows only the project's own names: steps, models and tests."""

    def __init__(self) -> None:
        self._drawn: Progress | None = None

    def start(self, step: str) -> None:
        """Show the line until `stop`, if there is a terminal."""
        if self._drawn or not sys.stderr.isatty():
            return
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._drawn = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=Console(file=terminal_of(sys.stderr)),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._drawn.add_task(step, total=None)
        self._drawn.start()

    def update(self, step: str) -> None:
        """Show the current step, if the line is visible."""
        if self._drawn:
            self._drawn.update(self._drawn.task_ids[0], description=step)

    def stop(self) -> None:
        """Remove the line before other output or a question."""
        drawn, self._drawn = self._drawn, None
        if drawn:
            drawn.stop()


line = Line()
