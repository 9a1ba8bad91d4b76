"""dbt does the same with the shortcuts as without them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from conftest import message_of
from dbt import compilation
from dbt.adapters.sql.impl import SQLAdapter
from dbt.artifacts.resources.types import NodeType
from dbt.artifacts.resources.v1.components import InjectedCTE, MacroDependsOn
from dbt.clients.jinja import MacroStack
from dbt.compilation import Compiler
from dbt.context.base import BaseContext
from dbt.context.exceptions_jinja import wrapped_exports
from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import Macro, ModelNode, UnitTestNode
from dbt_common.behavior_flags import Behavior, BehaviorFlag
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.types import Note, SystemExecutingCmd
from dbt_common.exceptions import DbtRuntimeError

from topheavy.build import dbt_shortcuts
from topheavy.build.dbt_shortcuts import (
    TESTED,
    cached_templates,
    columns_of_inputs_asked_once,
    flat_macro_namespaces,
    inputs_inserted_by_pattern,
    no_description_of_the_graph,
    no_search_for_callers,
    without_debug_messages,
)


def test_the_versions_in_use_are_those_that_were_tested() -> None:
    """For a newer dbt, review what is patched, then enter its version in `TESTED`."""
    assert {name: version(name) for name in TESTED} == TESTED


# ---- templates -------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a template that an earlier process compiled."""
    monkeypatch.setattr(dbt_shortcuts, "templates", {})
    assert rendered(tmp_path) == "0 1 2 "
    monkeypatch.setattr(dbt_shortcuts, "templates", {})
    return tmp_path


def rendered(folder: Path) -> str:
    with cached_templates(folder):
        template = MacroFuzzEnvironment().from_string("{% for n in range(3) %}{{ n }} {% endfor %}")
    return template.render({})


def fail(*_: Any) -> None:
    raise AssertionError("compiled again")


def test_a_later_process_compiles_no_template_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jinja2.Environment, "_compile", fail)
    assert rendered(folder) == "0 1 2 "


def test_templates_of_another_version_are_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dbt_shortcuts, "COMPILERS", "another")
    monkeypatch.setattr(jinja2.Environment, "_compile", fail)
    with pytest.raises(AssertionError, match="compiled again"):
        rendered(folder)


@pytest.mark.parametrize("damage", [lambda _: b"", lambda _: b"text", lambda whole: whole[:-9]])
def test_a_damaged_file_is_replaced(damage: Any, folder: Path) -> None:
    [file] = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert rendered(folder) == "0 1 2 "
    assert file.read_bytes() == whole


def test_templates_of_earlier_code_are_removed_in_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dbt_shortcuts, "MAX_TEMPLATES", 2)
    for text in ("one", "two", "three"):
        with cached_templates(folder):
            MacroFuzzEnvironment().from_string(text)
    [file] = folder.iterdir()
    assert [text for _, text in dbt_shortcuts.read(file)] == ["three"]


# ---- messages --------------------------------------------------------------------------------


@pytest.fixture
def sent() -> Iterator[tuple[EventManager, list[str]]]:
    """Return dbt's sender of messages, and what it has sent."""
    manager, messages = EventManager(), list[str]()
    manager.add_callback(lambda event: messages.append(message_of(event)))
    with without_debug_messages():
        yield manager, messages


def test_only_messages_for_debugging_are_not_sent(sent: tuple[EventManager, list[str]]) -> None:
    manager, messages = sent
    manager.fire_event(SystemExecutingCmd(cmd=["ls", "-l"]))
    manager.fire_event(Note(msg="a note for debugging"), EventLevel.DEBUG)
    manager.fire_event(Note(msg="a note"))
    manager.fire_event(SystemExecutingCmd(cmd=["rm", "-r"]), EventLevel.WARN)
    assert messages == ["a note", 'Executing "rm -r"']


# ---- macros ----------------------------------------------------------------------------------


def macro(package: str, name: str, sql: str = "") -> Macro:
    return Macro(
        package_name=package,
        name=name,
        macro_sql=sql,
        resource_type=NodeType.Macro,
        path="",
        original_file_path="",
        unique_id=f"macro.{package}.{name}",
    )


NAMES = {
    "dbt": ("everywhere", "statement"),
    "dbt_duckdb": ("everywhere", "statement", "engine"),
    "shop": ("everywhere", "shop_only", "model_and_shop"),
    "topheavy": ("everywhere", "gini", "model_and_shop"),
}


@pytest.mark.parametrize("search", ["shop", "topheavy"])
def test_names_lead_to_the_same_macros(search: str) -> None:
    macros = {
        package: {f"macro.{package}.{name}": macro(package, name) for name in names}
        for package, names in NAMES.items()
    }

    def namespace(context: dict[str, Any]) -> MacroNamespace:
        builder = MacroNamespaceBuilder("shop", search, stack, ["dbt_duckdb", "dbt"])
        return builder.build_namespace(macros, context)

    stack = MacroStack()  # type: ignore[no-untyped-call]
    context: dict[str, Any] = {}
    usual = namespace(context)
    with flat_macro_namespaces():
        quick = namespace(context)

    def described(found: Any) -> Any:
        if isinstance(found, dict):
            return {name: described(it) for name, it in found.items()}
        return found.macro, found.context, found.node, found.stack

    assert {name: described(quick[name]) for name in quick} == {
        name: described(usual[name]) for name in usual
    }
    assert len(quick) == len(usual)
    for package in (None, "dbt", "shop", "topheavy"):
        for name in {name for names in NAMES.values() for name in names}:
            found, expected = (it.get_from_package(package, name) for it in (quick, usual))
            assert (found and found.macro) == (expected and expected.macro), (package, name)


