"""Write the first draft of a mapping: what the files and columns of an export are, and why.

Each guess at a column or time format has its reason beside it. What the files cannot decide is
asked in lines that begin with `# QUESTION:`. Three decisions stay out of the draft while they are
open, so that the check of the mapping fails until somebody answers: the order of day and month in
dates, the column of a row's amount or date, and the types that are purchases. Other questions leave
the line as it is drafted.

Usage:
    python -m topheavy draft sales.csv customers.csv --out mappings/NAME.yml
    make mapping FILES="sales.csv customers.csv"            writes mappings/sales.yml
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from topheavy.draft.ambiguities import ambiguities, currency_line, load_rows
from topheavy.draft.block_lines import block_lines
from topheavy.draft.blocks import canonical_type, draft_blocks, in_yaml
from topheavy.draft.given_files import given_files
from topheavy.draft.interaction_rows import Orders, Rows
from topheavy.draft.profiles import profile_files
from topheavy.draft.questions import Line, Question, numbered, structured
from topheavy.draft.roles import Block
from topheavy.draft.settings import (
    case_lines,
    count_repeated_rows,
    dimension_lines,
    label_lines,
    missing_lines,
    return_lines,
    revenue_lines,
    type_lines,
    zone_lines,
)
from topheavy.in_memory import in_memory
from topheavy.mapping.containers import refuse_other_kinds
from topheavy.mapping.errors import MappingError
from topheavy.mapping.keys import BLOCKS, TYPED_FILES
from topheavy.mapping.name_hints import (
    normalized,
)
from topheavy.mapping.reading import read_export
from topheavy.mapping.reference import SCHEMA, SCHEMA_LINE, json_schema
from topheavy.project import WORKSPACE, command, option
from topheavy.visible import guard_terminal, printable
from topheavy.writing import write_whole

SUFFIXES = (".csv", ".txt", ".tsv", ".gz", ".zip", *TYPED_FILES)


@dataclass(frozen=True)
class Draft:
    """The text of a draft, and its questions in the order of the text."""

    text: str
    questions: tuple[Question, ...]


def propose(paths: Sequence[Path], name: str, root: Path) -> str:
    """Return the draft of a mapping for some files: YAML with a reason beside every guess."""
    return draft_of(paths, name, root).text


def draft_of(paths: Sequence[Path], name: str, root: Path) -> Draft:
    """Return the draft of a mapping for some files, and its questions."""
    with in_memory() as database:
        tables = profile_files(paths, database)
        blocks, questions = draft_blocks(tables, database)
        repeated = count_repeated_rows(blocks[0], database)
        rows = _rows(blocks, database)
        load_rows(rows)
        # The search for ambiguities drops rows, and the currency is that of all.
        currency, ambiguous = currency_line(rows), ambiguities(rows)
    if any(question.name == "money_in_and_out" for question in ambiguous):
        # That question asks whether it is one of the two columns, or both.
        blocks[0].rivals.pop("amount", None)
        blocks[0].questions.pop("amount", None)
    blocks[0].lines += [question for question in ambiguous if question.at]
    folder = Path(os.path.commonpath([path.resolve().parent for path in paths]))
    inside = folder.is_relative_to(root)
    sections: list[list[Line]] = [
        [
            f"name: {in_yaml(name)}",
            f"folder: {in_yaml((folder.relative_to(root) if inside else folder).as_posix())}",
            *questions,
            *(question for question in ambiguous if not question.at),
            *currency,
            *revenue_lines({block.name: block for block in blocks}, ambiguous),
            *return_lines(blocks[0]),
            *([f"duplicates: keep  # {repeated:,} rows repeat another row"] if repeated else []),
            *zone_lines(blocks),
            *missing_lines(blocks),
            *case_lines(blocks),
            *label_lines(blocks),
        ],
        type_lines(blocks[0]),
        dimension_lines(blocks),
        *(block_lines(block, folder) for name in BLOCKS for block in blocks if block.name == name),
    ]
    lines = [list(structured(section, ())) for section in sections if section]
    asked = tuple(line for section in lines for line in section if isinstance(line, Question))
    body = "\n\n".join("\n".join(_text_lines(section)) for section in lines)
    return Draft(headed(f"\n{body}\n", len(asked)), asked)


def headed(text: str, count: int) -> str:
    """Write the number of open questions on the first line of a draft."""
    questions = "1 question is" if count == 1 else f"{count or 'no'} questions are"
    _, _, body = text.partition("\n")
    return f"# A draft by topheavy draft: read every line; {questions} open.\n{body}"


def write_draft(text: str, path: Path) -> None:
    """Write a draft and, if `schema.json` is in the same folder, the line that refers to it.

    A folder that is created for the draft also gets `schema.json`.
    """
    keys = path.parent / SCHEMA
    if not path.parent.exists():
        write_whole(json_schema(), keys)
    first, _, rest = text.partition("\n")
    named = f"{SCHEMA_LINE}{SCHEMA}\n" if keys.exists() else ""
    write_whole(f"{first}\n{named}{rest}", path)


def _rows(blocks: Sequence[Block], database: duckdb.DuckDBPyConnection) -> Rows:
    """Return the rows of interactions as the draft reads them."""
    block = blocks[0]
    roles = {role: found.column for role, found in block.picks.items()}
    kind = roles.get("interaction_type")
    types = {text.casefold(): canonical_type(text) for text, _ in kind.top_values} if kind else {}
    amounts = tuple(found.column for found in block.found("amount"))
    orders = None
    for other in (other for other in blocks if other.name == "orders" and "order" in roles):
        orders = Orders(other.table, other.picks["order"].column, roles["order"])
    return Rows(block.table, roles, amounts, database, types, orders=orders)


def _text_lines(lines: Iterable[Line]) -> Iterator[str]:
    """Return the lines of the draft's text, with questions as comments."""
    for line in lines:
        if isinstance(line, Question):
            yield from line.lines()
        else:
            # Only comments quote values unchanged, and a line break would end the comment.
            yield printable(line)


