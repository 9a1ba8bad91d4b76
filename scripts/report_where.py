"""Where the business is concentrated: indices, curves, bars, the heat map, what meets."""

from __future__ import annotations

from typing import Any

from report_blocks import (
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
from report_charts import bars, columns, curves, heat_map, intervals, pairs
from report_facts import Fact, Facts
from report_words import (
    NO_VALUE,
    count_of,
    distinct,
    listed,
    named,
    number,
    plural,
    sentence,
)

VERDICTS = {
    "concentrated": "concentrated",
    "indistinguishable_from_even": "no more than chance",
    "more_even_than_chance": "more even than chance",
    "not_measurable": "not measurable",
}
CALENDAR = ("Hour", "Weekday", "Month", "Year", "Date")
# Who reads a risk report asks for these first, and for what else there is only then.
ASKED_FIRST = ("Customer", "Product", "Category", "Customer segment", "Payment method", "Location")
# Six lines are as many as an eye tells apart, by colour and dash.
LINES = (
    ("var(--line-1)", (1, 0)),
    ("var(--line-2)", (6, 3)),
    ("var(--line-3)", (2, 2)),
    ("var(--line-4)", (8, 3, 2, 3)),
    ("var(--line-5)", (10, 4)),
    ("var(--line-6)", (3, 1)),
)
HARDLY_SEEN = 0.005
SHADES = 5
# The state of the bar of all who have none of their own.
REST = "rest"


def concentration(facts: Facts) -> Section:
    figures = [concentration_figure(facts)] if facts.section("concentration") else []
    return Section(
        "concentration",
        "How concentrated",
        f"Each dimension by its share of {facts.measure} over the whole period. The verdict "
        "compares it with equal chances for all: what chance deals out anyway is no finding.",
        figures,
        "No dimension of this export has values to compare.",
    )


def concentration_figure(facts: Facts) -> Figure:
    dimensions = facts.series("concentration")
    labels = list(dict.fromkeys(row.words for row in facts.by_position("concentration")))
    real = [name.lower() for name, rows in dimensions.items() if rows[0].state == "concentrated"]
    shown = [chart_row(name, rows) for name, rows in dimensions.items()]
    drawn = [row for row in shown if row]
    title = f"{sentence(count_of(len(real), 'dimension is', 'dimensions are'))} concentrated"
    at_zero = any(row["low"] is not None and row["low"] <= 0 for row in drawn)
    return Figure(
        "concentration-all",
        f"{title} beyond chance, of {len(dimensions)}",
        (f"Beyond chance: {listed(real)}." if real else "None exceeds what chance would show.")
        + (" An interval from the left edge begins at 0." if at_zero else ""),
        concentration_table(dimensions, labels),
        intervals(drawn) if drawn else None,
        26 * len(drawn) + 60,
        (
            Key("HHI as counted", "accent", "circle"),
            Key("HHI less what chance adds, 95 % interval", "accent", "interval"),
            Key("HHI if all had equal chances", "muted", "tick"),
        ),
    )


def chart_row(name: str, rows: list[Fact]) -> dict[str, Any]:
    """The HHI of a dimension for the chart; nothing where a log scale could not show it."""
    hhi = next((row for row in rows if row.label == "HHI"), None)
    if hhi is None or hhi.value is None or hhi.value <= 0:
        return {}
    return {
        "label": name,
        "value": hhi.value,
        "low": hhi.low,
        "high": hhi.high,
        "even": hhi.comparison if hhi.comparison else None,
        "tips": {
            "Dimension": name,
            "HHI": number(hhi.value, "index"),
            "95 % interval": interval(hhi) or NO_VALUE,
            "If even": number(hhi.comparison, "index"),
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
    return Table(("Dimension", *labels, "HHI if even", "Verdict", "Why"), tuple(lines))


def distribution(facts: Facts) -> Section:
    figures = [*lorenz_figure(facts), *pareto_figure(facts)]
    return Section(
        "distribution",
        "How unequal",
        "Twice the same: how much the small ones bring, and how much the large.",
        figures,
        "No dimension has five entities or more, so there is no curve to draw.",
    )


def lorenz_figure(facts: Facts) -> list[Figure]:
    series = unlike(complete(facts.series("lorenz")))
    if not series:
        return []
    drawn, lines = [], []
    for (name, points), (colour, dash) in zip(series.items(), LINES, strict=False):
        for row in points:
            drawn.append(
                {
                    "series": name, "colour": colour, "dash": dash,
                    "x": round(row.comparison or 0, 6), "y": round(row.value or 0, 6),
                    "tips": {
                        "Dimension": name,
                        "Smallest": number(row.comparison, "share"),
                        "Bring": number(row.value, "share"),
                    },
                }
            )  # fmt: skip
        lines += [(words(name), compared(row), value(row)) for row in every_tenth(points)]
    name, points = next(iter(series.items()))
    half = min(points, key=lambda row: abs((row.comparison or 0) - 0.5))
    smallest = f"The smaller {number(half.comparison, 'share')} of {plural(name.lower())} bring"
    return [
        Figure(
            "lorenz",
            f"{smallest} {number(half.value, 'share')} of {facts.measure}",
            "Lorenz curves: entities from the smallest up; the further below the straight line, "
            "the more unequal.",
            Table(("Dimension", "Smallest share of entities", f"Share of {facts.measure}"),
                  tuple(lines)),
            curves(drawn, "share of entities, smallest first", f"share of {facts.measure}", True),
            390,
            line_keys(list(series)),
            is_wide=False,
        )
    ]  # fmt: skip


def complete(series: dict[str, list[Fact]]) -> dict[str, list[Fact]]:
    """The series whose points are all there."""
    return {
        name: rows
        for name, rows in series.items()
        if all(row.value is not None and row.comparison is not None for row in rows)
    }


def unlike(series: dict[str, list[Fact]]) -> dict[str, list[Fact]]:
    """As many series as there are lines, without one that would lie under another."""
    found: dict[str, list[Fact]] = {}
    for name, rows in series.items():
        if not any(overlie(rows, other) for other in found.values()):
            found[name] = rows
    return dict(list(found.items())[: len(LINES)])


def overlie(rows: list[Fact], others: list[Fact]) -> bool:
    """Whether two curves differ by less than the eye sees."""
    pairs_of = zip(rows, others, strict=False)
    far = (abs((row.value or 0) - (other.value or 0)) for row, other in pairs_of)
    return len(rows) == len(others) and max(far, default=0) < HARDLY_SEEN


def every_tenth(points: list[Fact]) -> list[Fact]:
    """Eleven points of a curve are enough to read; the picture has them all."""
    step = max(1, (len(points) - 1) // 10)
    return points[::step] if len(points) > 11 else points


def line_keys(names: list[str]) -> tuple[Key, ...]:
    return tuple(Key(name, f"line-{place}", f"dash-{place}") for place, name in enumerate(names, 1))


def pareto_figure(facts: Facts) -> list[Figure]:
    listed_rows = {
        name: [row for row in rows if row.state != REST and row.comparison is not None]
        for name, rows in facts.series("bars").items()
        if name not in CALENDAR
    }
    series = unlike({name: rows for name, rows in listed_rows.items() if len(rows) >= 5})
    if not series:
        return []
    drawn = [
        {
            "series": name, "colour": colour, "dash": dash,
            "x": place, "y": row.comparison,
            "tips": {
                "Dimension": name, "Largest": f"{place}, the last {row.words}",
                "Bring together": number(row.comparison, "share"),
            },
        }
        for (name, rows), (colour, dash) in zip(series.items(), LINES, strict=False)
        for place, row in enumerate(rows, 1)
    ]  # fmt: skip
    name, rows = next(iter(series.items()))
    last = rows[min(10, len(rows)) - 1]
    lines = [
        (words(name), words(row.words), compared(row)) for name in series for row in series[name]
    ]
    count = min(10, len(rows))
    return [
        Figure(
            "pareto",
            f"The {count} largest {plural(name.lower())} bring "
            f"{number(last.comparison, 'share')} of {facts.measure}",
            "Pareto curves: entities from the largest down, added up.",
            Table(("Dimension", "Down to", f"Share of {facts.measure} so far"), tuple(lines)),
            curves(drawn, "number of entities, largest first", f"share of {facts.measure}", False),
            390,
            line_keys(list(series)),
            is_wide=False,
        )
    ]


def leaders(facts: Facts) -> Section:
    series = facts.series("bars")
    order = [name for name in ASKED_FIRST if name in series]
    order += [name for name in series if name not in (*ASKED_FIRST, *CALENDAR)]
    figures = [
        bar_figure(place, name, series[name], facts.measure) for place, name in enumerate(order)
    ]
    drawn = [figure for figure in figures if figure.spec]
    first, more = drawn[: len(ASKED_FIRST)], drawn[len(ASKED_FIRST) :]
    return Section(
        "leaders",
        "Who and what",
        f"The largest of each dimension by share of {facts.measure}, fifteen at most.",
        first,
        "The export names no customer, product or other attribute.",
        more,
        count_of(len(more), "dimension more", "dimensions more"),
    )


def bar_figure(place: int, name: str, rows: list[Fact], measure: str) -> Figure:
    bars_of = [row for row in rows if row.state != REST and row.value is not None]
    so_far = number(bars_of[-1].comparison, "share") if bars_of else NO_VALUE
    labels = distinct([row.words for row in bars_of])
    drawn = [
        {
            "label": label,
            "value": row.value,
            "text": number(row.value, "share"),
            "colour": "var(--accent)" if rank == 0 else "var(--accent-soft)",
            "tips": {
                "Name": row.words,
                "Share": number(row.value, "share"),
                "So far": number(row.comparison, "share"),
                sentence(measure): row.detail or NO_VALUE,
            },
        }
        for rank, (label, row) in enumerate(zip(labels, bars_of, strict=True))
    ]
    rest = [row for row in rows if row.state == REST]
    left = f"All others together bring {number(rest[0].value, 'share')}." if rest else ""
    total = f"The {len(bars_of)} named here bring {so_far}. {left}"
    return Figure(
        identifier("bars", str(place), name),
        bar_title(name, bars_of, measure),
        total if rest else f"All {len(bars_of)} that there are.",
        bar_table(name, rows, measure),
        bars(drawn) if drawn else None,
        26 * len(drawn) + 10,
        is_wide=False,
    )


def bar_title(name: str, rows: list[Fact], measure: str) -> str:
    if not rows:
        return name
    return f"{named(name, rows[0].words)} brings {number(rows[0].value, 'share')} of {measure}"


def bar_table(name: str, rows: list[Fact], measure: str) -> Table:
    lines = [
        (words(row.words), value(row), compared(row), Cell(row.detail or NO_VALUE, row.source))
        for row in rows
    ]
    return Table((name, "Share", "Added up", sentence(measure)), tuple(lines))


def timing(facts: Facts) -> Section:
    series = facts.series("bars")
    figures = {
        name: column_figure(place, name, series[name], facts.measure)
        for place, name in enumerate(CALENDAR)
        if name in series
    }
    # The trend shows the months as money.
    months = figures.pop("Month", None) if facts.section("trend") else None
    return Section(
        "timing",
        "When it comes in",
        f"Shares of {facts.measure} over the week and the day.",
        [*heat_figure(facts), *figures.values()],
        "The export has no dates that could be told apart.",
        [months] if months else [],
        "Months by their share",
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
                sentence(measure): row.detail or NO_VALUE,
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
    drawn = [
        {
            "label": row.series, "hour": row.words,
            "colour": f"var(--heat-{shade(row.value, top)})",
            "tips": {
                "When": f"{row.series}, {row.words}:00 to {row.words}:59",
                "Share": number(row.value, "share"),
                "Against independence": times(row.comparison),
            },
        }
        for row in rows
    ]  # fmt: skip
    lines = [(words(row.series), words(row.words), value(row), ratio_cell(row)) for row in rows]
    return [
        Figure(
            "heat-map",
            f"{best.series} at {best.words}:00 is the busiest hour of the week: "
            f"{number(best.value, 'share')} of {facts.measure}",
            f"That is {times(best.comparison)} what weekday and hour alone would give.",
            Table(("Weekday", "Hour", f"Share of {facts.measure}", "Against independence"),
                  tuple(lines)),
            heat_map(drawn),
            30 * len({row.series for row in rows}) + 30,
            heat_keys(top),
        )
    ]  # fmt: skip


def shade(share: float | None, top: float) -> int:
    """0 for nothing, then five shades of equal width."""
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
