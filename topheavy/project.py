"""The folders of the dbt project and of the user, and how the user calls the commands.

In a checkout both are the checkout's folder, and `make` calls the commands. An installed package
contains the dbt project and works in the current folder.
"""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
IS_INSTALLED = (PACKAGE / "dbt_project").is_dir()
# The dbt project: models, macros, seeds.
PROJECT = PACKAGE / "dbt_project" if IS_INSTALLED else PACKAGE.parent
# The base of relative paths: mappings/, warehouse/, the files of an export.
WORKSPACE = Path.cwd() if IS_INSTALLED else PROJECT


def in_workspace(path: Path) -> str:
    """Return a file's name in the tables: relative to the workspace if the file is inside it."""
    whole = Path(os.path.abspath(path))
    inside = whole.is_relative_to(WORKSPACE)
    return (whole.relative_to(WORKSPACE) if inside else whole).as_posix()


def quoted(path: Path) -> str:
    """Return a path for use between the quotes of SQL."""
    return str(path).replace("'", "''")


def command(name: str, **options: str) -> str:
    """Return what a user types to run a command, for messages."""
    start = f"topheavy {name}" if IS_INSTALLED else f"make {name}"
    return " ".join([start, *(option(key, value) for key, value in options.items())])


def option(name: str, value: str) -> str:
    """Return what a user types to set an option of a command, for messages."""
    return f"--{name} {value}" if IS_INSTALLED else f"{name.upper()}={value}"
