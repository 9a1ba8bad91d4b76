"""Files are replaced in one step, and errors about them name them."""

from __future__ import annotations

import errno
import os
from gzip import BadGzipFile
from pathlib import Path

import pytest

from topheavy.publish.publish import in_words
from topheavy.writing import naming, write_whole


def test_a_file_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "new folder" / "report.html"
    write_whole("the old one", page)
    write_whole("the new one\r\n", page)
    assert page.read_bytes() == b"the new one\r\n"

    def fail(source: Path, _: Path) -> None:
        assert source.read_bytes() == b"one that is lost"
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError) as caught:
        write_whole(b"one that is lost", page)
    assert in_words(caught.value).startswith(f"{page}: No space left on device")
    assert page.read_bytes() == b"the new one\r\n"
    assert [*page.parent.iterdir()] == [page]


def test_errors_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError) as caught:
        write_whole("page", tmp_path / "report.html")
    assert in_words(caught.value).startswith(f"{tmp_path / 'report.html'}: Is a directory")
    (tmp_path / "notes").touch()
    with pytest.raises(OSError) as caught:
        write_whole("page", tmp_path / "notes" / "report.html")
    assert str(tmp_path / "notes" / "report.html") in in_words(caught.value)
    with pytest.raises(OSError) as caught, naming(tmp_path / "copy.csv"):
        raise BadGzipFile("CRC check failed")
    assert in_words(caught.value) == "CRC check failed"
    full = Path("/dev/full")
    if full.exists():
        with pytest.raises(OSError) as caught, naming(full):
            full.write_bytes(b"page")
        assert in_words(caught.value).startswith("/dev/full: No space left on device")
