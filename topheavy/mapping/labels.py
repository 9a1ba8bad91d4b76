"""What a business calls its customers, products and money: the `labels` of a mapping.

A label is one word, or a pair of one for a single thing and one for several. Everything behind the
mapping reads pairs; where a mapping says nothing, the project's own words stand in dbt_project.yml
(var `labels`).
"""

from __future__ import annotations

from typing import Any

from topheavy.numbers import plural
from topheavy.visible import visible

# Words that have no plural: the same word serves for one and for several.
MASS_NOUNS = ("revenue",)


def with_labels(mapping: dict[str, Any]) -> dict[str, Any]:
    """The mapping with each of its labels as a pair: for one, and for several."""
    if not mapping.get("labels"):
        return mapping
    labels = {role: pair(role, label) for role, label in mapping["labels"].items()}
    return {**mapping, "labels": labels}


def with_visible_words(mapping: dict[str, Any]) -> dict[str, Any]:
    """The mapping with its words for people as they may be shown, in SQL and in sentences."""
    words: dict[str, Any] = {
        key: visible(mapping[key]) for key in ("name", "description") if key in mapping
    }
    if "labels" in mapping:
        words["labels"] = {
            role: visible(label) if isinstance(label, str) else [visible(word) for word in label]
            for role, label in mapping["labels"].items()
        }
    if "dimensions" in mapping:
        words["dimensions"] = [
            {**item, **({"label": visible(item["label"])} if "label" in item else {})}
            for item in mapping["dimensions"]
        ]
    return {**mapping, **words}


def pair(role: str, label: str | list[str]) -> list[str]:
    """The words of a label for one thing and for several."""
    if not isinstance(label, str):
        return [word.strip() for word in label]
    word = label.strip()
    return [word, word if role in MASS_NOUNS else plural(word)]
