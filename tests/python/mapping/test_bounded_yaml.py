"""A mapping that would exhaust the machine causes a one-line error."""

from __future__ import annotations

from pathlib import Path

import pytest

from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import read_mapping

MAPPING = """\
name: shop
interactions:
  files: sales.csv
  columns: {time: When, amount: Total}
  time_formats: ["%Y-%m-%d"]
"""


def nested(levels: int, times: int) -> str:
    """Return lists that each repeat the previous one a number of times."""
    lines = ["a0: &a0 [x]"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * times)}]")
    return "\n".join(lines) + "\n"


BOMBS = {
    "billion laughs": (nested(10, 10), "line 6: repeats parts to more than 100,000 values"),
    "quadratic": (
        f"a: &a [{', '.join(['x'] * 2_000)}]\nb: [{', '.join(['*a'] * 2_000)}]\n",
        "line 2: repeats parts to more than 100,000 values",
    ),
    "a chain": (nested(300, 1), "line 18: nested more than 20 deep; close a bracket"),
    "itself": ("a: &a [1, *a]\n", "line 1: *a is a part of itself; remove it"),
    "brackets": ("a: " + "[" * 20_000, "line 1: nested more than 20 deep; close a bracket"),
    "braces": ("a: " + "{a: " * 20_000, "line 1: nested more than 20 deep; close a bracket"),
    "dashes": ("- " * 20_000, "line 1: nested more than 20 deep; close a bracket"),
    "a long name": (
        f"name: {'x' * 20_000}\n",
        "line 1: a text of 20,000 characters; at most 10,000",
    ),
    "a large file": (
        f"name: {'x' * 1_000_000}\n",
        "has 1,000,007 bytes; a mapping has at most 500,000",
    ),
    "a long number": (
        f"max_rejected_share: {'9' * 9_000}\n",
        "a number has thousands of digits; put it in quotes",
    ),
    "a zero byte": ("name: a\0b\n", "not valid YAML: unacceptable character #x0000"),
    "code": ("a: !!python/object/apply:os.system [ls]\n", "line 1: not valid YAML: could not "),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_one_line(name: str, tmp_path: Path) -> None:
    bomb, message = BOMBS[name]
    path = tmp_path / "mapping.yml"
    path.write_text(bomb)
    with pytest.raises(MappingError) as caught:
        read_mapping(path).as_vars()
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_parts_may_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yml"
    path.write_text(MAPPING.replace("name: shop", "name: &shop shop\ndescription: *shop"))
    assert read_mapping(path).as_vars()["description"] == "shop"
