"""The metrics of models/semantic_layer, queried with `mf`, equal the published figures.

One process runs all commands, because importing dbt and MetricFlow takes longer than any of them.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import OF_ITS_OWN, PROJECT, SAMPLE, Warehouse, parsed
from dbt.contracts.graph.semantic_manifest import SemanticManifest

from topheavy.mapping.reading import read_mapping

# `mf` asks the package index for a newer version of itself; a test must not.
RUN_MF = """
import json, sys
from unittest.mock import patch
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from dbt_metricflow.cli.main import cli

configuration = CLIConfiguration()
with patch("dbt_metricflow.cli.main.UpdateChecker", **{"return_value.check.return_value": None}):
    for arguments in json.load(sys.stdin):
        cli.main(arguments, prog_name="mf", obj=configuration, standalone_mode=False)
"""


class Same(NamedTuple):
    """Metrics by a dimension, and a query on the published tables with the same figures."""

    metrics: str
    dimension: str
    published: str


MEASURES = "interactions,purchases,revenue"
MONTH = "metric_time__month"
# An attribute of every row counts all orders, including those without an entity.
ORDERS = """select period_start, transaction_count as orders from concentration_indices
    where dimension = 'interaction_type' and measure = 'purchases' and period_grain = 'month'"""

SAME = [
    Same(MEASURES, dimension, f"select {key}, {MEASURES} from {mart}")
    for dimension, key, mart in (
        ("customer__customer_id", "customer_id", "customer_concentration"),
        ("product__product_id", "product_id", "product_concentration"),
        ("customer__customer_segment", "customer_segment", "segment_concentration"),
        ("product__category", "category", "category_concentration"),
        ("date__weekday_name", "weekday_name", "weekday_concentration"),
        ("interaction__hour_of_day", "hour_of_day", "hourly_concentration where interactions > 0"),
        (MONTH, "month_start", "monthly_concentration"),
    )
]
SAME += [
    Same("orders", MONTH, ORDERS),
    Same(
        "average_order_value",
        MONTH,
        f"""select period_start, cast(revenue as double) / orders from ({ORDERS})
        inner join monthly_concentration on period_start = month_start""",
    ),
    Same(
        "identified_orders,unidentified_orders",
        "interaction__interaction_type",
        """select entity_id, case when entity_id = 'purchase' then customers.transaction_count end,
            case when entity_id = 'purchase' then
                types.transaction_count - customers.transaction_count end
        from concentration_indices as customers
        inner join concentration_indices as types using (measure, period_grain)
        cross join (from entity_concentration select entity_id
            where dimension = 'interaction_type' and measure = 'interactions')
        where customers.dimension = 'customer' and types.dimension = 'interaction_type'
            and measure = 'purchases' and period_grain = 'all'""",
    ),
    Same(
        "active_customers",
        MONTH,
        """select period_start, entity_count from concentration_indices
        where dimension = 'customer' and measure = 'interactions' and period_grain = 'month'""",
    ),
]
SAME += [
    Same(
        f"{prefix}{dimension}_{name}",
        MONTH,
        f"""select period_start, {index} from concentration_indices where measure = 'revenue'
        and dimension = '{dimension}' and period_grain = '{grain}'""",
    )
    for dimension in ("customer", "product")
    for name, index in (("hhi", "hhi"), ("top_10_share", "cr10"))
    for prefix, grain in (("", "all"), ("monthly_", "month"))
]


@pytest.fixture(scope="module")
def answers(sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the result of `mf` for each comparison and saved query, 5 s for all of them."""
    folder = tmp_path_factory.mktemp("metrics")
    project = SemanticManifest(parsed(read_mapping(SAMPLE).as_vars()))
    (folder / "target").mkdir()
    project.write_json_to_file(str(folder / "target" / "semantic_manifest.json"))
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder)
    [(database,)] = sample.execute(
        "select path from duckdb_databases() where path is not null"
    ).fetchall()
    commands = [["validate-configs"]]
    for number, same in enumerate(SAME):
        commands.append(["query", "--metrics", same.metrics, "--group-by", same.dimension])
        commands[-1] += ["--quiet", "--csv", str(folder / f"{number}.csv")]
    for query in SUMS:
        commands.append(["query", "--saved-query", query, "--csv", str(folder / f"{query}.csv")])
    settings = {
        "TOPHEAVY_TARGET": "published",
        "TOPHEAVY_PUBLISHED": database,
        "DBT_PROFILES_DIR": str(folder),
        "DBT_PROJECT_DIR": str(folder),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    outside = {name: value for name, value in os.environ.items() if not name.startswith(OF_ITS_OWN)}
    done = subprocess.run(
        [sys.executable, "-c", RUN_MF],
        input=json.dumps(commands),
        cwd=folder,
        env={**outside, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "said.txt").write_text(done.stdout, encoding="utf-8")
    return folder


def metrics_and_queries() -> tuple[set[str], set[str]]:
    """Return the names of all metrics and saved queries of the project."""
    project = parsed(read_mapping(SAMPLE).as_vars())
    return (
        {metric.name for metric in project.metrics.values()},
        {query.name for query in project.saved_queries.values()},
    )


def rows_of(file: Path) -> list[dict[str, str]]:
    """Return the rows from `mf`, which writes no file if there are none."""
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def key_of(value: object) -> str:
    """Return a key in a common spelling: a day without time, a whole number without
    decimal point.
    """
    return str(value).removesuffix("T00:00:00").removesuffix(" 00:00:00").removesuffix(".0")


def test_mf_validates_the_project(answers: Path) -> None:
    """Every semantic model, entity, dimension, measure and metric can be read from the file."""
    said = (answers / "said.txt").read_text(encoding="utf-8")
    for part in ("semantic models", "dimensions", "entities", "measures", "metrics"):
        assert f"Successfully validated {part} against data warehouse (ERRORS: 0," in said


@pytest.mark.parametrize(
    ("number", "same"),
    list(enumerate(SAME)),
    ids=[f"{same.metrics} by {same.dimension}" for same in SAME],
)
def test_a_metric_is_the_published_figure(
    number: int, same: Same, answers: Path, sample: Warehouse
) -> None:
    names = same.metrics.split(",")
    asked = {
        (key_of(row[same.dimension]), name): float(row[name] or 0)
        for row in rows_of(answers / f"{number}.csv")
        for name in names
        if row[same.dimension]
    }
    published = {
        (key_of(key), name): float(figure or 0)
        for key, *figures in sample.execute(same.published).fetchall()
        for name, figure in zip(names, figures, strict=True)
    }
    assert published and asked == pytest.approx(published, rel=1e-12)


def test_every_metric_is_compared() -> None:
    compared = {name for same in SAME for name in same.metrics.split(",")}
    assert metrics_and_queries()[0] == compared


# A sum over the result of each saved query, and its published source.
SUMS = {
    "sales_by_month": ("orders", f"select sum(orders) from ({ORDERS})"),
    "sales_by_customer_segment": ("revenue", "select sum(revenue) from interactions"),
    "sales_by_category": ("revenue", "select sum(revenue) from interactions"),
    "activity_by_weekday_and_hour": (
        "interactions",
        "select sum(interactions) from hourly_concentration",
    ),
    "concentration_by_month": (
        "monthly_product_top_10_share",
        """select sum(cr10) from concentration_indices
        where dimension = 'product' and measure = 'revenue' and period_grain = 'month'""",
    ),
}


@pytest.mark.parametrize("query", SUMS)
def test_a_saved_query_answers(query: str, answers: Path, sample: Warehouse) -> None:
    column, published = SUMS[query]
    [(expected,)] = sample.execute(published).fetchall()
    asked = [float(row[column]) for row in rows_of(answers / f"{query}.csv") if row[column]]
    assert len(asked) > 3
    assert sum(asked) == pytest.approx(float(expected))


def test_every_saved_query_is_tried() -> None:
    assert metrics_and_queries()[1] == set(SUMS)


def test_everything_is_described() -> None:
    """Tools that list metrics and dimensions show these descriptions."""
    project = parsed(read_mapping(SAMPLE).as_vars())
    things: list[tuple[str, str | None]] = []
    for model in project.semantic_models.values():
        things.append((model.name, model.description))
        things += [(f"{model.name}.{part.name}", part.description) for part in model.entities]
        things += [(f"{model.name}.{part.name}", part.description) for part in model.dimensions]
        things += [(f"{model.name}.{part.name}", part.description) for part in model.measures]
    things += [(metric.name, metric.description) for metric in project.metrics.values()]
    things += [(query.name, query.description) for query in project.saved_queries.values()]
    assert [name for name, said in things if not (said or "").strip().endswith(".")] == []
