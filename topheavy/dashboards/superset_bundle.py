"""The dashboard of a published file as a bundle that Apache Superset can import.

The bundle contains a database, a dataset for each published table with the column descriptions of
dbt's manifest, the charts and one dashboard. The same file gives the same bytes, because every id
is derived from a name.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

import duckdb
import yaml

from topheavy.dashboards.superset_charts import Chart, Words, rows_of_charts
from topheavy.numbers import capitalized

# dbt takes seconds to import.
if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

DATABASE = "Topheavy"
SLUG = "topheavy"
SCHEMA = "topheavy.main"
VERSION = "1.0.0"
# The implementation in C takes a tenth of the time.
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# The earliest time that a zip file can store, used instead of the current time.
NO_TIME = (1980, 1, 1, 0, 0, 0)
# Columns that charts need and no table has, with their SQL: names of weekdays that sort in calendar
# order.
COMPUTED = {
    "concentration_matrix": {
        "weekday": "case row_id "
        + " ".join(
            f"when '{day}' then '{number} {day[:3]}'"
            for number, day in enumerate(
                ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), 1
            )
        )
        + " end"
    }
}


@dataclass(frozen=True)
class Column:
    """A column of the file, with its description in the manifest."""

    name: str
    type: str
    description: str | None


@dataclass(frozen=True)
class Table:
    """A published table or view."""

    name: str
    description: str | None
    columns: tuple[Column, ...]


def tables_of(database: Path, manifest: Manifest) -> list[Table]:
    """Return the published tables, with the descriptions in dbt's manifest."""
    from dbt.artifacts.resources.types import NodeType

    known: dict[str, Any] = {source.name: source for source in manifest.sources.values()}
    for node in manifest.nodes.values():
        if node.resource_type == NodeType.Model:
            known[node.name] = node
    with duckdb.connect(str(database), read_only=True) as published:
        found = published.execute(
            """
            select table_name, column_name, data_type from duckdb_columns()
            where schema_name = 'main' and not internal order by table_name, column_index
            """
        ).fetchall()
    columns: dict[str, list[Column]] = {}
    for table, name, kind in found:
        description = known[table].columns.get(name) if table in known else None
        columns.setdefault(table, []).append(Column(name, kind, one_line(description)))
    return [Table(name, one_line(known.get(name)), tuple(parts)) for name, parts in columns.items()]


def one_line(described: Any) -> str | None:
    """Return a description from the manifest as one line; None for things that a mapping added."""
    return " ".join(described.description.split()) if described else None


def words_of(database: Path) -> Words:
    """Return what the published file is about, and the words that its mapping uses."""
    with duckdb.connect(str(database), read_only=True) as published:
        [(name, currency)] = published.execute(
            "select mapping_name, currency from build_info"
        ).fetchall()
        labels = {
            role: (one, several)
            for role, one, several in published.execute(
                "select series, label, detail from report_facts where section = 'labels'"
            ).fetchall()
        }
    measure, words = labels.get("measure", ("revenue", "revenue"))
    return Words(name, measure, words, labels.get("customer", ("", "customers"))[1], currency)


def bundle(tables: Sequence[Table], words: Words, database: Path) -> bytes:
    """Return the bundle as a zip file, to import into Superset or to unpack and read."""
    files: dict[str, Any] = {
        "metadata.yaml": {"version": VERSION, "type": "Dashboard"},
        f"databases/{DATABASE}.yaml": database_of(database),
    }
    files |= {f"datasets/{DATABASE}/{table.name}.yaml": dataset_of(table) for table in tables}
    rows = rows_of_charts(words)
    charts = [chart for _, row in rows for chart in row]
    chosen = {"dimension": "customer", "measure": words.measure}
    files |= {f"charts/{chart.key}.yaml": chart_of(chart, chosen) for chart in charts}
    files[f"dashboards/{DATABASE}.yaml"] = dashboard_of(words, rows, chosen)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            text = yaml.dump(content, Dumper=DUMPER, sort_keys=False, allow_unicode=True)
            archive.writestr(zipfile.ZipInfo(f"{SLUG}/{name}", NO_TIME), text)
    return packed.getvalue()


