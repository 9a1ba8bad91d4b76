"""The report of the sample in Chromium: on a phone, on a screen, in dark mode, on paper.

Without Chromium, Node or the packages of tests/browser, these tests are skipped with a message.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, SAMPLE, Build

from tools.screenshot import BROWSERS
from topheavy.mapping.reading import read_mapping
from topheavy.report.facts import read_facts
from topheavy.report.page import render

BROWSER_TESTS = PROJECT / "tests" / "browser"
SCREENS = ("390 light", "390 dark", "1280 light", "1280 dark")
Seen = dict[str, Any]


def needed(*names: str) -> str:
    """Return the first program that exists."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"no browser test without {names[0]}, which is not installed here")
    return found


@pytest.fixture(scope="module")
def packages() -> None:
    """Return the packages in package-lock.json of tests/browser, installed beside it."""
    if (BROWSER_TESTS / "node_modules" / "axe-core").is_dir():
        return
    done = subprocess.run(
        [needed("npm"), "ci", "--no-audit", "--no-fund"],
        cwd=BROWSER_TESTS,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip(f"npm ci in tests/browser failed: {done.stderr.strip()[-300:]}")


@pytest.fixture(scope="module")
def seen(build: Build, packages: None, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """What the browser saw of the sample's report, by screen."""
    node, browser = needed("node"), needed(*BROWSERS)
    folder = tmp_path_factory.mktemp("report")
    page = folder / "report.html"
    page.write_text(
        render(read_facts(build(read_mapping(SAMPLE).as_vars(), risk=True))), encoding="utf-8"
    )
    done = subprocess.run(
        [node, "report.test.mjs", browser, str(page), str(folder / "report.pdf")],
        cwd=BROWSER_TESTS,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: Seen = json.loads(done.stdout)
    return {**found, "pdf": (folder / "report.pdf").read_bytes(), "page": page}


@pytest.mark.parametrize("screen", [*SCREENS, "print"])
def test_no_network_request_is_made(seen: Seen, screen: str) -> None:
    others = [url for url in seen[screen]["requests"] if not url.startswith(("file:", "data:"))]
    assert others == []


@pytest.mark.parametrize("screen", [*SCREENS, "print"])
def test_the_console_stays_silent(seen: Seen, screen: str) -> None:
    assert seen[screen]["messages"] == []


@pytest.mark.parametrize("screen", SCREENS)
def test_every_chart_is_drawn(seen: Seen, screen: str) -> None:
    page: Path = seen["page"]
    assert seen[screen]["charts"] == page.read_text(encoding="utf-8").count("data-chart=") > 20
    assert seen[screen]["undrawn"] == []


@pytest.mark.parametrize("screen", [*SCREENS, "print"])
def test_nothing_is_wider_than_the_page(seen: Seen, screen: str) -> None:
    assert seen[screen]["overflow"] <= 0
    assert seen[screen]["cut"] == []
    assert seen[screen]["cutTexts"] == seen[screen]["shrunk"] == []
    assert seen[screen]["alike"] == []


@pytest.mark.parametrize("screen", ["390 dark", "1280 light"])
def test_accessibility_has_no_serious_finding(seen: Seen, screen: str) -> None:
    grave = [it for it in seen[screen]["findings"] if it["impact"] in ("serious", "critical")]
    assert grave == []


def test_dark_is_dark_and_paper_is_white(seen: Seen) -> None:
    assert seen["1280 light"]["paper"] == seen["print"]["paper"] == "rgb(255, 255, 255)"
    assert seen["1280 dark"]["paper"] == seen["390 dark"]["paper"] == "rgb(18, 23, 29)"


def test_paper_is_a_handful_of_pages(seen: Seen) -> None:
    assert 3 <= seen["pdf"].count(b"/Type /Page\n") + seen["pdf"].count(b"/Type /Page ") <= 20
