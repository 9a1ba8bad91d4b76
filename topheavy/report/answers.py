"""The data with which the page answers questions: the published tables in a limited size.

The leading entities of each dimension appear by name, and the others as sums. The numbers of
periods and names are limited, so that the page of ten million rows is no larger than that of ten
thousand. Sums that are recomputed from `interactions` are first compared with
`entity_concentration`; a dimension whose sums differ is answered from its indices alone.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from topheavy.report.answer_rows import (
    MEASURES,
    NAMES,
    PERIOD_DIMENSIONS,
    Json,
    Places,
    Source,
    add,
    day,
    plain,
    prepare,
    texts,
)
from topheavy.report.by_period import leaders_of, make_periods, next_of, spread_of
from topheavy.report.carried_rows import MOST_ROWS, carried_rows
from topheavy.report.crossed import Crossings, crossed_cells
from topheavy.report.profiles import profiles
from topheavy.report.spectra import spectra_of
from topheavy.report.star import UNITS, Star, has_star
from topheavy.report.what_if import limit_views, limits_of
from topheavy.visible import LONGEST_NAME, readable

GRAINS = ("all", "year", "quarter", "month")
# The number of latest periods of each grain.
PERIODS = {"all": 1, "year": 30, "quarter": 60, "month": 120}
# With many dimensions the page has fewer months, so that the number of index rows stays similar.
INDEX_ROWS = 5000
FEWEST_MONTHS = 12
# The number of leading entities of a dimension with a panel. A name without sums by period has its
# largest values over the whole period.
PANELS = 40
LEADERS_OF_ALL = 40
# The number of largest changes, up and down.
MOVERS = 5
# The number of points of a Lorenz curve besides the origin.
LORENZ_POINTS = 20
# The number of entities of another dimension that a panel names, the largest first.
PROFILE = 8
# Two dimensions are crossed if neither has more entities than this.
CROSSED = 24
CROSSED_DIMENSIONS = 14
COMPUTED_WITH = (
    *("total_value", "hhi", "gini", "entity_count", "nonpositive_value", "unattributed_value"),
)
KEYS = ("dimension", "period_grain", "period_start", "measure")


@dataclass(frozen=True)
class Period:
    """A period that has indices."""

    grain: str
    start: date

    @property
    def key(self) -> str:
        """Return the period as it is displayed, and as it appears in an address."""
        if self.grain == "all":
            return "all"
        if self.grain == "quarter":
            return f"{self.start.year}-Q{(self.start.month + 2) // 3}"
        return f"{self.start:%Y}" if self.grain == "year" else f"{self.start:%Y-%m}"


@dataclass
class Names:
    """The named entities of a dimension, by their position in the page's list."""

    places: dict[str, int] = field(default_factory=dict)

    def place(self, entity: str) -> int:
        return self.places.setdefault(entity, len(self.places))

    def listed(self, labels: dict[str, str]) -> list[list[str]]:
        """Return id and label; the label only if it differs."""
        shown = ((it, labels.get(it, it)) for it in self.places)
        return [
            [readable(it, LONGEST_NAME)] + ([readable(label, LONGEST_NAME)] if label != it else [])
            for it, label in shown
        ]


@dataclass(frozen=True)
class Answers:
    """The data for the page's questions as JSON; empty if there are none."""

    data: dict[str, Json]

    def packed(self) -> str:
        """Return the data compressed and in characters that have no meaning in HTML."""
        text = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def read_answers(warehouse: duckdb.DuckDBPyConnection, most_carried: int = MOST_ROWS) -> Answers:
    """Read the data for the page's questions; with every row if there are few."""
    threads = warehouse.execute("select current_setting('threads')").fetchone()
    # The temporary tables belong to a connection of their own and disappear with it.
    with warehouse.cursor() as own:
        try:
            return answers_of(prepare(own, most_carried))
        finally:
            own.execute(f"set threads to {threads[0] if threads else 1}")


