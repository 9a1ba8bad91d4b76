"""What a mapping may say: every key with its type, default and meaning.

These classes are the single truth: a mapping is read into them, and what they hold is what every
room behind asks. The documentation's reference and the JSON Schema for editors are written from
them (see reference.py), and so are the messages about values that do not fit (see refusals.py).

Usage:
    from topheavy.mapping.keys import ExportMapping
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, Discriminator, Field, PrivateAttr, Tag

from topheavy.mapping.kinds import (
    Cells,
    Character,
    CurrencyCode,
    Decimals,
    Delimiter,
    FileOrRows,
    Files,
    Given,
    Lines,
    Name,
    Names,
    Range,
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
    *("dimension", "entity_id", "month_start", "month_key", "described_key"),
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
Encoding = Literal["utf-8", "utf-16", "latin-1", "windows-1252"]


class Keys(BaseModel):
    """Keys and their values: nothing else, nothing converted, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def key(doc: str, default: Any = None, alias: str | None = None) -> Any:
    """A key that may be left out: what it means, and what holds then."""
    return Field(default, description=doc, alias=alias)


def required(doc: str) -> Any:
    """A key that has to be there."""
    return Field(description=doc)


def _form(value: object) -> str:
    return "keys" if isinstance(value, dict | BaseModel) else "value"


# Of a value that is either plain or has keys, which it is.
Either = Discriminator(_form)


# ---- what stands inside of a block -----------------------------------------------------------


class LeftOut(Keys):
    """Rows that are rejected, with the reason."""

    column: Text = required("the header of the column that decides")
    values: Given[Cells] = key(
        'rows with one of these values are left out; "" or blank: an empty cell'
    )
    starts_with: Given[Texts] = key("rows whose value starts with one of these, whatever its case")
    ends_with: Given[Texts] = key("rows whose value ends with one of these, whatever its case")
    reason: Name = required("the reason under which the rows are counted")
    optional: bool = key("whether a file may lack the column", False)

    @property
    def cells(self) -> tuple[str, ...]:
        """The values of which a row has one."""
        return ("",) if self.values == "blank" else self.values or ()


class Amount(Keys):
    """An amount that is more than one column of one header."""

    column: Given[Text] = key("the header of the column of amounts")
    in_: Given[Text] = key(
        "the header of the money that comes in, where two columns have it", alias="in"
    )
    out: Given[Text] = key("the header of the money that goes out: subtracted, whatever its sign")
    once_per: Literal["row", "order"] = key(
        "order: the same amount on several lines of an order counts once, on the first of them",
        "row",
    )


class Sign(Keys):
    """The column that says on which side an amount stands."""

    column: Text = required("the header of the column that says debit or credit")
    negative: Texts = required("its values for money that is subtracted")


class FillDown(Keys):
    """A column whose blank cells have the value of the row above."""

    column: Text = required("the header, or the role that has it")
    within: Literal["order", "file"] = key(
        "order: up to the next order, where the role order is mapped; file: up to the next value",
        "order",
    )


# ---- the roles of columns --------------------------------------------------------------------


class Columns(Keys):
    """The headers of a block's columns by their roles."""

    @property
    def by_role(self) -> dict[str, str]:
        """The header of each role; an amount in two columns has the roles amount and amount_out."""
        found: dict[str, str] = {}
        for role in type(self).model_fields:
            said = getattr(self, role)
            parts = {role: said}
            if isinstance(said, Amount):
                parts = {role: said.column or said.in_, f"{role}_out": said.out}
            found |= {name: header for name, header in parts.items() if header}
        return found


class InteractionColumns(Columns):
    """What the columns of interactions mean."""

    customer: Given[Text] = key("who bought")
    customer_name: Given[Text] = key("the customer's name, where `customer` is an id")
    product: Given[Text] = key("what was bought: an id, or a name where there is none")
    product_name: Given[Text] = key("the product's name, where `product` is an id")
    interaction_type: Given[Text] = key("purchase, return, view ...; see interaction_types")
    time: Given[Text] = key("date and time of day in one column")
    date: Given[Text] = key("the date, where the time of day is apart or absent")
    time_of_day: Given[Text] = key("the time of day that belongs to `date`")
    amount: Given[
        Annotated[Annotated[Text, Tag("value")] | Annotated[Amount, Tag("keys")], Either]
    ] = key("the row's revenue")
    quantity: Given[Text] = key(
        "units, multiplied by unit_price where there is no amount, or by the list price"
    )
    unit_price: Given[Text] = key("the price of one unit")
    category: Given[Text] = key("the product's category")
    payment_method: Given[Text] = key("how it was paid")
    order: Given[Text] = key("the order's id; joins the orders file")


class OrderColumns(Columns):
    """What the columns of orders mean."""

    order: Text = required("the order's id, once per order")
    customer: Given[Text] = key("who bought")
    customer_name: Given[Text] = key("the customer's name, where `customer` is an id")
    time: Given[Text] = key("date and time of day in one column")
    date: Given[Text] = key("the date, where the time of day is apart or absent")
    time_of_day: Given[Text] = key("the time of day that belongs to `date`")
    payment_method: Given[Text] = key("how it was paid")


