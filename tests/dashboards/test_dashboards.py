"""The dashboard in a fresh Superset and the notebook in marimo show the published figures.

Each runs in its own environment, which `make test-dashboards` installs; without it the tests are
skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from pathlib import Path
from typing import Any

import duckdb
import pytest

from topheavy.build.build import build
from topheavy.build.dbt_run import release_connections
from topheavy.build.interruption import Stop
from topheavy.dashboards.superset_charts import Words, rows_of_charts
from topheavy.dashboards.write_superset import write
from topheavy.project import PROJECT
from topheavy.publish.outputs import Outputs

SAMPLE = PROJECT / "mappings" / "sample.yml"
HERE = Path(__file__).parent

RUN_NOTEBOOK = """
import json, sys
sys.path.insert(0, "analyses")
from topheavy.dashboards import explore
outputs, names = explore.app.run()
print(json.dumps({name: names[name] for name in ("numbers", "largest")}, default=str))
"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    """The shipped sample, published in a folder of the test."""
    outputs = Outputs(tmp_path_factory.mktemp("sample"))
    with pytest.MonkeyPatch.context() as environment, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in os.environ:
            if name.startswith(("DBT_", "TOPHEAVY_", "GITHUB_STEP_SUMMARY")):
                environment.delenv(name)
        environment.setenv("DBT_PROFILES_DIR", str(PROJECT))
        environment.setenv("DBT_PROJECT_DIR", str(PROJECT))
        environment.setenv("DBT_LOG_PATH", str(outputs.folder / "logs"))
        environment.chdir(PROJECT)
        variables: dict[str, str] = {}
        outputs.set_environment(variables)
        for name, value in variables.items():
            environment.setenv(name, value)
        build(SAMPLE, outputs, "duckdb", False, Stop())
        write(SAMPLE, outputs)
        release_connections()
    return outputs


def python_of(environment: str) -> Path:
    """Return the Python of an environment; skip the test if it is not installed."""
    python = PROJECT / environment / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no {environment} here: make test-dashboards installs it")
    return python


@pytest.fixture(scope="module")
def answers(outputs: Outputs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The answers of a fresh Superset after the import, which takes half a minute."""
    folder = tmp_path_factory.mktemp("superset")
    python = python_of(".venv-superset")
    done = subprocess.run(
        [python, "-P", HERE / "ask_superset.py", outputs.superset, folder],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    answers: dict[str, Any] = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return answers


@pytest.fixture(scope="module")
def published(outputs: Outputs) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(outputs.database), read_only=True)


CHARTS = [chart for _, row in rows_of_charts(Words("sample")) for chart in row]


@pytest.mark.parametrize("chart", CHARTS, ids=[chart.key for chart in CHARTS])
def test_a_chart_has_data(chart: Any, answers: dict[str, Any]) -> None:
    """Check the saved chart, which the dashboard shows first, and the chart with
    another selection.
    """
    saved, chosen, _ = answers["charts"][chart.title]
    for answer in (saved, chosen):
        assert (answer["status"], answer["error"]) == ("success", None)
        assert {*answer["data"][0]} == {*chart.columns, *chart.metrics}
        # Nothing is cut off, except in charts of the ten largest.
        assert len(answer["data"]) < chart.limit or chart.limit == 10
        assert None not in [answer["data"][0][label] for label in chart.metrics]


def test_a_chart_without_a_choice_has_no_figure(answers: dict[str, Any]) -> None:
    """A figure over all dimensions and measures together would be wrong."""
    _, chosen, alone = answers["charts"]["Dependence on the largest, by month"]
    assert None not in {row["The largest"] for row in chosen["data"]}
    assert {row["The largest"] for row in alone["data"]} == {None}


