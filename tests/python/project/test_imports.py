"""The subpackages import each other in one direction, which topheavy/__init__.py documents."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import topheavy

PROJECT = Path(__file__).resolve().parents[3]
PACKAGE = PROJECT / "topheavy"
# The first uses none of the others; the last may use all of them.
ROOMS = re.findall(r"^    (\w+)  +\w", topheavy.__doc__ or "", re.MULTILINE)


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports at any time, with the names that it
    imports from each.
    """
    return imports_of(path.read_text(encoding="utf-8"))


def imports_of(code: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return {name for name in found if name.startswith(("topheavy", "tools"))}


def room_of(module: str) -> str:
    """Return the subpackage of a module or of a name in it; empty for modules beside the
    subpackages.
    """
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


def uses_of(path: Path) -> set[Path]:
    """Return the modules beside a module that it imports, except for type checking."""
    package = ".".join(path.relative_to(PROJECT).parent.parts)
    code = re.sub(
        r"^if TYPE_CHECKING:\n(?: .*\n)+", "", path.read_text("utf-8"), flags=re.MULTILINE
    )
    names = {name.removeprefix(f"{package}.").split(".")[0] for name in imports_of(code)}
    return {beside for name in names if (beside := path.with_name(f"{name}.py")).exists()} - {path}


@pytest.mark.parametrize("room", ROOMS)
def test_modules_of_a_room_use_each_other_in_one_direction(room: str) -> None:
    uses = {path: uses_of(path) for path in sorted((PACKAGE / room).glob("*.py"))}
    while free := {path for path, used in uses.items() if not used & {*uses}}:
        uses = {path: used for path, used in uses.items() if path not in free}
    assert [path.name for path in uses] == []


def test_detectors_do_not_use_each_other() -> None:
    draft = PACKAGE / "draft"
    shared = {"ambiguities", "interaction_rows", "orders", "questions", "roles", "amounts"}
    detectors = {
        path for path in uses_of(draft / "ambiguities.py") if path.stem not in {*shared, "profiles"}
    }
    assert {path.name: uses_of(path) & detectors for path in sorted(detectors)} == {
        path.name: set() for path in detectors
    }
