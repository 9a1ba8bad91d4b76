"""Order the sections of the report for a reader who has one minute."""

from __future__ import annotations

from topheavy.numbers import (
    NO_VALUE,
    WIDE_LETTERS,
    capitalized,
    count_of,
    distinct,
    number,
)
from topheavy.report.blocks import (
    Cell,
    Figure,
    Key,
    Section,
    Table,
    compared,
    interval,
    limit_anchor,
    value,
    words,
)
from topheavy.report.change import changes, stress, trend
from topheavy.report.charts import bars
from topheavy.report.charts import limits as limit_chart
from topheavy.report.curves import distribution
from topheavy.report.facts import Fact, Facts
from topheavy.report.pairs import attention, meeting
from topheavy.report.when import timing
from topheavy.report.where import concentration, leaders

# The phrase in a limit's label that marks a lower bound.
LEAST = "(at least)"
# Word, shape on the page, shape in a chart, and colour: no state is shown by colour alone.
STATES = {
    "breach": ("beyond the limit", "■", "square", "breach"),
    "warn": ("beyond the warning level", "▲", "triangle-up", "warn"),
    "ok": ("within limits", "●", "circle", "ok"),
    "not_measurable": ("not measurable", "○", "circle", "muted"),
}
CHECKS = {
    "valid": "ok",
    "blank": "muted",
    "rejected": "breach",
    "reason": "breach",
    "warning": "warn",
}
MAIN_BLOCK = "interactions"


def sections(facts: Facts) -> list[Section]:
    facts = facts.without_twins()
    return [
        limits(facts),
        concentration(facts),
        distribution(facts),
        leaders(facts),
        timing(facts),
        trend(facts),
        changes(facts),
        stress(facts),
        meeting(facts),
        attention(facts),
        quality(facts),
    ]


def limits(facts: Facts) -> Section:
    rows = facts.by_position("limits")
    return Section(
        "limits",
        "Limits",
        "Each indicator as a percentage of its limit, in the latest complete period. Set your own "
        "limits in the mapping or in seeds/concentration_limits.csv; the shipped limits name "
        "their source.",
        [limits_figure(rows)] if rows else [],
        "No limit applies to a dimension of this export.",
    )


def limits_figure(rows: list[Fact]) -> Figure:
    states = list(STATES)
    ordered = sorted(rows, key=lambda row: (states.index(state_of(row)), -ratio(row, row.value)))
    counts = {state: sum(state_of(row) == state for row in rows) for state in STATES}
    statements = [
        count_of(counts["breach"], "limit is broken", "limits are broken"),
        f"{count_of(counts['warn'], 'is', 'are').replace('no ', 'none ')} beyond the warning level",
        f"{counts['ok'] or 'none'} {'holds' if counts['ok'] == 1 else 'hold'}",
    ]
    if counts["not_measurable"]:
        statements.append(f"{counts['not_measurable']} not measurable")
    measured = [row for row in ordered if state_of(row) != "not_measurable"]
    drawn = [row for row in measured if row.value is not None and row.comparison]
    labels = distinct([row.words for row in drawn])
    return Figure(
        "limits-all",
        capitalized(", ".join(statements)),
        "Points are values, bars their 95% intervals (for an HHI, of the HHI corrected for "
        "chance). The line at 100% is the limit."
        + (" The table says why some cannot be measured." if counts["not_measurable"] else ""),
        limits_table(ordered),
        limit_chart([limit_row(*pair) for pair in zip(labels, drawn, strict=True)])
        if drawn
        else None,
        32 * len(drawn) + 60,
        tuple(
            Key(word, colour, shape)
            for state, (word, _, shape, colour) in STATES.items()
            if any(state_of(row) == state for row in drawn)
        ),
    )


def state_of(row: Fact) -> str:
    return row.state if row.state in STATES else "not_measurable"


def ratio(row: Fact, measured: float | None) -> float:
    """Return a value divided by its limit, or the limit divided by the value for lower limits."""
    value, limit = max(measured or 0, 0), row.comparison or 0
    whole, part = (value, limit) if LEAST in row.words else (limit, value)
    return part / whole if whole else 0


def limit_row(label: str, row: Fact) -> dict[str, object]:
    ends = [ratio(row, end) for end in (row.low, row.high) if end is not None]
    word, _, shape, colour = STATES[state_of(row)]
    return {
        "label": label,
        "value": ratio(row, row.value),
        "low": min(ends, default=None),
        "high": max(ends, default=None),
        "shape": shape,
        "colour": f"var(--{colour})",
        "tips": {
            "Limit": row.words,
            "Status": word,
            "Value": number(row.value, row.unit),
            "95% interval": interval(row) or NO_VALUE,
            "Limit at": number(row.comparison, row.unit),
        },
    }


def limits_table(rows: list[Fact]) -> Table:
    lines = []
    for row in rows:
        word, mark, _, colour = STATES[state_of(row)]
        status = Cell(f"{mark} {word}", mark=colour)
        limit = Cell(row.words, anchor=limit_anchor(row))
        lines.append((limit, status, value(row), compared(row), words(row.detail)))
    return Table(
        ("Limit", "Status", "Value", "Limit at", "Who, what to do, and source"), tuple(lines)
    )


def quality(facts: Facts) -> Section:
    rows = facts.section("quality")
    return Section(
        "quality",
        "Data quality",
        "Every row of the export is valid, blank, or rejected with a reason. "
        "No row is lost silently.",
        [quality_figure(rows)] if rows else [],
        "No row was counted.",
    )


def shortened(rows: list[Fact]) -> list[str]:
    """Return what a limit checks, without a remark that would be cut."""
    return [
        row.words.partition(": ")[0] if len(row.words) > WIDE_LETTERS else row.words for row in rows
    ]


def quality_figure(rows: list[Fact]) -> Figure:
    main = [row for row in rows if row.series == MAIN_BLOCK] or rows
    rejected = sum(row.value or 0 for row in main if row.state == "rejected")
    valid = next((row for row in main if row.state == "valid"), None)
    share = f", {number(valid.comparison, 'share')} of all" if valid and valid.comparison else ""
    count = number(valid.value, "rows") if valid else NO_VALUE
    shown = [row for row in main if row.value]
    drawn = [
        {
            "label": label,
            "value": row.value,
            "text": number(row.value, "rows"),
            "colour": f"var(--{CHECKS.get(row.state or '', 'accent-soft')})",
            "tips": {
                "Check": row.words,
                "Rows": number(row.value, "rows"),
                "Share": number(row.comparison, "share"),
            },
        }
        for label, row in zip(distinct(shortened(shown)), shown, strict=True)
    ]
    lines = tuple(
        (words(row.words), words(row.series), words(row.state), value(row), compared(row, "share"))
        for row in [*main, *(row for row in rows if row not in main)]
    )
    return Figure(
        "quality-all",
        f"{count} rows are valid{share}",
        f"{number(rejected, 'rows')} rejected." if rejected else "No row was rejected.",
        Table(("Check", "Part of the data", "Kind", "Rows", "Share"), lines),
        bars(drawn) if drawn else None,
        26 * len(drawn) + 10,
        tuple(
            Key(kind, colour)
            for kind, colour in CHECKS.items()
            if kind != "reason" and any(row.state == kind for row in shown)
        ),
    )
