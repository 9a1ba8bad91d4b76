"""Read and check a mapping: the one YAML file that says what an export's files and columns mean.

Everything a build needs from the user's files is checked before anything runs, so that a mistake
costs one line instead of a stack trace from deep inside the warehouse. What a mapping may say
stands in `keys.py`, the checks of the files in `files.py`.

Usage:
    python -m topheavy check mappings/NAME.yml          check the mapping and the files it names
    python -m topheavy check mappings/NAME.yml --json   and print the mapping as JSON
    python -m topheavy check --keys                     print every key as Markdown tables
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from topheavy.mapping.bounded_yaml import LARGEST_FILE, read_yaml
from topheavy.mapping.currencies import with_currency
from topheavy.mapping.decisions import with_decisions
from topheavy.mapping.files import InputFile, check_files, check_ids, check_times, data_folder
from topheavy.mapping.keys import (
    AMBIGUITIES,
    BLOCKS,
    EXCEL_SERIAL,
    SNAKE_CASE,
    TOP_KEYS,
    TYPED_FILES,
    Key,
    MappingError,
    block_files,
    filled_headers,
    is_folder,
    keys_as_markdown,
    mapped_columns,
    nearest,
    once_per_order,
    reserved_names,
    roles,
    shown,
    time_block,
)
from topheavy.mapping.labels import with_labels, with_visible_words
from topheavy.mapping.relations import with_types
from topheavy.project import PROJECT, in_project
from topheavy.visible import guard_terminal

NAMES_SHOWN = 10

__all__ = ["InputFile", "MappingError", "check", "check_files", "check_times", "load"]


def load(path: Path) -> dict[str, Any]:
    """The mapping in `path`, every key, type and rule checked."""
    if not path.is_file():
        near = "" if path.exists() else _near(path)
        raise MappingError(f"{path}: {'is no file' if path.exists() else 'no such file'}{near}")
    try:
        mapping = _parse(path)
        _check_keys(mapping, TOP_KEYS, "")
        for rule in RULES:
            rule(mapping)
        mapping = with_labels(with_visible_words(with_decisions(mapping, path)))
    except MappingError as error:
        raise MappingError(f"{path}: {error}") from None
    return mapping


def _near(path: Path) -> str:
    """Mappings that may be meant: those of the project, and what is one beside the path."""
    beside = (item for item in path.parent.glob("*.yml") if is_mapping(item))
    known = {in_project(item) for item in [*(PROJECT / "mappings").rglob("*.yml"), *beside]}
    by_name = {Path(name).stem: name for name in sorted(known)}
    found = difflib.get_close_matches(path.stem, by_name, n=1)
    names = [by_name[found[0]]] if found else sorted(by_name.values())[:NAMES_SHOWN]
    return f"; did you mean {names[0]}?" if found else f"; there are {', '.join(names)}"


def is_mapping(path: Path) -> bool:
    """Whether a YAML file looks like a mapping."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return re.search(rb"^interactions:", file.read(LARGEST_FILE), re.MULTILINE) is not None
    except OSError:
        return False


