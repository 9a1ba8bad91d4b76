"""List the files that a commit would change: differences from the upstream branch, committed or
not.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

# The files that the linter reads; .sqlfluffignore excludes the rest.
LINTED = ("models/*.sql", "tests/singular/*.sql", "analyses/*.sql")


class GitError(Exception):
    """Report that git cannot determine the changes; the message is one line with the reason."""


def git(*arguments: str, folder: Path) -> list[str]:
    """Run git; return its output, split at NUL bytes or line ends."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise GitError(" ".join(done.stderr.split()) or f"git {arguments[0]} failed")
    return [part for part in done.stdout.replace("\n", "\0").split("\0") if part]


def base_of(folder: Path, branch: str | None = None) -> str:
    """Return the commit to compare with: where this branch left `branch`, or its upstream.

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
    """Return the paths of files that differ from the base or are untracked, including
    deleted ones.
    """
    base = base_of(folder, branch)
    # A rename counts as a deletion and a new file, because both may have dependents.
    differing = git("diff", "--name-only", "--no-renames", "-z", base, folder=folder)
    unknown = git("ls-files", "--others", "--exclude-standard", "-z", folder=folder)
    return sorted({*differing, *unknown})


def linted(paths: Iterable[str], folder: Path) -> list[str]:
    """Return the files that the linter reads."""
    found = existing(paths, folder, (".sql",))
    return [path for path in found if any(fnmatch(path, pattern) for pattern in LINTED)]


def existing(paths: Iterable[str], folder: Path, endings: tuple[str, ...]) -> list[str]:
    """Return the files that were not deleted and whose names have one of these endings."""
    return [
        path
        for path in paths
        if path.endswith(endings) and (folder / PurePosixPath(path)).is_file()
    ]
