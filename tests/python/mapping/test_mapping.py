"""Every mistake in a mapping or its files gives one exact line; correct mappings pass."""

from __future__ import annotations

import copy
import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import yaml
from conftest import PROJECT
from pydantic import BaseModel

from topheavy.mapping.check import size_in_words
from topheavy.mapping.errors import MappingError
from topheavy.mapping.files import InputFile, check_files
from topheavy.mapping.first_values import check_times
from topheavy.mapping.keys import BLOCKS, ExportMapping, reserved_names
from topheavy.mapping.kinds import keys_in
from topheavy.mapping.reading import mapping_of, read_mapping
from topheavy.mapping.reference import SCHEMA, SCHEMA_LINE, json_schema, keys_as_markdown
from topheavy.mapping.refusals import named_keys
from topheavy.project import in_workspace

SALES = "buyer,item,bought,sum,kind\n1,A,31/12/2024 9:15,2.50,buy\n2,B,01/02/2024 10:00,3,buy\n"
BUYERS = "buyer,born,paid\n1,1980,7\n2,1990,8\n"
ITEMS = "item,title,price\nA,Apple,1\nB,Bread,2\n"
LINES = "number,item,sum\nn1,A,2.50\n"
ORDERS = "number,buyer,day,clock\nn1,1,31/12/2024,9:15\n"

SHOP: dict[str, Any] = {
    "name": "shop",
    "folder": "data",
    "interactions": {
        "files": "sales.csv",
        "columns": {"customer": "buyer", "product": "item", "time": "bought", "amount": "sum"},
        "time_formats": ["%d/%m/%Y %H:%M"],
    },
}
SPLIT: dict[str, Any] = {
    "name": "split",
    "folder": "data",
    "interactions": {
        "files": "lines.csv",
        "columns": {"order": "number", "product": "item", "amount": "sum"},
    },
    "orders": {
        "files": ["orders.csv"],
        "columns": {"order": "number", "customer": "buyer", "date": "day", "time_of_day": "clock"},
        "time_formats": ["%d/%m/%Y %H:%M"],
    },
}


