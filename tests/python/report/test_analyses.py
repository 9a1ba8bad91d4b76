"""The questions of analyses/ have answers: each query, compiled by dbt, returns rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import PROJECT, SAMPLE, Warehouse, dbt

from topheavy.mapping.reading import read_mapping

ANALYSES = sorted((PROJECT / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the analyses as dbt compiled them, without a connection to a database."""
    folder = tmp_path_factory.mktemp("analyses")
    compile = ["compile", "--no-introspect", "--no-populate-cache"]
    dbt([*compile, "--select", "resource_type:analysis"], folder, read_mapping(SAMPLE).as_vars())
    return folder / "compiled" / "topheavy" / "analyses"


def test_there_are_ten_questions() -> None:
    assert len(ANALYSES) == 10


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda path: path.stem)
def test_a_question_is_asked_and_answered(
    analysis: Path, compiled: Path, sample: Warehouse
) -> None:
    asked = analysis.read_text(encoding="utf-8").splitlines()
    assert asked[0].startswith("-- ") and asked[0].endswith("?")
    assert asked[1].startswith("-- ")
    assert sample.execute((compiled / analysis.name).read_text()).fetchall()
