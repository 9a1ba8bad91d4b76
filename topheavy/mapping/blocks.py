"""The blocks of a mapping: files of one kind, how to read them, and what their columns mean."""

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


def is_folder(relation: str) -> bool:
    """Whether a relation is files of Parquet in a folder."""
    return "/" in relation or relation.endswith(".parquet")
