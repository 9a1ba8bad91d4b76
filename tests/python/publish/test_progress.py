"""A waiting user sees a progress line; a log does not contain it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys

from conftest import PROJECT

from topheavy.progress import Line

# This command ends at once because its mapping does not exist.
COMMAND = [sys.executable, "-m", "topheavy", "build", "--mapping", "mappings/none.yml"]


def test_the_line_is_there_before_anything_is_read() -> None:
    """It disappears before the message, which has a line of its own."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(COMMAND, cwd=PROJECT, stderr=theirs, stdout=theirs, close_fds=True) as it:
        os.close(theirs)
        shown = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                shown += os.read(ours, 65_536)
            except OSError:
                break
        it.wait()
    os.close(ours)
    said = shown.decode()
    assert "starting" in said and "0:00:0" in said
    assert said.index("starting") < said.index("build failed: mappings/none.yml: no such file")


def test_without_a_terminal_nothing_is_drawn() -> None:
    done = subprocess.run(COMMAND, cwd=PROJECT, capture_output=True, text=True)
    assert done.stderr.count("\n") == 1 and "starting" not in done.stderr
    quiet = Line()
    quiet.start("step")
    quiet.update("next")
    quiet.stop()
    assert quiet._drawn is None
