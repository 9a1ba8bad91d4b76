"""Write the first draft of a mapping: look at an export's files, say what is what, and why.

Every column and time format that is guessed has its reason beside it. What the files cannot tell is
asked in lines that begin with `# QUESTION:`. How dates are written (day or month first), which
column is a row's amount or date, and which types are purchases is left out of the draft while it is
asked, so that the check of the mapping fails until somebody has answered; other questions leave the
line as it is drafted.

Usage:
    python -m topheavy draft sales.csv customers.csv --out mappings/NAME.yml
    make mapping FILES="sales.csv customers.csv"            writes mappings/sales.yml
"""

from __future__ import annotations

import argparse
import difflib
import glob
import itertools
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from topheavy.draft.ambiguities import Orders, Rows, ambiguities, currency_line
from topheavy.draft.blocks import canonical_type, draft_blocks, in_yaml, yaml_list
from topheavy.draft.given_files import given_files
from topheavy.draft.profiles import Column, bare, profile_files
from topheavy.draft.questions import TYPED, Answer, Line, Question, numbered, structured
from topheavy.draft.roles import MOSTLY, NUMBER_ROLES, RARE, Block, evidence
from topheavy.mapping.blocks import Format
from topheavy.mapping.containers import refuse_other_kinds
from topheavy.mapping.errors import MappingError, nearest
from topheavy.mapping.keys import BLOCKS, TYPED_FILES, reserved_names, roles_of
from topheavy.mapping.name_hints import (
    ID_WORDS,
    MISSING_TEXTS,
    NAME_WORDS,
    PERSON_WORDS,
    ROLE_HINTS,
    has_word,
    name_score,
    normalized,
)
from topheavy.mapping.reading import read_export
from topheavy.mapping.reference import SCHEMA, SCHEMA_LINE, json_schema
from topheavy.project import WORKSPACE, command, option
from topheavy.visible import guard_terminal, printable

SUFFIXES = (".csv", ".txt", ".tsv", ".gz", ".zip", *TYPED_FILES)
FILES_LISTED = 5
TYPES_TO_CHOOSE = 8
NAMES_TO_CHOOSE = 3
# Headers as alike as this may be one.
ALIKE = 0.6
# Headers of these words are called as the page calls them.
PLAIN_WORDS = frozenset(
    (
        *("customer", "customers", "cust", "client", "user", "product", "products", "item", "sku"),
        *("amount", "revenue", "total", "sales", "value", "net", "gross", "price", "subtotal"),
        *("article", "stock", "asin", "description", "uniq", "household", "email", "title"),
    )
)
# A dimension has far fewer values than the export has rows; in short files a few more may do.
DIMENSION_VALUES = (20, 1000)
DIMENSION_SHARE = 0.1


@dataclass(frozen=True)
class Draft:
    """The text of a draft, and what it asks, in the order of the text."""

    text: str
    questions: tuple[Question, ...]


def propose(paths: Sequence[Path], name: str, root: Path) -> str:
    """The draft of a mapping for some files: YAML with a reason beside every guess."""
    return draft_of(paths, name, root).text


