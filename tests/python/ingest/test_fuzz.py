"""Random defects in a clean export cause no stack trace, lose no row and change no other row's
figures.

A build takes seconds, so one build covers hundreds of defects of every kind in every column;
Hypothesis chooses their texts and rows. Files that are too broken to be built are tested with the
input checks alone, many times.
"""

from __future__ import annotations

import random
import string
import tempfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
import yaml
from conftest import PROJECT, build_here
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import read_export

HEADER = ("sale", "time", "customer", "product", "amount", "shop")
COLUMNS = dict(zip(("order", "time", "customer", "product", "amount"), HEADER, strict=False))
MAPPING = {
    "name": "fuzz",
    "max_rejected_share": 1,
    "dimensions": [{"name": "shop", "column": "shop"}],
    "interactions": {
        "files": "sales.csv",
        "columns": COLUMNS,
        "time_formats": ["%Y-%m-%d %H:%M"],
    },
}
ROWS = 2000
# The number of examples that Hypothesis draws at a time; the parts follow each other in one file.
PARTS = 2
DEFECTS_PER_PART = 240

Cells = list[str]


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def clean_row(number: int) -> Cells:
    """Return a unique row whose figures follow from its number."""
    return [
        f"sale-{number:05}",
        f"2024-{1 + number % 12:02}-{1 + number % 28:02} {number % 24:02}:{number % 60:02}",
        f"customer {number % 97}",
        f"product {number % 31}",
        f"{number % 1000}.{number % 100:02}",
        f"shop {number % 5}",
    ]


# ---- the defects: each makes a line of a row; `place` is the cell it damages ------------------


def with_cell(row: Cells, place: int, written: str) -> str:
    return ",".join([*row[:place], written, *row[place + 1 :]])


WRONG = (
    *("nan", "inf", "-", "1,2,3", "9" * 40, "1e400", "0x10", "$", "12 34", "(", "-(5)", "٣٤"),
    *("2024-13-45 10:00", "0000-00-00 00:00", "9999-12-31 23:59", "1 Jan 24", "2024-02-30 10:00"),
)

Defect = Callable[[Cells, int, str], str]
DEFECTS: dict[str, Defect] = {
    "blanked": lambda row, place, text: with_cell(row, place, ""),
    "garbled": lambda row, place, text: with_cell(row, place, quoted(text)),
    "padded": lambda row, place, text: with_cell(row, place, f"  {row[place]}\u00a0 "),
    "wrong type": lambda row, place, text: with_cell(
        row, place, quoted(WRONG[(len(text) + place) % len(WRONG)])
    ),
    "field too many": lambda row, place, text: with_cell(row, place, f"{row[place]},{place}"),
    "field too few": lambda row, place, text: ",".join(row[: max(place, 1)]),
    "line break": lambda row, place, text: with_cell(row, place, quoted(f"{text}\n{place}")),
    "quote inside": lambda row, place, text: with_cell(row, place, f'{row[place]}"{place}'),
    "quote closed too early": lambda row, place, text: with_cell(row, place, f'"{place}"x'),
    "all cells empty": lambda row, place, text: "," * (len(row) - 1),
    "blanks in all cells": lambda row, place, text: ",".join([" "] * len(row)),
}


def spoilt_lines(
    texts: Sequence[str], seed: int, first: int = 0
) -> tuple[list[str], dict[int, str]]:
    """Return the lines of a part of the export, and its defective rows by number, with their
    defects.
    """
    lines = [",".join(clean_row(number)) for number in range(first + ROWS)]
    chosen = random.Random(seed).sample(range(first, first + ROWS), len(texts))
    kinds = list(DEFECTS)
    spoilt = {}
    for turn, (number, text) in enumerate(zip(chosen, texts, strict=True)):
        kind = kinds[turn % len(kinds)]
        place = turn // len(kinds) % len(HEADER)
        lines[number] = DEFECTS[kind](clean_row(number), place, text)
        spoilt[number] = kind
    return lines, spoilt


# A file in UTF-8 cannot contain a lone surrogate.
TEXTS = st.text(
    st.one_of(
        st.sampled_from(string.printable.replace("\r", "")),
        st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"),
    ),
    max_size=12,
)


class Account(NamedTuple):
    """The warehouse's account of all rows."""

    raw: int
    blank: int
    rejected: int
    valid: int


