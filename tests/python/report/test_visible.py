"""Characters that control a terminal, reverse a text or are invisible are shown as their codes."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from conftest import PROJECT
from made_up_facts import made_up_facts

from topheavy.build.model_docs import page_of
from topheavy.mapping.reading import read_mapping
from topheavy.publish.publish import PublishError, in_words
from topheavy.publish.summary import Facts, Leader
from topheavy.publish.summary import render as summary
from topheavy.report.page import render
from topheavy.visible import printable, readable, visible

HOSTILE = {
    "a\x1b[31mred": r"a\x1b[31mred",
    "\x1b]0;title\x07": r"\x1b]0;title\x07",
    "\x9b2J": r"\x9b2J",
    "gnp\u202eexe": r"gnp\u202eexe",
    "\u2067x\u2069": r"\u2067x\u2069",
    "Ac\u200bme": r"Ac\u200bme",
    "Ac\u200dme": r"Ac\u200dme",
    "Ac\ufe0fme": r"Ac\ufe0fme",
    "so\xadft": r"so\xadft",
    "\ufeffbom": r"\ufeffbom",
    "\U000e0041tag": r"\U000e0041tag",
    "a\u2028b": r"a\u2028b",
    "a\nb\tc\rd": r"a\nb\tc\rd",
    "a\0b": r"a\x00b",
    "\udc80": r"\udc80",
    "\u3164": r"\u3164",
}
PLAIN = ("Café Groß", "日本 東京", "עברית", "नमस्ते", "👨‍👩‍👧 and ❤️", "a\xa0b", "C:\\new", "x" * 200)


@pytest.mark.parametrize("text", HOSTILE)
def test_it_is_shown_in_its_own_format(text: str) -> None:
    assert visible(text) == HOSTILE[text]


@pytest.mark.parametrize("text", PLAIN)
def test_visible_characters_stay(text: str) -> None:
    assert visible(text) == text


def test_no_control_or_format_character_is_left() -> None:
    """The exceptions are signs with which Arabic and other scripts write numbers and verses."""
    signs = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    hidden = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]
    assert {ord(character) for character in hidden if visible(character) == character} == signs


def test_a_long_text_is_cut_and_says_so() -> None:
    assert readable("x" * 1_000_000, 200) == "x" * 200 + "… (1,000,000 characters)"


def test_a_page_shows_it(hostile: str = "\x1b]0;x\x07 \u202e \u200b") -> None:
    """Texts and chart data show them, at a limited length."""
    facts = [
        replace(fact, label=fact.label and fact.label + hostile, detail="x" * 100_000)
        for fact in made_up_facts()
    ]
    page = render(facts)
    assert r"\x1b]0;x\x07 \u202e \u200b" in page
    assert not {*"\x1b\x07\u202e\u200b"} & {*page}
    assert len(page) < 1.5 * len(render(made_up_facts()))


def test_a_summary_shows_it() -> None:
    leader = Leader("customer", "\x1b[2J\nwarning", 0.5, 1.0, 9, "concentrated")
    facts = Facts(
        name="sh\u202eop",
        first="-",
        last="-",
        rows={"raw": 9},
        left_out=[],
        revenue=None,
        measure="purchases",
        currency=None,
        leaders=[leader],
    )
    said = summary(facts, "", ["a\n\x1bb"], [])
    assert r"sh\u202eop: - to -" in said
    assert r"9  \x1b[2J\nwarning" in said
    assert r"warning   a\n\x1bb" in said


def test_an_error_shows_it(tmp_path: Path) -> None:
    assert in_words(PublishError("a\x1b[2J\n\u202e")) == r"a\x1b[2J \u202e"
    assert in_words(FileNotFoundError(2, "No such file", "a\x1b\nb")) == r"a\x1b\nb: No such file"


def test_words_for_people_go_into_sql_as_they_may_be_shown(tmp_path: Path) -> None:
    """dbt's log, its compiled SQL and published sentences then contain no hidden characters."""
    path = tmp_path / "shop.yml"
    said = {
        "name": "sh\u202eop",
        "description": "a\x1b]0;title\x07",
        "labels": {"customer": ["Ac\u200bcount", "Accounts\u2067"], "revenue": "sp\x9bend"},
        "dimensions": [{"name": "region", "column": "Reg\u202eion", "label": "Re\u202egion"}],
        "interactions": {
            "files": "sales.csv",
            "columns": {"time": "When", "amount": "To\u200btal"},
            "time_formats": ["%Y"],
        },
    }
    path.write_text(yaml.safe_dump(said), encoding="utf-8")
    mapping = read_mapping(path).as_vars()
    assert (mapping["name"], mapping["description"]) == (r"sh\u202eop", r"a\x1b]0;title\x07")
    assert mapping["labels"] == {
        "customer": [r"Ac\u200bcount", r"Accounts\u2067"],
        "revenue": [r"sp\x9bend"] * 2,
    }
    assert mapping["dimensions"][0]["label"] == r"Re\u202egion"
    # Names of things in a file stay unchanged.
    assert mapping["dimensions"][0]["column"] == "Reg\u202eion"
    assert mapping["interactions"]["columns"]["amount"] == "To\u200btal"


def test_a_comment_of_a_draft_shows_it() -> None:
    assert printable("a\x1b[31m\u202e\xa0b\tc") == r"a\x1b[31m\u202e b\tc"


def test_the_page_of_all_models_shows_it(tmp_path: Path) -> None:
    """No text can end the script element that contains it, either."""
    (tmp_path / "index.html").write_text(
        'n = ["MANIFEST.JSON INLINE DATA"], c = ["CATALOG.JSON INLINE DATA"]', encoding="utf-8"
    )
    for name in ("manifest", "catalog"):
        data = {"sql": ["select\n\t'a\u202e' </script>", 1, None], "x\u202e": "\x1b"}
        (tmp_path / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    page = page_of(tmp_path)
    assert "<" not in page
    manifest, catalog = page.removeprefix("n = [").removesuffix("]").split("], c = [")
    assert manifest == catalog
    assert json.loads(manifest) == {
        "sql": ["select\n\t'a\\u202e' </script>", 1, None],
        "x\u202e": "\\x1b",
    }


LOGS = """
import logging, sys
from topheavy.visible import guard_terminal
guard_terminal()
log = logging.getLogger("dbt")
log.addHandler(logging.FileHandler(sys.argv[1], encoding="utf-8"))
log.error("of %s\\n\x1b[2J", "a\u202ename")
log.error(ValueError("\u200b"))
"""


def test_a_log_shows_it(tmp_path: Path) -> None:
    """dbt writes its log with Python's loggers."""
    log = tmp_path / "dbt.log"
    command = [sys.executable, "-c", LOGS, str(log)]
    subprocess.run(command, env={"PYTHONPATH": str(PROJECT)}, check=True)
    assert log.read_text(encoding="utf-8") == "of a\\u202ename\n\\x1b[2J\n\\u200b\n"


COMMANDS = ("check", "build --mapping", "build --target", "draft")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_terminal_shows_it(command: str) -> None:
    """The test covers all output of a command, and everything that a terminal can show."""
    name = "n\x1b]0;x\x07\u202e\udc80é.yml"
    whole = [sys.executable, "-m", "topheavy", *command.split(), name]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "ascii", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(whole, cwd=PROJECT, env=environment, capture_output=True)
    said = done.stderr.decode("ascii")
    assert done.returncode == 1 and said.count("\n") == 1
    assert r"\x1b" in said and r"\u202e" in said and "\x1b" not in said
