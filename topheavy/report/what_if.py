"""What a change of one entity does to each limit, from sums: without the rows.

A limit looks at the values x of the entities of its dimension in its period. Scaling a part z of
them by a factor f (what category `Home` has of each customer) gives x + (f - 1) z. The total and
the sum of squares follow from the sums of x, x^2, z, x z and z^2; several changes at once need the
sums of the products z_j z_k, too. Shares of the largest follow from those that are named, as long
as the largest value that any other can have is below theirs.

Whoever can change its sign between f = 0 and f = 2 is left out of these sums. Where they are few,
each is there with its x and z. Where they are many, their sums are there for every twentieth of f:
between two of these, a sum of values above zero is convex in f, so it lies below the chord and
above the neighbouring chords, which bounds it. The largest few of another dimension, which the page
can set together, have sums like a single one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

from topheavy.report.answer_rows import PERIOD_DIMENSIONS, Json, Source, plain
from topheavy.report.crossed import Crossings
from topheavy.report.star import AMOUNTS, Star, unit_of
from topheavy.visible import readable

if TYPE_CHECKING:
    from topheavy.report.answers import Names

# Grain and first day.
Period = tuple[str, date]
# So many of a limit's dimension are named, and so many of another dimension can be changed.
NAMED = 40
CHANGED = 40
# Where more than this many can change their sign, the page has their sums, by steps of a factor.
MOST_CRITICAL = 20
STEPS = 20
# The rank of those that have no name here.
NOBODY = 1_000_000_000
# A row is dirty where a part can change its sign, whole where its parts make it up.
DIRTY, CLEAN, WHOLE = range(3)
# So many sums of all values, and so many of each part.
OF_ALL, BY_COLUMN = 9, 8
# Of these indicators the largest values and the total are enough.
SHARES = ("entity_share", "cr1", "cr4", "cr5", "cr10", "cr20")
# These follow from sums and the largest values; others need every value.
FROM_SUMS = (*SHARES, "hhi", "hhi_normalized", "effective_number")
# Which parts entities are made of alone, counted up to so many parts and so many kinds.
MOST_MADE_OF, MOST_PATTERNS = 24, 300


def limits_of(source: Source) -> Json:
    """Each limit in its latest complete period, with the words of the page for it."""
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
    """The values that the limits look at, and what each change takes from them."""
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
            views.append(view.told(names))
    return views


@dataclass
class View:
    """The values of one dimension, measure and period; sums in units, as page_codes has them."""

    star: Star
    crossings: Crossings
    dimension: str
    measure: str
    period: Period
    indicators: list[str]
    # The largest by their numbers, and their places in the list of names.
    named: dict[int, float] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)

    @property
    def unit(self) -> int:
        return unit_of(self.measure)

    @property
    def needs_count(self) -> bool:
        return not set(self.indicators) <= {*SHARES, "hhi", "effective_number"}

    def told(self, names: dict[str, Names]) -> dict[str, Json]:
        """Sums of the values, the largest by name, and the parts of each other dimension."""
        run = self.star.source.warehouse.execute
        values = self.star.values(self.dimension, self.measure, *self.period)
        run(f"create or replace temp table page_view as {values}")
        row = run(
            "select count(*), sum(x), fsum(x * x) from page_view where x > 0"
        ).fetchone()
        count, total, squares = row or (0, 0, 0)
        most = run(
            f"select code, x from page_view where x > 0 order by x desc, code limit {NAMED + 1}"
        ).fetchall()
        self.named = dict(most[:NAMED])
        entities = self.star.entities(self.dimension, list(self.named))
        self.places = {code: names[self.dimension].place(entities[code]) for code in self.named}
        grain, start = self.period
        return {
            "dimension": self.dimension, "measure": self.measure,
            "grain": grain, "start": start.isoformat(),
            "count": count, "total": exact(total), "squares": exact(squares),
            "tail": most[NAMED][1] if len(most) > NAMED else 0,
            "named": [[self.places[code], x] for code, x in self.named.items()],
            "parts": self.parts(names),
        }  # fmt: skip

    def parts(self, names: dict[str, Names]) -> dict[str, Json]:
        """What each other dimension contributes to the values."""
        star = self.star
        if self.dimension not in star.columns:
            return {}
        others = [it for it in star.columns if it != self.dimension]
        owned = [it for it in others if star.owner(it) == self.dimension]
        # Side by side from the rows at once; what is few comes from sums or from a few rows.
        side_by_side = [
            it for it in others
            if it not in owned and star.block_of(it) and not star.block_of(self.dimension)
        ]  # fmt: skip
        if side_by_side:
            make_wide(self, side_by_side)
        found = {}
        for other in others:
            if other in owned:
                found[other] = owned_parts(self, names[other], other)
            else:
                if other not in side_by_side:
                    make_few(self, other)
                found[other] = parts_of(self, names[other], other, other in side_by_side)
        return found

    def place_of(self, names: Names, other: str) -> dict[int, int]:
        """The places in the list of names of the numbers that can be changed."""
        source = self.star.source
        leading = source.leading(other, source.main, CHANGED)
        return {code: names.place(entity) for code, entity in enumerate(leading, 1)}

    def codes(self, other: str) -> range:
        source = self.star.source
        return range(1, len(source.leading(other, source.main, CHANGED)) + 1)


def make_wide(view: View, others: list[str]) -> None:
    """What each entity has of each entity of several other dimensions, side by side."""
    star, run = view.star, view.star.source.warehouse.execute
    amount = AMOUNTS[view.measure]
    blocks = ", ".join(dict.fromkeys(block.column for it in others if (block := star.block_of(it))))
    # Entity by entity, the rows are added up in half the time.
    run(f"""
        create or replace temp table page_own as
        select {star.columns[view.dimension]} as code, cast({amount} as double) as amount, {blocks}
        from page_codes
        where code > 0 and {amount} != 0 and {star.within(*view.period)} order by code""")
    sums = "".join(
        f", sum(case when {star.columns[it]} = {code} then amount else 0 end) as {wide(it, code)}"
        for it in others
        for code in view.codes(it)
    )
    run(
        "create or replace temp table page_wide as select code, sum(amount) as x"
        f"{sums} from page_own group by code"
    )


def make_few(view: View, other: str) -> None:
    """The same of one other dimension, where its sums are there already or its rows are few."""
    star, amount = view.star, AMOUNTS[view.measure]
    table = view.crossings.table_of(view.dimension, other)
    condition, summed = star.within(*view.period), f"sum({amount})"
    if table and view.period[0] != "month":
        condition, summed = condition.replace("month", "quarter * 3"), f"sum({view.measure})"
    else:
        table = "page_codes"
    sums = "".join(
        f", sum(case when other = {code} then z else 0 end) as {wide(other, code)}"
        for code in view.codes(other)
    )
    star.source.warehouse.execute(f"""
        create or replace temp table page_few as
        select code, any_value(page_view.x) * {view.unit} as x{sums} from (
            select {star.columns[view.dimension]} as code, {star.columns[other]} as other,
                cast({summed} as double) as z
            from {table}
            where code > 0 and other between 1 and {len(view.codes(other))} and {condition}
            group by 1, 2
        ) inner join page_view using (code) group by code""")


def wide(other: str, code: int) -> str:
    """A column of what entities have of another one."""
    return f'"{other} {code}"'


def owned_parts(view: View, names: Names, other: str) -> Json:
    """The parts of an attribute: all that a customer brings is of the customer's payment method."""
    star, run = view.star, view.star.source.warehouse.execute
    own, others = star.columns[view.dimension], star.columns[other]
    owners = f"page_codes_of_{view.dimension}s"
    named = listed_codes(view.named)
    sums_of = run(f"""
        select {others} as other, sum(x), fsum(x * x),
            2 * max(case when {own} not in ({named}) then x end), count(*)
        from page_view inner join {owners} on code = {own}
        where x > 0 and other between 1 and {len(view.codes(other))}
        group by 1 order by 1""").fetchall()
    has = dict(run(f"select {own}, {others} from {owners} where {own} in ({named})").fetchall())
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
    """By entity of another dimension: sums, bounds, who can change sign, and the named."""
    parts = Parts(view, other, "page_wide" if is_wide else "page_few", view.place_of(names, other))
    kinds = parts.kinds()
    of_other = parts.of_other(kinds)
    return {"of": of_other, **parts.together(kinds, view.needs_count or not is_wide)}