CALLED = {
    "doubled": "{% macro doubled(n) %}{{ return(n * 2) }}{% endmacro %}",
    "written": "{% macro written(n) %}<{{ doubled(n) }}>{% endmacro %}",
    "failing": "{% macro failing() %}{{ written(none) }}{% endmacro %}",
    "stopping": "{% macro stopping() %}{{ exceptions.raise_compiler_error('stop') }}{% endmacro %}",
    "calling": "{% macro calling() %}{{ stopping() }}{% endmacro %}",
}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("doubled", (2,)), ("written", (2,)), ("failing", ()), ("calling", ()), ("doubled", ())],
)
def test_macros_do_and_record_the_same(name: str, arguments: tuple[int, ...]) -> None:
    """The result, or the error with all macros on its way, and what the node depends on."""

    def called() -> tuple[Any, Any]:
        node = SimpleNamespace(depends_on=MacroDependsOn())
        stack = MacroStack()  # type: ignore[no-untyped-call]
        context: dict[str, Any] = {
            "exceptions": wrapped_exports(node),  # type: ignore[no-untyped-call]
            "return": BaseContext._return,
        }
        macros = {"shop": {key: macro("shop", key, sql) for key, sql in CALLED.items()}}
        builder = MacroNamespaceBuilder("shop", "shop", stack, ["dbt"], node)
        context.update(builder.build_namespace(macros, context))
        try:
            # The second call finds what the first one prepared.
            outcome = [context[name](*arguments), context[name](*arguments)]
        except DbtRuntimeError as error:
            outcome = [type(error), error.msg, [it.name for it in error.stack]]
        assert stack.depth == 0
        return outcome, node.depends_on.macros

    usual = called()
    with flat_macro_namespaces():
        assert called() == usual


# ---- the graph -------------------------------------------------------------------------------


def test_the_graph_is_not_described() -> None:
    """dbt would look the node up in the manifest and fail."""
    linker = compilation.Linker()
    linker.graph.add_node("model.shop.orders")
    with no_description_of_the_graph():
        assert linker.get_graph_summary(Manifest()) == {}


def test_no_caller_is_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an adapter's flag decides does not depend on where it is declared."""
    monkeypatch.setattr(inspect, "stack", fail)
    declared: BehaviorFlag = {"name": "newer", "default": False, "description": "of an adapter"}
    with no_search_for_callers():
        behavior = Behavior([declared], {"newer": True})
    assert behavior.newer.setting


# ---- inputs of unit tests --------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize(
    "sql",
    [
        "with\n\nrows as (select 1)\n\nselect * from rows",
        "\n  -- with this comment\n/* and\nwith this */WITH rows as (select 1) select * from rows",
        "with recursive rows as (select 1) select * from rows",
        "select 'with' as word from withdrawals",
        "withdrawals as (select 1)",
        "-- only a comment: with\nselect 1",
        "with rows as (select 1) select * from rows; select 2",
        "with rows as (select 'one; it''s') select \"a;b\" from rows -- it's; /* one */",
        "with rows as (select 'a' /* it's; */) select * from rows -- one\n; select 'b'",
    ],
)
def test_inputs_are_inserted_where_dbt_inserts_them(sql: str, count: int) -> None:
    ctes = [InjectedCTE(id=str(n), sql=f"input_{n} as (select {n})") for n in range(count)]
    expected = compilation.inject_ctes_into_sql(sql, ctes)
    with inputs_inserted_by_pattern():
        assert compilation.inject_ctes_into_sql(sql, ctes) == expected


def test_columns_are_asked_once_for_the_inputs_of_all_tests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table may be built again before it is an input: dbt asks again for models, and for tests in
    which a model reads its own table.
    """
    asked: list[str] = []

    def ask(_: SQLAdapter, relation: str) -> list[str]:
        asked.append(relation)
        return [f"{relation}_id"]

    def compile_node(compiler: Compiler, node: Any) -> list[list[Any]]:
        adapter = object.__new__(any_class)
        return [adapter.get_columns_in_relation(relation) for relation in ("orders", "customers")]

    any_class: Any = SQLAdapter
    monkeypatch.setattr(SQLAdapter, "__abstractmethods__", frozenset())
    monkeypatch.setattr(SQLAdapter, "get_columns_in_relation", ask)
    monkeypatch.setattr(Compiler, "compile_node", compile_node)
    test, of_itself, model = (
        object.__new__(kind) for kind in (UnitTestNode, UnitTestNode, ModelNode)
    )
    of_itself.__dict__["this_input_node_unique_id"] = "model.shop.orders"
    compiler: Any = object.__new__(Compiler)
    with columns_of_inputs_asked_once():
        found = [compiler.compile_node(node) for node in (test, test, of_itself, model)]
    assert found == [[["orders_id"], ["customers_id"]]] * 4
    assert asked == ["orders", "customers"] * 3