def drawn() -> list[tuple[list[str], int]]:
    """Return the texts of the defects of each part, and the seed that chooses its rows."""
    found: list[tuple[list[str], int]] = []

    @settings(max_examples=PARTS, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(
        texts=st.lists(TEXTS, min_size=DEFECTS_PER_PART, max_size=DEFECTS_PER_PART),
        seed=st.integers(0, 2**32),
    )
    def collect(texts: list[str], seed: int) -> None:
        found.append((texts, seed))

    collect()
    return found


def test_defects_stay_where_they_are(tmp_path: Path) -> None:
    """The build runs every data test; these may warn about the defects but must not fail."""
    lines: list[str] = []
    spoilt: dict[int, str] = {}
    for texts, seed in drawn():
        first = len(lines)
        part, defects = spoilt_lines(texts, seed, first)
        lines += part[first:]
        spoilt |= defects
    assert len(spoilt) == PARTS * DEFECTS_PER_PART
    (tmp_path / "sales.csv").write_text(
        "\n".join([",".join(HEADER), *lines]), encoding="utf-8", newline=""
    )
    mapping, results = tmp_path / "fuzz.yml", tmp_path / "fuzz"
    mapping.write_text(yaml.safe_dump({**MAPPING, "folder": str(tmp_path)}))
    build_here(mapping, results)

    with duckdb.connect(str(results / "topheavy.duckdb"), read_only=True) as warehouse:
        counts = dict(
            warehouse.execute(
                "select check_name, row_count from data_quality where source_block = 'interactions'"
            ).fetchall()
        )
        listed = [
            row[0] for row in warehouse.execute("select raw_text from rejected_rows").fetchall()
        ]
        kept: dict[str, Any] = {
            row[0]: row[1:]
            for row in warehouse.execute(
                "select order_id, strftime(interacted_at, '%Y-%m-%d %H:%M'), customer_id,"
                " product_id, revenue, shop from interactions"
            ).fetchall()
        }

    account = Account(*(counts[f"{name}_rows"] for name in Account._fields))
    assert account.raw == len(lines) == account.blank + account.rejected + account.valid
    empty = ("all cells empty", "blanks in all cells")
    assert account.blank == sum(kind in empty for kind in spoilt.values())
    assert len(listed) == account.rejected

    for number in range(len(lines)):
        sale, time, customer, product, amount, shop = clean_row(number)
        if number not in spoilt or spoilt[number] == "padded":
            assert kept[sale] == (time, customer, product, Decimal(amount), shop)
        elif spoilt[number] not in empty and sale in lines[number]:
            found = sale in " ".join(map(str, kept)) or any(sale in (raw or "") for raw in listed)
            assert found, f"{spoilt[number]}: {lines[number]!r} is nowhere"


# ---- unreadable files ------------------------------------------------------------------------

CLEAN = "\n".join([",".join(HEADER), *(",".join(clean_row(number)) for number in range(20))])
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")


@settings(max_examples=8)
@given(number=st.integers(0, ROWS - 1), place=st.integers(0, len(HEADER) - 1))
def test_a_zero_byte_is_refused_with_its_line(number: int, place: int) -> None:
    """The position in the file does not matter."""
    lines = [",".join(HEADER), *(",".join(clean_row(row)) for row in range(ROWS))]
    row = clean_row(number)
    lines[number + 1] = with_cell(row, place, f"{row[place]}\0")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sales.csv").write_text("\n".join(lines), encoding="utf-8")
        (folder / "mapping.yml").write_text(yaml.safe_dump({**MAPPING, "folder": name}))
        expected = rf"sales\.csv has 1 NUL byte, the first in line {number + 2}: remove them"
        with pytest.raises(MappingError, match=expected):
            read_export(folder / "mapping.yml", PROJECT, {})


@settings(max_examples=150)
@given(
    encoding=st.sampled_from(ENCODINGS),
    pieces=st.lists(st.tuples(st.integers(0, 1500), st.binary(max_size=4)), max_size=6),
    cut=st.one_of(st.none(), st.integers(0, 1500)),
)
def test_a_spoilt_file_is_refused_in_one_line_or_taken(
    encoding: str, pieces: list[tuple[int, bytes]], cut: int | None
) -> None:
    content = bytearray(CLEAN.encode(encoding))
    for place, piece in pieces:
        content[place:place] = piece
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sales.csv").write_bytes(content[:cut])
        (folder / "mapping.yml").write_text(yaml.safe_dump({**MAPPING, "folder": name}))
        try:
            read_export(folder / "mapping.yml", PROJECT, {})
        except MappingError as error:
            assert str(error).isprintable() or "\n" not in str(error)
