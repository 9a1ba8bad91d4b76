"""Split the files that a user names in one text, as in `make mapping FILES="orders.csv
customers.csv"`.

The text is never executed: the shell sees one word, and this module does what a shell would do with
blanks, quotes, `~` and `*`. A name with blanks needs no quotes if a file with that name exists.
"""

from __future__ import annotations

import glob
import shlex
import sys
from pathlib import Path

# The largest number of words, separated by blanks, that are tried as one file name.
LONGEST_NAME = 12


def given_files(text: str) -> list[Path]:
    """Return the paths in `text`, including paths that do not exist: the file reader
    reports those.
    """
    if not text.strip():
        return []
    if Path(text).exists():
        return [Path(text)]
    words, found = _words(text), list[Path]()
    while words:
        path, count = _first(words)
        matches = sorted(glob.glob(str(path), recursive=True)) if not path.exists() else []
        found += map(Path, matches or [str(path)])
        words = words[count:]
    return found


def _words(text: str) -> list[str]:
    """Split a text as a shell does; at blanks only if a quote is part of a name."""
    try:
        if sys.platform == "win32":  # a backslash separates folders there
            return [word.strip("\"'") for word in shlex.split(text, posix=False)]
        return shlex.split(text)
    except ValueError:
        return text.split()


def _first(words: list[str]) -> tuple[Path, int]:
    """Return the longest file name that the words begin with, and how many words it takes."""
    for count in range(min(len(words), LONGEST_NAME), 1, -1):
        path = Path(" ".join(words[:count])).expanduser()
        if path.exists():
            return path, count
    return Path(words[0]).expanduser(), 1
