"""Run `dbt build` in this process, show its progress, and say what to do after a failure.

What dbt says of each node goes to logs/dbt.log; the person who waits sees one line that counts up,
and on failure one line per failed test with the rows that the test returned.
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

from topheavy.build.parsed_project import ProjectError, parsed_project
from topheavy.progress import line
from topheavy.visible import visible

# dbt takes seconds to import: who made a mistake in the mapping need not wait for it.
if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

EXAMPLES = 3
# The test of limits with severity error, which comes after every table is made.
HARD_LIMITS = "hard_limits_hold"
# Flags that dbt also takes from the environment, and with which a build would be without some of
# its rows or tables, or publish others.
NOT_FROM_ENVIRONMENT = (
    *("FULL_REFRESH", "EMPTY", "SAMPLE", "RESOURCE_TYPES", "DEFER", "FAVOR_STATE"),
    *("INDIRECT_SELECTION", "STORE_FAILURES"),
)
# dbt formats each of its thousands of debug lines before it leaves them out of a log, and spells
# the whole project out as JSON: together a tenth of a build. `Log` writes the lines that matter.
LOGGING = ("--log-level", "none", "--log-level-file", "none")
WRITE_JSON = "DBT_WRITE_JSON"
# Of what Spark says of an error, the end of what people read: a plan of hundreds of lines follows.
SPARK_STATE = re.compile(r"\s+SQLSTATE: \w{5}.*", re.DOTALL)

# A size or a part of the machine's memory, as DuckDB takes them, but for its less usual spellings.
MEMORY = re.compile(r"([0-9]+(?:[.][0-9]+)?) *(%|[KMGT](?:i?B)?)", re.IGNORECASE)
# What DuckDB advises is for people who write its settings.
MEMORY_ADVICE = re.compile(r"\s+Possible solutions:.*", re.DOTALL)

# The first rows of a failed test, from its SQL.
Rows = list[dict[str, Any]]
Ask = Callable[[str], Rows]


class BuildError(Exception):
    """The build cannot go on; the message says in one line why and what to do."""


class LimitsBroken(BuildError):
    """Every table is made, and nothing but a limit of severity error forbids to publish them."""

    def __init__(self, message: str, limits: str, warnings: list[str]) -> None:
        super().__init__(message)
        self.limits = limits
        """Which limits are broken, and what to do about it."""
        self.warnings = warnings


# What dbt says of a finished node, and the name that it has for how many there are.
FINISHED = {"LogModelResult": "total", "LogSeedResult": "total", "LogTestResult": "num_models"}


def show(event: Any) -> None:
    """Count the finished nodes on the line that a person sees."""
    if name := FINISHED.get(event.info.name):
        total = getattr(event.data, name)
        line.say(f"{event.data.index} of {total}: {event.data.node_info.node_name}")


class Log:
    """logs/dbt.log, or the folder that DBT_LOG_PATH names: a line for each node, and what fails."""

    def __init__(self) -> None:
        folder = Path(os.environ.get("DBT_LOG_PATH", "logs"))
        folder.mkdir(parents=True, exist_ok=True)
        # As large as dbt lets its own log become.
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
    """Raise BuildError where TOPHEAVY_MEMORY is not an amount of memory."""
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
    """Build and test every model, or just some `nodes`; return the tests that warned, a line each.

    Unit tests are left to `make test`: they say something about the project, not about the data.
    With `only`, these models and tests are run with what they are made of, and no other test is.
    `ask` gives the rows of a failed test; unless given, the DuckDB files in `folder` are read.
    """
    from dbt.cli.main import dbtRunner

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
    outcome = dbtRunner(project, callbacks=[show, log]).invoke([*LOGGING, *command])
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

    # The adapter only lets go of its connection, which stays open until Python collects it.
    environment = DuckDBConnectionManager._ENV
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if environment is not None:
        environment.close()


def _results(outcome: dbtRunnerResult) -> list[Any]:
    """The results by node; an exception where dbt did not come to run any, or was stopped."""
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    if outcome.exception:
        raise BuildError(one_line(outcome.exception))
    return list(getattr(outcome.result, "results", None) or [])


def _failure(failed: list[Any], folder: Path, ask: Ask) -> str:
    """What failed first: a model that broke before a test that found something."""
    errors = [item for item in failed if item.status == "error"]
    shown = errors[:1] or failed
    lines = [f"{item.node.name}: {_found(item, ask)}" for item in shown]
    return "; ".join(lines) + f" (warehouse unchanged; this build: {folder})"


def _found(item: Any, ask: Ask) -> str:
    """A test's own message if its rows carry one, else its description and first rows."""
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
    told = SPARK_STATE.sub("", visible(str(text), keep="\n"))
    return " ".join(_lines(MEMORY_ADVICE.sub("; set TOPHEAVY_MEMORY to more", told)))


def _lines(text: str) -> Iterable[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
