"""Let dbt skip work that it repeats or whose result nobody reads.

For small data, dbt takes most of a build's time, and half of that goes to five things:

- It compiles the Jinja templates of all models and macros again in each process. The result
  depends only on the text of a template and the class of its environment, so the compiled templates
  are cached in a file, for all mappings and targets.
- For each node, it formats dozens of messages that only a debug log would show.
- Twice for each node, it prepares every macro of the project to be called, one by one, and prepares
  it again for each call.
- For each statement without a result, it prepares to guess the types of columns.
- For each run, it describes the graph of all nodes twice, in a file that only its developers read,
  and reads the source code of all callers to find out which module declares the adapter's flags.

A third of a unit test's time goes to parsing a whole model to find its first `with`, after which
the rows of the test are inserted, and a sixth to the columns of its inputs, which most tests share.

The cache works with any version of dbt. Everything else is patched only in the versions in which it
was tested; other versions run unpatched, and a build takes longer.
"""

from __future__ import annotations

import marshal
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

from dbt import compilation
from dbt.adapters.sql.impl import SQLAdapter
from dbt.artifacts.resources.v1.components import InjectedCTE
from dbt.clients.jinja import MacroGenerator
from dbt.compilation import Compiler
from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
from dbt.contracts.graph.nodes import Macro, UnitTestNode
from dbt.include.global_project import PROJECT_NAME as BUILT_IN
from dbt_common import behavior_flags
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.exceptions.macros import MacroReturn

from topheavy.writing import write_whole

# The versions that decide, besides the template, how it is compiled.
COMPILERS = " ".join([sys.version, *map(version, ("jinja2", "dbt-common"))])
# Edits leave templates in the cache that no run needs any more; above this number, only those of
# the last run are kept.
MAX_TEMPLATES = 10_000
# The versions that are patched.
TESTED = {"dbt-core": "1.11.16", "dbt-common": "1.39.0"}

# The name of an environment's class, and the text of a template.
Key = tuple[str, str]
# The `with` that starts a query, after any comments.
FIRST_WITH = re.compile(r"(?:\s|--[^\n]*\n|/[*].*?[*]/)*with\s+(?:recursive\s+)?", re.I | re.S)
# Texts, quoted names and comments, in which a semicolon ends no statement.
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n]*|/[*].*?[*]/", re.S)
# The macros of each package, by name.
Packages = Mapping[str, Mapping[str, Macro]]
# The compiled templates of this process.
templates: dict[Key, CodeType] = {}


@contextmanager
def shortcuts(folder: Path) -> Iterator[None]:
    """Let dbt skip what this module describes; compiled templates are cached in `folder`."""
    with ExitStack() as patches:
        patches.enter_context(cached_templates(folder))
        if all(version(name) == tested for name, tested in TESTED.items()):
            patches.enter_context(without_debug_messages())
            patches.enter_context(flat_macro_namespaces())
            patches.enter_context(one_empty_table())
            patches.enter_context(no_description_of_the_graph())
            patches.enter_context(no_search_for_callers())
            patches.enter_context(inputs_inserted_by_pattern())
            patches.enter_context(columns_of_inputs_asked_once())
        yield


@contextmanager
def patched(owner: Any, **members: Any) -> Iterator[None]:
    """Replace members of a class or module while the context lasts."""
    before = {name: getattr(owner, name) for name in members}
    for name, member in members.items():
        setattr(owner, name, member)
    try:
        yield
    finally:
        for name, member in before.items():
            setattr(owner, name, member)


# ---- templates -------------------------------------------------------------------------------


