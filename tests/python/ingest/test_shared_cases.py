"""Difficult real exports give the right figures, or their draft names the difficulty.

The exports are beside the checkout, each with its right figures and with the words that name its
difficulty.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import SHARED, update_here

from topheavy.draft.propose import draft_of
from topheavy.mapping.errors import MappingError

CASES = SHARED / "cases"
# These have only one reading; the export's own mapping answers what a draft leaves open.
RIGHT = (
    *("03-swiss-apostrophes", "05-unicode-minus", "07-sep-line", "08-two-date-formats"),
    *("10-point-thousands-no-cents", "14-square-items", "15-amazon-date-range"),
    *("17-narrow-blanks", "25-xlsx", "25b-zip", "32-header-with-blanks"),
    *("35-comma-and-am-pm", "42-constant-formulas"),
)
NAMED = (
    *("01-shopify-orders", "02-paypal-currency-rows", "09-double-minus", "18-stripe-currencies"),
    *("20-no-header", "24-nul-padding", "26-parquet-nested", "33-same-name-twice"),
    *("39-two-encodings", "41-two-number-locales", "46-placeholder-dates"),
)

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")


def expected(case: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))
    return found


def files(case: str) -> list[Path]:
    return sorted((CASES / case / "input").iterdir())


@pytest.mark.parametrize("case", RIGHT)
def test_unambiguous_exports_are_read_correctly(case: str, tmp_path: Path) -> None:
    draft, mapping = draft_of(files(case), "shop", tmp_path), tmp_path / "shop.yml"
    answered = CASES / case / "mapping.yml"
    text = answered.read_text(encoding="utf-8") if draft.questions else draft.text
    folder = {"folder": str(CASES / case / "input")} if draft.questions else {}
    mapping.write_text(yaml.safe_dump(yaml.safe_load(text) | folder), encoding="utf-8")
    update_here(mapping, tmp_path / "results", ["interactions"])
    built = tmp_path / "results/build/topheavy.duckdb"
    with duckdb.connect(str(built), read_only=True) as warehouse:
        found = warehouse.execute("select sum(revenue) from interactions").fetchall()[0][0]
    right = [
        Decimal(str(value))
        for key, value in expected(case).items()
        if key.startswith("right") and isinstance(value, int | float)
    ]
    assert round(found, 2) in right


@pytest.mark.parametrize("case", NAMED)
def test_ambiguous_files_are_reported(case: str, tmp_path: Path) -> None:
    trouble = re.compile(expected(case)["trouble_named_by"], re.IGNORECASE)
    try:
        said = [question.text for question in draft_of(files(case), "shop", tmp_path).questions]
    except MappingError as error:
        said = [str(error)]
    assert any(trouble.search(words) for words in said), said
