"""Common dbt workflows work with this project: selection by state, access, freshness.

One parse serves all tests, and only `--empty` builds: tables without rows.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import conftest
import duckdb
import pytest
import yaml
from conftest import PROJECT, SAMPLE, TABLES, as_a_process_of_its_own, dbt, parsed
from dbt.artifacts.schemas.freshness import SourceFreshnessResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode

from topheavy.build import listed_files
from topheavy.build.dbt_run import release_connections
from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import mapping_of_vars, read_mapping

# The tables that other projects depend on by name; breaking their contract requires a new version.
VERSIONED = {
    *("concentration_indices", "entity_concentration", "customer_concentration"),
    *("product_concentration", "hourly_concentration", "limit_status", "risk_register"),
}
LAYERS = ("staging", "core", "concentration", "risk", "report")


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def invoke(project: Manifest, command: list[str], folder: Path, mapping: dict[str, Any]) -> Any:
    with as_a_process_of_its_own(TOPHEAVY_BUILD=folder):
        done = dbtRunner(project).invoke(
            [
                *("--log-level", "none", "--log-level-file", "none", *command),
                *("--target-path", str(folder / "target"), "--log-path", str(folder)),
                *("--vars", json.dumps({"mapping": mapping})),
            ]
        )
        release_connections()
    assert done.success, done.exception
    return done.result


# ---- layers, access, versions -----------------------------------------------------------------


def test_a_layer_is_a_tag(manifest: dict[str, Any]) -> None:
    layers = {model["name"]: Path(model["path"]).parts[0] for model in models(manifest)}
    tags = {model["name"]: model["config"]["tags"] for model in models(manifest)}
    assert {*layers.values()} == {*LAYERS}
    assert tags == {name: [layer] for name, layer in layers.items()}


def test_unpublished_models_are_private(manifest: dict[str, Any]) -> None:
    for model in models(manifest):
        is_private = model["name"].startswith(("stg_", "int_"))
        assert model["access"] == ("private" if is_private else "public"), model["name"]
        assert model["group"] == "topheavy", model["name"]


def test_a_version_does_not_rename_a_table(manifest: dict[str, Any]) -> None:
    versions = {model["name"]: model for model in models(manifest) if model["version"]}
    assert {*versions} == VERSIONED
    for name, model in versions.items():
        assert (model["version"], model["latest_version"], model["alias"]) == (1, 1, name)
        assert model["contract"]["enforced"]


# ---- state ------------------------------------------------------------------------------------


def modified(state: Manifest, folder: Path, mapping: dict[str, Any]) -> set[str]:
    """Return what `dbt ls` reports as modified since a state, with everything downstream."""
    (folder / "state").mkdir(exist_ok=True)
    # Only a run knows who started dbt.
    with patch.object(Manifest, "fill_tracking_metadata"):
        state.write(str(folder / "state" / "manifest.json"))  # type: ignore[no-untyped-call]
    command = ["ls", "--quiet", "--select", "state:modified+", "--resource-type", "model"]
    return {
        name.removesuffix(".v1").split(".")[-1]
        for name in invoke(
            parsed(mapping),
            [*command, "--output", "name", "--state", str(folder / "state")],
            folder,
            mapping,
        )
    }


def test_the_same_code_is_not_modified(tmp_path: Path) -> None:
    mapping = read_mapping(SAMPLE).as_vars()
    assert modified(parsed(mapping), tmp_path, mapping) == set()


def test_models_downstream_of_a_modified_one_are_selected(tmp_path: Path) -> None:
    mapping = read_mapping(SAMPLE).as_vars()
    before = parsed(mapping)
    before.nodes["model.topheavy.int_leading_entities"].raw_code += "-- before"
    found = modified(before, tmp_path, mapping)
    assert {"int_leading_entities", "limit_status"} <= found
    assert "concentration_indices" not in found


def test_a_contract_with_a_version_is_not_broken_unseen(tmp_path: Path) -> None:
    """Removing an existing column requires version 2."""
    mapping = read_mapping(SAMPLE).as_vars()
    before = parsed(mapping)
    node = before.nodes["model.topheavy.risk_register.v1"]
    assert isinstance(node, ModelNode)
    node.columns["gone"] = replace(next(iter(node.columns.values())), name="gone")
    node.contract.checksum = "another"
    with pytest.raises(AssertionError, match="ContractBreakingChangeError"):
        modified(before, tmp_path, mapping)


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Manifest:
    """The parsed project, on which dbt runs as the test changes it."""
    changed = parsed(read_mapping(SAMPLE).as_vars())
    monkeypatch.setattr(conftest, "parsed", lambda _: changed)
    return changed


@pytest.mark.parametrize(
    ("column", "data_type", "error"),
    [
        (
            "hour_name",
            "date",
            "The columns of calendar_hours break the contract of its model: "
            "hour_name has the type VARCHAR, in the contract DATE",
        ),
        (
            "hour_of_day",
            None,
            "The columns of calendar_hours break the contract of its model: "
            "hour_of_day has the type INTEGER, in the contract (missing)",
        ),
        ("day", "date", 'Column "day" in EXCLUDE list not found in query_of_contract'),
    ],
)
def test_a_table_that_breaks_its_contract_is_not_created(
    column: str, data_type: str | None, error: str, tmp_path: Path, project: Manifest
) -> None:
    mapping = read_mapping(SAMPLE).as_vars()
    dbt(["run", "--select", "calendar_hours"], tmp_path, mapping)
    node = project.nodes["model.topheavy.calendar_hours"]
    assert isinstance(node, ModelNode)
    declared = replace(node.columns["hour_name"], name=column, data_type=data_type)
    node.columns[column] = declared
    if data_type is None:
        del node.columns[column]
    with pytest.raises(AssertionError) as failure:
        dbt(["run", "--select", "calendar_hours"], tmp_path, mapping)
    assert error in str(failure.value)
    with duckdb.connect(str(tmp_path / "topheavy.duckdb"), read_only=True) as database:
        described = database.execute("describe calendar_hours").fetchall()
    assert [name for name, *_ in described] == ["hour_name", "hour_of_day"]


def test_a_model_may_end_in_a_comment(tmp_path: Path, project: Manifest) -> None:
    """With a contract and without one."""
    names = ("calendar_hours", "stg_files")
    for name in names:
        project.nodes[f"model.topheavy.{name}"].raw_code += "\n-- nothing follows"
    dbt(["run", "--select", *names], tmp_path, read_mapping(SAMPLE).as_vars())
    with duckdb.connect(str(tmp_path / "topheavy.duckdb"), read_only=True) as database:
        assert database.execute("select count(*) from calendar_hours").fetchall() == [(24,)]


# ---- tables without rows ----------------------------------------------------------------------


def test_a_build_without_rows_makes_every_table(tmp_path: Path) -> None:
    mapping = read_mapping(SAMPLE).as_vars()
    dbt([*TABLES, "--empty"], tmp_path, mapping)
    published = {
        node.name
        for node in parsed(mapping).nodes.values()
        if isinstance(node, ModelNode) and node.schema == "main"
    }
    with duckdb.connect(str(tmp_path / "topheavy.duckdb"), read_only=True) as database:
        found = database.execute("select table_name from information_schema.tables").fetchall()
        assert {name for (name,) in found} == published
        for table in ("interaction_facts", "concentration_indices", "risk_register"):
            assert database.execute(f"select count(*) from {table}").fetchone() == (0,), table


# ---- freshness --------------------------------------------------------------------------------


def shop_with(files: dict[str, datetime], folder: Path) -> dict[str, Any]:
    """Return a mapping of interactions whose files were written at a given time."""
    for name, written in files.items():
        (folder / name).write_text("who,day,paid\na,2024-01-01,1\n", encoding="utf-8")
        os.utime(folder / name, (written.timestamp(),) * 2)
    return {
        "name": "shop",
        "folder": str(folder),
        "interactions": {
            "files": "*.csv",
            "columns": {"customer": "who", "date": "day", "amount": "paid"},
        },
    }


def test_freshness_is_the_time_of_the_newest_file(tmp_path: Path) -> None:
    written = {"a.csv": datetime(2024, 2, 1, tzinfo=UTC), "b.csv": datetime(2024, 1, 1, tzinfo=UTC)}
    mapping = shop_with(written, tmp_path)
    result = invoke(parsed(mapping), ["source", "freshness"], tmp_path, mapping)
    (found,) = (item for item in result.results if isinstance(item, SourceFreshnessResult))
    assert found.node.name == "interactions"
    assert found.max_loaded_at.replace(tzinfo=UTC) == written["a.csv"]
    # An old file causes a warning; the build is not refused.
    assert found.status == "warn"


def test_asking_for_freshness_forgets_nothing(tmp_path: Path) -> None:
    """The next build still knows the results of the previous one."""
    mapping = shop_with({"a.csv": datetime(2024, 2, 1, tzinfo=UTC)}, tmp_path)
    with duckdb.connect(str(tmp_path / "work.duckdb")) as database:
        database.execute("create schema raw")
        database.execute("create table raw.kept_periods as select 'by_month' as strategy")
    invoke(parsed(mapping), ["source", "freshness"], tmp_path, mapping)
    with duckdb.connect(str(tmp_path / "work.duckdb"), read_only=True) as database:
        assert database.execute("from raw.kept_periods").fetchall() == [("by_month",)]


def test_a_relation_has_no_time_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed_files, "check_files", lambda *_: [])
    with pytest.raises(MappingError, match="interactions: has no file with a modification time"):
        mapping = mapping_of_vars({"interactions": {"columns": {}}})
        listed_files.newest_file(mapping, "interactions", {})


def test_versions_of_dbt_that_are_not_tried_are_refused() -> None:
    for folder in (PROJECT, PROJECT / "integration_tests"):
        project = yaml.safe_load((folder / "dbt_project.yml").read_text(encoding="utf-8"))
        assert project["require-dbt-version"] == [">=1.11.0", "<2.0.0"]
