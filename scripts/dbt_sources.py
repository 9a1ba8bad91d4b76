"""What dbt's start hook asks for the SQL that makes the mapping's files readable.

profiles.yml names this module as a plugin of dbt-duckdb. Jinja cannot call Python, but it can hand
a dictionary to a plugin: the macro create_raw_sources() hands over the mapping, gets the statements
of raw_sources.py and runs them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt_common.exceptions import DbtRuntimeError

from input_files import check_files
from mapping_keys import MappingError
from project import PROJECT, in_project
from raw_sources import ListedFile, malformed_lines, read_list, statements


class Plugin(BasePlugin):
    """Answers what the macros of macros/engine/raw_sources.sql ask."""

    def store(self, target_config: TargetConfig) -> None:
        """Add the statements that are asked for to the question."""
        question: dict[str, Any] = target_config.config
        try:
            if "mapping" in question:
                mapping = question["mapping"]
                question["statements"] = statements(mapping, listed(mapping, os.environ))
            else:
                question["statements"] = [malformed_lines(question["blocks"])]
        except MappingError as error:
            raise DbtRuntimeError(str(error)) from None


def listed(mapping: Mapping[str, Any], environment: Mapping[str, str]) -> list[ListedFile]:
    """The files of the export, as scripts/build.py lists them, with what of them is loaded already.

    Without such a list every file that the mapping names is new.
    """
    if path := environment.get("TOPHEAVY_FILES"):
        return read_list(Path(path))
    return [
        ListedFile(
            block=file.block,
            source_file=in_project(file.path),
            read_file=str(file.path),
            byte_count=file.size,
            sha256=None,
            file_key=number,
            columns=file.columns,
        )
        for number, file in enumerate(check_files(dict(mapping), PROJECT, environment), start=1)
    ]
