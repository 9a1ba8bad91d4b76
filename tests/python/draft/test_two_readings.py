"""A draft asks about files that can be read in two ways, with both totals and a key for each
answer.

Each kind has an export here, and one of its answers gives the right total. Shared cases are also
tested if they are beside the checkout.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import SHARED

from topheavy.build.open_questions import open_questions
from topheavy.draft.from_files import answered
from topheavy.draft.propose import Draft, draft_of, headed
from topheavy.draft.questions import Answer, Question, numbered, with_setting
from topheavy.mapping.errors import MappingError
from topheavy.mapping.keys import AMBIGUITIES
from topheavy.mapping.reading import read_export

Row = Sequence[object]


def saved(folder: Path, header: Row, rows: Sequence[Row]) -> Path:
    path = folder / "export.csv"
    lines = [",".join(map(str, row)) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def day(number: int) -> str:
    return f"2024-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"


def orders(count: int = 12) -> list[tuple[int, int]]:
    """Return orders of one to three lines, with the number of the order and of the line."""
    return [(order, line) for order in range(count) for line in range(order % 3 + 1)]


CUSTOMERS = ("Ada", "Ben", "Cem", "Dora", "Eve")

# The header, the rows, the question's name, its totals, and the answer's settings.
KINDS: dict[str, tuple[Row, list[Row], str, list[str], dict[str, Any]]] = {
    "the amount of an invoice on each of its lines": (
        ("Invoice", "Date", "Customer", "Article", "Amount"),
        [
            (f"I{order}", day(order), CUSTOMERS[order % 5], f"A{line}", f"{100 + order * 7}.00")
            for order, line in orders()
        ],
        "same_amount_per_order",
        ["3,380.00", "1,662.00"],
        {
            "interactions.columns.amount": {"column": "Amount", "once_per": "order"},
        },
    ),
    "a transaction that comes twice, seconds apart": (
        ("Transaction ID", "Time", "Customer", "Amount"),
        [
            (
                f"T{number}",
                f"{day(number)} 10:00:0{again}",
                CUSTOMERS[number % 5],
                f"{number + 1}.50",
            )
            for number in range(20)
            for again in range(2 if number in (3, 9, 15) else 1)
        ],
        "repeated_orders",
        ["251.50", "220.00"],
        {"duplicates": {"by": "order"}},
    ),
    "whole orders that are sent twice": (
        ("Order", "Time", "Customer", "Article", "Amount"),
        [
            (
                f"O{order}",
                f"{day(order)} 10:00:0{again}",
                CUSTOMERS[order % 5],
                f"A{line}",
                f"{10 + order + line}.00",
            )
            for order in range(12)
            for again in range(2 if order in (2, 5, 7) else 1)
            for line in range(order % 3 + 1)
        ],
        "repeated_orders",
        ["518.00", "396.00"],
        {"duplicates": {"by": ["order", "product", "amount"]}},
    ),
    "an amount on the first line of an order": (
        ("Order", "Date", "Customer", "Article", "Total"),
        [
            (
                f"O{order}",
                day(order),
                CUSTOMERS[order % 5],
                f"A{line}",
                "" if line else f"{10 + order}.00",
            )
            for order, line in orders()
        ],
        "order_amounts_once",
        ["186.00"],
        {
            "interactions.leave_out": [
                {"column": "Total", "values": [""], "reason": "line_of_an_order"}
            ]
        },
    ),
    "fees among the sales": (
        ("Date", "Customer", "Amount description", "Amount"),
        [
            (day(number), CUSTOMERS[number % 5], *amount)
            for number in range(6)
            for amount in (("Principal", "8.00"), ("Sales tax", "2.00"), ("Commission", "-1.00"))
        ],
        "fees_and_payouts",
        ["54.00", "48.00"],
        {
            "interactions.leave_out": [
                {
                    "column": "Amount description",
                    "values": ["Commission", "Sales tax"],
                    "reason": "no_sale",
                }
            ]
        },
    ),
    "what was paid back, beside the amount": (
        ("Created", "Customer", "Amount", "Amount Refunded"),
        [
            (day(number), CUSTOMERS[number % 5], "8.00", "4.00" if number % 6 == 0 else "0.00")
            for number in range(12)
        ],
        "refunded_amounts",
        ["96.00", "88.00"],
        {"interactions.columns.amount": {"in": "Amount", "out": "Amount Refunded"}},
    ),
    "a status on the first line of an order": (
        ("Order", "Date", "Customer", "Status", "Amount"),
        [
            (
                f"O{order}",
                day(order),
                CUSTOMERS[order % 5],
                "" if line else ("cancelled" if order == 5 else "paid"),
                f"{10 + order + line}.00",
            )
            for order, line in orders()
        ],
        "first_line_fields",
        ["15.00", "48.00"],
        {"interactions.fill_down": ["Status"]},
    ),
    "lines that continue the order above": (
        ("Order", "Date", "Customer", "Article", "Amount"),
        [
            (
                "" if line else f"O{order}",
                "" if line else day(order),
                "" if line else CUSTOMERS[order % 5],
                f"A{line}",
                f"{10 + order}.00",
            )
            for order, line in orders()
        ],
        "continuation_lines",
        ["194.00", "380.00"],
        {
            "interactions.fill_down": ["Order", "Date", "Customer"],
            "interactions.columns.order": "Order",
        },
    ),
    "customers as headings": (
        ("Client name", "Date", "Article", "Amount"),
        [
            row
            for number, name in enumerate(CUSTOMERS)
            for row in [
                (name, "", "", ""),
                *(("", day(number * 3 + line), f"A{line}", f"{line + 1}.00") for line in range(3)),
            ]
        ],
        "heading_rows",
        [],
        {
            "interactions.columns.customer": "Client name",
            "interactions.fill_down": [{"column": "Client name", "within": "file"}],
        },
    ),
    "a row that adds up the lines of its order": (
        ("Order", "Date", "Customer", "Item", "Amount"),
        [
            row
            for order in range(6)
            for lines in [order % 3 + 1]
            for row in [
                *(
                    [(f"O{order}", day(order), CUSTOMERS[order % 5], "", f"{lines * 10 + 3}.00")]
                    if lines > 1
                    else []
                ),
                *(
                    (f"O{order}", day(order), CUSTOMERS[order % 5], f"A{line}", amount)
                    for line, amount in enumerate(
                        ["10.00"] * (lines - 1) + ["13.00" if lines > 1 else "9.00"]
                    )
                ),
            ]
        ],
        "summary_rows",
        ["242.00", "130.00"],
        {"interactions.leave_out": [{"column": "Item", "values": [""], "reason": "summary_row"}]},
    ),
    "totals with a date": (
        ("Datum", "Kunde", "Betrag"),
        [
            row
            for month in (1, 2, 3)
            for row in [
                *((f"2024-0{month}-{line + 1:02}", CUSTOMERS[line], "10.00") for line in range(4)),
                (f"2024-0{month}-28", "Zwischensumme", "40.00"),
            ]
        ],
        "total_rows",
        ["240.00", "120.00"],
        {
            "interactions.leave_out": [
                {"column": "Kunde", "values": ["Zwischensumme"], "reason": "total_row"}
            ]
        },
    ),
    "a total without a word": (
        ("Date", "Customer", "Amount"),
        [
            *((day(number), CUSTOMERS[number % 5], f"{number + 1}.00") for number in range(10)),
            (day(10), "", "55.00"),
        ],
        "total_rows",
        ["110.00", "55.00"],
        {"interactions.leave_out": [{"column": "Customer", "values": [""], "reason": "total_row"}]},
    ),
    "headers of joined files": (
        ("Date", "Customer", "Amount"),
        [
            *((day(number), CUSTOMERS[number % 5], "5.00") for number in range(9)),
            ("Date", "Customer", "Amount"),
            *((day(number), CUSTOMERS[number % 5], "5.00") for number in range(9)),
        ],
        "repeated_headers",
        [],
        {
            "interactions.leave_out": [
                {"column": "Date", "values": ["Date"], "reason": "repeated_header"}
            ]
        },
    ),
    "footers of pages": (
        ("Date", "Customer", "Amount"),
        [
            *((day(number), CUSTOMERS[number % 5], "5.00") for number in range(9)),
            ("", "Page 1 of 2", ""),
            *((day(number), CUSTOMERS[number % 5], "5.00") for number in range(9)),
            ("", "Page 2 of 2", ""),
        ],
        "footer_rows",
        [],
        {"interactions.leave_out": [{"column": "Date", "values": [""], "reason": "footer_row"}]},
    ),
    "debit and credit in a column": (
        ("Datum", "Kunde", "S/H", "Betrag"),
        [
            (day(number), CUSTOMERS[number % 5], "S" if number % 4 == 0 else "H", "8.00")
            for number in range(12)
        ],
        "debit_or_credit",
        ["96.00", "48.00"],
        {"interactions.sign": {"column": "S/H", "negative": ["S"]}},
    ),
    "money in and out in two columns": (
        ("Date", "Payee", "Paid out", "Paid in"),
        [
            (day(number), CUSTOMERS[number % 5], *(("4.00", "") if number % 3 else ("", "16.00")))
            for number in range(12)
        ],
        "money_in_and_out",
        ["64.00", "32.00"],
        {"interactions.columns.amount": {"in": "Paid in", "out": "Paid out"}},
    ),
    "spending below zero": (
        ("Date", "Merchant", "Amount"),
        [(day(number), CUSTOMERS[number % 5], f"-{number + 1}.00") for number in range(8)],
        "amounts_below_zero",
        ["-36.00", "36.00"],
        {"interactions.sign": "reversed"},
    ),
    "credit memos": (
        ("Date", "Customer", "Transaction type", "Amount"),
        [
            (
                day(number),
                CUSTOMERS[number % 5],
                "Credit Memo" if number % 6 == 0 else "Invoice",
                "-2.00" if number % 6 == 0 else "8.00",
            )
            for number in range(12)
        ],
        "types_of_returns",
        ["80.00", "76.00"],
        {"interaction_types.return": ["Credit Memo"]},
    ),
    "orders that came back": (
        ("Datum", "Kunde", "Status", "Betrag"),
        [
            (day(number), CUSTOMERS[number % 5], "retourniert" if number == 7 else "ok", "8.00")
            for number in range(12)
        ],
        "states_of_returns",
        ["96.00", "88.00", "80.00"],
        {
            "interactions.leave_out": [
                {"column": "Status", "values": ["retourniert"], "reason": "returned"}
            ]
        },
    ),
}


# Variants of the same kinds: the header, the rows, the question, and one of its totals.
SHAPES: dict[str, tuple[Row, list[Row], str, str]] = {
    "totals that a name begins": (
        ("Customer", "Date", "Amount"),
        [
            row
            for name in CUSTOMERS
            for row in [
                *((name, day(line), "5.00") for line in range(3)),
                (f"{name} Total", day(9), "15.00"),
            ]
        ],
        "total_rows",
        "75.00",
    ),
    "an opening balance": (
        ("Date", "Description", "Amount"),
        [
            (day(0), "Opening balance", "500.00"),
            *((day(number), CUSTOMERS[number % 5], "5.00") for number in range(12)),
        ],
        "total_rows",
        "60.00",
    ),
    "a sign in a column of its own": (
        ("Datum", "Kunde", "Vorzeichen", "Betrag"),
        [
            (day(number), CUSTOMERS[number % 5], "+-"[number % 3 == 0], "8.00")
            for number in range(12)
        ],
        "debit_or_credit",
        "32.00",
    ),
    "the codes of bank messages": (
        ("BookgDt", "Customer", "Amount", "CdtDbtInd"),
        [
            (day(number), CUSTOMERS[number % 5], "8.00", ("CRDT", "DBIT")[number % 3 == 0])
            for number in range(12)
        ],
        "debit_or_credit",
        "32.00",
    ),
    "a flag": (
        ("Zeitpunkt", "Kunde", "Umsatz", "Storniert"),
        [
            (day(number), CUSTOMERS[number % 5], "8.00", ("nein", "ja")[number == 7])
            for number in range(12)
        ],
        "states_of_returns",
        "88.00",
    ),
    "a state with a prefix": (
        ("Date", "Customer", "Amount", "Order status"),
        [
            (
                day(number),
                CUSTOMERS[number % 5],
                "8.00",
                ("wc-completed", "wc-refunded")[number == 7],
            )
            for number in range(12)
        ],
        "states_of_returns",
        "88.00",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_other_shapes_of_a_kind_are_asked_about(tmp_path: Path, shape: str) -> None:
    header, rows, name, total = SHAPES[shape]
    draft = draft_of([saved(tmp_path, header, rows)], "shop", tmp_path)
    words = [answer.words for answer in asked(draft, name).answers]
    assert any(total in text for text in words), words


def test_rows_in_two_files_are_asked_about(tmp_path: Path) -> None:
    rows = [(day(number), CUSTOMERS[number % 5], f"{number + 1}.50") for number in range(20)]
    for name, some in (("a", rows[:12]), ("b", rows[8:])):
        saved(tmp_path, ("Date", "Customer", "Amount"), some).rename(tmp_path / f"{name}.csv")
    draft = draft_of(sorted(tmp_path.glob("*.csv")), "shop", tmp_path)
    question = asked(draft, "repeated_rows")
    assert "a.csv and b.csv" in question.text
    assert [answer.words[-6:] for answer in question.answers] == ["220.00", "264.00"]


def test_a_header_of_one_file_may_be_that_of_the_others(tmp_path: Path) -> None:
    for number, header in enumerate(("Client", "Customer", "Customer")):
        rows = [(day(number), CUSTOMERS[row % 5], f"{row + 1}.50") for row in range(9)]
        saved(tmp_path, ("Date", header, "Amount"), rows).rename(tmp_path / f"{number}.csv")
    draft = draft_of(sorted(tmp_path.glob("*.csv")), "shop", tmp_path)
    (question,) = (
        item for item in draft.questions if "have no" in item.text or "has no" in item.text
    )
    text, left = answered(draft.text, [question], always("a"), lambda _: None)
    mapping = yaml.safe_load(text)["interactions"]
    names = {mapping["columns"]["customer"], *mapping["aliases"][mapping["columns"]["customer"]]}
    assert (names, left) == ({"Client", "Customer"}, [])


NO_DATES = {
    "03 Jan": "has no year",
    "03.01.": "has no year",
    "1704067200": "has seconds since 1970",
    "1704067200000": "has milliseconds since 1970",
    "2024-01": "has no day",
    "Jan 2024": "has no day",
    "########": "has what Excel shows of dates in a narrow column",
}


@pytest.mark.parametrize("text", NO_DATES)
def test_values_that_are_not_dates_are_reported(tmp_path: Path, text: str) -> None:
    rows = [(text, CUSTOMERS[number % 5], f"{number + 1}.50") for number in range(9)]
    draft = draft_of([saved(tmp_path, ("Date", "Customer", "Amount"), rows)], "shop", tmp_path)
    said = [question.text for question in draft.questions]
    assert any(f"'Date', such as {text}, {NO_DATES[text]}" in words for words in said), said


def test_a_table_of_months_is_refused(tmp_path: Path) -> None:
    months = [f"{month:02}/2024" for month in range(1, 13)]
    path = saved(tmp_path, ("Customer", *months), [("Ada", *(["8.00"] * 12))])
    with pytest.raises(MappingError, match="a column for each of 12 periods, 01/2024 to 12/2024"):
        draft_of([path], "shop", tmp_path)


def test_a_line_of_notes_above_the_header_is_skipped(tmp_path: Path) -> None:
    rows = [(day(number), CUSTOMERS[number % 5], "8.00") for number in range(9)]
    path = saved(tmp_path, ("Date", "Customer", "Amount"), rows)
    path.write_text("EXTF,700,21,5,2024,1,1,0\n" + path.read_text())
    mapping = yaml.safe_load(draft_of([path], "shop", tmp_path).text)["interactions"]
    assert (mapping["skip_lines"], mapping["columns"]["amount"]) == (1, "Amount")


def test_currencies_of_an_orders_file_are_those_of_its_lines(tmp_path: Path) -> None:
    saved(
        tmp_path,
        ("order_id", "order_date", "customer_id", "currency"),
        [(f"O{n}", day(n), CUSTOMERS[n % 5], ("EUR", "USD")[n % 4 == 0]) for n in range(12)],
    ).rename(tmp_path / "orders.csv")
    saved(
        tmp_path,
        ("order_id", "product_id", "line_total"),
        [(f"O{n}", f"P{line}", "8.00") for n in range(12) for line in range(2)],
    ).rename(tmp_path / "lines.csv")
    files = sorted(tmp_path.glob("*.csv"))
    draft = draft_of(files, "shop", tmp_path)
    question = asked(draft, "currencies")
    assert "EUR (18 rows, 144.00), USD (6 rows, 48.00)" in question.text
    assert question.answers[0].settings == (
        (("currency",), {"column": "currency", "from": "orders", "into": "EUR"}),
    )
    path = tmp_path / "shop.yml"
    path.write_text(draft.text, encoding="utf-8")
    mapping, known = read_export(path, tmp_path, {})
    assert [item.name for item in open_questions(mapping, known)] == ["currencies"]
    path.write_text(answered(draft.text, [question], always("a"), lambda _: None)[0])
    assert open_questions(*read_export(path, tmp_path, {})) == []


def asked(draft: Draft, name: str) -> Question:
    found = [question for question in draft.questions if question.name == name]
    assert len(found) == 1, "\n".join(numbered(draft.questions))
    return found[0]


def always(letter: str) -> Callable[[str], str]:
    """Return a person who gives the same answer to every question."""
    return lambda _: letter


@pytest.fixture(scope="module", params=KINDS)
def drafted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, Draft]:
    """A kind of export, the folder with its file, and the draft."""
    header, rows, *_ = KINDS[request.param]
    folder = tmp_path_factory.mktemp("kind")
    return request.param, folder, draft_of([saved(folder, header, rows)], "shop", folder)


def test_both_readings_are_asked_about_and_answered_by_a_key(
    drafted: tuple[str, Path, Draft],
) -> None:
    kind, folder, draft = drafted
    _, _, name, totals, settings = KINDS[kind]
    question = asked(draft, name)
    said = " ".join((question.text, *(answer.words for answer in question.answers)))
    assert [total for total in totals if total not in said] == [], said
    written = {".".join(path): value for path, value in question.answers[0].settings}
    assert {key: value for key, value in written.items() if value is not None} == settings
    # Each answer leaves a valid mapping in which the question is closed.
    for letter, _ in zip("abcdef", question.answers, strict=False):
        others = [other for other in draft.questions if other is not question]
        text, left = answered(draft.text, [question], always(letter), lambda _: None)
        assert left == []
        for other in others:
            text, _ = answered(text, [other], lambda _: "a", lambda _: None)
        path = folder / "shop.yml"
        path.write_text(text, encoding="utf-8")
        mapping, files = read_export(path, folder, {})
        assert name not in {item.name for item in open_questions(mapping, files)}


def test_a_build_warns_where_a_mapping_leaves_it_open(drafted: tuple[str, Path, Draft]) -> None:
    kind, folder, draft = drafted
    name, text = KINDS[kind][2], draft.text
    for other in (other for other in draft.questions if other.name != name and other.answers):
        last = "abcdefghij"[len(other.answers) - 1]
        text, _ = answered(text, [other], always(last), lambda _: None)
    if name == "money_in_and_out":
        text = with_setting(text, ("interactions", "columns", "amount"), "Paid in")
    path = folder / "shop.yml"
    path.write_text(text, encoding="utf-8")
    mapping, files = read_export(path, folder, {})
    found = {question.name: question for question in open_questions(mapping, files)}
    assert found[name].count > 0


def test_every_kind_that_a_mapping_can_accept_is_tried() -> None:
    tried = {name for _, _, name, _, _ in KINDS.values()}
    # Tests of numbers and currencies cover the other cases.
    assert tried == {*AMBIGUITIES} - {
        *("number_formats", "currencies", "conversion_rows", "repeated_rows")
    }


PLAIN: dict[str, tuple[Row, list[Row]]] = {
    "lines of orders with amounts of their own": (
        ("Order", "Date", "Customer", "Article", "Amount"),
        [
            (f"O{order}", day(order), CUSTOMERS[order % 5], f"A{line}", f"{order * 3 + line}.50")
            for order, line in orders()
        ],
    ),
    "a shop that is called Total": (
        ("Date", "Customer", "Amount"),
        [
            (day(number), ("Total Wine", "Summer Inc", "Ada")[number % 3], f"{number + 1}.25")
            for number in range(12)
        ],
    ),
    "payments by debit and credit card": (
        ("Date", "Customer", "Amount", "Payment method"),
        [
            (day(number), CUSTOMERS[number % 5], f"{number + 1}.25", ("Card", "Cash")[number % 2])
            for number in range(12)
        ],
    ),
    "returns with a minus": (
        ("Date", "Customer", "Event type", "Amount"),
        [
            (
                day(number),
                CUSTOMERS[number % 5],
                *(("Refund", "-3.00") if number % 5 == 0 else ("Sale", "8.00")),
            )
            for number in range(12)
        ],
    ),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_unambiguous_files_raise_no_question(tmp_path: Path, kind: str) -> None:
    header, rows = PLAIN[kind]
    draft = draft_of([saved(tmp_path, header, rows)], "shop", tmp_path)
    assert [question.name for question in draft.questions if question.name] == []


# ---- the shared cases ------------------------------------------------------------------------

# The case, the question, and the key of expected.json with the amount of one of its answers.
CASES = [
    ("04-bank-soll-haben", "money_in_and_out", "right_revenue_haben"),
    ("06-sign-in-own-column", "debit_or_credit", "right_net"),
    ("11-ebay-orders", "summary_rows", "right_revenue_item_rows"),
    ("12-quickbooks-grouped", "types_of_returns", "right_revenue"),
    ("19-total-on-every-line", "same_amount_per_order", "right_revenue_once_per_invoice"),
    ("23-repeated-header-and-totals", "total_rows", "right_revenue"),
    ("28-spend-is-negative", "amounts_below_zero", "right_spend"),
    ("48-blank-continuation-lines", "continuation_lines", "right_revenue"),
]


@pytest.mark.skipif(not (SHARED / "cases").is_dir(), reason="the shared cases are not here")
@pytest.mark.parametrize(("case", "name", "key"), CASES, ids=[case for case, *_ in CASES])
def test_an_answer_has_the_right_total_of_a_shared_case(
    tmp_path: Path, case: str, name: str, key: str
) -> None:
    folder = SHARED / "cases" / case
    right = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[key]
    draft = draft_of(sorted((folder / "input").iterdir()), "shop", tmp_path)
    words = [answer.words for answer in asked(draft, name).answers]
    assert any(f"{right:,.2f}" in text for text in words), words


# ---- writing answers -------------------------------------------------------------------------


def test_answers_are_written_where_they_belong() -> None:
    text = "name: shop\nfolder: data\n\ninteractions:\n  files: a.csv\n  columns:\n    date: day\n"
    rule = {"column": "x", "values": ["y"], "reason": "z"}
    text = with_setting(text, ("interactions", "leave_out"), [rule])
    text = with_setting(text, ("interactions", "leave_out"), [rule | {"reason": "other"}])
    text = with_setting(text, ("interactions", "columns", "amount"), "sum")
    text = with_setting(text, ("interactions", "columns", "amount"), {"in": "a", "out": "b"})
    text = with_setting(text, ("interaction_types", "return"), ["back"])
    text = with_setting(text, ("duplicates",), {"by": "order"})
    assert yaml.safe_load(text) == {
        "name": "shop",
        "folder": "data",
        "duplicates": {"by": "order"},
        "interactions": {
            "files": "a.csv",
            "columns": {"date": "day", "amount": {"in": "a", "out": "b"}},
            "leave_out": [rule, rule | {"reason": "other"}],
        },
        "interaction_types": {"return": ["back"]},
    }


def test_a_question_that_is_passed_over_stays_open() -> None:
    question = Question("which?", (Answer("one", ((("revenue",), "amount"),)),))
    text = headed("\nname: shop\n" + "\n".join(question.lines()) + "\n", 1)
    replies = iter(["z", ""])
    same, left = answered(text, [question], lambda _: next(replies), lambda _: None)
    assert (same, left) == (text, [question])
    written, left = answered(text, [question], lambda _: "a", lambda _: None)
    assert left == []
    assert yaml.safe_load(written) == {"name": "shop", "revenue": "amount"}
    assert "QUESTION" not in written
