"""Compute what a change of one entity does to each limit from sums, without the rows.

A limit depends on the values x of the entities of its dimension in its period. Scaling a part z of
each by a factor f (z is, for example, what each customer buys in category `Home`) gives x + (f - 1)
z. The total and the sum of squares follow from the sums of x, x^2, z, x z and z^2; several changes
at once also need the sums of the products z_j z_k. Shares of the largest follow from the named
entities, as long as the largest possible value of any other entity is below theirs.

Entities whose value can change its sign between f = 0 and f = 2 are excluded from these sums. If
they are few, each is listed with its x and z. If they are many, the page has their sums and how far
they are below zero at each twentieth of f (below_zero.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from topheavy.report.answer_rows import PERIOD_DIMENSIONS, Json, Source
from topheavy.report.crossed import Crossings
from topheavy.report.limit_parts import (
    make_own,
    make_owned,
    make_wide,
    owned_parts,
    parts_by_name,
    parts_of,
)
from topheavy.report.limit_view import NEXT, View, exact
from topheavy.report.star import Star
from topheavy.visible import readable

if TYPE_CHECKING:
    from topheavy.report.answers import Names

# The number of named entities of a limit's dimension.
NAMED = 40
# Up to this number of other entities, their parts are columns that are computed from the rows at
# once.
SIDE_BY_SIDE = 10


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
            views.append(as_json(view, names))
    return views


def as_json(view: View, names: dict[str, Names]) -> dict[str, Json]:
    """Return sums of the values, the largest by name, and the parts of each other dimension."""
    run = view.star.source.warehouse.execute
    values = view.star.values(view.dimension, view.measure, *view.period)
    run(f"create or replace temp table page_view as {values}")
    row = run("select count(*), sum(x), fsum(x * x) from page_view where x > 0").fetchone()
    count, total, squares = row or (0, 0, 0)
    most = run(f"select code, x from page_view order by x desc, code limit {NAMED + 1}").fetchall()
    run(f"""
        create or replace temp table page_next as
        select code, x from page_view where x > 0 order by x desc, code
        limit {NEXT} offset {NAMED}""")
    view.is_whole = len(most) <= NAMED
    if not view.is_whole:
        most = [(code, x) for code, x in most if x > 0]
    view.named = dict(most[:NAMED])
    entities = view.star.entities(view.dimension, list(view.named))
    view.places = {code: names[view.dimension].place(entities[code]) for code in view.named}
    grain, start = view.period
    return {
        "dimension": view.dimension, "measure": view.measure,
        "grain": grain, "start": start.isoformat(),
        "count": max(count, view.slots), "slots": view.slots,
        "total": exact(total), "squares": exact(squares),
        "tail": most[NAMED][1] if len(most) > NAMED else 0,
        "named": [[view.places[code], x] for code, x in view.named.items()],
        "parts": parts_of_others(view, names),
    }  # fmt: skip


def parts_of_others(view: View, names: dict[str, Names]) -> dict[str, Json]:
    """Return what each other dimension contributes to the values."""
    star = view.star
    if view.dimension not in star.columns:
        return {}
    others = [it for it in star.columns if it != view.dimension]
    owned = [it for it in others if star.owner(it) == view.dimension]
    # Small dimensions are computed as columns from the rows at once.
    side_by_side = [
        it for it in others if it not in owned and len(view.codes(it)) <= SIDE_BY_SIDE
    ]  # fmt: skip
    if view.needs_count:
        side_by_side = []
    if not view.is_whole:
        make_own(view, [it for it in others if it not in owned])
        make_wide(view, side_by_side)
    if owned:
        make_owned(view, owned)
    found = {}
    for other in others:
        if other in owned:
            found[other] = owned_parts(view, names[other], other)
        elif view.is_whole:
            found[other] = parts_by_name(view, names[other], other)
        else:
            found[other] = parts_of(view, names[other], other, other in side_by_side)
    return found
