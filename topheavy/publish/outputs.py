"""The folder of a mapping's results, so that builds of different mappings stay apart.

`mappings/NAME.yml` builds in `warehouse/NAME/build/` and publishes `warehouse/NAME/topheavy.duckdb`
with its report beside it.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

from topheavy.mapping.errors import MappingError
from topheavy.project import PROJECT

WAREHOUSE = Path("warehouse")
LIST_NAME = "files.json"
DEFAULT_MAPPING = Path("mappings/sample.yml")
# Folder names that all file systems, DuckDB and Spark's settings accept.
NAME = re.compile(r"\w[\w .-]*(?<![ .])")
# Names that Windows reserves for devices, whatever follows a point.
DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Outputs:
    """The folder of one mapping, and its contents."""

    folder: Path

    @staticmethod
    def of(mapping: Path) -> Outputs:
        """Return the outputs of a mapping, whose file need not exist. Raises MappingError."""
        if not NAME.fullmatch(mapping.stem):
            raise MappingError(
                f"{str(mapping)!r}: its name becomes the name of a folder, so it may contain "
                "letters, digits, blanks, '_', '-' and '.' only; rename the file"
            )
        if sys.platform == "win32" and DEVICE.fullmatch(mapping.stem):
            raise MappingError(f"{str(mapping)!r}: Windows reserves this name; rename the file")
        return Outputs(WAREHOUSE / mapping.stem)

    @property
    def build(self) -> Path:
        """Return the folder that dbt writes to; other tools do not read it."""
        return self.folder / "build"

    @property
    def database(self) -> Path:
        return self.folder / "topheavy.duckdb"

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    @property
    def facts(self) -> Path:
        """Return the file that records what the published file was made from, and when."""
        return self.folder / "published.json"

    @property
    def summary(self) -> Path:
        """Return the summary for people: changes, register, limits, data quality and row counts."""
        return self.folder / "summary.md"

    @property
    def summary_data(self) -> Path:
        """Return the same summary for programs."""
        return self.folder / "summary.json"

    @property
    def superset(self) -> Path:
        """Return the dashboard that Apache Superset can import."""
        return self.folder / "superset.zip"

    @property
    def refused(self) -> Path:
        """Return the report and summary of the last build, if a limit prevented its publication."""
        return self.folder / "refused"

    @property
    def releases(self) -> Path:
        """Return the folder of releases, each in a numbered folder."""
        return self.folder / "releases"

    @property
    def current(self) -> Path:
        """Return the link to the published release (see publish.py)."""
        return self.folder / "current"

    @property
    def parquet(self) -> Path:
        return self.folder / "parquet"

    @property
    def csv(self) -> Path:
        return self.folder / "csv"

    @property
    def workbook(self) -> Path:
        return self.folder / "topheavy.xlsx"

    @property
    def docs(self) -> Path:
        return self.folder / "docs.html"

    @property
    def spark(self) -> Path:
        """Return the folder of a build on Spark: its tables, catalog and log."""
        return self.folder / "spark"

    def set_environment(self, environment: MutableMapping[str, str]) -> None:
        """Set the environment so that dbt writes here, unless it names other folders."""
        environment.setdefault("DBT_PROFILES_DIR", str(PROJECT))
        environment.setdefault("DBT_PROJECT_DIR", str(PROJECT))
        # dbt resolves relative paths from its project.
        environment.setdefault("DBT_TARGET_PATH", os.path.abspath(self.build / "target"))
        environment.setdefault("DBT_LOG_PATH", os.path.abspath("logs"))
        environment.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
        environment.setdefault("TOPHEAVY_SPARK", str(self.spark))
        environment["TOPHEAVY_BUILD"] = str(self.build)
        environment["TOPHEAVY_FILES"] = str(self.build / LIST_NAME)


def add_mapping(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the mapping whose results a script uses."""
    parser.add_argument(
        "--mapping", type=Path, default=DEFAULT_MAPPING, help="mappings/NAME.yml; default: sample"
    )
