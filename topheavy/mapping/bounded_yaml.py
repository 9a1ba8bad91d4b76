"""Read YAML from untrusted authors, within bounds.

A few lines of YAML can expand to gigabytes, refer to themselves, or be nested more deeply than
Python can follow; a mapping needs none of that. The text is first scanned event by event, in time
proportional to its length, and only text within the bounds is loaded.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from topheavy.mapping.errors import MappingError

LARGEST_FILE = 500_000
LONGEST_TEXT = 10_000
DEEPEST = 20
# The largest number of values; values that an alias repeats count each time.
MOST_VALUES = 100_000


class _UniqueKeyLoader(yaml.SafeLoader):
    """A loader that refuses repeated keys; YAML would silently keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for name, count in Counter(names).items():
            if count > 1:
                line = node.start_mark.line + 1
                raise MappingError(
                    f"{name}: is given twice in the mapping that begins in line {line}; keep one"
                )
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path) -> Any:
    """Return the content of a file.

    Raises MappingError, OSError, UnicodeDecodeError, ValueError or YAMLError.
    """
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise MappingError(f"has {size:,} bytes; a mapping has at most {LARGEST_FILE:,}")
    text = path.read_text(encoding="utf-8-sig")
    _check_bounds(text)
    return yaml.load(text, Loader=_UniqueKeyLoader)


@dataclass
class _Part:
    """A part of the text that is still open, or that an alias can repeat."""

    anchor: str | None
    values: int = 1
    height: int = 0


def _check_bounds(text: str) -> None:
    whole = _Part(None)
    opened, named = [whole], dict[str, _Part]()
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        part = _Part(getattr(event, "anchor", None))
        if isinstance(event, yaml.AliasEvent):
            if part.anchor in [other.anchor for other in opened]:
                raise MappingError(f"{_line(event)}: *{part.anchor} is a part of itself; remove it")
            part = named.get(str(part.anchor), part)
        elif isinstance(event, yaml.CollectionStartEvent):
            opened.append(part)
        elif isinstance(event, yaml.CollectionEndEvent):
            part = opened.pop()
        elif isinstance(event, yaml.ScalarEvent):
            _check_length(event)
        else:
            continue
        if not isinstance(event, yaml.CollectionStartEvent):
            opened[-1].values += part.values
            opened[-1].height = max(opened[-1].height, part.height + 1)
            if part.anchor:
                named[part.anchor] = part
        if sum(other.values for other in opened) > MOST_VALUES:
            raise MappingError(f"{_line(event)}: repeats parts to more than {MOST_VALUES:,} values")
        if len(opened) + opened[-1].height > DEEPEST:
            raise MappingError(f"{_line(event)}: nested more than {DEEPEST} deep; close a bracket")


def _check_length(event: yaml.ScalarEvent) -> None:
    if len(event.value) > LONGEST_TEXT:
        raise MappingError(
            f"{_line(event)}: a text of {len(event.value):,} characters; at most {LONGEST_TEXT:,}"
        )


def _line(event: yaml.Event) -> str:
    return f"line {event.start_mark.line + 1}" if event.start_mark else "the mapping"
