"""What is published, from what and when: `make list`, and the owner of a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from topheavy.mapping.errors import MappingError
from topheavy.publish import listing as list_published
from topheavy.publish import published
from topheavy.publish.outputs import Outputs


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A warehouse with two published exports, in a project of its own."""
    folder = tmp_path / "warehouse"
    for name, files in (("shop", ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv"]), ("bank", [])):
        (folder / name).mkdir(parents=True)
        facts = {
            "published_at": "2024-02-01T08:00:00Z",
            "mapping_name": name,
            "mapping_file": f"mappings/{name}.yml",
            "row_count": 1234,
            "first_date": "2024-01-01",
            "last_date": "2024-01-31",
            "source_files": files,
        }
        (folder / name / "published.json").write_text(json.dumps(facts))
    (tmp_path / "mappings").mkdir()
    for module in (published, list_published):
        monkeypatch.setattr(module, "WORKSPACE", tmp_path)
    monkeypatch.setattr(published, "WAREHOUSE", folder)
    monkeypatch.setattr("sys.argv", ["topheavy list"])
    return folder


def test_the_list_shows_releases_with_source_and_time(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(warehouse.parent)
    assert list_published.main() == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{warehouse}/bank/topheavy.duckdb, published 2024-02-01T08:00:00Z",
        "  bank: 2024-01-01 to 2024-01-31, 1,234 rows",
        "  from mappings/bank.yml: ",
        f"{warehouse}/shop/topheavy.duckdb, published 2024-02-01T08:00:00Z",
        "  shop: 2024-01-01 to 2024-01-31, 1,234 rows",
        "  from mappings/shop.yml: a.csv, b.csv, c.csv and 2 more",
    ]


def test_facts_that_cannot_be_read_do_not_hide_the_others(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(warehouse.parent)
    (warehouse / "bank" / "published.json").write_text("{")
    assert list_published.main() == 0
    shown = capsys.readouterr().out
    assert "bank/topheavy.duckdb, published at an unknown time" in shown
    assert "shop: 2024-01-01 to 2024-01-31" in shown


def test_a_mapping_of_the_same_name_does_not_replace_another_release(
    warehouse: Path,
) -> None:
    owner = warehouse.parent / "mappings" / "shop.yml"
    owner.write_text("name: shop\n")
    outputs = Outputs(warehouse / "shop")
    elsewhere = warehouse.parent / "clients" / "shop.yml"
    with pytest.raises(MappingError, match=r"shop\.yml published, and both have the same name"):
        published.refuse_other_owner(elsewhere, outputs)
    # When the owner is gone, its name can be used again.
    owner.unlink()
    published.refuse_other_owner(elsewhere, outputs)
