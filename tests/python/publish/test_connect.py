"""A dashboard reads the published file through SQLAlchemy while a build replaces it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import PROJECT, Checkout
from sqlalchemy import Engine, create_engine, inspect, text

PAGE = (PROJECT / "docs" / "connect.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.+?)```", PAGE, re.DOTALL)

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
    """What the dashboard shows, over a connection of its own."""
    with engine.connect() as connection:
        return [list(connection.execute(text(query)).fetchall()) for query in QUERIES]


def test_every_chart_has_something_to_show(engine: Engine) -> None:
    assert len(QUERIES) == 6
    assert all(answers(engine))


def test_a_tool_sees_tables_columns_and_their_comments(engine: Engine) -> None:
    seen = inspect(engine)
    tables = seen.get_table_names()
    assert {"interactions", "concentration_indices", "risk_register"} <= {*tables}
    assert all(seen.get_table_comment(table)["text"] for table in tables)
    assert all(column["comment"] for table in tables for column in seen.get_columns(table))


def test_a_dashboard_goes_on_while_the_warehouse_is_replaced(
    published: Checkout, engine: Engine
) -> None:
    before = answers(engine)
    release = published.published.stat().st_ino
    command = [sys.executable, "scripts/build.py"]
    build = subprocess.Popen(command, cwd=published.folder, stdout=subprocess.DEVNULL)
    refreshes = 0
    while build.poll() is None:
        assert answers(engine) == before
        refreshes += 1
        time.sleep(0.2)
    assert build.returncode == 0
    assert refreshes > 10
    assert published.published.stat().st_ino != release
    engine.dispose()
    assert answers(engine) == before