class CustomerColumns(Columns):
    """What the columns of customers mean."""

    customer: Text = required("the customer's id, as interactions have it")
    name: Given[Text] = key("the customer's name")
    age: Given[Text] = key("age in years; gives age_group")
    gender: Given[Text] = key("gender")
    location: Given[Text] = key("where the customer is")
    amount: Given[Text] = key("the customer's purchase amount; gives customer_segment")
    payment_method: Given[Text] = key("how the customer pays")
    purchase_frequency: Given[Text] = key("how often the customer buys")
    subscription_status: Given[Text] = key("whether the customer subscribes")


class ProductColumns(Columns):
    """What the columns of products mean."""

    product: Text = required("the product's id, as interactions have it")
    name: Given[Text] = key("the product's name")
    category_path: Given[Text] = key("categories from broad to narrow, `A | B | C`")
    category: Given[Text] = key("the product's category, where there is no path")
    price: Given[Text] = key("the list price; gives price_segment")


# ---- the blocks ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Format:
    """How the rows of a file are stored; the defaults are those of a mapping."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    skip_lines: int = 0
    sheet: str | tuple[str, ...] = ""
    range: str = ""
    decimal: str = "."


class Block(Keys):
    """Files of one kind: how to read them, and what their columns mean."""

    files: Given[Files] = key("file names or globs, relative to the folder")
    relation: Given[Text] = key(
        "in place of files: a table or view of the target or of `database`, ref('model'), or a "
        "folder of Parquet"
    )
    database: Given[Text] = key("the DuckDB file that has the relation, relative to the folder")
    columns: Columns = required("role: header name")
    delimiter: Delimiter = key("what separates columns; whitespace = runs of blanks", ",")
    quote: Character = key("what encloses a text that has delimiters in it", '"')
    encoding: Encoding = key("how characters are stored", "utf-8")
    skip_lines: Lines = key("lines before the header", 0)
    sheet: Given[Files] = key(
        "the sheet of a workbook, or several; default: the only one with rows"
    )
    range: Given[Range] = key("the cells of the sheet, from the header on; default: all")
    decimal: Literal[".", ",", "either"] = key(
        "the decimal separator of amounts; either = each number by itself, and three digits "
        "behind its only mark are thousands",
        ".",
    )
    thousands: Given[Character] = key(
        'default: "," with decimal ".", and the other way; blanks and apostrophes always are'
    )
    cr: Literal["credit", "crore"] = key("what `Cr` behind an amount stands for", "credit")
    aliases: TextLists = key("header name: other spellings of it in some files", {})
    leave_out: tuple[LeftOut, ...] = Field(
        (), strict=False, description="rows to reject, with the reason"
    )

    @property
    def format(self) -> Format:
        """How the rows of its files are stored."""
        return Format(
            self.delimiter,
            self.quote,
            self.encoding,
            self.skip_lines,
            self.sheet or "",
            self.range or "",
            self.decimal,
        )

    @property
    def file_names(self) -> tuple[str, ...]:
        """The file names and globs; none where it is a table or view of a database."""
        if self.relation and is_folder(self.relation):
            folder = self.relation.rstrip("/")
            return (self.relation if "*" in self.relation else f"{folder}/**/*.parquet",)
        if self.relation:
            return ()
        return (self.files,) if isinstance(self.files, str) else self.files or ()


class DatedBlock(Block):
    """A block whose rows may have the time of an interaction."""

    time_formats: Texts = key(
        "how stamps are written (strptime, or excel_serial), tried in order", ()
    )


class Orders(DatedBlock):
    """Orders, where interactions are their lines."""

    columns: OrderColumns = required("role: header name")


class Customers(Block):
    """What customers are, one row each."""

    columns: CustomerColumns = required("role: header name")


class Products(Block):
    """What products are, one row each."""

    columns: ProductColumns = required("role: header name")


class Interactions(DatedBlock):
    """What happened, one row each."""

    columns: InteractionColumns = required("role: header name")
    sign: Annotated[
        Annotated[Literal["as_written", "reversed"], Tag("value")] | Annotated[Sign, Tag("keys")],
        Either,
    ] = key(
        "reversed: amounts below zero are what counts; or the column that says debit or credit",
        "as_written",
    )
    fill_down: Annotated[
        tuple[
            Annotated[Annotated[Text, Tag("value")] | Annotated[FillDown, Tag("keys")], Either],
            ...,
        ],
        Field(strict=False),
        Words("a list of texts or mappings"),
    ] = key("headers or roles whose blank cells have the value of the row above", ())
    accepted: Names = key(
        "questions that you have looked at, and for which the rows are right as they are", ()
    )

    @property
    def filled_headers(self) -> dict[str, str]:
        """The headers whose blank cells are filled from above, each with `order` or `file`."""
        headers = self.columns.by_role
        records = (FillDown(column=it) if isinstance(it, str) else it for it in self.fill_down)
        return {headers.get(it.column, it.column): it.within for it in records}

    @property
    def is_once_per_order(self) -> bool:
        """Whether an amount that stands on several lines of an order counts once."""
        amount = self.columns.amount
        return isinstance(amount, Amount) and amount.once_per == "order"


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


def is_folder(relation: str) -> bool:
    """Whether a relation is files of Parquet in a folder."""
    return "/" in relation or relation.endswith(".parquet")


def column_names(header: Iterable[str]) -> list[str]:
    """The names in a header; of several columns of one name, the n-th is called NAME#n."""
    names = list(header)
    return [
        f"{name}#{names[: place + 1].count(name)}" if name and names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]
