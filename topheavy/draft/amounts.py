"""Choose the column with the amount of a row, or the columns with its quantity and unit price."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from topheavy.draft.columns import Column, amount_sql
from topheavy.draft.profiles import Table
from topheavy.draft.questions import Answer
from topheavy.draft.roles import (
    NEARLY_ALL,
    Block,
    Pick,
    candidates,
    evidence,
    pick,
    without_repeats,
)
from topheavy.mapping.name_hints import name_score, normalized

# A price beside a quantity is the price of one unit if its header says so; otherwise the draft
# asks.
UNIT_WORDS = r"unit|einzel|stuck|stuk|eenheid|each|piece|\bper\b|\bpu\b"


def pick_amount(block: Block, database: duckdb.DuckDBPyConnection) -> None:
    """Choose the amount, or quantity and unit price; ask if two candidates for the
    amount differ.
    """
    for role in ("unit_price", "quantity"):
        pick(block, role)
    prices = _other_prices(block, database)
    found = [item for item in candidates(block, "amount") if item[1].name not in prices]
    product = {name: block.picks.pop(name, None) for name in ("quantity", "unit_price")}
    asked = block.questions.pop("unit_price", [])
    if not found:
        block.questions |= {"unit_price": asked} if asked else {}
        _pick_factors(block, product["quantity"], product["unit_price"])
        # If two prices sound alike, the draft already asks which of them is the unit price.
        for name in prices if not asked else ():
            block.ask(
                "unit_price",
                f"is '{name}' the revenue of the row? If so, map it as amount and remove quantity "
                "and unit_price.",
                Answer("no: quantity x unit price"),
                Answer("yes", _as_amount(block, name)),
            )
        return
    alike = [column for score, column in found if score >= found[0][0] - 1]
    rivals = without_repeats(block.table, alike, database)
    picks = [Pick(column, evidence(block.table, column, "amount")) for column in rivals]
    if product["quantity"] and product["unit_price"]:
        factors = (product["quantity"].column, product["unit_price"].column)
        shares = [_product_share(block.table, column, factors, database) for column in rivals]
        place, share = max(enumerate(shares), key=lambda item: item[1])
        if share >= NEARLY_ALL:
            reason = f"{factors[0].name} x {factors[1].name} in {100 * share:.4g}% of rows"
            picks = [Pick(picks[place].column, f"{picks[place].reason}; {reason}")]
    factors_too = _factors(block, product["quantity"], product["unit_price"], picks)
    if len(picks) == 1 and not factors_too:
        block.picks["amount"] = picks[0]
        return
    block.rivals["amount"] = picks
    block.ask(
        "amount",
        "which column is the revenue of a row? Remove the # of one line.",
        *(block.choice("amount", found) for found in picks),
        *factors_too,
    )


def _factors(
    block: Block, quantity: Pick | None, unit_price: Pick | None, picks: Sequence[Pick]
) -> list[Answer]:
    """Offer quantity times unit price as an answer if no amount equals it and the amounts have
    gaps.
    """
    if not quantity or not unit_price:
        return []
    filled = min(quantity.column.filled, unit_price.column.filled)
    if all(found.column.filled >= NEARLY_ALL * filled for found in picks):
        return []
    columns = (block.name, "columns")
    words = f"'{quantity.column.name}' x '{unit_price.column.name}', in {filled:,} rows"
    settings = (
        ((*columns, "quantity"), quantity.column.name),
        ((*columns, "unit_price"), unit_price.column.name),
    )
    return [Answer(words, settings)]


def _other_prices(block: Block, database: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of candidates for the amount that are prices beside a quantity and a unit
    price.

    A net price is one of them, unless it equals the product of the two.
    """
    if not {"quantity", "unit_price"} <= {*block.picks}:
        return []
    factors = (block.picks["quantity"].column, block.picks["unit_price"].column)
    return [
        column.name
        for _, column in candidates(block, "amount")
        if name_score(column.name, "unit_price")
        and _product_share(block.table, column, factors, database) < NEARLY_ALL
    ]


def _pick_factors(block: Block, quantity: Pick | None, unit_price: Pick | None) -> None:
    if quantity and unit_price:
        block.picks |= {"quantity": quantity, "unit_price": unit_price}
        if not re.search(UNIT_WORDS, normalized(unit_price.column.name)):
            block.ask(
                "unit_price",
                f"is '{unit_price.column.name}' the price of one unit? If it is the price of the "
                "whole row, map it as amount and remove quantity.",
                Answer("of one unit"),
                Answer("of the whole row", _as_amount(block, unit_price.column.name)),
            )
    elif unit_price:
        block.picks["amount"] = unit_price
        block.ask(
            "amount",
            "there is no quantity: is this the price of the whole row?",
            Answer("it is"),
        )


def _as_amount(block: Block, name: str) -> tuple[tuple[tuple[str, ...], str | None], ...]:
    """Return the settings that map a column as the amount instead of quantity and unit price."""
    columns = (block.name, "columns")
    return (
        ((*columns, "amount"), name),
        ((*columns, "quantity"), None),
        ((*columns, "unit_price"), None),
    )


def _product_share(
    table: Table,
    amount: Column,
    factors: tuple[Column, Column],
    database: duckdb.DuckDBPyConnection,
) -> float:
    """Return the share of rows in which `amount` is the product of both factors, to the cent."""
    a, q, p = (number_sql(column) for column in (amount, *factors))
    share = database.execute(
        f"select avg(cast(abs({a} - {q} * {p}) <= 0.011 as integer)) from {table.key}"
    ).fetchall()[0][0]
    return float(share or 0)


def number_sql(column: Column) -> str:
    """Return the SQL expression with which the build reads a column of numbers."""
    return f"cast({amount_sql(f'c{column.place}', column.mark)} as double)"
