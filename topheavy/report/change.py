"""What changed and what could be lost: trend, waterfall, stress."""

from __future__ import annotations

from topheavy.numbers import (
    HALF_LETTERS,
    NO_VALUE,
    capitalized,
    count_of,
    distinct,
    listed,
    number,
    numbers,
    places_of,
    signed,
)
from topheavy.report.blocks import (
    Cell,
    Figure,
    Key,
    Section,
    Table,
    compared,
    identifier,
    interval,
    value,
    words,
)
from topheavy.report.charts import band, bars, columns, waterfall
from topheavy.report.facts import Fact, Facts

MONTHS_NEEDED = 2

# The effect of a stress scenario on the limits, and its colour.
BREAKS = "breaks"
STRESS_COLOURS = {BREAKS: "var(--breach)", "holds": "var(--accent)"}
STRESS_KEYS = (
    Key("breaks a limit", "breach"),
    Key("limits hold", "accent"),
    Key("limit already broken, no limit, or nothing left", "accent-soft"),
)


def trend(facts: Facts) -> Section:
    """Return figures of the money by month, and of the HHI of each dimension that moved."""
    money: list[Figure] = []
    loud: list[Figure] = []
    quiet: list[str] = []
    first_day = facts.overview("First day")
    for place, (name, rows) in enumerate(facts.series("trend").items()):
        measured = [row for row in rows if row.value is not None]
        if len(measured) < MONTHS_NEEDED:
            continue
        if measured[0].unit != "index":
            money.append(month_figure(place, name, measured, first_day))
        elif moved(measured):
            loud.append(band_figure(place, name, measured))
        else:
            quiet.append(name)
    return Section(
        "trend",
        "Month by month",
        "HHI corrected for chance, with its 95% interval. Months whose intervals overlap cannot "
        "be told apart." + (" Each chart has its own scale." if len(loud) > 1 else "")
        if loud
        else f"{capitalized(facts.measure)} by month. The HHI of no dimension changed clearly.",
        [*money, *loud],
        "The export covers fewer than two months.",
        calm=not_moved("From the first to the last complete month", quiet),
    )


def not_moved(when: str, names: list[str]) -> str:
    """Return one line about all dimensions that did not move."""
    if not names:
        return ""
    return f"{when}, no clear change: {listed([name.lower() for name in names])}."


def month_figure(place: int, name: str, rows: list[Fact], first_day: Fact | None = None) -> Figure:
    complete = [row for row in rows if row.state != "incomplete"] or rows
    best, least = (pick(complete, key=lambda row: row.value or 0) for pick in (max, min))
    drawn = [
        {
            "label": row.words,
            "value": row.value,
            "colour": "var(--accent)" if row.state != "incomplete" else "var(--accent-soft)",
            "tips": {
                "Month": row.words,
                name: number(row.value, row.unit),
                "Covered": "in part" if row.state == "incomplete" else "in full",
            },
        }
        for row in rows
    ]
    lines = [(words(row.words), value(row), words(row.state)) for row in rows]
    return Figure(
        identifier("trend", str(place)),
        f"{name} between {number(least.value, least.unit)} in {least.words} and "
        f"{number(best.value, best.unit)} in {best.words}",
        f"By calendar month; the axis begins at 0.{cut_words(rows, first_day)}"
        + partly(rows, " The data cover only part of the pale months."),
        Table(("Month", name, "Covered"), tuple(lines)),
        columns(drawn, "~s"),
        240,
    )


def cut_words(rows: list[Fact], first_day: Fact | None) -> str:
    """Describe which months of a long export are not shown."""
    began = (first_day.detail or "")[:7] if first_day else ""
    if not began or rows[0].words <= began:
        return ""
    return f" Shown are the latest {len(rows)} months; the data begin in {began}."


def band_figure(place: int, name: str, rows: list[Fact]) -> Figure:
    """Return the HHI by month with its interval; the band has a gap in months without one."""
    drawn = [
        {
            "label": row.words,
            "value": row.value,
            "low": None if row.low is None else max(row.low, 0),
            "high": None if row.high is None else min(row.high, 1),
            "fill": "var(--paper)" if row.state == "incomplete" else "var(--accent)",
            "tips": {
                "Month": row.words,
                "HHI": number(row.value, "index"),
                "95% interval": interval(row) or NO_VALUE,
                "As counted": number(row.comparison, "index"),
            },
        }
        for row in rows
    ]
    lines = [(words(row.words), value(row), compared(row), words(row.state)) for row in rows]
    return Figure(
        identifier("trend", str(place), name),
        f"{name}: {movement_words(rows)}",
        f"Last: {last_words(rows)}." + partly(rows, " The data cover only part of hollow months."),
        Table(("Month", "HHI corrected for chance", "HHI as counted", "Covered"), tuple(lines)),
        band(drawn),
        230,
        is_wide=False,
    )


def partly(rows: list[Fact], words_of_it: str) -> str:
    """Return a remark on partial months, if there are any."""
    return words_of_it if any(row.state == "incomplete" for row in rows) else ""