@contextmanager
def cached_templates(folder: Path) -> Iterator[None]:
    """Let dbt use the cached templates, and add those that it compiles."""
    file = folder / f"templates-{sha256(COMPILERS.encode()).hexdigest()[:16]}"
    templates.update(read(file) if not templates else {})
    known, used = len(templates), set[Key]()
    compile_again = MacroFuzzEnvironment.compile

    def compiled(environment: MacroFuzzEnvironment, source: Any, *settings: Any) -> Any:
        if settings or not isinstance(source, str):
            return compile_again(environment, source, *settings)
        key = type(environment).__name__, source
        used.add(key)
        if key not in templates:
            templates[key] = compile_again(environment, source)
        return templates[key]

    with patched(MacroFuzzEnvironment, compile=compiled):
        try:
            yield
        finally:
            if len(templates) > known:
                all_or_used = templates if len(templates) <= MAX_TEMPLATES else used
                write_whole(marshal.dumps({key: templates[key] for key in all_or_used}), file)


def read(file: Path) -> dict[Key, CodeType]:
    """Return the templates in a file; none if the file is missing or damaged."""
    try:
        found: dict[Key, CodeType] = marshal.loads(file.read_bytes())
    except (OSError, EOFError, ValueError, TypeError):
        return {}
    return found


# ---- messages --------------------------------------------------------------------------------


@contextmanager
def without_debug_messages() -> Iterator[None]:
    """Format a debug message only when it is read, and send it to nobody."""
    fill_in, send = BaseEvent.__init__, EventManager.fire_event
    read_member: Any = BaseEvent.__getattr__

    def keep_content(event: BaseEvent, *args: Any, **content: Any) -> None:
        if args or event.level_tag() != EventLevel.DEBUG:
            fill_in(event, *args, **content)
        else:
            vars(event)["content"] = content

    def fill_in_and_read(event: BaseEvent, name: str) -> Any:
        if "content" in vars(event):
            fill_in(event, **vars(event).pop("content"))
            return getattr(event, name)
        return read_member(event, name)

    def send_unless_debug(
        to: Any, e: BaseEvent, level: Any = None, *more: Any, **named: Any
    ) -> None:
        if (level or e.level_tag()) != EventLevel.DEBUG:
            send(to, e, level, *more, **named)

    with (
        patched(BaseEvent, __init__=keep_content, __getattr__=fill_in_and_read),
        patched(EventManager, fire_event=send_unless_debug),
    ):
        yield


# ---- macros ----------------------------------------------------------------------------------


@contextmanager
def flat_macro_namespaces() -> Iterator[None]:
    """Prepare all macros of a package in one step, and free them all at the end.

    Macros and their context refer to each other, so without that, only a slow search for garbage
    would free them.
    """
    contexts: list[dict[str, Any]] = []

    def build_namespace(
        builder: MacroNamespaceBuilder, packages: Packages, context: dict[str, Any]
    ) -> FlatNamespace:
        contexts.append(context)
        return namespace_of(builder, packages, context)

    with patched(MacroNamespaceBuilder, build_namespace=build_namespace):
        try:
            yield
        finally:
            for context in contexts:
                context.clear()


class FlatNamespace(MacroNamespace):
    """The macros that a node may call, each found by a single lookup."""

    def __init__(self, **levels: Any) -> None:
        super().__init__(**levels)
        # Later ones hide earlier ones.
        self.by_name: dict[str, Any] = {
            **self.global_project_namespace,
            BUILT_IN: self.global_project_namespace,
            **self.packages,
            **self.global_namespace,
            **self.local_namespace,
        }

    def __getitem__(self, name: str) -> Any:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)


def namespace_of(
    builder: MacroNamespaceBuilder, packages: Packages, context: dict[str, Any]
) -> FlatNamespace:
    """Return the macros of packages by the names under which a node calls them."""
    prepared = {name: prepare(macros, builder, context) for name, macros in packages.items()}
    internal = builder.internal_package_names_order
    others = {name: macros for name, macros in prepared.items() if name not in internal}
    built_in: dict[str, MacroGenerator] = {}
    for name in reversed(internal):
        built_in |= prepared.get(name, {})
    is_root = builder.search_package == builder.root_package
    return FlatNamespace(
        global_namespace={} if is_root else others.get(builder.root_package, {}),
        local_namespace=others.get(builder.search_package, {}),
        global_project_namespace=built_in,
        packages=others,
    )


