"""Conventions that dbt-bouncer does not ship; see dbt-bouncer.yml."""

from __future__ import annotations

import re
from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail

SHARE = re.compile(r"(^|_)share($|_)")


@check
def check_test_description_populated(test: Any) -> None:
    """Require a description for every data test."""
    if not test.description:
        fail(f"`{test.name}` has no description.")


@check
def check_unit_test_description_populated(unit_test: Any) -> None:
    """Require a description for every unit test."""
    if not unit_test.description:
        fail(f"`{unit_test.name}` has no description.")


@check
def check_public_macro_is_described(macro: Any) -> None:
    """Require descriptions of every macro and its arguments.

    Implementations for one engine (engine__name) and materializations, whose macros have generated
    names, are exempt.
    """
    if "__" in macro.name or macro.name.startswith("materialization_"):
        return
    if not macro.description:
        fail(f"`{macro.name}` has no description.")
    blank = [argument.name for argument in macro.arguments if not argument.description]
    if blank:
        fail(f"`{macro.name}` does not describe {', '.join(blank)}.")


@check
def check_model_is_tested(model: Any, ctx: Any) -> None:
    """Require a data test or a unit test for every model."""
    tests = ctx.tests_by_depends_on_node.get(model.unique_id, [])
    unit_tests = ctx.unit_tests_by_depends_on_node.get(model.unique_id, [])
    if not tests and not unit_tests:
        fail(f"`{model.name}` has no test.")


@check
def check_integrity_is_complete(model: Any, ctx: Any) -> None:
    """Require of a test of integrity that keys are present, unless they may be NULL, and that
    shares lie between two ends.
    """
    for test in ctx.tests_by_depends_on_node.get(model.unique_id, []):
        if not test.test_metadata or test.test_metadata.name != "integrity":
            continue
        arguments = test.test_metadata.kwargs
        required, ranges = arguments.get("required", []), arguments.get("ranges", [])
        open_keys = [
            name
            for name in arguments["key"]
            if name not in required and "NULL" not in model.columns[name].description
        ]
        closed = {
            name
            for each in ranges
            if {"at_least", "at_most"} <= each.keys()
            for name in each["columns"]
        }
        open_shares = [name for name in model.columns if SHARE.search(name) and name not in closed]
        if open_keys:
            fail(f"`{test.name}` does not require {', '.join(open_keys)}.")
        if open_shares:
            fail(f"`{test.name}` has no two ends for {', '.join(open_shares)}.")
