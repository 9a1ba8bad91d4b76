"""The limits and scenarios of a mapping, which replace those in seeds/.

A mapping has them as a list or names a CSV file beside it. The columns are those of the shipped
file, and the build's own tests check their values, as they do for the shipped rows.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from topheavy.mapping.errors import MappingError, nearest, shown
from topheavy.mapping.keys import Decision, ExportMapping
from topheavy.project import PROJECT, in_workspace

# The key of the mapping, and the shipped file with the same columns; the first column is the key.
SHIPPED = {
    "limits": PROJECT / "seeds/concentration_limits.csv",
    "scenarios": PROJECT / "seeds/stress_scenarios.csv",
}
NUMBERS = ("warn_at", "breach_at", "lost_share")
DATES = ("in_force_from", "in_force_to")


def with_decisions(mapping: ExportMapping, path: Path) -> ExportMapping:
    """Return the mapping with its limits and scenarios as rows, and the file that they
    come from.
    """
    sources = {"limits": mapping.limits, "scenarios": mapping.scenarios}
    own = {key: _own(rows, key, path) for key, rows in sources.items() if rows is not None}
    return mapping.resolving(decisions=own)


def _own(value: str | tuple[dict[str, Any], ...], key: str, mapping: Path) -> Decision:
    columns = _header(SHIPPED[key])
    if isinstance(value, str):
        file = mapping.parent / value
        rows, source = _read(file, key), in_workspace(file)
    else:
        rows, source = [*value], f"{key} in {in_workspace(mapping)}"
    texts = [_as_text(row, columns, f"{key}[{number}]") for number, row in enumerate(rows, 1)]
    twice = [name for name, count in Counter(row[columns[0]] for row in texts).items() if count > 1]
    if twice:
        raise MappingError(f"{key}: {columns[0]} {twice[0]} is given twice; keep one")
    return Decision(source, tuple(texts))


def _header(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return next(csv.reader(lines))


def _read(file: Path, key: str) -> list[dict[str, Any]]:
    try:
        if file.exists() and not file.is_file():
            raise OSError(0, "it is a folder, a pipe or a device")
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return [row for row in csv.DictReader(lines) if any(row.values())]
    except (OSError, ValueError, csv.Error) as error:
        near = nearest(file.name, (item.name for item in file.parent.glob("*.csv")))
        reason = getattr(error, "strerror", None) or error
        raise MappingError(f"{key}: {file} cannot be read: {reason}{near}") from None


def _as_text(row: dict[str, Any], columns: Iterable[str], where: str) -> dict[str, str]:
    """Return a row as text, with all columns present and their types checked."""
    for name, value in row.items():
        if name not in columns:
            near = nearest(str(name), columns) or f"; known: {', '.join(columns)}"
            raise MappingError(f"{where}.{name}: unknown column{near}")
        if isinstance(value, list | dict):
            raise MappingError(f"{where}.{name}: must be one value, not {shown(value)}")
    texts = {name: "" if row.get(name) is None else str(row[name]).strip() for name in columns}
    for name in (name for name in NUMBERS if texts.get(name)):
        _refuse(texts[name], float, f"{where}.{name}", "a number, such as 0.10")
    for name in (name for name in DATES if texts.get(name)):
        _refuse(texts[name], date.fromisoformat, f"{where}.{name}", "a date, such as 2024-01-31")
    return texts


def _refuse(text: str, read: Any, where: str, wanted: str) -> None:
    try:
        read(text)
    except ValueError:
        raise MappingError(f"{where}: must be {wanted}, not {shown(text)}") from None