def changed(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with values set by dotted key; the value None removes the key."""
    mapping = copy.deepcopy(base)
    for dotted, value in changes.items():
        *path, last = dotted.split(".")
        target = mapping
        for name in path:
            target = target.setdefault(name, {})
        if value is None:
            del target[last]
        else:
            target[last] = value
    return mapping


def saved(folder: Path, mapping: dict[str, Any]) -> Path:
    path = folder / "x.yml"
    path.write_text(yaml.safe_dump(mapping, allow_unicode=True), encoding="utf-8")
    return path


def message(action: Callable[[], object]) -> str:
    with pytest.raises(MappingError) as caught:
        action()
    text = str(caught.value)
    assert "\n" not in text
    return text


def files_of(said: dict[str, Any], root: Path, environment: dict[str, str]) -> list[InputFile]:
    """Return the files of a mapping after all checks."""
    return check_files(mapping_of(said), root, environment)


def refuse_times(said: dict[str, Any], files: list[InputFile]) -> None:
    """Raise MappingError if a time in the files does not fit the mapping."""
    check_times(mapping_of(said), files)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project folder with a correct export in `data`."""
    texts = {"sales": SALES, "buyers": BUYERS, "items": ITEMS, "lines": LINES, "orders": ORDERS}
    (tmp_path / "data").mkdir()
    for name, text in texts.items():
        (tmp_path / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


# ---- the mapping itself ----------------------------------------------------------------------


@pytest.mark.parametrize("mapping", [SHOP, SPLIT])
def test_a_correct_mapping_is_returned_as_it_is_written(
    tmp_path: Path, mapping: dict[str, Any]
) -> None:
    assert read_mapping(saved(tmp_path, mapping)).as_vars() == mapping


EVERY_KEY = changed(
    SHOP,
    {
        "description": "all keys",
        "revenue": "customer_amount",
        "currency": {"column": "kind", "into": "EUR", "rates": "rates.csv"},
        "subject": "spending",
        "limits": [{"limit_id": "dependency", "warn_at": 0.1, "in_force_from": "2024-01-31"}],
        "scenarios": [{"scenario_id": "lose_largest", "lost_share": 1}],
        "returns": "exclude",
        "undated": "reject",
        "duplicates": "drop",
        "max_rejected_share": 0,
        "amount_decimals": 2,
        "time_zone": "UTC",
        "business_time_zone": "Europe/Berlin",
        "missing_values": ["UNKNOWN"],
        "labels": {"customer": "Supplier", "revenue": ["spend", "spending"]},
        "fold_case": ["product", "region"],
        "interaction_types": {"purchase": ["buy"], "return": ["back"]},
        "dimensions": [{"name": "region", "column": "kind", "label": "R", "from": "interactions"}],
        "interactions.columns.interaction_type": "kind",
        "interactions.delimiter": ";",
        "interactions.quote": "",
        "interactions.encoding": "windows-1252",
        "interactions.skip_lines": 2,
        "interactions.decimal": ",",
        "interactions.thousands": "",
        "interactions.aliases": {"sum": ["total", "amount"]},
        "interactions.leave_out": [
            {"column": "kind", "values": ["void"], "reason": "voided"},
            {"column": "kind", "values": "blank", "starts_with": ["total"], "reason": "total"},
            {"column": "kind", "ends_with": ["total"], "reason": "total"},
        ],
        "interactions.sign": {"column": "side", "negative": ["out"]},
        "interactions.fill_down": ["customer", {"column": "kind", "within": "file"}],
        "interactions.accepted": ["total_rows"],
        "customers": {"files": "b.csv", "columns": {"customer": "buyer", "amount": "paid"}},
        "products": {"files": "i.csv", "columns": {"product": "item", "price": "price"}},
    },
)


def filled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{column: text for column, text in row.items() if text} for row in rows]


def test_every_key_has_a_correct_value(tmp_path: Path) -> None:
    """Labels become pairs, limits and scenarios become rows of text; everything else stays
    unchanged.
    """
    path = saved(tmp_path, EVERY_KEY)
    mapping = read_mapping(path).as_vars()
    labels = {"customer": ["Supplier", "Suppliers"], "revenue": ["spend", "spending"]}
    decisions = {key: mapping[key] for key in ("limits", "scenarios")}
    assert mapping == EVERY_KEY | decisions | {"labels": labels}
    assert {key: filled(decision["rows"]) for key, decision in decisions.items()} == {
        "limits": [{"limit_id": "dependency", "warn_at": "0.1", "in_force_from": "2024-01-31"}],
        "scenarios": [{"scenario_id": "lose_largest", "lost_share": "1"}],
    }
    assert {key: decision["source"] for key, decision in decisions.items()} == {
        key: f"{key} in {in_workspace(path)}" for key in decisions
    }
    missing = {*named_keys(ExportMapping)} - {*EVERY_KEY, "orders"}
    assert not missing


WRONG_MAPPINGS: list[tuple[dict[str, Any], str]] = [
    ({"nam": "x"}, "nam: unknown key; did you mean name?"),
    ({"name": None}, "name: missing; the name of the export in the summary and the report"),
    ({"name": 7}, "name: must be a text, not 7; put it in quotes"),
    ({"name": " "}, 'name: must be a text, not " "'),
    ({"name": ["x"]}, 'name: must be a text, not ["x"]'),
    ({"folder": {}}, "folder: must be a text, not {}"),
    (
        {"interactions": None},
        "interactions: missing; the transactions: one row per interaction, sale or order line",
    ),
    ({"interactions": []}, "interactions: must be a mapping of keys to values, not []"),
    (
        {"interactions.colums": {}},
        "interactions.colums: unknown key; did you mean columns?",
    ),
    (
        {"interactions.zzz": 1},
        "interactions.zzz: unknown key; known: files, relation, database, columns, delimiter, "
        "quote, encoding, skip_lines, sheet, range, decimal, thousands, cr, aliases, leave_out, "
        "time_formats, sign, fill_down, accepted",
    ),
    (
        {"interactions.files": None},
        "interactions.files: missing; add file names or patterns, or relation: with a table",
    ),
    ({"interactions.files": []}, "interactions.files: must be a text or a list of texts, not []"),
    (
        {"interactions.columns.costumer": "x"},
        "interactions.columns.costumer: unknown key; did you mean customer?",
    ),
    (
        {"interactions.columns.amount": 3},
        "interactions.columns.amount: must be a text or a mapping of keys to values, not 3; put it "
        "in quotes",
    ),
    (
        {"interactions.columns.amount": {"in": "sum"}},
        "interactions.columns.amount: needs column, or both in and out",
    ),
    (
        {"interactions.columns.amount": {"column": "sum", "once_per": "order"}},
        "interactions.columns.amount.once_per: needs interactions.columns.order, the order's id",
    ),
    (
        {"interactions.sign": {"column": "side"}},
        "interactions.sign.negative: missing; "
        "the values of that column for amounts that are subtracted",
    ),
    (
        {"interactions.fill_down": ["custmer"]},
        "interactions.fill_down: 'custmer' is not a role or column of this mapping; did you mean "
        "customer?",
    ),
    (
        {"interactions.accepted": ["total_row"]},
        "interactions.accepted: total_row is not a question; did you mean total_rows?",
    ),
    (
        {"duplicates": {"by": "order"}},
        "duplicates.by: 'order' is not a role of interactions; mapped: customer, product, time, "
        "amount",
    ),
    (
        {"labels": {"customers": "Suppliers"}},
        "labels.customers: unknown key; did you mean customer?",
    ),
    (
        {"interactions.leave_out": [{"column": "kind", "reason": "no"}]},
        "interactions.leave_out[1]: needs values, starts_with or ends_with",
    ),
    (
        {"interactions.delimiter": "||"},
        'interactions.delimiter: must be one character (a tab is "\\t", in double quotes) or '
        'whitespace, not "||"',
    ),
    (
        {"interactions.quote": "''"},
        'interactions.quote: must be one character, or "" for none, not "\'\'"',
    ),
    (
        {"interactions.encoding": "cp1252"},
        'interactions.encoding: must be utf-8, utf-16, latin-1 or windows-1252, not "cp1252"',
    ),
    (
        {"interactions.skip_lines": -1},
        "interactions.skip_lines: must be a whole number, 0 or more, not -1",
    ),
    ({"interactions.decimal": ";"}, 'interactions.decimal: must be ".", "," or either, not ";"'),
    (
        {"interactions.thousands": "."},
        "interactions.thousands: is the same as decimal; set different characters",
    ),
    (
        {"interactions.quote": ","},
        'interactions.quote: is the same as delimiter; set another, or quote: "" for none',
    ),
    (
        {"interactions.aliases": {"sum": "total"}},
        'interactions.aliases: must be a mapping of names to lists of texts, not {"sum": "total"}',
    ),
    (
        {"interactions.aliases": {"Sums": ["total"]}},
        "interactions.aliases: 'Sums' is not a mapped column; did you mean sum?",
    ),
    (
        {"interactions.leave_out": [{"column": "kind", "values": ["void"]}]},
        "interactions.leave_out[1].reason: missing; the reason that is shown for these rows",
    ),
    (
        {"interactions.leave_out": [{"column": "kind", "values": [False], "reason": "no"}]},
        'interactions.leave_out[1].values: must be a list of texts ("" is a blank cell), or blank, '
        "not [false]; put it in quotes",
    ),
    (
        {"interactions.leave_out": [{"column": "kind", "values": ["v"], "reason": "Not Paid"}]},
        'interactions.leave_out[1].reason: must be a snake_case word, not "Not Paid"',
    ),
    (
        {"interactions.time_formats": "%d/%m/%Y"},
        'interactions.time_formats: must be a list of texts, not "%d/%m/%Y"',
    ),
    (
        {"interactions.time_formats": ["%d/%Q"]},
        "interactions.time_formats: '%d/%Q' is not a strptime format (unknown %Q)",
    ),
    (
        {"interactions.time_formats": None},
        "interactions.time_formats: missing; say how 'bought' is written, such as ['%d/%m/%Y']",
    ),
    (
        {"interactions.columns.time": None},
        "interactions.columns: needs time or date (or map it in orders)",
    ),
    (
        {"interactions.columns.date": "day"},
        "interactions.columns: has both time and date; keep one of them",
    ),
    (
        {"interactions.columns.time_of_day": "clock"},
        "interactions.columns.time_of_day: needs date beside it",
    ),
    (
        {"revenue": "amounts"},
        'revenue: must be amount, list_price, customer_amount or none, not "amounts"',
    ),
    (
        {"interactions.columns.amount": None},
        "revenue: amount needs interactions.columns.amount (or quantity and unit_price); "
        "set revenue: none for an export without money",
    ),
    ({"revenue": "list_price"}, "revenue: list_price needs products.columns.price"),
    ({"revenue": "customer_amount"}, "revenue: customer_amount needs customers.columns.amount"),
    ({"returns": "gross"}, 'returns: must be net or exclude, not "gross"'),
    (
        {"duplicates": True},
        "duplicates: must be keep, drop or a mapping of keys to values, not true",
    ),
    ({"max_rejected_share": 1.5}, "max_rejected_share: must be a number from 0 to 1, not 1.5"),
    ({"amount_decimals": 17}, "amount_decimals: must be a whole number from 0 to 16, not 17"),
    ({"amount_decimals": True}, "amount_decimals: must be a whole number from 0 to 16, not true"),
    (
        {"time_zone": "Europe/Berln"},
        "time_zone: no time zone is named 'Europe/Berln'; did you mean 'Europe/Berlin'?",
    ),
    (
        {"time_zone": "!"},
        "time_zone: no time zone is named '!'; write it like Europe/Berlin",
    ),
    (
        {"business_time_zone": "UTC"},
        "business_time_zone: needs time_zone, the zone of the times",
    ),
    ({"missing_values": [None]}, "missing_values: must be a list of texts, not [null]"),
    (
        {"fold_case": ["custmer"]},
        "fold_case: 'custmer' is not a mapped role or dimension; did you mean customer?",
    ),
    (
        {"interaction_types": {"purchase": ["buy"]}},
        "interaction_types: needs interactions.columns.interaction_type",
    ),
    (
        {"interactions.columns.interaction_type": "kind"},
        "interaction_types: missing; list the spellings, such as `purchase: [purchase]`",
    ),
    (
        {
            "interactions.columns.interaction_type": "kind",
            "interaction_types": {"purchases": ["buy"]},
        },
        "interaction_types.purchase: missing; its spellings mark rows with revenue; "
        "did you mean purchases?",
    ),
    (
        {
            "interactions.columns.interaction_type": "kind",
            "interaction_types": {"purchase": ["buy"], "Sent Back": ["back"]},
        },
        "interaction_types.Sent Back: must be a snake_case word",
    ),
    (
        {
            "interactions.columns.interaction_type": "kind",
            "interaction_types": {"purchase": ["buy"], "return": [" BUY"]},
        },
        "interaction_types.return: ' BUY' is also under purchase; keep one",
    ),
    (
        {"dimensions": {"region": "kind"}},
        'dimensions: must be a list of mappings, not {"region": "kind"}',
    ),
    (
        {"dimensions": [{"name": "hour", "column": "kind"}]},
        "dimensions[1].name: hour is already used; choose another, such as sale_hour",
    ),
    (
        {"dimensions": [{"name": "group", "column": "kind"}]},
        "dimensions[1].name: group is already used; choose another, such as sale_group",
    ),
    (
        {"dimensions": [{"name": "purchases", "column": "kind"}]},
        "dimensions[1].name: purchases is already used; choose another, such as sale_purchases",
    ),
    (
        {"dimensions": [{"name": "a", "column": "kind"}, {"name": "a", "column": "sum"}]},
        "dimensions[2].name: a is used twice; rename one of them",
    ),
    (
        {"dimensions": [{"name": "Region", "column": "kind"}]},
        'dimensions[1].name: must be a snake_case word, not "Region"',
    ),
    (
        {"dimensions": [{"name": "region", "column": "kind", "from": "products"}]},
        "dimensions[1].from: the mapping has no products; add it, or use interactions",
    ),
    (
        {"customers": {"files": "b.csv", "columns": {"name": "n"}}},
        "customers.columns.customer: missing; the id of the customer, as in interactions",
    ),
    (
        {
            "interactions.columns.customer": None,
            "customers": {"files": "b.csv", "columns": {"customer": "n"}},
        },
        "interactions.columns.customer: missing; customers join on it",
    ),
    (
        {
            "interactions.columns.product": None,
            "products": {"files": "b.csv", "columns": {"product": "n"}},
        },
        "interactions.columns.product: missing; products join on it",
    ),
    (
        {"orders": {"files": "b.csv", "columns": {"order": "n"}}},
        "interactions.columns.order: missing; orders join on it",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), WRONG_MAPPINGS, ids=lambda item: str(item)[:60])
def test_a_wrong_mapping_gives_one_line(
    tmp_path: Path, changes: dict[str, Any], expected: str
) -> None:
    path = saved(tmp_path, changed(SHOP, changes))
    assert message(lambda: read_mapping(path)) == f"{path}: {expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "must hold keys and values, such as `name: my shop`"),
        (
            "name: a\nname: b\n",
            "name: is given twice in the mapping that begins in line 1; keep one",
        ),
        (
            "missing_values: [0000-00-00]\n",
            "a value reads as a date, but year 0 is out of range; put it in quotes",
        ),
        ("name: 'a\n", "line 2: not valid YAML: found unexpected end of stream"),
        (
            "name: a\n\tfolder: b\n",
            "line 2: not valid YAML: found a tab character that violates indentation",
        ),
        ("[a]: b\n", "line 1: not valid YAML: found unhashable key"),
        ("name:\n", "name: must be a text, not nothing"),
        ("name: 2024-01-31\n", "name: must be a text, not 2024-01-31; put it in quotes"),
    ],
)
def test_a_text_that_is_not_a_mapping_gives_one_line(
    tmp_path: Path, text: str, expected: str
) -> None:
    path = tmp_path / "x.yml"
    path.write_text(text, encoding="utf-8")
    assert message(lambda: read_mapping(path)) == f"{path}: {expected}"