def answers_of(source: Source) -> Answers:
    names = {it: Names() for it in source.dimensions}
    periods = periods_of(source)
    for dimension in source.dimensions:
        for entity in source.leading(dimension, source.main, NAMES):
            names[dimension].place(entity)
    data: dict[str, Json] = {
        "main": source.main,
        "periods": [period_entry(source, it) for it in periods],
        "columns": source.index_columns,
        "indices": indices_of(source, periods),
        "changes": changes_of(source, periods),
        "limits": limits_of(source),
        "findings": findings_of(source),
        **(carried_parts if source.is_carried else summed_parts)(source, names, periods),
    }
    data["dimensions"] = {
        it: {
            "names": names[it].listed(labels_of(source, it, list(names[it].places))),
            "added": it in source.added,
            "partial": source.is_partial(it),
            "count": source.counts[it],
        }
        for it in source.dimensions
    }
    return Answers(data)


def carried_parts(source: Source, names: dict[str, Names], periods: list[Period]) -> Json:
    """Return the rows, from which the page computes everything else."""
    return {
        "rows": carried_rows(source, names),
        "clear": clear_movers_of(source, names, periods),
        "leaders": published_leaders(source, names),
        "lorenz": lorenz_of(source, periods),
        **{key: {} for key in ("next", "spread", "movers", "panels", "cells", "spectra")},
        "views": [],
    }


def summed_parts(source: Source, names: dict[str, Names], periods: list[Period]) -> Json:
    """Return the leading entities by name, and the others as sums."""
    star = Star.of(source) if has_star(source) else Star(source)
    make_periods(star)
    crossings = Crossings.of(star)
    place_of = places(periods)
    return {
        "leaders": {**published_leaders(source, names), **leaders_of(star, names, place_of)},
        "next": next_of(star, place_of),
        "spread": spread_of(star, place_of),
        "lorenz": lorenz_of(source, periods),
        "movers": movers_of(source, names, periods),
        "panels": panels_of(star, names),
        "cells": cells_of(crossings, names, periods),
        "views": limit_views(star, crossings, names),
        "spectra": spectra_of(star, place_of),
    }


def rows(source: Source, query: str) -> list[tuple[Any, ...]]:
    return source.warehouse.execute(query).fetchall()


def labels_of(source: Source, dimension: str, entities: list[str]) -> dict[str, str]:
    """Return the labels of entities."""
    found = source.warehouse.execute(
        "select entity_id, entity_label from entity_concentration where dimension = ?"
        " and measure = ? and entity_id in (select unnest(?))",
        [dimension, source.main, entities],
    ).fetchall()
    return {entity: label or entity for entity, label in found}


def periods_of(source: Source) -> list[Period]:
    """Return the latest periods of each grain in calendar order, the whole period first."""
    found = [Period(*row) for row in rows(
        source,
        "select distinct period_grain, period_start from concentration_indices"
        " where period_start is not null order by all",
    )]  # fmt: skip
    by_grain = {
        grain: [it for it in found if it.grain == grain][-PERIODS[grain] :] for grain in GRAINS
    }
    kept = sum(len(by_grain[it]) for it in GRAINS if it != "month")
    room = INDEX_ROWS // (len(source.dimensions) * len(MEASURES) or 1) - kept
    by_grain["month"] = by_grain["month"][-max(room, FEWEST_MONTHS) :]
    return [it for grain in GRAINS for it in by_grain[grain]]


def period_entry(source: Source, period: Period) -> Json:
    entry: dict[str, Json] = {
        "key": period.key,
        "grain": period.grain,
        "start": period.start.isoformat(),
    }
    return entry if source.is_complete(period.grain, period.start) else {**entry, "partial": True}


def places(periods: list[Period]) -> Places:
    return {(it.grain, it.start): place for place, it in enumerate(periods)}


