"""Draw the lineage of the published tables, from dbt's manifest into the README.

What is not published (stg_, int_) is left out and its arrows are joined; of the arrows that remain,
those that a longer way says already are left out too.

Usage:
    dbt parse && python scripts/lineage.py
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from project import PROJECT

PICTURE = re.compile(r"(<!-- lineage -->\n).*?(<!-- /lineage -->)", re.DOTALL)
LAYERS = ("core", "concentration", "risk", "report")

Edges = dict[str, set[str]]


def lineage(manifest: Mapping[str, Any]) -> str:
    """Return the picture as Mermaid text, sorted by name within each layer."""
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    layers = {node["name"]: node["fqn"][1] for node in models if is_shown(node["name"])}
    edges = without_shortcuts(between_shown(parents_by_name(manifest), layers))
    lines = ["```mermaid", "flowchart LR", "    export[(files)]"]
    for layer in LAYERS:
        names = sorted(name for name in layers if layers[name] == layer)
        lines += [f"    subgraph {layer}", *(f"        {name}" for name in names), "    end"]
    starts = sorted(name for name in layers if not edges[name])
    lines += [f"    export --> {name}" for name in starts]
    lines += [
        f"    {parent} --> {name}" for name in sorted(edges) for parent in sorted(edges[name])
    ]
    return "\n".join([*lines, "```", ""])


def is_shown(name: str) -> bool:
    return not name.startswith(("stg_", "int_"))


def parents_by_name(manifest: Mapping[str, Any]) -> Edges:
    """The models that each model reads; seeds and sources have no place in the picture."""
    nodes = manifest["nodes"]
    return {
        node["name"]: {
            nodes[parent]["name"]
            for parent in node["depends_on"]["nodes"]
            if parent.startswith("model.")
        }
        for node in nodes.values()
        if node["resource_type"] == "model"
    }


def between_shown(parents: Edges, shown: Mapping[str, str]) -> Edges:
    """The nearest ancestors that are shown of each table that is."""

    def nearest(name: str) -> Iterator[str]:
        for parent in parents[name]:
            if parent in shown:
                yield parent
            else:
                yield from nearest(parent)

    return {name: set(nearest(name)) for name in shown}


def without_shortcuts(edges: Edges) -> Edges:
    """Drop an arrow where another parent leads back to the same table."""

    def ancestors(name: str) -> set[str]:
        return edges[name].union(*(ancestors(parent) for parent in edges[name]))

    return {
        name: {
            parent
            for parent in parents
            if not any(parent in ancestors(other) for other in parents - {parent})
        }
        for name, parents in edges.items()
    }


def with_picture(page: str, picture: str) -> str:
    """Return the page with the picture between its two marks."""
    return PICTURE.sub(lambda found: found[1] + picture + found[2], page)


def main() -> int:
    manifest = PROJECT / os.environ.get("DBT_TARGET_PATH", "target") / "manifest.json"
    if not manifest.exists():
        print(f"no {manifest}: run dbt parse first", file=sys.stderr)
        return 1
    readme = PROJECT / "README.md"
    picture = lineage(json.loads(manifest.read_text(encoding="utf-8")))
    page = readme.read_text(encoding="utf-8")
    readme.write_text(with_picture(page, picture), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