def draft_of(paths: Sequence[Path], name: str, root: Path) -> Draft:
    """The draft of a mapping for some files, and its questions."""
    with duckdb.connect() as database:
        tables = profile_files(paths, database)
        blocks, questions = draft_blocks(tables, database)
        repeated = _repeated_rows(blocks[0], database)
        rows = _rows(blocks, database)
        doubts, currency = ambiguities(rows), currency_line(rows)
    if any(doubt.name == "money_in_and_out" for doubt in doubts):
        # Which of the two columns it is, or both, is asked by that question.
        blocks[0].rivals.pop("amount", None)
        blocks[0].questions.pop("amount", None)
    blocks[0].lines += [doubt for doubt in doubts if doubt.at]
    folder = Path(os.path.commonpath([path.resolve().parent for path in paths]))
    inside = folder.is_relative_to(root)
    sections: list[list[Line]] = [
        [
            f"name: {in_yaml(name)}",
            f"folder: {in_yaml(str(folder.relative_to(root) if inside else folder))}",
            *questions,
            *(doubt for doubt in doubts if not doubt.at),
            *currency,
            *_revenue_lines({block.name: block for block in blocks}, doubts),
            *_return_lines(blocks[0]),
            *([f"duplicates: keep  # {repeated:,} rows repeat another row"] if repeated else []),
            *_zone_lines(blocks),
            *_missing_lines(blocks),
            *_case_lines(blocks),
            *_label_lines(blocks),
        ],
        _type_lines(blocks[0]),
        _dimension_lines(blocks),
        *(_block_lines(block, folder) for name in BLOCKS for block in blocks if block.name == name),
    ]
    lines = [list(structured(section, ())) for section in sections if section]
    asked = tuple(line for section in lines for line in section if isinstance(line, Question))
    body = "\n\n".join("\n".join(_written(section)) for section in lines)
    return Draft(headed(f"\n{body}\n", len(asked)), asked)


def headed(text: str, count: int) -> str:
    """The text of a draft, with how many questions are open in its first line."""
    questions = "1 question is" if count == 1 else f"{count or 'no'} questions are"
    _, _, body = text.partition("\n")
    return f"# A draft by topheavy draft: read every line; {questions} open.\n{body}"


def write_draft(text: str, path: Path) -> None:
    """Write a draft; where the keys for editors lie beside it, with the line that names them.

    A folder that is made for it gets the keys, too.
    """
    keys = path.parent / SCHEMA
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
        keys.write_text(json_schema(), encoding="utf-8")
    first, _, rest = text.partition("\n")
    named = f"{SCHEMA_LINE}{SCHEMA}\n" if keys.exists() else ""
    path.write_text(f"{first}\n{named}{rest}", encoding="utf-8")


def _rows(blocks: Sequence[Block], database: duckdb.DuckDBPyConnection) -> Rows:
    """The rows of interactions as the draft reads them."""
    block = blocks[0]
    roles = {role: found.column for role, found in block.picks.items()}
    kind = roles.get("interaction_type")
    types = {text.casefold(): canonical_type(text) for text, _ in kind.top_values} if kind else {}
    amounts = tuple(found.column for found in block.found("amount"))
    orders = None
    for other in (other for other in blocks if other.name == "orders" and "order" in roles):
        orders = Orders(other.table, other.picks["order"].column, roles["order"])
    return Rows(block.table, roles, amounts, database, types, orders=orders)


def _written(lines: Iterable[Line]) -> Iterator[str]:
    """Lines as they stand in the draft, questions as comments."""
    for line in lines:
        if isinstance(line, Question):
            yield from line.lines()
        else:
            # Only comments quote values as they stand; a line break would end the comment.
            yield printable(line)


# ---- the top level ---------------------------------------------------------------------------


def _repeated_rows(block: Block, database: duckdb.DuckDBPyConnection) -> int:
    distinct = f"select count(*) from (select distinct * from {block.table.key})"
    return block.table.rows - int(database.execute(distinct).fetchall()[0][0])


def _revenue_lines(blocks: Mapping[str, Block], doubts: Iterable[Question]) -> list[Line]:
    """What counts as revenue: an amount of the row, or else of its product or customer."""
    lines = blocks["interactions"]
    in_two = any(doubt.name == "money_in_and_out" for doubt in doubts)
    if "amount" in lines.picks or "amount" in lines.rivals or in_two:
        return ["revenue: amount"]
    if "unit_price" in lines.picks:
        return ["revenue: amount  # quantity x unit price"]
    bases = [
        (basis, blocks[name].picks[role].column.name)
        for basis, name, role in (
            ("list_price", "products", "price"),
            ("customer_amount", "customers", "amount"),
        )
        if name in blocks and role in blocks[name].picks
    ]
    if not bases:
        return [_no_amount(lines)]
    basis, header = bases[0]
    times = ", times quantity" if basis == "list_price" and "quantity" in lines.picks else ""
    chosen = f"revenue: {basis}  # rows have no amount; '{header}' has{times}"
    if len(bases) == 1:
        return [chosen]
    other, other_header = bases[1]
    question = f"is revenue '{header}' ({basis}) or '{other_header}' ({other})?"
    answers = (Answer(f"'{header}'"), Answer(f"'{other_header}'", ((("revenue",), other),)))
    return [Question(question, answers), chosen]


