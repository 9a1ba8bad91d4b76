"""Render the SQL with which the build reads values, for code outside dbt.

The rules for numbers and times are written once, in macros/input. The draft of a mapping applies
the same macros to the texts that it finds, so that it accepts nothing that the build would reject.
dbt takes seconds to start, but its macros are Jinja templates, and those for values need little
else from it.

Usage:
    from topheavy.mapping.macro_sql import Macros
    Macros({"interactions": {"decimal": ","}}).sql("parse_money", "text", "interactions")
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from copy import copy
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any, NoReturn

from jinja2 import Environment
from jinja2.environment import Template
from jinja2.runtime import Context, Macro

from topheavy.mapping.errors import MappingError
from topheavy.project import PROJECT

FILES = ("engine/functions.sql", "input/*.sql")


class _Returned(Exception):
    """Carry the value that a macro passes to `return` to its caller."""

    def __init__(self, value: Any) -> None:
        self.value = value


class _CallContext(Context):
    """Call a macro and give its returned value, as dbt does, or else its text."""

    def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        if isinstance(function, Macro) and not function.arguments:
            return copy(self._once(function))
        return self._called(function, *arguments, **named)

    def _called(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        try:
            return super().call(function, *arguments, **named)
        except _Returned as returned:
            if function is _return:
                raise
            return returned.value

    def _once(self, macro: Macro) -> Any:
        """Return the result of a macro without arguments, which depends only on the mapping.

        The SQL of one column needs the list of all currencies dozens of times.
        """
        given = self.resolve("given")
        if macro.name not in given:
            given[macro.name] = self._called(macro)
        return given[macro.name]


def _return(value: Any) -> NoReturn:
    raise _Returned(value)


def _refuse(message: str) -> NoReturn:
    raise MappingError(message)


class Macros:
    """The macros for values, under the settings of a mapping and for one engine."""

    def __init__(self, mapping: Mapping[str, Any], engine: str = "duckdb") -> None:
        self._module: Any = None
        names = (f"{engine}__{{}}", "default__{}")

        def dispatch(name: str, _: str) -> Any:
            found = (getattr(self._module, form.format(name), None) for form in names)
            return next(macro for macro in found if macro)

        self._names: dict[str, Any] = {
            "adapter": SimpleNamespace(dispatch=dispatch),
            "exceptions": SimpleNamespace(raise_compiler_error=_refuse),
            "modules": SimpleNamespace(re=re),
            "project_name": "topheavy",
            "return": _return,
            "var": {"mapping": mapping}.get,
            # Results by the name of a macro without arguments; see `_CallContext`.
            "given": _given(json.dumps(mapping, sort_keys=True, default=str), engine),
        }
        self._module = _template().make_module(self._names)

    def value(self, name: str, *arguments: Any) -> Any:
        """Return the value of a macro."""
        context = _template().new_context(self._names)
        return context.call(getattr(self._module, name), *arguments)

    def sql(self, name: str, *arguments: Any) -> str:
        """Return the SQL that a macro writes."""
        return str(self.value(name, *arguments))


@lru_cache(maxsize=32)
def _given(mapping: str, engine: str) -> dict[str, Any]:
    """Return the cache of results of macros without arguments for a mapping."""
    return {}


@cache
def _template() -> Template:
    environment = Environment(extensions=["jinja2.ext.do"])
    environment.context_class = _CallContext
    paths = (path for name in FILES for path in sorted((PROJECT / "macros").glob(name)))
    return environment.from_string("".join(path.read_text(encoding="utf-8") for path in paths))
