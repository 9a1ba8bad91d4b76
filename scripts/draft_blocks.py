"""Decide what the columns of export files are: the blocks of a draft mapping.

Names are scored by `name_hints.py`, values by the counts of `file_profiles.py`. A decision keeps
its reason; where the files cannot decide, it is a question.

Usage:
    from draft_blocks import draft_blocks
"""

from __future__ import annotations

import itertools
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import duckdb
import yaml

from file_profiles import NEGATIVE, Column, Reading, Table, year_first
from name_hints import (
    BUYING_WORDS,
    CANCELLED_WORDS,
    ROLE_VETOES,
    TYPE_HEADERS,
    TYPE_WORDS,
    best_hint,
    has_word,
    name_score,
    normalized,
    sounds_like,
)

KEY_ROLES = {"order": "orders", "customer": "customers", "product": "products"}
# A column is a number, a time or a key only if most of its values are.
MOSTLY = 0.5
NEARLY_ALL = 0.95
# A spelling rarer than this among the types of interaction is more likely a slip.
RARE = 0.005
FEW_VALUES = 50
# A reading of dates is ruled out that spans so many years, and so many more than another: fewer
# may be those of a monthly export, each on the first of the month.
MANY_YEARS = 20
FAR_MORE_YEARS = 5
QUESTION = "# QUESTION: "
# A price beside a quantity is that of one unit if it says so; else it is asked about.
UNIT_WORDS = r"unit|einzel|stuck|stuk|eenheid|each|piece|\bper\b|\bpu\b"
NUMBER_ROLES = ("amount", "quantity", "unit_price", "price")
PRICE_ROLES = ("unit_price", "price")
LOOKUP_ROLES = {
    "customers": (
        *("name", "age", "gender", "location", "amount", "payment_method"),
        *("purchase_frequency", "subscription_status"),
    ),
    "products": ("name", "category", "price"),
}


@dataclass(frozen=True)
class Pick:
    """A column for a role, with the reason."""

    column: Column
    reason: str


@dataclass
class Block:
    """One block of the draft: a table, its columns by role, and what is open."""

    name: str
    table: Table
    picks: dict[str, Pick] = field(default_factory=dict)
    rivals: dict[str, list[Pick]] = field(default_factory=dict)
    """Roles of which only the user knows the column; they stand commented out."""
    questions: dict[str, list[str]] = field(default_factory=dict)
    """What to ask above the line of a role."""
    lines: list[str] = field(default_factory=list)
    """Lines below the columns: time formats, marks of numbers, rows to leave out."""

    def used(self) -> set[str]:
        rivals = (pick for picks in self.rivals.values() for pick in picks)
        return {pick.column.name for pick in itertools.chain(self.picks.values(), rivals)}

    def free(self) -> list[Column]:
        used = self.used()
        return [column for column in self.table.columns if column.name not in used]

    def ask(self, role: str, question: str) -> None:
        self.questions.setdefault(role, []).append(question)


@dataclass(frozen=True)
class Link:
    """A column of one table whose values are the unique keys of another table."""

    child: Table
    child_column: Column
    parent: Table
    parent_column: Column
    share: float
    role: str


# ---- how tables belong together --------------------------------------------------------------


def find_links(tables: Sequence[Table], database: duckdb.DuckDBPyConnection) -> list[Link]:
    """The best link of each ordered pair of tables, if there is any."""
    links = []
    for child, parent in itertools.permutations(tables, 2):
        found = [
            link
            for key in parent.columns
            if key.filled == key.distinct >= NEARLY_ALL * parent.rows and key.stamp_share < MOSTLY
            for column in child.columns
            if (link := _link(child, column, parent, key, database))
        ]
        if found:
            links.append(max(found, key=lambda link: (bool(link.role), link.share)))
    # Where each is unique in the other, the table that holds all of the other's keys is looked up.
    return [
        link
        for link in links
        if not any(
            (back.child, back.parent) == (link.parent, link.child)
            and (back.share, link.parent.key) > (link.share, back.parent.key)
            for back in links
        )
    ]


