"""What a mapping may say: every key with its type, default and meaning.

These tables are the single truth: `check.py` checks against them and prints them as the
documentation's reference. Here too are the few questions that every reader of a mapping asks.

Usage:
    from topheavy.mapping.keys import TOP_KEYS, roles
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import duckdb

BLOCKS = ("interactions", "orders", "customers", "products")
ENCODINGS = ("utf-8", "utf-16", "latin-1", "windows-1252")
STANDARD_DIMENSIONS = (
    *("customer", "product", "category", "customer_segment", "age_group", "gender", "location"),
    *("subscription_status", "payment_method", "purchase_frequency", "price_segment"),
    *("simplified_category", "interaction_type", "year", "month", "date", "weekday", "hour"),
)
# Columns that models with columns for dimensions make themselves; one of that name would clash.
OWN_COLUMNS = (
    *("customer_id", "customer_name", "product_id", "order_id", "source_file", "source_row"),
    *("raw_text", "is_blank", "is_orphan", "interacted_at", "has_time_of_day", "time_text"),
    *(
        "amount_text",
        "currency",
        "currency_text",
        "written_amount",
        "quantity_text",
        "unit_price_text",
        "interaction_type_text",
        "occurrence",
    ),
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
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class MappingError(Exception):
    """A mapping or one of its files cannot be used; the message is one line with the remedy."""


@dataclass(frozen=True)
class Kind:
    """A type of value: its words for people, and the check of a value as YAML reads it."""

    words: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True)
class Key:
    """One key of a mapping; `inside` are the keys of the mapping (or of each record) it holds."""

    name: str
    kind: Kind
    doc: str
    default: Any = None
    required: bool = False
    inside: tuple[Key, ...] = ()


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_text(item) for item in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _one_of(*words: str) -> Kind:
    return Kind(" or ".join(words), lambda value: isinstance(value, str) and value in words)


TEXT = Kind("a text", _is_text)
TEXTS = Kind("a list of texts", lambda value: value == [] or _is_texts(value))
FILES = Kind("a text or a list of texts", lambda value: _is_text(value) or _is_texts(value))
TEXT_LISTS = Kind(
    "a mapping of names to lists of texts",
    lambda value: (
        isinstance(value, dict)
        and all(_is_text(name) and _is_texts(texts) for name, texts in value.items())
    ),
)
KEYS = Kind("a mapping of keys to values", lambda value: isinstance(value, dict))
RECORDS = Kind(
    "a list of mappings",
    lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value),
)
FILE_OR_RECORDS = Kind(
    "a text or a list of mappings", lambda value: _is_text(value) or RECORDS.fits(value)
)
YES_OR_NO = Kind("true or false", lambda value: isinstance(value, bool))
SHARE = Kind("a number from 0 to 1", lambda value: _is_number(value) and 0 <= value <= 1)
DECIMALS = Kind("a whole number from 0 to 16", lambda value: _is_whole(value) and 0 <= value <= 16)
LINES = Kind("a whole number, 0 or more", lambda value: _is_whole(value) and value >= 0)
NAME = Kind(
    "a snake_case word", lambda value: isinstance(value, str) and bool(SNAKE_CASE.fullmatch(value))
)
BLANK = "blank"
CELLS = Kind(
    'a list of texts ("" is a blank cell), or blank',
    lambda value: (
        value == BLANK
        or (
            isinstance(value, list) and bool(value) and all(isinstance(text, str) for text in value)
        )
    ),
)
AMOUNT = Kind(
    "a text or a mapping of keys to values",
    lambda value: _is_text(value) or isinstance(value, dict),
)
SIGN = Kind(
    "as_written or reversed or a mapping of keys to values",
    lambda value: value in ("as_written", "reversed") or isinstance(value, dict),
)
DUPLICATES = Kind(
    "keep or drop or a mapping of keys to values",
    lambda value: value in ("keep", "drop") or isinstance(value, dict),
)
COLUMNS = Kind(
    "a list of texts or mappings",
    lambda value: (
        isinstance(value, list) and all(_is_text(item) or isinstance(item, dict) for item in value)
    ),
)
NAMES = Kind(
    "a list of snake_case words",
    lambda value: (
        isinstance(value, list)
        and all(isinstance(item, str) and bool(SNAKE_CASE.fullmatch(item)) for item in value)
    ),
)
WORD = Kind(
    "a text, or a list of two: for one, and for several",
    lambda value: _is_text(value) or (_is_texts(value) and len(value) == 2),
)
CURRENCY = Kind(
    "a code of three letters, or a mapping of keys to values",
    lambda value: isinstance(value, dict) or bool(re.fullmatch("[A-Z]{3}", str(value))),
)
RANGE = Kind(
    "a range of cells, such as B3:F60 or B3:F",
    lambda value: (
        isinstance(value, str)
        and bool(re.fullmatch(r"[A-Z]{1,3}[1-9][0-9]*:[A-Z]{1,3}([1-9][0-9]*)?", value))
    ),
)
CHARACTER = Kind(
    'one character (a tab is "\\t", in double quotes) or whitespace',
    lambda value: isinstance(value, str) and (len(value) == 1 or value == "whitespace"),
)
CHARACTER_OR_NONE = Kind(
    'one character, or "" for none', lambda value: isinstance(value, str) and len(value) <= 1
)


def _roles(**docs: str) -> tuple[Key, ...]:
    """The roles of one block; a doc that starts with `required:` makes its role so."""
    must = "required: "
    return tuple(
        Key(name, TEXT, doc.removeprefix(must), required=doc.startswith(must))
        for name, doc in docs.items()
    )


LEAVE_OUT_KEYS = (
    Key("column", TEXT, "the header of the column that decides", required=True),
    Key("values", CELLS, 'rows with one of these values are left out; "" or blank: an empty cell'),
    Key("starts_with", TEXTS, "rows whose value starts with one of these, whatever its case"),
    Key("ends_with", TEXTS, "rows whose value ends with one of these, whatever its case"),
    Key("reason", NAME, "the reason under which the rows are counted", required=True),
    Key("optional", YES_OR_NO, "whether a file may lack the column", default=False),
)
DIMENSION_KEYS = (
    Key("name", NAME, "its name in every mart", required=True),
    Key("column", TEXT, "the header of its column", required=True),
    Key("label", TEXT, "its name for people; default: the name"),
    Key("from", _one_of(*BLOCKS), "the block that has the column", default="interactions"),
)
CURRENCY_KEYS = (
    Key("column", TEXT, "the header of the column that has the currency of each row"),
    Key(
        "from",
        _one_of("interactions", "orders"),
        "the block that has the column",
        default="interactions",
    ),
    Key("into", TEXT, "the currency that counts; rows in others are left out, unless rates say"),
    Key("rates", TEXT, "a CSV file with date, currency and rate: units of `into` for one"),
)
AMOUNT_KEYS = (
    Key("column", TEXT, "the header of the column of amounts"),
    Key("in", TEXT, "the header of the money that comes in, where two columns have it"),
    Key("out", TEXT, "the header of the money that goes out: subtracted, whatever its sign"),
    Key(
        "once_per",
        _one_of("row", "order"),
        "order: the same amount on several lines of an order counts once, on the first of them",
        "row",
    ),
)
SIGN_KEYS = (
    Key("column", TEXT, "the header of the column that says debit or credit", required=True),
    Key("negative", TEXTS, "its values for money that is subtracted", required=True),
)
DUPLICATES_KEYS = (
    Key(
        "by",
        FILES,
        "roles, such as order: of rows that have the same values there, one counts",
        required=True,
    ),
    Key(
        "keep", _one_of("first", "last"), "which of them counts, in the order of the file", "first"
    ),
)
FILL_DOWN_KEYS = (
    Key("column", TEXT, "the header, or the role that has it", required=True),
    Key(
        "within",
        _one_of("order", "file"),
        "order: up to the next order, where the role order is mapped; file: up to the next value",
        "order",
    ),
)
LABEL_KEYS = tuple(
    Key(name, WORD, f"{meaning}, in your words: one word, or [singular, plural]")
    for name, meaning in {
        "customer": "who buys",
        "product": "what is bought",
        "category": "what products belong to",
        "order": "what is bought at once",
        "revenue": "the money",
        "purchase": "one row that brings revenue",
        "return": "one row that takes revenue back",
        "interaction": "one row",
    }.items()
)
# The format of dates that Excel left as numbers of days.
EXCEL_SERIAL = "excel_serial"
TIME_FORMATS = Key(
    "time_formats",
    TEXTS,
    "how stamps are written (strptime, or excel_serial), tried in order",
    [],
)
ROLES: dict[str, tuple[Key, ...]] = {
    "interactions": _roles(
        customer="who bought",
        customer_name="the customer's name, where `customer` is an id",
        product="what was bought: an id, or a name where there is none",
        product_name="the product's name, where `product` is an id",
        interaction_type="purchase, return, view ...; see interaction_types",
        time="date and time of day in one column",
        date="the date, where the time of day is apart or absent",
        time_of_day="the time of day that belongs to `date`",
        amount="the row's revenue",
        quantity="units, multiplied by unit_price where there is no amount, or by the list price",
        unit_price="the price of one unit",
        category="the product's category",
        payment_method="how it was paid",
        order="the order's id; joins the orders file",
    ),
    "orders": _roles(
        order="required: the order's id, once per order",
        customer="who bought",
        customer_name="the customer's name, where `customer` is an id",
        time="date and time of day in one column",
        date="the date, where the time of day is apart or absent",
        time_of_day="the time of day that belongs to `date`",
        payment_method="how it was paid",
    ),
    "customers": _roles(
        customer="required: the customer's id, as interactions have it",
        name="the customer's name",
        age="age in years; gives age_group",
        gender="gender",
        location="where the customer is",
        amount="the customer's purchase amount; gives customer_segment",
        payment_method="how the customer pays",
        purchase_frequency="how often the customer buys",
        subscription_status="whether the customer subscribes",
    ),
    "products": _roles(
        product="required: the product's id, as interactions have it",
        name="the product's name",
        category_path="categories from broad to narrow, `A | B | C`",
        category="the product's category, where there is no path",
        price="the list price; gives price_segment",
    ),
}


@cache
def reserved_names() -> frozenset[str]:
    """What a dimension cannot be called: columns that are there already, and words of SQL."""
    words = duckdb.execute(
        "select keyword_name from duckdb_keywords()"
        " where keyword_category in ('reserved', 'type_function')"
    ).fetchall()
    columns = (role.name for keys in ROLES.values() for role in keys)
    return frozenset((*STANDARD_DIMENSIONS, *OWN_COLUMNS, *columns, *(word for (word,) in words)))


# What a file can be read in two ways for; a mapping that has looked at one says so.
AMBIGUITIES = (
    *("same_amount_per_order", "first_line_fields", "continuation_lines", "heading_rows"),
    *("summary_rows", "total_rows", "repeated_headers", "footer_rows", "repeated_orders"),
    *("debit_or_credit", "money_in_and_out", "amounts_below_zero", "types_of_returns"),
    *("states_of_returns", "refunded_amounts", "order_amounts_once", "repeated_rows"),
    "fees_and_payouts",
    *("number_formats", "currencies", "conversion_rows"),
)
INTERACTIONS_KEYS = (
    Key(
        "sign",
        SIGN,
        "reversed: amounts below zero are what counts; or the column that says debit or credit",
        "as_written",
        inside=SIGN_KEYS,
    ),
    Key(
        "fill_down",
        COLUMNS,
        "headers or roles whose blank cells have the value of the row above",
        [],
        inside=FILL_DOWN_KEYS,
    ),
    Key(
        "accepted",
        NAMES,
        "questions that you have looked at, and for which the rows are right as they are",
        [],
    ),
)


def _columns(block: str) -> tuple[Key, ...]:
    """The roles of a block; only the amount of an interaction can be more than a header."""
    return tuple(
        replace(key, kind=AMOUNT, inside=AMOUNT_KEYS)
        if (block, key.name) == ("interactions", "amount")
        else key
        for key in ROLES[block]
    )


def _block_keys(block: str) -> tuple[Key, ...]:
    """The keys of a block of files: how to read them, and what their columns mean."""
    more = INTERACTIONS_KEYS if block == "interactions" else ()
    return (
        Key("files", FILES, "file names or globs, relative to the folder"),
        Key(
            "relation",
            TEXT,
            "in place of files: a table or view of the target or of `database`, ref('model'), or a "
            "folder of Parquet",
        ),
        Key("database", TEXT, "the DuckDB file that has the relation, relative to the folder"),
        Key("columns", KEYS, "role: header name", required=True, inside=_columns(block)),
        Key("delimiter", CHARACTER, "what separates columns; whitespace = runs of blanks", ","),
        Key("quote", CHARACTER_OR_NONE, "what encloses a text that has delimiters in it", '"'),
        Key("encoding", _one_of(*ENCODINGS), "how characters are stored", "utf-8"),
        Key("skip_lines", LINES, "lines before the header", 0),
        Key("sheet", FILES, "the sheet of a workbook, or several; default: the only one with rows"),
        Key("range", RANGE, "the cells of the sheet, from the header on; default: all"),
        Key(
            "decimal",
            _one_of(".", ",", "either"),
            "the decimal separator of amounts; either = each number by itself, and three digits "
            "behind its only mark are thousands",
            ".",
        ),
        Key(
            "thousands",
            CHARACTER_OR_NONE,
            'default: "," with decimal ".", and the other way; blanks and apostrophes always are',
        ),
        Key("cr", _one_of("credit", "crore"), "what `Cr` behind an amount stands for", "credit"),
        Key("aliases", TEXT_LISTS, "header name: other spellings of it in some files", {}),
        Key("leave_out", RECORDS, "rows to reject, with the reason", [], inside=LEAVE_OUT_KEYS),
        *([TIME_FORMATS] if block in ("interactions", "orders") else []),
        *more,
    )


BLOCK_KEYS = {block: _block_keys(block) for block in BLOCKS}
BLOCK_DOCS = {
    "interactions": "what happened: one row per interaction, sale or order line",
    "orders": "orders, where interactions are their lines; joined on the role `order`",
    "customers": "one row per customer; gives segments, age groups, location ...",
    "products": "one row per product; gives names, categories and list prices",
}
ROWS = "a CSV file beside the mapping or a list, with the columns of docs/limits.md"
TOP_KEYS = (
    Key("name", TEXT, "shown in the summary and the report", required=True),
    Key("description", TEXT, "what the export is"),
    Key("folder", TEXT, "the files' folder, from the project root; DATA=folder overrides it", "."),
    Key(
        "revenue",
        _one_of("amount", "list_price", "customer_amount", "none"),
        "what counts as revenue: the row's amount, the product's price, the customer's amount, or "
        "nothing: then limits, stress and the report count purchases or interactions",
        "amount",
    ),
    Key(
        "currency",
        CURRENCY,
        "what amounts are in: rows in another are left out; or the column, and rates into one",
        inside=CURRENCY_KEYS,
    ),
    Key("returns", _one_of("net", "exclude"), "subtract returns from sales, or leave out", "net"),
    Key(
        "undated",
        _one_of("keep", "reject"),
        "rows without a readable date that name a customer or product: in every figure that is "
        "not of time, or rejected",
        "keep",
    ),
    Key(
        "duplicates",
        DUPLICATES,
        "exact duplicates of a raw row; or rows that repeat the value of a role",
        "keep",
        inside=DUPLICATES_KEYS,
    ),
    Key("max_rejected_share", SHARE, "more rejected rows than this fail the build", 0.2),
    Key("amount_decimals", DECIMALS, "decimals of money that are kept", 4),
    Key("time_zone", TEXT, "zone of the stamps in the files (IANA); default: local time"),
    Key("business_time_zone", TEXT, "zone in which hours are counted; default: time_zone"),
    Key("missing_values", TEXTS, "texts that mean nothing, such as UNKNOWN", []),
    Key("fold_case", TEXTS, "roles and dimensions whose upper and lower case are one", []),
    Key("interaction_types", TEXT_LISTS, "type: its spellings; purchase adds, return subtracts"),
    Key(
        "subject",
        _one_of("sales", "spending", "activity"),
        "what the export is about; limits and scenarios written for another subject are left out",
        "sales",
    ),
    Key("labels", KEYS, "what things are called in your business", {}, inside=LABEL_KEYS),
    Key("dimensions", RECORDS, "columns that become dimensions", [], inside=DIMENSION_KEYS),
    Key("limits", FILE_OR_RECORDS, f"limits in place of the shipped: {ROWS}"),
    Key("scenarios", FILE_OR_RECORDS, f"scenarios in place of the shipped: {ROWS}"),
    *(
        Key(block, KEYS, BLOCK_DOCS[block], required=block == "interactions", inside=keys)
        for block, keys in BLOCK_KEYS.items()
    ),
)
DEFAULTS = {key.name: key.default for key in BLOCK_KEYS["interactions"]}
# Files whose values have types: stamps need no format.
TYPED_FILES = (".parquet", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


# ---- questions to a mapping -----------------------------------------------------------------


def roles(mapping: dict[str, Any], block: str) -> dict[str, str]:
    """The columns of one block, by role; empty where the mapping has no such block.

    An amount in two columns has the roles amount and amount_out."""
    columns = dict(mapping.get(block, {}).get("columns", {}))
    amount = columns.get("amount")
    if isinstance(amount, dict):
        columns.pop("amount")
        parts = {"amount": amount.get("column", amount.get("in")), "amount_out": amount.get("out")}
        columns |= {role: header for role, header in parts.items() if header}
    return columns


def filled_headers(mapping: dict[str, Any]) -> dict[str, str]:
    """The headers whose blank cells are filled from above, each with `order` or `file`."""
    columns = roles(mapping, "interactions")
    filled = {}
    for item in mapping["interactions"].get("fill_down", []):
        record = {"column": item} if isinstance(item, str) else item
        header = columns.get(record["column"], record["column"])
        filled[header] = record.get("within", "order")
    return filled


def once_per_order(mapping: Mapping[str, Any]) -> bool:
    """Whether an amount that stands on several lines of an order counts once."""
    amount = mapping["interactions"]["columns"].get("amount")
    return isinstance(amount, dict) and amount.get("once_per") == "order"


def block_files(mapping: Mapping[str, Any], block: str) -> list[str]:
    """The file names and globs of one block; none where it is a table or view of a database."""
    relation = mapping[block].get("relation", "")
    if is_folder(relation):
        return [relation if "*" in relation else f"{relation.rstrip('/')}/**/*.parquet"]
    files = [] if relation else mapping[block]["files"]
    return [files] if isinstance(files, str) else list(files)


def is_folder(relation: str) -> bool:
    """Whether a relation is files of Parquet in a folder."""
    return "/" in relation or relation.endswith(".parquet")


def time_block(mapping: dict[str, Any]) -> str:
    """The block that has the time of an interaction; empty if none has."""
    found = [
        name for name in ("interactions", "orders") if {"time", "date"} & {*roles(mapping, name)}
    ]
    return found[0] if found else ""


@dataclass(frozen=True)
class Column:
    """A column that the mapping names: by which header, and in which key."""

    header: str
    spellings: tuple[str, ...]
    key: str
    needed: bool
    """Whether every file must have it; others may be absent from some of many files."""


def mapped_columns(mapping: dict[str, Any], block: str) -> list[Column]:
    """Every column of a block that the mapping names."""
    columns = roles(mapping, block)
    needed = {"time", "date", "time_of_day", "amount", "amount_out", "order"}
    needed |= {"customers": {"customer"}, "products": {"product"}}.get(block, set())
    if "amount" not in columns:
        needed |= {"quantity", "unit_price"}
    if mapping.get("revenue") == "list_price":
        needed |= {"quantity"}
    named = [(name, f"{block}.columns.{role}", role in needed) for role, name in columns.items()]
    for number, record in enumerate(mapping[block].get("leave_out", []), start=1):
        # Where it is absent, the rows to be left out would count: only who knows may say so.
        is_needed = not record.get("optional", False)
        named.append((record["column"], f"{block}.leave_out[{number}].column", is_needed))
    sign = mapping[block].get("sign")
    if isinstance(sign, dict):
        named.append((sign["column"], f"{block}.sign.column", True))
    said = mapping.get("currency")
    currency = said if isinstance(said, dict) else {}
    if currency.get("column") and currency.get("from", "interactions") == block:
        named.append((currency["column"], "currency.column", True))
    if mapping[block].get("fill_down"):
        named += [(name, f"{block}.fill_down", False) for name in filled_headers(mapping)]
    for number, record in enumerate(mapping.get("dimensions", []), start=1):
        if record.get("from", "interactions") == block:
            named.append((record["column"], f"dimensions[{number}].column", False))
    aliases = mapping[block].get("aliases", {})
    return [
        Column(header, (header, *aliases.get(header, [])), key, must) for header, key, must in named
    ]


def column_names(header: Iterable[str]) -> list[str]:
    """The names in a header; of several columns of one name, the n-th is called NAME#n."""
    names = list(header)
    return [
        f"{name}#{names[: place + 1].count(name)}" if name and names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]