def indices_of(source: Source, periods: list[Period]) -> Json:
    """Return each column of the indices by dimension and measure, period by period."""
    place_of = places(periods)
    found: dict[str, Json] = {}
    columns = ", ".join(source.index_columns)
    # Numbers used in calculations keep all their digits; those that are only shown have six.
    kept = [15 if it in COMPUTED_WITH else 6 for it in source.index_columns]
    query = f"select {', '.join(KEYS)}, {columns} from concentration_indices order by all"
    for dimension, grain, start, measure, *values in rows(source, query):
        place = place_of.get((grain, start))
        if place is None or dimension not in source.dimensions:
            continue
        empty = [[None] * len(periods) for _ in kept]
        by_column = found.setdefault(dimension, {}).setdefault(measure, empty)
        for column, value, digits in zip(by_column, values, kept, strict=True):
            column[place] = plain(value, digits)
    return found


def published_leaders(source: Source, names: dict[str, Names]) -> Json:
    """Return the leaders of the whole period for a dimension that is not summed again."""
    found: dict[str, Json] = {}
    query = (
        "select measure, entity_id, entity_value from entity_concentration where dimension = ?"
        " and entity_value > 0 and value_rank <= ? order by measure, value_rank"
    )
    for dimension in source.dimensions:
        if dimension in source.added:
            continue
        rows = source.warehouse.execute(query, [dimension, LEADERS_OF_ALL]).fetchall()
        for measure, entity, value in rows:
            pair = [names[dimension].place(entity), plain(value)]
            by_period = found.setdefault(dimension, {}).setdefault(measure, {})
            by_period.setdefault(0, []).extend(pair)
    return found


def lorenz_of(source: Source, periods: list[Period]) -> Json:
    """Return the cumulative shares of the smallest twentieths, with six digits."""
    place_of = places(periods)
    found: dict[str, Json] = {}
    whole = [it for it in source.added if not source.is_partial(it)]
    wholes = texts(whole) or "null"
    for measure in () if source.is_carried else MEASURES:
        query = f"""
            with counted as (
                select dimension, period_grain, period_start, entity_count, total_value
                from concentration_indices where measure = '{measure}' and entity_count > 0
            )
            select counted.dimension, counted.period_grain, counted.period_start, step,
                -- Beyond the last rank are the empty slots of a calendar.
                1 - coalesce(max({measure}_so_far / nullif(total_value, 0)),
                    max(case when step = least({LORENZ_POINTS}, entity_count) then 0 else 1 end))
            from counted inner join range(0, {LORENZ_POINTS + 1}) as steps (step)
                on step <= entity_count
            left join page_ranks as ranks on counted.dimension = ranks.dimension
                and counted.period_grain = ranks.period_grain
                and counted.period_start = ranks.period_start
                and ranks.{measure}_rank
                    = entity_count - cast(round(
                        entity_count * step / least({LORENZ_POINTS}, entity_count)
                    ) as bigint)
            where counted.period_grain != 'month' and counted.entity_count >= 3
                and counted.dimension in ({wholes})
            group by all order by all"""
        for *of_period, _, share in rows(source, query):
            add(found, place_of, (*of_period, measure), [plain(share, 6)])
    rest = [
        it for it in source.dimensions if it not in (source.added if source.is_carried else whole)
    ]
    for dimension, grain, start, measure, shares in rows(source, published_curves(rest)):
        place = place_of.get((grain, start))
        if place is not None and len(shares) > 2:
            by_period = found.setdefault(dimension, {}).setdefault(measure, {})
            by_period[place] = [plain(it, 6) for it in shares]
    return found


def published_curves(dimensions: list[str]) -> str:
    """Return every point of short published curves, and every twentieth point of the others."""
    return f"""
        with counted as (
            select *, max(point_number) over (
                partition by dimension, period_grain, period_start, measure
            ) as last_point
            from lorenz_curves where dimension in ({texts(dimensions) or "null"})
        )
        select dimension, period_grain, period_start, measure,
            list(value_share order by point_number)
        from counted
        where last_point <= {LORENZ_POINTS}
            or point_number % cast(last_point / {LORENZ_POINTS} as bigint) = 0
        group by all order by all"""