def _link(
    child: Table, column: Column, parent: Table, key: Column, database: duckdb.DuckDBPyConnection
) -> Link | None:
    scores = {
        role: max(name_score(column.name, role), name_score(key.name, role)) for role in KEY_ROLES
    }
    role = max(scores, key=lambda name: scores[name])
    alike = normalized(column.name) == normalized(key.name) or all(
        name_score(name, role) for name in (column.name, key.name)
    )
    # Small whole numbers are in every sequence of ids: they link only what is named alike.
    if not alike and (key.number_share > MOSTLY or column.distinct <= FEW_VALUES):
        return None
    bare = "regexp_replace(trim(c{}), '^([0-9]+)[.]0+$', '\\1')"
    share = database.execute(
        f"select avg(case when value in (select {bare.format(key.place)} from {parent.key})"
        f" then 1 else 0 end) from (select distinct {bare.format(column.place)} as value"
        f" from {child.key} where c{column.place} <> '')"
    ).fetchall()[0][0]
    # Of a long file only the first keys are known: there a name counts for more than the values.
    if not share or (share < MOSTLY and not (alike and parent.is_sample)):
        return None
    return Link(child, column, parent, key, float(share), role if scores[role] else "")


def main_table(tables: Sequence[Table], links: Sequence[Link]) -> Table:
    """The table of interactions: the one that looks up the others."""
    looked_up = {link.parent.key for link in links}
    looking = {link.child.key for link in links}
    return max(
        tables,
        key=lambda table: (
            table.key not in looked_up,
            table.key in looking,
            any(column.stamp_share >= MOSTLY for column in table.columns),
            table.rows,
        ),
    )


# ---- which column has which role -------------------------------------------------------------


def _is_number(column: Column) -> bool:
    return column.number_share >= MOSTLY and column.leading_zeros <= RARE * column.filled


def _is_key(column: Column) -> bool:
    return column.distinct > 1 and column.stamp_share < MOSTLY and column.clock_share < MOSTLY


def _is_label(column: Column) -> bool:
    return column.number_share < MOSTLY and column.stamp_share < MOSTLY


def _is_short_list(column: Column) -> bool:
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
        _is_short_list,
    ),
}


def candidates(block: Block, role: str) -> list[tuple[int, Column]]:
    """The free columns that could have a role, best first, with the score of their names."""
    scored = [
        (name_score(column.name, role), column) for column in block.free() if FITS[role](column)
    ]
    if role in PRICE_ROLES:
        selling = [item for item in scored if not sounds_like(item[1].name, BUYING_WORDS)]
        scored = selling if any(score for score, _ in selling) else scored
    named = [(score, column) for score, column in scored if score > 0]
    return sorted(named, key=lambda item: (-item[0], item[1].place))


def pick(block: Block, role: str) -> None:
    """The column that sounds most like a role; one that sounds the same is asked about."""
    found = candidates(block, role)
    if not found:
        return
    best, column = found[0]
    block.picks[role] = Pick(column, _evidence(block.table, column, role))
    rivals = [other.name for score, other in found[1:] if score == best]
    if role in PRICE_ROLES and sounds_like(column.name, BUYING_WORDS):
        block.ask(role, f"is '{column.name}' what customers pay? It sounds like a cost.")
    if rivals and role in ("customer", "product", "order", "interaction_type", *PRICE_ROLES):
        others = " or ".join(f"'{name}'" for name in rivals)
        block.ask(role, f"is the {role.replace('_', ' ')} in '{column.name}', or in {others}?")


def _evidence(table: Table, column: Column, role: str) -> str:
    named = f"named like '{best_hint(column.name, role)}'"
    if role in (*NUMBER_ROLES, "age"):
        values = f"{_share(column.numbers, column.filled)} of its values are numbers"
    else:
        values = f"{column.distinct:,} distinct in {column.filled:,} rows"
    empty = table.rows - column.filled
    return f"{named}; {values}" + (f"; empty in {empty:,} rows" if empty else "")


def _share(part: int, whole: int) -> str:
    return "all" if part == whole else f"{100 * part / whole:.4g} %" if whole else "none"


# ---- the amount ------------------------------------------------------------------------------


