"""Run dbt in this process without work that would be repeated or whose result nobody reads.

For small data, dbt itself takes most of a build's time. Three parts of that are avoided here:

- It compiles the Jinja templates of all models and macros again in each process. What Jinja makes
  of a template depends on its text and the class of its environment, so the compiled templates are
  kept in target/parsed, for all mappings and targets.
- It puts thousands of messages for debugging together although they are shown nowhere.
- Python looks for garbage, although what dbt makes lives as long as its run.
"""

from __future__ import annotations

import gc
import marshal
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

from topheavy.project import WORKSPACE

# dbt takes seconds to import, which a user with a mistake in the mapping need not wait for.
if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

# What is kept of the project as dbt parsed and compiled it.
KEPT = WORKSPACE / "target" / "parsed"
# `run_dbt` writes the lines of dbt's log that matter.
LOGGING = ("--log-level", "none", "--log-level-file", "none")
# What decides, besides a template, how it is compiled.
VERSIONS = " ".join([sys.version, *map(version, ("jinja2", "dbt-common"))])
# Edits leave templates that no run needs any more; above this number, only those of the last run
# are kept.
MOST = 10_000

# The name of an environment's class, and the text of a template.
Key = tuple[str, str]
# The compiled templates of this process.
templates: dict[Key, CodeType] = {}


def invoke_dbt(
    command: Sequence[str],
    project: Manifest | None = None,
    callbacks: Sequence[Callable[[Any], None]] = (),
) -> dbtRunnerResult:
    """Run a command on a parsed project, or on the project's files; callbacks get the events from
    level info.
    """
    from dbt.cli.main import dbtRunner

    with kept_templates(), no_debug_messages(), no_garbage_collection():
        return dbtRunner(project, callbacks=[*callbacks]).invoke([*LOGGING, *command])


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def no_debug_messages() -> Iterator[None]:
    """Drop dbt's messages of level debug."""
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    fire_each = EventManager.fire_event

    def fire(
        manager: EventManager, e: BaseEvent, level: Any = None, *more: Any, **named: Any
    ) -> None:
        if (level or e.level_tag()) != EventLevel.DEBUG:
            fire_each(manager, e, level, *more, **named)

    EventManager.fire_event = fire  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        EventManager.fire_event = fire_each  # type: ignore[method-assign]


@contextmanager
def kept_templates(folder: Path = KEPT) -> Iterator[None]:
    """Let dbt use the kept templates, and keep those that it compiles."""
    from dbt_common.clients.jinja import MacroFuzzEnvironment as Environment

    file = folder / f"templates-{sha256(VERSIONS.encode()).hexdigest()[:16]}"
    templates.update(read(file) if not templates else {})
    known, used = len(templates), set[Key]()
    compile_again = Environment.compile

    def compiled(environment: Environment, source: Any, *settings: Any) -> Any:
        if settings or not isinstance(source, str):
            return compile_again(environment, source, *settings)
        key = type(environment).__name__, source
        used.add(key)
        if key not in templates:
            templates[key] = compile_again(environment, source)
        return templates[key]

    Environment.compile = compiled  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        Environment.compile = compile_again  # type: ignore[method-assign]
        if len(templates) > known:
            all_or_used = templates if len(templates) <= MOST else used
            write({key: templates[key] for key in all_or_used}, file)


def read(file: Path) -> dict[Key, CodeType]:
    """Return the templates in a file; none if there is no such file or it is not whole."""
    try:
        found: dict[Key, CodeType] = marshal.loads(file.read_bytes())
    except (OSError, EOFError, ValueError, TypeError):
        return {}
    return found


def write(found: dict[Key, CodeType], file: Path) -> None:
    """Replace a file in one step, because several processes may read and write it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.write_bytes(marshal.dumps(found))
    os.replace(new, file)
