"""tools/check_yaml.py refuses what `dbt parse` accepts on DuckDB."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import check_yaml

PROJECT = "name: shop\nprofile: shop\n"


def write(root: Path, files: dict[str, str]) -> Path:
    """Write a project with the given files."""
    for name, text in {"dbt_project.yml": PROJECT, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def property_problems(text: str, root: Path) -> list[str]:
    """Return the errors of one property file, without the path of the test's folder."""
    _, found = check_yaml.check(write(root, {"models/_models.yml": text}))
    return [problem.removeprefix(f"{root / 'models/_models.yml'}: ") for problem in found]


GOOD = """
anchors:
  - &key {name: customer_id, description: Who., data_type: string}
models:
  - name: customers
    description: One row per customer.
    config: {contract: {enforced: "{{ var('strict') }}"}, meta: {owner: risk}}
    columns:
      - <<: *key
        config: {meta: {unlocks: customer concentration}}
        data_tests:
          - unique: {name: customers_key, config: {severity: warn}}
          - accepted_values: {arguments: {values: [a, b]}}
unit_tests:
  - name: counts
    model: customers
    given: []
    expect: {rows: []}
semantic_models:
  - name: customers
    description: Customers.
    model: ref('customers')
    entities: [{name: customer, type: primary, expr: customer_id, description: Who.}]
metrics:
  - name: regulars
    type: simple
    type_params: {measure: customers}
    filter: ["{{ Dimension('customer__is_regular') }}"]
saved_queries:
  - name: how_many
    query_params: {metrics: [regulars], order_by: [Metric('regulars')]}
"""


def test_a_property_file_in_order_passes(tmp_path: Path) -> None:
    assert property_problems(GOOD, tmp_path) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "models: [{name: a, meta: {x: 1}}]",
            "models[0]: Additional properties are not allowed ('meta' was unexpected)",
        ),
        (
            "models: [{name: a, columns: [{name: b, tags: [x]}]}]",
            "models[0].columns[0]: Additional properties are not allowed ('tags' was unexpected)",
        ),
        (
            "models: [{name: a, config: {invented: 1}}]",
            "models[0].config: Additional properties are not allowed ('invented' was unexpected)",
        ),
        (
            "measures: []",
            "top level: Additional properties are not allowed ('measures' was unexpected)",
        ),
        (
            "models: [{name: a, data_tests: [{in_order: {column: b}}]}]",
            "models[0].data_tests[0].in_order: "
            "Additional properties are not allowed ('column' was unexpected)",
        ),
        (
            "models: [{name: a, data_tests: [{unique: {config: {severity: loud}}}]}]",
            "models[0].data_tests[0].unique.config.severity: "
            "'loud' is not one of ['Error', 'Warn', 'warn', 'error']",
        ),
        (
            "models: [{name: a, config: {contract: {enforced: maybe}}}]",
            "models[0].config.contract.enforced: 'maybe' is not of type 'boolean'",
        ),
        (
            "semantic_models: [{name: ab, model: ref('a'), entities: [{name: cd, type: main}]}]",
            "semantic_models[0].entities[0].type: 'main' is not one of ['PRIMARY', 'UNIQUE', "
            "'FOREIGN', 'NATURAL', 'primary', 'unique', 'foreign', 'natural']",
        ),
        ("semantic_models: [{name: ab}]", "semantic_models[0]: 'model' is a required property"),
        (
            "metrics: [{name: ab, type: simple, type_params: {measures: cd}}]",
            "metrics[0].type_params: "
            "Additional properties are not allowed ('measures' was unexpected)",
        ),
        (
            "saved_queries: [{name: ab, query_params: {metrics: [cd], by: [ef]}}]",
            "saved_queries[0].query_params: "
            "Additional properties are not allowed ('by' was unexpected)",
        ),
        ("models: {name: a}", "models: {'name': 'a'} is not of type 'array', 'null'"),
    ],
)
def test_a_property_file_out_of_order_is_named(text: str, problem: str, tmp_path: Path) -> None:
    assert property_problems(text, tmp_path) == [problem]


def test_text_that_is_not_yaml_is_reported(tmp_path: Path) -> None:
    (problem,) = property_problems("models: [", tmp_path)
    assert problem.startswith("not readable as YAML: while parsing")


def test_every_problem_of_every_folder_is_found(tmp_path: Path) -> None:
    files = {
        f"{folder}/deep/_properties.{ending}": "invented: 1\nmodels: [{colums: []}]\n"
        for folder in check_yaml.PROPERTY_FOLDERS
        for ending in ("yml", "yaml")
    }
    count, found = check_yaml.check(write(tmp_path, files))
    assert count == len(files) + 1
    assert len(found) >= 2 * len(files)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("invented: 1\n", "top level: Additional properties are not allowed"),
        (
            "models: {shop: {staging: {materialized: view}}}\n",
            "models.shop.staging.materialized: neither a folder nor a config that dbt knows",
        ),
        (
            "models: {shop: {+invented: 1}}\n",
            "models.shop.+invented: neither a folder nor a config that dbt knows",
        ),
    ],
)
def test_the_project_file_is_held_to_its_own_schema(
    text: str, problem: str, tmp_path: Path
) -> None:
    path = write(tmp_path, {"dbt_project.yml": PROJECT + text}) / "dbt_project.yml"
    _, (found,) = check_yaml.check(tmp_path)
    assert found.startswith(f"{path}: {problem}")


def test_the_exit_code_says_whether_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["check_yaml.py", str(tmp_path)])
    assert check_yaml.main() == 1
    assert capsys.readouterr().err == (
        f"{tmp_path / 'dbt_project.yml'}: no such file; name the project's folder\n"
    )
    write(tmp_path, {"models/_models.yml": GOOD})
    assert check_yaml.main() == 0
    assert capsys.readouterr().out == "2 files follow dbt's schemas\n"
    write(tmp_path, {"models/_models.yml": "invented: 1"})
    assert check_yaml.main() == 1
    assert "('invented' was unexpected)" in capsys.readouterr().out
