"""Take the screenshot of the report that the README shows, so that it stays up to date.

The tool opens the published report in headless Chromium and saves its first screen.

Usage:
    python -m tools.screenshot [--mapping mappings/NAME.yml] [--out docs/report.png]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from topheavy.mapping.errors import MappingError
from topheavy.publish.outputs import Outputs, add_mapping
from topheavy.publish.publish import in_words
from topheavy.publish.published import refuse_absent
from topheavy.visible import guard_terminal

PICTURE = Path("docs/report.png")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# As a reader sees the page, without the browser's own background activity.
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
    # The page draws its charts after loading: the virtual time of ten seconds takes less than one.
    "--virtual-time-budget=10000",
)


def take(browser: str, report: Path, picture: Path) -> None:
    """Save the first screen of a report. Raises an error with the browser's message if it fails."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *OPTIONS, f"--user-data-dir={profile}"]
        command += [f"--screenshot={picture.resolve()}", report.resolve().as_uri()]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)


def main() -> int:
    guard_terminal()
    parser = argparse.ArgumentParser(description="Take a screenshot of the report.")
    add_mapping(parser)
    parser.add_argument("--out", type=Path, default=PICTURE, help="the file to write")
    arguments = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("screenshot failed: no Chromium here; install chromium", file=sys.stderr)
        return 1
    try:
        outputs = Outputs.of(arguments.mapping)
        refuse_absent(outputs)
        take(browser, outputs.report, arguments.out)
    except (MappingError, OSError, subprocess.SubprocessError) as error:
        print(f"screenshot failed: {in_words(error)}", file=sys.stderr)
        return 1
    print(arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
