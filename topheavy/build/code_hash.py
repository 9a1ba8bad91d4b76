"""Hash code and the versions that run it, to tell whether a stored result is still valid."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from topheavy.project import PACKAGE, PROJECT


def code_hash(
    names: Iterable[str],
    packages: Iterable[str] = (),
    *,
    but: Iterable[str] = (),
    project: Path = PROJECT,
) -> str:
    """Return a hash of files and folders of the project, and of the versions that run them.

    `but` names files that do not count.
    """
    total = sha256(" ".join([sys.version, *map(version, packages)]).encode())
    for name in names:
        # An installed package contains the project.
        folder = project if (project / name).exists() else PACKAGE.parent
        top = folder / name
        for path in sorted({top, *top.rglob("*")} - {folder / name for name in but}):
            if path.is_file() and path.parent.name != "__pycache__":
                total.update(f"{path.relative_to(folder)}\0".encode())
                total.update(sha256(path.read_bytes()).digest())
    return total.hexdigest()
