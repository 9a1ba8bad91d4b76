"""What a mapping may say: every key with its type, default and meaning.

These classes are the single truth: a mapping is read into them, and what they hold is what every
room behind asks. The documentation's reference and the JSON Schema for editors are written from
them (see reference.py), and so are the messages about values that do not fit (see refusals.py).

Usage:
    from topheavy.mapping.keys import ExportMapping
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal

import duckdb
from pydantic import Field, PrivateAttr, Tag

from topheavy.mapping.blocks import (
    Block,
    Columns,
    CustomerColumns,
    Customers,
    DatedBlock,
    Either,
    InteractionColumns,
    Interactions,
    Keys,
    OrderColumns,
    Orders,
    ProductColumns,
    Products,
    Sign,
    key,
    required,
)
from topheavy.mapping.kinds import (
    CurrencyCode,
    Decimals,
    FileOrRows,
    Files,
    Given,
    Name,
    Share,
    Text,
    TextLists,
    Texts,
    Word,
    Words,
)

BLOCKS = ("interactions", "orders", "customers", "products")
STANDARD_DIMENSIONS = (
    *("customer", "product", "category", "customer_segment", "age_group", "gender", "location"),
    *("subscription_status", "payment_method", "purchase_frequency", "price_segment"),
    *("simplified_category", "interaction_type", "year", "month", "date", "weekday", "hour"),
)
# Columns that models with columns for dimensions make themselves; one of that name would clash.
OWN_COLUMNS = (
    *("customer_id", "customer_name", "product_id", "order_id", "source_file", "source_row"),
    *("raw_text", "is_blank", "is_orphan", "interacted_at", "has_time_of_day", "time_text"),
    *("amount_text", "currency", "currency_text", "written_amount", "quantity_text"),
    *("unit_price_text", "interaction_type_text", "occurrence"),
    *("left_out_reason", "reject_reason", "revenue", "purchase_amount", "file_key"),
    *("category_text", "price_text", "parsed_price", "has_more_decimals"),
    *("dimension", "entity_id", "month_start", "month_key"),
    *("interactions", "purchases", "order_key", "revenue_key", "unit_revenue"),
    *("interactions_squared", "purchases_squared", "revenue_squared", "interactions_fourth"),
    *("purchases_fourth", "revenue_fourth", "interaction_transactions", "purchase_transactions"),
    *("sign_text", "read_amount", "is_repeated", "name_count", "description_count"),
    *("undated_reason", "is_sale", "content_hash", "known_customer_key", "known_product_key"),
    *("customer_key", "product_key", "entity_key", "is_described", "dated_at", "is_unusable"),
)
# Files whose values have types: stamps need no format.
TYPED_FILES = (".parquet", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
# The format of dates that Excel left as numbers of days.
EXCEL_SERIAL = "excel_serial"
# What a file can be read in two ways for; a mapping that has looked at one says so.
AMBIGUITIES = (
    *("same_amount_per_order", "first_line_fields", "continuation_lines", "heading_rows"),
    *("summary_rows", "total_rows", "repeated_headers", "footer_rows", "repeated_orders"),
    *("debit_or_credit", "money_in_and_out", "amounts_below_zero", "types_of_returns"),
    *("states_of_returns", "refunded_amounts", "order_amounts_once", "repeated_rows"),
    "fees_and_payouts",
    *("number_formats", "currencies", "conversion_rows"),
)

BlockName = Literal["interactions", "orders", "customers", "products"]


# ---- what stands beside the blocks -----------------------------------------------------------


class Dimension(Keys):
    """A column that becomes a dimension."""

    name: Name = required("its name in every mart")
    column: Text = required("the header of its column")
    label: Given[Text] = key("its name for people; default: the name")
    from_: BlockName = key("the block that has the column", "interactions", alias="from")


class Currency(Keys):
    """The currency that counts, and where each row says its own."""

    column: Given[Text] = key("the header of the column that has the currency of each row")
    from_: Literal["interactions", "orders"] = key(
        "the block that has the column", "interactions", alias="from"
    )
    into: Given[Text] = key(
        "the currency that counts; rows in others are left out, unless rates say"
    )
    rates: Given[Text] = key("a CSV file with date, currency and rate: units of `into` for one")


class Duplicates(Keys):
    """Rows that repeat the value of a role."""

    by: Files = required(
        "roles, such as order: of rows that have the same values there, one counts"
    )
    keep: Literal["first", "last"] = key("which of them counts, in the order of the file", "first")

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles whose values are compared."""
        return (self.by,) if isinstance(self.by, str) else self.by


def _label(meaning: str, alias: str | None = None) -> Any:
    return key(f"{meaning}, in your words: one word, or [singular, plural]", alias=alias)


