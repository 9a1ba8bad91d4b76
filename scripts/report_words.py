"""Numbers as people write them: 12,345 and 12.6 % and 0.034, with their intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import count

from babel.numbers import format_currency

NO_VALUE = "–"
# As many letters as an axis shows of a label, in the whole of the page and in half of it.
WIDE_LETTERS, HALF_LETTERS = 44, 20
NO_BREAK = "\N{NO-BREAK SPACE}"


def number(value: float | None, unit: str) -> str:
    """A value in its unit; an en dash where there is none."""
    if value is None:
        return NO_VALUE
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    return sign + _unsigned(abs(value), unit)


def _unsigned(value: float, unit: str) -> str:
    if unit == "share":
        return f"{_decimals(100 * value, 1, 0.1)}{NO_BREAK}%"
    if unit == "index":
        return _decimals(value, 3, 0.01)
    if unit.isupper():
        return _in_currency(value, unit)
    if unit == "money":
        return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:,.2f}"
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:,.1f}"


def _in_currency(value: float, code: str) -> str:
    """An amount with the sign of its currency, as English has it."""
    whole = value >= 1000 or value == int(value)
    pattern = "\N{CURRENCY SIGN}#,##0" if whole else "\N{CURRENCY SIGN}#,##0.00"
    text = str(format_currency(value, code, pattern, locale="en", currency_digits=False))
    # A sign stands at its number, a code apart from it.
    return text.replace(code, f"{code}{NO_BREAK}", 1)


def _decimals(value: float, places: int, small: float) -> str:
    """Fixed places, but two digits that say something where those would be mostly zeros."""
    if value == 0 or value >= small:
        return f"{value:,.{places}f}"
    return f"{float(f'{value:.2g}'):.10f}".rstrip("0").rstrip(".") or "0"


def signed(value: float | None, unit: str) -> str:
    """A difference, with its sign."""
    plus = "+" if value is not None and value > 0 else ""
    return plus + number(value, unit)


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


def unbroken(words: str) -> str:
    """No line ends between a number and its percent sign."""
    return words.replace(" %", f"{NO_BREAK}%")


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
