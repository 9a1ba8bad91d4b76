"""The questions of analyses/ have answers: each query, compiled by dbt, returns rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml
from conftest import PROJECT, TABLES, dbt

ANALYSES = sorted((PROJECT / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sample's build, in which dbt has compiled the analyses too."""
    folder = tmp_path_factory.mktemp("analyses")
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    mapping = project["vars"]["mapping"]
    dbt(TABLES, folder, mapping)
    dbt(["compile", "--select", "resource_type:analysis"], folder, mapping)
    return folder


def test_there_are_ten_questions() -> None:
    assert len(ANALYSES) == 10


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda path: path.stem)
def test_a_question_is_asked_and_answered(analysis: Path, built: Path) -> None:
    asked = analysis.read_text(encoding="utf-8").splitlines()
    assert asked[0].startswith("-- ") and asked[0].endswith("?")
    assert asked[1].startswith("-- ")
    sql = (built / "compiled" / "topheavy" / "analyses" / analysis.name).read_text()
    with duckdb.connect(str(built / "topheavy.duckdb"), read_only=True) as warehouse:
        assert warehouse.execute(sql).fetchall()
