"""Sum the parts that the entities of a limit have of the entities of other dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

from topheavy.report import below_zero
from topheavy.report.answer_rows import Json
from topheavy.report.below_zero import IS_ALL, IS_CRITICAL, MOST_LISTED
from topheavy.report.limit_view import NEARLY, NEXT, View, exact, listed_codes
from topheavy.report.star import AMOUNTS

if TYPE_CHECKING:
    from topheavy.report.answers import Names

# The largest number of parts and of combinations of parts for which the page counts the entities
# that consist only of them.
MOST_MADE_OF, MOST_PATTERNS = 24, 300
# Whether an entity can be above zero after some change; sums of doubles leave a trace.
CAN_BE_ABOVE = "above + greatest(rest, 0) > 1e-9 * abs(x)"


def make_own(view: View, others: list[str]) -> None:
    """Create the rows of a view sorted by entity, which takes half the time to sum."""
    star, amount = view.star, AMOUNTS[view.measure]
    codes = "".join(f', {star.columns[it]} as "{it}"' for it in others)
    star.source.warehouse.execute(f"""
        create or replace temp table page_own as
        select {star.columns[view.dimension]} as code, cast({amount} as double) as amount{codes}
        from page_codes
        where code > 0 and {amount} != 0 and {star.within(*view.period)} order by code""")


def make_wide(view: View, others: list[str]) -> None:
    """Create a table with each entity's parts of several other dimensions as columns."""
    sums = "".join(
        f', sum(case when "{it}" = {code} then amount else 0 end) as {wide(it, code)}'
        for it in others
        for code in view.codes(it)
    )
    view.star.source.warehouse.execute(
        "create or replace temp table page_wide as select code, sum(amount) as x"
        f"{sums} from page_own group by code"
    )


def parts_by_name(view: View, names: Names, other: str) -> Json:
    """Return the parts that all entities of a small dimension have of each entity of
    another one.
    """
    star, amount = view.star, AMOUNTS[view.measure]
    table = view.crossings.table_of(view.dimension, other)
    condition, summed = star.within(*view.period), f"sum({amount})"
    if table and view.period[0] != "month":
        condition, summed = condition.replace("month", "quarter * 3"), f"sum({view.measure})"
    else:
        table = "page_codes"
    place_of = view.place_of(names, other)
    found: dict[int, Json] = {place: {"named": []} for place in place_of.values()}
    for code, other_code, z in star.source.warehouse.execute(f"""
        select {star.columns[view.dimension]} as code, {star.columns[other]} as other,
            cast({summed} as double) / {view.unit} as z
        from {table} where code > 0 and other between 1 and {len(place_of)} and {condition}
        group by 1, 2 order by 1, 2""").fetchall():
        if z and code in view.places:
            found[place_of[other_code]]["named"].append([view.places[code], z])
    return {"of": found}


def wide(other: str, code: int) -> str:
    """Return the name of the column with the parts of another entity."""
    return f'"{other} {code}"'


def make_owned(view: View, owned: list[str]) -> None:
    """Create the values of customers or products, each with its attributes."""
    columns = view.star.columns
    codes = "".join(f', {columns[it]} as "{it}"' for it in owned)
    view.star.source.warehouse.execute(f"""
        create or replace temp table page_owned as
        select code, x, code in ({listed_codes(view.named)}) as is_named{codes}
        from page_view inner join page_codes_of_{view.dimension}s
            on code = {columns[view.dimension]}""")


def owned_parts(view: View, names: Names, other: str) -> Json:
    """Return the parts of an attribute: everything of a customer belongs to the customer's
    attribute.
    """
    run = view.star.source.warehouse.execute
    sums_of = run(f"""
        select "{other}" as other, sum(x), fsum(x * x),
            2 * max(case when not is_named then x end), count(*)
        from page_owned where x > 0 and other between 1 and {len(view.codes(other))}
        group by 1 order by 1""").fetchall()
    has = dict(run(f'select code, "{other}" from page_owned where is_named').fetchall())
    place_of = view.place_of(names, other)
    rest = run(f"""
        select max(x) from page_owned
        where not is_named and not "{other}" between 1 and {len(place_of)}""").fetchone()
    of_other = {
        place_of[code]: {
            "sums": [exact(it) for it in (total, squares, squares, 0, most, count)],
            "critical": [],
            "named": [[view.places[it], x] for it, x in view.named.items() if has.get(it) == code],
        }
        for code, total, squares, most, count in sums_of
    }
    groups = [(place_of[code], exact(one), exact(two), n) for code, one, two, _, n in sums_of]
    return {
        "of": of_other,
        "single": [
            [place, exact(total), exact(squares), exact((most or 0) / 2)]
            for place, (_, total, squares, most, _) in zip(
                [group[0] for group in groups], sums_of, strict=True
            )
        ],
        "products": [[place, place, squares] for place, _, squares, _ in groups],
        "together": list(place_of.values()),
        "is_owned": True,
        "rest": max((rest and rest[0]) or 0, 0),
        "mixed": [],
        "bounds": None,
        "depth": MOST_MADE_OF,
        "made_of": [[[place], count] for place, _, _, count in groups],
    }


