"""Decide the roles of the columns of export files: the blocks of a draft.

`mapping/name_hints.py` scores names, and the counts in `profiles.py` score values. Each decision
keeps its reason. Where the files cannot decide, the draft asks.

Usage:
    from topheavy.draft.blocks import draft_blocks
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence

import duckdb
import yaml

from topheavy.draft.amounts import pick_amount
from topheavy.draft.columns import Column
from topheavy.draft.links import Link, find_links, main_table
from topheavy.draft.numbers import number_lines
from topheavy.draft.profiles import Table
from topheavy.draft.questions import Answer, Line, Question
from topheavy.draft.roles import FITS, KEY_ROLES, MOSTLY, Block, Pick, evidence, is_short_list, pick
from topheavy.draft.times import no_date, pick_time
from topheavy.mapping.name_hints import (
    CANCELLED_WORDS,
    NAME_WORDS,
    TYPE_HEADERS,
    TYPE_WORDS,
    has_word,
    name_score,
    normalized,
)

COLUMNS_TO_CHOOSE = 8
# A column with fewer distinct values is a status or a side rather than a customer or product.
FEWEST_NAMES = 3
LOOKUP_ROLES = {
    "customers": (
        *("name", "age", "gender", "location", "amount", "payment_method"),
        *("purchase_frequency", "subscription_status"),
    ),
    "products": ("name", "category", "price"),
}


def draft_blocks(
    tables: Sequence[Table], database: duckdb.DuckDBPyConnection
) -> tuple[list[Block], list[Question]]:
    """Return the blocks that the tables form, and questions about tables that fit nowhere."""
    links = find_links(tables, database)
    blocks = _linked_blocks(main_table(tables, links), links)
    placed = {block.table.key for block in blocks.values()}
    questions = [
        question for table in tables if table.key not in placed for question in _left_out(table)
    ]
    _pick_interactions(blocks, database)
    if not any({"time", "date"} & {*block.picks, *block.rivals} for block in blocks.values()):
        questions.append(Question(no_date(blocks["interactions"].table.columns)))
    questions += _unnamed_role_questions(blocks)
    for name, roles in LOOKUP_ROLES.items():
        if name in blocks:
            for role in roles:
                pick(blocks[name], role)
    if "products" in blocks:
        _prefer_path(blocks["products"])
        if "price" in blocks["products"].picks and not {"amount", "unit_price"} & {
            *blocks["interactions"].picks,
            *blocks["interactions"].rivals,
        }:
            pick(blocks["interactions"], "quantity")
    for block in blocks.values():
        block.lines += number_lines(block)
        if block.name != "interactions":
            block.lines += _leave_out_lines(block)
    return list(blocks.values()), questions


def _left_out(table: Table) -> Iterator[Question]:
    """Ask what each file contains that shares no key with the others."""
    for path in table.paths:
        count = table.rows_by_file.get(path, table.rows)
        first = "the first " if table.is_sample else ""
        yield Question(
            f"what is {path.name}? It shares no key with the other files and is left out: "
            f"{first}{count:,} row{'s'[: count != 1]}.",
            (Answer("it is not needed"),),
        )


def _unnamed_role_questions(blocks: dict[str, Block]) -> Iterator[Question]:
    """Ask for the customer if no column sounds like one, otherwise for the product."""
    lines = blocks["interactions"]
    roles = {*lines.picks, *(blocks["orders"].picks if "orders" in blocks else {})}
    for role in ("customer", "product"):
        named = any(name_score(column.name, role) for column in lines.table.columns)
        if role == "customer" and (role in roles or named):
            return
        if role in roles or named:
            continue
        labels = [
            column
            for column in lines.table.columns
            if FITS[role](column)
            and column.number_share < MOSTLY
            and column.distinct > FEWEST_NAMES
        ]
        labels.sort(key=lambda column: (-_is_of_somebody(column), column.place))
        yield Question(
            f"no column is named like a {role}: which column contains it, if any?",
            (
                *(
                    Answer(
                        evidence(lines.table, column, ""),
                        ((("interactions", "columns", role), column.name),),
                    )
                    for column in labels[:COLUMNS_TO_CHOOSE]
                ),
                Answer(f"none; there will be no figures by {role}"),
            ),
        )


def _is_of_somebody(column: Column) -> bool:
    """Return whether a column has the names or e-mail addresses of people or companies."""
    return has_word(normalized(column.name), (*NAME_WORDS, "email", "mail"))


def _linked_blocks(main: Table, links: Sequence[Link]) -> dict[str, Block]:
    """Return the main table and, step by step, the tables that it and those look up."""
    blocks = {"interactions": Block("interactions", main)}
    for _ in KEY_ROLES:
        for child in list(blocks.values()):
            for link in (link for link in links if link.child is child.table and link.role):
                name = KEY_ROLES[link.role]
                placed = any(block.table is link.parent for block in blocks.values())
                if placed or name in blocks:
                    continue
                blocks[name] = Block(name, link.parent)
                files = link.parent.paths[0].name
                found = f"{100 * link.share:.4g}% of its values are in '{link.parent_column.name}'"
                found = f"{found} of {files}"
                if link.share < MOSTLY:
                    found += "; the others stay without a description"
                child.picks[link.role] = Pick(link.child_column, found)
                blocks[name].picks[link.role] = Pick(link.parent_column, "unique in every row")
    return blocks


def _pick_interactions(blocks: dict[str, Block], database: duckdb.DuckDBPyConnection) -> None:
    """Choose the roles of interactions; an orders file supplies what all lines of an
    order share.
    """
    lines = blocks["interactions"]
    for block in (block for name, block in blocks.items() if name in ("interactions", "orders")):
        if not {"time", "date"} & {*lines.picks, *lines.rivals}:
            pick_time(block, database)
    for block in (block for name, block in blocks.items() if name in ("interactions", "orders")):
        if "customer" not in lines.picks:
            pick(block, "customer")
    _pick_order(lines)
    _pick_product(lines)
    pick_amount(lines, database)
    pick_interaction_type(lines)
    pick(lines, "category")
    for block in (block for name, block in blocks.items() if name in ("interactions", "orders")):
        if "payment_method" not in lines.picks:
            pick(block, "payment_method")


def _pick_product(block: Block) -> None:
    """Choose the product's id and name; without either, the most detailed name identifies it."""
    for role in ("product", "product_name", "sub_category"):
        if role not in block.picks and (role != "sub_category" or "product" not in block.picks):
            pick(block, role)
        if "product" not in block.picks and role in block.picks:
            block.picks["product"] = block.picks.pop(role)
            header = block.picks["product"].column.name
            block.questions.pop("product", None)
            block.ask(
                "product",
                f"no column contains a product id: is '{header}' the most detailed product name?",
            )


