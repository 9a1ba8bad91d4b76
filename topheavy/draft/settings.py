"""Write the lines of a draft that apply to the whole export: revenue, time zone, types,
dimensions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import duckdb

from topheavy.draft.blocks import canonical_type, in_yaml, yaml_list
from topheavy.draft.columns import Column
from topheavy.draft.questions import TYPED, Answer, Line, Question
from topheavy.draft.roles import MOSTLY, NUMBER_ROLES, RARE, Block, evidence
from topheavy.mapping.keys import reserved_names
from topheavy.mapping.name_hints import (
    ID_WORDS,
    MISSING_TEXTS,
    NAME_WORDS,
    PERSON_WORDS,
    has_word,
    normalized,
)

TYPES_TO_CHOOSE = 8
# Headers made of these words keep them as the page writes them.
PLAIN_WORDS = frozenset(
    (
        *("customer", "customers", "cust", "client", "user", "product", "products", "item", "sku"),
        *("amount", "revenue", "total", "sales", "value", "net", "gross", "price", "subtotal"),
        *("article", "stock", "asin", "description", "uniq", "household", "email", "title"),
    )
)
# A dimension has far fewer values than the export has rows; in short files the share may be larger.
DIMENSION_VALUES = (20, 1000)
DIMENSION_SHARE = 0.1


def count_repeated_rows(block: Block, database: duckdb.DuckDBPyConnection) -> int:
    distinct = f"select count(*) from (select distinct * from {block.table.key})"
    return block.table.rows - int(database.execute(distinct).fetchall()[0][0])


def revenue_lines(blocks: Mapping[str, Block], questions: Iterable[Question]) -> list[Line]:
    """Return what counts as revenue: an amount of the row, or otherwise of its product
    or customer.
    """
    lines = blocks["interactions"]
    in_two = any(question.name == "money_in_and_out" for question in questions)
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
    """Ask for the amount, with the numeric columns as answers."""
    numbers = [
        column
        for column in block.free()
        if column.number_share >= MOSTLY and column.stamp_share < MOSTLY
    ]
    path = (block.name, "columns", "amount")
    return Question(
        "no column is named like an amount: which one is the revenue of a row?",
        tuple(
            Answer(evidence(block.table, column, ""), ((path, column.name),)) for column in numbers
        ),
    )


def return_lines(block: Block) -> list[str]:
    amounts = block.found("amount", "quantity", "unit_price")
    negatives = max((found.column.negatives for found in amounts), default=0)
    are = "amount is" if negatives == 1 else "amounts are"
    return [f"returns: net  # {negatives:,} {are} below zero"] if negatives else []


def zone_lines(blocks: Sequence[Block]) -> list[Line]:
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
            "in which time zone does the business count hours?",
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


def missing_lines(blocks: Sequence[Block]) -> list[Line]:
    """Return texts that mean "no value"; `NA` can be a country, so the draft asks."""
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
            Answer("it is a value like any other"),
        )
        asked = f"does '{text}' ({counts[text]:,} values) stand for a missing value?"
        lines.append(Question(asked, answers))
    return lines


def case_lines(blocks: Sequence[Block]) -> list[Line]:
    """Ask whether labels that differ only in case are the same; for ids they may not be."""
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


def type_lines(block: Block) -> list[Line]:
    """Return the interaction types with their spellings; ask about rare unknown spellings."""
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
            Answer("they do not count: reject them"),
        )
        lines.append(Question(asked, answers, at))
    if "purchase" not in types:
        return [_no_purchase(column, types)]
    return ["interaction_types:", *lines]


def _no_purchase(column: Column, types: Mapping[str, Mapping[str, str]]) -> Question:
    """Ask which types are purchases: one of them, all, or those that the user types."""
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


def dimension_lines(blocks: Sequence[Block]) -> list[Line]:
    """Return further columns with few texts; those of customers and products only as a
    suggestion.
    """
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
    """Return the columns of a block that may be dimensions."""
    return [column for column in block.free() if _is_dimension(column, block)]


def label_of(header: str) -> str:
    """Return a header as a label for the page: `PRODUCT_LINE` becomes `Product line`."""
    is_plain = " " in header.strip() or (header[:1].isupper() and header[1:].islower())
    words = header.strip() if is_plain else normalized(header)
    return words[:1].upper() + words[1:] if words else header


def label_lines(blocks: Sequence[Block]) -> list[Line]:
    """Suggest the names that the export uses for customers, products and revenue."""
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
    return [f"# labels: {{{pairs}}}  # the names on the page; remove the # to use them"]


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
    """Return whether a column identifies people: an e-mail address, a phone number, an address."""
    if any(f" {word} " in f" {name} " for word in PERSON_WORDS):
        return True
    mails = sum("@" in text for text, _ in column.top_values)
    return mails > MOSTLY * len(column.top_values)
