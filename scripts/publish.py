"""Replace the published warehouse in steps of which readers can see none but the last.

A finished build is copied beside the target, flushed to disk and renamed over it; what stood there
before stays beside it as the previous release, which `rollback` puts back in the same way. Who has
the old file open keeps it until they close; who opens it later gets the new one. A kill between two
steps leaves a whole file under the target's name, and the next call settles what is left over.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

if sys.platform != "win32":
    import fcntl

# DuckDB's write-ahead log, and the two that take its place during a checkpoint and a recovery.
LOG_SUFFIXES = (".wal", ".wal.checkpoint", ".wal.recovery")
REMEDIES = {
    errno.ENOSPC: "free some space on its disk",
    errno.EDQUOT: "free some of your quota",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f)",
    errno.EROFS: "make its disk writable",
    errno.EACCES: "make it writable for you",
    errno.EPERM: "make it writable for you",
}


class PublishError(Exception):
    """What is published cannot be replaced; the message says in one line why and what to do."""


def publish(build: Path, target: Path) -> None:
    """Put a copy of the finished `build` in the place of `target`, and keep what stood there."""
    if not build.is_file():
        raise PublishError(f"{build}: no such file, so there is nothing to publish; build again")
    target.parent.mkdir(parents=True, exist_ok=True)
    settle(target)
    try:
        copy_checkpointed(build, beside(target))
        exchange(beside(target), target)
    finally:
        settle(target)


def rollback(target: Path) -> None:
    """Let `target` and the previous release change places."""
    settle(target)
    previous = previous_of(target)
    if not previous.is_file():
        raise PublishError(f"there is no {previous}; it takes two builds to have one")
    remove_logs(previous)
    with duckdb.connect(str(previous), read_only=True):
        pass  # what DuckDB cannot open is not put in front of anybody
    try:
        exchange(previous, target)
    finally:
        settle(target)


def exchange(incoming: Path, target: Path) -> None:
    """Rename `incoming` over `target`, and what stood there to the previous release."""
    kept = kept_of(target)
    if target.exists():
        keep(target, kept)
    # A log that somebody's write left behind must never be replayed into another file. In the
    # instant between the two steps a reader sees the old release as it was published.
    if remove_logs(target) + remove_logs(previous_of(target)):
        flush(target.parent)
    os.replace(incoming, target)
    if kept.exists():
        os.replace(kept, previous_of(target))
    flush(target.parent)


def settle(target: Path) -> None:
    """Finish an exchange that was cut short if `target` is replaced already, else undo it."""
    beside(target).unlink(missing_ok=True)
    kept = kept_of(target)
    if not kept.exists():
        return
    if target.exists() and kept.samefile(target):
        kept.unlink()
    else:
        os.replace(kept, previous_of(target))


def keep(target: Path, kept: Path) -> None:
    """Give the file a second name: the first is never without a file, and nothing is copied."""
    try:
        os.link(target, kept)
    except OSError:  # a disk that has no hard links, or somebody else's file
        shutil.copyfile(target, beside(kept))
        flush(beside(kept))
        os.replace(beside(kept), kept)


def copy_checkpointed(build: Path, copy: Path) -> None:
    """Copy a database with its log folded in; nobody else can write to it meanwhile."""
    with duckdb.connect(str(build)) as database:
        database.execute("checkpoint")
        shutil.copyfile(build, copy)
    flush(copy)


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the build folder; a second build would write into the tables of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another build is writing to {folder}; wait until it ends"
            raise PublishError(message) from None
        yield


def previous_of(target: Path) -> Path:
    return target.with_name(f"{target.stem}.previous{target.suffix}")


def beside(target: Path) -> Path:
    """Where a copy grows until it is whole."""
    return target.with_name(f".{target.name}.new")


def kept_of(target: Path) -> Path:
    """Where the old release stands while the new one takes its place."""
    return target.with_name(f".{target.name}.old")


def remove_logs(path: Path) -> int:
    """Remove the logs beside a database; return how many there were."""
    logs = [path.with_name(path.name + suffix) for suffix in LOG_SUFFIXES]
    found = [log for log in logs if log.exists()]
    for log in found:
        log.unlink()
    return len(found)


def flush(path: Path) -> None:
    """Make what was written to a file or folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def in_words(error: BaseException) -> str:
    """An error in one line; of the system's errors the file last named, the reason, the remedy."""
    if not isinstance(error, OSError) or not error.strerror:
        return " ".join(str(error).split())
    file = error.filename2 or error.filename
    remedy = REMEDIES.get(error.errno or 0)
    return (f"{file}: " if file else "") + error.strerror + (f"; {remedy}" if remedy else "")
