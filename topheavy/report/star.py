"""Number the entities of the rows if there are too many rows to join by text.

Customers and products are joined by their keys. The number of an entity is its rank in its
dimension, starting with the largest. Small dimensions share a column, which makes grouping fast.
Each dimension uses the first column whose sums equal those of `entity_concentration`; without such
a column a dimension has no numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from topheavy.report.answer_rows import PERIOD_DIMENSIONS, Source, after, text, texts

KEYS = {"customers": "customer_key", "products": "product_key"}
OWN_IDS = {"customer": ("customers", "customer_id"), "product": ("products", "product_id")}
FACTS = "interaction_facts"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# The names of the calendar's numbers.
SLOTS = {
    "weekday": ("isodow(interacted_at)", {it: at for at, it in enumerate(WEEKDAYS, 1)}),
    "hour": (
        "case when has_time_of_day then hour(interacted_at) end",
        {f"{it:02}": it for it in range(24)},
    ),
}
PERIOD_FORMATS = {"year": "%Y", "month": "%Y-%m", "date": "%Y-%m-%d"}
# Dimensions with at most this many entities share a column, and any two of them are crossed.
LISTED = 24
# The largest number of combinations of entities in a shared column.
MOST_COMBINED = 300
# Money is a whole number of these parts, which doubles add up exactly and much faster than
# decimals.
UNITS = 10_000
SUMS = (
    "cast(count(*) as double) as interactions, cast(sum(purchase) as double) as purchases,"
    " sum(revenue) as revenue"
)
ADDED = "sum(interactions) as interactions, sum(purchases) as purchases, sum(revenue) as revenue"
# The sums by period of all dimensions that are not large.
SMALL = "page_small_by_{}"
# The contribution of a row, in the unit of `page_codes`.
AMOUNTS = {"interactions": "1", "purchases": "purchase", "revenue": "revenue"}


def unit_of(measure: str) -> int:
    return UNITS if measure == "revenue" else 1


def has_star(source: Source) -> bool:
    """Return whether the published file has the star."""
    found = source.warehouse.execute(
        "select count(*) from duckdb_columns() where table_name = 'interaction_facts'"
        " and column_name in ('customer_key', 'product_key', 'interacted_at')"
    ).fetchone()
    return found == (3,)


@dataclass(frozen=True)
class Candidate:
    """A column of the published tables that may contain a dimension."""

    dimension: str
    table: str
    # The table with its sums by month.
    name: str
    is_listed: bool

    @property
    def months(self) -> str:
        return f"page_months_of_{self.name}"

    def sums(self, grain: str) -> str:
        """Return the name of the table with its sums by period."""
        return f"page_sums_of_{self.name}_by_{grain}"


@dataclass(frozen=True)
class Block:
    """A column of page_codes that combines the numbers of some small dimensions."""

    column: str
    table: str
    # How many numbers each of them has, including 0.
    sizes: dict[str, int]

    def number(self, name: str, column: str = "") -> str:
        """Return SQL that extracts the number of one dimension from the column."""
        step = 1
        for it, size in self.sizes.items():
            if it == name:
                return f"{column or self.column} // {step} % {size}"
            step *= size
        raise KeyError(name)

    def combined(self, numbers: dict[str, str]) -> str:
        """Return SQL that combines the numbers of the dimensions into the column."""
        step, parts = 1, []
        for it, size in self.sizes.items():
            parts.append(f"{step} * cast({numbers[it]} as uinteger)")
            step *= size
        return " + ".join(parts)


@dataclass
class Star:
    """The rows as numbers, the month of each row, and the columns that contain the dimensions."""

    source: Source
    blocks: list[Block] = field(default_factory=list)
    chosen: dict[str, Candidate] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source) -> Star:
        """Read the rows once, and keep the columns whose sums equal the published ones."""
        star = cls(source)
        make_names(source)
        candidates = [it for dimension in source.dimensions for it in found_in(source, dimension)]
        star.blocks = blocks_of(source, [it for it in candidates if it.is_listed])
        make_codes(star, candidates)
        make_months(star, candidates)
        for it in candidates:
            if it.dimension not in star.chosen and has_published_sums(source, it):
                star.chosen[it.dimension] = it
        source.columns = {it: star.chosen[it].name for it in source.dimensions if it in star.chosen}
        return star

    @property
    def columns(self) -> dict[str, str]:
        """Return SQL for the number of the entity of a row of page_codes, by dimension."""
        return {
            dimension: self.number(it)
            for dimension, it in self.chosen.items()
            if dimension not in PERIOD_DIMENSIONS
        }

    def block_of(self, dimension: str) -> Block | None:
        """Return the column that a dimension shares with others."""
        name = self.chosen[dimension].name
        return next((it for it in self.blocks if name in it.sizes), None)

    def number(self, candidate: Candidate) -> str:
        block = self.block_of(candidate.dimension)
        return f"({block.number(candidate.name)})" if block else candidate.name

    def owner(self, dimension: str) -> str:
        """Return customer or product if a dimension is one of their columns."""
        table = self.chosen[dimension].table
        return "" if table not in KEYS or dimension in OWN_IDS else table[:-1]

    def within(self, grain: str, start: date) -> str:
        """Return an SQL condition for the rows of a period."""
        if grain == "all":
            return "true"
        return f"month between {month_of(start)} and {month_of(after(grain, start)) - 1}"

    def values(self, dimension: str, measure: str, grain: str, start: date) -> str:
        """Return a query for the number of each entity and its value in a period."""
        if dimension in self.chosen:
            period = {"all": 0, "year": start.year, "month": month_of(start)}
            period["quarter"] = month_of(start) // 3
            table, some = SMALL.format(grain), f" and dimension = {text(dimension)}"
            if self.source.is_partial(dimension):
                table, some = self.chosen[dimension].sums(grain), ""
            return (
                f"select code, {measure} / {unit_of(measure)} as x from {table}"
                f" where period = {period[grain]}{some}"
            )
        return (
            f"select code, cast({measure} as double) as x from entity_ranks as published"
            " inner join page_names as names on published.dimension = names.dimension"
            f" and published.entity_id = names.entity_id"
            f" where published.dimension = {text(dimension)} and {measure} is not null"
        )

    def days(self, dimension: str, count: int) -> str:
        """Return the first and the last day of the leading entities."""
        candidate = self.chosen[dimension]
        days = "min(day) as first_day, max(day) as last_day"
        if candidate.is_listed or dimension in PERIOD_DIMENSIONS:
            found = (
                "select code, min(first_day) as first_day, max(last_day) as last_day"
                f" from {candidate.months} group by 1"
            )
        else:
            found = (
                f"select {candidate.name} as code, {days} from page_codes"
                f" where code between 1 and {count} group by 1"
            )
        return (
            f"select entity_id, first_day, last_day from ({found}) inner join page_names"
            f" using (code) where dimension = {text(dimension)} order by 1"
        )

    def entities(self, dimension: str, codes: Sequence[int]) -> dict[int, str]:
        """Return the names of the entities with some numbers."""
        if not codes:
            return {}
        found = self.source.warehouse.execute(
            f"select code, entity_id from page_names where dimension = ? and code in"
            f" ({', '.join(map(str, codes))})",
            [dimension],
        ).fetchall()
        return dict(found)


def month_of(start: date) -> int:
    return start.year * 12 + start.month - 1


def make_names(source: Source) -> None:
    """Number the entities in the order in which the page names them."""
    rank, within = f"{source.main}_rank", f"dimension in ({texts(source.dimensions) or 'null'})"
    source.warehouse.execute(f"""
        create or replace temp table page_names as
        select dimension, entity_key, entity_id, cast({rank} as integer) as code
        from entity_ranks where {within} and {rank} is not null
        union all
        select unranked.dimension, unranked.entity_key, unranked.entity_id,
            cast(coalesce(ranked.most, 0) + row_number() over (
                partition by unranked.dimension
                order by coalesce(unranked.{source.main}, 0) desc, unranked.entity_id
            ) as integer)
        from entity_ranks as unranked left join (
            select dimension, max({rank}) as most from entity_ranks group by dimension
        ) as ranked on unranked.dimension = ranked.dimension
        where unranked.{within} and unranked.{rank} is null""")


def found_in(source: Source, dimension: str) -> list[Candidate]:
    """Return the columns that may contain a dimension."""
    place = source.dimensions.index(dimension)
    is_listed = source.counts[dimension] <= LISTED and dimension not in PERIOD_DIMENSIONS
    if dimension in OWN_IDS:
        table = OWN_IDS[dimension][0]
        # The keys of customers and products are already numbers.
        return [Candidate(dimension, table, f"{table}_{place}", False)]
    if dimension in SLOTS or dimension in PERIOD_DIMENSIONS:
        return [Candidate(dimension, FACTS, f"row_{place}", is_listed)]
    found = source.warehouse.execute(
        "select table_name from duckdb_columns() where column_name = ?"
        " and table_name in ('interaction_facts', 'products', 'customers')",
        [dimension],
    ).fetchall()
    tables = [it for it in (FACTS, "products", "customers") if (it,) in found]
    filled = [it for it in tables if is_filled(source, it, dimension)]
    return [Candidate(dimension, it, f"{it}_{place}", is_listed) for it in filled]


def is_filled(source: Source, table: str, column: str) -> bool:
    found = source.warehouse.execute(
        f'select 1 from {table} where "{column}" is not null limit 1'
    ).fetchone()
    return found is not None


def blocks_of(source: Source, candidates: list[Candidate]) -> list[Block]:
    """Return columns for the small dimensions of a table, each combining as many as fit."""
    blocks: list[Block] = []
    for it in candidates:
        size = source.counts[it.dimension] + 1
        if it.dimension in SLOTS:
            size = max(size, len(source.leading(it.dimension, source.main, LISTED)) + 1)
        for block in blocks:
            if block.table == it.table and combined(block) * size <= MOST_COMBINED:
                block.sizes[it.name] = size
                break
        else:
            blocks.append(Block(f"block_{len(blocks)}", it.table, {it.name: size}))
    return blocks


def combined(block: Block) -> int:
    found = 1
    for size in block.sizes.values():
        found *= size
    return found


def make_codes(star: Star, candidates: list[Candidate]) -> None:
    """Create the rows with the number of each entity, 0 if a row names none."""
    run = star.source.warehouse.execute
    owned = ""
    for table, key in KEYS.items():
        codes, joins = selected(star, table, candidates)
        names = [name for name, _ in codes]
        shown = "".join(f", {code} as {name}" for name, code in codes)
        run(
            f"create or replace temp table page_codes_of_{table} as"
            f" select {table}.{key}{shown} from {table}{joins}"
        )
        owned += "".join(f", coalesce(page_codes_of_{table}.{it}, 0) as {it}" for it in names)
    owners = " ".join(
        f"left join page_codes_of_{table} on {FACTS}.{key} = page_codes_of_{table}.{key}"
        for table, key in KEYS.items()
    )
    codes, joins = selected(star, FACTS, candidates)
    own = "".join(f", {code} as {name}" for name, code in codes)
    run(f"""
        create or replace temp table page_codes as
        select cast(interacted_at as date) as day,
            cast(coalesce(year(interacted_at) * 12 + month(interacted_at) - 1, 0) as usmallint)
                as month,
            cast(coalesce(interaction_type = 'purchase', false) as utinyint) as purchase,
            cast(coalesce(revenue, 0) * {UNITS} as double) as revenue{owned}{own}
        from {FACTS}{joins} {owners}""")


def selected(
    star: Star, table: str, candidates: list[Candidate]
) -> tuple[list[tuple[str, str]], str]:
    """Return the numbered columns of a table by name, and the tables of names to join for them."""
    codes, joins = [], ""
    numbers: dict[str, str] = {}
    for it in candidates:
        if it.table != table or it.dimension in PERIOD_DIMENSIONS:
            continue
        if it.is_listed:
            numbers[it.name] = listed(star.source, it)
            continue
        key = KEYS.get(table, "")
        on = (
            f"names_of_{it.name}.entity_key = {table}.{key}"
            if it.dimension in OWN_IDS
            else f'names_of_{it.name}.entity_id = cast({table}."{it.dimension}" as varchar)'
        )
        codes.append((it.name, f"coalesce(names_of_{it.name}.code, 0)"))
        joins += (
            f" left join page_names as names_of_{it.name}"
            f" on names_of_{it.name}.dimension = {text(it.dimension)} and {on}"
        )
    for block in star.blocks:
        if block.table == table:
            codes.append((block.column, f"cast({block.combined(numbers)} as usmallint)"))
    return codes, joins


def listed(source: Source, candidate: Candidate) -> str:
    """Return SQL for the number of an entity of a small dimension."""
    names = source.leading(candidate.dimension, source.main, LISTED)
    slots: dict[str, int] = {}
    column = f'cast({candidate.table}."{candidate.dimension}" as varchar)'
    if candidate.dimension in SLOTS:
        column, slots = SLOTS[candidate.dimension]
    cases = " ".join(
        f"when {slots.get(name, text(name))} then {code}" for code, name in enumerate(names, 1)
    )
    return f"case {column} {cases} else 0 end" if cases else "0"


def make_months(star: Star, candidates: list[Candidate]) -> None:
    """Create the sums of each entity of a column by month."""
    run = star.source.warehouse.execute
    days = f"{SUMS}, min(day) as first_day, max(day) as last_day"
    again = f"{ADDED}, min(first_day) as first_day, max(last_day) as last_day"
    for block in star.blocks:
        run(
            f"create or replace temp table page_months_of_{block.column} as"
            f" select {block.column}, month, {days} from page_codes group by all"
        )
        for name in block.sizes:
            run(
                f"create or replace temp table page_months_of_{name} as"
                f" select {block.number(name)} as code, month, {again}"
                f" from page_months_of_{block.column} where code > 0 group by 1, 2"
            )
    run(f"create or replace temp table page_days as select day, month, {SUMS} from page_codes"
        " where day is not null group by all")  # fmt: skip
    for it in candidates:
        if it.dimension in PERIOD_DIMENSIONS:
            called = f"strftime(day, {text(PERIOD_FORMATS[it.dimension])})"
            run(
                f"create or replace temp table {it.months} as"
                f" select code, month, {ADDED}, min(day) as first_day, max(day) as last_day"
                f" from page_days inner join page_names on dimension = {text(it.dimension)}"
                f" and entity_id = {called} group by code, month"
            )
        elif not it.is_listed:
            run(
                f"create or replace temp table {it.months} as"
                f" select {it.name} as code, month, {SUMS} from page_codes"
                f" where {it.name} > 0 group by all"
            )


def has_published_sums(source: Source, candidate: Candidate) -> bool:
    """Return whether the sums by a column equal those of entity_concentration.

    For many entities, their number, total and sum of squares are compared; these differ as soon as
    one row belongs to another entity.
    """
    run = source.warehouse.execute
    ours = f"select code, {ADDED} from {candidate.months} group by code"
    published = (
        "select code, cast(interactions as double) as interactions,"
        f" cast(purchases as double) as purchases, cast(revenue * {UNITS} as double) as revenue"
        " from entity_ranks as published inner join page_names as names"
        " on published.dimension = names.dimension and published.entity_id = names.entity_id"
        f" where published.dimension = {text(candidate.dimension)}"
    )
    if source.counts[candidate.dimension] <= LISTED:
        some = "where interactions != 0 or purchases != 0 or revenue != 0 order by code"
        found = [
            [tuple(it or 0 for it in row) for row in run(f"select * from ({it}) {some}").fetchall()]
            for it in (ours, published)
        ]
        return found[0] == found[1]
    sums = ", ".join(
        f"count(case when {it} != 0 then 1 end), sum({it}), sum({it} * {it} / 1e6)"
        for it in ("interactions", "purchases", "revenue")
    )
    of_table = (
        "select cast(interactions as double) as interactions,"
        f" cast(purchases as double) as purchases, cast(revenue * {UNITS} as double) as revenue"
        f" from entity_ranks where dimension = {text(candidate.dimension)}"
    )
    counted, expected = (run(f"select {sums} from ({it})").fetchone() for it in (ours, of_table))
    return all(
        abs((one or 0) - (other or 0)) <= 1e-9 * abs(other or 0)
        for one, other in zip(counted or (), expected or (), strict=True)
    )