class Labels(Keys):
    """What things are called in a business."""

    customer: Given[Word] = _label("who buys")
    product: Given[Word] = _label("what is bought")
    category: Given[Word] = _label("what products belong to")
    order: Given[Word] = _label("what is bought at once")
    revenue: Given[Word] = _label("the money")
    purchase: Given[Word] = _label("one row that brings revenue")
    return_: Given[Word] = _label("one row that takes revenue back", "return")
    interaction: Given[Word] = _label("one row")


ROWS = "a CSV file beside the mapping or a list, with the columns of docs/limits.md"


@dataclass(frozen=True)
class Decision:
    """Limits or scenarios in place of the shipped, as rows of text, and where they stand."""

    source: str
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Resolved:
    """What the mapping does not say itself, and its files and those beside it do."""

    types: Mapping[str, Mapping[str, str]]
    """By block and header, what the values of a typed column are: number, date or timestamp."""
    decisions: Mapping[str, Decision]
    """The mapping's own limits and scenarios, by key."""
    rates: tuple[tuple[str, str, str, str], ...]
    """Exchange rates: currency, first and last day, units of the currency that counts for one."""


@dataclass(frozen=True)
class Column:
    """A column that the mapping names: by which header, and in which key."""

    header: str
    spellings: tuple[str, ...]
    key: str
    needed: bool
    """Whether every file must have it; others may be absent from some of many files."""


