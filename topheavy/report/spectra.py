"""The value spectrum: how often each value occurs, which determines every index.

A page without rows contains the spectra for limits whose index needs every value: whole numbers of
the smallest unit in ascending order, each stored as the difference from the previous one. With one
value removed or added, every index of the others is exact.
"""

from __future__ import annotations

import json
import zlib
from datetime import date

from topheavy.report.answer_rows import Json, Places, text, texts
from topheavy.report.limit_view import FROM_SUMS
from topheavy.report.star import UNITS, Star, unit_of

# Smaller dimensions are named in full.
FEWEST = 40
# The largest number of bytes for spectra on a page, compressed as the page stores them.
MOST_BYTES = 220_000
DIGITS = 4


def spectra_of(star: Star, place_of: Places) -> Json:
    """Return the spectra by dimension, measure and period, as long as there is room."""
    found: dict[str, dict[str, dict[int, Json]]] = {}
    room = MOST_BYTES
    limited = star.source.warehouse.execute(
        "select distinct dimension, measure, period_grain, period_start from limit_status"
        f" where is_latest_complete and indicator not in ({texts(list(FROM_SUMS))}) order by all"
    ).fetchall()
    for dimension, measure, grain, start in limited:
        place = place_of.get((grain, start))
        if (
            place is None
            or dimension not in star.columns
            or star.source.counts[dimension] <= FEWEST
        ):
            continue
        spectrum = spectrum_in(star, dimension, measure, grain, start)
        size = len(zlib.compress(json.dumps(spectrum, separators=(",", ":")).encode(), 9))
        if spectrum and size <= room:
            room -= size
            found.setdefault(dimension, {}).setdefault(measure, {})[place] = spectrum
    return found


def spectrum_in(star: Star, dimension: str, measure: str, grain: str, start: date) -> Json:
    """Return the spectrum of a period if it agrees with the published indices."""
    run = star.source.warehouse.execute
    unit = unit_of(measure)
    values = star.values(dimension, measure, grain, start)
    pairs = run(
        f"select cast(round(x * {unit}) as bigint), count(*) from ({values}) where x > 0"
        " group by 1 order by 1"
    ).fetchall()
    published = run(
        "select entity_count, total_value from concentration_indices where dimension = ?"
        f" and period_grain = ? and period_start = ? and measure = {text(measure)}",
        [dimension, grain, start],
    ).fetchone()
    if not is_published(pairs, unit, *(published or (None, None))):
        return None
    return packed(pairs, DIGITS if unit == UNITS else 0)


def is_published(
    pairs: list[tuple[int, int]], unit: int, count: int | None, total: float | None
) -> bool:
    """Return whether the number of entities and the total agree with the indices."""
    if not pairs or count is None or total is None:
        return False
    summed = sum(value * times for value, times in pairs) / unit
    return sum(times for _, times in pairs) == count and abs(summed - float(total)) < 1e-6 * summed


def packed(pairs: list[tuple[int, int]], digits: int) -> Json:
    """Return the decimals, the differences between values, and how often each value occurs."""
    while digits and all(value % 10 == 0 for value, _ in pairs):
        pairs = [(value // 10, times) for value, times in pairs]
        digits -= 1
    values = [value for value, _ in pairs]
    gaps = [value - before for value, before in zip(values, [0, *values], strict=False)]
    return [digits, gaps, [times for _, times in pairs]]
