"""docs/bring-your-own-data.md is correct: commands print what it shows, and messages are real.

The test takes the page's export from the page, drafts a mapping in a copy of the project, answers
its questions and builds. It then makes each mistake that the page names.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import PROJECT, Checkout, build_here

from topheavy.mapping.errors import MappingError
from topheavy.mapping.reading import read_export
from topheavy.mapping.reference import keys_as_markdown

PAGE = (PROJECT / "docs" / "bring-your-own-data.md").read_text(encoding="utf-8")
FILE, MAPPING = Path("data/umsatz.csv"), Path("mappings/umsatz.yml")
QUESTION = re.compile(r"^ *# QUESTION: .*\n", re.MULTILINE)
MISTAKE = re.compile(r"^- (.+):\n  ```text\n  (.+)\n  ```$", re.MULTILINE)


def fenced(language: str) -> list[str]:
    """Return the page's code blocks in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def session(number: int) -> tuple[str, str]:
    """Return one of the page's commands and its output on the page."""
    command, _, shown = fenced("console")[number].partition("\n")
    return command.removeprefix("$ "), shown


EXPORT = fenced("csv")[0]
DRAFT = fenced("yaml")[0]
ANSWERED = QUESTION.sub("", DRAFT).replace("# leave_out:", "leave_out:")


def test_the_draft_is_the_pages(checkout: Checkout) -> None:
    command, shown = session(0)
    tool, target, files = shlex.split(command)
    assert (tool, target, files) == ("make", "mapping", f"FILES={FILE}")
    (checkout.folder / FILE).write_text(EXPORT, encoding="windows-1252", newline="")
    done = subprocess.run(
        [sys.executable, "-m", "topheavy", "draft", "--save", str(FILE)],
        cwd=checkout.folder,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, shown, "")
    assert (checkout.folder / MAPPING).read_text(encoding="utf-8") == DRAFT


def test_the_build_prints_what_the_page_shows(tmp_path: Path) -> None:
    command, shown = session(1)
    assert command == f"make build MAPPING={MAPPING}"
    export, mapping = tmp_path / FILE, tmp_path / MAPPING
    for path in (export, mapping):
        path.parent.mkdir()
    export.write_text(EXPORT, encoding="windows-1252", newline="")
    mapping.write_text(ANSWERED.replace("folder: data", f"folder: {export.parent}"), "utf-8")
    printed = build_here(mapping, tmp_path / "warehouse" / mapping.stem)
    assert f"{printed}\n".replace(f"{tmp_path}/", "") == shown


def test_every_key_is_on_the_page() -> None:
    assert PAGE.endswith(keys_as_markdown())


# ---- what goes wrong --------------------------------------------------------------------------


def half_in_utf8(content: bytes) -> bytes:
    line = content.splitlines()[2].decode("windows-1252").encode()
    return content + b"\r\n" * (not content.endswith(b"\n")) + line


def in_parquet(content: bytes) -> bytes:
    """Write the rows as Parquet, with dates as timestamps with time zone."""
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as database:
        text, typed = Path(name) / "umsatz.csv", Path(name) / "umsatz.parquet"
        text.write_text(content.decode("windows-1252"), encoding="utf-8")
        stamps = "strptime(Datum || ' UTC', '%d.%m.%Y %Z') as Datum"
        rows = f"select * replace ({stamps}) from read_csv('{text}', all_varchar = true)"
        database.execute(f"copy ({rows}) to '{typed}' (format parquet)")
        return typed.read_bytes()


Edit = Callable[[str], str]
Spoil = Callable[[bytes], bytes]


def edit(old: str, new: str) -> tuple[Edit, None]:
    assert old in ANSWERED, old
    return (lambda mapping: mapping.replace(old, new, 1)), None


def spoil(change: Spoil) -> tuple[None, Spoil]:
    return None, change