def uuid_of(kind: str, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"topheavy:superset:{kind}:{name}"))


def database_of(database: Path) -> dict[str, Any]:
    """Return the published file as a read-only database."""
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": f"duckdb:///{database.absolute()}",
        "expose_in_sqllab": True,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {
            "allows_virtual_table_explore": True,
            "engine_params": {"connect_args": {"read_only": True}},
        },
        "uuid": uuid_of("database", DATABASE),
        "version": VERSION,
    }


def dataset_of(table: Table) -> dict[str, Any]:
    """Return a table as Superset's dataset, with its columns and one metric."""
    columns = [column_of(column) for column in table.columns]
    for name, sql in COMPUTED.get(table.name, {}).items():
        described = "A number and the day's first letters, so that days sort as they follow."
        columns.append(column_of(Column(name, "VARCHAR", described)) | {"expression": sql})
    dates = [column["column_name"] for column in columns if column["is_dttm"]]
    return {
        "table_name": table.name,
        "main_dttm_col": dates[0] if dates else None,
        "description": table.description,
        "schema": SCHEMA,
        "sql": None,
        "filter_select_enabled": True,
        "normalize_columns": False,
        "columns": columns,
        "metrics": [
            {
                "metric_name": "count",
                "verbose_name": "Rows",
                "expression": "count(*)",
                "description": "Rows of the table.",
            }
        ],
        "uuid": uuid_of("dataset", table.name),
        "database_uuid": uuid_of("database", DATABASE),
        "version": VERSION,
    }


def column_of(column: Column) -> dict[str, Any]:
    is_date = column.type.startswith(("DATE", "TIMESTAMP"))
    return {
        "column_name": column.name,
        "verbose_name": capitalized(column.name.replace("_", " ")),
        "description": column.description,
        "type": column.type,
        "is_dttm": is_date,
        "is_active": True,
        "groupby": True,
        "filterable": True,
    }


def chart_of(chart: Chart, chosen: Mapping[str, str]) -> dict[str, Any]:
    """Return a chart twice: for the dashboard, which adds its filters, and as a query for the API
    with the filters' default values.
    """
    metrics = {label: metric_of(label, sql) for label, sql in chart.metrics.items()}
    params: dict[str, Any] = {
        "viz_type": chart.kind,
        "adhoc_filters": [filter_of(*condition) for condition in chart.filters],
        "row_limit": chart.limit,
        "annotation_layers": [],
        "extra_form_data": {},
        **look_of(chart, metrics),
        **chart.look,
    }
    query = {
        "columns": [*chart.columns],
        # Without metrics, rows are shown unchanged; an empty list would merge equal rows.
        **({"metrics": [*metrics.values()]} if metrics else {}),
        "filters": [
            {"col": column, "op": operator, "val": value}
            for column, operator, value in (
                *chart.filters,
                *((column, "IN", [chosen[column]]) for column in chart.follows),
            )
        ],
        "orderby": [[metrics.get(by, by), ascending] for by, ascending in chart.order],
        "row_limit": chart.limit,
        "extras": {},
        "is_timeseries": False,
    }
    context = {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [query],
        "form_data": params,
        "result_format": "json",
        "result_type": "full",
    }
    return {
        "slice_name": chart.title,
        "description": chart.description,
        "viz_type": chart.kind,
        "params": params,
        "query_context": json.dumps(context),
        "uuid": uuid_of("chart", chart.key),
        "version": VERSION,
        "dataset_uuid": uuid_of("dataset", chart.table),
    }


