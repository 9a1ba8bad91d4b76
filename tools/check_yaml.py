"""Validate the project's dbt YAML against the JSON schemas that dbt-core ships.

dbt validates property files against these schemas only on four warehouses. On DuckDB and Spark a
misplaced `meta`, an invented key or an unknown top-level key passes `dbt parse` silently, but is an
error in dbt 2. This tool therefore validates them. Metrics are validated against MetricFlow's
schemas, which come with dbt-core 1.11, because dbt's own schemas describe the metrics of dbt 1.12
only.

usage: python -m tools.check_yaml [PROJECT_FOLDER]
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from dbt.jsonschemas.jsonschemas import (
    CustomDraft7Validator,
    project_schema,
    resources_schema,
)
from dbt_semantic_interfaces.parsing import schemas as metricflow
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

PROJECT_FILE = "dbt_project.yml"
PROPERTY_FOLDERS = (
    *("models", "unit_tests", "seeds", "tests", "macros", "analyses"),
    *("integration_tests/models", "integration_tests/seeds", "integration_tests/tests"),
)
# The lists that MetricFlow's schemas describe.
SEMANTIC_LAYER = {
    "semantic_models": metricflow.semantic_model_schema,
    "metrics": metricflow.metric_schema,
    "saved_queries": metricflow.saved_query_schema,
}


def type_rule(validator: Any, types: Any, instance: Any, schema: Any) -> Any:
    """Apply the schema's `type`, except to Jinja, whose result is not known here."""
    if isinstance(instance, str) and "{{" in instance:
        return None
    return CustomDraft7Validator.VALIDATORS["type"](validator, types, instance, schema)


# The stubs leave `extend` without types.
Validator = extend(CustomDraft7Validator, {"type": type_rule})  # type: ignore[no-untyped-call]


def property_files(root: Path) -> list[Path]:
    """Return the property files of the project, in a fixed order."""
    return sorted(
        path
        for folder in PROPERTY_FOLDERS
        for pattern in ("*.yml", "*.yaml")
        for path in (root / folder).rglob(pattern)
    )


def property_schema() -> dict[str, Any]:
    """Return dbt's schema of property files, as dbt 1.11 and its manual define it."""
    schema = copy.deepcopy(resources_schema())
    # The schema lists only `Warn` and `Error`; dbt and its manual use `warn` and `error`.
    schema["definitions"]["Severity"]["enum"] += ["warn", "error"]
    for key, described in SEMANTIC_LAYER.items():
        schema["properties"][key]["items"] = copy.deepcopy(described)
    # dbt accepts two more keys than MetricFlow: the model that is read, and what an entity is.
    semantic_model = schema["properties"]["semantic_models"]["items"]
    semantic_model["properties"]["model"] = {"type": "string"}
    semantic_model["required"] += ["model"]
    entity: dict[str, Any] = copy.deepcopy(metricflow.entity_schema)
    entity["properties"]["description"] = {"type": "string"}
    semantic_model["properties"]["entities"]["items"] = entity
    return schema


def key_path(error: ValidationError) -> str:
    """Return the location of an error: `models[0].columns[2].meta`."""
    path = ""
    for part in error.absolute_path:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.lstrip(".") or "top level"


def explain(error: ValidationError) -> str:
    """Describe an error in the words of the schema, except where those are misleading."""
    if error.validator == "type" and error.validator_value == "object":
        return f"neither a folder nor a config that dbt knows with its leading +: {error.message}"
    return error.message


def problems(document: Any, schema: dict[str, Any]) -> Iterator[str]:
    """Yield `path: message` for everything in a document that its schema refuses."""
    for error in Validator(schema, registry=metricflow.registry).iter_errors(document):
        # An `anyOf` error only says that no branch fits; the closest branch gives the reason.
        closest = best_match([error])
        yield f"{key_path(closest)}: {explain(closest)}"


def file_problems(path: Path, schema: dict[str, Any]) -> Iterator[str]:
    """Yield `file: path: message` for everything wrong with one file."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        yield f"{path}: not readable as YAML: {' '.join(str(error).split())}"
        return
    for problem in problems(document or {}, schema):
        yield f"{path}: {problem}"


def check(root: Path) -> tuple[int, list[str]]:
    """Return how many files were read, and what is wrong with them."""
    schemas = {root / PROJECT_FILE: project_schema()}
    properties = property_schema()
    schemas |= {path: properties for path in property_files(root)}
    found = [problem for path, schema in schemas.items() for problem in file_problems(path, schema)]
    return len(schemas), found


def main() -> int:
    """Print the errors, one line each; exit with 1 if there are any."""
    parser = argparse.ArgumentParser(description="Check dbt YAML against dbt's JSON schemas.")
    parser.add_argument("root", nargs="?", type=Path, default=Path())
    root = parser.parse_args().root
    if not (root / PROJECT_FILE).is_file():
        print(f"{root / PROJECT_FILE}: no such file; name the project's folder", file=sys.stderr)
        return 1
    count, found = check(root)
    print("\n".join(found) if found else f"{count} files follow dbt's schemas")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
