"""Write dbt's documentation of every model and column for a mapping's last build: `make docs`.

Usage:
    python -m topheavy docs [--mapping mappings/NAME.yml]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from topheavy.build.dbt_run import BuildError
from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import read_mapping
from topheavy.project import WORKSPACE
from topheavy.publish.outputs import Outputs, add_mapping
from topheavy.publish.publish import in_words
from topheavy.publish.published import command_on
from topheavy.visible import guard_terminal, visible
from topheavy.writing import write_whole


def write(mapping: Path, outputs: Outputs) -> None:
    """Write the page. Raises MappingError, BuildError or OSError."""
    if not (outputs.build / outputs.database.name).is_file():
        raise BuildError(
            f"{outputs.build} has no build yet; run {command_on(outputs, 'build')} first"
        )
    from dbt.cli.main import dbtRunner

    variables = json.dumps({"mapping": read_mapping(mapping).as_vars()}, ensure_ascii=False)
    outcome = dbtRunner().invoke(["--quiet", "docs", "generate", "--vars", variables])
    if not outcome.success:
        raise BuildError(str(outcome.exception or "dbt did not finish; logs/dbt.log says why"))
    page = page_of(Path(os.environ["DBT_TARGET_PATH"]))
    write_whole(page, outputs.docs)


def page_of(folder: Path) -> str:
    """Return dbt's page with its data, as --static writes it, but with invisible characters shown.

    The SQL of a model contains headers of the export and words of the mapping. The function also
    prevents a text from closing the script element that contains it.
    """
    page = (folder / "index.html").read_text(encoding="utf-8")
    for name in ("manifest", "catalog"):
        data = all_visible(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
        text = json.dumps(data).replace("<", r"\u003c")
        page = page.replace(f'"{name.upper()}.JSON INLINE DATA"', text)
    return page


def all_visible(value: Any) -> Any:
    """Return JSON data in which every text is visible."""
    if isinstance(value, dict):
        return {name: all_visible(item) for name, item in value.items()}
    if isinstance(value, list):
        return [all_visible(item) for item in value]
    return visible(value, keep="\n\t") if isinstance(value, str) else value


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Write the page of every model and column.")
    add_mapping(parser)
    mapping = parser.parse_args().mapping
    os.chdir(WORKSPACE)
    try:
        outputs = Outputs.of(mapping)
        outputs.set_environment(os.environ)
        write(mapping, outputs)
    except (MappingError, BuildError, OSError) as error:
        print(f"docs failed: {in_words(error)}", file=sys.stderr)
        return 1
    print(f"{outputs.docs} is written")
    return 0
