"""Exports contain what the warehouse contains: as Parquet, as CSV, as a workbook."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import PROJECT, Warehouse
from made_up_releases import finding, largest, limit, release, sales
from python_calamine import CalamineWorkbook

from topheavy.build.build import forms_of
from topheavy.publish.export import ExportError, export, export_workbook, exported, with_release
from topheavy.publish.outputs import Outputs
from topheavy.publish.publish import publish
from topheavy.publish.workbook import TOP, workbook
from topheavy.visible import UNSEEN, visible


@pytest.fixture(scope="module")
def folder(sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export, written over an older one that had an additional table."""
    folder = tmp_path_factory.mktemp("export") / "parquet"
    (folder / "gone").mkdir(parents=True)
    export(path_of(sample), folder)
    return folder


def path_of(warehouse: Warehouse) -> Path:
    found = warehouse.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    )
    return Path(found.fetchall()[0][0])


def test_every_table_is_there_and_nothing_else(sample: Warehouse, folder: Path) -> None:
    tables = sample.execute(
        "select table_name from information_schema.tables where table_catalog = current_database()"
    ).fetchall()
    assert {path.name for path in folder.iterdir()} == {name for (name,) in tables}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_files_hold_the_rows_and_types_of_the_tables(sample: Warehouse, folder: Path) -> None:
    for table in sorted(path.name for path in folder.iterdir()):
        files = f"read_parquet('{folder / table}/**/*.parquet', hive_partitioning = false)"
        columns = {name: kind for name, kind, *_ in sample.execute(f"describe {table}").fetchall()}
        with duckdb.connect() as reader:
            found = reader.execute(f"describe select * from {files}").fetchall()
            assert {name: kind for name, kind, *_ in found} == columns, table
            rows = reader.execute(f"from {files}").fetchall()
        assert sorted(map(repr, rows)) == sorted(
            map(repr, sample.execute(f"from {table}").fetchall())
        ), table


def test_interactions_have_a_folder_per_month(folder: Path) -> None:
    with duckdb.connect() as reader:
        wrong = reader.execute(
            f"select * from read_parquet('{folder}/interactions/**/*.parquet') "
            "where (year, month) != (year(interacted_at), month(interacted_at))"
        ).fetchall()
    assert wrong == []
    assert len(list((folder / "interactions").glob("year=*/month=*"))) == 24


def test_a_folder_with_other_files_is_left_alone(sample: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "mine" / "notes").mkdir(parents=True)
    (tmp_path / "mine" / "notes" / "thesis.txt").write_text("words")
    with pytest.raises(
        FileExistsError, match=r"mine has thesis\.txt, which is not part of an export"
    ):
        export(path_of(sample), tmp_path / "mine")
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "notes", "thesis.txt"]


# ---- as CSV ----------------------------------------------------------------------------------

HIDDEN = "a\tb\nc\rd\x1b[2J\x00 \u202egnp \u200b\U000e0041 Ä é 🛒 👩\u200d🔧 ❤\ufe0f"


def test_csv_holds_the_rows_of_the_tables(sample: Warehouse, tmp_path: Path) -> None:
    """The tables are one with money and dates, one with indices, and a view."""
    rows = export(path_of(sample), tmp_path / "csv", "csv")
    assert {path.stem for path in (tmp_path / "csv").iterdir()} == {*rows}
    for table in ("calendar_dates", "concentration_indices", "interactions", "risk_register"):
        kinds = {name: kind for name, kind, *_ in sample.execute(f"describe {table}").fetchall()}
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
        file = tmp_path / "csv" / f"{table}.csv"
        with duckdb.connect() as reader:
            found = reader.execute(
                f"from read_csv('{file}', columns = {{{columns}}}, header = true)"
            ).fetchall()
        expected = sample.execute(f"from {table} order by all").fetchall()
        assert found == expected and len(found) == rows[table], table


def test_csv_shows_hidden_characters_and_keeps_all_others(tmp_path: Path) -> None:
    """An empty text also stays distinct from NULL."""
    with duckdb.connect(str(tmp_path / "made.duckdb")) as made:
        made.execute("create table names (place integer, name varchar)")
        rows = [(1, HIDDEN), (2, '=1+1, "quoted"'), (3, ""), (4, None)]
        made.executemany("insert into names values (?, ?)", [list(row) for row in rows])
    for folder in ("one", "other"):
        assert export(tmp_path / "made.duckdb", tmp_path / folder, "csv") == {"names": 4}
    text = (tmp_path / "one" / "names.csv").read_bytes()
    assert text == (tmp_path / "other" / "names.csv").read_bytes()
    assert text.decode().splitlines() == [
        "place,name",
        f"1,{visible(HIDDEN)}",
        '2,"=1+1, ""quoted"""',
        '3,""',
        "4,",
    ]
    assert UNSEEN.findall(text.decode().replace("\n", "")) == []


