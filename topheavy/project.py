"""Where the project stands; relative paths are from its folder."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def in_project(path: Path) -> str:
    """A file's name in the tables: from the project's folder on where it lies in it."""
    whole = Path(os.path.abspath(path))
    return str(whole.relative_to(PROJECT) if whole.is_relative_to(PROJECT) else whole)


def quoted(path: Path) -> str:
    """A path as it stands between the quotes of SQL."""
    return str(path).replace("'", "''")
