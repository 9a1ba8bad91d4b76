"""Run a command of dbt in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from topheavy.project import WORKSPACE

# dbt takes seconds to import, which a user with a mistake in the mapping need not wait for.
if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

# What is kept of the project as dbt parsed and compiled it.
KEPT = WORKSPACE / "target" / "parsed"
# Callbacks get dbt's messages.
NO_LOG = ("--log-level", "none", "--log-level-file", "none")


def invoke_dbt(
    command: Sequence[str],
    project: Manifest | None = None,
    callbacks: Sequence[Callable[[Any], None]] = (),
) -> dbtRunnerResult:
    """Run a command on a parsed project, or on the project's files.

    Callbacks get the messages from level info; dbt shows none unless the command says otherwise.
    """
    from dbt.cli.main import dbtRunner

    from topheavy.build.dbt_shortcuts import shortcuts

    with shortcuts(KEPT):
        return dbtRunner(project, callbacks=[*callbacks]).invoke([*NO_LOG, *command])
