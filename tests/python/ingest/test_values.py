"""The macros for values give the right result for each text, tested in one session without dbt."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from topheavy.draft.time_formats import CLOCK_FORMATS, DATE_FORMATS
from topheavy.mapping.currencies import with_currency
from topheavy.mapping.errors import MappingError
from topheavy.mapping.macro_sql import Macros
from topheavy.mapping.reading import mapping_of_vars


def read(texts: list[str], macro: str = "parse_money", **block: Any) -> list[Any]:
    """Return what a macro reads from texts in a block of interactions."""
    sql = Macros({"interactions": block}).sql(macro, "text", "interactions")
    query = f"select {sql} from (select unnest(?) as text, unnest(?) as place) order by place"
    return [row[0] for row in duckdb.execute(query, [texts, [*range(len(texts))]]).fetchall()]


def number(text: str, **block: Any) -> Decimal | None:
    value = read([text], **block)[0]
    return None if value is None else Decimal(value).normalize()


MINUS_SIGNS = (
    "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u2212\u2796\ufe58\ufe63\uff0d"
)
APOSTROPHES = "'\u0060\u00b4\u02b9\u02bc\u2018\u2019\u201b\u2032\uff07"
BLANKS = " \u00a0\u1680\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u200b\u2060"


def test_blanks_are_those_of_unicode() -> None:
    """Those around a text do not count. Two of them have no width and are no spaces in Unicode."""
    spaces = {
        chr(code)
        for code in range(0x110000)
        if unicodedata.category(chr(code)) in ("Zs", "Zl", "Zp")
    }
    assert {*Macros({}).value("blanks")} == spaces | {*"\t\r\n\f\u200b\ufeff"}


@pytest.mark.parametrize("clock", [*CLOCK_FORMATS, "%-H:%M", "%-I:%M %p", "%T", "%X"])
def test_a_format_with_an_hour_has_a_time_of_day(clock: str) -> None:
    def answer(*formats: str) -> str:
        block = {"columns": {"time": "text"}, "time_formats": [*formats]}
        macros = Macros({"interactions": block})
        return macros.sql("has_time_of_day", "text", "interactions").strip()

    assert answer(f"%Y-%m-%d {clock}") == "true"
    assert answer(*DATE_FORMATS) == "false"
    assert "coalesce" in answer(f"%Y-%m-%d {clock}", "%Y-%m-%d")


def test_every_dash_is_a_minus_before_and_behind() -> None:
    texts = [f"{sign}{blank}12.50" for sign in MINUS_SIGNS for blank in ("", "\u2009")]
    texts += [f"12.50{sign}" for sign in MINUS_SIGNS]
    assert set(read(texts)) == {Decimal("-12.5000")}


def test_every_apostrophe_and_blank_separates_thousands() -> None:
    for block in ({}, {"thousands": ","}, {"thousands": " "}, {"thousands": "'"}):
        assert set(read([f"1{mark}234.50" for mark in APOSTROPHES + BLANKS], **block)) == {
            Decimal("1234.5000")
        }
    commas = read([f"-1{mark}234,50 €" for mark in APOSTROPHES + BLANKS], decimal=",")
    assert set(commas) == {Decimal("-1234.5000")}
    texts = ["1 234.50", "1\u2019234.50", "1234.50"]
    assert read(texts, thousands="") == [None, None, Decimal("1234.5")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$1,275", 1275),
        ("-$1,148", -1148),
        ("($1,045.50)", "-1045.5"),
        ("Rs. 1,23,456.50", "123456.5"),
        ("S/. 5", 5),
        ("5 Kč", 5),
        ("5 \u0440\u0443\u0431.", 5),
        ("US$ 5", 5),
        ("$5 USD", 5),
        ("100.00+", 100),
        ("49.—", 49),
        ("45.00 CR", -45),
        ("45.00 DR", 45),
        ("45 SCR", 45),
        ("\u202d1,234.50\u202c", "1234.5"),
    ],
)
def test_an_amount_with_its_currency_and_sign(text: str, value: object) -> None:
    assert number(text) == Decimal(str(value)).normalize()


@pytest.mark.parametrize(
    "text",
    [
        *("--5", "--$5", "- -5", "−−5", "+-5", "1.99 - 5.00", "12 34", "1,27", "5%", "free", "$"),
        # Three letters that are no currency never count as one, nor do two currencies together.
        *("abc 5", "5 pcs", "kg 5", "5 each", "12 Stk", "5 EUR USD"),
        # The meaning of these factors depends on the author.
        *("5m", "5 MM", "$1.2B", "3 mil", "5 billion"),
    ],
)
def test_texts_that_are_not_one_amount_give_none(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("5k", 5_000), ("2 Tsd.", 2_000), ("₹ 2.5 lakh", 250_000), ("1.5 crore", 15_000_000)),
        *(("1.5 Mio. €", 1_500_000), ("EUR 2 mln", 2_000_000), ("-3 Mrd", -3_000_000_000)),
    ],
)
def test_a_scale_word_is_read_in_full(text: str, value: int) -> None:
    assert number(text) == Decimal(value).normalize()


def test_cr_means_credit_unless_the_mapping_says_crore() -> None:
    assert number("5 Cr") == -5
    assert number("5 Cr", cr="crore") == Decimal(50_000_000).normalize()


def test_no_letter_or_currency_sign_counts_as_something_else() -> None:
    """The class is a list of ranges; every character of Unicode has a category."""
    said = {chr(code): unicodedata.category(chr(code)) for code in range(1, 0x110000)}
    letters = "".join(it for it, kind in said.items() if kind[0] in "LM" or kind == "Sc")
    others = "".join(it for it, kind in said.items() if kind[0] == "Z" or kind == "Nd")
    others += "".join(it for it in map(chr, range(1, 128)) if it not in letters)
    pattern = Macros({}).value("no_letters").replace("'", "''")
    left = duckdb.execute(
        f"select regexp_replace(unnest(?), '[{pattern}]', '', 'g')", [[letters, others]]
    )
    assert left.fetchall() == [(letters,), ("",)]


def test_a_word_beside_digits_of_other_scripts_is_no_amount() -> None:
    assert read(["5 \u0661\u0662", "5\u00bd", "5 \U0001f600", "5\u2122", "5 \u2167"]) == [None] * 5


def test_a_scale_word_of_several_meanings_is_named() -> None:
    sql = Macros({}).sql("has_unclear_scale", "text")
    query = f"select text from (select unnest(?) as text) where {sql} order by text"
    texts = ["5m", "5 MM", "5k", "5 EUR", "5 Mio"]
    assert duckdb.execute(query, [texts]).fetchall() == [("5 MM",), ("5m",)]


def test_either_decimal_mark_reads_each_number_by_itself() -> None:
    texts = ["1,234.50", "1.234,50", "1.250", "1,250", "14,99", "1.5", "0.125", "1.250.000"]
    assert read(texts, decimal="either") == [
        Decimal(value)
        for value in ("1234.5", "1234.5", "1250", "1250", "14.99", "1.5", "0.125", "1250000")
    ]
    assert read(["1.250", "1,250"]) == [Decimal("1.25"), Decimal(1250)]


def test_the_digits_of_a_float_are_not_decimals_of_money() -> None:
    sql = Macros({}).sql("has_more_decimals", "text")
    texts = {"1.00005": True, "0.30000000000000004": False, "5.551115123125783e-17": False}
    for text, expected in texts.items():
        assert duckdb.execute(f"select {sql} from (select ? as text)", [text]).fetchall() == [
            (expected,)
        ]


def test_a_currency_has_one_code_however_it_is_spelt() -> None:
    texts = ["5 €", "EUR 5", "5 euro", "£5", "-$5", "Rs. 5", "5 zł", "R$ 5", "5", "-5.00"]
    codes = ["EUR", "EUR", "EUR", "GBP", "USD", "INR", "PLN", "BRL", None, None]
    assert read(texts, "currency_of_amount") == codes
    sql = Macros({"currency": "CAD"}).sql("currency_of_amount", "text", "interactions")
    found = duckdb.execute(f"select {sql} from (select '$5' as text)").fetchall()
    assert found == [("CAD",)]


@pytest.mark.parametrize(
    ("text", "time_format", "stamp"),
    [
        ("12. März 2024", "%d. %B %Y", "2024-03-12"),
        ("3 janv. 2024", "%d %b %Y", "2024-01-03"),
        ("1 FÉVRIER 2024", "%d %B %Y", "2024-02-01"),
        ("12 de dezembro de 2024", "%d de %B de %Y", "2024-12-12"),
        ("2 mag 2024", "%d %b %Y", "2024-05-02"),
        ("5 okt. 2024", "%d %b %Y", "2024-10-05"),
        ("1 ago 2024", "%d %b %Y", "2024-08-01"),
        ("May 5, 2024", "%B %d, %Y", "2024-05-05"),
        ("45292", "excel_serial", "2024-01-01"),
        ("45292,75", "excel_serial", "2024-01-01 18:00:00"),
        ("7", "excel_serial", None),
        ("2024-01-31 10:00:00 +0200", "%Y-%m-%d %H:%M:%S %z", "2024-01-31 08:00:00"),
    ],
)
def test_a_time_by_its_format(text: str, time_format: str, stamp: str | None) -> None:
    sql = Macros({}).sql("read_time", "text", time_format)
    query = f"select cast({sql} as varchar), cast(cast(? as timestamp) as varchar)"
    found, expected = duckdb.execute(f"{query} from (select ? as text)", [stamp, text]).fetchall()[
        0
    ]
    assert found == expected


def test_an_amount_for_people_has_its_currency() -> None:
    for mapping, words in (({"currency": "EUR"}, "1,235 EUR"), ({}, "1,235")):
        sql = Macros(mapping).sql("amount_words", "measure", "value")
        values = "(values ('revenue', 1234.5), ('purchases', 7)) as t (measure, value)"
        found = duckdb.execute(f"select {sql} from {values}").fetchall()
        assert [row[0] for row in found] == [words, "7"]


PAID: dict[str, Any] = {"interactions": {"columns": {"amount": "paid"}}}


def test_rates_hold_until_the_next(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(
        "date,currency,rate\n2024-02-01,USD,0.9\n2024-01-01,USD,0.8\n2024-01-01,EUR,1\n"
    )
    said = {"column": "Currency", "rates": "rates.csv", "into": "EUR"}
    headers = {"interactions": ["Currency"]}
    found = with_currency(mapping_of_vars(PAID | {"currency": said}), headers, tmp_path)
    assert found.as_vars()["currency"]["rates"] == [
        ["USD", "2024-01-01", "2024-01-31", "0.8"],
        ["USD", "2024-02-01", "9999-12-31", "0.9"],
    ]
    (tmp_path / "rates.csv").write_text("date,currency,rate\n2024-02-01,XYZ,0.9\n")
    with pytest.raises(MappingError, match=r"rates\.csv line 2: 'XYZ' is not an ISO 4217 code"):
        with_currency(mapping_of_vars(PAID | {"currency": said}), headers, tmp_path)


def test_the_column_of_a_currency_is_the_one_named_like_the_amount(tmp_path: Path) -> None:
    header = ["Amount", "Currency", "Converted Amount", "Converted Currency"]
    for amount, column in {"Amount": "Currency", "Converted Amount": "Converted Currency"}.items():
        mapping = mapping_of_vars(
            {"currency": "EUR", "interactions": {"columns": {"amount": amount}}}
        )
        found = with_currency(mapping, {"interactions": header}, tmp_path)
        assert found.as_vars()["currency"] == {
            "into": "EUR",
            "column": column,
            "from": "interactions",
        }
    headers = {"interactions": ["paid"], "orders": ["Currency"]}
    found = with_currency(mapping_of_vars(PAID | {"currency": "EUR"}), headers, tmp_path)
    assert found.as_vars()["currency"] == {
        "into": "EUR",
        "column": "Currency",
        "from": "orders",
    }
