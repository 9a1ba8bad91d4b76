"""The rules that involve several keys of a mapping: which keys need or exclude others."""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb

from topheavy.in_memory import in_memory
from topheavy.mapping.blocks import Amount, is_folder
from topheavy.mapping.errors import SNAKE_CASE, MappingError, nearest
from topheavy.mapping.keys import (
    AMBIGUITIES,
    BLOCKS,
    EXCEL_SERIAL,
    TYPED_FILES,
    Duplicates,
    ExportMapping,
    reserved_names,
)

# Keys for text files, which do not apply to relations.
OF_TEXT = ("delimiter", "quote", "encoding", "skip_lines", "sheet", "range")


def source(mapping: ExportMapping) -> None:
    """Require files or a relation in each block, and no keys for text with a relation."""
    for name, block in mapping.blocks.items():
        if block.files and block.relation:
            raise MappingError(f"{name}: has both files and relation; keep one of them")
        if not block.files and not block.relation:
            raise MappingError(
                f"{name}.files: missing; add file names or patterns, or relation: with a table"
            )
        if block.database and (block.files or is_folder(block.relation or "")):
            raise MappingError(f"{name}.database: needs relation, a table or view in that file")
        unread = {*OF_TEXT} & block.model_fields_set
        if block.relation and unread:
            raise MappingError(
                f"{name}.{min(unread)}: applies to text files, not to a relation; remove it"
            )


def amount(mapping: ExportMapping) -> None:
    """Require one column for an amount, or two for money in and out."""
    mapped = mapping.interactions.columns.amount
    if not isinstance(mapped, Amount):
        return
    where = "interactions.columns.amount"
    named = {"column": mapped.column, "in": mapped.in_, "out": mapped.out}
    if {key for key in named if named[key]} not in ({"column"}, {"in", "out"}):
        raise MappingError(f"{where}: needs column, or both in and out")
    if mapped.once_per == "order" and not mapping.interactions.columns.order:
        raise MappingError(f"{where}.once_per: needs interactions.columns.order, the order's id")


def joins(mapping: ExportMapping) -> None:
    """Require an id in interactions for each block that is joined to them."""
    interactions, orders = mapping.roles("interactions"), mapping.roles("orders")
    if mapping.orders and "order" not in interactions:
        raise MappingError("interactions.columns.order: missing; orders join on it")
    if mapping.customers and "customer" not in interactions | orders:
        raise MappingError("interactions.columns.customer: missing; customers join on it")
    if mapping.products and "product" not in interactions:
        raise MappingError("interactions.columns.product: missing; products join on it")


def time(mapping: ExportMapping) -> None:
    """Require a time for interactions, and formats for times in text."""
    name = mapping.time_block
    if not name:
        raise MappingError("interactions.columns: needs time or date (or map it in orders)")
    for dated in ("interactions", "orders"):
        columns = mapping.roles(dated)
        if {"time", "date"} <= {*columns}:
            raise MappingError(f"{dated}.columns: has both time and date; keep one of them")
        if "time_of_day" in columns and "date" not in columns:
            raise MappingError(f"{dated}.columns.time_of_day: needs date beside it")
    block = mapping.dated_blocks[name]
    typed = all(file.endswith(TYPED_FILES) for file in block.file_names)
    # Only a connection to the database shows whether a column of a relation is text.
    if not typed and not block.time_formats:
        header = mapping.roles(name).get("time") or mapping.roles(name)["date"]
        raise MappingError(
            f"{name}.time_formats: missing; say how '{header}' is written, such as ['%d/%m/%Y']"
        )


def time_formats(mapping: ExportMapping) -> None:
    """Require time formats that DuckDB can read and that include the year."""
    with in_memory() as database:
        for name, block in mapping.dated_blocks.items():
            for text in block.time_formats:
                if text == EXCEL_SERIAL:
                    continue
                try:
                    database.execute("select try_strptime('', ?)", [text])
                except duckdb.Error as error:
                    reason = " ".join(str(error).split()).rpartition(": ")[2]
                    raise MappingError(
                        f"{name}.time_formats: '{text}' is not a strptime format (unknown {reason})"
                    ) from None
                if not re.search("%[YycxGs]", text.replace("%%", "")):
                    raise MappingError(
                        f"{name}.time_formats: '{text}' has no year, so rows have no date; add %Y "
                        "or %y, or map a column that contains the year"
                    )


def time_zones(mapping: ExportMapping) -> None:
    """Require time zones that exist."""
    asked = {
        name: zone
        for name in ("time_zone", "business_time_zone")
        if (zone := getattr(mapping, name))
    }
    if [*asked] == ["business_time_zone"]:
        raise MappingError("business_time_zone: needs time_zone, the zone of the times")
    if not asked:
        return
    with in_memory() as database:
        zones = [
            row[0] for row in database.execute("select name from pg_timezone_names()").fetchall()
        ]
    for name, zone in asked.items():
        if zone not in zones:
            near = nearest(zone, zones) or "; write it like Europe/Berlin"
            raise MappingError(f"{name}: no time zone is named '{zone}'{near}")


def stamps_with_zone(mapping: ExportMapping) -> None:
    """Require UTC for times that include their zone."""
    for name, block in mapping.dated_blocks.items():
        for text in block.time_formats:
            if re.search("%[zZ]", text) and mapping.time_zone != "UTC":
                raise MappingError(
                    f"time_zone: must be UTC, because times in '{text}' include their zone "
                    f"({name}.time_formats); set business_time_zone to count hours elsewhere"
                )