def _pick_order(block: Block) -> None:
    """Choose the order id if orders have several rows; a unique id identifies the row instead."""
    if "order" in block.picks:
        return
    pick(block, "order")
    found = block.picks.get("order")
    if found and found.column.distinct == found.column.filled:
        block.picks.pop("order")
        block.questions.pop("order", None)


def pick_interaction_type(block: Block) -> None:
    """Choose the column that separates purchases from other interactions, by name or values."""
    pick(block, "interaction_type")
    for column in block.free():
        if "interaction_type" in block.picks:
            return
        names = {canonical_type(text) for text, _ in column.top_values}
        named = has_word(normalized(column.name), TYPE_HEADERS)
        if named and is_short_list(column) and {"purchase", "return"} <= names:
            values = ", ".join(text for text, _ in column.top_values[:4])
            block.picks["interaction_type"] = Pick(column, f"its values are {values}")


def canonical_type(spelling: str) -> str:
    """Return the interaction type that a spelling means: purchase, return, or the
    spelling itself.
    """
    name = normalized(spelling)
    for canonical, words in TYPE_WORDS.items():
        if name in words:
            return canonical
    return re.sub(r"^[0-9]+ ?", "", name).replace(" ", "_")


def _prefer_path(block: Block) -> None:
    """Prefer a category path of the form `A | B | C` to a plain category."""
    found = block.picks.get("category")
    if found and any(" | " in text for text, _ in found.column.top_values):
        block.picks["category_path"] = block.picks.pop("category")


def _leave_out_lines(block: Block) -> list[Line]:
    """Ask about cancelled rows: some exports keep them only for the record."""
    lines: list[Line] = []
    for column in block.table.columns:
        values = [text for text, _ in column.top_values if normalized(text) in CANCELLED_WORDS]
        if values and is_short_list(column):
            count = sum(uses for text, uses in column.top_values if text in values)
            rule = {"column": column.name, "values": values, "reason": "cancelled"}
            lines.append(
                Question(
                    f"'{column.name}' is {' or '.join(values)} in {count:,} "
                    f"row{'s'[: count != 1]}: should they be left out?",
                    (
                        Answer("leave them out", (((block.name, "leave_out"), [rule]),)),
                        Answer("they count like other rows"),
                    ),
                    (block.name,),
                )
            )
    return lines


# ---- YAML ------------------------------------------------------------------------------------


def in_yaml(text: str) -> str:
    """Return a text so that YAML reads it back unchanged, quoted only where necessary."""
    if not text.isprintable():
        return yaml.safe_dump(text, default_style='"', width=sys.maxsize).strip()
    plain = re.fullmatch(r"[^\W\d_][\w ()/.+-]*", text) and not text.endswith(" ")
    if plain and yaml.safe_load(text) == text:
        return text
    return "'" + text.replace("'", "''") + "'"


def yaml_list(texts: Iterable[str]) -> str:
    """Return texts as a YAML list on one line."""
    return "[" + ", ".join(in_yaml(text) for text in texts) + "]"
