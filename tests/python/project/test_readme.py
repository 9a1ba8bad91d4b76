"""The picture in the README shows how data flow through the published tables."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import Any

import pytest
from conftest import PROJECT

PAGE = (PROJECT / "README.md").read_text(encoding="utf-8")
BOX = re.compile(r"(\w+)\[\(?\"?([^\]\"()]+)")
ARROW = re.compile(r"^ +(\w+)(?:\[[^\]]*\])? --> (\w+)", re.MULTILINE)
# A view that shows the rows with names from later tables.
SHOWS_NAMES = "interactions"


@pytest.fixture(scope="module")
def picture() -> str:
    found = re.search(r"<!-- lineage -->\n```mermaid\n(.+?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def reads(manifest: dict[str, Any], made_of: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the tables that each published table is built from, through unpublished ones."""
    published = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "main"
    }
    return {name: made_of[name] for name in published}


@pytest.fixture(scope="module")
def boxes(picture: str, reads: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the tables of each box; a star stands for any letters."""
    patterns = {
        box: [word.strip() for line in text.split("<br/>")[1:] for word in line.split(",")]
        for box, text in BOX.findall(picture)
    }
    plain = {word for words in patterns.values() for word in words if "*" not in word}
    return {
        box: {
            table
            for table in reads
            if table in words or (table not in plain and any(fnmatch(table, it) for it in words))
        }
        for box, words in patterns.items()
    }


def test_every_table_is_in_one_of_ten_boxes(
    boxes: dict[str, set[str]], reads: dict[str, set[str]]
) -> None:
    assert len(boxes) == 10
    shown = sorted(table for tables in boxes.values() for table in tables)
    unread = {"build_info"}  # `topheavy build` writes it, not a model
    assert shown == sorted(reads.keys() - unread)


def test_its_arrows_are_the_ways_of_the_data(
    picture: str, boxes: dict[str, set[str]], reads: dict[str, set[str]]
) -> None:
    arrows = ARROW.findall(picture)
    made_of = {
        box: {
            other
            for other, tables in boxes.items()
            if other != box and any(reads[table] & tables for table in boxes[box] - {SHOWS_NAMES})
        }
        for box in boxes
    }
    for start, end in arrows:
        assert start == "files" or start in made_of[end], f"{end} is not made of {start}"
    reached = {end: {start for start, to in arrows if to == end} for end in boxes}
    for _ in boxes:
        for end, starts in reached.items():
            reached[end] = starts.union(*(reached[start] for start in starts))
    for box, parents in made_of.items():
        assert parents <= reached[box], f"no way to {box} from {parents - reached[box]}"
    assert all("files" in starts for box, starts in reached.items() if box != "files")


def test_the_page_is_one_that_a_newcomer_reads() -> None:
    assert len(PAGE.splitlines()) <= 120
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (PROJECT / target).exists(), target