def pick_amount(block: Block, database: duckdb.DuckDBPyConnection) -> None:
    """The amount, or quantity and unit price; two amounts that differ are asked about."""
    for role in ("unit_price", "quantity"):
        pick(block, role)
    prices = _other_prices(block, database)
    found = [item for item in candidates(block, "amount") if item[1].name not in prices]
    product = {name: block.picks.pop(name, None) for name in ("quantity", "unit_price")}
    asked = block.questions.pop("unit_price", [])
    if not found:
        block.questions |= {"unit_price": asked} if asked else {}
        _pick_factors(block, product["quantity"], product["unit_price"])
        # Where two prices sound alike it is asked already which one is the unit's.
        for name in prices if not asked else ():
            block.ask(
                "unit_price",
                f"is '{name}' what a row brings? Then map it as amount, and leave out quantity "
                "and unit_price.",
            )
        return
    alike = [column for score, column in found if score >= found[0][0] - 1]
    rivals = _different(block.table, alike, database)
    picks = [Pick(column, _evidence(block.table, column, "amount")) for column in rivals]
    if product["quantity"] and product["unit_price"]:
        factors = (product["quantity"].column, product["unit_price"].column)
        shares = [_product_share(block.table, column, factors, database) for column in rivals]
        place, share = max(enumerate(shares), key=lambda item: item[1])
        if share >= NEARLY_ALL:
            reason = f"{factors[0].name} x {factors[1].name} in {100 * share:.4g} % of rows"
            picks = [Pick(picks[place].column, f"{picks[place].reason}; {reason}")]
    if len(picks) == 1:
        block.picks["amount"] = picks[0]
        return
    block.rivals["amount"] = picks
    block.ask("amount", "which column is the row's revenue? Remove the # of one line.")


def _other_prices(block: Block, database: duckdb.DuckDBPyConnection) -> list[str]:
    """The candidates for the amount that are prices beside a quantity and a unit price.

    A net price is one, too, unless it is the product."""
    if not {"quantity", "unit_price"} <= {*block.picks}:
        return []
    factors = (block.picks["quantity"].column, block.picks["unit_price"].column)
    return [
        column.name
        for _, column in candidates(block, "amount")
        if name_score(column.name, "unit_price")
        and _product_share(block.table, column, factors, database) < NEARLY_ALL
    ]


def _pick_factors(block: Block, quantity: Pick | None, unit_price: Pick | None) -> None:
    if quantity and unit_price:
        block.picks |= {"quantity": quantity, "unit_price": unit_price}
        if not re.search(UNIT_WORDS, normalized(unit_price.column.name)):
            block.ask(
                "unit_price",
                f"is '{unit_price.column.name}' the price of one unit? If it is the whole row's, "
                "map it as amount, and leave out quantity.",
            )
    elif unit_price:
        block.picks["amount"] = unit_price
        block.ask("amount", "there is no quantity: is this the price of the whole row?")


def _different(
    table: Table, columns: Sequence[Column], database: duckdb.DuckDBPyConnection
) -> list[Column]:
    """The columns without those that only repeat the values of one before."""
    kept: list[Column] = []
    for column in columns:
        unequal = f"select 1 from {table.key} where c{column.place} <> c{{}} limit 1"
        if all(database.execute(unequal.format(other.place)).fetchone() for other in kept):
            kept.append(column)
    return kept


def _product_share(
    table: Table,
    amount: Column,
    factors: tuple[Column, Column],
    database: duckdb.DuckDBPyConnection,
) -> float:
    """The share of rows in which one column is the product of two others, to the cent."""
    a, q, p = (_number(column) for column in (amount, *factors))
    share = database.execute(
        f"select avg(case when abs({a} - {q} * {p}) <= 0.011 then 1 else 0 end)"
        f" from {table.key} where {a} is not null and {q} is not null and {p} is not null"
    ).fetchall()[0][0]
    return float(share or 0)


def decimal_mark(columns: Iterable[Column]) -> tuple[str, str]:
    """The decimal mark of some columns of numbers, and what speaks for it."""
    marks: Counter[str] = Counter()
    for column in columns:
        marks.update(column.marks)
    if marks["commas"] > marks["points"]:
        return ",", f"{marks['commas']:,} numbers have a decimal comma, {marks['points']:,} a point"
    if marks["points"]:
        return ".", f"{marks['points']:,} numbers have a decimal point, {marks['commas']:,} a comma"
    # Fractions would now and then have one or two digits: three everywhere are thousands.
    if marks["either_points"] > marks["either_commas"]:
        return ",", f"three digits follow every point in {marks['either_points']:,} numbers"
    if marks["either_commas"]:
        return ".", f"three digits follow every comma in {marks['either_commas']:,} numbers"
    return ".", ""


