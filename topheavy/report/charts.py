"""The pictures of the report as Vega-Lite specifications, made with Altair.

Colours are variables of the style sheet (`var(--accent)`), so that the page can turn dark, or pale
for print, without drawing again. Every text in a tooltip is formatted in Python, as in the tables.
Rows are dictionaries with short keys: `label`, `value`, the keys that a chart requires, and `tips`,
the lines of the tooltip.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from topheavy.report.blocks import Spec

Row = dict[str, Any]

BAND = 26
# The width of a name with conditions on an axis, in pixels.
LONG_LABEL = 480
# Vega interprets field names as expressions, in which quotes, dots and brackets have a meaning.
# Names from the export are therefore values and never field names.
TIPS = alt.TooltipValue({"expr": "datum.tips"})
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


def finish(*layers: alt.Chart, rows: Sequence[Row], height: int) -> Spec:
    """Combine the layers on one data set, as wide as the page allows."""
    chart = alt.layer(*layers, data=alt.NamedData("rows")).properties(
        width="container",
        height=height,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    # A test validates the charts against the schema, which takes most of the time.
    spec: Spec = chart.to_dict(validate=False)
    spec["data"] = {"values": list(rows)}
    # The page stores the configuration once for all charts.
    spec.pop("config", None)
    spec.pop("$schema", None)
    return spec


def share_axis(title: str | None = None, **options: Any) -> alt.Axis:
    return alt.Axis(format="~%", tickCount=5, title=title, grid=True, **options)


def names(rows: Sequence[Row], **axis: Any) -> alt.Y:
    """Return the labels of the rows in the order of the data, in the main text colour."""
    return alt.Y(
        "label:N",
        sort=list(dict.fromkeys(row["label"] for row in rows)),
        # They are drawn above the marks, because on a phone the names overlap the chart.
        axis=alt.Axis(
            labelColor="var(--ink)",
            title=None,
            zindex=1,
            **axis,
        ),
        scale=alt.Scale(type="band"),
    )


def bars(rows: Sequence[Row]) -> Spec:
    """Return horizontal bars with their value (`text`) at the end, in the colour of each row."""
    top = max([row["value"] for row in rows] + [0])
    # The longest text needs room after the longest bar, also on a phone and in half a page of
    # paper.
    room = 1.24 + 0.022 * max((len(row["text"]) for row in rows), default=0)
    length = alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, top * room or 1]))
    base = alt.Chart().encode(y=names(rows), x=length)
    return finish(
        base.mark_bar(cornerRadiusEnd=2).encode(
            color=alt.Color("colour:N", scale=None), tooltip=TIPS
        ),
        base.mark_text(align="left", dx=6).encode(text=alt.Text("text:N")),
        rows=rows,
        height=BAND * len(rows),
    )


# The axis shows 0 instead of 0k.
PLAIN_ZERO = "datum.value === 0 && indexof(datum.label, '%') < 0 ? '0' : datum.label"


def columns(rows: Sequence[Row], axis_format: str) -> Spec:
    """Return vertical bars in calendar order."""
    across = alt.X(
        "label:N",
        sort=None,
        axis=alt.Axis(labelAngle=0, title=None),
        scale=alt.Scale(paddingInner=0.15, paddingOuter=0.1),
    )
    axis = alt.Axis(format=axis_format, labelExpr=PLAIN_ZERO, tickCount=4, title=None, grid=True)
    up = alt.Y("value:Q", axis=axis)
    bar = (
        alt.Chart()
        .mark_bar(cornerRadiusEnd=1)
        .encode(x=across, y=up, color=alt.Color("colour:N", scale=None), tooltip=TIPS)
    )
    return finish(bar, rows=rows, height=200)


def limits(rows: Sequence[Row]) -> Spec:
    """Return each indicator as a multiple of its limit, with its interval; the limit is the line at
    1.
    """
    reach = max([1.2] + [row[key] or 0 for row in rows for key in ("value", "high")]) * 1.05
    axis = alt.Axis(format="~%", tickCount=6, grid=True, title="in percent of the limit")
    across = alt.X("value:Q", axis=axis, scale=alt.Scale(domain=[0, reach], nice=False))
    colour = alt.Color("colour:N", scale=None)
    # Each row has a lane: names above the marks, as on a phone, have a plain background.
    lane = alt.Chart().encode(y=names(rows))
    beyond = lane.mark_rect(opacity=0.1, fill="var(--breach)").encode(
        x=alt.XDatum(1), x2=alt.X2Datum(reach)
    )
    line = lane.mark_rect(width=1.5, fill="var(--ink)").encode(x=alt.XDatum(1))
    base = alt.Chart().encode(y=names(rows), color=colour)
    span = base.mark_rule(strokeWidth=5, opacity=0.35, strokeCap="round").encode(
        x=alt.X("low:Q"), x2=alt.X2("high:Q")
    )
    point = base.mark_point(size=130, filled=True, opacity=1).encode(
        x=across, shape=alt.Shape("shape:N", scale=None), tooltip=TIPS
    )
    return finish(beyond, line, span, point, rows=rows, height=(BAND + 6) * len(rows))


def intervals(rows: Sequence[Row]) -> Spec:
    """Return values with intervals and a tick for the reference, on a log scale.

    Ends below the lowest power of ten, including 0, are drawn at the left edge.
    """
    decades = powers_of_ten(rows)
    scale = alt.Scale(type="log", domain=[decades[0], decades[-1]], nice=False, clamp=True)
    axis = alt.Axis(values=decades, grid=True, title="HHI (logarithmic scale)", format="~g")
    base = alt.Chart().encode(y=names(rows))
    return finish(
        base.mark_rule(strokeWidth=5, opacity=0.35, strokeCap="round").encode(
            x=alt.X("low:Q", scale=scale, axis=axis),
            x2=alt.X2("high:Q"),
            color=alt.ColorValue("var(--accent)"),
        ),
        base.mark_tick(thickness=2.5, height=16).encode(
            x=alt.X("even:Q", scale=scale), color=alt.ColorValue("var(--muted)")
        ),
        base.mark_point(size=100, filled=True, opacity=1).encode(
            x=alt.X("value:Q", scale=scale),
            color=alt.ColorValue("var(--accent)"),
            tooltip=TIPS,
        ),
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
    axis_x = share_axis(across) if diagonal else alt.Axis(title=across, tickMinStep=1)
    top = max(row["y"] for row in rows)
    lines = alt.Chart().encode(
        x=alt.X("x:Q", axis=axis_x, scale=alt.Scale(nice=False, zero=diagonal)),
        y=alt.Y("y:Q", axis=share_axis(up), scale=alt.Scale(domain=[0, 1 if diagonal else top])),
        color=alt.Color(
            "series:N", scale=alt.Scale(domain=series, range=[colour for _, colour, _ in order])
        ),
        strokeDash=alt.StrokeDash(
            "series:N", scale=alt.Scale(domain=series, range=[list(dash) for _, _, dash in order])
        ),
    )
    drawn = lines.mark_line(strokeWidth=2.2, clip=True)
    touched = lines.mark_point(size=90, opacity=0).encode(tooltip=TIPS)
    layers = [drawn, touched]
    if diagonal:
        even = alt.Chart(alt.InlineData(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}]))
        layers.insert(
            0,
            even.mark_line(strokeWidth=1, color="var(--muted)").encode(
                x=alt.X("x:Q"), y=alt.Y("y:Q")
            ),
        )
    plain = [{key: part for key, part in row.items() if key != "dash"} for row in rows]
    return finish(*layers, rows=plain, height=320)


def heat_map(rows: Sequence[Row]) -> Spec:
    """Return weekdays as rows and hours as columns, in the page's five shades from
    least to most.
    """
    across = alt.X(
        "hour:N",
        axis=alt.Axis(labelAngle=0, orient="top", title=None, labelSeparation=4),
        scale=alt.Scale(domain=[f"{hour:02}" for hour in range(24)], padding=0),
    )
    cell = (
        alt.Chart()
        .mark_rect(stroke="var(--paper)", strokeWidth=1.5, cornerRadius=2)
        .encode(
            x=across,
            # Weekdays are short enough to stay beside their row on a phone.
            y=names(rows, labelAlign="right", labelPadding=8, labelOffset=0).scale(padding=0),
            color=alt.Color("colour:N", scale=None),
            tooltip=TIPS,
        )
    )
    days = len({row["label"] for row in rows})
    return finish(cell, rows=rows, height=30 * days)


def band(rows: Sequence[Row]) -> Spec:
    """Return a monthly line in its 95% band; hollow points mark months that the data
    cover partly.
    """
    across = alt.X(
        "label:O", sort=None, axis=alt.Axis(labelAngle=0, title=None, labelOverlap="greedy")
    )
    axis = alt.Axis(tickCount=4, title=None, grid=True, format="~g")
    base = alt.Chart().encode(x=across)
    colour = alt.ColorValue("var(--accent)")
    area = base.mark_area(opacity=0.18).encode(
        y=alt.Y("low:Q", axis=axis), y2=alt.Y2("high:Q"), color=colour
    )
    # A scale cannot cover an area in which no month has an interval.
    has_band = any(row["low"] is not None for row in rows)
    return finish(
        *([area] if has_band else []),
        base.mark_line(strokeWidth=2).encode(y=alt.Y("value:Q", axis=axis), color=colour),
        base.mark_point(size=45, opacity=1, strokeWidth=1.8).encode(
            y=alt.Y("value:Q"),
            color=colour,
            fill=alt.Fill("fill:N", scale=None),
            tooltip=TIPS,
        ),
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
    scale = alt.Scale(domain=[low - room, high + room * 6], nice=False, zero=False)
    axis = alt.Axis(tickCount=4, grid=True, title="HHI, not from 0", format="~g")
    base = alt.Chart().encode(y=names(rows))
    steps = base.transform_filter("datum.kind === 'step'").mark_bar(cornerRadius=1)
    ends = base.transform_filter("datum.kind === 'end'").mark_tick(thickness=4, height=18)
    return finish(
        steps.encode(
            x=alt.X("start:Q", scale=scale, axis=axis),
            x2=alt.X2("end:Q"),
            color=alt.Color("colour:N", scale=None),
            tooltip=TIPS,
        ),
        ends.encode(
            x=alt.X("end:Q", scale=scale), color=alt.ColorValue("var(--ink)"), tooltip=TIPS
        ),
        base.mark_text(align="left", dx=7).encode(
            x=alt.X("right:Q", scale=scale), text=alt.Text("text:N")
        ),
        rows=rows,
        height=BAND * len(rows),
    )


def pairs(rows: Sequence[Row], title: str, are_long: bool = False) -> Spec:
    """Return two shares per row, joined by a line: a point for the value, a tick for
    its reference.
    """
    base = alt.Chart().encode(y=names(rows, **({"labelLimit": LONG_LABEL} if are_long else {})))
    axis = share_axis(title)
    return finish(
        base.mark_rule(strokeWidth=3, opacity=0.35).encode(
            x=alt.X("low:Q", axis=axis),
            x2=alt.X2("high:Q"),
            color=alt.Color("colour:N", scale=None),
        ),
        base.mark_tick(thickness=2.5, height=16).encode(
            x=alt.X("held:Q"), color=alt.ColorValue("var(--muted)")
        ),
        base.mark_point(size=100, filled=True, opacity=1).encode(
            x=alt.X("value:Q"), color=alt.Color("colour:N", scale=None), tooltip=TIPS
        ),
        rows=rows,
        height=BAND * len(rows),
    )
