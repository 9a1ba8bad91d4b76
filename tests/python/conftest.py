"""Fixtures that build exports through the real pipeline.

The cost of a test depends on what it needs, in processor seconds of a slow machine:

- nothing built: a function of the package, or a macro in DuckDB. Most tests.
- `sample`: the shipped sample with every table, read-only. Built once for all workers.
- `build(mapping)`: an export of the test's own, 6 s; 9 s with `risk=True`, and 1 to 4 s if
  `tables` names the few that the test reads. dbt runs in this process on a parsed project; one
  export should contain all cases of a test file.
- `update_here(mapping, folder, tables)`: what `topheavy build` does up to these tables, on top of
  the previous build: 2 s for tables that are kept from build to build. `load_here` stops at the
  rows.
- `build_here(mapping, folder)`: `topheavy build` with every data test and the report, 9 s.
- `first_build`: `checkout` with the sample built and published in it, copied in 0.1 s.
- `checkout.build(...)`: `topheavy build` as a process, 12 s. Use it for what only a process shows:
  the command line, the one-line error, a kill.
"""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from inspect import isfunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import duckdb
import pytest
from hypothesis import settings

from tools.check_models import reached
from topheavy.build.build import build as build_and_publish
from topheavy.build.build_info import read_files
from topheavy.build.dbt_run import release_connections
from topheavy.build.interruption import Stop
from topheavy.build.invoke_dbt import KEPT, UNFINISHED, invoke_dbt
from topheavy.build.parsed_project import only_one, parsed_project
from topheavy.build.tables import Updated, update
from topheavy.mapping.reading import read_export, read_mapping
from topheavy.publish.outputs import Outputs
from topheavy.publish.publish import only_writer

# dbt takes seconds to import, and the process that hands tests to workers runs none.
if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "mappings" / "sample.yml"
SHARED = PROJECT.parent / "shared"

Warehouse = duckdb.DuckDBPyConnection


class Build(Protocol):
    """Build a mapping's tables and open them.

    The tables of the risk layer are built only on request; `tables` restricts the build to some
    tables and everything upstream of them.
    """

    def __call__(
        self, mapping: dict[str, Any], *, risk: bool = False, tables: Sequence[str] = ()
    ) -> Warehouse: ...


TABLES = ["build", "--exclude-resource-types", "test", "unit_test"]
# The tables that one build keeps for the next; builds recreate all others. dbt looks through the
# whole project for each name that it is given, so one pattern is cheaper than their names.
KEPT_TABLES = "config.materialized:kept"
ALL_TABLES = "path:models"
# The tables that account for the rows.
ROWS = ("interactions", "rejected_rows", "loaded_files")
# The same with concentration, but without the marts that are slices of it.
ROWS_AND_INDICES = (
    *("interactions", "rejected_rows", "data_quality", "customers", "products", "calendar_dates"),
    *("hourly_concentration", "entity_concentration", "concentration_indices"),
)
RISK = ["path:models/risk", "path:models/report/intermediate", "report_facts"]

# Variables that a build reads. GitHub's jobs have a summary, and tests must not add to it.
OF_ITS_OWN = ("DBT_", "TOPHEAVY_", "GITHUB_STEP_SUMMARY")

# Every run uses the same examples, so that failures can be reproduced everywhere.
settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")


# Fixtures that make a test take seconds; `slow` tests take tens of seconds.
BUILDING = {
    *("build", "checkout", "built_checkout", "update_here", "load_here", "build_here", "dbt"),
    # A project that installs this one, and what only parses a project.
    *("shop", "invoke", "modified", "manifest"),
}

# Files that build nothing but still take seconds: drafts of whole exports, simulations, kills,
# starting other programs, and importing dbt. `make check` leaves these files to `make test`.
TAKE_SECONDS = {
    *("test_two_readings", "test_propose_mapping", "test_shared_cases", "test_fuzz"),
    *("test_containers", "test_unpacking", "test_chance", "test_parsed_project"),
    *("test_publish", "test_connect", "test_metrics", "test_check_yaml"),
    *("test_dbt_shortcuts", "test_dbt_ways", "test_from_files", "test_installed"),
    "test_benchmark",
}


def pytest_configure(config: pytest.Config) -> None:
    """Give whole files to workers, in the order below, so that the tests of a file share its
    builds.

    Shells disable Ctrl-C for background processes, and a build would respect that; the builds
    started here must be stoppable wherever the checks run.
    """
    if getattr(config.option, "dist", None) == "load":
        config.option.dist = "loadfile"
    config.option.loadscopereorder = False
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files out before they are imported, if all of their tests would be left out."""
    is_quick = "not slow" in config.option.markexpr
    return True if is_quick and collection_path.stem in TAKE_SECONDS else None


def pytest_collection_finish() -> None:
    """Keep what is imported out of the searches for garbage, of which each build causes some."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    gc.unfreeze()