def _number(column: Column) -> str:
    """The SQL of a column's number: digits and the decimal mark, the sign aside."""
    mark, _ = decimal_mark([column])
    digits = f"regexp_replace(c{column.place}, '[^0-9{mark}]', '', 'g')"
    sign = f"case when regexp_matches(c{column.place}, '{NEGATIVE}') then -1 else 1 end"
    return f"({sign} * try_cast(replace({digits}, '{mark}', '.') as double))"


# ---- the time --------------------------------------------------------------------------------


def pick_time(block: Block, database: duckdb.DuckDBPyConnection) -> None:
    """The column of the time, its formats, and a time of day that stands apart."""
    found = sorted(
        (column for column in block.free() if column.stamp_share >= MOSTLY),
        key=lambda column: (-name_score(column.name, "time"), column.place),
    )
    if not found:
        return
    best = name_score(found[0].name, "time")
    alike = [column for column in found if name_score(column.name, "time") == best]
    rivals = _different(block.table, alike, database)
    timed = _has_hours(block.table, rivals[0], database)
    picks = [Pick(column, _stamp_evidence(column, found)) for column in rivals]
    role = "time" if timed else "date"
    if len(picks) == 1:
        block.picks[role] = picks[0]
    else:
        block.rivals[role] = picks
        block.ask(role, "which is the time of the sale? Remove the # of one line.")
    clock = "" if timed else _pick_clock(block)
    if not rivals[0].is_typed_time:
        block.lines += _format_lines(block.table, rivals[0], clock, database)


def _pick_clock(block: Block) -> str:
    """The column of the times of day of a date, and its format, if the names tell which it is."""
    clocks = [column for column in block.free() if column.clock_share >= MOSTLY]
    ours = [column for column in clocks if not sounds_like(column.name, ROLE_VETOES["time"])]
    ours.sort(key=lambda column: (-name_score(column.name, "time"), column.place))
    if clocks and not ours:
        names = " or ".join(f"'{column.name}'" for column in clocks)
        block.ask(
            "time_of_day",
            f"is {names} the time of the sale? Then map it as time_of_day, and add "
            f"'{_clock_format(clocks[0])[0]}' to each of time_formats.",
        )
    if not ours:
        return ""
    best = name_score(ours[0].name, "time")
    alike = [column for column in ours if name_score(column.name, "time") == best]
    if len(alike) > 1:
        names = ", or in ".join(f"'{column.name}'" for column in alike)
        block.ask("time_of_day", f"is the time of the sale in {names}?")
    elif not best:
        block.ask("time_of_day", f"is '{ours[0].name}' the time of the sale?")
    clock, count = _clock_format(ours[0])
    reason = f"{_share(count, ours[0].filled)} of its values fit {clock}"
    block.picks["time_of_day"] = Pick(ours[0], reason)
    return f" {clock}"


def _clock_format(column: Column) -> tuple[str, int]:
    """The format of a column of times of day, and how many values fit it."""
    return max(column.clocks.items(), key=lambda item: (item[1], item[0]))


def _stamp_evidence(column: Column, found: Sequence[Column]) -> str:
    share = _share(round(column.stamp_share * column.filled), column.filled)
    others = ", ".join(other.name for other in found if other is not column)
    return f"{share} of its values are times" + (f"; so are those of {others}" if others else "")


def _has_hours(table: Table, column: Column, database: duckdb.DuckDBPyConnection) -> bool:
    """Whether some stamp is not at midnight: `2024-01-31 00:00:00` throughout is a date."""
    if column.is_typed_time:
        midnight = f"regexp_matches(c{column.place}, '^[-0-9]+( 00:00:00[+]?.*)?$')"
    else:
        formats = [name for reading in column.readings for name in _names(reading)]
        stamp = f"try_strptime(c{column.place}, {_sql_list(formats)})"
        midnight = f"coalesce({stamp} = date_trunc('day', {stamp}), true)"
    query = f"select 1 from {table.key} where c{column.place} <> '' and not {midnight} limit 1"
    return database.execute(query).fetchone() is not None


def _names(reading: Reading) -> list[str]:
    return [name for name in (reading.day_first, reading.month_first) if name]


def _sql_list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(f"'{text}'" for text in texts) + "]"


