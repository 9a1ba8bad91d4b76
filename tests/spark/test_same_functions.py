"""Macros give the same results on DuckDB and Spark for names, days, numbers and sums.

dbt compiles the macros for each engine, and both evaluate them on the same texts. The tests need
Java and the environment of requirements-spark.txt, so `make test` leaves them out.

usage: make test-spark
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from one_spark import run_dbt_once

pytest_plugins = ["spark_session"]

# What a cluster needs, and profiles.yml switches off for a session on one machine.
OF_A_CLUSTER = ("spark.sql.codegen.wholeStage", "spark.sql.adaptive.enabled")
BETWEEN = "\n-- the next query\n"
MAPPING = {"name": "texts", "interactions": {"columns": {"amount": "v"}}}

NAMES = """
\u00a0x\u00a0|\u3000x\t|\u2003 x|\ufeffx| a  b |A\u00a0 B|ΑΘΗΝΑΣ|İSTANBUL|ẞ|ǅ|Å|17850.0|017.00|x.0|
\tx\t|\r\u200bx|\u2028\ty z\t|\ufeff
"""


def words(text: str) -> list[str]:
    return [word for line in text.strip("\n").split("\n") for word in line.split("|")]


def numbers() -> list[float]:
    """Return doubles, many of them close to half a unit of the last digit that is kept."""
    draw = random.Random(1)
    drawn = [draw.randint(0, 10**7) / 10 ** draw.randint(1, 6) for _ in range(2000)]
    return [1.005, 2.675, -1.005, 0.5, -0.5, 0.0, 1234567.891, *drawn]


# Sums of single numbers and of all: the fixed-point value of a double agrees to the last digit, and
# so does how many of the largest hold nothing, half or all of the sum.
SUMS = """
    select
        part,
        {{ exact_sum('v') }}, {{ exact_sum('v / 1e9', 30) }}, {{ exact_sum('v / 1e20', 30) }},
        {{ exact_sum('-v * v') }},
        {{ entities_to('v', 0) }}, {{ entities_to('v', 0.5) }}, {{ entities_to('v', 1) }}
    from (select cast(v as double) as v, v as part from texts)
    group by grouping sets ((part), ())
"""

# Values, their type, and the macros to evaluate on each.
CASES: dict[str, tuple[list[Any], str, list[str]]] = {
    "names": (words(NAMES), "string", ["lowered('v')"]),
    "days": (
        [datetime(2023, 12, 25) + timedelta(hours=7 * n) for n in range(50)],
        "timestamp",
        ["iso_weekday('v')", "days_after('v', 0.75)", "days_after('v', -31)"],
    ),
    "numbers": (
        numbers(),
        "double",
        ["money_words('v', 2)", "money_words('v')", "rounded('v', 20, 1)", "rounded('v', 20, 3)"],
    ),
}


def question(kind: str, macros: list[str]) -> str:
    """Return a query that evaluates all macros on each text, with each result as text."""
    answers = ", ".join(
        f"cast({{{{ {macro} }}}} as string) as a{number}" for number, macro in enumerate(macros)
    )
    return f"select v, {answers} from (select cast(v as {kind}) as v from texts)"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Return the queries of all cases for each engine; dbt compiles those of an engine together."""
    queries = [*(question(kind, macros) for _, kind, macros in CASES.values()), SUMS]
    command = ["compile", "--no-introspect", "--no-populate-cache"]
    command += ["--inline", BETWEEN.join(queries)]
    found = {}
    for target in ("duckdb", "spark"):
        done = run_dbt_once(command, target, MAPPING, tmp_path_factory.mktemp(target))
        code = done.result.results[0].node.compiled_code
        found[target] = dict(zip([*CASES, "sums"], code.split(BETWEEN), strict=True))
    return found


@pytest.fixture(scope="module")
def cluster(spark: Any) -> Iterator[Any]:
    """The session with the settings of a cluster, under which no table is compared."""
    before = {name: spark.conf.get(name) for name in OF_A_CLUSTER}
    for name in before:
        spark.conf.set(name, "true")
    yield spark
    for name, value in before.items():
        spark.conf.set(name, value)


def name_texts(texts: list[str], session: Any) -> None:
    """Make the texts a table of the session."""
    session.createDataFrame([(text,) for text in texts], "v string").createOrReplaceTempView(
        "texts"
    )


@pytest.mark.parametrize("case", CASES)
def test_answers_are_the_same(case: str, compiled: dict[str, dict[str, str]], cluster: Any) -> None:
    values, _, macros = CASES[case]
    # Timestamps are passed as texts, so that Python's time zone does not matter.
    texts = [str(value) for value in values]
    name_texts(texts, cluster)
    theirs = cluster.sql(compiled["spark"][case]).collect()
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


def test_sums_are_the_same(compiled: dict[str, dict[str, str]], cluster: Any) -> None:
    texts = [str(number) for number in numbers()]
    name_texts(texts, cluster)
    theirs = [tuple(row) for row in cluster.sql(compiled["spark"]["sums"]).collect()]
    with duckdb.connect() as database:
        database.execute("create table texts as select unnest(?::varchar[]) as v", [texts])
        ours = database.execute(compiled["duckdb"]["sums"]).fetchall()
    assert len(ours) > len(set(texts))
    assert set(ours) == set(theirs)
