"""The keys of a mapping, each with its type, default and meaning.

These classes are the only definition of a mapping: a YAML file is read into them, and the rest of
the package uses these objects. The reference in the documentation and the JSON Schema for editors
(reference.py) and the messages about invalid values (refusals.py) are generated from them.

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
# Models with a column for each dimension also have these columns, so no dimension can use these
# names.
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
# Files whose values have types, so that times need no format.
TYPED_FILES = (".parquet", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
# The format name for dates that Excel stored as a number of days.
EXCEL_SERIAL = "excel_serial"
# The questions raised by files that can be read in two ways; `accepted` answers them.
AMBIGUITIES = (
    *("same_amount_per_order", "first_line_fields", "continuation_lines", "heading_rows"),
    *("summary_rows", "total_rows", "repeated_headers", "footer_rows", "repeated_orders"),
    *("debit_or_credit", "money_in_and_out", "amounts_below_zero", "types_of_returns"),
    *("states_of_returns", "refunded_amounts", "order_amounts_once", "repeated_rows"),
    "fees_and_payouts",
    *("number_formats", "currencies", "conversion_rows"),
)

BlockName = Literal["interactions", "orders", "customers", "products"]


# ---- the keys beside the blocks --------------------------------------------------------------


class Dimension(Keys):
    """A column that becomes a dimension."""

    name: Name = required("the name of the dimension in every table")
    column: Text = required("the header of the column")
    label: Given[Text] = key("the name that the report and the summary show; default: `name`")
    from_: BlockName = key("the block that has the column", "interactions", alias="from")


class Currency(Keys):
    """The currency of the export, and the column that has the currency of each row."""

    column: Given[Text] = key("the header of the column that contains the currency of each row")
    from_: Literal["interactions", "orders"] = key(
        "the block that has the column", "interactions", alias="from"
    )
    into: Given[Text] = key(
        "the currency of all figures; rows in others are left out unless `rates` converts them"
    )
    rates: Given[Text] = key(
        "a CSV file with the columns date, currency and rate: the units of `into` for one unit"
    )


class Duplicates(Keys):
    """How rows that repeat the values of roles are treated."""

    by: Files = required(
        "one role or several, such as `order`: of rows with the same values in them, one counts"
    )
    keep: Literal["first", "last"] = key(
        "which of these rows counts, in the order of the file", "first"
    )

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles whose values are compared."""
        return (self.by,) if isinstance(self.by, str) else self.by


def _label(meaning: str, alias: str | None = None) -> Any:
    return key(f"your word for {meaning}", alias=alias)


class Labels(Keys):
    """The words of the business."""

    customer: Given[Word] = _label("a customer")
    product: Given[Word] = _label("a product")
    category: Given[Word] = _label("a category of products")
    order: Given[Word] = _label("an order")
    revenue: Given[Word] = _label("revenue")
    purchase: Given[Word] = _label("a row that adds revenue")
    return_: Given[Word] = _label("a row that subtracts revenue", "return")
    interaction: Given[Word] = _label("any row")


ROWS = "a CSV file in the folder of the mapping, or a list, with the columns in docs/limits.md"


@dataclass(frozen=True)
class Decision:
    """The mapping's own limits or scenarios as rows of text, and the file that contains them."""

    source: str
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Resolved:
    """What is read from the files of a mapping: types, limits, scenarios and exchange rates."""

    types: Mapping[str, Mapping[str, str]]
    """The class of each typed column, by block and header: number, date or timestamp."""
    decisions: Mapping[str, Decision]
    """The mapping's own limits and scenarios, by key."""
    rates: tuple[tuple[str, str, str, str], ...]
    """Exchange rates: currency, first day, last day, and the units of `into` for one unit."""


@dataclass(frozen=True)
class Column:
    """A column that the mapping names: its header, and the key that names it."""

    header: str
    spellings: tuple[str, ...]
    key: str
    needed: bool
    """Whether every file must have it. Other columns may be missing from some files."""