def test_a_mapping_that_is_not_utf_8_gives_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_bytes(b"name: caf\xe9\n")
    assert message(lambda: read_mapping(path)) == (
        f"{path}: is not UTF-8: byte 0xe9 in line 1; save it as UTF-8"
    )


def test_a_missing_mapping_names_the_nearest(tmp_path: Path) -> None:
    saved(tmp_path, SHOP).rename(tmp_path / "shop_2024.yml")
    found = tmp_path / "shop_2024.yml"
    # Settings of other tools are not keys.
    (tmp_path / "shop_204s.yml").write_text("rules: []\n")
    path = tmp_path / "shop_204.yml"
    assert message(lambda: read_mapping(path)) == f"{path}: no such file; did you mean {found}?"


def test_a_parquet_export_needs_no_time_formats(tmp_path: Path) -> None:
    mapping = changed(SHOP, {"interactions.files": "*.parquet", "interactions.time_formats": None})
    assert read_mapping(saved(tmp_path, mapping)).as_vars() == mapping


# ---- the files -------------------------------------------------------------------------------


def files_message(root: Path, changes: dict[str, Any], base: dict[str, Any] = SHOP) -> str:
    return message(lambda: files_of(changed(base, changes), root, {}))


def test_files_are_found_with_their_size_and_header(root: Path) -> None:
    (root / "data" / "more").mkdir()
    (root / "data" / "more" / "sales_2.csv").write_bytes(b"\xef\xbb\xbf" + SALES.encode())
    files = files_of(
        changed(SHOP, {"interactions.files": ["**/sales*.csv", "sales.csv"]}), root, {}
    )
    assert [(file.path.name, file.size) for file in files] == [
        ("sales_2.csv", len(SALES) + 3),
        ("sales.csv", len(SALES)),
    ]
    assert {file.header for file in files} == {("buyer", "item", "bought", "sum", "kind")}


