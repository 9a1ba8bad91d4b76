"""One DuckDB without a file for the whole process, because starting one takes 30 ms."""

from __future__ import annotations

from functools import cache

import duckdb


def in_memory() -> duckdb.DuckDBPyConnection:
    """Open a connection of its own, whose temporary tables end with it.

    Everything else would stay for the whole process: create no other tables, detach what you have
    attached, and set nothing for all connections.
    """
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()
