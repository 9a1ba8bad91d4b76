"""The facts beside each published file: what was published, from which files, and when.

They are in a separate file because a time in the database would make two builds of the same input
differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from topheavy.mapping.errors import MappingError
from topheavy.project import WORKSPACE, command, in_workspace
from topheavy.publish.outputs import WAREHOUSE, Outputs

ABOUT = """
    select
        mapping_name,
        mapping_file,
        valid_count as row_count,
        (select min(interacted_at)::date::text from interactions) as first_date,
        (select max(interacted_at)::date::text from interactions) as last_date,
        (select list(distinct source_file order by source_file) from loaded_files) as source_files,
        topheavy_version,
        git_commit
    from build_info
"""


def facts_of(database: Path) -> dict[str, Any]:
    """Return the facts of a finished build that is being published now."""
    with duckdb.connect(str(database), read_only=True) as built:
        cursor = built.execute(ABOUT)
        names = [column[0] for column in cursor.description or []]
        facts = dict(zip(names, cursor.fetchall()[0], strict=True))
    return {"published_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", **facts}


def all_published() -> Iterator[tuple[Outputs, dict[str, Any]]]:
    """Return each folder in which something is published, by name, with its facts."""
    for path in sorted(WAREHOUSE.glob("*/published.json")):
        outputs = Outputs(path.parent)
        yield outputs, facts_beside(outputs)


def facts_beside(outputs: Outputs) -> dict[str, Any]:
    """Return the facts of the published file; empty if nothing is published or they
    cannot be read.
    """
    if not outputs.facts.is_file():
        return {}  # reading a pipe would block
    try:
        found = json.loads(outputs.facts.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def refuse_other_owner(mapping: Path, outputs: Outputs) -> None:
    """Raise MappingError if another mapping of the same name has published in the folder."""
    owner = facts_beside(outputs).get("mapping_file")
    if owner and owner != in_workspace(mapping) and (WORKSPACE / str(owner)).is_file():
        raise MappingError(
            f"{mapping}: {outputs.folder} contains what {owner} published, and both have the same "
            "name; rename one of them, or remove that folder"
        )


def refuse_absent(outputs: Outputs) -> None:
    """Raise MappingError if nothing is published."""
    if outputs.database.is_file():
        return
    names = ", ".join(found.folder.name for found, _ in all_published()) or "nothing"
    raise MappingError(
        f"there is no {outputs.database}; run {command_on(outputs, 'build')} first "
        f"(published: {names})"
    )


def command_on(outputs: Outputs, name: str, **options: str) -> str:
    """Return what a user types to run a command on these outputs; the sample is the default."""
    mapping = outputs.folder.name
    named = {} if mapping == "sample" else {"mapping": f"mappings/{mapping}.yml"}
    return command(name, **options, **named)