MISTAKES: dict[str, tuple[Edit | None, Spoil | None]] = {
    "a key is misspelt": edit("  columns:", "  colums:"),
    "a file is misspelt": edit("files: umsatz.csv", "files: umsatz_2024.csv"),
    "the export is empty": spoil(lambda _: b""),
    "the export has no rows": spoil(lambda content: content.splitlines(keepends=True)[0]),
    "a disk or a program left bytes in the file that are not text": spoil(
        lambda content: content + bytes(512)
    ),
    "two exports of different encodings were joined": spoil(half_in_utf8),
    "the encoding is wrong": edit("  encoding: windows-1252\n", ""),
    "the delimiter is wrong": edit('  delimiter: ";"\n', ""),
    "there are title lines above the header": spoil(lambda content: b"Umsatz 2024\n\n" + content),
    "a header is misspelt, or was renamed": edit("    customer: Kunde", "    customer: Kunden"),
    "two columns have the mapped name": spoil(
        lambda content: content.replace(b"Beleg;", b"Kunde;", 1)
    ),
    "times are written in another format": edit("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M"),
    "a question of the draft is open, such as day or month first": edit("  time_formats:", "  #"),
    "no column is mapped as the amount": edit("    amount: Betrag", "    #"),
    "the types of interaction are not listed": edit(
        "  columns:", "  columns:\n    interaction_type: Status"
    ),
    "a dimension has the name of an existing column": edit("name: status", "name: category"),
    "a time zone is misspelt": edit("revenue: amount", "time_zone: Europe/Berlim"),
    "times include their zone": edit("%H:%M'", "%H:%M%z'"),
    "times in Parquet are in UTC": (
        lambda mapping: mapping.replace("umsatz.csv", "umsatz.parquet"),
        in_parquet,
    ),
    "YAML reads a value as a number": edit("[storniert]", "[0]"),
}

# Other tests cause the errors that only a build finds; here the message must appear in the code.
BUILD_MISTAKES = {
    "too many rows cannot be used": (
        "tests/singular/rejected_share_is_acceptable.sql",
        (
            "%) are rejected",
            ", more than max_rejected_share allows (",
            "; mainly ",
            "), such as: ",
            "; correct ",
            " in the mapping, or raise max_rejected_share",
        ),
    ),
    "a quote is opened and never closed": (
        "tests/singular/no_quote_stays_open.sql",
        (
            ": a quote is opened and never closed, so that every row after it is lost;",
            ' close it, or set quote: "" for ',
            " in the mapping",
        ),
    ),
    "one of your limits or scenarios names something that does not exist": (
        "tests/singular/limits_and_scenarios_are_readable.sql macros/input/decisions.sql",
        ("seeds/concentration_limits.csv", "unknown ", "; known: "),
    ),
    "a limit of severity `error` is broken": (
        "tests/singular/hard_limits_hold.sql macros/input/decisions.sql",
        (
            "; to do: ",
            "; to publish before that, ",
            "set its severity to warn in ",
            "seeds/concentration_limits.csv",
        ),
    ),
    "a file changes while the build reads it (the next build starts from scratch)": (
        "topheavy/build/build_info.py",
        (" changed during the build; build again",),
    ),
    "a program has the tables of the last build open instead of the published file": (
        "topheavy/build/loading.py",
        ("another program has a database of ", " open; close it there"),
    ),
    "two builds run at once": (
        "topheavy/publish/publish.py",
        ("another build is writing to ", "; wait until it ends"),
    ),
}


def message(name: str, folder: Path) -> str:
    """Return the message of the check about one mistake."""
    change, harm = MISTAKES[name]
    content = EXPORT.encode("windows-1252")
    (folder / "data").mkdir()
    content = harm(content) if harm else content
    file = FILE.with_suffix(".parquet") if content.startswith(b"PAR1") else FILE
    (folder / file).write_bytes(content)
    mapping = folder / MAPPING.name
    mapping.write_text(change(ANSWERED) if change else ANSWERED, encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        read_export(mapping, folder, {})
    return str(caught.value).replace(str(mapping), str(MAPPING)).replace(f"{folder}/", "")


@pytest.mark.parametrize("name", MISTAKES)
def test_the_message_of_a_mistake_is_the_pages(name: str, tmp_path: Path) -> None:
    assert dict(MISTAKE.findall(PAGE)).get(name) == message(name, tmp_path)


@pytest.mark.parametrize("name", BUILD_MISTAKES)
def test_the_words_of_a_failed_build_are_in_the_code(name: str) -> None:
    paths, words = BUILD_MISTAKES[name]
    code = "".join((PROJECT / path).read_text(encoding="utf-8") for path in paths.split())
    shown = dict(MISTAKE.findall(PAGE))[name]
    assert [text for text in words if text not in code or text not in shown] == []


def test_no_other_mistake_is_on_the_page() -> None:
    assert {name for name, _ in MISTAKE.findall(PAGE)} == {*MISTAKES, *BUILD_MISTAKES}