def _no_amount(block: Block) -> Question:
    """The question for the amount, with the columns of numbers to choose from."""
    numbers = [
        column
        for column in block.free()
        if column.number_share >= MOSTLY and column.stamp_share < MOSTLY
    ]
    path = (block.name, "columns", "amount")
    return Question(
        "no column sounds like an amount: which one is the revenue of a row?",
        tuple(
            Answer(evidence(block.table, column, ""), ((path, column.name),)) for column in numbers
        ),
    )


def _return_lines(block: Block) -> list[str]:
    amounts = block.found("amount", "quantity", "unit_price")
    negatives = max((found.column.negatives for found in amounts), default=0)
    are = "amount is" if negatives == 1 else "amounts are"
    return [f"returns: net  # {negatives:,} {are} below zero"] if negatives else []


def _zone_lines(blocks: Sequence[Block]) -> list[Line]:
    instants = any(
        pick.column.is_instant for block in blocks for pick in block.found("time", "date")
    )
    lines = (line for block in blocks for line in block.lines if isinstance(line, str))
    formats = " ".join(line for line in lines if "time_formats" in line)
    if not instants and not re.search(r"%z|%[SMf](Z| UTC)", formats):
        return []
    return [
        "time_zone: UTC  # the stamps carry a zone",
        Question(
            "in which zone does the business count its hours?",
            (
                Answer(
                    "another zone",
                    ((("business_time_zone",), TYPED),),
                    asks="the zone, such as Europe/Berlin",
                    example="Europe/Berlin",
                ),
                Answer("in UTC"),
            ),
        ),
    ]


def _picked(blocks: Iterable[Block]) -> Iterator[tuple[str, Column]]:
    for block in blocks:
        for role, found in block.picks.items():
            yield role, found.column


def _missing_lines(blocks: Sequence[Block]) -> list[Line]:
    """Texts that stand for nothing; `NA` can be a country, so it is asked about."""
    counts: dict[str, int] = {}
    for _, column in _picked(blocks):
        for text, uses in column.top_values:
            if text.casefold() in (*MISSING_TEXTS, "na"):
                counts[text] = counts.get(text, 0) + uses
    sure = sorted(text for text in counts if text.casefold() != "na")
    lines: list[Line] = []
    if sure:
        total = sum(counts[text] for text in sure)
        lines.append(f"missing_values: {yaml_list(sure)}  # {total:,} values")
    for text in sorted(counts.keys() - {*sure}):
        answers = (
            Answer("it means nothing", ((("missing_values",), [text]),)),
            Answer("it is a value like others"),
        )
        asked = f"does '{text}' ({counts[text]:,} values) mean nothing?"
        lines.append(Question(asked, answers))
    return lines


def _case_lines(blocks: Sequence[Block]) -> list[Line]:
    """Labels that differ only in case may be one; it is asked about, as ids may not."""
    lines: dict[str, Line] = {}
    for role, column in _picked(blocks):
        spellings: dict[str, list[str]] = {}
        for text, _ in column.top_values:
            spellings.setdefault(" ".join(text.casefold().split()), []).append(text)
        twins = [texts for texts in spellings.values() if len(texts) > 1]
        if twins and role not in (*lines, *NUMBER_ROLES, "interaction_type"):
            pair = " and ".join(f"'{text}'" for text in twins[0])
            answers = (
                Answer("they are one", ((("fold_case",), [role]),)),
                Answer("they are different"),
            )
            lines[role] = Question(f"are {pair} one {role}?", answers)
    return [*lines.values()]


