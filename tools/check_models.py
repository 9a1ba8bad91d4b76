"""Parse the project, and run the unit tests of what has changed and of all that is made from it.

A unit test needs the columns of its inputs: the tables above are made of the sample once, and stay
below target/checks for the next time.

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

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

QUIET = ("--log-level", "error", "--log-level-file", "info")
# Files that any model may depend on.
EVERYTHING = ("dbt_project.yml", "profiles.yml", "requirements.txt")
MAKE = ("build", "--exclude-resource-type", "test", "unit_test")
# What is made in the database.
TABLES = ("model", "seed")


def reached(starts: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    """The starts and all that is reached from them."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(following(name))
    return found


def affected_models(manifest: Manifest, paths: Iterable[str]) -> set[str]:
    """Models and seeds that the changed files can change.

    A file of SQL or data changes what is made from it too, a macro all that use it; a property file
    those that it describes.
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
    """Names of the unit tests of these models, and of those that the files hold."""
    changed = set(paths)
    return sorted(
        test.name
        for test in manifest.unit_tests.values()
        if test.original_file_path in changed or models & set(test.depends_on.nodes)
    )


def tables_to_make(
    manifest: Manifest, tests: Iterable[str], affected: set[str], there: set[str]
) -> list[str]:
    """Names of the tables that the tests need and that are missing or may have other columns."""
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
        # What is loaded is loaded with the list of its files.
        f"+{node.name}" if node.name == "loaded_files" else node.name
        for name, node in manifest.nodes.items()
        if name in needed and node.resource_type in TABLES
        if name in affected or node.name not in there
    )


def remove_older_base(folder: Path) -> None:
    """Remove the tables that were made from another upstream: any of them may differ since."""
    folder.mkdir(parents=True, exist_ok=True)
    base = git("rev-parse", base_of(Path()), folder=Path())[0]
    marker = folder / "base"
    if not marker.exists() or marker.read_text(encoding="utf-8") != base:
        for stale in folder.glob("*.duckdb*"):
            stale.unlink()
        marker.write_text(base, encoding="utf-8")


def tables_in(folder: Path) -> set[str]:
    """Names of the tables and views that were made before."""
    found: set[str] = set()
    for path in folder.glob("*.duckdb"):
        with duckdb.connect(str(path), read_only=True) as database:
            rows = database.execute("select table_name from information_schema.tables").fetchall()
            found |= {name for (name,) in rows}
    return found


def run(command: list[str], manifest: Manifest | None = None) -> Any:
    """Run dbt in this process; end with exit code 1 where it fails, as it has said why."""
    from dbt.cli.main import dbtRunner

    done = dbtRunner(manifest).invoke([*QUIET, *command])
    if not done.success:
        sys.exit(1)
    return done.result


def check(paths: list[str], environment: Mapping[str, str]) -> str:
    """Parse, and test what the files reach; return what was done in words."""
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
