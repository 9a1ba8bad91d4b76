"""A failed check is reported, and stops the checks that depend on it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from tools import run_checks

PASS = shlex.join([sys.executable, "-c", "print('fine')"])
FAIL = shlex.join([sys.executable, "-c", "raise SystemExit('broken')"])


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the logs of these runs out of the project's own."""
    monkeypatch.setattr(run_checks, "SCRATCH", tmp_path)
    return tmp_path


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the script on two small groups."""
    groups = {"good": (PASS,), "bad": (FAIL, PASS)}
    monkeypatch.setattr(run_checks, "GROUPS", groups)
    monkeypatch.setattr("sys.argv", ["run_checks.py", *arguments])
    return run_checks.main()


def test_a_failure_shows_its_output_and_stops_its_group(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], scratch: Path
) -> None:
    assert run_main(monkeypatch) == 1
    output = capsys.readouterr().out
    assert output.count("broken") == 3  # its command, its output, and the final list
    assert output.endswith(f"2 checks, 1 failed\n  {FAIL}\n")
    assert (scratch / "bad.log").read_text(encoding="utf-8") == f"$ {FAIL}\nbroken\n"


def test_a_success_shows_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], scratch: Path
) -> None:
    assert run_main(monkeypatch, "good") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ok ") and lines[0].endswith(PASS)
    assert lines[1:] == ["1 check, 0 failed"]
    assert (scratch / "good.log").read_text(encoding="utf-8").endswith("\nfine\n")


def test_a_command_with_many_files_is_shown_on_one_line(tmp_path: Path) -> None:
    command = shlex.join([sys.executable, "-c", "pass", *(f"model_{n}.sql" for n in range(99))])
    said = str(run_checks.run(command, tmp_path))
    assert said.endswith(" ...") and len(said) < 120


def test_the_tests_that_pytest_skipped_are_counted(tmp_path: Path) -> None:
    tests = tmp_path / "test_two.py"
    tests.write_text("import pytest\ndef test_a(): ...\ndef test_b(): pytest.skip('no browser')\n")
    command = shlex.join([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tests)])
    said = str(run_checks.run(command, tmp_path))
    assert said.startswith("ok ") and said.endswith(": 1 passed, 1 skipped")


def test_an_unknown_group_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run_main(monkeypatch, "godo")
    assert "no check group 'godo'; there are good, bad" in capsys.readouterr().err


def test_dbt_writes_to_the_folder_of_its_group_only(tmp_path: Path) -> None:
    environment = run_checks.environment(tmp_path)
    for name in ("DBT_TARGET_PATH", "DBT_LOG_PATH", "TOPHEAVY_BUILD"):
        assert environment[name] == str(tmp_path)
