"""When revenue comes in: bars of the calendar, and weekdays against hours."""

from __future__ import annotations

from topheavy.numbers import NO_VALUE, capitalized, number
from topheavy.report.blocks import (
    Cell,
    Figure,
    Key,
    Section,
    Table,
    bar_table,
    identifier,
    value,
    words,
)
from topheavy.report.charts import columns, heat_map
from topheavy.report.facts import CALENDAR, Fact, Facts

SHADES = 5


def timing(facts: Facts) -> Section:
    series = facts.series("bars")
    figures = {
        name: column_figure(place, name, series[name], facts.measure)
        for place, name in enumerate(CALENDAR)
        if name in series
    }
    # The trend shows months as money.
    if facts.section("trend"):
        figures.pop("Month", None)
    return Section(
        "timing",
        "When it comes in",
        f"How {facts.measure} is spread over the week and the day.",
        [*heat_figure(facts), *figures.values()],
        "The export has no dates to compare.",
    )


def column_figure(place: int, name: str, rows: list[Fact], measure: str) -> Figure:
    best = max(rows, key=lambda row: row.value or 0)
    drawn = [
        {
            "label": short(name, row.words),
            "value": row.value,
            "colour": "var(--accent)" if row is best else "var(--accent-soft)",
            "tips": {
                name: row.words,
                "Share": number(row.value, "share"),
                capitalized(measure): row.detail or NO_VALUE,
            },
        }
        for row in rows
    ]
    return Figure(
        identifier("bars", "calendar", str(place)),
        f"{when(name, best.words)} is the strongest {name.lower()}, with "
        f"{number(best.value, 'share')} of {measure}",
        f"An even spread would put {number(1 / len(rows), 'share')} in each.",
        bar_table(name, rows, measure),
        columns(drawn, "~%"),
        240,
        is_wide=name == "Month",
    )


def when(name: str, label: str) -> str:
    return f"{label}:00" if name == "Hour" else label


def short(name: str, label: str) -> str:
    return label[:3] if name == "Weekday" else label


def heat_figure(facts: Facts) -> list[Figure]:
    rows = facts.by_position("heat_map")
    top = max([row.value or 0 for row in rows] + [0])
    if not top:
        return []
    best = max(rows, key=lambda row: row.value or 0)
    drawn: list[dict[str, object]] = [
        {
            "label": row.series, "hour": row.words,
            "colour": f"var(--heat-{shade(row.value, top)})",
            "tips": {
                "When": f"{row.series}, {row.words}:00 to {row.words}:59",
                "Share": number(row.value, "share"),
                "Compared with independence": times(row.comparison),
            },
        }
        for row in rows
    ]  # fmt: skip
    drawn += empty_cells(rows)
    lines = [(words(row.series), words(row.words), value(row), ratio_cell(row)) for row in rows]
    return [
        Figure(
            "heat-map",
            f"{best.series} at {best.words}:00 is the busiest hour of the week: "
            f"{number(best.value, 'share')} of {facts.measure}",
            f"That is {times(best.comparison)} what the weekday and the hour alone would suggest.",
            Table(("Weekday", "Hour", f"Share of {facts.measure}", "Compared with independence"),
                  tuple(lines)),
            heat_map(drawn),
            30 * len({row.series for row in rows}) + 30,
            heat_keys(top),
        )
    ]  # fmt: skip


def empty_cells(rows: list[Fact]) -> list[dict[str, object]]:
    """Return the hours of the week without any activity."""
    known = {(row.series, row.words) for row in rows}
    return [
        {"label": day, "hour": f"{hour:02}", "colour": "var(--heat-0)",
         "tips": {"When": f"{day}, {hour:02}:00 to {hour:02}:59", "Share": number(0, "share")}}
        for day in dict.fromkeys(row.series for row in rows)
        for hour in range(24)
        if (day, f"{hour:02}") not in known
    ]  # fmt: skip


def shade(share: float | None, top: float) -> int:
    """Return 0 for nothing, otherwise one of five shades of equal width."""
    return min(SHADES, 1 + int(SHADES * share / top)) if share and share > 0 else 0


def heat_keys(top: float) -> tuple[Key, ...]:
    steps = [
        Key(f"up to {number(top * step / SHADES, 'share')}", f"heat-{step}")
        for step in range(1, SHADES + 1)
    ]
    return (Key("nothing", "heat-0"), *steps)


def times(ratio: float | None) -> str:
    return NO_VALUE if ratio is None else f"{ratio:.1f} times"


def ratio_cell(row: Fact) -> Cell:
    return Cell(times(row.comparison), row.comparison_source)
