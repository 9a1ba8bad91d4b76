"""Tell whether a build would give what is published: whether everything that it reads is the same.

A release records a hash of its inputs. As long as the hash stays the same, building again would
publish the same tables and the same report, and would remove the previous release, which `diff`
and `rollback` need.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import distributions

import duckdb

from topheavy.build.build_info import ReadFile, checked_out
from topheavy.build.code_hash import code_hash
from topheavy.mapping.keys import ExportMapping
from topheavy.project import IS_INSTALLED, PROJECT
from topheavy.publish.outputs import Outputs
from topheavy.publish.publish import links
from topheavy.publish.published import facts_beside
from topheavy.publish.summary import next_steps, read_facts, render

# Everything that a build runs.
CODE = (
    *("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "topheavy"),
    *("tests/generic", "tests/singular"),
)
# The variables of the environment that a build reads.
SETTINGS = ("TOPHEAVY_", "DBT_")


def inputs_hash(
    mapping: ExportMapping, files: Sequence[ReadFile], environment: Mapping[str, str]
) -> str:
    """Return a hash of everything that decides what a build publishes.

    It includes the commit, which the table build_info contains, but not where the project is: one
    that was moved, or restored in another job, gives the same release.
    """
    here = str(PROJECT)
    inputs = {
        "mapping": mapping.as_vars(),
        "files": [[it.block, it.source_file, it.sha256, it.columns] for it in files],
        "code": code_hash(CODE),
        "commit": checked_out(PROJECT),
        "packages": sorted(f"{it.name} {it.version}" for it in distributions()),
        "environment": {
            name: value.replace(here, ".")
            for name, value in environment.items()
            if name.startswith(SETTINGS)
        },
    }
    return sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def unchanged(outputs: Outputs, mapping: ExportMapping, inputs: str) -> str | None:
    """Return the summary of the published release if it was made from these inputs."""
    facts = facts_beside(outputs)
    if facts.get("inputs_sha256") != inputs or not all(it.is_file() for it in links(outputs)):
        return None
    if outputs.database.stat().st_mtime_ns > outputs.facts.stat().st_mtime_ns:
        return None  # something has written to the release since it was published
    try:
        with duckdb.connect(str(outputs.database), read_only=True) as warehouse:
            found = read_facts(warehouse, mapping.name, mapping.currency_code)
        warnings = json.loads(outputs.summary_data.read_text(encoding="utf-8"))["warnings"]
    except (duckdb.Error, OSError, ValueError, KeyError):
        return None  # the release is damaged
    again = "topheavy build --full" if IS_INSTALLED else "make build FULL=1"
    loaded = (
        f"nothing has changed since {facts['published_at']}, so that release stays ({again} builds "
        "again)"
    )
    return render(found, loaded, warnings, next_steps(outputs.report, outputs.database))
