"""All code after the mapping receives its labels as singular and plural."""

from __future__ import annotations

from pathlib import Path

import pytest

from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import read_mapping

MAPPING = """
name: ledger
interactions:
  files: ledger.csv
  columns: {customer: Vendor, amount: Paid, time: "On"}
  time_formats: ["%Y-%m-%d"]
"""


def labels(folder: Path, line: str) -> object:
    """Return the labels of a mapping with this line, as later code receives them."""
    path = folder / "ledger.yml"
    path.write_text(MAPPING + line, encoding="utf-8")
    return read_mapping(path).as_vars().get("labels")


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("labels: {customer: supplier}", {"customer": ["supplier", "suppliers"]}),
        ("labels: {product: category}", {"product": ["category", "categories"]}),
        ("labels: {customer: [Kunde, Kunden]}", {"customer": ["Kunde", "Kunden"]}),
        ("labels: {revenue: spend}", {"revenue": ["spend", "spend"]}),
        ("", None),
    ],
)
def test_a_label_is_a_word_for_one_and_for_several(
    tmp_path: Path, line: str, pairs: object
) -> None:
    assert labels(tmp_path, line) == pairs


@pytest.mark.parametrize("line", ["labels: {custmer: supplier}", "labels: {customer: [a, b, c]}"])
def test_a_label_that_nothing_reads_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(MappingError, match="labels"):
        labels(tmp_path, line)
