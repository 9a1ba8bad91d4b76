"""The pictures of the report as Vega-Lite specifications.

Colours are variables of the style sheet (`var(--accent)`), so that the page can turn dark, or pale
for print, without drawing again. Every text in a tooltip is formatted in Python, as in the tables.
Rows are dictionaries with short keys: `label`, `value`, the keys that a chart requires, and `tips`,
the lines of the tooltip.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from topheavy.report.blocks import Spec

Row = dict[str, Any]

BAND = 26
# The width of a name with conditions on an axis, in pixels.
LONG_LABEL = 480
# Vega interprets field names as expressions, in which quotes, dots and brackets have a meaning.
# Names from the export are therefore values and never field names.
TIPS: Spec = {"value": {"expr": "datum.tips"}}
# Legends are part of the page, so that they wrap on a phone and screen readers read them.
CONFIG: Spec = {
    "background": "transparent",
    "font": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    "aria": False,
    "padding": {"left": 2, "top": 2, "right": 8, "bottom": 2},
    "view": {"stroke": None},
    "legend": {"disable": True},
    "axis": {
        "domain": False,
        "ticks": False,
        "grid": False,
        "labelColor": "var(--muted)",
        "titleColor": "var(--muted)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelPadding": 8,
        "titlePadding": 12,
        "gridColor": "var(--line)",
    },
    "axisY": {"labelLimit": 340},
    "axisX": {"labelOverlap": "greedy", "labelSeparation": 14, "labelFlush": True},
    "scale": {"bandPaddingInner": 0.35, "bandPaddingOuter": 0.2},
    "text": {"fill": "var(--ink)", "fontSize": 12},
}


def finish(*layers: Spec, rows: Sequence[Row], height: int) -> Spec:
    """Combine the layers on one data set, as wide as the page allows.

    The page stores the configuration once for all charts; a test validates them against the schema.
    """
    return {
        "layer": list(layers),
        "autosize": {"contains": "padding", "type": "fit-x"},
        "data": {"values": list(rows)},
        "height": height,
        "width": "container",
    }


def layer(mark: str, encoding: Spec, **look: Any) -> Spec:
    return {"mark": {"type": mark, **look}, "encoding": encoding}


def number(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "quantitative", **more}


def text(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "nominal", **more}


# The colour of each row is a value, not a place on a scale.
COLOUR = text("colour", scale=None)
ACCENT: Spec = {"value": "var(--accent)"}
MUTED: Spec = {"value": "var(--muted)"}
INK: Spec = {"value": "var(--ink)"}


def share_axis(title: str | None = None) -> Spec:
    return {"format": "~%", "tickCount": 5, "title": title, "grid": True}


def names(rows: Sequence[Row], padding: int | None = None, **axis: Any) -> Spec:
    """Return the labels of the rows in the order of the data, in the main text colour."""
    return text(
        "label",
        sort=list(dict.fromkeys(row["label"] for row in rows)),
        # They are drawn above the marks, because on a phone the names overlap the chart.
        axis={"labelColor": "var(--ink)", "title": None, "zindex": 1, **axis},
        scale={"type": "band"} if padding is None else {"padding": padding},
    )


def bars(rows: Sequence[Row]) -> Spec:
    """Return horizontal bars with their value (`text`) at the end, in the colour of each row."""
    top = max([row["value"] for row in rows] + [0])
    # The longest text needs room after the longest bar, also on a phone and in half a page of
    # paper.
    room = 1.24 + 0.022 * max((len(row["text"]) for row in rows), default=0)
    length = number("value", axis=None, scale={"domain": [0, top * room or 1]})
    base = {"y": names(rows), "x": length}
    return finish(
        layer("bar", {**base, "color": COLOUR, "tooltip": TIPS}, cornerRadiusEnd=2),
        layer("text", {**base, "text": text("text")}, align="left", dx=6),
        rows=rows,
        height=BAND * len(rows),
    )


# The axis shows 0 instead of 0k.
PLAIN_ZERO = "datum.value === 0 && indexof(datum.label, '%') < 0 ? '0' : datum.label"


def columns(rows: Sequence[Row], axis_format: str) -> Spec:
    """Return vertical bars in calendar order."""
    across = text(
        "label",
        sort=None,
        axis={"labelAngle": 0, "title": None},
        scale={"paddingInner": 0.15, "paddingOuter": 0.1},
    )
    axis = {"labelExpr": PLAIN_ZERO, "tickCount": 4, "title": None, "grid": True}
    up = number("value", axis={"format": axis_format, **axis})
    encoding = {"x": across, "y": up, "color": COLOUR, "tooltip": TIPS}
    return finish(layer("bar", encoding, cornerRadiusEnd=1), rows=rows, height=200)


def limits(rows: Sequence[Row]) -> Spec:
    """Return each indicator as a multiple of its limit, with its interval; the limit is the line at
    1.
    """
    reach = max([1.2] + [row[key] or 0 for row in rows for key in ("value", "high")]) * 1.05
    axis = {"format": "~%", "tickCount": 6, "grid": True, "title": "in percent of the limit"}
    across = number("value", axis=axis, scale={"domain": [0, reach], "nice": False})
    limit, end = {"datum": 1}, {"datum": reach}
    span = {"x": number("low"), "x2": {"field": "high"}}
    point = {"x": across, "shape": text("shape", scale=None), "tooltip": TIPS}
    # Each row has a lane: names above the marks, as on a phone, have a plain background.
    lane = {"y": names(rows)}
    base = {**lane, "color": COLOUR}
    return finish(
        layer("rect", {**lane, "x": limit, "x2": end}, opacity=0.1, fill="var(--breach)"),
        layer("rect", {**lane, "x": limit}, width=1.5, fill="var(--ink)"),
        layer("rule", {**base, **span}, strokeWidth=5, opacity=0.35, strokeCap="round"),
        layer("point", {**base, **point}, size=130, filled=True, opacity=1),
        rows=rows,
        height=(BAND + 6) * len(rows),
    )


def intervals(rows: Sequence[Row]) -> Spec:
    """Return values with intervals and a tick for the reference, on a log scale.

    Ends below the lowest power of ten, including 0, are drawn at the left edge.
    """
    decades = powers_of_ten(rows)
    scale = {"type": "log", "domain": [decades[0], decades[-1]], "nice": False, "clamp": True}
    axis = {"values": decades, "grid": True, "title": "HHI (logarithmic scale)", "format": "~g"}
    base = {"y": names(rows)}
    span = {"x": number("low", scale=scale, axis=axis), "x2": {"field": "high"}, "color": ACCENT}
    even = {"x": number("even", scale=scale), "color": MUTED}
    point = {"x": number("value", scale=scale), "color": ACCENT, "tooltip": TIPS}
    return finish(
        layer("rule", {**base, **span}, strokeWidth=5, opacity=0.35, strokeCap="round"),
        layer("tick", {**base, **even}, thickness=2.5, height=16),
        layer("point", {**base, **point}, size=100, filled=True, opacity=1),
        rows=rows,
        height=BAND * len(rows),
    )


def powers_of_ten(rows: Sequence[Row]) -> list[float]:
    """Return the powers of ten that enclose all values.

    An interval may end near 0, and a scale that included its end would show little else.
    """
    points = [row[key] for row in rows for key in ("value", "even") if (row[key] or 0) > 0]
    ends = [row[key] or 0 for row in rows for key in ("low", "high")]
    found = points + [end for end in ends if end > min(points) / 10]
    low, high = math.floor(math.log10(min(found))), math.ceil(math.log10(max(found)))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]


def curves(rows: Sequence[Row], across: str, up: str, diagonal: bool) -> Spec:
    """Return one line per `series`, distinct in colour and dash; `across` and `up`
    title the axes.
    """
    order = list(dict.fromkeys((row["series"], row["colour"], row["dash"]) for row in rows))
    series = [name for name, _, _ in order]
    axis_x = share_axis(across) if diagonal else {"title": across, "tickMinStep": 1}
    top = max(row["y"] for row in rows)

    def by_series(values: list[Any]) -> Spec:
        return text("series", scale={"domain": series, "range": values})

    lines = {
        "x": number("x", axis=axis_x, scale={"nice": False, "zero": diagonal}),
        "y": number("y", axis=share_axis(up), scale={"domain": [0, 1 if diagonal else top]}),
        "color": by_series([colour for _, colour, _ in order]),
        "strokeDash": by_series([list(dash) for _, _, dash in order]),
    }
    even = layer("line", {"x": number("x"), "y": number("y")}, strokeWidth=1, color="var(--muted)")
    ends = {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]}
    plain = [{key: part for key, part in row.items() if key != "dash"} for row in rows]
    return finish(
        *([{**even, "data": ends}] if diagonal else []),
        layer("line", lines, strokeWidth=2.2, clip=True),
        layer("point", {**lines, "tooltip": TIPS}, size=90, opacity=0),
        rows=plain,
        height=320,
    )


def heat_map(rows: Sequence[Row]) -> Spec:
    """Return weekdays as rows and hours as columns, in the page's five shades from
    least to most.
    """
    cells = {
        "x": text(
            "hour",
            axis={"labelAngle": 0, "orient": "top", "title": None, "labelSeparation": 4},
            scale={"domain": [f"{hour:02}" for hour in range(24)], "padding": 0},
        ),
        # Weekdays are short enough to stay beside their row on a phone.
        "y": names(rows, padding=0, labelAlign="right", labelPadding=8, labelOffset=0),
        "color": COLOUR,
        "tooltip": TIPS,
    }
    days = len({row["label"] for row in rows})
    look = {"stroke": "var(--paper)", "strokeWidth": 1.5, "cornerRadius": 2}
    return finish(layer("rect", cells, **look), rows=rows, height=30 * days)


def band(rows: Sequence[Row]) -> Spec:
    """Return a monthly line in its 95% band; hollow points mark months that the data
    cover partly.
    """
    axis_x = {"labelAngle": 0, "title": None, "labelOverlap": "greedy"}
    axis = {"tickCount": 4, "title": None, "grid": True, "format": "~g"}
    base = {
        "x": {"field": "label", "type": "ordinal", "sort": None, "axis": axis_x},
        "color": ACCENT,
    }
    area = {"y": number("low", axis=axis), "y2": {"field": "high"}}
    line = {"y": number("value", axis=axis)}
    point = {"y": number("value"), "fill": text("fill", scale=None), "tooltip": TIPS}
    # A scale cannot cover an area in which no month has an interval.
    has_band = any(row["low"] is not None for row in rows)
    return finish(
        *([layer("area", {**base, **area}, opacity=0.18)] if has_band else []),
        layer("line", {**base, **line}, strokeWidth=2),
        layer("point", {**base, **point}, size=45, opacity=1, strokeWidth=1.8),
        rows=rows,
        height=190,
    )


def waterfall(rows: Sequence[Row]) -> Spec:
    """Return steps from the HHI before to the HHI after; each begins where the previous
    one ends.
    """
    low = min(min(row["start"], row["end"]) for row in rows)
    high = max(max(row["start"], row["end"]) for row in rows)
    room = (high - low or high or 1) * 0.12
    scale = {"domain": [low - room, high + room * 6], "nice": False, "zero": False}
    axis = {"tickCount": 4, "grid": True, "title": "HHI, not from 0", "format": "~g"}
    base = {"y": names(rows)}
    step = {"x": number("start", scale=scale, axis=axis), "x2": {"field": "end"}, "color": COLOUR}
    end = {"x": number("end", scale=scale), "color": INK, "tooltip": TIPS}
    label = {"x": number("right", scale=scale), "text": text("text")}
    return finish(
        only("step", layer("bar", {**base, **step, "tooltip": TIPS}, cornerRadius=1)),
        only("end", layer("tick", {**base, **end}, thickness=4, height=18)),
        layer("text", {**base, **label}, align="left", dx=7),
        rows=rows,
        height=BAND * len(rows),
    )


def only(kind: str, drawn: Spec) -> Spec:
    """Let a layer show only the rows of one kind."""
    return {**drawn, "transform": [{"filter": f"datum.kind === '{kind}'"}]}


def pairs(rows: Sequence[Row], title: str, are_long: bool = False) -> Spec:
    """Return two shares per row, joined by a line: a point for the value, a tick for
    its reference.
    """
    base = {"y": names(rows, **({"labelLimit": LONG_LABEL} if are_long else {}))}
    join = {"x": number("low", axis=share_axis(title)), "x2": {"field": "high"}, "color": COLOUR}
    held = {"x": number("held"), "color": MUTED}
    point = {"x": number("value"), "color": COLOUR, "tooltip": TIPS}
    return finish(
        layer("rule", {**base, **join}, strokeWidth=3, opacity=0.35),
        layer("tick", {**base, **held}, thickness=2.5, height=16),
        layer("point", {**base, **point}, size=100, filled=True, opacity=1),
        rows=rows,
        height=BAND * len(rows),
    )
