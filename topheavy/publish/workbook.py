"""Write the register, the limits and the top entities as a workbook for Excel and similar programs.

Every text is stored as text, so that one that begins with = + - or @ never becomes a formula, not
even after its cell is edited. The workbook contains no time of writing, so the same release gives
the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from topheavy.publish.differences import CALENDAR
from topheavy.publish.differences_in_words import is_share
from topheavy.visible import readable

# The number of the largest entities that each dimension shows.
TOP = 20
MONEY, SHARE, INDEX, COUNT, DAY = "#,##0.00", "0.0%", "0.000", "#,##0", "yyyy-mm-dd"
# Characters that a spreadsheet would read as the beginning of a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
COLOURS = {"breach": "#F8D7D3", "warn": "#FBEBC8", "ok": "#DDEFDD"}
# A workbook contains its creation date; if that is unknown, this date is used.
UNKNOWN_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading, number format, and width in letters."""

    heading: str
    form: str = ""
    width: int = 14


REGISTER = (
    Column("Rank", COUNT, 6),
    Column("What", width=70),
    Column("Status", width=10),
    Column("Dimension", width=18),
    Column("Entity", width=24),
    Column("At risk a year", MONEY, 16),
    Column("Rate", width=34),
    Column("Confidence", width=22),
    Column("What to do", width=50),
    Column("Evidence", width=40),
    Column("Period from", DAY, 12),
)
REGISTER_ROWS = """
    select
        register_rank, title, status, dimension, coalesce(entity_label, entity_id), money_at_risk,
        money_basis, confidence, what_to_do, concat(evidence_model, ': ', evidence_key),
        period_start
    from risk_register
    order by register_rank
"""
LIMITS = (
    Column("Limit", width=26),
    Column("Dimension", width=18),
    Column("Measure", width=12),
    Column("Indicator", width=18),
    Column("Status", width=14),
    Column("Value", INDEX, 10),
    Column("Warns at", INDEX, 10),
    Column("Broken at", INDEX, 10),
    Column("Period from", DAY, 12),
    Column("to", DAY, 12),
    Column("So since", DAY, 12),
    Column("At or above the warning level", width=50),
    Column("Severity", width=10),
    Column("Owner", width=14),
    Column("What to do", width=50),
)
LIMIT_ROWS = """
    select
        limit_id, dimension, measure, indicator, status, indicator_value, warn_at, breach_at,
        period_start, period_end, status_since, over_entities, severity, owner, action
    from limit_status
    where is_latest_complete
    order by list_position(['breach', 'warn', 'not_measurable', 'ok'], status), limit_id, dimension
"""
ENTITIES = (
    Column("Dimension", width=20),
    Column("Place", COUNT, 8),
    Column("Entity", width=36),
    Column("Id", width=24),
    Column("Value", MONEY, 16),
    Column("Share", SHARE, 10),
    Column("Cumulative share", SHARE, 18),
    Column("Class", width=8),
)
ENTITY_ROWS = """
    select
        dimension, value_rank, entity_label, entity_id, entity_value, value_share,
        cumulative_share, abc_class
    from entity_concentration
    where measure = ? and value_rank <= ? and not list_contains(?, dimension)
    order by dimension, value_rank, entity_id
"""
MEASURE = "select label from report_facts where section = 'labels' and series = 'measure'"
ABOUT = """
    select mapping_name, mapping_file, currency, topheavy_version, git_commit from build_info
"""