def _type_lines(block: Block) -> list[Line]:
    """The types of interaction with their spellings; rare unknown ones are asked about."""
    if "interaction_type" not in block.picks:
        return []
    column = block.picks["interaction_type"].column
    types: dict[str, dict[str, str]] = {}
    uses: Counter[str] = Counter()
    for text, count in column.top_values:
        name = canonical_type(text)
        types.setdefault(name, {}).setdefault(text.casefold(), text)
        uses[name] += count
    sure = {"purchase", "return"} | {
        name for name, count in uses.items() if name and count >= RARE * column.filled
    }
    rare = sorted(name for name in types if name not in sure)
    lines: list[Line] = [
        f"  {name}: {yaml_list(texts.values())}"
        for name, texts in sorted(types.items())
        if name in sure
    ]
    if rare:
        spellings = [text for name in rare for text in types[name].values()]
        asked = f"rows with {', '.join(spellings)} are rejected: what do these types mean?"
        at = ("interaction_types",)
        answers = (
            Answer("they are purchases", (((*at, "purchase"), spellings),)),
            Answer("they are returns", (((*at, "return"), spellings),)),
            Answer("they are nothing that counts: reject them"),
        )
        lines.append(Question(asked, answers, at))
    if "purchase" not in types:
        return [_no_purchase(column, types)]
    return ["interaction_types:", *lines]


def _no_purchase(column: Column, types: Mapping[str, Mapping[str, str]]) -> Question:
    """The question which of the types are purchases; one, all, or those that are typed."""
    path = ("interaction_types",)
    texts = [text for spellings in types.values() for text in spellings.values()]
    each = {name: list(spellings.values()) for name, spellings in sorted(types.items())}
    choices = [
        Answer(
            f"'{text}'",
            (
                (
                    path,
                    {"purchase": [text]}
                    | {name: others for name, others in each.items() if text not in others},
                ),
            ),
        )
        for text in texts[:TYPES_TO_CHOOSE]
    ]
    return Question(
        f"which values of '{column.name}' are purchases?",
        (*choices, Answer("all of them", ((path, {"purchase": texts}),))),
    )


def _dimension_lines(blocks: Sequence[Block]) -> list[Line]:
    """Further columns with few texts; those of customers and products only as a suggestion."""
    lines: list[str] = []
    names = set(reserved_names())
    for block in blocks:
        for column in dimension_columns(block):
            name = "_".join(re.findall("[a-z][a-z0-9]*|[0-9]+", normalized(column.name)))
            name = name if re.match("[a-z]", name) else f"column_{column.place + 1}"
            name = f"sale_{name}" if name in reserved_names() else name
            if name in names:
                continue
            names.add(name)
            origin = "" if block.name == "interactions" else f", from: {block.name}"
            suggested = "# " if block.name in ("customers", "products") else ""
            lines.append(
                f"  {suggested}- {{name: {name}, column: {in_yaml(column.name)}, "
                f"label: {in_yaml(label_of(column.name))}{origin}}}  # {column.distinct:,} distinct"
            )
    if not any(line.startswith("  -") for line in lines):
        return (
            ["# dimensions:", *(f"# {line.replace('# - ', '- ')}" for line in lines)]
            if lines
            else []
        )
    return ["dimensions:", *lines]


def dimension_columns(block: Block) -> list[Column]:
    """The columns of a block that may be dimensions."""
    return [column for column in block.free() if _is_dimension(column, block)]


def label_of(header: str) -> str:
    """A header as people read it: `PRODUCT_LINE` becomes `Product line`."""
    is_plain = " " in header.strip() or (header[:1].isupper() and header[1:].islower())
    words = header.strip() if is_plain else normalized(header)
    return words[:1].upper() + words[1:] if words else header


