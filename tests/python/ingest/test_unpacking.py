"""A small file that would fill the disk when unpacked causes a one-line error and is
not unpacked.
"""

from __future__ import annotations

import gzip
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from topheavy.draft.profiles import profile_files
from topheavy.mapping import files as input_files
from topheavy.mapping import unpacking, workbook_cells
from topheavy.mapping.containers import open_bytes, refuse_other_kinds, sheets_with_rows
from topheavy.mapping.errors import MappingError
from topheavy.mapping.files import check_files
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.reading import mapping_of_vars, read_mapping

BOMB = rb"time,amount" + b"\n" * 3_000_000
LINES = "".join(f"2024-01-01,{number * 7919 % 100_003}.25\n" for number in range(40_000)).encode()


@pytest.fixture(autouse=True)
def small_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "ANY_FILE", 100_000)


def packed(folder: Path, suffix: str, content: bytes) -> Path:
    path = folder / f"sales.csv{suffix}"
    if suffix == ".gz":
        path.write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("sales.csv", content)
    return path


@pytest.mark.parametrize("suffix", [".gz", ".zip"])
def test_a_bomb_is_refused(suffix: str, tmp_path: Path) -> None:
    path = packed(tmp_path, suffix, BOMB)
    assert 500 * path.stat().st_size < len(BOMB)
    with pytest.raises(MappingError, match=r"^unpacks to more than \d MB, over 200 times its size"):
        refuse_other_kinds(path)


@pytest.mark.parametrize("suffix", [".gz", ".zip"])
def test_data_of_any_size_are_not(suffix: str, tmp_path: Path) -> None:
    refuse_other_kinds(packed(tmp_path, suffix, LINES))


def test_a_small_file_is_not_however_well_it_packs(tmp_path: Path) -> None:
    refuse_other_kinds(packed(tmp_path, ".gz", BOMB[:90_000]))


def test_a_broken_file_is_reported_by_its_reader(tmp_path: Path) -> None:
    path = packed(tmp_path, ".gz", LINES)
    path.write_bytes(path.read_bytes()[:2_000])
    unpacking.refuse_bomb(path)


def test_a_table_of_thousands_of_columns_is_refused(tmp_path: Path) -> None:
    """Both the draft and the build refuse it."""
    names = ["When", "Who", "Total", *(f"c{number}" for number in range(4_997))]
    path = tmp_path / "wide.csv"
    path.write_text(",".join(names) + "\n" + ",".join("1" * len(names)) + "\n")
    assert_refused(
        path, r"has 5,000 columns; at most 2,000: leave out what the mapping does not name"
    )


def mapping_of(path: Path) -> ExportMapping:
    columns = {"time": "When", "customer": "Who", "amount": "Total"}
    return mapping_of_vars({"interactions": {"files": path.name, "columns": columns}})


def assert_refused(path: Path, message: str) -> None:
    """Check that both the build and the draft refuse a file."""
    with pytest.raises(MappingError, match=message):
        check_files(mapping_of(path), path.parent, {})
    with pytest.raises(MappingError, match=message), duckdb.connect() as database:
        profile_files([path], database)


# ---- workbooks -------------------------------------------------------------------------------