@dataclass
class Parts:
    """What the entities of one dimension have of those of another one, side by side in a table."""

    view: View
    other: str
    table: str
    place_of: dict[int, int]

    @property
    def columns(self) -> dict[int, str]:
        return {code: wide(self.other, code) for code in self.place_of}

    @property
    def marked(self) -> str:
        """The rows with their kind: DIRTY where a part can change the sign of the whole, CLEAN
        where none can, WHOLE where in addition all parts together are no more than the whole."""
        columns = list(self.columns.values())
        # Functions of several values need two.
        several = ", ".join([*columns, columns[0]])
        total = " + ".join(columns)
        above = " + ".join(f"greatest({it}, 0)" for it in columns)
        return f"""
            select code, x, {", ".join(columns)}, x - ({total}) as rest, {above} as above,
                case when code in ({listed_codes(self.view.named)}) then null else x end as y,
                case when x <= 0 or greatest({several}) > x or least({several}) <= -x then {DIRTY}
                    when least({several}) < 0 or {total} > x * (1 + 1e-12)
                    then {CLEAN} else {WHOLE} end as kind
            from {self.table} where {" or ".join(f"{it} != 0" for it in columns)}"""

    def kinds(self) -> dict[int, Kind]:
        """The sums over the rows of each kind."""
        columns = list(self.columns.values())
        by_column = "".join(
            f", sum({it}), sum(x * {it}), sum(least({it}, 0)), sum(least({it}, 0) * least({it}, 0)),"
            f" max({it} + 0 * y), max(y + {it}), max(y - {it}), count(case when {it} = x then 1 end)"
            for it in columns
        )
        pairs = list(combinations_with_replacement(self.columns, 2))
        products = "".join(
            f", sum({self.columns[one]} * {self.columns[two]})" for one, two in pairs
        )
        found = self.view.star.source.warehouse.execute(f"""
            select kind, count(*),
                max(case when y is not null then above + greatest(rest, 0) end),
                sum(least(rest, 0)), sum(least(rest, 0) * least(rest, 0)),
                count(case when x > 0 then 1 end), sum(greatest(x, 0)),
                sum(greatest(x, 0) * greatest(x, 0)), sum(x), sum(x * x){by_column}{products}
            from ({self.marked}) group by kind order by kind""").fetchall()
        kinds = {}
        for kind, *sums in found:
            width = BY_COLUMN * len(columns)
            rest = sums[OF_ALL:]
            kinds[kind] = Kind(
                sums[:OF_ALL],
                {
                    code: rest[BY_COLUMN * at : BY_COLUMN * (at + 1)]
                    for at, code in enumerate(self.columns)
                },
                dict(zip(pairs, rest[width:], strict=True)),
            )
        return kinds

    def of_other(self, kinds: dict[int, Kind]) -> dict[int, Json]:
        run, unit = self.view.star.source.warehouse.execute, self.view.unit
        run(f"create or replace temp table page_dirty as {self.unpivoted()}")
        dirty = {code: sums for code, *sums in run(PARTS).fetchall()}
        found: dict[int, Json] = {}
        for code, place in self.place_of.items():
            many, down, up, *sums = dirty.get(code, [0] * 9)
            sums = [it or 0 for it in sums]
            for kind in (kinds[it] for it in (CLEAN, WHOLE) if it in kinds):
                total, crossed, _, _, _, most, least, only = kind.columns[code]
                square = kind.products.get((code, code), 0)
                sums[0] += total
                sums[1] += crossed
                sums[2] += square
                sums[3] = max(sums[3], least or 0)
                sums[4] = max(sums[4], most or 0)
                sums[5] += only
            if not any(sums) and not many:
                continue
            part: Json = {"critical": [], "named": []}
            if many > MOST_CRITICAL:
                # None of them is there by itself: the largest that others can have is theirs, too.
                sums[3:5] = [max(sums[3], down or 0), max(sums[4], up or 0)]
                part |= {"critical": None, "many": many}
            in_units = zip(sums, (unit, unit**2, unit**2, unit, unit, 1), strict=True)
            part["sums"] = [exact(it / divisor) for it, divisor in in_units]
            found[place] = part
        self.add_critical(found)
        for code, *values in run(self.of_named()).fetchall():
            for place, value in zip(self.place_of.values(), values, strict=True):
                if value:
                    found[place]["named"].append([self.view.places[code], value / unit])
        return found

    def unpivoted(self) -> str:
        """One row per part of the dirty rows."""
        numbers = ", ".join(map(str, self.columns))
        return f"""
            select code, x, other, z, is_named, abs(z) >= abs(x) and z != x as is_critical from (
                select code, x, y is null as is_named, unnest([{numbers}]) as other,
                    unnest([{", ".join(self.columns.values())}]) as z
                from ({self.marked}) where kind = {DIRTY}
            ) where z != 0"""

    def of_named(self) -> str:
        order = " ".join(f"when {code} then {at}" for at, code in enumerate(self.view.named))
        return (
            f"select code, {', '.join(self.columns.values())} from {self.table}"
            f" where code in ({listed_codes(self.view.named)})"
            + (f" order by case code {order} end" if order else "")
        )

    def add_critical(self, found: dict[int, Json]) -> None:
        """Who can change sign, by itself or as sums by steps of a factor."""
        run, unit = self.view.star.source.warehouse.execute, self.view.unit
        ranks = {code: rank for rank, code in enumerate(self.view.named, 1)}
        for other, code, x, z in run(CRITICAL).fetchall():
            rank = ranks.get(code, NOBODY)
            found[self.place_of[other]]["critical"].append([x / unit, z / unit, rank])
        crossings: dict[int, list[list[float]]] = {}
        for other, *sums in run(STEPPED).fetchall():
            crossings.setdefault(other, []).append(sums)
        for other, rows in crossings.items():
            found[self.place_of[other]]["steps"] = steps_of(rows, unit)

    def together(self, kinds: dict[int, Kind], is_counted: bool) -> dict[str, Json]:
        """What several changes at once need: the products of parts, the entities that can fall
        below zero or their sums, and how many entities consist of the same parts only."""
        partly = [kinds[it] for it in (DIRTY, CLEAN) if it in kinds]
        is_listed = sum(it.sums[0] for it in partly) <= MOST_CRITICAL
        whole = [kinds[WHOLE]] if WHOLE in kinds else []
        made_of = self.made_of() if is_counted else []
        depth = MOST_MADE_OF if len(made_of) <= MOST_PATTERNS else 1
        return {
            **self.products(whole),
            "together": list(self.place_of.values()),
            "mixed": self.mixed() if is_listed else [],
            "bounds": None if is_listed else self.bounds(partly),
            "depth": depth if is_counted else 0,
            "made_of": [[places, count] for places, count in made_of if len(places) <= depth],
        }

    def products(self, kinds: list[Kind]) -> dict[str, Json]:
        unit = self.view.unit
        single, products = [], []
        for code, place in self.place_of.items():
            rows = [it.columns[code] for it in kinds]
            total, crossed, below, squares = (sum(row[at] for row in rows) for at in range(4))
            most = max((row[4] or 0 for row in rows), default=0)
            if total or below:
                single.append(
                    [place, exact(total / unit), exact(crossed / unit**2), exact(most / unit),
                     exact(-below / unit), exact(squares / unit**2)]
                )  # fmt: skip
        for one, two in combinations_with_replacement(self.place_of, 2):
            product = sum(it.products.get((one, two), 0) for it in kinds)
            if product:
                at = self.place_of[one], self.place_of[two]
                products.append([*at, exact(product / unit**2)])
        return {"single": single, "products": products}

    def mixed(self) -> list[Json]:
        """The entities that can fall below zero, each with its parts."""
        unit = self.view.unit
        ranks = {code: rank for rank, code in enumerate(self.view.named, 1)}
        found = self.view.star.source.warehouse.execute(
            f"select code, x, {', '.join(self.columns.values())} from ({self.marked})"
            f" where kind != {WHOLE} order by code"
        ).fetchall()
        places = self.place_of.values()
        return [
            [x / unit, ranks.get(code, NOBODY),
             [[place, z / unit] for place, z in zip(places, parts, strict=True) if z]]
            for code, x, *parts in found
        ]  # fmt: skip

    def bounds(self, kinds: list[Kind]) -> dict[str, Json]:
        """The sums of entities that can fall below zero, from which bounds follow."""
        unit = self.view.unit
        below, squares, *sums = [
            sum(it) for it in zip(*(it.sums[2:] for it in kinds), strict=True)
        ]  # fmt: skip
        units = (1, unit, unit**2, unit, unit**2)
        return {
            "count": sum(it.sums[0] for it in kinds),
            "tail": exact(max(it.sums[1] or 0 for it in kinds) / unit),
            "rest": [exact(-below / unit), exact(squares / unit**2)],
            "sums": [exact(it / divisor) for it, divisor in zip(sums, units, strict=True)],
            **self.products(kinds),
        }

    def made_of(self) -> list[tuple[list[int], int]]:
        """How many entities consist of the same parts and nothing else."""
        mask = " + ".join(
            f"case when {column} != 0 then {1 << code} else 0 end"
            for code, column in self.columns.items()
        )
        total = " + ".join(self.columns.values())
        found = self.view.star.source.warehouse.execute(f"""
            select {mask} as mask, count(*) from ({self.marked})
            where kind = {WHOLE} and {total} >= x * (1 - 1e-12) group by 1 order by 1""").fetchall()
        return [
            ([place for code, place in self.place_of.items() if mask >> code & 1], count)
            for mask, count in found
        ]


