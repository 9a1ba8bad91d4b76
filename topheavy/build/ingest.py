"""Turn the files of an export into the star, with several workers that each run DuckDB.

dbt compiles the models up to the star for DuckDB. The files are split into tasks (ingest_task.py),
and the parts of the star that the tasks write as Parquet add up to the result of a single process,
except that an id appears once for each task that found it. Rows that depend on rows of other files
share a task: all customers, all products and all orders, and lines if duplicates are dropped or
amounts count once per order. Cells that are filled down depend only on their own file.

Usage:
    from topheavy.build.ingest import ingest
    ingest(mapping, files, folder_of, spread)
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from topheavy.build.build_info import Spread
from topheavy.build.dbt_run import BuildError, one_line
from topheavy.build.ingest_task import Kept, Model, Task, run
from topheavy.build.invoke_dbt import invoke_dbt
from topheavy.build.parsed_project import parsed_project
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.macro_sql import Macros
from topheavy.mapping.sources import RAW, ListedFile, malformed_lines, statements
from topheavy.project import PROJECT

# The total size of the files of a task, if each of them is smaller.
TASK_BYTES = 256_000_000
AS_WRITTEN = "join_as_written(true)"
READS = re.compile(r"keep_malformed_lines\('(\w+)'\)")
# The orders, read once for all tasks that have lines.
ORDERS = Model(
    "orders", f"{RAW}.all_orders", f"select * from {RAW}.orders", reads=malformed_lines(["orders"])
)


def ingest(
    mapping: ExportMapping,
    files: Sequence[ListedFile],
    models: Sequence[Model],
    folders: Mapping[str, Path],
    spread: Spread,
    task_bytes: int | None = None,
) -> None:
    """Write each table of the star into its folder. Raises BuildError if a task failed."""
    memory = os.environ.get("TOPHEAVY_TASK_MEMORY", "")
    for tasks in (
        describing_tasks(mapping, files, models, folders),
        reading_tasks(mapping, files, models, folders, task_bytes or TASK_BYTES),
    ):
        tasks = [replace(task, memory=memory) for task in tasks]
        if failed := [message for message in spread(run, tasks) if message]:
            raise BuildError(one_line(failed[0]))


def describing_tasks(
    mapping: ExportMapping,
    files: Sequence[ListedFile],
    models: Sequence[Model],
    folders: Mapping[str, Path],
) -> list[Task]:
    """Return one task for each block in which lines look up values."""
    tasks = []
    for block in mapping.looks_up:
        own = [file for file in files if file.block == block]
        kept = [
            Kept(model.relation, str(folders[model.name]), even_empty=model.name == f"stg_{block}")
            for model in models
            if model.name in folders
        ]
        more = [ORDERS] if block == "orders" else []
        kept += [Kept(ORDERS.relation, str(folders["orders"]), even_empty=True)] if more else []
        tasks.append(Task(block, sources_of(mapping, own), (*more, *models), kept=tuple(kept)))
    return tasks


def reading_tasks(
    mapping: ExportMapping,
    files: Sequence[ListedFile],
    models: Sequence[Model],
    folders: Mapping[str, Path],
    task_bytes: int,
) -> list[Task]:
    """Return the tasks that read interactions, which run after the tasks of the blocks they look
    up.
    """
    relations = {model.name: model.relation for model in models} | {"orders": f"{RAW}.orders"}
    names = ["orders" if block == "orders" else f"stg_{block}" for block in mapping.looks_up]
    given = tuple(Kept(relations[name], str(folders[name])) for name in names)
    found = {kept.relation for kept in given}
    groups = parted(mapping, [f for f in files if f.block == "interactions"], task_bytes)
    return [
        Task(
            f"interactions-{number:05}",
            sources_of(mapping, group),
            tuple(models),
            given,
            tuple(
                Kept(model.relation, str(folders[model.name]), even_empty=number == 0)
                for model in models
                if model.name in folders and model.relation not in found
            ),
        )
        for number, group in enumerate(groups)
    ]


def sources_of(mapping: ExportMapping, files: Sequence[ListedFile]) -> tuple[str, ...]:
    """Return the statements that make each file of a task readable separately.

    Nobody has checked which of the files end inside quotation marks; DuckDB would lose lines of
    such a file if it read several at once.
    """
    return tuple(statements(mapping, files, {file.read_file for file in files}))


def parted(
    mapping: ExportMapping, files: Sequence[ListedFile], task_bytes: int
) -> list[list[ListedFile]]:
    """Return the files of each task, in the order of their names."""
    groups: list[list[ListedFile]] = []
    size = 0
    for file in sorted(files, key=lambda file: file.source_file):
        size += file.byte_count
        if not groups or (size > task_bytes and not mapping.depends_on_other_files):
            groups.append([])
            size = file.byte_count
        groups[-1].append(file)
    return groups


# ---- what dbt knows --------------------------------------------------------------------------


def handed_over() -> list[str]:
    """Return the tables that ingest writes and Spark starts from."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    names: list[str] = project["vars"]["handed_over"]
    return names


def upstream_of_star(mapping: Mapping[str, Any]) -> set[str]:
    """Return the ids of dbt's nodes that are handed over, and of everything upstream of them."""
    manifest = parsed_project("duckdb", mapping)
    waiting = [f"model.topheavy.{name}" for name in handed_over()]
    found: set[str] = set()
    while waiting:
        node = manifest.nodes.get(waiting.pop())
        if node and node.unique_id not in found:
            found.add(node.unique_id)
            waiting += node.depends_on_nodes
    return found


def downstream_of_star(mapping: Mapping[str, Any], target: str) -> list[str]:
    """Return the names of the nodes that are built and tested once the star exists."""
    before = upstream_of_star(mapping)
    star = {f"model.topheavy.{name}" for name in handed_over()}
    found = []
    nodes: Mapping[str, Any] = parsed_project(target, mapping).nodes
    for name, node in nodes.items():
        if node.resource_type == "test":
            if not {*node.depends_on_nodes} & before - star:
                found.append(node.name)
        elif node.resource_type in ("model", "seed") and name not in before:
            found.append(node.name)
    return found


def compiled_models(variables: Mapping[str, Any]) -> list[Model]:
    """Return the models up to the star as dbt compiles them for DuckDB, in the order of their
    dependencies.
    """
    command = [
        *("compile", "--target", "duckdb", "--full-refresh", "--select"),
        *(f"+{name}" for name in handed_over()),
        *("--indirect-selection", "empty"),
        *("--vars", json.dumps(variables, ensure_ascii=False)),
    ]
    project = parsed_project("duckdb", variables["mapping"])
    outcome = invoke_dbt(command, project)
    if not outcome.success:
        raise BuildError(one_line(outcome.exception or "dbt did not compile; see logs/dbt.log"))
    done: Any = outcome.result
    nodes = [result.node for result in done.results if result.node.resource_type == "model"]
    as_written = Macros(variables["mapping"]).sql("join_as_written", True).strip()
    return [
        Model(
            node.name,
            node.relation_name,
            node.compiled_code,
            node.config.materialized == "view",
            as_written if any(AS_WRITTEN in hook.sql for hook in node.config.pre_hook) else "",
            reads_of(hook.sql for hook in node.config.post_hook),
        )
        for node in nodes
    ]


def reads_of(hooks: Iterable[str]) -> str:
    """Return the statement that keeps malformed lines after a model is built, according to its
    hooks.
    """
    blocks = [block for hook in hooks for block in READS.findall(hook)]
    # Orders are read separately.
    return malformed_lines(blocks) if blocks else ""
