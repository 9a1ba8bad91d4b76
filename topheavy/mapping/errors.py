"""Errors in a mapping or a file, each described in one line with the remedy."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from typing import Any

SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class MappingError(Exception):
    """Report that a mapping or one of its files cannot be used; the message is one line with the
    remedy.
    """


def nearest(name: str, names: Iterable[str], cutoff: float = 0.6) -> str:
    """Return `; did you mean x?` for the most similar of `names`, ignoring case; empty
    if none is.
    """
    folded = {item.casefold(): item for item in names}
    found = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=cutoff)
    return f"; did you mean {quoted(folded[found[0]])}?" if found else ""


def quoted(name: str) -> str:
    """Return a name for a message: in quotes unless it is a single word."""
    return name if SNAKE_CASE.fullmatch(name) else f"'{name}'"


def shown(value: Any) -> str:
    """Return a value for a message as the mapping writes it."""
    if value is None:
        return "nothing"
    known = isinstance(value, str | int | float | list | dict)
    return json.dumps(value, ensure_ascii=False, default=str) if known else str(value)