class ExportMapping(Keys):
    """What the files and columns of an export mean."""

    name: Text = required("shown in the summary and the report")
    description: Given[Text] = key("what the export is")
    folder: Text = key("the files' folder, from the project root; DATA=folder overrides it", ".")
    revenue: Literal["amount", "list_price", "customer_amount", "none"] = key(
        "what counts as revenue: the row's amount, the product's price, the customer's amount, or "
        "nothing: then limits, stress and the report count purchases or interactions",
        "amount",
    )
    currency: Given[
        Annotated[
            Annotated[CurrencyCode, Tag("value")] | Annotated[Currency, Tag("keys")],
            Either,
            Words("a code of three letters, or a mapping of keys to values"),
        ]
    ] = key("what amounts are in: rows in another are left out; or the column, and rates into one")
    returns: Literal["net", "exclude"] = key("subtract returns from sales, or leave out", "net")
    undated: Literal["keep", "reject"] = key(
        "rows without a readable date that name a customer or product: in every figure that is "
        "not of time, or rejected",
        "keep",
    )
    duplicates: Annotated[
        Annotated[Literal["keep", "drop"], Tag("value")] | Annotated[Duplicates, Tag("keys")],
        Either,
    ] = key("exact duplicates of a raw row; or rows that repeat the value of a role", "keep")
    max_rejected_share: Share = key("more rejected rows than this fail the build", 0.2)
    amount_decimals: Decimals = key("decimals of money that are kept", 4)
    time_zone: Given[Text] = key("zone of the stamps in the files (IANA); default: local time")
    business_time_zone: Given[Text] = key("zone in which hours are counted; default: time_zone")
    missing_values: Texts = key("texts that mean nothing, such as UNKNOWN", ())
    fold_case: Texts = key("roles and dimensions whose upper and lower case are one", ())
    interaction_types: Given[TextLists] = key(
        "type: its spellings; purchase adds, return subtracts"
    )
    subject: Literal["sales", "spending", "activity"] = key(
        "what the export is about; limits and scenarios written for another subject are left out",
        "sales",
    )
    labels: Labels = key("what things are called in your business", Labels())
    dimensions: tuple[Dimension, ...] = Field(
        (), strict=False, description="columns that become dimensions"
    )
    limits: Given[FileOrRows] = key(f"limits in place of the shipped: {ROWS}")
    scenarios: Given[FileOrRows] = key(f"scenarios in place of the shipped: {ROWS}")
    interactions: Interactions = required(
        "what happened: one row per interaction, sale or order line"
    )
    orders: Given[Orders] = key(
        "orders, where interactions are their lines; joined on the role `order`"
    )
    customers: Given[Customers] = key(
        "one row per customer; gives segments, age groups, location ..."
    )
    products: Given[Products] = key("one row per product; gives names, categories and list prices")

    _resolved: Resolved = PrivateAttr(default_factory=lambda: Resolved({}, {}, ()))

    # ---- what its files and those beside it say ----

    @property
    def resolved(self) -> Resolved:
        """What stands in files, and not in the mapping."""
        return self._resolved

    def resolving(self, **parts: Any) -> ExportMapping:
        """The same mapping with parts of `resolved`."""
        copy = self.model_copy()
        copy._resolved = replace(self._resolved, **parts)
        return copy

    # ---- what every room asks ----

    @property
    def blocks(self) -> dict[str, Block]:
        """The blocks that it has, by name."""
        found = ((name, getattr(self, name)) for name in BLOCKS)
        return {name: block for name, block in found if block}

    def roles(self, block: str) -> dict[str, str]:
        """The headers of a block by role; empty where the mapping has no such block."""
        found = self.blocks.get(block)
        return found.columns.by_role if found else {}

    @property
    def dated_blocks(self) -> dict[str, DatedBlock]:
        """The blocks whose rows may have the time of an interaction."""
        return {name: it for name, it in self.blocks.items() if isinstance(it, DatedBlock)}

    @property
    def time_block(self) -> str:
        """The block that has the time of an interaction; empty if none has."""
        found = (name for name in self.dated_blocks if {"time", "date"} & {*self.roles(name)})
        return next(found, "")

    @property
    def currency_code(self) -> str | None:
        """The currency that revenue is in, where the mapping says so."""
        return self.currency.into if isinstance(self.currency, Currency) else self.currency

    @property
    def depends_on_other_files(self) -> bool:
        """Whether what a row of interactions becomes depends on rows of other files."""
        return self.duplicates != "keep" or self.interactions.is_once_per_order

    @property
    def looks_up(self) -> list[str]:
        """The blocks that rows of interactions look something up in."""
        return [name for name in ("orders", "customers", "products") if name in self.blocks]

    def dimensions_of(self, block: str) -> list[tuple[str, Dimension]]:
        """The dimensions that a block has, each with the key that names it."""
        numbered = enumerate(self.dimensions, start=1)
        return [(f"dimensions[{number}]", it) for number, it in numbered if it.from_ == block]

    def columns_of(self, name: str) -> list[Column]:
        """Every column of a block that the mapping names."""
        block = self.blocks[name]
        columns = block.columns.by_role
        needed = {"time", "date", "time_of_day", "amount", "amount_out", "order"}
        needed |= {"customers": {"customer"}, "products": {"product"}}.get(name, set())
        if "amount" not in columns:
            needed |= {"quantity", "unit_price"}
        if self.revenue == "list_price":
            needed |= {"quantity"}
        named = [(head, f"{name}.columns.{role}", role in needed) for role, head in columns.items()]
        # Where it is absent, the rows to be left out would count: only who knows may say so.
        named += [
            (rule.column, f"{name}.leave_out[{number}].column", not rule.optional)
            for number, rule in enumerate(block.leave_out, start=1)
        ]
        if isinstance(block, Interactions) and isinstance(block.sign, Sign):
            named.append((block.sign.column, f"{name}.sign.column", True))
        currency = self.currency
        if isinstance(currency, Currency) and currency.column and currency.from_ == name:
            named.append((currency.column, "currency.column", True))
        if isinstance(block, Interactions):
            named += [(header, f"{name}.fill_down", False) for header in block.filled_headers]
        named += [(it.column, f"{where}.column", False) for where, it in self.dimensions_of(name)]
        return [
            Column(header, (header, *block.aliases.get(header, ())), where, must)
            for header, where, must in named
        ]

    def reading(self, block: str, **changes: object) -> ExportMapping:
        """The mapping as it is true of copies of a block's files."""
        return self.model_copy(update={block: self.blocks[block].model_copy(update=changes)})

    # ---- what dbt gets ----

    def as_vars(self) -> dict[str, Any]:
        """The mapping as dbt's macros read it: what is written, and what files say beside it."""
        said = self.model_dump(
            mode="json", by_alias=True, exclude_unset=True, exclude={*self._resolved.decisions}
        )
        for block, types in self._resolved.types.items():
            said[block]["types"] = dict(types)
        for name, decision in self._resolved.decisions.items():
            said[name] = {"source": decision.source, "rows": [*decision.rows]}
        if self._resolved.rates:
            said["currency"]["rates"] = [list(rate) for rate in self._resolved.rates]
        return said


@cache
def reserved_names() -> frozenset[str]:
    """What a dimension cannot be called: columns that are there already, and words of SQL."""
    words = duckdb.execute(
        "select keyword_name from duckdb_keywords()"
        " where keyword_category in ('reserved', 'type_function')"
    ).fetchall()
    columns = (role for block in BLOCKS for role in roles_of(block))
    return frozenset((*STANDARD_DIMENSIONS, *OWN_COLUMNS, *columns, *(word for (word,) in words)))


def roles_of(block: str) -> list[str]:
    """The roles that the columns of a block may have."""
    kinds: dict[str, type[Columns]] = {
        "interactions": InteractionColumns,
        "orders": OrderColumns,
        "customers": CustomerColumns,
        "products": ProductColumns,
    }
    return [*kinds[block].model_fields]
