"""The folder of a mapping's results, so that builds do not overwrite each other's.

`mappings/NAME.yml` builds in `warehouse/NAME/build/` and publishes `warehouse/NAME/topheavy.duckdb`
with its report beside it.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

from topheavy.mapping.errors import MappingError
from topheavy.project import PROJECT

WAREHOUSE = Path("warehouse")
LIST_NAME = "files.json"
DEFAULT_MAPPING = Path("mappings/sample.yml")
# What every file system, DuckDB's and Spark's settings can take as a folder's name.
NAME = re.compile(r"\w[\w .-]*(?<![ .])")


@dataclass(frozen=True)
class Outputs:
    """The folder of one mapping, and what is in it."""

    folder: Path

    @staticmethod
    def of(mapping: Path) -> Outputs:
        """The outputs of a mapping; its file need not be there. Raises MappingError."""
        if not NAME.fullmatch(mapping.stem):
            raise MappingError(
                f"{str(mapping)!r}: its name becomes the name of a folder, so it may contain "
                "letters, digits, blanks, '_', '-' and '.' only; rename the file"
            )
        return Outputs(WAREHOUSE / mapping.stem)

    @property
    def build(self) -> Path:
        """Where dbt writes; nothing that anybody reads."""
        return self.folder / "build"

    @property
    def database(self) -> Path:
        return self.folder / "topheavy.duckdb"

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    @property
    def facts(self) -> Path:
        """From what the published file was made, and when."""
        return self.folder / "published.json"

    @property
    def summary(self) -> Path:
        """What changed, the register, the limits, the data's quality and its rows, to read."""
        return self.folder / "summary.md"

    @property
    def summary_data(self) -> Path:
        """The same for programs."""
        return self.folder / "summary.json"

    @property
    def superset(self) -> Path:
        """A dashboard that Apache Superset can import."""
        return self.folder / "superset.zip"

    @property
    def refused(self) -> Path:
        """The report and summary of the last build, where a limit kept it from publishing."""
        return self.folder / "refused"

    @property
    def releases(self) -> Path:
        """What is published and was published, each release in a folder with its number."""
        return self.folder / "releases"

    @property
    def current(self) -> Path:
        """The link to the release that is published (see publish.py)."""
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
        """The tables of a build on Spark, its catalog and its log."""
        return self.folder / "spark"

    def tell(self, environment: MutableMapping[str, str]) -> None:
        """Let dbt write here; what it has parsed, and Spark's tables, go elsewhere if told so."""
        environment.setdefault("DBT_PROFILES_DIR", str(PROJECT))
        environment.setdefault("DBT_PROJECT_DIR", str(PROJECT))
        # dbt takes what is relative to be of its project.
        environment.setdefault("DBT_TARGET_PATH", os.path.abspath(self.build / "target"))
        environment.setdefault("DBT_LOG_PATH", os.path.abspath("logs"))
        environment.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
        environment.setdefault("TOPHEAVY_SPARK", str(self.spark))
        environment["TOPHEAVY_BUILD"] = str(self.build)
        environment["TOPHEAVY_FILES"] = str(self.build / LIST_NAME)


def add_mapping(parser: argparse.ArgumentParser) -> None:
    """Let a script be told whose results it works on."""
    parser.add_argument(
        "--mapping", type=Path, default=DEFAULT_MAPPING, help="mappings/NAME.yml; default: sample"
    )
