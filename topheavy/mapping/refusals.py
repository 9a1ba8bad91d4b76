"""Turn pydantic's validation errors into the one line that a user reads.

Of several mistakes the first is named, in the order of the keys; where a key is not known, that
before the values beside it.
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


def in_one_line(error: ValidationError, keys: type[BaseModel], said: Mapping[Any, Any]) -> str:
    """The first mistake, where it stands and what to write there."""
    return min((_read(details, keys, said) for details in error.errors()), key=lambda it: it[0])[1]


def named_keys(keys: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys of a class by the names that people write."""
    return {field.alias or name: field for name, field in keys.model_fields.items()}


def _read(
    details: ErrorDetails, keys: type[BaseModel], said: Mapping[Any, Any]
) -> tuple[tuple[int, ...], str]:
    """Where a mistake comes in the order of the keys, and its line.

    pydantic's place has the key of each level, the number of an item in a list, and names of the
    forms that a value may have, which nobody wrote.
    """
    inside: type[BaseModel] | None = keys
    where, item, value, field = "", "", said, None
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
    """The item of a list that has the next key."""
    return value[int(item[1:-1]) - 1] if item else value


def _at(where: str, name: Any) -> str:
    return f"{where}.{name}" if where else str(name)


def _quoting(value: Any, words: str) -> str:
    """YAML reads `No`, `12` and `2024-01-31` as other types: say how to keep them as text."""
    values = value if isinstance(value, list) else [value]
    typed = any(item is not None and not isinstance(item, str | list | dict) for item in values)
    return "; put it in quotes" if typed and "text" in words else ""
