"""The Parquet export holds the tables of the warehouse, row for row and type for type."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from conftest import PROJECT, Warehouse

from export import export


@pytest.fixture(scope="module")
def folder(sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export, written over an older one that had one table more."""
    folder = tmp_path_factory.mktemp("export") / "parquet"
    (folder / "gone").mkdir(parents=True)
    export(path_of(sample), folder)
    return folder


def path_of(warehouse: Warehouse) -> Path:
    found = warehouse.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    )
    return Path(found.fetchall()[0][0])


def test_every_table_is_there_and_nothing_else(sample: Warehouse, folder: Path) -> None:
    tables = sample.execute(
        "select table_name from information_schema.tables where table_catalog = current_database()"
    ).fetchall()
    assert {path.name for path in folder.iterdir()} == {name for (name,) in tables}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_files_hold_the_rows_and_types_of_the_tables(sample: Warehouse, folder: Path) -> None:
    for table in sorted(path.name for path in folder.iterdir()):
        files = f"read_parquet('{folder / table}/**/*.parquet', hive_partitioning = false)"
        columns = {name: kind for name, kind, *_ in sample.execute(f"describe {table}").fetchall()}
        with duckdb.connect() as reader:
            found = reader.execute(f"describe select * from {files}").fetchall()
            assert {name: kind for name, kind, *_ in found} == columns, table
            rows = reader.execute(f"from {files}").fetchall()
        assert sorted(map(repr, rows)) == sorted(
            map(repr, sample.execute(f"from {table}").fetchall())
        ), table


def test_interactions_have_a_folder_per_month(folder: Path) -> None:
    with duckdb.connect() as reader:
        wrong = reader.execute(
            f"select * from read_parquet('{folder}/interactions/**/*.parquet') "
            "where (year, month) != (year(interacted_at), month(interacted_at))"
        ).fetchall()
    assert wrong == []
    assert len(list((folder / "interactions").glob("year=*/month=*"))) == 24


def test_a_folder_with_other_files_is_left_alone(sample: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "mine" / "notes").mkdir(parents=True)
    (tmp_path / "mine" / "notes" / "thesis.txt").write_text("words")
    with pytest.raises(FileExistsError, match=r"mine has thesis\.txt, which is no export"):
        export(path_of(sample), tmp_path / "mine")
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "notes", "thesis.txt"]


def test_without_a_warehouse_it_says_what_to_do() -> None:
    command = [sys.executable, "scripts/export.py", "--mapping", "mappings/none.yml"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "export failed: there is no warehouse/none/topheavy.duckdb; "
        "run make build MAPPING=mappings/none.yml first (published: "
    )
    assert done.stderr.count("\n") == 1
