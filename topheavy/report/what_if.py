"""What a change of one entity does to each limit, from sums: exact, without the rows.

A limit looks at the values x of the entities of its dimension in its period. Scaling a part z of
them by a factor f (what category `Home` has of each customer) gives x + (f - 1) z. The total and
the sum of squares follow from the sums of x, x^2, z, x z and z^2. The largest are named one by
one, and so is whoever can change its sign between f = 0 and f = 2; of all others the largest
value that they can have is known, so that the page knows when its leading list is enough. Several
changes at once need the sums of the products z_j z_k, too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from topheavy.report.answer_rows import PERIOD_DIMENSIONS, Json, Source, day, plain, text, texts
from topheavy.visible import readable

if TYPE_CHECKING:
    from topheavy.report.answers import Names

# So many of a limit's dimension are named, and so many of another dimension can be changed.
NAMED = 40
CHANGED = 24
# Where more than this many can change their sign, the page does not recompute the limit.
MOST_CRITICAL = 300
# Which parts entities are made of alone, counted up to so many parts and so many kinds.
MOST_MADE_OF, MOST_PATTERNS = 24, 300
VALUES = {
    "interactions": "count(*)",
    "purchases": "count(case when interaction_type = 'purchase' then 1 end)",
    "revenue": "coalesce(sum(revenue), 0)",
}


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


def limit_views(source: Source, names: dict[str, Names]) -> Json:
    """The values that the limits look at, and what each change takes from them."""
    found = source.warehouse.execute(
        "select distinct dimension, measure, period_grain, period_start from limit_status"
        " where is_latest_complete order by all"
    ).fetchall()
    return [
        limit_view(source, names, *row)
        for row in found
        if row[0] in source.dimensions
        and row[0] not in PERIOD_DIMENSIONS
        and (row[0] in source.added or row[2] == "all")
    ]


def limit_view(
    source: Source, names: dict[str, Names], dimension: str, measure: str, grain: str, start: Any
) -> Json:
    run = source.warehouse.execute
    values = values_query(source, dimension, measure, grain, start)
    run(f"create or replace temp table page_view as {values}")
    row = run(f"""
        select count(case when x > 0 then 1 end),
            sum(case when x > 0 then x end),
            sum(case when x > 0 then x * x end),
            max(case when place > {NAMED} then x end), count(*) from page_view""").fetchone()
    count, total, squares, tail, _ = row or (0, 0, 0, None, 0)
    named = run(
        f"select entity_id, x from page_view where place <= {NAMED} order by place"
    ).fetchall()
    view: dict[str, Json] = {
        "dimension": dimension, "measure": measure, "grain": grain, "start": start.isoformat(),
        "count": count, "total": plain(total or 0, 15), "squares": plain(squares or 0, 15),
        "tail": tail or 0,
        "named": [[names[dimension].place(entity), value] for entity, value in named],
    }  # fmt: skip
    view["parts"] = parts_of(source, names, view, changeable(source, dimension))
    return view


def values_query(source: Source, dimension: str, measure: str, grain: str, start: Any) -> str:
    """Each entity with its value and, where it is above zero, its rank."""
    if grain == "all":
        return f"""
            select entity_id, cast(entity_value as double) as x,
                case when entity_value > 0 then value_rank end as place
            from entity_concentration
            where dimension = {text(dimension)} and measure = {text(measure)}"""
    if not source.is_partial(dimension):
        return f"""
            select entity_id, cast({measure} as double) as x, {measure}_rank as place
            from page_ranks where dimension = {text(dimension)} and period_grain = {text(grain)}
                and period_start = {day(start)}"""
    return f"""
        with summed as (
            select {source.row(dimension)} as entity_id, {VALUES[measure]} as x
            from page_rows where {within(grain, start)} and {source.row(dimension)} is not null
            group by all
        )
        select entity_id, cast(x as double) as x,
            case when x > 0 then row_number() over (order by x desc, entity_id) end as place
        from summed"""


def within(grain: str, start: Any) -> str:
    """True for the rows of a period."""
    if grain == "all":
        return "true"
    column = "quarter" if grain == "quarter" else "month"
    return f"date_trunc('{grain}', {column}_start) = date '{start}'"


def changeable(source: Source, dimension: str) -> list[str]:
    """The other dimensions of which an entity can be changed."""
    if dimension not in source.added:
        return []
    found = [it for it in source.added if it != dimension and it not in PERIOD_DIMENSIONS]
    # Of few customers or products only few rows are read.
    return [it for it in found if source.is_partial(it)] if source.has_many_rows else found


def parts_of(
    source: Source, names: dict[str, Names], view: dict[str, Json], others: list[str]
) -> Json:
    """By entity of each other dimension: sums, bounds, who can change sign, and the named."""
    if not others:
        return {}
    found: dict[str, Json] = {}
    own = names[view["dimension"]]
    source.warehouse.execute(
        f"create or replace temp table page_parts as {pieces(source, view, others)}"
    )
    for other, entity, *sums, critical, named in source.warehouse.execute(PARTS).fetchall():
        crossing = json.loads(critical or "[]")
        of_other = found.setdefault(other, {"of": {}})["of"]
        of_other[names[other].place(entity)] = {
            "sums": [plain(it or 0) for it in sums],
            "critical": crossing if len(crossing) <= MOST_CRITICAL else None,
            "named": [[own.place(it["entity"]), it["z"]] for it in json.loads(named or "[]")],
        }
    for other in found:
        found[other].update(together(source, names[other], other))
    return found


def together(source: Source, names: Names, other: str) -> dict[str, Json]:
    """What several changes at once need: the products of parts, the entities that can fall below
    zero, and the number of entities that consist of the same parts only. Empty where too many
    entities can fall below zero."""
    run = source.warehouse.execute
    run(f"create or replace temp table page_whole as {WHOLE}", [other])
    mixed = run(MIXED).fetchall()
    if len(mixed) > MOST_CRITICAL:
        return {}
    single = run(
        "select other, sum(z), sum(x * z) from page_whole where is_whole group by 1 order by 1"
    ).fetchall()
    products = run(PRODUCTS).fetchall()
    made_of = run(MADE_OF).fetchall()
    depth = MOST_MADE_OF if len(made_of) <= MOST_PATTERNS else 1
    return {
        "single": [[names.place(it), plain(z), plain(xz)] for it, z, xz in single],
        "products": [[names.place(a), names.place(b), plain(zz)] for a, b, zz in products],
        "mixed": [
            [x, place, [[names.place(it), z] for it, z in zip(entities, parts, strict=True)]]
            for x, place, entities, parts in mixed
        ],
        "depth": depth,
        "made_of": [
            [[names.place(it) for it in entities], count]
            for entities, count in made_of
            if len(entities) <= depth
        ],
    }


def pieces(source: Source, view: dict[str, Json], others: list[str]) -> str:
    """What each entity of the view's dimension has of the leading entities of other dimensions."""
    entity = source.row(view["dimension"])
    parts = " union all ".join(
        f"select {text(it)} as dimension, {entity} as entity_id, {source.row(it)} as other,"
        f" cast({VALUES[view['measure']]} as double) as z from page_rows"
        f" where {within(view['grain'], view['start'])} and {entity} is not null"
        f" and {source.row(it)} in ({texts(source.leading(it, source.main, CHANGED)) or 'null'})"
        " group by all"
        for it in others
    )
    return f"""
        select dimension, other, page_view.entity_id, x, z, coalesce(place, 1e9) as place,
            abs(z) >= abs(x) and z != x as is_critical
        from ({parts}) as parts inner join page_view on parts.entity_id = page_view.entity_id
        where z != 0"""


