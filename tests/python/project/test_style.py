"""The layout of the SQL in an editor."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
# Macros contain as much Jinja as SQL, so their lines may be as long as in Python.
WIDTHS = {"models": 88, "tests": 88, "analyses": 88, "macros": 100}


def test_lines_fit_the_width() -> None:
    long = [
        f"{path.relative_to(PROJECT)}:{number}: {len(line)}"
        for folder, width in WIDTHS.items()
        for path in sorted((PROJECT / folder).rglob("*.sql"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > width
    ]
    assert long == []


def test_a_long_model_says_why() -> None:
    """A model fits on a screen; a longer one gives the reason on its first line."""
    crowded = [
        str(path.relative_to(PROJECT))
        for path in sorted((PROJECT / "models").rglob("*.sql"))
        if len((text := path.read_text(encoding="utf-8")).splitlines()) > 80
        and not text.startswith("{#- Longer than others: ")
    ]
    assert crowded == []


def test_no_yaml_is_too_long_to_read() -> None:
    listed = [*(PROJECT / "models").rglob("*.yml"), *(PROJECT / "macros").rglob("*.yml")]
    listed += [*(PROJECT / "unit_tests").rglob("*.yml"), *(PROJECT / "tests").rglob("*.yml")]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in listed}
    assert [str(path) for path, count in lengths.items() if count > 400] == []
