"""Another dbt project installs this one, names its models, and gets the same results as
from files.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml
from conftest import PROJECT, Build, Warehouse, as_a_process_of_its_own

from topheavy.build.dbt_run import release_connections
from topheavy.build.invoke_dbt import invoke_dbt
from topheavy.build.parsed_project import only_one, parts_of
from topheavy.mapping import rules
from topheavy.mapping.errors import MappingError
from topheavy.mapping.keys import BLOCKS, roles_of
from topheavy.mapping.macro_sql import Macros
from topheavy.mapping.reading import mapping_of_vars

# dbt takes seconds to import, and most of these tests run none.
if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

SHOP = PROJECT / "integration_tests"
# Where `dbt deps` is locked, because it writes package-lock.yml beside the shop's files.
DEPS = PROJECT / "target" / "shop"
# The same rows as files: only what distinguishes files from relations may differ.
OF_FILES = {"loaded_files", "rejected_rows", "data_quality", "report_facts"}
MODELS = {"interactions": "fct_orders", "customers": "customers", "products": "dim_products"}


def run(command: list[str], folder: Path, project: Manifest | None = None) -> Any:
    """Run dbt in the shop, as its developers do, on its files or parsed project; return the result.

    What `topheavy build` spares dbt is also spared here: dbt is the same, and takes half the time.
    """
    with as_a_process_of_its_own(SHOP_FOLDER=folder):
        done = invoke_dbt(
            [
                *command,
                *("--project-dir", str(SHOP), "--profiles-dir", str(SHOP)),
                *([] if command[0] == "deps" else ["--target-path", str(folder / "target")]),
            ],
            project,
        )
        release_connections()
    results = list(getattr(done.result, "results", []))
    failed = [f"{item.node.name}: {item.message}" for item in results if item.status == "error"]
    assert done.success, f"{done.exception or ''} {failed}"
    return done.result


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The shop's database after `dbt deps` and one `dbt build` from scratch.

    Both runs start from one parse.
    """
    from dbt.contracts.graph.manifest import Manifest

    folder = tmp_path_factory.mktemp("shop")
    with only_one(DEPS):
        run(["deps"], folder)
    parts = pickle.dumps(parts_of(run(["parse"], folder)))
    run(["build"], folder, Manifest(**pickle.loads(parts)))
    deferred = run(
        ["run", "--select", "limit_status", "--defer", "--favor-state", "--state", release(folder)],
        folder,
        Manifest(**pickle.loads(parts)),
    )
    (compiled,) = [
        item.node.compiled_code for item in deferred.results if item.node.name == "limit_status"
    ]
    assert '"released"."int_leading_entities"' in compiled
    with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as database:
        yield database


def release(folder: Path) -> str:
    """A state in which private tables are in a separate schema; returns its folder.

    Later builds are compared completely with the results from files.
    """
    made = "analytics_topheavy_intermediate"
    with duckdb.connect(str(folder / "shop.duckdb")) as database:
        database.execute("create schema released")
        for table in in_schemas(database)[made]:
            database.execute(f"create table released.{table} as from {made}.{table}")
    said = (folder / "target" / "manifest.json").read_text(encoding="utf-8")
    (folder / "state").mkdir()
    (folder / "state" / "manifest.json").write_text(said.replace(made, "released"), "utf-8")
    return str(folder / "state")


def in_schemas(database: Warehouse) -> dict[str, set[str]]:
    rows = database.execute("select table_schema, table_name from information_schema.tables")
    found: dict[str, set[str]] = {}
    for schema, table in rows.fetchall():
        found.setdefault(schema, set()).add(table)
    return found


def test_the_tables_are_in_the_schema_of_the_project(shop: Warehouse, sample: Warehouse) -> None:
    published = in_schemas(sample)["main"]
    found = in_schemas(shop)
    assert found["analytics_topheavy"] == published
    assert {"fct_orders", "customers", "town_concentration"} <= found["analytics"]
    assert not [name for name in found["analytics"] if name.startswith(("stg_", "int_"))]


def test_models_give_the_same_results_as_files(
    shop: Warehouse, build: Build, tmp_path: Path
) -> None:
    said = yaml.safe_load((SHOP / "dbt_project.yml").read_text(encoding="utf-8"))
    said = said["vars"]["topheavy"]
    mapping = {"name": "shop", "folder": str(tmp_path), **said["mapping"]}
    for block, model in MODELS.items():
        shop.execute(f"copy analytics.{model} to '{tmp_path / model}.csv' (header)")
        mapping[block] = {"files": f"{model}.csv", "columns": said[block]["columns"]}
    mapping["interactions"]["time_formats"] = ["%Y-%m-%d %H:%M:%S"]
    files = build(mapping, risk=True)
    differ = []
    for table in sorted(in_schemas(files)["main"] - OF_FILES):
        columns = [
            name
            for (name,) in files.execute(
                "select column_name from information_schema.columns where table_name = ?"
                " and table_schema = 'main' and column_name != 'file_key'",
                [table],
            ).fetchall()
        ]
        query = f"select {', '.join(columns)} from {{}}.{table} order by all"
        if (
            files.execute(query.format("main")).fetchall()
            != shop.execute(query.format("analytics_topheavy")).fetchall()
        ):
            differ.append(table)
    assert differ == []


def test_a_row_that_cannot_be_used_is_listed(shop: Warehouse) -> None:
    rows = shop.execute(
        "select source_file, reject_reason, raw_text from analytics_topheavy.rejected_rows"
    ).fetchall()
    assert [row[:2] for row in rows] == [("fct_orders", "missing_amount")]
    assert "c1,s1,33,2024-03-05 09:00:00" in rows[0][2]


# ---- what a project may say -------------------------------------------------------------------


