"""Write dbt's page of every model and column, of a mapping's last build: what `make docs` runs.

Usage:
    python scripts/write_docs.py [--mapping mappings/NAME.yml]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

import lineage
from dbt_run import BuildError
from mapping import load
from mapping_keys import MappingError
from outputs import DEFAULT_MAPPING, Outputs, add_mapping
from project import PROJECT
from publish import in_words
from published import option
from visible import guard_terminal


def write(mapping: Path, outputs: Outputs) -> None:
    """Write the page. Raises MappingError, BuildError or OSError."""
    if not (outputs.build / outputs.database.name).is_file():
        raise BuildError(f"{outputs.build} has no build yet; run make build{option(outputs)} first")
    from dbt.cli.main import dbtRunner

    variables = json.dumps({"mapping": load(mapping)}, ensure_ascii=False)
    outcome = dbtRunner().invoke(["--quiet", "docs", "generate", "--static", "--vars", variables])
    if not outcome.success:
        raise BuildError(str(outcome.exception or "dbt did not finish; logs/dbt.log says why"))
    shutil.copyfile(Path(os.environ["DBT_TARGET_PATH"]) / "static_index.html", outputs.docs)


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Write the page of every model and column.")
    add_mapping(parser)
    mapping = parser.parse_args().mapping
    os.chdir(PROJECT)
    try:
        outputs = Outputs.of(mapping)
        outputs.tell(os.environ)
        write(mapping, outputs)
    except (MappingError, BuildError, OSError) as error:
        print(f"docs failed: {in_words(error)}", file=sys.stderr)
        return 1
    print(f"{outputs.docs} is written")
    # The picture in the README is of the project, whatever the mapping.
    return lineage.main() if mapping == DEFAULT_MAPPING else 0


if __name__ == "__main__":
    sys.exit(main())
