"""The values of entities in each period, their ranks, and the distribution of many values.

A small dimension has a value for every entity. A large one has the names and values of the leading
entities of each period, only the values of some more, and the number of entities between powers of
two. These are enough to find the largest entities after any of the leading ones are removed, and to
bound the Gini of the rest by two numbers that are nearly equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from topheavy.report.answer_rows import MEASURES, Json, Places, add, day, plain, text, texts
from topheavy.report.star import ADDED, SMALL, UNITS, Star, unit_of

if TYPE_CHECKING:
    from topheavy.report.answers import Names

# The number of leading entities of a dimension that are named in one period.
LEADERS = {"all": 40, "year": 40, "quarter": 25, "month": 25}
# The number of further entities with a value but no name. They lead if all named ones are removed.
NEXT = 20
# The period of a row of sums, from the period that it is part of; without a date it is NULL or 0.
PARTS = {"month": "month", "quarter": "period // 3", "year": "period // 4", "all": "0"}
STARTS = {
    "all": "{}",
    "year": "make_date(period, 1, 1)",
    "quarter": "make_date(period // 4, period % 4 * 3 + 1, 1)",
    "month": "make_date(period // 12, period % 12 + 1, 1)",
}
MONTHS = ", ".join(MEASURES)
PERIOD = "partition by dimension, period_grain, period_start"


def make_periods(star: Star) -> None:
    """Create the values of entities by period and their ranks; for large dimensions only the
    leaders.
    """
    run = star.source.warehouse.execute
    keys = "dimension text, period_grain text, period_start date"
    sums = ", ".join(f"{it} double" for it in MEASURES)
    run(f"create or replace temp table page_values ({keys}, entity_id text, {sums})")
    run(
        f"create or replace temp table page_tops ({keys}, measure text, entity_id text,"
        " value double, place integer)"
    )
    run(
        f"create or replace temp table page_bins ({keys}, measure text, bin integer,"
        " entity_count bigint, value double)"
    )
    partial = [it for it in star.chosen if star.source.is_partial(it)]
    add_small(star, [it for it in star.chosen if it not in partial])
    for dimension in partial:
        add_large(star, dimension)
    ranks = ", ".join(
        f"case when {it} > 0 then row_number() over ({PERIOD} order by {it} desc, entity_id) end"
        f" as {it}_rank, sum(greatest({it}, 0)) over ({PERIOD} order by {it} desc, entity_id"
        f" rows between unbounded preceding and current row) as {it}_so_far"
        for it in MEASURES
    )
    run(f"create or replace temp table page_ranks as select *, {ranks} from page_values")
    add_leading_of_small(star, [it for it in star.chosen if it not in partial])


def add_small(star: Star, dimensions: list[str]) -> None:
    """Add dimensions in which every entity has its values by period, all in one table."""
    run = star.source.warehouse.execute
    months = " union all ".join(
        f"select {text(it)} as dimension, code, month, {MONTHS} from {star.chosen[it].months}"
        for it in dimensions
    )
    parts = f"({months})" if months else "(select '' as dimension, * from page_days)"
    for grain, period in PARTS.items():
        start = STARTS[grain].format(day(star.source.first_start))
        run(
            f"create or replace temp table {SMALL.format(grain)} as select dimension,"
            f" {period} as period, code, {ADDED} from {parts} group by all"
        )
        parts = SMALL.format(grain)
        run(f"""
            insert into page_values
            select dimension, {text(grain)}, {start}, entity_id,
                interactions, purchases, revenue / {UNITS}
            from {parts} inner join page_names using (dimension, code)
            where {text(grain)} = 'all' or period > 0""")


def add_leading_of_small(star: Star, dimensions: list[str]) -> None:
    """Add the largest entities of dimensions that are not fully named, from the ranks of all."""
    some = [it for it in dimensions if not star.chosen[it].is_listed]
    for measure in MEASURES:
        value = f"round({measure} * {unit_of(measure)})"
        star.source.warehouse.execute(f"""
            insert into page_tops
            select dimension, period_grain, period_start, {text(measure)}, entity_id, {measure},
                {measure}_rank
            from page_ranks where dimension in ({texts(some) or "null"})
                and {measure}_rank <= {named_count(NEXT)}""")
        star.source.warehouse.execute(f"""
            insert into page_bins
            select dimension, period_grain, period_start, {text(measure)},
                {bin_of(value)}, count(*), sum({value})
            from page_values where dimension in ({texts(some) or "null"}) and {measure} > 0
            group by 1, 2, 3, 5""")


def named_count(more: int = 0) -> str:
    """Return SQL for the number of named entities of a period, plus `more`."""
    counts = " ".join(f"when {text(it)} then {count + more}" for it, count in LEADERS.items())
    return f"case period_grain {counts} end"


def bin_of(value: str) -> str:
    """Return SQL for the largest power of two that a value reaches."""
    return f"cast(floor(log2({value})) as integer)"


def add_large(star: Star, dimension: str) -> None:
    """Add the months of a large dimension, and the quarters, years and the whole period as their
    sums.
    """
    source, candidate = star.source, star.chosen[dimension]
    run = source.warehouse.execute
    parts = candidate.months
    for grain, period in PARTS.items():
        table = candidate.sums(grain)
        # Months need no summing.
        kind, added, grouped = ("view", MONTHS, "") if grain == "month" else (
            "table", ADDED, " group by 1, 2"
        )  # fmt: skip
        run(
            f"create or replace temp {kind} {table} as"
            f" select {period} as period, code, {added} from {parts}{grouped}"
        )
        parts = table
        start = STARTS[grain].format(day(source.first_start))
        dated = "true" if grain == "all" else "period > 0"
        run(f"""
            insert into page_values
            select {text(dimension)}, {text(grain)}, {start}, entity_id,
                interactions, purchases, revenue / {UNITS}
            from {table} inner join page_names using (code)
            where dimension = {text(dimension)} and {dated}
                and entity_id in ({texts(source.named(dimension)) or "null"})""")
        for measure in MEASURES:
            add_leading(star, dimension, grain, measure, start, dated)


def add_leading(
    star: Star, dimension: str, grain: str, measure: str, start: str, dated: str
) -> None:
    """Add the largest entities of a large dimension, and the counts and sums between
    powers of two.
    """
    table, most = star.chosen[dimension].sums(grain), LEADERS[grain] + NEXT
    star.source.warehouse.execute(f"""
        insert into page_tops
        with least as (
            select period, list_min(max({measure}, {most})) as value
            from {table} group by period
        ), ranked as (
            select period, entity_id, {measure} as value, row_number() over (
                partition by period order by {measure} desc, entity_id
            ) as place
            from {table} inner join least using (period) inner join page_names using (code)
            where {measure} >= least.value and {measure} > 0 and {dated}
                and dimension = {text(dimension)}
        )
        select {text(dimension)}, {text(grain)}, {start}, {text(measure)}, entity_id,
            value / {unit_of(measure)}, place
        from ranked where place <= {most}""")
    star.source.warehouse.execute(f"""
        insert into page_bins
        select {text(dimension)}, {text(grain)}, {start}, {text(measure)}, {bin_of(measure)},
            count(*), sum({measure})
        from {table} where {measure} > 0 and {dated} group by period, 5""")


def leaders_of(star: Star, names: dict[str, Names], place_of: Places) -> Json:
    """Return position in the list of names and value, the largest first, by period."""
    found: Json = {}
    small = [it for it in star.chosen if star.chosen[it].is_listed]
    for measure in MEASURES:
        query = f"""
            select dimension, period_grain, period_start, '{measure}', entity_id, {measure},
                {measure}_rank
            from page_ranks where dimension in ({texts(small) or "null"}) and {measure}_rank > 0
            union all
            select dimension, period_grain, period_start, measure, entity_id, value, place
            from page_tops where measure = '{measure}'
                and place <= {named_count()}
            order by all"""
        for *key, entity, value, _ in ordered(star, query):
            pair = [names[key[0]].place(entity), plain(value)]
            add(found, place_of, key, pair)
    return found


def next_of(star: Star, place_of: Places) -> Json:
    """Return the values that rank directly below the named entities."""
    found: Json = {}
    query = f"""
        select dimension, period_grain, period_start, measure, value, place from page_tops
        where place > {named_count()} order by all"""
    for *key, value, _ in ordered(star, query):
        add(found, place_of, key, [plain(value)])
    return found


def spread_of(star: Star, place_of: Places) -> Json:
    """Return the smallest power of two, the counts and sums from each power to the next, and their
    unit.
    """
    found: Json = {}
    query = """
        select dimension, period_grain, period_start, measure, bin, entity_count, value
        from page_bins order by all"""
    bins: dict[tuple[Any, ...], list[tuple[int, int, float]]] = {}
    for *key, power, count, value in star.source.warehouse.execute(query).fetchall():
        bins.setdefault(tuple(key), []).append((power, count, value))
    for of_key, rows in bins.items():
        first = rows[0][0]
        counts = [0] * (rows[-1][0] - first + 1)
        values: list[Json] = [0] * len(counts)
        for power, count, value in rows:
            counts[power - first], values[power - first] = count, plain(value, 17)
        unit = [UNITS] if of_key[3] == "revenue" else []
        add(found, place_of, of_key, [first, counts, values, *unit])
    return found


def ordered(star: Star, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query by period and measure, in the order of their last column."""
    rows = star.source.warehouse.execute(query).fetchall()
    return sorted(rows, key=lambda row: (*row[:4], row[-1]))
