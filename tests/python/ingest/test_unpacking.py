"""A small file that fills a disk once it is unpacked costs one line, and nothing is unpacked."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import duckdb
import pytest

import unpacking
from containers import refuse_other_kinds
from file_profiles import profile_files
from input_files import check_files
from mapping import MappingError

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


def test_a_broken_file_is_left_to_what_reads_it(tmp_path: Path) -> None:
    path = packed(tmp_path, ".gz", LINES)
    path.write_bytes(path.read_bytes()[:2_000])
    unpacking.refuse_bomb(path)


def test_a_table_of_thousands_of_columns_is_refused(tmp_path: Path) -> None:
    """By the draft and by the build."""
    names = ["When", "Who", "Total", *(f"c{number}" for number in range(4_997))]
    path = tmp_path / "wide.csv"
    path.write_text(",".join(names) + "\n" + ",".join("1" * len(names)) + "\n")
    columns = {"time": "When", "customer": "Who", "amount": "Total"}
    mapping = {"interactions": {"files": "wide.csv", "columns": columns}}
    message = (
        r"wide\.csv has 5,000 columns; at most 2,000: leave out what the mapping does not name"
    )
    with pytest.raises(MappingError, match=message):
        check_files(mapping, tmp_path, {})
    with pytest.raises(MappingError, match=message), duckdb.connect() as database:
        profile_files([path], database)
