"""Make texts safe to show: control and invisible characters appear as their codes.

Names come from files that anybody can have written. A control character in one could clear a
terminal or set its title, a direction override could turn a name around, and one without width
could make two names look alike: each is shown as its code, such as `\\u202e`. Nothing else changes.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, TextIO, cast

# Control characters, and all that Unicode calls default ignorable, but for variation selectors
# and joiners within emoji; lone surrogates, line and paragraph separators, noncharacters.
UNSEEN = re.compile(
    "(?<![\u2190-\u2bff\U0001f000-\U0001faff])[\ufe00-\ufe0f]"
    "|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
    "|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
    "|[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c"
    "\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# A text longer than this is cut in pages and summaries, and its length said.
LONGEST_NAME, LONGEST_SENTENCE = 200, 2_000


def visible(text: str, keep: str = "") -> str:
    """The text with every character in it that nobody would see as its code, but those to keep."""
    return UNSEEN.sub(lambda found: found[0] if found[0] in keep else _code(found[0]), text)


def readable(text: str, longest: int = LONGEST_SENTENCE) -> str:
    """A text from the data, visible and of a length that people can read."""
    if len(text) > longest:
        return f"{visible(text[:longest])}… ({len(text):,} characters)"
    return visible(text)


def printable(text: str) -> str:
    """A text in one line of a comment: also visible, with a blank for any other kind of blank."""
    seen = visible(text)
    return seen if seen.isprintable() else "".join(c if c.isprintable() else " " for c in seen)


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode()


def guard_terminal() -> None:
    """Let whatever this process prints or logs from here on be visible, line by line."""
    logging.setLogRecordFactory(visible_record)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, cast(TextIO, VisibleStream(stream)))


def visible_record(*arguments: Any, **more: Any) -> logging.LogRecord:
    """A log record with visible text, whichever handler writes it: dbt's log is written so, too."""
    record = logging.LogRecord(*arguments, **more)
    record.msg, record.args = visible(record.getMessage(), keep="\n"), ()
    return record


class VisibleStream:
    """A text stream to which only visible characters and line ends are written."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        return self.stream.write(visible(text, keep="\n"))

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


def terminal_of(stream: object) -> TextIO:
    """The stream behind a guarded one, for what is to steer the terminal."""
    return cast(TextIO, getattr(stream, "stream", stream))