class NodeMacro(MacroGenerator):
    """A macro as a node calls it; its function is made on the first call instead of on each."""

    def __init__(self, macro: Macro, context: dict[str, Any], node: Any, stack: Any) -> None:
        self.macro: Any = macro
        self.context, self.node, self.stack = context, node, stack
        self.function: Callable[..., Any] | None = None

    def __call__(self, *args: Any, **named: Any) -> Any:
        calls: Any = self.stack
        if calls is None:
            return self.call_macro(*args, **named)
        name = self.macro.unique_id
        if calls.depth == 0 and self.node:
            self.node.depends_on.add_macro(name)
        calls.push(name)
        try:
            return self.call_macro(*args, **named)
        finally:
            calls.pop(name)

    def call_macro(self, *args: Any, **named: Any) -> Any:
        if self.function is None:
            self.function = self.get_macro()
        try:
            return self.function(*args, **named)
        except MacroReturn as returned:
            return returned.value
        except Exception:
            with self.exception_handler():
                raise


def prepare(
    macros: Mapping[str, Macro], builder: MacroNamespaceBuilder, context: dict[str, Any]
) -> dict[str, MacroGenerator]:
    """Return macros as callable objects, by name."""
    node, stack = builder.node, builder.thread_ctx
    return {macro.name: NodeMacro(macro, context, node, stack) for macro in macros.values()}


# ---- results ---------------------------------------------------------------------------------


@contextmanager
def one_empty_table() -> Iterator[None]:
    """Give all statements without a result the same empty table, which nothing can change."""
    new_table: Any = agate_helper.empty_table
    empty = new_table()
    with patched(agate_helper, empty_table=lambda: empty):
        yield


@contextmanager
def no_description_of_the_graph() -> Iterator[None]:
    """Leave graph_summary.json empty; graph.gpickle has the graph itself."""
    with patched(compilation.Linker, get_graph_summary=lambda *_: {}):
        yield


@contextmanager
def no_search_for_callers() -> Iterator[None]:
    """Leave open which module declares a flag of the adapter; its name says enough."""
    with patched(behavior_flags, inspect=SimpleNamespace(stack=tuple)):
        yield


# ---- inputs of unit tests --------------------------------------------------------------------


@contextmanager
def inputs_inserted_by_pattern() -> Iterator[None]:
    """Insert the inputs of a unit test after the `with` of a model that starts with one."""
    insert_anywhere = compilation.inject_ctes_into_sql

    def insert(sql: str, ctes: list[InjectedCTE]) -> str:
        start = FIRST_WITH.match(sql)
        if not ctes or not start or ";" in QUOTED.sub("", sql):
            return insert_anywhere(sql, ctes)
        inserted = ", ".join(cte.sql for cte in ctes)
        return f"{start[0]}{inserted}, {sql[start.end() :]}"

    with patched(compilation, inject_ctes_into_sql=insert):
        yield


@contextmanager
def columns_of_inputs_asked_once() -> Iterator[None]:
    """Ask the database once in a run for the columns of a table that unit tests have as input.

    Tests of a model run after everything upstream is built, so its columns no longer change, unless
    the input is what an earlier run left of the model itself.
    """
    ask: Any = SQLAdapter.get_columns_in_relation
    compile_node: Any = Compiler.compile_node
    known: dict[str, Any] = {}
    this_thread = threading.local()

    def compile_and_tell(compiler: Compiler, node: Any, *rest: Any, **named: Any) -> Any:
        is_test = isinstance(node, UnitTestNode)
        this_thread.may_share = is_test and not node.this_input_node_unique_id
        try:
            return compile_node(compiler, node, *rest, **named)
        finally:
            this_thread.may_share = False

    def columns(adapter: SQLAdapter, relation: Any) -> Any:
        if not getattr(this_thread, "may_share", False):
            return ask(adapter, relation)
        name = str(relation)
        if name not in known:
            known[name] = ask(adapter, relation)
        return known[name]

    with (
        patched(SQLAdapter, get_columns_in_relation=columns),
        patched(Compiler, compile_node=compile_and_tell),
    ):
        yield