def test_every_hidden_character_is_shown_in_csv_as_elsewhere(tmp_path: Path) -> None:
    """Each is tested alone, except selectors and joiners, whose meaning depends on the previous
    character.
    """
    kept = {0x200D, *range(0xFE00, 0xFE10)}
    everything = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code < 0xE000]
    hidden = [it for it in UNSEEN.findall("".join(everything)) if ord(it) not in kept]
    with duckdb.connect(str(tmp_path / "made.duckdb")) as made:
        made.execute("create table names as select unnest(?::varchar[]) as name", [hidden])
    export(tmp_path / "made.duckdb", tmp_path / "csv", "csv")
    lines = (tmp_path / "csv" / "names.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert sorted(lines) == sorted(map(visible, hidden))


# ---- as a workbook ---------------------------------------------------------------------------

FACTS = {"published_at": "2024-02-01T08:00:00Z", "mapping_name": "shop", "row_count": 3}


def made(path: Path) -> bytes:
    with duckdb.connect(str(path), read_only=True) as warehouse:
        return workbook(warehouse, FACTS)


def sheets(book: bytes) -> dict[str, list[list[Any]]]:
    read = CalamineWorkbook.from_filelike(io.BytesIO(book))
    return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}


def parts(book: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return release(
        tmp_path / "shop.duckdb",
        sales("jan.csv", 1, {"a": 60, "b": 40}),
        largest({"a": 0.6, "b": 0.4}),
        largest({"7": 1.0}, "hour"),
        largest({f"p{place:02}": 0.04 for place in range(25)}, "product"),
        limit("customer_dependency", "breach", 0.6),
        limit("customer_concentration", "ok", 0.1, indicator="hhi"),
        limit("customer_dependency", "ok", 0.1, is_latest_complete=False),
        finding("customer_dependency, customer", "Customer A accounts for 60%", 60.5),
    )


def test_the_workbook_has_register_limits_and_top_entities(shop: Path) -> None:
    found = sheets(made(shop))
    assert [*found] == ["Register", "Limits", "Top entities", "About"]
    assert found["Register"][1][:6] == [
        *(1.0, "Customer A accounts for 60%; details", "breach", "customer", "A", 60.5)
    ]
    assert found["Register"][1][-1] == date(2024, 1, 1)
    assert [row[:6] for row in found["Limits"][1:]] == [
        ["customer_dependency", "customer", "revenue", "cr1", "breach", 0.6],
        ["customer_concentration", "customer", "revenue", "hhi", "ok", 0.1],
    ]
    top = found["Top entities"]
    assert top[0][:6] == ["Dimension", "Place", "Entity", "Id", "Revenue", "Share"]
    assert top[1][:6] == ["customer", 1.0, "A", "a", 60.0, 0.6]
    dimensions = [row[0] for row in top[1:]]
    assert dimensions == ["customer"] * 2 + ["product"] * TOP
    assert ["Valid rows", 3.0] in found["About"]


def test_numbers_have_the_format_of_their_unit(shop: Path) -> None:
    """Money, shares, indices and dates have formats, the heading stays visible, and statuses have
    colours.
    """
    book = parts(made(shop))
    styles = book["xl/styles.xml"]
    codes = dict(re.findall(r'numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    cells = re.findall(r"<xf ([^>]*)>", styles.split("<cellXfs", 1)[1])
    built_in = {"4": "#,##0.00", "3": "#,##0", "10": "0.00%"}

    def form(sheet: int, cell: str) -> str:
        (style,) = re.findall(f'<c r="{cell}" s="(\\d+)"', book[f"xl/worksheets/sheet{sheet}.xml"])
        (number,) = re.findall(r'numFmtId="(\d+)"', cells[int(style)])
        return codes.get(number) or built_in[number]

    assert form(1, "F2") == "#,##0.00" and form(1, "K2") == "yyyy-mm-dd"
    assert form(2, "F2") == "0.0%" and form(2, "F3") == "0.000"
    assert form(3, "E2") == "#,##0.00" and form(3, "F2") == "0.0%" and form(3, "B2") == "#,##0"
    for sheet in (1, 2, 3):
        text = book[f"xl/worksheets/sheet{sheet}.xml"]
        assert 'state="frozen"' in text and "<autoFilter " in text
    assert {"FFF8D7D3", "FFDDEFDD"} <= {*re.findall('fgColor rgb="([0-9A-F]+)"', styles)}


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@sum(a1)",
    '=HYPERLINK("http://evil.example")',
    "https://evil.example",
]


def test_a_text_that_looks_like_a_formula_is_a_text(tmp_path: Path) -> None:
    path = release(
        tmp_path / "shop.duckdb",
        largest({name: 0.1 for name in FORMULAS}),
        finding("x", "=cmd|' /C calc'!A0", 1.0, title="=cmd|' /C calc'!A0", entity_id="=1+1"),
        limit("+limit", "ok", 0.5, owner="@owner", action="-1"),
    )
    book = made(path)
    assert {row[3] for row in sheets(book)["Top entities"][1:]} == {*FORMULAS}
    everything = parts(book)
    assert sheets(book)["Register"][1][1] == "=cmd|' /C calc'!A0"
    for name, text in everything.items():
        assert not re.search("<f[ >]|<hyperlink", text), name
    # It does not become a formula when somebody edits its cell, either.
    assert 'quotePrefix="1"' in everything["xl/styles.xml"]
    cells = re.findall(r"<xf ([^>]*)>", everything["xl/styles.xml"].split("<cellXfs", 1)[1])
    styles = re.findall(r'<c r="D\d+" s="(\d+)" t="s"', everything["xl/worksheets/sheet3.xml"])
    is_inert = ['quotePrefix="1"' in cells[int(style)] for style in styles[1:]]
    assert is_inert == [True, True, True, True, True, False]


def test_a_workbook_has_nothing_hidden_in_it_and_no_text_too_long(tmp_path: Path) -> None:
    path = release(
        tmp_path / "shop.duckdb",
        largest({HIDDEN.replace("\x00", ""): 1.0}),
        finding("x", "y", 1.0, title="z" * 40_000),
    )
    found = sheets(made(path))
    assert found["Top entities"][1][3] == visible(HIDDEN.replace("\x00", ""))
    assert found["Register"][1][1].endswith("… (40,000 characters)")


def test_the_same_release_gives_the_same_workbook(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of writing does not matter."""
    first = made(shop)
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert made(shop) == first
    assert "2024-02-01T08:00:00Z" in parts(first)["docProps/core.xml"]


def test_a_workbook_of_nothing_opens(tmp_path: Path) -> None:
    found = sheets(made(release(tmp_path / "shop.duckdb")))
    assert [len(found[name]) for name in ("Register", "Limits", "Top entities")] == [1, 1, 1]


def test_a_workbook_takes_the_place_of_the_old_one(shop: Path, tmp_path: Path) -> None:
    outputs = Outputs(tmp_path / "warehouse" / "shop")
    publish(shop, "page", FACTS, outputs)
    outputs.workbook.write_bytes(b"old")
    said = exported(outputs, "xlsx", None)
    assert said == f"register, limits and top entities in {outputs.workbook}"
    assert sheets(outputs.workbook.read_bytes()).keys() >= {"Register"}
    assert not [*outputs.folder.glob(".topheavy*")]
    with pytest.raises(ExportError, match=r"thesis\.txt: a workbook's name must end in \.xlsx"):
        export_workbook(outputs, tmp_path / "thesis.txt")
    with pytest.raises(ExportError, match="FORMAT: must be parquet, csv or xlsx, not 'ods'"):
        exported(outputs, "ods", None)


# ---- with each release -----------------------------------------------------------------------


def test_exports_of_a_release_are_written_in_order(shop: Path, tmp_path: Path) -> None:
    outputs = Outputs(tmp_path / "warehouse" / "shop")
    publish(shop, "page", FACTS, outputs)
    # The views of real releases have a column that partitions their Parquet files.
    forms = forms_of("csv   xlsx", "duckdb")
    said = [*with_release(outputs, forms)]
    assert [line.rsplit("/", 1)[1] for line in said] == ["csv", "topheavy.xlsx"]
    outputs.csv.joinpath("thesis.txt").write_text("words")
    with pytest.raises(ExportError) as failure:
        [*with_release(outputs, ["csv"])]
    assert str(failure.value) == (
        f"the release is published, but not as csv: {outputs.csv} has thesis.txt, which is "
        "not part of an export: name another folder; then run make export FORMAT=csv "
        "MAPPING=mappings/shop.yml"
    )


def test_a_form_that_there_is_not_is_refused_before_a_build() -> None:
    with pytest.raises(ExportError, match="EXPORT: must be parquet, csv or xlsx, not 'delta'"):
        forms_of("parquet delta", "duckdb")
    with pytest.raises(ExportError, match="EXPORT: a build on Spark publishes nothing"):
        forms_of("parquet", "spark")
    assert forms_of("", "spark") == []


def test_without_a_warehouse_it_gives_the_remedy() -> None:
    command = [sys.executable, "-m", "topheavy", "export", "--mapping", "mappings/none.yml"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "export failed: there is no warehouse/none/topheavy.duckdb; "
        "run make build MAPPING=mappings/none.yml first (published: "
    )
    assert done.stderr.count("\n") == 1