def parts_of(view: View, names: Names, other: str, is_wide: bool) -> Json:
    """Return by entity of another dimension: sums, bounds, sign changes, and named entities."""
    parts = Parts(view, other, view.place_of(names, other))
    if is_wide:
        parts.split()
    else:
        make_pieces(view, other)
    parts.look_for_next()
    return {"of": parts.of_other(), **parts.together()}


def next_without(
    view: View, codes: Sequence[int], parts: str, known: dict[int, float]
) -> tuple[dict[int, float], dict[int, int]]:
    """Return the largest value without a name if the parts of one other entity are removed.

    The entities next to the named ones are looked at, besides the known values; the second result
    is 1 if one of them is the largest, and 0 if it is a bound.
    """
    run = view.star.source.warehouse.execute
    numbers = ", ".join(f"({it})" for it in codes)
    found = run(f"""
        select number, max(x - coalesce(z, 0)) from page_next
        cross join (values {numbers}) as numbers (number)
        left join ({parts}) as parts on page_next.code = parts.code and number = other
        group by number""").fetchall()
    count, least = run("select count(*), min(x) from page_next").fetchone() or (0, 0)
    # Nobody after those that are looked at is larger today than the last of them.
    bound = least if count == NEXT else 0
    most = {code: max(value or 0, known.get(code, 0)) for code, value in found}
    return (
        {code: max(most.get(code, 0), bound) for code in codes},
        {code: int(most.get(code, 0) >= bound) for code in codes},
    )


