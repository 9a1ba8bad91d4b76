"""The blocks of a mapping: files of one kind, their format, and the meaning of their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from topheavy.mapping.kinds import (
    Cells,
    Character,
    Delimiter,
    Files,
    Given,
    Lines,
    Name,
    Names,
    Range,
    Text,
    TextLists,
    Texts,
    Words,
)

Encoding = Literal["utf-8", "utf-16", "latin-1", "windows-1252"]


class Keys(BaseModel):
    """Keys and their values: unknown keys are refused, nothing is converted, nothing changes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def key(doc: str, default: Any = None, alias: str | None = None) -> Any:
    """An optional key: its description and its default."""
    return Field(default, description=doc, alias=alias)


def required(doc: str) -> Any:
    """A required key."""
    return Field(description=doc)


def _form(value: object) -> str:
    return "keys" if isinstance(value, dict | BaseModel) else "value"


# Tells a plain value from a mapping of keys to values.
Either = Discriminator(_form)


# ---- the keys inside a block -----------------------------------------------------------------


class LeftOut(Keys):
    """Rows that are left out, and the reason."""

    column: Text = required("the header of the column to look at")
    values: Given[Cells] = key(
        'rows with one of these values are left out; "" or blank stands for an empty cell'
    )
    starts_with: Given[Texts] = key(
        "rows whose value starts with one of these texts, in any case, are left out"
    )
    ends_with: Given[Texts] = key(
        "rows whose value ends with one of these texts, in any case, are left out"
    )
    reason: Name = required("the reason that is shown for these rows")
    optional: bool = key("whether the column may be missing from a file", False)

    @property
    def cells(self) -> tuple[str, ...]:
        """The values of rows that are left out."""
        return ("",) if self.values == "blank" else self.values or ()


class Amount(Keys):
    """An amount that needs more than a header: two columns, or an amount per order."""

    column: Given[Text] = key("the header of the column with the amounts")
    in_: Given[Text] = key(
        "the header of the column with money received, if there are two columns", alias="in"
    )
    out: Given[Text] = key(
        "the header of the column with money paid out, which is subtracted whatever its sign"
    )
    once_per: Literal["row", "order"] = key(
        "order: an amount that all lines of an order repeat counts once, on the first line",
        "row",
    )


class Sign(Keys):
    """The column that says whether an amount is a debit or a credit."""

    column: Text = required("the header of the column that says debit or credit")
    negative: Texts = required("the values of that column for amounts that are subtracted")


class FillDown(Keys):
    """A column whose empty cells take the value of the row above."""

    column: Text = required("the header or the role of the column")
    within: Literal["order", "file"] = key(
        "order: until the next order, if the role `order` is mapped; file: until the next value",
        "order",
    )


# ---- the roles of columns --------------------------------------------------------------------


class Columns(Keys):
    """The headers of a block's columns, by role."""

    @property
    def by_role(self) -> dict[str, str]:
        """The header of each role; an amount in two columns has the roles amount and amount_out."""
        found: dict[str, str] = {}
        for role in type(self).model_fields:
            header = getattr(self, role)
            parts = {role: header}
            if isinstance(header, Amount):
                parts = {role: header.column or header.in_, f"{role}_out": header.out}
            found |= {name: header for name, header in parts.items() if header}
        return found


class InteractionColumns(Columns):
    """The roles of the columns of interactions."""

    customer: Given[Text] = key("the customer: an id, or a name if there is no id")
    customer_name: Given[Text] = key("the name of the customer, if `customer` is an id")
    product: Given[Text] = key("the product: an id, or a name if there is no id")
    product_name: Given[Text] = key("the name of the product, if `product` is an id")
    interaction_type: Given[Text] = key(
        "the kind of interaction, such as purchase, return or view; see interaction_types"
    )
    time: Given[Text] = key("the date and time of day, if one column contains both")
    date: Given[Text] = key("the date, if the time of day is in another column or missing")
    time_of_day: Given[Text] = key("the time of day of `date`")
    amount: Given[
        Annotated[Annotated[Text, Tag("value")] | Annotated[Amount, Tag("keys")], Either]
    ] = key("the revenue of the row")
    quantity: Given[Text] = key(
        "the number of units; multiplied by `unit_price`, if there is no amount, or the list price"
    )
    unit_price: Given[Text] = key("the price of one unit")
    category: Given[Text] = key("the category of the product")
    payment_method: Given[Text] = key("the payment method")
    order: Given[Text] = key("the id of the order; joins the orders file")


class OrderColumns(Columns):
    """The roles of the columns of orders."""

    order: Text = required("the id of the order, unique in the file")
    customer: Given[Text] = key("the customer: an id, or a name if there is no id")
    customer_name: Given[Text] = key("the name of the customer, if `customer` is an id")
    time: Given[Text] = key("the date and time of day, if one column contains both")
    date: Given[Text] = key("the date, if the time of day is in another column or missing")
    time_of_day: Given[Text] = key("the time of day of `date`")
    payment_method: Given[Text] = key("the payment method")


