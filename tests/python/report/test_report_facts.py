"""Each number of report_facts is in the table that it names, and sparse exports have some, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLE, Build, Warehouse

from topheavy.mapping.reading import read_mapping

# Counts and sums over several rows, and what remains when the largest are removed.
DERIVED = (
    "section = 'overview' and position != 6 and position != 7"
    " or coalesce(state, '') = 'rest' or unit = 'text'"
)


@pytest.fixture(scope="module")
def sample(build: Build) -> Warehouse:
    return build(read_mapping(SAMPLE).as_vars(), risk=True)


def facts(warehouse: Warehouse, condition: str = "true") -> list[tuple[Any, ...]]:
    return warehouse.execute(
        "select section, series, label, fact_value, unit, source_model, source_column"
        f" from report_facts where {condition} order by section, series, position"
    ).fetchall()


def test_every_number_is_in_the_column_that_it_names(sample: Warehouse) -> None:
    sources = {(fact[5], fact[6]) for fact in facts(sample, f"not ({DERIVED})")}
    assert len(sources) > 12
    for model, column in sorted(sources):
        there = {
            row[0]
            for row in sample.execute(f"select cast({column} as double) from {model}").fetchall()
        }
        named = f"source_model = '{model}' and source_column = '{column}' and not ({DERIVED})"
        strangers = [fact for fact in facts(sample, named) if fact[3] not in there]
        assert strangers == []


def test_intervals_of_an_index_are_the_same_in_all_tables(sample: Warehouse) -> None:
    """They are in limit_status, in the report, and in the indices."""
    agreed = sample.execute(
        "select distinct fact.interval_low = indices.hhi_low"
        " and fact.interval_high = indices.hhi_high"
        " from report_facts as fact inner join concentration_indices as indices"
        " on fact.source_key = concat(indices.dimension, ', all, ', indices.measure)"
        " where fact.section = 'concentration' and fact.label = 'HHI less chance'"
        " and indices.period_grain = 'all' and indices.hhi_low is not null"
        " union all"
        " select distinct fact.interval_low is not distinct from status.interval_low"
        " and fact.interval_high is not distinct from status.interval_high"
        " from report_facts as fact inner join limit_status as status on fact.source_key ="
        " concat_ws(', ', status.limit_id, status.dimension, cast(status.period_start as string))"
        " where fact.section = 'limits'"
    ).fetchall()
    assert agreed == [(True,), (True,)]


def test_the_sample_has_every_section(sample: Warehouse) -> None:
    """The exception is `value_changes`: no revenue moves beyond chance in the sample's latest
    periods.
    """
    assert {fact[0] for fact in facts(sample)} == {
        "labels",
        "overview",
        "headline",
        "limits",
        "concentration",
        "lorenz",
        "bars",
        "heat_map",
        "trend",
        "changes",
        "stress",
        "reverse_stress",
        "compound",
        "quality",
        "attention",
    }


def test_an_export_of_dates_alone_has_a_report(build: Build, tmp_path: Path) -> None:
    """The export has one month, no customers, products, hours or amounts; two dimensions share a
    label.
    """
    days = [
        f"2024-03-{1 + day * day % 31:02},{'north' if day % 3 else 'south'},x" for day in range(90)
    ]
    (tmp_path / "sales.csv").write_text("\n".join(["day,place,other", *days]), encoding="utf-8")
    bare = build(
        {
            "name": "bare",
            "folder": str(tmp_path),
            "revenue": "list_price",
            "interactions": {
                "files": "sales.csv",
                "columns": {"date": "day"},
                "time_formats": ["%Y-%m-%d"],
            },
            "dimensions": [
                {"name": "place", "column": "place", "label": "Place"},
                {"name": "other_place", "column": "other", "label": "Place"},
            ],
        },
        risk=True,
    )
    assert [(label, value) for _, _, label, value, *_ in facts(bare, "section = 'overview'")] == [
        ("Export", None),
        ("First day", None),
        ("Last day", None),
        ("Purchases", 90),
        ("Transactions", 90),
        ("Limits broken", 0),
        ("Things worth attention", 0),
    ]
    assert [(fact[2], fact[3]) for fact in facts(bare, "section = 'headline'")] == [
        ("No limit could be measured: see limit_status", 0)
    ]
    assert {fact[1] for fact in facts(bare, "section = 'bars'")} == {
        "Place",
        "Place (other_place)",
        "Weekday",
        "Month",
    }
    assert [fact[1:5] for fact in facts(bare, "section = 'trend'")] == [
        ("Purchases", "2024-03", 90, "count")
    ]
    assert (
        facts(bare, "section in ('heat_map', 'changes', 'value_changes', 'attention', 'compound')")
        == []
    )
    keys = "select count(*), count(distinct (section, series, position)) from report_facts"
    assert len(set(bare.execute(keys).fetchall()[0])) == 1
