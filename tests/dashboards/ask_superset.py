"""Import a bundle into a fresh Superset, and print the answers of its API as JSON.

test_dashboards.py runs it in Superset's environment.

Usage:
    .venv-superset/bin/python -P tests/dashboards/ask_superset.py BUNDLE FOLDER
"""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve().parents[2] / "topheavy" / "dashboards" / "open_superset.py"
TOKEN = "of-this-test"
# The selection in the dashboard's filters.
CHOSEN = {"dimension": "category", "measure": "purchases"}


def answers_of(client: Any) -> dict[str, Any]:
    """Return the dashboard, its datasets and its charts as the API shows them, with each chart's
    data.
    """

    def get(path: str) -> Any:
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, (path, answer.status_code, answer.get_data(as_text=True))
        return answer.get_json()["result"]

    dashboard = get("dashboard/topheavy")
    choices = json.loads(dashboard["json_metadata"])["native_filter_configuration"]

    def run(chart: dict[str, Any]) -> Any:
        """Return the data of a chart as it is saved, with another selection, and with none."""
        context = json.loads(get(f"chart/{chart['id']}")["query_context"])
        [query] = context["queries"]
        columns = [
            choice["targets"][0]["column"]["name"]
            for choice in choices
            if chart["id"] not in choice["scope"]["excluded"]
        ]
        query["filters"] = [each for each in query["filters"] if each["col"] not in columns]
        answers = [get(f"chart/{chart['id']}/data/")[0]]
        for chosen in (columns, []):
            conditions = [{"col": each, "op": "IN", "val": [CHOSEN[each]]} for each in chosen]
            asked = context | {"queries": [query | {"filters": query["filters"] + conditions}]}
            answer = client.post("/api/v1/chart/data", json=asked)
            assert answer.status_code == 200, (chart["slice_name"], answer.get_data(as_text=True))
            answers.append(answer.get_json()["result"][0])
        return answers

    charts = get("dashboard/topheavy/charts")
    datasets = get("dataset/?q=(page_size:100)")
    return {
        "dashboard": dashboard,
        "charts": {chart["slice_name"]: run(chart) for chart in charts},
        "datasets": {
            each["table_name"]: get(f"dataset/{each['id']}")["columns"] for each in datasets
        },
        "database": get(f"database/{datasets[0]['database']['id']}/connection"),
    }


def main() -> int:
    bundle, folder = map(Path, sys.argv[1:3])
    spec = spec_from_file_location("open_superset", SCRIPT)
    assert spec and spec.loader
    script = module_from_spec(spec)
    spec.loader.exec_module(script)
    app = script.fresh_superset(folder, bundle)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        script.let_in(app, TOKEN)
    client = app.test_client()
    refused = client.get("/superset/dashboard/topheavy/?token=another")
    entered = client.get(f"/superset/dashboard/topheavy/?token={TOKEN}")
    answers = {
        "without_token": [refused.status_code, refused.headers.get("Location", "")],
        "with_token": [entered.status_code, entered.headers.get("Location", "")],
        "policy": client.get("/superset/dashboard/topheavy/").headers["Content-Security-Policy"],
        **answers_of(client),
    }
    (folder / "answers.json").write_text(json.dumps(answers, default=str), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