PARTS = {
    "[Content_Types].xml": "<Types/>",
    "_rels/.rels": (
        '<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/workbook.xml": (
        '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="Sales" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    ),
}
FIRST_ROWS = (("When", "Who", "Total"), ("2024-01-01", "a", "1"), ("2024-01-02", "b", "2"))
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a0 "x">'
    + "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
    + '<!ENTITY file SYSTEM "file:///etc/passwd">]>'
)


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def workbook(path: Path, more: str = "", before: str = "", shared: str = "") -> Path:
    """Write a workbook with a sheet of three rows, and the part that makes it a bomb."""
    rows = "".join(
        f'<row r="{number}">'
        + "".join(cell(f"{'ABC'[place]}{number}", text) for place, text in enumerate(texts))
        + "</row>"
        for number, texts in enumerate(FIRST_ROWS, start=1)
    )
    parts = {
        **PARTS,
        "xl/worksheets/sheet1.xml": f"{before}<worksheet><sheetData>{rows}{more}</sheetData>"
        "</worksheet>",
        **({"xl/sharedStrings.xml": f"<sst>{shared}</sst>"} if shared else {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def archived(path: Path) -> Path:
    """Return a zip archive of the file."""
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as written:
        written.write(path, path.name)
    return archive


def far_cell(path: Path) -> Path:
    """Return 17,179,869,184 cells in a file of one kilobyte."""
    return workbook(path, f'<row r="1048576">{cell("XFD1048576", "x")}</row>')


def shared_text(path: Path) -> Path:
    """Return 20 GB of text in a file of 50 kB."""
    rows = (f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(4, 20_004))
    return workbook(path, "".join(rows), shared=f"<si><t>{'x' * 1_000_000}</t></si>")


def endless_part(path: Path) -> Path:
    return workbook(path, " " * 3_000_000)


def entities(path: Path) -> Path:
    return workbook(path, f'<row r="4">{cell("A4", "&a9;")}</row>', before=ENTITIES)


def file_entity(path: Path) -> Path:
    return workbook(path, f'<row r="4">{cell("A4", "&file;")}</row>', before=ENTITIES)


WORKBOOKS: dict[Callable[[Path], Path], str] = {
    far_cell: "is a workbook that takes more than 1 GB of memory or 60 seconds to read",
    shared_text: "is a workbook that takes more than 1 GB of memory or 60 seconds to read",
    endless_part: r"unpacks to more than \d MB, over 200 times its size",
    entities: "is a workbook that cannot be read: .*a9",
    file_entity: "is a workbook that cannot be read: .*file",
}


@pytest.mark.parametrize("bomb", WORKBOOKS)
def test_a_workbook_takes_no_more_than_its_part_of_the_machine(
    bomb: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit applies to a plain workbook and to one in a zip archive."""
    monkeypatch.setattr(workbook_cells, "MEMORY", 1_000_000_000)
    monkeypatch.setattr(workbook_cells, "SECONDS", 60)
    if bomb is shared_text:
        monkeypatch.setattr(unpacking, "ANY_FILE", 100_000_000)
    path = bomb(tmp_path / "sales.xlsx")
    for file in (path, archived(path)):
        assert file.stat().st_size < 200_000
        assert_refused(file, WORKBOOKS[bomb])


def test_a_workbook_that_takes_too_long_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "ANY_FILE", 1_000_000_000)
    monkeypatch.setattr(workbook_cells, "SECONDS", 1)
    path = workbook(tmp_path / "sales.xlsx", "<row/>" * 20_000_000)
    with pytest.raises(MappingError, match=r"takes more than 4 GB of memory or 1 seconds to read"):
        sheets_with_rows(path)


def test_a_workbook_in_an_archive_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "sales.xlsx")
    expected = {"Sales": [list(row) for row in FIRST_ROWS]}
    assert sheets_with_rows(path) == sheets_with_rows(archived(path)) == expected


# ---- texts and other things ------------------------------------------------------------------


def test_an_archive_is_unpacked_while_it_is_read(tmp_path: Path) -> None:
    path = packed(tmp_path, ".zip", LINES)
    with open_bytes(path) as file:
        assert file.read(100) == LINES[:100]
        assert file.read() == LINES[100:]


def test_a_text_of_one_line_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_files, "LINE_BYTES", 10_000)
    path = tmp_path / "sales.csv"
    path.write_text("When,Who,Total\n2024-01-01,a,1\n" + "x" * 10_001)
    assert_refused(path, r"has more than 10,000 characters in line 3: it is not a table of text")


def test_pipes_and_devices_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    for name in ("pipe.csv", "device.csv"):
        assert_refused(
            tmp_path / name, f"{name} is a pipe or a device, not a file: write its output"
        )
    (tmp_path / "link.csv").symlink_to("nowhere.csv")
    with pytest.raises(MappingError, match=r"link\.csv is a broken link: make it point to a file"):
        check_files(mapping_of(tmp_path / "link.csv"), tmp_path, {})


def test_neither_a_mapping_nor_its_limits_are_waited_for(tmp_path: Path) -> None:
    pipe, mapping = tmp_path / "pipe.yml", tmp_path / "shop.yml"
    os.mkfifo(pipe)
    with pytest.raises(MappingError, match=r"pipe\.yml: is not a file$"):
        read_mapping(pipe)
    block = "interactions: {files: a.csv, columns: {time: t, amount: a}, time_formats: ['%Y']}\n"
    for name, reason in (
        ("pipe.yml", "it is a folder, a pipe or a device"),
        (".", "it is a folder, a pipe or a device"),
        ("a\\0b", "embedded null byte"),
    ):
        mapping.write_text(f'name: shop\nlimits: "{name}"\n{block}', encoding="utf-8")
        with pytest.raises(MappingError, match=f"limits: .* cannot be read: {reason}"):
            read_mapping(mapping)


def test_an_archive_of_thousands_of_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sales.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.csv", b"")
    started = time.monotonic()
    assert_refused(path, r"is a zip archive of 20000 files \(0\.csv, 1\.csv, .*\): unpack it")
    assert time.monotonic() - started < 10
