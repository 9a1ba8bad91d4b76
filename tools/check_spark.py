"""Hold the models behind the star to the SQL that Spark reads, without Spark.

dbt compiles them for the `spark` target, then sqlfluff's sparksql grammar parses every
compiled file. That finds syntax that only DuckDB reads; it does not find missing functions.
Nothing connects, so neither Java nor PySpark is needed: dbt-spark only asks that the module exists.

usage: python -m tools.check_spark
"""

from __future__ import annotations

import os
import shutil
import sys
import types
from collections.abc import Iterator
from pathlib import Path

from dbt.cli.main import dbtRunner
from sqlfluff.core import FluffConfig, Linter

from topheavy.build.ingest import behind_the_star
from topheavy.build.parsed_project import default_mapping

COMPILE = (
    *("--quiet", "compile", "--target", "spark", "--no-introspect", "--no-populate-cache"),
    *("--indirect-selection", "empty", "--select", "resource_type:analysis"),
)


def compile_project() -> str | None:
    """Compile for Spark below dbt's target path; return what dbt objects to, if anything."""
    sys.modules.setdefault("pyspark", types.ModuleType("pyspark"))
    # What is before the star, DuckDB runs on every target.
    only = behind_the_star(default_mapping(), "spark")
    result = dbtRunner().invoke([*COMPILE, *only])
    if result.success:
        return None
    return str(result.exception or "dbt compile failed; see its messages above")


def unparsable(folder: Path) -> Iterator[str]:
    """Yield `file:line: text` for each part of a compiled file that Spark's grammar refuses."""
    config = FluffConfig(
        overrides={"dialect": "sparksql", "templater": "raw", "large_file_skip_byte_limit": 0}
    )
    for parsed in Linter(config=config).parse_path(str(folder)):
        for violation in parsed.violations:
            yield f"{parsed.fname}:{violation.line_no}: {violation.desc()}"


def main() -> int:
    """Print what Spark would not read, one line each; exit with 1 if anything."""
    folder = Path(os.environ.get("DBT_TARGET_PATH", "target")) / "compiled"
    shutil.rmtree(folder, ignore_errors=True)  # what is no longer in the project
    problem = compile_project()
    if problem:
        print(problem, file=sys.stderr)
        return 1
    found = list(unparsable(folder))
    count = sum(1 for path in folder.rglob("*.sql") if path.is_file())
    print("\n".join(found) if found else f"{count} compiled files are Spark SQL")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
