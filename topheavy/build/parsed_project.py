"""Parse the dbt project once for each state of the code.

Parsing takes dbt seconds and gives the same result for every export, because variables take effect
when dbt compiles a model. Only property files and materializations are evaluated during parsing.
They depend on three properties of a mapping: the number of decimals of money, whether dimensions
add columns that no contract lists, and whether staged rows are kept because they depend on others.
The project is therefore parsed once, kept in target/parsed, and changed here to what dbt would
parse with the mapping.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from topheavy.build.code_hash import code_hash
from topheavy.build.invoke_dbt import KEPT, invoke_dbt, without_garbage_collection
from topheavy.locks import locked
from topheavy.mapping.macro_sql import Macros
from topheavy.mapping.reading import mapping_of_vars
from topheavy.mapping.sources import needs_row_numbers
from topheavy.project import PROJECT
from topheavy.writing import write_whole

# dbt takes seconds to import; a user with a mistake in the mapping should not have to wait for it.
if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

# Everything that dbt reads to parse the project.
PARSED = (
    *("dbt_project.yml", "profiles.yml", "models", "unit_tests", "macros", "seeds", "analyses"),
    *("tests/generic", "tests/singular"),
)
PACKAGES = {"duckdb": ("dbt-core", "dbt-duckdb"), "spark": ("dbt-core", "dbt-spark")}
# The variables that profiles.yml reads: where tables are built, and how much memory they get.
OF_A_BUILD = ("DBT_PROJECT_DIR", "TOPHEAVY_")
# What every project is parsed with.
SETTLED = {"amount_decimals": 4, "dimensions": []}
# The models that have a column for each dimension of the mapping, which no contract lists.
WITH_DIMENSIONS = ("interaction_facts", "interactions", "customers", "products")


class ProjectError(Exception):
    """Report that dbt cannot parse the project; the message is dbt's."""


def parsed_project(target: str, mapping: Mapping[str, Any], kept: Path = KEPT) -> Manifest:
    """Return a parsed project for a target and mapping, for a single run, which modifies it.

    Raises ProjectError if dbt cannot parse the project.
    """
    from dbt.contracts.graph.manifest import Manifest

    folder = kept / target
    file = folder / f"{code_hash(PARSED, PACKAGES[target])}.pickle"
    with only_one(folder):
        if not file.exists():
            manifest = parse_again(target, {**default_mapping(), **SETTLED}, folder)
            for stale in folder.glob("*.pickle*"):
                stale.unlink()
            write_whole(pickle.dumps(parts_of(manifest)), file)
    with without_garbage_collection():
        manifest = Manifest(**pickle.loads(file.read_bytes()))
    adapt(manifest, mapping)
    return manifest


def adapt(project: Manifest, mapping: Mapping[str, Any]) -> None:
    """Change a parsed project to what dbt would parse with a mapping, in this folder."""
    from dbt.contracts.graph.nodes import SeedNode

    for node in project.nodes.values():
        # Only seeds contain the path of the project; a project that was moved or copied stays
        # valid.
        if isinstance(node, SeedNode):
            node.root_path = str(PROJECT)
    retype(project, dict(zip(types_of_money(SETTLED), types_of_money(mapping), strict=True)))
    for name in WITH_DIMENSIONS if mapping.get("dimensions") else ():
        model: Any = project.nodes[f"model.topheavy.{name}"]
        model.config.contract.enforced = model.contract.enforced = False
        model.contract.checksum = None
        model.unrendered_config["contract"] = {"enforced": False}
    if "interactions" in mapping and needs_row_numbers(mapping_of_vars(mapping)):
        staged: Any = project.nodes["model.topheavy.stg_interactions"]
        staged.config.materialized = "table"
        staged.unrendered_config["materialized"] = "table"
        staged.config_call_dict["materialized"] = "table"


def types_of_money(mapping: Mapping[str, Any]) -> list[str]:
    """Return the SQL types of amounts and of their sums."""
    macros = Macros(mapping)
    return [macros.sql(name) for name in ("money_type", "money_sum_type")]


def retype(project: Manifest, types: Mapping[str, str]) -> None:
    """Replace types of columns in the contracts of all models."""
    from dbt.contracts.graph.nodes import ModelNode

    if all(new == old for old, new in types.items()):
        return
    for node in project.nodes.values():
        for column in node.columns.values():
            column.data_type = types.get(column.data_type or "", column.data_type)
        if isinstance(node, ModelNode):
            node.contract.checksum = None
            node.build_contract_checksum()  # type: ignore[no-untyped-call]


def parts_of(manifest: Manifest) -> dict[str, Any]:
    """Return the parts that recreate a manifest, without the files, which only parsing needs.

    A manifest that dbt has used for lookups cannot be unpickled as a whole.
    """
    names = {part.name for part in fields(manifest) if part.init and not part.name.startswith("_")}
    return {name: getattr(manifest, name) for name in names - {"files"}}


def parse_again(target: str, mapping: Mapping[str, Any], folder: Path) -> Manifest:
    """Parse what changed since the last time, or everything if that goes wrong.

    dbt takes a description that has moved to another file for a second description of the same
    macro, and loses the descriptions of singular tests whose macros have changed.
    """
    from dbt.contracts.graph.nodes import SingularTestNode

    previous = folder / "partial_parse.msgpack"
    if previous.exists():
        try:
            manifest = parse(target, mapping, folder)
        except ProjectError:
            pass
        else:
            tests = (it for it in manifest.nodes.values() if isinstance(it, SingularTestNode))
            if all(test.description for test in tests):
                return manifest
        previous.unlink(missing_ok=True)
    return parse(target, mapping, folder)


@contextmanager
def without_settings_of_a_build() -> Iterator[None]:
    """Hide what differs from build to build; dbt would parse everything again if it had changed."""
    names = [name for name in os.environ if name.startswith(OF_A_BUILD)]
    hidden = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(hidden)


def parse(target: str, mapping: Mapping[str, Any], folder: Path) -> Manifest:
    """Parse the project; dbt keeps in `folder` what it needs to parse only changes."""
    from dbt.contracts.graph.manifest import Manifest

    with without_settings_of_a_build():
        outcome = invoke_dbt(
            [
                *("--no-write-json", "parse", "--project-dir", str(PROJECT)),
                *("--target", target, "--target-path", str(folder)),
                *("--vars", json.dumps({"mapping": mapping}, ensure_ascii=False)),
            ]
        )
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    if not isinstance(outcome.result, Manifest):
        raise ProjectError(str(outcome.exception))
    return outcome.result


def default_mapping() -> dict[str, Any]:
    """Return the mapping that dbt uses if none is passed."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    mapping: dict[str, Any] = project["vars"]["mapping"]
    return mapping


def only_one(folder: Path) -> AbstractContextManager[None]:
    """Let one process at a time work in a folder; others wait for its result."""
    return locked(folder, wait=True)
