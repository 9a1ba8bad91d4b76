"""Put the rows of a small export on its page, which computes every answer from them.

Each row has its day, its measures, and the position of its entity in each dimension. Properties
that depend only on the customer, product or day, such as a category or a weekday, are stored once
for each of these. Money is a whole number of its smallest unit, so that sums are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from topheavy.report.answer_rows import CALENDAR, JOINED, Json, Source, plain

if TYPE_CHECKING:
    from topheavy.report.answers import Names

# The largest number of rows on a page; the page of a larger export has leading entities and sums.
MOST_ROWS = 75_000
# More decimals than this are not money; such values stay unchanged.
MOST_DIGITS = 6
NONE = -1


def carried_rows(source: Source, names: dict[str, Names]) -> Json:
    """Return the rows column by column, in the order of their customers, which compresses well."""
    owners = {it: owner_of(source, it) for it in source.added}
    own = [it for it in source.added if owners[it] == ""]
    query = f"""
        select {", ".join(f"cast({source.columns[it]} as varchar)" for it in own) or "null"},
            cast(interacted_at as date),
            cast(coalesce(interaction_type = 'purchase', false) as integer), coalesce(revenue, 0)
        from {JOINED} order by all"""
    columns = list(zip(*source.warehouse.execute(query).fetchall(), strict=True))
    *entities, days, purchases, revenue = columns if own else columns[1:]
    first = min((it for it in days if it is not None), default=None)
    digits = digits_of(revenue)
    return {
        "digits": digits,
        "first": plain(first),
        "day": [NONE if it is None else (it - first).days for it in days],
        "purchases": list(purchases),
        "revenue": [scaled(it, digits) for it in revenue],
        "of_row": {
            dimension: codes(names[dimension], values)
            for dimension, values in zip(own, entities, strict=True)
        },
        "of_day": {
            it: codes(names[it], calendar_of(source, it, days))
            for it in source.added
            if owners[it] == "day"
        },
        "of_owner": {
            it: [owners[it], codes(names[it], attributes(source, it, names[owners[it]]))]
            for it in source.added
            if owners[it] in ("customer", "product")
        },
    }


def owner_of(source: Source, dimension: str) -> str:
    """Return customer, product or day if the dimension depends only on that."""
    if dimension in CALENDAR and dimension != "hour":
        return "day"
    table = source.columns[dimension].partition(".")[0]
    owner = {"customers": "customer", "products": "product"}.get(table, "")
    return owner if owner in source.added and owner != dimension else ""


def codes(names: Names, values: Sequence[str | None]) -> list[int]:
    """Return the position of each value in the list of names."""
    return [NONE if it is None else names.place(it) for it in values]


def calendar_of(source: Source, dimension: str, days: Sequence[date | None]) -> list[str | None]:
    """Return the name of each day from the first to the last; None for days without rows."""
    found = {it for it in days if it is not None}
    if not found:
        return []
    query = f"""
        select day, {source.columns[dimension].replace("interactions.interacted_at", "day")}
        from (select unnest(generate_series(date '{min(found)}', date '{max(found)}',
            interval 1 day)) as day)"""
    called = {it.date(): name for it, name in source.warehouse.execute(query).fetchall()}
    span = range((max(found) - min(found)).days + 1)
    every_day = [min(found) + timedelta(days=it) for it in span]
    return [called[it] if it in found else None for it in every_day]


def attributes(source: Source, dimension: str, owners: Names) -> list[str | None]:
    """Return an attribute of each customer or product, in the order of their names."""
    table, _, column = source.columns[dimension].partition(".")
    key = f"{table[:-1]}_id"
    query = f"select {key}, cast({column} as varchar) from {table}"
    known = dict(source.warehouse.execute(query).fetchall())
    return [known.get(it) for it in owners.places]


def digits_of(values: Sequence[Any]) -> int:
    """Return the number of decimals of the values; 0 if they are not decimals with a few digits."""
    found = [it.normalize().as_tuple().exponent for it in values if isinstance(it, Decimal)]
    most = max((-it for it in found if isinstance(it, int) and it < 0), default=0)
    return most if most <= MOST_DIGITS else 0


def scaled(value: Any, digits: int) -> Json:
    return plain(value * 10**digits, 15)