def faults(said: dict[str, Any]) -> list[str]:
    found: list[str] = Macros({}).value("faults_of_mapping", said)
    return found


COLUMNS = {"customer": "customer_id", "date": "ordered_on", "amount": "paid"}
ORDERS = {"relation": "ref('fct_orders')", "columns": COLUMNS}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({}, "vars.topheavy.interactions names no relation"),
        ({"interactions": {"files": "sales.csv"}}, "names no relation"),
        ({"interactions": ORDERS, "folder": "data"}, "folder: unknown key, or one of files"),
        (
            {"interactions": {**ORDERS, "time_formats": ["%d/%m/%Y"]}},
            "interactions.time_formats: unknown key, or one of files: a relation has types",
        ),
        (
            {"interactions": {**ORDERS, "columns": {"custmer": "customer_id"}}},
            "interactions.columns.custmer: unknown role; known: customer, customer_name",
        ),
        ({"interactions": ORDERS, "customers": {"columns": {}}}, "customers: needs relation"),
        (
            {"interactions": {**ORDERS, "columns": {"interaction_type": "kind"}}},
            "interaction_types: missing; say which values of the column are a purchase",
        ),
        (
            {"interactions": ORDERS, "labels": {"customer": "client"}},
            "labels.customer: must be a list of two",
        ),
        (
            {"interactions": ORDERS, "limits": {"rows": "limits.csv"}},
            "limits: a file, which only make build reads; list its rows",
        ),
    ],
)
def test_settings_that_would_be_misread_are_refused(said: dict[str, Any], fault: str) -> None:
    found = faults(said)
    assert found and fault in found[0]


CUSTOMERS = {"relation": "ref('clients')", "columns": {"customer": "client"}}
PRODUCTS = {"relation": "ref('articles')", "columns": {"product": "sku"}}
LINES: dict[str, Any] = {"interactions": ORDERS}


@pytest.mark.parametrize(
    "said",
    [
        {"interactions": {**ORDERS, "columns": {"customer": "customer_id", "amount": "paid"}}},
        {"interactions": {**ORDERS, "columns": {"date": "ordered_on", "quantity": "pieces"}}},
        LINES | {"revenue": "list_price"},
        LINES | {"revenue": "list_price", "products": PRODUCTS},
        LINES | {"revenue": "customer_amount", "customers": CUSTOMERS},
        LINES | {"orders": {"relation": "ref('orders')", "columns": {"order": "order_id"}}},
        LINES | {"products": PRODUCTS},
        {
            "interactions": {**ORDERS, "columns": {"date": "ordered_on", "amount": "paid"}},
            "customers": CUSTOMERS,
        },
        LINES | {"interaction_types": {"purchase": ["sold"]}},
        {
            "interactions": {**ORDERS, "columns": {**COLUMNS, "interaction_type": "kind"}},
            "interaction_types": {"view": ["seen"]},
        },
    ],
)
def test_missing_columns_give_the_same_messages_as_files(said: dict[str, Any]) -> None:
    with pytest.raises(MappingError) as refused:
        for rule in (rules.joins, rules.time, rules.revenue, rules.interaction_types):
            rule(mapping_of_vars(said))
    assert faults(said)[0] == str(refused.value)


def test_arguments_with_a_meaning_are_accepted() -> None:
    assert faults({"interactions": ORDERS, "revenue": "amount", "name": "shop"}) == []


def test_relations_have_the_roles_of_files() -> None:
    roles = {block: roles_of(block) for block in BLOCKS}
    assert Macros({}).value("roles_of_relations") == roles


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ref('fct_orders')", ["ref", "fct_orders"]),
        ("{{ ref('fct_orders') }}", ["ref", "fct_orders"]),
        ('{{ref("sales", "fct_orders")}}', ["ref", "sales", "fct_orders"]),
        ("source('till', 'orders')", ["source", "till", "orders"]),
        ("shop.fct_orders", ["table", "shop.fct_orders"]),
        (None, []),
    ],
)
def test_a_relation_is_named_as_in_a_model(text: str | None, parts: list[str]) -> None:
    mapping = {"interactions": {"relation": text}} if text else {}
    assert Macros(mapping).value("relation_parts", "interactions") == parts


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timestamp with time zone", "cast(timezone('UTC', at) as string)"),
        ("timestamptz", "cast(timezone('UTC', at) as string)"),
        ("timestamp without time zone", "cast(at as string)"),
        ("timestamp", "cast(at as string)"),
        ("integer", "cast(at as string)"),
    ],
)
def test_an_instant_is_read_in_utc(kind: str, text: str) -> None:
    assert Macros({}).value("text_of_type", "at", kind) == text


# ---- what the page says -----------------------------------------------------------------------

FORMULA = re.compile(r"^\| `{{ topheavy\.(\w+\(.+?\)) }}` \| .+ \| ([\d.]+) \|$", re.MULTILINE)
PAGE = (PROJECT / "docs" / "package.md").read_text(encoding="utf-8")


def test_the_page_shows_what_each_formula_gives(sample: Warehouse) -> None:
    """The same macros write the functions of the published file."""
    found = FORMULA.findall(PAGE)
    assert len(found) == 8
    for call, shown in found:
        query = f"select {call.replace(chr(39), '')} from (select unnest([512, 256, 128, 128, 0])"
        ((value,),) = sample.execute(f"{query} as revenue)").fetchall()
        decimals = len(shown.partition(".")[2])
        assert f"{value:.{decimals}f}" == shown, call


def test_the_page_names_the_keys_of_relations() -> None:
    known = Macros({}).value("keys_of_installed_mappings")
    unnamed = {"name", "description", "orders"}
    assert [key for key in known if f"`{key}`" not in PAGE and key not in unnamed | {*BLOCKS}] == []