class CustomerColumns(Columns):
    """The roles of the columns of customers."""

    customer: Text = required("the id of the customer, as in interactions")
    name: Given[Text] = key("the name of the customer")
    age: Given[Text] = key("the age in years; provides age_group")
    gender: Given[Text] = key("the gender of the customer")
    location: Given[Text] = key("the location of the customer")
    amount: Given[Text] = key("the purchase amount of the customer; provides customer_segment")
    payment_method: Given[Text] = key("the payment method of the customer")
    purchase_frequency: Given[Text] = key("how often the customer buys")
    subscription_status: Given[Text] = key("whether the customer subscribes")


class ProductColumns(Columns):
    """The roles of the columns of products."""

    product: Text = required("the id of the product, as in interactions")
    name: Given[Text] = key("the name of the product")
    category_path: Given[Text] = key("the categories from broad to narrow, such as `A | B | C`")
    category: Given[Text] = key("the category of the product, if there is no `category_path`")
    price: Given[Text] = key("the list price; provides price_segment")


# ---- the blocks ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Format:
    """The format of a file; the defaults are those of a mapping."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    skip_lines: int = 0
    sheet: str | tuple[str, ...] = ""
    range: str = ""
    decimal: str = "."


class Block(Keys):
    """Files of one kind: their format, and the meaning of their columns."""

    files: Given[Files] = key(
        "file names or patterns such as `sales_*.csv`, relative to the folder"
    )
    relation: Given[Text] = key(
        "instead of files: a table or view in the target or in `database`, ref('model'), or a "
        "folder with Parquet files"
    )
    database: Given[Text] = key(
        "the DuckDB file that contains the relation, relative to the folder"
    )
    columns: Columns = required("each role with the header of its column")
    delimiter: Delimiter = key("the character between columns; whitespace: one blank or more", ",")
    quote: Character = key("the character around a text that contains delimiters", '"')
    encoding: Encoding = key("the character encoding", "utf-8")
    skip_lines: Lines = key("the number of lines before the header", 0)
    sheet: Given[Files] = key(
        "the sheet of a workbook, or a list of sheets; default: the only sheet with rows"
    )
    range: Given[Range] = key(
        "the range of cells to read, header included, such as A3:F200; default: the whole sheet"
    )
    decimal: Literal[".", ",", "either"] = key(
        "the decimal separator of amounts; either: it is decided for each number, and three digits "
        "after the only separator are thousands",
        ".",
    )
    thousands: Given[Character] = key(
        'the thousands separator; default: "," if `decimal` is ".", and "." if it is ","; '
        "blanks and apostrophes are always accepted"
    )
    cr: Literal["credit", "crore"] = key("the meaning of `Cr` after an amount", "credit")
    aliases: TextLists = key("each header with the other spellings that some files use", {})
    leave_out: tuple[LeftOut, ...] = Field(
        (), strict=False, description="rows to leave out, and the reason"
    )

    @property
    def format(self) -> Format:
        """The format of its files."""
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
        """The file names and patterns; none for a table or view of a database."""
        if self.relation and is_folder(self.relation):
            folder = self.relation.rstrip("/")
            return (self.relation if "*" in self.relation else f"{folder}/**/*.parquet",)
        if self.relation:
            return ()
        return (self.files,) if isinstance(self.files, str) else self.files or ()


class DatedBlock(Block):
    """A block whose rows may contain the time of an interaction."""

    time_formats: Texts = key(
        "the formats of times, tried in order: strptime formats, or excel_serial", ()
    )


class Orders(DatedBlock):
    """Orders, if the rows of interactions are order lines."""

    columns: OrderColumns = required("each role with the header of its column")


class Customers(Block):
    """Customers, one row each."""

    columns: CustomerColumns = required("each role with the header of its column")


class Products(Block):
    """Products, one row each."""

    columns: ProductColumns = required("each role with the header of its column")


class Interactions(DatedBlock):
    """Transactions, one row each."""

    columns: InteractionColumns = required("each role with the header of its column")
    sign: Annotated[
        Annotated[Literal["as_written", "reversed"], Tag("value")] | Annotated[Sign, Tag("keys")],
        Either,
    ] = key(
        "reversed: amounts below zero count as revenue; or the column that says debit or credit",
        "as_written",
    )
    fill_down: Annotated[
        tuple[
            Annotated[Annotated[Text, Tag("value")] | Annotated[FillDown, Tag("keys")], Either],
            ...,
        ],
        Field(strict=False),
        Words("a list of texts or mappings"),
    ] = key("headers or roles of columns whose empty cells take the value of the row above", ())
    accepted: Names = key(
        "questions of the draft that are answered: the rows are right as they are", ()
    )

    @property
    def filled_headers(self) -> dict[str, str]:
        """The headers whose empty cells are filled from above, each with `order` or `file`."""
        headers = self.columns.by_role
        records = (FillDown(column=it) if isinstance(it, str) else it for it in self.fill_down)
        return {headers.get(it.column, it.column): it.within for it in records}

    @property
    def is_once_per_order(self) -> bool:
        """Whether an amount that is repeated on the lines of an order counts once."""
        amount = self.columns.amount
        return isinstance(amount, Amount) and amount.once_per == "order"


def is_folder(relation: str) -> bool:
    """Whether a relation is a folder of Parquet files."""
    return "/" in relation or relation.endswith(".parquet")
