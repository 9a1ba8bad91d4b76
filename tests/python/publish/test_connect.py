"""A dashboard reads the published file through SQLAlchemy while a build replaces it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import PROJECT, Checkout
from sqlalchemy import Engine, create_engine, inspect, text

from topheavy.publish.outputs import Outputs
from topheavy.publish.publish import publish

PAGE = (PROJECT / "docs" / "connect.md").read_text(encoding="utf-8")
# Queries on the published file; other statements there need another database.
QUERIES = re.findall(r"```sql\n(select .+?)```", PAGE, re.DOTALL)

Answers = list[list[Any]]


@pytest.fixture(scope="module")
def published(checkout: Checkout, first_build: object) -> Checkout:
    return checkout


@pytest.fixture
def engine(published: Checkout) -> Iterator[Engine]:
    engine = create_engine(f"duckdb:///{published.published}", connect_args={"read_only": True})
    yield engine
    engine.dispose()


def answers(engine: Engine) -> Answers:
    """Return what the dashboard shows, over a connection of its own."""
    with engine.connect() as connection:
        return [list(connection.execute(text(query)).fetchall()) for query in QUERIES]


def test_every_chart_has_something_to_show(engine: Engine) -> None:
    assert len(QUERIES) == 6
    assert all(answers(engine))


def test_a_tool_sees_tables_columns_and_their_comments(engine: Engine) -> None:
    seen = inspect(engine)
    tables = [*seen.get_table_names(), *seen.get_view_names()]
    assert {"interactions", "concentration_indices", "risk_register"} <= {*tables}
    assert all(seen.get_table_comment(table)["text"] for table in tables)
    assert all(column["comment"] for table in tables for column in seen.get_columns(table))


def test_a_dashboard_goes_on_while_the_warehouse_is_replaced(
    published: Checkout, engine: Engine, tmp_path: Path
) -> None:
    """A build changes published files only in its last step, so the test repeats that step ten
    times.
    """
    before = answers(engine)
    release = published.published.stat().st_ino
    copies = [tmp_path / f"build_{number}.duckdb" for number in range(10)]
    for copy in copies:
        shutil.copy(published.published, copy)
    with ThreadPoolExecutor(1) as other:
        for copy in copies:
            step = other.submit(publish, copy, "page", {}, published.outputs)
            assert answers(engine) == before
            step.result()
            assert answers(engine) == before
    assert published.published.stat().st_ino != release
    engine.dispose()
    assert answers(engine) == before


# A server that stays open: one query runs from the first release to the last, as DuckDB computes
# only a megabyte of its rows ahead. For each line that it receives, it runs a query with the way of
# connecting that the line names.
SERVER = """
import sys
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool, QueuePool
way, url = sys.argv[1], "duckdb:///" + sys.argv[2]
def engine():
    pool = NullPool if way in ("as Superset", "NullPool") else QueuePool
    return create_engine(url, connect_args={"read_only": True}, poolclass=pool)
kept = engine()
long_query = kept.connect().execution_options(stream_results=True)
rows = long_query.execute(text("select release, repeat('.', 100) from info, range(40000)"))
first = rows.fetchone()[0]
for line in sys.stdin:
    used = engine() if way == "as Superset" else kept
    if way == "dispose":
        used.dispose()
    with used.connect() as connection:
        print(connection.execute(text("select release from info")).scalar(), flush=True)
assert {row[0] for row in rows} == {first}
"""
# What each way of connecting shows after each of ten builds; 0 is the first release.
NEWEST, OLDEST = [*range(1, 11)], [0] * 10
WAYS = {"as Superset": NEWEST, "NullPool": NEWEST, "dispose": NEWEST, "pool": OLDEST}


def release(number: int, outputs: Outputs, folder: Path) -> None:
    """Publish a small database that contains its release number."""
    built = folder / "built.duckdb"
    built.unlink(missing_ok=True)
    with duckdb.connect(str(built)) as database:
        database.execute(f"create table info as select {number} as release")
    publish(built, "", {}, outputs)


@pytest.mark.parametrize("way", WAYS)
def test_a_server_left_open_over_ten_builds(way: str, tmp_path: Path) -> None:
    """Check the statements of docs/connect.md about each pool while a query is running."""
    outputs = Outputs(tmp_path / "shop")
    release(0, outputs, tmp_path)
    command = [sys.executable, "-c", SERVER, way, str(outputs.database)]
    seen = []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin and server.stdout and server.stderr
        # It answers once before the first build, which shows that its long query has begun.
        for number in range(11):
            if number:
                release(number, outputs, tmp_path)
            print("?", file=server.stdin, flush=True)
            seen.append(server.stdout.readline().strip())
        server.stdin.close()
        assert server.stderr.read() == ""
    assert seen == [str(number) for number in [0, *WAYS[way]]]
