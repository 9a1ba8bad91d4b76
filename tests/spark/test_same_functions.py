"""What macros make of a value is the same on DuckDB and Spark: stamps, amounts, names, zones, sums.

The macros are compiled by dbt for each engine and asked about the same texts. Needs Java and the
environment of requirements-spark.txt, so it is no part of `make test`.

usage: make test-spark
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from one_spark import run_dbt_once

pytest_plugins = ["spark_session"]

BETWEEN = "\n-- the next query\n"
MAPPING = {"name": "texts", "interactions": {"columns": {"amount": "v"}}}

FORMATS = (
    "%d/%m/%Y",
    "%d/%m/%y",
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%Y%m%d",
    "%m/%d/%Y %I:%M %p",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S UTC",
    "%Y-%m-%d %H:%M:%S %Z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S.%f",
    "%b %d, %Y",
    "%d-%b-%y",
    "%B %d, %Y",
    "%a %d %b %Y",
    "%A, %d %B %Y %H:%M",
    "%c",
    "%-d.%-m.%Y %-H:%M",
    "%Y-%j",
    "%Y%m%dT%H%M%S",
    "(%Y) %m+%d",
)
STAMPS = """
1/1/24|1/1/2024|31/12/1999|31/12/99|01/01/68|01/01/69|1/1/024|1/1/02024|  1/1/2024  |5/2/2024 7:05
2024-01-01T10:00:00Z|2024-01-01 10:00:00 UTC|2024-01-01 10:00:00 Europe/Berlin|x|\u0662024-01-01
2024-01-01 10:00:00 XYZ|2024-07-01 10:00:00 EST|2024-07-01 10:00:00 pst|2024-01-01 10:00:00+02
2024-01-01 10:00:00+0230|2024-01-01 10:00:00-02:30:10|2024-01-01 10:00:00+2|jan 5, 2024
January 5, 2024|MAY 5, 2024|05-Feb-24|5-feb-69|5-Sept-24|Wed 5 Jan 2024|1/2/2024 1:30 P.M.
Friday, 5 January 2024 7:05|1/2/2024 12:30 am|1/2/2024 12:30 PM|1/2/2024 13:30 pm|1/2/2024 0:30 pm
2024-01-01 24:00:00|2024-01-01 23:59:60|2024-02-30|2024-02-29|2023-02-29|2024-060|20240105|2024115
2024-01-01 10:00:00.5|2024-01-01 10:00:00.1234567|2024-01-01 10:00:00.|2024-1-1 1:2:3|202415
2024-01-01  10:00:00|2024-01-01\t10:00:00|2024-01-01\u00a010:00:00|1/1/202410:00|13/13/2024
0/1/2024|5.1.2024 7:05|20240105T101112|(2024) 1+5|1900-01-01|9999-12-31|10000-01-01
"""
AMOUNTS = """
12.5|$1,275|-$1,148|(45.00)|($1,045.50)|$(7.25)|$ -8|17-|−3.5|+4|€ 99|99 EUR|Rs. 1,23,456.50|R$ 15
120.00\u00a0kr|.5|12.|0|1.99 - 5.00|1,27|12.345,67|free|--5|$|1_000|1__0|_1|1e3|1E-2|inf|nan
\u0661\u0662|\uff15|1.00005|-1.00005|99999999999999.99995|1e400| 12 |\t12|1.2.3|1 000|(5|-(5)
US$ 5|1d|1f|12,345.678901|100%
1,000,00|5-EUR|\ufeff5|00012|0.00005|0.00004999|999999999999999|34.5|-34.5|9.99999
45.00 CR|45.00DR.|$1,045.5 Cr.|45 EUR cr|CR 45|-45 CR|45 DB|45 SCR|45 dB|45 Ca|45 Ça|ДМ 4|45 cRr
49.-|CHF 1,299.—|-49.-|49.--|49-|49.-5
"""
NAMES = """
\u00a0x\u00a0|\u3000x\t|\u2003 x|\ufeffx| a  b |A\u00a0 B|ΑΘΗΝΑΣ|İSTANBUL|ẞ|ǅ|Å|17850.0|017.00|x.0|
\tx\t|\r\u200bx|\u2028\ty z\t|\ufeff
"""


def words(text: str) -> list[str]:
    return [word for line in text.strip("\n").split("\n") for word in line.split("|")]


def numbers() -> list[float]:
    """Doubles, many of them near a half of the last digit that is kept."""
    draw = random.Random(1)
    drawn = [draw.randint(0, 10**7) / 10 ** draw.randint(1, 6) for _ in range(2000)]
    return [1.005, 2.675, -1.005, 0.5, -0.5, 0.0, 1234567.891, *drawn]


# Sums of single numbers and of all: what a double is in fixed point is the same to the last digit.
SUMS = """
    select
        part,
        {{ exact_sum('v') }}, {{ exact_sum('v / 1e9', 30) }}, {{ exact_sum('v / 1e20', 30) }},
        {{ exact_sum('-v * v') }}
    from (select cast(v as double) as v, v as part from texts)
    group by grouping sets ((part), ())
"""

# Every half hour of a year: the hours that come twice and never are among them.
HALF_HOURS = [datetime(2024, 1, 1) + timedelta(minutes=30 * n) for n in range(48 * 366)]
# Values, their type, and what is asked about each.
CASES: dict[str, tuple[list[Any], str, list[str]]] = {
    "stamps": (words(STAMPS), "string", [f"try_timestamp('v', {text!r})" for text in FORMATS]),
    "amounts": (
        words(AMOUNTS),
        "string",
        [
            "parse_money('v', 'interactions')",
            "parse_money('v', 'interactions', 'decimal(23, 6)')",
            "try_number('v', 'integer')",
        ],
    ),
    "names": (
        words(NAMES),
        "string",
        ["trimmed('v')", "lowered('v')", "mapped_id('interactions', 'amount')"],
    ),
    "zones": (
        HALF_HOURS,
        "timestamp",
        [
            "in_zone('v', 'Europe/Berlin', 'America/New_York')",
            "in_zone('v', 'UTC', 'Asia/Kolkata')",
            "in_zone('v', 'Australia/Sydney', 'UTC')",
        ],
    ),
    "numbers": (
        numbers(),
        "double",
        ["money_words('v', 2)", "money_words('v')", "rounded('v', 20, 1)", "rounded('v', 20, 3)"],
    ),
}


def question(kind: str, macros: list[str]) -> str:
    """A query that asks all of the macros about each text, each answer as text."""
    answers = ", ".join(
        f"cast({{{{ {macro} }}}} as string) as a{number}" for number, macro in enumerate(macros)
    )
    return f"select v, {answers} from (select cast(v as {kind}) as v from texts)"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The queries of all cases for each engine; dbt compiles those of an engine as one."""
    queries = [*(question(kind, macros) for _, kind, macros in CASES.values()), SUMS]
    command = ["compile", "--no-introspect", "--no-populate-cache"]
    command += ["--inline", BETWEEN.join(queries)]
    found = {}
    for target in ("duckdb", "spark"):
        done = run_dbt_once(command, target, MAPPING, tmp_path_factory.mktemp(target))
        code = done.result.results[0].node.compiled_code
        found[target] = dict(zip([*CASES, "sums"], code.split(BETWEEN), strict=True))
    return found


@pytest.mark.parametrize("case", CASES)
def test_answers_are_the_same(case: str, compiled: dict[str, dict[str, str]], spark: Any) -> None:
    values, _, macros = CASES[case]
    # Timestamps are passed as texts, so that Python's own zone has no say.
    texts = [str(value) for value in values]
    spark.createDataFrame([(text,) for text in texts], "v string").createOrReplaceTempView("texts")
    theirs = spark.sql(compiled["spark"][case]).collect()
    with duckdb.connect() as database:
        database.execute("set TimeZone = 'UTC'")
        database.execute("create table texts as select unnest(?::varchar[]) as v", [texts])
        ours = database.execute(compiled["duckdb"][case]).fetchall()
    differing = [
        (text, macros[place], answers[place], other[place])
        for text, (_, *answers), (_, *other) in zip(texts, ours, theirs, strict=True)
        for place in range(len(macros))
        if answers[place] != other[place]
    ]
    assert differing == []


def test_sums_are_the_same(compiled: dict[str, dict[str, str]], spark: Any) -> None:
    texts = [str(number) for number in numbers()]
    spark.createDataFrame([(text,) for text in texts], "v string").createOrReplaceTempView("texts")
    theirs = [tuple(row) for row in spark.sql(compiled["spark"]["sums"]).collect()]
    with duckdb.connect() as database:
        database.execute("create table texts as select unnest(?::varchar[]) as v", [texts])
        ours = database.execute(compiled["duckdb"]["sums"]).fetchall()
    assert len(ours) > len(set(texts))
    assert set(ours) == set(theirs)