def expanded(paths: Sequence[Path]) -> list[Path]:
    """Return the files, with each folder replaced by the export files in it."""
    if not paths:
        raise MappingError('name the files: FILES="sales.csv customers.csv"')
    files: list[Path] = []
    for path in paths:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        files += [item for item in inside if not path.is_dir() or _is_export(item)]
    if not files:
        for item in (item for item in sorted(paths[0].iterdir()) if item.is_file()):
            _refuse(item)
        raise MappingError(f"{paths[0]}: no {', '.join(SUFFIXES)} file in this folder")
    return files


def _is_export(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _refuse(path: Path) -> None:
    """Raise MappingError with the actual type of a file that is not an export."""
    try:
        refuse_other_kinds(path)
    except MappingError as error:
        raise MappingError(f"{path} {error}") from None


def state_of(draft: str, root: Path) -> str:
    """Describe the result of checking a draft."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draft.yml"
        path.write_text(draft, encoding="utf-8")
        try:
            read_export(path, root, {})
        except MappingError as error:
            return f"it does not build yet: {str(error).removeprefix(f'{path}: ')}"
    return "it builds"


def next_steps(path: Path, questions: Sequence[Question], state: str) -> str:
    """Describe what to do with a draft that has just been saved."""
    return "\n".join(
        [
            f"{path}: written; {state}",
            *numbered(questions),
            f"next: read it{', answer the questions' if questions else ''}, then",
            f"  {command('build', mapping=str(path))}",
        ]
    )


def default_path(first: Path, name: str | None) -> Path:
    """Return where `--save` writes: a name taken from the export's first file or folder."""
    words = re.findall("[a-z0-9]+", normalized(name or first.resolve().name.split(".")[0]))
    return Path("mappings") / f"{'_'.join(words) or 'export'}.yml"


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Write the first draft of a mapping.")
    parser.add_argument("paths", type=Path, nargs="*", help="the export's files, or their folder")
    parser.add_argument("--files", default="", help="the same in one text, quoted as in a shell")
    parser.add_argument("--out", type=Path, help="where to write it; default: to the screen")
    parser.add_argument("--save", action="store_true", help="write it to mappings/NAME.yml")
    parser.add_argument("--name", help="the mapping's name; default: from --out or the files")
    arguments = parser.parse_args()
    named_files = arguments.paths + given_files(arguments.files)
    out = arguments.out
    try:
        files = expanded(named_files)
        if arguments.save and not out:
            out = default_path(named_files[0], arguments.name)
        if out and out.exists():
            choice = option("name", "another") if arguments.save else "--out"
            raise MappingError(f"{out} exists; name another file with {choice}")
        named = out or (files[0] if len(files) == 1 else files[0].resolve().parent)
        draft = draft_of(files, arguments.name or named.stem, WORKSPACE)
    except MappingError as error:
        print(error, file=sys.stderr)
        return 1
    state = state_of(draft.text, WORKSPACE)
    if not out:
        print(draft.text, end="")
        print(f"draft: {state}", file=sys.stderr)
        return 0
    write_draft(draft.text, out)
    if arguments.save:
        print(next_steps(out, draft.questions, state))
    else:
        print(f"{out}: {state}", file=sys.stderr)
    return 0
