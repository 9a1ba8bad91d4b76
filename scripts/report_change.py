"""What moved, and what would be lost: trend, waterfall, stress."""

from __future__ import annotations

from report_blocks import Cell, Figure, Key, Section, Table, compared, identifier, value, words
from report_charts import band, bars, columns, waterfall
from report_facts import Fact, Facts
from report_words import (
    CRITICAL_SCORE,
    NO_VALUE,
    count_of,
    distinct,
    interval,
    margin,
    number,
    sentence,
    signed,
)

MONTHS_NEEDED = 2
MOVEMENTS = {"grew": "var(--warn)", "entered": "var(--warn)"}


def trend(facts: Facts) -> Section:
    """Money month by month, and the HHI of each dimension that has more than one month."""
    figures = []
    for place, (name, rows) in enumerate(trend_series(facts).items()):
        measured = [row for row in rows if row.value is not None]
        if len(measured) >= MONTHS_NEEDED:
            draw = month_figure if rows[0].unit != "index" else band_figure
            figures.append(draw(place, name, measured))
    return Section(
        "trend",
        "Month by month",
        "HHI with what chance adds taken off, in its 95 % band: only what leaves the band has moved.",
        figures,
        "The export covers fewer than two months.",
    )


def trend_series(facts: Facts) -> dict[str, list[Fact]]:
    """Money first, then the dimensions in their order."""
    series = facts.series("trend")
    return dict(sorted(series.items(), key=lambda item: item[1][0].unit == "index"))


def month_figure(place: int, name: str, rows: list[Fact]) -> Figure:
    complete = [row for row in rows if row.state != "incomplete"] or rows
    best, least = (pick(complete, key=lambda row: row.value or 0) for pick in (max, min))
    drawn = [
        {
            "label": row.words,
            "value": row.value,
            "colour": "var(--accent)" if row.state != "incomplete" else "var(--accent-soft)",
            "Month": row.words,
            name: number(row.value, row.unit),
            "Covered": "in part" if row.state == "incomplete" else "in full",
        }
        for row in rows
    ]
    lines = [(words(row.words), value(row), words(row.state)) for row in rows]
    return Figure(
        identifier("trend", str(place)),
        f"{name} between {number(least.value, least.unit)} in {least.words} and "
        f"{number(best.value, best.unit)} in {best.words}",
        "By calendar month; pale months are covered by the data in part.",
        Table(("Month", name, "Covered"), tuple(lines)),
        columns(drawn, "~s"),
        240,
    )


def band_figure(place: int, name: str, rows: list[Fact]) -> Figure:
    drawn = [
        {
            "label": row.words,
            "value": row.value,
            "low": (row.value or 0) - CRITICAL_SCORE * (row.uncertainty or 0),
            "high": (row.value or 0) + CRITICAL_SCORE * (row.uncertainty or 0),
            "fill": "var(--paper)" if row.state == "incomplete" else "var(--accent)",
            "Month": row.words,
            "HHI": number(row.value, "index"),
            "95 % interval": interval(row.value, row.uncertainty, "index") or NO_VALUE,
            "As counted": number(row.comparison, "index"),
        }
        for row in rows
    ]
    lines = [
        (words(row.words), value(row), compared(row), words(row.state)) for row in rows
    ]
    return Figure(
        identifier("trend", str(place), name),
        f"{name}: {movement_words(rows)}",
        "Hollow points are months that the data cover in part.",
        Table(("Month", "HHI less chance", "HHI as counted", "Covered"), tuple(lines)),
        band(drawn),
        230,
        is_wide=False,
    )


def movement_words(rows: list[Fact]) -> str:
    """Whether the intervals of the first and last complete month leave room for no change."""
    complete = [row for row in rows if row.state != "incomplete"]
    if len(complete) < MONTHS_NEEDED:
        return "no two complete months to compare"
    first, last = complete[0], complete[-1]
    change = (last.value or 0) - (first.value or 0)
    reach = CRITICAL_SCORE * ((last.uncertainty or 0) + (first.uncertainty or 0))
    if abs(change) <= reach:
        return f"no clear change from {first.words} to {last.words}"
    direction = "more" if change > 0 else "less"
    return f"{direction} concentrated in {last.words} than in {first.words}"


