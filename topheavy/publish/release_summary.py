"""Write the summary of a release: summary.md for people, summary.json for programs.

It covers the changes since the previous release, the register, the limits, data quality and the
number of rows by result. It contains no time of writing: the same build after the same release
gives the same bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from topheavy.markdown import bullets, escaped, table
from topheavy.numbers import count_of, number
from topheavy.publish.differences import Differences
from topheavy.publish.differences_in_words import as_markdown, in_short, of_indicator, parts
from topheavy.publish.summary import Facts
from topheavy.visible import LONGEST_NAME, readable, visible

# The number of rows that a table on the page shows before it says how many more there are.
ROWS = 20
# The number of lines of each kind in a chat message, each cut to the length of a name.
MESSAGE_LINES = 8
# The checks of data_quality that account for the rows; these have a table of their own.
ACCOUNT = ("raw_rows", "blank_rows", "rejected_rows", "valid_rows")
FIRST_RELEASE = "This is the first release: there is nothing to compare it with."


@dataclass(frozen=True)
class Finding:
    """An entry of the risk register."""

    rank: int
    title: str
    headline: str
    status: str
    money_at_risk: float | None
    confidence: str
    what_to_do: str


@dataclass(frozen=True)
class Limit:
    """A limit in its latest complete period."""

    limit_id: str
    dimension: str
    indicator: str
    status: str
    severity: str
    indicator_value: float | None
    warn_at: float | None
    breach_at: float | None
    over_entities: str | None
    period_start: date
    period_end: date

    @property
    def name(self) -> str:
        return f"{self.limit_id} ({self.dimension})"


@dataclass(frozen=True)
class Check:
    """A check of data_quality for a block of the mapping."""

    block: str
    check_name: str
    description: str
    row_count: int
    row_share: float | None
    revenue: Decimal | None


@dataclass(frozen=True)
class LoadedFile:
    """The number of rows of a file by result."""

    block: str
    name: str
    raw: int
    blank: int
    rejected: int

    @property
    def valid(self) -> int:
        return self.raw - self.blank - self.rejected


@dataclass(frozen=True)
class Summary:
    """Everything that the page says."""

    facts: Facts
    findings: tuple[Finding, ...]
    limits: tuple[Limit, ...]
    checks: tuple[Check, ...]
    files: tuple[LoadedFile, ...]
    warnings: tuple[str, ...]
    since: str = ""
    """When the previous release was published; empty if there is none."""
    changes: Differences | None = None
    """The differences from it; None if there is none, or if they cannot be compared."""
    refused: str = ""
    """The reason why the build is not published."""

    @property
    def title(self) -> str:
        name = readable(self.facts.name, LONGEST_NAME)
        broken = sum(it.status == "breach" for it in self.limits)
        counts = f"{count_of(len(self.findings), 'finding', 'findings')}, "
        counts += f"{count_of(broken, 'limit', 'limits')} broken"
        return f"{name}: {'not published, ' if self.refused else ''}{counts}"

    @property
    def subtitle(self) -> str:
        facts = self.facts
        unit = facts.currency or ""
        money = f"{facts.labels.get('revenue', 'revenue')} {facts.revenue or 0:,.2f} {unit}"
        counted = [money.strip()] if facts.measure == "revenue" else []
        return ", ".join([f"{facts.first} to {facts.last}", *counted])


FINDINGS = """
    select
        register_rank, title, headline, status, money_at_risk, confidence, what_to_do
    from risk_register
    order by register_rank
"""
# Worst first.
LIMITS = """
    select
        limit_id, dimension, indicator, status, severity, indicator_value, warn_at, breach_at,
        over_entities, period_start, period_end
    from limit_status
    where is_latest_complete
    order by list_position(['breach', 'warn', 'not_measurable', 'ok'], status), limit_id, dimension
"""
CHECKS = """
    select source_block, check_name, description, row_count, row_share, revenue
    from data_quality
    where not list_contains(?, check_name) and (row_count > 0 or check_name like 'hole: %')
    order by source_block, row_count desc, check_name
"""
FILES = """
    select source_block, source_file, raw_count, blank_count, rejected_count
    from loaded_files
    order by source_block, source_file
