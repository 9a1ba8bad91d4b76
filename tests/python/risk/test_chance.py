"""The tests of changes report nothing where nothing changed, and report planted changes.

The SQL of the models runs on simulated months, with a build for each draw.
"""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest
import yaml
from conftest import PROJECT

MACROS = (
    *("engine/functions.sql", "formulas/*.sql"),
    *("concentration/measures.sql", "concentration/time.sql"),
)
# DuckDB's implementation of a dispatched macro replaces it.
SHARED_MACROS = (
    *("squared", "normal_score", "two_sided_p", "share_of", "squared_bend", "dispersion"),
    *("hhi_change_end", "same_keys", "data_span", "default__quantile", "default__exact_sum"),
)
MODELS = ("int_entity_histories", "int_change_tests")
SETTINGS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
MONTHS = [date(2023 + place // 12, place % 12 + 1, 1) for place in range(24)]
BUILDS = 30

# Orders of two lines with lognormal amounts, alone or in bursts of a customer. Entities are skewed
# (a power of a uniform number) or even. A customer, a payment method and a region belong to the
# order, a product and a category to its line. One order in ten does not happen, so that the number
# of orders varies, too.
DRAWN = """
with numbers as (
    select
        n, n // (24 * {orders}) as build, n % 24 as month,
        n // (24 * {burst}) * 24 + n % 24 as burst
    from range({builds} * 24 * {orders}) as r(n)
),
orders as (
    select
        build, month, n,
        case
            when month = 23 and hash(n, 'moves') / pow(2e0, 64) < {moved} then 0
            else floor(150 * pow(hash(burst, 'customer') / pow(2e0, 64), 3))
        end as customer,
        floor(3 * pow(hash(n, 'pays') / pow(2e0, 64), 2)) as payment_method,
        floor(12 * (hash(n, 'region') / pow(2e0, 64))) as region
    from numbers
    where hash(md5('happens' || n)) / pow(2e0, 64) < {happens} and month in {months}
),
lines as (
    select
        *,
        floor(60 * pow(hash(n, line, 'product') / pow(2e0, 64), 2)) as product,
        floor(8 * pow(hash(n, line, 'category') / pow(2e0, 64), 1.5)) as category,
        exp(
            sqrt(-2 * ln(1 - hash(n, line, 'size') / pow(2e0, 65)))
            * cos(2 * pi() * (hash(n, line, 'angle') / pow(2e0, 64)))
        ) as amount
    from orders cross join range(2) as r(line)
),
named as (
    unpivot lines on customer, product, category, payment_method, region
    into name dimension value entity
),
in_orders as (
    select build, month, dimension, entity, n, sum(amount) as amount
    from named group by all
)
select
    build, month, dimension, cast(cast(entity as int) as text) as entity_id,
    sum(amount) as entity_value, sum(amount * amount) as value_squares
from in_orders group by all
"""


def environment() -> jinja2.Environment:
    """Return the macros as dbt has them; relations use their plain names."""
    made = jinja2.Environment(extensions=["jinja2.ext.do"])
    made.globals.update(
        var=SETTINGS.__getitem__,
        main_measure=lambda: "revenue",
        ref=str,
        is_business_dimension=lambda name: "true",
        undated_month=lambda: "date '1600-01-01'",
        dbt={"datediff": lambda start, end, part: f"datediff('{part}', {start}, {end})"},
    )
    shared = SimpleNamespace()
    made.globals["topheavy"] = shared
    for path in sorted(found for name in MACROS for found in (PROJECT / "macros").glob(name)):
        module: Any = made.from_string(path.read_text(encoding="utf-8")).module
        for name in SHARED_MACROS:
            if hasattr(module, name):
                setattr(shared, name.removeprefix("default__"), getattr(module, name))
    exact_sum = shared.exact_sum
    shared.exact_sum = lambda expression, scale=20: exact_sum(expression, scale)
    made.globals.update(vars(shared))
    return made


def sql(name: str) -> str:
    """Return a model of the risk layer as the engine runs it."""
    path = PROJECT / "models" / "risk" / "changes" / "intermediate" / f"{name}.sql"
    return environment().from_string(path.read_text(encoding="utf-8")).render()


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    """Create the tables that the tests of changes read, empty, and the models over them
    as views.

    Tables with the rows of each build are views, too, of the build that a variable names.
    """
    database = duckdb.connect(config={"threads": 1})
    keys = "dimension text, measure text, period_grain text"
    for table, columns in {
        "concentration_indices": f"{keys}, period_start date, hhi double, hhi_unbiased double, "
        "hhi_se double, effective_transactions double, hhi_low double, hhi_high double",
        "int_period_movers": f"{keys}, comparison text, entity_key bigint, entity_value double, "
        "compared_value double, value_squares double, compared_squares double, total_value double, "
        "compared_total_value double, period_start date, compared_start date, day_count double, "
        "length_ratio double",
        "int_period_comparisons": "period_grain text, comparison text, period_start date, "
        "compared_start date, day_count double, length_ratio double, is_comparable boolean, "
        "is_latest_complete boolean",
        "int_leading_entities": "dimension text, entity_key bigint, is_largest boolean",
        "int_entity_values": "dimension text, entity_key bigint, period_grain text, "
        "period_start date, interactions bigint, revenue double, revenue_squared double",
        "int_period_coverage": "period_grain text, period_start date, day_count double, "
        "is_complete boolean, is_latest_complete boolean",
        "int_day_activity": "date_day date, is_in_span boolean",
    }.items():
        if table in OF_EACH_BUILD:
            database.execute(f"create table all_{table} (build bigint, {columns})")
            database.execute(
                f"create view {table} as select * exclude (build) from all_{table}"
                " where build = getvariable('build')"
            )
        else:
            database.execute(f"create table {table} ({columns})")
    pairs = [("previous", a, b) for a, b in pairwise(MONTHS)]
    pairs += [("year_earlier", a, b) for a, b in zip(MONTHS, MONTHS[12:], strict=False)]
    database.executemany(
        "insert into int_period_comparisons values ('month', ?, ?, ?, 31, 1, true, ?)",
        [(kind, now, then, now == MONTHS[-1]) for kind, then, now in pairs],
    )
    database.executemany(
        "insert into int_period_coverage values ('month', $1, day(last_day($1)), true, $2)",
        [(month, month == MONTHS[-1]) for month in MONTHS],
    )
    database.execute(
        "insert into int_day_activity values ('2023-01-01', true), ('2024-12-31', true)"
    )
    for model in MODELS:
        database.execute(f"create view {model} as {sql(model)}")
    return database


INDICES = """
with totals as (
    select
        build, month, dimension, sum(entity_value) as total, sum(value_squares) as squares,
        sum(pow(entity_value, 2)) / pow(sum(entity_value), 2) as hhi
    from drawn group by all
)
select
    build, dimension, 'revenue', 'month',
    date '2023-01-01' + to_months(cast(month as int)) as period_start, hhi,
    (hhi - squares / pow(total, 2)) / (1 - squares / pow(total, 2)) as hhi_unbiased,
    2 / pow(total, 2) * sqrt(sum(value_squares * pow(entity_value - hhi * total, 2))) as hhi_se,
    pow(total, 2) / squares as effective_transactions, null as hhi_low, null as hhi_high
from drawn join totals using (build, month, dimension)
group by build, dimension, month, hhi, squares, total
"""

# Rows with a region are the complete data.
MOVERS = """
with now as (select * from drawn where month = 23),
past as (
    select *, case month when 22 then 'previous' else 'year_earlier' end as comparison
    from drawn where month in (11, 22)
),
pairs as (
    select past.build, past.dimension, comparison, past.month, now.entity_id
    from past join now using (build, dimension)
    union
    select build, dimension, comparison, month, entity_id from past
),
entities as (
    select
        build, dimension, comparison, cast(entity_id as bigint) as entity_key, pairs.month,
        coalesce(now.entity_value, 0) as entity_value,
        coalesce(past.entity_value, 0) as compared_value,
        coalesce(now.value_squares, 0) as value_squares,
        coalesce(past.value_squares, 0) as compared_squares
    from pairs
    left join now using (build, dimension, entity_id)
    left join past using (build, dimension, comparison, entity_id)
),
valued as (
    select * from entities
    union all
    select
        build, 'total', comparison, 0, month, sum(entity_value), sum(compared_value),
        sum(value_squares), sum(compared_squares)
    from entities where dimension = 'region' group by all
)
select
    build, dimension, 'revenue', 'month', comparison, entity_key, entity_value, compared_value,
    value_squares, compared_squares,
    sum(entity_value) over whole as total_value,
    sum(compared_value) over whole as compared_total_value,
    date '2024-12-01', date '2023-01-01' + to_months(cast(month as int)), 31, 1
from valued
window whole as (partition by build, dimension, comparison)
qualify
    abs(entity_value) + abs(compared_value)
    >= {share} * greatest(total_value, compared_total_value)
"""

# Every order has a region: together the regions are the months of a year.
ENTITY_MONTHS = """
select
    build, dimension, entity_id, 'month', date '2023-01-01' + to_months(cast(month as int)), 1,
    sum(entity_value), sum(value_squares)
from (
    select * from drawn
    union all
    select build, month, 'year', '1', entity_value, value_squares
    from drawn where dimension = 'region'
)
group by all
"""


# The rows of the tables that the tests of changes read, after the build that they belong to.
OF_EACH_BUILD = {
    "concentration_indices": INDICES,
    "int_period_movers": MOVERS.format(share=SETTINGS["register_share"]),
    "int_leading_entities": "select distinct build, dimension, cast(entity_id as bigint), true"
    " from drawn",
    "int_entity_values": ENTITY_MONTHS,
}


def findings_of_all(
    engine: duckdb.DuckDBPyConnection, builds: int, among: str = "true"
) -> list[list[tuple[str, str, str]]]:
    """Return what each build finds beyond chance in its last month, among the selected tests."""
    for table, query in OF_EACH_BUILD.items():
        engine.execute(f"truncate all_{table}")
        engine.execute(f"insert into all_{table} {query} order by build")
    found = []
    for build in range(builds):
        engine.execute(f"set variable build = {build}")
        rows = engine.execute(
            "select kind, dimension, coalesce(cast(entity_key as text), '') from int_change_tests"
            " where q_value <= 0.05 and period_start = date '2024-12-01'"
            f" and {among} order by q_value, kind"
        )
        found.append(rows.fetchall())
    return found


def draw(
    engine: duckdb.DuckDBPyConnection,
    builds: int,
    orders: int,
    moved: float,
    burst: int = 1,
    happens: str = "0.9",
) -> None:
    """Draw the months of several builds, with a share `moved` of the last month going to one
    customer.

    If something moves, only the months that the last one is compared with are drawn.
    """
    months = (11, 22, 23) if moved else tuple(range(24))
    settings: dict[str, Any] = {"builds": builds, "orders": orders, "moved": moved}
    settings |= {"burst": burst, "happens": happens, "months": months}
    engine.execute(f"create or replace table drawn as {DRAWN.format(**settings)}")
    engine.execute(
        "update int_period_coverage set is_complete ="
        f" datediff('month', date '2023-01-01', period_start) in {months}"
    )


def test_where_nothing_changed_few_builds_find_anything(engine: duckdb.DuckDBPyConnection) -> None:
    """The rate allows 1 of 30 builds; a change in every build would be found in all of them."""
    draw(engine, BUILDS, orders=400, moved=0)
    false = [build for build, found in enumerate(findings_of_all(engine, BUILDS)) if found]
    assert len(false) <= 1, false


def test_bursts_are_not_findings(engine: duckdb.DuckDBPyConnection) -> None:
    """Customers order five times in a row: without their dispersion, most builds find something."""
    draw(engine, BUILDS, orders=400, moved=0, burst=5)
    false = [build for build, found in enumerate(findings_of_all(engine, BUILDS)) if found]
    assert len(false) <= 1, false


def test_bursts_and_a_strong_december_are_not_findings(engine: duckdb.DuckDBPyConnection) -> None:
    """Every December is twice as large: compared with the previous one, and in its index, nothing
    moved.
    """
    december = "case when month % 12 = 11 then 0.9 else 0.45 end"
    draw(engine, BUILDS, orders=400, moved=0, burst=3, happens=december)
    among = "(comparison = 'year_earlier' or kind = 'hhi')"
    false = [build for build, found in enumerate(findings_of_all(engine, BUILDS, among)) if found]
    assert len(false) <= 1, false


def test_a_customer_that_moves_the_index_is_found(engine: duckdb.DuckDBPyConnection) -> None:
    """Three more orders in a hundred for the largest of 150 customers raise HHI by some 30%."""
    draw(engine, 5, orders=30_000, moved=0.032)
    ratio = """
        select avg(hhi) filter (month = 23) / avg(hhi) filter (month < 23) from (
            select build, month, sum(pow(entity_value, 2)) / pow(sum(entity_value), 2) as hhi
            from drawn where dimension = 'customer' group by all)
    """
    assert engine.execute(ratio).fetchall()[0][0] == pytest.approx(1.3, abs=0.05)
    found = findings_of_all(engine, 5)
    assert all({("value", "customer", "0"), ("hhi", "customer", "")} <= {*it} for it in found), (
        found
    )


def test_the_normal_tail_keeps_its_digits(engine: duckdb.DuckDBPyConnection) -> None:
    """It is correct to 1.2e-7 of its value from 0 to 37 standard errors, where doubles end."""
    tail = environment().globals["two_sided_p"]("score")  # type: ignore[operator]
    rows = engine.execute(
        f"select score, {tail}"
        " from (select place / 16e0 as score from range(-600, 600) as r(place))"
    ).fetchall()
    for score, found in rows:
        assert found == pytest.approx(math.erfc(abs(score) / math.sqrt(2)), rel=1.2e-7, abs=1e-300)


def test_few_effective_transactions_have_a_longer_tail(engine: duckdb.DuckDBPyConnection) -> None:
    """For Student's distribution with 8 degrees of freedom, 2.306 is the 5% point and 3.355 the 1%
    point.
    """
    score = environment().globals["normal_score"]("t", "8")  # type: ignore[operator]
    for t, expected in ((2.306, 1.960), (3.355, 2.576), (5.041, 3.291)):
        found = engine.execute(f"select {score} from (select {t}e0 as t)").fetchall()[0][0]
        assert found == pytest.approx(expected, abs=0.012)
