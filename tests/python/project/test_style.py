"""The layout of the SQL in an editor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[3]
# Macros contain as much Jinja as SQL, so their lines may be as long as in Python.
WIDTHS = {"models": 88, "tests": 88, "analyses": 88, "macros": 100}

# What is between these is not SQL, or is a text in it.
NOT_CODE = re.compile(r"\{#.*?#\}|--[^\n]*|'(?:[^'\n]|'')*'|\"[^\"\n]*\"", re.DOTALL)
CLAUSE = re.compile(
    r"(from|where|group by|having|order by|limit|union|((inner|left|full|cross) )?join)\b"
)
# What follows on the next line of these may be indented twice: for the branch, and for a bracket.
BRANCH = re.compile(r"(case|when|then|else)\b|\{%")
# A CTE that reads a table unchanged, on one line and on three.
IMPORT = re.compile(r"\w+ as \(select \* from \{\{ .+ \}\}\),?")
LONG_IMPORT = re.compile(r"^(\w+ as \()\n\s+(select \* from \{\{ .+ \}\})\n(\),?)$", re.MULTILINE)
# Names of columns that are keywords of DuckDB and that nothing confuses with one.
KEYWORDS_AS_NAMES = {"action", "label", "location", "position", "target"}


def test_lines_fit_the_width() -> None:
    long = [
        f"{path.relative_to(PROJECT)}:{number}: {len(line)}"
        for folder, width in WIDTHS.items()
        for path in sorted((PROJECT / folder).rglob("*.sql"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > width
    ]
    assert long == []


def test_a_long_model_says_why() -> None:
    """A model fits on a screen; a longer one gives the reason on its first line."""
    crowded = [
        str(path.relative_to(PROJECT))
        for path in sorted((PROJECT / "models").rglob("*.sql"))
        if len((text := path.read_text(encoding="utf-8")).splitlines()) > 80
        and not text.startswith("{#- Longer than others: ")
    ]
    assert crowded == []


def test_no_yaml_is_too_long_to_read() -> None:
    listed = [*(PROJECT / "models").rglob("*.yml"), *(PROJECT / "macros").rglob("*.yml")]
    listed += [*(PROJECT / "unit_tests").rglob("*.yml"), *(PROJECT / "tests").rglob("*.yml")]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in listed}
    assert [str(path) for path, count in lengths.items() if count > 400] == []


def sql_files(*folders: str) -> Iterator[tuple[str, str]]:
    """Yield the path of each SQL file below the folders, and its code without comments and texts.

    Every line stays as wide as it is in the file.
    """
    for folder in folders:
        for path in sorted((PROJECT / folder).rglob("*.sql")):
            yield str(path.relative_to(PROJECT)), code_of(path.read_text(encoding="utf-8"))


def code_of(text: str) -> str:
    """Return the text with blanks in place of comments and underscores in place of texts."""
    return NOT_CODE.sub(
        lambda found: re.sub(r"[^\n]", "_" if found[0][0] in "'\"" else " ", found[0]), text
    )


def misplaced_lines(code: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each line that is not indented as its brackets and clauses say.

    Jinja does not move SQL: what a loop repeats is indented as if it were written once.
    """
    # For each open bracket: where its line begins, where it may be closed, and its last `select`.
    open_brackets: list[tuple[int, tuple[int, ...]]] = []
    selects: list[int | None] = [None]
    deepest = 0
    for number, line in enumerate(code.splitlines(), start=1):
        text = line.lstrip()
        if not text:
            continue
        indent = len(line) - len(text)
        inner = open_brackets[-1] if open_brackets else None
        if indent % 4:
            yield number, "is not indented by a multiple of four"
        elif inner and text[0] in ")]}" and not text.startswith("}}"):
            if indent not in inner[1]:
                yield number, "closes a bracket of a line with another indentation"
        elif inner and indent <= inner[0] and not text.startswith("{%"):
            yield number, "is inside a bracket, but not indented more than its line"
        elif indent > deepest:
            yield number, "is indented more than the line before allows"
        elif CLAUSE.match(text) and selects[-1] not in (None, indent):
            yield number, "is a clause that is not indented like its select"
        if re.match(r"select\b", text):
            selects[-1] = indent
        is_branch = BRANCH.match(text)
        closing = (indent, indent + 4) if is_branch else (indent,)
        for character in re.sub(r"\{\{|\}\}|\{%|%\}", "", text):
            if character in "([{":
                open_brackets.append((indent, closing))
                selects.append(None)
            elif character in ")]}" and open_brackets:
                open_brackets.pop()
                selects.pop()
        deepest = indent + (8 if is_branch else 4)


