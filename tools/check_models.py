"""Parse the project, and run the unit tests of changed models and everything downstream of them.

A unit test needs the columns of its inputs. The upstream tables are built from the sample once and
kept in target/checks.

Usage: python -m tools.check_models [PATH...]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from tools.changed_files import base_of, git
from topheavy.build.invoke_dbt import invoke_dbt
from topheavy.process_end import end_process

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

QUIET = ("--log-level", "error", "--log-level-file", "info")
# Files that any model may depend on.
EVERYTHING = ("dbt_project.yml", "profiles.yml", "requirements.txt")
MAKE = ("build", "--exclude-resource-type", "test", "unit_test")
# The resource types that create something in the database.
TABLES = ("model", "seed")


def reached(starts: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    """Return the starts and everything that can be reached from them."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(following(name))
    return found


def affected_models(manifest: Manifest, paths: Iterable[str]) -> set[str]:
    """Return the models and seeds that the changed files can affect.

    A file of SQL or data affects everything downstream, a macro everything that uses it, and a
    property file the models that it describes.
    """
    changed = set(paths)
    tables = {name: node for name, node in manifest.nodes.items() if node.resource_type in TABLES}
    if changed & set(EVERYTHING):
        return set(tables)
    users: dict[str, list[str]] = {}
    for name, thing in (*manifest.macros.items(), *tables.items()):
        for macro in thing.depends_on.macros:
            users.setdefault(macro, []).append(name)
    macros = [
        name for name, macro in manifest.macros.items() if macro.original_file_path in changed
    ]
    starts = reached(macros, lambda name: users.get(name, ())) & set(tables)
    starts |= {name for name, node in tables.items() if node.original_file_path in changed}
    described = {
        name for name, node in tables.items() if (node.patch_path or "").split("://")[-1] in changed
    }
    return described | (reached(starts, lambda name: manifest.child_map[name]) & set(tables))


def unit_tests_of(manifest: Manifest, models: set[str], paths: Iterable[str]) -> list[str]:
    """Return the names of the unit tests of these models, and of those in the changed files."""
    changed = set(paths)
    return sorted(
        test.name
        for test in manifest.unit_tests.values()
        if test.original_file_path in changed or models & set(test.depends_on.nodes)
    )


def tables_to_make(
    manifest: Manifest, tests: Iterable[str], affected: set[str], existing: set[str]
) -> list[str]:
    """Return the tables that the tests need and that are missing or may have other columns."""
    chosen = set(tests)
    tested = {
        model
        for test in manifest.unit_tests.values()
        if test.name in chosen
        for model in test.depends_on.nodes
    }
    needed = reached(
        (parent for model in tested for parent in manifest.parent_map[model]),
        lambda name: manifest.parent_map[name],
    )
    return sorted(
        # What is loaded also needs the list of its files.
        f"+{node.name}" if node.name == "loaded_files" else node.name
        for name, node in manifest.nodes.items()
        if name in needed and node.resource_type in TABLES
        if name in affected or node.name not in existing
    )


def remove_older_base(folder: Path) -> None:
    """Remove the tables that were built from another upstream, because any of them may
    differ now.
    """
    folder.mkdir(parents=True, exist_ok=True)
    base = git("rev-parse", base_of(Path()), folder=Path())[0]
    marker = folder / "base"
    if not marker.exists() or marker.read_text(encoding="utf-8") != base:
        for stale in folder.glob("*.duckdb*"):
            stale.unlink()
        marker.write_text(base, encoding="utf-8")


def tables_in(folder: Path) -> set[str]:
    """Return the names of the existing tables and views."""
    found: set[str] = set()
    for path in folder.glob("*.duckdb"):
        with duckdb.connect(str(path), read_only=True) as database:
            rows = database.execute("select table_name from information_schema.tables").fetchall()
            found |= {name for (name,) in rows}
    return found


def run(command: list[str], manifest: Manifest | None = None) -> Any:
    """Run dbt in this process; exit with code 1 if it fails, after its own message."""
    done = invoke_dbt([*QUIET, *command], manifest)
    if not done.success:
        sys.exit(1)
    return done.result


def check(paths: list[str], environment: Mapping[str, str]) -> str:
    """Parse the project, and run the tests that the files affect; return a description of what was
    done.
    """
    manifest = run(["parse", "--show-all-deprecations", "--warn-error"])
    affected = affected_models(manifest, paths)
    tests = unit_tests_of(manifest, affected, paths)
    if not tests:
        return "no unit test concerns what has changed"
    folder = Path(environment.get("TOPHEAVY_BUILD", "target/checks/models"))
    remove_older_base(folder)
    missing = tables_to_make(manifest, tests, affected, tables_in(folder))
    if missing:
        run([*MAKE, "--select", *missing], manifest)
    run(["test", "--select", *tests], manifest)
    return f"{len(tests)} unit tests of {len(affected)} models"


if __name__ == "__main__":
    print(check(sys.argv[1:], os.environ))
    end_process(0)