def _format_lines(
    table: Table, column: Column, clock: str, database: duckdb.DuckDBPyConnection
) -> list[str]:
    """The time formats; commented out where the values do not tell their parts from each other."""
    readings = [reading for reading in column.readings if reading.fits >= RARE * column.filled]
    for pair in _year_rivals(readings):
        worse, is_clear = _less_likely(table, column, pair, database)
        if not is_clear:
            return _year_lines(table, column, pair, clock, database)
        readings.remove(worse)
    doubts = [reading for reading in readings if not _order(reading)]
    if not doubts:
        reasons = ", ".join(_order_reason(reading, column.filled) for reading in readings)
        return [f"time_formats: {_formats(readings, clock, '')}  # {reasons}"]
    lines = []
    for reading in doubts:
        example = _example(table, column, reading, database)
        lines.append(
            f"{QUESTION}does '{column.name}' have the day or the month first? "
            f"{reading.both:,} values such as {example} fit both, {reading.only_day_first:,} only "
            f"day-first, {reading.only_month_first:,} only month-first. Remove the # of one line."
        )
    for order, name in (("day", doubts[0].day_first), ("month", doubts[0].month_first)):
        evidence = _span(table, column, name, database)
        lines.append(
            f"# time_formats: {_formats(readings, clock, order)}  # {order}-first: {evidence}"
        )
    return lines


def _year_rivals(readings: Sequence[Reading]) -> list[tuple[Reading, Reading]]:
    """Readings of the same values with a year of two digits behind, and in front."""
    return [
        (last, first)
        for last in readings
        for first in readings
        if year_first(last.day_first) == first.day_first
    ]


def _less_likely(
    table: Table,
    column: Column,
    pair: tuple[Reading, Reading],
    database: duckdb.DuckDBPyConnection,
) -> tuple[Reading, bool]:
    """The reading that fits fewer values, or spans far more years; and whether it is clear."""
    fewer, more = sorted(pair, key=lambda reading: reading.fits)
    # A slip, such as a 31 June, fits the other reading.
    if fewer.fits < NEARLY_ALL * more.fits:
        return fewer, True
    # Days that are taken for years are many: they spread a month of sales over decades.
    years = {
        reading: min(_years(table, column, name, database) for name in _likely_names(reading))
        for reading in pair
    }
    most, least = max(years.values()), min(years.values())
    return (
        max(pair, key=lambda reading: years[reading]),
        most >= max(MANY_YEARS, least + FAR_MORE_YEARS),
    )


def _likely_names(reading: Reading) -> list[str]:
    """The formats of a reading, in the order of day and month that the values tell."""
    return {"day": [reading.day_first], "month": [reading.month_first]}.get(
        _order(reading), _names(reading)
    )


def _years(
    table: Table, column: Column, time_format: str, database: duckdb.DuckDBPyConnection
) -> int:
    """How many years lie between the first and the last value."""
    stamp = f"try_strptime(c{column.place}, '{time_format}')"
    years = f"select max(year({stamp})) - min(year({stamp})) from {table.key}"
    return int(database.execute(years).fetchall()[0][0] or 0)


def _year_lines(
    table: Table,
    column: Column,
    pair: tuple[Reading, Reading],
    clock: str,
    database: duckdb.DuckDBPyConnection,
) -> list[str]:
    """The time formats, each commented out, where a year of two digits may be at either end."""
    worse, _ = _less_likely(table, column, pair, database)
    likelier = next(reading for reading in pair if reading is not worse)
    example = database.execute(
        f"select min(c{column.place}) from {table.key} where c{column.place} <> ''"
    ).fetchall()[0][0]
    lines = [
        f"{QUESTION}is '{column.name}', such as {example}, with the year first or last? "
        "Remove the # of one line."
    ]
    for reading in (likelier, worse):
        for name in _likely_names(reading):
            evidence = _span(table, column, name, database)
            lines.append(f"# time_formats: {_sql_list([f'{name}{clock}'])}  # {evidence}")
    return lines


def _order(reading: Reading) -> str:
    """Whether the day or the month comes first; empty if the values do not tell."""
    day, month = reading.only_day_first, reading.only_month_first
    if not reading.month_first:
        return "day"
    if min(day, month) > RARE * max(day, month) or day == month:
        return ""
    return "day" if day > month else "month"


def _formats(readings: Iterable[Reading], clock: str, order: str) -> str:
    """The formats as a YAML list; `order` answers for the readings that are in doubt."""
    names = [
        reading.month_first if (_order(reading) or order) == "month" else reading.day_first
        for reading in readings
    ]
    return _sql_list(f"{name}{clock}" for name in names)