def faults(find: Callable[[str], Iterable[tuple[int, str]]], *folders: str) -> list[str]:
    """Return `file:line fault` for all that a check finds in the SQL files of folders."""
    return [
        f"{path}:{number} {fault}"
        for path, code in sql_files(*folders)
        for number, fault in find(code)
    ]


def test_lines_are_indented_by_brackets_and_clauses() -> None:
    assert faults(misplaced_lines, "models", "tests", "analyses") == []


@pytest.mark.parametrize(
    "lines",
    [
        "select\n   x\nfrom a",
        "select\n        x\nfrom a",
        "select x\n    from a",
        "select\nsum(\n    x\n    ) as y",
        "select\n    sum(\n    x\n    ) as y",
        "with\n\na as (\n    select 1 as x\n    where true\n        group by x\n)",
        "with\n\na as (\nselect 1 as x\n)",
        "select\n    case\n        when x then f(\n            y\n                    ) end as z",
    ],
)
def test_a_misplaced_line_is_found(lines: str) -> None:
    assert len([*misplaced_lines(lines)]) == 1


def misplaced_ctes(code: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each line at which a CTE does not keep to the house style.

    An import is one line, and imports follow each other without blank lines. Every other CTE has
    a blank line after it, as the last import has.
    """
    for found in LONG_IMPORT.finditer(code):
        if len("".join(found.groups())) <= WIDTHS["models"]:
            yield code.count("\n", 0, found.start()) + 1, "is an import that fits on one line"
    lines = [*code.splitlines(), "", ""]
    for number, (line, after, next_but_one) in enumerate(
        zip(lines, lines[1:], lines[2:], strict=False), start=1
    ):
        is_import = IMPORT.fullmatch(line)
        if after and (is_import or line in (")", "),")):
            if not (is_import and IMPORT.fullmatch(after)):
                yield number, "ends a CTE without a blank line after it"
        elif is_import and IMPORT.fullmatch(next_but_one):
            yield number, "is an import with a blank line after it"


def test_ctes_are_set_apart_and_imports_are_not() -> None:
    assert faults(misplaced_ctes, "models", "tests", "analyses", "integration_tests") == []


@pytest.mark.parametrize(
    "lines",
    [
        "with\n\na as (\n    select * from {{ ref('a') }}\n)\n\nselect x from a",
        "with\n\na as (select * from {{ ref('a') }})\nselect x from a",
        "with\n\na as (select * from {{ ref('a') }}),\n\nb as (select * from {{ ref('b') }})\n",
        "with\n\na as (select * from {{ ref('a') }}),\nb as (\n    select 1 as x\n)\n",
        "with\n\na as (\n    select 1 as x\n)\nselect x from a",
    ],
)
def test_a_misplaced_cte_is_found(lines: str) -> None:
    assert len([*misplaced_ctes(lines)]) == 1


def test_types_are_cast_by_name() -> None:
    """`cast(x as integer)` is what DuckDB and Spark share, not `x::integer`."""
    short = [path for path, code in sql_files("models", "tests", "analyses") if "::" in code]
    assert short == []


def test_no_name_is_a_keyword() -> None:
    """A reader, or another database, could take such a name for part of the statement."""
    found = duckdb.execute("select keyword_name from duckdb_keywords()").fetchall()
    keywords = {name for (name,) in found} - KEYWORDS_AS_NAMES
    named = [
        f"{path}: {name}"
        for path, code in sql_files("models", "tests", "analyses")
        for name in re.findall(r"\bas (\w+)(?=,|\n(?!\s*\)))", code)
        if name in keywords
    ]
    assert named == []
