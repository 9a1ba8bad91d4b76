"""The rooms of the package use each other in one direction: topheavy/__init__.py says which."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import topheavy

PROJECT = Path(__file__).resolve().parents[3]
PACKAGE = PROJECT / "topheavy"
# From the first, which uses none of the others, to the last, which may use all.
ROOMS = re.findall(r"^    (\w+)  +\w", topheavy.__doc__ or "", re.MULTILINE)


def imported(path: Path) -> set[str]:
    """The modules that a file imports at any time, with what it takes of each."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return {name for name in found if name.startswith(("topheavy", "tools"))}


def room_of(module: str) -> str:
    """The room of a module or of something in it; empty for what lies beside the rooms."""
    room = module.split(".")[1]
    return room if room in ROOMS else ""


def test_every_room_has_its_place() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == {*ROOMS}


@pytest.mark.parametrize("room", ["", *ROOMS])
def test_a_room_uses_only_those_before_it(room: str) -> None:
    allowed = {"", *ROOMS[: ROOMS.index(room) + 1]} if room else {""}
    wrong = [
        f"{path.relative_to(PROJECT)} imports {name}"
        for path in sorted((PACKAGE / room).glob("*.py"))
        for name in sorted(imported(path))
        if name.startswith("tools") or room_of(name) not in allowed
    ]
    assert wrong == []
