"""Document the keys of a mapping: Markdown tables for people, a JSON Schema for editors."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from topheavy.mapping.errors import shown
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.kinds import keys_in, words_of
from topheavy.mapping.refusals import named_keys

# The file of the JSON Schema in the folder of mappings, and the line that refers editors to it.
SCHEMA = "schema.json"
SCHEMA_LINE = "# yaml-language-server: $schema="


def keys_as_markdown(title: str = "top level", keys: type[BaseModel] = ExportMapping) -> str:
    """Return every key with its type, default and meaning, as the documentation lists them."""
    lines = [f"### {title}", "", "| key | type | default | meaning |", "|---|---|---|---|"]
    fields = named_keys(keys)
    for name, field in fields.items():
        value = field.default
        if isinstance(value, BaseModel):
            value = {}
        elif isinstance(value, tuple):
            value = list(value)
        default = "required" if field.is_required() else f"`{shown(value)}`"
        default = "" if value is None else default
        words = words_of(field.annotation, field.metadata)
        cells = (f"`{name}`", words, default, field.description or "")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    tables = ["\n".join(lines) + "\n"]
    for name, field in fields.items():
        if inside := keys_in(field.annotation):
            where = name if keys is ExportMapping else f"{title}.{name}"
            tables.append(keys_as_markdown(where, inside))
    return "\n".join(tables)


class _Schema(GenerateJsonSchema):
    """A schema for authors: optional keys may be left out but not be empty."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        plain = isinstance(found.get("default"), str | int | float)
        return {name: value for name, value in found.items() if name != "default" or plain}


def json_schema() -> str:
    """Return the JSON Schema of a mapping, with which editors complete and explain keys."""
    schema: dict[str, Any] = ExportMapping.model_json_schema(schema_generator=_Schema)
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_untitled(schema)}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _untitled(schema: Any) -> Any:
    """Remove titles that only repeat the names of keys."""
    if isinstance(schema, list):
        return [_untitled(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _untitled(value)
        for name, value in schema.items()
        if name != "title" or not isinstance(value, str)
    }