def workbook(warehouse: duckdb.DuckDBPyConnection, facts: Mapping[str, Any]) -> bytes:
    """Write the workbook of a release; `facts` are those of published.json."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"title": str(facts.get("mapping_name", "")), "created": made_at(facts)})
    forms = Forms(book)
    measure = str(warehouse.execute(MEASURE).fetchall()[0][0])
    limits = warehouse.execute(LIMIT_ROWS).fetchall()
    entities = warehouse.execute(ENTITY_ROWS, [measure, TOP, list(CALENDAR)]).fetchall()
    register = warehouse.execute(REGISTER_ROWS).fetchall()
    fill(book.add_worksheet("Register"), forms, REGISTER, register)
    fill(book.add_worksheet("Limits"), forms, LIMITS, limits, [in_unit(row[3]) for row in limits])
    top = tuple(named_by(column, measure) for column in ENTITIES)
    fill(book.add_worksheet("Top entities"), forms, top, entities)
    fill(
        book.add_worksheet("About"),
        forms,
        (Column("What", width=18), Column("This release", width=60)),
        about(warehouse, facts, measure),
    )
    book.close()
    return made.getvalue()


def made_at(facts: Mapping[str, Any]) -> datetime:
    try:
        return datetime.strptime(str(facts["published_at"]), "%Y-%m-%dT%H:%M:%SZ")
    except (KeyError, ValueError):
        return UNKNOWN_TIME


def in_unit(indicator: str) -> Mapping[str, str]:
    """Return the format of a limit's values: a share in percent, an index unchanged."""
    return {INDEX: SHARE} if is_share(indicator) else {}


def named_by(column: Column, measure: str) -> Column:
    """Return headings that name what an entity's value is; counts have no decimals."""
    if column.heading != "Value":
        return column
    is_money = measure == "revenue"
    return Column(measure.capitalize(), MONEY if is_money else COUNT, column.width)


def about(
    warehouse: duckdb.DuckDBPyConnection, facts: Mapping[str, Any], measure: str
) -> list[tuple[object, ...]]:
    name, mapping, currency, version, commit = warehouse.execute(ABOUT).fetchall()[0]
    fields = {
        "Export": name,
        "Mapping": mapping,
        "First day": facts.get("first_date"),
        "Last day": facts.get("last_date"),
        "Valid rows": facts.get("row_count"),
        "Main measure": measure,
        "Currency": currency or "not named in the mapping",
        "Published": facts.get("published_at"),
        "Topheavy": version,
        "Commit": commit,
    }
    return [(key, value) for key, value in fields.items() if value is not None]


class Forms:
    """The formats of a workbook, each created once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.made: dict[tuple[str, str, bool, bool], Format] = {}

    def of(
        self, form: str = "", colour: str = "", *, bold: bool = False, inert: bool = False
    ) -> Format:
        key = (form, colour, bold, inert)
        if key not in self.made:
            settings: dict[str, Any] = {"valign": "top", "text_wrap": True}
            settings |= {"num_format": form} if form else {}
            settings |= {"bg_color": colour} if colour else {}
            settings |= {"bold": True, "bottom": 1} if bold else {}
            settings |= {"quote_prefix": True} if inert else {}
            self.made[key] = self.book.add_format(settings)
        return self.made[key]


def fill(
    sheet: Worksheet,
    forms: Forms,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    units: Sequence[Mapping[str, str]] = (),
) -> None:
    """Write a table with its headings, ready to filter, scroll and print.

    `units` has the formats that replace those of the columns, for each row.
    """
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        write(sheet, forms, 0, place, column.heading, bold=True)
    for number, row in enumerate(rows, start=1):
        unit = units[number - 1] if units else {}
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            form = unit.get(column.form, column.form)
            colour = COLOURS.get(str(value), "") if column.heading == "Status" else ""
            write(sheet, forms, number, place, value, form, colour)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def write(
    sheet: Worksheet,
    forms: Forms,
    row: int,
    place: int,
    value: object,
    form: str = "",
    colour: str = "",
    *,
    bold: bool = False,
) -> None:
    """Write a cell by its type: a number, a date, or otherwise a text."""
    if value is None:
        sheet.write_blank(row, place, None, forms.of(form, colour))
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value, forms.of(DAY, colour))
    elif isinstance(value, int | float | Decimal) and math.isfinite(value):
        sheet.write_number(row, place, float(value), forms.of(form or COUNT, colour))
    else:
        text = readable(str(value))
        inert = text.startswith(FORMULA_SIGNS)
        sheet.write_string(row, place, text, forms.of("", colour, bold=bold, inert=inert))
