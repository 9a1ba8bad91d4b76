"""Which files a commit would bring: what is not in the upstream branch, committed or not."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

# What sqlfluff reads; .sqlfluffignore names the rest.
LINTED = ("models/*.sql", "tests/singular/*.sql", "analyses/*.sql")


class GitError(Exception):
    """Git cannot tell what has changed; the message says in one line why."""


def git(*arguments: str, folder: Path) -> list[str]:
    """Run git; return the parts of what it prints, which NUL bytes or line ends separate."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise GitError(" ".join(done.stderr.split()) or f"git {arguments[0]} failed")
    return [part for part in done.stdout.replace("\n", "\0").split("\0") if part]


def base_of(folder: Path, branch: str | None = None) -> str:
    """The commit to compare with: where this branch left `branch`, or its upstream.

    Without an upstream it is the last commit.
    """
    if branch is None:
        try:
            git("rev-parse", "--verify", "@{upstream}", folder=folder)
        except GitError:
            return "HEAD"
        branch = "@{upstream}"
    return git("merge-base", "--end-of-options", "HEAD", branch, folder=folder)[0]


def changed_files(folder: Path, branch: str | None = None) -> list[str]:
    """Paths of the files that differ from the base or are new to git; deleted ones too."""
    base = base_of(folder, branch)
    # Renames count as a deletion and a new file: both may have children.
    differing = git("diff", "--name-only", "--no-renames", "-z", base, folder=folder)
    unknown = git("ls-files", "--others", "--exclude-standard", "-z", folder=folder)
    return sorted({*differing, *unknown})


def linted(paths: Iterable[str], folder: Path) -> list[str]:
    """Those of the files that sqlfluff reads."""
    return [
        path
        for path in paths
        if any(fnmatch(path, pattern) for pattern in LINTED)
        and (folder / PurePosixPath(path)).is_file()
    ]
