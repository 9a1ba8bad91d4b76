"""The functions that dbt's start hook calls to make the files of a mapping readable.

profiles.yml names this module as a plugin of dbt-duckdb. Jinja cannot call Python, but it can pass
a dictionary to a plugin: the macro create_raw_sources() passes the mapping, receives the statements
of mapping/sources.py and runs them.
"""

from __future__ import annotations

import os
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt_common.exceptions import DbtRuntimeError

from topheavy.build.listed_files import (
    leaves_a_quote_open,
    listed,
    newest_file,
    threads_for,
    with_refs,
)
from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import mapping_of_vars
from topheavy.mapping.sources import malformed_lines, statements


class Plugin(BasePlugin):
    """Answer the requests of the macros in macros/engine/raw_sources.sql."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Keep the connection, which is needed to describe relations of the target."""
        self.connection = conn

    def store(self, target_config: TargetConfig) -> None:
        """Add the requested statements to the request."""
        question: dict[str, Any] = target_config.config
        try:
            if "blocks" in question:
                question["statements"] = [malformed_lines(question["blocks"])]
                return
            if "newest_of" in question:
                mapping = mapping_of_vars(question["mapping"])
                newest = newest_file(mapping, question["newest_of"], os.environ)
                question["statements"] = [f"select timestamp '{newest:%Y-%m-%d %H:%M:%S.%f}'"]
                return
            mapping = mapping_of_vars(with_refs(question["mapping"], question["refs"]))
            files = listed(mapping, os.environ, self.connection.cursor())
            alone = {file.read_file for file in files if leaves_a_quote_open(mapping, file)}
            question["statements"] = [*threads_for(files), *statements(mapping, files, alone)]
        except MappingError as error:
            raise DbtRuntimeError(str(error)) from None
