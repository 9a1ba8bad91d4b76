"""Installed, the commands need no checkout and work in the current folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import PROJECT

from topheavy.build.loading import CODE
from topheavy.build.parsed_project import PARSED

WHEEL = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
INSIDE: dict[str, str] = WHEEL["build"]["targets"]["wheel"]["force-include"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as a wheel contains it, without the rest of the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(PROJECT / "topheavy", folder / "topheavy")
    for source, target in INSIDE.items():
        copy = shutil.copytree if (PROJECT / source).is_dir() else shutil.copy
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        copy(PROJECT / source, folder / target)
    return folder


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "topheavy", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )


def test_the_wheel_has_all_that_a_build_reads() -> None:
    needed = {*PARSED, *(name for name in CODE if not name.startswith("topheavy/"))}
    assert needed - {*INSIDE} == {"unit_tests"}
    assert all(target == f"topheavy/dbt_project/{source}" for source, target in INSIDE.items())


def test_a_draft_is_written_where_the_command_is_called(installed: Path, tmp_path: Path) -> None:
    rows = [f"2024-01-{day:02},Ada,{day}.00" for day in range(1, 10)]
    (tmp_path / "orders.csv").write_text("\n".join(["Date,Customer,Amount", *rows, ""]))
    done = run(installed, tmp_path, "draft", "--save", "orders.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\n  topheavy build --mapping mappings/orders.yml" in done.stdout
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")}
    assert written == {"orders.csv", "mappings/orders.yml", "mappings/schema.json"}
    assert run(installed, tmp_path, "check", "mappings/orders.yml").returncode == 0


def test_without_a_mapping_it_says_how_to_get_one(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "build")
    assert done.returncode == 1
    assert done.stderr == (
        "build failed: mappings/sample.yml: no such file; draft one from the export's files: "
        "topheavy build --files orders.csv\n"
    )
