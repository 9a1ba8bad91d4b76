"""Compute what a change of one entity does to each limit from sums, without the rows.

A limit depends on the values x of the entities of its dimension in its period. Scaling a part z of
each by a factor f (z is, for example, what each customer buys in category `Home`) gives x + (f - 1)
z. The total and the sum of squares follow from the sums of x, x^2, z, x z and z^2; several changes
at once also need the sums of the products z_j z_k. Shares of the largest follow from the named
entities, as long as the largest possible value of any other entity is below theirs.

Entities whose value can change its sign between f = 0 and f = 2 are excluded from these sums. If
they are few, each is listed with its x and z. If they are many, the page has sums of those that
change sign within the same twentieth of f: only these few can lie on either side of zero, and none
is far from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

from topheavy.report.answer_rows import PERIOD_DIMENSIONS, Json, Source, plain
from topheavy.report.crossed import Crossings
from topheavy.report.star import AMOUNTS, SLOTS, Star, unit_of
from topheavy.visible import readable

if TYPE_CHECKING:
    from topheavy.report.answers import Names

# Grain and first day.
Period = tuple[str, date]
# The number of named entities of a limit's dimension, and of entities of another dimension that can
# be changed.
NAMED = 40
CHANGED = 40
# If more entities than this can change their sign, the page has their sums, by steps of a factor.
MOST_CRITICAL = 20
STEPS = 20
# The rank of entities without a name.
NOBODY = 1_000_000_000
# Up to this number of other entities, their parts are columns that are computed from the rows at
# once.
SIDE_BY_SIDE = 10
# The tolerance for sums of doubles, which differ in their last digits.
NEARLY = "(1 + 1e-12)"
# The largest values and the total determine these indicators.
SHARES = ("entity_share", "cr1", "cr4", "cr5", "cr10", "cr20")
# Sums and the largest values determine these indicators; others need every value.
FROM_SUMS = (*SHARES, "hhi", "hhi_normalized", "effective_number")
# The largest number of parts and of combinations of parts for which the page counts the entities
# that consist only of them.
MOST_MADE_OF, MOST_PATTERNS = 24, 300


def limits_of(source: Source) -> Json:
    """Return each limit in its latest complete period, with its text for the page."""
    query = """
        select status.limit_id, status.dimension, status.measure, status.indicator,
            status.period_grain, status.period_start, status.direction, status.status,
            status.indicator_value, status.warn_at, status.breach_at, status.headroom_value,
            facts.label, facts.unit
        from limit_status as status
        inner join report_facts as facts on facts.section = 'limits' and facts.source_key =
            concat_ws(', ', status.limit_id, status.dimension, cast(period_start as varchar))
        where status.is_latest_complete
        order by facts.position, status.limit_id, status.dimension"""
    names = (
        "id", "dimension", "measure", "indicator", "grain", "start", "direction", "status",
        "value", "warn", "breach", "headroom", "words", "unit",
    )  # fmt: skip
    found = []
    for row in source.warehouse.execute(query).fetchall():
        limit = dict(zip(names, row, strict=True))
        limit["start"] = limit["start"].isoformat()
        limit["words"] = readable(limit["words"] or limit["id"])
        found.append(limit)
    return found


def limit_views(star: Star, crossings: Crossings, names: dict[str, Names]) -> Json:
    """Return the values that the limits depend on, and what each change removes from them."""
    source = star.source
    found = source.warehouse.execute(
        "select dimension, measure, period_grain, period_start,"
        " list(distinct indicator order by indicator) from limit_status"
        " where is_latest_complete group by all order by all"
    ).fetchall()
    views: list[Json] = []
    for dimension, measure, grain, start, indicators in found:
        if dimension not in source.dimensions or dimension in PERIOD_DIMENSIONS:
            continue
        if dimension in star.columns or grain == "all":
            view = View(star, crossings, dimension, measure, (grain, start), indicators)
            views.append(view.as_json(names))
    return views


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

    def as_json(self, names: dict[str, Names]) -> dict[str, Json]:
        """Return sums of the values, the largest by name, and the parts of each other dimension."""
        run = self.star.source.warehouse.execute
        values = self.star.values(self.dimension, self.measure, *self.period)
        run(f"create or replace temp table page_view as {values}")
        row = run("select count(*), sum(x), fsum(x * x) from page_view where x > 0").fetchone()
        count, total, squares = row or (0, 0, 0)
        most = run(
            f"select code, x from page_view order by x desc, code limit {NAMED + 1}"
        ).fetchall()
        self.is_whole = len(most) <= NAMED
        if not self.is_whole:
            most = [(code, x) for code, x in most if x > 0]
        self.named = dict(most[:NAMED])
        entities = self.star.entities(self.dimension, list(self.named))
        self.places = {code: names[self.dimension].place(entities[code]) for code in self.named}
        grain, start = self.period
        return {
            "dimension": self.dimension, "measure": self.measure,
            "grain": grain, "start": start.isoformat(),
            "count": max(count, self.slots), "slots": self.slots,
            "total": exact(total), "squares": exact(squares),
            "tail": most[NAMED][1] if len(most) > NAMED else 0,
            "named": [[self.places[code], x] for code, x in self.named.items()],
            "parts": self.parts(names),
        }  # fmt: skip

    def parts(self, names: dict[str, Names]) -> dict[str, Json]:
        """Return what each other dimension contributes to the values."""
        star = self.star
        if self.dimension not in star.columns:
            return {}
        others = [it for it in star.columns if it != self.dimension]
        owned = [it for it in others if star.owner(it) == self.dimension]
        # Small dimensions are computed as columns from the rows at once.
        side_by_side = [
            it for it in others if it not in owned and len(self.codes(it)) <= SIDE_BY_SIDE
        ]  # fmt: skip
        if self.needs_count:
            side_by_side = []
        if not self.is_whole:
            make_own(self, [it for it in others if it not in owned])
            make_wide(self, side_by_side)
        if owned:
            make_owned(self, owned)
        found = {}
        for other in others:
            if other in owned:
                found[other] = owned_parts(self, names[other], other)
            elif self.is_whole:
                found[other] = parts_by_name(self, names[other], other)
            else:
                found[other] = parts_of(self, names[other], other, other in side_by_side)
        return found

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
    return {"of": parts.of_other(), **parts.together()}


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
            ) where z != 0""")
        self.named = [
            (code, other, z)
            for code, *values in run(
                f"select code, {', '.join(columns.values())} from page_wide"
                f" where code in ({named}) order by code"
            ).fetchall()
            for other, z in zip(columns, values, strict=True)
            if z
        ]

    def of_other(self) -> dict[int, Json]:
        run, unit = self.view.star.source.warehouse.execute, self.view.unit
        pieces = {code: sums for code, *sums in run(PARTS).fetchall()}
        found: dict[int, Json] = {}
        for code, place in self.place_of.items():
            many, down, up, *rest = pieces.get(code, [0] * 9)
            sums = [it or 0 for it in rest]
            total, crossed, _, most, only = self.whole.get(code, [0] * 5)
            sums[0] += total
            sums[1] += crossed
            sums[2] += self.products.get((code, code), 0)
            sums[4] = max(sums[4], most)
            sums[5] += only
            if not any(sums) and not many:
                continue
            part: Json = {"critical": [], "named": []}
            if many > MOST_CRITICAL:
                # None of them is listed, so the largest possible value of other entities covers
                # theirs, too.
                sums[3:5] = [max(sums[3], down or 0), max(sums[4], up or 0)]
                part |= {"critical": None, "many": many}
            in_units = zip(sums, (unit, unit**2, unit**2, unit, unit, 1), strict=True)
            part["sums"] = [exact(it / divisor) for it, divisor in in_units]
            found[place] = part
        self.add_critical(found)
        for code, other, z in self.named or run(NAMED_PIECES).fetchall():
            found[self.place_of[other]]["named"].append([self.view.places[code], z / unit])
        return found

    def add_critical(self, found: dict[int, Json]) -> None:
        """Add the entities that can change sign, listed or as sums by steps of a factor."""
        run, unit = self.view.star.source.warehouse.execute, self.view.unit
        ranks = self.view.ranks
        for other, code, x, z in run(CRITICAL).fetchall():
            rank = ranks.get(code, NOBODY)
            found[self.place_of[other]]["critical"].append([x / unit, z / unit, rank])
        turns: dict[int, list[list[Any]]] = {}
        for other, *sums in run(TURNS).fetchall():
            turns.setdefault(other, []).append(sums)
        for other, rows in turns.items():
            found[self.place_of[other]]["turns"] = turns_of(rows, unit)

    def together(self) -> dict[str, Json]:
        """Return what several changes at once need.

        These are the products of parts, the entities that can fall below zero or their sums, and
        the number of entities that consist only of the same parts.
        """
        run = self.view.star.source.warehouse.execute
        run(f"create or replace temp table page_entities as {ENTITIES}")
        count, *sums = run(BOUNDS).fetchone() or (0,)
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
        is_listed = count <= MOST_CRITICAL
        partly = self.sums_of(single[False], products[False])
        return {
            **self.sums_of(single[True], products[True]),
            "together": list(self.place_of.values()),
            "mixed": self.mixed() if is_listed else [],
            "bounds": None if is_listed else {**self.bounds(count, sums), **partly},
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

    def bounds(self, count: int, sums: list[Any]) -> dict[str, Json]:
        """Return sums of the entities that can fall below zero, from which bounds follow."""
        unit = self.view.unit
        tail, below, squares, *rest = (it or 0 for it in sums)
        units = (1, unit, unit**2, unit, unit**2)
        return {
            "count": count,
            "tail": exact(tail / unit),
            "rest": [exact(below / unit), exact(squares / unit**2)],
            "sums": [exact(it / divisor) for it, divisor in zip(rest, units, strict=True)],
        }

    def mixed(self) -> list[Json]:
        """Return the entities that can fall below zero, each with its parts."""
        unit, ranks = self.view.unit, self.view.ranks
        found: dict[int, Json] = {}
        for code, x, other, z in self.view.star.source.warehouse.execute(MIXED).fetchall():
            entity = found.setdefault(code, [x / unit, ranks.get(code, NOBODY), []])
            entity[2].append([self.place_of[other], z / unit])
        return list(found.values())

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
        from pieces inner join entities using (code) where z != 0""")


def turns_of(rows: list[list[Any]], unit: int) -> list[list[Json]]:
    """Return the sums of entities that change sign within the same step, in money."""
    units = (1, unit, unit, unit**2, unit**2, unit**2)
    return [
        [int(rises), turn, *(plain(it / by, 15) for it, by in zip(sums, units, strict=True))]
        for rises, turn, *sums in rows
    ]


def exact(value: float | None) -> Json:
    """Return a sum with all its digits, because differences of rounded sums would be wrong."""
    return plain(value or 0, 17)


def listed_codes(codes: Iterable[int]) -> str:
    return ", ".join(map(str, codes)) or "null"


IS_CRITICAL = "(abs(z) >= abs(x) and z != x)"
PARTS = f"""
    select other, count(case when {IS_CRITICAL} then 1 end),
        max(case when not is_named and {IS_CRITICAL} then greatest(x, x - z) end),
        max(case when not is_named and {IS_CRITICAL} then greatest(x, x + z) end),
        sum(case when not {IS_CRITICAL} and x > 0 then z end),
        sum(case when not {IS_CRITICAL} and x > 0 then x * z end),
        sum(case when not {IS_CRITICAL} and x > 0 then z * z end),
        max(case when not is_named and not {IS_CRITICAL} then greatest(x, x - z) end),
        max(case when not is_named and not {IS_CRITICAL} then greatest(x, x + z) end),
        count(case when not {IS_CRITICAL} and x > 0 and z = x then 1 end)
    from page_pieces group by other order by other"""
MANY = f"""
    select other from page_pieces where {IS_CRITICAL}
    group by other having count(*) > {MOST_CRITICAL}"""
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
NAMED_PIECES = "select code, other, z from page_pieces where is_named order by code, other"
ENTITIES = f"""
    select code, any_value(x) as x, any_value(is_named) as is_named, any_value(rest) as rest,
        any_value(above) as above, any_value(is_whole) as is_whole,
        bit_or(cast(1 as hugeint) << cast(other as integer)) as made_of,
        any_value(x) <= (any_value(x) - any_value(rest)) * {NEARLY} as is_complete
    from page_pieces group by code"""
# The number of entities; the largest possible value without a name; what is below zero in the other
# rows; the number of positive values, their total and squares; the sums of all x and x^2.
BOUNDS = """
    select count(*), max(case when not is_named then above + greatest(rest, 0) end),
        sum(-least(rest, 0)), sum(least(rest, 0) * least(rest, 0)),
        count(case when x > 0 then 1 end), sum(greatest(x, 0)),
        sum(greatest(x, 0) * greatest(x, 0)), sum(x), sum(x * x)
    from page_entities where not is_whole"""
SINGLE = """
    select is_whole, other, sum(z), sum(x * z), max(case when not is_named then greatest(z, 0) end),
        sum(-least(z, 0)), sum(least(z, 0) * least(z, 0))
    from page_pieces group by is_whole, other order by is_whole, other"""
PRODUCTS = """
    select one.is_whole, one.other, two.other, sum(one.z * two.z)
    from page_pieces as one inner join page_pieces as two
        on one.code = two.code and one.other <= two.other
    group by 1, 2, 3 order by 1, 2, 3"""
MIXED = "select code, x, other, z from page_pieces where not is_whole order by code, other"
MADE_OF = """
    select made_of, count(*) from page_entities
    where is_whole and is_complete group by made_of order by made_of"""