class ExportMapping(Keys):
    """The meaning of the files and columns of an export."""

    name: Text = required("the name of the export in the summary and the report")
    description: Given[Text] = key("a description of the export, for readers of the mapping")
    folder: Text = key(
        "the folder of the files, relative to the project root; DATA=FOLDER overrides it", "."
    )
    revenue: Literal["amount", "list_price", "customer_amount", "none"] = key(
        "what counts as revenue: the amount of the row, the price of the product, the amount of "
        "the customer, or nothing; with `none`, limits, stress tests and the report count "
        "purchases or interactions instead",
        "amount",
    )
    currency: Given[
        Annotated[
            Annotated[CurrencyCode, Tag("value")] | Annotated[Currency, Tag("keys")],
            Either,
            Words("a code of three letters, or a mapping of keys to values"),
        ]
    ] = key(
        "the currency of the amounts, so that rows in other currencies are left out; or the column "
        "that contains the currency, with exchange rates"
    )
    returns: Literal["net", "exclude"] = key(
        "whether returns are subtracted from sales (net) or left out (exclude)", "net"
    )
    undated: Literal["keep", "reject"] = key(
        "whether rows without a readable date that name a customer or product count in all figures "
        "that do not depend on time (keep) or are rejected (reject)",
        "keep",
    )
    duplicates: Annotated[
        Annotated[Literal["keep", "drop"], Tag("value")] | Annotated[Duplicates, Tag("keys")],
        Either,
    ] = key(
        "whether exact duplicates of a raw row count; or the roles in which two rows must not have "
        "the same values",
        "keep",
    )
    max_rejected_share: Share = key(
        "the build fails if a larger share of the rows is rejected", 0.2
    )
    amount_decimals: Decimals = key("the number of decimals that amounts keep", 4)
    time_zone: Given[Text] = key(
        "the IANA time zone of the times in the files; default: none, times are taken as written"
    )
    business_time_zone: Given[Text] = key(
        "the IANA time zone in which hours and days are counted; default: `time_zone`"
    )
    missing_values: Texts = key("texts that stand for a missing value, such as UNKNOWN", ())
    fold_case: Texts = key("roles and dimensions whose values ignore upper and lower case", ())
    interaction_types: Given[TextLists] = key(
        "each type with its spellings; purchase adds revenue, return subtracts it"
    )
    subject: Literal["sales", "spending", "activity"] = key(
        "the subject of the export; limits and scenarios for other subjects do not apply",
        "sales",
    )
    labels: Labels = key("your words for customers, products and so on", Labels())
    dimensions: tuple[Dimension, ...] = Field(
        (), strict=False, description="columns that become additional dimensions"
    )
    limits: Given[FileOrRows] = key(f"limits that replace the built-in ones: {ROWS}")
    scenarios: Given[FileOrRows] = key(f"scenarios that replace the built-in ones: {ROWS}")
    interactions: Interactions = required(
        "the transactions: one row per interaction, sale or order line"
    )
    orders: Given[Orders] = key(
        "the orders, if the rows of interactions are order lines; joined on the role `order`"
    )
    customers: Given[Customers] = key(
        "the customers, one row each; provides segments, age groups, locations and so on"
    )
    products: Given[Products] = key(
        "the products, one row each; provides names, categories and list prices"
    )

    _resolved: Resolved = PrivateAttr(default_factory=lambda: Resolved({}, {}, ()))

    # ---- what was read from its files ----

    @property
    def resolved(self) -> Resolved:
        """Return what was read from the files and not from the mapping."""
        return self._resolved

    def resolving(self, **parts: Any) -> ExportMapping:
        """Return a copy with some fields of `resolved` replaced."""
        copy = self.model_copy()
        copy._resolved = replace(self._resolved, **parts)
        return copy

    # ---- what other modules use ----

    @property
    def blocks(self) -> dict[str, Block]:
        """Return the blocks of the mapping, by name."""
        found = ((name, getattr(self, name)) for name in BLOCKS)
        return {name: block for name, block in found if block}

    def roles(self, block: str) -> dict[str, str]:
        """Return the headers of a block by role; empty if the mapping has no such block."""
        found = self.blocks.get(block)
        return found.columns.by_role if found else {}

    @property
    def dated_blocks(self) -> dict[str, DatedBlock]:
        """Return the blocks whose rows may contain the time of an interaction."""
        return {name: it for name, it in self.blocks.items() if isinstance(it, DatedBlock)}

    @property
    def time_block(self) -> str:
        """Return the block that contains the time of an interaction; empty if none does."""
        found = (name for name in self.dated_blocks if {"time", "date"} & {*self.roles(name)})
        return next(found, "")

    @property
    def currency_code(self) -> str | None:
        """Return the currency of revenue, if the mapping sets it."""
        return self.currency.into if isinstance(self.currency, Currency) else self.currency

    @property
    def depends_on_other_files(self) -> bool:
        """Return whether the values of an interaction depend on rows of other files."""
        return self.duplicates != "keep" or self.interactions.is_once_per_order

    @property
    def looks_up(self) -> list[str]:
        """Return the blocks in which interactions look up values."""
        return [name for name in ("orders", "customers", "products") if name in self.blocks]

    def dimensions_of(self, block: str) -> list[tuple[str, Dimension]]:
        """Return the dimensions of a block, each with the key that names it."""
        numbered = enumerate(self.dimensions, start=1)
        return [(f"dimensions[{number}]", it) for number, it in numbered if it.from_ == block]

    def columns_of(self, name: str) -> list[Column]:
        """Return every column of a block that the mapping names."""
        block = self.blocks[name]
        columns = block.columns.by_role
        needed = {"time", "date", "time_of_day", "amount", "amount_out", "order"}
        needed |= {"customers": {"customer"}, "products": {"product"}}.get(name, set())
        if "amount" not in columns:
            needed |= {"quantity", "unit_price"}
        if self.revenue == "list_price":
            needed |= {"quantity"}
        named = [(head, f"{name}.columns.{role}", role in needed) for role, head in columns.items()]
        # Without the column, rows that should be left out would count, so the mapping must allow
        # that.
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
        """Return the mapping for copies of a block's files that are stored in another way."""
        return self.model_copy(update={block: self.blocks[block].model_copy(update=changes)})

    # ---- what dbt receives ----

    def as_vars(self) -> dict[str, Any]:
        """Return the mapping as dbt's macros read it, including what was read from files."""
        variables = self.model_dump(
            mode="json", by_alias=True, exclude_unset=True, exclude={*self._resolved.decisions}
        )
        for block, types in self._resolved.types.items():
            variables[block]["types"] = dict(types)
        for name, decision in self._resolved.decisions.items():
            variables[name] = {"source": decision.source, "rows": [*decision.rows]}
        if self._resolved.rates:
            variables["currency"]["rates"] = [list(rate) for rate in self._resolved.rates]
        return variables


@cache
def reserved_names() -> frozenset[str]:
    """Return the names that a dimension cannot have: existing columns and reserved words of SQL."""
    words = duckdb.execute(
        "select keyword_name from duckdb_keywords()"
        " where keyword_category in ('reserved', 'type_function')"
    ).fetchall()
    columns = (role for block in BLOCKS for role in roles_of(block))
    return frozenset((*STANDARD_DIMENSIONS, *OWN_COLUMNS, *columns, *(word for (word,) in words)))


def roles_of(block: str) -> list[str]:
    """Return the roles that columns of a block can have."""
    kinds: dict[str, type[Columns]] = {
        "interactions": InteractionColumns,
        "orders": OrderColumns,
        "customers": CustomerColumns,
        "products": ProductColumns,
    }
    return [*kinds[block].model_fields]
