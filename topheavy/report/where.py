"""Where the business is concentrated: the indices of each dimension, and its leaders."""

from __future__ import annotations

from typing import Any

from topheavy.numbers import (
    HALF_LETTERS,
    NO_VALUE,
    capitalized,
    count_of,
    distinct,
    listed,
    named,
    number,
    numbers,
)
from topheavy.report.blocks import (
    Figure,
    Key,
    Section,
    Table,
    bar_table,
    compared,
    identifier,
    interval,
    value,
    words,
)
from topheavy.report.charts import bars, intervals
from topheavy.report.facts import CALENDAR, REST, Fact, Facts

VERDICTS = {
    "concentrated": "concentrated",
    "indistinguishable_from_even": "no more than chance",
    "more_even_than_chance": "more even than chance",
    "not_measurable": "not measurable",
}
# The headings of columns whose label in report_facts is shorter.
HEADINGS = {
    "HHI less chance": "HHI corrected for chance",
    "Excess over equals": "Excess over equal shares",
}
# The number of dimensions shown open, with the largest excess over equal shares; the others are
# folded.
SHOWN_FIRST = 6


def concentration(facts: Facts) -> Section:
    figures = [concentration_figure(facts)] if facts.section("concentration") else []
    return Section(
        "concentration",
        "How concentrated",
        f"How {facts.measure} is distributed within each dimension over the whole period. The "
        "verdict compares this with equal chances for all, as chance alone makes some entities "
        "larger than others.",
        figures,
        "No dimension of this export has values to compare.",
    )


def concentration_figure(facts: Facts) -> Figure:
    dimensions = facts.series("concentration")
    labels = list(dict.fromkeys(row.words for row in facts.by_position("concentration")))
    real = real_names(dimensions)
    shown = [chart_row(name, rows) for name, rows in dimensions.items()]
    drawn = [row for row in shown if row]
    count = f"{len(real) or 'None'} of {count_of(len(dimensions), 'dimension', 'dimensions')}"
    title = f"{count} {'is' if len(real) < 2 else 'are'} concentrated"
    at_zero = any((row["low"] or 0) <= 0 for row in drawn)
    return Figure(
        "concentration-all",
        f"{title} beyond chance, and by enough to matter",
        (f"Strongest first: {listed(real)}." if real else "None exceeds chance by much.")
        + (" Intervals that reach the left edge end at 0 or below." if at_zero else ""),
        concentration_table(dimensions, labels),
        intervals(drawn) if drawn else None,
        26 * len(drawn) + 60,
        (
            Key("HHI corrected for chance, with its 95% interval", "accent", "interval"),
            Key("HHI if all were equal", "muted", "tick"),
        ),
    )


def real_names(dimensions: dict[str, list[Fact]]) -> list[str]:
    """Return the dimensions with concentration beyond chance that is not negligible, by excess and
    with its level.
    """
    excesses = {
        name: row
        for name, rows in dimensions.items()
        for row in rows
        if row.label == "Excess over equals" and row.state == "concentrated"
    }
    ranked = sorted(excesses, key=lambda name: -(excesses[name].value or 0))
    return [
        f"{name.lower()} ({excesses[name].detail})"
        for name in ranked
        if excesses[name].detail != "negligible"
    ]


def chart_row(name: str, rows: list[Fact]) -> dict[str, Any]:
    """Return the HHI of a dimension minus the effect of chance; None if it cannot be measured or
    drawn on a log scale.
    """
    counted, hhi = (
        next((row for row in rows if row.label == label), None)
        for label in ("HHI", "HHI less chance")
    )
    if not counted or not hhi or hhi.value is None or hhi.state == "not_measurable":
        return {}
    if max(hhi.value, hhi.comparison or 0) <= 0:
        return {}
    return {
        "label": name,
        "value": hhi.value,
        "low": hhi.low,
        "high": hhi.high,
        "even": hhi.comparison,
        "tips": {
            "Dimension": name,
            "HHI": number(counted.value, "index"),
            "Corrected for chance": number(hhi.value, "index"),
            "95% interval": interval(hhi) or NO_VALUE,
            "If equal": number(hhi.comparison, "index"),
            "Verdict": VERDICTS.get(hhi.state or "", hhi.state or NO_VALUE),
        },
    }


def concentration_table(dimensions: dict[str, list[Fact]], labels: list[str]) -> Table:
    lines = []
    for name, rows in dimensions.items():
        by_label = {row.label: row for row in rows}
        cells = [value(by_label[label]) if label in by_label else words(None) for label in labels]
        hhi = by_label.get("HHI", rows[0])
        verdict = VERDICTS.get(hhi.state or "", hhi.state)
        lines.append(
            (words(name), *cells, compared(hhi, "index"), words(verdict), words(hhi.detail))
        )
    headings = [HEADINGS.get(label, label) for label in labels]
    return Table(("Dimension", *headings, "HHI if equal", "Verdict", "Why"), tuple(lines))


def leaders(facts: Facts) -> Section:
    series = facts.series("bars")
    order = [name for name in series if name not in CALENDAR]
    figures = [
        bar_figure(place, name, series[name], facts.measure) for place, name in enumerate(order)
    ]
    drawn = [figure for figure in figures if figure.spec]
    first, more = drawn[:SHOWN_FIRST], drawn[SHOWN_FIRST:]
    return Section(
        "leaders",
        "Who and what",
        f"The largest entities of each dimension by share of {facts.measure}, at most 15; the most "
        "concentrated dimension comes first. Each chart has its own scale: compare the numbers, "
        "not the bars.",
        first,
        f"The export names no {facts.one('customer')}, {facts.one('product')} or other attribute.",
        more,
        count_of(len(more), "other dimension", "other dimensions"),
    )


def bar_figure(place: int, name: str, rows: list[Fact], measure: str) -> Figure:
    bars_of = [row for row in rows if row.state != REST and row.value is not None]
    so_far = number(bars_of[-1].comparison, "share") if bars_of else NO_VALUE
    labels = distinct([row.words for row in bars_of], HALF_LETTERS)
    shares = numbers([row.value for row in bars_of], "share")
    drawn = [
        {
            "label": label,
            "value": row.value,
            "text": share,
            "colour": "var(--accent)" if rank == 0 else "var(--accent-soft)",
            "tips": {
                "Name": row.words,
                "Share": number(row.value, "share"),
                "Cumulative": number(row.comparison, "share"),
                capitalized(measure): row.detail or NO_VALUE,
            },
        }
        for rank, (label, row, share) in enumerate(zip(labels, bars_of, shares, strict=True))
    ]
    rest = [row for row in rows if row.state == REST]
    left = f"All others together account for {number(rest[0].value, 'share')}." if rest else ""
    total = f"The {len(bars_of)} named here account for {so_far}. {left}"
    return Figure(
        identifier("bars", str(place), name),
        bar_title(name, bars_of, measure),
        total if rest else f"All {len(bars_of)} are shown.",
        bar_table(name, rows, measure),
        bars(drawn) if drawn else None,
        26 * len(drawn) + 10,
        is_wide=False,
    )


def bar_title(name: str, rows: list[Fact], measure: str) -> str:
    if not rows:
        return name
    return (
        f"{named(name, rows[0].words)} accounts for {number(rows[0].value, 'share')} of {measure}"
    )