def test_the_figures_are_those_of_the_file(
    answers: dict[str, Any], published: duckdb.DuckDBPyConnection
) -> None:
    def asked(title: str, which: int = 0) -> list[dict[str, Any]]:
        data: list[dict[str, Any]] = answers["charts"][title][which]["data"]
        return data

    facts = dict(
        published.execute(
            "select label, fact_value from report_facts where section = 'overview'"
        ).fetchall()
    )
    [(top, equals)] = published.execute(
        """select cr10, effective_number from concentration_indices where dimension = 'customer'
        and measure = 'revenue' and period_grain = 'all'"""
    ).fetchall()
    numbers = {
        "Revenue": facts["Revenue"],
        "Customers": facts["Customers"],
        "Breaches": facts["Limits broken"],
        "Findings": facts["Things worth attention"],
        "Top 10 share": top,
        "1/HHI": equals,
    }
    assert {title: asked(title)[0][title] for title in numbers} == pytest.approx(numbers)
    register = published.execute(
        "select title, money_at_risk from risk_register order by register_rank"
    ).fetchall()
    assert [(row["title"], row["money_at_risk"]) for row in asked("Risk register")] == register
    largest = published.execute(
        """select entity_label, cast(entity_value as double) from entity_concentration
        where dimension = 'category' and measure = 'purchases' order by value_rank limit 10"""
    ).fetchall()
    assert [(row["entity_label"], row["Value"]) for row in asked("The ten largest", 1)] == largest
    hours = asked("Revenue by weekday and hour")
    assert sum(row["Share of the total"] for row in hours) == pytest.approx(1)


def test_every_table_and_column_is_described(
    answers: dict[str, Any], published: duckdb.DuckDBPyConnection
) -> None:
    there = published.execute(
        "select table_name, column_name from duckdb_columns() where not internal"
    ).fetchall()
    assert {table for table, _ in there} == {*answers["datasets"]}
    for table, columns in answers["datasets"].items():
        described = {column["column_name"]: column["description"] for column in columns}
        assert {name for of, name in there if of == table} <= {*described}
        assert all(described.values()), table


def test_it_is_read_only_and_requires_the_token(answers: dict[str, Any]) -> None:
    assert '"read_only": true' in answers["database"]["extra"]
    assert not answers["database"]["allow_dml"]
    status, location = answers["without_token"]
    assert status == 302 and location.startswith("/login/")
    assert answers["with_token"] == [302, "/superset/dashboard/topheavy/"]
    # The page loads nothing from other hosts.
    assert "." not in answers["policy"]


def test_the_dashboard_chooses_one_dimension_and_measure(answers: dict[str, Any]) -> None:
    """The import assigns new numbers to charts, and each filter must still exclude the
    right ones.
    """
    dashboard = answers["dashboard"]
    position = json.loads(dashboard["position_json"])
    titles = {
        part["meta"]["chartId"]: part["meta"]["sliceName"]
        for part in position.values()
        if isinstance(part, dict) and part["type"] == "CHART"
    }
    for choice in json.loads(dashboard["json_metadata"])["native_filter_configuration"]:
        column = choice["targets"][0]["column"]["name"]
        left_out = {titles[number] for number in choice["scope"]["excluded"]}
        assert left_out == {chart.title for chart in CHARTS if column not in chart.follows}
        assert choice["controlValues"]["enableEmptyFilter"]


def test_the_notebook_shows_the_figures_of_the_file(
    outputs: Outputs, published: duckdb.DuckDBPyConnection
) -> None:
    done = subprocess.run(
        [python_of(".venv-explore"), "-c", RUN_NOTEBOOK],
        cwd=PROJECT,
        env={**os.environ, "TOPHEAVY_PUBLISHED": str(outputs.database)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    [(count, top, hhi)] = published.execute(
        """select entity_count, cr10, hhi from concentration_indices where dimension = 'customer'
        and measure = 'revenue' and period_grain = 'all'"""
    ).fetchall()
    assert said["numbers"]["Entities"] == f"{count:,}"
    assert said["numbers"]["The ten largest"] == f"{top:.1%}"
    assert said["numbers"]["HHI"] == f"{hhi:.4f}"
    names = published.execute(
        """select entity_label from entity_concentration where dimension = 'customer'
        and measure = 'revenue' order by value_rank limit 10"""
    ).fetchall()
    assert [row["entity_label"] for row in said["largest"]] == [name for (name,) in names]
