"""The rows with a number for each entity, where they are too many to join as texts.

Customers and products are joined by their keys. The number of an entity is its place in its
dimension, the largest first. Of each dimension the first column is taken whose sums are those of
`entity_concentration`; a dimension of which no column has them has no numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from topheavy.report.answer_rows import PERIOD_DIMENSIONS, Source, after, text, texts

KEYS = {"customers": "customer_key", "products": "product_key"}
OWN_IDS = {"customer": ("customers", "customer_id"), "product": ("products", "product_id")}
CALENDAR = {
    "weekday": "dayname(interacted_at)",
    "hour": "case when has_time_of_day then strftime(interacted_at, '%H') end",
}
# So few names are looked up in a list, which is quicker than a join.
LISTED = 24
# Money in parts of which doubles add up whole numbers exactly: far quicker than decimals.
UNITS = 10_000
SUMS = {
    "interactions": "cast(count(*){} as double)",
    "purchases": "cast(sum(purchase){} as double)",
    "revenue": f"sum(revenue){{}} / {UNITS}",
}
COUNTS_IN = {"interactions": "true", "purchases": "purchase != 0", "revenue": "revenue != 0"}


def has_star(source: Source) -> bool:
    """Whether the published file has the star."""
    found = source.warehouse.execute(
        "select count(*) from duckdb_columns() where table_name = 'interaction_facts'"
        " and column_name in ('customer_key', 'product_key', 'interacted_at')"
    ).fetchone()
    return found == (3,)


@dataclass
class Star:
    """The rows as numbers: a column of page_codes for each dimension, and the month of each row."""

    source: Source
    columns: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source) -> Star:
        """Read the rows once, and keep the columns whose sums are the published ones."""
        star = cls(source)
        dimensions = [it for it in source.dimensions if it not in PERIOD_DIMENSIONS]
        make_names(source)
        found = {it: candidates(source, it) for it in dimensions}
        make_codes(source, found)
        for dimension, columns in found.items():
            chosen = next((it for it in columns if has_published_sums(source, dimension, it)), "")
            if chosen:
                star.columns[dimension] = chosen
        return star

    def owner(self, dimension: str) -> str:
        """Customer or product where a dimension is a column of theirs."""
        table = self.columns[dimension].rpartition("_")[0]
        return "" if table not in KEYS or dimension in OWN_IDS else table[:-1]

    def within(self, grain: str, start: date) -> str:
        """True for the rows of a period."""
        if grain == "all":
            return "true"
        return f"month between {month_of(start)} and {month_of(after(grain, start)) - 1}"

    def values(self, dimension: str, measure: str, grain: str, start: date) -> str:
        """The number of each entity and its value in a period."""
        column = self.columns.get(dimension)
        if column:
            return (
                f"select {column} as code, {summed(measure)} as x from page_codes"
                f" where {column} > 0 and {self.within(grain, start)} group by 1"
            )
        return (
            "select code, cast(entity_value as double) as x from entity_concentration as published"
            " inner join page_names as names on published.dimension = names.dimension"
            f" and published.entity_id = names.entity_id where published.dimension"
            f" = {text(dimension)} and measure = {text(measure)}"
        )

    def entities(self, dimension: str, codes: list[int]) -> dict[int, str]:
        """What the entities of some numbers are called."""
        if not codes:
            return {}
        found = self.source.warehouse.execute(
            f"select code, entity_id from page_names where dimension = ? and code in"
            f" ({', '.join(map(str, codes))})",
            [dimension],
        ).fetchall()
        return dict(found)


def summed(measure: str, within: str = "") -> str:
    """The sum of a measure, of the rows of a period alone."""
    return SUMS[measure].format(f" filter (where {within})" if within else "")


def month_of(start: date) -> int:
    return start.year * 12 + start.month - 1


def make_names(source: Source) -> None:
    """The numbers of entities, in the order in which the page names them."""
    source.warehouse.execute(f"""
        create or replace temp table page_names as
        select dimension, entity_id, cast(row_number() over (partition by dimension
            order by value_rank nulls last, entity_value desc, entity_id) as integer) as code
        from entity_concentration
        where measure = {text(source.main)} and dimension in ({texts(source.dimensions)})""")


def candidates(source: Source, dimension: str) -> dict[str, str]:
    """The code of each column that may hold a dimension, and where the column is."""
    if dimension in CALENDAR:
        return {code_of(source, dimension, "row"): "interaction_facts"}
    if dimension in OWN_IDS:
        table = OWN_IDS[dimension][0]
        return {code_of(source, dimension, table): table}
    found = source.warehouse.execute(
        "select table_name from duckdb_columns() where column_name = ?"
        " and table_name in ('interaction_facts', 'products', 'customers')",
        [dimension],
    ).fetchall()
    tables = [it for it in ("interaction_facts", "products", "customers") if (it,) in found]
    return {code_of(source, dimension, it): it for it in tables}


def code_of(source: Source, dimension: str, table: str) -> str:
    return f"{table}_{source.dimensions.index(dimension)}"


def make_codes(source: Source, columns: dict[str, dict[str, str]]) -> None:
    """The rows with the number of each entity, 0 where a row names none."""
    run = source.warehouse.execute
    coded: dict[str, list[tuple[str, str]]] = {it: [] for it in ("interaction_facts", *KEYS)}
    for dimension, found in columns.items():
        for code, table in found.items():
            coded[table].append((dimension, code))
    for table, key in KEYS.items():
        run(
            f"create or replace temp table page_codes_of_{table} as"
            f" select {table}.{key}{selected(source, table, coded[table])}"
        )
    owners = " ".join(
        f"left join page_codes_of_{table} on interaction_facts.{key} = page_codes_of_{table}.{key}"
        for table, key in KEYS.items()
    )
    of_owners = "".join(f", coalesce({code}, 0) as {code}" for it in KEYS for _, code in coded[it])
    run(f"""
        create or replace temp table page_codes as
        select cast(year(interacted_at) * 12 + month(interacted_at) - 1 as usmallint) as month,
            cast(coalesce(interaction_type = 'purchase', false) as utinyint) as purchase,
            cast(coalesce(revenue, 0) * {UNITS} as double) as revenue{of_owners}
            {selected(source, "interaction_facts", coded["interaction_facts"])} {owners}""")


def selected(source: Source, table: str, coded: list[tuple[str, str]]) -> str:
    """The numbers of the dimensions that are columns of a table, and the table."""
    codes, joins = "", ""
    for dimension, code in coded:
        column = CALENDAR.get(dimension, f'{table}."{OWN_IDS.get(dimension, ("", dimension))[1]}"')
        names = source.leading(dimension, source.main, LISTED + 1)
        if len(names) <= LISTED:
            listed = f"list_position([{texts(names)}], cast({column} as varchar))"
            codes += f", cast(coalesce({listed}, 0) as utinyint) as {code}"
        else:
            codes += f", coalesce(names_of_{code}.code, 0) as {code}"
            joins += (
                f" left join page_names as names_of_{code}"
                f" on names_of_{code}.dimension = {text(dimension)}"
                f" and names_of_{code}.entity_id = cast({column} as varchar)"
            )
    return f"{codes} from {table}{joins}"


def has_published_sums(source: Source, dimension: str, column: str) -> bool:
    """Whether the sums by a column are those of entity_concentration.

    Of many entities their number, their total and the squares of their values are compared: these
    differ as soon as one row is another entity's.
    """
    run = source.warehouse.execute
    ours = f"""
        select {column} as code, cast(count(*) as double) as interactions,
            cast(sum(purchase) as double) as purchases, sum(revenue) as revenue
        from page_codes where {column} > 0 group by 1"""
    published = f"""
        select code, measure, {UNITED} as entity_value from entity_concentration as published
        inner join page_names as names on published.dimension = names.dimension
            and published.entity_id = names.entity_id
        where published.dimension = {text(dimension)} and entity_value != 0"""
    if source.counts[dimension] <= LISTED:
        found = [
            sorted(row)
            for row in (
                run(f"select * from ({unpivoted(ours)}) where entity_value != 0").fetchall(),
                run(published).fetchall(),
            )
        ]
        return found[0] == found[1]
    sums = (
        "select measure, count(*), sum(entity_value), sum(entity_value * entity_value / 1e6)"
        " from ({}) where entity_value != 0 group by 1 order by 1"
    )
    of_table = (
        f"select measure, {UNITED} as entity_value from entity_concentration"
        f" where dimension = {text(dimension)}"
    )
    counted, expected = (run(sums.format(it)).fetchall() for it in (unpivoted(ours), of_table))
    return [it[:2] for it in counted] == [it[:2] for it in expected] and all(
        abs(one - other) <= 1e-9 * abs(other)
        for row, told in zip(counted, expected, strict=True)
        for one, other in zip(row[2:], told[2:], strict=True)
    )


# Money in the unit of page_codes.
UNITED = f"cast(entity_value * case measure when 'revenue' then {UNITS} else 1 end as double)"


def unpivoted(sums: str) -> str:
    """One row per entity and measure."""
    return (
        f"select code, measure, entity_value from ({sums})"
        " unpivot (entity_value for measure in (interactions, purchases, revenue))"
    )
