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
from jinja2.utils import missing

from topheavy.mapping.errors import MappingError
from topheavy.project import PROJECT

FILES = ("engine/functions.sql", "input/*.sql")
MACRO = re.compile(r"{%-?\s*macro\s+(\w+).*?{%-?\s*endmacro\s*-?%}", re.DOTALL)


class _Returned(Exception):
    """Carry the value that a macro passes to `return` to its caller."""

    def __init__(self, value: Any) -> None:
        self.value = value


class _CallContext(Context):
    """Find macros by name; call one and give its returned value, as dbt does, or else its text."""

    def resolve_or_missing(self, key: str) -> Any:
        found = super().resolve_or_missing(key)
        return self.parent["macro"](key) if found is missing else found

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
        self._macros: dict[str, Any] = {}
        names = (f"{engine}__{{}}", "default__{}")

        def dispatch(name: str, _: str) -> Any:
            found = (self._macro(form.format(name)) for form in names)
            return next(macro for macro in found if macro is not missing)

        self._names: dict[str, Any] = {
            "adapter": SimpleNamespace(dispatch=dispatch),
            "exceptions": SimpleNamespace(raise_compiler_error=_refuse),
            "macro": self._macro,
            "modules": SimpleNamespace(re=re),
            "project_name": "topheavy",
            "return": _return,
            "var": {"mapping": mapping}.get,
            # Results by the name of a macro without arguments; see `_CallContext`.
            "given": _given(json.dumps(mapping, sort_keys=True, default=str), engine),
        }

    def value(self, name: str, *arguments: Any) -> Any:
        """Return the value of a macro."""
        context = _template(name).new_context(self._names)
        return context.call(self._macro(name), *arguments)

    def sql(self, name: str, *arguments: Any) -> str:
        """Return the SQL that a macro writes."""
        return str(self.value(name, *arguments))

    def _macro(self, name: str) -> Any:
        """Return a macro under these settings; `missing` if there is none of this name."""
        if name not in self._macros:
            module = _template(name).make_module(self._names) if name in _sources() else None
            self._macros[name] = getattr(module, name, missing)
        return self._macros[name]


@lru_cache(maxsize=32)
def _given(mapping: str, engine: str) -> dict[str, Any]:
    """Return the cache of results of macros without arguments for a mapping."""
    return {}


@cache
def _template(name: str) -> Template:
    """Compile a macro when it is first needed: all of them would take most of a second."""
    return _environment().from_string(_sources()[name])


@cache
def _sources() -> dict[str, str]:
    """Return the text of each macro by its name."""
    paths = (path for name in FILES for path in sorted((PROJECT / "macros").glob(name)))
    texts = (path.read_text(encoding="utf-8") for path in paths)
    return {found[1]: found[0] for text in texts for found in MACRO.finditer(text)}


@cache
def _environment() -> Environment:
    environment = Environment(extensions=["jinja2.ext.do"])
    environment.context_class = _CallContext
    return environment
