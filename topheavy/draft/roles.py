"""Decide the roles of the columns of a table by names and values, and keep the open questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import duckdb

from topheavy.draft.columns import Column
from topheavy.draft.profiles import Table
from topheavy.draft.questions import MARK, Answer, Line, Question
from topheavy.mapping.name_hints import BUYING_WORDS, best_hint, name_score, sounds_like

KEY_ROLES = {"order": "orders", "customer": "customers", "product": "products"}
# A column counts as a number, a time or a key only if most of its values do.
MOSTLY = 0.5
NEARLY_ALL = 0.95
# A spelling that is rarer than this among the values of a column is probably a typing error.
RARE = 0.005
FEW_VALUES = 50
QUESTION = MARK
NUMBER_ROLES = ("amount", "quantity", "unit_price", "price")
PRICE_ROLES = ("unit_price", "price")


@dataclass(frozen=True)
class Pick:
    """A column for a role, with the reason."""

    column: Column
    reason: str


@dataclass
class Block:
    """One block of the draft: a table, its columns by role, and its open questions."""

    name: str
    table: Table
    picks: dict[str, Pick] = field(default_factory=dict)
    rivals: dict[str, list[Pick]] = field(default_factory=dict)
    """Roles with several candidates, which are commented out until the user chooses."""
    questions: dict[str, list[Question]] = field(default_factory=dict)
    """What to ask above the line of a role."""
    lines: list[Line] = field(default_factory=list)
    """Lines below the columns: time formats, marks of numbers, rows to leave out."""

    def found(self, *roles: str) -> list[Pick]:
        """Return the columns of some roles, including those that only the user can
        choose between.
        """
        chosen = [self.picks[role] for role in roles if role in self.picks]
        return chosen + [pick for role in roles for pick in self.rivals.get(role, [])]

    def used(self) -> set[str]:
        return {pick.column.name for pick in self.found(*{*self.picks, *self.rivals})}

    def free(self) -> list[Column]:
        used = self.used()
        return [column for column in self.table.columns if column.name not in used]

    def ask(self, role: str, text: str, *answers: Answer) -> None:
        """Ask above the line of a role; a question without answers may stay open."""
        kept = (Answer("as this draft has it"),)
        question = Question(text, answers or kept, (self.name, "columns"))
        self.questions.setdefault(role, []).append(question)

    def choice(self, role: str, found: Pick) -> Answer:
        """Return the answer that a column has the role."""
        return Answer(found.reason, (((self.name, "columns", role), found.column.name),))


def _is_number(column: Column) -> bool:
    return column.number_share >= MOSTLY and column.leading_zeros <= RARE * column.filled


def _is_key(column: Column) -> bool:
    return column.distinct > 1 and column.stamp_share < MOSTLY and column.clock_share < MOSTLY


def _is_label(column: Column) -> bool:
    return column.number_share < MOSTLY and column.stamp_share < MOSTLY


def is_short_list(column: Column) -> bool:
    """Return whether each row of a column has one of a few short texts."""
    return _is_label(column) and 0 < column.distinct <= FEW_VALUES


FITS: dict[str, Callable[[Column], bool]] = {
    **dict.fromkeys(("customer", "product", "order"), _is_key),
    **dict.fromkeys((*NUMBER_ROLES, "age"), _is_number),
    **dict.fromkeys(("name", "product_name", "category", "location", "sub_category"), _is_label),
    **dict.fromkeys(
        (
            *("payment_method", "interaction_type", "gender", "purchase_frequency"),
            "subscription_status",
        ),
        is_short_list,
    ),
}


def candidates(block: Block, role: str) -> list[tuple[int, Column]]:
    """Return the free columns that could have a role, best first, with the score of their names."""
    scored = [
        (name_score(column.name, role), column) for column in block.free() if FITS[role](column)
    ]
    if role in PRICE_ROLES:
        selling = [item for item in scored if not sounds_like(item[1].name, BUYING_WORDS)]
        scored = selling if any(score for score, _ in selling) else scored
    named = [(score, column) for score, column in scored if score > 0]
    return sorted(named, key=lambda item: (-item[0], item[1].place))


def pick(block: Block, role: str) -> None:
    """Choose the column whose name fits a role best; ask if another one fits equally well."""
    found = candidates(block, role)
    if not found:
        return
    best, column = found[0]
    block.picks[role] = Pick(column, evidence(block.table, column, role))
    alike = [other for score, other in found[1:] if score == best]
    rivals = [other.name for other in alike]
    if role in PRICE_ROLES and sounds_like(column.name, BUYING_WORDS):
        selling = [other for _, other in found if other is not column]
        block.ask(
            role,
            f"is '{column.name}' what customers pay? It sounds like a cost.",
            Answer("it is"),
            *_choices(block, role, selling),
        )
    if rivals and role in ("customer", "product", "order", "interaction_type", *PRICE_ROLES):
        others = " or ".join(f"'{name}'" for name in rivals)
        block.ask(
            role,
            f"is the {role.replace('_', ' ')} in '{column.name}', or in {others}?",
            Answer(f"in '{column.name}'"),
            *_choices(block, role, alike),
        )


def _choices(block: Block, role: str, columns: Sequence[Column]) -> list[Answer]:
    """Return the answers that one of some columns has the role."""
    return [
        block.choice(role, Pick(column, evidence(block.table, column, role))) for column in columns
    ]


def evidence(table: Table, column: Column, role: str) -> str:
    """Describe the evidence for a column in a role."""
    named = f"named like '{best_hint(column.name, role)}'; " if role else ""
    if role in (*NUMBER_ROLES, "age") or (not role and _is_number(column)):
        values = f"{share_words(column.numbers, column.filled)} of its values are numbers"
    else:
        values = f"{column.distinct:,} distinct in {column.filled:,} rows"
    empty = table.rows - column.filled
    return f"{named}{values}" + (f"; empty in {empty:,} rows" if empty else "")


def share_words(part: int, whole: int) -> str:
    """Describe a share: all, none, or a percentage."""
    return "all" if part == whole else f"{100 * part / whole:.4g}%" if whole else "none"


def without_repeats(
    table: Table, columns: Sequence[Column], database: duckdb.DuckDBPyConnection
) -> list[Column]:
    """Return the columns without those that only repeat the values of an earlier one."""
    kept: list[Column] = []
    for column in columns:
        unequal = f"select 1 from {table.key} where c{column.place} <> c{{}} limit 1"
        if all(database.execute(unequal.format(other.place)).fetchone() for other in kept):
            kept.append(column)
    return kept
