"""One command leads from files to a mapping: its questions on a terminal, and its messages
elsewhere.
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import PROJECT

from topheavy.draft.from_files import mapping_of_files
from topheavy.mapping.errors import MappingError

COMMAND = (
    "from topheavy.draft.from_files import mapping_of_files; "
    "print('path', mapping_of_files('sales.csv', None))"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an export for which the draft asks whether to leave rows out."""
    (tmp_path / "mappings").mkdir()
    rows = [f"2024-01-{day:02},Ada,8.00,{'void' if day == 3 else 'paid'}" for day in range(1, 10)]
    (tmp_path / "sales.csv").write_text("\n".join(["Date,Customer,Amount,Status", *rows, ""]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def on_a_terminal(folder: Path, typed: str) -> str:
    """Return what the command shows on a terminal on which somebody types."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b""
    try:
        while part := os.read(ours, 65_536):
            shown += part
    except OSError:
        pass  # the other end is closed
    os.close(ours)
    done.wait()
    return shown.decode()


def test_answers_on_a_terminal_are_written_into_the_mapping(folder: Path) -> None:
    shown = on_a_terminal(folder, "z\na\n")
    assert "question 1 of 1: 'Status' is void in 1 row with amounts of 8.00" in shown
    assert "one letter, a to c, or Enter:" in shown
    assert "path mappings/sales.yml" in shown
    mapping = yaml.safe_load((folder / "mappings" / "sales.yml").read_text())
    rule = {"column": "Status", "values": ["void"], "reason": "cancelled"}
    assert mapping["interactions"]["leave_out"] == [rule]


def test_an_open_question_on_a_terminal_ends_with_the_lines_to_write(folder: Path) -> None:
    shown = on_a_terminal(folder, "\n")
    assert "write  interactions.leave_out: [{column: Status" in shown
    assert "1 question is open in mappings/sales.yml; write an answer to each there" in shown


def test_without_a_terminal_the_questions_are_listed_with_answers(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(MappingError, match=r"1 question is open in mappings/sales\.yml"):
        mapping_of_files("sales.csv", None)
    assert "write  interactions.leave_out: [{column: Status" in capsys.readouterr().out


def test_files_of_the_same_name_elsewhere_do_not_take_the_mapping(folder: Path) -> None:
    with pytest.raises(MappingError, match="1 question is open"):
        mapping_of_files("sales.csv", None)
    (folder / "other").mkdir()
    other = folder / "other" / "sales.csv"
    other.write_text((folder / "sales.csv").read_text())
    with pytest.raises(MappingError, match=r"does not name other/sales\.csv; .* set NAME=another"):
        mapping_of_files("other/sales.csv", None)
    # Running the command again on the same files builds the existing mapping.
    assert mapping_of_files("sales.csv", None) == Path("mappings/sales.yml")
