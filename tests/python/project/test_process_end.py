"""A command that ends at once has printed everything and done what it registered."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMMAND = """
import atexit
from topheavy.process_end import end_process
atexit.register(print, "registered")
print("printed", end=" ")
end_process(3)
print("never")
"""


def test_everything_is_printed_and_done() -> None:
    done = subprocess.run([sys.executable, "-c", COMMAND], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (3, "printed registered\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe without a reader is another error")
def test_a_reader_that_has_left_is_reported_as_python_reports_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        process.stdout.close()
        _, errors = process.communicate()
    assert process.returncode == 120 and "BrokenPipeError" in errors