def _parse(path: Path) -> dict[str, Any]:
    try:
        mapping = read_yaml(path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MappingError(f"line {line}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise MappingError(f"not valid YAML: {_one_line(error)}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = f"0x{error.object[error.start]:02x}"
        raise MappingError(f"is not UTF-8: byte {byte} in line {line}; save it as UTF-8") from None
    except ValueError as error:  # of a date such as 0000-00-00
        if "digits" in str(error):
            raise MappingError("a number has thousands of digits; put it in quotes") from None
        raise MappingError(f"a value reads as a date, but {error}; put it in quotes") from None
    except OSError as error:
        raise MappingError(f"cannot be read: {error.strerror}") from None
    if not isinstance(mapping, dict):
        raise MappingError("must hold keys and values, such as `name: my shop`")
    return mapping


def _check_keys(value: dict[Any, Any], keys: tuple[Key, ...], where: str) -> None:
    known = {key.name: key for key in keys}
    for name in value:
        if name not in known:
            near = nearest(str(name), known) or f"; known: {', '.join(known)}"
            raise MappingError(f"{_at(where, name)}: unknown key{near}")
    for key in keys:
        if key.name in value:
            _check_value(value[key.name], key, _at(where, key.name))
        elif key.required:
            raise MappingError(f"{_at(where, key.name)}: missing; {key.doc}")


def _check_value(value: Any, key: Key, where: str) -> None:
    if not key.kind.fits(value):
        raise MappingError(
            f"{where}: must be {key.kind.words}, not {shown(value)}{_quoting(value, key)}"
        )
    if isinstance(value, dict) and key.inside:
        _check_keys(value, key.inside, where)
    if isinstance(value, list) and key.inside:
        for number, record in enumerate(value, start=1):
            if isinstance(record, dict):
                _check_keys(record, key.inside, f"{where}[{number}]")


def _at(where: str, name: Any) -> str:
    return f"{where}.{name}" if where else str(name)


def _quoting(value: Any, key: Key) -> str:
    """YAML reads `No`, `12` and `2024-01-31` as other types: say how to keep them as text."""
    values = value if isinstance(value, list) else [value]
    typed = any(item is not None and not isinstance(item, str | list | dict) for item in values)
    return "; put it in quotes" if typed and "text" in key.kind.words else ""


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


# ---- the rules that no single key shows ------------------------------------------------------


def _check_source(mapping: dict[str, Any]) -> None:
    for block in (block for block in BLOCKS if block in mapping):
        keys = mapping[block]
        if "files" in keys and "relation" in keys:
            raise MappingError(f"{block}: has both files and relation; keep one of them")
        if not {"files", "relation"} & {*keys}:
            raise MappingError(
                f"{block}.files: missing; file names or globs, or relation: a table in their place"
            )
        if "database" in keys and ("files" in keys or is_folder(keys["relation"])):
            raise MappingError(f"{block}.database: needs relation, a table or view of it")
        unread = {"delimiter", "quote", "encoding", "skip_lines", "sheet", "range"} & {*keys}
        if "relation" in keys and unread:
            raise MappingError(
                f"{block}.{min(unread)}: is about text, and a relation has none; leave it out"
            )


def _check_time(mapping: dict[str, Any]) -> None:
    block = time_block(mapping)
    if not block:
        raise MappingError("interactions.columns: needs time or date (or map it in orders)")
    for name in ("interactions", "orders"):
        columns = roles(mapping, name)
        if {"time", "date"} <= {*columns}:
            raise MappingError(f"{name}.columns: has both time and date; keep one of them")
        if "time_of_day" in columns and "date" not in columns:
            raise MappingError(f"{name}.columns.time_of_day: needs date beside it")
    typed = all(name.endswith(TYPED_FILES) for name in block_files(mapping, block))
    # Whether a column of a relation is text shows only where it is.
    if not typed and not mapping[block].get("time_formats"):
        header = roles(mapping, block).get("time") or roles(mapping, block)["date"]
        raise MappingError(
            f"{block}.time_formats: missing; say how '{header}' is written, such as ['%d/%m/%Y']"
        )


def _check_time_formats(mapping: dict[str, Any]) -> None:
    with duckdb.connect() as database:
        for block in ("interactions", "orders"):
            for text in mapping.get(block, {}).get("time_formats", []):
                if text == EXCEL_SERIAL:
                    continue
                try:
                    database.execute("select try_strptime('', ?)", [text])
                except duckdb.Error as error:
                    reason = _one_line(error).rpartition(": ")[2]
                    raise MappingError(
                        f"{block}.time_formats: '{text}' is no strptime format (unknown {reason})"
                    ) from None
                if not re.search("%[YycxGs]", text.replace("%%", "")):
                    raise MappingError(
                        f"{block}.time_formats: '{text}' has no year, so that nobody knows when a "
                        "row happened; add %Y or %y, or a column that has the year"
                    )


def _check_time_zones(mapping: dict[str, Any]) -> None:
    asked = [name for name in ("time_zone", "business_time_zone") if name in mapping]
    if asked == ["business_time_zone"]:
        raise MappingError("business_time_zone: needs time_zone, the zone of the stamps")
    if not asked:
        return
    with duckdb.connect() as database:
        zones = [
            row[0] for row in database.execute("select name from pg_timezone_names()").fetchall()
        ]
    for name in asked:
        if mapping[name] not in zones:
            near = nearest(mapping[name], zones) or "; write it like Europe/Berlin"
            raise MappingError(f"{name}: no time zone is named '{mapping[name]}'{near}")


def _check_stamps_with_zone(mapping: dict[str, Any]) -> None:
    for block in ("interactions", "orders"):
        for text in mapping.get(block, {}).get("time_formats", []):
            if re.search("%[zZ]", text) and mapping.get("time_zone") != "UTC":
                raise MappingError(
                    f"time_zone: must be UTC, as stamps in '{text}' name their zone "
                    f"({block}.time_formats); set business_time_zone to count hours elsewhere"
                )


def _check_revenue(mapping: dict[str, Any]) -> None:
    basis = mapping.get("revenue", "amount")
    columns = roles(mapping, "interactions")
    if (
        basis == "amount"
        and "amount" not in columns
        and not {"quantity", "unit_price"} <= {*columns}
    ):
        raise MappingError(
            "revenue: amount needs interactions.columns.amount (or quantity and unit_price);"
            " an export without money says revenue: none"
        )
    if basis == "list_price" and "price" not in roles(mapping, "products"):
        raise MappingError("revenue: list_price needs products.columns.price")
    if basis == "customer_amount" and "amount" not in roles(mapping, "customers"):
        raise MappingError("revenue: customer_amount needs customers.columns.amount")


def _check_joins(mapping: dict[str, Any]) -> None:
    interactions, orders = roles(mapping, "interactions"), roles(mapping, "orders")
    if "orders" in mapping and "order" not in interactions:
        raise MappingError("interactions.columns.order: missing; orders join on it")
    if "customers" in mapping and "customer" not in interactions | orders:
        raise MappingError("interactions.columns.customer: missing; customers join on it")
    if "products" in mapping and "product" not in interactions:
        raise MappingError("interactions.columns.product: missing; products join on it")


def _check_interaction_types(mapping: dict[str, Any]) -> None:
    types = mapping.get("interaction_types")
    mapped = "interaction_type" in roles(mapping, "interactions")
    if mapped and not types:
        raise MappingError(
            "interaction_types: missing; list the spellings, such as `purchase: [purchase]`"
        )
    if types is None:
        return
    if not mapped:
        raise MappingError("interaction_types: needs interactions.columns.interaction_type")
    if "purchase" not in types and mapping.get("revenue") != "none":
        near = nearest("purchase", types)
        raise MappingError(f"interaction_types.purchase: missing; its spellings give revenue{near}")
    seen: dict[str, str] = {}
    for name, spellings in types.items():
        if not SNAKE_CASE.fullmatch(name):
            raise MappingError(f"interaction_types.{name}: must be a snake_case word")
        for spelling in spellings:
            first = seen.setdefault(spelling.strip().casefold(), name)
            if first != name:
                raise MappingError(
                    f"interaction_types.{name}: '{spelling}' is also under {first}; keep one"
                )


def _check_dimensions(mapping: dict[str, Any]) -> None:
    names: set[str] = set()
    for number, dimension in enumerate(mapping.get("dimensions", []), start=1):
        where, name = f"dimensions[{number}]", dimension["name"]
        if name in reserved_names():
            raise MappingError(
                f"{where}.name: {name} is taken; choose another, such as sale_{name}"
            )
        if name in names:
            raise MappingError(f"{where}.name: {name} stands twice; rename one")
        block = dimension.get("from", "interactions")
        if block not in mapping:
            others = " or ".join(other for other in BLOCKS if other in mapping)
            raise MappingError(
                f"{where}.from: the mapping has no {block}; add it, or take one from {others}"
            )
        names.add(name)


def _check_fold_case(mapping: dict[str, Any]) -> None:
    known = {name for block in BLOCKS for name in roles(mapping, block)}
    known |= {dimension["name"] for dimension in mapping.get("dimensions", [])}
    for name in mapping.get("fold_case", []):
        if name not in known:
            near = nearest(name, sorted(known))
            raise MappingError(f"fold_case: '{name}' is no mapped role or dimension{near}")


def _check_amount(mapping: dict[str, Any]) -> None:
    amount = mapping["interactions"]["columns"].get("amount")
    if not isinstance(amount, dict):
        return
    where = "interactions.columns.amount"
    if {"column", "in", "out"} & {*amount} not in ({"column"}, {"in", "out"}):
        raise MappingError(f"{where}: needs column, or both in and out")
    if once_per_order(mapping) and "order" not in roles(mapping, "interactions"):
        raise MappingError(f"{where}.once_per: needs interactions.columns.order, the order's id")


def _check_fill_down(mapping: dict[str, Any]) -> None:
    known = {column.header for column in mapped_columns(mapping, "interactions")}
    known -= {*filled_headers(mapping)}
    known |= {*roles(mapping, "interactions").values()}
    known |= {record["column"] for record in mapping["interactions"].get("leave_out", [])}
    known |= {
        dimension["column"]
        for dimension in mapping.get("dimensions", [])
        if dimension.get("from", "interactions") == "interactions"
    }
    for header in filled_headers(mapping):
        if header not in known:
            near = nearest(header, {*known, *roles(mapping, "interactions")})
            raise MappingError(
                f"interactions.fill_down: '{header}' is no role or column of this mapping{near}"
            )


def _check_leave_out(mapping: dict[str, Any]) -> None:
    for block in (block for block in BLOCKS if block in mapping):
        for number, record in enumerate(mapping[block].get("leave_out", []), start=1):
            if not {"values", "starts_with", "ends_with"} & {*record}:
                raise MappingError(
                    f"{block}.leave_out[{number}]: needs values, starts_with or ends_with"
                )


def _check_duplicates(mapping: dict[str, Any]) -> None:
    duplicates = mapping.get("duplicates")
    if not isinstance(duplicates, dict):
        return
    columns = roles(mapping, "interactions")
    for role in [duplicates["by"]] if isinstance(duplicates["by"], str) else duplicates["by"]:
        if role not in columns:
            near = nearest(role, columns) or f"; mapped: {', '.join(columns)}"
            raise MappingError(f"duplicates.by: '{role}' is no role of interactions{near}")


def _check_accepted(mapping: dict[str, Any]) -> None:
    for name in mapping["interactions"].get("accepted", []):
        if name not in AMBIGUITIES:
            near = nearest(name, AMBIGUITIES) or f"; known: {', '.join(AMBIGUITIES)}"
            raise MappingError(f"interactions.accepted: {name} is no question{near}")


def _check_separators(mapping: dict[str, Any]) -> None:
    for name in (name for name in BLOCKS if name in mapping):
        block = mapping[name]
        if block.get("thousands") == block.get("decimal", "."):
            raise MappingError(f"{name}.thousands: is the same as decimal; set both")
        if block.get("quote", '"') == block.get("delimiter", ","):
            raise MappingError(
                f'{name}.quote: is the same as delimiter; set another, or quote: "" for none'
            )


def _check_aliases(mapping: dict[str, Any]) -> None:
    for block in (block for block in BLOCKS if block in mapping):
        headers = [column.header for column in mapped_columns(mapping, block)]
        for header in mapping[block].get("aliases", {}):
            if header not in headers:
                near = nearest(header, headers)
                raise MappingError(f"{block}.aliases: '{header}' is not a mapped column{near}")


RULES: tuple[Callable[[dict[str, Any]], None], ...] = (
    _check_source,
    _check_amount,
    _check_joins,
    _check_time,
    _check_time_formats,
    _check_time_zones,
    _check_stamps_with_zone,
    _check_revenue,
    _check_interaction_types,
    _check_dimensions,
    _check_fold_case,
    _check_fill_down,
    _check_leave_out,
    _check_duplicates,
    _check_accepted,
    _check_separators,
    _check_aliases,
)


# ---- the command line ------------------------------------------------------------------------


def size_in_words(count: float) -> str:
    """A number of bytes for people."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def check(path: Path, root: Path, env: Mapping[str, str]) -> tuple[dict[str, Any], list[InputFile]]:
    """The mapping and its files, after every check there is."""
    mapping = load(path)
    try:
        files = check_files(mapping, root, env)
        check_times(mapping, files)
        check_ids(mapping, files)
        headers = {
            block: dict.fromkeys(
                name for file in files if file.block == block for name in file.header
            )
            for block in ("interactions", "orders")
        }
        mapping = with_currency(mapping, headers, data_folder(mapping, root, env))
        mapping = with_types_of(mapping, files)
    except MappingError as error:
        raise MappingError(f"{path}: {error}") from None
    return mapping, files


def with_types_of(mapping: dict[str, Any], files: Sequence[InputFile]) -> dict[str, Any]:
    """The mapping with the types of what its files or relations have typed."""
    columns: dict[str, list[dict[str, str]]] = {}
    for file in files:
        columns.setdefault(file.block, []).append(dict(file.types))
    return with_types(mapping, columns)


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Check a mapping and the files it names.")
    parser.add_argument("mapping", type=Path, nargs="?", help="mappings/NAME.yml")
    parser.add_argument("--json", action="store_true", help="print the mapping as JSON")
    parser.add_argument("--keys", action="store_true", help="print every key as Markdown")
    arguments = parser.parse_args()
    if arguments.keys:
        print(keys_as_markdown())
        return 0
    if not arguments.mapping:
        parser.error("name a mapping, such as mappings/sample.yml")
    try:
        mapping, files = check(arguments.mapping, PROJECT, os.environ)
    except MappingError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(mapping, ensure_ascii=False, indent=2))
    else:
        size = size_in_words(sum(file.size for file in files))
        print(f"{arguments.mapping}: ok, {len(files)} file{'s'[: len(files) != 1]}, {size}")
    return 0
