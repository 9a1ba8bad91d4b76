"""Two shares held against each other: conditions that meet, attention and sales."""

from __future__ import annotations

from report_blocks import Figure, Key, Section, Table, compared, identifier, value, words
from report_charts import pairs
from report_facts import Fact, Facts
from report_words import distinct, number, sentence


def meeting(facts: Facts) -> Section:
    rows = facts.by_position("compound")
    return Section(
        "compound",
        "Where risks meet",
        "Conditions that hold in the same transactions. Where they meet more often than by chance, "
        "one event hits all of them.",
        [compound_figure(rows, facts.measure)] if rows else [],
        "No two conditions could be held against each other.",
    )


def compound_figure(rows: list[Fact], measure: str) -> Figure:
    """The combination that exceeds chance the most, or else comes nearest to it, heads the rest."""
    # What shares and their products leave behind the ninth digit is no excess.
    excess = [round((row.value or 0) - (row.comparison or 0), 9) for row in rows]
    worst = rows[excess.index(max(excess))]
    told = "No other exceeds chance by more." if max(excess) > 0 else "None exceeds chance."
    drawn = [
        {
            "label": label, "value": row.value, "held": row.comparison,
            "low": min(row.value or 0, row.comparison or 0),
            "high": max(row.value or 0, row.comparison or 0),
            "colour": "var(--accent)",
            "tips": {
                "Together": row.words,
                "Share": number(row.value, "share"),
                "If independent": number(row.comparison, "share"),
            },
        }
        for label, row in zip(distinct([row.words for row in rows]), rows, strict=True)
    ]  # fmt: skip
    lines = [(words(row.words), value(row), compared(row)) for row in rows]
    return Figure(
        "compound-all",
        f"{sentence(worst.words)}: together in {number(worst.value, 'share')} of {measure}",
        f"Independent of each other they would meet in {number(worst.comparison, 'share')}. {told}",
        Table(("Conditions", f"Share of {measure}", "If independent"), tuple(lines)),
        pairs(drawn, f"share of {measure}"),
        26 * len(rows) + 60,
        (Key("share", "accent", "circle"), Key("if independent", "muted", "tick")),
    )  # fmt: skip


def attention(facts: Facts) -> Section:
    figures = [
        gap_figure(place, kind, rows)
        for place, (kind, rows) in enumerate(facts.series("attention").items())
    ]
    return Section(
        "attention",
        "Looked at, and bought",
        f"Share of {facts.measure} less share of interactions: demand that does not turn into "
        "sales, and sales that need no attention.",
        figures,
        "The export has no views beside its purchases.",
    )


def gap_figure(place: int, kind: str, rows: list[Fact]) -> Figure:
    drawn = [
        {
            "label": label, "value": (row.comparison or 0) + (row.value or 0),
            "held": row.comparison,
            "low": min(row.comparison or 0, (row.comparison or 0) + (row.value or 0)),
            "high": max(row.comparison or 0, (row.comparison or 0) + (row.value or 0)),
            "colour": "var(--accent)",
            "tips": {
                "Name": row.words,
                "Gap": number(row.value, "share"),
                "Share of interactions": number(row.comparison, "share"),
            },
        }
        for label, row in zip(distinct([row.words for row in rows]), rows, strict=True)
    ]  # fmt: skip
    lines = [(words(row.words), value(row), compared(row)) for row in rows]
    return Figure(
        identifier("attention", str(place)),
        f"{sentence(kind)}: {rows[0].words} first",
        "The point is the share of the measure, the tick the share of interactions.",
        Table(("Name", "Gap", "Share of interactions"), tuple(lines)),
        pairs(drawn, "share"),
        26 * len(rows) + 60,
        (Key("share bought", "accent", "circle"), Key("share of interactions", "muted", "tick")),
        is_wide=False,
    )