def test_blocks_are_checked_in_order_and_the_environment_sets_the_folder(root: Path) -> None:
    (root / "data").rename(root / "elsewhere")
    mapping = changed(SPLIT, {"folder": "nowhere"})
    files = files_of(mapping, root, {"TOPHEAVY_DATA": str(root / "elsewhere")})
    assert [(file.block, file.path.name) for file in files] == [
        ("interactions", "lines.csv"),
        ("orders", "orders.csv"),
    ]
    refuse_times(mapping, files)


def test_a_missing_folder(root: Path) -> None:
    expected = (
        f"{root / 'nope'}: no such folder; set folder in the mapping, or name another: DATA=folder"
    )
    assert files_message(root, {"folder": "nope"}) == expected


def test_a_missing_file_names_the_nearest(root: Path) -> None:
    assert files_message(root, {"interactions.files": "sale.csv"}) == (
        f"sale.csv: no such file in {root / 'data'} (interactions.files); did you mean 'sales.csv'?"
    )


def test_a_glob_without_a_match_lists_the_existing_files(root: Path) -> None:
    assert files_message(root, {"interactions.files": "2024/*.tsv"}) == (
        f"2024/*.tsv: no such file in {root / 'data'} (interactions.files); "
        "the folder has: buyers.csv, items.csv, lines.csv, orders.csv, sales.csv"
    )


