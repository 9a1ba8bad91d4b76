"""Run a command of dbt in this process."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from shutil import ignore_patterns
from typing import TYPE_CHECKING, Any

from topheavy.project import WORKSPACE

# dbt takes seconds to import; a user with a mistake in the mapping should not have to wait for it.
if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

# The folder in which the parsed project and its compiled templates are kept.
KEPT = WORKSPACE / "target" / "parsed"
# What other processes write there, and rename when it is complete.
UNFINISHED = ignore_patterns(".*")
# dbt writes no logs of its own, because callbacks receive its messages.
NO_LOG = ("--log-level", "none", "--log-level-file", "none")


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Search for no garbage while many objects are created, nor among them afterwards.

    Most of them stay in use, and the others are freed without a search.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


# When the process ends, DuckDB reports objects that are excluded from the last search.
atexit.register(gc.unfreeze)


def invoke_dbt(
    command: Sequence[str],
    project: Manifest | None = None,
    callbacks: Sequence[Callable[[Any], None]] = (),
) -> dbtRunnerResult:
    """Run a command on a parsed project, or on the project's files.

    Callbacks receive the messages of level info and above; dbt itself prints none unless the
    command sets a log level.
    """
    from dbt.cli.main import dbtRunner

    from topheavy.build.dbt_shortcuts import shortcuts

    with shortcuts(KEPT), without_garbage_collection():
        return dbtRunner(project, callbacks=[*callbacks]).invoke([*NO_LOG, *command])
