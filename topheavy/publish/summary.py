"""Write the last lines of `make build`: what was read, the largest entities, and where to look
next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

from topheavy.visible import LONGEST_NAME, readable, visible


@dataclass(frozen=True)
class Leader:
    """The largest entity of a dimension, and the share of the ten largest together."""

    dimension: str
    label: str
    top_share: float | None
    top_10_share: float | None
    entity_count: int
    verdict: str


@dataclass(frozen=True)
class Facts:
    """The content of the summary; shares are parts of 1."""

    name: str
    first: str
    last: str
    rows: dict[str, int]
    left_out: list[str]
    """What is missing, rejected or negative: one line each, with its revenue if known."""
    revenue: Decimal | None
    measure: str
    """The measure of the shares: revenue, or otherwise a count."""
    currency: str | None
    leaders: list[Leader]
    labels: dict[str, str] = field(default_factory=dict)
    """The business's own words for a customer, a product and revenue, if the mapping sets them."""


NEXT_STEPS = (
    "look at {report}, or",
    "open {database} read-only (DuckDB 1.4 or later, or BI):",
    "select title, money_at_risk from risk_register order by register_rank;",
    "select * from concentration_indices where period_grain = 'all';",
    "select * from rejected_rows;   select * from data_quality;",
)

LEADERS = """
    select
        indices.dimension,
        coalesce(entities.entity_label, '-'),
        indices.cr1,
        indices.cr10,
        indices.entity_count,
        indices.verdict
    from concentration_indices as indices
    left join entity_concentration as entities
        on indices.dimension = entities.dimension
        and indices.measure = entities.measure
        and entities.value_rank = 1
        and indices.cr1 is not null
    where indices.period_grain = 'all'
        and indices.measure = ?
        and indices.dimension in ('customer', 'product', 'category', 'hour')
    order by list_position(['customer', 'product', 'category', 'hour'], indices.dimension)
"""

LABELS = "select series, label from report_facts where section = 'labels'"

ROWS = """
    select check_name, row_count, revenue
    from data_quality
    where source_block = 'interactions'
    order by row_count desc, check_name
"""


# A check of data_quality: its name, its rows, and their revenue.
Check = tuple[str, int, Decimal | None]


OTHER_CURRENCY = "rejected: other_currency_"


def left_out(checks: Sequence[Check]) -> list[str]:
    """List rejected rows by reason, rows without a date, negative entities and missing days."""
    everything = next((money for name, _, money in checks if name == "raw_rows"), None)
    # Money in other currencies is not part of it.
    foreign = [check for check in checks if check[0].startswith(OTHER_CURRENCY)]
    if everything is not None:
        everything -= sum((money for _, _, money in foreign if money), Decimal(0))
    undated = [check for check in checks if check[0].startswith("undated_") and check[1]]
    lines = [
        f"{count:,} {name}{_money(money, everything)}"
        for name, count, money in checks
        if name.startswith("rejected: ") and not name.startswith(OTHER_CURRENCY)
    ]
    lines += [
        f"{count:,} left out: {money or 0:,.2f} {name.removeprefix(OTHER_CURRENCY).upper()}"
        for name, count, money in foreign
    ]
    if undated:
        known = [money for _, _, money in undated if money is not None]
        money = sum(known, Decimal(0)) if known else None
        count = sum(count for _, count, _ in undated)
        lines.append(f"{count:,} without a date{_money(money, everything)}")
    for name, count, money in checks:
        if name.endswith("s_below_zero") and money is not None:
            who = name.removesuffix("s_below_zero") + ("s" if count != 1 else "")
            lines.append(f"{count:,} {who} below zero: {money:,.2f}")
    lines += sorted(
        name.replace("hole: ", "no rows from ") for name, _, _ in checks if name.startswith("hole:")
    )
    return lines


def _money(money: Decimal | None, everything: Decimal | None) -> str:
    return f": {money:,.2f} of {everything:,.2f}" if money and everything else ""


def read_facts(
    warehouse: duckdb.DuckDBPyConnection, name: str, currency: str | None = None
) -> Facts:
    """Read the summary's facts from a built warehouse, in the measure of its report."""
    checks: list[Check] = warehouse.execute(ROWS).fetchall()
    counts = {check: count for check, count, _revenue in checks}
    first, last, revenue = warehouse.execute(
        "select min(interacted_at), max(interacted_at), sum(revenue) from interactions"
    ).fetchall()[0]
    labels: dict[str, str] = dict(warehouse.execute(LABELS).fetchall())
    leaders = warehouse.execute(LEADERS, [labels["measure"]]).fetchall()
    return Facts(
        name=name,
        first=f"{first:%Y-%m-%d}" if first else "-",
        last=f"{last:%Y-%m-%d}" if last else "-",
        rows={key: counts.get(f"{key}_rows", 0) for key in ("raw", "blank", "rejected", "valid")},
        left_out=left_out(checks),
        revenue=revenue,
        measure=labels.pop("measure"),
        currency=currency,
        leaders=[Leader(*row) for row in leaders],
        labels=labels,
    )


def next_steps(report: Path, database: Path) -> list[str]:
    """Describe where to look after a build that was published."""
    return [step.format(report=report, database=database) for step in NEXT_STEPS]


def render(facts: Facts, loaded: str, warnings: list[str], steps: Sequence[str]) -> str:
    """Return the summary as text; `loaded` describes which files were read."""
    money = readable(facts.labels.get("revenue", "revenue"), LONGEST_NAME)
    counts = ", ".join(f"{count:,} {name}" for name, count in facts.rows.items() if name != "raw")
    lines = [
        "",
        f"{readable(facts.name, LONGEST_NAME)}: {facts.first} to {facts.last}",
        f"  files     {loaded}",
        f"  rows      {facts.rows['raw']:,} in: {counts}",
        *(f"            {line}" for line in facts.left_out),
        _revenue(facts, money),
        "",
        f"  {'share of the total':<20}{'largest':>9}{'top 10':>9}{'of':>9}",
        *(_leader(leader, facts.labels) for leader in facts.leaders),
        "",
        *(f"  warning   {readable(warning)}" for warning in warnings),
        *(f"  {'' if place else 'next':<10}{step}" for place, step in enumerate(steps)),
    ]
    return "\n".join(lines)


def _revenue(facts: Facts, money: str) -> str:
    currency = f" {facts.currency}" if facts.currency else ""
    is_money = facts.measure == "revenue"
    amount = f"{facts.revenue or 0:,.2f}{currency}" if is_money else f"none (by {facts.measure})"
    return f"  {money:<9} {amount}"


def _leader(leader: Leader, labels: dict[str, str]) -> str:
    name = readable(labels.get(leader.dimension, leader.dimension), LONGEST_NAME)
    note = NOTES.get(leader.verdict, "")
    return (
        f"  {name:<20}{_percent(leader.top_share):>9}{_percent(leader.top_10_share):>9}"
        f" {leader.entity_count:>8,}  {visible(leader.label[:32])}{note}"
    )


NOTES = {
    "more_even_than_chance": " (more even than chance: looks deduplicated)",
    "indistinguishable_from_even": " (no more than chance)",
}


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
