"""Numbers as people write them: 12,345 and 12.6% and 0.034."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import count

from babel.numbers import format_currency

NO_VALUE = "–"
# As many letters as an axis shows of a label, in the whole of the page and in half of it.
WIDE_LETTERS, HALF_LETTERS = 44, 20
# What it shows of a name that lists conditions.
LONG_LETTERS = 75
NO_BREAK = "\N{NO-BREAK SPACE}"
# A column of numbers has no more places than this.
MOST_PLACES = 5


def number(value: float | None, unit: str, places: int | None = None) -> str:
    """A value in its unit; an en dash where there is none. Those of a column share their places."""
    if value is None:
        return NO_VALUE
    shown = places_of([value], unit) if places is None else places
    sign = "\N{MINUS SIGN}" if value < 0 and _is_shown(value, unit, shown) else ""
    return sign + _unsigned(abs(value), unit, shown)


def numbers(values: Sequence[float | None], unit: str) -> list[str]:
    """Values that stand below each other, with as many places each."""
    places = places_of(values, unit)
    return [number(value, unit, places) for value in values]


def places_of(values: Sequence[float | None], unit: str) -> int:
    """The places that values need to be told apart from each other and from nothing."""
    sizes = [abs(value) for value in values if value]
    if unit == "share":
        return _few_places([100 * size for size in sizes], 1, 0.1)
    if unit == "index":
        return _few_places(sizes, 3, 0.01)
    if max(sizes, default=0) >= 1000 or all(size == int(size) for size in sizes):
        return 0
    return 2 if unit == "money" or unit.isupper() else 1


def _few_places(sizes: Sequence[float], places: int, small: float) -> int:
    """Some places, and more where those would be mostly zeros: two digits for a single value, one
    for the smallest of several."""
    digits = 2 if len(sizes) == 1 else 1
    small_ones = [f"{float(f'{size:.{digits}g}'):.10f}" for size in sizes if size < small]
    needed = [len(text.rstrip("0").partition(".")[2]) for text in small_ones]
    # Beside something large, what is tiny is all but nothing.
    most = MOST_PLACES if max(sizes, default=0) >= small else 10
    return min(max([places, *needed]), most)


def _unsigned(value: float, unit: str, places: int) -> str:
    if unit == "share":
        return f"{100 * value:,.{places}f}%"
    if unit.isupper():
        return _in_currency(value, unit, places)
    return f"{value:,.{places}f}"


def _in_currency(value: float, code: str, places: int) -> str:
    """An amount with the sign of its currency, as English has it."""
    pattern = "\N{CURRENCY SIGN}#,##0" + ("." + "0" * places if places else "")
    text = str(format_currency(value, code, pattern, locale="en", currency_digits=False))
    # A sign stands at its number, a code apart from it.
    return text.replace(code, f"{code}{NO_BREAK}", 1)


def signed(value: float | None, unit: str, places: int | None = None) -> str:
    """A difference, with its sign."""
    if value is None or value <= 0:
        return number(value, unit, places)
    shown = places_of([value], unit) if places is None else places
    return ("+" if _is_shown(value, unit, shown) else "") + number(value, unit, shown)


def _is_shown(value: float, unit: str, places: int) -> bool:
    """Whether a value differs from 0 in the places that are shown."""
    return round(abs(value) * (100 if unit == "share" else 1), places) > 0


def count_of(count: int, one: str, many: str) -> str:
    """1 limit, 2 limits, no limit."""
    return f"{count or 'no'} {one if count < 2 else many}"


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def plural(noun: str) -> str:
    """The plural of a dimension's label: customers, categories, cities; other words stay safe."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return noun if noun.endswith("s") else f"{noun}s"


def sentence(words: str) -> str:
    """The first letter as a sentence starts."""
    return words[:1].upper() + words[1:]


def named(kind: str, label: str) -> str:
    """Customer 1469, but Category: Home: a number alone says nothing of what it is."""
    return f"{kind} {label}" if label[:1].isdigit() else f"{kind}: {label}"


def distinct(labels: Sequence[str], letters: int = WIDE_LETTERS) -> list[str]:
    """Labels that an axis keeps apart, even where it cuts them.

    Of long ones that begin alike the middle is left out, as their ends tell them apart; of two
    that still read the same, the second has its number.
    """
    beginnings = Counter(label[:letters] for label in labels)
    half = letters // 2 - 1
    unlike: dict[str, None] = {}
    for label in labels:
        alike = len(label) > letters and beginnings[label[:letters]] > 1
        short = f"{label[:half]}…{label[-half:]}" if alike else label
        numbered = (f"{short} ({place})" for place in count(2))
        unlike[
            short if short not in unlike else next(it for it in numbered if it not in unlike)
        ] = None
    return list(unlike)