@dataclass
class Parts:
    """The parts that the entities of one dimension have of entities of another one.

    Entities that consist wholly of such parts are summed from the table of columns if it exists.
    The parts of the others are in `page_pieces`, one row per part.
    """

    view: View
    other: str
    place_of: dict[int, int]
    # Sums over these entities: by number, and the products of two.
    whole: dict[int, list[Any]] = field(default_factory=dict)
    products: dict[tuple[int, int], float] = field(default_factory=dict)
    named: list[tuple[int, int, float]] = field(default_factory=list)
    # The largest value without a name when parts are removed, and whether an entity has it.
    without: dict[int, float] = field(default_factory=dict)
    is_reached: dict[int, int] = field(default_factory=dict)
    # The largest that anyone without a name has besides all these parts.
    rest: float = 0

    def split(self) -> None:
        """Sum the entities that consist wholly of parts, and list the parts of the others."""
        run = self.view.star.source.warehouse.execute
        columns = {code: wide(self.other, code) for code in self.place_of}
        # Functions of several values need at least two.
        several = ", ".join([*columns.values(), columns[1]])
        total = " + ".join(columns.values())
        is_whole = f"x > 0 and least({several}) >= 0 and {total} <= x * {NEARLY}"
        named = listed_codes(self.view.named)
        by_column = "".join(
            f", sum({it}), sum(x * {it}), max({it} + 0 * y), max(y + {it}),"
            f" count(case when {it} = x then 1 end)"
            for it in columns.values()
        )
        pairs = list(combinations_with_replacement(columns, 2))
        products = "".join(f", sum({columns[one]} * {columns[two]})" for one, two in pairs)
        sums = (
            run(f"""
            select count(*){by_column}{products} from (
                select *, case when code in ({named}) then null else x end as y
                from page_wide where {is_whole}
            )""").fetchone()
            or ()
        )
        each = 5
        self.whole = {
            code: [it or 0 for it in sums[1 + each * at : 1 + each * (at + 1)]]
            for at, code in enumerate(columns)
        }
        self.products = {
            pair: it or 0 for pair, it in zip(pairs, sums[1 + each * len(columns) :], strict=True)
        }
        numbers = ", ".join(map(str, columns))
        run(f"""
            create or replace temp table page_pieces as
            select code, x, other, z, is_named, false as is_whole, rest, above from (
                select code, x, code in ({named}) as is_named, x - ({total}) as rest,
                    {" + ".join(f"greatest({it}, 0)" for it in columns.values())} as above,
                    unnest([{numbers}]) as other, unnest([{", ".join(columns.values())}]) as z
                from page_wide where not ({is_whole})
            ) where z != 0 and {CAN_BE_ABOVE}""")
        self.named = [
            (code, other, z)
            for code, *values in run(
                f"select code, {', '.join(columns.values())} from page_wide"
                f" where code in ({named}) order by code"
            ).fetchall()
            for other, z in zip(columns, values, strict=True)
            if z
        ]

    def look_for_next(self) -> None:
        """Find the largest entities without a name after parts are removed."""
        run, unit = self.view.star.source.warehouse.execute, self.view.unit
        parts, rest = f"select code, other, z / {unit} as z from page_pieces", REST
        if self.whole:
            columns = [wide(self.other, it) for it in self.place_of]
            parts = (
                f"select code, unnest([{', '.join(map(str, self.place_of))}]) as other,"
                f" unnest([{', '.join(columns)}]) / {unit} as z from page_wide"
                " where code in (select code from page_next)"
            )
            rest = f"select max(x - ({' + '.join(columns)})) / {{unit}} from page_wide where true"
        known = {code: value / unit for code, value in run(LARGEST_WITHOUT).fetchall()}
        codes = list(self.place_of)
        self.without, self.is_reached = next_without(self.view, codes, parts, known)
        named = listed_codes(self.view.named)
        row = run(f"{rest.format(unit=unit)} and code not in ({named})").fetchone()
        self.rest = max((row and row[0]) or 0, 0)

    def of_other(self) -> dict[int, Json]:
        run, unit = self.view.star.source.warehouse.execute, self.view.unit
        pieces = {code: sums for code, *sums in run(PARTS).fetchall()}
        found: dict[int, Json] = {}
        for code, place in self.place_of.items():
            many, *rest = pieces.get(code, [0] * 6)
            sums = [it or 0 for it in rest]
            total, crossed, _, most, only = self.whole.get(code, [0] * 5)
            sums[0] += total
            sums[1] += crossed
            sums[2] += self.products.get((code, code), 0)
            sums[3] = max(sums[3], most)
            sums[4] += only
            if not any(sums) and not many:
                continue
            in_units = zip(sums, (unit, unit**2, unit**2, unit, 1), strict=True)
            exact_sums = [exact(it / divisor) for it, divisor in in_units]
            found[place] = {
                "sums": [*exact_sums[:3], self.without[code], *exact_sums[3:]],
                "reached": self.is_reached[code],
                "critical": None if many > MOST_LISTED else [],
                "named": [],
            }
        below_zero.add_critical(self.view, self.place_of, found)
        for code, other, z in self.named or run(NAMED_PIECES).fetchall():
            found[self.place_of[other]]["named"].append([self.view.places[code], z / unit])
        return found

    def together(self) -> dict[str, Json]:
        """Return what several changes at once need.

        These are the products of parts, the entities that can fall below zero or their sums, and
        the number of entities that consist only of the same parts.
        """
        run = self.view.star.source.warehouse.execute
        codes = list(self.place_of)
        below_zero.make_mixed(self.view, codes)
        single: dict[bool, dict[int, list[Any]]] = {True: {}, False: {}}
        for is_whole, code, *of_code in run(SINGLE).fetchall():
            single[is_whole][code] = of_code
        for code, (total, crossed, most, _, _) in self.whole.items():
            single[True][code] = [total, crossed, most, 0, 0]
        products: dict[bool, dict[tuple[int, int], float]] = {True: self.products, False: {}}
        for is_whole, one, two, product in run(PRODUCTS).fetchall():
            products[is_whole][one, two] = product
        made_of = self.made_of() if self.view.needs_count else []
        depth = MOST_MADE_OF if len(made_of) <= MOST_PATTERNS else 1
        is_listed = below_zero.count_mixed(self.view) <= MOST_LISTED
        partly = self.sums_of(single[False], products[False])
        return {
            **self.sums_of(single[True], products[True]),
            "together": list(self.place_of.values()),
            "rest": self.rest,
            "mixed": below_zero.mixed_entities(self.view, self.place_of) if is_listed else [],
            "bounds": None if is_listed else {**below_zero.bounds_of(self.view, codes), **partly},
            "depth": depth if self.view.needs_count else 0,
            "made_of": [[places, count] for places, count in made_of if len(places) <= depth],
        }

    def sums_of(
        self, single: dict[int, list[Any]], products: dict[tuple[int, int], float]
    ) -> dict[str, Json]:
        unit = self.view.unit
        units = (unit, unit**2, unit, unit, unit**2)
        return {
            "single": [
                [self.place_of[code]]
                + [exact((it or 0) / by) for it, by in zip(sums, units, strict=True)]
                for code, sums in single.items()
                if any(sums)
            ],
            "products": [
                [self.place_of[one], self.place_of[two], exact(product / unit**2)]
                for (one, two), product in products.items()
                if product
            ],
        }  # fmt: skip

    def made_of(self) -> list[tuple[list[int], int]]:
        """Return the number of entities that consist only of the same parts."""
        found = self.view.star.source.warehouse.execute(MADE_OF).fetchall()
        return [
            ([place for code, place in self.place_of.items() if mask >> code & 1], count)
            for mask, count in found
        ]


