"""Publish a build as a release: the warehouse, its report and its facts change in one step.

A release is a folder that is written beside the others, flushed to disk and never changed again.
`current` is a link to one of them, and the paths that people open are links through it:

    warehouse/NAME/topheavy.duckdb -> current/topheavy.duckdb
    warehouse/NAME/current         -> releases/12

Replacing that one link is the only step that readers see. File and report therefore always belong
to the same release, even if a process is killed or a disk is full. A reader that has the old file
open keeps it until closing it; later readers get the new one. The previous release is kept for
`rollback`; older ones are removed once nobody has them open.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from topheavy.in_memory import in_memory
from topheavy.locks import locked, require_regular_file
from topheavy.project import quoted
from topheavy.publish.outputs import Outputs
from topheavy.visible import visible
from topheavy.writing import naming

if sys.platform != "win32":
    import fcntl

# The names of releases, and of releases that are being written.
NUMBER, HALF = re.compile("0|[1-9][0-9]*"), re.compile("[.][0-9]+")
# DuckDB's write-ahead log, and the two files that replace it during a checkpoint and a recovery.
LOG_SUFFIXES = (".wal", ".wal.checkpoint", ".wal.recovery")
REMEDIES = {
    errno.ENOSPC: "free some space on its disk",
    errno.EDQUOT: "free some of your quota",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f)",
    errno.EROFS: "make its disk writable",
    errno.EACCES: "make it writable for you",
    errno.EPERM: "make it writable for you",
    errno.EEXIST: "move it away, because its name is needed",
    errno.ELOOP: "remove that link",
    errno.EISDIR: "move it away, because its name is needed",
    errno.ENOTDIR: "move it away, because its name is needed",
}
NO_LINKS = (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP)


class PublishError(Exception):
    """Report that the published files cannot be replaced; the message has the reason and the
    remedy.
    """


def publish(
    build: Path,
    page: str,
    facts: Mapping[str, Any],
    outputs: Outputs,
    more: Mapping[Path, str] | None = None,
) -> None:
    """Make a release of the finished build, its page, its facts and more texts; switch to it."""
    if not build.is_file():
        raise PublishError(f"{build}: no such file, so there is nothing to publish; build again")
    with new_release(outputs) as new:
        copy_checkpointed(build, new / outputs.database.name)
        write(page, new / outputs.report.name)
        text = json.dumps(facts, indent=2) + "\n"
        write(text, new / outputs.facts.name)
        for link, words in (more or {}).items():
            write(words, new / link.name)


def rollback(outputs: Outputs) -> None:
    """Make a release of the files of the previous one, and switch to it."""
    previous = previous_of(outputs)
    if not previous:
        raise PublishError(
            f"{outputs.folder}: there is no previous release; the second build creates one"
        )
    database = previous / outputs.database.name
    if not database.is_file():
        raise PublishError(f"{database}: no such file, so nothing can be restored; build again")
    remove_logs(database)
    with duckdb.connect(str(database), read_only=True):
        pass  # never publish a file that DuckDB cannot open
    with new_release(outputs) as new:
        for file in links(outputs):
            if (previous / file.name).exists():
                duplicate(previous / file.name, new / file.name)


@contextmanager
def new_release(outputs: Outputs) -> Iterator[Path]:
    """Yield a folder to fill; afterwards, flush it to disk and publish it."""
    settle(outputs)
    current, number = current_of(outputs), max(numbers(outputs), default=0) + 1
    new = outputs.releases / f".{number}"
    outputs.releases.mkdir(parents=True, exist_ok=True)
    new.mkdir()
    try:
        yield new
        for file in new.iterdir():
            flush(file)
        flush(new)
        whole = outputs.releases / str(number)
        os.rename(new, whole)
        flush(outputs.releases)
        for link in links(outputs):
            if (whole / link.name).exists():
                point(link, Path(outputs.current.name) / link.name)
        # A log that another program left behind must never be replayed into this file.
        for file in (outputs.database, *([current / outputs.database.name] if current else [])):
            remove_logs(file)
        point(outputs.current, whole.relative_to(outputs.folder))
    finally:
        settle(outputs)


def settle(outputs: Outputs) -> None:
    """Remove the remains of killed builds, and the releases that nobody needs any more."""
    for half in outputs.releases.glob(".*"):
        if HALF.fullmatch(half.name) and half.is_dir():
            shutil.rmtree(half)
    current, previous = current_of(outputs), previous_of(outputs)
    if not current:
        return
    for number in numbers(outputs):
        release = outputs.releases / str(number)
        if release in (current, previous):
            continue
        # A release with a number above the current one was never published.
        if number > int(current.name) or not is_open(release / outputs.database.name):
            shutil.rmtree(release)
    for link in links(outputs):
        # A rollback may have restored a release of an earlier version, which lacks this file.
        if link.is_symlink() and not link.exists():
            link.unlink()


def links(outputs: Outputs) -> tuple[Path, ...]:
    """Return the paths that people open; releases of earlier versions have no summary."""
    return (
        *(outputs.database, outputs.report, outputs.facts),
        *(outputs.summary, outputs.summary_data),
    )


def numbers(outputs: Outputs) -> list[int]:
    """Return the numbers of all complete releases, in order."""
    folders = (path.name for path in outputs.releases.glob("*") if path.is_dir())
    return sorted(int(name) for name in folders if NUMBER.fullmatch(name))


def current_of(outputs: Outputs) -> Path | None:
    """Return the published release; None if there is none."""
    if not outputs.current.is_symlink():
        return None
    release = outputs.releases / outputs.current.readlink().name
    return release if NUMBER.fullmatch(release.name) and release.is_dir() else None


def previous_of(outputs: Outputs) -> Path | None:
    """Return the release that was published before, if it still exists."""
    current = current_of(outputs)
    if not current:
        return None
    before = [number for number in numbers(outputs) if number < int(current.name)]
    return outputs.releases / str(before[-1]) if before else None


def point(link: Path, target: Path) -> None:
    """Make a link lead to a target in one step, and replace any file with its name."""
    if link.is_symlink() and link.readlink() == target:
        return
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    try:
        new.symlink_to(target)
    except OSError as error:
        # Windows reports an invalid argument to users who may not create links.
        if error.errno not in (*NO_LINKS, *([errno.EINVAL] if sys.platform == "win32" else [])):
            raise
        raise PublishError(
            f"{link}: its disk does not support symbolic links; move the project to a disk that "
            "does, or turn on developer mode on Windows"
        ) from None
    try:
        # Windows cannot replace a link to a folder, so there the old one is removed first.
        if sys.platform == "win32" and link.is_symlink():
            link.unlink()
        os.replace(new, link)
    finally:
        new.unlink(missing_ok=True)
    flush(link.parent)


def is_open(database: Path) -> bool:
    """Return whether another process has a database open; DuckDB locks files that it reads.

    The folder is renamed for the duration of the check, so that nobody can open the file during it.
    A file with a second name, from a rollback, is skipped: its data stay on disk in any case, and
    the lock would apply to the published file.
    """
    if database.exists() and database.stat().st_nlink > 1:
        return False
    hidden = database.parent.with_name(f".{database.parent.name}")
    try:
        os.rename(database.parent, hidden)
    except PermissionError:  # Windows cannot rename a folder with an open file
        return True
    try:
        with (hidden / database.name).open("rb+") as file:
            if sys.platform != "win32":
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:  # locked, or no permission to write
        return True
    finally:
        os.rename(hidden, database.parent)
    return False


def duplicate(file: Path, copy: Path) -> None:
    """Create a hard link to a file, or copy it on disks without hard links."""
    try:
        os.link(file, copy)
    except OSError:
        shutil.copyfile(file, copy)


def copy_checkpointed(build: Path, copy: Path) -> None:
    """Copy a database including its log; the caller prevents other writers."""
    with in_memory() as database:
        database.execute(f"attach '{quoted(build)}' as build")
        try:
            database.execute("checkpoint build")
            shutil.copyfile(build, copy)
        finally:
            database.execute("detach build")


def write(text: str, file: Path) -> None:
    with naming(file), file.open("w", encoding="utf-8", newline="\n") as opened:
        opened.write(text)


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the lock of the build folder, because a second build would write into the
    same tables.
    """
    with ExitStack() as locks:
        try:
            locks.enter_context(locked(folder, wait=False))
        except BlockingIOError:
            message = f"another build is writing to {folder}; wait until it ends"
            raise PublishError(message) from None
        for path in folder.iterdir():
            if not path.is_dir():
                require_regular_file(path)
        yield


def remove_logs(path: Path) -> None:
    """Remove the logs beside a database."""
    for suffix in LOG_SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Flush a file or folder to disk, so that it survives a power cut."""
    is_windows = sys.platform == "win32"
    if is_windows and path.is_dir():
        return  # Windows cannot open folders
    descriptor = os.open(path, os.O_RDWR if is_windows else os.O_RDONLY)
    try:
        with naming(path):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def in_words(error: BaseException) -> str:
    """Describe an error in one line; for system errors, with the last file named and the remedy."""
    if not isinstance(error, OSError) or not error.strerror:
        return " ".join(visible(str(error), keep="\n").split())
    file = error.filename2 or error.filename
    named = f"{visible(str(file))}: " if file else ""
    remedy = REMEDIES.get(error.errno or 0)
    return named + error.strerror + (f"; {remedy}" if remedy else "")
