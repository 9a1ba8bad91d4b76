"""Files that are not plain text, or consist of several parts, are read or refused with
their type.
"""

from __future__ import annotations

import csv
import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import duckdb
import pytest

from topheavy.build.transcode import as_utf8
from topheavy.draft.propose import draft_of, propose
from topheavy.mapping.containers import cell_text, column_letters
from topheavy.mapping.errors import MappingError
from topheavy.mapping.files import check_files
from topheavy.mapping.first_values import check_times
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.reading import mapping_of_vars, read_mapping

Cells = Sequence[Sequence[Any]]
SALES: Cells = [
    ("Day", "Customer", "Amount"),
    (datetime(2024, 1, 31), "Café Groß", 1250.5),
    (datetime(2024, 2, 1), "Kiosk, Süd", 2000),
    (datetime(2024, 2, 2, 14, 30), "Café Groß", -0.25),
]
MAPPING: dict[str, Any] = {
    "name": "shop",
    "interactions": {
        "files": "sales.xlsx",
        "columns": {"time": "Day", "customer": "Customer", "amount": "Amount"},
    },
}
PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>'
        '<xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>'
    ),
}
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(path: Path, sheets: Mapping[str, Cells]) -> Path:
    """Write an Excel workbook with the least XML that is valid."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        names = [
            f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>'
            for number, name in enumerate(sheets, start=1)
        ]
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            f'xmlns:r="{RELATIONS}"><sheets>{"".join(names)}</sheets></workbook>',
        )
        targets = [("worksheet", f"worksheets/sheet{n + 1}.xml") for n in range(len(sheets))]
        links = [
            f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate([*targets, ("styles", "styles.xml")], start=1)
        ]
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{''.join(links)}</Relationships>",
        )
        for (_, target), rows in zip(targets, sheets.values(), strict=True):
            archive.writestr(f"xl/{target}", sheet_xml(rows))
    return path


def sheet_xml(rows: Cells) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = [
            cell_xml(f"{column_letters(place)}{number}", value)
            for place, value in enumerate(row, start=1)
            if value is not None
        ]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{namespace}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def cell_xml(place: str, value: Any) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    if isinstance(value, datetime):
        days = (value - datetime(1899, 12, 30)).total_seconds() / 86400
        return f'<c r="{place}" s="1"><v>{days}</v></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def asked(*paths: Path) -> list[str]:
    return [question.text for question in draft_of(paths, "shop", paths[0].parent).questions]


def mapped(**block: Any) -> ExportMapping:
    return mapping_of_vars({**MAPPING, "interactions": {**MAPPING["interactions"], **block}})


def rows_read(folder: Path, **block: Any) -> list[list[str]]:
    """Return the rows that the warehouse reads from its copy of the files."""
    mapping = mapped(**block)
    files = check_files(mapping, folder, {})
    check_times(mapping, files)
    _, copies = as_utf8(mapping, files, folder / "copies")
    with open(next(iter(copies.values())), encoding="utf-8", newline="") as text:
        return list(csv.reader(text))


def refusal(folder: Path, **block: Any) -> str:
    with pytest.raises(MappingError) as error:
        rows_read(folder, **block)
    return str(error.value)


# ---- workbooks -------------------------------------------------------------------------------

TEXTS = [
    ["Day", "Customer", "Amount"],
    ["2024-01-31", "Café Groß", "1250.5"],
    ["2024-02-01", "Kiosk, Süd", "2000"],
    ["2024-02-02 14:30:00", "Café Groß", "-0.25"],
]


def test_dates_and_numbers_of_a_workbook_come_as_they_are_stored(tmp_path: Path) -> None:
    workbook(tmp_path / "sales.xlsx", {"Sales": SALES})
    assert rows_read(tmp_path) == TEXTS
    # Numbers from cells use the decimal mark that the mapping sets for numbers in text.
    assert [row[2] for row in rows_read(tmp_path, decimal=",")][1:] == ["1250,5", "2000", "-0,25"]
    assert cell_text(0.1 + 0.2) == "0.30000000000000004"
    assert cell_text(1e16) == "10000000000000000"
    assert [cell_text(date(2024, 1, 2)), cell_text(True), cell_text(None)] == [
        "2024-01-02",
        "true",
        "",
    ]


def test_a_draft_finds_the_sheet_and_the_header_of_a_workbook(tmp_path: Path) -> None:
    titles: Cells = [("Sales of 2024",), (None,), *SALES, (None, None, None)]
    path = workbook(tmp_path / "sales.xlsx", {"Notes": [("nothing",)], "Sales": titles})
    draft = propose([path], "shop", tmp_path)
    assert "skip_lines: 2" in draft
    assert "sheet:" not in draft
    assert asked(path) == []
    assert rows_read(tmp_path, skip_lines=2) == TEXTS


def test_several_sheets_are_asked_about_and_can_be_read_together(tmp_path: Path) -> None:
    turned: Cells = [("Amount", "Day", "Customer"), (7, datetime(2024, 3, 1), "Bar Möwe")]
    sheets = {"Jan": SALES, "Feb": turned, "Costs": [("what", "how much"), ("rent", 5)]}
    path = workbook(tmp_path / "sales.xlsx", sheets)
    draft = propose([path], "shop", tmp_path)
    assert "sheet: [Jan, Feb]" in draft
    assert asked(path)[0].startswith(
        "sales.xlsx is a workbook with 3 sheets that have rows: Jan (3 rows), Feb (1 rows), Costs"
    )
    assert "name one under sheet" in refusal(tmp_path)
    assert "no sheet 'Mar' with rows; it has: Jan, Feb, Costs" in refusal(tmp_path, sheet="Mar")
    assert "no column 'Day' in sheet 'Costs'" in refusal(tmp_path, sheet=["Jan", "Costs"])
    assert rows_read(tmp_path, sheet=["Jan", "Feb"])[-1] == ["2024-03-01", "Bar Möwe", "7"]


def test_tables_side_by_side_are_asked_about_and_read_by_their_range(tmp_path: Path) -> None:
    beside = [(*row, None, "x", number) for number, row in enumerate(SALES)]
    path = workbook(tmp_path / "sales.xlsx", {"Sales": beside})
    assert "side by side, in A1:C4 and E1:F4" in asked(path)[0]
    assert rows_read(tmp_path, range="A1:C4") == TEXTS
    assert rows_read(tmp_path, range="A1:C") == TEXTS


def test_a_workbook_needs_no_time_format_and_text_in_it_does(tmp_path: Path) -> None:
    rows = [SALES[0], ("31.01.2024", "a", 1)]
    workbook(tmp_path / "sales.xlsx", {"Sales": rows})
    assert "none of the first 1 values of 'Day' in sales.xlsx fits" in refusal(tmp_path)
    assert rows_read(tmp_path, time_formats=["%d.%m.%Y"])[1] == ["31.01.2024", "a", "1"]


def test_workbooks_and_texts_are_not_read_as_one(tmp_path: Path) -> None:
    workbook(tmp_path / "sales.xlsx", {"Sales": SALES})
    (tmp_path / "more.csv").write_text("Day,Customer,Amount\n2024-01-01,a,1\n")
    assert "workbooks and text files" in refusal(tmp_path, files=["sales.xlsx", "more.csv"])


# ---- archives --------------------------------------------------------------------------------


def test_a_zip_with_one_table_is_read_as_that_table(tmp_path: Path) -> None:
    inside = workbook(tmp_path / "inside.xlsx", {"Sales": SALES})
    with zipfile.ZipFile(tmp_path / "sales.zip", "w") as archive:
        archive.write(inside, "folder/inside.xlsx")
        archive.writestr("__MACOSX/folder/._inside.xlsx", "nothing")
    formats = ["%Y-%m-%d"]
    assert rows_read(tmp_path, files="sales.zip", time_formats=formats) == TEXTS
    text = "Day;Customer;Amount\n2024-01-31;Müller;5\n".encode("cp1252")
    with zipfile.ZipFile(tmp_path / "sales.zip", "w") as archive:
        archive.writestr("sales.csv", text)
    block = {"files": "sales.zip", "delimiter": ";", "encoding": "windows-1252"}
    rows = rows_read(tmp_path, **block, time_formats=formats)
    assert rows[1] == ["2024-01-31;Müller;5"]
    with zipfile.ZipFile(tmp_path / "sales.zip", "a") as archive:
        archive.writestr("more.csv", text)
    assert "zip archive of 2 files (sales.csv, more.csv): unpack it" in refusal(tmp_path, **block)
    with zipfile.ZipFile(tmp_path / "sales.zip", "w") as archive:
        archive.writestr("sales.xls", b"\xd0\xcf\x11\xe0 the start of a workbook of Excel 2003")
    assert "is a workbook that cannot be read" in refusal(tmp_path, files="sales.zip")


# ---- what is not a table ---------------------------------------------------------------------


def test_other_kinds_of_files_are_refused_by_their_name(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "sales.db")) as database:
        database.execute("create table orders (x int)")
        database.commit()
    with duckdb.connect(str(tmp_path / "sales.duckdb")) as warehouse:
        warehouse.execute("create table orders (x int)")
    texts = {
        "sales.jsonl": b'{"day": 1}\n{"day": 2}\n',
        "sales.json": b'[{"day": 1}]',
        "sales.xls": b"<html><table><tr><td>1</td></tr></table></html>",
        "sales.xml": b'<?xml version="1.0"?><a/>',
        "sales.7z": b"7z\xbc\xaf\x27\x1c" + bytes(9),
        "sales.csv": b"Day,Customer\n1,\x02\x00\x03\n",
    }
    for name, content in texts.items():
        (tmp_path / name).write_bytes(content)
    for name, words in {
        "sales.db": "is a SQLite database with orders: write the table as Parquet",
        "sales.duckdb": "is a DuckDB database with orders: write the table as Parquet",
        "sales.jsonl": "is JSON lines from line 1 on",
        "sales.json": "is JSON from line 1 on",
        "sales.xls": "is an HTML page despite its name",
        "sales.xml": "is XML despite its name",
        "sales.7z": "is a 7z archive: unpack it",
        "sales.csv": "is binary, not text",
    }.items():
        assert words in refusal(tmp_path, files=name)
        with pytest.raises(MappingError, match=words.split(":")[0]):
            propose([tmp_path / name], "shop", tmp_path)


def test_zeros_in_a_text_are_named_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_bytes(b"Day,Customer,Amount\n2024-01-01,a\0,1\n" + bytes(600))
    words = "sales.csv has 601 NUL bytes, the first in line 2: remove them"
    assert words in refusal(tmp_path, files="sales.csv")


def test_two_encodings_in_one_file_are_named_with_their_lines(tmp_path: Path) -> None:
    lines = [b"Day,Customer,Amount", "2024-01-01,Groß,1".encode(), b"2024-01-02,x,2"]
    lines += ["2024-01-03,Möwe – Bar,3".encode("cp1252")] * 2
    (tmp_path / "sales.csv").write_bytes(b"\n".join(lines))
    words = "has two encodings: line 2 is UTF-8, 2 lines from 4 to 5 are windows-1252"
    for encoding in ("utf-8", "latin-1", "windows-1252"):
        assert words in refusal(tmp_path, files="sales.csv", encoding=encoding)
    with pytest.raises(MappingError, match=words):
        propose([tmp_path / "sales.csv"], "shop", tmp_path)


# ---- columns ---------------------------------------------------------------------------------


def test_columns_of_one_name_are_named_by_their_place(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(
        "Day,Customer,Amount,Amount\n2024-01-01,a,100,19\n2024-01-02,b,200,38\n"
    )
    names = {"time": "Day", "customer": "Customer", "amount": "Amount"}
    block = {"files": "sales.csv", "time_formats": ["%Y-%m-%d"], "columns": names}
    assert refusal(tmp_path, **block) == (
        "sales.csv has 2 columns named 'Amount' (interactions.columns.amount); say "
        "which, such as 'Amount#1' for the first"
    )
    mapping = mapped(**block | {"columns": names | {"amount": "Amount#2"}})
    assert check_files(mapping, tmp_path, {})[0].header == (
        "Day",
        "Customer",
        "Amount#1",
        "Amount#2",
    )
    draft = propose([tmp_path / "sales.csv"], "shop", tmp_path)
    assert any(
        "2 columns have the same name 'Amount'" in text for text in asked(tmp_path / "sales.csv")
    )
    assert "amount: Amount#2" in draft


def test_the_field_of_a_struct_can_be_mapped_and_the_struct_cannot(tmp_path: Path) -> None:
    duckdb.execute(
        "copy (select date '2024-01-01' as day, {'net': 5.0, 'by': {'who': 'a'}} as sale, [1] as x)"
        f" to '{tmp_path / 'sales.parquet'}'"
    )
    block = {"files": "sales.parquet"}
    columns = {"time": "day", "customer": "sale.by.who", "amount": "sale.net"}
    files = check_files(mapped(**block, columns=columns), tmp_path, {})
    assert files[0].header == ("day", "sale.net", "sale.by.who")
    assert (
        "has 'sale' as a nested struct (interactions.columns.amount); name one of its fields"
        in refusal(tmp_path, **block, columns=columns | {"amount": "sale"})
    )
    assert "has nested columns, 'sale' (struct), 'x'" in asked(tmp_path / "sales.parquet")[-1]


# ---- the cases -------------------------------------------------------------------------------


def test_the_shared_cases_are_read_or_named(shared: Path, tmp_path: Path) -> None:
    cases = shared / "cases"

    def draft(case: str) -> str:
        return propose(sorted((cases / case / "input").iterdir()), "case", tmp_path)

    for case in ("25-xlsx", "25b-zip"):
        (tmp_path / f"{case}.yml").write_text(draft(case), encoding="utf-8")
        mapping = read_mapping(tmp_path / f"{case}.yml")
        files = check_files(mapping, tmp_path, {})
        _, copies = as_utf8(mapping, files, tmp_path / "copies")
        with open(next(iter(copies.values())), encoding="utf-8", newline="") as text:
            amounts = [float(row["Amount"]) for row in csv.DictReader(text)]
        assert sum(amounts) == 18585.0
    for case, words in {
        "24-nul-padding": "NUL bytes, the first in line 5",
        "39-two-encodings": "has two encodings: .* UTF-8, .* windows-1252",
    }.items():
        with pytest.raises(MappingError, match=words):
            draft(case)
    events = cases / "26-parquet-nested" / "input" / "events.parquet"
    assert "'ecommerce' (struct)" in asked(events)[0]
