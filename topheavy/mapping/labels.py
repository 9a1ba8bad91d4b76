"""The words that a business uses for its customers, products and money: the `labels` of a mapping.

A label is one word, or a pair with singular and plural. All code after the mapping reads pairs. The
defaults are in dbt_project.yml (var `labels`).
"""

from __future__ import annotations

from typing import Any

from topheavy.mapping.keys import ExportMapping
from topheavy.numbers import plural
from topheavy.visible import visible

# Words without a plural, which have the same form for one and for several.
MASS_NOUNS = ("revenue",)


def with_labels(mapping: ExportMapping) -> ExportMapping:
    """Return the mapping with labels as pairs, safe to display."""
    words: dict[str, Any] = {"name": visible(mapping.name)}
    if mapping.description:
        words["description"] = visible(mapping.description)
    if "labels" in mapping.model_fields_set:
        labels = {role: getattr(mapping.labels, role) for role in mapping.labels.model_fields_set}
        pairs = {role: pair(role.rstrip("_"), label) for role, label in labels.items()}
        words["labels"] = mapping.labels.model_copy(update=pairs)
    if mapping.dimensions:
        words["dimensions"] = tuple(
            it.model_copy(update={"label": visible(it.label)}) if it.label else it
            for it in mapping.dimensions
        )
    return mapping.model_copy(update=words)


def pair(role: str, label: str | tuple[str, str]) -> tuple[str, str]:
    """Return the singular and plural of a label."""
    if not isinstance(label, str):
        one, several = (visible(word.strip()) for word in label)
        return one, several
    word = visible(label.strip())
    return word, word if role in MASS_NOUNS else plural(word)