@dataclass
class Kind:
    """Sums over rows of one kind: of all, by column, and the products of columns."""

    sums: list[Any]
    columns: dict[int, list[Any]]
    products: dict[tuple[int, int], float]


def steps_of(rows: list[list[float]], unit: int) -> list[list[Json]]:
    """Count, total and squares at each step, from the sums of those that turn at the same step."""
    steps = []
    for step in range(2 * STEPS + 1):
        count, total, squares = 0.0, 0.0, 0.0
        factor = step / STEPS - 1
        for rises, turn, many, x, z, xx, xz, zz in rows:
            if step >= turn if rises else step < turn:
                count += many
                total += x + factor * z
                squares += xx + 2 * factor * xz + factor * factor * zz
        steps.append([plain(count), plain(total / unit), plain(squares / unit**2)])
    return steps


def exact(value: float | None) -> Json:
    """A sum with all its digits: what is taken from a larger one must not be rounded."""
    return plain(value or 0, 17)


def listed_codes(codes: Iterable[int]) -> str:
    return ", ".join(map(str, codes)) or "null"


PARTS = """
    select other, count(case when is_critical then 1 end),
        max(case when not is_named and is_critical then greatest(x, x - z) end),
        max(case when not is_named and is_critical then greatest(x, x + z) end),
        sum(case when not is_critical and x > 0 then z end),
        sum(case when not is_critical and x > 0 then x * z end),
        sum(case when not is_critical and x > 0 then z * z end),
        max(case when not is_named and not is_critical then greatest(x, x - z) end),
        max(case when not is_named and not is_critical then greatest(x, x + z) end),
        count(case when not is_critical and x > 0 and z = x then 1 end)
    from page_dirty group by other order by other"""
MANY = f"""
    select other from page_dirty where is_critical
    group by other having count(*) > {MOST_CRITICAL}"""
CRITICAL = f"""
    select other, code, x, z from page_dirty
    where is_critical and other not in ({MANY}) order by other, code"""
# A value that rises with the factor is above zero after a step, one that falls up to a step.
STEPPED = f"""
    select other, z > 0 as rises, cast(case when z > 0
            then floor(round({STEPS} * (1 - x / z), 9)) + 1
            else ceil(round({STEPS} * (1 - x / z), 9)) end as integer) as turn,
        count(*), sum(x), sum(z), sum(x * x), sum(x * z), sum(z * z)
    from page_dirty where is_critical and other in ({MANY})
    group by other, rises, turn order by other, rises, turn"""