def test_a_name_with_brackets_is_taken_literally(root: Path) -> None:
    (root / "data" / "sales.csv").rename(root / "data" / "sales [1].csv")
    mapping = changed(SHOP, {"interactions.files": "sales [1].csv"})
    assert [file.path.name for file in files_of(mapping, root, {})] == ["sales [1].csv"]


def test_a_file_that_is_named_twice_is_read_once(root: Path) -> None:
    (root / "data" / "sub").mkdir()
    mapping = changed(SHOP, {"interactions.files": ["sales.csv", "sub/../sales.csv"]})
    assert [file.path.name for file in files_of(mapping, root, {})] == ["sales.csv"]


def test_a_name_that_is_not_utf_8_gives_one_line(root: Path) -> None:
    os.rename(root / "data" / "sales.csv", os.fsencode(root / "data") + b"/s\xe4les.csv")
    expected = r"'s\udce4les.csv': not a name in UTF-8 (interactions.files); rename the file"
    assert files_message(root, {"interactions.files": "*les.csv"}) == expected


def test_headers_that_sql_cannot_tell_apart_are_reported(root: Path) -> None:
    path = root / "data" / "sales.csv"
    path.write_text(path.read_text().replace("item", "Sum"))
    expected = (
        "sales.csv has columns 'Sum' and 'sum' (interactions.columns.amount), which SQL does not "
        "distinguish; rename one"
    )
    assert files_message(root, {"interactions.columns.product": "Sum"}) == expected


def test_a_folder_is_not_a_file(root: Path) -> None:
    (root / "data" / "sub").mkdir()
    expected = "sub is a folder; name the files in it, such as folder/*.csv"
    assert files_message(root, {"interactions.files": "sub"}) == expected


def workbook(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty (0 bytes)"),
        *(
            (
                content,
                "has no header: line 1 is blank; set interactions.skip_lines "
                "to the lines above the header, or add a header",
            )
            for content in (b"\n\n", b",,\n1,2,3\n")
        ),
        (b"buyer,item,bought,sum\n", "has a header but no rows"),
        (b"buyer,item,bought,sum\r\n,,,\r\n\r\n", "has a header but no rows"),
        *(
            (content, "is a workbook that cannot be read: Cannot detect file format")
            for content in (workbook("xl/workbook.xml"), b"\xd0\xcf\x11\xe0old")
        ),
        (
            workbook("sales.csv", "more.csv"),
            "is a zip archive of 2 files (sales.csv, more.csv): unpack it, and name the files",
        ),
        (
            b"PK\x03\x04broken",
            "is a zip archive that cannot be unpacked: File is not a zip file",
        ),
        (b"%PDF-1.7", "is a PDF document: export the data as CSV"),
        (b"PAR1....", "is a Parquet file: name it .parquet"),
        (gzip.compress(b"x", mtime=0), "is compressed with gzip: name it .gz"),
        (SALES.encode() + b"\x00\x01", "is binary, not text: export it as CSV"),
        (SALES.encode("utf-16"), "is utf-16, not utf-8; set interactions.encoding: utf-16"),
        (
            SALES.encode() + "3,Café,1/2/2024 9:00,1,buy".encode("latin-1"),
            "is not utf-8: byte 0xe9 in line 4; set interactions.encoding: latin-1",
        ),
        (
            SALES.encode() + "3,5 €,1/2/2024 9:00,1,buy".encode("cp1252"),
            "is not utf-8: byte 0x80 in line 4; set interactions.encoding: windows-1252",
        ),
        (
            SALES.replace(",", ";").encode(),
            'has one column with delimiter ",", but 5 with ";"; set interactions.delimiter',
        ),
        (
            SALES.replace(",", "\t").encode(),
            'has one column with delimiter ",", but 5 with "\\t"; set interactions.delimiter',
        ),
        (
            f"Sales report\n\n{SALES}".encode(),
            "has its header in line 3; set interactions.skip_lines: 2",
        ),
        (
            SALES.replace("sum,", "total,").encode(),
            "has no column 'sum' (interactions.columns.amount); "
            "it has: buyer, item, bought, total, kind",
        ),
        (
            SALES.replace("buyer", "Buyer ID").encode(),
            "has no column 'buyer' (interactions.columns.customer); "
            "it has: Buyer ID, item, bought, sum, kind; did you mean 'Buyer ID'?",
        ),
        (
            SALES.replace("kind", "sum").encode(),
            "has 2 columns named 'sum' (interactions.columns.amount); say which, "
            "such as 'sum#1' for the first",
        ),
        (
            b'buyer,"item,' + b"x" * 2_500_000,
            "has more than 2,000,000 characters in line 1: it is not a table of text, "
            "or its lines do not end in CR or LF",
        ),
    ],
)
def test_a_file_that_cannot_be_used_gives_one_line(
    root: Path, content: bytes, expected: str
) -> None:
    (root / "data" / "sales.csv").write_bytes(content)
    assert files_message(root, {}) == f"sales.csv {expected}"


