"""Take the picture of the report that the README shows, so that it stays true.

Opens warehouse/report.html in headless Chromium and saves its first screen.

Usage:
    python scripts/screenshot.py [--report warehouse/report.html] [--out docs/report.png]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from project import REPORT
from publish import in_words

PICTURE = Path("docs/report.png")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# As a person sees it, and nothing that a browser does on its own.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--window-size=1280,1600",
    # Charts are drawn after the page has loaded: let ten seconds pass, which takes less than one.
    "--virtual-time-budget=10000",
)


def take(browser: str, report: Path, picture: Path) -> None:
    """Save the first screen of a report; raises what the browser says where it fails."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *OPTIONS, f"--user-data-dir={profile}"]
        command += [f"--screenshot={picture.resolve()}", report.resolve().as_uri()]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)


def main() -> int:
    parser = argparse.ArgumentParser(description="Take the picture of the report.")
    parser.add_argument("--report", type=Path, default=REPORT, help="the page")
    parser.add_argument("--out", type=Path, default=PICTURE, help="the picture to write")
    arguments = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("screenshot failed: no Chromium here; install chromium", file=sys.stderr)
        return 1
    if not arguments.report.is_file():
        print(f"screenshot failed: no {arguments.report}; run make build first", file=sys.stderr)
        return 1
    try:
        take(browser, arguments.report, arguments.out)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"screenshot failed: {in_words(error)}", file=sys.stderr)
        return 1
    print(arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
