"""Replace the published warehouse by a finished build, in one step that readers cannot see half of.

The build is copied beside the target, flushed to disk and renamed over it. Who has the old file
open keeps it until they close; who opens it later gets the new one.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb


def publish(build: Path, target: Path) -> None:
    """Copy the finished `build` over `target` atomically."""
    checkpoint(build)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.new")
    try:
        shutil.copyfile(build, beside)
        flush(beside)
        # A write-ahead log of the old file must never be replayed into the new one.
        log_of(target).unlink(missing_ok=True)
        os.replace(beside, target)
        flush(target.parent)
    finally:
        beside.unlink(missing_ok=True)


def checkpoint(path: Path) -> None:
    """Fold a write-ahead log into the file, so that the file alone is the database."""
    with duckdb.connect(str(path)) as database:
        database.execute("checkpoint")
    if log_of(path).exists():
        raise OSError(f"{log_of(path)} is still there after a checkpoint")


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def flush(path: Path) -> None:
    """Make what was written to a file or folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