def _label_lines(blocks: Sequence[Block]) -> list[Line]:
    """What the export calls customers, products and revenue, as a suggestion."""
    found: dict[str, str] = {}
    for block in blocks:
        for role, label in (
            ("customer", "customer"),
            ("product", "product"),
            ("amount", "revenue"),
        ):
            if block.name not in ("interactions", "orders") or role not in block.picks:
                continue
            words = [
                word
                for word in normalized(block.picks[role].column.name).split()
                if word not in (*ID_WORDS, *NAME_WORDS) and len(word) > 1
            ]
            if words and not {*words} & PLAIN_WORDS:
                text = " ".join(words)
                found.setdefault(label, text if label == "revenue" else text.capitalize())
    if not found:
        return []
    pairs = ", ".join(f"{label}: {in_yaml(text)}" for label, text in found.items())
    return [f"# labels: {{{pairs}}}  # what the page is to call them; remove the # to use it"]


def _is_dimension(column: Column, block: Block) -> bool:
    name = normalized(column.name)
    least, most = DIMENSION_VALUES
    few = min(max(least, DIMENSION_SHARE * block.table.rows), most)
    return (
        1 < column.distinct <= few
        and not column.numbers
        and not column.readings
        and not column.is_typed_time
        and not has_word(name, ID_WORDS + NAME_WORDS)
        and not _is_of_persons(column, name)
    )


def _is_of_persons(column: Column, name: str) -> bool:
    """Whether a column tells persons from each other: an e-mail, a phone, an address."""
    if any(f" {word} " in f" {name} " for word in PERSON_WORDS):
        return True
    mails = sum("@" in text for text, _ in column.top_values)
    return mails > MOSTLY * len(column.top_values)


# ---- the blocks ------------------------------------------------------------------------------


def _block_lines(block: Block, folder: Path) -> list[Line]:
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
    """What of how the files are stored only the user knows."""
    for text, answers in block.table.layout.questions:
        yield Question(
            text,
            tuple(
                Answer(words, tuple(((block.name, key), value) for key, value in settings))
                for words, settings in answers
            ),
            (block.name,),
        )
    # Columns of one name are told apart by their place: whoever wrote the file knows which is.
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
    """Columns that some files lack: drifted spellings of others, or columns that came later."""
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
    """The headers that may be another spelling of one: most alike first, and in no file beside
    it. No role has their columns."""
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
    """The settings by which another header, with all its spellings, is a spelling of one."""
    path = (block.name, "aliases")
    spellings = [other, *block.table.aliases.get(other, ())]
    return (((*path, other), None), ((*path, name), spellings))


def _files(paths: Sequence[Path], folder: Path) -> str:
    """The files by name, or by the glob that matches them and nothing else."""
    names = sorted(str(path.resolve().relative_to(folder)) for path in paths)
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


# ---- the command line ------------------------------------------------------------------------


def expanded(paths: Sequence[Path]) -> list[Path]:
    """The files, with the export files of each folder in its place."""
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
    """Say what a file is that is no export."""
    try:
        refuse_other_kinds(path)
    except MappingError as error:
        raise MappingError(f"{path} {error}") from None


def state_of(draft: str, root: Path) -> str:
    """What the check of mappings says of a draft."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draft.yml"
        path.write_text(draft, encoding="utf-8")
        try:
            read_export(path, root, {})
        except MappingError as error:
            return f"it does not build yet: {str(error).removeprefix(f'{path}: ')}"
    return "it builds"


def next_steps(path: Path, questions: Sequence[Question], state: str) -> str:
    """What to do with a draft that was just saved."""
    return "\n".join(
        [
            f"{path}: written; {state}",
            *numbered(questions),
            f"next: read it{', answer the questions' if questions else ''}, then",
            f"  {command('build', mapping=str(path))}",
        ]
    )


def default_path(first: Path, name: str | None) -> Path:
    """Where `--save` writes: named after the export's first file or folder."""
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