@pytest.mark.parametrize(
    ("encoding", "content", "expected"),
    [
        ("utf-16", SALES.encode(), "is utf-8, not utf-16; set interactions.encoding: utf-8"),
        (
            "latin-1",
            (SALES + "3,Café,,,").encode(),
            "is utf-8, not latin-1; set interactions.encoding: utf-8",
        ),
        (
            "windows-1252",
            (SALES + "3,Café,,,").encode(),
            "is utf-8, not windows-1252; set interactions.encoding: utf-8",
        ),
        (
            "windows-1252",
            SALES.encode() + b"3,\x81\xff,,,",
            "is not windows-1252: byte 0x81 in line 4; set interactions.encoding: latin-1",
        ),
    ],
)
def test_a_wrong_encoding_names_the_right_one(
    root: Path, encoding: str, content: bytes, expected: str
) -> None:
    (root / "data" / "sales.csv").write_bytes(content)
    assert files_message(root, {"interactions.encoding": encoding}) == f"sales.csv {expected}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1", "windows-1252"])
def test_every_encoding_is_read(root: Path, encoding: str) -> None:
    text = SALES.replace("item", "Größe")
    (root / "data" / "sales.csv").write_bytes(text.encode(encoding))
    mapping = changed(
        SHOP, {"interactions.encoding": encoding, "interactions.columns.product": "Größe"}
    )
    files = files_of(mapping, root, {})
    assert files[0].header == ("buyer", "Größe", "bought", "sum", "kind")
    refuse_times(mapping, files)


@pytest.mark.parametrize(
    ("header", "rows", "unnamed"),
    [
        ("", ["2.50,", "3,"], 1),
        (",", ["2.50,", "3,"], 1),
        ("", ["2.50,", "3"], 0),
        ("", ["2.50,7", "3,"], 0),
    ],
)
def test_a_column_that_only_a_delimiter_makes_has_no_name(
    root: Path, header: str, rows: list[str], unnamed: int
) -> None:
    text = "\n".join([f"buyer,item,bought,sum{header}", *(f"1,A,1/2/2024 9:15,{r}" for r in rows)])
    (root / "data" / "sales.csv").write_text(text)
    (file,) = files_of(SHOP, root, {})
    assert file.header == ("buyer", "item", "bought", "sum", *[""] * unnamed)


def test_a_text_may_be_as_long_as_a_line(root: Path) -> None:
    rows = [f'1,A,1/2/2024 9:15,2.5,"{"x" * length}"' for length in (9, 1_900_000)]
    (root / "data" / "sales.csv").write_text("\n".join(["buyer,item,bought,sum,page", *rows]))
    (file,) = files_of(SHOP, root, {})
    assert file.has_rows


def test_gzip_is_read_and_a_broken_file_is_reported(root: Path) -> None:
    path = root / "data" / "sales.csv.gz"
    mapping = changed(SHOP, {"interactions.files": path.name})
    path.write_bytes(gzip.compress(SALES.encode(), mtime=0))
    refuse_times(mapping, files_of(mapping, root, {}))
    path.write_bytes(gzip.compress(SALES.encode() * 99, mtime=0)[:-20])
    assert message(lambda: files_of(mapping, root, {})) == (
        "sales.csv.gz cannot be read: "
        "Compressed file ended before the end-of-stream marker was reached"
    )
    path.write_bytes(SALES.encode())
    assert (
        message(lambda: files_of(mapping, root, {}))
        == "sales.csv.gz is not compressed with gzip, although its name ends in .gz"
    )


def test_runs_of_blanks_separate_columns(root: Path) -> None:
    (root / "data" / "sales.csv").write_bytes(b"  buyer  day sum\r\n  0001 20240131  11.77\r\n")
    mapping = changed(
        SHOP,
        {
            "interactions.delimiter": "whitespace",
            "interactions.columns": {"customer": "buyer", "date": "day", "amount": "sum"},
            "interactions.time_formats": ["%Y%m%d"],
        },
    )
    files = files_of(mapping, root, {})
    assert files[0].header == ("buyer", "day", "sum")
    refuse_times(mapping, files)


def test_quoted_headers_may_hold_delimiters_and_line_breaks(root: Path) -> None:
    (root / "data" / "sales.csv").write_text(SALES.replace("item", '"item,\nname"'))
    mapping = changed(SHOP, {"interactions.columns.product": "item,\nname"})
    assert files_of(mapping, root, {})[0].header[1] == "item,\nname"


def test_an_optional_column_may_be_absent_from_some_files(root: Path) -> None:
    (root / "data" / "sales_old.csv").write_text("buyer,bought,sum\n1,31/12/2023 9:15,2.50\n")
    mapping = changed(SHOP, {"interactions.files": "sales*.csv"})
    assert [len(file.header) for file in files_of(mapping, root, {})] == [5, 3]
    assert files_message(root, {"interactions.files": "sales_old.csv"}) == (
        "sales_old.csv has no column 'item' (interactions.columns.product); "
        "it has: buyer, bought, sum"
    )


def test_every_file_has_the_column_of_a_rule(root: Path) -> None:
    (root / "data" / "sales_old.csv").write_text(SALES.replace("kind", "state"))
    rule = {"column": "kind", "values": ["void"], "reason": "voided"}
    changes = {"interactions.files": "sales*.csv", "interactions.leave_out": [rule]}
    assert files_message(root, changes) == (
        "sales_old.csv has no column 'kind' (interactions.leave_out[1].column); "
        "it has: buyer, item, bought, sum, state"
    )
    aliases = {"interactions.aliases": {"kind": ["state"]}}
    assert len(files_of(changed(SHOP, changes | aliases), root, {})) == 2
    (root / "data" / "sales_old.csv").write_text("buyer,item,bought,sum\n1,2,31/12/2023 9:15,2\n")
    assert "sales_old.csv has no column 'kind'" in str(files_message(root, changes))
    optional = {**changes, "interactions.leave_out": [{**rule, "optional": True}]}
    assert len(files_of(changed(SHOP, optional), root, {})) == 2


