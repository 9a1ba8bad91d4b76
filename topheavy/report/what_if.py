"""What a change of one entity does to each limit, from sums: without the rows.

A limit looks at the values x of the entities of its dimension in its period. Scaling a part z of
them by a factor f (what category `Home` has of each customer) gives x + (f - 1) z. The total and
the sum of squares follow from the sums of x, x^2, z, x z and z^2; several changes at once need the
sums of the products z_j z_k, too. Shares of the largest follow from those that are named, as long
as the largest value that any other can have is below theirs.

Whoever can change its sign between f = 0 and f = 2 is left out of these sums. Where they are few,
each is there with its x and z. Where they are many, their sums are there for every twentieth of f:
between two of these, a sum of values above zero is convex in f, so it lies below the chord and
above the neighbouring chords, which bounds it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from topheavy.report.answer_rows import PERIOD_DIMENSIONS, Json, Source, plain
from topheavy.report.star import COUNTS_IN, Star, summed
from topheavy.visible import readable

if TYPE_CHECKING:
    from topheavy.report.answers import Names

# Grain and first day.
Period = tuple[str, date]
# So many of a limit's dimension are named, and so many of another dimension can be changed.
NAMED = 40
CHANGED = 24
# So many of them can be changed at once where there are many rows: as many as have a slider.
TOGETHER = 10
# Where more than this many can change their sign, the page has their sums, by steps of a factor.
MOST_CRITICAL = 20
STEPS = 20
# What is left of a sum below this is nothing.
NOTHING = 1e-9
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


def limit_views(star: Star, names: dict[str, Names]) -> Json:
    """The values that the limits look at, and what each change takes from them."""
    source = star.source
    found = source.warehouse.execute(
        "select dimension, measure, list(distinct (period_grain, period_start))"
        " from limit_status where is_latest_complete group by 1, 2 order by 1, 2"
    ).fetchall()
    views: list[Json] = []
    for dimension, measure, periods in found:
        if dimension in source.dimensions and dimension not in PERIOD_DIMENSIONS:
            known = [it for it in sorted(periods) if dimension in star.columns or it[0] == "all"]
            views += views_of(star, names, dimension, measure, known)
    return views


def views_of(
    star: Star, names: dict[str, Names], dimension: str, measure: str, periods: list[Period]
) -> list[Json]:
    """The views of one dimension and measure, whose parts are added up together."""
    views = [
        limit_view(star, names, dimension, measure, period, f"page_view_{at}")
        for at, period in enumerate(periods)
    ]
    others = [it for it in star.columns if it != dimension] if dimension in star.columns else []
    for other in others:
        is_owned = star.owner(other) == dimension
        if not is_owned:
            make_pieces(star, dimension, other, measure, periods)
        parts = owned_parts if is_owned else parts_of
        for at, view in enumerate(views):
            view["parts"][other] = parts(star, names[other], view, other, at)
    for view in views:
        view["named"] = [[place, value] for place, value, _ in view["named"]]
    return views


def limit_view(
    star: Star, names: dict[str, Names], dimension: str, measure: str, period: Period, table: str
) -> dict[str, Json]:
    """Sums of the values, and the largest: place in the names, value, number."""
    run = star.source.warehouse.execute
    run(f"""
        create or replace temp table {table} as
        select code, x, case when x > 0 then row_number() over (order by x desc, code) end as place
        from ({star.values(dimension, measure, *period)})""")
    row = run(f"""
        select count(case when x > 0 then 1 end),
            sum(case when x > 0 then x end),
            fsum(case when x > 0 then x * x end),
            max(case when place > {NAMED} then x end) from {table}""").fetchone()
    count, total, squares, tail = row or (0, 0, 0, None)
    named = run(f"select code, x from {table} where place <= {NAMED} order by place").fetchall()
    entities = star.entities(dimension, [code for code, _ in named])
    grain, start = period
    return {
        "dimension": dimension, "measure": measure, "grain": grain, "start": start.isoformat(),
        "count": count, "total": exact(total), "squares": exact(squares),
        "tail": tail or 0,
        "named": [[names[dimension].place(entities[code]), x, code] for code, x in named],
        "parts": {},
    }  # fmt: skip


def make_pieces(
    star: Star, dimension: str, other: str, measure: str, periods: list[Period]
) -> None:
    """What each entity of a dimension has of the leading entities of another one, by period."""
    own, others = star.columns[dimension], star.columns[other]
    sums = "".join(
        f", {summed(measure, star.within(*period))} as z_{at}" for at, period in enumerate(periods)
    )
    star.source.warehouse.execute(f"""
        create or replace temp table page_pieces as select {own} as code, {others} as other{sums}
        from page_codes where {own} > 0 and {others} between 1 and {CHANGED}
            and {COUNTS_IN[measure]} group by 1, 2""")


def owned_parts(star: Star, names: Names, view: dict[str, Json], other: str, at: int) -> Json:
    """The parts of an attribute: all that a customer brings is of the customer's payment method."""
    own, others = star.columns[view["dimension"]], star.columns[other]
    owners = f"page_codes_of_{view['dimension']}s"
    sums_of = star.source.warehouse.execute(f"""
        select {others}, fsum(x), fsum(x * x),
            2 * max(case when place > {NAMED} then x end), count(*)
        from page_view_{at} inner join {owners} on code = {own}
        where x > 0 and {others} between 1 and {CHANGED} group by 1 order by 1""").fetchall()
    named = ", ".join(str(code) for _, _, code in view["named"])
    has = dict(
        star.source.warehouse.execute(
            f"select {own}, {others} from {owners} where {own} in ({named or 'null'})"
        ).fetchall()
    )
    place_of = places_of(star, names, other)
    of_other = {
        place_of[code]: {
            "sums": [exact(it) for it in (total, squares, squares, 0, most, count)],
            "critical": [],
            "named": [[place, x] for place, x, it in view["named"] if has.get(it) == code],
        }
        for code, total, squares, most, count in sums_of
    }
    groups = [(place_of[code], exact(one), exact(two), n) for code, one, two, _, n in sums_of]
    return {
        "of": of_other,
        "single": [[place, total, squares] for place, total, squares, _ in groups],
        "products": [[place, place, squares] for place, _, squares, _ in groups],
        "together": list(place_of.values()),
        "mixed": [],
        "bounds": None,
        "depth": MOST_MADE_OF,
        "made_of": [[[place], count] for place, _, _, count in groups],
    }