def changes(facts: Facts) -> Section:
    figures = [
        change_figure(place, name, sorted(rows, key=lambda row: row.position))
        for place, (name, rows) in enumerate(facts.series("changes").items())
        if len(rows) >= MONTHS_NEEDED
    ]
    return Section(
        "changes",
        "What changed, and who moved it",
        "From the HHI of the period before to that of the latest complete one, step by step.",
        figures,
        "There are no two complete periods to compare.",
    )


def change_figure(place: int, name: str, rows: list[Fact]) -> Figure:
    before, after = rows[0], rows[-1]
    unsure = margin(after.uncertainty, "index")
    change = signed((after.value or 0) - (before.value or 0), "index")
    return Figure(
        identifier("changes", str(place)),
        f"{name}: HHI {before.detail or 'changed'}",
        f"{change} {unsure} in all, from {number(before.value, 'index')} to "
        f"{number(after.value, 'index')}.".replace("  ", " "),
        Table(
            ("Step", "HHI or contribution", "Movement"),
            tuple((words(row.words), value(row), words(row.state)) for row in rows),
        ),
        waterfall(steps(rows)),
        26 * len(rows) + 60,
        (Key("adds to the HHI", "warn"), Key("takes from it", "line-1"), Key("HHI", "ink", "tick")),
        is_wide=False,
    )


def steps(rows: list[Fact]) -> list[dict[str, object]]:
    """Each contribution from where the one before ended; both ends as they are."""
    level = rows[0].value or 0.0
    drawn: list[dict[str, object]] = []
    labels = distinct([row.words for row in rows])
    for place, (label, row) in enumerate(zip(labels, rows, strict=True)):
        is_end = place in (0, len(rows) - 1)
        amount = row.value or 0.0
        start, level = (amount, amount) if is_end else (level, level + amount)
        drawn.append(
            {
                "label": label,
                "kind": "end" if is_end else "step",
                "start": start,
                "end": level,
                "right": max(start, level),
                "colour": "var(--warn)" if amount > 0 else "var(--line-1)",
                "text": number(amount, "index") if is_end else signed(amount, "index"),
                "Name": row.words,
                "Movement": row.state or NO_VALUE,
                "Value": number(amount, "index") if is_end else signed(amount, "index"),
            }
        )
    return drawn


def stress(facts: Facts) -> Section:
    losses = facts.by_position("stress")
    figures = [stress_figure(losses, facts.measure)] if losses else []
    questions = facts.by_position("reverse_stress")
    return Section(
        "stress",
        "What would be lost",
        "Not forecasts: each takes entities out of the past and adds up what goes with them.",
        [*figures, *([reverse_figure(questions)] if questions else [])],
        "No scenario hits anything in this export.",
    )


def stress_figure(rows: list[Fact], measure: str) -> Figure:
    worst = max(rows, key=lambda row: row.value or 0)
    breaking = sum("break" in (row.state or "") for row in rows)
    labels = distinct([row.words for row in rows])
    drawn = [
        {
            "label": label,
            "value": row.value,
            "text": f"{number(row.value, row.unit)}  ({number(row.comparison, 'share')})",
            "colour": "var(--breach)" if "break" in (row.state or "") else "var(--accent)",
            "Scenario": row.words,
            "Lost": number(row.value, row.unit),
            "Share lost": number(row.comparison, "share"),
            "Limits": row.state or NO_VALUE,
            "Detail": row.detail or NO_VALUE,
        }
        for label, row in zip(labels, rows, strict=True)
    ]
    lines = tuple(
        (words(row.words), value(row), compared(row, "share"), words(row.state), words(row.detail))
        for row in rows
    )
    return Figure(
        "stress-all",
        f"{worst.words}: {number(worst.comparison, 'share')} of {measure} would be lost",
        f"{sentence(count_of(breaking, 'scenario', 'scenarios'))} of {len(rows)} would break a "
        "limit.",
        Table(("Scenario", "Lost", "Share lost", "Limits", "Detail"), lines),
        bars(drawn),
        26 * len(rows) + 10,
        (Key("breaks a limit", "breach"), Key("limits hold", "accent")),
    )


def reverse_figure(rows: list[Fact]) -> Figure:
    fewest = min(rows, key=lambda row: row.value or 0)
    lines = tuple(
        (words(row.words), Cell(number(row.value, "count"), row.source), words(row.detail))
        for row in rows
    )
    return Figure(
        "reverse-stress",
        f"{fewest.words}: {number(fewest.value, 'count')}",
        "The other way round: how few must go until that much is lost.",
        Table(("Question", "How many", "The first of them"), lines),
    )
