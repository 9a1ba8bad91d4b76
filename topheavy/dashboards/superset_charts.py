"""The charts of the Superset dashboard, in rows, and the filters that each of them ignores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from topheavy.numbers import capitalized

Filter = tuple[str, str, Any]

# The filters that apply to charts of one dimension and measure.
BY_CHOICE = ("dimension", "measure")
SHARE, MONEY, COUNT, NUMBER = ".1%", ",.0f", ",d", ",.3f"


@dataclass(frozen=True)
class Words:
    """What the export is about, in the words of its mapping."""

    name: str
    measure: str = "revenue"
    measure_words: str = "revenue"
    customers: str = "customers"
    currency: str | None = None

    @property
    def amount(self) -> str:
        """Return the measure with its unit, for a title."""
        unit = f", {self.currency}" if self.currency and self.measure == "revenue" else ""
        return f"{capitalized(self.measure_words)}{unit}"


@dataclass(frozen=True)
class Chart:
    """A chart: its query on a table, and how Superset draws the result."""

    key: str
    title: str
    table: str
    kind: str
    width: int
    """The width in twelfths of the dashboard."""
    description: str
    columns: tuple[str, ...] = ()
    metrics: Mapping[str, str] = field(default_factory=dict)
    """The SQL of each metric by its label; empty if rows are shown unchanged."""
    filters: tuple[Filter, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    """Columns, or labels of metrics, each with whether it sorts in ascending order."""
    limit: int = 1000
    look: Mapping[str, Any] = field(default_factory=dict)
    """Settings that only affect the drawing."""
    follows: tuple[str, ...] = ()
    """The columns whose dashboard filters apply to the chart."""


def key_figures(words: Words) -> list[Chart]:
    """Return six key figures."""
    return [total_figure(words), *customer_figures(words), *risk_figures()]


def total_figure(words: Words) -> Chart:
    total = {
        "revenue": "sum(revenue)",
        "purchases": "count(case when interaction_type = 'purchase' then 1 end)",
        "interactions": "count(*)",
    }[words.measure]
    return number("total", words.amount, "interactions", total, MONEY, "in the whole period")


def customer_figures(words: Words) -> list[Chart]:
    """Return how many customers there are, and the share of the largest."""
    whole: tuple[Filter, ...] = (
        ("dimension", "==", "customer"),
        ("measure", "==", words.measure),
        ("period_grain", "==", "all"),
    )
    above_zero = f"with {words.measure_words} above zero"
    largest, alike = (
        f"of the ten largest {words.customers}",
        f"{words.customers}, if all were alike",
    )
    shown = (
        ("customers", capitalized(words.customers), "max(entity_count)", COUNT, above_zero),
        ("top_10_share", "Top 10 share", "max(cr10)", SHARE, largest),
        ("effective_number", "1/HHI", "max(effective_number)", ",.0f", alike),
    )
    return [
        number(name, title, "concentration_indices", sql, format, subtitle, whole)
        for name, title, sql, format, subtitle in shown
    ]


def risk_figures() -> list[Chart]:
    """Return how many limits are broken, and how many findings the register has."""
    broken: tuple[Filter, ...] = (
        ("is_latest_complete", "IS TRUE", None),
        ("status", "==", "breach"),
    )
    breaches = "of limits, latest periods"
    return [
        number("limits_broken", "Breaches", "limit_status", "count(*)", COUNT, breaches, broken),
        number("findings", "Findings", "risk_register", "count(*)", COUNT, "in the risk register"),
    ]


def number(
    key: str,
    title: str,
    table: str,
    sql: str,
    shown_as: str,
    description: str,
    filters: tuple[Filter, ...] = (),
) -> Chart:
    """Return a chart of one large number."""
    look = {
        "y_axis_format": shown_as,
        "header_font_size": 0.4,
        "subheader_font_size": 0.125,
        "subheader": description,
    }
    return Chart(
        key, title, table, "big_number_total", 2, description, (), {title: sql}, filters, look=look
    )


def tables(words: Words) -> list[Chart]:
    """Return the tables to read line by line: the register, the limits, the changes."""
    return [
        Chart(
            "risk_register",
            "Risk register",
            "risk_register",
            "table",
            12,
            "What needs attention, the most money first.",
            ("register_rank", "title", "money_at_risk", "confidence", "what_to_do"),
            order=(("register_rank", True),),
            look=table_look(money_at_risk=MONEY),
        ),
        Chart(
            "limits",
            "Limits",
            "limit_status",
            "table",
            6,
            "Each limit in the latest complete period.",
            ("limit_id", "status", "indicator_value", "warn_at", "breach_at", "over_entities"),
            filters=(("is_latest_complete", "IS TRUE", None),),
            order=(("headroom", True), ("limit_id", True)),
            look=table_look(indicator_value=NUMBER, warn_at=NUMBER, breach_at=NUMBER),
        ),
        Chart(
            "changes",
            "What changed in the latest quarter",
            "value_changes",
            "table",
            6,
            "The latest complete quarter against the one before, the largest fall first.",
            (
                *("entity_label", "movement", "compared_value", "entity_value", "value_change"),
                *("q_value", "is_beyond_chance"),
            ),
            filters=(("period_grain", "==", "quarter"), ("comparison", "==", "previous")),
            order=(("value_change", True),),
            limit=100,
            look=table_look(
                compared_value=MONEY, entity_value=MONEY, value_change="+,.0f", q_value=".2f"
            ),
            follows=("dimension",),
        ),
    ]


def table_look(**formats: str) -> dict[str, Any]:
    """Return the settings of a table with formatted numbers and without bars in its cells."""
    columns = {
        name: {"d3NumberFormat": shown, "showCellBars": False} for name, shown in formats.items()
    }
    return {"column_config": columns, "show_cell_bars": False, "color_pn": False, "page_length": 0}


def largest() -> Chart:
    """Return a chart of the ten largest entities of a dimension, by a measure."""
    return Chart(
        "largest",
        "The ten largest",
        "entity_concentration",
        "echarts_timeseries_bar",
        6,
        "The ten largest of the chosen dimension, by the chosen measure.",
        ("entity_label",),
        {"Value": of_one("sum(entity_value)")},
        (("value_rank", "<=", 10),),
        (("Value", False),),
        10,
        {
            **axis("entity_label", ",.0f"),
            "orientation": "horizontal",
            "x_axis_sort": "Value",
            "x_axis_sort_asc": True,
            "show_value": True,
        },
        BY_CHOICE,
    )


def lorenz_curve() -> Chart:
    """Return a chart of how unequal the entities of a dimension are."""
    return Chart(
        "lorenz",
        "Lorenz curve",
        "lorenz_curves",
        "echarts_timeseries_line",
        6,
        "The cumulative share of the smallest; the straight line shows equal shares.",
        ("entity_share",),
        {
            "Concentration": of_one("max(value_share)"),
            "All alike": of_one("max(entity_share)"),
        },
        (("period_grain", "==", "all"),),
        (("entity_share", True),),
        10000,
        {
            **axis("entity_share", ".0%"),
            "x_axis_title": "Share of entities, the smallest first",
            "x_axis_title_margin": 30,
            "x_axis_number_format": ".0%",
            "show_legend": True,
            "truncateYAxis": True,
            "y_axis_bounds": [0, 1],
        },
        BY_CHOICE,
    )


def trend() -> Chart:
    """Return a chart of the shares of the largest in each month."""
    return Chart(
        "trend",
        "Dependence on the largest, by month",
        "concentration_indices",
        "echarts_timeseries_line",
        6,
        "Shares of the largest and of the ten largest of the chosen dimension in each month.",
        ("period_start",),
        {"The largest": of_one("max(cr1)"), "The ten largest": of_one("max(cr10)")},
        (("period_grain", "==", "month"),),
        (("period_start", True),),
        10000,
        {**axis("period_start", ".0%"), "show_legend": True, "time_grain_sqla": "P1M"},
        BY_CHOICE,
    )


def heat_map(words: Words) -> Chart:
    """Return a chart of weekdays against hours."""
    return Chart(
        "heat_map",
        f"{capitalized(words.measure_words)} by weekday and hour",
        "concentration_matrix",
        "heatmap_v2",
        6,
        "The share of each hour of each weekday in the total.",
        ("column_id", "weekday"),
        {"Share of the total": "sum(total_share)"},
        (
            ("row_dimension", "==", "weekday"),
            ("column_dimension", "==", "hour"),
            ("measure", "==", words.measure),
        ),
        limit=10000,
        look={
            "x_axis": "column_id",
            "groupby": "weekday",
            "sort_x_axis": "alpha_asc",
            "sort_y_axis": "alpha_desc",
            "normalize_across": "heatmap",
            "legend_type": "continuous",
            "linear_color_scheme": "schemeBlues",
            "show_legend": False,
            "show_values": False,
            "show_percentage": False,
            "y_axis_format": ".2%",
            "value_bounds": [None, None],
            "xscale_interval": 1,
            "yscale_interval": 1,
            "left_margin": "auto",
            "bottom_margin": "auto",
        },
    )


def pictures(words: Words) -> list[Chart]:
    """Return the charts to read at a glance."""
    return [largest(), lorenz_curve(), trend(), heat_map(words)]


def of_one(sql: str) -> str:
    """Return SQL for a value of one dimension and measure; NULL for several, as in a chart without
    the dashboard's filters.
    """
    return f"case when count(distinct dimension || ' ' || measure) = 1 then {sql} end"


def axis(column: str, shown_as: str) -> dict[str, Any]:
    """Return the axis of a column, and the format of the numbers on it."""
    return {"x_axis": column, "y_axis_format": shown_as, "rich_tooltip": True}


def rows_of_charts(words: Words) -> list[tuple[int, list[Chart]]]:
    """Return the dashboard from top to bottom: the height of each row, and its charts."""
    register, limits, changes = tables(words)
    largest, lorenz, trend, heat_map = pictures(words)
    return [
        (20, key_figures(words)),
        (38, [register]),
        (50, [largest, lorenz]),
        (50, [trend, heat_map]),
        (46, [limits, changes]),
    ]
