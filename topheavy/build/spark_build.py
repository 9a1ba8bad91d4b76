"""Build and test on Spark, and report the result: `make build TARGET=spark`.

Each table is a folder of Parquet files. Nothing is published, and the next build overwrites the
tables. DuckDB reads them for the summary, as other readers can.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import yaml
from jinja2 import Template

from topheavy.build import ingest_task
from topheavy.build.build_info import ReadFile, Spread, read_files, record_in, refuse_changed
from topheavy.build.dbt_run import EXAMPLES, BuildError, run_dbt
from topheavy.build.ingest import compiled_models, downstream_of_star, handed_over, ingest
from topheavy.build.interruption import Stop
from topheavy.build.loading import Load, Month, plan, table_code
from topheavy.build.open_questions import look_for_questions
from topheavy.build.spark_relations import with_spark_relations
from topheavy.build.tables import DIFFERING_LINE_ENDS
from topheavy.build.transcode import as_utf8
from topheavy.mapping.files import InputFile
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.reading import with_types_of
from topheavy.mapping.sources import ListedFile
from topheavy.project import PROJECT, quoted
from topheavy.publish.publish import only_writer
from topheavy.publish.summary import read_facts, render

# The file for Spark's own messages; Java writes them without using Python's streams.
LOG = Path("logs/spark.log")


def build_on_spark(
    mapping_path: Path, mapping: ExportMapping, files: list[InputFile], stop: Stop
) -> str:
    """Build on Spark, without publishing or a report. Raises the same errors as `build`."""
    tables = Tables(os.environ)
    with only_writer(tables.folder), java_output_to(LOG):
        tables.remove_last_build()
        spark = session()
        spread = on_workers(spark)
        files = with_spark_relations(spark, mapping, files, tables.folder / "relations")
        mapping = with_types_of(mapping, files)
        read = read_files(mapping_path, files, spread)
        load = plan(mapping, read, None, table_code())
        open_questions = look_for_questions(mapping, files, load, tables.folder)
        variables = ingested(mapping, files, load, tables, spread)
        warnings = tables.build(
            variables | ({"open_questions": open_questions} if open_questions else {})
        )
        refuse_changed(read)
        stop.check()
        tables.record(mapping, read)
        warnings = [question["text"] for question in open_questions] + warnings
        return tables.summary(mapping, load, warnings)


def ingested(
    mapping: ExportMapping, files: list[InputFile], load: Load, tables: Tables, spread: Spread
) -> dict[str, Any]:
    """Let workers read the files, or copies of those that DuckDB cannot read; return dbt's
    variables.
    """
    places = {(file.block, str(file.path)): os.path.abspath(file.path) for file in files}
    for every_file in (False, True):
        readable, copies = as_utf8(mapping, files, tables.folder / "utf8", every_file=every_file)
        try:
            tables.ingest(readable, load.read_from(places | copies), spread)
        except BuildError as error:
            if every_file or DIFFERING_LINE_ENDS not in str(error):
                raise
            continue
        break
    return {"mapping": readable.as_vars()}


class Tables:
    """The tables of a build on Spark, in the folder of TOPHEAVY_SPARK."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.folder = Path(environment["TOPHEAVY_SPARK"])
        self.published = self.folder / "tables" / "topheavy.db"

    def remove_last_build(self) -> None:
        """Remove the tables and their catalog; either without the other causes an error."""
        for stale in ("tables", "catalog", "orders", "relations"):
            shutil.rmtree(self.folder / stale, ignore_errors=True)

    def ingest(self, mapping: ExportMapping, files: Sequence[ListedFile], spread: Spread) -> None:
        """Let workers read the files and write the star to the folder that Spark reads."""
        models = compiled_models({"mapping": mapping.as_vars()})
        tables = self.folder.absolute() / "tables"
        folders = {"orders": self.folder.absolute() / "orders"}
        for model in models:
            if model.name in handed_over():
                is_published = "work" not in model.relation.split(".")[0]
                database = "topheavy.db" if is_published else "topheavy_work.db"
                folders[model.name] = tables / database / model.name
        ingest(mapping, files, models, folders, spread)

    def build(self, variables: dict[str, Any]) -> list[str]:
        """Build and test every model downstream of the star; return the tests that warned."""
        nodes = downstream_of_star(variables["mapping"], "spark")
        return run_dbt("spark", variables, self.folder, failing_rows, nodes=nodes)

    def record(self, mapping: ExportMapping, files: Sequence[ReadFile]) -> None:
        """Write build_info as Parquet beside the tables."""
        with self.opened() as warehouse:
            record_in(warehouse, mapping, files)
            (self.published / "build_info").mkdir()
            file = quoted(self.published / "build_info" / "part.parquet")
            warehouse.execute(f"copy build_info to '{file}' (format parquet)")

    def summary(self, mapping: ExportMapping, load: Load, warnings: list[str]) -> str:
        next_steps = (
            f"the tables are Parquet, each in a folder of {self.published}. In DuckDB:",
            f"select * from read_parquet('{self.published}/risk_register/*.parquet');",
        )
        with self.opened() as warehouse:
            loaded = load.in_words(self.months(warehouse))
            return render(
                read_facts(warehouse, mapping.name, mapping.currency_code),
                loaded,
                warnings,
                next_steps,
            )

    def months(self, warehouse: duckdb.DuckDBPyConnection) -> list[Month]:
        """Return the months that were summed, each with a fingerprint of what was summed."""
        sums = quoted(self.folder / "tables" / "topheavy_work.db" / "int_periods" / "*.parquet")
        query = f"""
            select month_start, cast(month_key as varchar) from read_parquet('{sums}')
            where period_grain = 'all' and month_key is not null"""
        return warehouse.execute(query).fetchall()

    def opened(self) -> duckdb.DuckDBPyConnection:
        """Open a connection in which every table has its name."""
        connection = duckdb.connect()
        connection.execute("set timezone = 'UTC'")
        for table in self.published.iterdir():
            files = quoted(table / "*.parquet")
            connection.execute(f"create view {table.name} as from read_parquet('{files}')")
        return connection


