"""The types of the values in a mapping, and how messages describe them."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, Field, Strict, StringConstraints
from pydantic_core import PydanticCustomError

from topheavy.mapping.errors import SNAKE_CASE

T = TypeVar("T")


class Words(str):
    """The description of a type for messages, if the type's own name is not sufficient."""


def _refuse_nothing(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("nothing", "nothing")
    return value


# An optional key. If it is present, it must have a value.
Given = Annotated[T | None, BeforeValidator(_refuse_nothing)]

Text = Annotated[str, StringConstraints(pattern=r"\S"), Words("a text")]
Texts = Annotated[tuple[Text, ...], Strict(False), Words("a list of texts")]
SomeTexts = Annotated[tuple[Text, ...], Strict(False), Field(min_length=1)]
Files = Annotated[Text | SomeTexts, Words("a text or a list of texts")]
TextLists = Annotated[dict[Text, SomeTexts], Words("a mapping of names to lists of texts")]
Rows = Annotated[tuple[dict[str, Any], ...], Strict(False)]
FileOrRows = Annotated[Text | Rows, Words("a text or a list of mappings")]
Share = Annotated[float, Field(ge=0, le=1), Words("a number from 0 to 1")]
Decimals = Annotated[int, Field(ge=0, le=16), Words("a whole number from 0 to 16")]
Lines = Annotated[int, Field(ge=0), Words("a whole number, 0 or more")]
Name = Annotated[
    str, StringConstraints(pattern=f"^{SNAKE_CASE.pattern}$"), Words("a snake_case word")
]
Names = Annotated[tuple[Name, ...], Strict(False), Words("a list of snake_case words")]
Cells = Annotated[
    Literal["blank"] | Annotated[tuple[str, ...], Strict(False), Field(min_length=1)],
    Words('a list of texts ("" is a blank cell), or blank'),
]
Pair = Annotated[tuple[Text, Text], Strict(False)]
Word = Annotated[Text | Pair, Words("a text, or a list of two texts, [singular, plural]")]
CurrencyCode = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Range = Annotated[
    str,
    StringConstraints(pattern="^[A-Z]{1,3}[1-9][0-9]*:[A-Z]{1,3}([1-9][0-9]*)?$"),
    Words("a range of cells, such as B3:F60 or B3:F"),
]
Delimiter = Annotated[
    str,
    StringConstraints(pattern=r"^([\s\S]|whitespace)$"),
    Words('one character (a tab is "\\t", in double quotes) or whitespace'),
]
Character = Annotated[str, StringConstraints(max_length=1), Words('one character, or "" for none')]


def words_of(annotation: Any, metadata: Any = ()) -> str:
    """Describe a type, such as `a text or a mapping of keys to values`."""
    *others, last = _alternatives(annotation, metadata)
    return f"{', '.join(others)} or {last}" if others else last


def _alternatives(annotation: Any, metadata: Any = ()) -> list[str]:
    """Yield descriptions of the values or kinds of values that a type allows."""
    for item in metadata:
        if isinstance(item, Words):
            return [item]
    if get_origin(annotation) is Annotated:
        inner, *own = get_args(annotation)
        return _alternatives(inner, own)
    if get_origin(annotation) in (Union, UnionType):
        parts = [part for part in get_args(annotation) if part is not NoneType]
        return [words for part in parts for words in _alternatives(part)]
    if get_origin(annotation) is Literal:
        return [text if text[0].isalpha() else f'"{text}"' for text in get_args(annotation)]
    if annotation is bool:
        return ["true", "false"]
    if get_origin(annotation) is tuple:
        return ["a list of mappings"]
    return ["a mapping of keys to values"]


def keys_in(annotation: Any) -> type[BaseModel] | None:
    """Return the keys that a value of a type, or each of its items, may have; None for plain
    values.
    """
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (keys_in(part) for part in get_args(annotation))
    return next((keys for keys in found if keys), None)