def last_words(rows: list[Fact]) -> str:
    last = rows[-1]
    return f"{number(last.value, 'index')}{in_brackets(interval(last))} in {last.words}"


def in_brackets(text: str) -> str:
    """Return a text in parentheses for use after a number; empty if there is none."""
    return f" ({text})" if text else ""


def complete_ends(rows: list[Fact]) -> tuple[Fact, Fact] | None:
    """Return the first and the last month that the data cover in full."""
    complete = [row for row in rows if row.state != "incomplete"]
    return (complete[0], complete[-1]) if len(complete) >= MONTHS_NEEDED else None


def moved(rows: list[Fact]) -> bool:
    """Return whether the intervals of the first and last complete month are apart."""
    ends = complete_ends(rows)
    if ends is None:
        return False
    (first_low, first_high), (last_low, last_high) = (reach(row) for row in ends)
    return last_low > first_high or last_high < first_low


def reach(row: Fact) -> tuple[float, float]:
    """Return the ends of a row's interval; without an interval they are infinite."""
    return (0 if row.low is None else row.low, 1 if row.high is None else row.high)


def movement_words(rows: list[Fact]) -> str:
    ends = complete_ends(rows)
    if ends is None:
        return "no two complete months to compare"
    first, last = ends
    if not moved(rows):
        return f"no clear change from {first.words} to {last.words}"
    direction = "more" if (last.value or 0) > (first.value or 0) else "less"
    return f"{direction} concentrated in {last.words} than in {first.words}"


def changes(facts: Facts) -> Section:
    """Return figures of the money that moved and of each HHI that did, and a line about
    the rest.
    """
    series = {name: rows for name, rows in facts.series("changes").items() if len(rows) > 1}
    loud = [name for name, rows in series.items() if is_clear(rows)]
    figures = [
        change_figure(place, name, rows)
        for place, (name, rows) in enumerate(series.items())
        if name in loud
    ]
    money = facts.by_position("value_changes")
    quiet = [name for name in series if name not in loud]
    return Section(
        "changes",
        "What changed",
        "Rises and falls beyond chance, in money."
        + (
            " Below is the HHI where it moved beyond chance; each chart has its own scale."
            if loud
            else ""
        ),
        [*([value_figure(money, facts.measure)] if money else []), *figures],
        "There are no two complete periods to compare, or nothing moved beyond chance.",
        calm=" ".join(not_moved(when, names) for when, names in by_comparison(quiet).items()),
    )


def by_comparison(series: list[str]) -> dict[str, list[str]]:
    """Group dimensions by the compared periods, which follow the last comma."""
    found: dict[str, list[str]] = {}
    for name in series:
        dimension, _, periods = name.rpartition(", ")
        found.setdefault(f"HHI, {periods}" if dimension else "HHI", []).append(dimension or name)
    return found


def value_figure(rows: list[Fact], measure: str) -> Figure:
    """Return a figure of rises and falls, sorted by money per year."""
    fell = sum((row.value or 0) < 0 for row in rows)
    labels = distinct([row.words for row in rows])
    places = places_of([row.value for row in rows], rows[0].unit)
    drawn = [
        {
            "label": label,
            "value": abs(row.value or 0),
            "text": signed(row.value, row.unit, places),
            "colour": "var(--line-1)" if (row.value or 0) < 0 else "var(--line-2)",
            "tips": {
                "Who": row.words,
                "Change": signed(row.value, row.unit),
                "Before": number(row.comparison, row.unit),
                "Movement": row.state or NO_VALUE,
            },
        }
        for label, row in zip(labels, rows, strict=True)
    ]
    lines = tuple(
        (words(row.words), value(row), compared(row), words(row.state), words(row.detail))
        for row in rows
    )
    return Figure(
        "value-changes",
        f"{len(rows) - fell} rose and {fell} fell in {measure} beyond chance",
        "Tested order by order, corrected for the number of comparisons, in the latest complete "
        "periods.",
        Table(("Who and when", "Change", "Before", "Movement", "From and to"), lines),
        bars(drawn),
        26 * len(rows) + 10,
        (Key("rose", "line-2"), Key("fell", "line-1")),
    )


def is_clear(rows: list[Fact]) -> bool:
    return (rows[-1].detail or "").startswith(("rose", "fell"))


def change_figure(place: int, name: str, rows: list[Fact]) -> Figure:
    """Return a waterfall from one HHI to the other; the last row is the change itself."""
    *path, change = rows
    moved_by = signed(change.value, "index")
    free = interval(change)
    return Figure(
        identifier("changes", str(place)),
        f"{name}: HHI {change.detail or 'changed'}",
        f"{moved_by} in all, from {number(path[0].value, 'index')} to "
        f"{number(path[-1].value, 'index')}."
        + (f" Corrected for chance, 95% interval: {free}." if free else ""),
        Table(
            ("Step", "HHI or contribution", "Movement"),
            tuple((words(row.words), value(row), words(row.state)) for row in rows),
        ),
        waterfall(steps(path)),
        26 * len(path) + 60,
        (
            Key("adds to the HHI", "line-2"),
            Key("takes from it", "line-1"),
            Key("HHI", "ink", "tick"),
        ),
        is_wide=False,
    )


