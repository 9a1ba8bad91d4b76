"""The value of a make variable reaches a script as one text and is never executed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import PROJECT

from topheavy.draft.given_files import given_files

# The variable, the option that it becomes, and the targets that accept it.
SAID = {
    "MAPPING": (
        "--mapping",
        ("build", "diff", "rollback", "export", "docs", "screenshot", "superset", "explore"),
    ),
    "PORT": ("--port", ("superset", "explore")),
    "DATA": ("--data", ("build",)),
    "TARGET": ("--target", ("build",)),
    "NAME": ("--name", ("mapping",)),
    "FILES": ("--files", ("mapping",)),
    "EXPORT": ("--export", ("build",)),
    "FORMAT": ("--format", ("export",)),
    "CHECKS": ("--groups", ("test",)),
    "ROWS": ("--rows", ("benchmark",)),
    "ROUNDS": ("--rounds", ("benchmark",)),
    "BASE": ("--changed", ("check",)),
}
# Variables that only need to be set.
SWITCHES = {"FULL": ("build", "--full"), "JSON": ("benchmark", "--json")}
# Variables that make composes itself.
OWN = (
    *("SUPERSET_ENVIRONMENT", "EXPLORE_ENVIRONMENT"),
    *("PYTHON_IN_VENV", "SPARK_ENVIRONMENT", "SAID", "OF_MAPPING", "BUILD_ARGUMENTS"),
    *("LOCK_OPTIONS", "ON_COMMAND_LINE", "name"),
)
HOSTILE = (
    "`touch ran`",
    "$(touch ran)",
    "$$(touch ran)",
    "$(shell touch ran)",
    "$(eval x := $(shell touch ran))",
    "${HOME}",
    '"; touch ran; "',
    "'; touch ran; '",
    "x; touch ran #",
    "x && touch ran | touch ran",
    "two\ntouch ran",
    ") touch ran (",
    "my file.csv other.csv",
    "--full",
    "*",
    "back\\slash",
)
PRINT_ARGUMENTS = """#!/bin/sh
for argument; do printf '%s\\0' "$argument"; done
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The Makefile with scripts that print their arguments in place of the real ones."""
    shutil.copy(PROJECT / "Makefile", tmp_path)
    nothing = "#!/bin/sh\n"
    stubs = {
        "scripts/environment.sh": nothing,
        "scripts/need_java.sh": nothing,
        ".venv/bin/python": PRINT_ARGUMENTS,
        ".venv-explore/bin/python": PRINT_ARGUMENTS,
    }
    for name, text in stubs.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    return tmp_path


def arguments(project: Path, *command: str, **environment: str) -> list[str]:
    """Return the arguments that make passes to the script."""
    done = subprocess.run(
        ["make", *command],
        cwd=project,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\0")[:-1]


@pytest.mark.parametrize("name", SAID)
def test_a_value_is_handed_over_and_never_run(name: str, project: Path) -> None:
    """The variable may come from the command line or from the environment."""
    option, targets = SAID[name]
    for target, text in [
        *((target, HOSTILE[0]) for target in targets),
        *((targets[0], text) for text in HOSTILE),
    ]:
        for found in (
            arguments(project, target, f"{name}={text}"),
            arguments(project, target, **{name: text}),
        ):
            assert found[1:].count(f"{option}={text}") == 1, (target, text, found)
            assert sum(word.startswith(option) for word in found) == 1
    assert not [*project.rglob("ran")]


@pytest.mark.parametrize("name", ["MAPPINGS", "TOPHEAVY_DATA", "DBT_PROFILES_DIR", "v"])
def test_a_variable_that_no_target_takes_is_not_run_either(name: str, project: Path) -> None:
    """Make exports everything on its command line to the environment, and would expand it there."""
    print_it = project / ".venv/bin/python"
    print_it.write_text(f'#!/bin/sh\nprintf "%s\\0" "${name}"\n')
    for text in HOSTILE:
        assert arguments(project, "build", f"{name}={text}") == [text]
    assert not [*project.rglob("ran")]


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_hands_nothing_over(name: str, project: Path) -> None:
    target, option = SWITCHES[name]
    for text in HOSTILE:
        assert arguments(project, target, f"{name}={text}")[-1:] == [option]
        assert arguments(project, target, **{name: text})[-1:] == [option]
    assert not [*project.rglob("ran")]


def test_variables_that_make_composes_cannot_be_replaced(project: Path) -> None:
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert {*re.findall(r"^(?:override )?([A-Za-z_]+) :?=", text, re.MULTILINE)} == {*OWN}
    for name in OWN:
        for text in ("touch ran;", "$(shell touch ran)"):
            said = ("-e", "build", "MAPPING=x", f"{name}={text}")
            found = arguments(project, *said, **{name: text})
            assert found == ["-m", "topheavy", "build", "--mapping=x"]
    assert not [*project.rglob("ran")]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_name_of_a_python_is_never_run(text: str, project: Path) -> None:
    shutil.copy(PROJECT / "scripts/environment.sh", project / "scripts")
    (project / "requirements.txt").touch()
    shutil.rmtree(project / ".venv")
    for said in ([f"PYTHON={text}"], []):
        environment = {"PATH": os.environ["PATH"]} | ({} if said else {"PYTHON": text})
        done = subprocess.run(
            ["make", "build", *said], cwd=project, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 2
        assert "environment: needs Python 3.11 or newer, found none; install one" in done.stderr
    assert not [*project.rglob("ran")]


def test_unset_variables_are_not_passed_on(project: Path) -> None:
    assert arguments(project, "build") == ["-m", "topheavy", "build"]
    assert arguments(project, "build", "FULL=1") == ["-m", "topheavy", "build", "--full"]
    assert arguments(project, "benchmark", "JSON=1") == ["-m", "tools.benchmark", "--json"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("my file.csv", ["my file.csv"]),
        ("a.csv b.csv", ["a.csv", "b.csv"]),
        ("a.csv my file.csv b.csv", ["a.csv", "my file.csv", "b.csv"]),
        ("'my file.csv' \"b.csv\"", ["my file.csv", "b.csv"]),
        (r"my\ file.csv", ["my file.csv"]),
        ("?.csv", ["a.csv", "b.csv"]),
        ("john's.csv a.csv", ["john's.csv", "a.csv"]),
        ("none.csv $(touch ran)", ["none.csv", "$(touch", "ran)"]),
        ("  ", []),
    ],
)
def test_files_are_split_as_people_mean_them(
    text: str, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "b.csv", "my file.csv", "john's.csv"):
        Path(name).touch()
    assert [str(path) for path in given_files(text)] == names
    assert not Path("ran").exists()


def test_files_may_be_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my sales.csv").touch()
    assert given_files("~/my sales.csv ~/none.csv") == [
        tmp_path / "my sales.csv",
        tmp_path / "none.csv",
    ]