def places_of(star: Star, names: Names, dimension: str) -> dict[int, int]:
    """The places in the list of names of the numbers that can be changed."""
    leading = star.source.leading(dimension, star.source.main, CHANGED)
    return {code: names.place(entity) for code, entity in enumerate(leading, 1)}


def parts_of(star: Star, names: Names, view: dict[str, Json], other: str, at: int) -> Json:
    """By entity of another dimension: sums, bounds, who can change sign, and the named."""
    run = star.source.warehouse.execute
    place_of = places_of(star, names, other)
    own = {code: place for place, _, code in view["named"]}
    run(f"""
        create or replace temp table page_parts as
        select other, code, x, z, coalesce(place, 1e9) as place,
            abs(z) >= abs(x) and z != x as is_critical
        from (select code, other, z_{at} as z from page_pieces)
        inner join page_view_{at} using (code) where z != 0""")
    of_other: dict[int, Json] = {}
    for code, many, down, up, *sums in run(PARTS).fetchall():
        part: Json = {"sums": [exact(it) for it in sums], "critical": [], "named": []}
        if many > MOST_CRITICAL:
            # Nobody of them is there by itself: the largest that others can have is theirs, too.
            part["sums"][3:5] = [max(part["sums"][3], down), max(part["sums"][4], up)]
            part |= {"critical": None, "many": many, "steps": []}
        of_other[place_of[code]] = part
    for code, x, z, place in run(CRITICAL).fetchall():
        of_other[place_of[code]]["critical"].append([x, z, place])
    for code, *sums in run(STEPPED).fetchall():
        of_other[place_of[code]]["steps"].append([plain(it) for it in sums])
    for code, entity, z in run(LARGEST).fetchall():
        of_other[place_of[code]]["named"].append([own[entity], z])
    return {"of": of_other, **together(star, place_of)}


def together(star: Star, place_of: dict[int, int]) -> dict[str, Json]:
    """What several changes at once need: the products of parts, the entities that can fall below
    zero or their sums, and the number of entities that consist of the same parts only."""
    run = star.source.warehouse.execute
    run(f"create or replace temp table page_entities as {ENTITIES}")
    count = run("select count(*) from page_entities where not is_whole").fetchone()
    is_listed = count is not None and count[0] <= MOST_CRITICAL
    mixed = run(MIXED).fetchall() if is_listed else []
    made_of = [(codes_in(mask), count) for mask, count in run(MADE_OF).fetchall()]
    depth = MOST_MADE_OF if len(made_of) <= MOST_PATTERNS else 1
    return {
        **products_of(star, place_of, "is_whole"),
        "together": [place for code, place in place_of.items() if code <= together_in(star)],
        "mixed": [
            [x, place, [[place_of[it], z] for it, z in zip(entities, parts, strict=True)]]
            for x, place, entities, parts in mixed
        ],
        "bounds": None if is_listed else bounds_of(star, place_of),
        "depth": depth,
        "made_of": [
            [[place_of[it] for it in codes], count]
            for codes, count in made_of
            if len(codes) <= depth
        ],
    }


