"""Make texts safe to show: control and invisible characters appear as their codes.

Names come from files that anybody can have written. A control character could clear a terminal or
set its title, a direction override could reverse a name, and a zero-width character could make two
names look alike. Each of these is shown as its code, such as `\u202e`; everything else stays
unchanged.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, TextIO, cast

# Control characters, and the characters that Unicode calls default ignorable, except variation
# selectors and joiners within emoji; also lone surrogates, line and paragraph separators,
# noncharacters.
UNSEEN = re.compile(
    "(?<![\u2190-\u2bff\U0001f000-\U0001faff])[\ufe00-\ufe0f]"
    "|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
    "|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
    "|[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c"
    "\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Pages and summaries cut longer texts and show their length.
LONGEST_NAME, LONGEST_SENTENCE = 200, 2_000


def visible(text: str, keep: str = "") -> str:
    """Return the text with invisible characters as codes, except those in `keep`."""
    return UNSEEN.sub(lambda found: found[0] if found[0] in keep else _code(found[0]), text)


def readable(text: str, longest: int = LONGEST_SENTENCE) -> str:
    """Return a text from the data with visible characters and of a readable length."""
    if len(text) > longest:
        return f"{visible(text[:longest])}… ({len(text):,} characters)"
    return visible(text)


def printable(text: str) -> str:
    """Return a text for one line of a comment, with visible characters and plain spaces."""
    seen = visible(text)
    return seen if seen.isprintable() else "".join(c if c.isprintable() else " " for c in seen)


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode()


def guard_terminal() -> None:
    """Make everything that this process prints or logs from now on visible, line by line."""
    logging.setLogRecordFactory(visible_record)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, cast(TextIO, VisibleStream(stream)))


def visible_record(*arguments: Any, **more: Any) -> logging.LogRecord:
    """Return a log record with visible text for any handler, including dbt's log file."""
    record = logging.LogRecord(*arguments, **more)
    record.msg, record.args = visible(record.getMessage(), keep="\n"), ()
    return record


class VisibleStream:
    """A text stream that writes only visible characters and line ends."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        return self.stream.write(visible(text, keep="\n"))

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


def terminal_of(stream: object) -> TextIO:
    """Return the stream behind a guarded one, for code that controls the terminal."""
    return cast(TextIO, getattr(stream, "stream", stream))
