"""End a build on Ctrl-C or SIGTERM with one line, all locks released, and a telling exit code.

An exception that passes through dbt or DuckDB comes out as another, or not at all, and dbt tells
of it at length. So the signal is remembered, the line is printed when it comes, and nothing after.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from topheavy.progress import line


class Stop:
    """Whether somebody asked the build to end, and what it told them."""

    def __init__(self) -> None:
        self.published: Path | None = None
        self.before: tuple[int, int] | None = None
        self.number = 0

    def watch(self, published: Path) -> None:
        """Say of this file, when the build is stopped, whether it was replaced."""
        self.published, self.before = published, identity(published)

    def listen(self) -> None:
        """Answer the signals, but those that whoever started the build has switched off."""
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self)

    def __call__(self, number: int, _: object) -> NoReturn:
        if not self.number:
            self.number = number
            line.stop()
            print(f"build stopped{self.what_stays()}", file=sys.stderr, flush=True)
            silence()
        raise KeyboardInterrupt

    def what_stays(self) -> str:
        """What became of the published file."""
        if not self.published:
            return ""
        state = "as it was" if identity(self.published) == self.before else "the new build"
        return f"; {self.published} is {state}"

    def check(self) -> None:
        """Go no further if the signal came and its exception was lost on the way."""
        if self.number:
            raise KeyboardInterrupt

    @property
    def exit_code(self) -> int:
        """What shells say of a process that a signal ended."""
        return 128 + self.number


def identity(path: Path) -> tuple[int, int] | None:
    """Which file a path leads to; None where there is none."""
    return (path.stat().st_ino, path.stat().st_mtime_ns) if path.exists() else None


def silence() -> None:
    """Let nobody in this process say anything more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
