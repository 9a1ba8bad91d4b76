"""Bound what several changes at once leave of entities that can fall below zero.

An entity has the value x and the parts z_j of other entities; changes make it v = x + sum of
(f_j - 1) z_j, and what is below zero counts as nothing. Totals and squares of v follow from sums,
so what is missing is how far the negative values are below zero: c = max(-v, 0).

If these entities are few, each is listed with its parts. If they are many, the page has the sum of
c and the root of the sum of c^2 for sets of other entities, with their parts removed and halved.
Both are convex functions of the factors and proportional to v, so their values for sets bound them
for every other change. The entities that are negative today are also below zero by at least minus
their sum. A set that is not listed is bounded by shares: if the parts of one other entity are
removed, c grows by at most all that is negative times the share of that entity in what is positive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from topheavy.report.answer_rows import Json, plain
from topheavy.report.limit_view import NOBODY, View, exact

# If more entities than this can change their sign, the page has their sums.
MOST_LISTED = 20
# The steps of a factor, from nothing to today's value.
STEPS = 20
# Up to the first number of other entities, the page has every set of them. Above it, the page has
# the sets of one, those of the largest and, among the second number of the largest, those of two.
EVERY_SET, PAIRED = 8, 5
# The number of digits of bounds; the page widens them by as much.
DIGITS = 6


def sets_of(count: int) -> list[tuple[int, ...]]:
    """Return the sets of others that bounds are listed for, as positions (below_zero.js too)."""
    if count <= EVERY_SET:
        return [
            tuple(at for at in range(count) if mask >> at & 1) for mask in range(2**count)
        ]  # fmt: skip
    ones = [(at,) for at in range(count)]
    largest = [tuple(range(size)) for size in range(3, count + 1)]
    return [(), *ones, *combinations(range(min(count, PAIRED)), 2), *largest]


def add_critical(view: View, place_of: dict[int, int], found: dict[int, Json]) -> None:
    """Add the entities that can change sign, listed or as sums by steps of a factor."""
    run, unit, ranks = view.star.source.warehouse.execute, view.unit, view.ranks
    for other, code, x, z in run(CRITICAL).fetchall():
        rank = ranks.get(code, NOBODY)
        found[place_of[other]]["critical"].append([x / unit, z / unit, rank])
    turns: dict[int, list[Turn]] = {}
    for other, *turn in run(TURNS).fetchall():
        turns.setdefault(other, []).append(Turn(*turn))
    for other, those in turns.items():
        found[place_of[other]]["turns"] = turning(those, unit, view.needs_count)


@dataclass(frozen=True)
class Turn:
    """The sums of entities that change sign within the same step of a factor."""

    is_rising: bool
    step: int
    count: int
    x: float
    z: float
    xx: float
    xz: float
    zz: float

    def is_above(self, step: int) -> bool:
        return step >= self.step if self.is_rising else step < self.step

    def total(self, change: float) -> float:
        return self.x + change * self.z

    def squares(self, change: float) -> float:
        return self.xx + 2 * change * self.xz + change * change * self.zz


def turning(turns: list[Turn], unit: int, needs_count: bool) -> Json:
    """Return the sums of entities that can change sign, of those that are positive today, and how
    far the negative ones are below zero at each step.
    """
    above = [it for it in turns if it.is_above(STEPS)]
    sums = [sum(it.count for it in turns), sum(it.count for it in above)]
    for group, names in ((turns, ("x", "z", "xx", "xz", "zz")), (above, ("x", "xx"))):
        sums += [
            sum(getattr(it, name) for it in group) / unit ** len(name) for name in names
        ]  # fmt: skip
    found: dict[str, Json] = {"sums": [exact(it) for it in sums], "below": [], "roots": []}
    counts: list[list[int]] = [[], []]
    for step in range(2 * STEPS + 1):
        below, change = [it for it in turns if not it.is_above(step)], step / STEPS - 1
        squares = max(sum(it.squares(change) for it in below), 0)
        found["below"].append(plain(max(-sum(it.total(change) for it in below), 0) / unit, DIGITS))
        found["roots"].append(plain(squares**0.5 / unit, DIGITS))
        for kind, of_kind in enumerate(counts):
            of_kind.append(
                sum(it.count for it in turns if it.is_rising == bool(kind) and it.is_above(step))
            )
    return {**found, "counts": counts} if needs_count else found


def mixed_entities(view: View, place_of: dict[int, int]) -> list[Json]:
    """Return the entities that can fall below zero, each with its parts."""
    unit, ranks = view.unit, view.ranks
    found: dict[int, Json] = {}
    for code, x, other, z in view.star.source.warehouse.execute(MIXED).fetchall():
        entity = found.setdefault(code, [x / unit, ranks.get(code, NOBODY), []])
        entity[2].append([place_of[other], z / unit])
    return list(found.values())


def count_mixed(view: View) -> int:
    row = view.star.source.warehouse.execute("select count(*) from page_mixed").fetchone()
    return int(row[0]) if row else 0


def make_mixed(view: View, codes: Sequence[int]) -> None:
    """Create the entities that can fall below zero, with their parts as columns."""
    parts = "".join(f", sum(case when other = {it} then z else 0 end) as z{it}" for it in codes)
    view.star.source.warehouse.execute(f"""
        create or replace temp table page_mixed as
        select code, any_value(x) as x, any_value(is_named) as is_named, any_value(rest) as rest,
            any_value(above) + greatest(any_value(rest), 0) as above,
            any_value(above) + greatest(any_value(rest), 0) - any_value(x) as below{parts}
        from page_pieces where not is_whole group by code""")


def bounds_of(view: View, codes: Sequence[int]) -> dict[str, Json]:
    """Return the sums of these entities and what bounds how far they can fall below zero."""
    run, unit = view.star.source.warehouse.execute, view.unit
    count, tail, *sums = run(SUMS).fetchone() or (0,)
    units = (1, unit, unit**2, unit, unit**2)
    removed, removed_squares, halved, halved_squares = zip(*cleared(view, codes), strict=True)
    today, *by_code = by_codes(view, codes)
    negative, shares, squares = zip(*by_code, strict=True)
    return {
        "count": count,
        "tail": exact((tail or 0) / unit),
        "sums": [exact((it or 0) / by) for it, by in zip(sums, units, strict=True)],
        "negative": [exact(it / unit) for it in (today[0], *negative)],
        "removed": [[plain(it / unit, DIGITS) for it in sums] for sums in (removed, halved)],
        "roots": [
            [plain(it**0.5 / unit, DIGITS) for it in squares]
            for squares in (removed_squares, halved_squares)
        ],
        "shares": [plain(it / unit, DIGITS) for it in shares],
        "share_roots": [plain(it**0.5 / unit, DIGITS) for it in squares],
    }


def by_codes(view: View, codes: Sequence[int]) -> list[tuple[float, ...]]:
    """Return the sum of what is negative today, and for each other entity the sum of its parts of
    it and the sum of the shares, and of their squares.
    """
    sums = ", ".join(
        f"sum(case when x < 0 then z{it} else 0 end), sum(s{it}), sum(s{it} * s{it})"
        for it in codes
    )
    columns = ", ".join(f"z{it}, {share(it)} as s{it}" for it in codes)
    found = view.star.source.warehouse.execute(
        f"select sum(least(x, 0)), {sums} from (select x, {columns} from page_mixed)"
    ).fetchone()
    today, *rest = [it or 0 for it in found or ()]
    return [(today,), *zip(rest[::3], rest[1::3], rest[2::3], strict=True)]


def cleared(view: View, codes: Sequence[int]) -> list[list[float]]:
    """Return for each set how far the entities are below zero without it, and without half of it:
    the sum and the squares of both.
    """
    sets = ", ".join(
        f"({place}, {', '.join(str(int(at in those)) for at in range(len(codes)))})"
        for place, those in enumerate(sets_of(len(codes)))
    )
    bits = ", ".join(f"b{it}" for it in codes)
    removed = " + ".join(f"b{it} * z{it}" for it in codes)
    found = view.star.source.warehouse.execute(f"""
        with sets as (
            select place, {", ".join(f"cast(b{it} as double) as b{it}" for it in codes)}
            from (values {sets}) as sets (place, {bits})
        ), below as (
            select place, greatest(removed - x, 0) as without, greatest(removed / 2 - x, 0) as half
            from (select place, x, {removed} as removed from page_mixed cross join sets)
            where greatest(removed, removed / 2) > x
        )
        select place, coalesce(sum(without), 0), coalesce(sum(without * without), 0),
            coalesce(sum(half), 0), coalesce(sum(half * half), 0)
        from sets left join below using (place) group by place order by place""").fetchall()
    return [list(sums) for _, *sums in found]


def share(code: int) -> str:
    """Return how much further below zero an entity is, at most, without the parts of another."""
    return f"case when x < 0 then 1 else below / above end * greatest(z{code}, 0)"


# Sums of doubles differ in their last digits.
IS_ALL = "abs(z - x) <= 1e-12 * abs(x)"
IS_CRITICAL = f"(abs(z) >= abs(x) * (1 - 1e-12) and not {IS_ALL})"
MANY = f"""
    select other from page_pieces where {IS_CRITICAL}
    group by other having count(*) > {MOST_LISTED}"""
CRITICAL = f"""
    select other, code, x, z from page_pieces
    where {IS_CRITICAL} and other not in ({MANY}) order by other, code"""
# A value that rises with the factor is positive from a step on; one that falls is so up to a step.
TURNS = f"""
    select other, z > 0 as rises, cast(case when z > 0
            then floor(round({STEPS} * (1 - x / z), 9)) + 1
            else ceil(round({STEPS} * (1 - x / z), 9)) end as integer) as turn,
        count(*), sum(x), sum(z), sum(x * x), sum(x * z), sum(z * z)
    from page_pieces where {IS_CRITICAL} and other in ({MANY})
    group by other, rises, turn order by other, rises, turn"""
MIXED = "select code, x, other, z from page_pieces where not is_whole order by code, other"
# The number of entities; the largest possible value without a name; the number of positive values,
# their total and squares; the sums of all x and x^2.
SUMS = """
    select count(*), max(case when not is_named then above end),
        count(case when x > 0 then 1 end), sum(greatest(x, 0)),
        sum(greatest(x, 0) * greatest(x, 0)), sum(x), sum(x * x)
    from page_mixed"""