def names_in(function: Callable[..., object]) -> set[str]:
    """Return the names that a test uses, directly and through functions of its file."""
    names: set[str] = set()
    found = [function]
    for called in found:
        new = {*called.__code__.co_names} - names
        names |= new
        functions = (called.__globals__.get(name) for name in new)
        found += [it for it in functions if isfunction(it) and it.__module__ == function.__module__]
    return names


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that build, and put the files with most of them first.

    All workers then end at about the same time.
    """
    seconds: Counter[Path] = Counter()
    for item in items:
        assert isinstance(item, pytest.Function)
        if BUILDING & {*item.fixturenames, *names_in(item.function)}:
            item.add_marker("builds")
            seconds[item.path] += 2
        seconds[item.path] += 20 * (item.get_closest_marker("slow") is not None)
        if item.path.stem in TAKE_SECONDS:
            item.add_marker("slow")
    items.sort(key=lambda item: -seconds[item.path])


@contextmanager
def as_a_process_of_its_own(**settings: object) -> Iterator[None]:
    """Run dbt as it would run outside the tests, where a warning is not an error."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(OF_ITS_OWN):
            del os.environ[name]
    os.environ.update({name: str(value) for name, value in settings.items()})
    os.environ.update(
        DBT_PROFILES_DIR=str(PROJECT),
        DBT_PROJECT_DIR=str(PROJECT),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def parsed(mapping: dict[str, Any]) -> Manifest:
    """Return the project as dbt parsed it for a mapping."""
    with as_a_process_of_its_own():
        return parsed_project("duckdb", mapping)


def dbt(command: list[str], folder: Path, mapping: dict[str, Any]) -> str:
    """Run dbt in this process on a mapping, with all output in `folder`; return its log."""
    messages: list[str] = []
    command = [
        *("--no-write-json", *command),
        *("--target-path", str(folder), "--log-path", str(folder)),
        # There is one worker per processor, each with its own dbt.
        *(["--threads", "1"] if command[0] != "parse" else []),
        *("--vars", json.dumps({"mapping": mapping})),
    ]
    with as_a_process_of_its_own(TOPHEAVY_BUILD=folder):
        report = [lambda event: messages.append(message_of(event))]
        done = invoke_dbt(command, parsed(mapping), report)
        release_connections()
    assert done.success, f"{done.exception or ''}\n" + "\n".join(messages)[-4000:]
    return "\n".join(messages)


def build_here(mapping: Path, folder: Path, *, full: bool = False) -> str:
    """Build and publish in this process, with every data test, into a folder of the test.

    This is all of `topheavy build` except its command line: it returns the summary, or raises the
    error that the command prints in one line.
    """
    outputs = Outputs(folder)
    with as_a_process_of_its_own(DBT_LOG_PATH=folder / "logs"):
        outputs.set_environment(os.environ)
        return build_and_publish(mapping, outputs, "duckdb", full, Stop())


def kept_tables() -> list[str]:
    """Return the names of the tables that one build keeps for the next."""
    nodes = parsed(read_mapping(SAMPLE).as_vars()).nodes.values()
    return [node.name for node in nodes if node.config.get("materialized") == "kept"]


def update_here(
    mapping_path: Path,
    folder: Path,
    only: Sequence[str],
    *,
    full: bool = False,
    **settings: object,
) -> Updated:
    """Update some tables as `topheavy build` does, on top of the previous build.

    Nothing is published, and only the named data tests run. `settings` are variables of the user's
    environment.
    """
    with as_a_process_of_its_own(DBT_LOG_PATH=folder / "logs", **settings):
        outputs = Outputs(folder)
        outputs.set_environment(os.environ)
        mapping, files = read_export(mapping_path, PROJECT, os.environ)
        with only_writer(outputs.build):
            read = read_files(mapping_path, files)
            return update(mapping, files, read, outputs.build, full=full, only=only)


def load_here(mapping_path: Path, folder: Path) -> Warehouse:
    """Load an export as `topheavy build` does: check it, list its files, and copy those that need
    it.
    """
    update_here(mapping_path, folder, ROWS)
    return duckdb.connect(str(Outputs(folder).build / "topheavy.duckdb"), read_only=True)


def message_of(event: Any) -> str:
    """Return dbt's message about an event."""
    message: str = event.info.msg
    return message


def across_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all workers of this run share."""
    mine = tmp_path_factory.getbasetemp()
    return mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine


@contextmanager
def made_once(folder: Path) -> Iterator[bool]:
    """Yield True to the first worker, which fills the folder; the others wait for it."""
    with only_one(folder.with_name(f"{folder.name}.lock")):
        finished = folder / ".finished"
        if finished.exists():
            yield False
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield True
        finished.touch()


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Build a mapping's tables without tests and open the result, once for all workers."""
    opened: dict[str, Warehouse] = {}

    def _build(
        mapping: dict[str, Any], *, risk: bool = False, tables: Sequence[str] = ()
    ) -> Warehouse:
        chosen = [*TABLES]
        if tables:
            chosen += ["--select", *(f"+{table}" for table in tables)]
        elif not risk:
            chosen += ["--exclude", *RISK]
        key = sha256(json.dumps([mapping, chosen], sort_keys=True).encode()).hexdigest()[:20]
        if key not in opened:
            folder = across_workers(tmp_path_factory) / f"build-{key}"
            with made_once(folder) as is_first:
                if is_first:
                    dbt(chosen, folder, mapping)
            opened[key] = duckdb.connect(str(folder / "topheavy.duckdb"), read_only=True)
        return opened[key]

    yield _build
    for connection in opened.values():
        connection.close()


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    """Return the project's nodes and their dependencies as in dbt's manifest.json."""
    project = parsed(read_mapping(SAMPLE).as_vars())
    project.build_parent_and_child_maps()  # type: ignore[no-untyped-call]
    return {
        "nodes": {name: node.to_dict() for name, node in project.nodes.items()},
        "parent_map": project.parent_map,
        "child_map": project.child_map,
    }


@pytest.fixture(scope="session")
def made_of(manifest: dict[str, Any]) -> dict[str, set[str]]:
    """Return the models upstream of each model, by name."""
    models = {
        key: node["name"]
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }

    parents: dict[str, list[str]] = manifest["parent_map"]
    return {
        name: {
            models[parent]
            for parent in reached(parents[key], parents.__getitem__)
            if parent in models
        }
        for key, name in models.items()
    }


@pytest.fixture(scope="session")
def sample(build: Build) -> Warehouse:
    """The complete shipped sample, which many tests read and one worker builds."""
    return build(read_mapping(SAMPLE).as_vars(), risk=True)


@dataclass(frozen=True)
class Checkout:
    """A copy of the project, in which a test runs builds as a user does."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    """The variables that the user's environment sets."""
    name: str = "sample"
    """The file name of the mapping whose results the test reads."""

    @property
    def outputs(self) -> Outputs:
        """The folder in which a mapping builds and publishes."""
        return Outputs(self.folder / "warehouse" / self.name)

    @property
    def results(self) -> Path:
        return self.outputs.folder

    @property
    def published(self) -> Path:
        return self.outputs.database

    def start(self, module: str, *arguments: object) -> subprocess.Popen[str]:
        """Start a module, or a command of it, in its own process group.

        The environment contains no variables that other tests set.
        """
        (self.folder / "logs" / "dbt.log").unlink(missing_ok=True)
        environment = {
            name: os.environ[name] for name in os.environ if not name.startswith(OF_ITS_OWN)
        }
        return subprocess.Popen(
            [sys.executable, "-m", *module.split(), *map(str, arguments)],
            cwd=self.folder,
            env={**environment, **self.settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_until_made(self, model: str, process: subprocess.Popen[str]) -> None:
        """Wait until dbt's log says that a model is built; raise an error if the build
        ends before.
        """
        made = re.compile(rf"OK created .*\.{model} ")
        log = self.folder / "logs" / "dbt.log"
        while not (log.exists() and made.search(log.read_text(encoding="utf-8"))):
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)

    def run(self, module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run a module until it ends."""
        with self.start(module, *arguments) as process:
            output, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def build(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run `topheavy build` as `make build` does."""
        return self.run("topheavy build", *arguments)

    def open(self) -> Warehouse:
        return duckdb.connect(str(self.published), read_only=True)


def copy_project(folder: Path) -> Checkout:
    """Copy the project as it is, with dbt's parsed project."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    parsed(read_mapping(SAMPLE).as_vars())
    shutil.copytree(KEPT, folder / KEPT.relative_to(PROJECT), ignore=UNFINISHED)
    return Checkout(folder)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the project without any build; each test file has its own."""
    return copy_project(tmp_path_factory.mktemp("checkout"))


class FirstBuild(NamedTuple):
    """The first build of the sample in a copy of the project."""

    checkout: Checkout
    output: str
    errors: str


@pytest.fixture(scope="session")
def built_checkout(tmp_path_factory: pytest.TempPathFactory) -> FirstBuild:
    """A copy of the project with the sample built, created once for all workers, who
    only copy it.
    """
    folder = across_workers(tmp_path_factory) / "first-build"
    facts = folder / "facts.json"
    with made_once(folder) as is_first:
        if is_first:
            done = copy_project(folder / "checkout").build()
            assert done.returncode == 0, done.stdout + done.stderr
            facts.write_text(json.dumps([done.stdout, done.stderr]), encoding="utf-8")
    return FirstBuild(Checkout(folder / "checkout"), *json.loads(facts.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def first_build(checkout: Checkout, built_checkout: FirstBuild) -> subprocess.CompletedProcess[str]:
    """The output of the sample's build, which `checkout` contains."""
    for made in ("warehouse", "target", "logs"):
        source, copy = built_checkout.checkout.folder / made, checkout.folder / made
        shutil.copytree(source, copy, symlinks=True, dirs_exist_ok=True)
    return subprocess.CompletedProcess(
        ["topheavy build"], 0, built_checkout.output, built_checkout.errors
    )


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real exports and reference values beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"no real exports here: {SHARED.name}/ is not beside the checkout")
    return SHARED
