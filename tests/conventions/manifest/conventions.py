"""Conventions that dbt-bouncer does not ship; see dbt-bouncer.yml."""

from __future__ import annotations

from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail


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