def changes_of(source: Source, periods: list[Period]) -> Json:
    """Return changes of HHI beyond chance since the previous period and the year before: change,
    interval, verdict.
    """
    place_of = places(periods)
    found: dict[str, Json] = {}
    query = (
        f"select {', '.join(KEYS)}, comparison, compared_start, hhi_change, hhi_unbiased_change,"
        " change_low, change_high, direction from concentration_changes order by all"
    )
    for dimension, grain, start, measure, comparison, before, *values in rows(source, query):
        place, against = place_of.get((grain, start)), place_of.get((grain, before))
        if None in (place, against) or dimension not in source.dimensions:
            continue
        by_period = found.setdefault(dimension, {}).setdefault(measure, {})
        rounded = [plain(it, 6) for it in values]
        by_period.setdefault(place, {})[comparison] = [against, *rounded]
    return found


def movers_of(source: Source, names: dict[str, Names], periods: list[Period]) -> Json:
    """Return the largest rises and falls since the previous period: before, after,
    beyond chance.
    """
    place_of = places(periods)
    found: dict[str, Json] = {}
    for measure in MEASURES:
        for row in rows(source, movers_query(measure, MOVERS)):
            dimension, grain, start, entity, before, after, is_clear = row
            if (grain, start) in place_of:
                place = names[dimension].place(entity)
                mover = [place, plain(before), plain(after), int(is_clear)]
                add(found, place_of, (dimension, grain, start, measure), [mover])
    return found


def clear_movers_of(source: Source, names: dict[str, Names], periods: list[Period]) -> Json:
    """Return who changed by more than chance since the previous period."""
    place_of = places(periods)
    found: dict[str, Json] = {}
    query = (
        f"select {', '.join(KEYS)}, entity_id from value_changes"
        " where is_beyond_chance and comparison = 'previous' order by all"
    )
    for dimension, grain, start, measure, entity in rows(source, query):
        if dimension in source.added and (grain, start) in place_of:
            place = names[dimension].place(entity)
            add(found, place_of, (dimension, grain, start, measure), [place])
    return found


def movers_query(measure: str, count: int) -> str:
    return f"""
        with both_periods as (
            select dimension, period_grain, period_start, entity_id,
                {measure} as after, 0 as before from page_values where period_grain != 'all'
            union all
            select dimension, period_grain, cast(period_start + case period_grain
                when 'year' then interval 1 year when 'quarter' then interval 3 month
                else interval 1 month end as date), entity_id, 0, {measure}
            from page_values where period_grain != 'all'
        ), moved as (
            select dimension, period_grain, period_start, entity_id,
                sum(before) as before, sum(after) as after
            from both_periods where dimension not in ('year', 'month', 'date')
            group by all having sum(before) != sum(after)
        ), ranked as (
            select *, row_number() over (partition by dimension, period_grain, period_start
                order by after - before, entity_id) as down,
                row_number() over (partition by dimension, period_grain, period_start
                order by after - before desc, entity_id) as up from moved
        )
        select ranked.dimension, ranked.period_grain, ranked.period_start, ranked.entity_id,
            before, after, coalesce(is_beyond_chance, false)
        from ranked left join value_changes as judged
            on ranked.dimension = judged.dimension and judged.measure = '{measure}'
            and judged.comparison = 'previous' and ranked.period_grain = judged.period_grain
            and ranked.period_start = judged.period_start and ranked.entity_id = judged.entity_id
        where (up <= {count} and after > before or down <= {count} and after < before)
            and exists (select 1 from page_values as earlier
                where earlier.period_grain = ranked.period_grain
                and earlier.period_start < ranked.period_start)
        order by 1, 2, 3, abs(after - before) desc, ranked.entity_id"""


