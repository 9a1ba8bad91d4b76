"""Show inequality: Lorenz curves from the smallest up, Pareto curves from the largest down."""

from __future__ import annotations

from topheavy.numbers import number
from topheavy.report.blocks import Figure, Key, Section, Table, compared, value, words
from topheavy.report.charts import curves
from topheavy.report.facts import CALENDAR, REST, Fact, Facts
from topheavy.report.twins import HARDLY_SEEN

# The number of lines that a reader can distinguish by colour and dash.
LINES = (
    ("var(--line-1)", (1, 0)),
    ("var(--line-2)", (6, 3)),
    ("var(--line-3)", (2, 2)),
    ("var(--line-4)", (8, 3, 2, 3)),
    ("var(--line-5)", (10, 4)),
    ("var(--line-6)", (3, 1)),
)


def distribution(facts: Facts) -> Section:
    figures = [*lorenz_figure(facts), *pareto_figure(facts)]
    return Section(
        "distribution",
        "How unequal",
        "Two views of the same data: from the smallest entities up, and from the largest down.",
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
    is_half = abs((half.comparison or 0) - 0.5) < 0.005
    part = "half" if is_half else number(half.comparison, "share")
    smallest = (
        f"The smaller {part} of {facts.nouns(name)} {'accounts for' if is_half else 'account for'}"
    )
    return [
        Figure(
            "lorenz",
            f"{smallest} {number(half.value, 'share')} of {facts.measure}",
            "Lorenz curves, from the smallest up: the further a curve lies below the straight "
            "line, the more unequal the dimension.",
            Table(("Dimension", "Smallest share of entities", f"Share of {facts.measure}"),
                  tuple(lines)),
            curves(drawn, "share of entities, smallest first", f"share of {facts.measure}", True),
            390,
            line_keys(list(series)),
            is_wide=False,
        )
    ]  # fmt: skip


def complete(series: dict[str, list[Fact]]) -> dict[str, list[Fact]]:
    """Return the series without missing points."""
    return {
        name: rows
        for name, rows in series.items()
        if all(row.value is not None and row.comparison is not None for row in rows)
    }


def unlike(series: dict[str, list[Fact]]) -> dict[str, list[Fact]]:
    """Return as many series as there are line styles, without those that would hide another."""
    found: dict[str, list[Fact]] = {}
    for name, rows in series.items():
        if not any(overlie(rows, other) for other in found.values()):
            found[name] = rows
    return dict(list(found.items())[: len(LINES)])


def overlie(rows: list[Fact], others: list[Fact]) -> bool:
    """Return whether two curves look the same."""
    pairs_of = zip(rows, others, strict=False)
    far = (abs((row.value or 0) - (other.value or 0)) for row, other in pairs_of)
    return len(rows) == len(others) and max(far, default=0) < HARDLY_SEEN


def every_tenth(points: list[Fact]) -> list[Fact]:
    """Return eleven points of a curve for the table; the picture has all of them."""
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
    lines = [
        (words(name), words(row.words), compared(row)) for name in series for row in series[name]
    ]
    # For fewer entities, the largest together would have everything.
    count = min(10, (len(rows) + 1) // 2)
    last = rows[count - 1]
    return [
        Figure(
            "pareto",
            f"The {count} largest {facts.nouns(name)} account for "
            f"{number(last.comparison, 'share')} of {facts.measure}",
            "Pareto curves, from the largest down.",
            Table(("Dimension", "Down to", f"Share of {facts.measure} cumulative"), tuple(lines)),
            curves(drawn, "number of entities, largest first", f"share of {facts.measure}", False),
            390,
            line_keys(list(series)),
            is_wide=False,
        )
    ]
