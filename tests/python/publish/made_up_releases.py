"""Small warehouses with the tables that comparisons and summaries of releases read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

TABLES = {
    "loaded_files": (
        "source_block varchar, source_file varchar, sha256 varchar, raw_count bigint, "
        "blank_count bigint, rejected_count bigint, "
        "file_key bigint"
    ),
    "interaction_facts": "file_key bigint, customer_id varchar, revenue decimal(28, 4)",
    "build_info": (
        "mapping_name varchar, mapping_file varchar, mapping_sha256 varchar, currency varchar, "
        "topheavy_version varchar, git_commit varchar, has_local_changes boolean, "
        "dbt_version varchar, duckdb_version varchar"
    ),
    "report_facts": (
        "section varchar, series varchar, position integer, label varchar, fact_value double, "
        "unit varchar, detail varchar"
    ),
    "risk_register": (
        "register_rank integer, title varchar, headline varchar, status varchar, "
        "dimension varchar, entity_id varchar, entity_label varchar, measure varchar, "
        "what_to_do varchar, confidence varchar, evidence_model varchar, evidence_key varchar, "
        "money_at_risk double, money_basis varchar, period_start date"
    ),
    "limit_status": (
        "limit_id varchar, dimension varchar, measure varchar, indicator varchar, "
        "period_grain varchar, status varchar, severity varchar, owner varchar, action varchar, "
        "over_entities varchar, indicator_value double, warn_at double, breach_at double, "
        "headroom_value double, is_latest_complete boolean, is_beyond_noise boolean, "
        "period_start date, period_end date, status_since date"
    ),
    "entity_concentration": (
        "dimension varchar, entity_id varchar, entity_label varchar, measure varchar, "
        "entity_value decimal(28, 4), value_share double, value_rank bigint, "
        "cumulative_share double, abc_class varchar"
    ),
    "data_quality": (
        "source_block varchar, check_name varchar, description varchar, row_count bigint, "
        "row_share double, revenue decimal(28, 4), revenue_share double"
    ),
}

Rows = dict[str, list[dict[str, Any]]]


def sales(file: str, key: int, amounts: dict[str, int], sha: str = "a") -> Rows:
    """Return a file of rows, one for each customer."""
    return {
        "loaded_files": [
            {
                "source_block": "interactions",
                "source_file": file,
                "sha256": sha,
                "raw_count": len(amounts),
                "file_key": key,
            }
        ],
        "interaction_facts": [
            {"file_key": key, "customer_id": customer, "revenue": amount}
            for customer, amount in amounts.items()
        ],
    }


def largest(shares: dict[str, float], dimension: str = "customer") -> Rows:
    """Return entities in the order of their ranks."""
    return {
        "entity_concentration": [
            {
                "dimension": dimension,
                "entity_id": entity,
                "entity_label": entity.title(),
                "measure": "revenue",
                "entity_value": 100 * share,
                "value_share": share,
                "value_rank": rank,
                "cumulative_share": sum([*shares.values()][:rank]),
                "abc_class": "A",
            }
            for rank, (entity, share) in enumerate(shares.items(), start=1)
        ]
    }


def limit(limit_id: str, status: str, value: float, **more: Any) -> Rows:
    """Return a limit on the share of the largest customer in 2024."""
    row = {
        "limit_id": limit_id,
        "dimension": "customer",
        "measure": "revenue",
        "indicator": "cr1",
        "period_grain": "year",
        "status": status,
        "severity": "warn",
        "owner": "sales",
        "action": "Win others",
        "indicator_value": value,
        "warn_at": 0.2,
        "breach_at": 0.25,
        "is_latest_complete": True,
        "is_beyond_noise": True,
        "period_start": "2024-01-01",
        "period_end": "2024-12-31",
        "status_since": "2024-01-01",
    }
    return {"limit_status": [row | more]}


def finding(key: str, headline: str, money: float, **more: Any) -> Rows:
    """Return a finding on customer a with a limit as its evidence."""
    row = {
        "register_rank": 1,
        "title": f"{headline}; details",
        "headline": headline,
        "status": "breach",
        "dimension": "customer",
        "entity_id": "a",
        "entity_label": "A",
        "measure": "revenue",
        "what_to_do": "Win others",
        "confidence": "beyond noise",
        "evidence_model": "limit_status",
        "evidence_key": key,
        "money_at_risk": money,
        "money_basis": "per year, at the rate of 2024",
        "period_start": "2024-01-01",
    }
    return {"risk_register": [row | more]}


ABOUT: Rows = {
    "build_info": [
        {
            "mapping_name": "shop",
            "mapping_file": "mappings/shop.yml",
            "mapping_sha256": "0123456789abcdef",
            "topheavy_version": "1.0.0",
            "git_commit": "0123456789abcdef",
            "has_local_changes": False,
            "dbt_version": "1.11.16",
            "duckdb_version": "2.0.0",
        }
    ],
    "report_facts": [
        {"section": "labels", "series": "measure", "position": 1, "label": "revenue"},
    ],
}


def release(path: Path, *parts: Rows, about: Sequence[Rows] = (ABOUT,)) -> Path:
    """Write a warehouse with these rows, and the information how it was made."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as database:
        for name, columns in TABLES.items():
            database.execute(f"create table {name} ({columns})")
        database.execute("create view interactions as select * from interaction_facts")
        for part in (*about, *parts):
            for name, rows in part.items():
                for row in rows:
                    places = ", ".join("?" for _ in row)
                    database.execute(
                        f"insert into {name} ({', '.join(row)}) values ({places})",
                        list(row.values()),
                    )
    return path
