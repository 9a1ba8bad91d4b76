"""The files that a user names in one text, as in `make mapping FILES="orders.csv customers.csv"`.

The text is never run: a shell sees it as one word, and what a shell would do with blanks, quotes,
`~` and `*` is done here. A name with blanks needs no quotes where a file has that name.
"""

from __future__ import annotations

import glob
import shlex
from pathlib import Path

# How many words with blanks between them are tried as one name.
LONGEST_NAME = 12


def given_files(text: str) -> list[Path]:
    """The paths in `text`, including those that do not exist: their reader reports them."""
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
    """As a shell splits a text; at blanks alone where a quote is only part of a name."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _first(words: list[str]) -> tuple[Path, int]:
    """The longest name of a file that the words begin with, and how many words it has."""
    for count in range(min(len(words), LONGEST_NAME), 1, -1):
        path = Path(" ".join(words[:count])).expanduser()
        if path.exists():
            return path, count
    return Path(words[0]).expanduser(), 1
