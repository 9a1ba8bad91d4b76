"""Find what the leading entities of a dimension occur with, over the whole period."""

from __future__ import annotations

from typing import Any

from topheavy.report.answer_rows import text
from topheavy.report.star import SUMS, UNITS, Star

# For more rows than this, the leading customers of a category or weekday would take longer to sum
# than the rest of the page.
MANY_ROWS = 500_000


def profiles(star: Star, entities: int, others: int) -> list[tuple[Any, ...]]:
    """Return dimension, other dimension, both entities, and the three measures.

    Two small dimensions are crossed elsewhere, and the page sums these from the cells.
    """
    found: list[tuple[Any, ...]] = []
    run = star.source.warehouse.execute
    for dimension, column in star.columns.items():
        if star.block_of(dimension) and star.source.row_count > MANY_ROWS:
            continue
        # The leading entities of a large dimension have few of the rows.
        table = "page_codes"
        if star.block_of(dimension) is None:
            table = "page_leading"
            run(
                f"create or replace temp table {table} as"
                f" from page_codes where {column} between 1 and {entities}"
            )
        for other in star.columns:
            is_crossed = star.block_of(dimension) and star.block_of(other)
            if other != dimension and not is_crossed:
                query = profile(star, dimension, other, table, entities, others)
                found += [(dimension, other, *row) for row in run(query).fetchall()]
    return found


def profile(star: Star, dimension: str, other: str, table: str, entities: int, others: int) -> str:
    """Return the leading entities of one dimension, each with its largest of another one."""
    return f"""
        with summed as (
            select {star.columns[dimension]} as code, {star.columns[other]} as other_code, {SUMS}
            from {table} where code between 1 and {entities} and other_code > 0 group by 1, 2
        ), named as (
            select ours.entity_id as entity, theirs.entity_id as other, interactions, purchases,
                revenue / {UNITS} as revenue, row_number() over (
                    partition by summed.code
                    order by {star.source.main} desc, theirs.entity_id
                ) as place
            from summed inner join page_names as ours
                on ours.dimension = {text(dimension)} and ours.code = summed.code
            inner join page_names as theirs
                on theirs.dimension = {text(other)} and theirs.code = summed.other_code
        )
        select entity, other, interactions, purchases, revenue from named
        where place <= {others} order by entity, place"""
