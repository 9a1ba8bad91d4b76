"""Run both engines in this process: one Java machine for all tests, and a project parsed once.

Starting Java, its compiler and its catalog take longer than the SQL of a small export.
"""

from __future__ import annotations

import json
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dbt.artifacts.resources.types import NodeType

from tools.check_models import reached
from topheavy.build.build_info import read_files
from topheavy.build.dbt_run import release_connections
from topheavy.build.ingest import downstream_of_star
from topheavy.build.interruption import Stop
from topheavy.build.invoke_dbt import invoke_dbt
from topheavy.build.parsed_project import parsed_project
from topheavy.build.spark_build import Tables
from topheavy.build.spark_build import build_on_spark as on_spark
from topheavy.build.tables import update
from topheavy.mapping.reading import read_export
from topheavy.project import PROJECT
from topheavy.publish.outputs import LIST_NAME

# Thousands of plans run once each, so neither a slow compiler of fast code nor parallel garbage
# collection pays off. With one compiler, Java reserves 48 MB for compiled code, which these plans
# fill: then it compiles no more and may fail. With little memory at first, it searches for garbage
# again and again. Spark's classes come from its own archives, so nothing in them needs a proof that
# it is valid. Derby does not need to survive a power failure.
JAVA_OPTIONS = (
    "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=512m -XX:+UseSerialGC -Xms2g -Xmn1g"
    " -XX:MetaspaceSize=1g -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
    " -Dderby.system.durability=test"
)


@contextmanager
def writing_to(folder: Path, **settings: str) -> Iterator[None]:
    """Make dbt and the build write only to a folder, and ignore the environment."""
    with pytest.MonkeyPatch.context() as environment, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in os.environ:
            if name.startswith("DBT_") or name == "TOPHEAVY_DATA":
                environment.delenv(name)
        written = {
            "DBT_PROFILES_DIR": str(PROJECT),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "TOPHEAVY_BUILD": str(folder),
            "TOPHEAVY_FILES": str(folder / LIST_NAME),
        }
        for name, value in (written | settings).items():
            environment.setenv(name, value)
        environment.chdir(PROJECT)
        yield


@contextmanager
def without_compiling(session: Any) -> Iterator[None]:
    """Let Spark interpret expressions: for a few rows, compiling them takes a fifth of a build."""
    session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
    try:
        yield
    finally:
        session.conf.unset("spark.sql.codegen.factoryMode")


def run_dbt_once(command: list[str], target: str, mapping: Mapping[str, Any], folder: Path) -> Any:
    """Run dbt on a mapping in this process; return its result."""
    with writing_to(folder):
        options = ["--target", target, "--vars", json.dumps({"mapping": mapping})]
        done = invoke_dbt([*command, *options], parsed_project(target, mapping))
    assert done.success, done.exception
    return done


def published(mapping: Mapping[str, Any]) -> list[str]:
    """Return the names of the tables that DuckDB publishes."""
    nodes = parsed_project("duckdb", mapping).nodes.values()
    models = [node for node in nodes if node.resource_type == NodeType.Model]
    return [model.name for model in models if model.schema == "main"]


def build_on_duckdb(mapping_path: Path, folder: Path, only: Sequence[str] = ()) -> Path:
    """Create some tables, or all, as `topheavy build` does, without tests or publishing; return
    the file.

    The folder contains no file that Spark has open.
    """
    mapping, files = read_export(mapping_path, PROJECT, {})
    folder.mkdir()
    with writing_to(folder):
        read = read_files(mapping_path, files)
        tables = only or published(mapping.as_vars())
        update(mapping, files, read, folder, full=True, only=tables)
        release_connections()
    return folder / "topheavy.duckdb"


def build_on_spark(
    mapping_path: Path, folder: Path, session: Any, spark_folder: Path, only: Sequence[str] = ()
) -> None:
    """Build some tables, or all, as `topheavy build` does, in the existing session, without data
    tests.

    Data tests give the same results on both engines if the tables are the same.
    """

    def remove_last_build(tables: Tables) -> None:
        """Drop the tables instead of removing their files, because Java holds the catalog."""
        for name in ("topheavy", "topheavy_work"):
            session.sql(f"drop database if exists {name} cascade")
        shutil.rmtree(tables.folder / "tables", ignore_errors=True)

    def tables_only(mapping: Mapping[str, Any], target: str) -> list[str]:
        nodes = parsed_project(target, mapping).nodes
        wanted = [
            key
            for key, node in nodes.items()
            if node.resource_type != NodeType.Test and (not only or node.name in only)
        ]
        upstream = reached(wanted, lambda key: nodes[key].depends_on_nodes if key in nodes else ())
        needed = {nodes[key].name for key in upstream & {*nodes}}
        return [name for name in downstream_of_star(mapping, target) if name in needed]

    mapping, files = read_export(mapping_path, PROJECT, {})
    with (
        writing_to(folder, TOPHEAVY_SPARK=str(spark_folder)),
        without_compiling(session),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(Tables, "remove_last_build", remove_last_build)
        # Each file is read by a separate worker.
        patch.setattr("topheavy.build.ingest.TASK_BYTES", 1)
        patch.setattr("topheavy.build.spark_build.downstream_of_star", tables_only)
        if only:
            # The summary reads tables that may be missing.
            patch.setattr(Tables, "summary", lambda *_: "")
        on_spark(mapping_path, mapping, files, Stop())