def revenue(mapping: ExportMapping) -> None:
    """Require the columns that revenue needs."""
    columns = mapping.roles("interactions")
    has_amount = "amount" in columns or {"quantity", "unit_price"} <= {*columns}
    if mapping.revenue == "amount" and not has_amount:
        raise MappingError(
            "revenue: amount needs interactions.columns.amount (or quantity and unit_price);"
            " set revenue: none for an export without money"
        )
    if mapping.revenue == "list_price" and "price" not in mapping.roles("products"):
        raise MappingError("revenue: list_price needs products.columns.price")
    if mapping.revenue == "customer_amount" and "amount" not in mapping.roles("customers"):
        raise MappingError("revenue: customer_amount needs customers.columns.amount")


def interaction_types(mapping: ExportMapping) -> None:
    """Require one type for each spelling, and one type that adds revenue."""
    types = mapping.interaction_types
    mapped = mapping.interactions.columns.interaction_type
    if mapped and not types:
        raise MappingError(
            "interaction_types: missing; list the spellings, such as `purchase: [purchase]`"
        )
    if types is None:
        return
    if not mapped:
        raise MappingError("interaction_types: needs interactions.columns.interaction_type")
    if "purchase" not in types and mapping.revenue != "none":
        near = nearest("purchase", types)
        raise MappingError(
            f"interaction_types.purchase: missing; its spellings mark rows with revenue{near}"
        )
    seen: dict[str, str] = {}
    for name, spellings in types.items():
        if not SNAKE_CASE.fullmatch(name):
            raise MappingError(f"interaction_types.{name}: must be a snake_case word")
        for spelling in spellings:
            first = seen.setdefault(spelling.strip().casefold(), name)
            if first != name:
                raise MappingError(
                    f"interaction_types.{name}: '{spelling}' is also under {first}; keep one"
                )


def dimensions(mapping: ExportMapping) -> None:
    """Require unique dimension names, and a mapped block for each dimension."""
    names: set[str] = set()
    for number, dimension in enumerate(mapping.dimensions, start=1):
        where, name = f"dimensions[{number}]", dimension.name
        if name in reserved_names():
            raise MappingError(
                f"{where}.name: {name} is already used; choose another, such as sale_{name}"
            )
        if name in names:
            raise MappingError(f"{where}.name: {name} is used twice; rename one of them")
        if dimension.from_ not in mapping.blocks:
            others = " or ".join(mapping.blocks)
            raise MappingError(
                f"{where}.from: the mapping has no {dimension.from_}; add it, or use {others}"
            )
        names.add(name)


def fold_case(mapping: ExportMapping) -> None:
    """Require roles and dimensions under fold_case."""
    known = {name for block in BLOCKS for name in mapping.roles(block)}
    known |= {dimension.name for dimension in mapping.dimensions}
    for name in mapping.fold_case:
        if name not in known:
            near = nearest(name, sorted(known))
            raise MappingError(f"fold_case: '{name}' is not a mapped role or dimension{near}")


def fill_down(mapping: ExportMapping) -> None:
    """Require roles and columns under fill_down."""
    block, roles = mapping.interactions, mapping.roles("interactions")
    known = {column.header for column in mapping.columns_of("interactions")}
    known -= {*block.filled_headers}
    known |= {*roles.values()} | {rule.column for rule in block.leave_out}
    known |= {dimension.column for _, dimension in mapping.dimensions_of("interactions")}
    for header in block.filled_headers:
        if header not in known:
            near = nearest(header, {*known, *roles})
            raise MappingError(
                f"interactions.fill_down: '{header}' is not a role or column of this mapping{near}"
            )


def leave_out(mapping: ExportMapping) -> None:
    """Require a condition in each rule of leave_out."""
    for name, block in mapping.blocks.items():
        for number, rule in enumerate(block.leave_out, start=1):
            if not {"values", "starts_with", "ends_with"} & rule.model_fields_set:
                raise MappingError(
                    f"{name}.leave_out[{number}]: needs values, starts_with or ends_with"
                )


def duplicates(mapping: ExportMapping) -> None:
    """Require roles of interactions under duplicates.by."""
    if not isinstance(mapping.duplicates, Duplicates):
        return
    columns = mapping.roles("interactions")
    for role in mapping.duplicates.roles:
        if role not in columns:
            near = nearest(role, columns) or f"; mapped: {', '.join(columns)}"
            raise MappingError(f"duplicates.by: '{role}' is not a role of interactions{near}")


def accepted(mapping: ExportMapping) -> None:
    """Require existing questions under accepted."""
    for name in mapping.interactions.accepted:
        if name not in AMBIGUITIES:
            near = nearest(name, AMBIGUITIES) or f"; known: {', '.join(AMBIGUITIES)}"
            raise MappingError(f"interactions.accepted: {name} is not a question{near}")


def separators(mapping: ExportMapping) -> None:
    """Require a single meaning for each character."""
    for name, block in mapping.blocks.items():
        if block.thousands == block.decimal:
            raise MappingError(
                f"{name}.thousands: is the same as decimal; set different characters"
            )
        if block.quote == block.delimiter:
            raise MappingError(
                f'{name}.quote: is the same as delimiter; set another, or quote: "" for none'
            )


def aliases(mapping: ExportMapping) -> None:
    """Require mapped columns under aliases."""
    for name, block in mapping.blocks.items():
        headers = [column.header for column in mapping.columns_of(name)]
        for header in block.aliases:
            if header not in headers:
                near = nearest(header, headers)
                raise MappingError(f"{name}.aliases: '{header}' is not a mapped column{near}")


RULES: tuple[Callable[[ExportMapping], None], ...] = (
    source,
    amount,
    joins,
    time,
    time_formats,
    time_zones,
    stamps_with_zone,
    revenue,
    interaction_types,
    dimensions,
    fold_case,
    fill_down,
    leave_out,
    duplicates,
    accepted,
    separators,
    aliases,
)
