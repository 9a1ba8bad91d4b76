"""Exports built through the real pipeline, for the tests that hold its figures."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pytest
from hypothesis import settings

from mapping import load

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "mappings" / "sample.yml"
SHARED = PROJECT.parent / "shared"

Warehouse = duckdb.DuckDBPyConnection


class Build(Protocol):
    """Builds a mapping's tables and opens them; those of the risk layer only where asked."""

    def __call__(self, mapping: dict[str, Any], *, risk: bool = False) -> Warehouse: ...


TABLES = ["build", "--exclude-resource-types", "test", "unit_test"]
RISK = ["path:models/risk", "path:models/report/intermediate", "report_facts"]

# The same examples in every run: what fails here fails for everybody, and what passed passes again.
settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")


def pytest_configure() -> None:
    """A shell switches Ctrl-C off for what it runs in the background, and a build would keep to
    that: the builds that are started here can be stopped wherever the checks run."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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
        [
            sys.executable,
            "-m",
            "dbt.cli.main",
            *command,
            "--vars",
            json.dumps({"mapping": mapping}),
        ],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Build a mapping's tables (no tests) and open the result, each once a session."""
    opened: dict[str, Warehouse] = {}

    def _build(mapping: dict[str, Any], *, risk: bool = False) -> Warehouse:
        key = json.dumps([mapping, risk], sort_keys=True)
        if key not in opened:
            folder = tmp_path_factory.mktemp("warehouse")
            dbt(TABLES if risk else [*TABLES, "--exclude", *RISK], folder, mapping)
            opened[key] = duckdb.connect(str(folder / "topheavy.duckdb"), read_only=True)
        return opened[key]

    yield _build
    for connection in opened.values():
        connection.close()


@pytest.fixture(scope="session")
def sample(build: Build) -> Warehouse:
    """The shipped sample, without the risk layer."""
    return build(load(SAMPLE))


@dataclass(frozen=True)
class Checkout:
    """A copy of the project, to run its build in as a user does."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    """What the user's environment sets."""
    name: str = "sample"
    """The mapping, by the name of its file, whose results are looked at."""

    @property
    def results(self) -> Path:
        """The folder of what the mapping publishes, in which it builds too."""
        return self.folder / "warehouse" / self.name

    @property
    def published(self) -> Path:
        return self.results / "topheavy.duckdb"

    def start(self, script: str, *arguments: object) -> subprocess.Popen[str]:
        """Start a script with nothing set that only these checks set, in a group of its own."""
        (self.folder / "logs" / "dbt.log").unlink(missing_ok=True)
        own = ("DBT_", "TOPHEAVY_")
        environment = {name: os.environ[name] for name in os.environ if not name.startswith(own)}
        return subprocess.Popen(
            [sys.executable, f"scripts/{script}", *map(str, arguments)],
            cwd=self.folder,
            env={**environment, **self.settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_until_made(self, model: str, process: subprocess.Popen[str]) -> None:
        """Wait until dbt's log says that the build has made a model; raises if it ends before."""
        made = re.compile(rf"OK created .*\.{model} ")
        log = self.folder / "logs" / "dbt.log"
        while not (log.exists() and made.search(log.read_text(encoding="utf-8"))):
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)

    def run(self, script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run a script to its end."""
        with self.start(script, *arguments) as process:
            output, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def build(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run scripts/build.py as `make build` does."""
        return self.run("build.py", *arguments)

    def open(self) -> Warehouse:
        return duckdb.connect(str(self.published), read_only=True)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the project as it stands, nothing built yet; each test file has its own."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    folder = tmp_path_factory.mktemp("checkout")
    for name in filter(None, listed.stdout.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    return Checkout(folder)


@pytest.fixture(scope="module")
def first_build(checkout: Checkout) -> subprocess.CompletedProcess[str]:
    """The build of the sample in the copy, before any other there."""
    done = checkout.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real exports and reference values beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"no real exports here: {SHARED.name}/ is not beside the checkout")
    return SHARED
