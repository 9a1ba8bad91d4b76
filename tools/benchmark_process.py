"""Run a process of the benchmark, and measure its time and peak memory."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

# The unit of ru_maxrss: bytes on macOS, kibibytes elsewhere.
MAXRSS_UNIT = 1 if os.uname().sysname == "Darwin" else 1024


class Unfinished(Exception):
    """Report a process that failed or was killed; the text describes how, in one line."""


@dataclass(frozen=True)
class Finished:
    """Wall clock in seconds, peak resident memory in bytes, and the output."""

    seconds: float
    peak_bytes: int
    output: str


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> Finished:
    """Run a command in `folder` until it ends. Raises Unfinished."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=errors
        )
        # Unlike process.wait(), this returns the resources that the process used.
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise Unfinished(how_it_ended(process.returncode, read(errors)))
        return Finished(seconds, used.ru_maxrss * MAXRSS_UNIT, read(output))


def how_it_ended(exit_code: int, errors: str) -> str:
    """Return the last line that a process printed, or the signal that ended it."""
    if exit_code == -signal.SIGKILL:
        return "killed, most likely for want of memory"
    if exit_code < 0:
        return f"ended by {signal.Signals(-exit_code).name}"
    return (errors.strip().splitlines() or [f"exit code {exit_code}"])[-1]


def read(file: TextIO) -> str:
    file.seek(0)
    return file.read()
