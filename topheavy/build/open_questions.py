"""Warn during a build about questions that its files raise and the mapping leaves open.

The build examines the same rows as the draft does: a bounded number from each file, with all
columns, mapped or not. The result is kept with the build, so that unchanged files are not examined
again.

Usage:
    from topheavy.build.open_questions import look_for_questions
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from topheavy.build.loading import Load
from topheavy.draft.ambiguities import ambiguities, load_rows
from topheavy.draft.columns import Column
from topheavy.draft.interaction_rows import Orders, Rows, cell, literals
from topheavy.draft.layouts import Layout
from topheavy.draft.profiles import Table, profile_table
from topheavy.draft.questions import Question
from topheavy.in_memory import in_memory
from topheavy.mapping.blocks import Amount, LeftOut, Sign
from topheavy.mapping.errors import MappingError
from topheavy.mapping.files import InputFile
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.sources import literal
from topheavy.writing import write_whole

KEPT = "questions.json"
# This number of files, spread over all, represents the others.
LOOKED_AT_FILES = 50


def look_for_questions(
    mapping: ExportMapping, files: Sequence[InputFile], load: Load, folder: Path
) -> list[dict[str, Any]]:
    """Return the open questions of a build, each with its name, its text and the number of its
    rows.
    """
    if mapping.revenue != "amount" or mapping.interactions.relation:
        return []
    kept = folder / KEPT
    key = json.dumps(sorted((file.recipe, file.file_key) for file in load.files))
    if kept.exists():
        last = json.loads(kept.read_text(encoding="utf-8"))
        if last["key"] == key:
            return list(last["questions"])
    found = [
        {"name": question.name, "text": in_words(question), "count": question.count}
        for question in open_questions(mapping, files)
    ]
    write_whole(json.dumps({"key": key, "questions": found}), kept)
    return found


def in_words(question: Question) -> str:
    """Return a question on one line, with what to write into the mapping."""
    answers = " or ".join(
        ", ".join(answer.in_yaml()) for answer in question.answers if answer.settings
    )
    return f"{question.text} Answer it in the mapping: {answers}"


def open_questions(mapping: ExportMapping, files: Sequence[InputFile]) -> list[Question]:
    """Return the questions that the rows of interactions raise and the mapping does not answer."""
    with in_memory() as database:
        tables = {block: _table(mapping, block, files, database) for block in mapping.dated_blocks}
        lines = tables["interactions"]
        if not lines:
            return []
        rows = _rows(mapping, lines, tables.get("orders"), database)
        load_rows(rows)
        return ambiguities(rows)


def _table(
    mapping: ExportMapping,
    name: str,
    files: Sequence[InputFile],
    database: duckdb.DuckDBPyConnection,
) -> Table | None:
    """Profile the rows of a block; None if its files have only headers."""
    ours = [file for file in files if file.block == name and file.has_rows]
    ours = ours[:: max(len(ours) // LOOKED_AT_FILES, 1)]
    block = mapping.blocks[name]
    layouts = {
        file.path: Layout(
            file.header,
            block.encoding,
            block.delimiter,
            block.skip_lines,
            file.path.suffix == ".parquet",
            block.sheet or "",
            cells=block.range or "",
        )
        for file in ours
    }
    try:
        return profile_table(f"table_of_{name}", [*layouts], layouts, database)
    except (MappingError, IndexError):
        return None


def _orders(mapping: ExportMapping, lines: Table, table: Table | None) -> Orders | None:
    """Return the orders of the rows, if the mapping has them in separate files."""
    if not table:
        return None
    key = _columns(mapping, "orders", table).get(mapping.roles("orders")["order"])
    order = mapping.roles("interactions").get("order", "")
    line_key = _columns(mapping, "interactions", lines).get(order)
    return Orders(table, key, line_key) if key and line_key else None


def _rows(
    mapping: ExportMapping,
    table: Table,
    orders: Table | None,
    database: duckdb.DuckDBPyConnection,
) -> Rows:
    """Return the rows as the mapping reads them."""
    columns = _columns(mapping, "interactions", table)
    by_role = {
        role: columns[header]
        for role, header in mapping.roles("interactions").items()
        if header in columns
    }
    block = mapping.interactions
    return Rows(
        table=table,
        roles=by_role,
        amounts=tuple(by_role[role] for role in ("amount",) if role in by_role),
        database=database,
        types={
            text.casefold(): name
            for name, spellings in (mapping.interaction_types or {}).items()
            for text in spellings
        },
        left_out=" or ".join(_conditions(block.leave_out, columns)) or "false",
        settled=frozenset(_settled(mapping)),
        used=frozenset(rule.column for rule in block.leave_out),
        filled=frozenset(block.filled_headers),
        sign=block.sign.column if isinstance(block.sign, Sign) else "",
        orders=_orders(mapping, table, orders),
    )


def _columns(mapping: ExportMapping, block: str, table: Table) -> dict[str, Column]:
    """Return the columns of the table by the headers that the mapping uses for them."""
    found = {column.name: column for column in table.columns}
    for column in mapping.columns_of(block):
        same = [found[name] for name in column.spellings if name in found]
        if same:
            found.setdefault(column.header, same[0])
    return found


def _conditions(rules: Sequence[LeftOut], columns: dict[str, Column]) -> list[str]:
    """Return the SQL conditions of the rows that the mapping leaves out."""
    conditions = []
    for rule in (rule for rule in rules if rule.column in columns):
        text = f"coalesce({cell(columns[rule.column])}, '')"
        if rule.cells:
            conditions.append(f"{text} in {literals(rule.cells)}")
        conditions += [
            f"starts_with(lower({text}), {literal(start.lower())})"
            for start in rule.starts_with or ()
        ]
        conditions += [
            f"ends_with(lower({text}), {literal(end.lower())})" for end in rule.ends_with or ()
        ]
    return conditions


def _settled(mapping: ExportMapping) -> set[str]:
    """Return the questions that keys of the mapping answer."""
    block = mapping.interactions
    amount = block.columns.amount
    settled = {*block.accepted}
    settled |= {"repeated_rows"} if "repeated_orders" in settled else set()
    if isinstance(amount, Amount):
        settled |= {"same_amount_per_order"} if "once_per" in amount.model_fields_set else set()
        settled |= {"money_in_and_out", "refunded_amounts"} if amount.out else set()
    if mapping.currency:
        settled.add("currencies")
    if block.decimal == "either":
        settled.add("number_formats")
    if "sign" in block.model_fields_set:
        settled |= {"amounts_below_zero", "debit_or_credit"}
    if mapping.duplicates != "keep":
        settled |= {"repeated_orders", "repeated_rows"}
    if "fill_down" in block.model_fields_set:
        settled |= {"continuation_lines", "heading_rows"}
    return settled
