"""A limit of severity error keeps a build from being published, and its report can be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import build_here
from made_up_releases import release

from topheavy.build.dbt_run import BuildError
from topheavy.publish.outputs import Outputs
from topheavy.publish.publish import publish

MAPPING = """
name: shop
folder: '{folder}'
revenue: amount
interactions:
  files: sales.csv
  columns: {{customer: customer, product: product, date: day, amount: amount}}
  time_formats: ['%Y-%m-%d']
limits:
- {{limit_id: one_customer, dimension: customer, measure: revenue, indicator: cr1,
    period_grain: all, direction: above, warn_at: 0.1, breach_at: 0.2, severity: error,
    source: ours, owner: sales, action: Win others}}
# It is broken in January only, which is past.
- {{limit_id: past, dimension: customer, measure: revenue, indicator: cr1,
    period_grain: month, direction: above, warn_at: 0.8, breach_at: 0.9, severity: error,
    source: ours, owner: sales, action: Win others}}
"""


def test_the_report_of_a_refused_build_and_the_published_files_stay(tmp_path: Path) -> None:
    """This needs a build, because dbt must create every table before the limit stops it."""
    customers = [day % 7 if day > 28 and day % 5 > 2 else 0 for day in range(84)]
    lines = (
        f"2024-{1 + day // 28:02}-{1 + day % 28:02},c{customer},p1,5.00"
        for day, customer in enumerate(customers)
    )
    sales = "\n".join(["day,customer,product,amount", *lines]) + "\n"
    (tmp_path / "sales.csv").write_text(sales, encoding="utf-8")
    (tmp_path / "shop.yml").write_text(MAPPING.format(folder=tmp_path), encoding="utf-8")
    outputs = Outputs(tmp_path / "results")
    publish(release(tmp_path / "old.duckdb"), "published", {"published_at": "before"}, outputs)
    before = {path.name: path.read_bytes() for path in outputs.current.iterdir()}

    with pytest.raises(BuildError) as refusal:
        build_here(tmp_path / "shop.yml", outputs.folder)

    report = outputs.refused / "report.html"
    message = str(refusal.value)
    assert message.startswith("hard_limits_hold: one_customer: customer c0 7")
    assert "past" not in message
    place = f"this build: {outputs.build}); its report: {report}"
    assert message.endswith(f"(warehouse unchanged; {place}")
    assert {path.name: path.read_bytes() for path in outputs.current.iterdir()} == before
    page = report.read_text(encoding="utf-8")
    assert "<strong>Not published.</strong> one_customer: customer c0 7" in page
    # The report is complete, including the tables that are built after the limits.
    assert "What deserves attention" in page and 'id="stress"' in page
    summary = (outputs.refused / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith("# shop: not published, 1 finding, 1 limit broken\n")
    data = json.loads((outputs.refused / "summary.json").read_text(encoding="utf-8"))
    assert data["is_published"] is False and data["changed_since"] == "before"
