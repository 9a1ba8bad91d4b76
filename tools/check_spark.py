"""Check that Spark can parse the models downstream of the star, without Spark.

dbt compiles the models for the `spark` target, and sqruff's sparksql grammar parses every
compiled file. This finds syntax that only DuckDB supports, but not missing functions. Nothing
connects, so neither Java nor PySpark is needed; dbt-spark only requires that the module exists.

usage: python -m tools.check_spark
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

from topheavy.build.ingest import downstream_of_star
from topheavy.build.invoke_dbt import invoke_dbt
from topheavy.build.parsed_project import default_mapping, parsed_project
from topheavy.process_end import end_process

COMPILE = (
    *("--quiet", "compile", "--target", "spark", "--no-introspect", "--no-populate-cache"),
    *("--indirect-selection", "empty", "--select", "resource_type:analysis"),
)
LINTER = str(Path(sys.executable).with_name("sqruff"))
# One rule, which compiled files follow, because the linter wants one: what counts is parsing.
SETTINGS = """
[sqruff]
dialect = sparksql
templater = raw
rules = CV09
"""


def compile_project() -> str | None:
    """Compile for Spark below dbt's target path; return dbt's objections, if there are any."""
    sys.modules.setdefault("pyspark", types.ModuleType("pyspark"))
    # DuckDB runs everything upstream of the star on every target.
    mapping = default_mapping()
    only = downstream_of_star(mapping, "spark")
    project = parsed_project("spark", mapping)
    result = invoke_dbt(["--log-level", "error", *COMPILE, *only], project)
    if result.success:
        return None
    return str(result.exception or "dbt compile failed; see its messages above")


def unparsable(folder: Path) -> Iterator[str]:
    """Yield `file:line: text` for each part of a compiled file that Spark's grammar refuses."""
    settings = folder / "spark.sqruff"
    settings.write_text(SETTINGS, encoding="utf-8")
    done = subprocess.run(
        [
            *(LINTER, "--parsing-errors", "--ignore-local-config", "--config", str(settings)),
            *("lint", "--quiet", "--format", "json", str(folder)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode > 1:
        yield done.stderr.strip()
        return
    for file, violations in sorted(json.loads(done.stdout).items()):
        for found in violations:
            yield f"{file}:{found['range']['start']['line']}: {found['message']}"


def main() -> int:
    """Print what Spark could not parse, one line each; exit with 1 if there is anything."""
    folder = Path(os.environ.get("DBT_TARGET_PATH", "target")) / "compiled"
    shutil.rmtree(folder, ignore_errors=True)  # models that no longer exist
    problem = compile_project()
    if problem:
        print(problem, file=sys.stderr)
        return 1
    found = list(unparsable(folder))
    count = sum(1 for path in folder.rglob("*.sql") if path.is_file())
    print("\n".join(found) if found else f"{count} compiled files are Spark SQL")
    return 1 if found else 0


if __name__ == "__main__":
    end_process(main())