def session() -> Any:
    """Start the session that dbt will use, with the settings of profiles.yml."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    profiles = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    given = profiles["topheavy"]["outputs"]["spark"]["server_side_parameters"]
    settings = {
        name: Template(value).render(env_var=lambda name, default: os.environ.get(name, default))
        for name, value in given.items()
    }
    builder = SparkSession.builder.enableHiveSupport()
    # Settings that dbt-spark adds.
    builder = builder.config("spark.sql.ansi.enabled", "false")
    return builder.config(map=settings).getOrCreate()


def on_workers(session: Any) -> Spread:
    """Call a function of ingest_task.py on each item, in one Spark task per item."""
    from pyspark import cloudpickle

    # The functions are serialized by value, because workers have no copy of the package.
    cloudpickle.register_pickle_by_value(ingest_task)
    context = session.sparkContext

    def spread(function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        found: list[Any] = context.parallelize(items, max(len(items), 1)).map(function).collect()
        return found

    return spread


def failing_rows(sql: str) -> list[dict[str, Any]]:
    """Return the first rows that a test found, from the session that ran it."""
    from pyspark.sql import SparkSession

    rows = SparkSession.builder.getOrCreate().sql(sql).limit(EXAMPLES).collect()
    return [row.asDict() for row in rows]


@contextmanager
def java_output_to(log: Path) -> Iterator[None]:
    """Redirect the output of Java to a file; Python still writes to the terminal."""
    log.parent.mkdir(parents=True, exist_ok=True)
    terminal, stderr = os.dup(2), sys.stderr
    with log.open("w", encoding="utf-8") as file, os.fdopen(terminal, "w", buffering=1) as kept:
        os.dup2(file.fileno(), 2)
        sys.stderr = kept
        try:
            yield
        finally:
            sys.stderr = stderr
            os.dup2(terminal, 2)
