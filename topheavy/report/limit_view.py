"""Hold the values that a limit depends on, and how they are read from the numbered rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from topheavy.report.answer_rows import Json, plain
from topheavy.report.crossed import Crossings
from topheavy.report.star import SLOTS, Star, unit_of

if TYPE_CHECKING:
    from topheavy.report.answers import Names

# Grain and first day.
Period = tuple[str, date]
# The number of entities of another dimension that can be changed.
CHANGED = 40
# The number of entities ranked below the named ones that may lead after a change.
NEXT = 1000
# The tolerance for sums of doubles, which differ in their last digits.
NEARLY = "(1 + 1e-12)"
# The rank of entities without a name.
NOBODY = 1_000_000_000
# The largest values and the total determine these indicators.
SHARES = ("entity_share", "cr1", "cr4", "cr5", "cr10", "cr20")
# Sums and the largest values determine these indicators; others need every value.
FROM_SUMS = (*SHARES, "hhi", "hhi_normalized", "effective_number")


@dataclass
class View:
    """The values of one dimension, measure and period; sums are in the units of page_codes."""

    star: Star
    crossings: Crossings
    dimension: str
    measure: str
    period: Period
    indicators: list[str]
    # The values of the largest by number, and their positions in the list of names.
    named: dict[int, float] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    # Whether every entity has a name.
    is_whole: bool = False

    @property
    def unit(self) -> int:
        return unit_of(self.measure)

    @property
    def slots(self) -> int:
        """Return the number of calendar slots, which count even without any revenue."""
        found = self.star.source.warehouse.execute(
            "select entity_count from concentration_indices where dimension = ? and measure = ?"
            " and period_grain = ? and period_start = ?",
            [self.dimension, self.measure, *self.period],
        ).fetchone()
        return int(found[0] or 0) if found and self.dimension in SLOTS else 0

    @property
    def ranks(self) -> dict[int, int]:
        return {code: rank for rank, code in enumerate(self.named, 1)}

    @property
    def needs_count(self) -> bool:
        return not set(self.indicators) <= {*SHARES, "hhi", "effective_number"}

    def place_of(self, names: Names, other: str) -> dict[int, int]:
        """Return the positions in the list of names for the numbers of entities that can be
        changed.
        """
        source = self.star.source
        leading = source.leading(other, source.main, CHANGED)
        return {code: names.place(entity) for code, entity in enumerate(leading, 1)}

    def codes(self, other: str) -> range:
        source = self.star.source
        return range(1, len(source.leading(other, source.main, CHANGED)) + 1)


def exact(value: float | None) -> Json:
    """Return a sum with all its digits, because differences of rounded sums would be wrong."""
    return plain(value or 0, 17)


def listed_codes(codes: Iterable[int]) -> str:
    return ", ".join(map(str, codes)) or "null"