# ---- words ----------------------------------------------------------------------------------


def nearest(name: str, names: Iterable[str], cutoff: float = 0.6) -> str:
    """`; did you mean x?` for the nearest of `names`, blind to case; empty if none is near."""
    folded = {item.casefold(): item for item in names}
    found = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=cutoff)
    return f"; did you mean {quoted(folded[found[0]])}?" if found else ""


def quoted(name: str) -> str:
    return name if SNAKE_CASE.fullmatch(name) else f"'{name}'"


def shown(value: Any) -> str:
    """A value as the mapping has it, for messages."""
    if value is None:
        return "nothing"
    known = isinstance(value, str | int | float | list | dict)
    return json.dumps(value, ensure_ascii=False, default=str) if known else str(value)


def keys_as_markdown(title: str = "top level", keys: tuple[Key, ...] = TOP_KEYS) -> str:
    """Every key with its type, default and meaning: the reference of the documentation."""
    lines = [f"### {title}", "", "| key | type | default | meaning |", "|---|---|---|---|"]
    for key in keys:
        default = "" if key.default is None else f"`{shown(key.default)}`"
        default = "required" if key.required else default
        cells = (f"`{key.name}`", key.kind.words, default, key.doc)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    tables = ["\n".join(lines) + "\n"]
    for key in (key for key in keys if key.inside):
        where = key.name if keys is TOP_KEYS else f"{title}.{key.name}"
        tables.append(keys_as_markdown(where, key.inside))
    return "\n".join(tables)
