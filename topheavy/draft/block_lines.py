"""Write the lines of a draft for one block: its files, format and columns."""

from __future__ import annotations

import difflib
import glob
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from topheavy.draft.blocks import in_yaml, yaml_list
from topheavy.draft.kinds_of_files import bare
from topheavy.draft.questions import Answer, Line, Question, structured
from topheavy.draft.roles import Block
from topheavy.draft.settings import dimension_columns
from topheavy.mapping.blocks import Format
from topheavy.mapping.errors import nearest
from topheavy.mapping.keys import roles_of
from topheavy.mapping.name_hints import (
    ROLE_HINTS,
    name_score,
    normalized,
)

FILES_LISTED = 5
NAMES_TO_CHOOSE = 3
# Headers with at least this similarity may be spellings of the same name.
ALIKE = 0.6


def block_lines(block: Block, folder: Path) -> list[Line]:
    layout, table = block.table.layout, block.table
    rows = f"{table.rows:,} row{'s'[: table.rows != 1]}"
    rows = f"the first {rows} were looked at" if table.is_sample else rows
    lines: list[Line] = [f"files: {_files(table.paths, folder)}  # {rows}"]
    for key in ("delimiter", "encoding", "skip_lines"):
        value = getattr(layout, key)
        if value != getattr(Format(), key) and not layout.is_parquet:
            text = {"\t": '"\\t"', "whitespace": "whitespace"}.get(value, f'"{value}"')
            lines.append(f"{key}: {text if key == 'delimiter' else value}")
    if layout.sheet:
        names = [layout.sheet] if isinstance(layout.sheet, str) else layout.sheet
        lines.append(f"sheet: {in_yaml(names[0]) if len(names) == 1 else yaml_list(names)}")
    lines += _file_questions(block)
    named = block.used()
    if block.name in ("interactions", "orders"):
        named |= {column.name for column in dimension_columns(block)}
    aliases = [
        f"  {in_yaml(name)}: {yaml_list(others)}"
        for name, others in table.aliases.items()
        if name in named
    ]
    lines += ["aliases:", *aliases] if aliases else []
    lines += _drift_questions(block)
    lines.append("columns:")
    for role in roles_of(block.name):
        lines += block.questions.get(role, [])
        found = block.picks.get(role)
        if found:
            lines.append(f"  {role}: {in_yaml(found.column.name)}  # {found.reason}")
    lines += structured(block.lines, (block.name,))
    indented = (line if isinstance(line, Question) else f"  {line}" for line in lines)
    return [f"{block.name}:", *indented]


def _file_questions(block: Block) -> Iterator[Question]:
    """Ask about those properties of the stored files that only the user knows."""
    for text, answers in block.table.layout.questions:
        yield Question(
            text,
            tuple(
                Answer(words, tuple(((block.name, key), value) for key, value in settings))
                for words, settings in answers
            ),
            (block.name,),
        )
    # Columns that share a name are distinguished by position; only the author of the file knows
    # which one is meant.
    repeated = Counter(name.rpartition("#")[0] for name in block.table.layout.header if "#" in name)
    for name, count in repeated.items():
        used = [text for text in sorted(block.used()) if text.rpartition("#")[0] == name]
        if count > 1 and used:
            yield Question(
                f"{count} columns have the same name '{name}', here {name}#1 to {name}#{count} in "
                f"their order: is {' or '.join(used)} the right one?",
                (Answer("it is"),),
                (block.name,),
            )


def _drift_questions(block: Block) -> Iterator[Question]:
    """Ask about columns that some files lack: other spellings, or columns that were added later."""
    drifts = block.table.drifts
    for name in sorted(block.used() & {*drifts}):
        others = _never_beside(name, block)
        near = nearest(name, others) or "; is it elsewhere?"
        first, count = drifts[name][0], len(drifts[name])
        files = f"{count} files, such as {first}, have" if count > 1 else f"{first} has"
        text = f"{files} no '{name}'{near} List other spellings under aliases."
        answers = [
            Answer(f"'{other}' is the same", _as_alias(block, name, other)) for other in others
        ]
        lack = Answer("they lack it: rows there have none")
        yield Question(text, (*answers[:NAMES_TO_CHOOSE], lack), (block.name,))


def _never_beside(name: str, block: Block) -> list[str]:
    """Return the headers that may be another spelling of a column, most similar first.

    These are unmapped headers that never occur in the same file as the column.
    """
    drifts, used = block.table.drifts, block.used()
    files = {path.name for path in block.table.paths}
    roles = [role for role, found in block.picks.items() if found.column.name == name]
    words = {*normalized(name).split()}
    alike: dict[str, tuple[float, ...]] = {}
    for other in drifts:
        common = len(words & {*normalized(other).split()})
        scores = [name_score(other, role) for role in roles if role in ROLE_HINTS]
        ratio = difflib.SequenceMatcher(None, bare(name), bare(other)).ratio()
        apart = {*drifts[name], *drifts[other]} >= files
        if other not in used and apart and (common or any(scores) or ratio >= ALIKE):
            alike[other] = (-common, -max(scores, default=0), -ratio)
    return sorted(alike, key=lambda other: (alike[other], other))


def _as_alias(block: Block, name: str, other: str) -> tuple[tuple[tuple[str, ...], object], ...]:
    """Return the settings that declare a header, with all its spellings, an alias of another."""
    path = (block.name, "aliases")
    spellings = [other, *block.table.aliases.get(other, ())]
    return (((*path, other), None), ((*path, name), spellings))


def _files(paths: Sequence[Path], folder: Path) -> str:
    """Return the files as a YAML list, or as the glob that matches exactly these files."""
    names = sorted(path.resolve().relative_to(folder).as_posix() for path in paths)
    if len(names) == 1:
        return in_yaml(names[0])
    start = _common_start(names)
    end = _common_start([name[len(start) :][::-1] for name in names])[::-1]
    pattern = f"{start}*{end}"
    exact = sorted(glob.glob(pattern, root_dir=folder)) == names
    return in_yaml(pattern) if exact and len(names) > FILES_LISTED else yaml_list(names)


def _common_start(names: Iterable[str]) -> str:
    alike = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike)