def steps(rows: list[Fact]) -> list[dict[str, object]]:
    """Return the bars: each contribution starts at the end of the previous one."""
    level = rows[0].value or 0.0
    drawn: list[dict[str, object]] = []
    places = places_of([row.value for row in rows], "index")
    labels = distinct([row.words for row in rows], HALF_LETTERS)
    for place, (label, row) in enumerate(zip(labels, rows, strict=True)):
        is_end = place in (0, len(rows) - 1)
        amount = row.value or 0.0
        start, level = (amount, amount) if is_end else (level, level + amount)
        text = (number if is_end else signed)(amount, "index", places)
        drawn.append(
            {
                "label": label,
                "kind": "end" if is_end else "step",
                "start": start,
                "end": level,
                "right": max(start, level),
                "colour": "var(--line-2)" if amount > 0 else "var(--line-1)",
                "text": text,
                "tips": {
                    "Name": row.words,
                    "Movement": row.state or NO_VALUE,
                    "Value": text,
                },
            }
        )
    return drawn


def stress(facts: Facts) -> Section:
    losses = facts.series("stress")
    figures = [stress_figure(key, rows, facts.of_measure(key)) for key, rows in losses.items()]
    # The main measure comes first.
    figures.sort(key=lambda figure: figure.id != identifier("stress", facts.measure_key))
    questions = facts.by_position("reverse_stress")
    return Section(
        "stress",
        "What would be lost",
        "These are not forecasts: each scenario removes entities from past data and adds up what "
        "is lost with them.",
        [*figures, *([reverse_figure(questions, facts)] if questions else [])],
        "No scenario affects this export.",
    )


def stress_figure(key: str, rows: list[Fact], measure: str) -> Figure:
    """Return a figure of the loss in one measure: money and counts do not share an axis."""
    worst = max(rows, key=lambda row: row.value or 0)
    breaking = sum(row.state == BREAKS for row in rows)
    labels = distinct([row.words for row in rows])
    lost = numbers([row.value for row in rows], worst.unit)
    shares = numbers([row.comparison for row in rows], "share")
    drawn = [
        {
            "label": label,
            "value": row.value,
            "text": f"{value_lost} ({share_lost})",
            "colour": STRESS_COLOURS.get(row.state or "", "var(--accent-soft)"),
            "tips": {
                "Scenario": row.words,
                "Lost": number(row.value, row.unit),
                "Share lost": number(row.comparison, "share"),
                "Limits": row.state or NO_VALUE,
                "Detail": row.detail or NO_VALUE,
            },
        }
        for label, row, value_lost, share_lost in zip(labels, rows, lost, shares, strict=True)
    ]
    lines = tuple(
        (words(row.words), value(row), compared(row, "share"), words(row.state), words(row.detail))
        for row in rows
    )
    return Figure(
        identifier("stress", key),
        f"{worst.words}: {number(worst.comparison, 'share')} of {measure} would be lost",
        f"{breaking or 'None'} of {count_of(len(rows), 'scenario', 'scenarios')} would break a "
        "limit that holds today.",
        Table(("Scenario", "Lost", "Share lost", "Limits", "Detail"), lines),
        bars(drawn),
        26 * len(rows) + 10,
        tuple(
            key
            for key in STRESS_KEYS
            if any(row["colour"] == f"var(--{key.colour})" for row in drawn)
        ),
    )


def reverse_figure(rows: list[Fact], facts: Facts) -> Figure:
    """Return a table with one row per dimension and one column per lost share."""
    targets = sorted({row.comparison for row in rows if row.comparison is not None})
    by_dimension: dict[str, list[Fact]] = {}
    for row in rows:
        by_dimension.setdefault(row.series, []).append(row)
    lines = []
    for name, questions in by_dimension.items():
        answers = {
            row.comparison: Cell(number(row.value, "count"), row.source) for row in questions
        }
        cells = [answers.get(target, words(None)) for target in targets]
        lines.append((words(name), *cells, words(questions[-1].detail)))
    heads = [f"{number(target, 'share')} lost" for target in targets]
    return Figure(
        "reverse-stress",
        reverse_title(rows, facts),
        "Reverse stress: the smallest number whose loss would cost that share.",
        Table(("Dimension", *heads, "The largest of them"), tuple(lines)),
    )


def reverse_title(rows: list[Fact], facts: Facts) -> str:
    """Return a title with the first dimension and the share that is nearest to a quarter."""
    of_first = [row for row in rows if row.series == rows[0].series]
    row = min(of_first, key=lambda row: abs((row.comparison or 0) - 0.25))
    kind = facts.nouns(row.series, row.value or 0)
    verb = "accounts for" if row.value == 1 else "together account for"
    return (
        f"{number(row.value, 'count')} {kind} {verb} at least "
        f"{number(row.comparison, 'share')} of {facts.measure}"
    )