"""


def read_summary(
    warehouse: duckdb.DuckDBPyConnection,
    facts: Facts,
    warnings: list[str],
    since: str = "",
    changes: Differences | None = None,
    refused: str = "",
) -> Summary:
    """Read the summary of a finished build; `facts` are those that the build prints."""

    def rows(query: str, *parameters: object) -> list[Any]:
        return warehouse.execute(query, [*parameters]).fetchall()

    return Summary(
        facts=facts,
        findings=tuple(Finding(*row) for row in rows(FINDINGS)),
        limits=tuple(Limit(*row) for row in rows(LIMITS)),
        checks=tuple(Check(*row) for row in rows(CHECKS, list(ACCOUNT))),
        files=tuple(LoadedFile(*row) for row in rows(FILES)),
        warnings=tuple(warnings),
        since=since,
        changes=changes,
        refused=refused,
    )


# ---- for people ------------------------------------------------------------------------------


def as_page(summary: Summary) -> str:
    """Return the summary as Markdown."""
    every_part = [
        f"# {escaped(summary.title)}\n\n{escaped(summary.subtitle)}\n",
        f"**Not published**: {escaped(summary.refused)}\n" if summary.refused else "",
        f"## What changed\n\n{changes(summary)}",
        f"## Register\n\n{register(summary)}",
        f"## Limits\n\n{limits(summary)}",
        f"## Data quality\n\n{quality(summary)}",
        f"## Rows\n\n{accounting(summary)}",
    ]
    return "\n".join(part for part in every_part if part)


def changes(summary: Summary) -> str:
    if not summary.since:
        return f"{FIRST_RELEASE}\n"
    if not summary.changes:
        return "The previous release was built by another version and cannot be compared.\n"
    since = f"Since the release published {escaped(summary.since)}.\n\n"
    return since + as_markdown(summary.changes)


def register(summary: Summary) -> str:
    rows = [
        (str(it.rank), it.title, amount(it.money_at_risk), it.confidence, it.what_to_do)
        for it in summary.findings
    ]
    head = ("", "What", "At risk a year", "Confidence", "What to do")
    return cut(head, rows, right=(2,)) if rows else "Nothing stands out.\n"


def limits(summary: Summary) -> str:
    rows = [
        (
            it.name,
            it.status.replace("_", " "),
            f"{it.indicator} {of_indicator(it.indicator_value, it.indicator)}".strip(),
            of_indicator(it.warn_at, it.indicator),
            of_indicator(it.breach_at, it.indicator),
            f"{it.period_start} to {it.period_end}",
        )
        for it in summary.limits
    ]
    head = ("Limit", "Status", "Value", "Warns at", "Broken at", "Period")
    return cut(head, rows, right=(3, 4)) if rows else "No limit applies to this export.\n"


def quality(summary: Summary) -> str:
    rows = [
        (
            it.block,
            it.check_name,
            f"{it.row_count:,}",
            "" if it.row_share is None else number(it.row_share, "share"),
            "" if it.revenue is None else f"{it.revenue:,.2f}",
            it.description,
        )
        for it in summary.checks
    ]
    money = summary.facts.labels.get("revenue", "revenue").capitalize()
    head = ("Block", "Check", "Rows", "Share", escaped(money), "What it means")
    found = cut(head, rows, right=(2, 3, 4)) if rows else "Every row is complete.\n"
    # Limits have a table of their own.
    others = [it for it in summary.warnings if not it.startswith("limits_hold: ")]
    warnings = bullets(others[:ROWS])
    return found + (f"\n{warnings}" if warnings else "")


def accounting(summary: Summary) -> str:
    rows = [
        (it.block, it.name, *(f"{count:,}" for count in (it.raw, it.blank, it.rejected, it.valid)))
        for it in summary.files
    ]
    head = ("Block", "File", "Rows", "Blank", "Rejected", "Valid")
    return cut(head, [*totals(summary), *rows], right=(2, 3, 4, 5))


def totals(summary: Summary) -> list[tuple[str, ...]]:
    """Return the row counts of each block with several files, over all of them."""
    blocks = Counter(it.block for it in summary.files)
    totals = []
    for block in (name for name, count in blocks.items() if count > 1):
        files = [it for it in summary.files if it.block == block]
        counts = (
            sum(getattr(it, name) for it in files) for name in ("raw", "blank", "rejected", "valid")
        )
        totals.append((block, f"all {len(files):,} files", *(f"{count:,}" for count in counts)))
    return totals


def cut(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    """Return a table of the first rows, and the number of further rows."""
    more = len(rows) - ROWS
    rest = f"\nand {more:,} more\n" if more > 0 else ""
    return table(head, rows[:ROWS], right) + rest


def amount(money: float | None) -> str:
    return "" if money is None else number(money, "money")


# ---- for programs ----------------------------------------------------------------------------


def as_json(summary: Summary) -> str:
    """Return the complete summary as JSON, with every text visible."""
    facts = summary.facts
    content = {
        "name": facts.name,
        "title": summary.title,
        "is_published": not summary.refused,
        "refused_because": summary.refused or None,
        "first_date": facts.first,
        "last_date": facts.last,
        "currency": facts.currency,
        "measure": facts.measure,
        "revenue": facts.revenue,
        "rows": facts.rows,
        "changed_since": summary.since or None,
        "changes": changes_for_programs(summary.changes),
        "register": [asdict(it) for it in summary.findings],
        "limits": [asdict(it) for it in summary.limits],
        "data_quality": [asdict(it) for it in summary.checks],
        "files": [asdict(it) | {"valid": it.valid} for it in summary.files],
        "warnings": list(summary.warnings),
    }
    return json.dumps(plain(content), indent=2, ensure_ascii=False) + "\n"


def changes_for_programs(found: Differences | None) -> dict[str, Any] | None:
    if found is None:
        return None
    kinds = [{**asdict(it), "kind": it.kind} for it in found.entities]
    return {"in_short": in_short(found), **asdict(found), "entities": kinds}


def plain(value: Any) -> Any:
    """Convert a value to JSON types: numbers, visible texts, dates as texts, lists and objects."""
    if isinstance(value, dict):
        return {visible(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    return visible(value) if isinstance(value, str) else value


# ---- for a chat ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Message:
    """A title, and under each heading some lines."""

    title: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]


def as_message(summary: Summary) -> Message:
    """Return the summary in as many lines as a chat shows at once."""
    broken = [it for it in summary.limits if it.status in ("breach", "warn")]
    rows = ", ".join(
        f"{count:,} {name}" for name, count in summary.facts.rows.items() if name != "raw"
    )
    every_part = [
        ("Not published", [summary.refused] if summary.refused else []),
        ("What changed", changes_for_chat(summary)),
        ("Register", [it.headline for it in summary.findings]),
        ("Limits", [limit_for_chat(it) for it in broken] or ["all limits hold"]),
        ("Rows", [f"{summary.facts.rows['raw']:,} in: {rows}", *summary.facts.left_out]),
    ]
    sections = ((name, tuple(first_lines(lines))) for name, lines in every_part)
    return Message(summary.title, (("", (summary.subtitle,)), *(it for it in sections if it[1])))


def changes_for_chat(summary: Summary) -> list[str]:
    """Return the number of differences, and the first ones as `make diff` describes them."""
    if not summary.since or not summary.changes:
        return [changes(summary).strip()]
    if summary.changes.is_empty:
        return [f"nothing since {summary.since}"]
    found = parts(summary.changes, lines=2)
    return [
        f"since {summary.since}: {in_short(summary.changes)}",
        *(f"{it.name}: {line}" for it in found if it.name != "tables" for line in it.lines),
    ]


def limit_for_chat(it: Limit) -> str:
    value, bound = (
        of_indicator(found, it.indicator) for found in (it.indicator_value, it.breach_at)
    )
    over = f": {it.over_entities}" if it.over_entities else ""
    return f"{it.name} {it.status}, {it.indicator} {value} against {bound}{over}"


def first_lines(lines: list[str]) -> list[str]:
    more = len(lines) - MESSAGE_LINES
    return [
        *(readable(line, LONGEST_NAME) for line in lines[:MESSAGE_LINES]),
        *([f"and {more:,} more"] if more > 0 else []),
    ]
