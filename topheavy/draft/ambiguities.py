"""Find rows that can be read in two ways that give different amounts of money.

The draft asks about each case, with an example and both totals; a build warns if a mapping leaves
one open. Each detector looks for one kind of case by counting over all loaded rows: by order, by
group, or by the values of a column. Detectors use `interaction_rows` and never each other.

Usage:
    from topheavy.draft.ambiguities import ambiguities, load_rows
    load_rows(rows)
    questions = ambiguities(rows)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from topheavy.draft.amounts import number_sql
from topheavy.draft.first_lines import (
    continuation_lines,
    first_line_fields,
    heading_rows,
    order_amounts_once,
)
from topheavy.draft.grain import same_amount_per_order, summary_rows
from topheavy.draft.interaction_rows import Rows, cell, literals
from topheavy.draft.questions import Question
from topheavy.draft.repeats import repeated_orders, repeated_rows
from topheavy.draft.returns import (
    fees_and_payouts,
    refunded_amounts,
    states_of_returns,
    types_of_returns,
)
from topheavy.draft.rows import footer_rows, repeated_headers, total_rows
from topheavy.draft.signs import amounts_below_zero, debit_or_credit, money_in_and_out
from topheavy.draft.values import conversion_rows, currencies, number_formats, stated_currency

Detector = Callable[[Rows], Iterator[Question]]

# Detectors run in this order: rows that one detector drops are not seen by later ones.
DETECTORS: dict[str, Detector] = {
    "repeated_headers": repeated_headers,
    "heading_rows": heading_rows,
    "total_rows": total_rows,
    "footer_rows": footer_rows,
    "conversion_rows": conversion_rows,
    "currencies": currencies,
    "number_formats": number_formats,
    "fees_and_payouts": fees_and_payouts,
    "debit_or_credit": debit_or_credit,
    "money_in_and_out": money_in_and_out,
    "amounts_below_zero": amounts_below_zero,
    "types_of_returns": types_of_returns,
    "refunded_amounts": refunded_amounts,
    "states_of_returns": states_of_returns,
    "same_amount_per_order": same_amount_per_order,
    "repeated_orders": repeated_orders,
    "repeated_rows": repeated_rows,
    "order_amounts_once": order_amounts_once,
    "first_line_fields": first_line_fields,
    "continuation_lines": continuation_lines,
    "summary_rows": summary_rows,
}


def ambiguities(rows: Rows) -> list[Question]:
    """Return the questions that the rows raise and the mapping does not answer, and drop rows that
    are not sales.
    """
    found: list[Question] = []
    for name, detector in DETECTORS.items():
        if name not in rows.settled and (rows.has_money or name == "money_in_and_out"):
            found += detector(rows)
    if any(question.name == "repeated_orders" for question in found):
        found = [question for question in found if question.name != "repeated_rows"]
    if rows.table.is_sample:
        sample = f"of the first {rows.table.rows:,} rows: "
        found = [replace(question, text=sample + question.text) for question in found]
    return found


def currency_line(rows: Rows) -> list[str]:
    """Return the `currency` line of a draft if the export names exactly one currency."""
    if not rows.amounts:
        return []
    found = stated_currency(rows)
    return [f"currency: {found[0]}  # {found[1]}"] if found else []


def load_rows(rows: Rows) -> None:
    """Create the table `used_rows`: the rows that are not left out, each with its money."""
    if rows.amounts:
        amount = number_sql(rows.amounts[0])
    elif not rows.has_money:
        amount = "cast(null as double)"
    else:
        amount = f"{number_sql(rows.roles['quantity'])} * {number_sql(rows.roles['unit_price'])}"
    kind = rows.roles.get("interaction_type")
    spellings = [text for text, name in rows.types.items() if name in ("purchase", "return")]
    known = kind and "purchase" in rows.types.values()
    is_sale = f"lower({cell(kind)}) in {literals(spellings)}" if kind and known else "true"
    returned = [text for text, name in rows.types.items() if name == "return"]
    if kind and returned:
        amount = (
            f"case when lower({cell(kind)}) in {literals(returned)} then -abs({amount})"
            f" else {amount} end"
        )
    # Blank cells become empty texts, so that they can be compared.
    cells = ", ".join(
        f"coalesce(c{place}, '') as c{place}" for place in range(len(rows.table.layout.header))
    )
    rows.change(
        f"create or replace temp table used_rows as select rowid as place, {cells},"
        f" {amount} as money, {is_sale} as is_sale from {rows.table.key}"
        f" where not coalesce({rows.left_out}, false)"
    )
