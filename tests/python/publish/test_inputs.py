"""A build from the same inputs leaves the release as it is; any other input makes a new one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import PROJECT, SAMPLE, Checkout

from topheavy.build import inputs, loading, parsed_project
from topheavy.build.build_info import ReadFile
from topheavy.build.inputs import inputs_hash, unchanged
from topheavy.mapping.reading import mapping_of_vars, read_mapping
from topheavy.project import PACKAGE
from topheavy.publish.outputs import Outputs

MAPPING = read_mapping(SAMPLE)
FILE = ReadFile("interactions", Path("sales.csv"), 1, 1, "hash of the content")
SETTINGS = {"TOPHEAVY_MEMORY": "2GB", "DBT_LOG_PATH": f"{PROJECT}/logs", "HOME": "/home"}


def changed_mapping() -> Any:
    return mapping_of_vars({**MAPPING.as_vars(), "returns": "exclude"})


@pytest.mark.parametrize(
    "arguments",
    [
        (changed_mapping(), [FILE], SETTINGS),
        (MAPPING, [replace(FILE, sha256="another")], SETTINGS),
        (MAPPING, [replace(FILE, path=Path("more.csv"))], SETTINGS),
        (MAPPING, [FILE, replace(FILE, block="products")], SETTINGS),
        (MAPPING, [FILE], {**SETTINGS, "TOPHEAVY_MEMORY": "3GB"}),
        (MAPPING, [FILE], {**SETTINGS, "DBT_WARN_ERROR": "1"}),
    ],
)
def test_every_input_counts(arguments: tuple[Any, ...]) -> None:
    assert inputs_hash(*arguments) != inputs_hash(MAPPING, [FILE], SETTINGS)


@pytest.mark.parametrize(
    "arguments",
    [
        (MAPPING, [replace(FILE, modified=2)], SETTINGS),
        (MAPPING, [FILE], {**SETTINGS, "HOME": "/elsewhere"}),
    ],
)
def test_nothing_else_counts(arguments: tuple[Any, ...]) -> None:
    assert inputs_hash(*arguments) == inputs_hash(MAPPING, [FILE], SETTINGS)


def test_the_place_of_the_project_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "checked_out", lambda _: ("commit", False))
    before = inputs_hash(MAPPING, [FILE], SETTINGS)
    monkeypatch.setattr(inputs, "PROJECT", Path("/moved"))
    assert inputs_hash(MAPPING, [FILE], {**SETTINGS, "DBT_LOG_PATH": "/moved/logs"}) == before


@pytest.mark.parametrize("name", ["code_hash", "checked_out", "distributions"])
def test_code_commit_and_packages_count(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = inputs_hash(MAPPING, [FILE], SETTINGS)
    monkeypatch.setattr(inputs, name, lambda _=None: [])
    assert inputs_hash(MAPPING, [FILE], SETTINGS) != before


def test_all_code_of_a_build_counts() -> None:
    """Unit tests and analyses are parsed, but no build runs them."""
    run = {*loading.CODE, *parsed_project.PARSED} - {"unit_tests", "analyses"}
    assert [name for name in run if not name.startswith(inputs.CODE)] == []
    assert PACKAGE == PROJECT / "topheavy" and "topheavy" in inputs.CODE


# ---- the release ------------------------------------------------------------------------------


def test_a_second_build_leaves_the_release_as_it_is(
    checkout: Checkout, first_build: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    """Its summary is shown again, on the terminal and on the page of a job."""
    release, page = checkout.outputs.current.readlink(), tmp_path / "page"
    done = replace(checkout, settings={"GITHUB_STEP_SUMMARY": str(page)}).build()
    assert done.returncode == 0, done.stderr
    second, first = done.stdout.splitlines(), first_build.stdout.splitlines()
    when = json.loads(checkout.outputs.facts.read_text())["published_at"]
    assert second[2] == (
        f"  files     nothing has changed since {when}, so that release stays "
        "(make build FULL=1 builds again)"
    )
    assert [*second[:2], *second[3:]] == [*first[:2], *first[3:]]
    assert checkout.outputs.current.readlink() == release
    assert page.read_text() == checkout.outputs.summary.read_text() + "\n"


def write_into(outputs: Outputs) -> None:
    with duckdb.connect(str(outputs.database)) as database:
        database.execute("drop table risk_register")


def truncate(outputs: Outputs) -> None:
    when = outputs.database.stat().st_mtime_ns
    os.truncate(outputs.database.resolve(), 4096)
    os.utime(outputs.database, ns=(when, when))


def remove_report(outputs: Outputs) -> None:
    outputs.report.resolve().unlink()


def remove_summary(outputs: Outputs) -> None:
    outputs.summary_data.resolve().write_text("{}")


@pytest.mark.parametrize("damage", [write_into, truncate, remove_report, remove_summary])
def test_a_damaged_release_is_built_again(
    damage: Any, checkout: Checkout, first_build: None, tmp_path: Path
) -> None:
    shutil.copytree(checkout.outputs.folder, tmp_path / "sample", symlinks=True)
    outputs = Outputs(tmp_path / "sample")
    made_of = json.loads(outputs.facts.read_text())["inputs_sha256"]
    assert unchanged(outputs, MAPPING, made_of)
    assert not unchanged(outputs, MAPPING, "of other inputs")
    damage(outputs)
    assert not unchanged(outputs, MAPPING, made_of)
