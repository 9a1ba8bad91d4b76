"""Compare the declared character encoding of a file with its actual encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from topheavy.mapping.containers import open_bytes
from topheavy.mapping.errors import MappingError

PYTHON_ENCODINGS = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "latin-1": "latin-1",
    "windows-1252": "cp1252",
}
HEAD_BYTES = 64 * 1024
# The decoding check stops here. DuckDB reads the rest of a larger file and also reports wrong
# bytes.
DECODED_BYTES = 32 * 1024 * 1024


def check_encoding(path: Path, block: str, encoding: str) -> None:
    """Decode the start of a file; if it fails, raise MappingError with the encoding that fits."""
    data = read_start(path)
    likely = encoding_of(data)
    # Latin-1 and Windows-1252 accept any bytes, but would show wrong letters for text in UTF-8.
    garbled = likely == "utf-8" != encoding and not data.isascii()
    if garbled or (likely == "utf-16") != (encoding == "utf-16"):
        raise MappingError(f"is {likely}, not {encoding}; set {block}.encoding: {likely}")
    error = _decoding_error(data, encoding)
    if error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MappingError(
            f"is not {encoding}: byte 0x{data[error.start]:02x} in line {line}; "
            f"set {block}.encoding: {likely}"
        )


def read_start(path: Path) -> bytes:
    """Return the part of a file that is decoded before the build."""
    with open_bytes(path) as handle:
        return handle.read(DECODED_BYTES)


def encoding_of(data: bytes) -> str:
    """Return the likely encoding of the start of a text; raise MappingError for binary data."""
    head = data[:HEAD_BYTES]
    # Western text in UTF-16 has a zero in every other byte, and nowhere else.
    odd, even = head[1::2].count(0), head[::2].count(0)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (
        odd > len(head) // 4 and even < odd // 4
    ):
        return "utf-16"
    _refuse_binary(data)
    if not _decoding_error(data, "utf-8"):
        return "utf-8"
    _refuse_two_encodings(data)
    # Latin-1 has no characters from 0x80 to 0x9f; Windows-1252 has quotes, dashes and the euro
    # there.
    windows = re.search(rb"[\x80-\x9f]", data) and not _decoding_error(data, "windows-1252")
    return "windows-1252" if windows else "latin-1"


def _refuse_binary(data: bytes) -> None:
    """Refuse zero bytes, which no text contains; if nothing else is wrong, the message says so."""
    if b"\0" not in data:
        return
    if re.search(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]", data):
        raise MappingError("is binary, not text: export it as CSV")
    count, line = data.count(b"\0"), data.count(b"\n", 0, data.index(b"\0")) + 1
    raise MappingError(
        f"has {count:,} NUL byte{'s'[: count != 1]}, the first in line {line}: remove them, such "
        "as with tr -d '\\000' < FILE > CLEAN"
    )


def _refuse_two_encodings(data: bytes) -> None:
    """Refuse a file whose encoding changes within it, as when two exports are joined."""
    numbers: dict[str, list[int]] = {}
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.isascii():
            kind = "other" if _decoding_error(line, "utf-8") else "utf-8"
            numbers.setdefault(kind, []).append(number)
    if len(numbers) < 2:
        return
    windows = re.search(rb"[\x80-\x9f]", b"".join(_lines(data, numbers["other"])))
    names = {"utf-8": "UTF-8", "other": "windows-1252" if windows else "latin-1 or windows-1252"}
    # In the order of the file.
    parts = [f"{_line_words(lines)} {names[kind]}" for kind, lines in numbers.items()]
    raise MappingError(f"has two encodings: {', '.join(parts)}; save the whole file as UTF-8")


def _lines(data: bytes, numbers: list[int]) -> Iterator[bytes]:
    lines = data.split(b"\n")
    return (lines[number - 1] for number in numbers)


def _line_words(numbers: list[int]) -> str:
    """Name the lines, as far as letters beyond ASCII show them."""
    if len(numbers) == 1:
        return f"line {numbers[0]} is"
    return f"{len(numbers):,} lines from {numbers[0]} to {numbers[-1]} are"


def _decoding_error(data: bytes, encoding: str) -> UnicodeDecodeError | None:
    decoder = codecs.getincrementaldecoder(PYTHON_ENCODINGS[encoding].removesuffix("-sig"))()
    try:
        # The last character may be cut off where the reading stopped, but not at the end of the
        # file.
        decoder.decode(data, final=len(data) < DECODED_BYTES)
    except UnicodeDecodeError as error:
        return error
    return None
