"""End a build on Ctrl-C or SIGTERM with one line, all locks released, and a meaningful exit code.

An exception that passes through dbt or DuckDB is replaced by another or lost, and dbt logs it at
length. The signal is therefore remembered, the line is printed at once, and nothing is printed
after it.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from topheavy.progress import line


class Stop:
    """Remember whether a signal asked the build to end, and print what stays published."""

    def __init__(self) -> None:
        self.published: Path | None = None
        self.before: tuple[int, int] | None = None
        self.number = 0

    def watch(self, published: Path) -> None:
        """Note the published file, so that the message can say whether it was replaced."""
        self.published, self.before = published, identity(published)

    def listen(self) -> None:
        """Handle the signals, except those that the parent process ignores."""
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self)

    def __call__(self, number: int, _: object) -> NoReturn:
        if not self.number:
            self.number = number
            line.stop()
            print(f"build stopped{self.published_state()}", file=sys.stderr, flush=True)
            suppress_output()
        raise KeyboardInterrupt

    def published_state(self) -> str:
        """Describe the state of the published file."""
        if not self.published:
            return ""
        state = "as it was" if identity(self.published) == self.before else "the new build"
        return f"; {self.published} is {state}"

    def check(self) -> None:
        """Stop if a signal arrived and its exception was lost."""
        if self.number:
            raise KeyboardInterrupt

    @property
    def exit_code(self) -> int:
        """Return the exit code that shells use for a process ended by a signal."""
        return 128 + self.number


def identity(path: Path) -> tuple[int, int] | None:
    """Identify the file that a path leads to; None if there is none."""
    return (path.stat().st_ino, path.stat().st_mtime_ns) if path.exists() else None


def suppress_output() -> None:
    """Discard all further output of this process."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