def make_pieces(view: View, other: str) -> None:
    """Create each entity's parts of one other dimension, one row per part."""
    view.star.source.warehouse.execute(f"""
        create or replace temp table page_pieces as
        with pieces as (
            select code, "{other}" as other, sum(amount) as z from page_own
            where other between 1 and {len(view.codes(other))} group by 1, 2
        ), entities as (
            select code, any_value(page_view.x) * {view.unit} as x, sum(z) as total,
                sum(greatest(z, 0)) as above, min(z) as least
            from pieces inner join page_view using (code) where z != 0 group by code
        )
        select code, x, other, z, code in ({listed_codes(view.named)}) as is_named,
            x > 0 and least > 0 and total <= x * {NEARLY} as is_whole, x - total as rest, above
        from pieces inner join entities using (code)
        where z != 0 and (is_whole or {CAN_BE_ABOVE})""")


# The number of those that can change sign, and the sums of the others; the largest value that
# anyone without a name can have at twice today's parts.
PARTS = f"""
    select other, count(case when {IS_CRITICAL} then 1 end),
        sum(case when not {IS_CRITICAL} and x > 0 then z end),
        sum(case when not {IS_CRITICAL} and x > 0 then x * z end),
        sum(case when not {IS_CRITICAL} and x > 0 then z * z end),
        max(case when not is_named then greatest(x, x + z) end),
        count(case when not {IS_CRITICAL} and x > 0 and {IS_ALL} then 1 end)
    from page_pieces group by other order by other"""
# Without a part below zero, a value is larger than today.
LARGEST_WITHOUT = """
    select other, max(x - z) from page_pieces where not is_named and z < 0 group by other"""
REST = """
    select max(coalesce(parts.rest / {unit}, x)) from page_view left join (
        select code, any_value(rest) as rest from page_pieces group by code
    ) as parts using (code) where true"""
NAMED_PIECES = "select code, other, z from page_pieces where is_named order by code, other"
SINGLE = """
    select is_whole, other, sum(z), sum(x * z), max(case when not is_named then greatest(z, 0) end),
        sum(-least(z, 0)), sum(least(z, 0) * least(z, 0))
    from page_pieces group by is_whole, other order by is_whole, other"""
PRODUCTS = """
    select one.is_whole, one.other, two.other, sum(one.z * two.z)
    from page_pieces as one inner join page_pieces as two
        on one.code = two.code and one.other <= two.other
    group by 1, 2, 3 order by 1, 2, 3"""
# Which parts entities consist of, and of nothing else.
MADE_OF = f"""
    select made_of, count(*) from (
        select code, bit_or(cast(1 as hugeint) << cast(other as integer)) as made_of
        from page_pieces where is_whole and x <= (x - rest) * {NEARLY} group by code
    ) group by made_of order by made_of"""
