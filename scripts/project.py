"""Where the project stands, and where in it a build writes; relative paths are from its folder."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
BUILD_FOLDER = Path("warehouse/build")
PUBLISHED = Path("warehouse/topheavy.duckdb")
REPORT = Path("warehouse/report.html")
