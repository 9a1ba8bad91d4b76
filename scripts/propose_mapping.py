"""Write the first draft of a mapping: look at an export's files, say what is what, and why.

Every line of the draft gives its reason as a comment. What the files cannot tell is asked in lines
that begin with `# QUESTION:`; where a wrong guess would change figures (day or month first, which
of two amounts), the draft leaves the line commented out, so that the check of the mapping fails
until somebody has answered.

Usage:
    python scripts/propose_mapping.py sales.csv customers.csv --out mappings/NAME.yml
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import yaml

from file_profiles import Column, Table, month_first, profile_files
from mapping import MappingError, check
from mapping_keys import BLOCKS, DEFAULTS, ROLES, STANDARD_DIMENSIONS
from name_hints import (
    CANCELLED_WORDS,
    ID_WORDS,
    MISSING_TEXTS,
    NAME_WORDS,
    TYPE_WORDS,
    has_word,
    name_score,
    normalized,
)

PROJECT = Path(__file__).resolve().parent.parent
SUFFIXES = (".csv", ".txt", ".tsv", ".gz", ".parquet")
KEY_ROLES = {"order": "orders", "customer": "customers", "product": "products"}
# A column is a number, a time or a key only if most of its values are.
MOSTLY = 0.5
NEARLY_ALL = 0.95
# A spelling rarer than this among the types of interaction is more likely a slip.
RARE = 0.005
FEW_VALUES = 50
MOST_DIMENSION_VALUES = 1000
FILES_LISTED = 5


@dataclass(frozen=True)
class Pick:
    """A column for a role, with the reason."""

    column: Column
    reason: str


@dataclass
class Block:
    """One block of the draft: a table, its columns by role, and what is open."""

    name: str
    table: Table
    picks: dict[str, Pick] = field(default_factory=dict)
    rivals: dict[str, list[Pick]] = field(default_factory=dict)
    """Roles of which only the user knows the column; they stand commented out."""
    questions: dict[str, list[str]] = field(default_factory=dict)
    """What to ask above the line of a role or key."""
    lines: list[str] = field(default_factory=list)
    """Lines below the columns: time formats and rows to leave out."""

    def used(self) -> set[str]:
        rivals = (pick for picks in self.rivals.values() for pick in picks)
        return {pick.column.name for pick in itertools.chain(self.picks.values(), rivals)}

    def free(self) -> list[Column]:
        used = self.used()
        return [column for column in self.table.columns if column.name not in used]

    def ask(self, where: str, *lines: str) -> None:
        self.questions.setdefault(where, []).extend(lines)


@dataclass(frozen=True)
class Link:
    """A column of one table whose values are the unique keys of another table."""

    child: Table
    child_column: Column
    parent: Table
    parent_column: Column
    share: float
    role: str


