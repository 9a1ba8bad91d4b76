"""The differences between two releases, and how `make diff` describes them."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest
from made_up_releases import ABOUT, TABLES, Rows, finding, largest, limit, release, sales

from topheavy.publish import diff, published
from topheavy.publish.diff import differences_of
from topheavy.publish.differences import Differences, FileChange, LimitState
from topheavy.publish.differences_in_words import as_markdown, as_text, in_short
from topheavy.publish.outputs import Outputs
from topheavy.publish.publish import PublishError, publish

# In February a second file arrives, in which b orders more than a ever did.
JANUARY: list[Rows] = [
    sales("jan.csv", 1, {"a": 60, "b": 40}),
    largest({"a": 0.6, "b": 0.4}),
    limit("customer_dependency", "warn", 0.6),
    limit("customer_disclosure", "ok", 0.1),
    finding("customer_dependency, customer", "Customer A accounts for 60%", 60.0),
]
FEBRUARY: list[Rows] = [
    sales("jan.csv", 1, {"a": 60, "b": 40}),
    sales("feb.csv", 2, {"b": 100}, sha="b"),
    largest({"b": 0.7, "a": 0.3}),
    limit("customer_dependency", "breach", 0.7),
    limit("customer_disclosure", "ok", 0.1),
    finding("customer_dependency, customer", "Customer B accounts for 70%", 140.0, entity_id="b"),
]


def found(folder: Path, before: list[Rows], now: list[Rows]) -> Differences:
    return differences_of(
        release(folder / "before.duckdb", *before), release(folder / "now.duckdb", *now)
    )


def test_releases_of_the_same_rows_do_not_differ(tmp_path: Path) -> None:
    """The order of the rows does not matter."""
    same = found(tmp_path, JANUARY, [*reversed(JANUARY)])
    assert same.is_empty
    assert as_text(same, "shop").endswith("no file, finding, limit, top entity or table differs")
    assert as_markdown(same) == "No file, finding, limit, top entity or table differs.\n"


def test_a_new_file_is_named_with_all_that_it_changed(tmp_path: Path) -> None:
    text = as_text(found(tmp_path, JANUARY, FEBRUARY), "shop: now against before")
    assert text.splitlines() == [
        "shop: now against before",
        "  files     new: feb.csv (interactions), 1 row, 100.00 of revenue",
        "  findings  changed: Customer B accounts for 70%; 140, before 60 a year; "
        "before: Customer A accounts for 60% (rows of feb.csv)",
        "  limits    customer_dependency (customer): breach, before warn; "
        "cr1 70.0%, before 60.0% "
        "against 25.0%",
        "  largest   customer B moved: place 1, before 2, 70.0%, before 40.0% (rows of feb.csv)",
        "            customer A moved: place 2, before 1, 30.0%, before 60.0%",
        "  tables    entity_concentration: 2 rows, other values",
        "            interaction_facts: 3 rows, before 2 rows",
        "            interactions: 3 rows, before 2 rows",
        "            limit_status: 2 rows, other values",
        "            loaded_files: 2 rows, before 1 row",
        "            risk_register: 1 row, other values",
    ]


def test_markdown_says_the_same_as_the_text(tmp_path: Path) -> None:
    differences = found(tmp_path, JANUARY, FEBRUARY)
    words = as_markdown(differences).replace("\\", "")
    lines = [line.strip() for line in as_text(differences, "shop").splitlines()[1:]]
    for line in lines:
        assert line.split(maxsplit=1)[-1] in words, line
    assert in_short(differences) == (
        "1 file, 1 changed finding, 1 limit with another status and 6 tables"
    )


def test_a_changed_and_a_withdrawn_file(tmp_path: Path) -> None:
    was = [sales("a.csv", 1, {"a": 1}), sales("b.csv", 2, {"b": 2})]
    differences = found(tmp_path, was, [sales("a.csv", 3, {"a": 4, "c": 4}, sha="other")])
    assert differences.files == (
        FileChange("changed", "interactions", "a.csv", 1, 2, 1, 8),  # type: ignore[arg-type]
        FileChange("withdrawn", "interactions", "b.csv", 1, None, 2, None),  # type: ignore[arg-type]
    )


def test_the_same_values_from_another_mapping_have_a_cause(tmp_path: Path) -> None:
    other = {"build_info": [ABOUT["build_info"][0] | {"mapping_sha256": "f" * 64}]}
    before = release(tmp_path / "before.duckdb", *JANUARY)
    now = release(
        tmp_path / "now.duckdb",
        *JANUARY,
        about=({"report_facts": ABOUT["report_facts"]}, other),
    )
    differences = differences_of(before, now)
    assert as_text(differences, "shop").splitlines()[1] == (
        "  setup     mapping: mappings/shop.yml (ffffffffffff), "
        "before mappings/shop.yml (0123456789ab)"
    )
    assert [table.name for table in differences.tables] == ["build_info"]


def test_limits_and_findings_that_came_and_went(tmp_path: Path) -> None:
    now = [
        *JANUARY[:2],
        limit("customer_disclosure", "ok", 0.1, breach_at=0.5, period_start="2025-01-01"),
        finding("total, month, previous", "Revenue fell", 5.0, entity_id="", dimension="total"),
    ]
    differences = found(tmp_path, JANUARY, now)
    assert [(it.limit_id, it.before is None, it.now is None) for it in differences.limits] == [
        ("customer_disclosure", False, False),
        ("customer_dependency", False, True),
    ]
    assert isinstance(differences.limits[0].now, LimitState)
    assert [(it.kind, it.headline) for it in differences.findings] == [
        ("new", "Revenue fell"),
        ("gone", "Customer A accounts for 60%"),
    ]
    text = as_text(differences, "shop")
    assert "period from 2025-01-01, before from 2024-01-01" in text
    assert "customer_dependency (customer): no such limit, before warn" in text


def test_entities_that_leave_or_enter_the_ten_largest(tmp_path: Path) -> None:
    names = [f"c{place:02}" for place in range(12)]
    was = {name: 0.1 for name in names}
    now = {name: 0.1 for name in [*names[:9], names[10], names[9], names[11]]}
    differences = found(tmp_path, [largest(was)], [largest(now)])
    assert [(it.entity_id, it.kind, it.rank_before, it.rank) for it in differences.entities] == [
        ("c10", "entered", 11, 10),
        ("c09", "left", 10, 11),
    ]


def test_days_and_hours_have_no_place_among_the_largest(tmp_path: Path) -> None:
    differences = found(
        tmp_path, [largest({"1": 0.5, "2": 0.5}, "hour")], [largest({"2": 0.6, "1": 0.4}, "hour")]
    )
    assert differences.entities == ()
    assert [it.name for it in differences.tables] == ["entity_concentration"]


def test_a_long_list_is_cut_and_says_so(tmp_path: Path) -> None:
    files = [sales(f"{place:03}.csv", place, {"a": 1}) for place in range(50)]
    text = as_text(found(tmp_path, [], files), "shop")
    assert "and 10 more" in text and text.count("new: ") == 40
    assert as_markdown(found(tmp_path, [], files)).count("new: ") == 8


def test_names_from_files_cannot_steer_a_terminal_or_a_page(tmp_path: Path) -> None:
    name = "<img src=x>\x1b[2J|`@all`.csv"
    differences = found(tmp_path, [], [sales(name, 1, {"a": 1})])
    assert "\x1b" not in as_text(differences, "shop")
    page = as_markdown(differences)
    assert "&#60;img src=x&#62;\\\\u001b" in page.replace("\\\\x1b", "\\\\u001b")
    assert "<" not in page and "\x1b" not in page and "@" not in page
    assert "\\|\\`&#64;all\\`" in page


def test_a_release_of_a_version_with_other_tables_is_named(tmp_path: Path) -> None:
    release(tmp_path / "now.duckdb", *JANUARY)
    with duckdb.connect(str(tmp_path / "old.duckdb")) as old:
        old.execute("create table risk_register as select 1 as register_rank")
    with pytest.raises(PublishError, match=r"old\.duckdb and .*now\.duckdb cannot be compared"):
        differences_of(tmp_path / "old.duckdb", tmp_path / "now.duckdb")


def test_the_command_compares_the_published_release_with_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (diff, published):
        monkeypatch.setattr(module, "WORKSPACE", tmp_path)
    monkeypatch.setattr(sys, "argv", ["topheavy diff", "--mapping", "mappings/shop.yml"])
    outputs = Outputs(tmp_path / "warehouse" / "shop")
    monkeypatch.chdir(tmp_path)
    assert diff.main() == 1
    assert "there is no warehouse/shop/topheavy.duckdb; run make build" in capsys.readouterr().err
    for day, rows in enumerate((JANUARY, FEBRUARY), start=1):
        facts = {"published_at": f"2024-02-0{day}T00:00:00Z", "mapping_name": "shop"}
        publish(release(tmp_path / "build.duckdb", *rows), "page", facts, outputs)
        assert diff.main() == (1 if day == 1 else 0)
    said = capsys.readouterr()
    assert said.err == (
        "diff failed: warehouse/shop: there is no previous release; the second build creates one\n"
    )
    first, second, *_ = said.out.splitlines()
    assert first == "shop: published 2024-02-02T00:00:00Z against 2024-02-01T00:00:00Z"
    assert second == "  files     new: feb.csv (interactions), 1 row, 100.00 of revenue"


def test_made_up_releases_have_the_columns_of_the_real_ones(
    sample: duckdb.DuckDBPyConnection,
) -> None:
    """Otherwise these tests would apply to tables that no build creates."""
    for name, columns in TABLES.items():
        if name in ("build_info", "interaction_facts"):
            continue  # the first is not a model; customers of the second have keys
        real = {column for column, *_ in sample.execute(f"describe {name}").fetchall()}
        made_up = {part.split()[0] for part in columns.replace("28, 4", "").split(", ")}
        assert made_up <= real, name
