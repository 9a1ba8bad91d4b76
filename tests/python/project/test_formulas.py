"""Formulas use only their arguments, so that any project can call them with its own columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest
import yaml
from jinja2 import nodes

PROJECT = Path(__file__).resolve().parents[3]
MACROS = PROJECT / "macros"
FORMULAS = sorted((MACROS / "formulas").glob("*.sql"))
# Macros of other folders that formulas call.
CALLED = (MACROS / "engine" / "functions.sql", MACROS / "concentration" / "words.sql")
# Names that dbt and Jinja provide in every project.
BUILT_IN = {"namespace", "return"}
# Arguments that are not columns.
VALUES: dict[str, Any] = {
    "along": "along",
    "end": "low",
    "k": 2,
    "levels": {"large": 3, "moderate": 2, "small": 1},
}
NUMBERS = ("integer", "float")


def environment() -> jinja2.Environment:
    return jinja2.Environment(extensions=["jinja2.ext.do"])


def text_of(*paths: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def module_of(text: str) -> Any:
    """Return the macros of a text, which call each other with the package's name."""
    known = SimpleNamespace()
    names = {
        "return": lambda value: value,
        "adapter": SimpleNamespace(dispatch=lambda name, _: getattr(known, f"default__{name}")),
        "topheavy": known,
    }
    module = environment().from_string(text).make_module(names)
    known.__dict__.update(vars(module))
    return module


def plain_calls(text: str) -> list[str]:
    """Return the macros that a text calls without the package's name."""
    calls = (call.node for call in environment().parse(text).find_all(nodes.Call))
    return sorted({call.name for call in calls if isinstance(call, nodes.Name)} - BUILT_IN)


def columns(expression: str) -> set[str]:
    """Return the columns that an SQL expression names."""
    query = f"select {expression} from t window along as (order by (select 1))"
    ((parsed,),) = duckdb.execute("select json_serialize_sql(?)", [query]).fetchall()
    tree = json.loads(parsed)
    assert not tree["error"], tree["error_message"]
    return {".".join(node["column_names"]) for node in column_nodes(tree)}


def column_nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict) and node.get("class") == "COLUMN_REF":
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from column_nodes(child)


@cache
def formulas() -> dict[str, Any]:
    listed = [yaml.safe_load(text_of(path.with_name(f"_{path.stem}.yml"))) for path in FORMULAS]
    return {macro["name"]: macro for macros in listed for macro in macros["macros"]}


@cache
def module() -> Any:
    return module_of(text_of(*FORMULAS, *CALLED))


def difference(macro: Any, described: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Return the columns that a macro names beyond its arguments, and the arguments that it
    ignores.
    """
    types = {argument["name"]: argument["type"] for argument in described["arguments"]}
    given = {
        name: VALUES.get(name, 2 if kind in NUMBERS else f"given_{name}")
        for name, kind in types.items()
    }
    expected = {value for value in given.values() if str(value).startswith("given_")}
    named = columns(macro(**given))
    return named - expected, expected - named


@pytest.mark.parametrize("name", formulas())
def test_a_formula_uses_its_arguments_and_nothing_else(name: str) -> None:
    assert difference(getattr(module(), name), formulas()[name]) == (set(), set())


@pytest.mark.parametrize("path", [*FORMULAS, MACROS / "engine" / "column_indices.sql"], ids=str)
def test_formulas_call_each_other_by_the_name_of_the_package(path: Path) -> None:
    assert plain_calls(text_of(path)) == []


def test_a_column_from_the_scope_of_the_caller_is_noticed() -> None:
    text = "{% macro part(value, n) %}{{ value }} / total_value * {{ squared(1) }}{% endmacro %}"
    described = {"arguments": [{"name": name, "type": "string"} for name in ("value", "n")]}
    called = "{% macro squared(x) %}{{ x }}{% endmacro %}"
    macro = module_of(text + called).part
    assert difference(macro, described) == ({"total_value"}, {"given_n"})
    assert plain_calls(text) == ["squared"]