def products_of(star: Star, place_of: dict[int, int], condition: str) -> dict[str, Json]:
    run = star.source.warehouse.execute
    single = run(SINGLE.format(condition)).fetchall()
    products = run(PRODUCTS.format(condition, together_in(star))).fetchall()
    return {
        "single": [[place_of[it], *map(exact, sums)] for it, *sums in single],
        "products": [[place_of[a], place_of[b], exact(zz)] for a, b, zz in products],
    }


def together_in(star: Star) -> int:
    return TOGETHER if star.source.has_many_rows else CHANGED


def bounds_of(star: Star, place_of: dict[int, int]) -> dict[str, Json]:
    """The sums of entities that can fall below zero, from which bounds follow."""
    row = star.source.warehouse.execute(BOUNDS).fetchone() or ()
    count, tail, *sums = row
    return {
        "count": count,
        "tail": tail or 0,
        "sums": [exact(it) for it in sums],
        **products_of(star, place_of, "not is_whole"),
    }


def exact(value: float | None) -> Json:
    """A sum with all its digits: what is taken from a larger one must not be rounded."""
    return plain(value or 0, 17)


def codes_in(mask: int) -> list[int]:
    """The numbers whose bits are set."""
    return [code for code in range(1, CHANGED + 1) if mask >> code & 1]


PARTS = f"""
    select other, count(case when is_critical then 1 end),
        coalesce(max(case when place > {NAMED} and is_critical then greatest(x, x - z) end), 0),
        coalesce(max(case when place > {NAMED} and is_critical then greatest(x, x + z) end), 0),
        sum(case when not is_critical and x > 0 then z end),
        sum(case when not is_critical and x > 0 then x * z end),
        sum(case when not is_critical and x > 0 then z * z end),
        max(case when place > {NAMED} and not is_critical then greatest(x, x - z) end),
        max(case when place > {NAMED} and not is_critical then greatest(x, x + z) end),
        count(case when not is_critical and x > 0 and z = x then 1 end)
    from page_parts group by other order by other"""
MANY = f"""
    select other from page_parts where is_critical
    group by other having count(*) > {MOST_CRITICAL}"""
CRITICAL = f"""
    select other, x, z, place from page_parts
    where is_critical and other not in ({MANY}) order by other, code"""
STEPPED = f"""
    with stepped as (
        select other, step, x + (step / {STEPS:.1f} - 1) * z as value
        from page_parts cross join range(0, {2 * STEPS + 1}) as steps (step)
        where is_critical and other in ({MANY})
    )
    select other, count(case when value > {NOTHING} then 1 end),
        sum(greatest(value, 0)), sum(pow(greatest(value, 0), 2))
    from stepped group by other, step order by other, step"""
LARGEST = f"select other, code, z from page_parts where place <= {NAMED} order by other, place"
# Of those that are whole every part is above zero, and all together are no more than the value.
ENTITIES = """
    select code, any_value(x) as x, any_value(place) as place, sum(z) as parts,
        sum(abs(z)) as size, bit_or(1 << cast(other as integer)) as made_of,
        any_value(x) > 0 and min(z) > 0 and sum(z) <= any_value(x) * (1 + 1e-12) as is_whole
    from page_parts group by code"""
MIXED = """
    select any_value(entities.x), any_value(entities.place),
        list(other order by other), list(z order by other)
    from page_parts inner join page_entities as entities using (code)
    where not is_whole group by code order by code"""
# Besides the products: how many are above zero, their total and squares; all of x and of x^2.
BOUNDS = f"""
    select count(*), max(case when place > {NAMED} then greatest(x, 0) + size end),
        count(case when x > 0 then 1 end), sum(greatest(x, 0)), sum(pow(greatest(x, 0), 2)),
        sum(x), sum(x * x)
    from page_entities where not is_whole"""
SINGLE = """
    select other, sum(z), sum(entities.x * z), sum(greatest(z, 0)), sum(greatest(-z, 0))
    from page_parts inner join page_entities as entities using (code)
    where {} group by 1 order by 1"""
PRODUCTS = """
    select one.other, two.other, sum(one.z * two.z)
    from page_parts as one inner join page_parts as two
        on one.code = two.code and one.other <= two.other and two.other <= {1}
    where one.code in (select code from page_entities where {0})
    group by 1, 2 order by 1, 2"""
MADE_OF = """
    select made_of, count(*) from page_entities
    where is_whole and parts >= x * (1 - 1e-12) group by made_of order by made_of"""
