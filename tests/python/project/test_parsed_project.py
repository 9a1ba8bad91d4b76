"""One parse of the project serves every mapping, and is discarded when its code changes."""

from __future__ import annotations

import shutil
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, SAMPLE, as_a_process_of_its_own, parsed
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import SingularTestNode
from dbt.parser.manifest import ManifestLoader

from topheavy.build import parsed_project
from topheavy.build.code_hash import code_hash
from topheavy.build.invoke_dbt import KEPT
from topheavy.build.parsed_project import PARSED, SETTLED, default_mapping
from topheavy.mapping.reading import read_mapping

LEAST = {
    "name": "least",
    "folder": "nowhere",
    "interactions": {"files": "sales.csv", "columns": {"date": "day"}},
}

# All projects are parsed with the sample's mapping. This one lacks its optional keys, or has other
# values, and has all others: a key that affected parsing would make the results differ.
OTHER = {
    **LEAST,
    "revenue": "customer_amount",
    "returns": "exclude",
    "duplicates": "drop",
    "missing_values": ["n/a"],
    "fold_case": ["category"],
    "amount_decimals": 16,
    "time_zone": "UTC",
    "business_time_zone": "Europe/Berlin",
    "orders": {"files": "orders.csv", "columns": {"order": "order", "date": "day"}},
    "dimensions": [{"name": "channel", "column": "channel", "from": "orders"}],
}


def nodes(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """Return all parsed nodes except macros, with the properties that affect a run."""
    found = chain(
        manifest.nodes.items(),
        manifest.sources.items(),
        manifest.exposures.items(),
        manifest.unit_tests.items(),
    )
    parts = {name: {**node.to_dict(), "created_at": None} for name, node in found}
    for part in parts.values():
        # The macros found by parsing, in any order; a model may call any of them, a test only
        # these.
        depends = part.get("depends_on", {})
        part["depends_on"] = {kind: set(names) for kind, names in depends.items()}
        if part["resource_type"] == "model":
            part["depends_on"] = part["depends_on"]["nodes"]
            part["refs"] = {ref["name"] for ref in part["refs"]}
    return parts


def test_a_mapping_decides_nothing_else_in_parsing(tmp_path: Path) -> None:
    """A state of dbt that a kill left half written is not read."""
    (tmp_path / "partial_parse.msgpack").write_bytes(b"half")
    with as_a_process_of_its_own():
        alone = nodes(parsed_project.parse("duckdb", OTHER, tmp_path))
    for_all = nodes(parsed(OTHER))
    assert alone.keys() == for_all.keys()
    assert [name for name in for_all if for_all[name] != alone[name]] == []


def test_properties_that_affect_parsing_take_effect() -> None:
    plain = parsed(LEAST)
    wide = parsed({**LEAST, "dimensions": [{"name": "shop", "column": "shop"}]})
    exact = parsed({**LEAST, "amount_decimals": 16})

    def interactions(project: Manifest) -> dict[str, Any]:
        return project.nodes["model.topheavy.interactions"].to_dict()

    enforced = [interactions(project)["contract"]["enforced"] for project in (plain, wide)]
    types = [interactions(project)["columns"]["revenue"]["data_type"] for project in (plain, exact)]
    assert enforced == [True, False]
    assert types == ["decimal(18, 4)", "decimal(38, 16)"]


def test_everything_that_is_parsed_counts_for_the_key(tmp_path: Path) -> None:
    sample = parsed(read_mapping(SAMPLE).as_vars())
    files = {node["original_file_path"] for node in nodes(sample).values()}
    files |= {
        macro.original_file_path
        for macro in sample.macros.values()
        if macro.package_name == "topheavy"
    }
    assert len(files) > 150
    assert [file for file in files if not file.removeprefix("./").startswith(PARSED)] == []
    for name in PARSED:
        source, copy = PROJECT / name, tmp_path / name
        shutil.copytree(source, copy) if source.is_dir() else shutil.copyfile(source, copy)
    before = code_hash(PARSED, project=tmp_path)
    for name in PARSED:
        changed = max(path for path in [tmp_path / name, *(tmp_path / name).rglob("*")])
        text = changed.read_bytes()
        changed.write_bytes(text + b" ")
        assert code_hash(PARSED, project=tmp_path) != before, changed
        changed.write_bytes(text)
        assert code_hash(PARSED, project=tmp_path) == before


def test_where_tables_are_built_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise dbt parses everything again after a change if another mapping was built last."""
    parsed(LEAST)
    kept = shutil.copytree(KEPT / "duckdb", tmp_path / "kept")
    mapping = {**default_mapping(), **SETTLED}
    with as_a_process_of_its_own(TOPHEAVY_BUILD=tmp_path / "first"):
        first = nodes(parsed_project.parse("duckdb", mapping, kept))

    def fail(*_: Any) -> None:
        raise AssertionError("parsed again")

    monkeypatch.setattr(ManifestLoader, "load_and_parse_macros", fail)
    with as_a_process_of_its_own(TOPHEAVY_BUILD=tmp_path / "second"):
        assert nodes(parsed_project.parse("duckdb", mapping, kept)) == first


def without_description() -> Manifest:
    """A manifest as dbt parses it after a change of a macro that a singular test calls."""
    test = object.__new__(SingularTestNode)
    test.description = ""
    return Manifest(nodes={"test.topheavy.limits_hold": test})


@pytest.mark.parametrize(
    "parsed_from_it", [parsed_project.ProjectError("two entries for one macro"), None]
)
def test_a_state_that_misleads_dbt_is_discarded(
    parsed_from_it: Exception | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    previous = tmp_path / "partial_parse.msgpack"
    previous.touch()
    fresh = Manifest()

    def parse(*_: Any) -> Manifest:
        if not previous.exists():
            return fresh
        if parsed_from_it:
            raise parsed_from_it
        return without_description()

    monkeypatch.setattr(parsed_project, "parse", parse)
    assert parsed_project.parse_again("duckdb", LEAST, tmp_path) is fresh


def test_a_parse_that_was_killed_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was writing is not read, and the next parse replaces it."""
    monkeypatch.setattr(parsed_project, "parse_again", lambda *_: without_description())
    parsed_project.parsed_project("duckdb", LEAST, tmp_path)
    (written,) = tmp_path.rglob("*.pickle")
    written.write_bytes(b"half")
    half = written.rename(written.with_name(f".{written.name}.1"))
    again = parsed_project.parsed_project("duckdb", LEAST, tmp_path)
    assert again.nodes.keys() == without_description().nodes.keys()
    assert written.exists() and not half.exists()