def test_a_drifting_spelling_is_an_error_until_it_is_an_alias(root: Path) -> None:
    (root / "data" / "sales_old.csv").write_text(SALES.replace("item", "ITEMS"))
    changes: dict[str, Any] = {"interactions.files": "sales*.csv"}
    assert files_message(root, changes) == (
        "sales_old.csv has no column 'item' (interactions.columns.product); "
        "it has: buyer, ITEMS, bought, sum, kind; did you mean 'ITEMS'?"
    )
    aliases = {"interactions.aliases": {"item": ["ITEMS"]}}
    assert len(files_of(changed(SHOP, changes | aliases), root, {})) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"dimensions": [{"name": "region", "column": "Land"}]},
            "sales.csv has no column 'Land' (dimensions[1].column); "
            "it has: buyer, item, bought, sum, kind",
        ),
        (
            {"interactions.leave_out": [{"column": "Land", "values": ["x"], "reason": "x"}]},
            "sales.csv has no column 'Land' (interactions.leave_out[1].column); "
            "it has: buyer, item, bought, sum, kind",
        ),
    ],
)
def test_columns_outside_the_roles_are_looked_for_too(
    root: Path, changes: dict[str, Any], expected: str
) -> None:
    assert files_message(root, changes) == expected


def test_a_long_header_is_cut(root: Path) -> None:
    names = ",".join(f"c{number}" for number in range(1, 31))
    (root / "data" / "sales.csv").write_text(f"{names}\n{names}\n")
    shown = ", ".join(f"c{number}" for number in range(1, 21))
    assert files_message(root, {}) == (
        f"sales.csv has no column 'bought' (interactions.columns.time); it has: {shown}, ..."
    )


def write_parquet(path: Path, query: str) -> None:
    with duckdb.connect() as database:
        database.execute(f"copy ({query}) to '{path}' (format parquet)")


def test_parquet_is_read_by_its_types(root: Path) -> None:
    path = root / "data" / "sales.parquet"
    mapping = changed(SHOP, {"interactions.files": path.name, "interactions.time_formats": None})
    columns = "1 as buyer, 'A' as item, 2.5 as sum"
    write_parquet(path, f"select {columns}, timestamp '2024-12-31 09:15:00' as bought")
    files = files_of(mapping, root, {})
    assert files[0].header == ("buyer", "item", "sum", "bought")
    refuse_times(mapping, files)
    write_parquet(path, f"select {columns}, '31/12/2024' as bought")
    assert message(lambda: refuse_times(mapping, files_of(mapping, root, {}))) == (
        "'bought' is text in sales.parquet, e.g. 31/12/2024; set interactions.time_formats"
    )
    write_parquet(path, f"select {columns}, 1 as bought limit 0")
    assert message(lambda: files_of(mapping, root, {})) == (
        "sales.parquet has a header but no rows"
    )
    path.write_text(SALES)
    assert message(lambda: files_of(mapping, root, {})) == (
        "sales.parquet is not a Parquet file; name it .csv if it is text"
    )
    assert files_message(root, {"interactions.files": ["sales.csv", "sales.parquet"]}) == (
        "interactions.files: has Parquet and text files; keep one of them"
    )


@pytest.mark.parametrize("typed", ["timestamptz", "timestamptz_ns"])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_instants_in_parquet_need_a_zone(root: Path, zone: str | None, typed: str) -> None:
    for name, kind in (("sales 1", "timestamp"), ("sales [2]", typed)):
        stamp = f"cast('2024-12-31 09:15:00' as {kind}) as bought"
        path = root / "data" / f"{name}.parquet"
        write_parquet(path, f"select 1 as buyer, 'A' as item, 2.5 as sum, {stamp}")
    changes = {"interactions.files": "*.parquet", "interactions.time_formats": None}
    mapping = changed(SHOP, changes | ({"time_zone": zone} if zone else {}))
    assert message(lambda: refuse_times(mapping, files_of(mapping, root, {}))) == (
        "time_zone: must be UTC, because 'bought' in sales [2].parquet has times with a time zone "
        "(interactions.columns.time); set business_time_zone to count hours elsewhere"
    )
    mapping |= {"time_zone": "UTC"}
    refuse_times(mapping, files_of(mapping, root, {}))


def test_an_instant_within_another_column_needs_no_zone(root: Path) -> None:
    nested = "{'bought': timestamptz '2024-12-31 09:15:00+00'} as page"
    columns = "1 as buyer, 'A' as item, 2.5 as sum, timestamp '2024-12-31 09:15:00' as bought"
    write_parquet(root / "data" / "sales.parquet", f"select {columns}, {nested}")
    mapping = changed(
        SHOP, {"interactions.files": "sales.parquet", "interactions.time_formats": None}
    )
    refuse_times(mapping, files_of(mapping, root, {}))


# ---- the time stamps -------------------------------------------------------------------------


def times_message(root: Path, changes: dict[str, Any]) -> str:
    mapping = changed(SHOP, changes)
    return message(lambda: refuse_times(mapping, files_of(mapping, root, {})))


def test_stamps_that_fit_no_format(root: Path) -> None:
    formats = {"interactions.time_formats": ["%Y-%m-%d", "%d.%m.%Y"]}
    assert times_message(root, formats) == (
        "none of the first 2 values of 'bought' in sales.csv fits '%Y-%m-%d' or '%d.%m.%Y', "
        "e.g. 31/12/2024 9:15, 01/02/2024 10:00; set interactions.time_formats"
    )