PARTS = f"""
    select dimension, other,
        sum(case when not is_critical and x > 0 then z end),
        sum(case when not is_critical and x > 0 then x * z end),
        sum(case when not is_critical and x > 0 then z * z end),
        max(case when place > {NAMED} and not is_critical then greatest(x, x - z) end),
        max(case when place > {NAMED} and not is_critical then greatest(x, x + z) end),
        count(case when not is_critical and x > 0 and z = x then 1 end),
        cast(to_json(list([x, z, place] order by entity_id)
            filter (where is_critical)) as varchar),
        cast(to_json(list({{'entity': entity_id, 'z': z}} order by place)
            filter (where place <= {NAMED})) as varchar)
    from page_parts group by dimension, other order by dimension, other"""
# Of those that are whole every part is above zero, and all together are no more than the value.
WHOLE = """
    select *, x > 0 and min(z) over entities > 0 and sum(z) over entities <= x * (1 + 1e-12)
        as is_whole
    from page_parts where dimension = ? window entities as (partition by entity_id)"""
MIXED = """
    select any_value(x), any_value(place), list(other order by other), list(z order by other)
    from page_whole where not is_whole group by entity_id order by entity_id"""
PRODUCTS = """
    select one.other, two.other, sum(one.z * two.z)
    from page_whole as one inner join page_whole as two
        on one.entity_id = two.entity_id and one.other <= two.other
    where one.is_whole group by 1, 2 order by 1, 2"""
MADE_OF = """
    with entities as (
        select list(other order by other) as made_of, sum(z) as parts, any_value(x) as x
        from page_whole where is_whole group by entity_id
    )
    select made_of, count(*) from entities where parts >= x * (1 - 1e-12)
    group by made_of order by made_of"""