def _order_reason(reading: Reading, filled: int) -> str:
    """How many values fit the chosen order, and how many would fit the other too."""
    count = reading.both + max(reading.only_day_first, reading.only_month_first)
    fit = f"{count:,} of {filled:,} values fit"
    if not reading.month_first:
        return fit
    other = reading.month_first if _order(reading) == "day" else reading.day_first
    return f"{fit}; {reading.both:,} fit {other} too"


def _example(
    table: Table, column: Column, reading: Reading, database: duckdb.DuckDBPyConnection
) -> str:
    text, day, month = f"c{column.place}", reading.day_first, reading.month_first
    found = database.execute(
        f"select min({text}) from {table.key} where try_strptime({text}, '{day}')"
        f" <> try_strptime({text}, '{month}')"
    ).fetchall()
    return str(found[0][0])


def _span(
    table: Table, column: Column, time_format: str, database: duckdb.DuckDBPyConnection
) -> str:
    """What one reading of the dates means: their span, and how far the rows are in its order."""
    first, last, in_order = database.execute(
        "select min(day), max(day),"
        " coalesce(avg(case when day >= before then 1 when day < before then 0 end), 1) from ("
        f"select day, lag(day) over (order by place) as before from (select rowid as place,"
        f" cast(try_strptime(c{column.place}, '{time_format}') as date) as day from {table.key})"
        " where day is not null)"
    ).fetchall()[0]
    return f"from {first} to {last}, {100 * in_order:.0f} % of rows in order"


# ---- the blocks ------------------------------------------------------------------------------


def draft_blocks(
    tables: Sequence[Table], database: duckdb.DuckDBPyConnection
) -> tuple[list[Block], list[str]]:
    """The blocks that the tables form, and questions about tables that fit nowhere."""
    links = find_links(tables, database)
    blocks = _linked_blocks(main_table(tables, links), links)
    placed = {block.table.key for block in blocks.values()}
    questions = [
        f"what is {table.paths[0].name}? It shares no key with the other files, and is left out."
        for table in tables
        if table.key not in placed
    ]
    _pick_interactions(blocks, database)
    if not any({"time", "date"} & {*block.picks, *block.rivals} for block in blocks.values()):
        questions.append("no column reads as a date: which one has the time, in which format?")
    for name, roles in LOOKUP_ROLES.items():
        if name in blocks:
            for role in roles:
                pick(blocks[name], role)
    if "products" in blocks:
        _prefer_path(blocks["products"])
        if "price" in blocks["products"].picks and not {"amount", "unit_price"} & {
            *blocks["interactions"].picks,
            *blocks["interactions"].rivals,
        }:
            pick(blocks["interactions"], "quantity")
    for block in blocks.values():
        block.lines += _number_lines(block) + _leave_out_lines(block)
    return list(blocks.values()), questions


def _linked_blocks(main: Table, links: Sequence[Link]) -> dict[str, Block]:
    """The main table and, step by step, the tables that it and they look up."""
    blocks = {"interactions": Block("interactions", main)}
    for _ in KEY_ROLES:
        for child in list(blocks.values()):
            for link in (link for link in links if link.child is child.table and link.role):
                name = KEY_ROLES[link.role]
                placed = any(block.table is link.parent for block in blocks.values())
                if placed or name in blocks:
                    continue
                blocks[name] = Block(name, link.parent)
                files = link.parent.paths[0].name
                found = f"{100 * link.share:.4g} % of its values are in '{link.parent_column.name}'"
                child.picks[link.role] = Pick(link.child_column, f"{found} of {files}")
                blocks[name].picks[link.role] = Pick(link.parent_column, "unique in every row")
    return blocks


def _pick_interactions(blocks: dict[str, Block], database: duckdb.DuckDBPyConnection) -> None:
    """The roles of interactions; what an orders file says of all lines is taken from there."""
    lines = blocks["interactions"]
    for block in (block for name, block in blocks.items() if name in ("interactions", "orders")):
        if not {"time", "date"} & {*lines.picks, *lines.rivals}:
            pick_time(block, database)
    for block in (block for name, block in blocks.items() if name in ("interactions", "orders")):
        if "customer" not in lines.picks:
            pick(block, "customer")
    _pick_order(lines)
    _pick_product(lines)
    pick_amount(lines, database)
    pick_interaction_type(lines)
    pick(lines, "category")
    for block in (block for name, block in blocks.items() if name in ("interactions", "orders")):
        if "payment_method" not in lines.picks:
            pick(block, "payment_method")


