"""Turn the files of an export into the star, with several workers that each run DuckDB.

dbt compiles the models up to the star for DuckDB; the files are parted into tasks (ingest_task.py),
whose parts of the star, written as Parquet, make up what one process would give; only an id comes
from each task that found it. Rows that depend on those of other files are of one task: all of
customers, of products and of orders, and lines where duplicates are dropped or amounts count once
an order. Cells that are filled down depend on their own file only.

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
from topheavy.build.dbt_run import LOGGING, BuildError, one_line
from topheavy.build.ingest_task import Kept, Model, Task, run
from topheavy.build.parsed_project import parsed_project
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.macro_sql import Macros
from topheavy.mapping.sources import RAW, ListedFile, malformed_lines, statements
from topheavy.project import PROJECT

# How large the files of a task are together, as long as each of them is smaller.
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
    """Write the star, each table into its folder. Raises BuildError where a task failed."""
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
    """One task for each block that the lines look something up in."""
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
    """The tasks that read interactions, once those of what describes them are done."""
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
    """The statements that make the files of a task readable, each by itself.

    Nobody has looked which of them ends within quotes, of which DuckDB loses lines where it reads
    several at once.
    """
    return tuple(statements(mapping, files, {file.read_file for file in files}))


def parted(
    mapping: ExportMapping, files: Sequence[ListedFile], task_bytes: int
) -> list[list[ListedFile]]:
    """The files of each task, in the order of their names."""
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
    """The tables that stand behind ingest: with them Spark begins."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    names: list[str] = project["vars"]["handed_over"]
    return names


def up_to_the_star(mapping: Mapping[str, Any]) -> set[str]:
    """The ids of the nodes of dbt that are handed over, and of all that is before them."""
    manifest = parsed_project("duckdb", mapping)
    waiting = [f"model.topheavy.{name}" for name in handed_over()]
    found: set[str] = set()
    while waiting:
        node = manifest.nodes.get(waiting.pop())
        if node and node.unique_id not in found:
            found.add(node.unique_id)
            waiting += node.depends_on_nodes
    return found


def behind_the_star(mapping: Mapping[str, Any], target: str) -> list[str]:
    """The names of what is built and tested once the star is there."""
    before = up_to_the_star(mapping)
    there = {f"model.topheavy.{name}" for name in handed_over()}
    found = []
    nodes: Mapping[str, Any] = parsed_project(target, mapping).nodes
    for name, node in nodes.items():
        if node.resource_type == "test":
            if not {*node.depends_on_nodes} & before - there:
                found.append(node.name)
        elif node.resource_type in ("model", "seed") and name not in before:
            found.append(node.name)
    return found


def compiled_models(variables: Mapping[str, Any]) -> list[Model]:
    """The models up to the star as dbt compiles them for DuckDB, each after those it reads."""
    from dbt.cli.main import dbtRunner

    command = [
        *("compile", "--target", "duckdb", "--full-refresh", "--select"),
        *(f"+{name}" for name in handed_over()),
        *("--indirect-selection", "empty"),
        *("--vars", json.dumps(variables, ensure_ascii=False)),
    ]
    project = parsed_project("duckdb", variables["mapping"])
    outcome = dbtRunner(project).invoke([*LOGGING, *command])
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
    """The statement that keeps malformed lines once a model is made, by its hooks."""
    blocks = [block for hook in hooks for block in READS.findall(hook)]
    # Orders are read apart.
    return malformed_lines(blocks) if blocks else ""
