"""Format numbers for people: 12,345 and 12.6% and 0.034."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import count

from babel.numbers import format_currency

NO_VALUE = "–"
# The number of letters of a label that an axis shows, at full and half width of the page.
WIDE_LETTERS, HALF_LETTERS = 44, 20
# The same for a name that lists conditions.
LONG_LETTERS = 75
NO_BREAK = "\N{NO-BREAK SPACE}"
# The largest number of decimal places in a column of numbers.
MOST_PLACES = 5


def number(value: float | None, unit: str, places: int | None = None) -> str:
    """Return a value in its unit, or an en dash for NULL; a column shares its decimal places."""
    if value is None:
        return NO_VALUE
    shown = places_of([value], unit) if places is None else places
    sign = "\N{MINUS SIGN}" if value < 0 and _is_shown(value, unit, shown) else ""
    return sign + _unsigned(abs(value), unit, shown)


def numbers(values: Sequence[float | None], unit: str) -> list[str]:
    """Return the values of a column, all with the same number of decimal places."""
    places = places_of(values, unit)
    return [number(value, unit, places) for value in values]


def places_of(values: Sequence[float | None], unit: str) -> int:
    """Return the decimal places that distinguish values from each other and from zero."""
    sizes = [abs(value) for value in values if value]
    if unit == "share":
        return _few_places([100 * size for size in sizes], 1, 0.1)
    if unit == "index":
        return _few_places(sizes, 3, 0.01)
    if max(sizes, default=0) >= 1000 or all(size == int(size) for size in sizes):
        return 0
    return 2 if unit == "money" or unit.isupper() else 1


def _few_places(sizes: Sequence[float], places: int, small: float) -> int:
    """Return a few decimal places, or more if those would be mostly zeros.

    A single value gets two significant digits, and the smallest of several gets one.
    """
    digits = 2 if len(sizes) == 1 else 1
    small_ones = [f"{float(f'{size:.{digits}g}'):.10f}" for size in sizes if size < small]
    needed = [len(text.rstrip("0").partition(".")[2]) for text in small_ones]
    # Beside a large value, a tiny one is practically zero.
    most = MOST_PLACES if max(sizes, default=0) >= small else 10
    return min(max([places, *needed]), most)


def _unsigned(value: float, unit: str, places: int) -> str:
    if unit == "share":
        return f"{100 * value:,.{places}f}%"
    if unit.isupper():
        return _in_currency(value, unit, places)
    return f"{value:,.{places}f}"


def _in_currency(value: float, code: str, places: int) -> str:
    """Return an amount with the symbol of its currency, in English notation."""
    pattern = "\N{CURRENCY SIGN}#,##0" + ("." + "0" * places if places else "")
    text = str(format_currency(value, code, pattern, locale="en", currency_digits=False))
    # A symbol precedes the number directly; a code is separated from it.
    return text.replace(code, f"{code}{NO_BREAK}", 1)


def signed(value: float | None, unit: str, places: int | None = None) -> str:
    """Return a difference with its sign."""
    if value is None or value <= 0:
        return number(value, unit, places)
    shown = places_of([value], unit) if places is None else places
    return ("+" if _is_shown(value, unit, shown) else "") + number(value, unit, shown)


def _is_shown(value: float, unit: str, places: int) -> bool:
    """Return whether a value differs from 0 in the decimal places that are shown."""
    return round(abs(value) * (100 if unit == "share" else 1), places) > 0


def counted(count: int, noun: str) -> str:
    """Return 1 row, 2 rows, 0 rows."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def count_of(count: int, one: str, many: str) -> str:
    """Return 1 limit, 2 limits, no limit."""
    return f"{count or 'no'} {one if count < 2 else many}"


def listed(words: Sequence[str]) -> str:
    """Return a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def plural(noun: str) -> str:
    """Return the plural of a label: customers, categories, cities; other words stay unchanged if
    unsure.
    """
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return noun if noun.endswith("s") else f"{noun}s"


def capitalized(words: str) -> str:
    """Capitalize the first letter."""
    return words[:1].upper() + words[1:]


def named(kind: str, label: str) -> str:
    """Return Customer 1469, but Category: Home: a number alone does not say what it is."""
    return f"{kind} {label}" if label[:1].isdigit() else f"{kind}: {label}"


def distinct(labels: Sequence[str], letters: int = WIDE_LETTERS) -> list[str]:
    """Return labels that stay distinct on an axis even if they are cut.

    Long labels with the same beginning lose their middle, because their ends differ; if two still
    look the same, the second gets a number.
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