def test_the_sample_of_times_is_bounded_and_skips_missing_values(root: Path) -> None:
    rows = "".join(f"1,A,{stamp},1,buy\n" for stamp in ["", "n/a"] + ["soon"] * 20_000)
    (root / "data" / "sales.csv").write_text(SALES.splitlines()[0] + "\n" + rows)
    assert times_message(root, {"missing_values": ["N/A"]}) == (
        "none of the first 10,000 values of 'bought' in sales.csv fits '%d/%m/%Y %H:%M', "
        "e.g. soon; set interactions.time_formats"
    )


def test_years_of_two_digits_are_not_read_as_years_of_four(root: Path) -> None:
    (root / "data" / "sales.csv").write_text(SALES.replace("2024", "24"))
    assert times_message(root, {}) == (
        "the first 2 values of 'bought' in sales.csv lie before 1900 with '%d/%m/%Y %H:%M', "
        "e.g. 31/12/24 9:15, 01/02/24 10:00; %Y is a year of four digits, %y of two"
    )


def test_date_and_time_of_day_are_joined_by_a_blank(root: Path) -> None:
    mapping = changed(SPLIT, {"orders.time_formats": ["%d/%m/%YT%H:%M"]})
    assert message(lambda: refuse_times(mapping, files_of(mapping, root, {}))) == (
        "none of the first 1 values of 'day clock' in orders.csv fits '%d/%m/%YT%H:%M', "
        "e.g. 31/12/2024 9:15; set orders.time_formats"
    )


def test_one_stamp_that_fits_is_enough_before_the_build(root: Path) -> None:
    (root / "data" / "sales.csv").write_text(SALES + "3,A,soon,1,buy\n,,,,\n")
    refuse_times(SHOP, files_of(SHOP, root, {}))


# ---- the documentation and the command line --------------------------------------------------


# Tables in which a dimension that a mapping adds is a column.
WITH_DIMENSIONS = (
    *("stg_interactions", "stg_orders", "stg_customers", "stg_products", "interaction_facts"),
    *("interactions", "customers", "products", "int_entity_months", "int_attribute_months"),
)


def test_the_reference_has_every_key() -> None:
    markdown = keys_as_markdown()

    def names(keys: type[BaseModel]) -> list[str]:
        fields = named_keys(keys)
        inside = (keys_in(field.annotation) for field in fields.values())
        return [*fields, *(name for found in inside if found for name in names(found))]

    missing = [name for name in names(ExportMapping) if f"| `{name}` |" not in markdown]
    assert not missing
    assert all(f"### {block}.columns\n" in markdown for block in BLOCKS)
    assert all(
        line.replace("\\|", "").count("|") == 5 for line in markdown.splitlines() if line[:1] == "|"
    )


def test_the_schema_for_editors_is_up_to_date() -> None:
    """`make schema` writes it; every mapping of the project refers to it and conforms to it."""
    mappings = PROJECT / "mappings"
    assert (mappings / SCHEMA).read_text(encoding="utf-8") == json_schema()
    schema = jsonschema.Draft202012Validator(json.loads(json_schema()))
    for path in mappings.rglob("*.yml"):
        text = path.read_text(encoding="utf-8")
        named = next(line for line in text.splitlines() if line.startswith(SCHEMA_LINE))
        assert (path.parent / named.removeprefix(SCHEMA_LINE)).resolve() == mappings / SCHEMA
        assert [*schema.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"nam": "x"},
        {"name": " "},
        {"description": 7},
        {"interactions.columns.amount": {"once_per": "x"}},
        {"interactions.delimiter": ",,"},
        {"max_rejected_share": 2},
        {"dimensions": [{"name": "Region", "column": "kind"}]},
    ],
    ids=str,
)
def test_an_editor_marks_invalid_values(changes: dict[str, Any]) -> None:
    schema = jsonschema.Draft202012Validator(json.loads(json_schema()))
    assert schema.is_valid(EVERY_KEY)
    assert not schema.is_valid(changed(SHOP, changes))


def test_columns_beside_those_of_dimensions_are_taken() -> None:
    columns = {
        column["name"]
        for path in (PROJECT / "models").rglob("_*.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])
        if model["name"] in WITH_DIMENSIONS
        for column in model["columns"]
    }
    assert {"order_id", "revenue", "file_key", "purchases", "month_start"} < columns
    assert columns <= reserved_names()


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "topheavy", "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_says_ok_or_one_line(root: Path) -> None:
    mapping = changed(SHOP, {"folder": str(root / "data")})
    path = saved(root, mapping)
    good = run(path)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout == f"{path}: ok, 1 file, {len(SALES)} bytes\n"
    assert json.loads(run(path, "--json").stdout) == mapping
    saved(root, changed(mapping, {"interactions.columns.amount": "Sums"}))
    bad = run(path)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr == (
        f"{path}: sales.csv has no column 'Sums' (interactions.columns.amount); "
        "it has: buyer, item, bought, sum, kind; did you mean sum?\n"
    )
    assert run("--keys").stdout.startswith("### top level\n\n| key | type | default | meaning |\n")


@pytest.mark.parametrize(("count", "text"), [(999, "999 bytes"), (2_300_000, "2.3 MB")])
def test_sizes_are_written_for_people(count: int, text: str) -> None:
    assert size_in_words(count) == text
