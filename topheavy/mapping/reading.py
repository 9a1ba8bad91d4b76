"""Read the YAML of a mapping into the one object that all later code uses.

Everything that a build needs from the user's files is checked here before anything runs, so that a
mistake gives one line instead of a stack trace from inside the warehouse. `keys.py` defines the
keys, `rules.py` the rules that involve several keys, and `files.py` the checks of the files.

Usage:
    from topheavy.mapping.reading import read_export, read_mapping
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError

from topheavy.mapping.bounded_yaml import LARGEST_FILE, read_yaml
from topheavy.mapping.currencies import with_currency
from topheavy.mapping.decisions import with_decisions
from topheavy.mapping.errors import MappingError
from topheavy.mapping.files import InputFile, check_files, data_folder
from topheavy.mapping.first_values import check_ids, check_times
from topheavy.mapping.keys import BLOCKS, ExportMapping
from topheavy.mapping.labels import with_labels
from topheavy.mapping.refusals import in_one_line
from topheavy.mapping.relations import with_types
from topheavy.mapping.rules import RULES
from topheavy.project import WORKSPACE, command, in_workspace

NAMES_SHOWN = 10


class Export(NamedTuple):
    """A mapping and its files, after all checks."""

    mapping: ExportMapping
    files: list[InputFile]


def read_export(path: Path, root: Path, env: Mapping[str, str]) -> Export:
    """Return the mapping and its files. Raises MappingError."""
    mapping = read_mapping(path)
    try:
        files = check_files(mapping, root, env)
        check_times(mapping, files)
        check_ids(mapping, files)
        headers = {
            block: dict.fromkeys(
                name for file in files if file.block == block for name in file.header
            )
            for block in mapping.dated_blocks
        }
        mapping = with_currency(mapping, headers, data_folder(mapping, root, env))
        mapping = with_types_of(mapping, files)
    except MappingError as error:
        raise MappingError(f"{path}: {error}") from None
    return Export(mapping, files)


def read_mapping(path: Path) -> ExportMapping:
    """Return the mapping in `path` after checking keys, types and rules. Raises MappingError."""
    if not path.is_file():
        near = "" if path.exists() else _near(path)
        raise MappingError(f"{path}: {'is not a file' if path.exists() else 'no such file'}{near}")
    try:
        mapping = mapping_of(_parse(path))
        for rule in RULES:
            rule(mapping)
        return with_labels(with_decisions(mapping, path))
    except MappingError as error:
        raise MappingError(f"{path}: {error}") from None


def mapping_of(values: dict[Any, Any]) -> ExportMapping:
    """Return the mapping with some keys and values. Raises MappingError if one is invalid."""
    try:
        return ExportMapping.model_validate(values)
    except ValidationError as error:
        raise MappingError(in_one_line(error, ExportMapping, values)) from None


def mapping_of_vars(values: Mapping[str, Any]) -> ExportMapping:
    """Return the mapping in dbt's variables, written by `as_vars` or by the project that uses dbt.

    Settings that only dbt reads are left out. Raises MappingError.
    """
    own: dict[str, Any] = {"name": "export"}
    own |= {name: value for name, value in values.items() if name not in ("limits", "scenarios")}
    for name in (name for name in BLOCKS if own.get(name)):
        own[name] = {key: value for key, value in own[name].items() if key != "types"}
    rates: tuple[tuple[str, ...], ...] = ()
    currency = own.get("currency")
    if isinstance(currency, dict) and isinstance(currency.get("rates"), list):
        rates = tuple(tuple(rate) for rate in currency["rates"])
        own["currency"] = {key: value for key, value in currency.items() if key != "rates"}
    return mapping_of(own).resolving(rates=rates)


def with_types_of(mapping: ExportMapping, files: Sequence[InputFile]) -> ExportMapping:
    """Return the mapping with the column types of its files or relations."""
    columns: dict[str, list[dict[str, str]]] = {}
    for file in files:
        columns.setdefault(file.block, []).append(dict(file.types))
    return with_types(mapping, columns)


def is_mapping(path: Path) -> bool:
    """Return whether a YAML file looks like a mapping."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return re.search(rb"^interactions:", file.read(LARGEST_FILE), re.MULTILINE) is not None
    except OSError:
        return False


def _near(path: Path) -> str:
    """Suggest mappings that may be meant: those of the project, and those beside the path."""
    beside = (item for item in path.parent.glob("*.yml") if is_mapping(item))
    known = {in_workspace(item) for item in [*(WORKSPACE / "mappings").rglob("*.yml"), *beside]}
    by_name = {Path(name).stem: name for name in sorted(known)}
    found = difflib.get_close_matches(path.stem, by_name, n=1)
    names = [by_name[found[0]]] if found else sorted(by_name.values())[:NAMES_SHOWN]
    if not names:
        return f"; draft one from the export's files: {command('build', files='orders.csv')}"
    return f"; did you mean {names[0]}?" if found else f"; there are {', '.join(names)}"


def _parse(path: Path) -> dict[Any, Any]:
    try:
        mapping = read_yaml(path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MappingError(f"line {line}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise MappingError(f"not valid YAML: {' '.join(str(error).split())}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = f"0x{error.object[error.start]:02x}"
        raise MappingError(f"is not UTF-8: byte {byte} in line {line}; save it as UTF-8") from None
    except ValueError as error:  # raised for a date such as 0000-00-00
        if "digits" in str(error):
            raise MappingError("a number has thousands of digits; put it in quotes") from None
        raise MappingError(f"a value reads as a date, but {error}; put it in quotes") from None
    except OSError as error:
        raise MappingError(f"cannot be read: {error.strerror}") from None
    if not isinstance(mapping, dict):
        raise MappingError("must hold keys and values, such as `name: my shop`")
    return mapping