def _pick_product(block: Block) -> None:
    """The product's id and name; what has neither is told apart by its finest name."""
    for role in ("product", "product_name", "sub_category"):
        if role not in block.picks and (role != "sub_category" or "product" not in block.picks):
            pick(block, role)
        if "product" not in block.picks and role in block.picks:
            block.picks["product"] = block.picks.pop(role)
            header = block.picks["product"].column.name
            question = f"no column has the product's id: is '{header}' its finest name?"
            block.questions["product"] = [question]


def _pick_order(block: Block) -> None:
    """An order's id, if orders have several rows: an id that is unique names the row."""
    if "order" in block.picks:
        return
    pick(block, "order")
    found = block.picks.get("order")
    if found and found.column.distinct == found.column.filled:
        block.picks.pop("order")
        block.questions.pop("order", None)


def pick_interaction_type(block: Block) -> None:
    """The column that tells purchases from other interactions, by its name or its values."""
    pick(block, "interaction_type")
    for column in block.free():
        if "interaction_type" in block.picks:
            return
        names = {canonical_type(text) for text, _ in column.top_values}
        named = has_word(normalized(column.name), TYPE_HEADERS)
        if named and _is_short_list(column) and {"purchase", "return"} <= names:
            values = ", ".join(text for text, _ in column.top_values[:4])
            block.picks["interaction_type"] = Pick(column, f"its values are {values}")


def canonical_type(spelling: str) -> str:
    """The type of interaction that a spelling means: purchase, return, or its own word."""
    name = normalized(spelling)
    for canonical, words in TYPE_WORDS.items():
        if name in words:
            return canonical
    return re.sub(r"^[0-9]+ ?", "", name).replace(" ", "_")


def _prefer_path(block: Block) -> None:
    """A category of the form `A | B | C` is a path."""
    found = block.picks.get("category")
    if found and any(" | " in text for text, _ in found.column.top_values):
        block.picks["category_path"] = block.picks.pop("category")


def _number_lines(block: Block) -> list[str]:
    """The decimal and thousands marks, where they are not the usual ones."""
    numbers = [found.column for role, found in block.picks.items() if role in NUMBER_ROLES]
    numbers += [found.column for found in block.rivals.get("amount", [])]
    mark, reason = decimal_mark(numbers)
    lines = [f'decimal: ","  # {reason}'] if mark == "," else []
    gaps = [column.gap for column in numbers if column.gap]
    if gaps:
        gap = " " if gaps[0].isspace() else gaps[0]
        lines.append(f'thousands: "{gap}"')
    if reason.startswith("three digits"):
        lines.insert(0, f"{QUESTION}{reason}: are they thousands, as this draft has it?")
    return lines


def _leave_out_lines(block: Block) -> list[str]:
    """Cancelled rows are asked about: some exports keep them for the record only."""
    lines = []
    for column in block.table.columns:
        values = [text for text, _ in column.top_values if normalized(text) in CANCELLED_WORDS]
        if values and _is_short_list(column):
            count = sum(uses for text, uses in column.top_values if text in values)
            lines += [
                f"{QUESTION}'{column.name}' is {' or '.join(values)} in {count:,} "
                f"row{'s'[: count != 1]}: are they to be left out? Then remove the # below.",
                f"# leave_out: [{{column: {in_yaml(column.name)}, values: {yaml_list(values)}, "
                "reason: cancelled}]",
            ]
    return lines


# ---- YAML ------------------------------------------------------------------------------------


def in_yaml(text: str) -> str:
    """A text as YAML reads it back, in quotes only where it needs them."""
    if not text.isprintable():
        return yaml.safe_dump(text, default_style='"', width=sys.maxsize).strip()
    plain = re.fullmatch(r"[^\W\d_][\w ()/.+-]*", text) and not text.endswith(" ")
    if plain and yaml.safe_load(text) == text:
        return text
    return "'" + text.replace("'", "''") + "'"


def yaml_list(texts: Iterable[str]) -> str:
    """Texts as a YAML list in one line."""
    return "[" + ", ".join(in_yaml(text) for text in texts) + "]"
