"""The value spectrum: which values occur how often, all that an index depends on.

A page that carries no rows carries the spectrum of the periods that are asked most, as whole
numbers of the smallest unit, from the smallest up, each as its distance from the one before. With
one value taken out or put in, every index of the rest is exact.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from topheavy.report.answer_rows import MEASURES, Json
from topheavy.report.star import UNITS, Star

if TYPE_CHECKING:
    from topheavy.report.answers import Period

# Smaller dimensions are named in full.
FEWEST = 40
# So many bytes of spectra a page carries, as compressed as they are in it.
MOST_BYTES = 220_000
DIGITS = 4


def spectra_of(star: Star, periods: Sequence[Period]) -> Json:
    """The spectra by dimension, measure and period, as long as there is room."""
    found: dict[str, dict[str, dict[int, Json]]] = {}
    room = MOST_BYTES
    make_years(star)
    for dimension, place in asked_first(star, periods):
        for measure, spectrum in spectra_in(star, dimension, periods[place]).items():
            size = len(zlib.compress(json.dumps(spectrum, separators=(",", ":")).encode(), 9))
            if size <= room:
                room -= size
                found.setdefault(dimension, {}).setdefault(measure, {})[place] = spectrum
    return found


def asked_first(star: Star, periods: Sequence[Period]) -> list[tuple[str, int]]:
    """Dimension and period: those of the limits, then the whole and the years, the latest first.

    Quarters and months are many: their totals and HHI are there without a spectrum.
    """
    limited = set(
        star.source.warehouse.execute(
            "select distinct dimension, period_grain, period_start from limit_status"
            " where is_latest_complete"
        ).fetchall()
    )
    grains = ("all", "year", "quarter", "month")
    known = {place for place, it in enumerate(periods) if it.grain in ("all", "year")}
    large = [it for it in star.columns if star.source.counts[it] > FEWEST]
    pairs = [
        (
            (dimension, it.grain, it.start) not in limited,
            grains.index(it.grain),
            -it.start.toordinal(),
            dimension,
            place,
        )
        for dimension in large
        for place, it in enumerate(periods)
        if place in known or (dimension, it.grain, it.start) in limited
    ]
    return [(dimension, place) for *_, dimension, place in sorted(pairs)]


def make_years(star: Star) -> None:
    """What each entity of a large dimension brings by year: the whole period adds it up."""
    for dimension, column in star.columns.items():
        if star.source.counts[dimension] > FEWEST:
            star.source.warehouse.execute(
                f"create or replace temp table page_years_of_{column} as"
                f" select {column} as code, month // 12 as year, count(*) as interactions,"
                " sum(purchase) as purchases, sum(revenue) as revenue"
                f" from page_codes where {column} > 0 group by all"
            )


def spectra_in(star: Star, dimension: str, period: Period) -> dict[str, Json]:
    """The spectrum of each measure, where it is that of the published indices."""
    run = star.source.warehouse.execute
    column = star.columns[dimension]
    if period.grain not in ("all", "year"):
        sums = (
            f"select {column} as code, count(*) as interactions, sum(purchase) as purchases,"
            f" sum(revenue) as revenue from page_codes"
            f" where {column} > 0 and {star.within(period.grain, period.start)} group by 1"
        )
    else:
        within = "true" if period.grain == "all" else f"year = {period.start.year}"
        sums = (
            "select code, sum(interactions) as interactions, sum(purchases) as purchases,"
            f" sum(revenue) as revenue from page_years_of_{column} where {within} group by 1"
        )
    run(f"create or replace temp table page_sums as {sums}")
    published = run(
        "select measure, entity_count, total_value from concentration_indices where dimension = ?"
        " and period_grain = ? and period_start = ?",
        [dimension, period.grain, period.start],
    ).fetchall()
    expected = {measure: (count, total) for measure, count, total in published}
    found: dict[str, Json] = {}
    for measure in MEASURES:
        pairs = run(
            f"select cast({measure} as bigint), count(*) from page_sums where {measure} > 0"
            " group by 1 order by 1"
        ).fetchall()
        unit = UNITS if measure == "revenue" else 1
        if is_published(pairs, unit, *expected.get(measure, (None, None))):
            found[measure] = packed(pairs, DIGITS if unit == UNITS else 0)
    return found


def is_published(
    pairs: list[tuple[int, int]], unit: int, count: int | None, total: float | None
) -> bool:
    """Whether as many entities bring as much as the indices say."""
    if not pairs or count is None or total is None:
        return False
    summed = sum(value * times for value, times in pairs) / unit
    return sum(times for _, times in pairs) == count and abs(summed - float(total)) < 1e-6 * summed


def packed(pairs: list[tuple[int, int]], digits: int) -> Json:
    """Decimals, gaps between the values, and how often each value occurs."""
    while digits and all(value % 10 == 0 for value, _ in pairs):
        pairs = [(value // 10, times) for value, times in pairs]
        digits -= 1
    values = [value for value, _ in pairs]
    gaps = [value - before for value, before in zip(values, [0, *values], strict=False)]
    return [digits, gaps, [times for _, times in pairs]]
