"""Run `dbt build` in this process, show its progress, and explain failures.

dbt's messages about each node go to logs/dbt.log. The user sees one line with a count and, after a
failure, one line per failed test with the rows that the test returned.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import product
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from topheavy.build.invoke_dbt import invoke_dbt
from topheavy.build.parsed_project import ProjectError, parsed_project
from topheavy.progress import line
from topheavy.visible import visible

# dbt takes seconds to import, which a user with a mistake in the mapping need not wait for.
if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

EXAMPLES = 3
# The test of limits with severity error, which runs after every table is built.
HARD_LIMITS = "hard_limits_hold"
# Flags that dbt also reads from the environment. With them a build would lack some of its rows or
# tables, or publish others.
NOT_FROM_ENVIRONMENT = (
    *("FULL_REFRESH", "EMPTY", "SAMPLE", "RESOURCE_TYPES", "DEFER", "FAVOR_STATE"),
    *("INDIRECT_SELECTION", "STORE_FAILURES"),
)
# dbt writes the whole project as JSON only if this is set: it takes time, and nobody reads it.
WRITE_JSON = "DBT_WRITE_JSON"
# Spark's error messages end with the part to show; a plan of hundreds of lines follows that part.
SPARK_STATE = re.compile(r"\s+SQLSTATE: \w{5}.*", re.DOTALL)

# A size or a share of the machine's memory, in the common notations that DuckDB accepts.
MEMORY = re.compile(r"([0-9]+(?:[.][0-9]+)?) *(%|[KMGT](?:i?B)?)", re.IGNORECASE)
# DuckDB's advice is for people who write its settings.
MEMORY_ADVICE = re.compile(r"\s+Possible solutions:.*", re.DOTALL)

# SQL for the first rows of a failed test.
Rows = list[dict[str, Any]]
Ask = Callable[[str], Rows]


class BuildError(Exception):
    """Report that the build cannot continue; the message is one line with the reason and the
    remedy.
    """


class LimitsBroken(BuildError):
    """Report that every table is built and only a limit of severity error prevents publication."""

    def __init__(self, message: str, limits: str, warnings: list[str]) -> None:
        super().__init__(message)
        self.limits = limits
        """The broken limits, and the remedy."""
        self.warnings = warnings


# dbt's name for the event of a finished node, and the attribute with the number of nodes.
FINISHED = {"LogModelResult": "total", "LogSeedResult": "total", "LogTestResult": "num_models"}


def show(event: Any) -> None:
    """Show the number of finished nodes on the progress line."""
    if name := FINISHED.get(event.info.name):
        total = getattr(event.data, name)
        line.update(f"{event.data.index} of {total}: {event.data.node_info.node_name}")


class Log:
    """Write logs/dbt.log, or a log in DBT_LOG_PATH: one line per node, and all failures."""

    def __init__(self) -> None:
        folder = Path(os.environ.get("DBT_LOG_PATH", "logs"))
        folder.mkdir(parents=True, exist_ok=True)
        # The size at which dbt starts a new log of its own.
        self.file = RotatingFileHandler(
            folder / "dbt.log", maxBytes=10_000_000, backupCount=5, encoding="utf-8", delay=True
        )

    def __call__(self, event: Any) -> None:
        if event.info.level in ("info", "warn", "error"):
            at, message = event.info.ts.ToDatetime(), visible(event.info.msg, keep="\n")
            line = f"{at:%H:%M:%S.%f} [{event.info.level:5}] {message}"
            self.file.handle(logging.makeLogRecord({"msg": line}))

    def done(self) -> None:
        self.file.close()


def check_memory(given: str | None) -> None:
    """Raise BuildError if TOPHEAVY_MEMORY is not an amount of memory."""
    if given is None:
        return
    found = MEMORY.fullmatch(given)
    if not found or not float(found[1]) or (found[2] == "%" and float(found[1]) > 100):
        raise BuildError(
            f"TOPHEAVY_MEMORY: must be a size or a part of the machine's memory, such as 4GB or "
            f"50%, not {given!r}"
        )


def run_dbt(
    target: str,
    variables: dict[str, Any],
    folder: Path,
    ask: Ask | None = None,
    only: Sequence[str] = (),
    nodes: Sequence[str] = (),
) -> list[str]:
    """Build and test all models or some `nodes`; return the tests that warned, one line each.

    `make test` runs the unit tests, which test the project rather than the data. With `only`, dbt
    runs these models and tests with everything upstream, and no other tests. `ask` returns the rows
    of a failed test; the default reads the DuckDB files in `folder`.
    """
    for flag, prefix in product(NOT_FROM_ENVIRONMENT, ("DBT_", "DBT_ENGINE_")):
        os.environ.pop(prefix + flag, None)
    log = Log()
    chosen = [*nodes, *(f"+{name}" for name in only)]
    command = [
        *("build", "--target", target, "--exclude-resource-type", "unit_test"),
        *("--vars", json.dumps(variables, ensure_ascii=False)),
        *(("--indirect-selection", "empty", "--select", *chosen) if chosen else ()),
        *(() if WRITE_JSON in os.environ else ("--no-write-json",)),
    ]
    try:
        project = parsed_project(target, variables["mapping"])
    except ProjectError as error:
        raise BuildError(one_line(error)) from error
    outcome = invoke_dbt(command, project, [show, log])
    log.done()
    if not ask:
        release_connections()
        ask = partial(_failing_rows, folder)
    results = _results(outcome)
    failed = [item for item in results if item.status in ("error", "fail")]
    warned = [item for item in results if item.status == "warn"]
    warnings = [f"{item.node.name}: {_found(item, ask)}" for item in warned]
    if failed:
        message = _failure(failed, folder, ask)
        is_whole = not any(item.status == "skipped" for item in results)
        if is_whole and [item.node.name for item in failed] == [HARD_LIMITS]:
            raise LimitsBroken(message, _found(failed[0], ask), warnings)
        raise BuildError(message)
    if not outcome.success:
        raise BuildError(f"dbt did not finish; logs/dbt.log says why (this build: {folder})")
    return warnings


def release_connections() -> None:
    """Close dbt's connections, so that the file is complete and another process may open it."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    # The adapter only drops its connection, which stays open until Python collects it.
    environment = DuckDBConnectionManager._ENV
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if environment is not None:
        environment.close()