def panels_of(star: Star, names: dict[str, Names]) -> Json:
    """Return the panel of each leading entity: days, months, ranks, and what it occurs with."""
    source = star.source
    found: dict[str, dict[int, dict[str, Json]]] = {}
    for dimension in source.added:
        for entity in source.leading(dimension, source.main, PANELS):
            found.setdefault(dimension, {})[names[dimension].place(entity)] = {}
    wanted = f"({source.leading_condition(PANELS)})"
    ranks = {tuple(key): rank for *key, rank in rows(source, ranks_query(source, wanted))}
    periods = f"""select dimension, entity_id, period_grain, period_start,
        {", ".join(f"{it}, {it}_rank" for it in MEASURES)}
        from page_ranks where {wanted} order by 1, 2, 3, 4"""
    for dimension, entity, grain, start, *numbers in rows(source, periods):
        panel = found[dimension][names[dimension].place(entity)]
        cells = [plain(it) for it in numbers]
        if source.is_partial(dimension):
            # Entities that are not listed here may be larger.
            cells[1::2] = [ranks.get((dimension, grain, start, entity, it)) for it in MEASURES]
        if grain == "all":
            panel["all"] = cells
        else:
            panel.setdefault("by", {})[Period(grain, start).key] = cells
    for dimension in found:
        for entity, first, last in rows(source, star.days(dimension, PANELS)):
            panel = found[dimension].get(names[dimension].places.get(entity, -1), {})
            panel["days"] = [plain(first), plain(last)]
    for dimension, other, entity, with_entity, *values in profiles(star, PANELS, PROFILE):
        panel = found[dimension][names[dimension].place(entity)]
        entry = [names[other].place(with_entity), *(plain(it) for it in values)]
        panel.setdefault("with", {}).setdefault(other, []).append(entry)
    return found


def ranks_query(source: Source, wanted: str) -> str:
    """Return the query for the ranks of entities of large dimensions: all for the whole period,
    otherwise the leading ones.
    """
    return f"""
        select dimension, period_grain, period_start, entity_id, measure, place
        from page_tops where {wanted} and period_grain != 'all'
        union all
        select dimension, 'all', {day(source.first_start)}, entity_id, measure, value_rank
        from entity_concentration where {wanted}"""


def cells_of(crossings: Crossings, names: dict[str, Names], periods: list[Period]) -> Json:
    """Return the cells of two dimensions, row by row, for the whole period, years and quarters."""
    star, source = crossings.star, crossings.star.source
    place_of = places(periods)
    found: dict[str, Json] = {}
    cells = (
        crossed_cells(crossings, CROSSED, CROSSED_DIMENSIONS, PERIOD_DIMENSIONS)
        if star.columns
        else source.published_cells()
    )
    for pair, quarter, one, other, values in cells:
        sizes = [len(source.leading(it, source.main, CROSSED)) for it in pair]
        at = [names[it].places.get(name, -1) for it, name in zip(pair, (one, other), strict=True)]
        if not all(0 <= place < size for place, size in zip(at, sizes, strict=True)):
            continue
        of_pair = found.setdefault("|".join(pair), {"sizes": sizes, **{it: {} for it in MEASURES}})
        for place in (place_of.get(it) for it in grown(source, quarter)):
            if place is None:
                continue
            for measure, value in zip(MEASURES, values, strict=True):
                if place not in of_pair[measure]:
                    of_pair[measure][place] = [0.0] * (sizes[0] * sizes[1])
                of_pair[measure][place][at[0] * sizes[1] + at[1]] += float(value)
    for of_pair in found.values():
        unit = UNITS if star.columns else 1
        for measure in MEASURES:
            for place, cells in of_pair[measure].items():
                divisor = unit if measure == "revenue" else 1
                of_pair[measure][place] = [plain(it / divisor) for it in cells]
    return found


def grown(source: Source, quarter: date | None) -> list[tuple[str, date]]:
    """Yield the periods that contain a quarter; rows without a date belong only to the whole
    period.
    """
    whole = [("all", source.first_start)] if source.first_start else []
    if quarter is None:
        return whole
    return [*whole, ("year", quarter.replace(month=1)), ("quarter", quarter)]


def findings_of(source: Source) -> Json:
    """Return the entries of the risk register by entity, with their position on the page."""
    query = (
        "select dimension, entity_id, register_rank, coalesce(headline, title) from risk_register"
        " where entity_id is not null order by register_rank"
    )
    return [[*row[:3], readable(row[3])] for row in rows(source, query)]
