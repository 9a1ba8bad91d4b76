"""Complete the currency settings of a mapping: the column with currencies, and exchange rates.

`currency: EUR` keeps the rows in euros; the header identifies the column of currencies. With
exchange rates, amounts in other currencies are converted at the rate of their day. Amounts in
different currencies are never added up.

Usage:
    from topheavy.mapping.currencies import with_currency
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from topheavy.mapping.errors import MappingError, nearest
from topheavy.mapping.keys import Currency, ExportMapping
from topheavy.mapping.macro_sql import Macros
from topheavy.mapping.name_hints import normalized

CURRENCY_WORDS = (
    *("currency", "waehrung", "wahrung", "devise", "monnaie", "moneda", "divisa", "moeda"),
    *("valuta", "munt", "curr", "ccy", "currencycode", "iso code"),
)
RATE_COLUMNS = ["date", "currency", "rate"]
LAST_DAY = date(9999, 12, 31)
# A currency, the first and last day of its rate, and the value of one unit.
Rate = tuple[str, str, str, str]


def with_currency(
    mapping: ExportMapping, headers: Mapping[str, Iterable[str]], folder: Path
) -> ExportMapping:
    """Return the mapping with its currency column, and with rates in place of their file.

    `headers` has the headers of the rows and of their orders, by block.
    """
    currency = mapping.currency
    if currency is None:
        return mapping
    whole = currency if isinstance(currency, Currency) else Currency(into=currency)
    if isinstance(currency, str):
        amount = mapping.roles("interactions").get("amount", "")
        found = ((block, currency_column(names, amount)) for block, names in headers.items())
        block, column = next((item for item in found if item[1]), ("", None))
        whole = whole.model_copy(update={"column": column, "from_": block} if column else {})
    if not whole.into:
        raise MappingError(
            "currency.into: missing; amounts in several currencies cannot be added up: name "
            "the one that counts, such as into: EUR, in a mapping for each, or add rates"
        )
    if whole.into not in known_codes():
        near = nearest(whole.into, known_codes()) or "; write it like EUR"
        raise MappingError(f"currency: '{whole.into}' is not an ISO 4217 code{near}")
    rates = read_rates(folder / whole.rates, whole.into) if whole.rates else ()
    return mapping.model_copy(update={"currency": whole}).resolving(rates=rates)


def known_codes() -> list[str]:
    """Return the currency codes that the build recognizes in amounts."""
    return list(Macros({}).value("currency_codes"))


def currency_column(header: Iterable[str], amount: str) -> str | None:
    """Return the column with the currency of an amount; of several, the one with a similar name."""
    found = [name for name in header if is_currency_header(name)]
    words = {*normalized(amount).split()}
    return max(found, key=lambda name: _likeness(name, words), default=None)


def _likeness(name: str, words: set[str]) -> tuple[int, int]:
    own = {*normalized(name).split()}
    return len(own & words), -len(own - words)


def is_currency_header(header: str) -> bool:
    name = normalized(header)
    return any(
        re.search(rf"\b{re.escape(word)}|{re.escape(word)}\b", name) for word in CURRENCY_WORDS
    )


def read_rates(path: Path, into: str) -> tuple[Rate, ...]:
    """Read the exchange rates of a file, each with the days on which it applies.

    A rate is the value of one unit of its currency in the currency of the mapping. It applies from
    its date until the next rate of the same currency.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text))
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"currency.rates: {path.name} cannot be read: {error}") from None
    if not rows or not {*RATE_COLUMNS} <= {*rows[0]}:
        raise MappingError(
            f"currency.rates: {path.name} must have the columns date, currency and rate, and rows"
        )
    dated: dict[str, dict[date, Decimal]] = {}
    for number, row in enumerate(rows, start=2):
        code, day, rate = _rate(path.name, number, row)
        if day in dated.setdefault(code, {}):
            raise MappingError(
                f"currency.rates: {path.name} line {number}: {code} has a rate on {day} already"
            )
        dated[code][day] = rate
    rates: list[Rate] = []
    for code, by_day in sorted(dated.items()):
        days = sorted(by_day)
        for day, following in zip(days, [*days[1:], LAST_DAY], strict=True):
            last = following if following == LAST_DAY else following - timedelta(days=1)
            rates.append((code, str(day), str(last), f"{by_day[day]:f}"))
    return tuple(rate for rate in rates if rate[0] != into)


def _rate(name: str, number: int, row: Mapping[str, str]) -> tuple[str, date, Decimal]:
    where = f"currency.rates: {name} line {number}"
    code = (row["currency"] or "").strip().upper()
    if code not in known_codes():
        raise MappingError(f"{where}: '{code}' is not an ISO 4217 code")
    try:
        day, rate = date.fromisoformat((row["date"] or "").strip()), Decimal(row["rate"] or "")
    except (ValueError, InvalidOperation):
        raise MappingError(f"{where}: needs a date such as 2024-01-31 and a number") from None
    if not 0 < rate < 10**9:
        raise MappingError(f"{where}: a rate must be above zero, not {rate}")
    return code, day, rate
