"""The summary of a release: its text for people, its data for programs, and what it
never contains.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from made_up_releases import ABOUT, Rows, finding, largest, limit, release, sales

from topheavy.markdown import escaped
from topheavy.publish.diff import differences_of
from topheavy.publish.release_summary import (
    FIRST_RELEASE,
    MESSAGE_LINES,
    Summary,
    as_json,
    as_message,
    as_page,
    read_summary,
)
from topheavy.publish.summary import Facts
from topheavy.visible import UNSEEN

FACTS = Facts(
    name="shop",
    first="2024-01-01",
    last="2024-12-31",
    rows={"raw": 10, "blank": 1, "rejected": 2, "valid": 7},
    left_out=["2 rejected: malformed_amount"],
    revenue=Decimal("1234.50"),
    measure="revenue",
    currency="EUR",
    leaders=[],
    labels={"revenue": "turnover"},
)
HOSTILE = "<!channel> @here [x](https://evil.example) `a` | =1+1 \x1b]0;x\x07 \u202egnp"


def loaded(file: str, raw: int, blank: int = 0, rejected: int = 0) -> Rows:
    row: dict[str, Any] = sales(file, 1, {})["loaded_files"][0]
    return {
        "loaded_files": [row | {"raw_count": raw, "blank_count": blank, "rejected_count": rejected}]
    }


def check(name: str, rows: int, **more: Any) -> Rows:
    row = {"source_block": "interactions", "check_name": name, "description": "what it means"}
    return {"data_quality": [row | {"row_count": rows, "row_share": rows / 10} | more]}


YEAR: list[Rows] = [
    loaded("a.csv", 6, blank=1),
    loaded("b.csv", 4, rejected=2),
    finding("customer_dependency, customer", "Customer A accounts for 60 %", 60.0),
    limit("customer_dependency", "breach", 0.6, over_entities="a 60.0 %"),
    limit("customer_disclosure", "ok", 0.1),
    limit("customer_disclosure", "breach", 0.9, is_latest_complete=False),
    check("raw_rows", 10),
    check("rejected: malformed_amount", 2, revenue=Decimal("3.5")),
    check("returns", 0),
    check("hole: 2024-03-01 to 2024-03-09", 0),
]


def summary_of(folder: Path, *rows: Rows, **more: Any) -> Summary:
    path = release(folder / "now.duckdb", *rows)
    with duckdb.connect(str(path), read_only=True) as warehouse:
        return read_summary(warehouse, more.pop("facts", FACTS), more.pop("warnings", []), **more)


def test_the_page_says_all_five_things(tmp_path: Path) -> None:
    page = as_page(summary_of(tmp_path, *YEAR, warnings=["limits_hold: x", "no_day_is_far_off: y"]))
    assert page.splitlines() == [
        "# shop: 1 finding, 1 limit broken",
        "",
        "2024-01-01 to 2024-12-31, turnover 1,234.50 EUR",
        "",
        "## What changed",
        "",
        FIRST_RELEASE,
        "",
        "## Register",
        "",
        "|  | What | At risk a year | Confidence | What to do |",
        "| --- | --- | ---: | --- | --- |",
        "| 1 | Customer A accounts for 60 %; details | 60 | beyond noise | Win others |",
        "",
        "## Limits",
        "",
        "| Limit | Status | Value | Warns at | Broken at | Period |",
        "| --- | --- | --- | ---: | ---: | --- |",
        "| customer\\_dependency (customer) | breach | cr1 60.0% "
        "| 20.0% | 25.0% | 2024-01-01 to 2024-12-31 |",
        "| customer\\_disclosure (customer) | ok | cr1 10.0% "
        "| 20.0% | 25.0% | 2024-01-01 to 2024-12-31 |",
        "",
        "## Data quality",
        "",
        "| Block | Check | Rows | Share | Turnover | What it means |",
        "| --- | --- | ---: | ---: | ---: | --- |",
        "| interactions | rejected: malformed\\_amount | 2 | 20.0% | 3.50 | what it means |",
        "| interactions | hole: 2024-03-01 to 2024-03-09 | 0 | 0.0% |  | what it means |",
        "",
        "- no\\_day\\_is\\_far\\_off: y",
        "",
        "## Rows",
        "",
        "| Block | File | Rows | Blank | Rejected | Valid |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        "| interactions | all 2 files | 10 | 1 | 2 | 7 |",
        "| interactions | a.csv | 6 | 1 | 0 | 5 |",
        "| interactions | b.csv | 4 | 0 | 2 | 2 |",
    ]


def test_changes_since_the_previous_release(tmp_path: Path) -> None:
    before = release(tmp_path / "before.duckdb", *YEAR)
    now = [*YEAR, largest({"a": 1.0}), loaded("c.csv", 9)]
    changes = differences_of(before, release(tmp_path / "now.duckdb", *now))
    released = summary_of(tmp_path, *now, since="2024-02-01T08:00:00Z", changes=changes)
    page = as_page(released)
    assert "Since the release published 2024-02-01T08&#58;" not in page
    assert "Since the release published 2024-02-01T08:00:00Z.\n" in page
    assert "**Files**\n\n- new: c.csv (interactions), 9 rows\n" in page
    assert "- customer A entered: place 1, before none, 100.0" in page
    assert json.loads(as_json(released))["changes"]["files"][0]["name"] == "c.csv"
    (_, lines) = as_message(released).parts[1]
    assert lines[0] == "since 2024-02-01T08:00:00Z: 1 file and 2 tables"
    assert lines[1] == "files: new: c.csv (interactions), 9 rows"
    other = summary_of(tmp_path, *now, since="2024-02-01T08:00:00Z")
    assert "built by another version and cannot be compared" in as_page(other)


def test_a_refused_build_says_so_first(tmp_path: Path) -> None:
    released = summary_of(tmp_path, *YEAR, refused="customer_dependency: a 60 %")
    page = as_page(released).splitlines()
    assert page[0] == "# shop: not published, 1 finding, 1 limit broken"
    assert page[4] == "**Not published**: customer\\_dependency: a 60 %"
    data = json.loads(as_json(released))
    assert (data["is_published"], data["refused_because"]) == (False, "customer_dependency: a 60 %")
    assert as_message(released).parts[1] == ("Not published", ("customer_dependency: a 60 %",))


def test_json_holds_everything_in_types_of_json(tmp_path: Path) -> None:
    data = json.loads(as_json(summary_of(tmp_path, *YEAR)))
    assert data["rows"] == FACTS.rows and data["revenue"] == 1234.5 and data["changes"] is None
    assert data["register"][0]["money_at_risk"] == 60.0
    assert [it["status"] for it in data["limits"]] == ["breach", "ok"]
    assert data["limits"][0]["period_start"] == "2024-01-01"
    assert data["files"][1]["name"] == "b.csv" and data["files"][1]["valid"] == 2
    assert {it["check_name"] for it in data["data_quality"]} == {
        "rejected: malformed_amount",
        "hole: 2024-03-01 to 2024-03-09",
    }


def test_the_same_build_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = (summary_of(tmp_path, *rows) for rows in (YEAR, [*reversed(YEAR)]))
    assert as_page(one) == as_page(other) and as_json(one) == as_json(other)


def test_nothing_from_the_data_is_more_than_text(tmp_path: Path) -> None:
    released = summary_of(
        tmp_path,
        loaded(HOSTILE, 1),
        finding("x", HOSTILE, 1.0, title=HOSTILE, what_to_do=HOSTILE),
        limit(HOSTILE, "breach", 0.5),
        check(HOSTILE, 1, description=HOSTILE),
        facts=replace(FACTS, labels={"revenue": HOSTILE}),
        warnings=[HOSTILE],
        refused=HOSTILE,
    )
    for text in (as_page(released), as_json(released)):
        assert [*UNSEEN.findall(text.replace("\n", ""))] == []
    page = as_page(released)
    assert not {"<", "@"} & {*page}
    assert "https://" not in page and not re.search(r"(?<!\\)\]\(", page)
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} <= {6, 7}


def test_long_lists_are_cut_and_say_so(tmp_path: Path) -> None:
    rows = [finding(f"{place:03}", f"finding {place}", 1.0) for place in range(25)]
    released = summary_of(tmp_path, *rows)
    assert "\nand 5 more\n" in as_page(released)
    assert len(json.loads(as_json(released))["register"]) == 25
    lines = dict(as_message(released).parts)["Register"]
    assert len(lines) == MESSAGE_LINES + 1 and lines[-1] == "and 17 more"


def test_an_export_without_limits_and_findings_says_so(tmp_path: Path) -> None:
    page = as_page(summary_of(tmp_path, loaded("a.csv", 1)))
    for words in (
        "Nothing stands out.",
        "No limit applies to this export.",
        "Every row is complete",
    ):
        assert f"\n{words}" in page
    assert ABOUT["report_facts"]  # the measure is known without a limit


def test_markdown_is_escaped_where_it_would_mean_something() -> None:
    assert escaped("- item") == "\\- item" and escaped("2. item") == "&#50;. item"
    assert escaped("-794.13") == "-794.13" and escaped("0.180") == "0.180"
    assert escaped("www.evil.example") == "www&#46;evil.example"
    assert escaped("a*b_c#1") == "a\\*b\\_c&#35;1"