def _results(outcome: dbtRunnerResult) -> list[Any]:
    """Return the results by node, or raise if dbt did not run any or was stopped."""
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    if outcome.exception:
        raise BuildError(one_line(outcome.exception))
    return list(getattr(outcome.result, "results", None) or [])


def _failure(failed: list[Any], folder: Path, ask: Ask) -> str:
    """Describe the first failure; a model that failed comes before a test that failed."""
    errors = [item for item in failed if item.status == "error"]
    shown = errors[:1] or failed
    lines = [f"{item.node.name}: {_found(item, ask)}" for item in shown]
    return "; ".join(lines) + f" (warehouse unchanged; this build: {folder})"


def _found(item: Any, ask: Ask) -> str:
    """Return a test's own message if its rows have one, otherwise its description and
    first rows.
    """
    if item.status == "error":
        return one_line(item.message)
    rows = ask(item.node.compiled_code)
    messages = [str(row["message"]) for row in rows if "message" in row]
    if messages:
        return "; ".join(messages)
    examples = ", ".join(_as_words(row) for row in rows)
    found = f"{item.failures} rows: {one_line(item.node.description or item.message)}"
    return f"{found} ({examples})" if examples else found


def _failing_rows(folder: Path, sql: str) -> Rows:
    with duckdb.connect(str(folder / "topheavy.duckdb"), read_only=True) as database:
        database.execute(f"attach '{folder / 'work.duckdb'}' as work (read_only)")
        cursor = database.execute(f"select * from ({sql}) limit {EXAMPLES}")
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _as_words(row: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in row.items())


def one_line(text: object) -> str:
    message = SPARK_STATE.sub("", visible(str(text), keep="\n"))
    return " ".join(_lines(MEMORY_ADVICE.sub("; set TOPHEAVY_MEMORY to more", message)))


def _lines(text: str) -> Iterable[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
