"""`make check` examines what a commit would change, and everything downstream of it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tools import run_checks
from tools.changed_files import GitError, changed_files, linted
from tools.check_models import affected_models, tables_to_make, unit_tests_of


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("select 1\n", encoding="utf-8")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone on a branch that follows the original's, both with one commit."""
    original, clone = tmp_path / "original", tmp_path / "clone"
    write(original, "models/old.sql", "models/gone.sql", "README.md", ".gitignore")
    (original / ".gitignore").write_text("target/\n", encoding="utf-8")
    git(original, "init", "--initial-branch", "main")
    git(original, "add", ".")
    git(original, "commit", "--message", "first")
    git(tmp_path, "clone", str(original), str(clone))
    return clone


def test_nothing_has_changed_in_a_fresh_clone(clone: Path) -> None:
    assert changed_files(clone) == []


def test_committed_staged_edited_new_and_deleted_files_are_found(clone: Path) -> None:
    write(clone, "models/committed.sql")
    git(clone, "add", ".")
    git(clone, "commit", "--message", "second")
    write(clone, "models/staged.sql", "target/compiled.sql", "models/new file.sql")
    git(clone, "add", "models/staged.sql")
    (clone / "README.md").write_text("edited\n", encoding="utf-8")
    (clone / "models/gone.sql").unlink()
    found = changed_files(clone)
    assert found == [
        "README.md",
        "models/committed.sql",
        "models/gone.sql",
        "models/new file.sql",
        "models/staged.sql",
    ]
    assert linted(found, clone) == [
        "models/committed.sql",
        "models/new file.sql",
        "models/staged.sql",
    ]


def test_commits_that_others_pushed_are_not_ours(clone: Path, tmp_path: Path) -> None:
    write(tmp_path / "original", "models/theirs.sql")
    git(tmp_path / "original", "add", ".")
    git(tmp_path / "original", "commit", "--message", "theirs")
    git(clone, "fetch")
    write(clone, "models/ours.sql")
    assert changed_files(clone) == ["models/ours.sql"]


def test_without_an_upstream_the_last_commit_is_the_base(clone: Path) -> None:
    git(clone, "switch", "--create", "topic")
    write(clone, "models/committed.sql", "models/edited.sql")
    git(clone, "add", "models/committed.sql")
    git(clone, "commit", "--message", "second")
    assert changed_files(clone) == ["models/edited.sql"]
    assert changed_files(clone, "main") == ["models/committed.sql", "models/edited.sql"]


def test_a_branch_that_is_not_there_is_named(clone: Path) -> None:
    with pytest.raises(GitError, match="absent"):
        changed_files(clone, "absent")


@pytest.mark.parametrize(
    ("path", "is_linted"),
    [
        ("models/risk/limits/intermediate/a.sql", True),
        ("tests/singular/a.sql", True),
        ("analyses/a.sql", True),
        ("tests/generic/a.sql", False),
        ("macros/engine/a.sql", False),
        ("models/risk/limits/_limits.yml", False),
    ],
)
def test_linted_files_are_those_that_the_linter_reads(
    path: str, is_linted: bool, tmp_path: Path
) -> None:
    write(tmp_path, path)
    assert linted([path], tmp_path) == ([path] if is_linted else [])


def manifest() -> Any:
    """A seed, two models downstream of it, and an unrelated one; a macro of the second uses
    another.
    """

    def model(name: str, *macros: str) -> SimpleNamespace:
        return SimpleNamespace(
            name=name,
            resource_type="seed" if name == "seed" else "model",
            original_file_path=f"models/{name}.sql",
            patch_path=f"topheavy://models/_{name}.yml",
            depends_on=SimpleNamespace(macros=list(macros)),
        )

    def macro(name: str, *macros: str) -> SimpleNamespace:
        path = f"macros/{name}.sql"
        return SimpleNamespace(
            original_file_path=path, depends_on=SimpleNamespace(macros=list(macros))
        )

    def test(model: str) -> SimpleNamespace:
        return SimpleNamespace(
            name=f"test_{model}",
            original_file_path=f"models/_tests_{model}.yml",
            depends_on=SimpleNamespace(nodes=[model]),
        )

    return SimpleNamespace(
        nodes={
            "seed": model("seed"),
            "first": model("first"),
            "second": model("second", "outer"),
            "beside": model("beside"),
        },
        macros={"outer": macro("outer", "inner"), "inner": macro("inner")},
        unit_tests={name: test(name) for name in ("first", "second", "beside")},
        child_map={"seed": ["first"], "first": ["second"], "second": [], "beside": []},
        parent_map={"seed": [], "first": ["seed"], "second": ["first"], "beside": []},
    )


@pytest.mark.parametrize(
    ("path", "models", "tests"),
    [
        ("models/first.sql", {"first", "second"}, ["test_first", "test_second"]),
        ("models/seed.sql", {"seed", "first", "second"}, ["test_first", "test_second"]),
        ("models/_first.yml", {"first"}, ["test_first"]),
        ("models/_tests_beside.yml", set(), ["test_beside"]),
        ("macros/inner.sql", {"second"}, ["test_second"]),
        ("docs/measures.md", set(), []),
        (
            "dbt_project.yml",
            {"seed", "first", "second", "beside"},
            ["test_beside", "test_first", "test_second"],
        ),
    ],
)
def test_a_change_reaches_everything_downstream(
    path: str, models: set[str], tests: list[str]
) -> None:
    affected = affected_models(manifest(), [path])
    assert affected == models
    assert unit_tests_of(manifest(), affected, [path]) == tests


def test_tables_are_made_where_they_are_missing_or_may_differ() -> None:
    assert tables_to_make(manifest(), ["test_second"], {"second"}, set()) == ["first", "seed"]
    assert tables_to_make(manifest(), ["test_second"], {"second"}, {"first", "seed"}) == []
    there = {"first", "seed", "second"}
    assert tables_to_make(manifest(), ["test_second"], {"first", "second"}, there) == ["first"]
    assert tables_to_make(manifest(), ["test_beside"], {"beside"}, set()) == []


def test_a_check_of_changes_examines_only_them(tmp_path: Path) -> None:
    write(tmp_path, "models/a.sql")
    write(tmp_path, "models/a.yml")
    groups = run_checks.groups_for(["README.md", "models/a.sql", "models/a.yml"], tmp_path)
    assert groups["sqruff"] == (f"{run_checks.LINT} models/a.sql",)
    assert groups["models"][0].endswith("-m tools.check_models README.md models/a.sql models/a.yml")
    assert groups["yaml"][0] == "yamllint --strict models/a.yml"
    always = {"unbuilt", "models", "ruff"}
    assert groups.keys() == always | {"sqruff", "yaml"}
    assert run_checks.groups_for(["README.md", "models/deleted.yml"], tmp_path).keys() == always
    assert run_checks.groups_for(["topheavy/deleted.py"], tmp_path).keys() == always | {"mypy"}
