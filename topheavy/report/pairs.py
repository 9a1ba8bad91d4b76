"""Compare two shares: conditions that occur together, and attention with sales."""

from __future__ import annotations

from typing import Any

from topheavy.numbers import HALF_LETTERS, LONG_LETTERS, capitalized, distinct, number
from topheavy.report.blocks import Figure, Key, Section, Table, compared, identifier, value, words
from topheavy.report.charts import pairs
from topheavy.report.facts import Fact, Facts


def meeting(facts: Facts) -> Section:
    rows = facts.by_position("compound")
    return Section(
        "compound",
        "Where risks meet",
        "Conditions that occur in the same transactions. Where they coincide more often than "
        "chance explains, one event can hit them all.",
        [compound_figure(rows, facts.measure)] if rows else [],
        "There are no two conditions to compare.",
    )


def compound_figure(rows: list[Fact], measure: str) -> Figure:
    """The combination with the largest excess over chance comes first."""
    # Differences beyond the ninth digit come from rounding shares and products and are not an
    # excess.
    excess = [round((row.value or 0) - (row.comparison or 0), 9) for row in rows]
    worst = rows[excess.index(max(excess))]
    remark = (
        "No other combination exceeds chance by more."
        if max(excess) > 0
        else "No combination exceeds chance."
    )
    drawn = [
        pair_row(label, row, row.value, ("Together", "Share", "If independent"))
        for label, row in zip(
            distinct([row.words for row in rows], LONG_LETTERS), rows, strict=True
        )
    ]
    lines = [(words(row.words), value(row), compared(row)) for row in rows]
    return Figure(
        "compound-all",
        f"{capitalized(worst.words)}: together in {number(worst.value, 'share')} of {measure}",
        f"If they were independent, it would be {number(worst.comparison, 'share')}. {remark}",
        Table(("Conditions", f"Share of {measure}", "If independent"), tuple(lines)),
        pairs(drawn, f"share of {measure}", are_long=True),
        26 * len(rows) + 60,
        (Key("share", "accent", "circle"), Key("if independent", "muted", "tick")),
    )  # fmt: skip


def pair_row(
    label: str, row: Fact, share: float | None, titles: tuple[str, str, str]
) -> dict[str, Any]:
    """Return a share and its comparison; `titles` name the row, the value and the comparison."""
    ends = share or 0, row.comparison or 0
    texts = row.words, number(row.value, "share"), number(row.comparison, "share")
    return {
        "label": label,
        "value": share,
        "held": row.comparison,
        "low": min(ends),
        "high": max(ends),
        "colour": "var(--accent)",
        "tips": dict(zip(titles, texts, strict=True)),
    }


def attention(facts: Facts) -> Section:
    figures = [
        gap_figure(place, kind, rows, f"share of {facts.several('interaction')}")
        for place, (kind, rows) in enumerate(facts.series("attention").items())
    ]
    return Section(
        "attention",
        "Views and sales",
        f"Share of {facts.measure} minus share of {facts.several('interaction')}: demand that does "
        "not turn into sales, and sales that need no attention.",
        figures,
        f"The export has no views to compare with its {facts.several('purchase')}.",
    )


def gap_figure(place: int, kind: str, rows: list[Fact], attention_share: str) -> Figure:
    titles = ("Name", "Gap", capitalized(attention_share))
    drawn = [
        pair_row(label, row, (row.comparison or 0) + (row.value or 0), titles)
        for label, row in zip(
            distinct([row.words for row in rows], HALF_LETTERS), rows, strict=True
        )
    ]
    lines = [(words(row.words), value(row), compared(row)) for row in rows]
    return Figure(
        identifier("attention", str(place)),
        f"{capitalized(kind)}: {rows[0].words} first",
        f"The point is the share of what is bought, the tick the {attention_share}.",
        Table(titles, tuple(lines)),
        pairs(drawn, "share"),
        26 * len(rows) + 60,
        (Key("share bought", "accent", "circle"), Key(attention_share, "muted", "tick")),
        is_wide=False,
    )
