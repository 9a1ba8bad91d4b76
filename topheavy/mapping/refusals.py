"""Turn pydantic's validation errors into a one-line message.

The message describes the first mistake in the order of the keys; an unknown key comes before
mistakes in values on the same level.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from topheavy.mapping.errors import nearest, shown
from topheavy.mapping.kinds import keys_in, words_of

UNKNOWN = ("extra_forbidden", "invalid_key")


def in_one_line(error: ValidationError, keys: type[BaseModel], values: Mapping[Any, Any]) -> str:
    """Describe the first mistake, its place and the remedy."""
    mistakes = (_read(details, keys, values) for details in error.errors())
    return min(mistakes, key=lambda mistake: mistake[0])[1]


def named_keys(keys: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the keys of a class by the names used in YAML."""
    return {field.alias or name: field for name, field in keys.model_fields.items()}


def _read(
    details: ErrorDetails, keys: type[BaseModel], values: Mapping[Any, Any]
) -> tuple[tuple[int, ...], str]:
    """Return the position of a mistake in the order of the keys, and its message.

    pydantic's location contains the key of each level, the position in a list, and names for the
    alternative types of a value, which do not appear in the YAML.
    """
    inside: type[BaseModel] | None = keys
    where, item, value, field = "", "", values, None
    order: list[int] = []
    parts = list(details["loc"])
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        known = named_keys(inside) if inside else {}
        if inside and details["type"] in UNKNOWN and is_last:
            near = nearest(str(part), known) or f"; known: {', '.join(known)}"
            return (*order, -1), f"{_at(where + item, part)}: unknown key{near}"
        if isinstance(part, int):
            item = f"[{part + 1}]"
            order.append(part)
            continue
        if part not in known:
            continue
        field = known[part]
        order.append([*known].index(part))
        value = _inside(value, item)
        where, item = _at(where + item, part), ""
        inside = keys_in(field.annotation)
        if details["type"] == "missing" and is_last:
            return tuple(order), f"{where}: missing; {field.description}"
        value = value[part]
    if field is None:
        return (-1,), "must hold keys and values, such as `name: my shop`"
    words = words_of(field.annotation, field.metadata)
    return tuple(order), f"{where}: must be {words}, not {shown(value)}{_quoting(value, words)}"


def _inside(value: Any, item: str) -> Any:
    """Return the item of a list that has the next key."""
    return value[int(item[1:-1]) - 1] if item else value


def _at(where: str, name: Any) -> str:
    return f"{where}.{name}" if where else str(name)


def _quoting(value: Any, words: str) -> str:
    """Explain how to quote values such as `No`, `12` and `2024-01-31`, which YAML does not read as
    text.
    """
    values = value if isinstance(value, list) else [value]
    typed = any(item is not None and not isinstance(item, str | list | dict) for item in values)
    return "; put it in quotes" if typed and "text" in words else ""