def look_of(chart: Chart, metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each kind of chart calls its columns and metrics."""
    if chart.kind == "table":
        order = [json.dumps([column, ascending]) for column, ascending in chart.order]
        return {"query_mode": "raw", "all_columns": [*chart.columns], "order_by_cols": order}
    if chart.kind in ("big_number_total", "heatmap_v2"):
        [metric] = metrics.values()
        return {"metric": metric}
    return {"metrics": [*metrics.values()], "groupby": []}


def metric_of(label: str, sql: str) -> dict[str, Any]:
    return {
        "expressionType": "SQL",
        "sqlExpression": sql,
        "label": label,
        "hasCustomLabel": True,
        "optionName": f"metric_{uuid_of('metric', label)}",
    }


def filter_of(column: str, operator: str, value: Any) -> dict[str, Any]:
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": operator,
        "comparator": value,
    }


def dashboard_of(
    words: Words, rows: Sequence[tuple[int, Sequence[Chart]]], chosen: Mapping[str, str]
) -> dict[str, Any]:
    """Return one page with all charts and filters for the dimension and the measure."""
    charts = [chart for _, row in rows for chart in row]
    # The bundle numbers its charts; the import assigns new numbers.
    numbers = {chart.key: number for number, chart in enumerate(charts, 1)}
    filters = [choice_of(column, first, charts, numbers) for column, first in chosen.items()]
    return {
        "dashboard_title": f"Concentration: {words.name}",
        "description": "Where revenue and activity are concentrated, and what needs attention.",
        "slug": SLUG,
        "css": "",
        "published": True,
        "uuid": uuid_of("dashboard", DATABASE),
        "position": position_of(words, rows, numbers),
        "metadata": {
            "native_filter_configuration": filters,
            "chart_configuration": {},
            "global_chart_configuration": {
                "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
                "chartsInScope": [],
            },
            "cross_filters_enabled": False,
            "color_scheme": "supersetColors",
            "refresh_frequency": 0,
            "expanded_slices": {},
            "timed_refresh_immune_slices": [],
        },
        "version": VERSION,
    }


def choice_of(
    column: str, first: str, charts: Sequence[Chart], numbers: Mapping[str, int]
) -> dict[str, Any]:
    """Return a filter with exactly one value, because values of two dimensions do not add up."""
    condition = {"col": column, "op": "IN", "val": [first]}
    return {
        "id": f"NATIVE_FILTER-{column}",
        "name": capitalized(column),
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "description": "",
        "targets": [
            {
                "column": {"name": column},
                "datasetUuid": uuid_of("dataset", "entity_concentration"),
            }
        ],
        "controlValues": {
            "enableEmptyFilter": True,
            "defaultToFirstItem": False,
            "multiSelect": False,
            "searchAllOptions": False,
            "inverseSelection": False,
        },
        "defaultDataMask": {
            "extraFormData": {"filters": [condition]},
            "filterState": {"label": first, "value": [first]},
        },
        "cascadeParentIds": [],
        "scope": {
            "rootPath": ["ROOT_ID"],
            "excluded": [numbers[chart.key] for chart in charts if column not in chart.follows],
        },
        "chartsInScope": [],
        "tabsInScope": [],
    }


def position_of(
    words: Words, rows: Sequence[tuple[int, Sequence[Chart]]], numbers: Mapping[str, int]
) -> dict[str, Any]:
    """Return the position of each chart."""
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {
            "type": "HEADER",
            "id": "HEADER_ID",
            "meta": {"text": f"Concentration: {words.name}"},
        },
    }
    for index, (height, charts) in enumerate(rows, 1):
        row = f"ROW-{index}"
        position["GRID_ID"]["children"].append(row)
        position[row] = {
            "type": "ROW",
            "id": row,
            "children": [f"CHART-{chart.key}" for chart in charts],
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for chart in charts:
            position[f"CHART-{chart.key}"] = {
                "type": "CHART",
                "id": f"CHART-{chart.key}",
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", row],
                "meta": {
                    "chartId": numbers[chart.key],
                    "uuid": uuid_of("chart", chart.key),
                    "sliceName": chart.title,
                    "width": chart.width,
                    "height": height,
                },
            }
    return position
