"""Exports built through the real pipeline, for the tests that hold its figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared"

Warehouse = duckdb.DuckDBPyConnection
Build = Callable[[dict[str, Any]], Warehouse]


def dbt(command: list[str], folder: Path, mapping: dict[str, Any]) -> str:
    """Run dbt on a mapping, everything it writes in `folder`; return its log."""
    environment = {
        **os.environ,
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(folder),
        "DBT_LOG_PATH": str(folder),
        "TOPHEAVY_BUILD": str(folder),
    }
    environment.pop("TOPHEAVY_DATA", None)
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *command, "--vars", json.dumps({"mapping": mapping})],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Build a mapping's tables (no tests) and open the result, each mapping once a session."""
    opened: dict[str, Warehouse] = {}

    def _build(mapping: dict[str, Any]) -> Warehouse:
        key = json.dumps(mapping, sort_keys=True)
        if key not in opened:
            folder = tmp_path_factory.mktemp("warehouse")
            dbt(["build", "--exclude-resource-types", "test", "unit_test"], folder, mapping)
            opened[key] = duckdb.connect(str(folder / "topheavy.duckdb"), read_only=True)
        return opened[key]

    yield _build
    for connection in opened.values():
        connection.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real exports and reference values beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"no real exports here: {SHARED.name}/ is not beside the checkout")
    return SHARED
